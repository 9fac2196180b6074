//! The window of one stock, driven as a user would, inside the home window.

mod ui_support;

use std::sync::Arc;

use egui::{Key, Role, ViewportCommand, ViewportId, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::conditions::Threshold;
use jeongbae::domain::{InterruptionKind, Level, Market, Shares, Timeframe, Won};
use jeongbae::engine::{ChartState, Command, Delay, Freshness, OlderBars, Part, Ring, StockView};
use jeongbae::ui::{Content, RootOptions, Theme};
use ui_support::*;

fn harness_of(fake: &Arc<Fake>, size: egui::Vec2) -> Harness<'static, App> {
    let mut h = window(fake, size, RootOptions::default());
    h.run_steps(3);
    h
}

/// The window of 삼성전자.
fn opened(fake: &Arc<Fake>) -> Harness<'static, App> {
    let mut h = harness_of(fake, vec2(1600.0, 1000.0));
    get(&h, Role::Row, "삼성전자").click();
    h.run();
    h
}

fn samsung() -> jeongbae::domain::StockCode {
    code("005930")
}

#[test]
fn the_header_and_the_readings_say_what_is_known() {
    let fake = Fake::new(snapshot());
    let h = opened(&fake);
    h.get_by_label("삼성전자 005930 KRX, 현재가 71,400원 ▲1,200 +1.71%, 고가 71,800원, 저가 69,900원, 상한가 91,200원, 하한가 49,100원, 거래량 180,185주, NXT 거래 가능");
    let strip = h.get_by_label_contains("30분 정배열 3봉째, 평균 20봉");
    let words = strip.accesskit_node().value().unwrap();
    assert!(words.contains("240봉"), "{words}");
    // The bar being built is part of the average over 20 bars.
    let bars = bars(300, 71_400);
    let sum: i64 = bars.iter().rev().take(20).map(|b| b.candle.close).sum();
    let average = jeongbae::ui::format::average(sum, 20);
    assert!(words.contains(&format!("20봉 {average}")), "{words}");
}

#[test]
fn a_timeframe_is_asked_for() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    h.get_by_label("30분봉").click();
    h.run();
    h.get_by_label("주봉").click();
    h.run();
    let asked: Vec<_> = fake
        .sent()
        .into_iter()
        .filter(|c| matches!(c, Command::ShowTimeframe(..)))
        .collect();
    assert_eq!(asked, [Command::ShowTimeframe(samsung(), Timeframe::Week)]);
}

#[test]
fn a_failed_chart_tells_why_and_is_tried_again() {
    let fake = Fake::new(snapshot());
    fake.change_stock(samsung(), |v| v.chart.state = ChartState::Failed(trouble()));
    let mut h = opened(&fake);
    h.get_by_label("증권사 서버가 답하지 않았습니다");
    h.get_by_label("HTTP 500");
    h.get_by_label("다시 시도").click();
    h.run();
    assert!(fake.sent().contains(&Command::Retry(samsung())));
}

#[test]
fn an_error_never_covers_a_chart_that_is_there() {
    let fake = Fake::new(snapshot());
    fake.change_stock(samsung(), |v| {
        if let ChartState::Ready { trouble: t, .. } = &mut v.chart.state {
            *t = Some(trouble());
        }
    });
    let mut h = opened(&fake);
    h.get_by_role(Role::Image);
    h.get_by_label("차트를 불러오지 못했습니다, 다시 시도")
        .click();
    h.run();
    assert!(fake.sent().contains(&Command::Retry(samsung())));
}

#[test]
fn what_is_missing_is_said() {
    let fake = Fake::new(snapshot());
    fake.change_stock(samsung(), |v| v.chart.need = 400);
    let mut h = opened(&fake);
    h.get_by_label("400봉 필요 / 300봉 보유");
    fake.change_stock(samsung(), |v| {
        v.chart.state = ChartState::Loading {
            done: 1_240,
            planned: 2_400,
        }
    });
    h.run();
    h.get_by_label("과거 봉을 받는 중입니다 (1,240 / 2,400)");
}

