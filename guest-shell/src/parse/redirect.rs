//! Reads redirections.

use crate::tree::{Redirect, RedirectFd, Side, Target, Word};

use super::state::{Parser, Result};
use super::token::{At, Kind, Op};

impl Parser<'_, '_> {
    /// The redirection that begins at the next token, if one does.
    pub(super) fn redirect(&mut self, at: At) -> Result<Option<Redirect>> {
        let fd = match &self.peek(at)?.kind {
            Kind::IoNumber(number) => RedirectFd::Number(*number),
            Kind::IoPlace(place) => RedirectFd::Variable(place.clone()),
            Kind::Op(op) if op.is_redirect() => RedirectFd::Default,
            _ => return Ok(None),
        };
        if fd != RedirectFd::Default {
            self.token = None;
        }
        let operator = self.next(at)?;
        let Kind::Op(op) = operator.kind else { return Err(self.unexpected(&operator)) };
        let operand_at = match op {
            Op::LessAnd | Op::GreatAnd => At::Operand,
            Op::TLess => At::Subject,
            _ => At::Plain,
        };
        let operand = self.next(operand_at)?;
        let Kind::Word(word) = operand.kind else { return Err(self.unexpected(&operand)) };
        let target = self.target(op, word, operator.line);
        Ok(Some(Redirect { fd, target }))
    }

    fn target(&mut self, op: Op, word: Word, line: u32) -> Target {
        match op {
            Op::Less => Target::Read(word),
            Op::Great => Target::Write(word),
            Op::Clobber => Target::Clobber(word),
            Op::DGreat => Target::Append(word),
            Op::LessGreat => Target::ReadWrite(word),
            Op::AndGreat => Target::Both(word),
            Op::AndDGreat => Target::BothAppend(word),
            Op::LessAnd => duplicate(Side::In, word),
            Op::GreatAnd => duplicate(Side::Out, word),
            Op::TLess => Target::HereString(word),
            _ => Target::HereDoc(self.queue_here_doc(&word, op == Op::DLessDash, line)),
        }
    }
}

fn duplicate(side: Side, word: Word) -> Target {
    let Some(text) = word.constant().and_then(|text| std::str::from_utf8(text).ok()) else {
        return Target::DupWord(side, word);
    };
    if text == "-" {
        return Target::Close(side);
    }
    let (digits, moved) = match text.strip_suffix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Target::DupWord(side, word);
    }
    match digits.parse() {
        Ok(fd) if moved => Target::Move(side, fd),
        Ok(fd) => Target::Dup(side, fd),
        Err(_) => Target::DupWord(side, word),
    }
}
