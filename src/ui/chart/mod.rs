//! The candle chart: our own widget, one mesh for what is in view.
//!
//! No text stands on the plot: prices are in the right gutter, times in the bottom one, and the
//! readings of a bar are drawn by somebody else from [`readings`]. Bars lie on an index axis, so
//! closed hours leave no hole. The cost of a frame depends on what is in view, never on the
//! length of history.

mod averages;
mod axes;
mod candles;
mod crosshair;
mod fit;
mod input;
mod label;
mod layout;
mod markers;
mod palette;
mod readings;
mod spec;
mod state;
mod text;
mod time_axis;
mod transform;
mod view;
mod volume;

pub use markers::{ArrowGeometry, arrow_geometry};
pub use palette::ChartPalette;
pub use readings::{Readings, readings};
pub use spec::ChartSpec;
pub use state::{ChartResponse, ChartState};
pub use transform::{ChartTransform, PriceScale};

use egui::{CursorIcon, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui, vec2};

use crate::engine::OlderBars;
use axes::Tag;
use crosshair::Crosshair;
use layout::Panes;
use markers::Placed;

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

/// What one frame shows, worked out once.
struct Picture {
    visible: std::ops::Range<usize>,
    lines: Vec<averages::Line>,
    placed: Vec<Placed>,
    largest: i64,
    transform: ChartTransform,
}

impl Picture {
    /// `None` without a bar in view.
    fn new(spec: &ChartSpec<'_>, state: &ChartState, panes: &Panes, pixels: f32) -> Option<Self> {
        let view = &state.view;
        let visible = view.visible(panes.plot.width(), spec.total());
        let lines = averages::lines(spec, &visible, view.px_per);
        let placed = markers::place(spec, &visible);
        let mut fit = fit::Fit::new(state.scale);
        let (mut low, mut high, mut largest) = (i64::MAX, i64::MIN, 0);
        for (_, bar) in spec.bars(visible.clone()) {
            low = low.min(bar.candle.low);
            high = high.max(bar.candle.high);
            largest = largest.max(bar.candle.volume);
        }
        if low <= high {
            fit.include(low as f64, high as f64);
        }
        for &(_, value) in lines.iter().flatten() {
            fit.include(value, value);
        }
        for arrow in &placed {
            fit.room(arrow.low as f64, markers::room(arrow.slot + 1));
        }
        let prices = view.prices.or_else(|| fit.range(panes.price.height()))?;
        let transform = ChartTransform::new(
            panes.price,
            view.right,
            view.px_per,
            prices,
            state.scale,
            pixels,
        )?;
        Some(Self {
            visible,
            lines,
            placed,
            largest,
            transform,
        })
    }

    /// Paints everything; returns the signals whose arrow can be seen.
    fn paint(
        &self,
        painter: &Painter,
        spec: &ChartSpec<'_>,
        panes: &Panes,
        crosshair: Option<Crosshair>,
        palette: &ChartPalette,
    ) -> Vec<crate::domain::SignalKey> {
        let transform = &self.transform;
        let pixels = transform.pixels() as f32;
        let price_pane = painter.with_clip_rect(panes.price.intersect(painter.clip_rect()));
        let marks = time_axis::marks(spec, &self.visible, transform.px_per());
        let tags = self.tags(spec, panes, palette);

        axes::paint_time_lines(painter, panes, transform, palette, &marks);
        let pointed = crosshair.filter(|c| panes.price.contains(c.at));
        let covered = tags.iter().map(|tag| tag.center);
        let covered: Vec<f32> = covered.chain(pointed.map(|c| c.at.y)).collect();
        axes::paint_prices(painter, panes, transform, palette, &covered);
        axes::paint_volume(painter, panes, self.largest, pixels, palette);
        for (tag, y) in tags.iter().map(|tag| (tag, tag.y)) {
            let color = tag.border.unwrap_or(tag.ground).gamma_multiply(0.55);
            axes::paint_dashes(&price_pane, panes.price, y, color, pixels);
        }

        let columns = (panes.plot.width() * pixels) as usize + 2;
        let mut bricks =
            candles::Bricks::new(transform.pixels(), self.visible.len().min(columns) * 3);
        candles::lay(&mut bricks, spec, self.visible.clone(), transform, palette);
        let volume = (panes.volume, self.largest);
        volume::lay(
            &mut bricks,
            spec,
            self.visible.clone(),
            transform,
            volume,
            palette,
        );
        let plot = painter.with_clip_rect(panes.plot.intersect(painter.clip_rect()));
        plot.add(bricks.mesh);
        price_pane.extend(averages::shapes(&self.lines, transform, palette));
        let seen = markers::paint(&price_pane, spec, &self.placed, transform, palette);

        let covered = crosshair
            .and_then(|c| crosshair::time_tag(painter, spec, panes, transform, c, palette))
            .map(|(rect, _)| rect);
        axes::paint_times(painter, panes, transform, palette, &marks, covered);
        for tag in tags.iter().rev() {
            axes::paint_tag(painter, panes, tag, pixels);
        }
        if let Some(crosshair) = crosshair {
            crosshair::paint(
                painter,
                spec,
                panes,
                transform,
                crosshair,
                self.largest,
                palette,
            );
        }
        seen
    }

    /// Tags of the last price and of 성립가, where they are in view.
    fn tags(&self, spec: &ChartSpec<'_>, panes: &Panes, palette: &ChartPalette) -> Vec<Tag> {
        let in_view = |price: crate::domain::Won| {
            let y = self.transform.snapped_y(price.0 as f64);
            let (top, bottom) = (panes.price.top() + 9.0, panes.price.bottom() - 9.0);
            (top <= y && y <= bottom).then_some(y)
        };
        let mut tags = vec![];
        if let Some((price, y)) = spec.last_price.and_then(|p| Some((p, in_view(p)?))) {
            let newest = spec.total().checked_sub(1).and_then(|i| spec.bar(i));
            let base = spec.base.map(|b| b.0);
            let base = base.or(newest.map(|bar| bar.candle.open));
            let ground = match base.map(|base| price.0.cmp(&base)) {
                Some(std::cmp::Ordering::Greater) => palette.up,
                Some(std::cmp::Ordering::Less) => palette.down,
                Some(std::cmp::Ordering::Equal) | None => palette.secondary,
            };
            tags.push(Tag {
                y,
                center: y,
                text: text::grouped(price.0),
                color: palette.tag_text,
                ground,
                border: None,
            });
        }
        if let Some((price, y)) = spec.threshold.and_then(|p| Some((p, in_view(p)?))) {
            // The last price keeps its place; 성립가 makes room on its own side of it.
            let center = match tags
                .first()
                .filter(|last| (last.y - y).abs() < axes::TAG + 1.0)
            {
                Some(last) if last.y < y => last.y + axes::TAG + 1.0,
                Some(last) => last.y - axes::TAG - 1.0,
                None => y,
            };
            tags.push(Tag {
                y,
                center,
                text: text::grouped(price.0),
                color: palette.signal_text,
                ground: palette.background,
                border: Some(palette.signal_outline.unwrap_or(palette.signal)),
            });
        }
        tags
    }
}
