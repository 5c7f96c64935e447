//! `cmp`: where two files first differ, or every byte in which they do.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use sandshell_sys::options::{HELP, Letters, VERSION};
use sandshell_sys::{path_of, reason};

use crate::command_line::{Parsed, parse};
use crate::message::{Program, TROUBLE, text};

pub(crate) const USAGE: &str = "\
Usage: cmp [OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]
Compares two files byte by byte; SKIP1 and SKIP2 are how many bytes of each to skip first.

  -b, --print-bytes          print the bytes that differ
  -i, --ignore-initial=SKIP         skip the first SKIP bytes of both files
  -i, --ignore-initial=SKIP1:SKIP2  skip SKIP1 bytes of FILE1 and SKIP2 of FILE2
  -l, --verbose              print number and values of every byte that differs
  -n, --bytes=LIMIT          compare LIMIT bytes at most
  -s, --quiet, --silent      print nothing
      --help                 display this help and exit
  -v, --version              output version information and exit

Numbers may have a suffix: kB 1000, K 1024, MB 1000000, M 1048576, and so on for G, T, P, E.
A FILE that is '-' or missing is standard input. Exit status: 0 if the files are the same, 1 if not, 2 in trouble.
";

const SPEC: Letters = Letters {
    short: "bci:ln:sv",
    long: &[
        ("bytes=", 'n'),
        ("ignore-initial=", 'i'),
        ("print-bytes", 'b'),
        ("print-chars", 'b'),
        ("quiet", 's'),
        ("silent", 's'),
        ("verbose", 'l'),
    ],
};

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 64 * 1024;

#[derive(Debug, Default)]
struct Options {
    print_bytes: bool,
    verbose: bool,
    silent: bool,
    limit: Option<u64>,
    skip: [u64; 2],
    operands: Vec<Vec<u8>>,
}

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let parsed = match parse(&SPEC, argv) {
        Ok(parsed) => parsed,
        Err(message) => return program.misuse(&message),
    };
    for (letter, _) in &parsed.options {
        match *letter {
            HELP => return program.help(),
            VERSION | 'v' => return program.version(),
            _ => {}
        }
    }
    match options(parsed) {
        Ok(options) => run(program, &options),
        Err(message) => program.misuse(&message),
    }
}

fn options(parsed: Parsed) -> Result<Options, String> {
    let mut options = Options::default();
    for (letter, argument) in parsed.options {
        let value = argument.unwrap_or_default();
        match letter {
            'b' | 'c' => options.print_bytes = true,
            'l' => options.verbose = true,
            's' => options.silent = true,
            'n' => {
                let limit = size(&value).ok_or_else(|| format!("invalid --bytes value '{}'", text(&value)))?;
                options.limit = Some(options.limit.map_or(limit, |other| other.min(limit)));
            }
            _ => {
                let mut parts = value.splitn(2, |byte| *byte == b':');
                let first = parts.next().unwrap_or_default();
                for (at, part) in [first, parts.next().unwrap_or(first)].into_iter().enumerate() {
                    let skip =
                        size(part).ok_or_else(|| format!("invalid --ignore-initial value '{}'", text(&value)))?;
                    options.skip[at] = options.skip[at].max(skip);
                }
            }
        }
    }
    if options.verbose && options.silent {
        return Err("options -l and -s are incompatible".to_owned());
    }
    let mut operands = parsed.operands;
    if operands.is_empty() {
        let last = parsed.words.last().map_or_else(|| "cmp".to_owned(), |word| text(word));
        return Err(format!("missing operand after '{last}'"));
    }
    let skips = operands.split_off(operands.len().min(2));
    for (at, value) in skips.iter().take(2).enumerate() {
        let skip = size(value).ok_or_else(|| format!("invalid --ignore-initial value '{}'", text(value)))?;
        options.skip[at] = options.skip[at].max(skip);
    }
    if let Some(extra) = skips.get(2) {
        return Err(format!("extra operand '{}'", text(extra)));
    }
    if operands.len() == 1 {
        operands.push(b"-".to_vec());
    }
    options.operands = operands;
    Ok(options)
}

