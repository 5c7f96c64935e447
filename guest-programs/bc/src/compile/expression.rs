//! Expressions, by precedence.

use super::{Compiler, Fault, Parsed};
use crate::code::{Argument, Binary, Instruction, Place, Unary};
use crate::lexer::Token;

/// What an expression is, as far as that matters to who uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Its value is printed when it is a statement.
    Value,
    /// It is not.
    Assignment,
    /// A call of a function that returns nothing.
    Void,
}

// Levels of precedence, the loosest first.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const RELATION: u8 = 4;
const ASSIGNMENT: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;
const POWER: u8 = 8;
const SIGN: u8 = 9;

/// An operator's level, and the level its right side must have at least.
fn operator(mark: &str) -> Option<(u8, u8, Binary)> {
    Some(match mark {
        "==" => (RELATION, ASSIGNMENT, Binary::Equal),
        "!=" => (RELATION, ASSIGNMENT, Binary::NotEqual),
        "<" => (RELATION, ASSIGNMENT, Binary::Less),
        "<=" => (RELATION, ASSIGNMENT, Binary::LessOrEqual),
        ">" => (RELATION, ASSIGNMENT, Binary::Greater),
        ">=" => (RELATION, ASSIGNMENT, Binary::GreaterOrEqual),
        "+" => (SUM, PRODUCT, Binary::Add),
        "-" => (SUM, PRODUCT, Binary::Subtract),
        "*" => (PRODUCT, POWER, Binary::Multiply),
        "/" => (PRODUCT, POWER, Binary::Divide),
        "%" => (PRODUCT, POWER, Binary::Remainder),
        "^" => (POWER, POWER, Binary::Power),
        _ => return None,
    })
}

/// The operator of an assignment; none in it is a plain one.
fn assignment(mark: &str) -> Option<Option<Binary>> {
    if mark == "=" {
        return Some(None);
    }
    let sign = mark.strip_suffix('=').filter(|sign| sign.len() == 1 && "+-*/%^".contains(sign))?;
    operator(sign).map(|(_, _, binary)| Some(binary))
}

impl Compiler {
    pub(super) fn expression(&mut self) -> Parsed<Sort> {
        self.at_level(OR)
    }

    /// An expression whose value is needed.
    pub(super) fn value(&mut self, what: &str) -> Parsed<()> {
        if self.expression()? == Sort::Void {
            self.complain(what);
        }
        Ok(())
    }

    fn at_level(&mut self, level: u8) -> Parsed<Sort> {
        self.nested(|compiler| compiler.climb(level))
    }

    fn climb(&mut self, level: u8) -> Parsed<Sort> {
        let sort = self.operand()?;
        self.climb_from(sort, level)
    }

    /// Goes on behind an operand with the operators of a level and those above it.
    fn climb_from(&mut self, mut sort: Sort, level: u8) -> Parsed<Sort> {
        loop {
            let Token::Mark(mark) = *self.peek()? else { return Ok(sort) };
            match mark {
                "&&" if level <= AND => {
                    self.token = None;
                    self.extension("&& operator");
                    self.not_void(sort, "&&");
                    self.and()?;
                }
                "||" if level <= OR => {
                    self.token = None;
                    self.extension("|| operator");
                    self.not_void(sort, "||");
                    self.or()?;
                }
                _ => match operator(mark) {
                    Some((own, right, binary)) if level <= own => {
                        self.token = None;
                        let other = self.at_level(right)?;
                        self.peek()?;
                        self.not_void(sort, mark);
                        self.not_void(other, mark);
                        self.emit(Instruction::Binary(binary));
                    }
                    _ => return Ok(sort),
                },
            }
            sort = Sort::Value;
        }
    }

    fn not_void(&mut self, sort: Sort, mark: &str) {
        if sort == Sort::Void {
            let name = match mark {
                "==" | "!=" | "<" | "<=" | ">" | ">=" => "comparison",
                other => other,
            };
            let message = format!("void expression with {name}");
            self.complain(&message);
        }
    }

    /// The right side of `&&`: 1 if it is true, too.
    fn and(&mut self) -> Parsed<()> {
        self.emit(Instruction::Duplicate);
        let first = self.emit(Instruction::JumpIfZero(0));
        self.emit(Instruction::Pop);
        self.at_level(NOT)?;
        self.emit(Instruction::Duplicate);
        let second = self.emit(Instruction::JumpIfZero(0));
        self.emit(Instruction::Pop);
        self.emit(Instruction::Number(b"1".to_vec()));
        self.land(first);
        self.land(second);
        Ok(())
    }

    fn or(&mut self) -> Parsed<()> {
        let first = self.emit(Instruction::JumpUnlessZero(0));
        self.at_level(AND)?;
        let second = self.emit(Instruction::JumpUnlessZero(0));
        self.emit(Instruction::Number(b"0".to_vec()));
        let end = self.emit(Instruction::Jump(0));
        self.land(first);
        self.land(second);
        self.emit(Instruction::Number(b"1".to_vec()));
        self.land(end);
        Ok(())
    }

    fn operand(&mut self) -> Parsed<Sort> {
        match self.take()? {
            Token::Number(text) => {
                self.emit(Instruction::Number(text));
                Ok(Sort::Value)
            }
            Token::Mark("(") => {
                let sort = self.expression()?;
                self.expect(")")?;
                Ok(if sort == Sort::Void { sort } else { Sort::Value })
            }
            Token::Mark("-") => {
                let sort = self.at_level(SIGN)?;
                self.not_void(sort, "unary -");
                self.emit(Instruction::Unary(Unary::Negate));
                Ok(Sort::Value)
            }
            Token::Mark("!") => {
                self.extension("! operator");
                let sort = self.at_level(NOT)?;
                self.not_void(sort, "!");
                self.emit(Instruction::Unary(Unary::Not));
                Ok(Sort::Value)
            }
            Token::Mark(mark @ ("++" | "--")) => {
                let place = self.place()?;
                let by = if mark == "++" { 1 } else { -1 };
                if matches!(place, Place::Element(_)) {
                    self.emit(Instruction::Duplicate);
                }
                self.emit(Instruction::Step(place, by));
                self.emit(Instruction::Load(place));
                Ok(Sort::Value)
            }
            Token::Name(name) => self.named(&name),
            Token::Mark(".") => self.placed(Place::Last),
            other => {
                self.token = Some(other);
                Err(Fault::Syntax)
            }
        }
    }

