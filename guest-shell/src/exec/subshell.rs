//! Subshells in this instance: `( )`, `$( )`, and process substitutions.
//!
//! A subshell is a clone of the shell between `enter_subshell` and `leave_subshell` of the kernel.

use crate::flow::{Flow, Unwind};
use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::sys::{Errno, Fd, FdMapping, OpenFlags, WaitStatus};
use crate::tree::{Direction, List, Redirect, Script, Word};

use super::ProcessSubstitution;

/// The status of a subshell that could not be started.
const NO_FORK: u8 = 254;
/// The most bytes one command substitution may yield: it becomes part of the shell's state.
const CAPTURE_MAX: usize = 256 << 20;

/// How often a command's end looks for its `>( )` to end as well, and how long it sleeps between: 50 ms in all, enough
/// for `tee >(wc -l)`, and no reason to complain for `> >(logger)` that stays.
const SUBSTITUTE_LOOKS: u32 = 100;
const SUBSTITUTE_STEP_NS: u64 = 500_000;
/// The same at the end of a run, whose output ends there: a second.
pub(super) const SUBSTITUTE_LAST_LOOKS: u32 = 2000;

impl Shell {
    /// Runs something in a subshell; answers its status.
    pub(crate) fn in_subshell(&mut self, run: impl FnOnce(&mut Shell) -> Flow) -> Flow<u8> {
        if self.exec.depth >= super::DEPTH_MAX || self.subshell_depth >= super::EVAL_DEPTH_MAX {
            self.report(b"fork: retry: Resource temporarily unavailable");
            return Err(Unwind::Discard(NO_FORK));
        }
        let pid = match self.sys.enter_subshell() {
            Ok(pid) => pid,
            Err(error) => {
                self.report(format!("fork: retry: {error}").as_bytes());
                return Ok(NO_FORK);
            }
        };
        let mut inner = self.clone();
        inner.pid = pid;
        inner.exec.depth += 4;
        inner.begin_subshell();
        let result = run(&mut inner);
        let status = inner.end_subshell(result);
        self.exec.pending.append(&mut inner.exec.pending);
        self.sys.leave_subshell();
        self.child_ended();
        status
    }

    /// What changes when a shell becomes a subshell.
    pub(crate) fn begin_subshell(&mut self) {
        self.subshell_depth += 1;
        if !self.traps.is_empty() {
            self.traps = self.traps.for_subshell(self.is_set(SetOption::ErrTrace), self.is_set(SetOption::FuncTrace));
        }
        self.exec.trap_running = None;
        self.exec.process_substitutions.clear();
        self.exec.substitutes.clear();
    }

    /// The status of a subshell that ended so; runs its EXIT trap.
    pub(crate) fn end_subshell(&mut self, result: Flow) -> Flow<u8> {
        let status = match result {
            Ok(()) => self.status,
            Err(Unwind::Exit(status) | Unwind::Return(status) | Unwind::Discard(status)) => status,
            Err(Unwind::Break(_) | Unwind::Continue(_)) => 0,
            Err(Unwind::Deadline) => return Err(Unwind::Deadline),
        };
        if self.exec.replaced {
            return Ok(status);
        }
        if !self.exec.pending.is_empty() {
            let _ = self.run_pending_traps();
        }
        self.run_exit_trap(status)
    }

    /// `( list ) redirections`.
    pub(crate) fn run_subshell(&mut self, list: &List, redirects: &[Redirect]) -> Flow {
        self.status = self.in_subshell(|shell| {
            shell.exec.loops = 0;
            shell.run_redirected_list(list, redirects)
        })?;
        Ok(())
    }

    /// Runs a list under redirections that nobody undoes: the subshell ends with it.
    pub(crate) fn run_redirected_list(&mut self, list: &List, redirects: &[Redirect]) -> Flow {
        if !self.redirect_for_good(redirects)? {
            return Err(Unwind::Exit(1));
        }
        let result = self.run_list(list);
        self.close_process_substitutions(0)?;
        result
    }

    /// `$( script )`: its output without trailing newlines.
    pub fn substitute_command(&mut self, script: &Script) -> Flow<Vec<u8>> {
        self.tick()?;
        let line = self.line;
        let mut output = match script.file() {
            Some(word) => self.substitute_file(word)?,
            None => self.capture_script(script)?,
        };
        self.line = line;
        while output.last() == Some(&b'\n') {
            output.pop();
        }
        if output.contains(&0) {
            self.report(b"warning: command substitution: ignored null byte in input");
            output.retain(|byte| *byte != 0);
        }
        Ok(output)
    }

    /// `$(<file)`: the content of a file.
    fn substitute_file(&mut self, word: &Word) -> Flow<Vec<u8>> {
        let mut paths = Vec::new();
        self.expand_word(word, &mut paths)?;
        let [path] = paths.as_slice() else {
            self.report(&[&word.source(), b": ambiguous redirect".as_slice()].concat());
            self.exec.substitution_status = Some(1);
            return Ok(Vec::new());
        };
        match self.read_file(path) {
            Ok(content) => {
                self.exec.substitution_status = Some(0);
                self.status = 0;
                Ok(content)
            }
            Err(error) => {
                self.report(&[path, b": ".as_slice(), error.text().as_bytes()].concat());
                self.exec.substitution_status = Some(1);
                self.status = 1;
                Ok(Vec::new())
            }
        }
    }

    /// The whole content of a file.
    pub(crate) fn read_file(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        let fd = self.sys.open(path, OpenFlags::READ, 0)?;
        let mut content = Vec::new();
        let result = loop {
            match self.sys.read(fd, 1 << 20) {
                Ok(piece) if piece.is_empty() => break Ok(()),
                Ok(piece) => content.extend_from_slice(&piece),
                Err(error) => break Err(error),
            }
            if content.len() > CAPTURE_MAX {
                break Err(Errno::EFBIG);
            }
        };
        let _ = self.sys.close(fd);
        result.map(|()| content)
    }

