//! Three texts: where two of them have changed the third, and which of the three is the odd one there.

use std::ops::Range;

use super::{Change, Rules, Text, compare};

/// Lines of three texts that are not the same in all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The text that differs from the two others, which agree; none if all differ.
    pub(crate) odd: Option<usize>,
    /// The lines of each text, counted from 0.
    pub(crate) lines: [Range<usize>; 3],
}

/// Compares three texts: `common` is the number of the one that the two others are compared with. Where both of these have
/// changed it, `same` tells whether they have the same lines there. Blocks come in order.
pub(crate) fn compare_three(
    texts: [&Text; 3],
    common: usize,
    rules: &Rules,
    same: impl Fn(&[u8], &[u8]) -> bool,
) -> Vec<Block> {
    let sides = match common {
        0 => [1, 2],
        1 => [0, 2],
        _ => [0, 1],
    };
    let changes = sides.map(|side: usize| compare([texts[side], texts[common]], rules));
    let mut threads = [Thread::new(&changes[0]), Thread::new(&changes[1])];
    let mut blocks = Vec::new();
    while let Some(start) = threads.iter().filter_map(Thread::next_start).min() {
        let mut end = start;
        let mut taken = [0, 0];
        // Changes that touch each other in the common text belong together, whichever thread they are from.
        while let Some(at) = (0..2).find(|at| threads[*at].next_start().is_some_and(|next| next <= end)) {
            end = end.max(threads[at].take());
            taken[at] += 1;
        }
        let mut lines = [const { 0..0 }; 3];
        lines[common] = start..end;
        for at in 0..2 {
            lines[sides[at]] = threads[at].counterpart(start, end, taken[at]);
        }
        let alike = || {
            let [one, other] = sides.map(|side| lines[side].clone());
            one.len() == other.len()
                && one.zip(other).all(|(one, other)| same(texts[sides[0]].line(one), texts[sides[1]].line(other)))
        };
        let odd = match taken {
            [_, 0] => Some(sides[0]),
            [0, _] => Some(sides[1]),
            _ => alike().then_some(common),
        };
        blocks.push(Block { odd, lines });
    }
    blocks
}

/// The changes from one text to the common one, as they are taken one after the other.
struct Thread<'a> {
    changes: &'a [Change],
    next: usize,
}

impl<'a> Thread<'a> {
    fn new(changes: &'a [Change]) -> Self {
        Self { changes, next: 0 }
    }

    /// Where the next change begins in the common text.
    fn next_start(&self) -> Option<usize> {
        self.changes.get(self.next).map(|change| change.line[1])
    }

    /// Takes the next change; answers where it ends in the common text.
    fn take(&mut self) -> usize {
        let end = self.changes.get(self.next).map_or(0, |change| change.end(1));
        self.next += 1;
        end
    }

    /// The lines of this text that stand for a range of the common one, in which the last `taken` changes are.
    fn counterpart(&self, start: usize, end: usize, taken: usize) -> Range<usize> {
        let first = self.next.saturating_sub(taken);
        // Outside of changes both texts run in step, behind the change before them.
        let begin = match self.changes.get(first).filter(|_| taken > 0) {
            Some(change) => change.line[0].saturating_sub(change.line[1].saturating_sub(start)),
            None => in_step(self.changes, first, start),
        };
        begin..in_step(self.changes, self.next, end).max(begin)
    }
}

/// The line that stands for a line of the common text that is behind the first `done` changes.
fn in_step(changes: &[Change], done: usize, line: usize) -> usize {
    match done.checked_sub(1).and_then(|last| changes.get(last)) {
        Some(last) => last.end(0) + line.saturating_sub(last.end(1)),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: [&str; 3], expected: &[(Option<usize>, [Range<usize>; 3])]) {
        let texts = texts.map(|text| Text::new(text.bytes().flat_map(|byte| [byte, b'\n']).collect()));
        let [mine, old, yours] = &texts;
        let found = compare_three([mine, old, yours], 1, &Rules::default(), |one, other| one == other);
        let found: Vec<_> = found.into_iter().map(|block| (block.odd, block.lines)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_change_of_one_text_makes_it_the_odd_one() {
        check(["abc", "abc", "abc"], &[]);
        check(["axc", "abc", "abc"], &[(Some(0), [1..2, 1..2, 1..2])]);
        check(["abc", "abc", "abxyc"], &[(Some(2), [2..2, 2..2, 2..4])]);
        check(["axc", "abc", "axc"], &[(Some(1), [1..2, 1..2, 1..2])]);
    }

    #[test]
    fn changes_that_touch_make_one_block() {
        check(["axc", "abc", "ayzc"], &[(None, [1..2, 1..2, 1..3])]);
        check(["xbcd", "abcd", "aycd"], &[(None, [0..2, 0..2, 0..2])]);
        check(["xbcd", "abcd", "abyd"], &[(Some(0), [0..1, 0..1, 0..1]), (Some(2), [2..3, 2..3, 2..3])]);
    }

    #[test]
    fn lines_keep_step_behind_changes() {
        check(["12abc", "abc", "abx"], &[(Some(0), [0..2, 0..0, 0..0]), (Some(2), [4..5, 2..3, 2..3])]);
    }
}
