//! The command line of `split`.

use std::ffi::OsString;

use super::suffix::Suffixes;
use crate::basis::bytes::{OsStrExt, OsStringExt};
use crate::basis::errors::complain;
use crate::basis::human;
use crate::basis::options::{Given, Grammar};
use crate::basis::quoting::locale;

/// Name in messages.
pub(super) const PROGRAM: &str = "split";

const LINES: u64 = 1000;

const GRAMMAR: Grammar = Grammar {
    program: PROGRAM,
    short: "a:b:C:del:n:t:uxL:",
    long: &[
        ("suffix-length=", "a"),
        ("additional-suffix=", "additional-suffix"),
        ("bytes=", "b"),
        ("line-bytes=", "C"),
        ("numeric-suffixes=?", "d"),
        ("hex-suffixes=?", "x"),
        ("elide-empty-files", "e"),
        ("filter=", "filter"),
        ("lines=", "l"),
        ("number=", "n"),
        ("separator=", "t"),
        ("unbuffered", "u"),
        ("verbose", "verbose"),
    ],
    failure: 1,
    help: "Usage: split [OPTION]... [FILE [PREFIX]]\n\
Output pieces of FILE to PREFIXaa, PREFIXab, ...; 1000 lines each, and PREFIX x, when nothing else is said.\n\n\
  -a, --suffix-length=N   suffixes of N characters (2)\n      --additional-suffix=SUFFIX  append SUFFIX to file names\n  \
-b, --bytes=SIZE        SIZE bytes each\n  -C, --line-bytes=SIZE   at most SIZE bytes of whole lines each\n  \
-d, --numeric-suffixes[=FROM]   numeric suffixes, from FROM (0)\n  -x, --hex-suffixes[=FROM]       hexadecimal ones\n  \
-e, --elide-empty-files do not write empty files with -n\n      --filter=COMMAND    write to shell COMMAND; the file's name is $FILE\n  \
-l, --lines=NUMBER      NUMBER lines each\n  -n, --number=CHUNKS     CHUNKS: N, K/N, l/N, l/K/N, r/N, r/K/N\n  \
-t, --separator=SEP     SEP, instead of newline, ends a line; '\\0' is NUL\n  -u, --unbuffered        write at once with -n r/...\n      \
--verbose           tell each file before it is opened\n",
};

/// How the input is cut. Chunks are counted from 0.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    Bytes(u64),
    Lines(u64),
    LineBytes(u64),
    Chunks { of: u64, only: Option<u64> },
    LineChunks { of: u64, only: Option<u64> },
    RoundRobin { of: u64, only: Option<u64> },
}

/// What the command line says.
pub(super) struct Options {
    pub(super) manner: Manner,
    pub(super) separator: u8,
    pub(super) input: OsString,
    pub(super) prefix: OsString,
    pub(super) additional: OsString,
    pub(super) filter: Option<OsString>,
    pub(super) elide_empty: bool,
    pub(super) verbose: bool,
    pub(super) unbuffered: bool,
    alphabet: &'static [u8],
    start: Option<u64>,
    length: Option<u32>,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(super) fn parse(argv: impl Iterator<Item = OsString>) -> Result<Self, i32> {
        let (given, operands) = GRAMMAR.parse(modern(argv))?;
        let mut options = Self {
            manner: Manner::Lines(LINES),
            separator: b'\n',
            input: operands.first().cloned().unwrap_or_else(|| "-".into()),
            prefix: operands.get(1).cloned().unwrap_or_else(|| "x".into()),
            additional: OsString::new(),
            filter: None,
            elide_empty: false,
            verbose: false,
            unbuffered: false,
            alphabet: b"abcdefghijklmnopqrstuvwxyz",
            start: None,
            length: None,
        };
        let mut manner = None;
        let mut separator = None;
        for option in &given {
            if let Some(wanted) = manner_of(option)?
                && manner.replace(wanted).is_some()
            {
                return Err(GRAMMAR.misuse("cannot split in more than one way"));
            }
            options.take(option, &mut separator)?;
        }
        if let Some(extra) = operands.get(2) {
            return Err(GRAMMAR.misuse(&format!("extra operand {}", locale(extra))));
        }
        options.manner = manner.unwrap_or(options.manner);
        let only = match options.manner {
            Manner::Chunks { only, .. } | Manner::LineChunks { only, .. } | Manner::RoundRobin { only, .. } => only,
            _ => None,
        };
        if options.filter.is_some() && only.is_some() {
            return Err(GRAMMAR.misuse("--filter does not process a chunk extracted to stdout"));
        }
        Ok(options)
    }

