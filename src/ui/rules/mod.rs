//! The editor of rules: a window of its own beside the watchlist.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{CentralPanel, Frame, Margin, Panel, Rangef, ScrollArea, Ui};

use crate::domain::{StockCode, Timeframe};
use crate::engine::{Badge, Command, Snapshot};
use crate::settings::RuleSetting;

use super::home::{DEMO_BAND, silent_text};
use super::keys::{self, Act};
use super::saves::Saves;
use super::shared::silence;
use super::split::{Side, Split};
use super::theme::{self, Theme};
use super::{fonts, paint};

mod draft;
mod form;
mod list;
mod matches;
mod presets;
mod sentence;
mod strategy_file;
mod window;
mod words;

pub(crate) use window::RulesWindow;

use draft::{Draft, free_name, plain};
use form::Wish;
use presets::PRESETS;
use strategy_file::StrategyFile;

/// Below this width what the rule finds stands under the form.
const NARROW: f32 = 920.0;
/// So many pictures after a rule was kept the engine must show it; else it was refused.
const PICTURES: u64 = 45;

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

/// What the editor remembers between frames; nothing the engine already knows.
#[derive(Default)]
pub(crate) struct RulesView {
    /// Rules being written, by the name they are kept under; a new one has none. What is not
    /// saved stays while another rule is looked at.
    drafts: BTreeMap<Option<String>, Draft>,
    chosen: Chosen,
    undo: Option<Undo>,
    /// The rule the engine tries.
    told: Option<Arc<RuleSetting>>,
    ask: Option<RulesAsk>,
    /// The rule kept last, and the picture at that time: until the engine shows it, its list
    /// still has the old one.
    saved: Option<(Arc<RuleSetting>, u64)>,
    saves: Saves,
    strategy: StrategyFile,
    /// Where the window stands.
    place: Option<super::layout::Place>,
}

/// The rule in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Chosen {
    #[default]
    None,
    Kept(String),
    New,
}

/// A rule that was taken out.
struct Undo {
    rule: Arc<RuleSetting>,
    at: usize,
}

/// What the user did.
#[derive(Default)]
pub(crate) struct RulesOutcome {
    pub(crate) commands: Vec<Command>,
    /// Open these stocks' windows.
    pub(crate) open: Vec<StockCode>,
    pub(crate) close: bool,
}

impl RulesView {
    /// Asks for a rule or a new one, from the next frame on.
    pub(crate) fn ask(&mut self, ask: RulesAsk) {
        self.ask = Some(ask);
    }

    /// The window is closed: the engine need not try anything any more.
    pub(crate) fn closed(&mut self) -> [Command; 2] {
        self.told = None;
        [Command::Preview(None), Command::ShowRules(false)]
    }

    /// The kept rule in the form, by name.
    fn chosen_rule(&self) -> Option<&str> {
        match &self.chosen {
            Chosen::Kept(name) => Some(name),
            Chosen::None | Chosen::New => None,
        }
    }

    fn key(&self) -> Option<Option<String>> {
        match &self.chosen {
            Chosen::None => None,
            Chosen::Kept(name) => Some(Some(name.clone())),
            Chosen::New => Some(None),
        }
    }

    fn draft(&mut self) -> Option<&mut Draft> {
        let key = self.key()?;
        self.drafts.get_mut(&key)
    }

    fn begin(&mut self, setting: RuleSetting) {
        self.drafts.insert(None, Draft::new(setting));
        self.chosen = Chosen::New;
    }

    fn choose(&mut self, rule: &Arc<RuleSetting>) {
        self.chosen = Chosen::Kept(rule.name.clone());
        self.drafts
            .entry(Some(rule.name.clone()))
            .or_insert_with(|| Draft::of(rule));
    }

