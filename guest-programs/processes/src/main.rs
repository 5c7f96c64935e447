//! The programs that start programs: `env`, `nice`, `nohup`, `timeout` and `xargs`, as POSIX and GNU define them.
//!
//! The last component of `argv[0]` selects one; `processes NAME ARG...` does, too. Starting, waiting and signalling are the
//! `sandshell-sys` crate's; each file here is one program's options and rules.

mod duration;
mod env;
mod env_split;
mod message;
mod nice;
mod nohup;
mod timeout;
mod xargs;

use std::process::exit;

use message::Program;

/// A program of this one: its name, what it exits with when it fails itself, and its entry point.
type Entry = (Program, fn(&Program, Vec<Vec<u8>>) -> i32);

const PROGRAMS: &[Entry] = &[
    (Program { name: "env", failure: 125, usage: env::USAGE }, env::main),
    (Program { name: "nice", failure: 125, usage: nice::USAGE }, nice::main),
    (Program { name: "nohup", failure: 125, usage: nohup::USAGE }, nohup::main),
    (Program { name: "timeout", failure: 125, usage: timeout::USAGE }, timeout::main),
    (Program { name: "xargs", failure: 1, usage: xargs::USAGE }, xargs::main),
];

fn main() {
    let mut argv = sandshell_sys::arguments();
    let entry = selected(&argv).or_else(|| {
        argv.drain(..argv.len().min(1));
        selected(&argv)
    });
    let Some((program, main)) = entry else {
        let names: Vec<&str> = PROGRAMS.iter().map(|(program, _)| program.name).collect();
        message::write(&format!("processes: usage: processes {} [ARGUMENT]...", names.join("|")));
        exit(1)
    };
    if let Err(error) = sandshell_sys::enter_working_directory() {
        program.complain(&format!("cannot enter the working directory: {}", sandshell_sys::reason(&error)));
        exit(program.failure)
    }
    argv.drain(..argv.len().min(1));
    exit(main(program, argv))
}

/// The program that the first argument names.
fn selected(argv: &[Vec<u8>]) -> Option<&'static Entry> {
    let called_as = argv.first()?.rsplit(|byte| *byte == b'/').next()?;
    PROGRAMS.iter().find(|(program, _)| program.name.as_bytes() == called_as)
}
