//! What the engine holds of one stock.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::bars::{fold_days, period_of};
use crate::domain::{Bar, DailyRow, Day, Minute, Moment, OrderBook, StockCode, Timeframe, Won};
use crate::engine::amended::Amended;
use crate::engine::event::Failure;
use crate::engine::feed::PrintFeed;
use crate::engine::history::{History, Sessions};
use crate::engine::interruption::Interruption;
use crate::engine::minutes::HOPELESS_MS;
use crate::engine::snapshot::{Part, PrintLine, QuoteView, Ring, StockView, Trouble};
use crate::engine::today::Today;
use crate::engine::track::{OpenSlot, Track};
use crate::engine::watchpoints::Watchpoints;

/// Executions kept for an open window.
const LINES: usize = 300;

/// One stock.
#[derive(Clone, Debug)]
pub(super) struct Stock {
    pub(super) code: StockCode,
    pub(super) name: Arc<str>,
    pub(super) quote: Option<QuoteView>,
    /// The last day on which the broker was seen to know it.
    pub(super) known_on: Option<Day>,
    /// Why there is no price, for good.
    pub(super) trouble: Option<Arc<Trouble>>,
    /// Why the first price has not come yet: something that passes.
    pub(super) passing: Option<Arc<Trouble>>,
    /// Bars held have changed, too soon after the last line about them.
    pub(super) history_due: bool,
    pub(super) today: Option<Today>,
    pub(super) history: History,
    /// What became known of rows after they were taken.
    pub(super) amended: Amended,
    pub(super) daily: PeriodRows,
    pub(super) weekly: PeriodRows,
    pub(super) monthly: PeriodRows,
    pub(super) tracks: Vec<Track>,
    pub(super) rules: Vec<RuleState>,
    pub(super) closes: Vec<Close>,
    /// Bars whose close was watched, newest last.
    pub(super) watched: VecDeque<(Timeframe, Moment)>,
    pub(super) ring: Ring,
    pub(super) window: Option<Window>,
    pub(super) feed: PrintFeed,
    pub(super) interruption: Interruption,
    /// The store has answered.
    pub(super) loaded: bool,
    /// Today's rows are asked for again at this moment.
    pub(super) rows_retry: Option<(Moment, Minute)>,
    /// The last answer with today's rows came then.
    pub(super) rows_at: Option<Moment>,
    /// When today's rows were asked for and answered last, as evidence.
    pub(super) rows_times: Option<(Moment, Moment)>,
    /// The last price request.
    pub(super) polled_at: Option<Moment>,
    /// A price request of the rotation is on its way since then.
    pub(super) price_asked: Option<Moment>,
    /// Its price is not asked for together with others.
    pub(super) asked_alone: bool,
    /// Today's base price (기준가), with its day.
    pub(super) base: Option<(Day, Won)>,
    /// The day on which a split made this stock start over.
    pub(super) rescaled_on: Option<Day>,
    pub(super) chart_trouble: Option<Arc<Trouble>>,
    /// Prices at which a rule on a forming bar may change its mind.
    pub(super) watchpoints: Watchpoints,
}

/// Rows of the period chart.
#[derive(Clone, Debug, Default)]
pub(super) struct PeriodRows {
    /// Ascending.
    pub(super) rows: Vec<DailyRow>,
    /// The broker holds nothing older.
    pub(super) ended: bool,
    pub(super) busy: bool,
    pub(super) retry_at: Option<Moment>,
    /// The newest rows up to the last open day have been fetched in this run.
    pub(super) fresh: bool,
    /// When they were asked for last.
    pub(super) fresh_since: Option<Moment>,
    /// The page up to this day was answered without a row: believed when it is said twice.
    pub(super) doubted: Option<Day>,
}

/// A rule as it applies to this stock.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuleState {
    /// Index into the configuration's rules.
    pub(super) rule: usize,
    /// The bar that was forming when rule and stock met: `forming` only after it was seen false.
    pub(super) guard: Option<Moment>,
    /// Whether it was.
    pub(super) seen_false: bool,
    /// The baseline bar has not been looked at yet.
    pub(super) baseline_open: bool,
}

