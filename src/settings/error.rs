//! What can be wrong with a configuration file.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use crate::lang::Said;

/// Why a configuration could not be read or written; one line each, in the language of the moment
/// it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// There is no such file.
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: Said,
    },
    /// The file cannot be written; the old one is untouched.
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: Said,
    },
    /// The file says something that is not allowed.
    Wrong {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key with its table, such as `rule.timeframe`; empty where the text is no TOML.
        key: String,
        /// What is wrong and what is allowed.
        problem: Said,
    },
    /// An edit names something the file does not have.
    NoSuchPlace {
        /// The file.
        file: PathBuf,
        /// What is missing.
        problem: Said,
    },
}

impl SettingsError {
    /// The file.
    pub fn file(&self) -> &PathBuf {
        match self {
            Self::Missing { file }
            | Self::Unreadable { file, .. }
            | Self::Unwritable { file, .. }
            | Self::Wrong { file, .. }
            | Self::NoSuchPlace { file, .. } => file,
        }
    }

    /// What is wrong, without the file's name.
    pub fn in_file(&self) -> Said {
        match self {
            Self::Missing { .. } => said!("그런 파일이 없습니다"),
            Self::Unreadable { reason, .. } => {
                said!("읽을 수 없습니다: %{reason}", reason = reason.clone())
            }
            Self::Unwritable { reason, .. } => {
                said!("쓸 수 없습니다: %{reason}", reason = reason.clone())
            }
            Self::Wrong {
                line, key, problem, ..
            } if key.is_empty() => said!(
                "%{line}번째 줄: %{problem}",
                line = *line,
                problem = problem.clone()
            ),
            Self::Wrong {
                line, key, problem, ..
            } => said!(
                "%{line}번째 줄 %{key}: %{problem}",
                line = *line,
                key = key,
                problem = problem.clone()
            ),
            Self::NoSuchPlace { problem, .. } => problem.clone(),
        }
    }

    /// The sentence, worded when it is shown.
    pub fn said(&self) -> Said {
        let file = self.file().display();
        let (place, problem) = match self {
            Self::Wrong {
                line, key, problem, ..
            } if key.is_empty() => (format!("{file}:{line}"), problem.clone()),
            Self::Wrong {
                line, key, problem, ..
            } => (format!("{file}:{line}: {key}"), problem.clone()),
            other => (file.to_string(), other.in_file()),
        };
        said!("%{place}: %{problem}", place = place, problem = problem)
    }
}

impl Display for SettingsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.said().fmt(f)
    }
}

impl std::error::Error for SettingsError {}
