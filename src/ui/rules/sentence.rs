//! The condition as sentences with blanks to fill.

use egui::{Align, ComboBox, DragValue, Frame, Layout, Rect, TextEdit, TextStyle, Ui, UiBuilder};

use crate::conditions::{Joint, Measure, Operand, Part, Said, Sentence, Sentences, Verb, When};
use crate::domain::Timeframe;
use crate::lang::{self, Language};
use crate::ui::theme::{self, Theme};
use crate::ui::{fonts, paint};

use super::words;

/// The longest average, and how far back a sentence may look, in bars.
const LONGEST: u16 = 999;
const FARTHEST: u16 = 100;
/// Tall enough for every list of choices without scrolling, points.
const LIST: f32 = 420.0;

/// Width kept free at the end of a sentence's first line for the button that removes it, points.
const REMOVE: f32 = 32.0;

/// What is to be done with a part.
enum Wish {
    Remove,
    /// Make a group of it, to which more can be added.
    Group,
}

/// Draws the sentences; answers whether the user changed them.
pub(super) fn sentences_ui(
    ui: &mut Ui,
    sentences: &mut Sentences,
    averages: &[u16],
    theme: &Theme,
) -> bool {
    let before = sentences.clone();
    let joint = sentences.joint;
    let mut wish = None;
    let count = sentences.parts.len();
    for (place, part) in sentences.parts.iter_mut().enumerate() {
        ui.push_id(("part", place), |ui| {
            if 0 < place {
                joint_ui(ui, joint, theme);
            }
            match part {
                Part::One(sentence) => {
                    let asked = sentence_ui(ui, sentence, averages, 1 < count, theme);
                    wish = asked.map(|asked| (place, asked)).or(wish.take());
                }
                Part::Group(group) => group_ui(ui, group, joint.other(), averages, theme),
            }
        });
    }
    match wish {
        Some((place, Wish::Remove)) => {
            sentences.parts.remove(place);
        }
        Some((place, Wish::Group)) => {
            if let Part::One(one) = sentences.parts[place].clone() {
                sentences.parts[place] = Part::Group(vec![one]);
            }
        }
        None => {}
    }
    sentences
        .parts
        .retain(|part| !matches!(part, Part::Group(group) if group.is_empty()));
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        if let Some(new) = add_ui(ui, t!("문장 더하기")) {
            sentences.parts.push(Part::One(new));
        }
        if 1 < sentences.parts.len() {
            ui.add_space(8.0);
            for (choice, name) in [
                (Joint::All, t!("모두 맞을 때")),
                (Joint::Any, t!("하나라도 맞을 때")),
            ] {
                if ui.radio(sentences.joint == choice, name).clicked() {
                    sentences.joint = choice;
                }
            }
        }
    });
    *sentences != before
}

fn joint_ui(ui: &mut Ui, joint: Joint, theme: &Theme) {
    let word = match joint {
        Joint::All => t!("그리고"),
        Joint::Any => t!("또는"),
    };
    ui.label(paint::rich(word, fonts::bold(theme::SMALL), theme.accent));
}

fn group_ui(ui: &mut Ui, group: &mut Vec<Sentence>, joint: Joint, averages: &[u16], theme: &Theme) {
    Frame::new()
        .stroke(theme.line())
        .corner_radius(4.0)
        .inner_margin(8.0)
        .show(ui, |ui| {
            let head = match joint {
                Joint::All => t!("다음이 모두"),
                Joint::Any => t!("다음 가운데 하나라도"),
            };
            let font = fonts::regular(theme::SMALL);
            ui.label(paint::rich(head, font, theme.secondary));
            let mut removed = None;
            for (place, sentence) in group.iter_mut().enumerate() {
                ui.push_id(("sentence", place), |ui| {
                    if 0 < place {
                        joint_ui(ui, joint, theme);
                    }
                    if sentence_ui(ui, sentence, averages, false, theme).is_some() {
                        removed = Some(place);
                    }
                });
            }
            if let Some(place) = removed {
                group.remove(place);
            }
            if let Some(new) = add_ui(ui, t!("묶음에 문장 더하기")) {
                group.push(new);
            }
        });
}

/// A button that offers the usual sentences.
fn add_ui(ui: &mut Ui, name: &str) -> Option<Sentence> {
    let mut chosen = None;
    ui.menu_button(name, |ui| {
        for said in usual() {
            let sentence = Sentence::now(said);
            // The averages of the configuration are beside the point here.
            let text = words::sentence(&sentence, &[]);
            if ui.button(text.trim()).clicked() {
                chosen = Some(sentence);
                ui.close();
            }
        }
    });
    chosen
}

