//! A directory that another file system covers: where the tree ends.

use base::Errno;
use sandshell_vfs::Follow;

use super::{LATER, NOW, ROOT, check, file, tree};

#[test]
fn a_path_that_needs_a_name_in_a_covered_directory_is_answered_elsewhere() {
    let mut tree = tree();
    let dir = tree.mkdir(ROOT, b"/c", 0o555, NOW).unwrap();
    file(&mut tree, "/f", b"content");
    tree.symlink(b"/c/x", ROOT, b"/into", NOW).unwrap();
    assert_eq!(tree.cover(b"/c"), Ok(dir));
    for path in ["/c/x", "c/x/y", "/c/./x", "/into"] {
        let found = tree.lookup(ROOT, path.as_bytes(), Follow::Yes);
        assert_eq!(found, Err(Errno::EXDEV), "{path}");
    }
    assert_eq!(tree.lookup(dir, b"x", Follow::Yes), Err(Errno::EXDEV));
    assert_eq!(tree.lookup(ROOT, b"/c", Follow::Yes), Ok(dir));
    assert_eq!(tree.lookup(ROOT, b"/c/../f", Follow::Yes), tree.lookup(ROOT, b"/f", Follow::Yes));
    assert_eq!(tree.create(ROOT, b"/c/new", 0o644, false, LATER), Err(Errno::EXDEV));
    assert_eq!(tree.mkdir(ROOT, b"/c/new", 0o755, LATER), Err(Errno::EXDEV));
    assert_eq!(tree.symlink(b"x", ROOT, b"/c/new", LATER), Err(Errno::EXDEV));
    assert_eq!(tree.link(ROOT, b"/f", Follow::Yes, ROOT, b"/c/new", LATER), Err(Errno::EXDEV));
    assert_eq!(tree.rename(ROOT, b"/f", ROOT, b"/c/new", LATER), Err(Errno::EXDEV));
    assert_eq!(tree.unlink(ROOT, b"/c/x", LATER), Err(Errno::EXDEV));
    check(&tree);
}

#[test]
fn a_covered_directory_stays_where_it_is_and_a_clone_has_none() {
    let mut tree = tree();
    tree.mkdir(ROOT, b"/c", 0o555, NOW).unwrap();
    tree.mkdir(ROOT, b"/d", 0o755, NOW).unwrap();
    tree.symlink(b"c", ROOT, b"/l", NOW).unwrap();
    assert_eq!(tree.cover(b"/l"), Err(Errno::ENOTDIR));
    assert_eq!(tree.cover(b"/none"), Err(Errno::ENOENT));
    tree.cover(b"/c").unwrap();
    assert_eq!(tree.rmdir(ROOT, b"/c", LATER), Err(Errno::EBUSY));
    assert_eq!(tree.rename(ROOT, b"/c", ROOT, b"/e", LATER), Err(Errno::EBUSY));
    assert_eq!(tree.rename(ROOT, b"/d", ROOT, b"/c", LATER), Err(Errno::EBUSY));
    let mut clone = tree.clone();
    assert_eq!(clone.lookup(ROOT, b"/c/x", Follow::Yes), Err(Errno::ENOENT));
    assert_eq!(clone.rmdir(ROOT, b"/c", LATER), Ok(()));
    check(&tree);
    check(&clone);
}