/// Labels of the executions on the screen, top first.
fn shown(h: &Harness<'static, App>) -> Vec<String> {
    let mut lines: Vec<(i32, String)> = h
        .query_all_by_role(Role::ListItem)
        .filter_map(|n| {
            let label = n.accesskit_node().label()?;
            let is_print = label.chars().nth(2) == Some(':') && label.contains('주');
            is_print.then(|| (n.rect().top() as i32, label))
        })
        .collect();
    lines.sort();
    lines.into_iter().map(|l| l.1).collect()
}

fn print_more(fake: &Fake, total: u64) {
    fake.change_stock(samsung(), |v| {
        let mut all = prints(total, 71_400, 70_200);
        all.truncate(300);
        v.prints = Part::Ready {
            value: Arc::new(all),
            at: now(),
            live: true,
        };
    });
}

fn scroll(h: &mut Harness<'static, App>, lines: f32) {
    let at = {
        let line = h.get_by_label_contains("체결강도 105.12");
        line.rect().center() + vec2(0.0, 60.0)
    };
    h.hover_at(at);
    h.run();
    h.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: vec2(0.0, lines),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::default(),
    });
    h.run_steps(30);
}

#[test]
fn live_executions_come_in_on_top() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    let before = shown(&h);
    print_more(&fake, 203);
    h.run();
    let after = shown(&h);
    assert!(4 < after.len());
    assert_eq!(after[3..], before[..before.len() - 3]);
}

#[test]
fn scrolling_pauses_the_executions_until_resumed() {
    for resume in [Some(Key::End), Some(Key::Escape), None] {
        let fake = Fake::new(snapshot());
        let mut h = opened(&fake);
        let newest = shown(&h)[0].clone();
        scroll(&mut h, -3.0);
        h.get_by_label_contains("일시정지 · 새 체결 0");
        let reading = shown(&h);
        assert_ne!(reading[0], newest);
        // The list is full at 300: old lines fall out of the live one, not out of this one.
        print_more(&fake, 237);
        h.run();
        assert_eq!(shown(&h), reading, "what is being read does not move");
        h.get_by_label_contains("일시정지 · 새 체결 37");
        print_more(&fake, 900);
        h.run();
        assert_eq!(shown(&h), reading);
        h.get_by_label_contains("일시정지 · 새 체결 300+");
        match resume {
            Some(key) => h.key_press(key),
            None => h.get_by_label_contains("일시정지").click(),
        }
        h.run();
        h.run();
        assert!(h.query_by_label_contains("일시정지").is_none());
        let newest = prints(900, 71_400, 70_200)[0];
        assert!(shown(&h)[0].starts_with(&jeongbae::ui::format::clock(newest.second)));
    }
}

#[test]
fn the_book_keeps_its_slots() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    let place = |h: &Harness<'static, App>, label: &str| h.get_by_label_contains(label).rect();
    let (ask, bid) = (place(&h, "매도 1호가"), place(&h, "매수 1호가"));
    assert!(ask.bottom() <= bid.top() + 1.0, "offers stand above bids");
    assert!(place(&h, "매도 10호가").top() < ask.top());
    fake.change_stock(samsung(), |v| {
        let mut book = book(v.code, 73_000);
        book.expected = Some(Level {
            price: Won(73_100),
            size: Shares(500),
        });
        v.book = Part::Ready {
            value: book,
            at: now(),
            live: false,
        };
    });
    h.run();
    assert_eq!(place(&h, "매도 1호가"), ask);
    assert_eq!(place(&h, "매수 1호가"), bid);
}

#[test]
fn a_click_is_a_visit_and_so_is_a_second_of_attention() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    h.run_steps(60);
    let visits = |fake: &Fake| {
        let is_visit = |c: &&Command| **c == Command::Visit(code("005930"));
        fake.sent().iter().filter(is_visit).count()
    };
    assert_eq!(visits(&fake), 0, "nothing rings");
    fake.change(|s| s.rows[0].ring = Ring::Marked);
    h.run_steps(10);
    assert_eq!(visits(&fake), 1);
    fake.change(|s| s.rows[0].ring = Ring::Quiet);
    h.run();
    h.get_by_label_contains("총 잔량").click();
    h.run();
    assert_eq!(visits(&fake), 2);
}

