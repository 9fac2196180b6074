//! The whole market: the daily alignment of everything that is listed, filtered and sorted.

use std::sync::Arc;

use egui::{ComboBox, Id, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::domain::Board;
use crate::engine::{Command, MarketRow, MarketView, Snapshot};
use crate::indicators::Alignment;
use crate::settings::Change;

use crate::ui::keys::{self, Act};
use crate::ui::rules::RulesAsk;
use crate::ui::theme::{self, ROW_HEIGHT, Theme};
use crate::ui::{fonts, format, glyph, paint, words};

use super::cursor::Cursor;
use super::groups::put_into_ui;
use super::{HomeView, copy};

/// What the list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    /// For how many days the alignment has held, the newest first.
    #[default]
    Age,
    Name,
    Change,
}

/// What the view remembers.
#[derive(Default)]
pub(super) struct MarketList {
    board: Option<Board>,
    state: Option<Alignment>,
    only_new: bool,
    without_funds: bool,
    order: Order,
    descending: bool,
    cursor: Cursor,
    /// What is shown of which picture: sorting thousands of rows is not for every frame.
    shown: Option<Shown>,
}

/// Everything the shown rows depend on.
type Asked = (Option<Board>, Option<Alignment>, bool, bool, Order, bool);

struct Shown {
    of: Arc<[MarketRow]>,
    asked: Asked,
    rows: Vec<usize>,
}

impl MarketList {
    fn asked(&self) -> Asked {
        (
            self.board,
            self.state,
            self.only_new,
            self.without_funds,
            self.order,
            self.descending,
        )
    }

    fn keeps(&self, row: &MarketRow) -> bool {
        self.board.is_none_or(|board| row.board == board)
            && self.state.is_none_or(|state| row.state == state)
            && (!self.only_new || row.is_new())
            && (!self.without_funds || !row.is_etf)
    }

    /// The rows to show, in order; worked out once a picture.
    fn rows(&mut self, all: &Arc<[MarketRow]>) -> &[usize] {
        let asked = self.asked();
        let known = |shown: &Shown| Arc::ptr_eq(&shown.of, all) && shown.asked == asked;
        if !self.shown.as_ref().is_some_and(known) {
            let mut rows: Vec<usize> = (0..all.len()).filter(|&i| self.keeps(&all[i])).collect();
            match self.order {
                // What has no order goes last.
                Order::Age => rows.sort_by_key(|&i| {
                    let rank = match all[i].state {
                        Alignment::Bullish | Alignment::Bearish => 0,
                        Alignment::Mixed => 1,
                        Alignment::Unknown => 2,
                    };
                    let age = i64::from(all[i].age);
                    (rank, if self.descending { -age } else { age })
                }),
                Order::Name => rows.sort_by(|&a, &b| all[a].name.cmp(&all[b].name)),
                Order::Change => rows.sort_by_key(|&i| all[i].change_basis_points),
            }
            if self.descending && self.order != Order::Age {
                rows.reverse();
            }
            self.shown = Some(Shown {
                of: all.clone(),
                asked,
                rows,
            });
        }
        self.shown.as_ref().map_or(&[], |shown| &shown.rows)
    }
}

/// Draws the view.
pub(super) fn market_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    view: &mut HomeView,
    theme: &Theme,
) -> Vec<Command> {
    let mut commands = vec![];
    let (list, group) = (&mut view.market_list, view.group);
    let market = snapshot.market.clone();
    filters(ui, list, theme);
    standing(ui, &market, theme, &mut commands);
    if market.rows.is_empty() {
        empty(ui, &market, theme, &mut commands);
        return commands;
    }
    heads(ui, list, theme);
    let mut cursor = std::mem::take(&mut list.cursor);
    let rows = list.rows(&market.rows);
    if copy::asked(ui) {
        let rows = rows.iter().map(|&index| &market.rows[index]);
        ui.ctx().copy_text(copy::market_as_text(rows));
    }
    if rows.is_empty() {
        let font = fonts::regular(theme::BODY);
        ui.add_space(16.0);
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            ui.label(paint::rich(
                t!("고른 종목이 없습니다"),
                font,
                theme.secondary,
            ));
        });
        list.cursor = cursor;
        return commands;
    }
    if Cursor::listens(ui.ctx()) {
        let codes = rows.iter().map(|&index| market.rows[index].code);
        let place = cursor.steps(ui.ctx(), codes, ui.available_height());
        if let Some(place) = place
            && ui.input_mut(|i| keys::pressed(i, Act::OpenRow))
        {
            commands.push(Command::OpenStock(market.rows[rows[place]].code));
        }
    }
    let area = cursor.area("whole market");
    let out = area.show_rows(ui, ROW_HEIGHT, rows.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for &index in &rows[range] {
            let row = &market.rows[index];
            let chosen = cursor.selected == Some(row.code);
            let response = row_ui(ui, row, market.need, chosen, theme);
            if response.clicked() {
                cursor.selected = Some(row.code);
                commands.push(Command::OpenStock(row.code));
            }
            egui::Popup::context_menu(&response).show(|ui| {
                if ui.button(t!("창 열기")).clicked() {
                    commands.push(Command::OpenStock(row.code));
                }
                commands.extend(put_into_ui(ui, snapshot, group, row.code));
                if ui.button(t!("이 종목에 조건 만들기")).clicked() {
                    view.rules = Some(RulesAsk::NewFor(row.code));
                }
            });
        }
    });
    cursor.drawn(out.state.clamped_offset().y);
    list.cursor = cursor;
    commands
}

