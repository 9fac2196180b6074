//! Trading that stops for some minutes: a halt, or the two minutes of a volatility
//! interruption (VI).

use crate::domain::{Candle, Minute, MinuteRow, StockCode};

/// A stock's pause on one day, in whole minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) code: StockCode,
    /// The first minute without trades, and the first one with trades again.
    pub(crate) from: Minute,
    pub(crate) to: Minute,
    /// A volatility interruption; else a halt.
    pub(crate) is_vi: bool,
}

/// Fewer shares cannot be printed at an open, two extremes and a close.
const LEAST_SHARES: i64 = 8;

/// Takes the trades of the pause out of a day's rows. After a halt trading goes on at the price
/// before it; a volatility interruption ends in a match at a price of its own.
pub(crate) fn apply(rows: &mut [MinuteRow], stop: &Stop) {
    let start = rows.partition_point(|r| r.minute < stop.from);
    let end = rows.partition_point(|r| r.minute < stop.to);
    let Some(last) = start.checked_sub(1).map(|i| rows[i].candle.close) else {
        return;
    };
    for row in rows.iter_mut().take(end).skip(start) {
        row.candle = Candle::flat(last);
    }
    let next = rows.iter_mut().skip(end).find(|r| 0 < r.candle.volume);
    if let Some(row) = next {
        let c = &mut row.candle;
        if !stop.is_vi {
            c.open = last;
            c.high = c.high.max(last);
            c.low = c.low.min(last);
        }
        c.volume = c.volume.max(LEAST_SHARES);
    }
    // Minutes without trades before that one stand at the price of the pause too.
    for row in rows.iter_mut().skip(end) {
        if 0 < row.candle.volume {
            break;
        }
        row.candle = Candle::flat(last);
    }
}
