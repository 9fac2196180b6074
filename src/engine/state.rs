//! The engine's state and the one function that changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bars::period_of;
use crate::conditions::{Repeat, Rule};
use crate::domain::{
    Calendar, Day, Mark, Minute, Moment, OrderBook, Print, RuleKey, Signal, Source, StockCode,
    Timeframe,
};
use crate::engine::config::EngineConfig;
use crate::engine::effect::{Effect, Registration, Report, Urgency};
use crate::engine::event::Event;
use crate::engine::feed::{Taken, is_foreign};
use crate::engine::history::Sessions;
use crate::engine::interruption::Asking;
use crate::engine::late::LateSignals;
use crate::engine::link::LinkState;
use crate::engine::listing::Names;
use crate::engine::notices::Notices;
use crate::engine::open_days::OpenDays;
use crate::engine::outage::Outage;
use crate::engine::polling::Polls;
use crate::engine::reaching::Reaching;
use crate::engine::registering::Registered;
use crate::engine::rules::RuleDesk;
use crate::engine::signals::SignalBook;
use crate::engine::snapshot::{Part, PrintLine, RestView};
use crate::engine::stock::{RuleState, Stock};
use crate::engine::takeover::Takeovers;
use crate::engine::today::Today;
use crate::engine::track::OpenSlot;
use crate::engine::whole_market::WholeMarket;
use crate::lang::Said;

/// Everything the engine knows.
#[derive(Clone, Debug)]
pub struct State {
    pub(super) config: EngineConfig,
    pub(super) rules: Arc<[Rule]>,
    /// What the list of rules and the editor ask for.
    pub(super) desk: RuleDesk,
    pub(super) calendar: Arc<Calendar>,
    pub(super) now: Moment,
    pub(super) started: Moment,
    pub(super) last_tick: Moment,
    pub(super) stocks: BTreeMap<StockCode, Stock>,
    pub(super) names: Names,
    pub(super) book: SignalBook,
    pub(super) link: LinkState,
    pub(super) wanted: Arc<[Registration]>,
    pub(super) confirmed: BTreeSet<Registration>,
    pub(super) rest: RestView,
    pub(super) prints: u64,
    pub(super) polls: Polls,
    /// The service of past days has the running day too, as far as is known.
    pub(super) today_by_date: bool,
    pub(super) open_days: OpenDays,
    pub(super) interruptions: Asking,
    /// Perhaps a stock wants history that has not been asked for.
    pub(super) history_wanted: bool,
    /// The watchlist group on the screen.
    pub(super) visible_group: Option<Arc<str>>,
    pub(super) registered: Registered,
    pub(super) takeovers: Takeovers,
    pub(super) reaching: Reaching,
    pub(super) notices: Notices,
    pub(super) outage: Outage,
    pub(super) late: LateSignals,
    pub(super) whole_market: WholeMarket,
    pub(super) last_judged: Option<Moment>,
    pub(super) missed: usize,
    pub(super) focus_serial: u64,
    pub(super) seq: u64,
    /// Something changed by time alone that the screen shows.
    pub(super) news: bool,
}

/// What the user's database held at the start.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    /// Signals of the last weeks.
    pub signals: Vec<Signal>,
    /// Marks of what has been judged.
    pub marks: Vec<Mark>,
    /// Days the broker said are open or closed.
    pub open_days: Vec<(Day, bool)>,
    /// When it was asked last.
    pub open_days_asked: Option<Day>,
}

