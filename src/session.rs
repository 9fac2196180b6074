//! One run of the program, from its arguments to what the engine needs: files, keys, store,
//! client. Shared by the window, `watch` and `check`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::assemble::{self, Parts};
use crate::cli::RunArgs;
use crate::clock::Clock;
use crate::demo::{self, DemoOptions};
use crate::domain::Calendar;
use crate::engine::{Badge, Report};
use crate::keys::{self, Found, Keys};
use crate::kis::TokenStore;
use crate::lang::{self, Said};
use crate::paths::{self, Overrides, Paths};
use crate::reach;
use crate::settings::{self, ScreenSettings, Settings, SettingsError, SettingsFile};
use crate::store::{Store, StoreError};

/// Why a run cannot begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// One line for standard error.
    pub line: String,
    /// The exit code: 2 for arguments and files, 3 for missing keys, 1 for the rest.
    pub code: u8,
    /// The configuration file it is about, and what is wrong in it.
    pub config: Option<(PathBuf, Said)>,
}

impl Trouble {
    /// Arguments or a file.
    pub fn file(line: &impl ToString) -> Self {
        Self {
            line: line.to_string(),
            code: 2,
            config: None,
        }
    }

    /// The configuration file.
    pub fn config(error: &SettingsError) -> Self {
        Self {
            config: Some((error.file().clone(), error.in_file())),
            ..Self::file(error)
        }
    }

    /// Anything that is neither a file nor a key.
    pub fn other(line: &str) -> Self {
        Self {
            line: line.to_owned(),
            code: 1,
            config: None,
        }
    }

    /// No keys anywhere.
    pub fn no_keys() -> Self {
        Self {
            line: t!("KIS 키가 없습니다. 환경 변수 KIS_APP_KEY와 KIS_APP_SECRET을 설정하거나, jeongbae를 창으로 열어 키를 입력하세요(운영체제 키링에 보관됩니다). 키 없이 보려면 --demo.")
                .to_owned(),
            code: 3,
            config: None,
        }
    }
}

/// Prints the one line and returns the exit code.
pub fn complain(trouble: &Trouble) -> u8 {
    let line = trouble
        .line
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ");
    if writeln!(std::io::stderr(), "jeongbae: {line}").is_err() {
        tracing::debug!("Standard error is closed");
    }
    trouble.code
}

/// Whether the end of the terminal would end this process: whoever starts it by `nohup` wants it
/// to go on. Without Linux's word for it nothing is changed.
#[cfg(unix)]
fn ends_with_the_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Bit 0 is signal 1, the hang-up.
    ignored.is_some_and(|mask| mask & 1 == 0)
}

/// Hears Ctrl+C, and on Unix the polite end of a service manager and the end of the terminal, from
/// when it is made: none that comes while nobody waits is lost.
pub struct Stop {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// The terminal was closed; `None` where that is nothing to us.
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Stop {
    /// Begins to listen; call it inside the runtime.
    ///
    /// # Errors
    ///
    /// The system does not let us.
    pub fn listen() -> Result<Self, Trouble> {
        let trouble = |e: std::io::Error| {
            Trouble::other(&t!("Ctrl+C를 받을 수 없습니다: %{error}", error = e))
        };
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                interrupt: signal(SignalKind::interrupt()).map_err(trouble)?,
                terminate: signal(SignalKind::terminate()).map_err(trouble)?,
                hangup: match ends_with_the_terminal() {
                    true => Some(signal(SignalKind::hangup()).map_err(trouble)?),
                    false => None,
                },
            })
        }
        #[cfg(windows)]
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c().map_err(trouble)?,
        })
    }

    /// Waits until the user asks us to stop.
    pub async fn asked(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = async {
                match &mut self.hangup {
                    Some(hangup) => drop(hangup.recv().await),
                    None => std::future::pending().await,
                }
            } => {}
        }
        #[cfg(windows)]
        self.interrupt.recv().await;
    }
}

/// What arguments and files say.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The checked settings.
    pub settings: Settings,
    /// The places of this run.
    pub paths: Paths,
    /// The demo's choices; `None` for a live run.
    pub demo: Option<DemoOptions>,
}

