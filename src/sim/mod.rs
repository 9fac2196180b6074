//! A KIS lookalike on loopback, HTTP and websocket, over a seeded market with a clock of its
//! own. The demo and the tests talk to it through the same client as to the real broker.
//!
//! It writes the wire by its own field lists, never by the client's, so that one wrong list
//! cannot pass on both sides. It takes any app key and secret of plausible form (eight or more
//! visible ASCII characters without `INVALID`): use obviously fake ones.

pub mod market;

mod counters;
mod faults;
mod keys;
mod limit;
mod options;
mod rest;
mod script;
mod server;
mod shared;
mod ws;

pub use counters::Counters;
pub use faults::{Faults, FaultsHandle};
pub use limit::LimitModel;
pub use market::{Board, Group, Market, Marks, StockInfo};
pub use options::{Environment, Latency, SimOptions};
pub use script::{Script, ScriptError};
pub use server::Sim;
