//! From text to code: operator precedence climbing over the lexer's tokens.

use super::code::{Code, Element, Ins, Op};
use super::lexer::{Lexer, Token, Wrong};
use crate::vars::Name;

/// How deep parentheses, subscripts, conditionals and assignments may nest; more needs more stack than is sure.
const NESTING_MAX: u32 = 200;

/// A wrong expression. bash evaluates while it parses: what stands before the error has its effects, and its own errors
/// come first.
pub(super) struct Failed {
    pub(super) wrong: Wrong,
    pub(super) before: Code,
}

/// Compiles an expression. An empty one is 0.
pub(super) fn compile(text: &[u8]) -> Result<Code, Box<Failed>> {
    let mut compiler = Compiler {
        lexer: Lexer::new(text),
        token: Token::End,
        code: Code { text: text.into(), ..Code::default() },
        depth: 0,
        nesting: 0,
        landed: u32::MAX,
        outer: None,
    };
    match compiler.whole() {
        Ok(()) => Ok(compiler.code),
        Err(wrong) => Err(Box::new(Failed { wrong, before: compiler.begun() })),
    }
}

/// What the instructions just emitted stand for.
enum Kind {
    Value,
    /// Nothing was emitted yet: the caller decides whether it is read or assigned.
    Variable(Name),
    /// The code of the subscript was emitted.
    Element(u16),
}

struct Compiler<'a> {
    lexer: Lexer<'a>,
    token: Token,
    code: Code,
    /// Numbers on the stack after what was emitted.
    depth: usize,
    nesting: u32,
    /// Where the last jump leads to.
    landed: u32,
    /// The outermost element whose subscript is being compiled.
    outer: Option<u16>,
}

