//! The settings, every control of them: what is shown, what is wished for, and what is refused
//! while it is typed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod ui_support;

use std::sync::Arc;

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::Timeframe;
use jeongbae::engine::{Badge, Channel, Command, Trouble};
use jeongbae::settings::{
    Change, DesktopSettings, OnClose, PriceColors, ScreenSettings, Settings, Theme as Ground,
};
use jeongbae::ui::{Kept, KeyNews, KeyPlace, KeyWish, RootOptions, Theme};
use ui_support::*;

fn harness(fake: &Arc<Fake>) -> Harness<'static, App> {
    window(fake, vec2(1600.0, 1000.0), RootOptions::default())
}

#[test]
fn the_settings_panel_changes_the_look_at_once_and_has_it_written() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    h.get_by_label("설정 (Ctrl+,)").click();
    h.run();
    let fills = |h: &Harness<'static, App>, color: egui::Color32| {
        let wide = |s: &egui::epaint::ClippedShape| matches!(&s.shape, egui::Shape::Rect(r) if r.fill == color && 400.0 < r.rect.width());
        h.output().shapes.iter().any(wide)
    };
    assert!(fills(&h, Theme::dark().panel));
    h.get_by_label("밝게").click();
    h.run();
    assert!(fills(&h, Theme::light().panel) && !fills(&h, Theme::dark().panel));
    h.get_by_label("초록 상승, 빨강 하락").click();
    h.run();
    h.get_by_label_contains("깜박임 줄이기").click();
    h.run();
    h.get_by_label("크게").click();
    h.run();
    assert_eq!(h.ctx.zoom_factor(), 1.1);
    let all = ScreenSettings {
        theme: Ground::Light,
        colors: PriceColors::GreenUp,
        reduced_motion: true,
        font_size: 110,
        ..ScreenSettings::default()
    };
    let sent = fake.sent();
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert_eq!(sent.last(), Some(&Command::SetScreen(all)));
    h.get_by_label("정보").click();
    h.run();
    h.get_by_label("투자 권유가 아닙니다");
    h.get_by_label("설정 닫기").click();
    h.run();
    assert!(h.query_by_label("투자 권유가 아닙니다").is_none());
    // The keyboard's zoom is kept too, within what can be chosen.
    h.ctx.set_zoom_factor(3.0);
    h.run();
    assert_eq!(h.ctx.zoom_factor(), 2.0);
    let sent = fake.sent();
    assert!(matches!(sent.last(), Some(Command::SetScreen(s)) if s.font_size == 200));
}

/// Turns to a section of the open settings panel.
fn turn(h: &mut Harness<'static, App>, section: &str) {
    h.get_by(|n| n.label().as_deref() == Some(section) && n.role() == Role::Button)
        .click();
    h.run();
}

#[test]
fn the_sections_stay_under_the_pointer_while_they_are_gone_through() {
    for size in [
        vec2(1180.0, 700.0),
        vec2(700.0, 420.0),
        vec2(880.0, 546.0),
        vec2(1600.0, 1000.0),
    ] {
        let mut h = window(&Fake::new(snapshot()), size, RootOptions::default());
        h.run();
        h.get_by_label("설정 (Ctrl+,)").click();
        h.run();
        let rect = |h: &Harness<'static, App>, section| get(h, Role::Button, section).rect();
        let before = SECTIONS.map(|section| rect(&h, section));
        for section in SECTIONS {
            turn(&mut h, section);
            assert_eq!(
                before,
                SECTIONS.map(|section| rect(&h, section)),
                "{section}"
            );
        }
    }
}

#[test]
fn the_watchlist_lives_behind_the_settings_panel() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    h.get_by_label("설정 (Ctrl+,)").click();
    h.run();
    h.get_by_label("설정 닫기");
    // A row is opened without closing the panel first.
    get(&h, Role::Row, "카카오").click();
    h.run();
    assert!(fake.sent().contains(&Command::OpenStock(code("035720"))));
    h.get_by_label("설정 닫기");
    h.key_press(Key::Escape);
    h.run();
    assert!(h.query_by_label("설정 닫기").is_none());
}

