//! `args_get`, `args_sizes_get`, `environ_get`, `environ_sizes_get`: the strings a process was started with.

use super::*;

pub fn run(scratch: &str) {
    let expected = [b"args_environ", scratch.as_bytes(), b"one two", b""];
    assert_eq!(args().unwrap(), expected);
    assert_eq!(environ().unwrap(), [&b"HOME=/root"[..], b"EMPTY="]);
}
