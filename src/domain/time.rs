//! Time in Korea: days, minutes and moments. Korea is UTC+9 all year round.

use std::fmt;
use std::time::Duration;

const KST_OFFSET_MS: i64 = 9 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A calendar day in Korea.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Day(i32);

impl Day {
    /// The first year whose dates are read.
    pub const FIRST_YEAR: i16 = 1900;

    /// The day; `None` where the calendar has no such day, or before 1900: no exchange of Korea
    /// is that old, so such a date is garbage.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        if year < Self::FIRST_YEAR {
            return None;
        }
        let date = jiff::civil::Date::new(year, month, day).ok()?;
        let since = date.since(jiff::civil::date(1970, 1, 1)).ok()?;
        Some(Self(since.get_days()))
    }

    /// Reads the broker's `YYYYMMDD`.
    pub fn parse_compact(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 8 || !bytes.iter().all(u8::is_ascii_digit) {
            return None;
        }
        Self::from_ymd(
            text[..4].parse().ok()?,
            text[4..6].parse().ok()?,
            text[6..].parse().ok()?,
        )
    }

    /// Days since 1970-01-01, for storage.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The inverse of [`Day::number`].
    pub fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// The civil date.
    pub fn date(self) -> jiff::civil::Date {
        // Only a corrupt file can hold a day beyond the year 9999; it then reads as 1970-01-01.
        jiff::civil::date(1970, 1, 1)
            .checked_add(jiff::Span::new().days(self.0.clamp(-700_000, 2_932_896)))
            .unwrap_or(jiff::civil::date(1970, 1, 1))
    }

    /// The year of the day.
    pub fn year(self) -> i16 {
        self.date().year()
    }

    /// Month, 1 to 12.
    pub fn month(self) -> i8 {
        self.date().month()
    }

    /// Day of the month, 1 to 31.
    pub fn day_of_month(self) -> i8 {
        self.date().day()
    }

    /// 0 = Monday … 6 = Sunday.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        (i64::from(self.0) + 3).rem_euclid(7) as u8
    }

    /// Saturday or Sunday.
    pub fn is_weekend(self) -> bool {
        5 <= self.weekday()
    }

    /// The Monday of this day's week (Monday to Sunday).
    pub fn monday(self) -> Self {
        Self(self.0.saturating_sub(i32::from(self.weekday())))
    }

    /// The first day of this day's month.
    pub fn first_of_month(self) -> Self {
        Self(self.0.saturating_sub(i32::from(self.day_of_month()) - 1))
    }

    /// The day `days` later (earlier if negative).
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from `earlier` to this day.
    pub fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// `YYYYMMDD`, as the broker writes dates.
    pub fn compact(self) -> String {
        let d = self.date();
        format!("{:04}{:02}{:02}", d.year(), d.month(), d.day())
    }

    /// The moment `minute` of this day begins.
    pub fn at(self, minute: Minute) -> Moment {
        Moment(i64::from(self.0) * DAY_MS - KST_OFFSET_MS + i64::from(minute.0) * 60_000)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = self.date();
        write!(f, "{:04}-{:02}-{:02}", d.year(), d.month(), d.day())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A minute of the day in Korea, 0 (00:00) to 1439 (23:59). As a label it means the minute
/// that STARTS then.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Minute(pub u16);

impl Minute {
    /// `hour`:`minute`.
    pub const fn hm(hour: u16, minute: u16) -> Self {
        Self(hour * 60 + minute)
    }

    /// Reads the broker's `HHMMSS`, dropping the seconds. `None` for hours like 888888.
    pub fn parse_hhmmss(text: &str) -> Option<Self> {
        second_of_day(text.as_bytes()).map(|s| Self((s / 60) as u16))
    }

    /// The minute `minutes` later; saturates within the day's u16 range.
    pub fn plus(self, minutes: i32) -> Self {
        Self((i32::from(self.0) + minutes).clamp(0, 1_440) as u16)
    }

    /// `HHMM00`, as the broker writes times.
    pub fn compact(self) -> String {
        format!("{:02}{:02}00", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads `HHMMSS` as seconds since midnight; `None` unless it is a time of day.
pub fn second_of_day(text: &[u8]) -> Option<u32> {
    let [a, b, c, d, e, f] = *text else {
        return None;
    };
    let two = |x: u8, y: u8| {
        (x.is_ascii_digit() && y.is_ascii_digit())
            .then(|| u32::from(x - b'0') * 10 + u32::from(y - b'0'))
    };
    let (h, m, s) = (two(a, b)?, two(c, d)?, two(e, f)?);
    (h < 24 && m < 60 && s < 60).then_some(h * 3_600 + m * 60 + s)
}

/// An instant of market time: milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// The day in Korea.
    pub fn day(self) -> Day {
        Day((self.0 + KST_OFFSET_MS).div_euclid(DAY_MS) as i32)
    }

    /// The minute of the day in Korea.
    pub fn minute(self) -> Minute {
        Minute((self.second_of_day() / 60) as u16)
    }

    /// Seconds since midnight in Korea.
    pub fn second_of_day(self) -> u32 {
        ((self.0 + KST_OFFSET_MS).rem_euclid(DAY_MS) / 1_000) as u32
    }

    /// The moment `seconds` after midnight of `day`.
    pub fn on(day: Day, second_of_day: u32) -> Self {
        Self(day.at(Minute(0)).0 + i64::from(second_of_day) * 1_000)
    }

    /// Later by `ms` milliseconds (earlier if negative).
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Later by `seconds`.
    pub fn plus_secs(self, seconds: i64) -> Self {
        self.plus_ms(seconds.saturating_mul(1_000))
    }

    /// Milliseconds from `earlier` to this moment; negative if it is later.
    pub fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// How long until this moment; zero if it has passed.
    pub fn after(self, now: Self) -> Duration {
        Duration::from_millis(self.ms_since(now).max(0).unsigned_abs())
    }

    /// `HH:MM:SS` in Korea.
    pub fn clock_text(self) -> String {
        let s = self.second_of_day();
        format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    }

    /// RFC 3339 with `+09:00` and milliseconds, e.g. `2026-11-20T09:30:02.125+09:00`.
    pub fn rfc3339(self) -> String {
        let ms = (self.0 + KST_OFFSET_MS).rem_euclid(1_000);
        format!("{}T{}.{ms:03}+09:00", self.day(), self.clock_text())
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_another_age_is_no_day() {
        for (text, read) in [
            ("19000101", true),
            ("18991231", false),
            ("00000228", false),
            ("00530619", false),
            ("99991231", true),
        ] {
            let day = Day::parse_compact(text);
            assert_eq!(day.map(Day::compact), read.then(|| text.to_owned()));
        }
    }

    #[test]
    fn a_day_of_a_broken_file_does_no_harm() {
        for number in [i32::MIN, i32::MAX] {
            let day = Day::from_number(number);
            let _ = (day.monday(), day.first_of_month(), day.compact());
            assert_eq!(day.since(day), 0);
            assert!(day.since(Day::default()).signum() == number.signum());
        }
    }

    #[test]
    fn a_moment_knows_its_korean_day_and_minute() {
        let day = Day::from_ymd(2026, 11, 20).unwrap();
        let at = day.at(Minute::hm(9, 30));
        assert_eq!((at.day(), at.minute()), (day, Minute::hm(9, 30)));
        assert_eq!(at.plus_ms(-1).minute(), Minute::hm(9, 29));
        assert_eq!(at.plus_ms(2_125).rfc3339(), "2026-11-20T09:30:02.125+09:00");
        assert_eq!(day.at(Minute(0)).plus_ms(-1).day(), day.plus(-1));
    }

    #[test]
    fn days() {
        let friday = Day::parse_compact("20261120").unwrap();
        assert_eq!(
            (friday.weekday(), friday.monday().compact()),
            (4, "20261116".to_owned())
        );
        assert_eq!(friday.first_of_month().to_string(), "2026-11-01");
        assert_eq!(Day::parse_compact("20260230"), None);
        assert_eq!(Day::from_number(friday.number()), friday);
    }

    #[test]
    fn hours_that_are_no_hours() {
        assert_eq!(second_of_day(b"093015"), Some(34_215));
        for bad in ["888888", "999999", "93015", "0930150", "09301x", "240000"] {
            assert_eq!(second_of_day(bad.as_bytes()), None, "{bad}");
        }
    }
}
