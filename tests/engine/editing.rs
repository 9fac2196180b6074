//! Rules changed while the engine runs, and rules judged on the past.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use jeongbae::domain::{Day, Minute, Moment, SignalKey, Stage, StockCode, Timeframe};
use jeongbae::engine::Command;
use jeongbae::engine::rules::{Match, rule_of};
use jeongbae::settings::{Repeat, RuleSetting, RuleStage};

use crate::reference::{Bars, expected};
use crate::rules::{Cond, TestRule};
use crate::tape::Tape;
use crate::world::{Action, World};
use crate::{CODES, FOLD, code, config, day};

fn setting(name: &str, when: &str, timeframe: Timeframe, repeat: Repeat) -> RuleSetting {
    RuleSetting {
        name: name.to_owned(),
        enabled: true,
        codes: None,
        groups: None,
        timeframe,
        when: when.to_owned(),
        when_at: 0,
        stage: RuleStage::Close,
        repeat,
        periods: Some(vec![3, 5, 10]),
        hours: None,
        expires: None,
        manners: Default::default(),
    }
}

/// The same rule for the reference.
fn reference(setting: &RuleSetting, cond: Cond) -> TestRule {
    let rule = rule_of(setting, &[3, 5, 10], FOLD, jeongbae::domain::Market::Krx).unwrap();
    TestRule {
        cond,
        timeframe: setting.timeframe,
        repeat: setting.repeat,
        periods: vec![3, 5, 10],
        hours: None,
        expires: None,
        key: rule.key,
    }
}

fn standing(world: &World, rule: &TestRule) -> BTreeSet<SignalKey> {
    let signals = world.disk.signals.values();
    let of_rule = signals.filter(|s| s.key.rule == rule.key && s.stage.stands());
    of_rule.map(|s| s.key).collect()
}

fn should_stand(
    world: &World,
    rule: &TestRule,
    codes: &[StockCode],
    (from, until): (Moment, Moment),
) -> BTreeSet<SignalKey> {
    let auction = FOLD.auction;
    let bars = Bars::new(&world.tape, auction);
    let one = |&code| expected(&bars, rule, code, from, until).standing;
    codes.iter().flat_map(one).collect()
}

fn put(was: Option<&str>, rule: &RuleSetting) -> Action {
    Action::Do(Command::PutRule {
        was: was.map(str::to_owned),
        rule: Arc::new(rule.clone()),
        at: None,
    })
}

/// A morning with two rules from its start.
fn world_of(first: &[&RuleSetting], codes: &[StockCode], from: Moment) -> World {
    let (mut config, _) = config(codes, FOLD);
    config.written = first.iter().map(|rule| Arc::new((*rule).clone())).collect();
    config.rules = config
        .written
        .iter()
        .map(|rule| rule_of(rule, &config.periods, FOLD, config.market).unwrap())
        .collect();
    let mut world = World::new(Rc::new(Tape::new(11)), config, from, 11);
    world.broker.codes = codes.to_vec();
    world.start();
    world
}

#[test]
fn rules_added_changed_and_removed_ring_exactly_while_they_are_there() {
    let m = Timeframe::Minutes;
    let codes: Vec<StockCode> = CODES[..3].iter().map(|c| code(c)).collect();
    let on = day("20261112");
    let at = |minute: u16| on.at(Minute::hm(10, minute)).plus_ms(31_000);
    let (from, until) = (at(3), at(58));
    let stays = setting("남는다", "close > ma20", m(1), Repeat::UntilReversed);
    let goes = setting("간다", "close crosses above ma5", m(1), Repeat::OncePerBar);
    let comes = setting("온다", "high > ma20", m(1), Repeat::OncePerDay);
    let changed = setting("온다", "ma3 crosses above ma5", m(1), Repeat::OncePerBar);
    let renamed = RuleSetting {
        name: "이름만 바뀐다".to_owned(),
        ..stays.clone()
    };
    let off = RuleSetting {
        enabled: false,
        ..changed.clone()
    };
    let mut world = world_of(&[&stays, &goes], &codes, from);
    world.at(at(15), put(None, &comes));
    world.at(at(25), Action::Do(Command::RemoveRule(goes.name.clone())));
    world.at(at(30), put(Some("남는다"), &renamed));
    world.at(at(35), put(Some("온다"), &changed));
    world.at(at(45), put(Some("온다"), &off));
    // A name that is taken changes nothing.
    world.at(at(46), put(None, &renamed));
    world.run_until(until.plus_secs(60));

    let same = |rule: &RuleSetting, cond: Cond, stretch: (Moment, Moment)| {
        let rule = reference(rule, cond);
        let wanted = should_stand(&world, &rule, &codes, stretch);
        assert_eq!(standing(&world, &rule), wanted, "{:?}", rule.cond);
        assert!(!wanted.is_empty(), "{:?}", rule.cond);
    };
    same(&stays, Cond::CloseOver(20), (from, until));
    same(&goes, Cond::CloseCrosses(5), (from, at(25)));
    same(&comes, Cond::HighOver(20), (at(15), at(35)));
    same(&changed, Cond::CrossAbove(3, 5), (at(35), at(45)));
    let names: BTreeSet<&str> = world
        .disk
        .signals
        .values()
        .filter(|s| at(31) < s.at)
        .map(|s| &*s.rule_name)
        .collect();
    assert!(names.contains("이름만 바뀐다") && !names.contains("남는다"));
    let picture = world.picture().unwrap();
    let listed: Vec<_> = picture.rules.iter().map(|r| &*r.setting.name).collect();
    assert_eq!(listed, ["이름만 바뀐다", "온다"]);
    assert!(
        picture
            .notices
            .iter()
            .any(|n| n.text.to_string().contains("같은 이름"))
    );
}

