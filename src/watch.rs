//! `jeongbae watch`: the engine without a window, for servers and scripts.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot, watch};

use crate::assemble;
use crate::cli::WatchArgs;
use crate::clock::Clock;
use crate::domain::{Moment, Signal, Source, grouped};
use crate::engine::{LinkState, Report, Snapshot};
use crate::log;
use crate::runtime::{self, Machine};
use crate::session::{Opened, Setup, Stop, Trouble, complain};

/// Reports that may wait for a slow reader of our lines.
const LINES: usize = 65_536;
/// A line of counters this often, market time.
const STATS: Duration = Duration::from_secs(10);
/// How long a stuck reader is waited for at the end.
const FAREWELL: Duration = Duration::from_secs(3);

/// Runs until stopped; returns the exit code.
pub fn run(args: &WatchArgs) -> u8 {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&Trouble::other(&error.to_string())),
    };
    let outcome = runtime.block_on(start_and_watch(args.clone()));
    // A keyring's question may still be open in a thread; it must not hold the program up.
    runtime.shutdown_timeout(Duration::from_secs(2));
    match outcome {
        Ok(()) => 0,
        Err(trouble) => complain(&trouble),
    }
}

/// Ctrl+C is heard from the first moment on: also a start that hangs ends cleanly.
async fn start_and_watch(args: WatchArgs) -> Result<(), Trouble> {
    let mut stop = Stop::listen()?;
    let (reports, lines) = mpsc::channel(LINES);
    let (events, inbox) = mpsc::channel(runtime::EVENTS);
    let start = async {
        let run = args.run.clone();
        let begin = move || {
            let setup = Setup::read(&run)?;
            let logging = log::start(&setup.paths.log_dir()).map_err(|e| Trouble::file(&e))?;
            Ok((setup.open()?, logging))
        };
        let (opened, logging) = tokio::task::spawn_blocking(begin)
            .await
            .map_err(|error| Trouble::other(&error.to_string()))??;
        let ready = match opened {
            Opened::NoKeys => return Err(Trouble::no_keys()),
            Opened::Ready(ready) => ready,
        };
        let other = |text: String| Trouble::other(&text);
        let parts = ready.parts(Some(reports), true).await.map_err(other)?;
        let machine = assemble::machine(parts, events).await.map_err(other)?;
        Ok((machine, logging))
    };
    let (machine, logging) = tokio::select! {
        started = start => started?,
        () = stop.asked() => return Ok(()),
    };
    let outcome = watch(machine, inbox, lines, &args, &mut stop).await;
    drop(logging);
    outcome
}

