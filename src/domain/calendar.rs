//! Which days the exchange is open, and when.

use std::collections::BTreeMap;

use super::{Day, Market, Minute, SessionHours};

/// Weekdays on which the exchange was or will be closed, as announced. Ad-hoc holidays come
/// on top: see [`Calendar::learn`].
const HOLIDAYS: &[(i16, &[(i8, i8)])] = &[
    (
        2025,
        &[
            (1, 1),
            (1, 27),
            (1, 28),
            (1, 29),
            (1, 30),
            (3, 3),
            (5, 1),
            (5, 5),
            (5, 6),
            (6, 3),
            (6, 6),
            (8, 15),
            (10, 3),
            (10, 6),
            (10, 7),
            (10, 8),
            (10, 9),
            (12, 25),
            (12, 31),
        ],
    ),
    (
        2026,
        &[
            (1, 1),
            (2, 16),
            (2, 17),
            (2, 18),
            (3, 2),
            (5, 1),
            (5, 5),
            (5, 25),
            (6, 3),
            (8, 17),
            (9, 24),
            (9, 25),
            (10, 5),
            (10, 9),
            (12, 25),
            (12, 31),
        ],
    ),
    (
        2027,
        &[
            (1, 1),
            (2, 8),
            (2, 9),
            (3, 1),
            (5, 5),
            (5, 13),
            (8, 16),
            (9, 14),
            (9, 15),
            (9, 16),
            (10, 4),
            (10, 11),
            (12, 27),
            (12, 31),
        ],
    ),
];

/// Open days and their hours. Years without an entry above have the holidays that fall on the
/// same date every year.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    learned: BTreeMap<Day, bool>,
}

impl Calendar {
    /// The bundled calendar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers what the broker said or showed of a day; it beats the bundled table.
    pub fn learn(&mut self, day: Day, open: bool) {
        self.learned.insert(day, open);
    }

    /// Whether the exchange opens on `day`.
    pub fn is_open(&self, day: Day) -> bool {
        if let Some(&open) = self.learned.get(&day) {
            return open;
        }
        if day.is_weekend() {
            return false;
        }
        let civil = day.date();
        let date = (civil.month(), civil.day());
        match HOLIDAYS.iter().find(|(year, _)| *year == civil.year()) {
            Some((_, closed)) => !closed.contains(&date),
            None => ![
                (1, 1),
                (3, 1),
                (5, 1),
                (5, 5),
                (6, 6),
                (8, 15),
                (10, 3),
                (10, 9),
                (12, 25),
                (12, 31),
            ]
            .contains(&date),
        }
    }

    /// The regular session of `day` on `market`; `None` when closed.
    pub fn hours(&self, day: Day, market: Market) -> Option<SessionHours> {
        if !self.is_open(day) {
            return None;
        }
        let late_open = self.is_exam_day(day) || self.is_first_of_year(day);
        let close_shift = if self.is_exam_day(day) { 60 } else { 0 };
        let open = Minute::hm(if late_open { 10 } else { 9 }, 0);
        let auction = (market != Market::Nxt).then(|| Minute::hm(15, 30).plus(close_shift));
        Some(SessionHours {
            open,
            continuous_end: Minute::hm(15, 20).plus(close_shift),
            auction,
        })
    }

    /// College entrance exam day (수능), the third Thursday of November: everything is an hour
    /// later.
    fn is_exam_day(&self, day: Day) -> bool {
        day.month() == 11 && day.weekday() == 3 && (15..=21).contains(&day.day_of_month())
    }

    /// The first trading day of a year opens at 10:00.
    fn is_first_of_year(&self, day: Day) -> bool {
        day.month() == 1
            && day.day_of_month() <= 10
            && (1..day.day_of_month()).all(|back| !self.is_open(day.plus(-i32::from(back))))
    }

    /// The nearest open day before `day`.
    pub fn previous_open(&self, day: Day) -> Day {
        self.walk(day, -1)
    }

    /// The nearest open day after `day`.
    pub fn next_open(&self, day: Day) -> Day {
        self.walk(day, 1)
    }

    fn walk(&self, day: Day, step: i32) -> Day {
        // No exchange has ever been closed for a month; the bound only keeps a bad table from
        // hanging the program.
        (1..=31)
            .map(|n| day.plus(n * step))
            .find(|&d| self.is_open(d))
            .unwrap_or(day.plus(step))
    }

    /// The `count` open days before `day`, newest first.
    pub fn open_days_before(&self, day: Day, count: usize) -> Vec<Day> {
        let mut at = day;
        (0..count)
            .map(|_| {
                at = self.previous_open(at);
                at
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse_compact(text).unwrap()
    }

    #[test]
    fn special_days() {
        let calendar = Calendar::new();
        let open = |t: &str| {
            calendar
                .hours(day(t), Market::Krx)
                .map(|h| (h.open, h.auction))
        };
        assert_eq!(
            open("20261120"),
            Some((Minute::hm(9, 0), Some(Minute::hm(15, 30))))
        );
        assert_eq!(
            open("20261119"),
            Some((Minute::hm(10, 0), Some(Minute::hm(16, 30))))
        );
        assert_eq!(
            open("20260102"),
            Some((Minute::hm(10, 0), Some(Minute::hm(15, 30))))
        );
        assert_eq!(open("20261122"), None);
        assert_eq!(open("20261231"), None);
        assert_eq!(calendar.previous_open(day("20260928")), day("20260923"));
        assert_eq!(
            calendar
                .hours(day("20261120"), Market::Nxt)
                .unwrap()
                .auction,
            None
        );
    }

    #[test]
    fn a_learned_day_beats_the_table() {
        let mut calendar = Calendar::new();
        calendar.learn(day("20261120"), false);
        assert!(!calendar.is_open(day("20261120")));
        assert_eq!(calendar.next_open(day("20261119")), day("20261123"));
    }

    #[test]
    fn a_full_day_has_381_rows() {
        let hours = Calendar::new().hours(day("20261120"), Market::Krx).unwrap();
        assert_eq!(hours.row_count(), 381);
        assert_eq!(hours.end(), Minute::hm(15, 31));
        assert!(!hours.contains(Minute::hm(15, 20)) && hours.contains(Minute::hm(15, 30)));
    }
}