impl Compiler<'_> {
    fn whole(&mut self) -> Result<(), Wrong> {
        self.token = self.lexer.next(None)?;
        if self.token == Token::End {
            self.push(Ins::Number(0));
            return Ok(());
        }
        self.comma()?;
        match self.token {
            Token::End => Ok(()),
            _ => Err(self.lexer.wrong("syntax error in expression")),
        }
    }

    /// The code up to an error, made whole: jumps that did not land yet lead to its end.
    fn begun(mut self) -> Code {
        let end = self.here();
        for ins in &mut self.code.instructions {
            if let Ins::JumpIfZero(to @ 0)
            | Ins::JumpIfFalse(to @ 0)
            | Ins::JumpIfTrue(to @ 0)
            | Ins::Jump(to @ 0)
            | Ins::Subscript(_, to @ 0) = ins
            {
                *to = end;
            }
        }
        self.push(Ins::Number(0));
        // Paths that the error cut short may hold one number more.
        self.code.stack += 1;
        self.code
    }

    fn advance(&mut self) -> Result<(), Wrong> {
        self.token = self.lexer.next(Some(&self.token))?;
        Ok(())
    }

    fn operator(&self) -> &'static [u8] {
        match self.token {
            Token::Operator(operator) => operator,
            _ => b"",
        }
    }

    fn emit(&mut self, ins: Ins) -> usize {
        self.code.instructions.push(ins);
        self.code.instructions.len() - 1
    }

    /// Emits an instruction that leaves one more number.
    fn push(&mut self, ins: Ins) {
        self.emit(ins);
        self.depth += 1;
        self.code.stack = self.code.stack.max(self.depth);
    }

    fn here(&self) -> u32 {
        u32::try_from(self.code.instructions.len()).unwrap_or(u32::MAX)
    }

    /// Lets the jump at `at` lead here.
    fn land(&mut self, at: usize) {
        let here = self.here();
        self.landed = here;
        match &mut self.code.instructions[at] {
            Ins::JumpIfZero(to)
            | Ins::JumpIfFalse(to)
            | Ins::JumpIfTrue(to)
            | Ins::Jump(to)
            | Ins::Subscript(_, to) => {
                *to = here;
            }
            _ => debug_assert!(false, "only jumps land"),
        }
    }

    /// Makes a value of what was parsed.
    fn value(&mut self, kind: Kind) {
        match kind {
            Kind::Value => {}
            Kind::Variable(name) => self.push(Ins::Load(name)),
            Kind::Element(element) => {
                self.emit(Ins::LoadElement(element));
            }
        }
    }

    fn comma(&mut self) -> Result<(), Wrong> {
        self.assignment()?;
        while self.operator() == b"," {
            self.emit(Ins::Pop);
            self.depth -= 1;
            self.advance()?;
            self.assignment()?;
        }
        Ok(())
    }

    fn nest(&mut self) -> Result<(), Wrong> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(self.lexer.wrong("expression recursion level exceeded"));
        }
        Ok(())
    }

    fn assignment(&mut self) -> Result<(), Wrong> {
        self.nest()?;
        let kind = self.conditional()?;
        let operator = self.operator();
        let op = match operator {
            b"=" => None,
            b"+=" => Some(Op::Add),
            b"-=" => Some(Op::Sub),
            b"*=" => Some(Op::Mul),
            b"/=" => Some(Op::Div),
            b"%=" => Some(Op::Rem),
            b"<<=" => Some(Op::Shl),
            b">>=" => Some(Op::Shr),
            b"&=" => Some(Op::BitAnd),
            b"^=" => Some(Op::BitXor),
            b"|=" => Some(Op::BitOr),
            _ => {
                self.value(kind);
                self.nesting -= 1;
                return Ok(());
            }
        };
        let store = match kind {
            Kind::Value => return Err(self.lexer.wrong("attempted assignment to non-variable")),
            Kind::Variable(name) => {
                if op.is_some() {
                    self.push(Ins::Load(name));
                }
                Ins::Store(name)
            }
            Kind::Element(element) => {
                if op.is_some() {
                    self.push(Ins::PeekElement(element));
                }
                Ins::StoreElement(element)
            }
        };
        self.advance()?;
        // bash shows the last token of the right side when an assignment divides by zero.
        self.assignment()?;
        if let Some(op) = op {
            self.binary(op, self.lexer.last);
        }
        self.emit(store);
        if matches!(store, Ins::StoreElement(_)) {
            self.depth -= 1;
        }
        self.nesting -= 1;
        Ok(())
    }

    fn conditional(&mut self) -> Result<Kind, Wrong> {
        let kind = self.operators(1)?;
        if self.operator() != b"?" {
            return Ok(kind);
        }
        self.nest()?;
        self.value(kind);
        self.advance()?;
        if self.token == Token::End || self.operator() == b":" {
            return Err(self.lexer.wrong("expression expected"));
        }
        let otherwise = self.emit(Ins::JumpIfZero(0));
        self.depth -= 1;
        self.comma()?;
        if self.operator() != b":" {
            return Err(self.lexer.wrong("`:' expected for conditional expression"));
        }
        let end = self.emit(Ins::Jump(0));
        self.depth -= 1;
        self.land(otherwise);
        self.advance()?;
        if self.token == Token::End {
            return Err(self.lexer.wrong("expression expected"));
        }
        let kind = self.conditional()?;
        self.value(kind);
        self.land(end);
        self.nesting -= 1;
        Ok(Kind::Value)
    }

    /// Binary operators of at least this precedence.
    fn operators(&mut self, least: u8) -> Result<Kind, Wrong> {
        let mut left = self.unary()?;
        while let Some((precedence, op)) = binary_operator(self.operator()).filter(|(found, _)| *found >= least) {
            self.value(left);
            left = Kind::Value;
            self.advance()?;
            let start = self.lexer.last;
            match op {
                Some(op) => {
                    // `**` groups to the right.
                    let next = if op == Op::Pow { precedence } else { precedence + 1 };
                    self.nest()?;
                    let right = self.operators(next)?;
                    self.nesting -= 1;
                    self.value(right);
                    // bash names the last token read when an exponent is negative.
                    self.binary(op, if op == Op::Pow { self.lexer.last } else { start });
                }
                None => self.logical(precedence)?,
            }
        }
        Ok(left)
    }

    fn logical(&mut self, precedence: u8) -> Result<(), Wrong> {
        let jump = self.emit(if precedence == 1 { Ins::JumpIfTrue(0) } else { Ins::JumpIfFalse(0) });
        self.depth -= 1;
        self.nest()?;
        let right = self.operators(precedence + 1)?;
        self.nesting -= 1;
        self.value(right);
        self.emit(Ins::Truth);
        self.land(jump);
        Ok(())
    }

    fn binary(&mut self, op: Op, at: usize) {
        self.depth -= 1;
        let constant = match self.code.instructions.last() {
            Some(Ins::Number(value)) if !(matches!(op, Op::Div | Op::Rem) && *value == 0) && op != Op::Pow => *value,
            _ => {
                self.emit(Ins::Binary(op, u32::try_from(at).unwrap_or(u32::MAX)));
                return;
            }
        };
        // A constant that some jump skips is not the operand on every path.
        if self.landed == self.here() {
            self.emit(Ins::Binary(op, u32::try_from(at).unwrap_or(u32::MAX)));
        } else {
            self.code.instructions.pop();
            self.emit(Ins::BinaryNumber(op, constant));
        }
    }

    /// Prefix operators, then an operand. They are collected in a list so that a long row of them needs no recursion.
    fn unary(&mut self) -> Result<Kind, Wrong> {
        let mut prefixes = Vec::new();
        loop {
            match self.operator() {
                b"!" => prefixes.push(Some(Ins::Not)),
                b"~" => prefixes.push(Some(Ins::BitNot)),
                b"-" => prefixes.push(Some(Ins::Negate)),
                b"+" => prefixes.push(None),
                _ => break,
            }
            self.advance()?;
        }
        let operand = self.operand()?;
        if prefixes.is_empty() {
            return Ok(operand);
        }
        self.value(operand);
        for ins in prefixes.into_iter().rev().flatten() {
            match (ins, self.code.instructions.last_mut()) {
                (Ins::Negate, Some(Ins::Number(value))) => *value = value.wrapping_neg(),
                _ => {
                    self.emit(ins);
                }
            }
        }
        Ok(Kind::Value)
    }

    fn operand(&mut self) -> Result<Kind, Wrong> {
        match self.token.clone() {
            Token::Number(value) => {
                self.push(Ins::Number(value));
                self.advance()?;
                Ok(Kind::Value)
            }
            Token::Hole(number) => {
                self.code.holes.push((number, self.outer));
                self.push(Ins::Hole(number));
                self.advance()?;
                Ok(Kind::Value)
            }
            Token::Variable(_) | Token::Element(..) => self.lvalue(),
            Token::Operator(operator @ (b"++" | b"--")) => {
                self.advance()?;
                let kind = self.place()?;
                self.step(&kind, operator, false);
                self.no_second_step()?;
                self.advance_after_step()?;
                Ok(Kind::Value)
            }
            Token::Operator(b"(") => {
                self.advance()?;
                self.comma()?;
                if self.operator() != b")" {
                    return Err(self.lexer.wrong("missing `)'"));
                }
                self.advance()?;
                Ok(Kind::Value)
            }
            _ => Err(self.lexer.wrong("syntax error: operand expected")),
        }
    }

    /// A variable or element, with `++` or `--` behind it.
    fn lvalue(&mut self) -> Result<Kind, Wrong> {
        let kind = self.place()?;
        self.advance()?;
        if let Token::Operator(operator @ (b"++" | b"--")) = self.token {
            self.step(&kind, operator, true);
            self.advance_after_step()?;
            return Ok(Kind::Value);
        }
        Ok(kind)
    }

    /// Behind `x++` or `++x` no second step may follow.
    fn advance_after_step(&mut self) -> Result<(), Wrong> {
        self.token = self.lexer.next(Some(&Token::Number(0)))?;
        Ok(())
    }

    /// `++x++`: what was stepped is no variable any more.
    fn no_second_step(&mut self) -> Result<(), Wrong> {
        let rest = self.lexer.text.get(self.lexer.position..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let rest = rest.get(blank..).unwrap_or_default();
        let message = match rest {
            [b'+', b'+', ..] => "++: assignment requires lvalue",
            [b'-', b'-', ..] => "--: assignment requires lvalue",
            _ => return Ok(()),
        };
        let operand = rest.iter().skip(2).find(|byte| !byte.is_ascii_whitespace());
        if operand.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            return Ok(());
        }
        self.lexer.last = self.lexer.position + blank;
        Err(self.lexer.wrong(message))
    }

    fn step(&mut self, kind: &Kind, operator: &[u8], post: bool) {
        let by = if operator == b"++" { 1 } else { -1 };
        match kind {
            Kind::Variable(name) => self.push(Ins::Step(*name, by, post)),
            Kind::Element(element) => {
                self.emit(Ins::StepElement(*element, by, post));
            }
            Kind::Value => {}
        }
    }

    /// The place the current token names. An element's subscript is compiled here: its index is left on the stack.
    fn place(&mut self) -> Result<Kind, Wrong> {
        match self.token {
            Token::Variable(name) => Ok(Kind::Variable(name)),
            Token::Element(name, start, end) => {
                let text = &self.lexer.text[start..end];
                let number = u16::try_from(self.code.elements.len())
                    .map_err(|_| self.lexer.wrong("expression recursion level exceeded"))?;
                self.code.elements.push(Element { name, text: text.into() });
                if text.is_empty() {
                    self.push(Ins::NoSubscript(number));
                    return Ok(Kind::Value);
                }
                let jump = self.emit(Ins::Subscript(number, 0));
                let outermost = self.outer.is_none();
                self.outer.get_or_insert(number);
                self.subscript(number, start, end)?;
                if outermost {
                    self.outer = None;
                }
                self.land(jump);
                Ok(Kind::Element(number))
            }
            _ => Err(self.lexer.wrong("syntax error: operand expected")),
        }
    }

    /// Compiles the expression between brackets. One that is wrong as an expression may still be a key, so its failure
    /// waits until it is evaluated.
    fn subscript(&mut self, element: u16, start: usize, end: usize) -> Result<(), Wrong> {
        self.nest()?;
        let text = self.lexer.text;
        let outer = std::mem::replace(&mut self.lexer, Lexer::new(&text[start..end]));
        let token = std::mem::replace(&mut self.token, Token::End);
        let mark = (self.code.instructions.len(), self.code.elements.len(), self.depth, self.nesting);
        let result = self.whole();
        if result.is_err() {
            self.code.instructions.truncate(mark.0);
            self.code.elements.truncate(mark.1);
            self.depth = mark.2;
            self.nesting = mark.3;
            self.code.bad_subscript = true;
            self.push(Ins::BadSubscript(element));
        }
        self.lexer = outer;
        self.token = token;
        self.nesting -= 1;
        Ok(())
    }
}

fn binary_operator(operator: &[u8]) -> Option<(u8, Option<Op>)> {
    Some(match operator {
        b"||" => (1, None),
        b"&&" => (2, None),
        b"|" => (3, Some(Op::BitOr)),
        b"^" => (4, Some(Op::BitXor)),
        b"&" => (5, Some(Op::BitAnd)),
        b"==" => (6, Some(Op::Equal)),
        b"!=" => (6, Some(Op::NotEqual)),
        b"<" => (7, Some(Op::Less)),
        b"<=" => (7, Some(Op::LessEqual)),
        b">" => (7, Some(Op::Greater)),
        b">=" => (7, Some(Op::GreaterEqual)),
        b"<<" => (8, Some(Op::Shl)),
        b">>" => (8, Some(Op::Shr)),
        b"+" => (9, Some(Op::Add)),
        b"-" => (9, Some(Op::Sub)),
        b"*" => (10, Some(Op::Mul)),
        b"/" => (10, Some(Op::Div)),
        b"%" => (10, Some(Op::Rem)),
        b"**" => (11, Some(Op::Pow)),
        _ => return None,
    })
}