#[test]
fn every_state_fits_every_window() {
    type Change = fn(&mut StockView);
    let changes: [Change; 8] = [
        |v| v.quote = None,
        |v| {
            let q = v.quote.as_mut().unwrap();
            q.freshness = Freshness::Stale;
            q.off_hours = true;
            q.halted = true;
            q.base = Won(0);
        },
        |v| {
            v.chart.state = ChartState::Loading {
                done: 0,
                planned: 0,
            };
            v.book = Part::Loading;
            v.prints = Part::Loading;
        },
        |v| {
            v.chart.state = ChartState::Failed(trouble());
            v.book = Part::Failed(trouble());
            v.prints = Part::Failed(trouble());
        },
        |v| {
            v.chart.state = ChartState::Ready {
                series: Arc::default(),
                forming: None,
                trouble: None,
            };
            v.chart.older = OlderBars::Loading;
        },
        |v| {
            if let Part::Ready { value, live, .. } = &mut v.book {
                value.asks = Default::default();
                value.bids = Default::default();
                *live = false;
            }
            v.prints = Part::Ready {
                value: Arc::default(),
                at: now(),
                live: false,
            };
            v.strength = Some(-5);
        },
        |v| v.periods = [5, 10, 20, 60, 120, 240, 480, 999].into(),
        |v| v.timeframe = Timeframe::Month,
    ];
    for change in changes {
        for size in [vec2(320.0, 240.0), vec2(700.0, 500.0), vec2(1600.0, 1000.0)] {
            let fake = Fake::new(snapshot());
            fake.change_stock(samsung(), change);
            let mut h = harness_of(&fake, size);
            get(&h, Role::Row, "삼성전자").click();
            h.run_steps(6);
        }
    }
}

#[test]
fn a_window_opens_before_its_data_is_there() {
    let fake = Fake::new(snapshot());
    let mut h = harness_of(&fake, vec2(1600.0, 1000.0));
    get(&h, Role::Row, "셀트리온").click();
    h.run();
    h.get_by_label("여는 중입니다");
    h.get_by_label_contains("셀트리온 068270 , 현재가 187,900원");
}

#[test]
fn the_bars_are_a_table_and_a_file_too() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    h.get_by_label("봉을 표로 보기").click();
    h.run();
    let view = stock(0);
    let ChartState::Ready {
        series, forming, ..
    } = &view.chart.state
    else {
        panic!("bars");
    };
    let rows = |h: &Harness<'static, App>| {
        let rows = h.query_all_by_role(Role::Row);
        rows.filter(|n| {
            let label = n.accesskit_node().label();
            label.is_some_and(|l| l.contains("시가 "))
        })
        .count()
    };
    let shown = rows(&h);
    assert!((10..80).contains(&shown), "{shown}");
    let newest = get(&h, Role::Row, "형성 중");
    let words = newest.accesskit_node().label().unwrap();
    let close = forming.as_ref().unwrap().candle.close;
    let close = jeongbae::ui::format::grouped(close);
    assert!(words.contains(&format!("종가 {close}")), "{words}");
    h.get_by_label("봉을 CSV로 저장").click();
    h.run();
    let saved = fake.saved.lock().unwrap().remove(0);
    assert_eq!(saved.name, "005930-30m-20261120.csv");
    let Content::Bytes(bytes) = saved.content else {
        panic!("a text");
    };
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + series.len() + 1);
    assert!(lines[0].ends_with("240이동평균,형성 중"));
    let sum = series.sum(series.len(), 20).unwrap();
    let average = jeongbae::ui::format::average(sum, 20).replace(',', "");
    assert_eq!(lines[series.len()].split(',').nth(6), Some(&*average));
    h.get_by_label("봉을 표로 보기").click();
    h.run();
    assert_eq!(rows(&h), 0);
}

