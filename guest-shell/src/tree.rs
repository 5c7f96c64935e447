//! The tree of a shell script: what `parse` yields and the evaluator walks. Plain data; it is serialised to travel
//! to child shells and into saved functions. Words are lowered (split into pieces), `|&` and bare `for x` are spelled
//! out, here-documents are in place. Owns the shapes and their printing; gives them no meaning.

mod error;
pub mod print;
mod text;
mod word;

use std::cell::OnceCell;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use crate::vars::Name;
pub use error::{AfterError, SyntaxError, Warning};
pub(crate) use text::remove_quotes;
pub use text::{Cache, Text};
pub use word::{
    Arith, Braces, CaseChange, Direction, Joined, Of, Param, ParamOp, Pattern, Piece, Place, ReplaceScope, Script,
    Subscript, UnsetAction, Word,
};

/// One complete command: all that stands on a line and on the lines it continues over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// The commands of the line.
    pub list: List,
    /// What the parser remarked, to be printed before the command runs.
    pub warnings: Vec<Warning>,
    /// First and last source line, as LINENO counts.
    pub lines: (u32, u32),
}

/// Commands run one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// The commands, in order.
    pub items: Vec<ListItem>,
}

/// One `and-or` list with its terminator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListItem {
    /// The command.
    pub and_or: AndOr,
    /// Ended by `&`.
    pub background: bool,
    /// A newline followed: only the printer cares.
    pub newline: bool,
}

/// Pipelines joined by `&&` and `||`, evaluated from the left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AndOr {
    /// The first pipeline.
    pub first: Pipeline,
    /// The others, each with the operator before it.
    pub rest: Vec<(Junction, Pipeline)>,
}

impl AndOr {
    fn only_redirect(&self) -> Option<&Word> {
        if !self.rest.is_empty() || self.first.negated || self.first.timed.is_some() {
            return None;
        }
        let [Command { kind: CommandKind::Simple(simple), redirects, .. }] = self.first.stages.as_slice() else {
            return None;
        };
        let [Redirect { fd: RedirectFd::Default, target: Target::Read(word), .. }] = redirects.as_slice() else {
            return None;
        };
        (simple.assignments.is_empty() && simple.args.is_empty()).then_some(word)
    }
}

/// `&&` or `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Junction {
    /// `&&`.
    And,
    /// `||`.
    Or,
}

/// Commands joined by pipes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pipeline {
    /// An odd number of `!` before it.
    pub negated: bool,
    /// `time` before it.
    pub timed: Option<Timed>,
    /// The commands. `a |& b` is `a 2>&1 | b`. Empty only after a bare `time` or `!`.
    pub stages: Vec<Command>,
}

/// How `time` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Timed {
    /// `time`: TIMEFORMAT.
    Bash,
    /// `time -p`.
    Posix,
}

/// One command with its redirections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// What it is.
    pub kind: CommandKind,
    /// Its redirections, in order.
    pub redirects: Vec<Redirect>,
    /// LINENO while it runs.
    pub line: u32,
}

/// The kinds of commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandKind {
    /// `a=1 cmd args`.
    Simple(Simple),
    /// `{ list; }`.
    Group(Box<List>),
    /// `( list )`.
    Subshell(Box<List>),
    /// `if`.
    If(Box<If>),
    /// `for name in words`.
    For(Box<For>),
    /// `select name in words`.
    Select(Box<For>),
    /// `for (( ; ; ))`.
    ArithFor(Box<ArithFor>),
    /// `while` or `until`.
    While(Box<While>),
    /// `case`.
    Case(Box<Case>),
    /// `[[ ... ]]`.
    Cond(Box<Cond>),
    /// `(( ... ))`.
    Arith(Box<Arith>),
    /// A function definition.
    Function(Box<Function>),
    /// `coproc`.
    Coproc(Box<Coproc>),
}

/// A simple command. Without arguments the assignments last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simple {
    /// The assignments before the command word.
    pub assignments: Vec<Assignment>,
    /// The command word and its arguments.
    pub args: Vec<Arg>,
}

/// An argument of a simple command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arg {
    /// A word: all expansions.
    Word(Word),
    /// `name=value` after the literal word `declare`, `typeset`, `local`, `export`, `readonly` (or one of these after `builtin`
    /// or `command`): expanded as an assignment. When the command turns out to be something else (a function of that
    /// name), it counts as
    /// [`Assignment::to_word`].
    Assign(Box<Assignment>),
}

