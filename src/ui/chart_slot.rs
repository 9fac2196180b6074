//! The place of the chart inside a stock's window: gives the chart what it shows, and the window
//! what the user did with it.

use std::collections::BTreeSet;

use egui::Ui;

use crate::bars::Series;
use crate::conditions::Threshold;
use crate::domain::{Bar, Moment, SignalKey, Timeframe};
use crate::engine::{Command, StockView};
use crate::ui::chart::{
    ChartPalette, ChartSpec, ChartState, PriceScale, chart_ui as candle_chart_ui,
};

use super::theme::Theme;

/// What the chart remembers between frames.
#[derive(Default)]
pub(crate) struct ChartSlot {
    /// The timeframe that `state` belongs to.
    timeframe: Option<Timeframe>,
    state: ChartState,
    /// For every timeframe: equal percentages at equal distances.
    log: bool,
    /// The marks of a backtest are not shown.
    hide_tested: bool,
    /// Where the chart was drawn last.
    pub(crate) place: Option<egui::Rect>,
    painted: BTreeSet<SignalKey>,
    /// Bars held when older ones were asked for last.
    asked_at: Option<usize>,
}

impl ChartSlot {
    /// The newest bar is not followed, or the prices were scaled by hand.
    pub(crate) fn is_away(&self) -> bool {
        self.state.transform().is_some()
            && (!self.state.follows() || self.state.is_scaled_by_hand())
    }

    /// Back to the newest bar and to prices that fit themselves.
    pub(crate) fn go_to_latest(&mut self) {
        self.state.go_to_latest();
    }

    /// Whether the marks of a backtest are hidden, to be changed by the user.
    pub(crate) fn hide_tested(&mut self) -> &mut bool {
        &mut self.hide_tested
    }

    /// Whether equal percentages lie at equal distances, to be changed by the user.
    pub(crate) fn log(&mut self) -> &mut bool {
        &mut self.log
    }
}

/// What the chart tells the window around it.
#[derive(Default)]
pub(crate) struct ChartOutput {
    /// What the user asked for.
    pub(crate) commands: Vec<Command>,
    /// Opening of the bar under the crosshair.
    pub(crate) hovered: Option<Moment>,
}

/// Draws the chart of `view` into all the room there is.
pub(crate) fn chart_ui(
    ui: &mut Ui,
    view: &StockView,
    (series, forming): (&Series, Option<&Bar>),
    slot: &mut ChartSlot,
    theme: &Theme,
    reduced_motion: bool,
) -> ChartOutput {
    if slot.timeframe != Some(view.timeframe) {
        // Another timeframe is another chart: its own place, zoom and scale.
        *slot = ChartSlot {
            timeframe: Some(view.timeframe),
            painted: std::mem::take(&mut slot.painted),
            log: slot.log,
            hide_tested: slot.hide_tested,
            ..ChartSlot::default()
        };
    }
    let threshold = view.threshold.as_ref().and_then(|cell| match cell.price {
        Threshold::Above(price) | Threshold::Below(price) => Some(price),
        Threshold::NotToday | Threshold::None => None,
    });
    slot.state.scale = match slot.log {
        true => PriceScale::Log,
        false => PriceScale::Linear,
    };
    slot.place = Some(ui.available_rect_before_wrap());
    let spec = ChartSpec {
        series,
        forming,
        periods: &view.periods,
        markers: &view.markers,
        tested: if slot.hide_tested { &[] } else { &view.tested },
        timeframe: view.timeframe,
        gaps: &view.chart.gaps,
        older: view.chart.older,
        focus: view.focus,
        threshold,
        last_price: view.quote.map(|quote| quote.price),
        base: view.quote.map(|quote| quote.base),
        reduced_motion,
        now: ui.input(|input| input.time),
    };
    let response = candle_chart_ui(ui, &spec, &mut slot.state, &palette(theme, &view.periods));
    let mut commands = Vec::new();
    for key in response.painted_markers {
        if slot.painted.insert(key) {
            commands.push(Command::Painted(key));
        }
    }
    if response.wants_older && slot.asked_at != Some(series.len()) {
        slot.asked_at = Some(series.len());
        commands.push(Command::LoadOlder(view.code, view.timeframe));
    }
    let hovered = response
        .hovered
        .and_then(|index| spec.bar(index))
        .map(|bar| bar.opened);
    ChartOutput { commands, hovered }
}

/// The window's colours, for the chart.
fn palette(theme: &Theme, periods: &[u16]) -> ChartPalette {
    let base = if theme.dark {
        ChartPalette::dark()
    } else {
        ChartPalette::light()
    };
    ChartPalette {
        background: theme.background,
        hairline: theme.hairline,
        session: theme.session,
        up: theme.up_candle,
        down: theme.down_candle,
        text: theme.text,
        secondary: theme.secondary,
        faint: theme.faint,
        signal: theme.signal,
        averages: periods
            .iter()
            .enumerate()
            .map(|(place, &period)| theme.average(period, place))
            .collect(),
        // Text colours can be read on the ground, so the ground's colour can be read on them.
        tag_up: theme.up,
        tag_down: theme.down,
        tag_text: theme.background,
        focus: theme.accent,
        ..base
    }
}
