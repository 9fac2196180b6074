//! The hours and the last day of a rule, bar by bar around the close and over a night.

use std::collections::BTreeSet;
use std::rc::Rc;

use jeongbae::conditions::{Expr, Repeat, RuleStage};
use jeongbae::domain::{Minute, Moment, RuleKey, Stage, Timeframe};

use crate::tape::Tape;
use crate::world::World;
use crate::{CODES, FOLD, code, config, day};

/// The bars on which a rule that always holds rings from 15:05 to 9:05 on the next day, and those
/// it was told of while they formed.
fn rings(minutes: u16, hours: &str, expires: &str) -> (BTreeSet<Moment>, BTreeSet<Moment>) {
    let codes = [code(CODES[0])];
    let (mut config, _) = config(&codes, FOLD);
    let mut rule = config.rules.remove(0);
    rule.key = RuleKey(5);
    rule.expr = Expr::parse("close > 1").unwrap();
    rule.timeframe = Timeframe::Minutes(minutes);
    rule.stage = RuleStage::Forming;
    rule.repeat = Repeat::OncePerBar;
    rule.hours = Some(hours.parse().unwrap());
    rule.expires = Some(day(expires));
    config.rules = vec![rule];
    config.columns = vec![];
    let from = day("20261112").at(Minute::hm(15, 5)).plus_secs(10);
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 4);
    world.broker.codes = codes.to_vec();
    world.start();
    world.run_until(day("20261113").at(Minute::hm(9, 5)).plus_secs(30));
    let signals = world.disk.signals.iter();
    let standing = signals.filter(|(_, signal)| signal.stage.stands());
    let told = world.told.iter().filter(|t| t.stage == Stage::Forming);
    let forming = told.map(|told| told.key.bar).collect();
    (standing.map(|(key, _)| key.bar).collect(), forming)
}

fn bars(date: &str, times: impl IntoIterator<Item = u16>) -> BTreeSet<Moment> {
    let day = day(date);
    times.into_iter().map(|at| day.at(Minute(at))).collect()
}

const CLOSE: u16 = 15 * 60 + 20;
const AUCTION: u16 = 15 * 60 + 30;
const OPEN: u16 = 9 * 60;

#[test]
fn a_bar_counts_by_when_it_closes_and_the_auction_s_at_the_auction() {
    let (rang, forming) = rings(30, "15:30-15:30", "20261113");
    assert_eq!(rang, bars("20261112", [15 * 60]));
    assert!(forming.is_subset(&rang), "{forming:?}");
    let (rang, forming) = rings(30, "15:00-15:29", "20261113");
    assert_eq!((rang, forming), Default::default());
    // Both ends are inside; the auction is a bar of its own there.
    let (rang, forming) = rings(1, "15:10-15:20", "20261113");
    assert_eq!(rang, bars("20261112", CLOSE - 11..CLOSE));
    assert!(forming.is_subset(&rang), "{forming:?}");
    assert!(3 < forming.len(), "{forming:?}");
    let (rang, _) = rings(1, "15:21-15:30", "20261113");
    assert_eq!(rang, bars("20261112", [AUCTION]));
}

#[test]
fn the_last_day_is_the_last_on_which_it_rings() {
    let (rang, forming) = rings(1, "00:00-23:59", "20261112");
    let first = 15 * 60 + 5;
    let mut all = bars("20261112", first..CLOSE);
    all.extend(bars("20261112", [AUCTION]));
    assert_eq!(rang, all);
    assert!(forming.is_subset(&rang), "{forming:?}");
    let (rang, _) = rings(1, "00:00-23:59", "20261113");
    all.extend(bars("20261113", OPEN..OPEN + 5));
    assert_eq!(rang, all);
    let (rang, forming) = rings(1, "00:00-23:59", "20261111");
    assert_eq!((rang, forming), Default::default());
}
