//! Where lines go: standard output, the file that is edited in place, the files of `w`.

use std::fs::File;
use std::io::{self, Write};

use sandshell_sys::{path_of, reason};

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 64 << 10;

enum Sink {
    Stdout,
    Stderr,
    File(File),
}

/// One destination with what is gathered for it.
pub(crate) struct Output {
    sink: Sink,
    name: String,
    buffer: Vec<u8>,
    /// The last line was written without its separator, which is owed before anything follows.
    owes_newline: bool,
    buffered: bool,
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout(buffered: bool) -> Self {
        Self { sink: Sink::Stdout, name: "stdout".to_owned(), buffer: Vec::new(), owes_newline: false, buffered }
    }

    /// A file that is open for writing.
    pub(crate) fn file(file: File, name: &str) -> Self {
        Self { sink: Sink::File(file), name: name.to_owned(), buffer: Vec::new(), owes_newline: false, buffered: true }
    }

    /// Writes a line and, if it had one, its separator.
    pub(crate) fn line(&mut self, text: &[u8], separator: u8, ended: bool) -> Result<(), String> {
        self.pay(separator);
        self.buffer.extend_from_slice(text);
        if ended {
            self.buffer.push(separator);
        } else {
            self.owes_newline = true;
        }
        self.after()
    }

    /// Writes bytes as they are, after the separator that is owed.
    pub(crate) fn raw(&mut self, text: &[u8], separator: u8) -> Result<(), String> {
        self.pay(separator);
        self.buffer.extend_from_slice(text);
        self.after()
    }

    /// Writes bytes as they are, whatever is owed.
    fn note(&mut self, text: &[u8]) -> Result<(), String> {
        self.buffer.extend_from_slice(text);
        self.after()
    }

    fn pay(&mut self, separator: u8) {
        if std::mem::take(&mut self.owes_newline) {
            self.buffer.push(separator);
        }
    }

    fn after(&mut self) -> Result<(), String> {
        if !self.buffered || self.buffer.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    /// Writes what is gathered.
    ///
    /// # Errors
    ///
    /// The message of a failure, which ends the run.
    pub(crate) fn flush(&mut self) -> Result<(), String> {
        let result = match &mut self.sink {
            _ if self.buffer.is_empty() => Ok(()),
            Sink::Stdout => {
                let mut out = io::stdout().lock();
                out.write_all(&self.buffer).and_then(|()| out.flush())
            }
            Sink::Stderr => io::stderr().write_all(&self.buffer),
            Sink::File(file) => file.write_all(&self.buffer),
        };
        self.buffer.clear();
        result.map_err(|error| format!("couldn't write to {}: {}", self.name, reason(&error)))
    }
}

/// Standard output, the file edited in place, and the files of `w`.
pub(crate) struct Outputs {
    stdout: Output,
    /// What takes the lines instead of standard output.
    pub(crate) edited: Option<Output>,
    named: Vec<Named>,
    separator: u8,
}

enum Named {
    /// `/dev/stdout`, and whether it owes a separator of its own.
    Stdout(bool),
    Own(Output),
}

impl Outputs {
    /// Creates the files.
    ///
    /// # Errors
    ///
    /// The message for one that cannot be created.
    pub(crate) fn new(names: &[Vec<u8>], separator: u8, buffered: bool) -> Result<Self, String> {
        let named = names.iter().map(|name| match name.as_slice() {
            b"/dev/stdout" => Ok(Named::Stdout(false)),
            b"/dev/stderr" => {
                let name = "stderr".to_owned();
                Ok(Named::Own(Output {
                    sink: Sink::Stderr,
                    name,
                    buffer: Vec::new(),
                    owes_newline: false,
                    buffered: false,
                }))
            }
            path => {
                let shown = String::from_utf8_lossy(path).into_owned();
                let file = File::create(path_of(path))
                    .map_err(|error| format!("couldn't open file {shown}: {}", reason(&error)))?;
                Ok(Named::Own(Output::file(file, &shown)))
            }
        });
        let named = named.collect::<Result<_, String>>()?;
        Ok(Self { stdout: Output::stdout(buffered), edited: None, named, separator })
    }

    /// Where lines go.
    pub(crate) fn main(&mut self) -> &mut Output {
        self.edited.as_mut().unwrap_or(&mut self.stdout)
    }

    /// Writes a line where lines go, or to a file of `w`.
    pub(crate) fn line(&mut self, to: Option<usize>, text: &[u8], ended: bool) -> Result<(), String> {
        let separator = self.separator;
        match to.and_then(|index| self.named.get_mut(index)) {
            None => self.main().line(text, separator, ended),
            Some(Named::Stdout(owes)) => {
                if std::mem::replace(owes, !ended) {
                    self.stdout.note(&[separator])?;
                }
                self.stdout.note(text)?;
                if ended { self.stdout.note(&[separator]) } else { Ok(()) }
            }
            Some(Named::Own(output)) => output.line(text, separator, ended),
        }
    }

    /// Writes bytes where lines go.
    pub(crate) fn raw(&mut self, text: &[u8]) -> Result<(), String> {
        let separator = self.separator;
        self.main().raw(text, separator)
    }

    /// Writes bytes to standard output beside the lines, as `--debug` does.
    pub(crate) fn note(&mut self, text: &[u8]) -> Result<(), String> {
        self.stdout.note(text)
    }

    /// Writes all that is gathered: before something else reads or writes the same files, and at the end.
    pub(crate) fn flush(&mut self) -> Result<(), String> {
        self.stdout.flush()?;
        if let Some(edited) = &mut self.edited {
            edited.flush()?;
        }
        self.named.iter_mut().try_for_each(|named| match named {
            Named::Stdout(_) => Ok(()),
            Named::Own(output) => output.flush(),
        })
    }
}
