//! Which bars get a time or a date below them.
//!
//! Session, month and year starts are found by binary search, so the cost depends on how many
//! labels there are room for, not on how many bars are in view.

use std::ops::Range;

use super::spec::ChartSpec;
use super::text::month_name;
use crate::domain::{Day, Minute, Timeframe};

/// A label below the bar at `index`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TimeMark {
    pub(super) index: usize,
    pub(super) text: String,
    /// A session (month, year) begins here.
    pub(super) change: bool,
}

/// Room for a date, points.
const DATE: f64 = 46.0;
/// Room for a time, points.
const TIME: f64 = 64.0;

/// From the start of a period to that of the next one.
type Next = fn(Day) -> Day;
/// What a label says of its day.
type Name = fn(Day) -> String;

fn next_day(day: Day) -> Day {
    day.plus(1)
}

fn next_month(day: Day) -> Day {
    day.first_of_month().plus(31).first_of_month()
}

fn first_of_year(day: Day) -> Day {
    Day::from_ymd(day.year(), 1, 1).unwrap_or(day)
}

fn next_year(day: Day) -> Day {
    Day::from_ymd(day.year().saturating_add(1), 1, 1).unwrap_or(day.plus(366))
}

/// The labels for the bars in view, oldest first.
pub(super) fn marks(spec: &ChartSpec<'_>, visible: &Range<usize>, px_per: f64) -> Vec<TimeMark> {
    let Some(middle) = spec.bar((visible.start + visible.end) / 2) else {
        // Only the free margin is left of the middle: judge by the newest bar.
        let Some(newest) = visible.end.checked_sub(1).and_then(|i| spec.bar(i)) else {
            return vec![];
        };
        return marks_around(spec, visible, px_per, newest.opened.day());
    };
    marks_around(spec, visible, px_per, middle.opened.day())
}

fn marks_around(
    spec: &ChartSpec<'_>,
    visible: &Range<usize>,
    px_per: f64,
    day: Day,
) -> Vec<TimeMark> {
    let axis = Axis {
        spec,
        visible,
        px_per,
    };
    let width = |from: Day, to: Day| (axis.first(to) - axis.first(from)).max(1) as f64 * px_per;
    // Where nothing else is in view, one label has all the room there is.
    let alone = |from: Day, to: Day| {
        axis.first(from) <= visible.start && visible.end.min(spec.total()) <= axis.first(to)
    };
    let month = width(day.first_of_month(), next_month(day));
    let intraday = matches!(spec.timeframe, Timeframe::Minutes(_));
    if intraday && (DATE <= width(day, next_day(day)) || alone(day, next_day(day))) {
        axis.sessions()
    } else if DATE <= month || alone(day.first_of_month(), next_month(day)) {
        axis.months(month)
    } else {
        axis.years(width(first_of_year(day), next_year(day)))
    }
}

struct Axis<'a> {
    spec: &'a ChartSpec<'a>,
    visible: &'a Range<usize>,
    px_per: f64,
}

