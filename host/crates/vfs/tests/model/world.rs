//! A tree and the model of it, driven by the same operations.

use std::collections::BTreeMap;

use base::{Errno, Timestamp};
use bytes::Bytes;
use sandshell_vfs::{Changes, Follow, Ino, Kind, PathDiff, Quota, Restore, Stat, Tree, TreeUsage};

use crate::naive::{Attributes, Naive, Node};
use crate::ops::Op;

pub(crate) type Dump = BTreeMap<Vec<u8>, (Stat, Vec<u8>)>;

pub(crate) struct World {
    pub(crate) tree: Tree,
    model: Naive,
    charged: u64,
    template: Option<Tree>,
    /// What had a name at the last commit.
    committed: States,
    mark: Option<Box<Mark>>,
}

/// Inodes with a name, without what is no change.
type States = BTreeMap<Ino, (Stat, Vec<u8>)>;

/// An earlier state of a world.
#[derive(Clone)]
struct Mark {
    tree: Tree,
    model: Naive,
    states: States,
}

/// Compares the answers of tree and model; a refusal for quota is the tree's alone.
fn agree<T: PartialEq + std::fmt::Debug>(
    op: &Op,
    real: &Result<T, Errno>,
    model: impl FnOnce() -> Result<T, Errno>,
) -> Option<Errno> {
    match real {
        Err(errno @ (Errno::EDQUOT | Errno::ENOSPC)) => Some(*errno),
        real => {
            assert_eq!(real, &model(), "{op:?}");
            real.as_ref().err().copied()
        }
    }
}

fn follow(yes: bool) -> Follow {
    if yes { Follow::Yes } else { Follow::No }
}

impl World {
    pub(crate) fn empty() -> Self {
        Self::of(Tree::new(Quota::UNLIMITED, Timestamp(0)), Naive::new(), None)
    }

    fn of(tree: Tree, model: Naive, template: Option<Tree>) -> Self {
        let mut world = Self { tree, model, charged: 0, template, committed: BTreeMap::new(), mark: None };
        world.committed = world.by_ino();
        world
    }

    pub(crate) fn of_template(template: &Self, quota: Quota) -> Self {
        let mut model = template.model.clone();
        model.begin_session();
        Self::of(Tree::from_template(&template.tree, quota), model, Some(template.tree.clone()))
    }

    pub(crate) fn fork(&self) -> Self {
        let mut model = self.model.clone();
        model.forget_open();
        let (committed, mark) = (self.committed.clone(), self.mark.clone());
        Self { tree: self.tree.clone(), model, charged: 0, template: self.template.clone(), committed, mark }
    }

    /// Carries out one operation on both and returns the tree's error.
    pub(crate) fn apply(&mut self, op: &Op, now: Timestamp) -> Option<Errno> {
        let (tree, model) = (&mut self.tree, &mut self.model);
        model.now = now.0;
        let root = Ino::ROOT;
        let ids = |result: Result<Ino, Errno>| result.map(|ino| ino.0);
        match op {
            Op::Create { path, exclusive } => {
                let real = ids(tree.create(root, path, 0o644, *exclusive, now));
                agree(op, &real, || model.create(path, *exclusive))
            }
            Op::Mkdir(path) => agree(op, &ids(tree.mkdir(root, path, 0o755, now)), || model.mkdir(path)),
            Op::Symlink { target, path } => {
                agree(op, &ids(tree.symlink(target, root, path, now)), || model.symlink(target, path))
            }
            Op::Link { old, follow: yes, new } => {
                let real = tree.link(root, old, follow(*yes), root, new, now);
                agree(op, &real, || model.link(old, *yes, new))
            }
            Op::Unlink(path) => agree(op, &tree.unlink(root, path, now), || model.unlink(path)),
            Op::Rmdir(path) => agree(op, &tree.rmdir(root, path, now), || model.rmdir(path)),
            Op::Rename { old, new } => agree(op, &tree.rename(root, old, root, new, now), || model.rename(old, new)),
            Op::Put { path, fill, len, is_static } => {
                let content = vec![*fill; *len];
                let real = if *is_static {
                    tree.insert_static(root, path, Bytes::from(content.clone()), 0o644, now)
                } else {
                    tree.put_file(root, path, &content, 0o644, now)
                };
                agree(op, &ids(real), || model.put(path, content))
            }
            _ => self.apply_to_inode(op, now),
        }
    }

