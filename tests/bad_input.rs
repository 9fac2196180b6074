//! Whatever a broker, a file or a network does wrong: a clear sentence, nothing lost, no panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jeongbae::clock::Clock;
use jeongbae::domain::{Day, Minute, Moment, Stage, StockCode};
use jeongbae::engine::{LinkState, Report, Snapshot};
use jeongbae::sim::SimOptions;
use support::program::{Running, command, run};
use support::rig::{Broker, Build, Rig};
use support::{FAKE_KEY, FAKE_SECRET};

const GOOD: [&str; 3] = ["005930", "000660", "035420"];
/// A code that no stock has.
const UNKNOWN: &str = "999999";
const CONFIG: &str = r#"
[kis]
requests_per_second = 18.0
[averages]
periods = [2, 3]
[screen]
columns = ["1m"]
[[watchlist]]
group = "a"
codes = ["005930", "999999", "000660", "035420"]
[[rule]]
name = "always"
timeframe = "1m"
when = "close > 1"
"#;

fn opening() -> Moment {
    Day::from_ymd(2026, 11, 17).unwrap().at(Minute::hm(10, 0))
}

fn good() -> [StockCode; 3] {
    GOOD.map(|code| StockCode::parse(code).unwrap())
}

/// The newest failure after `from` reports that a test asks for.
fn failure_since(
    rig: &mut Rig,
    from: usize,
    what: &str,
    wanted: impl Fn(&jeongbae::engine::Failure) -> bool,
) -> String {
    rig.wait_until(what, |_, seen| {
        seen[from..].iter().find_map(|report| match report {
            Report::Error { failure, .. } if wanted(failure) => Some(failure.text.to_string()),
            _ => None,
        })
    })
}

/// Waits until every good stock has had another print over a live link.
fn prints_go_on(rig: &mut Rig) {
    let price_times = |picture: &Snapshot| -> Vec<Moment> {
        good()
            .iter()
            .filter_map(|code| picture.rows.iter().find(|r| r.code == *code)?.quote)
            .map(|quote| quote.at)
            .collect()
    };
    let (before, prints) = {
        let picture = rig.picture();
        (price_times(&picture), picture.rest.prints)
    };
    rig.wait_until("prices of every stock", |picture, _| {
        let now = price_times(picture);
        let live = picture.link.state == LinkState::Live;
        let newer = now.len() == 3 && now.iter().zip(&before).all(|(n, b)| b < n);
        (live && newer && prints < picture.rest.prints).then_some(())
    });
}

fn is_frame(failure: &jeongbae::engine::Failure) -> bool {
    failure.text.to_string().contains("읽을 수 없는 실시간")
}

