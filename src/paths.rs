//! Where the configuration file and the data folder are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::desktop::autostart;
/// The program's id: the desktop file, the window's app id and the keyring's service have it.
pub use crate::ui::icon::APP_ID;

/// What the command line says about places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--data-dir DIR`.
    pub data_dir: Option<PathBuf>,
    /// `--demo`: data in a folder of its own, emptied by [`Paths::prepare`].
    pub demo: bool,
}

/// The places of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file.
    pub config: PathBuf,
    /// Whether the user named it; then it must exist.
    pub config_named: bool,
    /// Database, logs, window layout.
    pub data_dir: PathBuf,
    /// Whether [`Paths::prepare`] empties the data folder: the demo's own, not a named one.
    pub emptied: bool,
}

/// The user's own folder for what lives as long as the session: locks and sockets. `None` where
/// the system names no home folder.
pub fn runtime_dir() -> Option<PathBuf> {
    let system = ProjectDirs::from("kr", "jeongbae", "jeongbae")?;
    Some(
        system
            .runtime_dir()
            .unwrap_or(system.cache_dir())
            .to_owned(),
    )
}

/// Where this system looks for what starts with it; `None` where it is not known.
pub fn autostart() -> Option<autostart::Place> {
    #[cfg(windows)]
    return Some(autostart::Place::Registry);
    #[cfg(not(windows))]
    {
        let system = directories::BaseDirs::new()?;
        if cfg!(target_os = "macos") {
            let folder = system.home_dir().join("Library/LaunchAgents");
            return Some(autostart::Place::Agents(folder));
        }
        cfg!(target_os = "linux")
            .then(|| autostart::Place::Entries(system.config_dir().join("autostart")))
    }
}

/// A place cannot be found or made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The system names no home folder.
    #[error("{}", t!("홈 폴더를 찾을 수 없습니다. --config FILE과 --data-dir DIR로 위치를 알려 주세요."))]
    NoHome,
    /// The data folder cannot be made, emptied or written.
    #[error("{}", t!("%{dir}: 데이터 폴더를 쓸 수 없습니다 (%{reason}). 권한을 확인하거나 --data-dir로 다른 폴더를 쓰세요.", dir = dir.display(), reason = reason))]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// The folder where copies of the program agree on what there is once for each app key: the same
/// for all of them, whatever data folder they use. `None` where the system knows no home.
pub fn lock_dir() -> Option<PathBuf> {
    let system = ProjectDirs::from("kr", "jeongbae", "jeongbae")?;
    let dir = system.data_local_dir().join("run");
    if let Err(error) = make_private(&dir) {
        tracing::warn!("{}: {error}", dir.display());
    }
    Some(dir)
}

impl Paths {
    /// Finds the places; nothing on disk is touched.
    ///
    /// # Errors
    /// [`PathError::NoHome`] where a place is not named and the system knows none.
    pub fn find(overrides: &Overrides) -> Result<Self, PathError> {
        let system = ProjectDirs::from("kr", "jeongbae", "jeongbae");
        let system = system.as_ref().ok_or(PathError::NoHome);
        let config = match &overrides.config {
            Some(file) => file.clone(),
            None => system.clone()?.config_dir().join("config.toml"),
        };
        let data_dir = match (&overrides.data_dir, overrides.demo) {
            (Some(dir), _) => dir.clone(),
            (None, true) => system?.data_local_dir().join("demo"),
            (None, false) => system?.data_local_dir().to_owned(),
        };
        Ok(Self {
            config,
            config_named: overrides.config.is_some(),
            data_dir,
            emptied: overrides.demo && overrides.data_dir.is_none(),
        })
    }

    /// Makes the data folder (for the user alone on Unix) and empties it where the demo owns it.
    ///
    /// # Errors
    /// [`PathError::Folder`] with the folder and the system's reason.
    pub fn prepare(&self) -> Result<(), PathError> {
        let dir = &self.data_dir;
        let made = (|| {
            if self.emptied {
                empty(dir)?;
            }
            make_private(dir)?;
            try_writing(dir)
        })();
        made.map_err(|e| PathError::Folder {
            dir: dir.clone(),
            reason: e.to_string(),
        })
    }

    /// The folder of the log files, inside the data folder.
    pub fn log_dir(&self) -> PathBuf {
        self.data_dir.join("logs")
    }
}

fn empty(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Makes a folder and those above it. One that exists keeps its mode: the user chose it.
fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Finds out now, with a clear sentence, instead of at the first signal.
fn try_writing(dir: &Path) -> io::Result<()> {
    let probe = dir.join(format!(".probe-{}.tmp", std::process::id()));
    fs::write(&probe, b"")?;
    fs::remove_file(&probe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_places_are_used_as_they_are() {
        let overrides = Overrides {
            config: Some("a.toml".into()),
            data_dir: Some("b".into()),
            demo: true,
        };
        let paths = Paths::find(&overrides).unwrap();
        assert_eq!(paths.config, Path::new("a.toml"));
        assert!(paths.config_named);
        assert_eq!(paths.data_dir, Path::new("b"));
        assert!(!paths.emptied, "a named folder is never emptied");
    }

    #[test]
    fn only_the_demos_own_folder_is_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let mut paths = Paths {
            config: dir.path().join("config.toml"),
            config_named: false,
            data_dir: dir.path().join("deep/data"),
            emptied: false,
        };
        paths.prepare().unwrap();
        let file = paths.data_dir.join("user.db");
        fs::write(&file, b"x").unwrap();
        paths.prepare().unwrap();
        assert!(file.exists());
        paths.emptied = true;
        paths.prepare().unwrap();
        assert!(!file.exists() && paths.data_dir.is_dir());
    }

    #[cfg(unix)]
    #[test]
    fn a_new_folder_is_the_users_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        make_private(&data).unwrap();
        let mode = fs::metadata(&data).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_folder_that_is_a_file_is_named_in_the_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("data");
        fs::write(&file, b"x").unwrap();
        let paths = Paths {
            config: PathBuf::new(),
            config_named: false,
            data_dir: file.clone(),
            emptied: false,
        };
        let error = paths.prepare().unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()), "{error}");
    }
}
