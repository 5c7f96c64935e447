//! The operations of the machine that are more than a move or a jump.

use crate::ast::{Arithmetic, Redirection};
use crate::code::{Op, Place, Target};
use crate::failure::{Failure, Result};
use crate::format;
use crate::machine::{Flow, Machine, arithmetic};
use crate::record::Joint;
use crate::special;
use crate::value::{Text, Value};

/// The operands of a target, taken from the stack.
pub(super) struct Operands {
    key: Value,
    array: Option<crate::array::ArrayRef>,
}

impl Machine<'_> {
    /// Does one operation; returns how the program goes on, if it ends its part.
    pub(super) fn operate(&mut self, op: Op) -> Result<Option<Flow>> {
        match op {
            Op::LoadSpecial(slot) => {
                let value = self.special(slot)?;
                self.push(value);
            }
            Op::LoadIndexed => {
                let number = self.field_number()?;
                let value = self.field(number)?;
                self.push(value);
            }
            Op::PassGlobal(slot) => {
                let value = self.globals.get(slot as usize).cloned().unwrap_or(Value::Unset);
                self.push(value);
            }
            Op::PassLocal(slot) => {
                let value = self.stack.get(self.base + slot as usize).cloned().unwrap_or(Value::Unset);
                self.push(value);
            }
            Op::PassElement(place) => self.load_element(place, true)?,
            Op::Array(place) => {
                let array = self.array(place)?;
                self.push(Value::Array(array));
            }
            Op::SubArray(place) => self.sub_array(place)?,
            Op::Regex(regex) => {
                let pattern = self.patterns.literal(regex, self.code, self.settings.ignore_case)?;
                self.push(Value::Regex(pattern));
            }
            Op::Assign(target, keep) => self.assign(target, keep)?,
            Op::Append(target) => self.append(target)?,
            Op::Augment(operator, target, keep) => self.augment(operator, target, keep)?,
            Op::Increment(by, target, keep, before) => self.increment(by, target, keep, before)?,
            Op::Match(negated) => self.match_value(negated)?,
            Op::Negate => {
                let number = self.pop().number();
                self.push(Value::Number(-number));
            }
            Op::Plus => {
                let number = self.pop().number();
                self.push(Value::Number(number));
            }
            Op::Not => {
                let truth = self.pop().is_true();
                self.push(Value::truth(!truth));
            }
            Op::Truth => {
                let truth = self.pop().is_true();
                self.push(Value::truth(truth));
            }
            Op::Concatenate(count) => self.concatenate(count),
            Op::JoinKeys(count) => self.join_keys(count),
            Op::In(place) => self.contains(place)?,
            Op::Delete(place) => {
                let key = self.pop().into_text(&self.settings.convfmt);
                self.array(place)?.borrow_mut().remove(key.bytes());
            }
            Op::DeleteAll(place) => self.array(place)?.borrow_mut().clear(),
            Op::Walk(place) => self.walk(place)?,
            Op::WalkEnd => {
                self.walks.pop();
            }
            Op::Builtin(builtin, count) => self.builtin(builtin, count)?,
            Op::Substitute(global, target) => self.substitute(global, target)?,
            Op::Getline(source, target) => return self.getline(source, target),
            Op::Print(count, redirection) => self.print(count, redirection)?,
            Op::PrintRecord => self.print_record()?,
            Op::Printf(count, redirection) => self.printf(count, redirection)?,
            Op::Switch => self.subject = self.pop(),
            Op::Case => self.case()?,
            Op::RangeActive(range) => {
                let active = self.ranges.get(range as usize).copied().unwrap_or(false);
                self.push(Value::truth(active));
            }
            Op::SetRange(range, active) => {
                if let Some(place) = self.ranges.get_mut(range as usize) {
                    *place = active;
                }
            }
            _ => debug_assert!(false, "the loop does {op:?}"),
        }
        Ok(None)
    }

    /// Takes the number of a field from the stack.
    fn field_number(&mut self) -> Result<usize> {
        let number = self.pop().number();
        if number < 0.0 {
            return Err(Failure::fatal(format!("attempt to access field {}", number.trunc())));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from float saturates")]
        Ok(number as usize)
    }

    pub(super) fn load_element(&mut self, place: Place, pass: bool) -> Result<()> {
        let key = self.pop();
        let array = self.array(place)?;
        let mut array = array.borrow_mut();
        let value = match &key {
            Value::Text(text) => array.entry(text.bytes()),
            other => array.entry(&other.bytes(&self.settings.convfmt)),
        };
        if !pass && matches!(value, Value::Array(_)) {
            let key = String::from_utf8_lossy(&key.bytes(&self.settings.convfmt)).into_owned();
            return Err(Failure::fatal(format!("attempt to use array element `[\"{key}\"]' in a scalar context")));
        }
        let value = value.clone();
        drop(array);
        self.push(value);
        Ok(())
    }

    fn sub_array(&mut self, place: Place) -> Result<()> {
        let key = self.pop().into_text(&self.settings.convfmt);
        let array = self.array(place)?;
        let mut array = array.borrow_mut();
        let element = array.entry(key.bytes());
        if matches!(element, Value::Unset) {
            *element = Value::Array(crate::array::ArrayRef::default());
        }
        let element = element.clone();
        drop(array);
        if !matches!(element, Value::Array(_)) {
            let key = String::from_utf8_lossy(key.bytes()).into_owned();
            return Err(Failure::fatal(format!("attempt to use scalar element `[\"{key}\"]' as an array")));
        }
        self.push(element);
        Ok(())
    }

    /// Takes the operands of a target from the stack.
    pub(super) fn operands(&mut self, target: Target) -> Result<Operands> {
        let mut operands = Operands { key: Value::Unset, array: None };
        match target {
            Target::Field => {
                let number = self.field_number()?;
                #[expect(clippy::cast_precision_loss, reason = "larger numbers are refused anyway")]
                let number = number as f64;
                operands.key = Value::Number(number);
            }
            Target::Element(place) => {
                operands.key = Value::Text(self.pop().into_text(&self.settings.convfmt));
                operands.array = Some(self.array(place)?);
            }
            _ => {}
        }
        Ok(operands)
    }

    /// The value of a target before it is changed.
    pub(super) fn target_value(&mut self, target: Target, operands: &Operands) -> Result<Value> {
        Ok(match target {
            Target::Nowhere => Value::Unset,
            Target::Global(slot) => self.globals.get(slot as usize).cloned().unwrap_or(Value::Unset),
            Target::Special(slot) => self.special(slot)?,
            Target::Local(slot) => self.stack.get(self.base + slot as usize).cloned().unwrap_or(Value::Unset),
            Target::Record => self.field(0)?,
            Target::Field => self.field(as_index(&operands.key))?,
            Target::Element(_) => match (&operands.key, &operands.array) {
                (Value::Text(key), Some(array)) => array.borrow_mut().entry(key.bytes()).clone(),
                _ => Value::Unset,
            },
        })
    }

    /// Assigns to a target.
    pub(super) fn set_target(&mut self, target: Target, operands: &Operands, value: Value) -> Result<()> {
        match target {
            Target::Nowhere => {}
            Target::Global(slot) => self.set_global(slot, value)?,
            Target::Special(slot) => self.set_special(slot, value)?,
            Target::Local(slot) => {
                let base = self.base;
                if let Some(place) = self.stack.get_mut(base + slot as usize) {
                    if matches!(place, Value::Array(_)) {
                        return Err(self.array_as_scalar(Place::Local(slot)));
                    }
                    *place = value;
                }
            }
            Target::Record => self.set_record(&value),
            Target::Field => match as_index(&operands.key) {
                0 => self.set_record(&value),
                number => {
                    let settings = &self.settings;
                    let joint = Joint {
                        splitter: &settings.splitter,
                        separator: &settings.output_separator,
                        format: &settings.convfmt,
                    };
                    self.record.assign(number, value, &joint)?;
                }
            },
            Target::Element(_) => {
                if let (Value::Text(key), Some(array)) = (&operands.key, &operands.array) {
                    let mut array = array.borrow_mut();
                    let place = array.entry(key.bytes());
                    if matches!(place, Value::Array(_)) {
                        return Err(Failure::fatal("attempt to use array element in a scalar context"));
                    }
                    *place = value;
                }
            }
        }
        Ok(())
    }

    /// Makes a string the record.
    pub(super) fn set_record(&mut self, value: &Value) {
        let text = value.bytes(&self.settings.convfmt);
        let buffer = self.record.read_into();
        buffer.clear();
        buffer.extend_from_slice(&text);
    }

    fn assign(&mut self, target: Target, keep: bool) -> Result<()> {
        let operands = self.operands(target)?;
        let value = self.pop();
        if matches!(value, Value::Array(_)) {
            return Err(Failure::fatal("attempt to use an array in a scalar context"));
        }
        if keep {
            self.push(value.clone());
        }
        self.set_target(target, &operands, value)
    }

    fn append(&mut self, target: Target) -> Result<()> {
        let more = self.pop();
        let more = more.bytes(&self.settings.convfmt);
        let (base, format) = (self.base, &self.settings.convfmt);
        let (place, slot) = match target {
            Target::Global(slot) => (Place::Global(slot), self.globals.get_mut(slot as usize)),
            Target::Local(slot) => (Place::Local(slot), self.stack.get_mut(base + slot as usize)),
            _ => return Ok(()),
        };
        match slot {
            Some(Value::Array(_)) => return Err(self.array_as_scalar(place)),
            Some(value) => value.append(&more, format),
            None => {}
        }
        Ok(())
    }

    fn augment(&mut self, operator: Arithmetic, target: Target, keep: bool) -> Result<()> {
        let operands = self.operands(target)?;
        let right = self.pop().number();
        if let (Target::Element(_), Value::Text(key), Some(array)) = (target, &operands.key, &operands.array)
            && !keep
        {
            // The element is found once.
            let mut array = array.borrow_mut();
            let element = array.entry(key.bytes());
            if !matches!(element, Value::Array(_)) {
                *element = Value::Number(arithmetic(operator, element.number(), right)?);
                return Ok(());
            }
        }
        let left = self.target_value(target, &operands)?.number();
        let value = Value::Number(arithmetic(operator, left, right)?);
        if keep {
            self.push(value.clone());
        }
        self.set_target(target, &operands, value)
    }

    fn increment(&mut self, by: i8, target: Target, keep: bool, before: bool) -> Result<()> {
        let operands = self.operands(target)?;
        if let (Target::Element(_), Value::Text(key), Some(array)) = (target, &operands.key, &operands.array) {
            let mut array = array.borrow_mut();
            let element = array.entry(key.bytes());
            if !matches!(element, Value::Array(_)) {
                let old = element.number();
                let new = old + f64::from(by);
                *element = Value::Number(new);
                drop(array);
                if keep {
                    self.push(Value::Number(if before { old } else { new }));
                }
                return Ok(());
            }
        }
        let old = self.target_value(target, &operands)?.number();
        let new = old + f64::from(by);
        if keep {
            self.push(Value::Number(if before { old } else { new }));
        }
        self.set_target(target, &operands, Value::Number(new))
    }

    fn match_value(&mut self, negated: bool) -> Result<()> {
        let pattern = self.pop();
        let subject = self.pop();
        let pattern = self.patterns.of(&pattern, &self.settings)?;
        let truth = pattern.is_match(&subject.bytes(&self.settings.convfmt))?;
        self.push(Value::truth(truth != negated));
        Ok(())
    }

    fn case(&mut self) -> Result<()> {
        let case = self.pop();
        let truth = match &case {
            Value::Regex(pattern) => pattern.is_match(&self.subject.bytes(&self.settings.convfmt))?,
            Value::Number(number) => self.subject.as_number() == Some(*number),
            // A string label is for strings, and for input whatever it looks like.
            other => {
                matches!(self.subject, Value::Text(_) | Value::Unset)
                    && self.subject.bytes(&self.settings.convfmt) == other.bytes(&self.settings.convfmt)
            }
        };
        self.push(Value::truth(truth));
        Ok(())
    }

    fn concatenate(&mut self, count: u32) {
        let start = self.stack.len().saturating_sub(count as usize);
        let mut joined = Vec::with_capacity(32);
        for value in self.stack.drain(start..) {
            value.push_to(&mut joined, &self.settings.convfmt);
        }
        self.push(Value::from_vec(joined));
    }

    fn join_keys(&mut self, count: u32) {
        let start = self.stack.len().saturating_sub(count as usize);
        let mut joined = Vec::with_capacity(32);
        for (at, value) in self.stack.drain(start..).enumerate() {
            if at > 0 {
                joined.extend_from_slice(&self.settings.subsep);
            }
            value.push_to(&mut joined, &self.settings.convfmt);
        }
        self.push(Value::from_vec(joined));
    }

    fn contains(&mut self, place: Place) -> Result<()> {
        let key = self.pop();
        let array = self.array(place)?;
        let found = array.borrow().get(&key.bytes(&self.settings.convfmt)).is_some();
        self.push(Value::truth(found));
        Ok(())
    }

    fn walk(&mut self, place: Place) -> Result<()> {
        let array = self.array(place)?;
        let keys = self.ordered_keys(&array)?;
        let keys: Vec<Value> = keys.into_iter().map(as_key).collect();
        self.walks.push(keys.into_iter());
        Ok(())
    }

    fn print_record(&mut self) -> Result<()> {
        let settings = &self.settings;
        let joint =
            Joint { splitter: &settings.splitter, separator: &settings.output_separator, format: &settings.convfmt };
        let held = self.streams.stdout.held();
        held.extend_from_slice(self.record.text(&joint));
        held.extend_from_slice(&settings.output_record_separator);
        self.streams.stdout.settle()
    }

    fn print(&mut self, count: u32, redirection: Option<Redirection>) -> Result<()> {
        let name = redirection.map(|_| self.pop());
        let start = self.stack.len().saturating_sub(count as usize);
        let settings = &self.settings;
        let output = match (redirection, &name) {
            (Some(kind), Some(name)) => self.streams.output(kind, &name.bytes(&settings.convfmt))?,
            _ => &mut self.streams.stdout,
        };
        let held = output.held();
        for (at, value) in self.stack.drain(start..).enumerate() {
            if at > 0 {
                held.extend_from_slice(&settings.output_separator);
            }
            value.push_to(held, &settings.ofmt);
        }
        held.extend_from_slice(&settings.output_record_separator);
        output.settle()
    }

    fn printf(&mut self, count: u32, redirection: Option<Redirection>) -> Result<()> {
        let name = redirection.map(|_| self.pop());
        let values = self.pop_many(count);
        let settings = &self.settings;
        let Some((format, arguments)) = values.split_first() else { return Ok(()) };
        let text = format::sprintf(&format.bytes(&settings.convfmt), arguments, &settings.convfmt)?;
        let output = match (redirection, &name) {
            (Some(kind), Some(name)) => self.streams.output(kind, &name.bytes(&settings.convfmt))?,
            _ => &mut self.streams.stdout,
        };
        output.held().extend_from_slice(&text);
        output.settle()
    }

    /// The value of a special variable.
    pub(super) fn special(&mut self, slot: u32) -> Result<Value> {
        #[expect(clippy::cast_precision_loss, reason = "no record has 2^53 fields")]
        Ok(match slot {
            special::NF => Value::Number(self.record.count(&self.settings.splitter)? as f64),
            special::NR => Value::Number(self.input.records),
            special::FNR => Value::Number(self.input.file_records),
            _ => self.globals.get(slot as usize).cloned().unwrap_or(Value::Unset),
        })
    }

    /// Assigns a special variable and does what follows from it.
    pub(super) fn set_special(&mut self, slot: u32, value: Value) -> Result<()> {
        match slot {
            special::NF => {
                let count = value.number();
                if count < 0.0 {
                    return Err(Failure::fatal("NF set to negative value"));
                }
                let settings = &self.settings;
                let joint = Joint {
                    splitter: &settings.splitter,
                    separator: &settings.output_separator,
                    format: &settings.convfmt,
                };
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a cast from float saturates"
                )]
                return self.record.set_count(count as usize, &joint);
            }
            special::NR => self.input.records = value.number(),
            special::FNR => self.input.file_records = value.number(),
            _ => {
                // The record is cut and joined by what held when it was read and changed.
                self.record.split(&self.settings.splitter)?;
                self.record_text();
                if let Some(place) = self.globals.get_mut(slot as usize) {
                    *place = value;
                }
                self.settings.refresh(slot, &self.globals, &mut self.patterns)?;
            }
        }
        Ok(())
    }
}

fn as_index(key: &Value) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from float saturates")]
    let index = key.number() as usize;
    index
}

/// A key as the value that a walk gives. Keys are strings, whatever they look like.
fn as_key(key: Text) -> Value {
    Value::Text(key)
}
