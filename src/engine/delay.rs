//! Whether what the realtime link brings is late, though the link itself is up.
//!
//! Two things prove it, and nothing else is taken for proof:
//!
//! * **A late frame.** A print or order book carries the second at which the exchange made it.
//!   Arriving more than [`LATE_MS`] after that second, by the broker's clock, it was held up on
//!   the way: at the broker, in the network or in our own queues. Only the newest second counts
//!   (what repeats an old one is no news), and only while the broker's clock is known.
//! * **An overdue heartbeat.** Stocks may trade as rarely as they like; the one frame that the
//!   broker owes us is its heartbeat. Its pace differs between hosts and sessions (11 s to
//!   110 s), so it is learned from the link itself: no frame for twice the longest pause between
//!   two heartbeats is too long. Until two have come only [`UNPACED_MS`] of nothing at all in
//!   continuous trading count. After two minutes the link is begun anew anyway.

use crate::domain::Moment;
use crate::engine::feed::AHEAD_MS;
use crate::engine::snapshot::{Delay, MarketPhase};

/// The second of a print is cut off, and it travels a while: this much later is late, ms.
const LATE_MS: i64 = 3_000;
/// A late frame says nothing any more after this, ms.
const PROOF_MS: i64 = 10_000;
/// Shorter silence is never too long, ms.
const PATIENCE_MS: i64 = 20_000;
/// Silence in continuous trading that is too long while the pace of heartbeats is unknown, ms.
const UNPACED_MS: i64 = 60_000;

/// What is known of the pace of the link that is up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// When the last frame came; `None` while there is no link.
    heard: Option<Moment>,
    beat: Option<Moment>,
    /// The longest pause between two heartbeats, ms; 0 until two have come.
    pause_ms: i64,
    /// The newest second that a frame carried, and when that frame came.
    newest: Option<(Moment, Moment)>,
}

impl Pace {
    /// A link that has just come up.
    pub(super) fn begun(now: Moment) -> Self {
        Self {
            heard: Some(now),
            ..Self::default()
        }
    }

    /// A frame came that says nothing of when it was made.
    pub(super) fn heard(&mut self, now: Moment) {
        self.heard = self.heard.map(|_| now);
    }

    /// A frame came that was made at `made`, to the second; one that says it was made long after
    /// now says nothing, or every later one would seem to be older.
    pub(super) fn frame(&mut self, made: Moment, now: Moment) {
        self.heard(now);
        if AHEAD_MS < made.ms_since(now) {
            return;
        }
        if self.newest.is_none_or(|(newest, _)| newest < made) {
            self.newest = Some((made, now));
        }
    }

    /// A heartbeat came. What was late before it is over.
    pub(super) fn heartbeat(&mut self, now: Moment) {
        self.heard(now);
        if let Some(last) = self.beat.replace(now) {
            self.pause_ms = self.pause_ms.max(now.ms_since(last));
        }
    }

    /// The clock was set: what is measured by it starts anew.
    pub(super) fn clock_moved(&mut self, now: Moment) {
        if self.heard.is_some() {
            *self = Self::begun(now);
        }
    }

    /// The delay now. `ahead_ms`: the broker's clock minus market time here, `None` while it is
    /// unknown.
    pub(super) fn delay(
        &self,
        phase: MarketPhase,
        now: Moment,
        ahead_ms: Option<i64>,
    ) -> Option<Delay> {
        let trading = match phase {
            MarketPhase::Open { .. } => true,
            MarketPhase::OpeningAuction { .. } | MarketPhase::ClosingAuction { .. } => false,
            MarketPhase::Closed { .. } | MarketPhase::AfterHours { .. } => return None,
        };
        let silent = now.ms_since(self.heard?);
        let owed = match self.pause_ms {
            0 if !trading => i64::MAX,
            0 => UNPACED_MS,
            pause => (2 * pause).max(PATIENCE_MS),
        };
        if owed < silent {
            return Some(Delay::Silent { ms: silent });
        }
        let (made, came) = self.newest?;
        let late = came.ms_since(made) + ahead_ms?;
        let proven = now.ms_since(came) <= PROOF_MS && self.beat.is_none_or(|beat| beat <= came);
        (LATE_MS <= late && proven).then_some(Delay::Late { ms: late })
    }
}

#[cfg(test)]
#[path = "delay_tests.rs"]
mod tests;
