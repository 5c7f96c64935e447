//! Names and inodes: links, rename, unlink while open, listings, attributes.

use base::{Errno, Timestamp};
use sandshell_vfs::{Follow, Ino, Kind, Tree};

use super::{LATER, NOW, ROOT, check, file, paths, read, tree};

#[test]
fn hard_links_share_one_file_until_the_last_is_gone() {
    let mut tree = tree();
    let ino = file(&mut tree, "/a", b"one");
    tree.link(ROOT, b"/a", Follow::No, ROOT, b"/b", LATER).unwrap();
    assert_eq!((tree.stat(ino).unwrap().nlink, tree.stat(ino).unwrap().ctime), (2, LATER));
    tree.append(ino, b" two", NOW).unwrap();
    tree.unlink(ROOT, b"/a", NOW).unwrap();
    assert_eq!(read(&tree, "/b").as_deref(), Ok(&b"one two"[..]));
    tree.unlink(ROOT, b"/b", NOW).unwrap();
    assert_eq!(tree.stat(ino), Err(Errno::ENOENT));
    check(&tree);
}

#[test]
fn a_directory_takes_no_hard_link_and_a_symbolic_link_takes_one() {
    let mut tree = tree();
    tree.mkdir(ROOT, b"/d", 0o755, NOW).unwrap();
    tree.symlink(b"d", ROOT, b"/s", NOW).unwrap();
    assert_eq!(tree.link(ROOT, b"/d", Follow::No, ROOT, b"/e", NOW), Err(Errno::EPERM));
    assert_eq!(tree.link(ROOT, b"/s", Follow::Yes, ROOT, b"/e", NOW), Err(Errno::EPERM));
    tree.link(ROOT, b"/s", Follow::No, ROOT, b"/t", NOW).unwrap();
    let link = tree.lookup(ROOT, b"/t", Follow::No).unwrap();
    assert_eq!(tree.read_link(link).as_deref(), Ok(&b"d"[..]));
    assert_eq!((tree.stat(link).unwrap().nlink, tree.stat(link).unwrap().size), (2, 1));
}

#[test]
fn an_unlinked_file_lives_until_its_last_close() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"kept");
    tree.retain(ino);
    tree.retain(ino);
    tree.unlink(ROOT, b"/f", LATER).unwrap();
    assert_eq!(paths(&tree), ["/"]);
    assert_eq!(tree.stat(ino).unwrap().nlink, 0);
    tree.append(ino, b" and grown", NOW).unwrap();
    assert_eq!(tree.read_all(ino, 100).as_deref(), Ok(&b"kept and grown"[..]));
    check(&tree);
    tree.release(ino);
    assert_eq!(tree.usage().bytes, 14);
    tree.release(ino);
    assert_eq!(tree.stat(ino), Err(Errno::ENOENT));
    assert_eq!((tree.usage().files, tree.usage().bytes), (0, 0));
    check(&tree);
}

#[test]
fn a_copy_of_the_tree_does_not_keep_what_is_only_open() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"kept");
    tree.retain(ino);
    tree.unlink(ROOT, b"/f", NOW).unwrap();
    tree.charge(1000).unwrap();
    let copy = tree.clone();
    assert_eq!(copy.stat(ino), Err(Errno::ENOENT));
    assert_eq!((copy.usage().files, copy.charged()), (0, 0));
    check(&copy);
    assert_eq!((tree.usage().files, tree.charged()), (1, 1000));
}

