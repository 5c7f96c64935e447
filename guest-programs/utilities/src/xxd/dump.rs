//! The dump itself: positions, groups of digits, and characters.

use std::io::Read;

use super::{Form, Settings};
use crate::input;
use crate::output::Output;
use crate::program::{Outcome, Program};

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// EBCDIC to ASCII for what xxd shows, from octet 0x40 on; a period stands for the rest.
const EBCDIC: &[u8; 192] = b" ...........<(+|&.........!$*);~-/.........,%_>?.........`:#@'=\"\
.abcdefghi.......jklmnopqr^.......stuvwxyz...[...............]..\
{ABCDEFGHI......}JKLMNOPQR......\\.STUVWXYZ......0123456789......";

/// The digits in use.
pub(super) fn digits(settings: &Settings) -> &'static [u8; 16] {
    if settings.upper { UPPER } else { LOWER }
}

/// Appends the two digits of an octet.
pub(super) fn push_octet(line: &mut Vec<u8>, octet: u8, digits: &[u8; 16]) {
    line.extend([digits[usize::from(octet >> 4)], digits[usize::from(octet & 15)]]);
}

/// Writes nothing but digits.
pub(super) fn plain(program: &Program, settings: &Settings, mut source: Box<dyn Read>, mut out: Output) -> Outcome {
    /// Octets of a line without end that are handled at once.
    const PIECE: usize = 64 * 1024;
    let columns = settings.columns.unwrap_or(30);
    let digits = digits(settings);
    let mut octets = vec![0; if columns == 0 { PIECE } else { columns }];
    let mut any = false;
    loop {
        let length = read(program, source.as_mut(), &mut octets)?;
        let mut line = Vec::with_capacity(2 * length + 1);
        octets.iter().take(length).for_each(|octet| push_octet(&mut line, *octet, digits));
        any |= length > 0;
        let is_last = length < octets.len();
        if (columns > 0 && length > 0) || (columns == 0 && is_last && any) {
            line.push(b'\n');
        }
        out.put(&line);
        if is_last || out.has_failed() {
            return Ok(out.finish(program, 0));
        }
    }
}

pub(super) fn read(program: &Program, source: &mut dyn Read, octets: &mut [u8]) -> Outcome<usize> {
    input::fill(source, octets).map_err(|error| {
        program.complain(&sandshell_sys::reason(&error));
        2
    })
}

/// Writes lines with positions and characters.
pub(super) fn lines(
    program: &Program,
    settings: &Settings,
    mut source: Box<dyn Read>,
    start: u64,
    out: Output,
) -> Outcome {
    let layout = Layout::new(settings);
    let mut octets = vec![0; layout.columns];
    let mut position = start.wrapping_add_signed(settings.offset);
    let mut skipping = Skipping { out, second: Vec::new(), last: Vec::new(), zero_lines: 0 };
    loop {
        let length = read(program, source.as_mut(), &mut octets)?;
        let part = octets.get(..length).unwrap_or_default();
        let is_last = length < layout.columns;
        if length > 0 {
            let line = layout.line(settings, position, part);
            let is_zero = settings.autoskip && !is_last && part.iter().all(|octet| *octet == 0);
            skipping.line(line, is_zero);
        }
        if is_last || skipping.out.has_failed() {
            if length == 0 && settings.autoskip {
                skipping.end();
            }
            return Ok(skipping.out.finish(program, 0));
        }
        position = position.wrapping_add(layout.columns as u64);
    }
}

/// Lines of zeros, of which the first and the last are shown.
struct Skipping {
    out: Output,
    /// The second one in a row, and the last one.
    second: Vec<u8>,
    last: Vec<u8>,
    zero_lines: u64,
}

impl Skipping {
    fn line(&mut self, line: Vec<u8>, is_zero: bool) {
        if is_zero {
            self.zero_lines += 1;
            match self.zero_lines {
                1 => self.out.put(&line),
                2 => self.second.clone_from(&line),
                _ => {}
            }
            self.last = line;
            return;
        }
        match self.zero_lines {
            0 | 1 => {}
            2 => self.out.put(&self.second),
            _ => self.out.text("*\n"),
        }
        self.zero_lines = 0;
        self.out.put(&line);
    }

    /// At the end of the input the last line of zeros shows how far they go.
    fn end(&mut self) {
        match self.zero_lines {
            0 | 1 => return,
            2 => {}
            3 => self.out.put(&self.second),
            _ => self.out.text("*\n"),
        }
        self.out.put(&self.last);
    }
}

struct Layout {
    columns: usize,
    /// Octets of a group.
    group: usize,
    /// Columns of a group on the line, with the blank behind it.
    group_width: usize,
}

impl Layout {
    fn new(settings: &Settings) -> Self {
        let (columns, group, digits) = match settings.form {
            Form::Binary => (6, 1, 8),
            Form::LittleEndian => (16, 4, 2),
            _ => (16, 2, 2),
        };
        let columns = settings.columns.unwrap_or(columns);
        let group = match settings.group.unwrap_or(group) {
            0 => columns,
            group if group > columns && settings.form != Form::LittleEndian => columns,
            group => group,
        };
        Self { columns, group, group_width: group * digits + 1 }
    }

    fn line(&self, settings: &Settings, position: u64, octets: &[u8]) -> Vec<u8> {
        let mut line =
            if settings.decimal { format!("{position:08}:") } else { format!("{position:08x}:") }.into_bytes();
        let address = line.len();
        let characters = address + 3 + (self.group_width * self.columns).saturating_sub(1) / self.group;
        line.resize(characters + octets.len(), b' ');
        let digits = digits(settings);
        let mut text = Vec::with_capacity(8);
        for (at, octet) in octets.iter().enumerate() {
            let place = if settings.form == Form::LittleEndian { at ^ (self.group - 1) } else { at };
            let column = address + 1 + self.group_width * place / self.group;
            text.clear();
            match settings.form {
                Form::Binary => text.extend((0..8).rev().map(|bit| b'0' + (octet >> bit & 1))),
                _ => push_octet(&mut text, *octet, digits),
            }
            // A group in little-endian order may reach beyond a short line.
            if line.len() < column + text.len() {
                line.resize(column + text.len(), b' ');
            }
            if let Some(place) = line.get_mut(column..column + text.len()) {
                place.copy_from_slice(&text);
            }
        }
        for (at, octet) in octets.iter().enumerate() {
            if let Some(place) = line.get_mut(characters + at) {
                *place = shown(*octet, settings.ebcdic);
            }
        }
        line.truncate(characters + octets.len());
        line.push(b'\n');
        line
    }
}

fn shown(octet: u8, ebcdic: bool) -> u8 {
    let octet = match (ebcdic, octet) {
        (false, octet) => octet,
        (true, 0..0x40) => b'.',
        (true, octet) => EBCDIC.get(usize::from(octet) - 0x40).copied().unwrap_or(b'.'),
    };
    if (b' '..0x7f).contains(&octet) { octet } else { b'.' }
}
