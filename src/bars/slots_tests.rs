//! Tables of the grid.

use super::*;
use crate::domain::{Calendar, ClosingAuction::*, Day, Market};

fn hours(day: &str, market: Market) -> SessionHours {
    let day = Day::parse_compact(day).unwrap();
    Calendar::new().hours(day, market).unwrap()
}

const ORDINARY: &str = "20261120";
const EXAM: &str = "20261119";
const NEW_YEAR: &str = "20260102";

fn rules(auction: ClosingAuction) -> BarRules {
    BarRules {
        auction,
        regular_session_only: true,
    }
}

/// `HH:MM-HH:MM(HH:MM)`: opening, end, newest label.
fn text(slot: Slot) -> String {
    format!("{}-{}({})", slot.open, slot.end, slot.last_label)
}

#[track_caller]
fn check(
    rules: BarRules,
    hours: SessionHours,
    minutes: u16,
    count: usize,
    first: &str,
    last: &str,
) {
    let slots = rules.slots(&hours, minutes);
    assert_eq!(slots.len(), count, "{minutes}m");
    assert_eq!(text(slots[0]), first, "{minutes}m");
    assert_eq!(text(slots[count - 1]), last, "{minutes}m");
}

#[test]
fn an_ordinary_day_with_the_auction_folded() {
    let day = hours(ORDINARY, Market::Krx);
    let fold = rules(Fold);
    for (minutes, count, first, last) in [
        (1, 381, "09:00-09:01(09:00)", "15:30-15:31(15:30)"),
        (3, 127, "09:00-09:03(09:02)", "15:18-15:31(15:30)"),
        (5, 76, "09:00-09:05(09:04)", "15:15-15:31(15:30)"),
        (10, 38, "09:00-09:10(09:09)", "15:10-15:31(15:30)"),
        (15, 26, "09:00-09:15(09:14)", "15:15-15:31(15:30)"),
        (30, 13, "09:00-09:30(09:29)", "15:00-15:31(15:30)"),
        (60, 7, "09:00-10:00(09:59)", "15:00-15:31(15:30)"),
        (120, 4, "09:00-11:00(10:59)", "15:00-15:31(15:30)"),
        (240, 2, "09:00-13:00(12:59)", "13:00-15:31(15:30)"),
    ] {
        check(fold, day, minutes, count, first, last);
    }
    // On 1m the bar before the auction closes with its own minute.
    assert_eq!(text(fold.slots(&day, 1)[379]), "15:19-15:20(15:19)");
}

#[test]
fn an_ordinary_day_with_the_auction_on_its_own() {
    let day = hours(ORDINARY, Market::Krx);
    for (minutes, count, before) in [
        (1, 381, "15:19-15:20(15:19)"),
        (5, 77, "15:15-15:20(15:19)"),
        (30, 14, "15:00-15:20(15:19)"),
        (60, 8, "15:00-15:20(15:19)"),
        (120, 5, "15:00-15:20(15:19)"),
        (240, 3, "13:00-15:20(15:19)"),
    ] {
        let slots = rules(OwnBar).slots(&day, minutes);
        assert_eq!(slots.len(), count, "{minutes}m");
        assert_eq!(text(slots[count - 2]), before, "{minutes}m");
        assert_eq!(text(slots[count - 1]), "15:30-15:31(15:30)", "{minutes}m");
    }
}

#[test]
fn the_exam_day_is_an_hour_later_and_new_year_an_hour_shorter() {
    let exam = hours(EXAM, Market::Krx);
    check(
        rules(Fold),
        exam,
        30,
        13,
        "10:00-10:30(10:29)",
        "16:00-16:31(16:30)",
    );
    check(
        rules(OwnBar),
        exam,
        240,
        3,
        "10:00-14:00(13:59)",
        "16:30-16:31(16:30)",
    );
    check(
        rules(Fold),
        exam,
        240,
        2,
        "10:00-14:00(13:59)",
        "14:00-16:31(16:30)",
    );
    let new_year = hours(NEW_YEAR, Market::Krx);
    check(
        rules(Fold),
        new_year,
        30,
        11,
        "10:00-10:30(10:29)",
        "15:00-15:31(15:30)",
    );
    check(
        rules(Fold),
        new_year,
        120,
        3,
        "10:00-12:00(11:59)",
        "14:00-15:31(15:30)",
    );
}

