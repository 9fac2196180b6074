//! The REST client.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::charts::{self, MinutePage, PeriodPage};
use super::codes::Class;
use super::credentials::Credentials;
use super::endpoint::Endpoint;
use super::error::KisError;
use super::gate::Gate;
use super::http::Http;
use super::json;
use super::pace::Priority;
use super::quotes::{self, RecentPrint};
use super::stats::{Outcome, RestStats};
use super::token::{Keeper, SavedToken, TokenStore};
use super::tr::{self, Tr};
use super::{oauth, quota::Quota};
use crate::clock::Clock;
use crate::domain::{Day, Minute, Moment, OrderBook, Quote, StockCode};

/// Refusals by rate that one call survives.
const RATE_RETRIES: u32 = 3;

/// What a client needs.
pub struct KisOptions {
    /// Addresses and market.
    pub endpoint: Endpoint,
    /// The user's keys.
    pub credentials: Credentials,
    /// Market time.
    pub clock: Clock,
    /// The permitted rate; see [`super::Environment::requests_per_second`].
    pub requests_per_second: f64,
    /// Where the token survives the program.
    pub token_store: Option<Arc<dyn TokenStore>>,
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

/// The unit of a period chart's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
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
}

impl Kis {
    /// A client. Sends nothing yet.
    ///
    /// # Errors
    ///
    /// [`KisError::Setup`] for an address or keys that cannot be used.
    pub fn new(options: KisOptions) -> Result<Self, KisError> {
        let clock = options.clock;
        let http = Http::new(&options.endpoint, options.credentials, clock)?;
        Ok(Self {
            shared: Arc::new(Shared {
                http,
                gate: Gate::new(clock, options.requests_per_second),
                tokens: Keeper::of_tokens(clock, options.token_store),
                approvals: Keeper::of_approvals(clock),
                messages: Quota::one_every(Duration::from_millis(60), clock),
                endpoint: options.endpoint,
                clock,
            }),
        })
    }

    /// The price.
    ///
    /// # Errors
    ///
    /// See [`KisError`]; [`KisError::UnknownStock`] for a code the broker does not know.
    pub async fn quote(
        &self,
        code: StockCode,
        priority: Priority,
    ) -> Result<Answer<Quote>, KisError> {
        let ask = self.stock(code);
        self.ask(&tr::QUOTE, &ask, priority, |map| quotes::quote(map, code))
            .await
    }

