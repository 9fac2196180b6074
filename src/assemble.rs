//! Puts settings, keys, store, broker and engine together.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::sync::mpsc;

use crate::bars::BarRules;
use crate::clock::Clock;
use crate::domain::{Calendar, Moment};
use crate::engine::rules::rules_of;
use crate::engine::{Badge, EngineConfig, Event, GroupConfig, PageRows, Remembered, Report, State};
use crate::keys::{self, Keys};
use crate::kis::master::MasterServer;
use crate::kis::stream::StreamOptions;
use crate::kis::{
    CacheTimes, Credentials, Endpoint, Environment, Kis, KisOptions, SavedToken, TokenStore,
};
use crate::lang::Said;
use crate::perform::{Lists, Means, Performer};
use crate::reach;
use crate::runtime::Machine;
use crate::settings::{self, RuleSetting, Settings, SettingsFile};
use crate::store::{KeptFiles, Store};

/// Signals older than this are not looked at again.
const REMEMBERED_DAYS: i32 = 45;

/// What a run is made of.
pub struct Parts {
    /// The checked settings.
    pub settings: Settings,
    /// Where they came from; `None` in the demo.
    pub file: Option<SettingsFile>,
    /// The data folder.
    pub store: Store,
    /// Notices of the store's opening.
    pub notices: Vec<Said>,
    /// Where the list of stocks comes from and is kept; see [`lists`].
    pub lists: Option<Lists>,
    /// The broker's client.
    pub kis: Kis,
    /// Market time.
    pub clock: Clock,
    /// What the screen says of the numbers' origin.
    pub badge: Badge,
    /// Those who listen to reports.
    pub reports: Option<mpsc::Sender<Report>>,
    /// No window.
    pub headless: bool,
    /// How the user is called; `None`: not at all.
    pub reach: Option<reach::Options>,
    /// Open days.
    pub calendar: Calendar,
    /// Keeps alive what must live as long as the engine.
    pub keep: Option<Box<dyn std::any::Any + Send>>,
}

/// The engine's configuration from the settings.
///
/// # Errors
///
/// A rule text that cannot be read; the settings have checked it before.
pub fn engine_config(
    settings: &Settings,
    badge: Badge,
    headless: bool,
) -> Result<EngineConfig, String> {
    let bars = BarRules {
        auction: settings.candles.closing_auction,
        regular_session_only: settings.candles.regular_session_only,
    };
    let market = settings.kis.market;
    let can = endpoint(settings).capabilities();
    let written: Vec<Arc<RuleSetting>> = settings.rules.iter().cloned().map(Arc::new).collect();
    let rules = rules_of(&written, &settings.averages, bars, market).map_err(|(name, error)| {
        t!(
            "조건 ‘%{name}’을(를) 읽을 수 없습니다: %{error}",
            name = name,
            error = settings::wrong_rule(&error)
        )
    })?;
    let groups = settings
        .groups
        .iter()
        .map(|group| GroupConfig {
            name: group.name.as_str().into(),
            codes: group.codes.clone(),
        })
        .collect();
    Ok(EngineConfig {
        badge,
        market,
        bars,
        periods: settings.averages.clone().into(),
        columns: settings.screen.columns.clone(),
        groups,
        rules,
        written,
        registrations: settings.kis.realtime_registrations,
        quotes_per_call: can.quotes_at_once.max(1),
        pages: PageRows {
            today: can.rows_today,
            dated: can.rows_dated,
            period: can.rows_period,
        },
        open_days: can.holidays,
        requests_per_second: requests_per_second(settings),
        past_minutes: can.past_minutes,
        headless,
        market_fill: settings.market_view.fill,
        reach: settings.reach.clone(),
    })
}

/// Puts the parts together; call it inside the runtime.
///
/// # Errors
///
/// What cannot be read, in the user's words.
pub async fn machine(parts: Parts, events: mpsc::Sender<Event>) -> Result<Machine, String> {
    let config = engine_config(&parts.settings, parts.badge, parts.headless)?;
    let now = parts.clock.now();
    let since = Moment(
        now.day()
            .plus(-REMEMBERED_DAYS)
            .at(crate::domain::Minute(0))
            .0,
    );
    let (open_days_asked, open_days) = parts
        .store
        .load_open_days()
        .await
        .map_err(|e| e.to_string())?;
    let remembered = Remembered {
        open_days,
        open_days_asked,
        signals: parts
            .store
            .load_signals(since)
            .await
            .map_err(|e| e.to_string())?,
        marks: parts.store.load_marks().await.map_err(|e| e.to_string())?,
    };
    let stream = StreamOptions {
        cap: config.registrations,
        ..StreamOptions::default()
    };
    let market = config.market;
    let mut first = Vec::new();
    let mut state = State::new(config, parts.calendar, remembered, now, &mut first);
    for notice in parts.notices {
        state.note(notice);
    }
    let means = Means {
        kis: parts.kis,
        stream,
        store: parts.store,
        market,
        lists: parts.lists,
        clock: parts.clock,
        file: parts.file,
        reports: parts.reports,
        reach: parts.reach,
    };
    let performer = Performer::start(means, events);
    Ok(Machine {
        state,
        first,
        performer,
        clock: parts.clock,
        keep: parts.keep,
    })
}

