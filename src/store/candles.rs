//! Candles in SQL: a closed day is one blob, today's rows are rows.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension as _, Statement, params};

use crate::domain::packed::{pack, unpack};
use crate::domain::{Candle, DailyRow, Day, Market, Minute, MinuteRow, StockCode, Timeframe};

use super::error::Fault;

pub(super) fn load_minutes(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    from: Day,
) -> Result<Vec<(Day, Vec<MinuteRow>)>, Fault> {
    let mut days: BTreeMap<Day, Vec<MinuteRow>> = BTreeMap::new();
    let who = params![market.code(), code.as_str(), from.number()];
    let mut broken = Vec::new();
    let mut blobs = db.prepare_cached(
        "SELECT day, rows FROM day_blob WHERE market = ?1 AND code = ?2 AND ?3 <= day",
    )?;
    let mut found = blobs.query(who)?;
    while let Some(row) = found.next()? {
        let day = Day::from_number(row.get(0)?);
        match unpack(
            day,
            row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?,
        ) {
            Some(rows) => {
                days.insert(day, rows);
            }
            None => broken.push(day),
        }
    }
    drop(found);
    drop(blobs);
    for day in broken {
        // It can be fetched again; kept, it would look like a day without trades.
        tracing::warn!("the stored minutes of {code} on {day} are unreadable and forgotten");
        db.execute(
            "DELETE FROM day_blob WHERE market = ?1 AND code = ?2 AND day = ?3",
            params![market.code(), code.as_str(), day.number()],
        )?;
    }
    let mut singles = db.prepare_cached(
        "SELECT day, minute, open, high, low, close, volume FROM minute_row
         WHERE market = ?1 AND code = ?2 AND ?3 <= day ORDER BY day, minute",
    )?;
    let mut found = singles.query(who)?;
    while let Some(row) = found.next()? {
        let row = minute_row(row)?;
        days.entry(row.day).or_default().push(row);
    }
    Ok(days.into_iter().collect())
}

pub(super) fn save_day(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    day: Day,
    rows: &[MinuteRow],
) -> Result<(), Fault> {
    let mut own: Vec<MinuteRow> = rows.iter().filter(|r| r.day == day).copied().collect();
    own.sort_by_key(|r| r.minute);
    own.dedup_by_key(|r| r.minute);
    let change = db.transaction()?;
    change
        .prepare_cached("DELETE FROM minute_row WHERE market = ?1 AND code = ?2 AND day = ?3")?
        .execute(params![market.code(), code.as_str(), day.number()])?;
    for table in ["partial_day", "day_head"] {
        change
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE market = ?1 AND code = ?2 AND day = ?3"
            ))?
            .execute(params![market.code(), code.as_str(), day.number()])?;
    }
    change
        .prepare_cached(
            "INSERT OR REPLACE INTO day_blob (market, code, day, rows) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            market.code(),
            code.as_str(),
            day.number(),
            pack(&own)
        ])?;
    Ok(change.commit()?)
}

pub(super) fn save_partial(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    (day, from): (Day, Minute),
    rows: &[MinuteRow],
) -> Result<(), Fault> {
    let mut own: Vec<MinuteRow> = rows.iter().filter(|r| r.day == day).copied().collect();
    own.sort_by_key(|r| r.minute);
    db.prepare_cached(
        "INSERT OR REPLACE INTO partial_day (market, code, day, known_from, rows)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        market.code(),
        code.as_str(),
        day.number(),
        from.0,
        pack(&own)
    ])?;
    Ok(())
}

/// One that cannot be read is as good as none: its rows are fetched again.
pub(super) fn load_partials(
    db: &mut Connection,
    code: StockCode,
    market: Market,
) -> Result<Vec<(Day, Minute, Vec<MinuteRow>)>, Fault> {
    let mut held = db.prepare_cached(
        "SELECT day, known_from, rows FROM partial_day
         WHERE market = ?1 AND code = ?2 ORDER BY day",
    )?;
    let mut found = held.query(params![market.code(), code.as_str()])?;
    let mut days = Vec::new();
    while let Some(row) = found.next()? {
        let day = Day::from_number(row.get(0)?);
        let blob = row.get_ref(2)?;
        if let Some(rows) = unpack(day, blob.as_blob().map_err(rusqlite::Error::from)?) {
            days.push((day, Minute(row.get(1)?), rows));
        }
    }
    Ok(days)
}

