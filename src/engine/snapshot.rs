//! What the screen shows: one picture of the engine's state, never changed once published.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use crate::bars::Series;
use crate::conditions::Threshold;
use crate::domain::{
    Bar, Calendar, Market, Moment, OrderBook, Remark, Shares, Side, Signal, SignalKey, Stage,
    StockCode, Timeframe, Won,
};
use crate::engine::reaching::ReachView;
use crate::engine::rules::{BacktestView, Preview, RuleView};
use crate::engine::whole_market::MarketView;
use crate::indicators::Alignment;
use crate::lang::Said;
use crate::search::Index;

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

/// A watchlist group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    /// Its name.
    pub name: Arc<str>,
    /// Indices into [`Snapshot::rows`], in the user's order.
    pub rows: Vec<usize>,
}

/// One stock of the watchlist.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The stock.
    pub code: StockCode,
    /// Its Korean name; the code until the name is known.
    pub name: Arc<str>,
    /// What the exchange says of it, the gravest first.
    pub remarks: Vec<Remark>,
    /// Last price and its company; `None` until one has been received.
    pub quote: Option<QuoteView>,
    /// Alignment on each of [`Snapshot::columns`].
    pub alignments: Vec<AlignmentCell>,
    /// 성립가 of the rule nearest to firing; `None` without a rule.
    pub threshold: Option<ThresholdCell>,
    /// Whether the row rings.
    pub ring: Ring,
    /// A judgement is overdue or waits for rows: why, in the user's words.
    pub pending: Option<Said>,
    /// The stock cannot be watched: why and what to do.
    pub trouble: Option<Arc<Trouble>>,
}

/// A price and what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteView {
    /// Last price, won.
    pub price: Won,
    /// Difference to the base price, won, signed.
    pub change: Won,
    /// The base price (기준가), won.
    pub base: Won,
    /// First, highest and lowest price of the day, won; 0 before the first trade.
    pub open: Won,
    /// Highest price of the day, won.
    pub high: Won,
    /// Lowest price of the day, won.
    pub low: Won,
    /// Upper price limit (상한가), won; 0 if unknown.
    pub upper_limit: Won,
    /// Lower price limit (하한가), won; 0 if unknown.
    pub lower_limit: Won,
    /// Shares traded today.
    pub volume: Shares,
    /// Won traded today.
    pub value: i64,
    /// When it was true.
    pub at: Moment,
    /// How it came.
    pub freshness: Freshness,
    /// Printed outside the regular session (시간외): no bar, no rule.
    pub off_hours: bool,
    /// The stock is halted.
    pub halted: bool,
    /// A volatility interruption (VI) is in force: nothing trades for two minutes.
    pub interrupted: bool,
}

impl QuoteView {
    /// Change in hundredths of a percent of the base price, rounded half away from zero;
    /// `None` without a base price.
    pub fn change_basis_points(&self) -> Option<i64> {
        let base = self.base.0;
        (0 < base).then(|| {
            let scaled = self.change.0 * 10_000;
            (scaled.abs() * 2 + base) / (base * 2) * scaled.signum()
        })
    }
}

/// How fresh a price is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// From the live socket.
    Live,
    /// Asked for now and then; crossings between two polls are not seen.
    Polled,
    /// Its source has gone silent; shown greyed with its time.
    Stale,
}

/// Alignment of one stock on one timeframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlignmentCell {
    /// The timeframe.
    pub timeframe: Timeframe,
    /// Alignment on the newest closed bar.
    pub state: Alignment,
    /// Closed bars it has held, 1 on the bar where it formed.
    pub age: u32,
    /// Closed bars held.
    pub have: u32,
    /// Closed bars needed.
    pub need: u32,
}

impl AlignmentCell {
    /// Whether the state held on every bar on which it is known: it may be older than `age`.
    pub fn is_at_least(&self) -> bool {
        self.have < self.age + self.need
    }
}

/// 성립가 of one rule for one stock.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdCell {
    /// The rule's name.
    pub rule: Arc<str>,
    /// Its timeframe.
    pub timeframe: Timeframe,
    /// The price.
    pub price: Threshold,
    /// Distance from the last price in hundredths of a percent, signed; `None` without a price.
    pub distance: Option<i64>,
    /// The rule holds now.
    pub holds: bool,
}

/// Whether a row rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// Nothing new.
    Quiet,
    /// Blinks yellow since this moment; until visited or 60 s have passed.
    Blinking(Moment),
    /// Keeps a steady mark until visited.
    Marked,
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

