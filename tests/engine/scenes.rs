//! Situations of their own.

use std::rc::Rc;

use jeongbae::conditions::Repeat;
use jeongbae::domain::{Calendar, Minute, Moment, StockCode};
use jeongbae::engine::{
    ChartState, ChartView, Command, Effect, Event, Gap, Remembered, State, Timed,
};

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

#[test]
fn after_a_day_only_the_end_of_the_day_before_is_fetched() {
    let from = day("20261112").at(Minute::hm(10, 7));
    let mut world = long_rule(2, from);
    let off = day("20261112").at(Minute::hm(11, 1));
    world.at(off, Action::Kill(86_400_000));
    world.run_until(off.plus_secs(1));
    let before = world.broker.past_pages;
    world.run_until(off.plus_secs(86_400 + 120));
    // 11:00 to 15:19 and the auction.
    let rows: usize = 260 + 1;
    assert_eq!(world.broker.past_pages - before, rows.div_ceil(120));
}

/// The rows of a stock's running day that the disk would give after a start.
fn kept_minutes(world: &World, code: StockCode) -> Option<(Minute, Minute)> {
    let key = (code, world.now.day());
    let head = world.disk.heads.get(&key)?;
    let rows = &world.disk.rows[&key];
    let first = Minute::hm(9, 0);
    // Nothing between the two ends may be missing: this broker gives a row for every minute.
    let missing = (head.start.0..head.end.0).find(|m| !rows.contains_key(&Minute(*m)));
    assert_eq!(missing.map(Minute), None, "a hole in what passes for whole");
    (head.start == first).then_some((head.start, head.end))
}

#[test]
fn rows_that_do_not_reach_the_disk_leave_no_hole_in_a_day_that_is_half_watched() {
    let codes = [code(CODES[0])];
    let (config, rules) = config(&codes, FOLD);
    let today = day("20261112");
    let from = today.at(Minute::hm(10, 7));
    let mut world = World::new(Rc::new(Tape::new(2)), config, from, 2);
    world.broker.codes = codes.to_vec();
    world.start();
    // Three closes are lost on the way; the next ones find room again.
    world.at(today.at(Minute::hm(10, 20)), Action::FullDisk(180_000));
    world.run_until(today.at(Minute::hm(10, 22)).plus_secs(50));
    let (_, before) = kept_minutes(&world, codes[0]).unwrap();
    assert!(before < Minute::hm(10, 21), "{before:?}");
    world.run_until(today.at(Minute::hm(10, 23)).plus_secs(50));
    let (_, after) = kept_minutes(&world, codes[0]).unwrap();
    assert!(Minute::hm(10, 23) <= after, "all of it is there: {after:?}");
    // The same again, and the program ends before anything more is written.
    world.at(today.at(Minute::hm(10, 30)), Action::FullDisk(180_000));
    world.at(
        today.at(Minute::hm(10, 32)).plus_secs(30),
        Action::Kill(120_000),
    );
    let until = today.at(Minute::hm(10, 45));
    world.run_until(until.plus_secs(60));
    let (_, end) = kept_minutes(&world, codes[0]).unwrap();
    assert!(Minute::hm(10, 45) <= end, "{end:?}");
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(0 < tally.standing);
}

/// One stock without a past, met at this time of day; pages of its running day asked for.
fn met_at(time: Minute, seed: u64, past_only: bool) -> (World, usize, usize) {
    let codes = [code(CODES[0])];
    let (config, _) = config(&codes, FOLD);
    let from = day("20261112").at(time).plus_secs(5);
    let mut world = World::new(Rc::new(Tape::new(2)), config, from, seed);
    world.broker.past_only = past_only;
    world.broker.codes = codes.to_vec();
    world.start();
    world.run_until(from.plus_secs(30));
    let kept = kept_minutes(&world, codes[0]);
    assert_eq!(kept, Some((Minute::hm(9, 0), time)), "every row is there");
    let (today, by_date) = (world.broker.today_pages, world.broker.by_date_pages);
    (world, today, by_date)
}

