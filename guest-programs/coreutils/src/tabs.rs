//! `expand` and `unexpand`: tabs as blanks, and blanks as tabs.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::basis::bytes::{OsStrExt, OsStringExt};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, name_maybe};

const TAB_COLUMNS: usize = 8;

/// A line that is longer is taken in parts, each of so many bytes.
const BUFFER_BYTES: usize = 64 << 10;

const EXPAND: Grammar = Grammar {
    program: "expand",
    short: "it:",
    long: &[("initial", "i"), ("tabs=", "t")],
    failure: 1,
    help: "Usage: expand [OPTION]... [FILE]...\nConvert tabs in each FILE to spaces, writing to standard output.\n\n\
  -i, --initial    do not convert tabs after non blanks\n  \
-t, --tabs=N     have tabs N characters apart, not 8\n  \
-t, --tabs=LIST  tab positions, separated by commas; the last may be /N or +N\n",
};

const UNEXPAND: Grammar = Grammar {
    program: "unexpand",
    short: "at:",
    long: &[("all", "a"), ("first-only", "first-only"), ("tabs=", "t")],
    failure: 1,
    help: "Usage: unexpand [OPTION]... [FILE]...\nConvert blanks in each FILE to tabs, writing to standard output.\n\n\
  -a, --all        convert all blanks, instead of just initial blanks\n      --first-only convert only leading sequences of blanks (overrides -a)\n  \
-t, --tabs=N     have tabs N characters apart instead of 8 (enables -a)\n  \
-t, --tabs=LIST  tab positions, separated by commas (enables -a); the last may be /N or +N\n",
};

/// Runs `expand`.
pub(crate) fn expand(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(&EXPAND, argv).unwrap_or_else(|status| status)
}

/// Runs `unexpand`.
pub(crate) fn unexpand(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(&UNEXPAND, argv).unwrap_or_else(|status| status)
}

fn run(grammar: &Grammar, argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = grammar.parse(modern(grammar, argv))?;
    let mut stops = Stops::default();
    let (mut initial, mut all, mut first_only) = (false, false, false);
    for option in &given {
        match option.id {
            "i" => initial = true,
            "a" => all = true,
            "first-only" => first_only = true,
            _ => {
                stops.add(grammar, &option.text())?;
                all = true;
            }
        }
    }
    stops.check(grammar)?;
    let operands = if operands.is_empty() { vec!["-".into()] } else { operands };
    let mut out = Output::new(grammar.program);
    let mut failed = false;
    let to_blanks = grammar.program == EXPAND.program;
    for path in &operands {
        let convert = |line: &[u8], out: &mut Vec<u8>| {
            if to_blanks { blanks(line, &stops, initial, out) } else { tabs(line, &stops, all && !first_only, out) }
        };
        if let Err(error) = lines(path, convert, &mut out) {
            out.flush();
            complain(grammar.program, &format!("{}: {}", name_maybe(path), error.words()));
            failed = true;
        }
    }
    Ok(i32::from(!out.finish() || failed))
}

/// Rewrites the older `-LIST`; `unexpand` converts but leading blanks then.
fn modern(grammar: &Grammar, argv: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let first_only = grammar.program == UNEXPAND.program;
    argv.flat_map(move |word| match word.as_bytes() {
        [b'-', list @ ..]
            if list.first().is_some_and(u8::is_ascii_digit)
                && list.iter().all(|byte| byte.is_ascii_digit() || *byte == b',') =>
        {
            let list = OsString::from_vec([b"-t", list].concat());
            if first_only { vec!["--first-only".into(), list] } else { vec![list] }
        }
        _ => vec![word],
    })
}

fn lines(path: &OsStr, convert: impl Fn(&[u8], &mut Vec<u8>), out: &mut Output) -> io::Result<()> {
    let mut input: Box<dyn BufRead> = if path == "-" {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, io::stdin()))
    } else {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, File::open(Path::new(path))?))
    };
    let (mut line, mut converted) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        converted.clear();
        convert(&line, &mut converted);
        out.put(&converted);
    }
}

/// Where tabs stop.
#[derive(Default)]
struct Stops {
    columns: Vec<usize>,
    /// After the last column: every so many (`/N`), or so many counted from the last column (`+N`).
    every: Option<usize>,
    from_last: Option<usize>,
}

