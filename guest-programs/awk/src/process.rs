//! Commands that run beside the program: started by `sh -c`, read from or written to, and waited for.

use std::fs::File;
use std::io;

/// A command that was started and not waited for.
pub(crate) struct Child(platform::Handle);

impl Child {
    /// Waits until it has ended; returns its status as gawk tells it: of a signal, 256 and its number.
    pub(crate) fn wait(self) -> f64 {
        platform::wait(self.0)
    }
}

/// Starts a command whose output is read.
pub(crate) fn start_reading(command: &[u8]) -> io::Result<(File, Child)> {
    platform::start(command, true).map(|(file, handle)| (file, Child(handle)))
}

/// Starts a command that is written to.
pub(crate) fn start_writing(command: &[u8]) -> io::Result<(File, Child)> {
    platform::start(command, false).map(|(file, handle)| (file, Child(handle)))
}

/// Runs a command with the standard descriptors and waits for it.
pub(crate) fn run(command: &[u8]) -> io::Result<f64> {
    platform::run(command)
}

#[cfg(target_arch = "wasm32")]
mod platform {
    //! By the kernel's spawn.

    use std::fs::File;
    use std::io;

    use sandshell_sys::{Children, Command, Errno, Fd, Pid, WaitStatus, pipe_files, wait as wait_for};

    pub(super) type Handle = Pid;

    fn shell(command: &[u8]) -> Command {
        Command::new(b"/bin/sh").arguments([b"-c", command])
    }

    pub(super) fn start(command: &[u8], reading: bool) -> io::Result<(File, Handle)> {
        let (reader, writer) = pipe_files()?;
        let (ours, theirs, number) = if reading { (reader, writer, 1) } else { (writer, reader, 0) };
        let child = shell(command).descriptor(number, Fd::from(&theirs)).spawn()?;
        Ok((ours, child))
    }

    pub(super) fn run(command: &[u8]) -> io::Result<f64> {
        Ok(wait(shell(command).spawn()?))
    }

    pub(super) fn wait(child: Handle) -> f64 {
        loop {
            match wait_for(Children::One(child)) {
                Ok((_, WaitStatus::Exited(status))) => return f64::from(status),
                Ok((_, WaitStatus::Signalled(signal))) => return 256.0 + f64::from(signal.0),
                Err(Errno::EINTR) => {}
                Err(_) => return -1.0,
            }
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    //! By the operating system, where the program is tested natively.

    use std::ffi::OsStr;
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};

    pub(super) type Handle = Child;

    fn shell(command: &[u8]) -> Command {
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(OsStr::from_bytes(command));
        shell
    }

    pub(super) fn start(command: &[u8], reading: bool) -> io::Result<(File, Handle)> {
        let mut shell = shell(command);
        if reading {
            shell.stdout(Stdio::piped())
        } else {
            shell.stdin(Stdio::piped())
        };
        let mut child = shell.spawn()?;
        let ours = if reading { child.stdout.take().map(OwnedFd::from) } else { child.stdin.take().map(OwnedFd::from) };
        let ours = ours.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((File::from(ours), child))
    }

    pub(super) fn run(command: &[u8]) -> io::Result<f64> {
        Ok(wait(shell(command).spawn()?))
    }

    pub(super) fn wait(mut child: Handle) -> f64 {
        match child.wait() {
            Ok(status) => match status.signal() {
                Some(signal) => 256.0 + f64::from(signal),
                None => f64::from(status.code().unwrap_or(-1)),
            },
            Err(_) => -1.0,
        }
    }
}
