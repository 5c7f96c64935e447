//! The machine that runs the code: variables, arrays, the stack and calls.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::{Argument, Binary, Function, Instruction, Library, Local, Place, Unary};
use crate::lexer::Lexer;
use crate::math;
use crate::number::{Number, PowerError};
use crate::output::Output;

/// Calls inside calls: far more than a sensible program makes, and few enough for the memory.
const DEPTH_MAX: usize = 100_000;
/// Largest index of an array.
const INDEX_MAX: i64 = 16_777_215;
/// Largest output base.
const OUTPUT_BASE_MAX: i64 = 2_147_483_647;
/// Largest scale: what is computed must end.
const SCALE_MAX: i64 = 10_000_000;

type Array = Rc<RefCell<BTreeMap<i64, Number>>>;

/// Why a program ends before its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Halt,
    /// An error has been reported; the next line goes on.
    Error,
}

struct Frame {
    function: usize,
    code: Rc<Vec<Instruction>>,
    at: usize,
    variables: Vec<(usize, Number)>,
    arrays: Vec<(usize, Array)>,
    /// Height of the stack below the arguments.
    height: usize,
}

pub(crate) struct Machine {
    pub(crate) functions: Vec<Function>,
    variables: Vec<Number>,
    arrays: Vec<Array>,
    input_base: u32,
    output_base: u32,
    scale: usize,
    last: Number,
    history: Number,
    seed: u32,
    stack: Vec<Number>,
    frames: Vec<Frame>,
    pub(crate) output: Output,
}

impl Machine {
    pub(crate) fn new(math: bool) -> Self {
        Self {
            functions: Vec::new(),
            variables: Vec::new(),
            arrays: Vec::new(),
            input_base: 10,
            output_base: 10,
            scale: if math { 20 } else { 0 },
            last: Number::default(),
            history: Number::from(-1),
            seed: 1,
            stack: Vec::new(),
            frames: Vec::new(),
            output: Output::new(),
        }
    }

    /// Runs the code of a line.
    ///
    /// # Errors
    ///
    /// See [`Stop`].
    pub(crate) fn run(&mut self, code: Vec<Instruction>, lexer: &mut Lexer) -> Result<(), Stop> {
        let frame = Frame {
            function: usize::MAX,
            code: Rc::new(code),
            at: 0,
            variables: Vec::new(),
            arrays: Vec::new(),
            height: 0,
        };
        self.frames.push(frame);
        let done = self.execute(lexer);
        while let Some(frame) = self.frames.pop() {
            self.restore(frame);
        }
        self.stack.clear();
        done
    }

    fn execute(&mut self, lexer: &mut Lexer) -> Result<(), Stop> {
        while let Some(frame) = self.frames.last_mut() {
            let code = Rc::clone(&frame.code);
            let Some(instruction) = code.get(frame.at) else { return Ok(()) };
            frame.at += 1;
            self.step(instruction, lexer)?;
        }
        Ok(())
    }

