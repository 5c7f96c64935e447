//! `stat`, `fstat`, `chmod`, `fchmod`, `chown`, `fchown`, `utimens`, `umask`, `access`: what POSIX knows of a file beside its content.

use super::*;
use crate::v1::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    chdir(scratch).unwrap();
    assert_eq!(umask(0o027), Ok(0o022));
    assert_eq!(umask(UNCHANGED), Ok(0o027));
    make(dir, "file", &[1; 1000]);
    path_create_directory(dir, "sub").unwrap();
    path_symlink("file", dir, "link").unwrap();
    let file = stat("file", 0).unwrap();
    assert_eq!((file.mode, file.links, file.uid, file.gid, file.size), (0o100_640, 1, 0, 0, 1000));
    assert!(file.blocks >= 2);
    assert_eq!(stat("sub", 0).unwrap().mode, 0o040_750);
    assert_eq!(stat("link", 0).unwrap().mode & 0o170_000, 0o120_000);
    assert_eq!(stat("link", 1), Ok(file));
    let fd = open_all(dir, "file");
    assert_eq!(fstat(fd), Ok(file));
    assert_eq!(fstat(fd).unwrap().ino, Stat::of(fd_filestat_get(fd).unwrap()).ino);
    chmod("link", 0o4711, 1).unwrap();
    assert_eq!(stat("file", 0).unwrap().mode, 0o104_711);
    chown("file", 5, UNCHANGED, 1).unwrap();
    chown("file", UNCHANGED, 6, 1).unwrap();
    chown("link", 9, 9, 0).unwrap();
    assert_eq!((stat("file", 0).unwrap().uid, stat("file", 0).unwrap().gid), (5, 6));
    assert_eq!(stat("link", 0).unwrap().uid, 9);
    fchmod(fd, 0o700).unwrap();
    fchown(fd, 7, UNCHANGED).unwrap();
    let file = fstat(fd).unwrap();
    assert_eq!((file.mode, file.uid, file.gid), (0o100_700, 7, 6));
    utimens("link", 1, 11, 22).unwrap();
    utimens("file", 1, TIME_UNCHANGED, 33).unwrap();
    assert_eq!((fstat(fd).unwrap().accessed, fstat(fd).unwrap().modified), (11, 33));
    utimens("link", 0, 5, 6).unwrap();
    assert_eq!((stat("link", 0).unwrap().modified, stat("link", 1).unwrap().modified), (6, 33));
    utimens("file", 1, TIME_NOW, TIME_UNCHANGED).unwrap();
    assert!(fstat(fd).unwrap().accessed >= file.changed);
    fails!(utimens("none", 1, 0, 0), ENOENT);
    for fd in [77, 1] {
        let errno = if fd == 1 { EINVAL } else { EBADF };
        fails!(fchmod(fd, 0), errno);
        fails!(fchown(fd, 0, 0), errno);
    }
    fails!(fchmod(fd, 0o10_000), EINVAL);
    assert_eq!(stat("/dev/null", 1).unwrap().device, 1 << 8 | 3);
    access("file", 7).unwrap();
    chmod("file", 0o600, 1).unwrap();
    access("file", 6).unwrap();
    fails!(access("file", 1), EACCES);
    fails!(access("none", 0), ENOENT);
    fails!(access("file", 8), EINVAL);
    fails!(chmod("file", 0o10_000, 1), EINVAL);
    fails!(chmod("none", 0, 1), ENOENT);
    fails!(chown("none", 0, 0, 1), ENOENT);
    fails!(stat("fi\0le", 0), EINVAL);
    fails!(fstat(77), EBADF);
}
