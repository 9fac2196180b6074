//! The signal list: newest first, unread marks, and why each one rang.

use egui::{Id, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::domain::{Moment, Signal, SignalKey, Stage};
use crate::engine::{Command, Snapshot};

use crate::lang;
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint, words};

use super::filter::{Filter, export, filter_ui, late_ui};
use super::{Painted, card};
use crate::ui::rules::RulesAsk;
use crate::ui::saves::Export;

const ITEM: f32 = 50.0;

/// What the list remembers.
#[derive(Default)]
pub(super) struct SignalsView {
    /// The signal whose card is open, and the card's height when last drawn.
    open: Option<(SignalKey, f32)>,
    filter: Filter,
    export: Option<Export>,
    rules: Option<RulesAsk>,
}

impl SignalsView {
    /// The rule the user asked for in this frame.
    pub(super) fn take_rules(&mut self) -> Option<RulesAsk> {
        self.rules.take()
    }

    /// The file the user asked for in this frame.
    pub(super) fn take_export(&mut self) -> Option<Export> {
        self.export.take()
    }
}

/// Draws the list.
pub(super) fn signals_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut SignalsView,
    painted: &mut Painted,
    theme: &Theme,
) -> Vec<Command> {
    let mut commands = vec![];
    ui.spacing_mut().item_spacing.y = 0.0;
    let shown = view.filter.apply(snapshot);
    header(ui, snapshot, &shown, view, theme, &mut commands);
    if snapshot.signals.is_empty() {
        ui.add_space(24.0);
        ui.vertical_centered(|ui| {
            let text = t!("아직 신호가 없습니다");
            ui.label(paint::rich(
                text,
                fonts::regular(theme::BODY),
                theme.secondary,
            ));
            ui.add_space(6.0);
            let small = fonts::regular(theme::SMALL);
            let (text, begin) = match snapshot.rules.iter().any(|r| r.setting.enabled) {
                true => (t!("조건이 맞는 순간 여기에 쌓입니다"), false),
                false => (t!("조건을 만들면 맞는 순간 여기에 쌓입니다"), true),
            };
            let text = paint::rich(text, small, theme.secondary);
            ui.add(egui::Label::new(text).wrap());
            if begin {
                ui.add_space(6.0);
                if ui.button(t!("조건 만들기")).clicked() {
                    view.rules = Some(RulesAsk::List);
                }
            }
        });
        return commands;
    }
    ui.add_space(4.0);
    if snapshot.late.is_some() {
        commands.extend(late_ui(ui, snapshot, &mut view.filter, theme));
        ui.add_space(4.0);
    }
    filter_ui(ui, snapshot, &mut view.filter, theme);
    ui.add_space(4.0);
    if shown.is_empty() {
        ui.add_space(24.0);
        ui.vertical_centered(|ui| {
            let font = fonts::regular(theme::BODY);
            ui.label(paint::rich(
                t!("고른 신호가 없습니다"),
                font,
                theme.secondary,
            ));
            if ui.button(t!("모두 보기")).clicked() {
                view.filter.clear();
            }
        });
        return commands;
    }
    let count = shown.len();
    let open = view
        .open
        .and_then(|(key, height)| Some((index_of(&shown, key)?, height)));
    let card_height = open.map_or(0.0, |o| o.1);
    let area = ScrollArea::vertical().id_salt("signals").auto_shrink(false);
    area.show_viewport(ui, |ui, visible| {
        let width = ui.available_width();
        let origin = ui.max_rect().min;
        ui.set_height(count as f32 * ITEM + card_height);
        let top_of = |i: usize| {
            let below_card = open.is_some_and(|(o, _)| o < i);
            i as f32 * ITEM + if below_card { card_height } else { 0.0 }
        };
        // The card's height moves items by at most that much.
        let first = ((visible.min.y - card_height).max(0.0) / ITEM) as usize;
        let last = ((visible.max.y / ITEM) as usize + 1).min(count);
        for (i, signal) in shown.iter().enumerate().take(last).skip(first) {
            let min = pos2(origin.x, origin.y + top_of(i));
            let rect = Rect::from_min_size(min, vec2(width, ITEM));
            if !ui.is_rect_visible(rect.expand2(vec2(0.0, card_height))) {
                continue;
            }
            item_ui(ui, rect, snapshot, signal, view, theme, &mut commands);
            if ui.is_rect_visible(rect) {
                painted.report(snapshot, signal.key.code, &mut commands);
            }
            if open.is_some_and(|(o, _)| o == i) {
                let top = pos2(min.x, min.y + ITEM);
                let room = Rect::from_min_size(top, vec2(width, 600.0));
                let mut child = ui.new_child(UiBuilder::new().max_rect(room).id_salt("card"));
                match card::card_ui(&mut child, snapshot, signal, theme) {
                    Some(card::Asked::Bar) => commands.push(Command::ShowSignal(signal.key)),
                    Some(card::Asked::Rule) => {
                        view.rules = Some(RulesAsk::Rule(signal.rule_name.to_string()));
                    }
                    None => {}
                }
                let height = child.min_rect().height();
                if let Some(open) = &mut view.open
                    && open.0 == signal.key
                    && 0.5 < (open.1 - height).abs()
                {
                    open.1 = height;
                    ui.ctx().request_repaint();
                }
            }
        }
    });
    commands
}

