//! A script as it is run: a flat list of commands with the addresses that select lines for them.

use std::collections::HashMap;
use std::rc::Rc;

use sandshell_posix_regex::Regex;

use crate::replacement::Replacement;

/// A parsed script.
pub(crate) struct Program {
    pub(crate) commands: Vec<Command>,
    /// The files of `w`, by the names of [`crate::output::Outputs`].
    pub(crate) outputs: Vec<Vec<u8>>,
    /// The script begins with `#n`.
    pub(crate) quiet: bool,
}

/// A command and the lines it applies to.
pub(crate) struct Command {
    pub(crate) first: Option<Address>,
    pub(crate) second: Option<Address>,
    /// It applies to the lines not selected (`!`).
    pub(crate) negated: bool,
    pub(crate) action: Action,
}

/// What selects a line.
pub(crate) enum Address {
    /// A line number; 0 only before a regular expression.
    Line(u64),
    /// `first~step`.
    Step(u64, u64),
    /// The last line.
    Last,
    Match(Pattern),
    /// `+N` lines after the first; only as the second address.
    Count(u64),
    /// Up to a multiple of N; only as the second address.
    Multiple(u64),
}

/// A regular expression; none: the one that was used last.
#[derive(Clone)]
pub(crate) struct Pattern {
    pub(crate) regex: Option<Rc<Regex>>,
    /// As it was written between its delimiters, with its flags.
    pub(crate) source: Vec<u8>,
    pub(crate) flags: String,
}

/// What a command does.
pub(crate) enum Action {
    /// `{`: to the command at the index when the line is not selected.
    Block(usize),
    /// `}`.
    End,
    /// `:`.
    Label(Vec<u8>),
    /// `=`.
    Number,
    /// `a`.
    Append(Vec<u8>),
    /// `b`: to the command at the index.
    Branch(usize, Vec<u8>),
    /// `c`.
    Change(Vec<u8>),
    /// `d`.
    Delete,
    /// `D`.
    DeleteFirst,
    /// `e`: runs the text, or the pattern space without one.
    Execute(Vec<u8>),
    /// `F`.
    FileName,
    /// `g`.
    Get,
    /// `G`.
    GetAppend,
    /// `h`.
    Hold,
    /// `H`.
    HoldAppend,
    /// `i`.
    Insert(Vec<u8>),
    /// `l`.
    List(Option<usize>),
    /// `n`.
    Next,
    /// `N`.
    NextAppend,
    /// `p`.
    Print,
    /// `P`.
    PrintFirst,
    /// `q`.
    Quit(i32),
    /// `Q`.
    QuitSilently(i32),
    /// `r`.
    ReadFile(Vec<u8>),
    /// `R`.
    ReadLine(Vec<u8>),
    /// `s`.
    Substitute(Box<Substitution>),
    /// `t`.
    BranchIfReplaced(usize, Vec<u8>),
    /// `T`.
    BranchUnlessReplaced(usize, Vec<u8>),
    /// `v`.
    Version,
    /// `w`.
    Write(usize),
    /// `W`.
    WriteFirst(usize),
    /// `x`.
    Exchange,
    /// `y`.
    Translate(Box<Translation>),
    /// `z`.
    Zap,
}

/// `s`.
pub(crate) struct Substitution {
    pub(crate) pattern: Pattern,
    pub(crate) replacement: Replacement,
    /// The first match that is replaced, from 1.
    pub(crate) number: u64,
    pub(crate) global: bool,
    /// Print after it, and whether before (`pe`) the result is executed.
    pub(crate) print: bool,
    pub(crate) print_before_executing: bool,
    pub(crate) execute: bool,
    pub(crate) output: Option<usize>,
}

/// `y`: what becomes what.
pub(crate) enum Translation {
    Bytes(Box<[u8; 256]>),
    Characters(HashMap<char, char>),
}
