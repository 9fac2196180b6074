//! Messages by the user's Telegram bot: `sendMessage` of the Bot API
//! (<https://core.telegram.org/bots/api#sendmessage>). The API has the bot's token in the address.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::Secrets;
use super::courier::{Connect, Line, Sending, Verdict};
use super::http::{Answer, Http, Post, wait};
use super::outbox::Message;
use crate::clock::Clock;
use crate::settings::{ReachSecret, ReachSettings};

const API: &str = "https://api.telegram.org";
/// To one chat a bot may send one message a second.
const GAP: Duration = Duration::from_millis(1_050);
/// Telegram takes 4,096.
const LONGEST: usize = 4_000;

/// Makes the line of settings and secrets.
pub(super) fn connect(secrets: Arc<dyn Secrets>, clock: Clock) -> Connect {
    Arc::new(move |settings| line(settings, &*secrets, clock))
}

fn line(
    settings: &ReachSettings,
    secrets: &dyn Secrets,
    clock: Clock,
) -> Result<Arc<dyn Line>, String> {
    let token = secrets
        .get(ReachSecret::TelegramToken)?
        .ok_or_else(|| t!("봇 토큰이 없습니다. 설정에서 토큰을 넣으세요.").to_owned())?;
    let chat = settings
        .telegram_chat
        .clone()
        .ok_or_else(|| t!("받을 대화가 없습니다. 설정에서 대화 번호를 넣으세요.").to_owned())?;
    if !is_token(token.expose_secret()) {
        let text =
            t!("봇 토큰의 모양이 맞지 않습니다. BotFather가 준 토큰(숫자:글자)을 그대로 넣으세요.");
        return Err(text.to_owned());
    }
    let base = settings.telegram_url.as_deref().unwrap_or(API);
    let url = format!("{base}/bot{}/sendMessage", token.expose_secret());
    let parsed = Url::parse(&url)
        .map_err(|_bad| t!("텔레그램 주소(telegram_url)를 쓸 수 없습니다.").to_owned())?;
    Ok(Arc::new(Telegram {
        http: Http::new(&parsed, clock)?,
        url: SecretString::from(url),
        chat,
        token,
    }))
}

/// Digits, a colon, letters: nothing that would lead elsewhere in an address.
fn is_token(text: &str) -> bool {
    let Some((number, rest)) = text.split_once(':') else {
        return false;
    };
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && 16 <= rest.len()
        && rest.chars().all(letters)
}

#[derive(Clone)]
struct Telegram {
    http: Http,
    url: SecretString,
    chat: String,
    token: SecretString,
}

impl Line for Telegram {
    fn send(&self, message: Message) -> Sending {
        let telegram = self.clone();
        Box::pin(async move {
            let text: String = message.content.chars().take(LONGEST).collect();
            let body = json!({
                "chat_id": telegram.chat,
                "text": text,
                "disable_notification": message.quiet,
            });
            let post = Post {
                url: telegram.url.clone(),
                body: body.to_string(),
                bearer: None,
                id: message.id,
            };
            match telegram.http.post(post).await {
                Ok(answer) => telegram.verdict(&answer),
                Err(verdict) => verdict,
            }
        })
    }

    fn how(&self) -> String {
        t!("봇이 대화 %{chat}에 보냅니다.", chat = self.chat)
    }

    fn gap(&self) -> Duration {
        GAP
    }
}

/// What the API answers, also when it refuses.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    ok: bool,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl Telegram {
    fn verdict(&self, answer: &Answer) -> Verdict {
        let said: Said = serde_json::from_str(&answer.body).unwrap_or_default();
        // Should it repeat the token, the screen does not.
        let about: String = said
            .description
            .replace(self.token.expose_secret(), "***")
            .chars()
            .take(120)
            .collect();
        match answer.http {
            200 if said.ok => Verdict::Delivered,
            400 if said.parameters.migrate_to_chat_id.is_some() => {
                let id = said.parameters.migrate_to_chat_id.unwrap_or_default();
                Verdict::Blocked(t!(
                    "대화의 번호가 바뀌었습니다. 설정에서 %{id}로 바꾸세요.",
                    id = id
                ))
            }
            400 if about.contains("chat not found") => Verdict::Blocked(
                t!("대화를 찾을 수 없습니다. 대화 번호를 확인하고, 텔레그램에서 봇에게 먼저 말을 거세요.")
                    .to_owned(),
            ),
            401 | 404 => Verdict::Blocked(
                t!("텔레그램이 봇 토큰을 받아들이지 않습니다. BotFather에서 토큰을 확인해 다시 넣으세요.")
                    .to_owned(),
            ),
            403 => Verdict::Blocked(t!(
                "봇이 이 대화에 보낼 수 없습니다. 텔레그램에서 봇의 차단을 풀거나 대화에 초대하세요. (%{about})",
                about = about
            )),
            429 => Verdict::Later(
                t!("텔레그램이 천천히 보내라고 합니다.").to_owned(),
                said.parameters.retry_after.map(wait).or(answer.after),
            ),
            http @ 400..=499 => Verdict::Refused(t!(
                "텔레그램이 거절했습니다 (HTTP %{http}). %{about}",
                http = http,
                about = about
            )),
            http => Verdict::Later(
                t!("텔레그램 서버가 받지 않습니다 (HTTP %{http}).", http = http),
                answer.after,
            ),
        }
    }
}
