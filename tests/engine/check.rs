//! Compares what the engine gave with what should have rung.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jeongbae::domain::{Moment, SignalKey, Source, Stage, StockCode};

use jeongbae::engine::ChartState;

use crate::reference::{Bars, RefBar, expected};
use crate::rules::TestRule;
use crate::world::World;

/// A stock under the rules from one moment to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joined {
    pub(crate) code: StockCode,
    pub(crate) from: Moment,
    pub(crate) until: Moment,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) bars: usize,
    pub(crate) standing: usize,
    pub(crate) told: usize,
    pub(crate) withdrawn: usize,
    pub(crate) late: usize,
}

/// Every difference, in words; empty if there is none.
pub(crate) fn differences(
    world: &World,
    rules: &[TestRule],
    joined: &[Joined],
    trouble: &[(Moment, Moment)],
) -> (Tally, String) {
    let mut text = String::new();
    let mut tally = Tally::default();
    let reference = Bars::new(&world.tape, world.config.bars.auction);
    let mut wanted: BTreeSet<SignalKey> = BTreeSet::new();
    let mut bars: BTreeMap<SignalKey, RefBar> = BTreeMap::new();
    for rule in rules {
        for join in joined {
            let one = expected(&reference, rule, join.code, join.from, join.until);
            wanted.extend(one.standing);
            bars.extend(one.bars);
        }
    }
    let name = |key: &SignalKey| {
        let rule = rules.iter().position(|r| r.key == key.rule);
        let rule = rule.map(|i| format!("#{i} {:?} {:?}", rules[i].cond, rules[i].repeat));
        format!("{rule:?} {} {} {:?}", key.code, key.timeframe, key.bar)
    };
    tally.bars = bars.len();
    tally.standing = wanted.len();
    for key in &wanted {
        match world.disk.signals.get(key) {
            Some(signal) if signal.stage.stands() => {
                // What was given on prints keeps their price when its rows agree.
                if signal.source == Source::Rest && signal.price != bars[key].close {
                    let _ = writeln!(text, "price {} of {}", signal.price, name(key));
                }
            }
            other => {
                let stage = other.map(|s| (s.stage, s.source, s.at));
                let mark = world.mark(key.rule, key.code).map(|m| m.bar);
                let _ = writeln!(text, "missed {} held {stage:?} mark {mark:?}", name(key));
            }
        }
    }
    for (key, signal) in &world.disk.signals {
        tally.withdrawn += usize::from(signal.stage == Stage::Withdrawn);
        tally.late += usize::from(signal.stage == Stage::Late);
        let judged = bars.contains_key(key);
        if signal.stage.stands() && !wanted.contains(key) {
            let here = joined.iter().filter(|j| j.code == key.code);
            let over = here.map(|j| j.until).max() < Some(signal.bar_end);
            if judged || !over {
                let _ = writeln!(text, "extra {} at {:?}", name(key), signal.at);
            }
        }
        if judged && signal.stage == Stage::Forming {
            let _ = writeln!(text, "still forming {}", name(key));
        }
        if let Some(bar) = bars.get(key)
            && bar.end != signal.bar_end
        {
            let _ = writeln!(text, "bar end {:?} of {}", signal.bar_end, name(key));
        }
        if judged && signal.stage.stands() {
            stages_fit(world, trouble, signal, &name(key), &mut text);
        }
    }
    told_fits(world, &bars, &name, &mut tally, &mut text);
    (tally, text)
}

/// Late exactly where nobody watched; confirmed where everything was at hand.
fn stages_fit(
    world: &World,
    trouble: &[(Moment, Moment)],
    signal: &jeongbae::domain::Signal,
    name: &str,
    text: &mut String,
) {
    let end = signal.bar_end;
    let over = |stretches: &[(Moment, Moment)], until: Moment| {
        stretches.iter().any(|(a, b)| *a <= until && end <= *b)
    };
    // The machine's clock may be off by half a second.
    let absent = |(a, b): &(Moment, Moment)| a.plus_ms(600) <= end && end < b.plus_ms(-600);
    let absent = world.away.iter().any(absent);
    if absent && signal.stage != Stage::Late {
        let _ = writeln!(text, "not late although away: {name} at {:?}", signal.at);
    }
    let clear = !over(trouble, end.plus_secs(120)) && !over(&world.away, end.plus_secs(120));
    if clear && signal.stage != Stage::Confirmed {
        let _ = writeln!(text, "late although watched: {name} at {:?}", signal.at);
    }
    // Before a day's first trade there is no bar of it: those before come with the first row.
    let tape = world.tape.day(signal.key.code, end.day());
    let first = tape.and_then(|tape| Some(tape.prints.first()?.0));
    let first = first.map_or(end, |at| Moment((at.0 / 60_000 + 1) * 60_000));
    let there = end.max(first);
    if clear && 30_000 < signal.at.ms_since(there) && signal.key.timeframe.minutes().is_some() {
        let _ = writeln!(text, "slow: {name} at {:?} of {end:?}", signal.at);
    }
}

