//! The timeframe bar, and in narrow windows the choice of one pane.

use egui::{Align, Align2, Layout, Role, Sense, Ui, WidgetInfo, vec2};

use crate::domain::Timeframe;
use crate::engine::{Command, StockView};

use crate::ui::chart_slot::ChartSlot;
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::Pane;

/// What the user asked for with the bar's tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Latest,
    Picture,
    Csv,
}

/// Draws the bar: the timeframes at the left, the chart's tools at the right.
pub(super) fn frames_ui(
    ui: &mut Ui,
    view: &StockView,
    (pane, narrow): (&mut Pane, bool),
    chart: &mut ChartSlot,
    theme: &Theme,
    commands: &mut Vec<Command>,
) -> Option<Tool> {
    let mut tool = None;
    let width = ui.available_width();
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let charted = matches!(pane, Pane::Chart | Pane::Table);
        if charted && 620.0 < width {
            if choice(ui, "PNG", t!("차트를 PNG로 저장"), false, theme) {
                tool = Some(Tool::Picture);
            }
            if choice(ui, "CSV", t!("봉을 CSV로 저장"), false, theme) {
                tool = Some(Tool::Csv);
            }
        }
        if !narrow {
            let table = *pane == Pane::Table;
            if choice(ui, t!("표"), t!("봉을 표로 보기"), table, theme) {
                *pane = if table { Pane::Chart } else { Pane::Table };
            }
        }
        if *pane == Pane::Chart {
            if !view.tested.is_empty() {
                let hidden = chart.hide_tested();
                let name = t!("지난 봉에서 울렸을 곳 표시");
                if choice(ui, t!("지난 신호"), name, !*hidden, theme) {
                    *hidden = !*hidden;
                }
            }
            let log = chart.log();
            if choice(ui, t!("로그"), t!("가격 축을 로그로"), *log, theme) {
                *log = !*log;
            }
            if chart.is_away() && choice(ui, t!("최신으로"), t!("최신 봉으로"), true, theme)
            {
                tool = Some(Tool::Latest);
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let pane = narrow.then_some(pane);
            choices(ui, view, pane, theme, commands);
        });
    });
    tool
}

fn choices(
    ui: &mut Ui,
    view: &StockView,
    pane: Option<&mut Pane>,
    theme: &Theme,
    commands: &mut Vec<Command>,
) {
    egui::ScrollArea::horizontal()
        .id_salt("timeframes")
        .auto_shrink(false)
        .scroll_bar_visibility(egui::scroll_area::ScrollBarVisibility::AlwaysHidden)
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                if let Some(pane) = pane {
                    let panes = [
                        (t!("차트"), Pane::Chart),
                        (t!("호가"), Pane::Book),
                        (t!("체결"), Pane::Prints),
                        (t!("표"), Pane::Table),
                    ];
                    for (name, this) in panes {
                        if choice(ui, name, name, *pane == this, theme) {
                            *pane = this;
                        }
                    }
                    ui.add_space(10.0);
                }
                for frame in Timeframe::ALL {
                    let selected = frame == view.timeframe;
                    let text = frame.name();
                    if choice(ui, &text, &t!("%{text}봉", text = text), selected, theme)
                        && !selected
                    {
                        commands.push(Command::ShowTimeframe(view.code, frame));
                    }
                    if frame == Timeframe::Minutes(240) {
                        ui.add_space(8.0);
                    }
                }
            });
        });
}

/// One of several; the chosen one is filled and bold.
fn choice(ui: &mut Ui, text: &str, name: &str, selected: bool, theme: &Theme) -> bool {
    let font = fonts::bold(theme::BODY);
    let widest = ui
        .painter()
        .layout_no_wrap(text.to_owned(), font.clone(), theme.text);
    let size = vec2((widest.size().x + 14.0).max(32.0), 24.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, selected, name));
    let p = ui.painter();
    let (font, color) = if selected {
        p.rect(
            rect,
            4.0,
            theme.selected_row(),
            egui::Stroke::new(1.0, theme.accent),
            egui::StrokeKind::Inside,
        );
        (font, theme.text)
    } else {
        if response.hovered() {
            p.rect_filled(rect, 4.0, theme.hovered_row());
        }
        (fonts::regular(theme::BODY), theme.secondary)
    };
    if response.has_focus() {
        paint::focus_ring(p, rect, theme);
    }
    p.text(rect.center(), Align2::CENTER_CENTER, text, font, color);
    response.clicked()
}
