//! `diff`: what differs between two files, or between two directories.

mod directories;
mod options;
mod pair;
mod usage;

use std::io::{BufWriter, Write};

use crate::files::{join, last_component};
use crate::message::{Program, TROUBLE};
use options::{Options, Request};
use pair::Comparison;
use usage::USAGE;

/// `diff` as its messages show it.
pub(crate) const PROGRAM: Program = Program { name: "diff", usage: USAGE };

/// Bytes of output that are gathered before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let options = match Options::parse(argv) {
        Ok(Request::Compare(options)) => *options,
        Ok(Request::Help) => return program.help(),
        Ok(Request::Version) => return program.version(),
        Err(mistake) if mistake.hint => return program.misuse(&mistake.message),
        Err(mistake) => return program.fail(&mistake.message),
    };
    let pairs = match pairs(&options) {
        Ok(pairs) => pairs,
        Err(message) => return program.misuse(&message),
    };
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, std::io::stdout().lock());
    let mut comparison = Comparison { program, options: &options, out: &mut out };
    let mut status = 0;
    for [old, new] in pairs {
        match comparison.operands(old, new) {
            Ok(found) => status = status.max(found),
            Err(error) => return write_failed(program, &error),
        }
    }
    match out.flush() {
        Ok(()) => status,
        Err(error) => write_failed(program, &error),
    }
}

fn write_failed(program: &Program, error: &std::io::Error) -> i32 {
    program.complain(&format!("standard output: {}", sandshell_sys::reason(error)));
    TROUBLE
}

/// Which operands to compare with which.
fn pairs(options: &Options) -> Result<Vec<[Vec<u8>; 2]>, String> {
    if let Some(from) = &options.from_file {
        return Ok(options.operands.iter().map(|operand| [from.clone(), operand.clone()]).collect());
    }
    if let Some(to) = &options.to_file {
        return Ok(options.operands.iter().map(|operand| [operand.clone(), to.clone()]).collect());
    }
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match options.operands.as_slice() {
        [old, new] => Ok(vec![[old.clone(), new.clone()]]),
        [.., extra] if options.operands.len() > 2 => Err(format!("extra operand '{}'", shown(extra))),
        rest => {
            let last = rest.last().cloned().or_else(|| options.words.last().cloned());
            Err(format!("missing operand after '{}'", last.map_or_else(|| "diff".to_owned(), |word| shown(&word))))
        }
    }
}

/// The file that a directory has under the name of another file.
fn inside(directory: &[u8], file: &[u8]) -> Vec<u8> {
    join(directory, last_component(file))
}
