//! `[reach]`: how a signal calls the user beyond the window, and a rule's own manners.

use toml_edit::Value;

use super::section::Section;
use super::{Manners, SettingsError};

/// The keys of `[reach]`.
pub(super) const KEYS: &[&str] = &[
    "notification",
    "sound",
    "volume",
    "voice",
    "telegram",
    "telegram_chat",
    "telegram_url",
    "webhook",
    "tray",
];

/// `[reach]`. Secrets are not here: see [`ReachSecret`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachSettings {
    /// A notification of the desktop.
    pub notification: bool,
    /// A chime.
    pub sound: bool,
    /// Loudness of chime and voice, percent: 0 to 100.
    pub volume: u8,
    /// A voice that says the stock's name and the rule.
    pub voice: bool,
    /// A message by the user's Telegram bot.
    pub telegram: bool,
    /// Who gets it: the number of a chat, or the `@name` of a channel.
    pub telegram_chat: Option<String>,
    /// Replaces Telegram's address; without a slash at its end.
    pub telegram_url: Option<String>,
    /// A post to the user's webhook.
    pub webhook: bool,
    /// An icon beside the clock, where the desktop has a place for it.
    pub tray: bool,
}

impl Default for ReachSettings {
    fn default() -> Self {
        Self {
            notification: true,
            sound: true,
            volume: 70,
            voice: false,
            telegram: false,
            telegram_chat: None,
            telegram_url: None,
            webhook: false,
            tray: true,
        }
    }
}

impl ReachSettings {
    /// Whether a text can be a Telegram chat: a number, or `@` and a name.
    pub fn is_chat(text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let number = (1..=19).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let named = text.strip_prefix('@').is_some_and(|name| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        });
        number || named
    }

    /// What the settings panel changes, as the file has it; `None`: the key goes.
    pub(super) fn values(&self) -> [(&'static str, Option<Value>); 8] {
        let flag = |value: bool| Some(Value::from(value));
        [
            ("notification", flag(self.notification)),
            ("sound", flag(self.sound)),
            ("volume", Some(Value::from(i64::from(self.volume)))),
            ("voice", flag(self.voice)),
            ("telegram", flag(self.telegram)),
            (
                "telegram_chat",
                self.telegram_chat.as_deref().map(Value::from),
            ),
            ("webhook", flag(self.webhook)),
            ("tray", flag(self.tray)),
        ]
    }
}

/// A secret for calling the user. Kept in the operating system's keyring, never in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReachSecret {
    /// The token of the Telegram bot.
    TelegramToken,
    /// The whole address of the webhook: such addresses open what they lead to.
    WebhookUrl,
    /// Sent to the webhook as a bearer token; optional.
    WebhookToken,
}

pub(super) fn read(s: &Section<'_>) -> Result<ReachSettings, SettingsError> {
    let default = ReachSettings::default();
    let flag = |key, default| Ok(s.flag(key)?.unwrap_or(default));
    let allowed = said!("따옴표로 묶은 대화방 번호나 채널의 @이름");
    let chat = s.text("telegram_chat", &allowed)?;
    if chat.is_some_and(|chat| !ReachSettings::is_chat(chat)) {
        return Err(s.wrong("telegram_chat", super::read::must_be(&allowed)));
    }
    let volume = s.whole("volume", 0..=100)?;
    Ok(ReachSettings {
        notification: flag("notification", default.notification)?,
        sound: flag("sound", default.sound)?,
        volume: volume
            .and_then(|n| u8::try_from(n).ok())
            .unwrap_or(default.volume),
        voice: flag("voice", default.voice)?,
        telegram: flag("telegram", default.telegram)?,
        telegram_chat: chat.map(ToOwned::to_owned),
        telegram_url: super::read::address(s, "telegram_url", &["http", "https"])?,
        webhook: flag("webhook", default.webhook)?,
        tray: flag("tray", default.tray)?,
    })
}

/// How a rule may call the user.
pub(super) fn manners(s: &Section<'_>) -> Result<Manners, SettingsError> {
    let default = Manners::default();
    let flag = |key, default| Ok(s.flag(key)?.unwrap_or(default));
    Ok(Manners {
        sound: flag("sound", default.sound)?,
        notification: flag("notification", default.notification)?,
        message: flag("message", default.message)?,
        takeover: flag("takeover", default.takeover)?,
    })
}
