//! When a request may be sent: pure data, told the time.
//!
//! The broker counts arrivals within a sliding second; we only know when we sent and when the
//! answer came. So a request holds one of N slots from sending until its answer + 1 s − 0.65 of
//! the smallest round trip seen. Two uses of one slot then arrive more than a second apart,
//! whatever the network does. The smallest of a few round trips may be a slow one (a connection
//! being made, a machine that starts), so nothing is taken off before many were seen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::permitted::Permitted;
use crate::domain::Day;

/// What a request is for. The smaller goes first; within one, who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Access token and approval key.
    Token,
    /// The user is looking at it.
    User,
    /// Judgement at a bar's close.
    Close {
        /// Rank or distance: 0 is the nearest and goes first.
        nearness: u32,
    },
    /// The newest rows of a watched stock.
    Tail,
    /// History.
    Backfill,
}

impl Priority {
    /// Background requests are spread evenly, so that a slot frees up every 1/N s for the user.
    fn is_background(self) -> bool {
        matches!(self, Self::Tail | Self::Backfill)
    }
}

/// Requests that wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Access token and approval key.
    pub token: usize,
    /// What the user is looking at.
    pub user: usize,
    /// Judgement at a bar's close.
    pub close: usize,
    /// The newest rows of watched stocks.
    pub tail: usize,
    /// History.
    pub backfill: usize,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Send the request of this ticket in this slot.
    Send {
        /// The request.
        ticket: u64,
        /// The slot it holds from now on.
        slot: u64,
    },
    /// Nothing before this time, unless an answer comes first.
    Wait(Duration),
    /// Nothing before an answer comes.
    AwaitAnswer,
    /// Nobody waits.
    Idle,
}

/// The scheduler. Times are [`Duration`]s of market time since any fixed point.
#[derive(Debug)]
pub struct Pace {
    permitted: Permitted,
    queue: BTreeSet<(Priority, u64)>,
    next_id: u64,
    flying: BTreeMap<u64, Duration>,
    cooling: Vec<Cooling>,
    accepted: VecDeque<Duration>,
    shortest: Option<Duration>,
    answers: u32,
    latest: Duration,
    trips: Trips,
    paused_until: Duration,
    background_after: Duration,
}

impl Pace {
    /// A scheduler for `rate` requests a second. From 1 on, fractions are dropped; below 1 there
    /// is one slot with a longer hold.
    pub fn new(rate: f64) -> Self {
        Self {
            permitted: Permitted::new(rate),
            queue: BTreeSet::new(),
            next_id: 0,
            flying: BTreeMap::new(),
            cooling: vec![],
            accepted: VecDeque::new(),
            shortest: None,
            answers: 0,
            latest: Duration::ZERO,
            trips: Trips::default(),
            paused_until: Duration::ZERO,
            background_after: Duration::ZERO,
        }
    }

    /// Requests a second the broker is believed to permit.
    pub fn permitted(&self) -> f64 {
        self.permitted.rate()
    }

    /// What the configuration permits.
    pub fn configured(&self) -> f64 {
        self.permitted.configured()
    }

    /// Whether the broker's answers come so late that less is sent.
    pub fn is_strained(&self) -> bool {
        self.trips.is_strained()
    }

    /// Requests that wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Requests that wait, by what they are for.
    pub fn waiting_by(&self) -> Waiting {
        let mut waiting = Waiting::default();
        for (priority, _) in &self.queue {
            *match priority {
                Priority::Token => &mut waiting.token,
                Priority::User => &mut waiting.user,
                Priority::Close { .. } => &mut waiting.close,
                Priority::Tail => &mut waiting.tail,
                Priority::Backfill => &mut waiting.backfill,
            } += 1;
        }
        waiting
    }

    /// How long everything rests after a refusal; zero when nothing does.
    pub fn rests(&self, now: Duration) -> Duration {
        self.paused_until.saturating_sub(now)
    }

