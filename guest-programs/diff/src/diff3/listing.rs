//! The listing: of each block, what the three texts have there.

use std::io::{self, Write};
use std::ops::Range;

use super::{Comparison, MINE, OLD, YOURS};
use crate::core::Block;

pub(crate) fn print(comparison: &Comparison<'_>, out: &mut dyn Write) -> io::Result<()> {
    comparison.blocks.iter().try_for_each(|block| print_block(comparison, block, out))
}

fn print_block(comparison: &Comparison<'_>, block: &Block, out: &mut dyn Write) -> io::Result<()> {
    match block.odd {
        Some(side) => writeln!(out, "===={}", side + 1)?,
        None => out.write_all(b"====\n")?,
    }
    // The two that agree stand together, and their lines are written once, under the second.
    let (order, silent) = match block.odd {
        Some(MINE) => ([MINE, OLD, YOURS], Some(OLD)),
        Some(OLD) => ([MINE, YOURS, OLD], Some(MINE)),
        Some(_) => ([MINE, OLD, YOURS], Some(MINE)),
        None => ([MINE, OLD, YOURS], None),
    };
    for side in order {
        let lines = block.lines[side].clone();
        writeln!(out, "{}:{}", side + 1, range(&lines))?;
        if silent != Some(side) {
            print_lines(comparison, side, lines, out)?;
        }
    }
    Ok(())
}

fn print_lines(comparison: &Comparison<'_>, side: usize, lines: Range<usize>, out: &mut dyn Write) -> io::Result<()> {
    let indent: &[u8] = if comparison.options.initial_tab { b"\t" } else { b"  " };
    for line in lines {
        let line = comparison.texts[side].line(line);
        out.write_all(indent)?;
        out.write_all(line)?;
        if !line.ends_with(b"\n") {
            out.write_all(b"\n\\ No newline at end of file\n")?;
        }
    }
    Ok(())
}

/// Lines as the listing counts them: `4c`, `4,5c`, or `4a` for nothing behind line 4.
fn range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{}a", lines.start),
        1 => format!("{}c", lines.end),
        _ => format!("{},{}c", lines.start + 1, lines.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_counted_from_one() {
        assert_eq!([range(&(4..4)), range(&(4..5)), range(&(4..9))], ["4a", "5c", "5,9c"]);
    }
}
