//! What a commit writes, one behaviour a test.

use base::Timestamp;
use records::{Programs, RecordError, Stored, edit};
use store::{Image, Item, NodeEdit};
use vfs::{CHUNK_BYTES, Follow, Ino, MAX_FILE_BYTES, ProgramTag, Quota, Tree};

use crate::depot::{Depot, PROGRAMS};

const NOW: Timestamp = Timestamp(100);
const ROOT: Ino = Ino::ROOT;

/// `/bin/ls`, a program of three chunks, and `/tmp`.
fn template() -> Tree {
    let mut tree = Tree::new(Quota::UNLIMITED, NOW);
    tree.mkdir(ROOT, b"/bin", 0o755, NOW).unwrap();
    tree.mkdir(ROOT, b"/tmp", 0o1777, NOW).unwrap();
    let ls = tree.put_file(ROOT, b"/bin/ls", &vec![7; 3 * CHUNK_BYTES], 0o755, NOW).unwrap();
    tree.set_program(ls, ProgramTag(1)).unwrap();
    tree
}

/// Returns the nodes that are put, each with the numbers of its changed and removed items.
fn puts(base: Stored<'_>, tree: &Tree) -> Vec<(u64, Vec<u64>, Vec<u64>)> {
    let put = |(key, node)| match node {
        NodeEdit::Put { items, .. } => Some((key, items.put.iter().map(|item| item.0).collect(), items.remove)),
        NodeEdit::Remove => None,
    };
    edit(Some(base), tree, &PROGRAMS).nodes.into_iter().filter_map(put).collect()
}

#[test]
fn a_change_of_one_chunk_writes_that_chunk() {
    let depot = Depot::new(template());
    let mut tree = Tree::from_template(&depot.template, Quota::UNLIMITED);
    let file = tree.create(ROOT, b"/tmp/sparse", 0o644, true, NOW).unwrap();
    for index in 0..100 {
        tree.write_at(file, index * CHUNK_BYTES as u64, &[1; 1000], NOW).unwrap();
    }
    tree.truncate(file, MAX_FILE_BYTES, NOW).unwrap();
    let image = depot.save(edit(Some(depot.template()), &tree, &PROGRAMS));
    let before = tree.clone();
    tree.write_at(file, 50 * CHUNK_BYTES as u64, b"changed", NOW).unwrap();
    tree.write_at(file, MAX_FILE_BYTES - 1, b"!", NOW).unwrap();
    let puts = puts(Stored { tree: &before, image: &image }, &tree);
    assert_eq!(puts, [(0, vec![], vec![]), (file.0, vec![50, (1 << 18) - 1], vec![])]);
}

#[test]
fn nothing_is_written_when_nothing_has_changed() {
    let depot = Depot::new(template());
    let tree = Tree::from_template(&depot.template, Quota::UNLIMITED);
    let image = depot.save(edit(Some(depot.template()), &tree, &PROGRAMS));
    let mut later = tree.clone();
    later.note_access(ROOT, Timestamp(1 << 60));
    assert!(puts(Stored { tree: &tree, image: &image }, &later).is_empty());
    // The first commit of a session that has changed nothing tells its template's numbers.
    assert_eq!(puts(depot.template(), &tree), [(0, vec![], vec![])]);
}

#[test]
fn a_number_that_is_another_inodes_after_a_rollback_keeps_nothing_of_the_first() {
    let depot = Depot::new(template());
    let mark = Tree::from_template(&depot.template, Quota::UNLIMITED);
    let mut tree = mark.clone();
    let file = tree.put_file(ROOT, b"/tmp/one", b"content", 0o644, NOW).unwrap();
    let image = depot.save(edit(Some(depot.template()), &tree, &PROGRAMS));
    let mut after = mark.clone();
    after.raise_version(tree.version());
    assert_eq!(after.mkdir(ROOT, b"/tmp/other", 0o755, NOW), Ok(file));
    let image = depot.save(edit(Some(Stored { tree: &tree, image: &image }), &after, &PROGRAMS));
    assert!(depot.load(&image, Quota::UNLIMITED).unwrap().walk().eq(after.walk()));
}

#[test]
fn content_is_shared_with_the_tree() {
    let tree = template();
    let ls = tree.lookup(ROOT, b"/bin/ls", Follow::No).unwrap();
    let bytes = tree.chunks(ls).unwrap().next().unwrap().bytes().as_ptr();
    let nodes = edit(None, &tree, &PROGRAMS).nodes;
    let Some((_, NodeEdit::Put { items, .. })) = nodes.iter().find(|node| node.0 == ls.0) else { panic!("no {ls:?}") };
    let (_, Item::Chunk(chunk)) = &items.put[0] else { panic!("{:?}", items.put[0]) };
    assert_eq!((chunk.as_ptr(), items.put.len()), (bytes, 3));
}

#[test]
fn a_restored_session_shares_what_equals_its_template() {
    let depot = Depot::new(template());
    let mut tree = Tree::from_template(&depot.template, Quota::UNLIMITED);
    let ls = tree.lookup(ROOT, b"/bin/ls", Follow::No).unwrap();
    tree.write_at(ls, CHUNK_BYTES as u64, b"changed", NOW).unwrap();
    let again = depot.load(&depot.save(edit(Some(depot.template()), &tree, &PROGRAMS)), Quota::UNLIMITED).unwrap();
    let chunks = |tree: &Tree| tree.chunks(ls).unwrap().map(|chunk| chunk.bytes().as_ptr()).collect::<Vec<_>>();
    let (again, template) = (chunks(&again), chunks(&depot.template));
    assert_eq!([again[0] == template[0], again[1] == template[1], again[2] == template[2]], [true, false, true]);
}

#[test]
fn a_program_that_was_renumbered_is_the_same_program() {
    let depot = Depot::new(template());
    let renumbered = Programs { name: &|_| None, tag: &|name| (name == "program 1").then_some(ProgramTag(42)) };
    let mut loader = records::Loader::new(None, &renumbered);
    for (key, node) in depot.nodes(&Image::empty(), &depot.template_image) {
        loader.visit(key, node).unwrap();
    }
    let tree = loader.finish(Quota::UNLIMITED).unwrap();
    let ls = tree.lookup(ROOT, b"/bin/ls", Follow::No).unwrap();
    assert_eq!(tree.program(ls), Some(ProgramTag(42)));
}

#[test]
fn another_template_is_told_from_the_right_one() {
    let depot = Depot::new(template());
    let mut other = template();
    other.mkdir(ROOT, b"/etc", 0o755, NOW).unwrap();
    let other = Depot::new(other);
    let mut tree = Tree::from_template(&depot.template, Quota::UNLIMITED);
    tree.mkdir(ROOT, b"/new", 0o755, NOW).unwrap();
    let image = depot.save(edit(Some(depot.template()), &tree, &PROGRAMS));
    let mut loader = records::Loader::new(Some(&other.template), &PROGRAMS);
    for (key, node) in depot.nodes(&depot.template_image, &image) {
        loader.visit(key, node).unwrap();
    }
    assert!(matches!(loader.finish(Quota::UNLIMITED), Err(RecordError::Inconsistent(_))));
}
