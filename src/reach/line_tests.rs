//! The lines of couriers, against servers on the loopback address.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::courier::Verdict;
use super::courier_tests::{Given, on};
use super::tests::{fresh, signal};
use super::*;
use crate::domain::Stage;
use crate::engine::{About, Together};

/// What a server was asked: the request line, the headers in small letters, the body.
type Asked = (String, String, String);

/// A server that answers one request after another with these statuses, headers and bodies, and
/// hangs up where there is none.
async fn server(
    answers: Vec<Option<(u16, &'static str, &'static str)>>,
) -> (String, mpsc::Receiver<Asked>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, asked) = mpsc::channel(64);
    tokio::spawn(async move {
        for answer in answers {
            let (socket, _) = listener.accept().await.unwrap();
            let mut socket = BufReader::new(socket);
            let (mut line, mut head, mut length) = (String::new(), String::new(), 0);
            socket.read_line(&mut line).await.unwrap();
            loop {
                let mut header = String::new();
                socket.read_line(&mut header).await.unwrap();
                if header.trim().is_empty() {
                    break;
                }
                let lower = header.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push_str(&header);
            }
            let mut body = vec![0; length];
            socket.read_exact(&mut body).await.unwrap();
            let body = String::from_utf8(body).unwrap();
            sender.send((line, head, body)).await.unwrap();
            let Some((http, headers, body)) = answer else {
                continue;
            };
            let text = format!(
                "HTTP/1.1 {http} X\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
                body.len()
            );
            socket.get_mut().write_all(text.as_bytes()).await.unwrap();
        }
    });
    (url, asked)
}

const TOKEN: &str = "4711:LOUDFAKE-bot-token";

fn message(call: &Call, channel: Channel) -> Message {
    Message {
        id: words::id(call),
        what: words::short(call),
        content: match channel {
            Channel::Webhook => words::json(call, false).to_string(),
            _ => words::text(call, false),
        },
        quiet: call.quiet,
        at: call.at.0,
        trial: false,
    }
}

