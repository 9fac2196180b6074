//! What time alone brings about: days begin, bars close, fetches fall due, rings fade.

use crate::bars::period_of;
use crate::conditions::Threshold;
use crate::domain::{DailyRow, Day, Minute, Moment, StockCode, Timeframe};
use crate::engine::effect::{Effect, Urgency};
use crate::engine::snapshot::Ring;
use crate::engine::state::State;
use crate::engine::stock::{Close, Stock};
use crate::engine::today::{SETTLE_MS, Today};

/// A pause between two ticks longer than this means that the machine slept.
const SLEEP_MS: i64 = 30_000;
/// Within this time after a close rows or socket must be had for it to count as watched.
pub(super) const WATCH_MS: i64 = 60_000;
/// Rows asked for that have not come after this: judge on prints.
const ANSWER_MS: i64 = 15_000;
/// Rows that could not be asked for until this after the close: judge on prints.
const ASK_MS: i64 = 60_000;
/// A judgement is overdue this long after its fetch was planned.
pub(super) const OVERDUE_MS: i64 = 30_000;
/// The nearness of a stock with no price at which it would fire.
const FAR: u32 = 10_000;
/// A row blinks this long.
const RING_MS: i64 = 60_000;

impl State {
    pub(super) fn on_tick(&mut self, out: &mut Vec<Effect>) {
        let since = self.now.ms_since(self.last_tick);
        let slept = SLEEP_MS < since;
        let awake_at = self.last_tick;
        self.last_tick = self.now;
        self.look_at_open_days(out);
        self.look_at_link(out);
        let codes: Vec<StockCode> = self.stocks.keys().copied().collect();
        for &code in &codes {
            if let Some(mut stock) = self.stocks.remove(&code) {
                let rolled = self.roll_day(&mut stock, out);
                self.close_bars(&mut stock, slept.then_some(awake_at));
                if slept {
                    stock.feed.followed_since = None;
                }
                self.stocks.insert(code, stock);
                if rolled {
                    self.settle(code, out);
                }
            }
            if slept {
                self.catch_up(code, Urgency::Tail, out);
            }
        }
        self.fetch_closed(&codes, out);
        for &code in &codes {
            self.look_at_closes(code);
            self.retry(code, out);
            self.mend_gap(code, out);
            self.ask_parts_again(code, out);
            self.fade_ring(code);
            if self.stocks.get(&code).is_some_and(|s| s.history_due) {
                self.report_history(code, out);
            }
        }
        self.look_at_registrations(out);
        self.poll(out);
        self.look_at_interruptions(out);
        self.look_at_listing(out);
        self.call_together(out);
        self.look_at_backtest(out);
        self.look_at_whole_market(out);
        self.news |= self.takeovers.advance(self.now);
    }

    /// A new day began: the finished one becomes history.
    fn roll_day(&mut self, stock: &mut Stock, out: &mut Vec<Effect>) -> bool {
        let day = self.now.day();
        let hours = self.calendar.hours(day, self.config.market);
        let had = stock.today.as_ref().map(|today| today.day);
        if had == hours.map(|_| day) {
            return false;
        }
        if let Some(old) = stock.today.take().filter(|old| old.day < day) {
            self.file_away(stock, &old, out);
        }
        stock.today = hours.map(|hours| Today::new(day, hours, &self.config.bars));
        stock.closes.clear();
        stock.trouble = None;
        stock.passing = None;
        stock.amended.age(day);
        stock.daily.fresh = false;
        stock.weekly.fresh = false;
        stock.monthly.fresh = false;
        stock.watchpoints.forget();
        for index in 0..stock.tracks.len() {
            let slot = self.open_slot(stock.tracks[index].timeframe);
            let track = &mut stock.tracks[index];
            track.slot = slot;
            track.forming = None;
            track.provisional = Vec::new();
            track.dirty = true;
        }
        true
    }

