//! `fd_prestat_get`, `fd_prestat_dir_name`: one directory, `/`, with all rights, that can be opened again and closed.

use super::*;

pub fn run(_: &str) {
    assert_eq!(fd_prestat_get(ROOT), Ok((0, 1)));
    let mut name = [0; 2];
    fd_prestat_dir_name(ROOT, &mut name).unwrap();
    assert_eq!(&name, b"/\0");
    fails!(fd_prestat_dir_name(ROOT, &mut []), ENAMETOOLONG);
    for fd in [0, 4, 77] {
        fails!(fd_prestat_get(fd), EBADF);
        fails!(fd_prestat_dir_name(fd, &mut name), EBADF);
    }
    let stat = fd_fdstat_get(ROOT).unwrap();
    assert_eq!((stat.filetype, stat.flags), (DIRECTORY_TYPE, 0));
    // What libraries look for in a directory, and in what they open through it.
    let paths = (9..=13).chain(15..=20).chain(24..=26).fold(0, |all, bit| all | 1u64 << bit);
    assert_eq!(stat.base & paths, paths);
    assert_eq!(stat.base & FD_READDIR, FD_READDIR);
    assert_eq!(stat.base & (FD_SEEK | FD_WRITE | FD_FILESTAT_SET_SIZE), 0);
    let files = FD_READ | FD_WRITE | FD_SEEK | FD_TELL | FD_FILESTAT_GET | FD_FILESTAT_SET_SIZE | POLL;
    assert_eq!(stat.inheriting & files, files);
    assert_eq!(stat.inheriting & stat.base, stat.base);
    let again = path_open(ROOT, 0, ".", 0, stat.base, stat.inheriting, 0).unwrap();
    assert_eq!(fd_fdstat_get(again), Ok(stat));
    path_open(ROOT, 0, ".", 0, 0, 0, 0).unwrap();
    path_open(ROOT, 0, ".", DIRECTORY, 0, 0, NONBLOCK).unwrap();
    path_open(ROOT, 0, ".", DIRECTORY, FD_READ, 0, 0).unwrap();
    fails!(path_open(ROOT, 0, ".", DIRECTORY, FD_READ | FD_WRITE, 0, 0), EISDIR);
    fd_close(ROOT).unwrap();
    fails!(fd_prestat_get(ROOT), EBADF);
    fails!(fd_fdstat_get(ROOT), EBADF);
    fails!(fd_close(ROOT), EBADF);
    assert_eq!(fd_fdstat_get(again), Ok(stat), "what was opened through it stays");
    // The number is like any other then.
    assert_eq!(path_open(again, 0, ".", 0, 0, 0, 0), Ok(ROOT));
    fails!(fd_prestat_get(ROOT), EBADF);
}
