//! The machine that runs compiled programs: a stack of values and the loop over operations.
//!
//! What an operation does, beyond moving values about, is in the files beside.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::array::{Array, ArrayRef};
use crate::ast::{Arithmetic, Relation};
use crate::code::{Code, Op, Place, Target};
use crate::failure::{Failure, Result};
use crate::input::MainInput;
use crate::patterns::Patterns;
use crate::random::Random;
use crate::record::{Joint, Record};
use crate::settings::Settings;
use crate::streams::Streams;
use crate::value::Value;

/// Most calls of functions within each other; a level takes some hundred bytes.
const CALLS_MAX: usize = 100_000;

/// How a part of the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Done,
    Next,
    NextFile,
    Exit,
}

struct Frame {
    return_to: usize,
    base: usize,
    walks: usize,
}

/// The state of a running program.
pub(crate) struct Machine<'p> {
    pub(super) code: &'p Code,
    pub(super) stack: Vec<Value>,
    frames: Vec<Frame>,
    /// Where the locals of the running function begin on the stack.
    pub(super) base: usize,
    /// Keys that walks over arrays have yet to meet.
    pub(super) walks: Vec<std::vec::IntoIter<Value>>,
    pub(super) globals: Vec<Value>,
    pub(super) record: Record,
    pub(super) settings: Settings,
    pub(super) patterns: Patterns,
    pub(super) streams: Streams,
    pub(super) input: MainInput,
    pub(super) ranges: Vec<bool>,
    pub(super) subject: Value,
    pub(super) random: Random,
    /// What `exit` was given last.
    pub(super) status: u8,
    /// `getline` may not run these rules while it runs them.
    pub(super) in_file_rule: bool,
    /// How many sorts wait for functions that compare for them.
    pub(super) sorts: usize,
}

impl<'p> Machine<'p> {
    pub(crate) fn new(code: &'p Code) -> Self {
        Self {
            code,
            stack: Vec::with_capacity(64),
            frames: Vec::new(),
            base: 0,
            walks: Vec::new(),
            globals: vec![Value::Unset; code.globals.len()],
            record: Record::default(),
            settings: Settings::default(),
            patterns: Patterns::new(code.regexes.len()),
            streams: Streams::new(),
            input: MainInput::default(),
            ranges: vec![false; code.ranges as usize],
            subject: Value::Unset,
            random: Random::default(),
            status: 0,
            in_file_rule: false,
            sorts: 0,
        }
    }

    /// Runs a part of the program to its end.
    pub(crate) fn run(&mut self, entry: u32) -> Result<Flow> {
        let (depth, frames, walks, base) = (self.stack.len(), self.frames.len(), self.walks.len(), self.base);
        let mut at = entry as usize;
        let result = self.execute(&mut at);
        self.stack.truncate(depth);
        self.frames.truncate(frames);
        self.walks.truncate(walks);
        self.base = base;
        result.map_err(|mut failure| {
            failure.location = failure.location.or_else(|| self.code.location(at.saturating_sub(1)));
            failure
        })
    }

