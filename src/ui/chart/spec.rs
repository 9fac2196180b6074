//! What the chart is asked to show.

use crate::bars::Series;
use crate::domain::{Bar, Moment, Timeframe, Won};
use crate::engine::{Gap, Marker, OlderBars};

/// Everything one frame of the chart shows. Borrowed from a snapshot; the chart keeps none of it.
#[derive(Clone, Copy, Debug)]
pub struct ChartSpec<'a> {
    /// Closed bars.
    pub series: &'a Series,
    /// The bar being built. Ignored unless it opened after the newest closed bar.
    pub forming: Option<&'a Bar>,
    /// Periods of the averages, ascending.
    pub periods: &'a [u16],
    /// Arrows; those of another timeframe are not shown.
    pub markers: &'a [Marker],
    /// Bars on which a backtested rule would have rung: a faint mark beneath each.
    pub tested: &'a [Moment],
    /// The timeframe of the bars.
    pub timeframe: Timeframe,
    /// Stretches that could not be had, oldest first.
    pub gaps: &'a [Gap],
    /// Whether history goes further back.
    pub older: OlderBars,
    /// Scroll so that this bar is in view, once per serial.
    pub focus: Option<(u64, Moment)>,
    /// 성립가, drawn as an outlined tag and a dashed line.
    pub threshold: Option<Won>,
    /// Last price, drawn as a filled tag and a dashed line.
    pub last_price: Option<Won>,
    /// The base price (기준가): colours the tag of the last price. Without it the open of the
    /// newest bar does.
    pub base: Option<Won>,
    /// Nothing blinks.
    pub reduced_motion: bool,
    /// egui's time in seconds; the blinking follows it, so that everything blinks together.
    pub now: f64,
}

impl<'a> ChartSpec<'a> {
    /// The bar being built, if it lies after the closed ones.
    pub fn building(&self) -> Option<&'a Bar> {
        self.forming.filter(|forming| {
            self.series
                .last()
                .is_none_or(|last| last.opened < forming.opened)
        })
    }

    /// Closed bars and the one being built.
    pub fn total(&self) -> usize {
        self.series.len() + usize::from(self.building().is_some())
    }

    /// The bar at `index`; the index after the closed bars is the one being built.
    pub fn bar(&self, index: usize) -> Option<&'a Bar> {
        match self.series.bars().get(index) {
            Some(bar) => Some(bar),
            None if index == self.series.len() => self.building(),
            None => None,
        }
    }

    /// The index of the bar that opened at `opened`.
    pub fn index_of(&self, opened: Moment) -> Option<usize> {
        self.series.index_of(opened).or_else(|| {
            self.building()
                .filter(|bar| bar.opened == opened)
                .map(|_| self.series.len())
        })
    }

    /// The first index whose bar opened at `moment` or later; the total if none did.
    pub(super) fn first_from(&self, moment: Moment) -> usize {
        let closed = self.series.bars().partition_point(|b| b.opened < moment);
        let building_too =
            closed == self.series.len() && self.building().is_some_and(|bar| bar.opened < moment);
        closed + usize::from(building_too)
    }

    /// The index of the bar in which `moment` lies, by its opening; the first one's if it lies
    /// before all. In a pause it is the bar after it.
    pub(super) fn first_within(&self, moment: Moment) -> usize {
        let after = self.first_from(moment);
        let Some(minutes) = self.timeframe.minutes() else {
            return after;
        };
        let length = i64::from(minutes) * 60_000;
        let holds = |bar: &Bar| bar.opened < moment && moment.ms_since(bar.opened) < length;
        match after.checked_sub(1).and_then(|at| self.bar(at)) {
            Some(bar) if holds(bar) => after - 1,
            _ => after,
        }
    }

    /// The bars of an index range, oldest first.
    pub(super) fn bars(
        &self,
        range: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (usize, &'a Bar)> + use<'a> {
        let closed = self.series.len();
        let first = range.start.min(closed);
        let slice = &self.series.bars()[first..range.end.clamp(first, closed)];
        let tail = self
            .building()
            .filter(|_| range.contains(&closed))
            .map(|bar| (closed, bar));
        slice
            .iter()
            .enumerate()
            .map(move |(i, bar)| (first + i, bar))
            .chain(tail)
    }
}
