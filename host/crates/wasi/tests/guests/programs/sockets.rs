//! `sock_*`: nothing is a socket, and to a POSIX program the preopened directory's number is not open.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let check = |fd, errno| {
        fails!(sock_accept(fd), errno);
        fails!(sock_recv(fd, &mut [&mut [0; 4]]), errno);
        fails!(sock_send(fd, &[b"x"]), errno);
        fails!(sock_shutdown(fd, 1), errno);
    };
    check(0, ENOTSOCK);
    check(1, ENOTSOCK);
    check(dir, ENOTSOCK);
    check(open_all(dir, "file"), ENOTSOCK);
    check(77, EBADF);
    check(ROOT, EBADF);
}
