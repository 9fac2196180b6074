//! What the simulator does wrong on purpose, as data.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::domain::StockCode;
use crate::sim::market::lock;

/// Faults in force. Counts go down as they happen; 0, `false` and `None` mean none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// The next REST answers are a load balancer's HTML page (502).
    pub html_answers: u32,
    /// The next REST answers have an empty body (503).
    pub empty_answers: u32,
    /// The next quotations find their token expired (EGW00123); the token is forgotten.
    pub expire_tokens: u32,
    /// Every token request is refused (EGW00103), as for a revoked app key.
    pub refuse_token: bool,
    /// The rate limit from now on, instead of the options'.
    pub calls_per_second: Option<f64>,
    /// Refused calls take a place in the limit too.
    pub count_refused: bool,
    /// Extra time every answer takes, milliseconds of market time.
    pub stall_ms: u64,
    /// Rows of minutes without trades are missing from the minute charts.
    pub drop_empty_minutes: bool,
    /// A socket is cut without a close frame after so many more data frames; then cleared.
    pub cut_after_frames: Option<u32>,
    /// The next data frames are garbage instead of records.
    pub garbage_frames: u32,
    /// The next data frames contain a byte that is not UTF-8.
    pub broken_utf8_frames: u32,
    /// New websocket connections are dropped during the handshake.
    pub refuse_sockets: bool,
    /// How long an app key's slot stays taken after a socket ended without a close frame,
    /// seconds of market time.
    pub zombie_secs: u32,
    /// No heartbeats are sent.
    pub no_heartbeat: bool,
    /// Stocks that are registered but never send anything.
    pub silent: Vec<StockCode>,
}

impl Faults {
    /// Takes one off a count; whether there was one.
    pub(crate) fn take(count: &mut u32) -> bool {
        let there = 0 < *count;
        *count = count.saturating_sub(1);
        there
    }
}

/// Changes the faults of a running simulator. Copies change the same one.
#[derive(Clone, Debug)]
pub struct FaultsHandle {
    faults: Arc<Mutex<Faults>>,
    cuts: watch::Sender<u64>,
}

impl FaultsHandle {
    pub(crate) fn new(faults: Faults) -> Self {
        Self {
            faults: Arc::new(Mutex::new(faults)),
            cuts: watch::Sender::new(0),
        }
    }

    /// Changes what is in force.
    pub fn change<T>(&self, change: impl FnOnce(&mut Faults) -> T) -> T {
        change(&mut lock(&self.faults))
    }

    /// What is in force now.
    pub fn now(&self) -> Faults {
        lock(&self.faults).clone()
    }

    /// Cuts every open socket at once, without a close frame.
    pub fn cut_sockets(&self) {
        self.cuts.send_modify(|n| *n += 1);
    }

    pub(crate) fn cuts(&self) -> watch::Receiver<u64> {
        self.cuts.subscribe()
    }
}
