//! A hunk: lines that were, lines that are, and what is around them.

/// What a line of a hunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Context,
    Deleted,
    Inserted,
}

/// One hunk, whatever it was written as. Deleted lines stand before the inserted ones of the same change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// First old and new line, counted from 1; where there are no lines, the one before them.
    pub(crate) start: [i64; 2],
    /// The lines with their newlines, except a last one that has none.
    pub(crate) lines: Vec<(Kind, Vec<u8>)>,
    /// What follows the line numbers: the function.
    pub(crate) title: Vec<u8>,
}

impl Hunk {
    /// The lines of a side: 0 is old, 1 is new.
    pub(crate) fn side(&self, side: usize) -> impl DoubleEndedIterator<Item = &(Kind, Vec<u8>)> {
        let other = if side == 0 { Kind::Inserted } else { Kind::Deleted };
        self.lines.iter().filter(move |(kind, _)| *kind != other)
    }

    /// The lines that must be there.
    pub(crate) fn pattern(&self) -> Vec<&[u8]> {
        self.side(0).map(|(_, line)| line.as_slice()).collect()
    }

    /// Where the old lines begin; without any, behind the line it names.
    pub(crate) fn first(&self) -> i64 {
        self.start[0] + i64::from(self.side(0).next().is_none())
    }

    /// How many lines of context there are at the beginning and at the end.
    pub(crate) fn context(&self) -> [usize; 2] {
        let is_context = |line: &&(Kind, Vec<u8>)| line.0 == Kind::Context;
        [self.lines.iter().take_while(is_context).count(), self.lines.iter().rev().take_while(is_context).count()]
    }

    /// The hunk that undoes this one.
    pub(crate) fn reversed(&self) -> Self {
        let mut lines = Vec::with_capacity(self.lines.len());
        for group in self.lines.chunk_by(|one, next| (one.0 == Kind::Context) == (next.0 == Kind::Context)) {
            let of = |kind: Kind| group.iter().filter(move |line| line.0 == kind);
            lines.extend(of(Kind::Context).cloned());
            lines.extend(of(Kind::Inserted).map(|(_, line)| (Kind::Deleted, line.clone())));
            lines.extend(of(Kind::Deleted).map(|(_, line)| (Kind::Inserted, line.clone())));
        }
        Self { start: [self.start[1], self.start[0]], lines, title: self.title.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(lines: &[(Kind, &str)]) -> Hunk {
        let lines = lines.iter().map(|(kind, line)| (*kind, line.as_bytes().to_vec())).collect();
        Hunk { start: [3, 4], lines, title: Vec::new() }
    }

    #[test]
    fn a_hunk_reversed_twice_is_itself() {
        use Kind::{Context, Deleted, Inserted};
        let hunk = hunk(&[(Context, "a"), (Deleted, "b"), (Inserted, "c"), (Inserted, "d"), (Context, "e")]);
        assert_eq!(hunk.reversed().reversed(), hunk);
        assert_eq!(hunk.reversed().pattern(), hunk.side(1).map(|(_, line)| line.as_slice()).collect::<Vec<_>>());
        assert_eq!((hunk.context(), hunk.first()), ([1, 1], 3));
    }

    #[test]
    fn what_only_inserts_begins_behind_its_line() {
        assert_eq!(hunk(&[(Kind::Inserted, "x")]).first(), 4);
    }
}
