//! What is asked of the timeframes of a stock: by its rules, the columns, its window and a trial.

use std::collections::BTreeMap;

use crate::domain::Timeframe;
use crate::engine::state::State;
use crate::engine::stock::Stock;
use crate::engine::track::{Track, Want};

/// Every bar, for rules alone: they may go once they are judged.
const BY_RULE: Want = Want {
    need: 0,
    ruled: false,
    shown: false,
    whole: true,
    kept: false,
};
/// Every bar, for eyes.
const LOOKED_AT: Want = Want {
    shown: true,
    kept: true,
    ..BY_RULE
};
/// The newest bars only.
const IN_A_COLUMN: Want = Want {
    shown: true,
    whole: false,
    ..BY_RULE
};

impl State {
    /// Makes the tracks that rules, columns and the window of a stock ask for.
    pub(super) fn fit_tracks(&self, stock: &mut Stock) {
        let watched = self
            .config
            .groups
            .iter()
            .any(|g| g.codes.contains(&stock.code));
        let longest = self.config.periods.last().map_or(0, |&n| usize::from(n));
        let mut wanted: BTreeMap<Timeframe, Want> = BTreeMap::new();
        let mut want = |timeframe, want: Want| {
            wanted.entry(timeframe).or_default().join(want);
        };
        for state in &stock.rules {
            let rule = &self.rules[state.rule];
            let need = rule.expr.need(&rule.periods);
            let judged = Want {
                ruled: true,
                ..BY_RULE
            };
            want(rule.timeframe, Want { need, ..judged });
            for (timeframe, need) in rule.expr.needs_elsewhere(&rule.periods) {
                want(timeframe, Want { need, ..BY_RULE });
            }
        }
        let column = Want {
            need: longest,
            ..IN_A_COLUMN
        };
        for &timeframe in self.config.columns.iter().filter(|_| watched) {
            want(timeframe, column);
        }
        if let Some(window) = &stock.window {
            let need = longest + 120 + window.wanted;
            want(window.timeframe, Want { need, ..LOOKED_AT });
        }
        for (timeframe, need) in self.desk.wants(stock.code) {
            want(timeframe, Want { need, ..LOOKED_AT });
        }
        stock.tracks.retain(|t| wanted.contains_key(&t.timeframe));
        for (timeframe, wanted) in wanted {
            let at = match stock.tracks.iter().position(|t| t.timeframe == timeframe) {
                Some(at) => at,
                None => {
                    stock.tracks.push(Track::new(timeframe));
                    stock.tracks.len() - 1
                }
            };
            let track = &mut stock.tracks[at];
            track.fit(wanted);
            if track.slot.is_none() {
                track.slot = self.open_slot(timeframe);
            }
        }
        stock.watchpoints.forget();
    }
}