#[test]
fn the_way_back_to_the_newest_bar_is_offered_when_away() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    assert!(h.query_by_label("최신 봉으로").is_none());
    let chart = h.get_by_role(Role::Image).rect();
    let (from, to) = (chart.center(), chart.center() + vec2(200.0, 0.0));
    h.drag_at(from);
    h.run();
    h.hover_at(to);
    h.run();
    h.drop_at(to);
    h.run();
    h.get_by_label("최신 봉으로").click();
    h.run();
    h.run();
    assert!(h.query_by_label("최신 봉으로").is_none());
}

#[test]
fn small_executions_can_be_left_out() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    let sizes = |h: &Harness<'static, App>| -> Vec<i64> {
        let size = |label: String| {
            let words = label.split(' ').nth(3)?.strip_suffix('주')?;
            words.replace(',', "").parse().ok()
        };
        h.query_all_by_role(Role::ListItem)
            .filter_map(|n| size(n.accesskit_node().label()?))
            .collect()
    };
    assert!(sizes(&h).iter().any(|&n| n < 100));
    h.get_by_label("체결 크기 고르기: 전체").click();
    h.run();
    h.get_by_role_and_label(Role::Button, "100주 이상").click();
    h.run();
    let left = sizes(&h);
    assert!(
        !left.is_empty() && left.iter().all(|&n| 100 <= n),
        "{left:?}"
    );
}

#[test]
fn long_averages_are_whole_in_every_width() {
    for width in [560.0, 700.0, 900.0, 1200.0, 1600.0] {
        let mut s = snapshot();
        let mut view = (*s.stocks[&samsung()]).clone();
        if let (ChartState::Ready { series, .. }, Some(quote)) =
            (&mut view.chart.state, &mut view.quote)
        {
            *series = Arc::new(jeongbae::bars::Series::new(bars(299, 1_406_000)));
            quote.upper_limit = Won(1_827_000);
        }
        s.stocks.insert(samsung(), Arc::new(view));
        let fake = Fake::new(s);
        let mut h = harness_of(&fake, vec2(width, 900.0));
        get(&h, Role::Row, "삼성전자").click();
        h.run();
        let mut places: Vec<egui::Rect> = Vec::new();
        for period in [20, 60, 120, 240] {
            let all = painted(&h, &format!("{period}: "));
            let [(text, place)] = &all[..] else {
                panic!("{width} {period}: {all:?}");
            };
            assert!(!text.contains('…'), "{width}: {text}");
            let digits = text.chars().filter(char::is_ascii_digit).count();
            assert!(9 <= digits, "{width}: {text}");
            assert!(place.right() <= width, "{width}: {place:?}");
            assert!(
                places.iter().all(|other| !other.intersects(*place)),
                "{width}"
            );
            places.push(*place);
        }
    }
}

#[test]
fn the_header_has_high_and_low_or_neither_and_nothing_on_top_of_them() {
    let fake = Fake::new(snapshot());
    fake.change_stock(samsung(), |v| {
        let quote = v.quote.as_mut().unwrap();
        (quote.high, quote.low) = (Won(72_300), Won(69_900));
    });
    let mut pairs = Vec::new();
    for width in [480.0, 640.0, 720.0, 787.0, 900.0, 1100.0] {
        let mut h = harness_of(&fake, vec2(width, 500.0));
        get(&h, Role::Row, "삼성전자 005930").click();
        h.run_steps(3);
        let top = get(&h, Role::Label, "삼성전자 005930 KRX").rect();
        let ends = |text: &str| {
            let mut found = painted(&h, text);
            found.retain(|(_, place)| top.contains_rect(*place));
            found
                .first()
                .map(|(_, place)| (place.left(), place.right()))
        };
        let (high, low) = (ends("72,300"), ends("69,900"));
        let limits = (ends("91,200"), ends("49,100"));
        assert_eq!(high.is_some(), low.is_some(), "at {width}");
        assert_eq!(limits.0.is_some(), limits.1.is_some(), "at {width}");
        let prices = [high, low, limits.0, limits.1];
        let last = prices.into_iter().flatten().map(|(_, right)| right);
        let tag = ends("KRX").map_or(top.right(), |(left, _)| left);
        assert!(last.fold(0.0, f32::max) < tag, "at {width}");
        pairs.push(prices.into_iter().flatten().count());
        let volume = ends("180,185").map_or(0.0, |(_, right)| right);
        assert!(volume < tag, "at {width}");
        assert_eq!(0.0 < volume, 1000.0 < width, "at {width}");
    }
    // Range and limits are there from some 750 points on, which is an ordinary window at 150 %.
    assert_eq!(pairs, [0, 2, 2, 4, 4, 4]);
}

