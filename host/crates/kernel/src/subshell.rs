//! Subshells: copies of descriptors, working directory and umask that last until they are left.
//!
//! Owns the bound on their nesting. A subshell is a frame of its process, not a process: what it changes is undone by
//! leaving, and only its number and its children are its own.

use base::{Errno, Pid};

use crate::process::Process;
use crate::state::State;
use crate::table::Frame;

/// Subshells within each other in one process; the shell's own limit on nesting is 200.
const MAX_FRAMES: usize = 256;

/// What a frame occupies beside its table of descriptors, in bytes.
const FRAME_BYTES: u64 = 256;

impl Process {
    /// Enters a subshell; answers its process number.
    ///
    /// # Errors
    ///
    /// `EAGAIN` when nested too deeply; `ENOMEM` when the session's footprint has no room for it.
    pub fn enter_subshell(&self) -> Result<Pid, Errno> {
        self.kernel.locked(|state, _| state.enter_frame(self.entry))
    }

    /// Leaves the innermost subshell: its descriptors close, its children become orphans, and cwd, umask, signal
    /// dispositions and descriptors are again those of the shell around it. Outside of subshells it does nothing.
    pub fn leave_subshell(&self) {
        self.kernel.locked(|state, fx| state.leave_frame(self.entry, fx));
    }
}

impl State {
    fn enter_frame(&mut self, pid: Pid) -> Result<Pid, Errno> {
        let proc = self.table.live(pid)?;
        if proc.frames.len() > MAX_FRAMES {
            return Err(Errno::EAGAIN);
        }
        let outer = proc.frame();
        let charged = FRAME_BYTES + outer.fds.footprint();
        let outer_dispositions = proc.dispositions;
        let (fds, cwd, umask, rlimits) = (outer.fds.clone(), outer.cwd, outer.umask, outer.rlimits);
        self.tree.charge(charged).map_err(|_| Errno::ENOMEM)?;
        for (_, id) in fds.iter() {
            self.descriptions.share(id);
        }
        self.tree.retain(cwd);
        let number = self.table.fresh_pid();
        self.machine.births += 1;
        self.table
            .add_frame(pid, Frame { fds, outer_dispositions, charged, ..Frame::new(number, cwd, umask, rlimits) });
        Ok(number)
    }
}
