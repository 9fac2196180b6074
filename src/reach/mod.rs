//! Calling the user beyond the window: notification, chime and voice on this machine, Telegram and
//! webhook beyond it.
//!
//! The engine says what is told in which ways. Each way has a bounded queue and a worker of its
//! own, so that one that hangs holds up neither the engine nor the others. What became of a call
//! goes back to the engine as an event.

mod chime;
mod courier;
mod http;
mod local;
mod notification;
mod outbox;
mod program;
mod sound;
mod telegram;
mod voice;
mod webhook;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::domain::StockCode;
use crate::engine::{About, Call, Channel, Event, Outcome, ReachNews, Reached};
use crate::settings::{ReachSecret, ReachSettings};

use courier::{Connect, Courier, Route};
use local::{Device, Local};
use outbox::Message;

/// The program's id on the desktop, as its `.desktop` file has it.
#[cfg(target_os = "linux")]
const APP_ID: &str = "kr.jeongbae.Jeongbae";

/// Called when the user wants to see a stock, or the program.
pub type Open = Arc<dyn Fn(Option<StockCode>) + Send + Sync>;

/// Where secrets for calling are.
pub trait Secrets: Send + Sync {
    /// The secret; `None` where there is none. May wait for the user to unlock the keyring.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, and what helps, in the user's words.
    fn get(&self, which: ReachSecret) -> Result<Option<SecretString>, String>;
}

/// The first file of waiting messages in a data folder that a newer version wrote, that version,
/// and the newest that this program knows.
pub fn newer(data_dir: &Path) -> Option<(PathBuf, i64, i64)> {
    [Channel::Telegram, Channel::Webhook]
        .map(|channel| outbox_of(data_dir, channel))
        .into_iter()
        .find_map(|file| {
            let found = outbox::newer(&std::fs::read(&file).ok()?)?;
            Some((file, found, outbox::VERSION))
        })
}

fn outbox_of(data_dir: &Path, channel: Channel) -> PathBuf {
    data_dir.join(format!("outbox-{channel:?}.json").to_lowercase())
}

/// How long messages under way are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(3);

/// What is needed to call.
pub struct Options {
    /// The ways asked for at the start.
    pub settings: ReachSettings,
    /// The prices are made up: every call says so.
    pub made_up: bool,
    /// Market time.
    pub clock: Clock,
    /// The window, for those who click a notification; `None`: there is none, and only messages
    /// call.
    pub open: Option<Open>,
    /// A folder of the user's own for the chime's file.
    pub scratch: PathBuf,
    /// The data folder, where messages wait that could not be sent yet.
    pub data_dir: PathBuf,
    /// Where the secrets are.
    pub secrets: Arc<dyn Secrets>,
}

/// The ways to call the user.
pub struct Reach {
    locals: BTreeMap<Channel, Local>,
    couriers: BTreeMap<Channel, Courier>,
    made_up: bool,
    clock: Clock,
    events: mpsc::Sender<Event>,
}

impl Reach {
    /// Starts the workers; call it inside the runtime.
    pub fn start(options: Options, events: mpsc::Sender<Event>) -> Self {
        let mut devices: Vec<(Channel, Box<dyn Device>)> = Vec::new();
        if let Some(open) = &options.open {
            let path = program::Programs::of_this_system();
            devices.push((
                Channel::Notification,
                notification::device(open.clone(), path.clone()),
            ));
            let sound = sound::Sound::new(path.clone(), options.scratch.clone());
            devices.push((Channel::Sound, Box::new(sound)));
            devices.push((Channel::Voice, Box::new(voice::Voice::new(path))));
        }
        let (secrets, clock) = (options.secrets.clone(), options.clock);
        let lines = vec![
            (Channel::Telegram, telegram::connect(secrets.clone(), clock)),
            (Channel::Webhook, webhook::connect(secrets, clock)),
        ];
        Self::with(devices, lines, &options, events)
    }

    /// [`Reach::start`] with the devices and lines given.
    fn with(
        devices: Vec<(Channel, Box<dyn Device>)>,
        lines: Vec<(Channel, Connect)>,
        options: &Options,
        events: mpsc::Sender<Event>,
    ) -> Self {
        let start = |(channel, device)| {
            let worker = Local::start(channel, device, options, events.clone());
            let worker = worker.inspect_err(|e| tracing::error!("{channel:?} has no thread: {e}"));
            Some((channel, worker.ok()?))
        };
        let send = |(channel, connect)| {
            let courier = Courier::start(Route {
                channel,
                connect,
                settings: options.settings.clone(),
                outbox: outbox_of(&options.data_dir, channel),
                clock: options.clock,
                events: events.clone(),
            });
            (channel, courier)
        };
        Self {
            couriers: lines.into_iter().map(send).collect(),
            made_up: options.made_up,
            locals: devices.into_iter().filter_map(start).collect(),
            clock: options.clock,
            events,
        }
    }

    /// Calls in these ways. Never waits: what a queue cannot hold is reported as failed.
    pub fn call(&self, by: &[Channel], call: &Arc<Call>) {
        for channel in by {
            let taken = match (self.locals.get(channel), self.couriers.get(channel)) {
                (Some(local), _) => local.call(call.clone()),
                (None, Some(courier)) => courier.send(self.message(*channel, call)),
                (None, None) => Err(t!("창이 없는 실행에서는 쓸 수 없습니다.")),
            };
            if let Err(why) = taken {
                let told = Reached::Told {
                    what: words::short(call).into(),
                    at: self.clock.now(),
                    outcome: Outcome::Failed(why.into()),
                    waiting: 0,
                };
                self.tell(*channel, told);
            }
        }
    }

    /// Other ways from now on.
    pub fn set(&self, settings: &ReachSettings) {
        for local in self.locals.values() {
            local.set(settings);
        }
        for courier in self.couriers.values() {
            courier.set(settings);
        }
    }

    /// Writes down what is still to be sent, and ends. A device that hangs is left alone.
    pub async fn finish(self) {
        let ends = self.couriers.into_values().map(Courier::finish);
        let all = futures_util::future::join_all(ends);
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("Messages were not written down in time");
        }
    }

    fn message(&self, channel: Channel, call: &Call) -> Message {
        let content = match channel {
            Channel::Webhook => words::json(call, self.made_up).to_string(),
            _ => words::text(call, self.made_up),
        };
        Message {
            id: words::id(call),
            what: words::short(call),
            content,
            quiet: call.quiet,
            at: call.at.0,
            trial: call.about == About::Trial,
        }
    }

    fn tell(&self, channel: Channel, what: Reached) {
        tracing::warn!("{channel:?}: {what:?}");
        let events = self.events.clone();
        let news = Event::Reached(ReachNews { channel, what });
        tokio::spawn(async move {
            if events.send(news).await.is_err() {
                tracing::debug!("The engine is gone; news of a call is dropped");
            }
        });
    }
}

#[cfg(test)]
mod courier_tests;
#[cfg(test)]
mod line_tests;
#[cfg(test)]
mod tests;
