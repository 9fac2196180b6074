//! The watchlist table. Lays out the visible rows only.

use std::collections::BTreeMap;

use egui::{Id, Rangef, Rect, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2};

use crate::domain::{StockCode, Won};
use crate::engine::{Command, Ring, Row, Snapshot};

use crate::ui::keys::{self, Act};
use crate::ui::rules::RulesAsk;
use crate::ui::theme::{self, ROW_HEIGHT, Theme};
use crate::ui::{fonts, paint};

use super::columns::{Column, columns, head, is_number};
use super::copy::{asked, list_as_text, row_as_text};
use super::cursor::Cursor;
use super::groups::{put_into_ui, take_out};
use super::order::Sort;
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
    pub(super) cursor: Cursor,
    prices: BTreeMap<StockCode, Seen>,
    /// When the first of the rows ringing now began: all blink in step.
    blink_start: Option<f64>,
    rings: BTreeMap<StockCode, (i64, f64)>,
    /// By a column; else the user's own order.
    sort: Option<Sort>,
    /// The row being dragged to another place.
    dragged: Option<Dragged>,
    rules: Option<RulesAsk>,
}

/// A row on its way.
struct Dragged {
    code: StockCode,
    /// Between which rows it would be dropped, counted from the top.
    gap: Option<usize>,
}

struct Seen {
    price: Won,
    /// When the price changed last and where to.
    change: Option<(f64, i64)>,
}

impl TableView {
    /// The rule the user asked for in this frame.
    pub(super) fn take_rules(&mut self) -> Option<RulesAsk> {
        self.rules.take()
    }

    pub(super) fn go_top(&mut self) {
        self.cursor.go_top();
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
    let filter = view.add.filter();
    let mut rows = visible_rows(snapshot, view.group, filter);
    if let Some(sort) = &view.table.sort {
        sort.apply(&mut rows);
    }
    // Only the user's own order can be changed by hand.
    let group = snapshot.groups.get(view.group).map(|g| g.name.clone());
    let group = group.filter(|_| filter.is_empty() && view.table.sort.is_none());
    let group = group.as_deref();
    let left = ui.max_rect().left();
    let columns = columns(snapshot, left, ui.available_width() - 10.0);
    heads(ui, snapshot, &columns, &mut view.table.sort, theme);
    if rows.is_empty() {
        empty(ui, snapshot, view, theme);
        return commands;
    }
    let now = ui.input(|i| i.time);
    let lit = blink(ui, &rows, &mut view.table, now);
    let height = ui.available_height();
    // Before the keys of a row, which would match its key too.
    let mut copies = asked(ui);
    commands.extend(keyboard(
        ui,
        &rows,
        snapshot,
        &mut view.table,
        height,
        (view.group, group),
    ));
    let area = view.table.cursor.area("watchlist");
    let out = area.show_rows(ui, ROW_HEIGHT, rows.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (i, row) in rows.iter().enumerate().take(range.end).skip(range.start) {
            let ring = rings_still(&view.table, row, now);
            let with = RowPaint {
                theme,
                snapshot,
                columns: &columns,
                look: row_look(theme, ring, lit, context.reduced_motion),
                flash: flash(ui, &mut view.table, row, now, context.reduced_motion),
            };
            let place = (view.group, group.is_some());
            let (asked, rect) = row_ui(ui, snapshot, row, &mut view.table, place, &with);
            match asked {
                Some(Asked::Command(command)) => commands.push(command),
                Some(Asked::CopyList) => copies = true,
                None => {}
            }
            if let Some(dragged) = &mut view.table.dragged {
                drop_mark(ui, i, rect, dragged, theme);
            }
            if ring != Ring::Quiet && ui.is_rect_visible(rect) {
                view.painted.report(snapshot, row.code, &mut commands);
            }
        }
    });
    if copies {
        ui.ctx().copy_text(list_as_text(&rows, snapshot));
    }
    view.table.cursor.drawn(out.state.clamped_offset().y);
    commands.extend(drop_row(ui, &rows, &mut view.table, group));
    commands
}

pub(super) fn visible_rows<'a>(snapshot: &'a Snapshot, group: usize, filter: &str) -> Vec<&'a Row> {
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

