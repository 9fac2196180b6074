//! Trying keys, keeping them and forgetting them, each on a thread of its own: the keyring may wait
//! for the user, and the window must not.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use secrecy::{ExposeSecret as _, SecretString};

use crate::assemble::{self, MemoryTokens};
use crate::clock::Clock;
use crate::domain::StockCode;
use crate::engine::Trouble as Card;
use crate::keys::{self, Keys};
use crate::kis::{Priority, TokenStore as _};
use crate::lang::Said;
use crate::settings::{Environment, Settings, SettingsFile};
use crate::ui::{KeyNews, KeyWish};

/// Keys that work.
pub(super) struct Tried {
    pub(super) environment: Environment,
    pub(super) keys: Keys,
    pub(super) tokens: Arc<MemoryTokens>,
}

/// News of a trial.
pub(super) enum Trial {
    Step(Said),
    Failed(Card),
    /// They work and are in the keyring.
    Kept(Environment),
    /// They work; why the keyring cannot keep them.
    NotKept(Tried, Said),
}

/// Keys as they were typed.
pub(super) fn typed(key: String, secret: String) -> Keys {
    Keys {
        app_key: SecretString::from(key),
        app_secret: SecretString::from(secret),
    }
}

/// The environment a form names.
pub(super) fn environment(paper: bool) -> Environment {
    if paper {
        Environment::Paper
    } else {
        Environment::Real
    }
}

/// Runs `work` on a thread and hands on what it says; `failed` is said where there is no thread.
fn on_a_thread<T: Send + 'static>(
    ctx: &egui::Context,
    failed: impl FnOnce(Card) -> T,
    work: impl FnOnce(&dyn Fn(T)) + Send + 'static,
) -> Receiver<T> {
    let (sender, receiver) = sync_channel(8);
    let ctx = ctx.clone();
    let fallback = sender.clone();
    let spawned = std::thread::Builder::new()
        .name("keys".into())
        .spawn(move || {
            work(&|news| {
                if sender.send(news).is_err() {
                    tracing::debug!("The window was closed during the trial");
                }
                ctx.request_repaint();
            });
        });
    if let Err(error) = spawned {
        let card = card(error.to_string().into(), said!("다시 시도하세요"), None);
        if fallback.send(failed(*card)).is_err() {
            tracing::debug!("The window was closed during the trial");
        }
    }
    receiver
}

/// Tries keys with a token and a quote, then keeps them in the keyring. The token of the trial
/// is kept too: the broker issues one a minute and tells the customer of each.
pub(super) fn try_keys(settings: Settings, keys: Keys, ctx: &egui::Context) -> Receiver<Trial> {
    on_a_thread(ctx, Trial::Failed, move |say| {
        let end = try_and_keep(&settings, keys, &|step| say(Trial::Step(step)));
        say(end);
    })
}

/// What the user wishes while the program runs; its own keys stay in use until it ends.
pub(super) fn fulfil(
    settings: Settings,
    file: Option<SettingsFile>,
    wish: KeyWish,
    ctx: &egui::Context,
) -> Receiver<KeyNews> {
    on_a_thread(ctx, KeyNews::Failed, move |say| {
        say(match wish {
            KeyWish::Keep {
                environment_paper,
                key,
                secret,
            } => keep(
                settings,
                file,
                environment(environment_paper),
                typed(key, secret),
                say,
            ),
            KeyWish::Secret { which, text } => {
                match keys::reach::save(&keys::Keyring, which, &text) {
                    Ok(()) if text.trim().is_empty() => KeyNews::Done(said!("키링에서 지웠습니다")),
                    Ok(()) => KeyNews::Done(said!("키링에 저장했습니다")),
                    Err(why) => KeyNews::Failed(Card {
                        what: said!("키링에 저장하지 못했습니다"),
                        why,
                        next: said!("다시 시도하세요"),
                        code: None,
                    }),
                }
            }
            KeyWish::Delete { environment_paper } => {
                match keys::delete(&keys::Keyring, environment(environment_paper)) {
                    Ok(()) => KeyNews::Done(said!("키와 접근토큰을 지웠습니다")),
                    Err(why) => KeyNews::Failed(Card {
                        what: said!("키를 지우지 못했습니다"),
                        why: why.said(),
                        next: said!("다시 시도하세요"),
                        code: None,
                    }),
                }
            }
        });
    })
}

