//! A tree made again of what was kept of it: its template, what differs from that, and what of it is gone.
//!
//! Owns every check that makes what it is given a tree or refuses it: the bytes come from a disk, so that nothing about
//! them is taken for granted. It costs what differs from the template. Quotas are charged and not judged.

mod names;
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::content::Content;
use crate::history::{Commit, History};
use crate::ino::Ino;
use crate::inode::{Directory, File, Inode, Link, Node, name_cost};
use crate::ledger::{Amount, Ledger, Quota};
use crate::path::{NAME_MAX, PATH_MAX};
use crate::record::{EntryRecord, InodeRecord, RecordKind, TreeHead};
use crate::stat::Name;
use crate::tree::{Inodes, Template, Tree};

/// Counts of inodes and versions beyond this are corrupt; below it they cannot overflow.
const COUNT_MAX: u64 = 1 << 62;

/// What was kept does not make a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconsistent {
    /// The inode about which that was found; the root for the tree as a whole.
    pub ino: Ino,
    /// What is wrong.
    pub what: &'static str,
}

impl fmt::Display for Inconsistent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inode {}: {}", self.ino.0, self.what)
    }
}

impl std::error::Error for Inconsistent {}

/// A tree that is being made again; see [`Restore::finish`].
///
/// ```
/// use base::Timestamp;
/// use sandshell_vfs::{Ino, Quota, Restore, Tree};
///
/// let now = Timestamp(0);
/// let template = Tree::new(Quota::UNLIMITED, now);
/// let mut tree = Tree::from_template(&template, Quota::UNLIMITED);
/// tree.mkdir(Ino::ROOT, b"/new", 0o755, now).unwrap();
///
/// let mut restore = Restore::new(Some(&template));
/// for ino in tree.changes_from(&template).changed {
///     let entries = tree.entry_changes(ino, None).unwrap().put;
///     restore.put(ino, tree.record(ino).unwrap(), entries, Vec::new()).unwrap();
/// }
/// let again = restore.finish(Some(tree.head()), Quota::UNLIMITED).unwrap();
/// assert!(again.walk().eq(tree.walk()));
/// ```
pub struct Restore<'t> {
    template: Option<&'t Tree>,
    changed: BTreeMap<Ino, Inode>,
    removed: BTreeSet<Ino>,
}

impl<'t> Restore<'t> {
    /// Begins a tree from its template; from nothing without one, which is how templates themselves are kept.
    #[must_use]
    pub fn new(template: Option<&'t Tree>) -> Self {
        Self { template, changed: BTreeMap::new(), removed: BTreeSet::new() }
    }

    /// Puts an inode that differs from the template's or is not in it, with all its entries or chunks.
    ///
    /// # Errors
    /// When no tree could have it.
    pub fn put(
        &mut self,
        ino: Ino,
        record: InodeRecord,
        entries: Vec<EntryRecord>,
        chunks: Vec<(u32, Bytes)>,
    ) -> Result<(), Inconsistent> {
        let wrong = |what| Inconsistent { ino, what };
        let like = self.template.and_then(|template| template.inodes.get(&ino)).map(|inode| &**inode);
        let inode = restored_inode(record, entries, chunks, like).map_err(wrong)?;
        match self.changed.insert(ino, inode) {
            Some(_) => Err(wrong("given twice")),
            None => Ok(()),
        }
    }

    /// Says that an inode of the template is gone.
    pub fn remove(&mut self, ino: Ino) {
        self.removed.insert(ino);
    }

    /// Returns the tree: the inodes have their numbers and versions, its usage is what it was, nothing is dirty.
    /// Without `head` it is a new tree of the template, from which nothing may differ.
    ///
    /// # Errors
    /// When what was put does not make a tree with the template: a name that leads nowhere or is none, a cycle, a
    /// directory with two names, a wrong count of links, an inode without a name, versions that no tree gives.
    pub fn finish(self, head: Option<TreeHead>, quota: Quota) -> Result<Tree, Inconsistent> {
        let whole = |what| Inconsistent { ino: Ino::ROOT, what };
        let unchanged = self.changed.is_empty() && self.removed.is_empty();
        let (head, mut tree) = match (head, self.template) {
            (None, Some(template)) if unchanged => return Ok(Tree::from_template(template, quota)),
            (None, _) => return Err(whole("the tree's head is missing")),
            (Some(head), Some(template)) => (head, Tree::from_template(template, quota)),
            (Some(head), None) => (head, vacant(quota, head)),
        };
        check_head(&head, &tree, self.template.is_some()).map_err(whole)?;
        self.check_numbers(&head)?;
        let named = self.names()?;
        let Self { template, mut changed, removed } = self;
        let dirs = place::give_places(&mut changed, &named, template);
        let versions = index_versions(&mut tree, &changed, &removed, &head)?;
        for ino in &removed {
            tree.inodes.remove(ino);
        }
        tree.inodes.extend(changed.into_iter().map(|(ino, inode)| (ino, Arc::new(inode))));
        place::check_places(&mut tree, &dirs)?;
        (tree.next_ino, tree.version) = (head.next_ino, head.version);
        tree.commit = Commit::at(tree.version, tree.next_ino);
        let costs = versions.into_values().filter_map(|ino| Some(tree.owned_cost(ino, tree.inodes.get(&ino)?)));
        tree.ledger.image = costs.fold(Amount::default(), |sum, cost| sum + cost);
        Ok(tree)
    }

