//! The background: one thread with the async runtime, the engine's loop, and the handle by which
//! the screen reaches it.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use crate::clock::{Clock, Pulse};
use crate::domain::StockCode;
use crate::engine::{Command, Effect, Event, Snapshot, State};
use crate::perform::Performer;

/// Pictures a second at most; the market is faster than any eye.
const PICTURE: Duration = Duration::from_millis(66);
/// A picture at least this often: it is the engine's heartbeat.
const HEARTBEAT: Duration = Duration::from_millis(1_000);
/// Market time between two ticks of the engine.
const TICK: Duration = Duration::from_millis(250);
/// Events taken in one go before time and screen get their turn.
const BURST: usize = 512;
/// Sleep of the machine that is worth a line in the log.
const SLEPT: Duration = Duration::from_secs(5);
/// How long the disk is waited for at the end.
const PATIENCE: Duration = Duration::from_secs(3);
/// Events that may wait. A full queue slows the senders down; nothing is dropped.
pub(crate) const EVENTS: usize = 8_192;

/// Called after each new picture with the stocks whose windows have news.
pub type Wake = Box<dyn Fn(&[StockCode]) + Send>;

/// The engine with its hands, ready to run.
pub struct Machine {
    /// The engine.
    pub state: State,
    /// What it wants done first.
    pub first: Vec<Effect>,
    /// Does what the engine wants done.
    pub performer: Performer,
    /// Market time.
    pub clock: Clock,
    /// Keeps alive what must live as long as the engine, such as the demo's simulator.
    pub keep: Option<Box<dyn std::any::Any + Send>>,
}