#[test]
fn a_field_is_checked_while_it_is_typed_in() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    h.get_by_label("설정 (Ctrl+,)").click();
    h.run();
    turn(&mut h, "봉·평균");
    let field = |h: &Harness<'static, App>, name: &str, text: &str| {
        let node = h.get_by(|n| n.label().as_deref() == Some(name) && n.role() != Role::Label);
        node.focus();
        node.type_text(text);
    };
    field(&h, "기간(봉)", ", 0");
    h.run();
    h.get_by_label_contains("1부터 999까지의 서로 다른 수");
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(fake.sent(), [], "what is wrong is not written");
    field(&h, "기간(봉)", "");
    h.run();
    for _ in 0..3 {
        h.key_press(Key::Backspace);
    }
    h.run();
    field(&h, "기간(봉)", ", 5");
    h.run();
    assert!(h.query_by_label_contains("서로 다른 수").is_none());
    h.key_press(Key::Enter);
    h.run();
    let averages = Change::Averages(vec![5, 20, 60, 120, 240]);
    assert_eq!(fake.sent(), [Command::Change(averages)]);
    h.get_by_label("5이동평균 색");
    turn(&mut h, "한도");
    field(&h, "초당 요청 수", "2.5");
    h.run();
    h.key_press(Key::Enter);
    h.run();
    let rate = Command::Change(Change::RequestsPerSecond(Some(250)));
    assert_eq!(fake.sent().last(), Some(&rate));
    turn(&mut h, "시스템");
    h.get_by_label("최소화한 채 계속 감시").click();
    h.run();
    let sent = fake.sent();
    let Some(Command::Change(Change::Desktop(desktop))) = sent.last() else {
        panic!("{sent:?}");
    };
    assert_eq!(desktop.on_close, OnClose::Background);
    turn(&mut h, "봉·평균");
    h.get_by(|n| n.label().as_deref() == Some("주") && n.role() == Role::Button)
        .click();
    h.run();
    let weekly =
        |c: &Command| matches!(c, Command::SetScreen(s) if s.columns.contains(&Timeframe::Week));
    assert!(fake.sent().last().is_some_and(weekly));
}

#[test]
fn keys_are_handed_over_trimmed_and_forgotten() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.run();
    h.get_by_label("설정 (Ctrl+,)").click();
    h.run();
    turn(&mut h, "API 키");
    h.get_by_label("확인하고 저장").click();
    h.run();
    h.get_by_label("App Key와 App Secret을 모두 붙여 넣으세요");
    for (field, text) in [("App Key", "  key\n"), ("App Secret", " longer-secret ")] {
        h.get_by(|n| n.label().as_deref() == Some(field) && n.role() != Role::Label)
            .focus();
        h.run();
        h.event(egui::Event::Paste(text.to_owned()));
        h.run();
    }
    h.get_by_label("확인하고 저장").click();
    h.run();
    let (wish, news) = fake.wished.lock().unwrap().pop().unwrap();
    let keep = KeyWish::Keep {
        environment_paper: false,
        key: "key".into(),
        secret: "longer-secret".into(),
    };
    assert_eq!(wish, keep);
    assert!(!format!("{wish:?}").contains("secret\""));
    let held = |h: &Harness<'static, App>| {
        h.root().children_recursive().any(|n| {
            n.value()
                .is_some_and(|v| v.contains("key") || v.contains('•'))
        })
    };
    assert!(!held(&h), "what was handed over is forgotten");
    // While it is tried nothing else can be asked.
    assert!(h.get_by_label("지우기…").accesskit_node().is_disabled());
    news.send(KeyNews::Failed(Trouble {
        what: "키를 확인하지 못했습니다".into(),
        why: "증권사가 이 키를 모릅니다".into(),
        next: "App Key를 다시 복사해 주세요".into(),
        code: Some("EGW00103".into()),
    }))
    .unwrap();
    h.run();
    h.get_by_label("App Key를 다시 복사해 주세요");
    // Deleting is asked twice.
    h.get_by_label("지우기…").click();
    h.run();
    assert!(fake.wished.lock().unwrap().is_empty());
    h.get_by_label("한 번 더 누르면 지웁니다").click();
    h.run();
    let (wish, news) = fake.wished.lock().unwrap().pop().unwrap();
    assert_eq!(
        wish,
        KeyWish::Delete {
            environment_paper: false
        }
    );
    news.send(KeyNews::Done("키와 접근토큰을 지웠습니다".into()))
        .unwrap();
    h.run();
    h.get_by_label("키와 접근토큰을 지웠습니다");
}