#[tokio::test]
async fn telegram_is_asked_as_its_documentation_says_and_understood() {
    let answers = vec![
        Some((200, "", r#"{"ok":true,"result":{"message_id":1}}"#)),
        Some((
            429,
            "",
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 9","parameters":{"retry_after":9}}"#,
        )),
        Some((401, "", r#"{"ok":false,"description":"Unauthorized"}"#)),
        Some((
            400,
            "",
            r#"{"ok":false,"description":"Bad Request: chat not found"}"#,
        )),
        Some((
            400,
            "",
            r#"{"ok":false,"description":"upgraded","parameters":{"migrate_to_chat_id":-100123}}"#,
        )),
        Some((
            403,
            "",
            r#"{"ok":false,"description":"Forbidden: bot 4711:LOUDFAKE-bot-token was blocked"}"#,
        )),
        Some((
            400,
            "",
            r#"{"ok":false,"description":"Bad Request: text is empty"}"#,
        )),
        Some((502, "", "<html>bad gateway</html>")),
        Some((200, "", "<html>a hotel's login page</html>")),
        None,
    ];
    let (url, mut asked) = server(answers).await;
    let given = Given::default();
    given.set(ReachSecret::TelegramToken, TOKEN);
    let settings = ReachSettings {
        telegram_url: Some(url.clone()),
        ..on()
    };
    let connect = telegram::connect(Arc::new(given), Clock::machine());
    let line = connect(&settings).unwrap();
    assert!(line.how().contains("4711") && !line.how().contains("LOUDFAKE"));
    let call = fresh(0, Stage::Confirmed);
    let mut verdicts = vec![];
    for _ in 0..10 {
        verdicts.push(line.send(message(&call, Channel::Telegram)).await);
    }
    let (first, _, body) = asked.recv().await.unwrap();
    assert_eq!(first, format!("POST /bot{TOKEN}/sendMessage HTTP/1.1\r\n"));
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["chat_id"], "4711");
    assert_eq!(body["disable_notification"], false);
    let text = body["text"].as_str().unwrap();
    assert!(
        text.starts_with("종목 0 (005930)\n30분 정배열 · 확정\n"),
        "{text}"
    );
    assert_eq!(verdicts[0], Verdict::Delivered);
    assert!(
        matches!(&verdicts[1], Verdict::Later(_, Some(wait)) if *wait == Duration::from_secs(9))
    );
    let why = |verdict: &Verdict| match verdict {
        Verdict::Blocked(why) => ("blocked", why.clone()),
        Verdict::Refused(why) => ("refused", why.clone()),
        Verdict::Later(why, _) => ("later", why.clone()),
        Verdict::Delivered => ("delivered", String::new()),
    };
    for (at, kind, part) in [
        (2, "blocked", "BotFather"),
        (3, "blocked", "대화를 찾을 수 없습니다"),
        (4, "blocked", "-100123"),
        (5, "blocked", "차단"),
        (6, "refused", "text is empty"),
        (7, "later", "502"),
        (8, "later", "200"),
        (9, "later", "연결"),
    ] {
        let (found, text) = why(&verdicts[at]);
        assert!(found == kind && text.contains(part), "{at}: {found} {text}");
    }
    for verdict in &verdicts {
        let text = why(verdict).1;
        assert!(!text.contains("LOUDFAKE") && !text.contains(&url), "{text}");
    }
}

#[tokio::test]
async fn a_line_that_cannot_be_had_says_what_lacks() {
    let given = Arc::new(Given::default());
    let clock = Clock::machine();
    let telegram = telegram::connect(given.clone(), clock);
    let webhook = webhook::connect(given.clone(), clock);
    let refusal = |connect: &Connect, settings: &ReachSettings| {
        let why = connect(settings).err().unwrap();
        assert!(!why.contains("LOUDFAKE"), "{why}");
        why
    };
    assert!(refusal(&telegram, &on()).contains("봇 토큰이 없습니다"));
    for bad in [
        "LOUDFAKE",
        "1:LOUDFAKE/../../x?y=zzzzzzzzz",
        "x:LOUDFAKELOUDFAKELOUD",
    ] {
        given.set(ReachSecret::TelegramToken, bad);
        assert!(refusal(&telegram, &on()).contains("모양이 맞지 않습니다"));
    }
    given.set(ReachSecret::TelegramToken, TOKEN);
    let nobody = ReachSettings {
        telegram_chat: None,
        ..on()
    };
    assert!(refusal(&telegram, &nobody).contains("대화 번호"));
    assert!(telegram(&on()).is_ok());
    assert!(refusal(&webhook, &on()).contains("웹훅 주소가 없습니다"));
    for bad in [
        "LOUDFAKE",
        "http://example.com/LOUDFAKE",
        "ftp://127.0.0.1/LOUDFAKE",
    ] {
        given.set(ReachSecret::WebhookUrl, bad);
        assert!(refusal(&webhook, &on()).contains("https://"));
    }
    for good in [
        "https://example.com/LOUDFAKE",
        "http://127.0.0.1:1/LOUDFAKE",
    ] {
        given.set(ReachSecret::WebhookUrl, good);
        let line = webhook(&on()).unwrap();
        assert!(!line.how().contains("LOUDFAKE"));
    }
}

#[tokio::test]
async fn a_webhook_gets_the_signal_as_json_with_its_token() {
    let answers = vec![
        Some((204, "", "")),
        Some((429, "retry-after: 30\r\n", "")),
        Some((302, "location: http://127.0.0.1:1/elsewhere\r\n", "")),
        Some((404, "", "")),
        Some((422, "", "no")),
        Some((503, "", "")),
    ];
    let (url, mut asked) = server(answers).await;
    let given = Given::default();
    given.set(ReachSecret::WebhookUrl, &format!("{url}/hook/LOUDFAKE?a=b"));
    given.set(ReachSecret::WebhookToken, "LOUDFAKE-bearer");
    let line = webhook::connect(Arc::new(given), Clock::machine())(&on()).unwrap();
    let call = fresh(0, Stage::Confirmed);
    let mut verdicts = vec![];
    for _ in 0..6 {
        verdicts.push(line.send(message(&call, Channel::Webhook)).await);
    }
    let (first, head, body) = asked.recv().await.unwrap();
    assert_eq!(first, "POST /hook/LOUDFAKE?a=b HTTP/1.1\r\n");
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("authorization: bearer loudfake-bearer\r\n"),
        "{head}"
    );
    let id = words::id(&call);
    assert!(
        head.contains(&format!("idempotency-key: {}", id.to_ascii_lowercase())),
        "{head}"
    );
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["type"], "trigger");
    assert_eq!(body["stage"], "confirmed");
    assert_eq!(body["code"], "005930");
    assert_eq!(body["timeframe"], "30m");
    assert_eq!(body["bar"], "2026-11-20T10:00:00.000+09:00");
    assert_eq!(body["price"], 1_466_500);
    assert_eq!(body["averages"]["20"], "455950");
    assert_eq!(body["simulated"], false);
    assert_eq!(body["text"], body["content"]);
    assert_eq!(verdicts[0], Verdict::Delivered);
    let wait = Some(Duration::from_secs(30));
    assert!(matches!(&verdicts[1], Verdict::Later(_, after) if *after == wait));
    assert!(matches!(&verdicts[2], Verdict::Blocked(_)), "not followed");
    assert!(matches!(&verdicts[3], Verdict::Blocked(_)));
    assert!(matches!(&verdicts[4], Verdict::Refused(_)));
    assert!(matches!(&verdicts[5], Verdict::Later(_, None)));
    for verdict in &verdicts {
        assert!(!format!("{verdict:?}").contains("LOUDFAKE"), "{verdict:?}");
    }
}

#[test]
fn several_signals_are_one_message_with_all_of_them() {
    let several = super::tests::call_of(About::Several {
        why: Together::Storm,
        signals: (0..30).map(|n| signal(n, Stage::Confirmed)).collect(),
    });
    let value = words::json(&several, true);
    assert_eq!(
        (&value["type"], &value["why"]),
        (&"triggers".into(), &"storm".into())
    );
    assert_eq!(value["signals"].as_array().unwrap().len(), 30);
    assert_eq!(value["simulated"], true);
    let text = value["text"].as_str().unwrap();
    assert!(
        text.starts_with("[가상 시세] 자주 울리는 조건의 신호 30건\n"),
        "{text}"
    );
}
