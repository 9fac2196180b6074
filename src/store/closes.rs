//! The closes of a whole market: one blob a stock, read in one scan.

use rusqlite::{Connection, params};

use crate::domain::packed::{put, take, unzigzag, zigzag};
use crate::domain::{Day, DayCloses, Market, StockCode};

use super::error::Fault;

/// The first byte of a blob; another value is another form.
const FORM: u8 = 1;

/// Days and closes as differences, two or three bytes a day.
fn pack(closes: &DayCloses) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + closes.len() * 4);
    bytes.push(FORM);
    put(&mut bytes, closes.len() as u64);
    let (mut day, mut close) = (0_i64, 0_i64);
    for (at, value) in closes.rows() {
        let at = i64::from(at.number());
        put(&mut bytes, zigzag(at.wrapping_sub(day)));
        put(&mut bytes, zigzag(value.wrapping_sub(close)));
        (day, close) = (at, *value);
    }
    bytes
}

/// `None` if the bytes are not what [`pack`] writes.
fn unpack(bytes: &[u8], ended: bool) -> Option<DayCloses> {
    let (&form, mut rest) = bytes.split_first()?;
    if form != FORM {
        return None;
    }
    let count = usize::try_from(take(&mut rest)?).ok()?;
    // Two numbers a day, a byte each at least: a wrong count must not reserve memory.
    if rest.len() / 2 < count {
        return None;
    }
    let mut rows = Vec::with_capacity(count);
    let (mut day, mut close) = (0_i64, 0_i64);
    for _ in 0..count {
        day = day.wrapping_add(unzigzag(take(&mut rest)?));
        close = close.wrapping_add(unzigzag(take(&mut rest)?));
        rows.push((Day::from_number(i32::try_from(day).ok()?), close));
    }
    let closes = DayCloses::new(rows, ended);
    (rest.is_empty() && closes.len() == count).then_some(closes)
}

pub(super) fn save_closes(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    closes: &DayCloses,
) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO day_closes (market, code, ended, closes) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        market.code(),
        code.as_str(),
        closes.ended,
        pack(closes)
    ])?;
    Ok(())
}

/// What cannot be read is as good as none: it is fetched again.
pub(super) fn load_closes(
    db: &mut Connection,
    market: Market,
) -> Result<Vec<(StockCode, DayCloses)>, Fault> {
    let mut held =
        db.prepare_cached("SELECT code, ended, closes FROM day_closes WHERE market = ?1")?;
    let mut found = held.query(params![market.code()])?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        let code = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let blob = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        if let Some(code) = StockCode::parse(code)
            && let Some(closes) = unpack(blob, row.get(1)?)
        {
            all.push((code, closes));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_pack_and_a_broken_blob_is_none() {
        let day = Day::from_number;
        let rows = [
            (day(20_000), 71_400),
            (day(20_003), 70_000),
            (day(20_004), 1_234_567),
        ];
        let closes = DayCloses::new(rows, true);
        let bytes = pack(&closes);
        assert!(bytes.len() < 24, "{}", bytes.len());
        assert_eq!(unpack(&bytes, true), Some(closes));
        for cut in 0..bytes.len() {
            assert_eq!(unpack(&bytes[..cut], true), None, "{cut}");
        }
        let more = [&bytes[..], &[0]].concat();
        assert_eq!(unpack(&more, true), None);
        assert_eq!(unpack(&[FORM, 255, 255, 255, 255, 15], true), None);
    }
}
