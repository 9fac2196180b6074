//! The watchlist and the signal list as tools: sorting, moving, copying, filtering, saving.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod ui_support;

use std::sync::Arc;

use egui::{Event, Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::{Minute, Signal, Stage};
use jeongbae::engine::{
    Badge, Command, Delay, Freshness, LateView, LinkState, MarketPhase, Snapshot,
};
use jeongbae::indicators::Alignment;
use jeongbae::settings::GroupChange;
use jeongbae::ui::{Content, RootOptions, Theme};
use ui_support::*;

fn harness_of(fake: &Arc<Fake>, size: egui::Vec2) -> Harness<'static, App> {
    let mut h = window(fake, size, RootOptions::default());
    h.run();
    h
}

fn harness(fake: &Arc<Fake>) -> Harness<'static, App> {
    harness_of(fake, vec2(1600.0, 1000.0))
}

/// The names in the order in which the rows stand on the screen.
fn names(h: &Harness<'_, App>) -> Vec<String> {
    let mut rows: Vec<(f32, String)> = h
        .query_all_by_role(Role::Row)
        .map(|n| (n.rect().top(), n.accesskit_node().label().unwrap()))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let name = |text: String| text.split(' ').next().unwrap().to_owned();
    rows.into_iter().map(|(_, text)| name(text)).collect()
}

#[test]
fn a_click_on_a_head_sorts_once_and_prices_move_nothing() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    let own = names(&h);
    assert_eq!(own[..2], ["삼성전자", "SK하이닉스"]);
    get(&h, Role::ColumnHeader, "현재가 정렬").click();
    h.run();
    let falling = names(&h);
    assert_eq!(falling[..2], ["LG에너지솔루션", "삼성에피스홀딩스"]);
    // 카카오 becomes the dearest, and stays where it is until somebody sorts again.
    fake.change(|s| s.rows[3].quote = Some(quote(900_000, 47_600)));
    h.run();
    assert_eq!(names(&h), falling);
    get(&h, Role::ColumnHeader, "현재가 정렬, 큰 것부터").click();
    h.run();
    let rising = names(&h);
    assert_eq!(rising.first().map(String::as_str), Some("삼성전자"));
    assert_eq!(rising.last().map(String::as_str), Some("카카오"));
    get(&h, Role::ColumnHeader, "현재가 정렬, 작은 것부터").click();
    h.run();
    assert_eq!(names(&h), own, "the third click: the user's own order");
}

#[test]
fn what_has_no_value_is_sorted_last_both_ways() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.rows[2].quote = None);
    let mut h = harness(&fake);
    for _ in 0..2 {
        get(&h, Role::ColumnHeader, "거래량 정렬").click();
        h.run();
        assert_eq!(names(&h).last().map(String::as_str), Some("NAVER"));
    }
}

#[test]
fn a_row_is_dragged_to_another_place() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    let from = get(&h, Role::Row, "삼성전자 005930").rect().center();
    let over = get(&h, Role::Row, "카카오").rect();
    h.drag_at(from);
    h.run();
    h.hover_at(over.center_bottom() - vec2(0.0, 4.0));
    h.run();
    h.drop_at(over.center_bottom() - vec2(0.0, 4.0));
    h.run();
    let moved = Command::MoveStock {
        code: code("005930"),
        group: "관심".into(),
        to: 3,
    };
    assert_eq!(fake.sent(), [moved], "moved, and not opened");
    // In a sorted list there is nothing to move.
    get(&h, Role::ColumnHeader, "현재가 정렬").click();
    h.run();
    let from = get(&h, Role::Row, "카카오").rect().center();
    h.drag_at(from);
    h.run();
    h.hover_at(from - vec2(0.0, 90.0));
    h.run();
    h.drop_at(from - vec2(0.0, 90.0));
    h.run();
    assert_eq!(fake.sent().len(), 1);
}

