//! Marks above the bars on which a backtested rule would have rung: small, faint and hollow, so
//! that nobody takes them for signals.

use std::ops::Range;

use egui::{Painter, Shape, Stroke, vec2};

use super::palette::ChartPalette;
use super::spec::ChartSpec;
use super::transform::ChartTransform;

/// Between a high and the mark above it, points.
const GAP: f32 = 4.0;
/// Half the width and the height of a mark, points.
const SIZE: (f32, f32) = (4.5, 6.0);

/// Paints the marks of the bars in view; one that would leave the plot is moved to its edge.
pub(super) fn paint(
    painter: &Painter,
    spec: &ChartSpec<'_>,
    visible: &Range<usize>,
    transform: &ChartTransform,
    palette: &ChartPalette,
) {
    let pane = transform.plot();
    for (index, bar) in spec.bars(visible.clone()) {
        if spec.tested.binary_search(&bar.opened).is_err() {
            continue;
        }
        let mut tip = transform.bar_point(index, bar.candle.high as f64) - vec2(0.0, GAP);
        tip.y = tip.y.clamp(pane.top() + SIZE.1, pane.bottom());
        let contour = vec![
            tip,
            tip + vec2(SIZE.0, -SIZE.1),
            tip + vec2(-SIZE.0, -SIZE.1),
        ];
        let stroke = Stroke::new(1.2, palette.secondary);
        painter.add(Shape::convex_polygon(contour, palette.background, stroke));
    }
}