impl Setup {
    /// Reads configuration and prepares the data folder.
    ///
    /// # Errors
    ///
    /// One line that names the file, the line and the key; exit code 2.
    pub fn read(args: &RunArgs) -> Result<Self, Trouble> {
        Self::read_for(args, true)
    }

    /// As [`Setup::read`], but the data of a demo, which may be running, stays.
    ///
    /// # Errors
    ///
    /// As [`Setup::read`].
    pub fn look(args: &RunArgs) -> Result<Self, Trouble> {
        Self::read_for(args, false)
    }

    fn read_for(args: &RunArgs, may_empty: bool) -> Result<Self, Trouble> {
        let mut paths = places(args)?;
        paths.emptied &= may_empty;
        let settings = match (args.demo, paths.config_named) {
            (_, true) => settings::load(&paths.config),
            (true, false) => Settings::demo(),
            (false, false) => settings::load_or_bundled(&paths.config),
        };
        let mut settings = settings.map_err(|e| Trouble::config(&e))?;
        if args.demo && !paths.config_named {
            // The bundled configuration names no language; the user's own file does.
            let own = settings::language_in(&paths.config);
            settings.screen.language = own.unwrap_or(settings.screen.language);
        }
        // Lines of the terminal too are in the language of the screen.
        lang::speak(settings.screen.language.language());
        paths.prepare().map_err(|e| Trouble::file(&e))?;
        let demo = args.demo.then_some(DemoOptions {
            seed: args.seed,
            start: args.start,
            speed: args.speed,
        });
        Ok(Self {
            settings,
            paths,
            demo,
        })
    }

    /// The same run as a demo, chosen on the first screen. Its made-up candles never go into the
    /// folder of the real ones.
    ///
    /// # Errors
    ///
    /// As [`Setup::read`].
    pub fn as_demo(args: &RunArgs) -> Result<Self, Trouble> {
        Self::read(&demo_args(args))
    }

    /// Looks for keys and opens the store. May wait for the user to unlock the keyring.
    ///
    /// # Errors
    ///
    /// Keyring or store trouble.
    pub fn open(self) -> Result<Opened, Trouble> {
        let (keys, keyring) = match self.demo {
            Some(_) => (demo::keys(), false),
            None => match keys::find(self.settings.kis.environment) {
                Found::Environment(keys) => (keys, false),
                Found::Keyring(keys) => (keys, true),
                Found::Missing => return Ok(Opened::NoKeys),
                // Without a keyring the environment is the other way.
                Found::Trouble(keys::KeyTrouble::NoService) => return Ok(Opened::NoKeys),
                Found::Trouble(trouble) => return Err(Trouble::other(&trouble.to_string())),
            },
        };
        Ok(Opened::Ready(Box::new(self.with_keys(keys, keyring)?)))
    }

    /// Opens the store for keys that are at hand.
    ///
    /// # Errors
    ///
    /// The store cannot be opened.
    pub fn with_keys(self, keys: Keys, keyring: bool) -> Result<Ready, Trouble> {
        refuse_newer(&self.paths.data_dir)?;
        let (store, notices) = Store::open(&self.paths.data_dir).map_err(|e| Trouble::file(&e))?;
        // The screen shows them too; without a window standard error is where they are seen.
        for notice in &notices {
            tracing::warn!("{notice}");
        }
        Ok(Ready {
            setup: self,
            keys,
            keyring,
            tokens: None,
            store,
            notices,
            open: None,
        })
    }
}

/// Refuses a folder in which a newer version keeps files beside the databases, which look for
/// themselves.
fn refuse_newer(data_dir: &Path) -> Result<(), Trouble> {
    match crate::places::newer(data_dir).or_else(|| reach::newer(data_dir)) {
        None => Ok(()),
        Some((file, found, known)) => Err(Trouble::file(&StoreError::Newer { file, found, known })),
    }
}

/// The arguments of a demo that was chosen on the first screen of a live run.
pub fn demo_args(args: &RunArgs) -> RunArgs {
    RunArgs {
        demo: true,
        config: None,
        data_dir: args.data_dir.as_ref().map(|dir| dir.join("demo")),
        ..args.clone()
    }
}