    /// The order book.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn book(
        &self,
        code: StockCode,
        priority: Priority,
    ) -> Result<Answer<OrderBook>, KisError> {
        let ask = self.stock(code);
        self.ask(&tr::BOOK, &ask, priority, |map| quotes::book(map, code))
            .await
    }

    /// The last executions, at most 30, newest first.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn recent_prints(
        &self,
        code: StockCode,
        priority: Priority,
    ) -> Result<Answer<Vec<RecentPrint>>, KisError> {
        let ask = self.stock(code);
        self.ask(&tr::RECENT, &ask, priority, quotes::recent_prints)
            .await
    }

    /// Days, weeks or months between two dates, both included: the newest 100, adjusted,
    /// oldest first.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn period_chart(
        &self,
        code: StockCode,
        period: Period,
        from: Day,
        to: Day,
        priority: Priority,
    ) -> Result<Answer<PeriodPage>, KisError> {
        let unit = match period {
            Period::Day => "D",
            Period::Week => "W",
            Period::Month => "M",
        };
        let mut ask = self.stock(code);
        ask.extend([
            ("FID_INPUT_DATE_1", from.compact()),
            ("FID_INPUT_DATE_2", to.compact()),
            ("FID_PERIOD_DIV_CODE", unit.to_owned()),
            // 0 is adjusted here (and raw in inquire-daily-price).
            ("FID_ORG_ADJ_PRC", "0".to_owned()),
        ]);
        self.ask(&tr::PERIOD, &ask, priority, |map| charts::period(map, code))
            .await
    }

    /// The 30 minutes of today up to and with `newest`, oldest first. Pass no future minute:
    /// the broker would invent rows.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn minutes_today(
        &self,
        code: StockCode,
        newest: Minute,
        priority: Priority,
    ) -> Result<Answer<MinutePage>, KisError> {
        let mut ask = self.stock(code);
        ask.extend([
            ("FID_INPUT_HOUR_1", newest.compact()),
            ("FID_PW_DATA_INCU_YN", "N".to_owned()),
            ("FID_ETC_CLS_CODE", String::new()),
        ]);
        let id = tr::MINUTES_TODAY.id;
        self.ask(&tr::MINUTES_TODAY, &ask, priority, |map| {
            charts::minutes(id, map, code)
        })
        .await
    }

    /// The 120 minutes of `day` up to and with `newest`, oldest first; with `over_midnight` the
    /// page runs on into earlier days. A day without data is answered with another day's rows:
    /// look at the rows' dates. Real host only.
    ///
    /// # Errors
    ///
    /// As [`Kis::quote`].
    pub async fn minutes_dated(
        &self,
        code: StockCode,
        day: Day,
        newest: Minute,
        over_midnight: bool,
        priority: Priority,
    ) -> Result<Answer<MinutePage>, KisError> {
        let mut ask = self.stock(code);
        ask.extend([
            ("FID_INPUT_HOUR_1", newest.compact()),
            ("FID_INPUT_DATE_1", day.compact()),
            (
                "FID_PW_DATA_INCU_YN",
                if over_midnight { "Y" } else { "N" }.to_owned(),
            ),
            ("FID_FAKE_TICK_INCU_YN", String::new()),
        ]);
        let id = tr::MINUTES_DATED.id;
        self.ask(&tr::MINUTES_DATED, &ask, priority, |map| {
            charts::minutes(id, map, code)
        })
        .await
    }

    /// The key of the socket, kept for a day.
    ///
    /// # Errors
    ///
    /// As [`Kis::ensure_token`].
    pub async fn approval_key(&self) -> Result<SecretString, KisError> {
        self.approval_key_instead_of(None).await
    }

    /// An approval key other than `bad`, which the broker has refused.
    pub(super) async fn approval_key_instead_of(
        &self,
        bad: Option<&SecretString>,
    ) -> Result<SecretString, KisError> {
        let issue = || async {
            let map = self
                .oauth(&tr::APPROVAL, self.shared.http.approval_body())
                .await?;
            Ok(SavedToken {
                token: oauth::approval(&map)?,
                expires: Keeper::approval_ends(self.shared.clock.now()),
            })
        };
        self.shared.approvals.get_patiently(bad, issue).await
    }

    /// Makes sure that a valid token is there.
    ///
    /// # Errors
    ///
    /// [`KisError::TokenWait`] with the seconds left when a token was asked for less than a
    /// minute ago; wrong keys and the like as [`KisError::Refused`].
    pub async fn ensure_token(&self) -> Result<(), KisError> {
        self.token(None).await.map(|_| ())
    }

    /// Counters, queue and latencies.
    pub fn stats(&self) -> RestStats {
        self.shared.gate.stats()
    }

    pub(super) fn clock(&self) -> Clock {
        self.shared.clock
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// Waits for the turn to send a message through the socket.
    pub(super) async fn message_turn(&self) {
        self.shared.messages.wait().await;
    }

    fn stock(&self, code: StockCode) -> Vec<(&'static str, String)> {
        let market = self.shared.endpoint.market.code();
        vec![
            ("FID_COND_MRKT_DIV_CODE", market.to_owned()),
            ("FID_INPUT_ISCD", code.to_string()),
        ]
    }

    async fn token(&self, bad: Option<&SecretString>) -> Result<SecretString, KisError> {
        let issue = || async {
            let map = self
                .oauth(&tr::TOKEN, self.shared.http.token_body())
                .await?;
            let answer = oauth::token(&map)?;
            tracing::info!("a new access token was issued");
            Ok(SavedToken {
                expires: answer.ends(self.shared.clock.now()),
                token: answer.token,
            })
        };
        self.shared.tokens.get(bad, issue).await
    }

    async fn oauth(&self, tr: &Tr, body: String) -> Result<Map<String, Value>, KisError> {
        let mut permit = self.shared.gate.acquire(Priority::Token).await;
        permit.sent();
        let start = self.shared.clock.uptime();
        let answer = self.shared.http.post(tr, body).await;
        let judged = answer.and_then(|(http, body)| json::judge_flat(tr.id, http, &body));
        permit.ended(outcome(&judged));
        let judged = judged.map_err(|error| self.shared.http.scrubbed(error, None));
        self.log(tr, "", &judged, start);
        judged
    }

    /// One call with its retries: three after a refusal by rate, one after a passing failure,
    /// one with a new token.
    async fn ask<T>(
        &self,
        tr: &Tr,
        query: &[(&'static str, String)],
        priority: Priority,
        read: impl Fn(&Map<String, Value>) -> Result<T, KisError>,
    ) -> Result<Answer<T>, KisError> {
        let mut refusals = 0;
        let mut again = true;
        let mut renew = true;
        let mut bad: Option<SecretString> = None;
        loop {
            let token = self.token(bad.as_ref()).await?;
            let error = match self.once(tr, query, priority, &token, &read).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match error.class() {
                Some(Class::RateLimited) if refusals < RATE_RETRIES => {
                    refusals += 1;
                    self.pause().await;
                }
                Some(Class::Token) if renew => {
                    renew = false;
                    bad = Some(token);
                }
                Some(Class::Passing) if again => {
                    again = false;
                    self.pause().await;
                }
                None if again && error.may_repeat_at_once() => {
                    again = false;
                    self.pause().await;
                }
                _ => return Err(error),
            }
        }
    }

    async fn once<T>(
        &self,
        tr: &Tr,
        query: &[(&'static str, String)],
        priority: Priority,
        token: &SecretString,
        read: &impl Fn(&Map<String, Value>) -> Result<T, KisError>,
    ) -> Result<Answer<T>, KisError> {
        let clock = self.shared.clock;
        let mut permit = self.shared.gate.acquire(priority).await;
        permit.sent();
        let (start, sent) = (clock.uptime(), clock.now());
        let answer = self.shared.http.get(tr, query, token.expose_secret()).await;
        let judged = answer.and_then(|(http, body)| json::judge(tr.id, http, &body));
        permit.ended(outcome(&judged));
        let answered = clock.now();
        let judged = judged.map_err(|error| self.shared.http.scrubbed(error, Some(token)));
        let stock = query.iter().find(|(key, _)| *key == "FID_INPUT_ISCD");
        self.log(tr, stock.map_or("", |(_, code)| code), &judged, start);
        let map = match judged {
            // "There is nothing" is an empty answer.
            Err(error) if error.class() == Some(Class::Nothing) => Map::new(),
            judged => judged?,
        };
        let value = read(&map).map_err(|error| {
            let error = self.shared.http.scrubbed(error, Some(token));
            tracing::warn!("unreadable answer: {error}");
            error
        })?;
        Ok(Answer {
            value,
            sent,
            answered,
        })
    }

    /// One line a request: no header, no address, no body beyond the code and the words.
    fn log(
        &self,
        tr: &Tr,
        code: &str,
        judged: &Result<Map<String, Value>, KisError>,
        start: Duration,
    ) {
        let ms = self.shared.clock.uptime().saturating_sub(start).as_millis() as u64;
        match judged {
            Ok(map) => {
                let word = |name| map.get(name).and_then(Value::as_str).unwrap_or_default();
                let (msg_cd, msg1) = (word("msg_cd"), word("msg1").trim());
                tracing::debug!(tr_id = tr.id, code, msg_cd, msg1, ms, "request");
            }
            Err(error) => {
                let msg_cd = error.msg_cd().unwrap_or_default();
                let msg1 = error.msg1().unwrap_or_default();
                tracing::warn!(tr_id = tr.id, code, msg_cd, msg1, ms, "request: {error}");
            }
        }
    }

    async fn pause(&self) {
        let pause = Duration::from_millis(1_000 + jitter(300));
        self.shared.clock.sleep(pause).await;
    }
}

fn outcome(judged: &Result<Map<String, Value>, KisError>) -> Outcome {
    match judged {
        Ok(_) => Outcome::Accepted,
        Err(error) if error.is_rate_limit() => Outcome::Refused,
        Err(KisError::Transport { .. }) => Outcome::Lost,
        Err(_) => Outcome::Failed,
    }
}

/// A random number below `end`: the standard library's hash keys are random.
pub(super) fn jitter(end: u64) -> u64 {
    RandomState::new().build_hasher().finish() % end.max(1)
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
