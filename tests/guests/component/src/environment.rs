//! Prints what it was started with.

use std::io::IsTerminal;

use crate::bindings::wasi::cli::{environment, terminal_stderr, terminal_stdin, terminal_stdout};

pub(crate) fn main() {
    println!("arguments {:?}", std::env::args().collect::<Vec<_>>());
    println!("variables {:?}", std::env::vars().collect::<Vec<_>>());
    println!("cwd {:?}", environment::initial_cwd());
    assert!(terminal_stdin::get_terminal_stdin().is_none());
    assert!(terminal_stdout::get_terminal_stdout().is_none());
    assert!(terminal_stderr::get_terminal_stderr().is_none());
    assert!(!std::io::stdin().is_terminal() && !std::io::stdout().is_terminal());
}
