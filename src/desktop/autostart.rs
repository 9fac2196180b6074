//! Starting with the system, by the desktop's own means: an entry in the autostart folder.

use std::fs;
use std::io;
use std::path::Path;

/// What [`apply`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The entry is written, new or again.
    Written,
    /// The entry was ours and is gone.
    Removed,
    /// Nothing had to be done.
    Unchanged,
}

/// A line that only entries written here have; one without it is the user's and stays.
const OURS: &str = "X-Jeongbae-Autostart=true";

/// Makes the entry `<id>.desktop` in `folder` (`~/.config/autostart`) be there or not. The entry
/// starts `program` in the form it is installed now, so an upgrade to another place is followed.
///
/// # Errors
///
/// The folder cannot be written.
pub fn apply(folder: &Path, id: &str, program: &Path, wanted: bool) -> io::Result<Applied> {
    let file = folder.join(format!("{id}.desktop"));
    let held = match fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    let ours = held.as_ref().is_none_or(|text| text.contains(OURS));
    if !ours {
        return Ok(Applied::Unchanged);
    }
    if !wanted {
        return match held {
            Some(_) => fs::remove_file(&file).map(|()| Applied::Removed),
            None => Ok(Applied::Unchanged),
        };
    }
    let text = entry(id, program)?;
    if held.as_ref() == Some(&text) {
        return Ok(Applied::Unchanged);
    }
    fs::create_dir_all(folder)?;
    let aside = folder.join(format!(".{id}.{}.tmp", std::process::id()));
    fs::write(&aside, text)?;
    fs::rename(&aside, &file)?;
    Ok(Applied::Written)
}

fn entry(id: &str, program: &Path) -> io::Result<String> {
    let program = program
        .to_str()
        .filter(|path| !path.contains(char::is_control))
        .ok_or_else(|| io::Error::other("the program's path cannot be written into an entry"))?;
    Ok(format!(
        "[Desktop Entry]\nType=Application\nName=Jeongbae\nName[ko]=정배\nExec={}\nIcon={id}\n\
         Terminal=false\nX-GNOME-Autostart-Delay=5\n{OURS}\n",
        quoted(program)
    ))
}

/// As the Desktop Entry Specification quotes an argument of `Exec`; a percent sign would begin
/// a field code.
fn quoted(path: &str) -> String {
    let mut text = String::from("\"");
    for c in path.chars() {
        match c {
            // Once for the quotes, and the backslash once more for the file itself.
            '"' | '`' | '$' => text.extend(['\\', '\\', c]),
            '\\' => text.push_str("\\\\\\\\"),
            '%' => text.push_str("%%"),
            _ => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "kr.jeongbae.Jeongbae";

    #[test]
    fn the_entry_comes_follows_the_program_and_goes() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("config/autostart");
        let file = folder.join("kr.jeongbae.Jeongbae.desktop");
        let apply = |program: &str, wanted| apply(&folder, ID, Path::new(program), wanted).unwrap();
        assert_eq!(apply("/usr/bin/jeongbae", false), Applied::Unchanged);
        assert!(!folder.exists(), "off leaves no trace");
        assert_eq!(apply("/usr/bin/jeongbae", true), Applied::Written);
        assert_eq!(apply("/usr/bin/jeongbae", true), Applied::Unchanged);
        assert_eq!(
            apply("/opt/my \"$apps\"/100%/jeongbae", true),
            Applied::Written
        );
        let text = fs::read_to_string(&file).unwrap();
        let exec = text.lines().find(|l| l.starts_with("Exec=")).unwrap();
        assert_eq!(exec, r#"Exec="/opt/my \\"\\$apps\\"/100%%/jeongbae""#);
        assert_eq!(apply("/usr/bin/jeongbae", false), Applied::Removed);
        assert!(!file.exists());
    }

    #[test]
    fn an_entry_of_the_users_own_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("kr.jeongbae.Jeongbae.desktop");
        let own = "[Desktop Entry]\nExec=jeongbae --demo\n";
        fs::write(&file, own).unwrap();
        for wanted in [true, false] {
            let done = apply(dir.path(), ID, Path::new("/usr/bin/jeongbae"), wanted).unwrap();
            assert_eq!(done, Applied::Unchanged);
            assert_eq!(fs::read_to_string(&file).unwrap(), own);
        }
    }
}
