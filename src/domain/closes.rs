//! The closes of a stock, day by day: all that the alignment of a whole market needs.

use super::{DailyRow, Day};

/// Adjusted closes of one stock, days ascending, without a hole between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayCloses {
    rows: Vec<(Day, i64)>,
    /// The broker has nothing older.
    pub ended: bool,
}

impl DayCloses {
    /// Of these days and closes in won; days that do not ascend are left out.
    pub fn new(rows: impl IntoIterator<Item = (Day, i64)>, ended: bool) -> Self {
        let mut kept: Vec<(Day, i64)> = Vec::new();
        for (day, close) in rows {
            if kept.last().is_none_or(|(last, _)| *last < day) {
                kept.push((day, close));
            }
        }
        Self { rows: kept, ended }
    }

    /// The days and closes in won, oldest first.
    pub fn rows(&self) -> &[(Day, i64)] {
        &self.rows
    }

    /// How many days.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// No day at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The oldest day.
    pub fn oldest(&self) -> Option<Day> {
        self.rows.first().map(|(day, _)| *day)
    }

    /// The newest day.
    pub fn newest(&self) -> Option<Day> {
        self.rows.last().map(|(day, _)| *day)
    }

    /// Lays a page of the daily chart over what is held: the newest rows up to some day, or those
    /// right before the oldest held. `full` is the length of a page after which there may be
    /// more.
    ///
    /// Where a day of both has another close the past was rescaled (a split, a rights issue), and
    /// where the page begins after the newest held day nobody knows what lies between: in both
    /// cases only the page counts.
    pub fn join(&mut self, page: &[DailyRow], full: usize) {
        let new = Self::new(
            page.iter().map(|row| (row.day, row.candle.close)),
            page.len() < full,
        );
        let (Some(oldest), Some(newest)) = (self.oldest(), self.newest()) else {
            *self = new;
            return;
        };
        let (Some(first), Some(last)) = (new.oldest(), new.newest()) else {
            self.ended = true;
            return;
        };
        if last < oldest {
            let mut rows = new.rows;
            rows.append(&mut self.rows);
            *self = Self {
                rows,
                ended: new.ended,
            };
            return;
        }
        let same = new.rows.iter().all(|(day, close)| {
            let held = self.rows.binary_search_by_key(day, |(day, _)| *day);
            held.is_err() || held.is_ok_and(|at| self.rows[at].1 == *close)
        });
        if !same || newest < first {
            *self = new;
            return;
        }
        let later = new.rows.into_iter().filter(|(day, _)| newest < *day);
        self.rows.extend(later);
    }

    /// Keeps the newest `most` days.
    pub fn shorten(&mut self, most: usize) {
        let over = self.rows.len().saturating_sub(most);
        if 0 < over {
            self.rows.drain(..over);
            self.ended = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Candle;

    fn page(rows: &[(i32, i64)]) -> Vec<DailyRow> {
        let row = |&(day, close): &(i32, i64)| DailyRow {
            day: Day::from_number(day),
            candle: Candle {
                open: close,
                high: close,
                low: close,
                close,
                volume: 1,
            },
        };
        rows.iter().map(row).collect()
    }

    fn closes(held: &DayCloses) -> Vec<(i32, i64)> {
        let rows = held.rows().iter();
        rows.map(|(day, close)| (day.number(), *close)).collect()
    }

    #[test]
    fn pages_join_at_both_ends() {
        let mut held = DayCloses::default();
        held.join(&page(&[(10, 5), (11, 6)]), 2);
        assert!(!held.ended);
        held.join(&page(&[(8, 3), (9, 4)]), 2);
        held.join(&page(&[(11, 6), (14, 7)]), 2);
        let all = [(8, 3), (9, 4), (10, 5), (11, 6), (14, 7)];
        assert_eq!(closes(&held), all);
        // A short page in front is the stock's beginning.
        held.join(&page(&[(7, 1)]), 2);
        assert!(held.ended);
        held.shorten(2);
        assert_eq!(closes(&held), [(11, 6), (14, 7)]);
        assert!(!held.ended, "what was cut off can be fetched again");
        held.join(&[], 2);
        assert!(held.ended);
    }

    #[test]
    fn a_rescaled_past_or_a_hole_lets_only_the_page_count() {
        let mut held = DayCloses::default();
        held.join(&page(&[(10, 500), (11, 600)]), 2);
        let mut split = held.clone();
        split.join(&page(&[(11, 60), (12, 61)]), 2);
        assert_eq!(closes(&split), [(11, 60), (12, 61)]);
        assert!(!split.ended);
        held.join(&page(&[(20, 7), (21, 8)]), 2);
        assert_eq!(closes(&held), [(20, 7), (21, 8)]);
    }
}
