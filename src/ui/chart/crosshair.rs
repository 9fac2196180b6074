//! The crosshair: hairlines through a bar's centre and a price on the tick grid.

use std::sync::Arc;

use egui::{Align2, Galley, Painter, Pos2, Rect, pos2, vec2};

use super::axes::{self, Tag};
use super::layout::Panes;
use super::palette::ChartPalette;
use super::spec::ChartSpec;
use super::text::{bar_time, grouped};
use super::transform::ChartTransform;
use super::volume;
use crate::domain::{Won, round_down_to_tick, round_up_to_tick};
use crate::ui::format;

/// Where the crosshair stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Crosshair {
    /// The bar, if there is one.
    pub(super) index: Option<usize>,
    /// Where the pointer is; the keyboard's crosshair lies on the close of its bar.
    pub(super) at: Pos2,
}

/// The grid price nearest to a price.
pub(super) fn nearest_tick(price: f64) -> Won {
    let price = Won(price.round().clamp(0.0, 1e15) as i64);
    let (down, up) = (round_down_to_tick(price), round_up_to_tick(price));
    if price.0 - down.0 < up.0 - price.0 {
        down
    } else {
        up
    }
}

/// Paints lines and tags.
pub(super) fn paint(
    painter: &Painter,
    spec: &ChartSpec<'_>,
    panes: &Panes,
    transform: &ChartTransform,
    crosshair: Crosshair,
    largest: i64,
    palette: &ChartPalette,
) {
    let pixels = transform.pixels() as f32;
    let thick = 1.0 / pixels;
    let snap = |v: f32| (v * pixels).round() / pixels;
    let line = palette.crosshair.gamma_multiply(0.8);
    let x = match crosshair.index {
        Some(index) => transform.center_x(index) - thick / 2.0,
        None => snap(crosshair.at.x),
    };
    let vertical = Rect::from_min_size(
        pos2(snap(x), panes.plot.top()),
        vec2(thick, panes.plot.height()),
    );
    painter.rect_filled(vertical.intersect(panes.plot), 0.0, line);
    let (y, text) = if panes.price.contains(crosshair.at) {
        let price = nearest_tick(transform.price_from_y(crosshair.at.y));
        (transform.snapped_y(price.0 as f64), grouped(price.0))
    } else {
        let pane = panes.volume;
        let share = (pane.bottom() - crosshair.at.y) / pane.height().max(1.0);
        let number = f64::from(share) * volume::top_of(pane, largest);
        (snap(crosshair.at.y), format::short(number.max(0.0) as i64))
    };
    if panes.plot.y_range().contains(y) {
        let horizontal =
            Rect::from_min_size(pos2(panes.plot.left(), y), vec2(panes.plot.width(), thick));
        painter.rect_filled(horizontal, 0.0, line);
        let tag = Tag {
            y,
            center: y,
            text,
            color: palette.crosshair_text,
            ground: palette.crosshair_tag,
            border: None,
        };
        axes::paint_tag(painter, panes, &tag, pixels);
    }
    if let Some((rect, galley)) = time_tag(painter, spec, panes, transform, crosshair, palette) {
        painter.rect_filled(rect, 2.0, palette.crosshair_tag);
        let at = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect);
        painter.galley(at.min, galley, palette.crosshair_text);
    }
}

/// The tag with the bar's time, and its place in the gutter.
pub(super) fn time_tag(
    painter: &Painter,
    spec: &ChartSpec<'_>,
    panes: &Panes,
    transform: &ChartTransform,
    crosshair: Crosshair,
    palette: &ChartPalette,
) -> Option<(Rect, Arc<Galley>)> {
    let index = crosshair.index?;
    let text = bar_time(spec.bar(index)?.opened, spec.timeframe);
    let galley = painter.layout_no_wrap(text, axes::font(), palette.crosshair_text);
    let (width, gutter) = (galley.size().x + 12.0, panes.times);
    let furthest = (panes.plot.right() - width).max(gutter.left());
    let left = (transform.center_x(index) - width / 2.0).clamp(gutter.left(), furthest);
    let at = pos2(left.round(), gutter.top() + 2.0);
    Some((Rect::from_min_size(at, vec2(width, axes::TAG)), galley))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_snaps_to_its_own_grid() {
        assert_eq!(nearest_tick(71_449.0), Won(71_400));
        assert_eq!(nearest_tick(71_451.0), Won(71_500));
        assert_eq!(nearest_tick(1_999.6), Won(2_000));
        assert_eq!(nearest_tick(199_960.0), Won(200_000));
        assert_eq!(nearest_tick(f64::NAN), Won(0));
        assert_eq!(nearest_tick(-5.0), Won(0));
    }
}
