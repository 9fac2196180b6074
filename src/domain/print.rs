//! Prints (체결) and quotes (현재가).

use super::{Day, Moment, Shares, StockCode, Won};

/// Who started a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The buyer took the ask.
    Buy,
    /// The seller hit the bid.
    Sell,
    /// An auction, or the broker did not say.
    Auction,
}

/// One execution printed by the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// The stock.
    pub code: StockCode,
    /// The business date, Korea.
    pub day: Day,
    /// Seconds since midnight, Korea. The feed has no finer time.
    pub second: u32,
    /// Price of this print, won.
    pub price: Won,
    /// Size of this print, shares.
    pub size: Shares,
    /// Shares traded today, this print included; gaps in it betray lost prints.
    pub day_volume: Shares,
    /// Won traded today.
    pub day_value: i64,
    /// Difference to the base price, won, signed.
    pub change: Won,
    /// First price of the day, won.
    pub day_open: Won,
    /// Highest price of the day, won.
    pub day_high: Won,
    /// Lowest price of the day, won.
    pub day_low: Won,
    /// Who started it.
    pub side: Side,
    /// 체결강도 in hundredths of a percent (10 512 = 105.12 %).
    pub strength: i64,
    /// Regular trading; `false` for block, basket and off-hours prints, which make no bar.
    pub regular: bool,
    /// The stock is halted.
    pub halted: bool,
}

impl Print {
    /// When it was printed, to the second.
    pub fn at(&self) -> Moment {
        Moment::on(self.day, self.second)
    }
}

/// What the price request answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The stock.
    pub code: StockCode,
    /// Last price, won.
    pub price: Won,
    /// Difference to the base price, won, signed.
    pub change: Won,
    /// Base price of the day (기준가), won.
    pub base: Won,
    /// First price of the day, won; 0 before the first trade.
    pub day_open: Won,
    /// Highest price of the day, won; 0 before the first trade.
    pub day_high: Won,
    /// Lowest price of the day, won; 0 before the first trade.
    pub day_low: Won,
    /// Upper price limit, won.
    pub upper_limit: Won,
    /// Lower price limit, won.
    pub lower_limit: Won,
    /// Shares traded today.
    pub day_volume: Shares,
    /// Won traded today.
    pub day_value: i64,
    /// The stock is halted; `None` where the answer does not say (the quote of many stocks).
    pub halted: Option<bool>,
    /// A volatility interruption (VI) is in force; `None` where the answer does not say.
    pub interrupted: Option<bool>,
}
