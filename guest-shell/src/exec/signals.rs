//! Signals and traps while commands run: when they are looked for, and how their commands are evaluated.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::traps::{Event, SIGXCPU};

/// How many evaluated nodes pass between two looks at the signals.
const TICKS_PER_POLL: u32 = 256;

impl Shell {
    /// Polls for signals every 256 calls; long work (brace, glob, pattern, arithmetic) calls it once per step.
    ///
    /// # Errors
    /// `Unwind::Deadline` when the run's time or fuel is over.
    #[inline]
    pub fn tick(&mut self) -> Flow {
        self.exec.ticks += 1;
        if self.exec.ticks < TICKS_PER_POLL {
            return Ok(());
        }
        self.exec.ticks = 0;
        self.poll_signals()
    }

    /// Takes what is pending: remembers it for `run_pending_traps`.
    ///
    /// # Errors
    /// `Unwind::Deadline` when the run's time or fuel is over.
    pub(crate) fn poll_signals(&mut self) -> Flow {
        if self.exec.over {
            return Err(Unwind::Deadline);
        }
        while let Some(signal) = self.sys.take_signal() {
            if signal == SIGXCPU && self.traps.command(Event::Signal(SIGXCPU)).is_none() {
                self.exec.over = true;
                return Err(Unwind::Deadline);
            }
            if !self.exec.pending.contains(&signal) {
                self.exec.pending.push(signal);
            }
        }
        Ok(())
    }

    /// Runs the traps of the signals that came in; called between commands.
    pub(crate) fn run_pending_traps(&mut self) -> Flow {
        while !self.exec.pending.is_empty() {
            let signal = self.exec.pending.remove(0);
            self.run_trap(Event::Signal(signal))?;
        }
        Ok(())
    }

    /// Runs the command of an event, keeping `$?` as it was.
    pub(crate) fn run_trap(&mut self, event: Event) -> Flow {
        self.run_trap_for_status(event).map(|_| ())
    }

    /// As `run_trap`; answers the status of the trap's command.
    fn run_trap_for_status(&mut self, event: Event) -> Flow<u8> {
        let Some(command) = self.traps.command(event) else { return Ok(0) };
        if command.is_empty() {
            return Ok(0);
        }
        let (status, pipestatus) = (self.status, self.exec.pipestatus.clone());
        let (line, running) = (self.line, self.exec.trap_running.replace(event));
        let parsing = self.exec.parsing.replace("trap");
        let result = self.eval_text(&command, line);
        self.exec.parsing = parsing;
        self.exec.trap_running = running;
        self.line = line;
        match result {
            Ok(()) => {
                self.exec.pipestatus = pipestatus;
                Ok(std::mem::replace(&mut self.status, status))
            }
            Err(unwind) => Err(unwind),
        }
    }

    /// Runs the ERR trap for a command that failed, where it applies.
    pub(crate) fn run_err_trap(&mut self) -> Flow {
        let inherited = !self.in_function() || self.is_set(crate::options::SetOption::ErrTrace);
        if !inherited || self.exec.trap_running == Some(Event::Err) {
            return Ok(());
        }
        self.run_trap(Event::Err)
    }

    /// Runs the DEBUG trap before a command, where it applies; false when (with `extdebug`) it says that the command
    /// shall not be executed.
    pub(crate) fn run_debug_trap(&mut self, text: impl FnOnce() -> Vec<u8>) -> Flow<bool> {
        /// The status by which the trap leaves the function it is in.
        const LEAVE: u8 = 2;
        if self.traps.is_empty() || self.traps.command(Event::Debug).is_none() {
            return Ok(true);
        }
        let inherited = !self.in_function() || self.is_set(crate::options::SetOption::FuncTrace);
        if !inherited || self.exec.trap_running.is_some() {
            return Ok(true);
        }
        self.command_text = Rc::from(text());
        let status = self.run_trap_for_status(Event::Debug)?;
        if status == 0 || !self.is_shopt(crate::options::ShellOption::ExtDebug) {
            return Ok(true);
        }
        if status == LEAVE && !self.frames.is_empty() {
            return Err(Unwind::Return(self.status));
        }
        Ok(false)
    }

    /// Runs the EXIT trap once, with `status` as `$?`; answers the status of the shell.
    pub(crate) fn run_exit_trap(&mut self, status: u8) -> Flow<u8> {
        self.status = status;
        let Some(command) = self.traps.command(Event::Exit) else { return Ok(status) };
        self.traps.set(Event::Exit, None);
        if command.is_empty() {
            return Ok(status);
        }
        self.exec.trap_running = Some(Event::Exit);
        self.exec.loops = 0;
        self.exec.parsing = Some("exit trap");
        let result = self.eval_text(&command, 1);
        self.exec.trap_running = None;
        match result {
            Ok(()) => Ok(status),
            Err(Unwind::Exit(status) | Unwind::Return(status)) => Ok(status),
            Err(Unwind::Deadline) => Err(Unwind::Deadline),
            Err(_) => Ok(status),
        }
    }
}