fn filters(ui: &mut Ui, list: &mut MarketList, theme: &Theme) {
    let font = || fonts::regular(theme::SMALL);
    ui.add_space(6.0);
    ui.horizontal_wrapped(|ui| {
        ui.add_space(8.0);
        let boards = [
            (None, t!("모든 시장")),
            (Some(Board::Kospi), "KOSPI"),
            (Some(Board::Kosdaq), "KOSDAQ"),
            (Some(Board::Konex), "KONEX"),
        ];
        let now = boards.iter().find(|(board, _)| *board == list.board);
        let now = now.map_or("", |(_, name)| name);
        let chosen = ComboBox::from_id_salt("board")
            .width(96.0)
            .selected_text(paint::rich(now, font(), theme.text))
            .show_ui(ui, |ui| {
                for (board, name) in boards {
                    ui.selectable_value(&mut list.board, board, name);
                }
            });
        let name = t!("시장 고르기: %{now}", now = now);
        chosen
            .response
            .widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
        let states = [
            (None, t!("모든 배열")),
            (
                Some(Alignment::Bullish),
                words::alignment(Alignment::Bullish),
            ),
            (
                Some(Alignment::Bearish),
                words::alignment(Alignment::Bearish),
            ),
        ];
        for (state, name) in states {
            let text = paint::rich(name, font(), theme.text);
            ui.selectable_value(&mut list.state, state, text);
        }
        let text = paint::rich(t!("오늘 바뀐 종목만"), font(), theme.text);
        ui.checkbox(&mut list.only_new, text);
        let text = paint::rich(t!("ETF 제외"), font(), theme.text);
        ui.checkbox(&mut list.without_funds, text);
    });
    ui.add_space(2.0);
}

/// Of which day the closes are, how many stocks are here, and whether more are being fetched.
fn standing(ui: &mut Ui, market: &MarketView, theme: &Theme, commands: &mut Vec<Command>) {
    if market.listed == 0 || market.rows.is_empty() {
        return;
    }
    ui.horizontal(|ui| {
        ui.add_space(12.0);
        let text = t!(
            "%{day} 종가 기준 · %{listed}종목 가운데 %{complete}종목 완료",
            day = market.session,
            listed = format::grouped(market.listed as i64),
            complete = format::grouped(market.complete as i64)
        );
        ui.label(paint::rich(
            &text,
            fonts::regular(theme::SMALL),
            theme.secondary,
        ));
        if market.complete < market.listed {
            let (name, fill) = match market.filling {
                true => (t!("받기 멈춤"), false),
                false => (t!("이어서 받기"), true),
            };
            if ui.small_button(name).clicked() {
                commands.push(Command::Change(Change::MarketFill(fill)));
            }
        }
    });
    ui.add_space(4.0);
}

/// Nothing is held yet: why, and the one button that helps.
fn empty(ui: &mut Ui, market: &MarketView, theme: &Theme, commands: &mut Vec<Command>) {
    ui.add_space((ui.available_height() * 0.2).min(80.0));
    ui.vertical_centered(|ui| {
        let (body, small) = (fonts::regular(theme::BODY), fonts::regular(theme::SMALL));
        let text = match (market.loaded, market.filling) {
            (false, _) => t!("저장된 종가를 읽는 중입니다"),
            (true, true) => t!("전체 종목의 일봉을 받는 중입니다"),
            (true, false) => t!("아직 전체 종목의 일봉을 받지 않았습니다"),
        };
        ui.label(paint::rich(text, body, theme.secondary));
        if market.loaded && !market.filling {
            ui.add_space(4.0);
            let text = t!("종목마다 처음 한 번 세 번쯤 요청하고, 그다음부터는 하루에 한 번 요청합니다. 관심 종목의 요청이 없을 때만 받습니다.");
            ui.add(egui::Label::new(paint::rich(text, small, theme.secondary)).wrap());
            ui.add_space(8.0);
            if ui.button(t!("전체 종목 받기")).clicked() {
                commands.push(Command::Change(Change::MarketFill(true)));
            }
        }
    });
}

/// Where the columns end, as shares of the width; names begin at the left.
const ENDS: [f32; 4] = [0.46, 0.62, 0.74, 1.0];

