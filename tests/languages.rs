//! The catalogue of `assets/locales` against the sources: nothing lacks, nothing is left over,
//! and the screen's texts all go through it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing helper fails its test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `src/` with its text, the unit tests at its end cut off. Left out: tests in
/// files of their own, and the module that defines the macros.
fn sources(dir: &Path, found: &mut Vec<(String, String)>) {
    for path in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        if path.is_dir() {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") && name != "src/lang.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
            found.push((name, text[..end].to_owned()));
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&root().join("src"), &mut found);
    found.sort();
    assert!(100 < found.len());
    found
}

/// One quoted text of a source.
struct Quoted {
    /// What it says.
    text: String,
    /// The code right before it, without trailing space.
    before: String,
    /// The code after it.
    after: String,
    line: usize,
}

/// Every plain quoted text of a Rust source, comments and characters left out.
fn quoted(source: &str) -> Vec<Quoted> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("r\"") || rest.starts_with("r#\"") {
            let end = if rest.starts_with("r#") { "\"#" } else { "\"" };
            at += 3 + rest[3..].find(end).unwrap() + end.len();
        } else if rest.starts_with('\'') {
            // A character, or a lifetime.
            let mut letters = rest.char_indices().skip(1);
            let (_, first) = letters.next().unwrap();
            let close = if first == '\\' {
                rest[2..]
                    .char_indices()
                    .skip(1)
                    .find(|c| c.1 == '\'')
                    .map(|c| c.0 + 2)
            } else {
                letters.next().filter(|c| c.1 == '\'').map(|c| c.0)
            };
            at += close.map_or(1, |end| end + 1);
        } else if rest.starts_with('"') {
            let start = at;
            at += 1;
            while bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at += 1;
            found.push(Quoted {
                text: unescaped(&source[start + 1..at - 1]),
                before: source[..start].trim_end().to_owned(),
                after: source[at..].chars().take(80).collect(),
                line: source[..start].matches('\n').count() + 1,
            });
        } else {
            at += rest.chars().next().unwrap().len_utf8();
        }
    }
    found
}

fn unescaped(literal: &str) -> String {
    let mut text = String::new();
    let mut letters = literal.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next().unwrap() {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                '\n' => while letters.next_if(|c| c.is_whitespace()).is_some() {},
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    text
}

fn is_hangul(letter: char) -> bool {
    ('가'..='힣').contains(&letter) || ('ㄱ'..='ㅣ').contains(&letter)
}

/// The key of a quoted text that stands in `t!` or `key!`.
fn key(quoted: &Quoted) -> Option<String> {
    let within = |name: &str| {
        let head = quoted.before.strip_suffix(name);
        head.is_some_and(|h| !h.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    if !(within("t!(") || within("key!(") || within("said!(")) {
        return None;
    }
    let context = quoted.after.trim_start().strip_prefix("in \"");
    let context = context.map(|rest| &rest[..rest.find('"').unwrap()]);
    Some(match context {
        Some(context) => format!("{}##{context}", quoted.text),
        None => quoted.text.clone(),
    })
}

/// Where each key of the sources stands first.
fn used() -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for (name, text) in all_sources() {
        for quoted in quoted(&text) {
            if let Some(key) = key(&quoted) {
                let place = format!("{name}:{}", quoted.line);
                keys.entry(key).or_insert(place);
            }
        }
    }
    assert!(300 < keys.len(), "{}", keys.len());
    keys
}

fn english() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("assets/locales/en.toml")).unwrap();
    let table: toml_edit::DocumentMut = text.parse().unwrap();
    let lines = table.iter();
    lines
        .map(|(key, value)| (key.to_owned(), value.as_str().unwrap().to_owned()))
        .collect()
}

