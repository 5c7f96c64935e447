//! The tree of a program, as the parser builds it and the compiler reads it. Names are resolved to slots already.

/// A line of the program: which source file it is from and its number there, packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Location {
    /// Index of the source (a `-f` file or the text of the command line).
    pub(crate) source: u16,
    /// Line, from 1.
    pub(crate) line: u32,
}

/// A variable: of the whole program or of the function around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Variable {
    Global(u32),
    Local(u32),
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
}

/// Where `getline` reads from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The operands' files.
    Main,
    /// `< file`.
    File,
    /// `command |`.
    Command,
}

/// Operators of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Negate,
    Plus,
    Not,
}

/// The built-in functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    And,
    Asort,
    Asorti,
    Atan2,
    Close,
    Compl,
    Cos,
    Exp,
    Fflush,
    Gensub,
    Gsub,
    Index,
    Int,
    Isarray,
    Length,
    Log,
    Lshift,
    Match,
    Mkbool,
    Mktime,
    Or,
    Patsplit,
    Rand,
    Rshift,
    Sin,
    Split,
    Sprintf,
    Sqrt,
    Srand,
    Strftime,
    Strtonum,
    Sub,
    Substr,
    System,
    Systime,
    Tolower,
    Toupper,
    Typeof,
    Xor,
}

/// Where `print` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redirection {
    Truncate,
    Append,
    Pipe,
}

/// An expression.
#[derive(Debug)]
pub(crate) enum Expr {
    Number(f64),
    Text(Vec<u8>),
    /// `/re/`, which matches the record unless it stands where a regular expression is wanted.
    Regex(Vec<u8>),
    /// `@/re/`.
    TypedRegex(Vec<u8>),
    Variable(Variable),
    Field(Box<Expr>),
    /// An element; the array is a variable or an element itself.
    Element(Box<Expr>, Vec<Expr>),
    Assign(Box<Expr>, Box<Expr>),
    Augment(Arithmetic, Box<Expr>, Box<Expr>),
    Increment {
        target: Box<Expr>,
        by: f64,
        postfix: bool,
    },
    Unary(Unary, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Compare(Relation, Box<Expr>, Box<Expr>),
    Match {
        negated: bool,
        subject: Box<Expr>,
        pattern: Box<Expr>,
    },
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    In(Vec<Expr>, Box<Expr>),
    Concatenation(Vec<Expr>),
    /// What stood in parentheses.
    Group(Box<Expr>),
    /// Several expressions in parentheses: of `print`, or before `in`.
    List(Vec<Expr>),
    Call(u32, Vec<Expr>, Location),
    /// `@name(...)`: the variable holds the function's name.
    IndirectCall(Variable, Vec<Expr>),
    Builtin(Builtin, Vec<Expr>, Location),
    Getline {
        source: Source,
        operand: Option<Box<Expr>>,
        target: Option<Box<Expr>>,
    },
}

/// A label of `switch`.
#[derive(Debug)]
pub(crate) enum Label {
    Case(Expr),
    Default,
}

/// `print` or `printf`.
#[derive(Debug)]
pub(crate) struct Print {
    pub(crate) formatted: bool,
    pub(crate) arguments: Vec<Expr>,
    pub(crate) redirection: Option<(Redirection, Expr)>,
}

/// A statement with its place.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) location: Location,
    pub(crate) kind: StatementKind,
}

/// What a statement does.
#[derive(Debug)]
pub(crate) enum StatementKind {
    Expression(Expr),
    Print(Print),
    If(Expr, Box<Statement>, Option<Box<Statement>>),
    While(Expr, Box<Statement>),
    Do(Box<Statement>, Expr),
    For(Option<Box<Statement>>, Option<Expr>, Option<Box<Statement>>, Box<Statement>),
    ForIn(Variable, Expr, Box<Statement>),
    Switch(Expr, Vec<(Vec<Label>, Vec<Statement>)>),
    Block(Vec<Statement>),
    Delete(Expr),
    Next,
    NextFile,
    Exit(Option<Expr>),
    Return(Option<Expr>),
    Break,
    Continue,
}

/// When a rule's action is done.
#[derive(Debug)]
pub(crate) enum Pattern {
    Begin,
    End,
    BeginFile,
    EndFile,
    Always,
    When(Expr),
    Range(Expr, Expr),
}

/// A pattern and its action; without one the record is printed.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) location: Location,
    pub(crate) pattern: Pattern,
    pub(crate) action: Option<Vec<Statement>>,
}

/// A function of the program.
#[derive(Debug, Default)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) parameters: Vec<String>,
    pub(crate) body: Vec<Statement>,
    pub(crate) defined: bool,
    /// Where it was first mentioned, for the message about one that is never defined.
    pub(crate) location: Location,
}

/// A whole program.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) rules: Vec<Rule>,
    pub(crate) functions: Vec<Function>,
    /// Names of the global variables, by slot; the special ones first.
    pub(crate) globals: Vec<String>,
}
