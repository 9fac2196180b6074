//! One native window per open stock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use egui::{
    Context, Pos2, UserAttentionType, Vec2, ViewportBuilder, ViewportClass, ViewportCommand,
    ViewportId, vec2,
};

use crate::domain::{StockCode, Timeframe};
use crate::engine::{Command, Snapshot};

use super::layout::Layout;
use super::shared::{Shared, lock};
use super::stock::{StockWindow, window_ui};

/// The viewport of a stock's window, so that the background can wake exactly that one.
pub fn viewport_of(code: StockCode) -> ViewportId {
    ViewportId::from_hash_of(("stock", code))
}

/// A stock's window while it exists.
struct Open {
    title: String,
    /// Where it opens first; the user may move it.
    place: Option<Pos2>,
    size: Vec2,
    maximized: bool,
    state: Arc<Mutex<StockWindow>>,
    closed: Arc<AtomicBool>,
    /// The timeframe the user chose in it since anybody looked.
    chosen: Arc<Mutex<Option<Timeframe>>>,
}

/// The open stock windows.
#[derive(Default)]
pub(crate) struct Windows {
    open: BTreeMap<StockCode, Open>,
    raise: Vec<(StockCode, bool)>,
    /// As left, top, right, bottom, in points of the desktop.
    monitors: Vec<[f32; 4]>,
    new: Vec<StockCode>,
}

/// Size of a stock's window when it opens.
const SIZE: Vec2 = vec2(1120.0, 720.0);

/// A place beside the home window's names and prices, wholly on the monitor, so that the row
/// that rings stays in sight. `None` where the desktop does not tell (Wayland).
fn first_place(ctx: &Context, open: usize) -> Option<Pos2> {
    let (home, monitor) = ctx.input(|i| (i.viewport().outer_rect, i.viewport().monitor_size));
    let (home, monitor) = (home?, monitor?);
    // Room for the frame that the desktop draws around it.
    let last = (monitor - SIZE - vec2(8.0, 48.0)).max(Vec2::ZERO);
    let step = 28.0 * (open % 6) as f32;
    let wanted = home.min.to_vec2() + vec2(420.0 + step, 150.0 + step);
    Some(wanted.min(last).to_pos2())
}

impl Windows {
    /// Opens the stock's window or brings it to the front. `by_signal`: nobody clicked, so the
    /// task bar calls for attention too and the focus does not count as a visit. Answers whether
    /// it is new.
    pub(crate) fn open(&mut self, ctx: &Context, code: StockCode, by_signal: bool) -> bool {
        let others = self.open.len();
        let new = &mut self.new;
        self.open.entry(code).or_insert_with(|| {
            new.push(code);
            Open {
                title: code.to_string(),
                place: first_place(ctx, others),
                size: SIZE,
                maximized: false,
                state: Arc::default(),
                closed: Arc::default(),
                chosen: Arc::default(),
            }
        });
        self.raise.push((code, by_signal));
        others < self.open.len()
    }

    pub(crate) fn set_monitors(&mut self, monitors: Vec<[f32; 4]>) {
        self.monitors = monitors;
    }

    /// The monitors as they were told.
    pub(crate) fn monitors(&self) -> &[[f32; 4]] {
        &self.monitors
    }

    /// The stocks whose windows are open.
    pub(crate) fn codes(&self) -> impl Iterator<Item = StockCode> {
        self.open.keys().copied()
    }

    /// Gives windows that open now the size and, where it can be reached, the place they had.
    fn put_back(&mut self, zoom: f32, layout: &Layout) {
        for code in self.new.drain(..) {
            let known = layout.stocks.get(code.as_str());
            let (Some(place), Some(open)) = (known, self.open.get_mut(&code)) else {
                continue;
            };
            open.size = vec2(place.size.0, place.size.1) / zoom;
            open.maximized = place.maximized;
            if let Some((x, y)) = place.at.filter(|_| place.is_reachable(&self.monitors)) {
                open.place = Some(Pos2::new(x / zoom, y / zoom));
            }
        }
    }

    /// Notes which timeframes were chosen.
    pub(crate) fn remember_timeframes(&self, layout: &mut Layout) {
        for (&code, open) in &self.open {
            if let Some(timeframe) = lock(&open.chosen).take() {
                layout.choose_timeframe(code, timeframe);
            }
        }
    }

