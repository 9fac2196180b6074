//! Secrets for calling the user: from the environment first, else from the operating system's
//! keyring, as the broker's keys.

use secrecy::SecretString;

use super::{KeyTrouble, Keyring, Vault, trimmed};
use crate::lang::Said;
use crate::reach;
use crate::settings::ReachSecret;

/// Where the program finds them.
pub struct Secrets;

impl reach::Secrets for Secrets {
    fn get(&self, which: ReachSecret) -> Result<Option<SecretString>, String> {
        find_in(&|name| std::env::var(name).ok(), &Keyring, which)
    }
}

/// The variable that comes before the keyring.
pub fn variable(which: ReachSecret) -> &'static str {
    match which {
        ReachSecret::TelegramToken => "JEONGBAE_TELEGRAM_TOKEN",
        ReachSecret::WebhookUrl => "JEONGBAE_WEBHOOK_URL",
        ReachSecret::WebhookToken => "JEONGBAE_WEBHOOK_TOKEN",
    }
}

/// The name of the entry in the keyring.
fn entry(which: ReachSecret) -> &'static str {
    match which {
        ReachSecret::TelegramToken => "reach/telegram-token",
        ReachSecret::WebhookUrl => "reach/webhook-url",
        ReachSecret::WebhookToken => "reach/webhook-token",
    }
}

/// Finds a secret with the process's variables and the keyring given.
///
/// # Errors
/// The keyring cannot be read, in the user's words.
pub fn find_in(
    environment: &dyn Fn(&str) -> Option<String>,
    vault: &dyn Vault,
    which: ReachSecret,
) -> Result<Option<SecretString>, String> {
    if let Some(text) = environment(variable(which)).and_then(|text| trimmed(&text)) {
        return Ok(Some(text));
    }
    match vault.get(entry(which)) {
        // Where there is no keyring there is no secret in it.
        Err(KeyTrouble::NoService) => Ok(None),
        other => other.map_err(|trouble| sentence(&trouble, which).into()),
    }
}

/// Keeps a secret in the keyring; a blank one is forgotten.
///
/// # Errors
/// The keyring cannot be written, in the user's words.
pub fn save(vault: &dyn Vault, which: ReachSecret, text: &str) -> Result<(), Said> {
    let kept = match trimmed(text) {
        Some(text) => vault.set(entry(which), &text),
        None => vault.delete(entry(which)),
    };
    kept.map_err(|trouble| sentence(&trouble, which))
}

fn sentence(trouble: &KeyTrouble, which: ReachSecret) -> Said {
    let name = variable(which);
    match trouble {
        KeyTrouble::Locked => said!("키링이 잠겨 있습니다. 잠금을 풀고 다시 시도하세요."),
        KeyTrouble::NoService => said!(
            "이 컴퓨터에 키링이 없습니다. gnome-keyring 같은 키링을 설치하거나 환경 변수 %{name}을(를) 쓰세요.",
            name = name
        ),
        KeyTrouble::Unreadable(_) => {
            said!("키링에 저장된 값을 읽을 수 없습니다. 다시 입력하세요.")
        }
        KeyTrouble::HalfSet { .. } | KeyTrouble::Blank | KeyTrouble::Other(_) => said!(
            "키링 오류입니다. 다시 시도하거나 환경 변수 %{name}을(를) 쓰세요.",
            name = name
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[derive(Default)]
    struct Drawer(Mutex<BTreeMap<String, String>>);

    impl Vault for Drawer {
        fn get(&self, name: &str) -> Result<Option<SecretString>, KeyTrouble> {
            let found = self.0.lock().unwrap().get(name).cloned();
            Ok(found.map(SecretString::from))
        }

        fn set(&self, name: &str, value: &SecretString) -> Result<(), KeyTrouble> {
            let value = value.expose_secret().to_owned();
            self.0.lock().unwrap().insert(name.to_owned(), value);
            Ok(())
        }

        fn delete(&self, name: &str) -> Result<(), KeyTrouble> {
            self.0.lock().unwrap().remove(name);
            Ok(())
        }
    }

    /// A drawer that says the same to everything.
    struct Shut(KeyTrouble);

    impl Vault for Shut {
        fn get(&self, _name: &str) -> Result<Option<SecretString>, KeyTrouble> {
            Err(self.0.clone())
        }

        fn set(&self, _name: &str, _value: &SecretString) -> Result<(), KeyTrouble> {
            Err(self.0.clone())
        }

        fn delete(&self, _name: &str) -> Result<(), KeyTrouble> {
            Err(self.0.clone())
        }
    }

    const WHICH: ReachSecret = ReachSecret::TelegramToken;

    fn text(found: Result<Option<SecretString>, String>) -> Option<String> {
        found.unwrap().map(|s| s.expose_secret().to_owned())
    }

    #[test]
    fn the_environment_comes_first_and_blanks_are_nothing() {
        let drawer = Drawer::default();
        assert_eq!(text(find_in(&|_| None, &drawer, WHICH)), None);
        save(&drawer, WHICH, "  kept ").unwrap();
        assert_eq!(text(find_in(&|_| None, &drawer, WHICH)).unwrap(), "kept");
        let set = |name: &str| (name == "JEONGBAE_TELEGRAM_TOKEN").then(|| " set ".to_owned());
        assert_eq!(text(find_in(&set, &drawer, WHICH)).unwrap(), "set");
        let other = ReachSecret::WebhookUrl;
        assert_eq!(text(find_in(&set, &drawer, other)), None);
        save(&drawer, WHICH, " ").unwrap();
        assert_eq!(text(find_in(&|_| None, &drawer, WHICH)), None);
        assert!(drawer.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_keyring_that_is_shut_is_said_with_a_remedy() {
        let none = Shut(KeyTrouble::NoService);
        assert_eq!(text(find_in(&|_| None, &none, WHICH)), None);
        let said = save(&none, WHICH, "x").unwrap_err().to_string();
        assert!(said.contains("JEONGBAE_TELEGRAM_TOKEN"), "{said}");
        let locked = find_in(&|_| None, &Shut(KeyTrouble::Locked), WHICH);
        assert!(locked.unwrap_err().contains("잠금을 풀고"));
    }
}
