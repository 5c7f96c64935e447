//! From expressions to operations that leave one value on the stack, or none where only the effect is wanted.

use crate::arrayness::takes_array;
use crate::ast::{Builtin, Expr, Unary, Variable};
use crate::code::{Op, Place, Target};
use crate::compile::Compiler;
use crate::failure::{Failure, Result};
use crate::special;
use crate::value::Value;

impl Compiler<'_> {
    /// Compiles for the effect alone.
    pub(super) fn effect(&mut self, expression: &Expr) -> Result<()> {
        match expression {
            Expr::Group(inner) => self.effect(inner),
            Expr::Assign(target, value) => self.assign(target, value, false),
            Expr::Augment(operator, target, value) => {
                self.value(value)?;
                let target = self.target(target)?;
                self.emit(Op::Augment(*operator, target, false));
                Ok(())
            }
            Expr::Increment { target, by, .. } => {
                let target = self.target(target)?;
                self.emit(Op::Increment(if *by < 0.0 { -1 } else { 1 }, target, false, false));
                Ok(())
            }
            other => {
                self.value(other)?;
                self.emit(Op::Pop);
                Ok(())
            }
        }
    }

    /// Compiles an expression to one value.
    pub(super) fn value(&mut self, expression: &Expr) -> Result<()> {
        match expression {
            Expr::Number(number) => self.constant(Value::Number(*number)),
            Expr::Text(text) => self.constant(Value::text(text)),
            Expr::Regex(source) => {
                let regex = self.regex(source)?;
                self.emit(Op::MatchRecord(regex));
            }
            Expr::TypedRegex(_) => self.pattern(expression)?,
            Expr::Variable(variable) => self.load(*variable),
            Expr::Field(index) => self.field(index)?,
            Expr::Element(array, keys) => {
                let place = self.place(array)?;
                self.key(keys)?;
                self.emit(Op::LoadElement(place));
            }
            Expr::Assign(target, value) => self.assign(target, value, true)?,
            Expr::Augment(operator, target, value) => {
                self.value(value)?;
                let target = self.target(target)?;
                self.emit(Op::Augment(*operator, target, true));
            }
            Expr::Increment { target, by, postfix } => {
                let target = self.target(target)?;
                self.emit(Op::Increment(if *by < 0.0 { -1 } else { 1 }, target, true, *postfix));
            }
            Expr::Unary(operator, operand) => self.unary(*operator, operand)?,
            Expr::Arithmetic(operator, left, right) => {
                self.value(left)?;
                self.value(right)?;
                self.emit(Op::Arithmetic(*operator));
            }
            Expr::Compare(relation, left, right) => {
                self.value(left)?;
                self.value(right)?;
                self.emit(Op::Compare(*relation));
            }
            Expr::Match { negated, subject, pattern } => {
                self.value(subject)?;
                self.pattern(pattern)?;
                self.emit(Op::Match(*negated));
            }
            Expr::And(left, right) => self.shortcut(left, right, Op::JumpIfFalse(0), 0.0)?,
            Expr::Or(left, right) => self.shortcut(left, right, Op::JumpIfTrue(0), 1.0)?,
            Expr::Conditional(condition, first, last) => self.conditional(condition, first, last)?,
            Expr::In(keys, array) => {
                let place = self.place(array)?;
                self.key(keys)?;
                self.emit(Op::In(place));
            }
            Expr::Concatenation(parts) => {
                self.values(parts)?;
                self.emit(Op::Concatenate(count(parts)));
            }
            Expr::Group(inner) => self.value(inner)?,
            Expr::List(_) => return Err(self.misplaced()),
            Expr::Call(function, arguments, location) => {
                self.mark_line(*location);
                self.call(*function, arguments)?;
            }
            Expr::IndirectCall(variable, arguments) => {
                for argument in arguments {
                    self.argument(argument, false)?;
                }
                let place = match variable {
                    Variable::Global(slot) => Place::Global(*slot),
                    Variable::Local(slot) => Place::Local(*slot),
                };
                self.emit(Op::IndirectCall(count(arguments), place));
            }
            Expr::Builtin(builtin, arguments, location) => {
                self.mark_line(*location);
                self.builtin(*builtin, arguments)?;
            }
            Expr::Getline { source, operand, target } => {
                if let Some(operand) = operand {
                    self.value(operand)?;
                }
                let target = target.as_ref().map_or(Ok(Target::Nowhere), |target| self.target(target))?;
                self.emit(Op::Getline(*source, target));
            }
        }
        Ok(())
    }

    fn values(&mut self, expressions: &[Expr]) -> Result<()> {
        expressions.iter().try_for_each(|expression| self.value(expression))
    }

    fn misplaced(&self) -> Failure {
        let location = self.code.lines.last().map(|(_, location)| *location).unwrap_or_default();
        Failure::syntax(location, "syntax error: a list in parentheses stands where a value is wanted")
    }

    fn load(&mut self, variable: Variable) {
        self.emit(match variable {
            Variable::Global(slot) if special::is_computed(slot) => Op::LoadSpecial(slot),
            Variable::Global(slot) => Op::LoadGlobal(slot),
            Variable::Local(slot) => Op::LoadLocal(slot),
        });
    }

    fn field(&mut self, index: &Expr) -> Result<()> {
        if let Some(number) = constant_index(index) {
            self.emit(Op::LoadField(number));
            return Ok(());
        }
        self.value(index)?;
        self.emit(Op::LoadIndexed);
        Ok(())
    }

    /// Compiles what is wanted as a regular expression: a literal is not matched against the record then.
    pub(super) fn pattern(&mut self, expression: &Expr) -> Result<()> {
        match expression {
            Expr::Regex(source) | Expr::TypedRegex(source) => {
                let regex = self.regex(source)?;
                self.emit(Op::Regex(regex));
                Ok(())
            }
            Expr::Group(inner) if matches!(**inner, Expr::Regex(_)) => self.pattern(inner),
            other => self.value(other),
        }
    }

    /// Compiles a subscript to one key.
    pub(super) fn key(&mut self, keys: &[Expr]) -> Result<()> {
        self.values(keys)?;
        if keys.len() > 1 {
            self.emit(Op::JoinKeys(count(keys)));
        }
        Ok(())
    }

    /// Compiles the operands of something that is assigned.
    fn target(&mut self, target: &Expr) -> Result<Target> {
        match target {
            Expr::Variable(variable) => Ok(Self::variable_target(*variable)),
            Expr::Group(inner) => self.target(inner),
            Expr::Field(index) if constant_index(index) == Some(0) => Ok(Target::Record),
            Expr::Field(index) => {
                self.value(index)?;
                Ok(Target::Field)
            }
            Expr::Element(array, keys) => {
                let place = self.place(array)?;
                self.key(keys)?;
                Ok(Target::Element(place))
            }
            // gawk warns of a target that is none, and drops the result.
            _ => Ok(Target::Nowhere),
        }
    }

    fn assign(&mut self, target: &Expr, value: &Expr, keep: bool) -> Result<()> {
        if let (false, Expr::Variable(variable), Expr::Concatenation(parts)) = (keep, target, value)
            && let Some((Expr::Variable(first), rest)) = parts.split_first()
            && first == variable
            && rest.iter().all(is_pure)
        {
            let target = Self::variable_target(*variable);
            if matches!(target, Target::Global(_) | Target::Local(_)) {
                self.values(rest)?;
                if rest.len() > 1 {
                    self.emit(Op::Concatenate(count(rest)));
                }
                self.emit(Op::Append(target));
                return Ok(());
            }
        }
        self.value(value)?;
        let target = self.target(target)?;
        self.emit(Op::Assign(target, keep));
        Ok(())
    }

    fn unary(&mut self, operator: Unary, operand: &Expr) -> Result<()> {
        if let (Unary::Negate, Expr::Number(number)) = (operator, operand) {
            self.constant(Value::Number(-number));
            return Ok(());
        }
        self.value(operand)?;
        self.emit(match operator {
            Unary::Negate => Op::Negate,
            Unary::Plus => Op::Plus,
            Unary::Not => Op::Not,
        });
        Ok(())
    }

    fn shortcut(&mut self, left: &Expr, right: &Expr, jump: Op, otherwise: f64) -> Result<()> {
        self.value(left)?;
        let skip = self.emit(jump);
        self.value(right)?;
        self.emit(Op::Truth);
        let end = self.emit(Op::Jump(0));
        self.land(skip);
        self.constant(Value::Number(otherwise));
        self.land(end);
        Ok(())
    }

    fn conditional(&mut self, condition: &Expr, first: &Expr, last: &Expr) -> Result<()> {
        self.value(condition)?;
        let skip = self.emit(Op::JumpIfFalse(0));
        self.value(first)?;
        let end = self.emit(Op::Jump(0));
        self.land(skip);
        self.value(last)?;
        self.land(end);
        Ok(())
    }

    fn call(&mut self, function: u32, arguments: &[Expr]) -> Result<()> {
        let program = self.program;
        let called = program.functions.get(function as usize);
        let parameters = called.map_or(0, |called| called.parameters.len());
        if arguments.len() > parameters {
            let name = called.map_or("", |called| called.name.as_str());
            let location = self.code.lines.last().map(|(_, location)| *location).unwrap_or_default();
            let message = format!("function `{name}' called with more arguments than declared");
            return Err(Failure::syntax(location, message));
        }
        for (slot, argument) in (0u32..).zip(arguments) {
            let array = self.arrays.has(Some(function), Variable::Local(slot));
            self.argument(argument, array)?;
        }
        self.emit(Op::Call(function, count(arguments)));
        Ok(())
    }

    /// Compiles an argument of a function: arrays are passed as such, and what is nothing yet becomes one where one is wanted.
    pub(super) fn argument(&mut self, argument: &Expr, array: bool) -> Result<()> {
        match argument {
            Expr::Variable(Variable::Global(slot)) if array => self.emit(Op::Array(Place::Global(*slot))),
            Expr::Variable(Variable::Local(slot)) if array => self.emit(Op::Array(Place::Local(*slot))),
            Expr::Variable(Variable::Global(slot)) if special::is_computed(*slot) => self.emit(Op::LoadSpecial(*slot)),
            Expr::Variable(Variable::Global(slot)) => self.emit(Op::PassGlobal(*slot)),
            Expr::Variable(Variable::Local(slot)) => self.emit(Op::PassLocal(*slot)),
            Expr::Element(outer, keys) => {
                let place = self.place(outer)?;
                self.key(keys)?;
                self.emit(Op::PassElement(place))
            }
            other => return self.value(other),
        };
        Ok(())
    }

    /// Compiles an argument that must be an array.
    fn array_argument(&mut self, argument: &Expr) -> Result<()> {
        let place = self.place(argument)?;
        if place != Place::Stack {
            self.emit(Op::Array(place));
        }
        Ok(())
    }

    fn builtin(&mut self, builtin: Builtin, arguments: &[Expr]) -> Result<()> {
        match builtin {
            Builtin::Sub | Builtin::Gsub => return self.substitution(builtin == Builtin::Gsub, arguments),
            Builtin::Length if arguments.is_empty() => {
                self.emit(Op::LoadField(0));
                self.emit(Op::Builtin(Builtin::Length, 1));
                return Ok(());
            }
            _ => {}
        }
        for (at, argument) in arguments.iter().enumerate() {
            match (builtin, at) {
                _ if takes_array(builtin, at) => self.array_argument(argument)?,
                (Builtin::Length | Builtin::Isarray | Builtin::Typeof, _) => {
                    self.argument_or_pattern(builtin, argument)?
                }
                (Builtin::Match, 1) | (Builtin::Gensub, 0) | (Builtin::Split | Builtin::Patsplit, 2) => {
                    self.pattern(argument)?;
                }
                _ => self.value(argument)?,
            }
        }
        self.emit(Op::Builtin(builtin, count(arguments)));
        Ok(())
    }

    fn argument_or_pattern(&mut self, builtin: Builtin, argument: &Expr) -> Result<()> {
        if let Expr::Variable(variable) = argument {
            // A name that is an array elsewhere is one here, even before its first element.
            let array =
                builtin == Builtin::Length && self.arrays.has(self.function, *variable) && self.function.is_none();
            return self.argument(argument, array);
        }
        if matches!(argument, Expr::TypedRegex(_)) { self.pattern(argument) } else { self.argument(argument, false) }
    }

    fn substitution(&mut self, global: bool, arguments: &[Expr]) -> Result<()> {
        let [pattern, replacement, rest @ ..] = arguments else { return Err(self.misplaced()) };
        self.pattern(pattern)?;
        self.value(replacement)?;
        let target = match rest.first() {
            None => Target::Record,
            Some(target) => match self.target(target)? {
                Target::Nowhere => {
                    // Not assignable: the value is changed and dropped, the count is what is wanted.
                    self.value(target)?;
                    Target::Nowhere
                }
                target => target,
            },
        };
        self.emit(Op::Substitute(global, target));
        Ok(())
    }
}