    /// Notes where the windows stand.
    pub(crate) fn remember(&self, layout: &mut Layout) {
        for (code, open) in &self.open {
            let Some(place) = lock(&open.state).place else {
                continue;
            };
            let known = layout.stocks.get(code.as_str()).copied();
            let place = place.after(known);
            if known != Some(place) {
                layout.stocks.insert(code.to_string(), place);
            }
        }
    }

    /// Keeps every open window alive; call once a frame of the home window.
    pub(crate) fn show(
        &mut self,
        ctx: &Context,
        snapshot: &Snapshot,
        shared: &Arc<Shared>,
        layout: &Layout,
    ) {
        let mut commands = vec![];
        self.put_back(ctx.zoom_factor(), layout);
        self.open.retain(|&code, open| {
            let stays = !open.closed.load(Ordering::Relaxed);
            if !stays {
                commands.push(Command::CloseStock(code));
            }
            stays
        });
        for (&code, open) in &mut self.open {
            if let Some(name) = name_of(snapshot, code) {
                open.title = format!("{name} {code}");
            }
            show_one(ctx, code, open, shared);
        }
        for (code, by_signal) in self.raise.drain(..) {
            if let Some(open) = self.open.get(&code) {
                if by_signal {
                    lock(&open.state).raised_by_signal();
                }
                bring_up(ctx, code, by_signal);
            }
        }
        shared.send(commands);
    }
}

fn name_of(snapshot: &Snapshot, code: StockCode) -> Option<Arc<str>> {
    let open = snapshot.stocks.get(&code).map(|view| view.name.clone());
    open.or_else(|| {
        let row = snapshot.rows.iter().find(|row| row.code == code)?;
        Some(row.name.clone())
    })
}

fn show_one(ctx: &Context, code: StockCode, open: &Open, shared: &Arc<Shared>) {
    let builder = ViewportBuilder::default()
        .with_title(&open.title)
        .with_app_id(super::icon::APP_ID)
        .with_inner_size(open.size)
        .with_maximized(open.maximized)
        .with_min_inner_size([320.0, 240.0]);
    let builder = match open.place {
        Some(place) => builder.with_position(place),
        None => builder,
    };
    let builder = match super::icon::window_icon() {
        Some(icon) => builder.with_icon(icon),
        None => builder,
    };
    let (state, closed, shared) = (open.state.clone(), open.closed.clone(), shared.clone());
    let chosen = open.chosen.clone();
    ctx.show_viewport_deferred(viewport_of(code), builder, move |ui, class| {
        let snapshot = shared.bridge.latest();
        let embedded = class == ViewportClass::EmbeddedWindow;
        let mut window = lock(&state);
        let outcome = window_ui(ui, &snapshot, code, &mut window, &shared, embedded);
        drop(window);
        for command in &outcome.commands {
            if let Command::ShowTimeframe(_, timeframe) = command {
                *lock(&chosen) = Some(*timeframe);
                // The home window keeps what was chosen.
                ui.ctx().request_repaint_of(ViewportId::ROOT);
            }
        }
        shared.send(outcome.commands);
        let closing = !embedded && ui.input(|i| i.viewport().close_requested());
        if closing || outcome.close {
            closed.store(true, Ordering::Relaxed);
            ui.ctx().request_repaint_of(ViewportId::ROOT);
        }
        if outcome.home {
            raise(ui.ctx(), ViewportId::ROOT);
        }
    });
}

/// Un-minimises and focuses a window; where focus is refused, the task bar calls.
fn bring_up(ctx: &Context, code: StockCode, by_signal: bool) {
    let id = viewport_of(code);
    if ctx.embed_viewports() {
        let layer = egui::LayerId::new(egui::Order::Middle, egui::Id::unique(id));
        ctx.move_to_top(layer);
        return;
    }
    raise(ctx, id);
    if by_signal {
        let call = ViewportCommand::RequestUserAttention(UserAttentionType::Critical);
        ctx.send_viewport_cmd_to(id, call);
    }
}

/// Un-minimises and focuses a window.
pub(crate) fn raise(ctx: &Context, id: ViewportId) {
    ctx.send_viewport_cmd_to(id, ViewportCommand::Minimized(false));
    ctx.send_viewport_cmd_to(id, ViewportCommand::Focus);
}
