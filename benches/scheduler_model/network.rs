//! One way 8 ms + lognormal(median 3 ms, sigma 0.6) capped at 80; processing 8 to 24 ms.

/// Repeatable random numbers (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 (excluded) to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (a, b) = (self.unit(), self.unit());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    /// Seconds on the way.
    pub(crate) fn one_way(&mut self) -> f64 {
        0.008 + (0.003 * (0.6 * self.normal()).exp()).min(0.080)
    }

    /// Seconds at the broker.
    pub(crate) fn processing(&mut self) -> f64 {
        0.008 + 0.016 * self.unit()
    }
}
