//! The timeframe bar, and in narrow windows the choice of one pane.

use egui::{Align2, Role, Sense, Ui, WidgetInfo, vec2};

use crate::domain::Timeframe;
use crate::engine::{Command, StockView};

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::Pane;

/// Draws the bar.
pub(super) fn frames_ui(
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
                        ("차트", Pane::Chart),
                        ("호가", Pane::Book),
                        ("체결", Pane::Prints),
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
                    let text = frame.korean();
                    if choice(ui, &text, &format!("{text}봉"), selected, theme) && !selected {
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
