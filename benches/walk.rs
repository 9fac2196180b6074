//! A market for benches and tests of averages: a seeded walk on the tick grid.

use jeongbae::domain::{Won, round_down_to_tick, tick_size};

/// Quiet stretches, in which averages tie, between drifts.
pub(crate) struct Market {
    state: u64,
    price: i64,
    drift: i64,
    /// Ticks from the price a quiet stretch rests at.
    away: i64,
}

impl Market {
    /// The same seed gives the same walk.
    pub(crate) fn new(seed: u64, price: i64) -> Self {
        Self {
            state: seed | 1,
            price,
            drift: 0,
            away: 0,
        }
    }

    /// A number from 0 to `below` - 1.
    pub(crate) fn random(&mut self, below: u64) -> i64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % below) as i64
    }

    /// The next close, won.
    pub(crate) fn next(&mut self) -> i64 {
        // Quiet stretches outlast the longest average, drifts do not.
        if self.random(if self.drift == 0 { 400 } else { 60 }) == 0 {
            self.drift = [0, 0, 1, -1, 2, -2][self.random(6) as usize];
            self.away = 0;
        }
        let ticks = match self.drift {
            // A quiet market repeats one price, visits its neighbour and comes back.
            0 => {
                let back = -self.away;
                self.away = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, -1][self.random(12) as usize];
                back + self.away
            }
            drift => self.random(3) - 1 + drift * (self.random(3) / 2),
        };
        let tick = tick_size(Won(self.price));
        let pulled = if self.price < 900 { 1 } else { 0 } - i64::from(900_000 < self.price);
        self.price = round_down_to_tick(Won(self.price + (ticks + pulled) * tick)).0;
        self.price
    }
}
