//! Days with holes, halts and late rows.

use super::*;
use crate::domain::{Calendar, ClosingAuction, Market};

fn day() -> Day {
    Day::parse_compact("20261120").unwrap()
}

fn hours(market: Market) -> SessionHours {
    Calendar::new().hours(day(), market).unwrap()
}

fn fold() -> BarRules {
    BarRules {
        auction: ClosingAuction::Fold,
        regular_session_only: true,
    }
}

/// A row that opens at `price`, reaches 3 above and 2 below and closes 1 above.
fn row(h: u16, m: u16, price: i64) -> MinuteRow {
    MinuteRow {
        day: day(),
        minute: Minute::hm(h, m),
        candle: Candle {
            open: price,
            high: price + 3,
            low: price - 2,
            close: price + 1,
            volume: 10,
        },
    }
}

fn filler(h: u16, m: u16, price: i64) -> MinuteRow {
    MinuteRow {
        candle: Candle::flat(price),
        ..row(h, m, price)
    }
}

/// Opening, close, volume and whether it is synthetic.
fn told(bars: &[Bar]) -> Vec<(String, i64, i64, bool)> {
    bars.iter()
        .map(|b| {
            let at = b.opened.minute().to_string();
            (at, b.candle.close, b.candle.volume, b.synthetic)
        })
        .collect()
}

fn closed(rules: BarRules, minutes: u16, rows: &[MinuteRow], upto: Minute) -> Vec<Bar> {
    rules.fold_day(&hours(Market::Krx), day(), minutes, rows, Some(500), upto)
}

#[test]
fn rows_of_a_slot_make_one_bar() {
    let rows = [
        row(9, 0, 100),
        row(9, 7, 120),
        row(9, 29, 90),
        row(9, 30, 70),
    ];
    let bars = closed(fold(), 30, &rows, Minute::hm(9, 30));
    let candle = Candle {
        open: 100,
        high: 123,
        low: 88,
        close: 91,
        volume: 30,
    };
    assert_eq!(bars.len(), 1);
    assert_eq!(bars[0].candle, candle);
    assert_eq!(bars[0].opened, day().at(Minute::hm(9, 0)));
}

#[test]
fn a_bar_without_a_trade_is_flat_and_counts_once_the_day_has_traded() {
    let rows = [filler(9, 0, 500), row(10, 5, 600), filler(10, 31, 601)];
    assert_eq!(closed(fold(), 30, &rows[..1], Minute::hm(10, 0)), []);
    let bars = closed(fold(), 30, &rows, Minute::hm(11, 0));
    let expected = [
        ("09:00", 500, 0, true),
        ("09:30", 500, 0, true),
        ("10:00", 601, 10, false),
        ("10:30", 601, 0, true),
    ];
    assert_eq!(
        told(&bars),
        expected.map(|(a, b, c, d)| (a.to_owned(), b, c, d))
    );
}

#[test]
fn without_a_close_before_it_a_day_begins_with_its_first_trade() {
    let rows = [row(10, 5, 600)];
    let bars = fold().fold_day(
        &hours(Market::Krx),
        day(),
        30,
        &rows,
        None,
        Minute::hm(11, 0),
    );
    assert_eq!(told(&bars)[0], ("10:00".to_owned(), 601, 10, false));
    assert_eq!(bars.len(), 2);
}

#[test]
fn a_halted_day_has_no_bars() {
    let rows: Vec<_> = (0..30).map(|m| filler(9, m, 500)).collect();
    assert_eq!(closed(fold(), 30, &rows, Minute::hm(20, 0)), []);
    assert_eq!(closed(fold(), 30, &[], Minute::hm(20, 0)), []);
    assert_eq!(fold().fold_session(&hours(Market::Krx), day(), &rows), None);
    // What only trades outside the session is not trading for regular bars.
    assert_eq!(closed(fold(), 30, &[row(16, 5, 1)], Minute::hm(20, 0)), []);
}

#[test]
fn the_auction_folds_or_stands_alone() {
    let rows = [
        row(15, 19, 700),
        row(15, 25, 1),
        row(15, 30, 800),
        row(16, 5, 900),
    ];
    let folded = closed(fold(), 30, &rows, Minute::hm(15, 31));
    assert_eq!(told(&folded)[12], ("15:00".to_owned(), 801, 20, false));
    assert_eq!(closed(fold(), 30, &rows, Minute::hm(15, 30)).len(), 12);
    let own = BarRules {
        auction: ClosingAuction::OwnBar,
        ..fold()
    };
    let bars = closed(own, 30, &rows, Minute::hm(15, 31));
    assert_eq!(told(&bars)[12], ("15:00".to_owned(), 701, 10, false));
    assert_eq!(told(&bars)[13], ("15:30".to_owned(), 801, 10, false));
    assert_eq!(closed(own, 30, &rows, Minute::hm(15, 20)).len(), 13);
    assert_eq!(closed(fold(), 1, &rows, Minute::hm(15, 31)).len(), 381);
    let session = fold()
        .fold_session(&hours(Market::Krx), day(), &rows)
        .unwrap();
    assert_eq!(
        (session.open, session.close, session.volume),
        (700, 801, 20)
    );
}

#[test]
fn a_missing_auction_row_leaves_the_bar_as_it_was() {
    let rows = [row(15, 19, 700), filler(15, 30, 700)];
    for rows in [&rows[..1], &rows[..]] {
        let bars = closed(fold(), 30, rows, Minute::hm(15, 31));
        assert_eq!(told(&bars)[12], ("15:00".to_owned(), 701, 10, false));
        let minute = closed(fold(), 1, rows, Minute::hm(15, 31));
        assert_eq!(told(&minute)[380], ("15:30".to_owned(), 701, 0, true));
    }
}

#[test]
fn outside_the_session_only_trades_make_bars() {
    let rules = BarRules {
        regular_session_only: false,
        ..fold()
    };
    let rows = [
        row(8, 10, 100),
        row(9, 0, 200),
        row(15, 30, 300),
        row(18, 15, 400),
    ];
    let bars = closed(rules, 60, &rows, Minute::hm(20, 0));
    let openings: Vec<_> = told(&bars).into_iter().map(|b| b.0).collect();
    let expected = "08:00 09:00 10:00 11:00 12:00 13:00 14:00 15:00 18:00";
    assert_eq!(openings.join(" "), expected);
    let session = rules
        .fold_session(&hours(Market::Krx), day(), &rows)
        .unwrap();
    assert_eq!((session.open, session.close), (100, 401));
}

#[test]
fn rows_of_another_day_are_passed_over() {
    let mut other = row(9, 0, 1);
    other.day = day().plus(-1);
    let bars = closed(fold(), 240, &[other, row(9, 1, 100)], Minute::hm(15, 31));
    assert_eq!(bars[0].candle.open, 100);
    assert_eq!(bars.len(), 2);
}

#[test]
fn a_row_out_of_order_holds_up_nothing() {
    let rows = [row(10, 0, 600), row(9, 0, 500), row(10, 30, 700)];
    let bars = closed(fold(), 30, &rows, Minute::hm(11, 0));
    let closes: Vec<_> = bars.iter().map(|b| b.candle.close).collect();
    assert_eq!(closes, [500, 500, 601, 701]);
}