    fn take(&mut self, option: &Given, separator: &mut Option<u8>) -> Result<(), i32> {
        let text = option.text();
        match option.id {
            "a" => match text.parse() {
                Ok(0) => self.length = None,
                Ok(length) => self.length = Some(length),
                Err(_) => return Err(refuse(&format!("invalid suffix length: {}", locale(&text)))),
            },
            "additional-suffix" => {
                if text.contains('/') {
                    return Err(
                        GRAMMAR.misuse(&format!("invalid suffix {}, contains directory separator", locale(&text)))
                    );
                }
                self.additional = option.os();
            }
            "d" | "x" => {
                let (alphabet, radix): (&[u8], _) =
                    if option.id == "d" { (b"0123456789", 10) } else { (b"0123456789abcdef", 16) };
                self.alphabet = alphabet;
                if option.value.is_some() {
                    let kind = if radix == 10 { "numerical" } else { "hexadecimal" };
                    let start = u64::from_str_radix(&text, radix);
                    let start = start.map_err(|_| {
                        GRAMMAR.misuse(&format!("{}: invalid start value for {kind} suffix", locale(&text)))
                    })?;
                    self.start = Some(start);
                }
            }
            "e" => self.elide_empty = true,
            "filter" => self.filter = Some(option.os()),
            "t" => {
                let byte = match text.as_bytes() {
                    b"\\0" => 0,
                    [byte] => *byte,
                    [] => return Err(refuse("empty record separator")),
                    _ => return Err(refuse(&format!("multi-character separator {}", locale(&text)))),
                };
                if separator.replace(byte).is_some_and(|before| before != byte) {
                    return Err(refuse("multiple separator characters specified"));
                }
                self.separator = byte;
            }
            "u" => self.unbuffered = true,
            "verbose" => self.verbose = true,
            _ => {}
        }
        Ok(())
    }

    /// Returns how the pieces are named.
    pub(super) fn suffixes(&self) -> Suffixes {
        Suffixes {
            alphabet: self.alphabet,
            start: self.start.unwrap_or(0),
            length: self.length,
            fixed: self.start.is_some(),
        }
    }

    /// Tells whether lines are dealt out, so that all pieces are written at the same time.
    pub(super) fn round_robin(&self) -> bool {
        matches!(self.manner, Manner::RoundRobin { .. })
    }
}

/// Rewrites the older `-LINES`.
fn modern(argv: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut is_value = false;
    argv.map(move |word| match word.as_bytes() {
        _ if std::mem::take(&mut is_value) => word,
        [b'-', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            OsString::from_vec([b"-l", digits].concat())
        }
        [b'-', .., b'a' | b'b' | b'C' | b'l' | b'n' | b't'] => {
            is_value = true;
            word
        }
        _ => word,
    })
}

fn refuse(message: &str) -> i32 {
    complain(PROGRAM, message);
    1
}

fn manner_of(option: &Given) -> Result<Option<Manner>, i32> {
    let text = option.text();
    let invalid = |what: &str, range: &str| refuse(&format!("invalid number of {what}: {}{range}", locale(&text)));
    let out_of_range = ": Numerical result out of range";
    Ok(Some(match option.id {
        "l" => match text.parse() {
            Ok(0) => return Err(invalid("lines", out_of_range)),
            Ok(count) if !text.starts_with('+') => Manner::Lines(count),
            _ => return Err(invalid("lines", "")),
        },
        "b" | "C" => match size(&text) {
            Some(0) => return Err(invalid("bytes", out_of_range)),
            Some(count) if option.id == "b" => Manner::Bytes(count),
            Some(count) => Manner::LineBytes(count),
            None => return Err(invalid("bytes", "")),
        },
        "n" => {
            let (kind, numbers) = match text.split_once('/') {
                Some((kind @ ("l" | "r"), numbers)) => (kind, numbers),
                _ => ("", text.as_str()),
            };
            let (only, of) = numbers.split_once('/').map_or((None, numbers), |(only, of)| (Some(only), of));
            let of = match of.parse::<u64>() {
                Ok(0) => return Err(refuse(&format!("invalid number of chunks: {}{out_of_range}", locale(of)))),
                Ok(of) => of,
                Err(_) => return Err(refuse(&format!("invalid number of chunks: {}", locale(of)))),
            };
            let only = match only.map(|only| (only, only.parse::<u64>())) {
                None => None,
                Some((_, Ok(only))) if (1..=of).contains(&only) => Some(only - 1),
                Some((only, Ok(_))) => {
                    return Err(refuse(&format!("invalid chunk number: {}{out_of_range}", locale(only))));
                }
                Some((only, Err(_))) => return Err(refuse(&format!("invalid chunk number: {}", locale(only)))),
            };
            match kind {
                "l" => Manner::LineChunks { of, only },
                "r" => Manner::RoundRobin { of, only },
                _ => Manner::Chunks { of, only },
            }
        }
        _ => return Ok(None),
    }))
}

/// Reads a size; `b` is 512 here.
fn size(text: &str) -> Option<u64> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    match text.strip_suffix('b') {
        Some(blocks) => blocks.parse::<u64>().ok()?.checked_mul(512),
        None => human::parse_size(text),
    }
}
