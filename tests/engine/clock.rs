//! The machine's clock is set while the market runs.

use std::rc::Rc;

use jeongbae::domain::{Minute, Moment, StockCode, Timeframe};
use jeongbae::engine::{ChartState, Command};

use crate::check::differences;
use crate::tape::Tape;
use crate::world::{Action, World};
use crate::{CODES, FOLD, code, config, day, joined};

fn at(minute: u16) -> Moment {
    day("20261112").at(Minute::hm(10, minute))
}

#[test]
fn a_clock_set_ahead_and_back_leaves_the_running_bars_as_they_were_and_delays_nothing() {
    let codes: Vec<StockCode> = CODES[..2].iter().map(|c| code(c)).collect();
    let from = at(7).plus_secs(13);
    let (config, rules) = config(&codes, FOLD);
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 4);
    world.broker.codes = codes.clone();
    world.start();
    let open = Command::OpenStock(codes[0]);
    let half_hours = Command::ShowTimeframe(codes[0], Timeframe::Minutes(30));
    world.at(at(8), Action::Do(open));
    world.at(at(9), Action::Do(half_hours));
    // By the wrong clock the bar of 10:00 is over, and the one after it runs.
    let (wrong, right) = (at(28).plus_secs(10), at(28).plus_secs(14));
    world.at(wrong, Action::SetClock(140_000));
    world.at(right, Action::SetClock(0));
    world.run_until(right.plus_secs(2));
    let picture = world.picture().unwrap();
    let chart = &picture.stocks[&codes[0]].chart;
    let ChartState::Ready {
        series, forming, ..
    } = &chart.state
    else {
        panic!("{chart:?}");
    };
    assert_eq!(forming.unwrap().opened, at(0));
    assert!(series.bars().last().unwrap().opened < at(0));
    let until = at(50);
    world.run_until(until.plus_secs(90));
    let trouble = [(wrong, right)];
    let span = joined(&codes, from, until);
    let (tally, text) = differences(&world, &rules, &span, &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}
