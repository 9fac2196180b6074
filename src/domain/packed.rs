//! A closed day of minute rows as a few bytes each: differences as variable-length numbers.

use super::{Candle, Day, Minute, MinuteRow};

/// The first byte of a blob; another value is another form.
const FORM: u8 = 1;

/// Packs the rows of one day.
pub fn pack(rows: &[MinuteRow]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + rows.len() * 9);
    bytes.push(FORM);
    put(&mut bytes, rows.len() as u64);
    let mut before = Before::default();
    for row in rows {
        before.put(&mut bytes, row);
    }
    bytes
}

/// Unpacks the rows of `day`; `None` if the bytes are not exactly what [`pack`] writes.
pub fn unpack(day: Day, bytes: &[u8]) -> Option<Vec<MinuteRow>> {
    let (&form, mut rest) = bytes.split_first()?;
    if form != FORM {
        return None;
    }
    let count = usize::try_from(take(&mut rest)?).ok()?;
    // Six numbers a row, a byte each at least: a wrong count must not reserve memory.
    if rest.len() / 6 < count {
        return None;
    }
    let mut rows = Vec::with_capacity(count);
    let mut before = Before::default();
    for _ in 0..count {
        rows.push(before.take(day, &mut rest)?);
    }
    rest.is_empty().then_some(rows)
}

/// All rows of a closed day, packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedDay(Box<[u8]>);

impl PackedDay {
    /// Packs the rows of one day.
    pub fn new(rows: &[MinuteRow]) -> Self {
        Self(pack(rows).into())
    }

    /// The rows, which are of this day.
    pub fn rows(&self, day: Day) -> Vec<MinuteRow> {
        // They were packed here: they can be read.
        unpack(day, &self.0).unwrap_or_default()
    }
}

/// Rows of one day in the order of their minutes, packed as they come: some nine bytes each
/// instead of 56.
#[derive(Clone, Debug)]
pub struct PackedRows {
    day: Day,
    bytes: Vec<u8>,
    newest: Before,
}

impl PackedRows {
    /// No row of a day yet.
    pub fn new(day: Day) -> Self {
        Self {
            day,
            bytes: Vec::new(),
            newest: Before::default(),
        }
    }

    /// Puts a row of the day behind the others.
    pub fn push(&mut self, row: &MinuteRow) {
        self.newest.put(&mut self.bytes, row);
    }

    /// The rows, in the order in which they were put.
    pub fn iter(&self) -> impl Iterator<Item = MinuteRow> + '_ {
        let (mut before, mut rest) = (Before::default(), &self.bytes[..]);
        // They were packed here: they can be read, to the last one.
        std::iter::from_fn(move || before.take(self.day, &mut rest))
    }
}

/// What a packed row is written as the difference to.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    minute: i64,
    close: i64,
}

impl Before {
    fn put(&mut self, bytes: &mut Vec<u8>, row: &MinuteRow) {
        let Candle {
            open,
            high,
            low,
            close,
            volume,
        } = row.candle;
        let minute = i64::from(row.minute.0);
        for value in [
            minute.wrapping_sub(self.minute),
            open.wrapping_sub(self.close),
            high.wrapping_sub(open),
            low.wrapping_sub(open),
            close.wrapping_sub(open),
            volume,
        ] {
            put(bytes, zigzag(value));
        }
        *self = Self { minute, close };
    }

    /// The next row off the front; `None` at the end, and if it is cut or none.
    fn take(&mut self, day: Day, bytes: &mut &[u8]) -> Option<MinuteRow> {
        let mut next = || take(bytes).map(unzigzag);
        let minute = self.minute.wrapping_add(next()?);
        let open = self.close.wrapping_add(next()?);
        let candle = Candle {
            open,
            high: open.wrapping_add(next()?),
            low: open.wrapping_add(next()?),
            close: open.wrapping_add(next()?),
            volume: next()?,
        };
        *self = Self {
            minute,
            close: candle.close,
        };
        Some(MinuteRow {
            day,
            minute: Minute(u16::try_from(minute).ok()?),
            candle,
        })
    }
}

/// Small numbers of either sign become small numbers.
pub fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// The opposite of [`zigzag`].
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// Seven bits a byte, lowest first; the high bit says that more follow.
pub fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while 0x80 <= value {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Reads what [`put`] wrote off the front; `None` if it is cut or no number.
pub fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && 1 < bits {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_row() -> impl Strategy<Value = MinuteRow> {
        let numbers = (
            any::<i64>(),
            any::<i64>(),
            any::<i64>(),
            any::<i64>(),
            any::<i64>(),
        );
        (0..1_440_u16, numbers).prop_map(|(minute, (open, high, low, close, volume))| MinuteRow {
            day: Day::from_number(20_000),
            minute: Minute(minute),
            candle: Candle {
                open,
                high,
                low,
                close,
                volume,
            },
        })
    }

    proptest! {
        #[test]
        fn rows_read_back_whatever_they_hold(rows in proptest::collection::vec(any_row(), 0..40)) {
            prop_assert_eq!(unpack(Day::from_number(20_000), &pack(&rows)), Some(rows));
        }

        #[test]
        fn no_bytes_can_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(rows) = unpack(Day::from_number(1), &bytes) {
                prop_assert!(rows.len() <= bytes.len());
            }
        }
    }

    proptest! {
        #[test]
        fn rows_put_one_by_one_come_back(rows in proptest::collection::vec(any_row(), 0..50)) {
            let mut packed = PackedRows::new(Day::from_number(20_000));
            for row in &rows {
                packed.push(row);
            }
            prop_assert_eq!(packed.iter().collect::<Vec<_>>(), rows);
        }
    }

    #[test]
    fn a_cut_or_longer_blob_is_refused() {
        let row = MinuteRow {
            day: Day::from_number(1),
            minute: Minute::hm(9, 0),
            candle: Candle::flat(70_000),
        };
        let bytes = pack(&[row, row]);
        for len in 0..bytes.len() {
            assert_eq!(unpack(row.day, &bytes[..len]), None, "{len}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert_eq!(unpack(row.day, &longer), None);
    }
}