    fn step(&mut self, instruction: &Instruction, lexer: &mut Lexer) -> Result<(), Stop> {
        match instruction {
            Instruction::Number(text) => self.stack.push(Number::parse(text, self.input_base)),
            Instruction::Load(place) => {
                let value = self.load(*place)?;
                self.stack.push(value);
            }
            Instruction::Store(place) => self.store(*place)?,
            Instruction::Step(place, by) => {
                let index = self.stack.last().cloned();
                let value = self.load(*place)?;
                self.stack.extend(index.filter(|_| matches!(place, Place::Element(_))));
                self.stack.push(value.plus(&Number::from(i64::from(*by))));
                self.store(*place)?;
                self.stack.pop();
            }
            Instruction::Duplicate => self.stack.extend(self.stack.last().cloned()),
            Instruction::Exchange => {
                let height = self.stack.len();
                if height >= 2 {
                    self.stack.swap(height - 1, height - 2);
                }
            }
            Instruction::Pop => drop(self.stack.pop()),
            Instruction::Unary(operator) => self.unary(*operator)?,
            Instruction::Binary(operator) => self.binary(*operator)?,
            Instruction::Read => {
                let output = &mut self.output;
                let word = lexer.read_number(&mut || output.before_reading());
                let digits = word.strip_prefix(b"-").unwrap_or(&word);
                let number = Number::parse(digits, self.input_base);
                self.stack.push(if digits.len() < word.len() { number.negated() } else { number });
            }
            Instruction::Random => {
                self.seed = self.seed.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 0x7fff_ffff;
                self.stack.push(Number::from(i64::from(self.seed)));
            }
            Instruction::PrintLine | Instruction::Print => {
                let value = self.pop();
                self.output.number(&value, self.output_base);
                if *instruction == Instruction::PrintLine {
                    self.output.text(b"\n");
                }
                self.last = value;
            }
            Instruction::Text(text) => self.output.text(text),
            Instruction::Jump(to) => self.jump(*to),
            Instruction::JumpIfZero(to) => {
                if self.pop().is_zero() {
                    self.jump(*to);
                }
            }
            Instruction::JumpUnlessZero(to) => {
                if !self.pop().is_zero() {
                    self.jump(*to);
                }
            }
            Instruction::Call(function, arguments) => self.call(*function, arguments)?,
            Instruction::Return => self.leave(),
            Instruction::Halt => return Err(Stop::Halt),
            Instruction::Nothing(_) => {}
        }
        Ok(())
    }

    fn pop(&mut self) -> Number {
        self.stack.pop().unwrap_or_default()
    }

