//! What is wanted against what is registered: pure data, told the time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Registration;
use super::acks::{Ack, ack};

/// A message to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// `tr_type` 1.
    Register(Registration),
    /// `tr_type` 2.
    Remove(Registration),
}

/// What an answer meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The feed flows.
    Confirmed(Registration),
    /// The feed flows no more.
    Removed(Registration),
    /// Refused; the rest of the session goes on.
    Refused(Option<Registration>),
    /// Another session holds the key.
    InUse,
    /// The approval key is not accepted.
    Approval,
    /// The keys are wrong.
    Fatal,
}

/// Answers that do not come are asked for again after this long.
const OVERDUE: Duration = Duration::from_secs(10);
/// Seconds after which a passing failure is tried again, the first, the second time and so on.
const LATER: [u64; 4] = [15, 30, 60, 90];

/// One connection's registrations.
#[derive(Debug)]
pub(super) struct Reconcile {
    cap: usize,
    wanted: Arc<[Registration]>,
    confirmed: Vec<Registration>,
    pending: VecDeque<(Message, Duration)>,
    barred: Vec<Bar>,
}

/// A registration that is not asked for at the moment.
#[derive(Clone, Copy, Debug)]
struct Bar {
    registration: Registration,
    /// Not before this time; `None` never in this session.
    until: Option<Duration>,
    /// Passing failures in a row.
    failures: usize,
}

impl Bar {
    fn holds(&self, registration: Registration, now: Duration) -> bool {
        self.registration == registration && self.until.is_none_or(|until| now < until)
    }
}

impl Reconcile {
    pub(super) fn new(cap: usize, wanted: Arc<[Registration]>) -> Self {
        Self {
            cap,
            wanted,
            confirmed: vec![],
            pending: VecDeque::new(),
            barred: vec![],
        }
    }

    /// What is wanted from now on, the most important first.
    pub(super) fn want(&mut self, wanted: Arc<[Registration]>) {
        self.barred.retain(|bar| wanted.contains(&bar.registration));
        self.wanted = wanted;
    }

