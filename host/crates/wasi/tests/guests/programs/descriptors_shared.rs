//! `dup` and `pipe`: descriptors of the same description, and bytes from one end to the other.

use super::*;
use crate::v1::{dup, pipe};

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let fd = open_all(dir, "file");
    let copy = dup(fd, 40).unwrap();
    assert_eq!(copy, 40);
    assert_eq!(fd_write(fd, &[b"shared"]), Ok(6));
    assert_eq!(fd_tell(copy), Ok(6), "the offset is one");
    fd_close(fd).unwrap();
    assert_eq!(fd_write(copy, &[b"!"]), Ok(1));
    assert_eq!(content(dir, "file"), b"shared!");
    // What was given up stays given up in a copy.
    fd_fdstat_set_rights(copy, FD_READ, 0).unwrap();
    let restricted = dup(copy, 0).unwrap();
    fails!(fd_write(restricted, &[b"x"]), ENOTCAPABLE);
    fails!(dup(99, 0), EBADF);
    fails!(dup(copy, 1 << 20), EINVAL);

    let [reader, writer] = pipe().unwrap();
    assert_eq!(fd_write(writer, &[b"thro", b"ugh"]), Ok(7));
    let mut buffer = [0; 16];
    assert_eq!(fd_read(reader, &mut [&mut buffer]), Ok(7));
    assert_eq!(&buffer[..7], b"through");
    fails!(fd_write(reader, &[b"x"]), EBADF);
    fails!(fd_read(writer, &mut [&mut buffer]), EBADF);
    fd_close(writer).unwrap();
    assert_eq!(fd_read(reader, &mut [&mut buffer]), Ok(0));
}