/// Reads a number of bytes with an optional suffix; too large a one is the largest.
fn size(value: &[u8]) -> Option<u64> {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number: u64 = if digits == 0 { return None } else { text(&value[..digits]).parse().unwrap_or(u64::MAX) };
    let suffix = &value[digits..];
    let Some((letter, rest)) = suffix.split_first() else { return Some(number) };
    let power = b"KMGTPE".iter().position(|known| known == &letter.to_ascii_uppercase())?;
    let base: u64 = match rest {
        b"" | b"iB" => 1024,
        b"B" => 1000,
        _ => return None,
    };
    Some((0..=power).fold(number, |number, _| number.saturating_mul(base)))
}

fn run(program: &Program, options: &Options) -> i32 {
    let names = &options.operands;
    if names[0] == names[1] && options.skip[0] == options.skip[1] {
        return match open(&names[0]) {
            Ok(_) => 0,
            Err(error) => cannot(program, options, &names[0], &error),
        };
    }
    let mut inputs = Vec::new();
    for name in names {
        match open(name) {
            Ok(input) => inputs.push(input),
            Err(error) => return cannot(program, options, name, &error),
        }
    }
    let Ok([one, other]) = <[Box<dyn BufRead>; 2]>::try_from(inputs) else { return TROUBLE };
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    let width = widest(options);
    let mut comparison =
        Comparison { options, inputs: [one, other], out: &mut out, width, lines: 1, ended: Vec::new() };
    let done = comparison.run();
    let ended = std::mem::take(&mut comparison.ended);
    let status = match done {
        Ok(status) => status,
        Err((Some(side), error)) => cannot(program, options, &names[side], &error),
        Err((None, error)) => program.fail(&format!("write failed: {}", reason(&error))),
    };
    if let Err(error) = out.flush() {
        return program.fail(&format!("write failed: {}", reason(&error)));
    }
    for message in ended {
        program.complain(&message);
    }
    status
}

fn cannot(program: &Program, options: &Options, name: &[u8], error: &io::Error) -> i32 {
    if !options.silent {
        program.complain(&format!("{}: {}", text(name), reason(error)));
    }
    TROUBLE
}

fn open(name: &[u8]) -> io::Result<Box<dyn BufRead>> {
    Ok(if name == b"-" {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, io::stdin()))
    } else {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, std::fs::File::open(path_of(name))?))
    })
}

/// How many digits the number of the last byte has, as far as it is known.
fn widest(options: &Options) -> usize {
    let length = |at: usize| {
        let name = &options.operands[at];
        let metadata = std::fs::metadata(path_of(name)).ok().filter(|metadata| name != b"-" && metadata.is_file());
        metadata.map(|metadata| metadata.len().saturating_sub(options.skip[at]))
    };
    let known = [length(0), length(1), options.limit].into_iter().flatten().min();
    known.map_or(u64::MAX / 2, |length| length).to_string().len()
}

/// What went wrong: with an input, or with the output.
type Failure = (Option<usize>, io::Error);

struct Comparison<'a> {
    options: &'a Options,
    inputs: [Box<dyn BufRead>; 2],
    out: &'a mut dyn Write,
    width: usize,
    /// The line of the byte that comes next.
    lines: u64,
    /// What to say of inputs that ended early.
    ended: Vec<String>,
}

