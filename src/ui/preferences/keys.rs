//! The KIS keys of this machine. What is typed leaves this form only through the bridge, and
//! is forgotten once it has been tried.

use std::sync::mpsc::Receiver;

use egui::Ui;

use crate::engine::{Badge, Trouble};
use crate::lang::Said;
use crate::settings::ReachSecret;

use super::{Around, complaint, newest, note, title};
use crate::ui::setup::{KeyForm, SetupChoice};
use crate::ui::theme;
use crate::ui::{fonts, paint};

/// Where the keys of a run are from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyPlace {
    /// The demo needs none.
    #[default]
    Demo,
    /// `KIS_APP_KEY` and `KIS_APP_SECRET`.
    Environment,
    /// The operating system's keyring.
    Keyring,
    /// Typed in, and nowhere but in memory.
    Session,
}

/// What the user wants done with keys. Its `Debug` form shows none.
#[derive(Clone, PartialEq, Eq)]
pub enum KeyWish {
    /// Try these keys with a token and a quote, then keep them in the keyring.
    Keep {
        /// The paper host (모의) instead of the real one.
        environment_paper: bool,
        /// The app key, trimmed.
        key: String,
        /// The app secret, trimmed.
        secret: String,
    },
    /// Forget the keys of a host.
    Delete {
        /// The paper host (모의) instead of the real one.
        environment_paper: bool,
    },
    /// Keep a secret for calling the user in the keyring; a blank one is forgotten.
    Secret {
        /// Which.
        which: ReachSecret,
        /// As it was typed.
        text: String,
    },
}

impl std::fmt::Debug for KeyWish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keep { .. } => "Keep { .. }",
            Self::Delete { .. } => "Delete { .. }",
            Self::Secret { .. } => "Secret { .. }",
        })
    }
}

/// What becomes of a wish.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyNews {
    /// Under way; the step in words.
    Step(Said),
    /// It did not work.
    Failed(Trouble),
    /// Done; a sentence.
    Done(Said),
}

/// What the section remembers.
#[derive(Default)]
pub(super) struct Form {
    entry: KeyForm,
    running: Option<Receiver<KeyNews>>,
    news: Option<KeyNews>,
    /// The keys are to be deleted, and this was asked once.
    deleting: bool,
}

impl Form {
    /// Takes what has become of the last wish.
    pub(super) fn listen(&mut self) {
        let Some(receiver) = &self.running else {
            return;
        };
        if let Some(news) = newest(receiver) {
            if !matches!(news, KeyNews::Step(_)) {
                self.running = None;
            }
            self.news = Some(news);
        }
    }
}

pub(super) fn keys_ui(ui: &mut Ui, form: &mut Form, around: &Around<'_>) {
    let theme = around.theme;
    title(ui, t!("지금 쓰는 키"), theme);
    let host = match around.badge {
        Badge::Paper => t!("모의투자 서버"),
        Badge::Real | Badge::Demo => t!("실전 서버"),
    };
    let place = match around.kept.keys {
        KeyPlace::Demo => t!("데모는 키를 쓰지 않습니다. 키를 저장하고 데모가 아닌 정배를 시작하면 실제 시세를 받습니다.").to_owned(),
        KeyPlace::Environment => t!("%{host} · 환경 변수 KIS_APP_KEY와 KIS_APP_SECRET. 환경 변수가 있으면 저장한 키보다 먼저 씁니다.", host = host),
        KeyPlace::Keyring => t!("%{host} · 운영체제의 키링에 저장된 키", host = host),
        KeyPlace::Session => t!("%{host} · 저장하지 않은 키(이번 실행에만 사용)", host = host),
    };
    note(ui, &place, theme);
    title(ui, t!("새 키 저장"), theme);
    let busy = form.running.is_some();
    let entered = ui
        .add_enabled_ui(!busy, |ui| form.entry.fields_ui(ui, theme))
        .inner;
    let mut wish = None;
    ui.horizontal(|ui| {
        let button = egui::Button::new(t!("확인하고 저장"));
        if (ui.add_enabled(!busy, button).clicked() || entered)
            && let Some(SetupChoice::TestKeys {
                environment_paper,
                key,
                secret,
            }) = form.entry.take_checked()
        {
            wish = Some(KeyWish::Keep {
                environment_paper,
                key,
                secret,
            });
        }
        if let Some(KeyNews::Step(step)) = &form.news {
            ui.add(egui::Spinner::new().size(14.0));
            note(ui, &step.to_string(), theme);
        }
    });
    if let Some(sentence) = form.entry.complaint() {
        complaint(ui, sentence, theme);
    }
    outcome(ui, form.news.as_ref(), around);
    title(ui, t!("저장한 키 지우기"), theme);
    let delete = match form.deleting {
        false => t!("지우기…"),
        true => t!("한 번 더 누르면 지웁니다"),
    };
    if ui.add_enabled(!busy, egui::Button::new(delete)).clicked() {
        if form.deleting {
            wish = Some(KeyWish::Delete {
                environment_paper: form.entry.is_paper(),
            });
        }
        form.deleting = !form.deleting;
    }
    let which = match form.entry.is_paper() {
        true => t!(
            "모의투자 서버의 키와 접근토큰을 키링에서 지웁니다. 켜져 있는 정배는 끝낼 때까지 계속 씁니다."
        ),
        false => t!(
            "실전 서버의 키와 접근토큰을 키링에서 지웁니다. 켜져 있는 정배는 끝낼 때까지 계속 씁니다."
        ),
    };
    note(ui, which, theme);
    if let Some(wish) = wish {
        form.news = None;
        form.running = Some(around.bridge.keys(wish));
    }
}

fn outcome(ui: &mut Ui, news: Option<&KeyNews>, around: &Around<'_>) {
    let theme = around.theme;
    match news {
        None | Some(KeyNews::Step(_)) => {}
        Some(KeyNews::Done(sentence)) => {
            let font = fonts::bold(theme::BODY);
            ui.add(egui::Label::new(paint::rich(&sentence.to_string(), font, theme.text)).wrap());
        }
        Some(KeyNews::Failed(trouble)) => {
            complaint(ui, &trouble.what.to_string(), theme);
            note(ui, &trouble.why.to_string(), theme);
            note(ui, &trouble.next.to_string(), theme);
            if let Some(code) = &trouble.code {
                note(ui, code, theme);
            }
        }
    }
}
