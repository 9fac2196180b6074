//! The configuration file: the only home of watchlists and rules. Never of keys.
//!
//! A broken file is an error of one line that names the file, the line, the key and what is
//! allowed. Nothing is guessed and no value is silently replaced.

mod change;
mod choice;
mod error;
mod file;
mod group_file;
pub mod kis_yaml;
mod reach;
mod read;
mod rule_file;
mod rule_text;
mod section;
mod source;
mod spoken;

use std::path::Path;

use crate::domain::{ClosingAuction, Day, Market, StockCode, Timeframe};

pub use crate::conditions::{Manners, Repeat, RuleHours, RuleStage};
pub use change::{Change, periods_in};
pub use choice::{Environment, LanguageChoice, OnClose, PriceColors, Theme};
pub use error::SettingsError;
pub use file::SettingsFile;
pub use group_file::GroupChange;
pub use reach::{ReachSecret, ReachSettings};
pub use rule_file::RemovedRule;
pub use rule_text::wrong_rule;
pub use spoken::language_in;

/// The text of the bundled default file: every key with its default and one line about it.
pub const DEFAULT_TEXT: &str = include_str!("../../config/default.toml");

/// The text of the demo's configuration.
pub const DEMO_TEXT: &str = include_str!("../../config/demo.toml");

/// Everything the configuration file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The broker.
    pub kis: KisSettings,
    /// What belongs to a bar.
    pub candles: CandleSettings,
    /// `[averages]`: 2 to 8 distinct periods of 1 to 999 bars, shortest first.
    pub averages: Vec<u16>,
    /// The watchlist, in the file's order. Names are unique, codes unique inside a group.
    pub groups: Vec<Group>,
    /// The buying conditions, in the file's order. Names are unique.
    pub rules: Vec<RuleSetting>,
    /// The screen.
    pub screen: ScreenSettings,
    /// The view of the whole market.
    pub market_view: MarketViewSettings,
    /// Manners on the desktop.
    pub desktop: DesktopSettings,
    /// How the user is called.
    pub reach: ReachSettings,
}

impl Default for Settings {
    /// Every key at its default, without a watchlist and without rules.
    fn default() -> Self {
        Self {
            kis: KisSettings::default(),
            candles: CandleSettings::default(),
            averages: vec![20, 60, 120, 240],
            groups: Vec::new(),
            rules: Vec::new(),
            screen: ScreenSettings::default(),
            market_view: MarketViewSettings::default(),
            desktop: DesktopSettings::default(),
            reach: ReachSettings::default(),
        }
    }
}

/// `[kis]`.
#[derive(Clone, Debug, PartialEq)]
pub struct KisSettings {
    /// Which host quotes come from.
    pub environment: Environment,
    /// Which venue's prices.
    pub market: Market,
    /// Replaces the environment's REST address; without a slash at its end.
    pub rest_url: Option<String>,
    /// Replaces the environment's websocket address; without a slash at its end.
    pub ws_url: Option<String>,
    /// Folder of the stock name files; `rest_url` + `/common/master` where only that is given.
    pub master_url: Option<String>,
    /// Replaces the environment's limit of requests a second.
    pub requests_per_second: Option<f64>,
    /// The customer is in the first days after subscribing, when the broker permits less.
    pub new_customer: bool,
    /// Registrations one socket may hold.
    pub realtime_registrations: usize,
    /// How long answers hold.
    pub cache: CacheSettings,
}

/// `[kis.cache]`: for how many seconds an answer is given again without a request; 0: never.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheSettings {
    /// The price of a stock.
    pub price_secs: f64,
    /// The order book.
    pub book_secs: f64,
    /// The last executions.
    pub executions_secs: f64,
    /// Pages of rows that can no longer change.
    pub candles_secs: f64,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            price_secs: 2.0,
            book_secs: 1.0,
            executions_secs: 3.0,
            candles_secs: 60.0,
        }
    }
}

impl Default for KisSettings {
    fn default() -> Self {
        Self {
            environment: Environment::Real,
            market: Market::Krx,
            rest_url: None,
            ws_url: None,
            master_url: None,
            requests_per_second: None,
            new_customer: false,
            cache: CacheSettings::default(),
            realtime_registrations: 41,
        }
    }
}

/// `[candles]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CandleSettings {
    /// Whether trades outside the session stay out of bars and rules.
    pub regular_session_only: bool,
    /// Where the closing auction's minute belongs.
    pub closing_auction: ClosingAuction,
}

impl Default for CandleSettings {
    fn default() -> Self {
        Self {
            regular_session_only: true,
            closing_auction: ClosingAuction::Fold,
        }
    }
}

/// One `[[watchlist]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its stocks, in the file's order.
    pub codes: Vec<StockCode>,
}

