//! The services beside prices and charts: who trades, indices, rankings, auctions, searches. What
//! they say has to fit what the other services say of the same market.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use jeongbae::sim::Script;
use serde_json::Value;

use crate::harness::*;

const STOCK: &str = "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930";

fn decimal(value: &Value, name: &str) -> f64 {
    let text = value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {value}"));
    text.trim()
        .parse()
        .unwrap_or_else(|_| panic!("{name} = {text:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_price_agrees_with_the_first() {
    let (_sim, rest) = still("20261120 140000").await;
    for market in ["J", "NX", "UN"] {
        let query = format!("FID_COND_MRKT_DIV_CODE={market}&FID_INPUT_ISCD=005930");
        let first = rest.get("FHKST01010100", "inquire-price", &query).await;
        let second = rest.get("FHPST01010000", "inquire-price-2", &query).await;
        let (first, second) = (&first["output"], &second["output"]);
        for name in [
            "stck_prpr",
            "stck_oprc",
            "stck_hgpr",
            "stck_lwpr",
            "acml_vol",
            "stck_mxpr",
            "stck_llam",
            "stck_sdpr",
            "prdy_ctrt",
        ] {
            assert_eq!(first[name], second[name], "{market} {name}");
        }
        let beside = number(second, "stck_prpr") - number(second, "stck_lwpr");
        assert_eq!(number(second, "lwpr_vrss_prpr"), beside);
        assert_eq!(second.as_object().unwrap().len(), 54);
    }
    let chart = rest.period("005930", "20261119", "20261119", "D").await;
    let second = rest.get("FHPST01010000", "inquire-price-2", STOCK).await;
    assert_eq!(
        chart["output2"][0]["acml_vol"],
        second["output"]["prdy_vol"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn prints_until_an_hour_are_those_of_the_tape() {
    let (_sim, rest) = still("20261120 140000").await;
    let until = async |hour: &str| {
        let query = format!("{STOCK}&FID_INPUT_HOUR_1={hour}");
        rest.rows(
            "FHPST01060000",
            "inquire-time-itemconclusion",
            &query,
            "output2",
        )
        .await
    };
    let newest = rest.get("FHKST01010300", "inquire-ccnl", STOCK).await;
    let (newest, same) = (rows(&newest, "output"), until("235959").await);
    for (a, b) in newest.iter().zip(&same) {
        assert_eq!(
            (&a["stck_cntg_hour"], &a["stck_prpr"], &a["cntg_vol"]),
            (&b["stck_cntg_hour"], &b["stck_pbpr"], &b["cnqn"])
        );
    }
    let page = until("100000").await;
    assert_eq!(page.len(), 30);
    for pair in page.windows(2) {
        let (newer, older) = (&pair[0], &pair[1]);
        assert_eq!(
            number(newer, "acml_vol") - number(newer, "cnqn"),
            number(older, "acml_vol")
        );
    }
    assert!(page[0]["stck_cntg_hour"].as_str().unwrap() <= "100000");
    let minute = rest.today("005930", "095900").await;
    let whole = rest
        .rows(
            "FHPST01060000",
            "inquire-time-itemconclusion",
            &format!("{STOCK}&FID_INPUT_HOUR_1=095959"),
            "output2",
        )
        .await;
    assert_eq!(whole[0]["stck_pbpr"], minute[0]["stck_prpr"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_and_investors_make_up_the_volume() {
    let (_sim, rest) = still("20261120 140000").await;
    let volume = number(&rest.price("005930").await["output"], "acml_vol");
    let member = rest.get("FHKST01010600", "inquire-member", STOCK).await;
    let member = &member["output"];
    assert_eq!(member.as_object().unwrap().len(), 67);
    for side in ["seln", "shnu"] {
        let shares: Vec<i64> = (1..=5)
            .map(|i| number(member, &format!("total_{side}_qty{i}")))
            .collect();
        assert!(
            shares.is_sorted_by(|a, b| b <= a) && shares.iter().sum::<i64>() <= volume,
            "{shares:?} of {volume}"
        );
        let part = shares[0] as f64 * 100.0 / volume as f64;
        assert!((decimal(member, &format!("{side}_mbcr_rlim1")) - part).abs() < 0.006);
    }
    let net = number(member, "glob_total_shnu_qty") - number(member, "glob_total_seln_qty");
    assert_eq!(number(member, "glob_ntby_qty"), net);

    let answer = rest.get("FHKST01010900", "inquire-investor", STOCK).await;
    let days = rows(&answer, "output");
    assert_eq!(days.len(), 30);
    // The running session is told of when it is over.
    assert_eq!(
        (&days[0]["stck_bsop_date"], &days[0]["prsn_ntby_qty"]),
        (&"20261120".into(), &"".into())
    );
    let chart = rest.period("005930", "20261001", "20261119", "D").await;
    for (day, bar) in days[1..].iter().zip(chart["output2"].as_array().unwrap()) {
        assert_eq!(
            (&day["stck_bsop_date"], &day["stck_clpr"]),
            (&bar["stck_bsop_date"], &bar["stck_clpr"])
        );
        let of =
            |what: &str| ["prsn", "frgn", "orgn"].map(|who| number(day, &format!("{who}_{what}")));
        assert_eq!(of("shnu_vol").iter().sum::<i64>(), number(bar, "acml_vol"));
        assert_eq!(of("seln_vol").iter().sum::<i64>(), number(bar, "acml_vol"));
        assert_eq!(of("ntby_qty").iter().sum::<i64>(), 0);
        assert_eq!(of("ntby_qty")[1], of("shnu_vol")[1] - of("seln_vol")[1]);
    }
    let after = self::sim("20261120 190000", FROZEN, |_| {}).await;
    let rest = Rest::new(&after).await;
    let today = rest
        .rows("FHKST01010900", "inquire-investor", STOCK, "output")
        .await;
    assert_ne!(today[0]["prsn_ntby_qty"], "");
    assert_eq!(today[1], days[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_and_counted_investors_grow_with_the_tape() {
    let (_sim, rest) = still("20261120 140000").await;
    let table = async |tr_id: &str, path: &str, rest_of: &str| {
        rest.rows(tr_id, path, &format!("{STOCK}{rest_of}"), "output")
            .await
    };
    let net = |row: &Value| number(row, "whol_smtn_shnu_vol") - number(row, "whol_smtn_seln_vol");
    let by_print = table("FHPPG04650101", "program-trade-by-stock", "").await;
    assert_eq!(by_print.len(), 30);
    let prints = rest
        .rows("FHKST01010300", "inquire-ccnl", STOCK, "output")
        .await;
    for (row, print) in by_print.iter().zip(&prints) {
        assert_eq!(row["bsop_hour"], print["stck_cntg_hour"]);
        assert_eq!(row["stck_prpr"], print["stck_prpr"]);
    }
    for pair in by_print.windows(2) {
        assert_eq!(number(&pair[0], "whol_smtn_ntby_qty"), net(&pair[0]));
        let change = net(&pair[0]) - net(&pair[1]);
        assert_eq!(number(&pair[0], "whol_ntby_vol_icdc"), change);
    }
    let daily = "program-trade-by-stock-daily";
    let by_day = table("FHPPG04650201", daily, "&FID_INPUT_DATE_1=").await;
    assert_eq!(by_day.len(), 30);
    // The running day stands where its last print left it.
    assert_eq!(net(&by_day[0]), net(&by_print[0]));
    let chart = rest.period("005930", "20261001", "20261119", "D").await;
    for (row, bar) in by_day[1..].iter().zip(&rows(&chart, "output2")) {
        for name in ["stck_bsop_date", "stck_clpr", "acml_vol", "acml_tr_pbmn"] {
            assert_eq!(row[name], bar[name]);
        }
        assert!(number(row, "whol_smtn_seln_vol") < number(row, "acml_vol"));
    }
    let older = table("FHPPG04650201", daily, "&FID_INPUT_DATE_1=20261119").await;
    assert_eq!(older[0], by_day[1]);

    let query = "MKSC_SHRN_ISCD=005930";
    let path = "investor-trend-estimate";
    let counted = rest.rows("HHPTJ04160200", path, query, "output2").await;
    // At two in the afternoon four of five counts are in.
    assert_eq!(counted.len(), 4);
    assert_eq!(counted[0]["bsop_hour_gb"], "4");
    for row in &counted {
        let sum = number(row, "frgn_fake_ntby_qty") + number(row, "orgn_fake_ntby_qty");
        assert_eq!(number(row, "sum_fake_ntby_qty"), sum);
    }
    assert_eq!(counted[3]["orgn_fake_ntby_qty"], "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_the_same_in_every_answer() {
    let (_sim, rest) = still("20260113 110030").await;
    let query = "FID_COND_MRKT_DIV_CODE=U&FID_INPUT_ISCD=1001";
    let price = rest
        .get("FHPUP02100000", "inquire-index-price", query)
        .await;
    let price = &price["output"];
    assert_eq!(price.as_object().unwrap().len(), 36);
    let multiple = rest
        .get(
            "FHKST11300006",
            "intstock-multprice",
            "FID_COND_MRKT_DIV_CODE_1=U&FID_INPUT_ISCD_1=1001",
        )
        .await;
    let row = &multiple["output"][0];
    for (a, b) in [
        ("bstp_nmix_prpr", "inter2_prpr"),
        ("bstp_nmix_hgpr", "inter2_hgpr"),
        ("acml_vol", "acml_vol"),
    ] {
        assert_eq!(price[a], row[b]);
    }
    let counted: i64 = ["ascn", "stnr", "down"]
        .iter()
        .map(|n| number(price, &format!("{n}_issu_cnt")))
        .sum();
    assert!(0 < counted);
    assert!(decimal(price, "dryy_bstp_nmix_lwpr") <= decimal(price, "bstp_nmix_prpr"));

    let span = format!(
        "{query}&FID_INPUT_DATE_1=20260105&FID_INPUT_DATE_2=20260113&FID_PERIOD_DIV_CODE=D"
    );
    let chart = rest
        .get("FHKUP03500100", "inquire-daily-indexchartprice", &span)
        .await;
    let days = rows(&chart, "output2");
    assert_eq!(days[0]["bstp_nmix_prpr"], price["bstp_nmix_prpr"]);
    assert_eq!(
        (&days[1]["acml_vol"], &days[1]["bstp_nmix_prpr"]),
        (&price["prdy_vol"], &chart["output1"]["prdy_nmix"])
    );
    assert_eq!(days.len(), 7);
    let week = rest
        .get(
            "FHKUP03500100",
            "inquire-daily-indexchartprice",
            &span.replace("CODE=D", "CODE=W"),
        )
        .await;
    let weeks = rows(&week, "output2");
    assert_eq!(
        weeks.iter().map(|w| number(w, "acml_vol")).sum::<i64>(),
        days.iter().map(|d| number(d, "acml_vol")).sum::<i64>()
    );

    let minutes = format!("{query}&FID_ETC_CLS_CODE=0&FID_INPUT_HOUR_1=120&FID_PW_DATA_INCU_YN=Y");
    let chart = rest
        .get("FHKUP03500200", "inquire-time-indexchartprice", &minutes)
        .await;
    let bars = rows(&chart, "output2");
    assert_eq!(
        (bars.len(), bars[0]["stck_cntg_hour"].as_str().unwrap()),
        (102, "105800")
    );
    let hours: Vec<&str> = bars
        .iter()
        .map(|b| b["stck_cntg_hour"].as_str().unwrap())
        .collect();
    let first = hours.iter().position(|h| *h == "090000").unwrap();
    assert_eq!(
        hours[first + 1..first + 5],
        ["999999", "888888", "153200", "153000"]
    );
    assert_eq!(bars[first + 4]["bstp_nmix_prpr"], days[1]["bstp_nmix_prpr"]);

    let until = format!("{query}&FID_PERIOD_DIV_CODE=M&FID_INPUT_DATE_1=20260113");
    let refused = rest
        .get(
            "FHPUP02120000",
            "inquire-index-daily-price",
            &until.replace("CODE=M", "CODE=Y"),
        )
        .await;
    assert_eq!(refused["rt_cd"], "2");
    let unknown = rest
        .get(
            "FHPUP02100000",
            "inquire-index-price",
            "FID_COND_MRKT_DIV_CODE=U&FID_INPUT_ISCD=no",
        )
        .await;
    assert_eq!(unknown["rt_cd"], "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_table_of_an_index_says_mood_and_disparity() {
    let (_sim, rest) = still("20261120 160000").await;
    let query = "FID_PERIOD_DIV_CODE=D&FID_COND_MRKT_DIV_CODE=U&FID_INPUT_ISCD=1001&FID_INPUT_DATE_1=20261120";
    let answer = rest
        .get("FHPUP02120000", "inquire-index-daily-price", query)
        .await;
    let days = rows(&answer, "output2");
    assert_eq!(days.len(), 100);
    let closes: Vec<f64> = days.iter().map(|d| decimal(d, "bstp_nmix_prpr")).collect();
    let mean = closes[..20].iter().sum::<f64>() / 20.0;
    assert!((decimal(&days[0], "d20_dsrt") - closes[0] / mean * 100.0).abs() < 0.02);
    let up = closes[..11].windows(2).filter(|w| w[1] < w[0]).count();
    assert!((decimal(&days[0], "invt_new_psdg") - up as f64 * 10.0).abs() < 0.01);
    for pair in days.windows(2) {
        let change = decimal(&pair[0], "bstp_nmix_prpr") - decimal(&pair[1], "bstp_nmix_prpr");
        assert!((decimal(&pair[0], "bstp_nmix_prdy_vrss") - change).abs() < 0.02);
    }
    assert_eq!(
        answer["output1"]["bstp_nmix_prpr"],
        days[0]["bstp_nmix_prpr"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rankings_are_in_order_and_fit_the_prices() {
    let (_sim, rest) = still("20261120 140000").await;
    let base = "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=1001&FID_TRGT_CLS_CODE=&FID_TRGT_EXLS_CLS_CODE=\
        &FID_INPUT_PRICE_1=&FID_INPUT_PRICE_2=&FID_VOL_CNT=&FID_DIV_CLS_CODE=0&FID_PRC_CLS_CODE=0\
        &FID_BLNG_CLS_CODE=0&FID_INPUT_DATE_1=&FID_RANK_SORT_CLS_CODE=0&FID_HOUR_CLS_CODE=20\
        &FID_RSFL_RATE1=&FID_RSFL_RATE2=&FID_INPUT_CNT_1=0&FID_INPUT_CNT_2=1000&FID_APLY_RANG_VOL=0\
        &FID_APLY_RANG_PRC_1=&FID_APLY_RANG_PRC_2=&FID_COND_SCR_DIV_CODE=";
    let ask = async |tr_id: &str, path: &str, screen: &str| {
        let url = if path.contains('/') {
            format!("../{path}")
        } else {
            path.to_owned()
        };
        rest.rows(tr_id, &url, &format!("{base}{screen}"), "output")
            .await
    };
    let falling = |rows: &[Value], name: &str| {
        assert!(5 < rows.len());
        let values: Vec<f64> = rows.iter().map(|r| decimal(r, name)).collect();
        assert!(values.is_sorted_by(|a, b| b <= a), "{name}: {values:?}");
    };
    let by_volume = ask("FHPST01710000", "volume-rank", "20171").await;
    falling(&by_volume, "acml_vol");
    let code = by_volume[0]["mksc_shrn_iscd"].as_str().unwrap().to_owned();
    let price = rest.price(&code).await;
    for name in ["stck_prpr", "acml_vol", "acml_tr_pbmn", "prdy_ctrt"] {
        assert_eq!(by_volume[0][name], price["output"][name], "{name}");
    }
    falling(
        &ask("FHPST01740000", "ranking/market-cap", "20174").await,
        "stck_avls",
    );
    falling(
        &ask("FHPST01780000", "ranking/disparity", "20178").await,
        "d20_dsrt",
    );
    let moved = ask("FHPST01700000", "ranking/fluctuation", "20170").await;
    falling(&moved, "lwpr_vrss_prpr_rate");
    for row in &moved {
        assert_eq!(number(row, "prd_rsfl"), number(row, "prdy_vrss"));
    }
    let near = ask("FHPST01870000", "ranking/near-new-highlow", "20187").await;
    falling(&near, "hprc_near_rate");
    for row in ask("FHKST130000C0", "capture-uplowprice", "11300").await {
        assert_eq!(row["stck_prpr"], row["stck_mxpr"]);
    }
    let narrow = format!("{base}20171").replace("FID_INPUT_PRICE_1=", "FID_INPUT_PRICE_1=50000");
    let dear = rest
        .rows("FHPST01710000", "volume-rank", &narrow, "output")
        .await;
    assert!(dear.iter().all(|r| 50_000 <= number(r, "stck_prpr")) && dear.len() < by_volume.len());
    let merged = format!("{base}20171").replace("CODE=J", "CODE=UN");
    let none = rest
        .rows("FHPST01710000", "volume-rank", &merged, "output")
        .await;
    assert!(none.is_empty());
    let caps = format!("{base}20174").replace("CODE=J", "CODE=UN");
    assert_eq!(
        rest.get("FHPST01740000", "../ranking/market-cap", &caps)
            .await["rt_cd"],
        "2"
    );
}

/// The broker's sample of the ranking by volume asks for the large stocks of one board, with a
/// shorter mask and zeros for what is not wanted.
#[tokio::test(flavor = "multi_thread")]
async fn a_ranking_may_be_of_a_sector() {
    let (_sim, rest) = still("20261120 140000").await;
    let of = async |index: &str| {
        let query = format!(
            "FID_COND_MRKT_DIV_CODE=J&FID_COND_SCR_DIV_CODE=20171&FID_INPUT_ISCD={index}&FID_DIV_CLS_CODE=0\
             &FID_BLNG_CLS_CODE=0&FID_TRGT_CLS_CODE=111111111&FID_TRGT_EXLS_CLS_CODE=000000\
             &FID_INPUT_PRICE_1=0&FID_INPUT_PRICE_2=0&FID_VOL_CNT=0&FID_INPUT_DATE_1=0"
        );
        rest.rows("FHPST01710000", "volume-rank", &query, "output")
            .await
            .iter()
            .map(|row| row["mksc_shrn_iscd"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (kospi, large, electric) = (of("0001").await, of("0002").await, of("0013").await);
    for code in ["005930", "000660"] {
        for (index, codes) in [
            ("0002", &large),
            ("0013", &electric),
            ("4001", &of("4001").await),
        ] {
            assert!(codes.iter().any(|c| c == code), "{code} in {index}");
        }
    }
    let size = |codes: &[String]| codes.len();
    assert!(size(&electric) < size(&kospi), "{electric:?}");
    let small = of("1004").await;
    assert!(!small.iter().any(|code| kospi.contains(code)), "{small:?}");
    let unknown = "FID_COND_MRKT_DIV_CODE=J&FID_COND_SCR_DIV_CODE=20171&FID_INPUT_ISCD=0099&FID_DIV_CLS_CODE=0\
        &FID_BLNG_CLS_CODE=0&FID_TRGT_CLS_CODE=&FID_TRGT_EXLS_CLS_CODE=&FID_INPUT_PRICE_1=&FID_INPUT_PRICE_2=\
        &FID_VOL_CNT=&FID_INPUT_DATE_1=";
    let refused = rest.get("FHPST01710000", "volume-rank", unknown).await;
    assert_eq!(refused["msg_cd"], "OPSQ2001");
}

#[tokio::test(flavor = "multi_thread")]
async fn auctions_are_told_while_they_run() {
    let query = "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=0001&FID_RANK_SORT_CLS_CODE=3&FID_COND_SCR_DIV_CODE=11173&FID_BLNG_CLS_CODE=0";
    let quiet = sim("20261120 140000", FROZEN, |_| {}).await;
    let rest = Rest::new(&quiet).await;
    assert!(
        rest.rows("FHKST117300C0", "exp-closing-price", query, "output")
            .await
            .is_empty()
    );
    let trend = rest
        .get(
            "FHPST01810000",
            "exp-price-trend",
            &format!("{STOCK}&FID_MKOP_CLS_CODE=0"),
        )
        .await;
    let path = rows(&trend, "output2");
    // In the session the opening auction's path still stands.
    assert!(
        path.iter()
            .all(|r| r["stck_cntg_hour"].as_str().unwrap() < "090000")
            && path.len() == 30
    );

    let (_sim, rest) = still("20261120 152500").await;
    let closing = rest
        .rows("FHKST117300C0", "exp-closing-price", query, "output")
        .await;
    assert!(20 < closing.len());
    let trend = rest
        .get(
            "FHPST01810000",
            "exp-price-trend",
            &format!("{STOCK}&FID_MKOP_CLS_CODE=0"),
        )
        .await;
    let samsung = closing
        .iter()
        .find(|r| r["stck_shrn_iscd"] == "005930")
        .unwrap();
    assert_eq!(samsung["stck_prpr"], trend["output1"]["antc_cnpr"]);
    assert_eq!(
        trend["output2"][0]["stck_prpr"],
        trend["output1"]["antc_cnpr"]
    );
    let worth = number(&trend["output1"], "antc_cnpr") * number(&trend["output1"], "antc_vol");
    assert_eq!(number(&trend["output1"], "antc_tr_pbmn"), worth);
}

#[tokio::test(flavor = "multi_thread")]
async fn interruptions_are_listed_once_they_began() {
    let script = Script::parse("{\"at\": \"10:00:00\", \"vi\": \"005930\"}").unwrap();
    let query = "FID_DIV_CLS_CODE=0&FID_COND_SCR_DIV_CODE=20139&FID_MRKT_CLS_CODE=0&FID_INPUT_ISCD=&FID_RANK_SORT_CLS_CODE=0\
        &FID_INPUT_DATE_1=20261120&FID_TRGT_CLS_CODE=&FID_TRGT_EXLS_CLS_CODE=";
    for (time, expected) in [
        ("095900", None),
        ("100100", Some("Y")),
        ("110000", Some("N")),
    ] {
        let script = script.clone();
        let sim = sim(&format!("20261120 {time}"), FROZEN, |o| o.script = script).await;
        let rest = Rest::new(&sim).await;
        let found = rest
            .rows("FHPST01390000", "inquire-vi-status", query, "output")
            .await;
        assert_eq!(
            found.first().map(|r| r["vi_cls_code"].as_str().unwrap()),
            expected,
            "{time}"
        );
        if let Some(row) = found.first() {
            assert_eq!(
                (&row["mksc_shrn_iscd"], &row["cntg_vi_hour"]),
                (&"005930".into(), &"100000".into())
            );
            let before = rest.today("005930", "095900").await;
            assert_eq!(row["vi_prc"], before[0]["stck_prpr"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_conditions_and_titles_name_stocks_of_the_market() {
    let (_sim, rest) = still("20261120 140000").await;
    let groups = rest
        .get(
            "HHKCM113004C7",
            "intstock-grouplist",
            "TYPE=1&FID_ETC_CLS_CODE=00&USER_ID=tester",
        )
        .await;
    for group in rows(&groups, "output2") {
        let code = group["inter_grp_code"].as_str().unwrap();
        let query = format!(
            "TYPE=1&USER_ID=tester&DATA_RANK=&INTER_GRP_CODE={code}&INTER_GRP_NAME=&HTS_KOR_ISNM=&CNTG_CLS_CODE=&FID_ETC_CLS_CODE=4"
        );
        let answer = rest
            .get("HHKCM113004C6", "intstock-stocklist-by-group", &query)
            .await;
        let stocks = rows(&answer, "output2");
        assert_eq!(stocks.len() as i64, number(&group, "ask_cnt"));
        assert_eq!(answer["output1"]["inter_grp_name"], group["inter_grp_name"]);
        assert!(stocks.iter().all(|s| s["fid_mrkt_cls_code"] == "J"));
    }
    let titles = rest
        .get("HHKST03900300", "psearch-title", "user_id=tester")
        .await;
    let titles = rows(&titles, "output2");
    assert_eq!(titles[0]["user_id"], "tester");
    let up = rest
        .get("HHKST03900400", "psearch-result", "user_id=tester&seq=0")
        .await;
    let hits = rows(&up, "output2");
    let price = rest.price(hits[0]["code"].as_str().unwrap()).await;
    assert_eq!(
        decimal(&hits[0], "price") as i64,
        number(&price["output"], "stck_prpr")
    );
    assert!(
        hits.iter()
            .all(|h| 0.0 < decimal(h, "change") && h["price"].as_str().unwrap().len() == 16)
    );
    let none = rest
        .get("HHKST03900400", "psearch-result", "user_id=tester&seq=99")
        .await;
    assert_eq!(
        (&none["rt_cd"], &none["msg_cd"]),
        (&"1".into(), &"MCA05918".into())
    );

    let blank = "FID_NEWS_OFER_ENTP_CODE=&FID_COND_MRKT_CLS_CODE=&FID_INPUT_ISCD=&FID_TITL_CNTT=&FID_INPUT_DATE_1=&FID_INPUT_HOUR_1=&FID_RANK_SORT_CLS_CODE=&FID_INPUT_SRNO=";
    let news = rest
        .rows("FHKST01011800", "news-title", blank, "output")
        .await;
    assert_eq!(news.len(), 40);
    let stamps: Vec<String> = news
        .iter()
        .map(|n| n["data_dt"].as_str().unwrap().to_owned() + n["data_tm"].as_str().unwrap())
        .collect();
    assert!(stamps.is_sorted_by(|a, b| b <= a) && stamps[0].as_str() <= "20261120140059");
    let older = blank
        .replace("DATE_1=", "DATE_1=0020261118")
        .replace("HOUR_1=", "HOUR_1=0000120000");
    let older = rest
        .rows("FHKST01011800", "news-title", &older, "output")
        .await;
    assert!(older[0]["data_dt"] == "20261118" && older[0]["data_tm"].as_str().unwrap() <= "120059");
}

/// What the paper host lacks is refused there, and what nobody describes is unknown on both.
#[tokio::test(flavor = "multi_thread")]
async fn the_paper_host_and_unknown_services() {
    let sim = sim("20261120 140000", FROZEN, |o| {
        o.faults.environment = jeongbae::sim::Environment::Paper;
        o.faults.calls_per_second = Some(1e6);
    })
    .await;
    let rest = Rest::new(&sim).await;
    for (tr_id, path, offered) in [
        ("FHPST01010000", "inquire-price-2", false),
        ("FHPST01060000", "inquire-time-itemconclusion", true),
        ("FHKST01010600", "inquire-member", true),
        ("FHKST01010900", "inquire-investor", true),
        ("FHPUP02100000", "inquire-index-price", false),
        ("HHKST03900300", "psearch-title", false),
    ] {
        let answer = rest
            .get(tr_id, path, &format!("{STOCK}&FID_INPUT_HOUR_1=100000"))
            .await;
        let code = if offered { "MCA00000" } else { "EGW02004" };
        assert_eq!(answer["msg_cd"], code, "{path}");
    }
    let (status, answer) = rest
        .text("FHKST66430300", "../finance/financial-ratio", STOCK)
        .await;
    assert_eq!((status, answer.contains("OPSQ0002")), (500, true));
}
