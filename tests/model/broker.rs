//! The broker's REST side: what is known at a moment, in pages, after a while.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jeongbae::domain::{
    Candle, DailyRow, Day, Minute, MinuteRow, Moment, OrderBook, Quote, Shares, StockCode,
    Timeframe, Won,
};
use jeongbae::engine::{Effect, Event, Failure, MinutesWant, QuotedMany, Rows, Timed};

use super::rng::Rng;
use super::tape::Tape;

/// What comes in place of a page of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Astray {
    /// Nothing, and no word of an error.
    Empty,
    /// The page that was asked for before.
    Another,
}

pub(crate) struct Broker {
    tape: Rc<Tape>,
    /// Every page that is asked for the first time is answered so.
    pub(crate) astray: Option<Astray>,
    /// Every older page of the running day is answered with the one before, for good.
    pub(crate) stuck: bool,
    /// Requests for past minutes fail.
    pub(crate) past_down: bool,
    /// Requests for prices fail.
    pub(crate) prices_down: bool,
    asked: BTreeSet<String>,
    minutes_before: BTreeMap<StockCode, Vec<MinuteRow>>,
    days_before: BTreeMap<StockCode, Vec<DailyRow>>,
    /// Stocks whose prints are on the wire.
    pub(crate) codes: Vec<StockCode>,
    pub(crate) refuse_until: Moment,
    pub(crate) slow_until: Moment,
    /// Rows of a minute are there only so long after it.
    pub(crate) lag_ms: i64,
    /// From a moment on the row of this minute is another one than before.
    pub(crate) amended: Option<(Moment, MinuteRow)>,
    /// Minutes without a trade have no row at all.
    pub(crate) drop_empty: bool,
    /// Pages of past minutes asked for.
    pub(crate) past_pages: usize,
    /// Pages of the running day asked of the service of past days.
    pub(crate) by_date_pages: usize,
    /// Pages of the running day asked of its own service.
    pub(crate) today_pages: usize,
    /// The service of past days does not know the running one, and answers with the day before.
    pub(crate) past_only: bool,
    /// Asked for a day on which nothing traded, the service of past days answers with the days
    /// after it, and not with those before.
    pub(crate) substitutes_later: bool,
    /// Every stock is listed since this day: there is nothing older.
    pub(crate) listed: Option<Day>,
    /// Pages of days, weeks and months.
    pub(crate) period_pages: usize,
    /// Closes that are served otherwise than they were printed, since they were corrected.
    corrected: BTreeMap<(StockCode, Day, Minute), i64>,
    /// How far the program's clock is ahead of the market's.
    pub(crate) skew_ms: i64,
    /// A stock the broker says it does not know.
    pub(crate) unknown: Option<StockCode>,
    /// How often it was asked about that one.
    pub(crate) asked_unknown: usize,
    rng: Rng,
}

impl Broker {
    pub(crate) fn new(tape: Rc<Tape>, seed: u64) -> Self {
        Self {
            tape,
            astray: None,
            stuck: false,
            past_down: false,
            prices_down: false,
            asked: BTreeSet::new(),
            minutes_before: BTreeMap::new(),
            days_before: BTreeMap::new(),
            codes: Vec::new(),
            refuse_until: Moment(0),
            slow_until: Moment(0),
            lag_ms: 0,
            amended: None,
            drop_empty: seed % 3 == 1,
            past_pages: 0,
            by_date_pages: 0,
            today_pages: 0,
            past_only: seed % 4 == 1,
            substitutes_later: false,
            listed: None,
            period_pages: 0,
            corrected: BTreeMap::new(),
            skew_ms: 0,
            unknown: None,
            asked_unknown: 0,
            rng: Rng::new(seed ^ 0xb0b),
        }
    }