fn heads(ui: &mut Ui, list: &mut MarketList, theme: &Theme) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    let heads = [
        (t!("종목"), Some(Order::Name)),
        (t!("종가"), None),
        ("%", Some(Order::Change)),
        (t!("배열"), Some(Order::Age)),
    ];
    let mut left = rect.left();
    for ((text, order), end) in heads.into_iter().zip(ENDS) {
        let right = rect.left() + rect.width() * end;
        let place = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
        left = right;
        let font = fonts::regular(theme::SMALL);
        let (p, y) = (ui.painter_at(place), place.center().y);
        let sorted = order == Some(list.order);
        let mark = match (sorted, list.descending) {
            (false, _) => "",
            (true, true) => " ▼",
            (true, false) => " ▲",
        };
        let shown = format!("{text}{mark}");
        let color = if sorted { theme.text } else { theme.secondary };
        match order {
            Some(Order::Change) | None => paint::right(&p, right - 8.0, y, &shown, font, color),
            Some(Order::Name | Order::Age) => {
                paint::left(
                    &p,
                    place.left() + 12.0,
                    y,
                    place.width(),
                    &shown,
                    font,
                    color,
                );
            }
        }
        let Some(order) = order else { continue };
        let id = ui.scope_id().with(("market head", text));
        let response = ui.interact(place, id, Sense::click());
        let order_words = match (sorted, list.descending) {
            (false, _) => "",
            (true, true) => t!(", 큰 것부터"),
            (true, false) => t!(", 작은 것부터"),
        };
        response.widget_info(|| {
            let name = t!("%{text} 정렬%{order}", text = text, order = order_words);
            WidgetInfo::labeled(Role::ColumnHeader, true, name)
        });
        if response.has_focus() {
            paint::focus_ring(ui.painter(), place, theme);
        }
        if response.clicked() {
            // The second click turns the order around.
            list.descending = match sorted {
                true => !list.descending,
                // The largest change is what one looks for.
                false => order == Order::Change,
            };
            list.order = order;
        }
    }
}

/// One stock.
fn row_ui(ui: &mut Ui, row: &MarketRow, need: usize, chosen: bool, theme: &Theme) -> Response {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let response = ui.interact(rect, Id::unique(("market row", row.code)), Sense::click());
    let (state, age) = in_words(row, need);
    let percent = row
        .change_basis_points
        .map_or_else(|| "-".to_owned(), format::percent);
    let board = row.board.as_str();
    response.widget_info(|| {
        let text = t!(
            "%{name} %{code} %{board}, 종가 %{close}원 %{percent}%, %{state}",
            name = row.name,
            code = row.code,
            board = board,
            close = format::price(row.close),
            percent = percent,
            state = format!("{state} {age}")
        );
        WidgetInfo::selected(Role::Row, true, chosen, text.trim_end())
    });
    let p = ui.painter_at(rect);
    if chosen {
        p.rect_filled(rect, 0.0, theme.selected_row());
    } else if response.hovered() {
        p.rect_filled(rect, 0.0, theme.hovered_row());
    }
    if response.has_focus() {
        paint::focus_ring(&p, rect, theme);
    }
    let (y, end) = (rect.center().y, |i: usize| {
        rect.left() + rect.width() * ENDS[i]
    });
    let (small, bold) = (fonts::regular(theme::SMALL), fonts::bold(theme::BODY));
    let level = paint::level(&p, y, bold.clone(), small.clone());
    let room = end(0) - rect.left() - 20.0;
    let after = paint::left(&p, rect.left() + 12.0, y, room, &row.name, bold, theme.text);
    let left = end(0) - after - 12.0;
    if 60.0 < left {
        let text = format!("{} {board}", row.code);
        let font = small.clone();
        paint::left(&p, after + 6.0, level, left, &text, font, theme.faint);
    }
    let color = theme.direction(row.change_basis_points.unwrap_or(0));
    let body = fonts::regular(theme::BODY);
    let close = format::price(row.close);
    paint::right(&p, end(1) - 8.0, y, &close, body.clone(), color);
    paint::right(&p, end(2) - 8.0, y, &percent, body, color);
    let x = end(2) + 12.0;
    if row.state != Alignment::Unknown {
        glyph::draw(&p, pos2(x + 12.0, y), row.state, theme, false);
    }
    let color = if row.is_new() {
        theme.text
    } else {
        theme.secondary
    };
    let room = rect.right() - x - 40.0;
    let text = format!("{state} {age}");
    paint::left(&p, x + 32.0, y, room, text.trim_end(), small, color);
    response
}

/// The alignment and for how long it has held.
fn in_words(row: &MarketRow, need: usize) -> (&'static str, String) {
    let state = words::alignment(row.state);
    let age = match row.state {
        Alignment::Unknown => format!("{}/{need}", row.have),
        Alignment::Mixed => String::new(),
        Alignment::Bullish | Alignment::Bearish => t!("%{age}일째", age = row.age),
    };
    (state, age)
}