/// The heads; a click sorts.
fn heads(
    ui: &mut Ui,
    snapshot: &Snapshot,
    columns: &[Column],
    sort: &mut Option<Sort>,
    theme: &Theme,
) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    for (i, column) in columns.iter().enumerate() {
        let text = head(column.cell, &snapshot.columns);
        let area = Rect::from_x_y_ranges(column.x, rect.y_range());
        let id = Id::unique(("watchlist head", i));
        let response = ui.interact(area, id, Sense::click());
        let direction = sort.as_ref().and_then(|s| s.direction(column.cell));
        response.widget_info(|| {
            let order = match direction {
                Some(true) => t!(", 큰 것부터"),
                Some(false) => t!(", 작은 것부터"),
                None => "",
            };
            WidgetInfo::labeled(
                Role::ColumnHeader,
                true,
                t!("%{text} 정렬%{order}", text = text, order = order),
            )
        });
        let p = ui.painter();
        if response.hovered() {
            p.rect_filled(area, 0.0, theme.hovered_row());
        }
        if response.has_focus() {
            paint::focus_ring(p, area, theme);
        }
        let (font, color) = match direction {
            Some(_) => (fonts::bold(theme::SMALL), theme.text),
            None => (fonts::regular(theme::SMALL), theme.secondary),
        };
        let (x, y) = (column.x, rect.center().y);
        let mark = if is_number(column.cell) {
            let galley = p.layout_no_wrap(text, font, color);
            let left = x.max - 8.0 - galley.size().x;
            p.galley(pos2(left, y - galley.size().y / 2.0), galley, color);
            left - 7.0
        } else {
            let left = x.min + if i == 0 { 12.0 } else { 8.0 };
            paint::left(p, left, y, x.span(), &text, font, color) + 7.0
        };
        if let Some(falling) = direction {
            let tip = if falling { 3.0 } else { -3.0 };
            let points = vec![
                pos2(mark - 4.0, y - tip),
                pos2(mark + 4.0, y - tip),
                pos2(mark, y + tip),
            ];
            let stroke = egui::Stroke::NONE;
            p.add(Shape::convex_polygon(points, color, stroke));
        }
        if response.clicked() {
            *sort = Sort::click(sort.as_ref(), column.cell, snapshot);
        }
    }
}

/// Where a dragged row would be dropped, if the pointer is over this one.
fn drop_mark(ui: &Ui, i: usize, rect: Rect, dragged: &mut Dragged, theme: &Theme) {
    let Some(at) = ui.input(|input| input.pointer.latest_pos()) else {
        return;
    };
    if !rect.y_range().contains(at.y) {
        return;
    }
    let below = rect.center().y < at.y;
    dragged.gap = Some(i + usize::from(below));
    let y = if below { rect.bottom() } else { rect.top() };
    let line = Rangef::new(y - 1.0, y + 1.0);
    let line = Rect::from_x_y_ranges(rect.x_range(), line);
    ui.painter().rect_filled(line, 0.0, theme.accent);
}

/// Ends a drag when the button is let go.
fn drop_row(ui: &Ui, rows: &[&Row], view: &mut TableView, group: Option<&str>) -> Option<Command> {
    if !ui.input(|input| input.pointer.any_released() || !input.pointer.any_down()) {
        return None;
    }
    let dragged = view.dragged.take()?;
    let from = rows.iter().position(|row| row.code == dragged.code)?;
    let gap = dragged.gap?;
    let to = if from < gap { gap - 1 } else { gap };
    move_to(dragged.code, from, to, group)
}

fn move_to(code: StockCode, from: usize, to: usize, group: Option<&str>) -> Option<Command> {
    let group = group?.to_owned();
    (from != to).then_some(Command::MoveStock { code, group, to })
}

/// What the user asked for at a row.
enum Asked {
    Command(Command),
    /// All rows as text.
    CopyList,
}

