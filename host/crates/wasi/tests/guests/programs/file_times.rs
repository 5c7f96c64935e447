//! `fd_filestat_set_times` and `path_filestat_set_times`: each time is left, given, or now, and never two of these.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let fd = open_all(dir, "file");
    path_symlink("file", dir, "link").unwrap();
    let stat = |follow, path| Stat::of(path_filestat_get(dir, follow, path).unwrap());
    let before = stat(0, "file");
    fd_filestat_set_times(fd, 11, 22, ATIM | MTIM).unwrap();
    assert_eq!((stat(0, "file").atim, stat(0, "file").mtim), (11, 22));
    fd_filestat_set_times(fd, 33, 44, MTIM).unwrap();
    assert_eq!((stat(0, "file").atim, stat(0, "file").mtim), (11, 44));
    path_filestat_set_times(dir, 0, "file", (5, 6), ATIM_NOW).unwrap();
    assert!(stat(0, "file").atim >= before.atim);
    assert_eq!(stat(0, "file").mtim, 44);
    path_filestat_set_times(dir, 0, "file", (5, 6), 0).unwrap();
    assert_eq!(stat(0, "file").mtim, 44);
    for flags in [ATIM | ATIM_NOW, MTIM | MTIM_NOW, 16] {
        fails!(fd_filestat_set_times(fd, 7, 8, flags), EINVAL);
        fails!(path_filestat_set_times(dir, 0, "file", (7, 8), flags), EINVAL);
    }
    assert_eq!(stat(0, "file").mtim, 44, "what fails changes nothing");
    // A link has times of its own.
    path_filestat_set_times(dir, 0, "link", (0, 77), MTIM).unwrap();
    assert_eq!((stat(0, "link").mtim, stat(0, "file").mtim, stat(FOLLOW, "link").mtim), (77, 44, 44));
    path_filestat_set_times(dir, FOLLOW, "link", (0, 99), MTIM).unwrap();
    assert_eq!((stat(0, "link").mtim, stat(0, "file").mtim), (77, 99));
    fd_filestat_set_times(dir, 1, 2, ATIM | MTIM).unwrap();
    assert_eq!(stat(0, ".").mtim, 2);
    fails!(path_filestat_set_times(dir, 0, "none", (0, 0), MTIM), ENOENT);
    fails!(fd_filestat_set_times(77, 0, 0, MTIM), EBADF);
}
