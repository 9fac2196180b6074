//! The rules while the program runs: changed by the user, counted for the list, tried in the
//! editor, judged on the past.

use std::sync::Arc;

use crate::bars::{BarRules, Series};
use crate::conditions::{Expr, Rule, RuleTextError, Scope, rule_key, tell_apart};
use crate::domain::{Market, Moment, RuleKey, Signal, Stage, StockCode, Timeframe, Won};
use crate::engine::backtest::{Backtest, BacktestJob, SESSIONS};
use crate::engine::bench::match_of;
use crate::engine::effect::{Edit, Effect, Urgency};
use crate::engine::state::State;
use crate::engine::stock::Stock;
use crate::settings::RuleSetting;

/// Between two backtests of one wish, while history is still coming, ms.
const AGAIN_MS: i64 = 2_000;

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

/// What the list of rules and the editor ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleDesk {
    /// The list is on the screen.
    pub(super) shown: bool,
    preview: Option<Tried>,
    backtest: Option<Asked>,
    serial: u64,
}

/// A rule that is looked at without being kept.
#[derive(Clone, Debug)]
struct Tried {
    setting: Arc<RuleSetting>,
    rule: Rule,
    /// In the user's order.
    codes: Vec<StockCode>,
    /// Bars wanted of each.
    need: usize,
    /// The other timeframes it names, with the bars wanted of them.
    others: Vec<(Timeframe, usize)>,
}

#[derive(Clone, Debug)]
struct Asked {
    tried: Tried,
    serial: u64,
    running: bool,
    /// Bars that the last run had, and when it began.
    had: Option<(usize, Moment)>,
    result: Option<Arc<Backtest>>,
}

