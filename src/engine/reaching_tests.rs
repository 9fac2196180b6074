//! Which signals call the user, in which ways.

use std::sync::Arc;

use crate::conditions::{Expr, Manners, Repeat, Rule, RuleStage, Scope};
use crate::domain::{
    Calendar, Day, Minute, Moment, RuleKey, Signal, SignalKey, Source, Stage, StockCode, Timeframe,
};
use crate::engine::config::plain;
use crate::engine::{
    About, Call, Channel, Command, Effect, EngineConfig, Event, Outcome, ReachNews, Reached,
    Remembered, State, Together,
};
use crate::settings::ReachSettings;

fn now() -> Moment {
    let day = Day::from_ymd(2026, 11, 20).unwrap();
    day.at(Minute::hm(10, 30)).plus_secs(2)
}

pub(crate) fn signal(rule: u64, stock: u32, stage: Stage) -> Signal {
    let bar = now().day().at(Minute::hm(10, 0));
    Signal {
        key: SignalKey {
            rule: RuleKey(rule),
            code: StockCode::parse(&format!("{stock:06}")).unwrap(),
            timeframe: Timeframe::Minutes(30),
            bar,
        },
        stage,
        rule_name: format!("조건 {rule}").into(),
        rule_text: "close > 1".into(),
        stock_name: "종목".into(),
        price: 1,
        averages: vec![],
        source: Source::Rest,
        at: now(),
        bar_end: bar.plus_secs(1_800),
        rows_asked: None,
        reason: None,
        shown: None,
        seen: false,
    }
}

fn rule(key: u64, manners: Manners) -> Rule {
    Rule {
        hours: None,
        expires: None,
        name: format!("조건 {key}").into(),
        scope: Scope::All,
        timeframe: Timeframe::Minutes(30),
        expr: Expr::parse("close > 1").unwrap(),
        text: "close > 1".into(),
        stage: RuleStage::Forming,
        repeat: Repeat::OncePerBar,
        periods: vec![2, 3],
        key: RuleKey(key),
        manners,
    }
}

fn all_on() -> ReachSettings {
    ReachSettings {
        voice: true,
        telegram: true,
        webhook: true,
        ..ReachSettings::default()
    }
}

fn state(headless: bool, reach: ReachSettings, rules: Vec<Rule>) -> State {
    let remembered = Remembered::default();
    restarted(headless, reach, rules, remembered, &mut Vec::new())
}

/// An engine that begins with what was remembered.
pub(crate) fn restarted(
    headless: bool,
    reach: ReachSettings,
    rules: Vec<Rule>,
    remembered: Remembered,
    out: &mut Vec<Effect>,
) -> State {
    let config = EngineConfig {
        rules,
        headless,
        reach,
        ..plain()
    };
    State::new(config, Calendar::new(), remembered, now(), out)
}

/// Puts a signal and says that it is on disk; the calls that come of it.
pub(crate) fn ring(state: &mut State, signal: Signal) -> Vec<(Vec<Channel>, Arc<Call>)> {
    state.book.put(signal, false);
    let mut out = Vec::new();
    state.book.flush(&mut out);
    let batch = out.iter().find_map(|effect| match effect {
        Effect::Record { batch, .. } => Some(*batch),
        _ => None,
    });
    let event = Event::Recorded {
        batch: batch.unwrap(),
        error: None,
    };
    apply(state, 0, event)
}

fn apply(state: &mut State, secs: i64, event: Event) -> Vec<(Vec<Channel>, Arc<Call>)> {
    let mut out = Vec::new();
    state.apply(now().plus_secs(secs), event, &mut out);
    out.into_iter()
        .filter_map(|effect| match effect {
            Effect::Reach { by, call } => Some((by, call)),
            _ => None,
        })
        .collect()
}

use Channel::{Notification, Sound, Telegram, Voice, Webhook};

#[test]
fn each_stage_calls_once_and_only_the_first_aloud() {
    let mut state = state(false, all_on(), vec![]);
    let calls = ring(&mut state, signal(1, 5_930, Stage::Forming));
    let [(by, call)] = &calls[..] else {
        panic!("{calls:?}")
    };
    assert_eq!(by, &Channel::ALL);
    assert!(matches!(call.about, About::Signal { again: false, .. }));
    for stage in [Stage::Confirmed, Stage::Withdrawn] {
        let calls = ring(&mut state, signal(1, 5_930, stage));
        let [(by, call)] = &calls[..] else {
            panic!("{calls:?}")
        };
        assert_eq!(by, &[Notification, Telegram, Webhook]);
        assert!(matches!(call.about, About::Signal { again: true, .. }));
    }
}

#[test]
fn muted_only_messages_go_out_and_they_are_quiet() {
    let mut state = state(false, all_on(), vec![]);
    apply(&mut state, 0, Event::Command(Command::Mute(true)));
    let calls = ring(&mut state, signal(1, 5_930, Stage::Confirmed));
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].0, [Telegram, Webhook]);
    assert!(calls[0].1.quiet);
}

#[test]
fn without_a_window_only_messages_go_out() {
    let mut state = state(true, all_on(), vec![]);
    let calls = ring(&mut state, signal(1, 5_930, Stage::Confirmed));
    assert_eq!(calls[0].0, [Telegram, Webhook]);
}

