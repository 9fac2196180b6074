//! When a row says that its stock is in a volatility interruption, and when no longer.

use std::time::Instant;

use super::*;
use crate::domain::{
    Calendar, Day, InterruptionKind, LEVELS, Level, Minute, Print, Quote, Shares, Side, StockCode,
    Won,
};
use crate::engine::config::{EngineConfig, watching};
use crate::engine::event::{Event, Timed};
use crate::engine::state::Remembered;

fn code() -> StockCode {
    StockCode::parse("005930").unwrap()
}

fn at(hour: u16, minute: u16, second: i64) -> Moment {
    let day = Day::from_ymd(2026, 11, 20).unwrap();
    day.at(Minute::hm(hour, minute)).plus_secs(second)
}

/// One stock on the list.
fn state(now: Moment) -> State {
    let config = EngineConfig {
        headless: false,
        ..watching(code())
    };
    let remembered = Remembered::default();
    State::new(config, Calendar::new(), remembered, now, &mut Vec::new())
}

fn quoted(state: &mut State, now: Moment, interrupted: Option<bool>) {
    let quote = Quote {
        code: code(),
        price: Won(70_000),
        change: Won(0),
        base: Won(70_000),
        day_open: Won(70_000),
        day_high: Won(70_000),
        day_low: Won(70_000),
        upper_limit: Won(91_000),
        lower_limit: Won(49_000),
        day_volume: Shares(10),
        day_value: 700_000,
        halted: Some(false),
        interrupted,
    };
    let event = Event::Quoted {
        code: code(),
        answer: Ok(Timed {
            value: quote,
            sent: now,
            answered: now,
        }),
    };
    state.apply(now, event, &mut Vec::new());
}

fn booked(state: &mut State, now: Moment, expected: bool) {
    let book = OrderBook {
        code: code(),
        second: now.second_of_day(),
        asks: [Level::default(); LEVELS],
        bids: [Level::default(); LEVELS],
        total_ask: Shares(0),
        total_bid: Shares(0),
        expected: expected.then_some(Level {
            price: Won(70_500),
            size: Shares(3),
        }),
    };
    state.apply(now, Event::Book(book), &mut Vec::new());
}

fn printed(state: &mut State, now: Moment) {
    let print = Print {
        code: code(),
        day: now.day(),
        second: now.second_of_day(),
        price: Won(70_500),
        change: Won(500),
        size: Shares(1),
        side: Side::Buy,
        // Ever more: a print with the volume of an earlier one is that one again.
        day_volume: Shares(i64::from(now.second_of_day())),
        day_value: 770_500,
        day_open: Won(70_000),
        day_high: Won(70_500),
        day_low: Won(70_000),
        strength: 10_000,
        regular: true,
        halted: false,
    };
    state.apply(now, Event::Print(print), &mut Vec::new());
}

/// What the row says at `now`.
fn kind(state: &mut State, now: Moment) -> Option<InterruptionKind> {
    state.apply(now, Event::Tick, &mut Vec::new());
    let snapshot = state.snapshot(Instant::now());
    snapshot.rows[0].quote.unwrap().interrupted
}

fn shown(state: &mut State, now: Moment) -> bool {
    kind(state, now).is_some()
}

/// A line of the broker's list.
fn line(kind: InterruptionKind, began: Moment, ended: Option<Moment>) -> Listed {
    Listed {
        code: code(),
        kind,
        began,
        ended,
        on: ended.is_none(),
    }
}

fn listed(state: &mut State, now: Moment, lines: &[Listed]) {
    let timed = Timed {
        value: lines.to_vec(),
        sent: now,
        answered: now,
    };
    state.apply(now, Event::Interruptions(Ok(timed)), &mut Vec::new());
}

#[test]
fn a_quote_starts_and_ends_it() {
    let mut state = state(at(10, 0, 0));
    quoted(&mut state, at(10, 0, 1), Some(false));
    assert!(!shown(&mut state, at(10, 0, 2)));
    quoted(&mut state, at(10, 0, 6), Some(true));
    assert!(shown(&mut state, at(10, 0, 7)));
    // The quote of many stocks does not tell.
    quoted(&mut state, at(10, 0, 11), None);
    assert!(shown(&mut state, at(10, 0, 12)));
    quoted(&mut state, at(10, 2, 20), Some(false));
    assert!(!shown(&mut state, at(10, 2, 21)));
}

#[test]
fn a_book_with_an_expected_match_starts_it_and_the_next_print_ends_it() {
    let mut state = state(at(10, 0, 0));
    quoted(&mut state, at(10, 0, 1), Some(false));
    booked(&mut state, at(10, 0, 3), true);
    assert!(shown(&mut state, at(10, 1, 0)));
    printed(&mut state, at(10, 2, 9));
    assert!(!shown(&mut state, at(10, 2, 10)));
    booked(&mut state, at(10, 30, 3), true);
    booked(&mut state, at(10, 32, 3), false);
    assert!(!shown(&mut state, at(10, 32, 4)));
}

