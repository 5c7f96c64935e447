//! `fd_filestat_set_size`, `fd_allocate`, `fd_advise`, and truncation on opening.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let fd = open_all(dir, "file");
    let size = || Stat::of(fd_filestat_get(fd).unwrap()).size;
    fd_filestat_set_size(fd, 100).unwrap();
    assert_eq!(size(), 100);
    for advice in 0..6 {
        fd_advise(fd, 10, 50, advice).unwrap();
    }
    fails!(fd_advise(fd, 0, 0, 6), EINVAL);
    fd_allocate(fd, 10, 10).unwrap();
    assert_eq!(size(), 100, "it never shrinks");
    fd_allocate(fd, 90, 20).unwrap();
    assert_eq!(size(), 110);
    fd_filestat_set_size(fd, 5).unwrap();
    assert_eq!((size(), content(dir, "file")), (5, vec![0; 5]));
    assert_eq!(fd_pwrite(fd, &[b"kept"], 1), Ok(4));
    fd_allocate(fd, 0, 300_000).unwrap();
    assert_eq!((size(), &content(dir, "file")[..6]), (300_000, &b"\0kept\0"[..]));
    fails!(fd_allocate(fd, 0, 0), EINVAL);
    fails!(fd_allocate(fd, 1, u64::MAX), EFBIG);
    assert!(fd_allocate(fd, 0, 8 << 30).is_err(), "beyond the quota");
    assert_eq!(size(), 300_000, "what fails changes nothing");
    fails!(fd_filestat_set_size(fd, u64::MAX), EFBIG);

    let cut = path_open(dir, 0, "file", TRUNC, FD_READ | FD_WRITE, 0, 0).unwrap();
    assert_eq!((size(), fd_read(cut, &mut [&mut [0; 4]])), (0, Ok(0)));
    let reader = path_open(dir, 0, "file", 0, FD_READ, 0, 0).unwrap();
    fails!(fd_filestat_set_size(reader, 1), EBADF);
    fails!(fd_allocate(reader, 0, 1), EBADF);
    let [_, writer] = crate::v1::pipe().unwrap();
    fails!(fd_allocate(writer, 0, 1), ESPIPE);
    fails!(fd_advise(writer, 0, 1, 0), ESPIPE);
    fails!(fd_filestat_set_size(writer, 1), EINVAL);
    for fd in [77, 78] {
        fails!(fd_filestat_set_size(fd, 1), EBADF);
        fails!(fd_allocate(fd, 0, 1), EBADF);
        fails!(fd_advise(fd, 0, 1, 0), EBADF);
    }
}
