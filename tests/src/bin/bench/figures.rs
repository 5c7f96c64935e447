//! How figures are taken and printed.

use std::time::Instant;

/// Prints the table's head.
pub(crate) fn head() {
    println!("{:<58} {:>12} {:>12} {:>8}  budget", "what", "ours", "reference", "ratio");
}

/// Prints one row.
pub(crate) fn row(what: &str, ours: &str, reference: &str, ratio: f64, budget: &str) {
    println!("{what:<58} {ours:>12} {reference:>12} {ratio:>8.2}  {budget}");
}

/// Prints a row that has no reference.
pub(crate) fn alone(what: &str, ours: &str, budget: &str) {
    println!("{what:<58} {ours:>12} {:>12} {:>8}  {budget}", "", "");
}

/// The time `work` takes, in microseconds.
pub(crate) fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e6
}

/// The value below which `share` (0 to 1) of `values` lie.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = (values.len() as f64 * share) as usize;
    values[rank.min(values.len() - 1)]
}

/// The middle one.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}
