//! What the home window and the stock windows share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::StockCode;
use crate::engine::{Command, Snapshot};
use crate::settings::ScreenSettings;

use super::Bridge;
use super::theme::Theme;

/// How long the engine may be silent before every window says so.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);

/// Wishes kept while the background cannot take them.
const KEPT: usize = 256;

/// How everything looks now.
pub(crate) struct Look {
    pub(crate) theme: Theme,
    pub(crate) screen: ScreenSettings,
}

/// Shared by all windows of the program.
pub(crate) struct Shared {
    pub(crate) bridge: Arc<dyn Bridge>,
    look: Mutex<Arc<Look>>,
    /// Grows with every key press and pointer button in a stock window.
    touches: AtomicU64,
    /// Somebody asked for the next signal (F2).
    next: AtomicBool,
    /// Somebody asked for the rules (Ctrl+R).
    rules: AtomicBool,
    /// Signals whose window waits for a calm moment.
    pub(crate) held: AtomicUsize,
    unsent: Mutex<VecDeque<Command>>,
    /// Stocks whose window another window asked for.
    open: Mutex<Vec<StockCode>>,
}

impl Shared {
    pub(crate) fn new(bridge: Arc<dyn Bridge>, look: Look) -> Self {
        Self {
            bridge,
            look: Mutex::new(Arc::new(look)),
            touches: AtomicU64::new(0),
            next: AtomicBool::new(false),
            rules: AtomicBool::new(false),
            held: AtomicUsize::new(0),
            unsent: Mutex::default(),
            open: Mutex::default(),
        }
    }

    /// How everything looks now.
    pub(crate) fn look(&self) -> Arc<Look> {
        lock(&self.look).clone()
    }

    /// Another look, from the next frame on.
    pub(crate) fn set_look(&self, look: Look) {
        *lock(&self.look) = Arc::new(look);
    }

    /// Hands wishes over in order; what cannot be taken now is kept and tried again.
    pub(crate) fn send(&self, commands: impl IntoIterator<Item = Command>) {
        let mut unsent = lock(&self.unsent);
        unsent.extend(commands);
        while let Some(command) = unsent.front() {
            if !self.bridge.send(command.clone()) {
                break;
            }
            unsent.pop_front();
        }
        let over = unsent.len().saturating_sub(KEPT);
        unsent.drain(..over);
    }

    /// How many wishes wait for the background.
    pub(crate) fn unsent(&self) -> usize {
        lock(&self.unsent).len()
    }

    /// A key or button was pressed in a stock window.
    pub(crate) fn touch(&self) {
        self.touches.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn touches(&self) -> u64 {
        self.touches.load(Ordering::Relaxed)
    }

    /// Asks the home window to bring up the next signal.
    pub(crate) fn ask_next(&self) {
        self.next.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take_next(&self) -> bool {
        self.next.swap(false, Ordering::Relaxed)
    }

    /// Asks the home window to bring up the rules.
    pub(crate) fn ask_rules(&self) {
        self.rules.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take_rules(&self) -> bool {
        self.rules.swap(false, Ordering::Relaxed)
    }

    /// Asks the home window to open a stock's window.
    pub(crate) fn ask_open(&self, code: StockCode) {
        lock(&self.open).push(code);
    }

    pub(crate) fn take_open(&self) -> Vec<StockCode> {
        std::mem::take(&mut *lock(&self.open))
    }

    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }
}

/// The value, even if a thread panicked while holding it: the screen must go on.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long the engine has been silent, if too long; wakes the window when it will be.
pub(crate) fn silence(ctx: &egui::Context, snapshot: &Snapshot) -> Option<Duration> {
    let age = Instant::now().saturating_duration_since(snapshot.made);
    if age < SILENCE {
        ctx.request_repaint_after(SILENCE - age + Duration::from_millis(20));
        None
    } else {
        ctx.request_repaint_after(Duration::from_secs(1));
        Some(age)
    }
}

/// Whether a key or a pointer button was pressed in this pass.
pub(crate) fn touched(ui: &egui::InputState) -> bool {
    ui.events.iter().any(|event| {
        matches!(
            event,
            egui::Event::Key { pressed: true, .. }
                | egui::Event::Text(_)
                | egui::Event::PointerButton { pressed: true, .. }
        )
    })
}
