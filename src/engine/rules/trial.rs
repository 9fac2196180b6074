//! Rules that are looked at without being kept: where one holds now, and what it would have given.

use std::sync::Arc;

use super::{BacktestView, Match, Preview, PreviewRow, rule_of};
use crate::bars::Series;
use crate::conditions::{Rule, Scope};
use crate::domain::{Moment, StockCode, Timeframe};
use crate::engine::backtest::{Backtest, BacktestJob, SESSIONS};
use crate::engine::bench::match_of;
use crate::engine::effect::Effect;
use crate::engine::state::State;
use crate::engine::stock::Stock;
use crate::settings::RuleSetting;

/// Between two backtests of one wish, while history is still coming, ms.
const AGAIN_MS: i64 = 2_000;

/// What the list of rules and the editor ask for.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct RuleDesk {
    /// The list is on the screen.
    pub(in crate::engine) shown: bool,
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
    pub(in crate::engine) fn wants(
        &self,
        code: StockCode,
    ) -> impl Iterator<Item = (Timeframe, usize)> {
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

impl State {
    pub(in crate::engine) fn preview(
        &mut self,
        setting: Option<Arc<RuleSetting>>,
        out: &mut Vec<Effect>,
    ) {
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

    pub(in crate::engine) fn ask_backtest(
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
    pub(in crate::engine) fn look_at_backtest(&mut self, out: &mut Vec<Effect>) {
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

    pub(in crate::engine) fn on_backtested(&mut self, done: Backtest) {
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

    pub(in crate::engine) fn preview_view(&self) -> Option<Arc<Preview>> {
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

    pub(in crate::engine) fn backtest_view(&self) -> Option<Arc<BacktestView>> {
        let asked = self.desk.backtest.as_ref()?;
        Some(Arc::new(BacktestView {
            rule: asked.tried.setting.clone(),
            waiting: self.waiting(&asked.tried),
            running: asked.running,
            result: asked.result.clone(),
        }))
    }

    /// The bars of a stock on which the backtested rule would have rung.
    pub(in crate::engine) fn tested_bars(
        &self,
        code: StockCode,
        timeframe: Timeframe,
    ) -> Arc<[Moment]> {
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
