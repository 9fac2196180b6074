//! Changing the file from the program: comments, order and everything else stay as written.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

use super::choice::{Environment, OnClose};
use crate::domain::StockCode;

use super::{DEFAULT_TEXT, Settings, SettingsError, source};

/// The configuration file as a place to write to.
///
/// Every edit reads the file anew, so that a change made by hand in between is kept, checks the
/// result, writes it to a name aside and renames it. A missing file begins as the bundled one.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
}

impl SettingsFile {
    /// The file at `path`; nothing is read yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the bundled default unless there is a file; answers whether it wrote.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create_if_missing(&self) -> Result<bool, SettingsError> {
        if self.path.exists() {
            return Ok(false);
        }
        self.write(DEFAULT_TEXT)?;
        Ok(true)
    }

    /// Adds a stock at the end of a group, which is made if the file has none of that name.
    /// A stock that is already there stays where it is.
    ///
    /// # Errors
    /// The file is broken or cannot be written; it is then unchanged.
    pub fn add_code(&self, group: &str, code: StockCode) -> Result<Settings, SettingsError> {
        self.edit(|document| {
            if let Some(codes) = codes_of(document, group) {
                if !holds(codes, code) {
                    push(codes, code);
                }
                return Ok(());
            }
            let mut table = Table::new();
            table["group"] = toml_edit::value(group);
            table["codes"] = toml_edit::value(Array::from_iter([code.as_str()]));
            let entry = document
                .entry("watchlist")
                .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
            match entry.as_array_of_tables_mut() {
                Some(tables) => tables.push(table),
                None => {
                    if let Some(array) = entry.as_array_mut() {
                        array.push(table.into_inline_table());
                    }
                }
            }
            Ok(())
        })
    }

    /// Takes a stock out of a group. Rules that name its code keep naming it.
    ///
    /// # Errors
    /// The group or the stock is not there, the file is broken or cannot be written; it is then
    /// unchanged.
    pub fn remove_code(&self, group: &str, code: StockCode) -> Result<Settings, SettingsError> {
        self.edit(|document| {
            let codes = codes_of(document, group)
                .ok_or_else(|| format!("the watchlist has no group {group:?}"))?;
            if !holds(codes, code) {
                return Err(format!("the group {group:?} has no stock {code}"));
            }
            while holds(codes, code) {
                remove(codes, code);
            }
            Ok(())
        })
    }

    /// Sets where quotes come from.
    ///
    /// # Errors
    /// The file is broken or cannot be written; it is then unchanged.
    pub fn set_environment(&self, environment: Environment) -> Result<Settings, SettingsError> {
        self.edit(|document| {
            let place = &mut document["kis"]["environment"];
            let mut value = Value::from(environment.as_str());
            if let Some(old) = place.as_value() {
                // The comment behind the old value stays.
                *value.decor_mut() = old.decor().clone();
            }
            *place = Item::Value(value);
            Ok(())
        })
    }

    /// Sets what closing the home window does.
    ///
    /// # Errors
    /// The file is broken or cannot be written; it is then unchanged.
    pub fn set_on_close(&self, on_close: OnClose) -> Result<Settings, SettingsError> {
        self.edit(|document| {
            let table = document
                .entry("desktop")
                .or_insert(Item::Table(Table::new()));
            let place = &mut table["on_close"];
            let mut value = Value::from(on_close.as_str());
            if let Some(old) = place.as_value() {
                *value.decor_mut() = old.decor().clone();
            }
            *place = Item::Value(value);
            Ok(())
        })
    }

    fn edit(
        &self,
        change: impl FnOnce(&mut DocumentMut) -> Result<(), String>,
    ) -> Result<Settings, SettingsError> {
        let before = match source::read_file(&self.path) {
            Err(SettingsError::Missing { .. }) => DEFAULT_TEXT.to_owned(),
            other => other?,
        };
        Settings::parse(&self.path, &before)?;
        let place = source::Source::new(&self.path, &before);
        let mut document = place.document()?.into_mut();
        change(&mut document).map_err(|problem| SettingsError::NoSuchPlace {
            file: self.path.clone(),
            problem,
        })?;
        let after = document.to_string();
        let settings = Settings::parse(&self.path, &after)?;
        if after != before || !self.path.exists() {
            self.write(&after)?;
        }
        Ok(settings)
    }

    /// Writes aside, makes it durable, renames. A link keeps pointing to the same file.
    fn write(&self, text: &str) -> Result<(), SettingsError> {
        let target = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let mut aside = target.clone().into_os_string();
        aside.push(format!(".{}.tmp", std::process::id()));
        let result = (|| {
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = fs::File::create(&aside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            if let Ok(old) = fs::metadata(&target) {
                fs::set_permissions(&aside, old.permissions())?;
            }
            fs::rename(&aside, &target)
        })();
        result.map_err(|e| {
            // What is left aside is of no use; that it may not go away is no second error.
            fs::remove_file(&aside).unwrap_or_default();
            SettingsError::Unwritable {
                file: self.path.clone(),
                reason: e.to_string(),
            }
        })
    }
}

