//! Programs: where a command is found, how it is started and waited for, and what is said when it cannot be.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::options::SetOption;
use crate::shell::{Function, Shell};
use crate::sys::{Errno, FileKind, Pid, SpawnRequest, WaitStatus};
use crate::traps::{self, SIGPIPE};
use crate::vars::{FUNCTION_BUCKETS, Name};

use super::redirect::FdPlan;

/// What a command name stands for.
pub(crate) enum Lookup {
    /// A function.
    Function(Function),
    /// A builtin.
    Builtin(&'static crate::builtins::Builtin),
    /// Something in the file system.
    Program,
}

/// The status of a command that was not found.
const NOT_FOUND: u8 = 127;
/// The status of a command that was found and cannot be executed.
const NOT_EXECUTABLE: u8 = 126;

impl Shell {
    /// What a name stands for: function, builtin, or program.
    pub(crate) fn look_up(&self, name: &[u8]) -> Lookup {
        if let Some(function) = self.functions.get(name) {
            return Lookup::Function(function.clone());
        }
        match self.find_builtin(name) {
            Some(builtin) => Lookup::Builtin(builtin),
            None => Lookup::Program,
        }
    }

    /// The path of a program: the name itself with a slash in it, else the first executable in PATH. Remembered in
    /// the hash table.
    pub(crate) fn find_program(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        if name.contains(&b'/') {
            return Some(name.to_vec());
        }
        if let Some((path, _)) = self.exec.hash.get(name) {
            if self.is_executable(path) {
                let path = path.clone();
                if let Some(entry) = Rc::make_mut(&mut self.exec.hash).get_mut(name) {
                    entry.1 += 1;
                }
                return Some(path);
            }
            Rc::make_mut(&mut self.exec.hash).remove(name);
        }
        let path = self.search_path(name, false).into_iter().next()?;
        if self.is_set(SetOption::HashAll) {
            Rc::make_mut(&mut self.exec.hash).insert(name.to_vec(), (path.clone(), 1));
        }
        Some(path)
    }

    /// The executables called `name` in PATH (all of them, or the first); one that is not executable stands in when
    /// there is no other.
    pub(crate) fn search_path(&self, name: &[u8], all: bool) -> Vec<Vec<u8>> {
        let path = self.text_of(Name::PATH).map(|text| text.into_owned()).unwrap_or_default();
        self.search_in(&path, name, all)
    }

    /// As `search_path` in a list of directories.
    pub(crate) fn search_in(&self, path: &[u8], name: &[u8], all: bool) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let mut second_best = None;
        if name.is_empty() {
            return found;
        }
        for directory in path.split(|byte| *byte == b':') {
            let candidate = match directory {
                b"" => [b"./", name].concat(),
                _ if directory.ends_with(b"/") => [directory, name].concat(),
                _ => [directory, b"/", name].concat(),
            };
            if self.is_executable(&candidate) {
                found.push(candidate);
                if !all {
                    return found;
                }
            } else if second_best.is_none() && self.is_regular(&candidate) {
                second_best = Some(candidate);
            }
        }
        if found.is_empty() {
            found.extend(second_best);
        }
        found
    }

