//! File content: offsets, holes, lengths, limits.

use base::Errno;
use bytes::Bytes;
use sandshell_vfs::{CHUNK_BYTES, MAX_FILE_BYTES, ProgramTag, Tree};

use super::{LATER, NOW, ROOT, check, file, read, tree};

fn read_at(tree: &Tree, ino: sandshell_vfs::Ino, offset: u64, len: usize) -> Vec<u8> {
    let mut buf = vec![0xEE; len];
    let n = tree.read_at(ino, offset, &mut buf).unwrap();
    buf.truncate(n);
    buf
}

#[test]
fn reading_stops_at_the_end() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"0123456789");
    assert_eq!(read_at(&tree, ino, 7, 10), b"789");
    assert_eq!(read_at(&tree, ino, 10, 10), b"");
    assert_eq!(read_at(&tree, ino, u64::MAX, 10), b"");
}

#[test]
fn writing_beyond_the_end_leaves_a_hole_that_costs_nothing() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"");
    let far = 10 << 30;
    assert_eq!(tree.write_at(ino, far, b"end", LATER), Ok(3));
    let stat = tree.stat(ino).unwrap();
    assert_eq!((stat.size, stat.blocks_bytes, stat.mtime), (far + 3, 64 << 10, LATER));
    assert_eq!(tree.usage().bytes, 3);
    assert_eq!(read_at(&tree, ino, far - 2, 10), b"\0\0end");
    assert_eq!(read_at(&tree, ino, 5, 3), b"\0\0\0");
    check(&tree);
}

#[test]
fn a_file_grows_to_sixteen_gibibytes_and_no_further() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"");
    assert_eq!(tree.write_at(ino, MAX_FILE_BYTES - 2, b"abc", NOW), Ok(2));
    assert_eq!(tree.write_at(ino, MAX_FILE_BYTES, b"c", NOW), Err(Errno::EFBIG));
    assert_eq!(tree.write_at(ino, u64::MAX, b"c", NOW), Err(Errno::EFBIG));
    assert_eq!(tree.append(ino, b"c", NOW), Err(Errno::EFBIG));
    assert_eq!(tree.truncate(ino, MAX_FILE_BYTES + 1, NOW), Err(Errno::EFBIG));
    assert_eq!(tree.truncate(ino, MAX_FILE_BYTES, NOW), Ok(()));
    assert_eq!(tree.read_all(ino, 1 << 20), Err(Errno::EFBIG));
    tree.truncate(ino, 0, NOW).unwrap();
    assert_eq!(tree.usage().bytes, 0);
    check(&tree);
}

#[test]
fn appends_go_to_the_end_and_say_where() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"one");
    assert_eq!(tree.append(ino, b" two", NOW), Ok((3, 4)));
    tree.truncate(ino, 10, NOW).unwrap();
    assert_eq!(tree.append(ino, b"!", NOW), Ok((10, 1)));
    assert_eq!(read(&tree, "/f").as_deref(), Ok(&b"one two\0\0\0!"[..]));
}

#[test]
fn writing_nothing_changes_nothing() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"");
    let before = tree.stat(ino);
    assert_eq!(tree.write_at(ino, 100, b"", LATER), Ok(0));
    assert_eq!(tree.stat(ino), before);
}

#[test]
fn only_files_have_content() {
    let mut tree = tree();
    let dir = tree.mkdir(ROOT, b"/d", 0o755, NOW).unwrap();
    let link = tree.symlink(b"d", ROOT, b"/s", NOW).unwrap();
    for (ino, errno) in [(dir, Errno::EISDIR), (link, Errno::EINVAL)] {
        assert_eq!(tree.read_at(ino, 0, &mut [0]), Err(errno));
        assert_eq!(tree.write_at(ino, 0, b"x", NOW), Err(errno));
        assert_eq!(tree.truncate(ino, 0, NOW), Err(errno));
    }
    assert_eq!(tree.read_link(dir), Err(Errno::EINVAL));
}

#[test]
fn a_program_stops_being_one_when_its_content_changes() {
    let mut tree = tree();
    let image = Bytes::from_static(b"\0asm");
    let ino = tree.insert_static(ROOT, b"/ls", image, 0o755, NOW).unwrap();
    tree.set_program(ino, ProgramTag(3)).unwrap();
    tree.set_mode(ino, 0o700, NOW).unwrap();
    tree.rename(ROOT, b"/ls", ROOT, b"/dir", NOW).unwrap();
    tree.truncate(ino, 4, NOW).unwrap();
    assert_eq!(tree.program(ino), Some(ProgramTag(3)));
    let mut fork = tree.clone();
    fork.write_at(ino, 0, b"#", NOW).unwrap();
    assert_eq!((fork.program(ino), tree.program(ino)), (None, Some(ProgramTag(3))));
    tree.truncate(ino, 3, NOW).unwrap();
    assert_eq!(tree.program(ino), None);
    assert_eq!(tree.program(ROOT), None);
}

#[test]
fn holes_are_told_from_data() {
    const CHUNK: u64 = CHUNK_BYTES as u64;
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"");
    assert_eq!(tree.next_data(ino, 0), Ok(None));
    tree.write_at(ino, 10, b"first", NOW).unwrap();
    tree.write_at(ino, 3 * CHUNK, &[1; CHUNK_BYTES + 5], NOW).unwrap();
    tree.truncate(ino, 1 << 30, NOW).unwrap();
    assert_eq!(tree.next_data(ino, 0), Ok(Some(0..15)));
    assert_eq!(tree.next_data(ino, 12), Ok(Some(12..15)));
    assert_eq!(tree.next_data(ino, 15), Ok(Some(3 * CHUNK..4 * CHUNK + 5)));
    assert_eq!(tree.next_data(ino, 4 * CHUNK + 1), Ok(Some(4 * CHUNK + 1..4 * CHUNK + 5)));
    assert_eq!(tree.next_data(ino, 4 * CHUNK + 5), Ok(None));
    assert_eq!(tree.next_data(ino, u64::MAX), Ok(None));
    assert_eq!(tree.next_data(ROOT, 0), Err(Errno::EISDIR));
}
