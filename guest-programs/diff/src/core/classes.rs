//! Which lines count as equal: the options about case and white space, and numbers for the classes of equal lines.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Text;

/// Which white space does not count. Later ones forgive more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Space {
    #[default]
    Counts,
    /// `-E`: tabs are the spaces they stand for.
    TabExpansion,
    /// `-Z`: none at the end of a line.
    Trailing,
    /// `-E -Z`.
    TabExpansionAndTrailing,
    /// `-b`: any amount is one space, none at the end of a line.
    Change,
    /// `-w`: none at all.
    All,
}

/// How lines are compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) space: Space,
    pub(crate) ignore_case: bool,
    pub(crate) tab_size: usize,
    /// How many lines of the common beginning and end may take part.
    pub(crate) horizon: usize,
    /// Look for the smallest set of changes at any cost.
    pub(crate) minimal: bool,
}

/// What C's `isspace` takes for white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

impl Rules {
    /// The form of a line that is the same for all lines that count as equal to it.
    fn canonical<'a>(&self, line: &'a [u8]) -> Cow<'a, [u8]> {
        if self.space == Space::Counts && !self.ignore_case {
            return Cow::Borrowed(line);
        }
        let (content, newline): (&[u8], &[u8]) = match line.strip_suffix(b"\n") {
            // White space at the end does not count, and the newline is that, too.
            Some(content) if self.space >= Space::Trailing => (content, b""),
            Some(content) => (content, b"\n"),
            None => (line, b""),
        };
        let mut form = match self.space {
            Space::Counts | Space::Trailing => content.to_vec(),
            Space::TabExpansion | Space::TabExpansionAndTrailing => expanded(content, self.tab_size),
            Space::Change => collapsed(content),
            Space::All => content.iter().copied().filter(|byte| !is_space(*byte)).collect(),
        };
        if self.space >= Space::Trailing {
            let kept = form.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
            form.truncate(kept);
        }
        form.extend_from_slice(newline);
        if self.ignore_case {
            form.make_ascii_lowercase();
        }
        Cow::Owned(form)
    }
}

/// A line with its tabs as the spaces they stand for.
fn expanded(line: &[u8], tab_size: usize) -> Vec<u8> {
    let mut form = Vec::with_capacity(line.len());
    let mut column = 0_usize;
    for byte in line {
        match byte {
            b'\t' => {
                let width = tab_size - column % tab_size;
                form.resize(form.len() + width, b' ');
                column += width;
                continue;
            }
            8 => column = column.saturating_sub(1),
            b'\r' => column = 0,
            _ => column += 1,
        }
        form.push(*byte);
    }
    form
}

/// A line with each run of white space as one space.
fn collapsed(line: &[u8]) -> Vec<u8> {
    let mut form = Vec::with_capacity(line.len());
    for byte in line {
        match is_space(*byte) {
            true if form.last() == Some(&b' ') => {}
            true => form.push(b' '),
            false => form.push(*byte),
        }
    }
    form
}

/// The numbers of the classes of some lines of two texts, and how many classes there are.
pub(crate) struct Classes {
    pub(crate) of: [Vec<u32>; 2],
    pub(crate) count: usize,
}

/// Numbers the classes of the lines in these ranges.
pub(crate) fn classify(texts: [&Text; 2], ranges: [std::ops::Range<usize>; 2], rules: &Rules) -> Classes {
    let mut known: HashMap<Cow<'_, [u8]>, u32> = HashMap::new();
    let of = [0, 1].map(|side| {
        let mut numbers = Vec::with_capacity(ranges[side].len());
        for line in ranges[side].clone() {
            // A text has fewer lines than bytes, and those fit the memory of 32 bits.
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            numbers.push(*known.entry(rules.canonical(texts[side].line(line))).or_insert(next));
        }
        numbers
    });
    Classes { of, count: known.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(space: Space, one: &str, other: &str) -> bool {
        let rules = Rules { space, tab_size: 8, ..Rules::default() };
        rules.canonical(one.as_bytes()) == rules.canonical(other.as_bytes())
    }

    #[test]
    fn each_option_forgives_its_white_space() {
        assert!(equal(Space::TabExpansion, "a\tb\n", "a       b\n"));
        assert!(!equal(Space::TabExpansion, "a\tb\n", "a b\n"));
        assert!(equal(Space::Trailing, "a  \t\n", "a\n") && equal(Space::Trailing, "a", "a\n"));
        assert!(!equal(Space::Trailing, " a\n", "a\n"));
        assert!(equal(Space::TabExpansionAndTrailing, "a\tb \n", "a       b\n"));
        assert!(equal(Space::Change, "a  b \n", "a\tb\n") && !equal(Space::Change, "ab\n", "a b\n"));
        assert!(!equal(Space::Change, " a\n", "a\n"));
        assert!(equal(Space::All, " a b\n", "ab\n"));
        assert!(!equal(Space::Counts, "a", "a\n") && !equal(Space::TabExpansion, "a", "a\n"));
    }
}
