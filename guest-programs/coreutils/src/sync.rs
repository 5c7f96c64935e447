//! `sync`: nothing to do. What a session has written is its state at once; the host makes it durable with each run.

use std::ffi::OsString;

use sandshell_sys::stat;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::options::Grammar;
use crate::basis::quoting::name;

const GRAMMAR: Grammar = Grammar {
    program: "sync",
    short: "df",
    long: &[("data", "d"), ("file-system", "f")],
    failure: 1,
    help: "Usage: sync [OPTION] [FILE]...\nSynchronize cached writes to persistent storage.\n\n\
  -d, --data   only file data   -f, --file-system   the file systems that contain the files\n",
};

/// Runs `sync`. Answers 1 for a file that is not there.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let (given, operands) = match GRAMMAR.parse(argv) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if operands.is_empty() && given.iter().any(|option| option.id == "d") {
        complain(GRAMMAR.program, "--data needs at least one argument");
        return 1;
    }
    let mut status = 0;
    for operand in &operands {
        if let Err(error) = stat(operand.as_bytes()) {
            complain(GRAMMAR.program, &format!("error opening {}: {}", name(operand), error.words()));
            status = 1;
        }
    }
    status
}
