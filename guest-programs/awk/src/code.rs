//! Compiled programs: a flat list of operations for the machine, which keeps values on a stack.

use crate::ast::{Arithmetic, Builtin, Location, Redirection, Relation, Source};
use crate::value::Value;

/// Where an array is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Global(u32),
    Local(u32),
    /// On the stack: an element that is an array.
    Stack,
}

/// What can be assigned. Its operands are on the stack: the index of a field, the key of an element (and before that the
/// array, at [`Place::Stack`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Nothing keeps the value.
    Nowhere,
    Global(u32),
    /// A variable whose assignment has effects.
    Special(u32),
    Local(u32),
    /// The whole record.
    Record,
    Field,
    Element(Place),
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    Constant(u32),
    Pop,
    LoadGlobal(u32),
    LoadSpecial(u32),
    LoadLocal(u32),
    /// A field whose number is known.
    LoadField(u32),
    /// A field whose number is on the stack.
    LoadIndexed,
    /// An element whose key is on the stack.
    LoadElement(Place),
    /// A variable as an argument: arrays are passed as such.
    PassGlobal(u32),
    PassLocal(u32),
    PassElement(Place),
    /// An array, which the variable becomes if it is nothing yet.
    Array(Place),
    /// An element that is an array, made if it is nothing yet.
    SubArray(Place),
    Regex(u32),
    /// Whether a regular expression matches the record.
    MatchRecord(u32),
    /// Assigns the value below the target's operands; keeps it on the stack if told so.
    Assign(Target, bool),
    /// Appends to a variable what is on the stack.
    Append(Target),
    Augment(Arithmetic, Target, bool),
    /// Adds 1 or -1; the flags: leave a value, namely the one before.
    Increment(i8, Target, bool, bool),
    Arithmetic(Arithmetic),
    Compare(Relation),
    Match(bool),
    Negate,
    Plus,
    Not,
    Truth,
    Concatenate(u32),
    JoinKeys(u32),
    In(Place),
    Delete(Place),
    DeleteAll(Place),
    Jump(u32),
    JumpIfFalse(u32),
    JumpIfTrue(u32),
    /// Begins a walk over the keys of an array.
    Walk(Place),
    /// Pushes the next key, or jumps after the last.
    WalkNext(u32),
    WalkEnd,
    Call(u32, u32),
    IndirectCall(u32, Place),
    Return,
    Builtin(Builtin, u32),
    /// `sub` or `gsub` (true).
    Substitute(bool, Target),
    Getline(Source, Target),
    Print(u32, Option<Redirection>),
    PrintRecord,
    Printf(u32, Option<Redirection>),
    /// Takes the subject of a `switch`.
    Switch,
    /// Whether the subject is the case on the stack.
    Case,
    RangeActive(u32),
    SetRange(u32, bool),
    Next,
    NextFile,
    /// `exit`; whether a status is on the stack.
    Exit(bool),
    End,
}

/// What the machine must know of a function.
#[derive(Debug, Default)]
pub(crate) struct FunctionCode {
    pub(crate) name: String,
    pub(crate) entry: u32,
    pub(crate) parameters: u32,
}

/// Where the parts of the program begin.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) begin: u32,
    pub(crate) begin_file: Option<u32>,
    /// The rules for each record, if there are any.
    pub(crate) main: Option<u32>,
    pub(crate) end_file: Option<u32>,
    pub(crate) end: Option<u32>,
}

/// A compiled program.
#[derive(Default)]
pub(crate) struct Code {
    pub(crate) ops: Vec<Op>,
    /// Where each line of the program begins in `ops`, ascending.
    pub(crate) lines: Vec<(u32, Location)>,
    pub(crate) constants: Vec<Value>,
    /// Sources of regular expressions.
    pub(crate) regexes: Vec<Vec<u8>>,
    pub(crate) functions: Vec<FunctionCode>,
    pub(crate) globals: Vec<String>,
    pub(crate) entries: Entries,
    pub(crate) ranges: u32,
}

impl Code {
    /// The line that an operation is from.
    pub(crate) fn location(&self, at: usize) -> Option<Location> {
        let next = self.lines.partition_point(|(start, _)| *start as usize <= at);
        self.lines.get(next.checked_sub(1)?).map(|(_, location)| *location)
    }
}
