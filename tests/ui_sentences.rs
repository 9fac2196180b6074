//! The form of a rule, every blank of it: what is clicked is what the text says and what is kept.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod ui_support;

use std::sync::Arc;

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::conditions::Expr;
use jeongbae::domain::{Day, Minute, Timeframe};
use jeongbae::engine::Command;
use jeongbae::settings::{Manners, Repeat, RuleHours, RuleSetting, RuleStage};
use jeongbae::ui::RootOptions;
use ui_support::*;

/// A new rule in the editor, in a window in which all of the form is seen.
fn new_rule(fake: &Arc<Fake>) -> Harness<'static, App> {
    let mut h = window(fake, vec2(1800.0, 1600.0), RootOptions::default());
    h.run();
    press(&mut h, Modifiers::COMMAND, Key::R);
    press(&mut h, Modifiers::COMMAND, Key::N);
    h
}

fn text_of(h: &Harness<'static, App>) -> String {
    let node = get(h, Role::MultilineTextInput, "조건 글");
    node.accesskit_node().value().unwrap()
}

fn write(h: &mut Harness<'static, App>, text: &str) {
    type_over(h, Role::MultilineTextInput, "조건 글", text);
    Expr::parse(text).unwrap();
}

/// Opens the list of a blank and takes a word of it.
fn choose(h: &mut Harness<'static, App>, blank: &str, word: &str) {
    click(h, Role::ComboBox, blank);
    click_exactly(h, Role::Button, word);
}

/// The rule as it is kept when it is saved now.
fn saved(fake: &Fake, h: &mut Harness<'static, App>) -> RuleSetting {
    press(h, Modifiers::COMMAND, Key::S);
    let put = fake.sent().into_iter().rev().find_map(|c| match c {
        Command::PutRule { rule, .. } => Some(rule),
        _ => None,
    });
    (*put.unwrap()).clone()
}

#[test]
fn every_usual_sentence_is_two_clicks_away() {
    let usual = [
        ("정배열로 바뀔 때", "alignment becomes bullish"),
        ("정배열일 때", "alignment is bullish"),
        ("역배열로 바뀔 때", "alignment becomes bearish"),
        ("20선이 60선을 상향 돌파할 때", "ma20 crosses above ma60"),
        ("종가가 20선을 상향 돌파할 때", "close crosses above ma20"),
        ("종가가 20선 위에 있을 때", "close > ma20"),
        (
            "거래량이 거래량 20봉 평균의 2배 이상일 때",
            "volume >= 2 * volma20",
        ),
        ("20선 이격도가 105 이상일 때", "disparity20 >= 105"),
        (
            "종가가 70,000원을 상향 돌파할 때",
            "close crosses above 70000",
        ),
    ];
    let fake = Fake::new(snapshot());
    for (words, text) in usual {
        let mut h = new_rule(&fake);
        click(&mut h, Role::Button, "문장 지우기");
        assert_eq!(text_of(&h), "");
        click(&mut h, Role::Button, "문장 더하기");
        let offered: Vec<String> = h
            .query_all_by_role(Role::Button)
            .filter_map(|n| n.accesskit_node().label())
            .filter(|l| l.ends_with("때"))
            .collect();
        assert!(
            offered.iter().any(|l| l == words),
            "{words} is not among {offered:?}"
        );
        click_exactly(&mut h, Role::Button, words);
        assert_eq!(text_of(&h), text);
    }
}

#[test]
fn every_blank_of_a_comparison_can_be_filled() {
    let fake = Fake::new(snapshot());
    let mut h = new_rule(&fake);
    write(&mut h, "close > ma20");
    for (word, text) in [
        ("상향 돌파할 때", "close crosses above ma20"),
        ("하향 돌파할 때", "close crosses below ma20"),
        ("이상일 때 (≥)", "close >= ma20"),
        ("이하일 때 (≤)", "close <= ma20"),
        ("보다 아래에 있을 때 (<)", "close < ma20"),
        ("보다 위에 있을 때 (>)", "close > ma20"),
    ] {
        choose(&mut h, "어떻게 될 때", word);
        assert_eq!(text_of(&h), text);
        // `20선을 상향 돌파할 때`, but `20선 이상일 때`.
        let objects = painted(&h, "을(를)").len();
        assert_eq!(objects, usize::from(text.contains("crosses")), "{word}");
    }
    for (word, text) in [
        ("시가", "open > ma20"),
        ("고가", "high > ma20"),
        ("저가", "low > ma20"),
        ("거래량", "volume > ma20"),
        ("거래량 평균", "volma20 > ma20"),
        ("이격도", "disparity20 > ma20"),
        ("이동평균", "ma20 > ma20"),
        ("숫자", "1000 > ma20"),
        ("종가", "close > ma20"),
    ] {
        choose(&mut h, "무엇이", word);
        assert_eq!(text_of(&h), text, "{word}");
    }
    for (word, text) in [("숫자", "close > 1000"), ("이동평균", "close > ma20")] {
        choose(&mut h, "무엇을", word);
        assert_eq!(text_of(&h), text, "{word}");
    }
    // A number is typed, a number of bars too.
    choose(&mut h, "무엇을", "숫자");
    type_over(&mut h, Role::TextInput, "숫자", "71500");
    assert_eq!(text_of(&h), "close > 71500");
    choose(&mut h, "무엇을", "이동평균");
    get(&h, Role::SpinButton, "무엇을 봉 수").set_value_accesskit(60.0);
    h.run();
    assert_eq!(text_of(&h), "close > ma60");
    // So many times of it, on the right side; the left has its own button.
    h.query_all_by_label("× 배수").last().unwrap().click();
    h.run();
    assert_eq!(text_of(&h), "close > 1.05 * ma60");
    type_over(&mut h, Role::TextInput, "배수", "0.97");
    assert_eq!(text_of(&h), "close > 0.97 * ma60");
    h.query_all_by_label("× 배수").last().unwrap().click();
    h.run();
    assert_eq!(text_of(&h), "close > ma60");
}

