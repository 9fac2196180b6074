//! What a registration will send, in order, minute by minute.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{Market as Venue, Minute, Moment, StockCode};
use crate::sim::market::{
    Flows, IndexFigures, Market, Tick, Totals, TradingDay, book_at, book_times,
};
use crate::sim::ws::kind::Kind;
use crate::sim::ws::trade::Context;
use crate::sim::ws::{book, flows, state, trade};

/// One registration.
pub(super) struct Feed {
    pub(super) kind: Kind,
    /// The stock's code, the index's, or the customer's name.
    pub(super) key: String,
    market: Arc<Market>,
    index: usize,
    day: Arc<TradingDay>,
    /// The minute of the day that is laid out below.
    minute: u32,
    /// Sums of the prints already taken from `ticks`.
    totals: Totals,
    /// Prints of the minute still to come.
    ticks: VecDeque<Tick>,
    /// Book changes of the minute still to come, milliseconds of the day.
    changes: VecDeque<u32>,
    /// Volume of the session before: all of it, and up to this minute.
    yesterday: i64,
    yesterday_so_far: i64,
    /// Ask and bid sums of the last book sent.
    sent: Option<(i64, i64)>,
    /// The last figures of an index sent.
    index_sent: Option<IndexFigures>,
    /// Volume when brokers were told of last.
    told: i64,
    /// Nothing will ever come of it.
    silent: bool,
    usual_size: f64,
}

/// Records in one frame.
const MOST_RECORDS: i64 = 900;
/// Between two frames of an index, of programs or of brokers.
const INDEX_PAUSE_MS: u32 = 10_000;
/// Books are published from this many minutes before the session.
const CALL_MINUTES: u32 = 30;
/// A session without any event for so many days means the end of the simulated years.
const MINUTES_TO_LOOK: u32 = 20 * 1_440;

impl Feed {
    /// A feed of what comes after `now`; `None` where the market has no further session.
    pub(super) fn new(
        market: Arc<Market>,
        kind: Kind,
        key: &str,
        usual_size: f64,
        now: Moment,
    ) -> Option<Self> {
        // Indices and notices keep the hours of any stock.
        let index = match kind {
            kind if kind == Kind::Notice || kind.is_of_index() => 0,
            _ => market.index_of(StockCode::parse(key)?)?,
        };
        let open_today = market.calendar().is_open(now.day());
        let day = match open_today {
            true => now.day(),
            false => market.calendar().next_open(now.day()),
        };
        let traded = market.day_on(kind.venue(), index, day);
        // Nextrade has no auctions: looking for one would never end.
        let never = matches!(
            kind,
            Kind::Notice | Kind::Overtime(_) | Kind::Expected(Venue::Nxt)
        );
        let silent = never || traded.is_none();
        let day = match traded {
            Some(traded) => traded,
            None => market.trading_day(index, day)?,
        };
        let mut feed = Self {
            kind,
            key: key.to_owned(),
            market,
            index,
            day,
            minute: 0,
            totals: Totals::default(),
            ticks: VecDeque::new(),
            changes: VecDeque::new(),
            yesterday: 0,
            yesterday_so_far: 0,
            sent: None,
            index_sent: None,
            told: 0,
            silent,
            usual_size,
        };
        let ms = if open_today {
            now.ms_since(Moment::on(now.day(), 0)).max(0) as u32
        } else {
            0
        };
        feed.totals = match feed.day.row_at(ms) {
            Some(i) if feed.day.is_over(i, ms) => feed.day.after(i),
            Some(i) => feed.day.before(i),
            None => Totals::default(),
        };
        feed.lay_out(ms / 60_000);
        while feed.ticks.front().is_some_and(|t| t.ms <= ms) {
            feed.take_tick();
        }
        feed.changes.retain(|change| ms < *change);
        feed.told = feed.totals.volume;
        Some(feed)
    }

    /// When the next event is due.
    pub(super) fn next_at(&mut self) -> Option<Moment> {
        if self.silent {
            return None;
        }
        for _ in 0..MINUTES_TO_LOOK {
            let next = match self.kind {
                Kind::Trades(_) => self.ticks.front().map(|t| t.ms),
                _ => self.changes.front().copied(),
            };
            if let Some(ms) = next {
                return Some(Moment::on(self.day.day, 0).plus_ms(i64::from(ms)));
            }
            while self.take_tick().is_some() {}
            if !self.advance() {
                return None;
            }
        }
        None
    }

