//! One connection from the approval key to its close frame.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message as Frame, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::super::client::Kis;
use super::super::control::Control;
use super::super::error::{KisError, Transport, refused_message};
use super::super::frame::{FrameItem, parse_frame};
use super::super::observed::Observed;
use super::backoff::{Backoff, Cause};
use super::octets::Octets;
use super::reconcile::{Meaning, Message, Reconcile};
use super::{Feed, Registration, StreamEvent, StreamOptions};
use crate::clock::Pulse;
use crate::domain::StockCode;
use crate::lang::Said;

/// To connect, to shake hands, to write; market time.
const PATIENCE: Duration = Duration::from_secs(10);
/// To unregister everything before closing: 41 messages take 2.5 s. `Performer::finish` waits
/// longer than this and the close frame together.
const FAREWELL: Duration = Duration::from_secs(4);
/// After so much sleep of the machine a connection is begun anew: two heartbeats of the broker's
/// may have gone unanswered.
const SLEPT: Duration = Duration::from_secs(30);
/// How often sleep is looked for while nothing arrives.
const LOOK_UP: Duration = Duration::from_secs(5);
/// Of frames that cannot be read the log is told once in so long.
const QUIET: Duration = Duration::from_secs(5);
const LARGEST: usize = 1 << 20;
/// Read at once, bytes: some fifty prints. What is read at once is held as long as the program
/// runs, and twice as much after a burst.
const READ: usize = 16 << 10;

type Socket = WebSocketStream<Octets<TcpStream>>;

/// How a connection ended.
pub(super) enum End {
    /// Nobody wants anything any more.
    Stopped,
    /// Nothing is wanted at the moment.
    Idle,
    /// Anything else.
    Failed(Failure),
}

/// Why a connection failed.
pub(super) struct Failure {
    pub(super) cause: Cause,
    /// A sentence for the user.
    pub(super) reason: Said,
    pub(super) error: Option<KisError>,
}

type Outcome<T> = Result<T, End>;

/// What connections have in common.
pub(super) struct Session {
    kis: Kis,
    options: StreamOptions,
    events: mpsc::Sender<StreamEvent>,
    key: Option<SecretString>,
    refused_key: Option<SecretString>,
    /// A new approval key was asked for and not accepted either: the slot is locked, and one
    /// more key does not free it (websocket.md §6).
    renewed: bool,
    /// Registrations the broker is believed to take; it may take fewer than it says.
    cap: usize,
    read: Vec<StreamEvent>,
    controls: Vec<Control>,
    /// When the log was last told of a frame that cannot be read.
    warned: Option<Duration>,
}

impl Session {
    pub(super) fn new(kis: Kis, options: StreamOptions, events: mpsc::Sender<StreamEvent>) -> Self {
        Self {
            kis,
            options,
            events,
            key: None,
            refused_key: None,
            renewed: false,
            cap: options.cap,
            read: vec![],
            controls: vec![],
            warned: None,
        }
    }

    /// Connects and serves until the connection ends.
    pub(super) async fn run(
        &mut self,
        wanted: &mut watch::Receiver<Arc<[Registration]>>,
        backoff: &mut Backoff,
    ) -> End {
        let opened = {
            let opening = self.open();
            tokio::pin!(opening);
            loop {
                tokio::select! {
                    opened = &mut opening => break opened,
                    changed = wanted.changed() => if changed.is_err() {
                        return End::Stopped;
                    },
                }
            }
        };
        match opened {
            Ok((mut socket, key)) => {
                self.key = Some(key);
                // The broker may give the same key again; then it is that one.
                self.refused_key = None;
                let end = self.serve(&mut socket, wanted, backoff).await;
                self.close(&mut socket).await;
                let end = end.err().unwrap_or(End::Stopped);
                if matches!(end, End::Idle) {
                    // The next one may be another day, with other accounts' terms.
                    self.cap = self.options.cap;
                }
                end
            }
            Err(end) => end,
        }
    }

