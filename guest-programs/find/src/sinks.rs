//! Where find's output goes: standard output, and files that several actions may share.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use sandshell_sys::{path_of, quote, reason};

/// Names one of [`Sinks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sink(usize);

impl Sink {
    /// Standard output.
    pub(crate) const STDOUT: Self = Self(0);
}

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 32 << 10;

/// All that output goes to.
pub(crate) struct Sinks {
    writers: Vec<BufWriter<Box<dyn Write>>>,
    /// The files' names; those of the first are nothing.
    names: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Sinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sinks").field(&self.names).finish()
    }
}

impl Default for Sinks {
    fn default() -> Self {
        let stdout: Box<dyn Write> = Box::new(io::stdout());
        Self { writers: vec![BufWriter::with_capacity(BUFFER_BYTES, stdout)], names: vec![Vec::new()] }
    }
}

impl Sinks {
    /// Opens a file, cut to nothing; one that an action has opened already is shared.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn open(&mut self, path: &[u8]) -> Result<Sink, String> {
        match path {
            b"/dev/stdout" => return Ok(Sink::STDOUT),
            _ => {
                if let Some(at) = self.names.iter().skip(1).position(|name| name == path) {
                    return Ok(Sink(at + 1));
                }
            }
        }
        let writer: Box<dyn Write> = match path {
            b"/dev/stderr" => Box::new(io::stderr()),
            _ => {
                let opened = File::create(path_of(path));
                Box::new(opened.map_err(|error| format!("{}: {}", quote(path), reason(&error)))?)
            }
        };
        self.writers.push(BufWriter::with_capacity(BUFFER_BYTES, writer));
        self.names.push(path.to_vec());
        Ok(Sink(self.writers.len() - 1))
    }

    /// Writes to one of them.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn write(&mut self, sink: Sink, bytes: &[u8]) -> Result<(), String> {
        let Some(writer) = self.writers.get_mut(sink.0) else { return Ok(()) };
        writer.write_all(bytes).map_err(|error| self.complaint(sink, &error))
    }

    /// Writes out what is gathered, so that what others write comes after it.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn flush(&mut self) -> Result<(), String> {
        for at in 0..self.writers.len() {
            self.writers[at].flush().map_err(|error| self.complaint(Sink(at), &error))?;
        }
        Ok(())
    }

    fn complaint(&self, sink: Sink, error: &io::Error) -> String {
        let name =
            self.names.get(sink.0).filter(|name| !name.is_empty()).map_or(&b"standard output"[..], Vec::as_slice);
        format!("write error: {}: {}", quote(name), reason(error))
    }
}
