//! Variables and labels: `as` with its patterns, `label` and `break`.

use super::code::{Op, Slot};
use super::scope::{Bound, CompileError, Compiled, Compiler};
use crate::lang::{Expr, Key, Pattern, Spot};
use crate::value::Value;

impl Compiler<'_> {
    pub(super) fn bind(&mut self, source: &Expr, patterns: &[Pattern], body: &Expr) -> Compiled<()> {
        let names = self.scope.len();
        self.aside(source)?;
        self.matching(patterns, |compiler| compiler.expr(body))?;
        self.scope.truncate(names);
        Ok(())
    }

    /// Takes the top apart, then runs the body with the variables; the next pattern when there is an error.
    pub(super) fn matching(
        &mut self,
        patterns: &[Pattern],
        body: impl FnOnce(&mut Self) -> Compiled<()>,
    ) -> Compiled<()> {
        let mut variables: Vec<(String, Slot)> = Vec::new();
        for name in patterns.iter().flat_map(names_of) {
            if !variables.iter().any(|(known, _)| *known == name) {
                variables.push((name, self.slot()?));
            }
        }
        let Some((last, others)) = patterns.split_last() else { return body(self) };
        if others.is_empty() {
            self.destructure(last, &variables)?;
            return self.with_variables(&variables, body);
        }
        let subject = self.slot()?;
        self.emit(Op::Store(subject));
        let null = self.constant(Value::Null);
        let mut matched = Vec::new();
        for pattern in others {
            let next = self.emit(Op::Alternative(0));
            variables.iter().for_each(|(_, slot)| {
                self.emit(Op::Init(*slot, null));
            });
            self.emit(Op::Push(subject));
            self.destructure(pattern, &variables)?;
            matched.push(self.emit(Op::Jump(0)));
            self.land(next);
        }
        variables.iter().for_each(|(_, slot)| {
            self.emit(Op::Init(*slot, null));
        });
        self.emit(Op::Push(subject));
        self.destructure(last, &variables)?;
        matched.into_iter().for_each(|at| self.land(at));
        self.with_variables(&variables, body)
    }

    fn with_variables(
        &mut self,
        variables: &[(String, Slot)],
        body: impl FnOnce(&mut Self) -> Compiled<()>,
    ) -> Compiled<()> {
        for (name, slot) in variables {
            self.name_variable(name, *slot);
        }
        body(self)
    }

    /// Takes the top apart. Keys may use the variables that come before them.
    fn destructure(&mut self, pattern: &Pattern, variables: &[(String, Slot)]) -> Compiled<()> {
        match pattern {
            Pattern::Var(name) => {
                let slot = slot_of(variables, name);
                self.emit(Op::Store(slot));
                self.name_variable(name, slot);
            }
            Pattern::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.emit(Op::Dup);
                    self.item(&Expr::Literal(Value::count(at)))?;
                    self.destructure(item, variables)?;
                }
                self.emit(Op::Pop);
            }
            Pattern::Object(members) => {
                for (key, inner) in members {
                    self.emit(Op::Dup);
                    match key {
                        Key::Var(name, _) => {
                            self.item(&Expr::Literal(Value::string(name.as_str())))?;
                            if inner.is_some() {
                                self.emit(Op::Dup);
                            }
                            let slot = slot_of(variables, name);
                            self.emit(Op::Store(slot));
                            self.name_variable(name, slot);
                        }
                        Key::Expr(key, spot) => {
                            if let Expr::Literal(value) = key
                                && value.as_str().is_none()
                            {
                                let message = format!("Cannot use {} as object key", crate::message::described(value));
                                return Err(CompileError { message, spot: Some(*spot) });
                            }
                            self.item(key)?;
                        }
                    }
                    if let Some(inner) = inner {
                        self.destructure(inner, variables)?;
                    }
                }
                self.emit(Op::Pop);
            }
        }
        Ok(())
    }

    /// Replaces the top by its item of a key.
    fn item(&mut self, key: &Expr) -> Compiled<()> {
        self.emit(Op::Nest);
        self.operand(key)?;
        self.emit(Op::Index { optional: false });
        self.emit(Op::Unnest);
        Ok(())
    }

    pub(super) fn label(&mut self, name: &str, body: &Expr) -> Compiled<()> {
        let slot = self.slot()?;
        let names = self.scope.len();
        self.emit(Op::Label(slot));
        let bound = Bound::Label { level: self.level, index: slot.index };
        self.name(&format!("*label-{name}"), None, bound);
        self.expr(body)?;
        self.scope.truncate(names);
        Ok(())
    }

    pub(super) fn break_to(&mut self, name: &str, spot: Spot) -> Compiled<()> {
        match self.lookup(&format!("*label-{name}"), None) {
            Some(Bound::Label { level, index }) => {
                let level = self.distance(level);
                self.emit(Op::Break(Slot { level, index }));
                Ok(())
            }
            _ => Self::undefined(&format!("$*label-{name}"), spot),
        }
    }
}

fn slot_of(variables: &[(String, Slot)], name: &str) -> Slot {
    let found = variables.iter().find(|(known, _)| known == name);
    found.map_or(Slot { level: 0, index: 0 }, |(_, slot)| *slot)
}

/// The variables that a pattern sets.
fn names_of(pattern: &Pattern) -> Vec<String> {
    match pattern {
        Pattern::Var(name) => vec![name.clone()],
        Pattern::Array(items) => items.iter().flat_map(names_of).collect(),
        Pattern::Object(members) => members
            .iter()
            .flat_map(|(key, inner)| {
                let own = if let Key::Var(name, _) = key { vec![name.clone()] } else { Vec::new() };
                own.into_iter().chain(inner.iter().flat_map(names_of))
            })
            .collect(),
    }
}
