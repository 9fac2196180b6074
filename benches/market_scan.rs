//! Goal 18: the daily alignment of 2,800 stocks from the store, each time by a process of its own
//! whose file is not in memory.
//!
//! Ours opens the data folder, reads the closes in one scan and works out every row of the view.
//! The peer holds the same days as plain rows in SQLite and works the averages out with yata; the
//! limit reads a flat file of the closes and compares four sums a stock, newest day only. Both
//! sides say how many stocks are aligned, and the counts must agree, but for ties, which yata's
//! floating point does not see.
//!
//! Prints `name ours peer limit ours/peer ours/limit` (ms; the best of some runs) and fails where
//! the required time is missed.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a bench prints, and stops at a broken disk"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use jeongbae::domain::{Board, Day, DayCloses, ListedStock, Market, StockCode};
use jeongbae::engine::MarketRow;
use jeongbae::indicators::Alignment;
use jeongbae::store::Store;
use rusqlite::{Connection, params};
use tokio::runtime::Runtime;
use yata::core::Method;
use yata::methods::SMA;

const STOCKS: usize = 2_800;
const DAYS: i32 = 260;
const PERIODS: [u16; 4] = [20, 60, 120, 240];
const ROUNDS: usize = 5;
/// ms
const REQUIRED: f64 = 2_000.0;
/// ms
const WISHED: f64 = 200.0;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
}

fn code(i: usize) -> StockCode {
    StockCode::parse(&format!("{:06}", i * 10)).expect("a code")
}

/// A walk of its own for every stock: the same at each call.
fn closes(i: usize) -> Vec<(Day, i64)> {
    let mut state = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut close = 5_000 + (i as i64 * 7_919) % 400_000;
    (0..DAYS)
        .map(|day| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let step = (state % 61) as i64 - 30;
            close = (close + close * step / 1_000).max(100);
            (Day::from_number(20_000 + day), close)
        })
        .collect()
}

fn make(folder: &Path) {
    let ours = folder.join("ours");
    fs::create_dir_all(&ours).expect("a folder");
    let (store, _) = Store::open(&ours).expect("a store");
    let peer = Connection::open(folder.join("peer.db")).expect("a file");
    peer.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE close (code TEXT NOT NULL, day INTEGER NOT NULL, close INTEGER NOT NULL,
             PRIMARY KEY (code, day)) STRICT, WITHOUT ROWID;
         BEGIN;",
    )
    .expect("a table");
    let mut flat = Vec::new();
    let runtime = runtime();
    for i in 0..STOCKS {
        let rows = closes(i);
        let kept = DayCloses::new(rows.iter().copied(), false);
        runtime
            .block_on(store.save_closes(code(i), Market::Krx, kept))
            .expect("kept");
        let mut insert = peer
            .prepare_cached("INSERT INTO close VALUES (?1, ?2, ?3)")
            .expect("an insert");
        for (day, close) in &rows {
            insert
                .execute(params![code(i).as_str(), day.number(), close])
                .expect("a row");
            flat.extend(close.to_le_bytes());
        }
    }
    peer.execute_batch("COMMIT").expect("written");
    fs::write(folder.join("flat"), flat).expect("written");
}

fn count(states: impl Iterator<Item = Alignment>) -> usize {
    states
        .filter(|state| matches!(state, Alignment::Bullish | Alignment::Bearish))
        .count()
}

fn ours(folder: &Path) -> usize {
    let (store, _) = Store::open(&folder.join("ours")).expect("a store");
    let all = runtime()
        .block_on(store.load_closes(Market::Krx))
        .expect("closes");
    let rows = all.iter().filter_map(|(code, closes)| {
        let listed = ListedStock::plain(*code, "", Board::Kospi);
        MarketRow::of(&listed, closes, &PERIODS)
    });
    count(rows.map(|row| row.state))
}

