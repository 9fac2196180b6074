//! The socket against a scripted server on the loopback address.

use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::{WebSocketStream, accept_async};

use super::*;
use crate::clock::Clock;
use crate::domain::{Market, Moment, StockCode, Won};
use crate::kis::{Credentials, Endpoint, Environment, KisOptions, fake};

type Server = WebSocketStream<TcpStream>;

struct Setup {
    listener: TcpListener,
    want: watch::Sender<Arc<[Registration]>>,
    events: mpsc::Receiver<StreamEvent>,
    task: tokio::task::JoinHandle<()>,
    asked: fake::Asked,
}

async fn setup(cap: usize, wanted: &[Registration]) -> Setup {
    let options = StreamOptions {
        cap,
        ..StreamOptions::default()
    };
    setup_with(options, wanted).await
}

async fn setup_with(options: StreamOptions, wanted: &[Registration]) -> Setup {
    let (rest, asked) =
        fake::server(|_, _| (200, r#"{"approval_key":"KEY-OF-TODAY"}"#.into())).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ws = format!("ws://{}", listener.local_addr().unwrap());
    let kis = kis(&rest, &ws, None);
    let (want, wants) = watch::channel(Arc::from(wanted));
    let (tell, events) = mpsc::channel(64);
    let task = tokio::spawn(super::super::run(kis, options, wants, tell));
    Setup {
        listener,
        want,
        events,
        task,
        asked,
    }
}

fn kis(rest: &str, ws: &str, lock_dir: Option<&std::path::Path>) -> Kis {
    kis_of(Environment::Real, Market::Krx, rest, ws, lock_dir)
}

fn kis_of(
    environment: Environment,
    market: Market,
    rest: &str,
    ws: &str,
    lock_dir: Option<&std::path::Path>,
) -> Kis {
    Kis::new(KisOptions {
        endpoint: Endpoint::of(environment, market).at(rest, ws),
        credentials: Credentials::new("K", "S"),
        clock: Clock::simulated(Moment(1_790_000_000_000), 10.0),
        requests_per_second: 18.0,
        token_store: None,
        lock_dir: lock_dir.map(ToOwned::to_owned),
    })
    .unwrap()
}

impl Setup {
    async fn accept(&self) -> Server {
        let (tcp, _) = self.listener.accept().await.unwrap();
        accept_async(tcp).await.unwrap()
    }

    /// The next event of the kind that `pick` knows.
    async fn until<T>(&mut self, pick: impl Fn(StreamEvent) -> Option<T>) -> T {
        loop {
            let event = self.events.recv().await.expect("an event");
            if let Some(found) = pick(event) {
                return found;
            }
        }
    }
}

fn trades(code: &str) -> Registration {
    Registration {
        kind: Feed::Trades,
        code: StockCode::parse(code).unwrap(),
    }
}

/// The next message of the client: `tr_type`, `tr_id`, `tr_key`.
async fn hear(server: &mut Server) -> (String, String, String) {
    loop {
        if let Frame::Text(text) = server.next().await.unwrap().unwrap() {
            let message: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(message["header"]["approval_key"], "KEY-OF-TODAY");
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let input = &message["body"]["input"];
            return (
                text(&message["header"]["tr_type"]),
                text(&input["tr_id"]),
                text(&input["tr_key"]),
            );
        }
    }
}

async fn say(server: &mut Server, text: &str) {
    server.send(Frame::text(text.to_owned())).await.unwrap();
}

async fn ack(server: &mut Server, key: &str, msg_cd: &str) {
    let text = format!(
        r#"{{"header":{{"tr_id":"H0STCNT0","tr_key":"{key}","encrypt":"N"}},"body":{{"rt_cd":"0","msg_cd":"{msg_cd}","msg1":"X"}}}}"#
    );
    say(server, &text).await;
}

fn execution(price: &str) -> String {
    let mut fields = vec!["0"; 46];
    (fields[0], fields[1], fields[2]) = ("005930", "093001", price);
    (fields[33], fields[34]) = ("20261120", "20");
    format!("0|H0STCNT0|001|{}", fields.join("^"))
}

#[tokio::test]
async fn registers_reads_echoes_survives_bad_text_and_leaves_in_good_order() {
    let mut setup = setup(41, &[trades("005930")]).await;
    let mut server = setup.accept().await;
    let first = hear(&mut server).await;
    assert_eq!(first, ("1".into(), "H0STCNT0".into(), "005930".into()));
    ack(&mut server, "005930", "OPSP0000").await;
    setup
        .until(|e| matches!(e, StreamEvent::Live).then_some(()))
        .await;

    // A text frame that is no UTF-8: refused by name, and the connection lives on.
    let bytes = Bytes::from_static(b"0|H0STMBC0|001|\xbe\xc8\xff");
    let bad = RawFrame::message(bytes, OpCode::Data(Data::Text), true);
    server.send(Frame::Frame(bad)).await.unwrap();
    say(&mut server, "garbage").await;
    say(&mut server, &execution("70500")).await;
    for expected in ["H0STMBC0", "garbage"] {
        let error = setup
            .until(|e| match e {
                StreamEvent::Unreadable(error) => Some(error),
                _ => None,
            })
            .await;
        assert!(error.to_string().contains(expected), "{error}");
    }
    let print = setup
        .until(|e| match e {
            StreamEvent::Print(print) => Some(print),
            _ => None,
        })
        .await;
    assert_eq!((print.price, print.second), (Won(70_500), 34_201));

    let ping = r#"{"header":{"tr_id":"PINGPONG","datetime":"20261120093002"}}"#;
    say(&mut server, ping).await;
    let Frame::Text(echo) = server.next().await.unwrap().unwrap() else {
        panic!("a text");
    };
    assert_eq!(echo.as_str(), ping);

    drop(setup.want);
    let last = hear(&mut server).await;
    assert_eq!(last, ("2".into(), "H0STCNT0".into(), "005930".into()));
    ack(&mut server, "005930", "OPSP0001").await;
    let Frame::Close(Some(close)) = server.next().await.unwrap().unwrap() else {
        panic!("a close frame");
    };
    assert_eq!(close.code, CloseCode::Normal);
    drop(server);
    setup.task.await.unwrap();
}

#[tokio::test]
async fn swaps_within_the_cap_and_registers_everything_again_after_a_loss() {
    let mut setup = setup(1, &[trades("000001"), trades("000002")]).await;
    let mut server = setup.accept().await;
    assert_eq!(hear(&mut server).await.2, "000001");
    ack(&mut server, "000001", "OPSP0000").await;
    setup.want.send(Arc::from([trades("000002")])).unwrap();
    let remove = hear(&mut server).await;
    assert_eq!((remove.0.as_str(), remove.2.as_str()), ("2", "000001"));
    ack(&mut server, "000001", "OPSP0001").await;
    assert_eq!(hear(&mut server).await.2, "000002");
    ack(&mut server, "000002", "OPSP0000").await;
    drop(server);
    let (reason, retry_in) = setup
        .until(|e| match e {
            StreamEvent::Lost {
                reason, retry_in, ..
            } => Some((reason, retry_in)),
            _ => None,
        })
        .await;
    assert!(!reason.to_string().is_empty());
    assert!((15..=18).contains(&retry_in.as_secs()), "{retry_in:?}");
    let mut server = setup.accept().await;
    assert_eq!(hear(&mut server).await.2, "000002");
    assert_eq!(setup.asked.lock().unwrap().len(), 1, "one approval key");
}

#[tokio::test]
async fn a_second_session_backs_off_and_says_why() {
    let mut setup = setup(41, &[trades("000001")]).await;
    let mut server = setup.accept().await;
    hear(&mut server).await;
    say(&mut server, r#"{"header":{"tr_id":"(null)","tr_key":""},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}"#).await;
    let lost = setup
        .until(|e| match e {
            StreamEvent::Lost {
                reason,
                retry_in,
                error,
            } => Some((reason, retry_in, error)),
            _ => None,
        })
        .await;
    assert!(lost.0.to_string().contains("다른 프로그램"), "{}", lost.0);
    assert!(15 <= lost.1.as_secs());
    assert_eq!(lost.2.unwrap().msg_cd(), Some("OPSP8996"));
}

#[tokio::test]
async fn a_refused_approval_key_is_replaced() {
    let mut setup = setup(41, &[trades("000001")]).await;
    let mut server = setup.accept().await;
    hear(&mut server).await;
    say(
        &mut server,
        r#"{"body":{"rt_cd":"1","msg_cd":"OPSP0011","msg1":"invalid approval : KEY-OF-TODAY"}}"#,
    )
    .await;
    let error = setup
        .until(|e| match e {
            StreamEvent::Lost { error, .. } => error,
            _ => None,
        })
        .await;
    assert!(!format!("{error:?}").contains("KEY-OF-TODAY"));
    setup.accept().await;
    assert_eq!(setup.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn silence_is_the_end_of_a_connection() {
    let options = StreamOptions {
        silence: Duration::from_secs(5),
        ..StreamOptions::default()
    };
    let mut setup = setup_with(options, &[trades("000001")]).await;
    let mut server = setup.accept().await;
    hear(&mut server).await;
    ack(&mut server, "000001", "OPSP0000").await;
    let reason = setup
        .until(|e| match e {
            StreamEvent::Lost { reason, .. } => Some(reason),
            _ => None,
        })
        .await;
    assert!(reason.to_string().contains("5초"), "{reason}");
    let mut server = setup.accept().await;
    assert_eq!(hear(&mut server).await.2, "000001");
}

#[tokio::test]
async fn nothing_wanted_closes_by_plan_and_comes_back() {
    let mut setup = setup(41, &[trades("000001")]).await;
    let mut server = setup.accept().await;
    hear(&mut server).await;
    ack(&mut server, "000001", "OPSP0000").await;
    setup.want.send(Arc::default()).unwrap();
    assert_eq!(hear(&mut server).await.0, "2");
    ack(&mut server, "000001", "OPSP0001").await;
    setup
        .until(|e| matches!(e, StreamEvent::Idle).then_some(()))
        .await;
    setup.want.send(Arc::from([trades("000003")])).unwrap();
    let mut server = setup.accept().await;
    assert_eq!(hear(&mut server).await.2, "000003");
}

/// Sends a heartbeat and hears its echo: nothing else was sent before it.
async fn hear_only_the_echo(server: &mut Server) {
    let ping = r#"{"header":{"tr_id":"PINGPONG","datetime":"20261120093002"}}"#;
    say(server, ping).await;
    let Frame::Text(echo) = server.next().await.unwrap().unwrap() else {
        panic!("a text");
    };
    assert_eq!(echo.as_str(), ping);
}

#[tokio::test]
async fn a_lower_cap_is_remembered_through_a_loss() {
    let all = [trades("000001"), trades("000002"), trades("000003")];
    let mut setup = setup(3, &all).await;
    let mut server = setup.accept().await;
    for _ in 0..3 {
        hear(&mut server).await;
    }
    ack(&mut server, "000001", "OPSP0000").await;
    ack(&mut server, "000002", "OPSP0008").await;
    ack(&mut server, "000003", "OPSP0008").await;
    for _ in 0..2 {
        let refused = setup
            .until(|e| match e {
                StreamEvent::Refused { msg_cd, .. } => Some(msg_cd),
                _ => None,
            })
            .await;
        assert_eq!(refused, "OPSP0008");
    }
    drop(server);
    let mut server = setup.accept().await;
    assert_eq!(hear(&mut server).await.2, "000001");
    ack(&mut server, "000001", "OPSP0000").await;
    setup
        .until(|e| matches!(e, StreamEvent::Live).then_some(()))
        .await;
    hear_only_the_echo(&mut server).await;
}

#[tokio::test]
async fn one_new_approval_key_is_asked_for_and_not_one_each_time() {
    let mut setup = setup(41, &[trades("000001")]).await;
    for keys in [1, 2, 2] {
        let mut server = setup.accept().await;
        hear(&mut server).await;
        assert_eq!(setup.asked.lock().unwrap().len(), keys);
        let refusal =
            r#"{"body":{"rt_cd":"1","msg_cd":"OPSP0011","msg1":"invalid approval : NOT FOUND"}}"#;
        say(&mut server, refusal).await;
        let retry_in = setup
            .until(|e| match e {
                StreamEvent::Lost { retry_in, .. } => Some(retry_in.as_secs()),
                _ => None,
            })
            .await;
        assert!(keys == 1 || 30 <= retry_in, "{retry_in}");
    }
}

#[tokio::test]
async fn a_peer_that_takes_no_more_bytes_is_given_up() {
    let mut setup = setup(41, &[trades("000001")]).await;
    let mut server = setup.accept().await;
    hear(&mut server).await;
    ack(&mut server, "000001", "OPSP0000").await;
    // Heartbeats whose echoes nobody reads, until no buffer on the way has room.
    let filling = "x".repeat(500_000);
    let ping = format!(r#"{{"header":{{"tr_id":"PINGPONG","datetime":"{filling}"}}}}"#);
    let flood =
        tokio::spawn(async move { while server.send(Frame::text(ping.clone())).await.is_ok() {} });
    let error = setup
        .until(|e| match e {
            StreamEvent::Lost { error, .. } => error,
            _ => None,
        })
        .await;
    let timed_out = matches!(
        error,
        KisError::Transport {
            kind: Transport::TimedOut,
            ..
        }
    );
    assert!(timed_out, "{error}");
    flood.abort();
}

#[tokio::test]
async fn the_system_watches_over_every_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    assert!(!SockRef::from(&tcp).keepalive().unwrap());
    watch_over(&tcp).unwrap();
    assert!(SockRef::from(&tcp).keepalive().unwrap());
    #[cfg(target_os = "linux")]
    assert_eq!(
        SockRef::from(&tcp).tcp_user_timeout().unwrap(),
        Some(Duration::from_secs(30))
    );
}

#[tokio::test]
async fn a_second_copy_waits_its_turn_says_so_and_takes_over() {
    let dir = tempfile::tempdir().unwrap();
    let (rest, _) = fake::server(|_, _| (200, r#"{"approval_key":"KEY-OF-TODAY"}"#.into())).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ws = format!("ws://{}", listener.local_addr().unwrap());
    let copy = || {
        let (want, wants) = watch::channel(Arc::from([trades("000001")]));
        let (tell, events) = mpsc::channel(64);
        let kis = kis(&rest, &ws, Some(dir.path()));
        let options = StreamOptions::default();
        (
            want,
            events,
            tokio::spawn(super::super::run(kis, options, wants, tell)),
        )
    };
    let (first_want, mut first_events, first) = copy();
    let (tcp, _) = listener.accept().await.unwrap();
    let mut server = accept_async(tcp).await.unwrap();
    hear(&mut server).await;
    ack(&mut server, "000001", "OPSP0000").await;
    let (_second_want, mut second_events, _second) = copy();
    match second_events.recv().await {
        Some(StreamEvent::Waiting { reason }) => {
            assert!(reason.to_string().contains("다른 정배"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
    // The first one leaves in good order; only then the second connects.
    drop(first_want);
    assert_eq!(hear(&mut server).await.0, "2");
    ack(&mut server, "000001", "OPSP0001").await;
    drop(server);
    first.await.unwrap();
    while first_events.recv().await.is_some() {}
    let (tcp, _) = listener.accept().await.unwrap();
    let mut server = accept_async(tcp).await.unwrap();
    assert_eq!(hear(&mut server).await.2, "000001");
    assert!(matches!(
        second_events.recv().await,
        Some(StreamEvent::Connecting { attempt: 1, .. })
    ));
}

#[tokio::test]
async fn feeds_the_host_does_not_offer_are_never_asked_for() {
    let (rest, asked) = fake::server(|_, _| (200, String::new())).await;
    let kis = kis_of(
        Environment::Paper,
        Market::Unified,
        &rest,
        "ws://127.0.0.1:1",
        None,
    );
    let (want, wants) = watch::channel(Arc::from([trades("000001")]));
    let (tell, mut events) = mpsc::channel(64);
    let task = tokio::spawn(super::super::run(
        kis,
        StreamOptions::default(),
        wants,
        tell,
    ));
    match events.recv().await {
        Some(StreamEvent::Waiting { reason }) => {
            assert!(reason.to_string().contains("모의투자"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
    drop(want);
    task.await.unwrap();
    assert!(events.recv().await.is_none());
    assert!(asked.lock().unwrap().is_empty(), "no approval key either");
}
