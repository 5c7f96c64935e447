//! `less` and `more`: they print. A session has no keyboard to turn pages with, so all pages come at once.

use std::io::{BufRead, Read};

use crate::input;
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

const PROMPT: char = '\u{10}';

/// `less`.
pub(crate) const LESS: Program = Program {
    name: "less",
    failure: 1,
    help: "\
Usage: less [OPTION]... [FILE]...
Print files, or standard input.

  -N, --LINE-NUMBERS      number the lines
  -s, --squeeze-blank-lines
  +NUMBER, +/PATTERN      begin at that line
  -e -E -f -F -g -i -I -J -K -L -m -M -n -q -Q -r -R -S -u -U -w -W -X, -x N, -z N, -j N, -P TEXT, -p PATTERN,
  -b N, -h N, -o FILE, -O FILE, -k FILE, -t TAG, -T FILE, -y N, -D COLOR   accepted
      --help, -V, --version
",
    grammar: Grammar {
        short: "acCeEfFgGiIJKLmMnNqQrRsSuUwWX~?Vb:h:j:k:o:O:p:P:t:T:x:y:z:D:#:\":",
        long: &[
            ("LINE-NUMBERS", 'N'),
            ("RAW-CONTROL-CHARS", 'R'),
            ("chop-long-lines", 'S'),
            ("ignore-case", 'i'),
            ("line-numbers", 'n'),
            ("no-init", 'X'),
            ("pattern=", 'p'),
            ("prompt=", PROMPT),
            ("quit-at-eof", 'e'),
            ("quit-if-one-screen", 'F'),
            ("raw-control-chars", 'r'),
            ("squeeze-blank-lines", 's'),
            ("tabs=", 'x'),
        ],
        stops_at_operand: false,
    },
    main,
};

/// `more`.
pub(crate) const MORE: Program = Program {
    name: "more",
    failure: 1,
    help: "\
Usage: more [OPTION]... FILE...
Print files.

  -s, --squeeze        several blank lines as one
  +NUMBER, -F, --from-line NUMBER   begin at that line
  +/PATTERN, -P, --pattern PATTERN  begin at the line with that text
  -d, -f, -l, -c, -p, -u, -e, -n NUMBER, -NUMBER   accepted
  -h, --help, -V, --version
",
    grammar: Grammar {
        short: "dflcpuesn:F:P:hV0123456789",
        long: &[
            ("exit-on-eof", 'e'),
            ("from-line=", 'F'),
            ("lines=", 'n'),
            ("logical", 'f'),
            ("no-pause", 'l'),
            ("pattern=", 'P'),
            ("print-over", 'c'),
            ("silent", 'd'),
            ("squeeze", 's'),
        ],
        stops_at_operand: false,
    },
    main,
};

/// Where printing begins.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Start {
    Line(u64),
    Text(Vec<u8>),
}

struct Settings {
    numbers: bool,
    squeeze: bool,
    start: Start,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (starts, arguments): (Vec<_>, Vec<_>) =
        arguments.into_iter().partition(|argument| argument.starts_with(b"+") && argument.len() > 1);
    let (given, operands) = program.parse(arguments)?;
    let mut settings = Settings { numbers: false, squeeze: false, start: Start::Line(1) };
    for text in &starts {
        settings.start = start(program, text.get(1..).unwrap_or_default())?;
    }
    let is_less = program.name == LESS.name;
    for option in &given {
        match option.letter {
            'N' if is_less => settings.numbers = true,
            's' => settings.squeeze = true,
            'F' if !is_less => settings.start = start(program, option.bytes())?,
            'P' if !is_less => settings.start = Start::Text(option.bytes().to_vec()),
            'p' if is_less => settings.start = Start::Text(option.bytes().to_vec()),
            'h' if !is_less => return Err(program.print(program.help)),
            'V' => return Err(program.version()),
            _ => {}
        }
    }
    let mut out = Output::new();
    let mut status = 0;
    let banner = !is_less && operands.len() > 1;
    if operands.is_empty() {
        print(&settings, input::standard().as_mut(), &mut out).map_err(|error| tell(program, b"-", &error))?;
    }
    for path in &operands {
        if banner {
            out.text("::::::::::::::\n");
            out.put(path);
            out.text("\n::::::::::::::\n");
        }
        let opened = if is_less { input::open(path) } else { input::open_file(path) };
        let printed = opened.and_then(|mut file| print(&settings, file.as_mut(), &mut out));
        if let Err(error) = printed {
            out.flush();
            status = tell(program, path, &error);
        }
    }
    Ok(out.finish(program, status))
}

fn start(program: &Program, text: &[u8]) -> Outcome<Start> {
    match text {
        [b'/', pattern @ ..] => Ok(Start::Text(pattern.to_vec())),
        // `+F` and `+G` follow and go to the end of a file on a terminal.
        [first, ..] if !first.is_ascii_digit() => Ok(Start::Line(1)),
        _ => program.number("invalid number", &String::from_utf8_lossy(text)).map(Start::Line),
    }
}

/// Tells of a file that cannot be read, in the words of the two programs.
fn tell(program: &Program, path: &[u8], error: &std::io::Error) -> i32 {
    let (name, reason) = (String::from_utf8_lossy(path), sandshell_sys::reason(error));
    if reason == "Is a directory" {
        let mark = if program.name == LESS.name { "" } else { "\n*** " };
        let end = if program.name == LESS.name { "" } else { ": directory ***\n" };
        crate::program::say(&match end {
            "" => format!("{name} is a directory"),
            end => format!("{mark}{name}{end}"),
        });
        return program.failure;
    }
    let program_name = if program.name == LESS.name { String::new() } else { "more: cannot open ".to_owned() };
    crate::program::say(&format!("{program_name}{name}: {reason}"));
    program.failure
}

fn print(settings: &Settings, source: &mut dyn BufRead, out: &mut Output) -> std::io::Result<()> {
    if !settings.numbers && !settings.squeeze && settings.start == Start::Line(1) {
        return copy(source, out);
    }
    let mut line = Vec::new();
    let (mut number, mut was_blank) = (0u64, false);
    let mut begun = false;
    loop {
        line.clear();
        if source.read_until(b'\n', &mut line)? == 0 || out.has_failed() {
            return Ok(());
        }
        number += 1;
        begun |= match &settings.start {
            Start::Line(first) => number >= *first,
            Start::Text(text) => line.windows(text.len().max(1)).any(|window| window == text.as_slice()),
        };
        let is_blank = line == b"\n";
        let is_left_out = settings.squeeze && is_blank && was_blank;
        was_blank = is_blank;
        if !begun || is_left_out {
            continue;
        }
        if settings.numbers {
            out.text(&format!("{number:>7} "));
        }
        out.put(&line);
    }
}

fn copy(source: &mut dyn Read, out: &mut Output) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = source.read(&mut buffer)?;
        if length == 0 || out.has_failed() {
            return Ok(());
        }
        out.put(buffer.get(..length).unwrap_or_default());
        out.flush();
    }
}
