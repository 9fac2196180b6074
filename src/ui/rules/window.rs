//! The editor's own native window.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use egui::{Context, Pos2, Ui, Vec2, ViewportBuilder, ViewportClass, ViewportId, vec2};

use crate::engine::Command;

use super::{RulesAsk, RulesView, rules_ui};
use crate::ui::layout::{Layout, Place};
use crate::ui::shared::{Shared, lock, touched};
use crate::ui::windows::raise;

/// The window while it is open.
#[derive(Default)]
pub(crate) struct RulesWindow {
    state: Arc<Mutex<RulesView>>,
    open: bool,
    closed: Arc<AtomicBool>,
    raise: bool,
    /// Where it opened: asked anew of the desktop it would not let the user move it.
    opened: Option<Opened>,
}

/// Where a window opens; the user may move it then.
#[derive(Clone, Copy)]
struct Opened {
    at: Option<Pos2>,
    size: Vec2,
    maximized: bool,
}

/// Size of the window when it opens the first time.
const SIZE: Vec2 = vec2(1180.0, 760.0);

impl Opened {
    /// As it stood when it was closed last, if a hand could reach it there.
    fn again(before: Option<Place>, monitors: &[[f32; 4]], zoom: f32) -> Self {
        let reachable = before.filter(|place| place.is_reachable(monitors));
        Self {
            at: reachable
                .and_then(|place| place.at)
                .map(|(x, y)| Pos2::new(x / zoom, y / zoom)),
            size: before.map_or(SIZE, |place| vec2(place.size.0, place.size.1) / zoom),
            maximized: before.is_some_and(|place| place.maximized),
        }
    }
}

/// The editor's viewport.
fn viewport() -> ViewportId {
    ViewportId::from_hash_of("rules")
}

impl RulesWindow {
    /// Closed; when it opens, this rule is in the form.
    pub(crate) fn as_chosen(rule: Option<String>) -> Self {
        let window = Self::default();
        if let Some(rule) = rule {
            lock(&window.state).ask(RulesAsk::Rule(rule));
        }
        window
    }

    /// Notes where the window stands and which rule is in the form.
    pub(crate) fn remember(&self, layout: &mut Layout) {
        if !self.open {
            return;
        }
        let view = lock(&self.state);
        if let Some(place) = view.place {
            layout.rules = Some(place.after(layout.rules));
        }
        if let Some(rule) = view.chosen_rule() {
            layout.chosen.rule = Some(rule.to_owned());
        }
    }

    /// Opens the window, or brings it to the front.
    pub(crate) fn open(&mut self, ask: RulesAsk, shared: &Shared) {
        // The list shows what was looked at last.
        if ask != RulesAsk::List {
            lock(&self.state).ask(ask);
        }
        self.raise = true;
        if !self.open {
            self.open = true;
            self.closed.store(false, Ordering::Relaxed);
            shared.send([Command::ShowRules(true)]);
        }
    }

    /// The window, if it is open, for those who repaint all.
    pub(crate) fn viewport(&self) -> Option<ViewportId> {
        self.open.then(viewport)
    }

    /// Keeps the window alive; call once a frame of the home window.
    pub(crate) fn show(
        &mut self,
        ctx: &Context,
        shared: &Arc<Shared>,
        layout: &Layout,
        monitors: &[[f32; 4]],
    ) {
        if self.open && self.closed.swap(false, Ordering::Relaxed) {
            self.open = false;
            self.opened = None;
            shared.send(lock(&self.state).closed());
        }
        if !self.open {
            return;
        }
        let opened = *self
            .opened
            .get_or_insert_with(|| Opened::again(layout.rules, monitors, ctx.zoom_factor()));
        let builder = ViewportBuilder::default()
            .with_title(t!("조건" in "window"))
            .with_app_id(crate::ui::icon::APP_ID)
            .with_inner_size(opened.size)
            .with_maximized(opened.maximized)
            .with_min_inner_size([420.0, 320.0]);
        let builder = match opened.at {
            Some(at) => builder.with_position(at),
            None => builder,
        };
        let builder = match crate::ui::icon::window_icon() {
            Some(icon) => builder.with_icon(icon),
            None => builder,
        };
        let (state, closed, shared) = (self.state.clone(), self.closed.clone(), shared.clone());
        let draw = move |ui: &mut Ui, class: ViewportClass| {
            let snapshot = shared.bridge.latest();
            let look = shared.look();
            let embedded = class == ViewportClass::EmbeddedWindow;
            if embedded {
                ui.set_min_size(vec2(960.0, 620.0).min(ui.available_size()));
            } else if ui.input(touched) {
                shared.touch();
                ui.ctx().request_repaint_of(ViewportId::ROOT);
            }
            let mut view = lock(&state);
            if !embedded {
                view.place = Place::now(ui.ctx()).or(view.place);
            }
            let outcome = rules_ui(ui, &snapshot, &mut view, &*shared.bridge, &look.theme);
            drop(view);
            let news = !outcome.commands.is_empty();
            shared.send(outcome.commands);
            for code in &outcome.open {
                shared.ask_open(*code);
            }
            let closing = !embedded && ui.input(|i| i.viewport().close_requested());
            if closing || outcome.close {
                closed.store(true, Ordering::Relaxed);
            }
            if news || closing || outcome.close || !outcome.open.is_empty() {
                ui.ctx().request_repaint_of(ViewportId::ROOT);
            }
        };
        if ctx.embed_viewports() {
            // The library's own way of embedding gives no button to close it by.
            let mut stays = true;
            egui::Window::from_viewport(viewport(), builder)
                .open(&mut stays)
                .show(ctx, |ui| draw(ui, ViewportClass::EmbeddedWindow));
            if !stays {
                self.closed.store(true, Ordering::Relaxed);
                ctx.request_repaint();
            }
        } else {
            ctx.show_viewport_deferred(viewport(), builder, draw);
        }
        if std::mem::take(&mut self.raise) {
            match ctx.embed_viewports() {
                true => {
                    let id = egui::Id::unique(viewport());
                    ctx.move_to_top(egui::LayerId::new(egui::Order::Middle, id));
                }
                false => raise(ctx, viewport()),
            }
        }
    }
}
