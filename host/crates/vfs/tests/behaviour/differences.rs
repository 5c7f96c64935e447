//! Which paths differ between two states of a tree, and what of an inode a commit has to write.

use base::Errno;
use sandshell_vfs::{CHUNK_BYTES, Follow, Ino, MAX_FILE_BYTES, Name, PathDiff, Quota, Tree};

use super::images::{ino, template};
use super::{LATER, NOW, ROOT, file, tree};

/// Checks added, changed and removed paths, each list separated by spaces.
#[track_caller]
fn differs(now: &Tree, before: &Tree, added: &str, changed: &str, removed: &str) {
    let list = |paths: &str| paths.split_whitespace().map(|path| path.as_bytes().to_vec()).collect::<Vec<_>>();
    let expected = PathDiff { added: list(added), changed: list(changed), removed: list(removed), truncated: false };
    assert_eq!(now.path_diff(before, 100), expected);
    let PathDiff { added, changed, removed, truncated } = expected;
    assert_eq!(before.path_diff(now, 100), PathDiff { added: removed, changed, removed: added, truncated });
}

fn session() -> Tree {
    Tree::from_template(&template(), Quota::UNLIMITED)
}

#[test]
fn equal_states_have_no_differing_path() {
    let tree = session();
    differs(&tree, &tree.clone(), "", "", "");
    differs(&tree, &template(), "", "", "");
}

#[test]
fn files_are_told_by_what_happened_to_their_paths() {
    let before = session();
    let mut tree = before.clone();
    file(&mut tree, "/tmp/new/deep/f", b"1");
    tree.append(ino(&tree, "/etc/motd"), b"more", NOW).unwrap();
    tree.unlink(ROOT, b"/bin/dir", NOW).unwrap();
    differs(&tree, &before, "/tmp/new /tmp/new/deep /tmp/new/deep/f", "/etc/motd", "/bin/dir");
}

#[test]
fn a_changed_file_is_told_under_each_of_its_names() {
    let before = session();
    let mut tree = before.clone();
    tree.write_at(ino(&tree, "/bin/ls"), 7, b"x", NOW).unwrap();
    differs(&tree, &before, "", "/bin/dir /bin/ls", "");
}

#[test]
fn a_new_link_changes_no_other_path_and_a_touch_changes_one() {
    let before = session();
    let mut tree = before.clone();
    tree.link(ROOT, b"/etc/motd", Follow::No, ROOT, b"/tmp/motd", LATER).unwrap();
    differs(&tree, &before, "/tmp/motd", "", "");
    tree.set_times(ino(&tree, "/bin/ls"), None, Some(LATER), LATER).unwrap();
    differs(&tree, &before, "/tmp/motd", "/bin/dir /bin/ls", "");
}

#[test]
fn a_directory_is_changed_by_its_attributes_alone() {
    let before = session();
    let mut tree = before.clone();
    file(&mut tree, "/tmp/f", b"");
    tree.set_mode(ino(&tree, "/etc"), 0o700, NOW).unwrap();
    tree.set_mode(ROOT, 0o700, NOW).unwrap();
    differs(&tree, &before, "/tmp/f", "/ /etc", "");
}

#[test]
fn a_moved_directory_takes_the_paths_below_it_along() {
    let mut before = session();
    file(&mut before, "/a/b/c", b"");
    let mut tree = before.clone();
    tree.rename(ROOT, b"/a/b", ROOT, b"/tmp/b", NOW).unwrap();
    differs(&tree, &before, "/tmp/b /tmp/b/c", "", "/a/b /a/b/c");
    // Another one in its place: what lies at the same path is compared.
    tree.rename(ROOT, b"/a", ROOT, b"/old", NOW).unwrap();
    tree.mkdir(ROOT, b"/a", 0o755, NOW).unwrap();
    tree.rename(ROOT, b"/tmp/b", ROOT, b"/a/b", NOW).unwrap();
    differs(&tree, &before, "/old", "", "");
    tree.append(ino(&tree, "/a/b/c"), b"1", NOW).unwrap();
    differs(&tree, &before, "/old", "/a/b/c", "");
}

#[test]
fn what_is_of_another_kind_is_changed_and_what_was_in_it_is_gone() {
    let mut before = session();
    file(&mut before, "/d/f", b"");
    let mut tree = before.clone();
    tree.unlink(ROOT, b"/d/f", NOW).unwrap();
    tree.rmdir(ROOT, b"/d", NOW).unwrap();
    tree.symlink(b"/tmp", ROOT, b"/d", NOW).unwrap();
    tree.put_file(ROOT, b"/etc/motd", b"welcome", 0o644, LATER).unwrap();
    differs(&tree, &before, "", "/d /etc/motd", "/d/f");
}

