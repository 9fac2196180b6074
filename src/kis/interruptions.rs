//! Which stocks are in a volatility interruption, or were today (변동성완화장치(VI) 현황).

use serde_json::{Map, Value};

use super::error::KisError;
use super::json::{self, Row};
use super::tr;
use crate::domain::{Day, Interruption, InterruptionKind, Moment, StockCode};

/// Everything listed, of both kinds and directions.
pub(super) fn query(day: Day) -> [(&'static str, String); 8] {
    [
        ("FID_DIV_CLS_CODE", "0".to_owned()),
        ("FID_COND_SCR_DIV_CODE", "20139".to_owned()),
        ("FID_MRKT_CLS_CODE", "0".to_owned()),
        ("FID_INPUT_ISCD", String::new()),
        ("FID_RANK_SORT_CLS_CODE", "0".to_owned()),
        ("FID_INPUT_DATE_1", day.compact()),
        ("FID_TRGT_CLS_CODE", String::new()),
        ("FID_TRGT_EXLS_CLS_CODE", String::new()),
    ]
}

/// The newest interruptions, as the broker orders them.
pub(super) fn rows(map: &Map<String, Value>) -> Result<Vec<Interruption>, KisError> {
    let rows = json::rows(tr::INTERRUPTIONS.id, map, "output")?;
    let known = |row: &Row<'_>| {
        // The list also holds papers that are no stocks of ours.
        let code = StockCode::parse(&row.text("mksc_shrn_iscd"))?;
        Some(interruption(row, code))
    };
    rows.iter().filter_map(known).collect()
}

fn interruption(row: &Row<'_>, code: StockCode) -> Result<Interruption, KisError> {
    let Some(day) = row.day("bsop_date")? else {
        return Err(row.bad("bsop_date", "blank"));
    };
    let over = row.text("vi_cncl_hour");
    // Blank or zeros while it lasts.
    let ended = match over.bytes().all(|byte| byte == b'0') {
        true => None,
        false => Some(Moment::on(day, row.second("vi_cncl_hour")?)),
    };
    Ok(Interruption {
        code,
        kind: match row.text("vi_kind_code").as_ref() {
            "1" => InterruptionKind::Static,
            "2" => InterruptionKind::Dynamic,
            "3" => InterruptionKind::Both,
            _ => InterruptionKind::Unknown,
        },
        began: Moment::on(day, row.second("cntg_vi_hour")?),
        ended,
        on: row.yes("vi_cls_code")?,
    })
}
