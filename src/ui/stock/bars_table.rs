//! The bars of the timeframe as a table, newest first: minutes within days, or days, weeks,
//! months.

use egui::{Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::bars::Series;
use crate::domain::{Bar, Timeframe};
use crate::engine::{ChartState, Command, StockView};
use crate::lang;

use crate::ui::saves::{Export, csv};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint};

const LINE: f32 = 20.0;
const HEADS: [&str; 8] = [
    key!("시각"),
    key!("시가"),
    key!("고가"),
    key!("저가"),
    key!("종가"),
    key!("대비"),
    "%",
    key!("거래량"),
];
/// Right edges of the columns as shares of the width; the first is written from the left.
const ENDS: [f32; 8] = [0.16, 0.28, 0.40, 0.52, 0.64, 0.76, 0.86, 1.0];

/// Draws the table, or what stands in its place.
pub(super) fn bars_table_ui(ui: &mut Ui, view: &StockView, theme: &Theme) -> Option<Command> {
    ui.spacing_mut().item_spacing.y = 0.0;
    let (series, forming) = match &view.chart.state {
        ChartState::Ready {
            series, forming, ..
        } => (series, forming.as_ref()),
        ChartState::Failed(trouble) => {
            let again = paint::trouble_card(ui, trouble, theme);
            return again.then_some(Command::Retry(view.code));
        }
        ChartState::Loading { .. } => {
            let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
            let text = t!("과거 봉을 받는 중입니다");
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
            paint::skeleton(ui.painter(), rect, LINE, theme);
            return None;
        }
    };
    let wish = which_ui(ui, view, theme);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    for (i, head) in HEADS.into_iter().enumerate() {
        cell(ui, rect, i, lang::tr(head), theme.secondary);
    }
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, theme.line());
    let total = series.len() + usize::from(forming.is_some());
    let area = ScrollArea::vertical()
        .id_salt("bars table")
        .auto_shrink(false);
    area.show_rows(ui, LINE, total, |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for row in range {
            let Some(index) = total.checked_sub(row + 1) else {
                continue;
            };
            let bar = match series.bars().get(index) {
                Some(bar) => Some(bar),
                None => forming,
            };
            if let Some(bar) = bar {
                let before = index.checked_sub(1).and_then(|i| series.bars().get(i));
                let building = series.len() <= index;
                line_ui(ui, view, bar, before, building, theme);
            }
        }
    });
    wish
}

/// The two tables that are looked up most, by one click: minute by minute, and day by day. They
/// are the table of that timeframe, so the chart goes along.
fn which_ui(ui: &mut Ui, view: &StockView, theme: &Theme) -> Option<Command> {
    let tables = [
        (t!("시간대별"), Timeframe::Minutes(1)),
        (t!("일자별"), Timeframe::Day),
    ];
    let mut wish = None;
    ui.horizontal(|ui| {
        ui.set_height(26.0);
        ui.add_space(8.0);
        for (name, frame) in tables {
            let selected = view.timeframe == frame;
            let text = paint::rich(name, fonts::regular(theme::SMALL), theme.text);
            if ui.selectable_label(selected, text).clicked() && !selected {
                wish = Some(Command::ShowTimeframe(view.code, frame));
            }
        }
        let rest = !tables.iter().any(|(_, frame)| *frame == view.timeframe);
        if rest {
            let name = t!("%{text}봉", text = view.timeframe.name());
            ui.label(paint::rich(
                &name,
                fonts::regular(theme::SMALL),
                theme.secondary,
            ));
        }
    });
    wish
}

