//! Where the rule being written holds now, and where it would have rung.

use egui::{Id, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{FilledArea, HLine, Line, Plot, PlotPoints};

use crate::domain::{StockCode, Timeframe};
use crate::engine::backtest::{After, Backtest};
use crate::engine::rules::{BacktestView, Match, Preview, PreviewRow};
use crate::engine::{Command, Snapshot};
use crate::settings::RuleSetting;
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint};

/// Height of a line of the lists, points.
const LINE: f32 = 24.0;
/// Fewer hits than this say little of what follows.
const FEW: usize = 10;

/// What the user did.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) commands: Vec<Command>,
    /// Open this stock's window on this timeframe.
    pub(super) open: Option<(StockCode, Timeframe)>,
}

fn small(ui: &mut Ui, text: &str, theme: &Theme) {
    let text = paint::rich(text, fonts::regular(theme::SMALL), theme.secondary);
    ui.add(egui::Label::new(text).wrap());
}

/// Draws the stocks on which the rule holds now; without a preview, whether one is `asked_for`.
pub(super) fn now_ui(
    ui: &mut Ui,
    preview: Option<&Preview>,
    asked_for: bool,
    timeframe: Timeframe,
    height: f32,
    theme: &Theme,
) -> Asked {
    let mut asked = Asked::default();
    let head = |ui: &mut Ui, text: &str| {
        ui.label(paint::rich(text, fonts::bold(theme::BODY), theme.text));
    };
    let Some(preview) = preview else {
        head(ui, t!("지금 맞는 종목"));
        let text = match asked_for {
            true => t!("맞는 종목을 찾는 중입니다"),
            false => t!("조건이 갖춰지면 어느 종목에서 맞는지 바로 보여 줍니다"),
        };
        small(ui, text, theme);
        return asked;
    };
    let holds = |row: &&PreviewRow| row.state == Match::Holds;
    let text = t!(
        "지금 맞는 종목 %{number} / %{all}",
        number = preview.rows.iter().filter(holds).count(),
        all = preview.rows.len()
    );
    head(ui, &text);
    if preview.rows.is_empty() {
        small(ui, t!("고른 곳에 종목이 없습니다"), theme);
        return asked;
    }
    let mut rows: Vec<&PreviewRow> = preview.rows.iter().collect();
    // Stable: the user's order within each kind.
    rows.sort_by_key(|row| match row.state {
        Match::Holds => 0,
        Match::Short { .. } => 1,
        Match::NotWatched => 2,
        Match::Not => 3,
    });
    let area = ScrollArea::vertical()
        .id_salt("matches now")
        .max_height(height)
        .auto_shrink([false, true]);
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show_rows(ui, LINE, rows.len(), |ui, range| {
        for row in &rows[range] {
            if row_ui(ui, row, theme) {
                asked.open = Some((row.code, timeframe));
            }
        }
    });
    asked
}

fn state_words(state: Match) -> String {
    match state {
        Match::Holds => t!("맞음").to_owned(),
        Match::Not => t!("맞지 않음").to_owned(),
        // The bars of the rule's own timeframe suffice: those of another one it names do not.
        Match::Short { have, need } if need <= have => t!("다른 주기의 봉이 모자람").to_owned(),
        Match::Short { have, need } => {
            t!("기록이 모자람 %{have}/%{need}", have = have, need = need)
        }
        Match::NotWatched => t!("저장하면 봉을 받기 시작").to_owned(),
    }
}

fn row_ui(ui: &mut Ui, row: &PreviewRow, theme: &Theme) -> bool {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let response = ui.interact(rect, Id::unique(("match", row.code)), Sense::click());
    let words = state_words(row.state);
    response.widget_info(|| {
        let name = format!("{} {}: {words}", row.name, row.code);
        WidgetInfo::labeled(Role::ListItem, true, name)
    });
    let p = ui.painter_at(rect);
    if response.hovered() {
        p.rect_filled(rect, 0.0, theme.hovered_row());
    }
    if response.has_focus() {
        paint::focus_ring(&p, rect, theme);
    }
    let holds = row.state == Match::Holds;
    let y = rect.center().y;
    if holds {
        paint::dot(&p, pos2(rect.left() + 7.0, y), theme.signal);
    }
    let (font, color) = match holds {
        true => (fonts::bold(theme::BODY), theme.text),
        false => (fonts::regular(theme::BODY), theme.secondary),
    };
    let left = rect.left() + 18.0;
    let small = fonts::regular(theme::SMALL);
    let right = rect.right() - 6.0;
    paint::right(&p, right, y, &words, small.clone(), color);
    let mut end = right - paint::width(&p, &words, small.clone());
    let price = row.price.filter(|_| holds || row.state == Match::Not);
    if let Some(price) = price {
        // A column of its own, wherever the words end in this language.
        let words = [Match::Holds, Match::Not]
            .map(|state| paint::width(&p, &state_words(state), small.clone()));
        let right = right - words.into_iter().fold(52.0, f32::max) - 12.0;
        let price = format::price(price);
        end = right - paint::width(&p, &price, small.clone());
        paint::right(&p, right, y, &price, small, color);
    }
    paint::left(&p, left, y, end - 12.0 - left, &row.name, font, color);
    response.clicked()
}

