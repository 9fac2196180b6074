//! Connections one after another, with the right pauses between them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::super::client::{Kis, jitter};
use super::super::locks::Held;
use super::backoff::Backoff;
use super::session::{End, Session};
use super::{Feed, Registration, StreamEvent, StreamOptions};
use crate::lang::Said;

/// How often another copy's session is looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

pub(super) async fn run(
    kis: Kis,
    options: StreamOptions,
    mut wanted: watch::Receiver<Arc<[Registration]>>,
    events: mpsc::Sender<StreamEvent>,
) {
    let mut backoff = Backoff::default();
    let mut reason = None;
    let mut session = Session::new(kis.clone(), options, events.clone());
    if Feed::Trades.tr_id(kis.endpoint().capabilities()).is_none() {
        let reason = said!(
            "모의투자 서버는 NXT와 통합 시세를 실시간으로 보내지 않습니다. 설정에서 market = \"J\"로 바꾸거나 실전 키를 쓰세요."
        );
        return wait_for_ever(reason, &mut wanted, &events).await;
    }
    let mut right = None;
    loop {
        if !something_wanted(&mut wanted).await {
            return;
        }
        // Kept through losses: whoever takes the key meanwhile would lock us out.
        if right.is_none() {
            right = match right_to_connect(&kis, &mut wanted, &events).await {
                Some(found) => Some(found),
                None => return,
            };
            if wanted.borrow().is_empty() {
                right = None;
                continue;
            }
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
                reason = None;
                right = None;
                if events.send(StreamEvent::Idle).await.is_err() {
                    return;
                }
            }
            End::Failed(failure) => {
                let share = jitter(1_000) as f64 / 1_000.0;
                let retry_in = backoff.after(failure.cause, share);
                tracing::warn!(?retry_in, "socket: {}", failure.reason);
                reason = Some(failure.reason.clone());
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

/// The right to the key's one session, as soon as no other copy of the program has it; the user is
/// told once while one has. `None` when nobody wants anything any more.
async fn right_to_connect(
    kis: &Kis,
    wanted: &mut watch::Receiver<Arc<[Registration]>>,
    events: &mpsc::Sender<StreamEvent>,
) -> Option<Option<Held>> {
    let Some(locks) = kis.locks() else {
        return Some(None);
    };
    let mut told = false;
    loop {
        match locks.session() {
            Ok(Some(held)) => return Some(Some(held)),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!("no lock against other copies of the program: {error}");
                return Some(None);
            }
        }
        if !told {
            told = true;
            tracing::info!("another copy of the program has the realtime session of this key");
            let reason = said!(
                "같은 앱 키로 다른 정배가 실시간 시세를 받고 있습니다. 그동안 여기서는 시세를 조회로 받고, 그 정배를 끝내면 실시간을 이어받습니다."
            );
            events.send(StreamEvent::Waiting { reason }).await.ok()?;
        }
        if !rest(kis, LOOK_AGAIN, wanted).await {
            return None;
        }
        if wanted.borrow().is_empty() {
            return Some(None);
        }
    }
}

/// Says why there will be no connection, and waits for the end.
async fn wait_for_ever(
    reason: Said,
    wanted: &mut watch::Receiver<Arc<[Registration]>>,
    events: &mpsc::Sender<StreamEvent>,
) {
    while something_wanted(wanted).await {
        let reason = reason.clone();
        let told = events.send(StreamEvent::Waiting { reason }).await;
        if told.is_err() || !nothing_wanted(wanted).await {
            return;
        }
    }
}

/// Waits until nothing is wanted; `false` when nobody will want anything any more.
async fn nothing_wanted(wanted: &mut watch::Receiver<Arc<[Registration]>>) -> bool {
    while !wanted.borrow_and_update().is_empty() {
        if wanted.changed().await.is_err() {
            return false;
        }
    }
    true
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