    fn apply_to_inode(&mut self, op: &Op, now: Timestamp) -> Option<Errno> {
        match op {
            Op::Write { path, offset, fill, len } => {
                self.with_file(op, path, |world, ino| world.write(op, ino, Some(*offset), *fill, *len, now))
            }
            Op::Append { path, fill, len } => {
                self.with_file(op, path, |world, ino| world.write(op, ino, None, *fill, *len, now))
            }
            Op::WriteOpen { nth, offset, fill, len } => {
                let ino = Ino(self.nth_open(*nth)?);
                self.write(op, ino, Some(*offset), *fill, *len, now)
            }
            Op::Truncate { path, len } => self.with_file(op, path, |world, ino| {
                let size = usize::try_from(*len).unwrap();
                let real = world.tree.truncate(ino, *len, now);
                agree(op, &real, || {
                    world.model.file(ino.0).map(|bytes| bytes.resize(size, 0))?;
                    world.model.modified(ino.0);
                    Ok(())
                })
            }),
            Op::Allocate { path, offset, len } => self.with_file(op, path, |world, ino| {
                let end = usize::try_from(offset + len).unwrap();
                let real = world.tree.allocate(ino, *offset, *len, now);
                agree(op, &real, || {
                    let file = world.model.file(ino.0)?;
                    if *len == 0 {
                        return Err(Errno::EINVAL);
                    }
                    file.resize(file.len().max(end), 0);
                    world.model.modified(ino.0);
                    Ok(())
                })
            }),
            Op::Read { path, offset, len } => {
                self.with_file(op, path, |world, ino| world.read(op, ino, *offset, *len, now))
            }
            Op::Chmod { path, mode } => self.with_file(op, path, |world, ino| {
                let real = world.tree.set_mode(ino, *mode, now);
                agree(op, &real, || {
                    world.model.attributes(ino.0).mode = *mode;
                    world.model.changed(ino.0);
                    Ok(())
                })
            }),
            Op::Chown { path, uid, gid } => self.with_file(op, path, |world, ino| {
                let real = world.tree.set_owner(ino, *uid, *gid, now);
                agree(op, &real, || {
                    world.model.chown(ino.0, *uid, *gid);
                    Ok(())
                })
            }),
            Op::SetTimes { path, atime, mtime } => self.with_file(op, path, |world, ino| {
                let real = world.tree.set_times(ino, atime.map(Timestamp), mtime.map(Timestamp), now);
                agree(op, &real, || {
                    if (atime, mtime) == (&None, &None) {
                        return Ok(());
                    }
                    let attributes = world.model.attributes(ino.0);
                    attributes.atime = atime.unwrap_or(attributes.atime);
                    attributes.mtime = mtime.unwrap_or(attributes.mtime);
                    world.model.changed(ino.0);
                    Ok(())
                })
            }),
            _ => self.apply_to_whole(op),
        }
    }

