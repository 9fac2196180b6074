//! What is traded outside the Korea Exchange's regular session: Nextrade's day from 08:00 to
//! 20:00, the exchange's own after-market since September 2026, and both venues merged.

use std::ops::Range;

use crate::domain::{Candle, Day, Minute, MinuteRow, SessionHours};
use crate::sim::market::minutes::traded;
use crate::sim::market::plan::{DayPlan, on_grid, within};
use crate::sim::market::rng::Rng;
use crate::sim::market::stocks::{Group, StockInfo};

/// Nextrade's first day, and the first with the exchange's after-market.
const NXT_SINCE: (i16, i8, i8) = (2025, 3, 4);
const EVENING_SINCE: (i16, i8, i8) = (2026, 9, 14);
/// Both venues end their day here.
pub(crate) const EVENING_END: Minute = Minute::hm(20, 0);
/// From here on the daily bar and the current price are the regular session's again.
pub(crate) const SETTLED: Minute = Minute::hm(20, 5);

fn since(day: Day, (year, month, date): (i16, i8, i8)) -> bool {
    Day::from_ymd(year, month, date).is_some_and(|first| first <= day)
}

/// The first day with the exchange's after-market, which took the place of its session of single
/// prices.
pub(crate) fn after_market_since() -> Day {
    let (year, month, day) = EVENING_SINCE;
    Day::from_ymd(year, month, day).unwrap_or_default()
}

/// Whether Nextrade trades the stock on `day`.
pub(crate) fn on_nextrade(stock: &StockInfo, day: Day) -> bool {
    stock.marks.nxt && since(day, NXT_SINCE)
}

/// Whether the exchange trades the stock in the evening of `day`. Funds are left out.
pub(crate) fn has_evening(stock: &StockInfo, day: Day) -> bool {
    since(day, EVENING_SINCE) && matches!(stock.group, Group::Share | Group::Reit)
}

/// The exchange's rows from half an hour after the closing auction to 20:00.
pub(crate) fn evening(
    seed: u64,
    index: usize,
    day: Day,
    plan: &DayPlan,
    hours: &SessionHours,
) -> Vec<MinuteRow> {
    let mut rng = Rng::keyed(seed, &[index as u64, 15, day.number() as u64]);
    let from = hours.end().0 + 29;
    let part = Part {
        minutes: from..EVENING_END.0,
        start: plan.close,
        share: 0.03,
    };
    walk(&mut rng, day, plan, &part)
}

/// Nextrade's rows: before the session, with it, and after it. While both venues trade, prices
/// on Nextrade open and close a minute where the exchange does.
pub(crate) fn nextrade(
    seed: u64,
    index: usize,
    day: Day,
    plan: &DayPlan,
    hours: &SessionHours,
    krx: &[MinuteRow],
) -> Vec<MinuteRow> {
    let mut rng = Rng::keyed(seed, &[index as u64, 16, day.number() as u64]);
    let mut rows = Vec::new();
    // On the day of the entrance exam nothing is traded early.
    if hours.open <= Minute::hm(9, 0) {
        let part = Part {
            minutes: Minute::hm(8, 0).0..Minute::hm(8, 50).0,
            start: plan.base,
            share: 0.02,
        };
        rows.extend(walk(&mut rng, day, plan, &part));
    }
    let first_evening = hours.end().0 + 9;
    let beside = |row: &&MinuteRow| {
        let regular = hours.open <= row.minute && row.minute < hours.continuous_end;
        regular || first_evening <= row.minute.0
    };
    let mut mirrored: Vec<MinuteRow> = krx
        .iter()
        .filter(beside)
        .map(|row| mirror(&mut rng, row))
        .collect();
    let evening = mirrored.partition_point(|row| row.minute < hours.continuous_end);
    let late = mirrored.split_off(evening);
    rows.extend(mirrored);
    // Until the exchange's evening begins, or all evening where it has none.
    let alone = first_evening..late.first().map_or(EVENING_END.0, |row| row.minute.0);
    let part = Part {
        minutes: alone,
        start: plan.close,
        share: 0.02,
    };
    rows.extend(walk(&mut rng, day, plan, &part));
    rows.extend(late);
    rows
}

/// A stretch of minutes that is traded on its own.
struct Part {
    minutes: Range<u16>,
    /// Price before its first minute, won.
    start: i64,
    /// Its share of the regular session's volume.
    share: f64,
}

fn walk(rng: &mut Rng, day: Day, plan: &DayPlan, part: &Part) -> Vec<MinuteRow> {
    let count = part.minutes.len().max(1) as f64;
    let average = plan.volume as f64 * part.share / count;
    let step = 0.2 * plan.sigma / count.sqrt();
    let (mut level, mut last) = (0.0, part.start);
    part.minutes
        .clone()
        .map(|minute| {
            level += step * rng.normal();
            let goal = within(plan.base, on_grid(part.start as f64 * level.exp()));
            let volume = (average * rng.exponential()) as i64;
            let candle = match volume {
                0 => Candle::flat(last),
                volume => traded(rng, plan, Some(last), goal, volume),
            };
            last = candle.close;
            MinuteRow {
                day,
                minute: Minute(minute),
                candle,
            }
        })
        .collect()
}

/// About a third of the exchange's minute, from its open to its close.
fn mirror(rng: &mut Rng, row: &MinuteRow) -> MinuteRow {
    let c = row.candle;
    let volume = (c.volume as f64 * rng.between(0.2..0.45)) as i64;
    // So few shares cannot be printed at an open, a close and something between.
    let candle = match volume {
        0..4 => Candle::flat(c.close),
        volume => Candle {
            open: c.open,
            high: c.open.max(c.close),
            low: c.open.min(c.close),
            close: c.close,
            volume,
        },
    };
    MinuteRow { candle, ..*row }
}

/// The rows of both venues as one.
pub(crate) fn merge(krx: &[MinuteRow], nxt: &[MinuteRow]) -> Vec<MinuteRow> {
    let mut rows: Vec<MinuteRow> = Vec::with_capacity(krx.len() + nxt.len() / 2);
    let (mut k, mut n) = (krx.iter().peekable(), nxt.iter().peekable());
    loop {
        match (k.peek(), n.peek()) {
            (None, None) => return rows,
            (Some(a), Some(b)) if a.minute == b.minute => {
                let mut row = **a;
                if 0 < b.candle.volume {
                    match a.candle.volume {
                        0 => row = **b,
                        _ => row.candle.absorb(&b.candle),
                    }
                }
                rows.push(row);
                k.next();
                n.next();
            }
            (Some(a), Some(b)) if a.minute < b.minute => {
                rows.push(**a);
                k.next();
            }
            (_, Some(b)) => {
                rows.push(**b);
                n.next();
            }
            (Some(a), None) => {
                rows.push(**a);
                k.next();
            }
        }
    }
}
