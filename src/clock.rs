//! Market time.
//!
//! The app uses the machine's clock. The demo and the tests use a clock that starts at a chosen
//! moment and may run faster; with it every duration (limits, latency, time-outs) is market
//! time, so a fast day behaves like a slow one.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Moment;

/// A clock of market time. Copies show the same time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    origin: Option<Moment>,
    speed: f64,
    /// Milliseconds added to the machine's time; `None` for a clock that is right by definition.
    /// Leaked, 8 bytes a clock, so that copies share it and stay copies.
    correction: Option<&'static AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn machine() -> Self {
        Self {
            started: Instant::now(),
            origin: None,
            speed: 1.0,
            correction: None,
        }
        .correctable()
    }

    /// The same time on a clock that may be corrected, as the machine's.
    pub fn correctable(self) -> Self {
        Self {
            correction: Some(Box::leak(Box::default())),
            ..self
        }
    }

    /// Adds so many milliseconds to the time from now on, to this clock's copies too, instead of
    /// what was added before. `false`: this clock is right by definition.
    pub fn correct(&self, ms: i64) -> bool {
        match self.correction {
            Some(correction) => correction.store(ms, Ordering::Relaxed),
            None => return false,
        }
        true
    }

    /// Milliseconds added to the machine's time.
    pub fn correction_ms(&self) -> i64 {
        self.correction
            .map_or(0, |correction| correction.load(Ordering::Relaxed))
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
            correction: None,
        }
    }

    /// Whether both always show the same time.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let started = self.origin.is_none() || self.started == other.started;
        (self.origin, self.speed) == (other.origin, other.speed) && started
    }

    /// Market time now.
    pub fn now(&self) -> Moment {
        self.uncorrected().plus_ms(self.correction_ms())
    }

    /// What the machine's clock says, right or wrong.
    pub fn uncorrected(&self) -> Moment {
        self.moment_of(Instant::now())
    }

    /// The uncorrected time of a reading of the machine's steady clock.
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

/// Tells a machine that slept from a clock that was set: both look like a leap of time.
#[derive(Debug)]
pub struct Pulse {
    clock: Clock,
    last: Reading,
}

/// What happened between two beats besides time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leap {
    /// The machine slept so long.
    pub slept: Duration,
    /// The clock was set, or corrected, by so many milliseconds; 0 below a second.
    pub moved_ms: i64,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    now: Moment,
    /// Goes on while the machine sleeps.
    lasting: Duration,
    /// Stands still while it sleeps.
    awake: Instant,
}

/// Settings of the clock below this are its everyday upkeep.
const SET_MS: i64 = 1_000;

impl Pulse {
    /// Begins to feel.
    pub fn new(clock: Clock) -> Self {
        Self {
            last: Reading::take(clock),
            clock,
        }
    }

    /// What happened since the last beat.
    pub fn beat(&mut self) -> Leap {
        let before = std::mem::replace(&mut self.last, Reading::take(self.clock));
        leap(before, self.last, self.clock)
    }
}

impl Reading {
    fn take(clock: Clock) -> Self {
        Self {
            now: clock.now(),
            lasting: lasting(),
            awake: Instant::now(),
        }
    }
}

fn leap(before: Reading, after: Reading, clock: Clock) -> Leap {
    let awake = after.awake.saturating_duration_since(before.awake);
    let lasting = after.lasting.saturating_sub(before.lasting).max(awake);
    // A simulated clock stands still with the machine.
    let due = match clock.origin {
        Some(_) => awake.mul_f64(clock.speed),
        None => lasting,
    };
    let due_ms = i64::try_from(due.as_millis()).unwrap_or(i64::MAX);
    let moved_ms = after.now.ms_since(before.now).saturating_sub(due_ms);
    Leap {
        slept: lasting - awake,
        moved_ms: if moved_ms.abs() < SET_MS { 0 } else { moved_ms },
    }
}

/// Time since some moment that stays the same, counted on while the machine sleeps.
fn lasting() -> Duration {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        #[cfg(target_os = "linux")]
        const LASTING: rustix::time::ClockId = rustix::time::ClockId::Boottime;
        #[cfg(target_vendor = "apple")]
        const LASTING: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
        let time = rustix::time::clock_gettime(LASTING);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
    }
    // Elsewhere the steady clock itself goes on in sleep.
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    {
        use std::sync::OnceLock;
        static SINCE: OnceLock<Instant> = OnceLock::new();
        SINCE.get_or_init(Instant::now).elapsed()
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

    #[test]
    fn copies_share_a_correction_and_simulated_time_has_none() {
        let clock = Clock::machine();
        let copy = clock;
        assert!(clock.correct(5_000_000));
        let difference = copy.now().ms_since(copy.uncorrected());
        assert!(4_999_000 < difference, "{difference}");
        assert_eq!(Clock::machine().correction_ms(), 0, "another clock");
        assert!(!Clock::simulated(Moment(0), 1.0).correct(5_000));
    }

    #[test]
    fn sleep_and_a_set_clock_are_told_apart() {
        let clock = Clock::machine();
        let start = Reading {
            now: Moment(1_000_000),
            lasting: Duration::from_secs(50),
            awake: Instant::now(),
        };
        let after = |now_secs: i64, lasting: u64, awake: u64| Reading {
            now: start.now.plus_secs(now_secs),
            lasting: start.lasting + Duration::from_secs(lasting),
            awake: start.awake + Duration::from_secs(awake),
        };
        let told = |slept: u64, moved_ms| Leap {
            slept: Duration::from_secs(slept),
            moved_ms,
        };
        for (reading, expected) in [
            (after(1, 1, 1), told(0, 0)),
            (after(600, 600, 1), told(599, 0)),
            (after(3_600, 1, 1), told(0, 3_599_000)),
            (after(-299, 1, 1), told(0, -300_000)),
            (after(4_200, 600, 1), told(599, 3_600_000)),
            // A busy machine is neither.
            (after(45, 45, 45), told(0, 0)),
        ] {
            assert_eq!(leap(start, reading, clock), expected, "{reading:?}");
        }
        let fast = Clock::simulated(Moment(0), 20.0);
        assert_eq!(leap(start, after(40, 600, 2), fast), told(598, 0));
    }
}