impl RuleDesk {
    /// The timeframes and numbers of bars wanted of a stock.
    pub(super) fn wants(&self, code: StockCode) -> impl Iterator<Item = (Timeframe, usize)> {
        let tried = [
            self.preview.as_ref(),
            self.backtest.as_ref().map(|asked| &asked.tried),
        ];
        tried
            .into_iter()
            .flatten()
            .filter(move |tried| tried.codes.contains(&code))
            .flat_map(|tried| {
                let own = (tried.rule.timeframe, tried.need);
                std::iter::once(own).chain(tried.others.iter().copied())
            })
    }
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
            return self.notices.add(self.now, text, None);
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
                    "조건 ‘%{name}’을 읽을 수 없습니다: %{error}",
                    name = name,
                    error = error.to_string()
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
            .cloned()
            .collect();
        for orphan in orphans {
            let mut signal = (*orphan).clone();
            signal.stage = Stage::Withdrawn;
            signal.at = self.now;
            signal.reason = Some(key!("조건이 바뀌거나 지워져 더 판정하지 않습니다").into());
            self.book.put(signal, false);
        }
    }

    pub(super) fn preview(&mut self, setting: Option<Arc<RuleSetting>>, out: &mut Vec<Effect>) {
        let old = self.desk.preview.take();
        self.desk.preview = setting.and_then(|setting| self.tried(setting, 0));
        let new = self.desk.preview.as_ref();
        let wish = |tried: &Tried| {
            (
                tried.codes.clone(),
                tried.rule.timeframe,
                tried.need,
                tried.others.clone(),
            )
        };
        if old.as_ref().map(wish) != new.map(wish) {
            self.refit_for(old, self.desk.preview.clone(), out);
        }
    }

    /// A rule that is not kept, with the stocks it would watch. `None` where its text is none.
    fn tried(&self, setting: Arc<RuleSetting>, more: usize) -> Option<Tried> {
        let config = &self.config;
        let rule = rule_of(&setting, &config.periods, config.bars, config.market).ok()?;
        let codes = match &rule.scope {
            Scope::Codes(codes) => codes.clone(),
            _ => {
                let watched = config.watched().into_iter();
                watched.filter(|&c| config.applies(&rule, c)).collect()
            }
        };
        let need = rule.expr.need(&rule.periods) + more;
        let past = |timeframe| match more {
            0 => 0,
            _ => self.bars_of_sessions(timeframe),
        };
        let others = rule.expr.needs_elsewhere(&rule.periods);
        let others = others.map(|(timeframe, need)| (timeframe, need + past(timeframe)));
        Some(Tried {
            others: others.collect(),
            setting,
            rule,
            codes,
            need,
        })
    }

    /// Other bars are wanted of the stocks of two wishes.
    fn refit_for(&mut self, old: Option<Tried>, new: Option<Tried>, out: &mut Vec<Effect>) {
        for code in old.into_iter().flat_map(|tried| tried.codes) {
            self.refit(code);
        }
        for code in new.into_iter().flat_map(|tried| tried.codes) {
            self.refit(code);
            self.settle(code, out);
        }
    }

    pub(super) fn ask_backtest(
        &mut self,
        setting: Option<Arc<RuleSetting>>,
        out: &mut Vec<Effect>,
    ) {
        let old = self.desk.backtest.take().map(|asked| asked.tried);
        let more = |timeframe| self.bars_of_sessions(timeframe);
        let tried = setting.and_then(|s| self.tried(s.clone(), more(s.timeframe)));
        self.desk.serial += 1;
        self.desk.backtest = tried.map(|tried| Asked {
            tried,
            serial: self.desk.serial,
            running: false,
            had: None,
            result: None,
        });
        let new = self.desk.backtest.as_ref().map(|asked| asked.tried.clone());
        self.refit_for(old, new, out);
        self.dirty_windows();
        self.look_at_backtest(out);
    }

    /// How many bars of a timeframe the sessions of a backtest have.
    fn bars_of_sessions(&self, timeframe: Timeframe) -> usize {
        let Some(minutes) = timeframe.minutes() else {
            return SESSIONS;
        };
        let days = self.calendar.open_days_before(self.now.day(), SESSIONS);
        let slots = |&day| {
            let hours = self.calendar.hours(day, self.config.market);
            hours.map_or(0, |hours| self.config.bars.slots(&hours, minutes).len())
        };
        days.iter().map(slots).sum()
    }

    /// Runs the backtest that was asked for, and again when more bars are here.
    pub(super) fn look_at_backtest(&mut self, out: &mut Vec<Effect>) {
        let Some(asked) = &self.desk.backtest else {
            return;
        };
        let timeframe = asked.tried.rule.timeframe;
        let series = |&code: &StockCode| {
            let stock = self.stocks.get(&code)?;
            let track = stock.track(timeframe).filter(|track| !track.dirty)?;
            Some((code, stock.name.clone(), track.series.clone()))
        };
        let held: usize = asked
            .tried
            .codes
            .iter()
            .filter_map(|code| Some(self.stocks.get(code)?.track(timeframe)?.series.len()))
            .sum();
        let due = asked.had.is_none_or(|(had, at)| {
            had != held && (AGAIN_MS <= self.now.ms_since(at) || self.waiting(&asked.tried) == 0)
        });
        if asked.running || !due {
            return;
        }
        let mut config = self.config.clone();
        config.rules = vec![asked.tried.rule.clone()];
        config.written.clear();
        config.columns.clear();
        out.push(Effect::Backtest(Box::new(BacktestJob {
            serial: asked.serial,
            config,
            calendar: (*self.calendar).clone(),
            until: self.now,
            series: asked.tried.codes.iter().filter_map(series).collect(),
            others: self.others_of(&asked.tried),
        })));
        let now = self.now;
        if let Some(asked) = &mut self.desk.backtest {
            asked.running = true;
            asked.had = Some((held, now));
        }
        self.news = true;
    }

    pub(super) fn on_backtested(&mut self, done: Backtest) {
        let Some(asked) = &mut self.desk.backtest else {
            return;
        };
        if asked.serial != done.serial {
            return;
        }
        asked.running = false;
        asked.result = Some(Arc::new(done));
        self.news = true;
        self.dirty_windows();
    }

    fn dirty_windows(&mut self) {
        for stock in self.stocks.values_mut() {
            if let Some(window) = &mut stock.window {
                window.dirty = true;
            }
        }
    }

    /// The bars of other timeframes that a rule names.
    fn others_of(&self, tried: &Tried) -> Vec<(StockCode, Timeframe, Arc<Series>)> {
        let mut all = Vec::new();
        for &(timeframe, _) in &tried.others {
            all.extend(tried.codes.iter().filter_map(|&code| {
                let track = self.stocks.get(&code)?.track(timeframe)?;
                (!track.dirty).then(|| (code, timeframe, track.series.clone()))
            }));
        }
        all
    }

    /// Stocks of which more bars can be had than are here.
    fn waiting(&self, tried: &Tried) -> usize {
        let short = |stock: &Stock, timeframe, need| {
            let have = stock.track(timeframe).map_or(0, |t| t.series.len());
            have < need && !stock.has_ended(timeframe)
        };
        let waits = |stock: &Stock| {
            let mut others = tried.others.iter();
            short(stock, tried.rule.timeframe, tried.need)
                || others.any(|&(timeframe, need)| short(stock, timeframe, need))
        };
        let stocks = tried.codes.iter().filter_map(|code| self.stocks.get(code));
        stocks.filter(|stock| waits(stock)).count()
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
        let of_rule = |s: &&Arc<Signal>| s.key.rule == rule && s.stage.stands();
        let last = self.book.told().filter(of_rule).max_by_key(|s| s.at)?;
        Some((last.stock_name.clone(), last.at))
    }

    pub(super) fn preview_view(&self) -> Option<Arc<Preview>> {
        let tried = self.desk.preview.as_ref()?;
        let row = |&code: &StockCode| {
            let stock = self.stocks.get(&code);
            let name = stock.map(|stock| stock.name.clone());
            PreviewRow {
                code,
                name: name
                    .or_else(|| self.names.name(code))
                    .unwrap_or_else(|| code.as_str().into()),
                price: stock.and_then(|stock| stock.quote).map(|quote| quote.price),
                state: stock.map_or(Match::NotWatched, |stock| match_of(stock, &tried.rule)),
            }
        };
        Some(Arc::new(Preview {
            rule: tried.setting.clone(),
            rows: tried.codes.iter().map(row).collect(),
        }))
    }

    pub(super) fn backtest_view(&self) -> Option<Arc<BacktestView>> {
        let asked = self.desk.backtest.as_ref()?;
        Some(Arc::new(BacktestView {
            rule: asked.tried.setting.clone(),
            waiting: self.waiting(&asked.tried),
            running: asked.running,
            result: asked.result.clone(),
        }))
    }

    /// The bars of a stock on which the backtested rule would have rung.
    pub(super) fn tested_bars(&self, code: StockCode, timeframe: Timeframe) -> Arc<[Moment]> {
        let asked = self.desk.backtest.as_ref();
        let asked = asked.filter(|asked| asked.tried.rule.timeframe == timeframe);
        let stocks = asked.and_then(|asked| asked.result.as_ref());
        let stocks = stocks.map_or(&[][..], |result| &result.stocks);
        let hits = stocks.iter().filter(|tested| tested.code == code);
        hits.flat_map(|tested| &tested.hits)
            .map(|hit| hit.bar)
            .collect()
    }
}
