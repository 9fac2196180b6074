//! The watchlist groups as tabs.

use egui::{Role, Sense, Ui, WidgetInfo, vec2};

use crate::engine::Snapshot;

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

/// What stands in the middle of the home window.
pub(super) struct Choice<'a> {
    /// Which group.
    pub(super) group: &'a mut usize,
    /// Its alignments at a glance in place of its table.
    pub(super) matrix: &'a mut bool,
    /// The whole market in place of a group.
    pub(super) market: &'a mut bool,
    /// In a narrow window: the signals in place of everything else.
    pub(super) signals: Option<&'a mut bool>,
}

/// Draws the tabs; a click changes what is shown: a group, the whole market and, in a narrow
/// window, the signals.
pub(super) fn tabs_ui(ui: &mut Ui, snapshot: &Snapshot, choice: &mut Choice<'_>, theme: &Theme) {
    let height = 32.0;
    let (strip, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    ui.painter()
        .hline(strip.x_range(), strip.bottom() - 0.5, theme.line());
    if !*choice.market {
        matrix_choice(ui, strip, choice.matrix, theme);
    }
    let mut x = strip.left() + 4.0;
    let groups = snapshot.groups.iter().map(|g| (&*g.name, g.rows.len()));
    let everything = std::iter::once((t!("전체 시장"), snapshot.market.rows.len()));
    let unread = choice
        .signals
        .is_some()
        .then_some((t!("신호"), snapshot.unread));
    let in_place = choice.signals.as_deref().is_some_and(|s| *s);
    let market = snapshot.groups.len();
    let last = market + 1;
    for (i, (name, number)) in groups.chain(everything).chain(unread).enumerate() {
        let selected = match i {
            _ if i == last => in_place,
            _ if i == market => !in_place && *choice.market,
            _ => !in_place && !*choice.market && i == *choice.group,
        };
        let font = if selected {
            fonts::bold(theme::BODY)
        } else {
            fonts::regular(theme::BODY)
        };
        // The bold width for both, so that nothing moves when another tab is chosen.
        let widest =
            ui.painter()
                .layout_no_wrap(name.to_owned(), fonts::bold(theme::BODY), theme.text);
        let count = number.to_string();
        let width = widest.size().x + 12.0 * 2.0 + 22.0;
        let rect = egui::Rect::from_min_size(egui::pos2(x, strip.top()), vec2(width, height));
        let id = ui.scope_id().with(("group", i));
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| {
            let name = match i {
                _ if i == last => t!("신호 목록, 안 읽음 %{number}", number = number),
                _ if i == market => t!("전체 시장, %{number}종목", number = number),
                _ => t!("%{name} 그룹, %{number}종목", name = name, number = number),
            };
            WidgetInfo::selected(Role::Tab, true, selected, name)
        });
        let color = if selected || response.hovered() {
            theme.text
        } else {
            theme.secondary
        };
        let p = ui.painter();
        let right = paint::left(p, x + 12.0, rect.center().y, width, name, font, color);
        paint::left(
            p,
            right + 5.0,
            rect.center().y + 0.5,
            40.0,
            &count,
            fonts::regular(theme::SMALL),
            theme.faint,
        );
        if selected {
            let line = egui::Rect::from_min_max(
                egui::pos2(rect.left() + 8.0, rect.bottom() - 2.0),
                egui::pos2(rect.right() - 8.0, rect.bottom()),
            );
            p.rect_filled(line, 0.0, theme.accent);
        }
        if response.has_focus() {
            paint::focus_ring(p, rect, theme);
        }
        if response.clicked() {
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
        x += width;
    }
}

/// The choice between the table and the alignments at a glance, at the right end.
fn matrix_choice(ui: &mut Ui, strip: egui::Rect, matrix: &mut bool, theme: &Theme) {
    if strip.width() < 420.0 {
        return;
    }
    let min = egui::pos2(strip.right() - 84.0, strip.top() + 4.0);
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
}