impl Axis<'_> {
    fn first(&self, day: Day) -> usize {
        self.spec.first_from(day.at(Minute(0)))
    }

    fn day(&self, index: usize) -> Option<Day> {
        Some(self.spec.bar(index)?.opened.day())
    }

    /// The starts of the periods that touch `range`, beginning with the one that holds its
    /// first bar.
    fn starts(&self, range: Range<usize>, begin: Next, next: Next) -> Vec<(usize, Day)> {
        let mut starts = vec![];
        let mut day = self.day(range.start).map(begin);
        while let Some(at) = day.filter(|_| starts.len() < 4_000) {
            let index = self.first(at);
            let Some(found) = self.day(index).filter(|_| index < range.end) else {
                break;
            };
            starts.push((index, found));
            day = Some(next(found));
        }
        starts
    }

    /// Dates at session starts and round times between them.
    fn sessions(&self) -> Vec<TimeMark> {
        let sessions = self.starts(self.visible.clone(), |d| d, next_day);
        let mut marks = vec![];
        for (place, &(index, day)) in sessions.iter().enumerate() {
            marks.push(TimeMark {
                index,
                text: format!("{}/{}", day.month(), day.day_of_month()),
                change: true,
            });
            let end = sessions
                .get(place + 1)
                .map_or(self.spec.total(), |next| next.0);
            self.times(index, end, day, &mut marks);
        }
        self.in_view(marks)
    }

    /// Round times within one session.
    fn times(&self, first: usize, end: usize, day: Day, marks: &mut Vec<TimeMark>) {
        let length = f64::from(self.spec.timeframe.minutes().unwrap_or(1).max(1));
        let least = length * TIME / self.px_per;
        let steps = [5u16, 10, 15, 30, 60, 120, 240];
        let Some(step) = steps.into_iter().find(|&s| least <= f64::from(s)) else {
            return;
        };
        let Some(opened) = self.spec.bar(first).map(|b| b.opened.minute().0) else {
            return;
        };
        let mut last = first;
        for minute in (0..1_440u16)
            .step_by(usize::from(step))
            .filter(|&m| opened < m)
        {
            let at = day.at(Minute(minute));
            let index = self.spec.first_from(at);
            if end <= index {
                break;
            }
            let exact = self.spec.bar(index).is_some_and(|b| b.opened == at);
            let near = |other: usize| (index.abs_diff(other)) as f64 * self.px_per < TIME * 0.75;
            let before_change = end < self.spec.total() && near(end);
            if exact && !near(last) && !before_change {
                last = index;
                marks.push(TimeMark {
                    index,
                    text: Minute(minute).to_string(),
                    change: false,
                });
            }
        }
    }

    /// Months, and days between them where there is room.
    fn months(&self, month: f64) -> Vec<TimeMark> {
        let name = |day: Day| match day.month() {
            1 => day.year().to_string(),
            _ => month_name(day),
        };
        let day_name = |day: Day| format!("{}/{}", day.month(), day.day_of_month());
        let months = self.starts(self.visible.clone(), Day::first_of_month, next_month);
        let minor = (2.0 * DATE <= month).then_some((next_day as Next, day_name as Name));
        self.two_levels(&months, name, minor)
    }

    /// Years, and months between them where there is room.
    fn years(&self, year: f64) -> Vec<TimeMark> {
        let mut years = self.starts(self.visible.clone(), first_of_year, next_year);
        let every = [1, 2, 5, 10, 20, 50]
            .into_iter()
            .find(|&n| DATE <= year * f64::from(n))
            .unwrap_or(100);
        years.retain(|(_, day)| i32::from(day.year()) % every == 0);
        let minor = (2.0 * DATE <= year).then_some((next_month as Next, month_name as Name));
        self.two_levels(&years, |day| day.year().to_string(), minor)
    }

    /// Every major start, and minor ones between them as they fit. Counted from the major start
    /// and not from the edge of the view, so that labels do not change places while it moves.
    fn two_levels(
        &self,
        majors: &[(usize, Day)],
        name: impl Fn(Day) -> String,
        minor: Option<(Next, Name)>,
    ) -> Vec<TimeMark> {
        let mut marks = vec![];
        for (place, &(index, day)) in majors.iter().enumerate() {
            marks.push(TimeMark {
                index,
                text: name(day),
                change: true,
            });
            let Some((next, name)) = minor else { continue };
            let following = majors.get(place + 1).map(|m| m.0);
            let end = following.unwrap_or(self.visible.end);
            let mut last = index;
            for (at, day) in self.starts(index..end, |d| d, next) {
                let near = |other: usize| (at.abs_diff(other) as f64) * self.px_per < DATE;
                if !near(last) && !following.is_some_and(near) {
                    last = at;
                    marks.push(TimeMark {
                        index: at,
                        text: name(day),
                        change: false,
                    });
                }
            }
        }
        self.in_view(marks)
    }

    fn in_view(&self, mut marks: Vec<TimeMark>) -> Vec<TimeMark> {
        marks.retain(|mark| self.visible.contains(&mark.index));
        marks
    }
}
