//! Every text that is painted can be read where it stands: at least 4.5:1 against what lies
//! beneath it, in every look, as the Web Content Accessibility Guidelines 2.1 ask of text.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod ui_support;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Color32, Key, Modifiers, Pos2, Rect, Role, Shape, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use jeongbae::domain::{Stage, Won};
use jeongbae::engine::{Badge, ChartState, Freshness, Part};
use jeongbae::settings::{PriceColors, ScreenSettings, Theme as Ground};
use jeongbae::ui::closing::closing_ui;
use jeongbae::ui::setup::{SetupStatus, SetupView, setup_ui};
use jeongbae::ui::stuck::{Stuck, stuck_ui};
use jeongbae::ui::{RootOptions, Theme, fonts};
use ui_support::*;

const LEAST: f64 = 4.5;
/// What cannot be used now is drawn half transparent; the guidelines ask nothing of it, we do.
const LEAST_OF_UNUSABLE: f64 = 3.0;
const UNUSABLE: u8 = 0x80;

/// Relative luminance of an opaque colour.
fn luminance(c: Color32) -> f64 {
    let part = |v: u8| {
        let v = f64::from(v) / 255.0;
        match v <= 0.03928 {
            true => v / 12.92,
            false => ((v + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * part(c.r()) + 0.7152 * part(c.g()) + 0.0722 * part(c.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What has been painted so far, as far as it can lie beneath a text.
struct Beneath {
    ground: Color32,
    areas: Vec<(Rect, Color32)>,
}

impl Beneath {
    fn at(&self, place: Pos2) -> Color32 {
        let under = self.areas.iter().filter(|(rect, _)| rect.contains(place));
        under.fold(self.ground, |ground, (_, fill)| ground.blend(*fill))
    }
}

/// A text that cannot be read, by its words, with its contrast.
type Faint = BTreeMap<String, f64>;

fn look_at(shape: &Shape, clip: Rect, beneath: &mut Beneath, faint: &mut Faint, read: &mut usize) {
    match shape {
        Shape::Vec(shapes) => {
            for shape in shapes {
                look_at(shape, clip, beneath, faint, read);
            }
        }
        Shape::Rect(rect) if rect.fill != Color32::TRANSPARENT && rect.brush.is_none() => {
            beneath.areas.push((rect.rect.intersect(clip), rect.fill));
        }
        // Candles, bars and book sizes: two triangles a rectangle, one colour.
        Shape::Mesh(mesh) => {
            for corners in mesh.vertices.chunks_exact(4) {
                let rect = Rect::from_points(&corners.iter().map(|v| v.pos).collect::<Vec<_>>());
                beneath.areas.push((rect.intersect(clip), corners[0].color));
            }
        }
        Shape::Text(text) => {
            for row in &text.galley.rows {
                for glyph in &row.glyphs {
                    let vertices = &row.visuals.mesh.vertices;
                    let Some(vertex) = vertices.get(glyph.first_vertex as usize) else {
                        continue;
                    };
                    let middle = row.pos.to_vec2() + glyph.logical_rect().center().to_vec2();
                    let place = text.pos + middle;
                    if glyph.chr.is_whitespace() || !clip.contains(place) {
                        continue;
                    }
                    let own = match vertex.color {
                        Color32::PLACEHOLDER => text.fallback_color,
                        own => own,
                    };
                    let ink = text.override_text_color.unwrap_or(own);
                    let ink = ink.gamma_multiply(text.opacity_factor);
                    let ground = beneath.at(place);
                    let ratio = contrast(ground.blend(ink), ground);
                    *read += 1;
                    let least = match ink.a() {
                        UNUSABLE => LEAST_OF_UNUSABLE,
                        _ => LEAST,
                    };
                    if ratio < least {
                        let words = format!(
                            "{:?}: {ink:?} on {ground:?}",
                            text.galley.text().chars().take(40).collect::<String>()
                        );
                        faint.insert(words, (ratio * 100.0).round() / 100.0);
                    }
                }
            }
        }
        _ => {}
    }
}

/// What cannot be read in the newest frame, and how many letters were looked at.
fn faint<S>(h: &Harness<'_, S>, ground: Color32) -> (Faint, usize) {
    let mut beneath = Beneath {
        ground,
        areas: vec![],
    };
    let (mut faint, mut read) = (Faint::new(), 0);
    for clipped in &h.output().shapes {
        look_at(
            &clipped.shape,
            clipped.clip_rect,
            &mut beneath,
            &mut faint,
            &mut read,
        );
    }
    (faint, read)
}

/// Every look the settings offer.
fn looks() -> Vec<ScreenSettings> {
    let grounds = [Ground::Dark, Ground::Light, Ground::HighContrast];
    let colors = [
        PriceColors::RedUp,
        PriceColors::GreenUp,
        PriceColors::ColorBlind,
    ];
    let all = grounds.into_iter().flat_map(|theme| {
        colors.map(|colors| ScreenSettings {
            theme,
            colors,
            ..ScreenSettings::default()
        })
    });
    all.collect()
}

/// A busy day on which much goes wrong, too.
fn fake() -> Arc<Fake> {
    let mut s = busy_day();
    s.badge = Badge::Demo;
    s.signals
        .push(signal("035720", "카카오", 0, Stage::Forming));
    s.unread = 3;
    s.rows[3].quote.as_mut().unwrap().freshness = Freshness::Polled;
    s.rows[5].trouble = Some(trouble());
    s.notices = vec![notice()];
    Fake::new(s)
}

fn opened(screen: &ScreenSettings, fake: &Arc<Fake>) -> Harness<'static, App> {
    let options = RootOptions {
        screen: screen.clone(),
        ..RootOptions::default()
    };
    let mut h = window(fake, vec2(1600.0, 1100.0), options);
    h.run_steps(4);
    h
}

/// Everything that cannot be read, by place and look.
#[derive(Default)]
struct Unreadable(BTreeMap<String, Faint>);

impl Unreadable {
    fn look(&mut self, h: &Harness<'_, App>, screen: &ScreenSettings, place: &str) {
        let theme = Theme::chosen(screen, false);
        let (faint, read) = faint(h, theme.background);
        assert!(100 < read, "{place}: {read} letters");
        if !faint.is_empty() {
            let look = format!("{place} in {:?} {:?}", screen.theme, screen.colors);
            self.0.insert(look, faint);
        }
    }

    fn assert_none(self) {
        assert!(self.0.is_empty(), "{:#?}", self.0);
    }
}

#[test]
fn every_text_of_the_home_window_can_be_read_in_every_look() {
    let mut all = Unreadable::default();
    for screen in looks() {
        let fake = fake();
        let mut h = opened(&screen, &fake);
        all.look(&h, &screen, "home");
        // The other half of the blink, a chosen row, a changed price.
        h.run_steps(10);
        all.look(&h, &screen, "home, unlit");
        press(&mut h, Modifiers::NONE, Key::ArrowDown);
        all.look(&h, &screen, "home, a row chosen");
        for (i, change) in [(7, 1_000), (8, -1_000)] {
            let (_, _, price, base) = STOCKS[i];
            fake.change(|s| s.rows[i].quote = Some(quote(price + change, base)));
        }
        h.step();
        all.look(&h, &screen, "home, prices changed");
        let hovered = get(&h, Role::Row, "LG화학").rect().center();
        h.hover_at(hovered);
        h.run_steps(2);
        all.look(&h, &screen, "home, a row hovered");
        act(&mut h, Role::Button, "왜 울렸나: 삼성전자");
        all.look(&h, &screen, "signal card");
        act(&mut h, Role::Button, "알림 1건 보기");
        all.look(&h, &screen, "notices");
        act(&mut h, Role::Button, "요청 11/18");
        all.look(&h, &screen, "requests");
        act(&mut h, Role::Button, "정배열을 한눈에 보기");
        all.look(&h, &screen, "matrix");
        press(&mut h, Modifiers::NONE, Key::F1);
        all.look(&h, &screen, "help");
        fake.change(|s| s.made = ago(9));
        h.run_steps(2);
        all.look(&h, &screen, "a silent engine");
    }
    all.assert_none();
}

fn act(h: &mut Harness<'static, App>, role: Role, part: &str) {
    get(h, role, part).click_accesskit();
    h.run_steps(4);
}

#[test]
fn every_text_of_a_stock_window_can_be_read_in_every_look() {
    let mut all = Unreadable::default();
    for screen in looks() {
        let fake = fake();
        let mut h = opened(&screen, &fake);
        act(&mut h, Role::Row, "삼성전자");
        all.look(&h, &screen, "stock");
        // One level larger than all others, and the price at the base.
        fake.change_stock(code("005930"), |v| {
            let quote = v.quote.as_mut().unwrap();
            (quote.price, quote.base) = (Won(71_400), Won(71_400));
            quote.freshness = Freshness::Stale;
            quote.halted = true;
            if let Part::Ready { value, live, .. } = &mut v.book {
                value.asks[2].size.0 = 900_000;
                value.bids[2].size.0 = 900_000;
                *live = false;
            }
        });
        h.run_steps(2);
        all.look(&h, &screen, "stock, stale");
        let chart = h.get_by_role(Role::Image).rect().center();
        h.hover_at(chart);
        h.run_steps(2);
        all.look(&h, &screen, "stock, crosshair");
        act(&mut h, Role::RadioButton, "봉을 표로 보기");
        all.look(&h, &screen, "stock, table");
        act(&mut h, Role::RadioButton, "봉을 표로 보기");
        for state in [
            ChartState::Failed(trouble()),
            ChartState::Loading {
                done: 1_240,
                planned: 2_400,
            },
        ] {
            fake.change_stock(code("005930"), |v| {
                v.chart.state = state;
                v.book = Part::Failed(trouble());
                v.prints = Part::Loading;
            });
            h.run_steps(2);
            all.look(&h, &screen, "stock, without data");
        }
    }
    all.assert_none();
}

#[test]
fn every_text_of_rules_and_settings_can_be_read_in_every_look() {
    let mut all = Unreadable::default();
    for screen in looks() {
        let fake = fake();
        let mut h = opened(&screen, &fake);
        press(&mut h, Modifiers::COMMAND, Key::Comma);
        for section in SECTIONS {
            h.get_by_role_and_label(Role::Button, section)
                .click_accesskit();
            h.run_steps(4);
            all.look(&h, &screen, section);
        }
        act(&mut h, Role::Button, "설정 닫기");
        press(&mut h, Modifiers::COMMAND, Key::R);
        act(&mut h, Role::Button, "골든크로스 20/60");
        all.look(&h, &screen, "rules");
    }
    all.assert_none();
}

#[test]
fn what_cannot_be_read_is_found() {
    let grey = Color32::from_gray(96);
    let mut h = Harness::builder()
        .with_context_setup(jeongbae::ui::fonts::install)
        .build_ui(move |ui| {
            let p = ui.painter();
            let font = egui::FontId::proportional(13.0);
            let at = |y: f32| egui::pos2(10.0, y);
            let left = egui::Align2::LEFT_TOP;
            p.text(at(10.0), left, "plain", font.clone(), Color32::WHITE);
            p.text(at(40.0), left, "grey", font.clone(), grey);
            let band = Rect::from_min_size(at(70.0), vec2(100.0, 30.0));
            p.rect_filled(band, 0.0, Color32::from_gray(230));
            p.text(at(75.0), left, "on a band", font.clone(), Color32::WHITE);
            let half = Color32::WHITE.gamma_multiply(0.3);
            p.text(at(110.0), left, "transparent", font, half);
        });
    h.run();
    let (faint, read) = faint(&h, Color32::BLACK);
    assert!(20 < read);
    let words: Vec<&str> = faint.keys().map(|k| k.split('"').nth(1).unwrap()).collect();
    assert_eq!(words, ["grey", "on a band", "transparent"]);
}

/// The colours of everything that is filled in the newest frame.
fn fills<S>(h: &Harness<'_, S>) -> Vec<Color32> {
    fn of(shape: &Shape, found: &mut Vec<Color32>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| of(shape, found)),
            Shape::Rect(rect) => found.push(rect.fill),
            _ => {}
        }
    }
    let mut found = vec![];
    for clipped in &h.output().shapes {
        of(&clipped.shape, &mut found);
    }
    found
}

#[test]
fn what_stands_before_and_beside_the_program_has_the_chosen_look() {
    let stuck = Stuck {
        why: "3: kis.market".into(),
        file: Some("jeongbae/config.toml".to_owned()),
    };
    let mut faint_ones = Faint::new();
    for screen in looks() {
        let theme = Theme::chosen(&screen, false);
        let draw = |paint: &dyn Fn(&mut egui::Ui)| {
            let mut h = Harness::builder()
                .with_size(vec2(900.0, 700.0))
                .with_context_setup(fonts::install)
                .build_ui(|ui| {
                    theme.apply(ui.ctx());
                    paint(ui);
                });
            h.run_steps(3);
            let (faint, read) = faint(&h, theme.background);
            assert!(20 < read, "{read} letters");
            (faint, fills(&h))
        };
        let (faint, fills) = draw(&|ui| {
            closing_ui(ui);
        });
        assert!(
            fills.contains(&theme.raised),
            "the question in {:?}",
            screen.theme
        );
        faint_ones.extend(faint);
        let (faint, fills) = draw(&|ui| {
            stuck_ui(ui, &stuck);
        });
        assert!(
            fills.contains(&theme.background),
            "no start in {:?}",
            screen.theme
        );
        faint_ones.extend(faint);
        let (faint, fills) = draw(&|ui| {
            setup_ui(ui, &mut SetupView::default(), &SetupStatus::Idle);
        });
        assert!(
            fills.contains(&theme.accent),
            "first run in {:?}",
            screen.theme
        );
        faint_ones.extend(faint);
    }
    assert!(faint_ones.is_empty(), "{faint_ones:#?}");
}
