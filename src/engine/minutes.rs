//! Minute rows: of the running day, page by page behind the market, and of days before it.

use crate::conditions::{Rule, RuleStage};
use crate::domain::{ChartEnd, DailyRow, Day, Minute, MinuteRow, StockCode, Timeframe};
use crate::engine::effect::{Effect, Urgency};
use crate::engine::event::{Failure, MinutesWant, Rows, Timed};
use crate::engine::state::State;
use crate::engine::ticking::WATCH_MS;
use crate::engine::today::{SETTLE_MS, Step};

/// Without a hint of the broker, failed requests are sent again after this.
pub(super) const RETRY_MS: i64 = 5_000;
/// The same for rows of the past.
pub(super) const PAST_RETRY_MS: i64 = 60_000;
/// Requests for a stock that cannot be had are sent again after this.
pub(super) const HOPELESS_MS: i64 = 600_000;

impl State {
    /// The newest label of today that is over long enough to be read.
    pub(super) fn finished_label(&self) -> Option<Minute> {
        let day = self.now.day();
        let hours = self.calendar.hours(day, self.config.market)?;
        let slots = self.config.bars.slots(&hours, 1);
        let over = |end: Minute| day.at(end).plus_ms(SETTLE_MS) <= self.now;
        slots
            .iter()
            .rev()
            .find(|slot| over(slot.end))
            .map(|slot| slot.last_label)
    }

