//! The order book (호가).

use super::{Shares, StockCode, Won};

/// Levels on each side.
pub const LEVELS: usize = 10;

/// One price level. `price` 0 means the level is not disclosed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Price, won.
    pub price: Won,
    /// Shares waiting there.
    pub size: Shares,
}

/// Ten levels a side, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderBook {
    /// The stock.
    pub code: StockCode,
    /// Seconds since midnight, Korea.
    pub second: u32,
    /// Offers to sell (매도호가), cheapest first.
    pub asks: [Level; LEVELS],
    /// Bids to buy (매수호가), dearest first.
    pub bids: [Level; LEVELS],
    /// All shares offered.
    pub total_ask: Shares,
    /// All shares bid for.
    pub total_bid: Shares,
    /// Expected auction price and size; `None` outside auctions.
    pub expected: Option<Level>,
}
