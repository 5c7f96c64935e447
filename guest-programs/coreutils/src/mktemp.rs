//! `mktemp`: the `uu_mktemp` crate, under a mask that keeps what it makes private, since WASI lets it choose no mode.

use std::ffi::OsString;

use sandshell_sys::set_mask;

/// Runs `mktemp`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    // The mask is this process's alone and ends with it.
    let _ = set_mask(0o077);
    uu_mktemp::uumain(argv)
}