#[test]
fn the_keyboard_moves_and_copies_the_chosen_row() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    for _ in 0..2 {
        h.key_press(Key::ArrowDown);
        h.run();
    }
    h.key_press_modifiers(Modifiers::ALT, Key::ArrowUp);
    h.run();
    let moved = Command::MoveStock {
        code: code("000660"),
        group: "관심".into(),
        to: 0,
    };
    assert_eq!(fake.sent(), [moved]);
    h.event(Event::Copy);
    h.step();
    let text = copied(&h).unwrap();
    let cells: Vec<&str> = text.split('\t').collect();
    assert_eq!(
        cells[..5],
        ["000660", "SK하이닉스", "198500", "-2500", "-1.24"]
    );
    assert_eq!(cells[6], "30분 혼조 6봉째");
}

#[test]
fn the_list_as_it_is_shown_is_copied_whole() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    // Even with a row chosen, whose own key is the same without Shift.
    h.key_press(Key::ArrowDown);
    get(&h, Role::ColumnHeader, "현재가 정렬").click();
    h.run();
    let copy = |h: &mut Harness<'static, App>| {
        h.event(Event::Key {
            key: Key::C,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::COMMAND | Modifiers::SHIFT,
        });
        h.step();
        let text = copied(h).unwrap();
        let lines = text.lines();
        lines
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect::<Vec<Vec<String>>>()
    };
    let lines = copy(&mut h);
    assert_eq!(lines.len(), 1 + STOCKS.len());
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));
    assert_eq!(lines[0][..4], ["종목코드", "종목명", "현재가", "등락"]);
    assert_eq!(lines[1][..3], ["373220", "LG에너지솔루션", "412500"]);
    assert_eq!(lines[1].last().map(String::as_str), Some("실시간"));
    let shown: Vec<String> = lines[1..].iter().map(|line| line[1].clone()).collect();
    assert_eq!(shown, names(&h), "in the order of the screen");
    // What is left out on the screen is left out.
    get(&h, Role::Tab, "반도체 그룹").click();
    h.run();
    assert_eq!(copy(&mut h).len(), 3);
    get(&h, Role::Row, "SK하이닉스").click_secondary();
    h.run();
    h.get_by_label("목록 모두 복사 (Ctrl+Shift+C)").click();
    let mut text = None;
    for _ in 0..4 {
        h.step();
        text = text.or(copied(&h));
    }
    assert_eq!(text.unwrap().lines().count(), 3);
    h.get_by_label("정배열을 한눈에 보기").click();
    h.run();
    let lines = copy(&mut h);
    assert_eq!(lines[0], ["종목코드", "종목명", "30분", "60분", "일"]);
    assert_eq!(lines[2][..3], ["000660", "SK하이닉스", "혼조"]);
    assert_eq!(lines.len(), 3);
}

#[test]
fn rows_say_how_fresh_they_are() {
    let fake = Fake::new(snapshot());
    fake.change(|s| {
        let mut set = |i: usize, freshness, ago: i64| {
            let q = s.rows[i].quote.as_mut().unwrap();
            q.freshness = freshness;
            q.at = now().plus_secs(-ago);
        };
        set(1, Freshness::Polled, 7);
        set(2, Freshness::Stale, 41);
    });
    let h = harness(&fake);
    let words = |part: &str| get(&h, Role::Row, part).accesskit_node().label().unwrap();
    assert!(words("삼성전자").ends_with("실시간"));
    assert!(words("SK하이닉스").ends_with("7초 전 조회"));
    assert!(words("NAVER").ends_with("지연 10:41:36"));
}

