//! The program's own parts on a simulator that shares their clock, in this process.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jeongbae::assemble::{self, Parts};
use jeongbae::clock::Clock;
use jeongbae::domain::{Calendar, Moment};
use jeongbae::engine::{Badge, Command, Report, Snapshot};
use jeongbae::keys::Keys;
use jeongbae::runtime::Handle;
use jeongbae::settings::{Settings, SettingsFile};
use jeongbae::sim::{Sim, SimOptions};
use jeongbae::store::Store;
use tokio::sync::mpsc;

/// Real time after which a test gives up; nothing is proved by it.
const PATIENCE: Duration = Duration::from_secs(300);

/// A simulator and a runtime for it.
pub struct Broker {
    // Dropped before its runtime.
    pub sim: Option<Sim>,
    pub clock: Clock,
    runtime: tokio::runtime::Runtime,
}

impl Broker {
    pub fn start(options: SimOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let sim = runtime.block_on(Sim::start(options)).unwrap();
        Self {
            clock: sim.clock(),
            sim: Some(sim),
            runtime,
        }
    }

    pub fn sim(&self) -> &Sim {
        self.sim.as_ref().unwrap()
    }

    /// Runs something of the test's own beside the simulator.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }
}

/// The running engine with client and store.
pub struct Rig {
    handle: Option<Handle>,
    reports: mpsc::Receiver<Report>,
    pub seen: Vec<Report>,
}

/// What a rig is made of.
pub struct Build<'a> {
    pub config: &'a str,
    pub rest_url: String,
    pub ws_url: String,
    pub clock: Clock,
    pub data_dir: &'a Path,
    pub app_key: &'a str,
    pub app_secret: &'a str,
    /// Where copies agree with each other; `None`: this one is alone.
    pub lock_dir: Option<&'a Path>,
    /// The configuration file that the program changes.
    pub file: Option<SettingsFile>,
}

impl<'a> Build<'a> {
    pub fn on(broker: &Broker, config: &'a str, data_dir: &'a Path) -> Self {
        Self {
            config,
            rest_url: broker.sim().rest_url(),
            ws_url: broker.sim().ws_url(),
            clock: broker.clock,
            data_dir,
            app_key: super::FAKE_KEY,
            app_secret: super::FAKE_SECRET,
            lock_dir: None,
            file: None,
        }
    }
}

impl Rig {
    pub fn start(build: Build<'_>) -> Self {
        let mut settings = Settings::parse(Path::new("test.toml"), build.config).unwrap();
        settings.kis.rest_url = Some(build.rest_url);
        settings.kis.ws_url = Some(build.ws_url);
        let keys = Keys {
            app_key: build.app_key.to_owned().into(),
            app_secret: build.app_secret.to_owned().into(),
        };
        let (store, notices) = Store::open(build.data_dir).unwrap();
        let clock = build.clock;
        let file = build.file;
        let lock_dir = build.lock_dir.map(Path::to_owned);
        let data_dir = build.data_dir.to_owned();
        let (reporter, reports) = mpsc::channel(65_536);
        let make = move |events| async move {
            let kis = assemble::client_with(&settings, &keys, None, lock_dir, clock)?;
            let lists = assemble::lists(&settings, &data_dir, clock)?;
            let parts = Parts {
                lists: Some(lists),
                settings,
                file,
                store,
                notices,
                kis,
                clock,
                badge: Badge::Real,
                reports: Some(reporter),
                headless: true,
                reach: None,
                calendar: Calendar::new(),
                keep: None,
            };
            assemble::machine(parts, events).await
        };
        let handle = Handle::start(make, Box::new(|_: &[_]| {})).unwrap();
        Self {
            handle: Some(handle),
            reports,
            seen: Vec::new(),
        }
    }

    pub fn send(&self, command: Command) {
        assert!(self.handle.as_ref().unwrap().send(command));
    }

    pub fn picture(&self) -> Arc<Snapshot> {
        self.handle.as_ref().unwrap().latest()
    }

    /// Takes in the reports that have come; how many there are now.
    pub fn listen(&mut self) -> usize {
        while let Ok(report) = self.reports.try_recv() {
            self.seen.push(report);
        }
        self.seen.len()
    }

    /// Waits until something holds; panics with the newest picture when it never does.
    pub fn wait_until<T>(
        &mut self,
        what: &str,
        holds: impl Fn(&Snapshot, &[Report]) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.listen();
            let picture = self.picture();
            if let Some(found) = holds(&picture, &self.seen) {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "waited in vain for {what}\nlink {:?}\nrest {:?}\nnotices {:#?}\nrows {:#?}\nreports {:#?}",
                picture.link,
                (picture.rest.sent, picture.rest.refused, picture.rest.failed),
                picture.notices,
                picture.rows,
                self.seen.iter().rev().take(30).collect::<Vec<_>>()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the market's clock has passed a moment.
    pub fn wait_for_time(&mut self, at: Moment) {
        self.wait_until("market time", |picture, _| {
            (at <= picture.now).then_some(())
        });
    }

    /// Ends the engine in good order; every report it gave.
    pub fn finish(mut self) -> Vec<Report> {
        drop(self.handle.take());
        self.listen();
        std::mem::take(&mut self.seen)
    }
}
