//! Simple moving averages of closes (이동평균) and of volumes.

use std::cmp::Ordering;

use crate::bars::Series;

/// An exact average: a sum of closes (or volumes) and how many there are. Ordered and equal by value, so
/// 4/2 equals 2/1.
#[derive(Clone, Copy, Debug)]
pub struct Average {
    /// The sum of the closes, won (or of the volumes, shares).
    pub sum: i64,
    /// Their number, at least 1.
    pub period: u16,
}

impl Average {
    /// For drawing only.
    pub fn to_f64(self) -> f64 {
        self.sum as f64 / f64::from(self.period)
    }

    /// As decimal text: exact where four decimal places suffice (`70912.5`), otherwise rounded
    /// half up to four places (`70912.0417`).
    pub fn decimal_text(self) -> String {
        let period = i128::from(self.period.max(1));
        let scaled = i128::from(self.sum) * 10_000;
        let exact = scaled % period == 0;
        let rounded = (2 * scaled + period).div_euclid(2 * period);
        let sign = if rounded < 0 { "-" } else { "" };
        let (whole, part) = (rounded.abs() / 10_000, rounded.abs() % 10_000);
        let text = format!("{sign}{whole}.{part:04}");
        if exact {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    }
}

impl Ord for Average {
    fn cmp(&self, other: &Self) -> Ordering {
        let product = |a: &Self, b: &Self| i128::from(a.sum) * i128::from(b.period);
        product(self, other).cmp(&product(other, self))
    }
}

impl PartialOrd for Average {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Average {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Average {}

/// The average over `period` closes up to and including the closed bar `index`; `None` before
/// the `period`-th bar.
pub fn average_at(series: &Series, index: usize, period: u16) -> Option<Average> {
    let sum = series.sum(index.checked_add(1)?, usize::from(period))?;
    (0 < period).then_some(Average { sum, period })
}

/// The average on the bar being built, whose close is the last price `price` and part of it.
pub fn average_forming(series: &Series, price: i64, period: u16) -> Option<Average> {
    let before = usize::from(period.checked_sub(1)?);
    let sum = series.sum(series.len(), before).or_else(|| {
        // A series without any bar has no sums, not even that of nothing.
        (before == 0).then_some(0)
    })?;
    Some(Average {
        sum: sum.saturating_add(price),
        period,
    })
}

/// The average volume over `period` bars up to and including the closed bar `index`, shares;
/// `None` before the `period`-th bar.
pub fn volume_average_at(series: &Series, index: usize, period: u16) -> Option<Average> {
    let sum = series.volume_sum(index.checked_add(1)?, usize::from(period))?;
    (0 < period).then_some(Average { sum, period })
}

/// The average volume on the bar being built, whose volume so far is part of it.
pub fn volume_average_forming(series: &Series, volume: i64, period: u16) -> Option<Average> {
    let before = usize::from(period.checked_sub(1)?);
    let sum = series.volume_sum(series.len(), before);
    let sum = sum.or((before == 0).then_some(0))?;
    Some(Average {
        sum: sum.saturating_add(volume),
        period,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bar, Candle, Moment};

    fn series(closes: &[i64]) -> Series {
        let bar = |(i, &close): (usize, &i64)| Bar {
            opened: Moment(i as i64),
            candle: Candle::flat(close),
            synthetic: false,
        };
        Series::new(closes.iter().enumerate().map(bar).collect())
    }

    #[test]
    fn defined_from_the_nth_bar_on() {
        let series = series(&[10, 20, 60]);
        assert_eq!(average_at(&series, 0, 2), None);
        assert_eq!(average_at(&series, 1, 2).unwrap().to_f64(), 15.0);
        assert_eq!(average_at(&series, 3, 1), None);
        assert_eq!(average_at(&series, usize::MAX, 1), None);
        assert_eq!(average_at(&series, 1, 0), None);
        assert_eq!(average_forming(&series, 90, 4).unwrap().to_f64(), 45.0);
        assert_eq!(average_forming(&series, 90, 5), None);
        assert_eq!(average_forming(&series, 90, 0), None);
        let one = average_forming(&Series::default(), 7, 1).unwrap();
        assert_eq!((one.sum, one.period), (7, 1));
    }

    #[test]
    fn text_is_exact_or_rounded_half_up() {
        let text = |sum, period| Average { sum, period }.decimal_text();
        assert_eq!(text(141_825, 2), "70912.5");
        assert_eq!(text(70_912 * 24 + 1, 24), "70912.0417");
        assert_eq!(text(70_912 * 3, 3), "70912");
        assert_eq!(text(1, 32), "0.0313"); // 0.03125: half goes up.
        assert_eq!(text(2, 3), "0.6667");
        assert_eq!(text(30_001, 30_000), "1.0000"); // Rounded, and its zeros say so.
        assert_eq!(text(100, 1), "100");
    }

    #[test]
    fn compared_by_value() {
        let of = |sum, period| Average { sum, period };
        assert_eq!(of(4, 2), of(2, 1));
        assert!(of(1, 3) < of(334, 1_000) && of(333, 1_000) < of(1, 3));
    }
}
