//! One bar before the judge: the rule, the stock, and the bars of every timeframe it names.

use crate::bars::{Series, period_of};
use crate::conditions::{
    At, Building, Elsewhere, Judged, Others, Repeat, Rule, Threshold, Verdict,
};
use crate::domain::{
    Bar, Day, Mark, Minute, Moment, Signal, SignalKey, Source, Stage, Timeframe, Won,
};
use crate::engine::history::Sessions;
use crate::engine::rules::Match;
use crate::engine::signals::SignalBook;
use crate::engine::stock::Stock;
use crate::engine::today::Today;
use crate::indicators::average_at;

/// A bar to be judged, with what it is judged on.
pub(super) struct Bench<'a> {
    pub(super) rule: &'a Rule,
    pub(super) stock: &'a Stock,
    pub(super) series: &'a Series,
    pub(super) sessions: Sessions<'a>,
    /// Bars of other timeframes whose rows have not come are taken from prints.
    pub(super) on_prints: bool,
    pub(super) now: Moment,
}

impl<'a> Bench<'a> {
    pub(super) fn key(&self, bar: Moment) -> SignalKey {
        SignalKey {
            rule: self.rule.key,
            code: self.stock.code,
            timeframe: self.rule.timeframe,
            bar,
        }
    }

    /// What the rule says of the closed bar `index`.
    pub(super) fn verdict(&self, index: usize) -> Verdict {
        self.asked(index, |at| self.rule.expr.judge(at, &self.rule.periods))
    }

    /// Whether the state underneath holds on the closed bar `index`.
    pub(super) fn state(&self, index: usize) -> Verdict {
        self.asked(index, |at| {
            self.rule.expr.underlying(at, &self.rule.periods)
        })
    }