    fn apply_to_whole(&mut self, op: &Op) -> Option<Errno> {
        match op {
            Op::List { path, after, max } => self.with_file(op, path, |world, ino| {
                let real = world.tree.read_dir(ino, Some(after), *max);
                let real = real.map(|entries| entries.iter().map(|entry| entry.ino.0).collect::<Vec<_>>());
                agree(op, &real, || {
                    let Node::Dir(entries) = &world.model.nodes[&ino.0].node else { return Err(Errno::ENOTDIR) };
                    let rest = entries.iter().filter(|(name, _)| *name > after);
                    Ok(rest.take(*max).map(|(_, id)| *id).collect())
                })
            }),
            Op::Open(path) => self.with_file(op, path, |world, ino| {
                world.tree.retain(ino);
                world.model.open.push(ino.0);
                None
            }),
            Op::Close(nth) => {
                let id = self.nth_open(*nth)?;
                self.tree.release(Ino(id));
                self.model.close(id);
                None
            }
            Op::Lookup { path, follow: yes } => {
                let real = self.tree.lookup(Ino::ROOT, path, follow(*yes)).map(|ino| ino.0);
                agree(op, &real, || self.model.lookup(path, *yes))
            }
            Op::Charge(amount) => match self.tree.charge(*amount) {
                Ok(()) => {
                    self.charged += amount;
                    None
                }
                Err(errno) => Some(errno),
            },
            Op::Discharge => {
                self.tree.discharge(std::mem::take(&mut self.charged));
                None
            }
            Op::Commit => {
                self.commit();
                None
            }
            Op::Mark => {
                let mut model = self.model.clone();
                model.forget_open();
                self.mark = Some(Box::new(Mark { tree: self.tree.clone(), model, states: self.by_ino() }));
                None
            }
            Op::RollBack => {
                self.roll_back();
                None
            }
            Op::Resume => {
                let again = self.restored().unwrap();
                self.resume(again);
                None
            }
            // Forking makes another world, which is the caller's.
            _ => None,
        }
    }

    fn nth_open(&self, nth: usize) -> Option<u64> {
        self.model.open.get(nth).copied()
    }

    fn with_file(&mut self, op: &Op, path: &[u8], then: impl FnOnce(&mut Self, Ino) -> Option<Errno>) -> Option<Errno> {
        let real = self.tree.lookup(Ino::ROOT, path, Follow::Yes);
        let errno = agree(op, &real.map(|ino| ino.0), || self.model.lookup(path, true));
        match real {
            Ok(ino) => then(self, ino),
            Err(_) => errno,
        }
    }

    fn write(&mut self, op: &Op, ino: Ino, at: Option<u64>, fill: u8, len: usize, now: Timestamp) -> Option<Errno> {
        let data = vec![fill; len];
        let real = match at {
            Some(offset) => self.tree.write_at(ino, offset, &data, now).map(|n| (offset, n)),
            None => self.tree.append(ino, &data, now),
        };
        agree(op, &real, || {
            let file = self.model.file(ino.0)?;
            let offset = at.map_or(file.len(), |offset| usize::try_from(offset).unwrap());
            // A short write only happens at a quota, which the model does not know.
            let n = real.map_or(len, |(_, n)| n);
            assert!(n > 0 || len == 0, "{op:?} wrote nothing");
            if n > 0 {
                let end = offset + n;
                file.resize(file.len().max(end), 0);
                file[offset..end].copy_from_slice(&data[..n]);
                self.model.modified(ino.0);
            }
            Ok((offset as u64, n))
        })
    }

    fn read(&mut self, op: &Op, ino: Ino, offset: u64, len: usize, now: Timestamp) -> Option<Errno> {
        let mut buf = vec![0xEE; len];
        let real = self.tree.read_at(ino, offset, &mut buf);
        let real = real.map(|n| buf[..n].to_vec());
        self.tree.note_access(ino, now);
        self.model.accessed(ino.0);
        agree(op, &real, || {
            let bytes = self.model.file(ino.0)?;
            let from = bytes.len().min(usize::try_from(offset).unwrap());
            Ok(bytes[from..bytes.len().min(from + len)].to_vec())
        })
    }

    fn commit(&mut self) {
        let changes = self.tree.take_changes();
        let now = self.by_ino();
        assert_eq!(changes, difference(&self.committed, &now));
        assert!(!self.tree.is_dirty());
        self.committed = now;
    }

    /// Puts the marked state in the place of the present one, as the kernel does.
    fn roll_back(&mut self) {
        let Some(mark) = &self.mark else { return };
        let mut tree = mark.tree.clone();
        tree.set_quota(Quota::UNLIMITED);
        assert_eq!(tree.charge(self.charged), Ok(()));
        tree.set_quota(self.tree.quota());
        tree.raise_version(self.tree.version());
        self.model = mark.model.clone();
        self.tree = tree;
        // What the mark's tree knew of commits is older than the last one.
        drop(self.tree.take_changes());
        self.committed = self.by_ino();
    }

