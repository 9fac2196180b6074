//! Goal 4: what a tick costs while no alignment changes, and when one does.

use std::hint::black_box;
use std::time::Instant;

use jeongbae::bars::Series;
use jeongbae::indicators::{Alignment, Band, alignment_thresholds};
use yata::core::Method;
use yata::methods::SMA;

use crate::walk::Market;
use crate::{PERIODS, bar, order};

const STOCKS: usize = 2_800;
const TIMEFRAMES: usize = 10;
const TICKS: usize = 200_000;
const ROUNDS: usize = 7;

/// One stock by price bands: between `from` and `to` no timeframe changes its alignment.
struct Banded {
    edges: [(i64, i64); TIMEFRAMES],
    states: [Alignment; TIMEFRAMES],
}

/// One stock by the closed sums of every period: `sums[k]` of the last `PERIODS[k]` - 1 closes.
type Summed = [[i64; 4]; TIMEFRAMES];

struct World {
    /// Apart from the rest, because most ticks touch nothing else.
    quiet: Vec<(i64, i64)>,
    banded: Vec<Banded>,
    summed: Vec<Summed>,
    peers: Vec<[[SMA; 4]; TIMEFRAMES]>,
    ticks: Vec<(u32, i64)>,
}

/// Time per tick; whether the required figures hold.
pub(crate) fn goal_4() -> bool {
    let mut world = world();
    let mut left = 0;
    // The same answers first, at every tick.
    for index in 0..world.ticks.len() {
        let (stock, price) = world.ticks[index];
        let stock = stock as usize;
        let crossed = on_tick(&mut world.quiet, &mut world.banded, stock, price);
        left += usize::from(crossed);
        let summed = world.summed[stock].map(|sums| by_sums(&sums, price));
        assert_eq!(
            world.banded[stock].states, summed,
            "stock {stock} at {price}"
        );
        if index % 64 == 0 {
            for (t, sums) in world.summed[stock].iter().enumerate() {
                // A running mean cannot see a tie; everywhere else it must say the same.
                let means = means(sums, price);
                if means.windows(2).all(|pair| pair[0] != pair[1]) {
                    let peer = order(by_peer(&world.peers[stock][t], price));
                    assert_eq!(peer, order(means), "stock {stock} at {price}");
                }
            }
        }
    }
    let (mut ours, mut limit, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        peer.push(time_per_tick(TICKS / 20, |at| {
            let (stock, price) = world.ticks[at];
            let all = &world.peers[stock as usize];
            let states: [Alignment; TIMEFRAMES] =
                std::array::from_fn(|t| order(by_peer(&all[t], price)));
            black_box(states);
        }));
        ours.push(time_per_tick(TICKS, |at| {
            let (stock, price) = world.ticks[at];
            let changed = on_tick(&mut world.quiet, &mut world.banded, stock as usize, price);
            black_box(changed);
        }));
        limit.push(time_per_tick(TICKS, |at| {
            let (stock, price) = world.ticks[at];
            black_box(world.summed[stock as usize].map(|sums| by_sums(&sums, price)));
        }));
    }
    let (ours, peer, limit) = (median(ours), median(peer), median(limit));
    println!(
        "# goal 4: {STOCKS} stocks x {TIMEFRAMES} timeframes; required: 20x yata, 1x closed sums"
    );
    println!("# {left} of {TICKS} ticks left the quiet interval");
    println!(
        "tick_ns {ours:.1} {peer:.1} {limit:.1} {:.1}x {:.1}x",
        peer / ours,
        limit / ours
    );
    20.0 * ours <= peer && ours <= limit
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn time_per_tick(count: usize, mut tick: impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    for at in 0..count {
        tick(at);
    }
    start.elapsed().as_nanos() as f64 / count as f64
}

/// Brings the stock's states up to date; whether the price left the quiet interval.
fn on_tick(quiet: &mut [(i64, i64)], banded: &mut [Banded], stock: usize, price: i64) -> bool {
    let (from, to) = quiet[stock];
    if from <= price && price <= to {
        return false;
    }
    let Banded { edges, states } = &mut banded[stock];
    let (mut from, mut to) = (i64::MIN, i64::MAX);
    for (state, &(bullish, bearish)) in states.iter_mut().zip(&*edges) {
        let (now, low, high) = if bullish <= price {
            (Alignment::Bullish, bullish, i64::MAX)
        } else if price <= bearish {
            (Alignment::Bearish, i64::MIN, bearish)
        } else {
            (Alignment::Mixed, bearish + 1, bullish - 1)
        };
        *state = now;
        from = from.max(low);
        to = to.min(high);
    }
    quiet[stock] = (from, to);
    true
}

/// The means times 240, in integers: no division, as plain as it gets.
fn means(sums: &[i64; 4], price: i64) -> [i64; 4] {
    [
        (sums[0] + price) * 12,
        (sums[1] + price) * 4,
        (sums[2] + price) * 2,
        sums[3] + price,
    ]
}

fn by_sums(sums: &[i64; 4], price: i64) -> Alignment {
    order(means(sums, price))
}

fn by_peer(averages: &[SMA; 4], price: i64) -> [f64; 4] {
    std::array::from_fn(|k| averages[k].clone().next(&(price as f64)))
}

fn world() -> World {
    let mut world = World {
        quiet: vec![(i64::MAX, i64::MIN); STOCKS],
        banded: Vec::with_capacity(STOCKS),
        summed: Vec::with_capacity(STOCKS),
        peers: Vec::with_capacity(STOCKS),
        ticks: Vec::with_capacity(TICKS),
    };
    let mut markets = Vec::with_capacity(STOCKS);
    for stock in 0..STOCKS {
        let start = 1_000 + 37 * stock as i64;
        let mut market = Market::new(stock as u64 * 7_919 + 1, start);
        // Every timeframe has seen the same prices at its own pace and ends on the same one.
        let closes: Vec<i64> = (0..260 * TIMEFRAMES).map(|_| market.next()).collect();
        let mut banded = Banded {
            edges: [(0, 0); TIMEFRAMES],
            states: [Alignment::Unknown; TIMEFRAMES],
        };
        let mut summed = [[0; 4]; TIMEFRAMES];
        let peers = std::array::from_fn(|t| {
            let paced = closes.iter().rev().step_by(t + 1).take(260);
            let mut paced: Vec<i64> = paced.copied().collect();
            paced.reverse();
            let bars = paced.iter().enumerate().map(|(i, &close)| bar(i, close));
            let series = Series::new(bars.collect());
            let band: Option<Band> = alignment_thresholds(&series, &PERIODS);
            banded.edges[t] = band.map(|band| band.edges()).expect("260 bars are enough");
            summed[t] = PERIODS.map(|n| {
                let before = usize::from(n) - 1;
                series
                    .sum(series.len(), before)
                    .expect("260 bars are enough")
            });
            PERIODS.map(|n| {
                let mut average = SMA::new(n as u8, &(paced[0] as f64)).expect("a length");
                for close in &paced {
                    average.next(&(*close as f64));
                }
                average
            })
        });
        world.banded.push(banded);
        world.summed.push(summed);
        world.peers.push(peers);
        markets.push(market);
    }
    let mut pick = Market::new(42, 1_000);
    for _ in 0..TICKS {
        let stock = pick.random(STOCKS as u64) as usize;
        world.ticks.push((stock as u32, markets[stock].next()));
    }
    world
}
