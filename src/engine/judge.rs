//! Judging rules on bars: the life of a signal.

use std::sync::Arc;

use crate::bars::Series;
use crate::conditions::{Repeat, Rule, RuleStage, Verdict};
use crate::domain::{Mark, Moment, Source, Stage, StockCode, Timeframe};
use crate::engine::bench::Bench;
use crate::engine::history::Sessions;
use crate::engine::signals::SignalBook;
use crate::engine::state::State;
use crate::engine::stock::Stock;
use crate::engine::watchpoints::Passed;
use crate::indicators::average_forming;

/// How far back bars missed while the program was away are judged.
pub(super) const LATE_DAYS: i32 = 30;

impl State {
    /// Whether a rule of the stock on this timeframe still lacks bars to be judged.
    pub(super) fn lacks_bars(&self, stock: &Stock, timeframe: Timeframe) -> bool {
        stock.rules.iter().any(|state| {
            let rule = &self.rules[state.rule];
            let mut others = rule.expr.needs_elsewhere(&rule.periods);
            (rule.timeframe == timeframe || others.any(|(other, _)| other == timeframe))
                && self.book.mark(rule.key, stock.code).is_some_and(|mark| {
                    match stock.track(rule.timeframe) {
                        Some(track) => !self.reaches(stock, rule, &track.series, mark),
                        None => false,
                    }
                })
        })
    }

    /// Whether the bars reach from what was judged last, and what it takes to judge there, to
    /// the newest; or as far back as there are any.
    fn reaches(&self, stock: &Stock, rule: &Rule, series: &Series, mark: &Mark) -> bool {
        let need = rule.expr.need(&rule.periods).max(1);
        let first = first_unjudged(series, mark, self.now);
        let own = stock.has_ended(rule.timeframe) || need <= first;
        let sessions = Self::sessions(&self.config, &self.calendar);
        let from = series
            .bars()
            .get(first)
            .map_or(self.now, |bar| sessions.bar_end(rule.timeframe, bar.opened));
        own && rule
            .expr
            .needs_elsewhere(&rule.periods)
            .all(|(timeframe, need)| {
                let there = |series: &Series| need <= sessions.closed_by(timeframe, series, from);
                let track = stock.track(timeframe);
                stock.has_ended(timeframe) || track.is_some_and(|track| there(&track.series))
            })
    }