impl State {
    /// The engine at its start, and the first things it wants done.
    pub fn new(
        config: EngineConfig,
        calendar: Calendar,
        remembered: Remembered,
        now: Moment,
        out: &mut Vec<Effect>,
    ) -> Self {
        let rules: Arc<[Rule]> = config.rules.clone().into();
        let mut calendar = calendar;
        for &(day, open) in &remembered.open_days {
            calendar.learn(day, open);
        }
        let mut state = Self {
            rules,
            desk: RuleDesk::default(),
            calendar: Arc::new(calendar),
            now,
            started: now,
            last_tick: now,
            stocks: BTreeMap::new(),
            names: Names::new(now, out),
            book: SignalBook::default(),
            link: LinkState::new(now),
            wanted: Arc::new([]),
            confirmed: BTreeSet::new(),
            rest: RestView::default(),
            prints: 0,
            history_wanted: false,
            open_days: OpenDays::new(remembered.open_days_asked),
            interruptions: Asking::default(),
            today_by_date: true,
            visible_group: config.groups.first().map(|group| group.name.clone()),
            polls: Polls::new(config.quotes_per_call, now),
            registered: Registered::default(),
            takeovers: Takeovers::default(),
            reaching: Reaching::default(),
            notices: Notices::default(),
            outage: Outage::default(),
            late: LateSignals::default(),
            whole_market: WholeMarket::new(config.market_fill),
            last_judged: None,
            missed: 0,
            focus_serial: 0,
            seq: 0,
            news: true,
            config,
        };
        let untold = state.book.restore(remembered.signals, remembered.marks);
        let keys: Vec<RuleKey> = state.rules.iter().map(|rule| rule.key).collect();
        if state.book.keep_marks_of(&keys) {
            out.push(Effect::KeepMarksOf(keys));
        }
        let followed = state.config.followed();
        for &code in &followed {
            state.follow(code, false, out);
        }
        state.ask_prices(&followed, Urgency::Price, out);
        for key in untold {
            state.tell(key, out);
        }
        state.look_at_open_days(out);
        state.look_at_link(out);
        state.subscribe(out);
        state.book.flush(out);
        state
    }

    /// The only function that changes the engine's state. It cannot wait and cannot fail; what
    /// it wants done is appended to `out`. Steady prints allocate nothing.
    pub fn apply(&mut self, now: Moment, event: Event, out: &mut Vec<Effect>) {
        self.now = now;
        let steady = matches!(event, Event::Print(_) | Event::Book(_) | Event::Rest(_));
        self.look_for_outage(&event);
        match event {
            Event::Print(print) => self.on_print(&print, out),
            Event::Book(book) => self.on_book(book),
            Event::Tick => self.on_tick(out),
            Event::Command(command) => self.on_command(command, out),
            Event::Stream(news) => self.on_stream(news, out),
            Event::Listed(listed) => self.on_listed(listed, out),
            Event::Loaded(loaded) => self.on_loaded(*loaded, out),
            Event::Quoted { code, answer } => self.on_quoted(code, answer, out),
            Event::QuotedMany(news) => self.on_quoted_many(*news, out),
            Event::BookAnswered { code, answer } => self.on_book_answered(code, answer, out),
            Event::PrintsAnswered { code, answer } => self.on_prints_answered(code, answer, out),
            Event::Minutes { code, want, answer } => self.on_minutes(code, want, answer, out),
            Event::Period {
                code,
                timeframe,
                to,
                answer,
            } => {
                self.on_period(code, timeframe, to, answer, out);
            }
            Event::RowsUnsaved { code, day } => self.on_rows_unsaved(code, day),
            Event::ClosesLoaded(all) => self.on_closes_loaded(all),
            Event::Closes { code, to, answer } => self.on_closes(code, to, answer, out),
            Event::OpenDays(answer) => self.on_open_days(answer, out),
            Event::Interruptions(answer) => self.on_interruptions(answer, out),
            Event::Recorded { batch, error } => self.on_recorded(batch, error, out),
            Event::ClockMoved { by_ms } => self.on_clock_moved(by_ms, out),
            Event::Backtested(done) => self.on_backtested(*done),
            Event::Rest(rest) => self.on_rest(rest),
            Event::Reached(news) => self.on_reached(news),
            Event::Trouble(failure) => self.report_failure(&failure, out),
        }
        if self.history_wanted && !steady {
            self.plan_backfill(out);
        }
        self.book.flush(out);
    }

    /// Whether time alone changed what the screen shows, since the last question.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// Tells the user something that happened outside the engine.
    pub fn note(&mut self, text: impl Into<Said>) {
        self.notices.add(self.now, text, None);
    }

    pub(super) fn sessions<'a>(config: &'a EngineConfig, calendar: &'a Calendar) -> Sessions<'a> {
        Sessions {
            calendar,
            market: config.market,
            bars: &config.bars,
        }
    }

