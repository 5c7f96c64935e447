//! `path_*` and `*_filestat_*` calls.

use base::Errno;

use crate::fixture::{AT, Arg, CREATE, Fixture, OUT, READ, ROOT_FD, START, WRITE, args};

const NO_FOLLOW: u32 = 0;
const FOLLOW: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCLUSIVE: u32 = 4;
const TRUNCATE: u32 = 8;

/// Puts two paths and answers their arguments.
fn two(guest: &mut Fixture, one: &str, other: &str) -> [Arg; 4] {
    let len = |text: &str| u32::try_from(text.len()).expect("short");
    guest.put(AT, one.as_bytes());
    guest.put(AT + 256, other.as_bytes());
    args![AT, len(one), AT + 256, len(other)]
}

fn open_errno(guest: &mut Fixture, path: &str, lookup: u32, oflags: u32, rights: u64) -> u32 {
    let [at, len] = guest.path(path);
    guest.call("path_open", &args![ROOT_FD, lookup, at, len, oflags, rights, 0u64, 0u32, OUT])
}

/// File type, links and size.
fn stat(guest: &mut Fixture, path: &str, lookup: u32) -> (u8, u64, u64) {
    let [at, len] = guest.path(path);
    guest.ok("path_filestat_get", &args![ROOT_FD, lookup, at, len, OUT]);
    (guest.u8(OUT + 16), guest.u64(OUT + 24), guest.u64(OUT + 32))
}

#[test]
fn open_flags_mean_what_posix_says() {
    let mut guest = Fixture::new();
    let missing = open_errno(&mut guest, "tmp/f", FOLLOW, 0, READ);
    assert_eq!(missing, u32::from(Errno::ENOENT.wasi()));
    let file = guest.open("tmp/f", CREATE | EXCLUSIVE, WRITE);
    assert_eq!(guest.write(file, b"hello"), 5);
    let check = |guest: &mut Fixture, oflags: u32, errno: Errno| {
        assert_eq!(open_errno(guest, "tmp/f", FOLLOW, oflags, WRITE), u32::from(errno.wasi()), "{oflags}");
    };
    check(&mut guest, CREATE | EXCLUSIVE, Errno::EEXIST);
    check(&mut guest, DIRECTORY, Errno::ENOTDIR);
    check(&mut guest, 1 << 4, Errno::EINVAL);
    guest.open("tmp/f", TRUNCATE, WRITE);
    assert_eq!(stat(&mut guest, "tmp/f", FOLLOW), (4, 1, 0));
    assert_eq!(open_errno(&mut guest, "tmp", FOLLOW, 0, WRITE), u32::from(Errno::EISDIR.wasi()));
    let directory = guest.open("tmp", DIRECTORY, READ);
    let [at, len] = guest.path("f");
    guest.ok("path_open", &args![directory, FOLLOW, at, len, 0u32, READ, 0u64, 0u32, OUT]);
    let [at, len] = guest.path("f");
    guest.fails("path_open", &args![1u32, FOLLOW, at, len, 0u32, READ, 0u64, 0u32, OUT], Errno::ENOTDIR);
    guest.fails("path_open", &args![77u32, FOLLOW, at, len, 0u32, READ, 0u64, 0u32, OUT], Errno::EBADF);
    guest.fails("path_open", &args![ROOT_FD, FOLLOW, at, 4097u32, 0u32, READ, 0u64, 0u32, OUT], Errno::ENAMETOOLONG);
}

#[test]
fn an_open_whose_answer_has_no_place_opens_nothing() {
    let mut guest = Fixture::new();
    let before = guest.process.open_fds();
    let [at, len] = guest.path("tmp/new");
    guest.fails("path_open", &args![ROOT_FD, FOLLOW, at, len, CREATE, WRITE, 0u64, 0u32, u32::MAX], Errno::EFAULT);
    assert_eq!(guest.process.open_fds(), before);
    assert_eq!(open_errno(&mut guest, "tmp/new", FOLLOW, 0, READ), u32::from(Errno::ENOENT.wasi()));
}

#[test]
fn a_path_cannot_leave_the_root() {
    let mut guest = Fixture::new();
    guest.open("tmp/f", CREATE, WRITE);
    assert_eq!(stat(&mut guest, "../../tmp/../tmp/./f", FOLLOW), (4, 1, 0));
    assert_eq!(stat(&mut guest, "..", FOLLOW).0, 3);
}

