//! History expansion where lines are read: while `set -o history -o histexpand` is on, each line of a script goes
//! through it before it is parsed.

use std::cell::RefCell;
use std::rc::Rc;

use crate::options::{SetOption, ShellOption};
use crate::parse::{LineFilter, Source};
use crate::shell::Shell;
use crate::vars::Name;

use super::event::{Expanded, Expander, Memory};

/// What expansions leave behind: for the next ones, and lines that were only shown (`:p`), which the history takes.
#[derive(Debug, Default)]
pub(crate) struct Expansions {
    pub(super) memory: Memory,
    shown: Vec<Vec<u8>>,
}

impl Shell {
    /// Makes a source expand the lines of its next command, or not, as the options say now.
    pub(crate) fn expand_history_in(&mut self, source: &mut Source<'_>) {
        if self.is_set(SetOption::History) && self.is_set(SetOption::HistExpand) {
            source.filter_lines(self.history_filter());
        } else {
            source.unfilter_lines();
        }
    }

    /// Takes what was only shown while the last command was read into the history.
    pub(crate) fn remember_shown_lines(&mut self) {
        let shown = std::mem::take(&mut self.builtins.expansions.borrow_mut().shown);
        for line in shown {
            self.remember_line(&line);
        }
    }

    /// `histchars`, or what stands for it.
    pub(super) fn history_chars(&self) -> [u8; 3] {
        let text = self.text_of(Name::new(b"histchars")).map(|text| text.into_owned()).unwrap_or_default();
        let at = |place: usize, default: u8| text.get(place).copied().unwrap_or(default);
        [at(0, b'!'), at(1, b'^'), at(2, b'#')]
    }

    fn history_filter(&self) -> LineFilter<'static> {
        let (history, expansions) = (Rc::clone(&self.builtins.history), Rc::clone(&self.builtins.expansions));
        let (chars, extglob) = (self.history_chars(), self.is_shopt(ShellOption::ExtGlob));
        let (sys, name) = (Rc::clone(&self.sys), self.error_name().to_vec());
        let numbered = !self.start.interactive;
        Box::new(move |before, line, number| {
            let (text, end) = match line.strip_suffix(b"\n") {
                Some(text) => (text, &b"\n"[..]),
                None => (line.as_slice(), &b""[..]),
            };
            let lines: Vec<&[u8]> = history.entries.iter().map(|entry| entry.line.as_slice()).collect();
            let mut expansions = expansions.borrow_mut();
            let memory = &mut expansions.memory;
            let quote = open_quote(before);
            let expanded = Expander { lines: &lines, base: history.base, chars, extglob, quote, memory }.expand(text);
            match expanded {
                Ok(Expanded::Same) => line,
                Ok(Expanded::Line(new)) => {
                    let _ = sys.write(2, &[&new, &b"\n"[..]].concat());
                    [&new, end].concat()
                }
                Ok(Expanded::Shown(new)) => {
                    let _ = sys.write(2, &[&new, &b"\n"[..]].concat());
                    expansions.shown.push(new);
                    Vec::new()
                }
                Err(message) => {
                    let place = if numbered { format!(": line {number}: ") } else { ": ".to_owned() };
                    let _ = sys.write(2, &[&name, place.as_bytes(), &message, b"\n"].concat());
                    Vec::new()
                }
            }
        })
    }

    /// The shared memory of expansions, for `history -p`.
    pub(super) fn expansions(&self) -> Rc<RefCell<Expansions>> {
        Rc::clone(&self.builtins.expansions)
    }
}

/// The quotation that is open behind a text.
fn open_quote(text: &[u8]) -> Option<u8> {
    let mut quote = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(b'\''), b'\'') | (Some(b'"'), b'"') => quote = None,
            (Some(b'\''), _) => {}
            (_, b'\\') => {
                bytes.next();
            }
            (None, b'\'' | b'"') => quote = Some(byte),
            _ => {}
        }
    }
    quote
}