#[test]
fn rows_of_the_link_say_what_its_light_says() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.rows[1].quote.as_mut().unwrap().freshness = Freshness::Polled);
    let mut h = harness(&fake);
    let said = |h: &Harness<'_, App>, stock: &str| {
        let label = get(h, Role::Row, stock).accesskit_node().label().unwrap();
        label.rsplit(", ").next().unwrap().to_owned()
    };
    let both = |h: &Harness<'_, App>| {
        let light = h.get_by_label_contains("실시간 연결: ");
        let light = light.accesskit_node().value().unwrap();
        let light = light.trim_start_matches("실시간 연결: ").to_owned();
        (light, said(h, "삼성전자 005930"))
    };
    for (state, delay, word) in [
        (LinkState::Live, None, "실시간"),
        (LinkState::Live, Some(Delay::Late { ms: 5_400 }), "지연 5초"),
        (
            LinkState::Live,
            Some(Delay::Silent { ms: 25_000 }),
            "지연 25초",
        ),
        (LinkState::Reconnecting, None, "재연결 중 3번째"),
        (LinkState::Connecting, None, "연결 중 3번째"),
        (LinkState::Closed, None, "장 마감"),
    ] {
        fake.change(|s| {
            s.link.state = state;
            s.link.delay = delay;
            s.link.attempts = 3;
        });
        h.run();
        assert_eq!(both(&h), (word.to_owned(), word.to_owned()));
        // The light, and eleven of the twelve rows.
        assert_eq!(painted(&h, word).len(), 12, "{word}");
        assert_eq!(said(&h, "SK하이닉스"), "0초 전 조회", "not of the link");
    }
    fake.change(|s| {
        s.link.state = LinkState::Reconnecting;
        for row in &mut s.rows {
            let quote = row.quote.as_mut().unwrap();
            quote.freshness = Freshness::Cut;
            quote.at = now().plus_secs(-4);
        }
    });
    h.run();
    assert_eq!(said(&h, "삼성전자 005930"), "재연결 중 3번째 · 4초 전");
    fake.change(|s| s.link.state = LinkState::Live);
    h.run();
    assert_eq!(said(&h, "삼성전자 005930"), "4초 전");
}

#[test]
fn the_paper_host_is_named_where_its_bars_are_missing() {
    let fake = Fake::new(snapshot());
    fake.change(|s| {
        s.rows[0].alignments[0].state = Alignment::Unknown;
        s.rows[0].alignments[0].have = 187;
    });
    let mut h = harness(&fake);
    let words = |h: &Harness<'_, App>| {
        let row = get(h, Role::Row, "삼성전자");
        row.accesskit_node().label().unwrap()
    };
    let why = "모의투자는 과거 분봉을 주지 않습니다: 30분 240선까지 187/240봉";
    assert!(words(&h).contains(why), "{}", words(&h));
    assert!(words(&h).ends_with("실시간 · 30분 187/240봉"));
    fake.change(|s| s.badge = Badge::Real);
    h.run();
    assert!(words(&h).contains("30분 240봉 필요 / 187봉 보유"));
}

/// A list much longer than the window.
fn long(count: usize) -> Snapshot {
    let mut s = snapshot();
    s.rows = (0..count)
        .map(|i| {
            let mut row = row(i % STOCKS.len());
            row.code = code(&format!("{i:06}"));
            row
        })
        .collect();
    s.groups[0].rows = (0..count).collect();
    s
}

#[test]
fn only_rows_in_sight_are_laid_out() {
    let few = harness(&Fake::new(long(60)));
    let many = harness(&Fake::new(long(300)));
    let rows = |h: &Harness<'_, App>| h.query_all_by_role(Role::Row).count();
    assert!((30..45).contains(&rows(&many)), "{}", rows(&many));
    assert_eq!(rows(&few), rows(&many));
    let shapes = |h: &Harness<'_, App>| h.output().shapes.len();
    assert_eq!(shapes(&few), shapes(&many));
}

fn signals() -> Arc<Fake> {
    let mut s = snapshot();
    let mut other = Signal::clone(&signal("035420", "NAVER", 1, Stage::Withdrawn));
    other.rule_name = "일봉, \"눌림목\"".into();
    s.signals = vec![
        signal("005930", "삼성전자", 2, Stage::Confirmed),
        Arc::new(other),
        signal("005930", "삼성전자", -46, Stage::Late),
    ];
    s.unread = 2;
    Fake::new(s)
}

fn listed(h: &Harness<'_, App>) -> usize {
    h.query_all_by_role(Role::ListItem).count()
}

