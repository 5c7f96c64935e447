//! The merged text: mine with your changes, and with conflicts between marks.

use std::io::{self, Write};
use std::ops::Range;

use super::{Action, Comparison, MINE, OLD, YOURS};
use crate::core::Block;

/// Writes the merged text; tells whether it has conflicts.
pub(crate) fn print(comparison: &Comparison<'_>, out: &mut dyn Write) -> io::Result<bool> {
    let mut conflicts = false;
    let mut at = 0;
    for block in &comparison.blocks {
        let action = comparison.action(block);
        if action == Action::Keep {
            continue;
        }
        let mine = &block.lines[MINE];
        lines(comparison, MINE, at..mine.start, out)?;
        if action == Action::Bracket {
            conflicts = true;
            bracketed(comparison, block, out)?;
        } else {
            lines(comparison, YOURS, block.lines[YOURS].clone(), out)?;
        }
        at = mine.end;
    }
    lines(comparison, MINE, at..comparison.texts[MINE].len(), out)?;
    Ok(conflicts)
}

fn bracketed(comparison: &Comparison<'_>, block: &Block, out: &mut dyn Write) -> io::Result<()> {
    let mark = |mark: &str, side: usize| [mark.as_bytes(), b" ", comparison.options.label(side), b"\n"].concat();
    if block.odd == Some(OLD) {
        out.write_all(&mark("<<<<<<<", OLD))?;
        lines(comparison, OLD, block.lines[OLD].clone(), out)?;
    } else {
        out.write_all(&mark("<<<<<<<", MINE))?;
        lines(comparison, MINE, block.lines[MINE].clone(), out)?;
        if comparison.options.shows_all {
            out.write_all(&mark("|||||||", OLD))?;
            lines(comparison, OLD, block.lines[OLD].clone(), out)?;
        }
    }
    out.write_all(b"=======\n")?;
    lines(comparison, YOURS, block.lines[YOURS].clone(), out)?;
    out.write_all(&mark(">>>>>>>", YOURS))
}

fn lines(comparison: &Comparison<'_>, side: usize, lines: Range<usize>, out: &mut dyn Write) -> io::Result<()> {
    lines.into_iter().try_for_each(|line| out.write_all(comparison.texts[side].line(line)))
}
