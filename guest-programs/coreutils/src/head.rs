//! `head`: the first lines or bytes of files, or all but the last.
//!
//! What is read of standard input and not written is given back where it can be, so that the next program of a script
//! goes on after it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{complain, reason};
use crate::basis::options::Grammar;
use crate::basis::output::Output;
use crate::basis::quoting::{locale, plain};

const BLOCK_BYTES: usize = 64 << 10;

const GRAMMAR: Grammar = Grammar {
    program: "head",
    short: "c:n:qvz0123456789",
    long: &[
        ("bytes=", "c"),
        ("lines=", "n"),
        ("quiet", "q"),
        ("silent", "q"),
        ("verbose", "v"),
        ("zero-terminated", "z"),
    ],
    failure: 1,
    help: "Usage: head [OPTION]... [FILE]...\nPrint the first 10 lines of each FILE to standard output.\n\n\
  -c, --bytes=[-]NUM       print the first NUM bytes; with the leading '-', all but the last NUM bytes\n  \
-n, --lines=[-]NUM       print the first NUM lines; with the leading '-', all but the last NUM lines\n  \
-q, --quiet, --silent    never print headers giving file names\n  -v, --verbose            always print headers giving file names\n  \
-z, --zero-terminated    line delimiter is NUL, not newline\n\nNUM may have a suffix: b 512, kB 1000, K 1024, MB, M, GB, G, T, P, E.\n",
};

/// What is wanted of a file.
#[derive(Clone, Copy)]
struct Wanted {
    count: u64,
    bytes: bool,
    /// All but so much of the end.
    but_last: bool,
    separator: u8,
}

/// Runs `head`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv.collect()).unwrap_or_else(|status| status)
}

fn run(argv: Vec<OsString>) -> Result<i32, i32> {
    let mut wanted = Wanted { count: 10, bytes: false, but_last: false, separator: b'\n' };
    let (mut quiet, mut verbose) = (false, false);
    let argv = obsolete(argv, &mut wanted, &mut quiet, &mut verbose)?;
    let (given, operands) = GRAMMAR.parse(argv.into_iter())?;
    for option in &given {
        match option.id {
            "c" | "n" => read_count(&option.text(), option.id == "c", &mut wanted)?,
            "q" => (quiet, verbose) = (true, false),
            "v" => (quiet, verbose) = (false, true),
            "z" => wanted.separator = 0,
            digit => return Err(GRAMMAR.misuse(&format!("invalid trailing option -- {digit}"))),
        }
    }
    let files = if operands.is_empty() { vec!["-".into()] } else { operands };
    let headers = verbose || (!quiet && files.len() > 1);
    let mut out = Output::new(GRAMMAR.program);
    let (mut failed, mut first) = (false, true);
    for file in &files {
        failed |= !one(file, wanted, headers, &mut first, &mut out);
    }
    Ok(i32::from(!out.finish() || failed))
}

/// Takes the older `-NUM[bkm][cqvz]...` in first place.
fn obsolete(
    mut argv: Vec<OsString>,
    wanted: &mut Wanted,
    quiet: &mut bool,
    verbose: &mut bool,
) -> Result<Vec<OsString>, i32> {
    let Some([b'-', rest @ ..]) = argv.get(1).map(|word| word.as_bytes()) else { return Ok(argv) };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return Ok(argv);
    }
    let number = String::from_utf8_lossy(&rest[..digits]).into_owned();
    let mut multiplier = "";
    let mut bytes = false;
    for letter in &rest[digits..] {
        match letter {
            b'b' => (multiplier, bytes) = ("b", true),
            b'k' => (multiplier, bytes) = ("K", true),
            b'm' => (multiplier, bytes) = ("M", true),
            b'c' => bytes = true,
            b'l' => bytes = false,
            b'q' => (*quiet, *verbose) = (true, false),
            b'v' => (*quiet, *verbose) = (false, true),
            b'z' => wanted.separator = 0,
            other => return Err(GRAMMAR.misuse(&format!("invalid trailing option -- {}", char::from(*other)))),
        }
    }
    read_count(&format!("{number}{multiplier}"), bytes, wanted)?;
    argv.remove(1);
    Ok(argv)
}

