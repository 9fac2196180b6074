//! The order book around the last price, and the expected match of auctions.

use crate::domain::{Market as Venue, Minute};
use crate::sim::market::day::TradingDay;
use crate::sim::market::minutes::{down, up};
use crate::sim::market::plan::{on_grid, within};
use crate::sim::market::rng::Rng;
use crate::sim::market::totals::Totals;

/// Levels disclosed in continuous trading and in auctions.
const LEVELS: usize = 10;
const AUCTION_LEVELS: usize = 3;
/// The opening auction collects orders for this long before the session.
const CALL_MINUTES: u32 = 30;

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing is collected or matched.
    Closed,
    /// The call before the opening.
    OpeningCall,
    /// Continuous trading.
    Continuous,
    /// The call of a volatility interruption.
    Interruption,
    /// The call before the close.
    ClosingCall,
    /// After the closing match.
    Over,
}

impl Phase {
    /// Orders are collected for one match.
    pub(crate) fn is_call(self) -> bool {
        matches!(
            self,
            Self::OpeningCall | Self::Interruption | Self::ClosingCall
        )
    }
}

/// A book at one moment. A level at price 0 is not disclosed.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    /// Milliseconds since midnight.
    pub(crate) ms: u32,
    pub(crate) phase: Phase,
    /// Price and shares, best first.
    pub(crate) asks: [(i64, i64); LEVELS],
    pub(crate) bids: [(i64, i64); LEVELS],
    pub(crate) total_ask: i64,
    pub(crate) total_bid: i64,
    /// Expected price and shares; zeros outside auctions.
    pub(crate) expected: (i64, i64),
    /// Shares traded today.
    pub(crate) volume: i64,
}

impl TradingDay {
    /// What the session does at `ms`.
    pub(crate) fn phase(&self, ms: u32) -> Phase {
        let minute = ms / 60_000;
        let stop = self.stop_at(ms).filter(|_| self.venue == Venue::Krx);
        if stop.is_some_and(|stop| stop.is_vi) {
            return Phase::Interruption;
        }
        let open = u32::from(self.hours.open.0);
        let row = self.row_of(Minute(minute as u16));
        if row.is_some() && row != self.closing() {
            Phase::Continuous
        } else if self.venue == Venue::Nxt {
            match self.span() {
                (first, _) if minute < u32::from(first.0) => Phase::Closed,
                _ => Phase::Over,
            }
        } else if minute + CALL_MINUTES < open {
            Phase::Closed
        } else if minute < open {
            Phase::OpeningCall
        } else if minute < u32::from(self.hours.continuous_end.0) {
            Phase::Continuous
        } else if self.closing_ms().is_some_and(|closing| ms < closing) {
            Phase::ClosingCall
        } else {
            Phase::Over
        }
    }

    /// Shares matched in the opening auction; 0 where there is none.
    pub(crate) fn opening_shares(&self) -> i64 {
        let first = self.opening().map(|i| self.prints(i));
        first.and_then(|p| Some(p.first()?.size)).unwrap_or(0)
    }

    /// Shares matched in the closing auction; 0 where there is none.
    pub(crate) fn closing_shares(&self) -> i64 {
        self.closing().map_or(0, |i| self.rows[i].candle.volume)
    }

    /// When the closing match is printed.
    fn closing_ms(&self) -> Option<u32> {
        self.prints(self.closing()?).first().map(|t| t.ms)
    }
}

/// The moments of `minute` (of the day) at which the book changes, rising: after every burst
/// of prints and a few times in between.
pub(crate) fn book_times(day: &TradingDay, minute: u32) -> Vec<u32> {
    let start = minute * 60_000;
    let key = [
        day.index as u64,
        8,
        day.day.number() as u64,
        u64::from(minute),
    ];
    let mut rng = Rng::keyed(day.seed, &key);
    let quiet = match day.phase(start) {
        Phase::Interruption => 12,
        // Nobody orders a halted stock.
        _ if day.plan.volume == 0 || day.stop_at(start).is_some() => 0,
        Phase::Closed => 0,
        Phase::OpeningCall | Phase::ClosingCall => 12,
        Phase::Continuous => 5,
        Phase::Over => 0,
    };
    let mut times: Vec<u32> = (0..quiet)
        .map(|_| start + rng.below(60_000) as u32)
        .filter(|ms| !matches!(day.phase(*ms), Phase::Closed | Phase::Over))
        .collect();
    if let Some(i) = day.row_at(start)
        && u32::from(day.rows[i].minute.0) == minute
    {
        let prints = day.prints(i);
        times.extend(prints.iter().map(|t| t.ms.max(start)));
        if Some(day.rows[i].minute) == day.hours.auction {
            times.extend(prints.iter().map(|t| t.ms + 2_500));
        }
    }
    times.sort_unstable();
    times.dedup();
    times
}

