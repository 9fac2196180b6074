//! The proof of watching: one line that says that nothing was missed.

use egui::{Align, Layout, Ui};

use crate::engine::{Command, MarketPhase, Snapshot, Watching};

use crate::ui::{Awake, fonts, format, paint, theme};

use super::HomeContext;
use super::notices::{NoticesView, notices_ui};

/// Draws the line.
pub(super) fn proof_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    notices: &mut NoticesView,
    context: &HomeContext<'_>,
) -> Vec<Command> {
    let theme = context.theme;
    let width = ui.available_width();
    let watching = &snapshot.watching;
    let mut commands = vec![];
    ui.horizontal_centered(|ui| {
        let trouble = 0 < watching.missed || 0 < watching.overdue;
        let (font, color) = if trouble {
            (fonts::bold(theme::BODY), theme.text)
        } else {
            (fonts::regular(theme::BODY), theme.text)
        };
        let text = proof_text(watching);
        let label = egui::Label::new(paint::rich(&text, font, color)).truncate();
        let room = if 900.0 < width { 470.0 } else { width - 60.0 };
        ui.scope(|ui| {
            ui.set_max_width(room.max(60.0));
            ui.add(label);
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if 700.0 < width {
                let font = fonts::regular(theme::BODY);
                if let Some(text) = next_text(snapshot) {
                    ui.label(paint::rich(&text, font.clone(), theme.secondary));
                    ui.add_space(8.0);
                }
                let text = t!("조건 %{rules}개 감시 중", rules = watching.rules);
                ui.label(paint::rich(&text, font.clone(), theme.secondary));
                ui.add_space(8.0);
                if let Some((text, tip)) = awake_text(context.awake) {
                    let label = ui.label(paint::rich(text, font, theme.secondary));
                    label.on_hover_text(tip);
                    ui.add_space(8.0);
                }
            }
            commands = notices_ui(ui, snapshot, notices, theme);
        });
    });
    commands
}

/// When the next bar closes; while the market is closed, when it opens.
fn next_text(snapshot: &Snapshot) -> Option<String> {
    match (snapshot.watching.next_close, snapshot.phase) {
        (Some(next), _) => Some(t!(
            "다음 봉 마감 %{at} (%{left})",
            at = format::when(next, snapshot.now),
            left = format::countdown(next, snapshot.now)
        )),
        (None, MarketPhase::Closed { opens }) => Some(t!(
            "다음 개장 %{at}",
            at = format::when(opens, snapshot.now)
        )),
        (None, _) => None,
    }
}

/// What is said of the machine's sleep, and the longer sentence behind it.
fn awake_text(awake: Awake) -> Option<(&'static str, &'static str)> {
    match awake {
        Awake::Free => None,
        Awake::Kept => Some((
            t!("절전 막음"),
            t!("감시하는 동안 컴퓨터가 저절로 절전에 들어가지 않게 하고 있습니다"),
        )),
        Awake::NotKept => Some((
            t!("절전을 막지 못함"),
            t!("컴퓨터가 절전에 들어가면 감시가 멈춥니다. 전원 설정에서 자동 절전을 꺼 주세요"),
        )),
    }
}

/// "24종목 × 30분 · 마지막 판정 10:30:02 · 누락 0".
fn proof_text(watching: &Watching) -> String {
    if watching.rules == 0 {
        return t!("감시할 조건이 없습니다").to_owned();
    }
    let frames: Vec<String> = watching.timeframes.iter().map(|t| t.name()).collect();
    let last = watching
        .last_judged
        .map_or(t!("아직 없음").to_owned(), |at| at.clock_text());
    let mut text = t!(
        "%{stocks}종목 × %{frames} · 마지막 판정 %{last} · 누락 %{missed}",
        stocks = watching.stocks,
        frames = frames.join("·"),
        last = last,
        missed = watching.missed
    );
    if 0 < watching.overdue {
        text.push_str(&t!(" · 판정 지연 %{overdue}", overdue = watching.overdue));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Day, Timeframe};

    #[test]
    fn the_line_says_what_is_watched_and_what_was_missed() {
        let day = Day::from_ymd(2026, 11, 20).unwrap();
        let mut watching = Watching {
            stocks: 24,
            timeframes: vec![Timeframe::Minutes(30), Timeframe::Day],
            rules: 3,
            last_judged: Some(crate::domain::Moment::on(day, 37_802)),
            overdue: 0,
            missed: 0,
            next_close: None,
            ..Watching::default()
        };
        assert_eq!(
            proof_text(&watching),
            "24종목 × 30분·일 · 마지막 판정 10:30:02 · 누락 0"
        );
        watching.overdue = 2;
        assert!(proof_text(&watching).ends_with("판정 지연 2"));
        watching.rules = 0;
        assert_eq!(proof_text(&watching), "감시할 조건이 없습니다");
    }
}
