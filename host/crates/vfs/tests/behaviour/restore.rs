//! Making a tree again: what is right is the same tree, what is wrong is refused.

use bytes::Bytes;
use sandshell_vfs::{
    CHUNK_BYTES, Changes, DEPTH_MAX, Device, EntryRecord, Follow, Inconsistent, Ino, InodeRecord, MAX_FILE_BYTES,
    ProgramTag, Quota, RecordKind, Restore, Tree, TreeHead,
};

use super::images::{ino, template};
use super::{LATER, NOW, ROOT, check, file, paths, read};

type Inode = (Ino, InodeRecord, Vec<EntryRecord>, Vec<(u32, Bytes)>);

/// What is kept of a tree, to be spoilt by the tests.
struct Kept {
    head: Option<TreeHead>,
    inodes: Vec<Inode>,
    removed: Vec<Ino>,
}

impl Kept {
    fn of(tree: &Tree, template: Option<&Tree>) -> Self {
        let changes = match template {
            Some(template) => tree.changes_from(template),
            None => Changes { changed: tree.changes_since(0).collect(), removed: Vec::new() },
        };
        let chunks = |ino| tree.chunks(ino).into_iter().flatten().map(|chunk| (chunk.index(), chunk.share())).collect();
        let entries = |ino| tree.entry_changes(ino, None).unwrap_or_default().put;
        let inode = |ino| (ino, tree.record(ino).unwrap(), entries(ino), chunks(ino));
        let inodes = changes.changed.into_iter().map(inode).collect();
        Self { head: Some(tree.head()), inodes, removed: changes.removed }
    }

    fn restore(self, template: Option<&Tree>) -> Result<Tree, Inconsistent> {
        let mut restore = Restore::new(template);
        for (ino, record, entries, chunks) in self.inodes {
            restore.put(ino, record, entries, chunks)?;
        }
        self.removed.into_iter().for_each(|ino| restore.remove(ino));
        restore.finish(self.head, Quota::UNLIMITED)
    }

    fn inode(&mut self, ino: Ino) -> &mut Inode {
        self.inodes.iter_mut().find(|inode| inode.0 == ino).unwrap()
    }
}

/// A session in which something of every kind has happened.
fn session(template: &Tree) -> Tree {
    let mut tree = Tree::from_template(template, Quota::UNLIMITED);
    file(&mut tree, "/home/me/f", b"mine");
    tree.symlink(b"f", ROOT, b"/home/me/link", NOW).unwrap();
    tree.link(ROOT, b"/home/me/f", Follow::No, ROOT, b"/tmp/g", NOW).unwrap();
    tree.insert_device(ROOT, b"/null", Device::Null, 0o666, NOW).unwrap();
    tree.insert_fd_dir(ROOT, b"/fd", NOW).unwrap();
    tree.rename(ROOT, b"/etc", ROOT, b"/home/etc", LATER).unwrap();
    tree.unlink(ROOT, b"/bin/dir", LATER).unwrap();
    let sparse = file(&mut tree, "/sparse", b"");
    tree.write_at(sparse, MAX_FILE_BYTES - 3, b"end", LATER).unwrap();
    tree
}

#[test]
fn a_session_is_made_again_as_it_was() {
    let template = template();
    let tree = session(&template);
    let again = Kept::of(&tree, Some(&template)).restore(Some(&template)).unwrap();
    check(&again);
    assert!(again.walk().eq(tree.walk()));
    assert_eq!((again.usage(), again.head()), (tree.usage(), tree.head()));
    assert_eq!(read(&again, "/tmp/g").as_deref(), Ok(&b"mine"[..]));
    assert_eq!(read(&again, "/home/etc/motd").as_deref(), Ok(&b"welcome"[..]));
    assert_eq!(again.changes_from(&tree), Changes::default());
    assert!(!again.is_dirty());
}

