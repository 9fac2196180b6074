//! The watchlist groups as tabs.

use std::ops::Range;

use egui::scroll_area::ScrollBarVisibility;
use egui::{Id, Painter, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use crate::engine::{Command, Snapshot};

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::groups::{GroupsView, groups_ui};

/// Height of the tabs, points.
const HEIGHT: f32 = 32.0;
/// Room for the choice at the right end, points.
const MATRIX: f32 = 84.0;
/// Room before the first tab, and for the way to make another group, points.
const BEFORE: f32 = 4.0;
const MORE: f32 = 32.0;
/// Groups are scrolled to in no less, points.
const LEAST: f32 = 140.0;

/// What stands in the middle of the home window.
pub(super) struct Choice<'a> {
    /// Which group.
    pub(super) group: &'a mut usize,
    /// The panel in which groups are made and changed.
    pub(super) groups: &'a mut GroupsView,
    /// Its alignments at a glance in place of its table.
    pub(super) matrix: &'a mut bool,
    /// The whole market in place of a group.
    pub(super) market: &'a mut bool,
    /// In a narrow window: the signals in place of everything else.
    pub(super) signals: Option<&'a mut bool>,
}

/// Draws the tabs; a click changes what is shown: a group, the whole market and, in a narrow
/// window, the signals. Behind the groups is the way to make another one. Groups that do not fit
/// are scrolled to; what stands behind them stays in sight, where there is room for both.
pub(super) fn tabs_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    choice: &mut Choice<'_>,
    theme: &Theme,
) -> Option<Command> {
    let (strip, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    ui.painter()
        .hline(strip.x_range(), strip.bottom() - 0.5, theme.line());
    let mut room = strip;
    let in_place = choice.signals.as_deref().is_some_and(|s| *s);
    if !*choice.market && !in_place && matrix_choice(ui, strip, choice.matrix, theme) {
        room.max.x -= MATRIX + 8.0;
    }
    let market = snapshot.groups.len();
    let p = ui.painter();
    let names = snapshot
        .groups
        .iter()
        .map(|group| tab_width(p, &group.name));
    let mut behind = MORE + tab_width(p, t!("전체 시장"));
    if choice.signals.is_some() {
        behind += tab_width(p, t!("신호"));
    }
    let groups = BEFORE + names.sum::<f32>();
    let apart = room.width() < groups + behind && LEAST + behind <= room.width();
    let (groups, rest) = room.split_left_right_at_x(match apart {
        true => room.right() - behind,
        false => room.right(),
    });
    let all = if apart { market } else { market + 2 };
    let mut child = ui.new_child(UiBuilder::new().max_rect(groups).id_salt("tabs"));
    child.set_clip_rect(groups.intersect(ui.clip_rect()));
    let area = ScrollArea::horizontal()
        .id_salt("tabs")
        .auto_shrink(false)
        .scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden);
    let mut asked = Asked::default();
    area.show(&mut child, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add_space(BEFORE);
            line_ui(ui, snapshot, choice, 0..all, theme, &mut asked);
        });
    });
    if apart {
        let mut child = ui.new_child(UiBuilder::new().max_rect(rest).id_salt("behind"));
        child.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            line_ui(ui, snapshot, choice, all..market + 2, theme, &mut asked);
        });
    }
    asked.command
}

/// What the user did with the tabs.
#[derive(Default)]
struct Asked {
    command: Option<Command>,
    /// A group is to be changed.
    edits: bool,
}

