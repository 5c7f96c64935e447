//! Both texts side by side.

use std::io;

use unicode_width::UnicodeWidthChar;

use super::color::Color;
use super::hunk::shown;
use super::page::Page;
use crate::core::Change;

/// Columns between the halves at least.
const GUTTER_MIN: usize = 3;

/// Where the halves are.
struct Columns {
    half: usize,
    second: usize,
    expand_tabs: bool,
    tab_size: usize,
}

impl Columns {
    /// The widest halves that fit with a gutter; unless tabs are expanded, the second begins at a tab stop.
    fn new(width: usize, expand_tabs: bool, tab_size: usize) -> Self {
        let tab = if expand_tabs { 1 } else { tab_size };
        let with_gutter = tab + GUTTER_MIN;
        let unaligned = width / 2 + with_gutter / 2 + (width & with_gutter & 1);
        let second = unaligned - unaligned % tab;
        let half = second.saturating_sub(GUTTER_MIN).min(width.saturating_sub(second));
        Self { half, second: if half == 0 { width } else { second }, expand_tabs, tab_size }
    }

    /// White space from one column to another; answers where it ends.
    fn blank(&self, out: &mut Vec<u8>, mut from: usize, to: usize) -> usize {
        while !self.expand_tabs && from + self.tab_size - from % self.tab_size <= to {
            out.push(b'\t');
            from += self.tab_size - from % self.tab_size;
        }
        out.resize(out.len() + to.saturating_sub(from), b' ');
        from.max(to)
    }

    /// As much of a line as fits its half; answers the column after it.
    fn half_line(&self, out: &mut Vec<u8>, line: &[u8], indent: usize) -> usize {
        let bound = self.half;
        // Where the line is, and where the output is: behind, once something did not fit.
        let (mut input, mut output) = (0, 0);
        let mut rest = line;
        while let Some((character, length)) = next_character(rest) {
            let bytes = &rest[..length];
            rest = &rest[length..];
            match bytes[0] {
                b'\t' => {
                    let stop = input + self.tab_size - input % self.tab_size;
                    if input == output && self.expand_tabs {
                        out.resize(out.len() + stop.min(bound).saturating_sub(output), b' ');
                        output = output.max(stop.min(bound));
                    } else if input == output && stop < bound {
                        output = stop;
                        out.push(b'\t');
                    }
                    input = stop;
                }
                b'\r' => {
                    out.push(b'\r');
                    self.blank(out, 0, indent);
                    (input, output) = (0, 0);
                }
                8 if input == 0 => {}
                8 => {
                    input -= 1;
                    if input < bound && output <= input {
                        out.resize(out.len() + input - output, b' ');
                        output = input;
                    } else if input < bound {
                        output = input;
                        out.push(8);
                    }
                }
                _ => match character.map(|character| character.width()) {
                    Some(Some(width)) => {
                        input += width;
                        if input <= bound {
                            output = input;
                            out.extend_from_slice(bytes);
                        }
                    }
                    Some(None) if input <= bound => out.extend_from_slice(bytes),
                    None if input < bound => out.extend_from_slice(bytes),
                    _ => {}
                },
            }
        }
        output
    }
}

/// The first character and its length, or a byte that belongs to none.
fn next_character(bytes: &[u8]) -> Option<(Option<char>, usize)> {
    let first = *bytes.first()?;
    if first < 0x80 {
        return Some((Some(char::from(first)), 1));
    }
    let longest = bytes.len().min(4);
    let read = (2..=longest).find_map(|length| std::str::from_utf8(&bytes[..length]).ok());
    Some(match read.and_then(|text| text.chars().next()) {
        Some(character) => (Some(character), character.len_utf8()),
        None => (None, 1),
    })
}

pub(crate) fn print(page: &mut Page<'_>, changes: &[Change]) -> io::Result<()> {
    let layout = page.layout;
    let mut halves =
        Halves { columns: Columns::new(layout.width, layout.expand_tabs, layout.tab_size), at: [0, 0], page };
    halves.page.begin()?;
    for change in shown(changes) {
        halves.common(change.line)?;
        let both = change.count[0].min(change.count[1]);
        for offset in 0..both {
            halves.line(Some(change.line[0] + offset), '|', Some(change.line[1] + offset))?;
        }
        if change.count[1] > both {
            for line in change.line[1] + both..change.end(1) {
                halves.page.color(Some(Color::Added))?;
                halves.line(None, '>', Some(line))?;
                halves.page.color(None)?;
            }
        }
        if change.count[0] > both {
            for line in change.line[0] + both..change.end(0) {
                halves.page.color(Some(Color::Deleted))?;
                halves.line(Some(line), '<', None)?;
                halves.page.color(None)?;
            }
        }
        halves.at = [change.end(0), change.end(1)];
    }
    let ends = halves.page.texts.map(crate::core::Text::len);
    halves.common(ends)
}

struct Halves<'p, 'a> {
    page: &'p mut Page<'a>,
    columns: Columns,
    /// The lines that come next.
    at: [usize; 2],
}

impl Halves<'_, '_> {
    /// The common lines up to these. Where changes were ignored, there may be more on one side.
    fn common(&mut self, to: [usize; 2]) -> io::Result<()> {
        let [mut old, mut new] = self.at;
        self.at = to;
        if self.page.layout.suppress_common_lines {
            return Ok(());
        }
        if !self.page.layout.left_column {
            while old < to[0] && new < to[1] {
                self.line(Some(old), ' ', Some(new))?;
                old += 1;
                new += 1;
            }
            for line in new..to[1] {
                self.line(None, ')', Some(line))?;
            }
        }
        (old..to[0]).try_for_each(|line| self.line(Some(line), '(', None))
    }

    fn line(&mut self, left: Option<usize>, mark: char, right: Option<usize>) -> io::Result<()> {
        let texts = self.page.texts;
        let ends = |side: usize, line: Option<usize>| line.is_some_and(|line| texts[side].line(line).ends_with(b"\n"));
        let (left_ends, right_ends) = (ends(0, left), ends(1, right));
        let mut out = Vec::new();
        let mut column = left.map_or(0, |line| self.columns.half_line(&mut out, texts[0].content(line), 0));
        if mark != ' ' {
            let middle = (self.columns.half + self.columns.second).saturating_sub(1) / 2;
            column = self.columns.blank(&mut out, column, middle) + 1;
            out.push(match mark {
                '|' if left_ends && !right_ends => b'/',
                '|' if !left_ends && right_ends => b'\\',
                // All marks are ASCII.
                mark => u8::try_from(mark).unwrap_or(b'?'),
            });
        }
        if let Some(line) = right.filter(|line| !texts[1].line(*line).starts_with(b"\n")) {
            column = self.columns.blank(&mut out, column, self.columns.second);
            self.columns.half_line(&mut out, texts[1].content(line), column);
        }
        if left_ends || right_ends {
            out.push(b'\n');
        }
        self.page.out.write_all(&out)
    }
}