fn usual() -> [Said; 9] {
    let of = |measure| Operand::Of(measure);
    let compare = |left, verb, right| Said::Compare { left, verb, right };
    let ma = Measure::Average;
    let order = |becomes, bullish| Said::Alignment { becomes, bullish };
    let surge = Operand::Times("2".to_owned(), Measure::VolumeAverage(20));
    [
        order(true, true),
        order(false, true),
        order(true, false),
        compare(of(ma(20)), Verb::CrossesAbove, of(ma(60))),
        compare(of(Measure::Close), Verb::CrossesAbove, of(ma(20))),
        compare(of(Measure::Close), Verb::Above, of(ma(20))),
        compare(of(Measure::Volume), Verb::AtLeast, surge),
        compare(
            of(Measure::Disparity(20)),
            Verb::AtLeast,
            Operand::Number("105".to_owned()),
        ),
        compare(
            of(Measure::Close),
            Verb::CrossesAbove,
            Operand::Number("70000".to_owned()),
        ),
    ]
}

fn sentence_ui(
    ui: &mut Ui,
    sentence: &mut Sentence,
    averages: &[u16],
    groups: bool,
    theme: &Theme,
) -> Option<Wish> {
    let mut wish = None;
    Frame::new()
        .fill(theme.raised)
        .stroke(theme.line())
        .corner_radius(4.0)
        .inner_margin(egui::Margin::symmetric(8, 5))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let first = ui.available_rect_before_wrap();
            ui.scope(|ui| {
                ui.set_max_width(first.width() - REMOVE);
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    said_ui(ui, &mut sentence.said, averages, theme);
                });
            });
            ui.horizontal_wrapped(|ui| {
                on_ui(ui, &mut sentence.on);
                when_ui(ui, &mut sentence.when);
                ui.checkbox(&mut sentence.negated, t!("아닐 때"));
                let tip = t!("다른 문장과 괄호로 묶습니다");
                if groups && ui.button(t!("묶기")).on_hover_text(tip).clicked() {
                    wish = Some(Wish::Group);
                }
            });
            // On the sentence's first line, and yet behind its blanks for the keyboard.
            let size = egui::vec2(REMOVE, ui.spacing().interact_size.y);
            let corner = egui::pos2(first.right() - size.x, first.top());
            let builder = UiBuilder::new()
                .max_rect(Rect::from_min_size(corner, size))
                .layout(Layout::right_to_left(Align::Center));
            let mut corner = ui.new_child(builder);
            let name = t!("문장 지우기");
            if paint::icon_button(&mut corner, paint::Icon::Close, name, theme).clicked() {
                wish = Some(Wish::Remove);
            }
        });
    wish
}

fn said_ui(ui: &mut Ui, said: &mut Said, averages: &[u16], theme: &Theme) {
    let alignment = matches!(said, Said::Alignment { .. });
    let small = |ui: &mut Ui, text: &str| {
        let font = fonts::regular(theme::BODY);
        ui.label(paint::rich(text, font, theme.secondary));
    };
    if alignment {
        small(ui, &words::periods(averages));
    }
    match said {
        Said::Alignment { becomes, bullish } => {
            let orders = [(true, t!("정배열")), (false, t!("역배열"))];
            choice(ui, "order", t!("배열"), bullish, &orders);
            let verbs = [(true, t!("(으)로 바뀔 때")), (false, t!("인 동안"))];
            choice(ui, "becomes", t!("언제"), becomes, &verbs);
        }
        Said::Compare { left, verb, right } => {
            operand_ui(ui, "left", t!("무엇이"), left);
            small(ui, t!("이(가)"));
            operand_ui(ui, "right", t!("무엇을"), right);
            let verbs = [
                Verb::CrossesAbove,
                Verb::CrossesBelow,
                Verb::Above,
                Verb::AtLeast,
                Verb::Below,
                Verb::AtMost,
            ]
            .map(|v| (v, words::verb(v)));
            // `20선 보다 위에`: only what is crossed is an object. English has a colon for both.
            let crosses = matches!(verb, Verb::CrossesAbove | Verb::CrossesBelow);
            if crosses || lang::spoken() != Language::Korean {
                small(ui, t!("을(를)"));
            }
            choice(ui, "verb", t!("어떻게 될 때"), verb, &verbs);
        }
    }
}

/// A blank that shows `shown`: on the next line if this one has no room for it, where a list by
/// itself would squeeze its words into what is left.
fn combo(ui: &mut Ui, id: &str, shown: &str) -> ComboBox<'static> {
    let font = TextStyle::Button.resolve(ui.style());
    let words = paint::width(ui.painter(), shown, font);
    let spacing = ui.spacing();
    let around = 2.0 * spacing.button_padding.x + spacing.icon_spacing + spacing.icon_width;
    let begun = ui.max_rect().left() + 1.0 < ui.cursor().left();
    if begun && ui.available_size_before_wrap().x < words + around + 1.0 {
        ui.end_row();
    }
    ComboBox::from_id_salt(id)
        .selected_text(shown.to_owned())
        .width(0.0)
        .height(LIST)
}

/// One of a few words.
fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    id: &str,
    name: &str,
    value: &mut T,
    words: &[(T, &'static str)],
) {
    let shown = words.iter().find(|(v, _)| v == value).map_or("", |w| w.1);
    let combo = combo(ui, id, shown).show_ui(ui, |ui| {
        for (offered, word) in words {
            ui.selectable_value(value, *offered, *word);
        }
    });
    combo.response.accessible_name(format!("{name}: {shown}"));
}

/// What a blank may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Close,
    Open,
    High,
    Low,
    Volume,
    Average,
    VolumeAverage,
    Disparity,
    Number,
}