#[test]
fn a_rule_has_manners_of_its_own() {
    let silent = Manners {
        sound: false,
        message: false,
        takeover: false,
        ..Manners::default()
    };
    let rules = vec![rule(1, silent), rule(2, Manners::default())];
    let mut state = state(false, all_on(), rules);
    let calls = ring(&mut state, signal(1, 5_930, Stage::Confirmed));
    assert_eq!(calls[0].0, [Notification]);
    apply(&mut state, 0, Event::Tick);
    assert_eq!(state.takeovers.current(), None);
    let calls = ring(&mut state, signal(2, 5_930, Stage::Confirmed));
    assert_eq!(calls[0].0, Channel::ALL);
    apply(&mut state, 0, Event::Tick);
    assert!(state.takeovers.current().is_some());
}

#[test]
fn late_signals_come_together_and_silently() {
    let mut state = state(false, all_on(), vec![]);
    for stock in 1..=40 {
        let calls = ring(&mut state, signal(u64::from(stock), stock, Stage::Late));
        assert!(calls.is_empty(), "{calls:?}");
    }
    assert!(apply(&mut state, 2, Event::Tick).is_empty(), "not yet");
    let calls = apply(&mut state, 4, Event::Tick);
    let by: Vec<Channel> = calls.iter().flat_map(|c| c.0.clone()).collect();
    assert_eq!(by, [Notification, Telegram, Webhook]);
    for (_, call) in &calls {
        let About::Several { why, signals } = &call.about else {
            panic!("{call:?}")
        };
        assert_eq!((*why, signals.len()), (Together::Late, 40));
    }
    assert!(apply(&mut state, 60, Event::Tick).is_empty(), "once");
}

#[test]
fn a_storm_is_told_of_in_one_call_and_loses_none() {
    let mut state = state(false, all_on(), vec![]);
    let mut single = 0;
    for stock in 1..=60 {
        let calls = ring(&mut state, signal(9, stock, Stage::Confirmed));
        single += calls.len();
    }
    assert_eq!(single, 15);
    let calls = apply(&mut state, 5, Event::Tick);
    let heard = |c: &Channel| matches!(c, Sound | Voice);
    assert!(calls.iter().all(|(by, _)| !by.iter().any(heard)));
    let About::Several { why, signals } = &calls[0].1.about else {
        panic!("{calls:?}")
    };
    assert_eq!((*why, signals.len()), (Together::Storm, 45));
}

#[test]
fn stages_of_one_signal_and_signals_told_late_are_no_storm() {
    let mut state = state(false, all_on(), vec![]);
    for stock in 100..=140 {
        ring(&mut state, signal(9, stock, Stage::Late));
    }
    apply(&mut state, 1, Event::Tick);
    assert_eq!(
        state.takeovers.current(),
        None,
        "late ones take nothing over"
    );
    for stage in [Stage::Forming, Stage::Confirmed] {
        for stock in 1..=15 {
            let calls = ring(&mut state, signal(9, stock, stage));
            assert_eq!(calls.len(), 1, "{stage:?} {stock}");
            let alone = matches!(calls[0].1.about, About::Signal { .. });
            assert!(alone, "{stage:?} {stock}: {calls:?}");
        }
    }
    let calls = ring(&mut state, signal(9, 16, Stage::Confirmed));
    assert!(calls.is_empty(), "the sixteenth: {calls:?}");
}

#[test]
fn a_trial_goes_where_it_was_asked_for_and_its_end_is_in_the_picture() {
    let mut state = state(false, ReachSettings::default(), vec![]);
    let ask = Event::Command(Command::TryReach(Webhook));
    let calls = apply(&mut state, 0, ask);
    assert_eq!(calls.len(), 1, "although it is off");
    assert_eq!(
        (&calls[0].0[..], &calls[0].1.about),
        (&[Webhook][..], &About::Trial)
    );
    let told = |outcome| {
        Event::Reached(ReachNews {
            channel: Webhook,
            what: Reached::Told {
                what: "시험".into(),
                at: now(),
                outcome,
                waiting: 3,
            },
        })
    };
    apply(&mut state, 1, told(Outcome::Waits("연결되지 않음".into())));
    apply(&mut state, 2, told(Outcome::Waits("연결되지 않음".into())));
    let picture = state.snapshot(std::time::Instant::now());
    let way = &picture.reach.ways[&Webhook];
    assert_eq!((way.waiting, way.delivered, way.failed), (3, 0, 0));
    assert_eq!(picture.notices.len(), 1, "said once");
    assert!(
        picture.notices[0]
            .text
            .to_string()
            .contains("웹훅: 보내지 못했습니다")
    );
    apply(&mut state, 3, told(Outcome::Delivered));
    let picture = state.snapshot(std::time::Instant::now());
    assert_eq!(picture.reach.ways[&Webhook].delivered, 1);
}

#[test]
fn other_ways_hold_at_once_and_are_written() {
    let mut state = state(false, ReachSettings::default(), vec![]);
    let settings = ReachSettings {
        sound: false,
        ..ReachSettings::default()
    };
    let mut out = Vec::new();
    let set = Event::Command(Command::SetReach(settings.clone()));
    state.apply(now(), set.clone(), &mut out);
    assert!(out.contains(&Effect::SetReach(settings.clone())));
    assert!(out.contains(&Effect::Edit(crate::engine::Edit::Reach(settings.clone()))));
    let calls = ring(&mut state, signal(1, 5_930, Stage::Confirmed));
    assert_eq!(calls[0].0, [Notification]);
    out.clear();
    state.apply(now(), set, &mut out);
    assert_eq!(out, [Effect::SetReach(settings)], "nothing to write");
}
