//! Days, weeks and months.

use crate::domain::{Bar, Calendar, DailyRow, Day, Market, Minute, Moment, Timeframe};

/// The open days a day, week or month bar covers, by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first open day; the bar opens with that day's session.
    pub first: Day,
    /// Its last open day; the bar closes with that day's last minute bar.
    pub last: Day,
}

impl Period {
    /// The opening of the first day's session.
    pub fn opened(&self, calendar: &Calendar, market: Market) -> Moment {
        // The broker has rows of days the bundled table does not know; they opened at nine.
        let open = calendar
            .hours(self.first, market)
            .map_or(Minute::hm(9, 0), |hours| hours.open);
        self.first.at(open)
    }
}

/// The bar of `timeframe` that `day` belongs to: a calendar week (Monday to Sunday), a calendar
/// month, else the day itself. Where the calendar knows no open day in it, `day` stands for both
/// ends.
pub fn period_of(day: Day, timeframe: Timeframe, calendar: &Calendar) -> Period {
    let (from, days) = match timeframe {
        Timeframe::Week => (day.monday(), 7),
        Timeframe::Month => {
            let from = day.first_of_month();
            (from, from.plus(31).first_of_month().since(from))
        }
        Timeframe::Day | Timeframe::Minutes(_) => (day, 1),
    };
    let open = |d: &Day| calendar.is_open(*d) || *d == day;
    Period {
        first: (0..days).map(|n| from.plus(n)).find(open).unwrap_or(day),
        last: (0..days)
            .rev()
            .map(|n| from.plus(n))
            .find(open)
            .unwrap_or(day),
    }
}

/// Bars of `into` (day, week or month) from daily rows, or from weekly or monthly rows as the
/// broker serves them, ascending. Rows without a trade (the stock was halted) make no bar.
pub fn fold_days(
    rows: &[DailyRow],
    into: Timeframe,
    calendar: &Calendar,
    market: Market,
) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    // The period of the newest bar, as its calendar start: cheaper than asking the calendar.
    let mut newest: Option<Day> = None;
    for row in rows.iter().filter(|row| 0 < row.candle.volume) {
        let start = calendar_start(row.day, into);
        match bars.last_mut().filter(|_| newest == Some(start)) {
            Some(bar) => bar.candle.absorb(&row.candle),
            None => {
                newest = Some(start);
                bars.push(Bar {
                    opened: period_of(row.day, into, calendar).opened(calendar, market),
                    candle: row.candle,
                    synthetic: false,
                });
            }
        }
    }
    bars
}

fn calendar_start(day: Day, timeframe: Timeframe) -> Day {
    match timeframe {
        Timeframe::Week => day.monday(),
        Timeframe::Month => day.first_of_month(),
        Timeframe::Day | Timeframe::Minutes(_) => day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Candle;

    fn day(text: &str) -> Day {
        Day::parse_compact(text).unwrap()
    }

    fn row(date: &str, close: i64, volume: i64) -> DailyRow {
        DailyRow {
            day: day(date),
            candle: Candle {
                open: close - 10,
                high: close + 20,
                low: close - 20,
                close,
                volume,
            },
        }
    }

    #[test]
    fn weeks_and_months_are_dated_by_the_calendar() {
        let calendar = Calendar::new();
        // 28 and 29 September 2026 follow the 추석 holidays of the 24th and 25th.
        let rows = [
            row("20260922", 100, 1),
            row("20260923", 200, 2),
            row("20260928", 300, 3),
            row("20260929", 999, 0),
            row("20261001", 400, 4),
        ];
        let folded = |into| {
            fold_days(&rows, into, &calendar, Market::Krx)
                .iter()
                .map(|b| (b.opened, b.candle.close, b.candle.volume))
                .collect::<Vec<_>>()
        };
        let nine = |t: &str| day(t).at(Minute::hm(9, 0));
        assert_eq!(
            folded(Timeframe::Week),
            [(nine("20260921"), 200, 3), (nine("20260928"), 400, 7)]
        );
        assert_eq!(
            folded(Timeframe::Month),
            [(nine("20260901"), 300, 6), (nine("20261001"), 400, 4)]
        );
        assert_eq!(folded(Timeframe::Day).len(), 4);
    }

    #[test]
    fn a_week_or_month_ends_with_its_last_open_day() {
        let calendar = Calendar::new();
        let period = |t, into| period_of(day(t), into, &calendar);
        let week = period("20260923", Timeframe::Week);
        assert_eq!((week.first, week.last), (day("20260921"), day("20260923")));
        let month = period("20261210", Timeframe::Month);
        assert_eq!(
            (month.first, month.last),
            (day("20261201"), day("20261230"))
        );
        // The year's first session opens at ten.
        let january = period("20260115", Timeframe::Month).opened(&calendar, Market::Krx);
        assert_eq!(january, day("20260102").at(Minute::hm(10, 0)));
    }

    #[test]
    fn a_day_the_table_calls_closed_still_has_its_bar() {
        let bars = fold_days(
            &[row("20261225", 100, 5)],
            Timeframe::Day,
            &Calendar::new(),
            Market::Krx,
        );
        assert_eq!(bars[0].opened, day("20261225").at(Minute::hm(9, 0)));
    }
}
