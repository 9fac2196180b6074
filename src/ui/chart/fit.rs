//! The price range that shows everything in view, arrows included.

use super::transform::PriceScale;

/// Space above the highest price, points.
const ABOVE: f64 = 14.0;
/// Space below the lowest price, points.
const BELOW: f64 = 12.0;

/// Collects what must be in view.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    scale: PriceScale,
    low: f64,
    high: f64,
    /// A low (on the scale's axis) and the points that must stay free below it.
    rooms: Vec<(f64, f64)>,
}

impl Fit {
    pub(super) fn new(scale: PriceScale) -> Self {
        Self {
            scale,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            rooms: vec![],
        }
    }

    /// Takes in prices.
    pub(super) fn include(&mut self, low: f64, high: f64) {
        // `min` and `max` pass over a NaN.
        self.low = self.low.min(low);
        self.high = self.high.max(high);
    }

    /// Keeps `points` free below a price.
    pub(super) fn room(&mut self, low: f64, points: f64) {
        self.rooms.push((self.scale.forward(low), points));
    }

    /// Prices at the bottom and the top of a pane of this height; `None` if there is nothing to
    /// show.
    ///
    /// With H the height, τ the share of it above the highest price and ρ the share below a
    /// low L, the range R must hold R·(1 − τ − ρ) ≥ high − L for every L.
    pub(super) fn range(&self, height: f32) -> Option<(f64, f64)> {
        if !(self.low <= self.high && self.low.is_finite() && self.high.is_finite()) {
            return None;
        }
        let height = f64::from(height).max(1.0);
        let (low, high) = (self.scale.forward(self.low), self.scale.forward(self.high));
        let above = (ABOVE / height).min(0.2);
        // More arrows than fit leave the candles a fifth of the pane.
        let share = |points: f64| (points / height).clamp(0.0, 0.8 - above);
        let rooms = || {
            let all = self.rooms.iter().copied();
            all.chain([(low, BELOW)]).map(|(l, p)| (l, share(p)))
        };
        let needed = rooms()
            .map(|(l, below)| (high - l) / (1.0 - above - below))
            .fold(0.0, f64::max);
        // A stretch without movement is a line in the middle, not a wall of noise.
        let least = match self.scale {
            PriceScale::Linear => (high.abs() * 0.004).max(8.0),
            PriceScale::Log => 0.004,
        };
        let range = needed.max(least);
        let spare = (range - needed) / 2.0;
        let bottom = rooms()
            .map(|(l, below)| l - below * range)
            .fold(high + above * range - range + spare, f64::min);
        let (bottom, top) = (self.scale.back(bottom), self.scale.back(bottom + range));
        (bottom.is_finite() && top.is_finite() && bottom < top).then_some((bottom, top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free_below(fit: &Fit, price: f64, height: f64) -> f64 {
        let (bottom, top) = fit.range(height as f32).unwrap();
        let (b, t, p) = (
            fit.scale.forward(bottom),
            fit.scale.forward(top),
            fit.scale.forward(price),
        );
        (p - b) / (t - b) * height
    }

    #[test]
    fn every_arrow_has_its_room() {
        for scale in [PriceScale::Linear, PriceScale::Log] {
            for height in [120.0, 300.0, 900.0] {
                let mut fit = Fit::new(scale);
                fit.include(70_000.0, 72_000.0);
                fit.room(70_000.0, 20.0);
                fit.room(70_100.0, 56.0);
                fit.room(71_900.0, 38.0);
                for (low, points) in [(70_000.0, 20.0), (70_100.0, 56.0), (71_900.0, 38.0)] {
                    let free = free_below(&fit, low, height);
                    assert!(points - 1e-3 <= free, "{scale:?} {height} {low}: {free}");
                }
                let top = free_below(&fit, 72_000.0, height);
                assert!(top <= height - ABOVE + 1e-3, "{top} of {height}");
            }
        }
    }

    #[test]
    fn equal_prices_lie_within() {
        let mut fit = Fit::new(PriceScale::Linear);
        assert_eq!(fit.range(300.0), None);
        fit.include(f64::NAN, f64::NAN);
        assert_eq!(fit.range(300.0), None);
        fit.include(70_000.0, 70_000.0);
        let middle = free_below(&fit, 70_000.0, 300.0);
        assert!((100.0..200.0).contains(&middle), "{middle}");
        fit.room(70_000.0, 250.0);
        assert!(fit.range(300.0).is_some());
    }
}
