//! Neither the app key nor the secret, the token or the approval key is ever written anywhere:
//! not to the logs at their most talkative, not to a file, not to the screen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jeongbae::domain::{Day, Minute};
use jeongbae::engine::{Command, LinkState, Part, Report};
use jeongbae::sim::SimOptions;
use support::program::{Running, command};
use support::rig::{Broker, Build, Rig};

const KEY: &str = "LOUDFAKEAPPKEYLOUDFAKEAPPKEY12345678";
const SECRET: &str = "LOUDFAKESECRET/LOUDFAKESECRET+LOUDFAKESECRET=";

/// For calling the user: the bot's token is part of an address, the webhook's address a secret.
const BOT: &str = "471147114711:LOUDFAKEBOT-LOUDFAKEBOT_LOUDFAKE";
const HOOK: &str = "http://127.0.0.1:9/LOUDFAKEHOOK";

const OTHER_KEY: &str = "LOUDFAKEOTHERKEYLOUDFAKEOTHERKEY1234";

/// What the wire carried: the program's side and the simulator's.
type Heard = Arc<Mutex<Vec<u8>>>;

/// Passes bytes on and keeps them. The other side is where the issued keys can be overheard.
fn wiretap(target: String, heard: Heard) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = TcpStream::connect(&target) else {
                return;
            };
            let (near2, far2) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            let (h1, h2) = (heard.clone(), heard.clone());
            spawn(move || pass(near, far, &h1));
            spawn(move || pass(far2, near2, &h2));
        }
    });
    address
}

fn pass(mut from: TcpStream, mut to: TcpStream, heard: &Heard) {
    let mut bytes = [0; 16_384];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        heard.lock().unwrap().extend_from_slice(&bytes[..count]);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    // Either side may be gone already.
    to.shutdown(std::net::Shutdown::Both).unwrap_or_default();
}

fn spawn(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .name("tap".into())
        .spawn(work)
        .unwrap();
}

/// The texts after `"name":"` in what was heard.
fn overheard(heard: &Heard, name: &str) -> Vec<String> {
    let bytes = heard.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&bytes).replace("\": \"", "\":\"");
    let prefix = format!("\"{name}\":\"");
    let mut found: Vec<String> = text
        .split(&prefix)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(ToOwned::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

fn files_below(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files_below(&path, found),
            // A socket holds nothing.
            false if path.is_file() => found.push(path),
            false => {}
        }
    }
}

