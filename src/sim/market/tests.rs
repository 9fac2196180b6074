//! The market from the outside: its numbers obey the exchange's rules.

use super::*;
use crate::domain::{Minute, Won, price_limits, round_down_to_tick};

fn day(text: &str) -> Day {
    Day::parse_compact(text).unwrap()
}

fn on_grid(price: i64) -> bool {
    round_down_to_tick(Won(price)).0 == price
}

#[test]
fn prices_keep_the_grid_the_limits_and_the_order_of_the_day() {
    let market = Market::new(7);
    for (i, stock) in market.stocks().iter().enumerate() {
        let (mut empty, mut all) = (0, 0);
        for d in market.days(i, day("20261001"), day("20261120")).to_vec() {
            let made = market.trading_day(i, d).unwrap();
            let (low, high) = price_limits(Won(made.plan.base));
            assert_eq!(
                made.rows.len(),
                made.hours.row_count(),
                "{} {d}",
                stock.name
            );
            let mut last = made.plan.open;
            for row in made.rows.iter() {
                let c = row.candle;
                assert!(
                    c.is_sound() && low.0 <= c.low && c.high <= high.0,
                    "{row:?}"
                );
                assert!(
                    [c.open, c.high, c.low, c.close].into_iter().all(on_grid),
                    "{row:?}"
                );
                if c.volume == 0 {
                    assert_eq!(c, Candle::flat(last));
                    empty += 1;
                }
                last = c.close;
                all += 1;
            }
            assert_eq!(made.rows[0].candle.open, made.plan.open);
            assert_eq!(made.rows.last().unwrap().candle, {
                let mut c = Candle::flat(made.plan.close);
                c.volume = made.rows.last().unwrap().candle.volume;
                c
            });
        }
        let share = f64::from(empty) / f64::from(all);
        if stock.daily_volume < 5_000 {
            assert!(0.3 < share, "{}: {share}", stock.name);
        }
        if 500_000 < stock.daily_volume {
            assert!(share < 0.01, "{}: {share}", stock.name);
        }
    }
}

#[test]
fn prints_add_up_to_their_row_and_a_day_to_its_sums() {
    let market = Market::new(3);
    for code in ["005930", "002960", "247540", "095570"] {
        let index = market.index_of(StockCode::parse(code).unwrap()).unwrap();
        let made = market.trading_day(index, day("20261120")).unwrap();
        let mut totals = Totals::default();
        for (i, row) in made.rows.iter().enumerate() {
            let prints = made.prints(i);
            assert!(prints.windows(2).all(|w| w[0].ms <= w[1].ms));
            for p in &prints {
                assert_eq!(p.ms / 60_000, u32::from(row.minute.0));
                assert!(0 < p.size && on_grid(p.price));
                totals.add(p);
            }
            if row.candle.volume == 0 {
                assert!(prints.is_empty());
            } else {
                assert_eq!(
                    made.candle_so_far(i, END_OF_DAY),
                    Some(row.candle),
                    "{code} {i}"
                );
            }
            assert_eq!(made.after(i), totals);
        }
        let whole = day::fold(made.rows.iter()).unwrap();
        assert_eq!(
            (whole.open, whole.high, whole.low, whole.close, whole.volume),
            (
                totals.open,
                totals.high,
                totals.low,
                totals.last,
                totals.volume
            )
        );
        let late = made.newest(END_OF_DAY, 30);
        assert_eq!((late.len(), late[0].1), (30, totals));
    }
}

#[test]
fn twenty_years_of_daily_bars_are_folds_and_chain_to_each_other() {
    let market = Market::new(1);
    let code = StockCode::parse("005930").unwrap();
    let rows = market.daily(code, day("20061120"), day("20261120"));
    assert!(4_800 < rows.len(), "{}", rows.len());
    for pair in rows.windows(2) {
        let (low, high) = price_limits(Won(pair[0].candle.close));
        let c = pair[1].candle;
        assert!(
            c.is_sound() && low.0 <= c.low && c.high <= high.0,
            "{pair:?}"
        );
    }
    for row in rows.iter().rev().step_by(37) {
        assert_eq!(
            day::fold(market.minutes(code, row.day).iter()),
            Some(row.candle)
        );
    }
    let end = rows.last().unwrap().candle.close as f64;
    assert!((end / 318_000.0).ln().abs() < 0.2, "{end}");
    assert!(rows.iter().all(|r| 5_000 < r.candle.close));
}