    /// Nothing is registered and nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.confirmed.is_empty() && self.pending.is_empty()
    }

    /// The next message to send at `now`, removals first. Registered and asked for together
    /// never exceed the cap: a removal counts until it is confirmed.
    pub(super) fn next(&mut self, now: Duration) -> Option<Message> {
        self.expire(now);
        let target = self.target(now);
        let gone = self.confirmed.iter().copied();
        let gone = gone
            .filter(|r| !target.contains(r) && !self.is_pending(*r) && !self.is_barred(*r, now));
        if let Some(registration) = gone.min() {
            return Some(self.ask(Message::Remove(registration), now));
        }
        let taken = self.confirmed.len()
            + self
                .pending
                .iter()
                .filter(|(m, _)| matches!(m, Message::Register(_)))
                .count();
        if self.cap <= taken {
            return None;
        }
        let missing = target
            .into_iter()
            .find(|r| !self.confirmed.contains(r) && !self.is_pending(*r))?;
        Some(self.ask(Message::Register(missing), now))
    }

    /// When [`Reconcile::next`] may have something without any news.
    pub(super) fn wake(&self, now: Duration) -> Option<Duration> {
        let overdue = self.pending.front().map(|(_, at)| *at + OVERDUE);
        let barred = self.barred.iter().filter_map(|bar| bar.until);
        let barred = barred.filter(|until| now < *until).min();
        [overdue, barred].into_iter().flatten().min()
    }

    /// Registrations the broker is believed to take.
    pub(super) fn cap(&self) -> usize {
        self.cap
    }

    /// The broker's answer. It names its registration, or the oldest one open is meant.
    pub(super) fn answer(
        &mut self,
        named: Option<Registration>,
        msg_cd: &str,
        now: Duration,
    ) -> Meaning {
        let ack = ack(msg_cd);
        match ack {
            Ack::InUse => return Meaning::InUse,
            Ack::Approval => return Meaning::Approval,
            Ack::Fatal => return Meaning::Fatal,
            Ack::Flows | Ack::Gone | Ack::Later | Ack::Full | Ack::Never => (),
        }
        let Some(message) = self.take(named, msg_cd) else {
            // What was asked for twice, because the first answer was late, is answered twice.
            return match (named, msg_cd) {
                (Some(r), "OPSP0002") if self.wanted.contains(&r) => self.flows(r),
                (Some(r), "OPSP0003") if !self.confirmed.contains(&r) => Meaning::Removed(r),
                _ => Meaning::Refused(named),
            };
        };
        match (message, ack) {
            (Message::Register(r), Ack::Flows) => self.flows(r),
            (Message::Remove(r), Ack::Flows | Ack::Gone) => {
                self.confirmed.retain(|c| *c != r);
                self.barred.retain(|bar| bar.registration != r);
                Meaning::Removed(r)
            }
            (Message::Register(r), Ack::Full) => {
                // The broker's own cap is lower: what flows is all there is. Where nothing flows,
                // somebody else fills it, and room may come.
                self.cap = self.cap.min(self.confirmed.len()).max(1);
                if self.confirmed.is_empty() {
                    self.bar_for_a_while(r, now);
                }
                Meaning::Refused(Some(r))
            }
            (Message::Register(r) | Message::Remove(r), Ack::Later) => {
                self.bar_for_a_while(r, now);
                Meaning::Refused(Some(r))
            }
            (Message::Register(r) | Message::Remove(r), _) => {
                self.bar(r, None, 0);
                Meaning::Refused(Some(r))
            }
        }
    }

    fn flows(&mut self, registration: Registration) -> Meaning {
        if !self.confirmed.contains(&registration) {
            self.confirmed.push(registration);
        }
        self.barred.retain(|bar| bar.registration != registration);
        // A cap once believed was too low if more than that flow.
        self.cap = self.cap.max(self.confirmed.len());
        Meaning::Confirmed(registration)
    }

    fn bar_for_a_while(&mut self, registration: Registration, now: Duration) {
        let earlier = self.barred.iter();
        let earlier = earlier.filter(|bar| bar.registration == registration);
        let failures = earlier.map(|bar| bar.failures).max().unwrap_or(0);
        let seconds = LATER.get(failures).or(LATER.last()).copied().unwrap_or(90);
        let until = now + Duration::from_secs(seconds);
        self.bar(registration, Some(until), failures + 1);
    }

    fn bar(&mut self, registration: Registration, until: Option<Duration>, failures: usize) {
        self.barred.retain(|bar| bar.registration != registration);
        self.barred.push(Bar {
            registration,
            until,
            failures,
        });
    }

    fn is_barred(&self, registration: Registration, now: Duration) -> bool {
        self.barred.iter().any(|bar| bar.holds(registration, now))
    }

    /// The most important wanted ones, each once, as many as fit.
    fn target(&self, now: Duration) -> Vec<Registration> {
        let mut target: Vec<Registration> = vec![];
        for registration in self.wanted.iter() {
            let barred = self.is_barred(*registration, now);
            let flows = self.confirmed.contains(registration);
            if (!barred || flows) && !target.contains(registration) {
                target.push(*registration);
            }
            if target.len() == self.cap {
                break;
            }
        }
        target.truncate(self.cap);
        target
    }

    fn is_pending(&self, registration: Registration) -> bool {
        self.pending.iter().any(|(message, _)| {
            let (Message::Register(r) | Message::Remove(r)) = message;
            *r == registration
        })
    }

    fn ask(&mut self, message: Message, now: Duration) -> Message {
        self.pending.push_back((message, now));
        message
    }

    /// The message an answer belongs to.
    fn take(&mut self, named: Option<Registration>, msg_cd: &str) -> Option<Message> {
        let fits = |message: &Message| {
            let (Message::Register(r) | Message::Remove(r)) = message;
            named.is_none_or(|named| named == *r)
                && match msg_cd {
                    "OPSP0001" | "OPSP0003" => matches!(message, Message::Remove(_)),
                    "OPSP0002" | "OPSP0008" => matches!(message, Message::Register(_)),
                    _ => true,
                }
        };
        let at = self.pending.iter().position(|(message, _)| fits(message))?;
        self.pending.remove(at).map(|(message, _)| message)
    }

    /// Answers do get lost. What is still wanted is asked for again (harmless if it flows); what
    /// is not counts as flowing, so that the cap holds and it is removed.
    fn expire(&mut self, now: Duration) {
        while let Some((message, _)) = self
            .pending
            .pop_front_if(|(_, asked)| *asked + OVERDUE <= now)
        {
            if let Message::Register(registration) = message
                && !self.wanted.contains(&registration)
            {
                self.confirmed.push(registration);
            }
        }
    }
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