#[test]
fn one_bad_thing_after_another_and_not_a_bar_is_missed() {
    let broker = Broker::start(SimOptions {
        seed: 31,
        start: Some(opening()),
        speed: 16.0,
        ..SimOptions::default()
    });
    let faults = broker.sim().faults();
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(Build::on(&broker, CONFIG, dir.path()));
    rig.wait_until("a live link", |p, _| {
        (p.link.state == LinkState::Live).then_some(())
    });

    // A code that no stock has: its row says so, by its name.
    let unknown = StockCode::parse(UNKNOWN).unwrap();
    let text = rig.wait_until("the unknown stock's trouble", |picture, _| {
        let row = picture.rows.iter().find(|row| row.code == unknown)?;
        let text = row.trouble.as_ref()?;
        let text = format!("{} {} {}", text.what, text.why, text.next);
        // Before the broker has answered the row may say that it is slow to.
        text.contains(UNKNOWN).then_some(text)
    });
    println!("unknown stock: {text}");
    prints_go_on(&mut rig);

    let from = rig.listen();
    faults.change(|f| f.garbage_frames = 2);
    let text = failure_since(&mut rig, from, "a word about garbage", is_frame);
    println!("garbage frame: {text}");
    prints_go_on(&mut rig);

    // A byte that is no text costs nothing: the frame's fields are read as they are.
    let since = rig.picture().link.since;
    faults.change(|f| f.broken_utf8_frames = 3);
    rig.wait_until("the broken frames", |_, _| {
        (faults.now().broken_utf8_frames == 0).then_some(())
    });
    prints_go_on(&mut rig);
    assert_eq!(rig.picture().link.since, since, "the link was lost");

    let from = rig.listen();
    faults.change(|f| f.html_answers = 40);
    let text = failure_since(&mut rig, from, "a word about the HTML page", |f| {
        f.http == 502
    });
    println!("HTML answer: {text}");
    assert!(!text.contains('<'), "{text}");
    prints_go_on(&mut rig);

    let from = rig.listen();
    faults.change(|f| (f.html_answers, f.empty_answers) = (0, 40));
    let text = failure_since(&mut rig, from, "a word about the empty answer", |f| {
        f.http == 503
    });
    println!("empty answer: {text}");
    prints_go_on(&mut rig);
    faults.change(|f| f.empty_answers = 0);

    let issued = broker.sim().counters().tokens_issued;
    faults.change(|f| f.expire_tokens = 1);
    rig.wait_until("a new token", |_, _| {
        (issued < broker.sim().counters().tokens_issued).then_some(())
    });
    prints_go_on(&mut rig);

    let from = rig.listen();
    faults.cut_sockets();
    rig.wait_until("a new link", |picture, seen| {
        let lost = seen[from..].iter().any(|r| {
            matches!(r, Report::Link { state, reason, .. }
            if *state == LinkState::Reconnecting && reason.as_ref().is_some_and(|r| !r.to_string().is_empty()))
        });
        (lost && picture.link.state == LinkState::Live).then_some(())
    });
    prints_go_on(&mut rig);

    // A refused token stops REST, not the prices; with the key back the rows are fetched.
    let from = rig.listen();
    faults.change(|f| (f.refuse_token, f.expire_tokens) = (true, 1));
    let text = failure_since(&mut rig, from, "a word about the refused token", |f| {
        f.msg_cd == "EGW00103"
    });
    println!("refused token: {text}");
    prints_go_on(&mut rig);
    faults.change(|f| f.refuse_token = false);

    rig.wait_for_time(opening().plus_secs(4 * 60));

    // Not one bar of the whole stretch was missed.
    let end = Moment(rig.picture().now.0 / 60_000 * 60_000);
    let minutes = end.ms_since(opening()) / 60_000;
    let all = usize::try_from(3 * minutes).unwrap();
    let rung = |seen: &[Report]| -> BTreeSet<(StockCode, Moment)> {
        let of = |report: &Report| match report {
            Report::Trigger(s) if s.stage != Stage::Withdrawn => Some((s.key.code, s.key.bar)),
            _ => None,
        };
        seen.iter()
            .filter_map(of)
            .filter(|(_, bar)| *bar < end)
            .collect()
    };
    rig.wait_until("every bar's signal", |_, seen| {
        (rung(seen).len() == all).then_some(())
    });
    let picture = rig.picture();
    println!(
        "{minutes} minutes, 3 stocks: {} of {all} bars rang; requests {} sent, {} refused, {} failed",
        rung(&rig.seen).len(),
        picture.rest.sent,
        picture.rest.refused,
        picture.rest.failed
    );
    let seen = rig.finish();
    let of_unknown = seen
        .iter()
        .filter(|r| matches!(r, Report::Error { failure, .. } if failure.text.to_string().contains(UNKNOWN)));
    println!("{} lines about the unknown stock", of_unknown.count());
    let broken = seen
        .iter()
        .find(|r| matches!(r, Report::Error { failure, .. } if failure.text.to_string().contains("내부 오류")));
    assert!(broken.is_none(), "{broken:?}");
}

fn build<'a>(rest: &str, ws: &str, clock: Clock, dir: &'a Path) -> Build<'a> {
    Build {
        config: CONFIG,
        rest_url: format!("http://{rest}"),
        ws_url: format!("ws://{ws}"),
        clock,
        data_dir: dir,
        app_key: FAKE_KEY,
        app_secret: FAKE_SECRET,
        lock_dir: None,
        file: None,
    }
}