    /// About how long until the last of those who wait now is sent, should nobody join.
    pub fn drained_in(&self, now: Duration) -> Duration {
        let seconds = self.queue.len() as f64 / self.permitted.rate();
        self.rests(now) + Duration::from_secs_f64(seconds)
    }

    /// Somebody else counts on the same key with this rate: the lower one holds for both.
    pub fn limit_to(&mut self, rate: f64) {
        self.permitted.limit_to(rate);
    }

    /// Puts a request into the queue; returns its ticket.
    pub fn enqueue(&mut self, priority: Priority) -> u64 {
        let ticket = self.id();
        self.queue.insert((priority, ticket));
        ticket
    }

    /// Somebody for whom it is more urgent wants a waiting request too.
    pub fn raise(&mut self, ticket: u64, from: Priority, to: Priority) {
        if to < from && self.queue.remove(&(from, ticket)) {
            self.queue.insert((to, ticket));
        }
    }

    /// Takes a request that nobody wants any more out of the queue.
    pub fn cancel(&mut self, ticket: u64) {
        self.queue.retain(|(_, queued)| *queued != ticket);
    }

    /// What to do at `now`, on `day` (a refused level counts for its day).
    pub fn next(&mut self, now: Duration, day: Day) -> Decision {
        self.permitted.recover(now, day);
        let spare = self.spare();
        self.cooling.retain(|cooling| now < cooling.until(spare));
        let Some(&(priority, ticket)) = self.queue.first() else {
            return Decision::Idle;
        };
        if now < self.paused_until {
            return Decision::Wait(self.paused_until);
        }
        if self.permitted.is_probing(now) && !self.flying.is_empty() {
            return Decision::AwaitAnswer;
        }
        let taken = self.flying.len() + self.cooling.len();
        let slots = self.permitted.slots();
        if slots <= taken {
            return self.next_free(taken - slots);
        }
        if priority.is_background() {
            let gap = Duration::from_secs_f64(0.97 / self.permitted.rate());
            let gap = gap.min(self.permitted.window());
            // An overloaded broker answers late before it refuses: send less of what can wait.
            let strain = if self.trips.is_strained() { 2 } else { 1 };
            let gap = gap * strain;
            // The answer under way may say "too many": it is given half a gap's time to come, so
            // that few learn of a lower limit at once.
            let patience = if self.flying.is_empty() {
                Duration::ZERO
            } else {
                gap / 2
            };
            let due = self.background_after + patience;
            if now < due {
                return Decision::Wait(due);
            }
            // Up to half of what one came too late is made good by the next: the limit is used up.
            let due = self.background_after.max(now.saturating_sub(gap / 2));
            self.background_after = due + gap;
        }
        self.queue.remove(&(priority, ticket));
        let slot = self.id();
        self.flying.insert(slot, now);
        Decision::Send { ticket, slot }
    }

    /// The request of `slot` leaves now; before, it was only allowed to.
    pub fn sent(&mut self, slot: u64, now: Duration) {
        if let Some(sent) = self.flying.get_mut(&slot) {
            *sent = now;
        }
    }

    /// An answer other than "too many" came. Returns the round trip.
    pub fn answered(&mut self, slot: u64, now: Duration) -> Duration {
        let Some(sent) = self.flying.remove(&slot) else {
            return Duration::ZERO;
        };
        let trip = now.saturating_sub(sent);
        let shortest = self.shortest.map_or(trip, |shortest| shortest.min(trip));
        self.shortest = Some(shortest);
        self.latest = trip;
        self.trips.add(trip, shortest);
        self.accepted.push_back(sent);
        self.forget(now);
        self.permitted.accepted();
        self.answers = self.answers.saturating_add(1);
        self.cooling.push(Cooling {
            full: now + self.permitted.window(),
            arrived_before: true,
        });
        trip
    }

