//! The model: maps of maps, paths resolved by recursion, parents found by searching.

use std::collections::BTreeMap;

use base::Errno;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    File(Vec<u8>),
    Dir(BTreeMap<Vec<u8>, u64>),
    Link(Vec<u8>),
}

#[derive(Clone, Debug)]
pub(crate) struct Inode {
    pub(crate) node: Node,
    pub(crate) attributes: Attributes,
    /// The session has made or changed it, beyond where it is linked.
    pub(crate) owned: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) atime: u64,
    pub(crate) mtime: u64,
    pub(crate) ctime: u64,
}

const DAY: u64 = 86_400_000_000_000;

#[derive(Clone, Debug)]
pub(crate) struct Naive {
    pub(crate) nodes: BTreeMap<u64, Inode>,
    /// The time of the operation.
    pub(crate) now: u64,
    pub(crate) next: u64,
    /// Every open, one entry each.
    pub(crate) open: Vec<u64>,
}

type Res<T> = Result<T, Errno>;

/// Parent, final name (none for `.`, `..` and the root), what is there, slash after it.
struct Found {
    dir: u64,
    name: Result<Vec<u8>, &'static str>,
    id: Option<u64>,
    slash: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Last {
    Follow,
    FollowIfSlash,
    Keep,
}

const ROOT: u64 = 1;

impl Naive {
    pub(crate) fn new() -> Self {
        let mut new = Self { nodes: BTreeMap::new(), now: 0, next: ROOT, open: Vec::new() };
        new.insert(Node::Dir(BTreeMap::new()), 0o755);
        // The root is everybody's.
        new.begin_session();
        new
    }

    fn insert(&mut self, node: Node, mode: u32) -> u64 {
        let (id, now) = (self.next, self.now);
        self.next += 1;
        let attributes = Attributes { mode, uid: 0, gid: 0, atime: now, mtime: now, ctime: now };
        self.nodes.insert(id, Inode { node, attributes, owned: true });
        id
    }

    fn dir(&self, id: u64) -> Res<&BTreeMap<Vec<u8>, u64>> {
        match &self.nodes[&id].node {
            Node::Dir(entries) => Ok(entries),
            _ => Err(Errno::ENOTDIR),
        }
    }

    fn entries(&mut self, id: u64) -> &mut BTreeMap<Vec<u8>, u64> {
        match &mut self.nodes.get_mut(&id).unwrap().node {
            Node::Dir(entries) => entries,
            other => panic!("{other:?} is no directory"),
        }
    }

    pub(crate) fn is_dir(&self, id: u64) -> bool {
        self.dir(id).is_ok()
    }

    pub(crate) fn parent(&self, id: u64) -> u64 {
        let holds = |entry: &(&u64, &Inode)| matches!(&entry.1.node, Node::Dir(d) if d.values().any(|v| *v == id));
        self.nodes.iter().find(holds).map_or(ROOT, |(parent, _)| *parent)
    }

    pub(crate) fn nlink(&self, id: u64) -> u32 {
        let dirs = self.nodes.values().filter_map(|inode| if let Node::Dir(d) = &inode.node { Some(d) } else { None });
        match self.dir(id) {
            Ok(entries) => 2 + u32::try_from(entries.values().filter(|v| self.is_dir(**v)).count()).unwrap(),
            Err(_) => u32::try_from(dirs.flat_map(BTreeMap::values).filter(|v| **v == id).count()).unwrap(),
        }
    }