#[test]
fn every_blank_of_an_alignment_and_of_the_bars_can_be_filled() {
    let fake = Fake::new(snapshot());
    let mut h = new_rule(&fake);
    for (blank, word, text) in [
        ("배열: ", "역배열", "alignment becomes bearish"),
        ("언제: ", "인 동안", "alignment is bearish"),
        ("배열: ", "정배열", "alignment is bullish"),
        ("언제: ", "(으)로 바뀔 때", "alignment becomes bullish"),
        (
            "어느 봉에서: ",
            "N봉 안에 한 번이라도",
            "alignment becomes bullish within 3 bars",
        ),
        (
            "어느 봉에서: ",
            "N봉 내내",
            "alignment becomes bullish for 3 bars",
        ),
        (
            "어느 봉에서: ",
            "N봉 전에",
            "alignment becomes bullish 3 bars ago",
        ),
    ] {
        choose(&mut h, blank, word);
        assert_eq!(text_of(&h), text);
    }
    get(&h, Role::SpinButton, "봉 수").set_value_accesskit(8.0);
    h.run();
    assert_eq!(text_of(&h), "alignment becomes bullish 8 bars ago");
    choose(&mut h, "어느 봉에서: ", "이 봉에서");
    choose(&mut h, "어느 주기에서: ", "일봉");
    assert_eq!(text_of(&h), "alignment becomes bullish on D");
    choose(&mut h, "어느 주기에서: ", "이 조건의 봉");
    click(&mut h, Role::CheckBox, "아닐 때");
    assert_eq!(text_of(&h), "not alignment becomes bullish");
}

#[test]
fn sentences_are_joined_grouped_and_taken_out() {
    let fake = Fake::new(snapshot());
    let mut h = new_rule(&fake);
    let add = |h: &mut Harness<'static, App>, button: &str, words: &str| {
        click_exactly(h, Role::Button, button);
        click_exactly(h, Role::Button, words);
    };
    add(&mut h, "문장 더하기", "종가가 20선 위에 있을 때");
    assert_eq!(text_of(&h), "alignment becomes bullish and close > ma20");
    click(&mut h, Role::RadioButton, "하나라도 맞을 때");
    assert_eq!(text_of(&h), "alignment becomes bullish or close > ma20");
    click(&mut h, Role::RadioButton, "모두 맞을 때");
    // The second sentence becomes a group of its own, to which another is added.
    h.query_all_by_label("묶기").last().unwrap().click();
    h.run();
    add(&mut h, "묶음에 문장 더하기", "종가가 20선을 상향 돌파할 때");
    assert_eq!(
        text_of(&h),
        "alignment becomes bullish and (close > ma20 or close crosses above ma20)"
    );
    h.query_all_by_label("문장 지우기").next().unwrap().click();
    h.run();
    assert!(!text_of(&h).contains("alignment"), "{}", text_of(&h));
}

