//! The entry of a new process: what it inherits, what it is charged, and the limits on how many there are.
//!
//! Owns the order of a birth: every check and charge comes first, so that a refusal leaves nothing behind.

use std::sync::Arc;

use base::{Errno, MonoNanos, Pid};

use crate::fdtable::FdTable;
use crate::launch::{Executable, ProcessSpec};
use crate::process::Process;
use crate::rlimits::Resource;
use crate::run::Run;
use crate::signal::{Dispositions, SignalSet};
use crate::started::StartedAs;
use crate::state::{Effects, State};
use crate::table::{Frame, Proc};
use crate::types::ChildGroup;

/// What a process costs the ledger beside its arguments and state: its entry, task and bookkeeping in the host.
const PROCESS_BYTES: u64 = 4096;

/// Bytes of `argv[0]` that the process list shows; the whole of it is charged once, as an argument.
const NAME_MAX_BYTES: usize = 255;

/// A new process as `spawn` and `spawn_shell` describe it.
pub(crate) struct Birth {
    pub(crate) executable: Executable,
    pub(crate) argv: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    /// The child's descriptors and the caller's that they are copies of.
    pub(crate) fds: Vec<(u32, u32)>,
    pub(crate) ignored: SignalSet,
    pub(crate) group: ChildGroup,
    /// Bytes of arguments, environment and state.
    pub(crate) charge: u64,
    pub(crate) name: Vec<u8>,
    pub(crate) started_as: StartedAs,
}

impl Process {
    /// Enters a child into the table, with all it inherits; on an error nothing has changed.
    pub(crate) fn add_child(&self, state: &mut State, birth: Birth, fx: &mut Effects) -> Result<ProcessSpec, Errno> {
        let run = self.run();
        if run.stopped_by().is_some() {
            return Err(Errno::EINTR);
        }
        let allowed = state.frame(self.entry)?.rlimits.of(Resource::Processes).0;
        if state.table.n_live() as u64 >= allowed {
            return Err(Errno::EAGAIN);
        }
        let permit = self.kernel.budget().process_permit().ok_or(Errno::EAGAIN)?;
        let parent = state.table.live(self.entry)?;
        let group = match birth.group {
            ChildGroup::Inherit => Some(parent.group),
            ChildGroup::New => None,
            ChildGroup::Join(group) if state.table.has_group(group) => Some(group),
            ChildGroup::Join(_) => return Err(Errno::EPERM),
        };
        let mut frame = self.child_frame(state, &birth.fds)?;
        let charged = PROCESS_BYTES + birth.charge + birth.started_as.size();
        if state.tree.charge(charged).is_err() {
            state.close_frame(&frame, fx);
            return Err(Errno::ENOMEM);
        }
        let pid = state.table.fresh_pid();
        frame.pid = pid;
        let now = self.kernel.clock().mono();
        let mut proc = Proc::new(state.frame(self.entry)?.pid, group.unwrap_or(pid), frame, run, now);
        proc.dispositions = Dispositions { ignored: birth.ignored, handled: SignalSet::EMPTY };
        proc.niceness = state.table.live(self.entry)?.niceness;
        proc.is_shell = matches!(birth.executable, Executable::Shell | Executable::ShellStage { .. });
        if let Executable::Wasm { ino, .. } = birth.executable {
            state.tree.retain(ino);
            proc.executable = Some(ino);
        }
        (proc.name, proc.charged, proc.permit) = (birth.name, charged, Some(permit));
        proc.name.truncate(NAME_MAX_BYTES);
        proc.started_as = birth.started_as;
        state.machine.births += 1;
        let process = Self::new(Arc::clone(&self.kernel), pid, Arc::clone(&proc.shared));
        state.table.add_child(self.entry, pid, proc);
        Ok(ProcessSpec { process, executable: birth.executable, argv: birth.argv, env: birth.env })
    }

    /// Makes the child's frame: copies of the descriptors it is given, and the caller's directory and mask.
    fn child_frame(&self, state: &mut State, map: &[(u32, u32)]) -> Result<Frame, Errno> {
        let own = state.frame(self.entry)?;
        let (cwd, umask, rlimits) = (own.cwd, own.umask, own.rlimits);
        let limit = rlimits.open_files();
        let mut fds = FdTable::default();
        for (child, parent) in map {
            if *child >= limit {
                return Err(Errno::EBADF);
            }
            // A number given twice means the later one, as a sequence of dup2 would.
            let _earlier = fds.put(*child, own.fds.get(*parent)?);
        }
        fds.iter().for_each(|(_, id)| {
            state.descriptions.share(id);
        });
        state.tree.retain(cwd);
        Ok(Frame { fds, ..Frame::new(Pid(0), cwd, umask, rlimits) })
    }
}

impl Proc {
    /// Makes an entry with one frame and nothing pending, ignored or charged.
    pub(crate) fn new(parent: Pid, group: Pid, frame: Frame, run: Run, started: MonoNanos) -> Self {
        Self {
            parent,
            group,
            is_shell: false,
            frames: vec![frame],
            dispositions: Dispositions::default(),
            niceness: 0,
            ended: None,
            changed: None,
            orphan: false,
            shared: Arc::new(crate::table::Shared::new(run)),
            name: Vec::new(),
            started_as: StartedAs::default(),
            started,
            children_cpu_ns: 0,
            charged: 0,
            executable: None,
            permit: None,
        }
    }
}
