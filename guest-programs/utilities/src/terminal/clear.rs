//! `clear` and `reset`.

use super::tput::terminal;
use crate::options::Grammar;
use crate::program::{Outcome, Program};

/// `clear`.
pub(crate) const CLEAR: Program = Program {
    name: "clear",
    failure: 1,
    help: "\
Usage: clear [-x] [-T TYPE]
Clear the terminal's screen.

  -T TYPE   of this terminal, not of $TERM
  -x        leave what was scrolled away
  -V        version
",
    grammar: Grammar { short: "T:xV", long: &[], stops_at_operand: false },
    main: clear,
};

/// `reset`.
pub(crate) const RESET: Program = Program {
    name: "reset",
    failure: 1,
    help: "\
Usage: reset [-q] [TYPE]
Bring the terminal into the state it began in.

  -q        print the terminal's type
  -V        version
  -c, -I, -Q, -r, -s, -w   accepted
",
    grammar: Grammar { short: "qcIQrswV", long: &[], stops_at_operand: false },
    main: reset,
};

fn clear(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, _) = program.parse(arguments)?;
    let (mut named, mut keeps_scrolled) = (None, false);
    for option in &given {
        match option.letter {
            'T' => named = Some(option.text()),
            'x' => keeps_scrolled = true,
            _ => return Err(program.version()),
        }
    }
    let terminal = terminal(program, named)?;
    let text = terminal.text("clear");
    if text.is_empty() {
        return Err(program.failure);
    }
    let scrolled = if keeps_scrolled { "" } else { terminal.text("E3") };
    Ok(program.print(format!("{text}{scrolled}")))
}

fn reset(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let named = operands.first().map(|name| String::from_utf8_lossy(name).into_owned());
    let type_name = named.clone().or_else(|| std::env::var("TERM").ok()).unwrap_or_default();
    let terminal = terminal(program, named)?;
    for option in &given {
        match option.letter {
            'q' => return Ok(program.print(format!("{type_name}\n"))),
            'V' => return Err(program.version()),
            _ => {}
        }
    }
    Ok(program.print(["rs1", "rs2"].map(|name| terminal.text(name)).concat()))
}
