//! Market time.
//!
//! The app uses the machine's clock. The demo and the tests use a clock that starts at a chosen
//! moment and may run faster; with it every duration (limits, latency, time-outs) is market
//! time, so a fast day behaves like a slow one.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Moment;

/// A clock of market time. Copies show the same time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    origin: Option<Moment>,
    speed: f64,
}

impl Clock {
    /// The machine's clock.
    pub fn machine() -> Self {
        Self {
            started: Instant::now(),
            origin: None,
            speed: 1.0,
        }
    }

    /// A clock that shows `origin` now and runs at `speed` times real time. A speed that is not
    /// positive and finite counts as 1.
    pub fn simulated(origin: Moment, speed: f64) -> Self {
        let speed = if speed.is_finite() && 0.0 < speed {
            speed
        } else {
            1.0
        };
        Self {
            started: Instant::now(),
            origin: Some(origin),
            speed,
        }
    }

    /// Whether both always show the same time.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let started = self.origin.is_none() || self.started == other.started;
        (self.origin, self.speed) == (other.origin, other.speed) && started
    }

    /// Market time now.
    pub fn now(&self) -> Moment {
        self.moment_of(Instant::now())
    }

    /// The market time of a reading of the machine's steady clock.
    fn moment_of(&self, instant: Instant) -> Moment {
        match self.origin {
            Some(origin) => {
                let real = instant
                    .saturating_duration_since(self.started)
                    .as_secs_f64();
                origin.plus_ms((real * self.speed * 1_000.0) as i64)
            }
            None => wall_now(),
        }
    }

    /// Market seconds per real second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Market time passed since the clock was made; never runs backwards.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed().mul_f64(self.speed)
    }

    /// The real time a market duration takes.
    pub fn real(&self, market: Duration) -> Duration {
        if self.speed == 1.0 {
            market
        } else {
            market.div_f64(self.speed)
        }
    }

    /// Sleeps a market duration.
    pub async fn sleep(&self, market: Duration) {
        tokio::time::sleep(self.real(market)).await;
    }

    /// Sleeps until market time `at`.
    pub async fn sleep_until(&self, at: Moment) {
        self.sleep(at.after(self.now())).await;
    }

    /// Runs `work` for at most a market duration; `None` when time ran out.
    pub async fn timeout<T>(&self, market: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.real(market), work).await.ok()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the machine's clock"
)]
fn wall_now() -> Moment {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_shortens_real_durations() {
        let clock = Clock::simulated(Moment(0), 20.0);
        assert_eq!(
            clock.real(Duration::from_secs(10)),
            Duration::from_millis(500)
        );
        let instant = clock.started + Duration::from_secs(3);
        assert_eq!(clock.moment_of(instant), Moment(60_000));
        assert_eq!(Clock::simulated(Moment(0), f64::NAN).speed(), 1.0);
    }
}
