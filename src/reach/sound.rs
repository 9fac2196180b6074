//! The chime, played by a program of the system: no sound library has to be there to build, and
//! every desktop with sound brings one of these.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::chime;
use super::local::Device;
use super::program::{self, Programs};
use crate::engine::Call;
use crate::settings::ReachSettings;

/// The chime lasts a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// PipeWire's, PulseAudio's, ALSA's.
#[cfg(not(any(windows, target_os = "macos")))]
const PLAYERS: &[&str] = &["pw-play", "paplay", "aplay"];
#[cfg(target_os = "macos")]
const PLAYERS: &[&str] = &["afplay"];
#[cfg(windows)]
const PLAYERS: &[&str] = &["powershell"];

/// How a program is told to play a file and to end after it.
fn command(program: PathBuf, name: &str, file: &Path) -> Command {
    let mut command = Command::new(program);
    match name {
        "aplay" => command.arg("-q").arg(file),
        "powershell" => {
            let script = "(New-Object Media.SoundPlayer $env:JEONGBAE_FILE).PlaySync()";
            command
                .args(["-NoProfile", "-NonInteractive", "-Command", script])
                .env("JEONGBAE_FILE", file)
        }
        _ => command.arg(file),
    };
    command
}

fn no_player() -> String {
    t!(
        "소리를 낼 프로그램이 없습니다. pipewire-bin(pw-play), pulseaudio-utils(paplay), alsa-utils(aplay) 가운데 하나를 설치하세요."
    )
    .to_owned()
}

/// Plays the chime.
pub(super) struct Sound {
    programs: Programs,
    folder: PathBuf,
    volume: u8,
}

impl Sound {
    pub(super) fn new(programs: Programs, folder: PathBuf) -> Self {
        Self {
            programs,
            folder,
            volume: 100,
        }
    }

    fn players(&self) -> impl Iterator<Item = (PathBuf, &'static str)> {
        let found = |name: &&'static str| Some((self.programs.find(name)?, *name));
        PLAYERS.iter().filter_map(found)
    }

    /// The chime's file; written once for each loudness.
    fn file(&self) -> Result<PathBuf, String> {
        let file = self.folder.join(format!("chime-{}.wav", self.volume));
        let written: std::io::Result<()> = (|| {
            let wav = chime::wav(self.volume);
            // A file that is there may be half of one.
            if std::fs::metadata(&file).is_ok_and(|there| there.len() == wav.len() as u64) {
                return Ok(());
            }
            std::fs::create_dir_all(&self.folder)?;
            write_aside(&file, &wav)
        })();
        written.map_err(|error| {
            t!(
                "%{file}: 쓰지 못했습니다 (%{error})",
                file = file.display(),
                error = error
            )
        })?;
        Ok(file)
    }
}

fn write_aside(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let aside = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&aside, bytes)?;
    std::fs::rename(&aside, file)
}

impl Device for Sound {
    fn look(&mut self) -> Result<String, String> {
        match self.players().next() {
            Some((_, name)) => Ok(t!("%{name} 프로그램으로 소리를 냅니다.", name = name)),
            None => Err(no_player()),
        }
    }

    fn set(&mut self, settings: &ReachSettings) {
        self.volume = settings.volume;
    }

    /// One chime for all that came while the last one sounded.
    fn at_once(&self) -> usize {
        usize::MAX
    }

    fn tell(&mut self, _calls: &[Arc<Call>], _made_up: bool) -> Result<(), String> {
        if self.volume == 0 {
            return Ok(());
        }
        let file = self.file()?;
        let mut said = Vec::new();
        // A program may be there without its service.
        for (program, name) in self.players() {
            match program::run(&mut command(program, name, &file), PATIENCE) {
                Ok(()) => return Ok(()),
                Err(why) => said.push(format!("{name}: {why}")),
            }
        }
        Err(match said.is_empty() {
            true => no_player(),
            false => t!("소리를 내지 못했습니다 (%{why}).", why = said.join("; ")),
        })
    }
}