    fn asked(&self, index: usize, ask: impl FnOnce(&At<'_>) -> Verdict) -> Verdict {
        let Some(bar) = self.series.bars().get(index) else {
            return Verdict::Undefined;
        };
        let end = self.sessions.bar_end(self.rule.timeframe, bar.opened);
        let mut merged: Vec<Series> = Vec::new();
        if self.on_prints {
            let named = self.rule.expr.needs_elsewhere(&self.rule.periods);
            merged.extend(named.map(|(timeframe, _)| self.with_prints(timeframe)));
        }
        let mut others = Others::default();
        let named = self.rule.expr.needs_elsewhere(&self.rule.periods);
        for (at, (timeframe, _)) in named.enumerate() {
            let held = self.stock.track(timeframe).map(|track| &*track.series);
            let Some(series) = merged.get(at).or(held) else {
                return Verdict::Undefined;
            };
            let closed = self.sessions.closed_by(timeframe, series, end);
            others.add(Elsewhere {
                timeframe,
                series,
                closed,
            });
        }
        ask(&At {
            series: self.series,
            bar: Judged::Closed(index),
            others,
        })
    }

    fn with_prints(&self, timeframe: Timeframe) -> Series {
        let Some(track) = self.stock.track(timeframe) else {
            return Series::default();
        };
        let mut series = (*track.series).clone();
        for bar in &track.provisional {
            series.push(*bar);
        }
        series
    }

    /// Whether the rule may ring on a bar that opened then, by its hours and its last day.
    pub(super) fn rings_on(&self, opened: Moment) -> bool {
        let rule = self.rule;
        if rule.hours.is_none() && rule.expires.is_none() {
            return true;
        }
        let (day, closes) = self.sessions.close_on_clock(rule.timeframe, opened);
        rule.rings_at(day, closes)
    }

    /// A signal on the closed bar `index`.
    pub(super) fn signal(
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

    pub(super) fn make(
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

    /// Whether `repeat`, the rule's hours and its last day let it fire on a bar. The mark knows what held up to the newest
    /// bar judged on rows; after it there are only signals given on prints.
    pub(super) fn may_fire(&self, book: &SignalBook, mark: &Mark, bar: Moment) -> bool {
        if !self.rings_on(bar) {
            return false;
        }
        let mut standing = book
            .of_rule(self.rule.key, self.stock.code)
            .filter(|s| s.stage.stands() && s.key.bar < bar);
        match self.rule.repeat {
            Repeat::OncePerBar => true,
            Repeat::Once => !mark.baseline_true && standing.next().is_none(),
            Repeat::OncePerDay => !standing.any(|s| s.key.bar.day() == bar.day()),
            Repeat::UntilReversed => match standing.rfind(|s| mark.bar < s.key.bar) {
                Some(last) => self.reversed_between(last.key.bar, bar),
                None => !mark.baseline_true || self.reversed_between(mark.bar, bar),
            },
        }
    }

    /// What the mark says of `repeat` after the closed bar `index` was judged on rows.
    pub(super) fn holds_back(&self, before: bool, index: usize, given: bool) -> bool {
        match self.rule.repeat {
            Repeat::Once => before || given,
            Repeat::UntilReversed => given || (before && self.state(index) != Verdict::False),
            Repeat::OncePerBar | Repeat::OncePerDay => false,
        }
    }

    /// Whether the rule's state was false on a closed bar after `after` and before `before`.
    fn reversed_between(&self, after: Moment, before: Moment) -> bool {
        let bars = self.series.bars();
        let from = bars.partition_point(|bar| bar.opened <= after);
        let to = bars.partition_point(|bar| bar.opened < before);
        (from..to).any(|index| self.state(index) == Verdict::False)
    }
}

impl Sessions<'_> {
    /// When a bar closes that opened at `opened`.
    pub(super) fn bar_end(&self, timeframe: Timeframe, opened: Moment) -> Moment {
        let day = opened.day();
        let end = match timeframe {
            Timeframe::Minutes(minutes) => self
                .calendar
                .hours(day, self.market)
                .and_then(|hours| self.bars.slot_of(&hours, minutes, opened.minute()))
                .map(|slot| day.at(slot.end)),
            _ => {
                let last = period_of(day, timeframe, self.calendar).last;
                self.calendar
                    .hours(last, self.market)
                    .map(|hours| last.at(self.bars.day_end(&hours)))
            }
        };
        end.unwrap_or(opened)
    }

    /// How many bars of a series had closed by `end`.
    pub(super) fn closed_by(&self, timeframe: Timeframe, series: &Series, end: Moment) -> usize {
        series
            .bars()
            .partition_point(|bar| self.bar_end(timeframe, bar.opened) <= end)
    }

    /// The day and the time at which a bar closes for the rule's hours: one that the closing
    /// auction ends closes at the auction, not when its row can be read.
    fn close_on_clock(&self, timeframe: Timeframe, opened: Moment) -> (Day, Minute) {
        let end = self.bar_end(timeframe, opened);
        let hours = self.calendar.hours(end.day(), self.market);
        let auction = hours.and_then(|hours| hours.auction);
        match auction.filter(|label| end.minute() == label.plus(1)) {
            Some(label) => (end.day(), label),
            None => (end.day(), end.minute()),
        }
    }
}

impl Stock {
    /// Whether everything a rule names is here, its own timeframe and the others.
    pub(super) fn is_ready_for(&self, rule: &Rule) -> bool {
        self.is_judgeable(rule.timeframe)
            && rule
                .expr
                .needs_elsewhere(&rule.periods)
                .all(|(timeframe, _)| self.is_judgeable(timeframe))
    }

    /// What a rule names of other timeframes, as it stands now; `None` while rows of a bar of
    /// theirs that closed are awaited.
    pub(super) fn others_now(&self, rule: &Rule) -> Option<Others<'_>> {
        let mut others = Others::default();
        for (timeframe, _) in rule.expr.needs_elsewhere(&rule.periods) {
            let track = self.track(timeframe)?;
            let accepted = self.today.as_ref().map(Today::accepted_until);
            let awaited = track.slot.is_some_and(|slot| accepted < Some(slot.open))
                || self.closes.iter().any(|c| c.timeframe == timeframe);
            if awaited {
                return None;
            }
            others.add(Elsewhere {
                timeframe,
                series: &track.series,
                closed: track.series.len(),
            });
        }
        Some(others)
    }

    /// 성립가 of a rule on the bar being built.
    pub(super) fn threshold_of(&self, rule: &Rule, limits: Option<(Won, Won)>) -> Threshold {
        let (Some(track), Some(others)) = (self.track(rule.timeframe), self.others_now(rule))
        else {
            return Threshold::None;
        };
        let building = Building {
            series: &track.series,
            others,
            so_far: track.forming.as_ref().map(|bar| &bar.candle),
        };
        rule.expr.threshold(&building, &rule.periods, limits)
    }

    /// Whether a rule holds on the bar being built.
    pub(super) fn holds_now(&self, rule: &Rule) -> Verdict {
        let (Some(track), Some(others)) = (self.track(rule.timeframe), self.others_now(rule))
        else {
            return Verdict::Undefined;
        };
        let Some(bar) = &track.forming else {
            return Verdict::Undefined;
        };
        let at = At {
            series: &track.series,
            bar: Judged::Forming(bar),
            others,
        };
        rule.expr.judge(&at, &rule.periods)
    }
}

/// What a rule says of a stock: on the bar being built, or on the newest closed one.
pub(super) fn match_of(stock: &Stock, rule: &Rule) -> Match {
    let need = rule.expr.need(&rule.periods);
    let Some(track) = stock.track(rule.timeframe) else {
        return Match::Short { have: 0, need };
    };
    let held = track.series.len();
    let forming = track
        .forming
        .as_ref()
        .filter(|_| track.provisional.is_empty());
    let bar = match (forming, held.checked_sub(1)) {
        (Some(bar), _) => Judged::Forming(bar),
        (None, Some(newest)) => Judged::Closed(newest),
        (None, None) => return Match::Short { have: 0, need },
    };
    let Some(others) = stock.others_now(rule) else {
        // Rows of a bar that has just closed are awaited.
        return Match::Short { have: held, need };
    };
    let at = At {
        series: &track.series,
        bar,
        others,
    };
    match rule.expr.judge(&at, &rule.periods) {
        Verdict::True => Match::Holds,
        Verdict::False => Match::Not,
        Verdict::Undefined => Match::Short {
            have: held + usize::from(forming.is_some()),
            need,
        },
    }
}
