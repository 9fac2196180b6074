//! Where the windows stood and what was chosen in them, to be kept between runs. Only a value:
//! the background reads and writes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{StockCode, Timeframe};

/// Stocks whose window's place is remembered; the oldest are forgotten first.
pub const REMEMBERED: usize = 64;

/// The windows. What a file does not say, or says in a way that cannot be read, is as at the
/// first start; everything else holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Layout {
    /// The home window.
    pub home: Option<Place>,
    /// The stock windows by code, also of those closed since.
    pub stocks: BTreeMap<String, Place>,
    /// The timeframes chosen in them, by code, as the configuration file spells them.
    pub timeframes: BTreeMap<String, String>,
    /// The window of the rules.
    pub rules: Option<Place>,
    /// Left and top edge of the settings panel inside the home window, points.
    pub settings_at: Option<(f32, f32)>,
    /// Widths of the panels at the sides, points.
    pub widths: BTreeMap<String, f32>,
    /// What was chosen.
    pub chosen: Chosen,
}

/// What was chosen in the windows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// The watchlist group, by name.
    pub group: Option<String>,
    /// What stands in place of the group's table.
    pub view: View,
    /// The signals beside the watchlist are put away.
    pub signals_hidden: bool,
    /// The rule in the editor, by name.
    pub rule: Option<String>,
    /// The section of the settings.
    pub section: Section,
}

/// What stands in the middle of the home window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The table of a group.
    #[default]
    Table,
    /// Its alignments at a glance.
    Matrix,
    /// The whole market.
    Market,
}

/// A section of the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// Keys of the broker.
    Keys,
    /// Requests.
    Limits,
    /// Timeframes and averages.
    Averages,
    /// Language, colours, sizes.
    #[default]
    Look,
    /// Ways to call the user.
    Reach,
    /// The desktop.
    System,
    /// Version and licences.
    About,
}

/// Where a window stands, in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Left and top edge of its frame; `None` where the desktop does not tell (Wayland).
    pub at: Option<(f32, f32)>,
    /// Width and height of what is inside its frame.
    pub size: (f32, f32),
    /// Whether it fills the monitor.
    pub maximized: bool,
}

impl Place {
    /// Where the window of this `ui` stands now; `None` while the desktop does not tell its
    /// size or it is minimised.
    pub(crate) fn now(ctx: &egui::Context) -> Option<Self> {
        // In points of the desktop, so that the zoom does not move or grow a window.
        let zoom = ctx.zoom_factor();
        ctx.input(|i| {
            let window = i.viewport();
            if window.minimized == Some(true) {
                return None;
            }
            let size = window.inner_rect?.size() * zoom;
            let place = Self {
                at: window
                    .outer_rect
                    .map(|rect| (rect.left() * zoom, rect.top() * zoom)),
                size: (size.x, size.y),
                maximized: window.maximized == Some(true),
            };
            place.is_sane().then_some(place)
        })
    }

    /// Whether a window can be put there: numbers a monitor can have.
    pub fn is_sane(&self) -> bool {
        let in_range = |v: f32, low: f32| v.is_finite() && low <= v && v <= 32_000.0;
        let at = self
            .at
            .is_none_or(|(x, y)| in_range(x, -32_000.0) && in_range(y, -32_000.0));
        at && in_range(self.size.0, 160.0) && in_range(self.size.1, 120.0)
    }

    /// The place after the one before: a maximised window comes back to the size it had.
    pub(crate) fn after(self, before: Option<Self>) -> Self {
        match before {
            Some(before) if self.maximized => Self {
                maximized: true,
                ..before
            },
            _ => self,
        }
    }

    /// Whether a hand could take hold of the window's top edge on one of these monitors, given
    /// as left, top, right, bottom. Without monitors nobody knows, so no.
    pub fn is_reachable(&self, monitors: &[[f32; 4]]) -> bool {
        let Some((x, y)) = self.at else { return false };
        monitors.iter().any(|[left, top, right, bottom]| {
            x + 80.0 < *right
                && *left < x + self.size.0 - 80.0
                && *top - 8.0 <= y
                && y + 40.0 < *bottom
        })
    }
}

