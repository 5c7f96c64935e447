//! `gzip`, `gunzip` and `zcat`, as GNU gzip 1.12 does them.

mod file;
mod list;
mod options;

use crate::basis::message;

/// Statuses: a warning does not hide an error.
const ERROR: i32 = 1;
const WARNING: i32 = 2;

/// Runs one of the three programs; answers its exit status.
pub(crate) fn main(name: &str, argv: Vec<Vec<u8>>) -> i32 {
    let options = match options::read(name, argv) {
        Ok(options::Request::Work(options)) => *options,
        Ok(options::Request::Help) => return message::print("gzip", options::USAGE, ERROR),
        Ok(options::Request::Version) => return message::version("gzip", ERROR),
        Err(mistake) => {
            message::complain("gzip", &mistake.message);
            if mistake.shows_hint {
                message::write("Try `gzip --help' for more information.\n");
            }
            return ERROR;
        }
    };
    let mut work = file::Work::new(options);
    if work.options.files.is_empty() {
        work.standard_input();
    }
    for name in std::mem::take(&mut work.options.files) {
        if name == b"-" { work.standard_input() } else { work.file(&name, true) }
    }
    work.finish()
}