    /// Keeps the finished day, if every row of it was accepted.
    fn file_away(&self, stock: &mut Stock, old: &Today, out: &mut Vec<Effect>) {
        if old.accepted_until() < self.config.bars.day_end(&old.hours) {
            let rows = old.rows();
            stock
                .history
                .insert_head(old.day, old.accepted_until(), rows);
            return;
        }
        let rows: std::sync::Arc<[_]> = old.rows().into();
        out.push(Effect::SaveDay {
            code: stock.code,
            day: old.day,
            rows: rows.clone(),
        });
        let sessions = Self::sessions(&self.config, &self.calendar);
        stock.history.insert(&sessions, old.day, &rows);
        let candle = self.config.bars.fold_session(&old.hours, old.day, &rows);
        if let Some(candle) = candle
            && let Some(before) = stock.daily.rows.last().map(|row| row.day)
            && before < old.day
        {
            let row = DailyRow {
                day: old.day,
                candle,
            };
            stock.daily.rows.push(row);
            out.push(Effect::SavePeriod {
                code: stock.code,
                timeframe: Timeframe::Day,
                rows: vec![row],
                joins: Some(before),
            });
        }
    }

    /// Ends the bars whose time is over.
    fn close_bars(&self, stock: &mut Stock, asleep_since: Option<Moment>) {
        let sessions = Self::sessions(&self.config, &self.calendar);
        for index in 0..stock.tracks.len() {
            let mut closed = false;
            while let Some(slot) = stock.tracks[index].slot.filter(|slot| slot.end <= self.now) {
                closed = true;
                let track = &mut stock.tracks[index];
                if !slot.goes_on {
                    track.forming = None;
                    let close = Close {
                        timeframe: track.timeframe,
                        slot,
                        ruled: track.ruled,
                        watched: false,
                        slept: asleep_since.is_some_and(|since| since < slot.end),
                        asked: None,
                        on_prints: false,
                    };
                    stock.closes.push(close);
                }
                let next = self.open_slot_after(stock.tracks[index].timeframe, slot.end);
                stock.tracks[index].slot = next;
            }
            if closed {
                stock.refresh_provisional(index, self.now, &sessions);
                stock.watchpoints.forget();
                if let Some(window) = &mut stock.window {
                    window.dirty = true;
                }
            }
        }
    }

    /// The slot that closes next after `end`; bars are closed one by one also after a sleep.
    fn open_slot_after(&self, timeframe: Timeframe, end: Moment) -> Option<super::track::OpenSlot> {
        let minutes = timeframe.minutes()?;
        let day = end.plus_ms(-1).day();
        let hours = self.calendar.hours(day, self.config.market)?;
        let slots = self.config.bars.slots(&hours, minutes);
        let slot = slots.into_iter().find(|slot| end < day.at(slot.end))?;
        Some(super::track::OpenSlot {
            opened: day.at(slot.open),
            open: slot.open,
            last_label: slot.last_label,
            end: day.at(slot.end),
            goes_on: false,
        })
    }

    /// Asks for the rows of bars that closed: what looks like firing first, then by nearness.
    fn fetch_closed(&mut self, codes: &[StockCode], out: &mut Vec<Effect>) {
        let now = self.now;
        let mut due: Vec<(Urgency, StockCode, Minute)> = Vec::new();
        for &code in codes {
            let Some(stock) = self.stocks.get(&code) else {
                continue;
            };
            let ready = |c: &&Close| c.asked.is_none() && c.slot.end.plus_ms(SETTLE_MS) <= now;
            let Some(label) = stock
                .closes
                .iter()
                .filter(ready)
                .map(|c| c.slot.last_label)
                .max()
            else {
                continue;
            };
            let ruled = stock.closes.iter().filter(ready).any(|c| c.ruled);
            let urgency = match ruled {
                true => Urgency::Close {
                    nearness: self.distance(stock).unwrap_or(FAR),
                },
                false => Urgency::Tail,
            };
            due.push((urgency, code, label));
        }
        due.sort();
        for (urgency, code, label) in due {
            let Some(stock) = self.stocks.get_mut(&code) else {
                continue;
            };
            for close in stock
                .closes
                .iter_mut()
                .filter(|c| c.slot.last_label <= label)
            {
                close.asked = close.asked.or(Some(now));
            }
            self.want_rows(code, label, urgency, out);
        }
    }

