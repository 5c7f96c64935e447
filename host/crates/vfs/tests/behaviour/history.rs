//! Versions: what has changed since when, and what a commit has to write.

use bytes::Bytes;
use sandshell_vfs::{CHUNK_BYTES, Changes, Ino, Quota, Tree};

use super::images::{ino, template};
use super::{LATER, NOW, ROOT, check, file, tree};

fn since(tree: &Tree, version: u64) -> Vec<Ino> {
    tree.changes_since(version).collect()
}

#[test]
fn changes_are_told_from_any_version_on_the_oldest_first() {
    let mut tree = tree();
    let (a, b, c) = (file(&mut tree, "/a", b""), file(&mut tree, "/b", b""), file(&mut tree, "/c", b""));
    let start = tree.version();
    assert_eq!(since(&tree, start), []);
    tree.append(b, b"1", NOW).unwrap();
    let middle = tree.version();
    tree.append(a, b"1", NOW).unwrap();
    tree.append(a, b"2", NOW).unwrap();
    tree.append(b, b"2", NOW).unwrap();
    tree.append(a, b"3", NOW).unwrap();
    assert_eq!(since(&tree, start), [b, a]);
    assert_eq!(since(&tree, middle), [b, a]);
    assert_eq!(since(&tree, tree.stat(b).unwrap().version), [a]);
    assert_eq!(since(&tree, tree.version()), []);
    tree.append(a, b"4", NOW).unwrap();
    assert_eq!(since(&tree, tree.version() - 1), [a]);
    assert_eq!(since(&tree, 0), [c, ROOT, b, a]);
    tree.unlink(ROOT, b"/a", NOW).unwrap();
    assert_eq!(since(&tree, start), [b, ROOT]);
    check(&tree);
}

#[test]
fn two_states_of_a_tree_tell_what_differs_between_them() {
    let mut tree = tree();
    let (kept, gone) = (file(&mut tree, "/kept", b""), file(&mut tree, "/d/gone", b""));
    let dir = ino(&tree, "/d");
    let before = tree.clone();
    assert_eq!(tree.changes_from(&before), Changes::default());
    let new = file(&mut tree, "/new", b"");
    tree.unlink(ROOT, b"/d/gone", NOW).unwrap();
    tree.rmdir(ROOT, b"/d", NOW).unwrap();
    assert_eq!(tree.changes_from(&before), Changes { changed: vec![ROOT, new], removed: vec![dir, gone] });
    assert_eq!(before.changes_from(&tree), Changes { changed: vec![ROOT, dir, gone], removed: vec![new] });
    // One that was rolled back to `before` and went another way.
    let mut other = before.clone();
    other.raise_version(tree.version());
    other.append(kept, b"x", NOW).unwrap();
    assert_eq!(other.changes_from(&before), Changes { changed: vec![kept], removed: vec![] });
    assert_eq!(other.changes_from(&tree), Changes { changed: vec![ROOT, kept, dir, gone], removed: vec![new] });
}

#[test]
fn the_file_written_last_counts_as_changed_in_a_fork_that_goes_on_writing_it() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"");
    tree.append(ino, b"1", NOW).unwrap();
    let mut fork = tree.clone();
    fork.append(ino, b"2", NOW).unwrap();
    assert_eq!(fork.changes_from(&tree).changed, [ino]);
    file(&mut fork, "/other", b"");
    assert!(fork.changes_from(&tree).changed.contains(&ino));
    check(&fork);
}

#[test]
fn what_changed_is_found_without_looking_at_the_rest() {
    let mut tree = tree();
    for n in 0..20_000 {
        tree.create(ROOT, format!("{n}").as_bytes(), 0o644, true, NOW).unwrap();
    }
    let before = tree.clone();
    let version = tree.version();
    let ino = ino(&tree, "/7");
    let n_asked = 20_000;
    // Quadratic, and far beyond any patience, if asking cost the tree.
    for _ in 0..n_asked {
        tree.append(ino, b"x", LATER).unwrap();
        assert_eq!(tree.changes_since(version).count(), 1);
        assert_eq!(tree.changes_from(&before).changed.len(), 1);
    }
}

