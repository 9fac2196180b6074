//! `jeongbae watch`: the engine without a window, for servers and scripts.

use std::io::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot, watch};

use crate::assemble::{self, Parts};
use crate::cli::WatchArgs;
use crate::clock::Clock;
use crate::domain::{Moment, Signal, Source};
use crate::engine::{LinkState, Report, Snapshot};
use crate::session::{self, Opened, Setup};

/// Reports that may wait for a slow reader of our lines.
const LINES: usize = 65_536;
/// A line of counters this often, market time.
const STATS: Duration = Duration::from_secs(10);

/// Runs until stopped; returns the exit code.
pub fn run(args: &WatchArgs) -> u8 {
    let setup = match Setup::read(&args.run) {
        Ok(setup) => setup,
        Err(error) => return session::complain(&error),
    };
    let opened = match setup.open() {
        Ok(Opened::NoKeys) => {
            return session::complain(&session::Trouble::no_keys());
        }
        Ok(Opened::Ready(ready)) => ready,
        Err(error) => return session::complain(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return session::complain(&session::Trouble::other(&error.to_string())),
    };
    runtime.block_on(async {
        let (reports, lines) = mpsc::channel(LINES);
        let parts = match opened.parts(Some(reports), true).await {
            Ok(parts) => parts,
            Err(error) => return session::complain(&session::Trouble::other(&error)),
        };
        match watch(parts, lines, args).await {
            Ok(()) => 0,
            Err(error) => session::complain(&session::Trouble::other(&error)),
        }
    })
}

async fn watch(
    parts: Parts,
    mut lines: mpsc::Receiver<Report>,
    args: &WatchArgs,
) -> Result<(), String> {
    let clock = parts.clock;
    let (events, inbox) = mpsc::channel(8_192);
    let mut machine = assemble::machine(parts, events).await?;
    let first = machine.state.snapshot(std::time::Instant::now());
    let (publish, pictures) = watch::channel(std::sync::Arc::new(first));
    let (stop, stopped) = oneshot::channel();
    let wake = Box::new(|_: &[crate::domain::StockCode]| {});
    let engine = tokio::spawn(crate::runtime::run(machine, inbox, publish, wake, stopped));
    let mut stop = Some(stop);
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
    let mut out = Lines { json: args.json };
    let outcome = loop {
        tokio::select! {
            report = lines.recv() => match report {
                Some(report) => if !out.report(&report) { break Ok(()) },
                None => break Ok(()),
            },
            _ = stats.tick(), if stop.is_some() => {
                let picture = pictures.borrow().clone();
                if !out.stats(&picture, clock) { break Ok(()) }
            }
            () = &mut over, if stop.is_some() => stop = None,
            stopped = stop_signal(), if stop.is_some() => {
                stop = None;
                if let Err(error) = stopped {
                    break Err(format!("Ctrl+C를 받을 수 없습니다: {error}"));
                }
            }
        }
    };
    drop(stop);
    drop(lines);
    engine
        .await
        .map_err(|error| format!("엔진이 멈췄습니다: {error}"))?;
    outcome
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Writes lines to standard output.
struct Lines {
    json: bool,
}

impl Lines {
    /// Writes one line; `false` when nobody reads any more.
    fn write(&mut self, line: &str) -> bool {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
    }

    fn report(&mut self, report: &Report) -> bool {
        let line = match self.json {
            true => report_json(report).to_string(),
            false => report_text(report),
        };
        self.write(&line)
    }

    fn stats(&mut self, picture: &Snapshot, clock: Clock) -> bool {
        let rest = &picture.rest;
        if !self.json {
            return true;
        }
        let line = json!({
            "type": "stats",
            "sent": rest.sent,
            "refused": rest.refused,
            "failed": rest.failed,
            "ticks": rest.prints,
            "p50_ms": rounded(rest.p50_ms),
            "p99_ms": rounded(rest.p99_ms),
            "registrations": rest.registrations,
            "at": clock.now().rfc3339(),
        });
        self.write(&line.to_string())
    }
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
                line["reason"] = json!(&**reason);
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
            "text": failure.text,
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
                LinkState::Connecting => "연결 중",
                LinkState::Live => "실시간",
                LinkState::Reconnecting => "재연결 중",
                LinkState::Closed => "장 마감",
            };
            let reason = reason
                .as_deref()
                .map(|r| format!(" ({r})"))
                .unwrap_or_default();
            format!("{} 연결: {word}{reason}", at.clock_text())
        }
        Report::History {
            code,
            timeframe,
            have,
            need,
            at,
        } => format!(
            "{} {code} {} {need}봉 필요 / {have}봉 보유",
            at.clock_text(),
            timeframe.korean()
        ),
        Report::Trigger(signal) => {
            let stage = match signal.stage {
                crate::domain::Stage::Forming => "형성 중",
                crate::domain::Stage::Confirmed => "확정",
                crate::domain::Stage::Withdrawn => "취소",
                crate::domain::Stage::Late => "지연",
            };
            let source = match signal.source {
                Source::Rest => "분봉",
                Source::Ticks => "체결",
            };
            format!(
                "{} 신호 {stage}: {} {} ‘{}’ {} 봉 {} {}원 ({source})",
                signal.at.clock_text(),
                signal.stock_name,
                signal.key.code,
                signal.rule_name,
                signal.key.timeframe.korean(),
                whole_seconds(signal.key.bar),
                signal.price
            )
        }
        Report::Error { failure, at } => {
            format!(
                "{} 오류: {} {}",
                at.clock_text(),
                failure.text,
                failure.msg_cd
            )
        }
    }
}
