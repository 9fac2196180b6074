//! The signals of bars that closed while nobody was watching, as one summary until the user has
//! done with it: after a start, a sleep or a cut link many may come at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Moment, Signal, SignalKey, Stage};
use crate::engine::snapshot::LateView;

/// Late signals told since the user last put the summary away, with the close of their bar.
#[derive(Clone, Debug, Default)]
pub(super) struct LateSignals(Arc<BTreeMap<SignalKey, Moment>>);

impl LateSignals {
    /// A signal reached a stage. One that was late and is withdrawn is no longer of them.
    pub(super) fn note(&mut self, signal: &Signal) {
        match signal.stage {
            Stage::Late => {
                Arc::make_mut(&mut self.0).insert(signal.key, signal.bar_end);
            }
            Stage::Withdrawn if self.0.contains_key(&signal.key) => {
                Arc::make_mut(&mut self.0).remove(&signal.key);
            }
            Stage::Withdrawn | Stage::Forming | Stage::Confirmed => {}
        }
    }

    /// The user has done with them.
    pub(super) fn clear(&mut self) {
        self.0 = Arc::default();
    }

    pub(super) fn view(&self) -> Option<LateView> {
        Some(LateView {
            first: *self.0.values().min()?,
            last: *self.0.values().max()?,
            signals: self.0.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::engine::reaching_tests::{restarted, ring, signal};
    use crate::engine::{Command, Event, Remembered};
    use crate::settings::ReachSettings;

    #[test]
    fn late_signals_are_one_summary_until_they_are_put_away() {
        let remembered = Remembered::default();
        let mut out = vec![];
        let reach = ReachSettings::default();
        let mut state = restarted(false, reach, vec![], remembered, &mut out);
        assert_eq!(state.snapshot(Instant::now()).late, None);
        ring(&mut state, signal(9, 100, Stage::Confirmed));
        let mut end = signal(1, 1, Stage::Late).bar_end;
        let first = end;
        for stock in 1..=3 {
            let mut late = signal(1, stock, Stage::Late);
            late.bar_end = end;
            end = end.plus_secs(1_800);
            ring(&mut state, late);
        }
        let late = state.snapshot(Instant::now()).late.unwrap();
        assert_eq!(late.signals.len(), 3, "none of those that came in time");
        assert_eq!((late.first, late.last), (first, first.plus_secs(3_600)));
        ring(&mut state, signal(1, 3, Stage::Withdrawn));
        let late = state.snapshot(Instant::now()).late.unwrap();
        assert_eq!((late.signals.len(), late.last), (2, first.plus_secs(1_800)));
        for done in [Command::DismissLate, Command::SeeAllSignals] {
            let now = state.snapshot(Instant::now()).now;
            state.apply(now, Event::Command(done), &mut out);
            assert_eq!(state.snapshot(Instant::now()).late, None);
            ring(&mut state, signal(2, 7, Stage::Late));
            let late = state.snapshot(Instant::now()).late.unwrap();
            assert_eq!(late.signals.len(), 1, "only what came since");
            ring(&mut state, signal(2, 7, Stage::Withdrawn));
        }
    }
}
