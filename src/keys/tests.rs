//! The keys against keyring-core's mock store, and against a real keyring where one is offered.

use keyring_core::mock;

use super::*;

/// The mock store, reached as the real one is, but without the process-wide default.
struct Mock(std::sync::Arc<mock::Store>);

impl Mock {
    fn new() -> Self {
        Self(mock::Store::new().unwrap())
    }

    fn entry(&self, name: &str) -> keyring_core::Entry {
        use keyring_core::api::CredentialStoreApi as _;
        self.0.build(APP_ID, name, None).unwrap()
    }

    /// The next call on this entry fails.
    fn break_next(&self, name: &str, error: Error) {
        let entry = self.entry(name);
        let cred: &mock::Cred = entry.as_any().downcast_ref().unwrap();
        cred.set_error(error);
    }
}

impl Vault for Mock {
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeyTrouble> {
        answer(name, self.entry(name).get_password()).map(|f| f.map(SecretString::from))
    }

    fn set(&self, name: &str, value: &SecretString) -> Result<(), KeyTrouble> {
        let kept = self.entry(name).set_password(value.expose_secret());
        kept.map_err(|e| trouble(name, &e))
    }

    fn delete(&self, name: &str) -> Result<(), KeyTrouble> {
        answer(name, self.entry(name).delete_credential()).map(|_| ())
    }
}

fn keys(key: &str, secret: &str) -> Keys {
    Keys {
        app_key: key.into(),
        app_secret: secret.into(),
    }
}

fn pair(keys: &Keys) -> (&str, &str) {
    (
        keys.app_key.expose_secret(),
        keys.app_secret.expose_secret(),
    )
}

fn nothing(_: &str) -> Option<String> {
    None
}

/// What every vault must do.
fn round_trip(vault: &dyn Vault) {
    for environment in [Environment::Real, Environment::Paper] {
        delete(vault, environment).unwrap();
        assert!(matches!(
            find_in(&nothing, vault, environment),
            Found::Missing
        ));
    }
    save(vault, Environment::Real, &keys(" alpha ", "beta\n")).unwrap();
    let Found::Keyring(found) = find_in(&nothing, vault, Environment::Real) else {
        panic!("the keys are not found");
    };
    assert_eq!(pair(&found), ("alpha", "beta"));
    assert!(matches!(
        find_in(&nothing, vault, Environment::Paper),
        Found::Missing
    ));

    assert!(load_token(vault, Environment::Real).unwrap().is_none());
    let token = SecretString::from("gamma.".repeat(60));
    save_token(vault, Environment::Real, &token, Moment(1_795_000_000_123)).unwrap();
    let (read, expires) = load_token(vault, Environment::Real).unwrap().unwrap();
    assert_eq!(read.expose_secret(), token.expose_secret());
    assert_eq!(expires, Moment(1_795_000_000_123));

    save(vault, Environment::Real, &keys("other", "pair")).unwrap();
    assert!(
        load_token(vault, Environment::Real).unwrap().is_none(),
        "a token of other keys"
    );
    delete(vault, Environment::Real).unwrap();
    delete(vault, Environment::Real).unwrap();
    assert!(matches!(
        find_in(&nothing, vault, Environment::Real),
        Found::Missing
    ));
}

#[test]
fn keys_and_token_read_back() {
    round_trip(&Mock::new());
}

#[test]
fn the_environment_comes_first_and_blanks_do_not_count() {
    let vault = Mock::new();
    save(&vault, Environment::Real, &keys("stored", "pair")).unwrap();
    let both = |name: &str| Some(format!(" from-{name} "));
    let Found::Environment(found) = find_in(&both, &vault, Environment::Real) else {
        panic!("the environment is not used");
    };
    assert_eq!(pair(&found), ("from-KIS_APP_KEY", "from-KIS_APP_SECRET"));

    let blank = |_: &str| Some("  ".to_owned());
    assert!(matches!(
        find_in(&blank, &vault, Environment::Real),
        Found::Keyring(_)
    ));

    for (set, missing) in [
        ("KIS_APP_KEY", "KIS_APP_SECRET"),
        ("KIS_APP_SECRET", "KIS_APP_KEY"),
    ] {
        let one = |name: &str| (name == set).then(|| "x".to_owned());
        let Found::Trouble(trouble) = find_in(&one, &vault, Environment::Real) else {
            panic!("half a pair is accepted");
        };
        assert_eq!(trouble, KeyTrouble::HalfSet { set, missing });
    }
}

#[test]
fn each_trouble_has_its_sentence() {
    let vault = Mock::new();
    save(&vault, Environment::Real, &keys("a", "b")).unwrap();
    for (error, expected) in [
        (Error::NoStorageAccess("locked".into()), KeyTrouble::Locked),
        (Error::NoDefaultStore, KeyTrouble::NoService),
        (
            Error::BadEncoding(b"hidden".to_vec()),
            KeyTrouble::Unreadable("real/app-key".to_owned()),
        ),
    ] {
        vault.break_next("real/app-key", error);
        let Found::Trouble(trouble) = find_in(&nothing, &vault, Environment::Real) else {
            panic!("a broken keyring looks like {expected:?}");
        };
        assert_eq!(trouble, expected);
        assert!(!trouble.to_string().contains("hidden"));
    }
    assert!(matches!(
        save(&vault, Environment::Real, &keys(" ", "b")),
        Err(KeyTrouble::Blank)
    ));
}

#[test]
fn a_token_that_is_none_is_an_error_without_its_text() {
    let vault = Mock::new();
    vault.set("real/token", &"mangled-value".into()).unwrap();
    let trouble = load_token(&vault, Environment::Real).unwrap_err();
    assert_eq!(trouble, KeyTrouble::Unreadable("real/token".to_owned()));
}

#[test]
fn debug_shows_no_value() {
    let text = format!("{:?}", Found::Keyring(keys("alpha-value", "beta-value")));
    assert!(
        !text.contains("alpha-value") && !text.contains("beta-value"),
        "{text}"
    );
}

/// Writes to and clears this program's entries of the session's keyring, so it runs only where
/// `JEONGBAE_KEYRING_TEST=1` says that the keyring is a scratch one.
#[test]
fn keyring_round_trip() {
    if std::env::var("JEONGBAE_KEYRING_TEST").as_deref() == Ok("1") {
        round_trip(&Keyring);
    }
}
