//! What the simulator has seen, for tests and for the curious.

use std::collections::BTreeMap;

/// Counts since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Quotations answered (well or badly), by TR id; refused ones are not among them.
    pub requests: BTreeMap<String, u64>,
    /// Calls refused by the rate limit (EGW00201).
    pub refused: u64,
    /// Quotations refused for their keys or token.
    pub unauthorised: u64,
    /// Token requests answered with a token, the same one or a new one.
    pub token_answers: u64,
    /// New tokens made.
    pub tokens_issued: u64,
    /// Token requests refused because of the minute between them (EGW00133).
    pub tokens_refused: u64,
    /// Approval keys given.
    pub approvals: u64,
    /// Sockets ever opened.
    pub sockets_opened: u64,
    /// Sockets open now.
    pub sockets_open: u64,
    /// Registrations held now, over all sockets.
    pub registrations: u64,
    /// The most registrations one socket held.
    pub max_registrations: u64,
    /// Data frames sent.
    pub frames: u64,
    /// Records in them.
    pub records: u64,
    /// Heartbeats sent.
    pub heartbeats: u64,
    /// Heartbeats answered.
    pub heartbeats_answered: u64,
    /// Sockets dropped because two heartbeats went unanswered.
    pub sockets_dropped: u64,
}

impl Counters {
    /// All quotations answered.
    pub fn all_requests(&self) -> u64 {
        self.requests.values().sum()
    }
}
