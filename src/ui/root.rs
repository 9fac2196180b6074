//! The program's face: the home window, and the life of the stock windows.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use egui::{Context, Ui, ViewportCommand, ViewportId};

use crate::domain::StockCode;
use crate::engine::{Command, Snapshot};
use crate::lang;
use crate::settings::{Change, DesktopSettings, OnClose, ScreenSettings};

use super::home::{HomeContext, HomeView, home_ui};
use super::keys::{self, Act};
use super::layout::{Layout, Place};
use super::own_words::OwnWords;
use super::preferences::{Around, Kept, Preferences, preferences_ui};
use super::rules::{RulesAsk, RulesWindow};
use super::shared::{Look, Shared, touched};
use super::takeover::{Takeovers, Turn};
use super::windows::{Windows, raise, viewport_of};
use super::{Awake, Bridge, Theme, fonts, split};

fn is_system_light(ctx: &Context) -> bool {
    ctx.system_theme() == Some(egui::Theme::Light)
}

/// Takes language, colours and size into force and keeps them for the windows.
fn look(ctx: &Context, screen: ScreenSettings, system_light: bool) -> Look {
    lang::speak(screen.language.language());
    let title = ViewportCommand::Title(t!("정배").to_owned());
    ctx.send_viewport_cmd_to(ViewportId::ROOT, title);
    let theme = Theme::chosen(&screen, system_light);
    theme.apply(ctx);
    ctx.set_zoom_factor(f32::from(screen.font_size) / 100.0);
    Look { theme, screen }
}

/// How the screen behaves.
#[derive(Clone, Debug, Default)]
pub struct RootOptions {
    /// Stock windows open inside the home window: for screen readers, which cannot see the
    /// others, and for tests.
    pub embed: bool,
    /// How it looks.
    pub screen: ScreenSettings,
    /// What the settings panel shows besides.
    pub kept: Kept,
    /// Where the windows stood.
    pub layout: Layout,
}

/// All windows.
pub struct Root {
    shared: Arc<Shared>,
    home: HomeView,
    windows: Windows,
    rules: RulesWindow,
    takeovers: Takeovers,
    touches_seen: u64,
    brought_up: Vec<Command>,
    awake: Awake,
    preferences: Preferences,
    kept: Kept,
    /// How the program stands on the desktop was changed, and nobody has heard of it yet.
    desktop: Option<DesktopSettings>,
    layout: Layout,
    /// The desktop was light when the colours were made.
    system_light: bool,
    /// The zoom when it was looked at last: the keyboard changes it too.
    zoom: f32,
}

impl Root {
    /// Installs font and colours and starts with an empty memory.
    pub fn new(ctx: &Context, bridge: Arc<dyn Bridge>, options: RootOptions) -> Self {
        fonts::install(ctx);
        ctx.add_plugin(OwnWords);
        let system_light = is_system_light(ctx);
        let zoom = ctx.zoom_factor();
        let look = look(ctx, options.screen, system_light);
        if options.embed {
            ctx.set_embed_viewports(true);
        }
        split::remember(ctx, &options.layout.widths);
        Self {
            shared: Arc::new(Shared::new(bridge, look)),
            home: HomeView::as_chosen(&options.layout.chosen),
            windows: Windows::default(),
            rules: RulesWindow::as_chosen(options.layout.chosen.rule.clone()),
            takeovers: Takeovers::default(),
            touches_seen: 0,
            brought_up: vec![],
            awake: Awake::default(),
            preferences: Preferences::as_left(&options.layout),
            kept: options.kept,
            desktop: None,
            layout: options.layout,
            system_light,
            zoom,
        }
    }

