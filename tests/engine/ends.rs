//! Where the broker's charts end is learned once, and not again at each start.

use std::rc::Rc;

use jeongbae::conditions::Expr;
use jeongbae::domain::{Day, Minute, Moment, Timeframe};

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
