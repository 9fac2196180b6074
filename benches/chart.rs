//! What a frame of the chart costs: `Context::run_ui` and tessellation at 1280×800, candles,
//! four averages and volume.
//!
//! * `frame`: against egui_plot's `BoxPlot`, `Line` and `BarChart` given only the bars in view,
//!   with the averages worked out beforehand. The limit is a frame that hands over ready-made
//!   shapes: what egui itself takes to tessellate them. Required: 4x at 500 bars and 20x at
//!   7,200.
//! * `history`: the same view of a million bars against a thousand. Required: at most 1.5x.
//!
//! Rounds are interleaved; the median counts. One line a figure:
//! `name ours peer limit ours/peer ours/limit`. The exit code is 1 if a requirement is missed.

#![expect(clippy::print_stdout, reason = "figures are what a bench prints")]

#[path = "support/frame.rs"]
mod frame;

use std::process::ExitCode;
use std::time::Duration;

use egui::{Color32, Context, FullOutput, RawInput, Rect, Shape, pos2, vec2};
use egui_plot::{Bar as Column, BarChart, BoxElem, BoxPlot, BoxSpread, Line, Plot, PlotPoints};
use jeongbae::bars::Series;
use jeongbae::domain::{
    Bar, Candle, Day, Minute, Timeframe, Won, round_down_to_tick, round_up_to_tick,
};
use jeongbae::engine::OlderBars;
use jeongbae::indicators::average_at;
use jeongbae::ui::chart::{ChartPalette, ChartSpec, ChartState, chart_ui};

const SIZE: egui::Vec2 = vec2(1280.0, 800.0);
const PERIODS: [u16; 4] = [20, 60, 120, 240];
const ROUNDS: usize = 60;

fn main() -> ExitCode {
    println!("name ours peer limit ours/peer ours/limit");
    let mut kept = true;
    for (visible, required) in [(500, 4.0), (7_200, 20.0)] {
        kept &= frame(visible, required);
    }
    kept &= history();
    match kept {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Goal 13.
fn frame(visible: usize, required: f64) -> bool {
    let series = series(visible + 300);
    let total = series.len();
    let mut ours = Ours::new(&series, visible);
    let mut peer = Peer::new(&series, total - visible);
    assert_equal_answers(&series, &peer, total - visible);
    let mut limit = Limit::new(ours.shapes());
    let (mut a, mut b, mut c) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        b.push(peer.frame());
        a.push(ours.frame());
        c.push(limit.frame());
    }
    let (a, b, c) = (median(a), median(b), median(c));
    report(&format!("frame/{visible}"), a, b, c);
    let held = required <= b / a;
    println!(
        "# {:.1}x of the peer's speed, required {required}x: {}",
        b / a,
        if held { "held" } else { "MISSED" }
    );
    held
}

/// Goal 14.
fn history() -> bool {
    let (short, long) = (series(1_000), series(1_000_000));
    let (mut a, mut b) = (Ours::new(&long, 500), Ours::new(&short, 500));
    let mut limit = Limit::new(b.shapes());
    let (mut ours, mut peer, mut least) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS * 3 {
        peer.push(b.frame());
        ours.push(a.frame());
        least.push(limit.frame());
    }
    let (ours, peer, least) = (median(ours), median(peer), median(least));
    report("history/1e6-against-1e3", ours, peer, least);
    let held = ours / peer <= 1.5;
    println!(
        "# {:.2}x of the cost with 1,000 bars, permitted 1.5x: {}",
        ours / peer,
        if held { "held" } else { "MISSED" }
    );
    held
}

fn report(name: &str, ours: f64, peer: f64, limit: f64) {
    println!(
        "{name} {ours:.4}ms {peer:.4}ms {limit:.4}ms {:.4} {:.2}",
        ours / peer,
        ours / limit
    );
}

fn median(mut all: Vec<Duration>) -> f64 {
    all.sort();
    all[all.len() / 2].as_secs_f64() * 1e3
}

/// The averages both sides draw are the same numbers.
fn assert_equal_answers(series: &Series, peer: &Peer, first: usize) {
    for index in [first, series.len() - 1] {
        for (place, period) in PERIODS.iter().enumerate() {
            let drawn = peer.averages[place]
                .iter()
                .find(|point| point[0] == index as f64)
                .unwrap_or_else(|| panic!("the peer has no MA{period} at {index}"));
            let ours = average_at(series, index, *period).map(|average| average.to_f64());
            assert!(
                ours.is_some_and(|ours| (ours - drawn[1]).abs() < 1e-6),
                "MA{period} at {index}: {ours:?} and {}",
                drawn[1]
            );
        }
    }
}

fn spec(series: &Series) -> ChartSpec<'_> {
    ChartSpec {
        series,
        forming: None,
        periods: &PERIODS,
        markers: &[],
        tested: &[],
        timeframe: Timeframe::Minutes(1),
        gaps: &[],
        older: OlderBars::End,
        focus: None,
        threshold: None,
        last_price: None,
        base: None,
        reduced_motion: true,
        now: 0.0,
    }
}

