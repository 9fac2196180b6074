//! The timeframes of bars.

use std::fmt;
use std::str::FromStr;

/// The length of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timeframe {
    /// Minute bars: 1, 3, 5, 10, 15, 30, 60, 120 or 240 minutes.
    Minutes(u16),
    /// One trading day.
    Day,
    /// One week, Monday to Friday.
    Week,
    /// One calendar month.
    Month,
}

impl Timeframe {
    /// All of them, shortest first.
    pub const ALL: [Self; 12] = [
        Self::Minutes(1),
        Self::Minutes(3),
        Self::Minutes(5),
        Self::Minutes(10),
        Self::Minutes(15),
        Self::Minutes(30),
        Self::Minutes(60),
        Self::Minutes(120),
        Self::Minutes(240),
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    /// Position in [`Timeframe::ALL`].
    pub fn index(self) -> usize {
        Self::ALL
            .iter()
            .position(|&t| t == self)
            .unwrap_or_default()
    }

    /// The bar length in minutes; `None` for day, week and month.
    pub fn minutes(self) -> Option<u16> {
        match self {
            Self::Minutes(m) => Some(m),
            Self::Day | Self::Week | Self::Month => None,
        }
    }

    /// The name on screen, in its language: `30분`, `일`, `주`, `월`.
    pub fn name(self) -> String {
        match self {
            Self::Minutes(m) => t!("%{m}분" in "timeframe", m = m),
            Self::Day => t!("일" in "timeframe").to_owned(),
            Self::Week => t!("주" in "timeframe").to_owned(),
            Self::Month => t!("월" in "timeframe").to_owned(),
        }
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minutes(m) => write!(f, "{m}m"),
            Self::Day => f.write_str("D"),
            Self::Week => f.write_str("W"),
            Self::Month => f.write_str("M"),
        }
    }
}

/// The text names no timeframe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a timeframe (1m 3m 5m 10m 15m 30m 60m 120m 240m D W M)")]
pub struct NotATimeframe(pub String);

impl FromStr for Timeframe {
    type Err = NotATimeframe;

    fn from_str(text: &str) -> Result<Self, NotATimeframe> {
        Self::ALL
            .into_iter()
            .find(|t| t.to_string() == text)
            .ok_or_else(|| NotATimeframe(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_timeframe_reads_back() {
        for t in Timeframe::ALL {
            assert_eq!(t.to_string().parse(), Ok(t));
            assert_eq!(Timeframe::ALL[t.index()], t);
        }
        assert!("7m".parse::<Timeframe>().is_err());
    }
}
