//! Neither the app key nor the secret, the token or the approval key is ever written anywhere:
//! not to the logs at their most talkative, not to a file, not to the screen.

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use support::program::{Running, command};

const KEY: &str = "LOUDFAKEAPPKEYLOUDFAKEAPPKEY12345678";
const SECRET: &str = "LOUDFAKESECRET/LOUDFAKESECRET+LOUDFAKESECRET=";

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
    std::thread::Builder::new().name("tap".into()).spawn(work).unwrap();
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
            false => found.push(path),
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
        let near = wiretap(line.strip_prefix(&prefix).unwrap().to_owned(), heard.clone());
        format!("{scheme}://{near}")
    };
    let (rest, ws) = (tapped("rest", "http"), tapped("ws", "ws"));
    let file = home.path().join("watch.toml");
    let config = format!(
        "[kis]\nrest_url = \"{rest}\"\nws_url = \"{ws}\"\nrequests_per_second = 10.0\n\
         [screen]\ncolumns = [\"D\"]\n\
         [[watchlist]]\ngroup = \"a\"\ncodes = [\"005930\", \"999999\"]\n\
         [[rule]]\nname = \"r\"\ntimeframe = \"30m\"\nwhen = \"close > ma20\"\n"
    );
    fs::write(&file, config).unwrap();
    let data = home.path().join("d");
    let program = |what: &[&str], secret: &str| {
        let mut command = command(home.path());
        command
            .args(what)
            .arg("--config")
            .arg(&file)
            .arg("--data-dir")
            .arg(&data)
            .env("JEONGBAE_LOG", "trace")
            .env("RUST_LOG", "trace")
            .env("KIS_APP_KEY", KEY)
            .env("KIS_APP_SECRET", secret);
        Running::start(&mut command)
    };
    let watch = program(&["watch", "--json"], SECRET);
    watch.wait_for_json("rows", |l| l["type"] == "history" && l["need"].as_u64() <= l["have"].as_u64());
    watch.wait_for_json("a failure", |l| l["type"] == "error" && l["text"].as_str().is_some_and(|t| t.contains("999999")));
    // A second token within a minute is refused; the socket is registered all the same.
    let checked = program(&["check"], SECRET).wait();
    assert!(checked.lines.iter().any(|l| l.contains("실시간: 정상")), "{checked:?}");
    let refused = program(&["check"], "INVALID-LOUDFAKESECRET").wait();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
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
        SECRET.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"),
    ];
    let tokens = overheard(&heard, "access_token");
    let approvals = overheard(&heard, "approval_key");
    assert!(!tokens.is_empty() && !approvals.is_empty(), "the tap heard nothing");
    secrets.extend(tokens.iter().chain(&approvals).filter(|s| 8 <= s.len()).cloned());
    assert!(secrets.iter().all(|s| 8 <= s.len()));

    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, run) in [("watch", &watched), ("check", &checked), ("refused", &refused), ("failed", &failed)] {
        places.push((format!("{name} stdout"), run.lines.join("\n").into_bytes()));
        places.push((format!("{name} stderr"), run.err.clone().into_bytes()));
        assert!(!run.err.contains("panicked"), "{}", run.err);
    }
    let mut files = Vec::new();
    files_below(home.path(), &mut files);
    for path in files {
        let bytes = fs::read(&path).unwrap();
        places.push((path.display().to_string(), bytes));
    }
    let logs = |(name, bytes): &&(String, Vec<u8>)| name.ends_with(".log") && !bytes.is_empty();
    let log = places.iter().find(logs).expect("a log file with something in it");
    let talk = String::from_utf8_lossy(&log.1);
    assert!(talk.contains("DEBUG") && talk.contains("FHKST03010230"), "the log is not talkative:\n{talk}");
    let mut searched = 0;
    for (place, bytes) in &places {
        searched += bytes.len();
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{place} holds a secret ({} characters)", secret.len());
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
