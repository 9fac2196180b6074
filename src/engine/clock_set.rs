//! The clock was set: what was written down by it may lie ahead of it now.

use crate::domain::Moment;
use crate::engine::effect::Effect;
use crate::engine::state::State;
use crate::engine::stock::Stock;

impl State {
    /// The clock was set, or corrected, by so many milliseconds; nobody slept.
    ///
    /// While it was ahead, bars seemed to close that had not, and pauses were to end when it would
    /// be so late. Set back, the bars go on from what their prints were, and nothing waits longer
    /// than until now.
    pub(super) fn on_clock_moved(&mut self, by_ms: i64, out: &mut Vec<Effect>) {
        self.last_tick = self.last_tick.plus_ms(by_ms);
        self.link.pace.clock_moved(self.now);
        if 0 <= by_ms {
            return;
        }
        let codes: Vec<_> = self.stocks.keys().copied().collect();
        for code in codes {
            let Some(mut stock) = self.stocks.remove(&code) else {
                continue;
            };
            stock.back_to(self.now);
            let over = |&(timeframe, opened): &_| self.bar_end(timeframe, opened) <= self.now;
            stock.watched.retain(over);
            for index in 0..stock.tracks.len() {
                let slot = self.open_slot(stock.tracks[index].timeframe);
                let track = &mut stock.tracks[index];
                if track.slot.map(|slot| slot.opened) != slot.map(|slot| slot.opened) {
                    track.slot = slot;
                    track.forming = None;
                }
            }
            self.stocks.insert(code, stock);
            self.settle(code, out);
        }
        self.polls.back_to(self.now);
    }
}

impl Stock {
    /// Nothing that is written down lies ahead of `now`.
    fn back_to(&mut self, now: Moment) {
        self.closes.retain(|close| close.slot.end <= now);
        let asked = self.closes.iter_mut().map(|close| &mut close.asked);
        let [daily, weekly, monthly] = [&mut self.daily, &mut self.weekly, &mut self.monthly];
        let moments = [
            &mut self.feed.complete_since,
            &mut self.feed.followed_since,
            &mut self.history.retry_at,
            &mut daily.retry_at,
            &mut weekly.retry_at,
            &mut monthly.retry_at,
            &mut self.polled_at,
            &mut self.price_asked,
            &mut self.rows_at,
        ];
        for at in asked.chain(moments) {
            *at = at.map(|at| at.min(now));
        }
        if let Some((at, _)) = &mut self.rows_retry {
            *at = now.min(*at);
        }
        if let Some(quote) = &mut self.quote {
            quote.at = quote.at.min(now);
        }
        self.watchpoints.forget();
        if let Some(window) = &mut self.window {
            window.dirty = true;
        }
    }
}
