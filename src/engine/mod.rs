//! The engine: everything the program knows, changed by one function.
//!
//! Events go in, effects and snapshots come out. Nothing here waits, reads a clock, or touches
//! network, disk or screen.

pub mod command;
pub mod snapshot;

pub use command::Command;
pub use snapshot::{
    AlignmentCell, Badge, ChartState, ChartView, Freshness, GroupView, Link, LinkState, Marker,
    MarketPhase, Notice, OlderBars, Part, PrintLine, QuoteView, RestView, Ring, Row, Snapshot,
    StockView, Takeover, ThresholdCell, Trouble, Watching,
};
