//! The machine as its users see it: give it an input, take outputs.

use super::stack::{NONE, Stacks};
use crate::builtins::Context;
use crate::compile::Code;
use crate::message::Failure;
use crate::value::Value;

/// What comes after an instruction.
pub(super) enum Flow {
    Next,
    Backtrack,
    Output,
}

/// Runs one program on one input.
pub(crate) struct Machine<'a> {
    pub(super) code: &'a Code,
    pub(super) context: &'a mut Context,
    pub(super) stacks: Stacks,
    /// The next instruction.
    pub(super) at: u32,
    pub(super) labels: usize,
    /// The arguments of the call or builtin in progress; kept to save allocations.
    pub(super) bound: Vec<super::stack::Bound>,
    pub(super) args: Vec<Value>,
    started: bool,
}

impl<'a> Machine<'a> {
    /// A machine that is about to run a program on an input.
    pub(crate) fn new(code: &'a Code, context: &'a mut Context, input: Value) -> Self {
        let mut machine = Self {
            code,
            context,
            stacks: Stacks::new(),
            at: 0,
            labels: 0,
            bound: Vec::new(),
            args: Vec::new(),
            started: false,
        };
        let main = code.functions.first().copied().unwrap_or_default();
        machine.stacks.enter(NONE, NONE, NONE, main.n_vars, &[]);
        machine.stacks.push(input);
        machine.at = main.entry;
        machine
    }

    /// What is outside the program: inputs and output.
    pub(crate) fn context(&mut self) -> &mut Context {
        self.context
    }

    /// The next output; nothing when there is no more.
    ///
    /// # Errors
    ///
    /// The error that nothing caught.
    pub(crate) fn next(&mut self) -> Result<Option<Value>, Failure> {
        if std::mem::replace(&mut self.started, true) && !self.backtrack(None)? {
            return Ok(None);
        }
        loop {
            let op = self.code.ops.get(self.at as usize).copied();
            let Some(op) = op else { return Ok(None) };
            self.at += 1;
            let again = match self.step(op) {
                Ok(Flow::Next) => true,
                Ok(Flow::Output) => return Ok(Some(self.stacks.pop())),
                Ok(Flow::Backtrack) => self.backtrack(None)?,
                Err(failure) => self.backtrack(Some(failure))?,
            };
            if !again {
                return Ok(None);
            }
        }
    }
}
