//! What nobody photographs: very long names, halted stocks, many groups, bars still being built.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod ui_support;

use std::sync::Arc;

use egui::{Key, Modifiers, Rect, Role, ViewportCommand, ViewportId, vec2};
use egui_kittest::Harness;
use jeongbae::domain::{Minute, Remark, Shares, Stage, Won};
use jeongbae::engine::rules::{Match, Preview, PreviewRow};
use jeongbae::engine::{Command, GroupView};
use jeongbae::lang::{self, Language};
use jeongbae::ui::RootOptions;
use ui_support::*;

const LONG: &str = "MIRU 미국배당다우존스레버리지 ETN";

/// The home window as it opens for the first time.
fn opened(fake: &Arc<Fake>) -> Harness<'static, App> {
    let mut h = window(fake, vec2(1320.0, 820.0), RootOptions::default());
    h.run();
    h
}

/// The letters painted of a text, and where: there is one.
fn one(h: &Harness<'static, App>, text: &str) -> (String, Rect) {
    let mut found = painted(h, text);
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0)
}

#[test]
fn the_name_of_a_fund_is_whole_where_there_is_room() {
    let fake = Fake::new(snapshot());
    fake.change(|s| {
        s.rows[0].name = LONG.into();
        s.rows[0].remarks = vec![Remark::Etn];
        s.rows[1].remarks = vec![Remark::Etf];
    });
    let mut h = opened(&fake);
    assert_eq!(one(&h, LONG).0, LONG);
    // What the name says is not said again; elsewhere it is.
    assert_eq!(painted(&h, "ETN"), []);
    one(&h, "ETF");
    click(&mut h, Role::Button, "정배열을 한눈에 보기");
    assert_eq!(one(&h, LONG).0, LONG);
    // Where the name leaves room the code stands beside it.
    assert!(one(&h, "SK하이닉스").1.right() < one(&h, "000660").1.left());
}

#[test]
fn what_a_paper_is_gives_way_to_its_name_and_a_warning_does_not() {
    let name = "새한 원유선물(H)레버리지액티브";
    let fake = Fake::new(snapshot());
    let mut gave_way = 0;
    for width in [480.0, 720.0, 1000.0, 1320.0] {
        let mut h = window(&fake, vec2(width, 700.0), RootOptions::default());
        for remark in [Remark::Etf, Remark::Administrative] {
            fake.change(|s| {
                s.rows[0].name = name.into();
                s.rows[0].remarks = vec![remark];
            });
            h.run();
            let told = painted(&h, remark.badge()).len();
            if remark.is_warning() {
                assert_eq!(told, 1, "{width}");
            } else {
                let whole = one(&h, name).0 == name;
                assert!(whole || told == 0, "{width}");
                gave_way += usize::from(told == 0);
            }
        }
    }
    assert!((1..4).contains(&gave_way), "{gave_way}");
}

#[test]
fn a_halt_that_only_the_list_knows_is_said_until_something_trades() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    for (volume, said) in [(0, 1), (10, 0)] {
        fake.change(|s| {
            s.rows[0].remarks = vec![Remark::Halted];
            let quote = s.rows[0].quote.as_mut().unwrap();
            (quote.volume, quote.halted) = (Shares(volume), false);
        });
        h.run();
        assert_eq!(painted(&h, "거래정지").len(), said, "{volume}");
    }
}

#[test]
fn a_signal_of_a_bar_being_built_has_the_time_at_which_it_was_seen() {
    let fake = Fake::new(snapshot());
    let name = "누리 미국배당다우존스 ETN";
    let mut forming = (*signal("005930", name, 3, Stage::Forming)).clone();
    forming.at = now().day().at(Minute::hm(10, 41));
    forming.price = 71_450;
    assert_eq!(forming.bar_end, now().day().at(Minute::hm(11, 0)));
    fake.change(|s| s.signals = vec![forming.clone().into()]);
    let mut h = opened(&fake);
    let top = one(&h, "10:41").1.center().y;
    get(&h, Role::ListItem, "10:41 누리");
    // Its price stands beside a name of which the whole fits.
    let prices = painted(&h, "71,450");
    assert!(
        prices
            .iter()
            .any(|(_, place)| (place.center().y - top).abs() < 3.0)
    );
    forming.stage = Stage::Confirmed;
    fake.change(|s| s.signals = vec![forming.into()]);
    h.run();
    get(&h, Role::ListItem, "11:00 누리");
}

#[test]
fn behind_many_groups_the_whole_market_stays_in_sight() {
    let fake = Fake::new(snapshot());
    fake.change(|s| {
        s.groups = (0..14)
            .map(|i| GroupView {
                name: format!("테마 그룹 {i}").into(),
                rows: vec![i % 12],
            })
            .collect();
    });
    for width in [1320.0, 900.0] {
        let mut h = window(&fake, vec2(width, 700.0), RootOptions::default());
        h.run();
        let glance = get(&h, Role::Button, "정배열을 한눈에 보기").rect();
        let market = get(&h, Role::Tab, "전체 시장").rect();
        assert!(market.right() <= glance.left(), "{market:?} {glance:?}");
        // No group lies below it, and the last one is a key or a turn of the wheel away.
        press(&mut h, Modifiers::COMMAND, Key::Num9);
        let ninth = get(&h, Role::Tab, "테마 그룹 8 그룹").rect();
        assert!(ninth.right() <= market.left(), "{ninth:?} {market:?}");
        click(&mut h, Role::Tab, "전체 시장");
        assert!(is_on(&get(&h, Role::Tab, "전체 시장")));
    }
}

