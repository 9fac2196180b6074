//! The rest of the services, and what the broker's own sample programs take for granted.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_short_chart_agrees_with_the_long_one() {
    let (_sim, rest) = still("20261120 140000").await;
    for (period, from) in [("D", "20260901"), ("W", "20260101"), ("M", "20240101")] {
        let query = format!(
            "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930&FID_PERIOD_DIV_CODE={period}\
             &FID_ORG_ADJ_PRC=0000000001"
        );
        let short = rest
            .get("FHKST01010400", "inquire-daily-price", &query)
            .await;
        let short = short["output"].as_array().unwrap().clone();
        assert_eq!(short.len(), 30, "{period}");
        let long = rest.period("005930", from, "20261120", period).await;
        let long = long["output2"].as_array().unwrap().clone();
        for (a, b) in short.iter().zip(&long) {
            for name in [
                "stck_bsop_date",
                "stck_clpr",
                "stck_hgpr",
                "acml_vol",
                "prdy_vrss",
            ] {
                assert_eq!(a[name], b[name], "{period} {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_of_stocks_and_the_servers_time() {
    let (_sim, rest) = still("20261120 140000").await;
    let info = async |tr_id: &str, path: &str, code: &str| {
        let query = format!("PRDT_TYPE_CD=300&PDNO={code}");
        rest.get(tr_id, path, &query).await
    };
    let stock = info("CTPF1002R", "search-stock-info", "000660").await;
    let about = &stock["output"];
    assert_eq!(
        (&stock["rt_cd"], &stock["msg_cd"]),
        (&json!("0"), &json!("KIOK0530"))
    );
    assert_eq!(about["pdno"], "00000A000660");
    assert_eq!(
        (&about["mket_id_cd"], &about["std_pdno"]),
        (&json!("STK"), &json!("KR7000660001"))
    );
    assert_eq!(about["cptt_trad_tr_psbl_yn"], "Y");
    let price = rest.price("000660").await;
    assert_eq!(about["bfdy_clpr"], price["output"]["stck_sdpr"]);
    let quiet = info("CTPF1002R", "search-stock-info", "004700").await;
    assert_eq!(quiet["output"]["cptt_trad_tr_psbl_yn"], "N");
    let product = info("CTPF1604R", "search-info", "000660").await;
    assert_eq!(product["output"]["prdt_name"], "SK하이닉스");
    assert_eq!(
        info("CTPF1604R", "search-info", "ZZZZZ9").await["rt_cd"],
        "7"
    );

    let time = rest.get("HHMCM000002C0", "market-time", "").await;
    assert_eq!(time["output1"]["today"], "20261120");
    assert_eq!(time["output1"]["time"], "140000");
    let days = ["date1", "date2", "date3", "date4", "date5"].map(|n| time["output1"][n].as_str());
    assert_eq!(
        days.map(Option::unwrap),
        ["20261118", "20261119", "20261120", "20261123", "20261124"]
    );
}

/// The samples turn lower-case header names into attributes, read `tr_cont` on every answer,
/// and send `Content-Type`, `Accept`, `charset` and a blank `tr_cont` themselves.
#[tokio::test(flavor = "multi_thread")]
async fn answers_suit_the_brokers_samples() {
    let (_sim, rest) = still("20261120 140000").await;
    let answer = rest
        .request(
            "FHKST01010100",
            "inquire-price",
            "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930",
        )
        .header("content-type", "application/json")
        .header("accept", "text/plain")
        .header("charset", "UTF-8")
        .header("tr_cont", "")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["tr_cont"], "");
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    for key in body.as_object().unwrap().keys() {
        assert!(["output", "rt_cd", "msg_cd", "msg1"].contains(&key.as_str()));
    }
    // A table of one row: every value is text.
    assert!(
        body["output"]
            .as_object()
            .unwrap()
            .values()
            .all(Value::is_string)
    );
    // The holiday table goes on for more pages than the sample asks for.
    let (mut key, mut pages) = (String::new(), 0);
    while pages < 11 {
        let query = format!("BASS_DT=20261001&CTX_AREA_FK=20261001++++++++++++&CTX_AREA_NK={key}");
        let cont = if key.is_empty() { "" } else { "N" };
        let request = rest
            .request("CTCA0903R", "chk-holiday", &query)
            .header("tr_cont", cont);
        let answer = request.send().await.unwrap();
        assert!(["F", "M"].contains(&answer.headers()["tr_cont"].to_str().unwrap()));
        let page: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        key = page["ctx_area_nk"].as_str().unwrap().replace(' ', "+");
        pages += 1;
    }
    assert!(key.starts_with("20270621"), "{key}");
}

/// The samples answer a heartbeat with a PONG frame that carries its text.
#[tokio::test(flavor = "multi_thread")]
async fn pong_frames_answer_heartbeats() {
    let sim = sim("20261120 070000", 60.0, |_| {}).await;
    let rest = Rest::new(&sim).await;
    let mut socket = Socket::open(&sim, &rest.approval().await).await;
    let mut beats = 0;
    while beats < 30 {
        match socket.ws.next().await.unwrap().unwrap() {
            Message::Text(text) if text.as_str().contains("PINGPONG") => {
                beats += 1;
                let bytes = text.as_str().as_bytes().to_vec();
                socket.ws.send(Message::Pong(bytes.into())).await.unwrap();
            }
            _ => {}
        }
    }
    let counters = sim.counters();
    assert_eq!((counters.sockets_open, counters.sockets_dropped), (1, 0));
    assert!(28 <= counters.heartbeats_answered);
}
