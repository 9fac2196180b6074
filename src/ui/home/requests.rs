//! Requests a second over the last minutes: sent, refused, permitted.

use egui::{Role, Ui, WidgetInfo};
use egui_plot::{Line, Plot, PlotPoints};

use crate::engine::{RestView, Snapshot};

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint};

/// Draws the panel.
pub(super) fn requests_ui(ui: &mut Ui, snapshot: &Snapshot, theme: &Theme) {
    let rest = &snapshot.rest;
    let wide = 640.0 < ui.available_width();
    ui.horizontal_top(|ui| {
        column(ui, t!("요청"), &figures(rest), theme);
        if wide {
            column(ui, t!("기다리는 요청"), &queue(rest), theme);
        }
        plot(ui, rest, theme);
    });
}

fn column(ui: &mut Ui, title: &str, lines: &[(&str, String)], theme: &Theme) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        ui.set_width(190.0);
        ui.label(paint::rich(title, fonts::bold(theme::BODY), theme.text));
        for (label, value) in lines {
            let size = egui::vec2(182.0, 16.0);
            let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
            let spoken = format!("{label} {value}");
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
            let font = fonts::regular(theme::SMALL);
            let (p, y) = (ui.painter(), rect.center().y);
            let ink = theme.secondary;
            paint::left(p, rect.left(), y, 110.0, label, font.clone(), ink);
            paint::right(p, rect.right(), y, value, font, theme.text);
        }
    });
}

fn count(n: u64) -> String {
    format::grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

fn figures(rest: &RestView) -> [(&'static str, String); 8] {
    [
        (t!("보냄"), count(rest.sent)),
        (t!("아낀 요청"), count(rest.saved)),
        (t!("거절 (초당 한도)"), count(rest.refused)),
        (t!("실패"), count(rest.failed)),
        (t!("응답 중앙값"), format!("{:.0} ms", rest.p50_ms)),
        (t!("응답 99%"), format!("{:.0} ms", rest.p99_ms)),
        (t!("실시간 등록"), count(rest.registrations as u64)),
        (t!("지금"), state(rest)),
    ]
}

/// Whether requests go out as fast as they may, and if not, why.
fn state(rest: &RestView) -> String {
    if 0 < rest.rests_ms {
        t!(
            "거절 뒤 %{seconds}초 쉼",
            seconds = rest.rests_ms.div_ceil(1_000)
        )
    } else if rest.strained {
        t!("응답이 늦어 천천히").to_owned()
    } else if rest.permitted + 0.05 < rest.configured {
        t!("거절 뒤 천천히").to_owned()
    } else {
        t!("정상").to_owned()
    }
}

/// What waits, in the order in which it goes, and when the last of it is gone.
fn queue(rest: &RestView) -> [(&'static str, String); 7] {
    let [token, user, closes, newest, history] = rest.waiting.map(|n| count(n as u64));
    let end = match (rest.queue, rest.drained_in_ms) {
        (0, _) => "-".to_owned(),
        (_, ms) if ms < 90_000 => t!("약 %{seconds}초 뒤", seconds = ms.div_ceil(1_000)),
        (_, ms) => t!("약 %{minutes}분 뒤", minutes = ms.div_ceil(60_000)),
    };
    [
        (t!("1 접근토큰"), token),
        (t!("2 직접 연 화면"), user),
        (t!("3 봉 마감 판정"), closes),
        (t!("4 최신 시세"), newest),
        (t!("5 과거 봉"), history),
        (t!("모두"), count(rest.queue as u64)),
        (t!("다 보내는 때"), end),
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
        .include_y(rest.configured.max(rest.permitted) * 1.15)
        .include_x(-60.0)
        .include_x(0.0)
        .x_axis_formatter(|mark, _| t!("%{value}초", value = format_args!("{:.0}", mark.value)))
        .y_axis_formatter(|mark, _| format!("{:.0}", mark.value))
        .y_axis_min_width(24.0)
        .show(ui, |plot| {
            // The permitted rate falls after a refusal and recovers.
            let first = rest.rates.len();
            let rates = rest.rates.iter().enumerate();
            let rates = rates.map(|(i, rate)| [i as f64 - first as f64, *rate]);
            plot.line(
                Line::new(t!("허용"), rates.collect::<PlotPoints<'_>>())
                    .color(theme.faint)
                    .width(1.0),
            );
            plot.line(
                Line::new(t!("보냄"), series(|s| s.0))
                    .color(theme.accent)
                    .width(1.5),
            );
            plot.line(
                Line::new(t!("거절"), series(|s| s.1))
                    .color(theme.trouble)
                    .width(1.5),
            );
        });
}
