//! The rules while the program runs: changed by the user, and counted for the list. Those that
//! are only tried are in `trial`.

mod trial;

use std::sync::Arc;

use crate::bars::BarRules;
use crate::conditions::{Expr, Rule, RuleTextError, Scope, rule_key, tell_apart};
use crate::domain::{Market, Moment, RuleKey, Signal, Stage, StockCode, Won};
use crate::engine::backtest::Backtest;
use crate::engine::bench::match_of;
use crate::engine::effect::{Edit, Effect, Urgency};
use crate::engine::signals::Brief;
use crate::engine::state::State;
use crate::settings::RuleSetting;

pub(super) use trial::RuleDesk;

/// A rule of the configuration file, as the list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleView {
    /// As the file has it.
    pub setting: Arc<RuleSetting>,
    /// Where it holds now; `None` while it is off or nobody looks at the list.
    pub matching: Option<Matching>,
    /// Its newest standing signal: the stock's name, and when it was given. `None` also while
    /// nobody looks at the list.
    pub last: Option<(Arc<str>, Moment)>,
}

/// On how many stocks a rule holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// Stocks on which it holds.
    pub holds: usize,
    /// Stocks it watches.
    pub watched: usize,
    /// Of these, such as lack bars.
    pub short: usize,
}

/// Where the rule being edited holds now.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The rule.
    pub rule: Arc<RuleSetting>,
    /// Its stocks, in the user's order.
    pub rows: Vec<PreviewRow>,
}

/// A stock under the rule being edited.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewRow {
    /// The stock.
    pub code: StockCode,
    /// Its name.
    pub name: Arc<str>,
    /// Its last price, won.
    pub price: Option<Won>,
    /// Whether the rule holds on the bar being built, or on the newest closed one where none is.
    pub state: Match,
}

/// What a rule says of a stock now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It holds.
    Holds,
    /// It does not hold.
    Not,
    /// Bars are missing.
    Short {
        /// Bars held, the one being built included.
        have: usize,
        /// Bars needed.
        need: usize,
    },
    /// The stock is not watched: its bars come once the rule is kept.
    NotWatched,
}

/// A backtest on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct BacktestView {
    /// The rule.
    pub rule: Arc<RuleSetting>,
    /// Stocks whose past bars are still being fetched.
    pub waiting: usize,
    /// It is being worked out now.
    pub running: bool,
    /// The newest result.
    pub result: Option<Arc<Backtest>>,
}

/// A rule of the file as the engine judges it.
///
/// # Errors
/// The place at which its text is no rule.
pub fn rule_of(
    setting: &RuleSetting,
    averages: &[u16],
    bars: BarRules,
    market: Market,
) -> Result<Rule, RuleTextError> {
    let expr = Expr::parse(&setting.when)?;
    let periods = setting.periods.as_deref().unwrap_or(averages).to_vec();
    let scope = match (&setting.codes, &setting.groups) {
        (Some(codes), _) => Scope::Codes(codes.clone()),
        (None, Some(groups)) => Scope::Groups(groups.clone()),
        (None, None) => Scope::All,
    };
    let key = rule_key(
        &expr,
        setting.timeframe,
        setting.stage,
        &periods,
        bars,
        market,
    );
    Ok(Rule {
        name: setting.name.as_str().into(),
        scope,
        timeframe: setting.timeframe,
        text: setting.when.as_str().into(),
        expr,
        stage: setting.stage,
        repeat: setting.repeat,
        periods,
        hours: setting.hours,
        expires: setting.expires,
        key,
        manners: setting.manners,
    })
}

/// The rules of the file that are switched on.
///
/// # Errors
/// The name of the first rule whose text is none, and the place.
pub fn rules_of(
    written: &[Arc<RuleSetting>],
    averages: &[u16],
    bars: BarRules,
    market: Market,
) -> Result<Vec<Rule>, (String, RuleTextError)> {
    let mut rules = Vec::new();
    for setting in written.iter().filter(|setting| setting.enabled) {
        let rule = rule_of(setting, averages, bars, market);
        rules.push(rule.map_err(|error| (setting.name.clone(), error))?);
    }
    tell_apart(&mut rules);
    Ok(rules)
}

impl State {
    pub(super) fn put_rule(
        &mut self,
        was: Option<String>,
        rule: Arc<RuleSetting>,
        at: Option<usize>,
        out: &mut Vec<Effect>,
    ) {
        let mut written = self.config.written.clone();
        let place = was
            .as_ref()
            .and_then(|was| written.iter().position(|known| known.name == *was));
        let taken = written
            .iter()
            .enumerate()
            .any(|(i, known)| known.name == rule.name && Some(i) != place);
        if taken || (was.is_some() && place.is_none()) {
            let text = said!(
                "조건 ‘%{name}’을 저장하지 못했습니다. 같은 이름이 있거나 그사이 지워졌습니다. 이름을 바꿔 다시 저장하세요.",
                name = rule.name.as_str()
            );
            self.notices.add(self.now, text, None);
            return;
        }
        match place {
            Some(place) => written[place] = rule.clone(),
            None => {
                let at = at.unwrap_or(usize::MAX).min(written.len());
                written.insert(at, rule.clone());
            }
        }
        if self.renew_rules(written, out) {
            out.push(Effect::Edit(Edit::PutRule { was, rule }));
        }
    }

