//! Arrows beneath the bars that caused a signal.

use std::ops::Range;

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::palette::{ChartPalette, mix};
use super::spec::ChartSpec;
use super::transform::ChartTransform;
use crate::domain::{SignalKey, Stage};
use crate::engine::Marker;

/// Between a low and the tip below it, points.
const GAP: f32 = 3.0;
/// Width and height of the head, points.
const HEAD: (f32, f32) = (13.0, 8.0);
/// Width and height of the stem, points.
const STEM: (f32, f32) = (5.0, 7.0);
/// From one tip to the next below it, points.
const PITCH: f32 = HEAD.1 + STEM.1 + 4.0;
/// Seconds of light, and of dark: 1 Hz.
const HALF_PERIOD: f64 = 0.5;

/// Where an arrow is on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrowGeometry {
    /// The point of the arrow: on the centre of its bar, right below the low.
    pub tip: Pos2,
    /// The contour, clockwise from the tip.
    pub outline: [Pos2; 7],
    /// What it covers.
    pub bounds: Rect,
}

/// Where the arrow of the bar at `index` is painted. `low`: the bar's low, won; `slot`: 0 for
/// the first arrow of a bar, 1 for the one below it. The size is the same at every zoom.
pub fn arrow_geometry(
    transform: &ChartTransform,
    index: usize,
    low: i64,
    slot: usize,
) -> ArrowGeometry {
    let down = GAP + slot as f32 * PITCH;
    let tip = transform.bar_point(index, low as f64) + vec2(0.0, down);
    let at = |x: f32, y: f32| pos2(tip.x + x, tip.y + y);
    let (head, stem, end) = (HEAD.0 / 2.0, STEM.0 / 2.0, HEAD.1 + STEM.1);
    ArrowGeometry {
        tip,
        outline: [
            tip,
            at(head, HEAD.1),
            at(stem, HEAD.1),
            at(stem, end),
            at(-stem, end),
            at(-stem, HEAD.1),
            at(-head, HEAD.1),
        ],
        bounds: Rect::from_min_max(at(-head, 0.0), at(head, end)),
    }
}

/// Points that so many arrows need below a low.
pub(super) fn room(arrows: usize) -> f64 {
    f64::from(GAP + arrows as f32 * PITCH + 2.0)
}

/// An arrow whose bar is in view.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) index: usize,
    pub(super) low: i64,
    pub(super) slot: usize,
    marker: Marker,
}

/// The arrows whose bars are in view. One comparison for each arrow that is not: thousands
/// outside the view cost nothing to speak of.
pub(super) fn place(spec: &ChartSpec<'_>, visible: &Range<usize>) -> Vec<Placed> {
    let ends = visible
        .end
        .checked_sub(1)
        .and_then(|last| Some((spec.bar(visible.start)?.opened, spec.bar(last)?.opened)));
    let Some((first, last)) = ends else {
        return vec![];
    };
    let mut placed: Vec<Placed> = spec
        .markers
        .iter()
        .filter(|m| m.key.timeframe == spec.timeframe)
        .filter(|m| first <= m.key.bar && m.key.bar <= last)
        .filter_map(|marker| {
            let index = spec.index_of(marker.key.bar)?;
            Some(Placed {
                index,
                low: spec.bar(index)?.candle.low,
                slot: 0,
                marker: *marker,
            })
        })
        .collect();
    // Stable: the arrows of one bar keep their order.
    placed.sort_by_key(|p| p.index);
    for i in 1..placed.len() {
        if placed[i].index == placed[i - 1].index {
            placed[i].slot = placed[i - 1].slot + 1;
        }
    }
    placed
}

/// Whether an arrow blinks.
fn blinks(marker: &Marker, spec: &ChartSpec<'_>) -> bool {
    !spec.reduced_motion && !marker.seen && marker.stage != Stage::Withdrawn
}

/// Paints the arrows in view and returns which of them can be seen now. Asks for one repaint at
/// the next edge if something blinks.
pub(super) fn paint(
    painter: &Painter,
    spec: &ChartSpec<'_>,
    placed: &[Placed],
    transform: &ChartTransform,
    palette: &ChartPalette,
) -> Vec<SignalKey> {
    let pane = transform.plot();
    let lit = spec.now.rem_euclid(HALF_PERIOD * 2.0) < HALF_PERIOD;
    let (mut seen, mut blinking) = (vec![], false);
    for arrow in placed {
        let shape = arrow_geometry(transform, arrow.index, arrow.low, arrow.slot);
        if !pane.contains(shape.tip) || !pane.contains(shape.bounds.center()) {
            continue;
        }
        let blinks = blinks(&arrow.marker, spec);
        blinking |= blinks;
        if !blinks || lit {
            paint_one(painter, &shape, arrow.marker.stage, palette);
            seen.push(arrow.marker.key);
        }
    }
    if blinking {
        // A little past the edge: egui wakes up to one frame early.
        let left = HALF_PERIOD - spec.now.rem_euclid(HALF_PERIOD);
        painter
            .ctx()
            .request_repaint_after_secs((left + 0.02) as f32);
    }
    seen
}

fn paint_one(painter: &Painter, shape: &ArrowGeometry, stage: Stage, palette: &ChartPalette) {
    let contour = |width: f32, color: Color32| {
        painter.add(Shape::closed_line(
            shape.outline.to_vec(),
            Stroke::new(width, color),
        ));
    };
    let fill = |color: Color32| {
        let [tip, right, stem, _, end, _, left] = shape.outline;
        let head = vec![tip, right, left];
        painter.add(Shape::convex_polygon(head, color, Stroke::NONE));
        painter.rect_filled(Rect::from_two_pos(stem, end), 0.0, color);
    };
    match stage {
        Stage::Forming => {
            // Yellow alone does not stand out on white: there the contour is dark and the
            // inside has a breath of yellow.
            let inside = palette.signal_outline.map_or(0.0, |_| 0.25);
            fill(mix(palette.signal, palette.background, inside));
            contour(1.6, palette.signal_outline.unwrap_or(palette.signal));
        }
        Stage::Confirmed | Stage::Late => {
            fill(palette.signal);
            if let Some(dark) = palette.signal_outline {
                contour(1.0, dark);
            }
        }
        Stage::Withdrawn => {
            let color = palette.signal_outline.unwrap_or(palette.signal);
            fill(palette.background);
            contour(1.2, mix(color, palette.background, 0.4));
        }
    }
}
