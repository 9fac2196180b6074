//! Closed bars with the running sums of their closes and volumes.

use crate::domain::Bar;

/// Bars that find room when a series grows.
const ROOM: usize = 16;

/// Closed bars of one stock and timeframe, oldest first.
///
/// Beside the bars lies the running sum of their closes, so the exact sum of any stretch costs
/// one subtraction. Prices are whole won: an `i64` holds 9 billion bars at a billion won.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    bars: Vec<Bar>,
    /// `sums[i]` is the sum of the closes of `bars[..i]`; one longer than `bars`.
    sums: Vec<i64>,
    /// The same of the volumes, shares.
    volumes: Vec<i64>,
}

impl Series {
    /// A series of the given bars, oldest first.
    pub fn new(bars: Vec<Bar>) -> Self {
        let mut series = Self {
            bars: Vec::with_capacity(bars.len()),
            sums: Vec::with_capacity(bars.len() + 1),
            volumes: Vec::with_capacity(bars.len() + 1),
        };
        for bar in bars {
            series.push(bar);
        }
        series
    }

    /// Appends the bar that closed next.
    pub fn push(&mut self, bar: Bar) {
        if self.sums.is_empty() {
            self.sums.push(0);
            self.volumes.push(0);
        }
        if self.bars.len() == self.bars.capacity() {
            // A bar closes now and then: twice the room, as a vector takes it, is never filled.
            let room = ROOM.max(self.bars.len() / 8);
            self.bars.reserve_exact(room);
            self.sums.reserve_exact(room + 1);
            self.volumes.reserve_exact(room + 1);
        }
        let sum = self.sums.last().copied().unwrap_or(0) + bar.candle.close;
        self.sums.push(sum);
        let volume = self.volumes.last().copied().unwrap_or(0);
        self.volumes.push(volume.saturating_add(bar.candle.volume));
        self.bars.push(bar);
    }

    /// Lets the oldest bars go, `count` of them. Sums of those that stay are what they were.
    pub fn drop_oldest(&mut self, count: usize) {
        let count = count.min(self.bars.len());
        self.bars.drain(..count);
        for sums in [&mut self.sums, &mut self.volumes] {
            let last = sums.len().saturating_sub(1);
            sums.drain(..count.min(last));
        }
        if 2 * (self.bars.len() + ROOM) < self.bars.capacity() {
            let room = self.bars.len() + ROOM;
            self.bars.shrink_to(room);
            self.sums.shrink_to(room + 1);
            self.volumes.shrink_to(room + 1);
        }
    }

    /// The bars, oldest first.
    pub fn bars(&self) -> &[Bar] {
        &self.bars
    }

    /// Number of bars.
    pub fn len(&self) -> usize {
        self.bars.len()
    }

    /// No bar yet.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// The newest bar.
    pub fn last(&self) -> Option<&Bar> {
        self.bars.last()
    }

    /// The exact sum of the `count` closes that end before index `end` (exclusive); `None`
    /// with fewer bars.
    pub fn sum(&self, end: usize, count: usize) -> Option<i64> {
        let start = end.checked_sub(count)?;
        Some(self.sums.get(end)? - self.sums.get(start)?)
    }

    /// As [`Series::sum`], of the volumes, shares.
    pub fn volume_sum(&self, end: usize, count: usize) -> Option<i64> {
        let start = end.checked_sub(count)?;
        Some(self.volumes.get(end)? - self.volumes.get(start)?)
    }

    /// The index of the bar that opened at `opened`.
    pub fn index_of(&self, opened: crate::domain::Moment) -> Option<usize> {
        self.bars.binary_search_by_key(&opened, |b| b.opened).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Candle, Moment};

    #[test]
    fn sums_are_exact_and_only_where_defined() {
        let bar = |i: i64| Bar {
            opened: Moment(i),
            candle: Candle::flat(i),
            synthetic: false,
        };
        let series = Series::new((1..=5).map(bar).collect());
        assert_eq!(series.sum(5, 2), Some(9));
        assert_eq!(series.sum(3, 3), Some(6));
        assert_eq!(series.sum(2, 3), None);
        assert_eq!(series.sum(6, 1), None);
        assert_eq!(Series::default().sum(0, 0), None);
        assert_eq!(series.index_of(Moment(4)), Some(3));
        let mut newest = series.clone();
        newest.drop_oldest(2);
        newest.push(bar(6));
        assert_eq!(newest.bars().first(), Some(&bar(3)));
        for count in 0..=4 {
            assert_eq!(
                newest.sum(4, count),
                Series::new((3..=6).map(bar).collect()).sum(4, count)
            );
        }
        assert_eq!(newest.sum(4, 5), None);
        newest.drop_oldest(9);
        assert_eq!((newest.len(), newest.sum(0, 0)), (0, Some(0)));
        newest.push(bar(7));
        assert_eq!(
            (newest.sum(1, 1), newest.volume_sum(1, 1)),
            (Some(7), Some(0))
        );
    }
}
