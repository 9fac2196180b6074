//! What the screen shows: one picture of the engine's state, never changed once published.

mod row;
mod window;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use crate::domain::{Calendar, Market, Moment, Signal, SignalKey, StockCode, Timeframe};
use crate::engine::reaching::ReachView;
use crate::engine::rules::{BacktestView, Preview, RuleView};
use crate::engine::whole_market::MarketView;
use crate::lang::Said;
use crate::search::Index;

pub use row::{AlignmentCell, Freshness, GroupView, QuoteView, Ring, Row, ThresholdCell};
pub use window::{ChartState, ChartView, Gap, Marker, OlderBars, PrintLine, StockView};

/// Everything the home window shows, and the windows of the open stocks.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Grows with every picture.
    pub seq: u64,
    /// Market time of this picture.
    pub now: Moment,
    /// When it was made, on the machine's steady clock. Older than 5 s means that the engine is
    /// silent; the screen says so in a red band.
    pub made: Instant,
    /// Where the numbers come from.
    pub badge: Badge,
    /// The broker's clock minus this machine's, ms, where that is worth a word (above 2 s).
    pub clock_offset_ms: Option<i64>,
    /// Before, in, or after the session.
    pub phase: MarketPhase,
    /// The days and hours of the exchange, as far as they are known.
    pub calendar: Arc<Calendar>,
    /// The venue of bars and rules.
    pub market_of_bars: Market,
    /// State of the realtime link.
    pub link: Link,
    /// The broker's REST side.
    pub rest: RestView,
    /// Everything that is listed, for the search.
    pub index: Arc<Index>,
    /// Watchlist groups in the user's order.
    pub groups: Vec<GroupView>,
    /// Every watched stock once, in the user's order.
    pub rows: Vec<Row>,
    /// The timeframes shown as alignment columns.
    pub columns: Vec<Timeframe>,
    /// Periods of the averages, ascending.
    pub periods: Arc<[u16]>,
    /// Newest first; at most 500.
    pub signals: Vec<Arc<Signal>>,
    /// The rules of the configuration file, in its order.
    pub rules: Arc<[RuleView]>,
    /// Where the rule being edited holds now, while somebody edits one.
    pub preview: Option<Arc<Preview>>,
    /// What came of the last backtest asked for.
    pub backtest: Option<Arc<BacktestView>>,
    /// Signals not seen yet.
    pub unread: usize,
    /// Signals of bars that closed while nobody was watching, until the user puts them away.
    pub late: Option<LateView>,
    /// The proof of watching.
    pub watching: Watching,
    /// The signal whose window should come to the front now.
    pub takeover: Option<Takeover>,
    /// How many more signals wait for their turn.
    pub takeovers_waiting: usize,
    /// What went wrong and is not shown elsewhere, oldest first.
    pub notices: Vec<Notice>,
    /// Sound and takeover are off.
    pub muted: bool,
    /// The whole market, as it was when it was last on the screen.
    pub market: Arc<MarketView>,
    /// The ways to call the user.
    pub reach: ReachView,
    /// The windows of the open stocks.
    pub stocks: BTreeMap<StockCode, Arc<StockView>>,
}

/// Where the numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// 실전: the broker's real host.
    Real,
    /// 모의: the broker's paper host.
    Paper,
    /// 데모: the simulator; every price is made up.
    Demo,
}

/// Where the market stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketPhase {
    /// Closed until this moment (nights, weekends, holidays, before the opening).
    Closed {
        /// The next opening.
        opens: Moment,
    },
    /// Opening call auction until this moment.
    OpeningAuction {
        /// The opening.
        opens: Moment,
    },
    /// Continuous trading.
    Open {
        /// The closing auction's start.
        until: Moment,
    },
    /// Closing call auction.
    ClosingAuction {
        /// When the auction's minute ends.
        until: Moment,
    },
    /// 시간외: trading after the session, which makes no bar and no signal by default.
    AfterHours {
        /// How it is traded.
        kind: AfterHours,
        /// When it ends.
        until: Moment,
    },
}

/// The ways of trading after the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterHours {
    /// 시간외 종가: at the day's closing price.
    ClosingPrice,
    /// 시간외 단일가: ten-minute calls, until 2026-09-11 on the Korea Exchange.
    SinglePrice,
    /// 애프터마켓: continuous trading until the evening.
    AfterMarket,
}

/// The realtime link.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Its state.
    pub state: LinkState,
    /// Why it is not live, in the user's words.
    pub reason: Option<Said>,
    /// Attempts since it was last live.
    pub attempts: u32,
    /// Since when.
    pub since: Moment,
    /// It is live, and yet what it brings is late; in the session only.
    pub delay: Option<Delay>,
}

