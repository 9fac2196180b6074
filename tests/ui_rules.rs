//! The editor of rules: sentences and text, what holds now, keeping, taking out, trying on the
//! past.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod ui_support;

use std::sync::Arc;

use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::{Day, Moment, Stage, Timeframe, Won};
use jeongbae::engine::backtest::{After, Backtest, Hit, TestedStock};
use jeongbae::engine::rules::{BacktestView, Match, Matching, Preview, PreviewRow, RuleView};
use jeongbae::engine::{Command, Snapshot};
use jeongbae::settings::{Repeat, RuleSetting, Settings};
use ui_support::*;

fn rule(name: &str, when: &str) -> Arc<RuleSetting> {
    let text = format!("[[rule]]\nname = \"{name}\"\ntimeframe = \"30m\"\nwhen = \"{when}\"\n");
    let settings = Settings::parse(std::path::Path::new("a.toml"), &text).unwrap();
    Arc::new(settings.rules[0].clone())
}

fn view(setting: Arc<RuleSetting>) -> RuleView {
    RuleView {
        setting,
        matching: Some(Matching {
            holds: 3,
            watched: 12,
            short: 1,
        }),
        last: Some(("삼성전자".into(), now().plus_secs(-700))),
    }
}

fn with_rules() -> Snapshot {
    let mut picture = snapshot();
    picture.rules = [
        view(rule("30분 정배열", "alignment becomes bullish")),
        view(rule(
            "눌림목",
            "close crosses above ma20 and volume > 2 * volma20",
        )),
    ]
    .into();
    picture
}

/// The engine's part of keeping and taking out rules, as far as the list shows it.
fn obey(fake: &Fake) {
    let sent = std::mem::take(&mut *fake.sent.lock().unwrap());
    fake.change(|picture| {
        let mut rules: Vec<RuleView> = picture.rules.to_vec();
        for command in sent {
            match command {
                Command::PutRule { was, rule, at } => {
                    let known = |r: &RuleView| Some(&r.setting.name) == was.as_ref();
                    match rules.iter().position(known) {
                        Some(place) => rules[place] = view(rule),
                        None => rules.insert(at.unwrap_or(rules.len()), view(rule)),
                    }
                }
                Command::RemoveRule(name) => rules.retain(|r| r.setting.name != name),
                _ => {}
            }
        }
        picture.rules = rules.into();
    });
}

fn puts(fake: &Fake) -> Vec<(Option<String>, Arc<RuleSetting>)> {
    let put = |command| match command {
        Command::PutRule { was, rule, .. } => Some((was, rule)),
        _ => None,
    };
    fake.sent().into_iter().filter_map(put).collect()
}

fn open(fake: &Arc<Fake>) -> Harness<'static, App> {
    let mut h = home(fake);
    h.key_press_modifiers(Modifiers::COMMAND, Key::R);
    h.run();
    h
}

fn type_into(h: &mut Harness<'static, App>, name: &str, text: &str) {
    let role = match name {
        "조건 글" => Role::MultilineTextInput,
        _ => Role::TextInput,
    };
    get(h, role, name).focus();
    h.run();
    h.key_press_modifiers(Modifiers::COMMAND, Key::A);
    h.run();
    get(h, role, name).type_text(text);
    h.run();
}

/// Whether some text on the screen contains `part`.
fn says(h: &Harness<'static, App>, part: &str) -> bool {
    let holds = |text: Option<String>| text.is_some_and(|text| text.contains(part));
    h.query_all_by_role(Role::Label)
        .map(|n| n.accesskit_node())
        .any(|n| holds(n.label()) || holds(n.value()))
}

fn assert_says(h: &Harness<'static, App>, part: &str) {
    assert!(says(h, part), "nothing says {part}");
}

fn text_of(h: &Harness<'static, App>) -> String {
    let node = get(h, Role::MultilineTextInput, "조건 글");
    node.accesskit_node().value().unwrap()
}

