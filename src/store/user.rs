//! Signals and marks in SQL.

use rusqlite::{Connection, Row, params};

use crate::domain::{
    Mark, Moment, RuleKey, Signal, SignalKey, Source, Stage, StockCode, Timeframe,
};

use super::error::Fault;

pub(super) fn record(db: &mut Connection, signals: &[Signal], marks: &[Mark]) -> Result<(), Fault> {
    let change = db.transaction()?;
    for signal in signals {
        save_signal(&change, signal)?;
    }
    for mark in marks {
        save_mark(&change, mark)?;
    }
    Ok(change.commit()?)
}

fn save_signal(db: &Connection, s: &Signal) -> Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT INTO signal (rule, code, timeframe, bar, stage, rule_name, rule_text, stock_name,
             price, averages, source, at, bar_end, rows_asked, rows_answered, reason, shown, seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
         ON CONFLICT (rule, code, timeframe, bar) DO UPDATE SET
             stage = excluded.stage, rule_name = excluded.rule_name,
             rule_text = excluded.rule_text, stock_name = excluded.stock_name,
             price = excluded.price, averages = excluded.averages, source = excluded.source,
             at = excluded.at, bar_end = excluded.bar_end, rows_asked = excluded.rows_asked,
             rows_answered = excluded.rows_answered, reason = excluded.reason,
             shown = coalesce(excluded.shown, shown), seen = max(excluded.seen, seen)",
    )?;
    insert.execute(params![
        s.key.rule.0.cast_signed(),
        s.key.code.as_str(),
        s.key.timeframe.to_string(),
        s.key.bar.0,
        s.stage.as_str(),
        &*s.rule_name,
        &*s.rule_text,
        &*s.stock_name,
        s.price,
        averages_text(&s.averages),
        s.source.as_str(),
        s.at.0,
        s.bar_end.0,
        s.rows_asked.map(|(asked, _)| asked.0),
        s.rows_asked.map(|(_, answered)| answered.0),
        s.reason.as_deref(),
        s.shown.map(|at| at.0),
        s.seen,
    ])?;
    Ok(())
}

fn save_mark(db: &Connection, m: &Mark) -> Result<(), Fault> {
    let mut insert = db.prepare_cached(
        "INSERT OR REPLACE INTO mark
             (rule, code, timeframe, bar, baseline_true, judged_at, source)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    insert.execute(params![
        m.rule.0.cast_signed(),
        m.code.as_str(),
        m.timeframe.to_string(),
        m.bar.0,
        m.baseline_true,
        m.judged_at.0,
        m.source.as_str(),
    ])?;
    Ok(())
}

pub(super) fn load_signals(db: &mut Connection, since: Moment) -> Result<Vec<Signal>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT rule, code, timeframe, bar, stage, rule_name, rule_text, stock_name, price,
             averages, source, at, bar_end, rows_asked, rows_answered, reason, shown, seen
         FROM signal WHERE ?1 <= bar_end ORDER BY bar_end, bar, at, rule, code, timeframe",
    )?;
    let mut found = select.query([since.0])?;
    let mut signals = Vec::new();
    while let Some(row) = found.next()? {
        signals.push(signal(row)?);
    }
    Ok(signals)
}

fn signal(row: &Row<'_>) -> Result<Signal, Fault> {
    let asked: Option<i64> = row.get(13)?;
    let answered: Option<i64> = row.get(14)?;
    let averages: String = row.get(9)?;
    let shown: Option<i64> = row.get(16)?;
    let text = |column: usize| -> Result<std::sync::Arc<str>, Fault> {
        Ok(row.get::<_, String>(column)?.into())
    };
    Ok(Signal {
        key: SignalKey {
            rule: RuleKey(row.get::<_, i64>(0)?.cast_unsigned()),
            code: word(row, 1, StockCode::parse)?,
            timeframe: word(row, 2, |t| t.parse::<Timeframe>().ok())?,
            bar: Moment(row.get(3)?),
        },
        stage: word(row, 4, Stage::parse)?,
        rule_name: text(5)?,
        rule_text: text(6)?,
        stock_name: text(7)?,
        price: row.get(8)?,
        averages: read_averages(&averages)
            .ok_or_else(|| Fault::Nonsense(format!("averages {averages:?}")))?,
        source: word(row, 10, Source::parse)?,
        at: Moment(row.get(11)?),
        bar_end: Moment(row.get(12)?),
        rows_asked: asked.zip(answered).map(|(a, b)| (Moment(a), Moment(b))),
        reason: row.get::<_, Option<String>>(15)?.map(Into::into),
        shown: shown.map(Moment),
        seen: row.get(17)?,
    })
}

pub(super) fn load_marks(db: &mut Connection) -> Result<Vec<Mark>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT rule, code, timeframe, bar, baseline_true, judged_at, source FROM mark
         ORDER BY rule, code, timeframe",
    )?;
    let mut found = select.query([])?;
    let mut marks = Vec::new();
    while let Some(row) = found.next()? {
        marks.push(Mark {
            rule: RuleKey(row.get::<_, i64>(0)?.cast_unsigned()),
            code: word(row, 1, StockCode::parse)?,
            timeframe: word(row, 2, |t| t.parse::<Timeframe>().ok())?,
            bar: Moment(row.get(3)?),
            baseline_true: row.get(4)?,
            judged_at: Moment(row.get(5)?),
            source: word(row, 6, Source::parse)?,
        });
    }
    Ok(marks)
}

pub(super) fn mark_shown(db: &mut Connection, keys: &[SignalKey], at: Moment) -> Result<(), Fault> {
    set(db, "shown", at.0, keys)
}

pub(super) fn mark_seen(db: &mut Connection, keys: &[SignalKey]) -> Result<(), Fault> {
    set(db, "seen", 1, keys)
}

fn set(db: &mut Connection, column: &str, value: i64, keys: &[SignalKey]) -> Result<(), Fault> {
    let change = db.transaction()?;
    let mut update = change.prepare_cached(&format!(
        "UPDATE signal SET {column} = ?1
         WHERE rule = ?2 AND code = ?3 AND timeframe = ?4 AND bar = ?5"
    ))?;
    for key in keys {
        update.execute(params![
            value,
            key.rule.0.cast_signed(),
            key.code.as_str(),
            key.timeframe.to_string(),
            key.bar.0
        ])?;
    }
    drop(update);
    Ok(change.commit()?)
}

pub(super) fn delete_marks_except(db: &mut Connection, kept: &[RuleKey]) -> Result<(), Fault> {
    let held: Vec<i64> = db
        .prepare("SELECT DISTINCT rule FROM mark")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let change = db.transaction()?;
    for rule in held {
        if !kept.contains(&RuleKey(rule.cast_unsigned())) {
            change.execute("DELETE FROM mark WHERE rule = ?1", [rule])?;
        }
    }
    Ok(change.commit()?)
}

/// A stored word read back; one this program never wrote is an error, not a guess.
fn word<T>(row: &Row<'_>, column: usize, read: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    read(&text).ok_or_else(|| Fault::Nonsense(format!("{text:?}")))
}

/// `20=71250.5 60=70900`: exact decimals stay text.
fn averages_text(averages: &[(u16, String)]) -> String {
    let pairs: Vec<String> = averages.iter().map(|(n, x)| format!("{n}={x}")).collect();
    pairs.join(" ")
}

fn read_averages(text: &str) -> Option<Vec<(u16, String)>> {
    text.split_whitespace()
        .map(|pair| {
            let (period, average) = pair.split_once('=')?;
            Some((period.parse().ok()?, average.to_owned()))
        })
        .collect()
}
