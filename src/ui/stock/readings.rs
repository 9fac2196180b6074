//! The numbers of one bar, for the strip above the chart.

use crate::bars::Series;
use crate::domain::{Bar, Moment};
use crate::indicators::Alignment;

/// What the strip shows of one bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Readings {
    pub(super) bar: Bar,
    /// Sum of the closes of each average's bars; `None` where there are too few.
    pub(super) sums: Vec<(u16, Option<i64>)>,
    pub(super) alignment: Alignment,
}

/// The readings of the bar that opened at `hovered`, else of the newest.
pub(super) fn readings(
    series: &Series,
    forming: Option<&Bar>,
    periods: &[u16],
    hovered: Option<Moment>,
) -> Option<Readings> {
    let closed = hovered.and_then(|at| series.index_of(at));
    let (bar, sums): (Bar, Vec<_>) = match (closed, forming) {
        (None, Some(forming)) => {
            let sum = |p: u16| {
                let before = series.sum(series.len(), usize::from(p).checked_sub(1)?)?;
                Some(before + forming.candle.close)
            };
            (*forming, periods.iter().map(|&p| (p, sum(p))).collect())
        }
        (closed, _) => {
            let index = closed.or_else(|| series.len().checked_sub(1))?;
            let sum = |p: u16| series.sum(index + 1, usize::from(p));
            let bar = *series.bars().get(index)?;
            (bar, periods.iter().map(|&p| (p, sum(p))).collect())
        }
    };
    let alignment = alignment(&sums);
    Some(Readings {
        bar,
        sums,
        alignment,
    })
}

/// Exact: averages are compared by cross-multiplying their sums.
fn alignment(sums: &[(u16, Option<i64>)]) -> Alignment {
    let known: Option<Vec<(i128, i128)>> = sums
        .iter()
        .map(|&(p, sum)| Some((i128::from(p), i128::from(sum?))))
        .collect();
    let Some(known) = known.filter(|k| 1 < k.len()) else {
        return Alignment::Unknown;
    };
    let above = |w: &[(i128, i128)]| w[0].1 * w[1].0 > w[1].1 * w[0].0;
    let below = |w: &[(i128, i128)]| w[0].1 * w[1].0 < w[1].1 * w[0].0;
    if known.windows(2).all(above) {
        Alignment::Bullish
    } else if known.windows(2).all(below) {
        Alignment::Bearish
    } else {
        Alignment::Mixed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Candle;

    fn bar(i: i64, close: i64) -> Bar {
        Bar {
            opened: Moment(i),
            candle: Candle::flat(close),
            synthetic: false,
        }
    }

    #[test]
    fn the_bar_being_built_is_part_of_its_averages() {
        let series = Series::new((1..=4).map(|i| bar(i, i * 100)).collect());
        let forming = bar(5, 900);
        let now = readings(&series, Some(&forming), &[1, 2, 6], None).unwrap();
        assert_eq!(now.sums, [(1, Some(900)), (2, Some(1_300)), (6, None)]);
        assert_eq!(now.alignment, Alignment::Unknown);
        let then = readings(&series, Some(&forming), &[1, 2], Some(Moment(2))).unwrap();
        assert_eq!(then.bar.candle.close, 200);
        assert_eq!(then.sums, [(1, Some(200)), (2, Some(300))]);
        assert_eq!(then.alignment, Alignment::Bullish);
        assert_eq!(readings(&Series::default(), None, &[1], None), None);
    }
}
