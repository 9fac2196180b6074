//! One row of the watchlist, painted.

use egui::{Color32, Painter, Rect, pos2};

use crate::conditions::Threshold;
use crate::domain::Remark;
use crate::engine::{
    AlignmentCell, Badge, Freshness, LinkState, QuoteView, Ring, Row, Snapshot, ThresholdCell,
};
use crate::indicators::Alignment;

use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, glyph, paint, words};

use super::columns::{Cell, Column};

/// Badges shown beside a name; the gravest come first.
const BADGES: usize = 3;
/// A name of so many letters does not fit every column.
const LONG: usize = 10;

/// How a row looks because of a signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowLook {
    /// The whole row's ground, if it has one of its own.
    pub ground: Option<Color32>,
    /// Everything on it in this colour instead of red, blue and grey.
    pub text: Option<Color32>,
    /// A steady yellow mark at the left edge.
    pub mark: bool,
}

/// The look of a row: full yellow with dark text while it rings and is lit, a steady mark
/// until the stock is visited. Without motion a ringing row is steadily yellow.
pub fn row_look(theme: &Theme, ring: Ring, lit: bool, reduced_motion: bool) -> RowLook {
    let quiet = RowLook {
        ground: None,
        text: None,
        mark: ring != Ring::Quiet,
    };
    match ring {
        Ring::Blinking(_) if lit || reduced_motion => RowLook {
            ground: Some(theme.signal),
            text: Some(theme.on_signal),
            mark: true,
        },
        _ => quiet,
    }
}

/// What a row is painted with.
pub(super) struct RowPaint<'a> {
    pub(super) theme: &'a Theme,
    pub(super) snapshot: &'a Snapshot,
    pub(super) columns: &'a [Column],
    pub(super) look: RowLook,
    /// Direction of the price change that is being tinted.
    pub(super) flash: Option<i64>,
}

/// Paints the row into `rect`.
pub(super) fn paint_row(p: &Painter, rect: Rect, row: &Row, with: &RowPaint<'_>) {
    let theme = with.theme;
    if let Some(ground) = with.look.ground {
        p.rect_filled(rect, 0.0, ground);
    } else if row.pending.is_some() {
        paint::hatch(p, rect, theme.hatch());
    }
    if with.look.mark {
        let mark = Rect::from_min_max(rect.min, pos2(rect.left() + 4.0, rect.bottom()));
        let color = with.look.text.unwrap_or(theme.signal);
        p.rect_filled(mark, 0.0, color);
    }
    for column in with.columns {
        paint_cell(p, rect, row, column, with);
    }
}

fn paint_cell(p: &Painter, rect: Rect, row: &Row, column: &Column, with: &RowPaint<'_>) {
    let theme = with.theme;
    let y = rect.center().y;
    let x = column.x;
    let plain = with.look.text;
    let stale = row
        .quote
        .is_some_and(|quote| quote.freshness == Freshness::Stale);
    let (text, secondary, faint) = match plain {
        Some(color) => (color, color, color),
        None if stale => (theme.text, theme.faint, theme.faint),
        None => (theme.text, theme.secondary, theme.faint),
    };
    let body = fonts::regular(theme::BODY);
    let small = fonts::regular(theme::SMALL);
    let number = |value: &str, color| {
        paint::right(p, x.max - 8.0, y, value, body.clone(), color);
    };
    let quote = row.quote.as_ref();
    let colored = |q: &QuoteView| match (plain, q.freshness) {
        (Some(color), _) => color,
        (None, Freshness::Stale) => theme.faint,
        (None, _) => theme.direction(q.change.0),
    };
    match (column.cell, quote) {
        (Cell::Name, _) => {
            let room = x.span() - 12.0 - 8.0;
            let name = fonts::bold(theme::BODY);
            // Warnings are worth more than the end of a long name, and that more than what the
            // paper is.
            let remarks = told_beside(&row.name, &row.remarks);
            let warnings = remarks.partition_point(|remark| remark.is_warning());
            let reserved = badges_width(p, &remarks[..warnings], room * 0.5);
            let level = paint::level(p, y, name.clone(), small.clone());
            let left = x.min + 12.0;
            let mut end = paint::left(p, left, y, room - reserved, &row.name, name, text);
            let badges = badges_width(p, &remarks, (left + room - end).max(reserved));
            if 0.0 < badges {
                let left = end + 5.0;
                end = paint_badges(p, left, y, left + badges, &remarks, theme, plain);
            }
            if &*row.name != row.code.as_str() {
                let left = end + 6.0;
                let room = x.max - 4.0 - left;
                if 44.0 < room {
                    paint::left(p, left, level, room, row.code.as_str(), small, faint);
                }
            }
        }
        (Cell::Price, Some(q)) => {
            if let Some(direction) = with.flash.filter(|_| plain.is_none()) {
                let cell = Rect::from_x_y_ranges(x, rect.y_range()).shrink2(egui::vec2(2.0, 3.0));
                p.rect_filled(cell, 2.0, theme.flash(direction));
            }
            let font = fonts::bold(theme::BODY);
            let value = format::price(q.price);
            paint::right(p, x.max - 8.0, y, &value, font, colored(q));
        }
        (Cell::Change, Some(q)) => {
            number(&format::grouped(q.change.0.abs()), colored(q));
            // The arrow has a column of its own.
            let arrow = limit_arrow(q);
            paint::left(p, x.min + 8.0, y, 14.0, arrow, small, colored(q));
        }
        (Cell::Percent, Some(q)) => {
            let value = q
                .change_basis_points()
                .map_or("-".to_owned(), format::percent);
            number(&value, colored(q));
        }
        (Cell::Volume, Some(q)) => number(&format::grouped(q.volume.0), secondary),
        (Cell::Alignment(i), _) => {
            if let Some(cell) = row.alignments.get(i) {
                alignment(p, x.min, y, cell, with, secondary);
            }
        }
        (Cell::Threshold, _) => {
            if let Some(cell) = &row.threshold {
                let (price, distance) = threshold_text(cell);
                paint::right(p, x.min + 64.0, y, &price, body.clone(), text);
                paint::right(p, x.max - 8.0, y, &distance, small, secondary);
            }
        }
        (Cell::State, _) => {
            let state = state(row, with.snapshot);
            let color = if state.loud { text } else { faint };
            let room = x.span() - 12.0;
            let words = state.fitting(p, room);
            paint::left(p, x.min + 8.0, y, room, words, small, color);
        }
        (_, None) => number("-", faint),
    }
}

