//! Writes records field by field against a list of names.

use std::fmt::{Display, Write as _};

/// One record at the end of a frame. Every field is put by name, in the order of the list; a
/// debug build refuses any other.
pub(super) struct Record<'a> {
    out: &'a mut String,
    names: &'static [&'static str],
    at: usize,
}

impl<'a> Record<'a> {
    /// Begins a record; `first` of its frame or behind another one.
    pub(super) fn begin(out: &'a mut String, names: &'static [&'static str], first: bool) -> Self {
        if !first {
            out.push('^');
        }
        Self { out, names, at: 0 }
    }

    pub(super) fn put(&mut self, name: &str, value: impl Display) {
        debug_assert_eq!(self.names.get(self.at), Some(&name), "field {}", self.at);
        if 0 < self.at {
            self.out.push('^');
        }
        if write!(self.out, "{value}").is_err() {
            tracing::error!(name, "a field could not be written");
        }
        self.at += 1;
    }

    /// Ends the record, which must be complete.
    pub(super) fn end(self) {
        debug_assert_eq!(self.at, self.names.len(), "fields of the record");
    }
}

/// `HHMMSS` of a second of the day.
pub(super) fn hhmmss(second: u32) -> String {
    format!(
        "{:02}{:02}{:02}",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}
