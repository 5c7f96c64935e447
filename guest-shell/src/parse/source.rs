//! What the parser reads from: a script's bytes with their position, and what it may ask about: aliases and options.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::tree::Text;

/// The defined aliases: name to replacement. Shared so that a running parse is cheap to start.
pub type Aliases = BTreeMap<Text, Text>;

/// The shell options that change how source is read. Taken anew for every complete command.
#[derive(Clone, Copy, Debug)]
pub struct ParseOpts {
    /// `shopt expand_aliases`.
    pub expand_aliases: bool,
    /// `shopt extglob`.
    pub extglob: bool,
    /// `set -B`: brace expansion.
    pub braces: bool,
    /// `set -o posix`.
    pub posix: bool,
}

impl Default for ParseOpts {
    fn default() -> ParseOpts {
        ParseOpts { expand_aliases: false, extglob: false, braces: true, posix: false }
    }
}

/// Gives the next line (or more) of a script that is read as it is run; `None` at its end.
pub type Refill = Box<dyn FnMut() -> Option<Vec<u8>>>;

/// A script being read.
pub struct Source {
    pub(super) text: Rc<[u8]>,
    pub(super) pos: usize,
    pub(super) line: u32,
}

impl Source {
    /// A source over a whole script whose first line is numbered `line` (1 for a file).
    pub fn new(text: impl Into<Rc<[u8]>>, line: u32) -> Source {
        Source { text: text.into(), pos: 0, line }
    }

    /// The number of the line that is read next.
    pub fn line(&self) -> u32 {
        self.line
    }
}
