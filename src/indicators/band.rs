//! Alignment as a band of prices: where it would be bullish or bearish on the bar being built.

use std::cmp::Ordering;

use crate::bars::Series;
use crate::domain::{Won, round_down_to_tick, round_up_to_tick};

use super::Alignment;

/// An exact fraction of won. Ordered and equal by value.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    /// Above the line.
    pub numerator: i128,
    /// Below the line, at least 1.
    pub denominator: i64,
}

impl Ratio {
    /// The largest whole number of won not above it.
    pub fn floor(self) -> i64 {
        let floor = self.numerator.div_euclid(i128::from(self.denominator));
        floor.clamp(i128::from(i64::MIN / 2), i128::from(i64::MAX / 2)) as i64
    }

    /// Whether it is a whole number of won.
    pub fn is_whole(self) -> bool {
        self.numerator % i128::from(self.denominator) == 0
    }

    /// The smallest price of the tick grid strictly above it.
    pub fn grid_above(self) -> Won {
        round_up_to_tick(Won((self.floor().saturating_add(1)).max(1)))
    }

    /// The largest price of the tick grid strictly below it; `None` where there is no positive
    /// one.
    pub fn grid_below(self) -> Option<Won> {
        let whole = self.floor() - i64::from(self.is_whole());
        (0 < whole).then(|| round_down_to_tick(Won(whole)))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        let product = |a: &Self, b: &Self| a.numerator * i128::from(b.denominator);
        product(self, other).cmp(&product(other, self))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ratio {}

/// The thresholds of the bar being built: bullish strictly above the one, bearish strictly
/// below the other, mixed between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The largest threshold of the adjacent pairs.
    pub bullish_above: Ratio,
    /// The smallest.
    pub bearish_below: Ratio,
}

impl Band {
    /// The alignment at `price`; the same as
    /// [`alignment_forming`](super::alignment_forming).
    pub fn alignment(&self, price: i64) -> Alignment {
        let (first_bullish, last_bearish) = self.edges();
        if first_bullish <= price {
            Alignment::Bullish
        } else if price <= last_bearish {
            Alignment::Bearish
        } else {
            Alignment::Mixed
        }
    }

    /// The smallest whole price that is bullish and the largest that is bearish.
    pub fn edges(&self) -> (i64, i64) {
        let bearish = self.bearish_below;
        (
            self.bullish_above.floor() + 1,
            bearish.floor() - i64::from(bearish.is_whole()),
        )
    }

    /// The whole prices around `price`, both ends included, at which the alignment is the same
    /// as there: a tick inside needs two comparisons and nothing else.
    pub fn unchanged_around(&self, price: i64) -> (i64, i64) {
        let (first_bullish, last_bearish) = self.edges();
        if first_bullish <= price {
            (first_bullish, i64::MAX)
        } else if price <= last_bearish {
            (i64::MIN, last_bearish)
        } else {
            (last_bearish + 1, first_bullish - 1)
        }
    }
}

/// The thresholds over `periods` (ascending, at least two) on the bar that follows the series;
/// `None` while some average is not defined on it.
///
/// With S(m) the sum of the last m closes and a < b: MA_a > MA_b exactly when the price is
/// above (a·S(b−1) − b·S(a−1)) / (b − a).
pub fn alignment_thresholds(series: &Series, periods: &[u16]) -> Option<Band> {
    let pairs = periods.windows(2).map(|pair| match *pair {
        [a, b] => pair_threshold(series, a, b),
        _ => None,
    });
    let mut band: Option<Band> = None;
    for threshold in pairs {
        let threshold = threshold?;
        band = Some(match band {
            Some(band) => Band {
                bullish_above: band.bullish_above.max(threshold),
                bearish_below: band.bearish_below.min(threshold),
            },
            None => Band {
                bullish_above: threshold,
                bearish_below: threshold,
            },
        });
    }
    band
}

fn pair_threshold(series: &Series, a: u16, b: u16) -> Option<Ratio> {
    if a == 0 || b <= a {
        return None;
    }
    let sum = |period: u16| series.sum(series.len(), usize::from(period) - 1);
    let (short, long) = (i128::from(sum(a)?), i128::from(sum(b)?));
    Some(Ratio {
        numerator: i128::from(a) * long - i128::from(b) * short,
        denominator: i64::from(b - a),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bar, Candle, Moment};
    use crate::indicators::alignment_forming;

    fn series(closes: &[i64]) -> Series {
        let bar = |(i, &close): (usize, &i64)| Bar {
            opened: Moment(i as i64),
            candle: Candle::flat(close),
            synthetic: false,
        };
        Series::new(closes.iter().enumerate().map(bar).collect())
    }

    #[test]
    fn the_band_says_what_the_averages_say_at_every_price() {
        let periods = [1, 2, 4];
        for closes in [[100, 104, 99], [1, 1, 1], [50, 20, 3], [3, 20, 50]] {
            let series = series(&closes);
            let band = alignment_thresholds(&series, &periods).unwrap();
            for price in -200..400 {
                let expected = alignment_forming(&series, price, &periods);
                assert_eq!(band.alignment(price), expected, "{closes:?} at {price}");
                let (low, high) = band.unchanged_around(price);
                assert!(low <= price && price <= high);
                for (edge, beyond) in [(low, -1), (high, 1)] {
                    if edge.unsigned_abs() < 1_000_000 {
                        assert_eq!(alignment_forming(&series, edge, &periods), expected);
                        assert_ne!(
                            alignment_forming(&series, edge + beyond, &periods),
                            expected
                        );
                    }
                }
            }
        }
        assert_eq!(alignment_thresholds(&series(&[1, 2]), &periods), None);
        assert_eq!(alignment_thresholds(&series(&[1, 2]), &[2]), None);
    }

    #[test]
    fn grid_prices_lie_strictly_beyond_the_threshold() {
        let ratio = |numerator, denominator| Ratio {
            numerator,
            denominator,
        };
        assert_eq!(ratio(70_000, 1).grid_above(), Won(70_100));
        assert_eq!(ratio(70_000, 1).grid_below(), Some(Won(69_900)));
        assert_eq!(ratio(140_001, 2).grid_above(), Won(70_100));
        assert_eq!(ratio(140_001, 2).grid_below(), Some(Won(70_000)));
        // Across a border of the grid.
        assert_eq!(ratio(49_999, 1).grid_above(), Won(50_000));
        assert_eq!(ratio(50_000, 1).grid_below(), Some(Won(49_950)));
        assert_eq!(ratio(-5, 1).grid_above(), Won(1));
        assert_eq!(ratio(1, 1).grid_below(), None);
        assert_eq!(ratio(-7, 2).floor(), -4);
    }
}
