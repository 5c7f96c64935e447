//! Calls: of what the program defines, of what is compiled in place, of native builtins, and of builtins in the language.

use std::rc::Rc;

use super::code::{Closure, Op, Site};
use super::prelude;
use super::scope::{Bound, Compiled, Compiler};
use crate::builtins;
use crate::lang::{Expr, Spot};
use crate::value::Value;

impl Compiler<'_> {
    pub(super) fn site(&mut self, site: Site) -> u32 {
        self.code.sites.push(site);
        u32::try_from(self.code.sites.len() - 1).unwrap_or(u32::MAX)
    }

    /// Whether a call needs nothing of the frame it is made in.
    pub(super) fn is_tail_call(&self, site: u32) -> bool {
        let uses_frame = |closure: &Closure| matches!(closure, Closure::Here(_, 0));
        let site = self.code.sites.get(site as usize);
        site.is_some_and(|site| !uses_frame(&site.target) && !site.args.iter().any(uses_frame))
    }

    pub(super) fn call(&mut self, name: &str, args: &[Expr], spot: Spot) -> Compiled<()> {
        let target = match self.lookup(name, Some(args.len())) {
            Some(Bound::Func { id, level }) => Closure::Here(id, self.distance(level)),
            Some(Bound::Free(id)) => Closure::Free(id),
            Some(Bound::Param { level, index }) => Closure::Param(self.distance(level), index),
            _ => return self.builtin(name, args, spot),
        };
        let args = args.iter().map(|arg| self.closure(arg)).collect::<Compiled<_>>()?;
        let site = self.site(Site { target, args });
        self.emit(Op::Call(site));
        Ok(())
    }

    /// An argument: a parameter is handed on as it is, anything else becomes a function.
    fn closure(&mut self, arg: &Expr) -> Compiled<Closure> {
        if let Expr::Call(name, args, _) = arg
            && args.is_empty()
        {
            match self.lookup(name, Some(0)) {
                Some(Bound::Param { level, index }) => return Ok(Closure::Param(self.distance(level), index)),
                Some(Bound::Free(id)) => return Ok(Closure::Free(id)),
                Some(Bound::Func { id, level }) => return Ok(Closure::Here(id, self.distance(level))),
                _ => {}
            }
        }
        let id = self.reserve();
        self.function(id, |compiler| compiler.expr(arg))?;
        Ok(Closure::Here(id, 0))
    }

    fn builtin(&mut self, name: &str, args: &[Expr], spot: Spot) -> Compiled<()> {
        if self.in_place(name, args)? {
            return Ok(());
        }
        if let Some(native) = builtins::native(name, args.len()) {
            for arg in args.iter().rev() {
                self.operand(arg)?;
            }
            self.emit(Op::Native(native));
            return Ok(());
        }
        let Some(id) = self.prelude_function(name, args.len())? else {
            return Self::undefined(&format!("{name}/{}", args.len()), spot);
        };
        let args = args.iter().map(|arg| self.closure(arg)).collect::<Compiled<_>>()?;
        let site = self.site(Site { target: Closure::Free(id), args });
        self.emit(Op::Call(site));
        Ok(())
    }

    /// Builtins that are instructions; false when this is none.
    fn in_place(&mut self, name: &str, args: &[Expr]) -> Compiled<bool> {
        match (name, args) {
            ("empty", []) => {
                self.emit(Op::Backtrack);
            }
            ("not", []) => {
                let on_false = self.emit(Op::JumpFalse(0));
                self.push_constant(Value::Bool(false))?;
                let end = self.emit(Op::Jump(0));
                self.land(on_false);
                self.push_constant(Value::Bool(true))?;
                self.land(end);
            }
            ("path", [paths]) => {
                self.emit(Op::PathBegin);
                self.expr(paths)?;
                self.emit(Op::PathEnd);
            }
            ("getpath", [path]) => {
                self.operand(path)?;
                self.emit(Op::GetPath);
            }
            ("map", [f]) => {
                self.collect(|compiler| {
                    compiler.emit(Op::Each { optional: false });
                    compiler.expr(f)
                })?;
            }
            ("select", [f]) => {
                self.aside(f)?;
                let on_false = self.emit(Op::JumpFalse(0));
                let end = self.emit(Op::Jump(0));
                self.land(on_false);
                self.emit(Op::Backtrack);
                self.land(end);
            }
            ("first", [f]) => {
                let mark = self.slot()?;
                self.emit(Op::Mark(mark));
                self.expr(f)?;
                self.emit(Op::Cut(mark));
            }
            ("range", [from, to]) => {
                let counter = self.slot()?;
                self.aside(from)?;
                self.emit(Op::Store(counter));
                self.nested(to)?;
                self.emit(Op::Range(counter));
            }
            ("map_values", [f]) => {
                self.modify(&Expr::Each(Box::new(Expr::Identity), false), |compiler| compiler.nested(f))?;
            }
            ("env" | "strenv", [Expr::Call(variable, none, _)])
                if none.is_empty() && self.library.environment_calls =>
            {
                let text = std::env::var(variable).unwrap_or_default();
                let parsed = if name == "env" { crate::json::number(text.as_bytes()) } else { None };
                self.load_constant(match (text.as_str(), parsed) {
                    ("true" | "false", _) if name == "env" => Value::Bool(text == "true"),
                    (_, Some(number)) => number,
                    _ => Value::string(text),
                });
            }
            ("_modify", [paths, f]) => self.modify(paths, |compiler| compiler.nested(f))?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn push_constant(&mut self, value: Value) -> Compiled<()> {
        let (slot, constant) = (self.slot()?, self.constant(value));
        self.emit(Op::Init(slot, constant));
        self.emit(Op::Push(slot));
        Ok(())
    }

    /// A builtin written in the language; compiled at its first use.
    fn prelude_function(&mut self, name: &str, arity: usize) -> Compiled<Option<u32>> {
        let key = (name.to_owned(), arity);
        if let Some(id) = self.prelude.get(&key) {
            return Ok(Some(*id));
        }
        let Some(def) = prelude::find(name, arity) else { return Ok(None) };
        let id = self.reserve();
        self.prelude.insert(key, id);
        self.free_function(id, &def)?;
        Ok(Some(id))
    }

    /// Compiles a function that sees nothing of where it is used: the scope is its own, and the level the outermost.
    pub(super) fn free_function(&mut self, id: u32, def: &Rc<crate::lang::Def>) -> Compiled<()> {
        let scope = std::mem::take(&mut self.scope);
        let level = std::mem::replace(&mut self.level, 0);
        let result = self.function(id, |compiler| compiler.def_body(def));
        (self.scope, self.level) = (scope, level);
        result
    }
}
