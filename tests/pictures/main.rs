//! A handful of screens against pictures that were looked at. `UPDATE_PICTURES=1` takes new ones;
//! what differs is left as `target/pictures/NAME.png`.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

mod raster;
#[path = "../ui_support/mod.rs"]
mod ui_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Color32, ColorImage, Key, Modifiers, Role, Vec2, vec2};
use egui_kittest::Harness;
use jeongbae::engine::{Badge, Snapshot};
use jeongbae::settings::{ScreenSettings, Theme as Ground};
use jeongbae::ui::setup::{SetupStatus, SetupView, setup_ui};
use jeongbae::ui::{RootOptions, Theme, fonts};
use raster::Textures;
use ui_support::*;

/// How much a channel of a pixel may differ before it counts.
const SLIGHT: u8 = 32;
/// Pictures are kept in so many steps a channel, which makes them a third as large.
const STEP: f32 = 17.0;
/// How many pixels in a million may differ: another processor's rounding at the rims of letters.
const FEW: usize = 20;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures")
}

/// How many pixels differ in a way that is seen; `None` if the sizes do.
fn differing(a: &ColorImage, b: &ColorImage) -> Option<usize> {
    (a.size == b.size).then(|| {
        let pairs = a.pixels.iter().zip(&b.pixels);
        pairs.filter(|(a, b)| differ(**a, **b)).count()
    })
}

fn differ(a: Color32, b: Color32) -> bool {
    let pairs = a.to_array().into_iter().zip(b.to_array());
    pairs.map(|(a, b)| a.abs_diff(b)).any(|by| SLIGHT < by)
}

fn read(path: &Path) -> Option<ColorImage> {
    let icon = eframe::icon_data::from_png_bytes(&fs::read(path).ok()?).unwrap();
    let size = [icon.width as usize, icon.height as usize];
    Some(ColorImage::from_rgba_unmultiplied(size, &icon.rgba))
}

fn write(path: &Path, picture: &ColorImage) {
    let [width, height] = picture.size.map(|n| n as u32);
    let coarse = |channel: u8| ((f32::from(channel) / STEP).round() * STEP) as u8;
    let pixels = picture.pixels.iter();
    let rgb: Vec<u8> = pixels
        .flat_map(|p| [p.r(), p.g(), p.b()].map(coarse))
        .collect();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&rgb).unwrap();
}

/// A window and what its letters are painted with.
struct Screen<'a, S> {
    harness: Harness<'a, S>,
    textures: Textures,
    size: Vec2,
}

impl<S> Screen<'_, S> {
    fn taken(&self) -> ColorImage {
        let output = self.harness.output();
        let scale = output.pixels_per_point;
        let primitives = self.harness.ctx.tessellate(output.shapes.clone(), scale);
        let size = [self.size.x, self.size.y].map(|n| (n * scale).round() as usize);
        self.textures.paint(&primitives, size, scale)
    }

    /// The screen looks as the picture of that name does.
    fn assert_looks_like(&self, name: &str) {
        let (taken, known) = (self.taken(), folder().join(format!("{name}.png")));
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            write(&known, &taken);
            return;
        }
        let differs = read(&known).map(|known| differing(&taken, &known));
        let permitted = taken.pixels.len() * FEW / 1_000_000;
        if differs.flatten().is_none_or(|n| permitted < n) {
            let left =
                Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("../pictures/{name}.png"));
            write(&left, &taken);
            panic!("{name}: {differs:?} pixels differ; see {}", left.display());
        }
    }
}

fn screen(snapshot: Snapshot, size: Vec2, ground: Ground) -> (Screen<'static, App>, Arc<Fake>) {
    let fake = Fake::new(snapshot);
    let textures = Textures::default();
    let options = RootOptions {
        screen: ScreenSettings {
            theme: ground,
            ..ScreenSettings::default()
        },
        ..RootOptions::default()
    };
    let builder = Harness::builder()
        .with_size(size)
        .renderer(textures.clone());
    let mut harness = build(builder, &fake, options);
    harness.run_steps(4);
    let screen = Screen {
        harness,
        textures,
        size,
    };
    (screen, fake)
}

fn act(screen: &mut Screen<'_, App>, role: Role, part: &str) {
    get(&screen.harness, role, part).click_accesskit();
    screen.harness.run_steps(5);
}

#[test]
fn the_home_window_with_a_ringing_row() {
    let (screen, _) = screen(busy_day(), vec2(1180.0, 330.0), Ground::Dark);
    screen.assert_looks_like("home");
}

#[test]
fn why_it_rang_on_light_ground() {
    let mut day = busy_day();
    day.badge = Badge::Demo;
    let (mut screen, _) = screen(day, vec2(1040.0, 470.0), Ground::Light);
    act(&mut screen, Role::Button, "왜 울렸나: 삼성전자");
    screen.assert_looks_like("signal-card");
}

#[test]
fn the_window_of_a_stock() {
    let mut day = busy_day();
    day.rows.truncate(1);
    day.groups[0].rows = vec![0];
    let (mut screen, _) = screen(day, vec2(900.0, 600.0), Ground::Dark);
    act(&mut screen, Role::Row, "삼성전자");
    screen.assert_looks_like("stock");
}

#[test]
fn all_alignments_in_high_contrast() {
    let (mut screen, _) = screen(busy_day(), vec2(700.0, 330.0), Ground::HighContrast);
    act(&mut screen, Role::Button, "정배열을 한눈에 보기");
    screen.assert_looks_like("matrix");
}

#[test]
fn a_rule_in_sentences() {
    let (mut screen, _) = screen(busy_day(), vec2(980.0, 560.0), Ground::Dark);
    press(&mut screen.harness, Modifiers::COMMAND, Key::R);
    act(&mut screen, Role::Button, "골든크로스 20/60");
    screen.assert_looks_like("rule");
}

#[test]
fn the_first_screen() {
    let (textures, size) = (Textures::default(), vec2(720.0, 520.0));
    let mut harness = Harness::builder()
        .with_size(size)
        .renderer(textures.clone())
        .with_context_setup(|ctx| {
            fonts::install(ctx);
            Theme::light().apply(ctx);
        })
        .build_ui_state(
            |ui, view: &mut SetupView| {
                setup_ui(ui, view, &SetupStatus::default());
            },
            SetupView::default(),
        );
    harness.run_steps(3);
    let screen = Screen {
        harness,
        textures,
        size,
    };
    screen.assert_looks_like("first-run");
}

#[test]
fn another_price_and_a_moved_line_are_seen() {
    let (mut screen, fake) = screen(busy_day(), vec2(1180.0, 420.0), Ground::Dark);
    let before = screen.taken();
    assert_eq!(differing(&before, &screen.taken()), Some(0));
    let permitted = before.pixels.len() * FEW / 1_000_000;
    fake.change(|s| s.rows[9].quote = Some(quote(351_500, 361_500)));
    // Until the tint of the change is gone.
    screen.harness.run_steps(8);
    let one_digit = differing(&before, &screen.taken()).unwrap();
    let shifted = {
        let mut moved = before.clone();
        moved.pixels.rotate_right(1);
        differing(&before, &moved).unwrap()
    };
    assert!(permitted < one_digit, "{one_digit} of {permitted}");
    assert!(permitted < shifted, "{shifted} of {permitted}");
}
