//! From the tree to operations: rules, functions and statements. Expressions are in the file beside.

use crate::arrayness::Arrays;
use crate::ast::{Expr, Label, Location, Pattern, Print, Program, Rule, Statement, StatementKind, Variable};
use crate::code::{Code, FunctionCode, Op, Place, Target};
use crate::failure::Result;
use crate::pattern::Pattern as Regex;
use crate::value::Value;

/// Where the jumps of a loop or `switch` lead, once that is known.
struct Loop {
    breaks: Vec<usize>,
    /// None for a `switch`, which `continue` passes by.
    continues: Option<Vec<usize>>,
}

/// Writes operations.
pub(crate) struct Compiler<'a> {
    pub(super) code: Code,
    pub(super) program: &'a Program,
    pub(super) arrays: Arrays,
    /// The function that is being compiled.
    pub(super) function: Option<u32>,
    loops: Vec<Loop>,
}

/// Compiles a program.
///
/// # Errors
///
/// What the parser could not see: malformed regular expressions, calls with too many arguments.
pub(crate) fn compile(program: &Program) -> Result<Code> {
    let mut compiler = Compiler {
        code: Code { globals: program.globals.clone(), ..Code::default() },
        program,
        arrays: Arrays::of(program),
        function: None,
        loops: Vec::new(),
    };
    for (number, function) in (0u32..).zip(&program.functions) {
        let entry = compiler.here();
        let parameters = u32::try_from(function.parameters.len()).unwrap_or(u32::MAX);
        compiler.code.functions.push(FunctionCode { name: function.name.clone(), entry, parameters });
        compiler.function = Some(number);
        compiler.statements(&function.body)?;
        compiler.constant(Value::Unset);
        compiler.emit(Op::Return);
    }
    compiler.function = None;
    compiler.rules()?;
    Ok(compiler.code)
}

