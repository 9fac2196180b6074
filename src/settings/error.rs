//! What can be wrong with a configuration file.

use std::path::PathBuf;

/// Why a configuration could not be read or written; one line each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no such file.
    #[error("{}: there is no such file", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be read.
    #[error("{}: cannot be read: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file cannot be written; the old one is untouched.
    #[error("{}: cannot be written: {reason}", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file says something that is not allowed.
    #[error("{}:{line}: {}{problem}", file.display(), if key.is_empty() { String::new() } else { format!("{key}: ") })]
    Wrong {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key with its table, such as `rule.timeframe`; empty where the text is no TOML.
        key: String,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// An edit names something the file does not have.
    #[error("{}: {problem}", file.display())]
    NoSuchPlace {
        /// The file.
        file: PathBuf,
        /// What is missing.
        problem: String,
    },
}
