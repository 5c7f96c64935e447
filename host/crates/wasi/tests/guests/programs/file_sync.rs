//! `fd_sync` and `fd_datasync`: nothing to do, but only for what is open.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let fd = open_all(dir, "file");
    fd_sync(fd).unwrap();
    fd_datasync(fd).unwrap();
    fd_sync(dir).unwrap();
    let reader = path_open(dir, 0, "file", 0, FD_READ, 0, 0).unwrap();
    fd_datasync(reader).unwrap();
    fails!(fd_sync(reader), ENOTCAPABLE);
    fails!(fd_sync(77), EBADF);
    fails!(fd_datasync(77), EBADF);
}
