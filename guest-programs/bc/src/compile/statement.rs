//! Statements.

use super::expression::Sort;
use super::{Compiler, Fault, Loop, Parsed};
use crate::code::Instruction;
use crate::lexer::Token;

/// What `limits` prints, as far as there are such limits.
const LIMITS: &str = "\
BC_BASE_MAX     = 2147483647
BC_DIM_MAX      = 16777215
BC_SCALE_MAX    = 10000000
BC_STRING_MAX   = 2147483647
";

impl Compiler {
    pub(super) fn statement(&mut self) -> Parsed<()> {
        self.nested(Self::any_statement)
    }

    fn any_statement(&mut self) -> Parsed<()> {
        match self.peek()?.clone() {
            Token::Text(text) => {
                self.token = None;
                self.emit(Instruction::Text(text));
                Ok(())
            }
            Token::Mark("{") => {
                self.token = None;
                self.block()
            }
            Token::Name(name) => self.word_statement(&name),
            _ => self.expression_statement(),
        }
    }

    fn word_statement(&mut self, name: &str) -> Parsed<()> {
        let known = ["break", "continue", "halt", "return", "if", "while", "for", "print", "limits", "warranty"];
        if !known.contains(&name) {
            return self.expression_statement();
        }
        self.token = None;
        match name {
            "break" => self.break_loop(),
            "continue" => self.continue_loop(),
            "halt" => {
                self.extension("halt statement");
                self.emit(Instruction::Halt);
                Ok(())
            }
            "return" => self.return_statement(),
            "if" => self.if_statement(),
            "while" => self.while_statement(),
            "for" => self.for_statement(),
            "print" => self.print_statement(),
            _ => {
                let text =
                    if name == "limits" { LIMITS } else { "There is no warranty, to the extent permitted by law.\n" };
                self.machine.output.text(text.as_bytes());
                Ok(())
            }
        }
    }

    fn expression_statement(&mut self) -> Parsed<()> {
        let sort = self.expression()?;
        let instruction = if sort == Sort::Value { Instruction::PrintLine } else { Instruction::Pop };
        self.emit(instruction);
        Ok(())
    }

    /// Statements up to the brace that ends them.
    pub(super) fn block(&mut self) -> Parsed<()> {
        loop {
            match self.peek()? {
                Token::Newline | Token::Mark(";") => self.token = None,
                Token::Mark("}") => {
                    self.token = None;
                    return Ok(());
                }
                _ => {
                    self.statement()?;
                    if !matches!(self.peek()?, Token::Newline | Token::Mark(";" | "}")) {
                        return Err(Fault::Syntax);
                    }
                }
            }
        }
    }

    fn break_loop(&mut self) -> Parsed<()> {
        if self.loops.is_empty() {
            self.complain("Break outside a for/while");
            return Ok(());
        }
        let at = self.emit(Instruction::Jump(0));
        if let Some(inner) = self.loops.last_mut() {
            inner.breaks.push(at);
        }
        Ok(())
    }

    fn continue_loop(&mut self) -> Parsed<()> {
        self.extension("Continue statement");
        if !self.loops.last().is_some_and(|inner| inner.is_open) {
            self.complain("Continue outside a for");
            return Ok(());
        }
        let at = self.emit(Instruction::Jump(0));
        if let Some(inner) = self.loops.last_mut() {
            inner.continues.push(at);
        }
        Ok(())
    }

    fn return_statement(&mut self) -> Parsed<()> {
        let is_void = self.in_function;
        let bare = matches!(self.peek()?, Token::Newline | Token::Mark(";" | "}") | Token::End);
        if bare {
            self.emit(Instruction::Number(b"0".to_vec()));
        } else {
            if !self.at_mark("(")? {
                self.extension("return expression requires parenthesis");
            }
            self.value("Return requires non-void expression")?;
            if is_void == Some(true) {
                self.complain("Return expression in a void function");
            }
        }
        if is_void.is_none() {
            self.complain("Return outside of a function.");
        }
        self.emit(Instruction::Return);
        Ok(())
    }

    fn if_statement(&mut self) -> Parsed<()> {
        self.expect("(")?;
        self.value("void expression")?;
        self.expect(")")?;
        let test = self.emit(Instruction::JumpIfZero(0));
        self.skip_newlines()?;
        self.statement()?;
        if !self.at_name("else")? {
            self.land(test);
            return Ok(());
        }
        self.token = None;
        self.extension("else clause in if statement");
        let end = self.emit(Instruction::Jump(0));
        self.land(test);
        self.skip_newlines()?;
        self.statement()?;
        self.land(end);
        Ok(())
    }

    fn while_statement(&mut self) -> Parsed<()> {
        let start = self.code.len();
        self.expect("(")?;
        self.value("void expression")?;
        self.expect(")")?;
        let test = self.emit(Instruction::JumpIfZero(0));
        self.loops.push(Loop { is_open: true, ..Loop::default() });
        self.skip_newlines()?;
        self.statement()?;
        self.emit(Instruction::Jump(start));
        self.land(test);
        self.end_loop(start);
        Ok(())
    }

    fn for_statement(&mut self) -> Parsed<()> {
        self.expect("(")?;
        self.part(";", b"0")?;
        self.emit(Instruction::Pop);
        self.expect(";")?;
        let start = self.code.len();
        self.part(";", b"1")?;
        self.expect(";")?;
        // The test comes first, then the step, which the body jumps back to.
        let body = self.emit(Instruction::JumpUnlessZero(0));
        let end = self.emit(Instruction::Jump(0));
        let step = self.code.len();
        self.part(")", b"0")?;
        self.expect(")")?;
        self.emit(Instruction::Pop);
        self.emit(Instruction::Jump(start));
        self.land(body);
        self.loops.push(Loop { is_open: true, ..Loop::default() });
        self.skip_newlines()?;
        self.statement()?;
        self.emit(Instruction::Jump(step));
        self.land(end);
        self.end_loop(step);
        Ok(())
    }

    /// A part of `for`, which may be missing.
    fn part(&mut self, end: &str, default: &[u8]) -> Parsed<()> {
        if self.at_mark(end)? {
            self.extension("missing expression in for statement");
            self.emit(Instruction::Number(default.to_vec()));
            return Ok(());
        }
        self.value("void expression")
    }

    fn end_loop(&mut self, next: usize) {
        let Some(inner) = self.loops.pop() else { return };
        inner.breaks.into_iter().for_each(|at| self.land(at));
        inner.continues.into_iter().for_each(|at| self.aim(at, next));
    }

    fn print_statement(&mut self) -> Parsed<()> {
        self.extension("print statement");
        loop {
            if let Token::Text(text) = self.peek()? {
                let text = unescaped(text);
                self.token = None;
                self.emit(Instruction::Text(text));
            } else {
                self.value("void expression in print")?;
                self.emit(Instruction::Print);
            }
            if !self.accept(",")? {
                return Ok(());
            }
        }
    }
}

/// A string of `print` with its escapes replaced; unknown ones vanish.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            result.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(b'a') => result.push(7),
            Some(b'b') => result.push(8),
            Some(b'f') => result.push(12),
            Some(b'n') => result.push(b'\n'),
            Some(b'q') => result.push(b'"'),
            Some(b'r') => result.push(b'\r'),
            Some(b't') => result.push(b'\t'),
            Some(b'\\') => result.push(b'\\'),
            _ => {}
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_the_manual() {
        assert_eq!(unescaped(br"a\tb\q\\n\z."), b"a\tb\"\\n.");
    }
}