fn count(expressions: &[Expr]) -> u32 {
    u32::try_from(expressions.len()).unwrap_or(u32::MAX)
}

/// The number of a field that is written as one.
fn constant_index(index: &Expr) -> Option<u32> {
    match index {
        Expr::Number(number) if *number >= 0.0 && *number < 1e6 =>
        {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to fit")]
            Some(*number as u32)
        }
        _ => None,
    }
}

/// Whether an expression surely changes no variable.
fn is_pure(expression: &Expr) -> bool {
    match expression {
        Expr::Number(_) | Expr::Text(_) | Expr::Variable(_) => true,
        Expr::Field(operand) | Expr::Group(operand) | Expr::Unary(_, operand) => is_pure(operand),
        Expr::Element(array, keys) => is_pure(array) && keys.iter().all(is_pure),
        Expr::Concatenation(parts) => parts.iter().all(is_pure),
        Expr::Arithmetic(_, left, right) | Expr::Compare(_, left, right) => is_pure(left) && is_pure(right),
        Expr::Conditional(condition, first, last) => is_pure(condition) && is_pure(first) && is_pure(last),
        Expr::Builtin(builtin, arguments, _) => {
            let pure = [Builtin::Substr, Builtin::Sprintf, Builtin::Toupper, Builtin::Tolower, Builtin::Index];
            pure.contains(builtin) && arguments.iter().all(is_pure)
        }
        _ => false,
    }
}
