//! The shapes of the two files, as steps from one version to the next.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;
use super::error::Fault;

/// Append only: a released step is never edited, because someone's file already ran it.
pub(super) const CANDLES: &[&str] = &[
    "
    CREATE TABLE day_blob (
        market TEXT NOT NULL, code TEXT NOT NULL, day INTEGER NOT NULL, rows BLOB NOT NULL,
        PRIMARY KEY (market, code, day)
    ) STRICT;
    CREATE TABLE minute_row (
        market TEXT NOT NULL, code TEXT NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL,
        open INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,
        close INTEGER NOT NULL, volume INTEGER NOT NULL,
        PRIMARY KEY (market, code, day, minute)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE period_row (
        market TEXT NOT NULL, code TEXT NOT NULL, timeframe TEXT NOT NULL,
        period INTEGER NOT NULL, day INTEGER NOT NULL,
        open INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,
        close INTEGER NOT NULL, volume INTEGER NOT NULL, rescaled INTEGER NOT NULL,
        PRIMARY KEY (market, code, timeframe, period)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE stock_name (
        code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE partial_day (
        market TEXT NOT NULL, code TEXT NOT NULL, day INTEGER NOT NULL,
        known_from INTEGER NOT NULL, rows BLOB NOT NULL,
        PRIMARY KEY (market, code)
    ) STRICT;
    CREATE TABLE open_day (
        day INTEGER NOT NULL PRIMARY KEY, open INTEGER NOT NULL, asked INTEGER NOT NULL
    ) STRICT;
",
    "
    DROP TABLE partial_day;
    CREATE TABLE partial_day (
        market TEXT NOT NULL, code TEXT NOT NULL, day INTEGER NOT NULL,
        known_from INTEGER NOT NULL, rows BLOB NOT NULL,
        PRIMARY KEY (market, code, day)
    ) STRICT;
",
    // Rows that earlier versions kept of running days may have holes: they are fetched again.
    "
    CREATE TABLE day_head (
        market TEXT NOT NULL, code TEXT NOT NULL, day INTEGER NOT NULL,
        known_from INTEGER NOT NULL, known_until INTEGER NOT NULL,
        PRIMARY KEY (market, code, day)
    ) STRICT, WITHOUT ROWID;
",
    // The closes of the whole market, a blob a stock: read in one scan.
    "
    CREATE TABLE day_closes (
        market TEXT NOT NULL, code TEXT NOT NULL, ended INTEGER NOT NULL, closes BLOB NOT NULL,
        PRIMARY KEY (market, code)
    ) STRICT;
",
    // Rows as the broker served them after they had been accepted: for the chart alone.
    "
    CREATE TABLE corrected_row (
        market TEXT NOT NULL, code TEXT NOT NULL, day INTEGER NOT NULL, minute INTEGER NOT NULL,
        open INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,
        close INTEGER NOT NULL, volume INTEGER NOT NULL,
        PRIMARY KEY (market, code, day, minute)
    ) STRICT, WITHOUT ROWID;
",
    // Where charts end, so that nobody asks for what the broker does not have at each start.
    "
    CREATE TABLE chart_end (
        market TEXT NOT NULL, code TEXT NOT NULL, timeframe TEXT NOT NULL,
        day INTEGER NOT NULL, asked INTEGER NOT NULL,
        PRIMARY KEY (market, code, timeframe)
    ) STRICT, WITHOUT ROWID;
",
];

/// Append only, as [`CANDLES`].
pub(super) const USER: &[&str] = &["
    CREATE TABLE signal (
        rule INTEGER NOT NULL, code TEXT NOT NULL, timeframe TEXT NOT NULL, bar INTEGER NOT NULL,
        stage TEXT NOT NULL, rule_name TEXT NOT NULL, rule_text TEXT NOT NULL,
        stock_name TEXT NOT NULL, price INTEGER NOT NULL, averages TEXT NOT NULL,
        source TEXT NOT NULL, at INTEGER NOT NULL, bar_end INTEGER NOT NULL,
        rows_asked INTEGER, rows_answered INTEGER, reason TEXT,
        shown INTEGER, seen INTEGER NOT NULL,
        PRIMARY KEY (rule, code, timeframe, bar)
    ) STRICT;
    CREATE INDEX signal_by_bar_end ON signal (bar_end);
    CREATE TABLE mark (
        rule INTEGER NOT NULL, code TEXT NOT NULL, timeframe TEXT NOT NULL, bar INTEGER NOT NULL,
        baseline_true INTEGER NOT NULL, judged_at INTEGER NOT NULL, source TEXT NOT NULL,
        PRIMARY KEY (rule, code, timeframe)
    ) STRICT, WITHOUT ROWID;
"];

/// Brings a file to the newest version, all or nothing. A file of a newer version is refused
/// before anything is written.
pub(super) fn migrate(
    db: &mut Connection,
    steps: &[&str],
    file: &Path,
) -> Result<Result<(), StoreError>, Fault> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get(0));
    let found: i64 = version(db)?;
    if known < found {
        return Ok(Err(StoreError::Newer {
            file: file.to_owned(),
            found,
            known,
        }));
    }
    if found == known {
        return Ok(Ok(()));
    }
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let found: i64 = version(&change)?;
    let done = usize::try_from(found)
        .or(Err(Fault::Nonsense(format!("user_version {found}"))))?
        .min(steps.len());
    for step in &steps[done..] {
        change.execute_batch(step)?;
    }
    change.pragma_update(None, "user_version", known)?;
    change.commit()?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_older_file_reaches_the_newest_shape() {
        for steps in [CANDLES, USER] {
            for start in 0..=steps.len() {
                let mut db = Connection::open_in_memory().unwrap();
                for step in &steps[..start] {
                    db.execute_batch(step).unwrap();
                }
                db.pragma_update(None, "user_version", start as i64)
                    .unwrap();
                for _ in 0..2 {
                    migrate(&mut db, steps, Path::new("x")).unwrap().unwrap();
                }
                let version: i64 = db
                    .query_row("PRAGMA user_version", [], |row| row.get(0))
                    .unwrap();
                assert_eq!(version, steps.len() as i64);
            }
        }
    }

    #[test]
    fn steps_run_in_order_and_only_the_missing_ones() {
        let steps = &[
            "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);",
            "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7;",
        ];
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db, &steps[..1], Path::new("x"))
            .unwrap()
            .unwrap();
        migrate(&mut db, steps, Path::new("x")).unwrap().unwrap();
        let sum: i64 = db
            .query_row("SELECT x + y FROM a", [], |r| r.get(0))
            .unwrap();
        assert_eq!(sum, 8);
    }

    #[test]
    fn a_failing_step_leaves_the_file_as_it_was() {
        let mut db = Connection::open_in_memory().unwrap();
        assert!(
            migrate(
                &mut db,
                &["CREATE TABLE a (x INTEGER)", "NONSENSE"],
                Path::new("x")
            )
            .is_err()
        );
        let tables: i64 = db
            .query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))
            .unwrap();
        assert_eq!(tables, 0);
    }
}
