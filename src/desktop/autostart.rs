//! Starting with the system, by the desktop's own means: an entry in the autostart folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

/// Where a system looks for what starts with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder of entries (`~/.config/autostart`, by the Desktop Application Autostart
    /// Specification).
    Entries(PathBuf),
    /// A folder of launchd's agents (`~/Library/LaunchAgents` of macOS).
    Agents(PathBuf),
    /// The `Run` key of the user's registry.
    #[cfg(windows)]
    Registry,
}

/// A text that only files written here have; one without it is the user's and stays.
const OURS: &str = "X-Jeongbae-Autostart=true";

/// Makes the entry called `id` be there or not. The entry starts `program` in the form it is
/// installed now, so an upgrade to another place is followed.
///
/// # Errors
///
/// The place cannot be written.
pub fn apply(place: &Place, id: &str, program: &Path, wanted: bool) -> io::Result<Applied> {
    let named = program
        .to_str()
        .filter(|path| !path.contains(char::is_control))
        .ok_or_else(|| io::Error::other("the program's path cannot be written into an entry"))?;
    match place {
        Place::Entries(folder) => {
            let name = format!("{id}.desktop");
            file(folder, &name, wanted.then(|| entry(id, named)))
        }
        Place::Agents(folder) => {
            let name = format!("{id}.plist");
            file(folder, &name, wanted.then(|| agent(id, named)))
        }
        #[cfg(windows)]
        Place::Registry => registry::apply(id, named, wanted),
    }
}

/// Makes the file hold `text`, or not be there.
fn file(folder: &Path, name: &str, text: Option<String>) -> io::Result<Applied> {
    let file = folder.join(name);
    let held = match fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    let ours = held.as_ref().is_none_or(|text| text.contains(OURS));
    if !ours || held == text {
        return Ok(Applied::Unchanged);
    }
    let Some(text) = text else {
        return fs::remove_file(&file).map(|()| Applied::Removed);
    };
    fs::create_dir_all(folder)?;
    let aside = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    fs::write(&aside, text)?;
    fs::rename(&aside, &file)?;
    Ok(Applied::Written)
}

fn entry(id: &str, program: &str) -> String {
    // An entry whose TryExec is not there is passed over: the program may be removed by others.
    format!(
        "[Desktop Entry]\nType=Application\nName=Jeongbae\nName[ko]=정배\nTryExec={}\nExec={}\n\
         Icon={id}\nTerminal=false\nX-GNOME-Autostart-Delay=5\n{OURS}\n",
        program.replace('\\', "\\\\"),
        quoted(program)
    )
}

/// As launchd.plist(5) has it: started at login, not started again when it ends.
fn agent(id: &str, program: &str) -> String {
    let program = program
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- {OURS} -->
<plist version="1.0">
<dict>
  <key>Label</key><string>{id}</string>
  <key>ProgramArguments</key><array><string>{program}</string></array>
  <key>RunAtLoad</key><true/>
  <key>ProcessType</key><string>Interactive</string>
</dict>
</plist>
"#
    )
}

#[cfg(windows)]
mod registry {
    //! `HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run`: a value a program, its
    //! text the command. The value's name is this program's alone.

    use std::io;

    use windows_registry::CURRENT_USER;

    use super::Applied;

    const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";

    pub(super) fn apply(id: &str, program: &str, wanted: bool) -> io::Result<Applied> {
        let key = CURRENT_USER.create(RUN).map_err(io::Error::other)?;
        let held = key.get_string(id).ok();
        let command = wanted.then(|| format!("\"{}\"", windowed(program)));
        if held == command {
            return Ok(Applied::Unchanged);
        }
        match command {
            Some(command) => {
                key.set_string(id, command).map_err(io::Error::other)?;
                Ok(Applied::Written)
            }
            None => {
                key.remove_value(id).map_err(io::Error::other)?;
                Ok(Applied::Removed)
            }
        }
    }

    /// `jeongbae.com` is the program for a console; its twin without one lies beside it.
    fn windowed(program: &str) -> String {
        match program.strip_suffix(".com") {
            Some(stem) => format!("{stem}.exe"),
            None => program.to_owned(),
        }
    }
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
        let place = Place::Entries(folder.clone());
        let apply = |program: &str, wanted| apply(&place, ID, Path::new(program), wanted).unwrap();
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
        assert!(text.contains("\nTryExec=/opt/my \"$apps\"/100%/jeongbae\n"));
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
            let place = Place::Entries(dir.path().to_owned());
            let done = apply(&place, ID, Path::new("/usr/bin/jeongbae"), wanted).unwrap();
            assert_eq!(done, Applied::Unchanged);
            assert_eq!(fs::read_to_string(&file).unwrap(), own);
        }
    }

    #[test]
    fn an_agent_of_launchd_comes_and_goes_the_same_way() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::Agents(dir.path().join("LaunchAgents"));
        let program = Path::new("/Applications/A & B.app/Contents/MacOS/jeongbae");
        assert_eq!(apply(&place, ID, program, true).unwrap(), Applied::Written);
        assert_eq!(
            apply(&place, ID, program, true).unwrap(),
            Applied::Unchanged
        );
        let file = dir.path().join("LaunchAgents/kr.jeongbae.Jeongbae.plist");
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            text.contains("<string>/Applications/A &amp; B.app/Contents/MacOS/jeongbae</string>"),
            "{text}"
        );
        assert_eq!(apply(&place, ID, program, false).unwrap(), Applied::Removed);
        assert!(!file.exists());
    }
}
