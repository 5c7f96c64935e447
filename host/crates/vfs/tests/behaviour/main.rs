//! What a user of the tree relies on, said one behaviour a test.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod covered;
mod depth;
mod differences;
mod files;
mod history;
mod images;
mod names;
mod paths;
mod quotas;
mod restore;
mod times;

use base::{Errno, Timestamp};
use sandshell_vfs::{Follow, Ino, Quota, Tree};

const ROOT: Ino = Ino::ROOT;
const NOW: Timestamp = Timestamp(100);
const LATER: Timestamp = Timestamp(200);

fn tree() -> Tree {
    Tree::new(Quota::UNLIMITED, NOW)
}

/// Makes a file with this content, and the directories before it.
fn file(tree: &mut Tree, path: &str, content: &[u8]) -> Ino {
    let parents = path.match_indices('/').map(|(at, _)| &path[..at]).filter(|parent| !parent.is_empty());
    for parent in parents {
        match tree.mkdir(ROOT, parent.as_bytes(), 0o755, NOW) {
            Ok(_) | Err(Errno::EEXIST) => {}
            Err(errno) => panic!("{parent}: {errno:?}"),
        }
    }
    tree.put_file(ROOT, path.as_bytes(), content, 0o644, NOW).unwrap()
}

fn read(tree: &Tree, path: &str) -> Result<Vec<u8>, Errno> {
    tree.read_all(tree.lookup(ROOT, path.as_bytes(), Follow::Yes)?, usize::MAX)
}

fn paths(tree: &Tree) -> Vec<String> {
    tree.walk().map(|(path, _)| String::from_utf8(path).unwrap()).collect()
}

#[track_caller]
fn check(tree: &Tree) {
    assert_eq!(tree.check_invariants(), Ok(()));
}
