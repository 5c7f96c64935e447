//! From syntax trees to code for the machine (`vm`): names are resolved here, and nothing is looked up while it runs.

mod bind;
mod call;
mod code;
mod expr;
mod fold;
mod modules;
mod prelude;
mod scope;
mod update;

pub(crate) use code::{Closure, Code, Op, Slot};
pub(crate) use modules::{Library, located};
pub(crate) use prelude::names as prelude_names;
pub(crate) use scope::{Compiler, environment};
