//! `spawn`, `wait`, `getpid`, `processes`: children with what they were given, and how they ended.
//!
//! A child here writes its arguments from the second on to its descriptor 1 and exits with the first, or dies by the
//! signal that follows `signal`.

use super::*;
use crate::v1::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let [own, parent, group] = getpid().unwrap();
    assert!(own > 1 && parent == 1 && group > 0);
    let [reader, writer] = pipe().unwrap();
    let pid = spawn("true", &["t", "7", "one", "two"], &["PATH=/none:/bin"], &[(1, writer)], SEARCH_PATH).unwrap();
    assert_eq!(wait(pid, 0), Ok([pid, 0, 7]));
    fd_close(writer).unwrap();
    let mut buffer = [0; 32];
    assert_eq!(fd_read(reader, &mut [&mut buffer]), Ok(6));
    assert_eq!(&buffer[..6], b"onetwo");
    assert_eq!(fd_read(reader, &mut [&mut buffer]), Ok(0), "the child's end is closed");

    let first = spawn("/bin/true", &["t", "0"], &[], &[], INHERIT_STANDARD | NEW_GROUP).unwrap();
    let second = spawn("/bin/true", &["t", "signal", "15"], &[], &[], 0).unwrap();
    let rows = processes(4096).unwrap();
    assert_eq!(half(&rows, 0), 1, "the shell");
    fails!(processes(8).map_err(|(errno, needed)| (errno, needed as usize == rows.len())), (ERANGE, true));
    assert_eq!(wait(second, NO_HANG), Ok([second, 1, 15]));
    assert_eq!(wait(0, 0), Ok([first, 0, 0]));
    fails!(wait(0, 0), ECHILD);
    fails!(wait(first, 0), ECHILD);
    fails!(wait(0, 2), EINVAL);

    make(dir, "data", b"no program");
    let start = |path: &str, fds: &[(u32, u32)], flags| spawn(path, &["x"], &["PATH=/bin"], fds, flags).map(drop);
    fails!(start("/bin/none", &[], 0), ENOENT);
    fails!(start("none", &[], SEARCH_PATH), ENOENT);
    fails!(start("/tmp", &[], 0), EACCES);
    fails!(start("/bin/true", &[(0, 99)], 0), EBADF);
    fails!(start("/bin/true", &[], 1 << 20), EINVAL);
    fails!(wait(0, NO_HANG), ECHILD);
}
