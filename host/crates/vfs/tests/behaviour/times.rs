//! Which operation moves which time.

use base::{Errno, Timestamp};
use sandshell_vfs::{Follow, Ino, Quota, Tree};

use super::{NOW, ROOT, check, file, tree};

const DAY: u64 = 24 * 3600 * 1_000_000_000;

fn read(ino: Ino) -> impl Fn(&mut Tree, Timestamp) -> Result<(), Errno> {
    move |tree, now| {
        tree.note_access(ino, now);
        Ok(())
    }
}

/// Returns which of atime, mtime and ctime an operation at `now` sets to `now`.
fn moved(
    tree: &mut Tree,
    ino: Ino,
    now: u64,
    op: impl FnOnce(&mut Tree, Timestamp) -> Result<(), Errno>,
) -> &'static str {
    op(tree, Timestamp(now)).unwrap();
    let stat = tree.stat(ino).unwrap();
    match [stat.atime, stat.mtime, stat.ctime].map(|time| time == Timestamp(now)) {
        [false, false, false] => "",
        [true, false, false] => "a",
        [false, true, true] => "mc",
        [false, false, true] => "c",
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_operation_moves_the_times_posix_says() {
    let mut tree = tree();
    let f = file(&mut tree, "/f", b"content");
    let d = tree.mkdir(ROOT, b"/d", 0o755, NOW).unwrap();
    assert_eq!(moved(&mut tree, f, 200, |tree, now| tree.write_at(f, 0, b"x", now).map(drop)), "mc");
    assert_eq!(moved(&mut tree, f, 201, |tree, now| tree.truncate(f, 3, now)), "mc");
    assert_eq!(moved(&mut tree, f, 202, |tree, now| tree.set_mode(f, 0o600, now)), "c");
    assert_eq!(moved(&mut tree, f, 203, |tree, now| tree.set_owner(f, Some(1), None, now)), "c");
    assert_eq!(moved(&mut tree, f, 204, |tree, now| tree.set_times(f, None, Some(Timestamp(7)), now)), "c");
    assert_eq!(moved(&mut tree, f, 205, |tree, now| tree.link(ROOT, b"/f", Follow::No, ROOT, b"/g", now)), "c");
    assert_eq!(moved(&mut tree, f, 206, |tree, now| tree.unlink(ROOT, b"/g", now)), "c");
    assert_eq!(moved(&mut tree, f, 207, |tree, now| tree.rename(ROOT, b"/f", ROOT, b"/d/f", now)), "c");
    assert_eq!(moved(&mut tree, d, 208, |tree, now| tree.create(d, b"new", 0o644, true, now).map(drop)), "mc");
    assert_eq!(moved(&mut tree, d, 209, |tree, now| tree.append(f, b"x", now).map(drop)), "");
    assert_eq!(moved(&mut tree, d, 210, |tree, now| tree.rename(d, b"new", ROOT, b"/new", now)), "mc");
    assert_eq!(moved(&mut tree, d, 211, |tree, now| tree.symlink(b"t", d, b"s", now).map(drop)), "mc");
    assert_eq!(moved(&mut tree, d, 212, |tree, now| tree.mkdir(d, b"e", 0o755, now).map(drop)), "mc");
    assert_eq!(moved(&mut tree, d, 213, |tree, now| tree.rmdir(d, b"e", now)), "mc");
    assert_eq!(moved(&mut tree, d, 214, |tree, now| tree.unlink(d, b"s", now)), "mc");
    check(&tree);
}

#[test]
fn reading_moves_the_time_of_access_once_after_a_change_and_once_a_day() {
    let mut tree = tree();
    let f = file(&mut tree, "/f", b"content");
    assert_eq!(moved(&mut tree, f, 200, read(f)), "a");
    assert_eq!(moved(&mut tree, f, 300, read(f)), "");
    tree.append(f, b"x", Timestamp(400)).unwrap();
    assert_eq!(moved(&mut tree, f, 500, read(f)), "a");
    assert_eq!(moved(&mut tree, f, 499 + DAY, read(f)), "");
    assert_eq!(moved(&mut tree, f, 500 + DAY, read(f)), "a");
    // A time of access in the future stays.
    tree.set_times(f, Some(Timestamp(u64::MAX)), None, Timestamp(600 + DAY)).unwrap();
    assert_eq!(moved(&mut tree, f, 700 + DAY, read(f)), "");
}

#[test]
fn reading_what_is_the_templates_moves_nothing_and_costs_nothing() {
    let mut template = tree();
    let f = file(&mut template, "/f", b"content");
    let mut tree = Tree::from_template(&template, Quota::UNLIMITED);
    tree.note_access(f, Timestamp(500));
    assert_eq!(tree.stat(f), template.stat(f));
    tree.set_mode(f, 0o600, Timestamp(600)).unwrap();
    let usage = tree.usage();
    tree.note_access(f, Timestamp(700));
    assert_eq!((tree.stat(f).unwrap().atime, tree.usage()), (Timestamp(700), usage));
    assert_eq!(template.stat(f).unwrap().atime, NOW);
    tree.note_access(Ino(99), NOW);
    tree.note_access(Ino::of_fd(1), NOW);
    check(&tree);
}

#[test]
fn reading_an_open_file_without_a_name_moves_its_time_too() {
    let mut tree = tree();
    let f = file(&mut tree, "/f", b"content");
    tree.retain(f);
    tree.unlink(ROOT, b"/f", Timestamp(200)).unwrap();
    assert_eq!(moved(&mut tree, f, 300, read(f)), "a");
    check(&tree);
}