    /// Wants today's rows up to `label`.
    pub(super) fn want_rows(
        &mut self,
        code: StockCode,
        label: Minute,
        urgency: Urgency,
        out: &mut Vec<Effect>,
    ) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        if !stock.loaded {
            return;
        }
        // Of a stock the broker does not know every close would ask in vain.
        if stock.trouble.is_some()
            && let Some((at, kept)) = &mut stock.rows_retry
            && self.now < *at
        {
            *kept = label.max(*kept);
            return;
        }
        let Some(today) = &mut stock.today else {
            return;
        };
        if let Some((newest, urgency)) = today.want(label, urgency) {
            let want = MinutesWant::Today { newest };
            out.push(Effect::FetchMinutes {
                code,
                want,
                urgency,
            });
        }
    }

    /// Wants every row of today that is over.
    pub(super) fn catch_up(&mut self, code: StockCode, urgency: Urgency, out: &mut Vec<Effect>) {
        if let Some(label) = self.finished_label() {
            self.want_rows(code, label, urgency, out);
        }
    }

    /// Fetches what was missed of the bars being built before prices were followed, where a rule
    /// looks at more of them than the last price; see [`super::stock::Stock::is_whole`].
    pub(super) fn mend_gap(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let Some(stock) = self.stocks.get(&code) else {
            return;
        };
        let (Some(since), Some(today)) = (stock.feed.followed_since, &stock.today) else {
            return;
        };
        let accepted = today.accepted_until();
        let ended = self.config.bars.day_end(&today.hours) <= accepted;
        // The minute in which it began must be over.
        let mendable = since.day().at(since.minute().plus(1)).plus_ms(SETTLE_MS) <= self.now;
        // What was asked for in vain has its own time to be asked for again.
        let waits = stock.rows_retry.is_some();
        if ended || !mendable || waits || since <= today.day.at(accepted) {
            return;
        }
        let looks = |rule: &Rule| rule.stage == RuleStage::Forming && !rule.expr.rests_on_close();
        if stock
            .rules
            .iter()
            .any(|state| looks(&self.rules[state.rule]))
        {
            self.catch_up(code, Urgency::Tail, out);
        }
    }

    pub(super) fn on_minutes(
        &mut self,
        code: StockCode,
        want: MinutesWant,
        answer: Result<Timed<Rows<MinuteRow>>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        if let Ok(timed) = &answer {
            self.learn_name(code, timed.value.name.as_deref(), out);
        }
        match want {
            MinutesWant::Today { .. } => self.on_rows_of_today(code, None, answer, out),
            MinutesWant::TodayByDate { newest, .. } => {
                self.on_rows_of_today(code, Some(newest), answer, out);
            }
            MinutesWant::Dated { day, newest } => {
                self.on_past_rows(code, (day, newest), answer, out);
            }
        }
    }

    /// `by_date`: the newest minute asked for of the service of past days.
    fn on_rows_of_today(
        &mut self,
        code: StockCode,
        by_date: Option<Minute>,
        answer: Result<Timed<Rows<MinuteRow>>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        let now = self.now;
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        if answer
            .as_ref()
            .is_ok_and(|timed| !timed.value.rows.is_empty())
        {
            stock.is_known(now);
        }
        let pause = stock.pause_ms(RETRY_MS);
        let Some(today) = &mut stock.today else {
            return;
        };
        let timed = match answer {
            Ok(timed) => timed,
            Err(failure) => {
                if by_date.is_some() && failure.retry_ms.is_none() {
                    self.today_by_date = false;
                }
                if let Some((label, _)) = today.failed() {
                    let wait = failure.retry_ms.unwrap_or(pause);
                    stock.rows_retry = Some((now.plus_ms(wait.max(1_000)), label));
                }
                self.chart_failed(code, failure, out);
                return;
            }
        };
        stock.chart_trouble = None;
        if let Some(newest) = by_date {
            let of_today = |row: &&MinuteRow| row.day == today.day;
            let mut served = timed.value.rows.iter().filter(of_today).peekable();
            // It may not have the running day at all, and answer with another one's rows.
            self.today_by_date &= served.peek().is_some();
            if !served.any(|row| row.minute == newest) {
                // Or not all of it: what it leaves out would pass for minutes without a trade.
                if let Some(urgency) = today.page_by_page() {
                    let want = MinutesWant::Today { newest };
                    out.push(Effect::FetchMinutes {
                        code,
                        want,
                        urgency,
                    });
                }
                return;
            }
        }
        stock.rows_at = Some(timed.answered);
        stock.rows_times = Some((timed.sent, timed.answered));
        let seen = stock.feed.proven();
        let amended = &mut stock.amended;
        let rows = &timed.value.rows;
        let step = today.answer(&self.config.bars, rows, timed.sent, seen, amended);
        for (from, day, rows) in amended.take_unsaved() {
            out.push(Effect::SaveCorrections {
                code,
                from,
                day,
                rows,
            });
        }
        match step {
            Step::Page(newest, urgency) => {
                let lacking = today.lacking(newest);
                let many = self.config.pages.today < lacking && today.may_ask_by_date();
                let want = match self.config.past_minutes && self.today_by_date && many {
                    true => MinutesWant::TodayByDate {
                        day: today.day,
                        newest,
                    },
                    false => MinutesWant::Today { newest },
                };
                out.push(Effect::FetchMinutes {
                    code,
                    want,
                    urgency,
                });
                return;
            }
            Step::AskAgain(label, wait) => {
                stock.rows_retry = Some((now.plus_ms(wait), label));
            }
            Step::Accepted(later) => {
                if let Some(label) = later {
                    stock.rows_retry = Some((now.plus_ms(SETTLE_MS), label));
                }
                let (known, rows) = today.unsaved();
                let day = today.day;
                out.push(Effect::SaveRows {
                    code,
                    day,
                    known,
                    rows,
                });
            }
            Step::Nothing => {}
        }
        let next = today.take_next();
        self.resolve_closes(code);
        self.settle(code, out);
        if let Some((label, urgency)) = next {
            self.want_rows(code, label, urgency, out);
        }
    }

    /// Rows of the running day are not on disk: all of them go there with the next ones.
    pub(super) fn on_rows_unsaved(&mut self, code: StockCode, day: Day) {
        let today = self.stocks.get_mut(&code).and_then(|s| s.today.as_mut());
        if let Some(today) = today.filter(|today| today.day == day) {
            today.save_all_again();
        }
    }

    /// Closes whose rows are here need no further watch.
    fn resolve_closes(&mut self, code: StockCode) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let Some(until) = stock.today.as_ref().map(|today| today.accepted_until()) else {
            return;
        };
        let rows_at = stock.rows_at;
        let mut watched = Vec::new();
        stock.closes.retain_mut(|close| {
            let end = close.slot.end;
            let had = rows_at.is_some_and(|at| end <= at && at.ms_since(end) <= WATCH_MS);
            close.watched |= had && !close.slept;
            if close.watched {
                watched.push((close.timeframe, close.slot.opened));
            }
            until <= close.slot.last_label
        });
        for entry in watched {
            stock.remember_watched(entry.0, entry.1);
        }
    }

    fn on_past_rows(
        &mut self,
        code: StockCode,
        asked: (Day, Minute),
        answer: Result<Timed<Rows<MinuteRow>>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        let now = self.now;
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        stock.history.busy = false;
        let timed = match answer {
            Ok(timed) => timed,
            Err(failure) => {
                let pause = stock.pause_ms(PAST_RETRY_MS);
                let wait = failure.retry_ms.unwrap_or(pause).max(1_000);
                stock.history.failed(now.plus_ms(wait));
                self.chart_failed(code, failure, out);
                return;
            }
        };
        stock.chart_trouble = None;
        stock.history.retry_at = None;
        let sessions = Self::sessions(&self.config, &self.calendar);
        let complete = stock.history.take_page(&sessions, asked, &timed.value.rows);
        if stock.history.doubts() {
            stock.history.retry_at = Some(now.plus_ms(RETRY_MS));
        }
        for (day, rows) in complete {
            out.push(Effect::SaveDay { code, day, rows });
        }
        if let Some(partial) = stock.history.changed() {
            let partial = partial.clone();
            out.push(Effect::SavePartial { code, partial });
        }
        if let Some(day) = stock.history.take_end() {
            let end = ChartEnd {
                timeframe: Timeframe::Minutes(1),
                day,
                asked: now.day(),
            };
            out.push(Effect::SaveEnd { code, end });
        }
        for track in stock
            .tracks
            .iter_mut()
            .filter(|t| t.timeframe.minutes().is_some())
        {
            track.older = true;
        }
        self.settle_passed(code, out);
        self.settle(code, out);
    }

    /// Keeps of the days passed over those on which the stock's day chart has no trade either: a
    /// holiday that no calendar knew of need not be asked for again at the next start.
    pub(super) fn settle_passed(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        let daily = &stock.daily.rows;
        let Some(first) = daily.first().filter(|_| stock.daily.fresh) else {
            return;
        };
        let had_none = |day: Day| {
            let traded = |row: &DailyRow| row.day == day && 0 < row.candle.volume;
            first.day < day && !daily.iter().any(traded)
        };
        for day in stock.history.settle_passed(had_none) {
            let rows = [].into();
            out.push(Effect::SaveDay { code, day, rows });
        }
    }
}
