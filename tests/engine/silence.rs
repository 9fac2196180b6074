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
struct Watch {
    world: World,
    rules: Vec<TestRule>,
    codes: Vec<StockCode>,
    from: Moment,
}

impl Watch {
    fn new() -> Watch {
        let from = at(7).plus_secs(13);
        let codes: Vec<StockCode> = CODES[..3].iter().map(|c| code(c)).collect();
        let (config, rules) = config(&codes, FOLD);
        let mut world = World::new(Rc::new(Tape::new(1)), config, from, 4);
        assert!(world.broker.drop_empty);
        world.broker.codes = codes.clone();
        Watch {
            world,
            rules,
            codes,
            from,
        }
    }

    fn at(&mut self, when: Moment, what: Action) {
        self.world.at(when, what);
    }

    /// Signals given on prints, of bars that closed from then on.
    fn on_prints(&self, closed_from: Moment) -> Vec<String> {
        let given = self.world.told.iter().filter(|told| {
            let end = self.world.disk.signals.get(&told.key).map(|s| s.bar_end);
            told.source == Source::Ticks && told.stage.stands() && Some(closed_from) <= end
        });
        given.map(|told| format!("{told:?}")).collect()
    }

    /// Runs on, and finds at the end the signals that the broker's rows give.
    fn agrees_with_the_rows_at(self, until: Moment) {
        let trouble = (self.from, until);
        self.agrees_but_for(trouble, until);
    }

    /// The same; outside the stretch of trouble they were given without delay.
    fn agrees_but_for(mut self, trouble: (Moment, Moment), until: Moment) {
        self.world.run_until(until.plus_secs(90));
        let trouble = [trouble];
        let span = joined(&self.codes, self.from, until);
        let (tally, text) = differences(&self.world, &self.rules, &span, &trouble);
        assert!(text.is_empty(), "{text}");
        assert!(20 < tally.standing, "{tally:?}");
    }
}

#[test]
fn a_registration_that_never_sent_a_print_does_not_prove_that_nothing_traded() {
    let mut watch = Watch::new();
    // The broker takes the registrations and sends nothing, and its rows come six seconds late.
    let from = watch.from;
    watch.at(from, DEAF);
    watch.world.broker.lag_ms = 6_000;
    watch.world.start();
    watch.agrees_with_the_rows_at(at(40));
}

#[test]
fn silence_does_not_prove_that_nothing_traded_before_the_next_print_has_come() {
    let mut watch = Watch::new();
    watch.world.broker.lag_ms = 6_000;
    watch.world.start();
    // A whole minute's prints are lost, and when its row is asked for nobody knows of it yet.
    for minute in [12, 17, 22, 27] {
        watch.at(at(minute).plus_ms(-500), DEAF);
        watch.at(at(minute + 1).plus_secs(12), WELL);
    }
    watch.agrees_with_the_rows_at(at(36));
}

#[test]
fn without_rows_a_deaf_registration_judges_nothing() {
    let mut watch = Watch::new();
    let from = watch.from;
    watch.at(from, DEAF);
    watch.world.start();
    watch.at(at(20).plus_secs(10), Action::RefuseRest(600_000));
    watch.world.run_until(at(29));
    assert_eq!(watch.on_prints(at(20)), Vec::<String>::new());
    watch.agrees_with_the_rows_at(at(36));
}

#[test]
fn prints_lost_before_the_first_of_a_new_link_make_rows_the_only_judge() {
    let mut watch = Watch::new();
    watch.world.start();
    // The link comes back deaf and hears again in the middle of 10:22, after the last rows.
    watch.at(at(20).plus_secs(20), Action::CutLink(2_000));
    watch.at(at(20).plus_secs(21), DEAF);
    watch.at(at(21).plus_secs(20), Action::RefuseRest(420_000));
    watch.at(at(22).plus_secs(30), WELL);
    watch.world.run_until(at(27));
    assert_eq!(watch.on_prints(at(22)), Vec::<String>::new());
    watch.agrees_with_the_rows_at(at(36));
}

#[test]
fn a_hole_in_an_earlier_bar_makes_rows_the_only_judge_of_the_bars_after_it() {
    let mut watch = Watch::new();
    watch.world.start();
    // The bar of 10:20 lacks prints; of those after it every print is heard, but no row comes.
    watch.at(at(20).plus_secs(10), Action::RefuseRest(420_000));
    watch.at(at(20).plus_secs(20), Action::CutLink(15_000));
    watch.world.run_until(at(27));
    assert_eq!(watch.on_prints(at(21)), Vec::<String>::new());
    watch.agrees_with_the_rows_at(at(36));
}

#[test]
fn whole_prints_judge_where_no_rows_come() {
    let mut watch = Watch::new();
    watch.world.start();
    watch.at(at(20).plus_secs(10), Action::RefuseRest(420_000));
    watch.world.run_until(at(27));
    // The other tests of this file prove something: without a hole prints do judge.
    assert!(!watch.on_prints(at(21)).is_empty());
    watch.agrees_with_the_rows_at(at(36));
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

#[test]
fn rows_of_the_day_before_a_long_sleep_are_no_bar_of_the_new_day() {
    goes_well(1097);
}

#[test]
fn a_minute_that_was_wanted_before_it_was_over_is_asked_for_again() {
    goes_well(80);
}

#[test]
fn a_price_refused_without_a_hint_in_the_middle_of_the_day_pauses_no_rows() {
    let mut watch = Watch::new();
    watch.world.start();
    // Without a link prices are asked for; a third of the refusals do not say when to try again.
    let (cut, well) = (at(20).plus_secs(10), at(23));
    watch.at(cut, Action::CutLink(60_000));
    watch.at(cut, Action::RefuseRest(90_000));
    watch.world.run_until(well);
    let picture = watch.world.picture().unwrap();
    let troubled = picture.rows.iter().filter(|row| row.trouble.is_some());
    assert_eq!(troubled.map(|row| row.code).next(), None);
    watch.agrees_but_for((cut, well), at(40));
}
