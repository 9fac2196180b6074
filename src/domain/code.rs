//! Stock codes.

use std::fmt;
use std::str::FromStr;

/// A KRX short code such as `005930`, `0126Z0`, `Q500001` (ETN) or `F70100022` (fund).
///
/// Six to nine ASCII digits and capitals. Never a number: leading zeros count and newer codes
/// contain letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StockCode([u8; 9]);

impl StockCode {
    /// Reads a code; `None` unless it is six to nine ASCII digits or capitals.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(text.as_bytes())
    }

    /// As [`StockCode::parse`], from bytes as they lie in a frame.
    pub fn from_bytes(text: &[u8]) -> Option<Self> {
        let allowed = |b: &u8| b.is_ascii_digit() | b.is_ascii_uppercase();
        let mut bytes = [0; 9];
        // Nearly every code has six characters: a known length is checked and copied at once.
        if let Ok(six) = <&[u8; 6]>::try_from(text) {
            let fits = six.iter().fold(true, |fits, b| fits & allowed(b));
            bytes[..6].copy_from_slice(six);
            return fits.then_some(Self(bytes));
        }
        if !(7..=9).contains(&text.len()) || !text.iter().all(allowed) {
            return None;
        }
        bytes[..text.len()].copy_from_slice(text);
        Some(Self(bytes))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        let len = self.0.iter().position(|&b| b == 0).unwrap_or(self.0.len());
        // `from_bytes` lets only ASCII in, so the fallback is never taken.
        std::str::from_utf8(&self.0[..len]).unwrap_or_default()
    }
}

impl fmt::Display for StockCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for StockCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a stock code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a stock code (six to nine digits or capitals, such as 005930)")]
pub struct NotACode(pub String);

impl FromStr for StockCode {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        Self::parse(text).ok_or_else(|| NotACode(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for good in ["005930", "0126Z0", "Q500001", "F70100022"] {
            assert_eq!(
                StockCode::parse(good).map(|c| c.to_string()).as_deref(),
                Some(good)
            );
        }
        for bad in [
            "",
            "5930",
            "00593a",
            "삼성전자",
            "0059301234",
            " 005930",
            "005-30",
        ] {
            assert_eq!(StockCode::parse(bad), None, "{bad}");
        }
    }
}