    async fn open(&self) -> Outcome<(Socket, SecretString)> {
        let key = self
            .kis
            .approval_key_instead_of(self.refused_key.as_ref())
            .await
            .map_err(|error| {
                let cause = match &error {
                    KisError::TokenWait { seconds } => Cause::Wait(*seconds),
                    KisError::Transport { .. } | KisError::NotJson { .. } => Cause::Unreached,
                    _ if error.retry() == super::super::error::Retry::Never => Cause::Fatal,
                    _ => Cause::Unreached,
                };
                failed(cause, error.user_message(), Some(error))
            })?;
        let address = &self.kis.endpoint().ws_url;
        let url = Url::parse(address).ok().filter(|url| url.scheme() == "ws");
        let Some((host, port)) = url.as_ref().and_then(target) else {
            let text = said!("실시간 주소(ws_url)는 ws://서버:포트 꼴이어야 합니다.");
            let error = KisError::Setup(text.clone());
            return Err(failed(Cause::Fatal, text, Some(error)));
        };
        let clock = self.kis.clock();
        let connect = async {
            let tcp = TcpStream::connect((host.as_str(), port))
                .await
                .map_err(|error| unreached(Transport::Connect, &error))?;
            tcp.set_nodelay(true)
                .map_err(|error| broken(Transport::Broken, &error))?;
            if let Err(error) = watch_over(&tcp) {
                tracing::debug!("the system does not watch over the connection: {error}");
            }
            let config = WebSocketConfig::default()
                .read_buffer_size(READ)
                .max_message_size(Some(LARGEST))
                .max_frame_size(Some(LARGEST));
            let request = format!("{}/tryitout", address.trim_end_matches('/'));
            let handshake = client_async_with_config(request, Octets::new(tcp), Some(config));
            match handshake.await {
                Ok((socket, _)) => Ok(socket),
                Err(error) => Err(broken(Transport::Broken, &error)),
            }
        };
        match clock.timeout(PATIENCE, connect).await {
            Some(Ok(socket)) => Ok((socket, key)),
            Some(Err(end)) => Err(end),
            None => Err(unreached(Transport::TimedOut, &"10 s")),
        }
    }

    async fn serve(
        &mut self,
        socket: &mut Socket,
        wanted: &mut watch::Receiver<Arc<[Registration]>>,
        backoff: &mut Backoff,
    ) -> Outcome<()> {
        let clock = self.kis.clock();
        let first = wanted.borrow_and_update().clone();
        let mut registrations = Reconcile::new(self.cap, first);
        let mut outgoing: Option<Message> = None;
        let mut heard = clock.uptime();
        let mut stop_by: Option<Duration> = None;
        let mut idle_since: Option<Duration> = None;
        let mut live = false;
        let mut beat: Option<Duration> = None;
        let mut pulse = Pulse::new(clock);
        self.kis.observed().link_lost();
        loop {
            let now = clock.uptime();
            outgoing = outgoing.or_else(|| registrations.next(now));
            let nothing = wanted.borrow().is_empty() || stop_by.is_some();
            let at_rest = nothing && outgoing.is_none() && registrations.is_empty();
            idle_since = idle_since.or(Some(now)).filter(|_| at_rest);
            if let Some(stop_by) = stop_by
                && (at_rest || stop_by <= now)
            {
                return Err(End::Stopped);
            }
            if idle_since.is_some_and(|since| since + self.options.linger <= now) {
                return Err(End::Idle);
            }
            // Nobody answered the broker's heartbeats meanwhile, and our own silence was not counted.
            if SLEPT <= pulse.beat().slept {
                let text = said!("컴퓨터가 절전 상태에서 깨어나 실시간에 다시 연결합니다.");
                return Err(failed(Cause::Lost, text, None));
            }
            if heard + self.options.silence <= now {
                let seconds = self.options.silence.as_secs();
                let text = said!(
                    "실시간 서버가 %{seconds}초 동안 조용하여 다시 연결합니다.",
                    seconds = seconds
                );
                return Err(failed(Cause::Lost, text, None));
            }
            let linger = idle_since.map(|since| since + self.options.linger);
            let wake = [registrations.wake(now), stop_by, linger];
            let wake = wake
                .into_iter()
                .flatten()
                .fold(heard + self.options.silence, Duration::min)
                .min(now + LOOK_UP);
            tokio::select! {
                changed = wanted.changed(), if stop_by.is_none() => {
                    let now_wanted = match changed {
                        Ok(()) => wanted.borrow_and_update().clone(),
                        Err(_) => {
                            stop_by = Some(clock.uptime() + FAREWELL);
                            Arc::default()
                        }
                    };
                    registrations.want(now_wanted);
                }
                () = self.kis.message_turn(), if outgoing.is_some() => {
                    if let Some(message) = outgoing.take() {
                        let text = self.message(message).await;
                        self.send(socket, text).await?;
                    }
                }
                frame = socket.next() => {
                    heard = clock.uptime();
                    let bytes = match frame {
                        Some(Ok(Frame::Binary(bytes))) => bytes,
                        Some(Ok(Frame::Text(text))) => text.into(),
                        Some(Ok(Frame::Close(_))) | None => {
                            return Err(broken(Transport::Broken, &"closed by the broker"));
                        }
                        Some(Ok(_)) => continue,
                        Some(Err(error)) => return Err(broken(Transport::Broken, &error)),
                    };
                    self.take(&bytes).await?;
                    for control in std::mem::take(&mut self.controls) {
                        match control {
                            Control::PingPong => {
                                if let Some(last) = beat.replace(heard) {
                                    Observed::heartbeat((heard - last).as_millis() as i64);
                                }
                                self.echo(socket, &bytes).await?;
                                self.tell(StreamEvent::Heartbeat).await?;
                            }
                            answer => {
                                let confirmed = self.answer(answer, &mut registrations).await?;
                                if confirmed && !live {
                                    live = true;
                                    self.renewed = false;
                                    backoff.live();
                                    self.tell(StreamEvent::Live).await?;
                                }
                            }
                        }
                    }
                }
                () = clock.sleep(wake.saturating_sub(now)) => (),
            }
        }
    }

