//! Rights of what `path_open` opens: those asked for, of those the directory lets through, of those the kind has.

use super::*;

pub fn run(scratch: &str) {
    let root = open_scratch(scratch);
    path_create_directory(root, "dir").unwrap();
    make(root, "dir/file", b"text");
    let through = PATH_OPEN | FD_READ | FD_READDIR | FD_FILESTAT_GET;
    let dir = path_open(root, 0, "dir", DIRECTORY, PATH_OPEN | FD_READDIR, through, 0).unwrap();
    let stat = fd_fdstat_get(dir).unwrap();
    assert_eq!((stat.base, stat.inheriting), (PATH_OPEN | FD_READDIR, through));
    fails!(path_filestat_get(dir, 0, "file"), ENOTCAPABLE);
    fails!(path_open(dir, 0, "new", CREAT, 0, 0, 0), ENOTCAPABLE);
    fails!(path_open(dir, 0, "file", TRUNC, 0, 0, 0), EPERM);
    let fd = path_open(dir, 0, "file", 0, u64::MAX, u64::MAX, 0).unwrap();
    let stat = fd_fdstat_get(fd).unwrap();
    assert_eq!((stat.base, stat.inheriting), (FD_READ | FD_FILESTAT_GET, 0));
    assert_eq!(fd_read(fd, &mut [&mut [0; 9]]), Ok(4));
    fails!(fd_write(fd, &[b"x"]), EBADF);
    fails!(fd_seek(fd, 0, 0), ENOTCAPABLE);
    let again = path_open(dir, 0, ".", 0, u64::MAX & !FD_WRITE, u64::MAX, 0).unwrap();
    let stat = fd_fdstat_get(again).unwrap();
    assert_eq!((stat.base, stat.inheriting), (through & !FD_READ, through));
    // Without any right asked for there is none.
    let fd = path_open(root, 0, "dir/file", 0, 0, 0, 0).unwrap();
    assert_eq!(fd_fdstat_get(fd).unwrap().base, 0);
    fails!(fd_read(fd, &mut [&mut [0; 4]]), ENOTCAPABLE);
    fails!(fd_filestat_get(fd), ENOTCAPABLE);
}