async fn watch(
    mut machine: Machine,
    inbox: mpsc::Receiver<crate::engine::Event>,
    reports: mpsc::Receiver<Report>,
    args: &WatchArgs,
    stop: &mut Stop,
) -> Result<(), Trouble> {
    let clock = machine.clock;
    let first = machine.state.snapshot(std::time::Instant::now());
    let (publish, pictures) = watch::channel(Arc::new(first));
    let (running, stopped) = oneshot::channel();
    let wake = Box::new(|_: &[crate::domain::StockCode]| {});
    let engine = runtime::run(machine, inbox, publish, wake, stopped);
    let mut engine = tokio::spawn(engine);
    let mut running = Some(running);
    let (lines, mut written) = Lines::start(args.json, reports)?;
    let until = args.seconds.map(|s| clock.real(Duration::from_secs_f64(s)));
    let over = async {
        match until {
            Some(real) => tokio::time::sleep(real).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    let mut stats = tokio::time::interval(clock.real(STATS).max(Duration::from_millis(10)));
    stats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    stats.tick().await;
    loop {
        tokio::select! {
            ended = &mut engine => {
                ended.map_err(|error| Trouble::other(&t!("엔진이 멈췄습니다: %{error}", error = error)))?;
                break;
            }
            // Nobody reads any more, or nothing can be written: there is nothing left to do.
            unwritten = &mut written => {
                hang_up(running.take(), engine).await?;
                return unwritten.map_or(Ok(()), |error| Err(cannot_write(&error)));
            }
            _ = stats.tick(), if args.json && running.is_some() => {
                let picture = pictures.borrow().clone();
                // Where the reader is stuck, old counters are of no use to anybody.
                if lines.try_send(stats_json(&picture, clock)).is_err() {
                    tracing::debug!("The reader of our lines is slow; counters are left out");
                }
            }
            () = &mut over, if running.is_some() => running = None,
            // A second Ctrl+C does not wait for anything.
            () = stop.asked() => if running.take().is_none() {
                return Ok(());
            },
        }
    }
    drop(lines);
    tokio::select! {
        waited = tokio::time::timeout(FAREWELL, written) => match waited {
            Ok(Ok(error)) => return Err(cannot_write(&error)),
            Ok(Err(_)) => {}
            Err(_) => tracing::warn!("The reader of our lines is stuck; lines are lost"),
        },
        () = stop.asked() => {}
    }
    Ok(())
}

async fn hang_up(
    running: Option<oneshot::Sender<()>>,
    engine: tokio::task::JoinHandle<()>,
) -> Result<(), Trouble> {
    drop(running);
    engine
        .await
        .map_err(|error| Trouble::other(&t!("엔진이 멈췄습니다: %{error}", error = error)))
}

fn cannot_write(error: &std::io::Error) -> Trouble {
    Trouble::other(&t!(
        "출력을 쓸 수 없어 끝냅니다: %{error}. 저장 공간이 남아 있는지 확인하세요.",
        error = error
    ))
}

/// Writes lines to standard output, in a thread of its own: a reader that does not read holds up
/// neither the engine nor Ctrl+C.
struct Lines;

impl Lines {
    /// The second part answers when everything is written, or nobody reads any more; with an error
    /// where there is a reader and lines do not get to it, as to a full disk.
    fn start(
        json: bool,
        mut reports: mpsc::Receiver<Report>,
    ) -> Result<(mpsc::Sender<String>, oneshot::Receiver<std::io::Error>), Trouble> {
        let (lines, mut waiting) = mpsc::channel::<String>(1_024);
        let (done, written) = oneshot::channel::<std::io::Error>();
        let sender = lines.clone();
        tokio::spawn(async move {
            while let Some(report) = reports.recv().await {
                let line = match json {
                    true => report_json(&report).to_string(),
                    false => report_text(&report),
                };
                if sender.send(line).await.is_err() {
                    return;
                }
            }
        });
        let thread = std::thread::Builder::new().name("lines".into());
        let started = thread.spawn(move || {
            while let Some(line) = waiting.blocking_recv() {
                let mut out = std::io::stdout().lock();
                if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
                    if error.kind() != std::io::ErrorKind::BrokenPipe {
                        // Whoever waits for it may have gone.
                        done.send(error).ok();
                    }
                    return;
                }
            }
            drop(done);
        });
        match started {
            Ok(_) => Ok((lines, written)),
            Err(error) => Err(Trouble::other(&error.to_string())),
        }
    }
}

fn stats_json(picture: &Snapshot, clock: Clock) -> String {
    let rest = &picture.rest;
    json!({
        "type": "stats",
        "sent": rest.sent,
        "refused": rest.refused,
        "failed": rest.failed,
        "ticks": rest.prints,
        "p50_ms": rounded(rest.p50_ms),
        "p99_ms": rounded(rest.p99_ms),
        "registrations": rest.registrations,
        "at": clock.now().rfc3339(),
    })
    .to_string()
}

fn rounded(ms: f64) -> f64 {
    (ms * 10.0).round() / 10.0
}

/// The word of the contract for a link state.
fn link_word(state: LinkState) -> &'static str {
    match state {
        LinkState::Connecting => "connecting",
        LinkState::Live => "live",
        LinkState::Reconnecting => "reconnecting",
        LinkState::Closed => "closed",
    }
}

