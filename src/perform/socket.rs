//! What the socket says, carried to the engine.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::engine::{Event, Failure, Feed, Registration, StreamNews};
use crate::kis::Kis;
use crate::kis::stream::{self, StreamEvent, StreamOptions};

use super::{failure, plain_failure, send};

/// Market time after which a socket is begun anew that ended by a mistake of ours.
const NEW_SOCKET_SECS: u64 = 5;

pub(super) fn registration_out(registration: Registration) -> stream::Registration {
    let kind = match registration.feed {
        Feed::Prints => stream::Feed::Trades,
        Feed::Book => stream::Feed::Book,
    };
    stream::Registration {
        kind,
        code: registration.code,
    }
}

fn registration_in(registration: stream::Registration) -> Registration {
    let feed = match registration.kind {
        stream::Feed::Trades => Feed::Prints,
        stream::Feed::Book => Feed::Book,
    };
    Registration {
        feed,
        code: registration.code,
    }
}

/// Carries what the socket says to the engine. Waits for room: no print is dropped.
pub(super) async fn stream_task(
    kis: Kis,
    options: StreamOptions,
    clock: Clock,
    wanted: watch::Receiver<Arc<[stream::Registration]>>,
    events: mpsc::Sender<Event>,
) {
    loop {
        let (sender, mut receiver) = mpsc::channel(4_096);
        let socket = stream::run(kis.clone(), options, wanted.clone(), sender);
        let socket = tokio::spawn(socket);
        while let Some(event) = receiver.recv().await {
            match &event {
                StreamEvent::Print(print) => kis.heard(print.code, clock.now()),
                StreamEvent::Book(book) => kis.heard(book.code, clock.now()),
                _ => (),
            }
            if let Some(event) = stream_event(event) {
                send(&events, event).await;
            }
        }
        match socket.await {
            Ok(()) => return,
            Err(error) => tracing::error!("The socket's task broke: {error}"),
        }
        // A link that nobody serves must not look alive.
        let news = StreamNews::Lost {
            reason: said!("내부 오류로 실시간 연결이 끊겼습니다."),
            retry_secs: NEW_SOCKET_SECS,
        };
        send(&events, Event::Stream(news)).await;
        clock
            .sleep(std::time::Duration::from_secs(NEW_SOCKET_SECS))
            .await;
        if wanted.has_changed().is_err() {
            return;
        }
    }
}

/// The engine's word for what the socket says.
fn stream_event(event: StreamEvent) -> Option<Event> {
    Some(match event {
        StreamEvent::Print(print) => Event::Print(print),
        StreamEvent::Book(book) => Event::Book(book),
        StreamEvent::Connecting { attempt, .. } => {
            Event::Stream(StreamNews::Connecting { attempt })
        }
        StreamEvent::Waiting { reason } => Event::Stream(StreamNews::Waiting { reason }),
        StreamEvent::Live => Event::Stream(StreamNews::Live),
        StreamEvent::Heartbeat => Event::Stream(StreamNews::Heartbeat),
        StreamEvent::Lost {
            reason,
            retry_in,
            error,
        } => {
            if let Some(error) = &error {
                tracing::warn!("The realtime link was lost: {error}");
            }
            Event::Stream(StreamNews::Lost {
                reason,
                retry_secs: retry_in.as_secs(),
            })
        }
        StreamEvent::Confirmed(registration) => {
            Event::Stream(StreamNews::Confirmed(registration_in(registration)))
        }
        StreamEvent::Refused {
            registration,
            msg_cd,
            msg1,
            text,
        } => {
            let failure = Failure {
                msg_cd,
                msg1,
                ..plain_failure(text)
            };
            let registration = registration.map(registration_in);
            Event::Stream(StreamNews::Refused {
                registration,
                failure,
            })
        }
        StreamEvent::Unreadable(error) => Event::Stream(StreamNews::Unreadable(failure(&error))),
        StreamEvent::Removed(_) | StreamEvent::Idle => return None,
    })
}
