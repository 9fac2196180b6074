//! The windows in English: no Korean is left but names and words of the market. In a program of
//! its own, because the language belongs to the whole program.

mod ui_support;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::{InterruptionKind, Remark, Stage, Won};
use jeongbae::engine::rules::{Match, Preview, PreviewRow};
use jeongbae::engine::{
    Badge, Command, Freshness, LinkState, MarketPhase, Notice, Part, Ring, Snapshot,
};
use jeongbae::lang::{self, Language};
use jeongbae::settings::{LanguageChoice, ScreenSettings, Settings};
use jeongbae::store::{Store, StoreError};
use jeongbae::ui::setup::{SetupChoice, SetupStatus, SetupView, setup_ui};
use jeongbae::ui::{RootOptions, Theme, fonts};
use ui_support::*;

/// One test at a time: they change what the whole program speaks.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn harness(fake: &Arc<Fake>, language: LanguageChoice) -> Harness<'static, App> {
    let options = RootOptions {
        screen: ScreenSettings {
            language,
            ..ScreenSettings::default()
        },
        ..RootOptions::default()
    };
    window(fake, vec2(1600.0, 1000.0), options)
}

/// What the tests' pictures themselves say in Korean: names of stocks, groups and rules, and words
/// of the market that stay.
fn is_known(word: &str) -> bool {
    const KNOWN: [&str; 14] = [
        "정배열",
        "역배열",
        "정배",
        "관심",
        "반도체",
        "2차전지",
        "30분",
        "정배열로",
        "바뀜",
        "한국어",
        "가상",
        "종목",
        "카카오",
        "내려받기",
    ];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    KNOWN.contains(&word) || STOCKS.iter().any(|(_, name, _, _)| *name == word)
}

/// The Korean words among everything painted and told to screen readers.
fn korean<S>(h: &Harness<'_, S>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    fn painted(shape: &egui::Shape, texts: &mut Vec<String>) {
        match shape {
            egui::Shape::Text(text) => texts.push(text.galley.text().to_owned()),
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|s| painted(s, texts)),
            _ => {}
        }
    }
    for clipped in &h.output().shapes {
        painted(&clipped.shape, &mut texts);
    }
    assert!(!texts.is_empty());
    for node in h.root().children_recursive() {
        texts.extend(node.accesskit_node().label());
        texts.extend(node.accesskit_node().value());
    }
    let is_hangul = |c: char| ('가'..='힣').contains(&c) || ('ㄱ'..='ㅣ').contains(&c);
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        let strange = text
            .split_whitespace()
            .any(|word| word.contains(is_hangul) && !is_known(word));
        if strange && !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

fn assert_english<S>(h: &Harness<'_, S>, place: &str) {
    let found = korean(h);
    assert!(found.is_empty(), "{place}: {found:#?}");
}

fn full() -> Snapshot {
    let mut s = snapshot();
    s.badge = Badge::Demo;
    s.rows[0].ring = Ring::Blinking(now());
    s.rows[1].remarks = vec![Remark::Administrative, Remark::Preferred];
    if let Some(q) = &mut s.rows[2].quote {
        q.freshness = Freshness::Stale;
    }
    let stages = [Stage::Forming, Stage::Confirmed, Stage::Late];
    s.signals = (0..3)
        .map(|i| signal("005930", "삼성전자", i, stages[i as usize]))
        .collect();
    s.unread = 3;
    s
}