    /// Starts to follow a stock: rules, columns, baselines, and the question what is held.
    /// `anew`: the user has just put it on the list, so that its past does not count, whatever
    /// was judged when it was on the list before.
    pub(super) fn follow(&mut self, code: StockCode, anew: bool, out: &mut Vec<Effect>) {
        let known = self.stocks.contains_key(&code);
        let mut stock = self
            .stocks
            .remove(&code)
            .unwrap_or_else(|| Stock::new(code));
        let rules = self.rules.clone();
        stock
            .rules
            .retain(|state| self.config.applies(&rules[state.rule], code));
        for (index, rule) in rules.iter().enumerate() {
            let joined = stock.rules.iter().any(|state| state.rule == index);
            if joined || !self.config.applies(rule, code) {
                continue;
            }
            let old = self.book.mark(rule.key, code).copied();
            let mark = match old.filter(|_| !anew) {
                Some(mark) => mark,
                None => {
                    let mark = Mark {
                        rule: rule.key,
                        code,
                        timeframe: rule.timeframe,
                        bar: self.newest_closed(rule.timeframe),
                        // `once` is once, also if it was given when the stock was here before.
                        baseline_true: rule.repeat == Repeat::Once
                            && old.is_some_and(|m| m.baseline_true),
                        judged_at: self.now,
                        source: Source::Ticks,
                    };
                    self.book.set_mark(mark);
                    mark
                }
            };
            // A mark that no rows have moved yet is still the baseline, also after a restart.
            let baseline = mark.source == Source::Ticks;
            let met_in = |slot: &OpenSlot| baseline && slot.opened <= mark.judged_at;
            let state = RuleState {
                rule: index,
                guard: self
                    .open_slot(rule.timeframe)
                    .filter(met_in)
                    .map(|slot| slot.opened),
                seen_false: false,
                baseline_open: baseline,
            };
            stock.rules.push(state);
        }
        self.fit_day(&mut stock);
        self.fit_tracks(&mut stock);
        self.stocks.insert(code, stock);
        if !known {
            self.name_from_list(code);
            let back = self.now.day().plus(-400);
            out.push(Effect::LoadStock { code, from: back });
        }
    }

    /// Gives a stock the running day.
    fn fit_day(&self, stock: &mut Stock) {
        let day = self.now.day();
        let hours = self.calendar.hours(day, self.config.market);
        if stock.today.as_ref().map(|today| today.day) != hours.map(|_| day) {
            stock.today = hours.map(|hours| Today::new(day, hours, &self.config.bars));
        }
    }

    /// The slot of today that closes next; `None` when none does.
    pub(super) fn open_slot(&self, timeframe: Timeframe) -> Option<OpenSlot> {
        let day = self.now.day();
        let hours = self.calendar.hours(day, self.config.market)?;
        let bars = &self.config.bars;
        if let Timeframe::Minutes(minutes) = timeframe {
            let slot = bars
                .slots(&hours, minutes)
                .into_iter()
                .find(|s| self.now < day.at(s.end))?;
            return Some(OpenSlot {
                opened: day.at(slot.open),
                open: slot.open,
                last_label: slot.last_label,
                end: day.at(slot.end),
                goes_on: false,
            });
        }
        let sessions = Self::sessions(&self.config, &self.calendar);
        let (open, last_label) = sessions.labels(day)?;
        let end = day.at(bars.day_end(&hours));
        let period = period_of(day, timeframe, &self.calendar);
        (self.now < end).then(|| OpenSlot {
            opened: period.opened(&self.calendar, self.config.market),
            open,
            last_label,
            end,
            goes_on: period.last != day,
        })
    }

    /// Opening of the newest bar of a timeframe that has closed by now, by the calendar.
    fn newest_closed(&self, timeframe: Timeframe) -> Moment {
        let today = self.now.day();
        let mut day = today;
        for _ in 0..80 {
            if let Some(opened) = self.newest_closed_of(timeframe, day) {
                return opened;
            }
            day = self.calendar.previous_open(day);
        }
        today.at(Minute(0))
    }

    /// The newest bar of `day` (or of its week or month) that has closed by now.
    fn newest_closed_of(&self, timeframe: Timeframe, day: Day) -> Option<Moment> {
        let hours = self.calendar.hours(day, self.config.market)?;
        let bars = &self.config.bars;
        if let Timeframe::Minutes(minutes) = timeframe {
            let slots = bars.slots(&hours, minutes);
            let slot = slots
                .into_iter()
                .rev()
                .find(|slot| day.at(slot.end) <= self.now)?;
            return Some(day.at(slot.open));
        }
        let period = period_of(day, timeframe, &self.calendar);
        let last = self.calendar.hours(period.last, self.config.market)?;
        (period.last.at(bars.day_end(&last)) <= self.now)
            .then(|| period.opened(&self.calendar, self.config.market))
    }

