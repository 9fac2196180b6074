//! One rule with everything that belongs to it.

use egui::{ComboBox, Role, TextEdit, Ui, WidgetInfo};

use crate::conditions::{Joint, Sentences};
use crate::domain::{StockCode, Timeframe};
use crate::engine::{Badge, Snapshot};
use crate::settings::{Repeat, RuleStage, wrong_rule};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::draft::Draft;
use super::sentence::sentences_ui;
use super::{span, words};

/// What the user wants done with the rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Save,
    Revert,
    Duplicate,
    Remove,
    Export,
}

/// Draws the form.
pub(super) fn form_ui(ui: &mut Ui, snapshot: &Snapshot, draft: &mut Draft, theme: &Theme) {
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.horizontal(|ui| {
        let edit = TextEdit::singleline(&mut draft.setting.name)
            .font(fonts::bold(theme::TITLE))
            .hint_text(t!("조건 이름"))
            .desired_width(ui.available_width() - 90.0);
        ui.add(edit).accessible_name(t!("조건 이름"));
        ui.checkbox(&mut draft.setting.enabled, t!("켜짐"));
    });
    head(ui, t!("어느 종목에서"), theme);
    scope_ui(ui, snapshot, draft, theme);
    head(ui, t!("어느 봉으로"), theme);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding.x = 6.0;
        for timeframe in Timeframe::ALL {
            let name = timeframe.name();
            let chosen = draft.setting.timeframe == timeframe;
            let choice = ui.selectable_label(chosen, &name);
            choice.widget_info(|| {
                WidgetInfo::selected(
                    Role::RadioButton,
                    true,
                    chosen,
                    t!("%{text}봉", text = name),
                )
            });
            if choice.clicked() {
                draft.setting.timeframe = timeframe;
            }
        }
    });
    head(ui, t!("언제 울릴까요"), theme);
    condition_ui(ui, snapshot, draft, theme);
    head(ui, t!("판정과 반복"), theme);
    judging_ui(ui, snapshot, draft, theme);
    head(ui, t!("울릴 때 알리는 방법"), theme);
    ui.horizontal_wrapped(|ui| {
        paint::choices(ui);
        let manners = &mut draft.setting.manners;
        ui.checkbox(&mut manners.takeover, t!("종목 창 띄우기"));
        ui.checkbox(&mut manners.sound, t!("소리"));
        ui.checkbox(&mut manners.notification, t!("데스크톱 알림"));
        ui.checkbox(&mut manners.message, t!("메시지 (텔레그램, 웹훅)"));
    });
    small(
        ui,
        t!("여기서 꺼도 신호는 그대로 기록되고 목록에 남습니다"),
        theme,
    );
}

fn head(ui: &mut Ui, text: &str, theme: &Theme) {
    ui.add_space(6.0);
    ui.label(paint::rich(text, fonts::bold(theme::BODY), theme.secondary));
}

pub(super) fn small(ui: &mut Ui, text: &str, theme: &Theme) {
    let text = paint::rich(text, fonts::regular(theme::SMALL), theme.secondary);
    ui.add(egui::Label::new(text).wrap());
}

fn scope_ui(ui: &mut Ui, snapshot: &Snapshot, draft: &mut Draft, theme: &Theme) {
    let setting = &mut draft.setting;
    let all = setting.codes.is_none() && setting.groups.is_none();
    ui.horizontal_wrapped(|ui| {
        paint::choices(ui);
        if ui.radio(all, t!("관심 종목 전체")).clicked() {
            (setting.codes, setting.groups) = (None, None);
        }
        if ui.radio(setting.groups.is_some(), t!("그룹")).clicked() {
            setting.groups.get_or_insert_default();
            setting.codes = None;
        }
        if ui.radio(setting.codes.is_some(), t!("고른 종목")).clicked() {
            setting.codes.get_or_insert_default();
            setting.groups = None;
        }
    });
    if let Some(groups) = &mut setting.groups {
        ui.horizontal_wrapped(|ui| {
            paint::choices(ui);
            for group in &snapshot.groups {
                let place = groups.iter().position(|name| **name == *group.name);
                let mut chosen = place.is_some();
                if ui.checkbox(&mut chosen, &*group.name).clicked() {
                    match place {
                        Some(place) => {
                            groups.remove(place);
                        }
                        None => groups.push(group.name.to_string()),
                    }
                }
            }
        });
    }
    if let Some(codes) = setting.codes.clone() {
        codes_ui(ui, snapshot, draft, &codes, theme);
    }
}