#[test]
fn stocks_groups_stage_repeat_hours_last_day_and_manners_are_kept() {
    let fake = Fake::new(snapshot());
    let mut h = new_rule(&fake);
    type_over(&mut h, Role::TextInput, "조건 이름", "아침 반도체");
    for frame in Timeframe::ALL {
        click_exactly(&mut h, Role::RadioButton, &format!("{}봉", frame.name()));
    }
    click_exactly(&mut h, Role::RadioButton, "5분봉");
    click_exactly(&mut h, Role::RadioButton, "그룹");
    click_exactly(&mut h, Role::CheckBox, "반도체");
    click_exactly(&mut h, Role::CheckBox, "2차전지");
    click_exactly(&mut h, Role::CheckBox, "2차전지");
    click(&mut h, Role::RadioButton, "만들어지는 봉에서도");
    for (word, _) in [
        ("하루에 한 번", Repeat::OncePerDay),
        ("종목마다 단 한 번", Repeat::Once),
        ("봉마다 한 번", Repeat::OncePerBar),
        ("풀렸다가 다시 맞을 때마다", Repeat::UntilReversed),
    ] {
        choose(&mut h, "반복: ", word);
        get(&h, Role::ComboBox, &format!("반복: {word}"));
    }
    click(&mut h, Role::CheckBox, "시간을 정해서");
    get(&h, Role::SpinButton, "이 시각부터").set_value_accesskit(9.0 * 60.0 + 5.0);
    get(&h, Role::SpinButton, "이 시각까지").set_value_accesskit(11.0 * 60.0);
    h.run();
    click(&mut h, Role::CheckBox, "끝나는 날을 정해서");
    h.get_by_label("2026-12-20까지 울립니다");
    type_over(&mut h, Role::TextInput, "끝나는 날", "2026-12-26");
    click(&mut h, Role::CheckBox, "이 조건만의 이동평균으로 판정");
    type_over(&mut h, Role::TextInput, "정배열 이동평균", "5, 60 20 x");
    assert!(
        0 < h.query_all_by_label("5·20·60").count(),
        "what was understood is shown"
    );
    for manner in [
        "종목 창 띄우기",
        "소리",
        "데스크톱 알림",
        "메시지 (텔레그램, 웹훅)",
    ] {
        click_exactly(&mut h, Role::CheckBox, manner);
    }
    click_exactly(&mut h, Role::CheckBox, "켜짐");
    let kept = saved(&fake, &mut h);
    let expected = RuleSetting {
        name: "아침 반도체".into(),
        enabled: false,
        codes: None,
        groups: Some(vec!["반도체".into()]),
        timeframe: Timeframe::Minutes(5),
        when: "alignment becomes bullish".into(),
        when_at: kept.when_at,
        stage: RuleStage::Forming,
        repeat: Repeat::UntilReversed,
        periods: Some(vec![5, 20, 60]),
        hours: RuleHours::new(Minute::hm(9, 5), Minute::hm(11, 0)),
        expires: Day::from_ymd(2026, 12, 26),
        manners: Manners {
            takeover: false,
            sound: false,
            notification: false,
            message: false,
        },
    };
    assert_eq!(kept, expected);
}

#[test]
fn chosen_stocks_are_put_in_and_taken_out() {
    let fake = Fake::new(snapshot());
    let mut h = new_rule(&fake);
    click_exactly(&mut h, Role::RadioButton, "고른 종목");
    h.get_by_label("‘종목 더하기’로 관심 종목에서 고르세요");
    press(&mut h, Modifiers::COMMAND, Key::S);
    let put = |c: &Command| matches!(c, Command::PutRule { .. });
    assert!(
        !fake.sent().iter().any(put),
        "a rule of no stock is not kept"
    );
    for stock in ["카카오 035720", "NAVER 035420"] {
        click_exactly(&mut h, Role::Button, "종목 더하기");
        click_exactly(&mut h, Role::Button, stock);
    }
    click_exactly(&mut h, Role::Button, "카카오 빼기");
    assert_eq!(saved(&fake, &mut h).codes, Some(vec![code("035420")]));
    let mut h = new_rule(&fake);
    click_exactly(&mut h, Role::RadioButton, "고른 종목");
    click_exactly(&mut h, Role::RadioButton, "관심 종목 전체");
    let kept = saved(&fake, &mut h);
    assert_eq!((kept.codes, kept.groups), (None, None));
}

#[test]
fn every_preset_becomes_a_rule_that_can_be_saved() {
    let fake = Fake::new(snapshot());
    let mut h = new_rule(&fake);
    click_exactly(&mut h, Role::Button, "자주 쓰는 조건");
    // The presets stand in a list of their own that names the golden cross.
    get(&h, Role::Button, "골든크로스 20/60");
    let names: Vec<String> = [
        "30분 정배열 전환",
        "30분 역배열 전환",
        "골든크로스 20/60",
        "데드크로스 20/60",
        "20선 눌림목",
        "거래량 급증과 20선 돌파",
        "20선에서 멀어짐",
        "20선 위에서 3봉 유지",
    ]
    .map(str::to_owned)
    .to_vec();
    for name in names {
        let mut h = new_rule(&fake);
        click_exactly(&mut h, Role::Button, "자주 쓰는 조건");
        click_exactly(&mut h, Role::Button, &name);
        let kept = saved(&fake, &mut h);
        assert_eq!(kept.name, name);
        Expr::parse(&kept.when).unwrap();
    }
}
