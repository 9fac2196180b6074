//! Where the broker's charts end is learned once, and not again at each start.

use std::rc::Rc;

use jeongbae::conditions::Expr;
use jeongbae::domain::packed::PackedDay;
use jeongbae::domain::{
    Board, Day, ListedStock, Listing, Market, Minute, Moment, Quote, RuleKey, Shares, Timeframe,
    Won,
};
use jeongbae::engine::{Effect, Event, Listed, Loaded, Remembered, Rows, State, Timed};
use jeongbae::search::Index;

use crate::tape::Tape;
use crate::world::{Action, World};
use crate::{CODES, FOLD, code, config, day};

/// One stock, listed on `listed`, under one rule.
fn young(from: Moment, listed: Day, timeframe: Timeframe, rule: &str) -> World {
    let codes = [code(CODES[0])];
    let (mut config, _) = config(&codes, FOLD);
    let mut only = config.rules.remove(0);
    only.expr = Expr::parse(rule).unwrap();
    only.timeframe = timeframe;
    config.rules = vec![only];
    config.columns = vec![];
    let mut world = World::new(Rc::new(Tape::new(2)), config, from, 2);
    world.broker.codes = codes.to_vec();
    world.broker.listed = Some(listed);
    world
}

#[test]
fn minutes_the_broker_does_not_have_are_not_asked_for_at_the_next_start() {
    let from = day("20261112").at(Minute::hm(10, 7));
    for substitutes_later in [false, true] {
        // Three days of 13 bars, where 61 are needed.
        let listed = day("20261109");
        let rule = "close crosses above ma60";
        let mut world = young(from, listed, Timeframe::Minutes(30), rule);
        world.broker.substitutes_later = substitutes_later;
        world.start();
        world.at(from.plus_secs(90), Action::Kill(3_000));
        world.run_until(from.plus_secs(89));
        let first = world.broker.past_pages;
        // Three whole days, and at least one page that says that there is nothing more.
        assert!((3 * 381usize).div_ceil(120) < first, "{first} pages");
        world.run_until(from.plus_secs(240));
        assert_eq!(world.broker.past_pages, first, "{substitutes_later}");
    }
}

#[test]
fn bars_held_are_told_once_a_second_against_the_longest_need_and_to_the_last() {
    let from = day("20261112").at(Minute::hm(10, 7));
    let thirty = Timeframe::Minutes(30);
    let long = young(from, day("20261109"), thirty, "close crosses above ma60");
    let long = long.config.rules[0].clone();
    let mut short = long.clone();
    short.expr = Expr::parse("close > ma5").unwrap();
    short.key = RuleKey(7);
    short.name = "short".into();
    for rules in [[1, 0], [0, 1]] {
        let both = [long.clone(), short.clone()];
        let mut world = young(from, day("20261109"), thirty, "close > 1");
        world.config.rules = rules.map(|at| both[at].clone()).to_vec();
        world.start();
        world.run_until(from.plus_secs(40));
        let told = &world.history;
        for pair in told.windows(2) {
            assert!(1_000 <= pair[1].4.ms_since(pair[0].4), "{pair:?}");
        }
        assert!(told.iter().all(|line| line.3 == 61), "{told:?}");
        // Three days of 13 bars, and two of today.
        assert_eq!(told.last().map(|line| line.2), Some(41), "{told:?}");
        assert!(3 <= told.len(), "{told:?}");
    }
}

#[test]
fn days_the_broker_does_not_have_are_not_asked_for_at_the_next_start() {
    let from = day("20261112").at(Minute::hm(10, 7));
    // More days than a page has, and fewer than the rule needs.
    let rule = "close crosses above ma200";
    let mut world = young(from, day("20260601"), Timeframe::Day, rule);
    world.start();
    world.at(from.plus_secs(90), Action::Kill(3_000));
    world.run_until(from.plus_secs(89));
    assert_eq!(world.broker.period_pages, 2);
    world.run_until(from.plus_secs(240));
    // The newest page alone.
    assert_eq!(world.broker.period_pages, 3);
}

#[test]
fn bars_of_before_an_absence_longer_than_a_page_of_days_are_fetched_again() {
    let now = day("20261112").at(Minute::hm(10, 7));
    let (code, tape) = (code(CODES[0]), Tape::new(2));
    let days = |from: &str, to: &str| tape.daily(code, day(from), day(to), now.day());
    // Days served, and whether a close of theirs is held too.
    for (page_from, joins) in [("20260601", false), ("20260101", true)] {
        let (config, _) = config(&[code], FOLD);
        let full = config.pages.period;
        let calendar = tape.calendar.clone();
        let mut out = Vec::new();
        let mut state = State::new(config, calendar, Remembered::default(), now, &mut out);
        let listed = day("20260302");
        let loaded = Loaded {
            code: Some(code),
            days: vec![(listed, PackedDay::new(&tape.rows(code, listed, now.day())))],
            daily: days("20260105", "20260302"),
            ..Loaded::default()
        };
        state.apply(now, Event::Loaded(Box::new(loaded)), &mut out);
        let rows = days(page_from, "20261111");
        assert!(full <= rows.len());
        for again in [false, true] {
            let page = Event::Period {
                code,
                timeframe: Timeframe::Day,
                to: now.day(),
                answer: Ok(Timed {
                    value: Rows {
                        name: None,
                        rows: rows.clone(),
                    },
                    sent: now,
                    answered: now,
                }),
            };
            out.clear();
            state.apply(now, page, &mut out);
            let forgotten = out.contains(&Effect::ForgetStock(code));
            assert_eq!(forgotten, !joins && !again, "{page_from} {again}");
        }
    }
}

