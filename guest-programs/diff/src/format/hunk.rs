//! Changes that belong together on the page, and those that are not worth showing.

use regex::bytes::Regex;

use crate::core::{Change, Rules, Space, Text, is_space};

/// Which changes to ignore.
#[derive(Debug, Default)]
pub(crate) struct Ignoring {
    /// `-B`: those of blank lines only.
    pub(crate) blank_lines: bool,
    /// `-I`: those of lines that match only.
    pub(crate) matching: Option<Regex>,
}

impl Ignoring {
    /// Tells that no change is ignored.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.blank_lines && self.matching.is_none()
    }

    /// Marks the changes that are to be ignored.
    pub(crate) fn mark(&self, changes: &mut [Change], texts: [&Text; 2], rules: &Rules) {
        for change in changes.iter_mut().filter(|_| !self.is_nothing()) {
            change.ignored = [0, 1].into_iter().all(|side| {
                (change.line[side]..change.end(side)).all(|line| self.is_trivial(texts[side].content(line), rules))
            });
        }
    }

    fn is_trivial(&self, line: &[u8], rules: &Rules) -> bool {
        let blank = match rules.space {
            _ if !self.blank_lines => false,
            Space::Trailing | Space::TabExpansionAndTrailing | Space::Change | Space::All => {
                line.iter().all(|byte| is_space(*byte))
            }
            Space::Counts | Space::TabExpansion => line.is_empty(),
        };
        blank || self.matching.as_ref().is_some_and(|pattern| pattern.is_match(line))
    }
}

/// Groups changes that are so near that their context meets. A group of ignored changes alone is left out.
pub(crate) fn groups(changes: &[Change], context: usize) -> impl Iterator<Item = &[Change]> {
    let near = move |one: &Change, next: &Change| {
        let between = next.line[0].saturating_sub(one.end(0));
        if next.ignored { between < context } else { between <= context.saturating_mul(2) }
    };
    changes.chunk_by(near).filter(|group| group.iter().any(|change| !change.ignored))
}

/// Each change alone, without the ignored ones.
pub(crate) fn shown(changes: &[Change]) -> impl DoubleEndedIterator<Item = &Change> {
    changes.iter().filter(|change| !change.ignored)
}

/// The lines of one side that a group and its context cover.
pub(crate) fn covered(group: &[Change], side: usize, context: usize, lines: usize) -> std::ops::Range<usize> {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return 0..0 };
    first.line[side].saturating_sub(context)..last.end(side).saturating_add(context).min(lines)
}

/// A range of lines as ed counts them: one number, or two with `separator`; an empty one is the line before it.
pub(crate) fn range(lines: std::ops::Range<usize>, separator: char) -> String {
    match lines.len() {
        0 | 1 => lines.end.to_string(),
        _ => format!("{}{separator}{}", lines.start + 1, lines.end),
    }
}

/// The letter of a change: added, deleted or changed.
pub(crate) fn letter(change: &Change) -> char {
    match change.count {
        [0, _] => 'a',
        [_, 0] => 'd',
        _ => 'c',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(line: usize, ignored: bool) -> Change {
        Change { line: [line, line], count: [1, 1], ignored }
    }

    #[test]
    fn changes_whose_context_meets_are_one_group() {
        let sizes = |changes: &[Change], context| groups(changes, context).map(<[Change]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(&[change(0, false), change(7, false), change(15, false)], 3), [2, 1]);
        assert_eq!(sizes(&[change(0, false), change(2, false)], 0), [1, 1]);
        assert_eq!(sizes(&[change(0, false), change(4, true), change(20, true)], 3), [1]);
        assert_eq!(sizes(&[change(0, false), change(3, true)], 3), [2]);
        assert_eq!(sizes(&[change(0, true), change(7, false), change(11, true)], 3), [2]);
    }

    #[test]
    fn a_range_of_no_lines_is_the_line_before_it() {
        assert_eq!((range(0..0, ','), range(4..5, ','), range(4..7, ',')), ("0".into(), "5".into(), "5,7".into()));
    }
}
