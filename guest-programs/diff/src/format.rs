//! The ways to write a comparison. Each file is one of them; what they share is the page.

mod color;
mod context;
mod ed;
mod groups;
mod hunk;
mod normal;
mod page;
mod side;
mod unified;

use std::io;

pub(crate) use color::Palette;
pub(crate) use groups::{Formats, set as set_format};
pub(crate) use hunk::Ignoring;
pub(crate) use page::{Header, Page};
pub(crate) use unified::number_range as unified_range;

use crate::core::Change;

/// Which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    #[default]
    Normal,
    Context,
    Unified,
    Ed,
    ForwardEd,
    Rcs,
    Groups,
    SideBySide,
}

impl Style {
    /// Whether it can say that a line has no newline.
    pub(crate) fn tells_newlines(self) -> bool {
        !matches!(self, Self::Ed | Self::ForwardEd)
    }
}

/// Writes the changes, none of which needs to be there.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn print(page: &mut Page<'_>, changes: &[Change]) -> io::Result<()> {
    match page.layout.style {
        Style::Normal => normal::print(page, changes),
        Style::Context => context::print(page, changes),
        Style::Unified => unified::print(page, changes),
        Style::Ed => ed::print(page, changes),
        Style::ForwardEd => ed::print_forward(page, changes),
        Style::Rcs => ed::print_rcs(page, changes),
        Style::Groups => groups::print(page, changes),
        Style::SideBySide => side::print(page, changes),
    }
}

pub(crate) use page::Layout;

/// A range of lines as context diffs count them.
pub(crate) fn context_range(lines: std::ops::Range<usize>) -> String {
    hunk::range(lines, ',')
}
