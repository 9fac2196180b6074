//! How a simulator is set up.

use crate::clock::Clock;
use crate::domain::Moment;
use crate::sim::faults::Faults;

/// What to start. Durations are market time.
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// The market: same seed, same prices.
    pub seed: u64,
    /// Market time at the start; `None`: the machine's time.
    pub start: Option<Moment>,
    /// Market seconds per real second.
    pub speed: f64,
    /// Port of the REST side on 127.0.0.1; 0 takes any free one.
    pub rest_port: u16,
    /// Port of the websocket side on 127.0.0.1; 0 takes any free one.
    pub ws_port: u16,
    /// Calls an app key may make in any second, counted at their arrival. Below 1: one call in
    /// 1 ÷ this many seconds.
    pub calls_per_second: f64,
    /// The network and the server's own time.
    pub latency: Latency,
    /// Registrations a socket may hold.
    pub registrations: usize,
    /// What goes wrong from the start; see also [`Sim::faults`](crate::sim::Sim::faults).
    pub faults: Faults,
    /// A clock to share instead of `start` and `speed`.
    pub clock: Option<Clock>,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            start: None,
            speed: 1.0,
            rest_port: 0,
            ws_port: 0,
            calls_per_second: 20.0,
            latency: Latency::default(),
            registrations: 41,
            faults: Faults::default(),
            clock: None,
        }
    }
}

impl SimOptions {
    /// The clock these options ask for.
    pub(crate) fn make_clock(&self) -> Clock {
        if let Some(clock) = self.clock {
            return clock;
        }
        match self.start {
            Some(start) => Clock::simulated(start, self.speed),
            None if self.speed == 1.0 => Clock::machine(),
            None => Clock::simulated(Clock::machine().now(), self.speed),
        }
    }
}

/// How long a request travels and is worked on, in milliseconds of market time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// The fixed part of one way.
    pub one_way_ms: f64,
    /// Median of the lognormal jitter added to each way.
    pub jitter_ms: f64,
    /// Sigma of that jitter.
    pub jitter_sigma: f64,
    /// The jitter is cut here.
    pub most_jitter_ms: f64,
    /// Least and most time the server takes for an answer.
    pub processing_ms: (f64, f64),
}

impl Default for Latency {
    fn default() -> Self {
        Self {
            one_way_ms: 8.0,
            jitter_ms: 3.0,
            jitter_sigma: 0.6,
            most_jitter_ms: 80.0,
            processing_ms: (8.0, 24.0),
        }
    }
}

impl Latency {
    /// Answers at once.
    pub fn none() -> Self {
        Self {
            one_way_ms: 0.0,
            jitter_ms: 0.0,
            jitter_sigma: 0.0,
            most_jitter_ms: 0.0,
            processing_ms: (0.0, 0.0),
        }
    }
}
