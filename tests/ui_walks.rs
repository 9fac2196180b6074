//! Through the whole program with the keyboard alone, and with what a screen reader can do alone.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod ui_support;

use std::sync::Arc;

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::{Stage, Timeframe, Won};
use jeongbae::engine::{Command, Ring, Snapshot};
use jeongbae::settings::Theme as Ground;
use jeongbae::ui::{Content, RootOptions};
use ui_support::*;

/// A day on which something has rung.
fn fake() -> Arc<Fake> {
    let mut s: Snapshot = snapshot();
    s.signals = vec![signal("005930", "삼성전자", 2, Stage::Confirmed)];
    s.unread = 1;
    Fake::new(s)
}

fn start(fake: &Arc<Fake>) -> Harness<'static, App> {
    let mut h = window(fake, vec2(1600.0, 1200.0), RootOptions::default());
    h.run_steps(4);
    h
}

fn key(h: &mut Harness<'static, App>, modifiers: Modifiers, key: Key) {
    h.key_press_modifiers(modifiers, key);
    h.run_steps(4);
}

fn plain(h: &mut Harness<'static, App>, k: Key) {
    key(h, Modifiers::NONE, k);
}

/// Presses Tab until the focus is on the widget of that role whose name contains `part`.
fn tab_to(h: &mut Harness<'static, App>, role: Role, part: &str) {
    let role = format!("{role:?} ");
    for _ in 0..260 {
        if focused(h).is_some_and(|name| name.starts_with(&role) && name.contains(part)) {
            return;
        }
        h.key_press(Key::Tab);
        h.run_steps(2);
    }
    panic!(
        "Tab does not come to {role}{part}; it is on {:?}",
        focused(h)
    );
}

/// As a user does who has no pointer: to the widget, and the space bar.
fn push(h: &mut Harness<'static, App>, role: Role, part: &str) {
    tab_to(h, role, part);
    plain(h, Key::Space);
}

fn last(fake: &Fake) -> Command {
    fake.sent().last().cloned().unwrap()
}

