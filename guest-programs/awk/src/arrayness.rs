//! Which variables and parameters of a program are arrays, found before it is compiled.
//!
//! A parameter that a function uses as an array, or passes on as one, makes the variable that a caller passes an array, even
//! if that was nothing before. What this cannot know is decided when the program runs.

use std::collections::HashSet;

use crate::ast::{Builtin, Expr, Label, Pattern, Program, Statement, StatementKind, Variable};

/// The arrays of a program.
#[derive(Debug, Default)]
pub(crate) struct Arrays {
    globals: HashSet<u32>,
    /// Function and local slot.
    locals: HashSet<(u32, u32)>,
    /// Function, slot and the variable passed there by a function (or none).
    passed: Vec<(u32, u32, Option<u32>, Variable)>,
}

impl Arrays {
    /// Reads a whole program.
    pub(crate) fn of(program: &Program) -> Self {
        let mut arrays = Self::default();
        for rule in &program.rules {
            let mut walk = Walk { arrays: &mut arrays, function: None };
            match &rule.pattern {
                Pattern::When(condition) => walk.expression(condition),
                Pattern::Range(first, last) => {
                    walk.expression(first);
                    walk.expression(last);
                }
                _ => {}
            }
            walk.statements(rule.action.as_deref().unwrap_or_default());
        }
        for (number, function) in (0u32..).zip(&program.functions) {
            Walk { arrays: &mut arrays, function: Some(number) }.statements(&function.body);
        }
        arrays.close();
        arrays
    }

    /// Whether a variable of a function (or of none) is an array.
    pub(crate) fn has(&self, function: Option<u32>, variable: Variable) -> bool {
        match (variable, function) {
            (Variable::Global(slot), _) => self.globals.contains(&slot),
            (Variable::Local(slot), Some(function)) => self.locals.contains(&(function, slot)),
            (Variable::Local(_), None) => false,
        }
    }

    fn add(&mut self, function: Option<u32>, variable: Variable) -> bool {
        match (variable, function) {
            (Variable::Global(slot), _) => self.globals.insert(slot),
            (Variable::Local(slot), Some(function)) => self.locals.insert((function, slot)),
            (Variable::Local(_), None) => false,
        }
    }

    /// Carries what is known of parameters to the variables that are passed, until nothing is new.
    fn close(&mut self) {
        let passed = std::mem::take(&mut self.passed);
        loop {
            let mut news = false;
            for (callee, slot, function, variable) in &passed {
                if self.locals.contains(&(*callee, *slot)) {
                    news |= self.add(*function, *variable);
                }
            }
            if !news {
                return;
            }
        }
    }
}

struct Walk<'a> {
    arrays: &'a mut Arrays,
    function: Option<u32>,
}

impl Walk<'_> {
    fn array(&mut self, operand: &Expr) {
        match operand {
            Expr::Variable(variable) => {
                self.arrays.add(self.function, *variable);
            }
            other => self.expression(other),
        }
    }

    fn statements(&mut self, statements: &[Statement]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn optional(&mut self, statement: Option<&Statement>) {
        statement.into_iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Expression(expression) => self.expression(expression),
            StatementKind::Print(print) => {
                self.expressions(&print.arguments);
                if let Some((_, target)) = &print.redirection {
                    self.expression(target);
                }
            }
            StatementKind::If(condition, then, otherwise) => {
                self.expression(condition);
                self.statement(then);
                self.optional(otherwise.as_deref());
            }
            StatementKind::While(condition, body) | StatementKind::Do(body, condition) => {
                self.expression(condition);
                self.statement(body);
            }
            StatementKind::For(first, condition, step, body) => {
                self.optional(first.as_deref());
                condition.iter().for_each(|condition| self.expression(condition));
                self.optional(step.as_deref());
                self.statement(body);
            }
            StatementKind::ForIn(_, array, body) => {
                self.array(array);
                self.statement(body);
            }
            StatementKind::Switch(subject, sections) => {
                self.expression(subject);
                for (labels, statements) in sections {
                    for label in labels {
                        if let Label::Case(case) = label {
                            self.expression(case);
                        }
                    }
                    self.statements(statements);
                }
            }
            StatementKind::Block(statements) => self.statements(statements),
            StatementKind::Delete(operand) => self.array(operand),
            StatementKind::Exit(value) | StatementKind::Return(value) => {
                value.iter().for_each(|value| self.expression(value));
            }
            StatementKind::Next | StatementKind::NextFile | StatementKind::Break | StatementKind::Continue => {}
        }
    }

    fn expressions(&mut self, expressions: &[Expr]) {
        expressions.iter().for_each(|expression| self.expression(expression));
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Number(_) | Expr::Text(_) | Expr::Regex(_) | Expr::TypedRegex(_) | Expr::Variable(_) => {}
            Expr::Field(operand) | Expr::Unary(_, operand) | Expr::Group(operand) => self.expression(operand),
            Expr::Increment { target, .. } => self.expression(target),
            Expr::Element(array, keys) => {
                self.array(array);
                self.expressions(keys);
            }
            Expr::In(keys, array) => {
                self.array(array);
                self.expressions(keys);
            }
            Expr::Assign(first, last)
            | Expr::Augment(_, first, last)
            | Expr::Arithmetic(_, first, last)
            | Expr::Compare(_, first, last)
            | Expr::And(first, last)
            | Expr::Or(first, last) => {
                self.expression(first);
                self.expression(last);
            }
            Expr::Match { subject, pattern, .. } => {
                self.expression(subject);
                self.expression(pattern);
            }
            Expr::Conditional(condition, first, last) => {
                self.expression(condition);
                self.expression(first);
                self.expression(last);
            }
            Expr::Concatenation(parts) | Expr::List(parts) | Expr::IndirectCall(_, parts) => self.expressions(parts),
            Expr::Call(callee, arguments, _) => {
                for (slot, argument) in (0u32..).zip(arguments) {
                    match argument {
                        Expr::Variable(variable) => {
                            self.arrays.passed.push((*callee, slot, self.function, *variable));
                        }
                        other => self.expression(other),
                    }
                }
            }
            Expr::Builtin(builtin, arguments, _) => {
                for (at, argument) in arguments.iter().enumerate() {
                    if takes_array(*builtin, at) { self.array(argument) } else { self.expression(argument) }
                }
            }
            Expr::Getline { operand, target, .. } => {
                operand.iter().for_each(|operand| self.expression(operand));
                target.iter().for_each(|target| self.expression(target));
            }
        }
    }
}

/// Whether an argument of a built-in function is always an array.
pub(crate) fn takes_array(builtin: Builtin, at: usize) -> bool {
    match builtin {
        Builtin::Split | Builtin::Patsplit => at == 1 || at == 3,
        Builtin::Asort | Builtin::Asorti => at <= 1,
        Builtin::Match => at == 2,
        _ => false,
    }
}
