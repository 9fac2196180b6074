//! From the bytes of an execution frame to the signal on its way to disk: time, heap
//! allocations, and what ten thousand rules cost instead of a hundred.
//!
//! The peer splits the frame and judges every rule of the stock on every print; the limit only
//! reads the frame. Prints `name ours peer limit ours/peer ours/limit` and fails where a
//! required figure is missed.

#![allow(clippy::print_stdout, reason = "a bench talks on standard output")]
#![allow(clippy::expect_used, reason = "a bench that cannot be set up ends")]
#[path = "support/heap.rs"]
mod heap;
#[path = "trigger_market/market.rs"]
mod market;

use std::hint::black_box;
use std::time::Instant;

use jeongbae::bars::Series;
use jeongbae::conditions::{At, Judged, Rule, Verdict};
use jeongbae::domain::{Bar, Candle};
use jeongbae::engine::{Command, Effect, Event, State};
use jeongbae::kis::parse::{FrameItem, parse_frame};

use market::{CODES, Desk, rules};

const ROUNDS: usize = 7;

fn main() {
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "name", "ours", "peer", "limit", "ours/peer", "ours/limit"
    );
    let few = Desk::new(rules(100));
    let mut missed = allocations(&few);
    missed |= triggers(&few);
    let quiet = quiet_tick(&few);
    drop(few);
    let many = quiet_tick(&Desk::new(rules(10_000)));
    line("tick without a crossing, 100 rules", quiet);
    line("tick without a crossing, 10,000", many);
    let ratio = many[0] / quiet[0];
    println!("10,000 rules against 100: {ratio:.2} times (required < 10, goal < 1.2)");
    missed |= 10.0 <= ratio;
    if missed && !cfg!(debug_assertions) {
        println!("MISSED");
        std::process::exit(1);
    }
}

fn line(name: &str, [ours, peer, limit]: [f64; 3]) {
    println!(
        "{name:<34} {ours:>9.3} {peer:>9.3} {limit:>9.3} {:>9.3} {:>10.2}",
        ours / peer,
        ours / limit
    );
}

