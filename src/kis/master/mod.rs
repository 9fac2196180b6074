//! The broker's list of everything that is listed (종목정보 master files).
//!
//! Zip files of fixed-width rows, served without a key. [`unpack`] and the readers make checked
//! stocks of them or a named error: one row that is not as it should be refuses the whole file,
//! so that what is held stays. [`MasterServer`] fetches them.

mod error;
mod rows;
mod server;
#[cfg(test)]
mod tests;

use std::io::{Cursor, Read as _};

pub use error::MasterError;
pub use rows::{nextrade_codes, stocks};
pub use server::MasterServer;

/// The folder of the files at the broker.
pub const MASTER_URL: &str = "https://new.real.download.dws.co.kr/common/master";

/// No unpacked file comes near (KOSPI: 2,600 rows of 289 bytes).
const LARGEST: u64 = 16 << 20;

/// One of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MasterFile {
    /// The KOSPI board with ETF, ETN, REIT, funds.
    Kospi,
    /// KOSDAQ.
    Kosdaq,
    /// KONEX.
    Konex,
    /// What of KOSPI trades on Nextrade.
    NextradeKospi,
    /// What of KOSDAQ trades on Nextrade.
    NextradeKosdaq,
}

impl MasterFile {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Kospi,
        Self::Kosdaq,
        Self::Konex,
        Self::NextradeKospi,
        Self::NextradeKosdaq,
    ];

    /// The file's name at the broker and in the cache.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kospi => "kospi_code.mst.zip",
            Self::Kosdaq => "kosdaq_code.mst.zip",
            Self::Konex => "konex_code.mst.zip",
            Self::NextradeKospi => "nxt_kospi_code.mst.zip",
            Self::NextradeKosdaq => "nxt_kosdaq_code.mst.zip",
        }
    }

    /// Whether the search is of little use without it.
    pub fn is_essential(self) -> bool {
        matches!(self, Self::Kospi | Self::Kosdaq)
    }
}

/// The rows inside a zip file.
///
/// # Errors
///
/// [`MasterError::NotAZip`] for anything that is no whole zip file with one file in it: a cut
/// download, a web page; [`MasterError::TooLarge`].
pub fn unpack(file: MasterFile, bytes: &[u8]) -> Result<Vec<u8>, MasterError> {
    let broken = |error: &dyn std::fmt::Display| MasterError::NotAZip {
        file: file.name(),
        why: error.to_string().chars().take(120).collect(),
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    let inner = archive.by_index(0).map_err(|e| broken(&e))?;
    let mut rows = Vec::new();
    // The size in the head is only a claim; a checksum is compared at the end.
    let taken = inner.take(LARGEST + 1).read_to_end(&mut rows);
    taken.map_err(|e| broken(&e))?;
    if LARGEST < rows.len() as u64 {
        return Err(MasterError::TooLarge { file: file.name() });
    }
    Ok(rows)
}
