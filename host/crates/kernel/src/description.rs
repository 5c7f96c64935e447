//! Open file descriptions: what descriptors of all processes share after dup and spawn.
//!
//! Owns kind, offset and flags of each, and how many descriptors name it. Lives under the session's lock; the pipes,
//! captures and logs it points to have their own, which are taken after that one is free.

use std::sync::Arc;

use bytes::Bytes;
use vfs::{Device, Ino};

use crate::budget::HostBudget;
use crate::capture::Capture;
use crate::cursor::DirCursor;
use crate::output::Stream;
use crate::pipe::Pipe;
use crate::proc::Node;
use crate::run::Run;
use crate::types::FdFlags;

/// Names a description within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DescId(u32);

/// An open file description.
#[derive(Debug)]
pub(crate) struct Description {
    refs: u32,
    /// Tells it apart in `stat` and in /proc from every other of the session, before and after it.
    pub(crate) number: u64,
    /// The path a file was opened by, for /proc, charged to the ledger; none when there was no room for it.
    pub(crate) opened_as: Option<Box<[u8]>>,
    pub(crate) flags: FdFlags,
    pub(crate) target: Target,
}

/// What a description is open on.
#[derive(Debug)]
pub(crate) enum Target {
    /// A regular file, retained in the tree.
    File { ino: Ino, offset: u64 },
    /// A directory, retained in the tree.
    Dir { ino: Ino, cursor: DirCursor },
    /// The reading end of a pipe.
    PipeReader(Arc<Pipe>),
    /// The writing end of a pipe.
    PipeWriter(Arc<Pipe>),
    /// The writing end of a capture; `charged` bytes of the ledger are given back at its close.
    Capture { capture: Arc<Capture>, charged: u64 },
    /// A stream of a run's output.
    Output { run: Run, stream: Stream },
    /// Given bytes (a here-document, a run's input), charged to the ledger when `charged`.
    /// That of a file of /proc is `generated` when it is opened and when it is read again from the start.
    Bytes { content: Bytes, offset: u64, charged: u64, generated: Option<Node> },
    /// One of the memory devices (null, zero, full, random).
    Device(Device),
    /// A file that a rollback of the tree took away: `EIO`.
    Gone,
}

/// All descriptions of a session, and the host's count of the descriptors that name them.
#[derive(Debug)]
pub(crate) struct Descriptions {
    host: HostBudget,
    slots: Vec<Option<Description>>,
    n_made: u64,
    free: Vec<DescId>,
}

impl Descriptions {
    pub(crate) fn new(host: HostBudget) -> Self {
        Self { host, slots: Vec::new(), n_made: 0, free: Vec::new() }
    }

    /// Adds a description named by one descriptor, which the caller is about to put into a table.
    pub(crate) fn add(&mut self, flags: FdFlags, target: Target) -> DescId {
        self.host.descriptor_opened();
        self.n_made += 1;
        let description = Description { refs: 1, number: self.n_made, opened_as: None, flags, target };
        if let Some(id) = self.free.pop() {
            self.slots[id.index()] = Some(description);
            return id;
        }
        let id = DescId(u32::try_from(self.slots.len()).expect("limits on processes and descriptors keep it small"));
        self.slots.push(Some(description));
        id
    }

    /// The number of the description that is added next; one of a pipe's ends lends it to both.
    pub(crate) fn next_number(&self) -> u64 {
        self.n_made + 1
    }

    /// Counts one more descriptor that names it.
    pub(crate) fn share(&mut self, id: DescId) -> DescId {
        self.of_mut(id).refs += 1;
        self.host.descriptor_opened();
        id
    }

    /// Counts one descriptor less; answers the description when that was the last.
    pub(crate) fn unshare(&mut self, id: DescId) -> Option<Description> {
        self.host.descriptors_closed(1);
        let description = self.of_mut(id);
        description.refs -= 1;
        if description.refs > 0 {
            return None;
        }
        self.free.push(id);
        self.slots[id.index()].take()
    }

    pub(crate) fn of(&self, id: DescId) -> &Description {
        self.slots[id.index()].as_ref().expect("a table names only live descriptions")
    }

    pub(crate) fn of_mut(&mut self, id: DescId) -> &mut Description {
        self.slots[id.index()].as_mut().expect("a table names only live descriptions")
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Description> {
        self.slots.iter_mut().flatten()
    }

    /// Bytes of the ledger held for paths.
    pub(crate) fn path_bytes(&self) -> u64 {
        self.slots.iter().flatten().map(Description::path_bytes).sum()
    }

    /// The live descriptions with the number of descriptors said to name each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (DescId, u32, &Target)> {
        let numbered = (0u32..).zip(&self.slots);
        numbered.filter_map(|(n, slot)| slot.as_ref().map(|one| (DescId(n), one.refs, &one.target)))
    }
}

impl Drop for Descriptions {
    fn drop(&mut self) {
        self.host.descriptors_closed(self.iter().map(|(_, refs, _)| u64::from(refs)).sum());
    }
}

impl Description {
    /// Bytes of the ledger held for the path.
    pub(crate) fn path_bytes(&self) -> u64 {
        self.opened_as.as_ref().map_or(0, |path| path.len() as u64)
    }
}

impl DescId {
    fn index(self) -> usize {
        self.0 as usize
    }
}
