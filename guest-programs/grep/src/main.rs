//! `grep`, `egrep` and `fgrep`: POSIX grep with GNU's options, over the `regex` crates.
//!
//! The regular expressions of POSIX are translated (by the `sandshell-posix-regex` crate), not interpreted here; files are searched block by
//! block (see [`search`]) and never held whole.

mod colours;
mod destination;
mod matcher;
mod options;
mod output;
mod perl;
mod reason;
mod search;
mod walk;

use std::io::Write;
use std::process::exit;

use destination::Destination;
use matcher::Matcher;
use options::{Options, Request};
use output::Printer;

/// Exit statuses of POSIX grep: something was selected, nothing was, an error occurred.
const SELECTED: i32 = 0;
const NOTHING: i32 = 1;
const FAILURE: i32 = 2;

fn main() {
    if let Err(error) = sandshell_sys::enter_working_directory() {
        fail(&format!("cannot enter the working directory: {error}"));
    }
    match options::parse(std::env::args_os()) {
        Ok(Request::Search(options)) => exit(run(*options)),
        Ok(Request::Print(text)) => {
            let written = std::io::stdout().write_all(text.as_bytes());
            exit(if written.is_ok() { SELECTED } else { FAILURE })
        }
        Err(message) => fail(&message),
    }
}

/// Searches all that the options name and returns the exit status.
fn run(mut options: Options) -> i32 {
    let destination = Destination::find(&options);
    options.to_null = destination.is_null;
    let options = &options;
    let matcher = match Matcher::new(options) {
        Ok(matcher) => matcher,
        Err(message) => fail(&message),
    };
    let mut printer = Printer::new(options);
    let mut state = walk::Totals::default();
    let result =
        walk::search_all(options, &matcher, &mut printer, &destination, &mut state).and_then(|()| printer.flush());
    if let Err(error) = result {
        fail(&format!("write error: {error}"));
    }
    match (state.selected, state.failed) {
        (true, false) => SELECTED,
        (true, true) if options.quiet => SELECTED,
        (_, true) => FAILURE,
        (false, false) => NOTHING,
    }
}

/// Writes a message to stderr and exits with status 2.
fn fail(message: &str) -> ! {
    // Nobody is left to tell when stderr is closed.
    let head = if message.starts_with("Usage") { "" } else { "grep: " };
    let _ = std::io::stderr().write_all(format!("{head}{message}\n").as_bytes());
    exit(FAILURE)
}