fn row_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    row: &Row,
    view: &mut TableView,
    (group, movable): (usize, bool),
    with: &RowPaint<'_>,
) -> (Option<Asked>, Rect) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let id = Id::unique(("watchlist row", row.code));
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let is_selected = view.cursor.selected == Some(row.code);
    response.widget_info(|| {
        let words = row_in_words(row, snapshot);
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
    let mut copies = false;
    if response.clicked() {
        view.cursor.selected = Some(row.code);
        command = Some(Command::OpenStock(row.code));
    }
    if movable && response.drag_started_by(egui::PointerButton::Primary) {
        view.dragged = Some(Dragged {
            code: row.code,
            gap: None,
        });
    }
    if view.dragged.as_ref().is_some_and(|d| d.code == row.code) {
        p.rect_filled(rect, 0.0, with.theme.selected_row());
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    }
    egui::Popup::context_menu(&response).show(|ui| {
        if ui.button(t!("창 열기")).clicked() {
            command = Some(Command::OpenStock(row.code));
        }
        if row.trouble.is_some() && ui.button(t!("다시 시도")).clicked() {
            command = Some(Command::Retry(row.code));
        }
        if ui.button(t!("이 종목에 조건 만들기")).clicked() {
            view.rules = Some(RulesAsk::NewFor(row.code));
        }
        if ui.button(t!("줄 복사 (Ctrl+C)")).clicked() {
            ui.ctx().copy_text(row_as_text(row, snapshot));
            ui.close();
        }
        copies = ui.button(t!("목록 모두 복사 (Ctrl+Shift+C)")).clicked();
        if let Some(put) = put_into_ui(ui, snapshot, group, row.code) {
            command = Some(put);
        }
        let out = take_out(snapshot, group, row.code);
        if matches!(out, Command::Group(_)) && ui.button(t!("이 그룹에서 빼기")).clicked() {
            command = Some(out);
        }
        if ui.button(t!("관심 종목에서 빼기")).clicked() {
            command = Some(Command::Unwatch(row.code));
        }
    });
    let under = response
        .hover_pos()
        .and_then(|at| with.columns.iter().find(|c| c.x.contains(at.x)));
    if let Some(tip) = under.and_then(|c| cell_tip(row, c.cell, snapshot)) {
        response.on_hover_text_at_pointer(tip);
    }
    let asked = command.map(Asked::Command);
    (asked.or(copies.then_some(Asked::CopyList)), rect)
}

/// The keys of the list: choose, open, move, copy, take out.
fn keyboard(
    ui: &mut Ui,
    rows: &[&Row],
    snapshot: &Snapshot,
    view: &mut TableView,
    height: f32,
    (shown, group): (usize, Option<&str>),
) -> Option<Command> {
    if !Cursor::listens(ui.ctx()) {
        return None;
    }
    let ctx = ui.ctx().clone();
    let hit = |act| ctx.input_mut(|i| keys::pressed(i, act));
    let last = rows.len() - 1;
    // Before the plain arrows, which would match these too.
    let (raise, lower) = (hit(Act::RaiseRow), hit(Act::LowerRow));
    let codes = rows.iter().map(|row| row.code);
    let place = view.cursor.steps(&ctx, codes, height);
    let (enter, delete, copy) = (hit(Act::OpenRow), hit(Act::Unwatch), hit(Act::CopyRow));
    let place = place?;
    let code = view.cursor.selected?;
    if copy {
        ui.ctx().copy_text(row_as_text(rows[place], snapshot));
    }
    if enter {
        return Some(Command::OpenStock(code));
    }
    if delete {
        return Some(take_out(snapshot, shown, code));
    }
    match (raise, lower) {
        (true, _) => move_to(code, place, place.saturating_sub(1), group),
        (_, true) => move_to(code, place, (place + 1).min(last), group),
        _ => None,
    }
}

/// The row's ring; one that has blinked long enough keeps its mark only.
pub(super) fn rings_still(view: &TableView, row: &Row, now: f64) -> Ring {
    let rings = view.rings.get(&row.code);
    let fresh = rings.is_none_or(|&(_, start)| now - start < RINGS_FOR);
    match row.ring {
        Ring::Blinking(_) if !fresh => Ring::Marked,
        ring => ring,
    }
}

/// Whether ringing rows are yellow now. One wake-up at each edge, none while nothing rings.
pub(super) fn blink(ui: &Ui, rows: &[&Row], view: &mut TableView, now: f64) -> bool {
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
pub(super) fn empty(ui: &mut Ui, snapshot: &Snapshot, view: &mut HomeView, theme: &Theme) {
    let sentence = if snapshot.rows.is_empty() {
        t!("아직 지켜보는 종목이 없습니다")
    } else {
        t!("이 그룹에는 종목이 없습니다")
    };
    ui.add_space((ui.available_height() / 3.0).min(120.0));
    ui.vertical_centered(|ui| {
        ui.label(paint::rich(
            sentence,
            fonts::bold(theme::TITLE),
            theme.secondary,
        ));
        ui.add_space(8.0);
        if ui.button(t!("종목 추가…")).clicked() {
            view.add.focus(false);
        }
    });
}
