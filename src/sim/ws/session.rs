//! One socket from its first message to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::domain::Moment;
use crate::sim::faults::Faults;
use crate::sim::market::{Rng, lock};
use crate::sim::rest::usual_size;
use crate::sim::shared::Shared;
use crate::sim::ws::control::{self, Wish};
use crate::sim::ws::feed::Feed;

type Socket = WebSocketStream<TcpStream>;

/// Between heartbeats, market time.
const HEARTBEAT: Duration = Duration::from_secs(12);
/// A socket is dropped after this many unanswered heartbeats, but never sooner than this much
/// real time after the first of them: a fast day must not drop a client for a busy machine.
const UNANSWERED: u32 = 2;
const GRACE: Duration = Duration::from_secs(3);
/// A client that takes nothing for so long (real time) is dropped.
const STUCK: Duration = Duration::from_secs(10);

struct Session {
    shared: Arc<Shared>,
    serial: u64,
    app_key: Option<String>,
    feeds: Vec<Feed>,
    iv: String,
    key: String,
    next_heartbeat: Moment,
    unanswered: u32,
    unanswered_since: Instant,
    frame: String,
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
        unanswered_since: Instant::now(),
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
                message = stream.next() => match message {
                    Some(Ok(Message::Close(_))) => return End::Closed,
                    Some(Ok(message)) => self.heard(sink, &message).await,
                    Some(Err(_)) | None => return End::Lost,
                },
                () = clock.sleep_until(wake) => self.send_due(sink).await,
                changed = cuts.changed() => {
                    if changed.is_ok() {
                        return End::Lost;
                    }
                    false
                }
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

    /// Carries out a registration or its end.
    fn grant(&mut self, wish: &Wish) -> String {
        let now = self.shared.clock.now();
        {
            let mut keys = lock(&self.shared.keys);
            let Some(app_key) = keys.approved(&wish.approval).map(str::to_owned) else {
                return control::not_approved(&wish.approval);
            };
            let other_key = self.app_key.as_ref().is_some_and(|k| *k != app_key);
            if other_key || !keys.take_slot(&app_key, self.serial, now) {
                return control::nameless("OPSP8996", "ALREADY IN USE appkey");
            }
            self.app_key = Some(app_key);
        }
        let (kind, code) = match control::target(&self.shared.market, wish) {
            Ok(target) => target,
            Err((code, message)) => return control::nameless(code, &message),
        };
        let held = self
            .feeds
            .iter()
            .position(|f| f.kind == kind && f.code == code);
        match (wish.register, held) {
            (true, Some(_)) => control::ack(wish, "1", "OPSP0002", "ALREADY IN SUBSCRIBE", None),
            (false, None) => {
                control::ack(wish, "1", "OPSP0003", "UNSUBSCRIBE ERROR(not found!)", None)
            }
            (false, Some(at)) => {
                self.feeds.remove(at);
                self.shared.count(|c| c.registrations -= 1);
                let secrets = Some((self.iv.as_str(), self.key.as_str()));
                control::ack(wish, "0", "OPSP0001", "UNSUBSCRIBE SUCCESS", secrets)
            }
            (true, None) if self.shared.registrations <= self.feeds.len() => {
                control::ack(wish, "1", "OPSP0008", "MAX SUBSCRIBE OVER", None)
            }
            (true, None) => {
                let market = Arc::clone(&self.shared.market);
                let usual = market
                    .index_of(code)
                    .map_or(0.0, |i| usual_size(market.stocks()[i].daily_volume));
                let Some(feed) = Feed::new(market, kind, code, usual, now) else {
                    return control::nameless("OPSP8992", "JSON PARSING ERROR : INVALID tr_key");
                };
                self.feeds.push(feed);
                let held = self.feeds.len() as u64;
                self.shared.count(|c| {
                    c.registrations += 1;
                    c.max_registrations = c.max_registrations.max(held);
                });
                let secrets = Some((self.iv.as_str(), self.key.as_str()));
                control::ack(wish, "0", "OPSP0000", "SUBSCRIBE SUCCESS", secrets)
            }
        }
    }

    fn heartbeat_answered(&mut self) {
        self.unanswered = 0;
        self.shared.count(|c| c.heartbeats_answered += 1);
    }

    /// Sends all that has become due; `false` when the socket is lost.
    async fn send_due(&mut self, sink: &mut SplitSink<Socket, Message>) -> bool {
        let now = self.shared.clock.now();
        let sent = tokio::time::timeout(STUCK, async {
            self.send_events(sink, now).await?;
            let alive = self.send_heartbeat(sink, now).await?;
            sink.flush().await?;
            Ok::<bool, Error>(alive)
        })
        .await;
        matches!(sent, Ok(Ok(true)))
    }

    async fn send_events(
        &mut self,
        sink: &mut SplitSink<Socket, Message>,
        now: Moment,
    ) -> Result<(), Error> {
        loop {
            let next = self
                .feeds
                .iter_mut()
                .enumerate()
                .filter_map(|(i, feed)| Some((feed.next_at()?, i)))
                .min();
            let Some((at, i)) = next else { return Ok(()) };
            if now < at {
                return Ok(());
            }
            self.frame.clear();
            let feed = &mut self.feeds[i];
            let records = feed.write(&mut self.frame);
            let code = feed.code;
            let (silent, cut, garbage, broken) = self.shared.faults.change(|f| {
                let silent = f.silent.contains(&code);
                if silent {
                    return (true, false, false, false);
                }
                let cut = f.cut_after_frames == Some(0);
                f.cut_after_frames = f.cut_after_frames.and_then(|n| n.checked_sub(1));
                let garbage = !cut && Faults::take(&mut f.garbage_frames);
                let broken = !cut && !garbage && Faults::take(&mut f.broken_utf8_frames);
                (false, cut, garbage, broken)
            });
            if silent {
                continue;
            }
            if cut {
                return Err(Error::ConnectionClosed);
            }
            let message = if garbage {
                Message::text("0|H0STCNT0|001|garbage^^-")
            } else if broken {
                let mut bytes = self.frame.clone().into_bytes();
                bytes.push(0xFF);
                let data = OpCode::Data(Data::Text);
                Message::Frame(Frame::message(Bytes::from(bytes), data, true))
            } else {
                Message::text(self.frame.as_str())
            };
            sink.feed(message).await?;
            self.shared.count(|c| {
                c.frames += 1;
                c.records += records;
            });
        }
    }

    /// `Ok(false)` when the client has left too many unanswered.
    async fn send_heartbeat(
        &mut self,
        sink: &mut SplitSink<Socket, Message>,
        now: Moment,
    ) -> Result<bool, Error> {
        if now < self.next_heartbeat {
            return Ok(true);
        }
        self.next_heartbeat = now.plus_ms(HEARTBEAT.as_millis() as i64);
        if self.shared.faults.change(|f| f.no_heartbeat) {
            return Ok(true);
        }
        if UNANSWERED <= self.unanswered && GRACE <= self.unanswered_since.elapsed() {
            self.shared.count(|c| c.sockets_dropped += 1);
            return Ok(false);
        }
        if self.unanswered == 0 {
            self.unanswered_since = Instant::now();
        }
        self.unanswered += 1;
        sink.feed(Message::text(control::heartbeat(now))).await?;
        self.shared.count(|c| c.heartbeats += 1);
        Ok(true)
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
