//! Several copies of the program with one app key, against a scripted server that counts.

use std::path::Path;
use std::sync::Mutex;

use super::*;
use crate::domain::{Market, StockCode};
use crate::kis::fake::{Asked, server};
use crate::kis::{CacheTimes, Credentials, Endpoint, Environment, Kis, KisOptions, Priority};

const START: Moment = Moment(1_790_000_000_000);
const PRICE: &str = r#"{"rt_cd":"0","msg_cd":"MCA00000","msg1":"ok","output":{"stck_prpr":"70500","prdy_vrss":"500","prdy_vrss_sign":"5","stck_sdpr":"71000","acml_vol":"10","stck_shrn_iscd":"005930"}}"#;

/// Stands for the keyring, which all copies share.
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

fn copy<S: TokenStore + 'static>(url: &str, dir: &Path, shelf: Option<Arc<S>>, now: Moment) -> Kis {
    let options = KisOptions {
        endpoint: Endpoint::of(Environment::Real, Market::Krx).at(url, "ws://127.0.0.1:1"),
        credentials: Credentials::new("PSTESTKEY", "TESTSECRET"),
        clock: Clock::simulated(now, 1.0),
        requests_per_second: 18.0,
        token_store: shelf.map(|shelf| shelf as Arc<dyn TokenStore>),
        lock_dir: Some(dir.to_owned()),
    };
    // No answer is kept: each request shows its token.
    let times = CacheTimes {
        price: Duration::ZERO,
        book: Duration::ZERO,
        executions: Duration::ZERO,
        candles: Duration::ZERO,
    };
    Kis::with_cache(options, times).unwrap()
}

