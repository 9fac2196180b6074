//! First run: the demo, or the user's KIS keys.

use egui::{Frame, ScrollArea, TextEdit, Ui};

use crate::engine::Trouble;
use crate::lang::Said;

use super::theme::{self, Theme};
use super::{fonts, paint};

/// What the screen remembers. Drop it once the keys are stored.
#[derive(Debug, Default)]
pub struct SetupView {
    form: KeyForm,
}

/// Keys being typed in. Its `Debug` form shows none.
#[derive(Default)]
pub(crate) struct KeyForm {
    environment_paper: bool,
    key: String,
    secret: String,
    show_secret: bool,
    /// What is wrong with the input, once the user pressed the button.
    complaint: Option<&'static str>,
}

impl std::fmt::Debug for KeyForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyForm { .. }")
    }
}

/// What the user chose. Its `Debug` form shows no key.
#[derive(Clone, PartialEq, Eq)]
pub enum SetupChoice {
    /// Start the demo: no key, no network.
    Demo,
    /// Test these keys with a token and a quote, then keep them in the OS keyring.
    TestKeys {
        /// The paper host (모의) instead of the real one.
        environment_paper: bool,
        /// The app key, trimmed.
        key: String,
        /// The app secret, trimmed.
        secret: String,
    },
    /// Go on although the keyring cannot keep the keys: this session only.
    UseForSession,
}

impl std::fmt::Debug for SetupChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Demo => "Demo",
            Self::TestKeys { .. } => "TestKeys { .. }",
            Self::UseForSession => "UseForSession",
        })
    }
}

/// What became of the last choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SetupStatus {
    /// Nothing yet.
    #[default]
    Idle,
    /// Being tried; the step in words.
    Testing(Said),
    /// It did not work.
    Failed(Trouble),
    /// The keys work, but the keyring cannot keep them: the reason and the remedy.
    SessionOnly(Said),
}

/// Draws the screen into the whole window.
pub fn setup_ui(ui: &mut Ui, view: &mut SetupView, status: &SetupStatus) -> Option<SetupChoice> {
    let theme = &*Theme::of(ui);
    let mut choice = None;
    column(ui, theme, |ui| {
        ui.label(paint::rich("정배", fonts::bold(theme::PRICE), theme.text));
        text(
            ui,
            t!("지켜보는 종목이 매수 조건을 만족하는 순간 울립니다"),
            theme.secondary,
        );
        ui.add_space(8.0);
        demo_card(ui, theme, status, &mut choice);
        ui.add_space(4.0);
        key_card(ui, view, status, theme, &mut choice);
    });
    choice
}

/// What stands in place of every screen: one column in the middle of the window.
pub(super) fn column(ui: &mut Ui, theme: &Theme, add: impl FnOnce(&mut Ui)) {
    ui.painter()
        .rect_filled(ui.max_rect(), 0.0, theme.background);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let width = (ui.available_width() - 32.0).clamp(120.0, 520.0);
        let side = ((ui.available_width() - width) / 2.0).max(8.0);
        ui.add_space((ui.available_height() * 0.08).clamp(12.0, 72.0));
        ui.horizontal(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 8.0;
                add(ui);
            });
        });
        ui.add_space(24.0);
    });
}

pub(super) fn card(theme: &Theme) -> Frame {
    Frame::new()
        .fill(theme.panel)
        .stroke(theme.line())
        .corner_radius(8.0)
        .inner_margin(16.0)
}

fn text(ui: &mut Ui, text: &str, color: egui::Color32) {
    let label = egui::Label::new(paint::rich(text, fonts::regular(theme::BODY), color));
    ui.add(label.wrap());
}

fn title(ui: &mut Ui, text: &str, theme: &Theme) {
    ui.label(paint::rich(text, fonts::bold(theme::TITLE), theme.text));
}

fn demo_card(ui: &mut Ui, theme: &Theme, status: &SetupStatus, choice: &mut Option<SetupChoice>) {
    card(theme).show(ui, |ui| {
        ui.set_width(ui.available_width());
        title(ui, t!("먼저 둘러보기"), theme);
        text(
            ui,
            t!("키도 인터넷도 필요 없습니다. 만들어 낸 시세로 1분 안에 신호가 울립니다."),
            theme.secondary,
        );
        let free = !matches!(status, SetupStatus::Testing(_));
        ui.horizontal(|ui| {
            if primary(ui, t!("데모 시작"), free, theme) {
                *choice = Some(SetupChoice::Demo);
            }
        });
    });
}

/// The button of a card; answers whether it was pressed.
fn primary(ui: &mut Ui, text: &str, enabled: bool, theme: &Theme) -> bool {
    let label = paint::rich(text, fonts::bold(theme::BODY), theme.background);
    let button = egui::Button::new(label)
        .fill(theme.accent)
        .min_size(egui::vec2(120.0, 32.0));
    let response = ui.add_enabled(enabled, button);
    if response.has_focus() {
        // Around it: on the button itself the ring would have the button's own colour.
        paint::focus_ring(ui.painter(), response.rect.expand(4.0), theme);
    }
    response.clicked()
}

