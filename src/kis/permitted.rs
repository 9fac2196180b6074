//! The permitted rate as data: configured, learned downward, recovered slowly.

use std::time::Duration;

use crate::domain::Day;

const SECOND: Duration = Duration::from_secs(1);
/// Without a refusal for this long, one step up.
const QUIET: Duration = Duration::from_secs(600);
/// Refusals in a row after which everything rests.
const IN_A_ROW: u32 = 3;
const REST: Duration = Duration::from_secs(5);
/// Nobody waits longer than ten seconds for one request.
const LEAST: f64 = 0.1;

/// What the broker is believed to permit.
#[derive(Debug)]
pub(super) struct Permitted {
    configured: f64,
    rate: f64,
    ceiling: f64,
    refused_on: Option<Day>,
    lowered_at: Option<Duration>,
    quiet_since: Duration,
    in_a_row: u32,
    probe_until: Duration,
}

impl Permitted {
    pub(super) fn new(rate: f64) -> Self {
        let rate = if rate.is_finite() {
            rate.clamp(LEAST, 1e6)
        } else {
            1.0
        };
        Self {
            configured: rate,
            rate,
            ceiling: rate,
            refused_on: None,
            lowered_at: None,
            quiet_since: Duration::ZERO,
            in_a_row: 0,
            probe_until: Duration::ZERO,
        }
    }

    /// Never more than this from now on.
    pub(super) fn limit_to(&mut self, rate: f64) {
        let least = Self::new(rate).rate;
        self.configured = self.configured.min(least);
        self.ceiling = self.ceiling.min(least);
        self.rate = self.rate.min(least);
    }

    pub(super) fn configured(&self) -> f64 {
        self.configured
    }

    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Requests that may lie within one window.
    pub(super) fn slots(&self) -> usize {
        (self.rate as usize).max(1)
    }

    /// The broker's second; longer where less than one a second is permitted.
    pub(super) fn window(&self) -> Duration {
        if self.rate < 1.0 {
            SECOND.div_f64(self.rate)
        } else {
            SECOND
        }
    }

    /// After a refusal the limit is unknown: one request at a time, so that finding it costs
    /// one refusal.
    pub(super) fn is_probing(&self, now: Duration) -> bool {
        now < self.probe_until
    }

    pub(super) fn probe_from(&mut self, start: Duration) {
        self.probe_until = start + 2 * self.window();
    }

    pub(super) fn accepted(&mut self) {
        self.in_a_row = 0;
    }

    /// Lowers the rate and says how long to pause. `accepted` requests went through in the
    /// second before the refused one was sent.
    pub(super) fn refused(
        &mut self,
        sent: Duration,
        now: Duration,
        day: Day,
        accepted: usize,
    ) -> Duration {
        self.in_a_row += 1;
        self.quiet_since = now;
        // Requests already under way when the rate was lowered say nothing about the new rate.
        if self.lowered_at.is_none_or(|at| at <= sent) {
            self.lowered_at = Some(now);
            self.lower(day, accepted);
        }
        if IN_A_ROW <= self.in_a_row {
            REST
        } else {
            self.window()
        }
    }

    fn lower(&mut self, day: Day, accepted: usize) {
        let below = self.rate - step(self.rate);
        let went_through = match accepted {
            // Somebody else uses up the limit.
            0 => self.rate / 2.0,
            n => n as f64,
        };
        if self.refused_on != Some(day) {
            self.refused_on = Some(day);
            self.ceiling = self.configured;
        }
        self.ceiling = self.ceiling.min(below.min(went_through).max(LEAST));
        let target = went_through - step(went_through);
        self.rate = below.min(target).max(LEAST);
    }

    /// One step up after ten quiet minutes, never to a level refused the same day.
    pub(super) fn recover(&mut self, now: Duration, day: Day) {
        if self.refused_on.is_some_and(|refused| refused != day) {
            self.refused_on = None;
            self.ceiling = self.configured;
        }
        if self.rate < self.ceiling && self.quiet_since + QUIET <= now {
            self.quiet_since = now;
            self.rate = (self.rate + step_up(self.rate)).min(self.ceiling);
        }
    }
}

fn step(rate: f64) -> f64 {
    if rate <= 1.0 { 0.1 } else { 1.0 }
}

fn step_up(rate: f64) -> f64 {
    if rate < 1.0 { 0.1 } else { 1.0 }
}