fn line_ui(
    ui: &mut Ui,
    view: &StockView,
    bar: &Bar,
    before: Option<&Bar>,
    building: bool,
    theme: &Theme,
) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let candle = &bar.candle;
    let time = time_of(bar, view.timeframe);
    let change = before.map(|b| candle.close - b.candle.close);
    let percent = before
        .filter(|b| 0 < b.candle.close)
        .zip(change)
        .map(|(b, change)| {
            let (base, scaled) = (b.candle.close, change.abs() * 10_000);
            (scaled * 2 + base) / (base * 2) * change.signum()
        });
    let texts = [
        time.clone(),
        format::grouped(candle.open),
        format::grouped(candle.high),
        format::grouped(candle.low),
        format::grouped(candle.close),
        change.map_or_else(String::new, |c| {
            format!("{}{}", format::arrow(c), format::grouped(c.abs()))
        }),
        percent.map_or_else(String::new, format::percent),
        format::grouped(candle.volume),
    ];
    response.widget_info(|| {
        let mut words: Vec<String> = HEADS
            .iter()
            .zip(&texts)
            .skip(1)
            .map(|(head, text)| format!("{} {text}", lang::tr(head)))
            .collect();
        words.insert(0, time.clone());
        if building {
            words.push(t!("형성 중").to_owned());
        }
        WidgetInfo::labeled(Role::Row, true, words.join(" "))
    });
    let direction = theme.direction(change.unwrap_or(0));
    for (i, text) in texts.iter().enumerate() {
        let color = match i {
            0 if building => theme.text,
            0 | 7 => theme.secondary,
            1..=3 => theme.text,
            _ => direction,
        };
        cell(ui, rect, i, text, color);
    }
}

fn cell(ui: &Ui, rect: Rect, column: usize, text: &str, color: egui::Color32) {
    let font = fonts::regular(theme::SMALL);
    let p = ui.painter_at(rect);
    let y = rect.center().y;
    let end = rect.left() + (rect.width() - 12.0) * ENDS[column];
    if column == 0 {
        let room = end - rect.left() - 12.0;
        paint::left(&p, rect.left() + 12.0, y, room, text, font, color);
    } else {
        paint::right(&p, end, y, text, font, color);
    }
}

fn time_of(bar: &Bar, timeframe: Timeframe) -> String {
    let day = bar.opened.day();
    match timeframe {
        Timeframe::Minutes(_) => format!(
            "{:02}-{:02} {}",
            day.month(),
            day.day_of_month(),
            format::hour_minute(bar.opened)
        ),
        Timeframe::Day | Timeframe::Week | Timeframe::Month => day.to_string(),
    }
}

/// The bars as a file for a spreadsheet, oldest first, with the averages on each.
pub(super) fn export(view: &StockView) -> Option<Export> {
    let ChartState::Ready {
        series, forming, ..
    } = &view.chart.state
    else {
        return None;
    };
    let mut head: Vec<String> = [
        t!("시각"),
        t!("시가"),
        t!("고가"),
        t!("저가"),
        t!("종가"),
        t!("거래량"),
    ]
    .map(str::to_owned)
    .to_vec();
    head.extend(view.periods.iter().map(|n| t!("%{n}이동평균", n = n)));
    head.push(t!("형성 중").to_owned());
    let line = |index: usize, bar: &Bar, building: bool| {
        let day = bar.opened.day();
        let c = &bar.candle;
        let mut cells = vec![match view.timeframe {
            Timeframe::Minutes(_) => format!("{day} {}", format::hour_minute(bar.opened)),
            Timeframe::Day | Timeframe::Week | Timeframe::Month => day.to_string(),
        }];
        cells.extend([c.open, c.high, c.low, c.close, c.volume].map(|n| n.to_string()));
        cells.extend(view.periods.iter().map(|&n| {
            let sum = match building {
                true => forming_sum(series, n, c.close),
                false => series.sum(index + 1, usize::from(n)),
            };
            sum.map_or_else(String::new, |sum| {
                format::average(sum, n.into()).replace(',', "")
            })
        }));
        cells.push(if building { t!("예") } else { "" }.to_owned());
        cells
    };
    let closed = series.bars().iter().enumerate();
    let closed = closed.map(|(i, bar)| line(i, bar, false));
    let building = forming.iter().map(|bar| line(series.len(), bar, true));
    let rows = std::iter::once(head.clone()).chain(closed).chain(building);
    let frame = match view.timeframe {
        Timeframe::Minutes(n) => format!("{n}m"),
        Timeframe::Day => "D".to_owned(),
        Timeframe::Week => "W".to_owned(),
        Timeframe::Month => "M".to_owned(),
    };
    let day = view.now.day().compact();
    Some(Export::text(
        format!("{}-{frame}-{day}.csv", view.code),
        csv(rows),
    ))
}

fn forming_sum(series: &Series, period: u16, close: i64) -> Option<i64> {
    let before = usize::from(period).checked_sub(1)?;
    Some(series.sum(series.len(), before)? + close)
}