#[test]
fn a_long_stretch_of_today_comes_in_the_long_pages_of_past_days() {
    // 09:00 to 13:59: the newest 30 rows, two long pages, and 30 rows again.
    let (_, today, by_date) = met_at(Minute::hm(14, 0), 2, false);
    assert_eq!((today, by_date), (2, 2));
    // Nothing is gained by it for less than a page.
    let (_, today, by_date) = met_at(Minute::hm(9, 50), 2, false);
    assert_eq!((today, by_date), (2, 0));
}

#[test]
fn a_service_of_past_days_that_does_not_know_today_is_asked_once() {
    let (mut world, today, by_date) = met_at(Minute::hm(14, 0), 2, true);
    assert_eq!((today, by_date), (300 / 30, 1));
    world.apply(Event::Command(Command::Watch {
        code: code(CODES[1]),
        group: "관심".to_owned(),
    }));
    world.run_until(world.now.plus_secs(30));
    assert_eq!(world.broker.by_date_pages, 1, "also not for another stock");
    assert!(today + 9 < world.broker.today_pages);
}

/// The chart in a stock's window.
fn chart(world: &mut World, code: StockCode) -> ChartView {
    let picture = world.picture().unwrap();
    picture.stocks[&code].chart.clone()
}

/// One stock with its window open on a timeframe.
fn with_window(from: Moment, minutes: u16) -> (World, Vec<crate::rules::TestRule>) {
    let codes = [code(CODES[0])];
    let (config, rules) = config(&codes, FOLD);
    let mut world = World::new(Rc::new(Tape::new(2)), config, from, 2);
    world.broker.codes = codes.to_vec();
    world.start();
    let frame = Timeframe::Minutes(minutes);
    world.at(from.plus_secs(2), Action::Do(Command::OpenStock(codes[0])));
    world.at(
        from.plus_secs(4),
        Action::Do(Command::ShowTimeframe(codes[0], frame)),
    );
    (world, rules)
}

#[test]
fn a_row_that_is_corrected_shows_on_the_chart_and_changes_no_signal() {
    let today = day("20261112");
    let (from, until) = (today.at(Minute::hm(10, 7)), today.at(Minute::hm(10, 40)));
    let (mut world, rules) = with_window(from, 5);
    let stock = code(CODES[0]);
    // The close of 10:14 turns out to have been another one, ten minutes after it was judged.
    let minute = Minute::hm(10, 14);
    let rows = world.tape.rows(stock, today, today);
    let mut row = *rows.iter().find(|row| row.minute == minute).unwrap();
    let before = row.candle.close;
    row.candle.close = before * 11 / 10;
    row.candle.high = row.candle.high.max(row.candle.close);
    world.broker.amended = Some((today.at(Minute::hm(10, 24)), row));
    let close_of = |world: &mut World| match chart(world, stock).state {
        ChartState::Ready { series, .. } => {
            let at = series.index_of(today.at(Minute::hm(10, 10))).unwrap();
            (series.bars()[at].candle.close, series.sum(at + 1, 1))
        }
        other => panic!("{other:?}"),
    };
    world.run_until(today.at(Minute::hm(10, 23)).plus_secs(50));
    assert_eq!(close_of(&mut world), (before, Some(before)));
    let given = |world: &World| -> Vec<_> {
        let signals = world.disk.signals.values();
        let before = signals.filter(|s| s.bar_end <= today.at(Minute::hm(10, 23)));
        before.map(|s| (s.key, s.stage, s.price)).collect()
    };
    let judged = given(&world);
    assert!(!judged.is_empty());
    world.run_until(today.at(Minute::hm(10, 26)));
    let after = row.candle.close;
    assert_eq!(
        close_of(&mut world),
        (after, Some(after)),
        "averages with it"
    );
    world.run_until(until.plus_secs(60));
    // The reference knows nothing of the correction.
    let (tally, text) = differences(&world, &rules, &joined(&[stock], from, until), &[]);
    assert!(text.is_empty(), "{text}");
    assert!(0 < tally.standing, "{tally:?}");
    assert_eq!(given(&world), judged, "nothing given is taken");
    // The broker takes it back.
    world.broker.amended = None;
    world.run_until(until.plus_secs(120));
    assert_eq!(close_of(&mut world).0, before);
}

