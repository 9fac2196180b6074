//! What the exchange printed: rows and prints of every stock and day, made in advance.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock};

use jeongbae::domain::{
    Calendar, Candle, DailyRow, Day, Market as Venue, Minute, MinuteRow, Moment, Print, Shares,
    Side, StockCode, Won,
};
use jeongbae::sim::Market;

use super::rng::Rng;

/// One stock's day.
pub(crate) struct DayTape {
    /// Prints in order, with the moment each reaches the socket.
    pub(crate) prints: Vec<(Moment, Print)>,
    pub(crate) base: i64,
}

/// The past and the future of the market.
pub(crate) struct Tape {
    market: Arc<Market>,
    pub(crate) calendar: Calendar,
    /// The broker knows nothing of a stock before this day.
    pub(crate) listed: BTreeMap<StockCode, Day>,
    /// From this day on the stock's prices are ten times as high, and so is its adjusted past.
    pub(crate) split: Option<(StockCode, Day)>,
    /// Stretches of a session in which a stock does not trade: a halt, or a volatility
    /// interruption. Some of it trades on either side.
    pub(crate) halts: Vec<(StockCode, Moment, Moment)>,
    days: RefCell<HashMap<(StockCode, Day), Rc<DayTape>>>,
    /// Rows as they were first accepted, where that is what the reference goes by.
    accepted: RefCell<HashMap<(StockCode, Day, Minute), Candle>>,
}

fn market(seed: u64) -> Arc<Market> {
    static MADE: OnceLock<Mutex<HashMap<u64, Arc<Market>>>> = OnceLock::new();
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap();
    made.entry(seed)
        .or_insert_with(|| Arc::new(Market::new(seed)))
        .clone()
}

impl Tape {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            market: market(seed),
            calendar: Calendar::new(),
            listed: BTreeMap::new(),
            split: None,
            halts: Vec::new(),
            days: RefCell::default(),
            accepted: RefCell::default(),
        }
    }

    /// The leading stocks of the market.
    pub(crate) fn codes(&self) -> Vec<StockCode> {
        self.market
            .stocks()
            .iter()
            .map(|stock| stock.code)
            .collect()
    }

    /// How many times as high prices of the past are shown on the day `as_of`.
    pub(crate) fn scale(&self, code: StockCode, as_of: Day) -> i64 {
        match self.split {
            Some((split, day)) if split == code && day <= as_of => 10,
            _ => 1,
        }
    }

    /// All rows of a day as the broker shows them on the day `as_of`.
    pub(crate) fn rows(&self, code: StockCode, day: Day, as_of: Day) -> Vec<MinuteRow> {
        let listed = self.listed.get(&code).is_none_or(|&listed| listed <= day);
        if !listed || !self.calendar.is_open(day) {
            return Vec::new();
        }
        let scale = self.scale(code, as_of);
        let mut rows = self.market.minutes(code, day).to_vec();
        self.halt(code, day, &mut rows);
        let accepted = self.accepted.borrow();
        if scale == 1 && accepted.is_empty() {
            return rows;
        }
        for row in &mut rows {
            row.candle = match accepted.get(&(code, day, row.minute)) {
                Some(candle) => *candle,
                None => scaled(row.candle, scale),
            };
        }
        rows
    }

    fn halted_on(&self, code: StockCode, day: Day) -> impl Iterator<Item = (Moment, Moment)> {
        let halts = self.halts.iter();
        let here = halts.filter(move |(of, from, _)| *of == code && from.day() == day);
        here.map(|(_, from, to)| (*from, *to))
    }

    /// Takes the trades out of minutes in which there was none.
    fn halt(&self, code: StockCode, day: Day, rows: &mut [MinuteRow]) {
        for (from, to) in self.halted_on(code, day) {
            let mut close = None;
            for row in &mut *rows {
                let flat = close.unwrap_or(row.candle.open);
                if (from..to).contains(&day.at(row.minute)) {
                    row.candle = Candle {
                        open: flat,
                        high: flat,
                        low: flat,
                        close: flat,
                        volume: 0,
                    };
                }
                close = Some(row.candle.close);
            }
        }
    }

    /// From now on rows are what was first accepted of them.
    pub(crate) fn accept(&self, code: StockCode, row: &MinuteRow) {
        if 0 < row.candle.volume {
            let key = (code, row.day, row.minute);
            self.accepted.borrow_mut().insert(key, row.candle);
        }
    }

    /// Daily candles from `from` to `to` as shown on `as_of`.
    pub(crate) fn daily(&self, code: StockCode, from: Day, to: Day, as_of: Day) -> Vec<DailyRow> {
        let from = self.listed.get(&code).map_or(from, |&l| l.max(from));
        let scale = self.scale(code, as_of);
        let mut rows = self.market.daily(code, from, to);
        rows.retain(|row| self.calendar.is_open(row.day));
        for row in &mut rows {
            if self.halted_on(code, row.day).next().is_some() {
                row.candle = self.whole(code, row.day);
            }
            row.candle = scaled(row.candle, scale);
        }
        rows
    }

    /// The candle of a day on which some minutes lack their trades.
    fn whole(&self, code: StockCode, day: Day) -> Candle {
        let mut rows = self.market.minutes(code, day).to_vec();
        self.halt(code, day, &mut rows);
        let mut traded = rows.iter().map(|row| row.candle).filter(|c| 0 < c.volume);
        let first = traded.next().unwrap(); // Some of the day trades.
        traded.fold(first, |whole, candle| Candle {
            open: whole.open,
            high: whole.high.max(candle.high),
            low: whole.low.min(candle.low),
            close: candle.close,
            volume: whole.volume + candle.volume,
        })
    }

    /// The rows and prints of a day, as on that day; `None` on a closed day.
    pub(crate) fn day(&self, code: StockCode, day: Day) -> Option<Rc<DayTape>> {
        self.calendar.hours(day, Venue::Krx)?;
        if let Some(known) = self.days.borrow().get(&(code, day)) {
            return Some(known.clone());
        }
        let rows = self.rows(code, day, day);
        let before = self.daily(code, day.plus(-20), day.plus(-1), day);
        let base = before.last().map_or_else(
            || rows.first().map_or(1, |r| r.candle.open),
            |r| r.candle.close,
        );
        let prints = prints(code, base, &rows);
        let made = Rc::new(DayTape { prints, base });
        self.days.borrow_mut().insert((code, day), made.clone());
        Some(made)
    }
}

