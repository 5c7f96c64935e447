//! The grammar from complete commands down to simple commands. Compound commands are in `compound`.

use crate::tree::{
    AndOr, Arg, Command, CommandKind, Function, Junction, List, ListItem, Pipeline, Redirect, RedirectFd, Side, Simple,
    Target, Text, Timed, Tree,
};

use super::state::{Parser, Result};
use super::token::{At, Kind, Op, Token};

impl Parser<'_, '_> {
    /// The next complete command of the input; none at its end.
    pub(super) fn complete_command(&mut self) -> Result<Option<Tree>> {
        loop {
            match self.peek(At::Command)?.kind {
                Kind::Newline => {
                    self.token = None;
                    self.input.source.begin();
                }
                Kind::Eof => return Ok(None),
                _ => break,
            }
        }
        let first_line = self.peek(At::Command)?.line;
        let mut list = List::default();
        let last_line = loop {
            let and_or = self.and_or()?;
            let mut item = ListItem { and_or, background: false, newline: false };
            let end = self.next(At::Plain)?;
            match end.kind {
                Kind::Op(Op::Semi) => {}
                Kind::Op(Op::Amp) => item.background = true,
                Kind::Newline | Kind::Eof => {
                    item.newline = true;
                    list.items.push(item);
                    break end.line;
                }
                _ => return Err(self.unexpected(&end)),
            }
            list.items.push(item);
            let end = self.peek(At::Command)?;
            if matches!(end.kind, Kind::Newline | Kind::Eof) {
                let line = end.line;
                self.token = None;
                break line;
            }
        };
        let warnings = std::mem::take(&mut self.warnings);
        Ok(Some(Tree { list, warnings, lines: (first_line, last_line) }))
    }

    /// Commands up to what cannot begin one: a closing reserved word or operator, which is left. May be empty.
    pub(super) fn list(&mut self) -> Result<List> {
        let mut list = List::default();
        loop {
            self.skip_newlines(At::Command)?;
            if ends_list(&self.peek(At::Command)?.kind) {
                return Ok(list);
            }
            let and_or = self.and_or()?;
            let mut item = ListItem { and_or, background: false, newline: false };
            let more = match self.peek(At::Plain)?.kind {
                Kind::Op(Op::Semi) => true,
                Kind::Op(Op::Amp) => {
                    item.background = true;
                    true
                }
                Kind::Newline => {
                    item.newline = true;
                    true
                }
                _ => false,
            };
            list.items.push(item);
            if !more {
                return Ok(list);
            }
            self.token = None;
        }
    }

    /// A list that must not be empty.
    pub(super) fn commands(&mut self) -> Result<List> {
        let list = self.list()?;
        if list.items.is_empty() {
            let token = self.next(At::Command)?;
            return Err(self.unexpected(&token));
        }
        Ok(list)
    }

