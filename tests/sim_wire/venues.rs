//! Nextrade, both venues merged, the exchange's evening, and the feeds beside trades and books.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use jeongbae::sim::Script;

use crate::harness::*;

async fn price(rest: &Rest, market: &str, code: &str) -> Value {
    let query = format!("FID_COND_MRKT_DIV_CODE={market}&FID_INPUT_ISCD={code}");
    rest.get("FHKST01010100", "inquire-price", &query).await["output"].clone()
}

/// All rows of a day, by their label.
async fn minutes(rest: &Rest, market: &str, code: &str, date: &str) -> BTreeMap<String, Ohlcv> {
    let mut rows = BTreeMap::new();
    let mut hour = "235900".to_owned();
    loop {
        let query = format!(
            "FID_COND_MRKT_DIV_CODE={market}&FID_INPUT_ISCD={code}&FID_INPUT_DATE_1={date}\
             &FID_INPUT_HOUR_1={hour}&FID_PW_DATA_INCU_YN=N&FID_FAKE_TICK_INCU_YN="
        );
        let answer = rest
            .get("FHKST03010230", "inquire-time-dailychartprice", &query)
            .await;
        let page = answer["output2"].as_array().unwrap();
        let before = rows.len();
        for row in page {
            assert_eq!(row["stck_bsop_date"], date);
            hour = row["stck_cntg_hour"].as_str().unwrap().to_owned();
            rows.insert(hour.clone(), served(row));
        }
        if rows.len() == before {
            return rows;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nextrade_has_a_longer_day_and_both_venues_merge() {
    let sim = sim("20261118 203000", FROZEN, |o| o.evening = true).await;
    let rest = Rest::new(&sim).await;
    let krx = minutes(&rest, "J", "005930", "20261118").await;
    let nxt = minutes(&rest, "NX", "005930", "20261118").await;
    let both = minutes(&rest, "UN", "005930", "20261118").await;
    let labels = |rows: &BTreeMap<String, Ohlcv>, from: &str, to: &str| {
        rows.range(from.to_owned()..to.to_owned()).count()
    };
    // Label by label: the session, the auction, the evening.
    assert_eq!(krx.len(), 380 + 1 + 240);
    assert_eq!(labels(&krx, "160000", "200000"), 240);
    assert_eq!(nxt.len(), 50 + 380 + 260);
    assert_eq!(labels(&nxt, "080000", "085000"), 50);
    assert_eq!(labels(&nxt, "154000", "200000"), 260);
    assert_eq!(both.len(), 50 + 380 + 1 + 260);
    for (label, row) in &both {
        let (k, n) = (krx.get(label), nxt.get(label));
        let volume = |row: Option<&Ohlcv>| row.map_or(0, |r| r.4);
        assert_eq!(row.4, volume(k) + volume(n), "{label}");
        let traded = || [k, n].into_iter().flatten().filter(|r| 0 < r.4);
        if let Some(high) = traded().map(|r| r.1).max() {
            assert_eq!(row.1, high, "{label}");
            assert_eq!(Some(row.2), traded().map(|r| r.2).min(), "{label}");
        }
    }
    // A stock that Nextrade does not trade: nothing there, and the exchange's day when merged.
    assert_eq!(price(&rest, "NX", "004700").await["stck_prpr"], "0");
    let (alone, merged) = (
        price(&rest, "J", "004700").await,
        price(&rest, "UN", "004700").await,
    );
    assert_eq!(alone, merged);
    // Nor was there a Nextrade before March 2025.
    let old = minutes(&rest, "UN", "005930", "20261117").await;
    assert!(old.contains_key("080000"));
    let daily = rest.period("005930", "20250228", "20250305", "D").await;
    assert_eq!(daily["rt_cd"], "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_evening_moves_the_running_day_and_not_the_days_after() {
    let evening = |o: &mut jeongbae::sim::SimOptions| o.evening = true;
    let during = sim("20261118 190000", FROZEN, evening).await;
    let rest = Rest::new(&during).await;
    let rows = rest.today("005930", "185900").await;
    assert_eq!(stamp(&rows[0]), "20261118185900");
    let official = rest.today("005930", "153000").await;
    assert_eq!(stamp(&official[0]), "20261118153000");
    let close = number(&official[0], "stck_prpr");
    let now = rest.price("005930").await["output"].clone();
    assert_eq!(number(&now, "stck_prpr"), number(&rows[0], "stck_prpr"));
    let bar = &rest.period("005930", "20261118", "20261118", "D").await["output2"][0];
    assert_eq!(bar["stck_clpr"], now["stck_prpr"]);
    assert_eq!(bar["acml_vol"], now["acml_vol"]);

    let settled = sim("20261118 200600", FROZEN, evening).await;
    let rest = Rest::new(&settled).await;
    let bar = &rest.period("005930", "20261118", "20261118", "D").await["output2"][0];
    assert_eq!(number(bar, "stck_clpr"), close);
    let next = sim("20261120 070000", FROZEN, evening).await;
    let rest = Rest::new(&next).await;
    let bar = &rest.period("005930", "20261118", "20261118", "D").await["output2"][0];
    assert_eq!(number(bar, "stck_clpr"), close);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_nine_only_nextrade_trades() {
    let (_sim, rest) = still("20261118 083000").await;
    let volume = async |market: &str| number(&price(&rest, market, "005930").await, "acml_vol");
    assert_eq!(volume("J").await, 0);
    assert!(0 < volume("NX").await);
    assert_eq!(volume("UN").await, volume("NX").await);
    let pairs = "FID_COND_MRKT_DIV_CODE_1=UN&FID_INPUT_ISCD_1=005930\
                 &FID_COND_MRKT_DIV_CODE_2=U&FID_INPUT_ISCD_2=0001";
    let answer = rest.get("FHKST11300006", "intstock-multprice", pairs).await;
    assert_eq!(number(&answer["output"][0], "acml_vol"), volume("UN").await);
    assert_eq!(answer["output"][1]["kospi_kosdaq_cls_name"], "업종");
}

/// The first frames of every feed, by TR id.
async fn frames(time: &str, wanted: &[(&str, &str)]) -> BTreeMap<String, String> {
    let sim = sim(time, 5.0, |o| o.evening = true).await;
    let rest = Rest::new(&sim).await;
    let mut socket = Socket::open(&sim, &rest.approval().await).await;
    for (tr_id, key) in wanted {
        let answer = socket.ask("1", tr_id, key).await;
        assert_eq!(answer["body"]["msg_cd"], "OPSP0000", "{tr_id}");
    }
    let mut found = BTreeMap::new();
    while found.len() < wanted.len() {
        let frame = socket.hear().await.unwrap();
        if let Some(tr_id) = frame.split('|').nth(1) {
            found.insert(tr_id.to_owned(), frame.clone());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_feed_has_its_width() {
    let feeds = [
        ("H0STCNT0", 46),
        ("H0NXCNT0", 46),
        ("H0UNCNT0", 46),
        ("H0STASP0", 62),
        ("H0NXASP0", 65),
        ("H0UNASP0", 65),
    ];
    let wanted: Vec<(&str, &str)> = feeds.iter().map(|f| (f.0, "005930")).collect();
    let mut all = wanted.clone();
    all.push(("H0UPCNT0", "0001"));
    let found = frames("20261118 101500", &all).await;
    for (tr_id, width) in feeds {
        for record in records(&found[tr_id], width) {
            assert_eq!(record[0], "005930");
        }
    }
    let index = &records(&found["H0UPCNT0"], 30)[0];
    assert_eq!(index[0], "0001");
    let [now, change]: [f64; 2] = [2, 4].map(|i| index[i].parse().unwrap());
    assert!(1_000.0 < now && change.abs() < now * 0.3, "{index:?}");

    // Half a minute before the opening: the expected match, and then the switch of session.
    let found = frames(
        "20261118 085930",
        &[("H0STANC0", "005930"), ("H0STMKO0", "005930")],
    )
    .await;
    let expected = &records(&found["H0STANC0"], 45)[0];
    assert!(0 < expected[2].parse::<i64>().unwrap(), "{expected:?}");
    assert_eq!((expected[43].as_str(), expected[44].as_str()), ("B", ""));
    let switch = &records(&found["H0STMKO0"], 11)[0];
    assert_eq!((switch[0].as_str(), switch[3].as_str()), ("005930", "112"));
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_without_events_are_accepted_and_silent() {
    let sim = sim("20261118 101500", 1.0, |_| {}).await;
    let rest = Rest::new(&sim).await;
    let mut socket = Socket::open(&sim, &rest.approval().await).await;
    for (tr_id, key, code) in [
        ("H0STCNI0", "someone", "OPSP0000"),
        ("H0STCNI9", "someone", "OPSP8991"),
        ("H0NXCNT0", "004700", "OPSP0000"),
        ("H0UPCNT0", "005930", "OPSP8992"),
        ("H0UNMKO0", "005930", "OPSP0000"),
    ] {
        let answer = socket.ask("1", tr_id, key).await;
        assert_eq!(answer["body"]["msg_cd"], json!(code), "{tr_id} {key}");
    }
    assert_eq!(sim.counters().registrations, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scripted_pause_shows_in_charts_quotes_and_feeds() {
    let script = Script::parse(
        "{\"at\": \"10:00:00\", \"vi\": \"005930\"}\n\
         {\"at\": \"10:10:00\", \"until\": \"10:20:00\", \"halt\": \"005930\"}",
    )
    .unwrap();
    let paused = async |time: &str| {
        let script = script.clone();
        let sim = sim(time, FROZEN, |o| o.script = script).await;
        let rest = Rest::new(&sim).await;
        let price = rest.price("005930").await["output"].clone();
        (sim, rest, price)
    };
    let (_sim, _, during_vi) = paused("20261118 100130").await;
    assert_eq!(
        (&during_vi["vi_cls_code"], &during_vi["temp_stop_yn"]),
        (&json!("Y"), &json!("N"))
    );
    let (_sim, _, halted) = paused("20261118 101500").await;
    assert_eq!(
        (&halted["vi_cls_code"], &halted["temp_stop_yn"]),
        (&json!("N"), &json!("Y"))
    );
    assert_eq!(halted["iscd_stat_cls_code"], "58");
    let (sim, rest, after) = paused("20261118 102500").await;
    assert_eq!(after["temp_stop_yn"], "N");
    let mut last = None;
    for row in rest.today("005930", "102400").await.iter().rev() {
        let hour = row["stck_cntg_hour"].as_str().unwrap();
        let bar = served(row);
        let stopped = ("100000".."100200").contains(&hour) || ("101000".."102000").contains(&hour);
        assert_eq!(bar.4 == 0, stopped, "{hour}");
        if let Some(close) = last
            && stopped
        {
            assert_eq!((bar.0, bar.3), (close, close), "{hour}");
        }
        last = Some(bar.3);
    }
    // The prints of the day still add up to its rows.
    let code = jeongbae::domain::StockCode::parse("005930").unwrap();
    let sum: i64 = sim
        .market()
        .minutes(code, day("20261118"))
        .iter()
        .filter(|r| r.minute < jeongbae::domain::Minute::hm(10, 25))
        .map(|r| r.candle.volume)
        .sum();
    assert_eq!(number(&after, "acml_vol"), sum);

    let moving = self::sim("20261118 100950", 5.0, |o| o.script = script.clone()).await;
    let rest = Rest::new(&moving).await;
    let mut socket = Socket::open(&moving, &rest.approval().await).await;
    assert_eq!(
        socket.ask("1", "H0STMKO0", "005930").await["body"]["msg_cd"],
        "OPSP0000"
    );
    let record = records(&socket.hear().await.unwrap(), 11)[0].clone();
    assert_eq!(
        [1, 3, 7, 8].map(|i| record[i].as_str()),
        ["Y", "164", "58", "N"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volatility_interruption_is_a_call_auction_of_two_minutes() {
    let script = Script::parse("{\"at\": \"10:00:00\", \"vi\": \"005930\"}").unwrap();
    let book = async |time: &str| {
        let script = script.clone();
        let sim = sim(time, FROZEN, |o| o.script = script).await;
        let rest = Rest::new(&sim).await;
        let query = "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930";
        let path = "inquire-asking-price-exp-ccn";
        let answer = rest.get("FHKST01010200", path, query).await;
        let row = rest.today("005930", "100200").await.first().map(served);
        (answer["output1"].clone(), answer["output2"].clone(), row)
    };
    let (levels, expected, _) = book("20261118 100130").await;
    for side in ["askp", "bidp"] {
        assert!(0 < number(&levels, &format!("{side}3")), "three levels");
        assert_eq!(number(&levels, &format!("{side}4")), 0, "and no more");
    }
    assert!(0 < number(&expected, "antc_cnpr") && 0 < number(&expected, "antc_vol"));
    assert_eq!(expected["vi_cls_code"], "Y");
    // Just before it ends the expected price is the one at which the match is made.
    let (_, expected, _) = book("20261118 100159").await;
    let near = number(&expected, "antc_cnpr");
    let (levels, _, row) = book("20261118 100330").await;
    assert!(0 < number(&levels, "askp10"), "continuous again");
    let matched = row.unwrap().0;
    assert!((near - matched).abs() * 100 < matched, "{near} {matched}");

    let moving = self::sim("20261118 100130", 5.0, |o| o.script = script.clone()).await;
    let rest = Rest::new(&moving).await;
    let mut socket = Socket::open(&moving, &rest.approval().await).await;
    for feed in ["H0STASP0", "H0STCNT0"] {
        let answer = socket.ask("1", feed, "005930").await;
        assert_eq!(answer["body"]["msg_cd"], "OPSP0000");
    }
    let mut calls = 0;
    loop {
        let frame = socket.hear().await.unwrap();
        if frame.starts_with("0|H0STASP0") {
            let book = records(&frame, 62)[0].clone();
            if book[1].as_str() < "100200" {
                calls += 1;
                assert_eq!(book[2], "C");
                assert_eq!((book[6].as_str(), book[16].as_str()), ("0", "0"));
                assert!(0 < book[47].parse::<i64>().unwrap(), "an expected price");
            }
        } else if frame.starts_with("0|H0STCNT0") {
            // The first print is the match, and it comes after the two minutes.
            let print = records(&frame, 46)[0].clone();
            assert!("100200" <= print[1].as_str(), "{}", print[1]);
            assert_eq!(print[21], "3", "neither side began it");
            assert_eq!(print[2], matched.to_string());
            break;
        }
    }
    assert!(0 < calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_row_is_corrected() {
    let sim = sim("20261118 100102", FROZEN, |o| o.faults.late_rows_secs = 10).await;
    let rest = Rest::new(&sim).await;
    let early = served(&rest.today("005930", "100000").await[0]);
    sim.faults().change(|f| f.late_rows_secs = 0);
    let late = served(&rest.today("005930", "100000").await[0]);
    assert!(early.4 < late.4, "{early:?} {late:?}");
    assert_eq!(early.0, late.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_split_rescales_the_past_when_it_is_asked_for_adjusted() {
    let plain = sim("20261120 100000", FROZEN, |_| {}).await;
    let script =
        Script::parse("{\"at\": \"09:00:00\", \"split\": \"005930\", \"ratio\": 50}").unwrap();
    let split = sim("20261120 100000", FROZEN, |o| o.script = script).await;
    let (before, after) = (Rest::new(&plain).await, Rest::new(&split).await);
    let chart = async |rest: &Rest, adjust: &str| {
        let query = format!(
            "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930&FID_INPUT_DATE_1=20261101\
             &FID_INPUT_DATE_2=20261119&FID_PERIOD_DIV_CODE=D&FID_ORG_ADJ_PRC={adjust}"
        );
        let answer = rest
            .get("FHKST03010100", "inquire-daily-itemchartprice", &query)
            .await;
        answer["output2"].as_array().unwrap().clone()
    };
    let old = chart(&before, "0").await;
    let (adjusted, raw) = (chart(&after, "0").await, chart(&after, "1").await);
    assert_eq!((old.len(), raw.len()), (adjusted.len(), old.len()));
    for ((old, adjusted), raw) in old.iter().zip(&adjusted).zip(&raw) {
        for name in ["stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr"] {
            assert_eq!(old[name], raw[name]);
            assert_eq!(number(adjusted, name), (number(old, name) + 25) / 50);
        }
        assert_eq!(number(adjusted, "acml_vol"), number(old, "acml_vol") * 50);
    }
    let pair = "FID_COND_MRKT_DIV_CODE_1=J&FID_INPUT_ISCD_1=005930";
    let bulk = after.get("FHKST11300006", "intstock-multprice", pair).await;
    let (base, close) = (
        number(&bulk["output"][0], "inter2_sdpr"),
        number(&bulk["output"][0], "inter2_prdy_clpr"),
    );
    assert_eq!(close, number(&old[0], "stck_clpr"));
    assert!((49..=51).contains(&(close / base)), "{close} {base}");
    let price = &after.price("005930").await["output"];
    assert!(number(price, "stck_llam") < number(price, "stck_prpr"));
}
