//! What is wanted against what is registered: pure data, told the time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::super::codes::{self, Class};
use super::Registration;

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
/// A passing failure is tried again after this long.
const LATER: Duration = Duration::from_secs(15);

/// One connection's registrations.
#[derive(Debug)]
pub(super) struct Reconcile {
    cap: usize,
    wanted: Arc<[Registration]>,
    confirmed: Vec<Registration>,
    pending: VecDeque<(Message, Duration)>,
    /// Not before this time; `None` never in this session.
    barred: Vec<(Registration, Option<Duration>)>,
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
        self.barred
            .retain(|(registration, _)| wanted.contains(registration));
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
        let gone = gone.filter(|r| !target.contains(r) && !self.is_pending(*r));
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
    pub(super) fn wake(&self) -> Option<Duration> {
        let overdue = self.pending.front().map(|(_, at)| *at + OVERDUE);
        let barred = self.barred.iter().filter_map(|(_, until)| *until).min();
        [overdue, barred].into_iter().flatten().min()
    }

    /// The broker's answer. It names its registration, or the oldest one open is meant.
    pub(super) fn answer(
        &mut self,
        named: Option<Registration>,
        msg_cd: &str,
        now: Duration,
    ) -> Meaning {
        match msg_cd {
            "OPSP8996" => return Meaning::InUse,
            "OPSP0011" => return Meaning::Approval,
            "OPSP0010" | "OPSP9994" | "OPSP9996" => return Meaning::Fatal,
            _ => (),
        }
        let Some(message) = self.take(named, msg_cd) else {
            // What was asked for twice, because the first answer was late, is answered twice.
            return match (named, msg_cd) {
                (Some(r), "OPSP0002") if self.wanted.contains(&r) => {
                    if !self.confirmed.contains(&r) {
                        self.confirmed.push(r);
                    }
                    Meaning::Confirmed(r)
                }
                _ => Meaning::Refused(named),
            };
        };
        match (message, msg_cd) {
            (Message::Register(r), "OPSP0000" | "OPSP0002") => {
                if !self.confirmed.contains(&r) {
                    self.confirmed.push(r);
                }
                Meaning::Confirmed(r)
            }
            (Message::Remove(r), "OPSP0000" | "OPSP0001" | "OPSP0003") => {
                self.confirmed.retain(|c| *c != r);
                Meaning::Removed(r)
            }
            (Message::Register(r), "OPSP0008") => {
                // The broker's own cap is lower: what flows is all there is.
                self.cap = self.cap.min(self.confirmed.len());
                Meaning::Refused(Some(r))
            }
            (message, code) => {
                let passing = codes::class(code) == Class::Passing;
                let (Message::Register(r) | Message::Remove(r)) = message;
                self.barred.retain(|(b, _)| *b != r);
                self.barred.push((r, passing.then_some(now + LATER)));
                Meaning::Refused(Some(r))
            }
        }
    }

    /// The most important wanted ones, each once, as many as fit.
    fn target(&self, now: Duration) -> Vec<Registration> {
        let mut target: Vec<Registration> = vec![];
        for registration in self.wanted.iter() {
            let barred = self
                .barred
                .iter()
                .any(|(r, until)| r == registration && until.is_none_or(|until| now < until));
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