#[test]
fn a_removed_directory_that_is_open_can_be_left_but_not_filled() {
    let mut tree = tree();
    let dir = tree.mkdir(ROOT, b"/d", 0o755, NOW).unwrap();
    tree.retain(dir);
    tree.rmdir(ROOT, b"/d", NOW).unwrap();
    assert_eq!(tree.path_of(dir), Err(Errno::ENOENT));
    assert_eq!(tree.lookup(dir, b"..", Follow::Yes), Ok(ROOT));
    assert_eq!(tree.create(dir, b"f", 0o644, false, NOW), Err(Errno::ENOENT));
    assert_eq!(tree.mkdir(dir, b"e", 0o755, NOW), Err(Errno::ENOENT));
    file(&mut tree, "/f", b"");
    assert_eq!(tree.rename(ROOT, b"/f", dir, b"f", NOW), Err(Errno::ENOENT));
    assert_eq!(tree.read_dir(dir, None, 10), Ok(Vec::new()));
    tree.release(dir);
    assert_eq!(tree.lookup(dir, b"..", Follow::Yes), Err(Errno::ENOENT));
    check(&tree);
}

#[test]
fn rename_replaces_only_what_may_be_replaced() {
    let mut tree = tree();
    file(&mut tree, "/dir/sub/f", b"1");
    file(&mut tree, "/file", b"2");
    tree.mkdir(ROOT, b"/empty", 0o755, NOW).unwrap();
    let cases: [(&str, &str, Errno); 13] = [
        ("/dir", "/dir/sub/x", Errno::EINVAL),
        ("/dir", "/dir/x", Errno::EINVAL),
        ("/empty", "/dir", Errno::ENOTEMPTY),
        ("/dir/sub", "/dir", Errno::ENOTEMPTY),
        ("/dir/sub/f", "/dir", Errno::ENOTEMPTY),
        ("/file", "/empty", Errno::EISDIR),
        ("/dir", "/file", Errno::ENOTDIR),
        ("/none", "/file", Errno::ENOENT),
        ("/file", "/none/x", Errno::ENOENT),
        ("/file/", "/x", Errno::ENOTDIR),
        ("/file", "/x/", Errno::ENOTDIR),
        ("/dir/.", "/x", Errno::EBUSY),
        ("/", "/x", Errno::EBUSY),
    ];
    let before = paths(&tree);
    for (old, new, errno) in cases {
        assert_eq!(tree.rename(ROOT, old.as_bytes(), ROOT, new.as_bytes(), NOW), Err(errno), "{old} {new}");
    }
    assert_eq!(paths(&tree), before);
    tree.rename(ROOT, b"/dir", ROOT, b"/empty", NOW).unwrap();
    tree.rename(ROOT, b"/file", ROOT, b"/empty/sub/f", NOW).unwrap();
    assert_eq!(paths(&tree), ["/", "/empty", "/empty/sub", "/empty/sub/f"]);
    assert_eq!(read(&tree, "/empty/sub/f").as_deref(), Ok(&b"2"[..]));
    check(&tree);
}

#[test]
fn renaming_between_two_names_of_one_file_does_nothing() {
    let mut tree = tree();
    file(&mut tree, "/a", b"");
    tree.link(ROOT, b"/a", Follow::No, ROOT, b"/b", NOW).unwrap();
    tree.rename(ROOT, b"/a", ROOT, b"/b", NOW).unwrap();
    tree.rename(ROOT, b"/a", ROOT, b"/a", NOW).unwrap();
    assert_eq!(paths(&tree), ["/", "/a", "/b"]);
}

#[test]
fn a_file_replaced_while_open_is_kept_for_who_has_it() {
    let mut tree = tree();
    let old = file(&mut tree, "/f", b"old");
    tree.retain(old);
    file(&mut tree, "/g", b"new");
    tree.rename(ROOT, b"/g", ROOT, b"/f", NOW).unwrap();
    assert_eq!(tree.read_all(old, 10).as_deref(), Ok(&b"old"[..]));
    tree.put_file(ROOT, b"/f", b"newest", 0o600, NOW).unwrap();
    assert_eq!(read(&tree, "/f").as_deref(), Ok(&b"newest"[..]));
    check(&tree);
    tree.release(old);
    assert_eq!(tree.usage().files, 1);
    check(&tree);
}

