//! What the chart remembers between frames, and what it answers.

use egui::Vec2;

use super::transform::{ChartTransform, PriceScale};
use super::view::View;
use crate::domain::{Moment, SignalKey};

/// What the chart remembers between frames; nothing the engine knows. One for each window.
#[derive(Clone, Debug, Default)]
pub struct ChartState {
    /// How prices are spread over the height.
    pub scale: PriceScale,
    pub(super) view: View,
    /// The bar of the keyboard's crosshair.
    pub(super) cursor: Option<Moment>,
    /// How much of the running drag has been applied.
    pub(super) dragged: Vec2,
    /// The keyboard brought the focus here, so show it.
    pub(super) ring: bool,
    /// Width of the price gutter: it grows with the prices and never shrinks, so that nothing
    /// moves under the pointer.
    pub(super) gutter: f32,
    pub(super) transform: Option<ChartTransform>,
}

impl ChartState {
    /// How the last frame was drawn; `None` before the first one and without bars.
    pub fn transform(&self) -> Option<&ChartTransform> {
        self.transform.as_ref()
    }

    /// Back to the newest bar and to prices that fit themselves ("최신으로").
    pub fn go_to_latest(&mut self) {
        self.view.latest_soon();
    }

    /// New bars move the view: the newest one is in it.
    pub fn follows(&self) -> bool {
        self.view.follow
    }

    /// The prices were scaled by hand and do not fit themselves.
    pub fn is_scaled_by_hand(&self) -> bool {
        self.view.prices.is_some()
    }
}

/// What one frame of the chart tells its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartResponse {
    /// The bar under the crosshair; the number of closed bars stands for the one being built.
    pub hovered: Option<usize>,
    /// Older bars should be loaded: the left edge is within a page of the oldest bar, or the
    /// focused bar is older than that.
    pub wants_older: bool,
    /// Signals whose arrow could be seen in this frame (not in the dark half of a blink).
    pub painted_markers: Vec<SignalKey>,
    /// The newest bar is in view.
    pub at_latest: bool,
}
