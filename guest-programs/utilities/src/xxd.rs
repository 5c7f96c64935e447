//! `xxd`: a hexadecimal dump, and the way back.
//!
//! Options are told apart by their first letters, with one dash or two, as Vim's xxd does it.

mod dump;
mod include;
mod revert;

use std::io::Read;

use crate::input;
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `xxd`.
pub(crate) const PROGRAM: Program = Program {
    name: "xxd",
    failure: 1,
    help: "\
Usage: xxd [OPTION]... [INFILE [OUTFILE]]
  or:  xxd -r [-s [-]OFFSET] [-c COLS] [-ps] [INFILE [OUTFILE]]
Make a hexadecimal dump, or do the reverse.

  -a          a single '*' replaces lines of zero bytes
  -b          binary digits (not with -p, -i, -r)
  -C          capitalize variable names in C include style
  -c COLS     format COLS octets a line: 16 (-i: 12, -p: 30, -b: 6); at most 256 but with -p
  -d          show offsets in decimal
  -E          show characters in EBCDIC
  -e          little-endian dump (not with -p, -i, -r)
  -g BYTES    octets in a group: 2 (-e: 4, -b: 1)
  -h, --help  this help
  -i          output in C include file style
  -l LEN      stop after LEN octets
  -n NAME     the variable name in C include style
  -o OFFSET   add OFFSET to the displayed positions
  -p, -ps     plain hexadecimal digits
  -r          reverse: make binary of a dump
  -s [+][-]SEEK  start at SEEK octets, from the end when negative
  -u          upper case letters
  -v          version
",
    grammar: Grammar { short: "", long: &[], stops_at_operand: true },
    main,
};

/// What a line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Hexadecimal,
    LittleEndian,
    Binary,
    Plain,
    Include,
}

/// What the options ask for.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one field an option")]
struct Settings {
    form: Form,
    revert: bool,
    autoskip: bool,
    capitalize: bool,
    upper: bool,
    decimal: bool,
    ebcdic: bool,
    columns: Option<usize>,
    group: Option<usize>,
    length: Option<u64>,
    name: Option<String>,
    offset: i64,
    seek: i64,
}

/// Most octets of a line, as in Vim's xxd.
const COLUMNS_MAX: usize = 256;

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (mut settings, operands) = read_options(program, arguments)?;
    if operands.len() > 2 {
        return Err(program.misuse("too many operands"));
    }
    let plain = matches!(settings.form, Form::Plain | Form::Include);
    if settings.columns == Some(0) && !plain {
        settings.columns = None;
    }
    if settings.columns.is_some_and(|columns| columns > COLUMNS_MAX) && settings.form != Form::Plain {
        return Err(program.fail(&format!("invalid number of columns (max. {COLUMNS_MAX}).")));
    }
    if settings.form == Form::LittleEndian && settings.group.is_some_and(|group| !group.is_power_of_two()) {
        return Err(program.fail("number of octets per group must be a power of 2 with -e."));
    }
    let path = operands.first().map_or(&b"-"[..], Vec::as_slice);
    let mut source = input::open(path).map_err(|error| {
        program.complain(&format!("{}: {}", String::from_utf8_lossy(path), sandshell_sys::reason(&error)));
        2
    })?;
    let out = match operands.get(1).filter(|path| path.as_slice() != b"-") {
        None => Output::new(),
        Some(path) => open_output(program, path, settings.revert)?,
    };
    if settings.revert {
        return revert::run(program, &settings, source.as_mut(), out);
    }
    let start = skip(program, &settings, &mut source)?;
    let limited: Box<dyn Read> = Box::new(source.take(settings.length.unwrap_or(u64::MAX)));
    match settings.form {
        Form::Plain => dump::plain(program, &settings, limited, out),
        Form::Include => include::run(program, &settings, limited, path, out),
        _ => dump::lines(program, &settings, limited, start, out),
    }
}

/// Opens the output; the way back writes over what is there.
fn open_output(program: &Program, path: &[u8], keep: bool) -> Outcome<Output> {
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(!keep).open(sandshell_sys::path_of(path));
    let file = file.map_err(|error| {
        program.complain(&format!("{}: {}", String::from_utf8_lossy(path), sandshell_sys::reason(&error)));
        3
    })?;
    Ok(Output::to(Box::new(file)))
}

/// Skips to the start; returns its position. A start counted from the end needs the whole input.
fn skip(program: &Program, settings: &Settings, source: &mut Box<dyn std::io::BufRead>) -> Outcome<u64> {
    let sorry = || {
        program.complain("Sorry, cannot seek.");
        4
    };
    if settings.seek >= 0 {
        let wanted = settings.seek.unsigned_abs();
        let skipped = input::skip(source.as_mut(), wanted).map_err(|_| sorry())?;
        return if skipped == wanted { Ok(wanted) } else { Err(sorry()) };
    }
    let mut whole = Vec::new();
    source.read_to_end(&mut whole).map_err(|_| sorry())?;
    let back = usize::try_from(settings.seek.unsigned_abs()).unwrap_or(usize::MAX);
    let start = whole.len().checked_sub(back).ok_or_else(sorry)?;
    *source = Box::new(std::io::Cursor::new(whole.split_off(start)));
    Ok(start as u64)
}

