//! What silence on the wire proves, and what it does not.

use std::rc::Rc;

use jeongbae::domain::{Minute, Moment, Source, StockCode};

use crate::check::differences;
use crate::rules::TestRule;
use crate::tape::Tape;
use crate::world::{Action, World};
use crate::{CODES, FOLD, code, config, day, joined};

/// Every print is lost.
const DEAF: Action = Action::SpoilPrints {
    lost: 1,
    doubled: 0,
    swapped: 0,
};
const WELL: Action = Action::SpoilPrints {
    lost: 0,
    doubled: 0,
    swapped: 0,
};

fn at(minute: u16) -> Moment {
    day("20261112").at(Minute::hm(10, minute))
}

/// Three busy stocks of a broker that leaves out the rows of minutes without a trade.
fn watching(from: Moment) -> (World, Vec<TestRule>, Vec<StockCode>) {
    let codes: Vec<StockCode> = CODES[..3].iter().map(|c| code(c)).collect();
    let (config, rules) = config(&codes, FOLD);
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 4);
    assert!(world.broker.drop_empty);
    world.broker.codes = codes.clone();
    (world, rules, codes)
}

/// Signals given on prints, of bars that closed from then on.
fn on_prints(world: &World, closed_from: Moment) -> Vec<String> {
    let told = world.told.iter();
    let given = told.filter(|told| {
        let end = world.disk.signals.get(&told.key).map(|s| s.bar_end);
        told.source == Source::Ticks && told.stage.stands() && Some(closed_from) <= end
    });
    given.map(|told| format!("{told:?}")).collect()
}

#[test]
fn a_registration_that_never_sent_a_print_does_not_prove_that_nothing_traded() {
    let from = at(7).plus_secs(13);
    let (mut world, rules, codes) = watching(from);
    // The broker takes the registrations and sends nothing, and its rows come six seconds late.
    world.at(from, DEAF);
    world.broker.lag_ms = 6_000;
    world.start();
    let until = at(40);
    world.run_until(until.plus_secs(90));
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}

#[test]
fn silence_does_not_prove_that_nothing_traded_before_the_next_print_has_come() {
    let from = at(7).plus_secs(13);
    let (mut world, rules, codes) = watching(from);
    world.broker.lag_ms = 6_000;
    world.start();
    // A whole minute's prints are lost, and when its row is asked for nobody knows of it yet.
    for minute in [12, 17, 22, 27] {
        world.at(at(minute).plus_ms(-500), DEAF);
        world.at(at(minute + 1).plus_secs(12), WELL);
    }
    let until = at(36);
    world.run_until(until.plus_secs(90));
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}

#[test]
fn without_rows_a_deaf_registration_judges_nothing() {
    let from = at(7).plus_secs(13);
    let (mut world, rules, codes) = watching(from);
    world.at(from, DEAF);
    world.start();
    world.at(at(20).plus_secs(10), Action::RefuseRest(600_000));
    world.run_until(at(29));
    assert_eq!(on_prints(&world, at(20)), Vec::<String>::new());
    let until = at(36);
    world.run_until(until.plus_secs(90));
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}

#[test]
fn prints_lost_before_the_first_of_a_new_link_make_rows_the_only_judge() {
    let from = at(7).plus_secs(13);
    let (mut world, rules, codes) = watching(from);
    world.start();
    // The link comes back deaf and hears again in the middle of 10:22, after the last rows.
    world.at(at(20).plus_secs(20), Action::CutLink(2_000));
    world.at(at(20).plus_secs(21), DEAF);
    world.at(at(21).plus_secs(20), Action::RefuseRest(420_000));
    world.at(at(22).plus_secs(30), WELL);
    world.run_until(at(27));
    assert_eq!(on_prints(&world, at(22)), Vec::<String>::new());
    let until = at(36);
    world.run_until(until.plus_secs(90));
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}

#[test]
fn a_hole_in_an_earlier_bar_makes_rows_the_only_judge_of_the_bars_after_it() {
    let from = at(7).plus_secs(13);
    let (mut world, rules, codes) = watching(from);
    world.start();
    // The bar of 10:20 lacks prints; of those after it every print is heard, but no row comes.
    world.at(at(20).plus_secs(10), Action::RefuseRest(420_000));
    world.at(at(20).plus_secs(20), Action::CutLink(15_000));
    world.run_until(at(27));
    assert_eq!(on_prints(&world, at(21)), Vec::<String>::new());
    let until = at(36);
    world.run_until(until.plus_secs(90));
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}

#[test]
fn whole_prints_judge_where_no_rows_come() {
    let from = at(7).plus_secs(13);
    let (mut world, rules, codes) = watching(from);
    world.start();
    world.at(at(20).plus_secs(10), Action::RefuseRest(420_000));
    world.run_until(at(27));
    // The other tests of this file prove something: without a hole prints do judge.
    assert!(!on_prints(&world, at(21)).is_empty());
    let until = at(36);
    world.run_until(until.plus_secs(90));
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}

/// A generated case that went wrong once.
fn goes_well(seed: u64) {
    let (tally, text) = crate::faults::case(seed);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}

#[test]
fn a_price_that_took_long_to_come_is_no_price_of_the_bar_it_came_in() {
    goes_well(707);
}

#[test]
fn a_price_without_which_nothing_is_judged_is_asked_for_again_soon() {
    goes_well(771);
}
