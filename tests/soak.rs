//! A whole session under steady misfortune, at twenty times the speed: forty stocks, hundreds of
//! prints a second with bursts, cut sockets, expired tokens, a falling limit and rows that are
//! corrected late. What rang is compared with the market's rows, worked out here the plain way;
//! memory and files must stay what they are.
//!
//! The program's own parts run in a process of their own, this test's file started again, which
//! prints the lines of `watch --json`; the simulator is here. So what is measured is the program.
//!
//! ```text
//! cargo test --release --test soak -- --ignored --nocapture                     # 8 hours in 24 minutes
//! JEONGBAE_SOAK_MINUTES=20 cargo test --release --test soak -- --ignored --nocapture
//! ```
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jeongbae::clock::Clock;
use jeongbae::domain::{Day, Minute, MinuteRow, Moment, StockCode};
use jeongbae::sim::{Market, Script, SimOptions};
use jeongbae::store::Store;
use jeongbae::watch::report_json;
use serde_json::{Value, json};
use support::expected::{self, Close};
use support::rig::{Broker, Build, Rig};

const STOCKS: usize = 40;
const SPEED: f64 = 20.0;
/// Prints of the simulated market are few; so many times as many are sent.
const BUSY: u32 = 30;
/// For ten seconds of a burst: more than two thousand a second.
const BURST: u32 = 250;
/// A burst of thousands of prints takes as many shares.
const VOLUME_TIMES: u32 = 10;
/// Prints of a market second that a session must see, on average and in a burst.
const USUAL: u64 = 300;
const BUSIEST: u64 = 2_000;
/// Market seconds after which a judgement that is not made is one that the program calls overdue.
const SETTLED: i64 = 90;
/// Market seconds between two lines on how the program is.
const PAUSE: i64 = 5;
/// Resident memory may be so much more later on than it was in the tenth of the session after
/// its first quarter: by then everything is loaded, and a cut, a burst and an expired token have
/// come by.
const GROWTH: f64 = 0.05;
const WARM: (f64, f64) = (0.25, 0.35);
/// In the process that is the program: what it needs to know.
const ENV: &str = "JEONGBAE_SOAKED";
/// The test below, which that process runs too.
const NAME: &str =
    "a_session_under_misfortune_misses_nothing_adds_nothing_and_stays_as_small_as_it_was";
/// Candles, signals and logs of a day.
const MOST_BYTES: u64 = 96 << 20;

/// Rule name, timeframe, text.
const RULES: [(&str, &str, &str); 6] = [
    ("one", "1m", "close crosses above ma20"),
    ("five", "5m", "alignment becomes bullish"),
    ("thirty", "30m", "close > ma3"),
    (
        "both",
        "5m",
        "close crosses above ma5 and close > ma3 on 30m",
    ),
    ("ten", "10m", "close > ma3"),
    ("three", "3m", "close crosses above ma5"),
];
/// When rows are corrected late, in parts of the whole time.
const STORM: (f64, f64) = (0.55, 0.6);
const PERIODS: [usize; 3] = [3, 5, 10];

fn day() -> Day {
    Day::from_ymd(2026, 11, 17).unwrap()
}

fn config(codes: &[StockCode]) -> String {
    let codes: Vec<String> = codes.iter().map(|c| format!("\"{c}\"")).collect();
    let mut text = format!(
        "[averages]\nperiods = {PERIODS:?}\n[screen]\ncolumns = [\"5m\", \"30m\"]\n\
         [[watchlist]]\ngroup = \"a\"\ncodes = [{}]\n",
        codes.join(", ")
    );
    for (name, timeframe, when) in RULES {
        let stage = if name == "ten" { "forming" } else { "close" };
        write!(
            text,
            "[[rule]]\nname = \"{name}\"\ntimeframe = \"{timeframe}\"\nwhen = \"{when}\"\n\
             stage = \"{stage}\"\n"
        )
        .unwrap();
    }
    text
}

