//! The screen.

pub mod chart;
