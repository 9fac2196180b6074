//! Answers about the past: daily, weekly, monthly and minute rows.

use serde_json::{Map, Value};

use super::error::KisError;
use super::json::{self, Row};
use super::tr;
use crate::domain::{Candle, DailyRow, Minute, MinuteRow, StockCode, time};

/// A page of the period chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeriodPage {
    /// The stock's Korean name.
    pub name: Option<String>,
    /// At most 100 rows, oldest first, adjusted prices. Blank rows are dropped.
    pub rows: Vec<DailyRow>,
}

/// A page of minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MinutePage {
    /// The stock's Korean name.
    pub name: Option<String>,
    /// Oldest first. Rows of another date than asked keep their own date.
    pub rows: Vec<MinuteRow>,
}

pub(super) fn period(map: &Map<String, Value>, asked: StockCode) -> Result<PeriodPage, KisError> {
    let head = json::rows(tr::PERIOD.id, map, "output1")?;
    let name = match head.first() {
        Some(head) => {
            head.expect_code("stck_shrn_iscd", asked)?;
            head.name("hts_kor_isnm")
        }
        None => None,
    };
    let rows = daily_rows(&json::rows(tr::PERIOD.id, map, "output2")?)?;
    if rows.is_empty() {
        known(head.first(), asked)?;
    }
    Ok(PeriodPage { name, rows })
}

/// A page without rows is fine for a stock that has a price; without one the stock is unknown.
fn known(head: Option<&Row<'_>>, asked: StockCode) -> Result<(), KisError> {
    match head {
        Some(head) if head.has("stck_prpr") && head.maybe_won("stck_prpr")?.unwrap_or(0) <= 0 => {
            Err(head.unknown(asked))
        }
        _ => Ok(()),
    }
}

pub(super) fn daily_rows(rows: &[Row<'_>]) -> Result<Vec<DailyRow>, KisError> {
    let mut found: Vec<DailyRow> = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(day) = row.day("stck_bsop_date")? else {
            continue;
        };
        let Some(candle) = candle(row, "stck_clpr", "acml_vol")? else {
            continue;
        };
        found.push(DailyRow { day, candle });
    }
    found.sort_by_key(|row| row.day);
    found.dedup();
    if let Some(twice) = found.windows(2).find(|pair| pair[0].day == pair[1].day) {
        return Err(twice_in(rows, "stck_bsop_date", &twice[0].day.compact()));
    }
    Ok(found)
}

pub(super) fn minutes(
    tr_id: &'static str,
    map: &Map<String, Value>,
    asked: StockCode,
) -> Result<MinutePage, KisError> {
    let head = json::rows(tr_id, map, "output1")?;
    let rows = minute_rows(&json::rows(tr_id, map, "output2")?)?;
    if let Some(head) = head.first() {
        head.expect_code("stck_shrn_iscd", asked)?;
    }
    if rows.is_empty() {
        known(head.first(), asked)?;
    }
    Ok(MinutePage {
        name: head.first().and_then(|head| head.name("hts_kor_isnm")),
        rows,
    })
}

pub(super) fn minute_rows(rows: &[Row<'_>]) -> Result<Vec<MinuteRow>, KisError> {
    let mut found: Vec<MinuteRow> = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(day) = row.day("stck_bsop_date")? else {
            continue;
        };
        // Hours such as 888888 mark rows that are no minutes.
        let Some(second) = time::second_of_day(row.text("stck_cntg_hour").as_bytes()) else {
            continue;
        };
        let Some(candle) = candle(row, "stck_prpr", "cntg_vol")? else {
            continue;
        };
        found.push(MinuteRow {
            day,
            minute: Minute((second / 60) as u16),
            candle,
        });
    }
    found.sort_by_key(|row| (row.day, row.minute));
    found.dedup();
    let same = |pair: &&[MinuteRow]| (pair[0].day, pair[0].minute) == (pair[1].day, pair[1].minute);
    if let Some(twice) = found.windows(2).find(same) {
        let label = twice[0].minute.compact();
        return Err(twice_in(rows, "stck_cntg_hour", &label));
    }
    Ok(found)
}

/// The prices of a row. `None` for a row without any price and volume; a row without volume
/// and with only a close is flat (a halted day).
fn candle(
    row: &Row<'_>,
    close: &'static str,
    volume: &'static str,
) -> Result<Option<Candle>, KisError> {
    let candle = Candle {
        open: row.maybe_won("stck_oprc")?.unwrap_or(0),
        high: row.maybe_won("stck_hgpr")?.unwrap_or(0),
        low: row.maybe_won("stck_lwpr")?.unwrap_or(0),
        close: row.maybe_won(close)?.unwrap_or(0),
        volume: row.shares(volume)?.0,
    };
    if candle.is_sound() {
        return Ok(Some(candle));
    }
    let prices = [candle.open, candle.high, candle.low, candle.close];
    if candle.volume == 0 && prices.iter().all(|p| *p == 0) {
        return Ok(None);
    }
    if candle.volume == 0 && 0 < candle.close && prices[..3].contains(&0) {
        return Ok(Some(Candle::flat(candle.close)));
    }
    if prices.iter().any(|p| *p <= 0) {
        let names = ["stck_oprc", "stck_hgpr", "stck_lwpr", close];
        let at = prices.iter().position(|p| *p <= 0).unwrap_or(3);
        return Err(row.bad(names[at], "no price although shares traded"));
    }
    Err(row.bad(
        "stck_hgpr",
        "open, high, low and close contradict each other",
    ))
}

fn twice_in(rows: &[Row<'_>], field: &'static str, label: &str) -> KisError {
    let why = "two different rows of the same time";
    match rows.first() {
        Some(row) => row.bad_text(field, why, label),
        // Rows were found, so there is a first one.
        None => KisError::Setup(why.into()),
    }
}
