//! Three hundred watched stocks on the simulator, through the very client used for the broker:
//! nothing is refused, every stock gets its price, and stocks without a realtime registration
//! ring while a bar is forming too.
//!
//! `JEONGBAE_MINUTES=10 cargo test --test crowd -- --nocapture` watches for so many market minutes
//! and also asks that every price is fresher than the program says. Without it no age counts: how
//! old a price gets here depends on how busy the machine is. What the engine does about ages is
//! shown in virtual time by `tests/engine/crowd.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::collections::BTreeSet;

use jeongbae::domain::{Day, Minute, Stage, StockCode};
use jeongbae::engine::{Freshness, Report, Snapshot};
use jeongbae::sim::SimOptions;
use support::rig::{Broker, Build, Rig};

const STOCKS: usize = 300;
/// Stocks that have to ring without ever being seen registered.
const POLLED: usize = 10;

/// Ages of the prices that are asked for, milliseconds; `None` while one is missing.
fn polled_ages(picture: &Snapshot) -> Option<Vec<i64>> {
    let quotes: Option<Vec<_>> = picture.rows.iter().map(|row| row.quote).collect();
    let polled = quotes?.into_iter();
    let polled = polled.filter(|q| q.freshness != Freshness::Live);
    Some(polled.map(|q| picture.now.ms_since(q.at)).collect())
}

/// Stocks that rang while a bar was forming.
fn forming(reports: &[Report]) -> BTreeSet<StockCode> {
    reports
        .iter()
        .filter_map(|report| match report {
            Report::Trigger(signal) if signal.stage == Stage::Forming => Some(signal.key.code),
            _ => None,
        })
        .collect()
}

#[test]
fn three_hundred_stocks_are_served_without_a_refusal_and_ring_while_forming() {
    let measured: Option<i64> = std::env::var("JEONGBAE_MINUTES")
        .ok()
        .map(|minutes| minutes.parse().unwrap());
    let broker = Broker::start(SimOptions {
        seed: 5,
        start: Day::from_ymd(2026, 11, 17).map(|day| day.at(Minute::hm(9, 6))),
        speed: 4.0,
        calls_per_second: 18.0,
        ..SimOptions::default()
    });
    let codes: Vec<StockCode> = broker.sim().market().listed()[..STOCKS]
        .iter()
        .map(|stock| stock.code)
        .collect();
    let listed: Vec<String> = codes
        .iter()
        .map(|code| format!("{:?}", code.as_str()))
        .collect();
    let config = format!(
        r#"
[averages]
periods = [2, 3]
[screen]
columns = ["1m"]
[[watchlist]]
group = "관심"
codes = [{}]
[[rule]]
name = "1분 돌파"
timeframe = "1m"
when = "close crosses above ma2"
stage = "forming"
"#,
        listed.join(", ")
    );
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(Build::on(&broker, &config, dir.path()));
    let bound = rig.wait_until("every price once", |picture, _| {
        let ages = polled_ages(picture)?;
        let bound = picture.watching.poll_bound_ms;
        let settled = measured.is_none() || ages.iter().all(|age| *age <= bound);
        (picture.rows.len() == STOCKS && settled).then_some(bound)
    });
    let begun = broker.clock.now();
    let (mut oldest, mut looks) = (0, 0);
    let mut live = BTreeSet::new();
    let mut at = begun;
    loop {
        at = at.plus_ms(500).max(broker.clock.now());
        rig.wait_for_time(at);
        let picture = rig.picture();
        let ages = polled_ages(&picture).expect("a price once seen stays");
        oldest = ages.into_iter().fold(oldest, i64::max);
        looks += 1;
        let now_live = picture.rows.iter().filter(|row| {
            row.quote
                .is_some_and(|quote| quote.freshness == Freshness::Live)
        });
        live.extend(now_live.map(|row| row.code));
        rig.listen();
        let over = match measured {
            Some(minutes) => begun.plus_secs(60 * minutes) <= at,
            None => POLLED <= forming(&rig.seen).difference(&live).count(),
        };
        if over {
            break;
        }
        assert!(
            at < begun.plus_secs(3_600),
            "an hour of the market without {POLLED} signals of polled stocks"
        );
    }
    let picture = rig.picture();
    let counters = broker.sim().counters();
    let rang = forming(&rig.finish());
    let polled = rang.difference(&live).count();
    println!(
        "{STOCKS} stocks, {} market seconds, {looks} looks: oldest polled price {oldest} ms of \
         {bound} ms, {} rang while forming, {polled} of them never registered; {} calls, refused \
         {} (simulator) {} (client), failed {}",
        at.ms_since(begun) / 1_000,
        rang.len(),
        counters.all_requests(),
        counters.refused,
        picture.rest.refused,
        picture.rest.failed,
    );
    assert_eq!((counters.refused, picture.rest.refused), (0, 0));
    if measured.is_some() {
        assert!(oldest <= bound, "{oldest} ms of {bound} ms");
    }
    assert!(POLLED <= polled, "{polled}");
}
