//! The candle chart from the outside: what is painted and where, and what the user can do.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::sync::Arc;

use egui::{Event, Key, Modifiers, Pos2, Rect, Shape, Vec2, pos2, vec2};
use egui_kittest::{Harness, kittest::Queryable};
use jeongbae::bars::Series;
use jeongbae::domain::{
    Bar, Candle, Day, Minute, Moment, RuleKey, SignalKey, Stage, StockCode, Timeframe, Won,
};
use jeongbae::engine::{Gap, Marker, OlderBars};
use jeongbae::ui::chart::{
    ChartPalette, ChartResponse, ChartSpec, ChartState, PriceScale, arrow_geometry, chart_ui,
};

const FRAME: Timeframe = Timeframe::Minutes(30);
const PERIODS: [u16; 4] = [5, 20, 60, 120];

/// What one window of the program would hold.
struct World {
    series: Series,
    forming: Option<Bar>,
    markers: Vec<Marker>,
    tested: Vec<Moment>,
    gaps: Vec<Gap>,
    older: OlderBars,
    focus: Option<(u64, Moment)>,
    reduced_motion: bool,
    threshold: Option<Won>,
    chart: ChartState,
    answer: ChartResponse,
}

impl World {
    fn new(range: std::ops::Range<i64>) -> Self {
        Self {
            series: Series::new(range.map(bar).collect()),
            forming: None,
            markers: vec![],
            tested: vec![],
            gaps: vec![],
            older: OlderBars::End,
            focus: None,
            reduced_motion: false,
            threshold: Some(Won(71_900)),
            chart: ChartState::default(),
            answer: ChartResponse::default(),
        }
    }

    fn spec(&self, now: f64) -> ChartSpec<'_> {
        ChartSpec {
            series: &self.series,
            forming: self.forming.as_ref(),
            periods: &PERIODS,
            markers: &self.markers,
            tested: &self.tested,
            timeframe: FRAME,
            gaps: &self.gaps,
            older: self.older,
            focus: self.focus,
            threshold: self.threshold,
            last_price: self.series.last().map(|b| Won(b.candle.close)),
            base: Some(Won(70_000)),
            reduced_motion: self.reduced_motion,
            now,
        }
    }

    fn draw(&mut self, ui: &mut egui::Ui) {
        let mut chart = std::mem::take(&mut self.chart);
        let now = ui.input(|i| i.time);
        self.answer = chart_ui(ui, &self.spec(now), &mut chart, &ChartPalette::default());
        self.chart = chart;
    }

    fn mark(&mut self, opened: Moment, rule: u64, stage: Stage, seen: bool) {
        let key = SignalKey {
            rule: RuleKey(rule),
            code: StockCode::parse("005930").unwrap(),
            timeframe: FRAME,
            bar: opened,
        };
        self.markers.push(Marker {
            key,
            stage,
            seen,
            at: opened,
        });
    }

    fn index_of(&self, opened: Moment) -> usize {
        self.spec(0.0).index_of(opened).unwrap()
    }

    /// The screen x of the centre of the bar that opened then.
    fn x_of(&self, opened: Moment) -> f32 {
        let transform = self.chart.transform().unwrap();
        transform.center_x(self.index_of(opened))
    }

    fn bar_at(&self, x: f32) -> f64 {
        self.chart.transform().unwrap().bar_from_x(x)
    }

    fn px_per(&self) -> f64 {
        self.chart.transform().unwrap().px_per()
    }
}

/// Bar number `i` of an endless stretch of 13 bars a day; also before number 0.
fn bar(i: i64) -> Bar {
    // 2026-03-02 and so many days on.
    let day = Day::from_number(20_514).plus(i.div_euclid(13) as i32);
    let wave = (i as f64 / 9.0).sin() * 1_500.0 + (i as f64 / 2.3).cos() * 300.0;
    let close = 71_000 + (wave / 100.0) as i64 * 100;
    let open = close + [200, -300, 0, 100][i.rem_euclid(4) as usize];
    Bar {
        opened: day.at(Minute::hm(9, 0).plus(i.rem_euclid(13) as i32 * 30)),
        candle: Candle {
            open,
            high: open.max(close) + 100 * (i.rem_euclid(3)),
            low: open.min(close) - 100 * (i.rem_euclid(5)),
            close,
            volume: 1_000 + i.rem_euclid(7) * 500,
        },
        synthetic: false,
    }
}

fn opened(i: i64) -> Moment {
    bar(i).opened
}

fn install_font(ctx: &egui::Context) {
    let mut fonts = egui::FontDefinitions::empty();
    let font = include_bytes!("../assets/fonts/jeongbae-ui-regular.otf");
    let data = Arc::new(egui::FontData::from_static(font));
    fonts.font_data.insert("ui".into(), data);
    for family in [egui::FontFamily::Proportional, egui::FontFamily::Monospace] {
        fonts.families.entry(family).or_default().push("ui".into());
    }
    ctx.set_fonts(fonts);
}

fn show_at(world: World, size: Vec2, pixels: f32) -> Harness<'static, World> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(pixels)
        // As fast as a screen, so that two clicks are a double click.
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(300)
        .with_context_setup(install_font)
        .build_ui_state(|ui, world: &mut World| world.draw(ui), world);
    harness.run();
    harness
}

fn show(world: World) -> Harness<'static, World> {
    show_at(world, vec2(900.0, 560.0), 1.0)
}

fn wheel(harness: &mut Harness<'_, World>, at: Pos2, lines: Vec2, modifiers: Modifiers) {
    harness.hover_at(at);
    harness.run();
    harness.event(Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: lines,
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers,
    });
    harness.run();
}

