//! Everything a program reads from and writes to besides its operands: redirections, pipes, standard output.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};

use sandshell_sys::{Signal, WaitStatus, end_as, path_of, reason};

use crate::ast::Redirection;
use crate::failure::{Failure, Result};
use crate::process::{self, Child};
use crate::reader::{Origin, Reader};

/// Output that is held back before it is written, in bytes.
const HELD_BYTES: usize = 64 << 10;

/// Where an output goes.
enum Sink {
    Stdout,
    Stderr,
    File(File),
}

/// An output with what is held back of it.
pub(crate) struct Output {
    sink: Sink,
    held: Vec<u8>,
    child: Option<Child>,
}

impl Output {
    fn new(sink: Sink) -> Self {
        Self { sink, held: Vec::new(), child: None }
    }

    /// The bytes held back, to append to; call [`Output::settle`] afterwards.
    #[inline]
    pub(crate) fn held(&mut self) -> &mut Vec<u8> {
        &mut self.held
    }

    /// Writes what is held back if it is much, or nothing may be held back.
    #[inline]
    pub(crate) fn settle(&mut self) -> Result<()> {
        if self.held.len() >= HELD_BYTES || matches!(self.sink, Sink::Stderr) {
            return self.flush();
        }
        Ok(())
    }

    /// Writes what is held back.
    pub(crate) fn flush(&mut self) -> Result<()> {
        let written = match &mut self.sink {
            Sink::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(&self.held).and_then(|()| stdout.flush())
            }
            Sink::Stderr => io::stderr().write_all(&self.held),
            Sink::File(file) => file.write_all(&self.held),
        };
        self.held.clear();
        match written {
            Ok(()) => Ok(()),
            // A command that reads no more is its own affair; standard output without a reader ends the program as SIGPIPE does.
            Err(error) if error.kind() == ErrorKind::BrokenPipe && self.child.is_some() => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => end_as(WaitStatus::Signalled(Signal::PIPE)),
            Err(error) => Err(Failure::fatal(format!("write failure: {}", reason(&error)))),
        }
    }

    /// Closes it; returns the status of its command, or 0.
    fn close(mut self) -> Result<f64> {
        self.flush()?;
        let child = self.child.take();
        drop(self);
        Ok(child.map_or(0.0, Child::wait))
    }
}

/// An input that `getline` reads.
pub(crate) struct Input {
    pub(crate) reader: Reader,
    child: Option<Child>,
}

/// All that is open.
pub(crate) struct Streams {
    /// Standard output.
    pub(crate) stdout: Output,
    outputs: HashMap<(Vec<u8>, bool), Output>,
    inputs: HashMap<(Vec<u8>, bool), Input>,
}

impl Streams {
    pub(crate) fn new() -> Self {
        Self { stdout: Output::new(Sink::Stdout), outputs: HashMap::new(), inputs: HashMap::new() }
    }

    /// The output of a redirection, opened if it is not yet.
    pub(crate) fn output(&mut self, kind: Redirection, name: &[u8]) -> Result<&mut Output> {
        let pipe = kind == Redirection::Pipe;
        if !pipe && name == b"/dev/stdout" {
            return Ok(&mut self.stdout);
        }
        let key = (name.to_vec(), pipe);
        if !self.outputs.contains_key(&key) {
            if name.is_empty() {
                let mark = ["|", ">"][usize::from(!pipe)];
                return Err(Failure::fatal(format!("expression for `{mark}' redirection has null string value")));
            }
            let opened = self.open_output(kind, name)?;
            self.outputs.insert(key.clone(), opened);
        }
        self.outputs.get_mut(&key).ok_or_else(|| Failure::fatal("output is not open"))
    }

