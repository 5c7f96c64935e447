//! The compiler's state: names in scope, the function being made, and the program so far.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::code::{Code, Function, Op, Slot};
use super::modules::Library;
use crate::lang::{Def, Expr, Program, Spot};
use crate::value::{Map, Value};

/// What is wrong with a program: lines for the user.
#[derive(Clone, Debug)]
pub(crate) struct CompileError {
    pub(crate) message: String,
    /// Where, in the text of which file; absent for what has no place.
    pub(crate) spot: Option<Spot>,
}

pub(super) type Compiled<T> = Result<T, CompileError>;

/// What a name stands for. Levels count from the outermost function.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    Var {
        level: u16,
        index: u16,
    },
    Const(u32),
    Label {
        level: u16,
        index: u16,
    },
    Func {
        id: u32,
        level: u16,
    },
    /// A function that uses no frame.
    Free(u32),
    Param {
        level: u16,
        index: u16,
    },
}

/// A name in scope. Variables and labels have no arity.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) arity: Option<usize>,
    pub(super) bound: Bound,
}

/// The function being made.
#[derive(Default)]
pub(super) struct Body {
    pub(super) ops: Vec<Op>,
    pub(super) n_vars: u16,
}

/// Makes code from programs.
pub(crate) struct Compiler<'a> {
    pub(super) code: Code,
    pub(super) scope: Vec<Named>,
    pub(super) body: Body,
    pub(super) level: u16,
    pub(super) library: &'a Library,
    /// Builtins written in the language that are compiled already.
    pub(super) prelude: BTreeMap<(String, usize), u32>,
    /// Modules that are compiled already: what they define.
    pub(super) modules: BTreeMap<String, Rc<[Named]>>,
    /// Modules that are being compiled, against cycles.
    pub(super) loading: Vec<String>,
}

/// Functions within functions, and variables of one.
const LEVEL_MAX: u16 = 4_000;
const VARS_MAX: u16 = 60_000;

impl<'a> Compiler<'a> {
    /// Compiles a program; `variables` are the global ones.
    ///
    /// # Errors
    ///
    /// The first name that is not defined, or module that is not there.
    pub(crate) fn compile(
        program: &Program,
        variables: &[(String, Value)],
        library: &'a Library,
    ) -> Result<Code, CompileError> {
        let mut compiler = Self {
            code: Code::default(),
            scope: Vec::new(),
            body: Body::default(),
            level: 0,
            library,
            prelude: BTreeMap::new(),
            modules: BTreeMap::new(),
            loading: Vec::new(),
        };
        compiler.code.functions.push(Function::default());
        for (name, value) in variables {
            let constant = compiler.constant(value.clone());
            compiler.name(name, None, Bound::Const(constant));
        }
        compiler.imports(program, None)?;
        for def in &program.defs {
            compiler.define(def)?;
        }
        compiler.expr(program.main.as_ref().unwrap_or(&Expr::Identity))?;
        compiler.emit(Op::Return);
        compiler.finish(0);
        Ok(compiler.code)
    }

    /// A global of `$__prog_args`' kind that is not there: an error without more ado.
    pub(super) fn undefined<T>(name: &str, spot: Spot) -> Compiled<T> {
        Err(CompileError { message: format!("{name} is not defined"), spot: Some(spot) })
    }

    pub(super) fn emit(&mut self, op: Op) -> usize {
        self.body.ops.push(op);
        self.body.ops.len() - 1
    }

    /// Where the next instruction comes.
    pub(super) fn here(&self) -> u32 {
        u32::try_from(self.body.ops.len()).unwrap_or(u32::MAX)
    }

    /// Makes the jump at a position lead here.
    pub(super) fn land(&mut self, at: usize) {
        let here = self.here();
        if let Some(Op::Jump(to) | Op::JumpFalse(to) | Op::Fork(to) | Op::Try(to) | Op::Alternative(to)) =
            self.body.ops.get_mut(at)
        {
            *to = here;
        }
    }

    pub(super) fn constant(&mut self, value: Value) -> u32 {
        self.code.constants.push(value);
        u32::try_from(self.code.constants.len() - 1).unwrap_or(u32::MAX)
    }

    /// A variable of the function being made.
    pub(super) fn variable(&mut self) -> Compiled<u16> {
        if self.body.n_vars >= VARS_MAX {
            return Err(CompileError { message: "too many variables".into(), spot: None });
        }
        self.body.n_vars += 1;
        Ok(self.body.n_vars - 1)
    }

    pub(super) fn slot(&mut self) -> Compiled<Slot> {
        Ok(Slot { level: 0, index: self.variable()? })
    }