#[test]
fn links_are_followed_when_asked() {
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, WRITE);
    assert_eq!(guest.write(file, b"hello"), 5);
    let [target, target_len, path, len] = two(&mut guest, "f", "tmp/link");
    guest.ok("path_symlink", &args![target, target_len, ROOT_FD, path, len]);
    assert_eq!(stat(&mut guest, "tmp/link", FOLLOW), (4, 1, 5));
    assert_eq!(stat(&mut guest, "tmp/link", NO_FOLLOW), (7, 1, 1));
    assert_eq!(open_errno(&mut guest, "tmp/link", NO_FOLLOW, 0, READ), u32::from(Errno::ELOOP.wasi()));
    let [at, len] = guest.path("tmp/link");
    guest.ok("path_readlink", &args![ROOT_FD, at, len, AT + 8192, 16u32, OUT]);
    assert_eq!((guest.u32(OUT), guest.get(AT + 8192, 2)), (1, b"f\0".to_vec()));
    guest.ok("path_readlink", &args![ROOT_FD, at, len, AT + 8192, 0u32, OUT]);
    assert_eq!(guest.u32(OUT), 0);
    let [at, len] = guest.path("tmp/f");
    guest.fails("path_readlink", &args![ROOT_FD, at, len, AT + 8192, 16u32, OUT], Errno::EINVAL);
    let [old, old_len, new, new_len] = two(&mut guest, "tmp/f", "tmp/hard");
    guest.ok("path_link", &args![ROOT_FD, NO_FOLLOW, old, old_len, ROOT_FD, new, new_len]);
    assert_eq!(stat(&mut guest, "tmp/hard", FOLLOW), (4, 2, 5));
}

#[test]
fn directories_and_files_are_made_renamed_and_removed() {
    let mut guest = Fixture::new();
    let [at, len] = guest.path("tmp/d");
    guest.ok("path_create_directory", &args![ROOT_FD, at, len]);
    guest.fails("path_create_directory", &args![ROOT_FD, at, len], Errno::EEXIST);
    guest.fails("path_unlink_file", &args![ROOT_FD, at, len], Errno::EISDIR);
    guest.open("tmp/d/f", CREATE, WRITE);
    let [at, len] = guest.path("tmp/d");
    guest.fails("path_remove_directory", &args![ROOT_FD, at, len], Errno::ENOTEMPTY);
    let [old, old_len, new, new_len] = two(&mut guest, "tmp/d/f", "tmp/g");
    guest.ok("path_rename", &args![ROOT_FD, old, old_len, ROOT_FD, new, new_len]);
    guest.fails("path_rename", &args![ROOT_FD, old, old_len, ROOT_FD, new, new_len], Errno::ENOENT);
    let [at, len] = guest.path("tmp/d");
    guest.ok("path_remove_directory", &args![ROOT_FD, at, len]);
    let [at, len] = guest.path("tmp/g");
    guest.fails("path_remove_directory", &args![ROOT_FD, at, len], Errno::ENOTDIR);
    guest.ok("path_unlink_file", &args![ROOT_FD, at, len]);
    guest.fails("path_unlink_file", &args![ROOT_FD, at, len], Errno::ENOENT);
}

#[test]
fn new_files_and_directories_get_the_usual_modes_less_the_umask() {
    let mut guest = Fixture::new();
    guest.open("tmp/f", CREATE, WRITE);
    let [at, len] = guest.path("tmp/d");
    guest.ok("path_create_directory", &args![ROOT_FD, at, len]);
    for (path, mode) in [("/tmp/f", 0o100_644), ("/tmp/d", 0o040_755)] {
        let [at, len] = guest.path(path);
        guest.ok("stat", &args![at, len, 1u32, OUT]);
        assert_eq!(guest.u32(OUT + 8), mode, "{path}");
    }
}

#[test]
fn sizes_and_times_are_set_and_told() {
    const ATIM: u32 = 1;
    const ATIM_NOW: u32 = 2;
    const MTIM: u32 = 4;
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, READ | WRITE);
    guest.ok("fd_filestat_set_size", &args![file, 100u64]);
    assert_eq!(stat(&mut guest, "tmp/f", FOLLOW), (4, 1, 100));
    guest.ok("fd_filestat_set_times", &args![file, 11u64, 22u64, ATIM | MTIM]);
    guest.ok("fd_filestat_get", &args![file, OUT]);
    assert_eq!((guest.u64(OUT + 40), guest.u64(OUT + 48), guest.u64(OUT + 56)), (11, 22, START.0));
    let [at, len] = guest.path("tmp/f");
    guest.ok("path_filestat_set_times", &args![ROOT_FD, FOLLOW, at, len, 0u64, 0u64, ATIM_NOW]);
    guest.ok("fd_filestat_get", &args![file, OUT]);
    assert_eq!((guest.u64(OUT + 40), guest.u64(OUT + 48)), (START.0, 22));
    guest.fails("fd_filestat_set_times", &args![file, 0u64, 0u64, ATIM | ATIM_NOW], Errno::EINVAL);
    let read_only = guest.open("tmp/f", 0, READ);
    guest.fails("fd_filestat_set_size", &args![read_only, 1u64], Errno::EBADF);
    guest.fails("fd_filestat_set_size", &args![file, u64::MAX], Errno::EFBIG);
}
