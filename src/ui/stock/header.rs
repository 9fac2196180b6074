//! The header of a stock's window: what it is and what it costs.

use std::sync::Arc;

use egui::{Align, Color32, Galley, Layout, Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use crate::domain::{Remark, StockCode, Won};
use crate::engine::{Freshness, QuoteView, Snapshot, StockView};

use crate::ui::paint::{self, Icon, icon_button, signal_button};
use crate::ui::shared::Shared;
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, words};

use super::StockOutcome;

/// Room for the change beside the price, points.
const CHANGE: f32 = 84.0;
/// Room for the day's range, its limits and its volume, with the gap behind each, points.
const PAIRS: [f32; 3] = [96.0, 96.0, 140.0];
/// Between two tags, points.
const TAG_GAP: f32 = 6.0;

/// What a tag says, and whether it matters enough to be shown in any width.
type Tag = (String, bool);

/// Draws the header.
pub(super) fn header_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    code: StockCode,
    view: Option<&std::sync::Arc<StockView>>,
    shared: &Shared,
    embedded: bool,
    out: &mut StockOutcome,
) {
    let look = shared.look();
    let theme = &look.theme;
    ui.horizontal_centered(|ui| {
        if icon_button(ui, Icon::Home, t!("홈 창 보기 (Alt+Home)"), theme).clicked() {
            out.home = true;
            // Inside the home window, home is below.
            out.close |= embedded;
        }
        let held = shared.held();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if embedded && icon_button(ui, Icon::Close, t!("창 닫기"), theme).clicked() {
                out.close = true;
            }
            if 0 < held && signal_button(ui, &t!("다음 신호 %{held}", held = held), theme).clicked()
            {
                shared.ask_next();
                ui.ctx().request_repaint_of(egui::ViewportId::ROOT);
            }
            let row = snapshot.rows.iter().find(|row| row.code == code);
            let quote = match view {
                Some(view) => view.quote,
                None => row.and_then(|row| row.quote),
            };
            let name = view
                .map(|v| v.name.clone())
                .or_else(|| row.map(|row| row.name.clone()))
                .unwrap_or_else(|| code.as_str().into());
            let venue = view.map_or("", |v| words::market(v.venue));
            let remarks = view
                .map(|v| v.remarks.clone())
                .or_else(|| row.map(|row| row.remarks.clone()))
                .unwrap_or_default();
            let size = ui.available_size();
            let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
            response.widget_info(|| {
                let mut text = format!("{name} {code} {venue}");
                for remark in &remarks {
                    text.push_str(&format!(", {}", remark.words()));
                }
                if let Some(q) = quote {
                    text.push_str(&t!(
                        ", 현재가 %{price}원 %{change} %{percent_sign}",
                        price = format::price(q.price),
                        change = format::change(q.change),
                        percent_sign = q
                            .change_basis_points()
                            .map_or_else(String::new, format::percent_sign)
                    ));
                    text.push_str(&t!(
                        ", 고가 %{high}원, 저가 %{low}원, 상한가 %{upper}원, 하한가 %{lower}원, 거래량 %{volume}주",
                        high = format::price(q.high),
                        low = format::price(q.low),
                        upper = format::price(q.upper_limit),
                        lower = format::price(q.lower_limit),
                        volume = format::grouped(q.volume.0)
                    ));
                }
                if let Some(nextrade) = view.and_then(|v| v.nextrade) {
                    text.push_str(", ");
                    text.push_str(nextrade_words(nextrade));
                }
                if let Some(limit) = quote.as_ref().and_then(at_limit) {
                    text.push_str(", ");
                    text.push_str(limit);
                }
                WidgetInfo::labeled(Role::Label, true, text)
            });
            let nextrade = view.and_then(|v| v.nextrade);
            let tags = quote.map_or_else(Vec::new, |q| {
                marks(&q, (venue, nextrade), &remarks, snapshot)
            });
            let quote = quote.as_ref().ok_or_else(|| {
                let refused = row.and_then(|row| row.trouble.as_ref());
                let waits = || t!("시세를 기다리는 중").to_owned();
                refused.map_or_else(waits, |trouble| trouble.what.to_string())
            });
            paint_header(ui, rect, (&name, code), quote, tags, theme);
            let link = words::link(&snapshot.link);
            response.on_hover_text(t!("실시간 연결: %{link}", link = link));
        });
    });
}

