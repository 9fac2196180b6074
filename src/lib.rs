//! 정배 watches Korean stocks through the KIS Open API and rings the moment a buying
//! condition is met.
//!
//! Reading order is the order below: plain facts first, the screen last. What each layer may
//! use is written in `tests/tidy.rs` and explained in `docs/building.md`.

#[macro_use]
pub mod lang;

pub mod domain;

pub mod bars;
pub mod clock;
pub mod conditions;
pub mod desktop;
pub mod indicators;
pub mod search;
pub mod settings;

pub mod kis;
pub mod sim;
pub mod store;

pub mod engine;
pub mod reach;
pub mod ui;

pub mod app;
pub mod assemble;
pub mod check;
pub mod cli;
pub mod demo;
pub mod exports;
pub mod keys;
pub mod log;
pub mod paths;
pub mod perform;
pub mod places;
pub mod report;
pub mod runtime;
pub mod session;
pub mod sim_command;
pub mod watch;
