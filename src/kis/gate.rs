//! The scheduler's thin async shell: waits, wakes and gives slots back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::pace::{Decision, Pace, Priority};
use super::stats::{Outcome, RestStats, Tally};
use crate::clock::Clock;

/// Shared by every request of one key. The lock is held for a decision, never while waiting.
#[derive(Clone)]
pub(super) struct Gate {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    pace: Pace,
    waiting: HashMap<u64, oneshot::Sender<u64>>,
    timer: Option<Duration>,
    tally: Tally,
}

impl Gate {
    pub(super) fn new(clock: Clock, rate: f64) -> Self {
        let state = State {
            pace: Pace::new(rate),
            waiting: HashMap::new(),
            timer: None,
            tally: Tally::default(),
        };
        Self {
            inner: Arc::new(Inner {
                clock,
                state: Mutex::new(state),
            }),
        }
    }

    /// Waits for a slot. Dropping the future leaves the queue.
    pub(super) async fn acquire(&self, priority: Priority) -> Permit {
        let (grant, granted) = oneshot::channel();
        let ticket = {
            let mut state = self.state();
            let ticket = state.pace.enqueue(priority);
            state.waiting.insert(ticket, grant);
            ticket
        };
        let mut place = Place {
            gate: self.clone(),
            ticket,
            granted: Some(granted),
        };
        self.pump();
        let slot = match place.granted.as_mut() {
            Some(granted) => granted.await.ok(),
            None => None,
        };
        place.granted = None;
        Permit {
            gate: self.clone(),
            slot,
            sent: false,
        }
    }

    pub(super) fn stats(&self) -> RestStats {
        let state = self.state();
        state.tally.stats(
            self.inner.clock.now(),
            state.pace.waiting(),
            state.pace.permitted(),
        )
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves plain data behind; it stays usable.
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Grants what may be granted now and arms the timer for the rest.
    fn pump(&self) {
        let mut state = self.state();
        loop {
            let clock = &self.inner.clock;
            let now = clock.uptime();
            match state.pace.next(now, clock.now().day()) {
                Decision::Send { ticket, slot } => {
                    let grant = state.waiting.remove(&ticket);
                    if grant.is_none_or(|grant| grant.send(slot).is_err()) {
                        state.pace.returned(slot);
                    }
                }
                Decision::Wait(until) => {
                    if state.timer.is_none_or(|armed| until < armed) && self.wake_at(until, now) {
                        state.timer = Some(until);
                    }
                    return;
                }
                Decision::AwaitAnswer | Decision::Idle => return,
            }
        }
    }

    /// Pumps again at `until`; `false` where no runtime is left to do it.
    fn wake_at(&self, until: Duration, now: Duration) -> bool {
        // A call may be dropped on a thread outside the runtime.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return false;
        };
        let gate = self.clone();
        runtime.spawn(async move {
            gate.inner.clock.sleep(until.saturating_sub(now)).await;
            {
                let mut state = gate.state();
                if state.timer == Some(until) {
                    state.timer = None;
                }
            }
            gate.pump();
        });
        true
    }
}

/// A place in the queue; leaving it early gives back what was granted meanwhile.
struct Place {
    gate: Gate,
    ticket: u64,
    granted: Option<oneshot::Receiver<u64>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(mut granted) = self.granted.take() else {
            return;
        };
        {
            let mut state = self.gate.state();
            state.pace.cancel(self.ticket);
            state.waiting.remove(&self.ticket);
            if let Ok(slot) = granted.try_recv() {
                state.pace.returned(slot);
            }
        }
        self.gate.pump();
    }
}

/// The right to send one request. Dropped before sending it is given back; dropped after, the
/// slot stays taken for a second, because the request may still arrive.
pub(super) struct Permit {
    gate: Gate,
    slot: Option<u64>,
    sent: bool,
}

impl Permit {
    /// The request leaves now.
    pub(super) fn sent(&mut self) {
        self.sent = true;
        let clock = self.gate.inner.clock;
        let mut state = self.gate.state();
        if let Some(slot) = self.slot {
            state.pace.sent(slot, clock.uptime());
        }
        state.tally.sent(clock.now());
    }

    /// How it ended.
    pub(super) fn ended(mut self, outcome: Outcome) {
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        let Some(slot) = self.slot.take() else {
            return;
        };
        {
            let clock = self.gate.inner.clock;
            let (up, now) = (clock.uptime(), clock.now());
            let mut state = self.gate.state();
            let trip = match outcome {
                Outcome::Accepted | Outcome::Failed => Some(state.pace.answered(slot, up)),
                Outcome::Refused => Some(state.pace.refused(slot, up, now.day())),
                Outcome::Lost => {
                    state.pace.lost(slot, up);
                    None
                }
                Outcome::Unsent => {
                    state.pace.returned(slot);
                    None
                }
            };
            state.tally.ended(now, outcome, trip);
        }
        self.gate.pump();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let outcome = if self.sent {
            Outcome::Lost
        } else {
            Outcome::Unsent
        };
        self.end(outcome);
    }
}
