//! Descriptors 0 to 2: the run's streams, which may be put elsewhere.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    assert_eq!(fd_write(1, &[b"to ", b"stdout\n"]), Ok(10));
    assert_eq!(fd_write(2, &[b"to stderr\n"]), Ok(10));
    let mut line = [0; 16];
    assert_eq!(fd_read(0, &mut [&mut line]), Ok(6));
    assert_eq!(&line[..6], b"input\n");
    for fd in [1, 2] {
        let stat = fd_fdstat_get(fd).unwrap();
        assert_eq!((stat.filetype, stat.base & (FD_READ | FD_WRITE | FD_SEEK)), (UNKNOWN, FD_WRITE));
    }
    for from in 0..3 {
        let to = path_open(dir, 0, "file", CREAT, 0, 0, 0).unwrap();
        let stat = fd_fdstat_get(from).unwrap();
        fd_renumber(from, to).unwrap();
        assert_eq!(fd_fdstat_get(to), Ok(stat));
        fails!(fd_fdstat_get(from), EBADF);
    }
}
