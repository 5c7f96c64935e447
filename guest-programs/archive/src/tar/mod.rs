//! `tar`, as GNU tar 1.34 does it.
//!
//! [`options`] reads the command line into settings. [`header`], [`pax`], [`reader`] and [`writer`] are the format; [`archive`]
//! opens archives through compressors; [`create`], [`extract`], [`compare`] and [`update`] do the work in a [`session::Session`].

mod archive;
mod compare;
mod create;
mod extract;
mod header;
mod keys;
mod listing;
mod names;
mod options;
mod pax;
mod place;
mod reader;
mod select;
mod session;
mod sparse;
mod transform;
mod update;
mod usage;
mod writer;

use options::{Hint, Mistake, Operation, Request};

use crate::basis::message;
use session::{FATAL, Session};

/// Status for an option that is not known or malformed.
const MISUSE: i32 = 64;

/// Runs `tar`; answers its exit status.
pub(crate) fn main(_name: &str, argv: Vec<Vec<u8>>) -> i32 {
    let settings = match options::read(with_environment(argv)) {
        Ok(Request::Work(settings)) => *settings,
        Ok(Request::Help) => return message::print("tar", usage::HELP, FATAL),
        Ok(Request::Usage) => return message::print("tar", usage::USAGE, FATAL),
        Ok(Request::Version) => return message::version("tar", FATAL),
        Ok(Request::Defaults) => return message::print("tar", usage::DEFAULTS, FATAL),
        Err(Mistake(text, hint)) => {
            message::complain("tar", &text);
            if hint == Hint::Fatal {
                message::complain("tar", "Error is not recoverable: exiting now");
            } else {
                message::write("Try 'tar --help' or 'tar --usage' for more information.\n");
            }
            return if hint == Hint::Getopt { MISUSE } else { FATAL };
        }
    };
    let operation = settings.operation;
    let mut session = Session::new(settings);
    let done = session.check_directories().and_then(|()| match operation {
        Operation::Create => create::create(&mut session),
        Operation::Extract => extract::extract(&mut session),
        Operation::List => extract::list(&mut session),
        Operation::Compare => compare::compare(&mut session),
        Operation::Append | Operation::Update => update::append(&mut session),
        Operation::Concatenate => update::concatenate(&mut session),
        Operation::Delete => update::delete(&mut session),
        Operation::TestLabel => extract::test_label(&mut session),
    });
    session.finish(done)
}

/// Puts the options of `TAR_OPTIONS` before those of the command line.
fn with_environment(mut argv: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let Some(options) = std::env::var_os("TAR_OPTIONS") else { return argv };
    let words = sandshell_sys::bytes_of(&options).split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    // An old bundle stays first, since it is known by its place.
    let at = usize::from(argv.first().is_some_and(|first| first.first() != Some(&b'-')));
    let words: Vec<Vec<u8>> = words.map(<[u8]>::to_vec).collect();
    argv.splice(if at == 0 { 0..0 } else { argv.len()..argv.len() }, words);
    argv
}