/// The remarks that the name itself does not end with, as that of an ETN does.
fn told_beside(name: &str, remarks: &[Remark]) -> Vec<Remark> {
    let others = remarks.iter().filter(|r| !name.ends_with(r.badge()));
    others.copied().collect()
}

/// The room for a stock's badges with the gap before them; 0 without any.
fn badges_width(p: &Painter, remarks: &[Remark], most: f32) -> f32 {
    let mut width = 0.0;
    for remark in remarks.iter().take(BADGES) {
        let next = width + badge_width(p, *remark) + 3.0;
        if most < next {
            break;
        }
        width = next;
    }
    if width == 0.0 { 0.0 } else { width + 5.0 }
}

fn badge_width(p: &Painter, remark: Remark) -> f32 {
    let font = fonts::regular(theme::SMALL);
    let galley = p.layout_no_wrap(remark.badge().to_owned(), font, Color32::WHITE);
    galley.size().x + 8.0
}

/// Paints the badges that fit between `left` and `right`; returns where they end. A warning has
/// a frame, what a paper merely is has none.
pub(super) fn paint_badges(
    p: &Painter,
    mut left: f32,
    y: f32,
    right: f32,
    remarks: &[Remark],
    theme: &Theme,
    plain: Option<Color32>,
) -> f32 {
    for &remark in remarks.iter().take(BADGES) {
        let width = badge_width(p, remark);
        if right < left + width {
            break;
        }
        let tag = Rect::from_min_max(pos2(left, y - 8.0), pos2(left + width, y + 8.0));
        let quiet = if remark.is_warning() {
            theme.text
        } else {
            theme.secondary
        };
        let ink = plain.unwrap_or(quiet);
        if remark.is_warning() {
            let stroke = egui::Stroke::new(1.0, ink);
            p.rect_stroke(tag, 3.0, stroke, egui::StrokeKind::Inside);
        }
        let font = fonts::regular(theme::SMALL);
        paint::left(p, left + 4.0, y, width, remark.badge(), font, ink);
        left += width + 3.0;
    }
    left
}

/// What the exchange says, for screen readers and tips.
pub(super) fn remarks_in_words(remarks: &[Remark]) -> String {
    let words: Vec<&str> = remarks.iter().map(|remark| remark.words()).collect();
    words.join(", ")
}