    /// Goes to the next minute in which something may happen; `false` at the end of time.
    fn advance(&mut self) -> bool {
        let (first, end) = self.day.span();
        let call = u32::from(self.day.hours.open.0).saturating_sub(CALL_MINUTES);
        if self.minute < u32::from(end.0) {
            self.lay_out((self.minute + 1).max(call.min(u32::from(first.0))));
            return true;
        }
        let next = self.market.calendar().next_open(self.day.day);
        match self.market.day_on(self.kind.venue(), self.index, next) {
            Some(day) => {
                self.day = day;
                self.totals = Totals::default();
                self.sent = None;
                self.index_sent = None;
                self.told = 0;
                self.lay_out(0);
                true
            }
            None => false,
        }
    }

    fn lay_out(&mut self, minute: u32) {
        self.minute = minute;
        let row = self.day.row_at(minute * 60_000);
        let here = row.filter(|&i| u32::from(self.day.rows[i].minute.0) == minute);
        self.ticks = here.map_or_else(VecDeque::new, |i| self.day.prints(i).into());
        match self.kind {
            Kind::Book(_) => self.changes = book_times(&self.day, minute).into(),
            Kind::Expected(_) => {
                let call = |ms: &u32| self.day.phase(*ms).is_call();
                let times = book_times(&self.day, minute);
                self.changes = times.into_iter().filter(call).collect();
                self.look_at_yesterday(minute);
            }
            Kind::Trades(_) => self.look_at_yesterday(minute),
            Kind::Operation(_) => self.changes = self.switches(minute).into(),
            Kind::Index | Kind::IndexProgram => {
                let regular = self.day.hours.contains(Minute(minute as u16));
                self.changes = pauses(minute).filter(|_| regular).collect();
            }
            Kind::IndexExpected => {
                let call = |ms: &u32| self.day.phase(*ms).is_call();
                self.changes = pauses(minute).filter(call).collect();
            }
            Kind::Program(_) | Kind::Members(_) => {
                let traded = here.is_some_and(|i| 0 < self.day.rows[i].candle.volume);
                self.changes = pauses(minute).filter(|_| traded).collect();
            }
            Kind::Notice | Kind::Overtime(_) => {}
        }
    }

    /// What the session before came to, and had come to by the end of `minute`.
    fn look_at_yesterday(&mut self, minute: u32) {
        let before = self.market.calendar().previous_open(self.day.day);
        let day = self.market.day_on(self.kind.venue(), self.index, before);
        let rows = day.iter().flat_map(|d| d.rows.iter());
        (self.yesterday, self.yesterday_so_far) = (0, 0);
        for row in rows {
            self.yesterday += row.candle.volume;
            if u32::from(row.minute.0) <= minute {
                self.yesterday_so_far += row.candle.volume;
            }
        }
    }

    /// The changes of session in `minute`: the calls, the opening and the close.
    fn switches(&self, minute: u32) -> Vec<u32> {
        let hours = self.day.hours;
        let open = u32::from(hours.open.0);
        let starts = [
            open.saturating_sub(CALL_MINUTES),
            open,
            u32::from(hours.continuous_end.0),
        ];
        let close = self
            .day
            .closing()
            .and_then(|i| self.day.prints(i).first().copied());
        let mut times: Vec<u32> = starts.into_iter().map(|m| m * 60_000).collect();
        times.extend(close.map(|tick| tick.ms));
        let stops = self.day.stops.iter();
        times.extend(
            stops
                .flat_map(|s| [s.from, s.to])
                .map(|m| u32::from(m.0) * 60_000),
        );
        times.sort_unstable();
        times.retain(|ms| ms / 60_000 == minute);
        times
    }

    fn take_tick(&mut self) -> Option<Tick> {
        let tick = self.ticks.pop_front()?;
        self.totals.add(&tick);
        Some(tick)
    }

    /// Writes the frame of the next event; the number of records in it. A print is written as
    /// so many `times`.
    pub(super) fn write(&mut self, out: &mut String, times: u32) -> u64 {
        match self.kind {
            Kind::Trades(_) => {
                self.split(times);
                self.write_trades(out)
            }
            Kind::Notice | Kind::Overtime(_) => 0,
            _ => self.write_change(out),
        }
    }

