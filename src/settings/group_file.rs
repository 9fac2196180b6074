//! Changing the groups of the watchlist, and writing them into the file.

use toml_edit::{Array, DocumentMut, Item, TableLike, Value};

use super::file::{add_group, codes_of, no_group, put};
use super::{Settings, SettingsError, SettingsFile};
use crate::domain::StockCode;

/// One change of the watchlist's groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupChange {
    /// Make an empty group of this name, the last one.
    Add(String),
    /// Give a group another name; rules that name it follow.
    Rename {
        /// Its name until now.
        was: String,
        /// Its name from now on.
        name: String,
    },
    /// Take out a group with its stocks.
    Remove(String),
    /// Take a stock out of one group.
    Leave {
        /// The group.
        group: String,
        /// The stock.
        code: StockCode,
    },
}

impl SettingsFile {
    /// Writes a change; comments, order and everything else stay as written.
    ///
    /// # Errors
    /// The group or the stock is not there, a rule names the group to be taken out, another group
    /// has the name, the file is broken or cannot be written; it is then unchanged.
    pub fn change_group(&self, change: &GroupChange) -> Result<Settings, SettingsError> {
        if let GroupChange::Leave { group, code } = change {
            return self.remove_code(group, *code);
        }
        self.edit(|document| {
            match change {
                GroupChange::Add(name) => {
                    if codes_of(document, name).is_none() {
                        add_group(document, name, Array::new());
                    }
                }
                GroupChange::Rename { was, name } => {
                    let group = tables(document, "watchlist")
                        .into_iter()
                        .find(|table| is_group(*table, was))
                        .ok_or_else(|| no_group(was))?;
                    if let Some(place) = group.get_mut("group") {
                        put(place, Value::from(name.as_str()));
                    }
                    for rule in tables(document, "rule") {
                        let groups = rule.get_mut("groups").and_then(Item::as_array_mut);
                        let named = groups.into_iter().flat_map(|groups| groups.iter_mut());
                        for value in named.filter(|v| v.as_str() == Some(was.as_str())) {
                            let decor = value.decor().clone();
                            *value = Value::from(name.as_str());
                            *value.decor_mut() = decor;
                        }
                    }
                }
                GroupChange::Remove(name) => {
                    if !take_out(document, name) {
                        return Err(no_group(name));
                    }
                }
                GroupChange::Leave { .. } => {}
            }
            Ok(())
        })
    }
}

fn is_group(table: &dyn TableLike, name: &str) -> bool {
    table.get("group").and_then(Item::as_str) == Some(name)
}

/// Every table of a list, written as `[[…]]` or in one line.
fn tables<'a>(document: &'a mut DocumentMut, list: &str) -> Vec<&'a mut dyn TableLike> {
    match document.get_mut(list) {
        Some(Item::ArrayOfTables(tables)) => tables
            .iter_mut()
            .map(|table| table as &mut dyn TableLike)
            .collect(),
        Some(Item::Value(Value::Array(array))) => array
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .map(|table| table as &mut dyn TableLike)
            .collect(),
        _ => vec![],
    }
}

/// Whether there was such a group.
fn take_out(document: &mut DocumentMut, name: &str) -> bool {
    match document.get_mut("watchlist") {
        Some(Item::ArrayOfTables(tables)) => {
            let at = tables.iter().position(|table| is_group(table, name));
            if let Some(at) = at {
                tables.remove(at);
            }
            at.is_some()
        }
        Some(Item::Value(Value::Array(array))) => {
            let is_it = |value: &Value| value.as_inline_table().is_some_and(|t| is_group(t, name));
            let at = array.iter().position(is_it);
            if let Some(at) = at {
                array.remove(at);
            }
            at.is_some()
        }
        _ => false,
    }
}