/// Ten cuts, two expired tokens, one lower limit, one storm of corrections, four bursts, spread
/// over the time between two moments.
fn script(from: Moment, minutes: i64) -> String {
    let at = |part: f64| {
        let moment = from.plus_ms((part * minutes as f64 * 60_000.0) as i64);
        moment.clock_text()[..8].to_owned()
    };
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut line = |part: f64, what: String| lines.push((at(part), what));
    line(0.0, format!("\"prints_times\": {BUSY}"));
    for i in 0..10 {
        line(0.08 + 0.084 * f64::from(i), "\"cut_sockets\": true".into());
    }
    for part in [0.3, 0.7] {
        line(part, "\"expire_tokens\": 1".into());
    }
    line(0.45, "\"calls_per_second\": 10.0".into());
    line(STORM.0, "\"late_rows_secs\": 12".into());
    line(STORM.1, "\"late_rows_secs\": 0".into());
    let burst = 10.0 / (minutes as f64 * 60.0);
    for part in [0.15, 0.35, 0.65, 0.85] {
        line(part, format!("\"prints_times\": {BURST}"));
        line(part + burst, format!("\"prints_times\": {BUSY}"));
    }
    lines.sort();
    let one = |(at, what): (String, String)| format!("{{\"at\": \"{at}\", {what}}}\n");
    lines.into_iter().map(one).collect()
}

/// Rule, code and bar.
type Key = (String, String, String);

/// When a bar closes: the last of the day with the closing auction.
fn end(closes: &[Close], at: usize, minutes: u16) -> Moment {
    let opened = closes[at].0;
    let last = closes
        .get(at + 1)
        .is_none_or(|next| next.0.day() != opened.day());
    match last {
        true => opened.day().at(Minute::hm(15, 31)),
        false => opened.plus_secs(i64::from(minutes) * 60),
    }
}

/// Today's rows of a stock as the market knows them in the end, but with those that were first
/// accepted where a correction came too late: these count. And the minutes of such.
fn rows_of_today(
    market: &Market,
    code: StockCode,
    accepted: &[MinuteRow],
) -> (Vec<MinuteRow>, Vec<Minute>) {
    let mut rows = market.minutes(code, day()).to_vec();
    let mut corrected = Vec::new();
    for row in accepted.iter().filter(|row| 0 < row.candle.volume) {
        let known = rows.iter_mut().find(|known| known.minute == row.minute);
        let known = known.expect("a row that the market never had");
        if known.candle != row.candle {
            corrected.push(row.minute);
            *known = *row;
        }
    }
    (rows, corrected)
}

/// What must ring on bars that close after `from` and by `to`, from the rows of each stock.
fn truth(
    market: &Market,
    today: &BTreeMap<StockCode, Vec<MinuteRow>>,
    from: Moment,
    to: Moment,
) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    let yesterday = market.calendar().previous_open(day());
    for (&code, rows) in today {
        let closes = |minutes| {
            let mut all = expected::closes(market, code, yesterday, 2, minutes);
            all.extend(expected::closes_of_rows(rows, minutes));
            all
        };
        let half_hours = closes(30);
        for (rule, timeframe, _) in RULES {
            let minutes: u16 = timeframe.trim_end_matches('m').parse().unwrap();
            let bars = closes(minutes);
            for at in 0..bars.len() {
                let closed = end(&bars, at, minutes);
                if closed <= from || to < closed {
                    continue;
                }
                let on_half_hour = || {
                    let there = |&i: &usize| end(&half_hours, i, 30) <= closed;
                    let newest = (0..half_hours.len()).rev().find(there)?;
                    Some(expected::close_above(&half_hours, newest, 3))
                };
                let rings = match rule {
                    "one" => expected::close_crosses_above(&bars, at, 20),
                    "five" => expected::becomes_bullish(&bars, at, &PERIODS),
                    "three" => expected::close_crosses_above(&bars, at, 5),
                    "both" => {
                        expected::close_crosses_above(&bars, at, 5) && on_half_hour() == Some(true)
                    }
                    _ => expected::close_above(&bars, at, 3),
                };
                if rings {
                    let bar = format!("{}+09:00", &bars[at].0.rfc3339()[..19]);
                    found.insert((rule.to_owned(), code.to_string(), bar));
                }
            }
        }
    }
    found
}

