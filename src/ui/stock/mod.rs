//! The window of one stock: header, timeframes, readings, chart, order book, executions.

use std::sync::mpsc::{Receiver, sync_channel};

use egui::{
    CentralPanel, Color32, ColorImage, Frame, Margin, Panel, Rangef, Rect, Role, Ui, WidgetInfo,
};

use crate::domain::{Moment, StockCode};
use crate::engine::{Badge, Command, Link, Ring, Snapshot, StockView};
use crate::lang;

use super::help::help_ui;
use super::home::{DEMO_BAND, silent_text};
use super::keys::{self, Act};
use super::layout::Place;
use super::saves::{Content, Export, Saves};
use super::shared::{Shared, silence, touched};
use super::split::{Side, Split};
use super::theme::Theme;
use super::{chart_slot::ChartSlot, paint, words};

mod bars_table;
mod book;
mod chart_area;
mod frames;
mod header;
mod prints;
mod readings;

use frames::Tool;
use prints::PrintsView;

/// Below this width the side column gives way to a choice of one pane.
const NARROW: f32 = 560.0;
/// Seconds of focus after which a stock counts as visited.
const VISIT: f64 = 1.0;

/// What a stock's window remembers between frames; nothing the engine already knows.
#[derive(Default)]
pub(crate) struct StockWindow {
    chart: ChartSlot,
    prints: PrintsView,
    pane: Pane,
    visit: Visit,
    help: bool,
    /// Files being written.
    saves: Saves,
    /// A picture on its way.
    picture: Option<Receiver<ColorImage>>,
    /// Where the window stands, if it is one of its own.
    pub(crate) place: Option<Place>,
}

/// What a narrow window shows.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Pane {
    #[default]
    Chart,
    Book,
    Prints,
    Table,
}

/// Whether the user is looking at this window.
#[derive(Default)]
struct Visit {
    focused_since: Option<f64>,
    /// Brought up by a signal: the focus alone does not prove that somebody sits there.
    by_signal: bool,
    sent_at: Option<f64>,
}

/// What the user did.
#[derive(Default)]
pub(crate) struct StockOutcome {
    pub(crate) commands: Vec<Command>,
    /// Bring the home window to the front.
    pub(crate) home: bool,
    /// Close this window.
    pub(crate) close: bool,
}

impl StockWindow {
    /// The window was brought up by a signal, not by the user's hand.
    pub(crate) fn raised_by_signal(&mut self) {
        self.visit.by_signal = true;
        self.visit.focused_since = None;
    }
}