    /// Every changed inode has a number and versions that the tree can have given to it.
    fn check_numbers(&self, head: &TreeHead) -> Result<(), Inconsistent> {
        for (ino, inode) in &self.changed {
            let wrong = |what| Err(Inconsistent { ino: *ino, what });
            let like = self.template.and_then(|template| template.inodes.get(ino));
            if ino.0 == 0 || ino.0 >= head.next_ino {
                return wrong("a number not given out");
            }
            if like.is_none() && self.template.is_some() {
                if ino.0 < head.template_next_ino {
                    return wrong("a number that the template has not");
                }
                if inode.paid <= head.template_version {
                    return wrong("nobody pays for it");
                }
            }
            if self.removed.contains(ino) {
                return wrong("both changed and gone");
            }
        }
        Ok(())
    }
}

/// A tree of nothing, which is what a kept template begins with.
fn vacant(quota: Quota, head: TreeHead) -> Tree {
    Tree {
        inodes: Inodes::default(),
        history: History::of_nothing(),
        template: Template { version: head.template_version, next_ino: head.template_next_ino },
        ledger: Ledger::new(quota),
        version: 0,
        ..Tree::new(quota, base::Timestamp(0))
    }
}

fn check_head(head: &TreeHead, tree: &Tree, from_template: bool) -> Result<(), &'static str> {
    let template = (head.template_version, head.template_next_ino);
    if from_template && template != (tree.template.version, tree.template.next_ino) {
        return Err("it was made from another template");
    }
    if head.version > COUNT_MAX || head.next_ino > COUNT_MAX {
        return Err("counts beyond any tree's");
    }
    if head.version < head.template_version || head.next_ino < head.template_next_ino {
        return Err("it is older than its template");
    }
    Ok(())
}

/// Notes the changes in the tree's history and returns them by version.
fn index_versions(
    tree: &mut Tree,
    changed: &BTreeMap<Ino, Inode>,
    removed: &BTreeSet<Ino>,
    head: &TreeHead,
) -> Result<BTreeMap<u64, Ino>, Inconsistent> {
    // A kept tree without a template has nothing older.
    let oldest = tree.version;
    let mut versions = BTreeMap::new();
    for (ino, inode) in changed {
        if inode.version <= oldest || inode.version > head.version {
            return Err(Inconsistent { ino: *ino, what: "a version not given out" });
        }
        if versions.insert(inode.version, *ino).is_some() {
            return Err(Inconsistent { ino: *ino, what: "a version given out twice" });
        }
    }
    for ino in changed.keys().chain(removed) {
        if let Some(before) = tree.inodes.get(ino).map(|inode| inode.version) {
            tree.history.note_removal(*ino, before);
        }
    }
    for (version, ino) in &versions {
        tree.history.note_change(*ino, 0, *version);
    }
    Ok(versions)
}

fn restored_inode(
    record: InodeRecord,
    entries: Vec<EntryRecord>,
    chunks: Vec<(u32, Bytes)>,
    like: Option<&Inode>,
) -> Result<Inode, &'static str> {
    let InodeRecord { kind, mode, nlink, uid, gid, atime, mtime, ctime, version, paid } = record;
    if mode > 0o7777 {
        return Err("a mode beyond the permission bits");
    }
    if paid > version {
        return Err("paid for in the future");
    }
    let has = (!entries.is_empty(), !chunks.is_empty());
    let node = match kind {
        RecordKind::File { size, program } if !has.0 => {
            let like = like.and_then(|inode| inode.file().ok()).map(|file| &file.content);
            Node::File(File { content: Content::restored(size, chunks, like, version)?, program })
        }
        RecordKind::Dir { lists_fds } if !has.1 => {
            let like = like.and_then(|inode| inode.dir().ok());
            Node::Dir(restored_dir(lists_fds, entries, like, version)?)
        }
        RecordKind::Symlink(target) if has == (false, false) => match target.len() {
            1..=PATH_MAX => Node::Symlink(target),
            _ => return Err("a link's target of no such length"),
        },
        RecordKind::Device(device) if has == (false, false) => Node::Device(device),
        _ => return Err("it holds what its kind does not"),
    };
    let inode = Inode { node, mode, nlink, uid, gid, atime, mtime, ctime, version, paid };
    match like.is_some_and(|like| like.kind() != inode.kind()) {
        true => Err("its kind has changed"),
        false => Ok(inode),
    }
}

/// Returns a directory without a place. Where it has the same entries as `like` it shares them.
fn restored_dir(
    lists_fds: bool,
    entries: Vec<EntryRecord>,
    like: Option<&Directory>,
    version: u64,
) -> Result<Directory, &'static str> {
    if lists_fds && !entries.is_empty() {
        return Err("entries in a directory that generates them");
    }
    let mut numbers = BTreeSet::new();
    let mut links: BTreeMap<Name, Link> = BTreeMap::new();
    for EntryRecord { number, name, ino } in entries {
        if !is_name(&name) {
            return Err("a name that is none");
        }
        if number > version || !numbers.insert(number) {
            return Err("an entry of no such number");
        }
        if links.insert(name, Link { ino, since: number }).is_some() {
            return Err("a name twice");
        }
    }
    let mut dir = Directory::new(Ino::ROOT, Name::from(&b""[..]));
    dir.lists_fds = lists_fds;
    dir.names_bytes = links.keys().map(|name| name_cost(name)).sum();
    if let Some(like) = like {
        dir.entries = like.entries.clone();
        for name in like.entries.keys().filter(|name| !links.contains_key(*name)) {
            dir.entries.remove(name);
        }
        links.retain(|name, link| like.entries.get(name) != Some(link));
    }
    dir.entries.extend(links);
    Ok(dir)
}

/// Tells whether the tree makes entries of this name. It leaves NUL to those who read paths out of C strings.
fn is_name(name: &[u8]) -> bool {
    (1..=NAME_MAX).contains(&name.len()) && name != b"." && name != b".." && !name.contains(&b'/')
}
