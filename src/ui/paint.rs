//! Small drawing helpers: text that never changes a column's width, icons, bands, cards.

use std::sync::Arc;

use egui::{
    Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui,
    Vec2, WidgetInfo, pos2, text::LayoutJob, vec2,
};

use crate::engine::Trouble;

use super::fonts;
use super::theme::{self, Theme};

/// Puts choices that stand in one line so far apart that no box seems to belong to the name
/// before it.
pub(crate) fn choices(ui: &mut egui::Ui) {
    ui.spacing_mut().item_spacing.x = 16.0;
}

/// Text whose right edge is at `right`, centred on `y`.
pub(crate) fn right(p: &Painter, right: f32, y: f32, text: &str, font: FontId, color: Color32) {
    p.text(pos2(right, y), Align2::RIGHT_CENTER, text, font, color);
}

/// Text from `left`, cut with an ellipsis at `width`; returns the right edge of what was drawn.
pub(crate) fn left(
    p: &Painter,
    left: f32,
    y: f32,
    width: f32,
    text: &str,
    font: FontId,
    color: Color32,
) -> f32 {
    let galley = elided(p, text, font, color, width.max(0.0));
    let size = galley.size();
    p.galley(pos2(left, y - size.y / 2.0), galley, color);
    left + size.x
}

/// What a text in one font is to be centred on to stand on the same line as one in another font
/// that is centred on `y`.
pub(crate) fn level(p: &Painter, y: f32, other: FontId, font: FontId) -> f32 {
    y + below_centre(p, other) - below_centre(p, font)
}

/// How far below a text's centre the line lies on which its letters stand, points.
fn below_centre(p: &Painter, font: FontId) -> f32 {
    let galley = p.layout_no_wrap("0".to_owned(), font, Color32::WHITE);
    let row = galley.rows.first();
    let line = row.and_then(|row| Some(row.pos.y + row.glyphs.first()?.pos.y));
    line.map_or(0.0, |line| line - galley.size().y / 2.0)
}

/// One line of text, cut with an ellipsis.
pub(crate) fn elided(
    p: &Painter,
    text: &str,
    font: FontId,
    color: Color32,
    width: f32,
) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap.max_width = width;
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    p.layout_job(job)
}

/// How wide a line of text is, points.
pub(crate) fn width(p: &Painter, text: &str, font: FontId) -> f32 {
    p.layout_no_wrap(text.to_owned(), font, Color32::WHITE)
        .size()
        .x
}

/// Diagonal lines: not judged now.
pub(crate) fn hatch(p: &Painter, rect: Rect, color: Color32) {
    let p = p.with_clip_rect(rect);
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        p.line_segment(
            [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())],
            Stroke::new(1.0, color),
        );
        x += 9.0;
    }
}

/// What an icon button shows. Drawn, because the font has no pictures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    /// A house.
    Home,
    /// A bell; crossed out when muted.
    Bell {
        /// Crossed out.
        muted: bool,
    },
    /// Three sliders: settings.
    Sliders,
    /// A cross.
    Close,
    /// A list with ticks: rules.
    Rules,
}

/// A button with a drawn icon and an accessible name that is also its tooltip.
pub(crate) fn icon_button(ui: &mut Ui, icon: Icon, name: &str, theme: &Theme) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(28.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 4.0, theme.hovered_row());
    }
    if response.has_focus() {
        focus_ring(ui.painter(), rect, theme);
    }
    let color = if response.hovered() {
        theme.text
    } else {
        theme.secondary
    };
    draw_icon(ui.painter(), rect.center(), icon, color);
    response.on_hover_text(name)
}

/// A yellow button: it belongs to a signal.
pub(crate) fn signal_button(ui: &mut Ui, text: &str, theme: &Theme) -> Response {
    let label = rich(text, fonts::bold(theme::BODY), theme.on_signal);
    ui.add(egui::Button::new(label).fill(theme.signal))
        .on_hover_text("F2")
}

