//! The paper host and the venues it has no realtime feed of: what can be had is had by asking,
//! what cannot is said on the screen and never asked for.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use jeongbae::domain::{Day, InterruptionKind, Minute, StockCode, Timeframe};
use jeongbae::engine::{ChartState, Command, Freshness, LinkState, Part};
use jeongbae::sim::{Environment, Faults, Script, SimOptions};
use support::rig::{Broker, Build, Rig};

const INTERRUPTIONS: &str = "FHPST01390000";
/// What the paper host does not answer: past minutes, quotes of many, open days, interruptions.
const NOT_THERE: [&str; 4] = ["FHKST03010230", "FHKST11300006", "CTCA0903R", INTERRUPTIONS];

#[test]
fn the_real_host_tells_a_volatility_interruption_of_a_stock_without_a_window() {
    let broker = Broker::start(SimOptions {
        seed: 11,
        start: Day::from_ymd(2026, 11, 17).map(|day| day.at(Minute::hm(10, 1)).plus_secs(-20)),
        speed: 5.0,
        script: Script::parse("{\"at\": \"10:01:00\", \"vi\": \"000660\"}").unwrap(),
        ..SimOptions::default()
    });
    let config = "[screen]\ncolumns = [\"D\"]\n\
         [[watchlist]]\ngroup = \"관심\"\ncodes = [\"005930\", \"000660\"]\n";
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(Build::on(&broker, config, dir.path()));
    let told = |picture: &jeongbae::engine::Snapshot| {
        let told = picture.rows.iter().map(|row| row.quote?.interrupted);
        told.collect::<Vec<_>>()
    };
    rig.wait_until("the interruption", |picture, _| {
        (told(picture) == [None, Some(InterruptionKind::Static)]).then_some(())
    });
    rig.wait_until("its end", |picture, _| {
        (told(picture) == [None, None]).then_some(())
    });
    let now = broker.clock.now();
    let asked = broker.sim().counters().requests[INTERRUPTIONS];
    let seconds = now.ms_since(now.day().at(Minute::hm(10, 0)).plus_secs(40)) / 1_000;
    // Every fifteen seconds, of which an answer may take up one.
    let most = u64::try_from(seconds / 15 + 1).unwrap();
    assert!((2..=most).contains(&asked), "{asked} in {seconds} s");
    rig.finish();
}

#[test]
fn a_venue_without_a_feed_on_the_paper_host_is_polled_and_says_so() {
    for market in ["NX", "UN"] {
        let broker = Broker::start(SimOptions {
            seed: 11,
            start: Day::from_ymd(2026, 11, 17).map(|day| day.at(Minute::hm(9, 40))),
            speed: 5.0,
            calls_per_second: 1.0,
            faults: Faults {
                environment: Environment::Paper,
                ..Faults::default()
            },
            ..SimOptions::default()
        });
        let config = format!(
            "[kis]\nenvironment = \"paper\"\nmarket = \"{market}\"\n\
             [screen]\ncolumns = [\"1m\"]\n[averages]\nperiods = [3, 5]\n\
             [[watchlist]]\ngroup = \"관심\"\ncodes = [\"005930\"]\n\
             [[rule]]\nname = \"위\"\ntimeframe = \"1m\"\nwhen = \"close > ma3 or close < ma3\"\n"
        );
        let dir = tempfile::tempdir().unwrap();
        let mut rig = Rig::start(Build::on(&broker, &config, dir.path()));
        let code = StockCode::parse("005930").unwrap();
        rig.send(Command::OpenStock(code));
        rig.send(Command::ShowTimeframe(code, Timeframe::Minutes(1)));
        // Prices, book, executions and today's bars, all by asking.
        rig.wait_until("a window without a feed", |picture, _| {
            let view = picture.stocks.get(&code)?;
            let polled = view.quote?.freshness == Freshness::Polled;
            let book = matches!(view.book, Part::Ready { live: false, .. });
            let prints = matches!(view.prints, Part::Ready { live: false, .. });
            let bars = match &view.chart.state {
                ChartState::Ready { series, .. } => series.len(),
                _ => 0,
            };
            (polled && book && prints && 40 <= bars).then_some(())
        });
        // It stays so: nothing else keeps it up.
        let time = |picture: &jeongbae::engine::Snapshot| match &picture.stocks.get(&code)?.book {
            Part::Ready { at, .. } => Some(*at),
            _ => None,
        };
        let first = time(&rig.picture());
        rig.wait_until("a newer order book", |picture, _| {
            (first < time(picture)).then_some(())
        });
        let split = |notice: &jeongbae::engine::Notice| notice.text.to_string().contains("기준가");
        assert!(
            !rig.picture().notices.iter().any(split),
            "no split where there was none"
        );
        // The link says why it is not there, and the way out.
        let picture = rig.picture();
        assert_ne!(picture.link.state, LinkState::Live, "{market}");
        let reason = picture.link.reason.clone().unwrap().to_string();
        assert!(
            reason.contains("모의투자") && reason.contains("market"),
            "{reason}"
        );
        // Bars close and are judged all the same: rows without a socket are watching.
        let confirmed = |report: &jeongbae::engine::Report| {
            matches!(report, jeongbae::engine::Report::Trigger(signal)
                if signal.stage == jeongbae::domain::Stage::Confirmed)
        };
        rig.wait_until("a judged close", |_, reports| {
            reports.iter().any(confirmed).then_some(())
        });
        let counters = broker.sim().counters();
        assert_eq!(
            (
                counters.refused,
                counters.sockets_opened,
                counters.approvals
            ),
            (0, 0, 0)
        );
        for tr_id in NOT_THERE {
            assert!(
                !counters.requests.contains_key(tr_id),
                "{tr_id} was asked for"
            );
        }
        rig.finish();
    }
}