    fn resolve(&self, at: u64, path: &[u8], last: Last, links: &mut u32) -> Res<Found> {
        if path.is_empty() {
            return Err(Errno::ENOENT);
        }
        let at = if path[0] == b'/' { ROOT } else { at };
        let slash = path.ends_with(b"/");
        let names: Vec<&[u8]> = path.split(|b| *b == b'/').filter(|n| !n.is_empty()).collect();
        let Some((name, before)) = names.split_last() else {
            return Ok(Found { dir: ROOT, name: Err("/"), id: Some(ROOT), slash: false });
        };
        let mut dir = at;
        for name in before {
            dir = self.enter(dir, name, links)?;
        }
        let entries = self.dir(dir)?;
        match *name {
            b"." => return Ok(Found { dir, name: Err("."), id: Some(dir), slash: false }),
            b".." => return Ok(Found { dir, name: Err(".."), id: Some(self.parent(dir)), slash: false }),
            _ => {}
        }
        let id = entries.get(*name).copied();
        if let Some(Node::Link(target)) = id.map(|id| &self.nodes[&id].node)
            && (last == Last::Follow || last == Last::FollowIfSlash && slash)
        {
            *links += 1;
            if *links > 40 {
                return Err(Errno::ELOOP);
            }
            let target = if slash { [target, &b"/"[..]].concat() } else { target.clone() };
            return self.resolve(dir, &target, last, links);
        }
        Ok(Found { dir, name: Ok(name.to_vec()), id, slash })
    }

    /// Goes through a component that is not the last.
    fn enter(&self, dir: u64, name: &[u8], links: &mut u32) -> Res<u64> {
        let entries = self.dir(dir)?;
        match name {
            b"." => return Ok(dir),
            b".." => return Ok(self.parent(dir)),
            _ => {}
        }
        let id = *entries.get(name).ok_or(Errno::ENOENT)?;
        let Node::Link(target) = &self.nodes[&id].node else { return Ok(id) };
        *links += 1;
        if *links > 40 {
            return Err(Errno::ELOOP);
        }
        let found = self.resolve(dir, &[target, &b"/"[..]].concat(), Last::Follow, links)?;
        found.id.ok_or(Errno::ENOENT)
    }

    fn find(&self, path: &[u8], last: Last) -> Res<Found> {
        self.resolve(ROOT, path, last, &mut 0)
    }

    pub(crate) fn lookup(&self, path: &[u8], follow: bool) -> Res<u64> {
        let found = self.find(path, if follow { Last::Follow } else { Last::FollowIfSlash })?;
        let id = found.id.ok_or(Errno::ENOENT)?;
        if found.slash && !self.is_dir(id) { Err(Errno::ENOTDIR) } else { Ok(id) }
    }

    fn add(&mut self, dir: u64, name: Vec<u8>, node: Node, mode: u32) -> u64 {
        let is_dir = matches!(node, Node::Dir(_));
        let id = self.insert(node, mode);
        let Attributes { mode, gid, .. } = self.nodes[&dir].attributes;
        if mode & 0o2000 != 0 {
            let new = self.attributes(id);
            new.gid = gid;
            new.mode |= if is_dir { 0o2000 } else { 0 };
        }
        self.entries(dir).insert(name, id);
        self.modified(dir);
        id
    }

    pub(crate) fn attributes(&mut self, id: u64) -> &mut Attributes {
        &mut self.nodes.get_mut(&id).unwrap().attributes
    }

    /// Content or entries have changed.
    pub(crate) fn modified(&mut self, id: u64) {
        self.attributes(id).mtime = self.now;
        self.changed(id);
    }

    /// An attribute has changed.
    pub(crate) fn changed(&mut self, id: u64) {
        self.relinked(id);
        self.nodes.get_mut(&id).unwrap().owned = true;
    }

    /// A name has changed.
    fn relinked(&mut self, id: u64) {
        self.attributes(id).ctime = self.now;
    }

    pub(crate) fn accessed(&mut self, id: u64) {
        let now = self.now;
        let inode = self.nodes.get_mut(&id).unwrap();
        let Attributes { atime, mtime, ctime, .. } = inode.attributes;
        if inode.owned && (atime <= mtime || atime <= ctime || now >= atime + DAY) {
            inode.attributes.atime = now;
        }
    }