    /// Changes are told from the mark as a comparison finds them.
    pub(crate) fn check_mark(&self) -> Result<(), String> {
        let Some(mark) = &self.mark else { return Ok(()) };
        let now = self.by_ino();
        let expected = difference(&mark.states, &now);
        let found = self.tree.changes_from(&mark.tree);
        if found != expected {
            return Err(format!("changes from the mark are {expected:?}, told {found:?}"));
        }
        let mut since: Vec<Ino> = self.tree.changes_since(mark.tree.version()).collect();
        let versions: Vec<u64> = since.iter().map(|ino| now[ino].0.version).collect();
        since.sort_unstable();
        if since != expected.changed || !versions.is_sorted() {
            return Err(format!("changes since the mark are {expected:?}, told {since:?}"));
        }
        let before = Self { tree: mark.tree.clone(), ..self.fork() }.dump();
        same("differing paths", &self.tree.path_diff(&mark.tree, usize::MAX), &path_difference(&before, &self.dump()))
    }

    /// Goes on with the tree as it comes back from where it was kept: what was open is closed, charges are gone, and
    /// the times of last access are those that were kept.
    pub(crate) fn resume(&mut self, tree: Tree) {
        self.model.forget_open();
        self.charged = 0;
        self.tree = tree;
        for (stat, _) in self.dump().into_values() {
            self.model.attributes(stat.ino.0).atime = stat.atime.0;
        }
        self.committed = self.by_ino();
    }

    /// Makes the tree again of what differs from its template.
    fn restored(&self) -> Result<Tree, String> {
        let template = self.template.as_ref();
        let changes = match template {
            Some(template) => self.tree.changes_from(template),
            None => Changes { changed: self.tree.changes_since(0).collect(), removed: Vec::new() },
        };
        let mut restore = Restore::new(template);
        for ino in changes.changed {
            let entries = self.tree.entry_changes(ino, None).unwrap_or_default().put;
            let chunks = self.tree.chunks(ino).into_iter().flatten();
            let chunks = chunks.map(|chunk| (chunk.index(), chunk.share())).collect();
            let record = self.tree.record(ino).unwrap();
            restore.put(ino, record, entries, chunks).map_err(|error| error.to_string())?;
        }
        changes.removed.into_iter().for_each(|ino| restore.remove(ino));
        restore.finish(Some(self.tree.head()), self.tree.quota()).map_err(|error| error.to_string())
    }

    /// Made again of what differs from its template, the tree is what it was.
    pub(crate) fn check_restored(&self) -> Result<(), String> {
        let again = self.restored()?;
        again.check_invariants()?;
        same("restored changes", &again.changes_from(&self.tree), &Changes::default())?;
        same("restored usage", &again.usage(), &self.tree.clone().usage())?;
        same("restored head", &again.head(), &self.tree.head())?;
        same("restored dirt", &again.is_dirty(), &false)?;
        let world = Self { tree: again, ..self.fork() };
        same("restored tree", &world.dump(), &self.dump())
    }

    /// Returns everything that has a name, with file contents, link targets and directory listings.
    pub(crate) fn dump(&self) -> Dump {
        self.tree.walk().map(|(path, stat)| (path, (stat, self.state(stat.ino)))).collect()
    }

    fn by_ino(&self) -> States {
        // Being read is no change.
        let unread = |stat: Stat| Stat { atime: Timestamp(0), ..stat };
        self.dump().into_values().map(|(stat, state)| (stat.ino, (unread(stat), state))).collect()
    }

    fn state(&self, ino: Ino) -> Vec<u8> {
        match self.tree.stat(ino).unwrap().kind {
            Kind::File => self.tree.read_all(ino, usize::MAX).unwrap(),
            Kind::Symlink => self.tree.read_link(ino).unwrap().to_vec(),
            _ => format!("{:?}", self.tree.read_dir(ino, None, usize::MAX).unwrap()).into_bytes(),
        }
    }

