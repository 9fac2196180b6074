//! A KIS lookalike on loopback.

pub mod market;
