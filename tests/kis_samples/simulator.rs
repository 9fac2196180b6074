//! The simulator's own output, taken off the wire as bytes: no client of ours in between.

use futures_util::{SinkExt, StreamExt};
use jeongbae::domain::{Day, Minute, StockCode};
use jeongbae::sim::{Script, Sim, SimOptions};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::check::Entry;

const KEY: &str = "FAKE-APP-KEY-0001";
const SECRET: &str = "FAKE-APP-SECRET-0001";
const QUOTATIONS: &str = "/uapi/domestic-stock/v1/quotations";

/// Every endpoint and feed the program uses, of two stocks on a trading day at 10:00, and the
/// errors the simulator can be brought to.
pub(crate) fn messages() -> Vec<(Entry, Vec<u8>)> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(collect())
}

async fn collect() -> Vec<(Entry, Vec<u8>)> {
    let day = Day::parse_compact("20261120").expect("a day");
    let options = SimOptions {
        start: Some(day.at(Minute::hm(10, 0))),
        speed: 10.0,
        calls_per_second: 1_000.0,
        script: Script::parse("{\"at\": \"09:57:00\", \"vi\": \"005930\"}").expect("a script"),
        ..SimOptions::default()
    };
    let sim = Sim::start(options).await.expect("the simulator starts");
    let stocks = sim.market();
    let codes: Vec<StockCode> = stocks.stocks().iter().map(|s| s.code).take(2).collect();
    let mut found = vec![];
    let token = oauth(&sim, &mut found).await;
    for code in &codes {
        bodies(&sim, &token, *code, day, &mut found).await;
    }
    interruptions(&sim, &token, day, &mut found).await;
    refusals(&sim, &token, codes[0], &mut found).await;
    socket(&sim, &codes, &mut found).await;
    found
}

fn entry(file: String, shape: &str, endpoint: &str, http: u16, refused: Option<&str>) -> Entry {
    Entry {
        file,
        shape: shape.into(),
        endpoint: endpoint.into(),
        expect: if refused.is_some() {
            "refused"
        } else {
            "parsed"
        }
        .into(),
        msg_cd: refused.filter(|code| !code.is_empty()).map(str::to_owned),
        http,
    }
}

/// Both keys; returns the token.
async fn oauth(sim: &Sim, found: &mut Vec<(Entry, Vec<u8>)>) -> String {
    let mut token = String::new();
    for (endpoint, secret) in [("tokenP", "appsecret"), ("Approval", "secretkey")] {
        let body = json!({"grant_type": "client_credentials", "appkey": KEY, secret: SECRET});
        let path = format!("/oauth2/{endpoint}");
        let (http, body) = ask(sim, "POST", &path, "", &body.to_string()).await;
        let answer: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        if let Some(text) = answer["access_token"].as_str() {
            token = text.to_owned();
        }
        found.push((
            entry(format!("sim {endpoint}"), "oauth", endpoint, http, None),
            body,
        ));
    }
    let again = json!({"grant_type": "client_credentials", "appkey": KEY, "appsecret": SECRET});
    let (http, body) = ask(sim, "POST", "/oauth2/tokenP", "", &again.to_string()).await;
    let code = Some("EGW00133");
    found.push((
        entry("sim second token".into(), "error", "", http, code),
        body,
    ));
    token
}

async fn bodies(
    sim: &Sim,
    token: &str,
    code: StockCode,
    day: Day,
    found: &mut Vec<(Entry, Vec<u8>)>,
) {
    let (today, past) = (day.compact(), day.plus(-1).compact());
    for (endpoint, tr_id, query) in [
        ("inquire-price", "FHKST01010100", String::new()),
        (
            "inquire-asking-price-exp-ccn",
            "FHKST01010200",
            String::new(),
        ),
        ("inquire-ccnl", "FHKST01010300", String::new()),
        (
            "inquire-daily-itemchartprice",
            "FHKST03010100",
            format!(
                "&FID_INPUT_DATE_1=20250101&FID_INPUT_DATE_2={today}&FID_PERIOD_DIV_CODE=D&FID_ORG_ADJ_PRC=0"
            ),
        ),
        (
            "inquire-daily-itemchartprice",
            "FHKST03010100",
            format!(
                "&FID_INPUT_DATE_1=20100101&FID_INPUT_DATE_2={today}&FID_PERIOD_DIV_CODE=M&FID_ORG_ADJ_PRC=0"
            ),
        ),
        (
            "inquire-time-itemchartprice",
            "FHKST03010200",
            "&FID_INPUT_HOUR_1=100000&FID_PW_DATA_INCU_YN=N&FID_ETC_CLS_CODE=".into(),
        ),
        (
            "inquire-time-dailychartprice",
            "FHKST03010230",
            format!(
                "&FID_INPUT_HOUR_1=153000&FID_INPUT_DATE_1={past}&FID_PW_DATA_INCU_YN=Y&FID_FAKE_TICK_INCU_YN="
            ),
        ),
    ] {
        let path = format!(
            "{QUOTATIONS}/{endpoint}?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}{query}"
        );
        let (http, body) = ask(sim, "GET", &path, &headers(token, tr_id), "").await;
        found.push((
            entry(
                format!("sim {endpoint} {code}"),
                "body",
                endpoint,
                http,
                None,
            ),
            body,
        ));
    }
}

