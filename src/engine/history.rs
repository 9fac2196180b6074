//! Minute rows of closed days, and which page to ask for next.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::bars::BarRules;
use crate::domain::packed::PackedDay;
use crate::domain::{Bar, Calendar, Day, Market, Minute, MinuteRow, Moment};

/// Closed days of one stock, contiguous backwards from the newest open day before `today`,
/// perhaps with a part of one more day.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    days: BTreeMap<Day, HeldDay>,
    /// Days whose newest rows are known. There may be two: the oldest that history reached, and
    /// one that ended while the program was away.
    partials: BTreeMap<Day, Partial>,
    /// The partial day that the last page changed.
    changed: Option<Day>,
    /// Days of which the program saw the beginning and not the end.
    heads: BTreeMap<Day, Head>,
    /// Dates asked for in a row that were answered with later dates only.
    barren: u8,
    /// These dates, where there was something older all the same.
    passed: BTreeSet<Day>,
    /// The first of them.
    barren_from: Option<Day>,
    /// This page was answered without a row of it: believed when it is said twice.
    doubted: Option<(Day, Minute)>,
    /// The broker holds nothing of this day and before.
    nothing_until: Option<Day>,
    /// That was learned with the last page: where the rows held end.
    found_end: Option<Day>,
    /// The broker holds nothing older than what is held; see [`History::look_at_end`].
    pub(super) ended: bool,
    /// A request runs.
    pub(super) busy: bool,
    /// The request that runs was sent before everything was forgotten.
    outdated: bool,
    /// Not before this moment (after a failure).
    pub(super) retry_at: Option<Moment>,
    /// Requests answered, for the progress on screen.
    pub(super) pages: usize,
}

/// A complete day. Its rows are packed: they are read when bars are made, and are by far the most
/// that the program holds.
#[derive(Clone, Debug)]
struct HeldDay {
    packed: PackedDay,
    /// The last price that counts for a bar; `None` without a trade.
    close: Option<i64>,
}

impl HeldDay {
    fn new(sessions: &Sessions<'_>, rows: &[MinuteRow], packed: PackedDay) -> Self {
        let counts = |row: &&MinuteRow| 0 < row.candle.volume && sessions.counts(row);
        let last = rows.iter().rev().find(counts);
        Self {
            packed,
            close: last.map(|row| row.candle.close),
        }
    }

    fn rows(&self, day: Day) -> Vec<MinuteRow> {
        self.packed.rows(day)
    }
}

/// The newest rows of a day whose older rows are not known yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Partial {
    /// The day.
    pub day: Day,
    /// Every row from this minute on is known.
    pub from: Minute,
    /// The rows, ascending.
    pub rows: Vec<MinuteRow>,
}

/// The oldest rows of a day.
#[derive(Clone, Debug)]
struct Head {
    /// Every row before this minute is known.
    until: Minute,
    rows: Vec<MinuteRow>,
}

/// So many dates in a row that are answered with later dates only: there is nothing older. One
/// alone may be a holiday that no calendar knew of.
const BARREN: u8 = 3;

/// The calendar facts needed here.
#[derive(Clone, Copy)]
pub(super) struct Sessions<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) market: Market,
    pub(super) bars: &'a BarRules,
}

impl Sessions<'_> {
    /// Whether a row counts for any bar.
    fn counts(&self, row: &MinuteRow) -> bool {
        let hours = self.calendar.hours(row.day, self.market);
        hours.is_some_and(|hours| self.bars.slot_of(&hours, 1, row.minute).is_some())
    }

    /// First and last label of a day's grid.
    pub(super) fn labels(&self, day: Day) -> Option<(Minute, Minute)> {
        let hours = self.calendar.hours(day, self.market)?;
        let slots = self.bars.slots(&hours, 1);
        Some((slots.first()?.open, slots.last()?.last_label))
    }
}

