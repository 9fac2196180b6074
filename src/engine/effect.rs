//! What the engine wants done outside. It only says so; the performer does it, and the outcome
//! comes back as an event.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::{
    ChartEnd, DailyRow, Day, DayCloses, Mark, Minute, MinuteRow, Moment, RuleKey, Signal,
    SignalKey, StockCode, Timeframe,
};
use crate::engine::backtest::BacktestJob;
use crate::engine::event::{Failure, MinutesWant};
use crate::engine::history::Partial;
use crate::engine::reaching::{Call, Channel};
use crate::engine::snapshot::LinkState;
use crate::lang::Said;
use crate::settings::{Change, GroupChange, ReachSettings, RuleSetting, ScreenSettings};

/// Something to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the store what it holds of a stock, from this day on.
    LoadStock {
        /// The stock.
        code: StockCode,
        /// The oldest day of interest.
        from: Day,
    },
    /// Ask the data folder for the list of stocks.
    LoadListing,
    /// Ask the broker for a new list of stocks.
    FetchListing,
    /// Ask for the price.
    FetchQuote {
        /// The stock.
        code: StockCode,
        /// How urgent.
        urgency: Urgency,
    },
    /// Ask for the prices of several stocks in one request.
    FetchQuotes {
        /// The stocks; at most [`crate::engine::EngineConfig::quotes_per_call`].
        codes: Arc<[StockCode]>,
        /// How urgent.
        urgency: Urgency,
    },
    /// Ask for the order book.
    FetchBook(StockCode),
    /// Ask for the latest executions.
    FetchPrints(StockCode),
    /// Ask for a page of minute rows.
    FetchMinutes {
        /// The stock.
        code: StockCode,
        /// Which rows.
        want: MinutesWant,
        /// How urgent.
        urgency: Urgency,
    },
    /// Ask for a page of the period chart: the newest rows up to `to`.
    FetchPeriod {
        /// The stock.
        code: StockCode,
        /// Day, week or month.
        timeframe: Timeframe,
        /// The newest date wanted.
        to: Day,
        /// How urgent.
        urgency: Urgency,
    },
    /// Ask the store for the closes of the whole market.
    LoadCloses,
    /// Ask for a page of a stock's daily closes, when nothing else is to be asked: the newest up
    /// to `to`.
    FetchCloses {
        /// The stock.
        code: StockCode,
        /// The newest date wanted.
        to: Day,
    },
    /// Keep the closes of a stock of the whole market.
    SaveCloses {
        /// The stock.
        code: StockCode,
        /// Its closes.
        closes: DayCloses,
    },
    /// Ask which days the exchange is open, from this day on.
    FetchOpenDays {
        /// The first day.
        from: Day,
    },
    /// Ask which stocks are in a volatility interruption, or were on this day; calmly.
    FetchInterruptions {
        /// Today.
        day: Day,
    },
    /// Keep which days the exchange is open.
    SaveOpenDays {
        /// When it was asked.
        asked: Day,
        /// The days.
        days: Vec<(Day, bool)>,
    },
    /// Keep today's accepted rows; the first row of a minute stays. Where they do not join on to
    /// those kept before, or cannot be kept, [`crate::engine::Event::RowsUnsaved`] comes.
    SaveRows {
        /// The stock.
        code: StockCode,
        /// The day.
        day: Day,
        /// The stretch of which these are all rows.
        known: Range<Minute>,
        /// The rows.
        rows: Vec<MinuteRow>,
    },
    /// Keep the rows of a day as the broker serves them now, where that differs from what was
    /// accepted, in the place of those kept of that day before. Only the chart shows them.
    SaveCorrections {
        /// The stock.
        code: StockCode,
        /// Corrections of days before this one are forgotten.
        from: Day,
        /// The day.
        day: Day,
        /// The rows, ascending.
        rows: Vec<MinuteRow>,
    },
    /// Keep a complete closed day.
    SaveDay {
        /// The stock.
        code: StockCode,
        /// The day.
        day: Day,
        /// Its rows, ascending; empty if nothing traded.
        rows: Arc<[MinuteRow]>,
    },
    /// Keep the newest rows of a closed day whose older rows have not come yet, in the place of
    /// those kept of that day before.
    SavePartial {
        /// The stock.
        code: StockCode,
        /// The day and its rows.
        partial: Partial,
    },
    /// Keep rows of the period chart.
    SavePeriod {
        /// The stock.
        code: StockCode,
        /// Day, week or month.
        timeframe: Timeframe,
        /// The rows.
        rows: Vec<DailyRow>,
        /// They are kept only if the row of this day is; `None` for the newest page, which takes
        /// the place of everything where it does not join on.
        joins: Option<Day>,
    },
    /// Keep where a chart of the stock ends.
    SaveEnd {
        /// The stock.
        code: StockCode,
        /// The chart and its end.
        end: ChartEnd,
    },
    /// Keep the stock's name.
    SaveName {
        /// The stock.
        code: StockCode,
        /// The name.
        name: Arc<str>,
    },
    /// Nobody waits any more for the stock's order book and executions, and with `all` for
    /// anything of the stock: what has not been sent yet need not be. There will be no answer.
    Abandon {
        /// The stock.
        code: StockCode,
        /// It is not followed any more.
        all: bool,
    },
    /// A split made every held bar of the stock wrong: forget them.
    ForgetStock(StockCode),
    /// Write signals and marks in one transaction, then say [`crate::engine::Event::Recorded`].
    Record {
        /// Comes back with the event.
        batch: u64,
        /// Signals, new or changed.
        signals: Vec<Arc<Signal>>,
        /// Marks, new or moved.
        marks: Vec<Mark>,
    },
    /// Forget the marks of rules that no longer exist.
    KeepMarksOf(Vec<RuleKey>),
    /// Note when signals were put on the screen.
    MarkShown {
        /// The signals.
        keys: Vec<SignalKey>,
        /// When.
        at: Moment,
    },
    /// Note that the user has seen signals.
    MarkSeen(Vec<SignalKey>),
    /// The registrations the socket should hold, most important first.
    Subscribe(Arc<[Registration]>),
    /// Tell the world: a line of `watch --json`.
    Report(Report),
    /// Change the configuration file.
    Edit(Edit),
    /// Call the user. What became of it comes back as [`crate::engine::Event::Reached`].
    Reach {
        /// In these ways.
        by: Vec<Channel>,
        /// Of what.
        call: Arc<Call>,
    },
    /// How the user is called from now on; secrets are looked for anew.
    SetReach(ReachSettings),
    /// Judge a rule on past bars, away from the engine's loop, then say
    /// [`crate::engine::Event::Backtested`].
    Backtest(Box<BacktestJob>),
}

