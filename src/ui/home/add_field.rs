//! The field for adding a stock, which also finds one in the list.

use egui::{Area, Key, Order, TextEdit, Ui, vec2};

use crate::domain::StockCode;
use crate::engine::{Command, Snapshot};

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

/// What the field remembers.
#[derive(Default)]
pub(super) struct AddField {
    text: String,
    /// Why the text could not be used.
    complaint: Option<String>,
    wants_focus: bool,
    /// The key that gave the focus also types itself; drop that character.
    drop_slash: bool,
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

/// Draws the field. Enter opens a watched stock or adds a new one to `group`.
pub(super) fn add_field_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    field: &mut AddField,
    group: usize,
    width: f32,
    theme: &Theme,
) -> Vec<Command> {
    let mut commands = vec![];
    if field.drop_slash {
        ui.input_mut(|i| {
            i.events
                .retain(|e| !matches!(e, egui::Event::Text(t) if t == "/"));
        });
        field.drop_slash = false;
    }
    let edit = TextEdit::singleline(&mut field.text)
        .hint_text("종목코드 추가 · 검색 ( / )")
        .desired_width(width)
        .char_limit(32)
        .margin(egui::Margin::symmetric(8, 5));
    let response = ui.add(edit).accessible_name("종목코드 추가");
    if field.wants_focus {
        response.request_focus();
        field.wants_focus = false;
    }
    if response.changed() {
        field.complaint = None;
    }
    // Escape takes the focus away by itself before this runs.
    let here = response.has_focus() || response.lost_focus();
    if here && ui.input(|i| i.key_pressed(Key::Escape)) {
        field.clear();
        response.surrender_focus();
    }
    // Taken, so that the table below does not open its selected row as well.
    let entered =
        response.lost_focus() && ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Enter));
    if entered {
        match decide(&field.text, snapshot, group) {
            Ok(None) => {}
            Ok(Some(command)) => {
                commands.push(command);
                field.clear();
            }
            Err(sentence) => {
                field.complaint = Some(sentence);
                response.request_focus();
            }
        }
    }
    if let Some(sentence) = &field.complaint {
        // Floats, so that nothing below is pushed.
        Area::new(egui::Id::unique("add field complaint"))
            .order(Order::Foreground)
            .fixed_pos(response.rect.left_bottom() + vec2(0.0, 4.0))
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
    commands
}

/// What Enter means for this text.
fn decide(text: &str, snapshot: &Snapshot, group: usize) -> Result<Option<Command>, String> {
    let typed = text.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let code = StockCode::parse(&typed.to_ascii_uppercase());
    if let Some(code) = code {
        if snapshot.rows.iter().any(|row| row.code == code) {
            return Ok(Some(Command::OpenStock(code)));
        }
        let group = snapshot
            .groups
            .get(group)
            .map_or("관심", |g| &*g.name)
            .to_owned();
        return Ok(Some(Command::Watch { code, group }));
    }
    let found = snapshot.rows.iter().find(|row| matches(row, typed));
    found
        .map(|row| Some(Command::OpenStock(row.code)))
        .ok_or_else(|| {
            format!(
                "‘{typed}’은(는) 종목코드가 아니고 관심 종목에도 없습니다. \
             종목코드는 숫자와 영문 6~9자입니다 (예: 005930)"
            )
        })
}

/// Whether a row is what the user types.
pub(super) fn matches(row: &crate::engine::Row, typed: &str) -> bool {
    row.code.as_str().contains(&typed.to_ascii_uppercase())
        || row.name.to_lowercase().contains(&typed.to_lowercase())
}
