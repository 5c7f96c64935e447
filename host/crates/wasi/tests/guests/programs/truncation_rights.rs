//! Cutting a file needs a right of the directory, none of the file, and `EPERM` says that it is missing.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let size = || Stat::of(path_filestat_get(dir, 0, "file").unwrap()).size;
    let cut = || path_open(dir, 0, "file", TRUNC, 0, 0, 0);
    make(dir, "file", b"text");
    let stat = fd_fdstat_get(dir).unwrap();
    assert_eq!(stat.base & (FD_FILESTAT_SET_SIZE | PATH_FILESTAT_SET_SIZE), PATH_FILESTAT_SET_SIZE);
    let fd = cut().unwrap();
    assert_eq!((size(), fd_fdstat_get(fd).unwrap().base), (0, 0));
    fails!(fd_write(fd, &[b"x"]), ENOTCAPABLE);
    make(dir, "file", b"text");
    fd_fdstat_set_rights(dir, stat.base, stat.inheriting & !FD_FILESTAT_SET_SIZE).unwrap();
    cut().unwrap();
    assert_eq!(size(), 0);
    make(dir, "file", b"text");
    let base = stat.base & !PATH_FILESTAT_SET_SIZE;
    fd_fdstat_set_rights(dir, base, stat.inheriting & !FD_FILESTAT_SET_SIZE).unwrap();
    assert_eq!(fd_fdstat_get(dir).unwrap().base, base);
    fails!(cut(), EPERM);
    assert_eq!(size(), 4);
    path_unlink_file(dir, "file").unwrap();
}
