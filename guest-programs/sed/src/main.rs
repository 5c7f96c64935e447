//! `sed`: the stream editor of POSIX with GNU's commands, flags and messages.
//!
//! A script is parsed once ([`parse`]) into a flat list of commands ([`script`]), which [`execute`] runs on each line.
//! Regular expressions are those of the `sandshell-posix-regex` crate.

mod debug;
mod escape;
mod execute;
mod fragments;
mod in_place;
mod input;
mod options;
mod output;
mod parse;
mod pattern;
mod replacement;
mod script;
mod shell;
mod substitute;
mod text;

use std::io::Write;
use std::process::exit;

use options::Request;

/// Exit status of a wrong script or command line.
const MISUSE: i32 = 1;
/// Exit status when an input file could not be read.
const NO_INPUT: i32 = 2;
/// Exit status of an error that ends the run.
const PANIC: i32 = 4;

fn main() {
    if let Err(error) = sandshell_sys::enter_working_directory() {
        fail(PANIC, &format!("cannot enter the working directory: {error}"));
    }
    let request = match options::parse(sandshell_sys::arguments()) {
        Ok(request) => request,
        Err(message) => {
            say(format!("{message}\n{}", options::USAGE).trim_start());
            exit(MISUSE)
        }
    };
    let settings = match request {
        Request::Edit(settings) => *settings,
        Request::Print(text) => {
            let mut out = std::io::stdout().lock();
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            exit(if written.is_ok() { 0 } else { PANIC })
        }
    };
    let program = match parse::parse(&settings) {
        Ok(program) => program,
        Err(error) => fail(error.status, &error.message),
    };
    exit(execute::run(&program, &settings))
}

/// Writes `sed: message` to stderr.
fn complain(message: &str) {
    say(&format!("sed: {message}"));
}

fn say(message: &str) {
    // One write, so that lines of several processes do not mix; nobody is left to tell when stderr is closed.
    let _ = std::io::stderr().write_all(format!("{}\n", message.trim_end_matches('\n')).as_bytes());
}

/// Writes a message and exits.
fn fail(status: i32, message: &str) -> ! {
    complain(message);
    exit(status)
}
