//! Trading hours of one day.

use super::Minute;

/// Where quotes come from: the broker's market division code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Market {
    /// `J`: Korea Exchange.
    Krx,
    /// `NX`: Nextrade.
    Nxt,
    /// `UN`: both merged.
    Unified,
}

impl Market {
    /// The broker's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Krx => "J",
            Self::Nxt => "NX",
            Self::Unified => "UN",
        }
    }

    /// Reads the broker's code.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Krx, Self::Nxt, Self::Unified]
            .into_iter()
            .find(|m| m.code() == text)
    }
}

/// Where the closing auction's minute belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosingAuction {
    /// Into the bar of the last continuous minute; on 1m a bar of its own.
    Fold,
    /// A bar of its own; the bar before closes ten minutes before the auction.
    OwnBar,
}

/// The regular session of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionHours {
    /// First minute, 09:00 on ordinary days.
    pub open: Minute,
    /// End of continuous trading: the first minute that is no longer continuous, 15:20.
    pub continuous_end: Minute,
    /// The label of the closing auction's row, 15:30; `None` where the venue has none (NXT).
    pub auction: Option<Minute>,
}

impl SessionHours {
    /// Whether the row labelled `minute` belongs to the regular session.
    pub fn contains(&self, minute: Minute) -> bool {
        (self.open <= minute && minute < self.continuous_end) || Some(minute) == self.auction
    }

    /// When the day's last bar closes: a minute after the auction label, or the end of
    /// continuous trading.
    pub fn end(&self) -> Minute {
        self.auction.map_or(self.continuous_end, |a| a.plus(1))
    }

    /// Rows of a full day: one a continuous minute and the auction.
    pub fn row_count(&self) -> usize {
        usize::from(self.continuous_end.0 - self.open.0) + usize::from(self.auction.is_some())
    }
}
