//! What happens to rows for which the disk has no room.

use super::*;
use crate::domain::{Candle, Day, Minute, MinuteRow, Moment, StockCode};
use crate::engine::Head;
use crate::kis::{Credentials, Endpoint, Environment, KisOptions};

fn code() -> StockCode {
    StockCode::parse("005930").unwrap()
}

fn today() -> Day {
    Day::from_ymd(2026, 11, 20).unwrap()
}

/// Nothing answers at the broker's address; nothing is asked of it either.
fn means() -> Means {
    let clock = Clock::simulated(Moment(today().at(Minute::hm(10, 0)).0), 1.0);
    let endpoint = Endpoint::of(Environment::Real, Market::Krx);
    let kis = Kis::new(KisOptions {
        endpoint: endpoint.at("http://127.0.0.1:1", "ws://127.0.0.1:1"),
        credentials: Credentials::new("NOT-A-KEY", "NOT-A-SECRET"),
        clock,
        requests_per_second: 18.0,
        token_store: None,
        lock_dir: None,
    });
    Means {
        kis: kis.unwrap(),
        stream: StreamOptions::default(),
        store: Store::in_memory().unwrap(),
        market: Market::Krx,
        lists: None,
        clock,
        file: None,
        reports: None,
        reach: None,
    }
}

fn save(from: u16, to: u16) -> Effect {
    let minute = |n: u16| Minute::hm(9, 0).plus(i32::from(n));
    let row = |n| MinuteRow {
        day: today(),
        minute: minute(n),
        candle: Candle::flat(70_000),
    };
    Effect::SaveRows {
        code: code(),
        day: today(),
        known: minute(from)..minute(to),
        rows: (from..to).map(row).collect(),
    }
}

/// What a start would find.
async fn kept(performer: &Performer, inbox: &mut mpsc::Receiver<Event>) -> Vec<Head> {
    let from = today();
    performer.perform(Effect::LoadStock { code: code(), from });
    loop {
        if let Event::Loaded(loaded) = inbox.recv().await.unwrap() {
            return loaded.heads;
        }
    }
}

#[tokio::test]
async fn rows_that_find_no_room_are_said_to_be_missing_and_leave_no_hole() {
    let (events, mut inbox) = mpsc::channel(64);
    let performer = Performer::start(means(), events);
    performer.perform(save(0, 10));
    // Until this test waits for something, nobody takes from the queue.
    for _ in 1..STORE_QUEUE {
        let name: Arc<str> = "가상전자".into();
        performer.perform(Effect::SaveName { code: code(), name });
    }
    performer.perform(save(10, 20));
    let unsaved = Event::RowsUnsaved {
        code: code(),
        day: today(),
    };
    let mut said = Vec::new();
    while said.len() < 2 {
        said.push(inbox.recv().await.unwrap());
    }
    assert!(
        said.iter()
            .any(|event| matches!(event, Event::RowsUnsaved { code: of, .. } if *of == code()))
    );
    assert!(said.iter().any(|event| matches!(event, Event::Trouble(_))));
    // There is room again, but the next rows do not join on.
    let held = kept(&performer, &mut inbox).await;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].known.end, Minute::hm(9, 10));
    performer.perform(save(20, 25));
    let event = inbox.recv().await.unwrap();
    assert!(format!("{event:?}") == format!("{unsaved:?}"), "{event:?}");
    assert_eq!(kept(&performer, &mut inbox).await, held);
    // All of them again.
    performer.perform(save(0, 25));
    let held = kept(&performer, &mut inbox).await;
    assert_eq!(held[0].known, Minute::hm(9, 0)..Minute::hm(9, 25));
    assert_eq!(held[0].rows.len(), 25);
    performer.finish().await;
}
