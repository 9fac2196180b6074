//! History: what fetching it costs in calls and time, and how soon averages stand on the screen
//! when the store has it.
//!
//! Calls and their time are counted in virtual time, with the engine and the scheduler against a
//! virtual broker whose server counts a sliding second; the fewest calls possible are derived from
//! the rows alone. Averages from the store are measured in real time with the whole background:
//! opening the files, loading forty stocks, the first picture that shows every average. Prints
//! `name ours peer limit ours/peer ours/limit` and fails where a required figure is missed.

#![allow(clippy::print_stdout, reason = "a bench talks on standard output")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::large_enum_variant,
    reason = "a bench that cannot be set up ends"
)]

#[path = "support/cold.rs"]
mod cold;
#[path = "history_model/desk.rs"]
mod desk;
#[path = "../tests/model/mod.rs"]
mod model;
#[allow(dead_code, reason = "the scheduler's own bench uses all of it")]
mod scheduler_model {
    pub(crate) mod network;
    pub(crate) mod server;
}

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use jeongbae::assemble::{self, Parts};
use jeongbae::clock::Clock;
use jeongbae::domain::{Calendar, Day, Market, Minute, MinuteRow, Moment, StockCode, Timeframe};
use jeongbae::engine::{Badge, EngineConfig};
use jeongbae::keys::Keys;
use jeongbae::runtime::Handle;
use jeongbae::settings::Settings;
use jeongbae::store::Store;

use desk::{Calls, Desk};
use model::disk::Disk;
use model::tape::Tape;

const STOCKS: usize = 40;
/// Bars of the longest average and the one before it.
const BARS: usize = 241;
const RATE: u32 = 18;
/// Rows of one answer with minutes of past days.
const PAGE: usize = 120;
/// Rounds of the start from the store; the median counts.
const ROUNDS: usize = 9;

fn main() {
    println!(
        "{:<44} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "name", "ours", "peer", "limit", "ours/peer", "ours/limit"
    );
    let tape = Rc::new(Tape::new(3));
    let codes: Vec<StockCode> = tape.codes().into_iter().take(STOCKS).collect();
    assert_eq!(codes.len(), STOCKS, "the model lists too few stocks");
    let mut missed = Vec::new();
    fetching(&tape, &codes, &mut missed);
    from_store(&tape, &codes, &mut missed);
    if missed.is_empty() {
        println!("every required figure is reached");
    } else {
        println!("MISSED:\n{}", missed.join("\n"));
        std::process::exit(1);
    }
}

fn line(name: &str, ours: f64, limit: f64) {
    println!(
        "{name:<44} {ours:>9.3} {:>9.3} {limit:>9.3} {:>9.3} {:>10.4}",
        f64::NAN,
        f64::NAN,
        ours / limit
    );
}

/// A watchlist with one rule over the longest average, as the configuration file would say it.
fn settings(codes: &[StockCode]) -> Settings {
    let list: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
    let text = format!(
        "[averages]\nperiods = [20, 60, 120, 240]\n[screen]\ncolumns = [\"30m\"]\n\
         [[watchlist]]\ngroup = \"관심\"\ncodes = [{}]\n\
         [[rule]]\nname = \"정배열\"\ntimeframe = \"30m\"\nwhen = \"alignment becomes bullish\"\n",
        list.join(", ")
    );
    Settings::parse(Path::new("bench.toml"), &text).expect("settings")
}

fn config(codes: &[StockCode]) -> EngineConfig {
    let made = assemble::engine_config(&settings(codes), Badge::Demo, true);
    EngineConfig {
        open_days: false,
        interruptions: false,
        ..made.expect("a configuration")
    }
}

/// Goals 10 and 11: calls and time.
fn fetching(tape: &Rc<Tape>, codes: &[StockCode], missed: &mut Vec<String>) {
    // A Saturday: everything that is fetched lies in past days.
    let day = |text| Day::parse_compact(text).expect("a day");
    let first = day("20261114").at(Minute::hm(10, 0));
    let mut disk = Disk::default();
    let mut desk = Desk::start(tape, config(codes), first, RATE, &mut disk);
    let seconds = desk.run(STOCKS, &mut disk);
    check(&desk, codes, missed);
    let calls = desk.calls;
    let least: usize = codes
        .iter()
        .map(|&code| least_pages(tape, code, first.day()))
        .sum();
    calls_line("backfill 40 stocks to 241 bars", calls, least, missed, 1.0);
    let ideal = calls.all as f64 / f64::from(RATE);
    line("    seconds, against calls / 18", seconds, ideal);
    if 1.10 < seconds / ideal {
        missed.push(format!("backfill: {seconds:.1} s for {} calls", calls.all));
    }

    // Away on Monday, back on Tuesday before anything trades.
    let second = day("20261117").at(Minute::hm(6, 30));
    let mut desk = Desk::start(tape, config(codes), second, RATE, &mut disk);
    let seconds = desk.run(STOCKS, &mut disk);
    check(&desk, codes, missed);
    let away = day("20261116");
    let rows = |&code: &StockCode| tape.rows(code, away, second.day()).len();
    let least = codes.iter().map(|code| rows(code).div_ceil(PAGE)).sum();
    calls_line("restart after one day", desk.calls, least, missed, 1.2);
    println!("    {seconds:.1} s");

    // Nothing has happened since: nothing may be asked for again.
    let mut desk = Desk::start(
        tape,
        config(codes),
        second.plus_secs(1_800),
        RATE,
        &mut disk,
    );
    desk.run(STOCKS, &mut disk);
    println!("    restart at once: {} pages of minutes", desk.calls.past);
    if 0 < desk.calls.past + desk.calls.today {
        missed.push(format!("restart at once: {:?}", desk.calls));
    }
}

