//! Files that can be fetched again, kept whole: the broker's list of stocks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::Moment;

/// A folder of kept files, each with the moment at which it was received.
#[derive(Clone, Debug)]
pub struct KeptFiles {
    dir: PathBuf,
}

impl KeptFiles {
    /// The files in a folder; it is made when something is first kept.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// A file and when it was received; `None` if there is none. A file whose moment is lost
    /// counts as received at the beginning of time.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn read(&self, name: &str) -> io::Result<Option<(Vec<u8>, Moment)>> {
        let bytes = match fs::read(self.dir.join(name)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let at = fs::read_to_string(self.stamp(name)).ok();
        let at = at.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        Ok(Some((bytes, Moment(at))))
    }

    /// Keeps a file in the place of the one held: written aside and renamed, so that a broken
    /// write leaves the old one.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8], received: Moment) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        replace(&self.dir.join(name), bytes)?;
        // Should this be lost, the file is merely fetched again.
        replace(&self.stamp(name), received.0.to_string().as_bytes())
    }

    fn stamp(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.received"))
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}.tmp", std::process::id()));
    let aside = PathBuf::from(aside);
    let written = fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        // What cannot be written cannot always be removed either.
        fs::remove_file(&aside).unwrap_or_default();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let kept = KeptFiles::new(dir.path().join("lists"));
        assert_eq!(kept.read("a.zip").unwrap(), None);
        kept.write("a.zip", b"one", Moment(5)).unwrap();
        kept.write("a.zip", b"two", Moment(7)).unwrap();
        assert_eq!(
            kept.read("a.zip").unwrap(),
            Some((b"two".to_vec(), Moment(7)))
        );
        fs::write(dir.path().join("lists/a.zip.received"), "?").unwrap();
        assert_eq!(kept.read("a.zip").unwrap().unwrap().1, Moment(0));
        let left = fs::read_dir(dir.path().join("lists")).unwrap().count();
        assert_eq!(left, 2, "nothing is left aside");
    }
}
