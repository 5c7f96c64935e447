//! Expressions. Each one's code takes its input from the top of the stack and leaves its output there.

use super::code::Op;
use super::scope::{Bound, CompileError, Compiled, Compiler};
use crate::lang::{Binary, Expr, Key, Part, Spot};
use crate::value::{Map, Value};

impl Compiler<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Compiled<()> {
        match expr {
            Expr::Identity => Ok(()),
            Expr::Recurse => self.call("recurse", &[], 0),
            Expr::Literal(value) => {
                self.load_constant(value.clone());
                Ok(())
            }
            Expr::Text(format, parts) => self.text(format.as_deref(), parts),
            Expr::Format(name) => self.format(name),
            Expr::Pipe(stages) => stages.iter().try_for_each(|stage| self.expr(stage)),
            Expr::Comma(items) => self.comma(items),
            Expr::Binary(op, left, right) => self.binary(*op, left, right),
            Expr::And(left, right) => self.logic(left, right, false),
            Expr::Or(left, right) => self.logic(left, right, true),
            Expr::Default(left, right) => self.default(left, right),
            Expr::Update(update, paths, value) => self.update(*update, paths, value),
            Expr::Negate(operand) => {
                self.nested(operand)?;
                self.emit(Op::Negate);
                Ok(())
            }
            Expr::Index(target, key, optional) => self.index(target, key, *optional),
            Expr::Slice(target, from, to, optional) => self.slice(target, from.as_deref(), to.as_deref(), *optional),
            Expr::Each(target, optional) => {
                self.expr(target)?;
                self.emit(Op::Each { optional: *optional });
                Ok(())
            }
            Expr::Array(inside) => self.array(inside.as_deref()),
            Expr::Object(members) => self.object(members),
            Expr::If(branches, otherwise) => self.condition(branches, otherwise.as_deref()),
            Expr::Try(body, handler) => self.attempt(body, handler.as_deref()),
            Expr::Bind(source, patterns, body) => self.bind(source, patterns, body),
            Expr::Reduce(source, patterns, init, update) => self.reduce(source, patterns, init, update),
            Expr::Foreach(source, patterns, init, update, extract) => {
                self.foreach(source, patterns, init, update, extract.as_deref())
            }
            Expr::Label(name, body) => self.label(name, body),
            Expr::Break(name, spot) => self.break_to(name, *spot),
            Expr::Def(def, body) => {
                let names = self.scope.len();
                self.define(def)?;
                self.expr(body)?;
                self.scope.truncate(names);
                Ok(())
            }
            Expr::Call(name, args, spot) => self.call(name, args, *spot),
            Expr::Var(name, spot) => self.load_variable(name, *spot),
        }
    }

    pub(super) fn load_constant(&mut self, value: Value) {
        let constant = self.constant(value);
        self.emit(Op::Const(constant));
    }

    fn load_variable(&mut self, name: &str, spot: Spot) -> Compiled<()> {
        match self.lookup(name, None) {
            Some(Bound::Var { level, index }) => {
                let level = self.distance(level);
                self.emit(Op::Load(super::code::Slot { level, index }));
            }
            Some(Bound::Const(constant)) => {
                self.emit(Op::Const(constant));
            }
            _ => match self.special(name) {
                Some(constant) => {
                    self.emit(Op::Const(constant));
                }
                None => return Self::undefined(&format!("${name}"), spot),
            },
        }
        Ok(())
    }

    /// An operand, of whose input nothing is needed afterwards.
    pub(super) fn nested(&mut self, expr: &Expr) -> Compiled<()> {
        if matches!(expr, Expr::Identity | Expr::Literal(_) | Expr::Var(..)) {
            return self.expr(expr);
        }
        self.emit(Op::Nest);
        self.expr(expr)?;
        self.emit(Op::Unnest);
        Ok(())
    }

    /// An operand that ends up below the input.
    pub(super) fn operand(&mut self, expr: &Expr) -> Compiled<()> {
        self.emit(Op::SubBegin);
        self.expr(expr)?;
        self.emit(Op::SubEnd);
        Ok(())
    }

    /// An operand above the input.
    pub(super) fn aside(&mut self, expr: &Expr) -> Compiled<()> {
        self.emit(Op::Dup);
        self.nested(expr)
    }

    fn comma(&mut self, items: &[Expr]) -> Compiled<()> {
        let Some((last, items)) = items.split_last() else { return Ok(()) };
        let mut ends = Vec::new();
        for item in items {
            let fork = self.emit(Op::Fork(0));
            self.expr(item)?;
            ends.push(self.emit(Op::Jump(0)));
            self.land(fork);
        }
        self.expr(last)?;
        ends.into_iter().for_each(|end| self.land(end));
        Ok(())
    }

    fn binary(&mut self, op: Binary, left: &Expr, right: &Expr) -> Compiled<()> {
        if let Expr::Literal(value) = right {
            self.nested(left)?;
            let constant = self.constant(value.clone());
            self.emit(Op::BinaryConst(op, constant));
            return Ok(());
        }
        self.operand(right)?;
        self.nested(left)?;
        self.emit(Op::Binary(op));
        Ok(())
    }

    /// `and` and `or`: the right side counts when the left one is not `decisive`.
    fn logic(&mut self, left: &Expr, right: &Expr, decisive: bool) -> Compiled<()> {
        self.aside(left)?;
        let on_false = self.emit(Op::JumpFalse(0));
        if decisive {
            self.load_constant(Value::Bool(true));
        } else {
            self.nested(right)?;
            self.emit(Op::Truth);
        }
        let end = self.emit(Op::Jump(0));
        self.land(on_false);
        if decisive {
            self.nested(right)?;
            self.emit(Op::Truth);
        } else {
            self.load_constant(Value::Bool(false));
        }
        self.land(end);
        Ok(())
    }

    fn default(&mut self, left: &Expr, right: &Expr) -> Compiled<()> {
        let found = self.slot()?;
        let (no, yes) = (self.constant(Value::Bool(false)), self.constant(Value::Bool(true)));
        self.emit(Op::Init(found, no));
        let fork = self.emit(Op::Fork(0));
        self.expr(left)?;
        self.emit(Op::SkipFalse);
        self.emit(Op::Init(found, yes));
        let end = self.emit(Op::Jump(0));
        self.land(fork);
        self.emit(Op::SkipIf(found));
        self.expr(right)?;
        self.land(end);
        Ok(())
    }

    fn index(&mut self, target: &Expr, key: &Expr, optional: bool) -> Compiled<()> {
        if let Expr::Literal(value @ Value::Str(_)) = key {
            self.expr(target)?;
            let key = self.constant(value.clone());
            self.emit(Op::Key { key, optional });
            return Ok(());
        }
        self.operand(key)?;
        self.expr(target)?;
        self.emit(Op::Index { optional });
        Ok(())
    }

    fn slice(&mut self, target: &Expr, from: Option<&Expr>, to: Option<&Expr>, optional: bool) -> Compiled<()> {
        let null = Expr::Literal(Value::Null);
        self.operand(to.unwrap_or(&null))?;
        self.operand(from.unwrap_or(&null))?;
        self.expr(target)?;
        self.emit(Op::Slice { optional });
        Ok(())
    }

    /// `[inside]`: collects all outputs.
    pub(super) fn array(&mut self, inside: Option<&Expr>) -> Compiled<()> {
        let Some(inside) = inside else {
            self.load_constant(Value::array(Vec::new()));
            return Ok(());
        };
        self.collect(|compiler| compiler.expr(inside))
    }

    pub(super) fn collect(&mut self, inside: impl FnOnce(&mut Self) -> Compiled<()>) -> Compiled<()> {
        let items = self.slot()?;
        let empty = self.constant(Value::array(Vec::new()));
        self.emit(Op::Init(items, empty));
        let fork = self.emit(Op::Fork(0));
        self.emit(Op::Nest);
        inside(self)?;
        self.emit(Op::Append(items));
        self.land(fork);
        self.emit(Op::Take(items));
        Ok(())
    }

    fn object(&mut self, members: &[(Key, Option<Expr>)]) -> Compiled<()> {
        if members.is_empty() {
            self.load_constant(Value::object(Map::default()));
            return Ok(());
        }
        self.operand(&Expr::Literal(Value::object(Map::default())))?;
        for (key, value) in members {
            match (key, value) {
                (Key::Var(name, spot), _) => {
                    self.operand(&Expr::Literal(Value::string(name.as_str())))?;
                    self.operand(&Expr::Var(name.clone(), *spot))?;
                }
                (Key::Expr(key, spot), value) => {
                    if let Some(constant) = key_constant(key) {
                        let message = format!("Cannot use {} as object key", crate::message::described(constant));
                        return Err(CompileError { message, spot: Some(*spot) });
                    }
                    self.operand(key)?;
                    match value {
                        Some(value) => self.operand(value)?,
                        None => {
                            let found = Expr::Index(Box::new(Expr::Identity), Box::new(key.clone()), false);
                            self.operand(&found)?;
                        }
                    }
                }
            }
            self.emit(Op::Insert);
        }
        self.emit(Op::Pop);
        Ok(())
    }

    fn condition(&mut self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Compiled<()> {
        let mut ends = Vec::new();
        for (condition, branch) in branches {
            self.aside(condition)?;
            let next = self.emit(Op::JumpFalse(0));
            self.expr(branch)?;
            ends.push(self.emit(Op::Jump(0)));
            self.land(next);
        }
        if let Some(otherwise) = otherwise {
            self.expr(otherwise)?;
        }
        ends.into_iter().for_each(|end| self.land(end));
        Ok(())
    }

    pub(super) fn attempt(&mut self, body: &Expr, handler: Option<&Expr>) -> Compiled<()> {
        let start = self.emit(Op::Try(0));
        self.expr(body)?;
        self.emit(Op::TryEnd);
        let end = self.emit(Op::Jump(0));
        self.land(start);
        match handler {
            Some(handler) => self.expr(handler)?,
            None => {
                self.emit(Op::Backtrack);
            }
        }
        self.land(end);
        Ok(())
    }

    /// A string with expressions in it; the last one varies slowest.
    fn text(&mut self, format: Option<&str>, parts: &[Part]) -> Compiled<()> {
        for part in parts.iter().rev() {
            self.emit(Op::SubBegin);
            match part {
                Part::Text(text) => self.load_constant(Value::string(text.as_str())),
                Part::Expr(inside) => {
                    self.expr(inside)?;
                    self.format(format.unwrap_or("text"))?;
                }
            }
            self.emit(Op::SubEnd);
        }
        self.emit(Op::Pop);
        self.emit(Op::Concat(u32::try_from(parts.len()).unwrap_or(0)));
        Ok(())
    }

    fn format(&mut self, name: &str) -> Compiled<()> {
        let name = Expr::Literal(Value::string(name));
        self.call("format", std::slice::from_ref(&name), 0)
    }
}

/// A key that is no string in any case.
fn key_constant(key: &Expr) -> Option<&Value> {
    match key {
        Expr::Literal(value) if !matches!(value, Value::Str(_)) => Some(value),
        _ => None,
    }
}
