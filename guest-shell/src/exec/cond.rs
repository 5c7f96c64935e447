//! `[[ ... ]]`.

use crate::builtins::file_test;
use crate::flow::{Flow, Unwind};
use crate::options::SetOption;
use crate::shell::Shell;
use crate::tree::{Cond, CondOp, Pattern, Word};
use crate::vars::Name;

impl Shell {
    /// Evaluates a condition; `$?` is 0, 1, or 2 for an error.
    pub(crate) fn run_cond(&mut self, condition: &Cond) -> Flow {
        match self.cond(condition) {
            Ok(truth) => self.status = u8::from(!truth),
            // An error in an expression that is compared is told; the command is false.
            Err(Unwind::Discard(status)) if std::mem::take(&mut self.exec.cond_failed) => self.status = status,
            Err(other) => return Err(other),
        }
        self.set_pipestatus();
        Ok(())
    }

    fn cond(&mut self, condition: &Cond) -> Flow<bool> {
        match condition {
            Cond::Not(inner) => {
                self.exec.cond_negated = self.is_set(SetOption::XTrace)
                    && !matches!(&**inner, Cond::Group(_) | Cond::And(..) | Cond::Or(..) | Cond::Not(_));
                Ok(!self.cond(inner)?)
            }
            Cond::And(left, right) => Ok(self.cond(left)? && self.cond(right)?),
            Cond::Or(left, right) => Ok(self.cond(left)? || self.cond(right)?),
            Cond::Group(inner) => self.cond(inner),
            Cond::Word(word) => {
                let text = self.expand_single(word)?;
                self.trace_cond(&[b"-n", &text]);
                let truth = !text.is_empty();
                self.recycle(text);
                Ok(truth)
            }
            Cond::Unary(letter, word) => {
                let text = self.expand_single(word)?;
                self.trace_cond(&[&[b'-', *letter], &text]);
                let truth = self.unary_test(*letter, &text)?;
                self.recycle(text);
                Ok(truth)
            }
            Cond::Binary(op, left, right) => self.cond_binary(*op, left, right),
            Cond::Match { word, pattern, negated, .. } => {
                let text = self.expand_single(word)?;
                let operator: &[u8] = if *negated { b"!=" } else { b"==" };
                self.trace_match(&text, operator, pattern);
                let matched = self.matches_pattern(pattern, &text)?;
                self.recycle(text);
                Ok(matched != *negated)
            }
            Cond::Regex(word, pattern) => {
                let text = self.expand_single(word)?;
                self.trace_match(&text, b"=~", pattern);
                self.matches_regex(pattern, &text)
            }
        }
    }

    fn trace_match(&mut self, text: &[u8], operator: &[u8], pattern: &Pattern) {
        if self.is_set(SetOption::XTrace) {
            let source = self.traced_pattern(pattern, operator == b"=~");
            self.trace_cond(&[text, operator, &source]);
        }
    }

    fn cond_binary(&mut self, op: CondOp, left: &Word, right: &Word) -> Flow<bool> {
        let left = self.expand_single(left)?;
        let right = self.expand_single(right)?;
        self.trace_cond(&[&left, op.spelling().as_bytes(), &right]);
        let truth = match op {
            CondOp::Before => left < right,
            CondOp::After => left > right,
            CondOp::Newer => file_test::newer(self, &left, &right),
            CondOp::Older => file_test::newer(self, &right, &left),
            CondOp::SameFile => file_test::same_file(self, &left, &right),
            _ => {
                let evaluated = self.evaluate_text(&left);
                let first = self.checked_cond(evaluated)?;
                let evaluated = self.evaluate_text(&right);
                let second = self.checked_cond(evaluated)?;
                match op {
                    CondOp::Equal => first == second,
                    CondOp::NotEqual => first != second,
                    CondOp::Less => first < second,
                    CondOp::LessEqual => first <= second,
                    CondOp::Greater => first > second,
                    _ => first >= second,
                }
            }
        };
        self.recycle(left);
        self.recycle(right);
        Ok(truth)
    }

    fn checked_cond<T>(&mut self, result: Result<T, crate::vars::VarError>) -> Flow<T> {
        match result {
            Ok(value) => Ok(value),
            Err(crate::vars::VarError::Unwound(unwind)) => Err(unwind),
            Err(error) => {
                self.report(&[b"[[: ".as_slice(), &error.text()].concat());
                self.exec.cond_failed = true;
                Err(Unwind::Discard(1))
            }
        }
    }

    /// The one-sided tests `[[` and `test` share.
    pub(crate) fn unary_test(&mut self, letter: u8, text: &[u8]) -> Flow<bool> {
        Ok(match letter {
            b'n' => !text.is_empty(),
            b'z' => text.is_empty(),
            b'v' => self.is_set_place(text)?,
            b'R' => self.vars.var(Name::new(text)).is_some_and(|var| var.attrs.has(crate::vars::Attrs::NAMEREF)),
            b'o' => match crate::options::SetOption::from_name(text) {
                Some(option) => self.is_set(option),
                None => false,
            },
            _ => file_test::unary(self, letter, text),
        })
    }
}
