//! Seeded misfortune.

use std::rc::Rc;

use jeongbae::bars::BarRules;
use jeongbae::domain::{ClosingAuction, Minute, Moment, StockCode, Timeframe};
use jeongbae::engine::Command;

use crate::check::{Joined, Tally, arrows, differences};
use crate::rng::Rng;
use crate::tape::Tape;
use crate::world::{Action, World};
use crate::{CODES, code, config_with, day};

/// Rules of a case that are drawn anew for each.
const INVENTED: usize = 6;

/// Days with something special near them: a weekend, the exam day, the year's end.
const DAYS: [&str; 6] = [
    "20261112", "20261113", "20261118", "20261119", "20261230", "20261120",
];

/// Runs one case; the differences in words, empty if there is none.
pub(crate) fn case(seed: u64) -> (Tally, String) {
    let mut rng = Rng::new(seed);
    let mut codes: Vec<StockCode> = CODES.iter().map(|c| code(c)).collect();
    while 3 < codes.len() {
        codes.remove(rng.below(codes.len() as u64) as usize);
    }
    let first = day(DAYS[rng.below(DAYS.len() as u64) as usize]);
    let mut tape = Tape::new(seed % 3);
    let next = tape.calendar.next_open(first);
    let overnight = rng.one_in(3);
    if rng.one_in(4) {
        // A stock that was listed a few days ago.
        let days = tape.calendar.open_days_before(first, 4);
        tape.listed.insert(codes[0], days[rng.below(4) as usize]);
    }
    let split = overnight && rng.one_in(3);
    if split {
        tape.split = Some((codes[1], next));
    }
    let bars = BarRules {
        auction: match rng.below(3) {
            0 => ClosingAuction::OwnBar,
            _ => ClosingAuction::Fold,
        },
        regular_session_only: true,
    };
    let (mut config, rules) = config_with(&codes, bars, seed, INVENTED);
    if rng.one_in(6) {
        config.registrations = 2; // The third stock is asked for its price now and then.
    }
    let open = tape
        .calendar
        .hours(first, jeongbae::domain::Market::Krx)
        .unwrap()
        .open;
    let from = match overnight {
        true => first.at(Minute::hm(15, 5)),
        false => first.at(open.plus(rng.between(25, 200) as i32)),
    };
    let from = from.plus_ms(rng.between(0, 60_000));
    let until = match overnight {
        true => {
            let hours = tape
                .calendar
                .hours(next, jeongbae::domain::Market::Krx)
                .unwrap();
            next.at(hours.open.plus(25))
        }
        false => Moment(from.0 / 60_000 * 60_000).plus_secs(rng.between(25, 65) * 60),
    };
    // Drawn apart, so that a seed's other misfortune is the same as without.
    let rare = &mut Rng::new(seed ^ 0x4A17);
    if rare.one_in(4) {
        // Halted, or in a volatility interruption; over the opening or to the end, too.
        for _ in 0..1 + rare.below(3) {
            let code = codes[rare.below(codes.len() as u64) as usize];
            let of = match overnight && rare.one_in(2) {
                true => next,
                false => first,
            };
            let hours = tape.calendar.hours(of, jeongbae::domain::Market::Krx);
            let open = of.at(hours.unwrap().open);
            let since = open.plus_secs(60 * rare.between(-10, 375));
            let lasts = match rare.below(3) {
                0 => 120,
                1 => 60 * rare.between(3, 12),
                _ => 60 * rare.between(20, 100),
            };
            tape.halts.push((code, since, since.plus_secs(lasts)));
            // A day has no bar until its first trade, which has to be well before the end here.
            let rows = tape.rows(code, of, of);
            let first_trade = rows.iter().find(|row| 0 < row.candle.volume);
            if first_trade.is_none_or(|row| until.plus_secs(-600) < of.at(row.minute)) {
                tape.halts.pop();
            }
        }
    }
    let mut world = World::new(Rc::new(tape), config, from, seed);
    world.broker.codes = codes.clone();
    if rng.one_in(2) {
        world.picture_every = 40;
    }
    let mut plan = misfortune(&mut rng, from, until, split, &codes);
    let corrects = !split && rng.one_in(3);
    plan.retain(|(_, _, action)| !corrects || !matches!(action, Action::FullDisk(_)));
    if corrects {
        for _ in 0..1 + rng.below(4) {
            let at = from.plus_ms(rng.between(60_000, until.ms_since(from) - 120_000));
            let code = codes[rng.below(codes.len() as u64) as usize];
            plan.push((at, 0, Action::Correct(code)));
        }
    }
    if rng.one_in(3) {
        for _ in 0..1 + rng.below(3) {
            let at = from.plus_ms(rng.between(1_000, until.ms_since(from) - 100_000));
            plan.push((at, 0, Action::SetClock(rng.between(-500, 500))));
        }
    }
    if overnight && !split && rng.one_in(3) {
        // Out over the night, until before or after the opening.
        let at = first
            .at(Minute::hm(15, 10))
            .plus_ms(rng.between(0, 3_000_000))
            .max(from);
        let back = until.plus_secs(60 * rng.between(-85, -10));
        let lasts = back.ms_since(at) + rng.between(0, 60_000);
        let out = match rng.one_in(2) {
            true => Action::Kill(lasts),
            false => Action::Sleep(lasts),
        };
        plan.push((at, 0, out));
    }
    if rng.one_in(4) {
        // The clock is set wrong, and right again when enough answers have shown it.
        for _ in 0..1 + rng.below(2) {
            let at = from.plus_ms(rng.between(1_000, until.ms_since(from) - 200_000));
            let off = rng.between(2_000, 150_000) * if rng.one_in(3) { -1 } else { 1 };
            let lasts = rng.between(2_000, 40_000);
            // Nobody sets a clock while the machine sleeps, and no answer shows it to a dead process.
            let out = |(since, _, what): &(Moment, i64, Action)| match what {
                Action::Kill(ms) | Action::Sleep(ms) => {
                    *since <= at.plus_ms(lasts + 1_000) && at <= since.plus_ms(ms + 1_000)
                }
                _ => false,
            };
            if plan.iter().any(out) {
                continue;
            }
            plan.push((at, lasts, Action::SetClock(off)));
            plan.push((
                at.plus_ms(lasts),
                0,
                Action::SetClock(rng.between(-400, 400)),
            ));
        }
    }
    let mut trouble = Vec::new();
    let alone = std::env::var_os("JEONGBAE_CASES").is_none();
    let talk = alone && std::env::var_os("JEONGBAE_SEED").is_some();
    for (at, lasts, action) in plan {
        if talk {
            println!("{at:?} {lasts} {action:?}");
        }
        let away = matches!(action, Action::Kill(_) | Action::Sleep(_));
        if !away && 0 < lasts {
            trouble.push((at, at.plus_ms(lasts + 95_000)));
        }
        world.at(at, action);
    }
    // After a start or a sleep it takes a while to catch up.
    world.start();
    let join = |code: StockCode| Joined { code, from, until };
    let joined: Vec<Joined> = codes.iter().map(|&c| join(c)).collect();
    // Everything must be well some minutes after the last fault.
    world.run_until(until.plus_secs(10));
    world.at(world.now, Action::LagRows(0));
    world.run_until(until.plus_secs(260));
    for (from, to) in world.away.clone() {
        trouble.push((from.plus_secs(-120), to.plus_secs(100)));
    }
    if split {
        trouble.push((next.at(Minute::hm(7, 0)), next.at(Minute::hm(20, 0))));
    }
    if talk {
        let tape = &world.tape;
        println!(
            "{from:?} to {until:?} {:?} {:?} {:?}",
            tape.listed, tape.split, tape.halts
        );
        if let Some(picture) = world.picture() {
            println!(
                "{:?} {:?} {:?}",
                picture.link, picture.watching, picture.notices
            );
            for row in &picture.rows {
                println!(
                    "{} {:?} {:?} {:?}",
                    row.code, row.pending, row.trouble, row.quote
                );
            }
        }
    }
    if corrects {
        // What counts is what was accepted first, whatever the broker says of it later.
        for ((code, _), partial) in &world.disk.partials {
            partial
                .rows
                .iter()
                .for_each(|row| world.tape.accept(*code, row));
        }
        for ((code, _), rows) in &world.disk.rows {
            rows.values().for_each(|row| world.tape.accept(*code, row));
        }
    }
    let (tally, mut text) = differences(&world, &rules, &joined, &trouble);
    text.push_str(&arrows(&mut world));
    if overnight && !split && 0 < world.forgotten {
        text.push_str("bars were forgotten without a split\n");
    }
    if split && world.forgotten == 0 {
        text.push_str("the split went unnoticed\n");
    }
    (tally, text)
}

