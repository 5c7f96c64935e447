//! What the files of /proc are made of: the session's state, and what its kernel knows beside it.

use base::{Errno, MonoNanos, Pid};
use bytes::Bytes;

use super::node::Node;
use super::table::Content;
use crate::kernel::Kernel;
use crate::state::State;

/// One look at a session, under its lock.
pub(crate) struct Scene<'a> {
    pub(crate) kernel: &'a Kernel,
    pub(crate) state: &'a State,
    /// Who looks, a subshell by its own number.
    pub(crate) caller: Pid,
    pub(crate) now: MonoNanos,
}

/// Clock ticks a second, Linux's `USER_HZ`.
const TICKS_PER_SEC: u64 = 100;
const NANOS_PER_SEC: u64 = 1_000_000_000;

impl Scene<'_> {
    /// Nanoseconds since the session's boot.
    pub(crate) fn uptime_ns(&self) -> u64 {
        u64::try_from(self.now.since(self.state.machine.booted).as_nanos()).unwrap_or(u64::MAX)
    }

    /// What the session's processes have computed, in nanoseconds.
    pub(crate) fn cpu_ns(&self) -> u64 {
        self.kernel.cpu_ns()
    }
}

/// Nanoseconds in clock ticks.
pub(crate) fn ticks(ns: u64) -> u64 {
    ns / (NANOS_PER_SEC / TICKS_PER_SEC)
}

/// Nanoseconds in seconds with two decimals.
pub(crate) fn seconds(ns: u64) -> String {
    format!("{}.{:02}", ns / NANOS_PER_SEC, ns % NANOS_PER_SEC / 10_000_000)
}

impl State {
    /// Makes the content of a file of /proc.
    ///
    /// # Errors
    ///
    /// `ENOENT` when its process has gone; `EINVAL` for what is no file.
    pub(crate) fn proc_content(&mut self, kernel: &Kernel, entry: Pid, node: Node) -> Result<Bytes, Errno> {
        let now = kernel.clock().mono();
        self.machine.load.update(now, kernel.cpu_ns());
        let content = node.content();
        if matches!(content, Content::Uuid) {
            let mut bytes = [0; 16];
            self.random.fill(&mut bytes);
            return Ok(Bytes::from(format!("{}\n", uuid(bytes))));
        }
        let scene = Scene { kernel, state: self, caller: self.frame(entry)?.pid, now };
        match (content, node.pid, node.fd) {
            (Content::File(tell), ..) => Ok(Bytes::from(tell(&scene))),
            (Content::Of(tell), Some(pid), _) => Ok(tell(&scene, &self.view(pid)?)),
            (Content::DescriptorInfos, Some(_), Some(_)) => self.descriptor_info(node).map(Bytes::from),
            _ => Err(Errno::EINVAL),
        }
    }
}

/// Sixteen random bytes as a random UUID is written.
pub(crate) fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    parts.map(|(from, to)| hex.get(from..to).unwrap_or_default()).join("-")
}
