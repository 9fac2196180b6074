//! The settings of calling the user, from the outside: what is shown, and what is wished for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod ui_support;

use std::sync::Arc;

use egui::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use jeongbae::engine::{Channel, Command, Outcome, Told, WayView};
use jeongbae::settings::ReachSecret;
use jeongbae::ui::{KeyNews, KeyWish, Root, RootOptions};
use ui_support::{Fake, now, snapshot};

/// The home window with the settings of calling open.
fn open(fake: &Arc<Fake>) -> Harness<'static, Option<Root>> {
    let bridge = fake.clone();
    let mut h = Harness::builder()
        .with_size(egui::vec2(1_400.0, 1_400.0))
        .build_ui_state(
            move |ui, root: &mut Option<Root>| {
                let ctx = ui.ctx().clone();
                let root = root.get_or_insert_with(|| {
                    let options = RootOptions {
                        embed: true,
                        ..RootOptions::default()
                    };
                    Root::new(&ctx, bridge.clone(), options)
                });
                root.logic(&ctx);
                root.ui(ui);
            },
            None,
        );
    h.run();
    h.get_by_label("설정 (Ctrl+,)").click();
    h.run();
    h.get_by(|n| n.label().as_deref() == Some("알림") && n.role() == Role::Button)
        .click();
    h.run();
    h
}

#[test]
fn each_way_is_turned_on_tried_and_seen_to_arrive() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake);
    h.get_by_label("종목과 조건을 음성으로 읽기").click();
    h.run();
    let sent = fake.sent();
    let Some(Command::SetReach(settings)) = sent.last() else {
        panic!("{sent:?}")
    };
    assert!(settings.voice && settings.sound && !settings.telegram);
    h.get_by_label("웹훅 시험해 보기").click();
    h.run();
    assert_eq!(
        fake.sent().last(),
        Some(&Command::TryReach(Channel::Webhook))
    );
    let told = |outcome| WayView {
        able: Some(Err("프로그램이 없습니다".into())),
        last: Some(Told {
            what: "삼성전자 30분 정배열".into(),
            at: now(),
            outcome,
        }),
        waiting: 2,
        ..WayView::default()
    };
    fake.change(|s| {
        let waits = Outcome::Waits("연결되지 않음".into());
        s.reach.ways.insert(Channel::Telegram, told(waits));
        s.reach
            .ways
            .insert(Channel::Sound, told(Outcome::Delivered));
    });
    h.run();
    let shown = |part: &str| {
        let has = |n: &egui_kittest::Node<'_>| {
            let node = n.accesskit_node();
            [node.label(), node.value()]
                .into_iter()
                .flatten()
                .any(|text| text.contains(part))
        };
        assert!(h.root().children_recursive().any(|n| has(&n)), "{part}");
    };
    shown("삼성전자 30분 정배열 · 전달됨");
    shown("다시 보낼 예정: 연결되지 않음");
    shown("기다리는 메시지 2건");
    shown("프로그램이 없습니다");
}

#[test]
fn a_secret_is_handed_over_and_forgotten_and_looked_for_anew() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake);
    h.get_by(|n| n.label().as_deref() == Some("봇 토큰") && n.role() == Role::PasswordInput)
        .focus();
    h.run();
    h.event(egui::Event::Paste("4711:LOUDFAKE".to_owned()));
    h.run();
    h.get_by_label("봇 토큰 저장").click();
    h.run();
    let (wish, news) = fake.wished.lock().unwrap().pop().unwrap();
    let expected = KeyWish::Secret {
        which: ReachSecret::TelegramToken,
        text: "4711:LOUDFAKE".into(),
    };
    assert_eq!(wish, expected);
    assert!(!format!("{wish:?}").contains("LOUDFAKE"));
    let held = h.root().children_recursive().any(|n| {
        let value = n.value();
        value.is_some_and(|v| v.contains("LOUDFAKE") || v.contains('•'))
    });
    assert!(!held, "what was handed over is forgotten");
    let before = fake.sent().len();
    news.send(KeyNews::Done("키링에 저장했습니다".into()))
        .unwrap();
    h.run();
    h.get_by_label("키링에 저장했습니다");
    let sent = fake.sent()[before..].to_vec();
    assert!(matches!(&sent[..], [Command::SetReach(_)]), "{sent:?}");
    // Forgetting one is a wish too.
    h.get_by_label("웹훅 주소 지우기").click();
    h.run();
    let (wish, _) = fake.wished.lock().unwrap().pop().unwrap();
    let expected = KeyWish::Secret {
        which: ReachSecret::WebhookUrl,
        text: String::new(),
    };
    assert_eq!(wish, expected);
}
