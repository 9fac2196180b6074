//! Stock indices: the mean course of the leading stocks of a board.

use std::sync::Arc;

use crate::domain::{Day, Market as Venue, Minute, Moment};
use crate::sim::market::book::book_at;
use crate::sim::market::flows::{Flows, Program};
use crate::sim::market::stocks::{Board, StockInfo};
use crate::sim::market::{END_OF_DAY, Market, TradingDay, lock};

/// An index at one moment, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct IndexFigures {
    pub(crate) before: f64,
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) last: f64,
    /// Thousand shares.
    pub(crate) volume: i64,
    /// Million won.
    pub(crate) value: i64,
    /// Stocks at the upper limit, up, unchanged, down, at the lower limit.
    pub(crate) counts: [usize; 5],
}

/// One minute of an index's course.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IndexMinute {
    pub(crate) minute: Minute,
    /// Points at its end.
    pub(crate) point: f64,
    /// Shares of this minute.
    pub(crate) volume: i64,
    /// Won of this minute, from the rows' typical prices.
    pub(crate) value: i64,
}

/// Board and level in November 2026 by the code's first digit: KOSPI, KOSDAQ, KOSPI 200.
fn basis(code: &str) -> Option<(Board, f64)> {
    let digits = code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit());
    match code.as_bytes().first()? {
        b'0' if digits => Some((Board::Kospi, 3_900.0)),
        b'1' if digits => Some((Board::Kosdaq, 880.0)),
        b'2' if digits => Some((Board::Kospi, 540.0)),
        _ => None,
    }
}

impl Market {
    /// Whether `code` is an index.
    pub(crate) fn is_index(&self, code: &str) -> bool {
        basis(code).is_some()
    }

    /// The index as it stands at `now`: on a closed day as it stood last.
    pub(crate) fn index(&self, code: &str, now: Moment) -> Option<IndexFigures> {
        let today = now.day();
        if self.calendar().is_open(today) {
            let ms = now.ms_since(Moment::on(today, 0));
            return self.index_at(code, today, ms.clamp(0, i64::from(END_OF_DAY)) as u32);
        }
        self.index_at(code, self.calendar().previous_open(today), END_OF_DAY)
    }

    /// The index on `day`, `ms` after midnight.
    pub(crate) fn index_at(&self, code: &str, day: Day, ms: u32) -> Option<IndexFigures> {
        let (_, level) = basis(code)?;
        let members: Vec<_> = self
            .members(code)
            .filter_map(|(i, s)| {
                let made = self.day_on(Venue::Krx, i, day)?;
                Some((self.weight(i, s, day)?, made))
            })
            .collect();
        let count = members.len().max(1) as f64;
        let mean = |of: &dyn Fn(usize) -> f64| (0..members.len()).map(of).sum::<f64>() / count;
        let before = level * mean(&|k| members[k].0);
        let end = u32::from(members.first()?.1.hours.end().0) * 60_000;
        let ms = ms.min(end);
        let (mut volume, mut value, mut counts) = (0, 0, [0; 5]);
        let mut now = Vec::with_capacity(members.len());
        for (weight, made) in &members {
            let totals = made.at(ms);
            let base = made.plan.base;
            let price = if totals.volume == 0 {
                base
            } else {
                totals.last
            };
            volume += totals.volume;
            value += totals.value;
            counts[moved(price, base)] += 1;
            now.push(weight * price as f64 / base as f64);
        }
        let last = level * mean(&|k| now[k]);
        let over = members[0].1.row_at(ms).filter(|_| 0 < volume);
        let (mut open, mut high, mut low) = (before, last, last);
        for i in 0..over.unwrap_or(0) {
            let close = |k: usize| {
                let (weight, made) = &members[k];
                let row = made.rows.get(i);
                row.map_or(*weight, |r| {
                    weight * r.candle.close as f64 / made.plan.base as f64
                })
            };
            let point = level * mean(&close);
            if i == 0 {
                open = point;
            }
            (high, low) = (high.max(point), low.min(point));
        }
        if over.unwrap_or(0) == 0 {
            open = last;
        }
        Some(IndexFigures {
            before,
            open,
            high,
            low,
            last,
            volume: volume / 1_000,
            value: value / 1_000_000,
            counts,
        })
    }

    /// A day gone by, of which only the rows count.
    pub(crate) fn index_day(&self, code: &str, day: Day) -> Option<IndexFigures> {
        let key = (*code.as_bytes().first()?, day.number());
        if let Some(figures) = lock(&self.index_days).get(&key) {
            return Some(*figures);
        }
        let (before, course) = self.index_course(code, day)?;
        let points = || course.iter().map(|m| m.point);
        let (open, last) = (points().next()?, points().next_back()?);
        let mut counts = [0; 5];
        for (index, _) in self.members(code) {
            if let Some(plan) = self.plan_of(index, day) {
                counts[moved(plan.close, plan.base)] += 1;
            }
        }
        let figures = IndexFigures {
            before,
            open,
            high: points().fold(last, f64::max),
            low: points().fold(last, f64::min),
            last,
            volume: course.iter().map(|m| m.volume).sum::<i64>() / 1_000,
            value: course.iter().map(|m| m.value).sum::<i64>() / 1_000_000,
            counts,
        };
        lock(&self.index_days).insert(key, figures);
        Some(figures)
    }

