//! What the engine is told once, at its start.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::bars::BarRules;
use crate::conditions::{Rule, Scope};
use crate::domain::{Market, StockCode, Timeframe};
use crate::engine::snapshot::Badge;
use crate::settings::{ReachSettings, RuleSetting};

/// The engine's settings, checked.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Where the numbers come from.
    pub badge: Badge,
    /// The venue.
    pub market: Market,
    /// How rows become bars.
    pub bars: BarRules,
    /// Periods of the averages, ascending.
    pub periods: Arc<[u16]>,
    /// Timeframes shown as alignment columns.
    pub columns: Vec<Timeframe>,
    /// Watchlist groups in the user's order.
    pub groups: Vec<GroupConfig>,
    /// The rules that are judged.
    pub rules: Vec<Rule>,
    /// Every rule as the configuration file has it, also those that are switched off.
    pub written: Vec<Arc<RuleSetting>>,
    /// Realtime registrations the broker allows.
    pub registrations: usize,
    /// Stocks whose price one request can ask for; 1 where the host has no such request.
    pub quotes_per_call: usize,
    /// Rows of the broker's pages.
    pub pages: PageRows,
    /// Requests a second the broker permits.
    pub requests_per_second: f64,
    /// The host says which days the exchange is open.
    pub open_days: bool,
    /// The broker lists the volatility interruptions (VI) of all stocks.
    pub interruptions: bool,
    /// The host serves minute rows of past days (the paper host does not).
    pub past_minutes: bool,
    /// No window: a reported signal counts as shown, and only messages call the user.
    pub headless: bool,
    /// Closes of everything that is listed are fetched in the background.
    pub market_fill: bool,
    /// How the user is called.
    pub reach: ReachSettings,
}

/// Rows of a full page of each of the broker's charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRows {
    /// Minutes of the running day.
    pub today: usize,
    /// Minutes of past days.
    pub dated: usize,
    /// Days, weeks or months; fewer mean that there is nothing older.
    pub period: usize,
}

/// A watchlist group.
#[derive(Clone, Debug)]
pub struct GroupConfig {
    /// Its name.
    pub name: Arc<str>,
    /// Its stocks in the user's order.
    pub codes: Vec<StockCode>,
}

impl EngineConfig {
    /// Every watched stock once, in the user's order.
    pub(super) fn watched(&self) -> Vec<StockCode> {
        let mut known = BTreeSet::new();
        let codes = self.groups.iter().flat_map(|g| &g.codes).copied();
        codes.filter(|code| known.insert(*code)).collect()
    }

    /// Whether `rule` applies to a stock: it names it, names a group that holds it, or names
    /// nothing and the stock is watched.
    pub(super) fn applies(&self, rule: &Rule, code: StockCode) -> bool {
        let in_group = |name: &str| {
            self.groups
                .iter()
                .any(|g| &*g.name == name && g.codes.contains(&code))
        };
        match &rule.scope {
            Scope::All => self.groups.iter().any(|g| g.codes.contains(&code)),
            Scope::Codes(codes) => codes.contains(&code),
            Scope::Groups(groups) => groups.iter().any(|name| in_group(name)),
        }
    }

    /// Watched stocks and those that only a rule names.
    pub(super) fn followed(&self) -> Vec<StockCode> {
        let mut codes = self.watched();
        let mut known: BTreeSet<StockCode> = codes.iter().copied().collect();
        for rule in &self.rules {
            if let Scope::Codes(named) = &rule.scope {
                codes.extend(named.iter().copied().filter(|code| known.insert(*code)));
            }
        }
        codes
    }
}

/// For the engine's own tests: a real host with a fast pace, nothing watched.
#[cfg(test)]
pub(super) fn plain() -> EngineConfig {
    use crate::domain::ClosingAuction;
    EngineConfig {
        badge: Badge::Real,
        market: Market::Krx,
        bars: BarRules {
            auction: ClosingAuction::Fold,
            regular_session_only: true,
        },
        periods: [2, 3].into(),
        columns: vec![],
        groups: vec![],
        rules: vec![],
        written: vec![],
        registrations: 41,
        quotes_per_call: 30,
        pages: PageRows {
            today: 30,
            dated: 120,
            period: 100,
        },
        open_days: false,
        interruptions: false,
        requests_per_second: 18.0,
        past_minutes: true,
        headless: true,
        market_fill: false,
        reach: Default::default(),
    }
}

/// One stock, watched.
#[cfg(test)]
pub(super) fn watching(code: StockCode) -> EngineConfig {
    EngineConfig {
        columns: vec![Timeframe::Minutes(1)],
        groups: vec![GroupConfig {
            name: "watched".into(),
            codes: vec![code],
        }],
        ..plain()
    }
}