    pub(crate) fn check_against_model(&self) -> Result<(), String> {
        let named = self.model.named();
        let walked: Vec<u64> = self.by_ino().into_keys().map(|ino| ino.0).collect();
        same("the named inodes", &walked, &named)?;
        for (id, inode) in &self.model.nodes {
            let ino = Ino(*id);
            let stat = self.tree.stat(ino).unwrap();
            same("attributes", &attributes(&stat), &inode.attributes)?;
            let nlink = if named.contains(id) { self.model.nlink(*id) } else { 0 };
            same("links", &stat.nlink, &nlink)?;
            match &inode.node {
                Node::File(bytes) => same("content", &self.state(ino), bytes)?,
                Node::Link(target) => same("target", &self.state(ino), target)?,
                Node::Dir(entries) => self.check_dir(ino, entries)?,
            }
        }
        Ok(())
    }

    fn check_dir(&self, ino: Ino, entries: &BTreeMap<Vec<u8>, u64>) -> Result<(), String> {
        let listed = self.tree.read_dir(ino, None, usize::MAX).unwrap();
        let listed: Vec<(Vec<u8>, u64)> = listed.iter().map(|entry| (entry.name.to_vec(), entry.ino.0)).collect();
        let expected: Vec<(Vec<u8>, u64)> = entries.iter().map(|(name, id)| (name.clone(), *id)).collect();
        same("entries", &listed, &expected)?;
        if self.tree.stat(ino).unwrap().nlink > 0 {
            same("parent", &self.tree.parent(ino).unwrap().0, &self.model.parent(ino.0))?;
            let path = self.tree.path_of(ino).unwrap();
            same("place", &self.tree.lookup(Ino::ROOT, &path, Follow::No), &Ok(ino))?;
        } else {
            same("place", &self.tree.path_of(ino), &Err(Errno::ENOENT))?;
        }
        Ok(())
    }

    /// No sum grew beyond its quota.
    pub(crate) fn check_quota(&self, quota: Quota, before: TreeUsage) -> Result<(), String> {
        let usage = self.tree.usage();
        let files = quota.max_files.unwrap_or(u64::MAX).min(quota.inodes);
        let within = usage.files <= files.max(before.files)
            && usage.bytes <= quota.max_bytes.unwrap_or(u64::MAX).max(before.bytes)
            && usage.footprint <= quota.footprint_bytes.max(before.footprint);
        if within { Ok(()) } else { Err(format!("{usage:?} is beyond {quota:?}")) }
    }
}

fn attributes(stat: &Stat) -> Attributes {
    let (atime, mtime, ctime) = (stat.atime.0, stat.mtime.0, stat.ctime.0);
    Attributes { mode: stat.mode, uid: stat.uid, gid: stat.gid, atime, mtime, ctime }
}

fn difference(before: &States, now: &States) -> Changes {
    let changed = now.iter().filter(|(ino, state)| before.get(ino) != Some(state)).map(|(ino, _)| *ino).collect();
    let removed = before.keys().filter(|ino| !now.contains_key(ino)).copied().collect();
    Changes { changed, removed }
}

/// What [`Tree::path_diff`] should say of two dumps.
fn path_difference(before: &Dump, now: &Dump) -> PathDiff {
    let told = |(stat, state): &(Stat, Vec<u8>)| {
        let Stat { ino, kind, mode, uid, gid, mtime, .. } = *stat;
        let own = (kind != Kind::Dir).then(|| (ino, mtime, state.clone()));
        (kind, mode, uid, gid, own)
    };
    let only = |one: &Dump, other: &Dump| one.keys().filter(|path| !other.contains_key(*path)).cloned().collect();
    let both = now.iter().filter_map(|(path, now)| Some((path, before.get(path)?, now)));
    let changed = both.filter(|(_, before, now)| told(before) != told(now)).map(|(path, ..)| path.clone()).collect();
    PathDiff { added: only(now, before), changed, removed: only(before, now), truncated: false }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, real: &T, model: &T) -> Result<(), String> {
    if real == model { Ok(()) } else { Err(format!("{what}: {real:?}, by the model {model:?}")) }
}