    /// When the answer comes, and what it says.
    pub(crate) fn ask(&mut self, now: Moment, fetch: Effect) -> Option<(Moment, Event)> {
        let slow = now < self.slow_until && !self.rng.one_in(4);
        let (wait, answer) = match (slow, self.rng.below(2)) {
            (false, _) => (self.rng.between(0, 120), self.rng.between(30, 300)),
            (true, 0) => (self.rng.between(20_000, 90_000), 100),
            (true, _) => (50, self.rng.between(20_000, 90_000)),
        };
        let sent = now.plus_ms(wait);
        let answered = sent.plus_ms(answer);
        let past = matches!(
            fetch,
            Effect::FetchMinutes {
                want: MinutesWant::Dated { .. },
                ..
            }
        );
        let price = matches!(
            fetch,
            Effect::FetchQuote { .. } | Effect::FetchQuotes { .. }
        );
        let down = (self.past_down && past) || (self.prices_down && price);
        let refused = now < self.refuse_until || down;
        let failure = refused.then(|| Failure {
            text: "요청이 거절되었습니다".into(),
            tr_id: String::new(),
            // Too many requests, an expired token, a busy ledger.
            msg_cd: ["EGW00201", "EGW00123", "EGW00215"][self.rng.below(3) as usize].to_owned(),
            msg1: String::new(),
            http: 500,
            retry_ms: [Some(1_000), Some(5_000), None][self.rng.below(3) as usize],
        });
        let asks = |code: &StockCode| match &fetch {
            Effect::FetchQuote { code: of, .. }
            | Effect::FetchMinutes { code: of, .. }
            | Effect::FetchPeriod { code: of, .. } => of == code,
            _ => false,
        };
        let failure = match self.unknown.filter(asks) {
            Some(_) => {
                self.asked_unknown += 1;
                Some(Failure {
                    text: "모르는 종목입니다".into(),
                    tr_id: String::new(),
                    msg_cd: "MCA00000".to_owned(),
                    msg1: String::new(),
                    http: 200,
                    retry_ms: None,
                })
            }
            None => failure,
        };
        Some((answered, self.answer(fetch, failure, sent, answered)?))
    }

    /// What the answer to a request says that was sent and answered at these moments.
    pub(crate) fn answer(
        &mut self,
        fetch: Effect,
        failure: Option<Failure>,
        sent: Moment,
        answered: Moment,
    ) -> Option<Event> {
        // Content is of the market's time, the stamps are of the program's clock.
        let (true_sent, trip) = (sent, answered.ms_since(sent));
        let date = Moment(answered.0 / 1_000 * 1_000);
        let (sent, answered) = match sent.plus_ms(self.skew_ms) {
            // A clock that is surely ahead: the client goes by the broker's date.
            ahead if date.plus_ms(2_000) <= ahead => (date.plus_ms(-trip), date),
            sent => (sent, sent.plus_ms(trip)),
        };
        Some(match fetch {
            Effect::FetchQuote { code, .. } => Event::Quoted {
                code,
                answer: timed(failure, sent, answered, || self.quote(code, true_sent)),
            },
            Effect::FetchQuotes { codes, .. } => Event::QuotedMany(Box::new(QuotedMany {
                answer: timed(failure, sent, answered, || {
                    let one = |&code: &StockCode| (code, Ok(self.quote(code, true_sent)));
                    codes.iter().map(one).collect()
                }),
                codes,
            })),
            Effect::FetchBook(code) => Event::BookAnswered {
                code,
                answer: timed(failure, sent, answered, || book(code)),
            },
            Effect::FetchPrints(code) => Event::PrintsAnswered {
                code,
                answer: timed(failure, sent, answered, Vec::new),
            },
            Effect::FetchMinutes { code, want, .. } => Event::Minutes {
                code,
                want,
                answer: timed(failure, sent, answered, || Rows {
                    name: None,
                    rows: self.minutes(code, want, true_sent),
                }),
            },
            Effect::FetchPeriod {
                code,
                timeframe,
                to,
                ..
            } => Event::Period {
                code,
                timeframe,
                to,
                answer: timed(failure, sent, answered, || Rows {
                    name: None,
                    rows: {
                        let rows = self.period(code, timeframe, to, true_sent);
                        let first = self.asked.insert(format!("{code} {timeframe} {to:?}"));
                        let before = self.days_before.insert(code, rows.clone());
                        match self.astray.filter(|_| first) {
                            Some(Astray::Empty) => Vec::new(),
                            // Of another unit it would be another service's answer.
                            Some(Astray::Another) if timeframe == Timeframe::Day => {
                                before.unwrap_or_default()
                            }
                            _ => rows,
                        }
                    },
                }),
            },
            _ => return None,
        })
    }

    fn minutes(&mut self, code: StockCode, want: MinutesWant, at: Moment) -> Vec<MinuteRow> {
        let (rows, newest) = match want {
            MinutesWant::Today { newest } => (self.today(code, newest, at), newest),
            MinutesWant::TodayByDate { newest, .. } => (self.by_date(code, newest, at), newest),
            MinutesWant::Dated { day, newest } => (self.dated(code, day, newest, at), newest),
        };
        let first = self.asked.insert(format!("{code} {want:?}"));
        let older = newest.plus(5) < at.minute() && !matches!(want, MinutesWant::Dated { .. });
        if self.stuck && older {
            return self.minutes_before.get(&code).cloned().unwrap_or_default();
        }
        let before = self.minutes_before.insert(code, rows.clone());
        match self.astray.filter(|_| first) {
            Some(Astray::Empty) => Vec::new(),
            Some(Astray::Another) => before.unwrap_or_default(),
            None => rows,
        }
    }

