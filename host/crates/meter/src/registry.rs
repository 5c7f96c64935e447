//! A thin builder over the `prometheus` crate: every metric with its name, help and, for times, one set of buckets.

use prometheus::core::Collector;
use prometheus::{Counter, Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, TextEncoder};

/// Upper bounds in seconds: from a warm process start (some 10 µs) to a run's default timeout (30 s), a factor of about
/// three apart.
const SECONDS: [f64; 14] =
    [0.000_01, 0.000_03, 0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// All metrics of one meter.
#[derive(Clone, Debug)]
pub(crate) struct Registry(prometheus::Registry);

impl Registry {
    pub(crate) fn new() -> Self {
        Self(prometheus::Registry::new())
    }

    pub(crate) fn count(&self, name: &str, help: &str) -> IntCounter {
        self.add(IntCounter::new(name, help))
    }

    pub(crate) fn sum(&self, name: &str, help: &str) -> Counter {
        self.add(Counter::new(name, help))
    }

    pub(crate) fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.add(IntGauge::new(name, help))
    }

    pub(crate) fn times(&self, name: &str, help: &str) -> Histogram {
        self.add(Histogram::with_opts(HistogramOpts::new(name, help).buckets(SECONDS.to_vec())))
    }

    /// Makes one counter for each value of the one label `label`, so that each is there from the start, at zero.
    pub(crate) fn counts(&self, name: &str, help: &str, label: &str, values: &[&str]) -> Vec<IntCounter> {
        let family = self.add(IntCounterVec::new(Opts::new(name, help), &[label]));
        values.iter().map(|value| family.with_label_values(&[*value])).collect()
    }

    /// Returns all metrics in Prometheus' text format, version 0.0.4.
    pub(crate) fn text(&self) -> String {
        let mut text = Vec::new();
        // Writing to memory does not fail, and every family has samples; what is encoded so far is the answer otherwise.
        if TextEncoder::new().encode(&self.0.gather(), &mut text).is_err() {
            debug_assert!(false, "the metrics cannot be encoded");
        }
        String::from_utf8(text).unwrap_or_default()
    }

    fn add<T: Collector + Clone + 'static>(&self, made: prometheus::Result<T>) -> T {
        let metric = made.expect("names, help and buckets are constants that a test makes");
        self.0.register(Box::new(metric.clone())).expect("each name is used once, which a test sees");
        metric
    }
}
