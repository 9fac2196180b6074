//! The readings strip, and the chart with each of its states.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::bars::Series;
use crate::domain::{Bar, Moment, Timeframe};
use crate::engine::{AlignmentCell, ChartState, Command, OlderBars, StockView, Trouble};
use crate::indicators::Alignment;

use crate::ui::chart_slot::{ChartSlot, chart_ui};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint, words};

use super::readings::{Readings, readings};

/// Room for the words in the corner of the strip.
const CORNER: f32 = 150.0;
/// Height of a line of the readings strip.
pub(super) const STRIP: f32 = 26.0;

/// Draws the chart, or what stands in its place; also tells which bar is under the crosshair.
pub(super) fn chart_area_ui(
    ui: &mut Ui,
    view: &StockView,
    slot: &mut ChartSlot,
    theme: &Theme,
    reduced_motion: bool,
) -> (Vec<Command>, Option<Moment>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    match &view.chart.state {
        ChartState::Loading { done, planned } => loading(ui, *done, *planned, theme),
        ChartState::Failed(trouble) => {
            if paint::trouble_card(ui, trouble, theme) {
                return (vec![Command::Retry(view.code)], None);
            }
        }
        ChartState::Ready {
            series, forming, ..
        } => {
            let bars = (&**series, forming.as_ref());
            let out = chart_ui(ui, view, bars, slot, theme, reduced_motion);
            return (out.commands, out.hovered);
        }
    }
    (vec![], None)
}

/// Room for a price in the strip: as wide as the longest price of the day, so that nothing jumps
/// from bar to bar. Characters.
fn digits(view: &StockView) -> f32 {
    let limit = view.quote.map_or(0, |q| q.upper_limit.0.max(q.high.0));
    format::grouped(limit).len().max(7) as f32
}

/// Room of one of the four prices.
fn price_slot(digits: f32) -> f32 {
    16.0 + digits * 7.2 + 6.0
}

/// Room of an average with its period: with tenths of a won, or in whole won.
fn average_slot(digits: f32, tenths: bool) -> f32 {
    36.0 + (digits + if tenths { 2.0 } else { 0.0 }) * 7.0
}

/// Where the averages begin in a strip of one line.
fn averages_from(digits: f32) -> f32 {
    12.0 + 84.0 + 4.0 * price_slot(digits) + 96.0 + 140.0
}

/// One line, or two where the averages do not fit behind the rest. Depends on the window and the
/// day's prices alone: the plot below does not move with the crosshair.
pub(super) fn strip_height(view: &StockView, width: f32) -> f32 {
    let digits = digits(view);
    let averages = view.periods.len() as f32 * average_slot(digits, true);
    if averages_from(digits) + averages + CORNER < width {
        STRIP
    } else {
        2.0 * STRIP - 4.0
    }
}

/// Draws the readings of the bar under the crosshair, else of the newest one, and at the right
/// what is missing. The strip is always there, so the plot below never moves.
pub(super) fn strip_ui(
    ui: &mut Ui,
    strip: Rect,
    view: &StockView,
    cell: Option<&AlignmentCell>,
    hovered: Option<Moment>,
    theme: &Theme,
) -> Option<Command> {
    let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(strip).id_salt("strip"));
    ui.set_clip_rect(strip);
    let ui = &mut ui;
    let ChartState::Ready {
        series,
        forming,
        trouble,
    } = &view.chart.state
    else {
        return None;
    };
    let mut first = strip;
    first.set_height(STRIP.min(strip.height()));
    let (end, again) = corner(
        ui,
        first,
        view,
        series,
        forming.as_ref(),
        trouble.as_deref(),
        theme,
    );
    // What stands in the corner is beside the first line only.
    let right = if STRIP < strip.height() {
        strip.right()
    } else {
        end
    };
    let room = Rect::from_min_max(strip.min, pos2(right, strip.bottom()));
    let shown = readings(series, forming.as_ref(), &view.periods, hovered);
    if let Some(shown) = shown {
        let cell = cell.filter(|_| hovered.is_none());
        paint_strip(ui, (room, end), view, &shown, cell, theme);
    }
    again.then_some(Command::Retry(view.code))
}

