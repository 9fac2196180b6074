//! What became known of closed bars after they were taken: rows that the broker changed, and
//! stretches that could not be had. Both show on the chart; neither gives or takes a signal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bars::Series;
use crate::domain::{Bar, Candle, Day, Minute, MinuteRow, Moment, Timeframe};
use crate::engine::history::Sessions;
use crate::engine::snapshot::Gap;
use crate::engine::stock::Stock;
use crate::engine::ticking::OVERDUE_MS;
use crate::engine::today::{SETTLE_MS, Today};
use crate::engine::track::Track;

/// Corrections and doubts are kept for so many days.
const DAYS: i32 = 30;

/// What is known of rows beyond what was accepted.
#[derive(Clone, Debug, Default)]
pub(super) struct Amended {
    /// Rows as the broker serves them now, where that differs.
    corrected: BTreeMap<(Day, Minute), Candle>,
    /// Days whose corrections are not as they are on disk.
    unsaved: BTreeSet<Day>,
    /// Minutes whose prints showed more than their rows, which had to be taken all the same.
    short: BTreeSet<(Day, Minute)>,
}

impl Amended {
    /// The broker served a row of a minute that was accepted before, as `accepted`.
    pub(super) fn served(&mut self, row: &MinuteRow, accepted: Option<Candle>) {
        let at = (row.day, row.minute);
        // A filler says the same as no row.
        let traded = |candle: Candle| Some(candle).filter(|candle| 0 < candle.volume);
        let before = self.corrected.get(&at).copied();
        if accepted.and_then(traded) == traded(row.candle) {
            self.corrected.remove(&at);
        } else {
            self.corrected.insert(at, row.candle);
            self.short.remove(&at);
        }
        if before != self.corrected.get(&at).copied() {
            self.unsaved.insert(row.day);
        }
    }

    /// Takes over what was kept by an earlier run.
    pub(super) fn restore(&mut self, rows: Vec<MinuteRow>, today: Day) {
        let at = |row: MinuteRow| ((row.day, row.minute), row.candle);
        self.corrected.extend(rows.into_iter().map(at));
        self.age(today);
    }

    /// What has to be kept: each day with all its corrections, and the day before which none
    /// counts any more.
    pub(super) fn take_unsaved(&mut self) -> Vec<(Day, Day, Vec<MinuteRow>)> {
        let days = std::mem::take(&mut self.unsaved);
        let of = |day: Day| (day.plus(-DAYS), day, self.over(day, &[]));
        days.into_iter().map(of).collect()
    }

    /// A minute was accepted although its prints showed more.
    pub(super) fn doubt(&mut self, day: Day, minute: Minute) {
        self.short.insert((day, minute));
    }

    /// Forgets what is old.
    pub(super) fn age(&mut self, today: Day) {
        let from = (today.plus(-DAYS), Minute(0));
        self.corrected = self.corrected.split_off(&from);
        self.short = self.short.split_off(&from);
    }

    /// Forgets everything, as after a split.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn days(&self) -> BTreeSet<Day> {
        self.corrected.keys().map(|(day, _)| *day).collect()
    }

    /// Accepted rows of a day, with the corrections laid over them.
    fn over(&self, day: Day, accepted: &[MinuteRow]) -> Vec<MinuteRow> {
        let mut rows: BTreeMap<Minute, Candle> = accepted
            .iter()
            .map(|row| (row.minute, row.candle))
            .collect();
        let of_day = (day, Minute(0))..=(day, Minute(u16::MAX));
        let changed = self.corrected.range(of_day);
        rows.extend(changed.map(|((_, minute), candle)| (*minute, *candle)));
        let row = |(minute, candle)| MinuteRow {
            day,
            minute,
            candle,
        };
        rows.into_iter().map(row).collect()
    }
}

impl Stock {
    /// Closed bars for the screen: as the broker shows them now, and with those whose rows are
    /// still on their way.
    pub(super) fn series_for_screen(&self, track: &Track, sessions: &Sessions<'_>) -> Arc<Series> {
        let changed: Vec<Bar> = self
            .amended
            .days()
            .into_iter()
            .flat_map(|day| self.bars_as_served(track, day, sessions))
            .collect();
        if changed.is_empty() {
            return track.for_screen();
        }
        let mut bars = track.for_screen().bars().to_vec();
        for new in changed {
            if let Ok(at) = bars.binary_search_by_key(&new.opened, |bar| bar.opened) {
                bars[at] = new;
            }
        }
        Arc::new(Series::new(bars))
    }