    fn execute(&mut self, place: &mut usize) -> Result<Flow> {
        let code = self.code;
        let mut at = *place;
        loop {
            let Some(op) = code.ops.get(at).copied() else { return Ok(Flow::Done) };
            at += 1;
            *place = at;
            match op {
                Op::Constant(number) => self.push(code.constants.get(number as usize).cloned().unwrap_or(Value::Unset)),
                Op::Pop => {
                    self.stack.pop();
                }
                Op::LoadGlobal(slot) => self.load_global(slot)?,
                Op::LoadLocal(slot) => self.load_local(slot)?,
                Op::LoadField(number) => {
                    let value = self.field(number as usize)?;
                    self.push(value);
                }
                Op::LoadElement(array) => self.load_element(array, false)?,
                Op::Assign(Target::Global(slot), false) => {
                    let value = self.pop();
                    self.set_global(slot, value)?;
                }
                Op::Increment(by, Target::Global(slot), false, _) => self.increment_global(slot, by)?,
                Op::Increment(by, Target::Local(slot), false, _) => self.increment_local(slot, by)?,
                Op::Augment(Arithmetic::Add, Target::Global(slot), false) => self.add_to_global(slot)?,
                Op::Arithmetic(operator) => self.calculate(operator)?,
                Op::Compare(relation) => self.compare_two(relation),
                Op::Jump(to) => at = to as usize,
                Op::JumpIfFalse(to) => {
                    if !self.pop_truth() {
                        at = to as usize;
                    }
                }
                Op::JumpIfTrue(to) => {
                    if self.pop_truth() {
                        at = to as usize;
                    }
                }
                Op::MatchRecord(regex) => self.match_record(regex)?,
                Op::Call(function, count) => at = self.call(function as usize, count as usize, at)?,
                Op::IndirectCall(count, holder) => {
                    let function = self.function_named(holder)?;
                    at = self.call(function, count as usize, at)?;
                }
                Op::Return => at = self.give_back(),
                Op::WalkNext(to) => match self.walks.last_mut().and_then(Iterator::next) {
                    Some(key) => self.push(key),
                    None => at = to as usize,
                },
                Op::Next => return Ok(Flow::Next),
                Op::NextFile => return Ok(Flow::NextFile),
                Op::Exit(given) => return Ok(self.exit(given)),
                Op::End => return Ok(Flow::Done),
                other => {
                    if let Some(flow) = self.operate(other)? {
                        return Ok(flow);
                    }
                }
            }
        }
    }

