//! One stock's day: its rows, its prints and its sums at any moment.

use std::sync::{Arc, OnceLock};

use crate::domain::{Candle, Day, Market as Venue, Minute, MinuteRow, SessionHours};
use crate::sim::market::plan::DayPlan;
use crate::sim::market::prints::{MinuteKind, Tick, prints};
use crate::sim::market::stops::Stop;
use crate::sim::market::totals::Totals;

/// The whole day as it will have been. What has happened by a moment is asked by the
/// milliseconds since midnight.
#[derive(Debug)]
pub(crate) struct TradingDay {
    pub(crate) seed: u64,
    pub(crate) index: usize,
    pub(crate) day: Day,
    pub(crate) venue: Venue,
    /// The two venues' days behind a merged one.
    pub(crate) parts: Option<[Arc<TradingDay>; 2]>,
    /// Pauses of this day.
    pub(crate) stops: Vec<Stop>,
    pub(crate) hours: SessionHours,
    pub(crate) plan: DayPlan,
    pub(crate) rows: Arc<[MinuteRow]>,
    /// Sums after each row, made when first asked for.
    pub(crate) sums: OnceLock<Box<[Totals]>>,
}

/// When the sums of a day are wanted after everything.
pub(crate) const END_OF_DAY: u32 = 86_399_999;

impl TradingDay {
    /// The prints of row `i`.
    pub(crate) fn prints(&self, i: usize) -> Vec<Tick> {
        let Some(row) = self.rows.get(i) else {
            return Vec::new();
        };
        if let Some(parts) = &self.parts {
            let mut all: Vec<Tick> = parts
                .iter()
                .filter_map(|part| Some(part.prints(part.row_of(row.minute)?)))
                .flatten()
                .collect();
            // The exchange's prints come first among those of one moment.
            all.sort_by_key(|tick| tick.ms);
            return all;
        }
        let after_vi = |stop: &Stop| stop.is_vi && self.resuming(stop) == Some(i);
        let kind = if self.venue == Venue::Krx
            && (row.minute == self.hours.open || self.stops.iter().any(after_vi))
        {
            MinuteKind::Opening
        } else if Some(row.minute) == self.hours.auction {
            MinuteKind::Closing
        } else {
            MinuteKind::Continuous
        };
        prints(self.seed, self.index, self.venue, row, kind)
    }

    /// The pause in force at `ms`.
    pub(crate) fn stop_at(&self, ms: u32) -> Option<&Stop> {
        let minute = Minute((ms / 60_000) as u16);
        self.stops
            .iter()
            .find(|s| s.from <= minute && minute < s.to)
    }

    /// The row with the match that ends a pause.
    pub(crate) fn resuming(&self, stop: &Stop) -> Option<usize> {
        let from = self.rows.partition_point(|row| row.minute < stop.to);
        let traded = |row: &MinuteRow| 0 < row.candle.volume;
        Some(from + self.rows[from..].iter().position(traded)?)
    }

    /// The row labelled `minute`.
    pub(crate) fn row_of(&self, minute: Minute) -> Option<usize> {
        self.rows.binary_search_by_key(&minute, |r| r.minute).ok()
    }

    /// The row of the opening auction.
    pub(crate) fn opening(&self) -> Option<usize> {
        self.row_of(self.hours.open)
    }

    /// The row of the closing auction.
    pub(crate) fn closing(&self) -> Option<usize> {
        self.row_of(self.hours.auction?)
    }

    /// The first minute with a row, and the first one after all of them.
    pub(crate) fn span(&self) -> (Minute, Minute) {
        let first = self.rows.first().map_or(self.hours.open, |r| r.minute);
        let last = self
            .rows
            .last()
            .map_or(self.hours.end(), |r| r.minute.plus(1));
        (first, last)
    }

    /// The rows of the regular session.
    pub(crate) fn regular(&self) -> impl Iterator<Item = &MinuteRow> {
        self.rows.iter().filter(|r| self.hours.contains(r.minute))
    }

    /// The prints of row `i` up to and including `ms`.
    fn prints_until(&self, i: usize, ms: u32) -> impl Iterator<Item = Tick> {
        self.prints(i).into_iter().take_while(move |t| t.ms <= ms)
    }

    fn sums(&self) -> &[Totals] {
        self.sums.get_or_init(|| {
            let mut totals = Totals::default();
            (0..self.rows.len())
                .map(|i| {
                    for tick in self.prints(i) {
                        totals.add(&tick);
                    }
                    totals
                })
                .collect()
        })
    }

    /// The sums before row `i`.
    pub(crate) fn before(&self, i: usize) -> Totals {
        match i.checked_sub(1) {
            Some(i) => self.after(i),
            None => Totals::default(),
        }
    }

    /// The sums after row `i`.
    pub(crate) fn after(&self, i: usize) -> Totals {
        let sums = self.sums();
        sums.get(i).or(sums.last()).copied().unwrap_or_default()
    }

    /// The newest row that has begun by `ms`.
    pub(crate) fn row_at(&self, ms: u32) -> Option<usize> {
        let minute = Minute((ms / 60_000) as u16);
        self.rows
            .partition_point(|r| r.minute <= minute)
            .checked_sub(1)
    }

    /// The sums of all prints up to `ms`.
    pub(crate) fn at(&self, ms: u32) -> Totals {
        let Some(i) = self.row_at(ms) else {
            return Totals::default();
        };
        if self.is_over(i, ms) {
            return self.after(i);
        }
        let mut totals = self.before(i);
        for tick in self.prints_until(i, ms) {
            totals.add(&tick);
        }
        totals
    }

    /// Whether the minute of row `i` has passed at `ms`.
    pub(crate) fn is_over(&self, i: usize, ms: u32) -> bool {
        self.rows
            .get(i)
            .is_some_and(|r| u32::from(r.minute.0) < ms / 60_000)
    }

    /// Row `i` as far as its prints have come by `ms`; `None` before its first print.
    pub(crate) fn candle_so_far(&self, i: usize, ms: u32) -> Option<Candle> {
        let mut candle: Option<Candle> = None;
        for tick in self.prints_until(i, ms) {
            let mut one = Candle::flat(tick.price);
            one.volume = tick.size;
            match &mut candle {
                Some(c) => c.absorb(&one),
                None => candle = Some(one),
            }
        }
        candle
    }

    /// The newest prints by `ms`, newest first, each with the sums after it.
    pub(crate) fn newest(&self, ms: u32, count: usize) -> Vec<(Tick, Totals)> {
        let Some(newest) = self.row_at(ms) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for i in (0..=newest).rev() {
            let mut totals = self.before(i);
            let mut of_row: Vec<(Tick, Totals)> = self
                .prints_until(i, ms)
                .map(|tick| {
                    totals.add(&tick);
                    (tick, totals)
                })
                .collect();
            of_row.reverse();
            found.extend(of_row);
            if count <= found.len() {
                break;
            }
        }
        found.truncate(count);
        found
    }
}

/// Open of the first traded row, high, low, close and volume of all.
pub(crate) fn fold<'a>(rows: impl IntoIterator<Item = &'a MinuteRow>) -> Option<Candle> {
    let mut traded = rows
        .into_iter()
        .filter(|r| 0 < r.candle.volume)
        .map(|r| r.candle);
    let mut candle = traded.next()?;
    for later in traded {
        candle.absorb(&later);
    }
    Some(candle)
}
