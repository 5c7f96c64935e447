//! The compiled form of an expression: instructions of a stack machine.
//!
//! A flat list rather than a tree, so that neither evaluation nor dropping recurses however long the expression is.

use crate::vars::Name;

/// Operators on two numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Pow,
    Shl,
    Shr,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    BitAnd,
    BitXor,
    BitOr,
}

/// One instruction. "Pushes" and "pops" are about the stack of numbers; `u32` targets are positions in the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ins {
    /// Pushes a constant.
    Number(i64),
    /// Pushes what the word's expansion number n came to.
    Hole(u8),
    /// Pushes a variable's value.
    Load(Name),
    /// Assigns the top to a variable; it stays.
    Store(Name),
    /// Adds to a variable; pushes the value before (`true`) or after.
    Step(Name, i64, bool),
    /// Begin of a subscript: for an associative array pushes 0 and jumps behind the subscript's code.
    Subscript(u16, u32),
    /// The subscript is no expression: the array had better be associative.
    BadSubscript(u16),
    /// Nothing stands between the brackets: told, pushes 0.
    NoSubscript(u16),
    /// Pops an index, pushes the element.
    LoadElement(u16),
    /// Pushes the element of the index on the top, which stays.
    PeekElement(u16),
    /// Pops a value and an index, assigns the element, pushes the value.
    StoreElement(u16),
    /// Pops an index, adds to the element, pushes the value before or after.
    StepElement(u16, i64, bool),
    /// Pops two, pushes the result; the number is where the error token of a division begins.
    Binary(Op, u32),
    /// The same with a constant on the right.
    BinaryNumber(Op, i64),
    Negate,
    Not,
    BitNot,
    /// Replaces the top by 1 when it is not 0.
    Truth,
    /// Pops; jumps when it was 0.
    JumpIfZero(u32),
    /// When the top is 0 jumps and keeps it, else pops it (`&&`).
    JumpIfFalse(u32),
    /// When the top is not 0 makes it 1, jumps and keeps it, else pops it (`||`).
    JumpIfTrue(u32),
    Jump(u32),
    Pop,
}

/// An array element's name and subscript.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) name: Name,
    /// The text between the brackets; a NUL and a byte stand for an expansion ([`super::template`]).
    pub(super) text: Box<[u8]>,
}

/// A compiled expression.
#[derive(Clone, Debug, Default)]
pub(crate) struct Code {
    pub(super) instructions: Vec<Ins>,
    pub(super) elements: Vec<Element>,
    /// The source, for messages.
    pub(super) text: Box<[u8]>,
    /// How many numbers the stack holds at most.
    pub(super) stack: usize,
    /// The expansions that are operands, with the outermost element whose subscript they stand in.
    pub(super) holes: Vec<(u8, Option<u16>)>,
    /// Some subscript is no expression (it may be a key).
    pub(super) bad_subscript: bool,
}
