//! `wasi_unstable`: what programs of 2019 import, with its own `whence`, `filestat` and `subscription`.

use crate::p1::unstable as old;
use crate::p1::*;

use super::fails;

const CURRENT: u32 = 0;
const END: u32 = 1;
const SET: u32 = 2;

pub fn run(scratch: &str) {
    let dir = process(scratch);
    files(dir);
    paths(dir);
    polling();
    assert_eq!(old::proc_raise(0), Ok(()));
    old::proc_exit(42)
}

/// What is as in preview 1; answers the directory to work in.
fn process(scratch: &str) -> Fd {
    assert_eq!(old::args().unwrap()[0], b"unstable");
    assert_eq!(old::environ().unwrap().len(), 2);
    assert!(old::clock_res_get(1).unwrap() > 0 && old::clock_time_get(0).unwrap() > 0);
    old::random_get(&mut [0; 8]).unwrap();
    old::sched_yield().unwrap();
    assert_eq!(old::fd_prestat_get(ROOT), Ok((0, 1)));
    let mut name = [0];
    old::fd_prestat_dir_name(ROOT, &mut name).unwrap();
    assert_eq!(&name, b"/");
    fails!(old::sock_recv(0, &mut [&mut [0; 4]]), ENOTSOCK);
    fails!(old::sock_send(1, &[b"x"]), ENOTSOCK);
    fails!(old::sock_shutdown(1, 1), ENOTSOCK);
    let rights = old::fd_fdstat_get(ROOT).unwrap();
    let relative = match scratch.trim_start_matches('/') {
        "" => ".",
        below => below,
    };
    old::path_open(ROOT, 0, relative, DIRECTORY, rights.base, rights.inheriting, 0).unwrap()
}

fn files(dir: Fd) {
    let fd = old::path_open(dir, 0, "file", CREAT, u64::MAX, 0, 0).unwrap();
    assert_eq!(old::fd_write(fd, &[b"0123456789"]), Ok(10));
    assert_eq!(old::fd_seek(fd, 0, CURRENT), Ok(10));
    assert_eq!(old::fd_seek(fd, -4, END), Ok(6));
    assert_eq!(old::fd_seek(fd, -2, CURRENT), Ok(4));
    assert_eq!(old::fd_seek(fd, 3, SET), Ok(3));
    fails!(old::fd_seek(fd, 0, 3), EINVAL);
    assert_eq!(old::fd_tell(fd), Ok(3));
    let mut buffer = [0; 4];
    assert_eq!((old::fd_read(fd, &mut [&mut buffer]), &buffer), (Ok(4), b"3456"));
    assert_eq!((old::fd_pread(fd, &mut [&mut buffer], 8), &buffer[..2]), (Ok(2), &b"89"[..]));
    assert_eq!(old::fd_pwrite(fd, &[b"x"], 0), Ok(1));
    old::fd_advise(fd, 0, 1, 0).unwrap();
    old::fd_allocate(fd, 0, 20).unwrap();
    old::fd_sync(fd).unwrap();
    old::fd_datasync(fd).unwrap();
    old::fd_fdstat_set_flags(fd, APPEND).unwrap();
    old::fd_filestat_set_times(fd, 11, 22, ATIM | MTIM).unwrap();
    old::path_link(dir, 0, "file", dir, "hard").unwrap();
    check_filestat(&old::fd_filestat_get(fd).unwrap(), fd);
    check_filestat(&old::path_filestat_get(dir, 0, "hard").unwrap(), fd);
    old::fd_filestat_set_size(fd, 7).unwrap();
    old::fd_fdstat_set_rights(fd, FD_READ, 0).unwrap();
    fails!(old::fd_write(fd, &[b"x"]), ENOTCAPABLE);
    let other = old::path_open(dir, 0, "hard", 0, FD_READ, 0, 0).unwrap();
    old::fd_renumber(other, fd).unwrap();
    old::fd_close(fd).unwrap();
    fails!(old::fd_close(other), EBADF);
}

/// 56 bytes: the count of links has 32 bits, right after the type.
fn check_filestat(bytes: &Filestat, fd: Fd) {
    let now = Stat::of(preview1::fd_filestat_get(fd).unwrap());
    assert!(bytes[56..].iter().all(|byte| *byte == UNWRITTEN));
    assert_eq!((word(bytes, 0), word(bytes, 8)), (now.dev, now.ino));
    assert_eq!((bytes[16], half(bytes, 20)), (REGULAR_FILE, 2));
    assert_eq!([24, 32, 40, 48].map(|at| word(bytes, at)), [20, 11, 22, now.ctim]);
}

fn paths(dir: Fd) {
    old::path_create_directory(dir, "sub").unwrap();
    old::path_rename(dir, "sub", dir, "moved").unwrap();
    old::path_symlink("moved", dir, "link").unwrap();
    let mut buffer = [0; 8];
    assert_eq!((old::path_readlink(dir, "link", &mut buffer), &buffer[..5]), (Ok(5), &b"moved"[..]));
    old::path_filestat_set_times(dir, FOLLOW, "link", (0, 5), MTIM).unwrap();
    let mut entries = [0; 256];
    let used = old::fd_readdir(dir, &mut entries, 0).unwrap();
    assert!(used > 48);
    assert_eq!((half(&entries, 16), entries[20], entries[24]), (1, DIRECTORY_TYPE, b'.'));
    old::path_unlink_file(dir, "link").unwrap();
    old::path_remove_directory(dir, "moved").unwrap();
}

/// Subscriptions of 56 bytes: an identifier comes before the clock's.
fn polling() {
    let mut clock = vec![0; 56];
    clock[0] = 5;
    clock[16] = 99;
    clock[24] = 1;
    clock[32] = 1;
    let mut write = vec![0; 56];
    (write[0], write[8], write[16]) = (6, 2, 1);
    let events = old::poll_oneoff(&[write]).unwrap();
    assert_eq!((events.len(), events[0][0], events[0][10]), (1, 6, 2));
    let events = old::poll_oneoff(&[clock]).unwrap();
    assert_eq!((events.len(), word(&events[0], 0), events[0][8], events[0][10]), (1, 5, 0, 0));
    fails!(old::poll_oneoff(&[]), EINVAL);
}
