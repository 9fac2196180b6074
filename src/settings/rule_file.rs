//! Changing the rules of the file: what a rule does not change stays as written.

use toml_edit::{
    Array, ArrayOfTables, Datetime, DocumentMut, InlineTable, Item, Table, TableLike, Value,
};

use super::choice::word;
use super::file::put;
use super::{Repeat, RuleSetting, RuleStage, Settings, SettingsError, SettingsFile};
use crate::lang::Said;

/// A rule that was taken out of the file, as it was written, with its comments.
#[derive(Clone, Debug)]
pub struct RemovedRule {
    /// Which rule it was, from 0.
    at: usize,
    /// The table, written as `[[rule]]` or in one line.
    table: Written,
}

#[derive(Clone, Debug)]
enum Written {
    Table(Table),
    Inline(InlineTable),
}

impl SettingsFile {
    /// Writes a rule: in the place of the one named `was`, or as a new one, which stands last or
    /// where `removed` stood. Keys whose value does not change stay as written, with every
    /// comment.
    ///
    /// # Errors
    /// There is no rule `was`, the file would be wrong (another rule has the name), is broken or
    /// cannot be written; it is then unchanged.
    pub fn put_rule(
        &self,
        was: Option<&str>,
        rule: &RuleSetting,
        removed: Option<&RemovedRule>,
    ) -> Result<Settings, SettingsError> {
        self.edit(|document| {
            let Some(was) = was else {
                add(document, rule, removed);
                return Ok(());
            };
            let table = find(document, was).ok_or_else(|| no_rule(was))?;
            write(table, rule);
            Ok(())
        })
    }

    /// Takes a rule out of the file; the answer puts it back as it was written.
    ///
    /// # Errors
    /// There is no rule of that name, the file is broken or cannot be written; it is then
    /// unchanged.
    pub fn remove_rule(&self, name: &str) -> Result<RemovedRule, SettingsError> {
        let mut removed = None;
        self.edit(|document| {
            removed = take_out(document, name);
            match &removed {
                Some(_) => Ok(()),
                None => Err(no_rule(name)),
            }
        })?;
        removed.ok_or_else(|| SettingsError::NoSuchPlace {
            file: self.path().to_owned(),
            problem: no_rule(name),
        })
    }
}

fn no_rule(name: &str) -> Said {
    said!("‘%{name}’ 조건이 없습니다", name = name)
}

fn is_named(table: &dyn TableLike, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}

fn find<'a>(document: &'a mut DocumentMut, name: &str) -> Option<&'a mut dyn TableLike> {
    match document.get_mut("rule")? {
        Item::ArrayOfTables(tables) => tables
            .iter_mut()
            .find(|table| is_named(*table, name))
            .map(|table| table as &mut dyn TableLike),
        Item::Value(Value::Array(array)) => array
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .find(|table| is_named(*table, name))
            .map(|table| table as &mut dyn TableLike),
        _ => None,
    }
}

fn add(document: &mut DocumentMut, rule: &RuleSetting, removed: Option<&RemovedRule>) {
    let at = removed.map(|removed| removed.at);
    let written = removed.map(|removed| removed.table.clone());
    let ends_in_rules = document
        .to_string()
        .lines()
        .rfind(|line| line.starts_with('['))
        .is_some_and(|line| line.starts_with("[[rule]]"));
    let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
    let entry = document
        .entry("rule")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    if let Some(array) = entry.as_array_mut() {
        let mut table = match written {
            Some(Written::Inline(table)) => table,
            Some(Written::Table(table)) => table.into_inline_table(),
            None => InlineTable::new(),
        };
        write(&mut table, rule);
        let at = at.unwrap_or(usize::MAX).min(array.len());
        array.insert(at, table);
        return;
    }
    let Some(tables) = entry.as_array_of_tables_mut() else {
        return;
    };
    let mut table = match written {
        Some(Written::Table(mut table)) => {
            table.set_position(None);
            table
        }
        Some(Written::Inline(table)) => table.into_table(),
        None => {
            let mut table = Table::new();
            table.decor_mut().set_prefix("\n");
            table
        }
    };
    write(&mut table, rule);
    let at = at.unwrap_or(usize::MAX).min(tables.len());
    let last = at == tables.len();
    if last && removed.is_none() && ends_in_rules && !trailing.trim().is_empty() {
        // What stands below the last rule belongs to that one.
        table.decor_mut().set_prefix(format!("{trailing}\n"));
        tables.insert(at, table);
        document.set_trailing("");
        return;
    }
    tables.insert(at, table);
}

