//! Whose turn it is to come to the front, and the guard against storms.

use std::collections::{BTreeSet, VecDeque};

use crate::domain::{Moment, RuleKey, SignalKey, Stage};
use crate::engine::snapshot::Takeover;

/// One signal at a time: the next not sooner than this after the last.
const PAUSE_MS: i64 = 10_000;
/// More signals of one rule than this within the window are a storm.
const STORM: usize = 15;
const STORM_WINDOW_MS: i64 = 180_000;
/// Signals that may wait; with more the oldest gives up its turn, and stays unread in the list.
const WAITING: usize = 100;

/// The queue of signals that want the front.
#[derive(Clone, Debug, Default)]
pub(super) struct Takeovers {
    queue: VecDeque<SignalKey>,
    current: Option<Takeover>,
    last_up: Option<Moment>,
    recent: VecDeque<(SignalKey, Moment)>,
    stormy: BTreeSet<RuleKey>,
    pub(super) muted: bool,
}

/// What the storm guard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Storm {
    /// The rule's takeover is paused.
    pub(super) paused: bool,
    /// It began with this signal.
    pub(super) begins: bool,
}

impl Takeovers {
    /// Counts a signal for the storm guard: once, whatever stages it reaches, and only one that
    /// would be heard, so that what is told late silences nothing of now.
    pub(super) fn note(&mut self, key: &SignalKey, stage: Stage, now: Moment) -> Storm {
        let heard = matches!(stage, Stage::Forming | Stage::Confirmed);
        if heard && self.recent.iter().all(|(known, _)| known != key) {
            self.recent.push_back((*key, now));
        }
        while self
            .recent
            .front()
            .is_some_and(|(_, at)| STORM_WINDOW_MS < now.ms_since(*at))
        {
            self.recent.pop_front();
        }
        let count = self
            .recent
            .iter()
            .filter(|(noted, _)| noted.rule == key.rule)
            .count();
        let paused = STORM < count;
        let begins = paused && self.stormy.insert(key.rule);
        if !paused {
            self.stormy.remove(&key.rule);
        }
        Storm { paused, begins }
    }

    pub(super) fn queue(&mut self, key: SignalKey) {
        let known = self.queue.contains(&key) || self.current.is_some_and(|t| t.key == key);
        if !self.muted && !known {
            self.queue.push_back(key);
            if WAITING < self.queue.len() {
                self.queue.pop_front();
            }
        }
    }

    /// The signal was withdrawn: it no longer wants the front.
    pub(super) fn drop_signal(&mut self, key: &SignalKey) {
        self.queue.retain(|k| k != key);
        if self.current.is_some_and(|t| t.key == *key) {
            self.current = None;
        }
    }

    pub(super) fn brought_up(&mut self, key: &SignalKey, now: Moment) {
        self.queue.retain(|k| k != key);
        if self.current.is_some_and(|t| t.key == *key) {
            self.current = None;
            self.last_up = Some(now);
        }
    }

    pub(super) fn mute(&mut self, muted: bool) {
        self.muted = muted;
        if muted {
            self.queue.clear();
            self.current = None;
        }
    }

    /// Makes the next signal the current one when its time has come; `true` if it did.
    pub(super) fn advance(&mut self, now: Moment) -> bool {
        let rested = self.last_up.is_none_or(|at| PAUSE_MS <= now.ms_since(at));
        if self.current.is_some() || !rested {
            return false;
        }
        self.current = self.queue.pop_front().map(|key| Takeover { key, at: now });
        self.current.is_some()
    }

    pub(super) fn current(&self) -> Option<Takeover> {
        self.current
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RuleKey, StockCode, Timeframe};

    fn key(bar: i64) -> SignalKey {
        SignalKey {
            rule: RuleKey(1),
            code: StockCode::parse("005930").unwrap(),
            timeframe: Timeframe::Minutes(1),
            bar: Moment(bar),
        }
    }

    #[test]
    fn one_at_a_time_ten_seconds_apart_and_none_that_was_withdrawn() {
        let mut takeovers = Takeovers::default();
        (1..=4).for_each(|bar| takeovers.queue(key(bar)));
        let turn = |takeovers: &Takeovers| takeovers.current().map(|turn| turn.key);
        assert!(takeovers.advance(Moment(0)));
        assert!(!takeovers.advance(Moment(60_000)), "it has not been up yet");
        takeovers.drop_signal(&key(2));
        takeovers.brought_up(&key(1), Moment(60_000));
        assert!(!takeovers.advance(Moment(69_999)));
        assert!(takeovers.advance(Moment(70_000)));
        assert_eq!(turn(&takeovers), Some(key(3)));
        takeovers.drop_signal(&key(3));
        assert_eq!(turn(&takeovers), None);
        assert!(takeovers.advance(Moment(70_001)), "that one was never up");
        assert_eq!(turn(&takeovers), Some(key(4)));
    }

    #[test]
    fn more_than_fifteen_within_three_minutes_are_a_storm_until_they_are_fewer() {
        let mut takeovers = Takeovers::default();
        let mut note = |bar: i64, at: i64| takeovers.note(&key(bar), Stage::Confirmed, Moment(at));
        for bar in 0..15 {
            assert!(!note(bar, bar * 1_000).paused, "{bar}");
        }
        // The first of them is a moment too old.
        assert!(!note(15, 180_001).paused);
        let begun = note(16, 180_002);
        assert!(begun.paused && begun.begins);
        let goes_on = note(17, 180_003);
        assert!(goes_on.paused && !goes_on.begins);
        assert!(!note(18, 400_000).paused);
    }

    #[test]
    fn the_oldest_of_too_many_gives_up_its_turn() {
        let mut takeovers = Takeovers::default();
        for bar in 0..=WAITING as i64 {
            takeovers.queue(key(bar));
        }
        assert_eq!(takeovers.waiting(), WAITING);
        assert!(takeovers.advance(Moment(0)));
        assert_eq!(takeovers.current().map(|turn| turn.key), Some(key(1)));
    }
}
