//! What the user does to the chart with pointer and keyboard.

use egui::{EventFilter, Response, Ui, Vec2};

use super::layout::Panes;
use super::spec::ChartSpec;
use super::state::ChartState;
use crate::ui::keys::{self, Act};

/// Zoom for one point of wheel movement, and price scaling for one point of gutter drag.
const WHEEL: f64 = 0.004;
const GUTTER: f64 = 0.006;

/// Applies what happened to `state`; returns whether the user moved the view.
pub(super) fn apply(
    ui: &Ui,
    (plot, gutter): (&Response, &Response),
    panes: &Panes,
    spec: &ChartSpec<'_>,
    state: &mut ChartState,
) -> bool {
    let mut moved = drag(plot, panes, state);
    moved |= wheel(ui, plot, panes, spec, state);
    scale_prices(gutter, panes, state);
    if plot.clicked() || plot.drag_started() {
        plot.request_focus();
        state.ring = false;
    } else if plot.gained_focus() {
        state.ring = true;
    }
    if plot.double_clicked() {
        state.view.latest(spec.total());
        moved = true;
    }
    moved |= plot.has_focus() && keyboard(ui, plot, panes, spec, state);
    moved
}

fn drag(plot: &Response, panes: &Panes, state: &mut ChartState) -> bool {
    let Some(total) = plot.total_drag_delta() else {
        state.dragged = Vec2::ZERO;
        return plot.drag_stopped();
    };
    // The whole way since the press, so that the few points before egui calls it a drag are
    // not lost and the bar stays under the pointer.
    let step = total - state.dragged;
    state.dragged = total;
    state.view.pan(-f64::from(step.x) / state.view.px_per);
    if let (true, Some(t)) = (state.view.prices.is_some(), &state.transform) {
        let at = |y: f32| t.price_from_y(y - step.y);
        set_prices(
            at(panes.price.bottom()),
            at(panes.price.top()),
            &mut state.view.prices,
        );
    }
    step.x != 0.0 || plot.drag_started()
}

fn wheel(
    ui: &Ui,
    plot: &Response,
    panes: &Panes,
    spec: &ChartSpec<'_>,
    state: &mut ChartState,
) -> bool {
    let Some(pointer) = plot.hover_pos() else {
        return false;
    };
    // Taken, or an enclosing scroll area would move as well.
    let (scroll, pinch) = ui.input_mut(|i| {
        let scroll = std::mem::take(&mut i.smooth_scroll_delta);
        (scroll, f64::from(i.zoom_delta()))
    });
    let factor = (f64::from(scroll.y) * WHEEL).exp() * pinch;
    if factor == 1.0 && scroll.x == 0.0 {
        return false;
    }
    let view = &mut state.view;
    let at = view.right - f64::from(panes.plot.right() - pointer.x) / view.px_per;
    view.zoom(factor, at, panes.plot.width(), spec.total());
    view.pan(-f64::from(scroll.x) / view.px_per);
    true
}

fn scale_prices(gutter: &Response, panes: &Panes, state: &mut ChartState) {
    if gutter.double_clicked() {
        state.view.prices = None;
    } else if let (true, Some(t)) = (gutter.dragged(), &state.transform) {
        let factor = (f64::from(gutter.drag_delta().y) * GUTTER).exp() as f32;
        let (middle, half) = (panes.price.center().y, panes.price.height() / 2.0 * factor);
        let (low, high) = (t.price_from_y(middle + half), t.price_from_y(middle - half));
        set_prices(low, high, &mut state.view.prices);
    }
}

/// Keeps a range only if it can be shown.
fn set_prices(low: f64, high: f64, prices: &mut Option<(f64, f64)>) {
    if (high - low).is_finite() && 1.0 < high - low && high.abs() < 1e12 && low.abs() < 1e12 {
        *prices = Some((low, high));
    }
}

fn keyboard(
    ui: &Ui,
    plot: &Response,
    panes: &Panes,
    spec: &ChartSpec<'_>,
    state: &mut ChartState,
) -> bool {
    // Arrows move bars, not the focus; Tab still leaves.
    ui.memory_mut(|m| {
        m.set_focus_lock_filter(
            plot.id,
            EventFilter {
                horizontal_arrows: true,
                escape: true,
                ..EventFilter::default()
            },
        );
    });
    let count = |act| ui.input_mut(|i| keys::count(i, act)) as f64;
    let (width, total) = (panes.plot.width(), spec.total());
    let page = (state.view.page(width) * 0.9).floor().max(1.0);
    // The plain arrows last: they would match the others too.
    let crosshair = count(Act::CrossOn) - count(Act::CrossBack);
    let pages = count(Act::PageOn) - count(Act::PageBack);
    let bars = count(Act::BarOn) - count(Act::BarBack);
    let zoom = count(Act::ZoomIn) - count(Act::ZoomOut);
    let before = state.view.right;
    // Once it is there, the plain arrows move the crosshair too.
    let active = state.cursor.is_some() || crosshair != 0.0;
    let steps = crosshair + if active { bars } else { 0.0 };
    if steps != 0.0 {
        step_crosshair(steps, panes, spec, state);
    }
    state
        .view
        .pan(pages * page + if active { 0.0 } else { bars });
    if 0.0 < count(Act::Oldest) {
        state.view.oldest(width, total);
    }
    if 0.0 < count(Act::Latest) {
        state.view.latest(total);
    }
    if zoom != 0.0 {
        // The newest bar keeps its place while it is followed, else the middle does.
        let at = match state.view.follow {
            true => state.view.right,
            false => state.view.right - state.view.page(width) / 2.0,
        };
        state.view.zoom(1.25f64.powf(zoom), at, width, total);
    }
    if 0.0 < count(Act::Leave) {
        match (state.cursor.take(), state.view.prices.take()) {
            (None, None) => plot.surrender_focus(),
            (Some(_), prices) => state.view.prices = prices,
            (None, Some(_)) => {}
        }
    }
    before != state.view.right || zoom != 0.0
}

/// Moves the keyboard's crosshair, and the view only where it would leave it.
fn step_crosshair(steps: f64, panes: &Panes, spec: &ChartSpec<'_>, state: &mut ChartState) {
    let total = spec.total();
    let Some(newest) = total.checked_sub(1) else {
        return;
    };
    let visible = state.view.visible(panes.plot.width(), total);
    // The first step shows it on the newest bar in view.
    let target = match state.cursor.and_then(|opened| spec.index_of(opened)) {
        Some(index) => (index as f64 + steps).clamp(0.0, newest as f64),
        None => visible.end.saturating_sub(1) as f64,
    };
    let left = state.view.right - state.view.page(panes.plot.width());
    if target < left {
        state.view.pan(target - left);
    } else if state.view.right < target + 1.0 {
        state.view.pan(target + 1.0 - state.view.right);
    }
    state.cursor = spec.bar(target as usize).map(|bar| bar.opened);
}