fn click(harness: &mut Harness<'_, World>, at: Pos2) {
    harness.hover_at(at);
    harness.drag_at(at);
    harness.event(Event::PointerButton {
        pos: at,
        button: egui::PointerButton::Primary,
        pressed: false,
        modifiers: Modifiers::NONE,
    });
    harness.run();
}

// --- what is painted ---------------------------------------------------------------------

/// Every rectangle of the mesh that holds the candles (and the volume).
fn bricks(harness: &Harness<'_, World>) -> Vec<Rect> {
    let palette = ChartPalette::default();
    let colors = [palette.up, palette.down, palette.secondary];
    let candles = |mesh: &&Arc<egui::Mesh>| mesh.vertices.iter().any(|v| colors.contains(&v.color));
    let mut meshes = harness
        .output()
        .shapes
        .iter()
        .filter_map(|s| match &s.shape {
            Shape::Mesh(mesh) => Some(mesh),
            _ => None,
        });
    let Some(mesh) = meshes.find(candles) else {
        return vec![];
    };
    let rect = |four: &[egui::epaint::Vertex]| {
        four.iter().fold(Rect::NOTHING, |mut rect, v| {
            rect.extend_with(v.pos);
            rect
        })
    };
    mesh.vertices.chunks(4).map(rect).collect()
}

/// The tips of the painted yellow heads, left to right.
fn tips(harness: &Harness<'_, World>) -> Vec<Pos2> {
    let yellow = ChartPalette::default().signal;
    let mut tips: Vec<Pos2> = harness
        .output()
        .shapes
        .iter()
        .filter_map(|s| match &s.shape {
            Shape::Path(path) if path.closed && path.fill == yellow => path
                .points
                .iter()
                .copied()
                .min_by(|a, b| a.y.total_cmp(&b.y)),
            _ => None,
        })
        .collect();
    tips.sort_by(|a, b| a.x.total_cmp(&b.x));
    tips
}

#[test]
fn an_arrow_points_at_its_bar_at_every_zoom_size_and_density() {
    for pixels in [1.0, 1.25, 1.5, 2.0, 2.75] {
        for size in [vec2(320.0, 240.0), vec2(777.0, 431.0), vec2(1280.0, 800.0)] {
            let mut world = World::new(0..300);
            world.mark(opened(285), 1, Stage::Confirmed, true);
            let mut harness = show_at(world, size, pixels);
            for turn in [0.0, 9.0, 3.0, -11.0, -10.0, -20.0, -20.0] {
                let at = pos2(harness.state().x_of(opened(285)), size.y * 0.3);
                wheel(&mut harness, at, vec2(0.0, turn), Modifiers::NONE);
                check_arrow(&harness, 285, &format!("{pixels} {size} {turn}"));
            }
        }
    }
}

/// The painted tip is on the centre of the painted wick and right below it.
fn check_arrow(harness: &Harness<'_, World>, number: i64, what: &str) {
    let [tip] = tips(harness)[..] else {
        panic!("{what}: {:?}", tips(harness));
    };
    let world = harness.state();
    let pixel = 1.0 / harness.ctx.pixels_per_point();
    let low = bar(number).candle.low;
    let transform = world.chart.transform().unwrap();
    let geometry = arrow_geometry(transform, world.index_of(opened(number)), low, 0);
    assert_eq!(tip, geometry.tip, "{what}: painted elsewhere");
    let pane = transform.plot();
    assert!(
        pane.contains_rect(geometry.bounds),
        "{what}: cut off: {:?}",
        geometry.bounds
    );
    // The narrowest rectangle through the tip's x is the wick (or the column of pixels).
    let wick = bricks(harness)
        .into_iter()
        .filter(|r| r.left() < tip.x && tip.x < r.right() && r.bottom() <= pane.bottom() + 0.1)
        .filter(|r| r.bottom() <= tip.y + 0.01)
        .min_by(|a, b| (a.width() - a.bottom()).total_cmp(&(b.width() - b.bottom())))
        .unwrap_or_else(|| panic!("{what}: no candle above the tip"));
    assert!(
        (wick.center().x - tip.x).abs() < 0.01,
        "{what}: tip {} but wick {wick:?}",
        tip.x
    );
    let gap = tip.y - wick.bottom();
    let dense = world.px_per() / f64::from(pixel) < 2.0;
    // A column of several bars ends at the lowest of them.
    assert!(
        (0.0..3.0 + 1.5 * pixel).contains(&gap) || dense,
        "{what}: {gap} below the low"
    );
    let off = tip.x - transform.x_from_bar(world.index_of(opened(number)) as f64 + 0.5);
    assert!(off.abs() <= 0.51 * pixel + 1e-3, "{what}: drifted by {off}");
}

#[test]
fn several_arrows_stack_and_are_never_cut_off() {
    for size in [vec2(300.0, 200.0), vec2(900.0, 560.0)] {
        let mut world = World::new(0..200);
        let lowest = (150..200).min_by_key(|&i| bar(i).candle.low).unwrap();
        for rule in 0..4 {
            world.mark(opened(lowest), rule, Stage::Confirmed, true);
            world.mark(opened(198), rule, Stage::Late, true);
        }
        let harness = show_at(world, size, 1.0);
        let tips = tips(&harness);
        let world = harness.state();
        let pane = world.chart.transform().unwrap().plot();
        let visible = |i: i64| pane.x_range().contains(world.x_of(opened(i)));
        let expected = 4 * (usize::from(visible(lowest)) + usize::from(visible(198)));
        assert!(4 <= expected);
        assert_eq!(tips.len(), expected, "{size}");
        assert_eq!(world.answer.painted_markers.len(), expected);
        for tip in &tips {
            assert!(tip.y + 15.0 <= pane.bottom(), "{size}: {tip} in {pane}");
        }
        let mut below: Vec<f32> = tips
            .iter()
            .filter(|t| t.x == tips[0].x)
            .map(|t| t.y)
            .collect();
        below.sort_by(f32::total_cmp);
        assert!(below.windows(2).all(|w| 15.0 <= w[1] - w[0]), "{below:?}");
    }
}