#[test]
fn nextrade_has_no_auction_and_ends_with_continuous_trading() {
    let nxt = hours(ORDINARY, Market::Nxt);
    for auction in [Fold, OwnBar] {
        check(
            rules(auction),
            nxt,
            30,
            13,
            "09:00-09:30(09:29)",
            "15:00-15:20(15:19)",
        );
        check(
            rules(auction),
            nxt,
            1,
            380,
            "09:00-09:01(09:00)",
            "15:19-15:20(15:19)",
        );
        check(
            rules(auction),
            nxt,
            240,
            2,
            "09:00-13:00(12:59)",
            "13:00-15:20(15:19)",
        );
    }
}

#[test]
fn minutes_that_count_for_no_bar() {
    let day = hours(ORDINARY, Market::Krx);
    let all_day = BarRules {
        regular_session_only: false,
        ..rules(Fold)
    };
    let at = |r: BarRules, h, m| r.slot_of(&day, 30, Minute::hm(h, m)).map(text);
    for (h, m) in [(15, 20), (15, 29), (7, 59), (20, 0)] {
        assert_eq!(at(rules(Fold), h, m), None);
        assert_eq!(at(all_day, h, m), None);
    }
    for (h, m) in [(8, 0), (8, 59), (15, 31), (15, 40), (16, 0), (19, 59)] {
        assert_eq!(at(rules(Fold), h, m), None);
        assert!(at(all_day, h, m).is_some(), "{h}:{m}");
    }
    assert_eq!(
        at(rules(Fold), 15, 30).as_deref(),
        Some("15:00-15:31(15:30)")
    );
}

#[test]
fn bars_before_and_after_the_session() {
    let all_day = |auction| BarRules {
        auction,
        regular_session_only: false,
    };
    let list = |auction, market, minutes| {
        let slots = all_day(auction).slots(&hours(ORDINARY, market), minutes);
        let outside = slots.into_iter().filter(|s| !s.regular);
        outside.map(text).collect::<Vec<_>>()
    };
    assert_eq!(
        list(Fold, Market::Krx, 60),
        [
            "08:00-09:00(08:59)",
            "15:31-16:00(15:59)",
            "16:00-17:00(16:59)",
            "17:00-18:00(17:59)",
            "18:00-19:00(18:59)",
            "19:00-20:00(19:59)"
        ]
    );
    assert_eq!(
        list(OwnBar, Market::Krx, 240),
        [
            "08:00-09:00(08:59)",
            "15:31-17:00(16:59)",
            "17:00-20:00(19:59)"
        ]
    );
    let half_hours = list(Fold, Market::Krx, 30);
    assert_eq!(
        half_hours[1..3],
        ["08:30-09:00(08:59)", "15:30-16:00(15:59)"]
    );
    let own = list(OwnBar, Market::Krx, 30);
    assert_eq!(own[2], "15:31-16:00(15:59)");
    assert_eq!(list(Fold, Market::Nxt, 60)[1], "15:30-16:00(15:59)");
}

#[test]
fn every_minute_of_a_slot_finds_it_and_openings_ascend() {
    for market in [Market::Krx, Market::Nxt, Market::Unified] {
        for day in [ORDINARY, EXAM, NEW_YEAR] {
            let hours = hours(day, market);
            for auction in [Fold, OwnBar] {
                for regular_session_only in [true, false] {
                    let rules = BarRules {
                        auction,
                        regular_session_only,
                    };
                    for minutes in [1, 3, 5, 10, 15, 30, 60, 120, 240] {
                        let slots = rules.slots(&hours, minutes);
                        assert!(slots.is_sorted_by(|a, b| a.open < b.open && a.end <= b.end));
                        for label in (0..1_440).map(Minute) {
                            let found = rules.slot_of(&hours, minutes, label);
                            if let Some(slot) = found {
                                assert!(slots.contains(&slot), "{label} {minutes}m {slot:?}");
                                assert!(slot.open <= label || Some(label) == hours.auction);
                                assert!(label <= slot.last_label && slot.last_label < slot.end);
                            }
                            assert!(found.is_some() || !hours.contains(label));
                        }
                    }
                }
            }
        }
    }
}