/// The window of one stock.
#[derive(Clone, Debug)]
pub struct StockView {
    /// The stock.
    pub code: StockCode,
    /// Its Korean name.
    pub name: Arc<str>,
    /// What the exchange says of it, the gravest first.
    pub remarks: Vec<Remark>,
    /// Market time of this picture.
    pub now: Moment,
    /// Where the numbers come from.
    pub badge: Badge,
    /// The venue of its prices.
    pub venue: Market,
    /// Header numbers.
    pub quote: Option<QuoteView>,
    /// The timeframe shown.
    pub timeframe: Timeframe,
    /// Periods of the averages, ascending.
    pub periods: Arc<[u16]>,
    /// The chart.
    pub chart: ChartView,
    /// Arrows of this stock and timeframe, oldest first.
    pub markers: Vec<Marker>,
    /// Bars of this stock and timeframe on which the backtested rule would have rung.
    pub tested: Arc<[Moment]>,
    /// Scroll so that this bar is in view (a signal was opened); grows its serial each time.
    pub focus: Option<(u64, Moment)>,
    /// 성립가 on this timeframe.
    pub threshold: Option<ThresholdCell>,
    /// Whether it is traded on Nextrade too; `None` if the list does not say.
    pub nextrade: Option<bool>,
    /// Order book (호가).
    pub book: Part<OrderBook>,
    /// Executions (체결), newest first; at most 300.
    pub prints: Part<Arc<Vec<PrintLine>>>,
    /// 체결강도 in hundredths of a percent.
    pub strength: Option<i64>,
    /// The realtime link.
    pub link: Link,
}

/// The chart of one timeframe.
#[derive(Clone, Debug)]
pub struct ChartView {
    /// What there is.
    pub state: ChartState,
    /// Whether older bars can be loaded.
    pub older: OlderBars,
    /// Bars the averages need, for "240봉 필요 / 187봉 보유".
    pub need: usize,
    /// Stretches that could not be had, oldest first.
    pub gaps: Arc<[Gap]>,
}

/// A stretch whose prices could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it begins.
    pub from: Moment,
    /// Where it ends; not part of it.
    pub until: Moment,
}

/// What the chart shows.
#[derive(Clone, Debug)]
pub enum ChartState {
    /// Bars are on their way; nothing to show yet.
    Loading {
        /// Requests answered and requests planned.
        done: usize,
        /// Requests planned.
        planned: usize,
    },
    /// Bars to show.
    Ready {
        /// Closed bars.
        series: Arc<Series>,
        /// The bar being built.
        forming: Option<Bar>,
        /// Something failed, but the bars stay.
        trouble: Option<Arc<Trouble>>,
    },
    /// Nothing to show and the reason.
    Failed(Arc<Trouble>),
}

/// Whether history goes further back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OlderBars {
    /// Ask with [`super::Command::LoadOlder`].
    Available,
    /// Asked for.
    Loading,
    /// The broker holds no more.
    End,
}

/// An arrow under a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The signal.
    pub key: SignalKey,
    /// Where the signal stands: hollow while forming, filled when confirmed or late, faint when
    /// withdrawn.
    pub stage: Stage,
    /// Seen: steady instead of blinking.
    pub seen: bool,
    /// When the stage was reached.
    pub at: Moment,
}

/// One line of the executions list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrintLine {
    /// Grows with every print; a paused list remembers where it stopped.
    pub serial: u64,
    /// Seconds since midnight, Korea.
    pub second: u32,
    /// Price, won.
    pub price: Won,
    /// Difference to the base price, won, signed.
    pub change: Won,
    /// Shares.
    pub size: Shares,
    /// Who started it; [`Side::Auction`] also where the broker does not say.
    pub side: Side,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_rounded_half_away_from_zero() {
        let quote = |change, base| QuoteView {
            price: Won(0),
            change: Won(change),
            base: Won(base),
            open: Won(0),
            high: Won(0),
            low: Won(0),
            upper_limit: Won(0),
            lower_limit: Won(0),
            volume: Shares(0),
            value: 0,
            at: Moment(0),
            freshness: Freshness::Live,
            off_hours: false,
            halted: false,
            interrupted: false,
        };
        assert_eq!(quote(1_200, 70_200).change_basis_points(), Some(171));
        assert_eq!(quote(-100, 72_000).change_basis_points(), Some(-14));
        assert_eq!(quote(1, 20_000).change_basis_points(), Some(1));
        assert_eq!(quote(5, 0).change_basis_points(), None);
    }
}
