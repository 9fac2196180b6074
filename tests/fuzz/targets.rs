//! Fuzz targets: whatever the broker, a file or the user writes, nothing panics, no text takes
//! much memory, every error has words, and what reads back reads back the same.
//!
//! One program for libFuzzer; `FUZZ_TARGET` names what it tries, `FUZZ_SEEDS` a folder into
//! which it writes the first inputs instead. `.ci/fuzz.sh` runs it.

#![no_main]
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a fuzz target stops at the first finding"
)]

#[allow(dead_code, reason = "only its list of messages is used here")]
#[path = "../kis_samples/check.rs"]
mod check;
mod config;
mod frame;
mod heap;
mod master;
#[path = "../kis_samples/own.rs"]
mod own;
mod rest;
mod rule;
mod seeds;
#[path = "../kis_samples/simulator.rs"]
mod simulator;

use std::sync::OnceLock;

use jeongbae::kis::KisError;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 5] = [
    ("frame", frame::run),
    ("rest", rest::run),
    ("rule", rule::run),
    ("config", config::run),
    ("master", master::run),
];

static TARGET: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: start(), |data: &[u8]| {
    let target = TARGET.get().expect("chosen at the start");
    let peak = heap::peak_of(|| target(data));
    // A zip file may claim 65,535 entries before the first is read.
    let most = (16 << 20) + 1_024 * data.len();
    assert!(peak <= most, "{} bytes made {peak} bytes of heap", data.len());
});

/// Writes the seeds and ends, or chooses the target.
fn start() {
    if let Some(folder) = std::env::var_os("FUZZ_SEEDS") {
        seeds::write(folder.as_ref());
        std::process::exit(0);
    }
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    match TARGETS.iter().find(|(known, _)| *known == name) {
        Some((_, target)) => {
            TARGET.get_or_init(|| *target);
        }
        None => {
            let names = TARGETS.map(|(name, _)| name).join(", ");
            eprintln!("FUZZ_TARGET={name:?} is none of: {names}");
            std::process::exit(2);
        }
    }
}

/// One line of words, not longer than a line should be, for the log and for the user.
fn is_readable(text: &str) {
    assert!(!text.trim().is_empty(), "an error without words");
    assert!(!text.contains(char::is_control), "not one line: {text:?}");
    assert!(text.chars().count() <= 700, "too long: {text}");
}

/// A refusal of the broker's side says what it is, and never a secret.
fn is_named(error: &KisError) {
    is_readable(&error.to_string());
    is_readable(&error.user_message().to_string());
}
