//! Situations of their own.

use std::rc::Rc;

use jeongbae::conditions::Repeat;
use jeongbae::domain::{Minute, Moment, StockCode};
use jeongbae::engine::Command;

use jeongbae::conditions::Expr;
use jeongbae::domain::Timeframe;

use crate::check::{Joined, differences};
use crate::tape::Tape;
use crate::world::{Action, World};
use crate::{CODES, FOLD, code, config, day, joined};

#[test]
fn a_stock_put_on_the_list_taken_off_and_put_on_again_rings_only_while_it_is_there() {
    let codes: Vec<StockCode> = CODES[..3].iter().map(|c| code(c)).collect();
    let from = day("20261112").at(Minute::hm(10, 3)).plus_ms(20_000);
    let at = |minute: u16| day("20261112").at(Minute::hm(10, minute)).plus_ms(31_000);
    let (mut config, mut rules) = config(&codes[..2], FOLD);
    // Once is once and a day is a day, whatever happens to the list.
    let free = |repeat| !matches!(repeat, Repeat::Once | Repeat::OncePerDay);
    config.rules.retain(|rule| free(rule.repeat));
    rules.retain(|rule| free(rule.repeat));
    let mut world = World::new(Rc::new(Tape::new(5)), config, from, 5);
    world.broker.codes = codes.clone();
    world.start();
    let guest = codes[2];
    let watch = || {
        Action::Do(Command::Watch {
            code: guest,
            group: "새 그룹".to_owned(),
        })
    };
    world.at(at(10), watch());
    world.at(at(30), Action::Do(Command::Unwatch(guest)));
    world.at(at(41), watch());
    let until = at(58);
    world.run_until(until.plus_secs(60));
    let mut all = joined(&codes[..2], from, until);
    for (from, until) in [(at(10), at(30)), (at(41), until)] {
        all.push(Joined {
            code: guest,
            from,
            until,
        });
    }
    let (tally, text) = differences(&world, &rules, &all, &[]);
    assert!(text.is_empty(), "{text}");
    assert!(
        world.told.iter().any(|told| told.key.code == guest),
        "{tally:?}"
    );
}

#[test]
fn without_past_minutes_nothing_is_judged_before_today_has_enough_bars() {
    let codes: Vec<StockCode> = CODES[..2].iter().map(|c| code(c)).collect();
    let today = day("20261112");
    let mut tape = Tape::new(2);
    for code in &codes {
        tape.listed.insert(*code, today);
    }
    let (mut config, rules) = config(&codes, FOLD);
    config.past_minutes = false;
    let from = today.at(Minute::hm(9, 2)).plus_ms(5_000);
    let mut world = World::new(Rc::new(tape), config, from, 2);
    world.broker.codes = codes.clone();
    world.start();
    let until: Moment = today.at(Minute::hm(9, 55));
    world.run_until(until.plus_secs(30));
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &[]);
    assert!(text.is_empty(), "{text}");
    assert!(0 < tally.standing);
    assert_eq!(world.broker.past_pages, 0);
}

#[test]
fn days_of_sleep_are_made_up_for_in_order_and_late() {
    let codes: Vec<StockCode> = CODES[1..4].iter().map(|c| code(c)).collect();
    let (config, rules) = config(&codes, FOLD);
    let from = day("20261111").at(Minute::hm(14, 40)).plus_ms(5_000);
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 1);
    world.broker.codes = codes.clone();
    world.start();
    world.at(
        from.plus_secs(600),
        Action::Sleep(2 * 86_400_000 - 5 * 3_600_000),
    );
    let until = day("20261113").at(Minute::hm(10, 11));
    world.run_until(until.plus_secs(120));
    // Until the past is caught up with, nobody can say late from slow.
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.late, "{tally:?}");
}

/// One busy stock under one rule that needs 61 bars of 30 minutes.
fn long_rule(seed: u64, from: Moment) -> World {
    let codes = [code(CODES[0])];
    let (mut config, _) = config(&codes, FOLD);
    let mut rule = config.rules.remove(0);
    rule.expr = Expr::parse("close crosses above ma60").unwrap();
    rule.timeframe = Timeframe::Minutes(30);
    config.rules = vec![rule];
    config.columns = vec![];
    let mut world = World::new(Rc::new(Tape::new(seed)), config, from, seed);
    world.broker.codes = codes.to_vec();
    world.start();
    world
}

/// With two bars of today: four days of 13 bars and seven bars of the day before them.
const LONG_ROWS: usize = 4 * 381 + 200 + 1;

#[test]
fn history_takes_the_fewest_calls_also_when_it_is_interrupted() {
    let from = day("20261112").at(Minute::hm(10, 7));
    let mut world = long_rule(2, from);
    world.run_until(from.plus_secs(60));
    assert_eq!(world.broker.past_pages, LONG_ROWS.div_ceil(120));
    for after in 1..6 {
        let mut world = long_rule(2, from);
        world.at(from.plus_ms(after * 700), Action::Kill(3_000));
        world.run_until(from.plus_secs(60));
        let pages = world.broker.past_pages;
        // At most what was on its way, or not yet on disk, is asked for twice.
        assert!(pages <= LONG_ROWS.div_ceil(120) + 2, "{pages} pages");
    }
}
