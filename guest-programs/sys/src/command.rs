//! Starting programs as POSIX `execvp` does: search in `PATH`, and `sh` for a script without `#!`.

use crate::descriptors::Fd;
use crate::errno::{Errno, Result};
use crate::files::{Access, access};
use crate::imports;
use crate::mode::Kind;
use crate::process::Pid;
use crate::request::SpawnRequest;
use crate::stat::stat;
use crate::text::environment;

/// Bytes of arguments and environment together, each entry with its NUL and 8 bytes for its pointer (`ARG_MAX`).
pub const ARGUMENTS_MAX_BYTES: usize = 2 << 20;

/// Where a command is searched when the environment has no `PATH`; the host searches there, too.
const DEFAULT_PATH: &[u8] = b"/usr/local/bin:/usr/bin:/bin";

/// What executes a file that is no program and has no `#!` line (POSIX, execvp).
const SHELL: &[u8] = b"/bin/sh";

/// A program to start. It gets this process's environment and standard descriptors unless told otherwise, its working
/// directory and mask, and ignores the signals this process ignores.
#[derive(Clone, Debug)]
pub struct Command {
    request: SpawnRequest,
}

impl Command {
    /// Names the program: a path if it has a slash, else a command that is searched in `PATH`. It is its own first argument.
    #[must_use]
    pub fn new(program: &[u8]) -> Self {
        Self {
            request: SpawnRequest {
                path: program.to_vec(),
                argv: vec![program.to_vec()],
                env: environment(),
                search_path: true,
                inherit_standard: true,
                ..SpawnRequest::default()
            },
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<T: AsRef<[u8]>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.request.argv.extend(arguments.into_iter().map(|argument| argument.as_ref().to_vec()));
        self
    }

    /// Replaces the environment: `NAME=value` each. The search in `PATH` uses this one.
    #[must_use]
    pub fn environment(mut self, env: Vec<Vec<u8>>) -> Self {
        self.request.env = env;
        self
    }

    /// Sets one variable of the environment.
    #[must_use]
    pub fn variable(mut self, name: &[u8], value: &[u8]) -> Self {
        let prefix = [name, b"="].concat();
        self.request.env.retain(|entry| !entry.starts_with(&prefix));
        self.request.env.push([&prefix[..], value].concat());
        self
    }

    /// Gives the program one of this process's descriptors under a number.
    #[must_use]
    pub fn descriptor(mut self, number: u32, own: Fd) -> Self {
        self.request.fds.retain(|(child, _)| *child != number);
        self.request.fds.push((number, own.0));
        self
    }

    /// Gives the program all open descriptors, as `exec` does.
    #[must_use]
    pub fn inherit_all(mut self) -> Self {
        self.request.inherit_all = true;
        self
    }

    /// Makes the program the leader of a process group of its own.
    #[must_use]
    pub fn new_group(mut self) -> Self {
        self.request.new_group = true;
        self
    }

    /// Starts it. The caller waits for it.
    ///
    /// # Errors
    ///
    /// `ENOENT` when there is no such command; `EACCES` for what is no executable file; `E2BIG`; `EAGAIN` at the limit of
    /// processes; `ENOEXEC` only if there is no shell either.
    pub fn spawn(&self) -> Result<Pid> {
        match imports::spawn(&self.request.encode()) {
            Err(Errno::ENOEXEC) => imports::spawn(&self.as_script()?.encode()).map(Pid),
            started => started.map(Pid),
        }
    }

    /// The same command as a script of the shell.
    fn as_script(&self) -> Result<SpawnRequest> {
        let mut request = self.request.clone();
        let path = variable_of(&request.env, b"PATH").unwrap_or(DEFAULT_PATH);
        let script = search_path(&request.path, path, is_executable)?;
        request.argv.splice(..request.argv.len().min(1), [SHELL.to_vec(), script]);
        request.path = SHELL.to_vec();
        Ok(request)
    }
}

/// Finds a command in the directories of a `PATH`; a name with a slash is its own answer. `check` says why a candidate is not
/// the one.
///
/// # Errors
///
/// `ENOENT` when no directory has it; `EACCES` when one has it but it cannot be executed.
pub fn search_path(name: &[u8], path: &[u8], check: impl Fn(&[u8]) -> Result<()>) -> Result<Vec<u8>> {
    if name.contains(&b'/') {
        return Ok(name.to_vec());
    }
    let mut failure = Errno::ENOENT;
    if name.is_empty() {
        return Err(failure);
    }
    for directory in path.split(|byte| *byte == b':') {
        let directory = if directory.is_empty() { b"." } else { directory };
        let candidate = [directory, b"/", name].concat();
        match check(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(Errno::EACCES) => failure = Errno::EACCES,
            Err(_) => {}
        }
    }
    Err(failure)
}

fn is_executable(path: &[u8]) -> Result<()> {
    if stat(path)?.mode.kind() != Kind::Regular {
        return Err(Errno::EACCES);
    }
    access(path, Access::EXECUTE)
}

fn variable_of<'a>(env: &'a [Vec<u8>], name: &[u8]) -> Option<&'a [u8]> {
    env.iter().find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(candidate: &[u8]) -> Result<()> {
        match candidate {
            b"/bin/ls" | b"./here" => Ok(()),
            b"/usr/bin/ls" | b"/usr/bin/data" => Err(Errno::EACCES),
            _ => Err(Errno::ENOENT),
        }
    }

    #[test]
    fn a_command_is_searched_as_execvp_does() {
        let check = |name: &[u8], path: &[u8], expected: Result<&[u8]>| {
            assert_eq!(search_path(name, path, there), expected.map(<[u8]>::to_vec));
        };
        check(b"ls", b"/none:/usr/bin:/bin", Ok(b"/bin/ls"));
        check(b"here", b"/bin::", Ok(b"./here"));
        check(b"data", b"/usr/bin:/bin", Err(Errno::EACCES));
        check(b"none", b"/usr/bin:/bin", Err(Errno::ENOENT));
        check(b"", b"/bin", Err(Errno::ENOENT));
        check(b"a/b", b"/bin", Ok(b"a/b"));
    }

    #[test]
    fn the_last_word_on_a_variable_or_descriptor_counts() {
        let command = Command::new(b"x").environment(vec![b"A=1".to_vec(), b"AB=2".to_vec()]);
        let command = command.variable(b"A", b"3").descriptor(0, Fd(5)).descriptor(0, Fd(6));
        assert_eq!(command.request.env, [b"AB=2".to_vec(), b"A=3".to_vec()]);
        assert_eq!(command.request.fds, [(0, 6)]);
        assert_eq!(variable_of(&command.request.env, b"A"), Some(&b"3"[..]));
    }
}
