//! The page that a comparison is written on: both texts, how lines are laid out, and where the bytes go.

use std::io::{self, Write};

use regex::bytes::Regex;

use super::color::{Color, Palette};
use super::groups::Formats;
use super::{Ignoring, Style};
use crate::core::Text;

/// How output looks.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) style: Style,
    /// Lines around a change.
    pub(crate) context: usize,
    pub(crate) initial_tab: bool,
    pub(crate) expand_tabs: bool,
    pub(crate) tab_size: usize,
    /// No blank or tab before a line that is empty.
    pub(crate) suppress_blank_empty: bool,
    /// Lines that name the function a change is in.
    pub(crate) function: Option<Regex>,
    pub(crate) palette: Option<Palette>,
    /// Columns, side by side.
    pub(crate) width: usize,
    pub(crate) left_column: bool,
    pub(crate) suppress_common_lines: bool,
    pub(crate) formats: Formats,
    pub(crate) ignoring: Ignoring,
}

/// What stands above the changes of two files.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// The command that would compare these two, where several pairs are compared.
    pub(crate) command: Option<String>,
    /// Name and time of each file, or the label given for it.
    pub(crate) files: [Vec<u8>; 2],
}

/// Two texts and their output. The header is written before the first change, not without one.
pub(crate) struct Page<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) texts: [&'a Text; 2],
    pub(crate) out: &'a mut dyn Write,
    pub(crate) header: Option<Header>,
    /// Where the search for a function's line has ended, and what it found.
    pub(crate) function_seen: (usize, Option<usize>),
}

impl<'a> Page<'a> {
    pub(crate) fn new(layout: &'a Layout, texts: [&'a Text; 2], header: Header, out: &'a mut dyn Write) -> Self {
        Self { layout, texts, out, header: Some(header), function_seen: (0, None) }
    }

    /// Begins the output of changes, if that is not done yet.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        let Some(header) = self.header.take() else { return Ok(()) };
        if let Some(command) = &header.command {
            self.colored_line(Color::Header, command.as_bytes())?;
        }
        let marks = match self.layout.style {
            Style::Context => ["***", "---"],
            Style::Unified => ["---", "+++"],
            _ => return Ok(()),
        };
        for (mark, file) in marks.iter().zip(&header.files) {
            self.colored_line(Color::Header, &[mark.as_bytes(), b" ", file].concat())?;
        }
        Ok(())
    }

    /// Starts or ends a color, where colors are wanted.
    pub(crate) fn color(&mut self, color: Option<Color>) -> io::Result<()> {
        match &self.layout.palette {
            Some(palette) => self.out.write_all(palette.sequence(color).as_bytes()),
            None => Ok(()),
        }
    }

    /// A whole line in a color.
    pub(crate) fn colored_line(&mut self, color: Color, line: &[u8]) -> io::Result<()> {
        self.color(Some(color))?;
        self.out.write_all(line)?;
        self.color(None)?;
        self.out.write_all(b"\n")
    }

    /// A line of a text after a mark that tells of its side or its change. A missing newline is told.
    pub(crate) fn marked(&mut self, mark: &str, color: Option<Color>, side: usize, line: usize) -> io::Result<()> {
        let whole = self.texts[side].line(line);
        let content = self.texts[side].content(line);
        if color.is_some() {
            self.color(color)?;
        }
        if !(self.layout.suppress_blank_empty && content.is_empty() && mark.bytes().all(|byte| byte == b' ')) {
            self.out.write_all(mark.as_bytes())?;
        }
        self.content(content, mark.len())?;
        if color.is_some() {
            self.color(None)?;
        }
        self.out.write_all(b"\n")?;
        if whole.len() == content.len() { self.out.write_all(b"\\ No newline at end of file\n") } else { Ok(()) }
    }

    /// A line as it is, without a mark; what has no newline gets none.
    pub(crate) fn plain(&mut self, side: usize, line: usize) -> io::Result<()> {
        let (content, whole) = (self.texts[side].content(line), self.texts[side].line(line));
        self.content(content, 0)?;
        self.out.write_all(&whole[content.len()..])
    }

    /// The content of a line, its tabs expanded if that is wanted. `indent` is what stands before it.
    pub(crate) fn content(&mut self, content: &[u8], indent: usize) -> io::Result<()> {
        if !self.layout.expand_tabs {
            return self.out.write_all(content);
        }
        // The tab of -T stands before the line and is a multiple of the tab size.
        let _ = indent;
        let (mut column, tab_size) = (0_usize, self.layout.tab_size);
        for byte in content {
            match byte {
                b'\t' => {
                    let width = tab_size - column % tab_size;
                    column += width;
                    write!(self.out, "{:width$}", "")?;
                    continue;
                }
                b'\r' => column = 0,
                8 => {
                    if column == 0 {
                        continue;
                    }
                    column -= 1;
                }
                byte if byte.is_ascii_control() => {}
                _ => column += 1,
            }
            self.out.write_all(&[*byte])?;
        }
        Ok(())
    }

    /// The line that names the function above a line of the first text, shortened as headers show it.
    pub(crate) fn function_above(&mut self, line: usize) -> Option<&'a [u8]> {
        const SHOWN_MAX_BYTES: usize = 40;
        let pattern = self.layout.function.as_ref()?;
        let (searched, found) = self.function_seen;
        let text = self.texts[0];
        let newer = (searched..line).rev().find(|at| pattern.is_match(text.content(*at)));
        self.function_seen = (line.max(searched), newer.or(found));
        let shown = text.content(self.function_seen.1?).trim_ascii_start();
        Some(shown[..shown.len().min(SHOWN_MAX_BYTES)].trim_ascii_end())
    }
}