/// The `codes` of the group with this name.
fn codes_of<'a>(document: &'a mut DocumentMut, group: &str) -> Option<&'a mut Array> {
    let named = |name: Option<&str>| name == Some(group);
    match document.get_mut("watchlist")? {
        Item::ArrayOfTables(tables) => tables
            .iter_mut()
            .find(|t| named(t.get("group").and_then(Item::as_str)))?
            .get_mut("codes")?
            .as_array_mut(),
        Item::Value(Value::Array(array)) => array
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .find(|t| named(t.get("group").and_then(Value::as_str)))?
            .get_mut("codes")?
            .as_array_mut(),
        _ => None,
    }
}

fn holds(codes: &Array, code: StockCode) -> bool {
    codes.iter().any(|v| v.as_str() == Some(code.as_str()))
}

/// Adds at the end, on a line of its own where the list is written that way. A comment behind
/// the stock before stays behind it.
fn push(codes: &mut Array, code: StockCode) {
    let end = take_end(codes);
    let indent = codes
        .iter()
        .last()
        .map(prefix)
        .and_then(|p| p.rsplit_once('\n').map(|(_, spaces)| spaces.to_owned()));
    match (indent, end.find('\n')) {
        (Some(indent), Some(cut)) => {
            let before = format!("{}\n{indent}", &end[..cut]);
            codes.push_formatted(Value::from(code.as_str()).decorated(before, ""));
            codes.set_trailing(&end[cut..]);
        }
        _ => {
            codes.push(code.as_str());
            codes.set_trailing(end);
        }
    }
}

/// Takes a stock out, with the comment behind it; every other comment stays.
fn remove(codes: &mut Array, code: StockCode) {
    let Some(index) = codes.iter().position(|v| v.as_str() == Some(code.as_str())) else {
        return;
    };
    let end = take_end(codes);
    let own = prefix(&codes.remove(index));
    // What stands before the stock's own line belongs to the stock before.
    let kept = own.rsplit_once('\n').map(|(before, _)| before);
    let joined = |after: &str| match (kept, after.find('\n')) {
        (Some(kept), Some(cut)) => format!("{kept}{}", &after[cut..]),
        (Some(kept), None) => format!("{kept}\n{after}"),
        (None, _) if index == 0 => own.clone(),
        (None, _) => after.to_owned(),
    };
    if let Some(next) = codes.get_mut(index) {
        let before = joined(&prefix(next));
        next.decor_mut().set_prefix(before);
        codes.set_trailing(end);
    } else {
        codes.set_trailing(joined(&end));
    }
}

/// What stands between the last stock and the bracket, taken away from there.
fn take_end(codes: &mut Array) -> String {
    let mut end = String::new();
    let last = codes.len().saturating_sub(1);
    if let Some(value) = codes.get_mut(last) {
        let suffix = value.decor().suffix().and_then(|s| s.as_str());
        end.push_str(suffix.unwrap_or_default());
        value.decor_mut().set_suffix("");
    }
    end.push_str(codes.trailing().as_str().unwrap_or_default());
    codes.set_trailing("");
    end
}

/// What stands before a stock, comments included.
fn prefix(value: &Value) -> String {
    let text = value.decor().prefix().and_then(|p| p.as_str());
    text.unwrap_or_default().to_owned()
}
