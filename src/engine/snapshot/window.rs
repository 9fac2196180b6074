//! What the window of a stock shows.

use std::sync::Arc;

use super::{Badge, Part, QuoteView, ThresholdCell, Trouble};
use crate::bars::Series;
use crate::domain::{
    Bar, Market, Moment, OrderBook, Remark, Shares, Side, SignalKey, Stage, StockCode, Timeframe,
    Won,
};

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
    /// Ask with [`crate::engine::Command::LoadOlder`].
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
