//! The watchlist groups as tabs.

use egui::{Role, Sense, Ui, WidgetInfo, vec2};

use crate::engine::Snapshot;

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

/// Draws the tabs; a click changes `group`.
pub(super) fn tabs_ui(ui: &mut Ui, snapshot: &Snapshot, group: &mut usize, theme: &Theme) {
    let height = 32.0;
    let (strip, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    ui.painter()
        .hline(strip.x_range(), strip.bottom() - 0.5, theme.line());
    let mut x = strip.left() + 4.0;
    for (i, view) in snapshot.groups.iter().enumerate() {
        let selected = i == *group;
        let font = if selected {
            fonts::bold(theme::BODY)
        } else {
            fonts::regular(theme::BODY)
        };
        // The bold width for both, so that nothing moves when another tab is chosen.
        let widest = ui.painter().layout_no_wrap(
            view.name.to_string(),
            fonts::bold(theme::BODY),
            theme.text,
        );
        let count = view.rows.len().to_string();
        let width = widest.size().x + 12.0 * 2.0 + 22.0;
        let rect = egui::Rect::from_min_size(egui::pos2(x, strip.top()), vec2(width, height));
        let id = ui.scope_id().with(("group", i));
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| {
            let name = format!("{} 그룹, {}종목", view.name, view.rows.len());
            WidgetInfo::selected(Role::Tab, true, selected, name)
        });
        let color = if selected || response.hovered() {
            theme.text
        } else {
            theme.secondary
        };
        let p = ui.painter();
        let right = paint::left(p, x + 12.0, rect.center().y, width, &view.name, font, color);
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
            *group = i;
        }
        x += width;
    }
}
