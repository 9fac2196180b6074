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
        let loaded = self.load().await;
        if let Some(saved) = loaded.clone().filter(|saved| self.is_good(saved, bad)) {
            return Ok(kept.insert(saved).token.clone());
        }
        let issued = match self.turn() {
            Ok(()) => issue().await.map_err(|error| self.blocked_by(error)),
            Err(wait) => Err(wait),
        };
        match issued {
            Ok(saved) => {
                self.save(&saved).await;
                Ok(kept.insert(saved).token.clone())
            }
            // The old one, if it is only near its end, is better than none.
            Err(error) => match [kept.clone(), loaded]
                .into_iter()
                .flatten()
                .find(|saved| !is_refused(saved, bad) && self.clock.now() < saved.expires)
            {
                Some(old) => {
                    tracing::debug!("the token is renewed later: {error}");
                    Ok(old.token)
                }
                None => Err(error),
            },
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
        !is_refused(saved, bad)
            && self.clock.now().plus_secs(self.margin.as_secs() as i64) < saved.expires
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

fn is_refused(saved: &SavedToken, bad: Option<&SecretString>) -> bool {
    bad.is_some_and(|bad| bad.expose_secret() == saved.token.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Kept(SavedToken);

    impl TokenStore for Kept {
        fn load(&self) -> Option<SavedToken> {
            Some(self.0.clone())
        }

        fn save(&self, _: &SavedToken) {}
    }

    fn saved(token: &str, expires: Moment) -> SavedToken {
        SavedToken {
            token: token.into(),
            expires,
        }
    }

    #[tokio::test]
    async fn a_token_near_its_end_is_used_until_there_is_a_new_one() {
        let now = Moment(1_800_000_000_000);
        let clock = Clock::simulated(now, 0.001);
        let old = Arc::new(Kept(saved("old", now.plus_secs(600))));
        let keeper = Keeper::of_tokens(clock, Some(old));
        let fails = || async { Err(KisError::TokenWait { seconds: 1 }) };
        let token = keeper.get(None, fails).await.unwrap();
        assert_eq!(token.expose_secret(), "old");
        // A refused one is not.
        assert!(keeper.get(Some(&token), fails).await.is_err());

        let old = Arc::new(Kept(saved("old", now.plus_secs(600))));
        let keeper = Keeper::of_tokens(clock, Some(old));
        let issue = || async move { Ok(saved("new", now.plus_secs(86_400))) };
        let token = keeper.get(None, issue).await.unwrap();
        assert_eq!(token.expose_secret(), "new");
    }
}