    #[inline]
    pub(super) fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or(Value::Unset)
    }

    #[inline]
    fn pop_truth(&mut self) -> bool {
        match self.stack.pop() {
            Some(Value::Number(number)) => number != 0.0,
            Some(other) => other.is_true(),
            None => false,
        }
    }

    /// Takes the last values of the stack, in their order.
    pub(super) fn pop_many(&mut self, count: u32) -> Vec<Value> {
        self.stack.split_off(self.stack.len().saturating_sub(count as usize))
    }

    #[inline]
    fn load_global(&mut self, slot: u32) -> Result<()> {
        let value = match self.globals.get(slot as usize) {
            Some(Value::Number(number)) => Value::Number(*number),
            Some(Value::Array(_)) => return Err(self.array_as_scalar(Place::Global(slot))),
            Some(other) => other.clone(),
            None => Value::Unset,
        };
        self.push(value);
        Ok(())
    }

    #[inline]
    fn load_local(&mut self, slot: u32) -> Result<()> {
        let value = match self.stack.get(self.base + slot as usize) {
            Some(Value::Number(number)) => Value::Number(*number),
            Some(Value::Array(_)) => return Err(self.array_as_scalar(Place::Local(slot))),
            Some(other) => other.clone(),
            None => Value::Unset,
        };
        self.push(value);
        Ok(())
    }

    pub(super) fn array_as_scalar(&self, place: Place) -> Failure {
        Failure::fatal(format!("attempt to use array `{}' in a scalar context", self.name_of(place)))
    }

    /// What the program calls a variable.
    pub(super) fn name_of(&self, place: Place) -> String {
        match place {
            Place::Global(slot) => self.code.globals.get(slot as usize).cloned().unwrap_or_default(),
            Place::Local(slot) => format!("parameter #{}", slot + 1),
            Place::Stack => "element".to_owned(),
        }
    }

    #[inline]
    pub(super) fn set_global(&mut self, slot: u32, value: Value) -> Result<()> {
        if let Some(place) = self.globals.get_mut(slot as usize) {
            if matches!(place, Value::Array(_)) {
                return Err(self.array_as_scalar(Place::Global(slot)));
            }
            *place = value;
        }
        Ok(())
    }

    #[inline]
    fn increment_global(&mut self, slot: u32, by: i8) -> Result<()> {
        match self.globals.get_mut(slot as usize) {
            Some(Value::Number(number)) => *number += f64::from(by),
            Some(Value::Array(_)) => return Err(self.array_as_scalar(Place::Global(slot))),
            Some(other) => *other = Value::Number(other.number() + f64::from(by)),
            None => {}
        }
        Ok(())
    }

    #[inline]
    fn increment_local(&mut self, slot: u32, by: i8) -> Result<()> {
        match self.stack.get_mut(self.base + slot as usize) {
            Some(Value::Number(number)) => *number += f64::from(by),
            Some(Value::Array(_)) => return Err(self.array_as_scalar(Place::Local(slot))),
            Some(other) => *other = Value::Number(other.number() + f64::from(by)),
            None => {}
        }
        Ok(())
    }

    #[inline]
    fn add_to_global(&mut self, slot: u32) -> Result<()> {
        let more = self.pop().number();
        match self.globals.get_mut(slot as usize) {
            Some(Value::Number(number)) => *number += more,
            Some(Value::Array(_)) => return Err(self.array_as_scalar(Place::Global(slot))),
            Some(other) => *other = Value::Number(other.number() + more),
            None => {}
        }
        Ok(())
    }

    /// The value of a field.
    #[inline]
    pub(super) fn field(&mut self, number: usize) -> Result<Value> {
        if number == 0 {
            return Ok(Value::input(self.record_text()));
        }
        self.record.field(number, &self.settings.splitter)
    }

    /// The text of the record.
    #[inline]
    pub(super) fn record_text(&mut self) -> &[u8] {
        let settings = &self.settings;
        let joint =
            Joint { splitter: &settings.splitter, separator: &settings.output_separator, format: &settings.convfmt };
        self.record.text(&joint)
    }

    fn match_record(&mut self, regex: u32) -> Result<()> {
        let pattern = self.patterns.literal(regex, self.code, self.settings.ignore_case)?;
        let truth = pattern.is_match(self.record_text())?;
        self.push(Value::truth(truth));
        Ok(())
    }

    /// Puts the result of an operator in the place of its operands; numbers are not moved about.
    #[inline]
    fn calculate(&mut self, operator: Arithmetic) -> Result<()> {
        if let [.., Value::Number(left), Value::Number(right)] = self.stack.as_mut_slice() {
            *left = arithmetic(operator, *left, *right)?;
            self.stack.pop();
            return Ok(());
        }
        let right = self.pop().number();
        let left = self.pop().number();
        self.push(Value::Number(arithmetic(operator, left, right)?));
        Ok(())
    }

    /// [`Machine::calculate`] for a comparison.
    #[inline]
    fn compare_two(&mut self, relation: Relation) {
        if let [.., Value::Number(left), Value::Number(right)] = self.stack.as_mut_slice() {
            *left = f64::from(u8::from(holds(relation, left.partial_cmp(&right))));
            self.stack.pop();
            return;
        }
        let right = self.pop();
        let left = self.pop();
        let truth = self.compare(relation, &left, &right);
        self.push(Value::truth(truth));
    }

    fn compare(&self, relation: Relation, left: &Value, right: &Value) -> bool {
        let order = match (left.as_number(), right.as_number()) {
            // NaN is equal to nothing, and every other question about it is answered with no.
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => Some(self.compare_strings(left, right)),
        };
        holds(relation, order)
    }

    fn compare_strings(&self, left: &Value, right: &Value) -> Ordering {
        let format = &self.settings.convfmt;
        let (left, right) = (left.bytes(format), right.bytes(format));
        if self.settings.ignore_case {
            return left.to_ascii_lowercase().cmp(&right.to_ascii_lowercase());
        }
        left.cmp(&right)
    }

    fn call(&mut self, function: usize, count: usize, return_to: usize) -> Result<usize> {
        let Some(callee) = self.code.functions.get(function) else {
            return Err(Failure::fatal("function not defined"));
        };
        if self.frames.len() >= CALLS_MAX {
            return Err(Failure::fatal(format!("function `{}': calls are nested too deeply", callee.name)));
        }
        self.frames.push(Frame { return_to, base: self.base, walks: self.walks.len() });
        self.base = self.stack.len() - count;
        self.stack.resize(self.base + callee.parameters as usize, Value::Unset);
        Ok(callee.entry as usize)
    }

    /// Calls a function of the program from within an operation.
    pub(super) fn call_function(&mut self, function: usize, arguments: &[Value]) -> Result<Value> {
        let depth = self.frames.len();
        let wanted = self.code.functions.get(function).map_or(0, |callee| callee.parameters as usize);
        let arguments = arguments.get(..wanted.min(arguments.len())).unwrap_or_default();
        self.stack.extend_from_slice(arguments);
        // No operation is there, so that the loop ends when the function returns.
        let mut at = self.call(function, arguments.len(), usize::MAX - 1)?;
        match self.execute(&mut at)? {
            Flow::Done if self.frames.len() == depth => Ok(self.pop()),
            _ => Err(Failure::fatal("a function that compares must return")),
        }
    }

    /// Returns from a function with the value on the stack.
    fn give_back(&mut self) -> usize {
        let value = self.pop();
        self.stack.truncate(self.base);
        self.push(value);
        // The code of functions runs in a frame only.
        self.frames.pop().map_or(usize::MAX, |frame| {
            self.base = frame.base;
            self.walks.truncate(frame.walks);
            frame.return_to
        })
    }

    fn function_named(&mut self, holder: Place) -> Result<usize> {
        let name = match holder {
            Place::Global(slot) => self.globals.get(slot as usize).cloned(),
            Place::Local(slot) => self.stack.get(self.base + slot as usize).cloned(),
            Place::Stack => None,
        };
        let name = name.unwrap_or(Value::Unset);
        let name = String::from_utf8_lossy(&name.bytes(&self.settings.convfmt)).into_owned();
        self.code
            .functions
            .iter()
            .position(|function| function.name == name)
            .ok_or_else(|| Failure::fatal(format!("function called indirectly through `{name}' does not exist")))
    }

    fn exit(&mut self, given: bool) -> Flow {
        if given {
            let status = self.pop().number();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a status is the lowest byte")]
            let status = (status as i64 & 0xff) as u8;
            self.status = status;
        }
        Flow::Exit
    }

    /// The array at a place, made where there is nothing yet.
    #[inline]
    pub(super) fn array(&mut self, place: Place) -> Result<ArrayRef> {
        let value = match place {
            Place::Global(slot) => self.globals.get_mut(slot as usize),
            Place::Local(slot) => self.stack.get_mut(self.base + slot as usize),
            Place::Stack => {
                return match self.pop() {
                    Value::Array(array) => Ok(array),
                    _ => Err(Failure::fatal("attempt to use a scalar value as array")),
                };
            }
        };
        match value {
            Some(Value::Array(array)) => Ok(Rc::clone(array)),
            Some(unset @ Value::Unset) => {
                let array = ArrayRef::default();
                *unset = Value::Array(Rc::clone(&array));
                Ok(array)
            }
            _ => Err(Failure::fatal(format!("attempt to use scalar `{}' as an array", self.name_of(place)))),
        }
    }

    /// Replaces what an array holds.
    pub(super) fn fill(array: &ArrayRef, pairs: impl IntoIterator<Item = (Vec<u8>, Value)>) {
        let mut fresh = Array::default();
        for (key, value) in pairs {
            *fresh.entry(&key) = value;
        }
        *array.borrow_mut() = fresh;
    }
}