#[test]
fn the_whole_program_can_be_used_with_the_keyboard_alone() {
    let fake = fake();
    let mut h = start(&fake);
    // Search and open.
    plain(&mut h, Key::Slash);
    h.event(egui::Event::Text("NAV".into()));
    h.run_steps(4);
    plain(&mut h, Key::Enter);
    assert_eq!(last(&fake), Command::OpenStock(code("035420")));
    // The stock's window: a timeframe, the chart, the table, the way back.
    push(&mut h, Role::RadioButton, "주봉");
    let weekly = Command::ShowTimeframe(code("035420"), Timeframe::Week);
    assert_eq!(last(&fake), weekly);
    tab_to(&mut h, Role::Image, "캔들 차트");
    plain(&mut h, Key::Home);
    assert!(
        h.query_by_label("최신 봉으로").is_some(),
        "away from the newest bar"
    );
    plain(&mut h, Key::End);
    assert!(h.query_by_label("최신 봉으로").is_none());
    plain(&mut h, Key::Plus);
    push(&mut h, Role::RadioButton, "봉을 CSV로 저장");
    assert_eq!(fake.saved.lock().unwrap().len(), 1);
    push(&mut h, Role::RadioButton, "봉을 표로 보기");
    get(&h, Role::Row, "형성 중");
    push(&mut h, Role::Button, "창 닫기");
    assert_eq!(last(&fake), Command::CloseStock(code("035420")));
    // The list: sorting, choosing, groups, the matrix.
    push(&mut h, Role::ColumnHeader, "현재가 정렬");
    get(&h, Role::ColumnHeader, "현재가 정렬, 큰 것부터");
    push(&mut h, Role::Tab, "반도체 그룹");
    key(&mut h, Modifiers::COMMAND, Key::Num1);
    push(&mut h, Role::Button, "정배열을 한눈에 보기");
    assert!(find(&h, Role::ColumnHeader, "현재가").is_none());
    push(&mut h, Role::Button, "정배열을 한눈에 보기");
    // The signal, its card, its candle.
    push(&mut h, Role::Button, "왜 울렸나: 삼성전자");
    push(&mut h, Role::Button, "차트에서 이 봉 보기");
    let shown = |c: &Command| matches!(c, Command::ShowSignal(_));
    assert!(fake.sent().iter().any(shown));
    push(&mut h, Role::Button, "창 닫기");
    // A rule.
    key(&mut h, Modifiers::COMMAND, Key::R);
    key(&mut h, Modifiers::COMMAND, Key::N);
    tab_to(&mut h, Role::TextInput, "조건 이름");
    key(&mut h, Modifiers::COMMAND, Key::A);
    h.event(egui::Event::Text("손으로 만든 조건".into()));
    h.run_steps(4);
    push(&mut h, Role::RadioButton, "60분봉");
    push(&mut h, Role::CheckBox, "아닐 때");
    key(&mut h, Modifiers::COMMAND, Key::S);
    let put = fake.sent().into_iter().rev().find_map(|c| match c {
        Command::PutRule { rule, .. } => Some(rule),
        _ => None,
    });
    let rule = put.unwrap();
    assert_eq!(rule.name, "손으로 만든 조건");
    assert_eq!(rule.timeframe, Timeframe::Minutes(60));
    assert_eq!(rule.when, "not alignment becomes bullish");
    key(&mut h, Modifiers::COMMAND, Key::W);
    // The settings.
    key(&mut h, Modifiers::COMMAND, Key::Comma);
    push(&mut h, Role::RadioButton, "밝게");
    assert!(matches!(last(&fake), Command::SetScreen(s) if s.theme == Ground::Light));
    h.run_steps(2);
    plain(&mut h, Key::Escape);
    if h.query_by_label("설정 닫기").is_some() {
        // The first one lets go of the choice.
        plain(&mut h, Key::Escape);
    }
    assert!(h.query_by_label("설정 닫기").is_none());
    // The next signal, and the help.
    plain(&mut h, Key::F2);
    assert!(matches!(last(&fake), Command::ShowSignal(_)));
    plain(&mut h, Key::F1);
    h.get_by_label("Ctrl+1 … Ctrl+9");
    plain(&mut h, Key::Escape);
    assert!(h.query_by_label("Ctrl+1 … Ctrl+9").is_none());
}

/// Does what a screen reader does with a widget.
fn act(h: &mut Harness<'static, App>, role: Role, part: &str) {
    get(h, role, part).click_accesskit();
    h.run_steps(5);
}

/// Every widget has a name, except those that only hold others.
fn assert_named(h: &Harness<'static, App>, place: &str) {
    const MUTE: [Role; 9] = [
        Role::GenericContainer,
        Role::Window,
        Role::Unknown,
        Role::ScrollView,
        Role::Pane,
        Role::Group,
        Role::TextRun,
        Role::ScrollBar,
        Role::Splitter,
    ];
    let mut seen = 0;
    for node in h.root().children_recursive() {
        let node = node.accesskit_node();
        if MUTE.contains(&node.role()) {
            continue;
        }
        seen += 1;
        let named = [node.label(), node.value()]
            .into_iter()
            .flatten()
            .any(|text| !text.trim().is_empty());
        assert!(named, "{place}: a {:?} says nothing", node.role());
    }
    assert!(30 < seen, "{place}: {seen} widgets");
}