fn take_out(document: &mut DocumentMut, name: &str) -> Option<RemovedRule> {
    match document.get_mut("rule")? {
        Item::ArrayOfTables(tables) => {
            let at = tables.iter().position(|table| is_named(table, name))?;
            let table = Written::Table(tables.remove(at));
            if tables.is_empty() {
                document.remove("rule");
            }
            Some(RemovedRule { at, table })
        }
        Item::Value(Value::Array(array)) => {
            let is_it = |value: &Value| value.as_inline_table().is_some_and(|t| is_named(t, name));
            let at = array.iter().position(is_it)?;
            match array.remove(at) {
                Value::InlineTable(table) => Some(RemovedRule {
                    at,
                    table: Written::Inline(table),
                }),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Sets every key of a rule. What has its default is only written where it stands already.
fn write(table: &mut dyn TableLike, rule: &RuleSetting) {
    let texts = |items: Vec<String>| Value::Array(Array::from_iter(items));
    let codes = rule.codes.as_ref();
    let codes = codes.map(|codes| texts(codes.iter().map(ToString::to_string).collect()));
    let periods = rule.periods.as_ref();
    let periods = periods.map(|p| Value::Array(p.iter().map(|&n| i64::from(n)).collect()));
    set(table, "name", Some(Value::from(rule.name.as_str())));
    usual(table, "enabled", rule.enabled.into(), rule.enabled);
    set(table, "codes", codes);
    set(table, "groups", rule.groups.clone().map(texts));
    set(table, "timeframe", Some(rule.timeframe.to_string().into()));
    set(table, "when", Some(rule.when.as_str().into()));
    let is_usual = rule.stage == RuleStage::Close;
    usual(table, "stage", word(rule.stage).into(), is_usual);
    let is_usual = rule.repeat == Repeat::OncePerBar;
    usual(table, "repeat", word(rule.repeat).into(), is_usual);
    set(table, "periods", periods);
    let written = table.get("hours").and_then(Item::as_str);
    if written.and_then(|text| text.parse().ok()) != rule.hours {
        set(
            table,
            "hours",
            rule.hours.map(|hours| hours.to_string().into()),
        );
    }
    // As it stands there, in quotes or as a date of its own.
    let date = table
        .get("expires")
        .is_some_and(|item| item.as_datetime().is_some());
    let expires = rule
        .expires
        .map(|day| match day.to_string().parse::<Datetime>() {
            Ok(day) if date => Value::from(day),
            _ => Value::from(day.to_string()),
        });
    set(table, "expires", expires);
    let manners = rule.manners;
    for (key, may) in [
        ("sound", manners.sound),
        ("notification", manners.notification),
        ("message", manners.message),
        ("takeover", manners.takeover),
    ] {
        usual(table, key, may.into(), may);
    }
}

/// Sets a key that may be left out where it says what it would say anyway.
fn usual(table: &mut dyn TableLike, key: &str, value: Value, is_usual: bool) {
    if !is_usual || table.contains_key(key) {
        set(table, key, Some(value));
    }
}

fn set(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    let Some(value) = value else {
        table.remove(key);
        return;
    };
    let item = table.entry(key).or_insert(Item::None);
    if !item
        .as_value()
        .is_some_and(|old| says_the_same(old, &value))
    {
        put(item, value);
    }
}

fn says_the_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.value() == b.value(),
        (Value::Integer(a), Value::Integer(b)) => a.value() == b.value(),
        (Value::Boolean(a), Value::Boolean(b)) => a.value() == b.value(),
        (Value::Datetime(a), Value::Datetime(b)) => a.value() == b.value(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| says_the_same(a, b))
        }
        _ => false,
    }
}