    pub(super) fn remove_rule(&mut self, name: &str, out: &mut Vec<Effect>) {
        let mut written = self.config.written.clone();
        let before = written.len();
        written.retain(|known| known.name != name);
        if written.len() != before && self.renew_rules(written, out) {
            out.push(Effect::Edit(Edit::RemoveRule(name.to_owned())));
        }
    }

    /// Puts other rules into force. What stays the same rule keeps its marks; what is new begins
    /// with a baseline on every stock; what a rule that is gone had under way is withdrawn.
    pub(super) fn renew_rules(
        &mut self,
        written: Vec<Arc<RuleSetting>>,
        out: &mut Vec<Effect>,
    ) -> bool {
        let config = &self.config;
        let rules = match rules_of(&written, &config.periods, config.bars, config.market) {
            Ok(rules) => rules,
            Err((name, error)) => {
                let text = said!(
                    "조건 ‘%{name}’을(를) 읽을 수 없습니다: %{error}",
                    name = name,
                    error = crate::settings::wrong_rule(&error)
                );
                self.notices.add(self.now, text, None);
                return false;
            }
        };
        let followed = self.config.followed();
        let old = std::mem::replace(&mut self.rules, rules.clone().into());
        self.config.written = written;
        self.config.rules = rules;
        let keys: Vec<RuleKey> = self.rules.iter().map(|rule| rule.key).collect();
        for stock in self.stocks.values_mut() {
            stock.rules.retain_mut(|state| {
                let key = old[state.rule].key;
                let place = keys.iter().position(|known| *known == key);
                state.rule = place.unwrap_or(state.rule);
                place.is_some_and(|at| self.config.applies(&self.rules[at], stock.code))
            });
            stock.watchpoints.forget();
        }
        self.withdraw_all_but(&keys);
        if self.book.keep_marks_of(&keys) {
            out.push(Effect::KeepMarksOf(keys));
        }
        let now_followed = self.config.followed();
        for &code in followed.iter().filter(|code| !now_followed.contains(code)) {
            let closed = self.stocks.get(&code).is_some_and(|s| s.window.is_none());
            if closed {
                self.stocks.remove(&code);
                out.push(Effect::Abandon { code, all: true });
            } else {
                self.refit(code);
            }
        }
        let mut new = Vec::new();
        for &code in &now_followed {
            if !self.stocks.contains_key(&code) {
                new.push(code);
            }
            // Where the rule was already, nothing begins anew.
            self.follow(code, true, out);
        }
        self.ask_prices(&new, Urgency::Price, out);
        self.subscribe(out);
        for code in now_followed {
            self.settle(code, out);
        }
        true
    }

    /// A signal that is forming under a rule that is gone ends here: nobody will judge it.
    fn withdraw_all_but(&mut self, keys: &[RuleKey]) {
        let orphans: Vec<Arc<Signal>> = self
            .book
            .told()
            .filter(|s| s.stage == Stage::Forming && !keys.contains(&s.key.rule))
            .filter_map(|s| self.book.get(&s.key).cloned())
            .collect();
        for orphan in orphans {
            let mut signal = (*orphan).clone();
            signal.stage = Stage::Withdrawn;
            signal.at = self.now;
            signal.reason = Some(key!("조건이 바뀌거나 지워져 더 판정하지 않습니다").into());
            self.book.put(signal, false);
        }
    }

    pub(super) fn rule_views(&self) -> Arc<[RuleView]> {
        let view = |setting: &Arc<RuleSetting>| {
            let rule = self.rules.iter().find(|rule| *rule.name == *setting.name);
            let rule = rule.filter(|_| self.desk.shown);
            RuleView {
                setting: setting.clone(),
                matching: rule.map(|rule| self.matching(rule)),
                last: rule.and_then(|rule| self.last_signal(rule.key)),
            }
        };
        self.config.written.iter().map(view).collect()
    }

    fn matching(&self, rule: &Rule) -> Matching {
        let mut matching = Matching::default();
        for stock in self.stocks.values() {
            if !self.config.applies(rule, stock.code) {
                continue;
            }
            matching.watched += 1;
            match match_of(stock, rule) {
                Match::Holds => matching.holds += 1,
                Match::Short { .. } => matching.short += 1,
                Match::Not | Match::NotWatched => {}
            }
        }
        matching
    }

    fn last_signal(&self, rule: RuleKey) -> Option<(Arc<str>, Moment)> {
        let of_rule = |s: &Brief| s.key.rule == rule && s.stage.stands();
        let last = self.book.told().filter(of_rule).max_by_key(|s| s.at)?;
        let code = last.key.code;
        let name = match (self.book.get(&last.key), self.stocks.get(&code)) {
            (Some(signal), _) => signal.stock_name.clone(),
            (None, Some(stock)) => stock.name.clone(),
            (None, None) => code.as_str().into(),
        };
        Some((name, last.at))
    }
}
