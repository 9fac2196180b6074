//! What the user chose last is kept, also when the program ends in the same breath.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::fs;
use std::path::Path;

use jeongbae::assemble::{self, Parts};
use jeongbae::clock::Clock;
use jeongbae::domain::{Calendar, Day, Minute};
use jeongbae::engine::{Badge, Command};
use jeongbae::keys::Keys;
use jeongbae::runtime::Handle;
use jeongbae::settings::{Change, OnClose, Settings, SettingsFile, load};
use jeongbae::store::Store;

const CONFIG: &str =
    "# mine\n[kis]\nrest_url = \"http://127.0.0.1:9\"\nws_url = \"ws://127.0.0.1:9\"\n";

#[test]
fn the_answer_to_what_closing_does_is_written_before_the_program_ends() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, CONFIG).unwrap();
    let saturday = Day::from_ymd(2026, 11, 21).unwrap();
    let clock = Clock::simulated(saturday.at(Minute::hm(10, 0)), 1.0);
    for choice in [OnClose::Quit, OnClose::Background, OnClose::Ask] {
        let (data, file) = (dir.path().to_owned(), SettingsFile::new(path.clone()));
        let make = move |events| async move {
            let settings = Settings::parse(Path::new("config.toml"), CONFIG).unwrap();
            let keys = Keys {
                app_key: "FAKE-APP-KEY-NOT-A-REAL-ONE".to_owned().into(),
                app_secret: "FAKE-APP-SECRET-NOT-A-REAL-ONE".to_owned().into(),
            };
            let (store, notices) = Store::open(&data).map_err(|error| error.to_string())?;
            let kis = assemble::client_with(&settings, &keys, None, None, clock)?;
            let parts = Parts {
                lists: None,
                settings,
                file: Some(file),
                store,
                notices,
                kis,
                clock,
                badge: Badge::Real,
                reports: None,
                headless: true,
                reach: None,
                calendar: Calendar::new(),
                keep: None,
            };
            assemble::machine(parts, events).await
        };
        let handle = Handle::start(make, Box::new(|_: &[_]| {})).unwrap();
        assert!(handle.send(Command::Change(Change::OnClose(choice))));
        drop(handle);
        assert_eq!(load(&path).unwrap().desktop.on_close, choice);
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(CONFIG), "{text}");
}