/// What the lines of the program said.
#[derive(Default)]
struct Heard {
    /// The newest stage of each signal.
    stages: BTreeMap<Key, String>,
    /// Stages told, each once.
    told: BTreeSet<(Key, String, String)>,
    doubled: usize,
    by_type: BTreeMap<String, usize>,
    reconnects: usize,
    failures: BTreeMap<String, usize>,
}

impl Heard {
    fn take(&mut self, line: &Value) {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        *self.by_type.entry(text("type")).or_default() += 1;
        match line["type"].as_str() {
            Some("link") => self.reconnects += usize::from(line["state"] == "reconnecting"),
            Some("error") => {
                let what = format!("{} {}", text("msg_cd"), text("text"));
                *self.failures.entry(what).or_default() += 1;
            }
            Some("trigger") => {
                let key = (text("rule"), text("code"), text("bar"));
                let stage = (key.clone(), text("stage"), text("source"));
                self.doubled += usize::from(!self.told.insert(stage));
                self.stages.insert(key, text("stage"));
            }
            _ => {}
        }
    }

    fn standing(&self) -> BTreeSet<Key> {
        let stands = |(_, stage): &(&Key, &String)| matches!(stage.as_str(), "confirmed" | "late");
        let standing = self.stages.iter().filter(stands);
        standing.map(|(key, _)| key.clone()).collect()
    }

    fn of_stage(&self, stage: &str) -> usize {
        self.stages.values().filter(|s| *s == stage).count()
    }
}

/// Today's rows as the program accepted them.
fn accepted(dir: &Path, codes: &[StockCode]) -> BTreeMap<StockCode, Vec<MinuteRow>> {
    let store = Store::open(dir).unwrap().0;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let rows = |&code: &StockCode| {
        let days = store.load_minutes(code, jeongbae::domain::Market::Krx, day());
        let days = runtime.block_on(days).unwrap();
        (code, days.into_iter().flat_map(|(_, rows)| rows).collect())
    };
    codes.iter().map(rows).collect()
}

/// Resident memory of a process, KiB; of it what is in no file.
fn resident(process: u32) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (of("VmRSS:"), of("RssAnon:"))
}

/// Bytes of every file below a folder.
fn bytes(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).unwrap().flatten();
    let one = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => bytes(&entry.path()),
        _ => entry.metadata().map_or(0, |data| data.len()),
    };
    entries.map(one).sum()
}

/// Milliseconds of the machine's clock: two processes agree on it.
#[expect(
    clippy::disallowed_methods,
    reason = "market time is handed over by it"
)]
fn machine_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_millis() as i64
}

