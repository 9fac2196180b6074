//! Labels in the gutters and the grid that belongs to them.

use egui::{Align2, Color32, FontId, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::layout::Panes;
use super::palette::ChartPalette;
use super::text::grouped;
use super::time_axis::TimeMark;
use super::transform::ChartTransform;
use super::volume;
use crate::domain::{Won, tick_size};
use crate::ui::format;

/// Between two price labels, points.
const PRICE_ROOM: f64 = 32.0;
/// Between the plot and a label right of it, points.
pub(super) const INSET: f32 = 7.0;

pub(super) fn font() -> FontId {
    FontId::proportional(12.0)
}

/// The smallest of 1, 2, 5 × 10ⁿ that is at least `least`.
pub(super) fn nice(least: f64) -> f64 {
    let power = 10f64.powf(least.max(1e-9).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|m| m * power)
        .into_iter()
        .find(|step| least <= step * (1.0 + 1e-9));
    step.unwrap_or(power * 10.0)
}

/// Prices worth a label, ascending; on the tick grid and no closer than a label needs.
fn price_ticks(transform: &ChartTransform) -> Vec<i64> {
    let (low, high) = transform.prices();
    let mut ticks = vec![];
    let mut price = low.max(1.0);
    // Seldom more than twenty; the bound holds whatever the range.
    while ticks.len() < 200 {
        let y = transform.y_from_price(price);
        let room = transform.price_from_y(y - PRICE_ROOM as f32) - price;
        let least = room.max(tick_size(Won(price as i64)) as f64);
        let step = nice(least).max(1.0);
        price = ((price / step).floor() + 1.0) * step;
        if !price.is_finite() || high <= price {
            break;
        }
        ticks.push(price as i64);
    }
    ticks
}

/// A price tag in the gutter.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// Where its price lies.
    pub(super) y: f32,
    /// Where the tag lies: elsewhere only to make room for another one.
    pub(super) center: f32,
    pub(super) text: String,
    pub(super) color: Color32,
    pub(super) ground: Color32,
    pub(super) border: Option<Color32>,
}

/// Height of a tag, points.
pub(super) const TAG: f32 = 18.0;

/// Grid lines and labels of the prices; a label that a tag (its centre is among
/// `covered`) would hide is left out.
pub(super) fn paint_prices(
    painter: &Painter,
    panes: &Panes,
    transform: &ChartTransform,
    palette: &ChartPalette,
    covered: &[f32],
) {
    let gutter = panes.prices;
    for price in price_ticks(transform) {
        let y = transform.snapped_y(price as f64);
        let line = Rect::from_min_size(
            pos2(panes.price.left(), y),
            vec2(panes.price.width(), 1.0 / transform.pixels() as f32),
        );
        painter.rect_filled(line.intersect(panes.price), 0.0, palette.grid);
        let fits = panes.price.top() + 8.0 <= y && y <= panes.price.bottom() - 8.0;
        if fits && covered.iter().all(|tag| TAG * 0.85 <= (tag - y).abs()) {
            painter.text(
                pos2(gutter.left() + INSET, y),
                Align2::LEFT_CENTER,
                grouped(price),
                font(),
                palette.secondary,
            );
        }
    }
}

/// The largest of 1, 2, 5 × 10ⁿ that is at most `largest`: between two fifths of it and all.
fn volume_mark(largest: i64) -> f64 {
    match nice(largest as f64) {
        above if largest as f64 + 0.5 < above => nice(above / 2.5),
        exact => exact,
    }
}

/// The volume's one label, at a round number not far below the largest bar.
pub(super) fn paint_volume(
    painter: &Painter,
    panes: &Panes,
    largest: i64,
    pixels: f32,
    palette: &ChartPalette,
) {
    let pane = panes.volume;
    if pane.height() <= 0.0 || largest <= 0 {
        return;
    }
    let round = volume_mark(largest);
    let y = pane.bottom() - (round / volume::top_of(pane, largest)) as f32 * pane.height();
    let y = (y * pixels).round() / pixels;
    if round < 1.0 || y < pane.top() + 7.0 || pane.bottom() - 7.0 < y {
        return;
    }
    let line = Rect::from_min_size(pos2(pane.left(), y), vec2(pane.width(), 1.0 / pixels));
    painter.rect_filled(line, 0.0, palette.grid);
    painter.text(
        pos2(panes.prices.left() + INSET, y),
        Align2::LEFT_CENTER,
        format::short(round as i64),
        font(),
        palette.secondary,
    );
}