#[test]
fn a_signal_still_forming_is_withdrawn_with_its_rule() {
    let codes: Vec<StockCode> = CODES[..3].iter().map(|c| code(c)).collect();
    let on = day("20261112");
    let at = |minute: u16| on.at(Minute::hm(10, minute)).plus_ms(31_000);
    let forming = RuleSetting {
        stage: RuleStage::Forming,
        ..setting(
            "아직",
            "high > low",
            Timeframe::Minutes(30),
            Repeat::OncePerBar,
        )
    };
    let mut world = world_of(&[&forming], &codes, at(3));
    world.at(
        at(40),
        Action::Do(Command::RemoveRule(forming.name.clone())),
    );
    world.run_until(at(39));
    let open = |world: &World| {
        let signals = world.disk.signals.values();
        signals.filter(|s| s.stage == Stage::Forming).count()
    };
    assert!(0 < open(&world));
    world.run_until(at(42));
    assert_eq!(open(&world), 0);
}

#[test]
fn of_the_bar_in_which_a_rule_was_made_and_true_already_only_the_close_is_told() {
    let on = day("20261112");
    let at = |minute: u16| on.at(Minute::hm(10, minute)).plus_ms(31_000);
    let other = setting(
        "다른",
        "close < 1",
        Timeframe::Minutes(30),
        Repeat::OncePerBar,
    );
    let forming = RuleSetting {
        stage: RuleStage::Forming,
        ..setting(
            "이미",
            "close > 1",
            Timeframe::Minutes(30),
            Repeat::OncePerBar,
        )
    };
    let mut world = world_of(&[&other], &[code(CODES[0])], at(3));
    world.at(at(12), put(None, &forming));
    world.run_until(at(29));
    assert!(world.told.is_empty(), "{:?}", world.told);
    world.run_until(at(35));
    let told: Vec<_> = world.told.iter().map(|t| (t.key.bar, t.stage)).collect();
    let bar = |minute| on.at(Minute::hm(10, minute));
    assert!(told.contains(&(bar(0), Stage::Confirmed)), "{told:?}");
    assert!(told.contains(&(bar(30), Stage::Forming)), "{told:?}");
    assert!(!told.contains(&(bar(0), Stage::Forming)), "{told:?}");
}

#[test]
fn what_holds_now_is_counted_without_keeping_the_rule() {
    let m = Timeframe::Minutes;
    let codes: Vec<StockCode> = CODES[..3].iter().map(|c| code(c)).collect();
    let on = day("20261112");
    let at = |minute: u16| on.at(Minute::hm(10, minute)).plus_ms(31_000);
    let kept = setting("남는다", "close > ma5", m(1), Repeat::OncePerBar);
    let mut world = world_of(&[&kept], &codes, at(3));
    let tried = Arc::new(setting("본다", "close > ma20", m(15), Repeat::OncePerBar));
    world.at(at(5), Action::Do(Command::Preview(Some(tried.clone()))));
    world.at(at(5), Action::Do(Command::ShowRules(true)));
    world.run_until(at(20));
    let picture = world.picture().unwrap();
    let preview = picture.preview.clone().unwrap();
    assert_eq!(preview.rule, tried);
    assert_eq!(preview.rows.len(), 3);
    for row in &preview.rows {
        // The 15-minute bars were fetched for the preview alone.
        let price = row.price.unwrap().0;
        let bars = crate::reference::bars(&world.tape, row.code, m(15), on, on, FOLD.auction);
        let closed = bars.iter().rposition(|b| b.end <= world.now).unwrap();
        let sum: i64 = bars[closed - 18..=closed].iter().map(|b| b.close).sum();
        let holds = sum + price < price * 20;
        let wanted = if holds { Match::Holds } else { Match::Not };
        assert_eq!(row.state, wanted, "{}", row.code);
    }
    let matching = picture.rules[0].matching.unwrap();
    assert_eq!((matching.watched, matching.short), (3, 0));
    let long = Arc::new(setting("길다", "close > ma999", m(240), Repeat::OncePerBar));
    world.at(at(21), Action::Do(Command::Preview(Some(long))));
    world.run_until(at(22));
    let rows = world
        .picture()
        .unwrap()
        .preview
        .clone()
        .unwrap()
        .rows
        .clone();
    let short = |s: Match| matches!(s, Match::Short { have, need: 999 } if have < 999);
    assert!(rows.iter().all(|row| short(row.state)), "{rows:?}");
    assert!(standing(&world, &reference(&tried, Cond::CloseOver(20))).is_empty());
}

