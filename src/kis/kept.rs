//! Answers that still hold, and requests under way that several wait for.
//!
//! An answer is given again while it holds; who asks for what is being asked for already waits
//! for that request. When nobody waits any more, the request leaves the queue. What must be fresh
//! (the judgement at a bar's close) takes no kept answer and joins only a request that has not
//! left yet.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::client::Answer;
use super::error::KisError;
use super::gate::{Claim, Gate};
use super::pace::Priority;
use crate::domain::Moment;

/// How long answers hold, market time; zero: every call is a request of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheTimes {
    /// The price of a stock.
    pub price: Duration,
    /// The order book.
    pub book: Duration,
    /// The last executions.
    pub executions: Duration,
    /// Pages of rows that can no longer change.
    pub candles: Duration,
}

impl Default for CacheTimes {
    fn default() -> Self {
        Self {
            price: Duration::from_secs(2),
            book: Duration::from_secs(1),
            executions: Duration::from_secs(3),
            candles: Duration::from_secs(60),
        }
    }
}

/// What one call accepts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) priority: Priority,
    /// How long answers of this kind hold.
    pub(super) holds: Duration,
    /// Whether a request that has left already will do.
    pub(super) joins_sent: bool,
    pub(super) now: Moment,
}

type Flight<T> = Shared<BoxFuture<'static, Result<Answer<T>, KisError>>>;
type WeakFlight<T> = WeakShared<BoxFuture<'static, Result<Answer<T>, KisError>>>;

struct Entry<T> {
    answer: Option<Answer<T>>,
    flight: Option<(WeakFlight<T>, Arc<Claim>)>,
    /// The last realtime value: what was sent before is older than it.
    heard: Option<Moment>,
}

impl<T: Clone> Entry<T> {
    fn flying(&self) -> Option<(Flight<T>, Arc<Claim>)> {
        let (flight, claim) = self.flight.as_ref()?;
        let flight = flight.upgrade().filter(|flight| flight.peek().is_none())?;
        Some((flight, claim.clone()))
    }
}

/// The answers of one kind.
pub(super) struct Kept<K, T: Clone> {
    entries: Mutex<HashMap<K, Entry<T>>>,
    most: usize,
    saved: AtomicU64,
}

impl<K, T> Kept<K, T>
where
    K: Copy + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// Keeps about `most` answers.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            entries: Mutex::new(HashMap::new()),
            most,
            saved: AtomicU64::new(0),
        })
    }

    /// Calls that needed no request of their own.
    pub(super) fn saved(&self) -> u64 {
        self.saved.load(Ordering::Relaxed)
    }

    /// The answer for `key`: a kept one, that of a request under way, or that of `fetch`. Only
    /// answers that `lasts` accepts are kept.
    pub(super) async fn get<F>(
        self: &Arc<Self>,
        key: K,
        want: Want,
        gate: &Gate,
        lasts: impl Fn(&Answer<T>) -> bool + Send + 'static,
        fetch: impl FnOnce(Arc<Claim>) -> F,
    ) -> Result<Answer<T>, KisError>
    where
        F: Future<Output = Result<Answer<T>, KisError>> + Send + 'static,
    {
        if want.holds.is_zero() {
            return fetch(Claim::new(want.priority)).await;
        }
        let fresh = matches!(want.priority, Priority::Close { .. });
        let flight = {
            let mut entries = self.entries();
            let found = entries.get(&key);
            let answer = found.and_then(|entry| entry.answer.as_ref());
            if let Some(answer) = answer.filter(|a| !fresh && holds(a, want.holds, want.now)) {
                self.saved.fetch_add(1, Ordering::Relaxed);
                return Ok(answer.clone());
            }
            let joins_sent = want.joins_sent && !fresh;
            match found.and_then(Entry::flying) {
                Some((flight, claim)) if joins_sent || !claim.is_flying() => {
                    claim.raise(want.priority, gate);
                    self.saved.fetch_add(1, Ordering::Relaxed);
                    flight
                }
                _ => {
                    let claim = Claim::new(want.priority);
                    let (kept, own, call) = (self.clone(), claim.clone(), fetch(claim.clone()));
                    let flight = async move {
                        let result = call.await;
                        if let Ok(answer) = &result {
                            kept.landed(key, answer, &own, lasts(answer), want.holds);
                        }
                        result
                    };
                    let flight = flight.boxed().shared();
                    let entry = entries.entry(key).or_insert(Entry {
                        answer: None,
                        flight: None,
                        heard: None,
                    });
                    entry.flight = flight.downgrade().map(|weak| (weak, claim));
                    flight
                }
            }
        };
        flight.await
    }

    /// A realtime value of `key` came at `at`: what is older does not count any more.
    pub(super) fn heard(&self, key: K, at: Moment) {
        if let Some(entry) = self.entries().get_mut(&key) {
            entry.answer = None;
            entry.heard = Some(at);
        }
    }

    /// Drops what is kept under the keys that `of` names.
    pub(super) fn forget(&self, of: impl Fn(&K) -> bool) {
        self.entries().retain(|key, _| !of(key));
    }

    fn landed(&self, key: K, answer: &Answer<T>, own: &Arc<Claim>, lasts: bool, held: Duration) {
        let mut entries = self.entries();
        if self.most < entries.len() {
            let now = answer.answered;
            entries.retain(|_, entry| {
                let kept = entry.answer.as_ref();
                kept.is_some_and(|kept| holds(kept, held, now)) || entry.flying().is_some()
            });
        }
        let room = entries.len() <= self.most;
        // Where another request has taken its place, or the key was forgotten, its answer is old.
        let entry = entries.get_mut(&key).filter(|entry| {
            let flight = entry.flight.as_ref();
            flight.is_some_and(|(_, claim)| Arc::ptr_eq(claim, own))
        });
        if let Some(entry) = entry {
            let older = entry.heard.is_some_and(|heard| answer.sent <= heard);
            entry.answer = Some(answer.clone()).filter(|_| lasts && room && !older);
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, Entry<T>>> {
        // A panic elsewhere leaves plain data behind; it stays usable.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Not from the future either: the machine's clock may have been set back.
fn holds<T>(answer: &Answer<T>, held: Duration, now: Moment) -> bool {
    let age = now.ms_since(answer.answered);
    0 <= age && u128::try_from(age).is_ok_and(|age| age < held.as_millis())
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
