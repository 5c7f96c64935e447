//! The script that makes `ed` change my text; backwards, so that line numbers stay true.

use std::io::{self, Write};
use std::ops::Range;

use super::{Action, Comparison, MINE, OLD, YOURS};
use crate::core::Block;

/// Writes the script; tells whether there are conflicts.
pub(crate) fn print(comparison: &Comparison<'_>, out: &mut dyn Write) -> io::Result<bool> {
    let mut conflicts = false;
    let mut script = Script { comparison, out, has_dots: false };
    for block in comparison.blocks.iter().rev() {
        match comparison.action(block) {
            Action::Keep => {}
            Action::Replace => script.replace(block)?,
            Action::Bracket => {
                conflicts = true;
                script.bracket(block)?;
            }
        }
    }
    if comparison.options.finishes {
        script.out.write_all(b"w\nq\n")?;
    }
    Ok(conflicts)
}

struct Script<'a, 'o> {
    comparison: &'a Comparison<'a>,
    out: &'o mut dyn Write,
    /// A line of what is being inserted begins with a period, and has got a second one.
    has_dots: bool,
}

impl Script<'_, '_> {
    fn replace(&mut self, block: &Block) -> io::Result<()> {
        let (mine, yours) = (&block.lines[MINE], &block.lines[YOURS]);
        let letter = match (mine.is_empty(), yours.is_empty()) {
            (true, _) => 'a',
            (_, true) => 'd',
            _ => 'c',
        };
        match mine.len() {
            0 | 1 => writeln!(self.out, "{}{letter}", mine.end)?,
            _ => writeln!(self.out, "{},{}{letter}", mine.start + 1, mine.end)?,
        }
        if yours.is_empty() {
            return Ok(());
        }
        self.lines(YOURS, yours.clone())?;
        self.end_insertion(mine.start + 1, yours.len())
    }

    /// The end of the conflict first: what stands before it keeps its numbers.
    fn bracket(&mut self, block: &Block) -> io::Result<()> {
        let [mine, old, yours] = &block.lines;
        let both_changed = block.odd == Some(OLD);
        writeln!(self.out, "{}a", mine.end)?;
        if !both_changed {
            if self.comparison.options.shows_all {
                self.mark("|||||||", OLD)?;
                self.lines(OLD, old.clone())?;
            }
            self.out.write_all(b"=======\n")?;
            self.lines(YOURS, yours.clone())?;
        }
        self.mark(">>>>>>>", YOURS)?;
        self.end_insertion(mine.end + 2, old.len() + yours.len() + 1)?;
        writeln!(self.out, "{}a", mine.start)?;
        self.mark("<<<<<<<", if both_changed { OLD } else { MINE })?;
        if both_changed {
            self.lines(OLD, old.clone())?;
            self.out.write_all(b"=======\n")?;
        }
        self.end_insertion(mine.start + 2, old.len())
    }

    fn mark(&mut self, mark: &str, side: usize) -> io::Result<()> {
        self.out.write_all(&[mark.as_bytes(), b" ", self.comparison.options.label(side), b"\n"].concat())
    }

    /// Lines to insert: a period alone would end the insertion, so those that begin with one get another.
    fn lines(&mut self, side: usize, lines: Range<usize>) -> io::Result<()> {
        for line in lines {
            let content = self.comparison.texts[side].content(line);
            if content.starts_with(b".") {
                self.has_dots = true;
                self.out.write_all(b".")?;
            }
            self.out.write_all(content)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Ends the insertion; the second periods of so many lines from `first` on are taken away again.
    fn end_insertion(&mut self, first: usize, count: usize) -> io::Result<()> {
        self.out.write_all(b".\n")?;
        if std::mem::take(&mut self.has_dots) {
            match count {
                0 | 1 => writeln!(self.out, "{first}s/^\\.//")?,
                _ => writeln!(self.out, "{first},{}s/^\\.//", first + count - 1)?,
            }
        }
        Ok(())
    }
}
