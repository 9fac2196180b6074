//! The alignments of a group at a glance: stocks down, timeframes across, one colour a state.

use egui::{Color32, Id, Rangef, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::engine::{AlignmentCell, Command, Ring, Row, Snapshot};
use crate::indicators::Alignment;

use crate::ui::keys::{self, Act};
use crate::ui::theme::{self, ROW_HEIGHT, Theme};
use crate::ui::{fonts, paint, words};

use super::copy::{asked, matrix_as_text};
use super::cursor::Cursor;
use super::row::{alignment_words, row_in_words, row_look};
use super::table::{blink, empty, rings_still, visible_rows};
use super::{HomeContext, HomeView};

const HEAD: f32 = 24.0;
/// The least room for names, and the most.
const NAME: [f32; 2] = [150.0, 260.0];
/// A cell is never narrower; what does not fit is scrolled to.
const CELL: f32 = 68.0;
const WIDEST: f32 = 130.0;

/// Draws the matrix of the chosen group.
pub(super) fn matrix_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut HomeView,
    context: &HomeContext<'_>,
) -> Vec<Command> {
    let mut commands = vec![];
    let theme = context.theme;
    let rows = visible_rows(snapshot, view.group, view.add.filter());
    if rows.is_empty() {
        empty(ui, snapshot, view, theme);
        return commands;
    }
    let frames = snapshot.columns.len();
    let room = ui.available_width() - 10.0;
    let name = (room - WIDEST * frames as f32).clamp(NAME[0], NAME[1]);
    let cell = (room - name) / frames.max(1) as f32;
    let size = Size {
        name,
        cell: cell.clamp(CELL, WIDEST).floor(),
        frames,
    };
    let now = ui.input(|i| i.time);
    let lit = blink(ui, &rows, &mut view.table, now);
    let mut copies = asked(ui);
    let height = ui.available_height() - HEAD;
    if Cursor::listens(ui.ctx()) {
        let codes = rows.iter().map(|row| row.code);
        let place = view.table.cursor.steps(ui.ctx(), codes, height);
        if let Some(place) = place
            && ui.input_mut(|i| keys::pressed(i, Act::OpenRow))
        {
            commands.push(Command::OpenStock(rows[place].code));
        }
    }
    ScrollArea::horizontal()
        .id_salt("matrix across")
        .auto_shrink(false)
        .show(ui, |ui| {
            heads(ui, snapshot, size, theme);
            let area = view.table.cursor.area("matrix");
            let out = area.show_rows(ui, ROW_HEIGHT, rows.len(), |ui, range| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for row in &rows[range] {
                    let ring = rings_still(&view.table, row, now);
                    let look = row_look(theme, ring, lit, context.reduced_motion);
                    let chosen = view.table.cursor.selected == Some(row.code);
                    let (rect, asked) =
                        row_ui(ui, snapshot, row, size, chosen, theme, &mut commands);
                    copies |= asked;
                    let area = rect.with_max_x(rect.left() + size.name);
                    if let Some(ground) = look.ground {
                        let ink = (theme.on_signal, theme.on_signal);
                        name_ui(ui, area, row, ink, Some(ground));
                    } else {
                        name_ui(ui, area, row, (theme.text, theme.faint), None);
                    }
                    if look.mark && look.ground.is_none() {
                        let mark = Rangef::new(rect.left(), rect.left() + 4.0);
                        let mark = Rect::from_x_y_ranges(mark, rect.y_range());
                        ui.painter().rect_filled(mark, 0.0, theme.signal);
                    }
                    if ring != Ring::Quiet && ui.is_rect_visible(rect) {
                        view.painted.report(snapshot, row.code, &mut commands);
                    }
                }
            });
            view.table.cursor.drawn(out.state.clamped_offset().y);
        });
    if copies {
        ui.ctx().copy_text(matrix_as_text(&rows, snapshot));
    }
    commands
}

/// Widths, points.
#[derive(Clone, Copy)]
struct Size {
    name: f32,
    cell: f32,
    frames: usize,
}

impl Size {
    fn width(self) -> f32 {
        self.cell_at(self.frames)
    }

    /// Where a timeframe's cells begin, from the left.
    fn cell_at(self, i: usize) -> f32 {
        self.name + self.cell * i as f32
    }
}

