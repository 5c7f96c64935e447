//! The grammar of compound commands, functions and coprocesses.

use crate::tree::{
    Arg, Arith, ArithFor, Case, Clause, ClauseEnd, CommandKind, Coproc, For, If, Joined, List, Name, Of, Param,
    ParamOp, Pattern, Piece, Simple, Text, While, Word,
};

use super::arith::{ArithEnd, Closing};
use super::command::is_closing_word;
use super::state::{Parser, Result};
use super::token::{At, Kind, Op, Token};

impl Parser<'_, '_> {
    /// The compound command that begins at the next token; none if a simple command does.
    pub(super) fn compound(&mut self) -> Result<Option<CommandKind>> {
        if self.eat_op(Op::LParen, At::Command)? {
            return self.parenthesis().map(Some);
        }
        let token = self.peek(At::Command)?;
        let Some(word) = token.kind.bare() else { return Ok(None) };
        let parse: fn(&mut Self) -> Result<CommandKind> = match word {
            b"{" => Self::brace_group,
            b"if" => Self::if_command,
            b"while" => |parser| parser.while_command(false),
            b"until" => |parser| parser.while_command(true),
            b"for" => Self::for_command,
            b"select" => Self::select,
            b"case" => Self::case,
            b"[[" => Self::cond_command,
            b"function" => Self::function,
            b"coproc" => Self::coproc,
            word if is_closing_word(word) || word == b"!" => {
                let token = self.next(At::Command)?;
                return self.reject(&token);
            }
            _ => return Ok(None),
        };
        self.token = None;
        parse(self).map(Some)
    }

    /// `( list )` or `(( expression ))`, behind the first parenthesis.
    fn parenthesis(&mut self) -> Result<CommandKind> {
        let line = self.input.line();
        if self.input.peek() == Some(b'(') {
            self.input.skip(1);
            let closing = self.closing();
            self.input.unskip(1);
            match closing {
                Closing::Double => return self.arith_command(line),
                Closing::Single => {}
                Closing::Never => return Err(self.unclosed(')', line)),
            }
        }
        let list = self.commands()?;
        self.expect_op(Op::RParen, At::Command)?;
        Ok(CommandKind::Subshell(Box::new(list)))
    }

    fn arith_command(&mut self, line: u32) -> Result<CommandKind> {
        self.input.bump();
        let arith = self.arith_text(ArithEnd::Paren, line)?;
        self.input.bump();
        if !self.input.eat(b')') {
            return Err(self.unclosed(')', line));
        }
        Ok(CommandKind::Arith(Box::new(arith)))
    }

    fn brace_group(&mut self) -> Result<CommandKind> {
        let list = self.commands()?;
        self.expect_bare("}", At::Command)?;
        Ok(CommandKind::Group(Box::new(list)))
    }

