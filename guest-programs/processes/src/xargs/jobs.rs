//! The commands `xargs` has started: how many at a time, and what their ends mean.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;

use sandshell_sys::{
    Children, Command, Errno, Fd, Pid, WaitStatus, exec_failure_status, quote, quote_if_needed, reason, wait,
};

use super::Stop;
use super::options::Options;
use crate::message::{self, Program};

/// Exit statuses of POSIX and GNU.
const COMMAND_FAILED: i32 = 123;
const COMMAND_SAID_STOP: i32 = 124;
const COMMAND_KILLED: i32 = 125;

/// A command's exit status that ends `xargs` at once.
const STOP: u8 = 255;

/// Where commands find the person at the terminal.
const TERMINAL: &str = "/dev/tty";

/// Starts commands and waits for them.
pub(crate) struct Jobs<'a> {
    program: &'a Program,
    options: &'a Options,
    /// Running commands by their slot's number; a free slot is used again before another is made.
    slots: Vec<Option<Pid>>,
    /// What commands read instead of the list of arguments.
    input: Option<File>,
    started: bool,
    status: i32,
}

impl<'a> Jobs<'a> {
    pub(crate) fn new(program: &'a Program, options: &'a Options) -> Self {
        Self { program, options, slots: Vec::new(), input: None, started: false, status: 0 }
    }

    /// Tells whether a command was started.
    pub(crate) fn any(&self) -> bool {
        self.started
    }

    /// The exit status of `xargs` when all went well.
    pub(crate) fn status(&self) -> i32 {
        self.status
    }

    fn n_running(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    /// Starts the command with these arguments as soon as there is a slot for it.
    pub(crate) fn run(&mut self, arguments: Vec<Vec<u8>>) -> Result<(), Stop> {
        if self.options.verbose || self.options.ask {
            self.tell(&arguments);
        }
        if self.options.ask && !self.is_wanted()? {
            return Ok(());
        }
        while self.options.max_procs.is_some_and(|max| self.n_running() >= max) {
            self.wait_one()?;
        }
        let slot = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
        let mut command = Command::new(self.options.name()).arguments(arguments);
        if let Some(name) = &self.options.slot_variable {
            command = command.variable(name, slot.to_string().as_bytes());
        }
        if let Some(input) = self.input()? {
            command = command.descriptor(0, input);
        }
        let pid = self.spawn(&command)?;
        self.started = true;
        match self.slots.get_mut(slot) {
            Some(free) => *free = Some(pid),
            None => self.slots.push(Some(pid)),
        }
        Ok(())
    }

    /// Starts a command; when there is no room for another process, as soon as one of those running has ended.
    fn spawn(&mut self, command: &Command) -> Result<Pid, Stop> {
        loop {
            match command.spawn() {
                Ok(pid) => return Ok(pid),
                Err(Errno::EAGAIN) if self.n_running() > 0 => self.wait_one()?,
                Err(errno) => {
                    let name = String::from_utf8_lossy(self.options.name());
                    self.program.complain(&format!("{name}: {errno}"));
                    return Err(Stop(exec_failure_status(errno)));
                }
            }
        }
    }

    /// Waits until a command has ended.
    fn wait_one(&mut self) -> Result<(), Stop> {
        let (pid, status) = match wait(Children::Any) {
            Ok(ended) => ended,
            Err(Errno::EINTR) => return Ok(()),
            Err(errno) => return Err(Stop(self.program.fail(&format!("error waiting for child process: {errno}")))),
        };
        for slot in &mut self.slots {
            slot.take_if(|running| *running == pid);
        }
        let name = String::from_utf8_lossy(self.options.name());
        match status {
            WaitStatus::Exited(0) => Ok(()),
            WaitStatus::Exited(STOP) => {
                self.program.complain(&format!("{name}: exited with status {STOP}; aborting"));
                Err(Stop(COMMAND_SAID_STOP))
            }
            WaitStatus::Exited(_) => {
                self.status = COMMAND_FAILED;
                Ok(())
            }
            WaitStatus::Signalled(signal) => {
                self.program.complain(&format!("{name}: terminated by signal {}", signal.0));
                Err(Stop(COMMAND_KILLED))
            }
        }
    }

    /// Waits for all that run. The first that wants an end is answered; the others are waited for all the same.
    pub(crate) fn finish(&mut self) -> Result<(), Stop> {
        let mut result = Ok(());
        while self.n_running() > 0 {
            let waited = self.wait_one();
            if result.is_ok() {
                result = waited;
            }
        }
        result
    }

    /// The standard input of commands: not the list of arguments.
    fn input(&mut self) -> Result<Option<Fd>, Stop> {
        if self.options.arg_file.is_some() && !self.options.open_terminal {
            return Ok(None);
        }
        let path = if self.options.open_terminal { TERMINAL } else { "/dev/null" };
        if self.input.is_none() {
            let opened = File::open(path);
            let refused = |error| Stop(self.program.fail(&format!("{}: {}", quote(path.as_bytes()), reason(&error))));
            self.input = Some(opened.map_err(refused)?);
        }
        // An open file's number is not negative.
        Ok(self.input.as_ref().map(|file| Fd(file.as_raw_fd().cast_unsigned())))
    }

    /// Writes the command line to stderr.
    fn tell(&self, arguments: &[Vec<u8>]) {
        let words: Vec<String> =
            [self.options.name()].into_iter().chain(arguments.iter().map(Vec::as_slice)).map(quote_if_needed).collect();
        let line = words.join(" ");
        if self.options.ask {
            // Nobody is left to ask when stderr is closed; the answer is read all the same.
            let _ = write!(std::io::stderr(), "{line}?...");
        } else {
            message::write(&line);
        }
    }

    /// Asks at the terminal whether the command is to run.
    fn is_wanted(&self) -> Result<bool, Stop> {
        let refused =
            |error| Stop(self.program.fail(&format!("failed to open {TERMINAL} for reading: {}", reason(&error))));
        let mut answer = String::new();
        BufReader::new(File::open(TERMINAL).map_err(refused)?).read_line(&mut answer).map_err(refused)?;
        Ok(answer.starts_with(['y', 'Y']))
    }
}
