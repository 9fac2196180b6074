//! Sends messages one after another: paced, tried again, never lost by a network that is away.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::outbox::{Message, Outbox};
use crate::clock::Clock;
use crate::domain::Moment;
use crate::engine::{Channel, Event, Outcome, ReachNews, Reached};
use crate::settings::ReachSettings;

/// Messages that may be handed over while the disk is slow; a further one is reported as failed.
const QUEUE: usize = 512;
/// Waits after failures: a second, doubled each time up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What only the user can mend is tried again this seldom.
const SELDOM: Duration = Duration::from_secs(300);
/// Older messages are not sent any more: nobody acts on them.
const STALE_MS: i64 = 24 * 3_600_000;
/// How long a message under way is waited for at the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// What came of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was taken.
    Delivered,
    /// Not now: why, and when the other side wants to be asked again.
    Later(String, Option<Duration>),
    /// Not before the user has mended something.
    Blocked(String),
    /// This message never.
    Refused(String),
}

/// What sends one message.
pub(super) type Sending = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// A way out, with the secrets it needs.
pub(super) trait Line: Send + Sync {
    /// Begins to send.
    fn send(&self, message: Message) -> Sending;

    /// How it sends, for the screen; no secret.
    fn how(&self) -> String;

    /// The shortest time between two messages.
    fn gap(&self) -> Duration;
}

/// Makes a line of settings and secrets; the keyring may let it wait.
pub(super) type Connect =
    Arc<dyn Fn(&ReachSettings) -> Result<Arc<dyn Line>, String> + Send + Sync>;

enum Job {
    Send(Message),
    Set(ReachSettings),
}

/// A courier at work.
pub(super) struct Courier {
    jobs: mpsc::Sender<Job>,
    task: JoinHandle<()>,
}

/// What a courier is made of.
pub(super) struct Route {
    pub(super) channel: Channel,
    pub(super) connect: Connect,
    pub(super) settings: ReachSettings,
    pub(super) outbox: PathBuf,
    pub(super) clock: Clock,
    pub(super) events: mpsc::Sender<Event>,
}

impl Courier {
    /// Starts the task; call it inside the runtime.
    pub(super) fn start(route: Route) -> Self {
        let (jobs, orders) = mpsc::channel(QUEUE);
        let task = tokio::spawn(work(route, orders));
        Self { jobs, task }
    }

    /// Hands a message over. Never waits.
    pub(super) fn send(&self, message: Message) -> Result<(), &'static str> {
        self.jobs.try_send(Job::Send(message)).map_err(|error| {
            let is_full = matches!(error, mpsc::error::TrySendError::Full(_));
            match is_full {
                true => t!("앞의 알림이 끝나지 않아 더 받을 수 없습니다."),
                false => t!("멈췄습니다. 프로그램을 다시 시작하세요."),
            }
        })
    }

    pub(super) fn set(&self, settings: &ReachSettings) {
        if self.jobs.try_send(Job::Set(settings.clone())).is_err() {
            tracing::warn!("A courier takes no settings now");
        }
    }

    /// Writes down what is still to be sent, and ends.
    pub(super) async fn finish(self) {
        drop(self.jobs);
        if self.task.await.is_err() {
            tracing::error!("A courier ended early");
        }
    }
}

async fn work(route: Route, mut orders: mpsc::Receiver<Job>) {
    let file = route.outbox.clone();
    let opened = tokio::task::spawn_blocking(move || Outbox::open(file)).await;
    let Ok(outbox) = opened else {
        tracing::error!("An outbox broke");
        return;
    };
    let mut desk = Desk {
        channel: route.channel,
        connect: route.connect,
        settings: route.settings,
        clock: route.clock,
        events: route.events,
        outbox,
        line: None,
        next_at: Instant::now(),
        last: None,
        failures: 0,
        under_way: None,
        said: None,
    };
    desk.set_up().await;
    let mut sending: Option<Sending> = None;
    loop {
        if sending.is_none() {
            desk.drop_stale().await;
        }
        let due = desk.due();
        tokio::select! {
            job = orders.recv() => match job {
                None => break,
                Some(Job::Send(message)) => desk.take(message, sending.is_some()).await,
                Some(Job::Set(settings)) => {
                    desk.settings = settings;
                    // What is under way is a message of the line before; it counts all the same.
                    desk.set_up().await;
                }
            },
            verdict = next(&mut sending), if sending.is_some() => {
                sending = None;
                desk.settle(verdict).await;
            }
            () = tokio::time::sleep_until(desk.next_at), if due && sending.is_none() => {
                sending = desk.begin().await;
            }
        }
    }
    if let Some(sending) = sending
        && let Ok(verdict) = tokio::time::timeout(FAREWELL, sending).await
    {
        desk.settle(verdict).await;
    }
    desk.outbox.keep().await;
}

async fn next(sending: &mut Option<Sending>) -> Verdict {
    match sending {
        Some(sending) => sending.await,
        None => std::future::pending().await,
    }
}

struct Desk {
    channel: Channel,
    connect: Connect,
    settings: ReachSettings,
    clock: Clock,
    events: mpsc::Sender<Event>,
    outbox: Outbox,
    /// The way out; `None` until it is needed, or while it cannot be had.
    line: Option<Arc<dyn Line>>,
    /// When the next message may go.
    next_at: Instant,
    /// When the last one went.
    last: Option<Instant>,
    failures: u32,
    /// The id of the message being sent.
    under_way: Option<String>,
    /// The trouble the engine has heard of.
    said: Option<String>,
}

