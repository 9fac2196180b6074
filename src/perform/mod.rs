//! Does what the engine wants done: requests to the broker, rows to the store, lines to those
//! who listen. Every call returns at once; outcomes come back as events.

mod edits;
mod fetch;
mod keep;
mod listing;
mod running;
mod socket;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};

use edits::{EDITS, edit_task};
pub use fetch::priority_of;
use fetch::{fetch, unanswered};
pub use keep::store_task;
pub use listing::Lists;
use running::Running;
use socket::{registration_out, stream_task};

use crate::clock::Clock;
use crate::domain::Market;
use crate::engine::backtest::{Backtest, BacktestJob};
use crate::engine::{Edit, Effect, Event, Failure, Listed, Loaded, Report, RestView};
use crate::kis::stream::{self, StreamOptions};
use crate::kis::{Kis, KisError, Retry};
use crate::lang::Said;
use crate::reach::{self, Reach};
use crate::settings::SettingsFile;
use crate::store::Store;

/// Jobs for the store beyond which no candles are added: they can be fetched again. Signals and
/// questions always are. Ten thousand mean that the disk has been stuck for minutes.
const STORE_QUEUE: usize = 10_000;
/// Seconds of request counts shown.
const SECONDS: i64 = SECONDS_HELD as i64;
const SECONDS_HELD: usize = 180;

/// What the performer works with.
pub struct Means {
    /// The broker's client.
    pub kis: Kis,
    /// How the socket behaves.
    pub stream: StreamOptions,
    /// The store.
    pub store: Store,
    /// The venue whose rows are kept.
    pub market: Market,
    /// The list of stocks; `None`: only the one the program carries.
    pub lists: Option<Lists>,
    /// Market time.
    pub clock: Clock,
    /// The configuration file; `None` in the demo, whose file is part of the program.
    pub file: Option<SettingsFile>,
    /// Those who listen to reports, such as `jeongbae watch`.
    pub reports: Option<mpsc::Sender<Report>>,
    /// How the user is called; `None`: not at all.
    pub reach: Option<reach::Options>,
}

/// Does what the engine wants done.
pub struct Performer {
    reach: Option<Reach>,
    kis: Kis,
    lists: Option<Lists>,
    clock: Clock,
    edits: Option<mpsc::Sender<Edit>>,
    editing: Option<tokio::task::JoinHandle<()>>,
    reports: Option<mpsc::Sender<Report>>,
    events: mpsc::Sender<Event>,
    wanted: watch::Sender<Arc<[stream::Registration]>>,
    store_jobs: mpsc::UnboundedSender<Effect>,
    store_waiting: Arc<AtomicUsize>,
    stream: tokio::task::JoinHandle<()>,
    store: tokio::task::JoinHandle<()>,
    running: Running,
}

