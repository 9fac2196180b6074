//! A term as a function of the price of the bar being built, and where two of them meet.

use crate::bars::Series;
use crate::domain::Candle;

use super::expr::{Decimal, Quantity, Term};

/// (`over` · price + `over_base`) / (`under` · price + `under_base`), in exact integers; the
/// denominator is positive at every positive price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    over: i128,
    over_base: i128,
    under: i128,
    under_base: i128,
}

/// Where two terms are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meeting {
    /// The whole price at or just below that place.
    At(i64),
    /// In no single point.
    Nowhere,
    /// At more than one price, or beyond the arithmetic: every price must be tried.
    Unknown,
}

/// Beyond any price; the bound keeps the arithmetic after it from overflowing.
const BEYOND: i128 = 1_000_000_000_000_000;

impl Ratio {
    /// The term on the bar that follows the series; two where the price decides which of them it
    /// is. `so_far` is what that bar has shown already: its open, high, low and volume. `None`
    /// where the term is not defined.
    pub(super) fn of(
        term: Term,
        series: &Series,
        so_far: Option<&Candle>,
    ) -> Option<(Self, Option<Self>)> {
        let (factor, quantity) = match term {
            Term::Number(number) => return Some((Self::constant(number), None)),
            Term::Of(quantity) => (None, quantity),
            Term::Times(number, quantity) => (Some(number), quantity),
        };
        let (first, second) = Self::of_quantity(quantity, series, so_far)?;
        let times = |ratio: Self| match factor {
            Some(number) => ratio.times(number),
            None => Some(ratio),
        };
        Some((times(first)?, second.map(times).unwrap_or(None)))
    }

    fn of_quantity(
        quantity: Quantity,
        series: &Series,
        so_far: Option<&Candle>,
    ) -> Option<(Self, Option<Self>)> {
        let price = Self::line(0, 1);
        let before = |period: u16| usize::from(period).checked_sub(1);
        Some(match quantity {
            Quantity::Close => (price, None),
            Quantity::Average(period) => {
                let sum = sum_or_zero(before(period)?, |n| series.sum(series.len(), n))?;
                (Self::line(sum, i128::from(period)), None)
            }
            Quantity::Disparity(period) => {
                let sum = sum_or_zero(before(period)?, |n| series.sum(series.len(), n))?;
                let ratio = Self {
                    over: 100 * i128::from(period),
                    over_base: 0,
                    under: 1,
                    under_base: sum,
                };
                (ratio, None)
            }
            Quantity::Open => (Self::whole(so_far?.open), None),
            Quantity::High => (Self::whole(so_far?.high), Some(price)),
            Quantity::Low => (Self::whole(so_far?.low), Some(price)),
            Quantity::Volume => (Self::whole(so_far?.volume), None),
            Quantity::VolumeAverage(period) => {
                let volumes = |n| series.volume_sum(series.len(), n);
                let sum = sum_or_zero(before(period)?, volumes)?;
                let ratio = Self {
                    over: 0,
                    over_base: sum + i128::from(so_far?.volume),
                    under: 0,
                    under_base: i128::from(period),
                };
                (ratio, None)
            }
        })
    }

    fn constant(number: Decimal) -> Self {
        Self {
            under_base: unit(number),
            ..Self::whole(number.mantissa)
        }
    }

    fn whole(value: i64) -> Self {
        Self {
            over: 0,
            over_base: i128::from(value),
            under: 0,
            under_base: 1,
        }
    }

    /// (price + `base`) / `scale`.
    fn line(base: i128, scale: i128) -> Self {
        Self {
            over: 1,
            over_base: base,
            under: 0,
            under_base: scale,
        }
    }

    fn times(self, number: Decimal) -> Option<Self> {
        let (factor, unit) = (i128::from(number.mantissa), unit(number));
        Some(Self {
            over: self.over.checked_mul(factor)?,
            over_base: self.over_base.checked_mul(factor)?,
            under: self.under.checked_mul(unit)?,
            under_base: self.under_base.checked_mul(unit)?,
        })
    }

    /// Where both are equal.
    pub(super) fn meets(&self, other: &Self) -> Meeting {
        self.meeting(other).unwrap_or(Meeting::Unknown)
    }

    fn meeting(&self, other: &Self) -> Option<Meeting> {
        let square = cross(self.over, other.under, other.over, self.under)?;
        let slope = cross(self.over, other.under_base, other.over, self.under_base)?.checked_add(
            cross(self.over_base, other.under, other.over_base, self.under)?,
        )?;
        let base = cross(
            self.over_base,
            other.under_base,
            other.over_base,
            self.under_base,
        )?;
        let (slope, base) = match (square, base) {
            (0, base) => (slope, base),
            // One of the two places is the price 0, which nothing is ever traded at.
            (square, 0) => (square, slope),
            (_, _) => return None,
        };
        if slope == 0 {
            return Some(Meeting::Nowhere);
        }
        let rest = base.checked_neg()?.checked_mul(slope.signum())?;
        let at = rest.div_euclid(slope.checked_abs()?);
        Some(Meeting::At(at.clamp(-BEYOND, BEYOND) as i64))
    }
}

/// a · b − c · d.
fn cross(a: i128, b: i128, c: i128, d: i128) -> Option<i128> {
    a.checked_mul(b)?.checked_sub(c.checked_mul(d)?)
}

fn sum_or_zero(count: usize, sum: impl FnOnce(usize) -> Option<i64>) -> Option<i128> {
    match count {
        0 => Some(0),
        count => sum(count).map(i128::from),
    }
}

fn unit(number: Decimal) -> i128 {
    10_i128.pow(u32::from(number.scale))
}
