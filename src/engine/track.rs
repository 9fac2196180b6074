//! One timeframe of one stock: closed bars, the bar being built, and what is held of them.

use std::sync::Arc;

use crate::bars::{Series, Slot};
use crate::domain::{Bar, Day, Minute, Moment, Timeframe};

/// Bars of earlier days that are held of a timeframe of which only the columns tell.
const HELD: usize = 1_000;
/// Bars that nobody asks for any more go when there are so many of them: few, so that the memory
/// of a day's last hours is that of its first.
const SPARE: usize = 16;

/// One timeframe of one stock.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) timeframe: Timeframe,
    /// Closed bars on accepted rows.
    pub(super) series: Arc<Series>,
    /// How many bars there are of earlier days (or fetched as such), those let go included.
    pub(super) base: usize,
    /// So many of the oldest bars were let go: what was judged needs them no longer.
    gone: usize,
    /// The close of the newest bar of an earlier day, if that was let go.
    close_before: Option<i64>,
    /// The bar being built.
    pub(super) forming: Option<Bar>,
    /// Bars whose time is over but whose rows are not here yet, from prints.
    pub(super) provisional: Vec<Bar>,
    /// The slot that the next close ends; `None` after the day's last.
    pub(super) slot: Option<OpenSlot>,
    /// Bars that the rules, columns and windows ask for.
    pub(super) need: usize,
    /// A rule uses it.
    pub(super) ruled: bool,
    /// Columns or a window show it.
    pub(super) shown: bool,
    /// A rule, a window or a trial asks for every bar there is; else the newest do.
    pub(super) whole: bool,
    /// A window or a trial does: for rules alone, bars go once they are judged.
    kept: bool,
    /// Rows came: rebuild before reading.
    pub(super) dirty: bool,
    /// Rows older than those held came: put their bars before the others.
    pub(super) older: bool,
    /// The oldest complete day with a trade when the bars were made: what is older than it, and
    /// itself, is made anew when older rows come.
    pub(super) joins: Option<Day>,
    /// What was last told of the bars held and needed, and when.
    pub(super) reported: Option<((usize, usize), Moment)>,
}

/// What is asked of a timeframe of a stock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Want {
    pub(super) need: usize,
    pub(super) ruled: bool,
    pub(super) shown: bool,
    /// Every bar there is, not only the newest.
    pub(super) whole: bool,
    /// Also those that no judgement needs any more.
    pub(super) kept: bool,
}

impl Want {
    /// What either asks for.
    pub(super) fn join(&mut self, other: Self) {
        self.need = self.need.max(other.need);
        self.ruled |= other.ruled;
        self.shown |= other.shown;
        self.whole |= other.whole;
        self.kept |= other.kept;
    }
}

/// The slot in which a track stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenSlot {
    /// Opening of the bar; for day, week and month that of its first day's session.
    pub(super) opened: Moment,
    /// The first minute of today in it.
    pub(super) open: Minute,
    /// The newest minute label in it.
    pub(super) last_label: Minute,
    /// When it closes.
    pub(super) end: Moment,
    /// Week or month: today does not end it.
    pub(super) goes_on: bool,
}

impl OpenSlot {
    pub(super) fn as_slot(&self) -> Slot {
        Slot {
            open: self.open,
            end: self.last_label.plus(1),
            last_label: self.last_label,
            regular: true,
        }
    }
}

impl Track {
    pub(super) fn new(timeframe: Timeframe) -> Self {
        Self {
            timeframe,
            series: Arc::new(Series::new(Vec::new())),
            base: 0,
            gone: 0,
            close_before: None,
            forming: None,
            provisional: Vec::new(),
            slot: None,
            need: 0,
            ruled: false,
            shown: false,
            whole: false,
            kept: false,
            dirty: true,
            older: false,
            joins: None,
            reported: None,
        }
    }