/// The backtest of a rule: the naive reference over the same sessions, and what rang live, must
/// both agree with it bar for bar.
#[test]
fn a_backtest_finds_what_would_have_rung_and_what_did() {
    use Repeat::{Once, OncePerBar, OncePerDay, UntilReversed};
    let m = Timeframe::Minutes;
    let codes: Vec<StockCode> = CODES[..3].iter().map(|c| code(c)).collect();
    let from = day("20261112").at(Minute::hm(10, 3)).plus_ms(31_000);
    let until = day("20261113").at(Minute::hm(11, 1)).plus_ms(31_000);
    let align = |becomes, bullish| Cond::Align { becomes, bullish };
    let rules = [
        (
            setting("가", "alignment becomes bullish", m(5), OncePerBar),
            align(true, true),
        ),
        (
            setting("나", "close > ma20", m(30), UntilReversed),
            Cond::CloseOver(20),
        ),
        (
            setting("다", "alignment is bearish", m(10), OncePerDay),
            align(false, false),
        ),
        (
            setting("라", "ma3 crosses above ma5", m(60), Once),
            Cond::CrossAbove(3, 5),
        ),
        (
            setting("마", "close > ma5", Timeframe::Day, OncePerBar),
            Cond::CloseOver(5),
        ),
    ];
    let kept: Vec<&RuleSetting> = rules.iter().map(|(setting, _)| setting).collect();
    let mut world = world_of(&kept, &codes, from);
    world.run_until(until);
    let mut total = 0;
    for (setting, cond) in &rules {
        let rule = reference(setting, cond.clone());
        let ask = Command::Backtest(Some(Arc::new(setting.clone())));
        world.at(world.now, Action::Do(ask));
        let now = world.now;
        world.run_until(now.plus_secs(120));
        let view = world.picture().unwrap().backtest.clone().unwrap();
        assert_eq!((view.waiting, view.running), (0, false));
        let result = view.result.clone().unwrap();
        let (first, last) = (result.from, result.to);
        assert_eq!(last, day("20261113"));
        assert_eq!(sessions(&world, first, last), 20);
        let hits: BTreeSet<SignalKey> = result
            .stocks
            .iter()
            .flat_map(|stock| {
                let key = |hit: &jeongbae::engine::backtest::Hit| SignalKey {
                    rule: rule.key,
                    code: stock.code,
                    timeframe: rule.timeframe,
                    bar: hit.bar,
                };
                stock.hits.iter().map(key).collect::<Vec<_>>()
            })
            .collect();
        let stretch = (first.at(Minute(0)), now);
        let wanted = should_stand(&world, &rule, &codes, stretch);
        assert_eq!(hits, wanted, "{:?} {:?}", rule.cond, rule.repeat);
        assert!(result.stocks.iter().all(|stock| stock.judged == stock.bars));
        total += hits.len();
        // What depends on what rang before is compared from the second day on.
        let live_from = match rule.repeat {
            OncePerBar => from,
            OncePerDay => day("20261113").at(Minute(0)),
            UntilReversed | Once => continue,
        };
        let since = |keys: &BTreeSet<SignalKey>| -> BTreeSet<SignalKey> {
            let end = |key: &SignalKey| world.disk.signals.get(key).map(|s| s.bar_end);
            let after = |key: &&SignalKey| live_from < key.bar || Some(live_from) < end(key);
            keys.iter().filter(after).copied().collect()
        };
        assert_eq!(since(&hits), since(&standing(&world, &rule)));
    }
    assert!(30 < total, "{total}");
    world.at(world.now, Action::Do(Command::Backtest(None)));
    let now = world.now;
    world.run_until(now.plus_secs(2));
    assert!(world.picture().unwrap().backtest.is_none());
}

fn sessions(world: &World, from: Day, to: Day) -> usize {
    (from.number()..=to.number())
        .filter(|&n| world.tape.calendar.is_open(Day::from_number(n)))
        .count()
}
