//! Messages written for this test: an invented stock, the broker's shapes and quirks.

use super::check::Entry;

fn entry(file: &str, shape: &str, endpoint: &str, expect: &str) -> Entry {
    Entry {
        file: file.into(),
        shape: shape.into(),
        endpoint: endpoint.into(),
        expect: expect.into(),
        msg_cd: None,
        http: 200,
    }
}

/// One execution of 46 fields.
fn trade(time: &str, price: &str, date: &str) -> String {
    let mut fields = vec!["0"; 46];
    fields[0] = "123450";
    fields[1] = time;
    fields[2] = price;
    fields[3] = "5";
    fields[4] = "-50";
    (fields[7], fields[8], fields[9]) = ("10100", "10200", "9990");
    (fields[12], fields[13], fields[14]) = ("7", "1234", "12345000");
    (fields[18], fields[21]) = ("98.76", "5");
    (fields[33], fields[34], fields[35]) = (date, "20", "N");
    fields[45] = "";
    fields.join("^")
}

fn book(width: usize) -> String {
    let mut fields: Vec<String> = (0..width).map(|i| (i * 10).to_string()).collect();
    fields[0] = "123450".into();
    fields[1] = "093000".into();
    fields[2] = "0".into();
    fields.join("^")
}

/// The set.
pub(crate) fn messages() -> Vec<(Entry, Vec<u8>)> {
    let ok = r#""rt_cd":"0","msg_cd":"MCA00000","msg1":"정상처리 되었습니다.   ""#;
    let price = r#""output":{"stck_prpr":" 10050","prdy_vrss":"50","prdy_vrss_sign":"5","stck_sdpr":"10100.0000","stck_oprc":"10100","stck_hgpr":"10200","stck_lwpr":"9990","stck_mxpr":"13130","stck_llam":"","acml_vol":"0000001234","acml_tr_pbmn":"12345000","temp_stop_yn":"N","stck_shrn_iscd":"123450"}"#;
    let day = |date: &str, low: &str| {
        format!(
            r#"{{"stck_bsop_date":"{date}","stck_clpr":"100","stck_oprc":"90","stck_hgpr":"110","stck_lwpr":"{low}","acml_vol":"5","flng_cls_code":"00","prtt_rate":"0.00"}}"#
        )
    };
    let minute = |hour: &str, price: &str| {
        format!(
            r#"{{"stck_bsop_date":"20261120","stck_cntg_hour":"{hour}","stck_prpr":"{price}","stck_oprc":"{price}","stck_hgpr":"{price}","stck_lwpr":"{price}","cntg_vol":"3"}}"#
        )
    };
    let listed = |code: &str, price: &str| {
        format!(
            r#"{{"inter_shrn_iscd":"{code}","inter2_prpr":"{price}","inter2_prdy_vrss":"-50","prdy_vrss_sign":"5","acml_vol":"1234","inter2_oprc":"10100","inter2_hgpr":"10200","inter2_lwpr":"9990","inter2_mxpr":"","inter2_sdpr":"10100.0000","inter2_prdy_clpr":"10100"}}"#
        )
    };
    let mut refusal = entry("limit", "error", "", "refused");
    refusal.http = 500;
    refusal.msg_cd = Some("EGW00201".into());
    let trades = [
        trade("093001", "10050", "20261120"),
        trade("093002", "10060", "20261120"),
    ];
    let two = trades.join("^");
    let texts: Vec<(Entry, String)> = vec![
        (
            entry("price", "body", "inquire-price", "parsed"),
            format!("{{{price},{ok}}}"),
        ),
        (
            entry("price-no-verdict", "body", "inquire-price", "refused"),
            format!("{{{price}}}"),
        ),
        (
            entry("price-unknown", "body", "inquire-price", "refused"),
            format!(r#"{{"output":{{"stck_prpr":"0","stck_shrn_iscd":""}},{ok}}}"#),
        ),
        (
            entry("days", "rows", "inquire-daily-itemchartprice", "parsed"),
            format!("[{},{{}},{}]", day("20261120", "80"), day("20261119", "85")),
        ),
        (
            entry(
                "days-contradict",
                "rows",
                "inquire-daily-itemchartprice",
                "refused",
            ),
            format!("[{}]", day("20261120", "105")),
        ),
        (
            entry(
                "days-empty",
                "body",
                "inquire-daily-itemchartprice",
                "parsed",
            ),
            format!(r#"{{"output1":{{"stck_prpr":"10"}},"output2":[{{}}],{ok}}}"#),
        ),
        (
            entry("minutes", "rows", "inquire-time-dailychartprice", "parsed"),
            format!(
                "[{},{},{}]",
                minute("888888", "10"),
                minute("093100", "10060"),
                minute("093000", "10050")
            ),
        ),
        (
            entry(
                "minutes-comma",
                "rows",
                "inquire-time-dailychartprice",
                "refused",
            ),
            format!("[{}]", minute("093000", "10,050")),
        ),
        (
            entry("ccnl", "body", "inquire-ccnl", "parsed"),
            format!(
                r#"{{"output":[{{"stck_cntg_hour":"093001","stck_prpr":"10050","prdy_vrss":"-50","prdy_vrss_sign":"5","cntg_vol":"7","tday_rltv":"98.76"}}],{ok}}}"#
            ),
        ),
        (
            entry("many", "body", "intstock-multprice", "parsed"),
            format!(
                "{{\"output\":[{},{{}},{}],{ok}}}",
                listed("123450", "10050"),
                listed("123460", " 10060 ")
            ),
        ),
        (
            entry("many-bad-price", "body", "intstock-multprice", "differs"),
            format!("{{\"output\":[{}],{ok}}}", listed("123450", "1O050")),
        ),
        (
            entry("days-open", "body", "chk-holiday", "parsed"),
            format!(
                r#"{{"output":[{{"bass_dt":"20261127","opnd_yn":"Y","bzdy_yn":"Y"}},{{"bass_dt":"20261128","opnd_yn":"N","bzdy_yn":"N"}}],{ok}}}"#
            ),
        ),
        (
            entry("days-open-blank", "body", "chk-holiday", "refused"),
            format!(r#"{{"output":[{{"bass_dt":"20261127","opnd_yn":" ","bzdy_yn":"Y"}}],{ok}}}"#),
        ),
        (
            entry("web-page", "body", "inquire-price", "refused"),
            "<html>busy</html>".into(),
        ),
        (
            entry("nothing", "body", "inquire-price", "refused"),
            String::new(),
        ),
        (
            refusal,
            r#"{"rt_cd":"1","msg_cd":"EGW00201","msg1":"초당 거래건수를 초과하였습니다."}"#.into(),
        ),
        (
            entry("trades", "frame", "H0STCNT0", "parsed"),
            format!("0|H0STCNT0|002|{two}"),
        ),
        (
            entry("trades-unified", "frame", "H0UNCNT0", "parsed"),
            format!("0|H0UNCNT0|001|{}\n", trades[0]),
        ),
        (
            entry("trades-more-fields", "frame", "H0STCNT0", "parsed"),
            format!("0|H0STCNT0|001|{}^x^y", trades[0]),
        ),
        (
            entry("trades-cut", "frame", "H0STCNT0", "refused"),
            format!("0|H0STCNT0|002|{two}^1"),
        ),
        (
            entry("trades-bad-price", "frame", "H0STCNT0", "refused"),
            format!("0|H0STCNT0|001|{}", trade("093001", "1005x", "20261120")),
        ),
        (
            entry("trades-bad-date", "frame", "H0STCNT0", "refused"),
            format!("0|H0STCNT0|001|{}", trade("093001", "10050", "20261320")),
        ),
        (
            entry("trades-encrypted", "frame", "H0STCNT0", "refused"),
            "1|H0STCNT0|001|abc".into(),
        ),
        (
            entry("book-59", "frame", "H0STASP0", "parsed"),
            format!("0|H0STASP0|001|{}", book(59)),
        ),
        (
            entry("book-65", "frame", "H0NXASP0", "parsed"),
            format!("0|H0NXASP0|001|{}", book(65)),
        ),
        (
            entry("book-58", "frame", "H0STASP0", "refused"),
            format!("0|H0STASP0|001|{}", book(58)),
        ),
        (
            entry("heartbeat", "control", "", "parsed"),
            r#"{"header":{"tr_id":"PINGPONG","datetime":"20261120093000"}}"#.into(),
        ),
        (
            entry("approval", "oauth", "Approval", "parsed"),
            r#"{"approval_key":"not-a-real-key"}"#.into(),
        ),
    ];
    texts
        .into_iter()
        .map(|(entry, text)| (entry, text.into_bytes()))
        .collect()
}