/// A server whose n-th token is `T<n>`.
async fn broker() -> (String, Asked) {
    let serial = std::sync::atomic::AtomicU32::new(0);
    server(move |path, _| match path.contains("tokenP") {
        true => {
            let n = serial.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let body = format!(r#"{{"access_token":"T{n}","expires_in":86400}}"#);
            (200, body)
        }
        false => (200, PRICE.into()),
    })
    .await
}

fn issued(asked: &Asked) -> usize {
    let asked = asked.lock().unwrap();
    asked.iter().filter(|(l, _)| l.contains("tokenP")).count()
}

#[tokio::test]
async fn copies_that_start_together_share_one_token() {
    let (url, asked) = broker().await;
    let (dir, shelf) = (tempfile::tempdir().unwrap(), Arc::new(Shelf::default()));
    let copies: Vec<Kis> = (0..4)
        .map(|_| copy(&url, dir.path(), Some(shelf.clone()), START))
        .collect();
    let answers = copies.iter().map(Kis::ensure_token);
    for answer in futures_util::future::join_all(answers).await {
        answer.unwrap();
    }
    assert_eq!(issued(&asked), 1);
}

/// A store that another copy fills right after it was looked at for the first time, as it does
/// between our look and our lock.
struct FilledAfterALook {
    shelf: Shelf,
    looks: std::sync::atomic::AtomicU32,
    then: Box<dyn Fn(&Shelf) + Send + Sync>,
}

impl TokenStore for FilledAfterALook {
    fn load(&self) -> Option<SavedToken> {
        let found = self.shelf.load();
        if self
            .looks
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            == 0
        {
            (self.then)(&self.shelf);
        }
        found
    }

    fn save(&self, token: &SavedToken) {
        self.shelf.save(token);
    }
}

#[tokio::test]
async fn a_token_that_comes_between_the_look_and_the_lock_is_taken() {
    let (url, asked) = broker().await;
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::of(Environment::Real, Market::Krx).at(&url, "ws://127.0.0.1:1");
    let locks = Locks::new(
        dir.path(),
        &endpoint,
        &Credentials::new("PSTESTKEY", "TESTSECRET"),
    );
    let store = Arc::new(FilledAfterALook {
        shelf: Shelf::default(),
        looks: std::sync::atomic::AtomicU32::new(0),
        then: Box::new(move |shelf| {
            let mut asking = locks.token().unwrap().unwrap();
            asking.note(START).unwrap();
            shelf.save(&SavedToken {
                token: SecretString::from("OF-THE-OTHER"),
                expires: START.plus_secs(80_000),
            });
        }),
    });
    let ours = copy(&url, dir.path(), Some(store), START);
    ours.ensure_token().await.unwrap();
    assert_eq!(issued(&asked), 0);
}

#[tokio::test]
async fn without_a_keyring_the_second_copy_waits_for_its_minute() {
    let (url, asked) = broker().await;
    let dir = tempfile::tempdir().unwrap();
    let first = copy(&url, dir.path(), None::<Arc<Shelf>>, START);
    first.ensure_token().await.unwrap();
    let soon = copy(&url, dir.path(), None::<Arc<Shelf>>, START.plus_secs(10));
    match soon.ensure_token().await {
        Err(KisError::TokenWait { seconds }) => assert!((1..=61).contains(&seconds), "{seconds}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(issued(&asked), 1, "nothing was sent in vain");
    let later = copy(&url, dir.path(), None::<Arc<Shelf>>, START.plus_secs(75));
    later.ensure_token().await.unwrap();
    assert_eq!(issued(&asked), 2);
}

#[tokio::test]
async fn a_copy_waits_while_another_one_asks_and_takes_its_token() {
    let (url, asked) = broker().await;
    let (dir, shelf) = (tempfile::tempdir().unwrap(), Arc::new(Shelf::default()));
    let endpoint = Endpoint::of(Environment::Real, Market::Krx).at(&url, "ws://127.0.0.1:1");
    let credentials = Credentials::new("PSTESTKEY", "TESTSECRET");
    let locks = Locks::new(dir.path(), &endpoint, &credentials);
    let asking = locks.token().unwrap().unwrap();
    let second = copy(&url, dir.path(), Some(shelf.clone()), START);
    let task = tokio::spawn(async move { second.ensure_token().await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    shelf.save(&SavedToken {
        token: SecretString::from("OF-THE-OTHER"),
        expires: START.plus_secs(80_000),
    });
    drop(asking);
    task.await.unwrap().unwrap();
    assert_eq!(issued(&asked), 0);
}

#[tokio::test]
async fn a_refusal_is_no_issuance() {
    let (url, asked) = server(|_, _| {
        let body =
            r#"{"error_code":"EGW00105","error_description":"유효하지 않은 AppSecret입니다."}"#;
        (403, body.into())
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    for n in 1..=2 {
        let error = copy(&url, dir.path(), None::<Arc<Shelf>>, START)
            .ensure_token()
            .await
            .unwrap_err();
        assert_eq!(error.msg_cd(), Some("EGW00105"));
        assert_eq!(issued(&asked), n);
    }
}

#[tokio::test]
async fn an_ageing_token_serves_while_one_new_one_is_fetched_in_the_background() {
    let (url, asked) = broker().await;
    let (dir, shelf) = (tempfile::tempdir().unwrap(), Arc::new(Shelf::default()));
    shelf.save(&SavedToken {
        token: SecretString::from("OLD"),
        expires: START.plus_secs(20 * 60),
    });
    let kis = copy(&url, dir.path(), Some(shelf.clone()), START);
    // The first one finds the old token in the keyring, and a new one at the broker's.
    kis.ensure_token().await.unwrap();
    assert_eq!(issued(&asked), 1);
    // A token that grows old while the program runs: at 23.6 h nobody waits for the next one.
    let shelf = Arc::new(Shelf::default());
    let kis = copy(&url, dir.path(), Some(shelf.clone()), START.plus_secs(100));
    let code = StockCode::parse("005930").unwrap();
    kis.shared_tokens().keep(SavedToken {
        token: SecretString::from("OLD"),
        expires: START.plus_secs(100 + 20 * 60),
    });
    let asks = (0..8).map(|_| kis.quote(code, Priority::User));
    for answer in futures_util::future::join_all(asks).await {
        answer.unwrap();
    }
    while shelf.load().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    kis.quote(code, Priority::User).await.unwrap();
    assert_eq!(issued(&asked), 2, "one more, whoever asked");
    let asked = asked.lock().unwrap();
    let quotes: Vec<&str> = asked
        .iter()
        .filter(|(line, _)| line.contains("inquire-price"))
        .map(|(_, bearer)| bearer.as_str())
        .collect();
    assert_eq!(quotes.first(), Some(&"Bearer OLD"), "{quotes:?}");
    assert_eq!(quotes.last(), Some(&"Bearer T1"), "{quotes:?}");
}
