//! What stands for `exec`: a process of the module cannot replace its program, so it starts a child and becomes its shadow.
//!
//! The shadow passes on the signals it gets and ends as the child ends. The child has a number of its own.

use crate::command::Command;
use crate::errno::{Errno, Result};
use crate::process::{Pid, Target, kill, own};
use crate::signal::{Disposition, Signal, disposition, set_disposition, take_pending};
use crate::wait::{Children, WaitStatus, wait};

/// Signals that are sent to end or tell a program, and can be passed on.
const PASSED_ON: &[Signal] =
    &[Signal::HUP, Signal::INT, Signal::QUIT, Signal::USR1, Signal::USR2, Signal::ALRM, Signal::TERM];

impl Command {
    /// Does what `execvp` does, as far as others can see: all open descriptors are the program's, signals reach it, and this
    /// process ends as it ends. Returns only why the program could not be started.
    #[must_use]
    pub fn exec(self) -> Errno {
        let held = match hold_signals() {
            Ok(held) => held,
            Err(errno) => return errno,
        };
        match self.inherit_all().spawn() {
            Ok(child) => follow(child),
            Err(errno) => {
                for signal in held {
                    // It was at its default before, so this cannot be refused.
                    let _ = set_disposition(signal, Disposition::Default);
                }
                errno
            }
        }
    }
}

/// Holds what can be passed on and is not ignored. The child finds held signals at their default.
fn hold_signals() -> Result<Vec<Signal>> {
    let mut held = Vec::new();
    for signal in PASSED_ON {
        if disposition(*signal)? == Disposition::Default {
            set_disposition(*signal, Disposition::Hold)?;
            held.push(*signal);
        }
    }
    Ok(held)
}

/// Passes signals on until the child ends, and ends as it did.
fn follow(child: Pid) -> ! {
    loop {
        match wait(Children::One(child)) {
            Ok((_, status)) => end_as(status),
            Err(Errno::EINTR) => {
                while let Ok(Some(signal)) = take_pending() {
                    // It may have ended meanwhile; then there is nobody to tell.
                    let _ = kill(Target::Process(child), Some(signal));
                }
            }
            Err(_) => std::process::exit(exec_failure_status(Errno::ECHILD)),
        }
    }
}

/// Ends this process as another one ended: with its status, or by the signal that ended it.
pub fn end_as(status: WaitStatus) -> ! {
    if let WaitStatus::Signalled(signal) = status {
        // KILL needs no disposition; what is refused leaves the exit below, which shells print alike.
        let _ = set_disposition(signal, Disposition::Default);
        let _ = own().and_then(|own| kill(Target::Process(own), Some(signal)));
    }
    std::process::exit(status.shell_status().into())
}

/// Returns the exit status for a command that could not be started: 127 when it is not there, else 126 (POSIX, env).
#[must_use]
pub fn exec_failure_status(errno: Errno) -> i32 {
    if errno == Errno::ENOENT { 127 } else { 126 }
}
