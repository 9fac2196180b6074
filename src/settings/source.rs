//! The text of a configuration file and the lines of its errors.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use toml_edit::Document;

use crate::lang::{self, Language, Said};

use super::SettingsError;

/// A configuration's text and the file it came from.
pub(super) struct Source<'a> {
    file: &'a Path,
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text }
    }

    /// The parsed text, with the place of every key and value.
    pub(super) fn document(&self) -> Result<Document<&'a str>, SettingsError> {
        Document::parse(self.text).map_err(|e| {
            let column = self.column(e.span());
            self.wrong(e.span(), "", no_toml(e.message(), column))
        })
    }

    /// The character of its line, from 1, at which `span` begins.
    fn column(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |s| s.start).min(self.text.len());
        let before = self.text.get(..start).unwrap_or_default();
        1 + before.chars().rev().take_while(|&c| c != '\n').count()
    }

    /// The line, from 1, on which `span` begins.
    pub(super) fn line(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |s| s.start).min(self.text.len());
        1 + self.text.as_bytes()[..start]
            .iter()
            .filter(|&&b| b == b'\n')
            .count()
    }

    pub(super) fn wrong(
        &self,
        span: Option<Range<usize>>,
        key: &str,
        problem: Said,
    ) -> SettingsError {
        SettingsError::Wrong {
            file: self.file.to_owned(),
            line: self.line(span),
            key: one_line(key, LONGEST_KEY),
            problem,
        }
    }
}

/// Characters of a key that an error repeats; a quoted key may be anything.
const LONGEST_KEY: usize = 60;
/// Characters of a value that an error repeats.
const LONGEST_VALUE: usize = 100;
/// Characters of a list of names in an error.
pub(super) const LONGEST_LIST: usize = 300;

/// What a parser's message on a text that is no TOML comes to. Its own words are English, and
/// stand beside ours in that language alone.
fn no_toml(message: &str, column: usize) -> Said {
    let twice = message.contains("duplicate key");
    let text = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match (twice, lang::spoken()) {
        (true, _) => said!("같은 키가 두 번 있습니다"),
        (false, Language::English) => text.into(),
        (false, Language::Korean) => said!(
            "TOML 문법에 맞지 않습니다 (%{column}번째 글자)",
            column = column
        ),
    }
}

/// A value of the file as an error repeats it: in quotes, of one line, not too long.
pub(super) fn quoted(value: &str) -> String {
    one_line(&format!("{value:?}"), LONGEST_VALUE)
}

/// The text without control characters, cut where it is too long.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    for (position, c) in text.chars().enumerate() {
        match c {
            _ if position == longest => {
                line.push('…');
                break;
            }
            c if c.is_control() => line.extend(c.escape_debug()),
            c => line.push(c),
        }
    }
    line
}

/// The text of a file.
pub(super) fn read_file(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|e| {
        let file = path.to_owned();
        match e.kind() {
            ErrorKind::NotFound => SettingsError::Missing { file },
            ErrorKind::InvalidData => SettingsError::Unreadable {
                file,
                reason: said!("UTF-8 글이 아닙니다"),
            },
            _ => SettingsError::Unreadable {
                file,
                reason: e.to_string().into(),
            },
        }
    })
}