/// One `[[rule]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetting {
    /// Its name.
    pub name: String,
    /// Whether it is judged at all.
    pub enabled: bool,
    /// Only these stocks.
    pub codes: Option<Vec<StockCode>>,
    /// Only the stocks of these groups. Never given together with `codes`.
    pub groups: Option<Vec<String>>,
    /// The bars it is judged on.
    pub timeframe: Timeframe,
    /// The rule text, checked.
    pub when: String,
    /// The line of the file on which the text stands, from 1.
    pub when_at: usize,
    /// Whether the bar being built may ring.
    pub stage: RuleStage,
    /// How often it may ring.
    pub repeat: Repeat,
    /// Periods of its alignment where they are not those of `[averages]`; shortest first.
    pub periods: Option<Vec<u16>>,
    /// It rings only on bars that close in these hours.
    pub hours: Option<RuleHours>,
    /// The last day on which it rings.
    pub expires: Option<Day>,
    /// How it may call the user.
    pub manners: Manners,
}

/// `[screen]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenSettings {
    /// Timeframes whose alignment the watchlist shows, in this order.
    pub columns: Vec<Timeframe>,
    /// The ground.
    pub theme: Theme,
    /// What rises and what falls.
    pub colors: PriceColors,
    /// Periods whose average has a colour of the user's: red, green, blue.
    pub average_colors: Vec<(u16, [u8; 3])>,
    /// The language of the screen.
    pub language: LanguageChoice,
    /// Nothing blinks or flashes.
    pub reduced_motion: bool,
    /// Size of everything on the screen, percent of the usual: 80 to 200.
    pub font_size: u16,
}

impl ScreenSettings {
    /// The sizes that can be chosen, percent.
    pub const FONT_SIZES: std::ops::RangeInclusive<u16> = 80..=200;
}

impl Default for ScreenSettings {
    fn default() -> Self {
        Self {
            columns: vec![
                Timeframe::Minutes(30),
                Timeframe::Minutes(60),
                Timeframe::Day,
            ],
            theme: Theme::Dark,
            colors: PriceColors::RedUp,
            average_colors: Vec::new(),
            language: LanguageChoice::Korean,
            reduced_motion: false,
            font_size: 100,
        }
    }
}

/// `[market_view]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarketViewSettings {
    /// Whether the daily closes of everything that is listed are fetched in the background.
    pub fill: bool,
}

/// `[desktop]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DesktopSettings {
    /// Whether the program starts with the system.
    pub autostart: bool,
    /// What closing the home window does.
    pub on_close: OnClose,
    /// Whether the machine is kept from sleeping while rules watch in trading hours.
    pub keep_awake: bool,
}

impl Default for DesktopSettings {
    fn default() -> Self {
        Self {
            autostart: false,
            on_close: OnClose::Ask,
            keep_awake: true,
        }
    }
}

impl Settings {
    /// Reads a configuration. `file` is only named in errors.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn parse(file: &Path, text: &str) -> Result<Self, SettingsError> {
        read::settings(&source::Source::new(file, text))
    }

    /// What a machine without a configuration file starts with.
    ///
    /// # Errors
    /// Never: a test reads the bundled text.
    pub fn bundled() -> Result<Self, SettingsError> {
        Self::parse(Path::new("config/default.toml"), DEFAULT_TEXT)
    }

    /// What the demo uses.
    ///
    /// # Errors
    /// Never: a test reads the bundled text.
    pub fn demo() -> Result<Self, SettingsError> {
        Self::parse(Path::new("config/demo.toml"), DEMO_TEXT)
    }

    /// Every watched stock once: the groups in order, then stocks only a rule names.
    pub fn watched(&self) -> Vec<StockCode> {
        let groups = self.groups.iter().flat_map(|g| &g.codes);
        let rules = self.rules.iter().filter_map(|r| r.codes.as_ref()).flatten();
        distinct(groups.chain(rules))
    }

    /// The stocks a rule holds for, each once: its codes, those of its groups, or every watched
    /// stock.
    pub fn codes_of(&self, rule: &RuleSetting) -> Vec<StockCode> {
        if let Some(codes) = &rule.codes {
            return distinct(codes);
        }
        match &rule.groups {
            Some(names) => distinct(
                self.groups
                    .iter()
                    .filter(|g| names.contains(&g.name))
                    .flat_map(|g| &g.codes),
            ),
            None => self.watched(),
        }
    }

    /// The periods of a rule's alignment, shortest first.
    pub fn periods_of<'a>(&'a self, rule: &'a RuleSetting) -> &'a [u16] {
        rule.periods.as_ref().unwrap_or(&self.averages)
    }
}

/// Reads a file that must exist, such as one named by `--config`.
///
/// # Errors
/// It cannot be read, or what is wrong with it.
pub fn load(path: &Path) -> Result<Settings, SettingsError> {
    Settings::parse(path, &source::read_file(path)?)
}

/// Reads the file at its usual place. A missing file is no error: the bundled default holds.
///
/// # Errors
/// As [`load`].
pub fn load_or_bundled(path: &Path) -> Result<Settings, SettingsError> {
    match load(path) {
        Err(SettingsError::Missing { .. }) => Settings::bundled(),
        other => other,
    }
}

fn distinct<'a>(codes: impl IntoIterator<Item = &'a StockCode>) -> Vec<StockCode> {
    let mut found: Vec<StockCode> = Vec::new();
    for code in codes {
        if !found.contains(code) {
            found.push(*code);
        }
    }
    found
}
