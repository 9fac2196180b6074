//! The program's face: the home window, and the life of the stock windows.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use egui::{Context, Ui, ViewportId};

use crate::domain::StockCode;
use crate::engine::{Command, Snapshot};

use super::home::{HomeContext, HomeView, home_ui};
use super::keys::{self, Act};
use super::shared::{Shared, touched};
use super::takeover::{Takeovers, Turn};
use super::windows::{Windows, raise};
use super::{Bridge, Theme, fonts};

/// How the screen behaves.
#[derive(Clone, Copy, Debug)]
pub struct RootOptions {
    /// Stock windows open inside the home window: for screen readers, which cannot see the
    /// others, and for tests.
    pub embed: bool,
    /// Nothing blinks.
    pub reduced_motion: bool,
    /// Dark or light.
    pub dark: bool,
}

impl Default for RootOptions {
    fn default() -> Self {
        Self {
            embed: false,
            reduced_motion: false,
            dark: true,
        }
    }
}

/// All windows.
pub struct Root {
    shared: Arc<Shared>,
    home: HomeView,
    windows: Windows,
    takeovers: Takeovers,
    touches_seen: u64,
    brought_up: Vec<Command>,
}

impl Root {
    /// Installs font and colours and starts with an empty memory.
    pub fn new(ctx: &Context, bridge: Arc<dyn Bridge>, options: RootOptions) -> Self {
        fonts::install(ctx);
        let theme = if options.dark {
            Theme::dark()
        } else {
            Theme::light()
        };
        theme.apply(ctx);
        if options.embed {
            ctx.set_embed_viewports(true);
        }
        Self {
            shared: Arc::new(Shared::new(bridge, theme, options.reduced_motion)),
            home: HomeView::default(),
            windows: Windows::default(),
            takeovers: Takeovers::default(),
            touches_seen: 0,
            brought_up: vec![],
        }
    }

    /// What must happen even while the home window is hidden: takeovers and unsent wishes.
    /// Call before [`Root::ui`].
    pub fn logic(&mut self, ctx: &Context) {
        let snapshot = self.shared.bridge.latest();
        self.shared.send(None);
        if 0 < self.shared.unsent() {
            ctx.request_repaint_after_secs(0.1);
        }
        let (now, here) = ctx.input(|i| (i.time, touched(i)));
        let f2 = ctx.input_mut(|i| keys::pressed(i, Act::NextSignal));
        let touches = self.shared.touches();
        if here || touches != self.touches_seen {
            self.takeovers.touched(now);
            self.touches_seen = touches;
        }
        let asked = f2 || self.shared.take_next();
        self.take_turn(ctx, &snapshot, now, asked);
    }

    /// Draws the home window and keeps the stock windows alive.
    pub fn ui(&mut self, ui: &mut Ui) {
        let snapshot = self.shared.bridge.latest();
        let context = HomeContext {
            theme: &self.shared.theme,
            reduced_motion: self.shared.reduced_motion,
            held: self.shared.held(),
            unsent: self.shared.unsent(),
        };
        let outcome = home_ui(ui, &snapshot, &mut self.home, &context);
        if outcome.next_signal {
            self.shared.ask_next();
            ui.ctx().request_repaint();
        }
        for export in outcome.exports {
            self.home.saves.save(&*self.shared.bridge, export);
        }
        self.obey(ui.ctx(), outcome.commands);
        self.windows.show(ui.ctx(), &snapshot, &self.shared);
        let brought_up = std::mem::take(&mut self.brought_up);
        self.shared.send(brought_up);
    }

    fn obey(&mut self, ctx: &Context, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::OpenStock(code) => self.open(ctx, code, false),
                Command::ShowSignal(key) => {
                    self.open(ctx, key.code, false);
                    self.shared.send([Command::ShowSignal(key)]);
                }
                other => self.shared.send([other]),
            }
        }
    }

    fn open(&mut self, ctx: &Context, code: StockCode, by_signal: bool) {
        self.windows.open(ctx, code, by_signal);
        self.shared.send([Command::OpenStock(code)]);
    }

    fn take_turn(&mut self, ctx: &Context, snapshot: &Snapshot, now: f64, asked: bool) {
        let editing = ctx.text_edit_focused();
        let turn = self
            .takeovers
            .decide(snapshot.takeover, snapshot.muted, now, editing, asked);
        let mut held = 0;
        match turn {
            Turn::Raise(key) => {
                self.open(ctx, key.code, true);
                self.shared.send([Command::ShowSignal(key)]);
                self.brought_up.push(Command::BroughtUp(key));
                // A minimised home window draws nothing, so it could not open another.
                if ctx.input(|i| i.viewport().minimized == Some(true)) {
                    raise(ctx, ViewportId::ROOT);
                }
                ctx.request_repaint();
            }
            Turn::Refuse(key) => self.shared.send([Command::BroughtUp(key)]),
            Turn::Hold(seconds) => {
                held = 1 + snapshot.takeovers_waiting;
                ctx.request_repaint_after_secs(seconds as f32 + 0.02);
            }
            Turn::Nothing if asked => self.next_unread(ctx, snapshot),
            Turn::Nothing => {}
        }
        self.shared.held.store(held, Ordering::Relaxed);
    }

    /// Without a waiting window, "next" goes to the newest signal nobody has looked at.
    fn next_unread(&mut self, ctx: &Context, snapshot: &Snapshot) {
        if let Some(signal) = snapshot.signals.iter().find(|s| !s.seen) {
            self.obey(ctx, vec![Command::ShowSignal(signal.key)]);
        }
    }
}
