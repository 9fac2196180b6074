//! H0STCNT0, H0NXCNT0, H0UNCNT0: executions. 46 fields, the same positions on every market.

use super::error::KisError;
use super::record::{Field, Record};
use super::signs;
use crate::domain::{Print, Side, Won};

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
    let price = record.price(PRICE)?;
    let day_high = record.won(HIGH)?;
    let day_low = record.won(LOW)?;
    if day_high < day_low {
        return Err(record.bad(HIGH, "below the day's low"));
    }
    Ok(Print {
        code: record.code(CODE)?,
        day: record.day(DATE)?,
        second: record.second(TIME)?,
        price,
        size: record.shares(SIZE)?,
        day_volume: record.shares(DAY_VOLUME)?,
        day_value: record.value(DAY_VALUE)?,
        change: Won(signs::signed(record.text(SIGN), record.change(CHANGE)?)),
        day_open: record.won(OPEN)?,
        day_high,
        day_low,
        side: match record.text(SIDE) {
            b"1" => Side::Buy,
            b"5" => Side::Sell,
            _ => Side::Auction,
        },
        strength: record.hundredths(STRENGTH)?,
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

#[cfg(test)]
mod tests {
    use super::*;

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
