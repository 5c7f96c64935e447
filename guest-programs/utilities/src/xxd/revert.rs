//! The way back: a dump, or plain digits, as the octets they show.

use std::io::BufRead;

use super::{Form, Settings};
use crate::output::Output;
use crate::program::{Outcome, Program};

/// Octets that a position may leave out at once, written as zeros: the length of the largest file.
const GAP_MAX: u64 = 16 << 30;

/// Reads a dump and writes its octets.
pub(super) fn run(program: &Program, settings: &Settings, source: &mut dyn BufRead, out: Output) -> Outcome {
    if matches!(settings.form, Form::Binary | Form::Include | Form::LittleEndian) {
        program.complain("Sorry, cannot revert this type of hexdump");
        return Err(255);
    }
    let columns = settings.columns.filter(|columns| *columns > 0).unwrap_or(16);
    let mut writer = Writer { out, position: 0 };
    let mut line = Vec::new();
    loop {
        line.clear();
        let length =
            source.read_until(b'\n', &mut line).map_err(|error| program.fail(&sandshell_sys::reason(&error)))?;
        if length == 0 || writer.out.has_failed() {
            return Ok(writer.out.finish(program, 0));
        }
        if settings.form == Form::Plain {
            pairs(&line, usize::MAX, &mut |octet| writer.put(octet));
            continue;
        }
        let Some((position, rest)) = position(&line) else { continue };
        let position = position.wrapping_add_signed(settings.seek);
        let mut octets = Vec::new();
        pairs(rest, columns, &mut |octet| octets.push(octet));
        if octets.is_empty() {
            continue;
        }
        if let Err(message) = writer.go_to(position) {
            program.complain(message);
            return Err(writer.out.finish(program, 5));
        }
        octets.into_iter().for_each(|octet| writer.put(octet));
    }
}

struct Writer {
    out: Output,
    position: u64,
}

impl Writer {
    fn put(&mut self, octet: u8) {
        self.out.put(&[octet]);
        self.position += 1;
    }

    /// Fills up with zeros: what is written may be a pipe.
    fn go_to(&mut self, position: u64) -> Result<(), &'static str> {
        if position < self.position {
            return Err("Sorry, cannot seek backwards.");
        }
        if position - self.position > GAP_MAX {
            return Err("Sorry, cannot seek.");
        }
        const ZEROS: [u8; 4096] = [0; 4096];
        while self.position < position && !self.out.has_failed() {
            let length = (position - self.position).min(ZEROS.len() as u64);
            self.out.put(ZEROS.get(..usize::try_from(length).unwrap_or(0)).unwrap_or_default());
            self.position += length;
        }
        Ok(())
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Reads the position that begins a line, and returns what is behind what ends it.
fn position(line: &[u8]) -> Option<(u64, &[u8])> {
    let blanks = line.iter().take_while(|byte| digit(**byte).is_none()).count();
    let line = line.get(blanks..)?;
    let length = line.iter().take_while(|byte| digit(**byte).is_some()).count();
    if length == 0 {
        return None;
    }
    let value = line.iter().take(length).filter_map(|byte| digit(*byte));
    let value = value.fold(0u64, |value, digit| value << 4 | u64::from(digit));
    Some((value, line.get(length + 1..).unwrap_or_default()))
}

/// Reads pairs of digits until there are enough, or three characters in a row are none.
fn pairs(text: &[u8], most: usize, take: &mut dyn FnMut(u8)) {
    let is_plain = most == usize::MAX;
    let (mut high, mut strangers, mut taken) = (None, 0, 0);
    for byte in text {
        if *byte == b'\r' || (is_plain && byte.is_ascii_whitespace()) {
            continue;
        }
        match (digit(*byte), high) {
            (Some(low), Some(first)) => {
                take(first << 4 | low);
                taken += 1;
                high = None;
                strangers = 0;
                if taken == most {
                    return;
                }
            }
            (Some(first), None) => {
                high = Some(first);
                strangers = 0;
            }
            (None, _) => {
                high = None;
                strangers += 1;
                // Two blanks stand before the characters of a line.
                if strangers == 2 {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(text: &[u8]) -> Vec<u8> {
        let mut octets = Vec::new();
        pairs(text, 16, &mut |octet| octets.push(octet));
        octets
    }

    #[test]
    fn characters_behind_the_digits_are_left_out() {
        let (at, rest) = position(b"00000010: 6162 63  abc.dead\n").expect("a position");
        assert_eq!(at, 16);
        assert_eq!(octets(rest), b"abc");
        assert_eq!(octets(b"6 1 62  61"), b"b");
        assert!(position(b"\n").is_none());
    }
}