    fn is_regular(&self, path: &[u8]) -> bool {
        self.sys.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Regular)
    }

    pub(crate) fn is_executable(&self, path: &[u8]) -> bool {
        self.sys.stat(path, true).is_ok_and(|stat| stat.kind != FileKind::Directory && stat.mode & 0o111 != 0)
    }

    /// Starts a program on a descriptor map; `Err` is the status when it could not be (told already).
    pub(crate) fn start_program(
        &mut self,
        path: Option<Vec<u8>>,
        args: &[Vec<u8>],
        plan: &FdPlan,
        group: Option<Pid>,
    ) -> Flow<Result<Pid, u8>> {
        self.poll_signals()?;
        let name = args.first().cloned().unwrap_or_default();
        if name.contains(&b'/') && self.is_restricted() {
            self.report_to(plan, &[&name, b": restricted: cannot specify `/' in command names".as_slice()].concat());
            return Ok(Err(1));
        }
        let Some(path) = path.or_else(|| self.find_program(&name)) else {
            return Ok(Err(self.not_found(&name, plan)));
        };
        let mut request = SpawnRequest {
            env: self.program_environment(&path),
            path,
            argv: args.to_vec(),
            fds: plan.fds.clone(),
            ignored: self.traps.ignored_signals(),
            group,
        };
        let result = self.sys.spawn(&request);
        match result {
            Ok(pid) => Ok(Ok(pid)),
            Err(Errno::ENOEXEC) => self.start_script(&mut request, plan),
            Err(error) => {
                let status = self.spawn_failed(&request.path, error, plan);
                Ok(Err(status))
            }
        }
    }

    /// A file that is no program: a script without `#!` runs in a child shell, other data not at all.
    fn start_script(&mut self, request: &mut SpawnRequest, plan: &FdPlan) -> Flow<Result<Pid, u8>> {
        let head = self.file_head(&request.path);
        if head.iter().take_while(|byte| **byte != b'\n').any(|byte| *byte == 0) {
            let text = [&request.path, b": cannot execute binary file: ".as_slice(), Errno::ENOEXEC.text().as_bytes()]
                .concat();
            self.report_to(plan, &text);
            return Ok(Err(NOT_EXECUTABLE));
        }
        let script = std::mem::replace(&mut request.path, self.shell_program());
        if let Some(name) = request.argv.first_mut() {
            *name = script;
        }
        request.argv.insert(0, b"bash".to_vec());
        match self.sys.spawn(request) {
            Ok(pid) => Ok(Ok(pid)),
            Err(error) => {
                let status = self.spawn_failed(&request.path.clone(), error, plan);
                Ok(Err(status))
            }
        }
    }

    fn shell_program(&self) -> Vec<u8> {
        self.search_path(b"bash", false).into_iter().next().unwrap_or_else(|| b"/bin/bash".to_vec())
    }

    /// The first bytes of a file; empty when it cannot be read.
    fn file_head(&self, path: &[u8]) -> Vec<u8> {
        let Ok(fd) = self.sys.open(path, crate::sys::OpenFlags::READ, 0) else { return Vec::new() };
        let head = self.sys.read(fd, 80).unwrap_or_default();
        let _ = self.sys.close(fd);
        head
    }

    fn not_found(&mut self, name: &[u8], plan: &FdPlan) -> u8 {
        // Without a PATH the name is taken for a file's.
        let path = self.text_of(Name::PATH).is_some_and(|path| !path.is_empty());
        let reason: &[u8] = if path { b": command not found" } else { b": No such file or directory" };
        let hint = super::absent::hint(name).filter(|_| path).map_or(String::new(), |hint| format!(": {hint}"));
        // A name that would garble the message is shown quoted.
        let shown = match name.iter().any(u8::is_ascii_control) {
            true => crate::vars::quote_ansi_c(name),
            false => name.to_vec(),
        };
        self.report_to(plan, &[&shown, reason, hint.as_bytes()].concat());
        NOT_FOUND
    }

    fn spawn_failed(&mut self, path: &[u8], error: Errno, plan: &FdPlan) -> u8 {
        let directory = self.sys.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Directory);
        let (text, status) = match error {
            _ if directory => (Errno::EISDIR.text(), NOT_EXECUTABLE),
            Errno::EAGAIN => ("fork: retry: Resource temporarily unavailable", 254),
            Errno::ENOENT if self.sys.stat(path, true).is_ok() => {
                ("cannot execute: required file not found", NOT_EXECUTABLE + 1)
            }
            Errno::ENOENT | Errno::ENOTDIR if error == Errno::ENOENT => (error.text(), NOT_FOUND),
            _ => (error.text(), NOT_EXECUTABLE),
        };
        let message =
            if error == Errno::EAGAIN { text.as_bytes().to_vec() } else { [path, b": ", text.as_bytes()].concat() };
        self.report_to(plan, &message);
        status
    }

    /// Tells something about a child on the child's standard error, as the child itself would.
    fn report_to(&mut self, plan: &FdPlan, message: &[u8]) {
        let mut text = self.message_prefix();
        text.extend_from_slice(message);
        text.push(b'\n');
        if let Some(map) = plan.fds.iter().find(|map| map.child == 2) {
            let _ = self.sys.write(map.parent, &text);
        }
    }

    /// The environment of a program: exported variables, exported functions, and its own path as `_`.
    fn program_environment(&self, path: &[u8]) -> Vec<Vec<u8>> {
        let mut env = self.vars.environment().as_ref().clone();
        env.retain(|entry| !entry.starts_with(b"_="));
        let exported = self.functions.iter().filter(|(_, function)| function.exported);
        for (name, function) in crate::builtins::in_bucket_order(exported, FUNCTION_BUCKETS) {
            let mut entry = [b"BASH_FUNC_", name.as_slice(), b"%%="].concat();
            crate::tree::print::exported_function(&mut entry, &function.definition);
            env.push(entry);
        }
        env.push([b"_=", path].concat());
        env
    }

    /// Waits for one child and answers its status; traps of signals that come in meanwhile run first.
    pub(crate) fn wait_for(&mut self, pid: Pid) -> Flow<WaitStatus> {
        loop {
            match self.sys.wait(Some(pid), false) {
                // Without job control who is stopped is waited for until somebody lets it go on.
                Ok(Some((_, WaitStatus::Stopped(_) | WaitStatus::Continued))) => {}
                Ok(Some((_, status))) => {
                    self.child_ended();
                    // At the deadline the children are killed first: what they were killed for is this shell's too.
                    if matches!(status, WaitStatus::Signalled(_)) {
                        self.poll_signals()?;
                    }
                    return Ok(status);
                }
                Ok(None) => {}
                Err(Errno::EINTR) => self.poll_signals()?,
                Err(_) => return Ok(WaitStatus::Exited(NOT_FOUND)),
            }
        }
    }

    /// Waits for a foreground child; tells when a signal ended it, as bash does.
    pub(crate) fn wait_foreground(&mut self, pid: Pid, text: impl FnOnce() -> Vec<u8>) -> Flow<u8> {
        let status = self.wait_for(pid)?;
        if let WaitStatus::Signalled(signal) = status
            && signal != SIGPIPE
            && signal != traps::SIGINT
        {
            if signal == traps::SIGTERM {
                // What is asked to end is told in a word.
                self.write_error(b"Terminated\n");
            } else {
                let state = format!("{pid:5} {:<24}", traps::signal_text(signal));
                self.report(&[state.as_bytes(), &text()].concat());
            }
        }
        self.notice_deaths();
        Ok(status.shell_status())
    }

    /// Ends the shell after `exec PROGRAM`: the program runs as a child and its status becomes the shell's.
    pub(crate) fn exec_program(
        &mut self,
        path: Option<Vec<u8>>,
        args: &[Vec<u8>],
        env: Option<Vec<Vec<u8>>>,
    ) -> Flow<u8> {
        let plan = self.inherited_fds();
        if let Some(env) = env {
            let request = SpawnRequest {
                path: match path.or_else(|| self.find_program(args.first()?)) {
                    Some(path) => path,
                    None => return Ok(self.not_found(args.first().map_or(&[][..], |name| name), &plan)),
                },
                argv: args.to_vec(),
                env,
                fds: plan.fds.clone(),
                ignored: self.traps.ignored_signals(),
                group: None,
            };
            return match self.sys.spawn(&request) {
                Ok(pid) => Err(Unwind::Exit(self.wait_for(pid)?.shell_status())),
                Err(error) => Ok(self.spawn_failed(&request.path, error, &plan)),
            };
        }
        match self.start_program(path, args, &plan, None)? {
            Ok(pid) => {
                let status = self.wait_for(pid)?.shell_status();
                self.exec.replaced = true;
                Err(Unwind::Exit(status))
            }
            Err(status) => Ok(status),
        }
    }
}