    /// Reads a frame: events go on at once, control messages are kept for the caller.
    async fn take(&mut self, bytes: &[u8]) -> Outcome<()> {
        let (read, controls) = (&mut self.read, &mut self.controls);
        let outcome = parse_frame(bytes, &mut |item| match item {
            FrameItem::Print(print) => read.push(StreamEvent::Print(print)),
            FrameItem::Book(book) => read.push(StreamEvent::Book(book)),
            FrameItem::Control(control) => controls.push(control),
        });
        if let Err(error) = outcome {
            let now = self.kis.clock().uptime();
            if self.warned.is_none_or(|at| at + QUIET <= now) {
                self.warned = Some(now);
                tracing::warn!("{error}");
            }
            self.read.push(StreamEvent::Unreadable(error));
        }
        for event in self.read.drain(..) {
            if let StreamEvent::Print(print) = &event {
                self.kis.observed().print(print);
            }
            if self.events.send(event).await.is_err() {
                return Err(End::Stopped);
            }
        }
        Ok(())
    }

    /// Handles an answer; says whether a registration was confirmed.
    async fn answer(&mut self, answer: Control, registrations: &mut Reconcile) -> Outcome<bool> {
        let Control::Answer {
            tr_id,
            tr_key,
            msg_cd,
            msg1,
        } = answer
        else {
            return Ok(false);
        };
        tracing::debug!(?tr_id, ?tr_key, msg_cd, msg1, "socket answer");
        Observed::socket_code(&msg_cd);
        let named = self.named(tr_id.as_deref(), tr_key.as_deref());
        let text = refused_message(&msg_cd, &msg1);
        let error = KisError::Refused {
            tr_id: named.map_or("websocket", |r| self.tr_id(r.kind)),
            http: 101,
            rt_cd: "1".into(),
            msg_cd: msg_cd.clone(),
            msg1: msg1.clone(),
        };
        let now = self.kis.clock().uptime();
        let meaning = registrations.answer(named, &msg_cd, now);
        if registrations.cap() != self.cap {
            self.cap = registrations.cap();
            tracing::info!("the broker takes {} registrations", self.cap);
        }
        match meaning {
            Meaning::Confirmed(registration) => {
                self.tell(StreamEvent::Confirmed(registration)).await?;
                Ok(true)
            }
            Meaning::Removed(registration) => {
                self.tell(StreamEvent::Removed(registration)).await?;
                Ok(false)
            }
            Meaning::Refused(registration) => {
                self.tell(StreamEvent::Refused {
                    registration,
                    msg_cd,
                    msg1,
                    text,
                })
                .await?;
                Ok(false)
            }
            Meaning::InUse => Err(failed(Cause::InUse, text, Some(error))),
            Meaning::Fatal => Err(failed(Cause::Fatal, text, Some(error))),
            Meaning::Approval => {
                if !self.renewed {
                    self.renewed = true;
                    self.refused_key = self.key.take();
                }
                Err(failed(Cause::Approval, text, Some(error)))
            }
        }
    }

