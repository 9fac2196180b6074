//! Tokens, limits, refusals and faults of the REST side.

use jeongbae::clock::Clock;
use jeongbae::domain::time::second_of_day;
use jeongbae::domain::{Minute, Moment};
use jeongbae::sim::{Environment, Latency, LimitModel};
use serde_json::{Value, json};

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn calls_beyond_the_limit_are_refused_and_not_executed() {
    let sim = sim("20261120 100000", 0.001, |o| o.calls_per_second = 5.0).await;
    let rest = Rest::new(&sim).await;
    let query = "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930";
    for _ in 0..5 {
        assert_eq!(
            rest.text("FHKST01010100", "inquire-price", query).await.0,
            200
        );
    }
    let (status, body) = rest.text("FHKST01010100", "inquire-price", query).await;
    assert_eq!(
        (status, body.as_str()),
        (
            500,
            r#"{"rt_cd":"1","msg_cd":"EGW00201","msg1":"초당 거래건수를 초과하였습니다."}"#
        )
    );
    let counters = sim.counters();
    assert_eq!(
        (counters.refused, counters.requests["FHKST01010100"]),
        (1, 5)
    );
    sim.faults().change(|f| f.calls_per_second = Some(7.0));
    assert_eq!(rest.price("005930").await["rt_cd"], "0");

    let fast = self::sim("20261120 100000", 100.0, |o| o.calls_per_second = 1.0).await;
    let rest = Rest::new(&fast).await;
    rest.price("005930").await;
    until(|| async { (rest.price("005930").await["rt_cd"] == "0").then_some(()) }).await;
    assert_eq!(fast.counters().all_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_issued_once_a_minute_kept_six_hours_and_expire_after_a_day() {
    let slow = sim("20261120 100000", 0.001, |_| {}).await;
    let rest = Rest::new(&slow).await;
    let (status, refusal) = rest.token(KEY).await;
    assert_eq!(
        (status, refusal["error_code"].as_str()),
        (403, Some("EGW00133"))
    );
    let before = Clock::machine().now();
    let (status, other) = rest.token("ANOTHER-FAKE-APP-KEY").await;
    assert_eq!(status, 200);
    assert_eq!(
        (&other["token_type"], &other["expires_in"]),
        (&json!("Bearer"), &json!(86_400))
    );
    // A day by market time; where that is over by the machine's clock, a day by the latter.
    let end = other["access_token_token_expired"].as_str().unwrap();
    let (date, hour) = end.split_once(' ').unwrap();
    let second = second_of_day(hour.replace(':', "").as_bytes()).unwrap();
    let end = Moment::on(day(&date.replace('-', "")), second);
    let market = day("20261121").at(Minute::hm(10, 0));
    let machine = before.plus_ms(86_400_000 - 1_000)..=Clock::machine().now().plus_ms(86_400_000);
    assert!(
        market <= end && (end == market || machine.contains(&end)),
        "{end:?}"
    );
    assert_ne!(other["access_token"], rest.token.as_str());
    // A simulator that runs later knows the token a client has kept.
    let again = sim("20261120 100500", 0.001, |_| {}).await;
    let mut later = Rest::new(&again).await;
    assert_ne!(later.token, rest.token);
    later.token.clone_from(&rest.token);
    assert_eq!(later.price("005930").await["rt_cd"], "0");
    let (_, revoked) = rest
        .post(
            "/oauth2/revokeP",
            json!({"appkey": KEY, "appsecret": SECRET, "token": rest.token}),
        )
        .await;
    assert_eq!(revoked["code"], json!(200));
    assert_eq!(rest.price("005930").await["msg_cd"], "EGW00121");

    let quick = sim("20261120 100000", 1_000.0, |_| {}).await;
    let rest = Rest::new(&quick).await;
    let again = until(|| async {
        let (status, answer) = rest.token(KEY).await;
        (status == 200).then(|| answer["access_token"].clone())
    })
    .await;
    let minutes = quick
        .clock()
        .now()
        .ms_since(Moment::on(day("20261120"), 36_000))
        / 60_000;
    assert!(1 <= minutes);
    if minutes < 300 {
        assert_eq!(again, rest.token.as_str());
    }

    let day_long = sim("20261120 100000", 50_000.0, |_| {}).await;
    let rest = Rest::new(&day_long).await;
    let body = until(|| async {
        let (status, body) = rest
            .text(
                "FHKST01010100",
                "inquire-price",
                "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930",
            )
            .await;
        (status == 500).then_some(body)
    })
    .await;
    assert_eq!(
        body,
        r#"{"rt_cd":"1","msg_cd":"EGW00123","msg1":"기간이 만료된 token 입니다."}"#
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_names_what_is_wrong_with_a_request() {
    let (sim, rest) = still("20261120 100000").await;
    let url = format!(
        "{}{ROOT}inquire-price?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930",
        sim.rest_url()
    );
    let bearer = format!("Bearer {}", rest.token);
    let cases: [(&str, &[(&str, &str)]); 8] = [
        ("EGW00102", &[]),
        ("EGW00103", &[("appkey", "short")]),
        ("EGW00104", &[("appkey", KEY)]),
        (
            "EGW00105",
            &[("appkey", KEY), ("appsecret", "INVALID-SECRET")],
        ),
        ("EGW00205", &[("appkey", KEY), ("appsecret", SECRET)]),
        (
            "EGW00205",
            &[
                ("appkey", KEY),
                ("appsecret", SECRET),
                ("authorization", &rest.token),
            ],
        ),
        (
            "EGW00121",
            &[
                ("appkey", KEY),
                ("appsecret", SECRET),
                ("authorization", "Bearer nonsense"),
            ],
        ),
        (
            "EGW00121",
            &[
                ("appkey", "ANOTHER-APP-KEY"),
                ("appsecret", SECRET),
                ("authorization", &bearer),
            ],
        ),
    ];
    for (code, headers) in cases {
        let mut request = rest.http.get(&url).header("tr_id", "FHKST01010100");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 500);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(
            (&body["msg_cd"], &body["rt_cd"]),
            (&json!(code), &json!("1"))
        );
    }
    let all = "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930";
    for (tr_id, path, query, rt_cd, msg_cd) in [
        (
            "FHKST01010100",
            "inquire-price",
            "FID_INPUT_ISCD=005930",
            "2",
            "OPSQ2001",
        ),
        (
            "FHKST01010100",
            "inquire-price",
            "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=",
            "2",
            "OPSQ2001",
        ),
        (
            "FHKST01010100",
            "inquire-price",
            "FID_COND_MRKT_DIV_CODE=K&FID_INPUT_ISCD=005930",
            "2",
            "OPSQ2001",
        ),
        ("FHKST01010100", "inquire-prices", all, "1", "OPSQ0002"),
        ("FHKST01010999", "inquire-price", all, "1", "OPSQ0002"),
        (
            "FHKST01010100",
            "inquire-price",
            "fid_cond_mrkt_div_code=J&fid_input_iscd=005930",
            "0",
            "MCA00000",
        ),
    ] {
        let body = rest.get(tr_id, path, query).await;
        assert_eq!(
            (&body["rt_cd"], &body["msg_cd"]),
            (&json!(rt_cd), &json!(msg_cd)),
            "{query}"
        );
    }
    let missing = rest
        .get("FHKST01010100", "inquire-price", "FID_INPUT_ISCD=005930")
        .await;
    assert_eq!(
        missing["msg1"],
        "ERROR INPUT FIELD NOT FOUND [FID_COND_MRKT_DIV_CODE]"
    );
    let unknown = &rest.price("123456").await["output"];
    assert_eq!(
        (&unknown["stck_prpr"], &unknown["stck_shrn_iscd"]),
        (&json!("0"), &json!(""))
    );
    let answer = rest
        .request("FHKST01010100", "inquire-price", all)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["date"], "Fri, 20 Nov 2026 01:00:00 GMT");
    assert_eq!(answer.headers()["tr_id"], "FHKST01010100");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_takes_its_way_there_and_back() {
    let sim = sim("20261120 100000", 1.0, |o| {
        o.latency = Latency {
            processing_ms: (30.0, 30.0),
            ..Latency::default()
        };
    })
    .await;
    let rest = Rest::new(&sim).await;
    let asked = sim.clock().now();
    rest.price("005930").await;
    // Twice the fixed part of one way, and the work.
    assert!(46 <= sim.clock().now().ms_since(asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_environment_are_switched_while_it_runs() {
    let sim = sim("20261120 100000", FROZEN, |o| o.calls_per_second = 20.0).await;
    let rest = Rest::new(&sim).await;
    let faults = sim.faults();
    let admitted = async || {
        let mut count = 0;
        while rest.price("005930").await["rt_cd"] == "0" {
            count += 1;
        }
        count
    };
    // The clock stands still, so every model admits its limit and no more.
    faults.change(|f| (f.limit_model, f.new_customer) = (LimitModel::TokenBucket, true));
    assert_eq!(admitted().await, 3);
    faults.change(|f| (f.limit_model, f.new_customer) = (LimitModel::FixedSecond, false));
    assert_eq!(admitted().await, 20);
    faults.change(|f| (f.limit_model, f.environment) = (LimitModel::Sliding, Environment::Paper));
    assert_eq!(admitted().await, 2);
    faults.change(|f| (f.ledger_busy, f.calls_per_second) = (1, Some(1e6)));
    assert_eq!(rest.price("005930").await["msg_cd"], "EGW00215");
    assert_eq!(rest.price("005930").await["rt_cd"], "0");

    // The paper host has neither past minutes nor the bulk quote nor the holidays.
    for (tr_id, path, query) in [
        (
            "FHKST03010230",
            "inquire-time-dailychartprice",
            "FID_COND_MRKT_DIV_CODE=J",
        ),
        (
            "FHKST11300006",
            "intstock-multprice",
            "FID_COND_MRKT_DIV_CODE_1=J&FID_INPUT_ISCD_1=005930",
        ),
        ("CTCA0903R", "chk-holiday", "BASS_DT=20261120"),
    ] {
        let (status, body) = rest.text(tr_id, path, query).await;
        assert_eq!(status, 500);
        assert!(body.contains("EGW02004"), "{body}");
    }
    assert_eq!(rest.today("005930", "100000").await.len(), 30);
    let approval = rest.approval().await;
    let mut socket = Socket::open(&sim, &approval).await;
    for (tr_id, code) in [
        ("H0STCNT0", "OPSP0000"),
        ("H0STASP0", "OPSP0000"),
        ("H0UNCNT0", "OPSP8991"),
        ("H0STMKO0", "OPSP8991"),
    ] {
        let answer = socket.ask("1", tr_id, "005930").await;
        assert_eq!(answer["body"]["msg_cd"], code, "{tr_id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_headers_and_tokens_are_named() {
    let (sim, rest) = still("20261120 100000").await;
    let query = "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930";
    let url = format!("{}{ROOT}inquire-price?{query}", sim.rest_url());
    let bearer = format!("Bearer {}", rest.token);
    for (code, name, value) in [
        ("OPSQ9999", "tr_id", ""),
        ("EGW00132", "content-type", "text/plain"),
        ("EGW00122", "authorization", "Bearer "),
        ("EGW00208", "custtype", "X"),
        (
            "MCA00000",
            "content-type",
            "application/json; charset=utf-8",
        ),
    ] {
        let mut headers = std::collections::BTreeMap::from([
            ("tr_id", "FHKST01010100"),
            ("appkey", KEY),
            ("appsecret", SECRET),
            ("authorization", &bearer),
        ]);
        headers.insert(name, value);
        let mut request = rest.http.get(&url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let text = request.send().await.unwrap().text().await.unwrap();
        assert!(text.contains(code), "{code}: {text}");
    }
    // A form instead of JSON.
    let form = rest
        .http
        .post(format!("{}/oauth2/tokenP", sim.rest_url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let text = form.send().await.unwrap().text().await.unwrap();
    assert!(text.contains("EGW00132"), "{text}");
    // The hash key answers the body and 64 hexadecimal digits, the same for the same body.
    let hash = async || {
        let request = rest.http.post(format!("{}/uapi/hashkey", sim.rest_url()));
        let request = request.header("appkey", KEY).header("appsecret", SECRET);
        let text = request.body(r#"{"CANO":"0"}"#).send().await.unwrap();
        serde_json::from_str::<Value>(&text.text().await.unwrap()).unwrap()
    };
    let first = hash().await;
    assert_eq!(
        (&first["BODY"]["CANO"], &first),
        (&json!("0"), &hash().await)
    );
    assert_eq!(first["HASH"].as_str().unwrap().len(), 64);
    // Revoked behind the client's back; the token is gone for good.
    sim.faults().change(|f| f.revoke_tokens = 1);
    for _ in 0..2 {
        assert_eq!(rest.price("005930").await["msg_cd"], "EGW00121");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_brokers_own_headers_are_written_small() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (_sim, rest) = still("20261118 100130").await;
    let address = rest.base.trim_start_matches("http://");
    // However the request spells its own, and whether it asks for a next page or not.
    for more in ["TR_ID: FHKST01010100", "tr_id: FHKST01010100\r\ntr_cont: "] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {ROOT}inquire-price?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930 HTTP/1.1\r\n\
             Host: {address}\r\ncontent-type: application/json\r\nconnection: close\r\n\
             authorization: Bearer {}\r\nappkey: {KEY}\r\nappsecret: {SECRET}\r\n\
             {more}\r\ncusttype: P\r\n\r\n",
            rest.token
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let head = answer.split("\r\n\r\n").next().unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let names = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split(':').next());
        let (mut small, usual): (Vec<&str>, Vec<&str>) =
            names.partition(|name| **name == name.to_lowercase());
        small.sort_unstable();
        assert_eq!(small, ["gt_uid", "tr_cont", "tr_id"], "{head}");
        assert!(usual.contains(&"Content-Type"), "{head}");
    }
}