impl History {
    /// Takes a complete day.
    pub(super) fn insert(&mut self, sessions: &Sessions<'_>, day: Day, rows: &[MinuteRow]) {
        let held = HeldDay::new(sessions, rows, PackedDay::new(rows));
        self.days.insert(day, held);
    }

    /// Takes a complete day as the store held it.
    pub(super) fn insert_packed(&mut self, sessions: &Sessions<'_>, day: Day, packed: PackedDay) {
        let held = HeldDay::new(sessions, &packed.rows(day), packed);
        self.days.insert(day, held);
    }

    /// Takes up where an earlier run stopped.
    pub(super) fn resume(&mut self, partials: Vec<Partial>) {
        self.partials = partials.into_iter().map(|p| (p.day, p)).collect();
    }

    /// Takes what an earlier run accepted of a day while it ran: every row of the stretch
    /// `known`. What does not begin with the session is of no use.
    pub(super) fn resume_head(
        &mut self,
        sessions: &Sessions<'_>,
        day: Day,
        known: Range<Minute>,
        rows: Vec<MinuteRow>,
    ) {
        let Some(hours) = sessions.calendar.hours(day, sessions.market) else {
            return;
        };
        let first = sessions.labels(day).map_or(hours.open, |(first, _)| first);
        if first < known.start {
            return;
        }
        match sessions.bars.day_end(&hours) <= known.end {
            true => self.insert(sessions, day, &rows),
            false => self.insert_head(day, known.end, rows),
        }
    }

    /// Takes the beginning of a day whose end is not known: every row before `until`.
    pub(super) fn insert_head(&mut self, day: Day, until: Minute, rows: Vec<MinuteRow>) {
        self.heads.insert(day, Head { until, rows });
    }

    /// The partial day that the last page changed, to be kept on disk.
    pub(super) fn changed(&self) -> Option<&Partial> {
        self.partials.get(&self.changed?)
    }

    /// The rows of a complete day.
    pub(super) fn rows_of(&self, day: Day) -> Option<Vec<MinuteRow>> {
        self.days.get(&day).map(|held| held.rows(day))
    }

    /// Days that the broker answered with later dates only.
    pub(super) fn passed_over(&self) -> impl Iterator<Item = Day> {
        self.passed.iter().copied()
    }

    /// Of the days passed over those on which nothing was to be had, by `had_none`: they are held
    /// as they are, and no longer passed over. Only of days with something older behind them:
    /// before that, they may be where everything ends.
    pub(super) fn settle_passed(&mut self, had_none: impl Fn(Day) -> bool) -> Vec<Day> {
        let sure = |day: Day| self.barren_from.is_none_or(|from| from < day);
        let settled: Vec<Day> = self
            .passed_over()
            .filter(|day| sure(*day) && had_none(*day))
            .collect();
        self.passed.retain(|day| !settled.contains(day));
        settled
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self {
            busy: self.busy,
            outdated: self.busy,
            ..Self::default()
        };
    }

    /// An earlier run learned that the broker holds nothing of `day` and before.
    pub(super) fn resume_end(&mut self, day: Day) {
        self.nothing_until = Some(day);
    }

    /// The broker holds nothing of this day and before, if the last page taken said so.
    pub(super) fn take_end(&mut self) -> Option<Day> {
        self.found_end.take()
    }

    /// Past minutes cannot be had at all.
    pub(super) fn end_here(&mut self, today: Day) {
        self.nothing_until = Some(today);
    }

    /// Sees whether there is anything older to be had: a day may be missing that was not when
    /// the end was found.
    pub(super) fn look_at_end(&mut self, sessions: &Sessions<'_>, today: Day) {
        let missing = self.missing(sessions, today);
        self.ended = self.nothing_until.is_some_and(|day| missing <= day);
    }

    /// The request that ran has failed.
    pub(super) fn failed(&mut self, retry_at: Moment) {
        self.busy = false;
        self.outdated = false;
        self.retry_at = Some(retry_at);
    }

