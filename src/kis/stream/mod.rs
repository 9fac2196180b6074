//! The broker's socket: what is wanted becomes registered, what arrives becomes typed events.

mod acks;
mod backoff;
mod link;
mod octets;
mod reconcile;
mod session;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::capabilities::Capabilities;
use super::client::Kis;
use super::control::Control;
use super::error::KisError;
use crate::domain::{OrderBook, Print, StockCode};
use crate::lang::Said;

pub use super::frame::{FrameItem, parse_frame};

/// A kind of feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feed {
    /// Executions (체결).
    Trades,
    /// Order book (호가).
    Book,
}

impl Feed {
    /// The broker's name of the feed; `None` where the host does not send it for the venue.
    pub fn tr_id(self, can: &Capabilities) -> Option<&'static str> {
        match self {
            Self::Trades => can.prints_feed,
            Self::Book => can.book_feed,
        }
    }
}

/// One feed of one stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Registration {
    /// Which feed.
    pub kind: Feed,
    /// Which stock.
    pub code: StockCode,
}

/// How the socket behaves. Durations are market time.
#[derive(Clone, Copy, Debug)]
pub struct StreamOptions {
    /// Registrations at most at any moment; the broker takes 41 per key.
    pub cap: usize,
    /// Without any frame for this long the connection is dead.
    pub silence: Duration,
    /// With nothing wanted for this long the connection is closed.
    pub linger: Duration,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self {
            cap: 41,
            silence: Duration::from_secs(120),
            linger: Duration::from_secs(20),
        }
    }
}

/// What the socket tells.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a box would be an allocation a frame; events are consumed at once"
)]
pub enum StreamEvent {
    /// A connection is being made.
    Connecting {
        /// 1 for the first try after the last success.
        attempt: u32,
        /// Why there is none, for the user; `None` at the very first.
        reason: Option<Said>,
    },
    /// There is no connection, and none is tried until something outside changes: another copy
    /// of the program lets the app key go, or the settings are changed.
    Waiting {
        /// A sentence for the user.
        reason: Said,
    },
    /// The broker has confirmed the first registration of this connection.
    Live,
    /// The connection is gone, or could not be made.
    Lost {
        /// A sentence for the user.
        reason: Said,
        /// Until the next try, market time.
        retry_in: Duration,
        /// The broker's error behind it, where there is one.
        error: Option<KisError>,
    },
    /// Nothing is wanted; the connection is closed by plan.
    Idle,
    /// The feed flows from now on.
    Confirmed(Registration),
    /// The feed does not flow any more, as wanted.
    Removed(Registration),
    /// The broker refused a registration.
    Refused {
        /// Which; `None` where its answer does not say.
        registration: Option<Registration>,
        /// The broker's code.
        msg_cd: String,
        /// The broker's words.
        msg1: String,
        /// A sentence for the user.
        text: Said,
    },
    /// The broker's heartbeat came.
    Heartbeat,
    /// One execution.
    Print(Print),
    /// One book.
    Book(OrderBook),
    /// A frame or a record that could not be read; the others are not affected.
    Unreadable(KisError),
}

impl From<FrameItem> for Option<StreamEvent> {
    fn from(item: FrameItem) -> Self {
        match item {
            FrameItem::Print(print) => Some(StreamEvent::Print(print)),
            FrameItem::Book(book) => Some(StreamEvent::Book(book)),
            FrameItem::Control(Control::PingPong | Control::Answer { .. }) => None,
        }
    }
}

/// Keeps the socket in step with `wanted`, the most important first, until its sender is
/// dropped; then everything is unregistered and the socket closed in good order. Events wait
/// for room in the channel; nothing is dropped.
pub async fn run(
    kis: Kis,
    options: StreamOptions,
    wanted: watch::Receiver<Arc<[Registration]>>,
    events: mpsc::Sender<StreamEvent>,
) {
    link::run(kis, options, wanted, events).await;
}
