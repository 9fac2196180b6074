//! One record of a data frame: fields by position.

use super::error::{BadField, KisError};
use super::number::{self, Number, cut};
use crate::domain::{Day, Shares, StockCode, Won, time};

/// Fields kept per record; more may follow and are skipped.
const KEPT: usize = 64;
/// Ends written at once, so that the number of fields in a block costs no branch for each.
const GROUP: usize = 8;

/// Where the fields of one record end.
pub(super) struct Record<'a> {
    tr_id: &'static str,
    bytes: &'a [u8],
    /// The last group may reach beyond what is kept.
    ends: [u32; KEPT + GROUP],
    index: usize,
}

/// A field: its name as the broker writes it and its position.
pub(super) type Field = (&'static str, usize);

impl<'a> Record<'a> {
    pub(super) fn new(tr_id: &'static str) -> Self {
        Self {
            tr_id,
            bytes: &[],
            ends: [0; KEPT + GROUP],
            index: 0,
        }
    }

    /// Finds the fields of the record that begins at `bytes`, at most `width`; returns its length
    /// and the number of its fields. Sixty-four bytes at a time.
    #[inline]
    pub(super) fn split(&mut self, bytes: &'a [u8], width: usize, index: usize) -> (usize, usize) {
        self.bytes = bytes;
        self.index = index;
        let mut found = 0;
        let (blocks, tail) = bytes.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().enumerate() {
            let hits = carets(block);
            if let Some(at) = self.take(hits, number * BLOCK, width, &mut found) {
                return (at, found);
            }
        }
        // The last bytes again with those before them, without the hits that are counted.
        let start = bytes.len() - tail.len();
        let hits = match bytes.last_chunk::<BLOCK>() {
            _ if tail.is_empty() => 0,
            Some(last) => carets(last) >> (BLOCK - tail.len()),
            None => {
                let mut padded = [0; BLOCK];
                padded[..tail.len()].copy_from_slice(tail);
                carets(&padded)
            }
        };
        if let Some(at) = self.take(hits, start, width, &mut found) {
            return (at, found);
        }
        if let Some(end) = self.ends.get_mut(found) {
            *end = bytes.len() as u32;
        }
        (bytes.len(), found + 1)
    }

    /// Notes the fields that end at `hits`, counted from `start`; where the record ends if that
    /// is the end of its last field.
    #[inline]
    fn take(&mut self, hits: u64, start: usize, width: usize, found: &mut usize) -> Option<usize> {
        let count = hits.count_ones() as usize;
        let (mut left, mut at) = (hits, *found);
        while left != 0 && at < KEPT {
            let Some(ends) = self.ends[at..].first_chunk_mut::<GROUP>() else {
                break;
            };
            for end in ends {
                *end = start as u32 + left.trailing_zeros();
                left &= left.wrapping_sub(1);
            }
            at += GROUP;
        }
        if *found + count < width {
            *found += count;
            return None;
        }
        let before = width - *found - 1;
        let last = (0..before).fold(hits, |hits, _| hits & hits.wrapping_sub(1));
        *found = width;
        Some(start + last.trailing_zeros() as usize)
    }

    #[inline]
    fn range(&self, at: usize) -> (usize, usize) {
        let start = match at {
            0 => 0,
            _ => self.ends[at - 1] as usize + 1,
        };
        (start, self.ends[at] as usize)
    }

    #[inline]
    pub(super) fn text(&self, (_, at): Field) -> &'a [u8] {
        let (start, end) = self.range(at);
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// A whole number, the usual form first: digits only, eight at once, maybe below zero.
    #[inline]
    fn number(&self, field: Field) -> Number {
        let (start, end) = self.range(field.1);
        let digits = |start| number::digits_within(self.bytes, start, end);
        if let Some(value) = digits(start) {
            return Number::Is(value);
        }
        let below = self.bytes.get(start) == Some(&b'-');
        match below.then(|| digits(start + 1)).flatten() {
            Some(value) => Number::Is(-value),
            None => number::integer(self.text(field)),
        }
    }

    /// The value of a field that is exactly `length` digits.
    #[inline]
    fn exactly(&self, (_, at): Field, length: usize) -> Option<u32> {
        let (start, end) = self.range(at);
        let digits = (end.wrapping_sub(start) == length)
            .then(|| number::digits_within(self.bytes, start, end))??;
        u32::try_from(digits).ok()
    }

    /// A decimal in hundredths, zero where blank.
    #[inline]
    pub(super) fn hundredths(&self, field: Field) -> Result<i64, KisError> {
        let (start, end) = self.range(field.1);
        // The usual form: digits, a point, two digits.
        if let Some([b'.', x @ b'0'..=b'9', y @ b'0'..=b'9']) =
            self.bytes.get(..end).and_then(<[u8]>::last_chunk)
            && let Some(whole) = number::digits_within(self.bytes, start, end - 3)
        {
            return Ok(whole * 100 + i64::from(x - b'0') * 10 + i64::from(y - b'0'));
        }
        match number::hundredths(self.text(field)) {
            Number::Is(value) => Ok(value),
            Number::Blank => Ok(0),
            Number::Bad => Err(self.bad(field, "not a number")),
        }
    }

    /// A price of a trade, won.
    #[inline]
    pub(super) fn price(&self, field: Field) -> Result<Won, KisError> {
        match self.number(field) {
            Number::Is(value @ 1..=number::MOST_WON) => Ok(Won(value)),
            Number::Blank => Err(self.bad(field, "blank")),
            Number::Is(_) => Err(self.bad(field, "not a price")),
            Number::Bad => Err(self.bad(field, "not a whole number")),
        }
    }

    /// A difference of prices, won, signed; blank is refused.
    #[inline]
    pub(super) fn change(&self, field: Field) -> Result<i64, KisError> {
        match self.number(field) {
            Number::Is(value) if value.unsigned_abs() <= number::MOST_WON as u64 => Ok(value),
            Number::Blank => Err(self.bad(field, "blank")),
            Number::Is(_) => Err(self.bad(field, number::TOO_LARGE)),
            Number::Bad => Err(self.bad(field, "not a whole number")),
        }
    }

    /// A whole number, zero where blank, never negative, at most `most`.
    #[inline]
    fn count(&self, field: Field, most: i64) -> Result<i64, KisError> {
        match self.number(field) {
            Number::Is(value) if (0..=most).contains(&value) => Ok(value),
            Number::Blank => Ok(0),
            Number::Is(value) if value < 0 => Err(self.bad(field, "negative")),
            Number::Is(_) => Err(self.bad(field, number::TOO_LARGE)),
            Number::Bad => Err(self.bad(field, "not a whole number")),
        }
    }

    #[inline]
    pub(super) fn won(&self, field: Field) -> Result<Won, KisError> {
        self.count(field, number::MOST_WON).map(Won)
    }

    #[inline]
    pub(super) fn shares(&self, field: Field) -> Result<Shares, KisError> {
        self.count(field, number::MOST_SHARES).map(Shares)
    }

    /// Won traded.
    #[inline]
    pub(super) fn value(&self, field: Field) -> Result<i64, KisError> {
        self.count(field, number::MOST_VALUE)
    }

    #[inline]
    pub(super) fn code(&self, field: Field) -> Result<StockCode, KisError> {
        StockCode::from_bytes(self.text(field).trim_ascii())
            .ok_or_else(|| self.bad(field, "not a stock code"))
    }

    /// `HHMMSS` as seconds since midnight.
    #[inline]
    pub(super) fn second(&self, field: Field) -> Result<u32, KisError> {
        let bad = || self.bad(field, "not a time of day");
        let digits = match self.exactly(field, 6) {
            Some(digits) => digits,
            None => return time::second_of_day(self.text(field)).ok_or_else(bad),
        };
        let (hour, minute, second) = (digits / 10_000, digits / 100 % 100, digits % 100);
        if 24 <= hour || 60 <= minute || 60 <= second {
            return Err(bad());
        }
        Ok(hour * 3_600 + minute * 60 + second)
    }

    /// `YYYYMMDD`.
    #[inline]
    pub(super) fn day(&self, field: Field) -> Result<Day, KisError> {
        let date = self.exactly(field, 8).and_then(day);
        date.ok_or_else(|| self.bad(field, "not a date"))
    }

    #[cold]
    pub(super) fn bad(&self, field: Field, why: &'static str) -> KisError {
        KisError::Field(BadField {
            tr_id: self.tr_id,
            field: field.0,
            position: Some(field.1),
            record: self.index,
            why,
            text: cut(self.text(field)),
        })
    }
}

const BLOCK: usize = 64;

/// One bit for every byte that is `^`, the first byte lowest. Written so that the compiler
/// compares sixteen bytes at once on every machine.
#[inline]
fn carets(block: &[u8; BLOCK]) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Moves the lowest bit of every byte into the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let equal = block.map(|byte| if byte == b'^' { 0xff } else { 0 });
    let (words, _) = equal.as_chunks::<8>();
    words.iter().enumerate().fold(0, |hits, (at, word)| {
        let ones = u64::from_le_bytes(*word) & ONES;
        hits | (ones.wrapping_mul(GATHER) >> 56) << (8 * at)
    })
}