fn says_why(rig: &mut Rig, words: &[&str]) {
    let text = failure_since(rig, 0, "a word about the network", |f| {
        words.iter().any(|word| f.text.to_string().contains(word))
    });
    assert!(text.contains("한국투자증권"), "{text}");
    rig.wait_until("the link's reason", |picture, _| {
        let reason = picture.link.reason.clone()?;
        (picture.link.state == LinkState::Connecting && 2 <= picture.link.attempts)
            .then_some(reason)
    });
}

#[test]
fn nothing_listens_at_the_address() {
    // A port that was free a moment ago.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap().to_string();
    drop(gone);
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::simulated(opening(), 40.0);
    let mut rig = Rig::start(build(&address, &address, clock, dir.path()));
    says_why(&mut rig, &["연결"]);
    rig.finish();
}

#[test]
fn a_server_that_takes_calls_and_never_answers() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::simulated(opening(), 40.0);
    // The system accepts for it; nobody ever reads.
    let mut rig = Rig::start(build(&address, &address, clock, dir.path()));
    says_why(&mut rig, &["답하지", "연결"]);
    rig.finish();
    drop(silent);
}

const DEMO: [&str; 9] = [
    "watch",
    "--demo",
    "--json",
    "--speed",
    "20",
    "--start",
    "2026-11-17T10:00",
    "--for",
    "25",
];

fn ends_with_2(home: &Path, dir: &Path, words: &[&str]) {
    let said = run(command(home).args(DEMO).arg("--data-dir").arg(dir));
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.out.is_empty(), "{said:?}");
    for word in words {
        assert!(said.err.contains(word), "no {word:?} in {}", said.err);
    }
    assert!(!said.err.contains("panicked"), "{said:?}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a-file");
    fs::write(&file, "x").unwrap();
    ends_with_2(home.path(), &file.join("data"), &["a-file", "--data-dir"]);
    assert_eq!(fs::read(&file).unwrap(), b"x");
}

#[test]
fn broken_candles_are_set_aside_and_the_watch_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("d");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("candles.db"), "this is no database. ".repeat(500)).unwrap();
    let ended = Running::start(command(home.path()).args(DEMO).arg("--data-dir").arg(&dir)).wait();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.err);
    assert!(ended.err.contains("candles.db"), "{}", ended.err);
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
    assert!(dir.join("candles.db.broken-1").exists());
    assert!(!ended.of_type("history").is_empty() && !ended.of_type("stats").is_empty());
}

#[test]
fn a_broken_or_newer_user_file_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let broken = home.path().join("broken");
    fs::create_dir(&broken).unwrap();
    let nonsense = "this is no database either. ".repeat(500);
    fs::write(broken.join("user.db"), &nonsense).unwrap();
    ends_with_2(home.path(), &broken, &["user.db", "손상"]);
    assert_eq!(
        fs::read_to_string(broken.join("user.db")).unwrap(),
        nonsense
    );

    let newer = home.path().join("newer");
    fs::create_dir(&newer).unwrap();
    let db = rusqlite::Connection::open(newer.join("user.db")).unwrap();
    db.execute_batch("CREATE TABLE future (x); PRAGMA user_version = 4711;")
        .unwrap();
    drop(db);
    let before = fs::read(newer.join("user.db")).unwrap();
    ends_with_2(home.path(), &newer, &["user.db", "4711"]);
    assert_eq!(fs::read(newer.join("user.db")).unwrap(), before);
}

#[test]
fn a_broken_line_of_the_configuration_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("mine.toml");
    fs::write(
        &file,
        "[kis]\nmarket = \"J\"\n[[rule]]\nname = \"x\"\nwhen = \"clse > 1\"\n",
    )
    .unwrap();
    let said = run(command(home.path()).args(["watch", "--config"]).arg(&file));
    assert_eq!(
        (said.code, said.err.lines().count()),
        (Some(2), 1),
        "{said:?}"
    );
    assert!(said.err.contains("mine.toml:"), "{said:?}");
}
