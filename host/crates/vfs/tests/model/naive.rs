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
pub(crate) struct Naive {
    pub(crate) nodes: BTreeMap<u64, (Node, u32 /* mode */)>,
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
        Self { nodes: [(ROOT, (Node::Dir(BTreeMap::new()), 0o755))].into(), next: 2, open: Vec::new() }
    }

    fn dir(&self, id: u64) -> Res<&BTreeMap<Vec<u8>, u64>> {
        match &self.nodes[&id].0 {
            Node::Dir(entries) => Ok(entries),
            _ => Err(Errno::ENOTDIR),
        }
    }

    fn entries(&mut self, id: u64) -> &mut BTreeMap<Vec<u8>, u64> {
        match &mut self.nodes.get_mut(&id).unwrap().0 {
            Node::Dir(entries) => entries,
            other => panic!("{other:?} is no directory"),
        }
    }

    pub(crate) fn is_dir(&self, id: u64) -> bool {
        self.dir(id).is_ok()
    }

    pub(crate) fn parent(&self, id: u64) -> u64 {
        let holds = |entry: &(&u64, &(Node, u32))| matches!(&entry.1.0, Node::Dir(d) if d.values().any(|v| *v == id));
        self.nodes.iter().find(holds).map_or(ROOT, |(parent, _)| *parent)
    }

    pub(crate) fn nlink(&self, id: u64) -> u32 {
        let dirs = self.nodes.values().filter_map(|(node, _)| if let Node::Dir(d) = node { Some(d) } else { None });
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
        if let Some(Node::Link(target)) = id.map(|id| &self.nodes[&id].0)
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
        let Node::Link(target) = &self.nodes[&id].0 else { return Ok(id) };
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
        let id = self.next;
        self.next += 1;
        self.nodes.insert(id, (node, mode));
        self.entries(dir).insert(name, id);
        id
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
        if !self.dir(found.id.ok_or(Errno::ENOENT)?)?.is_empty() {
            return Err(Errno::ENOTEMPTY);
        }
        self.entries(found.dir).remove(&name);
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
        self.sweep();
        Ok(id)
    }

    /// Returns the content of a file, EISDIR and EINVAL for other things.
    pub(crate) fn file(&mut self, id: u64) -> Res<&mut Vec<u8>> {
        match &mut self.nodes.get_mut(&id).ok_or(Errno::ENOENT)?.0 {
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
            .filter_map(|(node, _)| if let Node::Dir(entries) = node { Some(entries) } else { None })
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