fn alignment(
    p: &Painter,
    left: f32,
    y: f32,
    cell: &AlignmentCell,
    with: &RowPaint<'_>,
    color: Color32,
) {
    let small = fonts::regular(theme::SMALL);
    if cell.state == Alignment::Unknown {
        let text = format!("{}/{}", cell.have, cell.need);
        paint::left(p, left + 6.0, y, 56.0, &text, small, color);
        return;
    }
    let plain = with.look.text.is_some();
    glyph::draw(p, pos2(left + 18.0, y), cell.state, with.theme, plain);
    if cell.state != Alignment::Mixed {
        let more = if cell.is_at_least() { "+" } else { "" };
        let age = format!("{}{more}", cell.age);
        paint::left(p, left + 32.0, y, 34.0, &age, small, color);
    }
}

/// ▲ ▼, and ↑ ↓ at the day's limits.
fn limit_arrow(q: &QuoteView) -> &'static str {
    if 0 < q.upper_limit.0 && q.upper_limit <= q.price {
        "↑"
    } else if 0 < q.price.0 && q.price <= q.lower_limit {
        "↓"
    } else {
        format::arrow(q.change.0)
    }
}

/// 성립가 and its distance.
pub(in crate::ui) fn threshold_text(cell: &ThresholdCell) -> (String, String) {
    let distance = || cell.distance.map_or_else(String::new, format::percent_sign);
    match cell.price {
        Threshold::Above(price) | Threshold::Below(price) if cell.holds => {
            (format::price(price), t!("충족").to_owned())
        }
        Threshold::Above(price) | Threshold::Below(price) => (format::price(price), distance()),
        Threshold::NotToday => (t!("오늘 불가").to_owned(), String::new()),
        Threshold::None if cell.holds => ("-".to_owned(), t!("충족").to_owned()),
        Threshold::None => ("-".to_owned(), String::new()),
    }
}

/// The row's state in words.
pub(super) struct State {
    /// In full, for screen readers, tips and wherever there is room.
    pub(super) text: String,
    /// For a narrow column.
    short: String,
    /// It needs attention.
    loud: bool,
}

impl State {
    fn new(text: String, short: impl Into<String>, loud: bool) -> Self {
        let short = short.into();
        Self { text, short, loud }
    }

    fn plain(text: &str, loud: bool) -> Self {
        Self::new(text.to_owned(), text, loud)
    }

    /// What fits into `room`.
    fn fitting(&self, p: &Painter, room: f32) -> &str {
        let font = fonts::regular(theme::SMALL);
        let whole = p.layout_no_wrap(self.text.clone(), font, Color32::WHITE);
        match whole.size().x <= room {
            true => &self.text,
            false => &self.short,
        }
    }
}

/// The row's state.
pub(super) fn state(row: &Row, snapshot: &Snapshot) -> State {
    if let Some(trouble) = &row.trouble {
        return State::new(trouble.what.to_string(), t!("시세 없음"), true);
    }
    if let Some(pending) = &row.pending {
        let text = pending.to_string();
        // Why comes after the colon.
        let short = text.split(':').next().unwrap_or_default().to_owned();
        return State::new(text, short, true);
    }
    let Some(quote) = &row.quote else {
        return State::new(t!("시세를 기다리는 중").to_owned(), t!("시세 대기"), false);
    };
    // The list of the morning knows a halt that the price of many stocks does not tell of; it was
    // lifted where something has traded since.
    let listed = row.remarks.contains(&Remark::Halted) && quote.volume.0 == 0;
    if quote.halted || listed {
        return State::plain(t!("거래정지"), true);
    }
    if let Some(kind) = quote.interrupted {
        return State::new(words::interruption(kind).to_owned(), "VI", true);
    }
    if quote.off_hours {
        return State::plain(t!("시간외"), false);
    }
    let (mut text, loud) = words::freshness(quote, snapshot);
    let short = match quote.freshness {
        Freshness::Cut if snapshot.link.state == LinkState::Reconnecting => {
            t!("재연결 중").to_owned()
        }
        Freshness::Polled if words::is_close(quote, snapshot) => text.clone(),
        Freshness::Polled => words::ago(quote.at, snapshot.now),
        Freshness::Stale => t!("지연 %{at}", at = format::when(quote.at, snapshot.now)),
        Freshness::Live | Freshness::Cut => text.clone(),
    };
    // Prices are fine, but a rule cannot hold yet: the row says so too.
    if let Some(cell) = missing(row, snapshot.badge) {
        let frame = cell.timeframe.name();
        text.push_str(&t!(
            " · %{frame} %{have}/%{need}봉",
            frame = frame,
            have = cell.have,
            need = cell.need
        ));
    }
    State::new(text, short, loud)
}

