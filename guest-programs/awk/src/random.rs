//! Random numbers: the same after the same seed, as POSIX wants them.

/// A generator (xorshift64*, from Marsaglia's and Vigna's papers).
pub(crate) struct Random {
    state: u64,
    /// What `srand` was given last.
    seed: f64,
}

impl Default for Random {
    fn default() -> Self {
        let mut random = Self { state: 1, seed: 0.0 };
        random.seed(0.0);
        random
    }
}

impl Random {
    /// Starts anew; returns the seed before.
    pub(crate) fn seed(&mut self, seed: f64) -> f64 {
        // Seeds that differ little must not begin alike.
        let mut mixed = seed.to_bits().wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.state = (mixed ^ (mixed >> 31)).max(1);
        std::mem::replace(&mut self.seed, seed)
    }

    /// The next number, at least 0 and below 1.
    pub(crate) fn next(&mut self) -> f64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let bits = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
        let fraction = bits as f64 / (1u64 << 53) as f64;
        fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed: f64| {
            let mut random = Random::default();
            random.seed(seed);
            [random.next(), random.next()]
        };
        assert_eq!(draw(7.0), draw(7.0));
        assert_ne!(draw(7.0), draw(8.0));
        let mut random = Random::default();
        assert_eq!(random.seed(5.0), 0.0);
        assert_eq!(random.seed(6.0), 5.0);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.next())));
    }
}
