//! Volatility interruptions (변동성완화장치, VI): two minutes of call auction after a sharp move,
//! in which nothing trades. A row that has gone silent says so, with its kind.
//!
//! Three sources tell of one: the quote of a stock asked for alone, the order book of an open
//! window, and, where the host offers it, the broker's list of all interruptions, asked for
//! calmly in continuous trading. The list alone knows the kind.

use crate::domain::{Interruption as Listed, InterruptionKind, Moment, OrderBook};
use crate::engine::effect::{Effect, Report};
use crate::engine::event::{Failure, Timed};
use crate::engine::phase::phase_at;
use crate::engine::snapshot::MarketPhase;
use crate::engine::state::State;

/// Two minutes and a random end; what was seen longer ago than this says nothing about now.
const PROOF_MS: i64 = 180_000;
/// The list is asked for this often: one lasts two minutes, and the list is one request for all.
const PAUSE_MS: i64 = 15_000;
/// After a refusal it is left alone for this long.
const REFUSED_MS: i64 = 600_000;
/// An answer that has not come after this is not coming.
const LOST_MS: i64 = 60_000;
/// The print that sets one off carries the second in which it begins, or one beside it.
const TRIGGER_MS: i64 = 2_000;

/// Whether a stock is known to be in one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Interruption {
    /// It was in one at this moment, and nothing has said since that it is over.
    seen: Option<(Moment, InterruptionKind)>,
    /// It was in none at this moment.
    free: Option<Moment>,
}

impl Interruption {
    /// Something told how it stood at `at`, without its kind.
    pub(super) fn learn(&mut self, on: bool, at: Moment) {
        if !on {
            self.free = self.free.max(Some(at));
        }
        self.seen = on.then(|| {
            let kind = self.seen.map(|(_, kind)| kind);
            (at, kind.unwrap_or(InterruptionKind::Unknown))
        });
    }

    /// What the broker's list, made at `at`, says.
    fn listed(&mut self, row: &Listed, at: Moment) {
        if row.on {
            // The list may lag behind a trade that was made after this one began.
            let over = row.began.plus_ms(TRIGGER_MS);
            if self.free.is_none_or(|free| free <= over) {
                self.seen = Some((at, row.kind));
            }
            return;
        }
        let ended = row.ended.unwrap_or(at);
        // Not the end of an earlier one; what is told to the second may be off by one.
        let later = ended.plus_ms(TRIGGER_MS);
        if self.seen.is_some_and(|(seen, _)| seen <= later) {
            self.learn(false, ended);
        }
    }

    /// Its kind, if one is on.
    pub(super) fn now(self, now: Moment) -> Option<InterruptionKind> {
        let (at, kind) = self.seen?;
        (now.ms_since(at) < PROOF_MS).then_some(kind)
    }
}

/// When the list is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asking {
    next: Option<Moment>,
}

impl State {
    /// What an order book tells of an interruption of its stock.
    pub(super) fn look_for_interruption(&mut self, book: &OrderBook) {
        let now = self.now;
        let Some(stock) = self.stocks.get_mut(&book.code) else {
            return;
        };
        // An expected match amid continuous trading is that of an interruption, unless the stock
        // has not opened yet: its opening auction may end late.
        let at = Moment::on(now.day(), book.second);
        let on = book.expected.is_some()
            && stock
                .quote
                .is_some_and(|q| q.at.day() == now.day() && 0 < q.open.0)
            && matches!(
                phase_at(&self.calendar, self.config.market, at),
                MarketPhase::Open { .. }
            );
        let was = stock.interruption.now(now);
        stock.interruption.learn(on, now);
        self.news |= was != stock.interruption.now(now);
    }

    /// Asks for the list of interruptions, if there is one and anything may be interrupted.
    pub(super) fn look_at_interruptions(&mut self, out: &mut Vec<Effect>) {
        let now = self.now;
        let due = self.interruptions.next.is_none_or(|next| next <= now);
        let phase = phase_at(&self.calendar, self.config.market, now);
        let trading = matches!(phase, MarketPhase::Open { .. });
        if !self.config.interruptions || !due || !trading || self.stocks.is_empty() {
            return;
        }
        // The answer sets the next one.
        self.interruptions.next = Some(now.plus_ms(LOST_MS));
        out.push(Effect::FetchInterruptions { day: now.day() });
    }

    /// Takes the list of interruptions.
    pub(super) fn on_interruptions(
        &mut self,
        answer: Result<Timed<Vec<Listed>>, Failure>,
        out: &mut Vec<Effect>,
    ) {
        let now = self.now;
        let (rows, at) = match answer {
            Ok(timed) => (timed.value, timed.sent),
            Err(failure) => {
                let pause = failure.retry_ms.map_or(REFUSED_MS, |ms| ms.max(PAUSE_MS));
                self.interruptions.next = Some(now.plus_ms(pause));
                // Nothing of what is watched rests on it: a line for those who listen is enough.
                out.push(Effect::Report(Report::Error { failure, at: now }));
                return;
            }
        };
        self.interruptions.next = Some(now.plus_ms(PAUSE_MS));
        let mut rows = rows;
        rows.retain(|row| row.began.day() == now.day());
        rows.sort_by_key(|row| (row.began, row.on));
        for row in rows {
            let Some(stock) = self.stocks.get_mut(&row.code) else {
                continue;
            };
            let was = stock.interruption.now(now);
            stock.interruption.listed(&row, at);
            let is = stock.interruption.now(now);
            if was != is {
                self.news = true;
                if let Some(window) = &mut stock.window {
                    window.dirty = true;
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "interruption_tests.rs"]
mod tests;
