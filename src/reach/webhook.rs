//! Posts of JSON to the user's webhook. Its address is a secret: who has it can post there.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use super::Secrets;
use super::courier::{Connect, Line, Sending, Verdict};
use super::http::{Answer, Http, Post, is_loopback};
use super::outbox::Message;
use crate::clock::Clock;
use crate::settings::ReachSecret;

const GAP: Duration = Duration::from_millis(250);

/// Makes the line of the secrets.
pub(super) fn connect(secrets: Arc<dyn Secrets>, clock: Clock) -> Connect {
    Arc::new(move |_settings| line(&*secrets, clock))
}

fn line(secrets: &dyn Secrets, clock: Clock) -> Result<Arc<dyn Line>, String> {
    let url = secrets
        .get(ReachSecret::WebhookUrl)?
        .ok_or_else(|| t!("웹훅 주소가 없습니다. 설정에서 주소를 넣으세요.").to_owned())?;
    let fits = |url: &Url| url.has_host() && (url.scheme() == "https" || is_plain(url));
    let parsed = Url::parse(url.expose_secret()).ok().filter(fits);
    let parsed =
        parsed.ok_or_else(|| t!("웹훅 주소는 https://로 시작하는 주소여야 합니다.").to_owned())?;
    Ok(Arc::new(Webhook {
        http: Http::new(&parsed, clock)?,
        url,
        bearer: secrets.get(ReachSecret::WebhookToken)?,
    }))
}

/// Without encryption only on this machine.
fn is_plain(url: &Url) -> bool {
    url.scheme() == "http" && is_loopback(url)
}

#[derive(Clone)]
struct Webhook {
    http: Http,
    url: SecretString,
    bearer: Option<SecretString>,
}

impl Line for Webhook {
    fn send(&self, message: Message) -> Sending {
        let webhook = self.clone();
        Box::pin(async move {
            let post = Post {
                url: webhook.url,
                body: message.content,
                bearer: webhook.bearer,
                id: message.id,
            };
            match webhook.http.post(post).await {
                Ok(answer) => verdict(&answer),
                Err(verdict) => verdict,
            }
        })
    }

    fn how(&self) -> String {
        t!("저장된 웹훅 주소로 JSON을 보냅니다.").to_owned()
    }

    fn gap(&self) -> Duration {
        GAP
    }
}

fn verdict(answer: &Answer) -> Verdict {
    match answer.http {
        200..=299 => Verdict::Delivered,
        http @ (408 | 425 | 429 | 500..=599) => Verdict::Later(
            t!(
                "웹훅 서버가 지금은 받지 않습니다 (HTTP %{http}).",
                http = http
            ),
            answer.after,
        ),
        http @ (300..=399 | 401 | 403..=405 | 410) => Verdict::Blocked(t!(
            "웹훅 서버가 이 주소로는 받지 않습니다 (HTTP %{http}). 주소와 비밀값을 확인하세요.",
            http = http
        )),
        http => Verdict::Refused(t!(
            "웹훅 서버가 이 내용을 거절했습니다 (HTTP %{http}).",
            http = http
        )),
    }
}
