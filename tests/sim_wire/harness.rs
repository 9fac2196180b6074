//! A plain HTTP and websocket client, and nothing of our own.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests, outside a test function"
)]

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jeongbae::domain::{Day, Moment};
use jeongbae::sim::{Latency, Sim, SimOptions};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) const KEY: &str = "FAKE-APP-KEY-FOR-TESTS-000000000000";
pub(crate) const SECRET: &str = "FAKE-APP-SECRET-FOR-TESTS";
pub(crate) const ROOT: &str = "/uapi/domestic-stock/v1/quotations/";
/// A clock that stands still as far as a test can see.
pub(crate) const FROZEN: f64 = 1e-7;

pub(crate) fn day(text: &str) -> Day {
    Day::parse_compact(text).unwrap()
}

/// A simulator at `time` (`20261120 100000`) without network delays.
pub(crate) async fn sim(time: &str, speed: f64, change: impl FnOnce(&mut SimOptions)) -> Sim {
    let (date, hour) = time.split_once(' ').unwrap();
    let second = jeongbae::domain::time::second_of_day(hour.as_bytes()).unwrap();
    let mut options = SimOptions {
        start: Some(Moment::on(day(date), second)),
        speed,
        latency: Latency::none(),
        calls_per_second: 1e6,
        ..SimOptions::default()
    };
    change(&mut options);
    Sim::start(options).await.unwrap()
}

/// A simulator whose clock stands still at `time`, and a client with a token.
pub(crate) async fn still(time: &str) -> (Sim, Rest) {
    let sim = sim(time, FROZEN, |_| {}).await;
    let rest = Rest::new(&sim).await;
    (sim, rest)
}

/// Waits for a condition that must come true, however slow the machine.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(mut check: impl FnMut() -> F) -> T {
    let looking = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking)
        .await
        .expect("the condition never came true")
}

/// The rows of a good answer.
pub(crate) fn rows(answer: &Value, name: &str) -> Vec<Value> {
    assert_eq!(answer["rt_cd"], "0", "{answer}");
    answer[name].as_array().unwrap().clone()
}

pub(crate) struct Rest {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: String,
}

impl Rest {
    pub(crate) async fn new(sim: &Sim) -> Self {
        let mut rest = Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            base: sim.rest_url(),
            token: String::new(),
        };
        let (status, answer) = rest.token(KEY).await;
        assert_eq!(status, 200, "{answer}");
        rest.token = answer["access_token"].as_str().unwrap().to_owned();
        rest
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        let answer = self.http.post(url).body(body.to_string()).send().await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
        )
    }

    pub(crate) async fn token(&self, key: &str) -> (u16, Value) {
        let body = json!({"grant_type": "client_credentials", "appkey": key, "appsecret": SECRET});
        self.post("/oauth2/tokenP", body).await
    }

    pub(crate) async fn approval(&self) -> String {
        let body = json!({"grant_type": "client_credentials", "appkey": KEY, "secretkey": SECRET});
        let (_, answer) = self.post("/oauth2/Approval", body).await;
        answer["approval_key"].as_str().unwrap().to_owned()
    }

    pub(crate) fn request(&self, tr_id: &str, path: &str, query: &str) -> reqwest::RequestBuilder {
        self.http
            .get(format!("{}{ROOT}{path}?{query}", self.base))
            .header("authorization", format!("Bearer {}", self.token))
            .header("appkey", KEY)
            .header("appsecret", SECRET)
            .header("tr_id", tr_id)
            .header("custtype", "P")
    }

    pub(crate) async fn text(&self, tr_id: &str, path: &str, query: &str) -> (u16, String) {
        let answer = self.request(tr_id, path, query).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub(crate) async fn get(&self, tr_id: &str, path: &str, query: &str) -> Value {
        let (_, text) = self.text(tr_id, path, query).await;
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) async fn rows(
        &self,
        tr_id: &str,
        path: &str,
        query: &str,
        name: &str,
    ) -> Vec<Value> {
        rows(&self.get(tr_id, path, query).await, name)
    }

    pub(crate) async fn price(&self, code: &str) -> Value {
        let query = format!("FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}");
        self.get("FHKST01010100", "inquire-price", &query).await
    }

    pub(crate) async fn today(&self, code: &str, hour: &str) -> Vec<Value> {
        let query = format!(
            "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}&FID_INPUT_HOUR_1={hour}\
             &FID_PW_DATA_INCU_YN=N&FID_ETC_CLS_CODE="
        );
        let answer = self
            .get("FHKST03010200", "inquire-time-itemchartprice", &query)
            .await;
        assert_eq!(answer["rt_cd"], "0", "{answer}");
        answer["output2"].as_array().unwrap().clone()
    }

    pub(crate) async fn dated(&self, code: &str, date: &str, hour: &str, past: &str) -> Vec<Value> {
        let query = format!(
            "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}&FID_INPUT_DATE_1={date}\
             &FID_INPUT_HOUR_1={hour}&FID_PW_DATA_INCU_YN={past}&FID_FAKE_TICK_INCU_YN="
        );
        let answer = self
            .get("FHKST03010230", "inquire-time-dailychartprice", &query)
            .await;
        assert_eq!(answer["rt_cd"], "0", "{answer}");
        answer["output2"].as_array().unwrap().clone()
    }

    pub(crate) async fn period(&self, code: &str, from: &str, to: &str, period: &str) -> Value {
        let query = format!(
            "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}&FID_INPUT_DATE_1={from}\
             &FID_INPUT_DATE_2={to}&FID_PERIOD_DIV_CODE={period}&FID_ORG_ADJ_PRC=0"
        );
        self.get("FHKST03010100", "inquire-daily-itemchartprice", &query)
            .await
    }
}

