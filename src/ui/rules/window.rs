//! The editor's own native window.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use egui::{Context, ViewportBuilder, ViewportClass, ViewportId, vec2};

use crate::engine::Command;

use super::{RulesAsk, RulesView, rules_ui};
use crate::ui::shared::{Shared, lock, touched};
use crate::ui::windows::raise;

/// The window while it is open.
#[derive(Default)]
pub(crate) struct RulesWindow {
    state: Arc<Mutex<RulesView>>,
    open: bool,
    closed: Arc<AtomicBool>,
    raise: bool,
}

/// The editor's viewport.
fn viewport() -> ViewportId {
    ViewportId::from_hash_of("rules")
}

impl RulesWindow {
    /// Opens the window, or brings it to the front.
    pub(crate) fn open(&mut self, ask: RulesAsk, shared: &Shared) {
        lock(&self.state).ask(ask);
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
    pub(crate) fn show(&mut self, ctx: &Context, shared: &Arc<Shared>) {
        if self.open && self.closed.swap(false, Ordering::Relaxed) {
            self.open = false;
            shared.send(lock(&self.state).closed());
        }
        if !self.open {
            return;
        }
        let builder = ViewportBuilder::default()
            .with_title(t!("조건"))
            .with_app_id(crate::ui::icon::APP_ID)
            .with_inner_size([1180.0, 760.0])
            .with_min_inner_size([420.0, 320.0]);
        let builder = match crate::ui::icon::window_icon() {
            Some(icon) => builder.with_icon(icon),
            None => builder,
        };
        let (state, closed, shared) = (self.state.clone(), self.closed.clone(), shared.clone());
        ctx.show_viewport_deferred(viewport(), builder, move |ui, class| {
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
        });
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
