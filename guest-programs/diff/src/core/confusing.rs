//! Lines that only confuse the comparison are left out of it: those the other text does not have at all, and in runs of
//! such, those it has very often. GNU diff documents the effect (`--minimal` turns it off); the thresholds are its own,
//! since they decide which of several equally good results comes out.

/// What is thought of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Keep,
    /// The other text has no such line.
    Discard,
    /// The other text has so many of them that one more or less tells nothing.
    Maybe,
}

/// Tells for each line of one side whether to leave it out. `occurrences` counts the other side's lines by class.
pub(crate) fn discarded(classes: &[u32], occurrences: &[u32]) -> Vec<bool> {
    let many = often(classes.len());
    let mut verdicts: Vec<Verdict> = classes
        .iter()
        .map(|class| match occurrences.get(*class as usize).copied().unwrap_or(0) {
            0 => Verdict::Discard,
            count if count > many => Verdict::Maybe,
            _ => Verdict::Keep,
        })
        .collect();
    let mut at = 0;
    while at < verdicts.len() {
        match verdicts[at] {
            Verdict::Keep => at += 1,
            // Not inside a run that begins with a certain one.
            Verdict::Maybe => {
                verdicts[at] = Verdict::Keep;
                at += 1;
            }
            Verdict::Discard => {
                let rest = &mut verdicts[at..];
                let end = rest.iter().position(|verdict| *verdict == Verdict::Keep).unwrap_or(rest.len());
                at += settle(&mut rest[..end]);
            }
        }
    }
    verdicts.into_iter().map(|verdict| verdict != Verdict::Keep).collect()
}

/// From how many occurrences on a line is frequent: 5 times about the root of a 64th of the lines.
fn often(lines: usize) -> u32 {
    let mut many = 5_u32;
    let mut rest = (lines / 64) >> 2;
    while rest > 0 {
        many = many.saturating_mul(2);
        rest >>= 2;
    }
    many
}

/// Settles the doubtful lines of a run that begins with a certain one; answers how many lines are settled.
fn settle(run: &mut [Verdict]) -> usize {
    let length = run.iter().rposition(|verdict| *verdict == Verdict::Discard).map_or(0, |last| last + 1);
    keep(&mut run[length..]);
    let (settled, run) = (run.len(), &mut run[..length]);
    let doubtful = run.iter().filter(|verdict| **verdict == Verdict::Maybe).count();
    if doubtful * 4 > length {
        keep(run);
        return settled;
    }
    keep_long_runs(run);
    keep_near_start(run.iter_mut());
    keep_near_start(run.iter_mut().rev());
    settled
}

/// Keeps what is doubtful.
fn keep(verdicts: &mut [Verdict]) {
    for verdict in verdicts {
        if *verdict == Verdict::Maybe {
            *verdict = Verdict::Keep;
        }
    }
}

/// Keeps doubtful lines that stand together: more than about the root of a quarter of the run.
fn keep_long_runs(run: &mut [Verdict]) {
    let mut longest = 1;
    let mut rest = (run.len() >> 2) >> 2;
    while rest > 0 {
        longest <<= 1;
        rest >>= 2;
    }
    for group in run.chunk_by_mut(|one, other| (*one == Verdict::Maybe) == (*other == Verdict::Maybe)) {
        if group.len() > longest {
            keep(group);
        }
    }
}

/// Keeps doubtful lines up to the third certain one in a row, or to the first certain one after eight lines.
fn keep_near_start<'a>(run: impl Iterator<Item = &'a mut Verdict>) {
    let mut together = 0;
    for (at, verdict) in run.enumerate() {
        match *verdict {
            Verdict::Discard if at >= 8 => break,
            Verdict::Discard => together += 1,
            Verdict::Keep => together = 0,
            Verdict::Maybe => {
                *verdict = Verdict::Keep;
                together = 0;
            }
        }
        if together == 3 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_the_other_side_lacks_is_left_out() {
        assert_eq!(discarded(&[0, 1, 2], &[1, 0, 1]), [false, true, false]);
    }

    #[test]
    fn a_frequent_line_is_left_out_only_inside_a_run_of_such() {
        let mut classes = vec![0; 25];
        classes[12] = 1;
        // Class 0 is unknown to the other side, class 1 is there nine times.
        assert!(discarded(&classes, &[0, 9])[12]);
        classes[0] = 1;
        assert!(!discarded(&classes, &[0, 9])[0]);
        // Too near to the beginning of the run.
        classes[2] = 1;
        assert!(!discarded(&classes, &[0, 9])[2]);
    }

    #[test]
    fn what_is_frequent_grows_with_the_text() {
        assert_eq!([often(10), often(255), often(256), often(1024), often(100_000)], [5, 5, 10, 20, 160]);
    }
}