impl Layout {
    /// The timeframe last chosen in a stock's window.
    pub fn timeframe(&self, code: StockCode) -> Option<Timeframe> {
        self.timeframes.get(code.as_str())?.parse().ok()
    }

    pub(crate) fn choose_timeframe(&mut self, code: StockCode, timeframe: Timeframe) {
        let text = timeframe.to_string();
        self.timeframes.insert(code.to_string(), text);
    }

    /// Reads a layout part by part; answers also which parts could not be read.
    pub fn read(value: &serde_json::Value) -> (Self, Vec<&'static str>) {
        let mut unread = vec![];
        let layout = Self {
            home: part(value, "home", &mut unread),
            stocks: part(value, "stocks", &mut unread),
            timeframes: part(value, "timeframes", &mut unread),
            rules: part(value, "rules", &mut unread),
            settings_at: part(value, "settings_at", &mut unread),
            widths: part(value, "widths", &mut unread),
            chosen: part(value, "chosen", &mut unread),
        };
        if !value.is_object() {
            unread.push("layout");
        }
        (layout.checked(), unread)
    }

    /// Leaves out what no window could have.
    #[must_use]
    pub fn checked(mut self) -> Self {
        self.home = self.home.filter(Place::is_sane);
        self.stocks.retain(|_, place| place.is_sane());
        while REMEMBERED < self.stocks.len() {
            self.stocks.pop_first();
        }
        let known = |text: &mut String| text.parse::<Timeframe>().is_ok();
        self.timeframes.retain(|_, text| known(text));
        while REMEMBERED < self.timeframes.len() {
            self.timeframes.pop_first();
        }
        self.rules = self.rules.filter(Place::is_sane);
        self.settings_at = self.settings_at.filter(|(x, y)| {
            [x, y]
                .into_iter()
                .all(|v| (-32_000.0..=32_000.0).contains(v))
        });
        self.widths.retain(|_, w| (1.0..=32_000.0).contains(w));
        while REMEMBERED < self.widths.len() {
            self.widths.pop_first();
        }
        self
    }
}

fn part<T: Default + serde::de::DeserializeOwned>(
    value: &serde_json::Value,
    name: &'static str,
    unread: &mut Vec<&'static str>,
) -> T {
    match value.get(name) {
        None => T::default(),
        Some(part) => T::deserialize(part).unwrap_or_else(|_unreadable| {
            unread.push(name);
            T::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(x: f32, y: f32) -> Place {
        Place {
            at: Some((x, y)),
            size: (800.0, 600.0),
            maximized: false,
        }
    }

    #[test]
    fn a_window_is_put_back_only_where_it_can_be_reached() {
        let two = [[0.0, 0.0, 1920.0, 1080.0], [1920.0, 0.0, 3840.0, 1080.0]];
        assert!(place(2_000.0, 50.0).is_reachable(&two));
        assert!(!place(2_000.0, 50.0).is_reachable(&two[..1]), "unplugged");
        assert!(place(-300.0, 0.0).is_reachable(&two));
        assert!(!place(-790.0, 0.0).is_reachable(&two));
        assert!(!place(0.0, 1_070.0).is_reachable(&two));
        assert!(!place(0.0, 0.0).is_reachable(&[]));
    }

    #[test]
    fn what_no_window_could_have_is_left_out() {
        let mut layout = Layout {
            home: Some(place(f32::NAN, 0.0)),
            ..Layout::default()
        };
        for i in 0..100 {
            layout
                .stocks
                .insert(format!("{i:06}"), place(i as f32, 0.0));
        }
        let tiny = Place {
            size: (1.0, 1.0),
            ..place(0.0, 0.0)
        };
        layout.stocks.insert("999999".into(), tiny);
        layout.timeframes.insert("000660".into(), "7m".into());
        layout.timeframes.insert("005930".into(), "W".into());
        let checked = layout.checked();
        assert_eq!(checked.home, None);
        assert_eq!(checked.stocks.len(), REMEMBERED);
        assert!(!checked.stocks.contains_key("999999"));
        let frame = |code| checked.timeframe(StockCode::parse(code).unwrap());
        assert_eq!(frame("000660"), None);
        assert_eq!(frame("005930"), Some(Timeframe::Week));
    }
}
