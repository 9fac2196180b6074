//! One post and its answer. Addresses may hold secrets: none is ever part of an error.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::courier::Verdict;
use crate::clock::Clock;

/// For a whole answer, market time.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read of an answer.
const LARGEST: usize = 64 << 10;
/// The longest wait the other side can ask for.
const LONGEST_WAIT: u64 = 3_600;

/// Posts.
#[derive(Clone)]
pub(super) struct Http {
    client: Client,
    clock: Clock,
}

/// An answer.
pub(super) struct Answer {
    pub(super) http: u16,
    pub(super) body: String,
    /// When to ask again.
    pub(super) after: Option<Duration>,
}

/// What is posted, as JSON.
pub(super) struct Post {
    /// Where to; secret.
    pub(super) url: SecretString,
    pub(super) body: String,
    /// Sent as a bearer token.
    pub(super) bearer: Option<SecretString>,
    /// The same if it is posted again.
    pub(super) id: String,
}

impl Http {
    /// A client for addresses like `url`.
    pub(super) fn new(url: &Url, clock: Clock) -> Result<Self, String> {
        let mut builder = Client::builder()
            .connect_timeout(clock.real(PATIENCE))
            // A redirection would carry what is secret to somebody else.
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(url) {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| t!("HTTPS를 시작할 수 없습니다(%{error}). 인증 기관 인증서가 설치되어 있는지 확인하세요(Linux에서는 ca-certificates).", error = error))?;
        Ok(Self { client, clock })
    }

    /// Posts, and waits for the answer.
    ///
    /// # Errors
    ///
    /// There is no answer; worth another try.
    pub(super) async fn post(&self, post: Post) -> Result<Answer, Verdict> {
        let mut request = self
            .client
            .post(post.url.expose_secret())
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .header("idempotency-key", post.id)
            .body(post.body);
        if let Some(token) = &post.bearer
            && let Ok(mut value) =
                HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        {
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let exchange = async {
            let mut response = request.send().await?;
            let http = response.status().as_u16();
            let after = response.headers().get(RETRY_AFTER);
            let after = after
                .and_then(|value| value.to_str().ok()?.parse().ok())
                .map(wait);
            let mut body = vec![];
            while let Some(chunk) = response.chunk().await? {
                if LARGEST < body.len() + chunk.len() {
                    break;
                }
                body.extend_from_slice(&chunk);
            }
            let body = String::from_utf8_lossy(&body).into_owned();
            Ok::<_, reqwest::Error>(Answer { http, body, after })
        };
        match self.clock.timeout(PATIENCE, exchange).await {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(Verdict::Later(failed(&error), None)),
            None => {
                let text = t!("%{n}초 안에 대답이 없습니다.", n = PATIENCE.as_secs());
                Err(Verdict::Later(text, None))
            }
        }
    }
}

/// A wait the other side asked for.
pub(super) fn wait(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(1, LONGEST_WAIT))
}

fn failed(error: &reqwest::Error) -> String {
    // The error itself names the address; its innermost cause does not.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let why = match std::ptr::eq(cause, error as &dyn std::error::Error) {
        true => String::new(),
        false => cause.to_string().chars().take(120).collect(),
    };
    match error.is_connect() {
        true => t!(
            "연결하지 못했습니다. 인터넷 연결을 확인하세요. (%{why})",
            why = why
        ),
        false => t!("연결이 끊겼습니다. (%{why})", why = why),
    }
}

/// Whether an address lies on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}
