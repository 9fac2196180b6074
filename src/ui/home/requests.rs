//! Requests a second over the last minutes: sent, refused, permitted.

use egui::{Role, Ui, WidgetInfo};
use egui_plot::{HLine, Line, Plot, PlotPoints};

use crate::engine::{RestView, Snapshot};

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint};

/// Draws the panel.
pub(super) fn requests_ui(ui: &mut Ui, snapshot: &Snapshot, theme: &Theme) {
    let rest = &snapshot.rest;
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(200.0);
            ui.label(paint::rich("요청", fonts::bold(theme::BODY), theme.text));
            for (label, value) in figures(rest) {
                let size = egui::vec2(190.0, 16.0);
                let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
                let spoken = format!("{label} {value}");
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
                let font = fonts::regular(theme::SMALL);
                let (p, y) = (ui.painter(), rect.center().y);
                let ink = theme.secondary;
                paint::left(p, rect.left(), y, 110.0, label, font.clone(), ink);
                paint::right(p, rect.right(), y, &value, font, theme.text);
            }
        });
        plot(ui, rest, theme);
    });
}

fn figures(rest: &RestView) -> [(&'static str, String); 7] {
    let count = |n: u64| format::grouped(i64::try_from(n).unwrap_or(i64::MAX));
    [
        ("보냄", count(rest.sent)),
        ("거절 (초당 한도)", count(rest.refused)),
        ("실패", count(rest.failed)),
        ("대기", count(rest.queue as u64)),
        ("응답 중앙값", format!("{:.0} ms", rest.p50_ms)),
        ("응답 99%", format!("{:.0} ms", rest.p99_ms)),
        ("실시간 등록", count(rest.registrations as u64)),
    ]
}

fn plot(ui: &mut Ui, rest: &RestView, theme: &Theme) {
    let count = rest.seconds.len();
    let series = |pick: fn(&(u32, u32)) -> u32| -> PlotPoints<'_> {
        let at = |(i, s): (usize, &(u32, u32))| [i as f64 - count as f64, f64::from(pick(s))];
        rest.seconds.iter().enumerate().map(at).collect()
    };
    Plot::new("requests a second")
        .height(ui.available_height())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .grid_color(theme.hairline)
        .cursor_color(theme.faint)
        .include_y(0.0)
        .include_y(rest.permitted * 1.15)
        .include_x(-60.0)
        .include_x(0.0)
        .x_axis_formatter(|mark, _| format!("{:.0}초", mark.value))
        .y_axis_formatter(|mark, _| format!("{:.0}", mark.value))
        .y_axis_min_width(24.0)
        .show(ui, |plot| {
            plot.hline(
                HLine::new("허용", rest.permitted)
                    .color(theme.faint)
                    .width(1.0),
            );
            plot.line(
                Line::new("보냄", series(|s| s.0))
                    .color(theme.accent)
                    .width(1.5),
            );
            plot.line(
                Line::new("거절", series(|s| s.1))
                    .color(theme.trouble)
                    .width(1.5),
            );
        });
}
