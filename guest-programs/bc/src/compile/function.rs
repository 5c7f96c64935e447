//! Definitions of functions.

use std::rc::Rc;

use super::{Compiler, Fault, Parsed};
use crate::code::{Function, Instruction, Local};
use crate::lexer::Token;

impl Compiler {
    /// `define [void] NAME ( PARAMETERS ) { [auto ...] STATEMENTS }`.
    pub(super) fn define(&mut self) -> Parsed<()> {
        self.token = None;
        let is_void = self.at_name("void")?;
        if is_void {
            self.token = None;
            self.extension("void functions");
        }
        let Token::Name(name) = self.take()? else { return Err(Fault::Syntax) };
        self.check_name(&name);
        self.expect("(")?;
        let parameters = self.locals(")")?;
        self.token = None;
        self.skip_newlines()?;
        self.expect("{")?;
        self.skip_newlines()?;
        let mut autos = Vec::new();
        if self.at_name("auto")? {
            self.token = None;
            autos = self.locals("")?;
        }
        let distinct = |one: usize| !parameters.iter().skip(one + 1).any(|other| *other == parameters[one]);
        if !(0..parameters.len()).all(distinct) {
            self.complain("duplicate parameter names");
        }
        let number = self.function_number(&name);
        self.in_function = Some(is_void);
        // A call inside the body must know that nothing comes back.
        self.machine.functions[number].is_void = is_void;
        self.block()?;
        self.emit(Instruction::Number(b"0".to_vec()));
        self.emit(Instruction::Return);
        let code = Rc::new(std::mem::take(&mut self.code));
        if !self.failed {
            self.machine.functions[number] =
                Function { name, parameters, autos, code, library: None, is_void, is_defined: true };
        }
        Ok(())
    }

    /// Names with commas between them, up to a mark or the end of the statement.
    fn locals(&mut self, end: &str) -> Parsed<Vec<Local>> {
        let mut locals = Vec::new();
        loop {
            let done = if end.is_empty() {
                matches!(self.peek()?, Token::Newline | Token::Mark(";"))
            } else {
                self.at_mark(end)?
            };
            if done {
                return Ok(locals);
            }
            if !locals.is_empty() {
                self.expect(",")?;
            }
            let by_reference = self.accept("*")? || self.accept("&")?;
            let Token::Name(name) = self.take()? else { return Err(Fault::Syntax) };
            self.check_name(&name);
            locals.push(if self.accept("[")? {
                self.expect("]")?;
                let array = self.array_number(&name);
                if by_reference { Local::Reference(array) } else { Local::Array(array) }
            } else if by_reference {
                return Err(Fault::Syntax);
            } else {
                Local::Variable(self.variable_number(&name))
            });
        }
    }
}