/// Open, high, low, close, volume, averages in their colours, the alignment in words. The first
/// line ends at `end`.
fn paint_strip(
    ui: &mut Ui,
    (rect, end): (Rect, f32),
    view: &StockView,
    shown: &Readings,
    cell: Option<&AlignmentCell>,
    theme: &Theme,
) {
    let p = ui.painter_at(rect);
    let two = STRIP + 1.0 < rect.height();
    let y = match two {
        true => rect.top() + STRIP / 2.0,
        false => rect.center().y,
    };
    let small = fonts::regular(theme::SMALL);
    let candle = &shown.bar.candle;
    let opened = shown.bar.opened;
    let time = match view.timeframe {
        Timeframe::Minutes(_) => format::when(opened, view.now),
        Timeframe::Day | Timeframe::Week | Timeframe::Month => opened.day().to_string(),
    };
    let mut x = rect.left() + 12.0;
    paint::left(&p, x, y, 76.0, &time, small.clone(), theme.secondary);
    x += 84.0;
    let color = theme.direction(candle.close - candle.open);
    let digits = digits(view).max(format::grouped(candle.high).len() as f32);
    let slot = price_slot(digits);
    let prices = [
        (t!("시" in "price"), candle.open),
        (t!("고" in "price"), candle.high),
        (t!("저" in "price"), candle.low),
        (t!("종" in "price"), candle.close),
    ];
    for (label, value) in prices {
        paint::left(&p, x, y, 16.0, label, small.clone(), theme.secondary);
        let text = format::grouped(value);
        paint::left(&p, x + 16.0, y, slot, &text, small.clone(), color);
        x += slot;
    }
    paint::left(
        &p,
        x,
        y,
        16.0,
        t!("량" in "price"),
        small.clone(),
        theme.secondary,
    );
    let volume = format::grouped(candle.volume);
    paint::left(&p, x + 16.0, y, 90.0, &volume, small.clone(), theme.text);
    x += 96.0;
    let word = match cell {
        Some(cell) => words::alignment_cell(cell),
        None => words::alignment(shown.alignment).to_owned(),
    };
    let word_color = match shown.alignment {
        Alignment::Bullish => theme.up,
        Alignment::Bearish => theme.down,
        Alignment::Mixed | Alignment::Unknown => theme.secondary,
    };
    let (from, below) = match two {
        true => (rect.left() + 12.0, rect.bottom() - STRIP / 2.0),
        false => (x + 140.0, y),
    };
    let mut line = Rect::from_min_max(pos2(from, rect.top()), rect.max);
    let bold = fonts::bold(theme::SMALL);
    let room = if two { end - x - 8.0 } else { 130.0 };
    // On most bars the words are no longer than this.
    let longest = words::alignment_cell(&AlignmentCell {
        timeframe: view.timeframe,
        state: Alignment::Bullish,
        age: 88,
        have: u32::MAX,
        need: 0,
    });
    let longest = paint::width(&p, &longest, bold.clone());
    if longest <= room {
        paint::left(&p, x, y, room, &word, bold, word_color);
    } else {
        // Beside the averages, where the first line is full.
        let word = p.layout_no_wrap(word.clone(), bold, word_color);
        line.max.x -= word.size().x + 20.0;
        p.galley(
            pos2(line.max.x + 8.0, below - word.size().y / 2.0),
            word,
            word_color,
        );
    }
    let y = below;
    paint_averages(&p, line, y, shown, digits, theme);
    let response = ui.interact(rect, ui.scope_id().with("readings"), Sense::hover());
    response.widget_info(|| {
        let averages: Vec<String> = shown
            .sums
            .iter()
            .filter_map(|&(n, sum)| Some(t!("%{period}봉 %{average}", period = n, average = format::average(sum?, n.into()))))
            .collect();
        let text = t!("%{time} 시 %{open} 고 %{high} 저 %{low} 종 %{close} 거래량 %{volume}, %{word}, 평균 %{averages}", time = time, open = candle.open, high = candle.high, low = candle.low, close = candle.close, volume = candle.volume, word = word, averages = averages.join(" "));
        WidgetInfo::labeled(Role::Label, true, text)
    });
}

/// The averages in their colours: with tenths of a won where all of them fit, else in whole won;
/// of those that still do not fit the number is said.
fn paint_averages(
    p: &egui::Painter,
    line: Rect,
    y: f32,
    shown: &Readings,
    digits: f32,
    theme: &Theme,
) {
    let small = fonts::regular(theme::SMALL);
    let count = shown.sums.len();
    let tenths = count as f32 * average_slot(digits, true) <= line.width();
    let slot = average_slot(digits, tenths);
    let room = (line.width() / slot).max(0.0) as usize;
    // The number of the others needs a place too.
    let fit = if room < count {
        room.saturating_sub(1)
    } else {
        count
    };
    let mut x = line.left();
    for (place, &(period, sum)) in shown.sums.iter().enumerate().take(fit) {
        let value = sum.map_or("-".to_owned(), |sum| {
            let n = i64::from(period);
            match tenths {
                true => format::average(sum, n),
                // Half up, as with tenths: a price is never negative.
                false => format::grouped((sum * 2 + n) / (n * 2)),
            }
        });
        let color = theme.average(period, place);
        let text = format!("{period}: {value}");
        paint::left(p, x, y, slot, &text, small.clone(), color);
        x += slot;
    }
    if fit < count {
        let more = format!("+{}", count - fit);
        paint::left(p, x, y, 30.0, &more, small, theme.secondary);
    }
}

