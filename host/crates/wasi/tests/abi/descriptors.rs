//! `fd_*` calls about descriptors themselves.

use base::Errno;
use kernel::{At, OpenFlags};

use crate::fixture::{AT, CREATE, Fixture, OUT, Options, READ, ROOT_FD, WRITE, args};

const SEEK_TELL: u64 = 1 << 2 | 1 << 5;

/// File type, flags, and own rights of a descriptor.
fn fdstat(guest: &mut Fixture, fd: u32) -> (u8, u16, u64) {
    guest.ok("fd_fdstat_get", &args![fd, OUT]);
    (guest.u8(OUT), guest.u16(OUT + 2), guest.u64(OUT + 8))
}

#[test]
fn the_root_is_the_one_preopened_directory() {
    let mut guest = Fixture::new();
    guest.ok("fd_prestat_get", &args![ROOT_FD, OUT]);
    assert_eq!((guest.u8(OUT), guest.u32(OUT + 4)), (0, 1));
    guest.ok("fd_prestat_dir_name", &args![ROOT_FD, AT, 1u32]);
    assert_eq!(guest.get(AT, 2), b"/\0");
    guest.fails("fd_prestat_dir_name", &args![ROOT_FD, AT, 0u32], Errno::ENAMETOOLONG);
    for fd in [0u32, 4, u32::MAX] {
        guest.fails("fd_prestat_get", &args![fd, OUT], Errno::EBADF);
        guest.fails("fd_prestat_dir_name", &args![fd, AT, 1u32], Errno::EBADF);
    }
    guest.ok("fd_close", &args![ROOT_FD]);
    guest.fails("fd_prestat_get", &args![ROOT_FD, OUT], Errno::EBADF);
}

#[test]
fn an_inherited_descriptor_three_makes_room_for_the_root_and_stays_reachable() {
    let before = |process: &kernel::Process| {
        let flags = OpenFlags { write: true, create: true, ..OpenFlags::default() };
        assert_eq!(process.open(At::Root, b"tmp/inherited", flags, 0o644, 0), Ok(3));
        assert_eq!(process.dup(3, 7), Ok(7));
    };
    let mut guest = Fixture::with(Options { before, ..Options::default() });
    guest.ok("fd_prestat_get", &args![ROOT_FD, OUT]);
    guest.fails("fd_prestat_get", &args![7u32, OUT], Errno::EBADF);
    assert_eq!(fdstat(&mut guest, ROOT_FD).0, 3);
    let again = guest.open("dev/fd/3", 0, WRITE);
    assert_eq!(guest.write(again, b"one"), 3);
    assert_eq!(guest.write(7, b"two"), 3);
    assert_eq!(guest.content("tmp/inherited"), b"two");
    // Once closed, the number is free for what is opened next, and the inherited one is still not it.
    let directory = guest.open("tmp", 2, READ);
    guest.ok("fd_close", &args![ROOT_FD]);
    guest.fails("fd_fdstat_get", &args![ROOT_FD, OUT], Errno::EBADF);
    let [at, len] = guest.path("new");
    guest.ok("path_open", &args![directory, 0u32, at, len, CREATE, WRITE, 0u64, 0u32, OUT]);
    assert_eq!(guest.u32(OUT), ROOT_FD);
    assert_eq!(guest.write(ROOT_FD, b"new"), 3);
    assert_eq!((guest.content("tmp/new"), guest.content("tmp/inherited")), (b"new".to_vec(), b"two".to_vec()));
    guest.fails("fd_prestat_get", &args![ROOT_FD, OUT], Errno::EBADF);
}

#[test]
fn file_types_and_rights_are_what_isatty_and_fcntl_look_at() {
    let mut guest = Fixture::new();
    let (kind, flags, rights) = fdstat(&mut guest, ROOT_FD);
    assert_eq!((kind, flags, rights & (WRITE | SEEK_TELL)), (3, 0, 0));
    // The inheriting rights are what openat may ask for.
    assert_eq!(guest.u64(OUT + 16), (1 << 28) - 1);
    let (kind, _, rights) = fdstat(&mut guest, 1);
    assert_eq!((kind, rights & (READ | WRITE | SEEK_TELL)), (0, WRITE));
    let (kind, _, rights) = fdstat(&mut guest, 0);
    assert_eq!((kind, rights & (WRITE | SEEK_TELL)), (2, SEEK_TELL), "stdin is /dev/null, no terminal");
    let file = guest.open("tmp/f", CREATE, READ | WRITE);
    let (kind, _, rights) = fdstat(&mut guest, file);
    assert_eq!((kind, rights & (READ | WRITE | SEEK_TELL)), (4, READ | WRITE | SEEK_TELL));
    let read_only = guest.open("tmp/f", 0, READ);
    assert_eq!(fdstat(&mut guest, read_only).2 & (READ | WRITE), READ);
    guest.fails("fd_fdstat_get", &args![99u32, OUT], Errno::EBADF);
}