/// The open settings, of a run that keeps this.
fn open(fake: &Arc<Fake>, kept: Kept) -> Harness<'static, App> {
    let options = RootOptions {
        kept,
        ..RootOptions::default()
    };
    let mut h = window(fake, vec2(1600.0, 1000.0), options);
    h.run();
    press(&mut h, Modifiers::COMMAND, Key::Comma);
    h
}

/// The look that was last wished for.
fn look(fake: &Fake) -> ScreenSettings {
    let wished = fake.sent().into_iter().rev().find_map(|c| match c {
        Command::SetScreen(screen) => Some(screen),
        _ => None,
    });
    wished.unwrap_or_default()
}

fn last_change(fake: &Fake) -> Option<Change> {
    fake.sent().into_iter().rev().find_map(|c| match c {
        Command::Change(change) => Some(change),
        _ => None,
    })
}

#[test]
fn every_ground_and_every_pair_of_colours_can_be_chosen() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake, Kept::default());
    for (name, ground, theme) in [
        ("밝게", Ground::Light, Theme::light()),
        ("고대비", Ground::HighContrast, Theme::high_contrast()),
        ("어둡게", Ground::Dark, Theme::dark()),
    ] {
        click_exactly(&mut h, Role::RadioButton, name);
        assert_eq!(look(&fake).theme, ground);
        let grounds = filled(&h, theme.background);
        assert!(
            grounds.iter().any(|r| 300.0 < r.width()),
            "{name} is not seen"
        );
    }
    let colors = [
        ("초록 상승, 빨강 하락", PriceColors::GreenUp),
        (
            "주황 상승, 하늘 하락 (색각 이상에도 구별됨)",
            PriceColors::ColorBlind,
        ),
        ("빨강 상승, 파랑 하락", PriceColors::RedUp),
    ];
    let mut seen = vec![];
    for (name, colors) in colors {
        click_exactly(&mut h, Role::RadioButton, name);
        assert_eq!(look(&fake).colors, colors);
        // The price of 삼성전자, which has risen.
        let up = h.output().shapes.iter().find_map(|s| match &s.shape {
            egui::Shape::Text(t) if t.galley.text() == "71,400" => {
                Some(t.override_text_color.unwrap_or(t.fallback_color))
            }
            _ => None,
        });
        seen.push(up.expect("the price is painted"));
    }
    seen.dedup();
    assert_eq!(seen.len(), 3, "each pair looks different: {seen:?}");
}

#[test]
fn the_size_goes_from_80_to_200_percent_and_back() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake, Kept::default());
    for size in [90, 80] {
        click_exactly(&mut h, Role::Button, "작게");
        assert_eq!(look(&fake).font_size, size);
        assert_eq!(h.ctx.zoom_factor(), f32::from(size) / 100.0);
    }
    click_exactly(&mut h, Role::Button, "작게");
    assert_eq!(look(&fake).font_size, 80, "no smaller");
    click_exactly(&mut h, Role::Button, "100%로");
    assert_eq!(look(&fake).font_size, 100);
    for _ in 0..12 {
        // The panel grows out of a window that stays as it is.
        get(&h, Role::Button, "크게").click_accesskit();
        h.run();
    }
    assert_eq!(look(&fake).font_size, 200, "no larger");
    assert_eq!(h.ctx.zoom_factor(), 2.0);
}

#[test]
fn every_timeframe_can_be_shown_and_left_out() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake, Kept::default());
    turn(&mut h, "봉·평균");
    let usual = ScreenSettings::default().columns;
    for frame in Timeframe::ALL {
        // The stock windows are closed, so the name is the panel's.
        click_exactly(&mut h, Role::Button, &frame.name());
        let now = look(&fake).columns;
        assert_eq!(now.contains(&frame), !usual.contains(&frame), "{frame:?}");
        let places: Vec<usize> = now.iter().map(|f| f.index()).collect();
        assert!(places.is_sorted(), "{now:?}");
        click_exactly(&mut h, Role::Button, &frame.name());
        assert_eq!(look(&fake).columns, usual);
    }
}

