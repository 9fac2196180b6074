//! How numbers, changes and times are written. All of it with digits of one width.

use crate::domain::{Moment, Won};
use crate::lang::{self, Language};

pub use crate::domain::grouped;

/// A price; `-` for none (0).
pub fn price(won: Won) -> String {
    if won.0 == 0 {
        "-".to_owned()
    } else {
        grouped(won.0)
    }
}

/// The arrow of a change; empty without one.
pub fn arrow(change: i64) -> &'static str {
    match change.signum() {
        1 => "▲",
        -1 => "▼",
        _ => "",
    }
}

/// `▲1,200`, `▼300`, `0`.
pub fn change(won: Won) -> String {
    format!("{}{}", arrow(won.0), grouped(won.0.abs()))
}

/// A large number in 만, 억 and 조, in English in K, M, B and T, for a narrow place: `9,870`,
/// `34.5만`, `1.2억`.
pub fn short(number: i64) -> String {
    let scaled = |unit: i64, name: &str| {
        let tenths = (i128::from(number) * 20 + i128::from(unit)).div_euclid(i128::from(unit) * 2);
        match tenths % 10 {
            0 => format!("{}{name}", grouped((tenths / 10) as i64)),
            rest => format!("{}.{rest}{name}", grouped((tenths / 10) as i64)),
        }
    };
    match (lang::spoken(), number) {
        (Language::Korean, 1_000_000_000_000..) => scaled(1_000_000_000_000, "조"),
        (Language::Korean, 100_000_000..) => scaled(100_000_000, "억"),
        (Language::Korean, 10_000..) => scaled(10_000, "만"),
        (Language::English, 1_000_000_000_000..) => scaled(1_000_000_000_000, "T"),
        (Language::English, 1_000_000_000..) => scaled(1_000_000_000, "B"),
        (Language::English, 1_000_000..) => scaled(1_000_000, "M"),
        (Language::English, 10_000..) => scaled(1_000, "K"),
        _ => grouped(number),
    }
}

/// Hundredths of a percent as `+1.71`, `-0.14`, `0.00`.
pub fn percent(basis_points: i64) -> String {
    let sign = match basis_points.signum() {
        1 => "+",
        -1 => "-",
        _ => "",
    };
    let size = basis_points.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// As [`percent`] with the sign behind it: `+1.71%`.
pub fn percent_sign(basis_points: i64) -> String {
    format!("{}%", percent(basis_points))
}

/// Seconds since midnight as `09:33:54`.
pub fn clock(second_of_day: u32) -> String {
    let s = second_of_day;
    format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

/// `10:30`.
pub fn hour_minute(at: Moment) -> String {
    at.minute().to_string()
}

/// `10:30` today, `11-20 10:30` on another day.
pub fn when(at: Moment, now: Moment) -> String {
    let day = at.day();
    if day == now.day() {
        hour_minute(at)
    } else {
        format!(
            "{:02}-{:02} {}",
            day.month(),
            day.day_of_month(),
            hour_minute(at)
        )
    }
}

/// Time left as `17:43` or `2:05:00`; `0:00` once it has passed.
pub fn countdown(until: Moment, now: Moment) -> String {
    let left = until.ms_since(now).max(0) / 1_000;
    let (h, m, s) = (left / 3_600, left / 60 % 60, left % 60);
    if 0 < h {
        format!("{h}:{m:02}:{s:02}")
    } else {
        format!("{m}:{s:02}")
    }
}

/// Milliseconds as `0.4초` or `12초`.
pub fn delay(ms: i64) -> String {
    if ms < 10_000 {
        t!(
            "%{whole}.%{tenth}초",
            whole = ms / 1_000,
            tenth = ms / 100 % 10
        )
    } else {
        t!("%{seconds}초", seconds = grouped(ms / 1_000))
    }
}

/// Decimal text such as `70912.5000` as `70,912.5`.
pub fn decimal(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let Ok(number) = whole.parse::<i64>() else {
        return text.to_owned();
    };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        grouped(number)
    } else {
        format!("{}.{fraction}", grouped(number))
    }
}

/// An average `sum / count` of won, to a tenth, as `70,912.5`.
pub fn average(sum: i64, count: i64) -> String {
    // Half up, in integers: a price is never negative.
    let tenths = (sum * 20 + count) / (count * 2);
    format!("{}.{}", grouped(tenths / 10), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Day, Minute};

    #[test]
    fn numbers() {
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(grouped(-1_200), "-1,200");
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_000)),
            ("0".into(), "999".into(), "1,000".into())
        );
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(change(Won(1_200)), "▲1,200");
        assert_eq!(change(Won(-300)), "▼300");
        assert_eq!(change(Won(0)), "0");
        assert_eq!(percent(171), "+1.71");
        assert_eq!(percent_sign(-14), "-0.14%");
        assert_eq!(percent(0), "0.00");
        assert_eq!(decimal("70912.5000"), "70,912.5");
        assert_eq!(decimal("70912"), "70,912");
        assert_eq!(average(141_825, 2), "70,912.5");
        assert_eq!(average(100, 3), "33.3");
        let all = [9_870, 345_000, 12_345_678, 120_000_000, 10_000].map(short);
        assert_eq!(all, ["9,870", "34.5만", "1,234.6만", "1.2억", "1만"]);
        assert_eq!(short(4_321_000_000_000), "4.3조");
        assert!(!short(i64::MAX).is_empty());
    }

    #[test]
    fn times() {
        let day = Day::from_ymd(2026, 11, 20).unwrap();
        let at = day.at(Minute::hm(10, 30));
        assert_eq!(clock(34_434), "09:33:54");
        assert_eq!(when(at, at.plus_secs(60)), "10:30");
        assert_eq!(when(at, day.plus(1).at(Minute::hm(9, 0))), "11-20 10:30");
        assert_eq!(countdown(at, at.plus_secs(-1_063)), "17:43");
        assert_eq!(countdown(at, at.plus_secs(-7_500)), "2:05:00");
        assert_eq!(countdown(at, at.plus_secs(5)), "0:00");
        assert_eq!(delay(412), "0.4초");
        assert_eq!(delay(41_000), "41초");
    }
}
