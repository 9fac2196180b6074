//! The candle chart: our own widget, one mesh for what is in view.
//!
//! No text stands on the plot: prices are in the right gutter, times in the bottom one, and the
//! readings of a bar are drawn by the window around it. Bars lie on an index axis, so
//! closed hours leave no hole. The cost of a frame depends on what is in view, never on the
//! length of history.

mod averages;
mod axes;
mod candles;
mod crosshair;
mod fit;
mod gaps;
mod input;
mod label;
mod layout;
mod markers;
mod palette;
mod picture;
mod spec;
mod state;
mod tested;
mod text;
mod time_axis;
mod transform;
mod view;
mod volume;

pub use markers::{ArrowGeometry, arrow_geometry};
pub use palette::ChartPalette;
pub use spec::ChartSpec;
pub use state::{ChartResponse, ChartState};
pub use transform::{ChartTransform, PriceScale};

use egui::{CursorIcon, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui, vec2};

use crate::engine::OlderBars;
use crosshair::Crosshair;
use layout::Panes;
use picture::Picture;

/// Narrowest price gutter, points.
const GUTTER: f32 = 62.0;

/// Draws the chart into all the space there is and applies what the user does to it.
pub fn chart_ui(
    ui: &mut Ui,
    spec: &ChartSpec<'_>,
    state: &mut ChartState,
    palette: &ChartPalette,
) -> ChartResponse {
    let size = ui.available_size();
    // Inside a scroll area there is no end of space.
    let finite = |length: f32, instead: f32| match length.is_finite() {
        true => length.max(0.0),
        false => instead,
    };
    let size = vec2(finite(size.x, 640.0), finite(size.y, 400.0));
    let (id, rect) = ui.allocate_space(size);
    let pixels = ui.pixels_per_point();
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, palette.background);
    grow_gutter(&painter, spec, state);
    let Some(panes) = Panes::new(rect, state.gutter, pixels) else {
        state.transform = None;
        return ChartResponse::default();
    };

    let plot = ui.interact(panes.plot, id.with("plot"), Sense::click_and_drag());
    let gutter = ui.interact(panes.prices, id.with("prices"), Sense::click_and_drag());
    let width = panes.plot.width();
    let focus_is_older = state.view.sync(spec, width, plot.dragged());
    let moved = input::apply(ui, (&plot, &gutter), &panes, spec, state);
    state.view.settle(spec, width, moved);

    let picture = Picture::new(spec, state, &panes, pixels);
    state.transform = picture.as_ref().map(|p| p.transform.clone());
    plot.widget_info(|| label::widget_info(spec));
    paint_borders(&painter, &panes, palette, pixels);
    let Some(picture) = picture else {
        return ChartResponse {
            at_latest: true,
            ..ChartResponse::default()
        };
    };
    let crosshair = find_crosshair(ui, &plot, spec, state, &picture.transform);
    cursors(&plot, &gutter);
    let painted_markers = match ui.is_rect_visible(rect) {
        true => picture.paint(&painter, spec, &panes, crosshair, palette),
        false => vec![],
    };
    if state.ring && plot.has_focus() {
        let stroke = Stroke::new(1.5, palette.focus);
        painter.rect_stroke(panes.plot, 0.0, stroke, StrokeKind::Inside);
    }
    let left = state.view.right - state.view.page(width);
    let near_the_oldest = left <= state.view.page(width);
    ChartResponse {
        hovered: crosshair.and_then(|c| c.index),
        wants_older: spec.older == OlderBars::Available && (near_the_oldest || focus_is_older),
        painted_markers,
        at_latest: state.view.at_latest(spec.total()),
    }
}

/// Widens the gutter for the widest price it has to hold.
fn grow_gutter(painter: &Painter, spec: &ChartSpec<'_>, state: &mut ChartState) {
    let top = state.transform.as_ref().map_or(0.0, |t| t.prices().1);
    let newest = spec.total().checked_sub(1).and_then(|i| spec.bar(i));
    let widest = newest
        .map_or(0, |bar| bar.candle.high)
        .max(top.min(1e15) as i64);
    // All digits are equally wide.
    let nines = text::grouped(widest.max(1)).replace(|c: char| c.is_ascii_digit(), "8");
    let galley = painter.layout_no_wrap(nines, axes::font(), egui::Color32::WHITE);
    let needed = (galley.size().x + axes::INSET * 2.0).ceil();
    state.gutter = state.gutter.max(needed).max(GUTTER);
}

fn paint_borders(painter: &Painter, panes: &Panes, palette: &ChartPalette, pixels: f32) {
    let thick = 1.0 / pixels;
    let line = |rect: Rect| {
        painter.rect_filled(rect, 0.0, palette.hairline);
    };
    let across = vec2(panes.times.width(), thick);
    if 0.0 < panes.volume.height() {
        line(Rect::from_min_size(panes.volume.left_top(), across));
    }
    line(Rect::from_min_size(panes.times.left_top(), across));
    line(Rect::from_min_size(
        panes.prices.left_top(),
        vec2(thick, panes.prices.height()),
    ));
}

fn cursors(plot: &Response, gutter: &Response) {
    let icon = match plot.dragged() {
        true => CursorIcon::Grabbing,
        false => CursorIcon::Crosshair,
    };
    plot.clone().on_hover_and_drag_cursor(icon);
    gutter
        .clone()
        .on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
}

/// The crosshair of the pointer, or of the keyboard until the pointer moves.
fn find_crosshair(
    ui: &Ui,
    plot: &Response,
    spec: &ChartSpec<'_>,
    state: &mut ChartState,
    transform: &ChartTransform,
) -> Option<Crosshair> {
    let pointer = plot.hover_pos();
    if pointer.is_some() && ui.input(|i| i.pointer.is_moving()) {
        state.cursor = None;
    }
    if let Some(index) = state.cursor.and_then(|opened| spec.index_of(opened)) {
        let close = spec.bar(index)?.candle.close as f64;
        return Some(Crosshair {
            index: Some(index),
            at: transform.bar_point(index, close),
        });
    }
    let at = pointer?;
    let bar = transform.bar_from_x(at.x);
    // Everything right of the newest bar and left of the oldest is no bar.
    let index = (0.0 <= bar && bar < spec.total() as f64).then_some(bar as usize);
    Some(Crosshair { index, at })
}
