//! "왜 울렸나": the evidence of one signal.

use egui::{Grid, Ui};

use crate::domain::{Moment, Signal, Stage};
use crate::engine::Snapshot;

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint, words};

/// Draws the evidence of `signal`.
pub(super) fn card_ui(ui: &mut Ui, snapshot: &Snapshot, signal: &Signal, theme: &Theme) {
    egui::Frame::new()
        .fill(theme.background)
        .inner_margin(egui::Margin::symmetric(12, 10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let width = ui.available_width() - 76.0;
            Grid::new("evidence")
                .num_columns(2)
                .spacing([12.0, 5.0])
                .min_col_width(44.0)
                .min_row_height(16.0)
                .show(ui, |ui| {
                    for (label, value) in lines(snapshot, signal) {
                        let small = fonts::regular(theme::SMALL);
                        ui.label(paint::rich(label, small.clone(), theme.secondary));
                        ui.scope(|ui| {
                            ui.set_max_width(width);
                            ui.label(paint::rich(&value, small, theme.text));
                        });
                        ui.end_row();
                    }
                });
        });
}

fn lines(snapshot: &Snapshot, signal: &Signal) -> Vec<(&'static str, String)> {
    let key = &signal.key;
    let second = |at: Moment| at.clock_text();
    let price = if signal.stage == Stage::Forming {
        "체결가"
    } else {
        "종가"
    };
    let mut lines = vec![
        ("조건", signal.rule_text.to_string()),
        (
            "봉",
            words::bar_span(key.timeframe, key.bar, signal.bar_end),
        ),
        (price, format!("{}원", format::grouped(signal.price))),
    ];
    for (period, average) in &signal.averages {
        lines.push(("평균", format!("{period}봉 {}", format::decimal(average))));
    }
    lines.push(("근거", words::source(signal.source).to_owned()));
    if let Some((asked, answered)) = signal.rows_asked {
        lines.push((
            "조회",
            format!("{} → {} 응답", second(asked), second(answered)),
        ));
    }
    let late = signal.at.ms_since(signal.bar_end);
    let judged = if 0 <= late && signal.stage != Stage::Forming {
        format!("{} (마감 {} 뒤)", second(signal.at), format::delay(late))
    } else {
        second(signal.at)
    };
    lines.push(("판정", judged));
    if let Some(shown) = signal.shown {
        let after = shown.ms_since(signal.at).max(0);
        lines.push((
            "화면",
            format!("{} (판정 {} 뒤)", second(shown), format::delay(after)),
        ));
    }
    let venue = snapshot.stocks.get(&key.code).map(|view| view.venue);
    lines.extend(venue.map(|venue| ("시장", venue.to_owned())));
    let stage = match &signal.reason {
        Some(reason) => format!("{}: {reason}", words::stage(signal.stage)),
        None => words::stage(signal.stage).to_owned(),
    };
    lines.push(("단계", stage));
    lines
}
