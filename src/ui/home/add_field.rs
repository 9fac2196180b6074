//! The field that finds a stock while one types: it opens what is watched and adds the rest.

use egui::{Area, Id, Key, Modifiers, Order, Rect, Role, Sense, TextEdit, Ui, WidgetInfo, vec2};

use crate::domain::{Remark, StockCode};
use crate::engine::{Command, Snapshot};

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::groups::holds;
use super::row::{paint_badges, remarks_in_words};

/// The group a first stock is written into.
pub(super) const FIRST_GROUP: &str = "관심";
/// Stocks listed below the field.
const SHOWN: usize = 8;
/// Height of one of them.
const LINE: f32 = 30.0;
/// Width of the list.
const WIDTH: f32 = 360.0;

/// What the field remembers.
#[derive(Default)]
pub(super) struct AddField {
    text: String,
    /// Why the text could not be used.
    complaint: Option<String>,
    wants_focus: bool,
    /// The key that gave the focus also types itself; drop that character.
    drop_slash: bool,
    /// The list below the field is shown.
    open: bool,
    /// The chosen line of the list.
    chosen: usize,
    /// Where the list was drawn last.
    list: Option<Rect>,
}

impl AddField {
    /// Puts the cursor into the field.
    pub(super) fn focus(&mut self, by_slash: bool) {
        self.wants_focus = true;
        self.drop_slash = by_slash;
    }

    /// Empties the field.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What rows must contain to be shown; empty for all.
    pub(super) fn filter(&self) -> &str {
        self.text.trim()
    }
}

/// A line of the list.
struct Found {
    code: StockCode,
    name: String,
    /// The board; empty if the code is not listed.
    board: &'static str,
    remarks: Vec<Remark>,
    watched: bool,
    /// It is in the shown group.
    here: bool,
}

impl Found {
    fn in_words(&self) -> String {
        let mut words = format!("{} {} {}", self.name, self.code, self.board);
        if !self.remarks.is_empty() {
            words.push_str(&format!(", {}", remarks_in_words(&self.remarks)));
        }
        words.push_str(match (self.watched, self.here) {
            (true, true) => t!(", 관심 종목, 열기"),
            (true, false) => t!(", 관심 종목, 열기, Shift+Enter로 이 그룹에 추가"),
            (false, _) => t!(", 추가"),
        });
        words
    }

    /// `add`: into this group, also if another one has it.
    fn command(&self, snapshot: &Snapshot, group: usize, add: bool) -> Command {
        if self.here || (self.watched && !add) {
            return Command::OpenStock(self.code);
        }
        let group = snapshot
            .groups
            .get(group)
            .map_or(FIRST_GROUP, |g| &*g.name)
            .to_owned();
        Command::Watch {
            code: self.code,
            group,
        }
    }
}

