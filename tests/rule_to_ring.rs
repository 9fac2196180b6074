//! From the editor to the ring: a rule built by clicks is in the file, is judged on the
//! simulator's market without a restart, and rings where the market's own rows say it must.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;
mod ui_support;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use jeongbae::domain::{Day, Minute, Signal, Stage, StockCode};
use jeongbae::engine::{Command, Report, Snapshot};
use jeongbae::settings::{SettingsFile, load};
use jeongbae::sim::SimOptions;
use jeongbae::ui::{Bridge, Export, KeyNews, KeyWish, Root, RootOptions, Saved, fonts};
use support::expected::{becomes_bullish, close_above, closes};
use support::rig::{Broker, Build, Rig};
use ui_support::get;

const CONFIG: &str = r#"# mine
[averages]
periods = [2, 3]
[screen]
columns = ["1m"]
[[watchlist]]
group = "관심"
codes = ["005930", "000660", "035420"] # three
"#;

/// The running engine behind the screen.
struct Live(Mutex<Rig>);

impl Bridge for Live {
    fn latest(&self) -> Arc<Snapshot> {
        self.0.lock().unwrap().picture()
    }

    fn send(&self, command: Command) -> bool {
        self.0.lock().unwrap().send(command);
        true
    }

    fn save(&self, _: Export) -> Receiver<Saved> {
        sync_channel(1).1
    }

    fn load(&self, _: PathBuf) -> Receiver<Result<String, String>> {
        sync_channel(1).1
    }

    fn keys(&self, _: KeyWish) -> Receiver<KeyNews> {
        sync_channel(1).1
    }
}

type App = (Option<Root>, Arc<Live>);

/// Draws until something holds.
fn until(h: &mut Harness<'static, App>, what: &str, holds: impl Fn(&Snapshot) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !holds(&h.state().1.latest()) {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
        h.step();
    }
    h.step();
}

fn click(h: &mut Harness<'static, App>, role: Role, name: &str) {
    get(h, role, name).click();
    h.step();
    h.step();
}

#[test]
fn a_rule_built_by_clicks_is_in_the_file_and_rings() {
    let day = Day::from_ymd(2026, 11, 17).unwrap();
    let broker = Broker::start(SimOptions {
        seed: 5,
        start: Some(day.at(Minute::hm(10, 6))),
        speed: 12.0,
        calls_per_second: 18.0,
        ..SimOptions::default()
    });
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, CONFIG).unwrap();
    let rig = Rig::start(Build {
        file: Some(SettingsFile::new(&path)),
        ..Build::on(&broker, CONFIG, dir.path())
    });
    let live = Arc::new(Live(Mutex::new(rig)));
    let mut h: Harness<'static, App> = Harness::builder()
        .with_size(vec2(1600.0, 1000.0))
        .with_step_dt(0.05)
        .with_context_setup(fonts::install)
        .build_ui_state(
            move |ui, (root, live): &mut App| {
                let ctx = ui.ctx().clone();
                let options = RootOptions::default();
                let root = root.get_or_insert_with(|| Root::new(&ctx, live.clone(), options));
                root.logic(&ctx);
                root.ui(ui);
            },
            (None, live.clone()),
        );
    h.step();
    until(&mut h, "the stocks", |picture| picture.rows.len() == 3);
    h.key_press_modifiers(Modifiers::COMMAND, Key::R);
    h.step();
    h.step();
    click(&mut h, Role::Button, "처음부터 만들기");
    click(&mut h, Role::Button, "문장 더하기");
    click(&mut h, Role::Button, "종가가 20선 위에 있을 때");
    click(&mut h, Role::RadioButton, "하나라도 맞을 때");
    click(&mut h, Role::RadioButton, "1분봉");
    until(&mut h, "what holds now", |picture| {
        let rule = picture.preview.as_ref().map(|preview| &preview.rule);
        rule.is_some_and(|rule| rule.when == "alignment becomes bullish or close > ma20")
    });
    h.get_by_role_and_label(Role::Button, "저장").click();
    h.step();
    until(&mut h, "the rule", |picture| picture.rules.len() == 1);
    let deadline = Instant::now() + Duration::from_secs(30);
    let kept = loop {
        let rules = load(&path).unwrap().rules;
        if let [rule] = rules.as_slice() {
            break rule.clone();
        }
        assert!(Instant::now() < deadline, "not in the file");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(kept.when, "alignment becomes bullish or close > ma20");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("# mine\n") && text.contains("# three"),
        "{text}"
    );
    let begun = live.latest().now;
    until(&mut h, "four minutes", |picture| {
        begun.plus_secs(250) <= picture.now
    });
    drop(h);
    let rig = Arc::into_inner(live).unwrap().0.into_inner().unwrap();
    let mut rung: Vec<Arc<Signal>> = Vec::new();
    for report in rig.finish() {
        match report {
            Report::Trigger(signal) if signal.stage == Stage::Confirmed => rung.push(signal),
            _ => {}
        }
    }
    assert!(!rung.is_empty());
    let codes: Vec<StockCode> = ["005930", "000660", "035420"]
        .map(|code| code.parse().unwrap())
        .to_vec();
    for code in codes {
        let closes = closes(&broker.sim().market(), code, day, 2, 1);
        let should =
            |at: usize| close_above(&closes, at, 20) || becomes_bullish(&closes, at, &[2, 3]);
        let of_code = rung.iter().filter(|s| s.key.code == code);
        let rang: Vec<_> = of_code.map(|s| s.key.bar).collect();
        // The bar forming when the rule was kept is the first that may ring.
        let from = begun
            .plus_secs(-i64::from(begun.second_of_day() % 60))
            .plus_secs(60);
        for (at, (opened, _)) in closes.iter().enumerate() {
            let judged = from <= *opened && *opened <= begun.plus_secs(120);
            if judged {
                assert_eq!(rang.contains(opened), should(at), "{code} {opened:?}");
            }
            if rang.contains(opened) {
                assert!(should(at), "{code} {opened:?}");
            }
        }
    }
}
