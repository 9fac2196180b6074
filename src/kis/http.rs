//! One request and its answer as bytes. Knows keys; lets none of them out.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::credentials::Credentials;
use super::endpoint::Endpoint;
use super::error::{KisError, Transport};
use super::skew::{Skew, surely_ahead};
use super::tr::Tr;
use crate::clock::Clock;
use crate::lang::Said;

/// To connect, and for a whole answer; market time.
const PATIENCE: Duration = Duration::from_secs(10);
/// No answer of the broker comes near.
const LARGEST: usize = 8 << 20;

/// "There is more", both ways.
const TR_CONT: &str = "tr_cont";

/// An answer as it came.
pub(super) struct Reply {
    /// The status.
    pub(super) http: u16,
    /// The body.
    pub(super) body: Vec<u8>,
    /// Whether the header says that another page follows; `None` without the header.
    pub(super) more: Option<bool>,
    /// How far the clock stood ahead of the broker's when the request left, ms; 0 unless it
    /// surely did.
    pub(super) ahead_ms: i64,
}

pub(super) struct Http {
    client: reqwest::Client,
    rest_url: String,
    credentials: Credentials,
    app_key: HeaderValue,
    app_secret: HeaderValue,
    clock: Clock,
    skew: Skew,
}

impl Http {
    pub(super) fn new(
        endpoint: &Endpoint,
        credentials: Credentials,
        clock: Clock,
    ) -> Result<Self, KisError> {
        let url = Url::parse(&endpoint.rest_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(url) = url else {
            return Err(KisError::Setup(said!(
                "REST 주소(rest_url)는 https:// 또는 http://로 시작하는 서버 주소여야 합니다."
            )));
        };
        let mut builder = reqwest::Client::builder()
            .connect_timeout(clock.real(PATIENCE))
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        if url.scheme() == "http" {
            // The simulator: it needs no certificates, so the demo starts where there are none.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| {
            KisError::Setup(said!("HTTPS를 시작할 수 없습니다(%{error}). 인증 기관 인증서가 설치되어 있는지 확인하세요(Linux에서는 ca-certificates).", error = error.to_string()))
        })?;
        Ok(Self {
            client,
            rest_url: endpoint.rest_url.trim_end_matches('/').to_owned(),
            app_key: secret_header(credentials.app_key(), key!("앱 키"))?,
            app_secret: secret_header(credentials.app_secret(), key!("앱 시크릿"))?,
            credentials,
            clock,
            skew: Skew::default(),
        })
    }

    /// The broker's clock minus this machine's, ms; `None` until it is known.
    pub(super) fn clock_offset_ms(&self) -> Option<i64> {
        self.skew.offset_ms()
    }

    pub(super) fn token_body(&self) -> String {
        let (key, secret) = (self.credentials.app_key(), self.credentials.app_secret());
        json!({"grant_type": "client_credentials", "appkey": key, "appsecret": secret}).to_string()
    }

    /// The same secret under another name.
    pub(super) fn approval_body(&self) -> String {
        let (key, secret) = (self.credentials.app_key(), self.credentials.app_secret());
        json!({"grant_type": "client_credentials", "appkey": key, "secretkey": secret}).to_string()
    }