    /// Without the feed there is no session; see [`super::link::run`].
    fn tr_id(&self, feed: Feed) -> &'static str {
        let can = self.kis.endpoint().capabilities();
        feed.tr_id(can).unwrap_or_default()
    }

    fn named(&self, tr_id: Option<&str>, tr_key: Option<&str>) -> Option<Registration> {
        let kind = [Feed::Trades, Feed::Book]
            .into_iter()
            .find(|feed| Some(self.tr_id(*feed)) == tr_id)?;
        let code = StockCode::parse(tr_key?)?;
        Some(Registration { kind, code })
    }

    /// The text of a message, with the key that is valid now.
    async fn message(&mut self, message: Message) -> String {
        let (kind, registration) = match message {
            Message::Register(registration) => ("1", registration),
            Message::Remove(registration) => ("2", registration),
        };
        if let Ok(key) = self
            .kis
            .approval_key_instead_of(self.refused_key.as_ref())
            .await
        {
            self.key = Some(key);
        }
        let key = self.key.as_ref().map_or("", |key| key.expose_secret());
        json!({
            "header": {
                "approval_key": key,
                "custtype": "P",
                "tr_type": kind,
                "content-type": "utf-8",
            },
            "body": {"input": {
                "tr_id": self.tr_id(registration.kind),
                "tr_key": registration.code.as_str(),
            }},
        })
        .to_string()
    }

    async fn echo(&self, socket: &mut Socket, bytes: &[u8]) -> Outcome<()> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.send(socket, text).await
    }

    async fn send(&self, socket: &mut Socket, text: String) -> Outcome<()> {
        let sending = socket.send(Frame::text(text));
        match self.kis.clock().timeout(PATIENCE, sending).await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(broken(Transport::Broken, &error)),
            None => Err(broken(Transport::TimedOut, &"the socket takes no more")),
        }
    }

    async fn tell(&self, event: StreamEvent) -> Outcome<()> {
        match self.events.send(event).await {
            Ok(()) => Ok(()),
            Err(_) => Err(End::Stopped),
        }
    }

    /// Close frame 1000; an unclean end keeps the broker's slot locked.
    async fn close(&self, socket: &mut Socket) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: Utf8Bytes::from_static(""),
        };
        let closing = async {
            if socket.close(Some(frame)).await.is_ok() {
                // The broker's own close frame, if it sends one.
                while let Some(Ok(_)) = socket.next().await {}
            }
        };
        let patience = Duration::from_secs(1);
        if self.kis.clock().timeout(patience, closing).await.is_none() {
            tracing::debug!("the broker did not answer the close frame");
        }
    }
}

fn target(url: &Url) -> Option<(String, u16)> {
    let host = url.host_str()?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Some((host.to_owned(), url.port_or_known_default()?))
}

/// Lets the system notice a peer that vanished without a word, also while nothing is sent: half a
/// minute of unanswered bytes or probes ends the connection. Silence of the broker's own is a
/// matter of [`StreamOptions::silence`].
fn watch_over(tcp: &TcpStream) -> std::io::Result<()> {
    let socket = SockRef::from(tcp);
    let probes = TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10));
    socket.set_tcp_keepalive(&probes)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(Duration::from_secs(30)))?;
    Ok(())
}

fn failed(cause: Cause, reason: Said, error: Option<KisError>) -> End {
    End::Failed(Failure {
        cause,
        reason,
        error,
    })
}

fn broken(kind: Transport, error: &dyn std::fmt::Display) -> End {
    lost(Cause::Lost, kind, error)
}

fn unreached(kind: Transport, error: &dyn std::fmt::Display) -> End {
    lost(Cause::Unreached, kind, error)
}

fn lost(cause: Cause, kind: Transport, error: &dyn std::fmt::Display) -> End {
    let error = KisError::Transport {
        tr_id: "websocket",
        kind,
        text: error.to_string().chars().take(120).collect(),
    };
    failed(cause, error.user_message(), Some(error))
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
