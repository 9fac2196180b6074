//! Which signals the list shows, and the list as a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{ComboBox, Ui};

use crate::domain::{Day, Moment, Signal, StockCode, grouped};
use crate::engine::{Command, Snapshot};
use crate::lang;

use crate::ui::paint::{Icon, icon_button};
use crate::ui::saves::{Export, csv};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, format, paint, words};

/// What the user wants to see; nothing chosen shows everything.
#[derive(Default)]
pub(super) struct Filter {
    stock: Option<StockCode>,
    rule: Option<Arc<str>>,
    day: Option<Day>,
    /// Only those of the summary of late signals.
    late: bool,
}

impl Filter {
    /// Whether anything is left out.
    pub(super) fn is_on(&self) -> bool {
        self.late || self.stock.is_some() || self.rule.is_some() || self.day.is_some()
    }

    /// Shows everything again.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The signals to show, in the list's order.
    pub(super) fn apply<'a>(&mut self, snapshot: &'a Snapshot) -> Vec<&'a Signal> {
        // Nothing else would say how to see the others again.
        self.late &= snapshot.late.is_some();
        let late = snapshot.late.as_ref().filter(|_| self.late);
        let fits = |s: &&Arc<Signal>| {
            late.is_none_or(|late| late.signals.contains_key(&s.key))
                && self.stock.is_none_or(|code| code == s.key.code)
                && self.rule.as_ref().is_none_or(|rule| *rule == s.rule_name)
                && self.day.is_none_or(|day| day == s.bar_end.day())
        };
        let signals = snapshot.signals.iter();
        signals.filter(fits).map(|s| &**s).collect()
    }
}

/// Draws the line of the late signals: a click shows these only, another one all again.
pub(super) fn late_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    filter: &mut Filter,
    theme: &Theme,
) -> Option<Command> {
    let late = snapshot.late.as_ref()?;
    let mut command = None;
    let [first, last] = [late.first, late.last].map(|at| format::when(at, snapshot.now));
    let count = late.signals.len();
    let span = match first == last {
        true => first,
        false => format!("{first} ~ {last}"),
    };
    let text = t!(
        "지연된 신호 %{n}건 · %{span}",
        n = grouped(count as i64),
        span = span
    );
    ui.horizontal(|ui| {
        ui.add_space(8.0);
        ui.spacing_mut().item_spacing.x = 4.0;
        let width = ui.available_width() - 28.0 - 4.0 - 8.0;
        let label = paint::rich(&text, fonts::regular(theme::SMALL), theme.text);
        let button = egui::Button::selectable(filter.late, label).truncate();
        let button = button.frame_when_inactive(true);
        let tip = t!("꺼져 있거나 연결이 없던 동안 마감한 봉의 신호입니다. 누르면 이것만 봅니다");
        let response = ui.add_sized(egui::vec2(width.max(60.0), 24.0), button);
        let response = response.accessible_name(&text);
        if response.on_hover_text(tip).clicked() {
            let on = !filter.late;
            filter.clear();
            filter.late = on;
        }
        if icon_button(ui, Icon::Close, t!("지연된 신호 요약 닫기"), theme).clicked() {
            filter.late = false;
            command = Some(Command::DismissLate);
        }
    });
    command
}

/// Draws the choices; what is offered is what the list holds.
pub(super) fn filter_ui(ui: &mut Ui, snapshot: &Snapshot, filter: &mut Filter, theme: &Theme) {
    let width = ((ui.available_width() - 16.0 - 8.0) / 3.0).max(40.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.add_space(8.0);
        let signals = &snapshot.signals;
        let stocks: BTreeMap<StockCode, &str> = signals
            .iter()
            .map(|s| (s.key.code, &*s.stock_name))
            .collect();
        let stocks = stocks
            .into_iter()
            .map(|(code, name)| (code, name.to_owned()));
        choice(
            ui,
            t!("종목"),
            t!("모든 종목"),
            width,
            &mut filter.stock,
            stocks,
            theme,
        );
        let mut rules: Vec<Arc<str>> = signals.iter().map(|s| s.rule_name.clone()).collect();
        rules.sort();
        rules.dedup();
        let rules = rules
            .into_iter()
            .map(|rule| (rule.clone(), rule.to_string()));
        choice(
            ui,
            t!("조건"),
            t!("모든 조건"),
            width,
            &mut filter.rule,
            rules,
            theme,
        );
        let mut days: Vec<Day> = signals.iter().map(|s| s.bar_end.day()).collect();
        days.sort();
        days.dedup();
        let days = days.into_iter().rev().map(|day| (day, day.to_string()));
        choice(
            ui,
            t!("날짜"),
            t!("모든 날"),
            width,
            &mut filter.day,
            days,
            theme,
        );
    });
}

fn choice<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    all: &str,
    width: f32,
    chosen: &mut Option<T>,
    offered: impl Iterator<Item = (T, String)>,
    theme: &Theme,
) {
    let offered: Vec<(T, String)> = offered.collect();
    let shown = offered
        .iter()
        .find(|(value, _)| chosen.as_ref() == Some(value));
    let text = shown.map_or(all, |(_, text)| text).to_owned();
    let small = |text: &str| paint::rich(text, fonts::regular(theme::SMALL), theme.text);
    ComboBox::from_id_salt(("signal filter", name))
        .selected_text(small(&text))
        .width(width)
        .truncate()
        .show_ui(ui, |ui| {
            ui.selectable_value(chosen, None, small(all));
            for (value, text) in offered {
                ui.selectable_value(chosen, Some(value), small(&text));
            }
        })
        .response
        .accessible_name(t!("신호 %{name} 고르기: %{text}", name = name, text = text));
}

/// The signals as a file for a spreadsheet.
pub(super) fn export(signals: &[&Signal], now: Moment) -> Export {
    let head = [
        t!("봉 마감"),
        t!("종목코드"),
        t!("종목명"),
        t!("조건"),
        t!("주기"),
        t!("가격"),
        t!("단계"),
        t!("판정"),
        t!("근거"),
        t!("조건식"),
        t!("이유"),
        t!("읽음"),
    ];
    let line = |signal: &&Signal| -> Vec<String> {
        vec![
            moment(signal.bar_end),
            signal.key.code.to_string(),
            signal.stock_name.to_string(),
            signal.rule_name.to_string(),
            signal.key.timeframe.name(),
            signal.price.to_string(),
            words::stage(signal.stage).to_owned(),
            moment(signal.at),
            words::source(signal.source).to_owned(),
            signal.rule_text.to_string(),
            lang::kept(signal.reason.as_deref().unwrap_or_default()).into_owned(),
            if signal.seen {
                t!("예")
            } else {
                t!("아니요")
            }
            .to_owned(),
        ]
    };
    let head = std::iter::once(head.map(str::to_owned).to_vec());
    let name = format!("jeongbae-signals-{}.csv", now.day().compact());
    Export::text(name, csv(head.chain(signals.iter().map(line))))
}

fn moment(at: Moment) -> String {
    format!("{} {}", at.day(), at.clock_text())
}
