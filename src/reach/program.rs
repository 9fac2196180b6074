//! Programs of the system that are found and run when they are needed, so that nothing of them
//! has to be there to build or to start.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Of `CreateProcess`.
#[cfg(windows)]
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// Where programs lie.
#[derive(Clone, Debug, Default)]
pub(super) struct Programs {
    folders: Vec<PathBuf>,
}

impl Programs {
    /// The folders of `PATH`.
    pub(super) fn of_this_system() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self {
            folders: std::env::split_paths(&path)
                .filter(|folder| folder.is_absolute())
                .collect(),
        }
    }

    /// Only this folder.
    #[cfg(test)]
    pub(super) fn in_folder(folder: &std::path::Path) -> Self {
        Self {
            folders: vec![folder.to_owned()],
        }
    }

    /// The first of that name.
    pub(super) fn find(&self, name: &str) -> Option<PathBuf> {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.folders
            .iter()
            .map(|folder| folder.join(&file))
            .find(|place| place.is_file())
    }
}

/// Runs a program to its end, and ends it after `patience` (real time: it is no part of the
/// market).
///
/// # Errors
///
/// It cannot be started, ends with an error, or does not end.
pub(super) fn run(command: &mut Command, patience: Duration) -> Result<(), String> {
    // From a program without a console each of these would open one.
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(command, CREATE_NO_WINDOW);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| t!("시작하지 못했습니다: %{error}", error = error))?;
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(t!("실패했습니다: %{status}", status = status)),
            Ok(None) if begun.elapsed() < patience => std::thread::sleep(LOOK),
            Ok(None) => {
                if let Err(error) = child.kill().and_then(|()| child.wait()) {
                    tracing::warn!("A program that hangs cannot be ended: {error}");
                }
                let seconds = patience.as_secs();
                let text = t!("%{n}초가 지나도 끝나지 않아 멈췄습니다", n = seconds);
                return Err(text);
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}