    /// The closed bars of a day, made of its rows as the broker shows them now.
    fn bars_as_served(&self, track: &Track, day: Day, sessions: &Sessions<'_>) -> Vec<Bar> {
        let Some(hours) = sessions.calendar.hours(day, sessions.market) else {
            return Vec::new();
        };
        let today = self.today.as_ref().filter(|today| today.day == day);
        let rows = match (today, self.history.rows_of(day)) {
            (Some(today), _) => self.amended.over(day, &today.rows()),
            (None, Some(accepted)) => self.amended.over(day, &accepted),
            (None, None) => return Vec::new(),
        };
        let upto = today.map_or(Minute(1_440), Today::accepted_until);
        match track.timeframe {
            Timeframe::Minutes(minutes) => {
                let bars = track.series.bars();
                let before = bars.partition_point(|bar| bar.opened.day() < day);
                let previous = before.checked_sub(1).map(|at| bars[at].candle.close);
                sessions
                    .bars
                    .fold_day(&hours, day, minutes, &rows, previous, upto)
            }
            // Days before today come from the day chart, and weeks and months with them.
            Timeframe::Day if today.is_some() && sessions.bars.day_end(&hours) <= upto => {
                let candle = sessions.bars.fold_session(&hours, day, &rows);
                let bar = |candle| Bar {
                    opened: day.at(hours.open),
                    candle,
                    synthetic: false,
                };
                candle.map(bar).into_iter().collect()
            }
            Timeframe::Day | Timeframe::Week | Timeframe::Month => Vec::new(),
        }
    }

    /// Stretches of a timeframe that could not be had, oldest first.
    pub(super) fn gaps(
        &self,
        track: &Track,
        (started, now): (Moment, Moment),
        sessions: &Sessions<'_>,
    ) -> Arc<[Gap]> {
        let Timeframe::Minutes(minutes) = track.timeframe else {
            return Arc::new([]);
        };
        let mut gaps: Vec<Gap> = Vec::new();
        for day in self.history.passed_over() {
            // Only a day on which the stock traded lacks anything.
            let traded = |row: &crate::domain::DailyRow| row.day == day && 0 < row.candle.volume;
            if let Some(hours) = sessions.calendar.hours(day, sessions.market)
                && self.daily.rows.iter().any(traded)
            {
                gaps.push(Gap {
                    from: day.at(hours.open),
                    until: day.at(sessions.bars.day_end(&hours)),
                });
            }
        }
        for &(day, minute) in &self.amended.short {
            gaps.push(Gap {
                from: day.at(minute),
                until: day.at(minute.plus(1)),
            });
        }
        if let Some(today) = self.today.as_ref().filter(|today| today.day == now.day()) {
            // Rows that are long due, and prints that do not fill in for them. A start has to ask
            // first.
            let seen = self.feed.heard_since(today.day);
            let accepted = today.accepted_until();
            for slot in sessions.bars.slots(&today.hours, minutes) {
                let begun = today.day.at(slot.open.max(accepted));
                let end = today.day.at(slot.end);
                let due = end.max(started).plus_ms(SETTLE_MS + OVERDUE_MS) <= now;
                let whole = seen.is_some_and(|since| since <= begun);
                if due && accepted <= slot.last_label && !whole {
                    gaps.push(Gap {
                        from: begun,
                        until: end,
                    });
                }
            }
        }
        joined(gaps)
    }
}

/// Gaps in order; those that touch are one.
fn joined(mut gaps: Vec<Gap>) -> Arc<[Gap]> {
    gaps.sort_unstable_by_key(|gap| gap.from);
    let mut out: Vec<Gap> = Vec::new();
    for gap in gaps {
        match out.last_mut().filter(|last| gap.from <= last.until) {
            Some(last) => last.until = last.until.max(gap.until),
            None => out.push(gap),
        }
    }
    out.into()
}