/// Vertical lines of the time axis, below the candles.
pub(super) fn paint_time_lines(
    painter: &Painter,
    panes: &Panes,
    transform: &ChartTransform,
    palette: &ChartPalette,
    marks: &[TimeMark],
) {
    let pixels = transform.pixels() as f32;
    for mark in marks {
        let (x, color) = match mark.change {
            // Between the two sessions.
            true => {
                let x = transform.x_from_bar(mark.index as f64);
                ((x * pixels).round() / pixels, palette.session)
            }
            false => (transform.center_x(mark.index), palette.grid),
        };
        let half = 0.5 / pixels;
        let x = if mark.change { x } else { x - half };
        let line = Rect::from_min_size(
            pos2(x, panes.plot.top()),
            vec2(1.0 / pixels, panes.plot.height()),
        );
        if panes.plot.left() <= x && x < panes.plot.right() {
            painter.rect_filled(line, 0.0, color);
        }
    }
}

/// Labels of the time axis; one that the crosshair's tag would cover is left out.
pub(super) fn paint_times(
    painter: &Painter,
    panes: &Panes,
    transform: &ChartTransform,
    palette: &ChartPalette,
    marks: &[TimeMark],
    covered: Option<Rect>,
) {
    let mut taken = panes.times.left();
    for mark in marks {
        let color = if mark.change {
            palette.text
        } else {
            palette.secondary
        };
        let galley = painter.layout_no_wrap(mark.text.clone(), font(), color);
        let left = transform.center_x(mark.index) - galley.size().x / 2.0;
        let right = left + galley.size().x;
        let hidden =
            covered.is_some_and(|tag| tag.left() < right + 3.0 && left < tag.right() + 3.0);
        if hidden || left < taken + 2.0 || panes.plot.right() < right {
            continue;
        }
        taken = right + 8.0;
        let y = panes.times.center().y - galley.size().y / 2.0;
        painter.galley(pos2(left, y), galley, color);
    }
}

/// A tag in the gutter of the prices.
pub(super) fn paint_tag(painter: &Painter, panes: &Panes, tag: &Tag, pixels: f32) {
    let gutter = panes.prices;
    let snap = |v: f32| (v * pixels).round() / pixels;
    let top = snap(tag.center - TAG / 2.0);
    let rect = Rect::from_min_max(
        pos2(gutter.left(), top),
        pos2(gutter.right() - 1.0, top + TAG),
    );
    painter.rect_filled(rect, 2.0, tag.ground);
    if let Some(border) = tag.border {
        let stroke = Stroke::new(1.0, border);
        painter.rect_stroke(rect, 2.0, stroke, StrokeKind::Inside);
    }
    painter.text(
        pos2(gutter.left() + INSET, rect.center().y),
        Align2::LEFT_CENTER,
        &tag.text,
        font(),
        tag.color,
    );
}

/// A dashed line across the plot at a tag's price.
pub(super) fn paint_dashes(painter: &Painter, pane: Rect, y: f32, color: Color32, pixels: f32) {
    let (on, off, thick) = (4.0, 4.0, 1.0 / pixels);
    let mut mesh = egui::Mesh::default();
    let mut x = pane.left();
    while x < pane.right() {
        let end = (x + on).min(pane.right());
        mesh.add_colored_rect(Rect::from_min_max(pos2(x, y), pos2(end, y + thick)), color);
        x += on + off;
    }
    painter.add(mesh);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::chart::PriceScale;

    #[test]
    fn nice_steps() {
        let all = [0.7, 1.0, 3.0, 48.0, 50.0, 51.0, 700.0].map(nice);
        assert_eq!(all, [1.0, 1.0, 5.0, 50.0, 50.0, 100.0, 1_000.0]);
    }

    #[test]
    fn every_volume_has_a_round_number_to_be_read_by() {
        for largest in (1..3_000).chain([9_999_999, 10_000_000, 2_100_001, 4_999_999]) {
            let mark = volume_mark(largest) / largest as f64;
            assert!((0.4..=1.0).contains(&mark), "{largest}: {mark}");
        }
    }

    #[test]
    fn price_labels_lie_on_the_grid_and_apart() {
        let plot = Rect::from_min_max(pos2(0.0, 0.0), pos2(400.0, 500.0));
        for (low, high) in [
            (70_000.0, 72_000.0),
            (995.0, 1_010.0),
            (4_900.0, 5_200.0),
            (190_000.0, 210_000.0),
            (-500.0, 300.0),
            (1.0, 9e15),
        ] {
            for scale in [PriceScale::Linear, PriceScale::Log] {
                let t = ChartTransform::new(plot, 10.0, 8.0, (low, high), scale, 1.0).unwrap();
                let ticks = price_ticks(&t);
                assert!(ticks.len() <= 16, "{low} {high} {scale:?}: {}", ticks.len());
                for pair in ticks.windows(2) {
                    let apart = t.y_from_price(pair[0] as f64) - t.y_from_price(pair[1] as f64);
                    assert!(20.0 <= apart, "{pair:?} {apart}");
                }
                for p in &ticks {
                    assert_eq!(p % tick_size(Won(*p)), 0, "{p}");
                }
            }
        }
    }
}