#[test]
fn an_arrow_stays_on_its_bar_while_bars_close_and_others_leave_the_view() {
    let mut world = World::new(0..300);
    world.forming = Some(bar(300));
    world.mark(opened(20), 1, Stage::Confirmed, true);
    world.mark(opened(300), 1, Stage::Confirmed, true);
    let mut harness = show(world);
    // Bar 20 is far left of the view: not drawn, not in the way.
    assert_eq!(harness.state().answer.painted_markers.len(), 1);
    check_arrow(&harness, 300, "while the bar is being built");
    for i in 300..310 {
        let world = harness.state_mut();
        world.series.push(bar(i));
        world.forming = Some(bar(i + 1));
        harness.run();
        check_arrow(&harness, 300, &format!("after bar {i} closed"));
    }
    click(&mut harness, pos2(400.0, 100.0));
    harness.key_press(Key::Home);
    harness.run();
    check_arrow(&harness, 20, "at the oldest bar");
    harness.key_press(Key::End);
    harness.run();
    check_arrow(&harness, 300, "back at the newest");
}

#[test]
fn no_text_stands_on_the_plot() {
    let mut world = World::new(0..300);
    world.mark(opened(290), 1, Stage::Confirmed, true);
    let mut harness = show(world);
    harness.hover_at(pos2(400.0, 200.0));
    harness.run();
    let plot = harness.state().chart.transform().unwrap().plot();
    let mut texts = 0;
    for shape in &harness.output().shapes {
        if let Shape::Text(text) = &shape.shape {
            texts += 1;
            let rect = text.visual_bounding_rect();
            assert!(
                plot.right() <= rect.left() || 530.0 < rect.top(),
                "{:?} at {rect}",
                text.galley.text()
            );
        }
    }
    assert!(10 < texts, "{texts} labels");
}

/// Lines that stand, and lines that run aslant, with the rectangle they are cut to.
fn hatching(harness: &Harness<'_, World>) -> (Vec<f32>, Vec<Rect>) {
    let (mut standing, mut aslant) = (vec![], vec![]);
    for clipped in &harness.output().shapes {
        if let Shape::LineSegment { points: [a, b], .. } = &clipped.shape {
            if a.x == b.x && 300.0 < (a.y - b.y).abs() {
                standing.push(a.x);
            } else if a.x != b.x && a.y != b.y {
                aslant.push(clipped.clip_rect);
            }
        }
    }
    (standing, aslant)
}

#[test]
fn a_gap_is_hatched_where_its_bars_would_be_and_said() {
    let mut harness = show(World::new(0..300));
    assert!(hatching(&harness).1.is_empty(), "nothing lacks");
    // Bars 280 to 282 were never had: the chart has 279 and 283 side by side.
    let mut world = World::new(0..280);
    for i in 283..300 {
        world.series.push(bar(i));
    }
    world.gaps = vec![Gap {
        from: opened(280),
        until: opened(283),
    }];
    harness = show(world);
    let transform = harness.state().chart.transform().unwrap().clone();
    let border = transform.x_from_bar(280.0);
    let (standing, aslant) = hatching(&harness);
    assert!(standing.iter().any(|x| *x < border) && standing.iter().any(|x| border < *x));
    assert!(!aslant.is_empty());
    let (left, right) = (transform.center_x(279), transform.center_x(280));
    // No average runs across it.
    for clipped in &harness.output().shapes {
        if let Shape::Path(path) = &clipped.shape
            && !path.closed
            && 2 < path.points.len()
        {
            let over = |pair: &[Pos2]| pair[0].x < border && border < pair[1].x;
            assert!(!path.points.windows(2).any(over), "a line bridges the gap");
        }
    }
    for cut in aslant {
        // It stands between the two candles and covers neither's wick.
        assert!(left < cut.left() && cut.right() < right, "{cut}");
        assert!(transform.plot().height() <= cut.height());
    }
    let time = |at: Moment| {
        let day = at.day();
        let (month, number) = (day.month(), day.day_of_month());
        format!("{month}월 {number}일 {}", at.minute())
    };
    harness.get_by_label_contains(&format!(
        "받지 못한 구간 1곳: {}부터 {}까지",
        time(opened(280)),
        time(opened(283))
    ));
    // A bar of which a part lacks is hatched itself.
    harness.state_mut().gaps = vec![Gap {
        from: opened(290).plus_secs(60),
        until: opened(290).plus_secs(120),
    }];
    harness.run();
    let transform = harness.state().chart.transform().unwrap().clone();
    // Three bars are missing before it.
    let (left, right) = (transform.x_from_bar(287.0), transform.x_from_bar(288.0));
    for cut in hatching(&harness).1 {
        assert!(
            (cut.left() - left).abs() <= 1.0 && (cut.right() - right).abs() <= 1.0,
            "{cut}"
        );
    }
}

// --- blinking ----------------------------------------------------------------------------