impl Comparison<'_> {
    fn run(&mut self) -> Result<i32, Failure> {
        for side in [0, 1] {
            let skip = self.options.skip[side];
            io::copy(&mut self.inputs[side].by_ref().take(skip), &mut io::sink())
                .map_err(|error| (Some(side), error))?;
        }
        let (mut at, mut status) = (0_u64, 0);
        let mut last = b'\n';
        while self.options.limit.is_none_or(|limit| at < limit) {
            let [first, second] = &mut self.inputs;
            let one = first.fill_buf().map_err(|error| (Some(0), error))?;
            let other = second.fill_buf().map_err(|error| (Some(1), error))?;
            let left = self.options.limit.map_or(u64::MAX, |limit| limit - at);
            let length = one.len().min(other.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
            if length == 0 {
                let side = if one.is_empty() { 0 } else { 1 };
                if one.is_empty() && other.is_empty() {
                    return Ok(status);
                }
                self.tell_end(side, at, last == b'\n');
                return Ok(1);
            }
            let (one, other) = (&one[..length], &other[..length]);
            if one != other {
                if self.options.silent {
                    return Ok(1);
                }
                status = 1;
                if !self.options.verbose {
                    let place = one.iter().zip(other).position(|(a, b)| a != b).unwrap_or(0);
                    let line = self.lines + count_lines(&one[..place]);
                    let [a, b] = [one[place], other[place]];
                    let byte = at + place as u64 + 1;
                    return self.tell_first(byte, line, [a, b]).map_err(|error| (None, error)).map(|()| 1);
                }
                let mut report = Vec::new();
                for (place, (a, b)) in one.iter().zip(other).enumerate().filter(|(_, (a, b))| a != b) {
                    list(&mut report, at + place as u64 + 1, self.width, [*a, *b], self.options.print_bytes);
                }
                self.out.write_all(&report).map_err(|error| (None, error))?;
            }
            if !self.options.verbose {
                self.lines += count_lines(one);
            }
            last = one[length - 1];
            at += length as u64;
            first.consume(length);
            second.consume(length);
        }
        Ok(status)
    }

    fn tell_first(&mut self, byte: u64, line: u64, [a, b]: [u8; 2]) -> io::Result<()> {
        let [one, other] = [0, 1].map(|side: usize| text(&self.options.operands[side]));
        write!(self.out, "{one} {other} differ: byte {byte}, line {line}")?;
        if self.options.print_bytes {
            write!(self.out, " is {a:3o} {} {b:3o} {}", visible(a), visible(b))?;
        }
        self.out.write_all(b"\n")
    }

    fn tell_end(&mut self, side: usize, at: u64, line_ended: bool) {
        if self.options.silent {
            return;
        }
        let name = text(&self.options.operands[side]);
        self.ended.push(match () {
            () if at == 0 => format!("EOF on {name} which is empty"),
            () if self.options.verbose => format!("EOF on {name} after byte {at}"),
            () if line_ended => format!("EOF on {name} after byte {at}, line {}", self.lines - 1),
            () => format!("EOF on {name} after byte {at}, in line {}", self.lines),
        });
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// A line of `-l`.
fn list(out: &mut Vec<u8>, byte: u64, width: usize, [a, b]: [u8; 2], print_bytes: bool) {
    let line = if print_bytes {
        format!("{byte:width$} {a:3o} {:4} {b:3o} {}\n", visible(a), visible(b))
    } else {
        format!("{byte:width$} {a:3o} {b:3o}\n")
    };
    out.extend_from_slice(line.as_bytes());
}

/// A byte as `cat -v` shows it.
fn visible(byte: u8) -> String {
    let (meta, low) = if byte >= 0x80 { ("M-", byte - 0x80) } else { ("", byte) };
    match low {
        0..32 => format!("{meta}^{}", char::from(low + 64)),
        127 => format!("{meta}^?"),
        _ => format!("{meta}{}", char::from(low)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_suffixes() {
        let check = |value: &str, expected: Option<u64>| assert_eq!(size(value.as_bytes()), expected, "{value}");
        check("12", Some(12));
        check("3k", Some(3072));
        check("3kB", Some(3000));
        check("1MiB", Some(1 << 20));
        check("99999999999999999999E", Some(u64::MAX));
        check("k", None);
        check("3x", None);
    }

    #[test]
    fn bytes_are_made_visible() {
        assert_eq!([1, 65, 127, 128, 255, 0xc1].map(visible), ["^A", "A", "^?", "M-^@", "M-^?", "M-A"]);
    }
}