/// Whether a relation holds of two things in this order; None is of NaN.
#[inline]
fn holds(relation: Relation, order: Option<Ordering>) -> bool {
    match relation {
        Relation::Less => order == Some(Ordering::Less),
        Relation::LessEqual => order.is_some_and(Ordering::is_le),
        Relation::Equal => order == Some(Ordering::Equal),
        Relation::NotEqual => order != Some(Ordering::Equal),
        Relation::Greater => order == Some(Ordering::Greater),
        Relation::GreaterEqual => order.is_some_and(Ordering::is_ge),
    }
}

/// Applies an arithmetic operator.
#[inline]
pub(super) fn arithmetic(operator: Arithmetic, left: f64, right: f64) -> Result<f64> {
    Ok(match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide if right == 0.0 => return Err(Failure::fatal("division by zero attempted")),
        Arithmetic::Divide => left / right,
        Arithmetic::Modulo if right == 0.0 => return Err(Failure::fatal("division by zero attempted in `%'")),
        Arithmetic::Modulo => left % right,
        Arithmetic::Power => power(left, right),
    })
}

/// Raises to a power; small whole exponents by multiplication, which is exact for integers.
fn power(base: f64, exponent: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be a small integer")]
    if exponent.trunc() == exponent && exponent.abs() <= 1024.0 {
        base.powi(exponent as i32)
    } else {
        base.powf(exponent)
    }
}
