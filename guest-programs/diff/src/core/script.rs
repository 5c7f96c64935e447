//! The comparison as a whole: the common beginning and end are set aside, confusing lines left out, the rest compared, and
//! what comes out shifted.

use super::classes::{Classes, Rules, classify};
use super::confusing::discarded;
use super::myers;
use super::shift::{Marks, shift};
use super::text::Text;

/// Lines that differ: `deleted` lines from `line[0]` of the first text are `inserted` ones from `line[1]` of the second.
/// Lines are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) line: [usize; 2],
    /// How many lines, of the first and of the second text.
    pub(crate) count: [usize; 2],
    /// It is one that options say to ignore.
    pub(crate) ignored: bool,
}

impl Change {
    /// The first line behind it in one of the texts.
    pub(crate) fn end(&self, side: usize) -> usize {
        self.line[side] + self.count[side]
    }
}

/// Compares two texts; changes come in order.
pub(crate) fn compare(texts: [&Text; 2], rules: &Rules) -> Vec<Change> {
    let (beginning, lengths) = body(texts, rules);
    let ranges = lengths.map(|length| beginning..beginning + length);
    let classes = classify(texts, ranges, rules);
    let mut marks = lengths.map(Marks::new);
    mark_differences(&classes, rules.minimal, &mut marks);
    let [first, second] = &mut marks;
    shift(first, second, &classes.of[0]);
    shift(second, first, &classes.of[1]);
    changes(&marks, lengths, beginning)
}

/// How many common lines to set aside at the beginning, and how many lines of each text take part.
fn body(texts: [&Text; 2], rules: &Rules) -> (usize, [usize; 2]) {
    let lengths = texts.map(Text::len);
    let shorter = lengths[0].min(lengths[1]);
    let same = (0..shorter).take_while(|line| texts[0].line(*line) == texts[1].line(*line)).count();
    let from_end = |side: usize, line: usize| texts[side].line(lengths[side] - 1 - line);
    let same_at_end = (0..shorter - same).take_while(|line| from_end(0, *line) == from_end(1, *line)).count();
    let beginning = same.saturating_sub(rules.horizon);
    let end = same_at_end.saturating_sub(rules.horizon);
    (beginning, lengths.map(|length| length - beginning - end))
}

/// Marks the lines that are not common to both.
fn mark_differences(classes: &Classes, minimal: bool, marks: &mut [Marks; 2]) {
    let counts = [0, 1].map(|side: usize| {
        let mut counts = vec![0_u32; classes.count];
        for class in &classes.of[side] {
            counts[*class as usize] += 1;
        }
        counts
    });
    // The lines that take part in the comparison proper, by number and by class.
    let [kept_first, kept_second] = [0, 1].map(|side: usize| {
        let gone = discarded(&classes.of[side], &counts[1 - side]);
        let mut kept = (Vec::new(), Vec::new());
        for (line, class) in classes.of[side].iter().enumerate() {
            if minimal || !gone[line] {
                kept.0.push(line);
                kept.1.push(*class);
            } else {
                marks[side].mark(line);
            }
        }
        kept
    });
    let [first, second] = marks;
    let delete = |at: usize| first.mark(kept_first.0[at]);
    let insert = |at: usize| second.mark(kept_second.0[at]);
    myers::compare(&kept_first.1, &kept_second.1, minimal, delete, insert);
}

/// Reads the marks off.
fn changes(marks: &[Marks; 2], lengths: [usize; 2], beginning: usize) -> Vec<Change> {
    let mut list = Vec::new();
    let mut at = [0, 0];
    while at[0] < lengths[0] || at[1] < lengths[1] {
        let start = at;
        for side in [0, 1] {
            while marks[side].is(at[side]) {
                at[side] += 1;
            }
        }
        let count = [at[0] - start[0], at[1] - start[1]];
        if count != [0, 0] {
            list.push(Change { line: start.map(|line| line + beginning), count, ignored: false });
        }
        at = at.map(|line| line + 1);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(first: &str, second: &str, expected: &[([usize; 2], [usize; 2])]) {
        let texts = [first, second].map(|text| Text::new(text.bytes().flat_map(|byte| [byte, b'\n']).collect()));
        let found = compare([&texts[0], &texts[1]], &Rules::default());
        let found: Vec<_> = found.iter().map(|change| (change.line, change.count)).collect();
        assert_eq!(found, expected, "{first} {second}");
    }

    #[test]
    fn changes_come_with_their_lines_in_both() {
        check("abc", "abc", &[]);
        check("abc", "axc", &[([1, 1], [1, 1])]);
        check("", "ab", &[([0, 0], [0, 2])]);
        check("abcabba", "cbabac", &[([0, 0], [2, 0]), ([3, 1], [1, 0]), ([5, 2], [0, 1]), ([7, 5], [0, 1])]);
    }
}
