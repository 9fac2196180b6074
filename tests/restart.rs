//! kill -9 in the middle, again and again: the signals are the same as of a run that nobody
//! disturbed, none doubled, none lost, and those missed in between marked as late.
//!
//! `RESTART_ROUNDS=20` tries as many seeds of cuts instead of one.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jeongbae::domain::{Day, Minute, Moment, StockCode};
use jeongbae::sim::Market;
use serde_json::Value;
use support::expected;
use support::program::{Ended, Running, command};

const SEED: u64 = 21;
/// Market seconds a second.
const SPEED: u64 = 24;
/// Market seconds after its close within which a bar must have been judged.
const SETTLED: i64 = 120;
const CODES: [&str; 4] = ["005930", "000660", "035420", "035720"];
const CUTS: usize = 8;
/// Minutes of market time watched.
const MINUTES: i64 = 14;
const CONFIG: &str = r#"
[averages]
periods = [2, 3]
[screen]
columns = ["1m"]
[[watchlist]]
group = "a"
codes = ["005930", "000660", "035420", "035720"]
[[rule]]
name = "one"
timeframe = "1m"
when = "close crosses above ma3"
[[rule]]
name = "five"
timeframe = "5m"
when = "close > ma3"
[[rule]]
name = "rising"
timeframe = "5m"
when = "close > ma3"
stage = "forming"
"#;

fn day() -> Day {
    Day::from_ymd(2026, 11, 17).unwrap()
}

fn opening() -> Moment {
    day().at(Minute::hm(10, 0))
}

/// What identifies a signal here: rule, stock and bar.
type Key = (String, String, String);

fn key(line: &Value) -> Key {
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    (text("rule"), text("code"), text("bar"))
}

/// Every signal of bars that close after `from` and at or before `to`, from the market's rows.
fn truth(from: Moment, to: Moment) -> BTreeSet<Key> {
    let market = Market::new(SEED);
    let mut found = BTreeSet::new();
    for code in CODES.map(|c| StockCode::parse(c).unwrap()) {
        let mut add =
            |rule: &str, minutes: u16, fires: &dyn Fn(&[expected::Close], usize) -> bool| {
                let closes = expected::closes(&market, code, day(), 2, minutes);
                for (at, (opened, _)) in closes.iter().enumerate() {
                    let end = opened.plus_secs(i64::from(minutes) * 60);
                    if from < end && end <= to && fires(&closes, at) {
                        let bar = format!("{}+09:00", &opened.rfc3339()[..19]);
                        found.insert((rule.to_owned(), code.to_string(), bar));
                    }
                }
            };
        add("one", 1, &|closes, at| {
            expected::close_crosses_above(closes, at, 3)
        });
        add("five", 5, &|closes, at| {
            expected::close_above(closes, at, 3)
        });
        // Forming signals that do not stand are withdrawn; the others are the same.
        add("rising", 5, &|closes, at| {
            expected::close_above(closes, at, 3)
        });
    }
    found
}

struct Scene {
    home: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("c.toml"), CONFIG).unwrap();
        Self { home }
    }

    fn start(&self, at: Moment) -> Running {
        let start = format!("{}T{}", at.day(), &at.clock_text()[..5]);
        let mut command = command(self.home.path());
        command
            .args(["watch", "--demo", "--json", "--speed", &SPEED.to_string()])
            .args(["--seed", &SEED.to_string(), "--start", &start])
            .arg("--config")
            .arg(self.home.path().join("c.toml"))
            .arg("--data-dir")
            .arg(self.home.path().join("d"));
        Running::start(&mut command)
    }

    /// What the user's database holds, which must be in order: `key -> stage`.
    fn database(&self) -> BTreeMap<String, String> {
        read_signals(&self.home.path().join("d/user.db"))
    }

    /// Signals of which the database does not know that their newest stage was printed.
    fn untold(&self) -> BTreeSet<String> {
        let file = self.home.path().join("d/user.db");
        if read_signals(&file).is_empty() {
            return BTreeSet::new();
        }
        let db = rusqlite::Connection::open(file).unwrap();
        let mut ask = db
            .prepare(
                "SELECT rule_name || ' ' || code || ' ' || bar FROM signal
                 WHERE shown IS NULL OR shown < at",
            )
            .unwrap();
        let keys = ask.query_map([], |row| row.get(0)).unwrap();
        keys.map(Result::unwrap).collect()
    }
}

/// As the database names a signal.
fn database_key(line: &Value) -> String {
    let text = |name: &str| line[name].as_str().unwrap();
    format!("{} {} {}", text("rule"), text("code"), bar(line).0)
}

fn read_signals(file: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if !file.exists() {
        return found;
    }
    let db = rusqlite::Connection::open(file).unwrap();
    let said: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(said, "ok", "{}", file.display());
    let version: i64 = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    if version == 0 {
        return found; // Killed before its first transaction.
    }
    let mut ask = db
        .prepare("SELECT rule_name || ' ' || code || ' ' || bar, stage FROM signal")
        .unwrap();
    let rows = ask
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .unwrap();
    for row in rows {
        let (key, stage) = row.unwrap();
        assert!(found.insert(key, stage).is_none());
    }
    found
}

fn time(line: &Value) -> Moment {
    let text = line["at"].as_str().unwrap();
    let number = |range: std::ops::Range<usize>| -> i64 { text[range].parse().unwrap() };
    let seconds = number(11..13) * 3_600 + number(14..16) * 60 + number(17..19);
    Moment::on(day(), u32::try_from(seconds).unwrap())
}

