//! Changing the file from the program: comments, order and everything else stay as written.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::choice::{self, Environment};
use crate::domain::{StockCode, Timeframe};
use crate::lang::Said;

use super::{DEFAULT_TEXT, ReachSettings, ScreenSettings, Settings, SettingsError, source};

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
            add_group(document, group, Array::from_iter([code.as_str()]));
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
            let codes = codes_of(document, group).ok_or_else(|| no_group(group))?;
            if !holds(codes, code) {
                return Err(no_stock(group, code));
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
            let value = Value::from(environment.as_str());
            put(&mut document["kis"]["environment"], value);
            Ok(())
        })
    }

    /// Puts a stock of a group at another place; `to` is its index afterwards. The comment
    /// behind a stock goes with it.
    ///
    /// # Errors
    /// The group or the stock is not there, the file is broken or cannot be written; it is then
    /// unchanged.
    pub fn move_code(
        &self,
        group: &str,
        code: StockCode,
        to: usize,
    ) -> Result<Settings, SettingsError> {
        self.edit(|document| {
            let codes = codes_of(document, group).ok_or_else(|| no_group(group))?;
            let from = codes
                .iter()
                .position(|v| v.as_str() == Some(code.as_str()))
                .ok_or_else(|| no_stock(group, code))?;
            move_to(codes, from, to);
            Ok(())
        })
    }

    /// Sets how the screen looks. `columns` stay as the file has them.
    ///
    /// # Errors
    /// The file is broken or cannot be written; it is then unchanged.
    pub fn set_screen(&self, screen: &ScreenSettings) -> Result<Settings, SettingsError> {
        self.edit(|document| {
            let columns = screen.columns.iter().map(Timeframe::to_string).collect();
            let values = [
                ("theme", Value::from(choice::word(screen.theme))),
                ("columns", Value::Array(columns)),
                ("colors", Value::from(choice::word(screen.colors))),
                ("language", Value::from(choice::word(screen.language))),
                ("reduced_motion", Value::from(screen.reduced_motion)),
                ("font_size", Value::from(i64::from(screen.font_size))),
            ];
            let table = document
                .entry("screen")
                .or_insert(Item::Table(Table::new()));
            for (key, value) in values {
                put(&mut table[key], value);
            }
            if !screen.average_colors.is_empty() {
                let mut colors = InlineTable::new();
                for (period, [red, green, blue]) in &screen.average_colors {
                    let color = format!("#{red:02X}{green:02X}{blue:02X}");
                    colors.insert(period.to_string(), color.into());
                }
                put(&mut table["average_colors"], Value::InlineTable(colors));
            } else if let Some(table) = table.as_table_like_mut() {
                table.remove("average_colors");
            }
            Ok(())
        })
    }

    /// Sets how the user is called. A replaced Telegram address stays as the file has it.
    ///
    /// # Errors
    /// The file is broken or cannot be written; it is then unchanged.
    pub fn set_reach(&self, reach: &ReachSettings) -> Result<Settings, SettingsError> {
        self.edit(|document| {
            let table = document.entry("reach").or_insert(Item::Table(Table::new()));
            for (key, value) in reach.values() {
                match value {
                    Some(value) => put(&mut table[key], value),
                    None => {
                        if let Some(table) = table.as_table_like_mut() {
                            table.remove(key);
                        }
                    }
                }
            }
            Ok(())
        })
    }

    pub(super) fn edit(
        &self,
        change: impl FnOnce(&mut DocumentMut) -> Result<(), Said>,
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
                reason: e.to_string().into(),
            }
        })
    }
}

pub(super) fn no_group(group: &str) -> Said {
    said!("관심 종목에 ‘%{group}’ 그룹이 없습니다", group = group)
}

fn no_stock(group: &str, code: StockCode) -> Said {
    said!(
        "‘%{group}’ 그룹에 %{code} 종목이 없습니다",
        group = group,
        code = code.as_str()
    )
}

/// Sets a value; the comment behind the old one stays, and so do those within a list.
pub(super) fn put(place: &mut Item, mut value: Value) {
    if let Some(old) = place.as_value() {
        *value.decor_mut() = old.decor().clone();
        if let (Some(old), Some(new)) = (old.as_array(), value.as_array_mut()) {
            keep_comments(old, new);
        }
    }
    *place = Item::Value(value);
}

/// Puts the comments within a list at the end of the one that takes its place.
fn keep_comments(old: &Array, new: &mut Array) {
    let decor = |value: &Value| {
        let suffix = value.decor().suffix().and_then(|s| s.as_str());
        format!("{}{}", prefix(value), suffix.unwrap_or_default())
    };
    let mut between: Vec<String> = old.iter().map(decor).collect();
    between.push(old.trailing().as_str().unwrap_or_default().to_owned());
    let lines = between.iter().flat_map(|text| text.lines());
    let comments: Vec<&str> = lines
        .map(str::trim)
        .filter(|l| l.starts_with('#'))
        .collect();
    if !comments.is_empty() {
        new.set_trailing(format!("\n{}\n", comments.join("\n")));
    }
}

