//! Counters of the REST side.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::Moment;

/// Market time the latencies look back.
const LATENCY_MS: i64 = 10_000;
/// Seconds of history kept.
const HISTORY: usize = 180;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A good answer.
    Accepted,
    /// Too many calls a second.
    Refused,
    /// An answer that is an error.
    Failed,
    /// No answer.
    Lost,
    /// Never left.
    Unsent,
}

/// What the REST side has done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RestStats {
    /// Requests sent since the start.
    pub sent: u64,
    /// Of these, refused as too many a second.
    pub refused: u64,
    /// Of these, failed for any other reason.
    pub failed: u64,
    /// Requests waiting now.
    pub queue: usize,
    /// Requests a second the broker is believed to permit.
    pub permitted_per_second: f64,
    /// Median round trip of the last 10 s of market time, milliseconds; 0 without answers.
    pub p50_ms: f64,
    /// 99th percentile of the same.
    pub p99_ms: f64,
    /// The last three minutes, oldest first; seconds without traffic are left out.
    pub history: Vec<SecondCount>,
}

/// What one second of market time saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondCount {
    /// The beginning of the second.
    pub second: Moment,
    /// Requests sent.
    pub sent: u32,
    /// Requests refused.
    pub refused: u32,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    sent: u64,
    refused: u64,
    failed: u64,
    trips: VecDeque<(Moment, Duration)>,
    history: VecDeque<SecondCount>,
}

impl Tally {
    pub(super) fn sent(&mut self, now: Moment) {
        self.sent += 1;
        self.second(now).sent += 1;
    }

    pub(super) fn ended(&mut self, now: Moment, outcome: Outcome, trip: Option<Duration>) {
        match outcome {
            Outcome::Refused => {
                self.refused += 1;
                self.second(now).refused += 1;
            }
            Outcome::Failed | Outcome::Lost => self.failed += 1,
            Outcome::Accepted | Outcome::Unsent => (),
        }
        if let Some(trip) = trip {
            self.trips.push_back((now, trip));
        }
        while 100_000 < self.trips.len()
            || self
                .trips
                .front()
                .is_some_and(|(at, _)| LATENCY_MS < now.ms_since(*at))
        {
            self.trips.pop_front();
        }
    }

    fn second(&mut self, now: Moment) -> &mut SecondCount {
        let second = Moment(now.0.div_euclid(1_000) * 1_000);
        if self.history.back().is_none_or(|last| last.second < second) {
            self.history.push_back(SecondCount {
                second,
                sent: 0,
                refused: 0,
            });
            while HISTORY < self.history.len() {
                self.history.pop_front();
            }
        }
        let last = self.history.len() - 1;
        &mut self.history[last]
    }

    pub(super) fn stats(&self, now: Moment, queue: usize, permitted: f64) -> RestStats {
        let mut trips: Vec<Duration> = self
            .trips
            .iter()
            .filter(|(at, _)| now.ms_since(*at) <= LATENCY_MS)
            .map(|(_, trip)| *trip)
            .collect();
        trips.sort_unstable();
        let at = |share: f64| {
            let rank = (trips.len() as f64 * share).ceil() as usize;
            let trip = trips.get(rank.saturating_sub(1));
            trip.map_or(0.0, |trip| trip.as_secs_f64() * 1_000.0)
        };
        let recent = |count: &&SecondCount| now.ms_since(count.second) <= HISTORY as i64 * 1_000;
        RestStats {
            sent: self.sent,
            refused: self.refused,
            failed: self.failed,
            queue,
            permitted_per_second: permitted,
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            history: self.history.iter().filter(recent).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_look_back_ten_seconds() {
        let mut tally = Tally::default();
        let start = Moment(1_000_500);
        for i in 1..=100 {
            tally.sent(start);
            tally.ended(start, Outcome::Accepted, Some(Duration::from_millis(i)));
        }
        tally.ended(start.plus_secs(1), Outcome::Refused, None);
        let stats = tally.stats(start.plus_secs(1), 3, 18.0);
        assert_eq!((stats.p50_ms, stats.p99_ms), (50.0, 99.0));
        assert_eq!((stats.sent, stats.refused, stats.queue), (100, 1, 3));
        assert_eq!(stats.history.len(), 2);
        assert_eq!(stats.history[0].second, Moment(1_000_000));
        assert_eq!(tally.stats(start.plus_secs(20), 0, 18.0).p50_ms, 0.0);
        assert!(
            tally
                .stats(start.plus_secs(400), 0, 18.0)
                .history
                .is_empty()
        );
    }
}
