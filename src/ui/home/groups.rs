//! The groups of the watchlist: made, renamed, taken out, and which stocks are in which.

use egui::{Popup, PopupCloseBehavior, Response, Role, Sense, TextEdit, Ui, WidgetInfo, vec2};

use crate::domain::StockCode;
use crate::engine::{Command, GroupView, Snapshot};
use crate::settings::GroupChange;

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

/// Width of the panel in which groups are made and changed.
const WIDTH: f32 = 260.0;
/// Letters of a group's name.
const LONGEST: usize = 30;

/// What the panel remembers.
#[derive(Default)]
pub(super) struct GroupsView {
    /// Name of the group to be made.
    new: String,
    /// The shown group, and its name as it is being changed.
    renamed: Option<(std::sync::Arc<str>, String)>,
    /// The first press on the button that takes a group with stocks out.
    sure: bool,
    /// The panel was there in the last frame.
    opened: bool,
    /// A group that was made or renamed here: shown as soon as it is there.
    pub(super) awaited: Option<String>,
}

impl GroupsView {
    /// The place of the group that was made or renamed here, once it is there.
    pub(super) fn arrived(&mut self, snapshot: &Snapshot) -> Option<usize> {
        let wanted = self.awaited.as_deref()?;
        let mut groups = snapshot.groups.iter();
        let place = groups.position(|group| *group.name == *wanted)?;
        self.awaited = None;
        Some(place)
    }
}

/// Whether a stock is in a group.
pub(super) fn holds(snapshot: &Snapshot, group: &GroupView, code: StockCode) -> bool {
    let mut rows = group.rows.iter().filter_map(|&i| snapshot.rows.get(i));
    rows.any(|row| row.code == code)
}

/// Takes a stock off the list: out of the shown group, where another one has it too.
pub(super) fn take_out(snapshot: &Snapshot, group: usize, code: StockCode) -> Command {
    let in_groups = snapshot.groups.iter().filter(|g| holds(snapshot, g, code));
    match snapshot.groups.get(group) {
        Some(shown) if holds(snapshot, shown, code) && 1 < in_groups.count() => {
            Command::Group(GroupChange::Leave {
                group: shown.name.to_string(),
                code,
            })
        }
        _ => Command::Unwatch(code),
    }
}

/// The lines of a stock's menu that put it into a group it is not in; `group` is the shown one.
pub(super) fn put_into_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    group: usize,
    code: StockCode,
) -> Option<Command> {
    let others = |g: &&GroupView| !holds(snapshot, g, code);
    let shown = snapshot.groups.get(group);
    let mut names: Vec<&str> = snapshot
        .groups
        .iter()
        .filter(others)
        .map(|group| &*group.name)
        .collect();
    if snapshot.groups.is_empty() {
        names.push(super::add_field::FIRST_GROUP);
    }
    // The group one is looking at is meant most often.
    names.sort_by_key(|name| shown.is_none_or(|shown| *shown.name != **name));
    let mut command = None;
    let mut offer = |ui: &mut Ui, name: &str| {
        if ui
            .button(t!("‘%{name}’ 그룹에 넣기", name = name))
            .clicked()
        {
            command = Some(Command::Watch {
                code,
                group: name.to_owned(),
            });
        }
    };
    match names.as_slice() {
        [] => {}
        few if few.len() <= 3 => few.iter().for_each(|name| offer(ui, name)),
        many => {
            ui.menu_button(t!("그룹에 넣기"), |ui| {
                many.iter().for_each(|name| offer(ui, name));
            });
        }
    }
    command
}