    /// Answers what was asked for from outside, and follows what changed in the engine.
    fn follow(&mut self, snapshot: &Snapshot) {
        if let Some((rule, since)) = &self.saved {
            let shown = snapshot.rules.iter().any(|known| known.setting == *rule);
            if !shown && snapshot.seq < since + PICTURES {
                return;
            }
            self.saved = None;
        }
        for rule in snapshot.rules.iter() {
            let Some(draft) = self.drafts.get_mut(&Some(rule.setting.name.clone())) else {
                continue;
            };
            let Some(was) = draft.was.clone().filter(|was| *was != rule.setting) else {
                continue;
            };
            if *was == draft.setting {
                *draft = Draft::of(&rule.setting);
            } else {
                // What the user has under way stays, but for the switch of the list.
                if was.enabled != rule.setting.enabled {
                    draft.setting.enabled = rule.setting.enabled;
                }
                draft.was = Some(rule.setting.clone());
            }
        }
        match self.ask.take() {
            None | Some(RulesAsk::List) => {}
            Some(RulesAsk::NewFor(code)) => {
                let name = snapshot.rows.iter().find(|row| row.code == code);
                let name = name.map_or(code.to_string(), |row| row.name.to_string());
                let name = t!("%{name} 조건", name = name);
                let mut new = plain(
                    &free_name(&name, &snapshot.rules),
                    Timeframe::Minutes(30),
                    "alignment becomes bullish",
                );
                new.codes = Some(vec![code]);
                self.begin(new);
            }
            Some(RulesAsk::Rule(name)) => {
                let known = snapshot.rules.iter().find(|r| r.setting.name == name);
                if let Some(rule) = known {
                    self.choose(&rule.setting);
                }
            }
        }
        // What was just taken out may still be in the picture.
        let gone = self.undo.as_ref().map(|undo| undo.rule.name.clone());
        let stays =
            |rule: &&crate::engine::rules::RuleView| Some(&rule.setting.name) != gone.as_ref();
        if self.chosen == Chosen::None
            && let Some(first) = snapshot.rules.iter().find(stays)
        {
            self.choose(&first.setting);
        }
    }
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
    let found = |ui: &mut Ui, view: &mut RulesView, out: &mut RulesOutcome| {
        found_ui(ui, snapshot, view, theme, out);
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
            let area = ScrollArea::vertical().id_salt("found").auto_shrink(false);
            area.show(ui, |ui| found(ui, view, &mut out));
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
                        found(ui, view, &mut out);
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

fn begin_plain(view: &mut RulesView, snapshot: &Snapshot) {
    let name = free_name(t!("새 조건"), &snapshot.rules);
    let when = "alignment becomes bullish";
    view.begin(plain(&name, Timeframe::Minutes(30), when));
}

fn side_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut RulesView,
    theme: &Theme,
    out: &mut RulesOutcome,
) {
    Frame::new().inner_margin(10.0).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            if ui.button(t!("새 조건")).on_hover_text("Ctrl+N").clicked() {
                begin_plain(view, snapshot);
            }
            ui.menu_button(t!("자주 쓰는 조건"), |ui| {
                if presets_ui(ui, snapshot, view, theme) {
                    ui.close();
                }
            });
        });
        let name = t!("가져오기 (.kis.yaml)");
        ui.toggle_value(&mut view.strategy.open, name);
        if let Some(rule) = view.strategy.ui(ui, snapshot, theme) {
            view.begin(rule);
        }
        undo_ui(ui, view, theme, out);
        if let Some(draft) = view.drafts.get(&None) {
            let text = t!("%{name} (새 조건, 저장 안 됨)", name = draft.setting.name);
            let chosen = view.chosen == Chosen::New;
            if ui.selectable_label(chosen, text).clicked() {
                view.chosen = Chosen::New;
            }
        }
    });
    let chosen = match &view.chosen {
        Chosen::Kept(name) => Some(name.as_str()),
        Chosen::None | Chosen::New => None,
    };
    let drafts = &view.drafts;
    let unsaved = |name: &str| {
        let draft = drafts.get(&Some(name.to_owned()));
        draft.is_some_and(Draft::is_changed)
    };
    let clicked = list::list_ui(ui, snapshot, chosen, unsaved, theme, &mut out.commands);
    if let Some(rule) = clicked {
        view.choose(&rule);
    }
}

