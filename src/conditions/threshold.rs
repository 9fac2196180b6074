//! 성립가: the price that would make a rule true on the bar being built.

use crate::bars::Series;
use crate::domain::{Bar, Candle, Moment, Won, round_down_to_tick, round_up_to_tick};

use super::expr::{Node, Quantity, Term};
use super::judge::Others;
use super::ratio::{Meeting, Ratio};
use super::{At, Expr, Judged, Verdict};

/// The bar being built, as far as it is known, and what it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Building<'a> {
    /// The closed bars before it.
    pub series: &'a Series,
    /// The closed bars of other timeframes.
    pub others: Others<'a>,
    /// What it has shown so far: open, high, low, close, volume. Without it a rule that names
    /// more than the close has no 성립가.
    pub so_far: Option<&'a Candle>,
}

/// Where a rule may change its mind while a bar is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turns {
    /// From each of these whole prices on, ascending, it may say otherwise than just below;
    /// nowhere else.
    At(Vec<i64>),
    /// Not defined on this bar: it says the same at every price.
    Undefined,
    /// It must be judged on every print.
    Anywhere,
}

/// The price at which a rule would hold on the bar being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// From this grid price up (as far as an interval reaches).
    Above(Won),
    /// From this grid price down.
    Below(Won),
    /// It would hold only beyond the day's price limits: 오늘 불가.
    NotToday,
    /// There is no such price: something undefined, a rule that holds at every price or at none
    /// on this bar (a volume that is not reached yet, say), or at several separate stretches of
    /// prices.
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
    /// The 성립가 on the bar being built: the price at which the rule would hold, all else of the
    /// bar being as it is now. `limits` are the day's lowest and highest price, where known.
    pub fn threshold(
        &self,
        building: &Building<'_>,
        periods: &[u16],
        limits: Option<(Won, Won)>,
    ) -> Threshold {
        let &Building {
            series,
            others,
            so_far,
        } = building;
        let shown = so_far.filter(|_| !self.rests_on_close());
        let Turns::At(starts) = self.changes(series, periods, shown) else {
            return Threshold::None;
        };
        let holds = |price| {
            let flat = Candle::flat(price);
            let candle = so_far.map_or(flat, |candle| Candle {
                high: candle.high.max(price),
                low: candle.low.min(price),
                close: price,
                ..*candle
            });
            let bar = Bar {
                opened: Moment(0),
                candle,
                synthetic: false,
            };
            let at = At {
                series,
                bar: Judged::Forming(&bar),
                others,
            };
            self.judge(&at, periods) == Verdict::True
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
        let Turns::At(starts) = self.turning_points(series, periods) else {
            return None;
        };
        let above = starts.partition_point(|&start| start <= price);
        let from = above.checked_sub(1).map_or(i64::MIN, |i| starts[i]);
        let to = starts.get(above).map_or(i64::MAX, |next| next - 1);
        Some((from, to))
    }

    /// Where the rule may change its mind as the price of the bar that follows `series` moves.
    pub fn turning_points(&self, series: &Series, periods: &[u16]) -> Turns {
        if !self.rests_on_close() {
            return Turns::Anywhere;
        }
        self.changes(series, periods, None)
    }

    /// The whole prices from which on some part of the rule may say something else than just
    /// below, the bar having shown `so_far`.
    fn changes(&self, series: &Series, periods: &[u16], so_far: Option<&Candle>) -> Turns {
        if series.len() + 1 < self.need(periods) {
            return Turns::Undefined;
        }
        let mut starts = Vec::new();
        // Beyond the highest and below the lowest print these follow the price.
        starts.extend(so_far.iter().flat_map(|c| [c.low - 1, c.high]));
        // A quotient by an average is monotone only at prices that are prices.
        starts.push(0);
        let mut anywhere = false;
        let mut between = |left: Term, right: Term| {
            let of = |term| Ratio::of(term, series, so_far);
            let (Some(left), Some(right)) = (of(left), of(right)) else {
                anywhere = true;
                return;
            };
            for left in [Some(left.0), left.1].into_iter().flatten() {
                for right in [Some(right.0), right.1].into_iter().flatten() {
                    match left.meets(&right) {
                        Meeting::At(price) => starts.push(price),
                        Meeting::Nowhere => {}
                        Meeting::Unknown => anywhere = true,
                    }
                }
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
            // Bars before the one being built, and other timeframes, say the same at every
            // price; what a condition says of the bar being built is among the nodes below.
            Node::Past(..) | Node::On(..) | Node::Not(_) | Node::All(_) | Node::Any(_) => {}
        });
        if anywhere {
            return Turns::Anywhere;
        }
        // Between two terms that meet at x something may change at x and right after it.
        let mut starts: Vec<i64> = starts.into_iter().flat_map(|at| [at, at + 1]).collect();
        starts.sort_unstable();
        starts.dedup();
        Turns::At(starts)
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

#[cfg(test)]
#[path = "threshold_tests.rs"]
mod tests;
