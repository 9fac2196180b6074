//! Minutes on disk: ours (a closed day is one packed blob) against plain rows in SQLite.
//!
//! Bulk insert, and reading the last 7,200 bars of a stock warm and cold. Both files are WAL with
//! `synchronous = NORMAL`, both read into [`MinuteRow`]s; the peer's table has no row ids and its
//! key is the order it is read in, and it may write a stock in one transaction, where ours takes
//! one a day. Cold: the file's pages are dropped from memory and it is opened anew; opening is
//! not timed. The limit is a flat file with 48 bytes a row, read or written in one go.
//!
//! Prints `name ours peer limit ours/peer ours/limit` (rows a microsecond) and fails where a
//! required figure, twice the peer, is missed.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a bench prints, and stops at a broken disk"
)]

#[path = "support/cold.rs"]
mod cold;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jeongbae::domain::{Candle, Day, Market, Minute, MinuteRow, StockCode};
use jeongbae::store::Store;
use rusqlite::{Connection, params};
use tokio::runtime::Runtime;

const STOCKS: usize = 40;
const DAYS: i32 = 30;
/// Minutes of a session with its closing auction.
const MINUTES: u16 = 381;
const BARS: usize = 7_200;
const FIRST: i32 = 20_000;
const INSERT_ROUNDS: usize = 5;
const READ_ROUNDS: usize = 5;
const REQUIRED: f64 = 2.0;

/// One stock: its days, each with its rows.
type Stock = (StockCode, Vec<(Day, Vec<MinuteRow>)>);

/// Seconds: ours, the peer's, the limit's.
type Times = [f64; 3];

fn main() {
    let name = format!("store-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let stocks = stocks();
    let total = STOCKS * DAYS as usize * usize::from(MINUTES);
    let mut insert: Times = [f64::MAX; 3];
    for round in 0..INSERT_ROUNDS {
        let places = ["ours", "peer", "limit"].map(|who| folder.join(format!("{who}{round}")));
        for place in &places {
            fs::create_dir(place).expect("a folder");
        }
        keep(
            &mut insert,
            [
                timed(|| save_ours(&runtime, &places[0], &stocks)),
                timed(|| save_peer(&places[1], &stocks)),
                timed(|| save_flat(&places[2], &stocks)),
            ],
        );
    }
    let last = INSERT_ROUNDS - 1;
    let [ours, peer, flat] =
        ["ours", "peer", "limit"].map(|who| folder.join(format!("{who}{last}")));
    check_equal(&runtime, &ours, &peer, &flat, &stocks);
    let (warm, cold) = read(&runtime, &ours, &peer, &flat, &stocks);
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "name", "ours", "peer", "limit", "ours/peer", "ours/limit"
    );
    let read_rows = since().1;
    let mut missed = false;
    for (name, rows, best) in [
        ("insert rows a microsec.", total, insert),
        ("warm read rows a microsec.", read_rows, warm),
        ("cold read rows a microsec.", read_rows, cold),
    ] {
        let [ours, peer, limit] = best.map(|seconds| rows as f64 / seconds / 1e6);
        println!(
            "{name:<28} {ours:>9.2} {peer:>9.2} {limit:>9.2} {:>9.2} {:>10.3}",
            ours / peer,
            ours / limit
        );
        missed |= ours / peer < REQUIRED;
    }
    let size = |place: &Path, name: &str| fs::metadata(place.join(name)).map_or(0, |m| m.len());
    println!(
        "bytes a row on disk: ours {:.1}, peer {:.1}",
        size(&ours, "candles.db") as f64 / total as f64,
        size(&peer, "rows.db") as f64 / total as f64
    );
    fs::remove_dir_all(&folder).expect("the folder goes away");
    if missed && !cfg!(debug_assertions) {
        println!("MISSED: {REQUIRED} times the peer");
        std::process::exit(1);
    }
}