#[test]
fn the_whole_program_can_be_used_through_the_accessibility_tree() {
    let fake = fake();
    let mut h = start(&fake);
    assert_named(&h, "home");
    // Live values are read from the rows.
    let words = |h: &Harness<'static, App>| {
        let row = get(h, Role::Row, "카카오");
        row.accesskit_node().label().unwrap()
    };
    assert!(words(&h).contains("현재가 48,150원"));
    fake.change(|s| {
        s.rows[3].quote = Some(quote(49_000, 47_600));
        s.rows[3].ring = Ring::Blinking(now());
    });
    h.run_steps(3);
    assert!(words(&h).contains("신호") && words(&h).contains("현재가 49,000원"));
    act(&mut h, Role::Row, "삼성전자");
    assert_eq!(last(&fake), Command::OpenStock(code("005930")));
    assert_named(&h, "stock");
    // The window is read while it lives.
    fake.change_stock(code("005930"), |v| {
        v.quote.as_mut().unwrap().price = Won(72_000);
        v.strength = Some(9_876);
    });
    h.run_steps(3);
    get(&h, Role::Label, "삼성전자 005930 KRX, 현재가 72,000원");
    get(&h, Role::Label, "체결강도 98.76");
    let chart = h.get_by_role(Role::Image);
    let said = chart.accesskit_node().label().unwrap();
    assert!(
        said.contains("299봉") && said.contains("최근 종가"),
        "{said}"
    );
    act(&mut h, Role::RadioButton, "15분봉");
    let frame = Command::ShowTimeframe(code("005930"), Timeframe::Minutes(15));
    assert_eq!(last(&fake), frame);
    act(&mut h, Role::RadioButton, "봉을 CSV로 저장");
    let saved = fake.saved.lock().unwrap().pop().unwrap();
    assert!(matches!(saved.content, Content::Bytes(_)));
    act(&mut h, Role::Button, "창 닫기");
    act(&mut h, Role::ColumnHeader, "거래량 정렬");
    get(&h, Role::ColumnHeader, "거래량 정렬, 큰 것부터");
    act(&mut h, Role::Tab, "전체 시장");
    assert_eq!(last(&fake), Command::ShowMarket(true));
    act(&mut h, Role::Tab, "관심 그룹");
    act(&mut h, Role::Button, "왜 울렸나: 삼성전자");
    assert_named(&h, "signal card");
    act(&mut h, Role::Button, "차트에서 이 봉 보기");
    assert!(
        fake.sent()
            .iter()
            .any(|c| matches!(c, Command::ShowSignal(_)))
    );
    act(&mut h, Role::Button, "창 닫기");
    act(&mut h, Role::Button, "조건 (Ctrl+R)");
    act(&mut h, Role::Button, "골든크로스 20/60");
    assert_named(&h, "rules");
    h.get_by_role_and_label(Role::Button, "저장")
        .click_accesskit();
    h.run_steps(5);
    let put =
        |c: &Command| matches!(c, Command::PutRule { rule, .. } if rule.name == "골든크로스 20/60");
    assert!(fake.sent().iter().any(put));
    key(&mut h, Modifiers::COMMAND, Key::W);
    act(&mut h, Role::Button, "설정 (Ctrl+,)");
    for section in SECTIONS {
        h.get_by_role_and_label(Role::Button, section)
            .click_accesskit();
        h.run_steps(5);
        assert_named(&h, section);
    }
    act(&mut h, Role::RadioButton, "고대비");
    assert!(matches!(last(&fake), Command::SetScreen(s) if s.theme == Ground::HighContrast));
    act(&mut h, Role::Button, "설정 닫기");
    act(&mut h, Role::Button, "창 올리기 끄기");
    assert_eq!(last(&fake), Command::Mute(true));
}

#[test]
fn the_help_stands_in_nobodys_way() {
    let fake = fake();
    let mut h = start(&fake);
    plain(&mut h, Key::F1);
    h.get_by_label("도움말 닫기");
    // A row beside it is opened; the help stays until it is closed.
    let row = get(&h, Role::Row, "삼성전자").rect();
    let at = egui::pos2(row.left() + 40.0, row.center().y);
    h.hover_at(at);
    h.drag_at(at);
    h.drop_at(at);
    h.run_steps(4);
    assert!(fake.sent().contains(&Command::OpenStock(code("005930"))));
    h.get_by_label("도움말 닫기");
    key(&mut h, Modifiers::COMMAND, Key::Num2);
    assert!(find(&h, Role::Row, "카카오").is_none());
    plain(&mut h, Key::F1);
    assert!(h.query_by_label("도움말 닫기").is_none());
}