fn index_of(shown: &[&Signal], key: SignalKey) -> Option<usize> {
    shown.iter().position(|s| s.key == key)
}

fn header(
    ui: &mut Ui,
    snapshot: &Snapshot,
    shown: &[&Signal],
    view: &mut SignalsView,
    theme: &Theme,
    commands: &mut Vec<Command>,
) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    let p = ui.painter();
    let y = rect.center().y;
    p.hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    let title = fonts::bold(theme::BODY);
    let end = paint::left(
        p,
        rect.left() + 12.0,
        y,
        80.0,
        t!("신호"),
        title,
        theme.text,
    );
    let mut words = vec![];
    if 0 < snapshot.unread {
        words.push(t!("안 읽음 %{unread}", unread = snapshot.unread));
    }
    if view.filter.is_on() {
        words.push(t!("%{shown}건만 표시", shown = shown.len()));
    }
    let font = fonts::regular(theme::SMALL);
    // As wide as the words of either language, in one line.
    let read = paint::width(ui.painter(), t!("모두 읽음"), font.clone()) + 20.0;
    let read = pos2(rect.right() - 8.0 - read.max(76.0), rect.top() + 4.0);
    let csv = read - vec2(54.0, 0.0);
    let p = ui.painter();
    let text = words.join(" · ");
    let room = csv.x - 10.0 - end;
    let left = end + 8.0;
    let end = paint::left(p, left, y, room, &text, font, theme.secondary);
    if !text.is_empty() {
        let said = Rect::from_x_y_ranges(left..=end, rect.y_range());
        ui.interact(said, ui.scope_id().with("said"), Sense::hover())
            .widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    }
    let small = |text: &str| egui::RichText::new(text).size(theme::SMALL);
    if !snapshot.signals.is_empty() {
        let button = Rect::from_min_max(csv, pos2(read.x - 6.0, rect.bottom() - 4.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(button).id_salt("export"));
        let response = child.add_sized(button.size(), egui::Button::new(small("CSV")));
        let response = response.accessible_name(t!("신호 목록을 CSV로 저장"));
        if response
            .on_hover_text(t!("보이는 신호를 CSV 파일로 저장"))
            .clicked()
        {
            view.export = Some(export(shown, snapshot.now));
        }
    }
    if 0 < snapshot.unread {
        let button = Rect::from_min_max(read, pos2(rect.right() - 8.0, rect.bottom() - 4.0));
        let text = small(t!("모두 읽음"));
        // A child of its own: `put` would move the cursor up to the button's bottom.
        let mut child = ui.new_child(UiBuilder::new().max_rect(button).id_salt("see all"));
        let size = button.size();
        if child.add_sized(size, egui::Button::new(text)).clicked() {
            commands.push(Command::SeeAllSignals);
        }
    }
}

