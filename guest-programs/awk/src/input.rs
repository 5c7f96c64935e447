//! The main input: the files that the operands name one after the other, the rules run over them, and `getline`.

use std::fs::File;
use std::io;

use sandshell_sys::{path_of, reason};

use crate::ast::Source;
use crate::code::{Code, Target};
use crate::escape;
use crate::failure::{Failure, Result};
use crate::machine::{Flow, Machine};
use crate::reader::{Origin, Outcome, Reader};
use crate::special;
use crate::value::Value;

/// Where the main input stands.
#[derive(Default)]
pub(crate) struct MainInput {
    /// The operand that is next.
    operand: usize,
    reader: Option<Reader>,
    /// No operand was a file so far.
    named_none: bool,
    started: bool,
    /// Where the next record is read to.
    buffer: Vec<u8>,
    /// `NR`.
    pub(crate) records: f64,
    /// `FNR`.
    pub(crate) file_records: f64,
}

impl Machine<'_> {
    /// Sets the variables that exist before the program starts.
    pub(crate) fn prepare(&mut self, operands: &[Vec<u8>], assignments: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        for (slot, value) in crate::settings::Settings::initial() {
            if let Some(place) = self.globals.get_mut(slot as usize) {
                *place = value;
            }
        }
        let numbered =
            operands.iter().enumerate().map(|(at, operand)| (at.to_string().into_bytes(), Value::input(operand)));
        let argv = self.array(crate::code::Place::Global(special::ARGV))?;
        Self::fill(&argv, numbered);
        #[expect(clippy::cast_precision_loss, reason = "there are not 2^53 operands")]
        let count = operands.len() as f64;
        self.set_global(special::ARGC, Value::Number(count))?;
        let environ = self.array(crate::code::Place::Global(special::ENVIRON))?;
        let variables = sandshell_sys::environment().into_iter().filter_map(|entry| {
            let at = entry.iter().position(|byte| *byte == b'=')?;
            Some((entry.get(..at)?.to_vec(), Value::input(entry.get(at + 1..)?)))
        });
        Self::fill(&environ, variables);
        self.process_information()?;
        assignments.iter().try_for_each(|(name, value)| self.assign_operand(name, value))
    }

    fn process_information(&mut self) -> Result<()> {
        let information = self.array(crate::code::Place::Global(special::PROCINFO))?;
        let number = |pid: std::result::Result<sandshell_sys::Pid, sandshell_sys::Errno>| {
            Value::Number(pid.map_or(0.0, |pid| f64::from(pid.0)))
        };
        let pairs = [
            (b"version".to_vec(), Value::text(b"5.2.1")),
            (b"strftime".to_vec(), Value::text(crate::time::DEFAULT_FORMAT)),
            (b"FS".to_vec(), Value::text(b"FS")),
            (b"platform".to_vec(), Value::text(b"posix")),
            (b"pid".to_vec(), number(sandshell_sys::own())),
            (b"ppid".to_vec(), number(sandshell_sys::parent())),
        ];
        Self::fill(&information, pairs);
        Ok(())
    }

    /// Assigns a variable by its name, as the command line asks; escapes in the value count.
    fn assign_operand(&mut self, name: &[u8], value: &[u8]) -> Result<()> {
        let known = self.code.globals.iter().position(|global| global.as_bytes() == name);
        let Some(slot) = known.and_then(|slot| u32::try_from(slot).ok()) else { return Ok(()) };
        let value = Value::input(&escape::string(value));
        if special::is_watched(slot) { self.set_special(slot, value) } else { self.set_global(slot, value) }
    }

    /// Runs the whole program; the status is in the machine.
    pub(crate) fn run_program(&mut self) -> Result<()> {
        let code: &Code = self.code;
        let entries = &code.entries;
        let flow = self.run(entries.begin)?;
        if flow != Flow::Exit && (entries.main.is_some() || entries.end.is_some() || entries.begin_file.is_some()) {
            self.run_records(entries.main)?;
        }
        // `exit` runs the END rules as well, wherever it was.
        if let Some(end) = entries.end {
            self.run(end)?;
        }
        Ok(())
    }

    fn run_records(&mut self, main: Option<u32>) -> Result<Flow> {
        loop {
            match self.next_record()? {
                None => return Ok(Flow::Done),
                Some(Flow::Exit) => return Ok(Flow::Exit),
                Some(_) => {}
            }
            let Some(main) = main else { continue };
            match self.run(main)? {
                Flow::Done | Flow::Next => {}
                Flow::NextFile => {
                    if self.end_file()? == Flow::Exit {
                        return Ok(Flow::Exit);
                    }
                }
                Flow::Exit => return Ok(Flow::Exit),
            }
        }
    }

    /// Reads the next record of the main input into the record. None at the end of all files; a flow that is not `Done` when
    /// a rule at the border of files asked for it.
    fn next_record(&mut self) -> Result<Option<Flow>> {
        loop {
            if self.input.reader.is_none() {
                match self.next_file()? {
                    None => return Ok(None),
                    Some(Flow::Exit) => return Ok(Some(Flow::Exit)),
                    Some(_) => {}
                }
            }
            let Some(reader) = &mut self.input.reader else { continue };
            // The record stays what it is at the end of a file.
            match reader.read(&self.settings.separator, &mut self.input.buffer)? {
                Outcome::Record => {
                    std::mem::swap(self.record.read_into(), &mut self.input.buffer);
                    self.set_terminator(None);
                    self.input.records += 1.0;
                    self.input.file_records += 1.0;
                    return Ok(Some(Flow::Done));
                }
                Outcome::End => {
                    if self.end_file()? == Flow::Exit {
                        return Ok(Some(Flow::Exit));
                    }
                }
                Outcome::Failed(error) => {
                    let name = self.globals.get(special::FILENAME as usize).cloned().unwrap_or(Value::Unset);
                    let name = String::from_utf8_lossy(&name.bytes(&self.settings.convfmt)).into_owned();
                    return Err(Failure::fatal(format!("error reading input file `{name}': {}", reason(&error))));
                }
            }
        }
    }

    /// Sets `RT` from the reader of the main input, or to what is given.
    fn set_terminator(&mut self, given: Option<&[u8]>) {
        let from_reader = self.input.reader.as_ref().map(|reader| reader.terminator.as_slice()).unwrap_or_default();
        let value = Value::input(given.unwrap_or(from_reader));
        if let Some(place) = self.globals.get_mut(special::RT as usize) {
            *place = value;
        }
    }

    fn end_file(&mut self) -> Result<Flow> {
        if self.input.reader.is_none() {
            return Ok(Flow::Done);
        }
        // $0 and NF are those of the last record for END and ENDFILE.
        let flow = match self.code.entries.end_file {
            Some(entry) => self.run_file_rule(entry)?,
            None => Flow::Done,
        };
        self.input.reader = None;
        Ok(flow)
    }

    fn run_file_rule(&mut self, entry: u32) -> Result<Flow> {
        self.in_file_rule = true;
        let flow = self.run(entry);
        self.in_file_rule = false;
        flow
    }

    /// Opens the next file of the operands. None when there is no more.
    fn next_file(&mut self) -> Result<Option<Flow>> {
        loop {
            let count = self.globals.get(special::ARGC as usize).map_or(0.0, Value::number);
            if !self.input.started {
                self.input.started = true;
                self.input.operand = 1;
                self.input.named_none = true;
            }
            #[expect(clippy::cast_precision_loss, reason = "there are not 2^53 operands")]
            if self.input.operand as f64 >= count {
                if !std::mem::take(&mut self.input.named_none) {
                    return Ok(None);
                }
                self.input.file_records = 0.0;
                return self.open(b"-", false);
            }
            let key = self.input.operand.to_string();
            self.input.operand += 1;
            let argv = self.array(crate::code::Place::Global(special::ARGV))?;
            let operand = argv.borrow().get(key.as_bytes()).cloned().unwrap_or(Value::Unset);
            let operand = operand.bytes(&self.settings.convfmt).into_owned();
            if operand.is_empty() {
                continue;
            }
            if let Some((name, value)) = assignment(&operand) {
                self.assign_operand(name, value)?;
                continue;
            }
            self.input.named_none = false;
            self.input.file_records = 0.0;
            if let Some(flow) = self.open(&operand, true)? {
                return Ok(Some(flow));
            }
        }
    }

    /// Opens a file and runs the rules before it. None when it is skipped.
    fn open(&mut self, name: &[u8], named: bool) -> Result<Option<Flow>> {
        let shown = String::from_utf8_lossy(name).into_owned();
        let filename = if named { Value::input(name) } else { Value::input(b"") };
        self.set_global(special::FILENAME, filename)?;
        let opened = match name {
            b"-" | b"/dev/stdin" => Ok(Origin::Stdin(io::stdin())),
            _ if is_directory(name) => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            _ => File::open(path_of(name)).map(Origin::File),
        };
        let handled = self.code.entries.begin_file.is_some();
        let error = match opened {
            Ok(origin) => {
                self.input.reader = Some(Reader::new(origin));
                self.set_global(special::ERRNO, Value::text(b""))?;
                None
            }
            Err(error) if !handled && error.kind() == io::ErrorKind::IsADirectory => {
                crate::message::write(&format!(
                    "awk: warning: command line argument `{shown}' is a directory: skipped\n"
                ));
                return Ok(None);
            }
            Err(error) if !handled => {
                return Err(Failure::fatal(format!("cannot open file `{shown}' for reading: {}", reason(&error))));
            }
            Err(error) => Some(error),
        };
        let Some(entry) = self.code.entries.begin_file else { return Ok(Some(Flow::Done)) };
        if let Some(error) = &error {
            self.set_global(special::ERRNO, Value::text(reason(error).as_bytes()))?;
        }
        let flow = self.run_file_rule(entry)?;
        match (flow, error) {
            (Flow::Exit, _) => Ok(Some(Flow::Exit)),
            (Flow::NextFile, error) => {
                if error.is_none() && self.end_file()? == Flow::Exit {
                    return Ok(Some(Flow::Exit));
                }
                Ok(None)
            }
            (_, Some(error)) => {
                Err(Failure::fatal(format!("cannot open file `{shown}' for reading: {}", reason(&error))))
            }
            _ => Ok(Some(Flow::Done)),
        }
    }

    /// `getline` in all its forms.
    pub(super) fn getline(&mut self, source: Source, target: Target) -> Result<Option<Flow>> {
        let operands = self.operands(target)?;
        let status = match source {
            Source::Main if self.in_file_rule => {
                return Err(Failure::fatal("non-redirected `getline' is not allowed in BEGINFILE or ENDFILE"));
            }
            Source::Main => {
                // The record stays as it is when the value goes to a variable, and at the end of all input.
                let kept = std::mem::take(&mut self.record);
                match self.next_record() {
                    Ok(Some(Flow::Exit)) => return Ok(Some(Flow::Exit)),
                    Ok(None) => {
                        self.record = kept;
                        0.0
                    }
                    Ok(Some(_)) => {
                        if target != Target::Nowhere {
                            let value = Value::input(self.record_text());
                            self.record = kept;
                            self.set_target(target, &operands, value)?;
                        }
                        1.0
                    }
                    Err(failure) => return Err(failure),
                }
            }
            Source::File | Source::Command => self.getline_from(source, target, &operands)?,
        };
        self.push(Value::Number(status));
        Ok(None)
    }

    fn getline_from(&mut self, source: Source, target: Target, operands: &crate::operate::Operands) -> Result<f64> {
        let name = self.pop();
        let name = name.bytes(&self.settings.convfmt).into_owned();
        let input = match source {
            Source::Command => self.streams.command(&name)?,
            _ => self.streams.file(&name),
        };
        let input = match input {
            Ok(input) => input,
            Err(error) => return self.getline_failed(&error),
        };
        let mut text = Vec::new();
        match input.reader.read(&self.settings.separator, &mut text)? {
            Outcome::Record => {}
            Outcome::End => return Ok(0.0),
            Outcome::Failed(error) => return self.getline_failed(&error),
        }
        let terminator = input.reader.terminator.clone();
        self.set_terminator(Some(&terminator));
        if target == Target::Nowhere {
            *self.record.read_into() = text;
        } else {
            self.set_target(target, operands, Value::input(&text))?;
        }
        Ok(1.0)
    }

    fn getline_failed(&mut self, error: &io::Error) -> Result<f64> {
        self.set_global(special::ERRNO, Value::text(reason(error).as_bytes()))?;
        Ok(-1.0)
    }
}

/// Reads an operand that is an assignment.
pub(crate) fn assignment(operand: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = operand.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (operand.get(..at)?, operand.get(at + 1..)?);
    let first = name.first()?;
    let is_name = (first.is_ascii_alphabetic() || *first == b'_')
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    is_name.then_some((name, value))
}

#[cfg(target_arch = "wasm32")]
fn is_directory(path: &[u8]) -> bool {
    sandshell_sys::stat(path).is_ok_and(|found| found.mode.kind() == sandshell_sys::Kind::Directory)
}

#[cfg(not(target_arch = "wasm32"))]
fn is_directory(path: &[u8]) -> bool {
    std::fs::metadata(path_of(path)).is_ok_and(|found| found.is_dir())
}
