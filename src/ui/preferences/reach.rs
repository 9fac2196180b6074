//! 알림: how a signal calls the user, each way with a trial and what became of the last call.
//! Secrets that are typed leave this form only through the bridge.

use std::sync::mpsc::Receiver;

use egui::{TextEdit, Ui};

use crate::domain::Moment;
use crate::engine::{Channel, Command, Outcome, ReachView, WayView};
use crate::settings::{ReachSecret, ReachSettings};

use super::{Around, KeyNews, KeyWish, complaint, field, newest, note, title};
use crate::ui::format;

/// What the section remembers.
#[derive(Default)]
pub(super) struct Form {
    chat: Option<String>,
    typed: [String; 3],
    running: Option<(ReachSecret, Receiver<KeyNews>)>,
    news: Option<(ReachSecret, KeyNews)>,
}

/// Draws the section; the user's wishes.
pub(super) fn reach_settings(
    ui: &mut Ui,
    form: &mut Form,
    around: &Around<'_>,
    reach: &ReachView,
    now: Moment,
) -> Vec<Command> {
    let theme = around.theme;
    let mut settings = reach.settings.clone();
    let mut commands = Vec::new();
    if form.listen() {
        // The couriers look for their secrets anew.
        commands.push(Command::SetReach(settings.clone()));
    }
    for channel in Channel::ALL {
        title(ui, channel.name(), theme);
        let way = reach.ways.get(&channel);
        ui.horizontal(|ui| {
            let (on, text) = switch(&mut settings, channel);
            ui.checkbox(on, text);
            let trial = ui.button(t!("시험해 보기"));
            trial.widget_info(|| {
                let text = t!("%{way} 시험해 보기", way = channel.name());
                egui::WidgetInfo::labeled(egui::Role::Button, true, text)
            });
            if trial.clicked() {
                commands.push(Command::TryReach(channel));
            }
        });
        match channel {
            Channel::Sound => {
                let slider = egui::Slider::new(&mut settings.volume, 0..=100)
                    .suffix("%")
                    .text(t!("소리와 음성의 크기"));
                ui.add(slider);
            }
            Channel::Telegram => {
                chat_ui(ui, form, &mut settings, around);
                secret_ui(ui, form, around, ReachSecret::TelegramToken);
            }
            Channel::Webhook => {
                secret_ui(ui, form, around, ReachSecret::WebhookUrl);
                secret_ui(ui, form, around, ReachSecret::WebhookToken);
            }
            Channel::Notification | Channel::Voice => {}
        }
        if let Some(way) = way {
            way_ui(ui, way, around, now);
        }
    }
    title(ui, t!("작업 표시줄 아이콘"), theme);
    let tray = t!("시계 옆에 아이콘 두기(데스크톱에 자리가 있으면)");
    ui.checkbox(&mut settings.tray, tray);
    let text = t!(
        "바꾼 설정은 설정 파일의 [reach]에 적습니다. 토큰과 웹훅 주소는 운영체제의 키링에만 저장합니다."
    );
    ui.add_space(8.0);
    note(ui, text, theme);
    if settings != reach.settings {
        commands.push(Command::SetReach(settings));
    }
    commands
}

fn switch(settings: &mut ReachSettings, channel: Channel) -> (&mut bool, &'static str) {
    match channel {
        Channel::Notification => (&mut settings.notification, t!("신호마다 알림 띄우기")),
        Channel::Sound => (&mut settings.sound, t!("신호마다 소리 내기")),
        Channel::Voice => (&mut settings.voice, t!("종목과 조건을 음성으로 읽기")),
        Channel::Telegram => (&mut settings.telegram, t!("텔레그램 봇으로 보내기")),
        Channel::Webhook => (&mut settings.webhook, t!("웹훅으로 JSON 보내기")),
    }
}

