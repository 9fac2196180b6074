//! The rules of the configuration file.

use std::sync::Arc;

use egui::{Id, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::engine::rules::RuleView;
use crate::engine::{Command, Snapshot};
use crate::settings::RuleSetting;
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint};

use super::words;

const ITEM: f32 = 66.0;

/// Draws the list; the rule that was clicked. `chosen` and `unsaved`: names.
pub(super) fn list_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    chosen: Option<&str>,
    unsaved: impl Fn(&str) -> bool,
    theme: &Theme,
    commands: &mut Vec<Command>,
) -> Option<Arc<RuleSetting>> {
    let mut clicked = None;
    if snapshot.rules.is_empty() {
        let text = t!("아직 조건이 없습니다. ‘새 조건’이나 ‘자주 쓰는 조건’으로 시작하세요");
        let text = paint::rich(text, fonts::regular(theme::BODY), theme.secondary);
        let margin = egui::Margin::symmetric(10, 0);
        egui::Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.add(egui::Label::new(text).wrap());
        });
        return None;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::vertical().id_salt("rules").auto_shrink(false);
    area.show_rows(ui, ITEM, snapshot.rules.len(), |ui, range| {
        for rule in &snapshot.rules[range] {
            let name = rule.setting.name.as_str();
            let look = (chosen == Some(name), unsaved(name));
            if item_ui(ui, snapshot, rule, look, theme, commands) {
                clicked = Some(rule.setting.clone());
            }
        }
    });
    clicked
}

fn item_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    rule: &RuleView,
    (is_chosen, is_unsaved): (bool, bool),
    theme: &Theme,
    commands: &mut Vec<Command>,
) -> bool {
    let setting = &rule.setting;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ITEM), Sense::hover());
    let id = Id::unique(("rule", &setting.name));
    let response = ui.interact(rect, id, Sense::click());
    let sentence = words::rule(setting, &snapshot.periods);
    let state = state_words(rule, snapshot);
    response.widget_info(|| {
        let text = format!("{}: {sentence}, {state}", setting.name);
        WidgetInfo::selected(Role::ListItem, true, is_chosen, text)
    });
    let p = ui.painter_at(rect);
    if is_chosen {
        p.rect_filled(rect, 0.0, theme.selected_row());
    } else if response.hovered() {
        p.rect_filled(rect, 0.0, theme.hovered_row());
    }
    p.hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    let left = rect.left() + 36.0;
    let room = rect.right() - 10.0 - left;
    let strong = match setting.enabled {
        true => theme.text,
        false => theme.faint,
    };
    let bold = fonts::bold(theme::BODY);
    let end = paint::left(
        &p,
        left,
        rect.top() + 15.0,
        room - 60.0,
        &setting.name,
        bold,
        strong,
    );
    if is_unsaved {
        let font = fonts::regular(theme::SMALL);
        let text = t!("저장 안 됨");
        paint::left(
            &p,
            end + 8.0,
            rect.top() + 15.0,
            70.0,
            text,
            font,
            theme.trouble,
        );
    }
    let font = fonts::regular(theme::SMALL);
    let frame = setting.timeframe.name();
    paint::right(
        &p,
        rect.right() - 10.0,
        rect.top() + 15.0,
        &frame,
        font.clone(),
        strong,
    );
    let body = fonts::regular(theme::SMALL);
    paint::left(
        &p,
        left,
        rect.top() + 34.0,
        room,
        &sentence,
        body,
        theme.secondary,
    );
    paint::left(&p, left, rect.top() + 51.0, room, &state, font, theme.faint);
    if response.has_focus() {
        paint::focus_ring(&p, rect, theme);
    }
    let mut on = setting.enabled;
    let place = Rect::from_min_size(pos2(rect.left() + 8.0, rect.top() + 5.0), vec2(22.0, 22.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(&setting.name));
    let check = child.checkbox(&mut on, "");
    let name = match setting.enabled {
        true => t!("‘%{name}’ 끄기", name = setting.name),
        false => t!("‘%{name}’ 켜기", name = setting.name),
    };
    if check
        .accessible_name(name.clone())
        .on_hover_text(name)
        .clicked()
    {
        let switched = RuleSetting {
            enabled: on,
            ..(**setting).clone()
        };
        commands.push(Command::PutRule {
            was: Some(setting.name.clone()),
            rule: Arc::new(switched),
            at: None,
        });
    }
    response.clicked()
}

/// Where it holds, and when it rang last.
fn state_words(rule: &RuleView, snapshot: &Snapshot) -> String {
    if !rule.setting.enabled {
        return t!("꺼짐").to_owned();
    }
    let mut words = Vec::new();
    if let Some(matching) = rule.matching {
        words.push(t!(
            "지금 %{holds}/%{watched}종목",
            holds = matching.holds,
            watched = matching.watched
        ));
        if 0 < matching.short {
            words.push(t!("기록 모자람 %{short}", short = matching.short));
        }
    }
    match &rule.last {
        Some((stock, at)) => {
            let when = format::when(*at, snapshot.now);
            words.push(t!("마지막 %{stock} %{when}", stock = stock, when = when));
        }
        None => words.push(t!("아직 울리지 않음").to_owned()),
    }
    words.join(" · ")
}
