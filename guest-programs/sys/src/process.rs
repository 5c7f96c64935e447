//! Processes: who this one is, which there are, and sending them signals.

use std::time::Duration;

use crate::errno::{Errno, Result};
use crate::imports;
use crate::signal::Signal;

/// A process's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub u32);

/// One row of the process list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: Pid,
    /// Its parent's; 0 for the session's shell.
    pub parent: Pid,
    /// Its process group.
    pub group: Pid,
    /// It has ended, and nobody has waited for it yet.
    pub ended: bool,
    /// Time it spent computing.
    pub cpu: Duration,
    /// `argv[0]`.
    pub name: Vec<u8>,
}

/// Time spent computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuTimes {
    /// By this process.
    pub own: Duration,
    /// By the children it has waited for, and theirs.
    pub children: Duration,
}

/// Whom [`kill`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// One process.
    Process(Pid),
    /// All of a process group.
    Group(Pid),
    /// All of the caller's process group.
    OwnGroup,
}

/// Returns this process's number.
///
/// # Errors
///
/// Only where the module is absent; so the next two.
pub fn own() -> Result<Pid> {
    imports::getpid().map(|[own, _, _]| Pid(own))
}

/// Returns the parent's number.
///
/// # Errors
///
/// See [`own`].
pub fn parent() -> Result<Pid> {
    imports::getpid().map(|[_, parent, _]| Pid(parent))
}

/// Returns the number of this process's group.
///
/// # Errors
///
/// See [`own`].
pub fn group() -> Result<Pid> {
    imports::getpid().map(|[_, _, group]| Pid(group))
}

/// Sends a signal; `None` only asks whether that would be possible. Does not return when it ends this process.
///
/// # Errors
///
/// `ESRCH` when nobody is meant; `EINVAL` for a number that is no signal or no process; `ENOTSUP` for one that would stop a
/// process.
pub fn kill(target: Target, signal: Option<Signal>) -> Result<()> {
    let number = |pid: Pid| i32::try_from(pid.0).ok().filter(|number| *number > 0).ok_or(Errno::EINVAL);
    let target = match target {
        Target::Process(pid) => number(pid)?,
        Target::Group(pid) => -number(pid)?,
        Target::OwnGroup => 0,
    };
    imports::kill(target, signal.map_or(0, |signal| signal.0.into()))
}

/// Returns the time this process and its children have computed.
///
/// # Errors
///
/// Only where the module is absent.
pub fn cpu_times() -> Result<CpuTimes> {
    let [own, children] = imports::times()?;
    Ok(CpuTimes { own: Duration::from_nanos(own), children: Duration::from_nanos(children) })
}

/// Adds to the niceness of this process, which programs started from here inherit, and returns the new one (-20 to 19).
///
/// # Errors
///
/// Only where the module is absent.
pub fn niceness(increment: i32) -> Result<i32> {
    imports::priority(increment)
}

/// Returns the session's processes, ascending.
///
/// # Errors
///
/// Only where the module is absent.
pub fn list() -> Result<Vec<Process>> {
    let mut rows = vec![0; 4096];
    loop {
        match imports::processes(&mut rows) {
            (needed, Err(Errno::ERANGE)) => rows.resize(needed.max(rows.len()) * 2, 0),
            (length, Ok(())) => return Ok(decode(rows.get(..length).unwrap_or(&rows))),
            (_, Err(errno)) => return Err(errno),
        }
    }
}

/// Reads rows; what is cut off at the end is left out.
fn decode(mut rows: &[u8]) -> Vec<Process> {
    let mut processes = Vec::new();
    while let Some((process, rest)) = decode_one(rows) {
        processes.push(process);
        rows = rest;
    }
    processes
}

fn decode_one(row: &[u8]) -> Option<(Process, &[u8])> {
    let half = |at: usize| Some(u32::from_le_bytes(*row.get(at..)?.first_chunk()?));
    let cpu = u64::from_le_bytes(*row.get(16..)?.first_chunk()?);
    let (name, rest) = row.get(28..)?.split_at_checked(half(24)? as usize)?;
    let process = Process {
        pid: Pid(half(0)?),
        parent: Pid(half(4)?),
        group: Pid(half(8)?),
        ended: half(12)? != 0,
        cpu: Duration::from_nanos(cpu),
        name: name.to_vec(),
    };
    Some((process, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_one_after_the_other() {
        let row = |pid: u32, name: &[u8]| {
            let halves = [pid, 1, 7, 0].map(u32::to_le_bytes).concat();
            let length = u32::try_from(name.len()).expect("short").to_le_bytes();
            [&halves[..], &5u64.to_le_bytes(), &length, name].concat()
        };
        let rows = [row(1, b"bash"), row(9, b"")].concat();
        let found = decode(&rows);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].pid, found[0].group, found[0].cpu.as_nanos(), &found[0].name[..]),
            (Pid(1), Pid(7), 5, &b"bash"[..])
        );
        assert_eq!(decode(&rows[..rows.len() - 1]).len(), 1);
    }

    #[test]
    fn nobody_is_signalled_by_a_number_that_means_many() {
        assert_eq!(kill(Target::Process(Pid(0)), None), Err(Errno::EINVAL));
        assert_eq!(kill(Target::Group(Pid(u32::MAX)), None), Err(Errno::EINVAL));
    }
}
