//! The demo: the program on the embedded simulator.
//!
//! It differs from a live run only in addresses, keys and clock. Its rules are ordinary rules and
//! its signals come from the simulated market's numbers; the clock merely starts shortly before
//! a bar that is going to fire, so that nobody has to wait for half an hour.

use secrecy::SecretString;

use crate::bars::{BarRules, Series};
use crate::clock::Clock;
use crate::conditions::{At, Judged, Rule, Verdict};
use crate::domain::{Calendar, Day, Market as Venue, Minute, Moment, StockCode, Timeframe};
use crate::keys::Keys;
use crate::sim::market::Market;
use crate::sim::{Sim, SimOptions};

/// The demo begins this long before the bar closes: enough to fetch the history of its stocks
/// at the broker's rate.
const BEFORE_CLOSE_SECS: i64 = 44;
/// Open days looked through for a bar that fires.
const DAYS: usize = 30;
/// Days of history a rule is given in the search: 240 bars of 30 minutes are 19 days.
const HISTORY_DAYS: usize = 20;

/// What the user may choose of a demo.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DemoOptions {
    /// The market; same seed, same prices.
    pub seed: Option<u64>,
    /// Market time at the start.
    pub start: Option<Moment>,
    /// Market seconds per real second.
    pub speed: Option<f64>,
}

/// The bar with which a demo rings first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstRing {
    /// The stock.
    pub code: StockCode,
    /// Opening of the bar.
    pub bar: Moment,
    /// When it closes.
    pub end: Moment,
}

/// Starts the simulator of a demo.
///
/// # Errors
///
/// No port, in the user's words.
pub async fn start(
    options: DemoOptions,
    rules: &[Rule],
    codes: &[StockCode],
    bars: BarRules,
) -> Result<Sim, String> {
    let seed = options.seed.unwrap_or(1);
    let start = options.start.unwrap_or_else(|| {
        let newest = Clock::machine().now().day();
        first_ring(&Market::new(seed), rules, codes, bars, newest).map_or_else(
            || Calendar::new().previous_open(newest).at(Minute::hm(9, 58)),
            |ring| ring.end.plus_secs(-BEFORE_CLOSE_SECS),
        )
    });
    let speed = options.speed.unwrap_or(1.0);
    let options = SimOptions {
        seed,
        start: Some(start),
        speed,
        ..SimOptions::default()
    };
    Sim::start(options)
        .await
        .map_err(|error| t!("데모 시장을 시작하지 못했습니다: %{error}", error = error))
}

/// The simulator's keys: it takes any of a plausible form, and these are plainly not real.
pub fn keys() -> Keys {
    Keys {
        app_key: SecretString::from("DEMO".repeat(9)),
        app_secret: SecretString::from("DEMO".repeat(45)),
    }
}

/// Looks for a bar on which the first 30-minute rule (else the first rule on minutes) fires,
/// from `newest` backwards. The earliest such bar of a day that leaves time to start.
pub fn first_ring(
    market: &Market,
    rules: &[Rule],
    codes: &[StockCode],
    bars: BarRules,
    newest: Day,
) -> Option<FirstRing> {
    let half_hour = |rule: &&Rule| rule.timeframe == Timeframe::Minutes(30);
    let on_minutes = |rule: &&Rule| rule.timeframe.minutes().is_some();
    let rule = rules
        .iter()
        .find(half_hour)
        .or_else(|| rules.iter().find(on_minutes))?;
    let mut day = match market.calendar().is_open(newest) {
        true => newest,
        false => market.calendar().previous_open(newest),
    };
    for _ in 0..DAYS {
        let of_day = codes
            .iter()
            .filter_map(|&code| ring_of(market, rule, code, bars, day));
        if let Some(ring) = of_day.min_by_key(|ring| (ring.end, ring.code)) {
            return Some(ring);
        }
        day = market.calendar().previous_open(day);
    }
    None
}

fn ring_of(
    market: &Market,
    rule: &Rule,
    code: StockCode,
    bars: BarRules,
    day: Day,
) -> Option<FirstRing> {
    let minutes = rule.timeframe.minutes()?;
    let calendar = market.calendar();
    let mut days = calendar.open_days_before(day, HISTORY_DAYS);
    days.reverse();
    days.push(day);
    let mut series = Series::default();
    let mut close = None;
    for &at in &days {
        let hours = calendar.hours(at, Venue::Krx)?;
        let rows = market.minutes(code, at);
        for bar in bars.fold_day(&hours, at, minutes, &rows, close, Minute(1_440)) {
            close = Some(bar.candle.close);
            series.push(bar);
        }
    }
    let hours = calendar.hours(day, Venue::Krx)?;
    let fires = |index: &usize| {
        let at = At::new(&series, Judged::Closed(*index));
        rule.expr.judge(&at, &rule.periods) == Verdict::True
    };
    let of_day = series.bars().partition_point(|bar| bar.opened.day() < day);
    (of_day..series.len()).find(fires).and_then(|index| {
        let bar = series.bars()[index].opened;
        let slot = bars.slot_of(&hours, minutes, bar.minute())?;
        // The closing auction's bar would leave a market that is closed right after.
        (slot.end < hours.continuous_end).then(|| FirstRing {
            code,
            bar,
            end: day.at(slot.end),
        })
    })
}
