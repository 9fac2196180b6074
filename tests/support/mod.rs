//! What the tests that look at the program from the outside have in common.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(unreachable_pub, reason = "a test is no library")]

pub mod expected;
pub mod program;
pub mod rig;

/// An app key that nobody could take for a real one.
pub const FAKE_KEY: &str = "FAKE-APP-KEY";
/// The secret that belongs to it.
pub const FAKE_SECRET: &str = "FAKE-APP-SECRET";
