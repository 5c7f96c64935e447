//! Damaged nodes: an error, or a tree that holds what trees hold; never a panic.

use base::Timestamp;
use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::Index;
use records::{Loader, RecordError, edit};
use store::{Image, Item, Node};
use vfs::{CHUNK_BYTES, Device, Follow, Ino, ProgramTag, Quota, Tree};

use crate::depot::{Depot, PROGRAMS};

type Nodes = Vec<(u64, Option<Node>)>;

const NOW: Timestamp = Timestamp(100);
const ROOT: Ino = Ino::ROOT;

/// One thing that goes wrong.
#[derive(Clone, Debug)]
enum Damage {
    /// Bits of one byte flip.
    Flip(Index, u8),
    Cut(Index),
    Replace(Vec<u8>),
    /// Only for an item: its number is another.
    Renumber(u64),
    /// The whole node is missing, or comes under another number.
    Lose,
    Move(u64),
    /// The same bytes as another node.
    Copy(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        12 => (any::<Index>(), 1..=255u8).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        2 => any::<Index>().prop_map(Damage::Cut),
        2 => prop::collection::vec(any::<u8>(), 0..60).prop_map(Damage::Replace),
        2 => (0..100u64).prop_map(Damage::Renumber),
        1 => Just(Damage::Lose),
        1 => prop_oneof![0..100u64, any::<u64>()].prop_map(Damage::Move),
        2 => any::<Index>().prop_map(Damage::Copy),
    ]
}

