//! Where names stand: one a line, in columns, across, between commas.

use sandshell_sys::Kind;

use super::color::Paint;
use super::config::{Config, Format};
use super::entry::Entry;
use super::long::Long;
use crate::basis::output::Output;
use crate::basis::quoting::{Style, question_marks, quote, width};

/// Narrowest column: a letter and two spaces.
const COLUMN_MIN: usize = 3;
const GAP: usize = 2;

/// Shows entries in the manner of a listing.
pub(crate) struct View<'a> {
    config: &'a Config,
    long: Long<'a>,
    paint: Paint<'a>,
}

impl<'a> View<'a> {
    pub(crate) fn new(config: &'a Config) -> Self {
        Self { config, long: Long::new(config), paint: Paint::new(config.palette.as_ref()) }
    }

    /// Returns a name as the listing quotes it.
    pub(crate) fn quoted(&self, name: &[u8]) -> Vec<u8> {
        let quoted = quote(name, self.config.quoting);
        let plain_style = matches!(self.config.quoting, Style::Literal | Style::Shell | Style::ShellAlways);
        if self.config.question_marks && plain_style { question_marks(&quoted) } else { quoted }
    }

    /// Writes the sum of the blocks of a directory's files.
    pub(crate) fn total(&mut self, files: &[Entry], out: &mut Output) {
        let blocks: u64 = files.iter().filter_map(|entry| entry.status).map(|status| status.blocks).sum();
        let text = self.config.block_unit.show(blocks.saturating_mul(512));
        out.text(&format!("total {text}"));
        out.put(&[self.config.end]);
    }

    /// Writes the files.
    pub(crate) fn show(&mut self, files: &mut [Entry], out: &mut Output) {
        let config = self.config;
        for entry in files.iter_mut() {
            entry.shown = self.quoted(entry.name.as_encoded_bytes());
            entry.quoted = entry.shown != entry.name.as_encoded_bytes();
        }
        let aligned = match config.format {
            Format::Long | Format::Columns | Format::Across => {
                matches!(config.quoting, Style::Shell | Style::ShellEscape)
            }
            _ => false,
        };
        if aligned && files.iter().any(|entry| entry.quoted) {
            for entry in files.iter_mut().filter(|entry| !entry.quoted) {
                entry.shown.insert(0, b' ');
            }
        }
        self.long.measure(files);
        match config.format {
            Format::Long | Format::OnePerLine => {
                for entry in files.iter() {
                    self.line(entry, out);
                    out.put(&[config.end]);
                }
            }
            Format::Commas => self.commas(files, out),
            Format::Columns => self.table(files, false, out),
            Format::Across => self.table(files, true, out),
        }
    }

    fn line(&mut self, entry: &Entry, out: &mut Output) {
        let frills = self.long.frills(entry);
        out.text(&frills);
        let long = self.config.format == Format::Long;
        if long {
            out.text(&self.long.fields(entry));
        }
        self.paint.name(entry, out);
        if let Some(mark) = entry.mark(self.config.indicator, long) {
            out.text(mark.encode_utf8(&mut [0; 4]));
        }
        if long && let Some(target) = &entry.target {
            out.text(" -> ");
            let shown = self.quoted(target.as_encoded_bytes());
            self.paint.target(entry, &shown, out);
            if let Some(mark) = entry.target_mark(self.config.indicator) {
                out.text(mark.encode_utf8(&mut [0; 4]));
            }
        }
    }

    /// Returns the columns a name takes with all that stands round it.
    fn columns_of(&self, entry: &Entry) -> usize {
        let mark = usize::from(entry.mark(self.config.indicator, false).is_some());
        self.long.frills(entry).len() + width(&entry.shown) + mark
    }

    fn commas(&mut self, files: &[Entry], out: &mut Output) {
        let mut at = 0;
        for (index, entry) in files.iter().enumerate() {
            let columns = self.columns_of(entry);
            if index > 0 {
                let fits = at + columns + GAP < self.config.line_columns;
                out.put(if fits { b", " } else { b",\n" });
                at = if fits { at + GAP } else { 0 };
            }
            self.line(entry, out);
            at += columns;
        }
        if !files.is_empty() {
            out.put(&[self.config.end]);
        }
    }

    fn table(&mut self, files: &[Entry], across: bool, out: &mut Output) {
        if files.is_empty() {
            return;
        }
        let lengths: Vec<usize> = files.iter().map(|entry| self.columns_of(entry)).collect();
        let widths = column_widths(&lengths, self.config.line_columns, across);
        let columns = widths.len();
        let rows = files.len().div_ceil(columns);
        for row in 0..rows {
            let mut at = 0;
            let mut start = 0;
            for (column, &column_width) in widths.iter().enumerate() {
                let index = if across { row * columns + column } else { column * rows + row };
                let (Some(entry), Some(length)) = (files.get(index), lengths.get(index)) else { break };
                self.indent(at, start, out);
                self.line(entry, out);
                at = start + length;
                start += column_width;
            }
            out.put(&[self.config.end]);
        }
    }

    /// Fills from one column to another, with tabs where they reach.
    fn indent(&self, mut from: usize, to: usize, out: &mut Output) {
        let tab = self.config.tab_columns;
        while from < to {
            if tab != 0 && to / tab > (from + 1) / tab {
                out.text("\t");
                from += tab - from % tab;
            } else {
                out.text(" ");
                from += 1;
            }
        }
    }
}

/// Returns the widths of as many columns as fit a line.
fn column_widths(lengths: &[usize], line: usize, across: bool) -> Vec<usize> {
    let most = if line == usize::MAX { lengths.len() } else { (line.div_ceil(COLUMN_MIN)).clamp(1, lengths.len()) };
    for columns in (1..=most).rev() {
        let rows = lengths.len().div_ceil(columns);
        let mut widths = vec![0usize; columns];
        for (index, length) in lengths.iter().enumerate() {
            let column = if across { index % columns } else { index / rows };
            let gap = if column == columns - 1 { 0 } else { GAP };
            if let Some(width) = widths.get_mut(column) {
                *width = (*width).max(length + gap);
            }
        }
        if columns == 1 || widths.iter().map(|width| (*width).max(COLUMN_MIN)).sum::<usize>() < line {
            // Columns that no file reaches are not there.
            let used = if across { columns } else { lengths.len().div_ceil(rows) };
            widths.truncate(used.max(1));
            return widths;
        }
    }
    vec![0]
}

/// Returns whether a kind of file has device numbers in place of a size.
pub(crate) fn is_device(kind: Kind) -> bool {
    matches!(kind, Kind::CharacterDevice | Kind::BlockDevice)
}