/// `place=value` or `place+=value`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// What is assigned to.
    pub place: Place,
    /// `+=`.
    pub append: bool,
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub line: u32,
    /// The source text (NULs as in [`Word`]).
    pub(crate) text: Text,
}

impl Assignment {
    /// The assignment as an ordinary word, for a command that does not take assignments after all. Of an array only the
    /// left side without `=` is left.
    pub fn to_word(&self) -> Word {
        let Value::Scalar(value) = &self.value else {
            return Word {
                pieces: vec![Piece::Quoted(Text::from(self.place.name.bytes().to_vec()))],
                glob: false,
                text: Some(self.text.clone()),
            };
        };
        let mut left = self.place.name.bytes().to_vec();
        if let Some(index) = &self.place.index {
            left.push(b'[');
            print::word(&mut left, &index.word);
            left.push(b']');
        }
        left.extend_from_slice(if self.append { b"+=" } else { b"=" });
        let mut pieces = vec![Piece::Literal(Text::from(left))];
        pieces.extend(value.pieces.iter().cloned());
        Word { pieces, glob: value.glob, text: Some(self.text.clone()) }
    }

    /// The assignment as a user would write it.
    pub fn source(&self) -> Vec<u8> {
        let mut out = Vec::new();
        print::assignment(&mut out, self);
        out
    }
}

/// What is assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// `=word`: no splitting, no globbing; tildes after `=` and `:`.
    Scalar(Word),
    /// `=( ... )`.
    Array(Vec<Element>),
}

/// One element of a compound assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Element {
    /// A word with all expansions: any number of elements (or keys and values in turn).
    Word(Word),
    /// `[sub]=word` or `[sub]+=word`.
    Keyed {
        /// The subscript.
        index: Box<Subscript>,
        /// `+=`.
        append: bool,
        /// The value, expanded as an assignment's.
        value: Word,
        /// Where it stands.
        line: u32,
    },
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The descriptor on the left.
    pub fd: RedirectFd,
    /// Operator and right side.
    pub target: Target,
}

/// The descriptor a redirection changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectFd {
    /// None written: 0 for input operators, 1 for output operators.
    Default,
    /// `2>`.
    Number(u32),
    /// `{name}>`: a new descriptor >= 10 whose number is stored (or, closing, the one stored there).
    Variable(Place),
}

/// Operator and right side of a redirection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// `< word`.
    Read(Word),
    /// `> word`.
    Write(Word),
    /// `>| word`.
    Clobber(Word),
    /// `>> word`.
    Append(Word),
    /// `<> word`.
    ReadWrite(Word),
    /// `&> word`: standard output and error.
    Both(Word),
    /// `&>> word`.
    BothAppend(Word),
    /// `<&3`, `>&3`.
    Dup(Side, u32),
    /// `<&3-`, `>&3-`: duplicate, then close.
    Move(Side, u32),
    /// `<&-`, `>&-`.
    Close(Side),
    /// `<& word`, `>& word` with another word: decided by what it expands to (digits, digits and `-`, `-`; else for `>&` with no
    /// descriptor it is `Both`, else `ambiguous redirect`).
    DupWord(Side, Word),
    /// `<< delimiter`, `<<- delimiter`.
    HereDoc(HereDoc),
    /// `<<< word`: no splitting or globbing; a newline is added.
    HereString(Word),
}

/// Which operator of a pair: the default descriptor and how messages are worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// `<&`.
    In,
    /// `>&`.
    Out,
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HereDoc {
    /// `<<-`: leading tabs were removed.
    pub strip_tabs: bool,
    /// The delimiter as written, with its quotes.
    pub delimiter: Text,
    /// The body, which follows later in the source than the operator.
    pub(crate) body: HereBody,
}

impl HereDoc {
    /// The delimiter without its quotes, and whether it had any (then nothing in the body is expanded).
    pub fn unquoted_delimiter(&self) -> (Vec<u8>, bool) {
        remove_quotes(&self.delimiter)
    }

    /// The body: `Quoted` pieces and expansions, as in double quotes (one `Quoted` piece if the delimiter was quoted).
    pub fn body(&self) -> &Word {
        static_empty(self.body.0.get())
    }
}

// The parser fills every body before it hands out a tree; an empty one stands in so that no reader can fail.
fn static_empty(word: Option<&Word>) -> &Word {
    const EMPTY: &Word = &Word { pieces: Vec::new(), glob: false, text: None };
    word.unwrap_or(EMPTY)
}

