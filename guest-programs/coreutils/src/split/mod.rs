//! `split`: a file in pieces by lines, bytes or chunks, each a file of its own or what a command reads.
//!
//! The parts: this file (reading the input and cutting it), `options`, `suffix` (the names), `pieces` (where the pieces go).

mod options;
mod pieces;
mod suffix;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::options::Outcome;
use crate::basis::quoting::{name, name_maybe};
use options::{Manner, Options, PROGRAM};
use pieces::Pieces;

/// Bytes read at once.
const BLOCK_BYTES: usize = 128 << 10;

/// Runs `split`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let options = Options::parse(argv)?;
    let mut input = Input::open(&options)?;
    let mut pieces = Pieces::new(&options, input.inode)?;
    match options.manner {
        Manner::Bytes(count) => by_bytes(&mut input, &mut pieces, |_| count)?,
        Manner::Lines(count) => by_lines(&mut input, &mut pieces, count, options.separator)?,
        Manner::LineBytes(count) => by_line_bytes(&mut input, &mut pieces, count, options.separator)?,
        Manner::Chunks { of, only } => {
            let size = input.size()?;
            pieces.expect(of, only)?;
            // The last chunk takes what is left over.
            by_bytes(&mut input, &mut pieces, |index| if index + 1 < of { (size / of).max(1) } else { u64::MAX })?;
        }
        Manner::LineChunks { of, only } => {
            let size = input.size()?;
            pieces.expect(of, only)?;
            by_line_chunks(&mut input, &mut pieces, of, (size / of).max(1), options.separator)?;
        }
        Manner::RoundRobin { of, only } => {
            pieces.expect(of, only)?;
            round_robin(&mut input, &mut pieces, of, options.separator)?;
        }
    }
    pieces.finish()
}

/// What is split.
struct Input {
    path: OsString,
    source: Box<dyn Read>,
    /// A regular file's number; others cannot be written over.
    inode: Option<u64>,
    size: Option<u64>,
    block: Vec<u8>,
}

impl Input {
    fn open(options: &Options) -> Result<Self, i32> {
        let path = options.input.clone();
        let (source, status): (Box<dyn Read>, _) = if path == "-" {
            (Box::new(io::stdin().lock()), sandshell_sys::stat_of(sandshell_sys::Fd::STDIN))
        } else {
            let file = File::open(Path::new(&path)).map_err(|error| {
                complain(PROGRAM, &format!("cannot open {} for reading: {}", name(&path), error.words()));
                1
            })?;
            (Box::new(file), sandshell_sys::stat(path.as_bytes()))
        };
        let regular = status.ok().filter(|status| status.mode.kind() == sandshell_sys::Kind::Regular);
        let (inode, size) = (regular.as_ref().map(|status| status.inode), regular.as_ref().map(|status| status.size));
        Ok(Self { path, source, inode, size, block: vec![0; BLOCK_BYTES] })
    }

    /// The size, which chunks need.
    fn size(&self) -> Result<u64, i32> {
        self.size.ok_or_else(|| {
            complain(PROGRAM, &format!("{}: cannot determine file size", name_maybe(&self.path)));
            1
        })
    }

    /// Reads the next bytes; none at the end.
    fn next(&mut self) -> Result<&[u8], i32> {
        loop {
            match self.source.read(&mut self.block) {
                Ok(count) => return Ok(&self.block[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    complain(PROGRAM, &format!("{}: {}", name_maybe(&self.path), error.words()));
                    return Err(1);
                }
            }
        }
    }
}

/// Cuts after so many bytes, which may be others for each piece.
fn by_bytes(input: &mut Input, pieces: &mut Pieces, count: impl Fn(u64) -> u64) -> Result<(), i32> {
    let mut index = 0;
    let mut left = count(index);
    loop {
        let mut text = input.next()?;
        if text.is_empty() {
            return Ok(());
        }
        while !text.is_empty() {
            while left == 0 {
                index += 1;
                left = count(index);
            }
            let part = usize::try_from(left).unwrap_or(usize::MAX).min(text.len());
            pieces.put(index, &text[..part])?;
            left -= part as u64;
            text = &text[part..];
        }
    }
}

/// Cuts after so many lines.
fn by_lines(input: &mut Input, pieces: &mut Pieces, count: u64, separator: u8) -> Result<(), i32> {
    let (mut index, mut lines) = (0, 0);
    loop {
        let text = input.next()?;
        if text.is_empty() {
            return Ok(());
        }
        let mut start = 0;
        for end in memchr::memchr_iter(separator, text) {
            lines += 1;
            if lines == count {
                pieces.put(index, &text[start..=end])?;
                start = end + 1;
                (index, lines) = (index + 1, 0);
            }
        }
        pieces.put(index, &text[start..])?;
    }
}

/// Cuts between lines so that a piece has at most so many bytes; a line that is longer is cut itself.
fn by_line_bytes(input: &mut Input, pieces: &mut Pieces, count: u64, separator: u8) -> Result<(), i32> {
    let limit = usize::try_from(count).unwrap_or(usize::MAX);
    let (mut index, mut filled) = (0, 0);
    let mut line: Vec<u8> = Vec::new();
    loop {
        let text = input.next()?;
        let at_end = text.is_empty();
        line.extend_from_slice(text);
        let mut rest = &line[..];
        loop {
            let end = memchr::memchr(separator, rest).map(|end| end + 1);
            // An unfinished line that fills a piece need not be waited for.
            let Some(length) = end.or((at_end || rest.len() > limit).then_some(rest.len())).filter(|end| *end > 0)
            else {
                break;
            };
            if length <= limit - filled {
                pieces.put(index, &rest[..length])?;
                filled += length;
                rest = &rest[length..];
            } else if filled > 0 {
                (index, filled) = (index + 1, 0);
            } else {
                pieces.put(index, &rest[..limit])?;
                (index, rest) = (index + 1, &rest[limit..]);
            }
        }
        let kept = rest.len();
        line.drain(..line.len() - kept);
        if at_end {
            return Ok(());
        }
    }
}

/// Puts each line into the chunk in which it begins.
fn by_line_chunks(input: &mut Input, pieces: &mut Pieces, of: u64, size: u64, separator: u8) -> Result<(), i32> {
    let (mut index, mut read) = (0, 0u64);
    let mut line_begins = true;
    loop {
        let text = input.next()?;
        if text.is_empty() {
            return Ok(());
        }
        for line in text.split_inclusive(|byte| *byte == separator) {
            if line_begins {
                index = (read / size).min(of - 1);
            }
            pieces.put(index, line)?;
            read += line.len() as u64;
            line_begins = line.last() == Some(&separator);
        }
    }
}

/// Deals the lines out, one to each piece in turn.
fn round_robin(input: &mut Input, pieces: &mut Pieces, of: u64, separator: u8) -> Result<(), i32> {
    let mut index = 0;
    loop {
        let text = input.next()?;
        if text.is_empty() {
            return Ok(());
        }
        for line in text.split_inclusive(|byte| *byte == separator) {
            pieces.put(index, line)?;
            if line.last() == Some(&separator) {
                index = (index + 1) % of;
            }
        }
    }
}