fn input(events: Vec<egui::Event>) -> RawInput {
    RawInput {
        screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), SIZE)),
        events,
        ..RawInput::default()
    }
}

fn context() -> Context {
    let ctx = Context::default();
    let mut fonts = egui::FontDefinitions::empty();
    let font = include_bytes!("../assets/fonts/jeongbae-ui-regular.otf");
    fonts.font_data.insert(
        "ui".to_owned(),
        std::sync::Arc::new(egui::FontData::from_static(font)),
    );
    for family in [egui::FontFamily::Proportional, egui::FontFamily::Monospace] {
        fonts
            .families
            .entry(family)
            .or_default()
            .push("ui".to_owned());
    }
    ctx.set_fonts(fonts);
    ctx
}

struct Ours<'a> {
    ctx: Context,
    spec: ChartSpec<'a>,
    state: ChartState,
    palette: ChartPalette,
    frames: usize,
}

impl<'a> Ours<'a> {
    /// A chart with so many bars in view, reached as a user would: with the wheel.
    fn new(series: &'a Series, visible: usize) -> Self {
        let mut ours = Self {
            ctx: context(),
            spec: spec(series),
            state: ChartState::default(),
            palette: ChartPalette::default(),
            frames: 0,
        };
        ours.step(vec![]);
        // Near the newest bar, so that it keeps its place.
        let at = pos2(1_190.0, 300.0);
        for _ in 0..400 {
            let width = ours.width();
            let now = width / ours.px_per();
            let factor = now / visible as f64;
            if (factor - 1.0).abs() < 1e-3 {
                break;
            }
            let zoom = egui::Event::Zoom(factor as f32);
            ours.step(vec![egui::Event::PointerMoved(at), zoom]);
        }
        let now = ours.width() / ours.px_per();
        assert!(
            (now - visible as f64).abs() <= visible as f64 * 0.02,
            "{now} bars in view instead of {visible}"
        );
        // The pointer leaves: no crosshair on either side.
        ours.step(vec![egui::Event::PointerGone]);
        ours
    }

    fn px_per(&self) -> f64 {
        self.state.transform().map_or(1.0, |t| t.px_per())
    }

    fn width(&self) -> f64 {
        self.state
            .transform()
            .map_or(1.0, |t| f64::from(t.plot().width()))
    }

    fn step(&mut self, events: Vec<egui::Event>) -> (Duration, FullOutput) {
        // Nothing is the same as in the frame before: the view would move.
        self.frames += 1;
        let (spec, state, palette) = (&self.spec, &mut self.state, &self.palette);
        frame::measure(&self.ctx, input(events), |ui| {
            chart_ui(ui, spec, state, palette);
        })
    }

    fn frame(&mut self) -> Duration {
        self.step(vec![]).0
    }

    fn shapes(&mut self) -> Vec<Shape> {
        let (_, output) = self.step(vec![]);
        output.shapes.into_iter().map(|s| s.shape).collect()
    }
}

