//! The rows of the running day: accepted from REST, and prints for what REST has not served yet.

use std::ops::Range;

use crate::bars::{BarRules, Slot};
use crate::domain::packed::PackedRows;
use crate::domain::{Candle, Day, Minute, MinuteRow, Moment, Print, SessionHours};
use crate::engine::amended::Amended;
use crate::engine::effect::Urgency;

/// A row counts once its minute is over; it is read not earlier than this after it.
pub(super) const SETTLE_MS: i64 = 2_000;

/// How often a row that lacks volume seen in prints is asked for again before it is taken as
/// it is.
const PROVEN_DOUBTS: u8 = 15;
/// Minutes of prints that find room at first: rows take their place within seconds.
const MINUTES: usize = 16;
/// How often a row that is not there at all is asked for again before the minute counts as
/// empty. The broker may be behind, or leave out minutes without a trade.
const DOUBTS: u8 = 4;
/// Where all answers are those to other questions, the same is asked again after this.
const ASTRAY_MS: i64 = 60_000;

/// The running day of one stock.
#[derive(Clone, Debug)]
pub(super) struct Today {
    /// The day.
    pub(super) day: Day,
    /// Its session.
    pub(super) hours: SessionHours,
    /// Accepted rows, ascending; the first accepted row of a minute stays.
    rows: PackedRows,
    /// The first label that is not accepted yet.
    accepted_until: Minute,
    /// Rows before this have been handed to the disk.
    saved_until: Minute,
    /// The first label of the day's grid.
    first: Minute,
    /// Prints by minute, ascending, from `accepted_until` on.
    live: Vec<(Minute, Candle)>,
    /// A fetch that runs.
    fetch: Option<Fetch>,
    /// What to fetch after it.
    next: Option<(Minute, Urgency)>,
    /// Rows that do not show what prints showed were asked for again this often.
    doubts: u8,
}

/// A fetch of today's rows, page by page towards the past.
#[derive(Clone, Debug)]
struct Fetch {
    target: Minute,
    /// The newest minute of the page that is asked for.
    asked: Minute,
    urgency: Urgency,
    rows: Vec<MinuteRow>,
    /// The service of past days has not failed it yet.
    by_date: bool,
}

/// What to do after an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Ask for the page that ends at this minute.
    Page(Minute, Urgency),
    /// Rows were accepted, maybe none: a minute without a trade may have none. Those up to this
    /// minute were wanted, but it was not over when the request left.
    Accepted(Option<Minute>),
    /// Rows lack what prints showed, or what was asked for: ask again after so many ms.
    AskAgain(Minute, i64),
    /// Nothing to do.
    Nothing,
}

impl Today {
    pub(super) fn new(day: Day, hours: SessionHours, bars: &BarRules) -> Self {
        let first = bars
            .slots(&hours, 1)
            .first()
            .map_or(hours.open, |slot| slot.open);
        Self {
            day,
            hours,
            rows: PackedRows::new(day),
            accepted_until: first,
            saved_until: first,
            first,
            live: Vec::with_capacity(MINUTES),
            fetch: None,
            next: None,
            doubts: 0,
        }
    }

    /// The accepted rows, ascending. They are unpacked for it.
    pub(super) fn rows(&self) -> Vec<MinuteRow> {
        self.rows.iter().collect()
    }

    pub(super) fn accepted_until(&self) -> Minute {
        self.accepted_until
    }

    /// Takes rows accepted by an earlier run: every row of the stretch `known`.
    pub(super) fn restore(&mut self, known: Range<Minute>, rows: Vec<MinuteRow>) {
        if self.accepted_until < known.start || known.end <= self.accepted_until {
            return;
        }
        let missing = self.accepted_until..known.end;
        let wanted = |row: &MinuteRow| row.day == self.day && missing.contains(&row.minute);
        for row in rows.iter().filter(|row| wanted(row)) {
            self.rows.push(row);
        }
        self.accepted_until = known.end;
        self.saved_until = known.end;
        self.live.retain(|(minute, _)| known.end <= *minute);
    }

    /// The accepted rows that have not been handed to the disk, and the stretch of which they
    /// are every row. From now on they have been.
    pub(super) fn unsaved(&mut self) -> (Range<Minute>, Vec<MinuteRow>) {
        let known = self.saved_until..self.accepted_until;
        self.saved_until = self.accepted_until;
        let new = |row: &MinuteRow| known.start <= row.minute;
        let rows = self.rows.iter().filter(new).collect();
        (known, rows)
    }

