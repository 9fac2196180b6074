//! Stretches that could not be had: hatched from top to bottom, so that bars beside them do not
//! look like neighbours.

use egui::{Painter, Rect, Stroke, pos2};

use super::layout::Panes;
use super::palette::ChartPalette;
use super::spec::ChartSpec;
use super::transform::ChartTransform;
use crate::engine::Gap;

/// Between two lines of the hatching, points.
const STEP: f32 = 6.0;
/// A gap without a bar of its own takes half a bar's room, but is this wide, points.
const NARROW: std::ops::RangeInclusive<f64> = 3.0..=8.0;

/// Where a gap lies: over its own bars, or on the border between those beside it.
pub(super) fn place(
    spec: &ChartSpec<'_>,
    gap: &Gap,
    panes: &Panes,
    transform: &ChartTransform,
) -> Rect {
    let first = spec.first_within(gap.from);
    let end = spec.first_from(gap.until).max(first);
    let (mut left, mut right) = (
        transform.x_from_bar(first as f64),
        transform.x_from_bar(end as f64),
    );
    let half = (transform.px_per() / 2.0).clamp(*NARROW.start(), *NARROW.end()) as f32 / 2.0;
    let center = f32::midpoint(left, right);
    (left, right) = (left.min(center - half), right.max(center + half));
    Rect::from_min_max(
        pos2(left, panes.plot.top()),
        pos2(right, panes.plot.bottom()),
    )
}

/// The places on the bar axis at which whole bars lack.
pub(super) fn borders(spec: &ChartSpec<'_>) -> Vec<f64> {
    let bare = |gap: &Gap| {
        let first = spec.first_within(gap.from);
        (spec.first_from(gap.until) <= first).then_some(first as f64)
    };
    spec.gaps.iter().filter_map(bare).collect()
}

/// Hatches the gaps in view.
pub(super) fn paint(
    painter: &Painter,
    spec: &ChartSpec<'_>,
    panes: &Panes,
    transform: &ChartTransform,
    palette: &ChartPalette,
) {
    for gap in spec.gaps {
        let band = place(spec, gap, panes, transform).intersect(panes.plot);
        if !band.is_positive() {
            continue;
        }
        let inside = painter.with_clip_rect(band.intersect(painter.clip_rect()));
        inside.rect_filled(band, 0.0, palette.faint.gamma_multiply(0.12));
        let stroke = Stroke::new(1.0, palette.faint.gamma_multiply(0.6));
        // From the whole plot's corner, so that the lines hold still while the chart moves up.
        let mut x = band.left() - band.height();
        while x < band.right() {
            let line = [pos2(x, band.bottom()), pos2(x + band.height(), band.top())];
            inside.line_segment(line, stroke);
            x += STEP;
        }
        for x in [band.left(), band.right()] {
            inside.line_segment([pos2(x, band.top()), pos2(x, band.bottom())], stroke);
        }
    }
}
