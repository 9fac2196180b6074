//! One table of the file: typed reading of its keys.

use std::ops::{Range, RangeInclusive};

use toml_edit::{Item, TableLike, Value};

use crate::domain::Day;

use super::SettingsError;
use super::choice::Choice;
use super::source::Source;

/// Words that would be secrets. They are refused with a hint, whatever table they stand in.
const SECRETS: &[&str] = &[
    "appkey",
    "appsecret",
    "secretkey",
    "secret",
    "accesstoken",
    "token",
    "approvalkey",
    "kisappkey",
    "kisappsecret",
];

/// A table with its name for errors.
pub(super) struct Section<'a> {
    source: &'a Source<'a>,
    name: &'a str,
    table: &'a dyn TableLike,
    span: Option<Range<usize>>,
}

impl<'a> Section<'a> {
    /// Opens a table and refuses keys it does not know.
    pub(super) fn open(
        source: &'a Source<'a>,
        name: &'a str,
        table: &'a dyn TableLike,
        span: Option<Range<usize>>,
        known: &[&str],
    ) -> Result<Self, SettingsError> {
        let section = Self {
            source,
            name,
            table,
            span,
        };
        for (key, item) in table.iter() {
            if known.contains(&key) {
                continue;
            }
            let span = table
                .get_key_value(key)
                .and_then(|(k, _)| k.span())
                .or_else(|| item.span());
            let squeezed: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
            let problem = if SECRETS.contains(&squeezed.to_ascii_lowercase().as_str()) {
                "keys and secrets never belong in this file: enter them in the program (it \
                 keeps them in the system's keyring) or set KIS_APP_KEY and KIS_APP_SECRET"
                    .to_owned()
            } else {
                format!("unknown key; allowed: {}", known.join(", "))
            };
            return Err(source.wrong(span, &section.path(key), &problem));
        }
        Ok(section)
    }

    /// The table's own entry of a key.
    pub(super) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table.get(key)
    }

    /// An error at a key.
    pub(super) fn wrong(&self, key: &str, problem: &str) -> SettingsError {
        let at = self.item(key).and_then(Item::span);
        self.wrong_at(at, key, problem)
    }

    fn wrong_at(&self, at: Option<Range<usize>>, key: &str, problem: &str) -> SettingsError {
        self.source
            .wrong(at.or(self.span.clone()), &self.path(key), problem)
    }

    /// The line a key's value begins on.
    pub(super) fn line(&self, key: &str) -> usize {
        let at = self.item(key).and_then(Item::span);
        self.source.line(at.or(self.span.clone()))
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    /// The key must be there.
    pub(super) fn needed<T>(
        &self,
        key: &str,
        value: Option<T>,
        allowed: &str,
    ) -> Result<T, SettingsError> {
        value.ok_or_else(|| self.wrong(key, &format!("is missing; needed: {allowed}")))
    }

    pub(super) fn text(&self, key: &str, allowed: &str) -> Result<Option<&'a str>, SettingsError> {
        self.item(key)
            .map(|item| {
                item.as_str()
                    .ok_or_else(|| self.wrong(key, &mistyped(item.type_name(), allowed)))
            })
            .transpose()
    }

    /// A text that is not blank and has no control characters.
    pub(super) fn name(&self, key: &str) -> Result<String, SettingsError> {
        let allowed = "a name in quotes";
        let name = self.needed(key, self.text(key, allowed)?, allowed)?;
        if name.trim().is_empty() || name.contains(char::is_control) {
            return Err(self.wrong(key, "must be a name of one line, not blank"));
        }
        Ok(name.to_owned())
    }

    pub(super) fn choice<C: Choice>(&self, key: &str) -> Result<Option<C>, SettingsError> {
        let allowed = C::allowed();
        self.text(key, &allowed)?
            .map(|word| {
                C::read(word).ok_or_else(|| self.wrong(key, &format!("{word:?} is not {allowed}")))
            })
            .transpose()
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, SettingsError> {
        self.item(key)
            .map(|item| {
                item.as_bool()
                    .ok_or_else(|| self.wrong(key, &mistyped(item.type_name(), "true or false")))
            })
            .transpose()
    }

    pub(super) fn whole(
        &self,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, SettingsError> {
        let allowed = format!("a whole number from {} to {}", range.start(), range.end());
        self.item(key)
            .map(|item| match item.as_integer() {
                None => Err(self.wrong(key, &mistyped(item.type_name(), &allowed))),
                Some(n) if range.contains(&n) => Ok(n),
                Some(n) => Err(self.wrong(key, &format!("{n} is not {allowed}"))),
            })
            .transpose()
    }

    pub(super) fn number(
        &self,
        key: &str,
        range: RangeInclusive<f64>,
    ) -> Result<Option<f64>, SettingsError> {
        let allowed = format!("a number from {} to {}", range.start(), range.end());
        self.item(key)
            .map(|item| {
                let value = item.as_float().or(item.as_integer().map(|n| n as f64));
                match value {
                    None => Err(self.wrong(key, &mistyped(item.type_name(), &allowed))),
                    Some(x) if range.contains(&x) => Ok(x),
                    Some(x) => Err(self.wrong(key, &format!("{x} is not {allowed}"))),
                }
            })
            .transpose()
    }

    /// A day, in quotes or as a TOML date.
    pub(super) fn date(&self, key: &str) -> Result<Option<Day>, SettingsError> {
        let allowed = "a day such as \"2026-12-31\"";
        let Some(item) = self.item(key) else {
            return Ok(None);
        };
        let text = match (item.as_str(), item.as_datetime()) {
            (Some(text), _) => text.to_owned(),
            (_, Some(date)) => date.to_string(),
            (None, None) => return Err(self.wrong(key, &mistyped(item.type_name(), allowed))),
        };
        let compact = |text: &str| {
            let mut parts = text.splitn(3, '-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            let fits = (year.len(), month.len(), day.len()) == (4, 2, 2);
            fits.then(|| format!("{year}{month}{day}"))
        };
        match compact(&text).and_then(|text| Day::parse_compact(&text)) {
            Some(day) => Ok(Some(day)),
            None => Err(self.wrong(key, &format!("{text:?} is not {allowed}"))),
        }
    }

    /// A list, each element read by `read`, which answers what is wrong with one.
    pub(super) fn list<T>(
        &self,
        key: &str,
        allowed: &str,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Option<Vec<T>>, SettingsError> {
        let Some(item) = self.item(key) else {
            return Ok(None);
        };
        let Some(array) = item.as_array() else {
            return Err(self.wrong(key, &mistyped(item.type_name(), allowed)));
        };
        let mut values = Vec::with_capacity(array.len());
        for element in array {
            values.push(read(element).map_err(|p| self.wrong_at(element.span(), key, &p))?);
        }
        Ok(Some(values))
    }
}

/// A value of the wrong type, without repeating the value.
pub(super) fn mistyped(found: &str, allowed: &str) -> String {
    format!("is a TOML {found}; must be {allowed}")
}
