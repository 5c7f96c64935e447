//! The context format: the old lines with context around them, then the new.

use std::io;
use std::ops::Range;

use super::color::Color;
use super::hunk::{covered, groups, range};
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
    page.out.write_all(b"***************")?;
    if let Some(function) = page.function_above(lines[0].start) {
        page.out.write_all(&[b" ", function].concat())?;
    }
    page.out.write_all(b"\n")?;
    for (side, bars, color) in [(0, ["***", "****"], Color::Deleted), (1, ["---", "----"], Color::Added)] {
        let title = format!("{} {} {}", bars[0], range(lines[side].clone(), ','), bars[1]);
        page.colored_line(Color::LineNumber, title.as_bytes())?;
        if group.iter().any(|change| change.count[side] > 0) {
            print_side(page, group, side, lines[side].clone(), color)?;
        }
    }
    Ok(())
}

fn print_side(page: &mut Page<'_>, group: &[Change], side: usize, lines: Range<usize>, color: Color) -> io::Result<()> {
    let blank = if page.layout.initial_tab { '\t' } else { ' ' };
    let mut left = group.iter().peekable();
    for line in lines {
        while left.next_if(|change| change.end(side) <= line).is_some() {}
        let letter = match left.peek().filter(|change| change.line[side] <= line) {
            None => ' ',
            Some(change) if change.count[1 - side] > 0 => '!',
            Some(_) if side == 0 => '-',
            Some(_) => '+',
        };
        let bare = page.layout.suppress_blank_empty && page.texts[side].line(line) == b"\n";
        let mark = match (bare, letter) {
            (true, ' ') => String::new(),
            (true, letter) => letter.to_string(),
            (false, letter) => format!("{letter}{blank}"),
        };
        page.marked(&mark, Some(color), side, line)?;
    }
    Ok(())
}
