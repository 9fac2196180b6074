//! The link's reasons, and the clock.

use super::*;
use crate::domain::{Calendar, Day, Print, Shares, Side, StockCode, Won};
use crate::engine::config::{EngineConfig, watching};
use crate::engine::effect::{Feed, Registration};
use crate::engine::event::Event;
use crate::engine::snapshot::Delay;
use crate::engine::state::Remembered;

fn code() -> StockCode {
    StockCode::parse("005930").unwrap()
}

/// One stock, its minutes held, on a Friday at 10:00:30.
fn state() -> State {
    let config = EngineConfig {
        open_days: true,
        ..watching(code())
    };
    let day = Day::from_ymd(2026, 11, 20).unwrap();
    let now = day.at(Minute::hm(10, 0)).plus_secs(30);
    let mut out = Vec::new();
    let mut state = State::new(
        config,
        Calendar::new(),
        Remembered::default(),
        now,
        &mut out,
    );
    state.apply(now, Event::Tick, &mut out);
    state
}

/// Whether closes were taken for slept through: any of them, and all of them.
fn slept(state: &State) -> (bool, bool) {
    let closes = &state.stocks[&code()].closes;
    assert!(!closes.is_empty(), "bars have closed");
    (
        closes.iter().any(|c| c.slept),
        closes.iter().all(|c| c.slept),
    )
}

#[test]
fn a_clock_set_forward_is_not_taken_for_sleep() {
    let mut out = Vec::new();
    let mut moved = state();
    let later = moved.now.plus_secs(600);
    let event = Event::ClockMoved { by_ms: 599_750 };
    moved.apply(later, event, &mut out);
    moved.apply(later, Event::Tick, &mut out);
    assert_eq!(slept(&moved), (false, false));
    let mut asleep = state();
    asleep.apply(later, Event::Tick, &mut out);
    assert_eq!(slept(&asleep), (true, true));
}

#[test]
fn a_wrong_clock_is_told_once_with_what_is_done_about_it() {
    let mut state = state();
    let mut tell = |offset: Option<i64>, corrected| {
        let rest = RestView {
            clock_offset_ms: offset,
            clock_corrected_ms: corrected,
            ..RestView::default()
        };
        let now = state.now.plus_ms(250);
        state.apply(now, Event::Rest(rest), &mut Vec::new());
        let picture = state.snapshot(std::time::Instant::now());
        let texts: Vec<String> = picture.notices.iter().map(|n| n.text.to_string()).collect();
        (picture.clock_offset_ms, texts)
    };
    assert_eq!(tell(None, 0), (None, vec![]));
    assert_eq!(tell(Some(-1_900), -1_900), (None, vec![]));
    let (offset, texts) = tell(Some(3_240), 3_240);
    assert_eq!(offset, Some(3_240));
    assert!(texts[0].contains("3.2초 늦습니다"), "{texts:?}");
    assert!(texts[0].contains("바로잡은 시각"), "{texts:?}");
    assert_eq!(tell(Some(3_300), 3_240).1.len(), 1, "not again");
    let (_, texts) = tell(Some(-7_200_000), 0);
    assert!(texts[1].contains("7200.0초 빠릅니다"), "{texts:?}");
    assert!(texts[1].contains("바로잡지 못하니"), "{texts:?}");
}

#[test]
fn another_copys_session_shows_as_connecting_with_its_reason() {
    let mut state = state();
    let mut out = Vec::new();
    let reason = crate::lang::Said::from("같은 앱 키로 다른 정배가 쓰고 있습니다");
    let news = StreamNews::Waiting {
        reason: reason.clone(),
    };
    state.apply(state.now, Event::Stream(news), &mut out);
    let reported = out.iter().any(|effect| {
        matches!(effect, Effect::Report(Report::Link { state: Shown::Connecting, reason: Some(r), .. })
            if *r == reason)
    });
    assert!(reported, "{out:?}");
    // That prices are polled meanwhile is proved with two running copies.
    state.apply(state.now, Event::Stream(StreamNews::Live), &mut out);
    assert_eq!(state.link.shown().reason, None);
}

fn print(made: u32) -> Event {
    let price = Won(71_000);
    Event::Print(Print {
        code: code(),
        day: Day::from_ymd(2026, 11, 20).unwrap(),
        second: 36_060 + made,
        price,
        size: Shares(1),
        day_volume: Shares(1_000 + i64::from(made)),
        day_value: 0,
        change: Won(0),
        day_open: price,
        day_high: price,
        day_low: price,
        side: Side::Buy,
        strength: 10_000,
        regular: true,
        halted: false,
    })
}

