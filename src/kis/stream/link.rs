//! Connections one after another, with the right pauses between them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::super::client::{Kis, jitter};
use super::backoff::Backoff;
use super::session::{End, Session};
use super::{Registration, StreamEvent, StreamOptions};

pub(super) async fn run(
    kis: Kis,
    options: StreamOptions,
    mut wanted: watch::Receiver<Arc<[Registration]>>,
    events: mpsc::Sender<StreamEvent>,
) {
    let mut backoff = Backoff::default();
    let mut reason = String::new();
    let mut session = Session::new(kis.clone(), options, events.clone());
    loop {
        if !something_wanted(&mut wanted).await {
            return;
        }
        let connecting = StreamEvent::Connecting {
            attempt: backoff.attempt(),
            reason: reason.clone(),
        };
        if events.send(connecting).await.is_err() {
            return;
        }
        match session.run(&mut wanted, &mut backoff).await {
            End::Stopped => return,
            End::Idle => {
                backoff = Backoff::default();
                reason.clear();
                if events.send(StreamEvent::Idle).await.is_err() {
                    return;
                }
            }
            End::Failed(failure) => {
                let share = jitter(1_000) as f64 / 1_000.0;
                let retry_in = backoff.after(failure.cause, share);
                tracing::warn!(?retry_in, "socket: {}", failure.reason);
                reason.clone_from(&failure.reason);
                let lost = StreamEvent::Lost {
                    reason: failure.reason,
                    retry_in,
                    error: failure.error,
                };
                if events.send(lost).await.is_err() || !rest(&kis, retry_in, &mut wanted).await {
                    return;
                }
            }
        }
    }
}

/// Waits until something is wanted; `false` when nobody will want anything any more.
async fn something_wanted(wanted: &mut watch::Receiver<Arc<[Registration]>>) -> bool {
    loop {
        if wanted.has_changed().is_err() {
            return false;
        }
        if !wanted.borrow_and_update().is_empty() {
            return true;
        }
        if wanted.changed().await.is_err() {
            return false;
        }
    }
}

/// Sleeps; `false` when the sender of `wanted` was dropped meanwhile.
async fn rest(
    kis: &Kis,
    pause: Duration,
    wanted: &mut watch::Receiver<Arc<[Registration]>>,
) -> bool {
    let clock = kis.clock();
    let sleep = clock.sleep(pause);
    tokio::pin!(sleep);
    loop {
        tokio::select! {
            () = &mut sleep => return wanted.has_changed().is_ok(),
            changed = wanted.changed() => if changed.is_err() {
                return false;
            },
        }
    }
}
