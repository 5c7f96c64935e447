//! The parser: programs, pipes and operators. Terms are in `term`.

use std::rc::Rc;

use super::ast::{Binary, Def, Expr, Import, Key, Pattern, Program, Spot, Update};
use super::lexer::{KEYWORDS, Token, token};
use crate::value::Value;

/// What is wrong with a program, and where.
#[derive(Clone, Debug)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) spot: Spot,
}

/// Deepest nesting of expressions; each level takes a few hundred bytes of stack, here and in the compiler.
const DEPTH_MAX: usize = 3_000;

pub(super) type Parsed<T> = Result<T, SyntaxError>;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) start: Spot,
    pub(super) token: Token,
    pub(super) end: Spot,
    depth: usize,
}

/// Parses a program or module.
///
/// # Errors
///
/// The first mistake.
pub(crate) fn parse(text: &str) -> Result<Program, SyntaxError> {
    let mut parser = Parser { text, start: 0, token: Token::End, end: 0, depth: 0 };
    parser.advance();
    parser.program()
}

/// How tightly operators bind: level, and whether chains are refused.
fn binding(op: &str) -> Option<(u8, bool)> {
    Some(match op {
        "//" => (1, false),
        "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=" => (2, true),
        "or" => (3, false),
        "and" => (4, false),
        "==" | "!=" | "<" | "<=" | ">" | ">=" => (5, true),
        "+" | "-" => (6, false),
        "*" | "/" | "%" => (7, false),
        _ => return None,
    })
}

fn arithmetic(op: &str) -> Option<Binary> {
    Some(match op {
        "+" | "+=" => Binary::Add,
        "-" | "-=" => Binary::Subtract,
        "*" | "*=" => Binary::Multiply,
        "/" | "/=" => Binary::Divide,
        "%" | "%=" => Binary::Remainder,
        "==" => Binary::Equal,
        "!=" => Binary::NotEqual,
        "<" => Binary::Less,
        "<=" => Binary::LessEqual,
        ">" => Binary::Greater,
        ">=" => Binary::GreaterEqual,
        _ => return None,
    })
}

fn combine(op: &str, left: Expr, right: Expr) -> Expr {
    let (left, right) = (Box::new(left), Box::new(right));
    match (op, arithmetic(op)) {
        ("//", _) => Expr::Default(left, right),
        ("or", _) => Expr::Or(left, right),
        ("and", _) => Expr::And(left, right),
        ("=", _) => Expr::Update(Update::Set, left, right),
        ("|=", _) => Expr::Update(Update::Modify, left, right),
        ("+=" | "-=" | "*=" | "/=" | "%=", Some(binary)) => Expr::Update(Update::Apply(binary), left, right),
        (_, Some(binary)) => Expr::Binary(binary, left, right),
        _ => Expr::Update(Update::Default, left, right),
    }
}

