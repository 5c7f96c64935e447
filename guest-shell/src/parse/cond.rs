//! The grammar of `[[ ... ]]`.

use crate::tree::{AfterError, CommandKind, Cond, CondOp, Pattern, SyntaxError, Word};

use super::state::{Parser, Result};
use super::token::{At, Kind, Op, Token};

impl Parser<'_, '_> {
    /// The expression and `]]`, behind `[[`.
    pub(super) fn cond_command(&mut self) -> Result<CommandKind> {
        let opening = self.input.line();
        let cond = self.cond_or()?;
        self.skip_newlines(At::Cond)?;
        let mut token = self.next(At::Cond)?;
        if token.kind.is_bare("]]") {
            return Ok(CommandKind::Cond(Box::new(cond)));
        }
        match token.kind {
            Kind::Eof => {
                token.line = opening;
                self.cond_error(&token, "unexpected EOF while looking for `]]'")
            }
            Kind::Word(_) => self.cond_error(&token, "syntax error in conditional expression"),
            _ => {
                let message = format!("syntax error in conditional expression: unexpected token `{}'", shown(&token));
                self.cond_error(&token, &message)
            }
        }
    }

    // Both lean to the right, as bash's do, and count as nesting: whoever walks the tree recurses along them.
    fn cond_or(&mut self) -> Result<Cond> {
        let left = self.cond_and()?;
        if !self.cond_junction(Op::OrOr)? {
            return Ok(left);
        }
        let right = self.deeper(Self::cond_or)?;
        Ok(Cond::Or(Box::new(left), Box::new(right)))
    }

    fn cond_and(&mut self) -> Result<Cond> {
        let left = self.cond_term()?;
        if !self.cond_junction(Op::AndAnd)? {
            return Ok(left);
        }
        let right = self.deeper(Self::cond_and)?;
        Ok(Cond::And(Box::new(left), Box::new(right)))
    }

    fn cond_junction(&mut self, op: Op) -> Result<bool> {
        self.skip_newlines(At::Cond)?;
        self.eat_op(op, At::Cond)
    }

    fn cond_term(&mut self) -> Result<Cond> {
        self.deeper(|parser| {
            parser.skip_newlines(At::Cond)?;
            let token = parser.next(At::Cond)?;
            match &token.kind {
                Kind::Op(Op::LParen) => {
                    let inner = parser.cond_or()?;
                    parser.skip_newlines(At::Cond)?;
                    let close = parser.next(At::Cond)?;
                    if !close.kind.is_op(Op::RParen) {
                        return parser
                            .cond_error(&close, &format!("unexpected token `{}', expected `)'", shown(&close)));
                    }
                    Ok(Cond::Group(Box::new(inner)))
                }
                kind if kind.is_bare("!") => Ok(Cond::Not(Box::new(parser.cond_term()?))),
                kind if kind.is_bare("]]") => parser.cond_error(&token, ""),
                Kind::Word(_) => parser.cond_test(token),
                _ => parser.cond_error(&token, &format!("unexpected token `{}' in conditional command", shown(&token))),
            }
        })
    }

    /// A test that begins with a word.
    fn cond_test(&mut self, first: Token) -> Result<Cond> {
        if let Some(letter) = unary_operator(&first.kind) {
            return self.cond_unary(first, letter);
        }
        let Kind::Word(left) = first.kind else { return self.reject(&first) };
        let operator = self.peek(At::Cond)?;
        let op = match &operator.kind {
            Kind::Op(Op::Less) => Some(Binary::Plain(CondOp::Before)),
            Kind::Op(Op::Great) => Some(Binary::Plain(CondOp::After)),
            kind => kind.bare().and_then(binary_operator),
        };
        if let Some(op) = op {
            self.token = None;
            return self.cond_binary(left, op);
        }
        match &operator.kind {
            Kind::Op(Op::AndAnd | Op::OrOr | Op::RParen) => Ok(Cond::Word(left)),
            kind if kind.is_bare("]]") => Ok(Cond::Word(left)),
            Kind::Word(_) => {
                let token = self.next(At::Cond)?;
                self.cond_error(&token, "conditional binary operator expected")
            }
            _ => {
                let token = self.next(At::Cond)?;
                self.cond_error(
                    &token,
                    &format!("unexpected token `{}', conditional binary operator expected", shown(&token)),
                )
            }
        }
    }