#[test]
fn signals_are_filtered_by_stock_rule_and_day_and_saved() {
    let fake = signals();
    let mut h = harness(&fake);
    assert_eq!(listed(&h), 3);
    let mut choose = |name: &str, value: &str| {
        h.get_by_label_contains(&format!("신호 {name} 고르기"))
            .click();
        h.run();
        h.get_by_role_and_label(Role::Button, value).click();
        h.run();
        listed(&h)
    };
    assert_eq!(choose("종목", "삼성전자"), 2);
    assert_eq!(choose("날짜", "2026-11-20"), 1);
    assert_eq!(choose("종목", "NAVER"), 1);
    assert_eq!(choose("조건", "30분 정배열로 바뀜"), 0);
    h.get_by_label("모두 보기").click();
    h.run();
    assert_eq!(listed(&h), 3);
    h.get_by_label("신호 목록을 CSV로 저장").click();
    h.run();
    h.get_by_label("저장했습니다: /내려받기/jeongbae-signals-20261120.csv");
    let saved = fake.saved.lock().unwrap().remove(0);
    let Content::Bytes(bytes) = saved.content else {
        panic!("a text");
    };
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("\u{feff}봉 마감,종목코드,"));
    assert!(lines[1].starts_with("2026-11-20 10:30:00,005930,삼성전자,"));
    assert!(lines[2].contains(",\"일봉, \"\"눌림목\"\"\","));
}

#[test]
fn late_signals_are_one_line_that_shows_them_alone_and_goes_away() {
    let fake = signals();
    let mut h = harness(&fake);
    assert!(find(&h, Role::Button, "지연된 신호").is_none());
    let late: Vec<_> = fake.snapshot.lock().unwrap().signals[1..].to_vec();
    let late_view = |signals: &[Arc<Signal>]| LateView {
        signals: Arc::new(signals.iter().map(|s| (s.key, s.bar_end)).collect()),
        first: signals.iter().map(|s| s.bar_end).min().unwrap(),
        last: signals.iter().map(|s| s.bar_end).max().unwrap(),
    };
    fake.change(|s| s.late = Some(late_view(&late)));
    h.run();
    let line = "지연된 신호 2건 · 11-19 10:30 ~ 10:00";
    get(&h, Role::Button, line).click();
    h.run();
    assert_eq!(listed(&h), 2);
    assert_eq!(painted(&h, "안 읽음 2 · 2건만 표시").len(), 1);
    get(&h, Role::Label, "안 읽음 2 · 2건만 표시");
    get(&h, Role::Button, line).click();
    h.run();
    assert_eq!(listed(&h), 3, "all again");
    get(&h, Role::Button, line).click();
    h.run();
    get(&h, Role::Button, "지연된 신호 요약 닫기").click();
    h.run();
    assert!(fake.sent().contains(&Command::DismissLate));
    assert_eq!(listed(&h), 3, "with the line goes what it showed");
    get(&h, Role::Button, line).click();
    h.run();
    fake.change(|s| s.late = Some(late_view(&late[..1])));
    h.run();
    assert_eq!(listed(&h), 1);
    fake.change(|s| s.late = None);
    h.run();
    assert_eq!(listed(&h), 3);
    assert!(find(&h, Role::Button, "지연된 신호").is_none());
}

#[test]
fn a_narrow_window_has_the_signals_in_a_tab() {
    let fake = signals();
    let mut h = harness_of(&fake, vec2(700.0, 600.0));
    assert_eq!(listed(&h), 0);
    get(&h, Role::Row, "삼성전자");
    get(&h, Role::Tab, "신호 목록, 안 읽음 2").click();
    h.run();
    assert_eq!(listed(&h), 3);
    assert!(find(&h, Role::Row, "삼성전자").is_none());
    get(&h, Role::Tab, "관심 그룹").click();
    h.run();
    get(&h, Role::Row, "삼성전자");
    assert!(find(&harness(&fake), Role::Tab, "신호 목록").is_none());
}

#[test]
fn the_key_help_opens_on_its_key_but_not_while_typing() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.key_press_modifiers(Modifiers::SHIFT, Key::Questionmark);
    h.run();
    h.get_by_label("기다리는 다음 신호로, 없으면 최근의 안 읽은 신호로");
    h.get_by_label("Ctrl+1 … Ctrl+9");
    h.get_by_label("도움말 닫기").click();
    h.run();
    assert!(h.query_by_label("Ctrl+1 … Ctrl+9").is_none());
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run();
    h.key_press_modifiers(Modifiers::SHIFT, Key::Questionmark);
    h.run();
    assert!(h.query_by_label("Ctrl+1 … Ctrl+9").is_none());
}

