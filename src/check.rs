//! `jeongbae check`: one line a check.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::assemble;
use crate::cli::RunArgs;
use crate::clock::Clock;
use crate::demo;
use crate::domain::{StockCode, grouped};
use crate::keys::{self, Found, Keys};
use crate::kis::stream::{self, StreamEvent, StreamOptions};
use crate::kis::{Kis, Priority};
use crate::session::{self, Setup};

/// Market time given to the socket.
const SOCKET_PATIENCE: Duration = Duration::from_secs(20);
/// The stock asked for when nothing is watched: the largest of the exchange.
const ANY_STOCK: &str = "005930";

/// Runs every check; exit code 0 only if all hold.
pub fn run(args: &RunArgs) -> u8 {
    let mut all = true;
    let mut say = |name: &str, outcome: Result<String, String>| {
        let (mark, text) = match &outcome {
            Ok(text) => (t!("정상"), text),
            Err(text) => (t!("실패"), text),
        };
        all &= outcome.is_ok();
        let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        if writeln!(std::io::stdout(), "{name}: {mark} · {text}").is_err() {
            tracing::debug!("Standard output is closed");
        }
    };
    let setup = match Setup::look(args) {
        Ok(setup) => setup,
        // Nothing else can be checked without it, and the contract gives it its own exit code.
        Err(trouble) => return session::complain(&trouble),
    };
    let settings = &setup.settings;
    let watched = settings.watched();
    say(
        t!("설정"),
        Ok(t!(
            "%{file} (종목 %{stocks}개, 조건 %{rules}개)",
            file = match (&setup.demo, setup.paths.config_named) {
                (Some(_), false) => t!("데모에 들어 있는 설정").to_owned(),
                _ => setup.paths.config.display().to_string(),
            },
            stocks = watched.len(),
            rules = settings.rules.len()
        )),
    );
    let found = match setup.demo {
        Some(_) => Ok((demo::keys(), false, t!("데모는 키가 필요 없습니다"))),
        None => find_keys(&setup),
    };
    say(
        t!("키"),
        found
            .as_ref()
            .map(|(_, _, text)| (*text).to_owned())
            .map_err(Clone::clone),
    );
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return session::complain(&session::Trouble::other(&error.to_string())),
    };
    let code = watched
        .first()
        .copied()
        .or_else(|| StockCode::parse(ANY_STOCK));
    runtime.block_on(async {
        let client = match found {
            Ok((keys, keyring, _)) => connect(&setup, &keys, keyring).await,
            Err(_) => Err(t!("키가 없어 확인하지 못했습니다").to_owned()),
        };
        match (client, code) {
            (Ok((kis, _keep, clock)), Some(code)) => {
                let token = kis
                    .ensure_token()
                    .await
                    .map_err(|e| e.user_message().to_string());
                say(t!("접근토큰"), token.map(|()| t!("받았습니다").to_owned()));
                let quote = kis.quote(code, Priority::User).await;
                say(
                    t!("시세"),
                    quote
                        .map(|q| {
                            t!(
                                "%{code} %{price}원",
                                code = code,
                                price = grouped(q.value.price.0)
                            )
                        })
                        .map_err(|e| e.user_message().to_string()),
                );
                say(t!("실시간"), socket(kis, code, clock).await);
            }
            (Err(why), _) => {
                for name in [t!("접근토큰"), t!("시세"), t!("실시간")] {
                    say(name, Err(why.clone()));
                }
            }
            (Ok(_), None) => say(t!("시세"), Err(t!("확인할 종목이 없습니다").to_owned())),
        }
    });
    if all { 0 } else { 1 }
}

fn find_keys(setup: &Setup) -> Result<(Keys, bool, &'static str), String> {
    match keys::find(setup.settings.kis.environment) {
        Found::Environment(keys) => Ok((keys, false, t!("환경 변수에서 읽었습니다"))),
        Found::Keyring(keys) => Ok((keys, true, t!("운영체제 키링에서 읽었습니다"))),
        Found::Missing => Err(session::Trouble::no_keys().line),
        Found::Trouble(trouble) => Err(trouble.to_string()),
    }
}

type Client = (Kis, Option<crate::sim::Sim>, Clock);

async fn connect(setup: &Setup, keys: &Keys, keyring: bool) -> Result<Client, String> {
    let mut settings = setup.settings.clone();
    let (mut clock, mut keep) = (Clock::machine(), None);
    if let Some(options) = setup.demo {
        let badge = assemble::badge(&settings);
        let config = assemble::engine_config(&settings, badge, true)?;
        let sim = demo::start(options, &config.rules, &settings.watched(), config.bars).await?;
        clock = sim.clock();
        settings.kis.rest_url = Some(sim.rest_url());
        settings.kis.ws_url = Some(sim.ws_url());
        keep = Some(sim);
    }
    let kis = match setup.demo {
        Some(_) => assemble::client(&settings, keys, keyring, clock)?,
        None => assemble::live_client(&settings, keys, keyring, None, clock)?,
    };
    Ok((kis, keep, clock))
}

/// Registers one stock and waits for the server's word.
async fn socket(kis: Kis, code: StockCode, clock: Clock) -> Result<String, String> {
    let wanted: Arc<[stream::Registration]> = Arc::new([stream::Registration {
        kind: stream::Feed::Trades,
        code,
    }]);
    let (keep, wants) = watch::channel(wanted);
    let (sender, mut events) = mpsc::channel(256);
    let task = tokio::spawn(stream::run(kis, StreamOptions::default(), wants, sender));
    let answer = async {
        while let Some(event) = events.recv().await {
            match event {
                StreamEvent::Confirmed(_) => {
                    return Ok(t!("%{code} 등록이 확인되었습니다", code = code));
                }
                StreamEvent::Refused { text, .. } => return Err(text.to_string()),
                StreamEvent::Lost { reason, .. } | StreamEvent::Waiting { reason } => {
                    return Err(reason.to_string());
                }
                _ => {}
            }
        }
        Err(t!("실시간 연결이 닫혔습니다").to_owned())
    };
    let outcome = clock.timeout(SOCKET_PATIENCE, answer).await;
    drop(keep);
    drop(events);
    if clock.timeout(SOCKET_PATIENCE, task).await.is_none() {
        tracing::warn!("The socket did not close in time");
    }
    outcome.unwrap_or_else(|| {
        Err(t!("20초 안에 실시간 서버의 응답이 없었습니다. 방화벽을 확인하세요.").to_owned())
    })
}