fn read_count(text: &str, bytes: bool, wanted: &mut Wanted) -> Result<(), i32> {
    let (but_last, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let what = if bytes { "bytes" } else { "lines" };
    let fail = |why: &str| {
        complain(GRAMMAR.program, &format!("invalid number of {what}: {}{why}", locale(plain(digits))));
        1
    };
    let end = digits.bytes().take_while(u8::is_ascii_digit).count();
    let multiplier = multiplier(&digits[end..]).filter(|_| end > 0).ok_or_else(|| fail(""))?;
    let overflow = || fail(": Value too large for defined data type");
    let number: u64 = digits[..end].parse().map_err(|_| overflow())?;
    let count = number.checked_mul(multiplier).ok_or_else(overflow)?;
    *wanted = Wanted { count, bytes, but_last, separator: wanted.separator };
    Ok(())
}

/// The factor of a suffix; `None` for none that GNU knows.
fn multiplier(suffix: &str) -> Option<u64> {
    let powers = "KMGTPE";
    match suffix {
        "" => return Some(1),
        "b" => return Some(512),
        _ => {}
    }
    let letter = suffix.chars().next()?.to_ascii_uppercase();
    let power = u32::try_from(powers.find(letter)?).ok()? + 1;
    match &suffix[1..] {
        "" | "iB" => 1024u64.checked_pow(power),
        "B" => 1000u64.checked_pow(power),
        _ => None,
    }
}

/// Writes what is wanted of one file; answers whether it could be read.
fn one(file: &OsString, wanted: Wanted, headers: bool, first: &mut bool, out: &mut Output) -> bool {
    let is_stdin = file == "-";
    let opened = if is_stdin { None } else { Some(File::open(Path::new(file))) };
    let mut opened = match opened {
        Some(Err(error)) => {
            let name = crate::basis::quoting::name(file);
            complain(GRAMMAR.program, &format!("cannot open {name} for reading: {}", reason(&error)));
            return false;
        }
        Some(Ok(file)) => Some(file),
        None => None,
    };
    if headers {
        let name = if is_stdin { "standard input".into() } else { file.to_string_lossy() };
        out.text(&format!("{}==> {name} <==\n", if *first { "" } else { "\n" }));
    }
    *first = false;
    let mut read = |buffer: &mut [u8]| match &mut opened {
        Some(file) => file.read(buffer),
        None => rustix::io::read(io::stdin(), buffer).map_err(io::Error::from),
    };
    let result = if wanted.but_last {
        all_but_last(&mut read, wanted, out).map(|()| 0)
    } else {
        first_of(&mut read, wanted, out)
    };
    match result {
        Ok(unused) => {
            if is_stdin && unused > 0 {
                // A pipe cannot go back: what is read is read.
                let back = i64::try_from(unused).unwrap_or(0);
                let _ = rustix::fs::seek(io::stdin(), rustix::fs::SeekFrom::Current(-back));
            }
            true
        }
        Err(error) => {
            let name = if is_stdin { "standard input".to_owned() } else { crate::basis::quoting::name(file) };
            complain(GRAMMAR.program, &format!("error reading {name}: {}", reason(&error)));
            false
        }
    }
}

type Reader<'a> = dyn FnMut(&mut [u8]) -> io::Result<usize> + 'a;

fn read_some(read: &mut Reader<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Writes the first lines or bytes; answers how many bytes were read beyond them.
fn first_of(read: &mut Reader<'_>, wanted: Wanted, out: &mut Output) -> io::Result<usize> {
    let mut left = wanted.count;
    let mut buffer = vec![0; BLOCK_BYTES];
    while left > 0 {
        let count = read_some(read, &mut buffer)?;
        if count == 0 {
            break;
        }
        let block = &buffer[..count];
        let taken = if wanted.bytes {
            let taken = usize::try_from(left).unwrap_or(usize::MAX).min(count);
            left -= taken as u64;
            taken
        } else {
            let mut end = count;
            for at in memchr::memchr_iter(wanted.separator, block) {
                left -= 1;
                if left == 0 {
                    end = at + 1;
                    break;
                }
            }
            end
        };
        out.put(&block[..taken]);
        if left == 0 {
            return Ok(count - taken);
        }
    }
    Ok(0)
}

/// Writes all but the last lines or bytes, keeping only those.
fn all_but_last(read: &mut Reader<'_>, wanted: Wanted, out: &mut Output) -> io::Result<()> {
    let keep = usize::try_from(wanted.count).unwrap_or(usize::MAX);
    let mut buffer = vec![0; BLOCK_BYTES];
    // What may still be among the last, and where lines end in it.
    let mut held: Vec<u8> = Vec::new();
    let mut ends: VecDeque<usize> = VecDeque::new();
    loop {
        let count = read_some(read, &mut buffer)?;
        if count == 0 {
            break;
        }
        let start = held.len();
        held.extend_from_slice(&buffer[..count]);
        let done = if wanted.bytes {
            held.len().saturating_sub(keep)
        } else {
            ends.extend(memchr::memchr_iter(wanted.separator, &buffer[..count]).map(|at| start + at + 1));
            // The line after the last end is not whole yet, so it does not count.
            let mut done = 0;
            while ends.len() > keep {
                done = ends.pop_front().unwrap_or(0);
            }
            done
        };
        if done > 0 {
            out.put(&held[..done]);
            held.drain(..done);
            ends.iter_mut().for_each(|end| *end -= done);
        }
    }
    // A last line without its separator is one more line of the end.
    if !wanted.bytes && keep > 0 && ends.len() == keep && ends.back() != Some(&held.len()) {
        let done = ends.pop_front().unwrap_or(0);
        out.put(&held[..done]);
    } else if !wanted.bytes && keep == 0 {
        out.put(&held);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_multiply() {
        let check = |suffix: &str, expected| assert_eq!(multiplier(suffix), expected, "{suffix}");
        check("", Some(1));
        check("b", Some(512));
        check("K", Some(1024));
        check("kB", Some(1000));
        check("MiB", Some(1 << 20));
        check("x", None);
        check("Kx", None);
    }
}
