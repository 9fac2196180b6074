//! The client's clock is ahead of the broker's.

use std::time::Duration;

use jeongbae::clock::Clock;
use jeongbae::domain::{Day, Market, Minute, StockCode};
use jeongbae::kis::{CacheTimes, Credentials, Endpoint, Environment, Kis, KisOptions, Priority};
use jeongbae::sim::{Sim, SimOptions};

#[tokio::test]
async fn the_answer_to_a_clock_that_is_ahead_is_no_younger_than_the_broker_says() {
    let morning = Day::from_ymd(2026, 11, 20).unwrap().at(Minute::hm(10, 0));
    let right = Clock::simulated(morning, 1.0);
    let wrong = Clock::simulated(morning.plus_secs(90), 1.0).correctable();
    let sim = Sim::start(SimOptions {
        clock: Some(right),
        ..SimOptions::default()
    })
    .await
    .unwrap();
    let options = KisOptions {
        endpoint: Endpoint::of(Environment::Real, Market::Krx)
            .at(&sim.rest_url(), "ws://127.0.0.1:1"),
        credentials: Credentials::new("PSTESTKEY", "TESTSECRET"),
        clock: wrong,
        requests_per_second: 18.0,
        token_store: None,
        lock_dir: None,
    };
    // Nothing is kept: every call is a request.
    let nothing = CacheTimes {
        price: Duration::ZERO,
        book: Duration::ZERO,
        executions: Duration::ZERO,
        candles: Duration::ZERO,
    };
    let kis = Kis::with_cache(options, nothing).unwrap();
    let code = StockCode::parse("005930").unwrap();
    for _ in 0..6 {
        let answer = kis.quote(code, Priority::User).await.unwrap();
        assert!(answer.sent <= answer.answered);
        // A corrected clock may still be off by half a second.
        assert!(answer.sent.ms_since(right.now()) < 1_000, "{answer:?}");
        assert!(-3_000 < answer.sent.ms_since(morning), "{answer:?}");
    }
    // By now enough answers agree.
    assert!(wrong.now().ms_since(right.now()).abs() < 1_500);
}
