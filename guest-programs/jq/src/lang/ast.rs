//! The syntax tree.

use std::rc::Rc;

use crate::value::Value;

/// An offset in the program's text.
pub(crate) type Spot = usize;

/// Operators on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// What an assignment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Update {
    /// `=`
    Set,
    /// `|=`
    Modify,
    /// `+=` and the like
    Apply(Binary),
    /// `//=`
    Default,
}

/// A piece of a string.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(String),
    Expr(Expr),
}

/// An expression.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// `.`
    Identity,
    /// `..`
    Recurse,
    Literal(Value),
    /// A string, with the format that `@name` before it gives.
    Text(Option<String>, Vec<Part>),
    /// `@name` alone.
    Format(String),
    /// `a | b | ...`
    Pipe(Vec<Expr>),
    /// `a, b, ...`
    Comma(Vec<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `a // b`
    Default(Box<Expr>, Box<Expr>),
    Update(Update, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    /// `target[key]`; the flag for a `?` after it.
    Index(Box<Expr>, Box<Expr>, bool),
    /// `target[from:to]`
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>, bool),
    /// `target[]`
    Each(Box<Expr>, bool),
    /// `[inside]`
    Array(Option<Box<Expr>>),
    Object(Vec<(Key, Option<Expr>)>),
    If(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// `try a catch b`, `a?`
    Try(Box<Expr>, Option<Box<Expr>>),
    /// `source as patterns | body`
    Bind(Box<Expr>, Vec<Pattern>, Box<Expr>),
    /// `reduce source as patterns (init; update)`
    Reduce(Box<Expr>, Vec<Pattern>, Box<Expr>, Box<Expr>),
    /// `foreach source as patterns (init; update; extract)`
    Foreach(Box<Expr>, Vec<Pattern>, Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    /// `label $name | body`
    Label(String, Box<Expr>),
    Break(String, Spot),
    /// `def ...; body`
    Def(Rc<Def>, Box<Expr>),
    Call(String, Vec<Expr>, Spot),
    Var(String, Spot),
}

/// An object's key.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Expr(Expr, Spot),
    /// `$name`: both key and value.
    Var(String, Spot),
}

/// What takes a value apart.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Var(String),
    Array(Vec<Pattern>),
    /// Keys (with the variable that takes the value, too) and what is inside.
    Object(Vec<(Key, Option<Pattern>)>),
}

/// A function.
#[derive(Debug)]
pub(crate) struct Def {
    pub(crate) name: String,
    /// Parameters; those with `$` are values, too.
    pub(crate) params: Vec<(String, bool)>,
    pub(crate) body: Expr,
}

/// `import` and `include`.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) path: String,
    /// The name after `as`; absent for `include`.
    pub(crate) name: Option<String>,
    /// For `as $name`: the file is data.
    pub(crate) data: bool,
    pub(crate) metadata: Option<Value>,
}

/// A program or module.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) metadata: Option<Value>,
    pub(crate) imports: Vec<Import>,
    pub(crate) defs: Vec<Rc<Def>>,
    pub(crate) main: Option<Expr>,
}

impl Import {
    /// The import as `modulemeta` tells it.
    pub(crate) fn metadata_value(&self) -> Value {
        let mut map = match &self.metadata {
            Some(Value::Obj(map)) => (**map).clone(),
            _ => crate::value::Map::default(),
        };
        if let Some(name) = &self.name {
            map.insert("as".into(), Value::string(name.as_str()));
        }
        map.insert("is_data".into(), Value::Bool(self.data));
        map.insert("relpath".into(), Value::string(self.path.as_str()));
        Value::object(map)
    }
}
