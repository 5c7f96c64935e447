//! Runs a script: the cycle of reading a line, running the commands on it, and writing it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::rc::Rc;

use sandshell_posix_regex::Regex;
use sandshell_sys::path_of;

use crate::debug;
use crate::in_place::Editing;
use crate::input::{Input, Read1};
use crate::options::Settings;
use crate::output::Outputs;
use crate::script::{Action, Address, Command, Pattern, Program, Substitution, Translation};
use crate::shell;
use crate::substitute::{self, Scratch};
use crate::{MISUSE, NO_INPUT, PANIC};

/// A space: its text, and whether the line in it ended with a separator.
#[derive(Clone)]
struct Space {
    text: Vec<u8>,
    ended: bool,
}

/// How far the range of a command's addresses is.
#[derive(Clone, Copy, PartialEq)]
enum Range {
    Inactive,
    Active,
    /// Until a line, once that is known.
    Until(u64),
}

/// What is written after the cycle.
enum Pending {
    Text(usize),
    File(Vec<u8>),
    Bytes(Vec<u8>, bool),
}

/// What follows a command.
enum Flow {
    Next,
    To(usize),
    /// The cycle ends; the pattern space is written unless `-n`.
    EndCycle,
    /// It ends without that.
    EndSilently,
    /// `D`: the cycle starts again with what is left.
    Restart,
    /// The run ends after the cycle, or at once.
    Quit {
        status: i32,
        print: bool,
    },
    /// It ends because a command wanted a line and there is none.
    OutOfLines {
        print: bool,
    },
}

/// Why a run ends early.
struct Failure {
    status: i32,
    message: String,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { status: PANIC, message }
    }
}

struct Machine<'a> {
    program: &'a Program,
    settings: &'a Settings,
    input: Input<'a>,
    outputs: Outputs,
    editing: Option<Editing>,
    separator: u8,
    quiet: bool,
    pattern: Space,
    hold: Space,
    ranges: Vec<Range>,
    pending: Vec<Pending>,
    replaced: bool,
    last_regex: Option<Rc<Regex>>,
    scratch: Scratch,
    /// The files of `R`, open where the next line is.
    line_files: HashMap<Vec<u8>, Option<BufReader<File>>>,
}

/// Runs the script over the files; answers the exit status.
pub(crate) fn run(program: &Program, settings: &Settings) -> i32 {
    let separator = if settings.null_data { 0 } else { b'\n' };
    let outputs = match Outputs::new(&program.outputs, separator, !settings.unbuffered) {
        Ok(outputs) => outputs,
        Err(message) => {
            crate::complain(&message);
            return PANIC;
        }
    };
    let mut machine = Machine {
        program,
        settings,
        input: Input::new(settings),
        outputs,
        editing: None,
        separator,
        quiet: settings.quiet || program.quiet,
        pattern: Space { text: Vec::new(), ended: true },
        hold: Space { text: Vec::new(), ended: true },
        ranges: Vec::new(),
        pending: Vec::new(),
        replaced: false,
        last_regex: None,
        scratch: Scratch::default(),
        line_files: HashMap::new(),
    };
    machine.reset_ranges();
    let result = machine.all_cycles();
    let status = match result {
        Ok(status) => status,
        Err(failure) => {
            // What was written before the failure is still written.
            let _ = machine.outputs.flush();
            crate::complain(&failure.message);
            if let Some(editing) = machine.editing.take() {
                editing.abandon();
            }
            return failure.status;
        }
    };
    if let Err(message) = machine.outputs.flush() {
        crate::complain(&message);
        return PANIC;
    }
    if status == 0 && machine.input.failed { NO_INPUT } else { status }
}

