//! The left side of the editor: where a rule begins, and the list.

use egui::{Frame, Ui};

use crate::engine::{Command, Snapshot};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::draft::{Draft, free_name};
use super::presets::PRESETS;
use super::view::{Chosen, RulesView, begin_plain};
use super::{RulesOutcome, list};

/// Draws the side.
pub(super) fn side_ui(
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
            let name = t!("가져오기 (.kis.yaml)");
            let import = egui::Button::selectable(view.strategy.open, name).frame(true);
            if ui.add(import.frame_when_inactive(true)).clicked() {
                view.strategy.open = !view.strategy.open;
            }
        });
        if let Some(rule) = view.strategy.ui(ui, snapshot, theme) {
            view.begin(rule);
        }
        undo_ui(ui, view, theme, out);
        if let Some(draft) = view.drafts.get(&None) {
            let text = t!("%{name} (저장 안 됨)", name = draft.setting.name);
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

/// Draws where the form would be while there is no rule.
pub(super) fn welcome_ui(ui: &mut Ui, snapshot: &Snapshot, view: &mut RulesView, theme: &Theme) {
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
