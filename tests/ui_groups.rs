//! The watchlist's groups, and the keys that choose a stock in each list of the home window.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod ui_support;

use std::sync::Arc;

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::{Board, Won};
use jeongbae::engine::{Command, GroupView, MarketRow, MarketView};
use jeongbae::indicators::Alignment;
use jeongbae::settings::GroupChange;
use jeongbae::ui::RootOptions;
use ui_support::*;

const PANEL: &str = "그룹 만들기, 이름 바꾸기, 지우기";

fn group(change: GroupChange) -> Command {
    Command::Group(change)
}

/// Picks a line of a stock's menu.
fn menu(h: &mut Harness<'static, App>, stock: &str, line: &str) {
    get(h, Role::Row, stock).click_secondary();
    h.run();
    h.get_by_label(line).click();
    h.run();
    h.key_press(Key::Escape);
    h.run();
}

/// Name of the chosen row.
fn chosen(h: &Harness<'static, App>) -> Option<String> {
    let mut rows = h.query_all_by_role(Role::Row);
    let row = rows.find(is_on)?;
    let label = row.accesskit_node().label()?;
    label.split(' ').next().map(str::to_owned)
}

#[test]
fn a_group_is_made_and_shown_once_it_is_there() {
    let fake = Fake::new(snapshot());
    let mut h = home(&fake);
    click(&mut h, Role::Button, PANEL);
    let cursor = focused(&h).unwrap_or_default();
    assert_eq!(cursor, "TextInput 새 그룹 이름", "it can be typed at once");
    // A name that is taken makes nothing.
    type_over(&mut h, Role::TextInput, "새 그룹 이름", "반도체");
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_eq!(fake.sent(), []);
    type_over(&mut h, Role::TextInput, "새 그룹 이름", " 배당주 ");
    press(&mut h, Modifiers::NONE, Key::Enter);
    assert_eq!(fake.sent(), [group(GroupChange::Add("배당주".to_owned()))]);
    assert!(h.query_by_label("새 그룹 이름").is_none(), "it is closed");
    assert!(is_on(&get(&h, Role::Tab, "관심 그룹")));
    fake.change(|s| {
        s.groups.push(GroupView {
            name: "배당주".into(),
            rows: vec![],
        });
    });
    h.run();
    assert!(is_on(&get(&h, Role::Tab, "배당주 그룹, 0종목")));
    h.get_by_label("이 그룹에는 종목이 없습니다");
    // At a glance it is just as empty.
    h.get_by_label("정배열을 한눈에 보기").click();
    h.run();
    h.get_by_label("이 그룹에는 종목이 없습니다");
}

#[test]
fn a_group_is_renamed_and_one_with_stocks_is_deleted_by_a_second_press() {
    let fake = Fake::new(snapshot());
    let mut h = home(&fake);
    // The other way to the panel, by the group's tab.
    get(&h, Role::Tab, "반도체 그룹").click_secondary();
    h.run();
    type_over(&mut h, Role::TextInput, "그룹의 이름", "칩");
    click_exactly(&mut h, Role::Button, "이름 바꾸기");
    let renamed = group(GroupChange::Rename {
        was: "반도체".to_owned(),
        name: "칩".to_owned(),
    });
    assert_eq!(fake.sent().last(), Some(&renamed));
    click(&mut h, Role::Button, PANEL);
    let before = fake.sent().len();
    click_exactly(&mut h, Role::Button, "그룹 지우기");
    assert_eq!(fake.sent().len(), before, "it has stocks");
    h.get_by_label("2종목도 이 그룹에서 빠집니다");
    click_exactly(&mut h, Role::Button, "지우기 확인");
    let removed = group(GroupChange::Remove("반도체".to_owned()));
    assert_eq!(fake.sent().last(), Some(&removed));
}

#[test]
fn a_stock_is_put_into_another_group_and_out_of_one_only() {
    let fake = Fake::new(snapshot());
    let mut h = home(&fake);
    let kakao = code("035720");
    menu(&mut h, "카카오", "‘반도체’ 그룹에 넣기");
    let put = Command::Watch {
        code: kakao,
        group: "반도체".to_owned(),
    };
    assert_eq!(fake.sent(), [put]);
    // 삼성전자 is in two groups: it leaves this one. 카카오 is in one: it leaves the list.
    menu(&mut h, "삼성전자 005930", "이 그룹에서 빼기");
    let leave = group(GroupChange::Leave {
        group: "관심".to_owned(),
        code: code("005930"),
    });
    assert_eq!(fake.sent().last(), Some(&leave));
    get(&h, Role::Row, "카카오").click_secondary();
    h.run();
    assert!(h.query_by_label("이 그룹에서 빼기").is_none());
    h.get_by_label("관심 종목에서 빼기").click();
    h.run();
    assert_eq!(fake.sent().last(), Some(&Command::Unwatch(kakao)));
}