struct Peer {
    ctx: Context,
    boxes: Vec<Bar>,
    first: usize,
    averages: Vec<Vec<[f64; 2]>>,
}

impl Peer {
    fn new(series: &Series, first: usize) -> Self {
        let average = |period: u16| {
            (first..series.len())
                .filter_map(|i| {
                    let sum = series.sum(i + 1, usize::from(period))?;
                    Some([i as f64, sum as f64 / f64::from(period)])
                })
                .collect()
        };
        let mut peer = Self {
            ctx: context(),
            boxes: series.bars()[first..].to_vec(),
            first,
            averages: PERIODS.map(average).to_vec(),
        };
        for _ in 0..3 {
            peer.frame();
        }
        peer
    }

    fn frame(&mut self) -> Duration {
        frame::measure(&self.ctx, input(vec![]), |ui| {
            let height = ui.available_height();
            Plot::new("price").height(height * 0.8).show(ui, |plot| {
                let boxes = self.boxes.iter().enumerate().map(|(i, bar)| {
                    let c = &bar.candle;
                    let (low, high) = (c.open.min(c.close) as f64, c.open.max(c.close) as f64);
                    let middle = (low + high) / 2.0;
                    let color = if c.open <= c.close {
                        Color32::RED
                    } else {
                        Color32::BLUE
                    };
                    let spread = BoxSpread::new(c.low as f64, low, middle, high, c.high as f64);
                    BoxElem::new((self.first + i) as f64, spread)
                        .fill(color)
                        .stroke(egui::Stroke::new(1.0, color))
                        .whisker_width(0.0)
                });
                plot.box_plot(BoxPlot::new("candles", boxes.collect()));
                for (i, line) in self.averages.iter().enumerate() {
                    plot.line(Line::new(format!("{i}"), PlotPoints::from(line.clone())));
                }
            });
            Plot::new("volume").show(ui, |plot| {
                let bars = self.boxes.iter().enumerate();
                let bars =
                    bars.map(|(i, b)| Column::new((self.first + i) as f64, b.candle.volume as f64));
                plot.bar_chart(BarChart::new("volume", bars.collect()));
            });
        })
        .0
    }
}

/// The same shapes, ready-made.
struct Limit {
    ctx: Context,
    shapes: Vec<Shape>,
}

impl Limit {
    fn new(shapes: Vec<Shape>) -> Self {
        let mut limit = Self {
            ctx: context(),
            // Text belongs to the fonts of its own context.
            shapes: shapes
                .into_iter()
                .filter(|s| !matches!(s, Shape::Text(_)))
                .collect(),
        };
        limit.frame();
        limit
    }

    fn frame(&mut self) -> Duration {
        frame::measure(&self.ctx, input(vec![]), |ui| {
            ui.painter().extend(self.shapes.iter().cloned());
        })
        .0
    }
}

/// A seeded walk on the tick grid, 381 minutes a day.
fn series(length: usize) -> Series {
    let mut seed = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as f64 / (1u64 << 53) as f64
    };
    let first = Day::from_number(10_000);
    let mut price = 70_000.0f64;
    let bars = (0..length).map(|i| {
        let drift = (70_000.0 - price) * 1e-4;
        let open = round_down_to_tick(Won(price as i64)).0;
        let close = price + drift + (random() - 0.5) * 600.0;
        let close = round_down_to_tick(Won(close as i64)).0;
        let high = round_up_to_tick(Won(open.max(close) + (random() * 200.0) as i64)).0;
        let low = round_down_to_tick(Won(open.min(close) - (random() * 200.0) as i64)).0;
        price = close as f64;
        let day = first.plus((i / 381) as i32);
        Bar {
            opened: day.at(Minute::hm(9, 0).plus((i % 381) as i32)),
            candle: Candle {
                open,
                high,
                low,
                close,
                volume: (random() * 100_000.0) as i64 + 1,
            },
            synthetic: false,
        }
    });
    Series::new(bars.collect())
}
