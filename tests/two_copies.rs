//! Two copies of the program with one app key: one realtime session, one token a minute, and the
//! second copy says what it waits for, polls, and takes over.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::time::{Duration, Instant};

use jeongbae::domain::{Day, Minute};
use jeongbae::engine::{Freshness, LinkState};
use jeongbae::sim::SimOptions;
use support::rig::{Broker, Build, Rig};

const CONFIG: &str = "[screen]\ncolumns = [\"1m\"]\n[averages]\nperiods = [2, 3]\n\
                      [[watchlist]]\ngroup = \"a\"\ncodes = [\"005930\", \"000660\"]\n";

#[test]
fn a_second_copy_says_so_polls_and_takes_over() {
    let broker = Broker::start(SimOptions {
        seed: 41,
        start: Day::from_ymd(2026, 11, 17).map(|day| day.at(Minute::hm(10, 0))),
        speed: 20.0,
        ..SimOptions::default()
    });
    let dir = tempfile::tempdir().unwrap();
    let locks = dir.path().join("run");
    let start = |name: &str| {
        let data = dir.path().join(name);
        std::fs::create_dir(&data).unwrap();
        Rig::start(Build {
            lock_dir: Some(&locks),
            ..Build::on(&broker, CONFIG, &data)
        })
    };
    let live = |rig: &mut Rig| {
        rig.wait_until("a live link", |p, _| {
            (p.link.state == LinkState::Live).then_some(())
        });
    };
    let mut first = start("first");
    live(&mut first);
    let mut second = start("second");
    second.wait_until("the reason", |p, _| {
        let told = p.link.reason.as_ref()?.to_string().contains("다른 정배");
        (told && p.link.state == LinkState::Connecting).then_some(())
    });
    // Its token comes a minute after the first one's; then prices do, without a socket.
    second.wait_until("polled prices", |p, _| {
        let polled = p.rows.iter().filter_map(|row| row.quote);
        (p.rows.len() == polled.filter(|q| q.freshness == Freshness::Polled).count()).then_some(())
    });
    let seen = broker.sim().counters();
    // Of sockets one at a time, and none that pushed another out. (A busy machine may need a second
    // try for each; how far apart tokens are asked for is tested where time is virtual.)
    assert_eq!(
        (seen.sockets_open, seen.sockets_dropped),
        (1, 0),
        "{seen:?}"
    );
    assert!(2 <= seen.token_answers, "{seen:?}");
    first.finish();
    live(&mut second);
    second.finish();
    // Both left in good order: nothing is registered, nothing is open.
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let seen = broker.sim().counters();
        if (seen.registrations, seen.sockets_open) == (0, 0) {
            assert!(
                2 <= seen.sockets_opened && seen.sockets_dropped == 0,
                "{seen:?}"
            );
            break;
        }
        assert!(Instant::now() < deadline, "{seen:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