#[test]
fn putting_a_file_replaces_a_link_and_does_not_follow_it() {
    let mut tree = tree();
    file(&mut tree, "/secret", b"keep");
    tree.symlink(b"/secret", ROOT, b"/rc", NOW).unwrap();
    file(&mut tree, "/rc", b"new");
    assert_eq!(read(&tree, "/secret").as_deref(), Ok(&b"keep"[..]));
    assert_eq!(tree.put_file(ROOT, b"/", b"", 0o644, NOW), Err(Errno::EISDIR));
    check(&tree);
}

#[test]
fn removing_says_what_is_in_the_way() {
    let mut tree = tree();
    file(&mut tree, "/d/f", b"");
    tree.symlink(b"d", ROOT, b"/s", NOW).unwrap();
    assert_eq!(tree.unlink(ROOT, b"/d", NOW), Err(Errno::EISDIR));
    assert_eq!(tree.unlink(ROOT, b"/d/f/", NOW), Err(Errno::ENOTDIR));
    assert_eq!(tree.unlink(ROOT, b"/s/", NOW), Err(Errno::ENOTDIR));
    let cases = [
        ("/d", Errno::ENOTEMPTY),
        ("/d/f", Errno::ENOTDIR),
        ("/s", Errno::ENOTDIR),
        ("/d/.", Errno::EINVAL),
        ("/d/..", Errno::ENOTEMPTY),
        ("/", Errno::EBUSY),
        ("/none", Errno::ENOENT),
    ];
    for (path, errno) in cases {
        assert_eq!(tree.rmdir(ROOT, path.as_bytes(), NOW), Err(errno), "{path}");
    }
    tree.unlink(ROOT, b"/d/f", NOW).unwrap();
    tree.rmdir(ROOT, b"/d/", NOW).unwrap();
    tree.unlink(ROOT, b"/s", NOW).unwrap();
    assert_eq!(paths(&tree), ["/"]);
    assert_eq!(tree.usage().files, 0);
}

#[test]
fn a_directory_counts_itself_and_its_subdirectories() {
    let mut tree = tree();
    let nlink = |tree: &sandshell_vfs::Tree, path: &[u8]| {
        tree.stat(tree.lookup(ROOT, path, Follow::Yes).unwrap()).unwrap().nlink
    };
    file(&mut tree, "/a/x/f", b"");
    file(&mut tree, "/a/y/f", b"");
    tree.mkdir(ROOT, b"/b", 0o755, NOW).unwrap();
    assert_eq!((nlink(&tree, b"/"), nlink(&tree, b"/a"), nlink(&tree, b"/a/x")), (4, 4, 2));
    tree.rename(ROOT, b"/a/x", ROOT, b"/b/x", NOW).unwrap();
    assert_eq!((nlink(&tree, b"/a"), nlink(&tree, b"/b")), (3, 3));
}

#[test]
fn a_listing_is_ordered_and_goes_on_after_a_name_that_is_gone() {
    let mut tree = tree();
    for name in ["c", "a", "e", "b", "d"] {
        file(&mut tree, &format!("/{name}"), b"");
    }
    let names = |after: Option<&[u8]>, max| {
        let list = tree.read_dir(ROOT, after, max).unwrap();
        list.into_iter().map(|entry| String::from_utf8(entry.name.to_vec()).unwrap()).collect::<Vec<_>>().concat()
    };
    assert_eq!(names(None, 2), "ab");
    assert_eq!(names(Some(b"b"), 2), "cd");
    assert_eq!(names(Some(b"bzz"), 10), "cde");
    assert_eq!(names(Some(b"e"), 10), "");
    assert_eq!(tree.entries_len(ROOT), Ok(5));
}

#[test]
fn a_walk_visits_parents_first_and_in_the_order_of_names() {
    let mut tree = tree();
    for path in ["/b", "/a/z/f", "/a.txt", "/a/b"] {
        file(&mut tree, path, b"");
    }
    assert_eq!(paths(&tree), ["/", "/a", "/a/b", "/a/z", "/a/z/f", "/a.txt", "/b"]);
}