#[test]
fn the_header_says_when_the_price_stands_at_its_limit() {
    let fake = Fake::new(snapshot());
    fake.change_stock(samsung(), |v| {
        v.nextrade = Some(false);
        if let Some(quote) = &mut v.quote {
            quote.price = quote.upper_limit;
        }
    });
    let h = opened(&fake);
    h.get_by_label_contains("NXT 거래 안 됨, 상한가");
    assert_eq!(painted(&h, "상한가").len(), 1);
}

#[test]
fn minutes_and_days_are_a_click_away_in_the_table() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    h.get_by_label("봉을 표로 보기").click();
    h.run();
    h.get_by_label("일자별").click();
    h.run();
    let daily = Command::ShowTimeframe(samsung(), Timeframe::Day);
    assert_eq!(fake.sent().last(), Some(&daily));
    h.get_by_label("시간대별").click();
    h.run();
    let minutes = Command::ShowTimeframe(samsung(), Timeframe::Minutes(1));
    assert_eq!(fake.sent().last(), Some(&minutes));
}

#[test]
fn every_timeframe_is_a_click_away() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    for frame in Timeframe::ALL {
        let name = format!("{}봉", frame.name());
        click_exactly(&mut h, Role::RadioButton, &name);
        fake.change_stock(samsung(), |v| v.timeframe = frame);
        h.run();
        assert!(is_on(&get(&h, Role::RadioButton, &name)), "{name}");
    }
    let asked: Vec<Timeframe> = fake
        .sent()
        .into_iter()
        .filter_map(|c| match c {
            Command::ShowTimeframe(code, frame) if code == samsung() => Some(frame),
            _ => None,
        })
        .collect();
    assert_eq!(asked, Timeframe::ALL);
}

#[test]
fn windows_are_open_side_by_side_each_with_its_own_timeframe() {
    let fake = Fake::new(snapshot());
    let mut h = harness_of(&fake, vec2(1600.0, 1000.0));
    press(&mut h, egui::Modifiers::NONE, Key::ArrowDown);
    press(&mut h, egui::Modifiers::NONE, Key::Enter);
    press(&mut h, egui::Modifiers::NONE, Key::ArrowDown);
    press(&mut h, egui::Modifiers::NONE, Key::Enter);
    fake.change_stock(code("000660"), |v| v.timeframe = Timeframe::Week);
    h.run();
    let on = |h: &Harness<'static, App>, name: &str| {
        let all = h.query_all_by_role(Role::RadioButton);
        all.filter(|n| n.accesskit_node().label().as_deref() == Some(name) && is_on(n))
            .count()
    };
    assert_eq!((on(&h, "30분봉"), on(&h, "주봉")), (1, 1));
    assert_eq!(h.query_all_by_label("창 닫기").count(), 2);
}

#[test]
fn the_timeframe_of_a_window_is_found_again_after_a_restart() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    click(&mut h, Role::RadioButton, "주봉");
    let shown = |fake: &Fake| -> Vec<Timeframe> {
        let frames = fake.sent().into_iter().filter_map(|command| match command {
            Command::ShowTimeframe(code, frame) if code == samsung() => Some(frame),
            _ => None,
        });
        frames.collect()
    };
    assert_eq!(shown(&fake), [Timeframe::Week]);
    let layout = h.state().0.as_ref().unwrap().layout().clone();
    assert_eq!(layout.timeframe(samsung()), Some(Timeframe::Week));

    let fake = Fake::new(snapshot());
    let options = RootOptions {
        layout,
        ..RootOptions::default()
    };
    let mut h = window(&fake, vec2(1600.0, 1000.0), options);
    h.run();
    press(&mut h, egui::Modifiers::NONE, Key::ArrowDown);
    press(&mut h, egui::Modifiers::NONE, Key::Enter);
    assert_eq!(shown(&fake), [Timeframe::Week]);
    // The window is there already: what it shows stays.
    press(&mut h, egui::Modifiers::NONE, Key::Enter);
    assert_eq!(shown(&fake), [Timeframe::Week]);
    press(&mut h, egui::Modifiers::NONE, Key::ArrowDown);
    press(&mut h, egui::Modifiers::NONE, Key::Enter);
    assert!(fake.sent().contains(&Command::OpenStock(code("000660"))));
    let other = |c: &Command| matches!(c, Command::ShowTimeframe(code, _) if *code != samsung());
    assert!(!fake.sent().iter().any(other));
}

