//! A rule judged on the past: how often it would have rung, and what prices did afterwards.
//!
//! It is the live engine's own judgement, fed the closed bars of past sessions one session after
//! the other, with a fresh baseline before the first. What only prints can tell (a signal on the
//! bar being built that its close took back) is not in it.

use std::sync::Arc;

use crate::bars::Series;
use crate::conditions::{Rule, Verdict};
use crate::domain::{Calendar, Day, Minute, Moment, StockCode, Timeframe};
use crate::engine::bench::Bench;
use crate::engine::config::{EngineConfig, GroupConfig};
use crate::engine::state::{Remembered, State};

/// Sessions looked back on, the running one included.
pub const SESSIONS: usize = 20;
/// Bars looked at after each hit.
pub const AFTER: usize = 20;

/// What is to be judged.
#[derive(Clone, Debug)]
pub struct BacktestJob {
    /// Comes back with the result.
    pub serial: u64,
    /// The engine's settings with this one rule.
    pub config: EngineConfig,
    /// Open days.
    pub calendar: Calendar,
    /// Bars that closed by now count.
    pub until: Moment,
    /// Every stock with its closed bars on the rule's timeframe.
    pub series: Vec<(StockCode, Arc<str>, Arc<Series>)>,
    /// The closed bars of other timeframes that the rule names.
    pub others: Vec<(StockCode, Timeframe, Arc<Series>)>,
}

impl PartialEq for BacktestJob {
    fn eq(&self, other: &Self) -> bool {
        self.serial == other.serial
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// Whose result it is.
    pub serial: u64,
    /// The first session looked at.
    pub from: Day,
    /// The last one.
    pub to: Day,
    /// Every stock, in the user's order.
    pub stocks: Vec<TestedStock>,
    /// What followed, by the number of bars after the hit, from 1; empty without a hit.
    pub after: Vec<After>,
}

/// One stock of a backtest.
#[derive(Clone, Debug, PartialEq)]
pub struct TestedStock {
    /// The stock.
    pub code: StockCode,
    /// Its name.
    pub name: Arc<str>,
    /// Bars of the sessions.
    pub bars: usize,
    /// Of these, such as could be judged: every average was defined.
    pub judged: usize,
    /// Where it would have rung, oldest first.
    pub hits: Vec<Hit>,
}

/// A bar on which a rule would have rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its opening.
    pub bar: Moment,
    /// Its close, won.
    pub price: i64,
}

/// The change of the close so many bars after the hits, percent of the hit's close.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct After {
    /// Bars after the hit.
    pub bars: usize,
    /// Hits that have so many bars after them.
    pub hits: usize,
    /// A quarter of them lies below this.
    pub lower: f64,
    /// Half of them.
    pub median: f64,
    /// Three quarters of them.
    pub upper: f64,
}

impl Backtest {
    /// A result without anything in it, of a job that could not be done.
    pub fn broken(serial: u64) -> Self {
        Self {
            serial,
            from: Moment(0).day(),
            to: Moment(0).day(),
            stocks: Vec::new(),
            after: Vec::new(),
        }
    }

    /// How often it would have rung.
    pub fn hits(&self) -> usize {
        self.stocks.iter().map(|stock| stock.hits.len()).sum()
    }
}

impl BacktestJob {
    /// Judges. Takes its time: not for the engine's loop.
    pub fn run(&self) -> Backtest {
        let days = self.days();
        let (Some(&from), Some(&to), Some(rule)) =
            (days.first(), days.last(), self.config.rules.first())
        else {
            return Backtest::broken(self.serial);
        };
        let mut state = self.state(from, rule);
        for &day in &days {
            let Some(hours) = self.calendar.hours(day, self.config.market) else {
                continue;
            };
            let end = day.at(self.config.bars.day_end(&hours));
            state.now = end.min(self.until);
            for (code, timeframe, series) in &self.others {
                bring_up(&mut state, *code, series, *timeframe);
            }
            for (code, _, series) in &self.series {
                bring_up(&mut state, *code, series, rule.timeframe);
                state.judge_stock(*code);
            }
        }
        let stocks: Vec<TestedStock> = self
            .series
            .iter()
            .map(|(code, name, series)| tested(&state, (*code, name), series, rule, from))
            .collect();
        let after = after(&stocks, &self.series);
        Backtest {
            serial: self.serial,
            from,
            to,
            stocks,
            after,
        }
    }

    /// The sessions looked at, oldest first; the running one is the last.
    fn days(&self) -> Vec<Day> {
        let today = self.until.day();
        let mut days = self.calendar.open_days_before(today, SESSIONS);
        days.sort_unstable();
        let hours = self.calendar.hours(today, self.config.market);
        if hours.is_some_and(|hours| today.at(hours.open) < self.until) {
            days.push(today);
        }
        days.split_off(days.len().saturating_sub(SESSIONS))
    }

