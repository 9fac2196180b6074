//! The sliding limit of calls in any second.

use std::collections::VecDeque;

use crate::domain::Moment;

/// The arrivals of one app key's recent calls.
#[derive(Default)]
pub(crate) struct Calls(VecDeque<Moment>);

impl Calls {
    /// Counts a call that arrives now; `false` when it is one too many. Below one call a
    /// second the window is longer instead: one call in 1 ÷ `per_second` seconds.
    pub(crate) fn admit(&mut self, per_second: f64, count_refused: bool, now: Moment) -> bool {
        let most = per_second.max(1.0).floor();
        let window_ms = (1_000.0 * most / per_second.max(0.001)) as i64;
        while self
            .0
            .front()
            .is_some_and(|first| window_ms <= now.ms_since(*first))
        {
            self.0.pop_front();
        }
        let admitted = self.0.len() < most as usize;
        if admitted || count_refused {
            self.0.push_back(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_second_holds_at_most_the_limit() {
        let mut calls = Calls::default();
        assert_eq!(
            [0, 400, 900, 999, 1_000, 1_399, 1_400].map(|ms| calls.admit(2.0, false, Moment(ms))),
            [true, true, false, false, true, false, true]
        );
        let mut slow = Calls::default();
        assert_eq!(
            [0, 1_000, 1_999, 2_000].map(|ms| slow.admit(0.5, false, Moment(ms))),
            [true, false, false, true]
        );
        let mut strict = Calls::default();
        assert_eq!(
            [0, 900, 1_800, 2_900].map(|ms| strict.admit(1.0, true, Moment(ms))),
            [true, false, false, true]
        );
    }
}
