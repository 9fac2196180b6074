//! Judging rules on bars: the life of a signal.

use std::sync::Arc;

use crate::bars::Series;
use crate::conditions::{At, Judged, Repeat, Rule, RuleStage, Verdict};
use crate::domain::{Bar, Mark, Moment, Signal, SignalKey, Source, Stage, StockCode, Timeframe};
use crate::engine::signals::SignalBook;
use crate::engine::state::State;
use crate::engine::stock::Stock;
use crate::indicators::{average_at, average_forming};

/// How far back bars missed while the program was away are judged.
pub(super) const LATE_DAYS: i32 = 30;

/// A bar to be judged, with what it is judged on.
struct Bench<'a> {
    rule: &'a Rule,
    stock: &'a Stock,
    series: &'a Series,
    now: Moment,
}

impl Bench<'_> {
    fn key(&self, bar: Moment) -> SignalKey {
        SignalKey {
            rule: self.rule.key,
            code: self.stock.code,
            timeframe: self.rule.timeframe,
            bar,
        }
    }

    fn closed(&self, index: usize) -> At<'_> {
        At {
            series: self.series,
            bar: Judged::Closed(index),
        }
    }

    /// A signal on the closed bar `index`.
    fn signal(
        &self,
        index: usize,
        stage: Stage,
        source: Source,
        bar_end: Moment,
    ) -> Option<Signal> {
        let bar = self.series.bars().get(index)?;
        let averages = self.rule.expr.averages(&self.rule.periods);
        let averages = averages
            .into_iter()
            .filter_map(|n| Some((n, average_at(self.series, index, n)?.decimal_text())))
            .collect();
        Some(self.make(bar, stage, source, bar_end, averages))
    }

    fn make(
        &self,
        bar: &Bar,
        stage: Stage,
        source: Source,
        bar_end: Moment,
        averages: Vec<(u16, String)>,
    ) -> Signal {
        Signal {
            key: self.key(bar.opened),
            stage,
            rule_name: self.rule.name.clone(),
            rule_text: self.rule.text.clone(),
            stock_name: self.stock.name.clone(),
            price: bar.candle.close,
            averages,
            source,
            at: self.now,
            bar_end,
            rows_asked: (source == Source::Rest)
                .then_some(self.stock.rows_times)
                .flatten(),
            reason: None,
            shown: None,
            seen: false,
        }
    }

    /// Whether `repeat` lets the rule fire on a bar, from the ordered closed bars before it.
    fn may_fire(&self, book: &SignalBook, mark: Option<&Mark>, bar: Moment) -> bool {
        let mut standing = book
            .of_rule(self.rule.key, self.stock.code)
            .filter(|s| s.stage.stands() && s.key.bar < bar);
        match self.rule.repeat {
            Repeat::OncePerBar => true,
            Repeat::Once => standing.next().is_none(),
            Repeat::OncePerDay => !standing.any(|s| s.key.bar.day() == bar.day()),
            Repeat::UntilReversed => match standing.next_back() {
                Some(last) => self.reversed_between(last.key.bar, bar),
                None => !mark.is_some_and(|m| m.baseline_true),
            },
        }
    }

    /// Whether the rule's state was false on a closed bar after `after` and before `before`.
    fn reversed_between(&self, after: Moment, before: Moment) -> bool {
        let bars = self.series.bars();
        let from = bars.partition_point(|bar| bar.opened <= after);
        let to = bars.partition_point(|bar| bar.opened < before);
        (from..to).any(|i| {
            self.rule
                .expr
                .underlying(&self.closed(i), &self.rule.periods)
                == Verdict::False
        })
    }
}