/// Draws the field and, while something is typed, what it finds. Enter or a click opens a watched
/// stock or adds a new one to `group`.
pub(super) fn add_field_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    field: &mut AddField,
    group: usize,
    width: f32,
    theme: &Theme,
) -> Vec<Command> {
    if field.drop_slash {
        ui.input_mut(|i| {
            i.events
                .retain(|e| !matches!(e, egui::Event::Text(t) if t == "/"));
        });
        field.drop_slash = false;
    }
    let id = Id::unique("stock search");
    let steps = steps(ui, field, id);
    let edit = TextEdit::singleline(&mut field.text)
        .id(id)
        .hint_text(t!("종목명 · 초성 · 코드 ( / )"))
        .desired_width(width)
        .char_limit(32)
        .margin(egui::Margin::symmetric(8, 5));
    let response = ui.add(edit).accessible_name(t!("종목 검색"));
    if field.wants_focus {
        response.request_focus();
        field.wants_focus = false;
        field.open = true;
    }
    // What an input method is still composing is part of the text already.
    if response.changed() {
        field.complaint = None;
        field.open = true;
        field.chosen = 0;
    }
    // Escape takes the focus away by itself before this runs.
    let here = response.has_focus() || response.lost_focus();
    if here && ui.input(|i| i.key_pressed(Key::Escape)) {
        field.clear();
        response.surrender_focus();
        return vec![];
    }
    let shift = ui.input(|i| i.modifiers.shift);
    let found = match field.open {
        true => find(&field.text, snapshot, group),
        false => vec![],
    };
    let last = found.len().saturating_sub(1);
    field.chosen = field.chosen.saturating_add_signed(steps).min(last);
    // Taken, so that the table below does not open its selected row as well.
    let entered =
        response.lost_focus() && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    if entered && !field.filter().is_empty() {
        // A list closed by a click elsewhere is looked up again.
        let again = find(&field.text, snapshot, group);
        if let Some(stock) = again.get(field.chosen).or(again.first()) {
            let command = stock.command(snapshot, group, shift);
            field.clear();
            return vec![command];
        }
        field.complaint = Some(not_found(field.filter(), snapshot));
        response.request_focus();
    }
    let below = response.rect.left_bottom() + vec2(0.0, 4.0);
    if let Some(sentence) = &field.complaint {
        complaint_ui(ui, below, sentence, theme);
        return vec![];
    }
    if found.is_empty() {
        field.list = None;
        if field.open && here && !field.filter().is_empty() {
            complaint_ui(ui, below, &not_found(field.filter(), snapshot), theme);
        }
        return vec![];
    }
    let (clicked, list) = list_ui(ui, below, &found, field.chosen, theme);
    field.list = Some(list);
    if let Some(stock) = clicked.and_then(|at| found.get(at)) {
        let command = stock.command(snapshot, group, shift);
        field.clear();
        return vec![command];
    }
    // A press elsewhere closes the list; the text stays.
    let elsewhere = ui.input(|i| {
        let at = i.pointer.interact_pos();
        i.pointer.any_pressed()
            && at.is_some_and(|at| !list.contains(at) && !response.rect.contains(at))
    });
    field.open &= !elsewhere;
    vec![]
}

/// How far ↑ and ↓ move the choice. Taken before the text field, whose cursor they would move.
fn steps(ui: &Ui, field: &AddField, id: Id) -> isize {
    let listed = field.open && field.list.is_some() && ui.memory(|m| m.has_focus(id));
    if !listed {
        return 0;
    }
    let count = |key| ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key)) as isize;
    count(Key::ArrowDown) - count(Key::ArrowUp)
}

/// What the text may mean, best first.
fn find(text: &str, snapshot: &Snapshot, group: usize) -> Vec<Found> {
    let typed = text.trim();
    let watched = |code: StockCode| snapshot.rows.iter().any(|row| row.code == code);
    let shown = snapshot.groups.get(group);
    let here = |code: StockCode| shown.is_some_and(|group| holds(snapshot, group, code));
    let hits = snapshot.index.find(typed, watched, SHOWN);
    let mut found: Vec<Found> = hits
        .iter()
        .map(|hit| Found {
            code: hit.stock.code,
            name: hit.stock.name.to_string(),
            board: hit.stock.board.as_str(),
            remarks: hit.stock.remarks(),
            watched: hit.watched,
            here: here(hit.stock.code),
        })
        .collect();
    // Watched stocks that the list does not have: a short list, or something not listed at all.
    let listed = |code| snapshot.index.listing().get(code).is_some();
    for row in snapshot.rows.iter().filter(|row| !listed(row.code)) {
        if !typed.is_empty() && found.len() < SHOWN && matches(row, typed) {
            found.push(Found {
                code: row.code,
                name: row.name.to_string(),
                board: "",
                remarks: row.remarks.clone(),
                watched: true,
                here: here(row.code),
            });
        }
    }
    // A whole code is taken at its word, listed or not. A code has a digit, which a word has not.
    let code = StockCode::parse(&typed.to_ascii_uppercase())
        .filter(|code| code.as_str().bytes().any(|b| b.is_ascii_digit()));
    if let Some(code) = code.filter(|code| found.iter().all(|f| f.code != *code)) {
        found.insert(
            0,
            Found {
                code,
                name: t!("종목코드").to_owned(),
                board: "",
                remarks: vec![],
                watched: watched(code),
                here: here(code),
            },
        );
        found.truncate(SHOWN);
    }
    found
}

