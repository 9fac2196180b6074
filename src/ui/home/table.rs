//! The watchlist table. Lays out the visible rows only.

use std::collections::BTreeMap;

use egui::{Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::domain::{StockCode, Won};
use crate::engine::{Command, Ring, Row, Snapshot};

use crate::ui::theme::{self, ROW_HEIGHT, Theme};
use crate::ui::{fonts, paint};

use super::columns::{Column, columns, head, is_number};
use super::row::{RowPaint, cell_tip, paint_row, row_in_words, row_look};
use super::{HomeContext, HomeView, add_field};

/// Seconds a changed price stays tinted.
const FLASH: f64 = 0.25;
/// Seconds of one half of a blink: 1 Hz in all.
const HALF_BLINK: f64 = 0.5;
/// Seconds after which a ringing row keeps its mark only, whatever the engine says.
const RINGS_FOR: f64 = 60.0;

/// What the table remembers.
#[derive(Default)]
pub(super) struct TableView {
    selected: Option<StockCode>,
    prices: BTreeMap<StockCode, Seen>,
    /// When the first of the rows ringing now began: all blink in step.
    blink_start: Option<f64>,
    rings: BTreeMap<StockCode, (i64, f64)>,
    scroll_to: Option<f32>,
    offset: f32,
}

struct Seen {
    price: Won,
    /// When the price changed last and where to.
    change: Option<(f64, i64)>,
}

impl TableView {
    pub(super) fn go_top(&mut self) {
        self.selected = None;
        self.scroll_to = Some(0.0);
    }
}

/// Draws the table of the chosen group.
pub(super) fn table_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut HomeView,
    context: &HomeContext<'_>,
) -> Vec<Command> {
    let mut commands = vec![];
    let theme = context.theme;
    let rows = visible_rows(snapshot, view.group, view.add.filter());
    let left = ui.max_rect().left();
    let columns = columns(snapshot, left, ui.available_width() - 10.0);
    heads(ui, snapshot, &columns, theme);
    if rows.is_empty() {
        empty(ui, snapshot, view, theme);
        return commands;
    }
    let now = ui.input(|i| i.time);
    let lit = blink(ui, &rows, &mut view.table, now);
    let height = ui.available_height();
    commands.extend(keys(ui, &rows, &mut view.table, height));
    let mut area = ScrollArea::vertical()
        .id_salt("watchlist")
        .auto_shrink(false);
    if let Some(offset) = view.table.scroll_to.take() {
        area = area.vertical_scroll_offset(offset);
    }
    let out = area.show_rows(ui, ROW_HEIGHT, rows.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for row in &rows[range] {
            let rings = view.table.rings.get(&row.code);
            let fresh = rings.is_none_or(|&(_, start)| now - start < RINGS_FOR);
            let ring = match row.ring {
                Ring::Blinking(_) if !fresh => Ring::Marked,
                ring => ring,
            };
            let with = RowPaint {
                theme,
                columns: &columns,
                look: row_look(theme, ring, lit, context.reduced_motion),
                flash: flash(ui, &mut view.table, row, now, context.reduced_motion),
            };
            let (command, rect) = row_ui(ui, snapshot, row, &mut view.table.selected, &with);
            commands.extend(command);
            if ring != Ring::Quiet && ui.is_rect_visible(rect) {
                view.painted.report(snapshot, row.code, &mut commands);
            }
        }
    });
    view.table.offset = out.state.clamped_offset().y;
    commands
}

fn visible_rows<'a>(snapshot: &'a Snapshot, group: usize, filter: &str) -> Vec<&'a Row> {
    let in_group: Vec<&Row> = match snapshot.groups.get(group) {
        Some(g) => g
            .rows
            .iter()
            .filter_map(|&i| snapshot.rows.get(i))
            .collect(),
        None => snapshot.rows.iter().collect(),
    };
    if filter.is_empty() {
        return in_group;
    }
    // While typing, every group is searched; a new code leaves the list as it is.
    let found: Vec<&Row> = snapshot
        .rows
        .iter()
        .filter(|row| add_field::matches(row, filter))
        .collect();
    if found.is_empty() { in_group } else { found }
}

fn heads(ui: &mut Ui, snapshot: &Snapshot, columns: &[Column], theme: &Theme) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    let p = ui.painter();
    p.hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    for column in columns {
        let text = head(column.cell, &snapshot.columns);
        let font = fonts::regular(theme::SMALL);
        let (x, y) = (column.x, rect.center().y);
        if is_number(column.cell) {
            paint::right(p, x.max - 8.0, y, &text, font, theme.secondary);
        } else {
            let left = x.min
                + if column.x.min == columns[0].x.min {
                    12.0
                } else {
                    8.0
                };
            paint::left(p, left, y, x.span(), &text, font, theme.secondary);
        }
    }
}