#[test]
fn a_live_link_that_brings_nothing_or_brings_it_late_says_so() {
    let mut state = state();
    let mut out = Vec::new();
    let mut apply = |state: &mut State, seconds: i64, event: Event| {
        let at = Day::from_ymd(2026, 11, 20).unwrap().at(Minute::hm(10, 1));
        state.apply(at.plus_secs(seconds), event, &mut out);
        state.snapshot(std::time::Instant::now()).link
    };
    let rest = RestView {
        clock_offset_ms: Some(0),
        ..RestView::default()
    };
    apply(&mut state, 0, Event::Rest(rest));
    let link = apply(&mut state, 0, Event::Stream(StreamNews::Live));
    assert_eq!((link.state, link.delay), (Shown::Live, None));
    assert_eq!(apply(&mut state, 2, print(1)).delay, None);
    assert_eq!(
        apply(&mut state, 9, print(4)).delay,
        Some(Delay::Late { ms: 5_000 })
    );
    apply(&mut state, 20, Event::Stream(StreamNews::Heartbeat));
    apply(&mut state, 32, Event::Stream(StreamNews::Heartbeat));
    assert_eq!(apply(&mut state, 50, Event::Tick).delay, None);
    assert_eq!(
        apply(&mut state, 57, Event::Tick).delay,
        Some(Delay::Silent { ms: 25_000 })
    );
    let lost = StreamNews::Lost {
        reason: "끊김".into(),
        retry_secs: 1,
    };
    let link = apply(&mut state, 58, Event::Stream(lost));
    assert_eq!((link.state, link.delay), (Shown::Reconnecting, None));
}

#[test]
fn a_price_of_the_link_is_cut_with_it_until_somebody_asks_for_one() {
    let mut state = state();
    let mut fresh = |seconds: i64, event: Event| {
        let at = Day::from_ymd(2026, 11, 20).unwrap().at(Minute::hm(10, 1));
        state.apply(at.plus_secs(seconds), event, &mut Vec::new());
        let shown = state.snapshot(std::time::Instant::now());
        shown.rows[0].quote.map(|quote| quote.freshness)
    };
    let registration = Registration {
        feed: Feed::Prints,
        code: code(),
    };
    fresh(0, Event::Stream(StreamNews::Live));
    fresh(1, Event::Stream(StreamNews::Confirmed(registration)));
    assert_eq!(fresh(2, print(1)), Some(Freshness::Live));
    let lost = StreamNews::Lost {
        reason: "끊김".into(),
        retry_secs: 1,
    };
    assert_eq!(fresh(4, Event::Stream(lost)), Some(Freshness::Cut));
    assert_eq!(
        fresh(5, Event::Stream(StreamNews::Live)),
        Some(Freshness::Cut)
    );
    assert_eq!(fresh(60, Event::Tick), Some(Freshness::Stale));
    fresh(61, Event::Stream(StreamNews::Confirmed(registration)));
    assert_eq!(fresh(62, print(61)), Some(Freshness::Live));
}

#[test]
fn a_feed_that_cannot_be_read_is_told_of_now_and_then_and_ends_what_is_known_to_be_whole() {
    let mut state = state();
    let print = Registration {
        feed: Feed::Prints,
        code: code(),
    };
    let mut out = Vec::new();
    let confirmed = Event::Stream(StreamNews::Confirmed(print));
    state.apply(state.now, confirmed, &mut out);
    out.clear();
    for _ in 0..200 {
        let now = state.now.plus_ms(100);
        let failure = Failure {
            text: "읽을 수 없습니다".into(),
            tr_id: "H0STCNT0".to_owned(),
            msg_cd: String::new(),
            msg1: String::new(),
            http: 0,
            retry_ms: None,
        };
        let unreadable = Event::Stream(StreamNews::Unreadable(failure));
        state.apply(now, unreadable, &mut out);
        assert_eq!(state.stocks[&code()].feed.complete_since, Some(now));
    }
    let told = |effect: &&Effect| matches!(effect, Effect::Report(Report::Error { .. }));
    assert_eq!(out.iter().filter(told).count(), 4);
}