/// Runs for so many seconds of egui's time, one frame each time egui asks for it; returns the
/// frames and in how many of them the arrow was seen.
fn live(harness: &mut Harness<'_, World>, seconds: f64) -> (usize, usize) {
    let start = harness.ctx.input(|i| i.time);
    let (mut frames, mut seen) = (0, 0);
    loop {
        let delay = harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
        let now = harness.ctx.input(|i| i.time);
        if start + seconds < now + delay.as_secs_f64() {
            return (frames, seen);
        }
        harness.input_mut().time = Some(now + delay.as_secs_f64().max(1e-3));
        harness.step();
        frames += 1;
        seen += usize::from(!harness.state().answer.painted_markers.is_empty());
    }
}

#[test]
fn an_unseen_arrow_blinks_once_a_second_and_wakes_only_at_the_edges() {
    for stage in [Stage::Forming, Stage::Confirmed, Stage::Late] {
        let mut world = World::new(0..300);
        world.mark(opened(295), 1, stage, false);
        let mut harness = show(world);
        let (frames, seen) = live(&mut harness, 10.0);
        assert!((19..=22).contains(&frames), "{stage:?}: {frames} frames");
        assert!((9..=12).contains(&seen), "{stage:?}: seen in {seen}");
    }
}

#[test]
fn nothing_else_asks_for_repaints() {
    let quiet = |change: fn(&mut World)| {
        let mut world = World::new(0..300);
        change(&mut world);
        let mut harness = show(world);
        live(&mut harness, 10.0).0
    };
    assert_eq!(quiet(|w| w.mark(opened(295), 1, Stage::Confirmed, true)), 0);
    assert_eq!(
        quiet(|w| w.mark(opened(295), 1, Stage::Withdrawn, false)),
        0
    );
    // Out of view: forgotten by nobody, but nothing to blink.
    assert_eq!(quiet(|w| w.mark(opened(3), 1, Stage::Confirmed, false)), 0);
    let steady = quiet(|w| {
        w.mark(opened(295), 1, Stage::Confirmed, false);
        w.reduced_motion = true;
    });
    assert_eq!(steady, 0);
    assert_eq!(quiet(|_| {}), 0);
}

// --- what the user does ------------------------------------------------------------------

#[test]
fn the_wheel_zooms_at_the_pointer() {
    for x in [60.0, 400.0, 700.0] {
        for (lines, ctrl) in [(3.0, false), (-4.0, false), (5.0, true), (-2.0, true)] {
            let mut harness = show(World::new(0..600));
            let (before, px) = (harness.state().bar_at(x), harness.state().px_per());
            let modifiers = if ctrl {
                Modifiers::CTRL
            } else {
                Modifiers::NONE
            };
            wheel(&mut harness, pos2(x, 200.0), vec2(0.0, lines), modifiers);
            let world = harness.state();
            assert_eq!(world.px_per() > px, 0.0 < lines, "{x} {lines} {ctrl}");
            let off = (world.bar_at(x) - before) * world.px_per();
            assert!(off.abs() < 0.01, "{x} {lines} {ctrl}: off by {off} points");
        }
    }
}

