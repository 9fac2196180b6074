//! A rule: a condition, where it applies and how often it may ring.

use std::sync::Arc;

use crate::bars::BarRules;
use crate::domain::{ClosingAuction, Day, Market, Minute, RuleKey, StockCode, Timeframe};

use super::{Expr, RuleHours};

/// A rule of the user's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its unique name.
    pub name: Arc<str>,
    /// The stocks it watches.
    pub scope: Scope,
    /// The bars it is judged on.
    pub timeframe: Timeframe,
    /// The condition.
    pub expr: Expr,
    /// The condition as the user wrote it.
    pub text: Arc<str>,
    /// Whether the bar being built is judged too.
    pub stage: RuleStage,
    /// How often it may ring.
    pub repeat: Repeat,
    /// The periods of `alignment`, ascending.
    pub periods: Vec<u16>,
    /// It rings only on bars that close in these hours. No part of the key: changing them makes
    /// no new rule.
    pub hours: Option<RuleHours>,
    /// The last day on which it rings, that day included. No part of the key.
    pub expires: Option<Day>,
    /// What makes it the same rule across restarts; see [`rule_key`].
    pub key: RuleKey,
    /// How it may call the user. No part of the key.
    pub manners: Manners,
}

/// How a rule may call the user when it rings. Its signals are recorded and listed all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// With sound and voice.
    pub sound: bool,
    /// With a notification of the desktop.
    pub notification: bool,
    /// By Telegram and webhook.
    pub message: bool,
    /// By bringing the stock's window to the front.
    pub takeover: bool,
}

impl Default for Manners {
    /// In every way.
    fn default() -> Self {
        Self {
            sound: true,
            notification: true,
            message: true,
            takeover: true,
        }
    }
}

impl Rule {
    /// Whether it may ring on a bar that closes on this day, at this time. Bars outside its
    /// hours and after its last day are judged all the same, so that `repeat` and the record of
    /// what has been judged go on; they only never ring.
    pub fn rings_at(&self, day: Day, closes: Minute) -> bool {
        self.hours.is_none_or(|hours| hours.contains(closes))
            && self.expires.is_none_or(|last| day <= last)
    }
}

/// The stocks a rule watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every watched stock.
    All,
    /// These.
    Codes(Vec<StockCode>),
    /// Those of the named watchlist groups.
    Groups(Vec<String>),
}

/// On which bars a rule is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleStage {
    /// `close`: finished bars.
    Close,
    /// `forming`: also the bar being built.
    Forming,
}

impl RuleStage {
    /// As the configuration spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Forming => "forming",
        }
    }
}

/// The text names no stage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a stage (\"close\" or \"forming\")")]
pub struct NotARuleStage(pub String);

impl std::str::FromStr for RuleStage {
    type Err = NotARuleStage;

    fn from_str(text: &str) -> Result<Self, NotARuleStage> {
        [Self::Close, Self::Forming]
            .into_iter()
            .find(|stage| stage.as_str() == text)
            .ok_or_else(|| NotARuleStage(text.to_owned()))
    }
}

/// How often a rule may ring for one stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// `once`: ever.
    Once,
    /// `once-per-bar`.
    OncePerBar,
    /// `until-reversed`: again only after a later closed bar on which the underlying state was
    /// false.
    UntilReversed,
    /// `once-per-day`: by the bar's date.
    OncePerDay,
}

impl Repeat {
    /// All of them, as the editor lists them.
    pub const ALL: [Self; 4] = [
        Self::Once,
        Self::OncePerBar,
        Self::UntilReversed,
        Self::OncePerDay,
    ];

    /// As the configuration spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::OncePerBar => "once-per-bar",
            Self::UntilReversed => "until-reversed",
            Self::OncePerDay => "once-per-day",
        }
    }
}

/// The text names no repeat.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a repeat (\"once\", \"once-per-bar\", \"until-reversed\" or \"once-per-day\")"
)]
pub struct NotARepeat(pub String);

impl std::str::FromStr for Repeat {
    type Err = NotARepeat;

    fn from_str(text: &str) -> Result<Self, NotARepeat> {
        Self::ALL
            .into_iter()
            .find(|repeat| repeat.as_str() == text)
            .ok_or_else(|| NotARepeat(text.to_owned()))
    }
}

/// The numbers cannot be the periods of `alignment`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("periods must be 2 to 8 different numbers from 1 to 999, not {0:?}")]
pub struct BadPeriods(pub Vec<i64>);

/// The periods of `alignment` as written, ascending.
///
/// # Errors
/// Unless they are 2 to 8 different numbers from 1 to 999.
pub fn sorted_periods(written: &[i64]) -> Result<Vec<u16>, BadPeriods> {
    let bad = || BadPeriods(written.to_vec());
    let period = |&n: &i64| u16::try_from(n).ok().filter(|n| (1..=999).contains(n));
    let periods: Option<Vec<u16>> = written.iter().map(period).collect();
    let mut periods = periods.ok_or_else(bad)?;
    periods.sort_unstable();
    periods.dedup();
    let fits = periods.len() == written.len() && (2..=8).contains(&periods.len());
    fits.then_some(periods).ok_or_else(bad)
}

/// What makes a rule the same rule: its condition (however it is written), timeframe, stage,
/// periods, candle and market settings. A change of any makes a new rule with a new baseline.
/// The same on every machine and in every version, because it lies in the user's database.
pub fn rule_key(
    expr: &Expr,
    timeframe: Timeframe,
    stage: RuleStage,
    periods: &[u16],
    candles: BarRules,
    market: Market,
) -> RuleKey {
    let auction = match candles.auction {
        ClosingAuction::Fold => "fold",
        ClosingAuction::OwnBar => "own-bar",
    };
    let session = if candles.regular_session_only {
        "regular"
    } else {
        "all"
    };
    let text = format!(
        "{expr}\n{timeframe}\n{}\n{periods:?}\n{auction}\n{session}\n{}",
        stage.as_str(),
        market.code()
    );
    RuleKey(fnv1a(text.as_bytes(), FNV_START))
}

/// Gives every rule whose key an earlier one already has a key of its own, made of its name,
/// so that two rules that say the same stay two rules with signals of their own.
pub fn tell_apart(rules: &mut [Rule]) {
    for index in 1..rules.len() {
        let (earlier, rest) = rules.split_at_mut(index);
        let Some(rule) = rest.first_mut() else {
            return;
        };
        while earlier.iter().any(|other| other.key == rule.key) {
            // The line feed makes even an empty name change the key.
            let named = fnv1a(rule.name.as_bytes(), rule.key.0);
            rule.key = RuleKey(fnv1a(b"\n", named));
        }
    }
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, 64 bits: fixed for good, unlike the standard library's hasher.
fn fnv1a(bytes: &[u8], start: u64) -> u64 {
    bytes.iter().fold(start, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