#[test]
fn the_list_says_what_each_rule_means_and_where_it_holds() {
    let fake = Fake::new(with_rules());
    let h = open(&fake);
    assert!(fake.sent().contains(&Command::ShowRules(true)));
    get(
        &h,
        Role::ListItem,
        "30분 정배열: 20·60·120·240 정배열로 바뀔 때, 지금 3/12종목 · 기록 모자람 1 · 마지막 삼성전자",
    );
    get(
        &h,
        Role::ListItem,
        "눌림목: 종가가 20선을 상향 돌파할 때, 그리고 거래량이 거래량 20봉 평균의 2배보다 클 때",
    );
    // The watchlist beside it stays as it is: nothing is dimmed or blocked.
    get(&h, Role::Row, "삼성전자 005930");
}

#[test]
fn inside_the_home_window_the_rules_are_folded_and_closed_by_name() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    get(&h, Role::Button, "창 접기").click_accesskit();
    h.run();
    assert!(h.query_by_label("자주 쓰는 조건").is_none(), "folded");
    get(&h, Role::Button, "창 펴기").click_accesskit();
    h.run();
    h.get_by_label("자주 쓰는 조건");
    // Nothing of the library's own words is left.
    let nodes = h.root().children_recursive();
    let labels: Vec<String> = nodes
        .filter_map(|node| node.accesskit_node().label())
        .collect();
    assert!(labels.iter().any(|label| label == "창의 오른쪽 가장자리"));
    let theirs = |label: &&String| {
        ["Hide", "Show", "Close"].contains(&label.as_str()) || label.contains("window")
    };
    assert_eq!(labels.iter().find(theirs), None);
    get(&h, Role::Button, "창 닫기").click_accesskit();
    h.run();
    assert_eq!(fake.sent().last(), Some(&Command::ShowRules(false)));
    assert!(h.query_by_label("자주 쓰는 조건").is_none(), "closed");
}

#[test]
fn a_rule_is_built_by_clicks_and_kept() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    click(&mut h, Role::Button, "새 조건");
    assert_eq!(text_of(&h), "alignment becomes bullish");
    click(&mut h, Role::Button, "문장 더하기");
    click(
        &mut h,
        Role::Button,
        "거래량이 거래량 20봉 평균의 2배 이상일 때",
    );
    assert_eq!(
        text_of(&h),
        "alignment becomes bullish and volume >= 2 * volma20"
    );
    click(&mut h, Role::RadioButton, "하나라도 맞을 때");
    assert!(text_of(&h).contains(" or "));
    click(&mut h, Role::RadioButton, "15분봉");
    click(&mut h, Role::RadioButton, "고른 종목");
    // Without a stock it cannot be kept, and says so.
    click(&mut h, Role::Button, "종목 더하기");
    click(&mut h, Role::Button, "카카오 035720");
    type_into(&mut h, "조건 이름", "내 조건");
    let wanted = puts(&fake);
    assert!(wanted.is_empty(), "nothing is kept before it is saved");
    click_exactly(&mut h, Role::Button, "저장");
    let (was, kept) = puts(&fake).pop().unwrap();
    assert_eq!(was, None);
    assert_eq!(kept.name, "내 조건");
    assert_eq!(kept.codes, Some(vec![code("035720")]));
    assert_eq!(kept.timeframe, Timeframe::Minutes(15));
    assert_eq!(
        kept.when,
        "alignment becomes bullish or volume >= 2 * volma20"
    );
    obey(&fake);
    h.run();
    get(&h, Role::ListItem, "내 조건: ");
    assert!(puts(&fake).is_empty(), "kept once");
}

#[test]
fn text_and_sentences_are_one_thing_and_an_error_names_its_place() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    click(&mut h, Role::ListItem, "눌림목: ");
    type_into(&mut h, "조건 글", "ma5 crosses below ma20");
    get(&h, Role::ComboBox, "무엇이: 이동평균");
    get(&h, Role::ComboBox, "어떻게 될 때: 하향 돌파할 때");
    assert_says(&h, "5선이 20선을 하향 돌파할 때");
    type_into(&mut h, "조건 글", "ma5 crosses over ma20");
    assert_says(&h, "1번째 줄 13번째 글자");
    assert!(find(&h, Role::ComboBox, "무엇이").is_none());
    h.key_press_modifiers(Modifiers::COMMAND, Key::S);
    h.run();
    assert!(puts(&fake).is_empty(), "what is no condition is not kept");
    // What no list of sentences can say stays text, and can be kept.
    type_into(&mut h, "조건 글", "not (close > ma5 and close > ma20)");
    assert_says(&h, "문장으로는 나타낼 수 없습니다");
    h.key_press_modifiers(Modifiers::COMMAND, Key::S);
    h.run();
    let (was, kept) = puts(&fake).pop().unwrap();
    assert_eq!(was.as_deref(), Some("눌림목"));
    assert_eq!(kept.when, "not (close > ma5 and close > ma20)");
}

