//! Opening a stock asks for price, order book, executions and chart at once; twenty in a row
//! must neither break the broker's limit nor leave a window blank.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;

use jeongbae::domain::{Day, Minute, StockCode};
use jeongbae::engine::{ChartState, Command, Part, StockView};
use jeongbae::sim::{Latency, SimOptions};
use support::rig::{Broker, Build, Rig};

const STOCKS: usize = 20;
const CONFIG: &str = r#"
[kis]
requests_per_second = 5.0
[screen]
columns = ["D"]
"#;

fn is_complete(view: &StockView) -> bool {
    let chart = matches!(&view.chart.state, ChartState::Ready { series, trouble: None, .. }
        if !series.is_empty());
    let prints = matches!(&view.prints, Part::Ready { value, .. } if !value.is_empty());
    let book = matches!(&view.book, Part::Ready { .. });
    view.quote.is_some() && book && prints && chart
}

#[test]
fn twenty_stocks_opened_in_a_row_are_never_refused_and_never_blank() {
    let broker = Broker::start(SimOptions {
        seed: 11,
        start: Day::from_ymd(2026, 11, 17).map(|day| day.at(Minute::hm(10, 40))),
        // What this machine is late by counts so many times over, as if the network quickened.
        speed: 10.0,
        calls_per_second: 5.0,
        latency: Latency {
            one_way_ms: 12.0,
            jitter_ms: 8.0,
            jitter_sigma: 0.9,
            most_jitter_ms: 250.0,
            processing_ms: (8.0, 40.0),
        },
        ..SimOptions::default()
    });
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(Build::on(&broker, CONFIG, dir.path()));
    let market = broker.sim().market();
    let codes: Vec<StockCode> = market
        .stocks()
        .iter()
        .map(|s| s.code)
        .take(STOCKS)
        .collect();
    let begun = broker.clock.now();
    for &code in &codes {
        rig.send(Command::OpenStock(code));
        rig.wait_until("a complete window", |picture, _| {
            picture
                .stocks
                .get(&code)
                .filter(|v| is_complete(v))
                .map(|_| ())
        });
    }
    let took = broker.clock.now().ms_since(begun);
    let picture = rig.picture();
    let blank: Vec<&StockCode> = codes
        .iter()
        .filter(|code| !picture.stocks.get(code).is_some_and(|v| is_complete(v)))
        .collect();
    let counters = broker.sim().counters();
    println!(
        "{STOCKS} stocks opened in {:.1} s of market time at 5 calls/s with jitter: \
         {} calls answered, refused {} (simulator) {} (client), failed {}, blank {}",
        took as f64 / 1_000.0,
        counters.all_requests(),
        counters.refused,
        picture.rest.refused,
        picture.rest.failed,
        blank.len()
    );
    assert!(blank.is_empty(), "blank: {blank:?}");
    assert_eq!((counters.refused, picture.rest.refused), (0, 0));
    // All four calls of each, at least.
    assert!(4 * STOCKS as u64 <= counters.all_requests());
    rig.finish();
}
