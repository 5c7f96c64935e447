//! The language: its syntax tree and the parser that makes it from a program's text.

mod ast;
mod lexer;
mod parser;
mod term;

pub(crate) use ast::{Binary, Def, Expr, Import, Key, Part, Pattern, Program, Spot, Update};
pub(crate) use parser::parse;