/// Small words at the right of the strip: what is missing or failed while the chart stays.
/// Returns where they begin and whether to try again.
fn corner(
    ui: &mut Ui,
    strip: Rect,
    view: &StockView,
    series: &Series,
    forming: Option<&Bar>,
    trouble: Option<&Trouble>,
    theme: &Theme,
) -> (f32, bool) {
    let have = series.len() + usize::from(forming.is_some());
    let text = match trouble {
        Some(trouble) => trouble.what.to_string(),
        None if view.chart.older == OlderBars::Loading => t!("과거 봉을 받는 중입니다").to_owned(),
        None if have < view.chart.need => {
            t!(
                "%{need}봉 필요 / %{have}봉 보유",
                need = view.chart.need,
                have = have
            )
        }
        None => return (strip.right() - 4.0, false),
    };
    let font = fonts::regular(theme::SMALL);
    let galley = paint::elided(ui.painter(), &text, font, theme.text, strip.width() * 0.4);
    let size = galley.size() + vec2(16.0, 0.0);
    let max = pos2(strip.right() - 6.0, strip.bottom() - 3.0);
    let rect = Rect::from_min_max(pos2(max.x - size.x, strip.top() + 3.0), max);
    let sense = if trouble.is_some() {
        Sense::click()
    } else {
        Sense::hover()
    };
    let response = ui.interact(rect, ui.scope_id().with("corner"), sense);
    let role = if trouble.is_some() {
        Role::Button
    } else {
        Role::Label
    };
    let name = match trouble {
        Some(_) => t!("%{text}, 다시 시도", text = text),
        None => text,
    };
    response.widget_info(|| WidgetInfo::labeled(role, true, &name));
    let p = ui.painter();
    p.rect(
        rect,
        4.0,
        theme.raised,
        theme.line(),
        egui::StrokeKind::Inside,
    );
    p.galley(rect.center() - galley.size() / 2.0, galley, theme.text);
    if response.has_focus() {
        paint::focus_ring(p, rect, theme);
    }
    let again = response.clicked();
    if let Some(t) = trouble {
        response.on_hover_text(t!(
            "%{why}\n%{next}\n누르면 다시 시도합니다",
            why = t.why,
            next = t.next
        ));
    }
    (rect.left() - 8.0, again)
}

fn loading(ui: &mut Ui, done: usize, planned: usize, theme: &Theme) {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let text = if planned == 0 {
        t!("과거 봉을 받는 중입니다").to_owned()
    } else {
        t!(
            "과거 봉을 받는 중입니다 (%{done} / %{planned})",
            done = format::grouped(done as i64),
            planned = format::grouped(planned as i64)
        )
    };
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &text));
    let p = ui.painter_at(rect);
    // The shape of what will be there: bars around a line.
    let mut x = rect.left() + 16.0;
    let mut i = 0_u32;
    while x < rect.right() - 70.0 {
        let wave =
            (f64::from(i) * 0.37).sin() as f32 * 0.14 + (f64::from(i) * 0.11).cos() as f32 * 0.1;
        let middle = rect.center().y + wave * rect.height();
        let height = rect.height() * (0.05 + 0.03 * ((i * 7 % 5) as f32));
        let bar = Rect::from_center_size(pos2(x, middle), vec2(7.0, height));
        p.rect_filled(bar, 1.0, theme.skeleton());
        x += 12.0;
        i += 1;
    }
    let line = Rect::from_center_size(rect.center() + vec2(0.0, 14.0), vec2(240.0, 3.0));
    let back = Rect::from_center_size(rect.center(), vec2(280.0, 52.0));
    p.rect_filled(back, 6.0, theme.background);
    let share = done as f32 / planned.max(1) as f32;
    paint::progress(&p, line, share, theme);
    p.text(
        rect.center() - vec2(0.0, 6.0),
        Align2::CENTER_CENTER,
        &text,
        fonts::regular(theme::BODY),
        theme.secondary,
    );
}