/// The list of volatility interruptions, with one that is over.
async fn interruptions(sim: &Sim, token: &str, day: Day, found: &mut Vec<(Entry, Vec<u8>)>) {
    let endpoint = "inquire-vi-status";
    let path = format!(
        "{QUOTATIONS}/{endpoint}?FID_DIV_CLS_CODE=0&FID_COND_SCR_DIV_CODE=20139&FID_MRKT_CLS_CODE=0&FID_INPUT_ISCD=&FID_RANK_SORT_CLS_CODE=0&FID_INPUT_DATE_1={}&FID_TRGT_CLS_CODE=&FID_TRGT_EXLS_CLS_CODE=",
        day.compact()
    );
    let (http, body) = ask(sim, "GET", &path, &headers(token, "FHPST01390000"), "").await;
    found.push((
        entry(format!("sim {endpoint}"), "body", endpoint, http, None),
        body,
    ));
}

/// Wrong requests, and answers that are no JSON.
async fn refusals(sim: &Sim, token: &str, code: StockCode, found: &mut Vec<(Entry, Vec<u8>)>) {
    let price = format!("{QUOTATIONS}/inquire-price?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD");
    for (name, path, token, expected) in [
        ("no such stock", format!("{price}=999999"), token, ""),
        (
            "missing field",
            format!("{QUOTATIONS}/inquire-price?FID_INPUT_ISCD={code}"),
            token,
            "",
        ),
        ("bad token", format!("{price}={code}"), "WRONG", "EGW00121"),
    ] {
        let (http, body) = ask(sim, "GET", &path, &headers(token, "FHKST01010100"), "").await;
        let entry = entry(
            format!("sim {name}"),
            "body",
            "inquire-price",
            http,
            Some(expected),
        );
        found.push((entry, body));
    }
    sim.faults().change(|faults| {
        faults.html_answers = 1;
        faults.empty_answers = 1;
    });
    for name in ["web page or nothing", "nothing or web page"] {
        let path = format!("{price}={code}");
        let (http, body) = ask(sim, "GET", &path, &headers(token, "FHKST01010100"), "").await;
        let entry = entry(
            format!("sim {name}"),
            "body",
            "inquire-price",
            http,
            Some(""),
        );
        found.push((entry, body));
    }
}

fn headers(token: &str, tr_id: &str) -> String {
    format!(
        "authorization: Bearer {token}\r\nappkey: {KEY}\r\nappsecret: {SECRET}\r\ntr_id: {tr_id}\r\ncusttype: P\r\n"
    )
}

/// One HTTP exchange by hand.
async fn ask(sim: &Sim, method: &str, path: &str, headers: &str, body: &str) -> (u16, Vec<u8>) {
    let address = sim.rest_url().replace("http://", "");
    let mut socket = TcpStream::connect(&address).await.expect("a connection");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    socket.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = vec![];
    socket.read_to_end(&mut answer).await.expect("an answer");
    let end = answer
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    assert!(!head.contains("chunked"), "this test reads no chunks");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok());
    (status.expect("a status"), answer[end + 4..].to_vec())
}

/// Answers to registrations, a heartbeat and frames of every kind.
async fn socket(sim: &Sim, codes: &[StockCode], found: &mut Vec<(Entry, Vec<u8>)>) {
    let approval = found.iter().find(|(e, _)| e.endpoint == "Approval");
    let key: serde_json::Value = approval
        .and_then(|(_, body)| serde_json::from_slice(body).ok())
        .expect("an approval key");
    let url = format!("{}/tryitout", sim.ws_url());
    let (mut socket, _) = tokio_tungstenite::connect_async(url)
        .await
        .expect("a socket");
    for code in codes {
        for tr_id in ["H0STCNT0", "H0STASP0", "H0STCNT0"] {
            let message = json!({
                "header": {"approval_key": key["approval_key"], "custtype": "P", "tr_type": "1", "content-type": "utf-8"},
                "body": {"input": {"tr_id": tr_id, "tr_key": code.as_str()}},
            });
            let message = Message::text(message.to_string());
            socket.send(message).await.expect("sent");
        }
    }
    let (mut trades, mut books, mut controls) = (0, 0, 0);
    while trades < 40 || books < 40 || controls < 7 {
        let message = socket
            .next()
            .await
            .expect("a frame")
            .expect("a sound frame");
        let Message::Text(text) = message else {
            continue;
        };
        let (shape, count) = match &text {
            t if t.starts_with("0|H0STCNT0") => ("frame", &mut trades),
            t if t.starts_with("0|H0STASP0") => ("frame", &mut books),
            t if t.starts_with('{') => ("control", &mut controls),
            t => panic!("an unknown frame: {t}"),
        };
        *count += 1;
        if text.contains("PINGPONG") {
            socket
                .send(Message::text(text.to_string()))
                .await
                .expect("sent");
        }
        let name = format!("sim {shape} {}", text.chars().take(10).collect::<String>());
        let entry = entry(name, shape, "", 101, None);
        found.push((entry, text.as_bytes().to_vec()));
    }
}