/// One line of `watch --json`.
pub fn report_json(report: &Report) -> Value {
    match report {
        Report::Link { state, at, reason } => {
            let mut line =
                json!({ "type": "link", "state": link_word(*state), "at": at.rfc3339() });
            if let (Some(reason), false) = (reason, *state == LinkState::Live) {
                line["reason"] = json!(reason.to_string());
            }
            line
        }
        Report::History {
            code,
            timeframe,
            have,
            need,
            at,
        } => json!({
            "type": "history",
            "code": code.as_str(),
            "timeframe": timeframe.to_string(),
            "have": have,
            "need": need,
            "at": at.rfc3339(),
        }),
        Report::Trigger(signal) => trigger_json(signal),
        Report::Error { failure, at } => json!({
            "type": "error",
            "tr_id": failure.tr_id,
            "msg_cd": failure.msg_cd,
            "msg1": failure.msg1,
            "http": failure.http,
            "text": failure.text.to_string(),
            "at": at.rfc3339(),
        }),
    }
}

fn trigger_json(signal: &Signal) -> Value {
    let averages: Map<String, Value> = signal
        .averages
        .iter()
        .map(|(n, text)| (n.to_string(), json!(text)))
        .collect();
    let mut line = json!({
        "type": "trigger",
        "stage": signal.stage.as_str(),
        "rule": &*signal.rule_name,
        "code": signal.key.code.as_str(),
        "name": &*signal.stock_name,
        "timeframe": signal.key.timeframe.to_string(),
        "bar": whole_seconds(signal.key.bar),
        "price": signal.price,
        "averages": averages,
        "source": signal.source.as_str(),
        "at": signal.at.rfc3339(),
        "id": signal.key.id(),
    });
    if let Some(reason) = &signal.reason {
        line["reason"] = json!(&**reason);
    }
    line
}

/// Bars open on whole seconds.
fn whole_seconds(at: Moment) -> String {
    format!("{}T{}+09:00", at.day(), at.clock_text())
}

fn report_text(report: &Report) -> String {
    match report {
        Report::Link { state, at, reason } => {
            let word = match state {
                LinkState::Connecting => t!("연결 중"),
                LinkState::Live => t!("실시간"),
                LinkState::Reconnecting => t!("재연결 중"),
                LinkState::Closed => t!("장 마감"),
            };
            let reason = reason
                .as_ref()
                .map(|r| format!(" ({r})"))
                .unwrap_or_default();
            let at = at.clock_text();
            t!(
                "%{at} 연결: %{word}%{reason}",
                at = at,
                word = word,
                reason = reason
            )
        }
        Report::History {
            code,
            timeframe,
            have,
            need,
            at,
        } => t!(
            "%{at} %{code} %{frame} %{need}봉 필요 / %{have}봉 보유",
            at = at.clock_text(),
            code = code,
            frame = timeframe.name(),
            need = need,
            have = have
        ),
        Report::Trigger(signal) => {
            let stage = match signal.stage {
                crate::domain::Stage::Forming => t!("형성 중"),
                crate::domain::Stage::Confirmed => t!("확정"),
                crate::domain::Stage::Withdrawn => t!("취소" in "signal"),
                crate::domain::Stage::Late => t!("지연" in "signal"),
            };
            let source = match signal.source {
                Source::Rest => t!("분봉"),
                Source::Ticks => t!("체결"),
            };
            t!(
                "%{at} 신호 %{stage}: %{name} %{code} ‘%{rule}’ %{frame} 봉 %{bar} %{price}원 (%{source})",
                at = signal.at.clock_text(),
                stage = stage,
                name = signal.stock_name,
                code = signal.key.code,
                rule = signal.rule_name,
                frame = signal.key.timeframe.name(),
                bar = whole_seconds(signal.key.bar),
                price = grouped(signal.price),
                source = source
            )
        }
        Report::Error { failure, at } => {
            t!(
                "%{at} 오류: %{text} %{code}",
                at = at.clock_text(),
                text = failure.text,
                code = failure.msg_cd
            )
        }
    }
}