pub(super) fn save_rows(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    day: Day,
    known: &Range<Minute>,
    rows: &[MinuteRow],
) -> Result<bool, Fault> {
    let who = params![market.code(), code.as_str(), day.number()];
    let change = db.transaction()?;
    let held = change
        .prepare_cached(
            "SELECT known_from, known_until FROM day_head
             WHERE market = ?1 AND code = ?2 AND day = ?3",
        )?
        .query_row(who, |row| Ok(Minute(row.get(0)?)..Minute(row.get(1)?)))
        .optional()?;
    let mut known = known.clone();
    if let Some(held) = held {
        if held.end < known.start {
            return Ok(false);
        }
        // One that begins later than this one and does not touch it is of no use any more.
        if held.start <= known.end {
            known = held.start.min(known.start)..held.end.max(known.end);
        }
    }
    let mut insert = change.prepare_cached(
        "INSERT OR IGNORE INTO minute_row
             (market, code, day, minute, open, high, low, close, volume)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS
             (SELECT 1 FROM day_blob WHERE market = ?1 AND code = ?2 AND day = ?3)",
    )?;
    insert_rows(&mut insert, code, market, day, rows)?;
    drop(insert);
    change
        .prepare_cached(
            "INSERT OR REPLACE INTO day_head (market, code, day, known_from, known_until)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS
                 (SELECT 1 FROM day_blob WHERE market = ?1 AND code = ?2 AND day = ?3)",
        )?
        .execute(params![
            market.code(),
            code.as_str(),
            day.number(),
            known.start.0,
            known.end.0
        ])?;
    change.commit()?;
    Ok(true)
}