#[test]
fn a_changed_rule_says_that_it_begins_anew_and_stays_while_another_is_looked_at() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    let anew = "저장하면 새 조건으로 다시 시작합니다";
    assert!(!says(&h, anew));
    click(&mut h, Role::RadioButton, "60분봉");
    assert_says(&h, anew);
    click(&mut h, Role::ListItem, "눌림목: ");
    click(&mut h, Role::ListItem, "30분 정배열: ");
    assert_says(&h, anew);
    click(&mut h, Role::Button, "되돌리기");
    assert!(!says(&h, anew));
    assert!(puts(&fake).is_empty());
}

#[test]
fn a_rule_is_switched_off_taken_out_and_brought_back() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    click(&mut h, Role::CheckBox, "‘눌림목’ 끄기");
    let (was, kept) = puts(&fake).pop().unwrap();
    assert_eq!((was.as_deref(), kept.enabled), (Some("눌림목"), false));
    obey(&fake);
    h.run();
    get(&h, Role::CheckBox, "‘눌림목’ 켜기");
    click(&mut h, Role::Button, "조건 지우기");
    assert!(
        fake.sent()
            .contains(&Command::RemoveRule("30분 정배열".to_owned()))
    );
    obey(&fake);
    h.run();
    assert!(find(&h, Role::ListItem, "30분 정배열: ").is_none());
    click(&mut h, Role::Button, "지운 조건 되살리기");
    let back = fake.sent().into_iter().find_map(|command| match command {
        Command::PutRule { was, rule, at } => Some((was, rule.name.clone(), at)),
        _ => None,
    });
    assert_eq!(back, Some((None, "30분 정배열".to_owned(), Some(0))));
    obey(&fake);
    h.run();
    get(&h, Role::ListItem, "30분 정배열: ");
    click(&mut h, Role::Button, "복제");
    click_exactly(&mut h, Role::Button, "저장");
    let copy = puts(&fake).pop().unwrap();
    assert!(copy.0.is_none() && copy.1.name.ends_with(" 2"));
}

#[test]
fn where_the_rule_holds_now_is_shown_while_it_is_written() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    let asked = |fake: &Fake| {
        let last = fake.sent().into_iter().rev().find_map(|c| match c {
            Command::Preview(rule) => Some(rule),
            _ => None,
        });
        last.unwrap()
    };
    let first = asked(&fake).unwrap();
    assert_eq!(first.name, "30분 정배열");
    let row = |i: usize, state| PreviewRow {
        code: code(STOCKS[i].0),
        name: STOCKS[i].1.into(),
        price: Some(Won(STOCKS[i].2)),
        state,
    };
    let short = Match::Short {
        have: 187,
        need: 240,
    };
    let rows = vec![row(0, Match::Not), row(1, short), row(2, Match::Holds)];
    fake.change(|s| s.preview = Some(Arc::new(Preview { rule: first, rows })));
    h.run();
    assert_says(&h, "지금 맞는 종목 1 / 3");
    get(
        &h,
        Role::ListItem,
        "SK하이닉스 000660: 기록이 모자람 187/240",
    );
    get(&h, Role::ListItem, "NAVER 035420: 맞음").click();
    h.run();
    let opened = Command::OpenStock(code("035420"));
    assert!(fake.sent().contains(&opened));
    // Another rule: what was said of the first is not shown for it.
    type_into(&mut h, "조건 글", "close > ma20");
    assert!(find(&h, Role::ListItem, "NAVER 035420: 맞음").is_none());
    assert_eq!(asked(&fake).unwrap().when, "close > ma20");
    type_into(&mut h, "조건 글", "close >");
    assert_eq!(asked(&fake), None);
    h.key_press_modifiers(Modifiers::COMMAND, Key::W);
    h.run();
    assert_eq!(fake.sent().last(), Some(&Command::ShowRules(false)));
}

