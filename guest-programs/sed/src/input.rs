//! The lines of the input files, one stream or each its own.

use std::fs::File;
use std::io::{self, Read};

use sandshell_sys::{Kind, path_of, reason};

use crate::options::Settings;

/// Bytes asked for at once.
const BLOCK_BYTES: usize = 256 << 10;

/// Where the bytes come from.
enum Reader {
    Stdin,
    File(File),
}

/// The file that is being read, with what of it is not yet a line.
struct Open {
    reader: Reader,
    buffer: Vec<u8>,
    /// What of the buffer is used.
    start: usize,
    /// What of the buffer has no separator.
    scanned: usize,
    at_end: bool,
    block: usize,
}

/// The input files.
pub(crate) struct Input<'a> {
    settings: &'a Settings,
    separator: u8,
    names: std::collections::VecDeque<Vec<u8>>,
    open: Option<Open>,
    /// The file of the line that was read last; `-` for standard input.
    pub(crate) name: Vec<u8>,
    /// Its number.
    pub(crate) line: u64,
    /// Some file could not be read.
    pub(crate) failed: bool,
}

/// What [`Input::read_line`] found.
pub(crate) enum Read1 {
    /// A line, and whether a separator ended it.
    Line { ended: bool },
    /// Nothing more in this file; with `-s`, its lines end here.
    FileEnd,
    /// Nothing more at all.
    End,
}

impl<'a> Input<'a> {
    /// Starts before the first file.
    pub(crate) fn new(settings: &'a Settings) -> Self {
        let mut names: std::collections::VecDeque<_> = settings.files.iter().cloned().collect();
        if names.is_empty() {
            names.push_back(b"-".to_vec());
        }
        let separator = if settings.null_data { 0 } else { b'\n' };
        Self { settings, separator, names, open: None, name: b"-".to_vec(), line: 0, failed: false }
    }

    /// Opens the next file that can be read; `None`: there is no more. With `-i` the caller puts its output beside it.
    ///
    /// # Errors
    ///
    /// The message of a failure that ends the run.
    pub(crate) fn open_next(&mut self) -> Result<bool, String> {
        while let Some(name) = self.names.pop_front() {
            let shown = String::from_utf8_lossy(&name).into_owned();
            let in_place = self.settings.in_place.is_some();
            let reader = if name == b"-" && !in_place {
                Reader::Stdin
            } else {
                let kind =
                    sandshell_sys::stat(path_of(&name).as_os_str().as_encoded_bytes()).map(|stat| stat.mode.kind());
                match (kind, in_place) {
                    (Ok(Kind::Regular) | Err(_), _) => {}
                    (Ok(_), true) => {
                        self.failed = true;
                        return Err(format!("couldn't edit {shown}: not a regular file"));
                    }
                    (Ok(Kind::Directory), false) => return Err(format!("read error on {shown}: Is a directory")),
                    _ => {}
                }
                match File::open(path_of(&name)) {
                    Ok(file) => Reader::File(file),
                    Err(error) => {
                        crate::complain(&format!("can't read {shown}: {}", reason(&error)));
                        self.failed = true;
                        continue;
                    }
                }
            };
            self.name = name;
            if self.settings.separate {
                self.line = 0;
            }
            let block = if self.settings.unbuffered { 1 } else { BLOCK_BYTES };
            self.open = Some(Open { reader, buffer: Vec::new(), start: 0, scanned: 0, at_end: false, block });
            return Ok(true);
        }
        Ok(false)
    }

    /// Whether a file is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Adds the next line of the open file to `line`, without its separator.
    ///
    /// # Errors
    ///
    /// The message of a failure that ends the run.
    pub(crate) fn read_line(&mut self, line: &mut Vec<u8>) -> Result<Read1, String> {
        let separator = self.separator;
        let Some(open) = &mut self.open else { return Ok(Read1::End) };
        loop {
            if let Some(found) = memchr::memchr(separator, &open.buffer[open.scanned..]) {
                let end = open.scanned + found;
                line.extend_from_slice(&open.buffer[open.start..end]);
                open.start = end + 1;
                open.scanned = open.start;
                self.line += 1;
                return Ok(Read1::Line { ended: true });
            }
            open.scanned = open.buffer.len();
            if !open.at_end {
                open.fill().map_err(|error| failure(&self.name, &error))?;
                continue;
            }
            if open.start == open.buffer.len() {
                self.open = None;
                return Ok(Read1::FileEnd);
            }
            line.extend_from_slice(&open.buffer[open.start..]);
            open.start = open.buffer.len();
            self.line += 1;
            return Ok(Read1::Line { ended: false });
        }
    }

    /// Whether the line that was read is the last: of its file with `-s`, else of all.
    ///
    /// # Errors
    ///
    /// The message of a failure that ends the run.
    pub(crate) fn is_last(&mut self) -> Result<bool, String> {
        if let Some(open) = &mut self.open
            && open.has_more().map_err(|error| failure(&self.name, &error))?
        {
            return Ok(false);
        }
        if self.settings.separate {
            return Ok(true);
        }
        // What the next files hold decides; the line's own name and number stay.
        let (name, line) = (self.name.clone(), self.line);
        let mut last = true;
        while last && self.open_next()? {
            last = match &mut self.open {
                Some(open) => !open.has_more().map_err(|error| failure(&self.name, &error))?,
                None => true,
            };
            if last {
                self.open = None;
            }
        }
        if last {
            (self.name, self.line) = (name, line);
        }
        Ok(last)
    }

    /// Whether files follow the one that is open.
    pub(crate) fn has_more_files(&self) -> bool {
        !self.names.is_empty()
    }

    /// Gives back to standard input what was read of it and not used, where it can be given back.
    pub(crate) fn give_back(&mut self) {
        if let Some(Open { reader: Reader::Stdin, buffer, start, .. }) = &self.open
            && let Ok(unused) = i64::try_from(buffer.len() - start)
            && unused > 0
        {
            // A pipe cannot go back: what is read is read, as with any program.
            let _ = rustix::fs::seek(io::stdin(), rustix::fs::SeekFrom::Current(-unused));
        }
    }
}

impl Open {
    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
        let length = self.buffer.len();
        self.buffer.resize(length + self.block, 0);
        let room = &mut self.buffer[length..];
        let result = loop {
            let result = match &mut self.reader {
                // Not through `std`, which would read ahead of what is used.
                Reader::Stdin => rustix::io::read(io::stdin(), &mut *room).map_err(io::Error::from),
                Reader::File(file) => file.read(room),
            };
            match result {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let count = *result.as_ref().unwrap_or(&0);
        self.buffer.truncate(length + count);
        self.at_end = count == 0;
        result.map(|_| ())
    }

    fn has_more(&mut self) -> io::Result<bool> {
        while self.start == self.buffer.len() && !self.at_end {
            self.fill()?;
        }
        Ok(self.start < self.buffer.len())
    }
}

fn failure(name: &[u8], error: &io::Error) -> String {
    format!("read error on {}: {}", String::from_utf8_lossy(name), reason(error))
}