    /// Splits the prints that are due next. A frame counts its records in three digits.
    fn split(&mut self, times: u32) {
        let Some(ms) = self.ticks.front().map(|t| t.ms).filter(|_| 1 < times) else {
            return;
        };
        let due = self.ticks.iter().take_while(|t| t.ms == ms).count();
        let times = i64::from(times)
            .min(MOST_RECORDS / due.max(1) as i64)
            .max(1);
        let whole: Vec<Tick> = self.ticks.drain(..due).collect();
        for tick in whole.into_iter().rev() {
            let parts = times.min(tick.size).max(1);
            let size = tick.size / parts;
            for part in 0..parts {
                let rest = if part == 0 {
                    tick.size - size * parts
                } else {
                    0
                };
                self.ticks.push_front(Tick {
                    size: size + rest,
                    ..tick
                });
            }
        }
    }

    fn write_trades(&mut self, out: &mut String) -> u64 {
        let Some(ms) = self.ticks.front().map(|t| t.ms) else {
            return 0;
        };
        let count = self.ticks.iter().take_while(|t| t.ms == ms).count();
        out.push_str(&format!("0|{}|{count:03}|", self.kind.tr_id()));
        let market = Arc::clone(&self.market);
        let stock = &market.listed()[self.index];
        for i in 0..count {
            let Some(tick) = self.take_tick() else { break };
            let book = book_at(&self.day, ms, &self.totals, self.usual_size);
            let context = Context {
                stock,
                day: &self.day,
                yesterday: self.yesterday,
                yesterday_so_far: self.yesterday_so_far,
            };
            trade::write(out, i == 0, &context, &tick, &self.totals, &book);
        }
        count as u64
    }

    fn write_change(&mut self, out: &mut String) -> u64 {
        let Some(ms) = self.changes.pop_front() else {
            return 0;
        };
        while self.ticks.front().is_some_and(|t| t.ms <= ms) {
            self.take_tick();
        }
        out.push_str(&format!("0|{}|001|", self.kind.tr_id()));
        let market = Arc::clone(&self.market);
        let stock = &market.listed()[self.index];
        let book = book_at(&self.day, ms, &self.totals, self.usual_size);
        match self.kind {
            Kind::Index | Kind::IndexExpected => {
                let (code, day) = (self.key.as_str(), self.day.day);
                let figures = match self.kind {
                    Kind::IndexExpected => market.expected_index_at(code, day, ms),
                    _ => market.index_at(code, day, ms),
                };
                let Some(figures) = figures else {
                    out.clear();
                    return 0;
                };
                state::write_index(out, &self.key, ms, &figures, self.index_sent.as_ref());
                self.index_sent = Some(figures);
            }
            Kind::Operation(_) => state::write_operation(out, stock, &self.day, ms),
            Kind::IndexProgram => {
                let program = market.index_program(&self.key, self.day.day, ms);
                let figures = market.index_at(&self.key, self.day.day, ms);
                let whole = figures.map_or((0, 0), |f| (f.volume, f.value));
                flows::write_index_program(out, &self.key, ms, &program, whole);
            }
            Kind::Program(_) => {
                let flows = Flows::of(market.seed(), self.index, self.day.day);
                flows::write_program(out, stock, ms, &flows.program(&self.totals), &book);
            }
            Kind::Members(_) => {
                let flows = Flows::of(market.seed(), self.index, self.day.day);
                let volumes = (self.totals.volume, self.told);
                flows::write_members(out, stock, &flows, volumes);
                self.told = self.totals.volume;
            }
            Kind::Expected(_) => {
                let context = Context {
                    stock,
                    day: &self.day,
                    yesterday: self.yesterday,
                    yesterday_so_far: self.yesterday_so_far,
                };
                trade::write_expected(out, self.kind.venue(), &context, &self.totals, &book);
            }
            Kind::Trades(_) | Kind::Book(_) | Kind::Notice | Kind::Overtime(_) => {
                book::write(out, self.kind.venue(), stock, &self.day, &book, self.sent);
                self.sent = Some((book.total_ask, book.total_bid));
            }
        }
        1
    }
}

/// When something is told of `minute` that has no events of its own.
fn pauses(minute: u32) -> impl Iterator<Item = u32> {
    (0..60_000 / INDEX_PAUSE_MS).map(move |i| minute * 60_000 + i * INDEX_PAUSE_MS)
}