fn heads(ui: &mut Ui, snapshot: &Snapshot, size: Size, theme: &Theme) {
    let (rect, _) = ui.allocate_exact_size(vec2(size.width(), HEAD), Sense::hover());
    let p = ui.painter();
    let y = rect.center().y;
    let font = fonts::regular(theme::SMALL);
    p.hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    let left = rect.left() + 12.0;
    paint::left(
        p,
        left,
        y,
        size.name,
        t!("종목"),
        font.clone(),
        theme.secondary,
    );
    for (i, frame) in snapshot.columns.iter().enumerate() {
        let x = rect.left() + size.cell_at(i) + 8.0;
        let text = frame.name();
        paint::left(
            p,
            x,
            y,
            size.cell - 8.0,
            &text,
            font.clone(),
            theme.secondary,
        );
    }
}

/// Draws a row; answers its place, and whether the user asked for the whole matrix as text.
fn row_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    row: &Row,
    size: Size,
    chosen: bool,
    theme: &Theme,
    commands: &mut Vec<Command>,
) -> (Rect, bool) {
    let (rect, _) = ui.allocate_exact_size(vec2(size.width(), ROW_HEIGHT), Sense::hover());
    let id = Id::unique(("matrix row", row.code));
    let response = ui.interact(rect, id, Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::Row, true, chosen, row_in_words(row, snapshot)));
    let p = ui.painter_at(rect);
    if chosen {
        p.rect_filled(rect, 0.0, theme.selected_row());
    } else if response.hovered() {
        p.rect_filled(rect, 0.0, theme.hovered_row());
    }
    let place = |i: usize| {
        let left = rect.left() + size.cell_at(i);
        Rect::from_min_size(pos2(left, rect.top()), vec2(size.cell, ROW_HEIGHT)).shrink(1.0)
    };
    for (i, alignment) in row.alignments.iter().enumerate() {
        let area = place(i);
        let (ground, color) = match alignment.state {
            Alignment::Bullish => (theme.bid_bar, theme.text),
            Alignment::Bearish => (theme.ask_bar, theme.text),
            Alignment::Mixed => (theme.panel, theme.secondary),
            Alignment::Unknown => (theme.background, theme.faint),
        };
        p.rect_filled(area, 2.0, ground);
        let font = fonts::regular(theme::SMALL);
        let (x, y) = (area.left() + 7.0, area.center().y);
        paint::left(&p, x, y, size.cell - 10.0, &short(alignment), font, color);
    }
    if response.has_focus() {
        paint::focus_ring(&p, rect, theme);
    }
    if response.clicked() {
        commands.push(Command::OpenStock(row.code));
    }
    let mut copies = false;
    egui::Popup::context_menu(&response).show(|ui| {
        if ui.button(t!("창 열기")).clicked() {
            commands.push(Command::OpenStock(row.code));
        }
        copies = ui.button(t!("목록 모두 복사 (Ctrl+Shift+C)")).clicked();
    });
    let under = response.hover_pos().and_then(|at| {
        let mut cells = row.alignments.iter().enumerate();
        cells.find(|(i, _)| place(*i).contains(at))
    });
    if let Some((_, alignment)) = under {
        response.on_hover_text_at_pointer(alignment_words(alignment, snapshot.badge));
    }
    (rect, copies)
}

/// The name and, where there is room, the code.
fn name_ui(ui: &Ui, area: Rect, row: &Row, ink: (Color32, Color32), ground: Option<Color32>) {
    let p = ui.painter_at(area);
    if let Some(ground) = ground {
        p.rect_filled(area, 0.0, ground);
    }
    let (font, small) = (fonts::bold(theme::BODY), fonts::regular(theme::SMALL));
    let (x, y) = (area.left() + 12.0, area.center().y);
    let level = paint::level(&p, y, font.clone(), small.clone());
    let end = paint::left(&p, x, y, area.width() - 20.0, &row.name, font, ink.0);
    let code = row.code.as_str();
    let left = end + 6.0;
    let room = area.right() - 8.0 - left;
    if &*row.name != code && paint::width(&p, code, small.clone()) <= room {
        paint::left(&p, left, level, room, code, small, ink.1);
    }
}

/// `정배열 3`, `역배열 12+`, `혼조`, `187/240`.
pub(super) fn short(cell: &AlignmentCell) -> String {
    let more = if cell.is_at_least() { "+" } else { "" };
    match cell.state {
        Alignment::Unknown => format!("{}/{}", cell.have, cell.need),
        Alignment::Mixed => words::alignment(cell.state).to_owned(),
        state => format!("{} {}{more}", words::alignment(state), cell.age),
    }
}
