//! The ledger: what is charged when, and what happens at a quota.

use base::{Errno, Limits};
use sandshell_vfs::{DIRECTORY_BYTES, Follow, INODE_BYTES, NAME_BYTES, Quota, Tree, TreeUsage};

use super::{NOW, ROOT, check, file, read};

fn limited(change: impl FnOnce(&mut Quota)) -> Tree {
    let mut quota = Quota::UNLIMITED;
    change(&mut quota);
    Tree::new(quota, NOW)
}

#[test]
fn a_session_gets_its_quota_from_its_limits() {
    let limits = Limits { max_files: Some(3), max_bytes: Some(4), ..Limits::default() };
    let quota = Quota::from(&limits);
    assert_eq!((quota.max_files, quota.max_bytes), (Some(3), Some(4)));
    assert_eq!((quota.inodes, quota.footprint_bytes), (limits.inodes, limits.footprint_bytes));
}

#[test]
fn the_footprint_is_inodes_names_targets_and_chunks() {
    let mut tree = limited(|_| {});
    tree.mkdir(ROOT, b"/dir", 0o755, NOW).unwrap();
    let root = INODE_BYTES + DIRECTORY_BYTES;
    let dir = root + NAME_BYTES + 3;
    assert_eq!(tree.usage(), TreeUsage { files: 1, bytes: 0, footprint: root + dir });
    tree.put_file(ROOT, b"/dir/f", &[0; 100], 0o644, NOW).unwrap();
    let file = INODE_BYTES + 128 + NAME_BYTES + 1;
    assert_eq!(tree.usage(), TreeUsage { files: 2, bytes: 100, footprint: root + dir + file });
    tree.symlink(b"dir/f", ROOT, b"/s", NOW).unwrap();
    let link = INODE_BYTES + 5 + NAME_BYTES + 1;
    assert_eq!(tree.usage(), TreeUsage { files: 3, bytes: 100, footprint: root + dir + file + link });
    check(&tree);
}

#[test]
fn one_file_too_many_is_refused_and_room_can_be_made() {
    let mut tree = limited(|quota| quota.max_files = Some(2));
    file(&mut tree, "/a", b"");
    file(&mut tree, "/b", b"");
    let before = tree.usage();
    assert_eq!(tree.create(ROOT, b"/c", 0o644, false, NOW), Err(Errno::EDQUOT));
    assert_eq!(tree.mkdir(ROOT, b"/c", 0o755, NOW), Err(Errno::EDQUOT));
    assert_eq!(tree.symlink(b"a", ROOT, b"/c", NOW), Err(Errno::EDQUOT));
    assert_eq!(tree.usage(), before);
    assert_eq!(tree.link(ROOT, b"/a", Follow::No, ROOT, b"/c", NOW), Ok(()));
    assert!(tree.put_file(ROOT, b"/b", b"replaced", 0o644, NOW).is_ok());
    tree.unlink(ROOT, b"/b", NOW).unwrap();
    assert!(tree.create(ROOT, b"/d", 0o644, false, NOW).is_ok());
    check(&tree);
}

#[test]
fn the_ceiling_on_inodes_is_no_space() {
    let mut tree = limited(|quota| quota.inodes = 1);
    file(&mut tree, "/a", b"");
    assert_eq!(tree.create(ROOT, b"/b", 0o644, false, NOW), Err(Errno::ENOSPC));
}

#[test]
fn a_write_is_short_when_only_a_part_fits() {
    let mut tree = limited(|quota| quota.max_bytes = Some(100_000));
    let ino = file(&mut tree, "/f", b"");
    assert_eq!(tree.write_at(ino, 0, &[1; 150_000], NOW), Ok(100_000));
    assert_eq!(tree.write_at(ino, 100_000, b"x", NOW), Err(Errno::EDQUOT));
    assert_eq!(tree.stat(ino).unwrap().size, 100_000);
    assert_eq!(tree.write_at(ino, 99_990, &[2; 20], NOW), Ok(10));
    assert_eq!(tree.write_at(ino, 0, &[3; 1000], NOW), Ok(1000));
    tree.truncate(ino, 50_000, NOW).unwrap();
    assert_eq!(tree.append(ino, &[4; 60_000], NOW), Ok((50_000, 50_000)));
    check(&tree);
}

#[test]
fn a_write_is_short_at_the_footprint_too() {
    let mut tree = limited(|quota| quota.footprint_bytes = 100_000);
    let ino = file(&mut tree, "/f", b"");
    let n = tree.write_at(ino, 0, &vec![1; 200_000], NOW).unwrap();
    assert_eq!(n, 65_536);
    assert_eq!(tree.write_at(ino, 65_536, b"x", NOW), Err(Errno::ENOSPC));
    assert!(tree.usage().footprint <= 100_000);
    check(&tree);
}

