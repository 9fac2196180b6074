//! The executions list (체결): newest on top, and what is being read never moves.

use std::sync::Arc;

use egui::{Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::domain::Side;
use crate::engine::{Command, Link, Part, PrintLine, StockView};

use crate::ui::keys::{self, Act};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint};

use super::came;

const LINE: f32 = 19.0;
const HEAD: f32 = 28.0;

/// What the list remembers.
#[derive(Default)]
pub(super) struct PrintsView {
    /// The list as it was when the user began to read.
    paused: Option<Arc<Vec<PrintLine>>>,
    to_top: bool,
    /// Smaller executions are left out, shares.
    at_least: i64,
}

/// Draws the list.
pub(super) fn prints_ui(
    ui: &mut Ui,
    view: &StockView,
    prints: &mut PrintsView,
    link: &Link,
    theme: &Theme,
) -> Vec<Command> {
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut commands = vec![];
    let live = match &view.prints {
        Part::Ready { value, .. } => Some(large(value, prints.at_least)),
        Part::Loading | Part::Failed(_) => None,
    };
    let live = live.as_ref();
    head(ui, view, live, prints, link, theme);
    match (&view.prints, live) {
        (_, Some(live)) => list(ui, live, prints, theme),
        (Part::Failed(trouble), _) => {
            if paint::trouble_card(ui, trouble, theme) {
                commands.push(Command::Retry(view.code));
            }
        }
        _ => {
            let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
            response
                .widget_info(|| WidgetInfo::labeled(Role::Label, true, t!("체결을 받는 중입니다")));
            paint::skeleton(ui.painter(), rect, LINE, theme);
        }
    }
    commands
}

fn head(
    ui: &mut Ui,
    view: &StockView,
    live: Option<&Arc<Vec<PrintLine>>>,
    prints: &mut PrintsView,
    link: &Link,
    theme: &Theme,
) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    let y = rect.center().y;
    ui.painter()
        .hline(rect.x_range(), rect.top() + 0.5, theme.line());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    let title = fonts::bold(theme::BODY);
    let p = ui.painter();
    let end = paint::left(
        p,
        rect.left() + 12.0,
        y,
        60.0,
        t!("체결"),
        title,
        theme.text,
    );
    if let (Some(paused), Some(live)) = (&prints.paused, live) {
        let new = newer(paused, live);
        let button = Rect::from_min_max(
            egui::pos2(end + 8.0, rect.top() + 3.0),
            egui::pos2(rect.right() - 8.0, rect.bottom() - 3.0),
        );
        let text = t!("일시정지 · 새 체결 %{new}", new = new);
        if pause_button(ui, button, &text, theme) {
            prints.resume();
        }
        return;
    }
    let small = fonts::regular(theme::SMALL);
    if let Part::Ready { at, live, .. } = &view.prints {
        let (text, color) = came(*live, *at, link, theme);
        paint::left(p, end + 8.0, y, 90.0, &text, small.clone(), color);
    }
    if let Some(strength) = view.strength {
        let number = format!("{}.{:02}", strength / 100, strength.abs() % 100);
        let text = t!("강도 %{number}", number = number);
        let right = rect.right() - 100.0;
        paint::right(p, right, y, &text, small, theme.secondary);
        let part = Rect::from_min_max(rect.min, egui::pos2(right, rect.bottom()));
        ui.interact(part, ui.scope_id().with("strength"), Sense::hover())
            .widget_info(|| {
                WidgetInfo::labeled(Role::Label, true, t!("체결강도 %{number}", number = number))
            });
    }
    let choice = Rect::from_min_max(
        egui::pos2(rect.right() - 94.0, rect.top() + 2.0),
        egui::pos2(rect.right() - 4.0, rect.bottom() - 2.0),
    );
    size_choice(ui, choice, prints, theme);
}

/// The executions of at least so many shares.
fn large(lines: &Arc<Vec<PrintLine>>, at_least: i64) -> Arc<Vec<PrintLine>> {
    if at_least <= 1 {
        return lines.clone();
    }
    let fits = |line: &&PrintLine| at_least <= line.size.0;
    Arc::new(lines.iter().filter(fits).copied().collect())
}

/// The choice of the smallest execution shown.
fn size_choice(ui: &mut Ui, rect: Rect, prints: &mut PrintsView, theme: &Theme) {
    let words = |n: i64| match n {
        0 => t!("전체" in "sizes").to_owned(),
        n => t!("%{n}주 이상", n = format::grouped(n)),
    };
    let small = |text: String| paint::rich(&text, fonts::regular(theme::SMALL), theme.text);
    let before = prints.at_least;
    let builder = egui::UiBuilder::new().max_rect(rect).id_salt("size");
    let mut child = ui.new_child(builder);
    egui::ComboBox::from_id_salt("smallest execution")
        .selected_text(small(words(before)))
        .width(rect.width())
        .truncate()
        .show_ui(&mut child, |ui| {
            for n in [0, 100, 1_000, 10_000] {
                ui.selectable_value(&mut prints.at_least, n, small(words(n)));
            }
        })
        .response
        .accessible_name(t!("체결 크기 고르기: %{before}", before = words(before)));
    if prints.at_least != before {
        prints.resume();
    }
}