    /// The close before `day` and the minutes of its regular session, as they will have been.
    pub(crate) fn index_course(&self, code: &str, day: Day) -> Option<(f64, Vec<IndexMinute>)> {
        let (_, level) = basis(code)?;
        let at = self.days.binary_search(&day).ok()?;
        let members: Vec<_> = self
            .members(code)
            .filter_map(|(i, s)| {
                let weight = self.weight(i, s, day)?;
                Some((weight, self.plan(i, at)?, self.regular_rows(i, at)?))
            })
            .collect();
        let count = members.len().max(1) as f64;
        let before = level * members.iter().map(|(weight, ..)| weight).sum::<f64>() / count;
        let rows = &members.first()?.2;
        let course = rows.iter().enumerate().map(|(k, row)| {
            let mut minute = IndexMinute {
                minute: row.minute,
                point: 0.0,
                volume: 0,
                value: 0,
            };
            for (weight, plan, rows) in &members {
                let Some(c) = rows.get(k).map(|row| row.candle) else {
                    continue;
                };
                minute.point += level * weight * c.close as f64 / plan.base as f64 / count;
                minute.volume += c.volume;
                minute.value += c.volume * (c.open + c.high + c.low + c.close) / 4;
            }
            minute
        });
        Some((before, course.collect()))
    }

    /// Highest and lowest close of the index between two days, with their days.
    pub(crate) fn index_extremes(&self, code: &str, from: Day, to: Day) -> Option<[(f64, Day); 2]> {
        let start = self.days.partition_point(|d| *d < from);
        let end = self.days.partition_point(|d| *d <= to);
        let mut found: Option<[(f64, Day); 2]> = None;
        for day in self.days.get(start..end)? {
            let close = self.index_close(code, *day)?;
            let extremes = found.get_or_insert([(close, *day); 2]);
            if extremes[0].0 < close {
                extremes[0] = (close, *day);
            }
            if close < extremes[1].0 {
                extremes[1] = (close, *day);
            }
        }
        found
    }

    /// The close of `day`, from the plans alone.
    fn index_close(&self, code: &str, day: Day) -> Option<f64> {
        let (_, level) = basis(code)?;
        let (mut sum, mut count) = (0.0, 0.0_f64);
        for (index, stock) in self.members(code) {
            if stock.listed.is_some_and(|listed| day < listed) {
                continue;
            }
            let plan = self.plan_of(index, day)?;
            sum += self.weight(index, stock, day)? * plan.close as f64 / plan.base as f64;
            count += 1.0;
        }
        Some(level * sum / count.max(1.0))
    }

    /// What a stock is worth at the day's base price, of its price in November 2026. A split
    /// leaves it as it is, so that yesterday's close is the value before today's.
    fn weight(&self, index: usize, stock: &StockInfo, day: Day) -> Option<f64> {
        let plan = self.drawn_plan(index, self.days.binary_search(&day).ok()?)?;
        Some(plan.base as f64 / stock.price as f64)
    }

    /// The index as the running auctions would have it; `None` while none runs.
    pub(crate) fn expected_index_at(&self, code: &str, day: Day, ms: u32) -> Option<IndexFigures> {
        let mut figures = self.index_at(code, day, ms)?;
        let (_, level) = basis(code)?;
        let members = self.member_days(code, day);
        let (mut sum, mut volume, mut value, mut counts) = (0.0, 0, 0, [0; 5]);
        for (index, made) in &members {
            let weight = self.weight(*index, self.stocks.get(*index)?, day)?;
            let totals = made.at(ms);
            let (price, shares) = match book_at(made, ms, &totals, 1.0).expected {
                (0, _) if totals.volume == 0 => (made.plan.base, 0),
                (0, _) => (totals.last, 0),
                expected => expected,
            };
            volume += shares;
            value += shares * price;
            counts[moved(price, made.plan.base)] += 1;
            sum += weight * price as f64 / made.plan.base as f64;
        }
        if volume == 0 {
            return None;
        }
        figures.last = level * sum / members.len() as f64;
        if figures.volume == 0 {
            (figures.open, figures.high, figures.low) = (figures.last, figures.last, figures.last);
        }
        figures.volume = volume / 1_000;
        figures.value = value / 1_000_000;
        figures.counts = counts;
        Some(figures)
    }

    /// What programs have traded of an index's stocks by `ms`.
    pub(crate) fn index_program(&self, code: &str, day: Day, ms: u32) -> Program {
        let mut sum = Program::default();
        for (index, made) in self.member_days(code, day) {
            let part = Flows::of(self.seed, index, day).program(&made.at(ms));
            sum.sold += part.sold;
            sum.sold_value += part.sold_value;
            sum.bought += part.bought;
            sum.bought_value += part.bought_value;
        }
        sum
    }

    /// The stocks an index is made of.
    pub(crate) fn members(&self, code: &str) -> impl Iterator<Item = (usize, &StockInfo)> {
        let board = basis(code).map(|(board, _)| board);
        let all = self.stocks().iter().enumerate();
        all.filter(move |(_, s)| Some(s.board) == board)
    }

    fn member_days(&self, code: &str, day: Day) -> Vec<(usize, Arc<TradingDay>)> {
        self.members(code)
            .filter_map(|(i, _)| Some((i, self.day_on(Venue::Krx, i, day)?)))
            .collect()
    }
}

/// Where a stock is counted: up, unchanged or down.
fn moved(price: i64, base: i64) -> usize {
    match price.cmp(&base) {
        std::cmp::Ordering::Greater => 1,
        std::cmp::Ordering::Equal => 2,
        std::cmp::Ordering::Less => 3,
    }
}