    /// Distance of the nearest rule from firing, in hundredths of a percent; 0 looks like firing,
    /// `None` is a price of none.
    pub(super) fn distance(&self, stock: &Stock) -> Option<u32> {
        let price = stock.quote.map_or(0, |q| q.price.0);
        let distance = |state: &super::stock::RuleState| {
            let rule = &self.rules[state.rule];
            let at = match stock.threshold_of(rule, None) {
                Threshold::Above(at) if price < at.0 => at.0,
                Threshold::Below(at) if at.0 < price => at.0,
                Threshold::Above(_) | Threshold::Below(_) => return Some(0),
                Threshold::NotToday | Threshold::None => return None,
            };
            u32::try_from((at - price).abs() * 10_000 / price.max(1)).ok()
        };
        stock.rules.iter().filter_map(distance).min()
    }

    /// Notes which closes are watched, and judges on prints where rows do not come.
    fn look_at_closes(&mut self, code: StockCode) {
        let now = self.now;
        let live = self.link.is_live();
        let mut on_prints = Vec::new();
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let complete_since = stock.feed.complete_since.filter(|_| live);
        let proven = stock.feed.proven().filter(|_| live);
        let rows_at = stock.rows_at;
        let accepted = stock
            .today
            .as_ref()
            .map(|today| (today.day, today.accepted_until()));
        for close in &mut stock.closes {
            let end = close.slot.end;
            let within = now.ms_since(end) <= WATCH_MS;
            let rows_had = rows_at.is_some_and(|at| end <= at && at.ms_since(end) <= WATCH_MS);
            if !close.slept && ((within && complete_since.is_some()) || rows_had) {
                close.watched = true;
            }
            let started_at = end.day().at(close.slot.open);
            // Also of the bars before it whose rows have not come: its averages rest on them.
            let from = accepted
                .filter(|(day, _)| *day == started_at.day())
                .map_or(started_at, |(day, until)| day.at(until));
            let complete = proven
                .as_ref()
                .is_some_and(|seen| seen.start <= from && end <= seen.end);
            let waited = match close.asked {
                Some(asked) => ANSWER_MS < now.ms_since(asked),
                None => ASK_MS < now.ms_since(end),
            };
            if close.ruled && !close.on_prints && waited && complete {
                close.on_prints = true;
                on_prints.push((close.timeframe, close.slot.opened));
            }
        }
        let news: Vec<_> = stock
            .closes
            .iter()
            .filter(|close| close.watched)
            .map(|close| (close.timeframe, close.slot.opened))
            .collect();
        for (timeframe, opened) in news {
            stock.remember_watched(timeframe, opened);
        }
        // Rows that came before their close was noticed leave nothing to wait for.
        if let Some((day, until)) = accepted {
            let waits =
                |close: &Close| close.slot.end.day() != day || until <= close.slot.last_label;
            stock.closes.retain(waits);
        }
        for (timeframe, opened) in on_prints {
            self.judge_on_prints(code, timeframe, opened);
        }
    }

    /// Tries again what failed, when its time has come.
    fn retry(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let now = self.now;
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        if let Some((at, label)) = stock.rows_retry
            && at <= now
        {
            stock.rows_retry = None;
            self.want_rows(code, label, Urgency::Close { nearness: 0 }, out);
        }
        let Some(stock) = self.stocks.get(&code) else {
            return;
        };
        let waits = [
            stock.history.retry_at,
            stock.daily.retry_at,
            stock.weekly.retry_at,
            stock.monthly.retry_at,
        ];
        if waits.into_iter().flatten().any(|at| at <= now) {
            self.plan(code, out);
        }
    }

    fn fade_ring(&mut self, code: StockCode) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        if let Ring::Blinking(since) = stock.ring
            && RING_MS <= self.now.ms_since(since)
        {
            stock.ring = Ring::Marked;
            self.news = true;
        }
    }

    /// Whether `day`'s week or month has ended before today.
    pub(super) fn has_ended(&self, timeframe: Timeframe, day: Day) -> bool {
        let start = |d: Day| match timeframe {
            Timeframe::Week => d.monday(),
            Timeframe::Month => d.first_of_month(),
            Timeframe::Day | Timeframe::Minutes(_) => d,
        };
        let today = self.now.day();
        start(day) < start(today) || period_of(day, timeframe, &self.calendar).last < today
    }
}
