//! The prices of many stocks in one answer (관심종목 멀티시세).

use serde_json::{Map, Value};

use super::error::KisError;
use super::json::{self, Row};
use super::tr;
use crate::domain::{Market, Quote, StockCode, Won};

/// Stocks in one request.
pub const AT_ONCE: usize = PAIRS.len();

/// Market and stock of each place. All go along with every request, blank where unused: without
/// them some requests are refused for a missing field.
const PAIRS: [(&str, &str); 30] = [
    ("FID_COND_MRKT_DIV_CODE_1", "FID_INPUT_ISCD_1"),
    ("FID_COND_MRKT_DIV_CODE_2", "FID_INPUT_ISCD_2"),
    ("FID_COND_MRKT_DIV_CODE_3", "FID_INPUT_ISCD_3"),
    ("FID_COND_MRKT_DIV_CODE_4", "FID_INPUT_ISCD_4"),
    ("FID_COND_MRKT_DIV_CODE_5", "FID_INPUT_ISCD_5"),
    ("FID_COND_MRKT_DIV_CODE_6", "FID_INPUT_ISCD_6"),
    ("FID_COND_MRKT_DIV_CODE_7", "FID_INPUT_ISCD_7"),
    ("FID_COND_MRKT_DIV_CODE_8", "FID_INPUT_ISCD_8"),
    ("FID_COND_MRKT_DIV_CODE_9", "FID_INPUT_ISCD_9"),
    ("FID_COND_MRKT_DIV_CODE_10", "FID_INPUT_ISCD_10"),
    ("FID_COND_MRKT_DIV_CODE_11", "FID_INPUT_ISCD_11"),
    ("FID_COND_MRKT_DIV_CODE_12", "FID_INPUT_ISCD_12"),
    ("FID_COND_MRKT_DIV_CODE_13", "FID_INPUT_ISCD_13"),
    ("FID_COND_MRKT_DIV_CODE_14", "FID_INPUT_ISCD_14"),
    ("FID_COND_MRKT_DIV_CODE_15", "FID_INPUT_ISCD_15"),
    ("FID_COND_MRKT_DIV_CODE_16", "FID_INPUT_ISCD_16"),
    ("FID_COND_MRKT_DIV_CODE_17", "FID_INPUT_ISCD_17"),
    ("FID_COND_MRKT_DIV_CODE_18", "FID_INPUT_ISCD_18"),
    ("FID_COND_MRKT_DIV_CODE_19", "FID_INPUT_ISCD_19"),
    ("FID_COND_MRKT_DIV_CODE_20", "FID_INPUT_ISCD_20"),
    ("FID_COND_MRKT_DIV_CODE_21", "FID_INPUT_ISCD_21"),
    ("FID_COND_MRKT_DIV_CODE_22", "FID_INPUT_ISCD_22"),
    ("FID_COND_MRKT_DIV_CODE_23", "FID_INPUT_ISCD_23"),
    ("FID_COND_MRKT_DIV_CODE_24", "FID_INPUT_ISCD_24"),
    ("FID_COND_MRKT_DIV_CODE_25", "FID_INPUT_ISCD_25"),
    ("FID_COND_MRKT_DIV_CODE_26", "FID_INPUT_ISCD_26"),
    ("FID_COND_MRKT_DIV_CODE_27", "FID_INPUT_ISCD_27"),
    ("FID_COND_MRKT_DIV_CODE_28", "FID_INPUT_ISCD_28"),
    ("FID_COND_MRKT_DIV_CODE_29", "FID_INPUT_ISCD_29"),
    ("FID_COND_MRKT_DIV_CODE_30", "FID_INPUT_ISCD_30"),
];

/// What to ask.
pub(super) fn query(
    market: Market,
    codes: &[StockCode],
) -> Result<Vec<(&'static str, String)>, KisError> {
    if codes.is_empty() || AT_ONCE < codes.len() {
        return Err(KisError::NotOffered {
            tr_id: tr::QUOTES.id,
            why: key!("한 번에 1개에서 30개 종목까지 조회할 수 있습니다. 나누어 조회하세요."),
        });
    }
    let mut query = Vec::with_capacity(2 * AT_ONCE);
    for (at, (place, stock)) in PAIRS.into_iter().enumerate() {
        let code = codes.get(at);
        query.push((place, code.map_or("", |_| market.code()).to_owned()));
        query.push((stock, code.map_or(String::new(), StockCode::to_string)));
    }
    Ok(query)
}

/// Each stock asked for with its quote, or why it has none.
pub type QuotesByStock = Vec<(StockCode, Result<Quote, KisError>)>;

/// The quote of each stock asked for, in the order asked. Rows are found by their code; one that
/// cannot be read spoils no other.
pub(super) fn quotes(
    map: &Map<String, Value>,
    asked: &[StockCode],
) -> Result<QuotesByStock, KisError> {
    let (rows, broken) = json::rows_apart(tr::QUOTES.id, map, "output");
    let quotes = asked.iter().map(|code| {
        let row = rows
            .iter()
            .find(|row| row.text("inter_shrn_iscd") == code.as_str());
        let quote = match (row, &broken) {
            (Some(row), _) => quote(row, *code),
            // Perhaps the row was this stock's; nobody knows.
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Err(KisError::UnknownStock {
                tr_id: tr::QUOTES.id,
                code: *code,
            }),
        };
        (*code, quote)
    });
    Ok(quotes.collect())
}

fn quote(row: &Row<'_>, code: StockCode) -> Result<Quote, KisError> {
    let last = row.won_or_zero("inter2_prpr")?.0;
    let before = row.won_or_zero("inter2_prdy_clpr")?.0;
    let base = row.won_or_zero("inter2_sdpr")?.0;
    let (price, change) = match (last, before) {
        (0, 0) => return Err(row.unknown(code)),
        // Nothing has traded today: the last price is the previous close.
        (0, before) if 0 < base => (before, before - base),
        (0, before) => (before, 0),
        (last, _) => (last, row.change_in("inter2_prdy_vrss")?.0),
    };
    let day_high = row.won_or_zero("inter2_hgpr")?;
    if day_high < row.won_or_zero("inter2_lwpr")? {
        return Err(row.bad("inter2_hgpr", "below the day's low"));
    }
    Ok(Quote {
        code,
        price: Won(price),
        change: Won(change),
        base: Won(if 0 < base { base } else { price - change }),
        day_open: row.won_or_zero("inter2_oprc")?,
        day_high,
        day_low: row.won_or_zero("inter2_lwpr")?,
        upper_limit: row.won_or_zero("inter2_mxpr")?,
        lower_limit: row.won_or_zero("inter2_llam")?,
        day_volume: row.shares("acml_vol")?,
        day_value: row.value_or_zero("acml_tr_pbmn")?,
        halted: None,
        interrupted: None,
    })
}
