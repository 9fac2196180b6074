//! The editor of rules: a window of its own beside the watchlist.

use std::sync::Arc;

use egui::{CentralPanel, Frame, Margin, Panel, Rangef, ScrollArea, Ui};

use crate::domain::{StockCode, Timeframe};
use crate::engine::{Badge, Command, Snapshot};

use super::home::{DEMO_BAND, silent_text};
use super::keys::{self, Act};
use super::paint;
use super::shared::silence;
use super::split::{Side, Split};
use super::theme::Theme;

mod draft;
mod form;
mod list;
mod matches;
mod presets;
mod sentence;
mod side;
mod span;
mod strategy_file;
mod view;
mod window;
mod words;

pub(crate) use view::RulesView;
pub(crate) use window::RulesWindow;
pub(crate) use words::condition as condition_in_words;

use form::Wish;
use side::{side_ui, welcome_ui};
use view::{begin_plain, grant};

/// Height of what stands below the matches, points: the past once it was tried, and before.
const TRIED: f32 = 580.0;
const UNTRIED: f32 = 180.0;
/// The matches are never less high: eight of them, points.
const LEAST: f32 = 8.0 * 24.0;

/// Below this width what the rule finds stands under the form.
const NARROW: f32 = 920.0;

/// With what the editor is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesAsk {
    /// The list.
    List,
    /// The rule of this name.
    Rule(String),
    /// A new rule for this stock.
    NewFor(StockCode),
}

/// What the user did.
#[derive(Default)]
pub(crate) struct RulesOutcome {
    pub(crate) commands: Vec<Command>,
    /// Open these stocks' windows.
    pub(crate) open: Vec<StockCode>,
    pub(crate) close: bool,
}

/// Draws the editor.
pub(crate) fn rules_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut RulesView,
    bridge: &dyn super::Bridge,
    theme: &Theme,
) -> RulesOutcome {
    let mut out = RulesOutcome::default();
    view.follow(snapshot);
    view.strategy.listen(ui, bridge);
    bands(ui, snapshot, theme);
    let ctx = ui.ctx().clone();
    let hit = |act| ctx.input_mut(|i| keys::pressed(i, act));
    let (save, new) = (hit(Act::SaveRule), hit(Act::NewRule));
    out.close = hit(Act::CloseRules);
    if new {
        begin_plain(view, snapshot);
    }
    let bar = Frame::new().fill(theme.panel);
    let list = Split {
        side: Side::Left,
        kept: "rule list",
        salt: "rule list",
        name: t!("조건 목록의 너비"),
        width: 300.0,
        range: Rangef::new(220.0, 440.0),
        frame: bar,
    };
    list.show(ui, theme, |ui| {
        side_ui(ui, snapshot, view, theme, &mut out);
    });
    let narrow = ui.available_width() < NARROW - 300.0;
    let found = |ui: &mut Ui, view: &mut RulesView, room: f32, out: &mut RulesOutcome| {
        found_ui(ui, snapshot, view, room, theme, out);
    };
    if !narrow {
        let matches = Split {
            side: Side::Right,
            kept: "rule matches",
            salt: "rule matches",
            name: t!("찾은 종목의 너비"),
            width: 320.0,
            range: Rangef::new(260.0, 460.0),
            frame: bar.inner_margin(Margin::symmetric(12, 10)),
        };
        matches.show(ui, theme, |ui| {
            let room = ui.available_height();
            let area = ScrollArea::vertical().id_salt("found").auto_shrink(false);
            area.show(ui, |ui| found(ui, view, room, &mut out));
        });
    }
    let mut wish = None;
    if let Some(draft) = view.draft() {
        // Always in sight, however long the form is.
        Panel::bottom("rule actions")
            .frame(bar.inner_margin(Margin::symmetric(14, 8)))
            .show(ui, |ui| {
                wish = form::actions_ui(ui, snapshot, draft, theme);
            });
    }
    CentralPanel::default()
        .frame(Frame::new().fill(theme.background))
        .show(ui, |ui| {
            let area = ScrollArea::vertical().id_salt("form").auto_shrink(false);
            area.show(ui, |ui| {
                Frame::new().inner_margin(14.0).show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    match view.draft() {
                        Some(draft) => form::form_ui(ui, snapshot, draft, theme),
                        None => welcome_ui(ui, snapshot, view, theme),
                    }
                    if narrow {
                        ui.separator();
                        found(ui, view, 0.0, &mut out);
                    }
                });
            });
        });
    if save {
        wish = Some(Wish::Save);
    }
    if let Some(wish) = wish {
        grant(wish, snapshot, view, bridge, &mut out);
    }
    try_draft(view, &mut out);
    view.saves.ui(ui, "rules", theme);
    out
}

/// What every window says when its picture is not to be trusted.
fn bands(ui: &mut Ui, snapshot: &Snapshot, theme: &Theme) {
    let band = |ui: &mut Ui, name: &str, text: &str, ground, color| {
        Panel::top(format!("rules {name}"))
            .frame(Frame::new())
            .exact_size(22.0)
            .show_separator_line(false)
            .show(ui, |ui| paint::band(ui, text, ground, color));
    };
    if let Some(age) = silence(ui.ctx(), snapshot) {
        band(ui, "silent", &silent_text(age), theme.alarm, theme.on_alarm);
    }
    if snapshot.badge == Badge::Demo {
        let text = crate::lang::tr(DEMO_BAND);
        band(ui, "demo", text, theme.demo_ground, theme.text);
    }
}

/// Has the engine try the rule in the form.
fn try_draft(view: &mut RulesView, out: &mut RulesOutcome) {
    let wanted = view.draft().and_then(|draft| draft.to_try());
    if wanted.as_ref() != view.told.as_deref() {
        view.told = wanted.map(Arc::new);
        out.commands.push(Command::Preview(view.told.clone()));
    }
}

/// What the rule in the form finds now and would have found; `room` is the height in sight.
fn found_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut RulesView,
    room: f32,
    theme: &Theme,
    out: &mut RulesOutcome,
) {
    let told = view.told.clone();
    // The engine answers a little later: what it says of another rule is not shown.
    let preview = snapshot.preview.as_deref();
    let preview = preview.filter(|preview| told.as_ref() == Some(&preview.rule));
    let timeframe = told
        .as_ref()
        .map_or(Timeframe::Minutes(30), |rule| rule.timeframe);
    // The past stands below without being scrolled to, where the window has room for both.
    let past = match snapshot.backtest {
        Some(_) => TRIED,
        None => UNTRIED,
    };
    let height = (room - past).max(LEAST);
    let waits = told.is_some();
    let now = ui.scope(|ui| matches::now_ui(ui, preview, waits, timeframe, height, theme));
    ui.add_space(12.0);
    ui.separator();
    let past = ui.scope(|ui| matches::past_ui(ui, snapshot, told.as_deref(), theme));
    for asked in [now.inner, past.inner] {
        out.commands.extend(asked.commands);
        if let Some((code, timeframe)) = asked.open {
            out.open.push(code);
            out.commands.push(Command::OpenStock(code));
            out.commands.push(Command::ShowTimeframe(code, timeframe));
        }
    }
}