/// The tab that opens the panel; `rect` is its place. `open`: the panel was asked for elsewhere.
pub(super) fn groups_ui(
    ui: &mut Ui,
    rect: egui::Rect,
    snapshot: &Snapshot,
    group: usize,
    view: &mut GroupsView,
    open: bool,
    theme: &Theme,
) -> Option<Command> {
    let id = ui.scope_id().with("groups");
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, t!("그룹 만들기, 이름 바꾸기, 지우기"))
    });
    let color = match response.hovered() {
        true => theme.text,
        false => theme.secondary,
    };
    let (p, center) = (ui.painter(), rect.center());
    let stroke = egui::Stroke::new(1.5, color);
    for arm in [vec2(5.0, 0.0), vec2(0.0, 5.0)] {
        p.line_segment([center - arm, center + arm], stroke);
    }
    if response.has_focus() {
        paint::focus_ring(p, rect, theme);
    }
    let popup = Popup::default_response_id(&response);
    if open {
        Popup::open_id(ui.ctx(), popup);
    }
    let mut command = None;
    // Not in the look of a menu, in which a field has no frame to be seen by.
    let shown = Popup::from_toggle_button_response(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(WIDTH);
            command = panel_ui(ui, snapshot, snapshot.groups.get(group), view, theme);
        });
    match shown {
        None => (view.sure, view.opened, view.renamed) = (false, false, None),
        Some(_) if command.is_some() => Popup::close_id(ui.ctx(), popup),
        Some(_) => {}
    }
    response.on_hover_text(t!("그룹 만들기, 이름 바꾸기, 지우기"));
    command
}

fn panel_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    shown: Option<&GroupView>,
    view: &mut GroupsView,
    theme: &Theme,
) -> Option<Command> {
    let mut change = None;
    heading(ui, t!("새 그룹"), theme);
    let words = (t!("새 그룹 이름"), t!("만들기"));
    let focus = !std::mem::replace(&mut view.opened, true);
    if let Some(name) = name_ui(ui, &mut view.new, words, focus, snapshot) {
        change = Some(GroupChange::Add(name.clone()));
        view.new.clear();
        view.awaited = Some(name);
    }
    if let Some(group) = shown {
        ui.separator();
        heading(ui, &t!("‘%{name}’ 그룹", name = group.name), theme);
        let renamed = match view.renamed.take() {
            Some((of, name)) if of == group.name => (of, name),
            _ => (group.name.clone(), group.name.to_string()),
        };
        let (of, typed) = view.renamed.insert(renamed);
        let words = (t!("그룹의 이름"), t!("이름 바꾸기"));
        if let Some(name) = name_ui(ui, typed, words, false, snapshot) {
            change = Some(GroupChange::Rename {
                was: of.to_string(),
                name,
            });
        }
        change = remove_ui(ui, group, &mut view.sure, theme).or(change);
    }
    change.map(Command::Group)
}

fn heading(ui: &mut Ui, text: &str, theme: &Theme) {
    ui.label(paint::rich(
        text,
        fonts::bold(theme::SMALL),
        theme.secondary,
    ));
}

/// A name being typed with its button; answers the name once it is wanted and can be had.
fn name_ui(
    ui: &mut Ui,
    text: &mut String,
    (label, button): (&str, &str),
    focus: bool,
    snapshot: &Snapshot,
) -> Option<String> {
    let name = text.trim().to_owned();
    let taken = snapshot.groups.iter().any(|group| *group.name == *name);
    let mut wanted = false;
    ui.horizontal(|ui| {
        let edit = TextEdit::singleline(text)
            .desired_width(WIDTH - 110.0)
            .char_limit(LONGEST);
        let field: Response = ui.add(edit).accessible_name(label);
        if focus {
            field.request_focus();
        }
        let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let can = !name.is_empty() && !taken;
        let pressed = ui.add_enabled(can, egui::Button::new(button)).clicked();
        wanted = can && (pressed || entered);
    });
    wanted.then_some(name)
}

/// A group with stocks is taken out by a second press.
fn remove_ui(
    ui: &mut Ui,
    group: &GroupView,
    sure: &mut bool,
    theme: &Theme,
) -> Option<GroupChange> {
    let mut removed = false;
    let stocks = group.rows.len();
    ui.horizontal_wrapped(|ui| {
        if *sure {
            let text = t!("%{stocks}종목도 이 그룹에서 빠집니다", stocks = stocks);
            let font = fonts::regular(theme::SMALL);
            ui.label(paint::rich(&text, font, theme.text));
            removed = ui.button(t!("지우기 확인")).clicked();
        } else if ui.button(t!("그룹 지우기")).clicked() {
            removed = stocks == 0;
            *sure = !removed;
        }
    });
    removed.then(|| GroupChange::Remove(group.name.to_string()))
}
