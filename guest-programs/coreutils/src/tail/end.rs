//! The last part of one file, read from its end where it has one.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::basis::errors::complain;
use crate::basis::human::multiplier;
use crate::basis::output::Output;
use crate::basis::quoting::locale;

/// Bytes read at once.
const CHUNK_BYTES: usize = 64 << 10;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// Lines, or else bytes.
    pub(super) lines: bool,
    /// Counted from the start, beginning with this one.
    pub(super) from_start: bool,
    pub(super) count: u64,
}

impl Amount {
    pub(super) fn last_lines(count: u64) -> Self {
        Self { lines: true, from_start: false, count }
    }

    /// Parses `[+|-]NUM` with a multiplier.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(super) fn parse(text: &str, lines: bool) -> Result<Self, i32> {
        let (from_start, number) = match text.as_bytes() {
            [b'+', ..] => (true, &text[1..]),
            [b'-', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, suffix) = number.split_at(digits);
        let scale = if suffix == "b" { Some(512) } else { multiplier(suffix) };
        match (digits.is_empty(), scale) {
            (false, Some(scale)) => {
                let count = digits.parse().unwrap_or(u64::MAX).saturating_mul(scale);
                Ok(Self { lines, from_start, count })
            }
            _ => {
                let what = if lines { "lines" } else { "bytes" };
                complain(super::PROGRAM, &format!("invalid number of {what}: {}", locale(text)));
                Err(1)
            }
        }
    }
}

/// An open file or standard input.
pub(super) enum Source {
    Stdin,
    File(File),
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stdin => io::stdin().lock().read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

impl Source {
    pub(super) fn open(path: &OsString) -> io::Result<Self> {
        if super::is_stdin(path) { Ok(Self::Stdin) } else { File::open(Path::new(path)).map(Self::File) }
    }

    /// Writes the last part and stays at the end.
    pub(super) fn last_part(&mut self, amount: Amount, end: u8, out: &mut Output) -> io::Result<()> {
        if amount.from_start {
            return self.from(amount, end, out);
        }
        if let Self::File(file) = self
            && let Ok(metadata) = file.metadata()
            && metadata.is_file()
        {
            let start = match amount {
                Amount { lines: true, count, .. } => start_of_lines(file, metadata.len(), count, end)?,
                Amount { count, .. } => metadata.len().saturating_sub(count),
            };
            file.seek(SeekFrom::Start(start))?;
            return self.rest(out);
        }
        if amount.lines { self.last_lines(amount.count, end, out) } else { self.last_bytes(amount.count, out) }
    }

    /// Writes all that is left.
    pub(super) fn rest(&mut self, out: &mut Output) -> io::Result<()> {
        self.each_chunk(|chunk| out.put(chunk))
    }

    fn each_chunk(&mut self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => take(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes from a line or byte on; the first is number 1.
    fn from(&mut self, amount: Amount, end: u8, out: &mut Output) -> io::Result<()> {
        let mut skip = amount.count.saturating_sub(1);
        self.each_chunk(|mut chunk| {
            while skip > 0 && !chunk.is_empty() {
                let passed = if amount.lines {
                    chunk.iter().position(|&byte| byte == end).map_or(chunk.len(), |at| {
                        skip -= 1;
                        at + 1
                    })
                } else {
                    let passed = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
                    skip -= passed as u64;
                    passed
                };
                chunk = &chunk[passed..];
            }
            out.put(chunk);
        })
    }

    fn last_bytes(&mut self, count: u64, out: &mut Output) -> io::Result<()> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut kept = Vec::new();
        self.each_chunk(|chunk| {
            kept.extend_from_slice(chunk);
            // Cut off rarely, so that each byte is moved seldom.
            if kept.len() > count.saturating_mul(2).saturating_add(CHUNK_BYTES) {
                kept.drain(..kept.len() - count);
            }
        })?;
        out.put(&kept[kept.len().saturating_sub(count)..]);
        Ok(())
    }

    fn last_lines(&mut self, count: u64, end: u8, out: &mut Output) -> io::Result<()> {
        let mut kept: Vec<u8> = Vec::new();
        let mut bound = CHUNK_BYTES * 4;
        self.each_chunk(|chunk| {
            kept.extend_from_slice(chunk);
            if kept.len() > bound {
                kept.drain(..start_in(&kept, count, end));
                bound = (kept.len() * 2).max(CHUNK_BYTES * 4);
            }
        })?;
        out.put(&kept[start_in(&kept, count, end)..]);
        Ok(())
    }
}

/// Returns where the last lines begin in a text.
fn start_in(text: &[u8], count: u64, end: u8) -> usize {
    if count == 0 {
        return text.len();
    }
    let body = text.strip_suffix(&[end]).unwrap_or(text);
    let nth = usize::try_from(count - 1).unwrap_or(usize::MAX);
    let mut ends = body.iter().enumerate().rev().filter(|(_, byte)| **byte == end).map(|(at, _)| at);
    ends.nth(nth).map_or(0, |at| at + 1)
}

/// Returns where the last lines begin in a file, reading it backwards.
fn start_of_lines(file: &mut File, length: u64, count: u64, end: u8) -> io::Result<u64> {
    if count == 0 {
        return Ok(length);
    }
    let mut found = 0;
    let mut at = length;
    let mut buffer = vec![0; CHUNK_BYTES];
    while at > 0 {
        let size = at.min(CHUNK_BYTES as u64);
        let chunk = &mut buffer[..usize::try_from(size).unwrap_or(CHUNK_BYTES)];
        at -= size;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(chunk)?;
        for (index, _) in chunk.iter().enumerate().rev().filter(|(_, byte)| **byte == end) {
            let place = at + index as u64;
            // The end of the last line ends nothing before it.
            if place + 1 == length {
                continue;
            }
            found += 1;
            if found == count {
                return Ok(place + 1);
            }
        }
    }
    Ok(0)
}
