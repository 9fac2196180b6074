//! The client against a scripted server on the loopback address.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use tokio::net::TcpListener;

use super::*;
use crate::domain::{Day, Market, Minute, Won};
use crate::kis::error::Retry;
use crate::kis::fake::{Asked, server};
use crate::kis::{Environment, SavedToken, TokenStore};

const KEY: &str = "PSTESTKEY";
const SECRET: &str = "TESTSECRET";
const TOKEN: &str = r#"{"access_token":"NEW","token_type":"Bearer","expires_in":86400,"access_token_token_expired":""}"#;
const PRICE: &str = r#"{"rt_cd":"0","msg_cd":"MCA00000","msg1":"ok","output":{"stck_prpr":"70500","prdy_vrss":"500","prdy_vrss_sign":"5","stck_sdpr":"71000","acml_vol":"10","stck_shrn_iscd":"005930"}}"#;

#[derive(Default)]
struct Shelf(Mutex<Option<SavedToken>>);

impl TokenStore for Shelf {
    fn load(&self) -> Option<SavedToken> {
        self.0.lock().unwrap().clone()
    }

    fn save(&self, token: &SavedToken) {
        *self.0.lock().unwrap() = Some(token.clone());
    }
}

fn client(url: &str, shelf: Option<Arc<Shelf>>) -> Kis {
    let clock = Clock::simulated(Moment(1_790_000_000_000), 10.0);
    // Nothing is kept: here every call is a request.
    Kis::with_cache(options(url, shelf, clock), NOTHING).unwrap()
}

const NOTHING: CacheTimes = CacheTimes {
    price: Duration::ZERO,
    book: Duration::ZERO,
    executions: Duration::ZERO,
    candles: Duration::ZERO,
};

fn options(url: &str, shelf: Option<Arc<Shelf>>, clock: Clock) -> KisOptions {
    KisOptions {
        endpoint: Endpoint::of(Environment::Real, Market::Krx).at(url, "ws://127.0.0.1:1"),
        credentials: Credentials::new(KEY, SECRET),
        clock,
        requests_per_second: 18.0,
        token_store: shelf.map(|shelf| shelf as Arc<dyn TokenStore>),
        lock_dir: None,
    }
}

fn code() -> StockCode {
    StockCode::parse("005930").unwrap()
}

fn tokens(asked: &Asked) -> usize {
    let asked = asked.lock().unwrap();
    asked
        .iter()
        .filter(|(line, _)| line.contains("tokenP"))
        .count()
}

