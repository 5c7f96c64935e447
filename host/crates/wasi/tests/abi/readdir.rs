//! `fd_readdir` with buffers of all sizes.

use base::Errno;
use vfs::{Follow, Ino};

use crate::fixture::{AT, Fixture, MEMORY, OUT, READ, ROOT_FD, START, args};

const BUFFER: u32 = 8192;

/// Makes `n` files in /tmp and opens it.
fn directory(guest: &mut Fixture, n: usize) -> u32 {
    let tmp = guest.kernel.with_tree(|tree| tree.lookup(Ino::ROOT, b"tmp", Follow::Yes)).expect("the fixture has it");
    for i in 0..n {
        let name = format!("file-{i:03}");
        guest.kernel.change_tree(|tree| tree.create(tmp, name.as_bytes(), 0o644, true, START)).expect("room");
    }
    guest.open("tmp", 2, READ)
}

/// One call: the whole entries (cookie, type, name) and whether the buffer was filled.
fn step(guest: &mut Fixture, fd: u32, len: u32, cookie: u64) -> (Vec<(u64, u8, String)>, bool) {
    guest.ok("fd_readdir", &args![fd, BUFFER, len, cookie, OUT]);
    let used = guest.u32(OUT);
    let bytes = guest.get(BUFFER, used);
    let mut rest = &bytes[..];
    let mut entries = Vec::new();
    while rest.len() >= 24 {
        let next = u64::from_le_bytes(rest[..8].try_into().expect("eight"));
        let name_len = u32::from_le_bytes(rest[16..20].try_into().expect("four")) as usize;
        let Some(name) = rest.get(24..24 + name_len) else { break };
        entries.push((next, rest[20], String::from_utf8(name.to_vec()).expect("ASCII")));
        rest = &rest[24 + name_len..];
    }
    (entries, used == len)
}

/// Reads a directory as wasi-libc does: from the last whole entry's cookie until a buffer is not filled.
fn read_all(guest: &mut Fixture, fd: u32, len: u32) -> Vec<String> {
    let mut names = Vec::new();
    let mut cookie = 0;
    loop {
        let (entries, full) = step(guest, fd, len, cookie);
        if let Some(last) = entries.last() {
            cookie = last.0;
        }
        names.extend(entries.into_iter().map(|entry| entry.2));
        if !full {
            return names;
        }
    }
}

#[test]
fn a_directory_is_the_same_through_buffers_of_all_sizes() {
    let mut guest = Fixture::new();
    let fd = directory(&mut guest, 40);
    let whole = read_all(&mut guest, fd, 65_536);
    assert_eq!(whole.len(), 42);
    assert_eq!(&whole[..3], [".", "..", "file-000"]);
    for len in [32, 33, 40, 64, 100, 4096] {
        assert_eq!(read_all(&mut guest, fd, len), whole, "{len}");
    }
}

#[test]
fn a_large_directory_fits_a_large_buffer_in_one_call() {
    let mut guest = Fixture::new();
    let fd = directory(&mut guest, 1000);
    let (entries, full) = step(&mut guest, fd, 100_000, 0);
    assert_eq!((entries.len(), full), (1002, false));
}

#[test]
fn a_cookie_goes_on_after_its_name_though_entries_go_away() {
    let mut guest = Fixture::new();
    let fd = directory(&mut guest, 30);
    let mut removed = 0;
    let mut cookie = 0;
    loop {
        let (entries, full) = step(&mut guest, fd, 100, cookie);
        for (next, kind, name) in entries {
            cookie = next;
            if kind == 4 {
                let [at, len] = guest.path(&format!("tmp/{name}"));
                guest.ok("path_unlink_file", &args![ROOT_FD, at, len]);
                removed += 1;
            }
        }
        if !full {
            break;
        }
    }
    assert_eq!(removed, 30);
    let [at, len] = guest.path("tmp");
    guest.ok("path_remove_directory", &args![ROOT_FD, at, len]);
}

#[test]
fn what_is_no_directory_or_no_place_is_refused() {
    let mut guest = Fixture::new();
    let fd = directory(&mut guest, 1);
    guest.fails("fd_readdir", &args![0u32, BUFFER, 100u32, 0u64, OUT], Errno::ENOTDIR);
    guest.fails("fd_readdir", &args![99u32, BUFFER, 100u32, 0u64, OUT], Errno::EBADF);
    guest.fails("fd_readdir", &args![fd, MEMORY - 50, 100u32, 0u64, OUT], Errno::EFAULT);
    guest.fails("fd_readdir", &args![fd, AT, u32::MAX, 0u64, OUT], Errno::EFAULT);
    guest.ok("fd_readdir", &args![fd, AT, 0u32, 0u64, OUT]);
    assert_eq!(guest.u32(OUT), 0);
    guest.ok("fd_readdir", &args![fd, AT, 100u32, u64::MAX, OUT]);
    assert_eq!(guest.u32(OUT), 0);
}
