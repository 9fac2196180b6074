//! House rules that a compiler cannot see; the layers are explained in `docs/building.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing helper fails its test"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// What each folder under `src/` may name with `crate::`. Files directly in `src/` are free.
const MAY_USE: &[(&str, &[&str])] = &[
    ("lang", &[]),
    ("domain", &[]),
    ("clock", &["domain"]),
    ("bars", &["domain"]),
    ("indicators", &["domain", "bars"]),
    ("conditions", &["domain", "bars", "indicators"]),
    ("search", &["domain"]),
    ("settings", &["lang", "domain", "conditions"]),
    ("kis", &["lang", "domain", "clock"]),
    ("store", &["lang", "domain"]),
    ("desktop", &["lang", "domain"]),
    (
        "engine",
        &[
            "lang",
            "domain",
            "bars",
            "indicators",
            "conditions",
            "search",
            "settings",
        ],
    ),
    ("reach", &["lang", "clock", "domain", "engine", "settings"]),
    (
        "ui",
        &[
            "lang",
            "domain",
            "bars",
            "indicators",
            "conditions",
            "search",
            "settings",
            "engine",
        ],
    ),
    (
        "perform",
        &[
            "clock", "domain", "engine", "kis", "lang", "reach", "search", "settings", "store",
        ],
    ),
    // Not kis: it writes the wire by its own field lists, so that one wrong list cannot pass
    // both sides.
    ("sim", &["domain", "clock"]),
];

/// Files directly in `src/` that are a layer all the same.
const LAYER_FILES: &[&str] = &["clock", "lang"];

/// The top level of the repository; the last two are git's own and cargo's output.
const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "assets",
    "config",
    "tests",
    "README.md",
    "LICENSE",
    "benches",
    "docs",
    ".ci",
    ".gitignore",
    ".git",
    "target",
];

const LONGEST: usize = 600;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder, with its text.
fn rust_files(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else {
        return found;
    };
    for path in entries.map(|e| e.unwrap().path()) {
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

/// The layer of a file below `src/`; `None` if it may use everything.
fn layer(inside: &Path) -> Option<String> {
    let first = inside.iter().next()?.to_str()?;
    let file = inside.components().count() == 1;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    // The modules of a free file, such as `keys/…` of `keys.rs`, are as free as it is.
    let free_folder = !file && root().join(format!("src/{name}.rs")).exists();
    let is_layer = LAYER_FILES.contains(&name) || !(file || free_folder);
    is_layer.then(|| name.to_owned())
}

/// What a text of a layer uses that it must not.
fn forbidden(layer: &str, text: &str) -> Vec<String> {
    let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("unknown layer {layer:?}: add it to MAY_USE")];
    };
    let mut problems = Vec::new();
    for rest in text.split("crate::").skip(1) {
        let used: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if used != layer && !allowed.contains(&used.as_str()) {
            problems.push(format!("{layer} must not use {used:?}"));
        }
    }
    problems
}