/// What an option with an argument is for.
fn takes_argument(letter: u8) -> bool {
    matches!(letter, b'c' | b'g' | b'l' | b'n' | b'o' | b's')
}

fn read_options(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome<(Settings, Vec<Vec<u8>>)> {
    let mut settings = Settings {
        form: Form::Hexadecimal,
        revert: false,
        autoskip: false,
        capitalize: false,
        upper: false,
        decimal: false,
        ebcdic: false,
        columns: None,
        group: None,
        length: None,
        name: None,
        offset: 0,
        seek: 0,
    };
    let mut left = arguments.into_iter();
    let mut operands = Vec::new();
    while let Some(argument) = left.next() {
        let text = String::from_utf8_lossy(&argument).into_owned();
        let word = match text.strip_prefix("--") {
            Some("") => break,
            Some(word) => word,
            None => match text.strip_prefix('-') {
                Some(word) if !word.is_empty() => word,
                _ => {
                    operands.push(argument);
                    continue;
                }
            },
        };
        let letter = word.bytes().next().unwrap_or_default();
        let is_capitalize = word.len() > 1 && "capitalize".starts_with(word);
        if takes_argument(letter) && !is_capitalize {
            let value = value_of(word).map(str::to_owned);
            let value = value.or_else(|| left.next().map(|next| String::from_utf8_lossy(&next).into_owned()));
            let Some(value) = value else {
                return Err(program.misuse(&format!("option requires an argument -- '{}'", char::from(letter))));
            };
            set(program, &mut settings, letter, value)?;
        } else if is_capitalize {
            settings.capitalize = true;
        } else {
            switch(program, &mut settings, letter)?;
        }
    }
    operands.extend(left);
    Ok((settings, operands))
}

/// The argument that is attached to an option: what follows its letter, unless that spells its name.
fn value_of(word: &str) -> Option<&str> {
    const NAMES: &[&str] = &["cols", "groupsize", "len", "name", "offset", "seek", "skip"];
    let is_name = NAMES.iter().any(|name| name.starts_with(word));
    word.get(1..).filter(|value| !value.is_empty() && !is_name)
}

fn set(program: &Program, settings: &mut Settings, letter: u8, value: String) -> Outcome<()> {
    if letter == b'n' {
        settings.name = Some(value);
        return Ok(());
    }
    let number = number(&value).ok_or_else(|| program.fail(&format!("invalid number '{value}'")))?;
    let size = || usize::try_from(number).map_err(|_| program.fail(&format!("invalid number '{value}'")));
    match letter {
        b'c' => settings.columns = Some(size()?),
        b'g' => settings.group = Some(size()?),
        b'l' => settings.length = Some(u64::try_from(number).unwrap_or(u64::MAX)),
        b'o' => settings.offset = number,
        _ => settings.seek = number,
    }
    Ok(())
}

fn switch(program: &Program, settings: &mut Settings, letter: u8) -> Outcome<()> {
    match letter {
        b'a' => settings.autoskip = !settings.autoskip,
        b'b' => settings.form = Form::Binary,
        b'C' => settings.capitalize = true,
        b'd' => settings.decimal = true,
        b'E' => settings.ebcdic = true,
        b'e' => settings.form = Form::LittleEndian,
        b'i' => settings.form = Form::Include,
        b'p' => settings.form = Form::Plain,
        b'r' => settings.revert = true,
        b'u' => settings.upper = true,
        b'h' => return Err(program.print(program.help)),
        b'v' => return Err(program.version()),
        other => return Err(program.misuse(&format!("invalid option -- '{}'", char::from(other)))),
    }
    Ok(())
}

/// Reads a number as C does: `0x` hexadecimal, `0` octal, a sign; a second `+` before a minus is `-s`'s way to say "from here".
fn number(text: &str) -> Option<i64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let value = if let Some(digits) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(digits, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8)
    } else {
        digits.parse()
    };
    value.ok().map(|value| if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_c() {
        assert_eq!((number("16"), number("0x10"), number("020")), (Some(16), Some(16), Some(16)));
        assert_eq!((number("+-4"), number("-0x4"), number("x")), (Some(-4), Some(-4), None));
    }

    #[test]
    fn arguments_are_attached_or_follow_the_name() {
        assert_eq!(
            (value_of("c8"), value_of("cols"), value_of("len"), value_of("l4")),
            (Some("8"), None, None, Some("4"))
        );
    }
}