    /// When a bar closes that opened at `opened`.
    pub(super) fn bar_end(&self, timeframe: Timeframe, opened: Moment) -> Moment {
        Self::sessions(&self.config, &self.calendar).bar_end(timeframe, opened)
    }

    fn on_print(&mut self, print: &Print, out: &mut Vec<Effect>) {
        self.prints += 1;
        let foreign = is_foreign(print, self.now);
        match print.regular && !foreign {
            true => self.link.pace.frame(print.at(), self.now),
            // A block trade may be printed long after it was made.
            false => self.link.pace.heard(self.now),
        }
        if foreign {
            return;
        }
        let sessions = Self::sessions(&self.config, &self.calendar);
        let Some(stock) = self.stocks.get_mut(&print.code) else {
            return;
        };
        let base = stock.base;
        let taken = stock.print(print, &sessions, self.now);
        let new_base = stock.base != base;
        if taken == Taken::Repeated {
            return;
        }
        if let Some(window) = &mut stock.window {
            window.strength = Some(print.strength);
            window.push(PrintLine {
                serial: 0,
                second: print.second,
                price: print.price,
                change: print.change,
                size: print.size,
                side: print.side,
            });
        }
        if new_base {
            // The day's first price: it tells whether the scale is still the old one.
            self.look_at_base(print.code, out);
            self.settle(print.code, out);
        } else if taken == Taken::Counted {
            self.judge_forming(print.code, Some(print.price.0));
        }
    }

    fn on_book(&mut self, book: OrderBook) {
        self.look_for_interruption(&book);
        let made = Moment::on(self.now.day(), book.second);
        self.link.pace.frame(made, self.now);
        let window = self.stocks.get_mut(&book.code);
        if let Some(window) = window.and_then(|stock| stock.window.as_mut()) {
            window.book = Part::Ready {
                value: book,
                at: self.now,
                live: true,
            };
            window.dirty = true;
        }
    }

    /// Brings every track of a stock up to date with its rows, judges, and plans what to fetch.
    pub(super) fn settle(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let now = self.now;
        if let Some(stock) = self.stocks.get_mut(&code) {
            let sessions = Self::sessions(&self.config, &self.calendar);
            stock.history.look_at_end(&sessions, now.day());
            for index in 0..stock.tracks.len() {
                stock.refresh_track(index, now, &sessions);
            }
            stock.refresh_forming(&sessions);
            if let Some(window) = &mut stock.window {
                window.dirty = true;
            }
        }
        self.judge_stock(code);
        self.let_judged_go(code);
        self.judge_forming(code, None);
        self.plan(code, out);
        self.report_history(code, out);
    }

    /// Tells of bars held against the most that a rule needs, at most once a second; what cannot
    /// be told yet is told by the clock.
    pub(super) fn report_history(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let now = self.now;
        let rules = self.rules.clone();
        let Some(stock) = self.stocks.get_mut(&code) else {
            return;
        };
        stock.history_due = false;
        let mut needs: BTreeMap<Timeframe, usize> = BTreeMap::new();
        for state in &stock.rules {
            let rule = &rules[state.rule];
            let own = (rule.timeframe, rule.expr.need(&rule.periods));
            let others = rule.expr.needs_elsewhere(&rule.periods);
            for (timeframe, need) in std::iter::once(own).chain(others) {
                let most = needs.entry(timeframe).or_default();
                *most = need.max(*most);
            }
        }
        for (timeframe, need) in needs {
            let Some(track) = stock.track_mut(timeframe) else {
                continue;
            };
            let have = track.series.len();
            match track.reported {
                Some((told, _)) if told == (have, need) => continue,
                Some((_, at)) if (0..1_000).contains(&now.ms_since(at)) => {
                    stock.history_due = true;
                    continue;
                }
                _ => {}
            }
            track.reported = Some(((have, need), now));
            out.push(Effect::Report(Report::History {
                code,
                timeframe,
                have,
                need,
                at: now,
            }));
        }
    }
}
