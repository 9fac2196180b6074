//! Answers from store and broker, and what to ask for next.

use std::sync::Arc;

use crate::domain::{
    ChartEnd, DailyRow, Day, Market, OrderBook, Quote, Shares, StockCode, Timeframe,
};
use crate::engine::effect::{Effect, Report, Urgency};
use crate::engine::event::{Failure, Head, Loaded, PastPrint, Rows, Timed};
use crate::engine::link::EARLY_MINUTES;
use crate::engine::minutes::{PAST_RETRY_MS, RETRY_MS};
use crate::engine::snapshot::{Part, PrintLine};
use crate::engine::state::State;
use crate::engine::stock::{PeriodRows, Stock};

impl State {
    pub(super) fn on_loaded(&mut self, loaded: Loaded, out: &mut Vec<Effect>) {
        let Some(code) = loaded.code else { return };
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let learned = loaded.name.map(Into::into);
        if let Some(name) = self.names.better(code, learned) {
            stock.name = name;
        }
        let sessions = Self::sessions(&self.config, &self.calendar);
        for (day, packed) in loaded.days {
            stock.history.insert_packed(&sessions, day, packed);
        }
        for Head { day, known, rows } in loaded.heads {
            match &mut stock.today {
                Some(today) if today.day == day => today.restore(known, rows),
                _ => stock.history.resume_head(&sessions, day, known, rows),
            }
        }
        stock.history.resume(loaded.partials);
        stock.amended.restore(loaded.corrections, self.now.day());
        stock.daily.rows = loaded.daily;
        stock.weekly.rows = loaded.weekly;
        stock.monthly.rows = loaded.monthly;
        for end in loaded
            .ends
            .iter()
            .filter(|end| end.holds_on(self.now.day()))
        {
            stock.resume_end(end);
        }
        stock.loaded = true;
        for track in &mut stock.tracks {
            track.dirty = true;
        }
        let urgency = if stock.window.is_some() {
            Urgency::User
        } else {
            Urgency::Tail
        };
        self.catch_up(code, urgency, out);
        self.settle(code, out);
    }

    pub(super) fn on_quoted(
        &mut self,
        code: StockCode,
        answer: Result<Timed<Quote>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        stock.price_asked = None;
        if let Some(window) = &mut stock.window {
            window.dirty = true;
        }
        let (quote, at) = match answer {
            // It is no older than the request; the answer may have taken a while.
            Ok(timed) => (timed.value, timed.sent.min(self.now)),
            Err(failure) => {
                stock.price_failed(&failure, self.now);
                out.push(Effect::Report(Report::Error {
                    failure,
                    at: self.now,
                }));
                return;
            }
        };
        stock.is_known(self.now);
        stock.passing = None;
        let before = self.scale_is_known(code);
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let sessions = Self::sessions(&self.config, &self.calendar);
        let counted = stock.quoted(&quote, &sessions, self.now, at);
        // Before that the broker may still show the last session.
        if let Some(today) = &stock.today
            && today.day.at(today.hours.open.plus(-EARLY_MINUTES)) <= self.now
        {
            stock.base = Some((today.day, quote.base));
        }
        self.look_at_base(code, out);
        if self.scale_is_known(code) != before {
            self.settle(code, out);
        } else if counted {
            self.judge_forming(code, Some(quote.price.0));
        }
    }

    /// Whether today's base price has been compared with the last official close. Until then
    /// nobody knows whether held bars and today's prices are of one scale.
    pub(super) fn scale_is_known(&self, code: StockCode) -> bool {
        self.stocks
            .get(&code)
            .is_some_and(|stock| self.knows_scale(stock))
    }

    /// As [`State::scale_is_known`].
    pub(super) fn knows_scale(&self, stock: &Stock) -> bool {
        let Some(today) = &stock.today else {
            return true;
        };
        let early = self.now < today.day.at(today.hours.open.plus(-EARLY_MINUTES));
        let compared = stock.daily.fresh && stock.base.is_some_and(|(day, _)| day == today.day);
        early || compared
    }

    /// A base price that is not the last official close means a split or a rights issue: every
    /// held bar is wrong.
    pub(super) fn look_at_base(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        // Of the other venues' days the last price is not the close that the base price rests on;
        // there a split shows in the adjusted days of the chart alone.
        if self.config.market != Market::Krx {
            return;
        }
        let day = self.now.day();
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let Some((_, base)) = stock.base.filter(|(of, _)| *of == day) else {
            return;
        };
        let Some(close) = stock.previous_close(day).filter(|_| stock.daily.fresh) else {
            return;
        };
        let known = stock
            .daily
            .rows
            .last()
            .is_some_and(|row| row.day == self.calendar.previous_open(day));
        if !known || base.0 <= 0 || base.0 == close || stock.rescaled_on == Some(day) {
            return;
        }
        stock.rescaled_on = Some(day);
        let name = stock.name.clone();
        self.start_over(code, out);
        let text = said!(
            "%{name}: 기준가가 전일 종가와 달라(액면분할·권리락 등) 지난 봉을 모두 다시 받습니다.",
            name = &name
        );
        self.notices.add(self.now, text, None);
    }

