//! The long run: open, close and activity of every day of a stock, drawn first. The minutes of
//! a day then go from its open to its close.

use std::f64::consts::TAU;

use crate::domain::{Day, Won, price_limits, round_down_to_tick, round_up_to_tick};
use crate::sim::market::rng::Rng;
use crate::sim::market::stocks::{HALT_SINCE, StockInfo};

/// The day on which every stock stands at its listed price.
pub(crate) const ANCHOR: (i16, i8, i8) = (2026, 11, 20);
/// First and last year with trading days.
pub(crate) const YEARS: (i16, i16) = (2005, 2035);

/// What is fixed of a day before its minutes are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DayPlan {
    /// Base price (기준가): the close of the day before, won.
    pub(crate) base: i64,
    /// Price of the opening auction, won.
    pub(crate) open: i64,
    /// Price of the closing auction, won.
    pub(crate) close: i64,
    /// Shares to be traded, about.
    pub(crate) volume: i64,
    /// Deviation of this day's return.
    pub(crate) sigma: f64,
}

/// The plans of all `days`, the same for the same seed whatever was asked before.
///
/// The logarithm of the close is a slow trend, plus a walk pulled back to it whose drift changes
/// every few weeks, plus a wave of about a week with a wandering phase: drift and wave make
/// averages line up and fall apart again on minutes, hours and days.
pub(crate) fn plans(seed: u64, index: usize, stock: &StockInfo, days: &[Day]) -> Vec<DayPlan> {
    let levels = levels(seed, index, stock, days);
    let anchor = Day::from_ymd(ANCHOR.0, ANCHOR.1, ANCHOR.2).unwrap_or_default();
    let at = days
        .partition_point(|d| *d < anchor)
        .min(days.len().saturating_sub(1));
    let mut rng = Rng::keyed(seed, &[index as u64, 1]);
    let start = (stock.price as f64).ln() + 0.04 * rng.normal();
    let zero = levels.get(at).map_or(0.0, |l| l.0);
    let mut base = None;
    days.iter()
        .zip(&levels)
        .enumerate()
        .map(|(t, (day, (level, heat)))| {
            let trend = 0.000_2 * (t as f64 - at as f64);
            let wanted = (start + trend + level - zero).exp();
            let mut rng = Rng::keyed(seed, &[index as u64, 3, day.number() as u64]);
            let before = base.unwrap_or_else(|| on_grid(wanted));
            let close = within(before, on_grid(wanted));
            let sigma = stock.volatility * heat;
            let gap = 0.35 * sigma * rng.normal();
            let open = within(before, on_grid(before as f64 * gap.exp()));
            let moved = ((close as f64 / before as f64).ln() / stock.volatility).abs();
            let mood = (0.35 * rng.normal() + 0.25 * (moved - 0.8)).exp();
            let volume = ((stock.daily_volume as f64 * mood * heat) as i64).max(400);
            base = Some(close);
            DayPlan {
                base: before,
                open,
                close,
                volume,
                sigma,
            }
        })
        .collect()
}

/// The plan of one day of an invented stock, made from nothing but its number: a watchlist of
/// hundreds costs no memory and no long run through the years.
///
/// The logarithm of the close is a trend plus waves of about sixty, thirteen and five days
/// through random knots, plus a little noise. Together they move a day by less than 30 %, so
/// that the limits never bind and the close needs no day before it.
pub(crate) fn light_plan(
    seed: u64,
    index: usize,
    stock: &StockInfo,
    days: &[Day],
    at: usize,
) -> DayPlan {
    let halted_from = if stock.marks.halted {
        place(days, HALT_SINCE)
    } else {
        usize::MAX
    };
    let close_at = |t: usize| light_close(seed, index, stock, days, t.min(halted_from));
    let mut rng = Rng::keyed(seed, &[index as u64, 12, at as u64]);
    let close = close_at(at + 1);
    let base = close_at(at);
    if halted_from <= at {
        return DayPlan {
            base,
            open: base,
            close: base,
            volume: 0,
            sigma: 0.0,
        };
    }
    let sigma = stock.volatility * rng.between(0.7..1.4);
    let open = within(
        base,
        on_grid(base as f64 * (0.35 * sigma * rng.normal()).exp()),
    );
    let moved = ((close as f64 / base as f64).ln() / stock.volatility).abs();
    let mood = (0.35 * rng.normal() + 0.25 * (moved - 0.8)).exp();
    DayPlan {
        base,
        open,
        close,
        volume: ((stock.daily_volume as f64 * mood) as i64).max(200),
        sigma,
    }
}