#[test]
fn the_wheel_does_not_move_what_lies_around_the_chart() {
    let mut harness = Harness::builder()
        .with_size(vec2(600.0, 400.0))
        .with_context_setup(install_font)
        .build_ui_state(
            |ui, (world, offset): &mut (World, f32)| {
                let area = egui::ScrollArea::vertical().show(ui, |ui| {
                    ui.set_min_height(2_000.0);
                    let chart = egui::UiBuilder::new()
                        .max_rect(Rect::from_min_size(ui.min_rect().min, vec2(500.0, 300.0)));
                    ui.scope_builder(chart, |ui| world.draw(ui));
                });
                *offset = area.state.clamped_offset().y;
            },
            (World::new(0..300), 0.0),
        );
    harness.run();
    let before = harness.state().0.px_per();
    harness.hover_at(pos2(200.0, 100.0));
    harness.run();
    harness.event(Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: vec2(0.0, -3.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run();
    assert!(harness.state().0.px_per() < before);
    assert_eq!(harness.state().1, 0.0);
}

#[test]
fn a_drag_keeps_the_bar_under_the_pointer_even_when_a_bar_is_added() {
    let mut harness = show(World::new(0..600));
    let grabbed = harness.state().bar_at(300.0);
    harness.hover_at(pos2(300.0, 200.0));
    harness.drag_at(pos2(300.0, 200.0));
    harness.run();
    for (step, x) in [304.0, 309.0, 330.0, 331.0, 420.0, 380.0, 500.0]
        .into_iter()
        .enumerate()
    {
        harness.hover_at(pos2(x, 210.0));
        harness.run();
        if 6.0 < x - 300.0 {
            let under = harness.state().bar_at(x);
            let off = (under - grabbed) * harness.state().px_per();
            assert!(off.abs() < 0.05, "{x}: off by {off}");
        }
        if step == 4 {
            let before = harness.state().x_of(opened(560));
            harness.state_mut().series.push(bar(600));
            let older = (-100..0).map(bar);
            let bars = older.chain(harness.state().series.bars().iter().copied());
            harness.state_mut().series = Series::new(bars.collect());
            harness.run();
            assert_eq!(harness.state().x_of(opened(560)), before, "jumped");
            // Indices grew by a hundred; the pointer still holds the same bar.
            break;
        }
    }
    harness.hover_at(pos2(460.0, 210.0));
    harness.run();
    let under = harness.state().bar_at(460.0);
    let off = (under - 100.0 - grabbed) * harness.state().px_per();
    assert!(off.abs() < 0.05, "after the change: off by {off}");
    harness.drop_at(pos2(460.0, 210.0));
    harness.run();
    assert!(!harness.state().answer.at_latest);
}

#[test]
fn a_new_bar_moves_the_view_only_at_the_latest() {
    let mut world = World::new(0..300);
    world.forming = Some(bar(300));
    let mut harness = show(world);
    let newest = harness.state().x_of(opened(300));
    let add = |harness: &mut Harness<'_, World>, i: i64| {
        harness.state_mut().series.push(bar(i));
        harness.state_mut().forming = Some(bar(i + 1));
        harness.run();
    };
    add(&mut harness, 300);
    assert!(harness.state().answer.at_latest && harness.state().chart.follows());
    assert_eq!(harness.state().x_of(opened(301)), newest, "follows");

    wheel(
        &mut harness,
        pos2(400.0, 200.0),
        vec2(12.0, 0.0),
        Modifiers::NONE,
    );
    assert!(!harness.state().answer.at_latest);
    let held = harness.state().x_of(opened(200));
    add(&mut harness, 301);
    add(&mut harness, 302);
    assert_eq!(harness.state().x_of(opened(200)), held, "holds still");
    assert!(!harness.state().answer.at_latest);

    harness.state_mut().chart.go_to_latest();
    harness.run();
    assert!(harness.state().answer.at_latest);
    assert_eq!(harness.state().x_of(opened(303)), newest);
}

#[test]
fn older_history_is_asked_for_and_does_not_move_the_view() {
    let mut world = World::new(0..400);
    world.older = OlderBars::Available;
    let mut harness = show(world);
    assert!(!harness.state().answer.wants_older, "far from the oldest");
    click(&mut harness, pos2(400.0, 100.0));
    harness.key_press(Key::Home);
    harness.run();
    assert!(harness.state().answer.wants_older);
    let held = harness.state().x_of(opened(30));
    harness.state_mut().older = OlderBars::Loading;
    harness.run();
    assert!(!harness.state().answer.wants_older, "already asked");
    harness.state_mut().series = Series::new((-500..400).map(bar).collect());
    harness.run();
    assert_eq!(harness.state().x_of(opened(30)), held);
    // The same while following.
    harness.key_press(Key::End);
    harness.run();
    let newest = harness.state().x_of(opened(399));
    harness.state_mut().series = Series::new((-900..400).map(bar).collect());
    harness.run();
    assert_eq!(harness.state().x_of(opened(399)), newest);
}

#[test]
fn the_keyboard_does_what_the_pointer_does() {
    let mut harness = show(World::new(0..600));
    click(&mut harness, pos2(400.0, 100.0));
    let press = |harness: &mut Harness<'_, World>, modifiers: Modifiers, key: Key| {
        harness.key_press_modifiers(modifiers, key);
        harness.run();
        harness.state().bar_at(400.0)
    };
    let start = harness.state().bar_at(400.0);
    let px = harness.state().px_per();
    let close = |a: f64, b: f64| (a - b).abs() < 1e-3;
    assert!(close(
        press(&mut harness, Modifiers::NONE, Key::ArrowLeft),
        start - 1.0
    ));
    assert!(close(
        press(&mut harness, Modifiers::NONE, Key::ArrowRight),
        start
    ));
    assert!(press(&mut harness, Modifiers::SHIFT, Key::ArrowLeft) < start - 50.0);
    press(&mut harness, Modifiers::NONE, Key::End);
    assert!(harness.state().answer.at_latest);
    press(&mut harness, Modifiers::NONE, Key::Plus);
    assert!(px * 1.2 < harness.state().px_per() && harness.state().answer.at_latest);
    press(&mut harness, Modifiers::NONE, Key::Minus);
    assert!(close(harness.state().px_per(), px));
    // The crosshair: shown, moved, and put away.
    harness.remove_cursor();
    harness.run();
    assert_eq!(harness.state().answer.hovered, None);
    press(&mut harness, Modifiers::CTRL, Key::ArrowLeft);
    assert_eq!(harness.state().answer.hovered, Some(599));
    press(&mut harness, Modifiers::NONE, Key::ArrowLeft);
    assert_eq!(harness.state().answer.hovered, Some(598));
    for _ in 0..150 {
        harness.key_press(Key::ArrowLeft);
    }
    harness.run();
    let world = harness.state();
    assert_eq!(world.answer.hovered, Some(448));
    let plot = world.chart.transform().unwrap().plot();
    assert!(
        plot.x_range().contains(world.x_of(opened(448))),
        "the view came along"
    );
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().answer.hovered, None);
}

#[test]
fn the_gutter_scales_prices_and_a_double_click_fits_them_again() {
    let mut harness = show(World::new(0..300));
    let fitted = harness.state().chart.transform().unwrap().prices();
    let x = harness.state().chart.transform().unwrap().plot().right() + 20.0;
    harness.hover_at(pos2(x, 200.0));
    harness.drag_at(pos2(x, 200.0));
    harness.run();
    harness.hover_at(pos2(x, 300.0));
    harness.run();
    harness.drop_at(pos2(x, 300.0));
    harness.run();
    let wider = harness.state().chart.transform().unwrap().prices();
    assert!(harness.state().chart.is_scaled_by_hand());
    assert!(wider.0 < fitted.0 && fitted.1 < wider.1, "{wider:?}");
    wheel(
        &mut harness,
        pos2(400.0, 200.0),
        vec2(10.0, 0.0),
        Modifiers::NONE,
    );
    assert!(!harness.state().answer.at_latest);
    for _ in 0..2 {
        click(&mut harness, pos2(400.0, 200.0));
    }
    assert!(harness.state().answer.at_latest);
    assert!(!harness.state().chart.is_scaled_by_hand());
}