#[test]
fn every_window_speaks_english() {
    let _alone = alone();
    let fake = Fake::new(full());
    let mut h = harness(&fake, LanguageChoice::English);
    h.run_steps(4);
    assert_english(&h, "home");
    get(&h, Role::Tab, "Whole market").click_accesskit();
    h.run_steps(4);
    assert_english(&h, "whole market");
    get(&h, Role::Tab, "관심").click_accesskit();
    h.run_steps(4);
    get(&h, Role::Button, "Why it rang: 삼성전자").click();
    h.run_steps(4);
    assert_english(&h, "why it rang");
    h.get_by_label_contains("Requests 11/18").click();
    h.run_steps(4);
    assert_english(&h, "requests");
    h.key_press(egui::Key::F1);
    h.run_steps(4);
    h.get_by_label("Keyboard");
    assert_english(&h, "help");
    h.get_by_label("Close help").click();
    h.run_steps(4);
    get(&h, Role::Row, "삼성전자").click();
    h.run_steps(6);
    h.get_by_label_contains("삼성전자 005930 KRX, price ₩71,400");
    h.get_by_label_contains("Total size: ask 123,456");
    assert_english(&h, "stock");
    h.get_by_label("Show the bars as a table").click();
    h.run_steps(4);
    assert_english(&h, "table");
    fake.change_stock(code("005930"), |v| {
        v.book = Part::Loading;
        v.prints = Part::Loading;
        v.chart.need = 400;
    });
    h.run_steps(4);
    assert_english(&h, "loading");
    h.get_by_label("Fold window");
}

#[test]
fn a_price_stands_clear_of_what_the_preview_says_of_the_stock() {
    let _alone = alone();
    let fake = Fake::new(full());
    let mut h = harness(&fake, LanguageChoice::English);
    h.run_steps(4);
    press(&mut h, Modifiers::COMMAND, Key::R);
    h.run_steps(4);
    get(&h, Role::Button, "New rule").click();
    h.run_steps(4);
    let asked = fake.sent().into_iter().rev().find_map(|c| match c {
        Command::Preview(rule) => rule,
        _ => None,
    });
    let (at, name, price, _) = STOCKS[1];
    let row = PreviewRow {
        code: code(at),
        name: name.into(),
        price: Some(Won(price)),
        state: Match::Not,
    };
    let (rule, rows) = (asked.unwrap(), vec![row]);
    fake.change(|s| s.preview = Some(Arc::new(Preview { rule, rows })));
    h.run_steps(4);
    let [(_, words)] = &painted(&h, "does not hold")[..] else {
        panic!("{:?}", korean(&h));
    };
    let price = jeongbae::ui::format::grouped(price);
    let beside = painted(&h, &price).into_iter().map(|(_, place)| place);
    let beside: Vec<_> = beside
        .filter(|place| (place.center().y - words.center().y).abs() < 2.0)
        .filter(|place| words.left() - 200.0 < place.left())
        .collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
    assert!(
        beside[0].right() + 8.0 < words.left(),
        "{beside:?} {words:?}"
    );
}

#[test]
fn the_language_changes_while_the_program_runs() {
    let _alone = alone();
    let fake = Fake::new(full());
    let mut h = harness(&fake, LanguageChoice::Korean);
    h.run_steps(4);
    h.get_by_label("설정 (Ctrl+,)").click();
    h.run_steps(4);
    h.get_by_label("English").click();
    h.run_steps(4);
    assert_eq!(lang::spoken(), Language::English);
    assert_english(&h, "settings");
    for section in ["Bars and averages", "Keys", "Limits", "System", "About"] {
        h.get_by_label(section).click();
        h.run_steps(4);
        assert_english(&h, section);
    }
    h.get_by_label("Appearance").click();
    h.run_steps(4);
    let written =
        |c: &Command| matches!(c, Command::SetScreen(s) if s.language == LanguageChoice::English);
    assert!(fake.sent().iter().any(written));
    h.get_by_label("한국어").click();
    h.run_steps(4);
    assert_eq!(lang::spoken(), Language::Korean);
    h.get_by_label("설정 닫기");
    assert!(!korean(&h).is_empty(), "the search for Korean itself bites");
}

