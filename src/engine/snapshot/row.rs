//! What the watchlist shows of a stock.

use std::sync::Arc;

use super::Trouble;
use crate::conditions::Threshold;
use crate::domain::{InterruptionKind, Moment, Remark, Shares, StockCode, Timeframe, Won};
use crate::indicators::Alignment;
use crate::lang::Said;

/// A watchlist group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    /// Its name.
    pub name: Arc<str>,
    /// Indices into [`super::Snapshot::rows`], in the user's order.
    pub rows: Vec<usize>,
}

/// One stock of the watchlist.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The stock.
    pub code: StockCode,
    /// Its Korean name; the code until the name is known.
    pub name: Arc<str>,
    /// What the exchange says of it, the gravest first.
    pub remarks: Vec<Remark>,
    /// Last price and its company; `None` until one has been received.
    pub quote: Option<QuoteView>,
    /// Alignment on each of [`super::Snapshot::columns`].
    pub alignments: Vec<AlignmentCell>,
    /// 성립가 of the rule nearest to firing; `None` without a rule.
    pub threshold: Option<ThresholdCell>,
    /// Whether the row rings.
    pub ring: Ring,
    /// A judgement is overdue or waits for rows: why, in the user's words.
    pub pending: Option<Said>,
    /// The stock cannot be watched: why and what to do.
    pub trouble: Option<Arc<Trouble>>,
}

/// A price and what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteView {
    /// Last price, won.
    pub price: Won,
    /// Difference to the base price, won, signed.
    pub change: Won,
    /// The base price (기준가), won.
    pub base: Won,
    /// First, highest and lowest price of the day, won; 0 before the first trade.
    pub open: Won,
    /// Highest price of the day, won.
    pub high: Won,
    /// Lowest price of the day, won.
    pub low: Won,
    /// Upper price limit (상한가), won; 0 if unknown.
    pub upper_limit: Won,
    /// Lower price limit (하한가), won; 0 if unknown.
    pub lower_limit: Won,
    /// Shares traded today.
    pub volume: Shares,
    /// Won traded today.
    pub value: i64,
    /// When it was true.
    pub at: Moment,
    /// How it came.
    pub freshness: Freshness,
    /// Printed outside the regular session (시간외): no bar, no rule.
    pub off_hours: bool,
    /// The stock is halted.
    pub halted: bool,
    /// A volatility interruption (VI) is in force, and of which kind: nothing trades for two
    /// minutes.
    pub interrupted: Option<InterruptionKind>,
}

impl QuoteView {
    /// Change in hundredths of a percent of the base price, rounded half away from zero;
    /// `None` without a base price.
    pub fn change_basis_points(&self) -> Option<i64> {
        let base = self.base.0;
        (0 < base).then(|| {
            let scaled = self.change.0 * 10_000;
            (scaled.abs() * 2 + base) / (base * 2) * scaled.signum()
        })
    }
}

/// How fresh a price is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// From the live socket.
    Live,
    /// From the socket, before its link was lost; nobody has asked for it since.
    Cut,
    /// Asked for now and then; crossings between two polls are not seen.
    Polled,
    /// Its source has gone silent; shown greyed with its time.
    Stale,
}

/// Alignment of one stock on one timeframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlignmentCell {
    /// The timeframe.
    pub timeframe: Timeframe,
    /// Alignment on the newest closed bar.
    pub state: Alignment,
    /// Closed bars it has held, 1 on the bar where it formed.
    pub age: u32,
    /// Closed bars held.
    pub have: u32,
    /// Closed bars needed.
    pub need: u32,
}

impl AlignmentCell {
    /// Whether the state held on every bar on which it is known: it may be older than `age`.
    pub fn is_at_least(&self) -> bool {
        self.have < self.age + self.need
    }
}

/// 성립가 of one rule for one stock.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdCell {
    /// The rule's name.
    pub rule: Arc<str>,
    /// Its timeframe.
    pub timeframe: Timeframe,
    /// The price.
    pub price: Threshold,
    /// Distance from the last price in hundredths of a percent, signed; `None` without a price.
    pub distance: Option<i64>,
    /// The rule holds now.
    pub holds: bool,
}

/// Whether a row rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// Nothing new.
    Quiet,
    /// Blinks yellow since this moment; until visited or 60 s have passed.
    Blinking(Moment),
    /// Keeps a steady mark until visited.
    Marked,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_rounded_half_away_from_zero() {
        let quote = |change, base| QuoteView {
            price: Won(0),
            change: Won(change),
            base: Won(base),
            open: Won(0),
            high: Won(0),
            low: Won(0),
            upper_limit: Won(0),
            lower_limit: Won(0),
            volume: Shares(0),
            value: 0,
            at: Moment(0),
            freshness: Freshness::Live,
            off_hours: false,
            halted: false,
            interrupted: None,
        };
        assert_eq!(quote(1_200, 70_200).change_basis_points(), Some(171));
        assert_eq!(quote(-100, 72_000).change_basis_points(), Some(-14));
        assert_eq!(quote(1, 20_000).change_basis_points(), Some(1));
        assert_eq!(quote(5, 0).change_basis_points(), None);
    }
}
