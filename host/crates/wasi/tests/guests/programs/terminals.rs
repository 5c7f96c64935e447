//! `isatty` and `winsize`: no session has a terminal.

use super::*;
use crate::v1::{isatty, winsize};

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    for fd in [0, 1, 2, dir, open_all(dir, "file")] {
        assert_eq!(isatty(fd), Ok(0));
        let stat = fd_fdstat_get(fd).unwrap();
        let looks_so = stat.filetype == CHARACTER_DEVICE && stat.base & (FD_SEEK | FD_TELL) == 0;
        assert!(!looks_so, "{fd} is none for C programs either");
    }
    fails!(isatty(77), EBADF);
    fails!(winsize(), ENOTTY);
}