#[test]
fn the_alignments_of_all_timeframes_are_seen_at_a_glance() {
    let fake = Fake::new(snapshot());
    fake.change(|s| s.rows[1].ring = jeongbae::engine::Ring::Blinking(now()));
    let mut h = harness(&fake);
    h.get_by_label("정배열을 한눈에 보기").click();
    h.run_steps(2);
    assert!(find(&h, Role::ColumnHeader, "현재가 정렬").is_none());
    assert_eq!(names(&h).len(), STOCKS.len());
    let row = get(&h, Role::Row, "카카오");
    let words = row.accesskit_node().label().unwrap();
    assert!(words.contains("30분"), "{words}");
    row.click();
    h.run_steps(2);
    assert_eq!(
        fake.sent().last(),
        Some(&Command::OpenStock(code("035720")))
    );
}

#[test]
fn a_clock_that_is_wrong_is_said() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    assert!(h.query_by_label_contains("PC 시계").is_none());
    fake.change(|s| s.clock_offset_ms = Some(-3_400));
    h.run();
    h.get_by_label("PC 시계 3.4초 빠름");
    fake.change(|s| s.clock_offset_ms = Some(12_000));
    h.run();
    h.get_by_label("PC 시계 12초 늦음");
}

#[test]
fn a_changed_price_is_tinted_for_a_quarter_of_a_second() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    let theme = Theme::dark();
    assert!(filled(&h, theme.flash(1)).is_empty() && filled(&h, theme.flash(-1)).is_empty());
    fake.change(|s| s.rows[1].quote = Some(quote(198_000, 201_000)));
    let mut lit = 0;
    for _ in 0..12 {
        h.step();
        let tinted = filled(&h, theme.flash(-1));
        let row = get(&h, Role::Row, "SK하이닉스").rect();
        assert!(tinted.iter().all(|cell| row.contains_rect(*cell)));
        lit += tinted.len();
    }
    // Twelve pictures are 600 ms; 150 to 300 ms are wanted.
    assert!((3..=6).contains(&lit), "{lit} pictures of 50 ms");
}

#[test]
fn every_head_sorts_both_ways_and_gives_the_own_order_back() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    let own = names(&h);
    let heads: Vec<String> = h
        .query_all_by_role(Role::ColumnHeader)
        .filter_map(|n| n.accesskit_node().label())
        .collect();
    assert_eq!(heads.len(), 10, "{heads:?}");
    for head in heads {
        let mut seen = vec![];
        for _ in 0..3 {
            click(&mut h, Role::ColumnHeader, &head);
            seen.push(names(&h));
        }
        let [one, other, third] = &seen[..] else {
            panic!("three clicks");
        };
        assert_eq!(third, &own, "{head}");
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        assert_eq!(sorted(one), sorted(&own), "{head}: nobody is lost");
        // All prices are live, so by state there is nothing to tell apart.
        if !head.starts_with("상태") {
            assert_ne!(one, other, "{head}: the second click turns it round");
        }
    }
}

#[test]
fn the_menu_of_a_row_opens_copies_and_takes_out() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    let menu = |h: &mut Harness<'static, App>, entry: &str| {
        get(h, Role::Row, "카카오").click_secondary();
        h.run();
        h.get_by_label(entry).click();
        let mut text = None;
        for _ in 0..4 {
            h.step();
            text = text.or(copied(h));
        }
        text
    };
    let line = menu(&mut h, "줄 복사 (Ctrl+C)").unwrap();
    assert!(
        line.starts_with("035720\t카카오\t48150\t550\t+1.16\t"),
        "{line}"
    );
    assert_eq!(fake.sent(), []);
    menu(&mut h, "관심 종목에서 빼기");
    assert_eq!(fake.sent(), [Command::Unwatch(code("035720"))]);
    h.key_press(Key::Escape);
    h.run();
    menu(&mut h, "창 열기");
    let opened = Command::OpenStock(code("035720"));
    assert_eq!(fake.sent().last(), Some(&opened));
}

