//! Three hundred watched stocks on the simulator, through the very client used for the broker:
//! nothing is refused, every price stays fresher than the program says, and stocks without a
//! realtime registration ring while a bar is forming too.
//!
//! `JEONGBAE_MINUTES=10 cargo test --test crowd` watches for longer than the usual three minutes.
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
const REGISTRATIONS: usize = 41;

/// Ages of the prices that are asked for, milliseconds; `None` while one is missing.
fn polled_ages(picture: &Snapshot) -> Option<Vec<i64>> {
    let quotes: Option<Vec<_>> = picture.rows.iter().map(|row| row.quote).collect();
    let polled = quotes?.into_iter();
    let polled = polled.filter(|q| q.freshness != Freshness::Live);
    Some(polled.map(|q| picture.now.ms_since(q.at)).collect())
}

#[test]
fn three_hundred_stocks_stay_fresh_without_a_refusal_and_ring_while_forming() {
    let minutes: i64 = std::env::var("JEONGBAE_MINUTES").map_or(3, |n| n.parse().unwrap());
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
    let bound = rig.wait_until("every price once, within its bound", |picture, _| {
        let bound = picture.watching.poll_bound_ms;
        let ages = polled_ages(picture)?;
        (picture.rows.len() == STOCKS && ages.iter().all(|age| *age <= bound)).then_some(bound)
    });
    let until = broker.clock.now().plus_secs(60 * minutes);
    let (mut oldest, mut looks) = (0, 0);
    let mut at = broker.clock.now();
    while at < until {
        at = at.plus_ms(500);
        rig.wait_for_time(at);
        let picture = rig.picture();
        let ages = polled_ages(&picture).expect("a price once seen stays");
        oldest = ages.into_iter().fold(oldest, i64::max);
        looks += 1;
    }
    let picture = rig.picture();
    let counters = broker.sim().counters();
    let forming: BTreeSet<StockCode> = rig
        .finish()
        .into_iter()
        .filter_map(|report| match report {
            Report::Trigger(signal) if signal.stage == Stage::Forming => Some(signal.key.code),
            _ => None,
        })
        .collect();
    println!(
        "{STOCKS} stocks, {minutes} market minutes, {looks} looks: oldest polled price {oldest} ms \
         of {bound} ms, {} of {STOCKS} rang while forming; {} calls, refused {} (simulator) {} \
         (client), failed {}",
        forming.len(),
        counters.all_requests(),
        counters.refused,
        picture.rest.refused,
        picture.rest.failed,
    );
    assert_eq!((counters.refused, picture.rest.refused), (0, 0));
    assert!(oldest <= bound, "{oldest} ms of {bound} ms");
    assert!(
        2 * REGISTRATIONS < forming.len(),
        "{} rang: more than ever had a registration",
        forming.len()
    );
}
