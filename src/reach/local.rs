//! Ways to call that lie on this machine: each a device with a thread of its own, because a
//! service of the desktop may take its time, or never answer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::mpsc;

use super::{Options, words};
use crate::clock::Clock;
use crate::engine::{Call, Channel, Event, Outcome, ReachNews, Reached};
use crate::settings::ReachSettings;

/// Calls that may wait for one device. A further one is reported as failed: by then nobody would
/// connect the chime with its cause.
const QUEUE: usize = 512;

/// Something that calls.
pub(super) trait Device: Send {
    /// Whether it can be done here, and how.
    ///
    /// # Errors
    ///
    /// Why it cannot, and what helps, in the user's words.
    fn look(&mut self) -> Result<String, String>;

    /// Other settings from now on.
    fn set(&mut self, settings: &ReachSettings);

    /// How many calls one go takes at most.
    fn at_once(&self) -> usize {
        1
    }

    /// Tells of one call, or of several that came together; `made_up`: the prices are.
    ///
    /// # Errors
    ///
    /// Why it did not arrive, in the user's words.
    fn tell(&mut self, calls: &[Arc<Call>], made_up: bool) -> Result<(), String>;
}

enum Job {
    Call(Arc<Call>),
    Set(ReachSettings),
}

/// A device at work.
pub(super) struct Local {
    jobs: SyncSender<Job>,
    waiting: Arc<AtomicUsize>,
}

impl Local {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub(super) fn start(
        channel: Channel,
        device: Box<dyn Device>,
        options: &Options,
        events: mpsc::Sender<Event>,
    ) -> std::io::Result<Self> {
        let (jobs, orders) = sync_channel(QUEUE);
        let waiting = Arc::new(AtomicUsize::new(0));
        let mut worker = Worker {
            channel,
            device,
            made_up: options.made_up,
            clock: options.clock,
            waiting: waiting.clone(),
            events,
        };
        worker.device.set(&options.settings);
        let is_on = channel.is_on(&options.settings);
        std::thread::Builder::new()
            .name(format!("{channel:?}").to_lowercase())
            .spawn(move || {
                // What is off is not looked for: it might wake a service for nothing.
                if is_on {
                    worker.look();
                }
                worker.work(&orders);
            })?;
        Ok(Self { jobs, waiting })
    }

    /// Hands a call over. Never waits.
    pub(super) fn call(&self, call: Arc<Call>) -> Result<(), &'static str> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.jobs.try_send(Job::Call(call)).map_err(|error| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => t!("앞의 알림이 끝나지 않아 더 받을 수 없습니다."),
                TrySendError::Disconnected(_) => t!("멈췄습니다. 프로그램을 다시 시작하세요."),
            }
        })
    }

    pub(super) fn set(&self, settings: &ReachSettings) {
        if self.jobs.try_send(Job::Set(settings.clone())).is_err() {
            tracing::warn!("A device takes no settings now");
        }
    }
}

struct Worker {
    channel: Channel,
    device: Box<dyn Device>,
    made_up: bool,
    clock: Clock,
    waiting: Arc<AtomicUsize>,
    events: mpsc::Sender<Event>,
}

impl Worker {
    fn work(&mut self, orders: &Receiver<Job>) {
        let mut pulled: VecDeque<Job> = VecDeque::new();
        while let Some(job) = pulled.pop_front().or_else(|| orders.recv().ok()) {
            let mut calls = match job {
                Job::Set(settings) => {
                    self.device.set(&settings);
                    if self.channel.is_on(&settings) {
                        self.look();
                    }
                    continue;
                }
                Job::Call(call) => vec![call],
            };
            while calls.len() < self.device.at_once() {
                match pulled.pop_front().or_else(|| orders.try_recv().ok()) {
                    Some(Job::Call(call)) => calls.push(call),
                    Some(set @ Job::Set(_)) => {
                        pulled.push_front(set);
                        break;
                    }
                    None => break,
                }
            }
            let outcome = match self.device.tell(&calls, self.made_up) {
                Ok(()) => Outcome::Delivered,
                Err(why) => {
                    tracing::warn!("{:?}: {why}", self.channel);
                    Outcome::Failed(why.into())
                }
            };
            for call in &calls {
                let before = self.waiting.fetch_sub(1, Ordering::Relaxed);
                self.say(Reached::Told {
                    what: words::short(call).into(),
                    at: self.clock.now(),
                    outcome: outcome.clone(),
                    waiting: before.saturating_sub(1),
                });
            }
        }
    }

    fn look(&mut self) {
        let able = match self.device.look() {
            Ok(how) => Reached::Able(how.into()),
            Err(why) => {
                tracing::info!("{:?}: {why}", self.channel);
                Reached::Unable(why.into())
            }
        };
        self.say(able);
    }

    fn say(&self, what: Reached) {
        let channel = self.channel;
        let news = Event::Reached(ReachNews { channel, what });
        if self.events.blocking_send(news).is_err() {
            tracing::debug!("The engine is gone; news of a call is dropped");
        }
    }
}