fn keep(best: &mut Times, times: [f64; 3]) {
    *best = std::array::from_fn(|i| best[i].min(times[i]));
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// The day from which the last 7,200 bars are read, and how many rows that is.
fn since() -> (Day, usize) {
    let days = BARS.div_ceil(usize::from(MINUTES));
    let from = Day::from_number(FIRST + DAYS - days as i32);
    (from, days * usize::from(MINUTES))
}

/// Invented stocks whose prices wander on a grid of 50 won.
fn stocks() -> Vec<Stock> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = move |end: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % end) as i64
    };
    (0..STOCKS)
        .map(|stock| {
            let code = StockCode::parse(&format!("{:06}", 900_000 + stock)).expect("a code");
            let mut price = 20_000 + 50 * random(1_000);
            let days = (0..DAYS).map(|number| {
                let day = Day::from_number(FIRST + number);
                let rows = (0..MINUTES).map(|minute| {
                    let open = price;
                    price = (price + 50 * (random(7) - 3)).max(1_000);
                    MinuteRow {
                        day,
                        minute: Minute(540 + minute),
                        candle: Candle {
                            open,
                            high: open.max(price) + 50 * random(3),
                            low: open.min(price) - 50 * random(3),
                            close: price,
                            volume: random(20_000),
                        },
                    }
                });
                (day, rows.collect())
            });
            (code, days.collect())
        })
        .collect()
}

fn save_ours(runtime: &Runtime, place: &Path, stocks: &[Stock]) {
    let (store, _) = Store::open(place).expect("a store");
    runtime.block_on(async {
        for (code, days) in stocks {
            for (day, rows) in days {
                let saved = store.save_day(*code, Market::Krx, *day, rows.clone());
                saved.await.expect("saved");
            }
        }
    });
}

/// The peer's file.
fn plain(place: &Path) -> Connection {
    let db = Connection::open(place.join("rows.db")).expect("a database");
    db.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    db.pragma_update(None, "synchronous", "NORMAL")
        .expect("NORMAL");
    db
}

fn save_peer(place: &Path, stocks: &[Stock]) {
    let mut db = plain(place);
    db.execute_batch(
        "CREATE TABLE bar (code TEXT NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL,
             open INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,
             close INTEGER NOT NULL, volume INTEGER NOT NULL,
             PRIMARY KEY (code, day, minute)) WITHOUT ROWID",
    )
    .expect("a table");
    for (code, days) in stocks {
        let change = db.transaction().expect("a transaction");
        let mut insert = change
            .prepare_cached("INSERT OR REPLACE INTO bar VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            .expect("a statement");
        for row in days.iter().flat_map(|(_, rows)| rows) {
            let c = &row.candle;
            let values = params![
                code.as_str(),
                row.day.number(),
                row.minute.0,
                c.open,
                c.high,
                c.low,
                c.close,
                c.volume
            ];
            insert.execute(values).expect("a row");
        }
        drop(insert);
        change.commit().expect("committed");
    }
}

