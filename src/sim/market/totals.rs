//! What a day has come to after some prints.

use crate::domain::{Candle, Side};
use crate::sim::market::prints::Tick;

/// Running sums of one day's prints. All zero before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) volume: i64,
    /// Won.
    pub(crate) value: i64,
    pub(crate) buy_volume: i64,
    pub(crate) sell_volume: i64,
    /// Won of the shares bought and sold.
    pub(crate) buy_value: i64,
    pub(crate) sell_value: i64,
    pub(crate) buys: i64,
    pub(crate) sells: i64,
    pub(crate) open: i64,
    pub(crate) high: i64,
    pub(crate) low: i64,
    /// Last price; 0 before the first print.
    pub(crate) last: i64,
    pub(crate) last_was_buy: bool,
    /// Seconds since midnight of open, high and low.
    pub(crate) open_at: u32,
    pub(crate) high_at: u32,
    pub(crate) low_at: u32,
}

impl Totals {
    pub(crate) fn add(&mut self, tick: &Tick) {
        let second = tick.ms / 1_000;
        if self.volume == 0 {
            self.open = tick.price;
            self.high = tick.price;
            self.low = tick.price;
            (self.open_at, self.high_at, self.low_at) = (second, second, second);
        }
        if self.high < tick.price {
            (self.high, self.high_at) = (tick.price, second);
        }
        if tick.price < self.low {
            (self.low, self.low_at) = (tick.price, second);
        }
        self.last = tick.price;
        self.volume += tick.size;
        self.value += tick.size * tick.price;
        match tick.side {
            Side::Buy => {
                self.buys += 1;
                self.buy_volume += tick.size;
                self.buy_value += tick.size * tick.price;
                self.last_was_buy = true;
            }
            Side::Sell => {
                self.sells += 1;
                self.sell_volume += tick.size;
                self.sell_value += tick.size * tick.price;
                self.last_was_buy = false;
            }
            Side::Auction => {}
        }
    }

    /// The sums as a candle.
    pub(crate) fn candle(&self) -> Candle {
        Candle {
            open: self.open,
            high: self.high,
            low: self.low,
            close: self.last,
            volume: self.volume,
        }
    }

    /// 체결강도: shares bought ÷ shares sold, percent. 0 before the first sale.
    pub(crate) fn strength(&self) -> f64 {
        match self.sell_volume {
            0 => 0.0,
            sold => self.buy_volume as f64 * 100.0 / sold as f64,
        }
    }

    /// Volume-weighted average price, won; 0 before the first print.
    pub(crate) fn average(&self) -> f64 {
        match self.volume {
            0 => 0.0,
            volume => self.value as f64 / volume as f64,
        }
    }
}