fn kinds() -> [(Kind, &'static str); 9] {
    [
        (Kind::Close, t!("종가")),
        (Kind::Open, t!("시가")),
        (Kind::High, t!("고가")),
        (Kind::Low, t!("저가")),
        (Kind::Volume, t!("거래량")),
        (Kind::Average, t!("이동평균")),
        (Kind::VolumeAverage, t!("거래량 평균")),
        (Kind::Disparity, t!("이격도")),
        (Kind::Number, t!("숫자")),
    ]
}

fn kind(operand: &Operand) -> Kind {
    match operand {
        Operand::Number(_) => Kind::Number,
        Operand::Of(measure) | Operand::Times(_, measure) => match measure {
            Measure::Close => Kind::Close,
            Measure::Open => Kind::Open,
            Measure::High => Kind::High,
            Measure::Low => Kind::Low,
            Measure::Volume => Kind::Volume,
            Measure::Average(_) => Kind::Average,
            Measure::VolumeAverage(_) => Kind::VolumeAverage,
            Measure::Disparity(_) => Kind::Disparity,
        },
    }
}

fn of_kind(kind: Kind) -> Operand {
    Operand::Of(match kind {
        Kind::Close => Measure::Close,
        Kind::Open => Measure::Open,
        Kind::High => Measure::High,
        Kind::Low => Measure::Low,
        Kind::Volume => Measure::Volume,
        Kind::Average => Measure::Average(20),
        Kind::VolumeAverage => Measure::VolumeAverage(20),
        Kind::Disparity => Measure::Disparity(20),
        Kind::Number => return Operand::Number("1000".to_owned()),
    })
}

/// In the line of the sentence itself, not in one of its own: it breaks where the sentence does.
fn operand_ui(ui: &mut Ui, id: &str, name: &str, operand: &mut Operand) {
    let before = kind(operand);
    let mut chosen = before;
    choice(ui, &format!("{id} kind"), name, &mut chosen, &kinds());
    if chosen != before {
        *operand = of_kind(chosen);
    }
    let number = |ui: &mut Ui, text: &mut String, name: &str| {
        let edit = TextEdit::singleline(text).desired_width(56.0);
        ui.add(edit).accessible_name(name);
    };
    let period = |ui: &mut Ui, period: &mut u16| {
        let drag = DragValue::new(period).range(1..=LONGEST).suffix(t!("봉"));
        ui.add(drag)
            .accessible_name(t!("%{name} 봉 수", name = name));
    };
    match operand {
        Operand::Number(text) => number(ui, text, t!("숫자")),
        Operand::Of(measure) | Operand::Times(_, measure) => {
            if let Measure::Average(n) | Measure::VolumeAverage(n) | Measure::Disparity(n) = measure
            {
                period(ui, n);
            }
        }
    }
    let times = match operand {
        Operand::Number(_) => return,
        Operand::Of(_) => false,
        Operand::Times(..) => true,
    };
    let mut wanted = times;
    ui.toggle_value(&mut wanted, t!("× 배수"));
    if let Operand::Times(factor, _) = operand {
        number(ui, factor, t!("배수"));
    }
    if wanted != times {
        *operand = match operand.clone() {
            Operand::Of(measure) => Operand::Times("1.05".to_owned(), measure),
            Operand::Times(_, measure) => Operand::Of(measure),
            number => number,
        };
    }
}

/// The timeframe the sentence speaks of.
fn on_ui(ui: &mut Ui, on: &mut Option<Timeframe>) {
    let name = |on: Option<Timeframe>| match on {
        None => t!("이 조건의 봉").to_owned(),
        Some(timeframe) => t!("%{text}봉", text = timeframe.name()),
    };
    let shown = name(*on);
    let combo = combo(ui, "on", &shown).show_ui(ui, |ui| {
        for offered in std::iter::once(None).chain(Timeframe::ALL.map(Some)) {
            ui.selectable_value(on, offered, name(offered));
        }
    });
    let name = t!("어느 주기에서: %{shown}", shown = shown);
    combo.response.accessible_name(name);
}

fn when_ui(ui: &mut Ui, when: &mut When) {
    let bars = match when {
        When::Now => 3,
        When::Within(n) | When::For(n) | When::Ago(n) => *n,
    };
    let offered = [
        (When::Now, t!("이 봉에서")),
        (When::Within(bars), t!("N봉 안에 한 번이라도")),
        (When::For(bars), t!("N봉 내내")),
        (When::Ago(bars), t!("N봉 전에")),
    ];
    choice(ui, "when", t!("어느 봉에서"), when, &offered);
    if let When::Within(n) | When::For(n) | When::Ago(n) = when {
        let drag = DragValue::new(n).range(1..=FARTHEST).suffix(t!("봉"));
        ui.add(drag).accessible_name(t!("봉 수"));
    }
}
