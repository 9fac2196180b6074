//! The prints of one minute: they add up to exactly its row.

use crate::domain::{Market as Venue, MinuteRow, Side, Won, round_down_to_tick, tick_size};
use crate::sim::market::rng::Rng;

/// One print of the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    /// Milliseconds since midnight, Korea. Prints of one burst share it.
    pub(crate) ms: u32,
    /// Won.
    pub(crate) price: i64,
    /// Shares.
    pub(crate) size: i64,
    /// Who started it.
    pub(crate) side: Side,
}

/// What is special about a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MinuteKind {
    /// The first of the day or after a volatility interruption: its first print is an auction.
    Opening,
    /// Continuous trading.
    Continuous,
    /// The closing auction: one print.
    Closing,
}

/// At most this many prints a minute.
const MOST_PRINTS: i64 = 120;

/// The prints of `row`, in order: the first at its open, the last at its close, high and low
/// touched, sizes adding up to its volume.
pub(crate) fn prints(
    seed: u64,
    index: usize,
    venue: Venue,
    row: &MinuteRow,
    kind: MinuteKind,
) -> Vec<Tick> {
    let candle = row.candle;
    if candle.volume <= 0 {
        return Vec::new();
    }
    let stream = match venue {
        Venue::Krx => 6,
        Venue::Nxt | Venue::Unified => 17,
    };
    let key = [
        index as u64,
        stream,
        row.day.number() as u64,
        u64::from(row.minute.0),
    ];
    let mut rng = Rng::keyed(seed, &key);
    let start = u32::from(row.minute.0) * 60_000;
    if kind == MinuteKind::Closing {
        return vec![Tick {
            ms: start + 2_000 + rng.below(7_900) as u32,
            price: candle.close,
            size: candle.volume,
            side: Side::Auction,
        }];
    }
    let corners = corners(&mut rng, row);
    let wanted = (candle.volume as f64).powf(0.4) as i64;
    let count = wanted
        .clamp(corners.len() as i64, MOST_PRINTS)
        .min(candle.volume)
        .max(1) as usize;
    let prices = walk(&mut rng, &corners, count, candle.low, candle.high);
    let sizes = sizes(&mut rng, candle.volume, count, kind);
    let times = times(&mut rng, start, count, kind);
    let mut side = Side::Buy;
    let mut before = None;
    prices
        .into_iter()
        .zip(sizes)
        .zip(times)
        .map(|((price, size), ms)| {
            side = match before {
                None if kind == MinuteKind::Opening => Side::Auction,
                Some(b) if b < price => Side::Buy,
                Some(b) if price < b => Side::Sell,
                _ if rng.chance(0.5) => Side::Buy,
                _ => Side::Sell,
            };
            before = Some(price);
            Tick {
                ms,
                price,
                size,
                side,
            }
        })
        .collect()
}

/// The prices a minute must visit, in order, without repeats side by side.
fn corners(rng: &mut Rng, row: &MinuteRow) -> Vec<i64> {
    let c = row.candle;
    let high_first = rng.chance(if c.open < c.close { 0.3 } else { 0.7 });
    let mut corners = if high_first {
        vec![c.open, c.high, c.low, c.close]
    } else {
        vec![c.open, c.low, c.high, c.close]
    };
    corners.dedup();
    corners
}

/// `count` prices from corner to corner, on the grid.
fn walk(rng: &mut Rng, corners: &[i64], count: usize, low: i64, high: i64) -> Vec<i64> {
    // Two corners may be the same price without being neighbours, so they keep their places.
    let last = corners.len() - 1;
    let place = |i: usize| match last {
        0 => 0,
        _ => i * (count - 1) / last,
    };
    let mut prices = vec![corners[0]; count];
    for i in 0..last {
        let (from, to) = (place(i), place(i + 1));
        for (k, price) in prices.iter_mut().enumerate().take(to + 1).skip(from) {
            let part = (k - from) as f64 / (to - from).max(1) as f64;
            let straight = corners[i] as f64 + part * (corners[i + 1] - corners[i]) as f64;
            let tick = tick_size(Won(straight as i64)) as f64;
            let shaken = straight + tick * 0.9 * rng.normal();
            *price = round_down_to_tick(Won(shaken.round() as i64))
                .0
                .clamp(low, high);
        }
    }
    for (i, corner) in corners.iter().enumerate() {
        prices[place(i)] = *corner;
    }
    prices
}

/// `count` positive sizes that add up to `volume`.
fn sizes(rng: &mut Rng, volume: i64, count: usize, kind: MinuteKind) -> Vec<i64> {
    let mut weights: Vec<f64> = (0..count)
        .map(|_| rng.exponential().powi(2) + 0.02)
        .collect();
    if kind == MinuteKind::Opening {
        weights[0] = weights.iter().skip(1).sum::<f64>() * 0.5 + 1.0;
    }
    let total: f64 = weights.iter().sum();
    let spare = volume - count as i64;
    let mut sizes: Vec<i64> = weights
        .iter()
        .map(|w| 1 + (spare as f64 * w / total) as i64)
        .collect();
    let rest = volume - sizes.iter().sum::<i64>();
    // Rounding down never gives away more than there is, so the rest is not negative.
    sizes[0] += rest;
    sizes
}

/// `count` times of the minute, rising; about a third belong to the burst before.
fn times(rng: &mut Rng, start: u32, count: usize, kind: MinuteKind) -> Vec<u32> {
    let mut times: Vec<u32> = (0..count).map(|_| rng.below(60_000) as u32).collect();
    times.sort_unstable();
    if kind == MinuteKind::Opening {
        times[0] = rng.below(900).min(u64::from(times[0])) as u32;
    }
    let bursts_from = if kind == MinuteKind::Opening { 2 } else { 1 };
    for i in bursts_from..count {
        if rng.chance(0.32) {
            times[i] = times[i - 1];
        }
    }
    times.iter().map(|t| start + t).collect()
}