/// A number below `end` from a seed: the cuts are the same in every run.
fn dice(state: &mut u64, end: u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % end
}

/// Waits until a running program has said that its market has reached a moment.
fn wait_for_time(running: &Running, at: Moment) {
    running.wait_for_json("market time", |line| at <= time(line));
}

fn check_run(ended: &Ended) {
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
}

/// The standing signals of what was printed, the newest word about each.
fn standing(triggers: &[Value]) -> BTreeSet<Key> {
    let mut stages: BTreeMap<Key, String> = BTreeMap::new();
    for line in triggers {
        stages.insert(key(line), line["stage"].as_str().unwrap().to_owned());
    }
    let stands = |stage: &str| ["confirmed", "late"].contains(&stage);
    stages
        .into_iter()
        .filter(|(_, s)| stands(s))
        .map(|(k, _)| k)
        .collect()
}

/// What became of a stretch that was cut.
struct CutRun {
    triggers: Vec<Value>,
    late: usize,
    twice: usize,
}

/// The stretch with kill -9 at `CUTS` moments, each followed by a start in one of the next minutes.
fn cut_run(scene: &Scene, end: Moment, seed: u64) -> CutRun {
    let mut state = seed;
    let mut started = opening();
    let mut run = CutRun {
        triggers: Vec::new(),
        late: 0,
        twice: 0,
    };
    let mut untold = BTreeSet::new();
    for n in 0..=CUTS {
        let running = scene.start(started);
        if n == CUTS {
            wait_for_time(&running, end.plus_secs(SETTLED));
        } else {
            // Any moment of the next minute, also before the first line is out.
            let market_ms = dice(&mut state, 60_000);
            if dice(&mut state, 4) != 0 {
                running.wait_for_type("link");
            }
            std::thread::sleep(std::time::Duration::from_millis(market_ms / SPEED));
        }
        let ended = running.kill();
        check_run(&ended);
        for line in ended.of_type("trigger") {
            // Every bar that ended before this start was missed, every other one was watched.
            let late = line["stage"] == "late";
            if line["stage"] != "withdrawn" {
                assert_eq!(
                    late,
                    bar_end(&line) <= started,
                    "started {started:?}: {line}"
                );
            }
            let again = |t: &&Value| t["id"] == line["id"] && t["stage"] == line["stage"];
            if let Some(first) = run.triggers.iter().find(again) {
                // Killed between the line and the note that it is out: only then once more.
                assert!(
                    untold.contains(&database_key(&line)),
                    "twice: {first}\nand {line}"
                );
                run.twice += 1;
                continue;
            }
            run.late += usize::from(late);
            run.triggers.push(line);
        }
        assert!(standing(&run.triggers).len() <= scene.database().len());
        untold = scene.untold();
        let minutes = if dice(&mut state, 4) == 0 { 2 } else { 1 };
        let cut = ended.json().iter().map(time).max().unwrap_or(started);
        started = Moment::on(day(), cut.second_of_day() / 60 * 60).plus_secs(60 * minutes);
        assert!(
            n == CUTS || started < end,
            "the stretch is too short for {CUTS} cuts"
        );
    }
    run
}

fn bar(line: &Value) -> Moment {
    let bar = line["bar"].as_str().unwrap();
    let number = |range: std::ops::Range<usize>| -> u16 { bar[range].parse().unwrap() };
    day().at(Minute::hm(number(11..13), number(14..16)))
}

fn bar_end(line: &Value) -> Moment {
    let minutes = if line["timeframe"] == "1m" { 1 } else { 5 };
    bar(line).plus_secs(minutes * 60)
}

#[test]
fn kill_9_again_and_again_loses_and_doubles_nothing() {
    let end = opening().plus_secs(60 * MINUTES);
    let truth = truth(opening(), end);
    // What stands of the bars that closed in the stretch.
    let stood = |triggers: &[Value]| -> BTreeSet<Key> {
        let within: Vec<Value> = triggers
            .iter()
            .filter(|t| bar_end(t) <= end)
            .cloned()
            .collect();
        standing(&within)
    };
    let whole = Scene::new();
    let running = whole.start(opening());
    let rounds: u64 = std::env::var("RESTART_ROUNDS").map_or(1, |n| n.parse().unwrap());
    for round in 0..rounds {
        let scene = Scene::new();
        let run = cut_run(&scene, end, 7 + round);
        let found = stood(&run.triggers);
        let lost: Vec<&Key> = truth.difference(&found).collect();
        let wrong: Vec<&Key> = found.difference(&truth).collect();
        println!(
            "round {round}: {CUTS} cuts over {MINUTES} minutes, {} signals of {}, {} late, \
             {} lost, {} wrong, {} told twice",
            found.len(),
            truth.len(),
            run.late,
            lost.len(),
            wrong.len(),
            run.twice
        );
        assert!(
            lost.is_empty() && wrong.is_empty(),
            "lost {lost:#?}, wrong {wrong:#?}"
        );
        assert!(
            0 < run.late,
            "no signal fell into a pause: the test shows nothing"
        );
    }
    // The run that nobody disturbed has gone on meanwhile.
    wait_for_time(&running, end.plus_secs(SETTLED));
    let ended = running.kill();
    check_run(&ended);
    let triggers = ended.of_type("trigger");
    assert!(
        triggers.iter().all(|t| t["stage"] != "late"),
        "{triggers:#?}"
    );
    let found = stood(&triggers);
    println!("undisturbed: {} signals of {}", found.len(), truth.len());
    assert_eq!(found, truth);
    assert!(10 < truth.len());
}