    pub(super) async fn get(
        &self,
        tr: &Tr,
        query: &[(&'static str, String)],
        token: &str,
        next_page: bool,
    ) -> Result<Reply, KisError> {
        let url = format!("{}{}", self.rest_url, tr.path);
        let url = Url::parse_with_params(&url, query).map_err(|error| {
            // The addresses were checked at the start; the text of the error names none.
            KisError::Setup(said!(
                "%{tr_id}의 주소를 만들 수 없습니다: %{error}",
                tr_id = tr.id,
                error = error.to_string()
            ))
        })?;
        let mut headers = HeaderMap::new();
        let bearer = secret_header(&format!("Bearer {token}"), key!("접근토큰"))?;
        headers.insert(AUTHORIZATION, bearer);
        headers.insert("appkey", self.app_key.clone());
        headers.insert("appsecret", self.app_secret.clone());
        headers.insert("tr_id", HeaderValue::from_static(tr.id));
        headers.insert("custtype", HeaderValue::from_static("P"));
        headers.insert(CONTENT_TYPE, json_type());
        if next_page {
            headers.insert(TR_CONT, HeaderValue::from_static("N"));
        }
        self.exchange(tr, self.client.get(url).headers(headers))
            .await
    }

    pub(super) async fn post(&self, tr: &Tr, body: String) -> Result<Reply, KisError> {
        let url = format!("{}{}", self.rest_url, tr.path);
        let request = self.client.post(url).header(CONTENT_TYPE, json_type());
        self.exchange(tr, request.body(body)).await
    }

    async fn exchange(&self, tr: &Tr, request: RequestBuilder) -> Result<Reply, KisError> {
        let read = async {
            let sent = self.clock.uncorrected();
            let correction = self.clock.correction_ms();
            let mut response = request.send().await?;
            let http = response.status().as_u16();
            let mut ahead_ms = 0;
            // What a gateway on the way says of itself is no time of the broker's.
            if let (200, Some(Ok(date))) = (http, response.headers().get(DATE).map(|d| d.to_str()))
            {
                let came = self.clock.uncorrected();
                ahead_ms = surely_ahead(sent.plus_ms(correction), came.plus_ms(correction), date);
                self.skew.observe(self.clock, sent, came, date);
            }
            let cont = response.headers().get(TR_CONT).map(HeaderValue::as_bytes);
            let more = cont.map(|cont| matches!(cont.trim_ascii(), b"F" | b"M"));
            let mut body = vec![];
            while let Some(chunk) = response.chunk().await? {
                if LARGEST < body.len() + chunk.len() {
                    break;
                }
                body.extend_from_slice(&chunk);
            }
            Ok::<_, reqwest::Error>(Reply {
                http,
                body,
                more,
                ahead_ms,
            })
        };
        match self.clock.timeout(PATIENCE, read).await {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(failed(tr, &error)),
            None => Err(KisError::Transport {
                tr_id: tr.id,
                kind: Transport::TimedOut,
                text: format!("{} s", PATIENCE.as_secs()),
            }),
        }
    }

    /// The error without any of our secrets, should the broker have repeated one.
    pub(super) fn scrubbed(&self, error: KisError, token: Option<&SecretString>) -> KisError {
        let secrets = [
            self.credentials.app_key(),
            self.credentials.app_secret(),
            token.map_or("", |token| token.expose_secret()),
        ];
        let clean = |mut text: String| {
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                if text.contains(secret) {
                    text = text.replace(secret, "***");
                }
            }
            text
        };
        match error {
            KisError::Refused {
                tr_id,
                http,
                rt_cd,
                msg_cd,
                msg1,
            } => KisError::Refused {
                tr_id,
                http,
                rt_cd: clean(rt_cd),
                msg_cd: clean(msg_cd),
                msg1: clean(msg1),
            },
            KisError::NotJson { tr_id, http, text } => KisError::NotJson {
                tr_id,
                http,
                text: clean(text),
            },
            KisError::Field(mut bad) => {
                bad.text = clean(bad.text);
                KisError::Field(bad)
            }
            other => other,
        }
    }
}

fn json_type() -> HeaderValue {
    HeaderValue::from_static("application/json; charset=utf-8")
}

fn secret_header(text: &str, what: &'static str) -> Result<HeaderValue, KisError> {
    match HeaderValue::from_str(text) {
        Ok(mut value) if !text.is_empty() && text.is_ascii() => {
            value.set_sensitive(true);
            Ok(value)
        }
        _ => Err(KisError::Setup(said!(
            "%{what}에 쓸 수 없는 글자가 있거나 비어 있습니다. KIS Developers의 값을 그대로 붙여 넣어 주세요.",
            what = Said::of_key(what)
        ))),
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn failed(tr: &Tr, error: &reqwest::Error) -> KisError {
    let kind = if error.is_connect() {
        Transport::Connect
    } else if error.is_timeout() {
        Transport::TimedOut
    } else {
        Transport::Broken
    };
    // The error itself names the address; its innermost cause does not.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = if std::ptr::eq(cause, error as &dyn std::error::Error) {
        "no further cause".to_owned()
    } else {
        cause.to_string().chars().take(120).collect()
    };
    KisError::Transport {
        tr_id: tr.id,
        kind,
        text,
    }
}