fn not_found(typed: &str, snapshot: &Snapshot) -> String {
    match snapshot.index.listing().is_complete() {
        true => t!(
            "‘%{typed}’에 맞는 종목이 없습니다. 종목명, 초성(예: ㅅㅅㅈㅈ)이나 종목코드(예: 005930)로 찾으세요",
            typed = typed
        ),
        false => t!(
            "‘%{typed}’에 맞는 종목이 없습니다. 아직 전체 종목 목록을 받지 못해 주요 종목만 이름으로 찾습니다. 다른 종목은 종목코드(예: 005930)로 추가하세요",
            typed = typed
        ),
    }
}

fn complaint_ui(ui: &Ui, below: egui::Pos2, sentence: &str, theme: &Theme) {
    // Floats, so that nothing below is pushed.
    Area::new(Id::unique("stock search complaint"))
        .order(Order::Foreground)
        .fixed_pos(below)
        .show(ui.ctx(), |ui| {
            egui::Frame::popup(ui.style())
                .inner_margin(10.0)
                .show(ui, |ui| {
                    ui.set_max_width(320.0);
                    ui.label(paint::rich(
                        sentence,
                        fonts::regular(theme::BODY),
                        theme.text,
                    ));
                });
        });
}

/// The list; which line was clicked, and where the list lies.
fn list_ui(
    ui: &Ui,
    below: egui::Pos2,
    found: &[Found],
    chosen: usize,
    theme: &Theme,
) -> (Option<usize>, Rect) {
    let room = ui.ctx().content_rect().right() - below.x - 16.0;
    let width = WIDTH.min(room).max(160.0);
    let mut clicked = None;
    let shown = Area::new(Id::unique("stock search list"))
        .order(Order::Foreground)
        .fixed_pos(below)
        .show(ui.ctx(), |ui| {
            egui::Frame::popup(ui.style())
                .inner_margin(4.0)
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    for (at, stock) in found.iter().enumerate() {
                        if line_ui(ui, width, stock, at == chosen, theme) {
                            clicked = Some(at);
                        }
                    }
                });
        });
    (clicked, shown.response.rect)
}

fn line_ui(ui: &mut Ui, width: f32, stock: &Found, chosen: bool, theme: &Theme) -> bool {
    let (rect, _) = ui.allocate_exact_size(vec2(width, LINE), Sense::hover());
    // Not in the order of Tab: the arrows choose, the field keeps the focus.
    let sense = Sense::CLICK;
    let response = ui.interact(rect, Id::unique(("found stock", stock.code)), sense);
    response
        .widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, stock.in_words()));
    let p = ui.painter_at(rect);
    if chosen {
        p.rect_filled(rect, 4.0, theme.selected_row());
    } else if response.hovered() {
        p.rect_filled(rect, 4.0, theme.hovered_row());
    }
    let y = rect.center().y;
    let small = fonts::regular(theme::SMALL);
    let action = if stock.watched {
        t!("열기")
    } else {
        t!("추가")
    };
    let right = rect.right() - 10.0;
    paint::right(&p, right, y, action, small.clone(), theme.secondary);
    let about = format!("{} {}", stock.code, stock.board);
    paint::right(&p, right - 36.0, y, about.trim_end(), small, theme.faint);
    let room = width - 10.0 - 36.0 - 130.0;
    let body = fonts::bold(theme::BODY);
    let left = rect.left() + 10.0;
    let end = paint::left(&p, left, y, room, &stock.name, body, theme.text);
    paint_badges(&p, end + 5.0, y, left + room, &stock.remarks, theme, None);
    response.clicked()
}

/// Whether a row is what the user types.
pub(super) fn matches(row: &crate::engine::Row, typed: &str) -> bool {
    row.code.as_str().contains(&typed.to_ascii_uppercase())
        || row.name.to_lowercase().contains(&typed.to_lowercase())
}
