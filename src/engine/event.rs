//! Everything that can happen to the engine. There is no other way in.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::packed::PackedDay;
use crate::domain::{
    ChartEnd, DailyRow, Day, DayCloses, Interruption, Minute, MinuteRow, Moment, OrderBook, Print,
    Quote, Side, StockCode, Timeframe, Won,
};
use crate::engine::backtest::Backtest;
use crate::engine::command::Command;
use crate::engine::effect::Registration;
use crate::engine::history::Partial;
use crate::engine::reaching::ReachNews;
use crate::engine::snapshot::{RestView, Trouble};
use crate::lang::Said;
use crate::search::Index;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Time went on. Comes a few times a second of market time, whatever else happens.
    Tick,
    /// The clock was set or corrected by so many milliseconds; nobody slept.
    ClockMoved {
        /// Positive: forward.
        by_ms: i64,
    },
    /// The user asks for something.
    Command(Command),
    /// The realtime link changed.
    Stream(StreamNews),
    /// A print came from the socket.
    Print(Print),
    /// An order book came from the socket.
    Book(OrderBook),
    /// Accepted rows of a running day are not kept, or not all of them.
    RowsUnsaved {
        /// The stock.
        code: StockCode,
        /// The day.
        day: Day,
    },
    /// The store answered what it holds of a stock.
    Loaded(Box<Loaded>),
    /// The list of stocks was loaded or fetched.
    Listed(Listed),
    /// A price was asked for.
    Quoted {
        /// The stock asked for.
        code: StockCode,
        /// The answer.
        answer: Result<Timed<Quote>, Failure>,
    },
    /// The prices of several stocks were asked for.
    QuotedMany(Box<QuotedMany>),
    /// An order book was asked for.
    BookAnswered {
        /// The stock asked for.
        code: StockCode,
        /// The answer.
        answer: Result<Timed<OrderBook>, Failure>,
    },
    /// The latest executions were asked for.
    PrintsAnswered {
        /// The stock asked for.
        code: StockCode,
        /// Newest first.
        answer: Result<Timed<Vec<PastPrint>>, Failure>,
    },
    /// Minute rows were asked for.
    Minutes {
        /// The stock asked for.
        code: StockCode,
        /// Which rows.
        want: MinutesWant,
        /// The answer.
        answer: Result<Timed<Rows<MinuteRow>>, Failure>,
    },
    /// Rows of the period chart were asked for.
    Period {
        /// The stock asked for.
        code: StockCode,
        /// Day, week or month.
        timeframe: Timeframe,
        /// The newest date asked for.
        to: Day,
        /// The answer.
        answer: Result<Timed<Rows<DailyRow>>, Failure>,
    },
    /// The closes of the whole market that the data folder holds.
    ClosesLoaded(Vec<(StockCode, DayCloses)>),
    /// A page of a stock's daily closes was asked for.
    Closes {
        /// The stock asked for.
        code: StockCode,
        /// The newest date asked for.
        to: Day,
        /// The answer.
        answer: Result<Timed<Rows<DailyRow>>, Failure>,
    },
    /// It was asked which days the exchange is open.
    OpenDays(Result<Timed<Vec<(Day, bool)>>, Failure>),
    /// The answer to [`crate::engine::Effect::FetchInterruptions`].
    Interruptions(Result<Timed<Vec<Interruption>>, Failure>),
    /// A record was written, or not.
    Recorded {
        /// The batch of [`crate::engine::Effect::Record`].
        batch: u64,
        /// Why it could not be written.
        error: Option<Said>,
    },
    /// A rule was judged on past bars.
    Backtested(Box<Backtest>),
    /// The broker's REST side has news of itself.
    Rest(RestView),
    /// A call of the user came to its end, or a way to call has news of itself.
    Reached(ReachNews),
    /// Something went wrong that belongs to no request.
    Trouble(Failure),
}

/// The answer to a request for the prices of several stocks.
#[derive(Clone, Debug)]
pub struct QuotedMany {
    /// The stocks asked for.
    pub codes: Arc<[StockCode]>,
    /// Each stock's price, or why there is none: one stock's failure is no other's.
    pub answer: Result<Timed<Vec<QuoteOf>>, Failure>,
}

/// One stock's part of [`QuotedMany`].
pub type QuoteOf = (StockCode, Result<Quote, Failure>);

/// A value with the times of its request.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed<T> {
    /// The value.
    pub value: T,
    /// When the request left.
    pub sent: Moment,
    /// When the answer was here.
    pub answered: Moment,
}

