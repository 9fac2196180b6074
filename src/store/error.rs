//! What can go wrong on disk, in sentences for the user.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why something could not be kept or read back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file was made by a newer version of the program. It is left alone.
    #[error("{}", t!("%{file}: 더 새로운 버전이 만든 파일입니다 (파일 형식 %{found}, 이 프로그램은 %{known}까지). 프로그램을 업데이트하거나 --data-dir로 다른 폴더를 쓰세요.", file = file.display(), found = found, known = known))]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The file, or something in it, is broken.
    #[error("{}", t!("%{file}: 파일이 손상되었습니다 (%{what}). 파일을 다른 곳으로 옮긴 뒤 다시 시작하세요.", file = file.display(), what = what))]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// What is broken.
        what: String,
    },
    /// No room.
    #[error("{}", t!("%{file}: 디스크 공간이 부족해 저장하지 못했습니다. 공간을 확보하세요.", file = file.display()))]
    DiskFull {
        /// The file.
        file: PathBuf,
    },
    /// Another program holds the file.
    #[error("{}", t!("%{file}: 다른 프로그램이 파일을 쓰고 있어 저장하지 못했습니다. 정배가 두 번 실행 중인지 확인하세요.", file = file.display()))]
    Locked {
        /// The file.
        file: PathBuf,
    },
    /// The file must not be written.
    #[error("{}", t!("%{file}: 읽기 전용이라 저장할 수 없습니다. 파일과 폴더의 권한을 확인하세요.", file = file.display()))]
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be opened or made.
    #[error("{}", t!("%{file}: 파일을 열 수 없습니다 (%{reason}). 폴더와 권한을 확인하세요.", file = file.display(), reason = reason))]
    CannotOpen {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Anything else SQLite says.
    #[error("{}", t!("%{file}: 데이터베이스 오류입니다 (%{reason}).", file = file.display(), reason = reason))]
    Other {
        /// The file.
        file: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The store's thread has ended or cannot be started.
    #[error("{}", t!("저장소가 닫혔습니다 (%{what}). 프로그램을 다시 시작하세요.", what = _0))]
    Closed(String),
    /// Only day, week and month charts are kept as periods.
    #[error("{}", t!("%{what}은(는) 일·주·월 봉이 아닙니다", what = _0))]
    NotAPeriod(String),
}

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
