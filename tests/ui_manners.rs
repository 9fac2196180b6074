//! Good manners: the keyboard reaches every control and shows where it is, every control has a name,
//! and nothing but a signal moves by itself.

mod ui_support;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Key, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jeongbae::domain::Stage;
use jeongbae::engine::Ring;
use jeongbae::ui::stuck::{Stuck, StuckChoice, stuck_ui};
use jeongbae::ui::{RootOptions, Theme, fonts};
use ui_support::*;

fn harness(fake: &Arc<Fake>) -> Harness<'static, App> {
    let mut h = window(fake, vec2(1600.0, 1000.0), RootOptions::default());
    h.run_steps(4);
    h
}

fn fake() -> Arc<Fake> {
    let mut s = snapshot();
    s.signals = vec![signal("005930", "삼성전자", 2, Stage::Confirmed)];
    s.unread = 1;
    Fake::new(s)
}

/// What the user can do something with.
const CONTROLS: [Role; 8] = [
    Role::Button,
    Role::CheckBox,
    Role::RadioButton,
    Role::TextInput,
    Role::ComboBox,
    Role::Tab,
    Role::ColumnHeader,
    Role::Row,
];

/// Role and name of every control that can be used now.
fn controls(h: &Harness<'static, App>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for node in h.root().children_recursive() {
        let node = node.accesskit_node();
        if CONTROLS.contains(&node.role()) && !node.is_disabled() {
            let name = node.label().unwrap_or_default();
            assert!(!name.trim().is_empty(), "a {:?} has no name", node.role());
            found.insert(format!("{:?} {name}", node.role()));
        }
    }
    found
}

/// Whether something is framed in the colour of the focus.
fn is_shown(h: &Harness<'static, App>) -> bool {
    fn framed(shape: &egui::Shape) -> bool {
        match shape {
            egui::Shape::Rect(rect) => {
                rect.stroke.color == Theme::dark().accent && 0.5 <= rect.stroke.width
            }
            egui::Shape::Circle(circle) => circle.stroke.color == Theme::dark().accent,
            egui::Shape::Vec(shapes) => shapes.iter().any(framed),
            _ => false,
        }
    }
    h.output()
        .shapes
        .iter()
        .any(|clipped| framed(&clipped.shape))
}

/// Presses Tab until the walk comes back; everything that was reached.
fn walk(h: &mut Harness<'static, App>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut hidden = BTreeSet::new();
    for _ in 0..220 {
        h.key_press(Key::Tab);
        h.run_steps(2);
        let Some(name) = focused(h) else { continue };
        // The edge between two panels is egui's own, and moves with the arrow keys; how it shows
        // its focus is not ours to say.
        if !name.starts_with("Splitter") && !is_shown(h) {
            hidden.insert(name.clone());
        }
        reached.insert(name);
    }
    assert!(hidden.is_empty(), "focus cannot be seen on {hidden:#?}");
    reached
}

fn assert_reached(h: &mut Harness<'static, App>, place: &str) {
    let all = controls(h);
    let reached = walk(h);
    let missed: Vec<&String> = all.difference(&reached).collect();
    assert!(missed.is_empty(), "{place}: Tab does not reach {missed:#?}");
    assert!(5 < all.len(), "{place}: {all:?}");
}

#[test]
fn tab_reaches_every_control_of_the_home_window() {
    let fake = fake();
    let mut h = harness(&fake);
    assert_reached(&mut h, "home");
}

#[test]
fn tab_reaches_every_control_of_a_stock_window() {
    let fake = fake();
    let mut h = harness(&fake);
    get(&h, Role::Row, "삼성전자").click();
    h.run_steps(6);
    assert_reached(&mut h, "stock");
}

#[test]
fn tab_reaches_every_control_of_the_settings() {
    let fake = fake();
    let mut h = harness(&fake);
    get(&h, Role::Button, "설정 (Ctrl+,)").click();
    h.run_steps(4);
    for section in ["봉·평균", "API 키", "한도", "시스템", "화면"] {
        get(&h, Role::Button, section).click();
        h.run_steps(4);
        assert_reached(&mut h, section);
    }
}

/// Everything painted, as far as it can be compared.
fn picture(h: &Harness<'static, App>) -> String {
    format!(
        "{:?}",
        h.output()
            .shapes
            .iter()
            .map(|c| &c.shape)
            .collect::<Vec<_>>()
    )
}

#[test]
fn nothing_blinks_faster_than_three_times_a_second() {
    let fake = fake();
    fake.change(|s| s.rows[0].ring = Ring::Blinking(now()));
    let mut h = harness(&fake);
    let mut before = picture(&h);
    let mut changes = 0;
    // Two seconds, twenty pictures each.
    for _ in 0..40 {
        h.step();
        let next = picture(&h);
        changes += usize::from(next != before);
        before = next;
    }
    // Three times a second would be six changes a second.
    assert!((1..=12).contains(&changes), "{changes}");
}

#[test]
fn what_keeps_the_program_from_starting_is_told_and_can_be_tried_again() {
    let stuck = Stuck {
        why: "2번째 줄 kis.market: \"Z\" 대신 \"J\"를 쓰세요".into(),
        file: Some("jeongbae/config.toml".to_owned()),
    };
    for size in [vec2(640.0, 340.0), vec2(320.0, 200.0)] {
        let start = || {
            let stuck = stuck.clone();
            let mut h = Harness::builder()
                .with_size(size)
                .with_context_setup(fonts::install)
                .build_ui_state(
                    move |ui, answer: &mut Option<StuckChoice>| {
                        *answer = stuck_ui(ui, &stuck).or(*answer);
                    },
                    None,
                );
            h.run_steps(2);
            h
        };
        let mut h = start();
        h.get_by_label_contains("2번째 줄 kis.market");
        h.get_by_label_contains("config.toml");
        assert_eq!(*h.state(), None, "nothing happens by itself");
        for (name, choice) in [
            ("다시 시도", StuckChoice::Again),
            ("종료", StuckChoice::Quit),
        ] {
            h.get_by_label(name).click_accesskit();
            h.run_steps(2);
            assert_eq!(*h.state(), Some(choice), "{name}");
        }
        for (key, choice) in [
            (Key::Enter, StuckChoice::Again),
            (Key::Escape, StuckChoice::Quit),
        ] {
            let mut h = start();
            h.key_press(key);
            h.run_steps(2);
            assert_eq!(*h.state(), Some(choice), "{key:?}");
        }
        // By the keyboard alone: the second button.
        let mut h = start();
        for _ in 0..2 {
            h.key_press(Key::Tab);
            h.run_steps(2);
        }
        h.key_press(Key::Enter);
        h.run_steps(2);
        assert_eq!(*h.state(), Some(StuckChoice::Quit));
    }
}
