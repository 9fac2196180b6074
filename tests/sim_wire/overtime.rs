//! The session of single prices after the close, before and after the exchange gave it up.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use serde_json::Value;

use crate::harness::*;

const STOCK: &str = "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930";

async fn auctions(rest: &Rest) -> (Value, Vec<Value>) {
    let query = format!("{STOCK}&FID_HOUR_CLS_CODE=1");
    let answer = rest
        .get("FHPST02310000", "inquire-time-overtimeconclusion", &query)
        .await;
    (answer["output1"].clone(), rows(&answer, "output2"))
}

async fn days(rest: &Rest) -> (Value, Vec<Value>) {
    let answer = rest
        .get("FHPST02320000", "inquire-daily-overtimeprice", STOCK)
        .await;
    (answer["output1"].clone(), rows(&answer, "output2"))
}

#[tokio::test(flavor = "multi_thread")]
async fn auctions_come_every_ten_minutes_and_make_up_the_day() {
    let (_sim, rest) = still("20260911 163500").await;
    let (head, rows) = auctions(&rest).await;
    let hours: Vec<&str> = rows
        .iter()
        .map(|row| row["stck_cntg_hour"].as_str().unwrap())
        .collect();
    assert_eq!(hours, ["163000", "162000", "161000"]);
    let sum: i64 = rows.iter().map(|row| number(row, "cntg_vol")).sum();
    assert_eq!(number(&rows[0], "acml_vol"), sum);
    assert_eq!(number(&head, "ovtm_untp_vol"), sum);
    assert_eq!(head["ovtm_untp_prpr"], rows[0]["stck_prpr"]);
    let chart = rest.period("005930", "20260911", "20260911", "D").await;
    let close = number(&chart["output2"][0], "stck_clpr");
    for row in &rows {
        let price = number(row, "stck_prpr");
        assert_eq!(number(row, "prdy_vrss"), price - close);
        assert!((price - close).abs() * 10 <= close);
    }
    let price = rest
        .get("FHPST02300000", "inquire-overtime-price", STOCK)
        .await;
    let price = &price["output"];
    assert_eq!(price["ovtm_untp_prpr"], head["ovtm_untp_prpr"]);
    assert_eq!(number(price, "ovtm_untp_sdpr"), close);
    let book = rest
        .get("FHPST02300400", "inquire-overtime-asking-price", STOCK)
        .await;
    assert_eq!(book["output"]["ovtm_untp_last_hour"], "163000");
    // What the documentation names, each.
    for (answer, fields) in [(&head, 18), (price, 35), (&book["output"], 74)] {
        assert_eq!(answer.as_object().unwrap().len(), fields);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_days_joins_on_to_the_chart_and_ends_with_the_session() {
    let (_sim, rest) = still("20260916 100000").await;
    let (head, rows) = days(&rest).await;
    assert_eq!(rows.len(), 30);
    let chart = rest.period("005930", "20260701", "20260915", "D").await;
    let bars = crate::harness::rows(&chart, "output2");
    for (row, bar) in rows.iter().zip(&bars) {
        for name in ["stck_bsop_date", "stck_clpr", "prdy_vrss", "acml_vol"] {
            assert_eq!(row[name], bar[name], "{name}");
        }
        let held = row["stck_bsop_date"].as_str().unwrap() < "20260914";
        assert_eq!(0 < number(row, "ovtm_untp_vol"), held, "{row}");
    }
    // The last session stands, whole.
    assert_eq!(rows[2]["stck_bsop_date"], "20260911");
    assert_eq!(head["ovtm_untp_prpr"], rows[2]["ovtm_untp_prpr"]);
    let (_, matches) = auctions(&rest).await;
    assert_eq!(matches.len(), 12);
    assert_eq!(matches[0]["acml_vol"], rows[2]["ovtm_untp_vol"]);
}
