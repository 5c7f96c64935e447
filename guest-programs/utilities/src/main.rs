//! Tools for text, data, processes and the terminal that are neither coreutils nor programs of their own.
//!
//! The last component of `argv[0]` selects one; `utilities NAME ARG...` does, too. One file or folder a program; `program`,
//! `options`, `input` and `output` are what they share.

mod calendar;
mod column;
mod envsubst;
mod file;
mod getopt;
mod hexdump;
mod input;
mod man;
mod options;
mod output;
mod pager;
mod program;
mod strings;
mod system;
mod terminal;
mod tree;
mod uuid;
mod xxd;

use std::process::exit;

use program::{Program, say};

#[rustfmt::skip]
const PROGRAMS: &[&Program] = &[
    &calendar::PROGRAM,
    &column::PROGRAM,
    &envsubst::PROGRAM,
    &file::PROGRAM,
    &getopt::PROGRAM,
    &hexdump::HD,
    &hexdump::PROGRAM,
    &strings::PROGRAM,
    &system::free::PROGRAM,
    &system::kill::PROGRAM,
    &system::lsof::PROGRAM,
    &system::pgrep::KILLALL,
    &system::pgrep::PGREP,
    &system::pgrep::PIDOF,
    &system::pgrep::PKILL,
    &system::ps::PROGRAM,
    &system::time::PROGRAM,
    &system::uptime::PROGRAM,
    &system::watch::PROGRAM,
    &tree::PROGRAM,
    &uuid::UUID,
    &uuid::UUIDGEN,
    &xxd::PROGRAM,
    &man::MAN,
    &man::APROPOS_PROGRAM,
    &man::WHATIS,
    &pager::LESS,
    &pager::MORE,
    &terminal::clear::CLEAR,
    &terminal::clear::RESET,
    &terminal::stty::PROGRAM,
    &terminal::tput::PROGRAM,
];

fn main() {
    let mut argv = sandshell_sys::arguments();
    let found = selected(&argv).or_else(|| {
        argv.drain(..argv.len().min(1));
        selected(&argv)
    });
    let Some(program) = found else {
        let names: Vec<&str> = PROGRAMS.iter().map(|program| program.name).collect();
        say(&format!("utilities: usage: utilities {} [ARGUMENT]...", names.join("|")));
        exit(1)
    };
    if let Err(error) = sandshell_sys::enter_working_directory() {
        exit(program.fail(&format!("cannot enter the working directory: {}", sandshell_sys::reason(&error))));
    }
    argv.drain(..argv.len().min(1));
    exit((program.main)(program, argv).unwrap_or_else(|status| status))
}

/// The program that the first argument names.
fn selected(argv: &[Vec<u8>]) -> Option<&'static Program> {
    let called_as = argv.first()?.rsplit(|byte| *byte == b'/').next()?;
    PROGRAMS.iter().find(|program| program.name.as_bytes() == called_as).copied()
}
