//! One record of a data frame: fields by position.

use super::error::{BadField, KisError};
use super::number::{self, Number, cut};
use crate::domain::{Shares, StockCode, Won, time};

/// Fields kept per record; more may follow and are skipped.
const KEPT: usize = 64;

/// Where the fields of one record end.
pub(super) struct Record<'a> {
    tr_id: &'static str,
    bytes: &'a [u8],
    ends: [u32; KEPT],
    index: usize,
}

/// A field: its name as the broker writes it and its position.
pub(super) type Field = (&'static str, usize);

impl<'a> Record<'a> {
    pub(super) fn new(tr_id: &'static str) -> Self {
        Self {
            tr_id,
            bytes: &[],
            ends: [0; KEPT],
            index: 0,
        }
    }

    /// Finds the fields of the record that begins at `bytes`, at most `width`; returns its length
    /// and the number of its fields. Eight bytes at a time.
    #[inline]
    pub(super) fn split(&mut self, bytes: &'a [u8], width: usize, index: usize) -> (usize, usize) {
        self.bytes = bytes;
        self.index = index;
        let mut found = 0;
        let (chunks, tail) = bytes.as_chunks::<8>();
        for (chunk, eight) in chunks.iter().enumerate() {
            let mut hits = carets(u64::from_le_bytes(*eight));
            while hits != 0 {
                let at = chunk * 8 + (hits.trailing_zeros() / 8) as usize;
                if let Some(end) = self.ends.get_mut(found) {
                    *end = at as u32;
                }
                found += 1;
                if found == width {
                    return (at, found);
                }
                hits &= hits - 1;
            }
        }
        let start = bytes.len() - tail.len();
        for (at, _) in tail.iter().enumerate().filter(|(_, b)| **b == b'^') {
            if let Some(end) = self.ends.get_mut(found) {
                *end = (start + at) as u32;
            }
            found += 1;
            if found == width {
                return (start + at, found);
            }
        }
        if let Some(end) = self.ends.get_mut(found) {
            *end = bytes.len() as u32;
        }
        (bytes.len(), found + 1)
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

    /// A whole number, the usual form first: digits only, eight at once.
    #[inline]
    fn number(&self, field: Field) -> Number {
        let (start, end) = self.range(field.1);
        match number::digits_within(self.bytes, start, end) {
            Some(value) => Number::Is(value),
            None => number::integer(self.text(field)),
        }
    }

    /// A whole number; blank is refused.
    #[inline]
    pub(super) fn integer(&self, field: Field) -> Result<i64, KisError> {
        match self.number(field) {
            Number::Is(value) => Ok(value),
            Number::Blank => Err(self.bad(field, "blank")),
            Number::Bad => Err(self.bad(field, "not a whole number")),
        }
    }

    /// A whole number, zero where blank, never negative.
    #[inline]
    pub(super) fn count(&self, field: Field) -> Result<i64, KisError> {
        match self.number(field) {
            Number::Is(value) if 0 <= value => Ok(value),
            Number::Blank => Ok(0),
            Number::Is(_) => Err(self.bad(field, "negative")),
            Number::Bad => Err(self.bad(field, "not a whole number")),
        }
    }

    #[inline]
    pub(super) fn won(&self, field: Field) -> Result<Won, KisError> {
        self.count(field).map(Won)
    }

    #[inline]
    pub(super) fn shares(&self, field: Field) -> Result<Shares, KisError> {
        self.count(field).map(Shares)
    }

    #[inline]
    pub(super) fn code(&self, field: Field) -> Result<StockCode, KisError> {
        StockCode::from_bytes(self.text(field).trim_ascii())
            .ok_or_else(|| self.bad(field, "not a stock code"))
    }

    /// `HHMMSS` as seconds since midnight.
    #[inline]
    pub(super) fn second(&self, field: Field) -> Result<u32, KisError> {
        time::second_of_day(self.text(field)).ok_or_else(|| self.bad(field, "not a time of day"))
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

/// The high bit of every byte that is `^`. Exact, without the false hits of the shorter form.
#[inline]
fn carets(eight: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let x = eight ^ u64::from_le_bytes([b'^'; 8]);
    !(((x & LOW) + LOW) | x | LOW)
}
