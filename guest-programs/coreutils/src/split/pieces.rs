//! Where the pieces go: files, commands, or standard output for the one that is wanted.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use sandshell_sys::{Children, Command, Disposition, Fd, Pid, Signal, WaitStatus};

use super::options::{Options, PROGRAM};
use super::suffix::Suffixes;
use crate::basis::bytes::{OsStrExt, OsStringExt};
use crate::basis::errors::{Reason, complain};
use crate::basis::output::{print, warn};
use crate::basis::quoting::{name, name_maybe};

/// Bytes gathered before they are written.
const CHUNK_BYTES: usize = 64 << 10;

/// A piece that is being written.
struct Piece {
    index: u64,
    path: OsString,
    out: File,
    command: Option<Pid>,
    gathered: Vec<u8>,
    /// The reader has gone; the rest is dropped.
    closed: bool,
}

/// All the pieces.
pub(super) struct Pieces<'a> {
    options: &'a Options,
    suffixes: Suffixes,
    input: Option<u64>,
    open: Vec<Piece>,
    /// How many there are to be, when that is told.
    of: Option<u64>,
    /// The one that is wanted.
    only: Option<u64>,
    next: u64,
    n_created: u64,
    stdout: Vec<u8>,
}

impl<'a> Pieces<'a> {
    /// Begins without a piece. `input` is the file that must not be written over.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(super) fn new(options: &'a Options, input: Option<u64>) -> Result<Self, i32> {
        if options.filter.is_some() {
            // A command that reads no further ends nothing but its own piece.
            let _ = sandshell_sys::set_disposition(Signal::PIPE, Disposition::Ignore);
        }
        let suffixes = options.suffixes();
        Ok(Self {
            options,
            suffixes,
            input,
            open: Vec::new(),
            of: None,
            only: None,
            next: 0,
            n_created: 0,
            stdout: Vec::new(),
        })
    }

    /// Says how many pieces there will be, and which one is wanted, if it is one.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(super) fn expect(&mut self, of: u64, only: Option<u64>) -> Result<(), i32> {
        (self.of, self.only) = (Some(of), only);
        if only.is_some() { Ok(()) } else { self.suffixes.expect(of) }
    }

    /// Adds bytes to a piece. Pieces are begun in order; those of a round stay open.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(super) fn put(&mut self, index: u64, bytes: &[u8]) -> Result<(), i32> {
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some(only) = self.only {
            if only == index {
                self.stdout.extend_from_slice(bytes);
                if self.stdout.len() >= CHUNK_BYTES || self.options.unbuffered {
                    print_all(&mut self.stdout)?;
                }
            }
            return Ok(());
        }
        if self.open.last().is_none_or(|last| last.index < index) {
            self.begin(index)?;
        }
        let unbuffered = self.options.unbuffered;
        let Some(piece) = self.open.iter_mut().rfind(|piece| piece.index == index) else { return Ok(()) };
        piece.gathered.extend_from_slice(bytes);
        if piece.gathered.len() >= CHUNK_BYTES || unbuffered { piece.flush() } else { Ok(()) }
    }

    /// Begins the pieces up to one; those before it that got nothing are empty.
    fn begin(&mut self, index: u64) -> Result<(), i32> {
        while self.next <= index {
            if !self.options.round_robin() {
                self.close()?;
            }
            let at = self.next;
            self.next += 1;
            if at == index || !self.options.elide_empty {
                self.create(at)?;
            }
        }
        Ok(())
    }

    fn create(&mut self, index: u64) -> Result<(), i32> {
        // Without the empty ones the names have no gaps.
        let number = if self.options.elide_empty { self.n_created } else { index };
        let Some(suffix) = self.suffixes.of(number) else {
            complain(PROGRAM, "output file suffixes exhausted");
            return Err(1);
        };
        self.n_created = number + 1;
        let path = [self.options.prefix.as_bytes(), &suffix, self.options.additional.as_bytes()].concat();
        let path = OsString::from_vec(path);
        let (out, command) = match &self.options.filter {
            Some(filter) => {
                if self.options.verbose {
                    print(format!("executing with FILE={}\n", name(&path)).as_bytes());
                }
                start(filter, &path)?
            }
            None => {
                if self.options.verbose {
                    print(format!("creating file {}\n", name(&path)).as_bytes());
                }
                (self.create_file(&path)?, None)
            }
        };
        self.open.push(Piece { index, path, out, command, gathered: Vec::new(), closed: false });
        Ok(())
    }

    fn create_file(&self, path: &OsString) -> Result<File, i32> {
        let inode = sandshell_sys::stat(path.as_bytes()).ok().map(|status| status.inode);
        if inode.is_some() && inode == self.input {
            complain(PROGRAM, &format!("{} would overwrite input; aborting", name(path)));
            return Err(1);
        }
        File::create(PathBuf::from(path)).map_err(|error| {
            complain(PROGRAM, &format!("{}: {}", name_maybe(path), error.words()));
            1
        })
    }

    /// Ends the pieces that are open.
    fn close(&mut self) -> Result<(), i32> {
        // All hear of their end before one is waited for.
        let mut ended = Vec::new();
        for mut piece in self.open.drain(..) {
            piece.flush()?;
            ended.push((piece.command, piece.path));
        }
        for (command, path) in ended {
            if let (Some(pid), Some(filter)) = (command, &self.options.filter) {
                wait(pid, &path, filter)?;
            }
        }
        Ok(())
    }

    /// Ends all; answers the exit status.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(super) fn finish(mut self) -> Result<i32, i32> {
        print_all(&mut self.stdout)?;
        if let (Some(of), None, false) = (self.of, self.only, self.options.elide_empty) {
            self.begin(of - 1)?;
        }
        self.close()?;
        Ok(0)
    }
}

