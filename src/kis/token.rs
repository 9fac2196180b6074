//! The access token and the socket's approval key: one issuance, kept, renewed in time.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::error::KisError;
use super::locks::{Held, Locks};
use super::quota::Quota;
use crate::clock::Clock;
use crate::domain::Moment;

/// A token and the end of its life.
#[derive(Clone, Debug)]
pub struct SavedToken {
    /// The bearer token.
    pub token: SecretString,
    /// When it ends.
    pub expires: Moment,
}

/// Where a token survives the program: every issuance sends the customer a message, so one a
/// day is right. Called outside the async runtime's workers; may block.
pub trait TokenStore: Send + Sync {
    /// The token kept for this key and host, if any.
    fn load(&self) -> Option<SavedToken>;
    /// Keeps the token.
    fn save(&self, token: &SavedToken);
}

/// Renewed this long before its end.
const MARGIN: Duration = Duration::from_secs(30 * 60);
/// The broker's rule is one a minute; it counts on its own clock.
const TOKEN_PERIOD: Duration = Duration::from_secs(61);
/// An approval key lives 24 h and is asked for only when the socket registers.
const APPROVAL_LIFE: Duration = Duration::from_secs(23 * 3_600 + 1_800);

/// How long another copy's question for a token is waited for: a whole answer and its keeping.
const OTHERS: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Keeps one secret; whoever needs it while another asks for it waits for that answer.
pub(super) struct Keeper {
    clock: Clock,
    kept: std::sync::Mutex<Option<SavedToken>>,
    /// The last one the broker refused: nobody uses it, wherever it is found, until a new one is
    /// there.
    refused: std::sync::Mutex<Option<SecretString>>,
    /// One issuance at a time.
    flight: Mutex<()>,
    store: Option<Arc<dyn TokenStore>>,
    locks: Option<Locks>,
    quota: Quota,
    blocked: std::sync::Mutex<Option<Moment>>,
    margin: Duration,
}

/// A secret that is valid now.
pub(super) enum AtHand {
    /// With time before it.
    Good(SecretString),
    /// Soon at its end: it serves still, and the next one should be asked for.
    Ageing(SecretString),
}

impl Keeper {
    /// Keeps access tokens.
    pub(super) fn of_tokens(
        clock: Clock,
        store: Option<Arc<dyn TokenStore>>,
        locks: Option<Locks>,
    ) -> Self {
        Self::new(clock, store, locks, TOKEN_PERIOD, MARGIN)
    }

    /// Keeps approval keys; they are never stored.
    pub(super) fn of_approvals(clock: Clock) -> Self {
        Self::new(clock, None, None, Duration::from_secs(1), Duration::ZERO)
    }

    fn new(
        clock: Clock,
        store: Option<Arc<dyn TokenStore>>,
        locks: Option<Locks>,
        period: Duration,
        margin: Duration,
    ) -> Self {
        Self {
            clock,
            kept: std::sync::Mutex::new(None),
            refused: std::sync::Mutex::new(None),
            flight: Mutex::new(()),
            store,
            locks,
            quota: Quota::one_every(period, clock),
            blocked: std::sync::Mutex::new(None),
            margin,
        }
    }

    /// The broker has refused a token.
    pub(super) fn refuse(&self, bad: &SecretString) {
        *lock(&self.refused) = Some(bad.clone());
    }

    /// What is valid now, without waiting for anything. `bad` is one the broker has just refused.
    pub(super) fn at_hand(&self, bad: Option<&SecretString>) -> Option<AtHand> {
        let kept = lock(&self.kept);
        let saved = kept.as_ref().filter(|saved| self.lives(saved, bad, 0))?;
        let token = saved.token.clone();
        Some(match self.is_good(saved, bad) {
            true => AtHand::Good(token),
            false => AtHand::Ageing(token),
        })
    }

