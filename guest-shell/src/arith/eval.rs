//! Running compiled expressions on a shell's variables.

use std::borrow::Cow;

use super::code::{Code, Element, Ins, Op};
use super::lexer::{HOLE, HOLE_BASE, Wrong};
use super::number::{Decimal, parse_plain};
use crate::options::SetOption;
use crate::shell::Shell;
use crate::vars::{Attrs, Key, Name, Value, VarError};

/// How deep values of variables that are expressions themselves are followed.
const VALUE_DEPTH_MAX: u32 = 200;

/// Numbers a typical expression needs; deeper ones take a vector.
const SMALL_STACK: usize = 16;

/// What an expansion inside an expression came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hole {
    pub(super) text: Vec<u8>,
    pub(super) number: Option<i64>,
}

/// The message of a wrong expression as bash prints it.
pub(super) fn describe(text: &[u8], wrong: &Wrong) -> VarError {
    let text = &text[..wrong.end.unwrap_or(text.len())];
    let shown = text.trim_ascii_start();
    let token = text.get(wrong.at..).unwrap_or_default();
    if wrong.subscript {
        return VarError::subscript(token);
    }
    let message = [shown, b": ", wrong.message.as_bytes(), b" (error token is \"", token, b"\")"].concat();
    VarError::Expression(message)
}

impl Shell {
    pub(super) fn run_code(&mut self, code: &Code, holes: &[Hole]) -> Result<i64, VarError> {
        // Expressions of one instruction are subscripts and conditions in loops.
        match code.instructions.as_slice() {
            [Ins::Number(value)] => return Ok(*value),
            [Ins::Load(name)] => return self.load(*name),
            [Ins::Hole(number)] => {
                if let Some(value) = holes.get(usize::from(*number)).and_then(|hole| hole.number) {
                    return Ok(value);
                }
            }
            _ => {}
        }
        if code.stack <= SMALL_STACK {
            let mut stack = [0; SMALL_STACK];
            Machine { shell: self, code, holes, stack: &mut stack, top: 0 }.run()
        } else {
            let mut stack = vec![0; code.stack];
            Machine { shell: self, code, holes, stack: &mut stack, top: 0 }.run()
        }
    }

    /// The number a variable stands for.
    #[inline]
    fn load(&mut self, name: Name) -> Result<i64, VarError> {
        if let Some(var) = self.vars.var(name)
            && !var.attrs.any(Attrs::DYNAMIC.or(Attrs::NAMEREF))
            && let Some(value) = var.text().and_then(parse_plain)
        {
            return Ok(value);
        }
        self.load_slowly(name)
    }

    fn load_slowly(&mut self, name: Name) -> Result<i64, VarError> {
        let Some(text) = self.text_of(name).map(Cow::into_owned) else {
            if self.is_set(SetOption::NoUnset) {
                return Err(VarError::Unbound(name.bytes().to_vec()));
            }
            return Ok(0);
        };
        self.evaluate_value(&text)
    }

    /// Evaluates the value of a variable, which may be an expression.
    fn evaluate_value(&mut self, text: &[u8]) -> Result<i64, VarError> {
        if let Some(value) = parse_plain(text) {
            return Ok(value);
        }
        if self.expand.value_depth >= VALUE_DEPTH_MAX {
            let wrong = Wrong { message: "expression recursion level exceeded", at: 0, end: None, subscript: false };
            return Err(describe(text, &wrong));
        }
        self.expand.value_depth += 1;
        let result = self.evaluate_text(text);
        self.expand.value_depth -= 1;
        result
    }

    /// Evaluates a subscript that came out of the value of a variable or of `let`: it is expanded first.
    fn evaluate_subscript_text(&mut self, text: &[u8]) -> Result<i64, VarError> {
        if !text.iter().any(|byte| matches!(byte, b'$' | b'`')) || self.expand.value_depth >= VALUE_DEPTH_MAX {
            return self.evaluate_text(text);
        }
        let Ok(arith) = crate::parse::arith(text, self.parse_options()) else { return self.evaluate_text(text) };
        self.expand.value_depth += 1;
        let result = self.try_evaluate(&arith);
        self.expand.value_depth -= 1;
        result
    }

    fn store_number(&mut self, name: Name, value: i64) -> Result<(), VarError> {
        self.set_variable(name, Decimal::new(value).as_bytes(), false)
    }
}

struct Machine<'a> {
    shell: &'a mut Shell,
    code: &'a Code,
    holes: &'a [Hole],
    stack: &'a mut [i64],
    top: usize,
}