fn load_peer(db: &Connection, code: StockCode, from: Day) -> Vec<MinuteRow> {
    let mut select = db
        .prepare_cached(
            "SELECT day, minute, open, high, low, close, volume FROM bar
             WHERE code = ?1 AND ?2 <= day ORDER BY day, minute",
        )
        .expect("a statement");
    let rows = select.query_map(params![code.as_str(), from.number()], |row| {
        Ok(MinuteRow {
            day: Day::from_number(row.get(0)?),
            minute: Minute(row.get(1)?),
            candle: Candle {
                open: row.get(2)?,
                high: row.get(3)?,
                low: row.get(4)?,
                close: row.get(5)?,
                volume: row.get(6)?,
            },
        })
    });
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

fn load_ours(
    runtime: &Runtime,
    store: &Store,
    code: StockCode,
    from: Day,
) -> Vec<(Day, Vec<MinuteRow>)> {
    let loaded = store.load_minutes(code, Market::Krx, from);
    runtime.block_on(loaded).expect("rows")
}

fn flat_file(place: &Path, code: StockCode) -> PathBuf {
    place.join(code.as_str())
}

fn save_flat(place: &Path, stocks: &[Stock]) {
    for (code, days) in stocks {
        let mut bytes = Vec::new();
        for row in days.iter().flat_map(|(_, rows)| rows) {
            let c = &row.candle;
            bytes.extend(row.day.number().to_le_bytes());
            bytes.extend(u32::from(row.minute.0).to_le_bytes());
            for value in [c.open, c.high, c.low, c.close, c.volume] {
                bytes.extend(value.to_le_bytes());
            }
        }
        fs::write(flat_file(place, *code), bytes).expect("written");
    }
}

fn load_flat(place: &Path, code: StockCode, from: Day) -> Vec<MinuteRow> {
    let bytes = fs::read(flat_file(place, code)).expect("a file");
    let (records, _) = bytes.as_chunks::<48>();
    let day_of = |record: &[u8; 48]| {
        let (four, _) = record.as_chunks::<4>();
        Day::from_number(i32::from_le_bytes(four[0]))
    };
    let start = records.partition_point(|record| day_of(record) < from);
    records[start..]
        .iter()
        .map(|record| {
            let (four, _) = record.as_chunks::<4>();
            let (eight, _) = record.as_chunks::<8>();
            let value = |at: usize| i64::from_le_bytes(eight[at]);
            MinuteRow {
                day: day_of(record),
                minute: Minute(u32::from_le_bytes(four[1]) as u16),
                candle: Candle {
                    open: value(1),
                    high: value(2),
                    low: value(3),
                    close: value(4),
                    volume: value(5),
                },
            }
        })
        .collect()
}

fn check_equal(runtime: &Runtime, ours: &Path, peer: &Path, flat: &Path, stocks: &[Stock]) {
    let (store, _) = Store::open(ours).expect("a store");
    let db = plain(peer);
    let (from, count) = since();
    for (code, days) in stocks {
        let written: Vec<MinuteRow> = days
            .iter()
            .filter(|(day, _)| from <= *day)
            .flat_map(|(_, rows)| rows.clone())
            .collect();
        let mine: Vec<MinuteRow> = load_ours(runtime, &store, *code, from)
            .into_iter()
            .flat_map(|(_, rows)| rows)
            .collect();
        assert!(BARS <= count && written.len() == count);
        assert_eq!(mine, written, "ours");
        assert_eq!(load_peer(&db, *code, from), written, "the peer's");
        assert_eq!(load_flat(flat, *code, from), written, "the limit's");
    }
}

/// Seconds for one stock, warm and cold.
fn read(
    runtime: &Runtime,
    ours: &Path,
    peer: &Path,
    flat: &Path,
    stocks: &[Stock],
) -> (Times, Times) {
    let (from, _) = since();
    let codes: Vec<StockCode> = stocks.iter().map(|(code, _)| *code).collect();
    let mut warm = [f64::MAX; 3];
    let mut cold: [Vec<f64>; 3] = Default::default();
    {
        let (store, _) = Store::open(ours).expect("a store");
        let db = plain(peer);
        for code in codes.iter().cycle().take(READ_ROUNDS * codes.len()) {
            keep(
                &mut warm,
                [
                    timed(|| drop(black_box(load_ours(runtime, &store, *code, from)))),
                    timed(|| drop(black_box(load_peer(&db, *code, from)))),
                    timed(|| drop(black_box(load_flat(flat, *code, from)))),
                ],
            );
        }
    }
    for code in codes.iter().take(READ_ROUNDS * 4) {
        cold::forget(&ours.join("candles.db"));
        cold::forget(&peer.join("rows.db"));
        cold::forget(&flat_file(flat, *code));
        let (store, _) = Store::open(ours).expect("a store");
        let db = plain(peer);
        let times = [
            timed(|| drop(black_box(load_ours(runtime, &store, *code, from)))),
            timed(|| drop(black_box(load_peer(&db, *code, from)))),
            timed(|| drop(black_box(load_flat(flat, *code, from)))),
        ];
        for (all, time) in cold.iter_mut().zip(times) {
            all.push(time);
        }
    }
    // The best cold read would be one that was not cold.
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    (warm, cold.map(median))
}