    pub(crate) fn chown(&mut self, id: u64, uid: Option<u32>, gid: Option<u32>) {
        let is_dir = self.is_dir(id);
        let attributes = self.attributes(id);
        attributes.uid = uid.unwrap_or(attributes.uid);
        attributes.gid = gid.unwrap_or(attributes.gid);
        if !is_dir {
            attributes.mode &= if attributes.mode & 0o10 == 0 { 0o3777 } else { 0o1777 };
        }
        self.changed(id);
    }

    pub(crate) fn create(&mut self, path: &[u8], exclusive: bool) -> Res<u64> {
        let found = self.find(path, if exclusive || path.ends_with(b"/") { Last::Keep } else { Last::Follow })?;
        if found.slash {
            return Err(Errno::EISDIR);
        }
        match found.id {
            Some(_) if exclusive => Err(Errno::EEXIST),
            Some(id) if self.is_dir(id) => Err(Errno::EISDIR),
            Some(id) => Ok(id),
            None => Ok(self.add(found.dir, found.name.unwrap(), Node::File(Vec::new()), 0o644)),
        }
    }

    pub(crate) fn mkdir(&mut self, path: &[u8]) -> Res<u64> {
        let found = self.find(path, Last::Keep)?;
        match found.id {
            Some(_) => Err(Errno::EEXIST),
            None => Ok(self.add(found.dir, found.name.unwrap(), Node::Dir(BTreeMap::new()), 0o755)),
        }
    }

    pub(crate) fn symlink(&mut self, target: &[u8], path: &[u8]) -> Res<u64> {
        if target.is_empty() {
            return Err(Errno::ENOENT);
        }
        let found = self.find(path, Last::Keep)?;
        match found.id {
            Some(_) => Err(Errno::EEXIST),
            None if found.slash => Err(Errno::ENOENT),
            None => Ok(self.add(found.dir, found.name.unwrap(), Node::Link(target.to_vec()), 0o777)),
        }
    }

    pub(crate) fn link(&mut self, old: &[u8], follow: bool, new: &[u8]) -> Res<()> {
        let id = self.lookup(old, follow)?;
        let found = self.find(new, Last::Keep)?;
        match found.id {
            Some(_) => Err(Errno::EEXIST),
            None if found.slash => Err(Errno::ENOENT),
            None if self.is_dir(id) => Err(Errno::EPERM),
            None => {
                self.entries(found.dir).insert(found.name.unwrap(), id);
                self.modified(found.dir);
                self.relinked(id);
                Ok(())
            }
        }
    }

    pub(crate) fn unlink(&mut self, path: &[u8]) -> Res<()> {
        let found = self.find(path, Last::Keep)?;
        let Ok(name) = found.name else { return Err(Errno::EISDIR) };
        let id = found.id.ok_or(Errno::ENOENT)?;
        if self.is_dir(id) {
            return Err(Errno::EISDIR);
        }
        if found.slash {
            return Err(Errno::ENOTDIR);
        }
        self.entries(found.dir).remove(&name);
        self.modified(found.dir);
        self.relinked(id);
        self.sweep();
        Ok(())
    }

    pub(crate) fn rmdir(&mut self, path: &[u8]) -> Res<()> {
        let found = self.find(path, Last::Keep)?;
        let name = match found.name {
            Ok(name) => name,
            Err(".") => return Err(Errno::EINVAL),
            Err("..") => return Err(Errno::ENOTEMPTY),
            Err(_) => return Err(Errno::EBUSY),
        };
        let id = found.id.ok_or(Errno::ENOENT)?;
        if !self.dir(id)?.is_empty() {
            return Err(Errno::ENOTEMPTY);
        }
        self.entries(found.dir).remove(&name);
        self.modified(found.dir);
        self.relinked(id);
        self.sweep();
        Ok(())
    }

    /// Tells whether `id` is `ancestor` or below it.
    fn is_within(&self, id: u64, ancestor: u64) -> bool {
        id == ancestor || id != ROOT && self.is_within(self.parent(id), ancestor)
    }

