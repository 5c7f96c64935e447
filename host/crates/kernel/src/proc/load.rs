//! The load averages: how many processors the session has kept busy, over the last 1, 5 and 15 minutes.
//!
//! Nothing samples: they are brought up to date when somebody asks, from the CPU time used since somebody last did.

use base::MonoNanos;

/// The spans of the three averages, in seconds.
const SPANS_SECS: [f64; 3] = [60.0, 300.0, 900.0];

/// Exponentially damped averages of busy processors.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    averages: [f64; 3],
    at: MonoNanos,
    cpu_ns: u64,
}

impl Load {
    pub(crate) fn starting(now: MonoNanos) -> Self {
        Self { averages: [0.0; 3], at: now, cpu_ns: 0 }
    }

    /// Takes in what was computed until `now`; `cpu_ns` is the sum since the start.
    pub(crate) fn update(&mut self, now: MonoNanos, cpu_ns: u64) {
        let passed = now.since(self.at).as_secs_f64();
        if passed <= 0.0 {
            return;
        }
        let busy = std::time::Duration::from_nanos(cpu_ns.saturating_sub(self.cpu_ns)).as_secs_f64() / passed;
        for (average, span) in self.averages.iter_mut().zip(SPANS_SECS) {
            let kept = (-passed / span).exp();
            *average = *average * kept + busy * (1.0 - kept);
        }
        (self.at, self.cpu_ns) = (now, cpu_ns);
    }

    pub(crate) fn averages(&self) -> [f64; 3] {
        self.averages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_goes_to_what_is_busy_and_fades() {
        const MINUTE: u64 = 60_000_000_000;
        let mut load = Load::starting(MonoNanos(0));
        load.update(MonoNanos(10 * MINUTE), 20 * MINUTE);
        let [one, five, fifteen] = load.averages();
        assert!(one > 1.99 && one < 2.0 && five < one && fifteen < five && fifteen > 0.9, "{load:?}");
        load.update(MonoNanos(20 * MINUTE), 20 * MINUTE);
        assert!(load.averages()[0] < 0.001, "{load:?}");
    }
}