    /// Drops every held bar of a stock and fetches them again.
    fn start_over(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        stock.history.clear();
        stock.amended.clear();
        for rows in [&mut stock.daily, &mut stock.weekly, &mut stock.monthly] {
            *rows = PeriodRows {
                busy: rows.busy,
                ..PeriodRows::default()
            };
        }
        for track in &mut stock.tracks {
            track.dirty = true;
        }
        out.push(Effect::ForgetStock(code));
        self.settle(code, out);
    }

    pub(super) fn on_book_answered(
        &mut self,
        code: StockCode,
        answer: Result<Timed<OrderBook>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let Some(window) = &mut stock.window else {
            return;
        };
        window.dirty = true;
        match answer {
            // A realtime value beats an asked one.
            Ok(_) if matches!(window.book, Part::Ready { live: true, .. }) => {}
            Ok(timed) => {
                window.book = Part::Ready {
                    value: timed.value,
                    at: timed.answered,
                    live: false,
                };
            }
            Err(failure) => {
                window.ask_again |= failure.retry_ms.is_some();
                if !matches!(window.book, Part::Ready { .. }) {
                    window.book = Part::Failed(failure.trouble(said!("호가를 받지 못했습니다")));
                }
                out.push(Effect::Report(Report::Error {
                    failure,
                    at: self.now,
                }));
            }
        }
    }

    pub(super) fn on_prints_answered(
        &mut self,
        code: StockCode,
        answer: Result<Timed<Vec<PastPrint>>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let fed = stock.feed.complete_since.is_some();
        let Some(window) = &mut stock.window else {
            return;
        };
        window.dirty = true;
        match answer {
            Ok(timed) => {
                if !fed {
                    // Nothing came in between: the newest answer is all there is to show.
                    window.lines.clear();
                }
                if window.strength.is_none() {
                    window.strength = timed.value.first().and_then(|p| p.strength);
                }
                // Live lines stay on top; asked ones lie below, unless they are the same prints.
                let oldest_live = window.lines.back().map(|line| line.second);
                for past in &timed.value {
                    if oldest_live.is_some_and(|second| second <= past.second) {
                        continue;
                    }
                    window.serial += 1;
                    window.lines.push_back(PrintLine {
                        serial: 0,
                        second: past.second,
                        price: past.price,
                        change: past.change,
                        size: Shares(past.size),
                        side: past.side,
                    });
                }
                // Serials grow from the bottom to the top, as if they had come one by one.
                let count = window.lines.len() as u64;
                window.serial = window.serial.max(count);
                for (index, line) in window.lines.iter_mut().enumerate() {
                    line.serial = window.serial - index as u64;
                }
                window.prints = Part::Ready {
                    value: (),
                    at: timed.answered,
                    live: false,
                };
            }
            Err(failure) => {
                window.ask_again |= failure.retry_ms.is_some();
                if window.lines.is_empty() {
                    window.prints = Part::Failed(failure.trouble(said!("체결을 받지 못했습니다")));
                }
                out.push(Effect::Report(Report::Error {
                    failure,
                    at: self.now,
                }));
            }
        }
    }

    /// A chart request failed: the window says so, bars held stay.
    pub(super) fn chart_failed(
        &mut self,
        code: StockCode,
        failure: Failure,
        out: &mut Vec<Effect>,
    ) {
        if let Some(stock) = self.stocks.get_mut(&code) {
            stock.chart_trouble = Some(failure.trouble(said!("차트를 불러오지 못했습니다")));
            if let Some(window) = &mut stock.window {
                window.dirty = true;
                window.loading_older = false;
            }
        }
        out.push(Effect::Report(Report::Error {
            failure,
            at: self.now,
        }));
    }

