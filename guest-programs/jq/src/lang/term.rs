//! Terms: what operators work on, and the suffixes that index them.

use super::ast::{Expr, Key, Part, Spot};
use super::lexer::{KEYWORDS, Token};
use super::parser::{Parsed, Parser, SyntaxError};
use crate::json;
use crate::value::{Map, Value};

impl Parser<'_> {
    pub(super) fn term(&mut self) -> Parsed<Expr> {
        let mut term = self.primary()?;
        loop {
            term = if let Token::Field(name) = &self.token {
                let key = Expr::Literal(Value::string(name.as_str()));
                self.advance();
                let optional = self.take_question();
                Expr::Index(Box::new(term), Box::new(key), optional)
            } else if self.is(".") {
                self.advance();
                if self.token == Token::Quote {
                    let key = self.string(None)?;
                    let optional = self.take_question();
                    Expr::Index(Box::new(term), Box::new(key), optional)
                } else if self.is("[") {
                    continue;
                } else {
                    return Err(self.unexpected(""));
                }
            } else if self.take("[") {
                self.bracket(term)?
            } else if self.take_question() {
                Expr::Try(Box::new(term), None)
            } else {
                return Ok(term);
            };
        }
    }

    /// Takes a `?`, also one that runs into `//`.
    fn take_question(&mut self) -> bool {
        if self.is("?//") {
            (self.token, self.start) = (Token::Op("//"), self.start + 1);
            return true;
        }
        self.take("?")
    }

    /// After `term[`.
    fn bracket(&mut self, term: Expr) -> Parsed<Expr> {
        let term = Box::new(term);
        if self.take("]") {
            return Ok(Expr::Each(term, self.take_question()));
        }
        if self.take(":") {
            let to = self.pipe()?;
            self.expect("]")?;
            return Ok(Expr::Slice(term, None, Some(Box::new(to)), self.take_question()));
        }
        let key = self.pipe()?;
        if self.take(":") {
            let to = if self.is("]") { None } else { Some(Box::new(self.pipe()?)) };
            self.expect("]")?;
            return Ok(Expr::Slice(term, Some(Box::new(key)), to, self.take_question()));
        }
        if !self.take("]") {
            return Err(self.unexpected(""));
        }
        Ok(Expr::Index(term, Box::new(key), self.take_question()))
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let spot = self.start;
        match self.token.clone() {
            Token::Number(text) => {
                self.advance();
                let value = json::number(text.as_bytes());
                value.map(Expr::Literal).ok_or(SyntaxError { message: "Invalid numeric literal".into(), spot })
            }
            Token::Quote => self.string(None),
            Token::Format(name) => {
                self.advance();
                if self.token == Token::Quote { self.string(Some(name)) } else { Ok(Expr::Format(name)) }
            }
            Token::Field(name) => {
                self.advance();
                let key = Box::new(Expr::Literal(Value::string(name)));
                Ok(Expr::Index(Box::new(Expr::Identity), key, self.take_question()))
            }
            Token::Op("..") => {
                self.advance();
                Ok(Expr::Recurse)
            }
            Token::Op(".") => {
                self.advance();
                if self.token == Token::Quote {
                    let key = self.string(None)?;
                    return Ok(Expr::Index(Box::new(Expr::Identity), Box::new(key), self.take_question()));
                }
                Ok(Expr::Identity)
            }
            Token::Var(name) => {
                self.advance();
                if name == "__loc__" {
                    return Ok(Expr::Literal(self.location(spot)));
                }
                Ok(Expr::Var(name, spot))
            }
            Token::Op("(") => {
                self.advance();
                let inside = self.pipe()?;
                if !self.take(")") {
                    return Err(self.unexpected(""));
                }
                Ok(inside)
            }
            Token::Op("[") => {
                self.advance();
                if self.take("]") {
                    return Ok(Expr::Array(None));
                }
                let inside = self.pipe()?;
                if !self.take("]") {
                    return Err(self.unexpected(""));
                }
                Ok(Expr::Array(Some(Box::new(inside))))
            }
            Token::Op("{") => self.object(),
            Token::Op("-") => {
                self.advance();
                Ok(Expr::Negate(Box::new(self.deeper(Self::term)?)))
            }
            Token::Name(name) => self.word(name, spot),
            Token::Op("%") => Err(self.unexpected(", expecting end of file")),
            _ => Err(self.unexpected("")),
        }
    }

    fn location(&self, spot: Spot) -> Value {
        let line = self.text.get(..spot).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count() + 1;
        let file = ("file".into(), Value::string("<top-level>"));
        Value::object(Map::from_iter([file, ("line".into(), Value::count(line))]))
    }

    fn word(&mut self, name: String, spot: Spot) -> Parsed<Expr> {
        match name.as_str() {
            "reduce" | "foreach" => return self.fold(name == "reduce"),
            "if" => return self.condition(),
            "try" => {
                self.advance();
                let body = self.deeper(Self::try_operand)?;
                let handler = if self.take("catch") { Some(Box::new(self.deeper(Self::try_operand)?)) } else { None };
                return Ok(Expr::Try(Box::new(body), handler));
            }
            "def" | "label" => return self.pipe(),
            "true" | "false" | "null" => {
                self.advance();
                if !self.is("(") {
                    return Ok(Expr::Literal(if name == "null" { Value::Null } else { Value::Bool(name == "true") }));
                }
            }
            "break" => {
                self.advance();
                let Token::Var(label) = self.token.clone() else {
                    return self.error("break requires a label to break to");
                };
                self.advance();
                return Ok(Expr::Break(label, spot));
            }
            _ if KEYWORDS.contains(&name.as_str()) => return Err(self.unexpected("")),
            _ => self.advance(),
        }
        let mut args = Vec::new();
        if self.take("(") {
            loop {
                args.push(self.pipe()?);
                if !self.take(";") {
                    break;
                }
            }
            if !self.take(")") {
                return Err(self.unexpected(""));
            }
        }
        Ok(Expr::Call(name, args, spot))
    }

    /// What `try` and `catch` take: a term, perhaps negated.
    fn try_operand(&mut self) -> Parsed<Expr> {
        if self.take("-") {
            return Ok(Expr::Negate(Box::new(self.deeper(Self::try_operand)?)));
        }
        self.term()
    }

    fn fold(&mut self, reduce: bool) -> Parsed<Expr> {
        self.advance();
        let source = Box::new(self.operators(2)?);
        let patterns = self.patterns()?;
        self.expect("(")?;
        let init = Box::new(self.pipe()?);
        self.expect(";")?;
        let update = Box::new(self.pipe()?);
        let extract = if !reduce && self.take(";") { Some(Box::new(self.pipe()?)) } else { None };
        self.expect(")")?;
        Ok(if reduce {
            Expr::Reduce(source, patterns, init, update)
        } else {
            Expr::Foreach(source, patterns, init, update, extract)
        })
    }

    fn condition(&mut self) -> Parsed<Expr> {
        self.advance();
        let mut branches = Vec::new();
        loop {
            let condition = self.pipe()?;
            self.expect("then")?;
            branches.push((condition, self.pipe()?));
            if !self.take("elif") {
                break;
            }
        }
        let otherwise = if self.take("else") { Some(Box::new(self.pipe()?)) } else { None };
        if self.token == Token::End {
            let SyntaxError { message, spot: at } = self.unexpected("");
            return Err(SyntaxError { message: format!("{message}\nPossibly unterminated 'if' statement"), spot: at });
        }
        self.expect("end")?;
        Ok(Expr::If(branches, otherwise))
    }

    fn object(&mut self) -> Parsed<Expr> {
        self.advance();
        let mut members = Vec::new();
        while !self.is("}") {
            members.push(self.object_member()?);
            if !self.take(",") {
                break;
            }
        }
        if !self.take("}") {
            return Err(self.unexpected(if self.token == Token::End { "" } else { ", expecting '}'" }));
        }
        Ok(Expr::Object(members))
    }

    fn object_member(&mut self) -> Parsed<(Key, Option<Expr>)> {
        let spot = self.start;
        let key = match self.token.clone() {
            Token::Var(name) => {
                self.advance();
                if name == "__loc__" {
                    return Ok((
                        Key::Expr(Expr::Literal(Value::string(name)), spot),
                        Some(Expr::Literal(self.location(spot))),
                    ));
                }
                if self.take(":") {
                    return Ok((Key::Expr(Expr::Var(name, spot), spot), Some(self.member()?)));
                }
                return Ok((Key::Var(name, spot), None));
            }
            Token::Name(name) => {
                self.advance();
                Expr::Literal(Value::string(name))
            }
            Token::Number(text) => {
                self.advance();
                Expr::Literal(json::number(text.as_bytes()).unwrap_or(Value::Null))
            }
            Token::Quote | Token::Format(_) => self.primary()?,
            Token::Op("(") => {
                self.advance();
                let key = self.pipe()?;
                self.expect(")")?;
                if !self.is(":") {
                    return Err(self.unexpected(", expecting ':'"));
                }
                key
            }
            Token::End => return Err(self.unexpected("")),
            _ => return Err(self.unexpected("")),
        };
        let value = if self.take(":") { Some(self.member()?) } else { None };
        Ok((Key::Expr(key, spot), value))
    }

    /// A string from its opening quote on.
    pub(super) fn string(&mut self, format: Option<String>) -> Parsed<Expr> {
        let spot = self.start;
        let mut parts = Vec::new();
        let mut raw = Vec::from([b'"']);
        let mut at = self.end;
        loop {
            match self.text.as_bytes().get(at) {
                None => {
                    let expecting = ", expecting QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END";
                    (self.start, self.token) = (at, Token::End);
                    return Err(self.unexpected(expecting));
                }
                Some(b'"') => break,
                Some(b'\\') if self.text.as_bytes().get(at + 1) == Some(&b'(') => {
                    self.end_text(&mut raw, &mut parts, spot)?;
                    self.end = at + 2;
                    self.advance();
                    let inside = self.pipe()?;
                    if !self.is(")") {
                        return Err(self.unexpected(""));
                    }
                    parts.push(Part::Expr(inside));
                    at = self.end;
                }
                Some(b'\\') => {
                    raw.extend(self.text.as_bytes().get(at..at + 2).unwrap_or_default());
                    at += 2;
                }
                Some(byte) => {
                    // Line ends and the like may stand in a program's string as they are.
                    if *byte < 0x20 {
                        raw.extend(format!("\\u{byte:04x}").bytes());
                    } else {
                        raw.push(*byte);
                    }
                    at += 1;
                }
            }
        }
        self.end_text(&mut raw, &mut parts, spot)?;
        self.end = at + 1;
        self.advance();
        Ok(match parts.as_slice() {
            [] => Expr::Literal(Value::string("")),
            [Part::Text(text)] => Expr::Literal(Value::string(text.as_str())),
            _ => Expr::Text(format, parts),
        })
    }

    /// Turns what was collected since the last interpolation into text.
    fn end_text(&self, raw: &mut Vec<u8>, parts: &mut Vec<Part>, spot: Spot) -> Parsed<()> {
        let mut json = std::mem::replace(raw, Vec::from([b'"']));
        if json.len() == 1 {
            return Ok(());
        }
        json.push(b'"');
        match json::parse_text(&json) {
            Ok(values) => {
                let text = values.first().and_then(Value::as_str).unwrap_or_default();
                parts.push(Part::Text(text.to_owned()));
                Ok(())
            }
            Err(message) => {
                let shown = String::from_utf8_lossy(&json);
                Err(SyntaxError { message: format!("{message} (while parsing '{shown}')"), spot })
            }
        }
    }
}