    fn open_output(&mut self, kind: Redirection, name: &[u8]) -> Result<Output> {
        let shown = String::from_utf8_lossy(name).into_owned();
        if kind == Redirection::Pipe {
            self.flush_all()?;
            let (file, child) = process::start_writing(name).map_err(|error| {
                Failure::fatal(format!("cannot open pipe `{shown}' for output: {}", reason(&error)))
            })?;
            return Ok(Output { sink: Sink::File(file), held: Vec::new(), child: Some(child) });
        }
        if name == b"/dev/stderr" {
            return Ok(Output::new(Sink::Stderr));
        }
        let mut options = OpenOptions::new();
        options.create(true);
        if kind == Redirection::Append {
            options.append(true)
        } else {
            options.write(true).truncate(true)
        };
        let file = options
            .open(path_of(name))
            .map_err(|error| Failure::fatal(format!("cannot redirect to `{shown}': {}", reason(&error))))?;
        Ok(Output::new(Sink::File(file)))
    }

    /// The input of a file, opened if it is not yet.
    pub(crate) fn file(&mut self, name: &[u8]) -> io::Result<&mut Input> {
        self.input(name, false, |name| {
            let origin = match name {
                b"-" | b"/dev/stdin" => Origin::Stdin(io::stdin()),
                _ => Origin::File(File::open(path_of(name))?),
            };
            Ok(Input { reader: Reader::new(origin), child: None })
        })
    }

    /// The output of a command, started if it is not yet.
    pub(crate) fn command(&mut self, command: &[u8]) -> Result<io::Result<&mut Input>> {
        if !self.inputs.contains_key(&(command.to_vec(), true)) {
            self.flush_all()?;
        }
        Ok(self.input(command, true, |command| {
            let (file, child) = process::start_reading(command)?;
            Ok(Input { reader: Reader::new(Origin::File(file)), child: Some(child) })
        }))
    }

    fn input(
        &mut self,
        name: &[u8],
        pipe: bool,
        open: impl FnOnce(&[u8]) -> io::Result<Input>,
    ) -> io::Result<&mut Input> {
        let key = (name.to_vec(), pipe);
        if !self.inputs.contains_key(&key) {
            self.inputs.insert(key.clone(), open(name)?);
        }
        self.inputs.get_mut(&key).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Closes what has this name; returns the status, or -1 where nothing had it.
    pub(crate) fn close(&mut self, name: &[u8]) -> Result<f64> {
        let mut status = None;
        for pipe in [true, false] {
            let key = (name.to_vec(), pipe);
            if let Some(output) = self.outputs.remove(&key) {
                self.stdout.flush()?;
                status = Some(output.close()?);
            }
            if let Some(Input { reader, child }) = self.inputs.remove(&key) {
                drop(reader);
                status = Some(child.map_or(0.0, Child::wait));
            }
        }
        Ok(status.unwrap_or(-1.0))
    }

    /// Writes what is held back for one name; tells whether it is open.
    pub(crate) fn flush(&mut self, name: &[u8]) -> Result<bool> {
        let mut found = name == b"/dev/stdout";
        if found {
            self.stdout.flush()?;
        }
        for pipe in [true, false] {
            if let Some(output) = self.outputs.get_mut(&(name.to_vec(), pipe)) {
                output.flush()?;
                found = true;
            }
        }
        Ok(found)
    }

    /// Writes all that is held back.
    pub(crate) fn flush_all(&mut self) -> Result<()> {
        self.stdout.flush()?;
        self.outputs.values_mut().try_for_each(Output::flush)
    }

    /// Closes everything and waits for all commands.
    pub(crate) fn close_all(&mut self) -> Result<()> {
        // All files first, so that commands that were started find what was written.
        let (pipes, files): (Vec<_>, Vec<_>) = self.outputs.drain().partition(|((_, pipe), _)| *pipe);
        for (_, output) in files.into_iter().chain(pipes) {
            output.close()?;
        }
        for (_, Input { reader, child }) in self.inputs.drain() {
            drop(reader);
            child.map(Child::wait);
        }
        // What was printed after a command was started comes behind what the command prints, as gawk has it.
        self.stdout.flush()
    }
}