    /// The newest day before `today` that is not held whole.
    fn missing(&self, sessions: &Sessions<'_>, today: Day) -> Day {
        let mut day = sessions.calendar.previous_open(today);
        while self.days.contains_key(&day) {
            day = sessions.calendar.previous_open(day);
        }
        day
    }

    /// The next page to ask for: rows up to this minute of this day.
    pub(super) fn next_page(&self, sessions: &Sessions<'_>, today: Day) -> Option<(Day, Minute)> {
        let missing = self.missing(sessions, today);
        if self.nothing_until.is_some_and(|day| missing <= day) {
            return None;
        }
        let last = sessions.labels(missing)?.1;
        // Rows after the session are of no use: the page begins where the session ended.
        let newest = self
            .partials
            .get(&missing)
            .map_or(last, |partial| last.min(partial.from.plus(-1)));
        Some((missing, newest))
    }

    /// Whether the last page taken said so little that it has to be asked for again.
    pub(super) fn doubts(&self) -> bool {
        self.doubted.is_some()
    }

    /// Takes a page asked for with rows up to `newest` of `day`. Returns the days that became
    /// complete. One answer without such a row proves nothing: brokers give empty ones, and
    /// those to other questions, now and then.
    pub(super) fn take_page(
        &mut self,
        sessions: &Sessions<'_>,
        (day, newest): (Day, Minute),
        rows: &[MinuteRow],
    ) -> Vec<(Day, Arc<[MinuteRow]>)> {
        self.pages += 1;
        self.changed = None;
        if std::mem::take(&mut self.outdated) {
            return Vec::new();
        }
        let asked = (day, newest);
        let substituted = rows.iter().any(|r| asked < (r.day, r.minute));
        // A date without data is silently answered with another date's rows: newer ones tell
        // nothing about what was asked.
        let mut rows: Vec<MinuteRow> = rows
            .iter()
            .filter(|r| (r.day, r.minute) <= asked)
            .copied()
            .collect();
        rows.sort_by_key(|r| (r.day, r.minute));
        rows.dedup_by_key(|r| (r.day, r.minute));
        let Some(oldest) = rows.first().map(|r| (r.day, r.minute)) else {
            if self.doubted.replace(asked) != Some(asked) {
                return Vec::new();
            }
            self.doubted = None;
            return self.nothing_of(sessions, day, substituted);
        };
        self.doubted = None;
        self.barren = 0;
        self.barren_from = None;
        let mut complete = Vec::new();
        let mut at = day;
        while oldest.0 <= at {
            if self.days.contains_key(&at) {
                // The first accepted rows of a day stay.
                at = sessions.calendar.previous_open(at);
                continue;
            }
            let (first, last) = sessions.labels(at).unwrap_or((Minute(0), Minute(0)));
            let known_from = if oldest.0 < at { first } else { oldest.1 };
            let in_session = |r: &&MinuteRow| r.day == at && sessions.counts(r);
            let mut of_day: Vec<MinuteRow> = rows.iter().filter(in_session).copied().collect();
            if let Some(partial) = self.partials.remove(&at) {
                of_day.retain(|row| row.minute < partial.from);
                of_day.extend(partial.rows);
            }
            let head_until = self.heads.get(&at).map_or(first, |head| head.until);
            if known_from <= first.max(head_until) {
                // Rows accepted while the day ran stay: the first accepted row counts.
                if let Some(mut head) = self.heads.remove(&at) {
                    of_day.retain(|row| head.until <= row.minute);
                    head.rows.append(&mut of_day);
                    of_day = head.rows;
                }
                let rows: Arc<[MinuteRow]> = of_day.into();
                self.insert(sessions, at, &rows);
                complete.push((at, rows));
            } else if known_from <= last {
                self.changed = Some(at);
                let partial = Partial {
                    day: at,
                    from: known_from,
                    rows: of_day,
                };
                self.partials.insert(at, partial);
            }
            at = sessions.calendar.previous_open(at);
        }
        complete
    }

