//! The whole market: what is asked for, when, and what comes of it.

use super::*;
use crate::domain::Listing;
use crate::engine::config::{EngineConfig, plain};
use crate::engine::state::Remembered;
use crate::search::Index;

/// A list of stocks of these codes and papers; the first is the largest company.
fn listing(stocks: &[(&str, Paper)]) -> Arc<Index> {
    let stocks = stocks.iter().enumerate().map(|(i, (code, paper))| {
        let code = StockCode::parse(code).unwrap();
        let mut stock = ListedStock::plain(code, &format!("종목{i}"), Board::Kospi);
        stock.paper = *paper;
        stock.market_cap = Some(1_000 - i as i64);
        stock
    });
    let received = Some(Moment(1));
    Arc::new(Index::new(Arc::new(Listing::new(
        stocks.collect(),
        received,
    ))))
}

fn code(text: &str) -> StockCode {
    StockCode::parse(text).unwrap()
}

/// Friday, 2026-11-20, in the session.
fn friday() -> Day {
    Day::from_ymd(2026, 11, 20).unwrap()
}

fn state(stocks: &[(&str, Paper)]) -> State {
    let config = EngineConfig {
        open_days: true,
        requests_per_second: 8.0,
        market_fill: true,
        ..plain()
    };
    let now = friday().at(Minute::hm(10, 0));
    let mut out = Vec::new();
    let mut state = State::new(
        config,
        Calendar::new(),
        Remembered::default(),
        now,
        &mut out,
    );
    state.names.index = listing(stocks);
    state.history_wanted = false;
    state
}

fn asks(out: &[Effect]) -> Vec<(StockCode, Day)> {
    let ask = |effect: &Effect| match effect {
        Effect::FetchCloses { code, to } => Some((*code, *to)),
        _ => None,
    };
    out.iter().filter_map(ask).collect()
}

fn look(state: &mut State) -> Vec<Effect> {
    let mut out = Vec::new();
    state.look_at_whole_market(&mut out);
    out
}

/// The broker's page of these closes on the open days up to `to`.
fn answer(state: &mut State, code: StockCode, to: Day, closes: &[i64]) -> Vec<Effect> {
    answer_until(state, code, (to, to), closes)
}

/// As [`answer`] where the newest row is older than what was asked for.
fn answer_until(
    state: &mut State,
    code: StockCode,
    (to, last): (Day, Day),
    closes: &[i64],
) -> Vec<Effect> {
    let mut days = state.calendar.open_days_before(last.plus(1), closes.len());
    days.reverse();
    let rows = days.into_iter().zip(closes).map(|(day, &close)| DailyRow {
        day,
        candle: Candle {
            open: close,
            high: close,
            low: close,
            close,
            volume: 1,
        },
    });
    let answer = Ok(Timed {
        value: Rows {
            name: None,
            rows: rows.collect(),
        },
        sent: state.now,
        answered: state.now,
    });
    let mut out = Vec::new();
    state.on_closes(code, to, answer, &mut out);
    out
}

#[test]
fn the_largest_come_first_and_what_is_held_is_never_asked_for_again() {
    let mut state = state(&[
        ("000660", Paper::Share),
        ("005930", Paper::Share),
        ("069500", Paper::Etf),
        ("500001", Paper::Etn),
    ]);
    let thursday = friday().plus(-1);
    assert!(
        matches!(look(&mut state)[..], [Effect::LoadCloses]),
        "held first"
    );
    // Everything 005930 needs is in the data folder.
    let days = state.calendar.open_days_before(friday(), 40);
    let rows = days.iter().rev().map(|day| (*day, 100));
    let held = DayCloses::new(rows, false);
    state.on_closes_loaded(vec![(code("005930"), held)]);
    // Two at once: a quarter of a second's requests. Notes are left out.
    assert_eq!(
        asks(&look(&mut state)),
        [(code("000660"), thursday), (code("069500"), thursday)]
    );
    assert_eq!(asks(&look(&mut state)), [], "under way");
    // A short page: the stock is that young. The running day is left out.
    let out = answer(&mut state, code("000660"), thursday, &[10, 20, 30]);
    let Some(Effect::SaveCloses { closes, .. }) = out.first() else {
        panic!("{out:?}");
    };
    assert_eq!((closes.newest(), closes.ended), (Some(thursday), true));
    answer(&mut state, code("069500"), thursday, &[30, 20, 10, 5]);
    assert_eq!(asks(&look(&mut state)), [], "all is here");
    state.whole_market.show(true);
    look(&mut state);
    let view = state.whole_market.view();
    assert_eq!((view.listed, view.complete, view.loaded), (3, 3, true));
    assert_eq!(view.session, thursday);
    let row = |code| view.rows.iter().find(|row| row.code == code).unwrap();
    // Averages over 2 and 3 closes: 25 and 20.
    let rising = row(code("000660"));
    assert_eq!(rising.state, Alignment::Bullish);
    assert!(rising.is_new());
    assert_eq!(rising.change_basis_points, Some(5_000));
    let falling = row(code("069500"));
    assert_eq!((falling.state, falling.age), (Alignment::Bearish, 2));
    assert!(falling.is_etf && !falling.is_new());
    assert_eq!(falling.change_basis_points, Some(-5_000));
}

