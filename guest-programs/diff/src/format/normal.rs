//! The normal format: what `diff` writes when nothing else is asked for.

use std::io;

use super::color::Color;
use super::hunk::{letter, range, shown};
use super::page::Page;
use crate::core::Change;

pub(crate) fn print(page: &mut Page<'_>, changes: &[Change]) -> io::Result<()> {
    let marks = if page.layout.initial_tab { ["<\t", ">\t"] } else { ["< ", "> "] };
    for change in shown(changes) {
        page.begin()?;
        let [old, new] = [0, 1].map(|side| range(change.line[side]..change.end(side), ','));
        page.colored_line(Color::LineNumber, format!("{old}{}{new}", letter(change)).as_bytes())?;
        for line in change.line[0]..change.end(0) {
            page.marked(marks[0], Some(Color::Deleted), 0, line)?;
        }
        if letter(change) == 'c' {
            page.out.write_all(b"---\n")?;
        }
        for line in change.line[1]..change.end(1) {
            page.marked(marks[1], Some(Color::Added), 1, line)?;
        }
    }
    Ok(())
}