/// Draws the window. `embedded`: it lies inside the home window.
pub(crate) fn window_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    code: StockCode,
    window: &mut StockWindow,
    shared: &Shared,
    embedded: bool,
) -> StockOutcome {
    let mut out = StockOutcome::default();
    let whole = ui.max_rect();
    let look = shared.look();
    let theme = &look.theme;
    if embedded {
        ui.set_min_size(ui.available_size());
    }
    keyboard(ui, shared, embedded, &mut out);
    // Embedded, the home window shows it.
    if !embedded {
        window.place = Place::now(ui.ctx()).or(window.place);
        help_ui(ui, code.as_str(), &mut window.help, theme);
    }
    visit(ui, snapshot, code, &mut window.visit, embedded, &mut out);
    let view = snapshot.stocks.get(&code);
    let link = &snapshot.link;
    let bar = Frame::new().fill(theme.panel);
    let id = |name: &str| format!("{name} {code}");
    Panel::top(id("header"))
        .frame(bar.inner_margin(Margin::symmetric(12, 4)))
        .exact_size(44.0)
        .show(ui, |ui| {
            header::header_ui(ui, snapshot, code, view, shared, embedded, &mut out);
        });
    bands(ui, snapshot, code, theme);
    let Some(view) = view else {
        CentralPanel::default()
            .frame(Frame::new().fill(theme.background))
            .show(ui, |ui| opening(ui, theme));
        return out;
    };
    let narrow = ui.available_width() < NARROW;
    if !narrow && !matches!(window.pane, Pane::Table) {
        window.pane = Pane::Chart;
    }
    let tool = Panel::top(id("timeframes"))
        .frame(bar.inner_margin(Margin::symmetric(8, 3)))
        .exact_size(32.0)
        .show(ui, |ui| {
            let pane = (&mut window.pane, narrow);
            frames::frames_ui(ui, view, pane, &mut window.chart, theme, &mut out.commands)
        })
        .inner;
    match tool {
        Some(Tool::Latest) => window.chart.go_to_latest(),
        Some(Tool::Csv) => {
            if let Some(export) = bars_table::export(view) {
                window.saves.save(&*shared.bridge, export);
            }
        }
        Some(Tool::Picture) => {
            window.picture = Some(take_picture(ui, whole, window.chart.place));
        }
        None => {}
    }
    save_picture(view, window, shared);
    // Reserved before the chart, painted after it: it shows the bar under the crosshair.
    let strip = (window.pane == Pane::Chart).then(|| {
        Panel::top(id("readings"))
            .frame(Frame::new().fill(theme.background))
            .exact_size(chart_area::strip_height(view, ui.available_width()))
            .show(ui, |ui| ui.max_rect())
            .inner
    });
    if !narrow {
        let salt = id("book and executions");
        let split = Split {
            side: Side::Right,
            kept: "book",
            salt: &salt,
            name: t!("호가와 체결의 너비"),
            width: 292.0,
            range: Rangef::new(240.0, 420.0),
            frame: bar,
        };
        split.show(ui, theme, |ui| {
            side(ui, view, window, link, theme, &mut out.commands);
        });
    }
    CentralPanel::default()
        .frame(Frame::new().fill(theme.background))
        .show(ui, |ui| match window.pane {
            Pane::Chart => {
                let cell = snapshot
                    .rows
                    .iter()
                    .find(|row| row.code == code)
                    .and_then(|row| {
                        row.alignments
                            .iter()
                            .find(|a| a.timeframe == view.timeframe)
                    });
                let (commands, hovered) = chart_area::chart_area_ui(
                    ui,
                    view,
                    &mut window.chart,
                    theme,
                    look.screen.reduced_motion,
                );
                out.commands.extend(commands);
                if let Some(strip) = strip {
                    let commands = chart_area::strip_ui(ui, strip, view, cell, hovered, theme);
                    out.commands.extend(commands);
                }
            }
            Pane::Table => {
                let again = bars_table::bars_table_ui(ui, view, theme);
                out.commands.extend(again);
            }
            Pane::Book => out.commands.extend(book::book_ui(ui, view, link, theme)),
            Pane::Prints => {
                let commands = prints::prints_ui(ui, view, &mut window.prints, link, theme);
                out.commands.extend(commands);
            }
        });
    window.saves.ui(ui, code.as_str(), theme);
    out
}

/// Asks for a picture of the window down to the chart's lower right corner: with the name, the
/// price and the readings, without the side.
fn take_picture(ui: &Ui, whole: Rect, chart: Option<Rect>) -> Receiver<ColorImage> {
    let (sender, receiver) = sync_channel(1);
    let ctx = ui.ctx().clone();
    let end = chart.map_or(whole.max, |chart| chart.max);
    let part = Rect::from_min_max(whole.min, end);
    let pixels = ctx.pixels_per_point();
    let (again, id) = (ctx.clone(), ctx.viewport_id());
    ctx.request_screenshot(move |image| {
        if sender.send(crop(&image, part, pixels)).is_err() {
            tracing::debug!("The window was closed before its picture was taken");
        }
        again.request_repaint_of(id);
    });
    receiver
}

/// A part, given in points, of a picture; the window may have changed its size meanwhile.
fn crop(image: &ColorImage, part: Rect, pixels: f32) -> ColorImage {
    let [width, height] = image.size;
    let along = |from: f32, to: f32, all: usize| {
        // `as` saturates, so a place outside is the edge.
        let from = ((from * pixels).round() as usize).min(all);
        let to = ((to * pixels).round() as usize).min(all);
        (from, to.saturating_sub(from))
    };
    let (x, w) = along(part.left(), part.right(), width);
    let (y, h) = along(part.top(), part.bottom(), height);
    match (w, h) {
        (0, _) | (_, 0) => image.clone(),
        _ => image.region_by_pixels([x, y], [w, h]),
    }
}