#[test]
fn a_session_goes_on_as_it_would_have() {
    let template = template();
    let mut tree = session(&template);
    let mut again = Kept::of(&tree, Some(&template)).restore(Some(&template)).unwrap();
    for tree in [&mut tree, &mut again] {
        file(tree, "/new", b"");
        tree.write_at(ino(tree, "/bin/ls"), 5, b"changed", LATER).unwrap();
        tree.rename(ROOT, b"/home/me", ROOT, b"/tmp/me", LATER).unwrap();
        tree.unlink(ROOT, b"/tmp/me/f", LATER).unwrap();
        check(tree);
    }
    assert!(again.walk().eq(tree.walk()));
    assert_eq!((again.usage(), again.head()), (tree.usage(), tree.head()));
    assert_eq!(again.changes_from(&tree), Changes::default());
}

#[test]
fn a_template_is_kept_without_another_and_gives_the_same_sessions() {
    let mut template = template();
    template.set_program(ino(&template, "/bin/ls"), ProgramTag(7)).unwrap();
    let again = Kept::of(&template, None).restore(None).unwrap();
    check(&again);
    assert!(again.walk().eq(template.walk()));
    assert_eq!((again.usage(), again.head()), (template.usage(), template.head()));
    assert_eq!(again.program(ino(&again, "/bin/dir")), Some(ProgramTag(7)));
    let tree = session(&template);
    let made = Kept::of(&tree, Some(&template)).restore(Some(&again)).unwrap();
    assert!(made.walk().eq(session(&again).walk()));
    check(&made);
}

#[test]
fn a_session_that_has_not_changed_needs_nothing_but_its_template() {
    let template = template();
    let tree = Restore::new(Some(&template)).finish(None, Quota::UNLIMITED).unwrap();
    assert_eq!(tree.head(), Tree::from_template(&template, Quota::UNLIMITED).head());
    assert_eq!(paths(&tree), paths(&template));
    assert!(Restore::new(None).finish(None, Quota::UNLIMITED).is_err());
}

#[test]
fn no_quota_refuses_what_was_there_before() {
    let template = template();
    let tree = session(&template);
    let small = Quota { max_files: Some(1), max_bytes: Some(1), inodes: 1, footprint_bytes: 1 };
    let kept = Kept::of(&tree, Some(&template));
    let mut restore = Restore::new(Some(&template));
    for (ino, record, entries, chunks) in kept.inodes {
        restore.put(ino, record, entries, chunks).unwrap();
    }
    kept.removed.into_iter().for_each(|ino| restore.remove(ino));
    let mut again = restore.finish(kept.head, small).unwrap();
    assert_eq!((again.usage(), again.quota()), (tree.usage(), small));
    assert!(again.create(ROOT, b"more", 0o644, true, NOW).is_err());
}

#[test]
fn the_deepest_chain_of_directories_is_made_again() {
    let template = template();
    let mut tree = Tree::from_template(&template, Quota::UNLIMITED);
    (0..DEPTH_MAX).fold(ROOT, |dir, _| tree.mkdir(dir, b"d", 0o755, NOW).unwrap());
    let again = Kept::of(&tree, Some(&template)).restore(Some(&template)).unwrap();
    check(&again);
    // One level more is refused, wherever it is said to be.
    let deepest = Ino(tree.head().next_ino - 1);
    let mut kept = Kept::of(&tree, Some(&template));
    let etc = ino(&tree, "/etc");
    let root = kept.inode(ROOT);
    root.1.nlink -= 1;
    let entry = root.2.iter().position(|entry| entry.ino == etc).unwrap();
    let entry = root.2.remove(entry);
    let below = kept.inode(deepest);
    below.1.nlink += 1;
    below.2.push(EntryRecord { number: below.1.version, ..entry });
    let mut record = template.record(etc).unwrap();
    (record.version, record.paid) = (tree.version() + 1, tree.version() + 1);
    let entries = template.entry_changes(etc, None).unwrap().put;
    kept.inodes.push((etc, record, entries, Vec::new()));
    kept.head = Some(TreeHead { version: tree.version() + 1, ..tree.head() });
    assert_eq!(kept.restore(Some(&template)).unwrap_err(), Inconsistent { ino: etc, what: "too deep, or in a cycle" });
}