/// Draws the backtest.
pub(super) fn past_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    draft: Option<&RuleSetting>,
    theme: &Theme,
) -> Asked {
    let mut asked = Asked::default();
    let view = snapshot.backtest.as_deref();
    ui.label(paint::rich(
        t!("지난 20거래일이었다면"),
        fonts::bold(theme::BODY),
        theme.text,
    ));
    ui.horizontal(|ui| {
        let fresh = view.is_some_and(|view| draft.is_some_and(|d| same_test(&view.rule, d)));
        let button = egui::Button::new(match (view.is_some(), fresh) {
            (true, false) => t!("바뀐 조건으로 다시 돌려 보기"),
            _ => t!("돌려 보기"),
        });
        if ui.add_enabled(draft.is_some() && !fresh, button).clicked()
            && let Some(draft) = draft
        {
            let rule = std::sync::Arc::new(draft.clone());
            asked.commands.push(Command::Backtest(Some(rule)));
        }
        if view.is_some() {
            let tip = t!("결과와 차트의 표시를 지웁니다");
            if ui.button(t!("결과 지우기")).on_hover_text(tip).clicked() {
                asked.commands.push(Command::Backtest(None));
            }
        }
    });
    let Some(view) = view else {
        small(
            ui,
            t!("이 조건이 지난 20거래일에 몇 번 울렸을지, 그 뒤 값이 어떻게 되었는지 봅니다"),
            theme,
        );
        return asked;
    };
    progress_ui(ui, view, theme);
    if let Some(result) = &view.result {
        result_ui(ui, view, result, theme, &mut asked);
    }
    asked
}

/// Whether a test of one is a test of the other: name and switches do not matter.
fn same_test(a: &RuleSetting, b: &RuleSetting) -> bool {
    let b = RuleSetting {
        name: a.name.clone(),
        enabled: a.enabled,
        when_at: a.when_at,
        ..b.clone()
    };
    *a == b
}

fn progress_ui(ui: &mut Ui, view: &BacktestView, theme: &Theme) {
    if 0 < view.waiting {
        let text = t!(
            "지난 봉을 받는 중입니다: 종목 %{waiting}개 남음. 받는 대로 결과를 고칩니다",
            waiting = view.waiting
        );
        small(ui, &text, theme);
    } else if view.running && view.result.is_none() {
        small(ui, t!("판정하는 중입니다"), theme);
    }
}

fn result_ui(
    ui: &mut Ui,
    view: &BacktestView,
    result: &Backtest,
    theme: &Theme,
    asked: &mut Asked,
) {
    let hits = result.hits();
    let stocks = result.stocks.iter().filter(|s| !s.hits.is_empty()).count();
    let text = match hits {
        0 => t!("한 번도 울리지 않았을 것입니다").to_owned(),
        _ => t!(
            "%{hits}번 울렸을 것입니다 (종목 %{stocks}개)",
            hits = hits,
            stocks = stocks
        ),
    };
    ui.label(paint::rich(&text, fonts::bold(theme::TITLE), theme.text));
    let (bars, judged) = result
        .stocks
        .iter()
        .fold((0, 0), |(b, j), stock| (b + stock.bars, j + stock.judged));
    let span = t!(
        "%{from}부터 %{to}까지 · %{timeframe} 봉 %{bars}개 가운데 %{judged}개 판정",
        from = result.from,
        to = result.to,
        timeframe = view.rule.timeframe.name(),
        bars = format::grouped(bars as i64),
        judged = format::grouped(judged as i64)
    );
    small(ui, &span, theme);
    if judged < bars {
        small(
            ui,
            t!("이동평균을 낼 만큼 지난 봉이 없는 곳은 판정하지 못했습니다"),
            theme,
        );
    }
    if 0 < hits {
        small(
            ui,
            t!("차트에 옅은 세모로 표시됩니다. 종목을 누르면 차트가 열립니다"),
            theme,
        );
        stocks_ui(ui, view, result, theme, asked);
    }
    if !result.after.is_empty() {
        after_ui(ui, &result.after, theme);
    }
}