    /// Judges every closed bar of a stock that has not been judged, in order.
    pub(super) fn judge_stock(&mut self, code: StockCode) {
        let rules = self.rules.clone();
        let now = self.now;
        let Some(mut stock) = self.stocks.remove(&code) else {
            return;
        };
        let scale_known = self.knows_scale(&stock);
        for slot in 0..stock.rules.len() {
            let rule = &rules[stock.rules[slot].rule];
            if !scale_known || !stock.is_ready_for(rule) {
                continue;
            }
            let Some(series) = stock.track(rule.timeframe).map(|t| t.series.clone()) else {
                continue;
            };
            let Some(mut mark) = self.book.mark(rule.key, code).copied() else {
                continue;
            };
            if !self.reaches(&stock, rule, &series, &mark) {
                continue;
            }
            if stock.rules[slot].baseline_open {
                if !self.has_rows_of(&stock, rule.timeframe, mark.bar) {
                    continue;
                }
                mark = self.look_at_baseline(rule, &mut stock, slot, &series, mark);
            }
            let given_up = given_up(&series, &mark, now);
            if 0 < given_up {
                self.missed += given_up;
                let text = said!(
                    "‘%{name}’ 조건: 30일보다 오래 전에 마감한 봉은 판정하지 않고 건너뛰었습니다.",
                    name = &rule.name
                );
                self.notices.add(now, text, None);
            }
            for index in first_unjudged(&series, &mark, now)..series.len() {
                let given = self.judge_closed(rule, &stock, &series, index, &mark);
                let bench = Bench {
                    rule,
                    stock: &stock,
                    series: &series,
                    sessions: Self::sessions(&self.config, &self.calendar),
                    on_prints: false,
                    now,
                };
                mark = Mark {
                    bar: series.bars()[index].opened,
                    baseline_true: bench.holds_back(mark.baseline_true, index, given),
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

    /// Whether a bar's rows have been accepted; those of earlier days are, or are not there.
    fn has_rows_of(&self, stock: &Stock, timeframe: Timeframe, opened: Moment) -> bool {
        let end = self.bar_end(timeframe, opened);
        stock.today.as_ref().is_none_or(|today| {
            end.day() != today.day || end <= today.day.at(today.accepted_until())
        })
    }

    /// The baseline bar is only looked at: whether the rule's state held there.
    fn look_at_baseline(
        &mut self,
        rule: &Rule,
        stock: &mut Stock,
        slot: usize,
        series: &Series,
        mark: Mark,
    ) -> Mark {
        stock.rules[slot].baseline_open = false;
        let upto = series.bars().partition_point(|bar| bar.opened <= mark.bar);
        let Some(index) = upto.checked_sub(1) else {
            return mark;
        };
        let bench = Bench {
            rule,
            stock,
            series,
            sessions: Self::sessions(&self.config, &self.calendar),
            on_prints: false,
            now: self.now,
        };
        let held = bench.state(index) == Verdict::True;
        let mark = Mark {
            baseline_true: match rule.repeat {
                Repeat::UntilReversed => held,
                _ => mark.baseline_true,
            },
            ..mark
        };
        self.book.set_mark(mark);
        mark
    }

    /// Judges one closed bar on its rows: final. Returns whether its signal stands.
    fn judge_closed(
        &mut self,
        rule: &Rule,
        stock: &Stock,
        series: &Series,
        index: usize,
        mark: &Mark,
    ) -> bool {
        let bench = Bench {
            rule,
            stock,
            series,
            sessions: Self::sessions(&self.config, &self.calendar),
            on_prints: false,
            now: self.now,
        };
        let opened = series.bars()[index].opened;
        let key = bench.key(opened);
        let holds = bench.verdict(index) == Verdict::True;
        let watched = stock.watched.contains(&(rule.timeframe, opened));
        let stage = if watched {
            Stage::Confirmed
        } else {
            Stage::Late
        };
        let bar_end = self.bar_end(rule.timeframe, opened);
        let before = self.book.brief(&key).map(|signal| signal.stage);
        let given = holds && bench.may_fire(&self.book, mark, opened);
        let provisional = self.book.is_provisional(&key);
        self.book.settle(&key);
        match before {
            None | Some(Stage::Forming) => {}
            Some(stage) if stage.stands() == given => return given,
            Some(_) if provisional => {}
            // Decided on rows before.
            Some(stage) => return stage.stands(),
        }
        let next = match (given, before) {
            (true, _) => bench.signal(index, stage, Source::Rest, bar_end),
            (false, None) => None,
            (false, Some(_)) => {
                let mut signal = bench.signal(index, Stage::Withdrawn, Source::Rest, bar_end);
                if let Some(signal) = &mut signal {
                    signal.reason = Some(match before {
                        Some(Stage::Forming) => {
                            key!("봉이 마감될 때 조건이 성립하지 않았습니다").into()
                        }
                        _ => key!("체결로 먼저 판정했으나 확정 분봉에서는 성립하지 않았습니다")
                            .into(),
                    });
                }
                signal
            }
        };
        if let Some(mut signal) = next {
            if let Some(old) = self.book.brief(&key) {
                signal.seen = old.seen && signal.stage == Stage::Withdrawn;
            }
            self.book.put(signal, false);
        }
        given
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
        let ready = self.knows_scale(&stock);
        if let Some((series, bars)) = provisional.filter(|_| ready) {
            let mut series: Series = Arc::unwrap_or_clone(series);
            for bar in bars.iter().filter(|bar| bar.opened <= opened) {
                series.push(*bar);
            }
            let index = series.len().wrapping_sub(1);
            let is_it = series.last().is_some_and(|bar| bar.opened == opened);
            for state in stock.rules.iter().filter(|_| is_it) {
                let rule = &rules[state.rule];
                let mark = self.book.mark(rule.key, code).copied();
                let Some(mark) = mark.filter(|m| m.bar < opened && !state.baseline_open) else {
                    continue;
                };
                if rule.timeframe != timeframe
                    || !stock.is_ready_for(rule)
                    || !self.reaches(&stock, rule, &series, &mark)
                {
                    continue;
                }
                let bench = Bench {
                    rule,
                    stock: &stock,
                    series: &series,
                    sessions: Self::sessions(&self.config, &self.calendar),
                    on_prints: true,
                    now,
                };
                let key = bench.key(opened);
                let verdict = bench.verdict(index);
                let holds = verdict == Verdict::True && bench.may_fire(&self.book, &mark, opened);
                let before = self.book.brief(&key).map(|s| s.stage);
                let stage = match (before, holds) {
                    (None, true) => Stage::Confirmed,
                    (Some(Stage::Forming), true) => Stage::Confirmed,
                    (Some(Stage::Forming), false) => Stage::Withdrawn,
                    _ => continue,
                };
                let bar_end = self.bar_end(timeframe, opened);
                if let Some(mut signal) = bench.signal(index, stage, Source::Ticks, bar_end) {
                    if stage == Stage::Withdrawn {
                        signal.reason =
                            Some(key!("봉이 마감될 때 조건이 성립하지 않았습니다").into());
                    }
                    self.book.put(signal, true);
                    self.last_judged = Some(now);
                }
            }
        }
        self.stocks.insert(code, stock);
    }

    /// Looks at the bars being built: all rules, or after a print to `price` only those that may
    /// have changed their mind. The tick path: no allocation unless something fires.
    pub(super) fn judge_forming(&mut self, code: StockCode, price: Option<i64>) {
        let Some(scale_known) = self.stocks.get(&code).map(|stock| self.knows_scale(stock)) else {
            return;
        };
        let Self {
            stocks,
            rules,
            book,
            now,
            config,
            calendar,
            ..
        } = self;
        let Some(stock) = stocks.get_mut(&code) else {
            return;
        };
        let mut desk = Desk {
            stock,
            rules,
            book,
            sessions: Self::sessions(config, calendar),
            now: *now,
            scale_known,
        };
        let passed = price.map_or(Passed::Unknown, |price| {
            desk.stock.watchpoints.passed(price)
        });
        let passed = match passed {
            Passed::Points(passed) => passed,
            all => {
                for slot in 0..desk.stock.rules.len() {
                    desk.judge(slot);
                }
                if all == Passed::Unknown {
                    desk.watch();
                }
                return;
            }
        };
        let mut index = 0;
        while let Some(slot) = desk.stock.watchpoints.always(index) {
            desk.judge(slot);
            index += 1;
        }
        for index in passed {
            let slot = desk.stock.watchpoints.place(index);
            desk.judge(slot);
        }
    }
}

/// A stock whose forming bars are judged.
struct Desk<'a> {
    stock: &'a mut Stock,
    rules: &'a [Rule],
    book: &'a mut SignalBook,
    sessions: Sessions<'a>,
    now: Moment,
    scale_known: bool,
}

impl Desk<'_> {
    /// Notes at which prices rules have to be judged again.
    fn watch(&mut self) {
        let mut points = std::mem::take(&mut self.stock.watchpoints);
        points.begin();
        for (slot, state) in self.stock.rules.iter().enumerate() {
            let rule = &self.rules[state.rule];
            if rule.stage == RuleStage::Forming
                && let Some(track) = self.stock.track(rule.timeframe)
            {
                points.add(slot, rule, &track.series);
            }
        }
        // All forming bars have the same close. Without one the points still stand, ready for the
        // first print of the next.
        let forming = self.stock.tracks.iter().find_map(|t| t.forming);
        points.finish(forming.map(|bar| bar.candle.close));
        self.stock.watchpoints = points;
    }

    /// Judges one rule on its forming bar.
    fn judge(&mut self, slot: usize) {
        let Some(state) = self.stock.rules.get(slot).copied() else {
            return;
        };
        let rule = &self.rules[state.rule];
        if rule.stage != RuleStage::Forming {
            return;
        }
        let Some(track) = self.stock.track(rule.timeframe) else {
            return;
        };
        let (Some(bar), Some(open)) = (&track.forming, &track.slot) else {
            return;
        };
        if bar.opened != open.opened || !track.provisional.is_empty() {
            return;
        }
        let verdict = self.stock.holds_now(rule);
        if verdict == Verdict::False && state.guard == Some(bar.opened) {
            self.stock.rules[slot].seen_false = true;
            return;
        }
        let guarded = state.guard == Some(bar.opened) && !state.seen_false;
        let ready = self.scale_known && !state.baseline_open;
        if verdict != Verdict::True || guarded || !ready {
            return;
        }
        let Some(mark) = self.book.mark(rule.key, self.stock.code) else {
            return;
        };
        // Rows of the bars before this one must be in and judged: on a hole nothing forms. Nor on
        // one within it, but for what its last price alone decides.
        let behind = track
            .series
            .last()
            .is_some_and(|last| mark.bar < last.opened)
            || bar.opened <= mark.bar;
        let hole = self
            .stock
            .today
            .as_ref()
            .is_none_or(|today| today.accepted_until() < open.open)
            || !(rule.expr.rests_on_close() || self.stock.is_whole(open));
        let bench = Bench {
            rule,
            stock: self.stock,
            series: &track.series,
            sessions: self.sessions,
            on_prints: false,
            now: self.now,
        };
        if behind
            || hole
            || !self.stock.is_ready_for(rule)
            || self.book.brief(&bench.key(bar.opened)).is_some()
            || !bench.may_fire(self.book, mark, bar.opened)
        {
            return;
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
        self.book.put(signal, false);
    }
}

/// The index of the first bar after the mark that is judged: of those that closed at most
/// [`LATE_DAYS`] ago.
fn first_unjudged(series: &Series, mark: &Mark, now: Moment) -> usize {
    // A week or a month opens long before it closes.
    let length = match mark.timeframe {
        Timeframe::Month => 31,
        Timeframe::Week => 7,
        Timeframe::Day | Timeframe::Minutes(_) => 0,
    };
    let oldest = now.day().plus(-LATE_DAYS - length);
    let oldest = oldest.at(crate::domain::Minute(0));
    series
        .bars()
        .partition_point(|bar| bar.opened <= mark.bar || bar.opened < oldest)
}

/// How many bars after the mark are too old to be judged.
fn given_up(series: &Series, mark: &Mark, now: Moment) -> usize {
    let after = series.bars().partition_point(|bar| bar.opened <= mark.bar);
    first_unjudged(series, mark, now).saturating_sub(after)
}