impl Desk {
    fn is_on(&self) -> bool {
        self.channel.is_on(&self.settings)
    }

    /// Whether there is something to do at `next_at`.
    fn due(&self) -> bool {
        let trial = self.outbox.first().is_some_and(|message| message.trial);
        0 < self.outbox.len() && (self.is_on() || trial)
    }

    /// Settings or secrets are new.
    async fn set_up(&mut self) {
        self.line = None;
        self.failures = 0;
        self.next_at = self.after_gap();
        if !self.is_on() {
            let why = t!("꺼져 있어 보내지 않았습니다.");
            for message in self.outbox.take_all() {
                self.tell(&message, Outcome::Failed(why.into())).await;
            }
            self.outbox.keep().await;
            return;
        }
        if let Err(why) = self.look().await {
            tracing::debug!("{:?} waits for its user: {why}", self.channel);
        }
    }

    /// Looks for the way out and says how it stands.
    async fn look(&mut self) -> Result<Arc<dyn Line>, String> {
        let (connect, settings) = (self.connect.clone(), self.settings.clone());
        let line = match tokio::task::spawn_blocking(move || connect(&settings)).await {
            Ok(line) => line,
            Err(error) => Err(error.to_string()),
        };
        match &line {
            Ok(line) => {
                self.say(Reached::Able(line.how().into())).await;
                self.line = Some(line.clone());
            }
            Err(why) => {
                tracing::info!("{:?}: {why}", self.channel);
                self.say(Reached::Unable(why.as_str().into())).await;
            }
        }
        line
    }

    async fn take(&mut self, message: Message, first_is_sent: bool) {
        if message.trial {
            // The user waits for it, and may have mended what was wrong.
            self.next_at = self.after_gap();
        }
        if let Some(lost) = self.outbox.add(message, first_is_sent) {
            let why = t!("기다리는 메시지가 너무 많아 가장 오래된 것을 버렸습니다.");
            self.tell(&lost, Outcome::Failed(why.into())).await;
        }
        self.outbox.keep().await;
    }

    async fn begin(&mut self) -> Option<Sending> {
        let message = self.outbox.first()?.clone();
        self.under_way = Some(message.id.clone());
        let line = match self.line.clone() {
            Some(line) => Ok(line),
            None => self.look().await,
        };
        match line {
            Ok(line) => {
                self.last = Some(Instant::now());
                Some(line.send(message))
            }
            Err(why) => {
                self.settle(Verdict::Blocked(why)).await;
                None
            }
        }
    }

    /// What became of the message under way.
    async fn settle(&mut self, verdict: Verdict) {
        let under_way = self.under_way.take();
        let first = self.outbox.first().cloned();
        // It may have been given up in the meantime.
        let Some(first) = first.filter(|first| Some(&first.id) == under_way.as_ref()) else {
            return;
        };
        let outcome = match verdict {
            Verdict::Delivered => Outcome::Delivered,
            Verdict::Refused(why) => Outcome::Failed(why.into()),
            Verdict::Later(why, _) | Verdict::Blocked(why) if first.trial => {
                Outcome::Failed(why.into())
            }
            Verdict::Later(why, after) => {
                let doubled = Duration::from_secs(1 << self.failures.min(6));
                self.failures += 1;
                return self
                    .wait(first, why, after.unwrap_or(doubled.min(LONGEST_WAIT)))
                    .await;
            }
            Verdict::Blocked(why) => return self.wait(first, why, SELDOM).await,
        };
        self.failures = 0;
        self.said = None;
        self.next_at = self.after_gap();
        self.outbox.take_first();
        self.outbox.keep().await;
        self.tell(&first, outcome).await;
    }

    /// Tries again later; says so once for each reason.
    async fn wait(&mut self, first: Message, why: String, wait: Duration) {
        self.next_at = Instant::now() + self.clock.real(wait);
        if self.said.as_ref() != Some(&why) {
            self.said = Some(why.clone());
            self.tell(&first, Outcome::Waits(why.into())).await;
        }
    }

    /// When the next message may go, if nothing is in its way.
    fn after_gap(&self) -> Instant {
        let gap = self.line.as_ref().map_or(Duration::ZERO, |line| line.gap());
        let now = Instant::now();
        let next = self.last.map(|last| last + self.clock.real(gap));
        next.unwrap_or(now).max(now)
    }

    async fn drop_stale(&mut self) {
        let now = self.clock.now();
        while let Some(first) = self.outbox.first()
            && STALE_MS < now.ms_since(Moment(first.at))
        {
            let why = t!("하루가 지나도록 보내지 못했습니다.");
            if let Some(first) = self.outbox.take_first() {
                self.outbox.keep().await;
                self.tell(&first, Outcome::Failed(why.into())).await;
            }
        }
    }

    async fn tell(&self, message: &Message, outcome: Outcome) {
        match &outcome {
            Outcome::Delivered => tracing::info!("{:?}: {} delivered", self.channel, message.id),
            other => tracing::warn!("{:?}: {}: {other:?}", self.channel, message.id),
        }
        self.say(Reached::Told {
            what: message.what.as_str().into(),
            at: self.clock.now(),
            outcome,
            waiting: self.outbox.len(),
        })
        .await;
    }

    async fn say(&self, what: Reached) {
        let channel = self.channel;
        let news = Event::Reached(ReachNews { channel, what });
        if self.events.send(news).await.is_err() {
            tracing::debug!("The engine is gone; news of a call is dropped");
        }
    }
}