fn row_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    row: &Row,
    selected: &mut Option<StockCode>,
    with: &RowPaint<'_>,
) -> (Option<Command>, Rect) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let id = Id::unique(("watchlist row", row.code));
    let response = ui.interact(rect, id, Sense::click());
    let is_selected = *selected == Some(row.code);
    response.widget_info(|| {
        let words = row_in_words(row, &snapshot.columns);
        WidgetInfo::selected(Role::Row, true, is_selected, words)
    });
    let p = ui.painter_at(rect);
    if is_selected {
        p.rect_filled(rect, 0.0, with.theme.selected_row());
    } else if response.hovered() {
        p.rect_filled(rect, 0.0, with.theme.hovered_row());
    }
    paint_row(&p, rect, row, with);
    if response.has_focus() {
        paint::focus_ring(&p, rect, with.theme);
    }
    let mut command = None;
    if response.clicked() {
        *selected = Some(row.code);
        command = Some(Command::OpenStock(row.code));
    }
    egui::Popup::context_menu(&response).show(|ui| {
        if ui.button("창 열기").clicked() {
            command = Some(Command::OpenStock(row.code));
        }
        if ui.button("관심 종목에서 빼기").clicked() {
            command = Some(Command::Unwatch(row.code));
        }
    });
    let under = response
        .hover_pos()
        .and_then(|at| with.columns.iter().find(|c| c.x.contains(at.x)));
    if let Some(tip) = under.and_then(|c| cell_tip(row, c.cell)) {
        response.on_hover_text_at_pointer(tip);
    }
    (command, rect)
}

/// ↑ ↓ move the selection, Enter opens it, Delete takes it out of the watchlist.
fn keys(ui: &mut Ui, rows: &[&Row], view: &mut TableView, height: f32) -> Option<Command> {
    // With the focus on some widget its own keys come first.
    if ui.ctx().memory(|m| m.focused()).is_some() {
        return None;
    }
    let place = rows.iter().position(|r| Some(r.code) == view.selected);
    let last = rows.len() - 1;
    let down = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::ArrowDown));
    let up = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::ArrowUp));
    let target = match (down, up, place) {
        (true, _, None) => Some(0),
        (true, _, Some(i)) => Some((i + 1).min(last)),
        (_, true, None) => Some(last),
        (_, true, Some(i)) => Some(i.saturating_sub(1)),
        _ => None,
    };
    if let Some(i) = target {
        view.selected = Some(rows[i].code);
        let (top, bottom) = (i as f32 * ROW_HEIGHT, (i + 1) as f32 * ROW_HEIGHT);
        if top < view.offset {
            view.scroll_to = Some(top);
        } else if view.offset + height < bottom {
            view.scroll_to = Some(bottom - height);
        }
    }
    let enter = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    let delete = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Delete));
    let code = view.selected.filter(|_| place.is_some())?;
    match (enter, delete) {
        (true, _) => Some(Command::OpenStock(code)),
        (false, true) => Some(Command::Unwatch(code)),
        (false, false) => None,
    }
}

/// Whether ringing rows are yellow now. One wake-up at each edge, none while nothing rings.
fn blink(ui: &Ui, rows: &[&Row], view: &mut TableView, now: f64) -> bool {
    let ringing: BTreeMap<StockCode, i64> = rows
        .iter()
        .filter_map(|row| match row.ring {
            Ring::Blinking(since) => Some((row.code, since.0)),
            _ => None,
        })
        .collect();
    view.rings
        .retain(|code, (since, _)| ringing.get(code) == Some(since));
    for (code, since) in ringing {
        view.rings.entry(code).or_insert((since, now));
    }
    let active = |&&(_, start): &&(i64, f64)| now - start < RINGS_FOR;
    if view.rings.values().filter(active).count() == 0 {
        view.blink_start = None;
        return false;
    }
    let start = *view.blink_start.get_or_insert(now);
    let halves = (now - start) / HALF_BLINK;
    let wait = (1.0 - halves.fract()) * HALF_BLINK;
    ui.ctx().request_repaint_after_secs(wait as f32 + 0.005);
    (halves as u64).is_multiple_of(2)
}

/// The direction of a price that changed a moment ago.
fn flash(ui: &Ui, view: &mut TableView, row: &Row, now: f64, still: bool) -> Option<i64> {
    let price = row.quote?.price;
    let seen = view.prices.entry(row.code).or_insert(Seen {
        price,
        change: None,
    });
    if seen.price != price {
        seen.change = Some((now, price.0 - seen.price.0));
        seen.price = price;
    }
    let (at, direction) = seen.change.filter(|_| !still)?;
    let left = at + FLASH - now;
    if left <= 0.0 {
        seen.change = None;
        return None;
    }
    ui.ctx().request_repaint_after_secs(left as f32 + 0.005);
    Some(direction)
}

/// One sentence and the one button that helps.
fn empty(ui: &mut Ui, snapshot: &Snapshot, view: &mut HomeView, theme: &Theme) {
    let sentence = if snapshot.rows.is_empty() {
        "아직 지켜보는 종목이 없습니다"
    } else {
        "이 그룹에는 종목이 없습니다"
    };
    ui.add_space((ui.available_height() / 3.0).min(120.0));
    ui.vertical_centered(|ui| {
        ui.label(paint::rich(
            sentence,
            fonts::bold(theme::TITLE),
            theme.secondary,
        ));
        ui.add_space(8.0);
        if ui.button("종목 추가…").clicked() {
            view.add.focus(false);
        }
    });
}