#[test]
fn flags_can_be_changed_and_are_told() {
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, WRITE);
    assert_eq!(guest.write(file, b"abc"), 3);
    guest.ok("fd_seek", &args![file, 0u64, 0u32, OUT]);
    guest.ok("fd_fdstat_set_flags", &args![file, 1u32 | 4]);
    assert_eq!(fdstat(&mut guest, file).1, 5);
    assert_eq!(guest.write(file, b"d"), 1);
    assert_eq!(guest.content("tmp/f"), b"abcd");
    guest.fails("fd_fdstat_set_flags", &args![file, 64u32], Errno::EINVAL);
    guest.fails("fd_fdstat_set_flags", &args![99u32, 0u32], Errno::EBADF);
}

#[test]
fn offsets_move_as_asked_and_stay_when_refused() {
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, READ | WRITE);
    assert_eq!(guest.write(file, b"hello"), 5);
    guest.ok("fd_seek", &args![file, -2i64, 2u32, OUT]);
    assert_eq!(guest.u64(OUT), 3);
    guest.ok("fd_seek", &args![file, -1i64, 1u32, OUT]);
    assert_eq!(guest.u64(OUT), 2);
    guest.fails("fd_seek", &args![file, -1i64, 0u32, OUT], Errno::EINVAL);
    guest.fails("fd_seek", &args![file, i64::MIN, 2u32, OUT], Errno::EINVAL);
    guest.fails("fd_seek", &args![file, 0i64, 3u32, OUT], Errno::EINVAL);
    guest.fails("fd_seek", &args![file, 0i64, 0u32, u32::MAX - 3], Errno::EFAULT);
    guest.ok("fd_tell", &args![file, OUT]);
    assert_eq!(guest.u64(OUT), 2);
    guest.fails("fd_seek", &args![1u32, 0i64, 1u32, OUT], Errno::ESPIPE);
    guest.fails("fd_tell", &args![99u32, OUT], Errno::EBADF);
}

#[test]
fn a_renumbered_descriptor_replaces_what_was_there() {
    let mut guest = Fixture::new();
    let one = guest.open("tmp/one", CREATE, WRITE);
    let two = guest.open("tmp/two", CREATE, WRITE);
    guest.ok("fd_renumber", &args![one, two]);
    guest.fails("fd_close", &args![one], Errno::EBADF);
    assert_eq!(guest.write(two, b"x"), 1);
    assert_eq!(guest.content("tmp/one"), b"x");
    guest.ok("fd_renumber", &args![two, two]);
    guest.fails("fd_renumber", &args![99u32, two], Errno::EBADF);
    guest.ok("fd_renumber", &args![two, ROOT_FD]);
    guest.fails("fd_prestat_get", &args![ROOT_FD, OUT], Errno::EBADF);
    assert_eq!(guest.write(ROOT_FD, b"y"), 1);
    assert_eq!(guest.content("tmp/one"), b"xy");
}

#[test]
fn syncing_and_advising_need_an_open_descriptor() {
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, WRITE);
    guest.ok("fd_sync", &args![file]);
    guest.ok("fd_datasync", &args![file]);
    guest.ok("fd_advise", &args![file, 0u64, 0u64, 5u32]);
    guest.fails("fd_advise", &args![file, 0u64, 0u64, 6u32], Errno::EINVAL);
    guest.fails("fd_advise", &args![1u32, 0u64, 0u64, 0u32], Errno::ESPIPE);
    guest.fails("fd_sync", &args![99u32], Errno::EBADF);
    guest.ok("fd_close", &args![file]);
    guest.fails("fd_close", &args![file], Errno::EBADF);
}