#[test]
fn the_matches_of_a_rule_fill_the_window() {
    let fake = Fake::new(snapshot());
    let mut h = window(&fake, vec2(1600.0, 1000.0), RootOptions::default());
    h.run();
    press(&mut h, Modifiers::COMMAND, Key::R);
    press(&mut h, Modifiers::COMMAND, Key::N);
    type_over(&mut h, Role::MultilineTextInput, "조건 글", "close > ma20");
    let asked = fake.sent().into_iter().rev().find_map(|c| match c {
        Command::Preview(rule) => rule,
        _ => None,
    });
    // Until the engine has answered nothing is counted.
    one(&h, "맞는 종목을 찾는 중입니다");
    assert_eq!(painted(&h, "지금 맞는 종목 0"), []);
    let rows = (0..12).map(|i| PreviewRow {
        code: code(STOCKS[i].0),
        name: format!("종목 {i}").into(),
        price: Some(Won(1_402_000)),
        state: Match::Not,
    });
    let rule = asked.unwrap();
    let rows = rows.collect();
    fake.change(|s| s.preview = Some(Arc::new(Preview { rule, rows })));
    h.run();
    one(&h, "종목 11");
    // Enough bars of its own timeframe, and too few of another one it names.
    fake.change(|s| {
        let mut preview = (**s.preview.as_ref().unwrap()).clone();
        let (have, need) = (299, 120);
        preview.rows[0].state = Match::Short { have, need };
        s.preview = Some(Arc::new(preview));
    });
    h.run();
    get(&h, Role::ListItem, "종목 0 005930: 다른 주기의 봉이 모자람");
}

#[test]
fn a_name_that_is_cut_is_told_to_the_pointer() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.rows[0].name = LONG.into());
    let mut h = window(&fake, vec2(480.0, 400.0), RootOptions::default());
    h.run();
    let (letters, place) = one(&h, LONG);
    assert_ne!(letters, LONG);
    h.hover_at(place.center());
    h.run_steps(60);
    assert!(painted(&h, LONG).iter().any(|(letters, _)| letters == LONG));
}

#[test]
fn an_empty_list_of_rules_keeps_off_the_edge() {
    let fake = Fake::new(snapshot());
    let mut h = window(&fake, vec2(1600.0, 1000.0), RootOptions::default());
    h.run();
    press(&mut h, Modifiers::COMMAND, Key::R);
    let text = one(&h, "아직 조건이 없습니다").1.left();
    assert_eq!(text, get(&h, Role::Button, "새 조건").rect().left());
}

#[test]
fn the_keys_of_a_column_of_the_help_stand_in_line() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    press(&mut h, Modifiers::NONE, Key::F1);
    let left = |says: &str| one(&h, says).1.left();
    assert_eq!(left("이 도움말"), left("한 화면 위·아래 종목 고르기"));
}

#[test]
fn the_home_window_is_titled_in_its_language() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    press(&mut h, Modifiers::COMMAND, Key::Comma);
    get(&h, Role::RadioButton, "English").click();
    let mut titles = vec![];
    for _ in 0..4 {
        h.step();
        let commands = &h.output().viewport_output[&ViewportId::ROOT].commands;
        titles.extend(commands.iter().filter_map(|command| match command {
            ViewportCommand::Title(title) => Some(title.clone()),
            _ => None,
        }));
    }
    lang::speak(Language::Korean);
    assert_eq!(titles, ["Jeongbae"]);
}

#[test]
fn a_window_says_that_its_price_was_refused_and_waits_for_none() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.rows[3].quote = None);
    let mut h = opened(&fake);
    get(&h, Role::Row, STOCKS[3].1).click();
    h.run();
    // In its row and in the window's header.
    assert_eq!(painted(&h, "시세를 기다리는 중").len(), 2);
    let said = trouble().what.to_string();
    fake.change(|s| s.rows[3].trouble = Some(trouble()));
    h.run();
    assert_eq!(painted(&h, "시세를 기다리는 중"), []);
    assert_ne!(painted(&h, &said), []);
}

#[test]
fn the_fields_of_the_groups_have_frames() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    click(&mut h, Role::Button, "그룹 만들기");
    let field = get(&h, Role::TextInput, "그룹의 이름").rect();
    let framed = |h: &Harness<'static, App>| {
        let shapes = h.output().shapes.iter();
        let mut rects = shapes.filter_map(|clipped| match &clipped.shape {
            egui::Shape::Rect(rect) if 0.0 < rect.stroke.width => Some(rect.rect),
            _ => None,
        });
        rects.any(|rect| rect.distance_to_pos(field.left_top()) < 6.0 && rect.height() < 40.0)
    };
    assert!(framed(&h), "{field:?}");
}