/// Makes a group, the last one.
pub(super) fn add_group(document: &mut DocumentMut, name: &str, codes: Array) {
    let mut table = Table::new();
    table["group"] = toml_edit::value(name);
    table["codes"] = toml_edit::value(codes);
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
}

/// The `codes` of the group with this name.
pub(super) fn codes_of<'a>(document: &'a mut DocumentMut, group: &str) -> Option<&'a mut Array> {
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

/// Moves the stock at `from` so that it stands at `to`. What stands behind a stock on its line
/// goes with it, and so do comments on lines of their own above it.
fn move_to(codes: &mut Array, from: usize, to: usize) {
    let to = to.min(codes.len().saturating_sub(1));
    put_comments_behind_commas(codes);
    let end = take_end(codes);
    // What stands before a stock: the end of the line before, and its own lines.
    let cut = |text: &str| {
        let at = text.find('\n').unwrap_or(0);
        (text[..at].to_owned(), text[at..].to_owned())
    };
    let (last_behind, rest) = match end.find('\n') {
        Some(at) => (end[..at].to_owned(), end[at..].to_owned()),
        None => (String::new(), end),
    };
    let mut leads: Vec<String> = Vec::new();
    let mut behinds: Vec<String> = Vec::new();
    let mut opening = String::new();
    for (i, value) in codes.iter().enumerate() {
        let (before, own) = cut(&prefix(value));
        match i {
            0 => opening = before,
            _ => behinds.push(before),
        }
        leads.push(own);
    }
    behinds.push(last_behind);
    // Without line ends the spaces belong to the places, not to the stocks.
    let in_lines = leads.iter().any(|lead| lead.contains('\n'));
    if !in_lines {
        let spaces: Vec<String> = codes.iter().map(prefix).collect();
        let value = codes.remove(from);
        codes.insert_formatted(to, value);
        for (value, space) in codes.iter_mut().zip(spaces) {
            value.decor_mut().set_prefix(space);
        }
        codes.set_trailing(format!("{}{rest}", behinds.pop().unwrap_or_default()));
        return;
    }
    let (lead, behind) = (leads.remove(from), behinds.remove(from));
    leads.insert(to, lead);
    behinds.insert(to, behind);
    let value = codes.remove(from);
    codes.insert_formatted(to, value);
    // A comment ends with its line, or it would swallow the stock that comes after it now.
    let joined = |before: &str, after: &str| {
        let open = before.contains('#') && !after.starts_with('\n');
        format!("{before}{}{after}", if open { "\n" } else { "" })
    };
    let mut before = opening;
    for ((value, lead), behind) in codes.iter_mut().zip(leads).zip(behinds) {
        value.decor_mut().set_prefix(joined(&before, &lead));
        before = behind;
    }
    codes.set_trailing(joined(&before, &rest));
}

/// Takes a stock out, with the comment behind it; every other comment stays.
fn remove(codes: &mut Array, code: StockCode) {
    let Some(index) = codes.iter().position(|v| v.as_str() == Some(code.as_str())) else {
        return;
    };
    put_comments_behind_commas(codes);
    let end = take_end(codes);
    let own = prefix(&codes.remove(index));
    // What stands before the stock's own line belongs to the stock before.
    let kept = own.rsplit_once('\n').map(|(before, _)| before);
    let joined = |after: &str| match (kept, after.find('\n')) {
        (Some(kept), Some(cut)) => format!("{kept}{}", &after[cut..]),
        (Some(kept), None) => format!("{kept}\n{after}"),
        // The first stock goes with the end of its line; comments on later lines stay.
        (None, Some(cut)) if index == 0 && after[cut..].contains('#') => {
            format!("{own}{}", &after[cut..])
        }
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

/// A comment between a stock and its comma would be lost with either; behind the comma it is
/// where every other one is.
fn put_comments_behind_commas(codes: &mut Array) {
    for index in 1..codes.len() {
        let Some(value) = codes.get_mut(index - 1) else {
            return;
        };
        let suffix = value.decor().suffix().and_then(|s| s.as_str());
        let Some(suffix) = suffix.filter(|s| s.contains('#')).map(str::to_owned) else {
            continue;
        };
        value.decor_mut().set_suffix("");
        if let Some(next) = codes.get_mut(index) {
            let before = format!("{suffix}{}", prefix(next));
            next.decor_mut().set_prefix(before);
        }
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
