//! The unified format: old and new lines in one sequence with context around them.

use std::io;

use super::color::Color;
use super::hunk::{covered, groups};
use super::page::Page;
use crate::core::Change;

pub(crate) fn print(page: &mut Page<'_>, changes: &[Change]) -> io::Result<()> {
    for group in groups(changes, page.layout.context) {
        page.begin()?;
        print_group(page, group)?;
    }
    Ok(())
}

fn print_group(page: &mut Page<'_>, group: &[Change]) -> io::Result<()> {
    let lines = [0, 1].map(|side| covered(group, side, page.layout.context, page.texts[side].len()));
    let function = page.function_above(lines[0].start);
    let [old, new] = lines.clone().map(number_range);
    page.color(Some(Color::LineNumber))?;
    write!(page.out, "@@ -{old} +{new} @@")?;
    page.color(None)?;
    if let Some(function) = function {
        page.out.write_all(&[b" ", function].concat())?;
    }
    page.out.write_all(b"\n")?;
    let marks = if page.layout.initial_tab { ["\t", "-\t", "+\t"] } else { [" ", "-", "+"] };
    let mut at = lines[0].start;
    for change in group {
        context(page, marks[0], at..change.line[0])?;
        for line in change.line[0]..change.end(0) {
            page.marked(mark(page, marks[1], 0, line), Some(Color::Deleted), 0, line)?;
        }
        for line in change.line[1]..change.end(1) {
            page.marked(mark(page, marks[2], 1, line), Some(Color::Added), 1, line)?;
        }
        at = change.end(0);
    }
    context(page, marks[0], at..lines[0].end)
}

/// The mark of a changed line; where blanks before empty lines are suppressed, without its tab.
fn mark<'m>(page: &Page<'_>, mark: &'m str, side: usize, line: usize) -> &'m str {
    let bare = page.layout.suppress_blank_empty && page.texts[side].line(line) == b"\n";
    if bare { mark.trim_end_matches('\t') } else { mark }
}

fn context(page: &mut Page<'_>, mark: &str, lines: std::ops::Range<usize>) -> io::Result<()> {
    for line in lines {
        let bare = page.layout.suppress_blank_empty && page.texts[0].line(line) == b"\n";
        page.marked(if bare { "" } else { mark }, None, 0, line)?;
    }
    Ok(())
}

/// First line and number of lines; one line is not counted, and none begin after the line before them.
pub(crate) fn number_range(lines: std::ops::Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => lines.end.to_string(),
        count => format!("{},{count}", lines.start + 1),
    }
}
