//! The place of the chart inside a stock's window.

use egui::{Role, Sense, StrokeKind, Ui, WidgetInfo};

use crate::domain::{Bar, Moment};
use crate::engine::{Command, StockView};

use super::theme::Theme;

/// What the chart remembers between frames.
#[derive(Default)]
pub(crate) struct ChartSlot;

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
    _view: &StockView,
    _bars: (&[Bar], Option<&Bar>),
    _slot: &mut ChartSlot,
    theme: &Theme,
) -> ChartOutput {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "캔들 차트"));
    ui.painter()
        .rect_stroke(rect, 0.0, theme.line(), StrokeKind::Inside);
    ChartOutput::default()
}
