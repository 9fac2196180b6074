//! Manners on the desktop: one running program per data folder, starting with the system, and
//! keeping the machine awake while it watches.
//!
//! Nothing here may stand in the way: where a desktop offers no such service, the program runs
//! without it and says so.

pub mod autostart;
pub mod awake;
pub mod instance;
