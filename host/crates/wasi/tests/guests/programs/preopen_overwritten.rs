//! `fd_renumber` onto the preopened directory: the number is what was put there.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    path_create_directory(dir, "sub").unwrap();
    let sub = path_open(dir, 0, "sub", DIRECTORY, u64::MAX & !FD_WRITE, u64::MAX, 0).unwrap();
    let stat = fd_filestat_get(sub).unwrap();
    fd_renumber(sub, ROOT).unwrap();
    assert_eq!(fd_filestat_get(ROOT), Ok(stat));
    fails!(fd_fdstat_get(sub), EBADF);
    fails!(fd_prestat_get(ROOT), EBADF);
    fails!(path_open(ROOT, 0, "..", 0, 0, 0, 0), EPERM);
    make(ROOT, "file", b"x");
    assert!(exists(dir, "sub/file"));
    fd_close(ROOT).unwrap();
    fails!(fd_fdstat_get(ROOT), EBADF);
}