impl Machine<'_> {
    #[inline]
    fn push(&mut self, value: i64) {
        // The compiler counted how deep the stack gets.
        self.stack[self.top] = value;
        self.top += 1;
    }

    #[inline]
    fn pop(&mut self) -> i64 {
        self.top -= 1;
        self.stack[self.top]
    }

    #[inline]
    fn peek(&mut self) -> &mut i64 {
        &mut self.stack[self.top - 1]
    }

    fn run(&mut self) -> Result<i64, VarError> {
        let code = self.code;
        let mut at = 0;
        while let Some(ins) = code.instructions.get(at) {
            at += 1;
            match *ins {
                Ins::Number(value) => self.push(value),
                Ins::Load(name) => {
                    let value = self.shell.load(name)?;
                    self.push(value);
                }
                Ins::Store(name) => {
                    let value = *self.peek();
                    self.shell.store_number(name, value)?;
                }
                Ins::Step(name, by, post) => {
                    let old = self.shell.load(name)?;
                    let new = old.wrapping_add(by);
                    self.shell.store_number(name, new)?;
                    self.push(if post { old } else { new });
                }
                Ins::Binary(op, token) => {
                    let right = self.pop();
                    let left = *self.peek();
                    *self.peek() = self.apply(op, left, right, token)?;
                }
                Ins::BinaryNumber(op, right) => {
                    let left = *self.peek();
                    *self.peek() = self.apply(op, left, right, 0)?;
                }
                Ins::Negate => *self.peek() = self.peek().wrapping_neg(),
                Ins::Not => *self.peek() = i64::from(*self.peek() == 0),
                Ins::BitNot => *self.peek() = !*self.peek(),
                Ins::Truth => *self.peek() = i64::from(*self.peek() != 0),
                Ins::Pop => self.top -= 1,
                Ins::JumpIfZero(to) => {
                    if self.pop() == 0 {
                        at = to as usize;
                    }
                }
                Ins::JumpIfFalse(to) if *self.peek() == 0 => at = to as usize,
                Ins::JumpIfTrue(to) if *self.peek() != 0 => {
                    *self.peek() = 1;
                    at = to as usize;
                }
                Ins::JumpIfFalse(_) | Ins::JumpIfTrue(_) => self.top -= 1,
                Ins::Jump(to) => at = to as usize,
                Ins::Subscript(element, to) => {
                    if self.shell.is_assoc(code.elements[usize::from(element)].name) {
                        self.push(0);
                        at = to as usize;
                    }
                }
                ins => self.run_element(ins)?,
            }
        }
        Ok(self.pop())
    }

    fn run_element(&mut self, ins: Ins) -> Result<(), VarError> {
        match ins {
            Ins::Hole(number) => {
                let hole = self.holes.get(usize::from(number)).map_or(&b""[..], |hole| &hole.text);
                let value = match self.holes.get(usize::from(number)).and_then(|hole| hole.number) {
                    Some(value) => value,
                    None => self.shell.evaluate_value(hole)?,
                };
                self.push(value);
            }
            Ins::BadSubscript(element) => {
                let text = self.element(element).text.clone();
                let value = self.shell.evaluate_subscript_text(&text)?;
                self.push(value);
            }
            Ins::NoSubscript(element) => {
                let name = self.element(element).name;
                self.shell.report(&[name.bytes(), b"[]: bad array subscript"].concat());
                self.push(0);
            }
            Ins::LoadElement(element) => {
                let index = self.pop();
                let value = self.load_element(element, index)?;
                self.push(value);
            }
            Ins::PeekElement(element) => {
                let index = *self.peek();
                let value = self.load_element(element, index)?;
                self.push(value);
            }
            Ins::StoreElement(element) => {
                let value = self.pop();
                let index = self.pop();
                self.store_element(element, index, value)?;
                self.push(value);
            }
            Ins::StepElement(element, by, post) => {
                let index = self.pop();
                let old = self.load_element(element, index)?;
                let new = old.wrapping_add(by);
                self.store_element(element, index, new)?;
                self.push(if post { old } else { new });
            }
            _ => debug_assert!(false, "the other instructions are run by `run`"),
        }
        Ok(())
    }

    fn element(&self, number: u16) -> &Element {
        &self.code.elements[usize::from(number)]
    }

    fn key(&self, number: u16, index: i64) -> Result<Key, VarError> {
        let element = self.element(number);
        if !self.shell.is_assoc(element.name) {
            return Ok(Key::Index(index));
        }
        let key = unquote_key(&element.text, self.holes);
        if key.is_empty() {
            return Err(VarError::subscript(&[element.name.bytes(), b"[]"].concat()));
        }
        Ok(Key::Text(key))
    }

    fn load_element(&mut self, number: u16, index: i64) -> Result<i64, VarError> {
        let name = self.element(number).name;
        // The common case without a copy: an ordinary indexed array and a number in it.
        if let Some(var) = self.shell.vars.var(name)
            && !var.attrs.any(Attrs::DYNAMIC.or(Attrs::NAMEREF))
            && let (Value::Indexed(array), Ok(at)) = (&var.value, u64::try_from(index))
            && let Some(value) = array.get(at).and_then(parse_plain)
        {
            return Ok(value);
        }
        let key = self.key(number, index)?;
        let text = match self.shell.element(name, &key) {
            Ok(text) => text.map(Cow::into_owned),
            // A subscript out of range is told and counts as 0.
            Err(error) if key != Key::Index(index.max(0)) && !self.shell.is_assoc(name) => {
                self.shell.report(&error.text());
                return Ok(0);
            }
            Err(error) => return Err(error),
        };
        match text {
            Some(text) => self.shell.evaluate_value(&text),
            None if self.shell.is_set(SetOption::NoUnset) => {
                let text = [name.bytes(), b"[", &self.element(number).text, b"]"].concat();
                Err(VarError::Unbound(text))
            }
            None => Ok(0),
        }
    }

    fn store_element(&mut self, number: u16, index: i64, value: i64) -> Result<(), VarError> {
        let name = self.element(number).name;
        let key = self.key(number, index)?;
        self.shell.set_element(name, &key, Decimal::new(value).as_bytes(), false)
    }

    #[inline]
    fn apply(&self, op: Op, left: i64, right: i64, token: u32) -> Result<i64, VarError> {
        Ok(match op {
            Op::Add => left.wrapping_add(right),
            Op::Sub => left.wrapping_sub(right),
            Op::Mul => left.wrapping_mul(right),
            Op::Div | Op::Rem if right == 0 => return Err(self.wrong("division by 0", token)),
            Op::Div => left.wrapping_div(right),
            Op::Rem => left.wrapping_rem(right),
            Op::Pow if right < 0 => return Err(self.wrong("exponent less than 0", token)),
            Op::Pow => power(left, right),
            // The processor's shift counts modulo 64, which is what bash shows.
            Op::Shl => left.wrapping_shl(shift_count(right)),
            Op::Shr => left.wrapping_shr(shift_count(right)),
            Op::Less => i64::from(left < right),
            Op::LessEqual => i64::from(left <= right),
            Op::Greater => i64::from(left > right),
            Op::GreaterEqual => i64::from(left >= right),
            Op::Equal => i64::from(left == right),
            Op::NotEqual => i64::from(left != right),
            Op::BitAnd => left & right,
            Op::BitXor => left ^ right,
            Op::BitOr => left | right,
        })
    }

    #[cold]
    fn wrong(&self, message: &'static str, token: u32) -> VarError {
        // The message shows the expression with what its expansions came to.
        let fill = |text: &[u8]| fill_holes(text, self.holes);
        let text = fill(&self.code.text);
        let at = fill(self.code.text.get(..token as usize).unwrap_or_default()).len();
        describe(&text, &Wrong { message, at, end: None, subscript: false })
    }
}

