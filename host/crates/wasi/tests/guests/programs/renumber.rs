//! `fd_renumber`: a descriptor takes the place of another, with its rights and its offset.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let from = path_open(dir, 0, "one", CREAT, FD_READ | FD_WRITE | FD_TELL, 0, 0).unwrap();
    let to = path_open(dir, 0, "two", CREAT, FD_READ, 0, 0).unwrap();
    assert_eq!(fd_write(from, &[b"abc"]), Ok(3));
    let stat = fd_fdstat_get(from).unwrap();
    fd_renumber(from, to).unwrap();
    fails!(fd_close(from), EBADF);
    assert_eq!((fd_fdstat_get(to), fd_tell(to)), (Ok(stat), Ok(3)));
    fails!(fd_seek(to, 0, 0), ENOTCAPABLE);
    assert_eq!(fd_write(to, &[b"d"]), Ok(1));
    assert_eq!(content(dir, "one"), b"abcd");
    fails!(fd_renumber(to, from), EBADF);
    fails!(fd_renumber(from, to), EBADF);
    fd_renumber(to, to).unwrap();
    assert_eq!(fd_tell(to), Ok(4));
    // The number that became free carries none of its old rights.
    let new = open_all(dir, "three");
    assert_eq!(new, from);
    assert_eq!(fd_seek(new, 0, 0), Ok(0));
}