#[test]
fn attributes_are_kept_as_given() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"");
    tree.set_owner(ino, Some(7), None, Timestamp(5)).unwrap();
    tree.set_mode(ino, 0o104_755, Timestamp(6)).unwrap();
    tree.set_times(ino, Some(Timestamp(1)), None, Timestamp(8)).unwrap();
    let stat = tree.stat(ino).unwrap();
    assert_eq!((stat.mode, stat.uid, stat.gid), (0o4755, 7, 0));
    assert_eq!((stat.atime, stat.mtime, stat.ctime), (Timestamp(1), NOW, Timestamp(8)));
    let link = tree.symlink(b"f", ROOT, b"/s", NOW).unwrap();
    assert_eq!(tree.set_mode(link, 0o600, NOW), Err(Errno::ENOTSUP));
    assert_eq!(tree.set_mode(Ino(99), 0, NOW), Err(Errno::ENOENT));
    assert_eq!(tree.stat(link).unwrap().kind, Kind::Symlink);
}

#[test]
fn a_change_of_owner_takes_the_set_id_bits_of_what_can_be_executed() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"");
    let dir = tree.mkdir(ROOT, b"/d", 0o755, NOW).unwrap();
    let changed = |tree: &mut Tree, ino, mode| {
        tree.set_mode(ino, mode, NOW).unwrap();
        tree.set_owner(ino, None, Some(8), NOW).unwrap();
        tree.stat(ino).unwrap().mode
    };
    assert_eq!(changed(&mut tree, ino, 0o6755), 0o755);
    assert_eq!(changed(&mut tree, ino, 0o6644), 0o2644);
    assert_eq!(changed(&mut tree, dir, 0o6755), 0o6755);
}

#[test]
fn what_is_made_in_a_set_group_directory_belongs_to_its_group() {
    let mut tree = tree();
    let dir = tree.mkdir(ROOT, b"/d", 0o755, NOW).unwrap();
    tree.set_owner(dir, None, Some(50), NOW).unwrap();
    tree.set_mode(dir, 0o2775, NOW).unwrap();
    let inner = tree.mkdir(dir, b"e", 0o755, NOW).unwrap();
    let made = tree.create(inner, b"f", 0o644, true, NOW).unwrap();
    assert_eq!((tree.stat(inner).unwrap().gid, tree.stat(inner).unwrap().mode), (50, 0o2755));
    assert_eq!((tree.stat(made).unwrap().gid, tree.stat(made).unwrap().mode), (50, 0o644));
    let put = tree.put_file(inner, b"f", b"in its place", 0o644, NOW).unwrap();
    assert_eq!(tree.stat(put).unwrap().gid, 50);
}

#[test]
fn changing_entries_moves_the_directorys_times() {
    let mut tree = tree();
    file(&mut tree, "/a/f", b"");
    file(&mut tree, "/b/g", b"");
    tree.rename(ROOT, b"/a/f", ROOT, b"/b/f", LATER).unwrap();
    for path in [&b"/a"[..], b"/b"] {
        assert_eq!(tree.stat(tree.lookup(ROOT, path, Follow::Yes).unwrap()).unwrap().mtime, LATER);
    }
    assert_eq!(tree.stat(ROOT).unwrap().mtime, NOW);
}

#[test]
fn a_name_is_found_by_its_number() {
    let mut tree = tree();
    assert_eq!(tree.nth_name(ROOT, 0), Ok(None));
    for path in ["/b", "/a", "/c"] {
        file(&mut tree, path, b"");
    }
    let names: Vec<_> = [0, 1, 2, 3, usize::MAX].iter().map(|n| tree.nth_name(ROOT, *n).unwrap().unwrap()).collect();
    assert_eq!(names.iter().map(|name| &name[..]).collect::<Vec<_>>(), [b"a", b"b", b"c", b"c", b"c"]);
}
