//! Files the user asked for, written where downloads go.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use directories::UserDirs;

use eframe::icon_data::IconDataExt as _;

use crate::ui::{Content, Export, Saved};

/// Names tried before giving up: the file, then `name (2)`, and so on.
const NAMES: usize = 1_000;

/// Writes a file into the user's download folder, or the home folder where there is none. A file
/// that is there already is never touched: the new one gets a number.
///
/// # Errors
/// No folder is known, or it cannot be written; in the user's words.
pub fn save(export: &Export) -> Saved {
    let dirs = UserDirs::new().ok_or(t!("홈 폴더를 찾을 수 없습니다"))?;
    let folder = dirs.download_dir().unwrap_or(dirs.home_dir());
    let path = save_into(folder, export)?;
    Ok(path.display().to_string())
}

/// The longest file that is read for the user, bytes.
const LONGEST: u64 = 1024 * 1024;

/// Reads a text file the user gave.
///
/// # Errors
/// It cannot be read, is no text or far too long; in the user's words.
pub fn load(path: &Path) -> Result<String, String> {
    let failed = |why: &dyn std::fmt::Display| {
        t!(
            "%{file}: 읽을 수 없습니다(%{why}). 다른 파일을 골라 보세요",
            file = path.display(),
            why = why
        )
    };
    let file = fs::File::open(path).map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    let mut head = file.take(LONGEST + 1);
    head.read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    if LONGEST < bytes.len() as u64 {
        return Err(failed(&t!("1 MB보다 큽니다")));
    }
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

fn save_into(folder: &Path, export: &Export) -> Result<PathBuf, String> {
    let failed = |path: &Path, error: std::io::Error| {
        t!(
            "%{file}: %{error}. 폴더의 권한과 빈 공간을 확인하세요",
            file = path.display(),
            error = error
        )
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let bytes = match &export.content {
        Content::Bytes(bytes) => bytes.clone(),
        Content::Picture(picture) => png(picture)?,
    };
    for number in 1..=NAMES {
        let path = folder.join(numbered(&export.name, number));
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(failed(&path, error)),
        };
        let written = file.write_all(&bytes).and_then(|()| file.sync_all());
        return match written {
            Ok(()) => Ok(path),
            Err(error) => {
                // Half a file is of no use; that it may not go away is no second error.
                fs::remove_file(&path).unwrap_or_default();
                Err(failed(&path, error))
            }
        };
    }
    Err(t!(
        "%{folder}: 같은 이름의 파일이 너무 많습니다. 옮기거나 지운 뒤 다시 저장하세요",
        folder = folder.display()
    ))
}

/// A picture as a PNG file; opaque, whatever the desktop did with the window's ground.
fn png(picture: &egui::ColorImage) -> Result<Vec<u8>, String> {
    let too_large = |_| t!("그림이 너무 큽니다").to_owned();
    let [width, height] = picture.size;
    let rgba = picture
        .pixels
        .iter()
        .flat_map(|p| [p.r(), p.g(), p.b(), 255])
        .collect();
    let data = egui::IconData {
        rgba,
        width: u32::try_from(width).map_err(too_large)?,
        height: u32::try_from(height).map_err(too_large)?,
    };
    data.to_png_bytes()
}

/// `a.csv`, `a (2).csv`.
fn numbered(name: &str, number: usize) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (n, Some((stem, end))) => format!("{stem} ({n}).{end}"),
        (n, None) => format!("{name} ({n})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let export = |text: &str| Export {
            name: "list.csv".into(),
            content: Content::Bytes(text.into()),
        };
        let first = save_into(dir.path(), &export("one")).unwrap();
        let second = save_into(dir.path(), &export("two")).unwrap();
        assert_eq!(second, dir.path().join("list (2).csv"));
        assert_eq!(fs::read(first).unwrap(), b"one");
        assert_eq!(fs::read(second).unwrap(), b"two");
    }

    #[test]
    fn a_picture_becomes_a_png() {
        let dir = tempfile::tempdir().unwrap();
        let picture = egui::ColorImage::filled([3, 2], egui::Color32::from_rgb(1, 2, 3));
        let export = Export {
            name: "a.png".into(),
            content: Content::Picture(picture),
        };
        let path = save_into(dir.path(), &export).unwrap();
        let read = eframe::icon_data::from_png_bytes(&fs::read(path).unwrap()).unwrap();
        assert_eq!((read.width, read.height), (3, 2));
        assert_eq!(read.rgba[..4], [1, 2, 3, 255]);
    }

    #[test]
    fn a_folder_that_is_a_file_is_named_in_the_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, b"x").unwrap();
        let export = Export {
            name: "a.png".into(),
            content: Content::Bytes(vec![]),
        };
        let error = save_into(&file, &export).unwrap_err();
        assert!(error.contains(&file.display().to_string()), "{error}");
    }
}