/// The program, until its input ends: its lines, and every few seconds how it is.
fn be_the_program(told: &str) {
    let told: Value = serde_json::from_str(told).unwrap();
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    let past = machine_ms() - told["machine"].as_i64().unwrap();
    let now = Moment(told["market"].as_i64().unwrap()).plus_ms((past as f64 * SPEED) as i64);
    let config = text("config");
    let dir = text("dir");
    let mut rig = Rig::start(Build {
        config: &config,
        rest_url: text("rest"),
        ws_url: text("ws"),
        clock: Clock::simulated(now, SPEED),
        data_dir: Path::new(&dir),
        app_key: support::FAKE_KEY,
        app_secret: support::FAKE_SECRET,
        lock_dir: None,
        file: None,
    });
    let over = Arc::new(AtomicBool::new(false));
    let ended = over.clone();
    let listener = std::thread::Builder::new().name("input".into());
    let listening = listener.spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        ended.store(true, Ordering::Relaxed);
    });
    let mut due = rig.picture().now;
    println!(); // After the name of the test, which stands on an open line.
    while !over.load(Ordering::Relaxed) {
        rig.wait_for_time(due);
        due = rig.picture().now.plus_secs(PAUSE);
        for report in std::mem::take(&mut rig.seen) {
            println!("{}", report_json(&report));
        }
        let picture = rig.picture();
        let rest = &picture.rest;
        println!(
            "{}",
            json!({ "type": "soaked", "now": picture.now.0, "overdue": picture.watching.overdue,
                "missed": picture.watching.missed, "sent": rest.sent, "refused": rest.refused,
                "failed": rest.failed, "prints": rest.prints })
        );
    }
    listening.unwrap().join().unwrap();
    for report in rig.finish() {
        println!("{}", report_json(&report));
    }
}