    fn and_or(&mut self) -> Result<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let junction = match self.peek(At::Plain)?.kind {
                Kind::Op(Op::AndAnd) => Junction::And,
                Kind::Op(Op::OrOr) => Junction::Or,
                _ => return Ok(AndOr { first, rest }),
            };
            self.token = None;
            self.skip_newlines(At::Command)?;
            rest.push((junction, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline> {
        let mut pipeline = Pipeline { negated: false, timed: None, stages: Vec::with_capacity(1) };
        let mut prefixed = false;
        loop {
            if self.eat_bare("!", At::Command)? {
                pipeline.negated = !pipeline.negated;
            } else if self.eat_bare("time", At::Command)? {
                pipeline.timed = Some(self.time_option()?);
            } else {
                break;
            }
            prefixed = true;
        }
        // Nothing to time or negate, which bash allows at the end of a line.
        if prefixed && matches!(self.peek(At::Command)?.kind, Kind::Newline | Kind::Eof | Kind::Op(Op::Semi)) {
            return Ok(pipeline);
        }
        loop {
            let mut command = self.command()?;
            let piped = match self.peek(At::Plain)?.kind {
                Kind::Op(Op::Pipe) => true,
                Kind::Op(Op::PipeAmp) => {
                    command.redirects.push(Redirect { fd: RedirectFd::Number(2), target: Target::Dup(Side::Out, 1) });
                    true
                }
                _ => false,
            };
            pipeline.stages.push(command);
            if !piped {
                return Ok(pipeline);
            }
            self.token = None;
            self.skip_newlines(At::Command)?;
        }
    }

    fn time_option(&mut self) -> Result<Timed> {
        let mut timed = Timed::Bash;
        if self.eat_bare("-p", At::Command)? {
            timed = Timed::Posix;
        }
        self.eat_bare("--", At::Command)?;
        Ok(timed)
    }

    /// One command with its redirections.
    pub(super) fn command(&mut self) -> Result<Command> {
        let mut line = self.peek(At::Command)?.line;
        let Some(kind) = self.deeper(|parser| parser.compound())? else {
            return self.simple(Simple::default(), line);
        };
        if matches!(kind, CommandKind::Arith(_)) {
            line = self.input.line();
        }
        let mut redirects = Vec::new();
        // A function's redirections belong to its body.
        if !matches!(kind, CommandKind::Function(_) | CommandKind::Coproc(_)) {
            redirects = self.redirects()?;
        }
        Ok(Command { kind, redirects, line })
    }

    pub(super) fn redirects(&mut self) -> Result<Vec<Redirect>> {
        let mut redirects = Vec::new();
        while let Some(redirect) = self.redirect(At::Plain)? {
            redirects.push(redirect);
        }
        Ok(redirects)
    }

    /// A simple command or a function definition of the form `name()`; `simple` holds what was read of it.
    pub(super) fn simple(&mut self, mut simple: Simple, mut line: u32) -> Result<Command> {
        let mut redirects = Vec::new();
        let mut at = place_after(&simple);
        loop {
            if simple.args.len() == 1 && simple.assignments.is_empty() && redirects.is_empty() {
                line = self.line_behind_second(at)?;
            }
            if let Some(redirect) = self.redirect(at)? {
                redirects.push(redirect);
                continue;
            }
            match &self.peek(at)?.kind {
                Kind::Word(_) | Kind::Assign(_) => {
                    let token = self.next(at)?;
                    push_word(&mut simple, token.kind);
                    at = place_after(&simple);
                }
                Kind::Op(Op::LParen)
                    if simple.args.len() == 1 && simple.assignments.is_empty() && redirects.is_empty() =>
                {
                    return self.function_of(simple, line);
                }
                _ => break,
            }
        }
        if simple.args.is_empty() && simple.assignments.is_empty() && redirects.is_empty() {
            let token = self.next(at)?;
            return Err(self.unexpected(&token));
        }
        Ok(Command { kind: CommandKind::Simple(simple), redirects, line })
    }

    /// The line of a simple command whose first word was read: that on which its second token ends, as in bash.
    fn line_behind_second(&mut self, at: At) -> Result<u32> {
        let token = self.peek(at)?;
        let line = token.line;
        let word = matches!(token.kind, Kind::Word(_) | Kind::Assign(_));
        Ok(if word { self.input.line() } else { line })
    }

    /// `name () body`, the parenthesis being next.
    fn function_of(&mut self, simple: Simple, line: u32) -> Result<Command> {
        let parenthesis = self.next(At::Plain)?;
        let Some(Arg::Word(name)) = simple.args.first() else { return Err(self.unexpected(&parenthesis)) };
        let name = Text::from(name.source());
        self.expect_op(Op::RParen, At::Command)?;
        let kind = self.deeper(|parser| parser.function_body(name))?;
        Ok(Command { kind, redirects: Vec::new(), line })
    }

    /// The compound command that is a function's body.
    pub(super) fn function_body(&mut self, name: Text) -> Result<CommandKind> {
        self.skip_newlines(At::Command)?;
        let line = self.peek(At::Command)?.line;
        let starts_function =
            self.peek(At::Command)?.kind.is_bare("function") || self.peek(At::Command)?.kind.is_bare("coproc");
        let kind = if starts_function { None } else { self.compound()? };
        let Some(kind) = kind else {
            let token = self.next(At::Command)?;
            return Err(self.unexpected(&token));
        };
        self.finish_function(name, kind, line)
    }

    pub(super) fn finish_function(&mut self, name: Text, kind: CommandKind, line: u32) -> Result<CommandKind> {
        let redirects = self.redirects()?;
        let body = std::rc::Rc::new(Command { kind, redirects, line });
        Ok(CommandKind::Function(Box::new(Function { name, body })))
    }

    /// Reports a token that fits nowhere.
    pub(super) fn reject<T>(&self, token: &Token) -> Result<T> {
        Err(self.unexpected(token))
    }
}

fn push_word(simple: &mut Simple, kind: Kind) {
    match kind {
        Kind::Assign(assignment) if simple.args.is_empty() => simple.assignments.push(*assignment),
        Kind::Assign(assignment) => simple.args.push(Arg::Assign(assignment)),
        Kind::Word(word) => simple.args.push(Arg::Word(word)),
        _ => {}
    }
}

/// How the word after these is read.
fn place_after(simple: &Simple) -> At {
    let mut builtin = false;
    for arg in &simple.args {
        let Arg::Word(word) = arg else { return At::Declaration };
        return match super::token::bare_text(word) {
            Some(b"declare" | b"typeset" | b"local" | b"export" | b"readonly") => At::Declaration,
            Some(b"command") if !builtin => {
                builtin = true;
                continue;
            }
            Some(b"eval" | b"let") if !builtin => At::Evaluated,
            _ => At::Plain,
        };
    }
    if builtin { At::Plain } else { At::Command }
}

/// What ends a list: nothing can begin with it.
fn ends_list(kind: &Kind) -> bool {
    match kind {
        Kind::Eof => true,
        Kind::Op(op) => matches!(op, Op::RParen | Op::SemiSemi | Op::SemiAmp | Op::SemiSemiAmp),
        _ => kind.bare().is_some_and(is_closing_word),
    }
}

/// Reserved words that stand only behind a command.
pub(super) fn is_closing_word(word: &[u8]) -> bool {
    matches!(word, b"then" | b"else" | b"elif" | b"fi" | b"do" | b"done" | b"esac" | b"in" | b"}" | b"]]")
}