impl State {
    /// Judges every closed bar of a stock that has not been judged, in order.
    pub(super) fn judge_stock(&mut self, code: StockCode) {
        let rules = self.rules.clone();
        let now = self.now;
        let Some(mut stock) = self.stocks.remove(&code) else {
            return;
        };
        for slot in 0..stock.rules.len() {
            let rule = &rules[stock.rules[slot].rule];
            if !stock.is_judgeable(rule.timeframe) {
                continue;
            }
            let Some(series) = stock.track(rule.timeframe).map(|t| t.series.clone()) else {
                continue;
            };
            self.look_at_baseline(rule, &mut stock, slot, &series);
            let Some(mut mark) = self.book.mark(rule.key, code).copied() else {
                continue;
            };
            let oldest = now.day().plus(-LATE_DAYS).at(crate::domain::Minute(0));
            let from = series
                .bars()
                .partition_point(|b| b.opened <= mark.bar || b.opened < oldest);
            for index in from..series.len() {
                let opened = series.bars()[index].opened;
                self.judge_closed(rule, &stock, &series, index, &mark);
                let bench = Bench {
                    rule,
                    stock: &stock,
                    series: &series,
                    now,
                };
                let state = rule.expr.underlying(&bench.closed(index), &rule.periods);
                mark = Mark {
                    bar: opened,
                    baseline_true: mark.baseline_true && state != Verdict::False,
                    judged_at: now,
                    source: Source::Rest,
                    ..mark
                };
                self.book.set_mark(mark);
                self.last_judged = Some(now);
            }
        }
        self.stocks.insert(code, stock);
    }

    /// The baseline bar is only looked at: whether the rule's state held there.
    fn look_at_baseline(&mut self, rule: &Rule, stock: &mut Stock, slot: usize, series: &Series) {
        if !stock.rules[slot].baseline_open {
            return;
        }
        stock.rules[slot].baseline_open = false;
        let Some(mark) = self.book.mark(rule.key, stock.code).copied() else {
            return;
        };
        let upto = series.bars().partition_point(|bar| bar.opened <= mark.bar);
        let Some(index) = upto.checked_sub(1) else {
            return;
        };
        let at = At {
            series,
            bar: Judged::Closed(index),
        };
        let baseline_true = rule.expr.underlying(&at, &rule.periods) == Verdict::True;
        if baseline_true {
            self.book.set_mark(Mark {
                baseline_true,
                ..mark
            });
        }
    }

    /// Judges one closed bar on its rows: final.
    fn judge_closed(
        &mut self,
        rule: &Rule,
        stock: &Stock,
        series: &Series,
        index: usize,
        mark: &Mark,
    ) {
        let bench = Bench {
            rule,
            stock,
            series,
            now: self.now,
        };
        let opened = series.bars()[index].opened;
        let key = bench.key(opened);
        let holds = rule.expr.judge(&bench.closed(index), &rule.periods) == Verdict::True;
        let watched = stock.watched.contains(&(rule.timeframe, opened));
        let stage = if watched {
            Stage::Confirmed
        } else {
            Stage::Late
        };
        let bar_end = self.bar_end(rule.timeframe, opened);
        let before = self.book.get(&key).map(|signal| signal.stage);
        let given = match before {
            None => holds && bench.may_fire(&self.book, Some(mark), opened),
            // Its repeat was looked at when it began to form.
            Some(Stage::Forming) => holds,
            Some(Stage::Confirmed | Stage::Late) if self.book.is_provisional(&key) => {
                self.book.settle(&key);
                if holds {
                    return;
                }
                false
            }
            // Decided before: by rows, or withdrawn on prints and never given twice unless the
            // rows say so.
            Some(Stage::Withdrawn) if self.book.is_provisional(&key) => {
                self.book.settle(&key);
                if !holds {
                    return;
                }
                true
            }
            Some(_) => return,
        };
        let next = match (given, before) {
            (true, _) => bench.signal(index, stage, Source::Rest, bar_end),
            (false, None) => None,
            (false, Some(_)) => {
                let mut signal = bench.signal(index, Stage::Withdrawn, Source::Rest, bar_end);
                if let Some(signal) = &mut signal {
                    signal.reason = Some(match before {
                        Some(Stage::Forming) => "봉이 마감될 때 조건이 성립하지 않았습니다".into(),
                        _ => "체결로 먼저 판정했으나 확정 분봉에서는 성립하지 않았습니다".into(),
                    });
                }
                signal
            }
        };
        if let Some(mut signal) = next {
            if let Some(old) = self.book.get(&key) {
                signal.seen = old.seen && signal.stage == Stage::Withdrawn;
            }
            self.book.put(signal, false);
        }
    }

