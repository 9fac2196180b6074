//! The access token and the socket's approval key: one issuance, kept, renewed in time.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::error::KisError;
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

/// Keeps one secret; whoever needs it while another asks for it waits for that answer.
pub(super) struct Keeper {
    clock: Clock,
    kept: Mutex<Option<SavedToken>>,
    store: Option<Arc<dyn TokenStore>>,
    quota: Quota,
    blocked: std::sync::Mutex<Option<Moment>>,
    margin: Duration,
}

impl Keeper {
    /// Keeps access tokens.
    pub(super) fn of_tokens(clock: Clock, store: Option<Arc<dyn TokenStore>>) -> Self {
        Self::new(clock, store, TOKEN_PERIOD, MARGIN)
    }

    /// Keeps approval keys; they are never stored.
    pub(super) fn of_approvals(clock: Clock) -> Self {
        Self::new(clock, None, Duration::from_secs(1), Duration::ZERO)
    }

    fn new(
        clock: Clock,
        store: Option<Arc<dyn TokenStore>>,
        period: Duration,
        margin: Duration,
    ) -> Self {
        Self {
            clock,
            kept: Mutex::new(None),
            store,
            quota: Quota::one_every(period, clock),
            blocked: std::sync::Mutex::new(None),
            margin,
        }
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
        let mut kept = self.kept.lock().await;
        if let Some(good) = kept.as_ref().filter(|saved| self.is_good(saved, bad)) {
            return Ok(good.token.clone());
        }
        let usable = |saved: &SavedToken| self.lives(saved, bad, 0);
        if let Some(saved) = self.load().await.filter(usable) {
            let good = self.is_good(&saved, bad);
            let token = kept.insert(saved).token.clone();
            if good {
                return Ok(token);
            }
        }
        let issued = match self.turn() {
            Ok(()) => issue().await.map_err(|error| self.blocked_by(error)),
            Err(error) => Err(error),
        };
        match (issued, kept.as_ref().filter(|saved| usable(saved))) {
            (Ok(saved), _) => {
                self.save(&saved).await;
                Ok(kept.insert(saved).token.clone())
            }
            // Renewal comes half an hour early; until then the old one does.
            (Err(error), Some(old)) => {
                tracing::warn!("the token could not be renewed yet: {error}");
                Ok(old.token.clone())
            }
            (Err(error), None) => Err(error),
        }
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
        let mut kept = self.kept.lock().await;
        if let Some(good) = kept.as_ref().filter(|saved| self.is_good(saved, bad)) {
            return Ok(good.token.clone());
        }
        self.quota.wait().await;
        let saved = issue().await?;
        Ok(kept.insert(saved).token.clone())
    }

    pub(super) fn approval_ends(now: Moment) -> Moment {
        now.plus_secs(APPROVAL_LIFE.as_secs() as i64)
    }

    fn is_good(&self, saved: &SavedToken, bad: Option<&SecretString>) -> bool {
        self.lives(saved, bad, self.margin.as_secs() as i64)
    }

    /// Not the refused one, and still valid in so many seconds.
    fn lives(&self, saved: &SavedToken, bad: Option<&SecretString>, seconds: i64) -> bool {
        let refused = bad.is_some_and(|bad| bad.expose_secret() == saved.token.expose_secret());
        !refused && self.clock.now().plus_secs(seconds) < saved.expires
    }

    /// Whether an issuance may be tried now.
    fn turn(&self) -> Result<(), KisError> {
        let now = self.clock.now();
        let blocked = *self.lock_blocked();
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
        *self.lock_blocked() = Some(until);
        KisError::TokenWait { seconds }
    }

    fn lock_blocked(&self) -> std::sync::MutexGuard<'_, Option<Moment>> {
        self.blocked
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
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