fn spoil(bytes: &Bytes, damage: &Damage) -> Bytes {
    let mut bytes = bytes.to_vec();
    match damage {
        Damage::Flip(at, bits) if !bytes.is_empty() => {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        Damage::Cut(at) if !bytes.is_empty() => bytes.truncate(at.index(bytes.len())),
        Damage::Replace(by) => bytes.clone_from(by),
        _ => {}
    }
    bytes.into()
}

/// Does damage to one node, to its meta or to one of its items.
fn strike(nodes: &mut Nodes, which: &Index, part: &Index, damage: &Damage) {
    let at = which.index(nodes.len());
    let other = if let Damage::Copy(other) = damage { nodes[other.index(nodes.len())].1.clone() } else { None };
    let (key, node) = &mut nodes[at];
    match (damage, node) {
        (Damage::Lose, _) => drop(nodes.remove(at)),
        (Damage::Move(to), _) => *key = *to,
        (Damage::Copy(_), node) => *node = other,
        (_, None) => {}
        (damage, Some(node)) => match part.index(1 + node.items.len()) {
            0 => node.meta = spoil(&node.meta, damage),
            item => {
                let (number, item) = &mut node.items[item - 1];
                if let Damage::Renumber(to) = damage {
                    *number = *to;
                }
                *item = match &*item {
                    Item::Inline(bytes) => Item::Inline(spoil(bytes, damage)),
                    Item::Chunk(bytes) => Item::Chunk(spoil(bytes, damage)),
                };
            }
        },
    }
}

fn template() -> Tree {
    let mut tree = Tree::new(Quota::UNLIMITED, NOW);
    for dir in ["/bin", "/dev", "/etc", "/etc/deep", "/etc/deep/er", "/tmp"] {
        tree.mkdir(ROOT, dir.as_bytes(), 0o755, NOW).unwrap();
    }
    let ls = tree.put_file(ROOT, b"/bin/ls", b"program", 0o755, NOW).unwrap();
    tree.set_program(ls, ProgramTag(3)).unwrap();
    tree.link(ROOT, b"/bin/ls", Follow::No, ROOT, b"/bin/dir", NOW).unwrap();
    tree.insert_device(ROOT, b"/dev/null", Device::Null, 0o666, NOW).unwrap();
    tree.insert_fd_dir(ROOT, b"/dev/fd", NOW).unwrap();
    tree
}

/// A session in which something of every kind has happened.
fn session(template: &Tree) -> Tree {
    let mut tree = Tree::from_template(template, Quota::UNLIMITED);
    for dir in ["/tmp/a", "/tmp/a/b", "/tmp/a/b/c"] {
        tree.mkdir(ROOT, dir.as_bytes(), 0o755, NOW).unwrap();
    }
    tree.put_file(ROOT, b"/tmp/a/file", &vec![1; CHUNK_BYTES + 9], 0o644, NOW).unwrap();
    tree.symlink(b"../file", ROOT, b"/tmp/a/b/link", NOW).unwrap();
    tree.link(ROOT, b"/tmp/a/file", Follow::No, ROOT, b"/hard", NOW).unwrap();
    tree.rename(ROOT, b"/etc/deep", ROOT, b"/tmp/a/b/c/moved", NOW).unwrap();
    tree.unlink(ROOT, b"/bin/dir", NOW).unwrap();
    tree.unlink(ROOT, b"/dev/null", NOW).unwrap();
    tree
}

fn load(nodes: Nodes, template: Option<&Tree>) -> Result<Tree, RecordError> {
    let mut loader = Loader::new(template, &PROGRAMS);
    nodes.into_iter().try_for_each(|(key, node)| loader.visit(key, node))?;
    loader.finish(Quota::UNLIMITED)
}

/// What is accepted is a tree in every respect, and can be used.
fn check(loaded: Result<Tree, RecordError>) -> Result<(), TestCaseError> {
    let Ok(mut tree) = loaded else { return Ok(()) };
    let right = |tree: &Tree| tree.check_invariants().map_err(TestCaseError::fail);
    right(&tree)?;
    let entries: Vec<Vec<u8>> = tree.walk().map(|(path, _)| path).collect();
    for path in entries {
        let target = [b"/n-", &*path.iter().map(|b| if *b == b'/' { b'-' } else { *b }).collect::<Vec<u8>>()].concat();
        let _refused = tree.rename(ROOT, &path, ROOT, &target, NOW);
        let _too_long = tree.put_file(ROOT, &target, b"new", 0o644, NOW);
    }
    right(&tree)
}

#[test]
fn damage_is_found_or_harmless() {
    let depot = Depot::new(template());
    let tree = session(&depot.template);
    let image = depot.save(edit(Some(depot.template()), &tree, &PROGRAMS));
    let differing = depot.nodes(&depot.template_image, &image);
    let whole = depot.nodes(&Image::empty(), &image);
    assert!(load(differing.clone(), Some(&depot.template)).unwrap().walk().eq(tree.walk()));
    assert!(load(whole.clone(), None).unwrap().walk().eq(tree.walk()));
    // The image of a session is whole: without its template it is the same tree.
    let strikes = prop::collection::vec((any::<Index>(), any::<Index>(), damage()), 1..4);
    let config =
        ProptestConfig { cases: 4 * ProptestConfig::default().cases, failure_persistence: None, ..Default::default() };
    proptest!(config, |(strikes in strikes)| {
        for (nodes, template) in [(&differing, Some(&depot.template)), (&whole, None)] {
            let mut nodes = nodes.clone();
            for (which, part, damage) in &strikes {
                strike(&mut nodes, which, part, damage);
            }
            check(load(nodes, template))?;
        }
    });
}

#[test]
fn every_single_flipped_bit_is_found_or_harmless() {
    let depot = Depot::new(template());
    let tree = session(&depot.template);
    let image = depot.save(edit(Some(depot.template()), &tree, &PROGRAMS));
    let nodes = depot.nodes(&depot.template_image, &image);
    let mut n_refused = 0;
    for at in 0..nodes.len() {
        let n_bytes = nodes[at].1.as_ref().map_or(0, |node| node.meta.len());
        for bit in 0..8 * n_bytes {
            let mut nodes = nodes.clone();
            let Some(node) = &mut nodes[at].1 else { continue };
            let mut meta = node.meta.to_vec();
            meta[bit / 8] ^= 1 << (bit % 8);
            node.meta = meta.into();
            let loaded = load(nodes, Some(&depot.template));
            n_refused += usize::from(loaded.is_err());
            check(loaded).unwrap();
        }
    }
    assert!(n_refused > 500, "{n_refused}");
}
