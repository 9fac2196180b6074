//! What the simulator does wrong on purpose, as data.

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::sim::limit::LimitModel;
use crate::sim::market::lock;
use crate::sim::options::{Environment, Latency};

/// Faults in force. Counts go down as they happen; 0, `false` and `None` mean none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
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
    /// How the limit counts.
    pub limit_model: LimitModel,
    /// The limit of a customer's first days: 3 calls a second, unless one is given.
    pub new_customer: bool,
    /// The next calls find the whole ledger busy (EGW00215).
    pub ledger_busy: u32,
    /// Which of the broker's two hosts this is.
    pub environment: Environment,
    /// Travel and work of every answer from now on, instead of the options'.
    pub latency: Option<Latency>,
    /// The next quotations find their token revoked (EGW00121); the token is forgotten.
    pub revoke_tokens: u32,
    /// A new token ends the one before it.
    pub single_token: bool,
    /// Refused calls take a place in the limit too.
    pub count_refused: bool,
    /// Extra time every answer takes, milliseconds of market time.
    pub stall_ms: u64,
    /// Rows of minutes without trades are missing from the minute charts.
    pub drop_empty_minutes: bool,
    /// For so many seconds after a minute its row still lacks the minute's last five seconds;
    /// then it is corrected.
    pub late_rows_secs: u32,
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
    /// Registrations a session may hold from now on, instead of the options': some accounts are
    /// given fewer than is said.
    pub registrations: Option<usize>,
    /// The next registrations fail inside the broker (OPSP0007).
    pub failing_registrations: u32,
    /// No heartbeats are sent.
    pub no_heartbeat: bool,
    /// Every print is sent as so many of its price and moment, their sizes adding up to its own;
    /// 0 is as good as 1. A market as busy as wanted, or one burst of it.
    pub prints_times: u32,
    /// Codes of stocks that are registered but never send anything.
    pub silent: Vec<String>,
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
