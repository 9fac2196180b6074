//! The grid: which minutes make up which bar of a day.

use crate::domain::{ClosingAuction, Minute, SessionHours};

/// First minute of trading before the session that can count (NXT's pre-market).
pub const EARLY_START: Minute = Minute::hm(8, 0);
/// The first minute after all trading of a day (the after-markets end).
pub const LATE_END: Minute = Minute::hm(20, 0);
/// Minutes from the end of continuous trading in which no row exists: orders are only
/// collected for the closing auction.
const COLLECTING: i32 = 10;

/// The settings that decide which rows make a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BarRules {
    /// Where the closing auction belongs.
    pub auction: ClosingAuction,
    /// Only rows of the regular session count.
    pub regular_session_only: bool,
}

/// One bar's place in the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The label of its first minute; with the day, what the bar is known by.
    pub open: Minute,
    /// The bar closes when this minute begins; with the auction in it, a minute after the
    /// auction's label.
    pub end: Minute,
    /// The newest minute label that belongs to it.
    pub last_label: Minute,
    /// Part of the regular session. Such a bar exists even without a trade; others only with
    /// one.
    pub regular: bool,
}

impl Slot {
    /// The slot of `open` up to `end`, without the auction.
    fn plain(open: Minute, end: Minute, regular: bool) -> Self {
        Self {
            open,
            end,
            last_label: end.plus(-1),
            regular,
        }
    }

    /// The auction as a bar of its own.
    fn lone(auction: Minute) -> Self {
        Self::plain(auction, auction.plus(1), true)
    }
}

impl BarRules {
    /// The slots of a day in order, counted from the session's opening. Without
    /// [`BarRules::regular_session_only`], those before and after the session come with them.
    pub fn slots(&self, hours: &SessionHours, timeframe_minutes: u16) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut at = if self.regular_session_only {
            hours.open
        } else {
            EARLY_START.min(hours.open)
        };
        let stop = self.day_end(hours);
        while at < stop {
            at = match self.slot_of(hours, timeframe_minutes, at) {
                Some(slot) => {
                    slots.push(slot);
                    slot.end.max(at.plus(1))
                }
                None => at.plus(1),
            };
        }
        slots
    }

    /// The slot of the row (or print) labelled `minute`; `None` where it counts for no bar.
    pub fn slot_of(
        &self,
        hours: &SessionHours,
        timeframe_minutes: u16,
        minute: Minute,
    ) -> Option<Slot> {
        let length = timeframe_minutes.max(1);
        if hours.contains(minute) {
            return Some(self.regular_slot(hours, length, minute));
        }
        if self.regular_session_only {
            return None;
        }
        if EARLY_START <= minute && minute < hours.open {
            let open = grid_start(EARLY_START, length, minute);
            let end = open.plus(i32::from(length)).min(hours.open);
            return Some(Slot::plain(open, end, false));
        }
        let from = late_start(hours);
        (from <= minute && minute < LATE_END).then(|| self.late_slot(hours, length, minute))
    }

    /// When the day's last bar, and with it the day's own bar, closes.
    pub fn day_end(&self, hours: &SessionHours) -> Minute {
        if self.regular_session_only {
            hours.end()
        } else {
            LATE_END.max(hours.end())
        }
    }

    /// Whether the auction makes a bar of its own. On 1m it always does.
    fn auction_stands_alone(&self, length: u16) -> bool {
        self.auction == ClosingAuction::OwnBar || length == 1
    }

    fn regular_slot(&self, hours: &SessionHours, length: u16, minute: Minute) -> Slot {
        let alone = self.auction_stands_alone(length);
        // With "fold" the auction belongs where the last continuous minute is.
        let place = match hours.auction {
            Some(auction) if auction == minute && alone => return Slot::lone(auction),
            Some(auction) if auction == minute => hours.continuous_end.plus(-1),
            _ => minute,
        };
        let open = grid_start(hours.open, length, place);
        let end = open.plus(i32::from(length)).min(hours.continuous_end);
        match hours.auction {
            Some(auction) if end == hours.continuous_end && !alone => Slot {
                open,
                end: auction.plus(1),
                last_label: auction,
                regular: true,
            },
            _ => Slot::plain(open, end, true),
        }
    }

    /// After the session the grid goes on. A grid bar the session has already used up is
    /// continued as a further bar from the first minute after the session.
    fn late_slot(&self, hours: &SessionHours, length: u16, minute: Minute) -> Slot {
        let start = grid_start(hours.open, length, minute);
        let end = start.plus(i32::from(length)).min(LATE_END);
        let taken = start < hours.continuous_end
            || (Some(start) == hours.auction && self.auction_stands_alone(length));
        let open = if taken { late_start(hours) } else { start };
        Slot::plain(open, end, false)
    }
}

/// The first minute after the session whose rows can count.
fn late_start(hours: &SessionHours) -> Minute {
    match hours.auction {
        Some(auction) => auction.plus(1),
        None => hours.continuous_end.plus(COLLECTING),
    }
}

/// The start of the grid bar of `minute`, on a grid of `length` minutes from `origin`.
fn grid_start(origin: Minute, length: u16, minute: Minute) -> Minute {
    let into = minute.0.saturating_sub(origin.0);
    Minute(origin.0 + into / length * length)
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
