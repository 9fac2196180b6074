//! Signals (신호) and the marks of what has been judged.

use std::sync::Arc;

use super::{Moment, StockCode, Timeframe};

/// What makes a rule the same rule: its text, timeframe, stage, periods, candle and market
/// settings, hashed. A rule with another key is a new rule with a new baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleKey(pub u64);

/// Where a signal stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// True on a print of the bar being built.
    Forming,
    /// The bar closed and the rule held.
    Confirmed,
    /// Given, but the closed bar (or its rows) say otherwise.
    Withdrawn,
    /// Confirmed, but the program was not watching when the bar closed.
    Late,
}

impl Stage {
    /// As `watch --json` and the database spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forming => "forming",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
            Self::Late => "late",
        }
    }

    /// The inverse of [`Stage::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Forming, Self::Confirmed, Self::Withdrawn, Self::Late]
            .into_iter()
            .find(|s| s.as_str() == text)
    }

    /// Whether it uses up the rule's `repeat`.
    pub fn stands(self) -> bool {
        matches!(self, Self::Confirmed | Self::Late)
    }
}

/// What a judgement rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Rows of the REST chart: final.
    Rest,
    /// Prints of the socket: provisional.
    Ticks,
}

impl Source {
    /// As `watch --json` and the database spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Ticks => "ticks",
        }
    }

    /// The inverse of [`Source::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Rest, Self::Ticks]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// What identifies a signal; at most one exists for each of these, whatever happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalKey {
    /// The rule.
    pub rule: RuleKey,
    /// The stock.
    pub code: StockCode,
    /// The rule's timeframe.
    pub timeframe: Timeframe,
    /// Opening of the triggering bar.
    pub bar: Moment,
}

impl SignalKey {
    /// The same for every stage of one signal, across restarts: it is made of the key alone.
    pub fn id(&self) -> String {
        format!(
            "{:016x}-{}-{}-{}T{}",
            self.rule.0,
            self.code,
            self.timeframe,
            self.bar.day().compact(),
            &self.bar.minute().compact()[..4]
        )
    }
}

/// One signal with its evidence, frozen when it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// What identifies it.
    pub key: SignalKey,
    /// Where it stands.
    pub stage: Stage,
    /// The rule's name at the time.
    pub rule_name: Arc<str>,
    /// The rule's text at the time.
    pub rule_text: Arc<str>,
    /// The stock's name at the time.
    pub stock_name: Arc<str>,
    /// Won: the print while forming, else the close.
    pub price: i64,
    /// Period and exact average as decimal text (rounded half up to 4 places), shortest first.
    pub averages: Vec<(u16, String)>,
    /// What the judgement rests on.
    pub source: Source,
    /// When this stage was reached.
    pub at: Moment,
    /// When the bar closed, or closes.
    pub bar_end: Moment,
    /// When the rows behind it were asked for and answered; `None` when judged on prints.
    pub rows_asked: Option<(Moment, Moment)>,
    /// Why it was withdrawn.
    pub reason: Option<Arc<str>>,
    /// When it was put on the screen (or printed); `None` until then.
    pub shown: Option<Moment>,
    /// Whether the user has seen it.
    pub seen: bool,
}

/// The newest bar judged for one rule, stock and timeframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The rule.
    pub rule: RuleKey,
    /// The stock.
    pub code: StockCode,
    /// The rule's timeframe.
    pub timeframe: Timeframe,
    /// Opening of the newest judged bar. Bars up to it are never judged again.
    pub bar: Moment,
    /// Whether `repeat` holds the rule back from here on: `until-reversed` after it was given
    /// (or was true at the baseline, which counts as given) and has not been false since;
    /// `once` after it was given.
    pub baseline_true: bool,
    /// When the judgement was made.
    pub judged_at: Moment,
    /// On what: [`Source::Ticks`] while it is still the baseline, which no judgement on rows has
    /// moved yet.
    pub source: Source,
}
