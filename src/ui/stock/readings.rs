//! The numbers of one bar, for the strip above the chart.

use crate::bars::Series;
use crate::domain::{Bar, Moment};
use crate::indicators::{Alignment, alignment_at, alignment_forming};

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
    let (bar, sums, alignment): (Bar, Vec<_>, Alignment) = match (closed, forming) {
        (None, Some(forming)) => {
            let close = forming.candle.close;
            let sum = |p: u16| {
                let before = series.sum(series.len(), usize::from(p).checked_sub(1)?)?;
                Some(before + close)
            };
            let sums = periods.iter().map(|&p| (p, sum(p))).collect();
            (*forming, sums, alignment_forming(series, close, periods))
        }
        (closed, _) => {
            let index = closed.or_else(|| series.len().checked_sub(1))?;
            let sum = |p: u16| series.sum(index + 1, usize::from(p));
            let bar = *series.bars().get(index)?;
            let sums = periods.iter().map(|&p| (p, sum(p))).collect();
            (bar, sums, alignment_at(series, index, periods))
        }
    };
    Some(Readings {
        bar,
        sums,
        alignment,
    })
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
