//! The home window: watchlist, signals, proof of watching.

use egui::{CentralPanel, Frame, Panel, Rangef, Ui};

use crate::domain::StockCode;
use crate::engine::{Badge, Command, Snapshot};
use crate::lang;

use super::Awake;
use super::help::help_ui;
use super::keys::{self, Act};
use super::layout::{Chosen, View};
use super::rules::RulesAsk;
use super::saves::{Export, Saves};
use super::shared::silence;
use super::split::{Side, Split};
use super::theme::Theme;
use super::{format, paint};

mod add_field;
mod card;
mod columns;
mod copy;
mod cursor;
mod filter;
mod groups;
mod market;
mod matrix;
mod notices;
mod order;
mod proof;
mod requests;
mod row;
mod signals;
mod table;
mod tabs;
mod top_bar;

pub use row::{RowLook, row_look};

use add_field::AddField;
use notices::NoticesView;
use signals::SignalsView;
use table::TableView;

/// What the home window remembers between frames; nothing the engine already knows.
#[derive(Default)]
pub struct HomeView {
    add: AddField,
    /// Index of the shown group.
    group: usize,
    /// The group an earlier run showed, until the groups are known.
    wanted_group: Option<String>,
    /// Name of the shown group.
    group_name: Option<std::sync::Arc<str>>,
    /// The group the background knows of.
    told_group: usize,
    groups: groups::GroupsView,
    table: TableView,
    signals: SignalsView,
    notices: NoticesView,
    show_requests: bool,
    hide_signals: bool,
    /// A narrow window shows the signals in place of the watchlist.
    signals_in_place: bool,
    /// Alignments at a glance in place of the table.
    matrix: bool,
    /// The whole market in place of the watchlist.
    market: bool,
    /// Whether the background knows that it is.
    told_market: bool,
    market_list: market::MarketList,
    help: bool,
    /// Files being written.
    pub(super) saves: Saves,
    painted: Painted,
    /// The rules were asked for somewhere inside.
    rules: Option<RulesAsk>,
}

impl HomeView {
    /// As it was left in an earlier run.
    pub(super) fn as_chosen(chosen: &Chosen) -> Self {
        Self {
            wanted_group: chosen.group.clone(),
            matrix: chosen.view == View::Matrix,
            market: chosen.view == View::Market,
            hide_signals: chosen.signals_hidden,
            ..Self::default()
        }
    }

    /// Notes what is chosen.
    pub(super) fn remember(&self, chosen: &mut Chosen) {
        if self.wanted_group.is_none() && chosen.group.as_deref() != self.group_name.as_deref() {
            chosen.group = self.group_name.as_deref().map(str::to_owned);
        }
        chosen.view = match (self.market, self.matrix) {
            (true, _) => View::Market,
            (false, true) => View::Matrix,
            (false, false) => View::Table,
        };
        chosen.signals_hidden = self.hide_signals;
    }

    /// Keeps to the groups there are.
    fn follow_groups(&mut self, snapshot: &Snapshot) {
        if !snapshot.groups.is_empty()
            && let Some(wanted) = self.wanted_group.take()
        {
            let known = snapshot.groups.iter().position(|g| *g.name == *wanted);
            self.group = known.unwrap_or(self.group);
        }
        if let Some(new) = self.groups.arrived(snapshot) {
            (self.group, self.market) = (new, false);
        }
        self.group = self.group.min(snapshot.groups.len().saturating_sub(1));
    }
}

/// What the home window is told beside the snapshot.
pub struct HomeContext<'a> {
    /// Colours.
    pub theme: &'a Theme,
    /// Nothing blinks.
    pub reduced_motion: bool,
    /// Signals whose window waits for a calm moment.
    pub held: usize,
    /// Wishes the background has not taken yet.
    pub unsent: usize,
    /// What to say of the machine's sleep.
    pub awake: Awake,
}

/// What the user did.
#[derive(Default)]
pub struct HomeOutcome {
    /// Wishes, in order.
    pub commands: Vec<Command>,
    /// The user asked for the next signal.
    pub next_signal: bool,
    /// Files the user asked for.
    pub exports: Vec<Export>,
    /// The user asked for the settings.
    pub preferences: bool,
    /// The user asked for the rules.
    pub rules: Option<RulesAsk>,
}

/// Which signals have already been reported as painted.
#[derive(Default)]
struct Painted(std::collections::BTreeSet<crate::domain::SignalKey>);

impl Painted {
    /// Reports every unshown signal of `code` that stands on the screen now, once.
    fn report(&mut self, snapshot: &Snapshot, code: StockCode, commands: &mut Vec<Command>) {
        for signal in &snapshot.signals {
            if signal.key.code == code && signal.shown.is_none() && self.0.insert(signal.key) {
                commands.push(Command::Painted(signal.key));
            }
        }
    }

    fn forget_old(&mut self, snapshot: &Snapshot) {
        if 1_000 < self.0.len() {
            let known = |k: &_| snapshot.signals.iter().any(|s| s.key == *k);
            self.0.retain(known);
        }
    }
}

