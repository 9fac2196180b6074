//! Why the program cannot begin, and what helps. It stands where the first screen would.

use egui::{Button, Key, Label, Modifiers, Ui};

use crate::lang::Said;

use super::theme::{self, Theme};
use super::{fonts, paint, setup};

/// Why the program cannot begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// What is wrong, in a sentence.
    pub why: Said,
    /// The path of the configuration file it is about.
    pub file: Option<String>,
}

impl Default for Stuck {
    fn default() -> Self {
        Self::because("")
    }
}

impl Stuck {
    /// Something that is not about the configuration file.
    pub fn because(why: impl Into<Said>) -> Self {
        Self {
            why: why.into(),
            file: None,
        }
    }
}

/// What the user chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StuckChoice {
    /// Try once more.
    Again,
    /// End the program.
    Quit,
}

/// Draws the reason with the two ways on. Enter tries again unless another button has the focus,
/// Esc ends.
pub fn stuck_ui(ui: &mut Ui, stuck: &Stuck) -> Option<StuckChoice> {
    let theme = &*Theme::of(ui);
    let (enter, escape) = ui.input_mut(|i| {
        (
            i.key_pressed(Key::Enter),
            i.consume_key(Modifiers::NONE, Key::Escape),
        )
    });
    let focused = ui.memory(|m| m.focused().is_some());
    let mut choice = match (escape, enter && !focused) {
        (true, _) => Some(StuckChoice::Quit),
        (false, true) => Some(StuckChoice::Again),
        (false, false) => None,
    };
    setup::column(ui, theme, |ui| {
        setup::card(theme).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 12.0;
            let line = |ui: &mut Ui, text: &str, font, color| {
                ui.add(Label::new(paint::rich(text, font, color)).wrap().selectable(true));
            };
            let (title, body) = (fonts::bold(theme::TITLE), fonts::regular(theme::BODY));
            line(ui, t!("시작하지 못했습니다"), title, theme.text);
            line(ui, &stuck.why.to_string(), body.clone(), theme.text);
            if let Some(file) = &stuck.file {
                line(ui, file, body.clone(), theme.secondary);
                let hint = t!(
                    "설정 파일을 읽지 못한 채 감시하면 관심 종목과 조건이 빠지므로 시작하지 않았습니다. 파일을 고친 뒤 다시 시도하세요."
                );
                line(ui, hint, body, theme.secondary);
            }
            ui.horizontal(|ui| {
                for (text, chosen) in [
                    (t!("다시 시도"), StuckChoice::Again),
                    (t!("종료"), StuckChoice::Quit),
                ] {
                    let button = Button::new(text).min_size(egui::vec2(96.0, 32.0));
                    if ui.add(button).clicked() {
                        choice = Some(chosen);
                    }
                }
            });
        });
    });
    choice
}
