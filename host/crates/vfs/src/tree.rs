//! The tree itself: its inode tables, and the two steps every change is made of, paying and editing.
//!
//! It owns all state of this crate. What the operations mean is in the files named after them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base::{Errno, Timestamp};
use imbl::GenericHashMap;
use imbl::shared_ptr::DefaultSharedPtr;

use crate::history::{Commit, History};
use crate::ino::{FibBuild, Ino};
use crate::inode::{Directory, Inode, Node};
use crate::ledger::{Amount, Bill, Ledger, Quota, TreeUsage};

/// A table of inodes that is cloned in constant time.
pub(crate) type Inodes = GenericHashMap<Ino, Arc<Inode>, FibBuild, DefaultSharedPtr>;

/// A file system in memory.
///
/// Every operation succeeds whole or changes nothing (a write may be short, as POSIX allows). Operations that change
/// the tree take the time as `now` and charge its ledger first: beyond `max_files` or `max_bytes` they answer EDQUOT,
/// beyond `inodes` or `footprint_bytes` ENOSPC. There is one user, whom no permission bit stops.
///
/// A path is taken from the directory `base` unless it begins with `/`. Resolving one answers ENOENT, ENOTDIR,
/// ELOOP and ENAMETOOLONG as POSIX says; an inode number that names nothing answers ENOENT.
///
/// `clone` takes constant time and gives an independent tree with the same files, usage of these files, versions and
/// last commit. What belongs to the original's processes stays behind: open counts, inodes that live only because they
/// are open, what [`Tree::cover`] covered and what [`Tree::charge`] charged.
///
/// ```
/// use base::Timestamp;
/// use sandshell_vfs::{Ino, Quota, Tree};
///
/// let now = Timestamp(0);
/// let mut tree = Tree::new(Quota::UNLIMITED, now);
/// let file = tree.create(Ino::ROOT, b"/greeting", 0o644, false, now).unwrap();
/// tree.write_at(file, 0, b"hello", now).unwrap();
/// let image = tree.clone();
/// tree.truncate(file, 0, now).unwrap();
/// let mut buf = [0; 16];
/// assert_eq!(image.read_at(file, 0, &mut buf), Ok(5));
/// ```
pub struct Tree {
    /// The inodes that have a name, and the root.
    pub(crate) inodes: Inodes,
    /// The inodes that have none any more and are open.
    pub(crate) unlinked: Inodes,
    /// How often each inode is open; no zeros.
    pub(crate) opens: HashMap<Ino, u32, FibBuild>,
    pub(crate) next_ino: u64,
    /// The directory that another file system covers.
    pub(crate) covered: Option<Ino>,
    /// Counts changes of inodes.
    pub(crate) version: u64,
    pub(crate) template: Template,
    pub(crate) history: History,
    pub(crate) commit: Commit,
    pub(crate) ledger: Ledger,
}

/// Which inodes are the template's: those not paid for since `version`, and among the paid those below `next_ino`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Template {
    pub(crate) version: u64,
    pub(crate) next_ino: u64,
}

/// What an edit changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    /// The inode's own data: the session owns its cost from now on, which the operation's bill has paid.
    Own,
    /// Only where it is linked, which is free.
    Links,
}

impl Clone for Tree {
    fn clone(&self) -> Self {
        Self {
            inodes: self.inodes.clone(),
            unlinked: Inodes::default(),
            opens: HashMap::default(),
            next_ino: self.next_ino,
            covered: None,
            version: self.version,
            template: self.template,
            history: self.history.clone(),
            commit: self.commit.clone(),
            ledger: self.ledger.of_clone(),
        }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree of {} inodes at version {}, {:?}", self.inodes.len(), self.version, self.usage())
    }
}

impl Tree {
    /// Creates a tree that has only its root directory (mode 0755), which costs nothing.
    #[must_use]
    pub fn new(quota: Quota, now: Timestamp) -> Self {
        let mut root = Inode::new(Node::Dir(Directory::new(Ino::ROOT, Arc::from(&b""[..]))), 0o755, now);
        (root.version, root.paid) = (1, 1);
        let next_ino = Ino::ROOT.0 + 1;
        Self {
            inodes: Inodes::default().update(Ino::ROOT, Arc::new(root)),
            unlinked: Inodes::default(),
            opens: HashMap::default(),
            next_ino,
            covered: None,
            version: 1,
            template: Template { version: 1, next_ino },
            history: History::of_root(),
            commit: Commit::at(1, next_ino),
            ledger: Ledger::new(quota),
        }
    }

    /// Creates a session's tree from a template in constant time. The template's inodes cost nothing until they are
    /// changed, and then their whole; removing one gives nothing back. Nothing in the new tree is dirty.
    #[must_use]
    pub fn from_template(template: &Self, quota: Quota) -> Self {
        let mut tree = template.clone();
        tree.template = Template { version: tree.version, next_ino: tree.next_ino };
        tree.commit = Commit::at(tree.version, tree.next_ino);
        tree.ledger = Ledger::new(quota);
        tree
    }

    /// Returns what the tree holds beyond its template.
    #[must_use]
    pub fn usage(&self) -> TreeUsage {
        self.ledger.usage()
    }

    /// Returns the quota.
    #[must_use]
    pub fn quota(&self) -> Quota {
        self.ledger.quota
    }

    /// Replaces the quota. If the tree already holds more, it keeps that, and only growth is refused.
    pub fn set_quota(&mut self, quota: Quota) {
        self.ledger.quota = quota;
    }

