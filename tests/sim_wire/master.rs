//! What covers the whole market: master files, the bulk quote, the holiday table.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, outside a test function"
)]

use std::io::Read as _;

use jeongbae::sim::Sim;
use serde_json::{Value, json};

use crate::harness::*;

/// The rows of a master file, as bytes.
async fn master(sim: &Sim, name: &str) -> Vec<Vec<u8>> {
    let url = format!("{}/common/master/{name}.zip", sim.rest_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let bytes = answer.bytes().await.unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(zip.len(), 1);
    let mut text = Vec::new();
    let mut file = zip.by_index(0).unwrap();
    assert_eq!(file.name(), name);
    file.read_to_end(&mut text).unwrap();
    assert_eq!(text.pop(), Some(b'\n'));
    text.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}

fn column(row: &[u8], at: usize, width: usize) -> String {
    let (text, _, bad) = encoding_rs::EUC_KR.decode(&row[at..at + width]);
    assert!(!bad, "{row:?}");
    text.trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn master_rows_lie_in_the_documented_columns() {
    let (sim, rest) = still("20261120 100000").await;
    let kospi = master(&sim, "kospi_code.mst").await;
    let kosdaq = master(&sim, "kosdaq_code.mst").await;
    let konex = master(&sim, "konex_code.mst").await;
    assert!((2_300..2_700).contains(&kospi.len()), "{}", kospi.len());
    assert!((1_700..1_900).contains(&kosdaq.len()), "{}", kosdaq.len());
    assert!((100..200).contains(&konex.len()), "{}", konex.len());
    assert!(kospi.iter().all(|r| r.len() == 288));
    assert!(kosdaq.iter().all(|r| r.len() == 282));
    assert!(konex.iter().all(|r| r.len() == 61 + 184));
    // Offsets of the published layouts: halted, administrative, warning, SPAC, group, ETP.
    let named = |rows: &[Vec<u8>], at: usize, value: &str| {
        let width = value.len();
        rows.iter()
            .filter(|r| column(r, at, width) == value)
            .count()
    };
    for (rows, at, value) in [
        (&kospi, 121, "Y"),
        (&kospi, 123, "Y"),
        (&kospi, 124, "03"),
        (&kospi, 61, "EF"),
        (&kospi, 61, "EN"),
        (&kospi, 83, "3"),
        (&kospi, 219, "2"),
        (&kosdaq, 116, "Y"),
        (&kosdaq, 118, "Y"),
        (&kosdaq, 85, "Y"),
        (&konex, 61, "KN"),
    ] {
        let found = named(rows, at, value);
        assert!(
            0 < found && found < rows.len().max(200),
            "{at} {value}: {found}"
        );
    }
    let samsung = kospi.iter().find(|r| r.starts_with(b"005930 ")).unwrap();
    assert_eq!(column(samsung, 9, 12), "KR7005930003");
    assert_eq!(column(samsung, 21, 40), "삼성전자");
    assert_eq!(column(samsung, 64, 12), "002700130000");
    // Base price and shares (in thousands) agree with the quotation.
    let price = &rest.price("005930").await["output"];
    let number = |row: &[u8], at, width| column(row, at, width).parse::<i64>().unwrap();
    assert_eq!(
        number(samsung, 102, 9),
        crate::harness::number(price, "stck_sdpr")
    );
    assert_eq!(
        number(samsung, 174, 15),
        crate::harness::number(price, "lstn_stcn") / 1_000
    );
    // So do those of an invented stock with a letter in its code.
    let lettered = kosdaq
        .iter()
        .find(|r| r[4].is_ascii_uppercase() && column(r, 116, 1) == "N")
        .unwrap();
    let price = &rest.price(&column(lettered, 0, 9)).await["output"];
    assert_eq!(
        number(lettered, 97, 9),
        crate::harness::number(price, "stck_sdpr")
    );
    assert!(0 < crate::harness::number(price, "acml_vol"));

    let nxt = master(&sim, "nxt_kospi_code.mst").await;
    assert!((300..400).contains(&nxt.len()));
    assert!(nxt.iter().all(|row| kospi.contains(row)));
    assert!(!master(&sim, "nxt_kosdaq_code.mst").await.is_empty());
    let indices = master(&sim, "idxcode.mst").await;
    assert!(indices.iter().all(|r| r.len() == 45));
    assert_eq!(column(&indices[0], 1, 4), "0001");
    let missing = format!("{}/common/master/none.mst.zip", sim.rest_url());
    assert_eq!(rest.http.get(missing).send().await.unwrap().status(), 404);
}

async fn multiple(rest: &Rest, pairs: &[(&str, &str)]) -> Value {
    let query: Vec<String> = (1..=30)
        .map(|i| {
            let (market, code) = pairs.get(i - 1).copied().unwrap_or_default();
            format!("FID_COND_MRKT_DIV_CODE_{i}={market}&FID_INPUT_ISCD_{i}={code}")
        })
        .collect();
    rest.get("FHKST11300006", "intstock-multprice", &query.join("&"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_quotes_thirty_stocks() {
    let (sim, rest) = still("20261120 100000").await;
    let market = sim.market();
    let codes: Vec<String> = market
        .listed()
        .iter()
        .filter(|s| s.listed.is_none())
        .step_by(53)
        .take(29)
        .map(|s| s.code.to_string())
        .collect();
    let mut pairs: Vec<(&str, &str)> = codes.iter().map(|c| ("J", c.as_str())).collect();
    pairs.push(("J", "ZZZZZ9"));
    let answer = multiple(&rest, &pairs).await;
    assert_eq!(answer["rt_cd"], "0", "{answer}");
    let rows = answer["output"].as_array().unwrap();
    assert_eq!(rows.len(), 30);
    for (row, code) in rows.iter().zip(&codes) {
        assert_eq!(row["inter_shrn_iscd"], json!(code));
        let price = &rest.price(code).await["output"];
        for (bulk, single) in [
            ("inter2_prpr", "stck_prpr"),
            ("inter2_prdy_vrss", "prdy_vrss"),
            ("prdy_vrss_sign", "prdy_vrss_sign"),
            ("acml_vol", "acml_vol"),
            ("inter2_hgpr", "stck_hgpr"),
            ("inter2_llam", "stck_llam"),
            ("inter2_sdpr", "stck_sdpr"),
            ("acml_tr_pbmn", "acml_tr_pbmn"),
        ] {
            assert_eq!(row[bulk], price[single], "{code} {bulk}");
        }
    }
    // An unknown code is a blank row.
    assert_eq!(rows[29]["inter2_prpr"], "0");
    assert_eq!(rows[29]["inter_kor_isnm"], "");
    assert_eq!(
        multiple(&rest, &[("K", "005930")]).await["msg_cd"],
        "OPSQ2001"
    );
    // Unused pairs may be left out altogether.
    let one = "FID_COND_MRKT_DIV_CODE_1=J&FID_INPUT_ISCD_1=005930";
    let answer = rest.get("FHKST11300006", "intstock-multprice", one).await;
    assert_eq!(answer["output"][0]["inter_kor_isnm"], "삼성전자");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_halted_stock_is_not_traded() {
    let (sim, rest) = still("20261120 153500").await;
    let market = sim.market();
    let halted = market.listed().iter().find(|s| s.marks.halted).unwrap();
    let code = halted.code.to_string();
    let price = &rest.price(&code).await["output"];
    assert_eq!(price["iscd_stat_cls_code"], "58");
    assert_eq!(price["temp_stop_yn"], "Y");
    assert_eq!(
        (&price["acml_vol"], &price["stck_oprc"]),
        (&json!("0"), &json!("0"))
    );
    assert_eq!(price["stck_prpr"], price["stck_sdpr"]);
    let days = rest.period(&code, "20261110", "20261120", "D").await;
    for row in days["output2"].as_array().unwrap() {
        assert_eq!(row["acml_vol"], "0");
        assert_eq!(row["stck_oprc"], "0");
        assert_eq!(row["stck_clpr"], price["stck_prpr"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holiday_table_comes_in_pages_of_24_days() {
    let (_sim, rest) = still("20261120 100000").await;
    let page = async |key: &str, cont: &str| {
        let query = format!("BASS_DT=20261221&CTX_AREA_NK={key}&CTX_AREA_FK=");
        let answer = rest
            .request("CTCA0903R", "chk-holiday", &query)
            .header("tr_cont", cont)
            .send()
            .await
            .unwrap();
        let cont = answer.headers()["tr_cont"].to_str().unwrap().to_owned();
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        (cont, body)
    };
    let (cont, first) = page("", "").await;
    assert_eq!((cont.as_str(), &first["rt_cd"]), ("F", &json!("0")));
    assert_eq!(first["msg_cd"], "KIOK0500");
    let rows = first["output"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["bass_dt"]), (24, &json!("20261221")));
    // Monday is 02; Christmas is no banking day, New Year's Eve is one without trading.
    assert_eq!(rows[0]["wday_dvsn_cd"], "02");
    let flags = |i: usize| {
        ["bzdy_yn", "tr_day_yn", "opnd_yn", "sttl_day_yn"].map(|n| rows[i][n].as_str().unwrap())
    };
    assert_eq!(flags(0), ["Y"; 4]);
    assert_eq!(flags(4), ["N", "Y", "N", "N"]);
    assert_eq!(flags(10), ["Y", "Y", "N", "N"]);
    let key = first["ctx_area_nk"].as_str().unwrap();
    assert_eq!((key.len(), key.trim_end()), (20, "20270113"));
    let (cont, next) = page(key.trim_end(), "N").await;
    assert_eq!(
        (cont.as_str(), &next["output"][0]["bass_dt"]),
        ("M", &json!("20270114"))
    );
    // Without the header it is the first page again.
    assert_eq!(page(key.trim_end(), "").await.1["output"], first["output"]);
    let bad = rest
        .get(
            "CTCA0903R",
            "chk-holiday",
            "BASS_DT=soon&CTX_AREA_NK=&CTX_AREA_FK=",
        )
        .await;
    assert_eq!(bad["rt_cd"], "2");
}
