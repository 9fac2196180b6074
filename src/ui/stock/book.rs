//! The order book (호가): ten offers above ten bids, each level in a slot that never moves.

use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::domain::{LEVELS, Level, OrderBook, Won};
use crate::engine::{Command, Link, Part, QuoteView, StockView};

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint};

use super::came;

const HEAD: f32 = 26.0;
const FOOT: f32 = 26.0;
/// Height of one level where there is room.
const LEVEL: f32 = 20.0;
/// Height of one level where there is little.
const LEAST: f32 = 16.0;

/// The height the book takes of `room`: whole levels, never more than it needs.
pub(super) fn height(room: f32) -> f32 {
    let (levels, level) = levels_in(room - HEAD - FOOT);
    HEAD + FOOT + level * 2.0 * levels as f32
}

/// How many levels a side fit into `rows` and how tall each is.
fn levels_in(rows: f32) -> (usize, f32) {
    // Half a point for what rounding on the way has cost.
    let rows = rows + 0.5;
    // Digits of one level must not reach into the next: rather fewer levels.
    let fits = |levels: &usize| LEAST <= rows / (2.0 * *levels as f32);
    let levels = [LEVELS, 5, 3].into_iter().find(fits).unwrap_or(1);
    let level = rows.max(0.0) / (2.0 * levels as f32);
    (levels, level.clamp(LEAST, LEVEL).floor())
}

/// Draws the book.
pub(super) fn book_ui(ui: &mut Ui, view: &StockView, link: &Link, theme: &Theme) -> Vec<Command> {
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut commands = vec![];
    head(ui, view, link, theme);
    match &view.book {
        Part::Loading => {
            let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
            response
                .widget_info(|| WidgetInfo::labeled(Role::Label, true, t!("호가를 받는 중입니다")));
            paint::skeleton(ui.painter(), rect, LEVEL, theme);
        }
        Part::Failed(trouble) => {
            if paint::trouble_card(ui, trouble, theme) {
                commands.push(Command::Retry(view.code));
            }
        }
        Part::Ready { value, live, .. } => ladder(ui, view, value, *live, theme),
    }
    commands
}

/// Title, and how fresh the book is.
fn head(ui: &mut Ui, view: &StockView, link: &Link, theme: &Theme) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    let p = ui.painter();
    let y = rect.center().y;
    p.hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    let title = fonts::bold(theme::BODY);
    let end = paint::left(
        p,
        rect.left() + 12.0,
        y,
        60.0,
        t!("호가"),
        title,
        theme.text,
    );
    let small = fonts::regular(theme::SMALL);
    if let Part::Ready { at, live, value } = &view.book {
        let (text, color) = came(*live, *at, link, theme);
        paint::left(p, end + 8.0, y, 100.0, &text, small.clone(), color);
        if let Some(expected) = value.expected {
            let text = t!(
                "예상 %{price} · %{size}주",
                price = format::price(expected.price),
                size = format::grouped(expected.size.0)
            );
            let font = fonts::bold(theme::SMALL);
            paint::right(p, rect.right() - 10.0, y, &text, font, theme.text);
        }
    }
}

fn ladder(ui: &mut Ui, view: &StockView, book: &OrderBook, live: bool, theme: &Theme) {
    let room = ui.available_size();
    let (levels, height) = levels_in(room.y - FOOT);
    let largest = book.asks.iter().chain(&book.bids).map(|l| l.size.0).max();
    let largest = largest.unwrap_or(0).max(1) as f32;
    let total = vec2(room.x, height * 2.0 * levels as f32);
    let (rect, _) = ui.allocate_exact_size(total, Sense::hover());
    for slot in 0..2 * levels {
        let ask = slot < levels;
        let (level, rank) = if ask {
            (book.asks[levels - 1 - slot], levels - slot)
        } else {
            (book.bids[slot - levels], slot - levels + 1)
        };
        let top = rect.top() + slot as f32 * height;
        let row = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), height));
        let id = ui.scope_id().with(("level", slot));
        ui.interact(row, id, Sense::hover()).widget_info(|| {
            WidgetInfo::labeled(Role::ListItem, true, level_in_words(ask, rank, level))
        });
        let of = LevelPaint {
            ask,
            live,
            share: level.size.0 as f32 / largest,
            quote: view.quote.as_ref(),
            expected: book.expected.map(|e| e.price),
        };
        paint_level(ui, row, level, &of, theme);
    }
    totals(ui, book, theme);
}

struct LevelPaint<'a> {
    ask: bool,
    live: bool,
    share: f32,
    quote: Option<&'a QuoteView>,
    expected: Option<Won>,
}