fn keep(
    mut settings: Settings,
    file: Option<SettingsFile>,
    environment: Environment,
    keys: Keys,
    say: &dyn Fn(KeyNews),
) -> KeyNews {
    settings.kis.environment = environment;
    match try_and_keep(&settings, keys, &|step| say(KeyNews::Step(step))) {
        Trial::Step(step) => KeyNews::Step(step),
        Trial::Failed(card) => KeyNews::Failed(card),
        Trial::Kept(environment) => {
            let written = file.map(|file| file.set_environment(environment));
            match written {
                Some(Err(error)) => KeyNews::Failed(Card {
                    what: said!("키는 저장했지만 설정 파일에 적지 못했습니다"),
                    why: error.to_string().into(),
                    next: said!("설정 파일의 environment를 직접 고쳐 주세요"),
                    code: None,
                }),
                Some(Ok(_)) | None => {
                    KeyNews::Done(said!("키를 저장했습니다. 다시 시작하면 이 키로 접속합니다"))
                }
            }
        }
        Trial::NotKept(_, why) => KeyNews::Failed(Card {
            what: said!("키는 맞지만 저장하지 못했습니다"),
            why,
            next: said!("키링을 쓸 수 있게 한 뒤 다시 저장하세요"),
            code: None,
        }),
    }
}

fn try_and_keep(settings: &Settings, keys: Keys, say: &dyn Fn(Said)) -> Trial {
    let environment = settings.kis.environment;
    let tokens = Arc::new(MemoryTokens::default());
    say(said!("접근토큰을 받는 중입니다"));
    if let Err(card) = trial(settings, &keys, &tokens, say) {
        return Trial::Failed(*card);
    }
    say(said!("키링에 저장하는 중입니다"));
    let kept = keys::save(&keys::Keyring, environment, &keys).and_then(|()| match tokens.load() {
        Some(t) => keys::save_token(&keys::Keyring, environment, &t.token, t.expires),
        None => Ok(()),
    });
    match kept {
        Ok(()) => Trial::Kept(environment),
        Err(why) => Trial::NotKept(
            Tried {
                environment,
                keys,
                tokens,
            },
            why.said(),
        ),
    }
}

fn trial(
    settings: &Settings,
    keys: &Keys,
    tokens: &Arc<MemoryTokens>,
    say: &dyn Fn(Said),
) -> Result<(), Box<Card>> {
    let next = || said!("키와 환경(실전·모의)을 확인하고 다시 시도하세요");
    if keys.app_key.expose_secret().is_empty() || keys.app_secret.expose_secret().is_empty() {
        return Err(card(
            said!("앱 키와 앱 시크릿을 모두 입력하세요."),
            next(),
            None,
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| card(error.to_string().into(), next(), None))?;
    runtime.block_on(async {
        let kis = assemble::live_client(
            settings,
            keys,
            false,
            Some(tokens.clone()),
            Clock::machine(),
        )
        .map_err(|error| card(error, next(), None))?;
        let refused = |error: crate::kis::KisError| {
            card(
                error.user_message(),
                next(),
                error.msg_cd().map(str::to_owned),
            )
        };
        kis.ensure_token().await.map_err(refused)?;
        say(said!("시세를 받아 보는 중입니다"));
        let watched = settings.watched();
        let code = watched
            .first()
            .copied()
            .or_else(|| StockCode::parse("005930"));
        if let Some(code) = code {
            kis.quote(code, Priority::User).await.map_err(refused)?;
        }
        Ok(())
    })
}

fn card(why: Said, next: Said, code: Option<String>) -> Box<Card> {
    Box::new(Card {
        what: said!("키를 확인하지 못했습니다"),
        why,
        next,
        code,
    })
}
