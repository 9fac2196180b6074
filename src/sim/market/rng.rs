//! A small seeded generator, so that the same seed gives the same market everywhere.

/// SplitMix64. Not for secrets.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    /// A generator whose numbers depend on `seed` and every part of `key`, and on nothing else:
    /// any minute of any day can be made without making the ones before it.
    pub(crate) fn keyed(seed: u64, key: &[u64]) -> Self {
        let mut state = mix(seed ^ 0x9E37_79B9_7F4A_7C15);
        for part in key {
            state = mix(state ^ part.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        }
        Self(state)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// In 0 ≤ x < 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// In `0..n`; 0 for n = 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.next() % n }
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// About normal with mean 0 and deviation 1, never beyond ±3.5: the sum of four uniforms
    /// out of one draw, cheap enough for every minute of twenty years.
    pub(crate) fn normal(&mut self) -> f64 {
        let bits = self.next();
        let sum: f64 = (0..4).map(|i| ((bits >> (16 * i)) & 0xFFFF) as f64).sum();
        (sum / 65_535.0 - 2.0) * 1.732
    }

    /// Exponential with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// `range.start ≤ x < range.end`.
    pub(crate) fn between(&mut self, range: std::ops::Range<f64>) -> f64 {
        range.start + self.unit() * (range.end - range.start)
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_separate_streams_and_normals_are_standard() {
        assert_eq!(Rng::keyed(7, &[1, 2]).next(), Rng::keyed(7, &[1, 2]).next());
        assert_ne!(Rng::keyed(7, &[1, 2]).next(), Rng::keyed(7, &[2, 1]).next());
        assert_ne!(Rng::keyed(7, &[1]).next(), Rng::keyed(8, &[1]).next());
        let mut rng = Rng::keyed(1, &[]);
        let draws: Vec<f64> = (0..20_000).map(|_| rng.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05);
    }
}
