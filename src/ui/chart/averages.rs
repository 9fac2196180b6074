//! Moving averages as lines.

use std::ops::Range;

use egui::{Pos2, Shape, Stroke, pos2};

use super::palette::ChartPalette;
use super::spec::ChartSpec;
use super::transform::ChartTransform;

/// One average in view: places on the bar axis and values, oldest first.
pub(super) type Line = Vec<(f64, f64)>;

/// The average over `period` closes at the bar `index`, on the bar being built with its last
/// price; `None` where it is not defined.
pub(super) fn average(spec: &ChartSpec<'_>, index: usize, period: u16) -> Option<f64> {
    sum(spec, index, period).map(|sum| sum as f64 / f64::from(period))
}

/// The exact sum of the last `period` closes at the bar `index`.
pub(super) fn sum(spec: &ChartSpec<'_>, index: usize, period: u16) -> Option<i64> {
    let count = usize::from(period);
    let closed = spec.series.len();
    match index {
        _ if count == 0 => None,
        i if i < closed => spec.series.sum(i + 1, count),
        i if i == closed => {
            let price = spec.building()?.candle.close;
            Some(spec.series.sum(closed, count - 1)? + price)
        }
        _ => None,
    }
}

/// The averages in view, one line a period. At most one point for every 1.5 points of width;
/// the places are multiples of the step, so a line does not shimmer while it is dragged.
pub(super) fn lines(spec: &ChartSpec<'_>, visible: &Range<usize>, px_per: f64) -> Vec<Line> {
    let step = ((1.5 / px_per).ceil() as usize).max(1);
    // One point further on either side: the line runs to the edge.
    let start = visible.start.saturating_sub(step) / step * step;
    let end = (visible.end + step).min(spec.total());
    let newest = end.checked_sub(1).filter(|i| start <= *i);
    let of = |period: u16| {
        let at = |i: usize| average(spec, i, period).map(|v| (i as f64 + 0.5, v));
        let defined = start.max(usize::from(period).saturating_sub(1) / step * step);
        let mut line = Vec::with_capacity(end.saturating_sub(defined) / step + 2);
        line.extend((defined..end).step_by(step).filter_map(at));
        // The newest bar has its point whatever the step.
        line.extend(newest.filter(|i| i % step != 0).and_then(at));
        line
    };
    spec.periods.iter().map(|&period| of(period)).collect()
}

/// The lines as shapes. They do not cross a gap: `borders` are the places on the bar axis where
/// bars lack.
pub(super) fn shapes(
    lines: &[Line],
    borders: &[f64],
    transform: &ChartTransform,
    palette: &ChartPalette,
) -> impl Iterator<Item = Shape> {
    let beyond = move |bar: f64| borders.iter().filter(|border| **border <= bar).count();
    let pieces = lines.iter().enumerate().flat_map(move |(place, line)| {
        line.chunk_by(move |a, b| beyond(a.0) == beyond(b.0))
            .map(move |piece| (place, piece))
    });
    pieces.filter_map(move |(place, line)| {
        let points: Vec<Pos2> = line
            .iter()
            .map(|&(bar, value)| pos2(transform.x_from_bar(bar), transform.y_from_price(value)))
            .collect();
        let stroke = Stroke::new(1.3, palette.average(place));
        (2 <= points.len()).then(|| Shape::line(points, stroke))
    })
}