/// A text with the expansions in their places.
fn fill_holes(text: &[u8], holes: &[Hole]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if *byte == HOLE {
            let number = text.get(at + 1).map_or(0, |byte| byte.wrapping_sub(HOLE_BASE));
            out.extend(holes.get(usize::from(number)).iter().flat_map(|hole| &hole.text));
            at += 1;
        } else {
            out.push(*byte);
        }
        at += 1;
    }
    out
}

fn shift_count(count: i64) -> u32 {
    u32::try_from(count & 63).unwrap_or(0)
}

/// Wrapping power by squaring; `exponent` is not negative.
fn power(base: i64, exponent: i64) -> i64 {
    let (mut base, mut exponent, mut result) = (base, exponent, 1i64);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    result
}

/// The key that a subscript's text means: expansions in place, quotes and backslashes removed.
fn unquote_key(text: &[u8], holes: &[Hole]) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            &HOLE => {
                let number = text.get(at + 1).map_or(0, |byte| byte.wrapping_sub(HOLE_BASE));
                key.extend(holes.get(usize::from(number)).iter().flat_map(|hole| &hole.text));
                at += 1;
            }
            b'\\' if at + 1 < text.len() => {
                key.push(text[at + 1]);
                at += 1;
            }
            b'\'' | b'"' => match text[at + 1..].iter().position(|other| other == byte) {
                Some(len) => {
                    key.extend_from_slice(&unquote_key(&text[at + 1..at + 1 + len], holes));
                    at += len + 1;
                }
                None => key.push(*byte),
            },
            byte => key.push(*byte),
        }
        at += 1;
    }
    key
}
