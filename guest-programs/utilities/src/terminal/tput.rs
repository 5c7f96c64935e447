//! `tput`: a capability of a terminal, by its name.

use std::io::Read;

use sandshell_sys::window_size;

use super::parameters::expand;
use super::terminfo::{Capability, Terminal};
use crate::input;
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `tput`.
pub(crate) const PROGRAM: Program = Program {
    name: "tput",
    failure: 2,
    help: "\
Usage: tput [-T TYPE] CAPABILITY [PARAMETER]...
  or:  tput [-T TYPE] -S
Print a capability of the terminal: cols, lines, colors, clear, cup, setaf, setab, bold, dim, rev, smul, sgr0, ...

  -T TYPE   of this terminal, not of $TERM: dumb, xterm, xterm-256color
  -S        read capabilities with their parameters from standard input, a line each
  -x        clear leaves what was scrolled away
  -V        version

Status: 0; 1 for a string or flag that the terminal has not; 2 usage; 3 unknown terminal; 4 unknown capability.
",
    grammar: Grammar { short: "T:SxV", long: &[], stops_at_operand: true },
    main,
};

const ABSENT: i32 = 1;
const UNKNOWN_TERMINAL: i32 = 3;
const UNKNOWN_CAPABILITY: i32 = 4;

/// Finds the terminal that is named or of `TERM`.
pub(crate) fn terminal(program: &Program, named: Option<String>) -> Outcome<&'static Terminal> {
    let name = named.or_else(|| std::env::var("TERM").ok()).filter(|name| !name.is_empty());
    let Some(name) = name else { return Err(program.fail("No value for $TERM and no -T specified")) };
    Terminal::find(&name).ok_or_else(|| {
        program.complain(&format!("unknown terminal \"{name}\""));
        UNKNOWN_TERMINAL
    })
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let (mut named, mut reads, mut keeps_scrolled) = (None, false, false);
    for option in &given {
        match option.letter {
            'T' => named = Some(option.text()),
            'S' => reads = true,
            'x' => keeps_scrolled = true,
            _ => return Err(program.version()),
        }
    }
    let terminal = terminal(program, named)?;
    let words: Vec<String> = operands.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let mut out = Output::new();
    let mut status = 0;
    if reads {
        let mut text = String::new();
        let read = input::standard().read_to_string(&mut text);
        read.map_err(|error| program.fail(&sandshell_sys::reason(&error)))?;
        for line in text.lines() {
            let words: Vec<String> = line.split_ascii_whitespace().map(str::to_owned).collect();
            status = one(program, terminal, &words, keeps_scrolled, &mut out).unwrap_or_else(|status| status);
        }
        return Ok(out.finish(program, status));
    }
    if words.is_empty() {
        return Err(program.misuse("a capability is needed"));
    }
    let mut left = words.as_slice();
    // What follows a string are its parameters; what follows a number or flag is the next capability.
    while !left.is_empty() {
        let is_string = left.first().is_some_and(|name| matches!(terminal.capability(name), Some(Capability::Text(_))));
        let taken = if is_string { left.iter().skip(1).take_while(|word| is_parameter(word)).count() + 1 } else { 1 };
        let (now, rest) = left.split_at(taken.min(left.len()));
        match one(program, terminal, now, keeps_scrolled, &mut out) {
            Ok(answered) => status = answered,
            Err(failed) => return Err(out.finish(program, failed)),
        }
        left = rest;
    }
    Ok(out.finish(program, status))
}

fn is_parameter(word: &str) -> bool {
    word.parse::<i64>().is_ok()
}

/// Writes one capability; answers its status, `Err` when no terminal has it.
fn one(program: &Program, terminal: &Terminal, words: &[String], keeps_scrolled: bool, out: &mut Output) -> Outcome {
    let Some((name, parameters)) = words.split_first() else { return Ok(0) };
    match name.as_str() {
        "longname" => {
            out.text(terminal.long_name);
            return Ok(0);
        }
        "reset" | "init" => {
            let names: &[&str] = if name == "reset" { &["rs1", "rs2"] } else { &["is2"] };
            names.iter().for_each(|name| out.text(terminal.text(name)));
            return Ok(0);
        }
        "clear" if !terminal.text("clear").is_empty() => {
            out.text(terminal.text("clear"));
            out.text(if keeps_scrolled { "" } else { terminal.text("E3") });
            return Ok(0);
        }
        _ => {}
    }
    match terminal.capability(name) {
        Some(Capability::Flag(value)) => Ok(if value { 0 } else { ABSENT }),
        Some(Capability::Number(value)) => {
            let value = measured(name).or(value).map_or(-1, i64::from);
            out.text(&format!("{value}\n"));
            Ok(0)
        }
        Some(Capability::Text(Some(text))) => {
            let values: Vec<i64> = parameters.iter().map(|word| word.parse().unwrap_or(0)).collect();
            out.text(&expand(text, &values));
            Ok(0)
        }
        Some(Capability::Text(None)) => Ok(ABSENT),
        None => {
            program.complain(&format!("unknown terminfo capability '{name}'"));
            Err(UNKNOWN_CAPABILITY)
        }
    }
}

/// The size of the real terminal, or of the variables that tell it, or of a terminal that nobody has told of.
fn measured(name: &str) -> Option<u32> {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match name {
        "cols" => window_size().ok().map(|size| size.columns.into()).or_else(|| variable("COLUMNS")),
        "lines" => {
            const DEFAULT: u32 = 24;
            window_size().ok().map(|size| size.rows.into()).or_else(|| variable("LINES")).or(Some(DEFAULT))
        }
        _ => None,
    }
}