/// The close before day `t` (counted in trading days) of an invented stock.
fn light_close(seed: u64, index: usize, stock: &StockInfo, days: &[Day], t: usize) -> i64 {
    let level = |t: usize| {
        let mut rng = Rng::keyed(seed, &[index as u64, 13, t as u64]);
        let waves = 9.0 * wave(seed, index, 60, t)
            + 3.5 * wave(seed, index, 13, t)
            + 1.6 * wave(seed, index, 5, t);
        stock.volatility * (waves + 0.45 * rng.normal())
    };
    let anchor = place(days, ANCHOR);
    let start = Rng::keyed(seed, &[index as u64, 1]).normal();
    let trend = 0.000_1 * (t as f64 - anchor as f64);
    on_grid(((stock.price as f64).ln() + 0.04 * start + trend + level(t) - level(anchor)).exp())
}

/// A smooth curve between −1.7 and 1.7 through a random knot every `period` days.
fn wave(seed: u64, index: usize, period: u64, t: usize) -> f64 {
    let knot = |k: u64| Rng::keyed(seed, &[index as u64, 14, period, k]).between(-1.732..1.732);
    let (k, part) = (
        t as u64 / period,
        (t as u64 % period) as f64 / period as f64,
    );
    let smooth = part * part * (3.0 - 2.0 * part);
    knot(k) + (knot(k + 1) - knot(k)) * smooth
}

/// The place of a calendar day among the trading days.
fn place(days: &[Day], (year, month, day): (i16, i8, i8)) -> usize {
    let day = Day::from_ymd(year, month, day).unwrap_or_default();
    days.partition_point(|d| *d < day)
}

/// Logarithmic level and heat (relative volatility) of every day.
fn levels(seed: u64, index: usize, stock: &StockInfo, days: &[Day]) -> Vec<(f64, f64)> {
    let sigma = stock.volatility;
    let mut rng = Rng::keyed(seed, &[index as u64, 2]);
    let (mut walk, mut drift, mut heat) = (0.0, 0.0, 1.0);
    let mut phase = rng.between(0.0..TAU);
    let (mut period, mut swing) = (rng.between(4.0..8.0), rng.between(1.0..1.9));
    days.iter()
        .map(|day| {
            let mut rng = Rng::keyed(seed, &[index as u64, 4, day.number() as u64]);
            if rng.chance(1.0 / 28.0) {
                let up = rng.chance(0.52);
                let pace = rng.between(0.08..0.34);
                drift = sigma * if up { pace } else { -pace };
            }
            if rng.chance(1.0 / 40.0) {
                period = rng.between(4.0..8.0);
                swing = rng.between(1.0..1.9);
            }
            if rng.chance(1.0 / 30.0) {
                heat = rng.between(0.7..1.4);
            }
            walk = 0.997 * walk + drift + 0.5 * sigma * heat * rng.normal();
            phase += TAU / period * (1.0 + 0.25 * rng.normal());
            (walk + swing * sigma * phase.sin(), heat)
        })
        .collect()
}

/// The grid price nearest below `price`, at least 100 won.
pub(crate) fn on_grid(price: f64) -> i64 {
    round_down_to_tick(Won((price.round() as i64).max(100))).0
}

/// `price` cut to the day's limits around `base`; both ends lie on the grid.
pub(crate) fn within(base: i64, price: i64) -> i64 {
    let (low, high) = price_limits(Won(base));
    price.clamp(round_up_to_tick(low).0, round_down_to_tick(high).0)
}
