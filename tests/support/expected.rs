//! The right answers, from the market's rows alone: bars, averages and crossings computed here
//! in the plainest way, without the program's bars, indicators and conditions.

use jeongbae::domain::{Day, Minute, MinuteRow, Moment, StockCode};
use jeongbae::sim::Market;

/// A finished bar: opening and close.
pub type Close = (Moment, i64);

/// The closes of the bars of `minutes` minutes of a day, oldest first. The bars begin at the
/// day's first minute. The closing auction, ten minutes after the row before it, belongs to the
/// last continuous bar, except on one minute.
pub fn closes_of_day(market: &Market, code: StockCode, day: Day, minutes: u16) -> Vec<Close> {
    closes_of_rows(&market.minutes(code, day), minutes)
}

/// As [`closes_of_day`], of the rows of one day.
pub fn closes_of_rows(rows: &[MinuteRow], minutes: u16) -> Vec<Close> {
    let (day, open) = (rows[0].day, rows[0].minute.0);
    let mut closes: Vec<Close> = Vec::new();
    let mut before = open;
    for row in rows.iter() {
        let auction = before + 1 < row.minute.0;
        let minute = if auction && 1 < minutes {
            before
        } else {
            row.minute.0
        };
        before = minute;
        let opened = day.at(Minute(open + (minute - open) / minutes * minutes));
        match closes.last_mut() {
            Some(last) if last.0 == opened => last.1 = row.candle.close,
            _ => closes.push((opened, row.candle.close)),
        }
    }
    closes
}

/// The closes of `days` open days up to and with `day`.
pub fn closes(market: &Market, code: StockCode, day: Day, days: usize, minutes: u16) -> Vec<Close> {
    let mut all = market.calendar().open_days_before(day, days - 1);
    all.reverse();
    all.push(day);
    all.into_iter()
        .flat_map(|day| closes_of_day(market, code, day, minutes))
        .collect()
}

/// Sum of the `n` closes ending at `at`; `None` before there are that many.
fn sum(closes: &[Close], at: usize, n: usize) -> Option<i64> {
    let from = (at + 1).checked_sub(n)?;
    Some(closes[from..=at].iter().map(|c| c.1).sum())
}

/// The average as the contract writes it: exact, or rounded half up to 4 places.
pub fn average_text(closes: &[Close], at: usize, n: usize) -> Option<String> {
    let n_wide = i128::try_from(n).unwrap();
    let sum = i128::from(sum(closes, at, n)?);
    let scaled = (sum * 20_000 + n_wide) / (2 * n_wide);
    let text = format!("{}.{:04}", scaled / 10_000, scaled % 10_000);
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// `close crosses above maN` on the bar `at`.
pub fn close_crosses_above(closes: &[Close], at: usize, n: usize) -> bool {
    let above = |at: usize| Some(closes[at].1 * n as i64 > sum(closes, at, n)?);
    let before = at.checked_sub(1).and_then(above);
    above(at) == Some(true) && before == Some(false)
}

/// `close > maN` on the bar `at`.
pub fn close_above(closes: &[Close], at: usize, n: usize) -> bool {
    sum(closes, at, n).is_some_and(|sum| closes[at].1 * n as i64 > sum)
}

/// Strictly descending averages from the shortest to the longest on `at`, and not so before.
pub fn becomes_bullish(closes: &[Close], at: usize, periods: &[usize]) -> bool {
    let bullish = |at: usize| {
        let sums: Option<Vec<(i64, i64)>> = periods
            .iter()
            .map(|&n| Some((sum(closes, at, n)?, n as i64)))
            .collect();
        Some(sums?.windows(2).all(|w| w[0].0 * w[1].1 > w[1].0 * w[0].1))
    };
    let before = at.checked_sub(1).and_then(bullish);
    bullish(at) == Some(true) && before == Some(false)
}