/// A bar that closed and whose rows are awaited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Close {
    pub(super) timeframe: Timeframe,
    pub(super) slot: OpenSlot,
    pub(super) ruled: bool,
    /// Rows or socket could be had within a minute of the close.
    pub(super) watched: bool,
    /// The machine slept across it.
    pub(super) slept: bool,
    /// When its rows were asked for.
    pub(super) asked: Option<Moment>,
    /// It was judged on prints.
    pub(super) on_prints: bool,
}

/// An open window.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) timeframe: Timeframe,
    pub(super) book: Part<OrderBook>,
    pub(super) prints: Part<()>,
    pub(super) lines: VecDeque<PrintLine>,
    pub(super) serial: u64,
    pub(super) strength: Option<i64>,
    pub(super) focus: Option<(u64, Moment)>,
    /// Bars wanted beyond what rules need; grows as the user scrolls back.
    pub(super) wanted: usize,
    pub(super) loading_older: bool,
    /// A request for order book or executions failed, and trying again makes sense.
    pub(super) ask_again: bool,
    /// When they were asked for last.
    pub(super) asked: Option<Moment>,
    pub(super) dirty: bool,
    pub(super) view: Option<Arc<StockView>>,
}

impl Window {
    pub(super) fn new(timeframe: Timeframe) -> Self {
        Self {
            timeframe,
            book: Part::Loading,
            prints: Part::Loading,
            lines: VecDeque::with_capacity(LINES + 1),
            serial: 0,
            strength: None,
            focus: None,
            wanted: 0,
            loading_older: false,
            ask_again: false,
            asked: None,
            dirty: true,
            view: None,
        }
    }

    /// Puts a line on top.
    pub(super) fn push(&mut self, mut line: PrintLine) {
        self.serial += 1;
        line.serial = self.serial;
        self.lines.push_front(line);
        self.lines.truncate(LINES);
        self.dirty = true;
    }
}

impl Stock {
    pub(super) fn new(code: StockCode) -> Self {
        Self {
            code,
            name: code.as_str().into(),
            quote: None,
            known_on: None,
            trouble: None,
            history_due: false,
            passing: None,
            today: None,
            history: History::default(),
            amended: Amended::default(),
            daily: PeriodRows::default(),
            weekly: PeriodRows::default(),
            monthly: PeriodRows::default(),
            tracks: Vec::new(),
            rules: Vec::new(),
            closes: Vec::new(),
            watched: VecDeque::new(),
            ring: Ring::Quiet,
            window: None,
            feed: PrintFeed::default(),
            interruption: Interruption::default(),
            loaded: false,
            rows_retry: None,
            rows_at: None,
            rows_times: None,
            polled_at: None,
            price_asked: None,
            asked_alone: false,
            base: None,
            rescaled_on: None,
            watchpoints: Watchpoints::default(),
            chart_trouble: None,
        }
    }

    /// How long to wait before asking again for rows that were refused without a hint: `usual`,
    /// ms. A stock the broker does not know will not be known in a minute either.
    pub(super) fn pause_ms(&self, usual: i64) -> i64 {
        match self.trouble {
            Some(_) => HOPELESS_MS,
            None => usual,
        }
    }

    /// The broker knows the stock after all: a print, a price or rows of it came.
    pub(super) fn is_known(&mut self, now: Moment) {
        self.known_on = Some(now.day());
        if self.trouble.take().is_some() {
            self.end_pauses(now);
        }
    }

    /// What was refused may be asked for again from now on.
    pub(super) fn end_pauses(&mut self, now: Moment) {
        if let Some((at, _)) = &mut self.rows_retry {
            *at = now;
        }
        let [daily, weekly, monthly] = [&mut self.daily, &mut self.weekly, &mut self.monthly];
        for at in [
            &mut self.history.retry_at,
            &mut daily.retry_at,
            &mut weekly.retry_at,
            &mut monthly.retry_at,
        ] {
            *at = at.map(|_| now);
        }
    }