    /// What must happen even while the home window is hidden: takeovers and unsent wishes.
    /// Call before [`Root::ui`].
    pub fn logic(&mut self, ctx: &Context) {
        let snapshot = self.shared.bridge.latest();
        self.follow_desktop(ctx);
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

    /// The newest picture.
    pub fn latest(&self) -> Arc<Snapshot> {
        self.shared.bridge.latest()
    }

    /// Opens the window of a stock, as if its row had been chosen.
    pub fn open_stock(&mut self, ctx: &Context, code: StockCode) {
        self.open(ctx, code, false);
    }

    /// Hands a wish over that was made outside of the windows.
    pub fn wish(&self, command: Command) {
        self.shared.send([command]);
    }

    /// What the status line says of the machine's sleep.
    pub fn set_awake(&mut self, awake: Awake) {
        self.awake = awake;
    }

    /// Draws the home window and keeps the stock windows alive.
    pub fn ui(&mut self, ui: &mut Ui) {
        let snapshot = self.shared.bridge.latest();
        let look = self.shared.look();
        let context = HomeContext {
            theme: &look.theme,
            reduced_motion: look.screen.reduced_motion,
            held: self.shared.held(),
            unsent: self.shared.unsent(),
            awake: self.awake,
        };
        let outcome = home_ui(ui, &snapshot, &mut self.home, &context);
        if outcome.next_signal {
            self.shared.ask_next();
            ui.ctx().request_repaint();
        }
        for export in outcome.exports {
            self.home.saves.save(&*self.shared.bridge, export);
        }
        let ctx = ui.ctx().clone();
        let asked = ctx.input_mut(|i| keys::pressed(i, Act::Settings));
        self.preferences.open |= outcome.preferences || asked;
        let around = Around {
            screen: &look.screen,
            kept: &self.kept,
            badge: snapshot.badge,
            reach: &snapshot.reach,
            now: snapshot.now,
            bridge: &*self.shared.bridge,
            theme: &look.theme,
        };
        let changed = preferences_ui(&ctx, &mut self.preferences, &around);
        if let Some(screen) = changed.screen {
            self.choose(&ctx, screen);
        }
        self.shared.send(changed.commands);
        for change in changed.settings {
            self.kept.settings.change(&change);
            if let Change::Desktop(desktop) = &change {
                self.desktop = Some(*desktop);
            }
            self.shared.send([Command::Change(change)]);
        }
        let rules = ctx.input_mut(|i| keys::pressed(i, Act::Rules)) | self.shared.take_rules();
        if let Some(ask) = outcome.rules.or(rules.then_some(RulesAsk::List)) {
            self.rules.open(ask, &self.shared);
        }
        self.obey(&ctx, outcome.commands);
        for code in self.shared.take_open() {
            self.windows.open(&ctx, code, false);
        }
        self.rules
            .show(&ctx, &self.shared, &self.layout, self.windows.monitors());
        self.windows
            .show(&ctx, &snapshot, &self.shared, &self.layout);
        self.remember(&ctx);
        let brought_up = std::mem::take(&mut self.brought_up);
        self.shared.send(brought_up);
    }

    /// Keeps the answer to what closing the home window does.
    pub fn remember_closing(&mut self, on_close: OnClose) {
        let change = Change::OnClose(on_close);
        self.kept.settings.change(&change);
        self.shared.send([Command::Change(change)]);
    }

    /// How the program should stand on the desktop, once after the user changed it.
    pub fn take_desktop(&mut self) -> Option<DesktopSettings> {
        self.desktop.take()
    }

    /// Where the windows stand, and where the closed ones stood.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The monitors as left, top, right, bottom, in points of the desktop. A remembered window is
    /// put back only where one of them shows it.
    pub fn set_monitors(&mut self, monitors: Vec<[f32; 4]>) {
        self.windows.set_monitors(monitors);
    }

    fn remember(&mut self, ctx: &Context) {
        self.home.remember(&mut self.layout.chosen);
        self.preferences.remember(&mut self.layout);
        self.layout.widths = split::widths(ctx);
        self.windows.remember_timeframes(&mut self.layout);
        if ctx.embed_viewports() {
            return;
        }
        if let Some(place) = Place::now(ctx) {
            self.layout.home = Some(place.after(self.layout.home));
        }
        self.windows.remember(&mut self.layout);
        self.rules.remember(&mut self.layout);
    }

    /// Takes a look into force and has it written.
    fn choose(&mut self, ctx: &Context, screen: ScreenSettings) {
        let look = look(ctx, screen.clone(), self.system_light);
        self.shared.set_look(look);
        self.shared.send([Command::SetScreen(screen)]);
        self.repaint_all(ctx);
    }

    fn repaint_all(&self, ctx: &Context) {
        ctx.request_repaint();
        for code in self.windows.codes() {
            ctx.request_repaint_of(viewport_of(code));
        }
        if let Some(rules) = self.rules.viewport() {
            ctx.request_repaint_of(rules);
        }
    }

    /// The desktop may turn light or dark, and Ctrl with + and - may zoom, at any time.
    fn follow_desktop(&mut self, ctx: &Context) {
        let mut screen = self.shared.look().screen.clone();
        let zoom = ctx.zoom_factor();
        if zoom != self.zoom {
            self.zoom = zoom;
            let (low, high) = ScreenSettings::FONT_SIZES.into_inner();
            let size = ((zoom * 100.0).round() as u16).clamp(low, high);
            if size != screen.font_size {
                screen.font_size = size;
                self.choose(ctx, screen.clone());
            }
        }
        let light = is_system_light(ctx);
        if light != self.system_light {
            self.system_light = light;
            self.shared.set_look(look(ctx, screen, light));
            self.repaint_all(ctx);
        }
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
        let new = self.windows.open(ctx, code, by_signal);
        self.shared.send([Command::OpenStock(code)]);
        // A signal's own timeframe is asked for after this.
        if let Some(timeframe) = self.layout.timeframe(code).filter(|_| new) {
            self.shared.send([Command::ShowTimeframe(code, timeframe)]);
        }
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
