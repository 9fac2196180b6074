//! Answers about the present: price, book, last executions.

use serde_json::{Map, Value};

use super::error::KisError;
use super::json::{self, Row};
use super::tr;
use crate::domain::{LEVELS, Level, OrderBook, Quote, Shares, StockCode, Won};

/// One row of the last executions (최근 체결). The broker gives no side here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecentPrint {
    /// Seconds since midnight, Korea.
    pub second: u32,
    /// Price, won.
    pub price: Won,
    /// Difference to the base price, won, signed.
    pub change: Won,
    /// Size, shares.
    pub size: Shares,
    /// 체결강도 in hundredths of a percent.
    pub strength: i64,
}

pub(super) fn quote(map: &Map<String, Value>, asked: StockCode) -> Result<Quote, KisError> {
    let rows = json::rows(tr::QUOTE.id, map, "output")?;
    let Some(row) = rows.first() else {
        return Err(nothing(tr::QUOTE.id, asked));
    };
    row.expect_code("stck_shrn_iscd", asked)?;
    let price = positive_price(row, asked)?;
    let change = row.change()?;
    let base = match row.maybe_won("stck_sdpr")? {
        Some(base) if 0 < base => Won(base),
        // By definition of the change.
        _ => Won(price.0 - change.0),
    };
    let day_high = row.won_or_zero("stck_hgpr")?;
    if day_high < row.won_or_zero("stck_lwpr")? {
        return Err(row.bad("stck_hgpr", "below the day's low"));
    }
    Ok(Quote {
        code: asked,
        price,
        change,
        base,
        day_open: row.won_or_zero("stck_oprc")?,
        day_high,
        day_low: row.won_or_zero("stck_lwpr")?,
        upper_limit: row.won_or_zero("stck_mxpr")?,
        lower_limit: row.won_or_zero("stck_llam")?,
        day_volume: row.shares("acml_vol")?,
        day_value: row.value_or_zero("acml_tr_pbmn")?,
        halted: Some(row.text("temp_stop_yn") == "Y" || row.text("iscd_stat_cls_code") == "58"),
        interrupted: row
            .has("vi_cls_code")
            .then(|| row.text("vi_cls_code") == "Y"),
    })
}

/// The price; the broker answers unknown stocks with zeros or blanks.
fn positive_price(row: &Row<'_>, asked: StockCode) -> Result<Won, KisError> {
    match row.maybe_won("stck_prpr")? {
        Some(price) if 0 < price => Ok(Won(price)),
        Some(0) => Err(row.unknown(asked)),
        Some(_) => Err(row.bad("stck_prpr", "negative")),
        None if row.has("stck_prpr") => Err(row.unknown(asked)),
        None => Err(row.bad("stck_prpr", "missing or blank")),
    }
}

fn nothing(tr_id: &'static str, code: StockCode) -> KisError {
    KisError::UnknownStock { tr_id, code }
}

const ASKS: [(&str, &str); LEVELS] = [
    ("askp1", "askp_rsqn1"),
    ("askp2", "askp_rsqn2"),
    ("askp3", "askp_rsqn3"),
    ("askp4", "askp_rsqn4"),
    ("askp5", "askp_rsqn5"),
    ("askp6", "askp_rsqn6"),
    ("askp7", "askp_rsqn7"),
    ("askp8", "askp_rsqn8"),
    ("askp9", "askp_rsqn9"),
    ("askp10", "askp_rsqn10"),
];
const BIDS: [(&str, &str); LEVELS] = [
    ("bidp1", "bidp_rsqn1"),
    ("bidp2", "bidp_rsqn2"),
    ("bidp3", "bidp_rsqn3"),
    ("bidp4", "bidp_rsqn4"),
    ("bidp5", "bidp_rsqn5"),
    ("bidp6", "bidp_rsqn6"),
    ("bidp7", "bidp_rsqn7"),
    ("bidp8", "bidp_rsqn8"),
    ("bidp9", "bidp_rsqn9"),
    ("bidp10", "bidp_rsqn10"),
];

pub(super) fn book(map: &Map<String, Value>, asked: StockCode) -> Result<OrderBook, KisError> {
    let rows = json::rows(tr::BOOK.id, map, "output1")?;
    let Some(row) = rows.first() else {
        return Err(nothing(tr::BOOK.id, asked));
    };
    let extra = json::rows(tr::BOOK.id, map, "output2")?;
    let extra = extra.first();
    if let Some(extra) = extra {
        extra.expect_code("stck_shrn_iscd", asked)?;
    }
    if row.text("aspr_acpt_hour").is_empty() {
        return Err(row.unknown(asked));
    }
    Ok(OrderBook {
        code: asked,
        second: row.second("aspr_acpt_hour")?,
        asks: side(row, &ASKS)?,
        bids: side(row, &BIDS)?,
        total_ask: row.shares_or_zero("total_askp_rsqn")?,
        total_bid: row.shares_or_zero("total_bidp_rsqn")?,
        expected: match extra {
            Some(extra) if in_auction(row, extra) => expected(extra)?,
            _ => None,
        },
    })
}

fn side(
    row: &Row<'_>,
    names: &[(&'static str, &'static str); LEVELS],
) -> Result<[Level; LEVELS], KisError> {
    let mut levels = [Level::default(); LEVELS];
    for (level, (price, size)) in levels.iter_mut().zip(names) {
        *level = Level {
            price: row.won_or_zero(price)?,
            size: row.shares_or_zero(size)?,
        };
    }
    Ok(levels)
}

/// Whether the expected match means something now: before the open, in a closing call (`00`),
/// in the after-hours call (`49`) or during a volatility interruption. Outside auctions the
/// broker repeats the values of the last one.
fn in_auction(row: &Row<'_>, extra: &Row<'_>) -> bool {
    let session = row.text("new_mkop_cls_code");
    session == "00"
        || session == "49"
        || session.starts_with('1')
        || extra.text("antc_mkop_cls_code") == "311"
        || extra.text("vi_cls_code") == "Y"
}

fn expected(extra: &Row<'_>) -> Result<Option<Level>, KisError> {
    let level = Level {
        price: extra.won_or_zero("antc_cnpr")?,
        size: extra.shares_or_zero("antc_vol")?,
    };
    Ok((Won(0) < level.price).then_some(level))
}

/// Newest first, as the broker sends them.
pub(super) fn recent_prints(map: &Map<String, Value>) -> Result<Vec<RecentPrint>, KisError> {
    recent_rows(&json::rows(tr::RECENT.id, map, "output")?)
}

pub(super) fn recent_rows(rows: &[Row<'_>]) -> Result<Vec<RecentPrint>, KisError> {
    rows.iter()
        .filter(|row| !row.text("stck_cntg_hour").is_empty())
        .map(|row| {
            let price = row.won("stck_prpr")?;
            if price == Won(0) {
                return Err(row.bad("stck_prpr", "not a price"));
            }
            Ok(RecentPrint {
                second: row.second("stck_cntg_hour")?,
                price,
                change: row.change()?,
                size: row.shares("cntg_vol")?,
                strength: row.hundredths_or_zero("tday_rltv")?,
            })
        })
        .collect()
}
