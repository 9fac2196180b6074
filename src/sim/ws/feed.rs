//! What a registration will send, in order, minute by minute.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{MinuteRow, Moment, StockCode};
use crate::sim::market::{Market, Tick, Totals, TradingDay, book_at, book_times};
use crate::sim::ws::trade::Context;
use crate::sim::ws::{book, trade};

/// The kinds of feed offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// H0STCNT0.
    Trades,
    /// H0STASP0.
    Book,
}

impl Kind {
    pub(super) fn parse(tr_id: &str) -> Option<Self> {
        [Self::Trades, Self::Book]
            .into_iter()
            .find(|k| k.tr_id() == tr_id)
    }

    /// Whether the paper host offers it.
    pub(super) fn on_paper(self) -> bool {
        matches!(self, Self::Trades | Self::Book)
    }

    pub(super) fn tr_id(self) -> &'static str {
        match self {
            Self::Trades => "H0STCNT0",
            Self::Book => "H0STASP0",
        }
    }
}

/// One registration.
pub(super) struct Feed {
    pub(super) kind: Kind,
    pub(super) code: StockCode,
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
    usual_size: f64,
}

/// Books are published from this many minutes before the session.
const CALL_MINUTES: u32 = 30;
/// A session without any event for so many days means the end of the simulated years.
const MINUTES_TO_LOOK: u32 = 20 * 1_440;

impl Feed {
    /// A feed of what comes after `now`; `None` where the market has no further session.
    pub(super) fn new(
        market: Arc<Market>,
        kind: Kind,
        code: StockCode,
        usual_size: f64,
        now: Moment,
    ) -> Option<Self> {
        let index = market.index_of(code)?;
        let open_today = market.calendar().is_open(now.day());
        let day = match open_today {
            true => now.day(),
            false => market.calendar().next_open(now.day()),
        };
        let day = market.trading_day(index, day)?;
        let mut feed = Self {
            kind,
            code,
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
        Some(feed)
    }

    /// When the next event is due.
    pub(super) fn next_at(&mut self) -> Option<Moment> {
        for _ in 0..MINUTES_TO_LOOK {
            let next = match self.kind {
                Kind::Trades => self.ticks.front().map(|t| t.ms),
                Kind::Book => self.changes.front().copied(),
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
        let open = u32::from(self.day.hours.open.0);
        let end = u32::from(self.day.hours.end().0);
        if self.minute < end {
            self.lay_out((self.minute + 1).max(open.saturating_sub(CALL_MINUTES)));
            return true;
        }
        let next = self.market.calendar().next_open(self.day.day);
        match self.market.trading_day(self.index, next) {
            Some(day) => {
                self.day = day;
                self.totals = Totals::default();
                self.sent = None;
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
            Kind::Book => self.changes = book_times(&self.day, minute).into(),
            Kind::Trades => {
                let before = self.market.calendar().previous_open(self.day.day);
                let rows = self.market.minutes(self.code, before);
                let volume = |rows: &[MinuteRow]| rows.iter().map(|r| r.candle.volume).sum::<i64>();
                self.yesterday = volume(&rows);
                let end = rows.partition_point(|r| u32::from(r.minute.0) <= minute);
                self.yesterday_so_far = volume(&rows[..end]);
            }
        }
    }

    fn take_tick(&mut self) -> Option<Tick> {
        let tick = self.ticks.pop_front()?;
        self.totals.add(&tick);
        Some(tick)
    }

    /// Writes the frame of the next event; the number of records in it.
    pub(super) fn write(&mut self, out: &mut String) -> u64 {
        match self.kind {
            Kind::Trades => self.write_trades(out),
            Kind::Book => self.write_book(out),
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

    fn write_book(&mut self, out: &mut String) -> u64 {
        let Some(ms) = self.changes.pop_front() else {
            return 0;
        };
        while self.ticks.front().is_some_and(|t| t.ms <= ms) {
            self.take_tick();
        }
        let book = book_at(&self.day, ms, &self.totals, self.usual_size);
        out.push_str(&format!("0|{}|001|", self.kind.tr_id()));
        let stock = &self.market.listed()[self.index];
        book::write(out, stock, &self.day, &book, self.sent);
        self.sent = Some((book.total_ask, book.total_bid));
        1
    }
}
