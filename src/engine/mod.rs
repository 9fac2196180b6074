//! The engine: everything the program knows, changed by one function.
//!
//! Events go in, effects and snapshots come out. Nothing here waits, reads a clock, or touches
//! network, disk or screen.

mod amended;
pub mod backtest;
mod bench;
mod changing;
mod clock_set;
mod commands;
mod delay;
mod feed;
mod history;
mod interruption;
mod judge;
mod late;
mod link;
mod listing;
mod loading;
mod minutes;
mod notices;
mod open_days;
mod outage;
mod phase;
mod planning;
mod polling;
mod reaching;
mod refreshing;
mod registering;
pub mod rules;
mod screen;
mod signals;
mod spared;
mod state;
mod stock;
mod takeover;
mod telling;
mod ticking;
mod today;
mod track;
mod wanted;
mod watchlist;
mod watchpoints;
mod whole_market;

pub mod command;
pub mod config;
pub mod effect;
pub mod event;
pub mod snapshot;

pub use command::Command;
pub use config::{EngineConfig, GroupConfig, PageRows};
pub use effect::{Edit, Effect, Feed, Registration, Report, Urgency};
pub use event::{
    Event, Failure, Head, Listed, Loaded, MinutesWant, PastPrint, QuoteOf, QuotedMany, Rows,
    StreamNews, Timed,
};
pub use history::Partial;
pub use phase::phase_at;
pub use polling::POLL_SLACK_MS;
#[cfg(test)]
pub(crate) use reaching::tests as reaching_tests;
pub use reaching::{
    About, Call, Channel, Outcome, ReachNews, ReachView, Reached, Together, Told, WayView,
};
pub use snapshot::{
    AfterHours, AlignmentCell, Badge, ChartState, ChartView, Delay, Freshness, Gap, GroupView,
    LateView, Link, LinkState, Marker, MarketPhase, Notice, OlderBars, Part, PrintLine, QuoteView,
    RestView, Ring, Row, Snapshot, StockView, Takeover, ThresholdCell, Trouble, Watching,
};
pub use state::{Remembered, State};
pub use whole_market::{MarketRow, MarketView};
