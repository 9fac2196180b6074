//! H0STCNT0, H0NXCNT0, H0UNCNT0: executions. 46 fields, the same positions on every market.

use super::error::KisError;
use super::number::{self, Number};
use super::record::{Field, Record};
use super::signs;
use crate::domain::{Day, Print, Side, Won};

/// Fields of a record at least.
pub(super) const FIELDS: usize = 46;

const CODE: Field = ("MKSC_SHRN_ISCD", 0);
const TIME: Field = ("STCK_CNTG_HOUR", 1);
const PRICE: Field = ("STCK_PRPR", 2);
const SIGN: Field = ("PRDY_VRSS_SIGN", 3);
const CHANGE: Field = ("PRDY_VRSS", 4);
const OPEN: Field = ("STCK_OPRC", 7);
const HIGH: Field = ("STCK_HGPR", 8);
const LOW: Field = ("STCK_LWPR", 9);
const SIZE: Field = ("CNTG_VOL", 12);
const DAY_VOLUME: Field = ("ACML_VOL", 13);
const DAY_VALUE: Field = ("ACML_TR_PBMN", 14);
const STRENGTH: Field = ("CTTR", 18);
const SIDE: Field = ("CCLD_DVSN", 21);
const DATE: Field = ("BSOP_DATE", 33);
const SESSION: Field = ("NEW_MKOP_CLS_CODE", 34);
const HALTED: Field = ("TRHT_YN", 35);
const HOUR_CLASS: Field = ("HOUR_CLS_CODE", 43);

/// Reads one execution.
#[inline]
pub(super) fn print(record: &Record<'_>) -> Result<Print, KisError> {
    let price = record.integer(PRICE)?;
    if price <= 0 {
        return Err(record.bad(PRICE, "not a price"));
    }
    let strength = match number::hundredths(record.text(STRENGTH)) {
        Number::Is(value) => value,
        Number::Blank => 0,
        Number::Bad => return Err(record.bad(STRENGTH, "not a number")),
    };
    let day_high = record.won(HIGH)?;
    let day_low = record.won(LOW)?;
    if day_high < day_low {
        return Err(record.bad(HIGH, "below the day's low"));
    }
    Ok(Print {
        code: record.code(CODE)?,
        day: day(record.text(DATE)).ok_or_else(|| record.bad(DATE, "not a date"))?,
        second: record.second(TIME)?,
        price: Won(price),
        size: record.shares(SIZE)?,
        day_volume: record.shares(DAY_VOLUME)?,
        day_value: record.count(DAY_VALUE)?,
        change: Won(signs::signed(record.text(SIGN), record.integer(CHANGE)?)),
        day_open: record.won(OPEN)?,
        day_high,
        day_low,
        side: match record.text(SIDE) {
            b"1" => Side::Buy,
            b"5" => Side::Sell,
            _ => Side::Auction,
        },
        strength,
        regular: is_regular(record.text(HOUR_CLASS), record.text(SESSION)),
        halted: record.text(HALTED) == b"Y",
    })
}

/// In session (first character 2) and neither block (2) nor basket (3); not an expected price.
#[inline]
fn is_regular(hour_class: &[u8], session: &[u8]) -> bool {
    let in_session = match session.trim_ascii() {
        [] | [b'2'] => true,
        [first, second, ..] => *first == b'2' && !matches!(second, b'2' | b'3'),
        _ => false,
    };
    in_session && matches!(hour_class.trim_ascii(), b"0" | b"")
}

/// `YYYYMMDD`. The calendar rule is repeated here because it runs for every print.
#[inline]
fn day(text: &[u8]) -> Option<Day> {
    let [a, b, c, d, e, f, g, h] = *text else {
        return None;
    };
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |x: u8, y: u8| i32::from(x - b'0') * 10 + i32::from(y - b'0');
    let (year, month, day) = (two(a, b) * 100 + two(c, d), two(e, f), two(g, h));
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i32::from(leap),
        _ => return None,
    };
    if year < 1 || !(1..=length).contains(&day) {
        return None;
    }
    // Days from the civil calendar, years beginning in March (Howard Hinnant's algorithm).
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(Day::from_number(era * 146_097 + day_of_era - 719_468))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_agree_with_the_calendar() {
        for number in (-1_000..60_000).step_by(7) {
            let text = Day::from_number(number).compact();
            assert_eq!(day(text.as_bytes()), Day::parse_compact(&text), "{text}");
        }
        for year in ["1900", "2000", "2024", "2026"] {
            for tail in [
                "0228", "0229", "0230", "0301", "1231", "0431", "1301", "0000",
            ] {
                let text = format!("{year}{tail}");
                assert_eq!(day(text.as_bytes()), Day::parse_compact(&text), "{text}");
            }
        }
    }

    #[test]
    fn regular_prints() {
        for (hour, session, expected) in [
            ("0", "20", true),
            ("0", "21", true),
            ("0", "", true),
            ("0", "22", false),
            ("0", "23", false),
            ("0", "30", false),
            ("0", "40", false),
            ("A", "20", false),
            ("0", "10", false),
            ("0", "49", false),
        ] {
            let regular = is_regular(hour.as_bytes(), session.as_bytes());
            assert_eq!(regular, expected, "{hour} {session}");
        }
    }
}
