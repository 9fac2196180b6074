//! Calling the user beyond the window: notification, chime and voice here, Telegram and webhook
//! elsewhere.
//!
//! The engine says what is told in which ways. Each way has a bounded queue and a worker of its
//! own, so that one that hangs holds up neither the engine nor the others. What became of a call
//! goes back to the engine as an event.

mod chime;
mod local;
mod notification;
mod program;
mod sound;
mod voice;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::domain::StockCode;
use crate::engine::{Call, Channel, Event, Outcome, ReachNews, Reached};
use crate::settings::ReachSettings;

use local::{Device, Local};

/// The program's id on the desktop, as its `.desktop` file has it.
const APP_ID: &str = "kr.jeongbae.Jeongbae";

/// Called when the user wants to see a stock, or the program.
pub type Open = Arc<dyn Fn(Option<StockCode>) + Send + Sync>;

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
}

/// The ways to call the user.
pub struct Reach {
    locals: BTreeMap<Channel, Local>,
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
        Self::with_devices(devices, &options, events)
    }

    /// [`Reach::start`] with the devices given.
    fn with_devices(
        devices: Vec<(Channel, Box<dyn Device>)>,
        options: &Options,
        events: mpsc::Sender<Event>,
    ) -> Self {
        let start = |(channel, device)| {
            let worker = Local::start(channel, device, options, events.clone());
            let worker = worker.inspect_err(|e| tracing::error!("{channel:?} has no thread: {e}"));
            Some((channel, worker.ok()?))
        };
        Self {
            locals: devices.into_iter().filter_map(start).collect(),
            clock: options.clock,
            events,
        }
    }

    /// Calls in these ways. Never waits: what a queue cannot hold is reported as failed.
    pub fn call(&self, by: &[Channel], call: &Arc<Call>) {
        for channel in by {
            let taken = match self.locals.get(channel) {
                Some(local) => local.call(call.clone()),
                None => Err(t!("창이 없는 실행에서는 쓸 수 없습니다.")),
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
mod tests;
