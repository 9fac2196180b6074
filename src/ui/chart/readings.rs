//! What the strip outside the plot says of one bar.

use super::averages::sum;
use super::spec::ChartSpec;
use super::text::{bar_time, grouped};
use crate::domain::Candle;
use crate::indicators::Alignment;

/// The readings of one bar, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readings {
    /// When the bar was: `2026-11-20 (금) 10:30`; empty without a bar.
    pub time: String,
    /// First price; empty without a bar, as the following.
    pub open: String,
    /// Highest price.
    pub high: String,
    /// Lowest price.
    pub low: String,
    /// Last price.
    pub close: String,
    /// Shares traded.
    pub volume: String,
    /// The numbers behind the texts, for colours.
    pub candle: Option<Candle>,
    /// The close of the bar before.
    pub previous: Option<i64>,
    /// The bar is still being built.
    pub forming: bool,
    /// Nothing traded in it.
    pub synthetic: bool,
    /// Period and average, rounded half up to the won; `None` where it is not defined.
    pub averages: Vec<(u16, Option<String>)>,
    /// How the averages lie on this bar.
    pub alignment: Alignment,
}

/// The readings of the bar at `index`, or of the newest one.
pub fn readings(spec: &ChartSpec<'_>, index: Option<usize>) -> Readings {
    let newest = spec.total().checked_sub(1);
    let index = index.filter(|i| Some(*i) <= newest).or(newest);
    let bar = index.and_then(|i| spec.bar(i));
    let text = |of: fn(&Candle) -> i64| bar.map(|b| grouped(of(&b.candle))).unwrap_or_default();
    let averages = spec.periods.iter().map(|&period| {
        let sum = index.and_then(|i| sum(spec, i, period));
        (period, sum.map(|s| grouped(rounded(s, period))))
    });
    Readings {
        time: bar
            .map(|b| bar_time(b.opened, spec.timeframe))
            .unwrap_or_default(),
        open: text(|c| c.open),
        high: text(|c| c.high),
        low: text(|c| c.low),
        close: text(|c| c.close),
        volume: text(|c| c.volume),
        candle: bar.map(|b| b.candle),
        previous: index
            .and_then(|i| spec.bar(i.checked_sub(1)?))
            .map(|b| b.candle.close),
        forming: index.is_some_and(|i| i == spec.series.len()),
        synthetic: bar.is_some_and(|b| b.synthetic),
        averages: averages.collect(),
        alignment: index.map_or(Alignment::Unknown, |i| alignment(spec, i)),
    }
}

/// Half up, in integers.
fn rounded(sum: i64, period: u16) -> i64 {
    let period = i64::from(period);
    (sum * 2 + period).div_euclid(period * 2)
}

/// Neighbouring averages compared exactly, by cross-multiplication.
fn alignment(spec: &ChartSpec<'_>, index: usize) -> Alignment {
    let sums: Option<Vec<(i128, i128)>> = spec
        .periods
        .iter()
        .map(|&p| Some((i128::from(sum(spec, index, p)?), i128::from(p))))
        .collect();
    let Some(sums) = sums.filter(|s| 2 <= s.len()) else {
        return Alignment::Unknown;
    };
    let ordered = |wanted: std::cmp::Ordering| {
        sums.windows(2)
            .all(|pair| (pair[0].0 * pair[1].1).cmp(&(pair[1].0 * pair[0].1)) == wanted)
    };
    match () {
        () if ordered(std::cmp::Ordering::Greater) => Alignment::Bullish,
        () if ordered(std::cmp::Ordering::Less) => Alignment::Bearish,
        () => Alignment::Mixed,
    }
}
