//! The question when the home window is closed while rules watch: a bar, not a dialog, so that
//! everything else stays in reach.

use egui::{Align, Button, Frame, Layout, Panel, Ui};

use super::theme::{self, Theme};
use super::{fonts, paint};

/// The user's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosingChoice {
    /// Go on watching, minimised; from now on without asking.
    GoOn,
    /// End the program; from now on without asking.
    Quit,
    /// Neither: the window stays as it is.
    Stay,
}

/// Draws the bar at the top of what is left of the window. Esc means [`ClosingChoice::Stay`].
pub fn closing_ui(ui: &mut Ui) -> Option<ClosingChoice> {
    let theme = &*Theme::of(ui);
    let escape = ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
    let mut choice = escape.then_some(ClosingChoice::Stay);
    let wide = 720.0 < ui.available_width();
    Panel::top("closing")
        .frame(
            Frame::new()
                .fill(theme.raised)
                .inner_margin(egui::Margin::symmetric(12, 6)),
        )
        .show_separator_line(true)
        .show(ui, |ui| {
            let question = t!("창을 닫아도 계속 감시할까요? 다음부터는 묻지 않고 고른 대로 합니다");
            let label = paint::rich(question, fonts::bold(theme::BODY), theme.text);
            let buttons = |ui: &mut Ui| {
                let mut chosen = None;
                for (text, choice) in [
                    (t!("계속 감시"), ClosingChoice::GoOn),
                    (t!("끝내기"), ClosingChoice::Quit),
                    (t!("취소"), ClosingChoice::Stay),
                ] {
                    let button = Button::new(text).min_size(egui::vec2(72.0, 26.0));
                    if ui.add(button).clicked() {
                        chosen = Some(choice);
                    }
                }
                chosen
            };
            let chosen = if wide {
                ui.horizontal(|ui| {
                    ui.label(label);
                    ui.with_layout(Layout::left_to_right(Align::Center), buttons)
                        .inner
                })
                .inner
            } else {
                ui.add(egui::Label::new(label).wrap());
                ui.horizontal(buttons).inner
            };
            choice = chosen.or(choice);
        });
    choice
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    fn answer_to(
        width: f32,
        act: impl Fn(&mut Harness<'_, Option<ClosingChoice>>),
    ) -> Option<ClosingChoice> {
        let mut harness = Harness::builder()
            .with_size(egui::vec2(width, 300.0))
            .with_context_setup(fonts::install)
            .build_ui_state(
                |ui, answer: &mut Option<ClosingChoice>| *answer = closing_ui(ui).or(*answer),
                None,
            );
        harness.run();
        act(&mut harness);
        harness.run();
        *harness.state()
    }

    #[test]
    fn each_button_and_escape_answers_in_wide_and_narrow_windows() {
        for width in [1320.0, 480.0] {
            for (name, choice) in [
                ("계속 감시", ClosingChoice::GoOn),
                ("끝내기", ClosingChoice::Quit),
                ("취소", ClosingChoice::Stay),
            ] {
                let answer = answer_to(width, |h| h.get_by_label(name).click());
                assert_eq!(answer, Some(choice), "{name} at {width}");
            }
            let escaped = answer_to(width, |h| h.key_press(egui::Key::Escape));
            assert_eq!(escaped, Some(ClosingChoice::Stay));
            assert_eq!(answer_to(width, |_| {}), None);
        }
    }
}