/// The first alignment that lacks bars which the paper host will never give.
fn missing(row: &Row, badge: Badge) -> Option<&AlignmentCell> {
    let lacks = |cell: &&AlignmentCell| {
        cell.state == Alignment::Unknown && cell.timeframe.minutes().is_some()
    };
    row.alignments
        .iter()
        .find(lacks)
        .filter(|_| badge == Badge::Paper)
}

/// An alignment in words; on the paper host also why bars are missing.
pub(super) fn alignment_words(cell: &AlignmentCell, badge: Badge) -> String {
    let unknown = cell.state == Alignment::Unknown && cell.timeframe.minutes().is_some();
    if unknown && badge == Badge::Paper {
        t!(
            "모의투자는 과거 분봉을 주지 않습니다: %{timeframe} %{need}선까지 %{have}/%{need}봉",
            timeframe = cell.timeframe.name(),
            need = cell.need,
            have = cell.have
        )
    } else {
        words::alignment_cell(cell)
    }
}

/// The whole row for a screen reader.
pub(super) fn row_in_words(row: &Row, snapshot: &Snapshot) -> String {
    let mut words = vec![format!("{} {}", row.name, row.code)];
    if row.ring != Ring::Quiet {
        words.push(t!("신호").to_owned());
    }
    words.extend(row.remarks.iter().map(|remark| remark.words().to_owned()));
    if let Some(q) = &row.quote {
        words.push(t!("현재가 %{price}원", price = format::price(q.price)));
        let direction = match q.change.0.signum() {
            1 => t!("상승 "),
            -1 => t!("하락 "),
            _ => t!("보합 "),
        };
        words.push(t!(
            "%{direction}%{change}원",
            direction = direction,
            change = format::grouped(q.change.0.abs())
        ));
        words.extend(q.change_basis_points().map(format::percent_sign));
        words.push(t!(
            "거래량 %{volume}주",
            volume = format::grouped(q.volume.0)
        ));
    }
    let cells = row.alignments.iter().take(snapshot.columns.len());
    words.extend(cells.map(|cell| alignment_words(cell, snapshot.badge)));
    if let Some(threshold) = &row.threshold {
        let (price, distance) = threshold_text(threshold);
        words.push(
            t!(
                "성립가 %{price} %{distance}",
                price = price,
                distance = distance
            )
            .trim_end()
            .to_owned(),
        );
    }
    words.push(state(row, snapshot).text);
    words.join(", ")
}

/// What the pointer learns from a cell.
pub(super) fn cell_tip(row: &Row, cell: Cell, snapshot: &Snapshot) -> Option<String> {
    match cell {
        Cell::Name => {
            // A long name may have been cut.
            let name = (LONG <= row.name.chars().count()).then(|| row.name.to_string());
            let remarks = (!row.remarks.is_empty()).then(|| remarks_in_words(&row.remarks));
            let lines = Vec::from_iter([name, remarks].into_iter().flatten());
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        Cell::Alignment(i) => {
            let cell = row.alignments.get(i)?;
            Some(alignment_words(cell, snapshot.badge))
        }
        Cell::Threshold => row.threshold.as_ref().map(|t| {
            let (price, distance) = threshold_text(t);
            t!(
                "%{rule} · %{timeframe} 성립가 %{price} %{distance}",
                rule = t.rule,
                timeframe = t.timeframe.name(),
                price = price,
                distance = distance
            )
        }),
        Cell::State => match &row.trouble {
            Some(t) => Some(format!("{}\n{}\n{}", t.what, t.why, t.next)),
            None => match &row.pending {
                Some(pending) => Some(pending.to_string()),
                None => {
                    let state = state(row, snapshot);
                    let why =
                        missing(row, snapshot.badge).map(|c| alignment_words(c, snapshot.badge));
                    // The column may have had room for less.
                    why.or((state.text != state.short).then_some(state.text))
                }
            },
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;

    #[test]
    fn a_ringing_row_is_yellow_only_while_lit() {
        let theme = Theme::dark();
        let ring = Ring::Blinking(Moment(0));
        let lit = row_look(&theme, ring, true, false);
        assert_eq!(lit.ground, Some(theme.signal));
        assert_eq!(lit.text, Some(theme.on_signal));
        let dark = row_look(&theme, ring, false, false);
        assert_eq!((dark.ground, dark.text, dark.mark), (None, None, true));
        // Steady without motion.
        assert_eq!(row_look(&theme, ring, false, true), lit);
        let marked = row_look(&theme, Ring::Marked, true, true);
        assert_eq!((marked.ground, marked.mark), (None, true));
        assert!(!row_look(&theme, Ring::Quiet, true, true).mark);
    }
}
