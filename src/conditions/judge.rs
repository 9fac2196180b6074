//! Whether a rule holds on a bar.

use std::cmp::Ordering;

use crate::bars::Series;
use crate::domain::{Bar, Candle, Timeframe};
use crate::indicators::{
    Alignment, alignment_at, alignment_forming, average_at, average_forming, volume_average_at,
    volume_average_forming,
};

use super::Expr;
use super::expr::{Comparator, Decimal, MOST_OTHERS, Node, Order, Past, Quantity, Side, Term};

/// The bar a rule is judged on.
#[derive(Clone, Copy, Debug)]
pub enum Judged<'a> {
    /// The closed bar of the series at this index.
    Closed(usize),
    /// The bar being built; the newest bar of the series is the one before it.
    Forming(&'a Bar),
}

/// A bar among its series.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// Closed bars of the rule's stock and timeframe.
    pub series: &'a Series,
    /// Which bar.
    pub bar: Judged<'a>,
    /// What the rule names of other timeframes, as far as it had closed when this bar did.
    pub others: Others<'a>,
}

impl<'a> At<'a> {
    /// A bar judged by a rule that names no other timeframe.
    pub fn new(series: &'a Series, bar: Judged<'a>) -> Self {
        Self {
            series,
            bar,
            others: Others::default(),
        }
    }
}

/// Bars of another timeframe of the same stock, for a rule that says `on` it.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere<'a> {
    /// The timeframe.
    pub timeframe: Timeframe,
    /// Its closed bars.
    pub series: &'a Series,
    /// How many of them, from the oldest, had closed no later than the judged bar did (or by
    /// now, if that one is still being built).
    pub closed: usize,
}

/// The other timeframes of a judgement. Without what the rule names nothing holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Others<'a> {
    held: [Option<Elsewhere<'a>>; MOST_OTHERS],
}

impl<'a> Others<'a> {
    /// Adds a timeframe; one beyond what a rule may name is left out.
    pub fn add(&mut self, other: Elsewhere<'a>) {
        if let Some(free) = self.held.iter_mut().find(|held| held.is_none()) {
            *free = Some(other);
        }
    }

    fn view(&self, timeframe: Timeframe) -> Option<View<'a>> {
        let held = self.held.iter().flatten();
        let other = held.into_iter().find(|o| o.timeframe == timeframe)?;
        Some(View {
            series: other.series,
            closed: other.closed.min(other.series.len()),
            forming: None,
        })
    }
}

/// What a rule says of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Some term is not defined on the bar (or, with `becomes` and `crosses`, on the bar
    /// before), so nothing holds, not even its contrary.
    Undefined,
}

impl Expr {
    /// Whether the rule holds on the bar. `periods` are those of `alignment`, ascending.
    pub fn judge(&self, at: &At<'_>, periods: &[u16]) -> Verdict {
        self.verdict(at, periods, false)
    }

    /// The state underneath: `becomes` read as `is`, `crosses above` as `>`, `crosses below` as
    /// `<`. `until-reversed` asks for it.
    pub fn underlying(&self, at: &At<'_>, periods: &[u16]) -> Verdict {
        self.verdict(at, periods, true)
    }

    fn verdict(&self, at: &At<'_>, periods: &[u16], state_only: bool) -> Verdict {
        let Some(now) = View::new(at) else {
            return Verdict::Undefined;
        };
        // Every term is defined from its own n-th bar on, so counting the bars is enough.
        let there = |(timeframe, need): (Timeframe, usize)| {
            let view = at.others.view(timeframe);
            view.is_some_and(|view| need <= view.have())
        };
        let defined = match state_only {
            true => {
                self.need_of_state(periods) <= now.have()
                    && self.state_needs_elsewhere(periods).all(there)
            }
            false => self.need(periods) <= now.have() && self.needs_elsewhere(periods).all(there),
        };
        if !defined {
            return Verdict::Undefined;
        }
        let judging = Judging {
            now,
            others: &at.others,
            periods,
            state_only,
        };
        match judging.holds(&self.root) {
            Some(true) => Verdict::True,
            Some(false) => Verdict::False,
            None => Verdict::Undefined,
        }
    }
}

/// One bar, closed or not, and the closed bars it stands on.
#[derive(Clone, Copy)]
struct View<'a> {
    series: &'a Series,
    /// The closed bars that count: up to and including the judged one if that is closed.
    closed: usize,
    forming: Option<&'a Candle>,
}

impl<'a> View<'a> {
    fn new(at: &At<'a>) -> Option<Self> {
        let (closed, forming) = match at.bar {
            Judged::Closed(index) => (index.checked_add(1)?, None),
            Judged::Forming(bar) => (at.series.len(), Some(&bar.candle)),
        };
        (closed <= at.series.len()).then_some(Self {
            series: at.series,
            closed,
            forming,
        })
    }

    fn have(&self) -> usize {
        self.closed + usize::from(self.forming.is_some())
    }

    /// The bar so many before; one before is always closed.
    fn ago(&self, bars: usize) -> Option<Self> {
        if bars == 0 {
            return Some(*self);
        }
        let closed = self.have().checked_sub(bars)?;
        (0 < closed).then_some(Self {
            closed,
            forming: None,
            ..*self
        })
    }

