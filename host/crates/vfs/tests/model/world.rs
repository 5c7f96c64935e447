//! A tree and the model of it, driven by the same operations.

use std::collections::BTreeMap;

use base::{Errno, Timestamp};
use bytes::Bytes;
use proptest::prelude::*;
use sandshell_vfs::{Follow, Ino, Kind, Quota, Stat, Tree, TreeUsage};

use crate::naive::{Naive, Node};
use crate::ops::Op;

pub(crate) type Dump = BTreeMap<Vec<u8>, (Stat, Vec<u8>)>;

pub(crate) struct World {
    pub(crate) tree: Tree,
    model: Naive,
    charged: u64,
    /// What had a name at the last commit.
    committed: BTreeMap<Ino, (Stat, Vec<u8>)>,
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
        Self::of(Tree::new(Quota::UNLIMITED, Timestamp(0)), Naive::new())
    }

    fn of(tree: Tree, model: Naive) -> Self {
        let mut world = Self { tree, model, charged: 0, committed: BTreeMap::new() };
        world.committed = world.by_ino();
        world
    }

    pub(crate) fn of_template(template: &Self, quota: Quota) -> Self {
        let mut model = template.model.clone();
        model.forget_open();
        Self::of(Tree::from_template(&template.tree, quota), model)
    }

    pub(crate) fn fork(&self) -> Self {
        let mut model = self.model.clone();
        model.forget_open();
        Self { tree: self.tree.clone(), model, charged: 0, committed: self.committed.clone() }
    }

    /// Carries out one operation on both and returns the tree's error.
    pub(crate) fn apply(&mut self, op: &Op, now: Timestamp) -> Option<Errno> {
        let (tree, model) = (&mut self.tree, &mut self.model);
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
                agree(op, &real, || world.model.file(ino.0).map(|bytes| bytes.resize(size, 0)))
            }),
            Op::Chmod { path, mode } => self.with_file(op, path, |world, ino| {
                let real = world.tree.set_mode(ino, *mode, now);
                agree(op, &real, || {
                    world.model.nodes.get_mut(&ino.0).unwrap().1 = *mode;
                    Ok(())
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
            }
            Ok((offset as u64, n))
        })
    }

    fn commit(&mut self) {
        let dirty = self.tree.take_dirty();
        let now = self.by_ino();
        let gone: Vec<Ino> = self.committed.keys().filter(|ino| !now.contains_key(ino)).copied().collect();
        assert_eq!(dirty.removed, gone);
        let differ = now.iter().filter(|(ino, state)| self.committed.get(ino) != Some(state));
        let differ: Vec<Ino> = differ.map(|(ino, _)| *ino).collect();
        assert_eq!(dirty.changed, differ);
        assert!(!self.tree.is_dirty());
        self.committed = now;
    }

    /// Returns everything that has a name, with file contents, link targets and directory listings.
    pub(crate) fn dump(&self) -> Dump {
        self.tree.walk().map(|(path, stat)| (path, (stat, self.state(stat.ino)))).collect()
    }

    fn by_ino(&self) -> BTreeMap<Ino, (Stat, Vec<u8>)> {
        self.dump().into_values().map(|(stat, state)| (stat.ino, (stat, state))).collect()
    }

    fn state(&self, ino: Ino) -> Vec<u8> {
        match self.tree.stat(ino).unwrap().kind {
            Kind::File => self.tree.read_all(ino, usize::MAX).unwrap(),
            Kind::Symlink => self.tree.read_link(ino).unwrap().to_vec(),
            _ => format!("{:?}", self.tree.read_dir(ino, None, usize::MAX).unwrap()).into_bytes(),
        }
    }

    pub(crate) fn check_against_model(&self) -> Result<(), TestCaseError> {
        let named = self.model.named();
        let walked: Vec<u64> = self.by_ino().into_keys().map(|ino| ino.0).collect();
        prop_assert_eq!(&walked, &named);
        for (id, (node, mode)) in &self.model.nodes {
            let ino = Ino(*id);
            let stat = self.tree.stat(ino).unwrap();
            prop_assert_eq!(stat.mode, *mode);
            let nlink = if named.contains(id) { self.model.nlink(*id) } else { 0 };
            prop_assert_eq!(stat.nlink, nlink);
            match node {
                Node::File(bytes) => prop_assert_eq!(&self.state(ino), bytes),
                Node::Link(target) => prop_assert_eq!(&self.state(ino), target),
                Node::Dir(entries) => self.check_dir(ino, entries)?,
            }
        }
        Ok(())
    }

    fn check_dir(&self, ino: Ino, entries: &BTreeMap<Vec<u8>, u64>) -> Result<(), TestCaseError> {
        let listed = self.tree.read_dir(ino, None, usize::MAX).unwrap();
        let listed: Vec<(Vec<u8>, u64)> = listed.iter().map(|entry| (entry.name.to_vec(), entry.ino.0)).collect();
        let expected: Vec<(Vec<u8>, u64)> = entries.iter().map(|(name, id)| (name.clone(), *id)).collect();
        prop_assert_eq!(listed, expected);
        if self.tree.stat(ino).unwrap().nlink > 0 {
            prop_assert_eq!(self.tree.parent(ino).unwrap().0, self.model.parent(ino.0));
            let path = self.tree.path_of(ino).unwrap();
            prop_assert_eq!(self.tree.lookup(Ino::ROOT, &path, Follow::No), Ok(ino));
        } else {
            prop_assert_eq!(self.tree.path_of(ino), Err(Errno::ENOENT));
        }
        Ok(())
    }

    /// No sum grew beyond its quota.
    pub(crate) fn check_quota(&self, quota: Quota, before: TreeUsage) -> Result<(), TestCaseError> {
        let usage = self.tree.usage();
        let files = quota.max_files.unwrap_or(u64::MAX).min(quota.inodes);
        prop_assert!(usage.files <= files.max(before.files), "{:?}", usage);
        prop_assert!(usage.bytes <= quota.max_bytes.unwrap_or(u64::MAX).max(before.bytes), "{:?}", usage);
        prop_assert!(usage.footprint <= quota.footprint_bytes.max(before.footprint), "{:?}", usage);
        Ok(())
    }
}
