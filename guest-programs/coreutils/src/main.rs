//! uutils coreutils as one multi-call program: the last component of `argv[0]` selects the utility.
//!
//! `coreutils NAME ARG...` runs a utility by its name, `coreutils --list` lists them. Utilities that WASI alone
//! can carry are the `uu_*` crates, unchanged; those that need modes, owners, processes or threads are our own, over
//! `sandshell_sys`. This file gives all of them what a WASI program lacks: a working directory.

mod basis;
mod cat;
mod chmod;
mod column;
mod copy;
mod dd;
mod df;
mod du;
mod identity;
mod install;
mod ln;
mod ls;
mod machine;
mod mkdir;
mod mktemp;
mod mv;
mod owner;
mod reverse;
mod rm;
mod sort;
mod stat;
mod sync;
mod tail;
mod test;
mod utilities;
mod which;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::exit;

use utilities::{UTILITIES, Utility};

fn main() {
    let mut argv: Vec<OsString> = std::env::args_os().collect();
    let called_as =
        argv.first().and_then(|name| Path::new(name).file_name()).and_then(|name| name.to_str()).unwrap_or("");
    if called_as != "coreutils"
        && let Some(utility) = utilities::find(called_as)
    {
        run(utility, argv);
    }
    argv.drain(..argv.len().min(1));
    match argv.first().and_then(|name| name.to_str()) {
        Some("--list") => list(),
        Some(name) => match utilities::find(name) {
            Some(utility) => run(utility, argv),
            None => fail(&format!("coreutils: {name}: no such utility; `coreutils --list` lists them")),
        },
        None => fail("coreutils: usage: coreutils UTILITY [ARGUMENT]..., or coreutils --list"),
    }
}

/// Runs `utility` in the process's working directory and exits with its status.
fn run(utility: &Utility, argv: Vec<OsString>) -> ! {
    // Conditions of loops: without an option they say nothing, so they need no messages and no directory.
    match utility.name {
        "true" if argv.len() == 1 => exit(0),
        "false" if argv.len() == 1 => exit(1),
        _ => {}
    }
    if let Err(error) = sandshell_sys::enter_working_directory() {
        fail(&format!("{}: cannot enter the working directory: {error}", utility.name));
    }
    if utility.messages.is_some_and(|messages| uucore::locale::setup_localization(messages).is_err()) {
        fail(&format!("{}: its messages cannot be loaded", utility.name));
    }
    let status = (utility.main)(Box::new(argv.into_iter()));
    // Some utilities leave their last line in the buffer; a closed stdout is theirs to report.
    let flushed = std::io::stdout().flush().is_ok();
    exit(if status == 0 && !flushed { 1 } else { status })
}

fn list() -> ! {
    let names: String = UTILITIES.iter().map(|utility| format!("{}\n", utility.name)).collect();
    let written = std::io::stdout().write_all(names.as_bytes());
    exit(i32::from(written.is_err()))
}

fn fail(message: &str) -> ! {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr(), "{message}");
    exit(1)
}