fn codes_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    draft: &mut Draft,
    codes: &[StockCode],
    theme: &Theme,
) {
    let name = |code: StockCode| {
        let row = snapshot.rows.iter().find(|row| row.code == code);
        let listed = snapshot.index.listing().get(code);
        row.map(|row| row.name.to_string())
            .or_else(|| listed.map(|stock| stock.name.to_string()))
            .unwrap_or_else(|| code.to_string())
    };
    ui.horizontal_wrapped(|ui| {
        for &code in codes {
            let text = format!("{} ×", name(code));
            let tip = t!("이 종목을 조건에서 뺍니다");
            let button = ui.button(text).on_hover_text(tip);
            let button = button.accessible_name(t!("%{name} 빼기", name = name(code)));
            if button.clicked() {
                draft.toggle_code(code);
            }
        }
        ui.menu_button(t!("종목 더하기"), |ui| {
            let area = egui::ScrollArea::vertical().max_height(320.0);
            area.show(ui, |ui| {
                let others = snapshot.rows.iter().filter(|r| !codes.contains(&r.code));
                for row in others {
                    let text = format!("{} {}", row.name, row.code);
                    if ui.button(text).clicked() {
                        draft.toggle_code(row.code);
                        ui.close();
                    }
                }
            });
        });
    });
    if codes.is_empty() {
        small(ui, t!("‘종목 더하기’로 관심 종목에서 고르세요"), theme);
    }
}

fn condition_ui(ui: &mut Ui, snapshot: &Snapshot, draft: &mut Draft, theme: &Theme) {
    let averages = match &draft.setting.periods {
        Some(periods) => periods.clone(),
        None => snapshot.periods.to_vec(),
    };
    let empty = draft.setting.when.trim().is_empty();
    let begin = || Sentences {
        joint: Joint::All,
        parts: Vec::new(),
    };
    let sentences = draft.sentences.clone().or_else(|| empty.then(begin));
    match sentences {
        Some(mut sentences) => {
            if sentences_ui(ui, &mut sentences, &averages, theme) {
                draft.say(sentences);
            }
            if let Some(sentences) = draft.sentences.as_ref().filter(|s| !s.parts.is_empty()) {
                let text = words::all(sentences, &averages);
                let font = fonts::regular(theme::BODY);
                ui.add(egui::Label::new(paint::rich(&text, font, theme.text)).wrap());
            }
        }
        None if draft.error.is_none() => {
            let text = t!(
                "괄호가 여러 겹이라 문장으로는 나타낼 수 없습니다. 아래 글로 고치세요. 판정은 똑같이 합니다"
            );
            small(ui, text, theme);
        }
        None => {
            let text = t!("아래 글이 아직 조건이 아닙니다. 고치면 문장이 다시 나옵니다");
            small(ui, text, theme);
        }
    }
    let mut text = draft.setting.when.clone();
    let edit = TextEdit::multiline(&mut text)
        .desired_rows(2)
        .desired_width(f32::INFINITY)
        .hint_text("close > ma20 and volume >= 2 * volma20");
    let edit = ui.add(edit).accessible_name(t!("조건 글"));
    if edit.changed() {
        draft.write(text);
    }
    if let Some(error) = &draft.error {
        let text = wrong_rule(error).to_string();
        let text = paint::rich(&text, fonts::regular(theme::SMALL), theme.trouble);
        ui.add(egui::Label::new(text).wrap());
    }
}

fn judging_ui(ui: &mut Ui, snapshot: &Snapshot, draft: &mut Draft, theme: &Theme) {
    let setting = &mut draft.setting;
    ui.horizontal_wrapped(|ui| {
        paint::choices(ui);
        let stages = [
            (RuleStage::Close, t!("봉이 마감될 때만")),
            (
                RuleStage::Forming,
                t!("만들어지는 봉에서도 (마감에서 취소될 수 있음)"),
            ),
        ];
        for (stage, name) in stages {
            ui.radio_value(&mut setting.stage, stage, name);
        }
    });
    let repeats = [
        (Repeat::OncePerBar, t!("봉마다 한 번")),
        (Repeat::OncePerDay, t!("하루에 한 번")),
        (Repeat::UntilReversed, t!("풀렸다가 다시 맞을 때마다")),
        (Repeat::Once, t!("종목마다 단 한 번")),
    ];
    ui.horizontal(|ui| {
        ui.label(t!("반복"));
        let shown = repeats.iter().find(|(r, _)| *r == setting.repeat);
        let shown = shown.map_or("", |(_, name)| name);
        let combo = ComboBox::from_id_salt("repeat")
            .selected_text(shown)
            .width(190.0)
            .show_ui(ui, |ui| {
                for (repeat, name) in repeats {
                    ui.selectable_value(&mut setting.repeat, repeat, name);
                }
            });
        let name = t!("반복: %{shown}", shown = shown);
        combo.response.accessible_name(name);
    });
    ui.horizontal(|ui| {
        let mut own = setting.periods.is_some();
        let text = t!("정배열을 이 조건만의 이동평균으로 판정");
        if ui.checkbox(&mut own, text).clicked() {
            setting.periods = own.then(|| snapshot.periods.to_vec());
        }
    });
    span::hours_ui(ui, setting, theme);
    span::last_day_ui(ui, snapshot.now.day(), draft, theme);
    let setting = &mut draft.setting;
    if let Some(periods) = &mut setting.periods {
        periods_ui(ui, periods, theme);
    }
}

