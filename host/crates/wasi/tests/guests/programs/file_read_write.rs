//! `fd_read` and `fd_write`: vectors, what a descriptor is open for, and a file seen through two descriptors.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    make(dir, "file", b"");
    let reader = path_open(dir, 0, "file", 0, FD_READ, 0, 0).unwrap();
    let writer = path_open(dir, 0, "file", 0, FD_WRITE, 0, 0).unwrap();
    let rights = |fd| fd_fdstat_get(fd).unwrap().base & (FD_READ | FD_WRITE);
    assert_eq!((rights(reader), rights(writer)), (FD_READ, FD_WRITE));
    fails!(fd_write(reader, &[b"x"]), EBADF);
    fails!(fd_read(writer, &mut [&mut [0; 4]]), EBADF);
    assert_eq!(fd_write(writer, &[b"un", b"", b"buffered"]), Ok(10));
    let (mut one, mut two) = ([0; 2], [0; 20]);
    assert_eq!(fd_read(reader, &mut [&mut one, &mut [], &mut two]), Ok(10));
    assert_eq!((&one, &two[..8]), (b"un", &b"buffered"[..]));
    assert_eq!(fd_read(reader, &mut [&mut one]), Ok(0), "the end");
    assert_eq!(fd_write(writer, &[b"!"]), Ok(1));
    assert_eq!(fd_read(reader, &mut [&mut one]), Ok(1), "no end for ever");
    assert_eq!(fd_read(reader, &mut []), Ok(0));
    assert_eq!(fd_write(writer, &[]), Ok(0));
    let both = path_open(dir, 0, "file", 0, FD_READ | FD_WRITE, 0, 0).unwrap();
    assert_eq!(fd_read(both, &mut [&mut two]), Ok(11));
    assert_eq!(fd_write(both, &[b"?"]), Ok(1));
    assert_eq!(content(dir, "file"), b"unbuffered!?");
    for fd in [77, u32::MAX] {
        fails!(fd_read(fd, &mut [&mut one]), EBADF);
        fails!(fd_write(fd, &[b"x"]), EBADF);
    }
}
