//! `fd_fdstat_set_flags`: appending, not blocking, and flags about writing through that are told back.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let fd = path_open(dir, 0, "file", CREAT, u64::MAX, 0, APPEND).unwrap();
    assert_eq!(fd_fdstat_get(fd).unwrap().flags, APPEND);
    assert_eq!(fd_write(fd, &[b"one"]), Ok(3));
    assert_eq!(fd_seek(fd, 0, 0), Ok(0));
    assert_eq!(fd_write(fd, &[b"two"]), Ok(3));
    assert_eq!(content(dir, "file"), b"onetwo");
    fd_fdstat_set_flags(fd, 0).unwrap();
    assert_eq!(fd_seek(fd, 0, 0), Ok(0));
    assert_eq!(fd_write(fd, &[b"ONE"]), Ok(3));
    assert_eq!(content(dir, "file"), b"ONEtwo");
    fd_fdstat_set_flags(fd, NONBLOCK | DSYNC | SYNC).unwrap();
    assert_eq!(fd_fdstat_get(fd).unwrap().flags, NONBLOCK | DSYNC | SYNC);
    fails!(fd_fdstat_set_flags(fd, 32), EINVAL);
    fails!(fd_fdstat_set_flags(77, 0), EBADF);
    assert_eq!(fd_fdstat_get(fd).unwrap().flags, NONBLOCK | DSYNC | SYNC);
    let synced = path_open(dir, 0, "file", 0, FD_WRITE, 0, APPEND | SYNC).unwrap();
    assert_eq!(fd_fdstat_get(synced).unwrap().flags, APPEND | SYNC);
    fails!(path_open(dir, 0, "file", 0, FD_WRITE, 0, 32), EINVAL);
    // A pipe of which nothing can be read answers at once.
    let [reader, _writer] = crate::v1::pipe().unwrap();
    fd_fdstat_set_flags(reader, NONBLOCK).unwrap();
    fails!(fd_read(reader, &mut [&mut [0; 4]]), EAGAIN);
}