    /// Corrects rows of the last minutes before `at`: the close becomes the high or the low.
    pub(crate) fn correct(&mut self, code: StockCode, at: Moment) {
        let day = at.day();
        let Some(hours) = self.tape.calendar.hours(day, jeongbae::domain::Market::Krx) else {
            return;
        };
        // The day's close stays what it was: the day, the week and the month rest on it.
        let last = hours.continuous_end.plus(-30).min(at.minute());
        for row in self.tape.rows(code, day, day) {
            let recent = at.minute().plus(-15) <= row.minute && row.minute < last;
            if recent && 0 < row.candle.volume && self.rng.one_in(2) {
                let up = self.rng.one_in(2);
                let close = if up { row.candle.high } else { row.candle.low };
                self.corrected.insert((code, day, row.minute), close);
            }
        }
    }

    /// Whether any row was.
    pub(crate) fn has_corrected(&self) -> bool {
        !self.corrected.is_empty()
    }

    /// Rows of a day, as corrected by now.
    fn rows(&self, code: StockCode, day: Day, as_of: Day) -> Vec<MinuteRow> {
        let mut rows = self.tape.rows(code, day, as_of);
        for row in &mut rows {
            if let Some(&close) = self.corrected.get(&(code, day, row.minute)) {
                row.candle.close = close;
            }
        }
        rows
    }

    /// The last session that has begun by `at`.
    fn session(&self, at: Moment) -> Day {
        let day = at.day();
        match self.tape.calendar.is_open(day) {
            true => day,
            false => self.tape.calendar.previous_open(day),
        }
    }

    fn quote(&self, code: StockCode, at: Moment) -> Quote {
        let mut day = self.session(at);
        // Until early morning the broker still shows the last session.
        if at < day.at(Minute::hm(7, 0)) {
            day = self.tape.calendar.previous_open(day);
        }
        let tape = self.tape.day(code, day).unwrap();
        let come = tape.prints.partition_point(|(then, _)| *then <= at);
        let last = tape.prints[..come].last();
        let price = last.map_or(tape.base, |(_, p)| p.price.0);
        let (lower, upper) = jeongbae::domain::price_limits(Won(tape.base));
        Quote {
            code,
            price: Won(price),
            change: Won(price - tape.base),
            base: Won(tape.base),
            day_open: last.map_or(Won(0), |(_, p)| p.day_open),
            day_high: last.map_or(Won(0), |(_, p)| p.day_high),
            day_low: last.map_or(Won(0), |(_, p)| p.day_low),
            upper_limit: upper,
            lower_limit: lower,
            day_volume: last.map_or(Shares(0), |(_, p)| p.day_volume),
            day_value: last.map_or(0, |(_, p)| p.day_value),
            halted: Some(false),
            interrupted: Some(false),
        }
    }

    /// The row of a minute that has begun, as far as its prints have come.
    fn so_far(&self, code: StockCode, row: &MinuteRow, at: Moment) -> Option<Candle> {
        let tape = self.tape.day(code, row.day)?;
        let from = u32::from(row.minute.0) * 60;
        let mut found: Option<Candle> = None;
        let come = tape.prints.partition_point(|(then, _)| *then <= at);
        let begun = tape.prints.partition_point(|(_, p)| p.second < from);
        for (_, print) in tape.prints.get(begun..come).unwrap_or_default() {
            if print.second < from + 60 {
                let one = Candle {
                    volume: print.size.0,
                    ..Candle::flat(print.price.0)
                };
                match &mut found {
                    Some(candle) => candle.absorb(&one),
                    None => found = Some(one),
                }
            }
        }
        found
    }

    /// Rows of the running session that exist at `at`, up to `newest`.
    fn running(&self, code: StockCode, newest: Minute, at: Moment) -> Vec<MinuteRow> {
        let day = self.session(at);
        let all = self.rows(code, day, at.day());
        let price = self.quote(code, at).price.0;
        let mut before = 0;
        let mut rows = Vec::new();
        for row in all.into_iter().filter(|r| r.minute <= newest) {
            let over = day.at(row.minute.plus(1));
            let mut row = row;
            if over.plus_ms(self.lag_ms) <= at {
                before = row.candle.volume;
                if self.drop_empty && row.candle.volume == 0 {
                    continue;
                }
            } else if over <= at {
                break; // The broker is behind: neither this row nor a later one is there.
            } else if day.at(row.minute) <= at {
                row.candle = self.so_far(code, &row, at).unwrap_or(Candle {
                    volume: before,
                    ..Candle::flat(price)
                });
            } else {
                row.candle = Candle::flat(price);
                if self.drop_empty {
                    continue;
                }
            }
            rows.push(row);
        }
        let amended = self.amended.filter(|(since, _)| *since <= at);
        if let Some((_, new)) = amended
            && let Some(row) = rows
                .iter_mut()
                .find(|row| (row.day, row.minute) == (new.day, new.minute))
        {
            *row = new;
        }
        rows
    }

