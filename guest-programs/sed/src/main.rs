//! uutils sed as a program: the `sed` crate, unchanged, in the process's working directory.

use std::io::Write;
use std::process::exit;

fn main() {
    if let Err(error) = sandshell_sys::enter_working_directory() {
        // Nobody is left to tell when stderr is closed.
        let _ = writeln!(std::io::stderr(), "sed: cannot enter the working directory: {error}");
        exit(4);
    }
    exit(sed::sed::uumain(std::env::args_os()))
}
