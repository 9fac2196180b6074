//! Averages and alignment against an exact rational reference, on a million tick-grid bars
//! with many ties, on closed bars and on the bar being built.
//!
//! The reference keeps running sums in `i128` and brings every mean to one common denominator;
//! at every thousandth bar it adds the closes up afresh. The library subtracts prefix sums and
//! cross-multiplies, so the two share no step.

use jeongbae::bars::Series;
use jeongbae::domain::{Bar, Candle, Moment};
use jeongbae::indicators::{
    Alignment, alignment_at, alignment_forming, alignment_thresholds, average_at, average_forming,
};
use yata::core::Method;
use yata::methods::SMA;

#[path = "../benches/walk.rs"]
mod walk;

const BARS: usize = 1_000_000;
const PERIODS: [u16; 4] = [20, 60, 120, 240];
const COMMON: i128 = 240;

fn bar(index: usize, close: i64) -> Bar {
    Bar {
        opened: Moment(index as i64),
        candle: Candle::flat(close),
        synthetic: false,
    }
}

/// The exact means over the common denominator; `None` where not defined.
struct Reference {
    closes: Vec<i64>,
    sums: [i128; 4],
}

impl Reference {
    fn push(&mut self, close: i64) {
        for (sum, &period) in self.sums.iter_mut().zip(&PERIODS) {
            *sum += i128::from(close);
            if let Some(oldest) = self.closes.len().checked_sub(usize::from(period)) {
                *sum -= i128::from(self.closes[oldest]);
            }
        }
        self.closes.push(close);
    }

    /// Of the newest bar, or of one more that closes at `forming`.
    fn means(&self, forming: Option<i64>) -> Option<[i128; 4]> {
        let have = self.closes.len() + usize::from(forming.is_some());
        if have < usize::from(PERIODS[3]) {
            return None;
        }
        let mut means = self.sums;
        for (mean, &period) in means.iter_mut().zip(&PERIODS) {
            if let Some(price) = forming {
                let leaving = (self.closes.len()).checked_sub(usize::from(period));
                *mean += i128::from(price) - leaving.map_or(0, |i| i128::from(self.closes[i]));
            }
            *mean *= COMMON / i128::from(period);
        }
        Some(means)
    }

    fn check_sums(&self) {
        for (&sum, &period) in self.sums.iter().zip(&PERIODS) {
            let from = self.closes.len().saturating_sub(usize::from(period));
            let afresh: i128 = self.closes[from..].iter().map(|&c| i128::from(c)).sum();
            assert_eq!(sum, afresh);
        }
    }
}

fn alignment_of(means: Option<[i128; 4]>) -> Alignment {
    match means {
        None => Alignment::Unknown,
        Some([a, b, c, d]) if a > b && b > c && c > d => Alignment::Bullish,
        Some([a, b, c, d]) if a < b && b < c && c < d => Alignment::Bearish,
        Some(_) => Alignment::Mixed,
    }
}

/// The decimal text of mean / 240, by long division.
fn text_of(mean: i128) -> String {
    let (whole, mut rest) = (mean / COMMON, mean % COMMON);
    if rest == 0 {
        return whole.to_string();
    }
    let mut digits = 0;
    for place in 0..4 {
        digits = digits * 10 + rest * 10 / COMMON;
        rest = rest * 10 % COMMON;
        if rest == 0 {
            return format!("{whole}.{digits:0width$}", width = place + 1);
        }
    }
    digits += i128::from(COMMON <= rest * 2);
    let carried = whole + digits / 10_000;
    format!("{carried}.{:04}", digits % 10_000)
}

#[test]
fn a_million_bars_with_ties_without_one_difference() {
    let mut market = walk::Market::new(0x9e37_79b9_7f4a_7c15, 70_000);
    let mut series = Series::default();
    let mut reference = Reference {
        closes: Vec::new(),
        sums: [0; 4],
    };
    let first = market.next();
    let mut peer = PERIODS.map(|n| SMA::new(n as u8, &(first as f64)).unwrap());
    let (mut differences, mut ties, mut peer_wrong) = (0, 0, 0);
    let mut states = [0_usize; 4];
    let mut close = first;
    for index in 0..BARS {
        // The bar being built: at the price it will close at, and on both sides of the prices
        // at which its alignment changes.
        let band = alignment_thresholds(&series, &PERIODS);
        let (bullish, bearish) = band.map_or((1, 1), |band| band.edges());
        for price in [close, bullish, bullish - 1, bearish, bearish + 1] {
            let expected = alignment_of(reference.means(Some(price)));
            differences += usize::from(alignment_forming(&series, price, &PERIODS) != expected);
            let banded = band.map_or(Alignment::Unknown, |band| band.alignment(price));
            differences += usize::from(banded != expected);
        }
        if index % 1_000 == 0 {
            check_averages(&series, &reference, close);
        }

        series.push(bar(index, close));
        reference.push(close);
        let means = reference.means(None);
        let expected = alignment_of(means);
        differences += usize::from(alignment_at(&series, index, &PERIODS) != expected);
        states[expected as usize] += 1;
        ties += usize::from(means.is_some_and(|m| m.windows(2).any(|pair| pair[0] == pair[1])));
        let peers: [f64; 4] = std::array::from_fn(|k| peer[k].next(&(close as f64)));
        if means.is_some() {
            let said = match peers {
                [a, b, c, d] if a > b && b > c && c > d => Alignment::Bullish,
                [a, b, c, d] if a < b && b < c && c < d => Alignment::Bearish,
                _ => Alignment::Mixed,
            };
            peer_wrong += usize::from(said != expected);
        }
        close = market.next();
    }
    assert_eq!(differences, 0);
    // The bars are hard enough: many ties, every state, and running means get some wrong.
    assert!(10_000 < ties, "only {ties} ties");
    assert!(states.iter().all(|&n| 200 < n), "{states:?}");
    assert!(
        100 < peer_wrong,
        "running means were wrong on {peer_wrong} bars only"
    );
    println!("0 differences, {ties} ties, {states:?}; running means: {peer_wrong} wrong");
}

/// Values and texts of every average, closed and forming.
fn check_averages(series: &Series, reference: &Reference, forming: i64) {
    reference.check_sums();
    let newest = series.len().wrapping_sub(1);
    for (k, &period) in PERIODS.iter().enumerate() {
        let closed = average_at(series, newest, period);
        assert_eq!(closed.is_some(), usize::from(period) <= series.len());
        if let (Some(average), Some(means)) = (closed, reference.means(None)) {
            let scale = COMMON / i128::from(period);
            assert_eq!(i128::from(average.sum) * scale, means[k]);
            assert_eq!(average.decimal_text(), text_of(means[k]));
        }
        let average = average_forming(series, forming, period);
        assert_eq!(average.is_some(), usize::from(period) <= series.len() + 1);
        if let (Some(average), Some(means)) = (average, reference.means(Some(forming))) {
            assert_eq!(average.decimal_text(), text_of(means[k]));
        }
    }
}
