//! What proves that a live link is late, and what does not.

use super::*;
use crate::domain::{Day, Minute};

const RIGHT: Option<i64> = Some(0);

fn at(second: i64) -> Moment {
    let day = Day::from_ymd(2026, 11, 20).unwrap();
    day.at(Minute::hm(10, 0)).plus_secs(second)
}

fn open() -> MarketPhase {
    MarketPhase::Open { until: at(10_000) }
}

fn auction() -> MarketPhase {
    MarketPhase::ClosingAuction { until: at(10_000) }
}

#[test]
fn frames_are_late_by_the_brokers_clock_only() {
    let mut pace = Pace::begun(at(0));
    let now = at(10).plus_ms(400);
    pace.frame(at(9), now);
    assert_eq!(pace.delay(open(), now, RIGHT), None, "within the second");
    // The clock here is five seconds behind the broker's.
    let late = Some(Delay::Late { ms: 6_400 });
    assert_eq!(pace.delay(open(), now, Some(5_000)), late);
    assert_eq!(pace.delay(open(), now, None), None, "nobody knows");
    let now = at(20);
    pace.frame(at(16), now);
    assert_eq!(
        pace.delay(open(), now, RIGHT).map(Delay::seconds),
        Some(4),
        "held up on the way"
    );
    assert_eq!(pace.delay(open(), now, Some(-4_000)), None);
    // A time to come hides nothing of what is late after it.
    pace.frame(at(4_000), at(21));
    pace.frame(at(18), at(22));
    assert_eq!(
        pace.delay(open(), at(22), RIGHT).map(Delay::seconds),
        Some(4)
    );
}

#[test]
fn an_old_second_is_no_news_and_a_late_one_no_news_for_long() {
    let mut pace = Pace::begun(at(0));
    pace.frame(at(30), at(30));
    pace.frame(at(3), at(31));
    assert_eq!(pace.delay(open(), at(31), RIGHT), None, "told once more");
    pace.frame(at(35), at(40));
    assert!(pace.delay(open(), at(45), RIGHT).is_some());
    assert_eq!(pace.delay(open(), at(51), RIGHT), None, "long ago");
    pace.frame(at(55), at(60));
    assert!(pace.delay(open(), at(61), RIGHT).is_some());
    pace.heartbeat(at(62));
    assert_eq!(pace.delay(open(), at(62), RIGHT), None, "it flows again");
}

#[test]
fn silence_is_measured_by_the_links_own_heartbeats() {
    let mut pace = Pace::begun(at(0));
    pace.heartbeat(at(12));
    pace.heartbeat(at(25));
    assert_eq!(pace.delay(auction(), at(51), RIGHT), None);
    let silent = Some(Delay::Silent { ms: 27_000 });
    assert_eq!(pace.delay(auction(), at(52), RIGHT), silent);
    assert_eq!(pace.delay(open(), at(52), None), silent, "of no clock's");
    pace.frame(at(52), at(52));
    assert_eq!(pace.delay(open(), at(60), RIGHT), None);
    // A host that sends one every 110 s.
    let mut slow = Pace::begun(at(0));
    slow.heartbeat(at(5));
    slow.heartbeat(at(115));
    assert_eq!(slow.delay(open(), at(225), RIGHT), None);
}

#[test]
fn without_heartbeats_only_long_silence_in_trading_counts() {
    let mut pace = Pace::begun(at(0));
    pace.frame(at(2), at(2));
    assert_eq!(pace.delay(open(), at(62), RIGHT), None);
    let silent = Some(Delay::Silent { ms: 61_000 });
    assert_eq!(pace.delay(open(), at(63), RIGHT), silent);
    assert_eq!(pace.delay(auction(), at(63), RIGHT), None);
    let closed = MarketPhase::Closed { opens: at(10_000) };
    assert_eq!(pace.delay(closed, at(63), RIGHT), None);
    pace.clock_moved(at(3_000));
    assert_eq!(pace.delay(open(), at(3_001), RIGHT), None);
    let none = Pace::default();
    assert_eq!(none.delay(open(), at(5_000), RIGHT), None, "no link");
}