/// The averages as numbers between spaces or commas. What is typed stands until the field is
/// left; what was understood is shown beside it.
fn periods_ui(ui: &mut Ui, periods: &mut Vec<u16>, theme: &Theme) {
    let id = ui.scope_id().with("periods");
    ui.horizontal(|ui| {
        let typed: Option<String> = ui.data(|data| data.get_temp(id));
        let mut text = typed.unwrap_or_else(|| {
            let words: Vec<String> = periods.iter().map(u16::to_string).collect();
            words.join(" ")
        });
        let edit = TextEdit::singleline(&mut text).desired_width(200.0);
        let edit = ui.add(edit).accessible_name(t!("정배열 이동평균"));
        if edit.changed() {
            let numbers = text.split(|c: char| !c.is_ascii_digit());
            let mut read: Vec<u16> = numbers
                .filter_map(|number| number.parse().ok())
                .filter(|n| (1..=999).contains(n))
                .collect();
            read.sort_unstable();
            read.dedup();
            *periods = read;
        }
        // Asked before the memory is taken: asking inside would wait for itself for ever.
        let typing = edit.has_focus();
        ui.data_mut(|data| match typing {
            true => {
                data.insert_temp(id, text);
            }
            false => data.remove::<String>(id),
        });
        small(ui, &words::periods(periods), theme);
    });
}

/// Draws what can be done with the rule, and what keeps it from being saved.
pub(super) fn actions_ui(
    ui: &mut Ui,
    snapshot: &Snapshot,
    draft: &Draft,
    theme: &Theme,
) -> Option<Wish> {
    let mut wish = None;
    let problem = draft.problem(&snapshot.rules);
    let changed = draft.is_changed();
    if draft.begins_anew() && problem.is_none() {
        let text = t!(
            "저장하면 새 조건으로 다시 시작합니다. 이미 닫힌 봉은 기준으로만 보고, 저장한 뒤에 닫히는 봉부터 울립니다"
        );
        small(ui, text, theme);
    }
    if let Some(problem) = problem.as_ref().filter(|_| draft.error.is_none()) {
        let text = paint::rich(problem, fonts::regular(theme::SMALL), theme.trouble);
        ui.add(egui::Label::new(text).wrap());
    }
    ui.horizontal_wrapped(|ui| {
        let text = paint::rich(t!("저장"), fonts::bold(theme::BODY), theme.text);
        let save = egui::Button::new(text).min_size(egui::vec2(72.0, 28.0));
        let ready = changed && problem.is_none();
        let save = ui.add_enabled(ready, save).on_hover_text("Ctrl+S");
        if save.clicked() {
            wish = Some(Wish::Save);
        }
        let revert = egui::Button::new(t!("되돌리기"));
        if ui.add_enabled(changed, revert).clicked() {
            wish = Some(Wish::Revert);
        }
        if ui.button(t!("복제")).clicked() {
            wish = Some(Wish::Duplicate);
        }
        let export = egui::Button::new(t!("내보내기 (.kis.yaml)"));
        if ui.add_enabled(draft.error.is_none(), export).clicked() {
            wish = Some(Wish::Export);
        }
        if draft.was.is_some() && ui.button(t!("조건 지우기")).clicked() {
            wish = Some(Wish::Remove);
        }
    });
    if snapshot.badge == Badge::Demo {
        let text = t!("데모에서는 설정 파일에 적지 않습니다. 끝내면 바꾼 것이 사라집니다");
        small(ui, text, theme);
    }
    wish
}