    fn if_command(&mut self) -> Result<CommandKind> {
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let test = self.commands()?;
            self.expect_bare("then", At::Command)?;
            arms.push((test, self.commands()?));
            if self.eat_bare("elif", At::Command)? {
                continue;
            }
            if self.eat_bare("else", At::Command)? {
                otherwise = Some(self.commands()?);
            }
            self.expect_bare("fi", At::Command)?;
            return Ok(CommandKind::If(Box::new(If { arms, otherwise })));
        }
    }

    fn while_command(&mut self, until: bool) -> Result<CommandKind> {
        let test = self.commands()?;
        let body = self.do_group()?;
        Ok(CommandKind::While(Box::new(While { until, test, body })))
    }

    fn do_group(&mut self) -> Result<List> {
        self.expect_bare("do", At::Command)?;
        let body = self.commands()?;
        self.expect_bare("done", At::Command)?;
        Ok(body)
    }

    /// The body of `for` and `select`: `do ... done` or `{ ... }`.
    fn loop_body(&mut self) -> Result<List> {
        self.skip_newlines(At::Command)?;
        if self.eat_bare("{", At::Command)? {
            let body = self.commands()?;
            self.expect_bare("}", At::Command)?;
            return Ok(body);
        }
        self.do_group()
    }

    fn for_command(&mut self) -> Result<CommandKind> {
        if self.eat_op(Op::LParen, At::Plain)? {
            return self.arith_for();
        }
        let parts = self.word_loop()?;
        Ok(CommandKind::For(Box::new(parts)))
    }

    fn select(&mut self) -> Result<CommandKind> {
        let parts = self.word_loop()?;
        Ok(CommandKind::Select(Box::new(parts)))
    }

    fn word_loop(&mut self) -> Result<For> {
        let token = self.next(At::Plain)?;
        let Kind::Word(name) = &token.kind else { return self.reject(&token) };
        let name = Name::new(&name.source());
        let newlines = matches!(self.peek(At::Plain)?.kind, Kind::Newline);
        self.skip_newlines(At::Plain)?;
        let mut words = vec![all_arguments()];
        if self.eat_bare("in", At::Plain)? {
            words = self.loop_words()?;
        } else if !newlines && !self.eat_op(Op::Semi, At::Command)? {
            // Here bash takes no brace for one of its own.
            let body = self.do_group()?;
            return Ok(For { name, words, body });
        }
        let body = self.loop_body()?;
        Ok(For { name, words, body })
    }

    fn loop_words(&mut self) -> Result<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            let token = self.next(At::Plain)?;
            match token.kind {
                Kind::Word(word) => words.push(word),
                Kind::Newline | Kind::Op(Op::Semi) => return Ok(words),
                _ => return self.reject(&token),
            }
        }
    }

    /// `((a; b; c))` and the body, behind the first parenthesis.
    fn arith_for(&mut self) -> Result<CommandKind> {
        let line = self.input.line();
        let start = self.input.source.pos;
        if !self.input.eat(b'(') {
            let token = Token { kind: Kind::Op(Op::LParen), line, pos: start };
            return self.reject(&token);
        }
        let mut parts: Vec<Arith> = Vec::new();
        loop {
            self.skip_arith_blanks();
            parts.push(self.arith_text(ArithEnd::ParenOrSemicolon, line)?);
            if !self.input.eat(b';') {
                break;
            }
        }
        self.input.bump();
        if !self.input.eat(b')') {
            let token = self.next(At::Plain)?;
            return self.reject(&token);
        }
        let count = parts.len();
        let Ok([init, test, step]) = <[Arith; 3]>::try_from(parts) else {
            let end = self.input.source.pos;
            let text =
                String::from_utf8_lossy(&self.input.source.text[start.saturating_sub(1).min(end)..end]).into_owned();
            let message = if count < 3 { "arithmetic expression required" } else { "`;' unexpected" };
            let mut error = self.error(format!("syntax error: {message}"));
            error.messages.push(Text::from(format!("syntax error: `{text}'").as_str()));
            return Err(error);
        };
        if !self.eat_op(Op::Semi, At::Command)? {
            self.skip_newlines(At::Command)?;
        }
        let body = self.loop_body()?;
        Ok(CommandKind::ArithFor(Box::new(ArithFor { init, test, step, body })))
    }

    fn skip_arith_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n') = self.input.peek() {
            self.input.bump();
        }
    }

    fn case(&mut self) -> Result<CommandKind> {
        let token = self.next(At::Subject)?;
        let Kind::Word(word) = token.kind else { return self.reject(&token) };
        self.skip_newlines(At::Plain)?;
        self.expect_bare("in", At::Plain)?;
        let mut clauses = Vec::new();
        loop {
            self.skip_newlines(At::CasePattern)?;
            if self.eat_bare("esac", At::CasePattern)? {
                break;
            }
            let (clause, last) = self.clause()?;
            clauses.push(clause);
            if last {
                self.expect_bare("esac", At::Command)?;
                break;
            }
        }
        Ok(CommandKind::Case(Box::new(Case { word, clauses })))
    }

    /// One clause, and whether it was ended by `esac` (which is left) rather than by an operator.
    fn clause(&mut self) -> Result<(Clause, bool)> {
        self.eat_op(Op::LParen, At::CasePattern)?;
        let mut patterns = Vec::new();
        loop {
            let token = self.next(At::CasePattern)?;
            let Kind::Word(word) = token.kind else { return self.reject(&token) };
            patterns.push(Pattern { word, extended: self.opts.extglob, cache: Default::default() });
            if !self.eat_op(Op::Pipe, At::CasePattern)? {
                break;
            }
        }
        self.expect_op(Op::RParen, At::CasePattern)?;
        let body = self.list()?;
        let end = match self.peek(At::Command)?.kind {
            Kind::Op(Op::SemiSemi) => ClauseEnd::Break,
            Kind::Op(Op::SemiAmp) => ClauseEnd::FallThrough,
            Kind::Op(Op::SemiSemiAmp) => ClauseEnd::Continue,
            _ => return Ok((Clause { patterns, body, end: ClauseEnd::Break }, true)),
        };
        self.token = None;
        Ok((Clause { patterns, body, end }, false))
    }

    /// `function name [()] body`, behind the reserved word.
    fn function(&mut self) -> Result<CommandKind> {
        let token = self.next(At::Plain)?;
        let Kind::Word(name) = &token.kind else { return self.reject(&token) };
        let name = Text::from(name.source());
        let line = self.peek(At::Command)?.line;
        if self.eat_op(Op::LParen, At::Command)? && !self.eat_op_adjacent_close()? {
            let kind = self.parenthesis()?;
            return self.finish_function(name, kind, line);
        }
        self.function_body(name)
    }

    /// After `function name (`: whether `)` follows, which is taken. What follows otherwise is a body.
    fn eat_op_adjacent_close(&mut self) -> Result<bool> {
        while let Some(b' ' | b'\t') = self.input.peek() {
            self.input.bump();
        }
        match self.input.peek() {
            Some(b')') => self.eat_op(Op::RParen, At::Command),
            _ => Ok(false),
        }
    }

    /// `coproc [NAME] command`, behind the reserved word.
    fn coproc(&mut self) -> Result<CommandKind> {
        let line = self.peek(At::Command)?.line;
        let mut name = Name::new(b"COPROC");
        let body = if self.starts_compound()? {
            self.command()?
        } else {
            let first = self.next(At::Command)?;
            match first.kind {
                _ if first.kind.bare().is_some_and(is_no_coprocess) => return self.reject(&first),
                Kind::Word(word) if self.starts_compound()? => {
                    name = Name::new(&word.source());
                    self.command()?
                }
                Kind::Word(word) => {
                    self.simple(Simple { assignments: Vec::new(), args: vec![Arg::Word(word)] }, line)?
                }
                _ => {
                    self.token = Some(first);
                    self.simple(Simple::default(), line)?
                }
            }
        };
        Ok(CommandKind::Coproc(Box::new(Coproc { name, body })))
    }

    /// Whether a compound command begins at the next token.
    fn starts_compound(&mut self) -> Result<bool> {
        let kind = &self.peek(At::Command)?.kind;
        let words = ["{", "if", "while", "until", "for", "select", "case", "[["];
        Ok(kind.is_op(Op::LParen) || words.iter().any(|word| kind.is_bare(word)))
    }
}

/// Reserved words that cannot follow `coproc`.
fn is_no_coprocess(word: &[u8]) -> bool {
    is_closing_word(word) || matches!(word, b"coproc" | b"function" | b"!")
}

/// `"$@"`, which a loop without `in` goes over.
fn all_arguments() -> Word {
    let param = Param { bare: false, indirect: false, of: Of::Arguments(Joined::At), op: ParamOp::Value };
    let pieces = vec![Piece::Double(vec![Piece::Param(Box::new(param))])];
    Word { pieces, glob: false, text: Some(Text::from("\"$@\"")) }
}
