//! The engine against a virtual broker, a virtual disk and virtual time: what rings is what an
//! independent reference says, with every fault the world has to offer.
//!
//! `JEONGBAE_CASES=500 cargo test --test engine` runs more cases, `JEONGBAE_SEED=7` one.

#![allow(
    clippy::unwrap_used,
    clippy::let_underscore_must_use,
    clippy::large_enum_variant,
    clippy::print_stdout,
    reason = "the helpers of a test are as free as the test"
)]

mod astray;
mod check;
mod clock;
mod crowd;
mod editing;
mod ends;
mod faults;
mod hours;
mod kills;
#[path = "../model/mod.rs"]
mod model;
mod reference;
mod rules;
mod scenes;
mod silence;
mod world;

use std::rc::Rc;

use jeongbae::bars::BarRules;
use jeongbae::domain::{
    ClosingAuction, Day, Market as Venue, Minute, Moment, StockCode, Timeframe,
};
use jeongbae::engine::{Badge, EngineConfig, GroupConfig, PageRows};

use check::{Joined, differences};
use model::{broker, disk, rng, tape};
use rules::{TestRule, rules};
use tape::Tape;
use world::World;

/// Busy, middling, thin.
const CODES: [&str; 5] = ["005930", "035720", "095570", "002960", "004700"];

fn code(text: &str) -> StockCode {
    StockCode::parse(text).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse_compact(text).unwrap()
}

fn config(codes: &[StockCode], bars: BarRules) -> (EngineConfig, Vec<TestRule>) {
    config_with(codes, bars, 0, 0)
}

/// With so many invented rules besides.
fn config_with(
    codes: &[StockCode],
    bars: BarRules,
    seed: u64,
    invent: usize,
) -> (EngineConfig, Vec<TestRule>) {
    let (tests, made) = rules(bars, &mut rng::Rng::new(seed ^ 0x51), invent);
    let config = EngineConfig {
        badge: Badge::Demo,
        market: Venue::Krx,
        bars,
        periods: vec![3, 5, 10].into(),
        columns: vec![Timeframe::Minutes(5), Timeframe::Day],
        groups: vec![GroupConfig {
            name: "관심".into(),
            codes: codes.to_vec(),
        }],
        rules: made,
        written: Vec::new(),
        registrations: 41,
        quotes_per_call: 30,
        pages: PageRows {
            today: 30,
            dated: 120,
            period: 100,
        },
        requests_per_second: 18.0,
        open_days: false,
        interruptions: false,
        past_minutes: true,
        headless: true,
        market_fill: false,
        reach: Default::default(),
    };
    (config, tests)
}

const FOLD: BarRules = BarRules {
    auction: ClosingAuction::Fold,
    regular_session_only: true,
};

fn joined(codes: &[StockCode], from: Moment, until: Moment) -> Vec<Joined> {
    let one = |&code: &StockCode| Joined { code, from, until };
    codes.iter().map(one).collect()
}

#[test]
fn a_quiet_day_and_the_next_opening_ring_as_they_should() {
    let codes: Vec<_> = CODES.iter().map(|c| code(c)).collect();
    let tape = Rc::new(Tape::new(11));
    let (config, rules) = config(&codes, FOLD);
    let from = day("20261112").at(Minute::hm(10, 7)).plus_ms(13_000);
    let mut world = World::new(tape, config, from, 11);
    world.broker.codes = codes.clone();
    world.picture_every = 50;
    world.start();
    let until = day("20261113").at(Minute::hm(9, 41));
    world.run_until(until.plus_secs(60));
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &[]);
    println!(
        "{tally:?} requests {} forgotten {}",
        world.requests, world.forgotten
    );
    assert!(text.is_empty(), "{text}");
    assert!(100 < tally.standing);
}

#[test]
fn whatever_happens_the_same_signals_stand() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let (first, count) = (number("JEONGBAE_SEED"), number("JEONGBAE_CASES"));
    let seeds = match first {
        Some(seed) => seed..seed + count.unwrap_or(1),
        None => 0..count.unwrap_or(8),
    };
    let mut failed = Vec::new();
    for seed in seeds {
        let (tally, text) = faults::case(seed);
        if !text.is_empty() {
            let lines: Vec<&str> = text.lines().take(12).collect();
            failed.push(format!("seed {seed} {tally:?}\n  {}", lines.join("\n  ")));
        }
    }
    assert!(
        failed.is_empty(),
        "{} cases:\n{}",
        failed.len(),
        failed.join("\n")
    );
}
