//! The scheduler's thin async shell: waits, wakes and gives slots back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
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

/// The gates in use, by account.
static GATES: Mutex<Vec<(String, Weak<Inner>)>> = Mutex::new(vec![]);

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

    /// The gate of one account (host and key): whoever asks for the same one while it is in use
    /// shares it, with the lower of the rates.
    pub(super) fn of(account: String, clock: Clock, rate: f64) -> Self {
        let mut gates = GATES.lock().unwrap_or_else(PoisonError::into_inner);
        gates.retain(|(_, gate)| 0 < gate.strong_count());
        let same = gates
            .iter()
            .filter(|(known, _)| *known == account)
            .filter_map(|(_, gate)| gate.upgrade())
            .find(|inner| inner.clock.agrees_with(&clock));
        if let Some(inner) = same {
            let gate = Self { inner };
            gate.state().pace.limit_to(rate);
            return gate;
        }
        let gate = Self::new(clock, rate);
        gates.push((account, Arc::downgrade(&gate.inner)));
        gate
    }

    /// Waits for a slot. Dropping the future leaves the queue.
    pub(super) async fn acquire(&self, claim: &Claim) -> Permit {
        let (grant, granted) = oneshot::channel();
        let ticket = {
            let mut place = claim.place();
            let mut state = self.state();
            let ticket = state.pace.enqueue(place.priority);
            state.waiting.insert(ticket, grant);
            place.ticket = Some(ticket);
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
        let (now, up) = (self.inner.clock.now(), self.inner.clock.uptime());
        let state = self.state();
        state.tally.stats(now, &state.pace, up)
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

/// How urgent one call is, which others who want its answer too may raise, and whether its
/// request has left.
pub(super) struct Claim {
    standing: Mutex<Standing>,
}

struct Standing {
    priority: Priority,
    ticket: Option<u64>,
    flying: bool,
}

impl Claim {
    pub(super) fn new(priority: Priority) -> Arc<Self> {
        let standing = Standing {
            priority,
            ticket: None,
            flying: false,
        };
        Arc::new(Self {
            standing: Mutex::new(standing),
        })
    }

    /// Somebody wants the same at this priority.
    pub(super) fn raise(&self, priority: Priority, gate: &Gate) {
        {
            let mut standing = self.place();
            let before = standing.priority;
            if before <= priority {
                return;
            }
            standing.priority = priority;
            if let Some(ticket) = standing.ticket {
                gate.state().pace.raise(ticket, before, priority);
            }
        }
        gate.pump();
    }

    /// The request leaves (`true`), or its answer is there.
    pub(super) fn set_flying(&self, flying: bool) {
        let mut standing = self.place();
        standing.flying = flying;
        standing.ticket = None;
    }

    pub(super) fn is_flying(&self) -> bool {
        self.place().flying
    }

    fn place(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
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
        let permitted = state.pace.permitted();
        state.tally.sent(clock.now(), permitted);
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
            let permitted = state.pace.permitted();
            state.tally.ended(now, outcome, trip, permitted);
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