impl Link {
    /// Whether what it brings is as good as it can be: it is live and not late, or it is closed
    /// by plan.
    pub fn is_prompt(&self) -> bool {
        match self.state {
            LinkState::Live => self.delay.is_none(),
            LinkState::Closed => true,
            LinkState::Connecting | LinkState::Reconnecting => false,
        }
    }
}

/// How a live link shows that it is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// The newest frames came this long after they were made, ms.
    Late {
        /// How long.
        ms: i64,
    },
    /// Nothing has come for this long, ms, and something should have.
    Silent {
        /// How long.
        ms: i64,
    },
}

impl Delay {
    /// How long, whole seconds.
    pub fn seconds(self) -> i64 {
        let (Self::Late { ms } | Self::Silent { ms }) = self;
        ms / 1_000
    }
}

/// States of the realtime link, as `watch --json` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Not yet live since the start.
    Connecting,
    /// Prices arrive.
    Live,
    /// Lost; trying again.
    Reconnecting,
    /// Outside trading hours, by plan.
    Closed,
}

/// The broker's REST side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RestView {
    /// Requests sent since the start.
    pub sent: u64,
    /// Of these, refused for the rate.
    pub refused: u64,
    /// Of these, failed otherwise.
    pub failed: u64,
    /// Calls that needed no request: an answer still held, or the same was being asked for.
    pub saved: u64,
    /// Requests waiting now.
    pub queue: usize,
    /// The same by what they are for: the access token, the user, a bar's close, the newest rows,
    /// history; the first goes first.
    pub waiting: [usize; 5],
    /// About how long until the last of them is sent, ms of market time.
    pub drained_in_ms: u64,
    /// How long everything rests after a refusal, ms of market time; 0 when nothing does.
    pub rests_ms: u64,
    /// The broker's answers come so late that less is sent.
    pub strained: bool,
    /// The permitted rate now, requests a second.
    pub permitted: f64,
    /// The rate that the configuration permits, requests a second.
    pub configured: f64,
    /// Median answer time of the last 10 s, ms.
    pub p50_ms: f64,
    /// 99th percentile of the last 10 s, ms.
    pub p99_ms: f64,
    /// Requests sent and refused in each of the last seconds, oldest first.
    pub seconds: Arc<[(u32, u32)]>,
    /// The permitted rate in each of these seconds.
    pub rates: Arc<[f64]>,
    /// Realtime registrations in force.
    pub registrations: usize,
    /// Prints since the start.
    pub prints: u64,
    /// The broker's clock minus this machine's, ms; `None` until it is known.
    pub clock_offset_ms: Option<i64>,
    /// Of it, what market time is corrected by, ms.
    pub clock_corrected_ms: i64,
}

/// The proof of watching.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watching {
    /// Stocks under a rule.
    pub stocks: usize,
    /// Timeframes of the rules, shortest first.
    pub timeframes: Vec<Timeframe>,
    /// Rules.
    pub rules: usize,
    /// When the newest judgement was made.
    pub last_judged: Option<Moment>,
    /// Judgements overdue now.
    pub overdue: usize,
    /// Judgements given up since the start (누락).
    pub missed: usize,
    /// When the next bar under a rule closes.
    pub next_close: Option<Moment>,
    /// Stocks whose price is asked for in rotation because their prints do not arrive.
    pub polled: usize,
    /// No price of these shown as [`Freshness::Polled`] is older than this, ms.
    pub poll_bound_ms: i64,
}

/// The late signals of one or more interruptions.
#[derive(Clone, Debug, PartialEq)]
pub struct LateView {
    /// Which they are, with the close of their bar; never empty. Old ones may not be in
    /// [`Snapshot::signals`] any more.
    pub signals: Arc<BTreeMap<SignalKey, Moment>>,
    /// The first close.
    pub first: Moment,
    /// The last close.
    pub last: Moment,
}

/// A signal whose window should come to the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// The signal.
    pub key: SignalKey,
    /// When it became its turn.
    pub at: Moment,
}

/// Something the user should know, shown once, folded when repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// For [`super::Command::DismissNotice`].
    pub id: u64,
    /// A sentence with the remedy.
    pub text: Said,
    /// The broker's code, for the small print.
    pub code: Option<Arc<str>>,
    /// When it happened last.
    pub at: Moment,
    /// How often.
    pub times: u32,
}

/// What failed, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What is missing: "차트를 불러오지 못했습니다".
    pub what: Said,
    /// Why, in the user's words.
    pub why: Said,
    /// What happens next or what to do.
    pub next: Said,
    /// The broker's code, for the small print.
    pub code: Option<String>,
}

/// Something that is loaded by REST and then kept live by the socket.
#[derive(Clone, Debug, PartialEq)]
pub enum Part<T> {
    /// Asked for.
    Loading,
    /// Here.
    Ready {
        /// The thing.
        value: T,
        /// When it was true.
        at: Moment,
        /// Kept up by the socket.
        live: bool,
    },
    /// Could not be had.
    Failed(Arc<Trouble>),
}