#[test]
fn a_correction_is_still_on_the_chart_after_a_restart() {
    let today = day("20261112");
    let from = today.at(Minute::hm(10, 7));
    let until = today.at(Minute::hm(11, 20));
    let (mut world, rules) = with_window(from, 5);
    let stock = code(CODES[0]);
    let minute = Minute::hm(10, 14);
    let rows = world.tape.rows(stock, today, today);
    let mut row = *rows.iter().find(|row| row.minute == minute).unwrap();
    let before = row.candle.close;
    row.candle.close = before * 11 / 10;
    row.candle.high = row.candle.high.max(row.candle.close);
    let after = row.candle.close;
    world.broker.amended = Some((today.at(Minute::hm(10, 24)), row));
    // An hour later no page of rows reaches back to it.
    let killed = today.at(Minute::hm(11, 10));
    world.at(killed, Action::Kill(5_000));
    let frame = Timeframe::Minutes(5);
    world.at(killed.plus_secs(20), Action::Do(Command::OpenStock(stock)));
    world.at(
        killed.plus_secs(22),
        Action::Do(Command::ShowTimeframe(stock, frame)),
    );
    let close_of = |world: &mut World| match chart(world, stock).state {
        ChartState::Ready { series, .. } => {
            let at = series.index_of(today.at(Minute::hm(10, 10))).unwrap();
            series.bars()[at].candle.close
        }
        other => panic!("{other:?}"),
    };
    world.run_until(killed.plus_secs(-30));
    assert_eq!(close_of(&mut world), after);
    let given = |world: &World| -> Vec<_> {
        let signals = world.disk.signals.values();
        let earlier = signals.filter(|s| s.bar_end <= killed.plus_secs(-600));
        earlier.map(|s| (s.key, s.stage, s.price)).collect()
    };
    let judged = given(&world);
    assert!(!judged.is_empty());
    world.run_until(until.plus_secs(60));
    assert_eq!(close_of(&mut world), after, "after the restart");
    // Neither run judged by it.
    let (tally, text) = differences(&world, &rules, &joined(&[stock], from, until), &[]);
    assert!(text.is_empty(), "{text}");
    assert!(0 < tally.standing, "{tally:?}");
    let still = given(&world);
    assert!(
        judged.iter().all(|one| still.contains(one)),
        "{judged:?} {still:?}"
    );
    // What another run knew is what the disk holds, and nothing else.
    let held: Vec<_> = world.disk.corrections.values().flatten().collect();
    assert_eq!(held, [&row]);
}

#[test]
fn a_stretch_that_cannot_be_had_is_a_gap_until_it_is_repaired() {
    let today = day("20261112");
    let (mut world, _) = with_window(today.at(Minute::hm(10, 7)), 1);
    let stock = code(CODES[0]);
    let at = |minute| today.at(Minute::hm(10, minute));
    // Neither prints nor rows from 10:20 to 10:25; then prints again, and rows from 10:30 on.
    world.at(at(20).plus_secs(5), Action::CutLink(300_000));
    world.at(at(20).plus_secs(1), Action::RefuseRest(600_000));
    world.run_until(at(20));
    assert!(chart(&mut world, stock).gaps.is_empty());
    world.run_until(at(29).plus_secs(50));
    let seen = chart(&mut world, stock);
    let [Gap { from, until }] = *seen.gaps else {
        panic!("{:?}", seen.gaps);
    };
    // The bar of 10:19 had no rows, but all its prints; 10:20 and 10:25 lack some.
    assert!(at(19) <= from && from <= at(20), "{from:?}");
    assert_eq!(until, at(26));
    let ChartState::Ready { series, .. } = &seen.state else {
        panic!("{:?}", seen.state);
    };
    let shown: Vec<Moment> = series.bars().iter().map(|bar| bar.opened).collect();
    assert!(!shown.contains(&at(22)), "nothing is made up in it");
    assert!(shown.contains(&at(27)), "what came after it is there");
    world.run_until(at(33));
    let healed = chart(&mut world, stock);
    assert!(healed.gaps.is_empty(), "{:?}", healed.gaps);
    let ChartState::Ready { series, .. } = &healed.state else {
        panic!("{:?}", healed.state);
    };
    assert!(series.index_of(at(22)).is_some());
}

