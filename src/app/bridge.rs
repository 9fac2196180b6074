//! The running engine and the user's files, as the screen reaches them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::assemble;
use crate::domain::StockCode;
use crate::engine::{Command, Snapshot};
use crate::runtime::{Handle, Wake};
use crate::session::Ready;
use crate::settings::{Settings, SettingsFile};
use crate::ui::{self, Bridge, Export, KeyNews, KeyWish, Saved};

use super::trial;

/// The engine's handle, as the screen sees it.
pub(super) struct Background {
    pub(super) handle: Handle,
    pub(super) ctx: egui::Context,
    /// The settings of this run.
    pub(super) settings: Settings,
    /// Where they are from; `None` in the demo, which writes nothing.
    pub(super) file: Option<SettingsFile>,
}

impl Background {
    /// Works with a file on a thread of its own, and wakes the screen with how it went; that no
    /// thread could be had is an answer too.
    fn aside(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<String, String> + Send + 'static,
    ) -> Receiver<Result<String, String>> {
        let (sender, receiver) = sync_channel(1);
        let (ctx, fallback) = (self.ctx.clone(), sender.clone());
        let spawned = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                answer(&sender, work());
                ctx.request_repaint();
            });
        if let Err(error) = spawned {
            answer(&fallback, Err(error.to_string()));
        }
        receiver
    }
}

/// The channel holds one answer: it is never full, only the window may be gone.
fn answer(sender: &SyncSender<Result<String, String>>, outcome: Result<String, String>) {
    if sender.send(outcome).is_err() {
        tracing::debug!("The window was closed before its file was done");
    }
}

impl Bridge for Background {
    fn latest(&self) -> Arc<Snapshot> {
        self.handle.latest()
    }

    fn send(&self, command: Command) -> bool {
        self.handle.send(command)
    }

    fn save(&self, export: Export) -> Receiver<Saved> {
        self.aside("save", move || crate::exports::save(&export))
    }

    fn load(&self, path: std::path::PathBuf) -> Receiver<Result<String, String>> {
        self.aside("load", move || crate::exports::load(&path))
    }

    fn keys(&self, wish: KeyWish) -> Receiver<KeyNews> {
        trial::fulfil(self.settings.clone(), self.file.clone(), wish, &self.ctx)
    }
}

/// Starts the engine for a run that is ready.
pub(super) fn background(ready: Ready, ctx: &egui::Context) -> Result<Handle, String> {
    let screen = ctx.clone();
    let wake: Wake = Box::new(move |stocks: &[StockCode]| {
        screen.request_repaint_of(egui::ViewportId::ROOT);
        for &code in stocks {
            screen.request_repaint_of(ui::viewport_of(code));
        }
    });
    Handle::start(
        move |events| async move {
            let parts = ready.parts(None, false).await?;
            assemble::machine(parts, events).await
        },
        wake,
    )
}