    pub(super) fn name(&mut self, name: &str, arity: Option<usize>, bound: Bound) {
        self.scope.push(Named { name: name.to_owned(), arity, bound });
    }

    /// Names a variable of the function being made.
    pub(super) fn name_variable(&mut self, name: &str, slot: Slot) {
        let bound = Bound::Var { level: self.level, index: slot.index };
        self.name(name, None, bound);
    }

    /// What a variable or function stands for; labels are asked for as `*label-NAME`.
    pub(super) fn lookup(&self, name: &str, arity: Option<usize>) -> Option<Bound> {
        let named = self.scope.iter().rev().find(|named| named.arity == arity && named.name == name)?;
        Some(named.bound)
    }

    /// Frames between here and the function of a level.
    pub(super) fn distance(&self, level: u16) -> u16 {
        self.level.saturating_sub(level)
    }

    /// A new function's number.
    pub(super) fn reserve(&mut self) -> u32 {
        self.code.functions.push(Function::default());
        u32::try_from(self.code.functions.len() - 1).unwrap_or(u32::MAX)
    }

    /// Compiles a function's inside one level in.
    pub(super) fn function(&mut self, id: u32, inside: impl FnOnce(&mut Self) -> Compiled<()>) -> Compiled<()> {
        if self.level >= LEVEL_MAX {
            return Err(CompileError { message: "functions are nested too deeply".into(), spot: None });
        }
        let outer = std::mem::take(&mut self.body);
        let names = self.scope.len();
        self.level += 1;
        let result = inside(self);
        self.emit(Op::Return);
        self.finish(id);
        self.level -= 1;
        self.scope.truncate(names);
        self.body = outer;
        result
    }

    /// Moves the finished body into the program.
    fn finish(&mut self, id: u32) {
        let base = u32::try_from(self.code.ops.len()).unwrap_or(u32::MAX);
        let ops = std::mem::take(&mut self.body.ops);
        let count = ops.len();
        for at in 0..count {
            let mut op = ops[at];
            if let Op::Jump(to) | Op::JumpFalse(to) | Op::Fork(to) | Op::Try(to) | Op::Alternative(to) = &mut op {
                *to += base;
            }
            if let Op::Call(site) = op
                && returns(&ops, at + 1)
                && self.is_tail_call(site)
            {
                op = Op::TailCall(site);
            }
            self.code.ops.push(op);
        }
        if let Some(function) = self.code.functions.get_mut(id as usize) {
            *function = Function { entry: base, n_vars: self.body.n_vars };
        }
    }

    /// Defines a function in the current scope.
    pub(super) fn define(&mut self, def: &Rc<Def>) -> Compiled<()> {
        let id = self.reserve();
        let bound = Bound::Func { id, level: self.level };
        self.name(&def.name, Some(def.params.len()), bound);
        self.function(id, |compiler| compiler.def_body(def))
    }

    /// A function's parameters and body.
    pub(super) fn def_body(&mut self, def: &Def) -> Compiled<()> {
        for (index, (param, _)) in (0..).zip(&def.params) {
            let bound = Bound::Param { level: self.level, index };
            self.name(param, Some(0), bound);
        }
        for (index, (param, value)) in (0..).zip(&def.params) {
            if *value {
                let slot = self.slot()?;
                let args = Box::default();
                let site = self.site(super::code::Site { target: super::code::Closure::Param(0, index), args });
                self.emit(Op::Dup);
                self.emit(Op::Nest);
                self.emit(Op::Call(site));
                self.emit(Op::Unnest);
                self.emit(Op::Store(slot));
                self.name_variable(param, slot);
            }
        }
        self.expr(&def.body)
    }

    /// `$ENV` and the like, made when they are asked for.
    pub(super) fn special(&mut self, name: &str) -> Option<u32> {
        let value = match name {
            "ENV" => environment(),
            _ => return None,
        };
        Some(self.constant(value))
    }
}

/// Whether nothing but the return comes after a position. Jumps go forwards only, so this ends.
fn returns(ops: &[Op], mut at: usize) -> bool {
    while let Some(Op::Jump(to)) = ops.get(at) {
        at = *to as usize;
    }
    matches!(ops.get(at), Some(Op::Return))
}

/// The environment as an object.
pub(crate) fn environment() -> Value {
    let mut map = Map::default();
    for variable in sandshell_sys::environment() {
        let text = String::from_utf8_lossy(&variable);
        if let Some((name, value)) = text.split_once('=') {
            map.insert(name.into(), Value::string(value));
        }
    }
    Value::object(map)
}