#[test]
fn the_search_puts_a_watched_stock_into_the_shown_group() {
    let fake = Fake::new(snapshot());
    let mut h = home(&fake);
    press(&mut h, Modifiers::COMMAND, Key::Num2);
    press(&mut h, Modifiers::COMMAND, Key::K);
    get(&h, Role::TextInput, "종목 검색").type_text("카카오");
    h.run();
    get(&h, Role::ListBoxOption, "Shift+Enter로 이 그룹에 추가");
    press(&mut h, Modifiers::SHIFT, Key::Enter);
    let put = Command::Watch {
        code: code("035720"),
        group: "반도체".to_owned(),
    };
    assert_eq!(fake.sent().last(), Some(&put));
    fake.change(|s| s.groups[1].rows.push(3));
    h.run();
    assert_eq!(chosen(&h).as_deref(), Some("카카오"), "it is found at once");
}

#[test]
fn a_tab_chosen_by_its_key_comes_into_view() {
    let fake = Fake::new(snapshot());
    fake.change(|s| {
        s.groups = (0..9)
            .map(|i| GroupView {
                name: format!("관심 종목 모음 {i}").into(),
                rows: vec![i],
            })
            .collect();
    });
    let size = vec2(800.0, 600.0);
    let mut h = window(&fake, size, RootOptions::default());
    h.run();
    let place = |h: &Harness<'static, App>, name: &str| get(h, Role::Tab, name).rect();
    assert!(size.x < place(&h, "모음 8").left());
    press(&mut h, Modifiers::COMMAND, Key::Num9);
    h.run_steps(4);
    let (tab, glance) = (
        place(&h, "모음 8"),
        h.get_by_label("정배열을 한눈에 보기").rect(),
    );
    assert!(0.0 < tab.left() && tab.right() <= glance.left(), "{tab:?}");
}

/// Twice as many closes as a window shows.
fn market() -> MarketView {
    let row = |i: usize| MarketRow {
        code: code(&format!("1{i:05}")),
        name: format!("종목{i}").into(),
        board: Board::Kospi,
        is_etf: false,
        close: Won(1_000),
        change_basis_points: Some(0),
        state: Alignment::Bullish,
        age: i as u32 + 1,
        have: 300,
        day: now().day().plus(-1),
    };
    MarketView {
        rows: (0..80).map(row).collect(),
        session: now().day().plus(-1),
        need: 240,
        listed: 80,
        complete: 80,
        filling: false,
        loaded: true,
    }
}

#[test]
fn every_list_of_stocks_is_walked_with_the_keyboard() {
    let fake = Fake::new(snapshot());
    let mut h = window(&fake, vec2(1200.0, 400.0), RootOptions::default());
    h.run();
    let last = STOCKS.len() - 1;
    let name = |i: usize| STOCKS[i].1.to_owned();
    let key = |h: &mut Harness<'static, App>, key| {
        press(h, Modifiers::NONE, key);
        h.run_steps(3);
        chosen(h)
    };
    // The table, then the same group at a glance.
    for _ in 0..2 {
        assert_eq!(key(&mut h, Key::End), Some(name(last)));
        assert_eq!(key(&mut h, Key::Home), Some(name(0)));
        assert_eq!(key(&mut h, Key::ArrowDown), Some(name(1)));
        let page = key(&mut h, Key::PageDown).unwrap();
        let page = STOCKS.iter().position(|stock| stock.1 == page).unwrap();
        assert!((4..last).contains(&page), "{page}");
        assert_eq!(key(&mut h, Key::PageUp), Some(name(1)));
        fake.sent.lock().unwrap().clear();
        press(&mut h, Modifiers::NONE, Key::Enter);
        let open = Command::OpenStock(code(STOCKS[1].0));
        assert_eq!(fake.sent().first(), Some(&open));
        press(&mut h, Modifiers::COMMAND, Key::W);
        if let Some(close) = h.query_by_label("창 닫기") {
            close.click();
            h.run();
        }
        h.get_by_label("정배열을 한눈에 보기").click_accesskit();
        h.run();
    }
    fake.change(|s| s.market = Arc::new(market()));
    get(&h, Role::Tab, "전체 시장").click_accesskit();
    h.run();
    assert_eq!(key(&mut h, Key::End), Some("종목79".to_owned()));
    assert_eq!(key(&mut h, Key::ArrowUp), Some("종목78".to_owned()));
    press(&mut h, Modifiers::NONE, Key::Enter);
    let open = Command::OpenStock(code("100078"));
    assert!(fake.sent().contains(&open));
}

#[test]
fn a_stock_of_the_whole_market_is_watched_from_its_menu() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.market = Arc::new(market()));
    let mut h = home(&fake);
    get(&h, Role::Tab, "전체 시장").click_accesskit();
    h.run();
    menu(&mut h, "종목3 ", "‘관심’ 그룹에 넣기");
    let put = Command::Watch {
        code: code("100003"),
        group: "관심".to_owned(),
    };
    assert_eq!(fake.sent().last(), Some(&put));
}
