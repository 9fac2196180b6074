//! The voice, spoken by a program of the system.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::local::Device;
use super::program::{self, Programs};
use super::words;
use crate::engine::Call;
use crate::settings::ReachSettings;

/// A few names take some seconds.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(not(any(windows, target_os = "macos")))]
const SPEAKERS: &[&str] = &["spd-say", "espeak-ng"];
#[cfg(target_os = "macos")]
const SPEAKERS: &[&str] = &["say"];
#[cfg(windows)]
const SPEAKERS: &[&str] = &["powershell"];

fn no_speaker() -> String {
    t!("음성을 낼 프로그램이 없습니다. speech-dispatcher(spd-say)나 espeak-ng를 설치하세요.")
        .to_owned()
}

/// Says what rang.
pub(super) struct Voice {
    programs: Programs,
    volume: u8,
}

impl Voice {
    pub(super) fn new(programs: Programs) -> Self {
        Self {
            programs,
            volume: 100,
        }
    }

    fn speakers(&self) -> impl Iterator<Item = (PathBuf, &'static str)> {
        let found = |name: &&'static str| Some((self.programs.find(name)?, *name));
        SPEAKERS.iter().filter_map(found)
    }
}

/// How a program is told to say a text in Korean, as loud as `volume` percent, and to end after
/// it.
fn command(program: PathBuf, name: &str, volume: u8, text: &str) -> Command {
    let mut command = Command::new(program);
    match name {
        // -100 to 100.
        "spd-say" => {
            let loud = (i16::from(volume) * 2 - 100).to_string();
            command.args(["-w", "-l", "ko", "-i", &loud, "--", text]);
        }
        // 0 to 200, 100 being usual.
        "espeak-ng" => {
            command.args(["-v", "ko", "-a", &volume.to_string(), "--", text]);
        }
        // Volume and voice are the system's.
        "say" => {
            command.arg(text);
        }
        _ => {
            let script = "Add-Type -AssemblyName System.Speech; \
                          $s = New-Object System.Speech.Synthesis.SpeechSynthesizer; \
                          $s.Volume = [int]$env:JEONGBAE_VOLUME; $s.Speak($env:JEONGBAE_TEXT)";
            command
                .args(["-NoProfile", "-NonInteractive", "-Command", script])
                .env("JEONGBAE_VOLUME", volume.to_string())
                .env("JEONGBAE_TEXT", text);
        }
    }
    command
}

impl Device for Voice {
    fn look(&mut self) -> Result<String, String> {
        match self.speakers().next() {
            Some((_, name)) => Ok(t!("%{name} 프로그램으로 말합니다.", name = name)),
            None => Err(no_speaker()),
        }
    }

    fn set(&mut self, settings: &ReachSettings) {
        self.volume = settings.volume;
    }

    fn at_once(&self) -> usize {
        usize::MAX
    }

    fn tell(&mut self, calls: &[Arc<Call>], _made_up: bool) -> Result<(), String> {
        if self.volume == 0 {
            return Ok(());
        }
        let text = words::spoken(calls.iter().map(|call| &**call));
        let mut said = Vec::new();
        for (program, name) in self.speakers() {
            match program::run(&mut command(program, name, self.volume, &text), PATIENCE) {
                Ok(()) => return Ok(()),
                Err(why) => said.push(format!("{name}: {why}")),
            }
        }
        Err(match said.is_empty() {
            true => no_speaker(),
            false => t!("말하지 못했습니다 (%{why}).", why = said.join("; ")),
        })
    }
}
