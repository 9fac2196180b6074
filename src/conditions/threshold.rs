//! 성립가: the price that would make a rule true on the bar being built.

use crate::bars::Series;
use crate::domain::{Bar, Candle, Moment, Won, round_down_to_tick, round_up_to_tick};

use super::expr::{Decimal, Node, Quantity, Term};
use super::{At, Expr, Judged, Verdict};

/// The price at which a rule would hold on the bar being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// From this grid price up (as far as an interval reaches).
    Above(Won),
    /// From this grid price down.
    Below(Won),
    /// It would hold only beyond the day's price limits: 오늘 불가.
    NotToday,
    /// There is no such price: something undefined, a term the price does not decide (open,
    /// high, low, volume), a rule that holds at every price or at none on this bar, or at
    /// several separate stretches of prices.
    None,
}

/// An alternating stretch of grid prices, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: i64,
    to: i64,
    holds: bool,
}

impl Expr {
    /// The 성립가 on the bar that follows the series. `limits` are the day's lowest and highest
    /// price, where known.
    pub fn threshold(
        &self,
        series: &Series,
        periods: &[u16],
        limits: Option<(Won, Won)>,
    ) -> Threshold {
        let Some(starts) = self.changes(series, periods) else {
            return Threshold::None;
        };
        let holds = |price| {
            let bar = Bar {
                opened: Moment(0),
                candle: Candle::flat(price),
                synthetic: false,
            };
            let bar = Judged::Forming(&bar);
            self.judge(&At { series, bar }, periods) == Verdict::True
        };
        // Below the lowest change the rule says the same everywhere.
        let bottom = starts.first().map_or(1, |&first| first.min(1) - 1);
        let mut somewhere = false;
        let mut stretches: Vec<Stretch> = Vec::new();
        for (position, from) in std::iter::once(bottom)
            .chain(starts.iter().copied())
            .enumerate()
        {
            let to = starts.get(position).map_or(i64::MAX, |next| next - 1);
            let holds = holds(from);
            somewhere |= holds;
            let (from, to) = on_grid(from, to);
            match stretches.last_mut() {
                _ if to < from => {}
                Some(last) if last.holds == holds => last.to = to,
                _ => stretches.push(Stretch { from, to, holds }),
            }
        }
        let mut good = stretches.iter().filter(|stretch| stretch.holds);
        match (good.next(), good.next()) {
            (Some(only), None) => named(*only, limits),
            (None, _) if somewhere => Threshold::NotToday,
            _ => Threshold::None,
        }
    }

    /// The whole prices around `price`, both ends included, at which the rule is sure to say
    /// the same of the bar being built as at `price`: a tick inside needs no judging. `None`
    /// where something is undefined or more than the close decides.
    pub fn unchanged_around(
        &self,
        series: &Series,
        price: i64,
        periods: &[u16],
    ) -> Option<(i64, i64)> {
        let starts = self.changes(series, periods)?;
        let above = starts.partition_point(|&start| start <= price);
        let from = above.checked_sub(1).map_or(i64::MIN, |i| starts[i]);
        let to = starts.get(above).map_or(i64::MAX, |next| next - 1);
        Some((from, to))
    }

    /// The whole prices, ascending, from which on the rule may say something else of the bar
    /// being built than just below. `None` where something is undefined or more than the close
    /// decides.
    pub fn turning_points(&self, series: &Series, periods: &[u16]) -> Option<Vec<i64>> {
        self.changes(series, periods)
    }