/// The slot for a body, shared between the tree under construction and the parser's queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HereBody(pub(crate) Rc<OnceCell<Word>>);

impl Serialize for HereBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        static_empty(self.0.get()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for HereBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<HereBody, D::Error> {
        let word = Word::deserialize(deserializer)?;
        Ok(HereBody(Rc::new(OnceCell::from(word))))
    }
}

/// `if a; then b; elif c; then d; else e; fi`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct If {
    /// Condition and body of `if` and of each `elif`.
    pub arms: Vec<(List, List)>,
    /// The `else` part.
    pub otherwise: Option<List>,
}

/// `for` and `select` over words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct For {
    /// The variable, as written (`not a valid identifier` is an error of the run).
    pub name: Name,
    /// The words; `"$@"` is filled in when there is no `in`.
    pub words: Vec<Word>,
    /// The body.
    pub body: List,
}

/// `for ((init; test; step))`; an empty expression counts as 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArithFor {
    /// Evaluated first.
    pub init: Arith,
    /// Evaluated before each round.
    pub test: Arith,
    /// Evaluated after each round.
    pub step: Arith,
    /// The body.
    pub body: List,
}

/// `while` and `until`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct While {
    /// True for `until`.
    pub until: bool,
    /// The condition.
    pub test: List,
    /// The body.
    pub body: List,
}

/// `case word in ... esac`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The subject.
    pub word: Word,
    /// The clauses, in order.
    pub clauses: Vec<Clause>,
}

/// One clause of a `case`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// The alternatives.
    pub patterns: Vec<Pattern>,
    /// What is run.
    pub body: List,
    /// What follows.
    pub end: ClauseEnd,
}

/// How a clause ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClauseEnd {
    /// `;;`: done.
    Break,
    /// `;&`: run the next body too.
    FallThrough,
    /// `;;&`: go on testing.
    Continue,
}

/// An expression of `[[ ]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cond {
    /// `! e`.
    Not(Box<Cond>),
    /// `a && b`.
    And(Box<Cond>, Box<Cond>),
    /// `a || b`.
    Or(Box<Cond>, Box<Cond>),
    /// `( e )`: only the printer cares.
    Group(Box<Cond>),
    /// `-f word`: the operator's letter. A word alone is `-n word`, printed as written.
    Unary(u8, Word),
    /// A word alone: not empty.
    Word(Word),
    /// `a OP b` on strings, files and numbers.
    Binary(CondOp, Word, Word),
    /// `a == p`, `a = p` (`spelling` 1), `a != p` (`negated`).
    Match {
        /// The subject.
        word: Word,
        /// The pattern.
        pattern: Pattern,
        /// `!=`.
        negated: bool,
        /// Written `=` rather than `==`: only the printer cares.
        single: bool,
    },
    /// `a =~ regex`: in the pattern `Literal` is regular expression syntax, `Quoted` and `Double` stand for themselves.
    Regex(Word, Pattern),
}

/// The two-sided operators of `[[ ]]` without a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CondOp {
    /// `<`.
    Before,
    /// `>`.
    After,
    /// `-eq`: both sides arithmetic, as in the next five.
    Equal,
    /// `-ne`.
    NotEqual,
    /// `-lt`.
    Less,
    /// `-le`.
    LessEqual,
    /// `-gt`.
    Greater,
    /// `-ge`.
    GreaterEqual,
    /// `-nt`.
    Newer,
    /// `-ot`.
    Older,
    /// `-ef`.
    SameFile,
}

impl CondOp {
    /// The operator as written.
    pub fn spelling(self) -> &'static str {
        match self {
            CondOp::Before => "<",
            CondOp::After => ">",
            CondOp::Equal => "-eq",
            CondOp::NotEqual => "-ne",
            CondOp::Less => "-lt",
            CondOp::LessEqual => "-le",
            CondOp::Greater => "-gt",
            CondOp::GreaterEqual => "-ge",
            CondOp::Newer => "-nt",
            CondOp::Older => "-ot",
            CondOp::SameFile => "-ef",
        }
    }
}

/// `name() body`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// The name: nearly any word.
    pub name: Text,
    /// The body, with the redirections that apply at each call.
    pub body: Rc<Command>,
}

/// `coproc [NAME] command`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coproc {
    /// The array of descriptors: `COPROC` if none was written.
    pub name: Name,
    /// The command.
    pub body: Command,
}