#[test]
fn nothing_that_opens_the_account_is_ever_written_down() {
    let home = tempfile::tempdir().unwrap();
    // On the machine's clock, as for the user. The socket is opened by `check`, which asks for it
    // at any hour.
    let sim = Running::start(command(home.path()).args(["sim", "--seed", "9"]));
    let heard = Heard::default();
    let tapped = |kind: &str, scheme: &str| {
        let prefix = format!("{kind} {scheme}://");
        let line = sim.wait_for(kind, |line| line.starts_with(&prefix));
        let near = wiretap(
            line.strip_prefix(&prefix).unwrap().to_owned(),
            heard.clone(),
        );
        format!("{scheme}://{near}")
    };
    let (rest, ws) = (tapped("rest", "http"), tapped("ws", "ws"));
    let file = home.path().join("watch.toml");
    let config = format!(
        "[kis]\nrest_url = \"{rest}\"\nws_url = \"{ws}\"\nrequests_per_second = 10.0\n\
         [screen]\ncolumns = [\"D\"]\n\
         [reach]\ntelegram = true\ntelegram_chat = \"1\"\ntelegram_url = \"http://127.0.0.1:9\"\n\
         webhook = true\n\
         [[watchlist]]\ngroup = \"a\"\ncodes = [\"005930\", \"999999\"]\n\
         [[rule]]\nname = \"r\"\ntimeframe = \"30m\"\nwhen = \"close > ma20\"\n"
    );
    fs::write(&file, config).unwrap();
    let data = home.path().join("d");
    // Messages of an earlier run, which cannot be delivered: nobody listens there.
    fs::create_dir(&data).unwrap();
    let at = jeongbae::clock::Clock::machine().now().0;
    for channel in ["telegram", "webhook"] {
        let message = format!(
            "{{\"version\":1,\"messages\":[{{\"id\":\"x\",\"what\":\"w\",\"content\":\"{{}}\",\
             \"quiet\":false,\"at\":{at}}}]}}"
        );
        fs::write(data.join(format!("outbox-{channel}.json")), message).unwrap();
    }
    let program_of = |what: &[&str], key: &str, secret: &str| {
        let mut command = command(home.path());
        command
            .args(what)
            .arg("--config")
            .arg(&file)
            .arg("--data-dir")
            .arg(&data)
            .env("JEONGBAE_LOG", "trace")
            .env("RUST_LOG", "trace")
            // Should anything crash, then as talkatively as it can.
            .env("RUST_BACKTRACE", "full")
            .env("JEONGBAE_TELEGRAM_TOKEN", BOT)
            .env("JEONGBAE_WEBHOOK_URL", HOOK)
            .env("JEONGBAE_WEBHOOK_TOKEN", "LOUDFAKEBEARER")
            .env("KIS_APP_KEY", key)
            .env("KIS_APP_SECRET", secret);
        Running::start(&mut command)
    };
    let program = |what: &[&str], secret: &str| program_of(what, KEY, secret);
    let watch = program(&["watch", "--json"], SECRET);
    watch.wait_for_json("rows", |l| {
        l["type"] == "history" && l["need"].as_u64() <= l["have"].as_u64()
    });
    watch.wait_for_json("a failure", |l| {
        l["type"] == "error" && l["text"].as_str().is_some_and(|t| t.contains("999999"))
    });
    // A second token within a minute is not had. The socket is: by this copy, or, in trading
    // hours, by the one that watches.
    let checked = program(&["check"], SECRET).wait();
    let socket = |l: &String| l.contains("실시간: 정상") || l.contains("다른 정배");
    assert!(checked.lines.iter().any(socket), "{checked:?}");
    // Another key, whose token may be asked for at once, with a secret that is refused.
    let refused = program_of(&["check"], OTHER_KEY, "INVALID-LOUDFAKESECRET").wait();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(
        refused
            .lines
            .iter()
            .any(|l| l.contains("EGW00105") || l.contains("EGW00103")),
        "{refused:?}"
    );
    let reported = program(&["check", "--report"], SECRET).wait();
    assert_eq!(reported.status.code(), Some(0), "{reported:?}");
    // The window, which cannot open here.
    let windowless = program(&[], SECRET).wait();
    assert_eq!(windowless.status.code(), Some(1), "{windowless:?}");
    // The simulator goes away in the middle: every request fails.
    drop(sim);
    let failed = program(&["check"], SECRET).wait();
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    #[cfg(unix)]
    let watched = {
        watch.interrupt();
        watch.wait()
    };
    #[cfg(not(unix))]
    let watched = watch.kill();

    let mut secrets = vec![
        KEY.to_owned(),
        SECRET.to_owned(),
        "LOUDFAKE".to_owned(),
        // Encoded and decoded again it would still be a secret.
        SECRET
            .replace('/', "%2F")
            .replace('+', "%2B")
            .replace('=', "%3D"),
    ];
    let tokens = overheard(&heard, "access_token");
    let approvals = overheard(&heard, "approval_key");
    assert!(
        !tokens.is_empty() && !approvals.is_empty(),
        "the tap heard nothing"
    );
    secrets.extend(
        tokens
            .iter()
            .chain(&approvals)
            .filter(|s| 8 <= s.len())
            .cloned(),
    );
    assert!(secrets.iter().all(|s| 8 <= s.len()));

    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, run) in [
        ("watch", &watched),
        ("check", &checked),
        ("refused", &refused),
        ("failed", &failed),
        ("reported", &reported),
        ("windowless", &windowless),
    ] {
        places.push((format!("{name} stdout"), run.lines.join("\n").into_bytes()));
        places.push((format!("{name} stderr"), run.err.clone().into_bytes()));
        assert!(!run.err.contains("panicked"), "{}", run.err);
    }
    let mut files = Vec::new();
    files_below(home.path(), &mut files);
    for path in files {
        let bytes = fs::read(&path).unwrap();
        let name = path.display().to_string();
        places.push((format!("the name of {name}"), name.clone().into_bytes()));
        places.push((name, bytes));
    }
    // What copies agree on lies outside of the data folder, and is searched as well.
    let agreed = |(name, _): &(String, Vec<u8>)| name.ends_with(".token");
    assert!(places.iter().any(agreed), "no lock file");
    let logs = |(name, bytes): &&(String, Vec<u8>)| {
        name.ends_with("jeongbae.log") && !name.starts_with("the name") && !bytes.is_empty()
    };
    // Several copies ran, each with files of its own.
    let talk: String = places
        .iter()
        .filter(logs)
        .map(|(_, bytes)| String::from_utf8_lossy(bytes))
        .collect();
    assert!(
        talk.contains("DEBUG") && talk.contains("FHKST03010230"),
        "the log is not talkative:\n{talk}"
    );
    for channel in ["Telegram: x", "Webhook: x"] {
        assert!(talk.contains(channel), "{channel} was not tried:\n{talk}");
    }
    let mut searched = 0;
    for (place, bytes) in &places {
        searched += bytes.len();
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(
                !found,
                "{place} holds a secret ({} characters)",
                secret.len()
            );
        }
    }
    println!(
        "{} secrets ({} tokens, {} approval keys) in {} places of {searched} bytes: none",
        secrets.len(),
        tokens.len(),
        approvals.len(),
        places.len()
    );
}