/// Hands the picture over once it is there.
fn save_picture(view: &StockView, window: &mut StockWindow, shared: &Shared) {
    let Some(picture) = window.picture.as_ref().and_then(|p| p.try_recv().ok()) else {
        return;
    };
    window.picture = None;
    let (day, clock) = (view.now.day().compact(), view.now.clock_text());
    let export = Export {
        name: format!("{}-{day}-{}.png", view.code, clock.replace(':', "")),
        content: Content::Picture(picture),
    };
    window.saves.save(&*shared.bridge, export);
}

/// Order book above, executions below.
fn side(
    ui: &mut Ui,
    view: &StockView,
    window: &mut StockWindow,
    link: &Link,
    theme: &Theme,
    commands: &mut Vec<Command>,
) {
    let book = book::height(ui.available_height() * 0.7);
    Panel::top(format!("book {}", view.code))
        .frame(Frame::new())
        // A little more than it needs, for the line below it.
        .exact_size(book + 4.0)
        .show(ui, |ui| {
            commands.extend(book::book_ui(ui, view, link, theme))
        });
    CentralPanel::default().frame(Frame::new()).show(ui, |ui| {
        commands.extend(prints::prints_ui(ui, view, &mut window.prints, link, theme));
    });
}

/// How what a part shows came, and the colour to say it in. What came over the link is no better
/// than the link.
fn came(live: bool, at: Moment, link: &Link, theme: &Theme) -> (String, Color32) {
    match live {
        true if link.is_prompt() => (words::link(link), theme.faint),
        true => (words::link(link), theme.text),
        false => (t!("조회 %{at}", at = at.clock_text()), theme.secondary),
    }
}

/// F2, Ctrl+R, Alt+Home; every press holds takeovers back for a moment.
fn keyboard(ui: &mut Ui, shared: &Shared, embedded: bool, out: &mut StockOutcome) {
    // Embedded, the home window sees the same keys.
    if embedded {
        return;
    }
    if ui.input(touched) {
        shared.touch();
        ui.ctx().request_repaint_of(egui::ViewportId::ROOT);
    }
    let ctx = ui.ctx().clone();
    let hit = |act| ctx.input_mut(|i| keys::pressed(i, act));
    if hit(Act::NextSignal) {
        shared.ask_next();
        ui.ctx().request_repaint_of(egui::ViewportId::ROOT);
    }
    if hit(Act::Rules) {
        shared.ask_rules();
        ui.ctx().request_repaint_of(egui::ViewportId::ROOT);
    }
    if hit(Act::GoHome) {
        out.home = true;
    }
    if hit(Act::CloseWindow) {
        out.close = true;
    }
}

/// Tells the engine that the user looked at the stock: at once on a click, after a second of
/// focus otherwise. Focus that a signal gave counts from the first sign of a hand.
fn visit(
    ui: &Ui,
    snapshot: &Snapshot,
    code: StockCode,
    visit: &mut Visit,
    embedded: bool,
    out: &mut StockOutcome,
) {
    let here = ui.max_rect();
    let (now, focused, clicked, hand) = ui.input(|i| {
        let inside = i.pointer.hover_pos().is_some_and(|at| here.contains(at));
        let focused = i.viewport().focused.unwrap_or(true);
        let moved = inside && i.pointer.delta() != egui::Vec2::ZERO;
        let clicked = inside && i.pointer.any_pressed();
        (i.time, focused, clicked, moved || clicked || touched(i))
    });
    // Inside the home window there is no focus of its own: the topmost stock window has it.
    let on_top = !embedded || ui.ctx().top_layer_id() == Some(ui.layer_id());
    let clicked = clicked && on_top;
    if !focused || !on_top {
        visit.focused_since = None;
        return;
    }
    if hand {
        visit.by_signal = false;
    }
    if visit.by_signal {
        return;
    }
    let since = *visit.focused_since.get_or_insert(now);
    let ripe = VISIT <= now - since;
    let asks = asks_for_a_visit(snapshot, code);
    if asks && !ripe {
        let left = (VISIT - (now - since)) as f32;
        ui.ctx().request_repaint_after_secs(left.max(0.0) + 0.02);
    }
    let recently = visit.sent_at.is_some_and(|at| now - at < VISIT);
    if clicked || (asks && ripe && !recently) {
        visit.sent_at = Some(now);
        out.commands.push(Command::Visit(code));
    }
}