#[test]
fn the_price_axis_turns_logarithmic_and_back() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    let gutter = |h: &Harness<'static, App>| -> Vec<i32> {
        let numbers = ["6", "7"].iter().flat_map(|start| painted(h, start));
        let chart = h.get_by_role(Role::Image).rect();
        numbers
            .filter(|(_, place)| chart.right() - 4.0 <= place.left())
            .map(|(_, place)| place.center().y as i32)
            .collect()
    };
    let linear = gutter(&h);
    let name = "가격 축을 로그로";
    click(&mut h, Role::RadioButton, name);
    assert!(is_on(&get(&h, Role::RadioButton, name)));
    assert_ne!(gutter(&h), linear);
    // Another timeframe is drawn the same way.
    fake.change_stock(samsung(), |v| v.timeframe = Timeframe::Day);
    h.run();
    assert!(is_on(&get(&h, Role::RadioButton, name)));
    fake.change_stock(samsung(), |v| v.timeframe = Timeframe::Minutes(30));
    h.run();
    click(&mut h, Role::RadioButton, name);
    assert_eq!(gutter(&h), linear);
}

#[test]
fn the_rules_price_is_drawn_where_there_is_one() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    let places = |h: &Harness<'static, App>| {
        let chart = h.get_by_role(Role::Image).rect();
        let all = painted(h, "71,100").into_iter();
        all.filter(|(_, place)| chart.y_range().contains(place.center().y))
            .filter(|(_, place)| {
                (chart.right() - 4.0..chart.right() + 90.0).contains(&place.left())
            })
            .count()
    };
    let before = places(&h);
    fake.change_stock(samsung(), |v| {
        let mut cell = row(0).threshold.unwrap();
        cell.price = Threshold::Above(Won(71_100));
        v.threshold = Some(cell);
    });
    h.run();
    assert_eq!(places(&h), before + 1);
    fake.change_stock(samsung(), |v| {
        v.threshold.as_mut().unwrap().price = Threshold::NotToday;
    });
    h.run();
    assert_eq!(places(&h), before);
}

#[test]
fn the_chart_is_saved_as_a_picture_down_to_its_corner() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    get(&h, Role::RadioButton, "차트를 PNG로 저장").click();
    // The desktop takes the picture of the whole window and hands it back.
    let mut asked = None;
    for _ in 0..4 {
        h.step();
        let output = &h.output().viewport_output[&ViewportId::ROOT];
        asked = asked.or(output.commands.iter().find_map(|command| match command {
            ViewportCommand::Screenshot(callback) => Some(callback.clone()),
            _ => None,
        }));
    }
    let whole = egui::ColorImage::filled([1_600, 1_000], egui::Color32::RED);
    asked.unwrap().complete(Arc::new(whole));
    h.run_steps(2);
    let saved = fake.saved.lock().unwrap().pop().unwrap();
    assert_eq!(saved.name, "005930-20261120-104217.png");
    let Content::Picture(picture) = saved.content else {
        panic!("no picture");
    };
    let [width, height] = picture.size;
    assert!(
        (400..1_590).contains(&width) && (300..990).contains(&height),
        "{width} {height}"
    );
    h.get_by_label("저장했습니다: /내려받기/005930-20261120-104217.png");
}