    /// Judges bars on prints because their rows have not come: provisional.
    pub(super) fn judge_on_prints(
        &mut self,
        code: StockCode,
        timeframe: Timeframe,
        opened: Moment,
    ) {
        let rules = self.rules.clone();
        let now = self.now;
        let Some(stock) = self.stocks.remove(&code) else {
            return;
        };
        let provisional = stock
            .track(timeframe)
            .map(|t| (t.series.clone(), t.provisional.clone()));
        if let Some((series, bars)) = provisional.filter(|_| stock.is_judgeable(timeframe)) {
            let mut series: Series = Arc::unwrap_or_clone(series);
            for bar in bars.iter().filter(|bar| bar.opened <= opened) {
                series.push(*bar);
            }
            let index = series.len().wrapping_sub(1);
            let is_it = series.last().is_some_and(|bar| bar.opened == opened);
            for state in stock.rules.iter().filter(|_| is_it) {
                let rule = &rules[state.rule];
                let mark = self.book.mark(rule.key, code).copied();
                if rule.timeframe != timeframe || mark.is_none_or(|m| opened <= m.bar) {
                    continue;
                }
                let bench = Bench {
                    rule,
                    stock: &stock,
                    series: &series,
                    now,
                };
                let key = bench.key(opened);
                let holds = rule.expr.judge(&bench.closed(index), &rule.periods) == Verdict::True;
                let before = self.book.get(&key).map(|s| s.stage);
                let stage = match (before, holds) {
                    (None, true) if bench.may_fire(&self.book, mark.as_ref(), opened) => {
                        Stage::Confirmed
                    }
                    (Some(Stage::Forming), true) => Stage::Confirmed,
                    (Some(Stage::Forming), false) => Stage::Withdrawn,
                    _ => continue,
                };
                let bar_end = self.bar_end(timeframe, opened);
                if let Some(mut signal) = bench.signal(index, stage, Source::Ticks, bar_end) {
                    if stage == Stage::Withdrawn {
                        signal.reason = Some("봉이 마감될 때 조건이 성립하지 않았습니다".into());
                    }
                    self.book.put(signal, true);
                    self.last_judged = Some(now);
                }
            }
        }
        self.stocks.insert(code, stock);
    }

    /// Looks at the bars being built after a price moved. The tick path: no allocation unless
    /// something fires.
    pub(super) fn judge_forming(&mut self, code: StockCode) {
        let Self {
            stocks,
            rules,
            book,
            now,
            ..
        } = self;
        let Some(stock) = stocks.get_mut(&code) else {
            return;
        };
        for slot in 0..stock.rules.len() {
            let state = stock.rules[slot];
            let rule = &rules[state.rule];
            if rule.stage != RuleStage::Forming {
                continue;
            }
            let Some(track) = stock.track(rule.timeframe) else {
                continue;
            };
            let (Some(bar), Some(open)) = (&track.forming, &track.slot) else {
                continue;
            };
            if bar.opened != open.opened || !track.provisional.is_empty() {
                continue;
            }
            let at = At {
                series: &track.series,
                bar: Judged::Forming(bar),
            };
            let verdict = rule.expr.judge(&at, &rule.periods);
            if verdict == Verdict::False && state.guard == Some(bar.opened) {
                stock.rules[slot].seen_false = true;
                continue;
            }
            let guarded = state.guard == Some(bar.opened) && !state.seen_false;
            if verdict != Verdict::True || guarded || !stock.is_judgeable(rule.timeframe) {
                continue;
            }
            let bench = Bench {
                rule,
                stock,
                series: &track.series,
                now: *now,
            };
            let mark = book.mark(rule.key, code);
            let behind = mark.is_none_or(|m| {
                track.series.last().is_some_and(|last| m.bar < last.opened) || bar.opened <= m.bar
            });
            // Rows of the bars before this one must be in and judged: on a hole nothing forms.
            let hole = stock
                .today
                .as_ref()
                .is_none_or(|today| today.accepted_until() < open.open);
            if behind || hole || book.get(&bench.key(bar.opened)).is_some() {
                continue;
            }
            if !bench.may_fire(book, mark, bar.opened) {
                continue;
            }
            let averages = rule
                .expr
                .averages(&rule.periods)
                .into_iter()
                .filter_map(|n| {
                    let average = average_forming(&track.series, bar.candle.close, n)?;
                    Some((n, average.decimal_text()))
                })
                .collect();
            let signal = bench.make(bar, Stage::Forming, Source::Ticks, open.end, averages);
            book.put(signal, false);
        }
    }
}