#[test]
fn delete_takes_the_chosen_row_out() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    // The third stock is in one group; the first is in two, and leaves the shown one.
    for key in [Key::Home, Key::ArrowDown, Key::ArrowDown, Key::Delete] {
        h.key_press(key);
        h.run();
    }
    assert_eq!(fake.sent(), [Command::Unwatch(code("035420"))]);
    for key in [Key::Home, Key::Delete] {
        h.key_press(key);
        h.run();
    }
    let leave = GroupChange::Leave {
        group: "관심".to_owned(),
        code: code("005930"),
    };
    assert_eq!(fake.sent().last(), Some(&Command::Group(leave)));
}

#[test]
fn nine_groups_have_a_key_each_and_a_tab() {
    let fake = Fake::new(snapshot());
    fake.change(|s| {
        s.groups = (0..9)
            .map(|i| jeongbae::engine::GroupView {
                name: format!("모음 {i}").into(),
                rows: vec![i],
            })
            .collect();
    });
    let mut h = harness(&fake);
    let keys = [
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
        Key::Num8,
        Key::Num9,
    ];
    for (i, key) in keys.into_iter().enumerate().rev() {
        press(&mut h, Modifiers::COMMAND, key);
        assert_eq!(names(&h), [STOCKS[i].1.split(' ').next().unwrap()]);
        assert!(is_on(&get(&h, Role::Tab, &format!("모음 {i} 그룹"))));
    }
    click(&mut h, Role::Tab, "모음 4 그룹");
    assert_eq!(names(&h), ["LG에너지솔루션"]);
    // The engine is told, so that this group's history comes first.
    let told = Command::ShowGroup("모음 4".into());
    assert_eq!(fake.sent().last(), Some(&told));
}

#[test]
fn the_link_the_phase_and_the_badge_are_words() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    let at = |h: u16, m: u16| now().day().at(jeongbae::domain::Minute::hm(h, m));
    for (state, attempts, words) in [
        (LinkState::Live, 0, "실시간 연결: 실시간"),
        (LinkState::Connecting, 1, "실시간 연결: 연결 중"),
        (LinkState::Reconnecting, 3, "실시간 연결: 재연결 중 3번째"),
        (LinkState::Closed, 0, "실시간 연결: 장 마감"),
    ] {
        fake.change(|s| {
            s.link.state = state;
            s.link.attempts = attempts;
        });
        h.run();
        h.get_by_label(words);
    }
    for delay in [Delay::Late { ms: 4_900 }, Delay::Silent { ms: 4_900 }] {
        fake.change(|s| {
            s.link = live_link();
            s.link.delay = Some(delay);
        });
        h.run();
        h.get_by_label("실시간 연결: 지연 4초");
    }
    for (phase, words) in [
        (
            MarketPhase::Open { until: at(15, 20) },
            "정규장 10:42:17, 15:20 동시호가",
        ),
        (
            MarketPhase::OpeningAuction { opens: at(9, 0) },
            "시가 동시호가 10:42:17, 09:00 개장",
        ),
        (
            MarketPhase::ClosingAuction { until: at(15, 30) },
            "종가 동시호가 10:42:17, 15:30 마감",
        ),
        (
            MarketPhase::Closed { opens: at(9, 0) },
            "장 마감 10:42:17, 09:00 개장",
        ),
    ] {
        fake.change(|s| s.phase = phase);
        h.run();
        h.get_by_label(words);
    }
    for (badge, words) in [
        (Badge::Real, "실전"),
        (Badge::Paper, "모의"),
        (Badge::Demo, "데모"),
    ] {
        fake.change(|s| s.badge = badge);
        h.run();
        h.get_by_role_and_label(Role::Label, words);
    }
}

#[test]
fn the_line_below_proves_that_nothing_was_missed() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    h.get_by_label("24종목 × 30분 · 마지막 판정 10:30:02 · 누락 0");
    h.get_by_label("조건 3개 감시 중");
    h.get_by_label_contains("다음 봉 마감 11:00 (");
    fake.change(|s| {
        s.watching.missed = 2;
        s.watching.overdue = 1;
    });
    h.run();
    h.get_by_label_contains("누락 2 · 판정 지연 1");
}

