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
    /// The points are those of the closed bars held now.
    valid: bool,
    /// The prices around the last one judged between which no point lies, the upper end
    /// excluded; `None` where all must be judged.
    quiet: Option<(i64, i64)>,
}

/// What a price asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// All rules, and the points are to be worked out anew.
    Unknown,
    /// All rules: the first price of a bar.
    All,
    /// This stretch of [`Watchpoints::place`].
    Points(std::ops::Range<usize>),
}

impl Watchpoints {
    /// Bars closed, rows came or rules changed: judge everything next time.
    pub(super) fn forget(&mut self) {
        self.valid = false;
        self.quiet = None;
    }

    /// A bar got its first price: no rule has been judged on it, wherever the price lies.
    pub(super) fn bar_began(&mut self) {
        self.quiet = None;
    }

    pub(super) fn begin(&mut self) {
        self.forget();
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

    /// All rules are in; `price` is the last one judged, if the bar has one.
    pub(super) fn finish(&mut self, price: Option<i64>) {
        self.points.sort_unstable();
        self.valid = true;
        self.quiet = price.map(|price| self.around(price).1);
    }

    /// How many points lie at or below a price, and the stretch around it without one.
    fn around(&self, price: i64) -> (usize, (i64, i64)) {
        let above = self.points.partition_point(|(at, _)| *at <= price);
        let floor = above.checked_sub(1).map_or(i64::MIN, |i| self.points[i].0);
        let ceiling = self.points.get(above).map_or(i64::MAX, |(at, _)| *at);
        (above, (floor, ceiling))
    }

    /// The price moved: which rules must be judged.
    pub(super) fn passed(&mut self, price: i64) -> Passed {
        if !self.valid {
            return Passed::Unknown;
        }
        let Some((floor, ceiling)) = self.quiet else {
            self.quiet = Some(self.around(price).1);
            return Passed::All;
        };
        // Most prints end here.
        if floor <= price && price < ceiling {
            return Passed::Points(0..0);
        }
        let (above, quiet) = self.around(price);
        self.quiet = Some(quiet);
        Passed::Points(if price < floor {
            above..self.points.partition_point(|(at, _)| *at <= floor)
        } else {
            self.points.partition_point(|(at, _)| *at < ceiling)..above
        })
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