#[tokio::test]
async fn one_token_serves_all_and_is_kept() {
    let (url, asked) = server(|path, _| match path.contains("tokenP") {
        true => (200, TOKEN.into()),
        false => (200, PRICE.into()),
    })
    .await;
    let shelf = Arc::new(Shelf::default());
    let kis = client(&url, Some(shelf.clone()));
    let asks = (0..10).map(|_| kis.quote(code(), Priority::User));
    for answer in futures_util::future::join_all(asks).await {
        let answer = answer.unwrap();
        assert_eq!(
            (answer.value.price, answer.value.change),
            (Won(70_500), Won(-500))
        );
        assert!(answer.sent <= answer.answered);
    }
    assert_eq!(tokens(&asked), 1);
    assert!(shelf.load().is_some());
    let (line, bearer) = asked.lock().unwrap()[1].clone();
    assert_eq!(bearer, "Bearer NEW");
    assert!(line.contains("FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930"));
    assert_eq!(
        (kis.stats().sent, kis.stats().refused, kis.stats().failed),
        (11, 0, 0)
    );
    // The next start takes it from the shelf.
    client(&url, Some(shelf))
        .quote(code(), Priority::User)
        .await
        .unwrap();
    assert_eq!(tokens(&asked), 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let (url, asked) = server(|path, bearer| match (path.contains("tokenP"), bearer) {
        (true, _) => (200, TOKEN.into()),
        (_, "Bearer NEW") => (200, PRICE.into()),
        _ => (
            500,
            r#"{"rt_cd":"1","msg_cd":"EGW00123","msg1":"expired"}"#.into(),
        ),
    })
    .await;
    let shelf = Arc::new(Shelf::default());
    shelf.save(&SavedToken {
        token: SecretString::from("OLD"),
        expires: Moment(1_790_000_000_000).plus_secs(80_000),
    });
    let kis = client(&url, Some(shelf));
    let asks = (0..5).map(|_| kis.quote(code(), Priority::User));
    for answer in futures_util::future::join_all(asks).await {
        answer.unwrap();
    }
    assert_eq!(tokens(&asked), 1);
}

/// Requests that wait for their turn leave with the newest token: only those that had left
/// already learn of the bad one by failing.
#[tokio::test]
async fn a_queue_does_not_send_a_token_known_to_be_bad() {
    let (url, asked) = server(|path, bearer| match (path.contains("tokenP"), bearer) {
        (true, _) => (200, TOKEN.into()),
        (_, "Bearer NEW") => (200, PRICE.into()),
        _ => (
            500,
            r#"{"rt_cd":"1","msg_cd":"EGW00123","msg1":"expired"}"#.into(),
        ),
    })
    .await;
    let shelf = Arc::new(Shelf::default());
    shelf.save(&SavedToken {
        token: SecretString::from("OLD"),
        expires: Moment(1_790_000_000_000).plus_secs(80_000),
    });
    // Of market time, which runs as fast as the machine lets it: 20 requests take about as many
    // seconds, and an answer none.
    let clock = Clock::simulated(Moment(1_790_000_000_000), 10.0);
    let mut options = options(&url, Some(shelf), clock);
    options.requests_per_second = 1.0;
    let kis = Kis::with_cache(options, NOTHING).unwrap();
    let asks = (0..20).map(|_| kis.quote(code(), Priority::User));
    for answer in futures_util::future::join_all(asks).await {
        answer.unwrap();
    }
    let asked = asked.lock().unwrap();
    let old = asked.iter().filter(|(_, bearer)| bearer == "Bearer OLD");
    let (old, all) = (old.count(), asked.len());
    assert_eq!(
        all,
        old + 20 + 1,
        "each once more than it failed, and a token"
    );
    assert!(
        old < 20,
        "{old} of 20 were sent with a token known to be bad"
    );
    assert_eq!(kis.stats().failed, old as u64);
}

#[tokio::test]
async fn a_token_near_its_end_is_used_until_a_new_one_comes() {
    let (url, asked) = server(|path, bearer| match (path.contains("tokenP"), bearer) {
        (true, _) => (
            403,
            r#"{"error_description":"x","error_code":"EGW00133"}"#.into(),
        ),
        (_, "Bearer OLD") => (200, PRICE.into()),
        _ => (500, String::new()),
    })
    .await;
    let shelf = Arc::new(Shelf::default());
    shelf.save(&SavedToken {
        token: SecretString::from("OLD"),
        expires: Moment(1_790_000_000_000).plus_secs(1_200),
    });
    let kis = client(&url, Some(shelf));
    for _ in 0..3 {
        kis.quote(code(), Priority::User).await.unwrap();
    }
    assert_eq!(tokens(&asked), 1);
}

#[tokio::test]
async fn a_refusal_by_rate_is_retried_and_lowers_the_rate() {
    let count = AtomicUsize::new(0);
    let (url, _) = server(move |path, _| match path.contains("tokenP") {
        true => (200, TOKEN.into()),
        false if count.fetch_add(1, Ordering::SeqCst) < 2 => (
            500,
            r#"{"rt_cd":"1","msg_cd":"EGW00201","msg1":"too many"}"#.into(),
        ),
        false => (200, PRICE.into()),
    })
    .await;
    let kis = client(&url, None);
    kis.quote(code(), Priority::User).await.unwrap();
    let stats = kis.stats();
    assert_eq!((stats.sent, stats.refused), (4, 2));
    assert!(stats.permitted_per_second < 18.0);
}

#[tokio::test]
async fn a_second_token_within_a_minute_is_not_even_asked_for() {
    let (url, asked) = server(|_, _| {
        (
            403,
            r#"{"error_description":"잠시 후","error_code":"EGW00133"}"#.into(),
        )
    })
    .await;
    let kis = client(&url, None);
    for _ in 0..3 {
        let error = kis.ensure_token().await.unwrap_err();
        let KisError::TokenWait { seconds } = error else {
            panic!("{error}");
        };
        assert!((1..=61).contains(&seconds));
        assert_eq!(error.msg_cd(), Some("EGW00133"));
    }
    assert_eq!(tokens(&asked), 1);
}

#[tokio::test]
async fn errors_name_the_thing_and_no_secret() {
    let (url, _) = server(|path, _| {
        let echo = format!(r#"{{"rt_cd":"1","msg_cd":"ZZZZ0001","msg1":"{KEY} {SECRET} NEW"}}"#);
        match path {
            path if path.contains("tokenP") => (200, TOKEN.into()),
            path if path.contains("000001") => (502, "<html>busy</html>".into()),
            path if path.contains("000002") => (
                200,
                r#"{"rt_cd":"0","output":{"stck_prpr":"0","stck_shrn_iscd":""}}"#.into(),
            ),
            path if path.contains("000003") => (200, PRICE.into()),
            path if path.contains("000004") => (
                200,
                PRICE.replace("70500", "7O500").replace("005930", "000004"),
            ),
            _ => (200, echo),
        }
    })
    .await;
    let kis = client(&url, None);
    let mut texts = vec![];
    for (n, expected) in [
        (1, "HTTP 502"),
        (2, "no data for 000002"),
        (3, "005930"),
        (4, "7O500"),
        (5, "ZZZZ0001"),
    ] {
        let code = StockCode::parse(&format!("{n:06}")).unwrap();
        let error = kis.quote(code, Priority::User).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.user_message().to_string().is_empty());
        texts.push(format!("{error} {error:?} {}", error.user_message()));
    }
    for text in &texts {
        for secret in [KEY, SECRET, "NEW", "127.0.0.1"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn many_quotes_come_at_once_and_one_bad_row_spoils_no_other() {
    let (url, asked) = server(|path, _| match path.contains("tokenP") {
        true => (200, TOKEN.into()),
        false => (
            200,
            r#"{"rt_cd":"0","msg_cd":"MCA00000","msg1":"ok","output":[
                {"inter_shrn_iscd":"000002","inter2_prpr":"2OO","acml_vol":"1"},{},
                {"inter_shrn_iscd":"000003","inter2_prpr":"0","inter2_prdy_vrss":"0","acml_vol":"0","inter2_prdy_clpr":"900","inter2_sdpr":"1000"},
                {"inter_shrn_iscd":"000001","inter2_prpr":"110","inter2_prdy_vrss":"10","prdy_vrss_sign":"5","acml_vol":"7","acml_tr_pbmn":"770","inter2_sdpr":"120","inter2_hgpr":"130","inter2_lwpr":"100"}]}"#
                .into(),
        ),
    })
    .await;
    let kis = client(&url, None);
    let codes = ["000001", "000002", "000003", "000004"].map(|c| StockCode::parse(c).unwrap());
    let answer = kis.quotes(&codes, Priority::Tail).await.unwrap().value;
    let found: Vec<StockCode> = answer.iter().map(|(code, _)| *code).collect();
    assert_eq!(found, codes);
    let first = answer[0].1.as_ref().unwrap();
    assert_eq!(
        (first.price, first.change, first.base, first.halted),
        (Won(110), Won(-10), Won(120), None)
    );
    let bad = answer[1].1.as_ref().unwrap_err().to_string();
    assert!(bad.contains("inter2_prpr") && bad.contains("2OO"), "{bad}");
    let quiet = answer[2].1.as_ref().unwrap();
    assert_eq!((quiet.price, quiet.change), (Won(900), Won(-100)));
    assert!(matches!(answer[3].1, Err(KisError::UnknownStock { .. })));
    let (line, _) = asked.lock().unwrap()[1].clone();
    for part in [
        "FID_COND_MRKT_DIV_CODE_4=J&FID_INPUT_ISCD_4=000004",
        "FID_COND_MRKT_DIV_CODE_5=&FID_INPUT_ISCD_5=&",
        "&FID_INPUT_ISCD_30= ",
    ] {
        assert!(line.contains(part), "{line}");
    }
    for codes in [vec![], vec![codes[0]; 31]] {
        let error = kis.quotes(&codes, Priority::Tail).await.unwrap_err();
        assert!(matches!(error, KisError::NotOffered { .. }), "{error}");
    }
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn that_there_is_nothing_is_an_answer_and_no_failure() {
    let (url, _) = server(|path, _| match path.contains("tokenP") {
        true => (200, TOKEN.into()),
        false => (
            200,
            r#"{"rt_cd":"7","msg_cd":"KIOK0560","msg1":"nothing"}"#.into(),
        ),
    })
    .await;
    let kis = client(&url, None);
    let day = Day::from_ymd(2026, 9, 21).unwrap();
    let newest = Minute::hm(15, 30);
    let page = kis.minutes_dated(code(), day, newest, true, Priority::User);
    assert_eq!(page.await.unwrap().value.rows.len(), 0);
    let stats = kis.stats();
    assert_eq!((stats.sent, stats.failed), (2, 0));
}

#[tokio::test]
async fn the_ledgers_limit_is_waited_out_and_lowers_nothing() {
    let count = AtomicUsize::new(0);
    let (url, _) = server(move |path, _| match path.contains("tokenP") {
        true => (200, TOKEN.into()),
        false if count.fetch_add(1, Ordering::SeqCst) < 3 => (
            500,
            r#"{"rt_cd":"1","msg_cd":"EGW00215","msg1":"too many"}"#.into(),
        ),
        false => (200, PRICE.into()),
    })
    .await;
    let kis = client(&url, None);
    kis.quote(code(), Priority::User).await.unwrap();
    let stats = kis.stats();
    assert_eq!((stats.sent, stats.refused, stats.failed), (5, 0, 3));
    assert_eq!(stats.permitted_per_second, 18.0);
}

#[tokio::test]
async fn two_clients_of_one_key_share_one_limit() {
    let (url, _) = server(|path, _| match path.contains("tokenP") {
        true => (200, TOKEN.into()),
        false => (200, PRICE.into()),
    })
    .await;
    let clock = Clock::simulated(Moment(1_790_000_000_000), 10.0);
    let make = |key: &str, rate: f64| {
        let options = KisOptions {
            credentials: Credentials::new(key, SECRET),
            requests_per_second: rate,
            ..options(&url, None, clock)
        };
        Kis::with_cache(options, NOTHING).unwrap()
    };
    let (one, other, third) = (make(KEY, 5.0), make(KEY, 3.0), make("PSOTHERKEY", 5.0));
    one.quote(code(), Priority::User).await.unwrap();
    // A token and a quote, seen by both; the lower rate holds for both.
    let seen = |kis: &Kis| (kis.stats().sent, kis.stats().permitted_per_second);
    assert_eq!(
        [seen(&one), seen(&other), seen(&third)],
        [(2, 3.0), (2, 3.0), (0, 5.0)]
    );
}

#[tokio::test]
async fn holidays_come_page_by_page() {
    let (url, asked) = server(|path, _| match path {
        path if path.contains("tokenP") => (200, TOKEN.into()),
        path if path.ends_with("next page") => (
            200,
            r#"{"rt_cd":"0","msg_cd":"MCA00000","output":[
                {"bass_dt":"20261128","opnd_yn":"N","bzdy_yn":"N"},
                {"bass_dt":"20261129","opnd_yn":"N","bzdy_yn":"N"}]}"#
                .into(),
        ),
        _ => (
            200,
            r#"{"rt_cd":"0","msg_cd":"KIOK0500","ctx_area_nk":"20261128            ","ctx_area_fk":"2026 1&27            ","output":[
                {"bass_dt":"20261127","opnd_yn":"Y","bzdy_yn":"Y"},
                {"bass_dt":"20261128","opnd_yn":"N","bzdy_yn":"N"}]}"#
                .into(),
        ),
    })
    .await;
    let from = Day::parse_compact("20261127").unwrap();
    let answer = client(&url, None).holidays(from, Priority::Tail).await;
    let days = answer.unwrap().value.days;
    let open: Vec<(String, bool)> = days.iter().map(|d| (d.day.compact(), d.open)).collect();
    let expected = [("20261127", true), ("20261128", false), ("20261129", false)];
    assert_eq!(open, expected.map(|(day, open)| (day.to_owned(), open)));
    let lines: Vec<String> = asked.lock().unwrap().iter().map(|a| a.0.clone()).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[1].contains("BASS_DT=20261127&CTX_AREA_NK=&CTX_AREA_FK= "));
    assert!(lines[2].contains("CTX_AREA_NK=20261128&CTX_AREA_FK=2026+1%2627 "));
}

