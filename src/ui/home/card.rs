//! "왜 울렸나": the evidence of one signal.

use egui::{Grid, Role, Sense, Ui, WidgetInfo, vec2};

use crate::domain::{Moment, Signal, Stage};
use crate::engine::{Snapshot, phase_at};

use crate::lang;
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint, rules, words};

/// What the user asked for on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The signal's bar on the chart.
    Bar,
    /// The signal's rule.
    Rule,
}

/// Draws the evidence of `signal`; answers what the user asked for.
pub(super) fn card_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    signal: &Signal,
    theme: &Theme,
) -> Option<Asked> {
    egui::Frame::new()
        .fill(theme.background)
        .inner_margin(egui::Margin::symmetric(12, 10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let width = ui.available_width() - 76.0;
            let lines = lines(snapshot, signal);
            let columns = Columns::of(ui, &lines);
            Grid::new("evidence")
                .num_columns(2)
                .spacing([12.0, 5.0])
                .min_col_width(44.0)
                .min_row_height(16.0)
                .show(ui, |ui| {
                    let mut last = "";
                    for (label, value) in &lines {
                        let small = fonts::regular(theme::SMALL);
                        // Averages below each other are named once.
                        if *label == last {
                            ui.allocate_space(vec2(1.0, 16.0));
                        } else {
                            ui.label(paint::rich(label, small.clone(), theme.secondary));
                        }
                        last = label;
                        match value {
                            Value::Text(text) => {
                                ui.scope(|ui| {
                                    ui.set_max_width(width);
                                    // A grid lets texts grow beyond its edge, unless they are
                                    // told to wrap.
                                    let text = paint::rich(text, small, theme.text);
                                    ui.add(egui::Label::new(text).wrap());
                                });
                            }
                            Value::Won(won) => columns.show(ui, won, theme),
                        }
                        ui.end_row();
                    }
                });
            let name = &*signal.rule_name;
            let kept = snapshot.rules.iter().any(|r| r.setting.name == name);
            let small = |text| egui::RichText::new(text).size(theme::SMALL);
            let mut asked = None;
            ui.add_space(8.0);
            ui.horizontal_wrapped(|ui| {
                if ui.button(small(t!("차트에서 이 봉 보기"))).clicked() {
                    asked = Some(Asked::Bar);
                }
                if kept && ui.button(small(t!("이 조건 고치기"))).clicked() {
                    asked = Some(Asked::Rule);
                }
            });
            asked
        })
        .inner
}

/// What a line of the card says.
enum Value {
    Text(String),
    Won(Won),
}

/// An amount of won, set so that amounts below each other can be compared.
struct Won {
    /// Of what: which average, else empty.
    of: String,
    amount: String,
    /// Where the amount's whole part ends, bytes.
    point: usize,
}

impl Won {
    fn new(of: String, number: &str) -> Self {
        let amount = t!("%{price}원", price = number);
        let whole = number.find('.').unwrap_or(number.len());
        let point = amount.find(number).unwrap_or_default() + whole;
        Self { of, amount, point }
    }
}

/// Where the amounts of a card stand: points from the left of their column.
struct Columns {
    /// Where every amount's whole part ends.
    point: f32,
    width: f32,
}

impl Columns {
    fn of(ui: &Ui, lines: &[(&'static str, Value)]) -> Self {
        let (mut of, mut whole, mut rest) = (0.0_f32, 0.0_f32, 0.0_f32);
        let wide = |text: &str| paint::width(ui.painter(), text, fonts::regular(theme::SMALL));
        for (_, value) in lines {
            if let Value::Won(won) = value {
                let (head, tail) = won.amount.split_at(won.point);
                of = of.max(wide(&won.of));
                whole = whole.max(wide(head));
                rest = rest.max(wide(tail));
            }
        }
        let point = of + if 0.0 < of { 10.0 } else { 0.0 } + whole;
        Self {
            point,
            width: point + rest,
        }
    }

    fn show(&self, ui: &mut Ui, won: &Won, theme: &Theme) {
        let (rect, response) = ui.allocate_exact_size(vec2(self.width, 16.0), Sense::hover());
        let spoken = format!("{} {}", won.of, won.amount);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken.trim()));
        let (p, y) = (ui.painter(), rect.center().y);
        let (head, tail) = won.amount.split_at(won.point);
        let point = rect.left() + self.point;
        let small = fonts::regular(theme::SMALL);
        let all = self.width;
        paint::left(p, rect.left(), y, all, &won.of, small.clone(), theme.text);
        paint::right(p, point, y, head, small.clone(), theme.text);
        paint::left(p, point, y, all, tail, small, theme.text);
    }
}