#[test]
fn a_colour_of_ones_own_is_picked_warned_of_and_given_back() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake, Kept::default());
    turn(&mut h, "봉·평균");
    click_exactly(&mut h, Role::Button, "20이동평균 색");
    click_exactly(&mut h, Role::Button, "#3DD6C4");
    assert_eq!(look(&fake).average_colors, [(20, [0x3D, 0xD6, 0xC4])]);
    // Any other is typed; what is no colour is said and not taken.
    type_over(&mut h, Role::TextInput, "20이동평균 색 번호", "#12345");
    h.get_by_label("#과 여섯 자리로 적으세요. 예: #FFC83D");
    assert_eq!(look(&fake).average_colors, [(20, [0x3D, 0xD6, 0xC4])]);
    type_over(&mut h, Role::TextInput, "20이동평균 색 번호", "#0b0E13");
    assert_eq!(look(&fake).average_colors, [(20, [0x0B, 0x0E, 0x13])]);
    h.get_by_label("바탕색과 잘 구별되지 않습니다");
    press(&mut h, Modifiers::NONE, Key::Escape);
    assert!(
        h.query_by_label("#3DD6C4").is_none(),
        "Escape closes the choice"
    );
    click_exactly(&mut h, Role::Button, "원래 색");
    assert_eq!(look(&fake).average_colors, []);
}

#[test]
fn limits_are_written_as_they_are_typed_and_nonsense_is_not() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake, Kept::default());
    turn(&mut h, "한도");
    type_over(&mut h, Role::TextInput, "실시간 등록 수", "0");
    h.get_by_label("1부터 1000까지의 정수를 적으세요");
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_eq!(last_change(&fake), None);
    type_over(&mut h, Role::TextInput, "실시간 등록 수", "20");
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_eq!(last_change(&fake), Some(Change::Registrations(20)));
    type_over(&mut h, Role::TextInput, "초당 요청 수", "-3");
    h.get_by_label_contains("0.01부터 1000까지의 수를 적거나");
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_eq!(last_change(&fake), Some(Change::Registrations(20)));
    click(&mut h, Role::CheckBox, "Open API를 새로 신청한 고객");
    assert_eq!(last_change(&fake), Some(Change::NewCustomer(true)));
    h.get_by_label("비워 두면 초당 3건");
}

#[test]
fn the_program_on_the_desktop_is_told_where_it_can_be() {
    let kept = Kept {
        config: "/홈/정배/config.toml".into(),
        data_dir: "/홈/정배".into(),
        can_autostart: true,
        ..Kept::default()
    };
    let fake = Fake::new(snapshot());
    fake.change(|s| s.badge = Badge::Demo);
    let mut h = open(&fake, kept);
    turn(&mut h, "시스템");
    let desktop = |fake: &Fake| match last_change(fake) {
        Some(Change::Desktop(desktop)) => desktop,
        other => panic!("{other:?}"),
    };
    click(&mut h, Role::CheckBox, "컴퓨터를 켤 때 함께 시작");
    assert!(desktop(&fake).autostart);
    let taken = h
        .state_mut()
        .0
        .as_mut()
        .and_then(|root| root.take_desktop());
    assert_eq!(taken, Some(desktop(&fake)), "the desktop is told as well");
    click(&mut h, Role::CheckBox, "저절로 절전에 들어가지 않게");
    assert!(!desktop(&fake).keep_awake);
    for (name, choice) in [
        ("최소화한 채 계속 감시", OnClose::Background),
        ("끝내기", OnClose::Quit),
        ("물어봄", OnClose::Ask),
    ] {
        click_exactly(&mut h, Role::RadioButton, name);
        assert_eq!(desktop(&fake).on_close, choice);
    }
    h.get_by_label("데모는 묻지 않고 끝납니다.");
    for (name, path) in [
        ("설정 파일 경로 복사", "/홈/정배/config.toml"),
        ("데이터 폴더 경로 복사", "/홈/정배"),
    ] {
        get(&h, Role::Button, name).click();
        let mut text = None;
        for _ in 0..4 {
            h.step();
            text = text.or(copied(&h));
        }
        assert_eq!(text.as_deref(), Some(path));
    }
    // Where starting with the system cannot be arranged, it says so and offers nothing.
    let mut h = open(&Fake::new(snapshot()), Kept::default());
    turn(&mut h, "시스템");
    h.get_by_label_contains("이 실행에서는 바꿀 수 없습니다");
    let start = get(&h, Role::CheckBox, "컴퓨터를 켤 때 함께 시작");
    assert!(start.accesskit_node().is_disabled());
    assert_eq!(DesktopSettings::default().on_close, OnClose::Ask);
}