#[test]
fn a_focused_bar_comes_into_view_once() {
    let mut world = World::new(0..600);
    world.focus = Some((1, opened(100)));
    let mut harness = show(world);
    let plot = harness.state().chart.transform().unwrap().plot();
    let x = harness.state().x_of(opened(100));
    assert!((x - plot.center().x).abs() < 10.0, "centred: {x} in {plot}");
    // The same serial does not pull back.
    click(&mut harness, pos2(400.0, 100.0));
    harness.key_press(Key::End);
    harness.run();
    assert!(harness.state().answer.at_latest);
    // A bar already in view is left where it is.
    let before = harness.state().x_of(opened(590));
    harness.state_mut().focus = Some((2, opened(590)));
    harness.run();
    assert_eq!(harness.state().x_of(opened(590)), before);
    // One that is not loaded yet is asked for and found when it comes.
    harness.state_mut().older = OlderBars::Available;
    harness.state_mut().focus = Some((3, opened(-50)));
    harness.run();
    assert!(harness.state().answer.wants_older);
    harness.state_mut().series = Series::new((-100..600).map(bar).collect());
    harness.run();
    let x = harness.state().x_of(opened(-50));
    assert!(plot.x_range().contains(x), "{x}");
}

#[test]
fn the_crosshair_names_the_bar_below_the_pointer() {
    let mut world = World::new(0..300);
    world.forming = Some(bar(300));
    let mut harness = show(world);
    for i in [300, 299, 280] {
        let x = harness.state().x_of(opened(i));
        harness.hover_at(pos2(x, 150.0));
        harness.run();
        assert_eq!(harness.state().answer.hovered, Some(i as usize));
    }
    let beyond = harness.state().x_of(opened(300)) + 20.0;
    harness.hover_at(pos2(beyond, 150.0));
    harness.run();
    assert_eq!(harness.state().answer.hovered, None);
}

// --- what is in view ---------------------------------------------------------------------

/// A market that falls all the time, so that long averages lie far above the candles in view.
fn falling(count: i64) -> Series {
    let close = |i: i64| 200_000 - i * 400;
    let bars = (0..count).map(|i| Bar {
        candle: Candle {
            open: close(i) + 300,
            high: close(i) + 400,
            low: close(i) - 100,
            close: close(i),
            volume: 1_000,
        },
        ..bar(i)
    });
    Series::new(bars.collect())
}

#[test]
fn prices_fit_candles_averages_and_arrows() {
    let mut world = World::new(0..0);
    world.series = falling(300);
    world.threshold = None;
    for rule in 0..3 {
        world.mark(opened(299), rule, Stage::Confirmed, true);
    }
    let mut harness = show(world);
    for lines in [0.0, 6.0, -14.0] {
        wheel(
            &mut harness,
            pos2(700.0, 200.0),
            vec2(0.0, lines),
            Modifiers::NONE,
        );
        let world = harness.state();
        let transform = world.chart.transform().unwrap();
        let plot = transform.plot();
        let inside = |price: f64| {
            let y = transform.y_from_price(price);
            plot.top() <= y && y <= plot.bottom()
        };
        let first = world.bar_at(plot.left()).max(0.0) as usize;
        let last = (world.bar_at(plot.right()) as usize).min(world.series.len());
        assert!(first + 5 < last);
        for index in first..last {
            let candle = &world.series.bars()[index].candle;
            assert!(
                inside(candle.low as f64) && inside(candle.high as f64),
                "{lines} {index} {candle:?} {:?} {plot}",
                transform.prices()
            );
            for period in PERIODS {
                if let Some(sum) = world.series.sum(index + 1, period.into()) {
                    let average = sum as f64 / f64::from(period);
                    assert!(
                        inside(average),
                        "{lines}: MA{period} of {index} is out of view"
                    );
                }
            }
        }
        // The newest bar may be beyond the right edge.
        let newest = if 300.0 <= world.bar_at(plot.right()) {
            3
        } else {
            0
        };
        assert_eq!(tips(&harness).len(), newest);
        for tip in tips(&harness) {
            assert!(
                plot.contains(tip) && tip.y + 15.0 <= plot.bottom(),
                "{tip} in {plot}"
            );
        }
    }
}

#[test]
fn on_the_logarithmic_axis_equal_percentages_are_equally_high() {
    let mut harness = show(World::new(0..300));
    let steps = |harness: &Harness<'_, World>| {
        let transform = harness.state().chart.transform().unwrap();
        let y = |price: f64| transform.y_from_price(price);
        (y(60_000.0) - y(66_000.0), y(66_000.0) - y(72_600.0))
    };
    let (low, high) = steps(&harness);
    assert!(low < high - 1.0, "equal won are equally high: {low} {high}");
    harness.state_mut().chart.scale = PriceScale::Log;
    harness.run();
    let (low, high) = steps(&harness);
    assert!((low - high).abs() < 0.5, "{low} {high}");
    // The candles still fill the pane.
    let (bottom, top) = harness.state().chart.transform().unwrap().prices();
    assert!(60_000.0 < bottom && top < 80_000.0);
}

