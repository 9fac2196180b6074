//! Answers and prints that say nothing, or something of another question: nothing is made of them.

use std::rc::Rc;

use jeongbae::conditions::{Expr, Repeat, RuleStage};
use jeongbae::domain::packed::PackedDay;
use jeongbae::domain::{
    DailyRow, Minute, Moment, Print, RuleKey, Shares, Source, Stage, StockCode, Timeframe, Won,
};
use jeongbae::engine::{Effect, Event, Loaded, Remembered, Rows, State, Timed};

use crate::broker::Astray;
use crate::check::differences;
use crate::rules::TestRule;
use crate::tape::Tape;
use crate::world::{Action, World};
use crate::{CODES, FOLD, code, config, day, joined};

fn at(minute: u16) -> Moment {
    day("20261112").at(Minute::hm(11, minute))
}

/// Three busy stocks, met in the middle of a session.
fn met() -> (World, Vec<TestRule>, Vec<StockCode>) {
    let codes: Vec<StockCode> = CODES[..3].iter().map(|c| code(c)).collect();
    let (config, rules) = config(&codes, FOLD);
    let mut world = World::new(Rc::new(Tape::new(1)), config, at(7).plus_secs(13), 3);
    world.broker.codes = codes.clone();
    (world, rules, codes)
}

