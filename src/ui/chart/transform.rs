//! Where a bar and a price lie on the screen, and back. A value: make a new one, never edit one.

use std::ops::Range;

use egui::{Pos2, Rect, pos2};

/// How prices are spread over the height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriceScale {
    /// The same distance for the same number of won.
    #[default]
    Linear,
    /// The same distance for the same percentage.
    Log,
}

impl PriceScale {
    /// The position on the scale's own axis.
    pub(super) fn forward(self, price: f64) -> f64 {
        match self {
            Self::Linear => price,
            // A price is positive; the bound only keeps a bad one from becoming an infinity.
            Self::Log => price.max(1e-3).ln(),
        }
    }

    /// The inverse of [`PriceScale::forward`].
    pub(super) fn back(self, position: f64) -> f64 {
        match self {
            Self::Linear => position,
            Self::Log => position.exp(),
        }
    }
}

/// Maps between bars and prices and screen points.
///
/// Bar `i` covers `i..i + 1` on the horizontal axis. Bars are placed on whole physical pixels;
/// everything that points at a bar (candle, arrow, crosshair) takes its place from
/// [`ChartTransform::center_x`], so nothing can drift away from anything else.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartTransform {
    plot: Rect,
    right: f64,
    px_per: f64,
    low: f64,
    high: f64,
    scale: PriceScale,
    pixels: f64,
    wick: i64,
}

impl ChartTransform {
    /// `plot`: the price pane; `right`: the (fractional) bar index at its right edge; `px_per`:
    /// points per bar; `low`, `high`: the prices at its bottom and top; `pixels`: physical
    /// pixels per point.
    ///
    /// `None` when the plot or a range is empty or not a number, so nothing below can divide by
    /// zero.
    pub fn new(
        plot: Rect,
        right: f64,
        px_per: f64,
        (low, high): (f64, f64),
        scale: PriceScale,
        pixels: f32,
    ) -> Option<Self> {
        let (low, high) = (scale.forward(low), scale.forward(high));
        let usable = plot.is_finite()
            && plot.is_positive()
            && right.is_finite()
            && px_per.is_finite()
            && 0.0 < px_per
            && (high - low).is_finite()
            && low < high
            && pixels.is_finite()
            && 0.0 < pixels;
        let pixels = f64::from(pixels);
        let wick = (pixels.round().min((px_per * pixels / 3.0).floor()) as i64).max(1);
        usable.then_some(Self {
            plot,
            right,
            px_per,
            low,
            high,
            scale,
            pixels,
            wick,
        })
    }

    /// The price pane.
    pub fn plot(&self) -> Rect {
        self.plot
    }

    /// Points per bar.
    pub fn px_per(&self) -> f64 {
        self.px_per
    }

    /// Physical pixels per point.
    pub fn pixels(&self) -> f64 {
        self.pixels
    }

    /// The prices at the bottom and at the top.
    pub fn prices(&self) -> (f64, f64) {
        (self.scale.back(self.low), self.scale.back(self.high))
    }

    /// Width of a wick in physical pixels.
    pub(super) fn wick(&self) -> i64 {
        self.wick
    }

    /// Bars share pixel columns.
    pub(super) fn is_dense(&self) -> bool {
        self.px_per * self.pixels < 2.0
    }

    /// The screen x of a place on the bar axis; the centre of bar `i` is `i + 0.5`.
    pub fn x_from_bar(&self, bar: f64) -> f32 {
        (f64::from(self.plot.right()) - (self.right - bar) * self.px_per) as f32
    }

    /// The place on the bar axis below a screen x.
    pub fn bar_from_x(&self, x: f32) -> f64 {
        self.right - (f64::from(self.plot.right()) - f64::from(x)) / self.px_per
    }

    /// The screen y of a price.
    pub fn y_from_price(&self, price: f64) -> f32 {
        let part = (self.scale.forward(price) - self.low) / (self.high - self.low);
        // Prices far outside stay finite as f32.
        let part = part.clamp(-1e4, 1e4);
        (f64::from(self.plot.bottom()) - part * f64::from(self.plot.height())) as f32
    }

    /// The price at a screen y.
    pub fn price_from_y(&self, y: f32) -> f64 {
        let part = f64::from(self.plot.bottom() - y) / f64::from(self.plot.height());
        self.scale.back(self.low + part * (self.high - self.low))
    }