impl Compiler<'_> {
    pub(super) fn emit(&mut self, op: Op) -> usize {
        self.code.ops.push(op);
        self.code.ops.len() - 1
    }

    pub(super) fn here(&self) -> u32 {
        u32::try_from(self.code.ops.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn constant(&mut self, value: Value) {
        let at = u32::try_from(self.code.constants.len()).unwrap_or(u32::MAX);
        self.code.constants.push(value);
        self.emit(Op::Constant(at));
    }

    /// Makes a jump that was written before lead here.
    pub(super) fn land(&mut self, jump: usize) {
        let here = self.here();
        self.land_at(jump, here);
    }

    fn land_at(&mut self, jump: usize, at: u32) {
        if let Some(Op::Jump(to) | Op::JumpIfFalse(to) | Op::JumpIfTrue(to) | Op::WalkNext(to)) =
            self.code.ops.get_mut(jump)
        {
            *to = at;
        }
    }

    pub(super) fn mark_line(&mut self, location: Location) {
        let here = self.here();
        if self.code.lines.last().is_none_or(|(_, last)| *last != location) {
            self.code.lines.push((here, location));
        }
    }

    /// Keeps the source of a regular expression, after a look whether it is one.
    pub(super) fn regex(&mut self, source: &[u8]) -> Result<u32> {
        if let Err(mut failure) = Regex::new(source, false) {
            failure.location = self.code.lines.last().map(|(_, location)| *location);
            return Err(failure);
        }
        if let Some(at) = self.code.regexes.iter().position(|known| known == source) {
            return Ok(u32::try_from(at).unwrap_or(u32::MAX));
        }
        self.code.regexes.push(source.to_vec());
        Ok(u32::try_from(self.code.regexes.len() - 1).unwrap_or(u32::MAX))
    }

    fn rules(&mut self) -> Result<()> {
        self.code.entries.begin = self.here();
        self.part(|pattern| matches!(pattern, Pattern::Begin))?;
        self.code.entries.begin_file = self.part(|pattern| matches!(pattern, Pattern::BeginFile))?;
        let is_main = |pattern: &Pattern| matches!(pattern, Pattern::Always | Pattern::When(_) | Pattern::Range(..));
        self.code.entries.main = self.part(is_main)?;
        self.code.entries.end_file = self.part(|pattern| matches!(pattern, Pattern::EndFile))?;
        self.code.entries.end = self.part(|pattern| matches!(pattern, Pattern::End))?;
        Ok(())
    }

    /// Compiles the rules of one kind in their order; returns where they begin, if there are any.
    fn part(&mut self, belongs: impl Fn(&Pattern) -> bool) -> Result<Option<u32>> {
        let entry = self.here();
        let mut any = false;
        let program = self.program;
        for rule in program.rules.iter().filter(|rule| belongs(&rule.pattern)) {
            any = true;
            self.mark_line(rule.location);
            self.rule(rule)?;
        }
        self.emit(Op::End);
        Ok(any.then_some(entry))
    }

    fn rule(&mut self, rule: &Rule) -> Result<()> {
        let mut skip = None;
        match &rule.pattern {
            Pattern::When(condition) => {
                self.value(condition)?;
                skip = Some(self.emit(Op::JumpIfFalse(0)));
            }
            Pattern::Range(first, last) => {
                let range = self.code.ranges;
                self.code.ranges += 1;
                self.emit(Op::RangeActive(range));
                let active = self.emit(Op::JumpIfTrue(0));
                self.value(first)?;
                skip = Some(self.emit(Op::JumpIfFalse(0)));
                self.emit(Op::SetRange(range, true));
                self.land(active);
                self.value(last)?;
                let goes_on = self.emit(Op::JumpIfFalse(0));
                self.emit(Op::SetRange(range, false));
                self.land(goes_on);
            }
            _ => {}
        }
        match &rule.action {
            Some(statements) => self.statements(statements)?,
            None => {
                self.emit(Op::PrintRecord);
            }
        }
        if let Some(skip) = skip {
            self.land(skip);
        }
        Ok(())
    }

    fn statements(&mut self, statements: &[Statement]) -> Result<()> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement) -> Result<()> {
        self.mark_line(statement.location);
        match &statement.kind {
            StatementKind::Expression(expression) => self.effect(expression)?,
            StatementKind::Print(print) => self.print(print)?,
            StatementKind::If(condition, then, otherwise) => self.branches(condition, then, otherwise.as_deref())?,
            StatementKind::While(condition, body) => self.for_loop(None, Some(condition), None, body)?,
            StatementKind::Do(body, condition) => self.do_while(body, condition)?,
            StatementKind::For(first, condition, step, body) => {
                self.for_loop(first.as_deref(), condition.as_ref(), step.as_deref(), body)?;
            }
            StatementKind::ForIn(variable, array, body) => self.for_in(*variable, array, body)?,
            StatementKind::Switch(subject, sections) => self.switch(subject, sections)?,
            StatementKind::Block(statements) => self.statements(statements)?,
            StatementKind::Delete(operand) => self.delete(operand)?,
            StatementKind::Next => {
                self.emit(Op::Next);
            }
            StatementKind::NextFile => {
                self.emit(Op::NextFile);
            }
            StatementKind::Exit(status) => {
                if let Some(status) = status {
                    self.value(status)?;
                }
                self.emit(Op::Exit(status.is_some()));
            }
            StatementKind::Return(value) => {
                match value {
                    Some(value) => self.argument(value, false)?,
                    None => self.constant(Value::Unset),
                }
                self.emit(Op::Return);
            }
            StatementKind::Break => {
                let jump = self.emit(Op::Jump(0));
                if let Some(innermost) = self.loops.last_mut() {
                    innermost.breaks.push(jump);
                }
            }
            StatementKind::Continue => {
                let jump = self.emit(Op::Jump(0));
                let continues = self.loops.iter_mut().rev().find_map(|outer| outer.continues.as_mut());
                if let Some(continues) = continues {
                    continues.push(jump);
                }
            }
        }
        Ok(())
    }

    fn print(&mut self, print: &Print) -> Result<()> {
        let redirection = print.redirection.as_ref().map(|(redirection, _)| *redirection);
        if print.arguments.is_empty() && redirection.is_none() {
            self.emit(Op::PrintRecord);
            return Ok(());
        }
        for argument in &print.arguments {
            self.value(argument)?;
        }
        let mut count = u32::try_from(print.arguments.len()).unwrap_or(u32::MAX);
        if count == 0 {
            self.emit(Op::LoadField(0));
            count = 1;
        }
        if let Some((_, target)) = &print.redirection {
            self.value(target)?;
        }
        self.emit(if print.formatted { Op::Printf(count, redirection) } else { Op::Print(count, redirection) });
        Ok(())
    }

    fn branches(&mut self, condition: &Expr, then: &Statement, otherwise: Option<&Statement>) -> Result<()> {
        self.value(condition)?;
        let skip = self.emit(Op::JumpIfFalse(0));
        self.statement(then)?;
        if let Some(otherwise) = otherwise {
            let end = self.emit(Op::Jump(0));
            self.land(skip);
            self.statement(otherwise)?;
            self.land(end);
        } else {
            self.land(skip);
        }
        Ok(())
    }

    fn begin_loop(&mut self) {
        self.loops.push(Loop { breaks: Vec::new(), continues: Some(Vec::new()) });
    }

    fn end_loop(&mut self, continue_at: u32) {
        let Some(done) = self.loops.pop() else { return };
        for jump in done.breaks {
            self.land(jump);
        }
        for jump in done.continues.unwrap_or_default() {
            self.land_at(jump, continue_at);
        }
    }

    /// The condition is tested at the end, so that each turn has one jump.
    fn for_loop(
        &mut self,
        first: Option<&Statement>,
        condition: Option<&Expr>,
        step: Option<&Statement>,
        body: &Statement,
    ) -> Result<()> {
        if let Some(first) = first {
            self.statement(first)?;
        }
        let enter = condition.map(|_| self.emit(Op::Jump(0)));
        let start = self.here();
        self.begin_loop();
        self.statement(body)?;
        let continue_at = self.here();
        if let Some(step) = step {
            self.statement(step)?;
        }
        if let Some(enter) = enter {
            self.land(enter);
        }
        match condition {
            Some(condition) => {
                self.value(condition)?;
                self.emit(Op::JumpIfTrue(start));
            }
            None => {
                self.emit(Op::Jump(start));
            }
        }
        self.end_loop(continue_at);
        Ok(())
    }

    fn do_while(&mut self, body: &Statement, condition: &Expr) -> Result<()> {
        let start = self.here();
        self.begin_loop();
        self.statement(body)?;
        let continue_at = self.here();
        self.value(condition)?;
        self.emit(Op::JumpIfTrue(start));
        self.end_loop(continue_at);
        Ok(())
    }

    fn for_in(&mut self, variable: Variable, array: &Expr, body: &Statement) -> Result<()> {
        let place = self.place(array)?;
        self.emit(Op::Walk(place));
        let next = self.here();
        let done = self.emit(Op::WalkNext(0));
        let target = Self::variable_target(variable);
        self.emit(Op::Assign(target, false));
        self.begin_loop();
        self.statement(body)?;
        self.emit(Op::Jump(next));
        self.end_loop(next);
        self.land(done);
        self.emit(Op::WalkEnd);
        Ok(())
    }

    fn switch(&mut self, subject: &Expr, sections: &[(Vec<Label>, Vec<Statement>)]) -> Result<()> {
        self.value(subject)?;
        self.emit(Op::Switch);
        let mut jumps = Vec::new();
        let mut default = None;
        for (number, (labels, _)) in sections.iter().enumerate() {
            for label in labels {
                match label {
                    Label::Case(case) => {
                        self.pattern(case)?;
                        self.emit(Op::Case);
                        jumps.push((number, self.emit(Op::JumpIfTrue(0))));
                    }
                    Label::Default => default = Some(number),
                }
            }
        }
        let otherwise = self.emit(Op::Jump(0));
        self.loops.push(Loop { breaks: Vec::new(), continues: None });
        for (number, (_, statements)) in sections.iter().enumerate() {
            for (_, jump) in jumps.iter().filter(|(section, _)| *section == number) {
                self.land(*jump);
            }
            if default == Some(number) {
                self.land(otherwise);
            }
            self.statements(statements)?;
        }
        if default.is_none() {
            self.land(otherwise);
        }
        let here = self.here();
        self.end_loop(here);
        Ok(())
    }

    fn delete(&mut self, operand: &Expr) -> Result<()> {
        if let Expr::Element(array, keys) = operand {
            let place = self.place(array)?;
            self.key(keys)?;
            self.emit(Op::Delete(place));
        } else {
            let place = self.place(operand)?;
            self.emit(Op::DeleteAll(place));
        }
        Ok(())
    }

    /// Tells where an array is; one that is an element is put on the stack.
    pub(super) fn place(&mut self, array: &Expr) -> Result<Place> {
        match array {
            Expr::Variable(Variable::Global(slot)) => Ok(Place::Global(*slot)),
            Expr::Variable(Variable::Local(slot)) => Ok(Place::Local(*slot)),
            Expr::Element(outer, keys) => {
                let place = self.place(outer)?;
                self.key(keys)?;
                self.emit(Op::SubArray(place));
                Ok(Place::Stack)
            }
            other => {
                // The grammar has names and elements here only.
                self.value(other)?;
                Ok(Place::Stack)
            }
        }
    }

    pub(super) fn variable_target(variable: Variable) -> Target {
        match variable {
            Variable::Global(slot) if crate::special::is_watched(slot) => Target::Special(slot),
            Variable::Global(slot) => Target::Global(slot),
            Variable::Local(slot) => Target::Local(slot),
        }
    }
}