impl Stops {
    fn add(&mut self, grammar: &Grammar, list: &str) -> Result<(), i32> {
        let refuse = |message: String| -> i32 {
            complain(grammar.program, &message);
            1
        };
        let words = list.split([',', ' ', '\t']).filter(|word| !word.is_empty());
        for word in words {
            let (kind, digits) = match word.as_bytes()[0] {
                b'/' => (b'/', &word[1..]),
                b'+' => (b'+', &word[1..]),
                _ => (0, word),
            };
            if let Some(at) = digits.find(|character: char| !character.is_ascii_digit()) {
                let rest = &list[list.find(word).unwrap_or(0) + word.len() - digits.len() + at..];
                return Err(refuse(match rest.as_bytes()[0] {
                    sign @ (b'/' | b'+') if at > 0 => {
                        format!("'{}' specifier not at start of number: {}", char::from(sign), locale(rest))
                    }
                    _ => format!("tab size contains invalid character(s): {}", locale(rest)),
                }));
            }
            let Ok(column) = digits.parse::<usize>() else {
                if digits.is_empty() {
                    continue;
                }
                return Err(refuse(format!("tab stop is too large {}", locale(digits))));
            };
            let twice = |sign: char| refuse(format!("'{sign}' specifier only allowed with the last value"));
            if self.every.is_some() {
                return Err(twice('/'));
            }
            if self.from_last.is_some() {
                return Err(twice('+'));
            }
            match kind {
                b'/' => self.every = Some(column),
                b'+' => self.from_last = Some(column),
                _ => self.columns.push(column),
            }
        }
        Ok(())
    }

    fn check(&mut self, grammar: &Grammar) -> Result<(), i32> {
        let mut last = 0;
        for &column in &self.columns {
            let problem = match column {
                0 => "tab size cannot be 0",
                _ if column <= last => "tab sizes must be ascending",
                _ => "",
            };
            if !problem.is_empty() {
                complain(grammar.program, problem);
                return Err(1);
            }
            last = column;
        }
        if let [column] = self.columns[..]
            && self.every.is_none()
            && self.from_last.is_none()
        {
            self.columns.clear();
            self.every = Some(column);
        }
        if self.columns.is_empty() {
            let every = self.every.or(self.from_last).filter(|every| *every > 0);
            (self.every, self.from_last) = (Some(every.unwrap_or(TAB_COLUMNS)), None);
        }
        Ok(())
    }

    /// The next stop behind a column; none behind the last.
    fn after(&self, column: usize) -> Option<usize> {
        if let Some(&stop) = self.columns.iter().find(|&&stop| stop > column) {
            return Some(stop);
        }
        let last = self.columns.last().copied().unwrap_or(0);
        match (self.every, self.from_last) {
            (Some(every @ 1..), _) => Some(column + every - column % every),
            (_, Some(step @ 1..)) => Some(column + step - (column - last) % step),
            _ => None,
        }
    }
}

fn blanks(line: &[u8], stops: &Stops, initial: bool, out: &mut Vec<u8>) {
    if !line.contains(&b'\t') {
        return out.extend_from_slice(line);
    }
    let mut column = 0usize;
    for (index, &byte) in line.iter().enumerate() {
        match byte {
            b'\t' => {
                let stop = stops.after(column).unwrap_or(column + 1);
                out.extend(std::iter::repeat_n(b' ', stop - column));
                column = stop;
                continue;
            }
            8 => column = column.saturating_sub(1),
            _ => column += 1,
        }
        out.push(byte);
        if initial && byte != b' ' && byte != b'\t' {
            return out.extend_from_slice(&line[index + 1..]);
        }
    }
}

fn tabs(line: &[u8], stops: &Stops, all: bool, out: &mut Vec<u8>) {
    let mut column = 0usize;
    // Blanks that are not written yet: they may become a tab.
    let mut pending: Vec<u8> = Vec::new();
    // The column of a tab stop just behind a single blank is worth a tab only when more blanks follow.
    let mut at_stop = false;
    let mut after_blank = true;
    for (index, &byte) in line.iter().enumerate() {
        if matches!(byte, b' ' | b'\t')
            && let Some(stop) = stops.after(column)
        {
            if byte == b'\t' {
                column = stop;
                if !pending.is_empty() {
                    pending[0] = b'\t';
                }
                pending.truncate(usize::from(at_stop));
            } else {
                column += 1;
                if !(after_blank && column == stop) {
                    if column == stop {
                        at_stop = true;
                    }
                    pending.push(byte);
                    after_blank = true;
                    continue;
                }
                if !pending.is_empty() {
                    pending[0] = b'\t';
                }
                pending.truncate(usize::from(at_stop));
            }
            out.append(&mut pending);
            at_stop = false;
            out.push(b'\t');
            after_blank = true;
            continue;
        }
        if pending.len() > 1 && at_stop {
            pending[0] = b'\t';
        }
        out.append(&mut pending);
        at_stop = false;
        out.push(byte);
        let blank = matches!(byte, b' ' | b'\t');
        if !blank && !all || stops.after(column).is_none() {
            return out.extend_from_slice(&line[index + 1..]);
        }
        column = if byte == 8 { column.saturating_sub(1) } else { column + 1 };
        after_blank = blank;
    }
    out.append(&mut pending);
}
