//! Resource limits of the real system as a level of the shell sees them.
//!
//! They begin as the process's own. What a level lowers is its own memory of it: the process, which the shell shares with
//! whoever tests it, keeps what it has.

use rustix::process::{Resource, getrlimit};

use crate::sys::{Errno, LimitKind};

/// Soft and hard limit of each kind.
#[derive(Clone, Copy)]
pub(super) struct Limits([(u64, u64); 4]);

impl Limits {
    pub(super) fn of_process() -> Self {
        let of = |resource: Resource| {
            let limit = getrlimit(resource);
            (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX))
        };
        Self([of(Resource::Fsize), of(Resource::Nofile), of(Resource::Nproc), of(Resource::As)])
    }

    pub(super) fn of(&self, kind: LimitKind) -> (u64, u64) {
        self.0[index(kind)]
    }

    pub(super) fn set(&mut self, kind: LimitKind, to: (u64, u64)) -> Result<(), Errno> {
        let slot = &mut self.0[index(kind)];
        if to.0 > to.1 {
            return Err(Errno::EINVAL);
        }
        if to.1 > slot.1 {
            return Err(Errno::EPERM);
        }
        *slot = to;
        Ok(())
    }
}

fn index(kind: LimitKind) -> usize {
    match kind {
        LimitKind::FileSize => 0,
        LimitKind::OpenFiles => 1,
        LimitKind::Processes => 2,
        LimitKind::Memory => 3,
    }
}
