//! Opening the two files: their settings, their versions, and what happens to a broken one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::StoreError;
use super::error::Fault;
use super::steps::{self, migrate};
use crate::lang::Said;

/// How long one call waits for another process before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// The two open files.
pub(super) struct Files {
    candles: Connection,
    candles_file: PathBuf,
    user: Connection,
    user_file: PathBuf,
}

impl Files {
    pub(super) fn open(dir: &Path) -> Result<(Self, Vec<Said>), StoreError> {
        let user_file = dir.join("user.db");
        // The user's file first: nothing may be set aside if it refuses.
        let user = open(&user_file, steps::USER, "FULL").map_err(|e| e.at(&user_file))??;
        if let Some(what) = complaint(&user).map_err(|e| e.at(&user_file))? {
            return Err(StoreError::Corrupt {
                file: user_file,
                what,
            });
        }
        let candles_file = dir.join("candles.db");
        let mut notices = Vec::new();
        let candles = match open(&candles_file, steps::CANDLES, "NORMAL") {
            Ok(db) => db?,
            Err(fault) if fault.is_broken_file() => {
                notices.push(set_aside(&candles_file)?);
                open(&candles_file, steps::CANDLES, "NORMAL").map_err(|e| e.at(&candles_file))??
            }
            Err(fault) => return Err(fault.at(&candles_file)),
        };
        let files = Self {
            candles,
            candles_file,
            user,
            user_file,
        };
        Ok((files, notices))
    }

    pub(super) fn in_memory() -> Result<Self, StoreError> {
        let file = PathBuf::from(":memory:");
        let make = |steps| -> Result<Connection, StoreError> {
            let mut db = Connection::open_in_memory().map_err(|e| Fault::from(e).at(&file))?;
            migrate(&mut db, steps, &file).map_err(|e| e.at(&file))??;
            Ok(db)
        };
        Ok(Self {
            candles: make(steps::CANDLES)?,
            candles_file: file.clone(),
            user: make(steps::USER)?,
            user_file: file.clone(),
        })
    }

    /// Works on the candles. A file that turns out to be broken is set aside and begun anew, so
    /// that the next call works; this call's error says so.
    pub(super) fn on_candles<T>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        work(&mut self.candles).map_err(|fault| {
            let broken = fault.is_broken_file();
            let error = fault.at(&self.candles_file);
            if broken && let Err(second) = self.renew_candles() {
                return second;
            }
            error
        })
    }

    /// Works on the user's data.
    pub(super) fn on_user<T>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        work(&mut self.user).map_err(|fault| fault.at(&self.user_file))
    }

    fn renew_candles(&mut self) -> Result<(), StoreError> {
        let file = self.candles_file.clone();
        let nothing = Connection::open_in_memory().map_err(|e| Fault::from(e).at(&file))?;
        // The file must be closed before it can be renamed on Windows.
        drop(std::mem::replace(&mut self.candles, nothing));
        // Not inside the macro: it evaluates nothing where nobody listens.
        let notice = set_aside(&file)?;
        tracing::warn!("{notice}");
        self.candles = open(&file, steps::CANDLES, "NORMAL").map_err(|e| e.at(&file))??;
        Ok(())
    }
}

/// Pages kept in memory for each file, KiB. Rows are written in order and read once; SQLite's
/// own 2,000 would fill over a session and be of no use.
const CACHE_KIB: i64 = 256;

/// Opens or makes a file. The outer error is SQLite's, the inner one a refusal.
fn open(
    file: &Path,
    steps: &[&str],
    synchronous: &str,
) -> Result<Result<Connection, StoreError>, Fault> {
    let mut db = Connection::open(file)?;
    db.busy_timeout(PATIENCE)?;
    // The version comes first: a newer file is not even switched to another journal.
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found <= known {
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", synchronous)?;
        db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    }
    Ok(migrate(&mut db, steps, file)?.map(|()| db))
}

/// What SQLite finds wrong with a file, if anything.
fn complaint(db: &Connection) -> Result<Option<String>, Fault> {
    let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((said != "ok").then_some(said))
}

/// Renames a broken file and its journal; answers the notice for the user.
fn set_aside(file: &Path) -> Result<Said, StoreError> {
    let free = (1..)
        .map(|n| with_suffix(file, &format!(".broken-{n}")))
        .find(|p| !p.exists())
        .unwrap_or_else(|| with_suffix(file, ".broken"));
    fs::rename(file, &free).map_err(|e| StoreError::CannotOpen {
        file: file.to_owned(),
        reason: e.to_string(),
    })?;
    for journal in ["-wal", "-shm"] {
        // They may not exist; a journal of another file is ignored by SQLite in any case.
        fs::remove_file(with_suffix(file, journal)).unwrap_or_default();
    }
    Ok(said!(
        "%{file}: 봉 데이터 파일이 손상되어 %{new}(으)로 옮기고 새로 받습니다. 신호 기록은 그대로입니다.",
        file = file.display().to_string(),
        new = free.display().to_string()
    ))
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