fn tested(rule: Arc<RuleSetting>) -> BacktestView {
    let day = Day::from_ymd(2026, 11, 18).unwrap();
    let bar = day.at(jeongbae::domain::Minute::hm(10, 0));
    let hit = |n: i64| Hit {
        bar: Moment(bar.0 + n * 1_800_000),
        price: 71_000,
    };
    let stock = |i: usize, hits: Vec<Hit>| TestedStock {
        code: code(STOCKS[i].0),
        name: STOCKS[i].1.into(),
        bars: 260,
        judged: 250,
        hits,
    };
    let after = (1..=20).map(|bars| After {
        bars,
        hits: 3,
        lower: -0.1 * bars as f64,
        median: 0.05 * bars as f64,
        upper: 0.2 * bars as f64,
    });
    BacktestView {
        rule,
        waiting: 0,
        running: false,
        result: Some(Arc::new(Backtest {
            serial: 1,
            from: Day::from_ymd(2026, 10, 26).unwrap(),
            to: Day::from_ymd(2026, 11, 20).unwrap(),
            stocks: vec![
                stock(0, vec![hit(0), hit(4)]),
                stock(1, vec![]),
                stock(2, vec![hit(1)]),
            ],
            after: after.collect(),
        })),
    }
}

#[test]
fn the_past_is_tried_on_request_and_told_without_promise() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    click(&mut h, Role::Button, "돌려 보기");
    let asked = fake.sent().into_iter().find_map(|command| match command {
        Command::Backtest(Some(rule)) => Some(rule),
        _ => None,
    });
    let rule = asked.unwrap();
    fake.change(|s| s.backtest = Some(Arc::new(tested(rule))));
    h.run();
    // Drawn as well: the median as one line through twenty points.
    let plot = get(&h, Role::Image, "20봉 뒤: 절반은 +1.00% 이상").rect();
    let drawn = h.output().shapes.iter().any(|s| match &s.shape {
        egui::Shape::Path(path) => {
            20 <= path.points.len() && path.points.iter().all(|p| plot.contains(*p))
        }
        _ => false,
    });
    assert!(drawn, "no line in the plot");
    assert_says(&h, "3번 울렸을 것입니다 (종목 2개)");
    assert_says(
        &h,
        "2026-10-26부터 2026-11-20까지 · 30분 봉 780개 가운데 750개 판정",
    );
    assert_says(
        &h,
        "20봉 뒤: 절반은 +1.00% 이상, 가운데 절반은 -2.00%에서 +4.00% 사이 (3번)",
    );
    assert_says(&h, "울린 횟수가 적어");
    assert_says(&h, "앞으로도 이렇게 움직인다는 뜻이 아니며");
    click(&mut h, Role::Button, "결과 지우기");
    assert!(fake.sent().contains(&Command::Backtest(None)));
    click(&mut h, Role::ListItem, "삼성전자 005930: 2번");
    let shown = Command::ShowTimeframe(code("005930"), Timeframe::Minutes(30));
    assert!(fake.sent().contains(&shown));
}

#[test]
fn the_last_day_is_typed_and_checked_while_it_is() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    click(&mut h, Role::CheckBox, "끝나는 날을 정해서");
    for wrong in ["내년", "2026-02-30", "2026"] {
        type_into(&mut h, "끝나는 날", wrong);
        assert_says(&h, "은(는) 날짜가 아닙니다");
        assert!(get(&h, Role::Button, "저장").accesskit_node().is_disabled());
    }
    // What was typed stays when the field is left.
    get(&h, Role::TextInput, "조건 이름").focus();
    h.run();
    assert_says(&h, "‘2026’은(는) 날짜가 아닙니다");
    type_into(&mut h, "끝나는 날", "2027. 1. 4");
    assert_says(&h, "2027-01-04까지 울립니다");
    click_exactly(&mut h, Role::Button, "저장");
    let (_, kept) = puts(&fake).pop().unwrap();
    assert_eq!(kept.expires, Day::from_ymd(2027, 1, 4));
}