    /// Returns, once, the footprint the tree would have had after the last operation that was refused with ENOSPC, or
    /// whose write was cut short, for exceeding `footprint_bytes`: with a quota that high it would have gone through.
    pub fn take_shortage(&mut self) -> Option<u64> {
        self.ledger.shortage.take()
    }

    /// Charges memory that is held outside the tree to its footprint: pipes, captures, shell state.
    ///
    /// # Errors
    /// ENOSPC beyond the quota; then nothing is charged.
    pub fn charge(&mut self, footprint: u64) -> Result<(), Errno> {
        self.ledger.charge_external(footprint)
    }

    /// Gives back what [`Tree::charge`] charged. More than that is clamped.
    pub fn discharge(&mut self, footprint: u64) {
        self.ledger.discharge_external(footprint);
    }

    /// Returns what is charged by [`Tree::charge`], to be charged anew when another tree takes this one's place.
    #[must_use]
    pub fn charged(&self) -> u64 {
        self.ledger.external
    }

    /// Notes that the inode is opened once more: it outlives its last name until it is released as often.
    /// A number that names no stored inode is ignored.
    pub fn retain(&mut self, ino: Ino) {
        if self.inode(ino).is_ok() {
            let count = self.opens.entry(ino).or_insert(0);
            *count = count.saturating_add(1);
        }
    }

    /// Takes back one [`Tree::retain`]; the last one frees an inode that has no name any more.
    pub fn release(&mut self, ino: Ino) {
        let Some(count) = self.opens.get_mut(&ino) else { return };
        *count = count.saturating_sub(1);
        if *count > 0 {
            return;
        }
        self.opens.remove(&ino);
        if let Some(inode) = self.unlinked.remove(&ino) {
            self.ledger.unlinked -= self.owned_cost(ino, &inode);
        }
    }

    pub(crate) fn inode(&self, ino: Ino) -> Result<&Inode, Errno> {
        if let Some(inode) = self.inodes.get(&ino) {
            return Ok(inode);
        }
        if ino.fd().is_some() {
            return Err(Errno::EINVAL);
        }
        self.unlinked.get(&ino).map(|inode| &**inode).ok_or(Errno::ENOENT)
    }

    pub(crate) fn dir(&self, ino: Ino) -> Result<&Directory, Errno> {
        match self.inode(ino) {
            Ok(inode) => inode.dir(),
            Err(_) if ino.fd().is_some() => Err(Errno::ENOTDIR),
            Err(errno) => Err(errno),
        }
    }

    pub(crate) fn is_dir(&self, ino: Ino) -> bool {
        self.inode(ino).is_ok_and(Inode::is_dir)
    }

    pub(crate) fn is_open(&self, ino: Ino) -> bool {
        self.opens.contains_key(&ino)
    }

    /// Returns what the session pays for the inode now.
    pub(crate) fn owned_cost(&self, ino: Ino, inode: &Inode) -> Amount {
        if inode.paid > self.template.version { self.whole_cost(ino, inode) } else { Amount::default() }
    }

    /// Returns what the session pays for the inode once it owns it. It never made a directory of the template, so
    /// that does not count as a file of its own when an entry in it changes.
    fn whole_cost(&self, ino: Ino, inode: &Inode) -> Amount {
        let mut cost = inode.cost();
        if inode.is_dir() && ino.0 < self.template.next_ino {
            cost.files = 0;
        }
        cost
    }

    /// Returns the bill for an [`Touch::Own`] edit that makes the inode cost `growth` more.
    pub(crate) fn bill_edit(&self, ino: Ino, inode: &Inode, growth: Amount) -> Bill {
        let amount = self.whole_cost(ino, inode) - self.owned_cost(ino, inode) + growth;
        if inode.nlink == 0 {
            Bill { unlinked: amount, ..Bill::default() }
        } else {
            Bill { image: amount, ..Bill::default() }
        }
    }

    /// Pays for an edit of one inode, as [`Tree::bill_edit`] works it out.
    pub(crate) fn pay_edit(&mut self, ino: Ino, growth: Amount) -> Result<(), Errno> {
        let bill = self.bill_edit(ino, self.inode(ino)?, growth);
        self.ledger.pay(&bill)
    }

    /// Gives an inode out for changing and notes the change. The bill has been paid.
    pub(crate) fn edit(&mut self, ino: Ino, touch: Touch) -> &mut Inode {
        self.version += 1;
        let (slot, linked) = match self.inodes.get_mut(&ino) {
            Some(slot) => (slot, true),
            None => (self.unlinked.get_mut(&ino).expect("the operation has looked the inode up"), false),
        };
        let inode = Arc::make_mut(slot);
        if linked {
            self.history.note_change(ino, inode.version, self.version);
        }
        inode.version = self.version;
        if touch == Touch::Own {
            inode.paid = self.version;
        }
        inode
    }

    /// Puts a new inode into the table, under a new number. The bill has been paid.
    pub(crate) fn add(&mut self, mut inode: Inode) -> Ino {
        let ino = Ino(self.next_ino);
        self.next_ino += 1;
        self.version += 1;
        (inode.version, inode.paid) = (self.version, self.version);
        if let Node::File(file) = &mut inode.node {
            file.content.stamp(self.version);
        }
        self.inodes.insert(ino, Arc::new(inode));
        self.history.note_change(ino, 0, self.version);
        ino
    }
}
