//! The text of a configuration file and the lines of its errors.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use toml_edit::Document;

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
            let message = e.message().split_whitespace().collect::<Vec<_>>().join(" ");
            self.wrong(e.span(), "", &message)
        })
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
        problem: &str,
    ) -> SettingsError {
        SettingsError::Wrong {
            file: self.file.to_owned(),
            line: self.line(span),
            key: one_line(key, LONGEST_KEY),
            problem: one_line(problem, LONGEST_PROBLEM),
        }
    }
}

/// Characters of a key that an error repeats; a quoted key may be anything.
const LONGEST_KEY: usize = 60;
/// Characters of what is wrong, which may repeat a value.
const LONGEST_PROBLEM: usize = 500;

/// The text without control characters, cut where it is too long.
fn one_line(text: &str, longest: usize) -> String {
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
                reason: "it is not UTF-8 text".to_owned(),
            },
            _ => SettingsError::Unreadable {
                file,
                reason: e.to_string(),
            },
        }
    })
}