fn misfortune(
    rng: &mut Rng,
    from: Moment,
    until: Moment,
    split: bool,
    codes: &[StockCode],
) -> Vec<(Moment, i64, Action)> {
    let mut plan = Vec::new();
    let length = until.ms_since(from);
    let count = 2 + rng.below(7);
    let someday = |rng: &mut Rng| -> Moment {
        let any = from.plus_ms(rng.between(1_000, length - 120_000));
        let near_end = until.plus_secs(-rng.between(150, 1_500));
        let near_start = from.plus_secs(rng.between(1, 1_500));
        // Around a close more often than not.
        let at = match rng.below(3) {
            0 => any,
            1 => near_end,
            _ => near_start,
        };
        match rng.below(2) {
            0 => at,
            _ => Moment(at.0 / 60_000 * 60_000).plus_ms(rng.between(-1_500, 4_500)),
        }
    };
    for _ in 0..count {
        let at = someday(rng).max(from.plus_ms(100));
        let left = until.ms_since(at) - 100_000;
        let short = rng.between(1_000, 20_000);
        let long = rng.between(20_000, 400_000).min(left.max(2_000));
        let lasts = if rng.one_in(2) { short } else { long };
        let code = codes[rng.below(codes.len() as u64) as usize];
        let frame = [1, 3, 5, 10, 30, 60][rng.below(6) as usize];
        let (lasts, action) = match rng.below(13) {
            0 | 1 => (lasts, Action::CutLink(lasts)),
            2 => (lasts, Action::RefuseRest(lasts)),
            3 => (lasts, Action::SlowRest(lasts)),
            4 => {
                let lag = rng.between(0, 9_000);
                plan.push((at.plus_ms(lasts), 0, Action::LagRows(0)));
                (lasts, Action::LagRows(lag))
            }
            5 => {
                let (lost, doubled, swapped) = match rng.below(3) {
                    0 => (20, 0, 0),
                    1 => (0, 10, 10),
                    _ => (30, 15, 15),
                };
                (
                    until.ms_since(at),
                    Action::SpoilPrints {
                        lost,
                        doubled,
                        swapped,
                    },
                )
            }
            6 | 7 if !split => (0, Action::Kill(if rng.one_in(2) { short } else { long })),
            8 if !split => {
                let lasts = rng.between(31_000, 900_000).min(left.max(31_000));
                (0, Action::Sleep(lasts))
            }
            9 => (0, Action::Do(Command::OpenStock(code))),
            10 => (0, Action::Do(Command::CloseStock(code))),
            11 => (0, Action::FullDisk(lasts)),
            _ => (
                0,
                Action::Do(Command::ShowTimeframe(code, Timeframe::Minutes(frame))),
            ),
        };
        plan.push((at, lasts, action));
    }
    plan
}