#[test]
fn auctions_of_every_day_are_none() {
    let mut state = state(at(8, 50, 0));
    booked(&mut state, at(8, 55, 0), true);
    // The stock opens late.
    booked(&mut state, at(9, 0, 10), true);
    quoted(&mut state, at(9, 0, 30), Some(false));
    assert!(!shown(&mut state, at(9, 0, 31)));
    booked(&mut state, at(15, 25, 0), true);
    assert!(!shown(&mut state, at(15, 25, 1)));
}

#[test]
fn nobody_says_so_any_more_when_nothing_has_been_heard_for_long() {
    let mut state = state(at(10, 0, 0));
    quoted(&mut state, at(10, 0, 1), Some(true));
    assert!(shown(&mut state, at(10, 2, 30)));
    assert!(!shown(&mut state, at(10, 5, 0)));
}

#[test]
fn the_list_tells_the_kind_and_the_end() {
    let mut state = state(at(10, 0, 0));
    quoted(&mut state, at(10, 0, 1), Some(false));
    let began = at(10, 0, 30);
    // The trade that set it off arrives after it began.
    printed(&mut state, began.plus_ms(700));
    listed(
        &mut state,
        at(10, 0, 40),
        &[line(InterruptionKind::Dynamic, began, None)],
    );
    let now = at(10, 0, 41);
    assert_eq!(kind(&mut state, now), Some(InterruptionKind::Dynamic));
    // What tells only that there is one leaves its kind.
    booked(&mut state, at(10, 0, 50), true);
    let now = at(10, 0, 51);
    assert_eq!(kind(&mut state, now), Some(InterruptionKind::Dynamic));
    let over = line(InterruptionKind::Dynamic, began, Some(at(10, 2, 40)));
    listed(&mut state, at(10, 2, 45), &[over]);
    assert_eq!(kind(&mut state, at(10, 2, 46)), None);
    // The end of the first is still in the list when the second begins.
    let second = line(InterruptionKind::Static, at(10, 30, 0), None);
    listed(&mut state, at(10, 30, 10), &[second, over]);
    let now = at(10, 30, 11);
    assert_eq!(kind(&mut state, now), Some(InterruptionKind::Static));
    listed(&mut state, at(10, 30, 20), &[over]);
    assert!(shown(&mut state, at(10, 30, 21)), "not the end of this one");
    // A list that lags behind a trade made since.
    printed(&mut state, at(10, 32, 10));
    listed(&mut state, at(10, 32, 12), &[second]);
    assert!(!shown(&mut state, at(10, 32, 13)));
    let yesterday = Day::from_ymd(2026, 11, 19).unwrap().at(Minute::hm(15, 0));
    listed(
        &mut state,
        at(10, 40, 0),
        &[line(InterruptionKind::Static, yesterday, None)],
    );
    assert!(!shown(&mut state, at(10, 40, 1)));
}

#[test]
fn the_list_is_asked_for_calmly_in_trading_where_the_host_has_it() {
    let asked = |has: bool, from: Moment, seconds: i64, answer: &dyn Fn(&mut State, Moment)| {
        let config = EngineConfig {
            interruptions: has,
            ..watching(code())
        };
        let mut out = Vec::new();
        let remembered = Remembered::default();
        let mut state = State::new(config, Calendar::new(), remembered, from, &mut out);
        let mut times = 0;
        for second in 0..seconds {
            let now = from.plus_secs(second);
            out.clear();
            state.apply(now, Event::Tick, &mut out);
            let fetch = |e: &&Effect| matches!(e, Effect::FetchInterruptions { .. });
            let count = out.iter().filter(fetch).count();
            times += count;
            if 0 < count {
                answer(&mut state, now);
            }
        }
        times
    };
    let answered = |state: &mut State, now: Moment| listed(state, now, &[]);
    let refused = |state: &mut State, now: Moment| {
        let failure = Failure {
            text: "no".into(),
            tr_id: String::new(),
            msg_cd: String::new(),
            msg1: String::new(),
            http: 200,
            retry_ms: None,
        };
        state.apply(now, Event::Interruptions(Err(failure)), &mut Vec::new());
    };
    assert_eq!(asked(true, at(10, 0, 0), 60, &answered), 4);
    assert_eq!(
        asked(true, at(10, 0, 0), 60, &|_, _| ()),
        1,
        "no answer yet"
    );
    assert_eq!(asked(true, at(10, 0, 0), 590, &refused), 1);
    assert_eq!(
        asked(false, at(10, 0, 0), 60, &answered),
        0,
        "the paper host"
    );
    assert_eq!(
        asked(true, at(8, 30, 0), 1_799, &answered),
        0,
        "before the session"
    );
    assert_eq!(
        asked(true, at(15, 21, 0), 900, &answered),
        0,
        "in the closing auction"
    );
}