/// Draws the home window.
pub fn home_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut HomeView,
    context: &HomeContext<'_>,
) -> HomeOutcome {
    let mut out = HomeOutcome::default();
    let theme = context.theme;
    let width = ui.available_width();
    view.painted.forget_old(snapshot);
    view.follow_groups(snapshot);
    help_ui(ui, "home", &mut view.help, theme);
    keyboard(ui, snapshot, view);
    let bar = Frame::new().fill(theme.panel);
    Panel::top("top bar")
        .frame(bar.inner_margin(egui::Margin::symmetric(12, 8)))
        .exact_size(44.0)
        .show_separator_line(true)
        .show(ui, |ui| {
            top_bar::top_bar_ui(ui, snapshot, view, context, &mut out);
        });
    bands(ui, snapshot, context);
    Panel::bottom("proof of watching")
        .frame(bar.inner_margin(egui::Margin::symmetric(12, 4)))
        .exact_size(30.0)
        .show(ui, |ui| {
            let commands = proof::proof_ui(ui, snapshot, &mut view.notices, context);
            out.commands.extend(commands);
        });
    if view.show_requests && 300.0 < ui.available_height() {
        Panel::bottom("requests")
            .frame(bar.inner_margin(12.0))
            .exact_size(190.0)
            .show(ui, |ui| requests::requests_ui(ui, snapshot, theme));
    }
    let narrow = width < SIGNALS_BESIDE;
    if !view.hide_signals && !narrow {
        let split = Split {
            side: Side::Right,
            kept: "signals",
            salt: "signals",
            name: t!("신호 목록의 너비"),
            width: 316.0,
            range: Rangef::new(240.0, 520.0),
            frame: bar,
        };
        split.show(ui, theme, |ui| {
            signals_ui(ui, snapshot, view, theme, &mut out);
        });
    }
    CentralPanel::default()
        .frame(Frame::new().fill(theme.background))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let in_place = narrow.then_some(&mut view.signals_in_place);
            let mut choice = tabs::Choice {
                group: &mut view.group,
                groups: &mut view.groups,
                matrix: &mut view.matrix,
                market: &mut view.market,
                signals: in_place,
            };
            let changed = tabs::tabs_ui(ui, snapshot, &mut choice, theme);
            out.commands.extend(changed);
            view.group_name = snapshot.groups.get(view.group).map(|g| g.name.clone());
            if narrow && view.signals_in_place {
                signals_ui(ui, snapshot, view, theme, &mut out);
            } else if view.market {
                let commands = market::market_ui(ui, snapshot, view, theme);
                out.commands.extend(commands);
            } else if view.matrix {
                let commands = matrix::matrix_ui(ui, snapshot, view, context);
                out.commands.extend(commands);
            } else {
                out.commands
                    .extend(table::table_ui(ui, snapshot, view, context));
            }
        });
    if view.group != view.told_group
        && let Some(group) = snapshot.groups.get(view.group)
    {
        view.told_group = view.group;
        out.commands.push(Command::ShowGroup(group.name.clone()));
    }
    if view.market != view.told_market {
        view.told_market = view.market;
        out.commands.push(Command::ShowMarket(view.market));
    }
    view.saves.ui(ui, "home", theme);
    out.rules = view
        .rules
        .take()
        .or(view.table.take_rules())
        .or(view.signals.take_rules());
    out
}

/// A window at least so wide has the signals beside the watchlist, a narrower one in its place:
/// beside them the table would lose its 성립가 and its state.
const SIGNALS_BESIDE: f32 = 1010.0;

fn signals_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut HomeView,
    theme: &Theme,
    out: &mut HomeOutcome,
) {
    let (signals, painted) = (&mut view.signals, &mut view.painted);
    let commands = signals::signals_ui(ui, snapshot, signals, painted, theme);
    out.commands.extend(commands);
    out.exports.extend(signals.take_export());
}

/// The home window's own keys. The table reads its keys itself.
fn keyboard(ui: &mut Ui, snapshot: &Snapshot, view: &mut HomeView) {
    let ctx = ui.ctx().clone();
    let group = ctx.input_mut(|i| keys::which(i, Act::Group));
    if let Some(group) = group.filter(|&g| g < snapshot.groups.len()) {
        view.group = group;
        view.signals_in_place = false;
        view.market = false;
    }
    let hit = |act| ctx.input_mut(|i| keys::pressed(i, act));
    if hit(Act::GoHome) {
        view.go_home();
    }
    let slash = !ctx.text_edit_focused() && hit(Act::SlashField);
    if slash || hit(Act::Field) {
        view.add.focus(slash);
    }
}

impl HomeView {
    /// Back to the beginning: no filter, nothing selected, scrolled to the top.
    fn go_home(&mut self) {
        self.add.clear();
        self.signals_in_place = false;
        self.market = false;
        self.table.go_top();
    }
}

/// The bands that say that the picture is not to be trusted.
fn bands(ui: &mut Ui, snapshot: &Snapshot, context: &HomeContext<'_>) {
    let theme = context.theme;
    let silent = silence(ui.ctx(), snapshot);
    let demo = snapshot.badge == Badge::Demo;
    let band = |ui: &mut Ui, id: &str, text: &str, ground, color| {
        Panel::top(id.to_owned())
            .frame(Frame::new())
            .exact_size(22.0)
            .show_separator_line(false)
            .show(ui, |ui| paint::band(ui, text, ground, color));
    };
    if let Some(age) = silent {
        let text = silent_text(age);
        band(ui, "silent", &text, theme.alarm, theme.on_alarm);
    }
    if 0 < context.unsent {
        let text = t!(
            "요청 %{unsent}건이 처리를 기다립니다",
            unsent = format::grouped(context.unsent as i64)
        );
        band(ui, "unsent", &text, theme.demo_ground, theme.text);
    }
    if demo {
        band(
            ui,
            "demo",
            lang::tr(DEMO_BAND),
            theme.demo_ground,
            theme.text,
        );
    }
}

/// What every window says in the demo.
pub(super) const DEMO_BAND: &str = key!("가상 시세 · 데모 — 모든 가격은 만들어 낸 것입니다");

/// What every window says when the engine is silent.
pub(super) fn silent_text(age: std::time::Duration) -> String {
    t!(
        "감시가 %{seconds}초째 멈춰 있습니다. 화면의 값은 지금 값이 아닙니다. 계속되면 프로그램을 다시 시작하세요",
        seconds = age.as_secs()
    )
}