impl Machine<'_> {
    fn all_cycles(&mut self) -> Result<i32, Failure> {
        if self.settings.debug {
            self.outputs.raw(debug::program(self.program).as_bytes())?;
        }
        let mut restarts = false;
        loop {
            if !restarts && !self.read_line(false)? {
                self.finish_file()?;
                return Ok(0);
            }
            if self.settings.debug {
                let name = String::from_utf8_lossy(&self.input.name).into_owned();
                let head = format!("INPUT:   '{name}' line {}\n", self.input.line);
                self.outputs.note(head.as_bytes())?;
                self.trace_pattern()?;
            }
            let flow = self.cycle()?;
            if self.settings.debug {
                self.outputs.note(b"END-OF-CYCLE:\n")?;
            }
            restarts = matches!(flow, Flow::Restart);
            let prints = match flow {
                Flow::EndSilently => false,
                Flow::Quit { print, .. } | Flow::OutOfLines { print } => print,
                // `D` ends a cycle, too, but what it leaves is not written.
                Flow::Restart => false,
                _ => true,
            };
            if prints && !self.quiet {
                self.print()?;
            }
            self.write_pending()?;
            match flow {
                Flow::Quit { status, .. } => {
                    // The last line gets the separator that its file lacks.
                    self.outputs.raw(b"")?;
                    return self.quit(status);
                }
                Flow::OutOfLines { .. } => return self.quit(0),
                _ => {}
            }
        }
    }

    /// Ends the run before the input does.
    fn quit(&mut self, status: i32) -> Result<i32, Failure> {
        self.finish_file()?;
        self.input.give_back();
        Ok(status)
    }

    /// Reads the next line into the pattern space, or adds it to what is there. False: there is none.
    fn read_line(&mut self, adds: bool) -> Result<bool, Failure> {
        loop {
            if !self.input.is_open() {
                self.finish_file()?;
                if !self.input.open_next()? {
                    return Ok(false);
                }
                if self.settings.separate {
                    self.reset_ranges();
                }
                if self.settings.in_place.is_some() {
                    let (editing, output) = Editing::start(&self.input.name, self.settings.follow_symlinks)?;
                    self.editing = Some(editing);
                    self.outputs.edited = Some(output);
                }
            }
            if adds {
                self.pattern.text.push(self.separator);
            } else {
                self.pattern.text.clear();
            }
            match self.input.read_line(&mut self.pattern.text)? {
                Read1::Line { ended } => {
                    self.replaced = false;
                    self.pattern.ended = ended;
                    return Ok(true);
                }
                Read1::FileEnd | Read1::End if adds => {
                    self.pattern.text.pop();
                }
                Read1::FileEnd | Read1::End => {}
            }
        }
    }

    /// Completes the file that is edited in place.
    fn finish_file(&mut self) -> Result<(), Failure> {
        if let Some(mut output) = self.outputs.edited.take() {
            output.flush()?;
        }
        if let Some(editing) = self.editing.take() {
            editing.finish(self.settings.in_place.as_deref().unwrap_or_default())?;
        }
        Ok(())
    }

    fn reset_ranges(&mut self) {
        let starts = |command: &Command| match command.first {
            Some(Address::Line(0)) => Range::Active,
            _ => Range::Inactive,
        };
        self.ranges = self.program.commands.iter().map(starts).collect();
    }

    fn cycle(&mut self) -> Result<Flow, Failure> {
        let program = self.program;
        let mut at = 0;
        while let Some(command) = program.commands.get(at) {
            let selected = self.selects(at, command)? != command.negated;
            if self.settings.debug && !matches!(command.action, Action::Label(_)) {
                let text = format!("COMMAND: {}\n", debug::command(program, at));
                self.outputs.note(text.as_bytes())?;
            }
            if !selected {
                at = match command.action {
                    Action::Block(end) => end,
                    _ => at + 1,
                };
                continue;
            }
            match self.execute(at, &command.action)? {
                Flow::Next => at += 1,
                Flow::To(target) => at = target,
                other => return Ok(other),
            }
            if self.settings.debug && matches!(command.action, Action::Substitute(_)) {
                self.trace_pattern()?;
            }
        }
        Ok(Flow::EndCycle)
    }

    fn trace_pattern(&mut self) -> Result<(), Failure> {
        let text = [b"PATTERN: ".as_slice(), &self.pattern.text, b"\n"].concat();
        Ok(self.outputs.note(&text)?)
    }

    /// Whether the addresses of a command select the line.
    fn selects(&mut self, index: usize, command: &Command) -> Result<bool, Failure> {
        let Some(first) = &command.first else { return Ok(true) };
        let Some(second) = &command.second else { return self.matches(first) };
        let line = self.input.line;
        match self.ranges[index] {
            Range::Inactive => {
                if !self.matches(first)? {
                    return Ok(false);
                }
                self.ranges[index] = match *second {
                    Address::Line(end) if end <= line => Range::Inactive,
                    Address::Line(end) => Range::Until(end),
                    Address::Count(0) => Range::Inactive,
                    Address::Count(count) => Range::Until(line.saturating_add(count)),
                    Address::Multiple(0) => Range::Inactive,
                    Address::Multiple(step) => Range::Until((line / step + 1).saturating_mul(step)),
                    _ => Range::Active,
                };
                Ok(true)
            }
            Range::Until(end) => {
                if line >= end {
                    self.ranges[index] = Range::Inactive;
                }
                Ok(line <= end)
            }
            Range::Active => {
                if self.matches(second)? {
                    self.ranges[index] = Range::Inactive;
                }
                Ok(true)
            }
        }
    }

    fn matches(&mut self, address: &Address) -> Result<bool, Failure> {
        Ok(match address {
            Address::Line(number) => self.input.line == *number,
            Address::Step(first, step) => self.input.line >= *first && (self.input.line - first).is_multiple_of(*step),
            Address::Last => self.input.is_last()?,
            Address::Match(pattern) => self.regex(pattern)?.is_match(&self.pattern.text),
            Address::Count(_) | Address::Multiple(_) => false,
        })
    }

    /// The expression of a pattern; the one used last for an empty pattern.
    fn regex(&mut self, pattern: &Pattern) -> Result<Rc<Regex>, Failure> {
        if let Some(regex) = &pattern.regex {
            self.last_regex = Some(Rc::clone(regex));
            return Ok(Rc::clone(regex));
        }
        self.last_regex.clone().ok_or_else(|| Failure {
            status: MISUSE,
            message: "-e expression #1, char 0: no previous regular expression".to_owned(),
        })
    }

    fn execute(&mut self, index: usize, action: &Action) -> Result<Flow, Failure> {
        match action {
            Action::Block(_) | Action::End | Action::Label(_) | Action::Version => {}
            Action::Number => self.outputs.raw(format!("{}\n", self.input.line).as_bytes())?,
            Action::Append(_) => self.pending.push(Pending::Text(index)),
            Action::Insert(text) => self.outputs.raw(text)?,
            Action::Change(text) => {
                let in_range = self.program.commands[index].second.is_some()
                    && !self.program.commands[index].negated
                    && self.ranges[index] != Range::Inactive;
                if !in_range {
                    self.outputs.raw(text)?;
                }
                return Ok(Flow::EndSilently);
            }
            Action::Branch(target, _) => return Ok(Flow::To(*target)),
            Action::BranchIfReplaced(target, _) => {
                if std::mem::take(&mut self.replaced) {
                    return Ok(Flow::To(*target));
                }
            }
            Action::BranchUnlessReplaced(target, _) => {
                if !std::mem::take(&mut self.replaced) {
                    return Ok(Flow::To(*target));
                }
            }
            Action::Delete => return Ok(self.end_cycle(Flow::EndSilently)),
            Action::DeleteFirst => match memchr::memchr(self.separator, &self.pattern.text) {
                None => return Ok(self.end_cycle(Flow::EndSilently)),
                Some(at) => {
                    self.pattern.text.drain(..=at);
                    return Ok(Flow::Restart);
                }
            },
            Action::Quit(status) => return Ok(Flow::Quit { status: *status, print: true }),
            Action::QuitSilently(status) => return Ok(Flow::Quit { status: *status, print: false }),
            Action::Next => return self.next(),
            Action::NextAppend => return self.next_append(),
            Action::Substitute(made) => self.substitute(made)?,
            Action::Translate(translation) => self.translate(translation),
            other => self.simple(other)?,
        }
        Ok(Flow::Next)
    }

    fn end_cycle(&mut self, flow: Flow) -> Flow {
        self.pattern.text.clear();
        flow
    }

    /// Commands after which the next one follows.
    fn simple(&mut self, action: &Action) -> Result<(), Failure> {
        match action {
            Action::Execute(command) => self.run_command(command)?,
            Action::FileName => self.outputs.raw(&[self.input.name.as_slice(), b"\n"].concat())?,
            Action::Get => self.pattern = self.hold.clone(),
            Action::GetAppend => add(&mut self.pattern, &self.hold, self.separator),
            Action::Hold => self.hold = self.pattern.clone(),
            Action::HoldAppend => add(&mut self.hold, &self.pattern, self.separator),
            Action::List(length) => {
                let listed = list(&self.pattern.text, length.unwrap_or(self.settings.line_length));
                self.outputs.raw(&listed)?;
            }
            Action::Print => self.print()?,
            Action::PrintFirst => self.write_first(None)?,
            Action::ReadFile(name) => self.pending.push(Pending::File(name.clone())),
            Action::ReadLine(name) => self.queue_line(name)?,
            Action::Write(output) => self.outputs.line(Some(*output), &self.pattern.text, self.pattern.ended)?,
            Action::WriteFirst(output) => self.write_first(Some(*output))?,
            Action::Exchange => std::mem::swap(&mut self.pattern, &mut self.hold),
            Action::Zap => self.pattern.text.clear(),
            _ => {}
        }
        Ok(())
    }

    fn print(&mut self) -> Result<(), Failure> {
        Ok(self.outputs.line(None, &self.pattern.text, self.pattern.ended)?)
    }

    fn write_first(&mut self, to: Option<usize>) -> Result<(), Failure> {
        let first = memchr::memchr(self.separator, &self.pattern.text);
        let (end, ended) = first.map_or((self.pattern.text.len(), self.pattern.ended), |at| (at, true));
        Ok(self.outputs.line(to, &self.pattern.text[..end], ended)?)
    }

    /// `n`: without a next line the run ends.
    fn next(&mut self) -> Result<Flow, Failure> {
        if self.is_at_end()? {
            return Ok(Flow::OutOfLines { print: !self.settings.posix });
        }
        if !self.quiet {
            self.print()?;
        }
        self.write_pending()?;
        self.read_line(false)?;
        Ok(Flow::Next)
    }

    /// `N`: without a next line the run ends; GNU writes the pattern space first, POSIX does not.
    fn next_append(&mut self) -> Result<Flow, Failure> {
        if self.is_at_end()? {
            return Ok(Flow::OutOfLines { print: !self.settings.posix });
        }
        self.write_pending()?;
        self.read_line(true)?;
        Ok(Flow::Next)
    }

    /// Whether no line follows at all; the lines of separate files follow each other here.
    fn is_at_end(&mut self) -> Result<bool, Failure> {
        if !self.input.is_last()? {
            return Ok(false);
        }
        Ok(!self.settings.separate || !self.input.has_more_files())
    }

    fn substitute(&mut self, made: &Substitution) -> Result<(), Failure> {
        let regex = self.regex(&made.pattern)?;
        if !substitute::replace(&regex, made, &self.pattern.text, &mut self.scratch) {
            return Ok(());
        }
        self.replaced = true;
        std::mem::swap(&mut self.pattern.text, &mut self.scratch.result);
        if made.print && made.print_before_executing && made.execute {
            self.print()?;
        }
        if made.execute {
            let command = std::mem::take(&mut self.pattern.text);
            self.take_output(&command)?;
        }
        if made.print && !(made.print_before_executing && made.execute) {
            self.print()?;
        }
        if let Some(output) = made.output {
            self.outputs.line(Some(output), &self.pattern.text, self.pattern.ended)?;
        }
        Ok(())
    }

    /// Replaces the pattern space by what a command writes, without its last separator.
    fn take_output(&mut self, command: &[u8]) -> Result<(), Failure> {
        self.outputs.flush()?;
        let mut output = shell::output_of(command)?;
        if output.last() == Some(&self.separator) {
            output.pop();
        }
        self.pattern.text = output;
        Ok(())
    }

    fn run_command(&mut self, command: &[u8]) -> Result<(), Failure> {
        if command.is_empty() {
            let command = std::mem::take(&mut self.pattern.text);
            return self.take_output(&command);
        }
        self.outputs.flush()?;
        let output = shell::output_of(command)?;
        Ok(self.outputs.raw(&output)?)
    }

    fn translate(&mut self, translation: &Translation) {
        match translation {
            Translation::Bytes(table) => {
                self.pattern.text.iter_mut().for_each(|byte| *byte = table[usize::from(*byte)]);
            }
            Translation::Characters(map) => {
                let mut out = Vec::with_capacity(self.pattern.text.len());
                for chunk in self.pattern.text.utf8_chunks() {
                    for character in chunk.valid().chars() {
                        let mut buffer = [0; 4];
                        let to = map.get(&character).copied().unwrap_or(character);
                        out.extend_from_slice(to.encode_utf8(&mut buffer).as_bytes());
                    }
                    out.extend_from_slice(chunk.invalid());
                }
                self.pattern.text = out;
            }
        }
    }

    /// `R`: a line of a file is written after the cycle.
    fn queue_line(&mut self, name: &[u8]) -> Result<(), Failure> {
        let open = || File::open(path_of(name)).ok().map(BufReader::new);
        let file = self.line_files.entry(name.to_vec()).or_insert_with(open);
        let mut line = Vec::new();
        if let Some(file) = file
            && file.read_until(self.separator, &mut line).is_ok_and(|count| count > 0)
        {
            if line.last() == Some(&self.separator) {
                line.pop();
            }
            self.pending.push(Pending::Bytes(line, true));
        }
        Ok(())
    }

    fn write_pending(&mut self) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        for pending in std::mem::take(&mut self.pending) {
            match pending {
                Pending::Text(index) => {
                    if let Some(Action::Append(text)) = self.program.commands.get(index).map(|command| &command.action)
                    {
                        self.outputs.raw(text)?;
                    }
                }
                Pending::Bytes(line, ended) => self.outputs.line(None, &line, ended)?,
                Pending::File(name) => self.copy_file(&name)?,
            }
        }
        Ok(())
    }

    /// `r`: what cannot be read is nothing.
    fn copy_file(&mut self, name: &[u8]) -> Result<(), Failure> {
        let mut text = Vec::new();
        let read = if name == b"/dev/stdin" {
            std::io::stdin().lock().read_to_end(&mut text).is_ok()
        } else {
            File::open(path_of(name)).is_ok_and(|mut file| file.read_to_end(&mut text).is_ok())
        };
        if read && !text.is_empty() {
            self.outputs.raw(&text)?;
        }
        Ok(())
    }
}

/// Adds a space to another as a line of its own.
fn add(to: &mut Space, from: &Space, separator: u8) {
    to.text.push(separator);
    to.text.extend_from_slice(&from.text);
    to.ended = from.ended;
}

/// `l`: the text unambiguously, folded so that a line with its backslash has `length` columns.
fn list(text: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    let mut column = 0;
    for &byte in text {
        let shown = match byte {
            b'\\' => b"\\\\".to_vec(),
            0x07 => b"\\a".to_vec(),
            0x08 => b"\\b".to_vec(),
            0x0c => b"\\f".to_vec(),
            b'\n' => b"\\n".to_vec(),
            b'\r' => b"\\r".to_vec(),
            b'\t' => b"\\t".to_vec(),
            0x0b => b"\\v".to_vec(),
            b' '..=b'~' => vec![byte],
            _ => format!("\\{byte:03o}").into_bytes(),
        };
        if length > 0 && column + shown.len() > length - 1 {
            out.extend_from_slice(b"\\\n");
            column = 0;
        }
        column += shown.len();
        out.extend_from_slice(&shown);
    }
    out.extend_from_slice(b"$\n");
    out
}