    /// Something that can be assigned to.
    fn place(&mut self) -> Parsed<Place> {
        match self.take()? {
            Token::Mark(".") => Ok(Place::Last),
            Token::Name(name) => match special(&name) {
                Some(place) => Ok(place),
                None if is_word(&name) => Err(Fault::Syntax),
                None => self.own_place(&name),
            },
            other => {
                self.token = Some(other);
                Err(Fault::Syntax)
            }
        }
    }

    fn own_place(&mut self, name: &str) -> Parsed<Place> {
        self.check_name(name);
        if self.accept("[")? {
            self.value("void expression as subscript")?;
            self.expect("]")?;
            return Ok(Place::Element(self.array_number(name)));
        }
        Ok(Place::Variable(self.variable_number(name)))
    }

    fn named(&mut self, name: &str) -> Parsed<Sort> {
        let builtin = match name {
            "length" => Some(Unary::Length),
            "sqrt" => Some(Unary::Root),
            "scale" if self.at_mark("(")? => Some(Unary::Scale),
            _ => None,
        };
        if let Some(function) = builtin {
            self.expect("(")?;
            self.value(&format!("void expression in {name}()"))?;
            self.expect(")")?;
            self.emit(Instruction::Unary(function));
            return Ok(Sort::Value);
        }
        match name {
            "read" | "random" => {
                self.extension(&format!("{name} function"));
                self.expect("(")?;
                self.expect(")")?;
                self.emit(if name == "read" { Instruction::Read } else { Instruction::Random });
                return Ok(Sort::Value);
            }
            _ => {}
        }
        if let Some(place) = special(name) {
            return self.placed(place);
        }
        if is_word(name) {
            self.token = Some(Token::Name(name.to_owned()));
            return Err(Fault::Syntax);
        }
        if self.at_mark("(")? {
            return self.call(name);
        }
        let place = self.own_place(name)?;
        self.placed(place)
    }

    /// What follows a place: an assignment, a step, or nothing.
    fn placed(&mut self, place: Place) -> Parsed<Sort> {
        let is_element = matches!(place, Place::Element(_));
        if let Token::Mark(mark) = *self.peek()? {
            if let Some(binary) = assignment(mark) {
                self.token = None;
                if binary.is_some() {
                    if is_element {
                        self.emit(Instruction::Duplicate);
                    }
                    self.emit(Instruction::Load(place));
                }
                let sort = self.at_level(ASSIGNMENT)?;
                if sort == Sort::Void {
                    self.complain("Assignment of a void expression");
                }
                if let Some(binary) = binary {
                    self.emit(Instruction::Binary(binary));
                }
                self.emit(Instruction::Store(place));
                return Ok(Sort::Assignment);
            }
            if mark == "++" || mark == "--" {
                self.token = None;
                let by = if mark == "++" { 1 } else { -1 };
                if is_element {
                    self.emit(Instruction::Duplicate);
                    self.emit(Instruction::Load(place));
                    self.emit(Instruction::Exchange);
                } else {
                    self.emit(Instruction::Load(place));
                }
                self.emit(Instruction::Step(place, by));
                return Ok(Sort::Value);
            }
        }
        self.emit(Instruction::Load(place));
        Ok(Sort::Value)
    }

    fn call(&mut self, name: &str) -> Parsed<Sort> {
        self.check_name(name);
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.at_mark(")")? {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            let argument = self.argument()?;
            arguments.push(argument);
        }
        self.token = None;
        let number = self.function_number(name);
        let bytes = arguments.len() + 1;
        self.emit(Instruction::Call(number, arguments));
        self.emit(Instruction::Nothing(bytes));
        let function = &self.machine.functions[number];
        Ok(if function.is_void { Sort::Void } else { Sort::Value })
    }

    /// A number, or a whole array: `name[]`.
    fn argument(&mut self) -> Parsed<Argument> {
        if let Token::Name(name) = self.peek()?.clone()
            && special(&name).is_none()
            && !is_word(&name)
        {
            self.token = None;
            if self.accept("[")? {
                if self.accept("]")? {
                    return Ok(Argument::Array(self.array_number(&name)));
                }
                self.value("void expression as subscript")?;
                self.expect("]")?;
                let array = self.array_number(&name);
                self.placed(Place::Element(array))?;
            } else {
                self.named(&name)?;
            }
            self.climb_from(Sort::Value, OR)?;
            return Ok(Argument::Number);
        }
        self.value("void argument")?;
        Ok(Argument::Number)
    }
}

/// The variables that the language has.
fn special(name: &str) -> Option<Place> {
    Some(match name {
        "ibase" => Place::InputBase,
        "obase" => Place::OutputBase,
        "scale" => Place::Scale,
        "last" => Place::Last,
        "history" => Place::History,
        _ => return None,
    })
}

/// Words that are no names.
fn is_word(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "auto", "break", "continue", "define", "else", "for", "halt", "if", "length", "limits", "print", "quit",
        "random", "read", "return", "sqrt", "void", "warranty", "while",
    ];
    WORDS.contains(&name)
}
