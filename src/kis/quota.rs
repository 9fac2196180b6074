//! Simple quotas: so many a period, in market time.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota as Rate, RateLimiter};

use crate::clock::Clock;

/// Market time for governor, which measures in machine time by itself.
#[derive(Clone, Copy, Debug)]
struct MarketClock(Clock);

impl GovernorClock for MarketClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.uptime()
    }
}

/// One a period.
pub(super) struct Quota {
    limiter: RateLimiter<NotKeyed, InMemoryState, MarketClock, NoOpMiddleware<Duration>>,
    clock: Clock,
}

impl Quota {
    /// One every `period`, which must be longer than zero.
    pub(super) fn one_every(period: Duration, clock: Clock) -> Self {
        let rate = Rate::with_period(period).unwrap_or(Rate::per_second(NonZeroU32::MIN));
        Self {
            limiter: RateLimiter::direct_with_clock(rate, MarketClock(clock)),
            clock,
        }
    }

    /// Takes the turn, or says how long until the next.
    pub(super) fn take(&self) -> Result<(), Duration> {
        self.limiter
            .check()
            .map_err(|early| early.wait_time_from(self.clock.uptime()))
    }

    /// Waits for the turn.
    pub(super) async fn wait(&self) {
        while let Err(wait) = self.take() {
            self.clock.sleep(wait.max(Duration::from_millis(1))).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;

    #[test]
    fn one_a_minute_of_market_time() {
        let quota = Quota::one_every(Duration::from_secs(60), Clock::simulated(Moment(0), 1.0));
        assert_eq!(quota.take(), Ok(()));
        let wait = quota.take().unwrap_err();
        assert!(Duration::from_secs(50) < wait && wait <= Duration::from_secs(60));
    }
}