pub(crate) fn number(value: &Value, name: &str) -> i64 {
    let text = value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {value}"));
    text.parse().unwrap_or_else(|_| panic!("{name} = {text:?}"))
}

pub(crate) fn stamp(row: &Value) -> String {
    let part = |name: &str| row[name].as_str().unwrap().to_owned();
    part("stck_bsop_date") + &part("stck_cntg_hour")
}

pub(crate) struct Socket {
    pub(crate) ws: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) approval: String,
}

impl Socket {
    pub(crate) async fn open(sim: &Sim, approval: &str) -> Self {
        let url = format!("{}/tryitout/H0STCNT0", sim.ws_url());
        let (ws, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Self {
            ws,
            approval: approval.to_owned(),
        }
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.ws.send(Message::text(text)).await.unwrap();
    }

    /// The next text that is no heartbeat; heartbeats are echoed.
    pub(crate) async fn hear(&mut self) -> Option<String> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(60), self.ws.next()).await;
            let text = match next.expect("the socket fell silent")? {
                Ok(Message::Text(text)) => text.as_str().to_owned(),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => continue,
            };
            if !text.contains("PINGPONG") {
                return Some(text);
            }
            self.say(&text).await;
        }
    }

    /// The next control answer; data frames on the way are dropped.
    pub(crate) async fn answer(&mut self) -> Value {
        loop {
            let text = self.hear().await.expect("the socket was cut");
            if text.starts_with('{') {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    pub(crate) async fn ask(&mut self, tr_type: &str, tr_id: &str, code: &str) -> Value {
        let message = json!({
            "header": {"approval_key": self.approval, "custtype": "P", "tr_type": tr_type,
                "content-type": "utf-8"},
            "body": {"input": {"tr_id": tr_id, "tr_key": code}}
        });
        self.say(&message.to_string()).await;
        self.answer().await
    }
}

/// The records of a data frame.
pub(crate) fn records(frame: &str, width: usize) -> Vec<Vec<String>> {
    let parts: Vec<&str> = frame.splitn(4, '|').collect();
    let count: usize = parts[2].parse().unwrap();
    assert_eq!((parts[0], parts[2].len()), ("0", 3));
    let fields: Vec<String> = parts[3].split('^').map(str::to_owned).collect();
    assert_eq!(fields.len(), count * width, "{frame}");
    fields.chunks(width).map(<[String]>::to_vec).collect()
}

/// Open, high, low, close and volume.
pub(crate) type Ohlcv = (i64, i64, i64, i64, i64);

pub(crate) fn served(row: &Value) -> Ohlcv {
    (
        number(row, "stck_oprc"),
        number(row, "stck_hgpr"),
        number(row, "stck_lwpr"),
        number(row, "stck_prpr"),
        number(row, "cntg_vol"),
    )
}

pub(crate) fn add(bar: &mut Option<Ohlcv>, price: i64, size: i64) {
    *bar = Some(match *bar {
        None => (price, price, price, price, size),
        Some((o, h, l, _, v)) => (o, h.max(price), l.min(price), price, v + size),
    });
}