impl Performer {
    /// Starts the socket and the store's queue; call it inside the runtime.
    #[expect(
        clippy::disallowed_methods,
        reason = "counted: candles are refused when it is long, a signal never is"
    )]
    pub fn start(means: Means, events: mpsc::Sender<Event>) -> Self {
        let (wanted, wants) = watch::channel::<Arc<[stream::Registration]>>(Arc::new([]));
        let stream = tokio::spawn(stream_task(
            means.kis.clone(),
            means.stream,
            means.clock,
            wants,
            events.clone(),
        ));
        let (store_jobs, jobs) = mpsc::unbounded_channel();
        let store_waiting = Arc::new(AtomicUsize::new(0));
        let store = tokio::spawn(store_task(
            means.store,
            means.market,
            jobs,
            store_waiting.clone(),
            events.clone(),
        ));
        let edits = means.file.map(|file| {
            let (sender, edits) = mpsc::channel(EDITS);
            let task = tokio::spawn(edit_task(file, edits, events.clone()));
            (sender, task)
        });
        let (edits, editing) = edits.unzip();
        let reach = means.reach.map(|o| Reach::start(o, events.clone()));
        Self {
            reach,
            kis: means.kis,
            lists: means.lists,
            clock: means.clock,
            edits,
            editing,
            reports: means.reports,
            events,
            wanted,
            store_jobs,
            store_waiting,
            stream,
            store,
            running: Running::default(),
        }
    }

    /// Does one thing. Never waits.
    pub fn perform(&self, effect: Effect) {
        match effect {
            Effect::FetchQuote { .. }
            | Effect::FetchQuotes { .. }
            | Effect::FetchOpenDays { .. }
            | Effect::FetchBook(_)
            | Effect::FetchPrints(_)
            | Effect::FetchMinutes { .. }
            | Effect::FetchPeriod { .. }
            | Effect::FetchCloses { .. } => self.fetch(effect),
            Effect::Abandon { code, all } => self.running.abandon(code, all),
            Effect::ForgetStock(code) => {
                self.kis.forget(code);
                self.store(effect);
            }
            Effect::LoadListing | Effect::FetchListing => self.list(effect),
            Effect::LoadStock { .. }
            | Effect::LoadCloses
            | Effect::SaveCloses { .. }
            | Effect::SaveRows { .. }
            | Effect::SaveCorrections { .. }
            | Effect::SaveDay { .. }
            | Effect::SavePartial { .. }
            | Effect::SavePeriod { .. }
            | Effect::SaveEnd { .. }
            | Effect::SaveName { .. }
            | Effect::SaveOpenDays { .. }
            | Effect::Record { .. }
            | Effect::KeepMarksOf(_)
            | Effect::MarkShown { .. }
            | Effect::MarkSeen(_) => self.store(effect),
            Effect::Subscribe(registrations) => {
                let list = registrations.iter().map(|r| registration_out(*r)).collect();
                self.wanted.send_replace(list);
            }
            Effect::Report(report) => self.report(report),
            Effect::Edit(edit) => self.edit(edit),
            Effect::Reach { by, call } => {
                if let Some(reach) = &self.reach {
                    reach.call(&by, &call);
                }
            }
            Effect::SetReach(settings) => {
                if let Some(reach) = &self.reach {
                    reach.set(&settings);
                }
            }
            Effect::Backtest(job) => self.backtest(*job),
        }
    }

    /// What the broker's REST side has been doing.
    pub fn rest(&self) -> RestView {
        let stats = self.kis.stats();
        let now = self.clock.now();
        let oldest = now.0.div_euclid(1_000) - SECONDS + 1;
        let mut seconds = vec![(0, 0); SECONDS_HELD];
        let mut known = vec![None; SECONDS_HELD];
        for count in &stats.history {
            let at = count.second.0.div_euclid(1_000) - oldest;
            if let Ok(at @ 0..SECONDS_HELD) = usize::try_from(at) {
                seconds[at] = (count.sent, count.refused);
                known[at] = Some(count.permitted);
            }
        }
        // A second without traffic has the rate of the one before.
        let first = stats.history.first().map(|count| count.permitted);
        let mut rate = first.unwrap_or(stats.permitted_per_second);
        let rates = known.into_iter().map(|permitted| {
            rate = permitted.unwrap_or(rate);
            rate
        });
        let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let waiting = stats.waiting;
        RestView {
            sent: stats.sent,
            refused: stats.refused,
            failed: stats.failed,
            saved: stats.saved,
            queue: stats.queue,
            waiting: [
                waiting.token,
                waiting.user,
                waiting.close,
                waiting.tail,
                waiting.backfill,
            ],
            drained_in_ms: ms(stats.drained_in),
            rests_ms: ms(stats.rests),
            strained: stats.strained,
            permitted: stats.permitted_per_second,
            configured: stats.configured_per_second,
            p50_ms: stats.p50_ms,
            p99_ms: stats.p99_ms,
            seconds: seconds.into(),
            rates: rates.collect(),
            registrations: 0,
            prints: 0,
            clock_offset_ms: self.kis.clock_offset_ms(),
            clock_corrected_ms: self.clock.correction_ms(),
        }
    }

    /// Unregisters everything, writes what is queued for store and configuration file, and ends.
    pub async fn finish(self) {
        let Self {
            reach,
            wanted,
            store_jobs,
            edits,
            editing,
            stream,
            store,
            clock,
            ..
        } = self;
        drop(wanted);
        drop(store_jobs);
        drop(edits);
        // The socket takes 4 s at most for its removals and 1 s for its close frame; an end
        // without them leaves the broker's slot locked.
        let patience = std::time::Duration::from_secs(6);
        if clock
            .timeout(patience.mul_f64(clock.speed().max(1.0)), stream)
            .await
            .is_none()
        {
            tracing::warn!("The socket did not close in time");
        }
        if let Some(reach) = reach {
            reach.finish().await;
        }
        if store.await.is_err() {
            tracing::error!("The store's queue ended early");
        }
        if let Some(editing) = editing
            && editing.await.is_err()
        {
            tracing::error!("The queue of the configuration file ended early");
        }
    }

    fn report(&self, report: Report) {
        let Some(reports) = &self.reports else { return };
        if let Err(mpsc::error::TrySendError::Full(report)) = reports.try_send(report) {
            // The reader of our lines is stuck. A signal is not dropped: it waits its turn.
            let reports = reports.clone();
            tokio::spawn(async move {
                if reports.send(report).await.is_err() {
                    tracing::debug!("Nobody listens to reports any more");
                }
            });
        }
    }

    fn store(&self, effect: Effect) {
        let candles = matches!(
            effect,
            Effect::SaveRows { .. }
                | Effect::SaveCorrections { .. }
                | Effect::SaveDay { .. }
                | Effect::SavePartial { .. }
                | Effect::SavePeriod { .. }
                | Effect::SaveEnd { .. }
                | Effect::SaveCloses { .. }
        );
        if candles && STORE_QUEUE <= self.store_waiting.load(Ordering::Relaxed) {
            let text = said!(
                "저장이 밀려 봉 데이터 일부를 기록하지 못했습니다. 디스크 상태를 확인하세요."
            );
            if let Effect::SaveRows { code, day, .. } = effect {
                self.tell(Event::RowsUnsaved { code, day });
            }
            return self.tell(Event::Trouble(plain_failure(text)));
        }
        self.store_waiting.fetch_add(1, Ordering::Relaxed);
        if let Err(mpsc::error::SendError(effect)) = self.store_jobs.send(effect) {
            let text = said!("저장 작업이 멈췄습니다. 프로그램을 다시 시작하세요.");
            self.tell(match effect {
                Effect::Record { batch, .. } => Event::Recorded {
                    batch,
                    error: Some(text),
                },
                Effect::LoadStock { code, .. } => Event::Loaded(Box::new(Loaded {
                    code: Some(code),
                    ..Loaded::default()
                })),
                _ => Event::Trouble(plain_failure(text)),
            });
        }
    }

    /// Sends an event from outside the async tasks.
    fn tell(&self, event: Event) {
        let events = self.events.clone();
        tokio::spawn(async move { send(&events, event).await });
    }

    fn fetch(&self, effect: Effect) {
        let (kis, events) = (self.kis.clone(), self.events.clone());
        let asked = effect.clone();
        // In a task of its own: should it break, the engine still gets its answer.
        let request = tokio::spawn(async move { fetch(&kis, effect).await });
        self.running.add(&asked, request.abort_handle());
        tokio::spawn(async move {
            let event = match request.await {
                Ok(event) => event,
                // Nobody wants the answer any more.
                Err(error) if error.is_cancelled() => return,
                Err(error) => {
                    tracing::error!("A request broke: {error}");
                    unanswered(
                        asked,
                        plain_failure(said!("요청을 처리하다가 내부 오류가 났습니다.")),
                    )
                }
            };
            if let Some(event) = event {
                send(&events, event).await;
            }
        });
    }

    fn list(&self, effect: Effect) {
        let (lists, events) = (self.lists.clone(), self.events.clone());
        tokio::spawn(async move {
            let asked = effect == Effect::FetchListing;
            let listed = match lists {
                None => Listed {
                    asked,
                    ..Listed::default()
                },
                Some(lists) if asked => lists.fetch().await,
                Some(lists) => lists.load().await,
            };
            send(&events, Event::Listed(listed)).await;
        });
    }

    /// On a thread that may take its time: neither the engine nor a request waits for it.
    fn backtest(&self, job: BacktestJob) {
        let events = self.events.clone();
        tokio::spawn(async move {
            let serial = job.serial;
            let done = match tokio::task::spawn_blocking(move || job.run()).await {
                Ok(done) => done,
                Err(error) => {
                    tracing::error!("A backtest broke: {error}");
                    Backtest::broken(serial)
                }
            };
            send(&events, Event::Backtested(Box::new(done))).await;
        });
    }

    fn edit(&self, edit: Edit) {
        let Some(edits) = &self.edits else { return };
        if edits.try_send(edit).is_err() {
            let text =
                said!("설정 파일을 쓰지 못하고 있습니다. 디스크 상태를 확인하고 다시 바꿔 보세요.");
            self.tell(Event::Trouble(plain_failure(text)));
        }
    }
}

async fn send(events: &mpsc::Sender<Event>, event: Event) {
    if events.send(event).await.is_err() {
        tracing::debug!("The engine is gone; an answer is dropped");
    }
}

/// The engine's word for a broker's error.
pub fn failure(error: &KisError) -> Failure {
    let retry_ms = match error.retry() {
        Retry::After(wait) => i64::try_from(wait.as_millis()).ok(),
        Retry::AfterNewToken => Some(1_000),
        Retry::Never => None,
    };
    Failure {
        text: error.user_message(),
        tr_id: error.tr_id().unwrap_or_default().to_owned(),
        msg_cd: error.msg_cd().unwrap_or_default().to_owned(),
        msg1: error.msg1().unwrap_or_default().to_owned(),
        http: error.http().unwrap_or_default(),
        retry_ms,
    }
}

fn plain_failure(text: Said) -> Failure {
    Failure {
        text,
        tr_id: String::new(),
        msg_cd: String::new(),
        msg1: String::new(),
        http: 0,
        retry_ms: None,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
