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
        let Some(command) = self.traps.command(event) else { return Ok(()) };
        if command.is_empty() {
            return Ok(());
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
                self.status = status;
                self.exec.pipestatus = pipestatus;
                Ok(())
            }
            other => other,
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

    /// Runs the DEBUG trap before a command, where it applies.
    pub(crate) fn run_debug_trap(&mut self, text: impl FnOnce() -> Vec<u8>) -> Flow {
        if self.traps.is_empty() || self.traps.command(Event::Debug).is_none() {
            return Ok(());
        }
        let inherited = !self.in_function() || self.is_set(crate::options::SetOption::FuncTrace);
        if !inherited || self.exec.trap_running.is_some() {
            return Ok(());
        }
        self.command_text = Rc::from(text());
        self.run_trap(Event::Debug)
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
        let result = self.eval_text(&command, self.line);
        self.exec.trap_running = None;
        match result {
            Ok(()) => Ok(status),
            Err(Unwind::Exit(status) | Unwind::Return(status)) => Ok(status),
            Err(Unwind::Deadline) => Err(Unwind::Deadline),
            Err(_) => Ok(status),
        }
    }
}