    /// Not all that was handed to the disk is there.
    pub(super) fn save_all_again(&mut self) {
        self.saved_until = self.first;
    }

    /// Labels up to `newest` that have not been accepted.
    pub(super) fn lacking(&self, newest: Minute) -> usize {
        usize::from((newest.0 + 1).saturating_sub(self.accepted_until.0))
    }

    /// Whether the fetch that runs may ask the service of past days.
    pub(super) fn may_ask_by_date(&self) -> bool {
        self.fetch.as_ref().is_some_and(|fetch| fetch.by_date)
    }

    /// The fetch that runs goes on with pages of today's service only.
    pub(super) fn page_by_page(&mut self) -> Option<Urgency> {
        let fetch = self.fetch.as_mut()?;
        fetch.by_date = false;
        Some(fetch.urgency)
    }

    /// Wants every row up to `label`. Returns the page to ask for, unless a fetch runs already.
    pub(super) fn want(&mut self, label: Minute, urgency: Urgency) -> Option<(Minute, Urgency)> {
        if label < self.accepted_until {
            return None;
        }
        if let Some(fetch) = &self.fetch {
            if fetch.target < label {
                let urgency = self.next.map_or(urgency, |(_, u)| u.min(urgency));
                self.next = Some((label, urgency));
            }
            return None;
        }
        self.fetch = Some(Fetch {
            target: label,
            asked: label,
            urgency,
            rows: Vec::new(),
            by_date: true,
        });
        Some((label, urgency))
    }

    /// The request failed; what was wanted is returned so that it can be asked for again.
    pub(super) fn failed(&mut self) -> Option<(Minute, Urgency)> {
        let fetch = self.fetch.take()?;
        let next = self.next.take();
        Some(
            next.map_or((fetch.target, fetch.urgency), |(label, urgency)| {
                (label.max(fetch.target), urgency.min(fetch.urgency))
            }),
        )
    }

    /// What was wanted while a fetch ran.
    pub(super) fn take_next(&mut self) -> Option<(Minute, Urgency)> {
        self.next.take()
    }

    /// Takes an answer to a request sent at `sent`. Every print of the stretch `seen` has been seen.
    pub(super) fn answer(
        &mut self,
        bars: &BarRules,
        rows: &[MinuteRow],
        sent: Moment,
        seen: Option<Range<Moment>>,
        amended: &mut Amended,
    ) -> Step {
        let Some(mut fetch) = self.fetch.take() else {
            return Step::Nothing;
        };
        // A row is final only if its minute was well over when the request left.
        let finished = |label: Minute| self.day.at(label.plus(1)).plus_ms(SETTLE_MS) <= sent;
        let known = |row: &&MinuteRow| {
            let held = self.first <= row.minute && row.minute < self.accepted_until;
            row.day == self.day && held && finished(row.minute)
        };
        let held = match rows.iter().any(|row| known(&row)) {
            true => self.rows(),
            false => Vec::new(),
        };
        for row in rows.iter().filter(known) {
            let place = held.binary_search_by_key(&row.minute, |held| held.minute);
            amended.served(row, place.ok().map(|at| held[at].candle));
        }
        let wanted = |row: &&MinuteRow| {
            row.day == self.day
                && self.accepted_until <= row.minute
                && row.minute <= fetch.target
                && finished(row.minute)
                && bars.slot_of(&self.hours, 1, row.minute).is_some()
        };
        let found: Vec<MinuteRow> = rows.iter().filter(wanted).copied().collect();
        fetch.rows.extend(found);
        // Newer rows than those asked for are the answer to another question.
        let oldest = rows
            .iter()
            .filter(|r| r.day == self.day && r.minute <= fetch.asked)
            .map(|r| r.minute)
            .min();
        let crossed = rows.iter().any(|r| r.day < self.day);
        match oldest {
            Some(oldest) if !crossed && self.accepted_until < oldest => {
                fetch.asked = oldest.plus(-1);
                let page = (fetch.asked, fetch.urgency);
                self.fetch = Some(fetch);
                return Step::Page(page.0, page.1);
            }
            _ => {}
        }
        // A page in the middle of the session without a row of it would make all that is older a
        // stretch without a trade.
        let barren = oldest.is_none() && fetch.asked < fetch.target;
        if barren && self.hours.open <= fetch.asked {
            let patient = self.doubts < DOUBTS;
            self.doubts = self.doubts.saturating_add(1);
            // Empty ones are believed in the end, answers to other questions never.
            if patient || rows.iter().any(|r| r.day == self.day) {
                let wait = if patient { SETTLE_MS } else { ASTRAY_MS };
                return Step::AskAgain(fetch.target, wait);
            }
        }
        let mut target = fetch.target;
        while self.accepted_until <= target && !finished(target) {
            target = target.plus(-1);
        }
        if target < self.accepted_until {
            return Step::AskAgain(fetch.target, SETTLE_MS);
        }
        let lacking = self.lacks_prints(&fetch.rows, target);
        let behind = !lacking.is_empty();
        let absent = || {
            let (begun, over) = (self.day.at(target), self.day.at(target.plus(1)));
            let seen = seen
                .as_ref()
                .is_some_and(|seen| seen.start <= begun && over <= seen.end);
            let there = fetch.rows.iter().any(|row| row.minute == target)
                || rows
                    .iter()
                    .any(|row| row.day == self.day && target < row.minute);
            !seen && !there && bars.slot_of(&self.hours, 1, target).is_some()
        };
        if (behind && self.doubts < PROVEN_DOUBTS) || (self.doubts < DOUBTS && absent()) {
            self.doubts += 1;
            return Step::AskAgain(fetch.target, SETTLE_MS);
        }
        self.doubts = 0;
        for minute in lacking {
            amended.doubt(self.day, minute);
        }
        self.accept(fetch.rows, target);
        Step::Accepted((target < fetch.target).then_some(fetch.target))
    }