/// Draws the tabs of `shown`: the groups, the whole market, the signals.
fn line_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    choice: &mut Choice<'_>,
    shown: Range<usize>,
    theme: &Theme,
    asked: &mut Asked,
) {
    let market = snapshot.groups.len();
    let last = market + 1;
    for i in shown {
        if i == market {
            let (rect, _) = ui.allocate_exact_size(vec2(MORE, HEIGHT), Sense::hover());
            asked.command = groups_ui(
                ui,
                rect,
                snapshot,
                *choice.group,
                choice.groups,
                asked.edits,
                theme,
            );
        }
        let in_place = choice.signals.as_deref().is_some_and(|s| *s);
        let tab = match i {
            _ if i == last => Tab {
                name: t!("신호"),
                said: t!("신호 목록, 안 읽음 %{number}", number = snapshot.unread),
                number: snapshot.unread,
                selected: in_place,
            },
            _ if i == market => {
                let number = snapshot.market.rows.len();
                Tab {
                    name: t!("전체 시장"),
                    said: t!("전체 시장, %{number}종목", number = number),
                    number,
                    selected: !in_place && *choice.market,
                }
            }
            _ => {
                let group = &snapshot.groups[i];
                let number = group.rows.len();
                Tab {
                    name: &group.name,
                    said: t!(
                        "%{name} 그룹, %{number}종목",
                        name = group.name,
                        number = number
                    ),
                    number,
                    selected: !in_place && !*choice.market && i == *choice.group,
                }
            }
        };
        if i == last && choice.signals.is_none() {
            continue;
        }
        let response = tab_ui(ui, i, &tab, theme);
        let edited = i < market && response.secondary_clicked();
        if response.clicked() || edited {
            if let Some(signals) = &mut choice.signals {
                **signals = i == last;
            }
            if i < last {
                *choice.market = i == market;
            }
            if i < market {
                *choice.group = i;
            }
        }
        asked.edits |= edited;
    }
}

/// One tab.
struct Tab<'a> {
    name: &'a str,
    /// For screen readers.
    said: String,
    number: usize,
    selected: bool,
}

/// The bold width for all, so that nothing moves when another tab is chosen.
fn tab_width(p: &Painter, name: &str) -> f32 {
    paint::width(p, name, fonts::bold(theme::BODY)) + 12.0 * 2.0 + 22.0
}

fn tab_ui(ui: &mut Ui, i: usize, tab: &Tab<'_>, theme: &Theme) -> Response {
    let font = if tab.selected {
        fonts::bold(theme::BODY)
    } else {
        fonts::regular(theme::BODY)
    };
    let width = tab_width(ui.painter(), tab.name);
    let (rect, _) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    let response = ui.interact(rect, Id::unique(("group tab", i)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, tab.selected, &tab.said));
    // Another one has been chosen, perhaps by its key: it comes into view.
    let chosen = Id::unique("chosen tab");
    let before = ui.data(|data| data.get_temp::<usize>(chosen));
    if tab.selected && before != Some(i) {
        ui.data_mut(|data| data.insert_temp(chosen, i));
        ui.scroll_to_rect(rect, None);
    }
    let color = if tab.selected || response.hovered() {
        theme.text
    } else {
        theme.secondary
    };
    let p = ui.painter();
    let y = rect.center().y;
    let small = fonts::regular(theme::SMALL);
    let level = paint::level(p, y, font.clone(), small.clone());
    let right = paint::left(p, rect.left() + 12.0, y, width, tab.name, font, color);
    let count = tab.number.to_string();
    paint::left(p, right + 5.0, level, 40.0, &count, small, theme.faint);
    if tab.selected {
        let line = egui::Rect::from_min_max(
            egui::pos2(rect.left() + 8.0, rect.bottom() - 2.0),
            egui::pos2(rect.right() - 8.0, rect.bottom()),
        );
        p.rect_filled(line, 0.0, theme.accent);
    }
    if response.has_focus() {
        paint::focus_ring(p, rect, theme);
    }
    response
}

/// The choice between the table and the alignments at a glance, at the right end; whether there
/// was room for it.
fn matrix_choice(ui: &mut Ui, strip: egui::Rect, matrix: &mut bool, theme: &Theme) -> bool {
    if strip.width() < 420.0 {
        return false;
    }
    let min = egui::pos2(strip.right() - MATRIX, strip.top() + 4.0);
    let rect = egui::Rect::from_min_max(min, strip.max - vec2(8.0, 5.0));
    let id = ui.scope_id().with("matrix");
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| {
        let name = t!("정배열을 한눈에 보기");
        WidgetInfo::selected(Role::Button, true, *matrix, name)
    });
    let p = ui.painter();
    let ground = match (*matrix, response.hovered()) {
        (true, _) => theme.selected_row(),
        (false, true) => theme.hovered_row(),
        (false, false) => theme.background,
    };
    p.rect(rect, 4.0, ground, theme.line(), egui::StrokeKind::Inside);
    if response.has_focus() {
        paint::focus_ring(p, rect, theme);
    }
    let font = fonts::regular(theme::SMALL);
    let center = egui::Align2::CENTER_CENTER;
    p.text(rect.center(), center, t!("배열 한눈에"), font, theme.text);
    if response.clicked() {
        *matrix = !*matrix;
    }
    true
}