/// Keeps every line that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_live_session_through_every_trouble_logs_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter("off,jeongbae=trace,jeongbae::sim=off")
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let broker = Broker::start(SimOptions {
        seed: 41,
        start: Day::from_ymd(2026, 11, 17).map(|day| day.at(Minute::hm(10, 0))),
        speed: 20.0,
        ..SimOptions::default()
    });
    let heard = Heard::default();
    let tapped = |url: String, scheme: &str| {
        let target = url.strip_prefix(scheme).unwrap().to_owned();
        format!("{scheme}{}", wiretap(target, heard.clone()))
    };
    let dir = tempfile::tempdir().unwrap();
    let config = "[screen]\ncolumns = [\"1m\"]\n[averages]\nperiods = [2, 3]\n\
                  [[watchlist]]\ngroup = \"a\"\ncodes = [\"005930\", \"000660\"]\n";
    let mut rig = Rig::start(Build {
        rest_url: tapped(broker.sim().rest_url(), "http://"),
        ws_url: tapped(broker.sim().ws_url(), "ws://"),
        app_key: KEY,
        app_secret: SECRET,
        ..Build::on(&broker, config, dir.path())
    });
    let live = |rig: &mut Rig| {
        rig.wait_until("a live link", |p, _| {
            (p.link.state == LinkState::Live).then_some(())
        });
    };
    live(&mut rig);
    let faults = broker.sim().faults();
    let code = jeongbae::domain::StockCode::parse("005930").unwrap();
    for trouble in 0..6 {
        let from = rig.listen();
        faults.change(|f| match trouble {
            0 => f.garbage_frames = 2,
            // More than the client's own repetitions can get through.
            1 => f.html_answers = 60,
            2 => f.empty_answers = 60,
            3 => f.expire_tokens = 1,
            4 => (f.refuse_token, f.expire_tokens) = (true, 1),
            _ => {}
        });
        if trouble == 5 {
            faults.cut_sockets();
        }
        rig.send(Command::OpenStock(code));
        rig.wait_until("the trouble", |picture, seen| {
            let told = seen[from..]
                .iter()
                .any(|r| matches!(r, Report::Error { .. } | Report::Link { .. }));
            let view = picture.stocks.get(&code)?;
            match trouble {
                // Heard, not only issued: an answer may come too late for the one who asked.
                3 => 1 < overheard(&heard, "access_token").len(),
                // Only once a token may be asked for again, a minute after the last.
                4 => seen.iter().any(
                    |r| matches!(r, Report::Error { failure, .. } if failure.msg_cd == "EGW00103"),
                ),
                _ => told || matches!(view.book, Part::Failed(_)),
            }
            .then_some(())
        });
        faults.change(|f| *f = jeongbae::sim::Faults::default());
        rig.send(Command::CloseStock(code));
    }
    live(&mut rig);
    rig.finish();
    let mut secrets = vec![KEY.to_owned(), SECRET.to_owned(), "LOUDFAKE".to_owned()];
    let (tokens, approvals) = (
        overheard(&heard, "access_token"),
        overheard(&heard, "approval_key"),
    );
    assert!(
        1 < tokens.len() && !approvals.is_empty(),
        "{} {}",
        tokens.len(),
        approvals.len()
    );
    secrets.extend(tokens.iter().chain(&approvals).cloned());
    assert!(secrets.iter().all(|s| 8 <= s.len()));
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(
        text.contains("socket answer") && text.contains("EGW00103"),
        "{text}"
    );
    for secret in &secrets {
        let line = text.lines().find(|line| line.contains(secret.as_str()));
        assert!(
            line.is_none(),
            "a log line of {} characters holds a secret",
            line.unwrap().len()
        );
    }
    println!(
        "{} tokens and {} approval keys in {} lines of log: none",
        tokens.len(),
        approvals.len(),
        text.lines().count()
    );
}