/// Takes the language into force that the configuration file asks for, before it is read in
/// earnest: one that is wrong is complained of in its own language.
pub fn speak(args: &RunArgs) {
    let choice = places(args)
        .ok()
        .and_then(|paths| settings::language_in(&paths.config))
        .unwrap_or(ScreenSettings::default().language);
    lang::speak(choice.language());
}

/// The places that arguments name.
///
/// # Errors
///
/// Exit code 2: the system names no home folder.
pub fn places(args: &RunArgs) -> Result<Paths, Trouble> {
    Paths::find(&Overrides {
        config: args.config.clone(),
        data_dir: args.data_dir.clone(),
        demo: args.demo,
    })
    .map_err(|e| Trouble::file(&e))
}

/// What looking for keys found.
pub enum Opened {
    /// No keys: the first run.
    NoKeys,
    /// Everything at hand.
    Ready(Box<Ready>),
}

/// Everything a run needs.
pub struct Ready {
    setup: Setup,
    keys: Keys,
    keyring: bool,
    tokens: Option<Arc<dyn TokenStore>>,
    store: Store,
    notices: Vec<Said>,
    open: Option<reach::Open>,
}

impl Ready {
    /// There is a window, which opens stocks for those who click a notification.
    pub fn with_window(self, open: reach::Open) -> Self {
        Self {
            open: Some(open),
            ..self
        }
    }

    /// Keeps the access token where it is already, instead of in the keyring.
    pub fn with_tokens(self, tokens: Arc<dyn TokenStore>) -> Self {
        Self {
            tokens: Some(tokens),
            ..self
        }
    }

    /// The engine's parts; call it inside the runtime. A demo starts its simulator here.
    ///
    /// # Errors
    ///
    /// What cannot be had, in the user's words.
    pub async fn parts(
        self,
        reports: Option<mpsc::Sender<Report>>,
        headless: bool,
    ) -> Result<Parts, String> {
        let Self {
            mut setup,
            keys,
            keyring,
            tokens,
            store,
            notices,
            open,
        } = self;
        let file = match setup.demo {
            Some(_) => None,
            None => {
                let file = SettingsFile::new(setup.paths.config.clone());
                if !setup.paths.config_named {
                    file.create_if_missing().map_err(|e| e.to_string())?;
                }
                Some(file)
            }
        };
        let mut badge = assemble::badge(&setup.settings);
        let mut clock = Clock::machine();
        let mut keep: Option<Box<dyn std::any::Any + Send>> = None;
        if let Some(options) = setup.demo {
            badge = Badge::Demo;
            let config = assemble::engine_config(&setup.settings, badge, headless)?;
            let codes = setup.settings.watched();
            let sim = demo::start(options, &config.rules, &codes, config.bars).await?;
            clock = sim.clock();
            setup.settings.kis.rest_url = Some(sim.rest_url());
            setup.settings.kis.ws_url = Some(sim.ws_url());
            setup.settings.kis.master_url = None;
            keep = Some(Box::new(sim));
        }
        // The demo's host and keys are its own.
        let kis = match setup.demo {
            Some(_) => assemble::client(&setup.settings, &keys, false, clock)?,
            None => assemble::live_client(&setup.settings, &keys, keyring, tokens, clock)?,
        };
        let data_dir = &setup.paths.data_dir;
        let reach = reach::Options {
            settings: setup.settings.reach.clone(),
            made_up: badge == Badge::Demo,
            clock,
            open,
            scratch: paths::runtime_dir().unwrap_or_else(|| data_dir.clone()),
            data_dir: data_dir.clone(),
            secrets: Arc::new(keys::reach::Secrets),
        };
        let lists = assemble::lists(&setup.settings, &setup.paths.data_dir, clock)?;
        Ok(Parts {
            lists: Some(lists),
            settings: setup.settings,
            file,
            store,
            notices,
            kis,
            clock,
            badge,
            reports,
            headless,
            reach: Some(reach),
            calendar: Calendar::new(),
            keep,
        })
    }
}