/// Price in the middle; the size of an ask to its left, of a bid to its right, as on an HTS.
fn paint_level(ui: &Ui, row: Rect, level: Level, of: &LevelPaint<'_>, theme: &Theme) {
    let p = ui.painter_at(row);
    let (ground, bar) = if of.ask {
        (theme.ask_ground, theme.ask_bar)
    } else {
        (theme.bid_ground, theme.bid_bar)
    };
    p.rect_filled(row, 0.0, ground);
    if level.price.0 == 0 {
        return;
    }
    let y = row.center().y;
    let third = row.width() / 3.0;
    let (left, right) = (row.left() + third, row.right() - third);
    let reach = (third - 4.0) * of.share;
    let bar_rect = if of.ask {
        Rect::from_min_max(
            pos2(left - reach, row.top() + 2.0),
            pos2(left, row.bottom() - 2.0),
        )
    } else {
        Rect::from_min_max(
            pos2(right, row.top() + 2.0),
            pos2(right + reach, row.bottom() - 2.0),
        )
    };
    p.rect_filled(bar_rect, 0.0, bar);
    let size = format::grouped(level.size.0);
    let small = fonts::regular(theme::SMALL);
    let ink = if of.live { theme.text } else { theme.secondary };
    if of.ask {
        paint::right(&p, left - 6.0, y, &size, small.clone(), ink);
    } else {
        paint::left(&p, right + 6.0, y, third, &size, small.clone(), ink);
    }
    let base = of.quote.map_or(level.price.0, |q| q.base.0);
    let color = theme.direction(level.price.0 - base);
    let price = format::grouped(level.price.0);
    let font = fonts::bold(theme::BODY);
    p.text(
        pos2(row.center().x, y),
        Align2::CENTER_CENTER,
        price,
        font,
        color,
    );
    let Some(quote) = of.quote else { return };
    let percent = percent_of(level.price, quote.base);
    let (x, align) = if of.ask {
        (right + 6.0, Align2::LEFT_CENTER)
    } else {
        (left - 6.0, Align2::RIGHT_CENTER)
    };
    p.text(pos2(x, y), align, percent, small.clone(), theme.secondary);
    let cell = Rect::from_x_y_ranges(left..=right, row.y_range());
    if level.price == quote.price {
        let stroke = Stroke::new(1.5, theme.text);
        p.rect_stroke(cell.shrink(0.5), 2.0, stroke, StrokeKind::Inside);
    } else if Some(level.price) == of.expected {
        let stroke = Stroke::new(1.0, theme.accent);
        p.rect_stroke(cell.shrink(0.5), 2.0, stroke, StrokeKind::Inside);
    }
    let mark = if level.price == quote.base {
        t!("기준")
    } else if level.price == quote.upper_limit {
        t!("상한")
    } else if level.price == quote.lower_limit {
        t!("하한")
    } else {
        return;
    };
    let (x, align) = if of.ask {
        (row.right() - 6.0, Align2::RIGHT_CENTER)
    } else {
        (row.left() + 6.0, Align2::LEFT_CENTER)
    };
    p.text(pos2(x, y), align, mark, small, theme.text);
}

/// The distance of a level from the base price.
fn percent_of(price: Won, base: Won) -> String {
    if base.0 <= 0 {
        return String::new();
    }
    let scaled = (price.0 - base.0) * 10_000;
    format::percent((scaled.abs() * 2 + base.0) / (base.0 * 2) * scaled.signum())
}

fn totals(ui: &mut Ui, book: &OrderBook, theme: &Theme) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), FOOT), Sense::hover());
    let (ask, bid) = (
        format::grouped(book.total_ask.0),
        format::grouped(book.total_bid.0),
    );
    response.widget_info(|| {
        let text = t!("총 잔량 매도 %{ask}주, 매수 %{bid}주", ask = ask, bid = bid);
        WidgetInfo::labeled(Role::Label, true, text)
    });
    let p = ui.painter();
    let y = rect.center().y;
    p.hline(rect.x_range(), rect.top() + 0.5, theme.line());
    let small = fonts::regular(theme::SMALL);
    let third = rect.width() / 3.0;
    paint::right(
        p,
        rect.left() + third - 6.0,
        y,
        &ask,
        small.clone(),
        theme.down,
    );
    p.text(
        rect.center(),
        Align2::CENTER_CENTER,
        t!("총 잔량"),
        small.clone(),
        theme.secondary,
    );
    paint::left(
        p,
        rect.right() - third + 6.0,
        y,
        third,
        &bid,
        small,
        theme.up,
    );
}

fn level_in_words(ask: bool, rank: usize, level: Level) -> String {
    let side = if ask { t!("매도") } else { t!("매수") };
    if level.price.0 == 0 {
        return t!("%{side} %{rank}호가 없음", side = side, rank = rank);
    }
    t!(
        "%{side} %{rank}호가 %{price}원 %{size}주",
        side = side,
        rank = rank,
        price = format::grouped(level.price.0),
        size = format::grouped(level.size.0)
    )
}
