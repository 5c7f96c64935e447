//! Writes to standard output until it is told that nobody reads; ignores the signal of it when asked to, and then exits
//! with 3.

use crate::bindings::sandshell::program::system::{self, Disposition};
use crate::bindings::wasi::cli::{exit, stdout};
use crate::bindings::wasi::io::streams::StreamError;

const SIGPIPE: u32 = 13;

pub(crate) fn main() {
    if std::env::args().nth(1).as_deref() == Some("ignore") {
        system::sigaction(SIGPIPE, Disposition::Ignore).expect("a signal that can be ignored");
    }
    let out = stdout::get_stdout();
    loop {
        match out.blocking_write_and_flush(&[b'x'; 4096]) {
            Ok(()) => {}
            Err(StreamError::Closed) => exit::exit_with_code(3),
            Err(StreamError::LastOperationFailed(error)) => panic!("{}", error.to_debug_string()),
        }
    }
}
