//! `fd_pread`, `fd_pwrite`, `fd_seek`, `fd_tell`: one offset a description, and calls that have their own.

use super::*;

pub fn run(scratch: &str) {
    const SET: u32 = 0;
    const CURRENT: u32 = 1;
    const END: u32 = 2;
    let dir = open_scratch(scratch);
    let fd = open_all(dir, "file");
    assert_eq!(fd_tell(fd), Ok(0));
    assert_eq!(fd_write(fd, &[&[7; 100]]), Ok(100));
    assert_eq!(fd_tell(fd), Ok(100));
    assert_eq!(fd_seek(fd, -50, CURRENT), Ok(50));
    assert_eq!(fd_seek(fd, 0, SET), Ok(0));
    assert_eq!(fd_seek(fd, -1, END), Ok(99));
    assert_eq!(fd_seek(fd, 901, CURRENT), Ok(1000), "beyond the end");
    fails!(fd_seek(fd, -2000, CURRENT), EINVAL);
    fails!(fd_seek(fd, -1, SET), EINVAL);
    fails!(fd_seek(fd, 0, 3), EINVAL);
    assert_eq!(fd_tell(fd), Ok(1000), "what fails does not move it");

    assert_eq!(fd_pwrite(fd, &[b"ab", b"", b"cd"], 2), Ok(4));
    let (mut one, mut two) = ([0; 3], [0; 90]);
    assert_eq!(fd_pread(fd, &mut [&mut one, &mut two], 1), Ok(93));
    assert_eq!((&one, &two[..3]), (&[7, b'a', b'b'], &[b'c', b'd', 7][..]));
    assert_eq!(fd_pread(fd, &mut [&mut one], 99), Ok(1));
    assert_eq!(fd_pread(fd, &mut [&mut one], 100), Ok(0));
    assert_eq!(fd_tell(fd), Ok(1000));
    assert_eq!(fd_pwrite(fd, &[b"end"], 150), Ok(3));
    assert_eq!(content(dir, "file")[100..].iter().filter(|byte| **byte == 0).count(), 50, "a hole is zeros");

    // As on Linux, an appending descriptor appends wherever it is told to write, and its offset stays.
    let append = path_open(dir, 0, "log", CREAT, u64::MAX, 0, APPEND).unwrap();
    assert_eq!(fd_write(append, &[b"12"]), Ok(2));
    assert_eq!(fd_pwrite(append, &[b"345"], 0), Ok(3));
    assert_eq!((fd_tell(append), content(dir, "log")), (Ok(2), b"12345".to_vec()));

    let [reader, writer] = crate::v1::pipe().unwrap();
    for fd in [reader, writer, 1] {
        fails!(fd_seek(fd, 0, CURRENT), ESPIPE);
        fails!(fd_tell(fd), ESPIPE);
    }
    fails!(fd_pread(reader, &mut [&mut one], 0), ESPIPE);
    fails!(fd_pwrite(writer, &[b"x"], 0), ESPIPE);
    fails!(fd_seek(77, 0, CURRENT), EBADF);
}