fn paint_header(
    ui: &Ui,
    rect: Rect,
    (name, code): (&str, StockCode),
    quote: Result<&QuoteView, String>,
    tags: Vec<Tag>,
    theme: &Theme,
) {
    let p = ui.painter_at(rect);
    let y = rect.center().y;
    let title = fonts::bold(theme::TITLE);
    let small = fonts::regular(theme::SMALL);
    let body = fonts::regular(theme::BODY);
    let room = (rect.width() * 0.28).max(70.0);
    let level = paint::level(&p, y, title.clone(), small.clone());
    let end = paint::left(&p, rect.left() + 4.0, y, room, name, title, theme.text);
    let mut x = end + 6.0;
    if 420.0 < rect.width() {
        x = paint::left(&p, x, level, 80.0, code.as_str(), small, theme.faint);
    }
    let q = match quote {
        Ok(quote) => quote,
        Err(missing) => {
            paint::left(&p, x + 20.0, y, 200.0, &missing, body, theme.faint);
            return;
        }
    };
    let color = match q.freshness {
        Freshness::Stale => theme.faint,
        Freshness::Live | Freshness::Cut | Freshness::Polled => theme.direction(q.change.0),
    };
    // Slots of fixed width: a longer price moves nothing after it.
    let price = fonts::bold(theme::PRICE);
    x += 128.0;
    paint::right(&p, x, y, &format::price(q.price), price, color);
    // Two lines beside the price, so that a narrow window has room for the day's prices too.
    let lines = [y - 8.0, y + 8.0];
    if x + CHANGE < rect.right() {
        let arrow = format::arrow(q.change.0);
        paint::left(&p, x + 12.0, lines[0], 14.0, arrow, body.clone(), color);
        x += CHANGE;
        let change = format::grouped(q.change.0.abs());
        paint::right(&p, x, lines[0], &change, body.clone(), color);
        let percent = q.change_basis_points().map(format::percent_sign);
        let percent = percent.unwrap_or_default();
        paint::right(&p, x, lines[1], &percent, body.clone(), color);
    }
    x += 20.0;
    let tags = fitting(&p, tags, rect.right() - 4.0 - x - PAIRS[0], theme);
    let kept: f32 = tags.iter().map(|(tag, _)| width_of(tag) + TAG_GAP).sum();
    // What the prices must leave to the tags.
    let end = rect.right() - kept - 4.0;
    // Where all of them have room to spare, they stand further apart.
    let spare = end - x - PAIRS.iter().sum::<f32>();
    let gap = (spare / 4.0).clamp(0.0, 20.0).floor();
    x += gap;
    for (pair, width) in pairs(q, theme).into_iter().zip(PAIRS) {
        if end < x + width {
            break;
        }
        let right = x + width - 14.0;
        for ((label, value, color), y) in pair.into_iter().zip(lines) {
            let small = fonts::regular(theme::SMALL);
            paint::left(&p, x, y, width, label, small, theme.secondary);
            paint::right(&p, right, y, &value, body.clone(), color);
        }
        x += width + gap;
    }
    let mut right = rect.right() - 4.0;
    for (galley, loud) in tags {
        let width = width_of(&galley);
        let tag = Rect::from_min_max(pos2(right - width, y - 10.0), pos2(right, y + 10.0));
        let (ground, ink) = if loud {
            (theme.raised, theme.text)
        } else {
            (theme.panel, theme.secondary)
        };
        p.rect(tag, 4.0, ground, theme.line(), egui::StrokeKind::Inside);
        p.galley(tag.center() - galley.size() / 2.0, galley, ink);
        right -= width + TAG_GAP;
    }
}

