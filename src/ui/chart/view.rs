//! Which bars are in view: follow, pan, zoom, and holding still while data changes.
//!
//! Pure: knows neither pointer nor screen, only widths in points.

use std::ops::Range;

use super::spec::ChartSpec;
use super::transform::visible;
use crate::domain::{Moment, Timeframe};
use crate::engine::OlderBars;

/// Points per bar of a fresh chart.
const PX_PER: f64 = 8.0;
/// No bar is wider, points.
const PX_MAX: f64 = 64.0;

/// What the chart remembers of the horizontal axis, and the price range if the user set one.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The fractional bar index at the right edge.
    pub(super) right: f64,
    /// Points per bar.
    pub(super) px_per: f64,
    /// New bars move the view.
    pub(super) follow: bool,
    /// Prices at the bottom and at the top, set by hand; else the visible bars decide.
    pub(super) prices: Option<(f64, f64)>,
    /// A bar in view, by its time, and how far right of it the right edge lies. Indices change
    /// when older bars are put in front; times do not.
    anchor: Option<(Moment, f64)>,
    /// How far right of the newest bar the right edge lies.
    lead: f64,
    timeframe: Option<Timeframe>,
    focused: Option<u64>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            right: 0.0,
            px_per: PX_PER,
            follow: true,
            prices: None,
            anchor: None,
            lead: 0.0,
            timeframe: None,
            focused: None,
        }
    }
}

impl View {
    /// Takes in what changed since the last frame. `holding`: the user drags, so nothing moves
    /// by itself. Returns whether older bars are needed to show the focused one.
    pub(super) fn sync(&mut self, spec: &ChartSpec<'_>, width: f32, holding: bool) -> bool {
        let total = spec.total();
        if total == 0 {
            return false;
        }
        let known = self.timeframe == Some(spec.timeframe);
        match self.anchor.filter(|_| known) {
            None => {
                self.timeframe = Some(spec.timeframe);
                self.latest(total);
            }
            Some(_) if self.follow && !holding => self.right = total as f64 + self.lead,
            Some((opened, ahead)) => {
                let index = spec
                    .index_of(opened)
                    .unwrap_or_else(|| spec.first_from(opened));
                self.right = index as f64 + ahead;
            }
        }
        self.clamp(total, width);
        self.take_focus(spec, width)
    }

    fn take_focus(&mut self, spec: &ChartSpec<'_>, width: f32) -> bool {
        let Some((serial, opened)) = spec.focus.filter(|f| self.focused != Some(f.0)) else {
            return false;
        };
        let Some(index) = spec.index_of(opened) else {
            // Not loaded yet: the focus waits for it.
            let too_new = spec.bar(0).is_some_and(|oldest| opened < oldest.opened);
            return too_new && spec.older == OlderBars::Available;
        };
        self.focused = Some(serial);
        // The arrow is only sure to be in view when the prices fit themselves.
        self.prices = None;
        let (at, page) = (index as f64, self.page(width));
        if at < self.right - page || self.right < at + 1.0 {
            let newest = spec.total() as f64 + self.margin();
            self.right = (at + 0.5 + page / 2.0).min(newest);
            self.clamp(spec.total(), width);
            self.follow = self.at_latest(spec.total());
        }
        false
    }

    /// Remembers where the view stands for the next frame. `moved`: by the user.
    pub(super) fn settle(&mut self, spec: &ChartSpec<'_>, width: f32, moved: bool) {
        let total = spec.total();
        if total == 0 {
            return;
        }
        self.clamp(total, width);
        if moved {
            self.follow = self.at_latest(total);
            // Whoever moves the view does not want to be moved by a focus that comes late.
            self.focused = spec.focus.map(|f| f.0).or(self.focused);
        }
        self.lead = self.right - total as f64;
        let middle = (self.right - self.page(width) / 2.0).clamp(0.0, total as f64 - 1.0) as usize;
        self.anchor = spec
            .bar(middle)
            .map(|bar| (bar.opened, self.right - middle as f64));
    }

    /// Bars that fit into the width.
    pub(super) fn page(&self, width: f32) -> f64 {
        f64::from(width) / self.px_per
    }

    /// Bars left free at the right.
    fn margin(&self) -> f64 {
        (12.0 / self.px_per).max(3.0)
    }

    /// The newest bar is wholly in view (or would be further left).
    pub(super) fn at_latest(&self, total: usize) -> bool {
        total as f64 <= self.right + 1e-6
    }

    /// The bars in view.
    pub(super) fn visible(&self, width: f32, total: usize) -> Range<usize> {
        visible(self.right, self.px_per, width, total)
    }

    /// Back to the newest bar and to prices that fit themselves.
    pub(super) fn latest(&mut self, total: usize) {
        self.right = total as f64 + self.margin();
        self.prices = None;
        self.follow = true;
    }

    /// The same, for a moment at which the number of bars is not at hand: by the next frame.
    pub(super) fn latest_soon(&mut self) {
        self.anchor = None;
    }

    /// To the oldest bar.
    pub(super) fn oldest(&mut self, width: f32, total: usize) {
        let newest = total as f64 + self.margin();
        self.right = (self.page(width) - 1.0).min(newest);
    }

    /// Moves the view by so many bars; positive shows newer ones.
    pub(super) fn pan(&mut self, bars: f64) {
        if bars.is_finite() {
            self.right += bars;
        }
    }

    /// Zooms so that the place `at` on the bar axis stays where it is on the screen.
    pub(super) fn zoom(&mut self, factor: f64, at: f64, width: f32, total: usize) {
        if !factor.is_finite() || factor <= 0.0 || !at.is_finite() {
            return;
        }
        // All of history fits, but it does not shrink into a corner.
        let all = f64::from(width) / (total as f64 + 2.0 * self.margin());
        let px = (self.px_per * factor).clamp(all.clamp(1e-6, 2.0), PX_MAX);
        self.right = at + (self.right - at) * self.px_per / px;
        self.px_per = px;
    }

    /// Keeps at least one bar in view.
    fn clamp(&mut self, total: usize, width: f32) {
        let total = total as f64;
        let (low, high) = (1.0f64, total - 1.0 + self.page(width).max(1.0));
        self.right = match self.right.is_finite() {
            true => self.right.clamp(low.min(high), high),
            false => total + self.margin(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zoom_keeps_the_place_under_the_pointer() {
        for factor in [0.3, 0.9, 1.0, 1.4, 5.0, 1e9] {
            let mut view = View {
                right: 503.0,
                ..View::default()
            };
            let (at, x) = (450.25, (503.0 - 450.25) * view.px_per);
            view.zoom(factor, at, 900.0, 500);
            let moved = ((view.right - at) * view.px_per - x).abs();
            assert!(moved < 1e-9, "by {factor}: {moved}");
        }
    }

    #[test]
    fn what_is_no_number_changes_nothing() {
        let mut view = View::default();
        view.zoom(f64::NAN, 1.0, 900.0, 500);
        view.zoom(0.0, 1.0, 900.0, 500);
        view.zoom(2.0, f64::INFINITY, 900.0, 500);
        view.pan(f64::NAN);
        assert_eq!((view.right, view.px_per), (0.0, PX_PER));
        view.right = f64::NAN;
        view.clamp(10, 100.0);
        assert!(view.right.is_finite());
    }

    #[test]
    fn the_widest_view_holds_all_of_history() {
        let mut view = View::default();
        view.latest(1_000_000);
        view.zoom(1e-12, 1_000_000.0, 900.0, 1_000_000);
        assert!(1_000_000.0 <= view.page(900.0));
    }
}
