//! Stock indices: the mean course of the leading stocks of a board.

use crate::domain::{Day, Market as Venue, Moment};
use crate::sim::market::stocks::Board;
use crate::sim::market::{END_OF_DAY, Market};

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
        let (board, level) = basis(code)?;
        let members: Vec<_> = self
            .stocks()
            .iter()
            .enumerate()
            .filter(|(_, s)| s.board == board)
            .filter_map(|(i, s)| Some((s, self.day_on(Venue::Krx, i, day)?)))
            .collect();
        let count = members.len().max(1) as f64;
        let mean = |of: &dyn Fn(usize) -> f64| (0..members.len()).map(of).sum::<f64>() / count;
        let before = level * mean(&|k| members[k].1.plan.base as f64 / members[k].0.price as f64);
        let end = u32::from(members.first()?.1.hours.end().0) * 60_000;
        let ms = ms.min(end);
        let (mut volume, mut value, mut counts) = (0, 0, [0; 5]);
        let mut now = Vec::with_capacity(members.len());
        for (_, made) in &members {
            let totals = made.at(ms);
            let base = made.plan.base;
            let price = if totals.volume == 0 {
                base
            } else {
                totals.last
            };
            volume += totals.volume;
            value += totals.value;
            counts[match price.cmp(&base) {
                std::cmp::Ordering::Greater => 1,
                std::cmp::Ordering::Equal => 2,
                std::cmp::Ordering::Less => 3,
            }] += 1;
            now.push(price as f64 / base as f64);
        }
        let last = before * mean(&|k| now[k]);
        let over = members[0].1.row_at(ms).filter(|_| 0 < volume);
        let (mut open, mut high, mut low) = (before, last, last);
        for i in 0..over.unwrap_or(0) {
            let close = |k: usize| {
                let made = &members[k].1;
                made.rows
                    .get(i)
                    .map_or(1.0, |r| r.candle.close as f64 / made.plan.base as f64)
            };
            let point = before * mean(&close);
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
}
