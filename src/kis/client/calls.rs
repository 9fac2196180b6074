//! One call: its token, its slot, its retries and its line in the log.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::Ordering;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::{Answer, Kis};
use crate::kis::codes::Class;
use crate::kis::error::KisError;
use crate::kis::gate::{Claim, Permit};
use crate::kis::pace::Priority;
use crate::kis::stats::Outcome;
use crate::kis::token::{AtHand, SavedToken};
use crate::kis::tr::{self, Tr};
use crate::kis::{json, oauth};

/// Refusals by rate that one call survives.
const RATE_RETRIES: u32 = 3;
/// Between two tries to renew a token that still serves.
const RENEWAL_PAUSE_MS: u64 = 61_000;

impl Kis {
    pub(super) async fn token(&self, bad: Option<&SecretString>) -> Result<SecretString, KisError> {
        match self.shared.tokens.at_hand(bad) {
            Some(AtHand::Good(token)) => Ok(token),
            // No request waits for a renewal.
            Some(AtHand::Ageing(token)) => {
                if self.shared.tokens.is_idle() && self.may_renew() {
                    let kis = self.clone();
                    tokio::spawn(async move {
                        if let Err(error) = kis.issued_token(None).await {
                            tracing::warn!("the token could not be renewed yet: {error}");
                        }
                    });
                }
                Ok(token)
            }
            None => self.issued_token(bad).await,
        }
    }

    /// Whether a renewal may be tried: not at each request while the broker refuses it.
    fn may_renew(&self) -> bool {
        let now = self.shared.clock.uptime().as_millis() as u64;
        let last = self.shared.renewal_ms.load(Ordering::Relaxed);
        (last == 0 || last + RENEWAL_PAUSE_MS <= now)
            && self
                .shared
                .renewal_ms
                .compare_exchange(last, now.max(1), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    async fn issued_token(&self, bad: Option<&SecretString>) -> Result<SecretString, KisError> {
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

    pub(super) async fn oauth(
        &self,
        tr: &Tr,
        body: String,
    ) -> Result<Map<String, Value>, KisError> {
        let claim = Claim::new(Priority::Token);
        let mut permit = self.shared.gate.acquire(&claim).await;
        permit.sent();
        let start = self.shared.clock.uptime();
        let answer = self.shared.http.post(tr, body).await;
        let judged = answer.and_then(|reply| json::judge_flat(tr.id, reply.http, &reply.body));
        permit.ended(outcome(&judged));
        let judged = judged.map_err(|error| self.shared.http.scrubbed(error, None));
        self.log(tr, "", &judged, start);
        judged
    }

    /// One call with its retries: three after a refusal by rate, one after a passing failure,
    /// one with a new token.
    pub(super) async fn ask<T>(
        &self,
        tr: &Tr,
        query: &[(&'static str, String)],
        claim: &Claim,
        read: impl Fn(&Map<String, Value>) -> Result<T, KisError>,
    ) -> Result<Answer<T>, KisError> {
        self.ask_page(tr, query, false, claim, |map, _| read(map))
            .await
    }

    /// As [`Kis::ask`], where answers have pages: `next_page` asks for the one after, and `read`
    /// is told what the header says about another one.
    pub(super) async fn ask_page<T>(
        &self,
        tr: &Tr,
        query: &[(&'static str, String)],
        next_page: bool,
        claim: &Claim,
        read: impl Fn(&Map<String, Value>, Option<bool>) -> Result<T, KisError>,
    ) -> Result<Answer<T>, KisError> {
        if let Some(why) = self.shared.endpoint.capabilities().refusal(tr.id) {
            return Err(KisError::NotOffered { tr_id: tr.id, why });
        }
        let mut refusals = 0;
        let mut again = true;
        let mut renew = true;
        let mut bad: Option<SecretString> = None;
        loop {
            let token = self.token(bad.as_ref()).await?;
            let asked = self.shared.clock.uptime();
            let permit = self.shared.gate.acquire(claim).await;
            let waited_ms = self.shared.clock.uptime().saturating_sub(asked).as_millis() as u64;
            // While this one waited its turn another may have learned that the token is bad.
            let Some(token) = self.shared.tokens.instead_of(token, bad.as_ref()) else {
                continue;
            };
            tracing::debug!(tr_id = tr.id, waited_ms, "a request leaves");
            let error = match self
                .once(tr, query, next_page, claim, (permit, &token), &read)
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match error.class() {
                Some(Class::RateLimited) if refusals < RATE_RETRIES => {
                    refusals += 1;
                    self.pause().await;
                }
                Some(Class::Ledger) if refusals < RATE_RETRIES => {
                    refusals += 1;
                    self.shared.clock.sleep(ledger_pause()).await;
                }
                Some(Class::Token) if renew => {
                    renew = false;
                    self.shared.tokens.refuse(&token);
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
        next_page: bool,
        claim: &Claim,
        (mut permit, token): (Permit, &SecretString),
        read: &impl Fn(&Map<String, Value>, Option<bool>) -> Result<T, KisError>,
    ) -> Result<Answer<T>, KisError> {
        let clock = self.shared.clock;
        permit.sent();
        claim.set_flying(true);
        let (start, sent) = (clock.uptime(), clock.now());
        self.shared.observed.sent(sent);
        let http = &self.shared.http;
        let answer = http.get(tr, query, token.expose_secret(), next_page).await;
        let more = answer.as_ref().ok().and_then(|reply| reply.more);
        let ahead_ms = answer.as_ref().map_or(0, |reply| reply.ahead_ms);
        let judged = answer.and_then(|reply| json::judge(tr.id, reply.http, &reply.body));
        permit.ended(outcome(&judged));
        claim.set_flying(false);
        let (sent, answered) = match ahead_ms {
            0 => (sent, clock.now()),
            // By the broker's clock, whatever became of this one meanwhile.
            ahead => {
                let took = clock.uptime().saturating_sub(start).as_millis() as i64;
                let sent = sent.plus_ms(-ahead);
                (sent, sent.plus_ms(took))
            }
        };
        let judged = judged.map_err(|error| self.shared.http.scrubbed(error, Some(token)));
        if let Err(error) = &judged {
            self.shared.observed.failed(sent, error);
        }
        let stocks = query
            .iter()
            .filter(|(key, code)| key.starts_with("FID_INPUT_ISCD") && !code.is_empty())
            .map(|(_, code)| code.as_str());
        self.log(tr, &stocks.collect::<Vec<_>>().join(" "), &judged, start);
        let map = match judged {
            // "There is nothing" is an empty answer.
            Err(error) if error.class() == Some(Class::Nothing) => Map::new(),
            judged => judged?,
        };
        let value = read(&map, more).map_err(|error| {
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
                tracing::info!(tr_id = tr.id, code, msg_cd, msg1, ms, "request");
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
        Err(error) if error.class() == Some(Class::Nothing) => Outcome::Accepted,
        Err(KisError::Transport { .. }) => Outcome::Lost,
        Err(_) => Outcome::Failed,
    }
}

/// A limit that all customers share: even slow callers meet it, and none of our requests made it.
/// Users found one to two seconds to be enough.
fn ledger_pause() -> Duration {
    Duration::from_millis(1_000 + jitter(1_100))
}

/// A random number below `end`: the standard library's hash keys are random.
pub(in crate::kis) fn jitter(end: u64) -> u64 {
    RandomState::new().build_hasher().finish() % end.max(1)
}