/// Offers the usual rules; answers whether one was taken.
fn presets_ui(ui: &mut Ui, snapshot: &Snapshot, view: &mut RulesView, theme: &Theme) -> bool {
    let mut chosen = false;
    ui.set_max_width(360.0);
    for preset in PRESETS {
        let name = crate::lang::tr(preset.name);
        let about = crate::lang::tr(preset.about);
        if ui.button(name).on_hover_text(about).clicked() {
            let mut rule = preset.rule();
            rule.name = free_name(&rule.name, &snapshot.rules);
            view.begin(rule);
            chosen = true;
        }
        let font = fonts::regular(theme::SMALL);
        ui.label(paint::rich(about, font, theme.secondary));
        ui.add_space(4.0);
    }
    chosen
}

fn undo_ui(ui: &mut Ui, view: &mut RulesView, theme: &Theme, out: &mut RulesOutcome) {
    let Some(undo) = &view.undo else { return };
    let mut done = false;
    ui.horizontal_wrapped(|ui| {
        let text = t!("‘%{name}’을(를) 지웠습니다", name = undo.rule.name);
        let font = fonts::regular(theme::SMALL);
        ui.label(paint::rich(&text, font, theme.secondary));
        if ui.button(t!("지운 조건 되살리기")).clicked() {
            out.commands.push(Command::PutRule {
                was: None,
                rule: undo.rule.clone(),
                at: Some(undo.at),
            });
            done = true;
        }
        let name = t!("알림 닫기");
        done |= paint::icon_button(ui, paint::Icon::Close, name, theme).clicked();
    });
    if done {
        view.undo = None;
    }
}

fn welcome_ui(ui: &mut Ui, snapshot: &Snapshot, view: &mut RulesView, theme: &Theme) {
    ui.label(paint::rich(
        t!("어떤 순간을 알려 드릴까요?"),
        fonts::bold(theme::TITLE),
        theme.text,
    ));
    ui.add_space(8.0);
    presets_ui(ui, snapshot, view, theme);
    if ui.button(t!("처음부터 만들기")).clicked() {
        begin_plain(view, snapshot);
    }
}

fn found_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut RulesView,
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
    let height = 8.0 * 24.0;
    let now = ui.scope(|ui| matches::now_ui(ui, preview, timeframe, height, theme));
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

fn grant(
    wish: Wish,
    snapshot: &Snapshot,
    view: &mut RulesView,
    bridge: &dyn super::Bridge,
    out: &mut RulesOutcome,
) {
    let Some(draft) = view.draft() else { return };
    match wish {
        Wish::Save => {
            if !draft.is_changed() || draft.problem(&snapshot.rules).is_some() {
                return;
            }
            let rule = Arc::new(draft.setting.clone());
            let was = draft.was.as_ref().map(|was| was.name.clone());
            out.commands.push(Command::PutRule {
                was,
                rule: rule.clone(),
                at: None,
            });
            if let Some(key) = view.key() {
                view.drafts.remove(&key);
            }
            view.choose(&rule);
            view.saved = Some((rule, snapshot.seq));
        }
        Wish::Revert => match draft.was.clone() {
            Some(was) => *draft = Draft::of(&was),
            None => {
                view.drafts.remove(&None);
                view.chosen = Chosen::None;
            }
        },
        Wish::Duplicate => {
            let mut copy = draft.setting.clone();
            copy.name = free_name(&copy.name, &snapshot.rules);
            view.begin(copy);
        }
        Wish::Remove => {
            let Some(was) = draft.was.clone() else { return };
            let place = snapshot
                .rules
                .iter()
                .position(|r| r.setting.name == was.name);
            out.commands.push(Command::RemoveRule(was.name.clone()));
            view.drafts.remove(&Some(was.name.clone()));
            view.undo = place.map(|at| Undo { rule: was, at });
            view.chosen = Chosen::None;
        }
        Wish::Export => {
            let setting = draft.setting.clone();
            if let Some(export) = view.strategy.export(&setting, &snapshot.periods) {
                view.saves.save(bridge, export);
            }
        }
    }
}
