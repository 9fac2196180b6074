//! Recorded messages of the broker, sent through the live path's own parsers.
//!
//! With `KIS_SAMPLES=DIR` every file of `DIR/manifest.json` is tried: what was parsed, what was
//! refused and why, and what no parser exists for is listed; where a parser exists, the outcome
//! must be the manifest's `expect`. Numbers are compared with the raw text, read independently.
//! Without the variable the simulator's own output is checked, taken off the wire as bytes, and
//! a small set of right and wrong messages written for this test.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a test prints its list, and stops at a broken manifest"
)]

mod kis_samples {
    pub(crate) mod check;
    pub(crate) mod own;
    pub(crate) mod simulator;
}

use std::path::PathBuf;

use kis_samples::check::{Entry, Outcome, try_one};
use kis_samples::{own, simulator};

#[test]
fn samples_parse_as_their_manifest_says() {
    let samples = match std::env::var_os("KIS_SAMPLES") {
        Some(dir) => folder(PathBuf::from(dir)),
        None => messages_without_a_folder(),
    };
    assert!(!samples.is_empty(), "the manifest lists nothing");
    let (mut wrong, mut tried) = (vec![], 0);
    for (entry, bytes) in &samples {
        let outcome = try_one(entry, bytes);
        let line = match &outcome {
            Outcome::Parsed(what) => format!("parsed   {:<48} {what}", entry.file),
            Outcome::Refused { why, .. } => format!("refused  {:<48} {why}", entry.file),
            Outcome::NoParser => format!("no parser {:<47} {}", entry.file, entry.what()),
            Outcome::Differs(what) => format!("DIFFERS  {:<48} {what}", entry.file),
        };
        println!("{line}");
        tried += usize::from(outcome != Outcome::NoParser);
        if let Err(why) = entry.judge(&outcome) {
            wrong.push(format!("{line}\n         {why}"));
        }
    }
    println!("{tried} of {} have a parser", samples.len());
    assert!(0 < tried, "nothing was tried");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A folder with a `manifest.json`.
fn folder(dir: PathBuf) -> Vec<(Entry, Vec<u8>)> {
    let manifest = dir.join("manifest.json");
    let text = std::fs::read_to_string(&manifest)
        .unwrap_or_else(|e| panic!("{}: {e}", manifest.display()));
    let list: serde_json::Value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", manifest.display()));
    let list = list.as_array().expect("the manifest is an array");
    list.iter()
        .map(|item| {
            let entry = Entry::new(item);
            let path = dir.join(&entry.file);
            let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            (entry, bytes)
        })
        .collect()
}

/// What is checked where no folder is given.
fn messages_without_a_folder() -> Vec<(Entry, Vec<u8>)> {
    let mut messages = own::messages();
    messages.extend(simulator::messages());
    messages
}
