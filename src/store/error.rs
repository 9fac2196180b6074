//! What can go wrong on disk, in sentences for the user.

use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::lang::Said;

/// Why something could not be kept or read back; a sentence in the language of the moment it is
/// shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The file was made by a newer version of the program. It is left alone.
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The file, or something in it, is broken.
    Corrupt {
        /// The file.
        file: PathBuf,
        /// What is broken.
        what: String,
    },
    /// No room.
    DiskFull {
        /// The file.
        file: PathBuf,
    },
    /// Another program holds the file.
    Locked {
        /// The file.
        file: PathBuf,
    },
    /// The file must not be written.
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be opened or made.
    CannotOpen {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Anything else SQLite says.
    Other {
        /// The file.
        file: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The store's thread has ended or cannot be started.
    Closed(Said),
    /// Only day, week and month charts are kept as periods.
    NotAPeriod(String),
}

impl StoreError {
    /// The sentence, worded when it is shown.
    pub fn said(&self) -> Said {
        let shown = |file: &PathBuf| file.display().to_string();
        match self {
            Self::Newer { file, found, known } => said!(
                "%{file}: 더 새로운 버전이 만든 파일입니다 (파일 형식 %{found}, 이 프로그램은 %{known}까지). 프로그램을 업데이트하거나 --data-dir로 다른 폴더를 쓰세요.",
                file = shown(file),
                found = *found,
                known = *known
            ),
            Self::Corrupt { file, what } => said!(
                "%{file}: 파일이 손상되었습니다 (%{what}). 파일을 다른 곳으로 옮긴 뒤 다시 시작하세요.",
                file = shown(file),
                what = what
            ),
            Self::DiskFull { file } => said!(
                "%{file}: 디스크 공간이 부족해 저장하지 못했습니다. 공간을 확보하세요.",
                file = shown(file)
            ),
            Self::Locked { file } => said!(
                "%{file}: 다른 프로그램이 파일을 쓰고 있어 저장하지 못했습니다. 정배가 두 번 실행 중인지 확인하세요.",
                file = shown(file)
            ),
            Self::ReadOnly { file } => said!(
                "%{file}: 읽기 전용이라 저장할 수 없습니다. 파일과 폴더의 권한을 확인하세요.",
                file = shown(file)
            ),
            Self::CannotOpen { file, reason } => said!(
                "%{file}: 파일을 열 수 없습니다 (%{reason}). 폴더와 권한을 확인하세요.",
                file = shown(file),
                reason = reason
            ),
            Self::Other { file, reason } => said!(
                "%{file}: 데이터베이스 오류입니다 (%{reason}).",
                file = shown(file),
                reason = reason
            ),
            Self::Closed(what) => said!(
                "저장소가 닫혔습니다 (%{what}). 프로그램을 다시 시작하세요.",
                what = what.clone()
            ),
            Self::NotAPeriod(what) => {
                said!("%{what}은(는) 일·주·월 봉이 아닙니다", what = what)
            }
        }
    }
}

impl Display for StoreError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.said().fmt(f)
    }
}

impl std::error::Error for StoreError {}

/// A failure inside one file, before the file is named.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    /// A stored value that this program never wrote.
    Nonsense(String),
    NotAPeriod(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Fault {
    /// Whether the file itself is broken, so that nothing in it can be trusted.
    pub(super) fn is_broken_file(&self) -> bool {
        matches!(
            self,
            Self::Sqlite(e) if matches!(
                e.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            )
        )
    }

    /// Names the file.
    pub(super) fn at(self, file: &Path) -> StoreError {
        let file = file.to_owned();
        let error = match self {
            Self::Nonsense(what) => return StoreError::Corrupt { file, what },
            Self::NotAPeriod(timeframe) => return StoreError::NotAPeriod(timeframe),
            Self::Sqlite(error) => error,
        };
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Corrupt { file, what: reason }
            }
            Some(ErrorCode::DiskFull) => StoreError::DiskFull { file },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreError::Locked { file }
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::ReadOnly { file }
            }
            Some(ErrorCode::CannotOpen) => StoreError::CannotOpen { file, reason },
            _ => StoreError::Other { file, reason },
        }
    }
}
