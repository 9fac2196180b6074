//! The simulator as a stranger meets it: plain HTTP and websocket, nothing of our own client.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jeongbae::domain::{Day, Minute, Moment, Won, price_limits, round_down_to_tick};
use jeongbae::sim::{Faults, Latency, Sim, SimOptions};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const KEY: &str = "FAKE-APP-KEY-FOR-TESTS-000000000000";
const SECRET: &str = "FAKE-APP-SECRET-FOR-TESTS";
const ROOT: &str = "/uapi/domestic-stock/v1/quotations/";
/// A clock that stands still as far as a test can see.
const FROZEN: f64 = 1e-7;

fn day(text: &str) -> Day {
    Day::parse_compact(text).unwrap()
}

/// A simulator at `time` (`20261120 100000`) without network delays.
async fn sim(time: &str, speed: f64, change: impl FnOnce(&mut SimOptions)) -> Sim {
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

/// Waits for a condition that must come true, however slow the machine.
async fn until<T, F: Future<Output = Option<T>>>(mut check: impl FnMut() -> F) -> T {
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

struct Rest {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Rest {
    async fn new(sim: &Sim) -> Self {
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

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        let answer = self.http.post(url).body(body.to_string()).send().await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
        )
    }

    async fn token(&self, key: &str) -> (u16, Value) {
        let body = json!({"grant_type": "client_credentials", "appkey": key, "appsecret": SECRET});
        self.post("/oauth2/tokenP", body).await
    }

    async fn approval(&self) -> String {
        let body = json!({"grant_type": "client_credentials", "appkey": KEY, "secretkey": SECRET});
        let (_, answer) = self.post("/oauth2/Approval", body).await;
        answer["approval_key"].as_str().unwrap().to_owned()
    }

    fn request(&self, tr_id: &str, path: &str, query: &str) -> reqwest::RequestBuilder {
        self.http
            .get(format!("{}{ROOT}{path}?{query}", self.base))
            .header("authorization", format!("Bearer {}", self.token))
            .header("appkey", KEY)
            .header("appsecret", SECRET)
            .header("tr_id", tr_id)
            .header("custtype", "P")
    }

    async fn text(&self, tr_id: &str, path: &str, query: &str) -> (u16, String) {
        let answer = self.request(tr_id, path, query).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(&self, tr_id: &str, path: &str, query: &str) -> Value {
        let (_, text) = self.text(tr_id, path, query).await;
        serde_json::from_str(&text).unwrap()
    }

    async fn price(&self, code: &str) -> Value {
        let query = format!("FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}");
        self.get("FHKST01010100", "inquire-price", &query).await
    }

    async fn today(&self, code: &str, hour: &str) -> Vec<Value> {
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

    async fn dated(&self, code: &str, date: &str, hour: &str, past: &str) -> Vec<Value> {
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

    async fn period(&self, code: &str, from: &str, to: &str, period: &str) -> Value {
        let query = format!(
            "FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}&FID_INPUT_DATE_1={from}\
             &FID_INPUT_DATE_2={to}&FID_PERIOD_DIV_CODE={period}&FID_ORG_ADJ_PRC=0"
        );
        self.get("FHKST03010100", "inquire-daily-itemchartprice", &query)
            .await
    }
}

fn number(value: &Value, name: &str) -> i64 {
    let text = value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {value}"));
    text.parse().unwrap_or_else(|_| panic!("{name} = {text:?}"))
}

fn stamp(row: &Value) -> String {
    let part = |name: &str| row[name].as_str().unwrap().to_owned();
    part("stck_bsop_date") + &part("stck_cntg_hour")
}

struct Socket {
    ws: WebSocketStream<MaybeTlsStream<TcpStream>>,
    approval: String,
}

impl Socket {
    async fn open(sim: &Sim, approval: &str) -> Self {
        let url = format!("{}/tryitout/H0STCNT0", sim.ws_url());
        let (ws, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        Self {
            ws,
            approval: approval.to_owned(),
        }
    }

    async fn say(&mut self, text: &str) {
        self.ws.send(Message::text(text)).await.unwrap();
    }

    /// The next text that is no heartbeat; heartbeats are echoed.
    async fn hear(&mut self) -> Option<String> {
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
    async fn answer(&mut self) -> Value {
        loop {
            let text = self.hear().await.expect("the socket was cut");
            if text.starts_with('{') {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    async fn ask(&mut self, tr_type: &str, tr_id: &str, code: &str) -> Value {
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
fn records(frame: &str, width: usize) -> Vec<Vec<String>> {
    let parts: Vec<&str> = frame.splitn(4, '|').collect();
    let count: usize = parts[2].parse().unwrap();
    assert_eq!((parts[0], parts[2].len()), ("0", 3));
    let fields: Vec<String> = parts[3].split('^').map(str::to_owned).collect();
    assert_eq!(fields.len(), count * width, "{frame}");
    fields.chunks(width).map(<[String]>::to_vec).collect()
}

/// Open, high, low, close and volume.
type Ohlcv = (i64, i64, i64, i64, i64);

fn served(row: &Value) -> Ohlcv {
    (
        number(row, "stck_oprc"),
        number(row, "stck_hgpr"),
        number(row, "stck_lwpr"),
        number(row, "stck_prpr"),
        number(row, "cntg_vol"),
    )
}

fn add(bar: &mut Option<Ohlcv>, price: i64, size: i64) {
    *bar = Some(match *bar {
        None => (price, price, price, price, size),
        Some((o, h, l, _, v)) => (o, h.max(price), l.min(price), price, v + size),
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn prints_add_up_to_the_rows_and_sums_to_the_prints() {
    let sim = sim("20261120 085930", 90.0, |_| {}).await;
    let rest = Rest::new(&sim).await;
    let codes = ["005930", "247540", "002960"];
    let mut socket = Socket::open(&sim, &rest.approval().await).await;
    for code in codes {
        let ack = socket.ask("1", "H0STCNT0", code).await;
        assert_eq!(ack["body"]["msg_cd"], "OPSP0000", "{ack}");
    }
    let mut bars: BTreeMap<(String, String), Option<Ohlcv>> = BTreeMap::new();
    let mut sums: BTreeMap<String, [i64; 6]> = BTreeMap::new();
    let mut biggest_frame = 0;
    'all: loop {
        let frame = socket.hear().await.unwrap();
        let records = records(&frame, 46);
        biggest_frame = biggest_frame.max(records.len());
        for r in records {
            if "005930" == r[0] && "090700" <= r[1].as_str() {
                break 'all;
            }
            let n = |i: usize| r[i].parse::<i64>().unwrap();
            let (price, size) = (n(2), n(12));
            let minute = format!("{}00", &r[1][..4]);
            add(bars.entry((r[0].clone(), minute)).or_default(), price, size);
            let [volume, value, sold, bought, sells, buys] = sums.entry(r[0].clone()).or_default();
            *volume += size;
            *value += size * price;
            match r[21].as_str() {
                "1" => (*bought, *buys) = (*bought + size, *buys + 1),
                "5" => (*sold, *sells) = (*sold + size, *sells + 1),
                other => assert_eq!((other, &r[1][..4]), ("3", "0900")),
            }
            assert_eq!([n(13), n(14)], [*volume, *value]);
            assert_eq!([n(15), n(16), n(17)], [*sells, *buys, *buys - *sells]);
            assert_eq!([n(19), n(20)], [*sold, *bought]);
            let strength: f64 = r[18].parse().unwrap();
            let exact = *bought as f64 * 100.0 / (*sold).max(1) as f64;
            assert!(*sold == 0 || (strength - exact).abs() < 0.006, "{r:?}");
            assert!(n(11) <= price && price <= n(10) && n(9) <= price && price <= n(8));
            assert_eq!(
                (r[33].as_str(), r[34].as_str(), r[43].as_str()),
                ("20261120", "20", "0")
            );
        }
    }
    assert!(1 < biggest_frame, "no burst came in one frame");
    for code in codes {
        for row in rest.today(code, "090600").await {
            let minute = row["stck_cntg_hour"].as_str().unwrap().to_owned();
            let seen = bars
                .get(&(code.to_owned(), minute.clone()))
                .copied()
                .flatten();
            match (served(&row), seen) {
                ((o, h, l, c, 0), None) => assert!(o == h && h == l && l == c),
                (row, seen) => assert_eq!(Some(row), seen, "{code} {minute}"),
            }
        }
    }
    let busy = bars.keys().filter(|k| k.0 == codes[0]).count();
    assert_eq!(busy, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_closing_auction_is_one_print_and_one_row() {
    let sim = sim("20261120 151840", 120.0, |_| {}).await;
    let rest = Rest::new(&sim).await;
    let mut socket = Socket::open(&sim, &rest.approval().await).await;
    socket.ask("1", "H0STCNT0", "000660").await;
    socket.ask("1", "H0STASP0", "000660").await;
    let (mut last, mut auction_books) = (None, 0);
    let close = loop {
        let frame = socket.hear().await.unwrap();
        if frame.starts_with("0|H0STASP0") {
            let r = &records(&frame, 62)[0];
            let levels = (3..13).filter(|i| r[*i] != "0").count();
            if ("152000"..="152959").contains(&r[1].as_str()) {
                assert_eq!((r[2].as_str(), levels), ("A", 3), "{r:?}");
                let expected: i64 = r[47].parse().unwrap();
                assert!(0 < expected && round_down_to_tick(Won(expected)) == Won(expected));
                auction_books += 1;
            } else if r[1].as_str() < "152000" {
                assert_eq!((r[2].as_str(), levels, r[47].as_str()), ("0", 10, "0"));
                assert!(r[13].parse::<i64>().unwrap() < r[3].parse::<i64>().unwrap());
            }
            continue;
        }
        for r in records(&frame, 46) {
            assert!(!("152000"..="152959").contains(&r[1].as_str()), "{r:?}");
            last = Some(r);
        }
        if let Some(r) = last.take_if(|r| "153000" <= r[1].as_str()) {
            break r;
        }
    };
    assert!(30 < auction_books);
    assert!(
        ("153000"..="153009").contains(&close[1].as_str()),
        "{close:?}"
    );
    assert_eq!(close[21], "3");
    until(|| async { (Minute::hm(15, 31) <= sim.clock().now().minute()).then_some(()) }).await;
    let rows = rest.today("000660", "160000").await;
    let hours: Vec<&str> = rows
        .iter()
        .map(|r| r["stck_cntg_hour"].as_str().unwrap())
        .collect();
    assert_eq!(hours[..3], ["153000", "151900", "151800"]);
    let price: i64 = close[2].parse().unwrap();
    let size: i64 = close[12].parse().unwrap();
    assert_eq!(served(&rows[0]), (price, price, price, price, size));
    let quote = &rest.price("000660").await["output"];
    assert_eq!(quote["stck_prpr"], close[2].as_str());
    assert_eq!(quote["acml_vol"], close[13].as_str());
    assert_eq!(quote["acml_tr_pbmn"], close[14].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn minute_pages_are_newest_first_and_run_over_midnight() {
    let sim = sim("20261120 100500", FROZEN, |_| {}).await;
    let rest = Rest::new(&sim).await;
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
    let sim = sim("20261120 100000", FROZEN, |_| {}).await;
    let rest = Rest::new(&sim).await;
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
    let sim = sim("20261120 103000", FROZEN, |_| {}).await;
    let rest = Rest::new(&sim).await;
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
async fn quotes_books_and_prints_agree() {
    let sim = sim("20261120 131500", FROZEN, |_| {}).await;
    let rest = Rest::new(&sim).await;
    for stock in sim.market().stocks() {
        let code = stock.code.to_string();
        let quote = &rest.price(&code).await["output"];
        assert_eq!(quote["stck_shrn_iscd"], code.as_str());
        assert!(quote.as_object().unwrap().values().all(Value::is_string));
        assert!(number(quote, "d250_lwpr") <= number(quote, "stck_prpr"));
        assert!(number(quote, "stck_prpr") <= number(quote, "w52_hgpr"));
        let query = format!("FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD={code}");
        let prints = rest.get("FHKST01010300", "inquire-ccnl", &query).await;
        let prints = prints["output"].as_array().unwrap();
        assert_eq!(
            (prints.len(), &prints[0]["stck_prpr"]),
            (30, &quote["stck_prpr"])
        );
        let hours: Vec<&str> = prints
            .iter()
            .map(|p| p["stck_cntg_hour"].as_str().unwrap())
            .collect();
        assert!(hours.is_sorted_by(|a, b| b <= a) && hours[0] <= "131500");
        let book = rest
            .get("FHKST01010200", "inquire-asking-price-exp-ccn", &query)
            .await;
        let (one, two) = (&book["output1"], &book["output2"]);
        assert_eq!(two["stck_prpr"], quote["stck_prpr"]);
        let price = number(quote, "stck_prpr");
        assert!(
            number(one, "bidp1") <= price && price <= number(one, "askp1"),
            "{code}"
        );
        assert!(number(one, "bidp1") < number(one, "askp1"));
        let total: i64 = (1..=10)
            .map(|i| number(one, &format!("askp_rsqn{i}")))
            .sum();
        assert_eq!(total, number(one, "total_askp_rsqn"));
    }
}

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
    let (status, other) = rest.token("ANOTHER-FAKE-APP-KEY").await;
    assert_eq!(status, 200);
    assert_eq!(
        (&other["token_type"], &other["expires_in"]),
        (&json!("Bearer"), &json!(86_400))
    );
    assert_eq!(other["access_token_token_expired"], "2026-11-21 10:00:00");
    assert_ne!(other["access_token"], rest.token.as_str());
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
    let sim = sim("20261120 100000", FROZEN, |_| {}).await;
    let rest = Rest::new(&sim).await;
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
async fn registrations_are_acknowledged_capped_and_released() {
    let sim = sim("20261121 100000", 1.0, |o| o.registrations = 4).await;
    let rest = Rest::new(&sim).await;
    let approval = rest.approval().await;
    let mut socket = Socket::open(&sim, &approval).await;
    let code = |answer: &Value| answer["body"]["msg_cd"].as_str().unwrap().to_owned();
    let first = socket.ask("1", "H0STCNT0", "005930").await;
    assert_eq!(
        first["header"],
        json!({"tr_id": "H0STCNT0", "tr_key": "005930", "encrypt": "N"})
    );
    let secrets = &first["body"]["output"];
    assert_eq!(
        (
            secrets["iv"].as_str().unwrap().len(),
            secrets["key"].as_str().unwrap().len()
        ),
        (16, 32)
    );
    for (tr_type, tr_id, key, expected) in [
        ("1", "H0STCNT0", "005930", "OPSP0002"),
        ("1", "H0STASP0", "005930", "OPSP0000"),
        ("2", "H0STASP0", "000660", "OPSP0003"),
        ("1", "H0STCNT0", "000660", "OPSP0000"),
        ("1", "H0STASP0", "000660", "OPSP0000"),
        ("1", "H0STCNT0", "035420", "OPSP0008"),
        ("2", "H0STCNT0", "005930", "OPSP0001"),
        ("1", "H0STCNT0", "035420", "OPSP0000"),
        ("1", "H0STCNT0", "no", "OPSP8992"),
        ("1", "H0STCNT0", "999999", "OPSP8992"),
        ("1", "H0XXCNT0", "005930", "OPSP8991"),
        ("3", "H0STCNT0", "005930", "OPSP8997"),
    ] {
        let answer = socket.ask(tr_type, tr_id, key).await;
        assert_eq!(code(&answer), expected, "{tr_type} {tr_id} {key}");
    }
    assert_eq!(
        (
            sim.counters().max_registrations,
            sim.counters().registrations
        ),
        (4, 4)
    );
    socket.say("{broken").await;
    assert_eq!(code(&socket.answer().await), "OPSP9999");

    let mut second = Socket::open(&sim, &approval).await;
    let refused = second.ask("1", "H0STCNT0", "005930").await;
    assert_eq!(
        refused["header"],
        json!({"tr_id": "(null)", "tr_key": "", "encrypt": "N"})
    );
    assert_eq!(code(&refused), "OPSP8996");
    second.approval = "not an approval key".to_owned();
    assert_eq!(
        second.ask("1", "H0STCNT0", "005930").await,
        json!({"body": {"rt_cd": "1", "msg_cd": "OPSP0011",
            "msg1": "invalid approval : not an approval key"}})
    );
    second.approval = approval;
    socket.ws.close(None).await.unwrap();
    while socket.hear().await.is_some() {}
    until(|| async { (sim.counters().sockets_open == 1).then_some(()) }).await;
    assert_eq!(
        code(&second.ask("1", "H0STCNT0", "005930").await),
        "OPSP0000"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_must_be_answered() {
    let sim = sim("20261121 100000", 200.0, |_| {}).await;
    let url = format!("{}/tryitout", sim.ws_url());
    let (mut mute, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    let (mut polite, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    let listening = tokio::spawn(async move {
        let mut beats = 0;
        while let Some(Ok(message)) = mute.next().await {
            beats += i32::from(message.is_text());
        }
        beats
    });
    let mut texts = true;
    until(|| async { (0 < sim.counters().heartbeats).then_some(()) }).await;
    while sim.counters().sockets_dropped == 0 {
        let message = polite.next().await.unwrap().unwrap();
        let text = message.into_text().unwrap();
        let beat: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(beat["header"]["tr_id"], "PINGPONG");
        assert_eq!(beat["header"]["datetime"].as_str().unwrap().len(), 14);
        let answer = if texts {
            Message::text(text.as_str())
        } else {
            Message::Pong(text.as_str().to_owned().into())
        };
        texts = !texts;
        polite.send(answer).await.unwrap();
    }
    assert!(2 <= listening.await.unwrap());
    assert_eq!(
        (sim.counters().sockets_open, sim.counters().sockets_dropped),
        (1, 1)
    );
    let other = tokio_tungstenite::connect_async(format!("{}/elsewhere", sim.ws_url())).await;
    assert!(other.is_err());
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

#[tokio::test(flavor = "multi_thread")]
async fn faults_happen_as_asked() {
    let sim = sim("20261120 093000", 60.0, |o| {
        o.faults = Faults {
            html_answers: 1,
            ..Faults::default()
        };
    })
    .await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(sim.rest_url()).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));
    let rest = Rest::new(&sim).await;
    sim.faults().change(|f| f.expire_tokens = 1);
    assert_eq!(rest.price("005930").await["msg_cd"], "EGW00123");
    assert_eq!(rest.price("005930").await["msg_cd"], "EGW00121");

    let approval = rest.approval().await;
    let mut socket = Socket::open(&sim, &approval).await;
    socket.ask("1", "H0STCNT0", "005930").await;
    sim.faults().change(|f| f.garbage_frames = 1);
    until(|| async { (sim.faults().now().garbage_frames == 0).then_some(()) }).await;
    let mut garbage = 0;
    while garbage == 0 {
        garbage += i32::from(socket.hear().await.unwrap().contains("garbage"));
    }
    sim.faults().change(|f| f.zombie_secs = 120);
    sim.faults().cut_sockets();
    while socket.hear().await.is_some() {}
    until(|| async { (sim.counters().sockets_open == 0).then_some(()) }).await;
    let mut next = Socket::open(&sim, &approval).await;
    // The dead socket keeps the slot for a market minute, then lets it go.
    let mut refusals = 0;
    loop {
        let answer = next.ask("1", "H0STASP0", "005930").await;
        if answer["body"]["msg_cd"] == "OPSP0000" {
            break;
        }
        assert_eq!(answer["body"]["msg_cd"], "OPSP8996");
        refusals += 1;
    }
    assert!(0 < refusals);
    sim.faults().change(|f| f.cut_after_frames = Some(3));
    let mut frames = 0;
    while next.hear().await.is_some() {
        frames += 1;
    }
    assert!(3 <= frames);
}