fn draw_icon(p: &Painter, c: Pos2, icon: Icon, color: Color32) {
    let stroke = Stroke::new(1.5, color);
    let at = |x: f32, y: f32| c + vec2(x, y);
    match icon {
        Icon::Home => {
            p.line(vec![at(-7.0, 0.0), at(0.0, -6.5), at(7.0, 0.0)], stroke);
            p.line(
                vec![at(-5.0, -1.5), at(-5.0, 6.0), at(5.0, 6.0), at(5.0, -1.5)],
                stroke,
            );
            p.rect_filled(Rect::from_min_max(at(-1.5, 2.0), at(1.5, 6.0)), 0.0, color);
        }
        Icon::Bell { muted } => {
            p.line(
                vec![
                    at(-6.0, 4.0),
                    at(-4.0, 1.5),
                    at(-4.0, -2.0),
                    at(-2.0, -5.0),
                    at(2.0, -5.0),
                    at(4.0, -2.0),
                    at(4.0, 1.5),
                    at(6.0, 4.0),
                    at(-6.0, 4.0),
                ],
                stroke,
            );
            p.circle_filled(at(0.0, 6.0), 1.6, color);
            p.circle_filled(at(0.0, -6.0), 1.0, color);
            if muted {
                p.line_segment([at(-7.0, 7.0), at(7.0, -7.0)], stroke);
            }
        }
        Icon::Sliders => {
            for (y, knob) in [(-5.0, 3.0), (0.0, -3.0), (5.0, 1.0)] {
                p.line_segment([at(-7.0, y), at(7.0, y)], stroke);
                p.circle_filled(at(knob, y), 2.4, color);
            }
        }
        Icon::Rules => {
            for y in [-5.0, 0.0, 5.0] {
                p.line_segment([at(-1.0, y), at(7.0, y)], stroke);
                p.line(
                    vec![at(-7.0, y - 0.5), at(-5.5, y + 1.5), at(-3.0, y - 2.0)],
                    stroke,
                );
            }
        }
        Icon::Close => {
            p.line_segment([at(-4.5, -4.5), at(4.5, 4.5)], stroke);
            p.line_segment([at(-4.5, 4.5), at(4.5, -4.5)], stroke);
        }
    }
}

/// Where the keyboard is.
pub(crate) fn focus_ring(p: &Painter, rect: Rect, theme: &Theme) {
    p.rect_stroke(
        rect.shrink(0.5),
        4.0,
        Stroke::new(1.5, theme.accent),
        egui::StrokeKind::Inside,
    );
}

/// A band over the whole width with one sentence in the middle, readable by a screen reader.
pub(crate) fn band(ui: &mut Ui, text: &str, ground: Color32, color: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().rect_filled(rect, 0.0, ground);
    let galley = elided(
        ui.painter(),
        text,
        fonts::bold(theme::SMALL),
        color,
        rect.width() - 16.0,
    );
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, color);
    response
}

/// What failed, why, what next; returns whether 다시 시도 was pressed.
pub(crate) fn trouble_card(ui: &mut Ui, trouble: &Trouble, theme: &Theme) -> bool {
    let mut again = false;
    let width = (ui.available_width() - 32.0).clamp(80.0, 380.0);
    let top = ((ui.available_height() - 150.0) / 2.0).clamp(8.0, 400.0);
    ui.vertical_centered(|ui| {
        ui.add_space(top);
        egui::Frame::new()
            .fill(theme.raised)
            .stroke(theme.line())
            .corner_radius(6.0)
            .inner_margin(16.0)
            .show(ui, |ui| {
                ui.set_width(width);
                ui.label(rich(
                    &trouble.what.to_string(),
                    fonts::bold(theme::TITLE),
                    theme.text,
                ));
                ui.label(rich(
                    &trouble.why.to_string(),
                    fonts::regular(theme::BODY),
                    theme.secondary,
                ));
                ui.label(rich(
                    &trouble.next.to_string(),
                    fonts::regular(theme::BODY),
                    theme.secondary,
                ));
                ui.add_space(6.0);
                again = ui.button(t!("다시 시도")).clicked();
                if let Some(code) = &trouble.code {
                    ui.label(rich(code, fonts::regular(theme::SMALL), theme.faint));
                }
            });
    });
    again
}

/// Text with its font and colour.
pub(crate) fn rich(text: &str, font: FontId, color: Color32) -> egui::RichText {
    egui::RichText::new(text).font(font).color(color)
}

/// Grey bars where rows will be.
pub(crate) fn skeleton(p: &Painter, rect: Rect, row: f32, theme: &Theme) {
    let mut y = rect.top() + row / 2.0;
    let mut i = 0;
    while y + row / 2.0 < rect.bottom() {
        let share = [0.82, 0.64, 0.74, 0.56][i % 4];
        let bar = Rect::from_min_size(
            pos2(rect.left() + 8.0, y - 4.0),
            vec2((rect.width() - 16.0).max(0.0) * share, 8.0),
        );
        p.rect_filled(bar, 3.0, theme.skeleton());
        y += row;
        i += 1;
    }
}

/// A thin line of progress.
pub(crate) fn progress(p: &Painter, rect: Rect, share: f32, theme: &Theme) {
    p.rect_filled(rect, 1.0, theme.skeleton());
    let mut done = rect;
    done.set_width(rect.width() * share.clamp(0.0, 1.0));
    p.rect_filled(done, 1.0, theme.accent);
}

/// A small filled dot.
pub(crate) fn dot(p: &Painter, at: Pos2, color: Color32) {
    p.add(Shape::circle_filled(at, 4.0, color));
}