#[test]
fn where_the_keys_are_from_is_said() {
    for (place, part) in [
        (KeyPlace::Demo, "데모는 키를 쓰지 않습니다"),
        (
            KeyPlace::Environment,
            "환경 변수 KIS_APP_KEY와 KIS_APP_SECRET",
        ),
        (KeyPlace::Keyring, "운영체제의 키링에 저장된 키"),
        (KeyPlace::Session, "저장하지 않은 키(이번 실행에만 사용)"),
    ] {
        let kept = Kept {
            keys: place,
            ..Kept::default()
        };
        let mut h = open(&Fake::new(snapshot()), kept);
        turn(&mut h, "API 키");
        h.get_by_label_contains(part);
    }
    // A keyring that does not open says what to do.
    let fake = Fake::new(snapshot());
    let mut h = open(&fake, Kept::default());
    turn(&mut h, "API 키");
    click_exactly(&mut h, Role::RadioButton, "모의투자 서버");
    for (field, text) in [("App Key", "a-key"), ("App Secret", "a-longer-secret")] {
        h.get_by(|n| n.label().as_deref() == Some(field) && n.role() != Role::Label)
            .focus();
        h.run();
        h.event(egui::Event::Paste(text.to_owned()));
        h.run();
    }
    click_exactly(&mut h, Role::Button, "확인하고 저장");
    let (wish, news) = fake.wished.lock().unwrap().pop().unwrap();
    assert!(matches!(
        wish,
        KeyWish::Keep {
            environment_paper: true,
            ..
        }
    ));
    news.send(KeyNews::Step("접근토큰을 받는 중입니다".into()))
        .unwrap();
    h.run_steps(2);
    h.get_by_label("접근토큰을 받는 중입니다");
    news.send(KeyNews::Failed(Trouble {
        what: "키링에 저장하지 못했습니다".into(),
        why: "키링이 잠겨 있습니다".into(),
        next: "키링의 잠금을 풀고 다시 누르세요".into(),
        code: None,
    }))
    .unwrap();
    h.run_steps(3);
    h.get_by_label("키링의 잠금을 풀고 다시 누르세요");
}

#[test]
fn every_way_of_calling_is_switched_and_tried() {
    let fake = Fake::new(snapshot());
    let mut h = window(&fake, vec2(1600.0, 1400.0), RootOptions::default());
    h.run();
    press(&mut h, Modifiers::COMMAND, Key::Comma);
    turn(&mut h, "알림");
    let reach = |fake: &Fake| {
        let sent = fake.sent();
        sent.into_iter().rev().find_map(|c| match c {
            Command::SetReach(settings) => Some(settings),
            _ => None,
        })
    };
    let usual = snapshot().reach.settings;
    for (name, before) in [
        ("신호마다 알림 띄우기", usual.notification),
        ("신호마다 소리 내기", usual.sound),
        ("종목과 조건을 음성으로 읽기", usual.voice),
        ("텔레그램 봇으로 보내기", usual.telegram),
        ("웹훅으로 JSON 보내기", usual.webhook),
        ("시계 옆에 아이콘 두기", usual.tray),
    ] {
        get(&h, Role::CheckBox, name).click_accesskit();
        h.run();
        let now = reach(&fake).unwrap();
        let switched = match name {
            "신호마다 알림 띄우기" => now.notification,
            "신호마다 소리 내기" => now.sound,
            "종목과 조건을 음성으로 읽기" => now.voice,
            "텔레그램 봇으로 보내기" => now.telegram,
            "웹훅으로 JSON 보내기" => now.webhook,
            _ => now.tray,
        };
        assert_eq!(switched, !before, "{name}");
        // The engine has taken it over.
        fake.change(|s| s.reach.settings = now.clone());
        h.run();
    }
    for channel in Channel::ALL {
        let name = format!("{} 시험해 보기", channel.name());
        get(&h, Role::Button, &name).click_accesskit();
        h.run();
        assert_eq!(fake.sent().last(), Some(&Command::TryReach(channel)));
    }
    get(&h, Role::Slider, "소리와 음성의 크기").set_value_accesskit(30.0);
    h.run();
    assert_eq!(reach(&fake).unwrap().volume, 30);
}