#[test]
fn what_processes_hold_counts_as_footprint() {
    let mut tree = limited(|quota| quota.footprint_bytes = 70_000);
    tree.charge(65_536).unwrap();
    assert_eq!(tree.charge(65_536), Err(Errno::ENOSPC));
    let full = tree.put_file(ROOT, b"/f", &[1; 5000], 0o644, NOW);
    assert_eq!(full, Err(Errno::ENOSPC));
    assert_eq!(tree.charged(), 65_536);
    tree.discharge(65_536);
    assert!(tree.put_file(ROOT, b"/f", &[1; 5000], 0o644, NOW).is_ok());
    check(&tree);
}

#[test]
fn a_lowered_quota_keeps_what_is_there_and_refuses_growth() {
    let mut tree = limited(|_| {});
    let ino = file(&mut tree, "/f", &[1; 1000]);
    tree.set_quota(Quota { max_bytes: Some(10), ..Quota::UNLIMITED });
    assert_eq!(tree.append(ino, b"x", NOW), Err(Errno::EDQUOT));
    assert_eq!(tree.write_at(ino, 0, b"x", NOW), Ok(1));
    tree.truncate(ino, 500, NOW).unwrap();
    tree.unlink(ROOT, b"/f", NOW).unwrap();
    assert_eq!(tree.usage().bytes, 0);
}

#[test]
fn an_open_file_is_charged_until_it_is_closed() {
    let mut tree = limited(|quota| quota.max_bytes = Some(1000));
    let ino = file(&mut tree, "/f", &[1; 800]);
    tree.retain(ino);
    tree.unlink(ROOT, b"/f", NOW).unwrap();
    let full = tree.put_file(ROOT, b"/g", &[1; 800], 0o644, NOW);
    assert_eq!(full, Err(Errno::EDQUOT));
    assert_eq!(tree.append(ino, &[1; 300], NOW), Ok((800, 200)));
    tree.release(ino);
    assert!(tree.put_file(ROOT, b"/g", &[1; 800], 0o644, NOW).is_ok());
    check(&tree);
}

#[test]
fn a_rename_that_does_not_fit_changes_nothing() {
    let mut tree = limited(|_| {});
    file(&mut tree, "/f", b"kept");
    tree.set_quota(Quota { footprint_bytes: tree.usage().footprint, ..Quota::UNLIMITED });
    let before = tree.version();
    assert_eq!(tree.rename(ROOT, b"/f", ROOT, b"/longer", NOW), Err(Errno::ENOSPC));
    assert_eq!(tree.version(), before);
    assert_eq!(read(&tree, "/f").as_deref(), Ok(&b"kept"[..]));
    assert_eq!(tree.rename(ROOT, b"/f", ROOT, b"/g", NOW), Ok(()));
    check(&tree);
}

#[test]
fn what_is_refused_for_the_footprint_tells_how_much_would_do() {
    let mut tree = limited(|quota| quota.footprint_bytes = 10_000);
    let ino = file(&mut tree, "/f", b"");
    assert_eq!(tree.take_shortage(), None);
    let fitting = tree.write_at(ino, 0, &[1; 50_000], NOW).unwrap();
    assert!(fitting < 50_000);
    let needed = tree.take_shortage().unwrap();
    assert_eq!(tree.take_shortage(), None, "it is told once");
    assert_eq!(tree.charge(u64::from(u32::MAX)), Err(Errno::ENOSPC));
    assert!(tree.take_shortage().is_some_and(|needed| needed > u64::from(u32::MAX)));
    tree.set_quota(Quota { footprint_bytes: needed, ..Quota::UNLIMITED });
    let rest = 50_000 - fitting;
    assert_eq!(tree.write_at(ino, fitting as u64, &vec![1; rest], NOW), Ok(rest));
    assert_eq!(tree.usage().footprint, needed);
    tree.set_quota(Quota { inodes: 1, ..Quota::UNLIMITED });
    assert_eq!(tree.mkdir(ROOT, b"/d", 0o755, NOW), Err(Errno::ENOSPC));
    assert_eq!(tree.take_shortage(), None, "more footprint would not have helped");
    check(&tree);
}

#[test]
fn memory_for_a_range_is_given_whole_or_not_at_all() {
    let mut tree = limited(|quota| quota.footprint_bytes = 190_000);
    let ino = file(&mut tree, "/f", b"");
    tree.write_at(ino, 70_000, b"far", NOW).unwrap();
    let before = tree.usage();
    assert_eq!(tree.allocate(ino, 0, 16 << 30, NOW), Err(Errno::ENOSPC));
    assert_eq!(tree.allocate(ino, 0, 190_000, NOW), Err(Errno::ENOSPC));
    assert_eq!(tree.usage(), before);
    // The chunk of the three bytes is whole already.
    tree.allocate(ino, 65_536, 65_536, NOW).unwrap();
    assert_eq!((tree.usage().footprint, tree.usage().bytes), (before.footprint, 65_536));
    tree.allocate(ino, 0, 100_000, NOW).unwrap();
    assert_eq!(tree.usage().bytes, 131_072);
    check(&tree);
}
