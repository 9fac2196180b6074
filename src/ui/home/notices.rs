//! What went wrong and is not shown elsewhere: the newest in the line, all of them on request.

use egui::{Popup, PopupCloseBehavior, Ui};

use crate::engine::{Command, Snapshot};

use crate::ui::paint::{self, Icon, icon_button};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format};

/// What the line remembers.
#[derive(Default)]
pub(super) struct NoticesView {
    open: bool,
}

/// Draws the button with the newest notice and, if open, the list above it.
pub(super) fn notices_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut NoticesView,
    theme: &Theme,
) -> Vec<Command> {
    let mut commands = vec![];
    let Some(newest) = snapshot.notices.last() else {
        view.open = false;
        return commands;
    };
    let count = snapshot.notices.len();
    let text = if ui.available_width() < 160.0 {
        t!("알림 %{count}", count = count)
    } else {
        t!("알림 %{count} · %{text}", count = count, text = newest.text)
    };
    let button = egui::Button::new(paint::rich(&text, fonts::regular(theme::SMALL), theme.text));
    let response = ui
        .add(button.truncate())
        .accessible_name(t!("알림 %{count}건 보기", count = count));
    if response.clicked() {
        view.open = !view.open;
    }
    Popup::from_response(&response)
        .open_bool(&mut view.open)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(420.0);
            for notice in snapshot.notices.iter().rev() {
                ui.horizontal(|ui| {
                    let name = t!("알림 닫기");
                    if icon_button(ui, Icon::Close, name, theme).clicked() {
                        commands.push(Command::DismissNotice(notice.id));
                    }
                    ui.vertical(|ui| {
                        let body = fonts::regular(theme::BODY);
                        ui.add(
                            egui::Label::new(paint::rich(
                                &notice.text.to_string(),
                                body,
                                theme.text,
                            ))
                            .wrap(),
                        );
                        let mut small = format::clock(notice.at.second_of_day());
                        if 1 < notice.times {
                            small.push_str(&t!(" · %{times}번", times = notice.times));
                        }
                        if let Some(code) = &notice.code {
                            small.push_str(&format!(" · {code}"));
                        }
                        let font = fonts::regular(theme::SMALL);
                        ui.label(paint::rich(&small, font, theme.faint));
                    });
                });
            }
        });
    commands
}
