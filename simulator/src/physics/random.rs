//! Seeded chance (the same seed gives the same hall, whatever the platform), and values that move smoothly.

/// A generator of 64-bit numbers (`SplitMix64`, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// Evenly spread in `low..high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        let whole = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        low + (high - low) * f64::from(whole) / 2_f64.powi(32)
    }

    /// One of `low..=high`.
    pub(crate) fn whole(&mut self, low: u8, high: u8) -> u8 {
        let many = u64::from(high.saturating_sub(low)) + 1;
        low.saturating_add(u8::try_from(self.next() % many).unwrap_or(0))
    }
}

/// A value that wanders about 0: x' = −x/τ + noise, kept within ±1.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Drift(f64);

impl Drift {
    /// One step of `dt_s`; `tau_s` is how long it remembers.
    pub(super) fn step(&mut self, dt_s: f64, tau_s: f64, random: &mut Random) {
        let kick = random.between(-1.0, 1.0) * (dt_s / tau_s).sqrt();
        self.0 = (self.0 - self.0 * dt_s / tau_s + kick).clamp(-1.0, 1.0);
    }

    /// Where it is, −1 to 1.
    pub(super) fn get(self) -> f64 {
        self.0
    }
}

/// Where `value` is after `dt_s` of following `target` as a first-order lag of `lag_s`, whatever the step.
pub(super) fn follow(value: f64, target: f64, dt_s: f64, lag_s: f64) -> f64 {
    target + (value - target) * (-dt_s / lag_s).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            [(); 4].map(|()| random.between(0.0, 100.0).to_bits())
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn whole_numbers_are_all_drawn_and_no_others() {
        let mut random = Random::new(5);
        let drawn: std::collections::BTreeSet<u8> = (0..1000).map(|_| random.whole(3, 9)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8, 9]);
        assert!((0..1000).any(|_| random.whole(0, u8::MAX) == u8::MAX));
    }

    #[test]
    fn drift_moves_and_stays_within_one() {
        let mut random = Random::new(1);
        let mut drift = Drift::default();
        let reached: Vec<f64> = (0..10_000)
            .map(|_| {
                drift.step(0.1, 10.0, &mut random);
                drift.get()
            })
            .collect();
        assert!(reached.iter().all(|value| value.abs() <= 1.0));
        assert!(reached.iter().any(|value| *value > 0.3) && reached.iter().any(|value| *value < -0.3));
    }
}
