//! The screen: every panel is a function of one snapshot that returns what the user asked for.
//!
//! Knows nothing of sockets, files or runtimes. The background is reached through [`Bridge`].

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::engine::{Command, Snapshot};

pub mod chart;
pub mod closing;
pub mod fonts;
pub mod format;
pub mod home;
pub mod icon;
pub mod setup;
pub mod stock;
pub mod stuck;
pub mod theme;

mod chart_slot;
mod glyph;
mod help;
mod keys;
pub mod layout;
mod own_words;
mod paint;
mod preferences;
mod root;
mod rules;
mod saves;
mod shared;
mod split;
mod takeover;
mod windows;
mod words;

pub use layout::Layout;
pub use preferences::{Kept, KeyNews, KeyPlace, KeyWish};
pub use root::{Root, RootOptions};
pub use rules::RulesAsk;
pub use saves::{Content, Export, Saved};
pub use theme::Theme;
pub use windows::viewport_of;

/// Whether the machine may go to sleep by itself, as far as the screen must say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Awake {
    /// It is not kept awake, and need not be.
    #[default]
    Free,
    /// It is kept awake.
    Kept,
    /// It should be kept awake, and nothing on this desktop does it.
    NotKept,
}

/// The screen's only link to the background. No function of it ever waits.
pub trait Bridge: Send + Sync {
    /// The newest picture.
    fn latest(&self) -> Arc<Snapshot>;

    /// Hands a wish over; `false` if the background cannot take it now. The screen keeps it and
    /// tries again.
    fn send(&self, command: Command) -> bool;

    /// Writes a file the user asked for; the answer comes through the channel.
    fn save(&self, export: Export) -> Receiver<Saved>;

    /// Reads a file the user gave; its text, or why there is none in the user's words, comes
    /// through the channel.
    fn load(&self, path: PathBuf) -> Receiver<Result<String, String>>;

    /// Tries, keeps or forgets keys; what becomes of it comes through the channel.
    fn keys(&self, wish: KeyWish) -> Receiver<KeyNews>;
}