fn peer(folder: &Path) -> usize {
    let db = Connection::open(folder.join("peer.db")).expect("a file");
    let mut select = db
        .prepare("SELECT code, close FROM close ORDER BY code, day")
        .expect("a question");
    let mut rows = select.query([]).expect("rows");
    let mut states = Vec::new();
    let mut averages: Option<(String, [SMA; 4], [f64; 4])> = None;
    while let Some(row) = rows.next().expect("a row") {
        let code = row
            .get_ref(0)
            .and_then(|v| Ok(v.as_str()?))
            .expect("a code");
        let close = row.get::<_, i64>(1).expect("a close") as f64;
        match &mut averages {
            Some((known, methods, values)) if known == code => {
                for (method, value) in methods.iter_mut().zip(values) {
                    *value = method.next(&close);
                }
            }
            other => {
                states.extend(other.take().map(|(_, _, values)| order(values)));
                let methods = PERIODS
                    .map(|n| SMA::new(n.try_into().expect("short"), &close).expect("an SMA"));
                *other = Some((code.to_owned(), methods, [close; 4]));
            }
        }
    }
    states.extend(averages.map(|(_, _, values)| order(values)));
    count(states.into_iter())
}

fn order<T: PartialOrd>([a, b, c, d]: [T; 4]) -> Alignment {
    if a > b && b > c && c > d {
        Alignment::Bullish
    } else if a < b && b < c && c < d {
        Alignment::Bearish
    } else {
        Alignment::Mixed
    }
}

fn limit(folder: &Path) -> usize {
    let bytes = fs::read(folder.join("flat")).expect("a file");
    let stocks = bytes.chunks_exact(8 * DAYS as usize);
    count(stocks.map(|stock| {
        let close = |back: usize| {
            let at = stock.len() - 8 * back;
            i64::from_le_bytes(stock[at..at + 8].try_into().expect("eight bytes"))
        };
        order(PERIODS.map(|n| {
            let sum: i64 = (1..=usize::from(n)).map(close).sum();
            // One common denominator: 240 is a multiple of every period.
            sum * i64::from(240 / n)
        }))
    }))
}

/// Drops a folder's files from memory.
fn cool(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            cool(&path);
            continue;
        }
        let mut file = std::ffi::OsString::from("if=");
        file.push(&path);
        let done = Command::new("dd")
            .arg(file)
            .args(["iflag=nocache", "count=0"])
            .stderr(Stdio::null())
            .status();
        assert!(done.is_ok_and(|status| status.success()), "dd is needed");
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, who, folder] = &arguments[..]
        && let Some(work) = [
            ("ours", ours as fn(&Path) -> usize),
            ("peer", peer),
            ("limit", limit),
        ]
        .into_iter()
        .find(|(name, _)| name == who)
    {
        println!("{}", work.1(Path::new(folder)));
        return ExitCode::SUCCESS;
    }
    let name = format!("market-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    make(&folder);
    let program = std::env::current_exe().expect("this program");
    let mut best = [f64::MAX; 3];
    let mut aligned = [0_usize; 3];
    for _ in 0..ROUNDS {
        for (i, who) in ["ours", "peer", "limit"].into_iter().enumerate() {
            cool(&folder);
            let begun = Instant::now();
            let out = Command::new(&program)
                .arg(who)
                .arg(&folder)
                .output()
                .expect("a child");
            best[i] = best[i].min(begun.elapsed().as_secs_f64() * 1_000.0);
            let text = String::from_utf8_lossy(&out.stdout);
            aligned[i] = text.trim().parse().expect("a count");
        }
    }
    fs::remove_dir_all(&folder).expect("removed");
    let [ours, peer, limit] = best;
    println!("# {STOCKS} stocks x {DAYS} days; aligned: {aligned:?}");
    println!("# goal 18, required: {REQUIRED} ms, wished: {WISHED} ms");
    println!("name ours peer limit ours/peer ours/limit");
    println!(
        "market_scan_ms {ours:.1} {peer:.1} {limit:.1} {:.2} {:.2}",
        ours / peer,
        ours / limit
    );
    let apart = aligned[0].abs_diff(aligned[1]);
    if aligned[0] != aligned[2] || 5 < apart {
        println!("# the counts do not agree");
        return ExitCode::FAILURE;
    }
    if REQUIRED < ours {
        println!("# the required time is missed");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