    /// An engine that watches these stocks since before the first session.
    fn state(&self, from: Day, rule: &Rule) -> State {
        let mut config = self.config.clone();
        let codes = self.series.iter().map(|(code, ..)| *code).collect();
        config.groups = vec![GroupConfig {
            name: "".into(),
            codes,
        }];
        config.rules = vec![Rule {
            scope: crate::conditions::Scope::All,
            ..rule.clone()
        }];
        let (calendar, begin) = (self.calendar.clone(), from.at(Minute(0)));
        // Nothing is asked of anybody: every bar there will be is here.
        let mut unasked = Vec::new();
        let mut state = State::new(config, calendar, Remembered::default(), begin, &mut unasked);
        for stock in state.stocks.values_mut() {
            stock.today = None;
            stock.loaded = true;
            stock.history.ended = true;
            for rows in [&mut stock.daily, &mut stock.weekly, &mut stock.monthly] {
                (rows.fresh, rows.ended) = (true, true);
            }
        }
        state
    }
}

/// Gives a stock the bars that closed by the state's now.
fn bring_up(state: &mut State, code: StockCode, series: &Series, timeframe: Timeframe) {
    let upto = series
        .bars()
        .partition_point(|bar| state.bar_end(timeframe, bar.opened) <= state.now);
    let closed = series.bars().get(..upto).unwrap_or_default();
    let track = state
        .stocks
        .get_mut(&code)
        .and_then(|stock| stock.track_mut(timeframe));
    if let Some(track) = track {
        track.replace(closed.to_vec(), &[]);
    }
}

fn tested(
    state: &State,
    (code, name): (StockCode, &Arc<str>),
    series: &Series,
    rule: &Rule,
    from: Day,
) -> TestedStock {
    let first = series
        .bars()
        .partition_point(|bar| bar.opened < from.at(Minute(0)));
    let sessions = State::sessions(&state.config, &state.calendar);
    let defined = |index: &usize| {
        let Some(stock) = state.stocks.get(&code) else {
            return false;
        };
        let bench = Bench {
            rule,
            stock,
            series,
            sessions,
            on_prints: false,
            now: state.now,
        };
        bench.verdict(*index) != Verdict::Undefined
    };
    let hits = state
        .book
        .of_rule(rule.key, code)
        .filter(|signal| signal.stage.stands())
        .map(|signal| Hit {
            bar: signal.key.bar,
            price: signal.price,
        });
    TestedStock {
        code,
        name: name.clone(),
        bars: series.len() - first,
        judged: (first..series.len()).filter(defined).count(),
        hits: hits.collect(),
    }
}

/// What followed the hits of all stocks.
fn after(stocks: &[TestedStock], series: &[(StockCode, Arc<str>, Arc<Series>)]) -> Vec<After> {
    let mut changes: Vec<Vec<f64>> = vec![Vec::new(); AFTER];
    for (stock, (_, _, series)) in stocks.iter().zip(series) {
        for hit in stock.hits.iter().filter(|hit| 0 < hit.price) {
            let Some(index) = series.index_of(hit.bar) else {
                continue;
            };
            for (ahead, list) in changes.iter_mut().enumerate() {
                if let Some(bar) = series.bars().get(index + ahead + 1) {
                    let change = bar.candle.close - hit.price;
                    list.push(change as f64 * 100.0 / hit.price as f64);
                }
            }
        }
    }
    let mut after = Vec::new();
    for (ahead, mut list) in changes.into_iter().enumerate() {
        if list.is_empty() {
            break;
        }
        list.sort_by(f64::total_cmp);
        after.push(After {
            bars: ahead + 1,
            hits: list.len(),
            lower: quantile(&list, 0.25),
            median: quantile(&list, 0.5),
            upper: quantile(&list, 0.75),
        });
    }
    after
}

/// The value below which `share` of the ascending list lies, between neighbours in proportion.
fn quantile(list: &[f64], share: f64) -> f64 {
    let place = share * list.len().saturating_sub(1) as f64;
    let below = place.floor() as usize;
    let (Some(&low), part) = (list.get(below), place.fract()) else {
        return 0.0;
    };
    let high = list.get(below + 1).copied().unwrap_or(low);
    low + (high - low) * part
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[1.0], 0.25), 1.0);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25), 2.0);
        assert_eq!(quantile(&[1.0, 2.0], 0.5), 1.5);
        assert_eq!(quantile(&[-4.0, 0.0, 2.0], 0.75), 1.0);
    }
}