fn check(desk: &Desk, codes: &[StockCode], missed: &mut Vec<String>) {
    if desk.calls.refused != 0 {
        missed.push(format!("{} calls were refused", desk.calls.refused));
    }
    for code in codes {
        let held = desk.bars.get(code).copied();
        if held.is_none_or(|(have, need)| have < BARS || need != BARS) {
            missed.push(format!("{code} has {held:?} of {BARS} bars"));
        }
    }
}

fn calls_line(name: &str, calls: Calls, least: usize, missed: &mut Vec<String>, most: f64) {
    let ours = (calls.past + calls.today) as f64;
    line(&format!("{name}, calls"), ours, least as f64);
    println!(
        "    besides: {} pages of days, {} for prices; refused {}",
        calls.days,
        calls.all - calls.days - calls.past - calls.today,
        calls.refused
    );
    if most * (least as f64) < ours {
        missed.push(format!("{name}: {ours} calls, {least} are enough"));
    }
}

/// The fewest pages that hold the newest bars before `today`: a page runs over midnight.
fn least_pages(tape: &Tape, code: StockCode, today: Day) -> usize {
    let (mut bars, mut rows, mut day) = (0, 0, today);
    loop {
        day = tape.calendar.previous_open(day);
        let of_day = tape.rows(code, day, today);
        let opens = bar_openings(&of_day);
        if BARS <= bars + opens.len() {
            let oldest = opens[opens.len() - (BARS - bars)];
            rows += of_day.iter().filter(|row| oldest <= row.minute).count();
            return rows.div_ceil(PAGE);
        }
        bars += opens.len();
        rows += of_day.len();
    }
}

/// Openings of a day's 30-minute bars: the first one in which anything traded, and all after it.
fn bar_openings(rows: &[MinuteRow]) -> Vec<Minute> {
    let traded = rows.iter().find(|row| 0 < row.candle.volume);
    let Some(first) = traded.map(|row| row.minute) else {
        return Vec::new();
    };
    let opens = (0..13).map(|i| Minute::hm(9, 0).plus(30 * i));
    opens.filter(|open| first < open.plus(30)).collect()
}

/// Goal 11: averages on the screen from a cold store, in real time.
fn from_store(tape: &Tape, codes: &[StockCode], missed: &mut Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let today = Day::parse_compact("20261114").expect("a day");
    let mut days = vec![tape.calendar.previous_open(today)];
    while days.len() < 60 {
        days.push(tape.calendar.previous_open(days[days.len() - 1]));
    }
    {
        let (store, _) = Store::open(folder.path()).expect("a store");
        for &code in codes {
            for &day in &days {
                let rows = tape.rows(code, day, today);
                let saved = store.save_day(code, Market::Krx, day, rows);
                runtime.block_on(saved).expect("saved");
            }
            let daily = tape.daily(code, today.plus(-400), today.plus(-1), today);
            let saved = store.save_period(code, Market::Krx, Timeframe::Day, daily, None);
            runtime.block_on(saved).expect("saved");
        }
    }
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            cold::forget(&folder.path().join("candles.db"));
            start(folder.path(), codes, today.at(Minute::hm(10, 0)))
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let median = times[ROUNDS / 2];
    line("averages on screen from the store, ms", median, 500.0);
    println!(
        "    40 stocks, 60 days; {ROUNDS} starts, slowest {:.1} ms, goal 100",
        times[ROUNDS - 1]
    );
    if 500.0 <= median && !cfg!(debug_assertions) {
        missed.push(format!("averages from the store: {median:.0} ms"));
    }
}

/// Milliseconds from opening the files to the picture with every average. The broker cannot be
/// reached.
fn start(folder: &Path, codes: &[StockCode], now: Moment) -> f64 {
    let mut settings = settings(codes);
    settings.kis.rest_url = Some("http://127.0.0.1:9".to_owned());
    settings.kis.ws_url = Some("ws://127.0.0.1:9".to_owned());
    let keys = Keys {
        app_key: "k".repeat(36).into(),
        app_secret: "s".repeat(180).into(),
    };
    let clock = Clock::simulated(now, 1.0);
    let data = folder.to_owned();
    let begun = Instant::now();
    let make = move |events| async move {
        let (store, notices) = Store::open(&data).map_err(|error| error.to_string())?;
        let kis = assemble::client_with(&settings, &keys, None, None, clock)?;
        let parts = Parts {
            lists: None,
            settings,
            file: None,
            store,
            notices,
            kis,
            clock,
            badge: Badge::Real,
            reports: None,
            headless: true,
            reach: None,
            calendar: Calendar::new(),
            keep: None,
        };
        assemble::machine(parts, events).await
    };
    let handle = Handle::start(make, Box::new(|_: &[_]| {})).expect("a background");
    let need = BARS - 1;
    loop {
        let picture = handle.latest();
        let ready = |row: &jeongbae::engine::Row| {
            row.alignments
                .first()
                .is_some_and(|cell| need <= cell.have as usize)
        };
        if picture.rows.len() == STOCKS && picture.rows.iter().all(ready) {
            return begun.elapsed().as_secs_f64() * 1_000.0;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no averages");
        std::thread::sleep(Duration::from_micros(500));
    }
}
