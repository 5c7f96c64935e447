//! The instructions.

use std::rc::Rc;

use super::machine::{Flow, Machine};
use super::stack::{Bound, Kind, NONE};
use super::track::Track;
use crate::builtins::{self, Native};
use crate::compile::{Closure, Op, Slot};
use crate::json;
use crate::message::{Failure, described, error, shown};
use crate::value::{self, Map, Value};

type Stepped = Result<Flow, Failure>;

impl Machine<'_> {
    #[expect(clippy::too_many_lines, reason = "one line an instruction")]
    pub(super) fn step(&mut self, op: Op) -> Stepped {
        match op {
            Op::Const(constant) => {
                let value = self.constant(constant);
                self.replace(value);
            }
            Op::Dup => self.stacks.push(self.stacks.peek().clone()),
            Op::Pop => drop(self.stacks.pop()),
            Op::SubBegin => {
                self.stacks.push(self.stacks.peek().clone());
                self.nest(Track::enter);
            }
            Op::SubEnd => {
                self.nest(Track::leave);
                let (operand, input) = (self.stacks.pop(), self.stacks.pop());
                self.stacks.push(operand);
                self.stacks.push(input);
            }
            Op::Nest => self.nest(Track::enter),
            Op::Unnest => self.nest(Track::leave),
            Op::PathBegin => {
                let outer = self.stacks.track.take();
                self.stacks.track = Some(Rc::new(Track::new(self.stacks.peek().clone(), outer)));
            }
            Op::PathEnd => return self.path_end(),
            Op::Load(slot) => {
                let value = self.variable(slot).clone();
                self.replace(value);
            }
            Op::Take(slot) => {
                let value = std::mem::take(self.variable(slot));
                self.replace(value);
            }
            Op::Store(slot) => {
                let value = self.stacks.pop();
                *self.variable(slot) = value;
            }
            Op::Push(slot) => {
                let value = self.variable(slot).clone();
                self.stacks.push(value);
            }
            Op::PushTake(slot) => {
                let value = std::mem::take(self.variable(slot));
                self.stacks.push(value);
            }
            Op::Init(slot, constant) => *self.variable(slot) = self.constant(constant),
            Op::Append(slot) => {
                let value = self.stacks.pop();
                self.append(slot, value);
                return Ok(Flow::Backtrack);
            }
            Op::AppendFrom(slot, from) => {
                let value = self.variable(from).clone();
                self.append(slot, value);
            }
            Op::Insert => return self.insert(),
            Op::Index { optional } => {
                let (target, key) = (self.stacks.pop(), self.stacks.pop());
                return self.index(target, key, optional);
            }
            Op::Key { key, optional } => {
                let target = self.stacks.pop();
                return self.index(target, self.constant(key), optional);
            }
            Op::Slice { optional } => {
                let (target, from, to) = (self.stacks.pop(), self.stacks.pop(), self.stacks.pop());
                let bounds = Map::from_iter([("start".into(), from), ("end".into(), to)]);
                return self.index(target, Value::object(bounds), optional);
            }
            Op::Each { optional } => return self.each(optional),
            Op::Jump(to) => self.at = to,
            Op::JumpFalse(to) => {
                if !self.stacks.pop().is_true() {
                    self.at = to;
                }
            }
            Op::SkipFalse if self.stacks.peek().is_true() => {}
            Op::SkipIf(slot) if !self.variable(slot).is_true() => {}
            Op::SkipFalse | Op::SkipIf(_) | Op::Backtrack => return Ok(Flow::Backtrack),
            Op::Truth => {
                let truth = self.stacks.pop().is_true();
                self.stacks.push(Value::Bool(truth));
            }
            Op::Fork(to) => return self.fork(Kind::Jump(to)),
            Op::Try(to) => return self.fork(Kind::Try(to)),
            Op::TryEnd => return self.fork(Kind::TryEnd),
            Op::Alternative(to) => return self.fork(Kind::Alternative(to)),
            Op::Label(slot) => {
                self.labels += 1;
                *self.variable(slot) = Value::count(self.labels);
                return self.fork(Kind::Label(self.labels));
            }
            Op::Break(slot) => return Err(Failure::Break(builtins::as_size(self.variable(slot).as_number()))),
            Op::Range(slot) => return self.range(slot),
            Op::Call(site) => return self.call(site, false),
            Op::TailCall(site) => return self.call(site, true),
            Op::Return => return Ok(self.leave()),
            Op::Native(native) => return self.native(native),
            Op::GetPath => return self.get_path(),
            Op::Binary(op) => {
                let (left, right) = (self.stacks.pop(), self.stacks.pop());
                self.stacks.push(builtins::binary(op, left, right)?);
            }
            Op::BinaryConst(op, constant) => {
                let left = self.stacks.pop();
                let right = self.constant(constant);
                self.stacks.push(builtins::binary(op, left, right)?);
            }
            Op::BinaryVar(op, slot) => {
                let left = self.stacks.pop();
                let right = self.variable(slot).clone();
                self.stacks.push(builtins::binary(op, left, right)?);
            }
            Op::DefaultVar(slot) => {
                if !self.stacks.peek().is_true() {
                    let value = self.variable(slot).clone();
                    self.replace(value);
                }
            }
            Op::Negate => {
                let value = self.stacks.pop();
                let negated = value::negated(&value);
                self.stacks.push(negated.ok_or_else(|| crate::message::type_error(&value, "cannot be negated"))?);
            }
            Op::Concat(count) => self.concat(count),
            Op::Mark(slot) => *self.variable(slot) = Value::count(self.stacks.forks.len()),
            Op::Cut(slot) => {
                let count = builtins::as_size(self.variable(slot).as_number());
                self.stacks.forks.truncate(count);
            }
            Op::TakePath(root, path) => return self.take_path(root, path),
            Op::PutPath(root, path) => return self.put_path(root, path),
            Op::SetPath(root, value) => return self.set_path(root, value),
            Op::DeletePaths(root, paths) => return self.delete_paths(root, paths),
        }
        Ok(Flow::Next)
    }

    fn constant(&self, constant: u32) -> Value {
        self.code.constants.get(constant as usize).cloned().unwrap_or_default()
    }

    fn replace(&mut self, value: Value) {
        self.stacks.pop();
        self.stacks.push(value);
    }

    pub(super) fn variable(&mut self, slot: Slot) -> &mut Value {
        self.stacks.variable(slot.level, slot.index).expect("the compiler counts each function's variables")
    }

    fn nest(&mut self, change: fn(&mut Track)) {
        if let Some(track) = &mut self.stacks.track {
            change(Rc::make_mut(track));
        }
    }

    /// Goes on to an item along the path that is followed, if one is.
    pub(super) fn follow(&mut self, key: Value, value: &Value) {
        if let Some(track) = &mut self.stacks.track {
            Rc::make_mut(track).follow(key, value.clone());
        }
    }

    /// Whether paths that are followed lead to this value.
    fn is_on_path(&self, value: &Value) -> bool {
        self.stacks.track.as_ref().is_none_or(|track| track.leads_to(value))
    }

    fn fork(&mut self, kind: Kind) -> Stepped {
        if self.stacks.is_full() {
            return Err(error("stack overflow"));
        }
        self.stacks.fork(kind);
        Ok(Flow::Next)
    }

    fn append(&mut self, slot: Slot, value: Value) {
        if let Value::Arr(items) = self.variable(slot) {
            Rc::make_mut(items).push(value);
        }
    }

    fn insert(&mut self) -> Stepped {
        let (input, value, key) = (self.stacks.pop(), self.stacks.pop(), self.stacks.pop());
        let object = self.stacks.pop();
        let (Value::Str(key), Value::Obj(mut map)) = (&key, object) else {
            return Err(error(format!("Object keys must be strings, not {}", described(&key))));
        };
        Rc::make_mut(&mut map).insert(key.clone(), value);
        self.stacks.push(Value::Obj(map));
        self.stacks.push(input);
        Ok(Flow::Next)
    }

    fn index(&mut self, target: Value, key: Value, optional: bool) -> Stepped {
        if !self.is_on_path(&target) {
            let (key, target) = (shown(&key), crate::message::shown_long(&target));
            return Err(error(format!("Invalid path expression near attempt to access element {key} of {target}")));
        }
        match value::get(&target, &key) {
            Ok(found) => {
                self.follow(key, &found);
                drop(target);
                self.stacks.push(found);
                Ok(Flow::Next)
            }
            Err(_) if optional => Ok(Flow::Backtrack),
            Err(failure) => Err(failure),
        }
    }

    fn each(&mut self, optional: bool) -> Stepped {
        let container = self.stacks.peek();
        if !self.is_on_path(container) {
            let container = crate::message::shown_long(container);
            return Err(error(format!("Invalid path expression near attempt to iterate through {container}")));
        }
        match container {
            Value::Arr(_) | Value::Obj(_) => {}
            _ if optional => return Ok(Flow::Backtrack),
            other => return Err(error(format!("Cannot iterate over {}", described(other)))),
        }
        // Coming back to this fork gives the first item.
        self.fork(Kind::Each(0, self.at))?;
        Ok(Flow::Backtrack)
    }

    fn range(&mut self, counter: Slot) -> Stepped {
        let limit = self.stacks.pop();
        let (Some(from), Some(limit)) = (self.variable(counter).as_number(), limit.as_number()) else {
            return Err(error("Range bounds must be numeric"));
        };
        if from < limit {
            self.fork(Kind::Range(from, limit, self.at))?;
        }
        Ok(Flow::Backtrack)
    }

    fn bound(&self, closure: Closure) -> Bound {
        match closure {
            Closure::Here(function, level) => self.stacks.bind(function, level),
            Closure::Param(level, index) => self.stacks.closure(level, index),
            Closure::Free(function) => Bound { function, frame: NONE },
        }
    }

    fn call(&mut self, site: u32, tail: bool) -> Stepped {
        if self.stacks.is_full() {
            return Err(error("stack overflow"));
        }
        let code = self.code;
        let Some(site) = code.sites.get(site as usize) else { return Ok(Flow::Backtrack) };
        let target = self.bound(site.target);
        let mut args = std::mem::take(&mut self.bound);
        args.clear();
        args.extend(site.args.iter().map(|arg| self.bound(*arg)));
        let (mut return_to, mut caller) = (self.at, self.stacks.frame);
        if tail && let Some(frame) = self.stacks.leave() {
            (return_to, caller) = (frame.return_to, frame.caller);
        }
        let function = code.functions.get(target.function as usize).copied().unwrap_or_default();
        self.stacks.enter(return_to, caller, target.frame, function.n_vars, &args);
        self.bound = args;
        self.at = function.entry;
        Ok(Flow::Next)
    }

    fn leave(&mut self) -> Flow {
        match self.stacks.leave() {
            Some(frame) if frame.caller != NONE => {
                self.at = frame.return_to;
                Flow::Next
            }
            _ => Flow::Output,
        }
    }

    fn native(&mut self, native: &'static Native) -> Stepped {
        let input = self.stacks.pop();
        let mut args = std::mem::take(&mut self.args);
        args.clear();
        for _ in 0..native.arity {
            args.push(self.stacks.pop());
        }
        let result = (native.run)(self.context, input, &mut args);
        self.args = args;
        self.stacks.push(result?);
        Ok(Flow::Next)
    }

    fn concat(&mut self, count: u32) {
        let mut text = ecow::EcoString::new();
        for _ in 0..count {
            match self.stacks.pop() {
                Value::Str(part) if text.is_empty() => text = part,
                Value::Str(part) => text.push_str(&part),
                other => text.push_str(&json::compact(&other)),
            }
        }
        self.stacks.push(Value::Str(text));
    }

    fn path_end(&mut self) -> Stepped {
        let value = self.stacks.pop();
        let Some(track) = self.stacks.track.take() else { return Ok(Flow::Next) };
        if !track.leads_to(&value) {
            let value = crate::message::shown_long(&value);
            return Err(error(format!("Invalid path expression with result {value}")));
        }
        self.stacks.track = track.outer();
        self.stacks.push(track.path());
        Ok(Flow::Next)
    }

    fn get_path(&mut self) -> Stepped {
        let (input, path) = (self.stacks.pop(), self.stacks.pop());
        let found = value::get_path(&input, &path)?;
        if !self.is_on_path(&input) {
            let input = crate::message::shown_long(&input);
            return Err(error(format!("Invalid path expression with result {input}")));
        }
        for key in path.as_array().unwrap_or_default() {
            self.follow(key.clone(), &found);
        }
        self.stacks.push(found);
        Ok(Flow::Next)
    }
}