impl Parser<'_> {
    pub(super) fn advance(&mut self) {
        (self.start, self.token, self.end) = token(self.text, self.end);
    }

    pub(super) fn is(&self, op: &str) -> bool {
        match &self.token {
            Token::Op(found) => *found == op,
            Token::Name(found) => found == op && KEYWORDS.contains(&op),
            _ => false,
        }
    }

    pub(super) fn take(&mut self, op: &str) -> bool {
        let found = self.is(op);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect(&mut self, op: &str) -> Parsed<()> {
        if self.take(op) { Ok(()) } else { Err(self.unexpected(&format!(", expecting '{op}'"))) }
    }

    pub(super) fn error<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(SyntaxError { message: message.into(), spot: self.start })
    }

    /// The error for a token that does not fit.
    pub(super) fn unexpected(&self, expecting: &str) -> SyntaxError {
        let found = match &self.token {
            Token::End => "end of file".to_owned(),
            Token::Invalid | Token::Op("}" | ")" | "]") if self.depth <= 1 && !expecting.contains("BINDING") => {
                "INVALID_CHARACTER".to_owned()
            }
            Token::Invalid => "INVALID_CHARACTER".to_owned(),
            Token::Name(name) if KEYWORDS.contains(&name.as_str()) => format!("\"{name}\""),
            Token::Name(_) => "IDENT".to_owned(),
            Token::Field(_) => "FIELD".to_owned(),
            Token::Var(_) => "BINDING".to_owned(),
            Token::Format(_) => "FORMAT".to_owned(),
            Token::Number(_) => "LITERAL".to_owned(),
            Token::Quote => "QQSTRING_START".to_owned(),
            Token::Op(op) if op.len() > 1 => format!("\"{op}\""),
            Token::Op(op) => format!("'{op}'"),
        };
        let hint = " (Unix shell quoting issues?)";
        SyntaxError { message: format!("syntax error, unexpected {found}{expecting}{hint}"), spot: self.start }
    }

    /// Runs a part of the grammar one level deeper.
    pub(super) fn deeper<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            return self.error("the program is nested too deeply");
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }

    fn program(&mut self) -> Parsed<Program> {
        let mut program = Program::default();
        if self.take("module") {
            program.metadata = Some(self.metadata()?);
            self.expect(";")?;
        }
        while self.is("import") || self.is("include") {
            let import = self.import()?;
            program.imports.push(import);
        }
        // Definitions before the main expression belong to the program: a module has nothing else.
        while self.is("def") {
            program.defs.push(Rc::new(self.def()?));
        }
        if self.token != Token::End {
            program.main = Some(self.pipe()?);
        }
        if self.token != Token::End {
            return Err(self.unexpected(", expecting end of file"));
        }
        Ok(program)
    }

    fn metadata(&mut self) -> Parsed<Value> {
        let spot = self.start;
        let expr = self.deeper(Self::term)?;
        let Some(value) = constant(&expr) else {
            return Err(SyntaxError { message: "Module metadata must be constant".into(), spot });
        };
        if !matches!(value, Value::Obj(_)) {
            return Err(SyntaxError { message: "Module metadata must be an object".into(), spot });
        }
        Ok(value)
    }

    fn import(&mut self) -> Parsed<Import> {
        let include = self.is("include");
        self.advance();
        let spot = self.start;
        if self.token != Token::Quote {
            return Err(self.unexpected(""));
        }
        let Some(Value::Str(path)) = constant(&self.string(None)?) else {
            return Err(SyntaxError { message: "Import path must be constant".into(), spot });
        };
        let (mut name, mut data) = (None, false);
        if !include {
            self.expect("as")?;
            match &self.token {
                Token::Name(found) => name = Some(found.clone()),
                Token::Var(found) => (name, data) = (Some(found.clone()), true),
                _ => return Err(self.unexpected("")),
            }
            self.advance();
        }
        let metadata = if self.is(";") { None } else { Some(self.metadata()?) };
        self.expect(";")?;
        Ok(Import { path: path.to_string(), name, data, metadata })
    }

    /// `def name(params): body;`
    fn def(&mut self) -> Parsed<Def> {
        self.expect("def")?;
        let Token::Name(name) = self.token.clone() else { return Err(self.unexpected("")) };
        self.advance();
        let mut params = Vec::new();
        if self.take("(") {
            loop {
                match &self.token {
                    Token::Name(param) => params.push((param.clone(), false)),
                    Token::Var(param) => params.push((param.clone(), true)),
                    _ => return Err(self.unexpected("")),
                }
                self.advance();
                if !self.take(";") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.expect(":")?;
        let body = self.pipe()?;
        self.expect(";")?;
        Ok(Def { name, params, body })
    }

    /// The loosest expression: `a | b`, and what reaches to the end of one.
    pub(super) fn pipe(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| {
            let mut stages = Vec::new();
            loop {
                if parser.is("def") {
                    let def = Rc::new(parser.def()?);
                    stages.push(Expr::Def(def, Box::new(parser.pipe()?)));
                    break;
                }
                if parser.take("label") {
                    let Token::Var(name) = parser.token.clone() else { return Err(parser.unexpected("")) };
                    parser.advance();
                    parser.expect("|")?;
                    stages.push(Expr::Label(name, Box::new(parser.pipe()?)));
                    break;
                }
                stages.push(parser.comma()?);
                if !parser.take("|") {
                    break;
                }
            }
            Ok(if stages.len() == 1 { stages.swap_remove(0) } else { Expr::Pipe(stages) })
        })
    }

    fn comma(&mut self) -> Parsed<Expr> {
        let mut items = vec![self.operators(1)?];
        while self.take(",") {
            items.push(self.operators(1)?);
        }
        Ok(if items.len() == 1 { items.swap_remove(0) } else { Expr::Comma(items) })
    }

    /// The value of an object's member: no comma.
    pub(super) fn member(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| {
            let mut stages = vec![parser.operators(1)?];
            while parser.take("|") {
                stages.push(parser.operators(1)?);
            }
            Ok(if stages.len() == 1 { stages.swap_remove(0) } else { Expr::Pipe(stages) })
        })
    }

    /// Operators that bind at least this tightly.
    pub(super) fn operators(&mut self, level: u8) -> Parsed<Expr> {
        let depth = self.depth;
        let result = self.deeper(|parser| parser.chain(level));
        self.depth = depth;
        result
    }

    fn chain(&mut self, level: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        let mut refused = None;
        loop {
            let op = match &self.token {
                Token::Op(op) => *op,
                Token::Name(name) if name == "and" => "and",
                Token::Name(name) if name == "or" => "or",
                _ => "",
            };
            let Some((binds, single)) = binding(op).filter(|(binds, _)| *binds >= level) else { break };
            if refused == Some(binds) {
                return Err(self.unexpected(""));
            }
            refused = single.then_some(binds);
            self.advance();
            // A chain of operators makes a tree as deep as the chain is long.
            self.depth += 1;
            let right = self.operators(if op == "//" { binds } else { binds + 1 })?;
            left = combine(op, left, right);
        }
        if level == 1 && self.is("as") {
            return self.bind(left);
        }
        Ok(left)
    }

    /// `source as patterns | body`
    fn bind(&mut self, source: Expr) -> Parsed<Expr> {
        let patterns = self.patterns()?;
        self.expect("|")?;
        Ok(Expr::Bind(Box::new(source), patterns, Box::new(self.pipe()?)))
    }

    /// `as pattern ?// pattern ...`
    pub(super) fn patterns(&mut self) -> Parsed<Vec<Pattern>> {
        self.expect("as")?;
        let mut patterns = vec![self.deeper(Self::pattern)?];
        while self.take("?//") {
            patterns.push(self.deeper(Self::pattern)?);
        }
        Ok(patterns)
    }

    fn pattern(&mut self) -> Parsed<Pattern> {
        if let Token::Var(name) = self.token.clone() {
            self.advance();
            return Ok(Pattern::Var(name));
        }
        if self.take("[") {
            let mut items = vec![self.deeper(Self::pattern)?];
            while self.take(",") {
                items.push(self.deeper(Self::pattern)?);
            }
            self.expect("]")?;
            return Ok(Pattern::Array(items));
        }
        if !self.is("{") {
            return Err(self.unexpected(", expecting BINDING or '[' or '{'"));
        }
        self.advance();
        let mut members = Vec::new();
        loop {
            members.push(self.pattern_member()?);
            if !self.take(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(Pattern::Object(members))
    }

    fn pattern_member(&mut self) -> Parsed<(Key, Option<Pattern>)> {
        let spot = self.start;
        let key = match self.token.clone() {
            Token::Var(name) => {
                self.advance();
                let inner = if self.take(":") { Some(self.deeper(Self::pattern)?) } else { None };
                return Ok((Key::Var(name, spot), inner));
            }
            Token::Name(name) => {
                self.advance();
                Expr::Literal(Value::string(name))
            }
            Token::Quote => self.deeper(Self::term)?,
            Token::Op("(") => {
                self.advance();
                let key = self.pipe()?;
                self.expect(")")?;
                key
            }
            _ => return Err(self.unexpected("")),
        };
        self.expect(":")?;
        Ok((Key::Expr(key, spot), Some(self.deeper(Self::pattern)?)))
    }

    /// `-a`, or a term with what follows it.
    fn unary(&mut self) -> Parsed<Expr> {
        if self.take("-") {
            let operand = self.deeper(Self::unary)?;
            return Ok(Expr::Negate(Box::new(operand)));
        }
        self.deeper(Self::term)
    }
}

/// The value of an expression that is the same for any input.
pub(super) fn constant(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::Literal(value) => Some(value.clone()),
        Expr::Text(None, parts) => match parts.as_slice() {
            [] => Some(Value::string("")),
            [super::ast::Part::Text(text)] => Some(Value::string(text.as_str())),
            _ => None,
        },
        Expr::Array(None) => Some(Value::array(Vec::new())),
        Expr::Array(Some(inside)) => {
            let items =
                if let Expr::Comma(items) = &**inside { items.as_slice() } else { std::slice::from_ref(&**inside) };
            items.iter().map(constant).collect::<Option<Vec<_>>>().map(Value::array)
        }
        Expr::Object(members) => members
            .iter()
            .map(|member| match member {
                (Key::Expr(key, _), Some(value)) => match constant(key)? {
                    Value::Str(key) => Some((key, constant(value)?)),
                    _ => None,
                },
                _ => None,
            })
            .collect::<Option<_>>()
            .map(Value::object),
        _ => None,
    }
}
