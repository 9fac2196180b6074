//! One socket from its first message to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::domain::Moment;
use crate::sim::market::{Rng, lock};
use crate::sim::shared::Shared;
use crate::sim::ws::control;
use crate::sim::ws::feed::Feed;

pub(super) type Socket = WebSocketStream<TcpStream>;

/// Between heartbeats, market time.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(12);
pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) serial: u64,
    pub(super) app_key: Option<String>,
    pub(super) feeds: Vec<Feed>,
    pub(super) iv: String,
    pub(super) key: String,
    pub(super) next_heartbeat: Moment,
    pub(super) unanswered: u32,
    pub(super) frame: String,
}

/// Why the loop ended.
enum End {
    /// The client sent a close frame.
    Closed,
    /// Everything else.
    Lost,
}

pub(super) async fn run(socket: Socket, shared: Arc<Shared>) {
    shared.count(|c| {
        c.sockets_opened += 1;
        c.sockets_open += 1;
    });
    let serial = shared.next_serial();
    let mut rng = Rng::keyed(shared.market.seed(), &[serial, 31]);
    let mut session = Session {
        serial,
        app_key: None,
        feeds: Vec::new(),
        iv: format!("{:016x}", rng.next()),
        key: format!("{:016x}{:016x}", rng.next(), rng.next()),
        next_heartbeat: shared.clock.now().plus_ms(HEARTBEAT.as_millis() as i64),
        unanswered: 0,
        frame: String::new(),
        shared,
    };
    let (mut sink, mut stream) = socket.split();
    let end = session.live(&mut sink, &mut stream).await;
    session.finish(&end);
    if matches!(end, End::Closed)
        && let Err(error) = sink.close().await
    {
        tracing::debug!(%error, "a socket did not close in order");
    }
}

impl Session {
    async fn live(
        &mut self,
        sink: &mut SplitSink<Socket, Message>,
        stream: &mut SplitStream<Socket>,
    ) -> End {
        let mut cuts = self.shared.faults.cuts();
        loop {
            let due = self.feeds.iter_mut().filter_map(Feed::next_at).min();
            let wake = due.map_or(self.next_heartbeat, |d| d.min(self.next_heartbeat));
            let clock = self.shared.clock;
            let went_well = tokio::select! {
                // What the client has already said counts before its heartbeats are judged.
                biased;
                _ = cuts.changed() => return End::Lost,
                message = stream.next() => match message {
                    Some(Ok(Message::Close(_))) => return End::Closed,
                    Some(Ok(message)) => self.heard(sink, &message).await,
                    Some(Err(_)) | None => return End::Lost,
                },
                () = clock.sleep_until(wake) => self.send_due(sink).await,
            };
            if !went_well {
                return End::Lost;
            }
        }
    }

    /// Answers a client's message; `false` when the socket is lost.
    async fn heard(&mut self, sink: &mut SplitSink<Socket, Message>, message: &Message) -> bool {
        let answer = match message {
            Message::Pong(_) => {
                self.heartbeat_answered();
                None
            }
            Message::Text(text) => self.answer(text.as_str()),
            Message::Binary(bytes) => self.answer(&String::from_utf8_lossy(bytes)),
            Message::Ping(_) | Message::Close(_) | Message::Frame(_) => None,
        };
        match answer {
            Some(answer) => sink.send(Message::text(answer)).await.is_ok(),
            None => true,
        }
    }

    fn answer(&mut self, text: &str) -> Option<String> {
        match control::read(text) {
            Ok(control::Message::Heartbeat) => {
                self.heartbeat_answered();
                None
            }
            Ok(control::Message::Wish(wish)) => Some(self.grant(&wish)),
            Err((code, message)) => Some(control::nameless(code, &message)),
        }
    }

    fn heartbeat_answered(&mut self) {
        self.unanswered = 0;
        self.shared.count(|c| c.heartbeats_answered += 1);
    }

    fn finish(&mut self, end: &End) {
        let held = self.feeds.len() as u64;
        self.feeds.clear();
        self.shared.count(|c| {
            c.sockets_open -= 1;
            c.registrations -= held;
        });
        let zombie = self.shared.faults.change(|f| i64::from(f.zombie_secs));
        let until = match end {
            End::Lost if 0 < zombie => Some(self.shared.clock.now().plus_secs(zombie)),
            End::Lost | End::Closed => None,
        };
        if let Some(app_key) = &self.app_key {
            lock(&self.shared.keys).free_slot(app_key, self.serial, until);
        }
    }
}