/// What stands is what the broker's rows give.
fn agrees(world: &mut World, rules: &[TestRule], codes: &[StockCode], until: Moment) {
    world.run_until(until.plus_secs(90));
    let (from, trouble) = (at(7).plus_secs(13), [(at(7), until)]);
    let (tally, text) = differences(world, rules, &joined(codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(20 < tally.standing, "{tally:?}");
}

#[test]
fn a_page_that_says_nothing_is_asked_for_again_before_it_is_believed() {
    for astray in [Astray::Empty, Astray::Another] {
        let (mut world, rules, codes) = met();
        world.broker.astray = Some(astray);
        world.start();
        // What was learned lies on disk, and may not be false either.
        world.at(at(25).plus_secs(20), Action::Kill(3_000));
        agrees(&mut world, &rules, &codes, at(45));
    }
}

#[test]
fn a_session_of_which_only_the_newest_page_comes_is_not_judged_and_not_asked_for_without_end() {
    let (mut world, rules, codes) = met();
    world.broker.stuck = true;
    world.start();
    let long = at(27);
    world.run_until(long);
    let pages = world.broker.today_pages + world.broker.by_date_pages;
    // Twenty minutes: after some tries in a row once a minute, and one for each close.
    assert!((3 * 10..3 * 80).contains(&pages), "{pages} pages");
    // The close of a day being built is its last print, whatever is missing of the day.
    let of_minutes = |told: &&crate::world::Told| told.key.timeframe.minutes().is_some();
    let told: Vec<_> = world.told.iter().filter(of_minutes).collect();
    assert!(told.is_empty(), "{told:?}");
    let late = world.picture().unwrap().rows;
    assert!(
        late.iter().all(|row| row.pending.is_some()),
        "a row says that it waits"
    );
    world.broker.stuck = false;
    agrees(&mut world, &rules, &codes, at(45));
}

#[test]
fn without_a_base_price_nothing_is_judged_on_rows_either_since_a_split_would_not_show() {
    let (mut world, rules, codes) = met();
    world.broker.prices_down = true;
    // Prints would tell the base price, too.
    let deaf = |lost: u64| Action::SpoilPrints {
        lost,
        doubled: 0,
        swapped: 0,
    };
    world.act(deaf(1));
    world.start();
    world.act(deaf(1));
    world.run_until(at(27));
    assert!(world.told.is_empty(), "{:?}", world.told);
    let late = world.picture().unwrap().rows;
    assert!(late.iter().all(|row| row.pending.is_some()));
    world.act(deaf(0));
    world.broker.prices_down = false;
    agrees(&mut world, &rules, &codes, at(45));
}

#[test]
fn what_was_given_on_prints_is_taken_back_by_rows_that_come_after_a_restart() {
    let (mut world, ..) = met();
    world.config.groups[0].codes.truncate(1);
    world.broker.codes.truncate(1);
    let mut rule = world.config.rules[0].clone();
    rule.expr = Expr::parse("close > open").unwrap();
    (rule.timeframe, rule.stage) = (Timeframe::Minutes(1), RuleStage::Close);
    rule.repeat = Repeat::OncePerBar;
    world.config.rules = vec![rule];
    // No rows of 11:20 to 11:27 before the program was killed and started again.
    let minutes = || (21..26).map(|m| Minute::hm(11, m));
    let today = day("20261112");
    world.start();
    world.at(at(20).plus_secs(10), Action::RefuseRest(420_000));
    world.at(at(26).plus_secs(30), Action::Kill(5_000));
    world.run_until(at(26).plus_secs(29));
    let on_prints: Vec<_> = world
        .told
        .iter()
        .filter(|told| {
            told.source == Source::Ticks && minutes().any(|m| told.key.bar == today.at(m))
        })
        .map(|told| told.key)
        .collect();
    let taken = *on_prints.last().unwrap();
    // Of one of these bars the rows say otherwise, from the first answer on.
    let rows = world.tape.rows(taken.code, today, today);
    let mut row = *rows
        .iter()
        .find(|row| row.minute == taken.bar.minute())
        .unwrap();
    row.candle.close = row.candle.open;
    world.broker.amended = Some((at(20), row));
    world.run_until(at(30));
    let last = |key| world.told.iter().rfind(|told| told.key == key).unwrap();
    for key in on_prints {
        let stage = last(key).stage;
        assert_eq!(stage.stands(), key != taken, "{key:?} {stage:?}");
    }
    assert_eq!(
        (last(taken).stage, last(taken).source),
        (Stage::Withdrawn, Source::Rest)
    );
}

/// The same under rules that look at how bars being built opened.
fn met_by_the_open() -> World {
    let (mut world, ..) = met();
    let mut rules = Vec::new();
    for (number, timeframe) in [
        Timeframe::Minutes(60),
        Timeframe::Minutes(240),
        Timeframe::Day,
    ]
    .into_iter()
    .enumerate()
    {
        let mut rule = world.config.rules[0].clone();
        rule.name = format!("{timeframe}").into();
        rule.key = RuleKey(number as u64 + 1);
        rule.expr = Expr::parse("close > open").unwrap();
        rule.timeframe = timeframe;
        rule.stage = RuleStage::Forming;
        rule.repeat = Repeat::OncePerBar;
        rules.push(rule);
    }
    world.config.rules = rules;
    world.config.columns = vec![];
    world
}

/// How many bars were told of while they formed; each is above its true open.
fn truly_above_the_open(world: &World) -> usize {
    let forming = |told: &&crate::world::Told| told.stage == Stage::Forming;
    let forming = world.told.iter().filter(forming);
    forming
        .map(|told| {
            let tape = world.tape.day(told.key.code, told.key.bar.day()).unwrap();
            let mut of_bar = tape.prints.iter().filter(|(_, p)| told.key.bar <= p.at());
            let open = of_bar.next().unwrap().1.price.0;
            assert!(open < told.price, "opened at {open}: {told:?}");
        })
        .count()
}

#[test]
fn a_bar_of_which_the_beginning_lacks_is_not_judged_on_what_it_seems_to_have_opened_at() {
    let mut world = met_by_the_open();
    world.broker.stuck = true;
    world.start();
    world.at(at(20), Action::CutLink(20_000));
    world.run_until(at(27));
    assert_eq!(world.told.len(), 0, "{:?}", world.told);
    world.broker.stuck = false;
    world.run_until(at(59).plus_secs(30));
    // It proves something: once the rows are there it rings.
    assert!(3 <= truly_above_the_open(&world));
}

#[test]
fn what_was_missed_of_a_bar_being_built_is_fetched_when_its_minute_is_over() {
    let mut world = met_by_the_open();
    world.start();
    world.run_until(at(8));
    assert_eq!(truly_above_the_open(&world), 0, "{:?}", world.told);
    let before = world.broker.today_pages + world.broker.by_date_pages;
    world.run_until(at(10));
    assert!(0 < truly_above_the_open(&world), "rows of 11:07 are there");
    let pages = world.broker.today_pages + world.broker.by_date_pages;
    // One for each stock, and no more.
    assert_eq!(pages, before + 3);
}

#[test]
fn an_empty_page_of_days_neither_ends_the_chart_nor_proves_that_nothing_was_split() {
    let today = day("20261112");
    let (code, tape) = (code(CODES[0]), Tape::new(2));
    let (config, _) = config(&[code], FOLD);
    let mut now = today.at(Minute::hm(9, 30));
    let mut out = Vec::new();
    let calendar = tape.calendar.clone();
    let mut state = State::new(config, calendar, Remembered::default(), now, &mut out);
    let before = day("20261111");
    let held = tape.daily(code, day("20260601"), before, before);
    let loaded = Loaded {
        code: Some(code),
        days: vec![(before, PackedDay::new(&tape.rows(code, before, today)))],
        daily: held.clone(),
        ..Loaded::default()
    };
    state.apply(now, Event::Loaded(Box::new(loaded)), &mut out);
    let asked = |out: &[Effect]| {
        let days = |effect: &&Effect| matches!(effect, Effect::FetchPeriod { timeframe: Timeframe::Day, to, .. } if *to == today);
        out.iter().filter(days).count()
    };
    let answer = |now: Moment, rows: Vec<DailyRow>| Event::Period {
        code,
        timeframe: Timeframe::Day,
        to: today,
        answer: Ok(Timed {
            value: Rows { name: None, rows },
            sent: now,
            answered: now,
        }),
    };
    assert_eq!(asked(&out), 1);
    for pause in [5, 60, 60] {
        out.clear();
        state.apply(now, answer(now, Vec::new()), &mut out);
        let ends = |effect: &Effect| matches!(effect, Effect::SaveEnd { .. });
        assert!(!out.iter().any(ends), "{out:?}");
        for _ in 0..pause {
            assert_eq!(asked(&out), 0, "at once");
            now = now.plus_secs(1);
            state.apply(now, Event::Tick, &mut out);
        }
        assert_eq!(asked(&out), 1, "after {pause} s");
    }
    let mut halved = held;
    for row in &mut halved {
        row.candle.close /= 2;
        row.candle.low = row.candle.low.min(row.candle.close);
    }
    out.clear();
    state.apply(now, answer(now, halved), &mut out);
    assert!(
        out.contains(&Effect::ForgetStock(code)),
        "the split is seen"
    );
}

#[test]
fn prints_of_another_day_or_of_a_time_to_come_are_no_prices_of_now() {
    let (mut world, rules, codes) = met();
    world.start();
    for minute in [12, 17, 23, 31] {
        world.run_until(at(minute).plus_secs(31));
        let before = world.picture().unwrap().rows;
        for &code in &codes {
            for (date, second) in [
                ("20261111", 40_200),
                ("20261113", 40_200),
                ("20261112", 15 * 3_600),
            ] {
                let print = Print {
                    code,
                    day: day(date),
                    second,
                    price: Won(1_000),
                    size: Shares(1),
                    day_volume: Shares(900_000_000_000),
                    day_value: 1,
                    change: Won(-1_000),
                    day_open: Won(1_000),
                    day_high: Won(1_000),
                    day_low: Won(1_000),
                    side: jeongbae::domain::Side::Buy,
                    strength: 0,
                    regular: true,
                    halted: false,
                };
                world.apply(Event::Print(print));
            }
        }
        let after = world.picture().unwrap();
        for (before, after) in before.iter().zip(&after.rows) {
            assert_eq!(before.quote, after.quote);
        }
        assert_eq!(after.link.delay, None);
    }
    // Nor are the true prints after them taken for old ones.
    world.run_until(at(33));
    let picture = world.picture().unwrap();
    for row in picture.rows.iter().filter(|row| row.code == codes[0]) {
        assert!(at(32) <= row.quote.unwrap().at, "{:?}", row.quote);
    }
    agrees(&mut world, &rules, &codes, at(45));
}

#[test]
fn nothing_is_told_of_a_bar_being_built_before_the_bars_that_were_missed_are_judged() {
    let (mut world, ..) = met();
    let mut rule = world.config.rules[0].clone();
    rule.expr = Expr::parse("close > 1").unwrap();
    rule.timeframe = Timeframe::Minutes(30);
    rule.stage = RuleStage::Forming;
    rule.repeat = Repeat::Once;
    world.config.rules = vec![rule];
    world.now = day("20261112").at(Minute::hm(15, 2));
    world.start();
    world.run_until(world.now.plus_secs(60));
    // The process ends before the bar that would use up the rule, and starts on the next day.
    let back = day("20261113").at(Minute::hm(10, 7));
    let away = back.ms_since(world.now) - 1_000;
    world.broker.past_down = true;
    world.act(Action::Kill(away));
    world.told.clear();
    world.run_until(back.plus_secs(120));
    assert!(world.told.is_empty(), "{:?}", world.told);
    world.broker.past_down = false;
    world.run_until(back.plus_secs(400));
    assert_eq!(world.told.len(), 3, "{:?}", world.told);
    for told in &world.told {
        let bar = day("20261112").at(Minute::hm(15, 0));
        assert_eq!((told.key.bar, told.stage), (bar, Stage::Late));
    }
}
