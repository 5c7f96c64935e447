//! What the machine executes.

use crate::builtins::Native;
use crate::lang::Binary;
use crate::value::Value;

/// A variable: how many frames out, and which one there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) level: u16,
    pub(crate) index: u16,
}

/// One instruction. `top` is the value on top of the stack; what an instruction needs it takes from there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// Replaces the top by a constant.
    Const(u32),
    Dup,
    Pop,
    /// Begins and ends the evaluation of an operand: the input is kept, and stays on top afterwards.
    SubBegin,
    SubEnd,
    /// The same without keeping the input: paths are not followed in between.
    Nest,
    Unnest,
    PathBegin,
    PathEnd,
    /// Replaces the top by a variable's value.
    Load(Slot),
    /// The same, and the variable becomes null.
    Take(Slot),
    Store(Slot),
    /// Pushes a variable's value.
    Push(Slot),
    /// Pushes a variable's value, and the variable becomes null.
    PushTake(Slot),
    /// Sets a variable to a constant.
    Init(Slot, u32),
    /// Appends the top to the array in a variable, and backtracks.
    Append(Slot),
    /// Appends a variable's value to the array in another.
    AppendFrom(Slot, Slot),
    /// Adds value and key to the object below them; the input stays on top.
    Insert,
    Index {
        optional: bool,
    },
    Key {
        key: u32,
        optional: bool,
    },
    /// `[from:to]`, with both below the input.
    Slice {
        optional: bool,
    },
    Each {
        optional: bool,
    },
    Jump(u32),
    JumpFalse(u32),
    /// Backtracks when the top is null or false.
    SkipFalse,
    /// Backtracks when a variable is true.
    SkipIf(Slot),
    /// Makes the top a boolean.
    Truth,
    Fork(u32),
    Try(u32),
    TryEnd,
    Alternative(u32),
    Label(Slot),
    Break(Slot),
    Backtrack,
    /// Counts from the variable up to the top.
    Range(Slot),
    Call(u32),
    TailCall(u32),
    Return,
    Native(&'static Native),
    GetPath,
    Binary(Binary),
    BinaryConst(Binary, u32),
    /// The top is the left operand, a variable the right one.
    BinaryVar(Binary, Slot),
    DefaultVar(Slot),
    Negate,
    /// Joins as many strings.
    Concat(u32),
    /// Remembers how many forks there are, and drops those that came since.
    Mark(Slot),
    Cut(Slot),
    /// The steps of an assignment, on the value in the first variable and the path in the second.
    TakePath(Slot, Slot),
    PutPath(Slot, Slot),
    /// Sets the value at the path on top to the second variable's value.
    SetPath(Slot, Slot),
    /// Replaces the paths in the variable's array from the value.
    DeletePaths(Slot, Slot),
}

/// A function with the frame it was made in, as a call names it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Closure {
    /// Made in the frame that many levels out.
    Here(u32, u16),
    /// A parameter of the frame that many levels out.
    Param(u16, u16),
    /// A function that uses no frame.
    Free(u32),
}

/// A call.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) target: Closure,
    pub(crate) args: Box<[Closure]>,
}

/// A compiled function.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Function {
    pub(crate) entry: u32,
    pub(crate) n_vars: u16,
}

/// A compiled program; function 0 is the main one.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) ops: Vec<Op>,
    pub(crate) constants: Vec<Value>,
    pub(crate) functions: Vec<Function>,
    pub(crate) sites: Vec<Site>,
}
