//! Candles: rows as the broker serves them and bars as rules judge them.

use super::{Day, Minute, Moment, Timeframe};

/// Open, high, low, close in won and the volume in shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Candle {
    /// First price, won.
    pub open: i64,
    /// Highest price, won.
    pub high: i64,
    /// Lowest price, won.
    pub low: i64,
    /// Last price, won.
    pub close: i64,
    /// Shares traded.
    pub volume: i64,
}

impl Candle {
    /// A candle without movement or volume.
    pub fn flat(price: i64) -> Self {
        Self {
            open: price,
            high: price,
            low: price,
            close: price,
            volume: 0,
        }
    }

    /// Adds what came later.
    pub fn absorb(&mut self, later: &Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume += later.volume;
    }

    /// Whether the prices are positive and low ≤ open, close ≤ high and the volume is not
    /// negative.
    pub fn is_sound(&self) -> bool {
        0 < self.low
            && self.low <= self.open.min(self.close)
            && self.open.max(self.close) <= self.high
            && 0 <= self.volume
    }
}

/// One minute as REST serves it. `volume == 0` marks a filler row: nothing traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinuteRow {
    /// The trading day.
    pub day: Day,
    /// The START of the minute; 15:30 on an ordinary day is the closing auction.
    pub minute: Minute,
    /// The prices and the volume of this minute.
    pub candle: Candle,
}

/// One day, week or month of the period chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyRow {
    /// The date the broker gives; for weeks and months some trading day inside.
    pub day: Day,
    /// Adjusted prices and volume.
    pub candle: Candle,
}

/// Where a chart of the broker's ends: what he was asked for and did not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartEnd {
    /// The chart; one minute stands for all minute rows.
    pub timeframe: Timeframe,
    /// Of minutes: nothing of this day and before. Of days, weeks and months: nothing before the
    /// row of this date.
    pub day: Day,
    /// When that was learned.
    pub asked: Day,
}

impl ChartEnd {
    /// An end is believed for so many days: an answer may have been a mistake of the broker's.
    const DAYS: i32 = 30;

    /// Whether it need not be asked for again on `today`.
    pub fn holds_on(&self, today: Day) -> bool {
        self.asked <= today && today < self.asked.plus(Self::DAYS)
    }
}

/// One bar of a timeframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// When the bar opened: the start of its first minute; for day, week and month the opening
    /// of its (first) day's session.
    pub opened: Moment,
    /// Prices and volume.
    pub candle: Candle,
    /// Nothing traded in it: flat at the previous close, volume 0.
    pub synthetic: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_looked_for_again_after_a_month_and_where_the_clock_was_wrong() {
        let asked = Day::from_ymd(2026, 11, 2).unwrap_or_default();
        let end = ChartEnd {
            timeframe: Timeframe::Month,
            day: asked.plus(-400),
            asked,
        };
        assert!(end.holds_on(asked) && end.holds_on(asked.plus(29)));
        assert!(!end.holds_on(asked.plus(30)) && !end.holds_on(asked.plus(-1)));
    }
}
