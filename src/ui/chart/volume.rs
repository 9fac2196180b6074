//! The volume pane.
//!
//! A bar is red when its close is not below the close before it and blue when it is. Korean
//! programs offer this or "more or fewer shares than the bar before"; how many there were is
//! already told by the height, so the colour tells which way they went.

use std::ops::Range;

use egui::{Color32, Rect};

use super::candles::{Bricks, body_px, body_range};
use super::palette::{ChartPalette, mix};
use super::spec::ChartSpec;
use super::transform::ChartTransform;

/// Space above the tallest bar, points.
const ABOVE: f32 = 8.0;

/// The volume at the top of the pane, given the largest one in view.
pub(super) fn top_of(pane: Rect, largest: i64) -> f64 {
    let height = f64::from(pane.height()).max(1.0);
    largest.max(1) as f64 * height / (height - f64::from(ABOVE)).max(1.0)
}

/// Lays the volume bars in view. `largest`: the largest volume in view.
pub(super) fn lay(
    bricks: &mut Bricks,
    spec: &ChartSpec<'_>,
    visible: Range<usize>,
    transform: &ChartTransform,
    (pane, largest): (Rect, i64),
    palette: &ChartPalette,
) {
    if pane.height() <= 0.0 {
        return;
    }
    // Quieter than the candles.
    let up = mix(palette.up, palette.background, 0.62);
    let down = mix(palette.down, palette.background, 0.62);
    let pixels = transform.pixels();
    let bottom = (f64::from(pane.bottom()) * pixels).round() as i64;
    let per_share = f64::from(pane.height()) * pixels / top_of(pane, largest);
    let mut bar = |x: Range<i64>, volume: i64, color: Color32| {
        let height = match volume {
            ..=0 => 0,
            _ => ((volume as f64 * per_share).round() as i64).max(1),
        };
        bricks.lay(x, bottom - height..bottom, color);
    };
    let mut before = visible
        .start
        .checked_sub(1)
        .and_then(|i| spec.bar(i))
        .map(|b| b.candle.close);
    let body = body_px(transform);
    let dense = transform.is_dense();
    let mut column: Option<(i64, i64, Color32)> = None;
    for (index, b) in spec.bars(visible) {
        let candle = &b.candle;
        let rose = before.unwrap_or(candle.open) <= candle.close;
        let color = if rose { up } else { down };
        before = Some(candle.close);
        if !dense {
            bar(body_range(transform, index, body), candle.volume, color);
            continue;
        }
        let x = transform.wick_px(index);
        match &mut column {
            // The tallest stands for its column, so that a peak is never lost.
            Some((at, volume, kept)) if *at == x => {
                if *volume < candle.volume {
                    (*volume, *kept) = (candle.volume, color);
                }
            }
            _ => {
                if let Some((at, volume, color)) = column.replace((x, candle.volume, color)) {
                    bar(at..at + 1, volume, color);
                }
            }
        }
    }
    if let Some((at, volume, color)) = column {
        bar(at..at + 1, volume, color);
    }
}