#[test]
fn a_seed_is_a_market_in_any_order_of_asking() {
    let (a, b, other) = (Market::new(5), Market::new(5), Market::new(6));
    let codes: Vec<StockCode> = a.stocks().iter().map(|s| s.code).collect();
    let days = [day("20261119"), day("20260102"), day("20191007")];
    for d in days {
        for &code in &codes {
            a.minutes(code, d);
        }
    }
    for d in days.into_iter().rev() {
        for &code in codes.iter().rev() {
            assert_eq!(a.minutes(code, d), b.minutes(code, d));
        }
        assert_ne!(a.minutes(codes[0], d), other.minutes(codes[0], d));
    }
    assert_eq!(
        a.minutes(codes[0], day("20261119"))[0].minute,
        Minute::hm(10, 0)
    );
    assert!(a.minutes(codes[0], day("20261122")).is_empty());
    assert!(
        a.minutes(StockCode::parse("999999").unwrap(), days[0])
            .is_empty()
    );
}

/// How often the averages of `closes` fall into bullish order after bar `from`.
fn alignments(closes: &[i64], periods: [usize; 4], from: usize) -> usize {
    let mut sums = vec![0];
    for close in closes {
        sums.push(sums[sums.len() - 1] + close);
    }
    let sum = |end: usize, n: usize| sums[end + 1] - sums[end + 1 - n];
    let bullish = |end: usize| {
        periods
            .windows(2)
            .all(|w| sum(end, w[1]) * (w[0] as i64) < sum(end, w[0]) * (w[1] as i64))
    };
    (from.max(periods[3])..closes.len())
        .filter(|&end| bullish(end) && !bullish(end - 1))
        .count()
}

#[test]
fn alignments_form_and_break_on_every_timeframe() {
    const PERIODS: [usize; 4] = [20, 60, 120, 240];
    let market = Market::new(11);
    // Minutes, starts a stock must have on average, and stocks that must have one at all.
    // Sixty sessions are three months.
    let wanted = [(1, 60, 30), (5, 15, 30), (30, 4, 27), (60, 2, 24)];
    let mut begun = wanted.map(|_| Vec::new());
    for i in 0..30 {
        let days = market.days(i, day("20260601"), day("20261120")).to_vec();
        let rows: Vec<_> = days
            .iter()
            .map(|d| market.trading_day(i, *d).unwrap())
            .collect();
        for ((minutes, ..), begun) in wanted.iter().zip(&mut begun) {
            let (mut closes, mut first_judged) = (Vec::new(), 0);
            for (k, made) in rows.iter().enumerate() {
                if k + 60 == days.len() {
                    first_judged = closes.len();
                }
                let bars = made.rows.chunks(*minutes);
                let bars = bars.filter(|c| *minutes == 1 || c.len() != 1);
                closes.extend(bars.map(|c| c.last().unwrap().candle.close));
            }
            begun.push(alignments(&closes, PERIODS, first_judged));
        }
    }
    for ((minutes, per_stock, stocks), begun) in wanted.into_iter().zip(begun) {
        let total: usize = begun.iter().sum();
        println!("{minutes}m: bullish alignments begun in 60 sessions: {begun:?}");
        assert!(30 * per_stock <= total, "{minutes}m {begun:?}");
        assert!(
            stocks <= begun.iter().filter(|n| 0 < **n).count(),
            "{minutes}m {begun:?}"
        );
    }
    let daily: Vec<usize> = (0..30)
        .map(|i| {
            let plans = (0..market.days.len()).filter_map(|at| market.plan(i, at));
            let closes: Vec<i64> = plans.map(|plan| plan.close).collect();
            alignments(&closes, [5, 20, 60, 120], closes.len() - 5 * 246)
        })
        .collect();
    println!("D: bullish alignments begun in five years: {daily:?}");
    assert!(daily.iter().all(|n| 5 <= *n), "{daily:?}");
}
