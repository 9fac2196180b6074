//! Numbers and times as the gutters and the readings write them.

use crate::domain::{Day, Moment, Timeframe};
use crate::lang::{self, Language};

pub(super) use crate::domain::grouped;

/// Months as English shortens them; Korean counts them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A month's name: `11월`, in English `Nov`.
pub(super) fn month_name(day: Day) -> String {
    let month = day.month();
    match lang::spoken() {
        Language::Korean => format!("{month}월"),
        Language::English => MONTHS[usize::try_from(month - 1).unwrap_or(0) % 12].to_owned(),
    }
}

fn weekday(day: Day) -> &'static str {
    match usize::from(day.weekday()) % 7 {
        0 => t!("월" in "weekday"),
        1 => t!("화" in "weekday"),
        2 => t!("수" in "weekday"),
        3 => t!("목" in "weekday"),
        4 => t!("금" in "weekday"),
        5 => t!("토" in "weekday"),
        _ => t!("일" in "weekday"),
    }
}

/// `2026-11-20 (금)`.
fn date(day: Day) -> String {
    format!("{day} ({})", weekday(day))
}

/// When a bar was, in full: `2026-11-20 (금) 10:30`, without the time on day bars and longer.
pub(super) fn bar_time(opened: Moment, timeframe: Timeframe) -> String {
    let day = opened.day();
    match timeframe {
        Timeframe::Minutes(_) => format!("{} {}", date(day), opened.minute()),
        Timeframe::Day => date(day),
        Timeframe::Week => t!("%{day} 주", day = day),
        Timeframe::Month => format!("{}-{:02}", day.year(), day.month()),
    }
}

/// When a bar was, as one says it: `11월 20일 10:30`.
pub(super) fn spoken_time(opened: Moment, timeframe: Timeframe) -> String {
    let day = opened.day();
    let date = match lang::spoken() {
        Language::Korean => format!("{} {}일", month_name(day), day.day_of_month()),
        Language::English => format!("{} {}", month_name(day), day.day_of_month()),
    };
    match timeframe {
        Timeframe::Minutes(_) => format!("{date} {}", opened.minute()),
        Timeframe::Day | Timeframe::Week | Timeframe::Month => date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Minute;

    #[test]
    fn numbers() {
        let all = [0, 7, 999, 1_000, 71_400, -1_234_567].map(grouped);
        assert_eq!(all, ["0", "7", "999", "1,000", "71,400", "-1,234,567"]);
        assert!(!grouped(i64::MIN).is_empty());
    }

    #[test]
    fn times() {
        let at = Day::from_ymd(2026, 11, 20).unwrap().at(Minute::hm(10, 30));
        assert_eq!(
            bar_time(at, Timeframe::Minutes(30)),
            "2026-11-20 (금) 10:30"
        );
        assert_eq!(bar_time(at, Timeframe::Month), "2026-11");
        assert_eq!(spoken_time(at, Timeframe::Minutes(30)), "11월 20일 10:30");
    }
}
