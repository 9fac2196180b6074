//! The minutes of one day: a bridge from the day's open to its close.

use crate::domain::{Candle, Day, Minute, MinuteRow, SessionHours, Won, tick_size};
use crate::sim::market::plan::{DayPlan, on_grid, within};
use crate::sim::market::rng::Rng;

/// Fewer shares than this trade at one price only, so that every row can be printed.
const SHARES_TO_MOVE: i64 = 4;
/// An average minute with this many shares stays empty once in e.
const EMPTY_SCALE: f64 = 14.0;

/// All rows of a day, oldest first: one a continuous minute and the closing auction.
pub(crate) fn minute_rows(
    seed: u64,
    index: usize,
    day: Day,
    plan: &DayPlan,
    hours: &SessionHours,
) -> Vec<MinuteRow> {
    let mut rng = Rng::keyed(seed, &[index as u64, 5, day.number() as u64]);
    let count = usize::from(hours.continuous_end.0.saturating_sub(hours.open.0)).max(1);
    let path = path(&mut rng, plan, count);
    // Nobody trades a halted stock.
    let volumes = match plan.volume {
        0 => vec![0; count],
        _ => volumes(&mut rng, plan, count),
    };
    let mut last = plan.open;
    let mut rows = Vec::with_capacity(count + 1);
    for (i, (&goal, &volume)) in path.iter().zip(&volumes).enumerate() {
        let candle = match volume {
            0 => Candle::flat(last),
            _ => traded(
                &mut rng,
                plan,
                if i == 0 { None } else { Some(last) },
                goal,
                volume,
            ),
        };
        last = candle.close;
        rows.push(MinuteRow {
            day,
            minute: Minute(hours.open.0 + i as u16),
            candle,
        });
    }
    if let Some(minute) = hours.auction {
        let share = rng.between(0.05..0.09);
        let mut candle = Candle::flat(plan.close);
        candle.volume = match plan.volume {
            0 => 0,
            volume => ((volume as f64 * share) as i64).max(1),
        };
        rows.push(MinuteRow {
            day,
            minute,
            candle,
        });
    }
    rows
}

/// The price at the end of every continuous minute, on the grid and within the limits.
fn path(rng: &mut Rng, plan: &DayPlan, count: usize) -> Vec<i64> {
    let step = 0.8 * plan.sigma / (count as f64).sqrt();
    let mut drift = 0.0;
    let mut level = 0.0;
    let raw: Vec<f64> = (0..count)
        .map(|_| {
            if rng.chance(1.0 / 70.0) {
                drift = step * rng.between(-0.22..0.22);
            }
            level += drift + step * rng.normal();
            level
        })
        .collect();
    // Where continuous trading ends is near the auction's price, not on it.
    let end = (plan.close as f64 / plan.open as f64).ln() + 0.05 * plan.sigma * rng.normal();
    let miss = end - raw.last().copied().unwrap_or_default();
    raw.iter()
        .enumerate()
        .map(|(i, level)| {
            let bridged = level + miss * (i + 1) as f64 / count as f64;
            within(plan.base, on_grid(plan.open as f64 * bridged.exp()))
        })
        .collect()
}

/// Shares of every continuous minute: much at the open, a calm noon, more towards the end.
fn volumes(rng: &mut Rng, plan: &DayPlan, count: usize) -> Vec<i64> {
    let average = plan.volume as f64 * 0.92 / count as f64;
    let empty = (-average / EMPTY_SCALE).exp().clamp(0.001, 0.85);
    (0..count)
        .map(|i| {
            let at = i as f64 / count as f64;
            let shape = 0.62 + 2.4 * (-at * 14.0).exp() + 0.7 * (at - 0.45).max(0.0).powi(2) * 3.0;
            let size = average * shape * (0.55 * rng.normal()).exp() * 0.9 / (1.0 - empty);
            if i == 0 {
                return ((size * 3.0) as i64).max(20);
            }
            if rng.chance(empty) {
                return 0;
            }
            (size as i64).max(1)
        })
        .collect()
}

/// A minute with trades that starts at or beside the last price (`None`: the day's open).
pub(crate) fn traded(
    rng: &mut Rng,
    plan: &DayPlan,
    last: Option<i64>,
    goal: i64,
    volume: i64,
) -> Candle {
    let open = match last {
        None => plan.open,
        Some(last) => match rng.below(6) {
            0 => within(plan.base, up(last)),
            1 => within(plan.base, down(last)),
            _ => last,
        },
    };
    if volume < SHARES_TO_MOVE {
        let mut candle = Candle::flat(open);
        candle.volume = volume;
        return candle;
    }
    let reach = 0.35 * plan.sigma / 19.0 * goal as f64 / tick_size(Won(goal)) as f64;
    let mut high = open.max(goal);
    let mut low = open.min(goal);
    for _ in 0..((rng.exponential() * (0.25 + reach)) as u32).min(6) {
        high = within(plan.base, up(high));
    }
    for _ in 0..((rng.exponential() * (0.25 + reach)) as u32).min(6) {
        low = within(plan.base, down(low));
    }
    Candle {
        open,
        high,
        low,
        close: goal,
        volume,
    }
}

/// The next grid price above.
pub(crate) fn up(price: i64) -> i64 {
    price + tick_size(Won(price))
}

/// The next grid price below.
pub(crate) fn down(price: i64) -> i64 {
    price - tick_size(Won(price - 1))
}