    fn capture_script(&mut self, script: &Script) -> Flow<Vec<u8>> {
        let capture = match self.sys.capture_begin() {
            Ok(fd) => self.keep_private(fd),
            Err(error) => {
                self.report(format!("cannot make pipe for command substitution: {error}").as_bytes());
                self.exec.substitution_status = Some(NO_FORK);
                return Ok(Vec::new());
            }
        };
        let status = self.in_subshell(|shell| shell.run_captured(script, capture));
        let output = self.end_capture(capture)?;
        let status = status?;
        self.status = status;
        self.exec.substitution_status = Some(status);
        Ok(output)
    }

    fn end_capture(&mut self, capture: Fd) -> Flow<Vec<u8>> {
        std::rc::Rc::make_mut(&mut self.exec.internal_fds).remove(&capture);
        loop {
            match self.sys.capture_end(capture) {
                Ok(output) => return Ok(output),
                Err(Errno::EINTR) => self.poll_signals()?,
                Err(_) => return Ok(Vec::new()),
            }
        }
    }

    fn run_captured(&mut self, script: &Script, capture: Fd) -> Flow {
        let _ = self.sys.dup2(capture, 1);
        self.close_private(capture);
        if !self.is_shopt(ShellOption::InheritErrExit) && !self.is_set(SetOption::Posix) {
            self.options.set(SetOption::ErrExit, false);
            self.exec.errexit_ignored = 0;
        }
        self.exec.trace_level += 1;
        self.exec.in_substitution = true;
        self.exec.parsing = Some("command substitution");
        self.run_list(&script.list)?;
        if let Some(error) = &script.error {
            self.report_syntax_error(error);
            return Err(Unwind::Exit(1));
        }
        Ok(())
    }

    /// `<( script )`, `>( script )`: starts the process; answers the path that stands for it.
    pub fn substitute_process(&mut self, direction: Direction, script: &Script) -> Flow<Vec<u8>> {
        let writes = direction == Direction::Write;
        let (reader, writer) = match self.sys.pipe() {
            Ok(ends) => ends,
            Err(error) => {
                self.report(format!("cannot make pipe for process substitution: {error}").as_bytes());
                return Err(Unwind::Discard(1));
            }
        };
        let (ours, theirs) = if writes { (writer, reader) } else { (reader, writer) };
        let mut plan = self.inherited_fds();
        plan.fds.retain(|map| map.child != ours && map.child != theirs);
        plan.set(u32::from(!writes), theirs);
        let started = self.spawn_stage(&script.list, &plan.fds);
        let _ = self.sys.close(theirs);
        match started? {
            Ok(pid) => {
                self.last_background = Some(pid);
                self.exec.process_substitutions.push(ProcessSubstitution { fd: ours, pid, writes });
                Ok(format!("/dev/fd/{ours}").into_bytes())
            }
            Err(_) => {
                let _ = self.sys.close(ours);
                Err(Unwind::Discard(1))
            }
        }
    }

    /// Closes the process substitutions a command opened. As in bash nobody waits for those it wrote to, but a moment
    /// is given to one that only reads on to the end: then what it prints comes before what follows.
    pub(crate) fn close_process_substitutions(&mut self, mark: usize) -> Flow {
        if self.exec.process_substitutions.len() <= mark {
            return Ok(());
        }
        let done = self.exec.process_substitutions.split_off(mark);
        for substitution in &done {
            let _ = self.sys.close(substitution.fd);
        }
        self.exec.substitutes.extend(done.iter().filter(|substitution| substitution.writes).map(|done| done.pid));
        self.await_substitutes(SUBSTITUTE_LOOKS)
    }

    /// Waits until the processes of `>( )` have ended, or for so many looks.
    pub(super) fn await_substitutes(&mut self, looks: u32) -> Flow {
        for _ in 0..looks {
            let mut running = std::mem::take(&mut self.exec.substitutes);
            running.retain(|pid| match self.sys.wait(Some(*pid), true) {
                Ok(Some((pid, status @ (WaitStatus::Exited(_) | WaitStatus::Signalled(_))))) => {
                    self.jobs_mut().remember(pid, status);
                    false
                }
                Ok(_) | Err(Errno::EINTR) => true,
                Err(_) => false,
            });
            self.exec.substitutes = running;
            if self.exec.substitutes.is_empty() || self.sys.sleep(SUBSTITUTE_STEP_NS).is_err() {
                break;
            }
            self.poll_signals()?;
        }
        Ok(())
    }

    /// Starts a process of this shell that executes a list. `Err`: it could not (told).
    pub(crate) fn spawn_stage(&mut self, list: &List, fds: &[FdMapping]) -> Flow<Result<crate::sys::Pid, u8>> {
        self.spawn_stage_in(list, fds, None)
    }

    /// As `spawn_stage` in a process group: 0 is a new one.
    pub(crate) fn spawn_stage_in(
        &mut self,
        list: &List,
        fds: &[FdMapping],
        group: Option<crate::sys::Pid>,
    ) -> Flow<Result<crate::sys::Pid, u8>> {
        self.poll_signals()?;
        let state = crate::state::encode_for_child(self);
        let stage = crate::state::encode_stage(list);
        match self.sys.spawn_shell(&state, &stage, fds, group) {
            Ok(pid) => Ok(Ok(pid)),
            Err(error) => {
                self.report(format!("fork: retry: {error}").as_bytes());
                Ok(Err(NO_FORK))
            }
        }
    }
}