    fn candle(&self) -> Option<&'a Candle> {
        match self.forming {
            Some(candle) => Some(candle),
            None => Some(&self.series.bars().get(self.closed.checked_sub(1)?)?.candle),
        }
    }

    /// The value as numerator and positive denominator.
    fn value(&self, term: Term) -> Option<(i128, i128)> {
        let fraction = |number: Decimal| {
            let unit = 10_i128.pow(u32::from(number.scale));
            (i128::from(number.mantissa), unit)
        };
        Some(match term {
            Term::Number(number) => fraction(number),
            Term::Of(quantity) => self.quantity(quantity)?,
            Term::Times(number, quantity) => {
                let (factor, of) = (fraction(number), self.quantity(quantity)?);
                (factor.0 * of.0, factor.1 * of.1)
            }
        })
    }

    fn quantity(&self, quantity: Quantity) -> Option<(i128, i128)> {
        let whole = |value: i64| (i128::from(value), 1);
        let index = self.closed.checked_sub(1);
        Some(match quantity {
            Quantity::Close => whole(self.candle()?.close),
            Quantity::Open => whole(self.candle()?.open),
            Quantity::High => whole(self.candle()?.high),
            Quantity::Low => whole(self.candle()?.low),
            Quantity::Volume => whole(self.candle()?.volume),
            Quantity::Average(period) => {
                let average = match self.forming {
                    Some(candle) => average_forming(self.series, candle.close, period)?,
                    None => average_at(self.series, index?, period)?,
                };
                (i128::from(average.sum), i128::from(average.period))
            }
            Quantity::Disparity(period) => {
                let (sum, period) = self.quantity(Quantity::Average(period))?;
                let close = i128::from(self.candle()?.close);
                (0 < sum).then_some((100 * close * period, sum))?
            }
            Quantity::VolumeAverage(period) => {
                let average = match self.forming {
                    Some(candle) => volume_average_forming(self.series, candle.volume, period)?,
                    None => volume_average_at(self.series, index?, period)?,
                };
                (i128::from(average.sum), i128::from(average.period))
            }
        })
    }

    fn compare(&self, left: Term, right: Term) -> Option<Ordering> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        Some((left.0 * right.1).cmp(&(right.0 * left.1)))
    }

    fn is(&self, order: Order, periods: &[u16]) -> Option<bool> {
        let alignment = match self.forming {
            Some(candle) => alignment_forming(self.series, candle.close, periods),
            None => alignment_at(self.series, self.closed.checked_sub(1)?, periods),
        };
        match alignment {
            Alignment::Unknown => None,
            Alignment::Bullish => Some(order == Order::Bullish),
            Alignment::Bearish => Some(order == Order::Bearish),
            Alignment::Mixed => Some(false),
        }
    }
}

#[derive(Clone, Copy)]
struct Judging<'a> {
    now: View<'a>,
    others: &'a Others<'a>,
    periods: &'a [u16],
    state_only: bool,
}

impl Judging<'_> {
    /// `None`: not defined. The parser bounds the depth.
    fn holds(&self, node: &Node) -> Option<bool> {
        match node {
            Node::Compare(left, comparator, right) => {
                let order = self.now.compare(*left, *right)?;
                Some(match comparator {
                    Comparator::Above => order.is_gt(),
                    Comparator::Below => order.is_lt(),
                    Comparator::AtLeast => order.is_ge(),
                    Comparator::AtMost => order.is_le(),
                })
            }
            Node::Cross(left, side, right) => {
                let beyond = |view: &View<'_>| {
                    let order = view.compare(*left, *right)?;
                    Some(match side {
                        Side::Above => order.is_gt(),
                        Side::Below => order.is_lt(),
                    })
                };
                self.newly(true, beyond)
            }
            Node::Alignment { becomes, order } => {
                self.newly(*becomes, |view| view.is(*order, self.periods))
            }
            Node::Past(past, bars, inner) => {
                let held = |ago: u16| {
                    let now = self.now.ago(usize::from(ago))?;
                    Self { now, ..*self }.holds(inner)
                };
                let wanted = match past {
                    Past::Ago => return held(*bars),
                    Past::Within => true,
                    Past::For => false,
                };
                for ago in 0..*bars {
                    if held(ago)? == wanted {
                        return Some(wanted);
                    }
                }
                Some(!wanted)
            }
            Node::On(timeframe, inner) => {
                let now = self.others.view(*timeframe)?;
                Self { now, ..*self }.holds(inner)
            }
            Node::Not(inner) => self.holds(inner).map(|held| !held),
            Node::All(parts) => self.every(parts, true),
            Node::Any(parts) => self.every(parts, false),
        }
    }

    /// Whether `state` holds now and, if it must be new, did not on the bar before.
    fn newly(&self, new: bool, state: impl Fn(&View<'_>) -> Option<bool>) -> Option<bool> {
        let now = state(&self.now)?;
        if !new || self.state_only {
            return Some(now);
        }
        let before = state(&self.now.ago(1)?)?;
        Some(now && !before)
    }

    /// `wanted` if every part is `wanted`; the first that is not decides otherwise.
    fn every(&self, parts: &[Node], wanted: bool) -> Option<bool> {
        for part in parts {
            if self.holds(part)? != wanted {
                return Some(!wanted);
            }
        }
        Some(wanted)
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "judge_naive_tests.rs"]
mod naive_tests;