#[test]
fn the_panel_is_dragged_and_found_where_it_was_left() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake, Kept::default());
    turn(&mut h, "시스템");
    let handle = h.get_by_label("설정 닫기").rect().center() - vec2(250.0, 0.0);
    let place = |h: &Harness<'static, App>| h.get_by_label("설정 닫기").rect().center();
    let before = place(&h);
    h.hover_at(handle);
    h.run_steps(2);
    h.drag_at(handle);
    h.run_steps(2);
    h.hover_at(handle - vec2(200.0, -40.0));
    h.run_steps(2);
    h.drop_at(handle - vec2(200.0, -40.0));
    h.run_steps(4);
    let after = place(&h);
    assert!(
        (before - vec2(200.0, -40.0) - after).length() < 3.0,
        "{before} {after}"
    );
    let layout = h.state().0.as_ref().unwrap().layout().clone();
    let options = RootOptions {
        layout,
        ..RootOptions::default()
    };
    let mut h = window(&fake, vec2(1600.0, 1000.0), options);
    h.run();
    press(&mut h, Modifiers::COMMAND, Key::Comma);
    assert!((after - place(&h)).length() < 3.0);
    h.get_by_label("홈 창을 닫으면");
}

#[test]
fn what_the_program_is_stands_in_it() {
    let mut h = open(
        &Fake::new(snapshot()),
        Kept {
            settings: Settings::default(),
            ..Kept::default()
        },
    );
    turn(&mut h, "정보");
    h.get_by_label(concat!("정배 ", env!("CARGO_PKG_VERSION")));
    h.get_by_label_contains("MIT 또는 Apache-2.0");
    h.get_by_label("투자 권유가 아닙니다");
    // Every library that is linked, with its licence: what Cargo.toml asks for is among them.
    let list = h.get_by_label_contains("eframe 0.");
    let list = list.accesskit_node().value().unwrap_or_default();
    let manifest = include_str!("../Cargo.toml");
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").unwrap();
    let (dependencies, _) = dependencies.split_once("\n[features]\n").unwrap();
    let names = dependencies.lines().filter_map(|l| l.split_once(" = "));
    for (name, _) in
        names.filter(|(name, _)| !name.starts_with(['#', '[']) && *name != "libfuzzer-sys")
    {
        let listed = list
            .lines()
            .any(|l| l.starts_with(&format!("{name} ")) && l.contains(": "));
        assert!(listed, "{name}");
    }
}

#[test]
fn the_desktops_own_ground_is_followed() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake, Kept::default());
    // The language has a choice of the same name: this one stands beside the grounds.
    let beside = get(&h, Role::RadioButton, "밝게").rect().center().y;
    h.query_all_by_role(Role::RadioButton)
        .find(|n| {
            let same = n.accesskit_node().label().as_deref() == Some("시스템 설정대로");
            same && (n.rect().center().y - beside).abs() < 4.0
        })
        .unwrap()
        .click();
    h.run();
    assert_eq!(look(&fake).theme, Ground::System);
    for (desktop, theme) in [
        (egui::Theme::Light, Theme::light()),
        (egui::Theme::Dark, Theme::dark()),
    ] {
        h.input_mut().system_theme = Some(desktop);
        h.run_steps(4);
        let grounds = filled(&h, theme.background);
        assert!(grounds.iter().any(|r| 300.0 < r.width()), "{desktop:?}");
    }
}
