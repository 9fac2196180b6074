//! What both sides of the simulator share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::clock::Clock;
use crate::sim::counters::Counters;
use crate::sim::faults::FaultsHandle;
use crate::sim::keys::Keys;
use crate::sim::market::{Market, Rng, lock};
use crate::sim::options::Latency;

/// Sleeps shorter than this many real microseconds are left out: the timer is coarser than
/// that, and at high speed it would stretch every answer.
const SHORTEST_SLEEP_US: u128 = 400;

pub(crate) struct Shared {
    pub(crate) clock: Clock,
    /// The time of clients that know nothing of market time.
    pub(crate) machine: Clock,
    pub(crate) market: Arc<Market>,
    pub(crate) faults: FaultsHandle,
    pub(crate) keys: Mutex<Keys>,
    pub(crate) registrations: usize,
    pub(crate) calls_per_second: f64,
    pub(crate) latency: Latency,
    pub(crate) counters: Mutex<Counters>,
    pub(crate) serial: AtomicU64,
}

/// The times of one request, market time.
pub(crate) struct Trip {
    pub(crate) there: Duration,
    pub(crate) work: Duration,
    pub(crate) back: Duration,
}

impl Shared {
    pub(crate) fn count(&self, change: impl FnOnce(&mut Counters)) {
        change(&mut lock(&self.counters));
    }

    /// A number nobody else got.
    pub(crate) fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// The next request's travel and work.
    pub(crate) fn trip(&self) -> Trip {
        let mut rng = Rng::keyed(self.market.seed(), &[u64::MAX, self.next_serial()]);
        let (l, stall_ms) = self
            .faults
            .change(|f| (f.latency.unwrap_or(self.latency), f.stall_ms));
        let mut way = || {
            let jitter = l.jitter_ms * (l.jitter_sigma * rng.normal()).exp();
            millis(l.one_way_ms + jitter.min(l.most_jitter_ms))
        };
        let (there, back) = (way(), way());
        let (least, most) = l.processing_ms;
        let work = millis(least + rng.unit() * (most - least));
        let stall = Duration::from_millis(stall_ms);
        Trip {
            there,
            work: work + stall,
            back,
        }
    }

    /// Lets market time pass.
    pub(crate) async fn pause(&self, market: Duration) {
        if SHORTEST_SLEEP_US <= self.clock.real(market).as_micros() {
            self.clock.sleep(market).await;
        }
    }
}

fn millis(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default()
}
