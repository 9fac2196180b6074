//! Single settings the user changes in the window, and writing them into the file.

use toml_edit::{Array, Item, Table, Value};

use super::choice::word;
use super::file::put;
use super::{DesktopSettings, OnClose, Settings, SettingsError, SettingsFile};

/// One change of a setting. The look has its own way: it is in force before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `[kis] requests_per_second`, in hundredths; `None`: the environment's own. From the next
    /// start on.
    RequestsPerSecond(Option<u32>),
    /// `[kis] new_customer`. From the next start on.
    NewCustomer(bool),
    /// `[kis] realtime_registrations`. From the next start on.
    Registrations(usize),
    /// `[averages] periods`, shortest first. At once; a rule of alignment without periods of its
    /// own is another rule afterwards.
    Averages(Vec<u16>),
    /// `[market_view] fill`. At once.
    MarketFill(bool),
    /// `[desktop]`. At once.
    Desktop(DesktopSettings),
    /// `[desktop] on_close`, the answer to its question. At once.
    OnClose(OnClose),
}

impl Settings {
    /// The settings after the change.
    pub fn change(&mut self, change: &Change) {
        match change {
            Change::RequestsPerSecond(rate) => {
                self.kis.requests_per_second = rate.map(|n| f64::from(n) / 100.0);
            }
            Change::NewCustomer(new) => self.kis.new_customer = *new,
            Change::Registrations(count) => self.kis.realtime_registrations = *count,
            Change::Averages(periods) => self.averages.clone_from(periods),
            Change::MarketFill(fill) => self.market_view.fill = *fill,
            Change::Desktop(desktop) => self.desktop = *desktop,
            Change::OnClose(on_close) => self.desktop.on_close = *on_close,
        }
    }
}

impl SettingsFile {
    /// Writes a change; comments, order and everything else stay as written.
    ///
    /// # Errors
    /// The file is broken, would be wrong afterwards, or cannot be written; it is then unchanged.
    pub fn change(&self, change: &Change) -> Result<Settings, SettingsError> {
        let whole = |n: usize| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
        let (section, values): (&str, Vec<(&str, Option<Value>)>) = match change {
            Change::RequestsPerSecond(rate) => {
                let value = rate.map(|n| Value::from(f64::from(n) / 100.0));
                ("kis", vec![("requests_per_second", value)])
            }
            Change::NewCustomer(new) => ("kis", vec![("new_customer", Some((*new).into()))]),
            Change::Registrations(count) => {
                ("kis", vec![("realtime_registrations", Some(whole(*count)))])
            }
            Change::Averages(periods) => {
                let list: Array = periods.iter().map(|&n| i64::from(n)).collect();
                ("averages", vec![("periods", Some(Value::Array(list)))])
            }
            Change::MarketFill(fill) => ("market_view", vec![("fill", Some((*fill).into()))]),
            Change::OnClose(on_close) => {
                let value = Value::from(word(*on_close));
                ("desktop", vec![("on_close", Some(value))])
            }
            Change::Desktop(desktop) => (
                "desktop",
                vec![
                    ("autostart", Some(desktop.autostart.into())),
                    ("on_close", Some(word(desktop.on_close).into())),
                    ("keep_awake", Some(desktop.keep_awake.into())),
                ],
            ),
        };
        self.edit(|document| {
            let table = document.entry(section).or_insert(Item::Table(Table::new()));
            for (key, value) in values {
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
}

/// The periods a text names, shortest first; `None` unless it names 2 to 8 different numbers
/// from 1 to 999, between blanks, commas or middle dots.
pub fn periods_in(text: &str) -> Option<Vec<u16>> {
    let words = text.split(|c: char| c.is_whitespace() || ",·/".contains(c));
    let read = words.filter(|word| !word.is_empty()).map(str::parse::<u16>);
    let mut periods = read.collect::<Result<Vec<_>, _>>().ok()?;
    periods.sort_unstable();
    let apart = periods.windows(2).all(|pair| pair[0] != pair[1]);
    let known = periods.iter().all(|n| (1..=999).contains(n));
    (apart && known && (2..=8).contains(&periods.len())).then_some(periods)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_as_one_types_them() {
        assert_eq!(periods_in("20, 60,120 240"), Some(vec![20, 60, 120, 240]));
        assert_eq!(periods_in("60·5"), Some(vec![5, 60]));
        for bad in [
            "",
            "20",
            "20 20",
            "0 5",
            "5 1000",
            "5, x",
            "1 2 3 4 5 6 7 8 9",
        ] {
            assert_eq!(periods_in(bad), None, "{bad}");
        }
    }
}