    /// Minutes up to `target` whose prints are missing from their rows: the broker has not caught
    /// up yet.
    fn lacks_prints(&self, rows: &[MinuteRow], target: Minute) -> Vec<Minute> {
        self.live
            .iter()
            .filter(|(minute, _)| *minute <= target)
            .filter(|(minute, seen)| {
                let served = rows
                    .iter()
                    .find(|r| r.minute == *minute)
                    .map_or(0, |r| r.candle.volume);
                0 < seen.volume && served < seen.volume
            })
            .map(|(minute, _)| *minute)
            .collect()
    }

    fn accept(&mut self, mut rows: Vec<MinuteRow>, target: Minute) {
        rows.retain(|row| row.minute <= target);
        rows.sort_by_key(|row| row.minute);
        rows.dedup_by_key(|row| row.minute);
        self.accepted_until = target.plus(1);
        let until = self.accepted_until;
        self.live.retain(|(minute, _)| until <= *minute);
        for row in &rows {
            self.rows.push(row);
        }
    }

    /// Adds a print. Prints of accepted minutes change nothing: rows are the truth.
    pub(super) fn print(&mut self, minute: Minute, print: &Print) {
        self.add(minute, print.price.0, print.size.0);
    }

    /// Adds a price without a size (a polled quote counts as a print).
    pub(super) fn price(&mut self, minute: Minute, price: i64) {
        self.add(minute, price, 0);
    }

    fn add(&mut self, minute: Minute, price: i64, size: i64) {
        if minute < self.accepted_until {
            return;
        }
        let candle = Candle {
            volume: size,
            ..Candle::flat(price)
        };
        match self.live.binary_search_by_key(&minute, |(m, _)| *m) {
            Ok(at) => self.live[at].1.absorb(&candle),
            Err(at) => self.live.insert(at, (minute, candle)),
        }
    }

    /// The bar of a slot from the accepted `rows` and prints; `None` if nothing traded in it yet.
    pub(super) fn candle_of(&self, rows: &[MinuteRow], slot: &Slot) -> Option<Candle> {
        let within = |minute: Minute| slot.open <= minute && minute <= slot.last_label;
        let start = rows.partition_point(|row| row.minute < slot.open);
        let rows = rows[start..]
            .iter()
            .take_while(|row| row.minute <= slot.last_label)
            .filter(|row| 0 < row.candle.volume)
            .map(|row| row.candle);
        let live = self
            .live
            .iter()
            .filter(|(minute, _)| within(*minute))
            .map(|(_, c)| *c);
        let mut all = rows.chain(live);
        let mut candle = all.next()?;
        for later in all {
            candle.absorb(&later);
        }
        Some(candle)
    }

    /// The rows of the day as far as they are known from both sources, for the day's candle.
    pub(super) fn rows_with_live(&self) -> Vec<MinuteRow> {
        // A polled price has no size; it counts as a print all the same.
        let live = self.live.iter().map(|&(minute, candle)| MinuteRow {
            day: self.day,
            minute,
            candle: Candle {
                volume: candle.volume.max(1),
                ..candle
            },
        });
        self.rows.iter().chain(live).collect()
    }
}