/// How a way stands, and what became of the last call.
fn way_ui(ui: &mut Ui, way: &WayView, around: &Around<'_>, now: Moment) {
    let theme = around.theme;
    match &way.able {
        Some(Ok(how)) => note(ui, how, theme),
        // Said once where the last call failed for it.
        Some(Err(why)) if !failed_for(way, why) => complaint(ui, why, theme),
        Some(Err(_)) => {}
        None => {}
    }
    if let Some(told) = &way.last {
        let (at, what) = (format::when(told.at, now), &told.what);
        match &told.outcome {
            Outcome::Delivered => {
                note(
                    ui,
                    &t!("%{at} · %{what} · 전달됨", at = at, what = what),
                    theme,
                );
            }
            Outcome::Waits(why) => complaint(
                ui,
                &t!(
                    "%{at} · %{what} · 다시 보낼 예정: %{why}",
                    at = at,
                    what = what,
                    why = why
                ),
                theme,
            ),
            Outcome::Failed(why) => complaint(
                ui,
                &t!(
                    "%{at} · %{what} · 실패: %{why}",
                    at = at,
                    what = what,
                    why = why
                ),
                theme,
            ),
        }
    }
    if 0 < way.waiting {
        note(ui, &t!("기다리는 메시지 %{n}건", n = way.waiting), theme);
    }
}

fn failed_for(way: &WayView, why: &str) -> bool {
    let outcome = way.last.as_ref().map(|told| &told.outcome);
    matches!(outcome, Some(Outcome::Failed(said)) if **said == *why)
}

fn chat_ui(ui: &mut Ui, form: &mut Form, settings: &mut ReachSettings, around: &Around<'_>) {
    let kept = settings.telegram_chat.clone().unwrap_or_default();
    let text = form.chat.get_or_insert(kept);
    let check = |text: &str| match text.is_empty() || ReachSettings::is_chat(text) {
        true => Ok(text.to_owned()),
        false => Err(t!("대화 번호(예: 123456789)나 채널의 @이름을 넣으세요").to_owned()),
    };
    if let Some(chat) = field(ui, t!("받을 대화"), text, around.theme, check) {
        settings.telegram_chat = Some(chat).filter(|chat| !chat.is_empty());
    }
}

fn secret_ui(ui: &mut Ui, form: &mut Form, around: &Around<'_>, which: ReachSecret) {
    let theme = around.theme;
    let (slot, label) = match which {
        ReachSecret::TelegramToken => (0, t!("봇 토큰")),
        ReachSecret::WebhookUrl => (1, t!("웹훅 주소")),
        ReachSecret::WebhookToken => (2, t!("웹훅 비밀값 (없어도 됨)")),
    };
    let busy = form.running.is_some();
    ui.label(label);
    let wished = ui.horizontal(|ui| {
        let edit = TextEdit::singleline(&mut form.typed[slot])
            .password(true)
            .desired_width(200.0)
            .char_limit(2_000)
            .margin(egui::Margin::symmetric(8, 5));
        let response = ui.add_enabled(!busy, edit);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::PasswordInput, !busy, label));
        let blank = form.typed[slot].trim().is_empty();
        let keep = ui.add_enabled(!busy && !blank, egui::Button::new(t!("저장")));
        let forget = ui.add_enabled(!busy, egui::Button::new(t!("지우기")));
        keep.widget_info(|| {
            let text = t!("%{name} 저장", name = label);
            egui::WidgetInfo::labeled(egui::Role::Button, !busy && !blank, text)
        });
        forget.widget_info(|| {
            let text = t!("%{name} 지우기", name = label);
            egui::WidgetInfo::labeled(egui::Role::Button, !busy, text)
        });
        match (keep.clicked(), forget.clicked()) {
            (true, _) => Some(std::mem::take(&mut form.typed[slot])),
            (_, true) => Some(String::new()),
            _ => None,
        }
    });
    if let Some(text) = wished.inner {
        let wish = KeyWish::Secret { which, text };
        form.news = None;
        form.running = Some((which, around.bridge.keys(wish)));
    }
    match &form.news {
        Some((about, KeyNews::Done(sentence))) if *about == which => {
            note(ui, &sentence.to_string(), theme)
        }
        Some((about, KeyNews::Failed(trouble))) if *about == which => {
            complaint(ui, &trouble.what.to_string(), theme);
            note(ui, &trouble.why.to_string(), theme);
        }
        _ => {}
    }
}

impl Form {
    /// Takes what has become of the last wish; `true` once a secret is new.
    fn listen(&mut self) -> bool {
        let Some((which, receiver)) = &self.running else {
            return false;
        };
        let Some(news) = newest(receiver) else {
            return false;
        };
        let which = *which;
        let (ended, done) = match &news {
            KeyNews::Step(_) => (false, false),
            KeyNews::Failed(_) => (true, false),
            KeyNews::Done(_) => (true, true),
        };
        self.news = Some((which, news));
        if ended {
            self.running = None;
        }
        done
    }
}
