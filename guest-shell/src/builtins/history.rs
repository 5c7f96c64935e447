//! `history`: the list of commands, and what it shows and changes.
//!
//! Commands come in by `record` while `set -o history` is on, files by `files`; `fc` is in `fc`. History expansion is in
//! `event` (a line), `words` and `modifier`; `line` joins it to the source that is read.

mod event;
mod fc;
mod files;
mod line;
mod modifier;
mod record;
mod words;

use std::rc::Rc;

use crate::flow::Flow;
use crate::options::ShellOption;
use crate::shell::Shell;
use crate::vars::Name;

use super::{Call, builtin, options, time_format};
use event::{Expanded, Expander};

pub(super) use fc::FC;
pub(crate) use line::Expansions;

builtin! {
    /// Display or manipulate the history list.
    ///
    /// Prints the list with numbers; with N, only the last N entries. `set -o history' makes a shell keep what it reads.
    ///
    /// Options:
    ///   -c	clear the list
    ///   -d offset	delete the entry at OFFSET (negative: from the end)
    ///   -d start-end	delete the entries from START to END
    ///   -a	append the lines of this session to the history file
    ///   -n	read the lines of the file that were not read yet
    ///   -r	read the file and append it to the list
    ///   -w	write the list to the file
    ///   -p	expand each ARG as a history word and print the result
    ///   -s	append the ARGs to the list as one entry
    ///
    /// FILENAME is the file; without one $HISTFILE. $HISTTIMEFORMAT, when it is set, is how times are shown.
    HISTORY = "history", "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]", history
}

/// The most entries kept when HISTSIZE says nothing.
const ENTRIES_DEFAULT: usize = 500;
/// The most entries kept whatever HISTSIZE says: they are part of the state.
const ENTRIES_MAX: usize = 10_000;
/// The most bytes of all entries, for the same reason; the oldest go.
const BYTES_MAX: usize = 1 << 20;

/// The history list.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct History {
    /// The entries, oldest first.
    entries: Vec<Entry>,
    /// The number of the first entry, less one.
    base: usize,
    /// How many entries came since they were last appended to the file.
    unsaved: usize,
    /// How many lines of the file were read or written.
    file_lines: usize,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Entry {
    #[serde(with = "crate::state::bytes")]
    line: Vec<u8>,
    /// When it was entered, in seconds since the epoch.
    time: u64,
}

impl History {
    /// The number that the next entry gets.
    pub(crate) fn next_number(&self) -> usize {
        self.base + self.entries.len() + 1
    }

    /// Where the entry of a number is; negative numbers count from the end.
    fn place(&self, number: i64) -> Option<usize> {
        let at = if number < 0 {
            self.entries.len().checked_sub(usize::try_from(number.unsigned_abs()).ok()?)
        } else {
            usize::try_from(number).ok()?.checked_sub(self.base + 1)
        };
        at.filter(|at| *at < self.entries.len())
    }

    fn keep_to(&mut self, most: usize) {
        let mut bytes: usize = self.entries.iter().map(|entry| entry.line.len()).sum();
        let mut gone = self.entries.len().saturating_sub(most);
        for entry in self.entries.iter().take(gone) {
            bytes -= entry.line.len();
        }
        while bytes > BYTES_MAX && gone < self.entries.len() {
            bytes -= self.entries[gone].line.len();
            gone += 1;
        }
        self.entries.drain(..gone);
        self.base += gone;
        self.unsaved = self.unsaved.min(self.entries.len());
    }
}

impl Shell {
    /// Adds an entry to the history.
    pub(crate) fn remember_line(&mut self, line: &[u8]) {
        let most = self.history_size();
        let time = self.sys.wall_clock() / 1_000_000_000;
        let history = Rc::make_mut(&mut self.builtins.history);
        history.entries.push(Entry { line: line.to_vec(), time });
        history.unsaved += 1;
        history.keep_to(most);
    }

    /// How many entries are kept, by HISTSIZE.
    fn history_size(&self) -> usize {
        let size = self.text_of(Name::HISTSIZE).and_then(|text| options::number(&text));
        match size {
            Some(size) if size < 0 => ENTRIES_MAX,
            Some(size) => usize::try_from(size).unwrap_or(ENTRIES_MAX).min(ENTRIES_MAX),
            None => ENTRIES_DEFAULT,
        }
    }

    /// HISTSIZE was assigned: what is too much goes.
    pub(crate) fn trim_history(&mut self) {
        let most = self.history_size();
        if self.builtins.history.entries.len() > most {
            Rc::make_mut(&mut self.builtins.history).keep_to(most);
        }
    }
}

