//! The expression: what is asked of each file and done with it.

use std::cell::RefCell;

use sandshell_sys::{Access, Kind};

use crate::execute::Execution;
use crate::matching::Pattern;
use crate::number::Comparison;
use crate::permission::Permission;
use crate::printf::Format;
use crate::sinks::Sink;
use crate::time::{Age, Stamp, Used};

/// A tree of operators over tests and actions. Its depth is limited where it is read.
#[derive(Debug)]
pub(crate) enum Expression {
    /// All of them, until one is false.
    And(Vec<Expression>),
    /// One of them, until one is true.
    Or(Vec<Expression>),
    /// All of them; the last one's value.
    List(Vec<Expression>),
    Not(Box<Expression>),
    Test(Test),
    Action(Action),
}

/// The name or path a pattern is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Name,
    Path,
    LinkTarget,
}

/// A question about a file.
#[derive(Debug)]
pub(crate) enum Test {
    Constant(bool),
    Matches(Subject, Pattern),
    /// One of these kinds, as links are followed.
    Kind(Vec<Kind>),
    /// The same, seen the other way.
    OtherKind(Vec<Kind>),
    /// Size in units of so many bytes, begun ones counted.
    Size(Comparison, u64),
    Empty,
    Permission(Permission),
    User(Comparison),
    Group(Comparison),
    NoUser,
    NoGroup,
    Inode(Comparison),
    Links(Comparison),
    SameFile(u64),
    Age(Stamp, Age),
    Used(Used),
    Access(Access),
    FileSystem(bool),
}

/// What is done with a file.
#[derive(Debug)]
pub(crate) enum Action {
    /// The path and the byte that ends it.
    Print(Sink, u8),
    Printf(Sink, Format),
    List(Sink),
    Delete,
    Prune,
    Quit,
    /// A command for each file or, gathered, for many.
    Execute(RefCell<Execution>),
}

impl Expression {
    /// Whether something is done in it, so that nothing is printed without being asked for.
    pub(crate) fn acts(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) | Self::List(parts) => parts.iter().any(Self::acts),
            Self::Not(part) => part.acts(),
            Self::Action(Action::Prune | Action::Quit) | Self::Test(_) => false,
            Self::Action(_) => true,
        }
    }

    /// Calls `visit` with every action.
    pub(crate) fn each_action(&self, visit: &mut dyn FnMut(&Action)) {
        match self {
            Self::And(parts) | Self::Or(parts) | Self::List(parts) => {
                parts.iter().for_each(|part| part.each_action(visit));
            }
            Self::Not(part) => part.each_action(visit),
            Self::Action(action) => visit(action),
            Self::Test(_) => {}
        }
    }
}
