//! What to ask the broker for next: the page of whatever is short.

use crate::domain::{StockCode, Timeframe};
use crate::engine::config::GroupConfig;
use crate::engine::effect::{Effect, Urgency};
use crate::engine::event::MinutesWant;
use crate::engine::state::State;
use crate::engine::stock::Stock;
use crate::engine::track::Track;

/// Pages of history under way at once on the slowest host.
const LEAST_AT_ONCE: f64 = 4.0;

impl State {
    /// Asks for the next page of whatever is short.
    pub(super) fn plan(&mut self, code: StockCode, out: &mut Vec<Effect>) {
        let Some(mut stock) = self.stocks.remove(&code) else {
            return;
        };
        self.history_wanted = true;
        if stock.loaded {
            if let Some((urgency, ask)) = self.next_minutes(&mut stock)
                && urgency < Urgency::Backfill
            {
                out.push(ask);
                stock.history.busy = true;
            }
            for timeframe in [Timeframe::Day, Timeframe::Week, Timeframe::Month] {
                self.plan_period(&mut stock, timeframe, out);
            }
        }
        self.stocks.insert(code, stock);
    }

    /// Asks for pages of history that nobody waits for: so many at once that the broker's budget
    /// is used, those of the stocks the user looks at first, then in the user's order.
    pub(super) fn plan_backfill(&mut self, out: &mut Vec<Effect>) {
        let running = self.stocks.values().filter(|s| s.history.busy).count();
        // What is on its way or waits its turn must last until the next answers come.
        let most = (2.0 * self.config.requests_per_second).max(LEAST_AT_ONCE) as usize;
        if most <= running {
            return;
        }
        let mut free = most - running;
        let visible = self.visible_group.clone();
        let is_visible = |group: &&GroupConfig| Some(&group.name) == visible.as_ref();
        let mut order: Vec<StockCode> = Vec::new();
        if let Some(group) = self.config.groups.iter().find(is_visible) {
            order.extend(&group.codes);
        }
        order.extend(self.config.followed());
        order.extend(self.stocks.keys());
        for code in order {
            let Some(mut stock) = self.stocks.remove(&code) else {
                continue;
            };
            if stock.loaded
                && !stock.history.busy
                && let Some((_, ask)) = self.next_minutes(&mut stock)
            {
                free -= 1;
                stock.history.busy = true;
                out.push(ask);
            }
            self.stocks.insert(code, stock);
            if free == 0 {
                return;
            }
        }
        self.history_wanted = false;
    }

    /// The next page of minute rows of closed days, if one is wanted, and how urgently.
    fn next_minutes(&self, stock: &mut Stock) -> Option<(Urgency, Effect)> {
        let waits = stock.history.retry_at.is_some_and(|at| self.now < at);
        let sessions = Self::sessions(&self.config, &self.calendar);
        if !self.config.past_minutes {
            stock.history.end_here(self.now.day());
        }
        stock.history.look_at_end(&sessions, self.now.day());
        if stock.history.busy || waits {
            return None;
        }
        let short = |t: &&Track| {
            t.timeframe.minutes().is_some()
                && (t.series.len() < t.need || self.lacks_bars(stock, t.timeframe))
        };
        let urgency = stock
            .tracks
            .iter()
            .filter(short)
            .map(|t| urgency_of(stock, t))
            .min()?;
        let (day, newest) = stock.history.next_page(&sessions, self.now.day())?;
        stock.history.retry_at = None;
        let want = MinutesWant::Dated { day, newest };
        let ask = Effect::FetchMinutes {
            code: stock.code,
            want,
            urgency,
        };
        Some((urgency, ask))
    }

    fn plan_period(&self, stock: &mut Stock, timeframe: Timeframe, out: &mut Vec<Effect>) {
        let uses = |t: &Track| match timeframe {
            // Every stock needs its last official close: a split shows in it.
            Timeframe::Day => true,
            _ => t.timeframe == timeframe,
        };
        let track = stock
            .tracks
            .iter()
            .filter(|t| uses(t))
            .min_by_key(|t| urgency_of(stock, t));
        let Some(track) = track else { return };
        let need = stock.track(timeframe).map_or(1, |t| t.need);
        let have = stock.track(timeframe).map_or(1, |t| t.series.len());
        let urgency = urgency_of(stock, track);
        let lacks = have < need || self.lacks_bars(stock, timeframe);
        let held = stock.period(timeframe);
        if held.busy || held.retry_at.is_some_and(|at| self.now < at) {
            return;
        }
        let to = match (held.fresh, held.rows.first()) {
            (false, _) => self.now.day(),
            (true, Some(oldest)) if lacks && !held.ended => oldest.day.plus(-1),
            _ => return,
        };
        let held = stock.period_mut(timeframe);
        held.busy = true;
        held.retry_at = None;
        out.push(Effect::FetchPeriod {
            code: stock.code,
            timeframe,
            to,
            urgency,
        });
    }
}

/// How urgent the history of a track is.
fn urgency_of(stock: &Stock, track: &Track) -> Urgency {
    let seen = stock
        .window
        .as_ref()
        .is_some_and(|w| w.timeframe == track.timeframe);
    match (seen, track.series.is_empty()) {
        (true, true) => Urgency::User,
        (true, false) => Urgency::Tail,
        (false, _) => Urgency::Backfill,
    }
}