/// The addresses that the settings ask for.
pub fn endpoint(settings: &Settings) -> Endpoint {
    let environment = match settings.kis.environment {
        settings::Environment::Real => Environment::Real,
        settings::Environment::Paper => Environment::Paper,
    };
    let endpoint = Endpoint::of(environment, settings.kis.market);
    let (rest, ws) = (endpoint.rest_url.clone(), endpoint.ws_url.clone());
    endpoint.at(
        settings.kis.rest_url.as_deref().unwrap_or(&rest),
        settings.kis.ws_url.as_deref().unwrap_or(&ws),
    )
}

/// The permitted rate: the settings' or else the host's.
fn requests_per_second(settings: &Settings) -> f64 {
    let can = endpoint(settings).capabilities();
    settings
        .kis
        .requests_per_second
        .unwrap_or(match settings.kis.new_customer {
            true => can.new_customer_per_second,
            false => can.requests_per_second,
        })
}

/// Where the settings' list of stocks comes from, kept in the data folder. Beside a replaced REST
/// address it lies there.
///
/// # Errors
///
/// An address that cannot be used, in the user's words.
pub fn lists(settings: &Settings, data_dir: &Path, clock: Clock) -> Result<Lists, String> {
    let kis = &settings.kis;
    let beside = kis
        .rest_url
        .as_ref()
        .map(|url| format!("{url}/common/master"));
    let folder = kis.master_url.as_ref().or(beside.as_ref());
    let server = MasterServer::new(folder.map(String::as_str), clock);
    Ok(Lists {
        server: server.map_err(|error| error.user_message().to_string())?,
        kept: KeptFiles::new(data_dir.join("lists")),
        clock,
    })
}

/// The badge of a live run.
pub fn badge(settings: &Settings) -> Badge {
    match settings.kis.environment {
        settings::Environment::Real => Badge::Real,
        settings::Environment::Paper => Badge::Paper,
    }
}

/// A client for the settings' host. `keyring` says whether the token may be kept there.
///
/// # Errors
///
/// An address or keys that cannot be used, in the user's words.
pub fn client(settings: &Settings, keys: &Keys, keyring: bool, clock: Clock) -> Result<Kis, Said> {
    client_with(settings, keys, in_keyring(settings, keyring), None, clock)
}

/// [`client`] for the broker's hosts: copies of the program on this machine share the key's
/// realtime session and its tokens. `tokens` is a place of its own for the token.
///
/// # Errors
///
/// As [`client`].
pub fn live_client(
    settings: &Settings,
    keys: &Keys,
    keyring: bool,
    tokens: Option<Arc<dyn TokenStore>>,
    clock: Clock,
) -> Result<Kis, Said> {
    let tokens = tokens.or_else(|| in_keyring(settings, keyring));
    client_with(settings, keys, tokens, crate::paths::lock_dir(), clock)
}

fn in_keyring(settings: &Settings, keyring: bool) -> Option<Arc<dyn TokenStore>> {
    match keyring {
        true => Some(Arc::new(KeyringTokens {
            environment: settings.kis.environment,
        })),
        false => None,
    }
}

/// [`client`] with a place of its own for the token and a folder for the locks between copies.
///
/// # Errors
///
/// As [`client`].
pub fn client_with(
    settings: &Settings,
    keys: &Keys,
    token_store: Option<Arc<dyn TokenStore>>,
    lock_dir: Option<PathBuf>,
    clock: Clock,
) -> Result<Kis, Said> {
    let endpoint = endpoint(settings);
    let rate = requests_per_second(settings);
    let credentials = Credentials::new(
        keys.app_key.expose_secret(),
        keys.app_secret.expose_secret(),
    );
    let cache = settings.kis.cache;
    let times = CacheTimes {
        price: Duration::from_secs_f64(cache.price_secs),
        book: Duration::from_secs_f64(cache.book_secs),
        executions: Duration::from_secs_f64(cache.executions_secs),
        candles: Duration::from_secs_f64(cache.candles_secs),
    };
    let options = KisOptions {
        endpoint,
        credentials,
        clock,
        requests_per_second: rate,
        token_store,
        lock_dir,
    };
    Kis::with_cache(options, times).map_err(|error| error.user_message())
}

/// Keeps the access token in memory: for keys that are being tried, or live for one session.
#[derive(Default)]
pub struct MemoryTokens(Mutex<Option<SavedToken>>);

impl TokenStore for MemoryTokens {
    fn load(&self) -> Option<SavedToken> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn save(&self, token: &SavedToken) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
    }
}

/// Keeps the access token in the OS keyring, beside the keys it belongs to; new keys forget it.
struct KeyringTokens {
    environment: settings::Environment,
}

impl TokenStore for KeyringTokens {
    fn load(&self) -> Option<SavedToken> {
        match keys::load_token(&keys::Keyring, self.environment) {
            Ok(found) => found.map(|(token, expires)| SavedToken { token, expires }),
            Err(trouble) => {
                tracing::warn!("The keyring could not give the token: {trouble}");
                None
            }
        }
    }

    fn save(&self, saved: &SavedToken) {
        let kept = keys::save_token(
            &keys::Keyring,
            self.environment,
            &saved.token,
            saved.expires,
        );
        if let Err(trouble) = kept {
            tracing::warn!("The keyring could not keep the token: {trouble}");
        }
    }
}
