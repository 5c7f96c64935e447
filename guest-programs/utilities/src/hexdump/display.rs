//! Reads blocks and writes them by the formats; equal blocks that follow one another are shown once.

use std::io::Read;

use super::Settings;
use super::print;
use super::unit::{self, Format, Piece, What};
use crate::input;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// The files as one input.
struct Files<'a> {
    program: &'a Program,
    left: std::vec::IntoIter<Vec<u8>>,
    current: Option<Box<dyn std::io::BufRead>>,
    failed: bool,
    any: bool,
}

impl Read for Files<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(file) = &mut self.current {
                match file.read(buffer)? {
                    0 => self.current = None,
                    length => return Ok(length),
                }
            }
            let Some(path) = self.left.next() else { return Ok(0) };
            match input::open_file(&path) {
                Ok(file) => (self.current, self.any) = (Some(file), true),
                Err(error) => {
                    let name = String::from_utf8_lossy(&path);
                    self.program.complain(&format!("{name}: {}", sandshell_sys::reason(&error)));
                    self.failed = true;
                }
            }
        }
    }
}

/// Writes the files, or standard input.
pub(super) fn run(program: &Program, mut settings: Settings, paths: Vec<Vec<u8>>) -> Outcome {
    let block = settings.formats.iter().map(|format| format.bytes).max().unwrap_or(0);
    settings.formats.iter_mut().for_each(|format| unit::fit(format, block));
    let current = paths.is_empty().then(input::standard);
    let any = paths.is_empty();
    let mut files = Files { program, left: paths.into_iter(), current, failed: false, any };
    let mut out = Output::new();
    let told = |error: &std::io::Error| program.fail(&sandshell_sys::reason(error));
    let skipped = input::skip(&mut files, settings.skip).map_err(|error| told(&error))?;
    if skipped < settings.skip && files.any {
        return Err(program.fail("cannot skip past end of input"));
    }
    let mut end = settings.skip;
    if block > 0 {
        let mut limited = Read::take(&mut files, settings.length.unwrap_or(u64::MAX));
        end = blocks(&settings, block, &mut limited, &mut out).map_err(|error| told(&error))?;
    }
    if !files.any {
        program.complain("all input file arguments failed");
    } else if end > 0 {
        let last = settings.formats.iter().flat_map(|format| &format.units).rfind(|unit| unit.is_final());
        let mut line = Vec::new();
        for piece in last.iter().flat_map(|unit| &unit.pieces) {
            line.extend_from_slice(piece.text.as_bytes());
            print::print(piece, &[], end, &mut line);
        }
        out.put(&line);
    }
    let status = if files.failed { program.failure } else { 0 };
    Ok(out.finish(program, status))
}

/// Writes all blocks; returns the position behind the last byte.
fn blocks(settings: &Settings, block: usize, source: &mut dyn Read, out: &mut Output) -> std::io::Result<u64> {
    let (mut bytes, mut previous) = (vec![0; block], Vec::new());
    let mut address = settings.skip;
    let mut is_squeezing = false;
    let mut line = Vec::new();
    loop {
        let length = input::fill(source, &mut bytes)?;
        if length == 0 || out.has_failed() {
            return Ok(address);
        }
        let part = bytes.get(..length).unwrap_or_default();
        if !settings.all_lines && length == block && previous == part {
            if !is_squeezing {
                out.text("*\n");
            }
            is_squeezing = true;
        } else {
            is_squeezing = false;
            line.clear();
            for format in &settings.formats {
                one(format, part, address, &mut line);
            }
            out.put(&line);
            previous.clear();
            previous.extend_from_slice(part);
        }
        address += length as u64;
        if length < block {
            return Ok(address);
        }
    }
}

/// Writes a block by one format.
fn one(format: &Format, bytes: &[u8], address: u64, line: &mut Vec<u8>) {
    let mut at = 0;
    for unit in format.units.iter().filter(|unit| !unit.is_final()) {
        for iteration in (0..unit.repeat).rev() {
            for (index, piece) in unit.pieces.iter().enumerate() {
                let is_last = iteration == 0 && unit.repeat > 1 && index + 1 == unit.pieces.len();
                line.extend_from_slice(text_of(piece, is_last).as_bytes());
                let rest = bytes.get(at..).unwrap_or_default();
                let is_address = matches!(piece.what, What::Address { .. });
                if rest.is_empty() && !is_address {
                    print::blank(piece, line);
                } else {
                    show(piece, rest, address + at as u64, line);
                }
                at += piece.bytes;
            }
        }
    }
}

/// Shows what a piece takes of the bytes that are left; what is missing of a number at the end of the input is zero.
fn show(piece: &Piece, rest: &[u8], address: u64, line: &mut Vec<u8>) {
    let is_number = matches!(piece.what, What::Integer(_) | What::Float(_));
    match rest.get(..piece.bytes) {
        Some(part) => print::print(piece, part, address, line),
        None if is_number => {
            let mut part = rest.to_vec();
            part.resize(piece.bytes, 0);
            print::print(piece, &part, address, line);
        }
        None => print::print(piece, rest, address, line),
    }
}

/// The text of a piece; a blank at the end of the last iteration is left out.
fn text_of(piece: &Piece, is_last: bool) -> &str {
    if is_last && piece.what == What::Nothing {
        return piece.text.strip_suffix(char::is_whitespace).unwrap_or(&piece.text);
    }
    &piece.text
}
