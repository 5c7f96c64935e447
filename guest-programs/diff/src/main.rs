//! The programs about differences: `cmp`, `diff`, `diff3`, `sdiff` and `patch`, as POSIX and GNU define them.
//!
//! The last component of `argv[0]` selects one; `diff cmp ARG...` and the like do not, since operands may have any name.

mod cmp;
mod command_line;
mod core;
mod diff;
mod diff3;
mod files;
mod format;

mod message;
mod patch;
mod pattern;
mod sdiff;
mod time;

use std::process::exit;

use message::{Program, TROUBLE};

/// A program of this one: its name and help, and its entry point.
type Entry = (Program, fn(&Program, Vec<Vec<u8>>) -> i32);

const PROGRAMS: &[Entry] = &[
    (diff::PROGRAM, diff::main),
    (Program { name: "diff3", usage: diff3::USAGE }, diff3::main),
    (Program { name: "patch", usage: patch::USAGE }, patch::main),
    (Program { name: "sdiff", usage: sdiff::USAGE }, sdiff::main),
    (Program { name: "cmp", usage: cmp::USAGE }, cmp::main),
];

fn main() {
    let mut argv = sandshell_sys::arguments();
    let called_as = argv.first().and_then(|path| path.rsplit(|byte| *byte == b'/').next()).unwrap_or_default();
    let known = PROGRAMS.iter().find(|(program, _)| program.name.as_bytes() == called_as);
    let (program, main) = known.unwrap_or(&PROGRAMS[0]);
    if let Err(error) = sandshell_sys::enter_working_directory() {
        program.complain(&format!("cannot enter the working directory: {}", sandshell_sys::reason(&error)));
        exit(TROUBLE)
    }
    argv.drain(..argv.len().min(1));
    exit(main(program, argv))
}
