//! `spawn`, `wait`, `wait_for`, `getpid`, `times`, `priority`, `processes`: children with what they were given, and how they ended.
//!
//! A child here (`Children` of the tests) lives on when its first argument is `lives`, until it is killed; else it writes its arguments from the second on to its descriptor 1 and exits with the first, or dies by the
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

    let [computed, of_children] = times().unwrap();
    assert_eq!((computed, of_children), (123, 0));
    assert_eq!([0, 5, -3, 100, -100].map(|increment| priority(increment).unwrap()), [0, 5, 2, 19, -20]);
    groups_and_time_limits();
    inherited_descriptors(dir);

    make(dir, "data", b"no program");
    let start = |path: &str, fds: &[(u32, u32)], flags| spawn(path, &["x"], &["PATH=/bin"], fds, flags).map(drop);
    fails!(start("/bin/none", &[], 0), ENOENT);
    fails!(start("none", &[], SEARCH_PATH), ENOENT);
    fails!(start("/tmp", &[], 0), EACCES);
    fails!(start("/bin/true", &[(0, 99)], 0), EBADF);
    fails!(start("/bin/true", &[], 1 << 20), EINVAL);
    fails!(wait(0, NO_HANG), ECHILD);
}

fn groups_and_time_limits() {
    const SECOND: u64 = 1_000_000_000;
    let start = |argv: &[&str], flags| spawn("/bin/true", argv, &[], &[], flags).unwrap();
    let lives = start(&["t", "lives"], NEW_GROUP);
    let group = -i32::try_from(lives).unwrap();
    let other = start(&["t", "3"], 0);
    fails!(wait_for(group, 0, 1000), ETIMEDOUT);
    fails!(wait_for(lives as i32, 0, 0), ETIMEDOUT);
    assert_eq!(wait_for(group, NO_HANG, FOR_EVER), Ok([0; 3]));
    assert_eq!(wait_for(0, 0, SECOND), Ok([other, 0, 3]));
    fails!(wait_for(group - 1, 0, SECOND), ECHILD);
    fails!(wait_for(0, 2, SECOND), EINVAL);
    kill(group, 0).unwrap();
    fails!(wait_for(0, 0, 1000), ETIMEDOUT);
    kill(group, 9).unwrap();
    // Who plays the children ends those that are to die when another is started.
    let last = start(&["t", "0"], 0);
    assert_eq!(wait_for(group, 0, SECOND), Ok([lives, 1, 9]));
    assert_eq!(wait_for(last as i32, 0, FOR_EVER), Ok([last, 0, 0]));
}

/// All descriptors go on to a child that asks for them, but not the preopened directory.
fn inherited_descriptors(dir: Fd) {
    let [reader, writer] = pipe().unwrap();
    let copy = dup(writer, 50).unwrap();
    let pid = spawn("/bin/true", &["t", "descriptors"], &[], &[(1, writer)], INHERIT_ALL).unwrap();
    assert_eq!(wait(pid, 0), Ok([pid, 0, 0]));
    let mut buffer = [0; 256];
    let n = fd_read(reader, &mut [&mut buffer]).unwrap();
    let listed = String::from_utf8(buffer[..n].to_vec()).unwrap();
    let listed: Vec<u32> = listed.split_whitespace().map(|fd| fd.parse().unwrap()).collect();
    for fd in [0, 1, 2, dir, reader, writer, copy] {
        assert!(listed.contains(&fd), "{fd}");
    }
    assert!(!listed.contains(&ROOT));
    for fd in [reader, writer, copy] {
        fd_close(fd).unwrap();
    }
}