pub(super) fn load_heads(
    db: &mut Connection,
    code: StockCode,
    market: Market,
) -> Result<Vec<(Day, Range<Minute>)>, Fault> {
    let mut heads = db.prepare_cached(
        "SELECT day, known_from, known_until FROM day_head
         WHERE market = ?1 AND code = ?2 ORDER BY day",
    )?;
    let found = heads.query_map(params![market.code(), code.as_str()], |row| {
        let known = Minute(row.get(1)?)..Minute(row.get(2)?);
        Ok((Day::from_number(row.get(0)?), known))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Takes the place of the corrections of `day`; those of before `from` are forgotten.
pub(super) fn save_corrections(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    (from, day): (Day, Day),
    rows: &[MinuteRow],
) -> Result<(), Fault> {
    let change = db.transaction()?;
    change
        .prepare_cached(
            "DELETE FROM corrected_row WHERE market = ?1 AND code = ?2 AND (day = ?3 OR day < ?4)",
        )?
        .execute(params![
            market.code(),
            code.as_str(),
            day.number(),
            from.number()
        ])?;
    let mut insert = change.prepare_cached(
        "INSERT OR REPLACE INTO corrected_row
             (market, code, day, minute, open, high, low, close, volume)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    insert_rows(&mut insert, code, market, day, rows)?;
    drop(insert);
    Ok(change.commit()?)
}

pub(super) fn load_corrections(
    db: &mut Connection,
    code: StockCode,
    market: Market,
) -> Result<Vec<MinuteRow>, Fault> {
    let mut rows = db.prepare_cached(
        "SELECT day, minute, open, high, low, close, volume FROM corrected_row
         WHERE market = ?1 AND code = ?2 ORDER BY day, minute",
    )?;
    let found = rows.query_map(params![market.code(), code.as_str()], minute_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn days_held(
    db: &mut Connection,
    code: StockCode,
    market: Market,
) -> Result<Vec<Day>, Fault> {
    let mut days =
        db.prepare_cached("SELECT day FROM day_blob WHERE market = ?1 AND code = ?2 ORDER BY day")?;
    let found = days.query_map(params![market.code(), code.as_str()], |row| {
        row.get(0).map(Day::from_number)
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The day that stands for a row's day, week or month.
fn period(timeframe: Timeframe, day: Day) -> Result<Day, Fault> {
    match timeframe {
        Timeframe::Day => Ok(day),
        Timeframe::Week => Ok(day.monday()),
        Timeframe::Month => Ok(day.first_of_month()),
        Timeframe::Minutes(_) => Err(Fault::NotAPeriod(timeframe.to_string())),
    }
}

pub(super) fn load_period(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    timeframe: Timeframe,
) -> Result<Vec<DailyRow>, Fault> {
    period(timeframe, Day::default())?;
    let mut rows = db.prepare_cached(
        "SELECT day, open, high, low, close, volume FROM period_row
         WHERE market = ?1 AND code = ?2 AND timeframe = ?3 ORDER BY period",
    )?;
    let who = params![market.code(), code.as_str(), timeframe.to_string()];
    let found = rows.query_map(who, |row| {
        Ok(DailyRow {
            day: Day::from_number(row.get(0)?),
            candle: candle(row, 1)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn save_period(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    timeframe: Timeframe,
    rows: &[DailyRow],
    joins: Option<Day>,
) -> Result<(), Fault> {
    period(timeframe, Day::default())?;
    let name = timeframe.to_string();
    let change = db.transaction()?;
    if let Some(day) = joins {
        let held = change
            .prepare_cached(
                "SELECT 1 FROM period_row
                 WHERE market = ?1 AND code = ?2 AND timeframe = ?3 AND period = ?4",
            )?
            .exists(params![
                market.code(),
                code.as_str(),
                name,
                period(timeframe, day)?.number()
            ])?;
        if !held {
            tracing::debug!("rows of {code} by {name} that join on to nothing are not kept");
            return Ok(());
        }
    } else if let Some(first) = rows.iter().map(|row| row.day).min() {
        // Nobody knows what lies between what is held and the newest rows.
        change
            .prepare_cached(
                "DELETE FROM period_row WHERE market = ?1 AND code = ?2 AND timeframe = ?3
                 AND (SELECT max(period) FROM period_row
                      WHERE market = ?1 AND code = ?2 AND timeframe = ?3) < ?4",
            )?
            .execute(params![
                market.code(),
                code.as_str(),
                name,
                period(timeframe, first)?.number()
            ])?;
    }
    // `rescaled` is of earlier versions, which kept a sign of the broker's that nothing rests on.
    let mut insert = change.prepare_cached(
        "INSERT OR REPLACE INTO period_row (market, code, timeframe, period, day, open, high,
             low, close, volume, rescaled)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, FALSE)",
    )?;
    for row in rows {
        let c = &row.candle;
        insert.execute(params![
            market.code(),
            code.as_str(),
            name,
            period(timeframe, row.day)?.number(),
            row.day.number(),
            c.open,
            c.high,
            c.low,
            c.close,
            c.volume
        ])?;
    }
    drop(insert);
    Ok(change.commit()?)
}

pub(super) fn forget_stock(
    db: &mut Connection,
    code: StockCode,
    market: Market,
) -> Result<(), Fault> {
    let change = db.transaction()?;
    for table in [
        "day_blob",
        "minute_row",
        "period_row",
        "partial_day",
        "day_head",
        "day_closes",
        "corrected_row",
        "chart_end",
    ] {
        change.execute(
            &format!("DELETE FROM {table} WHERE market = ?1 AND code = ?2"),
            params![market.code(), code.as_str()],
        )?;
    }
    Ok(change.commit()?)
}

/// Puts the rows of `day` where `insert` says.
fn insert_rows(
    insert: &mut Statement<'_>,
    code: StockCode,
    market: Market,
    day: Day,
    rows: &[MinuteRow],
) -> rusqlite::Result<()> {
    for row in rows.iter().filter(|row| row.day == day) {
        let c = &row.candle;
        insert.execute(params![
            market.code(),
            code.as_str(),
            day.number(),
            row.minute.0,
            c.open,
            c.high,
            c.low,
            c.close,
            c.volume
        ])?;
    }
    Ok(())
}

/// Day, minute and candle.
fn minute_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<MinuteRow> {
    Ok(MinuteRow {
        day: Day::from_number(row.get(0)?),
        minute: Minute(row.get(1)?),
        candle: candle(row, 2)?,
    })
}

/// Five numbers of a row, from a column on.
fn candle(row: &rusqlite::Row<'_>, from: usize) -> rusqlite::Result<Candle> {
    Ok(Candle {
        open: row.get(from)?,
        high: row.get(from + 1)?,
        low: row.get(from + 2)?,
        close: row.get(from + 3)?,
        volume: row.get(from + 4)?,
    })
}
