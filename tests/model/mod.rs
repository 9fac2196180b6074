//! A broker, a disk and the exchange's past as plain data in virtual time: what the engine is
//! tested and measured against without sockets and files.

#![allow(dead_code, reason = "each user takes its own part")]

pub(crate) mod broker;
pub(crate) mod disk;
pub(crate) mod rng;
pub(crate) mod tape;
