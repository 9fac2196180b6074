//! Candles as rectangles on whole physical pixels, all in one mesh with the volume.

use std::ops::Range;

use egui::{Color32, Mesh, Rect, pos2};

use super::palette::{ChartPalette, mix};
use super::spec::ChartSpec;
use super::transform::ChartTransform;
use crate::domain::{Bar, Candle};

/// A mesh of rectangles given in physical pixels.
pub(super) struct Bricks {
    /// What has been laid.
    pub(super) mesh: Mesh,
    pixels: f32,
}

impl Bricks {
    pub(super) fn new(pixels: f64, rectangles: usize) -> Self {
        let mut mesh = Mesh::default();
        mesh.reserve_triangles(rectangles * 2);
        mesh.reserve_vertices(rectangles * 4);
        let pixels = pixels as f32;
        Self { mesh, pixels }
    }

    /// Lays one; an empty one is left out.
    pub(super) fn lay(&mut self, x: Range<i64>, y: Range<i64>, color: Color32) {
        if x.start < x.end && y.start < y.end {
            let at = |x: i64, y: i64| pos2(x as f32 / self.pixels, y as f32 / self.pixels);
            let rect = Rect::from_min_max(at(x.start, y.start), at(x.end, y.end));
            self.mesh.add_colored_rect(rect, color);
        }
    }
}

/// Width of a body in physical pixels: of the same parity as the wick, so that both have the
/// same centre, and with a gap to the next one as soon as there is room for it.
pub(super) fn body_px(transform: &ChartTransform) -> i64 {
    let (per, wick) = (transform.px_per() * transform.pixels(), transform.wick());
    let wanted = ((per * 0.76) as i64).min(per.floor() as i64 - 1).max(wick);
    wanted - (wanted - wick) % 2
}

/// The pixels a bar covers horizontally.
pub(super) fn body_range(transform: &ChartTransform, index: usize, body: i64) -> Range<i64> {
    let left = transform.wick_px(index) - (body - transform.wick()) / 2;
    left..left + body
}

/// Red up, blue down, unchanged grey.
fn color(candle: &Candle, palette: &ChartPalette) -> Color32 {
    match candle.close.cmp(&candle.open) {
        std::cmp::Ordering::Greater => palette.up,
        std::cmp::Ordering::Less => palette.down,
        std::cmp::Ordering::Equal => palette.secondary,
    }
}

/// Lays the candles in view.
pub(super) fn lay(
    bricks: &mut Bricks,
    spec: &ChartSpec<'_>,
    visible: Range<usize>,
    transform: &ChartTransform,
    palette: &ChartPalette,
) {
    let pen = Pen {
        transform,
        palette,
        body: body_px(transform),
        top: px(transform.plot().top(), transform),
        bottom: px(transform.plot().bottom(), transform),
    };
    if transform.is_dense() {
        return pen.columns(bricks, spec, visible);
    }
    let closed = spec.series.len();
    for (index, bar) in spec.bars(visible) {
        pen.candle(bricks, index, bar, index == closed);
    }
}

fn px(y: f32, transform: &ChartTransform) -> i64 {
    (f64::from(y) * transform.pixels()).round() as i64
}

struct Pen<'a> {
    transform: &'a ChartTransform,
    palette: &'a ChartPalette,
    body: i64,
    top: i64,
    bottom: i64,
}

impl Pen<'_> {
    fn y(&self, price: i64) -> i64 {
        px(self.transform.y_from_price(price as f64), self.transform)
    }

    /// From the higher to the lower price, at least `least` pixels high, cut to the pane.
    fn span(&self, high: i64, low: i64, least: i64) -> Range<i64> {
        let (top, bottom) = (self.y(high), self.y(low));
        let bottom = bottom.max(top + least);
        top.max(self.top)..bottom.min(self.bottom)
    }

    fn candle(&self, bricks: &mut Bricks, index: usize, bar: &Bar, building: bool) {
        let candle = &bar.candle;
        let thin = self.transform.wick();
        let x = body_range(self.transform, index, self.body);
        if bar.synthetic {
            let dash = self.span(candle.close, candle.close, 1);
            return bricks.lay(x, dash, self.palette.faint);
        }
        let color = color(candle, self.palette);
        let left = self.transform.wick_px(index);
        // One row more than the low's own line: a wick ends where its price lies.
        bricks.lay(
            left..left + thin,
            self.span(candle.high, candle.low, 1),
            color,
        );
        let (high, low) = (candle.open.max(candle.close), candle.open.min(candle.close));
        let y = self.span(high, low, thin);
        bricks.lay(x.clone(), y.clone(), color);
        // The bar being built has the same contour and a lighter inside: it can still change.
        let inside = (x.start + thin..x.end - thin, y.start + thin..y.end - thin);
        if building && self.body >= 3 * thin {
            let lighter = mix(color, self.palette.background, 0.45);
            bricks.lay(inside.0, inside.1, lighter);
        }
    }

    /// Bars narrower than a pixel: one column per pixel, from its lowest to its highest price.
    fn columns(&self, bricks: &mut Bricks, spec: &ChartSpec<'_>, visible: Range<usize>) {
        let mut column: Option<(i64, Candle)> = None;
        let mut lay = |x: i64, candle: &Candle| {
            let y = self.span(candle.high, candle.low, 1);
            bricks.lay(x..x + 1, y, color(candle, self.palette));
        };
        for (index, bar) in spec.bars(visible) {
            let x = self.transform.wick_px(index);
            match &mut column {
                Some((at, candle)) if *at == x => candle.absorb(&Candle {
                    volume: 0,
                    ..bar.candle
                }),
                _ => {
                    if let Some((at, candle)) = column.replace((x, bar.candle)) {
                        lay(at, &candle);
                    }
                }
            }
        }
        if let Some((at, candle)) = column {
            lay(at, &candle);
        }
    }
}
