//! The user's KIS keys: from the environment first, else from the operating system's keyring.
//!
//! Every call may wait for the user to unlock the keyring: call it from
//! `tokio::task::spawn_blocking` or a thread of its own, never from a drawing function. Nothing
//! here prints a value; `Debug` of every type shows `[REDACTED]`.

use keyring::v1::{Entry, Error};
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::Moment;
use crate::lang::Said;
use crate::paths::APP_ID;
use crate::settings::Environment;

pub mod reach;

/// A KIS app key with its secret.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The app key.
    pub app_key: SecretString,
    /// The app secret.
    pub app_secret: SecretString,
}

/// Where keys were found, or why not.
#[derive(Clone, Debug)]
pub enum Found {
    /// In `KIS_APP_KEY` and `KIS_APP_SECRET`. The access token then lives in memory only.
    Environment(Keys),
    /// In the keyring.
    Keyring(Keys),
    /// Nowhere: the first run.
    Missing,
    /// They may be in the keyring, but it cannot be read.
    Trouble(KeyTrouble),
}

/// Why keys cannot be read or kept; each is a sentence with its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyTrouble {
    /// One of the two variables is set, the other is not.
    HalfSet {
        /// The variable that is there.
        set: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// The keyring is locked or the user refused.
    Locked,
    /// There is no keyring service.
    NoService,
    /// What the keyring holds is not what was written.
    Unreadable(String),
    /// Blank keys are not kept.
    Blank,
    /// Anything else the keyring says.
    Other(String),
}

impl KeyTrouble {
    /// The sentence.
    pub fn said(&self) -> Said {
        match self {
            Self::HalfSet { set, missing } => said!(
                "환경 변수 %{set}만 있고 %{missing}이(가) 없습니다. 둘 다 설정하거나 둘 다 지우세요.",
                set = *set,
                missing = *missing
            ),
            Self::Locked => said!(
                "키링이 잠겨 있어 KIS 키를 쓸 수 없습니다. 키링을 잠금 해제한 뒤 다시 시도하세요."
            ),
            Self::NoService => said!(
                "이 컴퓨터에서 키링을 찾을 수 없습니다. gnome-keyring 같은 키링을 설치하고 프로그램을 다시 시작하거나, 환경 변수 KIS_APP_KEY와 KIS_APP_SECRET을 설정하세요."
            ),
            Self::Unreadable(what) => said!(
                "키링에 저장된 값(%{what})을 읽을 수 없습니다. KIS 키를 지우고 다시 입력하세요.",
                what = what
            ),
            Self::Blank => said!("앱 키와 앱 시크릿을 모두 입력하세요."),
            Self::Other(what) => said!(
                "키링 오류입니다 (%{what}). 다시 시도하거나 환경 변수 KIS_APP_KEY와 KIS_APP_SECRET을 쓰세요.",
                what = what
            ),
        }
    }
}

impl std::fmt::Display for KeyTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.said(), f)
    }
}

impl std::error::Error for KeyTrouble {}

/// A place that keeps texts by name.
pub trait Vault {
    /// The text of that name; `None` where there is none.
    ///
    /// # Errors
    /// The vault cannot be read.
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeyTrouble>;

    /// Keeps a text.
    ///
    /// # Errors
    /// The vault cannot be written.
    fn set(&self, name: &str, value: &SecretString) -> Result<(), KeyTrouble>;

    /// Forgets a text; one that is not there is forgotten already.
    ///
    /// # Errors
    /// The vault cannot be written.
    fn delete(&self, name: &str) -> Result<(), KeyTrouble>;
}

/// The operating system's keyring. It is opened once a process: a service that comes up later is
/// seen after a restart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keyring;

impl Vault for Keyring {
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeyTrouble> {
        answer(
            name,
            Entry::new(APP_ID, name).and_then(|e| e.get_password()),
        )
        .map(|found| found.map(SecretString::from))
    }

    fn set(&self, name: &str, value: &SecretString) -> Result<(), KeyTrouble> {
        let kept = Entry::new(APP_ID, name).and_then(|e| e.set_password(value.expose_secret()));
        kept.map_err(|e| trouble(name, &e))
    }

    fn delete(&self, name: &str) -> Result<(), KeyTrouble> {
        answer(
            name,
            Entry::new(APP_ID, name).and_then(|e| e.delete_credential()),
        )
        .map(|_| ())
    }
}

/// Finds the keys of an environment.
pub fn find(environment: Environment) -> Found {
    find_in(&|name| std::env::var(name).ok(), &Keyring, environment)
}

