//! `fd_readdir`: dots, inode numbers, buffers of all sizes, and cookies that hold while names come and go.

use super::*;

/// (cookie of the next, inode, type, name)
type Entry = (u64, u64, u8, String);

/// One call: the whole entries, and whether the buffer was filled.
fn step(dir: Fd, room: usize, cookie: u64) -> (Vec<Entry>, bool) {
    let mut buffer = vec![0; room];
    let used = fd_readdir(dir, &mut buffer, cookie).unwrap();
    let mut rest = &buffer[..used];
    let mut entries = Vec::new();
    while rest.len() >= 24 {
        let len = half(rest, 16) as usize;
        let Some(name) = rest.get(24..24 + len) else { break };
        entries.push((word(rest, 0), word(rest, 8), rest[20], String::from_utf8(name.to_vec()).unwrap()));
        rest = &rest[24 + len..];
    }
    (entries, used == room)
}

/// Reads as libraries do: a call that did not fill its buffer was the last; `after` each call something may happen.
fn read(dir: Fd, room: usize, mut after: impl FnMut(&[Entry])) -> Vec<Entry> {
    let (mut all, mut cookie) = (Vec::<Entry>::new(), 0);
    loop {
        let (entries, full) = step(dir, room, cookie);
        assert!(!full || !entries.is_empty(), "{room} bytes are room for one of these");
        cookie = entries.last().map_or(cookie, |entry| entry.0);
        after(&entries);
        all.extend(entries);
        if !full {
            return all;
        }
    }
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.3.as_str()).collect()
}

pub fn run(scratch: &str) {
    let root = open_scratch(scratch);
    path_create_directory(root, "dir").unwrap();
    let dir = path_open(root, 0, "dir", DIRECTORY, FD_READDIR | FD_FILESTAT_GET, 0, 0).unwrap();
    let own = Stat::of(fd_filestat_get(dir).unwrap()).ino;
    let above = Stat::of(fd_filestat_get(root).unwrap()).ino;
    let (empty, full) = step(dir, 256, 0);
    assert!(!full);
    assert_eq!(
        empty.iter().map(|(_, ino, kind, name)| (*ino, *kind, name.as_str())).collect::<Vec<_>>(),
        [(own, DIRECTORY_TYPE, "."), (above, DIRECTORY_TYPE, "..")]
    );

    for i in 0..200 {
        make(root, &format!("dir/file.{i:03}"), b"");
    }
    path_symlink("x", root, "dir/link").unwrap();
    let all = read(dir, 65536, |_| ());
    assert_eq!(all.len(), 203);
    for (_, ino, kind, name) in &all[2..] {
        let stat = Stat::of(path_filestat_get(root, 0, &format!("dir/{name}")).unwrap());
        assert_eq!((*ino, *kind), (stat.ino, stat.filetype), "{name}");
    }
    for room in [36, 37, 48, 64, 100, 256, 4096] {
        assert_eq!(read(dir, room, |_| ()), all, "{room}");
    }
    // From the middle, twice.
    let (rest, _) = step(dir, 65536, all[100].0);
    assert_eq!(rest, all[101..]);
    assert_eq!(step(dir, 65536, all[100].0).0, rest);
    assert_eq!(fd_readdir(dir, &mut [], 0), Ok(0));
    assert_eq!(step(dir, 100, u64::MAX).0, []);

    // Names that stay are told once, whatever is added or removed meanwhile.
    let mut n = 0;
    let seen = read(dir, 100, |entries| {
        for (_, _, kind, name) in entries {
            if *kind == REGULAR_FILE && name.starts_with("file.") && name.ends_with('5') {
                path_unlink_file(root, &format!("dir/{name}")).unwrap();
            }
        }
        make(root, &format!("dir/added.{n:03}"), b"");
        n += 1;
    });
    let seen = names(&seen);
    for (.., name) in &all[2..] {
        assert_eq!(seen.iter().filter(|one| *one == name).count(), 1, "{name}");
    }
    descriptors_as_entries();
    fails!(fd_readdir(0, &mut [0; 64], 0), ENOTDIR);
    fails!(fd_readdir(77, &mut [0; 64], 0), EBADF);
}

/// /dev/fd: its entries are the descriptors, whichever are opened and closed meanwhile.
fn descriptors_as_entries() {
    let own = path_open(ROOT, 0, "dev/fd", DIRECTORY, FD_READDIR, 0, 0).unwrap();
    let opened = [(); 20].map(|()| path_open(ROOT, 0, ".", 0, 0, 0, 0).unwrap());
    let all = read(own, 4096, |_| ());
    assert_eq!(names(&all)[..5], [".", "..", "0", "1", "2"]);
    let mut close = opened[..10].iter();
    let seen = read(own, 60, |_| close.next().map_or((), |fd| fd_close(*fd).unwrap()));
    for fd in &opened[10..] {
        assert!(names(&seen).contains(&fd.to_string().as_str()), "{fd}");
    }
}
