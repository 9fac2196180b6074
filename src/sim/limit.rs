//! Limits of calls in a second. Which model the broker uses is not documented, so there are
//! several, and they can be switched while the simulator runs.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::Moment;

/// How calls in a second are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitModel {
    /// Any second holds at most the limit.
    #[default]
    Sliding,
    /// Every second of the clock holds at most the limit, and the count begins anew.
    FixedSecond,
    /// A bucket as large as the limit refills evenly; every call takes one.
    TokenBucket,
}

/// One app key's recent calls, as every model sees them.
#[derive(Default)]
pub(crate) struct Calls {
    recent: VecDeque<Moment>,
    second: i64,
    in_second: usize,
    /// Calls the bucket has lent out, and when that was.
    lent: f64,
    lent_at: Option<Moment>,
}

impl Calls {
    /// Counts a call that arrives now; `false` when it is one too many. Below one call a
    /// second the window is longer instead: one call in 1 ÷ `per_second` seconds. With
    /// `count_refused` a refused call counts like any other.
    pub(crate) fn admit(
        &mut self,
        model: LimitModel,
        per_second: f64,
        count_refused: bool,
        now: Moment,
    ) -> bool {
        let per_second = per_second.max(0.001);
        let most = per_second.max(1.0).floor();
        let window_ms = (1_000.0 * most / per_second) as i64;
        match model {
            LimitModel::Sliding => self.slide(most as usize, window_ms, count_refused, now),
            LimitModel::FixedSecond => {
                let second = now.0.div_euclid(window_ms);
                if second != self.second {
                    (self.second, self.in_second) = (second, 0);
                }
                // A refused call changes nothing here: the count begins anew anyway.
                let admitted = self.in_second < most as usize;
                self.in_second += 1;
                admitted
            }
            LimitModel::TokenBucket => {
                let passed = self.lent_at.map_or(0, |at| now.ms_since(at).max(0));
                self.lent = (self.lent - per_second * passed as f64 / 1_000.0).max(0.0);
                self.lent_at = Some(now);
                let admitted = self.lent + 1.0 <= most + 1e-9;
                if admitted || count_refused {
                    self.lent = (self.lent + 1.0).min(2.0 * most);
                }
                admitted
            }
        }
    }

    fn slide(&mut self, most: usize, window_ms: i64, count_refused: bool, now: Moment) -> bool {
        while self
            .recent
            .front()
            .is_some_and(|first| window_ms <= now.ms_since(*first))
        {
            self.recent.pop_front();
        }
        let admitted = self.recent.len() < most;
        if admitted || count_refused {
            self.recent.push_back(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::LimitModel::{FixedSecond, Sliding, TokenBucket};
    use super::*;

    fn play<const N: usize>(
        model: LimitModel,
        per_second: f64,
        count_refused: bool,
        at: [i64; N],
    ) -> [bool; N] {
        let mut calls = Calls::default();
        at.map(|ms| calls.admit(model, per_second, count_refused, Moment(ms)))
    }

    #[test]
    fn any_second_holds_at_most_the_limit() {
        assert_eq!(
            play(Sliding, 2.0, false, [0, 400, 900, 999, 1_000, 1_399, 1_400]),
            [true, true, false, false, true, false, true]
        );
        assert_eq!(
            play(Sliding, 0.5, false, [0, 1_000, 1_999, 2_000]),
            [true, false, false, true]
        );
        assert_eq!(
            play(Sliding, 1.0, true, [0, 900, 1_800, 2_900]),
            [true, false, false, true]
        );
    }

    #[test]
    fn a_fixed_second_begins_anew() {
        assert_eq!(
            play(
                FixedSecond,
                2.0,
                false,
                [900, 950, 990, 1_000, 1_010, 1_020]
            ),
            [true, true, false, true, true, false]
        );
    }

    #[test]
    fn a_bucket_refills_evenly() {
        assert_eq!(
            play(TokenBucket, 2.0, false, [0, 0, 0, 400, 500, 600, 1_000]),
            [true, true, false, false, true, false, true]
        );
        // Counted refusals empty it further.
        assert_eq!(
            play(TokenBucket, 1.0, true, [0, 500, 1_000, 2_900]),
            [true, false, false, true]
        );
    }
}