    /// The broker said "too many": the slot stays taken for the whole second, everything waits
    /// that long, and the permitted rate falls to what was accepted in the second before, minus
    /// a step. Returns the round trip.
    pub fn refused(&mut self, slot: u64, now: Duration, day: Day) -> Duration {
        let Some(sent) = self.flying.remove(&slot) else {
            return Duration::ZERO;
        };
        let window = self.permitted.window();
        let since = sent.saturating_sub(window);
        let accepted = self
            .accepted
            .iter()
            .filter(|at| since <= **at && **at <= sent)
            .count();
        self.hold(now + window);
        let pause = self.permitted.refused(sent, now, day, accepted);
        self.paused_until = self.paused_until.max(now + pause);
        self.permitted.probe_from(self.paused_until);
        now.saturating_sub(sent)
    }

    /// No answer will come: the request may still arrive, so the slot is held a second more.
    pub fn lost(&mut self, slot: u64, now: Duration) {
        if self.flying.remove(&slot).is_some() {
            self.hold(now + self.permitted.window() + self.latest);
        }
    }

    /// Nothing was sent: the slot is free at once.
    pub fn returned(&mut self, slot: u64) {
        self.flying.remove(&slot);
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// A slot stays taken until `full`, whatever the network does.
    fn hold(&mut self, full: Duration) {
        self.cooling.push(Cooling {
            full,
            arrived_before: false,
        });
    }

    /// What the way there and back adds between two arrivals at least, so that a slot need not
    /// be held for it. Applied to slots already cooling too: a shorter trip holds all longer.
    fn spare(&self) -> Duration {
        /// Round trips after which the smallest is believed.
        const ENOUGH: u32 = 100;
        /// Of the smallest one. Two arrivals stay a second apart up to the whole of it, as long as
        /// no later trip is shorter; so the network may quicken by a third of it unnoticed. At 0.6
        /// the scheduler's bench uses up 0.9748 of 20 requests a second, at 0.65 0.9760.
        const PART: f64 = 0.65;
        /// More is never taken off, should the network be slow as a whole and quicken one day.
        const MOST: Duration = Duration::from_millis(30);
        match self.shortest {
            Some(shortest) if ENOUGH <= self.answers => shortest.mul_f64(PART).min(MOST),
            _ => Duration::ZERO,
        }
    }

    /// When the slot after `excess` others has cooled down.
    fn next_free(&mut self, excess: usize) -> Decision {
        let spare = self.spare();
        let mut until: Vec<Duration> = self.cooling.iter().map(|c| c.until(spare)).collect();
        until.sort_unstable();
        match until.get(excess) {
            Some(until) => Decision::Wait(*until),
            None => Decision::AwaitAnswer,
        }
    }

    /// Old acceptances no longer matter: keep what a refusal answered late may look back to.
    fn forget(&mut self, now: Duration) {
        let keep = Duration::from_secs(15) + self.permitted.window();
        while self.accepted.front().is_some_and(|at| *at + keep < now) {
            self.accepted.pop_front();
        }
    }
}

/// A slot whose request is over.
#[derive(Clone, Copy, Debug)]
struct Cooling {
    /// A whole window after the end.
    full: Duration,
    /// The answer proves that the request arrived before it.
    arrived_before: bool,
}

impl Cooling {
    fn until(self, spare: Duration) -> Duration {
        if self.arrived_before {
            self.full.saturating_sub(spare)
        } else {
            self.full
        }
    }
}

/// The last round trips.
#[derive(Debug, Default)]
struct Trips {
    last: VecDeque<Duration>,
    strained: bool,
}

impl Trips {
    /// Of the last nine round trips most take a second, and many times what the way needs.
    fn add(&mut self, trip: Duration, shortest: Duration) {
        const LOOK: usize = 9;
        self.last.push_back(trip);
        if LOOK < self.last.len() {
            self.last.pop_front();
        }
        let limit = Duration::from_secs(1).max(shortest * 5);
        let late = self.last.iter().filter(|trip| limit <= **trip).count();
        self.strained = LOOK / 2 < late;
    }

    fn is_strained(&self) -> bool {
        self.strained
    }
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
