//! Bars put before others, page by page, against all bars made at once by the naive rule.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::bars::BarRules;
use crate::domain::{Calendar, Candle, ClosingAuction, Day, Market, MinuteRow, StockCode};
use crate::engine::track::{Track, Want};

const MINUTES: [u16; 5] = [1, 3, 30, 60, 240];

/// Every minute that trades on a day: each by a coin, from a first minute on, or none at all.
fn a_day() -> impl Strategy<Value = Vec<(u16, i64)>> {
    let trades = (540_u16..931, 1_u16..120, 1_i64..500);
    prop_oneof![
        1 => Just(Vec::new()),
        5 => trades.prop_map(|(first, step, seed)| {
            (first..931)
                .step_by(usize::from(step))
                .filter(|minute| *minute < 920 || *minute == 930)
                .map(|minute| (minute, 1_000 + seed * 7 + i64::from(minute) % 13))
                .collect()
        }),
    ]
}

fn rows(day: Day, trades: &[(u16, i64)]) -> Vec<MinuteRow> {
    let row = |&(minute, price): &(u16, i64)| MinuteRow {
        day,
        minute: Minute(minute),
        candle: Candle {
            high: price + 3,
            low: price - 2,
            close: price + 1,
            volume: 5,
            ..Candle::flat(price)
        },
    };
    trades.iter().map(row).collect()
}

/// One day after the other, the close before carried on.
fn naive(
    sessions: &Sessions<'_>,
    minutes: u16,
    (from, held): (Moment, &BTreeMap<Day, Vec<MinuteRow>>),
) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for (&day, rows) in held {
        let hours = sessions.calendar.hours(day, sessions.market).unwrap();
        let previous = bars.last().map(|bar| bar.candle.close);
        let all = Minute(1_440);
        let of_day = sessions
            .bars
            .fold_day(&hours, day, minutes, rows, previous, all);
        bars.extend(of_day.into_iter().filter(|bar| from <= bar.opened));
    }
    bars
}

proptest! {
    #[test]
    fn pages_add_up_to_the_bars_of_all_rows(
        days in proptest::collection::vec(a_day(), 1..9),
        page in 5_usize..200,
        columns in any::<bool>(),
    ) {
        let calendar = Calendar::new();
        let bars = BarRules { auction: ClosingAuction::Fold, regular_session_only: true };
        let sessions = Sessions { calendar: &calendar, market: Market::Krx, bars: &bars };
        let today = Day::from_ymd(2026, 11, 20).unwrap();
        let mut open = calendar.open_days_before(today, days.len());
        open.sort_unstable();
        let all: Vec<MinuteRow> =
            open.iter().zip(&days).flat_map(|(day, trades)| rows(*day, trades)).collect();
        let mut stock = Stock::new(StockCode::parse("005930").unwrap());
        for minutes in MINUTES {
            let mut track = Track::new(Timeframe::Minutes(minutes));
            track.fit(Want { need: 1, whole: !columns, kept: !columns, ..Want::default() });
            stock.tracks.push(track);
        }
        let now = today.at(Minute::hm(8, 0));
        for index in 0..MINUTES.len() {
            stock.refresh_track(index, now, &sessions);
        }
        while let Some(asked) = stock.history.next_page(&sessions, today) {
            let upto = all.partition_point(|row| (row.day, row.minute) <= asked);
            let served = &all[upto.saturating_sub(page)..upto];
            stock.history.take_page(&sessions, asked, served);
            // What is known: from the oldest row served on, or the whole day if it began before.
            let oldest = served.first().map(|row| (row.day, row.minute));
            for (index, minutes) in MINUTES.into_iter().enumerate() {
                stock.tracks[index].older = true;
                stock.refresh_track(index, now, &sessions);
                let track = &stock.tracks[index];
                prop_assert!(!track.dirty);
                let Some((day, minute)) = oldest else { continue };
                let first = sessions.labels(day).unwrap().0;
                let from = if minute <= first { day.at(Minute(0)) } else { day.at(minute) };
                let held: BTreeMap<Day, Vec<MinuteRow>> = open
                    .iter()
                    .filter(|open| day <= **open)
                    .map(|open| {
                        let known = |row: &&MinuteRow| {
                            row.day == *open && (day < row.day || minute <= row.minute)
                        };
                        (*open, all.iter().filter(known).copied().collect())
                    })
                    .collect();
                let expected = naive(&sessions, minutes, (from, &held));
                let have = track.series.bars();
                prop_assert_eq!(track.base, have.len());
                if columns {
                    // The newest, and so many that the columns have what they need.
                    prop_assert!(expected.ends_with(have));
                    prop_assert!(expected.len().min(track.most()) <= have.len());
                } else {
                    prop_assert_eq!(have, &expected[..]);
                }
            }
        }
        prop_assert_eq!(stock.history.next_page(&sessions, today), None);
    }

    /// Fewer bars wanted, and all of them again.
    #[test]
    fn what_was_let_go_comes_back(days in proptest::collection::vec(a_day(), 4..9)) {
        let calendar = Calendar::new();
        let bars = BarRules { auction: ClosingAuction::Fold, regular_session_only: true };
        let sessions = Sessions { calendar: &calendar, market: Market::Krx, bars: &bars };
        let today = Day::from_ymd(2026, 11, 20).unwrap();
        let mut open = calendar.open_days_before(today, days.len());
        open.sort_unstable();
        let mut stock = Stock::new(StockCode::parse("005930").unwrap());
        for (day, trades) in open.iter().zip(&days) {
            stock.history.insert(&sessions, *day, &rows(*day, trades));
        }
        let now = today.at(Minute::hm(8, 0));
        let whole = Want { whole: true, ..Want::default() };
        stock.tracks.push(Track::new(Timeframe::Minutes(1)));
        stock.tracks[0].fit(whole);
        stock.refresh_track(0, now, &sessions);
        let all = stock.tracks[0].series.clone();
        stock.tracks[0].fit(Want::default());
        let few = stock.tracks[0].series.clone();
        prop_assert!(all.bars().ends_with(few.bars()));
        prop_assert!(all.len().min(stock.tracks[0].most()) <= few.len());
        prop_assert_eq!(stock.tracks[0].base, few.len());
        stock.tracks[0].dirty = true;
        stock.refresh_track(0, now, &sessions);
        prop_assert_eq!(&stock.tracks[0].series, &few);
        stock.tracks[0].fit(whole);
        stock.refresh_track(0, now, &sessions);
        prop_assert_eq!(&stock.tracks[0].series, &all);
    }
}