/// Spoils what is kept of a session and checks that it is refused with these words.
#[track_caller]
fn refused(what: &str, spoil: impl FnOnce(&mut Kept, &Tree)) {
    let template = template();
    let tree = session(&template);
    let mut kept = Kept::of(&tree, Some(&template));
    spoil(&mut kept, &tree);
    assert_eq!(kept.restore(Some(&template)).map_err(|error| error.what).map(|_| ()), Err(what));
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    refused("a name leads to it, and it is not there", |kept, tree| {
        let f = ino(tree, "/sparse");
        kept.inodes.retain(|inode| inode.0 != f);
    });
    refused("a name leads to it, and it is not there", |kept, tree| {
        let f = ino(tree, "/sparse");
        let entry = kept.inode(ROOT).2.iter_mut().find(|entry| entry.ino == f).unwrap();
        entry.ino = Ino(tree.head().next_ino);
    });
    refused("gone, and still has a name", |kept, tree| kept.removed.push(ino(tree, "/home/etc/motd")));
    refused("gone, and never was there", |kept, _| kept.removed.push(Ino(1 << 40)));
    refused("both changed and gone", |kept, _| kept.removed.push(ROOT));
}

#[test]
fn inodes_without_a_name_and_wrong_counts_are_refused() {
    refused("another count of links than of names", |kept, _| {
        kept.inode(ROOT).2.retain(|entry| *entry.name != *b"sparse")
    });
    refused("another count of links than of names", |kept, tree| kept.inode(ino(tree, "/tmp/g")).1.nlink = 1);
    refused("another count of links than of names", |kept, tree| {
        let ls = ino(tree, "/bin/ls");
        kept.inodes.retain(|inode| inode.0 != ls);
    });
    refused("another count of links than of directories in it", |kept, _| kept.inode(ROOT).1.nlink += 1);
    refused("a directory with no name or with two", |kept, _| {
        kept.inode(ROOT).2.retain(|entry| *entry.name != *b"home")
    });
}

#[test]
fn directories_with_two_places_or_in_a_cycle_are_refused() {
    refused("a directory with no name or with two", |kept, tree| {
        let (home, me) = (ino(tree, "/home"), ino(tree, "/home/me"));
        let name = kept.inode(home).2[0].name.clone();
        kept.inode(me).2.push(EntryRecord { number: 1, name, ino: home });
    });
    refused("too deep, or in a cycle", |kept, tree| {
        let (home, me) = (ino(tree, "/home"), ino(tree, "/home/me"));
        let root = kept.inode(ROOT);
        let at = root.2.iter().position(|entry| entry.ino == home).unwrap();
        let entry = root.2.remove(at);
        root.1.nlink -= 1;
        let me = kept.inode(me);
        me.1.nlink += 1;
        me.2.push(EntryRecord { number: 1, ..entry });
    });
    refused("moved without knowing it", |kept, _| {
        let root = kept.inode(ROOT);
        let tmp = root.2.iter_mut().find(|entry| *entry.name == *b"bin").unwrap();
        tmp.name = (*b"moved").into();
        kept.inodes.retain(|inode| inode.0 != Ino(2));
        kept.removed.clear();
    });
}

#[test]
fn names_and_numbers_that_the_tree_does_not_make_are_refused() {
    for name in [&b""[..], b".", b"..", b"a/b", &[b'n'; 256]] {
        refused("a name that is none", |kept, _| kept.inode(ROOT).2[0].name = name.into());
    }
    refused("a name twice", |kept, _| {
        let root = kept.inode(ROOT);
        root.2[0].name = root.2[1].name.clone();
    });
    refused("an entry of no such number", |kept, _| {
        let root = kept.inode(ROOT);
        root.2[0].number = root.2[1].number;
    });
    refused("an entry of no such number", |kept, _| kept.inode(ROOT).2[0].number = 1 << 40);
    refused("entries in a directory that generates them", |kept, tree| {
        let entry = kept.inode(ROOT).2[0].clone();
        kept.inode(ino(tree, "/fd")).2.push(entry);
    });
}

