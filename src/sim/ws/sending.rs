//! What a socket sends by itself: events as they become due, and heartbeats.

use std::time::Duration;

use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use crate::domain::Moment;
use crate::sim::faults::Faults;
use crate::sim::ws::control;
use crate::sim::ws::session::{HEARTBEAT, Session, Socket};

/// A socket is dropped after two unanswered heartbeats. On a fast day it takes as many as are
/// sent in this real time, so that a busy machine does not lose a good client.
const UNANSWERED: u32 = 2;
const GRACE: Duration = Duration::from_secs(3);
/// A client that takes nothing for so long (real time) is dropped.
const STUCK: Duration = Duration::from_secs(10);

impl Session {
    /// Sends all that has become due; `false` when the socket is lost.
    pub(super) async fn send_due(&mut self, sink: &mut SplitSink<Socket, Message>) -> bool {
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
            let times = self.shared.faults.change(|f| f.prints_times);
            let feed = &mut self.feeds[i];
            let records = feed.write(&mut self.frame, times);
            if self.frame.is_empty() {
                continue;
            }
            let code = feed.key.as_str();
            let (silent, cut, garbage, broken) = self.shared.faults.change(|f| {
                let silent = f.silent.iter().any(|s| s == code);
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
                // The frames before the cut do arrive.
                sink.flush().await?;
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
        let heartbeat = self.shared.clock.real(HEARTBEAT);
        let in_grace = (GRACE.as_secs_f64() / heartbeat.as_secs_f64()) as u32;
        if UNANSWERED.max(in_grace) <= self.unanswered {
            self.shared.count(|c| c.sockets_dropped += 1);
            return Ok(false);
        }
        self.unanswered += 1;
        sink.feed(Message::text(control::heartbeat(now))).await?;
        self.shared.count(|c| c.heartbeats += 1);
        Ok(true)
    }
}
