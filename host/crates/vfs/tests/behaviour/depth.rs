//! How deep directories nest.

use base::Errno;
use sandshell_vfs::{DEPTH_MAX, Follow, Ino, PATH_MAX, Tree};

use super::{NOW, ROOT, check, tree};

/// Makes `levels` directories below one another and returns the innermost.
fn chain(tree: &mut Tree, from: Ino, name: &str, levels: u32) -> Ino {
    (0..levels).fold(from, |dir, _| tree.mkdir(dir, name.as_bytes(), 0o755, NOW).unwrap())
}

#[test]
fn every_path_that_is_short_enough_can_be_made() {
    let mut tree = tree();
    let path = b"/d".repeat(PATH_MAX / 2);
    let dir = chain(&mut tree, ROOT, "d", DEPTH_MAX);
    assert_eq!(tree.lookup(ROOT, &path, Follow::Yes), Ok(dir));
    assert_eq!(tree.path_of(dir), Ok(path));
    check(&tree);
}

#[test]
fn directories_nest_no_deeper_than_the_limit() {
    let mut tree = tree();
    let dir = chain(&mut tree, ROOT, "dd", DEPTH_MAX);
    assert_eq!(tree.mkdir(dir, b"e", 0o755, NOW), Err(Errno::ENAMETOOLONG));
    tree.create(dir, b"f", 0o644, true, NOW).unwrap();
    assert_eq!(tree.path_of(dir), Err(Errno::ENAMETOOLONG));
    let mut walk = tree.walk();
    assert_eq!(walk.by_ref().count(), 1 + PATH_MAX / 3);
    assert_eq!(walk.skipped(), 1);
    tree.mkdir(ROOT, b"m", 0o755, NOW).unwrap();
    assert_eq!(tree.rename(ROOT, b"m", dir, b"m", NOW), Err(Errno::ENAMETOOLONG));
    assert_eq!(tree.rename(dir, b"f", ROOT, b"f", NOW), Ok(()));
    check(&tree);
}

#[test]
fn a_directory_cannot_be_moved_to_where_what_is_below_it_would_lie_too_deep() {
    let mut tree = tree();
    let half = DEPTH_MAX / 2;
    let one = chain(&mut tree, ROOT, "one", half);
    chain(&mut tree, ROOT, "two", half + 1);
    assert_eq!(tree.rename(ROOT, b"two", one, b"two", NOW), Err(Errno::ENAMETOOLONG));
    check(&tree);
    assert_eq!(tree.rename(ROOT, b"two/two", one, b"two", NOW), Ok(()));
    check(&tree);
    // The one that was left has nothing below it any more.
    assert_eq!(tree.rename(ROOT, b"two", one, b"left", NOW), Ok(()));
    check(&tree);
    assert_eq!(tree.rename(ROOT, b"one", ROOT, b"renamed", NOW), Ok(()));
    assert_eq!(
        tree.mkdir(ROOT, b"outer", 0o755, NOW).and_then(|_| tree.rename(ROOT, b"renamed", ROOT, b"outer/one", NOW)),
        Err(Errno::ENAMETOOLONG)
    );
    check(&tree);
}
