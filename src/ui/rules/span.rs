//! When a rule may ring: its hours and its last day.

use egui::{DragValue, TextEdit, Ui};

use crate::domain::{Day, Minute};
use crate::settings::{RuleHours, RuleSetting};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::draft::Draft;
use super::form::small;

/// The hours in which the rule rings.
pub(super) fn hours_ui(ui: &mut Ui, setting: &mut RuleSetting, theme: &Theme) {
    ui.horizontal_wrapped(|ui| {
        let mut limited = setting.hours.is_some();
        if ui.checkbox(&mut limited, t!("시간을 정해서")).clicked() {
            let hours = RuleHours::new(Minute::hm(9, 0), Minute::hm(10, 30));
            setting.hours = hours.filter(|_| limited);
        }
        if let Some(hours) = setting.hours {
            let (mut from, mut to) = (hours.from().0, hours.to().0);
            minute_ui(ui, &mut from, t!("이 시각부터"));
            ui.label("–");
            minute_ui(ui, &mut to, t!("이 시각까지"));
            let (from, to) = (Minute(from.min(to)), Minute(to.max(from)));
            setting.hours = RuleHours::new(from, to);
            small(ui, t!("이 사이에 마감하는 봉에서만 울립니다"), theme);
        }
    });
}

/// A time of day, five minutes a step.
fn minute_ui(ui: &mut Ui, minute: &mut u16, name: &str) {
    let drag = DragValue::new(minute)
        .range(0..=1_439)
        .speed(0.5)
        .custom_formatter(|value, _| {
            let minute = value as u16;
            format!("{:02}:{:02}", minute / 60, minute % 60)
        })
        .custom_parser(|text| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour < 24 && minute < 60).then(|| f64::from(hour * 60 + minute))
        });
    ui.add(drag).accessible_name(name);
}

/// The last day on which the rule rings: typed, or moved by buttons. What is typed stands as it
/// is until it is a day; until then the rule cannot be kept.
pub(super) fn last_day_ui(ui: &mut Ui, today: Day, draft: &mut Draft, theme: &Theme) {
    ui.horizontal_wrapped(|ui| {
        let mut limited = draft.setting.expires.is_some();
        let tick = ui.checkbox(&mut limited, t!("끝나는 날을 정해서"));
        if tick.clicked() {
            draft.setting.expires = limited.then(|| today.plus(30));
            draft.last_day = None;
        }
        let Some(last) = draft.setting.expires else {
            return;
        };
        let typed = draft.last_day.clone();
        let mut text = typed.unwrap_or_else(|| last.to_string());
        let edit = TextEdit::singleline(&mut text)
            .desired_width(92.0)
            .char_limit(16)
            .hint_text(t!("연-월-일"));
        let edit = ui.add(edit).accessible_name(t!("끝나는 날"));
        if edit.changed() {
            if let Some(day) = day_of(&text) {
                draft.setting.expires = Some(day);
            }
            draft.last_day = Some(text);
        }
        // Understood: from now on it is written the usual way.
        if edit.lost_focus() && draft.last_day.as_deref().and_then(day_of).is_some() {
            draft.last_day = None;
        }
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (name, days) in [("−7", -7), ("−1", -1), ("+1", 1), ("+7", 7), ("+30", 30)] {
                let button = ui.button(name);
                let button = button.accessible_name(t!("끝나는 날 %{days}일", days = name));
                if button.clicked() {
                    draft.setting.expires = Some(last.plus(days));
                    draft.last_day = None;
                }
            }
        });
    });
    let Some(last) = draft.setting.expires else {
        return;
    };
    if let Some(problem) = draft.day_problem() {
        let text = paint::rich(&problem, fonts::regular(theme::SMALL), theme.trouble);
        ui.add(egui::Label::new(text).wrap());
    } else if last < today {
        small(
            ui,
            &t!("%{last}에 끝났습니다. 더 울리지 않습니다", last = last),
            theme,
        );
    } else {
        small(ui, &t!("%{last}까지 울립니다", last = last), theme);
    }
}

/// A day as people write it: `2026-12-31`, `2026.12.31`, `2026/12/31`, `20261231`.
pub(super) fn day_of(text: &str) -> Option<Day> {
    let text = text.trim();
    let parts: Vec<&str> = text
        .split(['-', '.', '/', ' '])
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        [all] => Day::parse_compact(all),
        [year, month, day] if year.len() == 4 => {
            Day::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let last = Day::from_ymd(2026, 12, 31);
        assert!(last.is_some());
        for text in [
            "2026-12-31",
            " 2026.12.31. ",
            "2026/12/31",
            "20261231",
            "2026. 12. 31",
        ] {
            assert_eq!(day_of(text), last, "{text}");
        }
        assert_eq!(day_of("2026-1-5"), Day::from_ymd(2026, 1, 5));
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "12-31",
            "26-12-31",
            "내일",
        ] {
            assert_eq!(day_of(text), None, "{text}");
        }
    }
}
