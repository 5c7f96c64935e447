//! Scripts: for `ed` backwards, in its commands forwards, and for RCS.

use std::io;

use super::hunk::{letter, range, shown};
use super::page::Page;
use crate::core::Change;

/// A script that makes `ed` change the old file; backwards, so that line numbers stay true.
pub(crate) fn print(page: &mut Page<'_>, changes: &[Change]) -> io::Result<()> {
    for change in shown(changes).rev() {
        page.begin()?;
        writeln!(page.out, "{}{}", range(change.line[0]..change.end(0), ','), letter(change))?;
        if change.count[1] == 0 {
            continue;
        }
        let mut inserting = true;
        for line in change.line[1]..change.end(1) {
            if !inserting {
                page.out.write_all(b"a\n")?;
            }
            // A single period would end the insertion: a second one is inserted and taken away again.
            inserting = page.texts[1].content(line) != b".";
            if inserting {
                page.plain(1, line)?;
            } else {
                page.out.write_all(b"..\n.\ns/.//\n")?;
            }
        }
        if inserting {
            page.out.write_all(b".\n")?;
        }
    }
    Ok(())
}

/// The same commands in the order of the file, which `ed` cannot run.
pub(crate) fn print_forward(page: &mut Page<'_>, changes: &[Change]) -> io::Result<()> {
    for change in shown(changes) {
        page.begin()?;
        writeln!(page.out, "{}{}", letter(change), range(change.line[0]..change.end(0), ' '))?;
        if change.count[1] == 0 {
            continue;
        }
        for line in change.line[1]..change.end(1) {
            page.plain(1, line)?;
        }
        page.out.write_all(b".\n")?;
    }
    Ok(())
}

/// RCS's form: counts of lines instead of a line that ends them.
pub(crate) fn print_rcs(page: &mut Page<'_>, changes: &[Change]) -> io::Result<()> {
    for change in shown(changes) {
        page.begin()?;
        if change.count[0] > 0 {
            writeln!(page.out, "d{} {}", change.line[0] + 1, change.count[0])?;
        }
        if change.count[1] > 0 {
            writeln!(page.out, "a{} {}", change.end(0), change.count[1])?;
            for line in change.line[1]..change.end(1) {
                page.plain(1, line)?;
            }
        }
    }
    Ok(())
}