/// The day of a date written as one number. The calendar rule is repeated here because it runs
/// for every print.
#[inline]
fn day(date: u32) -> Option<Day> {
    let date = i32::try_from(date).ok()?;
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i32::from(leap),
        _ => return None,
    };
    if year < i32::from(Day::FIRST_YEAR) || !(1..=length).contains(&day) {
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
        let read = |text: &str| day(text.parse().unwrap());
        for number in (-1_000..60_000).step_by(7) {
            let text = Day::from_number(number).compact();
            assert_eq!(read(&text), Day::parse_compact(&text), "{text}");
        }
        for year in ["0000", "0001", "1899", "1900", "2000", "2024", "2026"] {
            for tail in [
                "0228", "0229", "0230", "0301", "1231", "0431", "1301", "0000",
            ] {
                let text = format!("{year}{tail}");
                assert_eq!(read(&text), Day::parse_compact(&text), "{text}");
            }
        }
    }

    /// Every length around the blocks and every width: the plain way is the truth.
    #[test]
    fn fields_are_found_as_the_plain_way_finds_them() {
        let mut state = 1_u32;
        let mut random = move |end: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % end
        };
        for length in (0..200).chain([600, 1_000]) {
            let carets = 1 + random(9);
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    if random(carets) == 0 {
                        b'^'
                    } else {
                        0x5f ^ (random(3) as u8)
                    }
                })
                .collect();
            for width in [1, 2, 7, 46, 62, 64, 65, 200, usize::MAX] {
                let fields: Vec<&[u8]> = bytes.split(|b| *b == b'^').take(width).collect();
                let taken = fields.iter().map(|f| f.len() + 1).sum::<usize>() - 1;
                let mut record = Record::new("T");
                assert_eq!(record.split(&bytes, width, 0), (taken, fields.len()));
                for (at, field) in fields.iter().enumerate().take(KEPT) {
                    assert_eq!(record.text(("F", at)), *field, "{bytes:?} {width} {at}");
                }
            }
        }
    }

    #[test]
    fn the_fast_forms_say_what_the_slow_ones_say() {
        for text in [
            "0",
            "-1",
            "-",
            "--1",
            "-0",
            "+5",
            "",
            " ",
            "1 ",
            "-12345678",
            "-123456789",
            "9223372036854775807",
            "-9223372036854775807",
            "1.00",
            "1.50",
            "123.45",
            ".45",
            "-1.25",
            "1.2",
            "1.234",
            "12345678901234567.89",
            "a.12",
            "1.a2",
            "093000",
            "240000",
            "096000",
            "090060",
            "0930",
            "20261120",
            "20260230",
            "2026112x",
        ] {
            for before in ["", "long enough to read eight bytes^"] {
                let all = format!("{before}{text}^tail");
                let field = ("F", usize::from(!before.is_empty()));
                let mut record = Record::new("T");
                record.split(all.as_bytes(), 9, 0);
                let bytes = text.as_bytes();
                assert_eq!(record.number(field), number::integer(bytes), "{text}");
                let hundredths = match number::hundredths(bytes) {
                    Number::Is(value) => Some(value),
                    Number::Blank => Some(0),
                    Number::Bad => None,
                };
                assert_eq!(record.hundredths(field).ok(), hundredths, "{text}");
                assert_eq!(
                    record.second(field).ok(),
                    time::second_of_day(bytes),
                    "{text}"
                );
                assert_eq!(record.day(field).ok(), Day::parse_compact(text), "{text}");
            }
        }
    }
}