    /// A request for its price failed. What passes is said only while there is no price at all:
    /// of an old one its age is told. A stock that the broker knew earlier in the day it knows
    /// still, whatever a refusal without a hint may mean: its rows must not wait.
    pub(super) fn price_failed(&mut self, failure: &Failure, now: Moment) {
        let trouble = || Some(failure.trouble(said!("시세를 받지 못했습니다")));
        let known = self.known_on == Some(now.day());
        if failure.retry_ms.is_none() && !known {
            self.trouble = trouble();
        } else if self.quote.is_none() {
            self.passing = trouble();
        }
    }

    pub(super) fn track(&self, timeframe: Timeframe) -> Option<&Track> {
        self.tracks.iter().find(|t| t.timeframe == timeframe)
    }

    pub(super) fn track_mut(&mut self, timeframe: Timeframe) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|t| t.timeframe == timeframe)
    }

    pub(super) fn period(&self, timeframe: Timeframe) -> &PeriodRows {
        match timeframe {
            Timeframe::Week => &self.weekly,
            Timeframe::Month => &self.monthly,
            Timeframe::Day | Timeframe::Minutes(_) => &self.daily,
        }
    }

    pub(super) fn period_mut(&mut self, timeframe: Timeframe) -> &mut PeriodRows {
        match timeframe {
            Timeframe::Week => &mut self.weekly,
            Timeframe::Month => &mut self.monthly,
            Timeframe::Day | Timeframe::Minutes(_) => &mut self.daily,
        }
    }

    /// Makes the forming bars anew from accepted rows and prints.
    pub(super) fn refresh_forming(&mut self, sessions: &Sessions<'_>) {
        let Some(today) = &self.today else { return };
        let rows = today.rows();
        for index in 0..self.tracks.len() {
            let Some(slot) = self.tracks[index].slot else {
                continue;
            };
            let timeframe = self.tracks[index].timeframe;
            let candle = match timeframe {
                // After a sleep over days the slot may be of a later one than the rows.
                Timeframe::Minutes(_) if slot.opened.day() != today.day => None,
                Timeframe::Minutes(_) => today.candle_of(&rows, &slot.as_slot()),
                Timeframe::Day | Timeframe::Week | Timeframe::Month => {
                    let rows = today.rows_with_live();
                    sessions
                        .bars
                        .fold_session(&today.hours, today.day, &rows)
                        .map(|day| {
                            let mut whole = self.earlier_in_period(timeframe, today.day, sessions);
                            match &mut whole {
                                Some(candle) => candle.absorb(&day),
                                None => whole = Some(day),
                            }
                            whole.unwrap_or(day)
                        })
                }
            };
            self.tracks[index].forming = candle.map(|candle| Bar {
                opened: slot.opened,
                candle,
                synthetic: false,
            });
        }
    }

    /// The days of `today`'s week or month before today, as one candle.
    fn earlier_in_period(
        &self,
        timeframe: Timeframe,
        today: Day,
        sessions: &Sessions<'_>,
    ) -> Option<crate::domain::Candle> {
        if timeframe == Timeframe::Day {
            return None;
        }
        let start = match timeframe {
            Timeframe::Week => today.monday(),
            _ => today.first_of_month(),
        };
        let rows: Vec<DailyRow> = self
            .daily
            .rows
            .iter()
            .filter(|row| start <= row.day && row.day < today)
            .copied()
            .collect();
        fold_days(&rows, timeframe, sessions.calendar, sessions.market)
            .first()
            .map(|bar| bar.candle)
    }

    /// Closed day, week or month bars of the days before `today`.
    pub(super) fn period_base(
        &self,
        timeframe: Timeframe,
        today: Day,
        sessions: &Sessions<'_>,
    ) -> Vec<Bar> {
        let fold =
            |rows: &[DailyRow]| fold_days(rows, timeframe, sessions.calendar, sessions.market);
        let before = |rows: &[DailyRow], end: Day| -> Vec<DailyRow> {
            rows.iter().filter(|row| row.day < end).copied().collect()
        };
        if timeframe == Timeframe::Day {
            return fold(&before(&self.daily.rows, today));
        }
        // Weeks and months come as such; the running one, and the one before it if the broker
        // has not served it yet, are folded from days.
        let start = match timeframe {
            Timeframe::Week => today.monday(),
            _ => today.first_of_month(),
        };
        let mut bars = fold(&before(&self.period(timeframe).rows, start));
        let newest = bars.last().map(|bar| bar.opened);
        let days = before(&self.daily.rows, today);
        let running_ended = period_of(today, timeframe, sessions.calendar).last < today;
        let late = fold(&days).into_iter().filter(|bar| {
            let open = bar.opened.day();
            newest < Some(bar.opened) && (open < start || running_ended)
        });
        // Days reach back less far than weeks: what lies before the first weekly row stays out.
        if newest.is_some() {
            bars.extend(late);
        }
        bars
    }

    /// Today's closed bars of a timeframe, on accepted rows.
    pub(super) fn today_bars(
        &self,
        timeframe: Timeframe,
        previous: Option<i64>,
        sessions: &Sessions<'_>,
        upto: Minute,
    ) -> Vec<Bar> {
        let Some(today) = &self.today else {
            return Vec::new();
        };
        let rows = today.rows_with_live();
        if let Timeframe::Minutes(minutes) = timeframe {
            return sessions
                .bars
                .fold_day(&today.hours, today.day, minutes, &rows, previous, upto);
        }
        let period = period_of(today.day, timeframe, sessions.calendar);
        if upto < sessions.bars.day_end(&today.hours) || period.last != today.day {
            return Vec::new();
        }
        let Some(mut candle) = sessions.bars.fold_session(&today.hours, today.day, &rows) else {
            return Vec::new();
        };
        if let Some(mut whole) = self.earlier_in_period(timeframe, today.day, sessions) {
            whole.absorb(&candle);
            candle = whole;
        }
        let opened = period.opened(sessions.calendar, sessions.market);
        vec![Bar {
            opened,
            candle,
            synthetic: false,
        }]
    }

    /// Whether the rows or days of a timeframe are here, as far as they are asked for at all.
    pub(super) fn is_judgeable(&self, timeframe: Timeframe) -> bool {
        let fresh = match timeframe {
            Timeframe::Minutes(_) => true,
            Timeframe::Day => self.daily.fresh,
            Timeframe::Week => self.weekly.fresh && self.daily.fresh,
            Timeframe::Month => self.monthly.fresh && self.daily.fresh,
        };
        fresh && self.loaded && self.track(timeframe).is_some_and(|track| !track.dirty)
    }

    /// The broker holds no older bars of a timeframe.
    pub(super) fn has_ended(&self, timeframe: Timeframe) -> bool {
        match timeframe {
            Timeframe::Minutes(_) => self.history.ended,
            Timeframe::Day => self.daily.ended,
            Timeframe::Week => self.weekly.ended,
            Timeframe::Month => self.monthly.ended,
        }
    }

    /// The official close of the newest day before `today`, from minute rows or daily rows.
    pub(super) fn previous_close(&self, today: Day) -> Option<i64> {
        self.daily
            .rows
            .iter()
            .rev()
            .find(|row| row.day < today && 0 < row.candle.volume)
            .map(|r| r.candle.close)
    }

    /// Remembers that the close of a bar was watched.
    pub(super) fn remember_watched(&mut self, timeframe: Timeframe, opened: Moment) {
        let entry = (timeframe, opened);
        if !self.watched.contains(&entry) {
            self.watched.push_back(entry);
        }
        while 4_000 < self.watched.len() {
            self.watched.pop_front();
        }
    }
}
