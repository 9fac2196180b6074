//! Groups: what a change of one comes to, and which rules follow.

use super::*;
use crate::domain::{Calendar, Day, Minute};
use crate::engine::config::{EngineConfig, plain};
use crate::engine::rules::rules_of;
use crate::engine::state::Remembered;
use crate::settings::Settings;

fn code(text: &str) -> StockCode {
    StockCode::parse(text).unwrap()
}

/// Two groups that share a stock, and a rule on the second.
fn state() -> State {
    let text = "[[watchlist]]\ngroup = \"A\"\ncodes = [\"005930\", \"000660\"]\n\
        [[watchlist]]\ngroup = \"B\"\ncodes = [\"005930\"]\n\
        [[rule]]\nname = \"r\"\ngroups = [\"B\"]\ntimeframe = \"1m\"\nwhen = \"close > 1\"\n";
    let settings = Settings::parse(std::path::Path::new("x.toml"), text).unwrap();
    let plain = plain();
    let written: Vec<_> = settings.rules.into_iter().map(Arc::new).collect();
    let groups = settings.groups.iter().map(|group| GroupConfig {
        name: group.name.as_str().into(),
        codes: group.codes.clone(),
    });
    let config = EngineConfig {
        groups: groups.collect(),
        rules: rules_of(&written, &plain.periods, plain.bars, plain.market).unwrap(),
        written,
        ..plain
    };
    let now = Day::from_ymd(2026, 11, 20).unwrap().at(Minute::hm(10, 0));
    State::new(
        config,
        Calendar::new(),
        Remembered::default(),
        now,
        &mut Vec::new(),
    )
}

/// Whether the change was made and is to be written.
fn written(state: &mut State, change: GroupChange) -> bool {
    let mut out = Vec::new();
    state.change_group(change.clone(), &mut out);
    out.contains(&Effect::Edit(Edit::Group(change)))
}

fn judged(state: &State, stock: &str) -> bool {
    let stock = &state.stocks[&code(stock)];
    !stock.rules.is_empty()
}

#[test]
fn a_renamed_group_keeps_its_rules() {
    let mut state = state();
    let rename = |was: &str, name: &str| GroupChange::Rename {
        was: was.to_owned(),
        name: name.to_owned(),
    };
    let key = state.rules[0].key;
    assert!(written(&mut state, rename("B", "칩")));
    assert_eq!(state.config.written[0].groups, Some(vec!["칩".to_owned()]));
    assert_eq!(state.rules[0].key, key, "it is the same rule");
    assert!(judged(&state, "005930") && !judged(&state, "000660"));
    assert!(!written(&mut state, rename("칩", "A")), "taken");
    assert!(!written(&mut state, rename("B", "C")), "gone");
}

#[test]
fn a_group_that_a_rule_names_stays() {
    let mut state = state();
    assert!(!written(&mut state, GroupChange::Remove("B".to_owned())));
    assert_eq!(state.config.groups.len(), 2);
    assert!(written(&mut state, GroupChange::Remove("A".to_owned())));
    assert!(
        !state.stocks.contains_key(&code("000660")),
        "in no group now"
    );
    assert!(judged(&state, "005930"));
}

#[test]
fn a_stock_leaves_one_group_and_what_judges_it_there() {
    let mut state = state();
    let leave = |group: &str| GroupChange::Leave {
        group: group.to_owned(),
        code: code("005930"),
    };
    assert!(judged(&state, "005930"));
    assert!(written(&mut state, leave("B")));
    assert!(
        !judged(&state, "005930"),
        "the rule watches the other group"
    );
    assert!(!written(&mut state, leave("B")), "it is no longer there");
    assert!(written(&mut state, leave("A")));
    assert!(!state.stocks.contains_key(&code("005930")));
    assert!(written(&mut state, GroupChange::Add("C".to_owned())));
    assert!(!written(&mut state, GroupChange::Add("C".to_owned())));
}