impl Piece {
    fn flush(&mut self) -> Result<(), i32> {
        let gathered = std::mem::take(&mut self.gathered);
        if self.closed || gathered.is_empty() {
            return Ok(());
        }
        match self.out.write_all(&gathered) {
            Err(error) if self.command.is_some() && error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            result => result.map_err(|error| {
                complain(PROGRAM, &format!("{}: {}", name_maybe(&self.path), error.words()));
                1
            }),
        }
    }
}

fn print_all(bytes: &mut Vec<u8>) -> Result<(), i32> {
    let mut out = io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    bytes.clear();
    written.map_err(|error| {
        complain(PROGRAM, &format!("write error: {}", error.words()));
        1
    })
}

/// Starts the command that reads a piece.
fn start(filter: &OsString, path: &OsString) -> Result<(File, Option<Pid>), i32> {
    let failed = |errno: sandshell_sys::Errno| -> i32 {
        warn(format!("{PROGRAM}: failed to run command: {}\n", errno.message()).as_bytes());
        1
    };
    let (reader, writer) = sandshell_sys::pipe_files().map_err(failed)?;
    let shell = std::env::var_os("SHELL").filter(|shell| !shell.is_empty()).unwrap_or_else(|| "/bin/sh".into());
    let command = Command::new(shell.as_bytes())
        .arguments([b"-c", filter.as_bytes()])
        .variable(b"FILE", path.as_bytes())
        // A descriptor is not negative.
        .descriptor(0, Fd(reader.as_raw_fd().cast_unsigned()));
    let pid = command.spawn().map_err(failed)?;
    Ok((writer, Some(pid)))
}

/// Waits for the command of a piece.
fn wait(pid: Pid, path: &OsString, filter: &OsString) -> Result<(), i32> {
    let command = filter.to_string_lossy();
    let told = path.to_string_lossy();
    match sandshell_sys::wait(Children::One(pid)) {
        Ok((_, WaitStatus::Exited(0))) => Ok(()),
        Ok((_, WaitStatus::Signalled(Signal::PIPE))) => Ok(()),
        Ok((_, WaitStatus::Exited(status))) => {
            complain(PROGRAM, &format!("with FILE={told}, exit {status} from command: {command}"));
            Err(status.into())
        }
        Ok((_, WaitStatus::Signalled(signal))) => {
            complain(PROGRAM, &format!("with FILE={told}, signal {} from command: {command}", signal.name()));
            Err(128 + i32::from(signal.0))
        }
        Err(errno) => {
            complain(PROGRAM, &format!("waiting for child process: {}", errno.message()));
            Err(1)
        }
    }
}
