//! One frame's picture: what is in view, how it is scaled, and in which order it is painted.

use std::cmp::Ordering;
use std::ops::Range;

use egui::Painter;

use super::axes::{self, Tag};
use super::crosshair::{self, Crosshair};
use super::layout::Panes;
use super::markers::{self, Placed};
use super::palette::ChartPalette;
use super::spec::ChartSpec;
use super::state::ChartState;
use super::tested;
use super::transform::ChartTransform;
use super::{averages, candles, fit, gaps, text, time_axis, volume};
use crate::domain::{SignalKey, Won};

/// What one frame shows, worked out once.
pub(super) struct Picture {
    visible: Range<usize>,
    lines: Vec<averages::Line>,
    placed: Vec<Placed>,
    largest: i64,
    pub(super) transform: ChartTransform,
}

impl Picture {
    /// `None` without a bar in view.
    pub(super) fn new(
        spec: &ChartSpec<'_>,
        state: &ChartState,
        panes: &Panes,
        pixels: f32,
    ) -> Option<Self> {
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
    pub(super) fn paint(
        &self,
        painter: &Painter,
        spec: &ChartSpec<'_>,
        panes: &Panes,
        crosshair: Option<Crosshair>,
        palette: &ChartPalette,
    ) -> Vec<SignalKey> {
        let transform = &self.transform;
        let pixels = transform.pixels() as f32;
        let price_pane = painter.with_clip_rect(panes.price.intersect(painter.clip_rect()));
        let marks = time_axis::marks(spec, &self.visible, transform.px_per());
        let tags = self.tags(spec, panes, palette);

        axes::paint_time_lines(painter, panes, transform, palette, &marks);
        gaps::paint(painter, spec, panes, transform, palette);
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
        let borders = gaps::borders(spec);
        price_pane.extend(averages::shapes(&self.lines, &borders, transform, palette));
        if !spec.tested.is_empty() {
            tested::paint(&price_pane, spec, &self.visible, transform, palette);
        }
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
        let in_view = |price: Won| {
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
                Some(Ordering::Greater) => palette.tag_up,
                Some(Ordering::Less) => palette.tag_down,
                Some(Ordering::Equal) | None => palette.secondary,
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
            let (room, top) = (axes::TAG + 1.0, panes.price.top());
            let center = match tags.first().filter(|last| (last.y - y).abs() < room) {
                Some(last) if last.y < y || last.y - room < top => last.y + room,
                Some(last) => last.y - room,
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
