//! Minute and period charts: pages, order, quirks, folds.

use std::collections::BTreeMap;

use jeongbae::domain::{Won, price_limits, round_down_to_tick};
use serde_json::json;

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn minute_pages_are_newest_first_and_run_over_midnight() {
    let (sim, rest) = still("20261120 100500").await;
    let page = rest.today("005930", "100500").await;
    assert_eq!(page.len(), 30);
    assert_eq!(
        (stamp(&page[0]), stamp(&page[29])),
        ("20261120100500".into(), "20261120093600".into())
    );
    assert_eq!(rest.today("005930", "091000").await.len(), 11);

    // The 19th was exam day: everything an hour later.
    let over = rest.dated("005930", "20261120", "090500", "Y").await;
    let stamps: Vec<String> = over.iter().map(stamp).collect();
    assert_eq!(over.len(), 120);
    assert_eq!(
        stamps[4..9],
        [
            "20261120090100",
            "20261120090000",
            "20261119163000",
            "20261119161900",
            "20261119161800"
        ]
    );
    assert!(stamps.is_sorted_by(|a, b| b < a));
    assert_eq!(
        rest.dated("005930", "20261120", "090500", "N").await.len(),
        6
    );
    // One trading day by four pages, and its 381 rows.
    let mut rows = BTreeMap::new();
    for hour in ["153000", "132000", "112200", "092400"] {
        for row in rest.dated("005930", "20261118", hour, "N").await {
            rows.insert(stamp(&row), served(&row));
        }
    }
    assert_eq!(rows.len(), 381);
    let fold = rows
        .values()
        .filter(|r| 0 < r.4)
        .fold(None, |bar: Option<Ohlcv>, r| {
            Some(bar.map_or(*r, |b| (b.0, b.1.max(r.1), b.2.min(r.2), r.3, b.4 + r.4)))
        });
    let daily = rest.period("005930", "20261118", "20261118", "D").await;
    let d = &daily["output2"][0];
    let n = |name: &str| number(d, name);
    assert_eq!(
        fold,
        Some((
            n("stck_oprc"),
            n("stck_hgpr"),
            n("stck_lwpr"),
            n("stck_clpr"),
            n("acml_vol")
        ))
    );
    // A holiday, a day too old and a day to come answer with other days.
    assert_eq!(
        rest.dated("005930", "20261009", "153000", "N").await[0]["stck_bsop_date"],
        "20261008"
    );
    let oldest = rest.dated("005930", "20240102", "153000", "Y").await;
    let sessions = sim
        .market()
        .calendar()
        .open_days_before(day("20261121"), 246);
    assert_eq!(
        oldest[0]["stck_bsop_date"],
        sessions[245].compact().as_str()
    );
    assert!(
        oldest.len() < 382
            && oldest
                .iter()
                .all(|r| r["stck_bsop_date"] == oldest[0]["stck_bsop_date"])
    );
    assert_eq!(
        rest.dated("005930", "20270104", "153000", "N").await[0]["stck_bsop_date"],
        "20261120"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_row_is_unfinished_and_the_future_is_flat() {
    let (sim, rest) = still("20261120 100000").await;
    let rows = rest.today("005930", "100000").await;
    let (newest, before) = (served(&rows[0]), served(&rows[1]));
    // No print has come at the very first millisecond of 10:00.
    assert_eq!(newest, (before.3, before.3, before.3, before.3, before.4));
    let market = sim.market();
    let code = "005930".parse().unwrap();
    let truth = market.minutes(code, day("20261120"));
    assert_ne!(truth[60].candle.volume, newest.4);
    let future = rest.today("005930", "101000").await;
    assert_eq!(future[0]["stck_cntg_hour"], "101000");
    for row in &future[..10] {
        assert_eq!(served(row), (before.3, before.3, before.3, before.3, 0));
    }
    assert_eq!(served(&future[11]), before);

    let early = self::sim("20261120 083000", FROZEN, |_| {}).await;
    let rest = Rest::new(&early).await;
    let quote = &rest.price("005930").await["output"];
    assert_eq!(quote["stck_prpr"], quote["stck_sdpr"]);
    assert_eq!(
        (quote["acml_vol"].as_str(), quote["stck_oprc"].as_str()),
        (Some("0"), Some("0"))
    );
    assert!(rest.today("005930", "083000").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn period_charts_fold_and_keep_the_rules_of_prices() {
    let (sim, rest) = still("20261120 103000").await;
    let answer = rest.period("247540", "20200101", "20261120", "D").await;
    assert_eq!(answer["output1"]["hts_kor_isnm"], "에코프로비엠");
    let rows = answer["output2"].as_array().unwrap();
    assert_eq!(
        (rows.len(), rows[0]["stck_bsop_date"].as_str()),
        (100, Some("20261120"))
    );
    for pair in rows.windows(2) {
        let before = number(&pair[1], "stck_clpr");
        let (low, high) = price_limits(Won(before));
        assert!(low.0 <= number(&pair[0], "stck_lwpr") && number(&pair[0], "stck_hgpr") <= high.0);
        assert_eq!(
            number(&pair[0], "prdy_vrss"),
            number(&pair[0], "stck_clpr") - before
        );
        for name in ["stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr"] {
            let price = Won(number(&pair[0], name));
            assert_eq!(round_down_to_tick(price), price);
        }
    }
    // Today's bar is the quote so far.
    let quote = &rest.price("247540").await["output"];
    for (bar, now) in [
        ("stck_clpr", "stck_prpr"),
        ("stck_hgpr", "stck_hgpr"),
        ("acml_vol", "acml_vol"),
    ] {
        assert_eq!(rows[0][bar], quote[now]);
    }
    // The next page begins the day before the oldest row.
    let oldest = day(rows[99]["stck_bsop_date"].as_str().unwrap());
    let next = rest
        .period("247540", "20200101", &oldest.plus(-1).compact(), "D")
        .await;
    let newest = day(next["output2"][0]["stck_bsop_date"].as_str().unwrap());
    assert_eq!(newest, sim.market().calendar().previous_open(oldest));
    // Weeks are folds of days.
    let weeks = rest.period("247540", "20261101", "20261115", "W").await;
    let weeks = weeks["output2"].as_array().unwrap();
    let days = rest.period("247540", "20261109", "20261113", "D").await;
    let days = days["output2"].as_array().unwrap();
    assert_eq!((weeks.len(), days.len()), (3, 5));
    assert_eq!(weeks[0]["stck_clpr"], days[0]["stck_clpr"]);
    assert_eq!(weeks[0]["stck_oprc"], days[4]["stck_oprc"]);
    let volume: i64 = days.iter().map(|d| number(d, "acml_vol")).sum();
    assert_eq!(number(&weeks[0], "acml_vol"), volume);
    // Before listing there is one blank row; an unknown stock has none.
    let none = rest.period("373220", "20210101", "20211231", "D").await;
    assert_eq!(none["output2"], json!([{}]));
    let unknown = rest.period("999999", "20210101", "20211231", "D").await;
    assert_eq!(
        (&unknown["rt_cd"], &unknown["output2"]),
        (&json!("0"), &json!([]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_decides_every_byte() {
    let start = async |seed| {
        let sim = sim("20261120 142507", FROZEN, |o| o.seed = seed).await;
        let rest = Rest::new(&sim).await;
        (sim, rest)
    };
    let (a, b, c) = (start(4).await, start(4).await, start(5).await);
    let base = "FID_COND_MRKT_DIV_CODE=UN&FID_INPUT_ISCD=035720";
    let day = "FID_INPUT_DATE_1=20261001&FID_INPUT_DATE_2=20261120&FID_PERIOD_DIV_CODE=D&FID_ORG_ADJ_PRC=1";
    let minutes = "FID_INPUT_HOUR_1=142500&FID_PW_DATA_INCU_YN=Y&FID_ETC_CLS_CODE=";
    let calls = [
        ("FHKST01010100", "inquire-price", String::new()),
        (
            "FHKST01010200",
            "inquire-asking-price-exp-ccn",
            String::new(),
        ),
        ("FHKST01010300", "inquire-ccnl", String::new()),
        (
            "FHKST03010100",
            "inquire-daily-itemchartprice",
            day.to_owned(),
        ),
        (
            "FHKST03010200",
            "inquire-time-itemchartprice",
            minutes.to_owned(),
        ),
        (
            "FHKST03010230",
            "inquire-time-dailychartprice",
            format!("{minutes}&FID_INPUT_DATE_1=20261120"),
        ),
    ];
    let mut firsts = Vec::new();
    for (tr_id, path, more) in &calls {
        firsts.push(a.1.text(tr_id, path, &format!("{base}&{more}")).await);
    }
    for ((tr_id, path, more), first) in calls.iter().zip(&firsts).rev() {
        let query = format!("{base}&{more}");
        assert_eq!(first.0, 200);
        assert_eq!(&b.1.text(tr_id, path, &query).await, first);
        assert_ne!(&c.1.text(tr_id, path, &query).await, first);
    }
}