/// Quoted texts that look like a key, token or secret as the broker issues them: one long run
/// of digits and letters of both cases.
fn looks_secret(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_.-".contains(c)))
        .filter(|word| {
            let count = |kind: fn(&char) -> bool| word.chars().filter(kind).count();
            32 <= word.len()
                && 6 <= count(char::is_ascii_digit)
                && 4 <= count(char::is_ascii_uppercase)
                && 4 <= count(char::is_ascii_lowercase)
        })
        .map(|word| format!("{}… looks like a secret", &word[..4]))
        .collect()
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn layers_hold() {
    let src = root().join("src");
    let mut problems = Vec::new();
    for (path, text) in rust_files(&src) {
        let inside = path.strip_prefix(&src).unwrap();
        if let Some(layer) = layer(inside) {
            let found = forbidden(&layer, &text);
            problems.extend(found.iter().map(|p| format!("{}: {p}", inside.display())));
        }
    }
    assert_none(&problems);
}

#[test]
fn the_layer_rule_itself_bites() {
    let told = [r#"domain must not use "ui""#];
    assert_eq!(forbidden("domain", "use crate::ui::Theme;"), told);
    assert_eq!(forbidden("domain", "let x: crate::ui::Theme = y;"), told);
    assert_eq!(forbidden("sim", "use crate::kis::Frame;").len(), 1);
    assert_eq!(forbidden("engine", "use crate::store::Store;").len(), 1);
    let braces = "use crate::{engine::Snapshot};";
    assert_eq!(forbidden("ui", braces).len(), 1, "braces hide the layer");
    assert!(forbidden("ui", "use crate::engine::Snapshot;").is_empty());
    assert!(forbidden("ui", "use crate::ui::Theme;").is_empty());
    assert_eq!(forbidden("new", "").len(), 1);
    assert_eq!(layer(Path::new("ui/home.rs")).as_deref(), Some("ui"));
    assert_eq!(layer(Path::new("ui/chart/mesh.rs")).as_deref(), Some("ui"));
    assert_eq!(layer(Path::new("clock.rs")).as_deref(), Some("clock"));
    assert_eq!(layer(Path::new("app.rs")), None);
    assert_eq!(layer(Path::new("keys/tests.rs")), None);
}

#[test]
fn files_say_what_they_are_and_stay_short() {
    let src = root().join("src");
    let mut problems = Vec::new();
    for (path, text) in rust_files(&src) {
        let name = path.strip_prefix(&src).unwrap().display().to_string();
        if !text.starts_with("//!") {
            problems.push(format!("{name}: does not begin with //!"));
        }
        let lines = text.lines().count();
        if LONGEST < lines {
            problems.push(format!("{name}: {lines} lines, more than {LONGEST}"));
        }
        if text.contains("crate::{") {
            problems.push(format!("{name}: a grouped import hides its layer"));
        }
    }
    assert_none(&problems);
}

/// What a table names in backquotes and has a `/`: `FILE::TEST` or a script.
fn proofs(line: &str) -> Vec<&str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted
        .filter(|word| word.contains('/') && 1 < word.len())
        .collect()
}

/// What is wrong with a proof; `None` if it is there.
fn missing(proof: &str) -> Option<String> {
    let (file, test) = proof.split_once("::").unwrap_or((proof, ""));
    let Ok(text) = fs::read_to_string(root().join(file)) else {
        return Some(format!("{file} is not there"));
    };
    let declared = format!("fn {test}()");
    let is_test = text.split("#[test]").skip(1).any(|after| {
        let head = after.lines().find(|l| l.trim_start().starts_with("fn "));
        head.is_some_and(|l| l.contains(&declared))
    });
    let there = if file.ends_with(".rs") {
        is_test
    } else {
        test.is_empty()
    };
    (!there).then(|| format!("{proof} is no test"))
}

#[test]
fn every_interaction_has_a_test_that_exists() {
    let text = fs::read_to_string(root().join("docs/interactions.md")).unwrap();
    let lines = text.lines().filter(|l| l.starts_with('|'));
    let rows: Vec<&str> = lines
        .filter(|l| !l.starts_with("| what |") && !l.starts_with("| --- |"))
        .collect();
    let mut problems = vec![];
    for row in &rows {
        let (what, proof) = row[1..].split_once(" | ").unwrap();
        let proofs = proofs(proof);
        if proofs.is_empty() {
            problems.push(format!("no test of:{what}"));
        }
        problems.extend(proofs.into_iter().filter_map(missing));
    }
    assert!(80 < rows.len(), "{}", rows.len());
    assert_none(&problems);
}

#[test]
fn the_rule_of_interactions_itself_bites() {
    assert_eq!(proofs("`a/b.rs::c`, `/` and `Ctrl+K`"), ["a/b.rs::c"]);
    assert!(missing("tests/tidy.rs::layers_hold").is_none());
    assert!(missing("tests/tidy.rs::no_such_test").is_some());
    assert!(missing("tests/tidy.rs::root").is_some(), "no test");
    assert!(missing("tests/no_such_file.rs::layers_hold").is_some());
    assert!(missing("tests/tidy.rs").is_some(), "no test is named");
    assert!(missing(".ci/run").is_none());
}

#[test]
fn no_window_stops_the_others() {
    let mut problems = vec![];
    for (path, text) in rust_files(&root().join("src/ui")) {
        for word in ["egui::Modal", "Modal::", "modal_"] {
            if text.contains(word) {
                problems.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn the_top_level_is_as_named() {
    let unknown: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    assert_none(&unknown);
}

#[test]
fn no_source_holds_a_secret() {
    let mut problems = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (path, text) in rust_files(&root().join(folder)) {
            let found = looks_secret(&text);
            problems.extend(found.iter().map(|p| format!("{}: {p}", path.display())));
        }
    }
    assert_none(&problems);
}

#[test]
fn the_secret_rule_itself_bites() {
    // Put together here, so that this file does not hold one either.
    let made_up = "aB3dE5".repeat(7);
    assert_eq!(looks_secret(&format!("let key = \"{made_up}\";")).len(), 1);
    let address = "let url = \"http://127.0.0.1:18080/uapi/domestic-stock/v1\";";
    assert!(looks_secret(address).is_empty());
}
