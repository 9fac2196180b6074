//! How a simulator is set up.

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::domain::Moment;
use crate::sim::faults::Faults;
use crate::sim::script::Script;

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
    /// Whether the exchange trades from 16:00 to 20:00 since 14 September 2026, as the real one
    /// does.
    pub evening: bool,
    /// Every stock trades so many times its usual shares: a print can be sent in no more parts
    /// than it has shares.
    pub volume_times: u32,
    /// What goes wrong from the start; see also [`Sim::faults`](crate::sim::Sim::faults).
    pub faults: Faults,
    /// What goes wrong later, by the clock.
    pub script: Script,
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
            evening: false,
            volume_times: 1,
            faults: Faults::default(),
            script: Script::default(),
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

/// The broker's two hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// 실전.
    #[default]
    Real,
    /// 모의: two calls a second, only some requests and three feeds.
    Paper,
}

/// How long a request travels and is worked on, in milliseconds of market time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
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