fn stocks_ui(
    ui: &mut Ui,
    view: &BacktestView,
    result: &Backtest,
    theme: &Theme,
    asked: &mut Asked,
) {
    let area = ScrollArea::vertical()
        .id_salt("backtest stocks")
        .max_height(5.0 * LINE)
        .auto_shrink([false, true]);
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show(ui, |ui| {
        for stock in result.stocks.iter().filter(|s| !s.hits.is_empty()) {
            let (rect, _) =
                ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
            let id = Id::unique(("tested", stock.code));
            let response = ui.interact(rect, id, Sense::click());
            let count = stock.hits.len();
            let words = t!("%{count}번", count = count);
            response.widget_info(|| {
                let name = format!("{} {}: {words}", stock.name, stock.code);
                WidgetInfo::labeled(Role::ListItem, true, name)
            });
            let p = ui.painter_at(rect);
            if response.hovered() {
                p.rect_filled(rect, 0.0, theme.hovered_row());
            }
            if response.has_focus() {
                paint::focus_ring(&p, rect, theme);
            }
            let y = rect.center().y;
            let body = fonts::regular(theme::BODY);
            let (left, half) = (rect.left() + 6.0, rect.width() * 0.5);
            paint::left(&p, left, y, half, &stock.name, body, theme.text);
            let last = stock.hits.last();
            let last =
                last.map(|hit| format!("{} {}", hit.bar.day(), format::hour_minute(hit.bar)));
            let text = format!("{words} · {}", last.unwrap_or_default());
            let font = fonts::regular(theme::SMALL);
            paint::right(&p, rect.right() - 6.0, y, &text, font, theme.secondary);
            if response.clicked() {
                asked.open = Some((stock.code, view.rule.timeframe));
            }
        }
    });
}

/// Median and quartiles of what followed.
fn after_ui(ui: &mut Ui, after: &[After], theme: &Theme) {
    ui.add_space(8.0);
    let head = t!("울린 뒤 종가의 변화 (%)");
    ui.label(paint::rich(
        head,
        fonts::bold(theme::SMALL),
        theme.secondary,
    ));
    let Some((first, last)) = after.first().zip(after.last()) else {
        return;
    };
    let xs: Vec<f64> = after.iter().map(|a| a.bars as f64).collect();
    let lower: Vec<f64> = after.iter().map(|a| a.lower).collect();
    let upper: Vec<f64> = after.iter().map(|a| a.upper).collect();
    let median: PlotPoints<'_> = after.iter().map(|a| [a.bars as f64, a.median]).collect();
    let (line, band, zero) = (
        theme.accent,
        theme.accent.linear_multiply(0.2),
        theme.line(),
    );
    let plot = Plot::new("after the hits")
        .height(150.0)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_background(false)
        .show_grid([false, true])
        .include_y(0.0)
        .y_axis_min_width(34.0)
        .x_axis_formatter(|mark, _| format!("{}", mark.value))
        .y_axis_formatter(|mark, _| format!("{:+.1}", mark.value))
        .show(ui, |plot| {
            plot.add(FilledArea::new("quartiles", &xs, &lower, &upper).fill_color(band));
            plot.hline(HLine::new("0", 0.0).stroke(zero));
            plot.line(Line::new("median", median).color(line).width(2.0));
        });
    let words = t!(
        "%{bars}봉 뒤: 절반은 %{median}% 이상, 가운데 절반은 %{lower}%에서 %{upper}% 사이 (%{hits}번)",
        bars = last.bars,
        median = signed(last.median),
        lower = signed(last.lower),
        upper = signed(last.upper),
        hits = last.hits
    );
    plot.response
        .widget_info(|| WidgetInfo::labeled(Role::Image, true, words.clone()));
    small(
        ui,
        t!("가로는 울린 뒤 지난 봉, 굵은 선은 중앙값, 옅은 띠는 가운데 절반"),
        theme,
    );
    small(ui, &words, theme);
    if first.hits < FEW {
        small(
            ui,
            t!("울린 횟수가 적어 어떤 경향이라고 말할 수 없습니다"),
            theme,
        );
    }
    small(
        ui,
        t!(
            "지난 값일 뿐입니다. 앞으로도 이렇게 움직인다는 뜻이 아니며, 수수료와 세금은 빠져 있습니다"
        ),
        theme,
    );
}

fn signed(percent: f64) -> String {
    format!("{percent:+.2}")
}
