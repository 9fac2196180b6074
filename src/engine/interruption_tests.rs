//! When a row says that its stock is in a volatility interruption, and when no longer.

use std::time::Instant;

use super::*;
use crate::domain::{
    Calendar, Day, LEVELS, Level, Minute, Print, Quote, Shares, Side, StockCode, Won,
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
        day_volume: Shares(11),
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
fn shown(state: &mut State, now: Moment) -> bool {
    state.apply(now, Event::Tick, &mut Vec::new());
    let snapshot = state.snapshot(Instant::now());
    snapshot.rows[0].quote.unwrap().interrupted
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