/// How urgent a request is, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The user waits for it.
    User,
    /// Prices of stocks whose prints do not arrive, many in one call: few calls that keep all of
    /// them as fresh as promised.
    Price,
    /// A bar closed and a rule must be judged; the nearer to firing the sooner.
    Close {
        /// Distance from firing in hundredths of a percent; 0 = looks like firing.
        nearness: u32,
    },
    /// The newest bars of what is watched.
    Tail,
    /// History.
    Backfill,
}

/// A realtime registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registration {
    /// Prints or order book.
    pub feed: Feed,
    /// The stock.
    pub code: StockCode,
}

/// A realtime feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feed {
    /// Prints (체결).
    Prints,
    /// Order book (호가).
    Book,
}

/// A line for those who listen.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// The realtime link changed.
    Link {
        /// Its state.
        state: LinkState,
        /// When.
        at: Moment,
        /// Why, when not live.
        reason: Option<Said>,
    },
    /// Bars held against bars the rule needs.
    History {
        /// The stock.
        code: StockCode,
        /// The timeframe.
        timeframe: Timeframe,
        /// Bars held.
        have: usize,
        /// Bars needed.
        need: usize,
        /// When.
        at: Moment,
    },
    /// A signal reached a stage; it is on disk already.
    Trigger(Arc<Signal>),
    /// A request failed.
    Error {
        /// What and why.
        failure: Failure,
        /// When.
        at: Moment,
    },
}

/// A change of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Put a stock into a group.
    AddCode {
        /// The group.
        group: String,
        /// The stock.
        code: StockCode,
    },
    /// Take a stock out of every group.
    RemoveCode(StockCode),
    /// Put a stock of a group at another place.
    MoveCode {
        /// The group.
        group: String,
        /// The stock.
        code: StockCode,
        /// Its index in the group afterwards.
        to: usize,
    },
    /// Change the groups of the watchlist.
    Group(GroupChange),
    /// How the screen looks.
    Screen(ScreenSettings),
    /// A single setting.
    Change(Change),
    /// How the user is called.
    Reach(ReachSettings),
    /// Keep a rule.
    PutRule {
        /// Its name until now; `None`: it is new.
        was: Option<String>,
        /// The rule.
        rule: Arc<RuleSetting>,
    },
    /// Take out the rule of this name.
    RemoveRule(String),
}