#[test]
fn no_more_paths_are_told_than_asked_for() {
    let before = session();
    let mut tree = before.clone();
    for n in 0..50 {
        file(&mut tree, &format!("/tmp/{n}"), b"");
    }
    for (max, n_told) in [(0, 0), (1, 1), (49, 49), (50, 50), (51, 50)] {
        let diff = tree.path_diff(&before, max);
        assert_eq!((diff.added.len(), diff.truncated), (n_told, max < 50), "{max}");
    }
    let mut deep = before.clone();
    (0..20).fold(ROOT, |dir, _| deep.mkdir(dir, &[b'd'; 255], 0o755, NOW).unwrap());
    let diff = deep.path_diff(&before, 100);
    assert_eq!((diff.added.len(), diff.truncated), (16, true));
}

#[test]
fn one_entry_in_a_large_directory_is_found_without_reading_the_rest() {
    let mut tree = tree();
    for n in 0..20_000 {
        tree.create(ROOT, format!("{n}").as_bytes(), 0o644, true, NOW).unwrap();
    }
    let before = tree.clone();
    let numbers = |tree: &Tree, base: &Tree| {
        let changes = tree.entry_changes(ROOT, Some(base)).unwrap();
        let put: Vec<(u64, Name)> = changes.put.into_iter().map(|entry| (entry.number, entry.name)).collect();
        (put, changes.removed)
    };
    tree.create(ROOT, b"new", 0o644, true, NOW).unwrap();
    let (put, removed) = numbers(&tree, &before);
    assert_eq!((put.len(), &*put[0].1, removed.len()), (1, &b"new"[..], 0));
    assert_eq!(numbers(&before, &tree), (vec![], vec![put[0].0]));
    tree.rename(ROOT, b"new", ROOT, b"7", NOW).unwrap();
    let (replaced, removed) = numbers(&tree, &before);
    assert_eq!((replaced.len(), &*replaced[0].1, removed.len()), (1, &b"7"[..], 1));
    assert!(replaced[0].0 > put[0].0, "a number is not given out twice");
    // Quadratic, and far beyond any patience, if asking cost the directory.
    for _ in 0..5_000 {
        assert_eq!(tree.entry_changes(ROOT, Some(&before)).unwrap().put.len(), 1);
    }
    assert_eq!(tree.entry_changes(ino(&tree, "/8"), Some(&before)), Err(Errno::ENOTDIR));
}

#[test]
fn one_chunk_of_a_long_file_is_found_without_reading_the_rest() {
    let mut tree = tree();
    let ino = tree.create(ROOT, b"f", 0o644, true, NOW).unwrap();
    tree.truncate(ino, MAX_FILE_BYTES, NOW).unwrap();
    let chunk = CHUNK_BYTES as u64;
    for index in (0..MAX_FILE_BYTES / chunk).step_by(8) {
        tree.write_at(ino, index * chunk, b"data", NOW).unwrap();
    }
    let before = tree.clone();
    let changed = |tree: &Tree, base: &Tree| {
        let changes = tree.chunk_changes(ino, Some(base)).unwrap();
        (changes.put.iter().map(|chunk| chunk.index()).collect::<Vec<_>>(), changes.removed)
    };
    tree.write_at(ino, 16 * chunk + 100, b"more", NOW).unwrap();
    // Quadratic, and far beyond any patience, if asking cost the file.
    for _ in 0..5_000 {
        assert_eq!(changed(&tree, &before), (vec![16], vec![]));
    }
    tree.truncate(ino, MAX_FILE_BYTES - 8 * chunk, NOW).unwrap();
    assert_eq!(changed(&tree, &before), (vec![16], vec![(1 << 18) - 8]));
    assert_eq!(changed(&before, &tree), (vec![16, (1 << 18) - 8], vec![]));
    let mut small = before.clone();
    small.truncate(ino, 3, NOW).unwrap();
    assert_eq!(changed(&small, &before).0, [0]);
    assert_eq!(changed(&small, &before).1.len(), (1 << 15) - 1);
    // What was written again as it was has not changed.
    let mut same = before.clone();
    same.write_at(ino, 24 * chunk, b"data", NOW).unwrap();
    assert_eq!(changed(&same, &before), (vec![], vec![]));
    assert_eq!(tree.chunk_changes(Ino::ROOT, None).map(|_| ()), Err(Errno::EISDIR));
}