#[tokio::test]
async fn what_the_paper_host_lacks_is_not_sent() {
    let (url, asked) = server(|_, _| (200, TOKEN.into())).await;
    let kis = Kis::new(KisOptions {
        endpoint: Endpoint::of(Environment::Paper, Market::Krx).at(&url, "ws://127.0.0.1:1"),
        credentials: Credentials::new(KEY, SECRET),
        clock: Clock::simulated(Moment(1_790_000_000_000), 10.0),
        requests_per_second: 18.0,
        token_store: None,
        lock_dir: None,
    })
    .unwrap();
    let day = Day::parse_compact("20261127").unwrap();
    let errors = [
        kis.quotes(&[code()], Priority::User).await.err(),
        kis.holidays(day, Priority::User).await.err(),
        kis.interruptions(day, Priority::User).await.err(),
        kis.minutes_dated(code(), day, Minute::hm(15, 30), true, Priority::User)
            .await
            .err(),
    ];
    for error in errors {
        let error = error.unwrap();
        assert!(matches!(error, KisError::NotOffered { .. }), "{error}");
        assert!(
            error.user_message().to_string().contains("모의투자"),
            "{error}"
        );
        assert_eq!(error.retry(), Retry::Never);
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client(&url, None).ensure_token().await.unwrap_err();
    assert!(matches!(error, KisError::Transport { .. }), "{error}");
    assert!(matches!(error.retry(), Retry::After(_)));
    assert!(!format!("{error:?}").contains("127.0.0.1"), "{error:?}");
}

#[tokio::test]
async fn dropped_calls_give_their_place_back() {
    let (url, _) = server(|path, _| match path.contains("tokenP") {
        true => (200, TOKEN.into()),
        false => (200, PRICE.into()),
    })
    .await;
    let kis = client(&url, None);
    kis.ensure_token().await.unwrap();
    let all: Vec<_> = (0..60)
        .map(|_| Box::pin(kis.quote(code(), Priority::User)))
        .collect();
    // Polls them all once: some are sent, the others wait.
    let _polled = futures_util::future::select_all(all).await.0.unwrap();
    assert_eq!(kis.stats().queue, 0);
    kis.quote(code(), Priority::Backfill).await.unwrap();
}

#[test]
fn addresses_and_keys_that_cannot_work_are_named() {
    let make = |rest: &str, key: &str| {
        let endpoint = Endpoint::of(Environment::Paper, Market::Krx).at(rest, "ws://127.0.0.1:1");
        Kis::new(KisOptions {
            endpoint,
            credentials: Credentials::new(key, "s"),
            clock: Clock::machine(),
            requests_per_second: 0.9,
            token_store: None,
            lock_dir: None,
        })
        .map(|_| ())
    };
    for (rest, key, word) in [
        ("openapi", "k", "rest_url"),
        ("ftp://x", "k", "rest_url"),
        ("http://127.0.0.1:1", "앱키", "앱 키"),
        ("http://127.0.0.1:1", "", "앱 키"),
    ] {
        let error = make(rest, key).unwrap_err();
        assert!(error.user_message().to_string().contains(word), "{error}");
    }
}
