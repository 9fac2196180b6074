//! The prices at which a rule on a bar being built may change its mind. A print that passes
//! none of them needs no judging, however many rules there are.

use crate::bars::Series;
use crate::conditions::{Rule, Turns};

/// The prices of one stock, for all its rules that look at forming bars.
#[derive(Clone, Debug, Default)]
pub(super) struct Watchpoints {
    /// Ascending: from this price on, this rule (by its place in the stock) may say otherwise.
    points: Vec<(i64, u32)>,
    /// Rules that more than the close decides: judged on every print.
    always: Vec<u32>,
    /// The last price judged; `None` where all must be judged.
    at: Option<i64>,
}

impl Watchpoints {
    /// Bars closed, rows came or rules changed: judge everything next time.
    pub(super) fn forget(&mut self) {
        self.at = None;
    }

    pub(super) fn begin(&mut self) {
        self.at = None;
        self.points.clear();
        self.always.clear();
    }

    /// Adds a rule on a bar that follows `series`. A rule that is not defined there says the
    /// same at every price.
    pub(super) fn add(&mut self, place: usize, rule: &Rule, series: &Series) {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        match rule.expr.turning_points(series, &rule.periods) {
            Turns::At(prices) => {
                let points = prices.into_iter().map(|price| (price, place));
                self.points.extend(points);
            }
            Turns::Undefined => {}
            Turns::Anywhere => self.always.push(place),
        }
    }

    pub(super) fn finish(&mut self, price: i64) {
        self.points.sort_unstable();
        self.at = Some(price);
    }

    /// The price moved: which stretch of [`Watchpoints::place`] must be judged; `None`: all
    /// rules.
    pub(super) fn passed(&mut self, price: i64) -> Option<std::ops::Range<usize>> {
        let before = self.at.replace(price);
        let before = match before {
            Some(before) => before,
            None => {
                self.at = None;
                return None;
            }
        };
        if before == price {
            return Some(0..0);
        }
        let (low, high) = (before.min(price), before.max(price));
        let from = self.points.partition_point(|(at, _)| *at <= low);
        let passed = self.points[from..].partition_point(|(at, _)| *at <= high);
        Some(from..from + passed)
    }

    /// The rule of a point.
    pub(super) fn place(&self, index: usize) -> usize {
        self.points
            .get(index)
            .map_or(0, |(_, place)| *place as usize)
    }

    /// The rule judged on every print.
    pub(super) fn always(&self, index: usize) -> Option<usize> {
        self.always.get(index).map(|place| *place as usize)
    }
}