    /// Appends bars that closed, given every closed bar of today.
    pub(super) fn extend(&mut self, today: &[Bar]) {
        let held = self.series.len() + self.gone - self.base;
        if today.len() <= held {
            return;
        }
        let series = Arc::make_mut(&mut self.series);
        for bar in &today[held..] {
            series.push(*bar);
        }
        let newest = today.last().map(|bar| bar.opened);
        if self.forming.is_some_and(|bar| Some(bar.opened) <= newest) {
            self.forming = None;
        }
    }

    /// The close of the newest bar of an earlier day.
    pub(super) fn close_before_today(&self) -> Option<i64> {
        let newest = self.base.checked_sub(1)?;
        match newest.checked_sub(self.gone) {
            Some(at) => Some(self.series.bars().get(at)?.candle.close),
            None => self.close_before,
        }
    }

    /// Bars may go that nothing asks for.
    pub(super) fn may_let_go(&self) -> bool {
        let made = !self.dirty && !self.older;
        self.timeframe.minutes().is_some() && self.whole && !self.kept && made
    }

    /// Lets bars go that lie before `first`, the first that is still asked for, once they are
    /// many.
    pub(super) fn let_go(&mut self, first: usize) {
        let held = if self.shown { HELD } else { 0 };
        let count = first.min(self.series.len().saturating_sub(held));
        if count < SPARE {
            return;
        }
        self.close_before = self.close_before_today();
        Arc::make_mut(&mut self.series).drop_oldest(count);
        self.gone += count;
    }

    /// Whether older bars than those held were let go, so that none can be put before them.
    pub(super) fn has_let_go(&self) -> bool {
        0 < self.gone
    }

    /// Replaces everything: bars of earlier days and today's closed ones.
    pub(super) fn replace(&mut self, mut bars: Vec<Bar>, today: &[Bar]) {
        self.base = bars.len();
        self.gone = 0;
        bars.extend_from_slice(today);
        self.series = Arc::new(Series::new(bars));
        self.dirty = false;
    }

    /// How many bars of earlier days it holds at least, if there are so many. Whole days are held.
    pub(super) fn most(&self) -> usize {
        match self.whole {
            true => usize::MAX,
            false => self.need.max(HELD),
        }
    }

    /// Takes what is asked of it from now on.
    pub(super) fn fit(&mut self, want: Want) {
        let had = self.most();
        let looked_at = (want.kept && !self.kept) || (want.shown && !self.shown);
        let asks_more = self.need < want.need || looked_at;
        self.dirty |= asks_more && self.has_let_go();
        self.kept = want.kept;
        (self.need, self.whole) = (want.need, want.whole);
        (self.ruled, self.shown) = (want.ruled, want.shown);
        let most = self.most();
        if self.timeframe.minutes().is_none() {
            return;
        }
        let base = self.base.saturating_sub(self.gone);
        if had < most && had <= base {
            // Older bars may have been left out.
            self.dirty = true;
        } else if most < base && most < had {
            let bars = self.series.bars();
            let day = bars[base - most].opened.day();
            let start = bars.partition_point(|bar| bar.opened.day() < day);
            let kept = bars[start..].to_vec();
            self.base -= start;
            self.series = Arc::new(Series::new(kept));
        }
    }

    /// How many bars it holds up to the end of a day.
    pub(super) fn upto(&self, day: Day) -> usize {
        let bars = self.series.bars();
        bars.partition_point(|bar| bar.opened.day() <= day)
    }

    /// Replaces the bars up to the end of `joins`, which are those held first, by `bars`.
    pub(super) fn put_before(&mut self, joins: Day, mut bars: Vec<Bar>) {
        let held = self.series.bars();
        let from = self.upto(joins);
        self.base = self.base - from + bars.len();
        bars.extend_from_slice(&held[from..]);
        self.series = Arc::new(Series::new(bars));
    }

    /// Closed bars for the screen: with those whose rows are still on their way, from prints.
    pub(super) fn for_screen(&self) -> Arc<Series> {
        if self.provisional.is_empty() {
            return self.series.clone();
        }
        let mut series = (*self.series).clone();
        for bar in &self.provisional {
            series.push(*bar);
        }
        Arc::new(series)
    }
}

#[cfg(test)]
#[path = "track_tests.rs"]
mod tests;