#[test]
fn on_a_gap_nothing_is_judged_and_the_row_says_why() {
    let codes: Vec<StockCode> = CODES[..2].iter().map(|c| code(c)).collect();
    let (config, rules) = config(&codes, FOLD);
    let today = day("20261112");
    let at = |minute| today.at(Minute::hm(10, minute));
    let from = at(7).plus_secs(13);
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 3);
    world.broker.codes = codes.clone();
    world.start();
    // Prints are lost inside the bar of 10:20, and no rows can be had until 10:26.
    world.at(at(20).plus_secs(20), Action::CutLink(15_000));
    world.at(at(20).plus_secs(10), Action::RefuseRest(350_000));
    world.run_until(at(25).plus_secs(10));
    let closed = at(21)..=at(25);
    let judged = |told: &crate::world::Told| closed.contains(&told.at);
    assert!(!world.told.iter().any(judged), "{:?}", world.told.last());
    let picture = world.picture().unwrap();
    assert_eq!(picture.watching.overdue, codes.len());
    for row in &picture.rows {
        let said = row
            .pending
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(said.contains("판정 지연"), "{said:?}");
    }
    // The rows come: everything is judged in order, as if nothing had been.
    let until = at(34).plus_secs(5);
    world.run_until(until.plus_secs(60));
    let trouble = [(at(20), at(28))];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(10 < tally.standing, "{tally:?}");
    let picture = world.picture().unwrap();
    assert_eq!(picture.watching.overdue, 0);
    assert!(picture.rows.iter().all(|row| row.pending.is_none()));
}

#[test]
fn a_signal_that_cannot_be_written_rings_all_the_same_and_says_so() {
    let codes: Vec<StockCode> = CODES[..2].iter().map(|c| code(c)).collect();
    let (config, _) = config(&codes, FOLD);
    let today = day("20261112");
    let at = |minute| today.at(Minute::hm(10, minute));
    let mut world = World::new(Rc::new(Tape::new(1)), config, at(7).plus_secs(13), 3);
    world.broker.codes = codes;
    world.start();
    world.run_until(at(20).plus_secs(30));
    world.at(at(20).plus_secs(31), Action::FailRecords(300_000));
    let (told, kept) = (world.told.len(), world.disk.signals.len());
    world.run_until(at(25).plus_secs(30));
    assert!(told < world.told.len(), "nothing rang");
    assert_eq!(world.disk.signals.len(), kept, "nothing was written");
    let notices = world.picture().unwrap().notices;
    let said = |notice: &&jeongbae::engine::Notice| {
        notice.text.to_string().contains("저장하지 못했습니다")
            && notice.text.to_string().contains("the disk is full")
    };
    assert!(notices.iter().any(|notice| said(&notice)), "{notices:?}");
}