#[test]
fn the_first_screen_speaks_english() {
    let _alone = alone();
    lang::speak(Language::English);
    type Setup = (SetupView, SetupStatus, Vec<SetupChoice>);
    let mut h = Harness::builder()
        .with_size(vec2(900.0, 900.0))
        .with_context_setup(|ctx| {
            fonts::install(ctx);
            Theme::dark().apply(ctx);
        })
        .build_ui_state(
            |ui, (view, status, out): &mut Setup| out.extend(setup_ui(ui, view, status)),
            Setup::default(),
        );
    h.run_steps(3);
    h.get_by_label("Test and start").click();
    h.run_steps(3);
    assert_english(&h, "first screen");
    h.get_by_label("Paste both the App Key and the App Secret");
}

#[test]
fn what_was_said_before_the_switch_is_read_in_the_new_language() {
    let _alone = alone();
    let mut s = full();
    let mut gone = (*signal("005930", "삼성전자", 4, Stage::Withdrawn)).clone();
    gone.reason = Some("봉이 마감될 때 조건이 성립하지 않았습니다".into());
    s.signals.insert(0, Arc::new(gone));
    s.notices = vec![Notice {
        id: 1,
        text: jeongbae::said!(
            "%{name}: 기준가가 전일 종가와 달라(액면분할·권리락 등) 지난 봉을 모두 다시 받습니다.",
            name = "삼성전자"
        ),
        code: None,
        at: now(),
        times: 1,
    }];
    let fake = Fake::new(s);
    let mut h = harness(&fake, LanguageChoice::Korean);
    h.run_steps(4);
    h.get_by_label("알림 1건 보기").click();
    h.run_steps(4);
    h.get_by_label_contains("기준가가 전일 종가와 달라");
    lang::speak(Language::English);
    h.run_steps(4);
    assert_english(&h, "notices and signals");
    h.get_by_label_contains("삼성전자: ");
    h.get_by_label_contains("the condition did not hold when the bar closed");
    lang::speak(Language::Korean);
}

#[test]
fn failures_are_worded_when_they_are_shown() {
    let _alone = alone();
    lang::speak(Language::Korean);
    let refused = jeongbae::kis::KisError::Refused {
        tr_id: "FHKST01010100",
        http: 500,
        rt_cd: "1".into(),
        msg_cd: "EGW00105".into(),
        msg1: String::new(),
    };
    let waits = jeongbae::kis::KisError::TokenWait { seconds: 7 };
    let reason = jeongbae::said!(
        "%{reason} (%{seconds}초 뒤 다시 연결)",
        reason = waits.user_message(),
        seconds = 7_u64
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("candles.db"), "no database ".repeat(400)).unwrap();
    let (store, set_aside) = Store::open(folder.path()).unwrap();
    drop(store);
    std::fs::write(folder.path().join("user.db"), "no database ".repeat(400)).unwrap();
    let broken = Store::open(folder.path()).unwrap_err();
    let file = folder.path().join("config.toml");
    let unset = Settings::parse(&file, "[screen]\nfont_size = 7").unwrap_err();
    let texts = [
        set_aside[0].clone(),
        broken.said(),
        StoreError::DiskFull { file: file.clone() }.said(),
        StoreError::Closed(jeongbae::said!("스레드가 끝났습니다")).said(),
        unset.said(),
        refused.user_message(),
        reason,
        jeongbae::keys::KeyTrouble::Locked.said(),
        jeongbae::keys::KeyTrouble::Other("x".into()).said(),
    ];
    let hangul = |text: &str| text.contains(|letter| ('가'..='힣').contains(&letter));
    assert!(texts.iter().all(|text| hangul(&text.to_string())));
    lang::speak(Language::English);
    for text in &texts {
        assert!(!hangul(&text.to_string()), "{text}");
    }
    lang::speak(Language::Korean);
}

