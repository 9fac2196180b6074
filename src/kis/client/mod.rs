//! The REST client.

mod calls;
mod charts;
mod keys;
mod prices;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::charts::{MinutePage, PeriodPage};
use super::credentials::Credentials;
use super::endpoint::Endpoint;
use super::error::KisError;
use super::gate::Gate;
use super::http::Http;
use super::kept::{CacheTimes, Kept, Want};
use super::locks::Locks;
use super::observed::Observed;
use super::pace::Priority;
use super::quota::Quota;
use super::quotes::RecentPrint;
use super::stats::RestStats;
use super::token::{Keeper, TokenStore};
use crate::clock::Clock;
use crate::domain::{Moment, OrderBook, Quote, StockCode};

use charts::{MinutesKey, PeriodKey};

pub(super) use calls::jitter;
pub use charts::Period;

/// What a client needs.
pub struct KisOptions {
    /// Addresses and market.
    pub endpoint: Endpoint,
    /// The user's keys.
    pub credentials: Credentials,
    /// Market time.
    pub clock: Clock,
    /// The permitted rate; see [`super::Capabilities`].
    pub requests_per_second: f64,
    /// Where the token survives the program.
    pub token_store: Option<Arc<dyn TokenStore>>,
    /// The folder where copies of the program agree on who has the key's realtime session and
    /// who may ask for a token; `None`: this client is alone.
    pub lock_dir: Option<PathBuf>,
}

/// An answer with its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// When the request left, market time.
    pub sent: Moment,
    /// When its answer was complete.
    pub answered: Moment,
}

/// The broker's client. Copies share token, limits and counters.
#[derive(Clone)]
pub struct Kis {
    shared: Arc<Shared>,
}

struct Shared {
    endpoint: Endpoint,
    clock: Clock,
    http: Http,
    gate: Gate,
    tokens: Keeper,
    approvals: Keeper,
    messages: Quota,
    times: CacheTimes,
    kept: Answers,
    locks: Option<Locks>,
    observed: Observed,
    /// When the last renewal was tried, ms of uptime; 0 for never.
    renewal_ms: AtomicU64,
}

/// Kept answers, by kind.
struct Answers {
    quotes: Arc<Kept<StockCode, Quote>>,
    books: Arc<Kept<StockCode, OrderBook>>,
    prints: Arc<Kept<StockCode, Vec<RecentPrint>>>,
    minutes: Arc<Kept<MinutesKey, MinutePage>>,
    periods: Arc<Kept<PeriodKey, PeriodPage>>,
}

impl Kis {
    /// A client. Sends nothing yet.
    ///
    /// # Errors
    ///
    /// [`KisError::Setup`] for an address or keys that cannot be used.
    pub fn new(options: KisOptions) -> Result<Self, KisError> {
        Self::with_cache(options, CacheTimes::default())
    }

    /// As [`Kis::new`], where answers hold for `times`.
    ///
    /// # Errors
    ///
    /// As [`Kis::new`].
    pub fn with_cache(options: KisOptions, times: CacheTimes) -> Result<Self, KisError> {
        let account = format!(
            "{} {}",
            options.endpoint.rest_url,
            options.credentials.fingerprint()
        );
        let clock = options.clock;
        let locks = options
            .lock_dir
            .map(|dir| Locks::new(&dir, &options.endpoint, &options.credentials));
        let http = Http::new(&options.endpoint, options.credentials, clock)?;
        Ok(Self {
            shared: Arc::new(Shared {
                http,
                gate: Gate::of(account, clock, options.requests_per_second),
                tokens: Keeper::of_tokens(clock, options.token_store, locks.clone()),
                approvals: Keeper::of_approvals(clock),
                messages: Quota::one_every(Duration::from_millis(60), clock),
                endpoint: options.endpoint,
                clock,
                times,
                kept: Answers {
                    quotes: Kept::new(512),
                    books: Kept::new(128),
                    prints: Kept::new(128),
                    // Pages are large, and the engine holds its own rows.
                    minutes: Kept::new(32),
                    periods: Kept::new(32),
                },
                locks,
                observed: Observed::default(),
                renewal_ms: AtomicU64::new(0),
            }),
        })
    }

    fn want(&self, priority: Priority, holds: Duration, joins_sent: bool) -> Want {
        Want {
            priority,
            holds,
            joins_sent,
            now: self.shared.clock.now(),
        }
    }

    /// A realtime value of the stock came at `at`: kept quotes, books and executions are older
    /// and are not given again.
    pub fn heard(&self, code: StockCode, at: Moment) {
        let kept = &self.shared.kept;
        kept.quotes.heard(code, at);
        kept.books.heard(code, at);
        kept.prints.heard(code, at);
    }

    /// Drops every kept answer about the stock, as when all its prices were rescaled.
    pub fn forget(&self, code: StockCode) {
        let kept = &self.shared.kept;
        kept.quotes.forget(|key| *key == code);
        kept.books.forget(|key| *key == code);
        kept.prints.forget(|key| *key == code);
        kept.minutes.forget(|key| key.0 == code);
        kept.periods.forget(|key| key.0 == code);
    }

    /// Counters, queue and latencies.
    pub fn stats(&self) -> RestStats {
        let kept = &self.shared.kept;
        RestStats {
            saved: kept.quotes.saved()
                + kept.books.saved()
                + kept.prints.saved()
                + kept.minutes.saved()
                + kept.periods.saved(),
            ..self.shared.gate.stats()
        }
    }

    /// The broker's clock minus this machine's, ms; `None` until enough answers tell.
    pub fn clock_offset_ms(&self) -> Option<i64> {
        self.shared.http.clock_offset_ms()
    }

    pub(super) fn clock(&self) -> Clock {
        self.shared.clock
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    #[cfg(test)]
    pub(super) fn shared_tokens(&self) -> &Keeper {
        &self.shared.tokens
    }

    pub(super) fn observed(&self) -> &Observed {
        &self.shared.observed
    }

    pub(super) fn locks(&self) -> Option<&Locks> {
        self.shared.locks.as_ref()
    }

    /// Waits for the turn to send a message through the socket.
    pub(super) async fn message_turn(&self) {
        self.shared.messages.wait().await;
    }

    /// The query for one stock at the endpoint's venue.
    fn stock(&self, code: StockCode) -> Vec<(&'static str, String)> {
        let market = self.shared.endpoint.market.code();
        vec![
            ("FID_COND_MRKT_DIV_CODE", market.to_owned()),
            ("FID_INPUT_ISCD", code.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests;