#[test]
fn the_book_marks_base_limits_and_the_expected_price() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    assert!(painted(&h, "예상 ").is_empty());
    fake.change_stock(samsung(), |v| {
        let quote = v.quote.as_mut().unwrap();
        (quote.base, quote.upper_limit, quote.lower_limit) =
            (Won(71_000), Won(71_800), Won(70_900));
        if let Part::Ready { value, .. } = &mut v.book {
            value.expected = Some(Level {
                price: Won(71_600),
                size: Shares(5_000),
            });
        }
    });
    h.run();
    let row = |label: &str| h.get_by_label_contains(label).rect();
    for (mark, price) in [
        ("기준", "71,000원"),
        ("상한", "71,800원"),
        ("하한", "70,900원"),
    ] {
        let [(_, place)] = &painted(&h, mark)[..] else {
            panic!("{mark}: {:?}", painted(&h, mark));
        };
        assert!(
            row(&format!("호가 {price}")).contains_rect(*place),
            "{mark}"
        );
    }
    assert_eq!(painted(&h, "예상 71,600 · 5,000주").len(), 1);
    let framed = h.output().shapes.iter().filter_map(|s| match &s.shape {
        egui::Shape::Rect(r) if r.stroke.color == Theme::dark().accent => Some(r.rect),
        _ => None,
    });
    let level = row("호가 71,600원");
    assert!(framed.into_iter().any(|r| level.contains_rect(r)));
    h.get_by_label("총 잔량 매도 123,456주, 매수 98,765주");
}

#[test]
fn the_pointer_over_the_book_and_new_numbers_move_no_row() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    let rows = |h: &Harness<'static, App>| -> Vec<egui::Rect> {
        let items = h.query_all_by_role(Role::ListItem);
        items
            .filter(|n| {
                n.accesskit_node()
                    .label()
                    .is_some_and(|l| l.contains("호가 "))
            })
            .map(|n| n.rect())
            .collect()
    };
    let before = rows(&h);
    assert_eq!(before.len(), 20);
    h.hover_at(before[7].center());
    h.run();
    for price in [71_500, 69_000, 98_000, 71_400] {
        fake.change_stock(samsung(), |v| {
            v.book = Part::Ready {
                value: book(v.code, price),
                at: now(),
                live: true,
            };
        });
        h.run();
        assert_eq!(rows(&h), before, "{price}");
    }
}

#[test]
fn the_header_has_range_limits_flags_and_venue() {
    let fake = Fake::new(snapshot());
    fake.change_stock(samsung(), |v| {
        let quote = v.quote.as_mut().unwrap();
        (quote.high, quote.low) = (Won(72_300), Won(69_900));
    });
    let mut h = opened(&fake);
    let top = get(&h, Role::Label, "삼성전자 005930 KRX").rect();
    let shown = |h: &Harness<'static, App>, text: &str| {
        let all = painted(h, text).into_iter();
        all.filter(|(_, place)| top.contains_rect(*place)).count()
    };
    for text in ["71,400", "72,300", "69,900", "91,200", "49,100", "KRX"] {
        assert_eq!(shown(&h, text), 1, "{text}");
    }
    for (venue, words) in [(Market::Nxt, "NXT"), (Market::Unified, "통합")] {
        fake.change_stock(samsung(), |v| v.venue = venue);
        h.run();
        get(&h, Role::Label, &format!("삼성전자 005930 {words}, 현재가"));
    }
    fake.change_stock(samsung(), |v| {
        let quote = v.quote.as_mut().unwrap();
        quote.interrupted = Some(InterruptionKind::Dynamic);
        (quote.halted, quote.off_hours) = (true, true);
        quote.freshness = Freshness::Stale;
    });
    h.run();
    for text in ["거래정지", "동적 VI 발동", "시간외", "지연 10:42:17"] {
        assert_eq!(shown(&h, text), 1, "{text}");
    }
    fake.change_stock(samsung(), |v| {
        v.quote.as_mut().unwrap().freshness = Freshness::Live;
    });
    fake.change(|s| s.link.delay = Some(Delay::Late { ms: 5_400 }));
    h.run();
    assert_eq!(shown(&h, "지연 5초"), 1);
    // Nor do the book, the executions and the list behind.
    assert_eq!(painted(&h, "실시간"), [], "nothing is live");
    // The way home: embedded, it is the window below.
    get(&h, Role::Button, "홈 창 보기 (Alt+Home)").click();
    h.run();
    h.run();
    assert!(h.query_by_label("창 닫기").is_none());
}