    /// What to send instead of a token that was taken before a wait: the newest one there is, the
    /// same if no other is known. `None` when it was refused meanwhile and no other is there yet.
    pub(super) fn instead_of(
        &self,
        taken: SecretString,
        bad: Option<&SecretString>,
    ) -> Option<SecretString> {
        if let Some(AtHand::Good(token) | AtHand::Ageing(token)) = self.at_hand(bad) {
            return Some(token);
        }
        let refused = lock(&self.refused);
        let same = |bad: &SecretString| bad.expose_secret() == taken.expose_secret();
        (!refused.as_ref().is_some_and(same)).then_some(taken)
    }

    /// The token that is valid now. `bad` is one the broker has just refused: somebody may have
    /// replaced it already, here or in the store; only otherwise a new one is asked for.
    pub(super) async fn get<F>(
        &self,
        bad: Option<&SecretString>,
        issue: impl FnOnce() -> F,
    ) -> Result<SecretString, KisError>
    where
        F: Future<Output = Result<SavedToken, KisError>>,
    {
        let _flight = self.flight.lock().await;
        if let Some(AtHand::Good(token)) = self.at_hand(bad) {
            return Ok(token);
        }
        if let Some(token) = self.look_in_store(bad).await {
            return Ok(token);
        }
        let issued = match self.alone(bad).await {
            Ok(Turn::Replaced(token)) => return Ok(token),
            // The lock is held until the new token is kept, where the other copies look for it.
            Ok(Turn::Ours(held)) => {
                let issued = issue().await.map_err(|error| self.blocked_by(error));
                match (&issued, &held) {
                    (Ok(saved), _) => {
                        // It serves at once; the keyring may take its time.
                        // The broker may give the same again; then it is that one.
                        *lock(&self.refused) = None;
                        self.keep(saved.clone());
                        self.save(saved).await;
                    }
                    // A refusal is no issuance: with corrected keys one may ask at once.
                    (Err(KisError::Refused { .. }), Some(held)) => {
                        held.forget().unwrap_or_default()
                    }
                    _ => {}
                }
                drop(held);
                issued
            }
            Err(error) => Err(error),
        };
        match (issued, self.at_hand(bad)) {
            (Ok(saved), _) => Ok(saved.token),
            // Renewal comes half an hour early; until then the old one does.
            (Err(error), Some(AtHand::Good(old) | AtHand::Ageing(old))) => {
                tracing::warn!("the token could not be renewed yet: {error}");
                Ok(old)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Whether nobody asks for one at the moment.
    pub(super) fn is_idle(&self) -> bool {
        self.flight.try_lock().is_ok()
    }

    /// Takes over what the store holds, if it lives; returns it if it is not ageing.
    async fn look_in_store(&self, bad: Option<&SecretString>) -> Option<SecretString> {
        let saved = self.load().await?;
        if !self.lives(&saved, bad, 0) {
            return None;
        }
        let good = self.is_good(&saved, bad);
        let token = self.keep(saved);
        good.then_some(token)
    }

    /// Waits until no other copy of the program asks for a token of this key; then whether one
    /// may be asked for now.
    async fn alone(&self, bad: Option<&SecretString>) -> Result<Turn, KisError> {
        let Some(locks) = &self.locks else {
            return self.turn().map(|()| Turn::Ours(None));
        };
        let started = self.clock.uptime();
        let mut waited = false;
        let mut held = loop {
            match locks.token() {
                Ok(Some(held)) => break held,
                Ok(None) if self.clock.uptime() < started + OTHERS => {
                    waited = true;
                    self.clock.sleep(LOOK_AGAIN).await;
                }
                Ok(None) => return Err(KisError::TokenWait { seconds: 5 }),
                Err(error) => {
                    tracing::warn!("no lock against other copies of the program: {error}");
                    return self.turn().map(|()| Turn::Ours(None));
                }
            }
        };
        let now = self.clock.now();
        let period = TOKEN_PERIOD.as_millis() as i64;
        // A time in the future was written by another clock; it counts for a period at most.
        let since = held.noted().map(|at| now.ms_since(at).abs());
        let since = since.filter(|since| *since < period);
        // One asked for in the last minute may have come after our first look in the store.
        if (waited || since.is_some())
            && let Some(token) = self.look_in_store(bad).await
        {
            return Ok(Turn::Replaced(token));
        }
        if let Some(since) = since {
            return Err(KisError::TokenWait {
                seconds: ((period - since) as u64).div_ceil(1_000),
            });
        }
        self.turn()?;
        if let Err(error) = held.note(now) {
            tracing::warn!("the time of a token could not be noted: {error}");
        }
        Ok(Turn::Ours(Some(held)))
    }

    pub(super) fn keep(&self, saved: SavedToken) -> SecretString {
        lock(&self.kept).insert(saved).token.clone()
    }

    /// As [`Keeper::get`], waiting for the turn: for quotas of a second.
    pub(super) async fn get_patiently<F>(
        &self,
        bad: Option<&SecretString>,
        issue: impl FnOnce() -> F,
    ) -> Result<SecretString, KisError>
    where
        F: Future<Output = Result<SavedToken, KisError>>,
    {
        let _flight = self.flight.lock().await;
        if let Some(AtHand::Good(token)) = self.at_hand(bad) {
            return Ok(token);
        }
        self.quota.wait().await;
        Ok(self.keep(issue().await?))
    }

    pub(super) fn approval_ends(now: Moment) -> Moment {
        now.plus_secs(APPROVAL_LIFE.as_secs() as i64)
    }

    fn is_good(&self, saved: &SavedToken, bad: Option<&SecretString>) -> bool {
        self.lives(saved, bad, self.margin.as_secs() as i64)
    }

    /// Not the refused one, and still valid in so many seconds.
    fn lives(&self, saved: &SavedToken, bad: Option<&SecretString>, seconds: i64) -> bool {
        let same = |bad: &SecretString| bad.expose_secret() == saved.token.expose_secret();
        let refused = bad.is_some_and(same) || lock(&self.refused).as_ref().is_some_and(same);
        !refused && self.clock.now().plus_secs(seconds) < saved.expires
    }

    /// Whether an issuance may be tried now.
    fn turn(&self) -> Result<(), KisError> {
        let now = self.clock.now();
        let blocked = *lock(&self.blocked);
        if let Some(until) = blocked.filter(|until| now < *until) {
            let seconds = until.after(now).as_millis().div_ceil(1_000) as u64;
            return Err(KisError::TokenWait { seconds });
        }
        self.quota.take().map_err(|wait| KisError::TokenWait {
            seconds: wait.as_millis().div_ceil(1_000) as u64,
        })
    }

    /// EGW00133: somebody has asked within the minute. Nothing is sent until it is over.
    fn blocked_by(&self, error: KisError) -> KisError {
        if error.msg_cd() != Some("EGW00133") {
            return error;
        }
        let seconds = TOKEN_PERIOD.as_secs();
        let until = self.clock.now().plus_secs(seconds as i64);
        *lock(&self.blocked) = Some(until);
        KisError::TokenWait { seconds }
    }

    async fn load(&self) -> Option<SavedToken> {
        let store = self.store.clone()?;
        let loaded = tokio::task::spawn_blocking(move || store.load()).await;
        loaded.ok().flatten()
    }

    async fn save(&self, saved: &SavedToken) {
        let (Some(store), saved) = (self.store.clone(), saved.clone()) else {
            return;
        };
        if tokio::task::spawn_blocking(move || store.save(&saved))
            .await
            .is_err()
        {
            tracing::warn!("the token could not be kept; the next start asks for a new one");
        }
    }
}

/// What waiting for the other copies led to.
enum Turn {
    /// Another copy has kept a new token meanwhile.
    Replaced(SecretString),
    /// We may ask; the lock, where there is one.
    Ours(Option<Held>),
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
