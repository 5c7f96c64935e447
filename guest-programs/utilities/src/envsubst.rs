//! `envsubst`: values of the environment in place of `$NAME` and `${NAME}`.

use std::collections::BTreeSet;
use std::io::Read;

use crate::input;
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `envsubst`.
pub(crate) const PROGRAM: Program = Program {
    name: "envsubst",
    failure: 1,
    help: "\
Usage: envsubst [OPTION] [SHELL-FORMAT]
Substitutes the values of environment variables in standard input.

  -v, --variables   output the variables occurring in SHELL-FORMAT
  -h, --help        this help
  -V, --version     the version

References of the form $NAME or ${NAME} are replaced; with SHELL-FORMAT, only those to variables that occur in it.
",
    grammar: Grammar { short: "vhV", long: &[("variables", 'v')], stops_at_operand: false },
    main,
};

/// A stretch of a text.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a [u8]),
    /// A reference: the name, and how it was written.
    Variable(&'a [u8], &'a [u8]),
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let mut variables = false;
    for option in &given {
        match option.letter {
            'v' => variables = true,
            'h' => return Err(program.print(program.help)),
            _ => return Err(program.version()),
        }
    }
    if operands.len() > 1 {
        return Err(program.fail("too many arguments"));
    }
    let format = operands.first();
    let mut out = Output::new();
    if variables {
        let Some(format) = format else { return Err(program.fail("missing arguments")) };
        for name in names(format) {
            out.put(name);
            out.text("\n");
        }
        return Ok(out.finish(program, 0));
    }
    let chosen: Option<BTreeSet<&[u8]>> = format.map(|format| names(format).collect());
    let mut text = Vec::new();
    input::standard().read_to_end(&mut text).map_err(|error| {
        program.fail(&format!("error while reading \"standard input\": {}", sandshell_sys::reason(&error)))
    })?;
    let environment = sandshell_sys::environment();
    for piece in pieces(&text) {
        match piece {
            Piece::Plain(text) => out.put(text),
            Piece::Variable(name, written) if chosen.as_ref().is_some_and(|chosen| !chosen.contains(name)) => {
                out.put(written);
            }
            Piece::Variable(name, _) => {
                let value = environment.iter().find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"="));
                out.put(value.unwrap_or_default());
            }
        }
    }
    Ok(out.finish(program, 0))
}

fn names(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Variable(name, _) => Some(name),
        Piece::Plain(_) => None,
    })
}

/// Cuts a text at its references.
fn pieces(text: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(offset) = text.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'$')) {
        at += offset;
        let rest = text.get(at..).unwrap_or_default();
        let Some((name, length)) = reference(rest) else {
            at += 1;
            continue;
        };
        pieces.push(Piece::Plain(text.get(start..at).unwrap_or_default()));
        pieces.push(Piece::Variable(name, rest.get(..length).unwrap_or_default()));
        at += length;
        start = at;
    }
    pieces.push(Piece::Plain(text.get(start..).unwrap_or_default()));
    pieces
}

/// The name of a reference at the start of a text, and the reference's length.
fn reference(text: &[u8]) -> Option<(&[u8], usize)> {
    let (is_braced, rest) = match text.get(1..)? {
        [b'{', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = rest.iter().take_while(|byte| is_name(byte)).count();
    let name = rest.get(..length).filter(|name| name.first().is_some_and(|byte| !byte.is_ascii_digit()))?;
    match (is_braced, rest.get(length)) {
        (false, _) => Some((name, length + 1)),
        (true, Some(b'}')) => Some((name, length + 3)),
        (true, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found() {
        let found: Vec<&[u8]> = names(b"$A ${B_1} $1 ${C $$D $").collect();
        assert_eq!(found, [&b"A"[..], b"B_1", b"D"]);
        assert_eq!(pieces(b"x$A."), [Piece::Plain(b"x"), Piece::Variable(b"A", b"$A"), Piece::Plain(b".")]);
    }
}
