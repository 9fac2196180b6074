//! Who is behind the prints: brokers (회원사), kinds of investors, and program trading. Each has
//! a part of a stock's day that is drawn once, so that its sums only grow and fit the tape's.

use crate::domain::Day;
use crate::sim::market::rng::Rng;
use crate::sim::market::totals::Totals;

/// A member of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broker {
    pub(crate) number: &'static str,
    pub(crate) name: &'static str,
    /// 외국계.
    pub(crate) foreign: bool,
}

const fn broker(number: &'static str, name: &'static str, foreign: bool) -> Broker {
    Broker {
        number,
        name,
        foreign,
    }
}

const BROKERS: [Broker; 12] = [
    broker("00050", "키움증권", false),
    broker("00005", "미래에셋증권", false),
    broker("00030", "삼성증권", false),
    broker("00012", "NH투자증권", false),
    broker("00003", "한국증권", false),
    broker("00002", "신한투자", false),
    broker("00086", "BNK증권", false),
    broker("00033", "JP모간", true),
    broker("00045", "골드만", true),
    broker("00036", "모간서울", true),
    broker("00035", "맥쿼리", true),
    broker("00037", "씨티그룹", true),
];

/// Shares through a broker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deal {
    pub(crate) broker: Broker,
    pub(crate) shares: i64,
}

/// The parts of one stock's day. Buying and selling are drawn apart.
#[derive(Clone, Debug)]
pub(crate) struct Flows {
    sold: Vec<(Broker, f64)>,
    bought: Vec<(Broker, f64)>,
    /// Private persons and foreigners; the rest are institutions.
    sellers: [f64; 2],
    buyers: [f64; 2],
    /// Programs' part of what sellers and what buyers started.
    program: (f64, f64),
}

/// Shares and won that programs sold and bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) sold: i64,
    pub(crate) sold_value: i64,
    pub(crate) bought: i64,
    pub(crate) bought_value: i64,
}

impl Flows {
    /// The parts of a stock's day.
    pub(crate) fn of(seed: u64, index: usize, day: Day) -> Self {
        let mut rng = Rng::keyed(seed, &[index as u64, 20, day.number() as u64]);
        let (sold, bought) = (brokers(&mut rng), brokers(&mut rng));
        let mut investors = || {
            let persons = rng.between(0.35..0.70);
            let foreigners = (1.0 - persons) * rng.between(0.35..0.65);
            [persons, foreigners]
        };
        let (sellers, buyers) = (investors(), investors());
        let program = (rng.between(0.15..0.35), rng.between(0.15..0.35));
        Self {
            sold,
            bought,
            sellers,
            buyers,
            program,
        }
    }

    /// The brokers through whom `volume` shares were sold, the largest first.
    pub(crate) fn sellers(&self, volume: i64) -> Vec<Deal> {
        deals(&self.sold, volume)
    }

    /// The brokers through whom `volume` shares were bought, the largest first.
    pub(crate) fn buyers(&self, volume: i64) -> Vec<Deal> {
        deals(&self.bought, volume)
    }

    /// `total` sold by private persons, foreigners and institutions.
    pub(crate) fn sold_by(&self, total: i64) -> [i64; 3] {
        by_investor(self.sellers, total)
    }

    /// `total` bought by private persons, foreigners and institutions.
    pub(crate) fn bought_by(&self, total: i64) -> [i64; 3] {
        by_investor(self.buyers, total)
    }

    /// What programs have traded when the tape stands at `totals`.
    pub(crate) fn program(&self, totals: &Totals) -> Program {
        let (sold, bought) = self.program;
        Program {
            sold: part(totals.sell_volume, sold),
            sold_value: part(totals.sell_value, sold),
            bought: part(totals.buy_volume, bought),
            bought_value: part(totals.buy_value, bought),
        }
    }
}

/// Each broker's part, the largest first. A little is left to all the others.
fn brokers(rng: &mut Rng) -> Vec<(Broker, f64)> {
    let weights = BROKERS.map(|broker| (broker, rng.exponential() + 0.1));
    let sum: f64 = weights.iter().map(|w| w.1).sum();
    let mut parts: Vec<_> = weights
        .into_iter()
        .map(|(broker, weight)| (broker, 0.95 * weight / sum))
        .collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    parts
}

fn deals(parts: &[(Broker, f64)], volume: i64) -> Vec<Deal> {
    parts
        .iter()
        .map(|&(broker, of_all)| Deal {
            broker,
            shares: part(volume, of_all),
        })
        .collect()
}

fn by_investor([persons, foreigners]: [f64; 2], total: i64) -> [i64; 3] {
    let (persons, foreigners) = (part(total, persons), part(total, foreigners));
    [persons, foreigners, total - persons - foreigners]
}

/// Never more than the whole, and never less for a larger whole.
fn part(whole: i64, of_all: f64) -> i64 {
    (whole as f64 * of_all) as i64
}