#[test]
fn the_axis_has_no_holes_and_marks_where_a_session_begins() {
    let harness = show(World::new(0..300));
    let world = harness.state();
    // Bar 286 is the first of a day: three free days lie before some of them, and no point.
    let step = world.x_of(opened(285)) - world.x_of(opened(284));
    for i in 280..299 {
        let next = world.x_of(opened(i + 1)) - world.x_of(opened(i));
        assert!((next - step).abs() <= 1.0, "{i}: {next} and {step}");
    }
    let transform = world.chart.transform().unwrap();
    let plot = transform.plot();
    let hairline = ChartPalette::default().hairline;
    let standing: Vec<f32> = harness
        .output()
        .shapes
        .iter()
        .filter_map(|s| match &s.shape {
            Shape::Rect(r) if r.fill == hairline && r.rect.width() < 2.0 => Some(r.rect),
            _ => None,
        })
        .filter(|r| plot.height() - 1.0 <= r.height() && plot.contains(r.center()))
        .map(|r| r.left())
        .collect();
    let first = world.bar_at(plot.left()).ceil() as i64;
    let begins: Vec<i64> = (first.max(0)..300).filter(|i| i % 13 == 0).collect();
    assert!(3 < begins.len());
    assert_eq!(standing.len(), begins.len(), "{standing:?}");
    for (x, i) in standing.iter().zip(begins) {
        let border = transform.x_from_bar(i as f64);
        assert!((x - border).abs() <= 1.0, "{i}: {x} and {border}");
    }
    // The newest bar has free room at its right.
    let newest = transform.x_from_bar(300.0);
    assert!(newest + 20.0 < plot.right(), "{newest} in {plot}");
}

#[test]
fn the_first_bars_of_all_have_their_date_below_them() {
    let harness = show(World::new(0..3));
    let day = opened(0).day();
    let date = format!("{}/{}", day.month(), day.day_of_month());
    let said = labels(&harness);
    assert!(said.contains(&date), "{date} is not in {said:?}");
}