fn key_card(
    ui: &mut Ui,
    view: &mut SetupView,
    status: &SetupStatus,
    theme: &Theme,
    choice: &mut Option<SetupChoice>,
) {
    card(theme).show(ui, |ui| {
        ui.set_width(ui.available_width());
        title(ui, t!("KIS 키 입력"), theme);
        text(
            ui,
            t!("한국투자증권 계좌가 있으면 ‘KIS Developers’ (apiportal.koreainvestment.com)에서 API 신청을 하고 App Key와 App Secret을 받아 아래에 붙여 넣으세요."),
            theme.secondary,
        );
        let testing = matches!(status, SetupStatus::Testing(_));
        let entered = ui
            .add_enabled_ui(!testing, |ui| view.form.fields_ui(ui, theme))
            .inner;
        text(
            ui,
            t!("키는 이 컴퓨터의 키링(운영체제의 암호 저장소)에만 저장하며 KIS 서버 말고는 어디에도 보내지 않습니다. 이 프로그램은 주문을 내지 않습니다."),
            theme.secondary,
        );
        ui.horizontal(|ui| {
            if primary(ui, t!("연결 확인 후 시작"), !testing, theme) || entered {
                *choice = view.form.checked_or_complains().or(choice.take());
            }
            if let SetupStatus::Testing(step) = status {
                ui.add(egui::Spinner::new().size(16.0));
                text(ui, &step.to_string(), theme.secondary);
            }
        });
        if let Some(sentence) = view.form.complaint() {
            text(ui, sentence, theme.up);
        }
        outcome(ui, status, theme, choice);
    });
}

fn outcome(ui: &mut Ui, status: &SetupStatus, theme: &Theme, choice: &mut Option<SetupChoice>) {
    match status {
        SetupStatus::Idle | SetupStatus::Testing(_) => {}
        SetupStatus::Failed(trouble) => {
            ui.separator();
            title(ui, &trouble.what.to_string(), theme);
            text(ui, &trouble.why.to_string(), theme.secondary);
            text(ui, &trouble.next.to_string(), theme.secondary);
            if let Some(code) = &trouble.code {
                let font = fonts::regular(theme::SMALL);
                ui.label(paint::rich(code, font, theme.faint));
            }
        }
        SetupStatus::SessionOnly(reason) => {
            ui.separator();
            title(ui, t!("키는 맞지만 저장하지 못했습니다"), theme);
            text(ui, &reason.to_string(), theme.secondary);
            if ui.button(t!("이번 실행에만 사용")).clicked() {
                *choice = Some(SetupChoice::UseForSession);
            }
        }
    }
}

impl KeyForm {
    /// The fields; `true` when Enter was pressed in the last one.
    pub(crate) fn fields_ui(&mut self, ui: &mut Ui, theme: &Theme) -> bool {
        let mut entered = false;
        ui.horizontal(|ui| {
            paint::choices(ui);
            ui.radio_value(&mut self.environment_paper, false, t!("실전 서버"));
            ui.radio_value(&mut self.environment_paper, true, t!("모의투자 서버"));
        });
        if self.environment_paper {
            text(
                ui,
                t!(
                    "모의투자 서버는 오늘의 분봉만 줍니다. 30분 240평균처럼 긴 평균은 실전 서버가 필요합니다."
                ),
                theme.secondary,
            );
        }
        let wide = ui.available_width() - 16.0;
        let label = ui.label("App Key");
        let key = TextEdit::singleline(&mut self.key)
            .desired_width(wide)
            .char_limit(256)
            .margin(egui::Margin::symmetric(8, 6));
        let mut changed = ui.add(key).labelled_by(label.id).changed();
        let label = ui.label("App Secret");
        ui.horizontal(|ui| {
            let secret = TextEdit::singleline(&mut self.secret)
                .password(!self.show_secret)
                .desired_width((wide - 66.0).max(60.0))
                .char_limit(512)
                .margin(egui::Margin::symmetric(8, 6));
            let response = ui.add(secret).labelled_by(label.id);
            changed |= response.changed();
            entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let toggle = if self.show_secret {
                t!("숨기기")
            } else {
                t!("보기")
            };
            let toggle = egui::Button::new(toggle).min_size(egui::vec2(58.0, 28.0));
            if ui.add(toggle).clicked() {
                self.show_secret = !self.show_secret;
            }
        });
        if changed {
            self.complaint = None;
        }
        entered
    }

    /// What is wrong with the input, once it was to be used.
    pub(crate) fn complaint(&self) -> Option<&'static str> {
        self.complaint
    }

    /// The keys are those of the paper host.
    pub(crate) fn is_paper(&self) -> bool {
        self.environment_paper
    }

    /// The keys, or a complaint beside the fields.
    fn checked_or_complains(&mut self) -> Option<SetupChoice> {
        match self.checked() {
            Ok(keys) => Some(keys),
            Err(sentence) => {
                self.complaint = Some(sentence);
                None
            }
        }
    }

    /// As [`Self::checked_or_complains`]; what is handed over is forgotten here.
    pub(crate) fn take_checked(&mut self) -> Option<SetupChoice> {
        let keys = self.checked_or_complains()?;
        self.key.clear();
        self.secret.clear();
        Some(keys)
    }

    /// The keys without the white space that comes along when pasting.
    fn checked(&self) -> Result<SetupChoice, &'static str> {
        let clean = |text: &str| -> String { text.split_whitespace().collect() };
        let (key, secret) = (clean(&self.key), clean(&self.secret));
        if key.is_empty() || secret.is_empty() {
            return Err(t!("App Key와 App Secret을 모두 붙여 넣으세요"));
        }
        if secret.len() < key.len() {
            return Err(t!(
                "App Secret이 App Key보다 짧습니다. 두 칸이 바뀌지 않았는지 확인하세요"
            ));
        }
        Ok(SetupChoice::TestKeys {
            environment_paper: self.environment_paper,
            key,
            secret,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_ever_printed() {
        let view = KeyForm {
            key: "PSabcdefg".into(),
            secret: "topsecret-topsecret".into(),
            ..KeyForm::default()
        };
        let choice = view.checked().unwrap();
        let text = format!("{view:?} {choice:?}");
        assert!(!text.contains("PSabc") && !text.contains("topsecret"));
    }
}