/// One frame through parser and engine.
fn feed(state: &mut State, desk: &Desk, bytes: &[u8], out: &mut Vec<Effect>) {
    let outcome = parse_frame(bytes, &mut |item| {
        if let FrameItem::Print(print) = item {
            state.apply(desk.now, Event::Print(print), out);
        }
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}

fn fires(effect: &Effect) -> bool {
    matches!(effect, Effect::Record { signals, .. } if !signals.is_empty())
}

/// Heap allocations of frames after everything that can ring at these prices has rung.
fn allocations(desk: &Desk) -> bool {
    let mut state = desk.state.clone();
    let mut out = Vec::with_capacity(64);
    state.apply(
        desk.now,
        Event::Command(Command::OpenStock(CODES[0])),
        &mut out,
    );
    let mut tape = desk.tape();
    let frames: Vec<String> = (0..30_000)
        .map(|i| {
            let stock = (i * 7) % CODES.len();
            let step = [0, 1, 2, 1, 0, -1, -2, -1][(i / CODES.len()) % 8];
            desk.frame(&mut tape, stock, step)
        })
        .collect();
    let (warm, steady) = frames.split_at(10_000);
    let mut rang = 0;
    for bytes in warm {
        feed(&mut state, desk, bytes.as_bytes(), &mut out);
        rang += out.drain(..).filter(fires).count();
    }
    let before = heap::taken();
    for bytes in steady {
        feed(&mut state, desk, bytes.as_bytes(), &mut out);
        rang += out.drain(..).filter(fires).count();
    }
    let taken = heap::taken() - before;
    println!(
        "heap allocations: {taken} in {} frames, 100 rules, 40 stocks, a window open ({rang} signals before)",
        steady.len()
    );
    taken != 0
}

/// Prices climb through the rules of every stock; the frames on which something rings are timed.
fn triggers(desk: &Desk) -> bool {
    let mut ours = Vec::new();
    let mut peer = Vec::new();
    let mut limit = Vec::new();
    let mut out = Vec::with_capacity(64);
    for _ in 0..ROUNDS {
        let mut state = desk.state.clone();
        let mut tape = desk.tape();
        for step in -2..=60 {
            for stock in 0..CODES.len() {
                let bytes = desk.frame(&mut tape, stock, step);
                let start = Instant::now();
                feed(&mut state, desk, bytes.as_bytes(), &mut out);
                let took = start.elapsed();
                if out.drain(..).any(|effect| fires(&effect)) {
                    ours.push(took.as_nanos() as f64 / 1e3);
                    let start = Instant::now();
                    black_box(naive(&desk.rules, &desk.series[stock], bytes.as_bytes()));
                    peer.push(start.elapsed().as_nanos() as f64 / 1e3);
                    let start = Instant::now();
                    let outcome = parse_frame(black_box(bytes.as_bytes()), &mut |item| {
                        black_box(item);
                    });
                    limit.push(start.elapsed().as_nanos() as f64 / 1e3);
                    assert!(outcome.is_ok());
                }
            }
        }
    }
    assert!(1_000 < ours.len(), "only {} signals", ours.len());
    let mut at = |part: f64| {
        [&mut ours, &mut peer, &mut limit].map(|all| {
            all.sort_by(f64::total_cmp);
            all[((all.len() - 1) as f64 * part) as usize]
        })
    };
    let (half, worst) = (at(0.5), at(0.99));
    line("tick to trigger p50, us", half);
    line("tick to trigger p99, us", worst);
    println!(
        "{} frames that rang (required p99 < 50 us, goal p50 < 2 us and p99 < 10 us)",
        ours.len()
    );
    50.0 <= worst[0]
}

/// What one writes first: split the frame, judge every rule.
fn naive(rules: &[Rule], series: &[Series], bytes: &[u8]) -> usize {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let fields: Vec<&str> = text.split('^').collect();
    let price: i64 = fields[2].parse().unwrap_or(0);
    let bar = Bar {
        opened: jeongbae::domain::Moment(0),
        candle: Candle::flat(price),
        synthetic: false,
    };
    let holds = |rule: &&Rule| {
        let series = &series[rule.timeframe.index()];
        let at = At::new(series, Judged::Forming(&bar));
        rule.expr.judge(&at, &rule.periods) == Verdict::True
    };
    rules.iter().filter(holds).count()
}

/// Microseconds of a print that changes the price but no rule's mind.
fn quiet_tick(desk: &Desk) -> [f64; 3] {
    let mut state = desk.state.clone();
    let mut out = Vec::with_capacity(64);
    let mut tape = desk.tape();
    // Far above every average.
    let frames: Vec<String> = (0..8_000)
        .map(|i| {
            let stock = i % CODES.len();
            let step = 400 + (i / CODES.len()) as i64 % 3;
            desk.frame(&mut tape, stock, step)
        })
        .collect();
    let (warm, measured) = frames.split_at(400);
    for bytes in warm {
        feed(&mut state, desk, bytes.as_bytes(), &mut out);
    }
    out.clear();
    let mut best = [f64::MAX; 3];
    for _ in 0..ROUNDS {
        let mut state = state.clone();
        let few = if 1_000 < desk.rules.len() { 40 } else { 4_000 };
        let per = |start: Instant, count: usize| start.elapsed().as_secs_f64() * 1e6 / count as f64;
        let start = Instant::now();
        for bytes in measured.iter().take(few) {
            let stock = 0;
            black_box(naive(&desk.rules, &desk.series[stock], bytes.as_bytes()));
        }
        let peer = per(start, few);
        let start = Instant::now();
        for bytes in measured {
            feed(&mut state, desk, bytes.as_bytes(), &mut out);
        }
        let ours = per(start, measured.len());
        assert!(out.is_empty(), "something rang");
        let start = Instant::now();
        for bytes in measured {
            let outcome = parse_frame(black_box(bytes.as_bytes()), &mut |item| {
                black_box(item);
            });
            assert!(outcome.is_ok());
        }
        let limit = per(start, measured.len());
        for (best, now) in best.iter_mut().zip([ours, peer, limit]) {
            *best = best.min(now);
        }
    }
    best
}