/// A label, what it says and the colour to say it in.
type Line = (&'static str, String, Color32);

/// What stands beside the price in pairs, one above the other, the most wanted first.
fn pairs(q: &QuoteView, theme: &Theme) -> [[Line; 2]; 3] {
    let against = |value: Won| match value.0 {
        0 => theme.faint,
        v => theme.direction(v - q.base.0),
    };
    let price = |label, value: Won, color| (label, format::price(value), color);
    [
        [
            price(t!("고" in "price"), q.high, against(q.high)),
            price(t!("저" in "price"), q.low, against(q.low)),
        ],
        [
            price(t!("상" in "price"), q.upper_limit, theme.up),
            price(t!("하" in "price"), q.lower_limit, theme.down),
        ],
        [
            (t!("거래량"), format::grouped(q.volume.0), theme.text),
            (t!("거래대금"), format::short(q.value), theme.text),
        ],
    ]
}

/// The tags laid out. Where they leave less than nothing of `room`, what is quiet goes, the
/// last first: the day's high and low are worth more.
fn fitting(p: &Painter, mut tags: Vec<Tag>, room: f32, theme: &Theme) -> Vec<(Arc<Galley>, bool)> {
    let font = fonts::bold(theme::SMALL);
    let lay = |(text, loud): &Tag| {
        let galley = p.layout_no_wrap(text.clone(), font.clone(), theme.text);
        (galley, *loud)
    };
    loop {
        let laid: Vec<_> = tags.iter().map(lay).collect();
        let wide: f32 = laid.iter().map(|(tag, _)| width_of(tag) + TAG_GAP).sum();
        let quiet = tags.iter().rposition(|(_, loud)| !loud);
        match quiet {
            Some(quiet) if room < wide => {
                tags.remove(quiet);
            }
            _ => return laid,
        }
    }
}

fn width_of(tag: &Galley) -> f32 {
    tag.size().x + 12.0
}

/// Whether the stock is traded on Nextrade too.
fn nextrade_words(nextrade: bool) -> &'static str {
    match nextrade {
        true => t!("NXT 거래 가능"),
        false => t!("NXT 거래 안 됨"),
    }
}

/// The price stands at the day's limit.
fn at_limit(q: &QuoteView) -> Option<&'static str> {
    if 0 < q.upper_limit.0 && q.upper_limit <= q.price {
        Some(t!("상한가"))
    } else if 0 < q.price.0 && q.price <= q.lower_limit {
        Some(t!("하한가"))
    } else {
        None
    }
}

/// Tags at the right.
fn marks(
    q: &QuoteView,
    (venue, nextrade): (&str, Option<bool>),
    remarks: &[Remark],
    snapshot: &Snapshot,
) -> Vec<Tag> {
    // The live halt comes below.
    let listed = remarks
        .iter()
        .filter(|r| !(q.halted && **r == Remark::Halted))
        .take(2);
    let mut marks: Vec<Tag> = listed
        .map(|remark| (remark.words().to_owned(), remark.is_warning()))
        .collect();
    if !venue.is_empty() {
        marks.push((venue.to_owned(), false));
    }
    if let Some(nextrade) = nextrade {
        marks.push((nextrade_words(nextrade).to_owned(), false));
    }
    if let Some(limit) = at_limit(q) {
        marks.push((limit.to_owned(), true));
    }
    if q.off_hours {
        marks.push((t!("시간외").to_owned(), true));
    }
    if let Some(kind) = q.interrupted {
        marks.push((words::interruption(kind).to_owned(), true));
    }
    if q.halted {
        marks.push((t!("거래정지").to_owned(), true));
    }
    let fresh = words::freshness(q, snapshot);
    if q.freshness != Freshness::Live || fresh.1 {
        marks.push(fresh);
    }
    marks
}