    fn jump(&mut self, to: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at = to;
        }
    }

    /// Tells of something at the place of the current instruction.
    fn report(&mut self, kind: &str, message: &str, more: usize) {
        let Some(frame) = self.frames.last() else { return };
        let place: usize = frame.code[..frame.at].iter().map(Instruction::bytes).sum();
        let name = self.functions.get(frame.function).map_or("(main)", |function| &function.name);
        let line = format!("Runtime {kind} (func={name}, adr={}): {message}\n", place + more);
        self.output.flush();
        // Nobody is left to tell when stderr is closed.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    }

    fn error<T>(&mut self, message: &str) -> Result<T, Stop> {
        self.report("error", message, 0);
        Err(Stop::Error)
    }

    fn array(&mut self, name: usize) -> Array {
        if self.arrays.len() <= name {
            self.arrays.resize_with(name + 1, Array::default);
        }
        Rc::clone(&self.arrays[name])
    }

    fn variable(&mut self, name: usize) -> &mut Number {
        if self.variables.len() <= name {
            self.variables.resize_with(name + 1, Number::default);
        }
        &mut self.variables[name]
    }

    fn index(&mut self, array: usize) -> Result<i64, Stop> {
        let index = self.pop();
        match index.whole().filter(|index| (0..=INDEX_MAX).contains(index)) {
            Some(index) => Ok(index),
            None => {
                let name = crate::compile::array_name(array);
                self.error(&format!("Array {name} subscript out of bounds."))
            }
        }
    }

    fn load(&mut self, place: Place) -> Result<Number, Stop> {
        Ok(match place {
            Place::Variable(name) => self.variable(name).clone(),
            Place::Element(name) => {
                let index = self.index(name)?;
                self.array(name).borrow().get(&index).cloned().unwrap_or_default()
            }
            Place::InputBase => Number::from(i64::from(self.input_base)),
            Place::OutputBase => Number::from(i64::from(self.output_base)),
            Place::Scale => Number::from(i64::try_from(self.scale).unwrap_or(i64::MAX)),
            Place::Last => self.last.clone(),
            Place::History => self.history.clone(),
        })
    }

    /// Stores the topmost value and leaves it; the index of an element goes.
    fn store(&mut self, place: Place) -> Result<(), Stop> {
        let value = self.pop();
        match place {
            Place::Variable(name) => *self.variable(name) = value.clone(),
            Place::Element(name) => {
                let index = self.index(name)?;
                self.array(name).borrow_mut().insert(index, value.clone());
            }
            Place::InputBase => self.input_base = self.base("ibase", &value, 36),
            Place::OutputBase => self.output_base = self.base("obase", &value, OUTPUT_BASE_MAX),
            Place::Scale => {
                self.scale = match value.whole() {
                    _ if value.is_negative() => {
                        self.report("warning", "negative scale, set to 0", 0);
                        0
                    }
                    Some(scale) if scale <= SCALE_MAX => usize::try_from(scale).unwrap_or(0),
                    _ => {
                        self.report("warning", &format!("scale too large, set to {SCALE_MAX}"), 0);
                        usize::try_from(SCALE_MAX).unwrap_or(0)
                    }
                }
            }
            Place::Last => self.last = value.clone(),
            Place::History => self.history = value.clone(),
        }
        self.stack.push(value);
        Ok(())
    }

    fn base(&mut self, name: &str, value: &Number, largest: i64) -> u32 {
        let base = match value.whole() {
            Some(base) if (2..=largest).contains(&base) => base,
            Some(base) if base < 2 => {
                self.report("warning", &format!("{name} too small, set to 2"), 0);
                2
            }
            None if value.is_negative() => {
                self.report("warning", &format!("{name} too small, set to 2"), 0);
                2
            }
            _ => {
                self.report("warning", &format!("{name} too large, set to {largest}"), 0);
                largest
            }
        };
        u32::try_from(base).unwrap_or(10)
    }

    fn unary(&mut self, operator: Unary) -> Result<(), Stop> {
        let value = self.pop();
        let number = |count: usize| Number::from(i64::try_from(count).unwrap_or(i64::MAX));
        let result = match operator {
            Unary::Negate => value.negated(),
            Unary::Not => Number::from(i64::from(value.is_zero())),
            Unary::Length => number(value.length()),
            Unary::Scale => number(value.scale()),
            Unary::Root => match value.root(self.scale) {
                Some(root) => root,
                None => return self.error("Square root of a negative number"),
            },
        };
        self.stack.push(result);
        Ok(())
    }

    fn binary(&mut self, operator: Binary) -> Result<(), Stop> {
        let right = self.pop();
        let left = self.pop();
        let truth = |holds: bool| Number::from(i64::from(holds));
        let order = || left.compare(&right);
        let result = match operator {
            Binary::Add => left.plus(&right),
            Binary::Subtract => left.minus(&right),
            Binary::Multiply => left.times(&right, self.scale),
            Binary::Divide => match left.divided(&right, self.scale) {
                Some(quotient) => quotient,
                None => return self.error("Divide by zero"),
            },
            Binary::Remainder => match left.remainder(&right, self.scale) {
                Some(remainder) => remainder,
                None => return self.error("Modulo by zero"),
            },
            Binary::Power => {
                if right.scale() > 0 && !right.minus(&right.with_scale(0)).is_zero() {
                    self.report("warning", "non-zero scale in exponent", 0);
                }
                match left.power(&right, self.scale) {
                    Ok(power) => power,
                    Err(PowerError::TooLarge) => return self.error("exponent too large in raise"),
                    Err(PowerError::DivideByZero) => return self.error("divide by zero"),
                }
            }
            Binary::Equal => truth(order() == Ordering::Equal),
            Binary::NotEqual => truth(order() != Ordering::Equal),
            Binary::Less => truth(order() == Ordering::Less),
            Binary::LessOrEqual => truth(order() != Ordering::Greater),
            Binary::Greater => truth(order() == Ordering::Greater),
            Binary::GreaterOrEqual => truth(order() != Ordering::Less),
        };
        self.stack.push(result);
        Ok(())
    }

    fn call(&mut self, number: usize, arguments: &[Argument]) -> Result<(), Stop> {
        let Some(function) = self.functions.get(number).cloned() else { return self.error("Function not defined.") };
        if !function.is_defined {
            return self.error(&format!("Function {} not defined.", function.name));
        }
        if self.frames.len() > DEPTH_MAX {
            return self.error("Function calls too deep");
        }
        self.check_arguments(&function, arguments)?;
        let count = arguments.iter().filter(|argument| **argument == Argument::Number).count();
        let height = self.stack.len().saturating_sub(count);
        if let Some(library) = function.library {
            return self.library(library);
        }
        let mut numbers = self.stack.split_off(height).into_iter();
        let mut frame = Frame {
            function: number,
            code: Rc::clone(&function.code),
            at: 0,
            variables: Vec::new(),
            arrays: Vec::new(),
            height,
        };
        // All arrays are looked up before a parameter can hide one of them.
        let given: Vec<Option<Array>> = arguments
            .iter()
            .map(|argument| if let Argument::Array(name) = argument { Some(self.array(*name)) } else { None })
            .collect();
        for (parameter, array) in function.parameters.iter().zip(given) {
            let value = if array.is_none() { numbers.next() } else { None };
            self.bind(&mut frame, *parameter, value, array);
        }
        for auto in &function.autos {
            self.bind(&mut frame, *auto, None, None);
        }
        self.frames.push(frame);
        Ok(())
    }

    fn check_arguments(&mut self, function: &Function, arguments: &[Argument]) -> Result<(), Stop> {
        for (at, argument) in arguments.iter().enumerate() {
            let message = match (function.parameters.get(at), argument) {
                (None, _) => "Parameter number mismatch",
                (Some(Local::Variable(_)), Argument::Number)
                | (Some(Local::Array(_) | Local::Reference(_)), Argument::Array(_)) => continue,
                _ => "Parameter type mismatch",
            };
            self.report("error", message, at + 1);
            return Err(Stop::Error);
        }
        if arguments.len() < function.parameters.len() {
            self.report("error", "Parameter number mismatch", arguments.len() + 1);
            return Err(Stop::Error);
        }
        Ok(())
    }

    /// Gives a function a variable or an array of its own, keeping what it hides.
    fn bind(&mut self, frame: &mut Frame, local: Local, value: Option<Number>, array: Option<Array>) {
        match local {
            Local::Variable(name) => {
                let old = std::mem::replace(self.variable(name), value.unwrap_or_default());
                frame.variables.push((name, old));
            }
            Local::Array(name) | Local::Reference(name) => {
                let own = match (local, array) {
                    (Local::Reference(_), Some(array)) => array,
                    (_, Some(array)) => Rc::new(RefCell::new(array.borrow().clone())),
                    (_, None) => Array::default(),
                };
                self.array(name);
                frame.arrays.push((name, std::mem::replace(&mut self.arrays[name], own)));
            }
        }
    }

    fn restore(&mut self, frame: Frame) {
        for (name, value) in frame.variables.into_iter().rev() {
            *self.variable(name) = value;
        }
        for (name, array) in frame.arrays.into_iter().rev() {
            self.arrays[name] = array;
        }
    }

    fn leave(&mut self) {
        let result = self.pop();
        if let Some(frame) = self.frames.pop() {
            self.stack.truncate(frame.height);
            self.restore(frame);
        }
        self.stack.push(result);
    }

    fn library(&mut self, library: Library) -> Result<(), Stop> {
        let x = self.pop();
        let result = match library {
            Library::Sine => Some(math::sine(&x, self.scale)),
            Library::Cosine => Some(math::cosine(&x, self.scale)),
            Library::Arctangent => Some(math::arctangent(&x, self.scale)),
            Library::Logarithm => Some(math::logarithm(&x, self.scale)),
            Library::Exponential => math::exponential(&x, self.scale),
            Library::Bessel => {
                let order = self.pop();
                math::bessel(&order, &x, self.scale)
            }
        };
        match result {
            Some(result) => self.stack.push(result),
            None => return self.error("argument too large"),
        }
        Ok(())
    }
}
