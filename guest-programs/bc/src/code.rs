//! The instructions that a program is compiled to.
//!
//! Error messages of GNU bc name the place in its byte code; each instruction here therefore knows how many bytes GNU's has.

/// A place that a value is loaded from or stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Variable(usize),
    /// An element of an array; its index is on the stack.
    Element(usize),
    InputBase,
    OutputBase,
    Scale,
    Last,
    History,
}

/// An operator of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A function of one number that the language has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Negate,
    Not,
    Length,
    Scale,
    Root,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Instruction {
    /// A number as it was written: the input base of the moment decides.
    Number(Vec<u8>),
    Load(Place),
    Store(Place),
    /// Adds 1 to a place, or subtracts it, without a value.
    Step(Place, i8),
    Duplicate,
    /// Exchanges the two topmost values.
    Exchange,
    Pop,
    Unary(Unary),
    Binary(Binary),
    Read,
    Random,
    /// A number and the end of a line.
    PrintLine,
    /// A number alone, of `print`.
    Print,
    /// A string, as it is or with its escapes replaced already.
    Text(Vec<u8>),
    Jump(usize),
    /// Takes a value and jumps if it is zero.
    JumpIfZero(usize),
    /// Takes a value and jumps unless it is zero.
    JumpUnlessZero(usize),
    Call(usize, Vec<Argument>),
    /// Returns the topmost value.
    Return,
    Halt,
    /// Marks a place in GNU's code that has bytes and no effect here.
    Nothing(usize),
}

/// What is given for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A number, on the stack.
    Number,
    Array(usize),
}

/// Bytes of a variable's number.
fn name_bytes(name: usize) -> usize {
    if name < 128 { 1 } else { 2 }
}

impl Place {
    fn bytes(self) -> usize {
        match self {
            Self::Variable(name) | Self::Element(name) => 1 + name_bytes(name),
            _ => 2,
        }
    }
}

impl Instruction {
    /// How many bytes GNU's instruction has.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Number(text) if text == b"0" || text == b"1" => 1,
            Self::Number(text) => text.len() + 2,
            Self::Load(place) | Self::Store(place) | Self::Step(place, _) => place.bytes(),
            Self::Unary(Unary::Negate | Unary::Not) => 1,
            Self::Unary(_) | Self::Read | Self::Random => 2,
            Self::Text(text) => text.len() + 2,
            Self::Jump(_) | Self::JumpIfZero(_) | Self::JumpUnlessZero(_) => 3,
            Self::Call(function, _) => 1 + name_bytes(*function),
            Self::Nothing(bytes) => *bytes,
            Self::Duplicate
            | Self::Exchange
            | Self::Pop
            | Self::Binary(_)
            | Self::PrintLine
            | Self::Print
            | Self::Return
            | Self::Halt => 1,
        }
    }
}

/// A parameter, or a variable that a function has of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Local {
    Variable(usize),
    Array(usize),
    /// An array parameter that is the caller's own.
    Reference(usize),
}

/// The functions of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    Sine,
    Cosine,
    Arctangent,
    Logarithm,
    Exponential,
    Bessel,
}

/// A function: code, or one of the library.
#[derive(Clone, Debug, Default)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) parameters: Vec<Local>,
    pub(crate) autos: Vec<Local>,
    pub(crate) code: std::rc::Rc<Vec<Instruction>>,
    pub(crate) library: Option<Library>,
    pub(crate) is_void: bool,
    pub(crate) is_defined: bool,
}
