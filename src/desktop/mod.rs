//! Manners on the desktop: one running program per data folder, starting with the system, keeping
//! the machine awake while it watches, and an icon beside the clock.
//!
//! Nothing here may stand in the way: where a desktop offers no such service, the program runs
//! without it and says so.

pub mod autostart;
pub mod awake;
pub mod instance;
pub mod tray;