fn history(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"acd:npsrw") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let of_files: Vec<u8> = b"anrw".iter().copied().filter(|letter| parsed.has(*letter)).collect();
    if of_files.len() > 1 {
        shell.builtin_error(call, b"cannot use more than one of -anrw");
        return Ok(1);
    }
    if parsed.has(b'c') {
        shell.builtins.history = Rc::default();
    }
    if parsed.has(b's') {
        if !parsed.rest.is_empty() {
            shell.forget_this_command();
            shell.remember_line(&parsed.rest.join(&b' '));
        }
        return Ok(0);
    }
    if parsed.has(b'p') {
        shell.forget_this_command();
        return Ok(expand(shell, call, parsed.rest));
    }
    if let Some(text) = parsed.value(b'd') {
        return Ok(delete(shell, call, text));
    }
    if let Some(letter) = of_files.first() {
        return Ok(shell.history_file_action(*letter, parsed.rest.first()));
    }
    if parsed.has(b'c') {
        return Ok(0);
    }
    show(shell, call, parsed.rest)
}

fn show(shell: &mut Shell, call: &mut Call<'_>, args: &[Vec<u8>]) -> Flow<u8> {
    let count = match args {
        [] => usize::MAX,
        [text, rest @ ..] => match options::number(text) {
            None => {
                shell.builtin_error(call, &[text, b": numeric argument required".as_slice()].concat());
                return Ok(1);
            }
            Some(_) if !rest.is_empty() => return shell.too_many_arguments(call),
            Some(count) => usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX),
        },
    };
    let format = shell.text_of(Name::new(b"HISTTIMEFORMAT")).map(|text| text.into_owned());
    let history = Rc::clone(&shell.builtins.history);
    let skip = history.entries.len().saturating_sub(count);
    for (at, entry) in history.entries.iter().enumerate().skip(skip) {
        let time = match &format {
            Some(format) if !format.is_empty() => {
                time_format::format_time(shell, format, i64::try_from(entry.time).unwrap_or(0))
            }
            _ => Vec::new(),
        };
        call.line(&[format!("{:5}  ", history.base + at + 1).as_bytes(), &time, &entry.line].concat());
    }
    Ok(0)
}

fn expand(shell: &mut Shell, call: &mut Call<'_>, args: &[Vec<u8>]) -> u8 {
    let history = Rc::clone(&shell.builtins.history);
    let lines: Vec<&[u8]> = history.entries.iter().map(|entry| entry.line.as_slice()).collect();
    let (chars, extglob) = (shell.history_chars(), shell.is_shopt(ShellOption::ExtGlob));
    let expansions = shell.expansions();
    let mut status = 0;
    for arg in args {
        let memory = &mut expansions.borrow_mut().memory;
        let mut expander = Expander { lines: &lines, base: history.base, chars, extglob, quote: None, memory };
        match expander.expand(arg) {
            Ok(Expanded::Same) => call.line(arg),
            Ok(Expanded::Line(text) | Expanded::Shown(text)) => call.line(&text),
            Err(_) => {
                shell.builtin_error(call, &[arg, b": history expansion failed".as_slice()].concat());
                status = 1;
            }
        }
    }
    status
}

fn delete(shell: &mut Shell, call: &mut Call<'_>, text: &[u8]) -> u8 {
    let history = &shell.builtins.history;
    let range = match dash_of_range(text) {
        Some(dash) => {
            let (first, last) = (text.get(..dash).unwrap_or_default(), text.get(dash + 1..).unwrap_or_default());
            let place =
                |text: &[u8]| options::number(text).and_then(|number| history.place(number)).ok_or(text.to_vec());
            match (place(first), place(last)) {
                (Ok(first), Ok(last)) if first <= last => Ok(first..last + 1),
                (Err(wrong), _) | (_, Err(wrong)) => Err(wrong),
                _ => return 1,
            }
        }
        None => match options::number(text).and_then(|number| history.place(number)) {
            Some(at) => Ok(at..at + 1),
            None => Err(text.to_vec()),
        },
    };
    match range {
        Ok(range) => {
            let history = Rc::make_mut(&mut shell.builtins.history);
            history.entries.drain(range);
            history.unsaved = history.unsaved.min(history.entries.len());
            0
        }
        Err(wrong) => {
            shell.builtin_error(call, &[&wrong, b": history position out of range".as_slice()].concat());
            1
        }
    }
}

/// Where the dash of `2-4` or `-3--1` is; the one that is a sign does not count.
fn dash_of_range(text: &[u8]) -> Option<usize> {
    text.iter().skip(1).position(|byte| *byte == b'-').map(|at| at + 1)
}