/// The names in `%{…}`.
fn names(text: &str) -> BTreeSet<&str> {
    let parts = text.split("%{").skip(1);
    parts.filter_map(|rest| rest.split('}').next()).collect()
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_text_has_an_english_line_and_every_line_is_used() {
    let (used, english) = (used(), english());
    let lacking = used
        .iter()
        .filter(|(key, _)| !english.contains_key(*key))
        .map(|(key, place)| format!("{place}: no English line for {key:?}"));
    let idle = english
        .keys()
        .filter(|key| !used.contains_key(*key))
        .map(|key| format!("assets/locales/en.toml: no source uses {key:?}"));
    assert_none(&lacking.chain(idle).collect::<Vec<_>>());
}

#[test]
fn both_languages_take_the_same_values() {
    let differ = english().into_iter().filter(|(key, text)| {
        text.trim().is_empty() || names(key) != names(text) || key.contains("%{}")
    });
    let told: Vec<String> = differ
        .map(|(key, text)| format!("{key:?}: {text:?}"))
        .collect();
    assert_none(&told);
}

#[test]
fn english_is_without_hangul_but_for_words_of_the_market() {
    const STAY: [&str; 2] = ["정배열", "역배열"];
    let wrong = english().into_values().filter(|text| {
        let rest = STAY
            .iter()
            .fold(text.clone(), |t, word| t.replace(word, ""));
        rest.contains(is_hangul)
    });
    assert_none(&wrong.collect::<Vec<_>>());
}

/// Korean that is data and not a text of the screen: the program's name, the language's own name,
/// the group a first stock is written into, particles that only Korean has, and units whose English
/// is another scale; and the desktop entry, which has both names.
const DATA: [(&str, &str); 15] = [
    (
        "src/desktop/autostart.rs",
        "[Desktop Entry]\nType=Application\nName=Jeongbae\nName[ko]=정배\nTryExec={}\nExec={}\nIcon={id}\nTerminal=false\nX-GNOME-Autostart-Delay=5\n{OURS}\n",
    ),
    ("src/ui/rules/words.rs", "이"),
    ("src/ui/rules/words.rs", "가"),
    ("src/ui/rules/words.rs", "을"),
    ("src/ui/rules/words.rs", "를"),
    ("src/reach/notification.rs", "정배"),
    ("src/app.rs", "정배"),
    ("src/app/stuck.rs", "정배"),
    ("src/ui/preferences/system.rs", "정배 "),
    ("src/ui/preferences/look.rs", "한국어"),
    ("src/ui/setup.rs", "정배"),
    ("src/ui/home/add_field.rs", "관심"),
    ("src/ui/format.rs", "조"),
    ("src/ui/format.rs", "억"),
    ("src/ui/format.rs", "만"),
];

#[test]
fn the_screen_shows_no_korean_around_the_catalogue() {
    let mut problems = Vec::new();
    // Left out: what reads or invents Korean, and the simulated broker, which speaks as the real
    // one does.
    let korean = ["src/search/", "src/kis/master/", "src/sim/"];
    for (name, text) in all_sources() {
        if korean.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        for quoted in quoted(&text) {
            let data = DATA.contains(&(name.as_str(), quoted.text.as_str()));
            // Chosen by language beside their English.
            let chosen = name == "src/ui/chart/text.rs" && quoted.text.contains('{');
            if quoted.text.contains(is_hangul) && key(&quoted).is_none() && !data && !chosen {
                problems.push(format!(
                    "{name}:{}: {:?} is not in t!",
                    quoted.line, quoted.text
                ));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn the_reading_of_sources_itself_bites() {
    let source = "let a = t!(\"열\" in \"door\"); // t!(\"주석\")\nlet b = format!(\"닫\"); 'a'; '\"'; f::<'x>(\"\\\"끝\")";
    let found = quoted(source);
    let texts: Vec<&str> = found.iter().map(|q| q.text.as_str()).collect();
    assert_eq!(texts, ["열", "door", "닫", "\"끝"]);
    assert_eq!(key(&found[0]).as_deref(), Some("열##door"));
    assert_eq!(key(&found[2]), None, "format! is not t!");
    assert_eq!(names("%{a} %{b}").len(), 2);
}