/// Two bars and words; the whole strip resumes.
fn pause_button(ui: &mut Ui, rect: Rect, text: &str, theme: &Theme) -> bool {
    let response = ui.interact(rect, ui.scope_id().with("resume"), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, t!("%{text}, 계속 보기", text = text))
    });
    let p = ui.painter();
    let ground = if response.hovered() {
        theme.hairline
    } else {
        theme.raised
    };
    p.rect(rect, 4.0, ground, theme.line(), egui::StrokeKind::Inside);
    if response.has_focus() {
        paint::focus_ring(p, rect, theme);
    }
    let y = rect.center().y;
    for x in [9.0, 14.0] {
        let bar = Rect::from_center_size(egui::pos2(rect.left() + x, y), vec2(3.0, 9.0));
        p.rect_filled(bar, 0.0, theme.text);
    }
    let font = fonts::bold(theme::SMALL);
    paint::left(
        p,
        rect.left() + 22.0,
        y,
        rect.width() - 26.0,
        text,
        font,
        theme.text,
    );
    let clicked = response.clicked();
    response.on_hover_text(t!("End 또는 Esc: 최신 체결로"));
    clicked
}

impl PrintsView {
    fn resume(&mut self) {
        self.paused = None;
        self.to_top = true;
    }
}

/// How many prints came after the list was paused. The live list holds the last 300 only.
fn newer(paused: &[PrintLine], live: &[PrintLine]) -> String {
    let Some(top) = paused.first().map(|line| line.serial) else {
        return live.len().to_string();
    };
    let count = live.iter().take_while(|line| top < line.serial).count();
    if count == live.len() && 0 < count {
        format!("{count}+")
    } else {
        count.to_string()
    }
}

fn list(ui: &mut Ui, live: &Arc<Vec<PrintLine>>, prints: &mut PrintsView, theme: &Theme) {
    let room = ui.available_rect_before_wrap();
    if prints.paused.is_some() && ui.input_mut(|i| keys::pressed(i, Act::Resume)) {
        prints.resume();
        ui.ctx().request_repaint();
    }
    let wheel = ui.rect_contains_pointer(room) && ui.input(|i| i.smooth_scroll_delta().y != 0.0);
    if wheel && prints.paused.is_none() {
        prints.paused = Some(live.clone());
    }
    let lines = prints.paused.clone().unwrap_or_else(|| live.clone());
    if lines.is_empty() {
        ui.add_space(16.0);
        ui.vertical_centered(|ui| {
            let font = fonts::regular(theme::BODY);
            ui.label(paint::rich(
                t!("아직 체결이 없습니다"),
                font,
                theme.secondary,
            ));
        });
        return;
    }
    let mut area = ScrollArea::vertical()
        .id_salt("executions")
        .auto_shrink(false);
    if std::mem::take(&mut prints.to_top) {
        area = area.vertical_scroll_offset(0.0);
    }
    let out = area.show_rows(ui, LINE, lines.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for line in &lines[range] {
            line_ui(ui, line, theme);
        }
    });
    // Also the scroll bar and the keyboard scroll.
    if prints.paused.is_none() && 0.5 < out.state.clamped_offset().y {
        prints.paused = Some(lines);
        ui.ctx().request_repaint();
    }
}

fn line_ui(ui: &mut Ui, line: &PrintLine, theme: &Theme) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let side = match line.side {
        Side::Buy => t!("매수"),
        Side::Sell => t!("매도"),
        Side::Auction => t!("단일가"),
    };
    response.widget_info(|| {
        let text = t!(
            "%{second} %{price} %{change} %{size}주 %{side}",
            second = format::clock(line.second),
            price = format::grouped(line.price.0),
            change = format::change(line.change),
            size = format::grouped(line.size.0),
            side = side
        );
        WidgetInfo::labeled(Role::ListItem, true, text)
    });
    let p = ui.painter_at(rect);
    let y = rect.center().y;
    let small = fonts::regular(theme::SMALL);
    let color = theme.direction(line.change.0);
    let at = |share: f32| rect.left() + rect.width() * share;
    paint::left(
        &p,
        rect.left() + 12.0,
        y,
        70.0,
        &format::clock(line.second),
        small.clone(),
        theme.secondary,
    );
    paint::right(
        &p,
        at(0.52),
        y,
        &format::grouped(line.price.0),
        small.clone(),
        color,
    );
    let change = format::grouped(line.change.0.abs());
    paint::left(
        &p,
        at(0.54),
        y,
        14.0,
        format::arrow(line.change.0),
        small.clone(),
        color,
    );
    paint::right(&p, at(0.74), y, &change, small.clone(), color);
    let size_color = match line.side {
        Side::Buy => theme.up,
        Side::Sell => theme.down,
        Side::Auction => theme.text,
    };
    let size = format::grouped(line.size.0);
    paint::right(&p, rect.right() - 12.0, y, &size, small, size_color);
}
