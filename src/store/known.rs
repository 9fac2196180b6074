//! What is known beside the candles: where charts end, open days, names of stocks.

use rusqlite::{Connection, params};

use crate::domain::{ChartEnd, Day, Market, StockCode};

use super::error::Fault;

/// The newest end of a chart counts.
pub(super) fn save_end(
    db: &mut Connection,
    code: StockCode,
    market: Market,
    end: &ChartEnd,
) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO chart_end (market, code, timeframe, day, asked)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        market.code(),
        code.as_str(),
        end.timeframe.to_string(),
        end.day.number(),
        end.asked.number()
    ])?;
    Ok(())
}

/// One that cannot be read is as good as none: it is learned again.
pub(super) fn load_ends(
    db: &mut Connection,
    code: StockCode,
    market: Market,
) -> Result<Vec<ChartEnd>, Fault> {
    let mut ends = db.prepare_cached(
        "SELECT timeframe, day, asked FROM chart_end
         WHERE market = ?1 AND code = ?2 ORDER BY timeframe",
    )?;
    let mut found = ends.query(params![market.code(), code.as_str()])?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        let name: String = row.get(0)?;
        if let Ok(timeframe) = name.parse() {
            all.push(ChartEnd {
                timeframe,
                day: Day::from_number(row.get(1)?),
                asked: Day::from_number(row.get(2)?),
            });
        }
    }
    Ok(all)
}

pub(super) fn save_open_days(
    db: &mut Connection,
    asked: Day,
    days: &[(Day, bool)],
) -> Result<(), Fault> {
    let change = db.transaction()?;
    let mut insert = change
        .prepare_cached("INSERT OR REPLACE INTO open_day (day, open, asked) VALUES (?1, ?2, ?3)")?;
    for (day, open) in days {
        insert.execute(params![day.number(), open, asked.number()])?;
    }
    drop(insert);
    Ok(change.commit()?)
}

/// When the open days were asked for last, and each day known with whether it is open.
pub(super) type OpenDays = (Option<Day>, Vec<(Day, bool)>);

pub(super) fn load_open_days(db: &mut Connection) -> Result<OpenDays, Fault> {
    let mut rows = db.prepare("SELECT day, open, asked FROM open_day ORDER BY day")?;
    let mut found = rows.query([])?;
    let mut newest = None;
    let mut days = Vec::new();
    while let Some(row) = found.next()? {
        days.push((Day::from_number(row.get(0)?), row.get(1)?));
        newest = newest.max(Some(Day::from_number(row.get(2)?)));
    }
    Ok((newest, days))
}

pub(super) fn load_names(db: &mut Connection) -> Result<Vec<(StockCode, String)>, Fault> {
    let mut names = db.prepare("SELECT code, name FROM stock_name ORDER BY code")?;
    let mut found = names.query([])?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        let text: String = row.get(0)?;
        let code =
            StockCode::parse(&text).ok_or_else(|| Fault::Nonsense(format!("code {text:?}")))?;
        all.push((code, row.get(1)?));
    }
    Ok(all)
}

pub(super) fn save_name(db: &mut Connection, code: StockCode, name: &str) -> Result<(), Fault> {
    db.prepare_cached("INSERT OR REPLACE INTO stock_name (code, name) VALUES (?1, ?2)")?
        .execute(params![code.as_str(), name])?;
    Ok(())
}