    fn today(&mut self, code: StockCode, newest: Minute, at: Moment) -> Vec<MinuteRow> {
        self.today_pages += 1;
        let rows = self.running(code, newest, at);
        last_of(rows, 30)
    }

    /// The running day from the service of past days, unless it keeps to past days.
    fn by_date(&mut self, code: StockCode, newest: Minute, at: Moment) -> Vec<MinuteRow> {
        self.by_date_pages += 1;
        let mut rows = match self.past_only {
            true => {
                let before = self.tape.calendar.previous_open(at.day());
                self.rows(code, before, at.day())
            }
            false => self.running(code, newest, at),
        };
        rows.retain(|row| !self.drop_empty || 0 < row.candle.volume);
        last_of(rows, 120)
    }

    fn dated(&mut self, code: StockCode, day: Day, newest: Minute, at: Moment) -> Vec<MinuteRow> {
        let session = self.session(at);
        let calendar = &self.tape.calendar;
        let mut day = day;
        if !calendar.is_open(day) {
            if self.substitutes_later {
                self.past_pages += 1;
                return last_of(self.tape.rows(code, calendar.next_open(day), at.day()), 120);
            }
            day = calendar.previous_open(day);
        }
        if let Some(listed) = self.listed.filter(|listed| day < *listed) {
            self.past_pages += 1;
            let rows = self.tape.rows(code, listed, at.day());
            return last_of(rows, if self.substitutes_later { 120 } else { 0 });
        }
        let mut rows: Vec<MinuteRow> = Vec::new();
        let mut until = newest;
        for _ in 0..12 {
            if 120 <= rows.len() {
                break;
            }
            let mut of_day = match day == session {
                true => self.running(code, until, at),
                false => self.rows(code, day, at.day()),
            };
            let keep =
                |r: &MinuteRow| r.minute <= until && (!self.drop_empty || 0 < r.candle.volume);
            of_day.retain(keep);
            of_day.extend(rows);
            rows = of_day;
            until = Minute::hm(23, 59);
            day = calendar.previous_open(day);
        }
        self.past_pages += 1;
        rows.retain(|row| self.listed <= Some(row.day));
        last_of(rows, 120)
    }

    fn period(
        &mut self,
        code: StockCode,
        timeframe: Timeframe,
        to: Day,
        at: Moment,
    ) -> Vec<DailyRow> {
        let session = self.session(at);
        let back = match timeframe {
            Timeframe::Day => 160,
            _ => 400,
        };
        self.period_pages += 1;
        let from = to.plus(-back).max(self.listed.unwrap_or(to.plus(-back)));
        let closed_to = to.min(session.plus(-1));
        let mut days = self.tape.daily(code, from, closed_to, at.day());
        if session <= to {
            let rows = self.running(code, Minute::hm(23, 59), at);
            let mut whole: Option<Candle> = None;
            for row in rows.iter().filter(|r| 0 < r.candle.volume) {
                match &mut whole {
                    Some(candle) => candle.absorb(&row.candle),
                    None => whole = Some(row.candle),
                }
            }
            days.extend(whole.map(|candle| DailyRow {
                day: session,
                candle,
            }));
        }
        let mut out: Vec<DailyRow> = Vec::new();
        for row in days {
            let start = |d: Day| match timeframe {
                Timeframe::Week => d.monday(),
                Timeframe::Month => d.first_of_month(),
                _ => d,
            };
            match out.last_mut() {
                Some(last) if start(last.day) == start(row.day) => last.candle.absorb(&row.candle),
                _ => out.push(row),
            }
        }
        last_of(out, 100)
    }
}

fn last_of<T>(mut rows: Vec<T>, count: usize) -> Vec<T> {
    let cut = rows.len().saturating_sub(count);
    rows.drain(..cut);
    rows
}

fn timed<T>(
    failure: Option<Failure>,
    sent: Moment,
    answered: Moment,
    value: impl FnOnce() -> T,
) -> Result<Timed<T>, Failure> {
    match failure {
        Some(failure) => Err(failure),
        None => Ok(Timed {
            value: value(),
            sent,
            answered,
        }),
    }
}

fn book(code: StockCode) -> OrderBook {
    OrderBook {
        code,
        second: 0,
        asks: Default::default(),
        bids: Default::default(),
        total_ask: Shares(0),
        total_bid: Shares(0),
        expected: None,
    }
}
