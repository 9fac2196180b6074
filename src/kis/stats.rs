//! Counters of the REST side.

use std::collections::VecDeque;
use std::time::Duration;

use super::pace::Pace;
pub use super::pace::Waiting;
use crate::domain::Moment;

/// Market time the latencies look back.
const LATENCY_MS: i64 = 10_000;
/// Seconds of history kept.
const HISTORY: usize = 180;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A good answer, also that there is nothing.
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
    /// Calls that needed no request: a kept answer held, or the same was being asked for.
    pub saved: u64,
    /// Requests waiting now.
    pub queue: usize,
    /// The same by what they are for.
    pub waiting: Waiting,
    /// About how long until the last of them is sent, market time.
    pub drained_in: Duration,
    /// How long everything rests after a refusal; zero when nothing does.
    pub rests: Duration,
    /// The broker's answers come so late that less is sent.
    pub strained: bool,
    /// Requests a second the broker is believed to permit.
    pub permitted_per_second: f64,
    /// Requests a second the configuration permits.
    pub configured_per_second: f64,
    /// Median round trip of the last 10 s of market time, milliseconds; 0 without answers.
    pub p50_ms: f64,
    /// 99th percentile of the same.
    pub p99_ms: f64,
    /// The last three minutes, oldest first; seconds without traffic are left out.
    pub history: Vec<SecondCount>,
}

/// What one second of market time saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SecondCount {
    /// The beginning of the second.
    pub second: Moment,
    /// Requests sent.
    pub sent: u32,
    /// Requests refused.
    pub refused: u32,
    /// Requests a second the broker was believed to permit at its end.
    pub permitted: f64,
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
    pub(super) fn sent(&mut self, now: Moment, permitted: f64) {
        self.sent += 1;
        self.second(now, permitted).sent += 1;
    }

    pub(super) fn ended(
        &mut self,
        now: Moment,
        outcome: Outcome,
        trip: Option<Duration>,
        permitted: f64,
    ) {
        match outcome {
            Outcome::Refused => {
                self.refused += 1;
                self.second(now, permitted).refused += 1;
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

    fn second(&mut self, now: Moment, permitted: f64) -> &mut SecondCount {
        let second = Moment(now.0.div_euclid(1_000) * 1_000);
        if self.history.back().is_none_or(|last| last.second < second) {
            self.history.push_back(SecondCount {
                second,
                sent: 0,
                refused: 0,
                permitted,
            });
            while HISTORY < self.history.len() {
                self.history.pop_front();
            }
        }
        let last = self.history.len() - 1;
        self.history[last].permitted = permitted;
        &mut self.history[last]
    }

    /// `up` is `now` on the clock of `pace`.
    pub(super) fn stats(&self, now: Moment, pace: &Pace, up: Duration) -> RestStats {
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
            saved: 0,
            queue: pace.waiting(),
            waiting: pace.waiting_by(),
            drained_in: pace.drained_in(up),
            rests: pace.rests(up),
            strained: pace.is_strained(),
            permitted_per_second: pace.permitted(),
            configured_per_second: pace.configured(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            history: self.history.iter().filter(recent).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kis::Priority;

    #[test]
    fn percentiles_look_back_ten_seconds() {
        let (mut tally, mut pace) = (Tally::default(), Pace::new(18.0));
        for priority in [Priority::User, Priority::Tail, Priority::Tail] {
            pace.enqueue(priority);
        }
        let up = Duration::ZERO;
        let start = Moment(1_000_500);
        for i in 1..=100 {
            let trip = Some(Duration::from_millis(i));
            tally.sent(start, 18.0);
            tally.ended(start, Outcome::Accepted, trip, 18.0);
        }
        tally.ended(start.plus_secs(1), Outcome::Refused, None, 7.0);
        let stats = tally.stats(start.plus_secs(1), &pace, up);
        assert_eq!((stats.p50_ms, stats.p99_ms), (50.0, 99.0));
        assert_eq!((stats.sent, stats.refused, stats.queue), (100, 1, 3));
        assert_eq!((stats.waiting.user, stats.waiting.tail), (1, 2));
        assert_eq!(stats.drained_in, Duration::from_secs_f64(3.0 / 18.0));
        assert_eq!(stats.history.len(), 2);
        assert_eq!(stats.history[0].second, Moment(1_000_000));
        let rates: Vec<f64> = stats.history.iter().map(|s| s.permitted).collect();
        assert_eq!(rates, [18.0, 7.0]);
        let later = tally.stats(start.plus_secs(20), &pace, up);
        assert_eq!(later.p50_ms, 0.0);
        let much_later = tally.stats(start.plus_secs(400), &pace, up);
        assert!(much_later.history.is_empty());
    }
}
