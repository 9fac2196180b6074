//! The help over a window: every key, drawn from the table that the handlers use.

use egui::{Align2, Context, Frame, Grid, Id, Key, Order, ScrollArea, Ui, Vec2, Window};

use crate::lang;

use super::keys::{self, Act, Place, TABLE};
use super::theme::{self, Theme};
use super::{fonts, paint};

/// Opens and closes the help on its key and draws it while it is open. `window` tells the
/// windows of the program apart.
pub(crate) fn help_ui(ui: &mut Ui, window: &str, open: &mut bool, theme: &Theme) {
    // While typing, `?` is a character.
    let typing = ui.ctx().text_edit_focused();
    if !typing && ui.input_mut(|i| keys::pressed(i, Act::Help)) {
        *open = !*open;
    }
    if *open {
        *open = !overlay(ui.ctx(), window, theme);
    }
}

/// Draws the table in front of the window, which stays alive and in reach around it; returns
/// whether it is to be closed.
fn overlay(ctx: &Context, window: &str, theme: &Theme) -> bool {
    let frame = Frame::window(&ctx.global_style())
        .fill(theme.panel)
        .inner_margin(16.0);
    let shown = Window::new(t!("키보드"))
        .id(Id::unique(("key help", window)))
        .title_bar(false)
        .resizable(false)
        .frame(frame)
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, Vec2::ZERO)
        .show(ctx, |ui| {
            ui.set_width((ctx.content_rect().width() - 64.0).clamp(200.0, 520.0));
            let mut close = false;
            ui.horizontal(|ui| {
                let title = fonts::bold(theme::TITLE);
                ui.label(paint::rich(t!("키보드"), title, theme.text));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    close = paint::icon_button(ui, paint::Icon::Close, t!("도움말 닫기"), theme)
                        .clicked();
                });
            });
            let room = (ctx.content_rect().height() - 120.0).max(60.0);
            ScrollArea::vertical()
                .max_height(room)
                .min_scrolled_height(room)
                .show(ui, |ui| {
                    for place in Place::ALL {
                        ui.add_space(6.0);
                        let bold = fonts::bold(theme::BODY);
                        ui.label(paint::rich(place.heading(), bold, theme.secondary));
                        Grid::new(place.heading())
                            .num_columns(2)
                            .min_col_width(132.0)
                            .spacing([12.0, 4.0])
                            .show(ui, |ui| {
                                for binding in TABLE.iter().filter(|b| b.place == place) {
                                    let body = fonts::regular(theme::BODY);
                                    let keys = binding.keys_in_words();
                                    ui.label(paint::rich(&keys, body.clone(), theme.text));
                                    ui.label(paint::rich(lang::tr(binding.says), body, theme.text));
                                    ui.end_row();
                                }
                            });
                    }
                });
            close
        });
    let escape = ctx.input(|i| i.key_pressed(Key::Escape));
    escape || shown.and_then(|shown| shown.inner).unwrap_or(true)
}