#[test]
fn the_editor_opens_from_a_row_and_from_a_signal() {
    let fake = Fake::new(with_rules());
    fake.change(|s| {
        let mut signal = (*signal("005930", "삼성전자", 2, Stage::Confirmed)).clone();
        signal.rule_name = "눌림목".into();
        s.signals = vec![Arc::new(signal)];
    });
    let mut h = home(&fake);
    click(&mut h, Role::Button, "왜 울렸나: 삼성전자");
    click(&mut h, Role::Button, "이 조건 고치기");
    assert!(text_of(&h).starts_with("close crosses above ma20"));
    h.key_press_modifiers(Modifiers::COMMAND, Key::W);
    h.run();
    get(&h, Role::Row, "카카오 035720").click_secondary();
    h.run();
    click(&mut h, Role::Button, "이 종목에 조건 만들기");
    click_exactly(&mut h, Role::Button, "저장");
    let (was, kept) = puts(&fake).pop().unwrap();
    assert_eq!((was, kept.name.as_str()), (None, "카카오 조건"));
    assert_eq!(kept.codes, Some(vec![code("035720")]));
    assert_eq!(kept.repeat, Repeat::OncePerBar);
}

#[test]
fn the_usual_rules_are_one_click_away() {
    let fake = Fake::new(snapshot());
    let mut h = open(&fake);
    click(&mut h, Role::Button, "골든크로스 20/60");
    assert_eq!(text_of(&h), "ma20 crosses above ma60");
    click_exactly(&mut h, Role::Button, "저장");
    let (_, kept) = puts(&fake).pop().unwrap();
    assert_eq!(kept.name, "골든크로스 20/60");
    assert_eq!(kept.repeat, Repeat::UntilReversed);
}

#[test]
fn a_strategy_file_comes_in_with_a_word_on_what_it_loses_and_goes_out() {
    let fake = Fake::new(with_rules());
    let mut h = open(&fake);
    click(&mut h, Role::Button, "가져오기 (.kis.yaml)");
    let yaml = "metadata: {name: 눌림}\nstrategy:\n  indicators:\n    - {id: sma, alias: a, params: {period: 20}}\n  entry:\n    conditions:\n      - {indicator: close, operator: cross_above, compare_to: a}\n      - {indicator: rsi_1, operator: less_than, compare_to: 30}\n";
    let field = get(&h, Role::MultilineTextInput, ".kis.yaml 내용");
    field.focus();
    h.run();
    get(&h, Role::MultilineTextInput, ".kis.yaml 내용").type_text(yaml);
    h.run();
    click(&mut h, Role::Button, "조건으로 가져오기");
    assert_eq!(text_of(&h), "close crosses above ma20");
    assert_says(&h, "다음은 옮기지 못했습니다");
    assert_says(&h, "rsi_1 less_than 30");
    assert!(puts(&fake).is_empty(), "nothing is kept before it is saved");
    click_exactly(&mut h, Role::Button, "저장");
    let (_, kept) = puts(&fake).pop().unwrap();
    assert_eq!(
        (kept.name.as_str(), kept.timeframe),
        ("눌림", Timeframe::Day)
    );
    click(&mut h, Role::Button, "내보내기 (.kis.yaml)");
    let saved = fake.saved.lock().unwrap().pop().unwrap();
    assert_eq!(saved.name, "눌림.kis.yaml");
    let jeongbae::ui::Content::Bytes(bytes) = saved.content else {
        panic!("a picture")
    };
    let back = jeongbae::settings::kis_yaml::import(&String::from_utf8(bytes).unwrap()).unwrap();
    assert_eq!(back.when, "close crosses above ma20");
    // What is no such file says so and what to do.
    click(&mut h, Role::Button, "가져오기 (.kis.yaml)");
    get(&h, Role::MultilineTextInput, ".kis.yaml 내용").focus();
    h.run();
    get(&h, Role::MultilineTextInput, ".kis.yaml 내용").type_text("strategy: 3");
    h.run();
    click(&mut h, Role::Button, "조건으로 가져오기");
    assert_says(&h, "전략 빌더에서 다시 내보낸 파일을 쓰세요");
}