/// What the state of each row may read, in full or short, and the picture with these rows.
fn states(english: bool) -> (Snapshot, Vec<[&'static str; 2]>) {
    let mut s = snapshot();
    let of = |korean: [&'static str; 2], english_words| match english {
        true => english_words,
        false => korean,
    };
    let mut told = vec![];
    let mut say = |korean, words| {
        let words = of(korean, words);
        told.push(words);
        words[0]
    };
    let what = say(
        ["시세를 받지 못했습니다", "시세 없음"],
        ["No price received", "No price"],
    );
    s.rows[0].trouble = Some(Arc::new(jeongbae::engine::Trouble {
        what: what.into(),
        ..(*trouble()).clone()
    }));
    let pending = say(
        ["판정 지연 41초: 분봉을 기다리는 중", "판정 지연 41초"],
        ["overdue 41 s: waiting for minute bars", "overdue 41 s"],
    );
    s.rows[1].pending = Some(pending.into());
    say(
        ["시세를 기다리는 중", "시세 대기"],
        ["Waiting for a price", "Waiting"],
    );
    s.rows[2].quote = None;
    let mut set = |i: usize, change: &dyn Fn(&mut jeongbae::engine::QuoteView)| {
        if let Some(q) = &mut s.rows[i].quote {
            change(q);
        }
    };
    say(["거래정지", ""], ["Halted", ""]);
    set(3, &|q| q.halted = true);
    for (i, (kind, korean, words)) in [
        (InterruptionKind::Unknown, "VI 발동 중", "VI in force"),
        (InterruptionKind::Static, "정적 VI 발동", "Static VI"),
        (InterruptionKind::Dynamic, "동적 VI 발동", "Dynamic VI"),
        (InterruptionKind::Both, "정적·동적 VI", "Static, dynamic VI"),
    ]
    .into_iter()
    .enumerate()
    {
        say([korean, "VI"], [words, "VI"]);
        set(4 + i, &|q| q.interrupted = Some(kind));
    }
    say(["시간외", ""], ["After hours", ""]);
    set(8, &|q| q.off_hours = true);
    say(["45초 전 조회", "45초 전"], ["polled 45 s ago", "45 s ago"]);
    set(9, &|q| {
        q.freshness = Freshness::Polled;
        q.at = now().plus_secs(-45);
    });
    say(
        ["지연 10:41:36", "지연 10:41"],
        ["stale 10:41:36", "stale 10:41"],
    );
    set(10, &|q| {
        q.freshness = Freshness::Stale;
        q.at = now().plus_secs(-41);
    });
    (s, told)
}

#[test]
fn no_state_of_a_row_is_cut_short() {
    let _alone = alone();
    for language in [LanguageChoice::Korean, LanguageChoice::English] {
        let (shown, told) = states(language == LanguageChoice::English);
        for font_size in [100, 150] {
            let options = RootOptions {
                screen: ScreenSettings {
                    language,
                    font_size,
                    ..ScreenSettings::default()
                },
                ..RootOptions::default()
            };
            let mut h = window(&Fake::new(shown.clone()), vec2(1180.0, 900.0), options);
            h.run_steps(4);
            let letters: Vec<String> = painted(&h, "").into_iter().map(|(l, _)| l).collect();
            for words in &told {
                assert!(
                    words.iter().any(|w| letters.iter().any(|l| l == w)),
                    "{words:?} at {font_size} %: {letters:?}"
                );
            }
        }
    }
}

/// A window of 1280 at 150 %, in the longer language: the search field gives way.
#[test]
fn the_clock_keeps_the_phase_of_the_market_at_a_large_size() {
    let _alone = alone();
    let fake = Fake::new(snapshot());
    let options = RootOptions {
        screen: ScreenSettings {
            language: LanguageChoice::English,
            ..ScreenSettings::default()
        },
        ..RootOptions::default()
    };
    let mut h = window(&fake, vec2(853.0, 533.0), options);
    let until = now().plus_secs(600);
    for (phase, words) in [
        (MarketPhase::Open { until }, "Open"),
        (
            MarketPhase::OpeningAuction { opens: until },
            "Opening auction",
        ),
        (MarketPhase::ClosingAuction { until }, "Closing auction"),
        (MarketPhase::Closed { opens: until }, "Closed"),
    ] {
        for (state, light) in [
            (LinkState::Live, "Live"),
            (LinkState::Reconnecting, "reconnecting, try 3"),
        ] {
            fake.change(|s| {
                s.phase = phase;
                (s.link.state, s.link.attempts) = (state, 3);
            });
            h.run_steps(4);
            let bar = |words: &str| {
                let mut found = painted(&h, words);
                // The columns' heads and rows are below.
                found.retain(|(letters, place)| letters == words && place.bottom() < 44.0);
                assert_eq!(found.len(), 1, "{words} beside {light}");
                found[0].1
            };
            let (light, phase, time) = (bar(light), bar(words), bar("10:42:17"));
            assert!(phase.right() < time.left() && time.right() < light.left());
            let field = get(&h, Role::TextInput, "Find a stock").rect();
            assert!(field.right() < phase.left(), "{field:?} {phase:?}");
        }
    }
    lang::speak(Language::Korean);
}

/// A window of 900 × 600 at 150 %, in the longer language.
#[test]
fn nothing_reaches_out_of_a_small_window_at_a_large_size() {
    let _alone = alone();
    let fake = Fake::new(full());
    let options = RootOptions {
        screen: ScreenSettings {
            language: LanguageChoice::English,
            ..ScreenSettings::default()
        },
        ..RootOptions::default()
    };
    let mut h = window(&fake, vec2(600.0, 400.0), options);
    h.run_steps(4);
    h.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    h.run_steps(4);
    for section in [
        "Appearance",
        "Alerts",
        "Bars and averages",
        "Keys",
        "Limits",
        "System",
        "About",
    ] {
        h.get_by_role_and_label(Role::Button, section)
            .click_accesskit();
        h.run_steps(4);
        let panel = get(&h, Role::Window, "Settings").rect();
        assert!(
            panel.bottom() <= 400.0 && panel.right() <= 600.0,
            "{section}: {panel:?}"
        );
    }
    h.key_press(Key::Escape);
    h.run_steps(4);
    for key in [Key::R, Key::N] {
        h.key_press_modifiers(Modifiers::COMMAND, key);
        h.run_steps(4);
    }
    let editor = get(&h, Role::Window, "Rules").rect();
    get(&h, Role::Button, "Remove the sentence");
    for button in h.query_all_by_label("Remove the sentence") {
        let button = button.rect();
        let right = button.right();
        assert!(right <= editor.right(), "{right} beyond {editor:?}");
        // Beside the sentence's first blank, not on a line of its own.
        let first = get(&h, Role::ComboBox, "Alignment").rect();
        assert!(
            first.y_range().contains(button.center().y),
            "{first:?} {button:?}"
        );
        assert!(first.right() <= button.left());
    }
    lang::speak(Language::Korean);
}

#[test]
fn the_buttons_of_the_signal_list_are_one_line_in_both_languages() {
    let _alone = alone();
    for (language, read) in [
        (LanguageChoice::English, "Mark all read"),
        (LanguageChoice::Korean, "모두 읽음"),
    ] {
        let mut picture = snapshot();
        picture.signals = vec![signal("005930", "삼성전자", 2, Stage::Confirmed)];
        picture.unread = 1;
        let mut h = harness(&Fake::new(picture), language);
        h.run();
        let button = h.get_by_role_and_label(Role::Button, read).rect();
        assert!(button.height() <= 25.0, "{read}: {button}");
        let csv = h.get_by_label_contains("CSV").rect();
        assert!(csv.right() < button.left(), "{read}: {csv} and {button}");
        let filters: Vec<_> = h.query_all_by_role(Role::ComboBox).collect();
        assert_eq!(filters.len(), 3);
        for filter in filters {
            assert!(!filter.rect().intersects(button), "{read}");
        }
    }
    lang::speak(Language::Korean);
}
