//! The help over a window: every key, drawn from the table that the handlers use.

use egui::{Context, Grid, Id, ScrollArea, Ui, vec2};

use crate::lang;

use super::keys::{self, Act, Place, TABLE};
use super::theme::{self, Theme};
use super::{fonts, paint};

/// Room for the longest keys of a line.
const KEYS: f32 = 144.0;

/// From this width of the window on the table stands in two columns.
const TWO_COLUMNS: f32 = 864.0;

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

/// Draws the table; returns whether it is to be closed. It lies over the window without holding
/// anything up: a row may ring behind it.
fn overlay(ctx: &Context, window: &str, theme: &Theme) -> bool {
    let room = ctx.content_rect();
    let columns = if TWO_COLUMNS <= room.width() { 2 } else { 1 };
    let width = (room.width() - 64.0).clamp(200.0, 400.0 * columns as f32);
    let frame = egui::Frame::window(&ctx.global_style())
        .fill(theme.panel)
        .inner_margin(16.0);
    let mut close = false;
    egui::Window::new(t!("키보드 도움말"))
        .id(Id::unique(("key help", window)))
        .title_bar(false)
        .resizable(false)
        .frame(frame)
        .default_pos(room.center_top() + vec2(-width / 2.0 - 16.0, 56.0))
        .constrain_to(room)
        .show(ctx, |ui| {
            ui.set_width(width);
            ui.horizontal(|ui| {
                let title = fonts::bold(theme::TITLE);
                ui.label(paint::rich(t!("키보드"), title, theme.text));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    close = paint::icon_button(ui, paint::Icon::Close, t!("도움말 닫기"), theme)
                        .clicked();
                });
            });
            let tall = (room.height() - 120.0).max(60.0);
            let area = ScrollArea::vertical()
                .max_height(tall)
                .min_scrolled_height(tall)
                .auto_shrink([false, true]);
            area.show(ui, |ui| match columns {
                1 => Place::ALL.iter().for_each(|&p| place_ui(ui, p, theme)),
                _ => ui.columns_const(|[left, right]: &mut [Ui; 2]| {
                    for place in Place::ALL {
                        let home = matches!(place, Place::Everywhere | Place::Home);
                        place_ui(if home { &mut *left } else { &mut *right }, place, theme);
                    }
                }),
            });
        });
    // Escape belongs to a field that is being typed in.
    let escape = !ctx.text_edit_focused()
        && ctx.input_mut(|i| i.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
    close || escape
}

/// The keys of one place. Acts that say the same share a line.
fn place_ui(ui: &mut Ui, place: Place, theme: &Theme) {
    ui.add_space(6.0);
    let bold = fonts::bold(theme::BODY);
    ui.label(paint::rich(place.heading(), bold, theme.secondary));
    let mut lines: Vec<(String, &'static str)> = Vec::new();
    for binding in TABLE.iter().filter(|b| b.place == place) {
        let keys = binding.keys_in_words();
        match lines.last_mut().filter(|(_, says)| *says == binding.says) {
            Some((known, _)) => *known = [known.as_str(), &keys].join(t!(" 또는 ")),
            None => lines.push((keys, binding.says)),
        }
    }
    let wrap = (ui.available_width() - KEYS - 28.0).max(120.0);
    Grid::new(place.heading())
        .num_columns(2)
        .min_col_width(KEYS)
        .spacing([12.0, 4.0])
        .show(ui, |ui| {
            for (keys, says) in lines {
                let body = fonts::regular(theme::BODY);
                ui.label(paint::rich(&keys, body.clone(), theme.text));
                let says = paint::rich(lang::tr(says), body, theme.text);
                ui.scope(|ui| {
                    // A grid lets texts grow beyond its edge, unless they are told to wrap.
                    ui.set_max_width(wrap);
                    ui.add(egui::Label::new(says).wrap());
                });
                ui.end_row();
            }
        });
}