    /// `-f word`, or a word that only looks like the operator.
    fn cond_unary(&mut self, operator: Token, letter: u8) -> Result<Cond> {
        let next = self.next(At::Cond)?;
        match next.kind {
            Kind::Word(_) if next.kind.is_bare("]]") => {
                self.cond_error(&next, "unexpected argument `]]' to conditional unary operator")
            }
            Kind::Word(word) => Ok(Cond::Unary(letter, word)),
            Kind::Op(Op::Less | Op::Great) => {
                let Kind::Word(left) = operator.kind else { return self.reject(&next) };
                let op = if next.kind.is_op(Op::Less) { CondOp::Before } else { CondOp::After };
                self.cond_binary(left, Binary::Plain(op))
            }
            _ => {
                self.cond_error(&next, &format!("unexpected argument `{}' to conditional unary operator", shown(&next)))
            }
        }
    }

    fn cond_binary(&mut self, left: Word, op: Binary) -> Result<Cond> {
        let at = match op {
            Binary::Plain(_) => At::Cond,
            Binary::Match { .. } => At::CondPattern,
            Binary::Regex => At::Regex,
        };
        let token = self.next(at)?;
        let right = match token.kind {
            Kind::Word(_) if token.kind.is_bare("]]") => {
                return self.cond_error(&token, "unexpected argument `]]' to conditional binary operator");
            }
            Kind::Word(word) => word,
            _ => {
                let message = format!("unexpected argument `{}' to conditional binary operator", shown(&token));
                return self.cond_error(&token, &message);
            }
        };
        let pattern = |word| Pattern { word, extended: true, cache: Default::default() };
        Ok(match op {
            Binary::Plain(op) => Cond::Binary(op, left, right),
            Binary::Match { negated, single } => Cond::Match { word: left, pattern: pattern(right), negated, single },
            Binary::Regex => Cond::Regex(left, pattern(right)),
        })
    }

    /// Bash says what it misses and then behaves as if the input ended there.
    fn cond_error<T>(&mut self, token: &Token, message: &str) -> Result<T> {
        let last = matches!(token.kind, Kind::Eof) || self.input.peek().is_none();
        let message = message.replace("`end of file'", "`EOF'");
        let messages = if message.is_empty() { Vec::new() } else { vec![message.as_str().into()] };
        let error = SyntaxError::new(token.line, messages, matches!(token.kind, Kind::Eof));
        Err(if last { error } else { error.then(AfterError::EndOfInput) })
    }
}

enum Binary {
    Plain(CondOp),
    Match { negated: bool, single: bool },
    Regex,
}

fn shown(token: &Token) -> String {
    String::from_utf8_lossy(&token.kind.text()).into_owned()
}

fn unary_operator(kind: &Kind) -> Option<u8> {
    match kind.bare()? {
        [b'-', letter] if b"abcdefghknoprstuvwxzGLNORS".contains(letter) => Some(*letter),
        _ => None,
    }
}

fn binary_operator(word: &[u8]) -> Option<Binary> {
    Some(match word {
        b"==" => Binary::Match { negated: false, single: false },
        b"=" => Binary::Match { negated: false, single: true },
        b"!=" => Binary::Match { negated: true, single: false },
        b"=~" => Binary::Regex,
        b"-eq" => Binary::Plain(CondOp::Equal),
        b"-ne" => Binary::Plain(CondOp::NotEqual),
        b"-lt" => Binary::Plain(CondOp::Less),
        b"-le" => Binary::Plain(CondOp::LessEqual),
        b"-gt" => Binary::Plain(CondOp::Greater),
        b"-ge" => Binary::Plain(CondOp::GreaterEqual),
        b"-nt" => Binary::Plain(CondOp::Newer),
        b"-ot" => Binary::Plain(CondOp::Older),
        b"-ef" => Binary::Plain(CondOp::SameFile),
        _ => return None,
    })
}