#[test]
fn a_closed_market_says_when_it_opens_and_that_prices_are_closes() {
    let fake = Fake::new(snapshot());
    let evening = now().day().at(Minute::hm(20, 30));
    fake.change(|s| {
        s.now = evening.plus_secs(900);
        s.phase = MarketPhase::Closed {
            opens: now().day().plus(3).at(Minute::hm(9, 0)),
        };
        s.watching.next_close = None;
        for (row, asked) in s.rows.iter_mut().zip([evening, now()]) {
            let quote = row.quote.as_mut().unwrap();
            (quote.freshness, quote.at) = (Freshness::Polled, asked);
        }
    });
    let h = harness(&fake);
    h.get_by_label("다음 개장 11-23 09:00");
    get(&h, Role::Row, "삼성전자");
    let states: Vec<String> = [0, 1]
        .iter()
        .map(|&i| {
            let row = get(&h, Role::Row, STOCKS[i].1);
            let words = row.accesskit_node().label().unwrap();
            words.rsplit(", ").next().unwrap().to_owned()
        })
        .collect();
    // The second was asked for in the session: it may have moved since.
    assert_eq!(states, ["종가", "10:42 조회"]);
}

#[test]
fn the_matrix_says_every_state_and_its_age_and_follows_the_group() {
    let fake = Fake::new(snapshot());
    let mut h = harness(&fake);
    let button = "정배열을 한눈에 보기";
    click(&mut h, Role::Button, button);
    assert!(is_on(&get(&h, Role::Button, button)));
    // Twelve stocks by three timeframes: a third of them in each state.
    for state in ["정배열 ", "역배열 ", "혼조"] {
        assert_eq!(painted(&h, state).len(), 12, "{state}");
    }
    let first = get(&h, Role::Row, "삼성전자").rect();
    let cells: Vec<String> = ["정배열", "역배열", "혼조"]
        .iter()
        .flat_map(|state| painted(&h, state))
        .filter(|(_, place)| first.y_range().contains(place.center().y))
        .map(|(text, _)| text)
        .collect();
    assert_eq!(cells, ["정배열 3", "역배열 17", "혼조"]);
    press(&mut h, Modifiers::COMMAND, Key::Num2);
    assert_eq!(names(&h), ["삼성전자", "SK하이닉스"]);
    click(&mut h, Role::Button, button);
    get(&h, Role::ColumnHeader, "현재가 정렬");
}

#[test]
fn unread_signals_are_marked_until_they_are_seen() {
    let fake = signals();
    let mut h = harness(&fake);
    let yellow = Theme::dark().signal;
    let marks = |h: &Harness<'_, App>| {
        filled(h, yellow)
            .iter()
            .filter(|r| r.width() == 4.0)
            .count()
    };
    assert_eq!(painted(&h, "안 읽음 2").len(), 1);
    assert_eq!(marks(&h), 2);
    get(&h, Role::ListItem, "확정, 안 읽음");
    get(&h, Role::ListItem, "지연, 안 읽음");
    get(&h, Role::ListItem, "취소 (종가에서 조건이 풀렸습니다)");
    click_exactly(&mut h, Role::Button, "모두 읽음");
    assert_eq!(fake.sent().last(), Some(&Command::SeeAllSignals));
    fake.change(|s| {
        s.unread = 0;
        for signal in &mut s.signals {
            Arc::make_mut(signal).seen = true;
        }
    });
    h.run();
    assert_eq!(marks(&h), 0);
    assert!(painted(&h, "안 읽음").is_empty());
    assert!(h.query_by_label("모두 읽음").is_none());
}

#[test]
fn the_way_home_clears_the_filter_and_goes_to_the_top() {
    let fake = Fake::new(long(300));
    let mut h = harness(&fake);
    press(&mut h, Modifiers::NONE, Key::ArrowUp);
    assert!(!names(&h).is_empty() && find(&h, Role::Row, "000000").is_none());
    get(&h, Role::Row, "000299");
    press(&mut h, Modifiers::ALT, Key::Home);
    get(&h, Role::Row, "000000");
    press(&mut h, Modifiers::NONE, Key::Slash);
    h.get_by_label("종목 검색").type_text("000123");
    h.run();
    assert_eq!(names(&h).len(), 1);
    h.get_by_label("홈으로 (Alt+Home)").click();
    h.run();
    assert!(20 < names(&h).len());
}