fn item_ui(
    ui: &mut Ui,
    rect: Rect,
    snapshot: &Snapshot,
    signal: &Signal,
    view: &mut SignalsView,
    theme: &Theme,
    commands: &mut Vec<Command>,
) {
    let id = Id::unique(("signal", signal.key));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, in_words(snapshot, signal)));
    let is_open = view.open.is_some_and(|o| o.0 == signal.key);
    let why = Rect::from_min_max(
        pos2(rect.right() - 76.0, rect.top() + 24.0),
        pos2(rect.right() - 10.0, rect.bottom() - 5.0),
    );
    let toggle = ui.interact(why, id.with("why"), Sense::click());
    toggle.widget_info(|| {
        let name = t!("왜 울렸나: %{stock}", stock = signal.stock_name);
        WidgetInfo::selected(Role::Button, true, is_open, name)
    });
    paint_item(ui, rect, snapshot, signal, response.hovered(), theme);
    let p = ui.painter();
    let color = if toggle.hovered() || is_open {
        theme.text
    } else {
        theme.accent
    };
    let label = if is_open {
        t!("접기")
    } else {
        t!("왜 울렸나")
    };
    let small = fonts::regular(theme::SMALL);
    paint::right(p, why.right(), why.center().y, label, small, color);
    // The words end where the toggle ends: the ring keeps off them.
    let around = why.expand2(vec2(5.0, 1.0));
    for (r, area) in [(&response, rect), (&toggle, around)] {
        if r.has_focus() {
            paint::focus_ring(p, area, theme);
        }
    }
    if toggle.clicked() {
        view.open = (!is_open).then_some((signal.key, 200.0));
    } else if response.clicked() {
        commands.push(Command::ShowSignal(signal.key));
    }
}

/// When it happened: a bar that is still being built ends later.
fn time_of(signal: &Signal) -> Moment {
    match signal.stage {
        Stage::Forming => signal.at,
        Stage::Confirmed | Stage::Withdrawn | Stage::Late => signal.bar_end,
    }
}

fn paint_item(
    ui: &Ui,
    rect: Rect,
    snapshot: &Snapshot,
    signal: &Signal,
    hovered: bool,
    theme: &Theme,
) {
    let p = ui.painter_at(rect);
    if hovered {
        p.rect_filled(rect, 0.0, theme.hovered_row());
    }
    p.hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    let (top, low) = (rect.top() + 16.0, rect.top() + 35.0);
    let body = fonts::regular(theme::BODY);
    if !signal.seen {
        let mark = Rect::from_min_max(rect.min, pos2(rect.left() + 4.0, rect.bottom()));
        p.rect_filled(mark, 0.0, theme.signal);
    }
    let gone = signal.stage == Stage::Withdrawn;
    let text = if gone { theme.faint } else { theme.text };
    let when = format::when(time_of(signal), snapshot.now);
    let left = rect.left() + 12.0;
    let end = paint::left(&p, left, top, 90.0, &when, body.clone(), theme.secondary);
    let name = fonts::bold(theme::BODY);
    let room = rect.right() - 64.0 - end;
    let end = paint::left(&p, end + 8.0, top, room, &signal.stock_name, name, text);
    let stage = words::stage(signal.stage);
    let color = match signal.stage {
        Stage::Forming => theme.text,
        Stage::Confirmed => theme.text,
        Stage::Withdrawn | Stage::Late => theme.faint,
    };
    let font = if signal.stage == Stage::Confirmed {
        fonts::bold(theme::SMALL)
    } else {
        fonts::regular(theme::SMALL)
    };
    let said = paint::width(&p, stage, font.clone());
    paint::right(&p, rect.right() - 10.0, top, stage, font, color);
    let price = format::grouped(signal.price);
    let room = rect.right() - 10.0 - said - 8.0 - (end + 8.0);
    if paint::width(&p, &price, body.clone()) <= room {
        let font = body.clone();
        paint::left(&p, end + 8.0, top, room, &price, font, theme.secondary);
    }
    let line = match (&signal.reason, gone) {
        (Some(reason), true) => t!(
            "%{rule} · 취소: %{reason}",
            rule = signal.rule_name,
            reason = lang::kept(reason)
        ),
        _ => signal.rule_name.to_string(),
    };
    let room = rect.width() - 12.0 - 84.0;
    paint::left(&p, left, low, room, &line, body, theme.secondary);
}

/// The signal for a screen reader.
fn in_words(snapshot: &Snapshot, signal: &Signal) -> String {
    let mut text = t!(
        "%{at} %{stock} %{rule}, %{price}원, %{stage}",
        at = format::when(time_of(signal), snapshot.now),
        stock = signal.stock_name,
        rule = signal.rule_name,
        price = format::grouped(signal.price),
        stage = words::stage(signal.stage)
    );
    if let Some(reason) = &signal.reason {
        text.push_str(&format!(" ({})", lang::kept(reason)));
    }
    if !signal.seen {
        text.push_str(t!(", 안 읽음"));
    }
    text
}
