//! Entry points of the live path's parsers, for bodies, rows and frames that were recorded.
//!
//! The client sends every answer through exactly these functions.

use serde_json::Value;

use super::charts::{self, MinutePage, PeriodPage};
use super::error::KisError;
use super::holidays::{self, HolidayRow, PageKey};
use super::interruptions;
use super::json;
use super::many;
use super::number::cut;
use super::oauth;
use super::quotes::{self, RecentPrint};
use super::tr;
use crate::domain::{DailyRow, Interruption, MinuteRow, OrderBook, Quote, StockCode};

pub use super::control::Control;
pub use super::frame::{FrameItem, has_parser, parse_frame};

/// The price answer.
///
/// # Errors
///
/// What the broker refused, or the first field that is not what its name says.
pub fn quote(http: u16, body: &[u8], asked: StockCode) -> Result<Quote, KisError> {
    quotes::quote(&json::judge(tr::QUOTE.id, http, body)?, asked)
}

/// The book answer.
///
/// # Errors
///
/// As [`quote`].
pub fn book(http: u16, body: &[u8], asked: StockCode) -> Result<OrderBook, KisError> {
    quotes::book(&json::judge(tr::BOOK.id, http, body)?, asked)
}

/// The last executions, newest first.
///
/// # Errors
///
/// As [`quote`].
pub fn recent_prints(http: u16, body: &[u8]) -> Result<Vec<RecentPrint>, KisError> {
    quotes::recent_prints(&json::judge(tr::RECENT.id, http, body)?)
}

/// The period chart.
///
/// # Errors
///
/// As [`quote`].
pub fn period_chart(http: u16, body: &[u8], asked: StockCode) -> Result<PeriodPage, KisError> {
    charts::period(&json::judge(tr::PERIOD.id, http, body)?, asked)
}

/// Today's minutes.
///
/// # Errors
///
/// As [`quote`].
pub fn minutes_today(http: u16, body: &[u8], asked: StockCode) -> Result<MinutePage, KisError> {
    let id = tr::MINUTES_TODAY.id;
    charts::minutes(id, &json::judge(id, http, body)?, asked)
}

/// Minutes of a past day.
///
/// # Errors
///
/// As [`quote`].
pub fn minutes_dated(http: u16, body: &[u8], asked: StockCode) -> Result<MinutePage, KisError> {
    let id = tr::MINUTES_DATED.id;
    charts::minutes(id, &json::judge(id, http, body)?, asked)
}

/// The prices of many stocks; see [`super::Kis::quotes`].
///
/// # Errors
///
/// As [`quote`].
pub fn quotes(
    http: u16,
    body: &[u8],
    asked: &[StockCode],
) -> Result<many::QuotesByStock, KisError> {
    many::quotes(&json::judge(tr::QUOTES.id, http, body)?, asked)
}

/// A page of the exchange's days, and the key of the next page if there is one. `more` is what
/// the header `tr_cont` says, `None` without it.
///
/// # Errors
///
/// As [`quote`].
pub fn holidays(
    http: u16,
    body: &[u8],
    more: Option<bool>,
) -> Result<(Vec<HolidayRow>, Option<PageKey>), KisError> {
    holidays::page(&json::judge(tr::HOLIDAYS.id, http, body)?, more)
}

/// The list of volatility interruptions.
///
/// # Errors
///
/// As [`quote`].
pub fn interruptions(http: u16, body: &[u8]) -> Result<Vec<Interruption>, KisError> {
    interruptions::rows(&json::judge(tr::INTERRUPTIONS.id, http, body)?)
}

/// The token answer: the token and its lifetime in seconds.
///
/// # Errors
///
/// As [`quote`]; the offending text is never shown.
pub fn token(http: u16, body: &[u8]) -> Result<oauth::TokenAnswer, KisError> {
    oauth::token(&json::judge_flat(tr::TOKEN.id, http, body)?)
}

/// The approval key answer.
///
/// # Errors
///
/// As [`token`].
pub fn approval(http: u16, body: &[u8]) -> Result<secrecy::SecretString, KisError> {
    oauth::approval(&json::judge_flat(tr::APPROVAL.id, http, body)?)
}

/// Rows of the period chart without an envelope.
///
/// # Errors
///
/// The first field that is not what its name says.
pub fn daily_rows(rows: &[u8]) -> Result<Vec<DailyRow>, KisError> {
    let value = array(tr::PERIOD.id, rows)?;
    charts::daily_rows(&json::rows_of(tr::PERIOD.id, &value, "output2")?)
}

/// Rows of either minute chart without an envelope.
///
/// # Errors
///
/// As [`daily_rows`].
pub fn minute_rows(rows: &[u8]) -> Result<Vec<MinuteRow>, KisError> {
    let value = array(tr::MINUTES_DATED.id, rows)?;
    charts::minute_rows(&json::rows_of(tr::MINUTES_DATED.id, &value, "output2")?)
}

/// Rows of the last executions without an envelope.
///
/// # Errors
///
/// As [`daily_rows`].
pub fn recent_rows(rows: &[u8]) -> Result<Vec<RecentPrint>, KisError> {
    let value = array(tr::RECENT.id, rows)?;
    quotes::recent_rows(&json::rows_of(tr::RECENT.id, &value, "output")?)
}

/// Judges any answer by its verdict and codes alone, as every answer is judged first.
///
/// # Errors
///
/// The refusal.
pub fn verdict(http: u16, body: &[u8]) -> Result<(), KisError> {
    json::judge("any", http, body).map(|_| ())
}

fn array(tr_id: &'static str, rows: &[u8]) -> Result<Value, KisError> {
    match serde_json::from_slice(rows) {
        Ok(value @ (Value::Array(_) | Value::Object(_))) => Ok(value),
        _ => Err(KisError::NotJson {
            tr_id,
            http: 0,
            text: cut(rows),
        }),
    }
}