/// [`find`] with the process's variables and the keyring given.
pub fn find_in(
    variable: &dyn Fn(&str) -> Option<String>,
    vault: &dyn Vault,
    environment: Environment,
) -> Found {
    const KEY: &str = "KIS_APP_KEY";
    const SECRET: &str = "KIS_APP_SECRET";
    let set = |name| variable(name).and_then(|text| trimmed(&text));
    let half = |set, missing| Found::Trouble(KeyTrouble::HalfSet { set, missing });
    match (set(KEY), set(SECRET)) {
        (Some(app_key), Some(app_secret)) => {
            return Found::Environment(Keys {
                app_key,
                app_secret,
            });
        }
        (Some(_), None) => return half(KEY, SECRET),
        (None, Some(_)) => return half(SECRET, KEY),
        (None, None) => {}
    }
    match load(vault, environment) {
        Ok(Some(keys)) => Found::Keyring(keys),
        Ok(None) => Found::Missing,
        Err(trouble) => Found::Trouble(trouble),
    }
}

/// Keeps the keys of an environment. A token of older keys is forgotten.
///
/// # Errors
/// A key is blank, or the vault cannot be written.
pub fn save(vault: &dyn Vault, environment: Environment, keys: &Keys) -> Result<(), KeyTrouble> {
    let clean = |value: &SecretString| trimmed(value.expose_secret()).ok_or(KeyTrouble::Blank);
    let (app_key, app_secret) = (clean(&keys.app_key)?, clean(&keys.app_secret)?);
    vault.delete(&name(environment, "token"))?;
    // The secret first: a key alone would look complete to a reader that stops halfway.
    vault.set(&name(environment, "app-secret"), &app_secret)?;
    vault.set(&name(environment, "app-key"), &app_key)
}

/// Forgets the keys and the token of an environment.
///
/// # Errors
/// The vault cannot be written.
pub fn delete(vault: &dyn Vault, environment: Environment) -> Result<(), KeyTrouble> {
    for what in ["token", "app-key", "app-secret"] {
        vault.delete(&name(environment, what))?;
    }
    Ok(())
}

/// The access token kept for an environment, with the moment it expires.
///
/// # Errors
/// The vault cannot be read or holds something else.
pub fn load_token(
    vault: &dyn Vault,
    environment: Environment,
) -> Result<Option<(SecretString, Moment)>, KeyTrouble> {
    let entry = name(environment, "token");
    let Some(text) = vault.get(&entry)? else {
        return Ok(None);
    };
    let parts = text.expose_secret().split_once(' ');
    let expires = parts.and_then(|(ms, _)| ms.parse().ok()).map(Moment);
    match (expires, parts) {
        (Some(expires), Some((_, token))) if !token.is_empty() => {
            Ok(Some((SecretString::from(token), expires)))
        }
        _ => Err(KeyTrouble::Unreadable(entry)),
    }
}

/// Keeps an access token with the moment it expires.
///
/// # Errors
/// The vault cannot be written.
pub fn save_token(
    vault: &dyn Vault,
    environment: Environment,
    token: &SecretString,
    expires: Moment,
) -> Result<(), KeyTrouble> {
    let text = format!("{} {}", expires.0, token.expose_secret());
    vault.set(&name(environment, "token"), &SecretString::from(text))
}

fn load(vault: &dyn Vault, environment: Environment) -> Result<Option<Keys>, KeyTrouble> {
    let app_key = vault.get(&name(environment, "app-key"))?;
    let app_secret = vault.get(&name(environment, "app-secret"))?;
    Ok(app_key.zip(app_secret).map(|(app_key, app_secret)| Keys {
        app_key,
        app_secret,
    }))
}

/// The name of an entry, such as `real/app-key`.
fn name(environment: Environment, what: &str) -> String {
    format!("{}/{what}", environment.as_str())
}

/// The text without blanks around it; `None` if nothing is left.
fn trimmed(text: &str) -> Option<SecretString> {
    let text = text.trim();
    (!text.is_empty()).then(|| SecretString::from(text))
}

fn answer<T>(name: &str, result: Result<T, Error>) -> Result<Option<T>, KeyTrouble> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(e) => Err(trouble(name, &e)),
    }
}

/// The sentence for what the keyring says. Errors that carry the value are never shown.
fn trouble(name: &str, error: &Error) -> KeyTrouble {
    match error {
        Error::NoStorageAccess(_) => KeyTrouble::Locked,
        Error::NoDefaultStore => KeyTrouble::NoService,
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => {
            KeyTrouble::Unreadable(name.to_owned())
        }
        Error::PlatformFailure(_) | Error::TooLong(..) | Error::BadStoreFormat(_) => {
            KeyTrouble::Other(error.to_string())
        }
        _ => KeyTrouble::Other(t!("알 수 없는 답").to_owned()),
    }
}

#[cfg(test)]
mod tests;