fn scaled(candle: Candle, by: i64) -> Candle {
    Candle {
        open: candle.open * by,
        high: candle.high * by,
        low: candle.low * by,
        close: candle.close * by,
        volume: candle.volume,
    }
}

/// Open, high, low and close of every row, with sizes that add up to its volume.
fn prints(code: StockCode, base: i64, rows: &[MinuteRow]) -> Vec<(Moment, Print)> {
    let mut out = Vec::new();
    let (mut volume, mut value) = (0, 0);
    let (mut open, mut high, mut low) = (0, 0, i64::MAX);
    for row in rows.iter().filter(|row| 0 < row.candle.volume) {
        let c = row.candle;
        let mut rng = Rng::new(row.day.number() as u64 * 2_000 + u64::from(row.minute.0));
        let mut prices = match rng.below(2) {
            0 => vec![c.open, c.high, c.low, c.close],
            _ => vec![c.open, c.low, c.high, c.close],
        };
        prices.dedup();
        assert!(
            prices.len() as i64 <= c.volume,
            "a row that cannot be printed"
        );
        let auction = row.minute.0 >= 15 * 60 + 30;
        let span = if auction { 10 } else { 60 };
        let mut seconds: Vec<u64> = prices.iter().map(|_| rng.below(span)).collect();
        seconds.sort_unstable();
        let mut left = c.volume;
        for (i, (price, second)) in prices.iter().zip(seconds).enumerate() {
            let size = if i + 1 == prices.len() {
                left
            } else {
                left / 2
            };
            // Every print after it needs a share, too.
            let after = (prices.len() - 1 - i) as i64;
            let size = size.max(1).min(left - after);
            left -= size;
            volume += size;
            value += size * price;
            open = if open == 0 { *price } else { open };
            high = high.max(*price);
            low = low.min(*price);
            let second = u32::from(row.minute.0) * 60 + second as u32;
            let print = Print {
                code,
                day: row.day,
                second,
                price: Won(*price),
                size: Shares(size),
                day_volume: Shares(volume),
                day_value: value,
                change: Won(price - base),
                day_open: Won(open),
                day_high: Won(high),
                day_low: Won(low),
                side: Side::Buy,
                strength: 10_000,
                regular: true,
                halted: false,
            };
            let arrives = Moment::on(row.day, second).plus_ms(40 + rng.below(400) as i64);
            out.push((arrives, print));
        }
    }
    // Two prints of one second keep their order on the wire.
    for i in 1..out.len() {
        out[i].0 = out[i].0.max(out[i - 1].0);
    }
    out
}