    /// The whole prices from which on some part of the rule may say something else than just
    /// below, ascending.
    fn changes(&self, series: &Series, periods: &[u16]) -> Option<Vec<i64>> {
        if !self.rests_on_close() || series.len() + 1 < self.need(periods) {
            return None;
        }
        let mut starts = Vec::new();
        let mut between = |left: Term, right: Term| {
            if let (Some(left), Some(right)) = (Line::of(left, series), Line::of(right, series)) {
                starts.extend(left.meets(&right));
            }
        };
        self.root.walk(&mut |node| match node {
            Node::Compare(left, _, right) | Node::Cross(left, _, right) => between(*left, *right),
            Node::Alignment { .. } => {
                for pair in periods.windows(2) {
                    let average = |period| Term::Of(Quantity::Average(period));
                    between(average(pair[0]), average(pair[1]));
                }
            }
            // Bars before the one being built say the same at every price; what their condition
            // says of the bar being built is among the nodes below.
            Node::Past(..) | Node::Not(_) | Node::All(_) | Node::Any(_) => {}
        });
        // Between two terms that meet at x something may change at x and right after it.
        let mut starts: Vec<i64> = starts.into_iter().flat_map(|at| [at, at + 1]).collect();
        starts.sort_unstable();
        starts.dedup();
        Some(starts)
    }
}

/// The grid prices of the stretch; empty (`to < from`) where it holds none.
fn on_grid(from: i64, to: i64) -> (i64, i64) {
    let from = round_up_to_tick(Won(from.max(1))).0;
    let to = if to == i64::MAX {
        to
    } else {
        round_down_to_tick(Won(to)).0
    };
    (from, to)
}

/// The end of the stretch that a price from outside would reach; the lower one if both do.
fn named(good: Stretch, limits: Option<(Won, Won)>) -> Threshold {
    let (low, high) = limits.map_or((1, i64::MAX), |(low, high)| (low.0, high.0));
    if good.to < low || high < good.from {
        Threshold::NotToday
    } else if low < good.from {
        Threshold::Above(Won(good.from))
    } else if good.to < high {
        Threshold::Below(Won(good.to))
    } else if 1 < good.from {
        Threshold::Above(Won(good.from))
    } else if good.to < i64::MAX {
        Threshold::Below(Won(good.to))
    } else {
        Threshold::None
    }
}

/// A term as (slope · price + base) / scale on the bar being built.
struct Line {
    slope: i128,
    base: i128,
    scale: i128,
}

impl Line {
    fn of(term: Term, series: &Series) -> Option<Self> {
        match term {
            Term::Number(number) => Some(Self {
                slope: 0,
                base: i128::from(number.mantissa),
                scale: unit(number),
            }),
            Term::Of(quantity) => Self::of_quantity(quantity, series),
            Term::Times(number, quantity) => {
                let line = Self::of_quantity(quantity, series)?;
                let factor = i128::from(number.mantissa);
                Some(Self {
                    slope: line.slope * factor,
                    base: line.base * factor,
                    scale: line.scale * unit(number),
                })
            }
        }
    }

    fn of_quantity(quantity: Quantity, series: &Series) -> Option<Self> {
        let (base, scale) = match quantity {
            Quantity::Close => (0, 1),
            Quantity::Average(period) => {
                let before = usize::from(period).checked_sub(1)?;
                let sum = series.sum(series.len(), before);
                (sum.or((before == 0).then_some(0))?, i128::from(period))
            }
            Quantity::Open
            | Quantity::High
            | Quantity::Low
            | Quantity::Volume
            | Quantity::VolumeAverage(_) => return None,
        };
        Some(Self {
            slope: 1,
            base: i128::from(base),
            scale,
        })
    }

    /// The whole price at or just below the one where both are equal; `None` where they never
    /// meet in one point.
    fn meets(&self, other: &Self) -> Option<i64> {
        let slope = self.slope * other.scale - other.slope * self.scale;
        let rest = other.base * self.scale - self.base * other.scale;
        let (slope, rest) = (slope.abs(), rest * slope.signum());
        let at = (slope != 0).then(|| rest.div_euclid(slope))?;
        // Beyond any price; the bound keeps the arithmetic after it from overflowing.
        Some(at.clamp(-1_000_000_000_000_000, 1_000_000_000_000_000) as i64)
    }
}

fn unit(number: Decimal) -> i128 {
    10_i128.pow(u32::from(number.scale))
}

#[cfg(test)]
#[path = "threshold_tests.rs"]
mod tests;