#[test]
fn who_holds_nothing_yet_learns_so_and_can_ask_for_it() {
    let mut state = state(&[("000660", Paper::Share)]);
    state.whole_market.set_fill(false);
    state.whole_market.show(true);
    look(&mut state);
    assert!(!state.whole_market.view().loaded, "being read");
    state.on_closes_loaded(vec![]);
    look(&mut state);
    let view = state.whole_market.view();
    assert!(view.loaded && !view.filling && view.rows.is_empty());
}

#[test]
fn nothing_is_asked_while_a_watched_stock_wants_history_or_nobody_wants_it() {
    let mut state = state(&[("000660", Paper::Share)]);
    look(&mut state);
    state.on_closes_loaded(vec![]);
    state.history_wanted = true;
    assert_eq!(asks(&look(&mut state)), []);
    state.history_wanted = false;
    state.whole_market.set_fill(false);
    assert_eq!(asks(&look(&mut state)), []);
    state.whole_market.set_fill(true);
    assert_eq!(asks(&look(&mut state)).len(), 1);
}

#[test]
fn a_halted_stock_is_asked_for_once_a_session_and_a_failure_waits() {
    let mut state = state(&[("000660", Paper::Share)]);
    let thursday = friday().plus(-1);
    look(&mut state);
    state.on_closes_loaded(vec![]);
    assert_eq!(asks(&look(&mut state)).len(), 1);
    let failure = Failure {
        text: "끊김".into(),
        tr_id: String::new(),
        msg_cd: String::new(),
        msg1: String::new(),
        http: 500,
        retry_ms: Some(1_000),
    };
    state.on_closes(code("000660"), thursday, Err(failure), &mut Vec::new());
    assert_eq!(asks(&look(&mut state)), []);
    state.now = state.now.plus_ms(AGAIN_MS);
    assert_eq!(asks(&look(&mut state)), [(code("000660"), thursday)]);
    // Its last close is of a week ago; the answer goes back to its beginning.
    let last = thursday.plus(-7);
    answer_until(&mut state, code("000660"), (thursday, last), &[10, 20]);
    assert_eq!(
        asks(&look(&mut state)),
        [],
        "no row of a halted stock will come"
    );
    // After the next session it is asked for again.
    state.now = friday().at(Minute::hm(16, 30));
    assert_eq!(asks(&look(&mut state)), [(code("000660"), friday())]);
}

#[test]
fn a_rescaled_past_is_fetched_anew() {
    let mut state = state(&[("000660", Paper::Share)]);
    let thursday = friday().plus(-1);
    let wednesday = friday().plus(-2);
    look(&mut state);
    let days = state.calendar.open_days_before(thursday, 40);
    let held = DayCloses::new(days.iter().rev().map(|day| (*day, 500)), true);
    assert_eq!(held.newest(), Some(wednesday));
    state.on_closes_loaded(vec![(code("000660"), held)]);
    assert_eq!(asks(&look(&mut state)), [(code("000660"), thursday)]);
    // A full page in which every close is a fifth.
    let full = vec![100; state.config.pages.period];
    let out = answer(&mut state, code("000660"), thursday, &full);
    let Some(Effect::SaveCloses { closes, .. }) = out.first() else {
        panic!("{out:?}");
    };
    assert!(closes.rows().iter().all(|(_, close)| *close == 100));
}