#[test]
fn a_holiday_that_no_calendar_knew_of_is_neither_a_day_nor_a_gap() {
    let from = day("20261112").at(Minute::hm(10, 7));
    let today = from.day();
    // The one is met within a page, the other is asked for by itself.
    let holidays = ["20261110", "20261111"].map(day);
    for (holiday, later) in holidays
        .into_iter()
        .flat_map(|day| [(day, false), (day, true)])
    {
        let codes = [code(CODES[0])];
        let (mut config, _) = config(&codes, FOLD);
        let mut rule = config.rules.remove(0);
        rule.expr = Expr::parse("close crosses above ma60").unwrap();
        rule.timeframe = Timeframe::Minutes(30);
        config.rules = vec![rule];
        config.columns = vec![];
        let mut tape = Tape::new(2);
        let believed = tape.calendar.clone();
        tape.calendar.learn(holiday, false);
        assert!(believed.is_open(holiday));
        let mut world = World::new(Rc::new(tape), config, from, 2);
        world.believed = Some(believed);
        world.broker.codes = codes.to_vec();
        world.broker.substitutes_later = later;
        world.start();
        world.run_until(from.plus_secs(60));
        let pages = world.broker.past_pages;
        // The page that ends on the day after the holiday may be one more, and so may the day
        // itself: what came for it was another one.
        let least = LONG_ROWS.div_ceil(120);
        assert!(
            (least..=least + 2).contains(&pages),
            "{pages} pages, later: {later}"
        );
        world.apply(Event::Command(Command::OpenStock(codes[0])));
        world.run_until(from.plus_secs(90));
        let shown = chart(&mut world, codes[0]);
        assert!(shown.gaps.is_empty(), "{:?}", shown.gaps);
        let ChartState::Ready { series, .. } = &shown.state else {
            panic!("{:?}", shown.state);
        };
        let days: std::collections::BTreeSet<_> =
            series.bars().iter().map(|bar| bar.opened.day()).collect();
        assert!(!days.contains(&holiday), "nothing traded on it");
        // Every bar is of the day it is shown on.
        for (at, bar) in series
            .bars()
            .iter()
            .enumerate()
            .filter(|(_, b)| b.opened.day() < today)
        {
            let day = bar.opened.day();
            let rows = world.tape.rows(codes[0], day, today);
            let (open, end) = (bar.opened.minute(), bar.opened.minute().plus(30));
            let end = if end == Minute::hm(15, 30) {
                Minute::hm(15, 31)
            } else {
                end
            };
            let mut own = rows.iter().filter(|r| open <= r.minute && r.minute < end);
            let close = own.rfind(|r| 0 < r.candle.volume).map(|r| r.candle.close);
            assert_eq!(
                Some(bar.candle.close),
                close.or(Some(bar.candle.close)),
                "bar {at}"
            );
        }
        assert!(
            days.contains(&day("20261109")),
            "what lies before it is there"
        );
        // It is not asked for again at the next start.
        let asked = world.broker.past_pages;
        world.at(from.plus_secs(120), Action::Kill(3_000));
        world.run_until(from.plus_secs(300));
        assert_eq!(world.broker.past_pages, asked, "{holiday:?} {later}");
    }
}

#[test]
fn open_days_are_asked_for_once_a_day_however_often_the_program_starts() {
    let codes = [code(CODES[0])];
    let (mut config, _) = config(&codes, FOLD);
    config.open_days = true;
    let today = day("20261112");
    let (mut asked, mut kept) = (Vec::new(), Remembered::default());
    let starts = [
        (today, 7),
        (today, 9),
        (today, 13),
        (today.plus(1), 8),
        (today.plus(1), 9),
    ];
    for (date, hour) in starts {
        let mut now = date.at(Minute::hm(hour, 10));
        let (mut out, calendar) = (Vec::new(), Calendar::new());
        let mut state = State::new(config.clone(), calendar, kept.clone(), now, &mut out);
        for _ in 0..2_400 {
            for effect in std::mem::take(&mut out) {
                match effect {
                    Effect::FetchOpenDays { from } => {
                        asked.push((date, hour));
                        let value = (0..24).map(|n| (from.plus(n), n % 7 < 5)).collect();
                        let answer = Timed {
                            value,
                            sent: now,
                            answered: now,
                        };
                        state.apply(now, Event::OpenDays(Ok(answer)), &mut out);
                    }
                    Effect::SaveOpenDays { asked, days } => {
                        kept.open_days_asked = Some(asked);
                        kept.open_days = days;
                    }
                    _ => {}
                }
            }
            now = now.plus_ms(250);
            state.apply(now, Event::Tick, &mut out);
        }
    }
    assert_eq!(asked, [(today, 7), (today.plus(1), 8)]);
}

#[test]
fn a_price_that_was_refused_for_good_is_asked_for_again_and_the_stock_judged() {
    let codes: Vec<StockCode> = CODES[..2].iter().map(|c| code(c)).collect();
    let (mut config, rules) = config(&codes, FOLD);
    // No prints: without a price nobody knows the base, and nothing can be judged.
    config.registrations = 1;
    let (first, next) = (day("20261112"), day("20261113"));
    let from = first.at(Minute::hm(15, 5)).plus_secs(7);
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 3);
    world.broker.codes = codes.clone();
    world.start();
    world.run_until(next.at(Minute::hm(8, 50)));
    for &code in &codes {
        let failure = jeongbae::engine::Failure {
            text: "거절되었습니다".into(),
            tr_id: String::new(),
            msg_cd: "EGW00215".to_owned(),
            msg1: String::new(),
            http: 500,
            retry_ms: None,
        };
        let answer = Err(failure);
        world.apply(Event::Quoted { code, answer });
    }
    let until = next.at(Minute::hm(9, 20));
    world.run_until(until.plus_secs(30));
    let trouble = [(from, until)];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(10 < tally.standing, "{tally:?}");
}