/// The book of `day` at `ms`, when the sums are `totals`.
pub(crate) fn book_at(day: &TradingDay, ms: u32, totals: &Totals, usual_size: f64) -> Book {
    let phase = day.phase(ms);
    let last = if totals.volume == 0 {
        day.plan.base
    } else {
        totals.last
    };
    let auction = phase.is_call();
    let expected = if auction {
        expected(day, ms, last, phase)
    } else {
        (0, 0)
    };
    let (best_ask, best_bid) = if auction {
        (up(expected.0), expected.0)
    } else if totals.last_was_buy {
        (last, down(last))
    } else {
        (up(last), last)
    };
    let levels = if auction { AUCTION_LEVELS } else { LEVELS };
    let asks = side(day, ms, best_ask, levels, usual_size, up);
    let bids = side(day, ms, best_bid, levels, usual_size, down);
    Book {
        ms,
        phase,
        asks,
        bids,
        total_ask: asks.iter().map(|l| l.1).sum(),
        total_bid: bids.iter().map(|l| l.1).sum(),
        expected,
        volume: totals.volume,
    }
}

/// One side of the book, cut at the day's limits.
fn side(
    day: &TradingDay,
    ms: u32,
    best: i64,
    levels: usize,
    usual_size: f64,
    next: fn(i64) -> i64,
) -> [(i64, i64); LEVELS] {
    let mut out = [(0, 0); LEVELS];
    let mut price = best;
    for level in out.iter_mut().take(levels) {
        if within(day.plan.base, price) != price {
            break;
        }
        let key = [day.index as u64, 9, day.day.number() as u64, price as u64];
        let queue = (0.5 * Rng::keyed(day.seed, &key).normal()).exp();
        let mut now = Rng::keyed(day.seed, &[key[0], 10, key[2], key[3], u64::from(ms / 400)]);
        let size = usual_size * queue * now.between(0.6..1.5);
        *level = (price, (size as i64).max(1));
        price = next(price);
    }
    out
}

/// The expected match: it wanders from the last price to the price the auction will have.
fn expected(day: &TradingDay, ms: u32, last: i64, phase: Phase) -> (i64, i64) {
    let (target, from, to, shares) = if phase == Phase::OpeningCall {
        let to = u32::from(day.hours.open.0) * 60_000;
        let shares = day.opening_shares();
        (day.plan.open, to - CALL_MINUTES * 60_000, to, shares)
    } else if let Some(stop) = day.stop_at(ms).filter(|_| phase == Phase::Interruption) {
        let first = day
            .resuming(stop)
            .and_then(|i| day.prints(i).first().copied());
        let (price, shares) = first.map_or((last, 1), |tick| (tick.price, tick.size));
        let minute = |minute: Minute| u32::from(minute.0) * 60_000;
        (price, minute(stop.from), minute(stop.to), shares)
    } else {
        let from = u32::from(day.hours.continuous_end.0) * 60_000;
        let shares = day.closing_shares();
        let to = day.closing_ms().unwrap_or(from + 600_000);
        (day.plan.close, from, to, shares)
    };
    let part = f64::from(ms.saturating_sub(from)) / f64::from((to - from).max(1));
    let part = part.clamp(0.0, 1.0);
    let key = [
        day.index as u64,
        11,
        day.day.number() as u64,
        u64::from(ms / 900),
    ];
    let mut rng = Rng::keyed(day.seed, &key);
    let shaken = 0.15 * day.plan.sigma * (1.0 - part) * rng.normal();
    let straight = last as f64 + part.sqrt() * (target - last) as f64;
    let price = within(day.plan.base, on_grid(straight * (1.0 + shaken)));
    (price, ((shares as f64 * (0.1 + 0.9 * part)) as i64).max(1))
}
