//! Reading execution frames: ours against `split('^')` and `str::parse`, and heap allocations.
//!
//! Prints `name ours peer limit ours/peer ours/limit` (records a microsecond; the limit only
//! counts separators) and fails where a required figure is missed.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a bench prints, and stops at a broken frame of its own"
)]

#[path = "support/heap.rs"]
mod heap;

use std::hint::black_box;
use std::time::Instant;

use jeongbae::domain::{Day, Print};
use jeongbae::kis::parse::{FrameItem, parse_frame};

const FRAMES: usize = 20_000;
const ROUNDS: usize = 15;

/// The fields both sides read, as plain numbers.
type Numbers = [i64; 15];

fn main() {
    let frames = frames();
    let records: usize = frames
        .iter()
        .map(|f| f[11..14].parse::<usize>().unwrap_or(0))
        .sum();
    for frame in &frames {
        let mut mine = vec![];
        ours(frame, &mut |numbers| mine.push(numbers));
        assert_eq!(mine, peer(frame), "the answers differ: {frame}");
    }
    let taken = allocations(&frames);
    let book = book_frame();
    let taken_book = allocations(std::slice::from_ref(&book));
    println!(
        "heap allocations: {taken} in {FRAMES} execution frames, {taken_book} in a book frame"
    );
    let mut best = [f64::MAX; 3];
    for _ in 0..ROUNDS {
        let times = [
            time(&frames, |f| peer(f).iter().map(|n| n[1]).sum()),
            time(&frames, |f| {
                let mut sum = 0;
                ours(f, &mut |n| sum += n[1]);
                sum
            }),
            time(&frames, |f| f.bytes().filter(|b| *b == b'^').count() as i64),
        ];
        best = std::array::from_fn(|i| best[i].min(times[i]));
    }
    let [peer, ours, limit] = best.map(|seconds| records as f64 / seconds / 1e6);
    println!(
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "name", "ours", "peer", "limit", "ours/peer", "ours/limit"
    );
    println!(
        "{:<28} {ours:>9.2} {peer:>9.2} {limit:>9.2} {:>9.2} {:>10.3}",
        "H0STCNT0 records a microsec.",
        ours / peer,
        ours / limit
    );
    let fast = cfg!(debug_assertions) || 3.0 <= ours / peer;
    if !fast || taken != 0 || taken_book != 0 {
        println!("MISSED: 3 times the peer, no allocation");
        std::process::exit(1);
    }
}

fn time(frames: &[String], mut read: impl FnMut(&str) -> i64) -> f64 {
    let start = Instant::now();
    for frame in frames {
        black_box(read(black_box(frame)));
    }
    start.elapsed().as_secs_f64()
}

fn allocations(frames: &[String]) -> u64 {
    let before = heap::taken();
    for frame in frames {
        let outcome = parse_frame(frame.as_bytes(), &mut |item| {
            black_box(item);
        });
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    heap::taken() - before
}

#[inline]
fn ours(frame: &str, on: &mut impl FnMut(Numbers)) {
    let outcome = parse_frame(frame.as_bytes(), &mut |item| {
        if let FrameItem::Print(print) = item {
            on(numbers(&print));
        }
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}

fn numbers(p: &Print) -> Numbers {
    [
        p.code.as_str().len() as i64,
        i64::from(p.second),
        p.price.0,
        p.change.0,
        p.day_open.0,
        p.day_high.0,
        p.day_low.0,
        p.size.0,
        p.day_volume.0,
        p.day_value,
        p.strength,
        p.side as i64,
        i64::from(p.day.number()),
        i64::from(p.regular),
        i64::from(p.halted),
    ]
}

/// What one writes first: every field split off, the needed ones parsed.
fn peer(frame: &str) -> Vec<Numbers> {
    let parts: Vec<&str> = frame.splitn(4, '|').collect();
    let count: usize = parts[2].parse().expect("a count");
    let fields: Vec<&str> = parts[3].split('^').collect();
    fields
        .chunks(fields.len() / count)
        .map(|f| {
            let int = |i: usize| f[i].parse::<i64>().expect("a number");
            let time = f[1];
            let two = |at: usize| time[at..at + 2].parse::<i64>().expect("a time");
            let date = f[33];
            let day = Day::from_ymd(
                date[..4].parse().expect("a year"),
                date[4..6].parse().expect("a month"),
                date[6..].parse().expect("a day"),
            );
            let side = match f[21] {
                "1" => 0,
                "5" => 1,
                _ => 2,
            };
            [
                f[0].len() as i64,
                two(0) * 3_600 + two(2) * 60 + two(4),
                int(2),
                int(4),
                int(7),
                int(8),
                int(9),
                int(12),
                int(13),
                int(14),
                (f[18].parse::<f64>().expect("a decimal") * 100.0).round() as i64,
                side,
                i64::from(day.expect("a day").number()),
                i64::from(f[43] == "0" && f[34] == "20"),
                i64::from(f[35] == "Y"),
            ]
        })
        .collect()
}

/// Frames of one to four executions of invented stocks, all 46 fields filled as the broker does.
fn frames() -> Vec<String> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = move |end: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % end
    };
    (0..FRAMES)
        .map(|i| {
            let count = if random(8) == 0 { 1 + random(4) } else { 1 };
            let records: Vec<String> = (0..count)
                .map(|_| {
                    let price = 10_000 + 50 * random(2_000);
                    let change = random(4_000) as i64 - 2_000;
                    let sign = if change < 0 { 5 } else { 2 };
                    let second = 32_400 + (i as u64) % 22_800;
                    format!(
                        "{:06}^{:02}{:02}{:02}^{price}^{sign}^{change}^-0.14^72023.83^{}^{}^{}^{price}^{}^{}^{}^{}^5105^6937^1832^{}.{:02}^1366314^1159996^{}^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200^20261120^20^N^65945^216924^1118750^2199206^0.05^2424142^125.92^0^^{price}",
                        random(900_000), second / 3_600, second / 60 % 60, second % 60,
                        price + 50, price + 400, price - 400, price - 50, 1 + random(500),
                        random(9_000_000), random(900_000_000_000), 50 + random(100), random(100),
                        [1, 5, 3][random(3) as usize]
                    )
                })
                .collect();
            format!("0|H0STCNT0|{count:03}|{}", records.join("^"))
        })
        .collect()
}

fn book_frame() -> String {
    let mut fields: Vec<String> = (0..62).map(|i| (i * 50).to_string()).collect();
    (fields[0], fields[1], fields[2]) = ("123450".into(), "093000".into(), "0".into());
    format!("0|H0STASP0|001|{}", fields.join("^"))
}