#[test]
fn a_row_without_a_price_says_why_and_what_happens_next() {
    let codes = [code(CODES[0])];
    let (config, _) = config(&codes, FOLD);
    let from = day("20261112").at(Minute::hm(10, 7));
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 3);
    world.broker.codes = codes.to_vec();
    world.start();
    let slow = |world: &mut World| {
        let failure = jeongbae::engine::Failure {
            text: "한도를 넘었습니다".into(),
            tr_id: String::new(),
            msg_cd: "EGW00201".to_owned(),
            msg1: String::new(),
            http: 500,
            retry_ms: Some(3_000),
        };
        world.apply(Event::Quoted {
            code: codes[0],
            answer: Err(failure),
        });
        world.picture().unwrap().rows[0].trouble.clone()
    };
    let trouble = slow(&mut world).unwrap();
    assert_eq!(trouble.what.to_string(), "시세를 받지 못했습니다");
    assert_eq!(trouble.next.to_string(), "3초 뒤 다시 시도합니다");
    // With a price held, a failure that passes is no trouble of the row.
    world.run_until(from.plus_secs(30));
    assert_eq!(world.picture().unwrap().rows[0].trouble, None);
    assert_eq!(slow(&mut world), None);
}

#[test]
fn a_stock_the_broker_does_not_know_is_asked_about_rarely_and_judged_once_it_does() {
    let codes: Vec<StockCode> = CODES[..2].iter().map(|c| code(c)).collect();
    let (mut config, rules) = config(&codes, FOLD);
    // One quote a request: the answer for many names what it does not know in a way of its own.
    config.quotes_per_call = 1;
    let from = day("20261112").at(Minute::hm(9, 40)).plus_secs(7);
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 3);
    // Nor are its prints on the wire.
    world.broker.codes = codes[..1].to_vec();
    world.broker.unknown = Some(codes[1]);
    world.start();
    world.run_until(from.plus_secs(3_600));
    let asked = world.broker.asked_unknown;
    // The price, which all else hangs on, every half minute; everything else every ten.
    assert!((20..180).contains(&asked), "{asked} requests in an hour");
    let known = world.now;
    world.broker.unknown = None;
    world.broker.codes = codes.clone();
    let until = known.plus_secs(3_600);
    world.run_until(until.plus_secs(60));
    let trouble = [(from, known.plus_secs(180))];
    let (tally, text) = differences(&world, &rules, &joined(&codes, from, until), &trouble);
    assert!(text.is_empty(), "{text}");
    assert!(
        world.told.iter().any(|told| told.key.code == codes[1]),
        "{tally:?}"
    );
}

#[test]
fn a_stage_that_was_not_shown_before_the_end_is_told_at_the_next_start_and_only_there() {
    let codes: Vec<StockCode> = CODES[..2].iter().map(|c| code(c)).collect();
    let (config, _) = config(&codes, FOLD);
    let from = day("20261112").at(Minute::hm(10, 7)).plus_secs(13);
    let mut world = World::new(Rc::new(Tape::new(1)), config, from, 3);
    world.broker.codes = codes;
    world.start();
    world.run_until(from.plus_secs(900));
    let confirmed = |s: &&jeongbae::domain::Signal| s.stage == jeongbae::domain::Stage::Confirmed;
    let key = world.disk.signals.values().find(confirmed).unwrap().key;
    // The process ends, and on disk is only that the stage before was shown.
    world.act(Action::Kill(1_000));
    let on_disk = world.disk.signals.get_mut(&key).unwrap();
    on_disk.shown = Some(on_disk.at.plus_ms(-1));
    let told = |world: &World| world.told.iter().filter(|told| told.key == key).count();
    let before = told(&world);
    for _ in 0..3 {
        world.run_until(world.now.plus_secs(30));
        world.act(Action::Kill(1_000));
    }
    assert_eq!(told(&world), before + 1);
}