#[test]
fn content_that_fits_no_file_is_refused() {
    let spoil = |what, chunks: Vec<(u32, Bytes)>| {
        refused(what, |kept, tree| kept.inode(ino(tree, "/tmp/g")).3 = chunks);
    };
    let bytes = |len| Bytes::from(vec![1; len]);
    spoil("a chunk that does not fit its file", vec![(0, bytes(0))]);
    spoil("a chunk that does not fit its file", vec![(0, bytes(5))]);
    spoil("a chunk that does not fit its file", vec![(0, bytes(CHUNK_BYTES + 1))]);
    spoil("a chunk that does not fit its file", vec![(u32::MAX, bytes(1))]);
    spoil("a chunk twice", vec![(0, bytes(1)), (0, bytes(1))]);
    refused("a file beyond the longest", |kept, tree| {
        kept.inode(ino(tree, "/tmp/g")).1.kind = RecordKind::File { size: MAX_FILE_BYTES + 1, program: None };
    });
    refused("it holds what its kind does not", |kept, tree| {
        kept.inode(ino(tree, "/home")).3 = vec![(0, bytes(1))];
    });
    refused("a link's target of no such length", |kept, tree| {
        kept.inode(ino(tree, "/home/me/link")).1.kind = RecordKind::Symlink((&b""[..]).into());
    });
    refused("its kind has changed", |kept, tree| {
        let ls = kept.inode(ino(tree, "/bin/ls"));
        (ls.1.kind, ls.3) = (RecordKind::Device(Device::Zero), Vec::new());
    });
}

#[test]
fn versions_and_numbers_that_were_not_given_out_are_refused() {
    refused("a mode beyond the permission bits", |kept, _| kept.inode(ROOT).1.mode = 0o10000);
    refused("paid for in the future", |kept, _| kept.inode(ROOT).1.paid += 1 << 20);
    refused("a version not given out", |kept, _| kept.inode(ROOT).1.version += 1 << 20);
    refused("a version given out twice", |kept, _| {
        let version = kept.inodes[0].1.version.max(kept.inodes[1].1.version);
        kept.inodes.iter_mut().take(2).for_each(|inode| inode.1.version = version);
    });
    refused("nobody pays for it", |kept, tree| kept.inode(ino(tree, "/tmp/g")).1.paid = 1);
    refused("a number not given out", |kept, tree| {
        kept.head = Some(TreeHead { next_ino: tree.head().template_next_ino, ..tree.head() })
    });
    refused("a number not given out", |kept, _| {
        let zero = (Ino(0), kept.inodes[0].1.clone(), Vec::new(), Vec::new());
        kept.inodes.push(zero);
    });
    refused("given twice", |kept, _| {
        let again = kept.inodes[0].clone();
        kept.inodes.push(again);
    });
}

#[test]
fn a_head_that_does_not_fit_is_refused() {
    let with = |what, change: fn(&mut TreeHead)| {
        refused(what, |kept, tree| {
            let mut head = tree.head();
            change(&mut head);
            kept.head = Some(head);
        });
    };
    refused("the tree's head is missing", |kept, _| kept.head = None);
    with("it was made from another template", |head| head.template_version += 1);
    with("it was made from another template", |head| head.template_next_ino -= 1);
    with("counts beyond any tree's", |head| head.version = u64::MAX);
    with("counts beyond any tree's", |head| head.next_ino = u64::MAX);
    with("it is older than its template", |head| head.version = 0);
    let template = template();
    let mut kept = Kept::of(&template, None);
    kept.inodes.retain(|inode| inode.0 != ROOT);
    assert!(kept.restore(None).is_err());
    let empty = Kept { head: Some(template.head()), inodes: Vec::new(), removed: Vec::new() };
    assert_eq!(empty.restore(None).unwrap_err().what, "no root directory");
}
