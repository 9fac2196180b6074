//! Registrations, heartbeats and cut sockets.

use futures_util::{SinkExt as _, StreamExt as _};
use jeongbae::sim::{Faults, Script};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::*;

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
    let cut = sim.clock().now();
    sim.faults().cut_sockets();
    while socket.hear().await.is_some() {}
    until(|| async { (sim.counters().sockets_open == 0).then_some(()) }).await;
    let mut next = Socket::open(&sim, &approval).await;
    // The dead socket keeps the slot for two market minutes, then lets it go.
    loop {
        let answer = next.ask("1", "H0STASP0", "005930").await;
        if answer["body"]["msg_cd"] == "OPSP0000" {
            break;
        }
        assert_eq!(answer["body"]["msg_cd"], "OPSP8996");
    }
    assert!(120_000 <= sim.clock().now().ms_since(cut));
    sim.faults().change(|f| f.cut_after_frames = Some(3));
    let mut frames = 0;
    while next.hear().await.is_some() {
        frames += 1;
    }
    assert!(3 <= frames);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_given_fewer_registrations_or_none_for_a_while() {
    let sim = sim("20261121 100000", 1.0, |_| {}).await;
    let approval = Rest::new(&sim).await.approval().await;
    let mut socket = Socket::open(&sim, &approval).await;
    let script = "{\"at\": \"09:00:00\", \"registrations\": 2, \"failing_registrations\": 1}";
    assert!(Script::parse(script).is_ok());
    sim.faults()
        .change(|f| (f.registrations, f.failing_registrations) = (Some(2), 1));
    for (key, expected) in [
        ("005930", "OPSP0007"),
        ("005930", "OPSP0000"),
        ("000660", "OPSP0000"),
        ("035420", "OPSP0008"),
    ] {
        let answer = socket.ask("1", "H0STCNT0", key).await;
        assert_eq!(answer["body"]["msg_cd"], expected, "{key}");
    }
    // What is held stays when the number falls below it.
    sim.faults().change(|f| f.registrations = Some(1));
    assert_eq!(sim.counters().registrations, 2);
    let answer = socket.ask("2", "H0STCNT0", "005930").await;
    assert_eq!(answer["body"]["msg_cd"], "OPSP0001");
    let answer = socket.ask("1", "H0STCNT0", "005930").await;
    assert_eq!(answer["body"]["msg_cd"], "OPSP0008");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_plays_by_the_clock() {
    // However late the socket opens, a cut comes after it.
    let mut script = "{\"at\": \"10:01:00\", \"calls_per_second\": 3}\n".to_owned();
    for hour in 10..24 {
        script += &format!("{{\"at\": \"{hour}:02:00\", \"cut_sockets\": true}}\n");
    }
    let sim = sim("20261120 100000", 100.0, |o| {
        o.script = Script::parse(&script).unwrap();
    })
    .await;
    let mut socket = Socket::open(&sim, "").await;
    while socket.hear().await.is_some() {}
    let now = sim.faults().now();
    assert_eq!(now.calls_per_second, Some(3.0));
    assert!("10:02:00" <= sim.clock().now().clock_text().as_str());
}

/// Every feed beside trades and books: as many fields as the broker writes, and sums that fit the
/// market's.
#[tokio::test(flavor = "multi_thread")]
async fn programs_brokers_and_auctions_are_told() {
    // A frame of each feed, or none where nothing will ever come.
    let hear = async |time: &str, tr_id: &str, key: &str| {
        let sim = sim(time, 30.0, |_| {}).await;
        let rest = Rest::new(&sim).await;
        let mut socket = Socket::open(&sim, &rest.approval().await).await;
        assert_eq!(
            socket.ask("1", tr_id, key).await["body"]["msg_cd"],
            "OPSP0000",
            "{tr_id}"
        );
        socket.hear().await.unwrap()
    };
    let (session, opening) = ("20261120 100000", "20261120 085500");
    for (time, tr_id, key, width) in [
        (session, "H0STPGM0", "005930", 11),
        (session, "H0NXPGM0", "005930", 11),
        (session, "H0UNPGM0", "005930", 11),
        (session, "H0STMBC0", "005930", 78),
        (session, "H0NXMBC0", "005930", 78),
        (session, "H0UNMBC0", "005930", 78),
        (opening, "H0STANC0", "005930", 45),
        (opening, "H0UNANC0", "005930", 46),
        (opening, "H0UPANC0", "0001", 30),
        (session, "H0UPPGM0", "0001", 88),
    ] {
        let frame = hear(time, tr_id, key).await;
        assert!(
            frame.starts_with(&format!("0|{tr_id}|001|{key}^")),
            "{frame}"
        );
        let record = records(&frame, width).remove(0);
        let n = |i: usize| record[i].parse::<i64>().unwrap();
        match width {
            11 => {
                assert_eq!((n(6), n(7)), (n(4) - n(2), n(5) - n(3)));
                assert_eq!(n(10), n(9) - n(8));
                assert!(0 < n(2) && 0 < n(4));
            }
            78 => {
                assert!((11..15).all(|i| n(i + 1) <= n(i)), "{frame}");
                assert_eq!(n(65), n(62) - n(61));
                assert!(record[68..].iter().all(String::is_empty));
            }
            88 => {
                // Arbitrage and the rest make up what customers and the broker's own make up.
                assert_eq!(n(18) + n(30), n(42) + n(54));
                assert_eq!(n(66), n(18) + n(30));
                assert_eq!(n(74), n(70) - n(66));
            }
            _ => assert!(0.0 < record[2].parse::<f64>().unwrap()),
        }
    }
    // Nextrade has no auctions and the session of single prices has ended: nothing ever comes.
    let sim = sim(opening, 60.0, |_| {}).await;
    let rest = Rest::new(&sim).await;
    let mut socket = Socket::open(&sim, &rest.approval().await).await;
    for tr_id in ["H0NXANC0", "H0STOUP0", "H0STOAA0", "H0STOAC0"] {
        assert_eq!(
            socket.ask("1", tr_id, "005930").await["body"]["msg_cd"],
            "OPSP0000"
        );
    }
    assert_eq!(
        socket.ask("1", "H0STCNT0", "005930").await["body"]["msg_cd"],
        "OPSP0000"
    );
    for _ in 0..50 {
        let frame = socket.hear().await.unwrap();
        assert!(frame.starts_with("0|H0STCNT0|"), "{frame}");
    }
}
