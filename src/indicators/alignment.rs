//! The order of the moving averages: 정배열 and 역배열.

use crate::bars::Series;

use super::average::{Average, average_at, average_forming};

/// How the averages of one stock lie, shortest period first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alignment {
    /// 정배열: every shorter average strictly above the next longer one.
    Bullish,
    /// 역배열: every shorter average strictly below the next longer one.
    Bearish,
    /// Neither; equal averages are neither above nor below.
    Mixed,
    /// Some average is not defined yet. Not the same as mixed: nobody knows.
    Unknown,
}

/// The alignment on the closed bar `index`; `periods` ascending.
pub fn alignment_at(series: &Series, index: usize, periods: &[u16]) -> Alignment {
    of(periods, |period| average_at(series, index, period))
}

/// The alignment on the bar being built, whose close is `price` and part of every average.
pub fn alignment_forming(series: &Series, price: i64, periods: &[u16]) -> Alignment {
    of(periods, |period| average_forming(series, price, period))
}

/// For how many closed bars, counted from the newest, the present alignment has held.
pub fn alignment_age(series: &Series, periods: &[u16]) -> u32 {
    let Some(newest) = series.len().checked_sub(1) else {
        return 0;
    };
    let present = alignment_at(series, newest, periods);
    let same = |index: &usize| alignment_at(series, *index, periods) == present;
    let age = (0..=newest).rev().take_while(same).count();
    u32::try_from(age).unwrap_or(u32::MAX)
}

/// Fewer than two periods have no order and give `Unknown`.
fn of(periods: &[u16], average: impl Fn(u16) -> Option<Average>) -> Alignment {
    let Some((&longest, shorter)) = periods.split_last() else {
        return Alignment::Unknown;
    };
    // From the longest down: it is the one most likely to be undefined.
    let Some(mut longer) = average(longest).filter(|_| !shorter.is_empty()) else {
        return Alignment::Unknown;
    };
    let (mut bullish, mut bearish) = (true, true);
    for &period in shorter.iter().rev() {
        let Some(this) = average(period) else {
            return Alignment::Unknown;
        };
        let order = this.cmp(&longer);
        bullish &= order.is_gt();
        bearish &= order.is_lt();
        longer = this;
    }
    match (bullish, bearish) {
        (true, _) => Alignment::Bullish,
        (_, true) => Alignment::Bearish,
        _ => Alignment::Mixed,
    }
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

    #[track_caller]
    fn check(closes: &[i64], expected: Alignment) {
        let periods = [2, 3, 4];
        let all = series(closes);
        assert_eq!(
            alignment_at(&all, closes.len().wrapping_sub(1), &periods),
            expected
        );
        // The same bar as the one being built.
        if let Some((&price, before)) = closes.split_last() {
            assert_eq!(
                alignment_forming(&series(before), price, &periods),
                expected
            );
        }
    }

    #[test]
    fn alignment_cases() {
        check(&[], Alignment::Unknown);
        check(&[1, 2, 3], Alignment::Unknown);
        check(&[1, 2, 3, 4], Alignment::Bullish);
        check(&[4, 3, 2, 1], Alignment::Bearish);
        check(&[2, 2, 2, 2], Alignment::Mixed);
        check(&[9, 1, 2, 3], Alignment::Mixed);
        // MA2 = MA3: a tie is not bullish although the rest is.
        check(&[1, 4, 4, 4], Alignment::Mixed);
        assert_eq!(alignment_at(&series(&[1, 2]), 1, &[1]), Alignment::Unknown);
    }

    #[test]
    fn age_counts_the_bars_of_the_present_state() {
        let ages = |closes: &[i64]| alignment_age(&series(closes), &[1, 2]);
        assert_eq!(ages(&[]), 0);
        assert_eq!(ages(&[5]), 1); // unknown
        assert_eq!(ages(&[5, 6]), 1);
        assert_eq!(ages(&[5, 6, 7, 8]), 3);
        assert_eq!(ages(&[5, 6, 7, 7, 7]), 2);
    }
}