/// The program in a process of its own.
fn start(told: &Value) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([NAME, "--exact", "--ignored", "--nocapture"])
        .env(ENV, told.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
#[ignore = "takes from one minute to half an hour; see the head of the file"]
fn a_session_under_misfortune_misses_nothing_adds_nothing_and_stays_as_small_as_it_was() {
    if let Ok(told) = std::env::var(ENV) {
        return be_the_program(&told);
    }
    let minutes = std::env::var("JEONGBAE_SOAK_MINUTES").map_or(480, |n| n.parse().unwrap());
    let whole = 240 <= minutes;
    let opening = if whole {
        Minute::hm(8, 30)
    } else {
        Minute::hm(10, 3)
    };
    let begin = day().at(opening).plus_secs(2);
    let broker = Broker::start(SimOptions {
        seed: 11,
        start: Some(begin),
        speed: SPEED,
        volume_times: VOLUME_TIMES,
        script: Script::parse(&script(begin, minutes)).unwrap(),
        ..SimOptions::default()
    });
    let market = broker.sim().market();
    let listed = market.listed().iter();
    let codes: Vec<StockCode> = listed.take(STOCKS).map(|stock| stock.code).collect();
    let dir = tempfile::tempdir().unwrap();
    let until = begin.plus_secs(minutes * 60);
    let mut program = start(&json!({
        "dir": dir.path(),
        "config": config(&codes),
        "rest": broker.sim().rest_url(),
        "ws": broker.sim().ws_url(),
        "market": broker.clock.now().0,
        "machine": machine_ms(),
    }));
    let mut input = program.stdin.take();
    let mut heard = Heard::default();
    let mut memory: Vec<(Moment, u64)> = Vec::new();
    // Rules are judged from a moment between these two on.
    let (early, mut watching) = (begin, None);
    let (mut rest, mut now) = (Value::Null, begin);
    let (mut records, mut fastest) = ((begin, 0), 0);
    for line in BufReader::new(program.stdout.take().unwrap()).lines() {
        let Ok(line) = serde_json::from_str::<Value>(&line.unwrap()) else {
            continue; // The words of the test that is the program.
        };
        if line["type"] != "soaked" {
            heard.take(&line);
            continue;
        }
        now = Moment(line["now"].as_i64().unwrap());
        watching = watching.or(Some(now));
        let (all, anonymous) = resident(program.id());
        memory.push((now, all));
        let sent = (broker.clock.now(), broker.sim().counters().records);
        let seconds = sent.0.ms_since(records.0).max(1_000) as u64;
        fastest = fastest.max((sent.1 - records.1) * 1_000 / seconds);
        records = sent;
        if whole && memory.len().is_multiple_of(360) {
            println!(
                "{} {all} KiB, {anonymous} of them in no file, {} prints, {} signals",
                now.clock_text(),
                sent.1,
                heard.stages.len()
            );
        }
        rest = line;
        if until.plus_secs(SETTLED) < now && rest["overdue"] == 0 {
            drop(input.take());
        }
    }
    assert!(program.wait().unwrap().success());
    assert!(input.is_none(), "it ended before its time");
    let watching = watching.unwrap();
    let counters = broker.sim().counters();
    let written = bytes(dir.path());
    let accepted = accepted(dir.path(), &codes);
    let mut today = BTreeMap::new();
    let mut corrected = Vec::new();
    for (code, rows) in &accepted {
        let (rows, late) = rows_of_today(&market, *code, rows);
        corrected.extend(late);
        today.insert(*code, rows);
    }
    // A minute on either side: the storm begins and ends inside one.
    let part = |part: f64| begin.plus_ms((part * minutes as f64 * 60_000.0) as i64);
    let storm = part(STORM.0).minute().plus(-1)..part(STORM.1).minute().plus(2);
    let elsewhere: Vec<_> = corrected.iter().filter(|m| !storm.contains(m)).collect();
    let wanted = truth(&market, &today, watching, until);
    let standing = heard.standing();
    // Bars that close before the first or after the last moment of the comparison may ring.
    let allowed = truth(&market, &today, early, now.plus_secs(SETTLED));
    let missed: Vec<&Key> = wanted.difference(&standing).collect();
    let extra: Vec<&Key> = standing.difference(&allowed).collect();
    let compared = standing.intersection(&wanted).count();
    let highest = |from: Moment, to: Moment| {
        let within = memory.iter().filter(|(at, _)| from <= *at && *at < to);
        within.map(|m| m.1).max().unwrap_or_default()
    };
    let warm = highest(part(WARM.0), part(WARM.1));
    let most = highest(part(WARM.1), now);
    let growth = most as f64 / warm as f64 - 1.0;
    println!(
        "{STOCKS} stocks, {minutes} market minutes at {SPEED}x: {} prints sent ({:.0} a market \
         second, {fastest} in the busiest), {} heard, {} sockets opened, {} tokens, {} calls, {} \
         refused by the simulator, {} refusals seen, {} failed",
        counters.records,
        counters.records as f64 / (minutes * 60) as f64,
        rest["prints"],
        counters.sockets_opened,
        counters.tokens_issued,
        rest["sent"],
        counters.refused,
        rest["refused"],
        rest["failed"],
    );
    println!(
        "lines {:?}, reconnecting {}",
        heard.by_type, heard.reconnects
    );
    println!("failures {:?}", heard.failures);
    println!(
        "rows accepted before they were corrected: {}, outside the storm {}",
        corrected.len(),
        elsewhere.len()
    );
    println!(
        "signals due {}, of these standing {compared}; besides standing on bars that closed before \
         or after {}; late {}, withdrawn {}; missed {} extra {} doubled {}",
        wanted.len(),
        standing.len() - compared,
        heard.of_stage("late"),
        heard.of_stage("withdrawn"),
        missed.len(),
        extra.len(),
        heard.doubled
    );
    println!(
        "memory of the program {warm} KiB from {} to {} of the time, at most {most} KiB after \
         ({:+.1} %); files {} KiB",
        WARM.0,
        WARM.1,
        growth * 100.0,
        written >> 10
    );
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
    assert!(
        missed.is_empty(),
        "missed {:?}",
        &missed[..missed.len().min(10)]
    );
    assert!(
        extra.is_empty(),
        "extra {:?}",
        &extra[..extra.len().min(10)]
    );
    assert_eq!(heard.doubled, 0);
    assert!(
        wanted.len() > minutes as usize,
        "too little rang to prove anything"
    );
    assert!(
        USUAL * minutes as u64 * 60 < counters.records && BUSIEST < fastest,
        "too few prints to prove anything"
    );
    assert!(written < MOST_BYTES, "{written} bytes");
    assert!(!whole || growth <= GROWTH, "memory grew");
}