    pub(super) fn on_period(
        &mut self,
        code: StockCode,
        timeframe: Timeframe,
        to: Day,
        answer: Result<Timed<Rows<DailyRow>>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        if let Ok(timed) = &answer {
            self.learn_name(code, timed.value.name.as_deref(), out);
        }
        let now = self.now;
        let today = now.day();
        let ended = |day: Day| match timeframe {
            Timeframe::Day | Timeframe::Minutes(_) => day < today,
            Timeframe::Week | Timeframe::Month => self.has_ended(timeframe, day),
        };
        let rows: Vec<DailyRow> = match &answer {
            Ok(timed) => timed
                .value
                .rows
                .iter()
                .filter(|row| ended(row.day))
                .copied()
                .collect(),
            Err(_) => Vec::new(),
        };
        let settled = self
            .calendar
            .previous_open(self.calendar.previous_open(today));
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let pause = stock.pause_ms(PAST_RETRY_MS);
        let held = stock.period_mut(timeframe);
        held.busy = false;
        let timed = match answer {
            Ok(timed) => timed,
            Err(failure) => {
                let wait = failure.retry_ms.unwrap_or(pause).max(1_000);
                held.retry_at = Some(now.plus_ms(wait));
                self.chart_failed(code, failure, out);
                return;
            }
        };
        held.retry_at = None;
        let held = if timed.value.rows.is_empty() {
            if let Some(wait) = held.doubt(to, today) {
                held.retry_at = Some(now.plus_ms(wait));
                return;
            }
            held
        } else {
            held.doubted = None;
            stock.is_known(now);
            stock.period_mut(timeframe)
        };
        let differs = timeframe == Timeframe::Day && held.contradicts(&rows, settled);
        let page_was_newest = to >= today;
        let full = self.config.pages.period <= timed.value.rows.len();
        // Away for longer than a page: no close is held and served, so that nobody can say whether
        // prices were rescaled meanwhile. Minutes of before would join on to those of now.
        let apart = timeframe == Timeframe::Day && page_was_newest && full && held.is_apart(&rows);
        // An older page is of use only where it joins on to what is kept already.
        let joins = held.rows.first().map(|row| row.day);
        let joins = joins.filter(|_| !page_was_newest);
        held.merge(rows.clone(), page_was_newest);
        held.fresh |= page_was_newest;
        if page_was_newest {
            held.fresh_since = Some(timed.sent);
        }
        let ended = !full && !held.ended;
        held.ended |= !full;
        let end = held.rows.first().filter(|_| ended).map(|oldest| ChartEnd {
            timeframe,
            day: oldest.day,
            asked: today,
        });
        stock.chart_trouble = None;
        for track in stock
            .tracks
            .iter_mut()
            .filter(|t| t.timeframe.minutes().is_none())
        {
            track.dirty = true;
        }
        if (differs || apart) && stock.rescaled_on != Some(today) {
            stock.rescaled_on = Some(today);
            self.start_over(code, out);
            return;
        }
        if !rows.is_empty() {
            out.push(Effect::SavePeriod {
                code,
                timeframe,
                rows,
                joins,
            });
        }
        if let Some(end) = end {
            out.push(Effect::SaveEnd { code, end });
        }
        self.settle_passed(code, out);
        self.look_at_base(code, out);
        self.settle(code, out);
    }

    pub(super) fn learn_name(
        &mut self,
        code: StockCode,
        name: Option<&str>,
        out: &mut Vec<Effect>,
    ) {
        let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
            return;
        };
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        if &*stock.name != name {
            stock.name = name.into();
            if let Some(window) = &mut stock.window {
                window.dirty = true;
            }
            let name: Arc<str> = stock.name.clone();
            out.push(Effect::SaveName { code, name });
        }
    }
}

impl Stock {
    /// Takes up what an earlier run learned of a chart's end.
    fn resume_end(&mut self, end: &ChartEnd) {
        match end.timeframe {
            Timeframe::Minutes(_) => self.history.resume_end(end.day),
            timeframe => {
                let held = self.period_mut(timeframe);
                // It is said of the rows that were held then.
                held.ended |= held.rows.first().is_some_and(|row| row.day == end.day);
            }
        }
    }
}

impl PeriodRows {
    /// A page came without a row. How long to wait before it is asked for again, ms; `None` where
    /// it is believed: said twice, and not against what is held.
    fn doubt(&mut self, to: Day, today: Day) -> Option<i64> {
        let first = self.doubted.replace(to) != Some(to);
        // On the newest page rests whether prices were rescaled.
        let impossible = today <= to && !self.rows.is_empty();
        match (first, impossible) {
            (true, _) => Some(RETRY_MS),
            (false, true) => Some(PAST_RETRY_MS),
            (false, false) => None,
        }
    }

    /// Whether an official close held differs from the one served: prices were rescaled.
    fn contradicts(&self, rows: &[DailyRow], settled: Day) -> bool {
        rows.iter().filter(|row| row.day <= settled).any(|row| {
            self.rows
                .binary_search_by_key(&row.day, |held| held.day)
                .is_ok_and(|at| self.rows[at].candle.close != row.candle.close)
        })
    }

    /// Whether what is held ends before the newest rows begin.
    fn is_apart(&self, newest: &[DailyRow]) -> bool {
        match (self.rows.last(), newest.first()) {
            (Some(held), Some(first)) => held.day < first.day,
            _ => false,
        }
    }

    /// Adds rows. Those held stay: the first accepted row counts.
    fn merge(&mut self, rows: Vec<DailyRow>, newest_page: bool) {
        if newest_page && self.is_apart(&rows) {
            // The program was away for longer than a page: what is held does not connect.
            self.rows.clear();
            self.ended = false;
        }
        self.rows.extend(rows);
        self.rows.sort_by_key(|row| row.day);
        self.rows.dedup_by_key(|row| row.day);
    }
}
