//! The lines of a sort: where they lie in the text that was read, and in what order they come out.

use std::cmp::Ordering;

use super::compare::Rules;

/// A line: its place in the text, and the rank of its first key, which decides most comparisons.
#[derive(Clone, Copy)]
struct Line {
    rank: u64,
    start: usize,
    length: usize,
}

/// A text's lines.
pub(crate) struct Lines<'a> {
    text: &'a [u8],
    lines: Vec<Line>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text, each of which ends as the rules say.
    pub(crate) fn of(text: &'a [u8], rules: &Rules) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for end in memchr::memchr_iter(rules.end, text) {
            lines.push(Line { rank: rules.rank(&text[start..end]), start, length: end - start });
            start = end + 1;
        }
        Self { text, lines }
    }

    /// Brings the lines in order; of equal ones the first stays, when the rules want them unique.
    pub(crate) fn sort(&mut self, rules: &Rules) {
        let text = self.text;
        let bytes = |line: &Line| &text[line.start..line.start + line.length];
        let order = |a: &Line, b: &Line| a.rank.cmp(&b.rank).then_with(|| rules.compare(bytes(a), bytes(b)));
        if rules.stable || rules.unique {
            self.lines.sort_by(order);
        } else {
            // Lines that compare equal are the same bytes.
            self.lines.sort_unstable_by(order);
        }
        if rules.unique {
            self.lines.dedup_by(|next, kept| order(kept, next) == Ordering::Equal);
        }
    }

    /// Returns the lines in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let text = self.text;
        self.lines.iter().map(move |line| &text[line.start..line.start + line.length])
    }
}