/// Whether a stock traded at a price within the half second before or after a bar: by a clock that
/// is off by as much, a price asked for then is one of the bar.
fn beside(world: &World, code: StockCode, bar: &RefBar, price: i64) -> bool {
    let near = |at: Moment, edge: Moment| at.ms_since(edge).abs() <= 600;
    let beside = |at: Moment| near(at, bar.opened) || near(at, bar.end);
    let tape = world.tape.day(code, bar.opened.day());
    tape.is_some_and(|tape| {
        let mut prints = tape.prints.iter();
        prints.any(|(at, print)| beside(*at) && print.price.0 == price)
    })
}

fn told_fits(
    world: &World,
    bars: &BTreeMap<SignalKey, RefBar>,
    name: &impl Fn(&SignalKey) -> String,
    tally: &mut Tally,
    text: &mut String,
) {
    tally.told = world.told.len();
    let mut seen: BTreeMap<SignalKey, Vec<&crate::world::Told>> = BTreeMap::new();
    for told in &world.told {
        let before = seen.entry(told.key).or_default();
        let doubled = before
            .iter()
            .any(|t| t.stage == told.stage && t.source == told.source);
        if doubled && !world.may_repeat.contains(&told.key) {
            let _ = writeln!(text, "told twice {:?} {}", told.stage, name(&told.key));
        }
        let fits = match before.last().map(|t| t.stage) {
            None => told.stage != Stage::Withdrawn,
            Some(Stage::Forming) => true,
            Some(Stage::Confirmed | Stage::Late) => told.stage == Stage::Withdrawn,
            Some(Stage::Withdrawn) => matches!(told.stage, Stage::Confirmed | Stage::Late),
        };
        if !fits && !world.may_repeat.contains(&told.key) {
            let _ = writeln!(
                text,
                "{:?} after {:?} {}",
                told.stage,
                before.iter().map(|t| t.stage).collect::<Vec<_>>(),
                name(&told.key)
            );
        }
        if told.stage == Stage::Forming
            && let Some(bar) = bars.get(&told.key)
            && !(bar.low <= told.price && told.price <= bar.high)
            && !beside(world, told.key.code, bar, told.price)
        {
            let name = name(&told.key);
            let _ = writeln!(
                text,
                "forming at {} {name} at {:?}, which is {}..{}",
                told.price, told.at, bar.low, bar.high
            );
        }
        before.push(told);
    }
    for (key, signal) in &world.disk.signals {
        let last = seen.get(key).and_then(|told| told.last());
        let stands = signal.stage.stands();
        if stands && last.is_none_or(|t| t.stage != signal.stage) {
            let at = last.map(|t| (t.stage, t.at));
            let _ = writeln!(text, "{:?} not told {} but {at:?}", signal.stage, name(key));
        }
    }
}

/// Arrows of open windows belong to their stock and timeframe and lie on the right bars.
pub(crate) fn arrows(world: &mut World) -> String {
    let mut text = String::new();
    let Some(picture) = world.picture() else {
        return text;
    };
    for (code, view) in &picture.stocks {
        let ChartState::Ready { series, .. } = &view.chart.state else {
            continue;
        };
        for arrow in &view.markers {
            let key = &arrow.key;
            if key.code != *code || key.timeframe != view.timeframe {
                let _ = writeln!(text, "an arrow of {key:?} in the window of {code}");
            }
            let Some(signal) = world.disk.signals.get(key).filter(|s| s.stage.stands()) else {
                continue;
            };
            // A signal keeps the price it was given at; a split since then shows in the bars.
            let scale = |day| world.tape.scale(*code, day);
            let price = signal.price * scale(world.now.day()) / scale(signal.bar_end.day());
            let oldest = series.bars().first().map(|bar| bar.opened);
            match series.index_of(key.bar) {
                // A chart shows rows as they were corrected later.
                Some(at)
                    if world.broker.has_corrected() || series.bars()[at].candle.close == price => {}
                None if Some(key.bar) < oldest => {}
                other => {
                    let _ = writeln!(text, "the arrow {key:?} lies on {other:?}");
                }
            }
        }
        let told: BTreeSet<SignalKey> = world.told.iter().map(|t| t.key).collect();
        let lacking = told.iter().filter(|key| {
            key.code == *code
                && key.timeframe == view.timeframe
                && view.markers.iter().all(|m| m.key != **key)
        });
        for key in lacking {
            let _ = writeln!(text, "no arrow for {key:?}");
        }
    }
    text
}
