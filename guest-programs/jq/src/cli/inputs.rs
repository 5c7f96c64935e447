//! The inputs of a program: files or standard input, as values, events or lines, one by one or slurped.

use std::fs::File;
use std::io::{self, Read};

use crate::builtins::{Input, print_error};
use crate::json::{Reader, Source, Stream};
use crate::value::Value;

/// How much is read at a time.
const BLOCK_BYTES: usize = 1 << 17;

/// The files of the command line as one text; standard input without any.
pub(crate) struct Files {
    names: std::vec::IntoIter<String>,
    current: Option<File>,
    name: Option<String>,
    standard_input: bool,
    /// Files that could not be read.
    failed: bool,
    began: bool,
    /// Line ends read so far, and those before the current file.
    lines: usize,
    lines_before: usize,
}

impl Files {
    /// These files, or standard input.
    pub(crate) fn new(names: Vec<String>) -> Self {
        let standard_input = names.is_empty();
        Self {
            names: names.into_iter(),
            current: None,
            name: None,
            standard_input,
            failed: false,
            began: false,
            lines: 0,
            lines_before: 0,
        }
    }

    fn complain(&mut self, name: &str, action: &str, error: &io::Error) {
        print_error(&format!("jq: error: Could not {action} {name}: {}\n", sandshell_sys::reason(error)));
        self.failed = true;
    }

    /// Opens the next file that can be; false when there is none.
    fn open_next(&mut self) -> bool {
        for name in self.names.by_ref() {
            match File::open(&name) {
                Ok(file) => {
                    (self.current, self.name) = (Some(file), Some(name));
                    self.lines_before = self.lines;
                    return true;
                }
                Err(error) => {
                    print_error(&format!("jq: error: Could not open file {name}: {}\n", sandshell_sys::reason(&error)));
                    self.failed = true;
                }
            }
        }
        false
    }
}

impl Source for Files {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<bool> {
        self.began = true;
        let old = buffer.len();
        loop {
            if !self.standard_input && self.current.is_none() && !self.open_next() {
                return Ok(false);
            }
            buffer.resize(old + BLOCK_BYTES, 0);
            let room = &mut buffer[old..];
            let count = match &mut self.current {
                Some(file) => file.read(room),
                None => io::stdin().lock().read(room),
            };
            buffer.truncate(old + *count.as_ref().unwrap_or(&0));
            match count {
                Ok(0) if self.standard_input => return Ok(false),
                Ok(0) => self.current = None,
                Ok(_) => {
                    self.lines += memchr::memchr_iter(b'\n', &buffer[old..]).count();
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let name = self.name.clone().unwrap_or_else(|| "<stdin>".into());
                    self.complain(&name, "read", &error);
                    if self.standard_input {
                        return Ok(false);
                    }
                    self.current = None;
                }
            }
        }
    }
}

/// What the text is read as.
enum Mode {
    Values(Reader<Files>),
    Events(Stream<Files>),
    Lines(Lines),
}

/// Lines as strings.
struct Lines {
    files: Files,
    buffer: Vec<u8>,
    at: usize,
    count: usize,
}

impl Lines {
    fn next(&mut self) -> Result<Option<Value>, String> {
        let mut searched = self.at;
        loop {
            if let Some(length) = self.buffer.get(searched..).and_then(|rest| memchr::memchr(b'\n', rest)) {
                let end = searched + length;
                let line = String::from_utf8_lossy(&self.buffer[self.at..end]).into_owned();
                self.at = end + 1;
                self.count += 1;
                return Ok(Some(Value::string(line)));
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            searched = self.buffer.len();
            if !self.files.fill(&mut self.buffer).map_err(|error| error.to_string())? {
                let rest = std::mem::take(&mut self.buffer);
                let line = String::from_utf8_lossy(&rest);
                return Ok((!rest.is_empty()).then(|| Value::string(line.as_ref())));
            }
        }
    }

    fn all(&mut self) -> Result<Value, String> {
        while self.files.fill(&mut self.buffer).map_err(|error| error.to_string())? {}
        self.count = memchr::memchr_iter(b'\n', &self.buffer).count();
        Ok(Value::string(String::from_utf8_lossy(&std::mem::take(&mut self.buffer))))
    }
}

/// The inputs that the command line asks for.
pub(super) struct Inputs {
    mode: Mode,
    slurp: bool,
    slurped: bool,
    /// Errors of the text become events.
    error_events: bool,
}

/// How inputs are read. Any value is fine.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Reading {
    pub(super) raw: bool,
    pub(super) slurp: bool,
    pub(super) stream: bool,
    pub(super) stream_errors: bool,
    pub(super) seq: bool,
}

impl Inputs {
    pub(super) fn new(files: Vec<String>, reading: Reading) -> Self {
        let files = Files::new(files);
        let mode = if reading.raw {
            Mode::Lines(Lines { files, buffer: Vec::new(), at: 0, count: 0 })
        } else if reading.stream {
            Mode::Events(Stream::new(Reader::new(files, reading.seq)))
        } else {
            Mode::Values(Reader::new(files, reading.seq))
        };
        Self { mode, slurp: reading.slurp, slurped: false, error_events: reading.stream_errors }
    }

    fn files(&self) -> &Files {
        match &self.mode {
            Mode::Values(reader) => reader.source(),
            Mode::Events(stream) => stream.reader().source(),
            Mode::Lines(lines) => &lines.files,
        }
    }

    fn one(&mut self) -> Result<Option<Value>, String> {
        match &mut self.mode {
            Mode::Values(reader) => reader.next(),
            Mode::Events(stream) => match stream.next() {
                Err(message) if self.error_events => {
                    self.error_events = false;
                    self.slurped = true;
                    Ok(Some(Value::array(vec![Value::string(message), stream.location()])))
                }
                next => next,
            },
            Mode::Lines(lines) => lines.next(),
        }
    }
}

impl Input for Inputs {
    fn next(&mut self) -> Result<Option<Value>, String> {
        if self.slurped {
            return Ok(None);
        }
        if !self.slurp {
            return self.one();
        }
        self.slurped = true;
        if let Mode::Lines(lines) = &mut self.mode {
            return lines.all().map(Some);
        }
        let mut all = Vec::new();
        while let Some(value) = self.one()? {
            all.push(value);
        }
        Ok(Some(Value::array(all)))
    }

    fn line(&self) -> usize {
        let line = match &self.mode {
            Mode::Values(reader) => reader.line(),
            Mode::Events(stream) => stream.reader().line(),
            Mode::Lines(lines) => lines.count,
        };
        line.saturating_sub(self.files().lines_before)
    }

    fn file(&self) -> Option<String> {
        self.files().name.clone()
    }

    fn place(&self) -> Option<String> {
        let files = self.files();
        let name = files.name.as_deref().unwrap_or("<stdin>");
        files.began.then(|| format!("{name}:{}", self.line()))
    }

    fn has_failed(&self) -> bool {
        self.files().failed
    }
}

/// No inputs at all.
pub(crate) struct NoInput;

impl Input for NoInput {
    fn next(&mut self) -> Result<Option<Value>, String> {
        Ok(None)
    }

    fn line(&self) -> usize {
        0
    }

    fn file(&self) -> Option<String> {
        None
    }

    fn place(&self) -> Option<String> {
        None
    }

    fn has_failed(&self) -> bool {
        false
    }
}
