//! How the chart's rectangle is divided.

use egui::{Rect, pos2};

/// Height of the gutter with the times, points.
const TIMES: f32 = 22.0;
/// The volume's share of the plot.
const VOLUME: f32 = 0.2;

/// The parts of the chart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panes {
    /// Candles, averages, arrows.
    pub(super) price: Rect,
    /// Volume; empty in a low chart.
    pub(super) volume: Rect,
    /// Prices, right of the plot.
    pub(super) prices: Rect,
    /// Times, below the plot.
    pub(super) times: Rect,
    /// Price and volume pane together.
    pub(super) plot: Rect,
}

impl Panes {
    /// Divides `rect`, whole physical pixels wherever a border is; `None` if nothing sensible
    /// fits.
    pub(super) fn new(rect: Rect, gutter: f32, pixels: f32) -> Option<Self> {
        if !rect.is_finite() || !pixels.is_finite() || pixels <= 0.0 {
            return None;
        }
        let snap = |x: f32| (x * pixels).round() / pixels;
        let (left, top) = (snap(rect.left()), snap(rect.top()));
        let right = snap(rect.right() - gutter);
        let bottom = snap(rect.bottom() - TIMES);
        if right - left < 24.0 || bottom - top < 24.0 {
            return None;
        }
        let height = bottom - top;
        let volume = match height {
            ..160.0 => 0.0,
            _ => (height * VOLUME).clamp(36.0, 160.0),
        };
        let split = snap(bottom - volume);
        let pane = |l, t, r, b| Rect::from_min_max(pos2(l, t), pos2(r, b));
        Some(Self {
            price: pane(left, top, right, split),
            volume: pane(left, split, right, bottom),
            prices: pane(right, top, snap(rect.right()), bottom),
            times: pane(left, bottom, snap(rect.right()), snap(rect.bottom())),
            plot: pane(left, top, right, bottom),
        })
    }
}