#[test]
fn reading_is_no_change() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"1");
    let _ = tree.take_changes();
    let version = tree.version();
    tree.note_access(ino, LATER);
    assert_eq!(tree.stat(ino).unwrap().atime, LATER);
    assert_eq!(tree.version(), version);
    assert!(!tree.is_dirty());
    check(&tree);
}

#[test]
fn a_files_chunks_tell_which_of_them_changed() {
    let mut tree = tree();
    let ino = tree.insert_static(ROOT, b"/f", Bytes::from(vec![1; 5 * CHUNK_BYTES]), 0o644, NOW).unwrap();
    let changed = |tree: &Tree, version| -> Vec<u32> {
        tree.chunks(ino).unwrap().filter(|chunk| chunk.version() > version).map(|chunk| chunk.index()).collect()
    };
    assert_eq!(changed(&tree, 0), [0, 1, 2, 3, 4]);
    let start = tree.version();
    assert_eq!(changed(&tree, start), []);
    tree.write_at(ino, CHUNK_BYTES as u64 - 1, b"ab", NOW).unwrap();
    assert_eq!(changed(&tree, start), [0, 1]);
    let middle = tree.version();
    tree.write_at(ino, 7 * CHUNK_BYTES as u64, b"far", NOW).unwrap();
    tree.truncate(ino, 3 * CHUNK_BYTES as u64 + 1, NOW).unwrap();
    assert_eq!(changed(&tree, middle), [3]);
    assert_eq!(changed(&tree, start), [0, 1, 3]);
    let shared = tree.chunks(ino).unwrap().next().unwrap().share();
    tree.write_at(ino, 0, b"new", NOW).unwrap();
    assert_eq!((&shared[..3], shared.len()), (&[1, 1, 1][..], CHUNK_BYTES));
}

#[test]
fn the_dirty_set_names_what_changed_since_it_was_taken() {
    let mut tree = Tree::from_template(&template(), Quota::UNLIMITED);
    let (tmp, motd, etc) = (ino(&tree, "/tmp"), ino(&tree, "/etc/motd"), ino(&tree, "/etc"));
    let f = file(&mut tree, "/tmp/f", b"1");
    tree.append(f, b"2", NOW).unwrap();
    file(&mut tree, "/tmp/gone", b"");
    tree.unlink(ROOT, b"/tmp/gone", NOW).unwrap();
    assert!(tree.is_dirty());
    assert_eq!(tree.take_changes(), Changes { changed: vec![tmp, f], removed: vec![] });
    tree.append(f, b"3", NOW).unwrap();
    tree.unlink(ROOT, b"/etc/motd", NOW).unwrap();
    assert_eq!(tree.take_changes(), Changes { changed: vec![etc, f], removed: vec![motd] });
    assert!(!tree.is_dirty());
}

#[test]
fn a_file_without_a_name_is_never_dirty() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"1");
    tree.retain(ino);
    tree.unlink(ROOT, b"/f", NOW).unwrap();
    assert_eq!(tree.take_changes(), Changes { changed: vec![ROOT], removed: vec![] });
    tree.append(ino, b"2", NOW).unwrap();
    assert!(!tree.is_dirty());
    check(&tree);
}

#[test]
fn a_fork_keeps_what_was_dirty() {
    let mut tree = Tree::from_template(&template(), Quota::UNLIMITED);
    file(&mut tree, "/tmp/f", b"1");
    let mut fork = tree.clone();
    let dirty = tree.take_changes();
    assert_eq!(fork.take_changes(), dirty);
}

#[test]
fn a_version_stands_for_one_state_even_across_a_rollback() {
    let mut tree = tree();
    let ino = file(&mut tree, "/f", b"0");
    let checkpoint = tree.clone();
    tree.append(ino, b"lost", LATER).unwrap();
    let lost = tree.stat(ino).unwrap().version;
    let mut restored = checkpoint.clone();
    restored.raise_version(tree.version());
    assert_eq!(restored.stat(ino), checkpoint.stat(ino));
    restored.append(ino, b"new", LATER).unwrap();
    assert!(restored.stat(ino).unwrap().version > lost);
    check(&restored);
}