/// Whether the row rings or an arrow has not been seen.
fn asks_for_a_visit(snapshot: &Snapshot, code: StockCode) -> bool {
    let rings = |row: &crate::engine::Row| row.code == code && row.ring != Ring::Quiet;
    let unseen = |view: &std::sync::Arc<StockView>| view.markers.iter().any(|m| !m.seen);
    snapshot.rows.iter().any(rings) || snapshot.stocks.get(&code).is_some_and(unseen)
}

fn bands(ui: &mut Ui, snapshot: &Snapshot, code: StockCode, theme: &Theme) {
    let band = |ui: &mut Ui, name: &str, text: &str, ground, color| {
        Panel::top(format!("{name} {code}"))
            .frame(Frame::new())
            .exact_size(22.0)
            .show_separator_line(false)
            .show(ui, |ui| paint::band(ui, text, ground, color));
    };
    if let Some(age) = silence(ui.ctx(), snapshot) {
        band(ui, "silent", &silent_text(age), theme.alarm, theme.on_alarm);
    }
    if snapshot.badge == Badge::Demo {
        band(
            ui,
            "demo",
            lang::tr(DEMO_BAND),
            theme.demo_ground,
            theme.text,
        );
    }
}

/// Before the engine has answered.
fn opening(ui: &mut Ui, theme: &Theme) {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, t!("여는 중입니다")));
    paint::skeleton(ui.painter(), rect, 26.0, theme);
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use egui::{Key, Modifiers};

    use super::*;
    use crate::settings::ScreenSettings;
    use crate::ui::shared::Look;
    use crate::ui::{Bridge, KeyNews, KeyWish, Saved};

    struct Nobody;

    impl Bridge for Nobody {
        fn latest(&self) -> Arc<Snapshot> {
            panic!("nothing is asked")
        }
        fn send(&self, _: Command) -> bool {
            true
        }
        fn save(&self, _: Export) -> Receiver<Saved> {
            sync_channel(1).1
        }
        fn load(&self, _: PathBuf) -> Receiver<Result<String, String>> {
            sync_channel(1).1
        }
        fn keys(&self, _: KeyWish) -> Receiver<KeyNews> {
            sync_channel(1).1
        }
    }

    #[test]
    fn the_keys_of_every_window_reach_home_from_a_stocks_own_window() {
        let look = Look {
            theme: Theme::dark(),
            screen: ScreenSettings::default(),
        };
        let shared = Arc::new(Shared::new(Arc::new(Nobody), look));
        let asked = |modifiers: Modifiers, key: Key| {
            let seen = shared.clone();
            let mut h = egui_kittest::Harness::new_ui_state(
                move |ui, out: &mut StockOutcome| keyboard(ui, &seen, false, out),
                StockOutcome::default(),
            );
            h.key_press_modifiers(modifiers, key);
            h.run();
            (shared.take_rules(), shared.take_next(), h.state().home)
        };
        assert_eq!(asked(Modifiers::COMMAND, Key::R), (true, false, false));
        assert_eq!(asked(Modifiers::NONE, Key::F2), (false, true, false));
        assert_eq!(asked(Modifiers::ALT, Key::Home), (false, false, true));
        assert_eq!(asked(Modifiers::NONE, Key::R), (false, false, false));
    }
}
