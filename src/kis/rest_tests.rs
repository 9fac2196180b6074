//! REST bodies as the broker sends them, with all its liberties, and wrong ones.

use super::parse;
use super::{KisError, RecentPrint};
use crate::domain::{Candle, Day, Level, Minute, Shares, StockCode, Won};

fn code() -> StockCode {
    StockCode::parse("005930").unwrap()
}

fn body(parts: &str) -> Vec<u8> {
    format!(r#"{{"rt_cd":"0","msg_cd":"MCA00000","msg1":"ok  ",{parts}}}"#).into_bytes()
}

/// Replaces or adds fields of one row.
fn row(base: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let mut map = serde_json::Map::new();
    for (key, value) in base.iter().chain(changes) {
        map.insert((*key).to_owned(), (*value).into());
    }
    serde_json::Value::Object(map).to_string()
}

const PRICE: &[(&str, &str)] = &[
    ("stck_prpr", "70500"),
    ("prdy_vrss", "-500"),
    ("prdy_vrss_sign", "5"),
    ("stck_sdpr", "71000"),
    ("stck_oprc", "70900"),
    ("stck_hgpr", "71100"),
    ("stck_lwpr", "70400"),
    ("stck_mxpr", "92300"),
    ("stck_llam", "49700"),
    ("acml_vol", "1234"),
    ("acml_tr_pbmn", "87000000"),
    ("temp_stop_yn", "N"),
    ("iscd_stat_cls_code", "55"),
    ("stck_shrn_iscd", "005930"),
];

fn price(changes: &[(&str, &str)]) -> Result<crate::domain::Quote, KisError> {
    let row = row(PRICE, changes);
    parse::quote(200, &body(&format!(r#""output":{row}"#)), code())
}

#[test]
fn prices_with_liberties() {
    let plain = price(&[]).unwrap();
    assert_eq!((plain.price, plain.change), (Won(70_500), Won(-500)));
    assert_eq!((plain.base, plain.day_volume), (Won(71_000), Shares(1_234)));
    for changes in [
        &[("stck_prpr", " 00070500 ")][..],
        &[("stck_prpr", "70500.0000")],
        &[("prdy_vrss", "500")],
        &[("stck_sdpr", "")],
        &[("more", "x")],
    ] {
        assert_eq!(price(changes).unwrap(), plain, "{changes:?}");
    }
    assert!(price(&[("temp_stop_yn", "Y")]).unwrap().halted == Some(true));
    assert!(price(&[("iscd_stat_cls_code", "58")]).unwrap().halted == Some(true));
    // Who does not say whether a volatility interruption is in force does not deny it.
    assert_eq!(plain.interrupted, None);
    for (told, on) in [("Y", true), ("N", false)] {
        let known = price(&[("vi_cls_code", told)]).unwrap().interrupted;
        assert_eq!(known, Some(on));
    }
    assert_eq!(price(&[("stck_mxpr", " ")]).unwrap().upper_limit, Won(0));
    let array = format!(r#""output":[{}]"#, row(PRICE, &[]));
    assert_eq!(parse::quote(500, &body(&array), code()), Ok(plain));
}

#[test]
fn wrong_prices_are_named() {
    for (changes, part) in [
        (&[("stck_prpr", "70,500")][..], "stck_prpr"),
        (&[("stck_prpr", "-1")], "stck_prpr"),
        (&[("acml_vol", "")], "acml_vol"),
        (&[("acml_vol", "-5")], "acml_vol"),
        (&[("stck_oprc", "abc")], "stck_oprc"),
        (&[("stck_hgpr", "1")], "stck_hgpr"),
        (&[("stck_shrn_iscd", "000660")], "000660"),
    ] {
        let error = price(changes).unwrap_err().to_string();
        assert!(
            error.contains(part) && error.contains("FHKST01010100"),
            "{error}"
        );
    }
    for changes in [
        &[("stck_prpr", "0")][..],
        &[("stck_prpr", "")],
        &[("stck_shrn_iscd", " ")],
    ] {
        let error = price(changes).unwrap_err();
        assert!(matches!(error, KisError::UnknownStock { .. }), "{error}");
    }
    for parts in [
        r#""output":[]"#,
        r#""output":{}"#,
        r#""output":[{}]"#,
        r#""x":1"#,
    ] {
        let error = parse::quote(200, &body(parts), code()).unwrap_err();
        assert!(matches!(error, KisError::UnknownStock { .. }), "{error}");
    }
}

#[test]
fn books_show_an_expected_price_in_auctions_only() {
    let head = [
        ("aspr_acpt_hour", "153000"),
        ("askp1", "70600"),
        ("askp_rsqn1", "5"),
    ];
    let match_ = [
        ("antc_cnpr", "70500"),
        ("antc_vol", "99"),
        ("stck_shrn_iscd", "005930"),
    ];
    for (session, expected) in [("20", false), ("31", false), ("00", true), ("10", true)] {
        let one = row(&head, &[("new_mkop_cls_code", session)]);
        let two = row(&match_, &[]);
        let text = body(&format!(r#""output1":{one},"output2":{two}"#));
        let book = parse::book(200, &text, code()).unwrap();
        let level = Level {
            price: Won(70_500),
            size: Shares(99),
        };
        assert_eq!(book.expected, expected.then_some(level), "{session}");
        assert_eq!(book.asks[0].price, Won(70_600));
        assert_eq!((book.asks[9], book.second), (Level::default(), 55_800));
    }
}

#[test]
fn last_executions() {
    let base = [
        ("stck_cntg_hour", "093001"),
        ("stck_prpr", "70500"),
        ("prdy_vrss", "500"),
        ("prdy_vrss_sign", "2"),
        ("cntg_vol", "7"),
        ("tday_rltv", "114.05"),
    ];
    let text = body(&format!(
        r#""output":[{},{{}},{}]"#,
        row(&base, &[]),
        row(&base, &[("stck_cntg_hour", " ")])
    ));
    let expected = RecentPrint {
        second: 34_201,
        price: Won(70_500),
        change: Won(500),
        size: Shares(7),
        strength: 11_405,
    };
    assert_eq!(parse::recent_prints(200, &text), Ok(vec![expected]));
    let text = body(&format!(
        r#""output":[{}]"#,
        row(&base, &[("stck_prpr", "0")])
    ));
    assert!(parse::recent_prints(200, &text).is_err());
}

const DAY: &[(&str, &str)] = &[
    ("stck_bsop_date", "20261120"),
    ("stck_clpr", "100"),
    ("stck_oprc", "90"),
    ("stck_hgpr", "110"),
    ("stck_lwpr", "80"),
    ("acml_vol", "5"),
    ("flng_cls_code", "00"),
    ("prtt_rate", "0.00"),
    ("revl_issu_reas", ""),
];

fn days(rows: &[&[(&str, &str)]]) -> Result<Vec<crate::domain::DailyRow>, KisError> {
    let rows: Vec<String> = rows.iter().map(|changes| row(DAY, changes)).collect();
    parse::daily_rows(format!("[{}]", rows.join(",")).as_bytes())
}

#[test]
fn days_oldest_first_without_blanks() {
    let found = days(&[
        &[],
        &[("stck_bsop_date", "")],
        &[("stck_bsop_date", "20261119")],
        &[],
    ]);
    let found: Vec<Day> = found.unwrap().iter().map(|row| row.day).collect();
    let day = |text| Day::parse_compact(text).unwrap();
    assert_eq!(found, [day("20261119"), day("20261120")]);
    let no_trade = &[
        ("acml_vol", "0"),
        ("stck_oprc", "0"),
        ("stck_hgpr", "0"),
        ("stck_lwpr", "0"),
    ];
    assert_eq!(days(&[no_trade]).unwrap()[0].candle, Candle::flat(100));
}

#[test]
fn wrong_days_are_named() {
    for (rows, part) in [
        (&[&[("stck_lwpr", "105")][..]][..], "contradict"),
        (&[&[("stck_hgpr", "70")]], "contradict"),
        (&[&[("stck_clpr", "0")]], "no price"),
        (&[&[("stck_lwpr", "-80")]], "no price"),
        (&[&[("acml_vol", "")]], "acml_vol"),
        (&[&[("acml_vol", "-5")]], "acml_vol"),
        (&[&[("stck_bsop_date", "20261320")]], "not a date"),
        (&[&[], &[("stck_clpr", "101")]], "20261120"),
    ] {
        let error = days(rows).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn minutes_keep_their_own_date_and_drop_impossible_hours() {
    let base = |day: &str, hour: &str| {
        row(
            &[
                ("stck_prpr", "100"),
                ("stck_oprc", "90"),
                ("stck_hgpr", "110"),
                ("stck_lwpr", "80"),
                ("cntg_vol", "5"),
            ],
            &[("stck_bsop_date", day), ("stck_cntg_hour", hour)],
        )
    };
    let rows = [
        base("20261120", "090000"),
        base("20261120", "888888"),
        base("20261120", "999999"),
        base("20261119", "153000"),
        base("", ""),
    ];
    let text = body(&format!(
        r#""output1":{{"hts_kor_isnm":"이름","stck_prpr":"100"}},"output2":[{}]"#,
        rows.join(",")
    ));
    let page = parse::minutes_dated(200, &text, code()).unwrap();
    assert_eq!(page.name.as_deref(), Some("이름"));
    let labels: Vec<(String, Minute)> = page
        .rows
        .iter()
        .map(|row| (row.day.compact(), row.minute))
        .collect();
    let expected = [
        ("20261119", Minute::hm(15, 30)),
        ("20261120", Minute::hm(9, 0)),
    ];
    assert_eq!(
        labels,
        expected.map(|(day, minute)| (day.to_owned(), minute))
    );
    let empty = body(r#""output1":{"stck_prpr":"0"},"output2":[]"#);
    let error = parse::minutes_today(200, &empty, code()).unwrap_err();
    assert!(matches!(error, KisError::UnknownStock { .. }));
    let known = body(r#""output1":{"stck_prpr":"100"},"output2":[{}]"#);
    assert!(
        parse::minutes_today(200, &known, code())
            .unwrap()
            .rows
            .is_empty()
    );
}

#[test]
fn interruptions_are_read_with_their_kind_and_their_end() {
    use crate::domain::InterruptionKind as Kind;
    let base = &[
        ("mksc_shrn_iscd", "005930"),
        ("bsop_date", "20261120"),
        ("cntg_vi_hour", "100105"),
        ("vi_cncl_hour", "000000"),
        ("vi_cls_code", "Y"),
        ("vi_kind_code", "1"),
    ][..];
    let one = |changes: &[(&str, &str)]| {
        let row = row(base, changes);
        parse::interruptions(200, &body(&format!(r#""output":[{row}]"#)))
    };
    let found = one(&[]).unwrap()[0];
    let at = |minute, second| {
        let day = Day::from_ymd(2026, 11, 20).unwrap();
        day.at(Minute::hm(10, minute)).plus_secs(second)
    };
    assert_eq!((found.code, found.on), (code(), true));
    assert_eq!((found.began, found.ended), (at(1, 5), None));
    for (text, kind) in [
        ("1", Kind::Static),
        ("2", Kind::Dynamic),
        ("3", Kind::Both),
        ("", Kind::Unknown),
    ] {
        let found = one(&[("vi_kind_code", text)]).unwrap()[0];
        assert_eq!(found.kind, kind);
    }
    let over = one(&[("vi_cls_code", "N"), ("vi_cncl_hour", "100312")]).unwrap()[0];
    assert_eq!((over.on, over.ended), (false, Some(at(3, 12))));
    let none = one(&[("mksc_shrn_iscd", "KR4301V12345")]).unwrap();
    assert!(none.is_empty(), "no stock: {none:?}");
    for (field, text) in [
        ("vi_cls_code", "1"),
        ("cntg_vi_hour", "250000"),
        ("vi_cncl_hour", "soon"),
        ("bsop_date", ""),
    ] {
        let error = one(&[(field, text)]).unwrap_err();
        assert!(error.to_string().contains(field), "{error}");
    }
    assert_eq!(
        parse::interruptions(200, &body(r#""output":[]"#)),
        Ok(vec![])
    );
}
