//! The invariants of a session's state, recounted from nothing; for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::description::{DescId, Target};
use crate::kernel::Kernel;
use crate::pipe::PIPE_CAPACITY;
use crate::state::State;
use crate::table::Proc;

impl Kernel {
    /// Recounts everything that is kept as sums or in two places. Call it when no system call is under way.
    ///
    /// # Errors
    ///
    /// Says in words what does not hold.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.locked(|state, _| {
            state.check_references()?;
            state.check_charges()?;
            state.check_families()?;
            state.tree.check()
        })
    }
}

impl State {
    /// Every description is named by as many descriptors as it counts.
    fn check_references(&self) -> Result<(), String> {
        let mut named: BTreeMap<DescId, u32> = BTreeMap::new();
        for (_, proc) in self.table.iter() {
            for (_, id) in proc.frames.iter().flat_map(|frame| frame.fds.iter()) {
                *named.entry(id).or_default() += 1;
            }
        }
        let counted: BTreeMap<DescId, u32> = self.descriptions.iter().map(|(id, refs, _)| (id, refs)).collect();
        if named == counted { Ok(()) } else { Err(format!("descriptors name {named:?}, counted are {counted:?}")) }
    }

    /// The kernel's share of the ledger is what its pipes, captures, bytes, frames and processes charge.
    fn check_charges(&self) -> Result<(), String> {
        let mut pipes = BTreeSet::new();
        let mut sum = self.descriptions.path_bytes();
        for (_, _, target) in self.descriptions.iter() {
            match target {
                Target::PipeReader(pipe) | Target::PipeWriter(pipe) if pipe.is_charged() => {
                    pipes.insert(Arc::as_ptr(pipe));
                }
                Target::Capture { charged, .. } | Target::Bytes { charged, .. } => sum += charged,
                _ => {}
            }
        }
        sum += (pipes.len() * PIPE_CAPACITY) as u64;
        let of_frames = |proc: &Proc| proc.frames.iter().map(|frame| frame.charged).sum::<u64>();
        sum += self.table.iter().map(|(_, proc)| proc.charged + of_frames(proc)).sum::<u64>();
        let charged = self.tree.charged();
        if sum == charged { Ok(()) } else { Err(format!("{charged} bytes are charged, {sum} are held")) }
    }

    /// Every child is in the table and says who its parent is; whoever is in no list is an orphan.
    fn check_families(&self) -> Result<(), String> {
        let mut children = BTreeSet::new();
        for (pid, proc) in self.table.iter() {
            for frame in &proc.frames {
                if self.table.owner(frame.pid) != Some(pid) {
                    return Err(format!("the subshell {} of {pid} is not known by its number", frame.pid));
                }
                for child in &frame.children {
                    let parent = self.table.any(*child).map(|child| child.parent);
                    if parent != Some(frame.pid) {
                        return Err(format!("{child} is a child of {} and says {parent:?}", frame.pid));
                    }
                    children.insert(*child);
                }
            }
        }
        let lost = self.table.iter().find(|(pid, proc)| proc.parent.0 != 0 && !proc.orphan && !children.contains(pid));
        lost.map_or(Ok(()), |(pid, _)| Err(format!("{pid} is nobody's child")))
    }
}