    /// The left edge of a bar's wick in physical pixels.
    pub(super) fn wick_px(&self, index: usize) -> i64 {
        let right = f64::from(self.plot.right()) * self.pixels;
        let center = right - (self.right - index as f64 - 0.5) * self.px_per * self.pixels;
        // `as` saturates: bars far outside stay far outside.
        (center - self.wick as f64 / 2.0).round() as i64
    }

    /// The screen x of a bar's centre as painted.
    pub fn center_x(&self, index: usize) -> f32 {
        ((self.wick_px(index) as f64 + self.wick as f64 / 2.0) / self.pixels) as f32
    }

    /// Where a bar's wick begins: the point right at its centre and the given price, on a whole
    /// physical pixel.
    pub fn bar_point(&self, index: usize, price: f64) -> Pos2 {
        pos2(self.center_x(index), self.snapped_y(price))
    }

    /// The screen y of a price on a whole physical pixel.
    pub(super) fn snapped_y(&self, price: f64) -> f32 {
        ((f64::from(self.y_from_price(price)) * self.pixels).round() / self.pixels) as f32
    }

    /// The bars worth drawing, out of `total`. Drawing cost depends on this, not on history.
    pub fn visible(&self, total: usize) -> Range<usize> {
        visible(self.right, self.px_per, self.plot.width(), total)
    }
}

/// The bars in view, out of `total`.
pub(super) fn visible(right: f64, px_per: f64, width: f32, total: usize) -> Range<usize> {
    let left = right - f64::from(width) / px_per;
    let first = left.floor().max(0.0) as usize;
    let end = (right.ceil().max(0.0) as usize).min(total);
    first.min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transform(scale: PriceScale, pixels: f32) -> ChartTransform {
        let plot = Rect::from_min_max(pos2(10.0, 20.0), pos2(810.0, 420.0));
        ChartTransform::new(plot, 187.3, 7.9, (60_000.0, 80_000.0), scale, pixels).unwrap()
    }

    #[test]
    fn there_and_back() {
        for scale in [PriceScale::Linear, PriceScale::Log] {
            let t = transform(scale, 1.0);
            for bar in [90.0, 120.25, 187.3] {
                assert!((t.bar_from_x(t.x_from_bar(bar)) - bar).abs() < 1e-4);
            }
            for price in [60_000.0, 71_450.0, 80_000.0] {
                assert!((t.price_from_y(t.y_from_price(price)) - price).abs() < 0.01);
            }
            assert_eq!(t.y_from_price(80_000.0), 20.0);
            assert_eq!(t.y_from_price(60_000.0), 420.0);
        }
    }

    #[test]
    fn a_centre_is_never_further_than_a_pixel_from_its_place() {
        for pixels in [1.0, 1.25, 1.5, 2.0, 3.0] {
            let t = transform(PriceScale::Linear, pixels);
            for i in t.visible(187) {
                let off = (t.center_x(i) - t.x_from_bar(i as f64 + 0.5)).abs() * pixels;
                assert!(off <= 0.51, "{i} at {pixels}: {off}");
            }
        }
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let plot = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 100.0));
        let new = |plot, right, px, prices| {
            ChartTransform::new(plot, right, px, prices, PriceScale::Linear, 1.0)
        };
        assert!(new(plot, 1.0, 1.0, (1.0, 2.0)).is_some());
        assert!(new(Rect::ZERO, 1.0, 1.0, (1.0, 2.0)).is_none());
        assert!(new(Rect::NAN, 1.0, 1.0, (1.0, 2.0)).is_none());
        assert!(new(plot, f64::NAN, 1.0, (1.0, 2.0)).is_none());
        assert!(new(plot, 1.0, 0.0, (1.0, 2.0)).is_none());
        assert!(new(plot, 1.0, 1.0, (2.0, 2.0)).is_none());
        assert!(new(plot, 1.0, 1.0, (f64::NAN, 2.0)).is_none());
    }

    #[test]
    fn only_what_is_in_view() {
        assert_eq!(visible(10.0, 10.0, 50.0, 100), 5..10);
        assert_eq!(visible(2.0, 10.0, 50.0, 100), 0..2);
        assert_eq!(visible(-3.0, 10.0, 50.0, 100), 0..0);
        assert_eq!(visible(103.5, 10.0, 50.0, 100), 98..100);
        assert_eq!(visible(5.0, 1.0, 50.0, 0), 0..0);
    }
}
