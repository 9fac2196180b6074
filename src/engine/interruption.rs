//! Volatility interruptions (변동성완화장치, VI): two minutes of call auction after a sharp move,
//! in which nothing trades. A row that has gone silent says so.

use crate::domain::{Moment, OrderBook};
use crate::engine::phase::phase_at;
use crate::engine::snapshot::MarketPhase;
use crate::engine::state::State;

/// Two minutes and a random end; what was seen longer ago than this says nothing about now.
const PROOF_MS: i64 = 180_000;

/// Whether a stock is known to be in one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Interruption {
    /// It was in one at this moment, and nothing has said since that it is over.
    seen: Option<Moment>,
}

impl Interruption {
    /// Something told how it stood at `at`.
    pub(super) fn learn(&mut self, on: bool, at: Moment) {
        self.seen = on.then_some(at);
    }

    pub(super) fn is_on(self, now: Moment) -> bool {
        self.seen.is_some_and(|at| now.ms_since(at) < PROOF_MS)
    }
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
        let was = stock.interruption.is_on(now);
        stock.interruption.learn(on, now);
        self.news |= was != on;
    }
}

#[cfg(test)]
#[path = "interruption_tests.rs"]
mod tests;