/// Chart rows and the stock's name, where the answer has one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows<T> {
    /// The stock's Korean name.
    pub name: Option<String>,
    /// Oldest first.
    pub rows: Vec<T>,
}

/// One line of the latest executions as REST serves them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastPrint {
    /// Seconds since midnight, Korea.
    pub second: u32,
    /// Price, won.
    pub price: Won,
    /// Difference to the base price, won, signed.
    pub change: Won,
    /// Shares.
    pub size: i64,
    /// Who started it; REST does not say.
    pub side: Side,
    /// 체결강도 in hundredths of a percent.
    pub strength: Option<i64>,
}

/// Which minute rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinutesWant {
    /// Today's rows up to this minute, newest first, one page.
    Today {
        /// The newest minute wanted.
        newest: Minute,
    },
    /// The same, asked of the service of past days, whose pages are longer.
    TodayByDate {
        /// Today.
        day: Day,
        /// The newest minute wanted.
        newest: Minute,
    },
    /// Rows up to this minute of an earlier day and before, one page.
    Dated {
        /// The day.
        day: Day,
        /// The newest minute wanted.
        newest: Minute,
    },
}

/// What is held of the list of stocks.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The list; `None` if none is held, and the one the engine has stays.
    pub index: Option<Arc<Index>>,
    /// What went wrong, in the user's words.
    pub trouble: Option<Said>,
    /// The broker was asked for it, and not only the data folder.
    pub asked: bool,
}

/// What the store holds of a stock.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The stock.
    pub code: Option<StockCode>,
    /// Its name, if it was ever learned.
    pub name: Option<String>,
    /// Complete closed days, ascending, with their rows: packed, for those of a whole watchlist
    /// may be under way at once.
    pub days: Vec<(Day, PackedDay)>,
    /// What was accepted of days while they ran.
    pub heads: Vec<Head>,
    /// Closed days of which the newest rows are held.
    pub partials: Vec<Partial>,
    /// Rows as the broker served them after they had been accepted, ascending.
    pub corrections: Vec<MinuteRow>,
    /// Where its charts end.
    pub ends: Vec<ChartEnd>,
    /// Daily rows, ascending.
    pub daily: Vec<DailyRow>,
    /// Weekly rows, ascending.
    pub weekly: Vec<DailyRow>,
    /// Monthly rows, ascending.
    pub monthly: Vec<DailyRow>,
}

/// A stretch of a day's rows, from while the day ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The day.
    pub day: Day,
    /// Every row of this stretch is held.
    pub known: Range<Minute>,
    /// The rows, ascending.
    pub rows: Vec<MinuteRow>,
}

/// News of the realtime link.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamNews {
    /// Connecting, for the n-th time in a row.
    Connecting {
        /// 1 for the first attempt.
        attempt: u32,
    },
    /// No connection is tried until something outside changes.
    Waiting {
        /// Why, in the user's words.
        reason: Said,
    },
    /// Connected; registrations follow.
    Live,
    /// The broker's heartbeat came.
    Heartbeat,
    /// Lost or refused.
    Lost {
        /// Why, in the user's words.
        reason: Said,
        /// Seconds until the next attempt.
        retry_secs: u64,
    },
    /// The server confirmed a registration.
    Confirmed(Registration),
    /// The server refused a registration.
    Refused {
        /// Which, if it said.
        registration: Option<Registration>,
        /// Why.
        failure: Failure,
    },
    /// Frames could not be read and were dropped.
    Unreadable(Failure),
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// A sentence for the user, with the remedy.
    pub text: Said,
    /// The request.
    pub tr_id: String,
    /// The broker's code.
    pub msg_cd: String,
    /// The broker's words.
    pub msg1: String,
    /// The HTTP status; 0 if there was none.
    pub http: u16,
    /// Milliseconds after which trying again makes sense; `None`: never by itself.
    pub retry_ms: Option<i64>,
}

impl Failure {
    /// The card for the screen.
    pub(crate) fn trouble(&self, what: Said) -> Arc<Trouble> {
        let next = match self.retry_ms {
            Some(ms) => said!(
                "%{seconds}초 뒤 다시 시도합니다",
                seconds = ((ms + 999) / 1_000).to_string()
            ),
            None => said!("다시 시도를 누르면 다시 요청합니다"),
        };
        let code = [self.tr_id.as_str(), self.msg_cd.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        Arc::new(Trouble {
            what,
            why: self.text.clone(),
            next,
            code: (!code.is_empty()).then_some(code),
        })
    }
}
