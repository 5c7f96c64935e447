//! Waiting for children.

use std::time::Duration;

use crate::errno::{Errno, Result};
use crate::imports;
use crate::process::Pid;
use crate::signal::Signal;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitStatus {
    /// It returned or called `exit`.
    Exited(u8),
    /// A signal ended it.
    Signalled(Signal),
}

impl WaitStatus {
    /// Returns `$?` as a shell shows it: the status, or 128 + signal.
    #[must_use]
    pub fn shell_status(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Signalled(signal) => 128u8.saturating_add(signal.0),
        }
    }
}

/// Which children are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Children {
    /// Any.
    Any,
    /// One.
    One(Pid),
    /// Those of a process group.
    Group(Pid),
}

impl Children {
    fn number(self) -> Result<i32> {
        let number = |pid: Pid| i32::try_from(pid.0).ok().filter(|number| *number > 0).ok_or(Errno::ECHILD);
        match self {
            Self::Any => Ok(0),
            Self::One(pid) => number(pid),
            Self::Group(pid) => Ok(-number(pid)?),
        }
    }
}

const NO_HANG: u32 = 1;

/// Waits until a child has ended, and takes its status.
///
/// # Errors
///
/// `ECHILD` when there is no such child; `EINTR` when a held signal has come.
pub fn wait(which: Children) -> Result<(Pid, WaitStatus)> {
    match u32::try_from(which.number()?) {
        Ok(pid) => decode(imports::wait(pid, 0)?).ok_or(Errno::EIO),
        // Only the other function knows groups.
        Err(_) => wait_for(which, None),
    }
}

/// [`wait`], at most so long.
///
/// # Errors
///
/// Those of [`wait`], and `ETIMEDOUT`.
pub fn wait_for(which: Children, timeout: Option<Duration>) -> Result<(Pid, WaitStatus)> {
    let nanos = timeout.map_or(u64::MAX, |timeout| u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX));
    decode(imports::wait_for(which.number()?, 0, nanos)?).ok_or(Errno::EIO)
}

/// Takes the status of a child that has ended, if there is one; never waits.
///
/// # Errors
///
/// `ECHILD` when there is no such child at all.
pub fn try_wait(which: Children) -> Result<Option<(Pid, WaitStatus)>> {
    imports::wait_for(which.number()?, NO_HANG, u64::MAX).map(decode)
}

/// Reads what the module tells: number (0: nobody ended), kind, value.
fn decode([pid, kind, value]: [u32; 3]) -> Option<(Pid, WaitStatus)> {
    let value = u8::try_from(value).unwrap_or(u8::MAX);
    let status = if kind == 0 { WaitStatus::Exited(value) } else { WaitStatus::Signalled(Signal(value)) };
    (pid != 0).then_some((Pid(pid), status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_by_three_numbers() {
        assert_eq!(decode([0, 0, 0]), None);
        assert_eq!(decode([7, 0, 3]), Some((Pid(7), WaitStatus::Exited(3))));
        let killed = WaitStatus::Signalled(Signal::KILL);
        assert_eq!(decode([7, 1, 9]), Some((Pid(7), killed)));
        assert_eq!(killed.shell_status(), 137);
    }

    #[test]
    fn a_number_that_can_be_no_child_is_none() {
        assert_eq!(Children::One(Pid(0)).number(), Err(Errno::ECHILD));
        assert_eq!(Children::Group(Pid(5)).number(), Ok(-5));
    }
}