/// The screen's link to the background. Dropping it stops the background.
pub struct Handle {
    events: mpsc::Sender<Event>,
    pictures: watch::Receiver<Arc<Snapshot>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Handle {
    /// Starts the background. `build` runs inside the runtime and is given the engine's inbox.
    ///
    /// # Errors
    ///
    /// What `build` says, or that the system gives no thread.
    pub fn start<F, B>(build: F, wake: Wake) -> Result<Self, String>
    where
        F: FnOnce(mpsc::Sender<Event>) -> B + Send + 'static,
        B: Future<Output = Result<Machine, String>>,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("background")
            .enable_all()
            .build()
            .map_err(|error| {
                t!(
                    "백그라운드 작업을 시작하지 못했습니다: %{error}",
                    error = error
                )
            })?;
        let (events, inbox) = mpsc::channel(EVENTS);
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = std::sync::mpsc::sync_channel(1);
        let sender = events.clone();
        let thread = thread::Builder::new()
            .name("engine".into())
            .spawn(move || {
                runtime.block_on(async move {
                    match build(sender).await {
                        Ok(mut machine) => {
                            let first = machine.state.snapshot(Instant::now());
                            let (publish, pictures) = watch::channel(Arc::new(first));
                            if ready.send(Ok(pictures)).is_ok() {
                                run(machine, inbox, publish, wake, stopped).await;
                            }
                        }
                        Err(error) => {
                            if ready.send(Err(error)).is_err() {
                                tracing::error!("Nobody waited for the start");
                            }
                        }
                    }
                });
                runtime.shutdown_timeout(Duration::from_secs(2));
            })
            .map_err(|error| {
                t!(
                    "백그라운드 작업을 시작하지 못했습니다: %{error}",
                    error = error
                )
            })?;
        let pictures = started
            .recv()
            .map_err(|_gone| t!("백그라운드 작업이 시작하다가 멈췄습니다").to_owned())??;
        Ok(Self {
            events,
            pictures,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Sends a wish. Never blocks; `false` means that the engine is too busy or gone.
    pub fn send(&self, command: Command) -> bool {
        self.events.try_send(Event::Command(command)).is_ok()
    }

    /// The newest picture.
    pub fn latest(&self) -> Arc<Snapshot> {
        self.pictures.borrow().clone()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop = None; // Hanging up is the signal; the join is the answer.
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("The background ended with a panic");
        }
    }
}

/// Runs the engine until the other end of `stop` is dropped. Not until the inbox closes: our own
/// tasks hold senders and would keep each other alive.
pub async fn run(
    machine: Machine,
    mut inbox: mpsc::Receiver<Event>,
    publish: watch::Sender<Arc<Snapshot>>,
    wake: Wake,
    mut stop: oneshot::Receiver<()>,
) {
    let Machine {
        mut state,
        first,
        performer,
        clock,
        keep,
    } = machine;
    let mut picture = tokio::time::interval(PICTURE);
    picture.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut tick = tokio::time::interval(clock.real(TICK).max(Duration::from_millis(5)));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut pulse = Pulse::new(clock);
    let mut effects = first;
    let mut burst = Vec::with_capacity(BURST);
    let mut dirty = true;
    let mut shown_at = Instant::now();
    let mut records = 0;
    let perform = |effects: &mut Vec<Effect>, records: &mut usize| {
        for effect in effects.drain(..) {
            *records += usize::from(matches!(effect, Effect::Record { .. }));
            performer.perform(effect);
        }
    };
    perform(&mut effects, &mut records);
    loop {
        tokio::select! {
            biased; // Top to bottom, so a burst of prints can starve neither stop, time nor screen.
            _ = &mut stop => break,
            _ = tick.tick() => {
                let leap = pulse.beat();
                if leap.moved_ms != 0 {
                    tracing::warn!("the clock was set by {} ms; nobody slept", leap.moved_ms);
                    let event = Event::ClockMoved { by_ms: leap.moved_ms };
                    state.apply(clock.now(), event, &mut effects);
                }
                if SLEPT <= leap.slept {
                    tracing::warn!("the machine slept for {} s", leap.slept.as_secs());
                }
                state.apply(clock.now(), Event::Tick, &mut effects);
                // Time alone changes little: the heartbeat's picture carries the clock.
                dirty |= state.take_news() || !effects.is_empty();
            }
            _ = picture.tick(), if dirty || HEARTBEAT <= shown_at.elapsed() => {
                state.apply(clock.now(), Event::Rest(performer.rest()), &mut effects);
                let news = state.windows_with_news();
                publish.send_replace(Arc::new(state.snapshot(Instant::now())));
                wake(&news);
                shown_at = Instant::now();
                dirty = false;
            }
            count = inbox.recv_many(&mut burst, BURST) => {
                if count == 0 {
                    break;
                }
                for event in burst.drain(..) {
                    if matches!(event, Event::Recorded { .. }) {
                        records = records.saturating_sub(1);
                    }
                    state.apply(clock.now(), event, &mut effects);
                }
                dirty = true;
            }
        }
        perform(&mut effects, &mut records);
    }
    leave(&mut state, clock, &performer, &mut inbox, records).await;
    let finishing = performer.finish();
    tokio::pin!(finishing);
    // Tasks that still have something to say must not wait for room for ever.
    loop {
        tokio::select! {
            () = &mut finishing => break,
            Some(_) = inbox.recv() => {}
        }
    }
    drop(keep);
}

/// Waits for what is on its way to disk and tells of it, so that nothing judged is lost on the
/// way out. Asks for nothing new.
async fn leave(
    state: &mut State,
    clock: Clock,
    performer: &Performer,
    inbox: &mut mpsc::Receiver<Event>,
    mut records: usize,
) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut effects = Vec::new();
    // What the user asked for last, such as what closing does from now on, is still kept.
    while let Ok(event) = inbox.try_recv() {
        let recorded = matches!(event, Event::Recorded { .. });
        if recorded || matches!(event, Event::Command(_)) {
            records = records.saturating_sub(usize::from(recorded));
            state.apply(clock.now(), event, &mut effects);
            records += keep(performer, &mut effects);
        }
    }
    while 0 < records {
        let event = match tokio::time::timeout_at(deadline, inbox.recv()).await {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(_late) => {
                tracing::warn!("The disk is slow: {records} records are not confirmed");
                return;
            }
        };
        if !matches!(event, Event::Recorded { .. }) {
            continue;
        }
        records -= 1;
        state.apply(clock.now(), event, &mut effects);
        records += keep(performer, &mut effects);
    }
}

/// Does of the last effects what is written down or told; how many of them are records.
fn keep(performer: &Performer, effects: &mut Vec<Effect>) -> usize {
    let mut records = 0;
    for effect in effects.drain(..) {
        records += usize::from(matches!(effect, Effect::Record { .. }));
        if matches!(
            effect,
            Effect::Record { .. }
                | Effect::MarkShown { .. }
                | Effect::MarkSeen(_)
                | Effect::Edit(_)
                | Effect::Report(_)
                | Effect::Reach { .. }
        ) {
            performer.perform(effect);
        }
    }
    records
}
