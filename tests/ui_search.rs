//! The search field of the home window, driven as a user would.

mod ui_support;

use std::sync::Arc;

use egui::{Event, ImeEvent, Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::{Board, Caution, ListedStock, Listing, Moment, Paper, Remark};
use jeongbae::engine::Command;
use jeongbae::search::Index;
use ui_support::*;

/// Stocks of the picture, and some that nobody watches; flags and sizes are invented.
fn index() -> Arc<Index> {
    let plain = |text: &str, name: &str, cap: i64| ListedStock {
        market_cap: Some(cap),
        ..ListedStock::plain(code(text), name, Board::Kospi)
    };
    let stocks = vec![
        plain("005930", "삼성전자", 4_000),
        plain("005935", "삼성전자우", 500),
        ListedStock {
            halted: true,
            caution: Caution::Danger,
            ..plain("028260", "삼성물산", 300)
        },
        ListedStock {
            paper: Paper::Etf,
            ..plain("069500", "KODEX 200", 200)
        },
        plain("035420", "NAVER", 400),
        ListedStock {
            board: Board::Kosdaq,
            ..plain("900010", "현대가상차", 1)
        },
    ];
    Arc::new(Index::new(Arc::new(Listing::new(stocks, Some(Moment(1))))))
}

fn start() -> (Arc<Fake>, Harness<'static, App>) {
    let mut picture = snapshot();
    picture.index = index();
    let fake = Fake::new(picture);
    let mut h = home(&fake);
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run();
    (fake, h)
}

#[test]
fn after_nothing_was_found_the_list_has_the_keys_again() {
    let (fake, mut h) = start();
    h.event(Event::Text("zqrd".into()));
    h.run();
    for key in [Key::Enter, Key::Escape, Key::ArrowDown, Key::Enter] {
        h.key_press(key);
        h.run();
    }
    let first = Command::OpenStock(code("005930"));
    assert!(fake.sent().contains(&first), "{:?}", fake.sent());
}

/// What the list below the field offers, in order.
fn offered(h: &Harness<'_, App>) -> Vec<String> {
    h.query_all_by_role(Role::ListBoxOption)
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn compose(h: &mut Harness<'_, App>, text: &str) {
    h.event(Event::Ime(ImeEvent::Preedit {
        text: text.to_owned(),
        active_range_chars: None,
    }));
    h.run();
}

fn watch(text: &str) -> Command {
    Command::Watch {
        code: code(text),
        group: "관심".into(),
    }
}

#[test]
fn first_consonants_find_a_stock_and_enter_watches_it() {
    let (fake, mut h) = start();
    h.get_by_label("종목 검색").type_text("ㅎㄷㄱㅅㅊ");
    h.run();
    assert_eq!(offered(&h), ["현대가상차 900010 KOSDAQ, 추가"]);
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(fake.sent(), [watch("900010")]);
    assert!(offered(&h).is_empty(), "the field is empty again");
}

#[test]
fn the_list_follows_a_syllable_while_it_is_composed() {
    let (fake, mut h) = start();
    for (shown, found) in [
        ("ㅎ", "현대"),
        ("혀", "현대"),
        ("현", "현대가상차 900010 KOSDAQ, 추가"),
    ] {
        compose(&mut h, shown);
        let all = offered(&h);
        assert!(
            all.iter().any(|line| line.contains(found)),
            "{shown}: {all:?}"
        );
    }
    h.event(Event::Ime(ImeEvent::Commit("현".into())));
    // The consonant of the next syllable hangs below this one until its vowel comes.
    compose(&mut h, "댁");
    assert_eq!(offered(&h), ["현대가상차 900010 KOSDAQ, 추가"]);
    h.event(Event::Ime(ImeEvent::Commit("대".into())));
    compose(&mut h, "갓");
    assert!(!offered(&h).is_empty());
    h.event(Event::Ime(ImeEvent::Commit("갓".into())));
    h.run();
    h.key_press(Key::Enter);
    h.run();
    // 현대갓 is on the way to 현대가상차.
    assert_eq!(fake.sent(), [watch("900010")]);
}

#[test]
fn arrows_choose_and_watched_stocks_open() {
    let (fake, mut h) = start();
    h.get_by_label("종목 검색").type_text("삼성");
    h.run();
    let all = offered(&h);
    // Watched first, also a watched stock that the list does not have.
    assert!(
        all[0].starts_with("삼성전자 005930 KOSPI, 관심 종목, 열기"),
        "{all:?}"
    );
    assert!(all[1].starts_with("삼성전자우 005935"), "{all:?}");
    assert!(
        all.iter()
            .any(|line| line.starts_with("삼성에피스홀딩스 0126Z0")),
        "{all:?}"
    );
    h.key_press(Key::ArrowDown);
    h.run();
    h.key_press(Key::ArrowDown);
    h.run();
    h.key_press(Key::ArrowUp);
    h.run();
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(fake.sent(), [watch("005935")]);
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run();
    h.get_by_label("종목 검색").type_text("NAV");
    h.run();
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(
        fake.sent().last(),
        Some(&Command::OpenStock(code("035420")))
    );
}

#[test]
fn a_click_takes_a_line_and_warnings_are_told() {
    let (fake, mut h) = start();
    h.get_by_label("종목 검색").type_text("ㅅㅅㅁㅅ");
    h.run();
    let line = get(&h, Role::ListBoxOption, "거래정지, 투자위험종목, 추가");
    line.click();
    h.run();
    assert_eq!(fake.sent(), [watch("028260")]);
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run();
    h.get_by_label("종목 검색").type_text("kodex");
    h.run();
    get(&h, Role::ListBoxOption, "KODEX 200 069500 KOSPI, ETF, 추가");
    // Escape empties the field.
    h.key_press(Key::Escape);
    h.run();
    assert!(offered(&h).is_empty());
}

#[test]
fn a_whole_code_is_taken_at_its_word() {
    let (fake, mut h) = start();
    h.get_by_label("종목 검색").type_text("123456");
    h.run();
    assert_eq!(offered(&h).len(), 1);
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(fake.sent(), [watch("123456")]);
    // A word of capitals is no code.
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run();
    h.get_by_label("종목 검색").type_text("SAMSUNG");
    h.run();
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(fake.sent().len(), 1);
    h.get_by_label_contains("‘SAMSUNG’에 맞는 종목이 없습니다");
}

#[test]
fn a_row_and_a_window_tell_what_the_exchange_says() {
    let (fake, mut h) = start();
    let remarks = [Remark::Halted, Remark::Warning, Remark::Etf];
    fake.change(|s| s.rows[1].remarks = remarks.to_vec());
    fake.change_stock(code("000660"), |view| view.remarks = remarks.to_vec());
    h.run();
    let row = get(
        &h,
        Role::Row,
        "SK하이닉스 000660, 거래정지, 투자경고종목, ETF",
    );
    row.click();
    h.run();
    h.get_by_label_contains("SK하이닉스 000660 KRX, 거래정지, 투자경고종목, ETF");
}