    pub(crate) fn rename(&mut self, old: &[u8], new: &[u8]) -> Res<()> {
        let (from, to) = (self.find(old, Last::Keep)?, self.find(new, Last::Keep)?);
        let (Ok(old_name), Ok(new_name)) = (from.name, to.name) else { return Err(Errno::EBUSY) };
        let id = from.id.ok_or(Errno::ENOENT)?;
        let is_dir = self.is_dir(id);
        if !is_dir && (from.slash || to.slash) {
            return Err(Errno::ENOTDIR);
        }
        if is_dir && self.is_within(to.dir, id) {
            return Err(Errno::EINVAL);
        }
        match to.id {
            Some(other) if other == id => return Ok(()),
            Some(other) if self.is_dir(other) => {
                if self.is_within(from.dir, other) {
                    return Err(Errno::ENOTEMPTY);
                }
                if !is_dir {
                    return Err(Errno::EISDIR);
                }
                if !self.dir(other)?.is_empty() {
                    return Err(Errno::ENOTEMPTY);
                }
            }
            Some(_) if is_dir => return Err(Errno::ENOTDIR),
            _ => {}
        }
        self.entries(from.dir).remove(&old_name);
        self.entries(to.dir).insert(new_name, id);
        for dir in [from.dir, to.dir] {
            self.modified(dir);
        }
        for id in to.id.into_iter().chain([id]) {
            self.relinked(id);
        }
        self.sweep();
        Ok(())
    }

    pub(crate) fn put(&mut self, path: &[u8], content: Vec<u8>) -> Res<u64> {
        let found = self.find(path, Last::Keep)?;
        let Ok(name) = found.name else { return Err(Errno::EISDIR) };
        if found.slash || found.id.is_some_and(|id| self.is_dir(id)) {
            return Err(Errno::EISDIR);
        }
        let id = self.add(found.dir, name, Node::File(content), 0o644);
        if let Some(replaced) = found.id {
            self.relinked(replaced);
        }
        self.sweep();
        Ok(id)
    }

    /// Returns the content of a file, EISDIR and EINVAL for other things.
    pub(crate) fn file(&mut self, id: u64) -> Res<&mut Vec<u8>> {
        match &mut self.nodes.get_mut(&id).ok_or(Errno::ENOENT)?.node {
            Node::File(bytes) => Ok(bytes),
            Node::Dir(_) => Err(Errno::EISDIR),
            Node::Link(_) => Err(Errno::EINVAL),
        }
    }

    pub(crate) fn close(&mut self, id: u64) {
        let at = self.open.iter().position(|open| *open == id).unwrap();
        self.open.remove(at);
        self.sweep();
    }

    /// Makes it a session's that has not changed anything yet.
    pub(crate) fn begin_session(&mut self) {
        self.forget_open();
        self.nodes.values_mut().for_each(|inode| inode.owned = false);
    }

    /// Forgets what is open, as a fork does.
    pub(crate) fn forget_open(&mut self) {
        self.open.clear();
        self.sweep();
    }

    /// Removes every node that has no name and is not open.
    fn sweep(&mut self) {
        let named: Vec<u64> = self
            .nodes
            .values()
            .filter_map(|inode| if let Node::Dir(entries) = &inode.node { Some(entries) } else { None })
            .flat_map(|entries| entries.values().copied())
            .collect();
        self.nodes.retain(|id, _| *id == ROOT || named.contains(id) || self.open.contains(id));
    }

    /// Returns the nodes that have a name, and the root.
    pub(crate) fn named(&self) -> Vec<u64> {
        let mut list = vec![ROOT];
        let mut at = 0;
        while at < list.len() {
            if let Ok(entries) = self.dir(list[at]) {
                list.extend(entries.values().copied());
            }
            at += 1;
        }
        list.sort_unstable();
        list.dedup();
        list
    }
}