/// Texts right of the plot and below it.
fn labels(harness: &Harness<'_, World>) -> Vec<String> {
    let shapes = harness.output().shapes.iter();
    shapes
        .filter_map(|s| match &s.shape {
            Shape::Text(text) => Some(text.galley.text().to_owned()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_price_at_which_the_rule_holds_is_a_line_with_its_price() {
    let mut harness = show(World::new(0..300));
    let count = |harness: &Harness<'_, World>| {
        let shapes = harness.output().shapes.iter();
        let across = shapes.filter(|s| match &s.shape {
            Shape::LineSegment { points: [a, b], .. } => a.y == b.y,
            Shape::Rect(r) => r.rect.height() < 3.0,
            Shape::Mesh(_) | Shape::Path(_) | Shape::Vec(_) => true,
            _ => false,
        });
        across.count()
    };
    assert!(labels(&harness).contains(&"71,900".to_owned()));
    let with = count(&harness);
    harness.state_mut().threshold = None;
    harness.run();
    assert!(!labels(&harness).contains(&"71,900".to_owned()));
    assert!(count(&harness) < with, "the line goes with its price");
}

#[test]
fn the_crosshair_says_its_price_and_its_time_in_the_gutters() {
    let mut world = World::new(0..300);
    world.threshold = None;
    let mut harness = show(world);
    let quiet = labels(&harness);
    let x = harness.state().x_of(opened(280));
    // Where no label of the axis stands anyway.
    let price_at = |y: f32| harness.state().chart.transform().unwrap().price_from_y(y);
    let far = |y: &f32| (130.0..370.0).contains(&(price_at(*y) % 500.0));
    let y = (100..400).map(|y| y as f32).find(far).unwrap();
    let price = price_at(y);
    harness.hover_at(pos2(x, y));
    harness.run();
    let near = |text: &String| {
        let number = text.replace(',', "").parse::<f64>();
        number.is_ok_and(|number| (number - price).abs() <= 100.0)
    };
    let new: Vec<String> = labels(&harness)
        .into_iter()
        .filter(|text| !quiet.contains(text))
        .collect();
    assert!(new.iter().any(near), "{price} among {new:?}");
    let time = opened(280).minute().to_string();
    assert!(
        new.iter().any(|text| text.contains(&time)),
        "{time} among {new:?}"
    );
}

// --- words -------------------------------------------------------------------------------

#[test]
fn the_chart_says_what_it_shows() {
    let mut world = World::new(0..187);
    world.mark(opened(175), 1, Stage::Confirmed, true);
    let close = jeongbae_grouped(bar(186).candle.close);
    let at = opened(175);
    let harness = show(world);
    harness.get_by_label(&format!(
        "캔들 차트 30분, 187봉, 최근 종가 {close}원, 신호 화살표 1개: {}월 {}일 {} 봉",
        at.day().month(),
        at.day().day_of_month(),
        at.minute()
    ));
}

fn jeongbae_grouped(price: i64) -> String {
    format!("{},{:03}", price / 1_000, price % 1_000)
}

// --- bad input ---------------------------------------------------------------------------

#[test]
fn nothing_panics() {
    let odd = |candle: Candle| {
        let mut world = World::new(0..5);
        world.series.push(Bar { candle, ..bar(5) });
        world
    };
    let mut worlds = vec![
        World::new(0..0),
        World::new(0..1),
        World::new(0..2),
        odd(Candle::flat(0)),
        odd(Candle::flat(-5_000)),
        odd(Candle {
            open: i64::MAX / 4,
            high: 1,
            low: i64::MAX / 4,
            close: -1,
            volume: i64::MAX,
        }),
    ];
    let mut flat = World::new(0..0);
    flat.series = Series::new(
        (0..50)
            .map(|i| Bar {
                candle: Candle::flat(70_000),
                synthetic: true,
                ..bar(i)
            })
            .collect(),
    );
    worlds.push(flat);
    let mut lonely = World::new(0..0);
    lonely.forming = Some(bar(0));
    lonely.mark(opened(0), 1, Stage::Forming, false);
    worlds.push(lonely);
    let mut stale = World::new(0..10);
    stale.forming = Some(bar(3));
    stale.mark(Moment(9_000_000_000_000), 1, Stage::Confirmed, false);
    stale.mark(Moment(0), 1, Stage::Confirmed, false);
    worlds.push(stale);
    for (number, world) in worlds.into_iter().enumerate() {
        let mut harness = show_at(world, vec2(500.0, 300.0), 1.5);
        for size in [
            vec2(500.0, 300.0),
            vec2(1.0, 1.0),
            vec2(90.0, 60.0),
            vec2(700.0, 20.0),
        ] {
            harness.set_size(size);
            harness.run_steps(2);
            harness.hover_at(pos2(size.x * 0.4, size.y * 0.4));
            harness.run_steps(2);
            for scale in [PriceScale::Log, PriceScale::Linear] {
                harness.state_mut().chart.scale = scale;
                harness.run_steps(1);
            }
        }
        harness.set_size(vec2(500.0, 300.0));
        for turn in [-90.0, 90.0] {
            wheel(
                &mut harness,
                pos2(100.0, 100.0),
                vec2(turn, turn),
                Modifiers::NONE,
            );
        }
        let finite = harness.output().shapes.iter().all(|s| match &s.shape {
            Shape::Mesh(mesh) => mesh.vertices.iter().all(|v| v.pos.is_finite()),
            Shape::Path(path) => path.points.iter().all(|p| p.is_finite()),
            _ => true,
        });
        assert!(finite, "world {number} paints a place that is no number");
    }
}

#[test]
fn a_million_bars_cost_no_more_shapes_than_a_thousand() {
    let vertices = |count: i64| {
        let harness = show(World::new(-count..0));
        bricks(&harness).len()
    };
    let (few, many) = (vertices(1_000), vertices(1_000_000));
    assert!(few.abs_diff(many) <= 3, "{few} against {many}");
    // All of a long history at once: still no more than a few rectangles a pixel.
    let mut harness = show(World::new(0..100_000));
    harness.hover_at(pos2(700.0, 200.0));
    for _ in 0..16 {
        harness.event(Event::Zoom(0.5));
    }
    harness.run();
    assert!(harness.state().px_per() < 0.02);
    assert!(bricks(&harness).len() < 900 * 2);
}

#[test]
fn signals_out_of_sight_cost_no_shapes() {
    let shapes = |marked: i64| {
        let mut w = World::new(0..5_000);
        for i in 0..marked {
            w.mark(opened(i), 7, Stage::Confirmed, true);
        }
        let mut harness = show(w);
        harness.run();
        harness.output().shapes.len()
    };
    // The newest bars are in view; the marked ones are thousands of bars back.
    assert_eq!(shapes(2_000), shapes(0));
}

#[test]
fn marks_of_a_trial_stand_above_their_bars_and_are_no_arrows() {
    let mut world = World::new(0..300);
    world.tested = [20, 280, 285].map(opened).to_vec();
    world.mark(opened(285), 1, Stage::Confirmed, true);
    let mut harness = show(world);
    // Triangles that are not yellow, by their lowest corner.
    let marks = |harness: &Harness<'_, World>| -> Vec<Pos2> {
        let signal = ChartPalette::default().signal;
        let paths = harness
            .output()
            .shapes
            .iter()
            .filter_map(|s| match &s.shape {
                Shape::Path(p) if p.closed && p.points.len() == 3 && p.fill != signal => Some(p),
                _ => None,
            });
        let low = |p: &egui::epaint::PathShape| {
            let corners = p.points.iter().copied();
            corners.max_by(|a, b| a.y.total_cmp(&b.y)).unwrap()
        };
        let mut found: Vec<Pos2> = paths.map(low).collect();
        found.sort_by(|a, b| a.x.total_cmp(&b.x));
        found
    };
    for turn in [0.0, 6.0, -9.0] {
        let at = pos2(harness.state().x_of(opened(285)), 150.0);
        wheel(&mut harness, at, vec2(0.0, turn), Modifiers::NONE);
        let found = marks(&harness);
        let world = harness.state();
        let transform = world.chart.transform().unwrap();
        for i in [280, 285] {
            let high = transform.bar_point(world.index_of(opened(i)), bar(i).candle.high as f64);
            let above = |m: &&Pos2| m.x == high.x && (0.0..6.0).contains(&(high.y - m.y));
            assert_eq!(
                found.iter().filter(above).count(),
                1,
                "{turn} {i}: {found:?}"
            );
        }
        check_arrow(&harness, 285, "with a mark above the same bar");
    }
}

#[test]
fn the_newest_bar_keeps_its_distance_from_the_right_edge() {
    let mut harness = show(World::new(0..300));
    for turn in [0.0, 8.0, -12.0] {
        wheel(
            &mut harness,
            pos2(820.0, 150.0),
            vec2(0.0, turn),
            Modifiers::NONE,
        );
        let world = harness.state();
        let plot = world.chart.transform().unwrap().plot();
        let free = plot.right() - world.x_of(opened(299));
        assert!(world.answer.at_latest);
        assert!((8.0..plot.width() / 4.0).contains(&free), "{turn}: {free}");
    }
}