/// How long each step took from the close to the screen, and all of them together.
fn delays(signal: &Signal) -> Option<String> {
    if signal.stage == Stage::Forming {
        return None;
    }
    let (mut steps, mut last) = (vec![], signal.bar_end);
    let mut step = |name: &str, at: Moment| {
        // A clock that was set back in between counts as no time; rounded to the tenth.
        let took = at.ms_since(last).max(0) + 50;
        steps.push(format!("{name} {}", format::delay(took)));
        last = at;
    };
    if let Some((asked, answered)) = signal.rows_asked {
        step(t!("조회까지"), asked);
        step(t!("응답"), answered);
    }
    step(t!("판정"), signal.at);
    if let Some(shown) = signal.shown {
        step(t!("화면"), shown);
    }
    let all = last.ms_since(signal.bar_end);
    (0 <= all).then(|| {
        t!(
            "%{steps} · 모두 %{all}",
            steps = steps.join(" · "),
            all = format::delay(all + 50)
        )
    })
}

/// The condition in words, judged on the averages the rule has now; its text where it has no such
/// form.
fn condition_words(snapshot: &Snapshot, signal: &Signal) -> String {
    let mut rules = snapshot.rules.iter().map(|rule| &rule.setting);
    let rule = rules.find(|rule| *rule.name == *signal.rule_name);
    let own = rule.and_then(|rule| rule.periods.as_deref());
    rules::condition_in_words(&signal.rule_text, own.unwrap_or(&snapshot.periods))
}

fn lines(snapshot: &Snapshot, signal: &Signal) -> Vec<(&'static str, Value)> {
    let key = &signal.key;
    let second = |at: Moment| at.clock_text();
    let price = if signal.stage == Stage::Forming {
        t!("체결가")
    } else {
        t!("종가")
    };
    let mut lines = vec![
        (t!("조건"), Value::Text(condition_words(snapshot, signal))),
        (
            t!("봉"),
            Value::Text(words::bar_span(key.timeframe, key.bar, signal.bar_end)),
        ),
        (
            price,
            Value::Won(Won::new(String::new(), &format::grouped(signal.price))),
        ),
    ];
    for (period, average) in &signal.averages {
        let of = t!("%{period}선", period = period);
        let won = Won::new(of, &format::decimal(average));
        lines.push((t!("평균"), Value::Won(won)));
    }
    let mut push = |label, text| lines.push((label, Value::Text(text)));
    push(t!("근거"), words::source(signal.source).to_owned());
    if let Some((asked, answered)) = signal.rows_asked {
        push(
            t!("조회"),
            t!(
                "%{asked} → %{answered} 응답",
                asked = second(asked),
                answered = second(answered)
            ),
        );
    }
    let late = signal.at.ms_since(signal.bar_end);
    let judged = if 0 <= late && signal.stage != Stage::Forming {
        t!(
            "%{at} (마감 %{late} 뒤)",
            at = second(signal.at),
            late = format::delay(late)
        )
    } else {
        second(signal.at)
    };
    push(t!("판정"), judged);
    if let Some(shown) = signal.shown {
        let after = shown.ms_since(signal.at).max(0);
        push(
            t!("화면"),
            t!(
                "%{shown} (판정 %{after} 뒤)",
                shown = second(shown),
                after = format::delay(after)
            ),
        );
    }
    if let Some(text) = delays(signal) {
        push(t!("지연 시간"), text);
    }
    // A bar belongs to the phase in which it ends.
    let moment = match signal.stage {
        Stage::Forming => signal.at,
        Stage::Confirmed | Stage::Withdrawn | Stage::Late => signal.bar_end.plus_ms(-1),
    };
    let phase = phase_at(&snapshot.calendar, snapshot.market_of_bars, moment);
    let market = words::market(snapshot.market_of_bars);
    push(
        t!("장" in "session"),
        format!("{market} {}", words::phase(phase, moment).0),
    );
    let stage = match &signal.reason {
        Some(reason) => format!("{}: {}", words::stage(signal.stage), lang::kept(reason)),
        None => words::stage(signal.stage).to_owned(),
    };
    push(t!("단계"), stage);
    lines
}