    /// No row of `day` or before came. What is held of the day is all there is of it.
    fn nothing_of(
        &mut self,
        sessions: &Sessions<'_>,
        day: Day,
        substituted: bool,
    ) -> Vec<(Day, Arc<[MinuteRow]>)> {
        let partial = self.partials.remove(&day);
        if partial.is_none() && substituted && self.barren + 1 < BARREN {
            // Later dates came instead: the exchange may have been closed on this one. It is
            // passed over in this run, and what lies before it is asked for.
            self.barren += 1;
            self.barren_from.get_or_insert(day);
            self.passed.insert(day);
            self.insert(sessions, day, &[]);
            return Vec::new();
        }
        self.nothing_until = Some(day);
        // What was passed over on the way here is kept by nobody: the end lies before it.
        self.found_end = Some(self.barren_from.unwrap_or(day));
        let Some(partial) = partial else {
            return Vec::new();
        };
        let rows: Arc<[MinuteRow]> = partial.rows.into();
        self.insert(sessions, day, &rows);
        vec![(day, rows)]
    }

    /// Contiguous closed days before `today`, newest first.
    fn stretch<'a>(
        &'a self,
        sessions: &Sessions<'a>,
        today: Day,
    ) -> impl Iterator<Item = (Day, &'a HeldDay)> {
        let calendar = sessions.calendar;
        let mut next = calendar.previous_open(today);
        std::iter::from_fn(move || {
            let day = next;
            let held = self.days.get(&day)?;
            next = calendar.previous_open(day);
            Some((day, held))
        })
    }

    /// The oldest contiguous closed day before `today` on which something traded.
    pub(super) fn reach(&self, sessions: &Sessions<'_>, today: Day) -> Option<Day> {
        let days = self.stretch(sessions, today);
        days.filter(|(_, held)| held.close.is_some())
            .map(|(day, _)| day)
            .last()
    }

    /// The bars of contiguous closed days before `today`, oldest first: of the days up to
    /// `newest` if that is given, and of so many of them that there are at least `most` bars.
    pub(super) fn bars(
        &self,
        sessions: &Sessions<'_>,
        today: Day,
        minutes: u16,
        (newest, most): (Option<Day>, usize),
    ) -> Vec<Bar> {
        let days: Vec<(Day, &HeldDay)> = self.stretch(sessions, today).collect();
        let missing = self.missing(sessions, today);
        let mut first: Vec<Bar> = Vec::new();
        if let Some(partial) = self.partials.get(&missing) {
            // Only bars whose rows are all known; their previous close is not.
            let from = missing.at(partial.from);
            first = self.fold(sessions, missing, minutes, &partial.rows, None);
            first.retain(|bar| from <= bar.opened);
        }
        let mut parts: Vec<Vec<Bar>> = Vec::new();
        let mut count = 0;
        for (index, (day, held)) in days.iter().enumerate() {
            if newest.is_some_and(|newest| newest < *day) {
                continue;
            }
            if most <= count {
                break;
            }
            let before = days[index + 1..].iter().find_map(|(_, held)| held.close);
            let previous = before.or(first.last().map(|bar| bar.candle.close));
            let bars = self.fold(sessions, *day, minutes, &held.rows(*day), previous);
            count += bars.len();
            parts.push(bars);
        }
        if count < most {
            parts.push(first);
        }
        let mut bars = Vec::with_capacity(parts.iter().map(Vec::len).sum());
        bars.extend(parts.into_iter().rev().flatten());
        bars
    }

    fn fold(
        &self,
        sessions: &Sessions<'_>,
        day: Day,
        minutes: u16,
        rows: &[MinuteRow],
        previous: Option<i64>,
    ) -> Vec<Bar> {
        let Some(hours) = sessions.calendar.hours(day, sessions.market) else {
            return Vec::new();
        };
        sessions
            .bars
            .fold_day(&hours, day, minutes, rows, previous, Minute(1_440))
    }
}
