//! uutils coreutils as one multi-call program: the last component of `argv[0]` selects the utility.
//!
//! `coreutils NAME ARG...` runs a utility by its name, `coreutils --list` lists them. Utilities that WASI alone
//! can carry are the `uu_*` crates, unchanged; those that need modes, owners, processes or threads are our own, over
//! `sandshell_sys`. This file gives all of them what a WASI program lacks: a working directory.

mod basis;
mod cat;
mod chmod;
mod copy;
mod dd;
mod df;
mod du;
mod encode;
mod fold;
mod guard;
mod head;
mod identity;
mod install;
mod ln;
mod ls;
mod machine;
mod mkdir;
mod mktemp;
mod mv;
mod owner;
mod paste;
mod reverse;
mod rm;
mod sort;
mod split;
mod stat;
mod sync;
mod tabs;
mod tail;
mod test;
mod utilities;
mod wc;
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
    let argv = if utility.name == "cut" { characters_are_bytes(argv) } else { argv };
    let argv = match guard::check(utility.name, argv) {
        Ok(argv) => argv,
        Err(status) => exit(status),
    };
    if utility.messages.is_some_and(|messages| uucore::locale::setup_localization(messages).is_err()) {
        fail(&format!("{}: its messages cannot be loaded", utility.name));
    }
    let status = (utility.main)(Box::new(argv.into_iter()));
    // Some utilities leave their last line in the buffer; a closed stdout is theirs to report.
    let flushed = std::io::stdout().flush().is_ok();
    exit(if status == 0 && !flushed { 1 } else { status })
}

/// Makes `cut -c` count bytes, as GNU's does.
fn characters_are_bytes(argv: Vec<OsString>) -> Vec<OsString> {
    let mut takes_value = false;
    let mut ended = false;
    let rename = |word: OsString| {
        let text = word.to_string_lossy().into_owned();
        if std::mem::take(&mut takes_value) || ended || !text.starts_with('-') {
            return word;
        }
        ended = text == "--";
        if let Some(rest) =
            text.strip_prefix("--ch").filter(|rest| "aracters".starts_with(rest.split('=').next().unwrap_or("")))
        {
            takes_value = !rest.contains('=');
            let value = rest.split_once('=').map(|(_, value)| format!("={value}")).unwrap_or_default();
            return format!("--bytes{value}").into();
        }
        // The letters before the first that takes a value.
        let letters = text.trim_start_matches('-');
        let Some(at) = letters.find(['b', 'c', 'd', 'f']).filter(|_| !text.starts_with("--")) else { return word };
        takes_value = at + 1 == letters.len();
        if letters.as_bytes().get(at) != Some(&b'c') {
            return word;
        }
        format!("-{}b{}", &letters[..at], &letters[at + 1..]).into()
    };
    argv.into_iter().map(rename).collect()
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