#[test]
fn a_narrow_window_shows_one_part_at_a_time() {
    let fake = Fake::new(snapshot());
    let mut h = harness_of(&fake, vec2(540.0, 700.0));
    get(&h, Role::Row, "삼성전자").click();
    h.run();
    h.get_by_role(Role::Image);
    for (part, sign) in [
        ("호가", "매도 1호가"),
        ("체결", "체결강도 105.12"),
        ("표", "형성 중"),
    ] {
        click_exactly(&mut h, Role::RadioButton, part);
        h.get_by_label_contains(sign);
        assert!(h.query_by_role(Role::Image).is_none(), "{part}");
    }
    click_exactly(&mut h, Role::RadioButton, "차트");
    h.get_by_role(Role::Image);
}

#[test]
fn every_size_of_executions_can_be_chosen_and_none_is_said() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    let mut before = "전체".to_owned();
    for (size, least) in [
        ("100주 이상", 100),
        ("1,000주 이상", 1_000),
        ("10,000주 이상", 10_000),
    ] {
        fake.change_stock(samsung(), |v| {
            let mut all = prints(200, 71_400, 70_200);
            all[3].size = Shares(least);
            v.prints = Part::Ready {
                value: Arc::new(all),
                at: now(),
                live: true,
            };
        });
        h.run();
        h.get_by_label(&format!("체결 크기 고르기: {before}"))
            .click();
        h.run();
        click_exactly(&mut h, Role::Button, size);
        let smallest = shown(&h)
            .iter()
            .map(|line| line.split(' ').nth(3).unwrap().replace([',', '주'], ""))
            .map(|n| n.parse::<i64>().unwrap())
            .min();
        assert!(smallest.is_some_and(|n| least <= n), "{size}: {smallest:?}");
        before = size.to_owned();
    }
    fake.change_stock(samsung(), |v| {
        v.prints = Part::Ready {
            value: Arc::default(),
            at: now(),
            live: true,
        };
    });
    h.run();
    h.get_by_label("아직 체결이 없습니다");
}

#[test]
fn each_state_of_the_chart_has_a_look_of_its_own() {
    let fake = Fake::new(snapshot());
    let mut h = opened(&fake);
    let ready = stock(0).chart;
    let bare = ChartState::Ready {
        series: Arc::default(),
        forming: None,
        trouble: None,
    };
    let mut with_trouble = ready.state.clone();
    if let ChartState::Ready { trouble: t, .. } = &mut with_trouble {
        *t = Some(trouble());
    }
    let states: [(&str, ChartState, OlderBars, usize); 6] = [
        ("full", ready.state.clone(), OlderBars::Available, 240),
        (
            "loading",
            ChartState::Loading {
                done: 3,
                planned: 60,
            },
            OlderBars::Available,
            240,
        ),
        (
            "failed",
            ChartState::Failed(trouble()),
            OlderBars::Available,
            240,
        ),
        ("failed later", with_trouble, OlderBars::Available, 240),
        ("too few", ready.state.clone(), OlderBars::End, 400),
        ("empty", bare, OlderBars::End, 240),
    ];
    let mut seen: Vec<(&str, Vec<String>)> = vec![];
    for (name, state, older, need) in states {
        fake.change_stock(samsung(), |v| {
            (v.chart.state, v.chart.older, v.chart.need) = (state, older, need);
        });
        h.run();
        let mut words: Vec<String> = painted(&h, "").into_iter().map(|(text, _)| text).collect();
        words.sort();
        assert!(!words.is_empty(), "{name} says nothing");
        for (other, said) in &seen {
            assert_ne!(*said, words, "{name} looks like {other}");
        }
        seen.push((name, words));
        // The bars stay where there are some.
        let bars = matches!(name, "full" | "failed later" | "too few");
        assert!(!bars || h.query_by_role(Role::Image).is_some(), "{name}");
    }
}
