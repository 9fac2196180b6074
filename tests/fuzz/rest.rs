//! Bodies of REST answers. The first byte chooses the parser and the HTTP status.

use jeongbae::bars::Series;
use jeongbae::domain::{
    Bar, Candle, DailyRow, Interruption, MinuteRow, Moment, Quote, StockCode, Won, price_limits,
};
use jeongbae::kis::parse;
use jeongbae::kis::{KisError, RecentPrint};

use crate::is_named;

/// The parsers, in the order of their numbers.
pub(crate) const PARSERS: [&str; 15] = [
    "inquire-price",
    "inquire-asking-price-exp-ccn",
    "inquire-ccnl",
    "inquire-daily-itemchartprice",
    "inquire-time-itemchartprice",
    "inquire-time-dailychartprice",
    "tokenP",
    "Approval",
    "rows inquire-daily-itemchartprice",
    "rows inquire-time-dailychartprice",
    "rows inquire-ccnl",
    "error",
    "intstock-multprice",
    "chk-holiday",
    "inquire-vi-status",
];

/// What a secret begins with in the seeds. No error may repeat it.
pub(crate) const SECRET: &str = "SECRETSECRET";

pub(crate) fn run(data: &[u8]) {
    let Some((&which, body)) = data.split_first() else {
        return;
    };
    let Some(asked) = StockCode::parse("005930") else {
        return;
    };
    let http = if which < 0x80 { 200 } else { 500 };
    match usize::from(which & 0x7f) % PARSERS.len() {
        0 => judge(parse::quote(http, body, asked), |found| quote(&found)),
        1 => judge(parse::book(http, body, asked), |book| {
            for level in book.asks.iter().chain(&book.bids) {
                assert!(0 <= level.price.0 && 0 <= level.size.0);
            }
            let sum = |levels: &[jeongbae::domain::Level]| -> i64 {
                levels.iter().map(|level| level.size.0).sum()
            };
            assert!(0 <= sum(&book.asks) + sum(&book.bids));
        }),
        2 => judge(parse::recent_prints(http, body), |rows| recent(&rows)),
        3 => judge(parse::period_chart(http, body, asked), |page| {
            days(&page.rows)
        }),
        4 => judge(parse::minutes_today(http, body, asked), |page| {
            minutes(&page.rows)
        }),
        5 => judge(parse::minutes_dated(http, body, asked), |page| {
            minutes(&page.rows)
        }),
        6 => secret(parse::token(http, body), |answer| {
            // Any clock may be asked when the token ends.
            assert!(Moment(0) < answer.ends(Moment(0)));
        }),
        7 => secret(parse::approval(http, body), |_| ()),
        8 => judge(parse::daily_rows(body), |rows| days(&rows)),
        9 => judge(parse::minute_rows(body), |rows| minutes(&rows)),
        10 => judge(parse::recent_rows(body), |rows| recent(&rows)),
        11 => judge(parse::verdict(http, body), |()| ()),
        12 => judge(parse::quotes(http, body, &[asked]), |found| {
            for (_, outcome) in found {
                judge(outcome, |found| quote(&found));
            }
        }),
        14 => judge(parse::interruptions(http, body), |rows| {
            // Both times are of the day that the row names.
            let ended = |row: &Interruption| row.ended.unwrap_or(row.began).day();
            assert!(rows.iter().all(|row| ended(row) == row.began.day()));
        }),
        _ => judge(parse::holidays(http, body, None), |(days, _)| {
            assert!(days.windows(2).all(|pair| pair[0].day < pair[1].day));
        }),
    }
}

fn judge<T>(outcome: Result<T, KisError>, check: impl FnOnce(T)) {
    match outcome {
        Ok(found) => check(found),
        Err(error) => is_named(&error),
    }
}

/// As [`judge`], and what the broker did not say as its own words is never repeated.
fn secret<T>(outcome: Result<T, KisError>, check: impl FnOnce(T)) {
    if let Err(error) = &outcome
        && !matches!(error, KisError::Refused { .. })
    {
        let told = error.to_string();
        assert!(!told.contains(SECRET), "a secret is told: {told}");
    }
    judge(outcome, check);
}

fn quote(quote: &Quote) {
    assert!(0 < quote.price.0 && quote.day_low <= quote.day_high);
    let (low, high) = price_limits(quote.base);
    assert!(low <= high || quote.base < Won(1), "{:?}", quote.base);
    assert!(0 <= quote.day_volume.0 && 0 <= quote.day_value);
}

fn recent(rows: &[RecentPrint]) {
    for row in rows {
        assert!(0 < row.price.0 && 0 <= row.size.0 && row.second < 86_400);
        assert!(row.price.0.checked_sub(row.change.0).is_some());
    }
}

fn days(rows: &[DailyRow]) {
    assert!(rows.windows(2).all(|pair| pair[0].day < pair[1].day));
    for row in rows {
        assert_eq!(
            jeongbae::domain::Day::parse_compact(&row.day.compact()),
            Some(row.day)
        );
        let _ = (
            row.day.monday(),
            row.day.first_of_month(),
            row.day.weekday(),
        );
    }
    add_up(rows.iter().map(|row| row.candle));
}

fn minutes(rows: &[MinuteRow]) {
    let at = |row: &MinuteRow| (row.day, row.minute);
    assert!(rows.windows(2).all(|pair| at(&pair[0]) < at(&pair[1])));
    assert!(rows.iter().all(|row| row.minute.0 < 1_440));
    add_up(rows.iter().map(|row| row.candle));
}

/// What bars do with rows: joined and summed, nothing may overflow.
fn add_up(candles: impl Iterator<Item = Candle>) {
    let mut series = Series::default();
    let mut whole: Option<Candle> = None;
    for candle in candles {
        assert!(candle.is_sound(), "{candle:?}");
        match &mut whole {
            Some(whole) => whole.absorb(&candle),
            None => whole = Some(candle),
        }
        series.push(Bar {
            opened: Moment(0),
            candle,
            synthetic: false,
        });
    }
    if let Some(whole) = whole {
        assert!(whole.is_sound(), "{whole:?}");
        assert!(series.sum(series.len(), series.len()).is_some());
    }
}