#[test]
fn a_split_in_the_morning_s_list_has_the_day_chart_fetched_again_on_any_venue() {
    let today = day("20261112");
    let (code, tape) = (code(CODES[0]), Tape::new(2));
    let halved = |held: &[jeongbae::domain::DailyRow]| {
        let mut rows = held.to_vec();
        for row in &mut rows {
            for price in [
                &mut row.candle.open,
                &mut row.candle.high,
                &mut row.candle.low,
                &mut row.candle.close,
            ] {
                *price /= 2;
            }
        }
        rows
    };
    for (market, flagged) in [
        (Market::Krx, true),
        (Market::Unified, true),
        (Market::Unified, false),
    ] {
        let (mut config, _) = config(&[code], FOLD);
        config.market = market;
        config.rules.clear();
        let mut out = Vec::new();
        let midnight = today.at(Minute(1));
        let calendar = tape.calendar.clone();
        let mut state = State::new(config, calendar, Remembered::default(), midnight, &mut out);
        let held = tape.daily(code, day("20260601"), day("20261111"), day("20261111"));
        let loaded = Loaded {
            code: Some(code),
            daily: held.clone(),
            ..Loaded::default()
        };
        state.apply(midnight, Event::Loaded(Box::new(loaded)), &mut out);
        let page = |now: Moment, rows: Vec<_>| {
            let value = Rows { name: None, rows };
            let event = Event::Period {
                code,
                timeframe: Timeframe::Day,
                to: today,
                answer: Ok(Timed {
                    value,
                    sent: now,
                    answered: now,
                }),
            };
            (now, event)
        };
        // The night's page: the broker has rescaled nothing yet.
        let (now, event) = page(midnight.plus_secs(2), held.clone());
        out.clear();
        state.apply(now, event, &mut out);
        assert!(!out.contains(&Effect::ForgetStock(code)), "{market:?}");
        // The list of the morning.
        let morning = today.at(Minute::hm(7, 31));
        let stock = ListedStock {
            rescaled: flagged,
            ..ListedStock::plain(code, "가상", Board::Kospi)
        };
        let listing = Listing::new(vec![stock], Some(morning));
        let listed = Listed {
            index: Some(Index::new(listing.into()).into()),
            asked: true,
            trouble: None,
        };
        let asks_days = |out: &[Effect]| {
            let days = |effect: &&Effect| {
                let (of, to) = match effect {
                    Effect::FetchPeriod { timeframe, to, .. } => (timeframe, to),
                    _ => return false,
                };
                *of == Timeframe::Day && *to == today
            };
            out.iter().filter(days).count()
        };
        out.clear();
        state.apply(morning, Event::Listed(listed.clone()), &mut out);
        assert_eq!(asks_days(&out), usize::from(flagged), "{market:?}");
        if !flagged {
            continue;
        }
        let (now, event) = page(morning.plus_secs(1), halved(&held));
        out.clear();
        state.apply(now, event, &mut out);
        assert!(out.contains(&Effect::ForgetStock(code)), "{market:?}");
        // What is fetched after the list need not be fetched for its sake.
        let (now, event) = page(morning.plus_secs(2), halved(&held));
        state.apply(now, event, &mut out);
        out.clear();
        state.apply(morning.plus_secs(3), Event::Listed(listed), &mut out);
        assert_eq!(asks_days(&out), 0, "{market:?}");
    }
}

#[test]
fn a_base_price_that_is_not_the_last_price_is_a_split_on_the_exchange_alone() {
    let today = day("20261112");
    let (code, tape) = (code(CODES[0]), Tape::new(2));
    let before = day("20261111");
    let held = tape.daily(code, day("20260601"), before, before);
    let close = held.last().unwrap().candle.close;
    // The other venues go on after the close that the base price rests on.
    for (market, base, split) in [
        (Market::Krx, close, false),
        (Market::Krx, close / 2, true),
        (Market::Nxt, close + 500, false),
        (Market::Unified, close + 500, false),
    ] {
        let (mut config, _) = config(&[code], FOLD);
        config.market = market;
        let now = today.at(Minute::hm(9, 30));
        let mut out = Vec::new();
        let calendar = tape.calendar.clone();
        let mut state = State::new(config, calendar, Remembered::default(), now, &mut out);
        let loaded = Loaded {
            code: Some(code),
            daily: held.clone(),
            ..Loaded::default()
        };
        state.apply(now, Event::Loaded(Box::new(loaded)), &mut out);
        let timed = |rows: Vec<_>| Timed {
            value: Rows { name: None, rows },
            sent: now,
            answered: now,
        };
        let page = Event::Period {
            code,
            timeframe: Timeframe::Day,
            to: today,
            answer: Ok(timed(held.clone())),
        };
        state.apply(now, page, &mut out);
        let quote = Quote {
            code,
            price: Won(base),
            change: Won(0),
            base: Won(base),
            day_open: Won(base),
            day_high: Won(base),
            day_low: Won(base),
            upper_limit: Won(base * 2),
            lower_limit: Won(1),
            day_volume: Shares(1),
            day_value: 1,
            halted: Some(false),
            interrupted: Some(false),
        };
        let answer = Ok(Timed {
            value: quote,
            sent: now,
            answered: now,
        });
        state.apply(now, Event::Quoted { code, answer }, &mut out);
        let forgotten = out.contains(&Effect::ForgetStock(code));
        assert_eq!(forgotten, split, "{market:?} {base}");
    }
}
