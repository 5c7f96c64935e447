//! Where a hunk goes: the nearest place to the expected one where its old lines are, as GNU patch searches for it.

use super::hunk::Hunk;
use crate::core::{Text, is_space};

/// A search for the place of a hunk in a file of which some lines are settled already.
pub(crate) struct Search<'a> {
    pub(crate) input: &'a Text,
    /// How many lines from the beginning are settled.
    pub(crate) settled: i64,
    /// How far the last hunk was from where it was expected.
    pub(crate) offset: i64,
    pub(crate) ignore_white_space: bool,
}

impl Search<'_> {
    /// Finds the place of a hunk, the first line of its old lines counted from 1, when `fuzz` lines of context at either
    /// end need not be there.
    pub(crate) fn find(&self, hunk: &Hunk, fuzz: usize) -> Option<i64> {
        let pattern = hunk.pattern();
        let guess = hunk.first() + self.offset;
        if pattern.is_empty() {
            return Some(guess);
        }
        let [before, after] = hunk.context().map(signed);
        let (longest, fuzz) = (before.max(after), signed(fuzz));
        // Less context at one end than at the other: there the file ends.
        let (fuzz_before, fuzz_after) = (fuzz + before - longest, fuzz + after - longest);
        let (lines, length) = (signed(self.input.len()), signed(pattern.len()));
        let highest = lines - (length - fuzz_after) + 1;
        let matches = |place: i64, before: i64, after: i64| self.matches(&pattern, place, before, after);
        if fuzz_before < 0 && hunk.first() <= 1 {
            let whole = fuzz_after >= 0 || (length == lines && before >= self.settled);
            let possible = whole && self.settled <= before && highest >= 1;
            return (possible && matches(1, 0, fuzz_after.max(0))).then_some(1);
        }
        let fuzz_before = fuzz_before.max(0);
        if fuzz_after < 0 {
            let last = lines - length + 1;
            let possible = last > self.settled && last > 0;
            return (possible && matches(last, fuzz_before, 0)).then_some(last);
        }
        let lowest = (self.settled + 1).max(1);
        // Outwards from where it should be, down the file first.
        let start = if guess > highest { guess - highest } else { (lowest - guess).max(0) };
        let farthest = (highest - guess).max(guess - lowest);
        (start..=farthest).find_map(|distance| {
            let below = guess + distance;
            let above = guess - distance;
            let fits = |place: i64| place >= lowest && place <= highest && matches(place, fuzz_before, fuzz_after);
            if fits(below) { Some(below) } else { (distance > 0 && fits(above)).then_some(above) }
        })
    }

    fn matches(&self, pattern: &[&[u8]], place: i64, fuzz_before: i64, fuzz_after: i64) -> bool {
        let (Ok(skip), Ok(leave)) = (usize::try_from(fuzz_before), usize::try_from(fuzz_after)) else { return false };
        let end = pattern.len().saturating_sub(leave);
        let Ok(first) = usize::try_from(place - 1) else { return false };
        (skip..end).all(|at| {
            let line = first + at;
            line < self.input.len() && self.equal(self.input.line(line), pattern[at])
        })
    }

    fn equal(&self, one: &[u8], other: &[u8]) -> bool {
        one == other || (self.ignore_white_space && similar(one, other))
    }
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX / 4)
}

/// Tells that lines are the same but for the amount of white space.
fn similar(one: &[u8], other: &[u8]) -> bool {
    fn form(line: &[u8]) -> Vec<&[u8]> {
        line.chunk_by(|a, b| is_space(*a) == is_space(*b))
            .map(|run| if is_space(run[0]) { &b" "[..] } else { run })
            .collect()
    }
    form(one.trim_ascii_end()) == form(other.trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use super::super::hunk::Kind;
    use super::*;

    fn hunk(start: i64, lines: &[(Kind, &str)]) -> Hunk {
        let lines = lines.iter().map(|(kind, line)| (*kind, format!("{line}\n").into_bytes())).collect();
        Hunk { start: [start, start], lines, title: Vec::new() }
    }

    #[test]
    fn a_hunk_is_found_nearest_to_where_it_should_be() {
        use Kind::{Context, Deleted};
        let input = Text::new(b"1\nx\n2\n3\n1\nx\n2\n".to_vec());
        let search = |settled, offset| Search { input: &input, settled, offset, ignore_white_space: false };
        let hunk = |start| hunk(start, &[(Context, "1"), (Deleted, "x"), (Context, "2")]);
        assert_eq!(search(0, 0).find(&hunk(2), 0), Some(1));
        assert_eq!(search(0, 0).find(&hunk(3), 0), Some(5));
        assert_eq!(search(1, 0).find(&hunk(2), 0), Some(5));
        assert_eq!(search(0, 3).find(&hunk(1), 0), Some(5));
    }

    #[test]
    fn less_context_at_one_end_binds_to_the_end_of_the_file() {
        use Kind::{Context, Deleted};
        let input = Text::new(b"a\nx\nb\nx\nb\n".to_vec());
        let search = Search { input: &input, settled: 0, offset: 0, ignore_white_space: false };
        assert_eq!(search.find(&hunk(1, &[(Deleted, "x"), (Context, "b")]), 0), None);
        assert_eq!(search.find(&hunk(1, &[(Deleted, "x"), (Context, "b")]), 1), Some(2));
        assert_eq!(search.find(&hunk(2, &[(Context, "b"), (Deleted, "x")]), 0), None);
        assert_eq!(search.find(&hunk(9, &[(Context, "x"), (Deleted, "b")]), 0), Some(4));
    }

    #[test]
    fn white_space_can_be_ignored() {
        assert!(similar(b"a  b\n", b"a\tb \n") && !similar(b"ab\n", b"a b\n"));
    }
}
