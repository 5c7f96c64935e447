//! `test` and `[`: conditions on files, strings and numbers, as POSIX and GNU have them.

use std::ffi::{OsStr, OsString};

use sandshell_sys::{Access, Fd, Kind, Stat, access, is_terminal, lstat, stat};

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::complain;
use crate::basis::quoting::locale;

/// Exit status of an expression that is none.
const SYNTAX: i32 = 2;
/// Deepest nesting of parentheses and negations: a level takes stack.
const DEPTH_MAX: usize = 500;

/// Runs `test`. Answers 0 for true, 1 for false, 2 for a wrong expression.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let words: Vec<OsString> = argv.skip(1).collect();
    evaluate("test", &words)
}

/// Runs `[`, whose last argument is `]`.
pub(crate) fn bracket(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let mut words: Vec<OsString> = argv.skip(1).collect();
    if words.pop().is_none_or(|last| last != "]") {
        complain("[", "missing ‘]’");
        return SYNTAX;
    }
    evaluate("[", &words)
}

fn evaluate(program: &'static str, words: &[OsString]) -> i32 {
    match Expression::new(words).whole() {
        Ok(truth) => i32::from(!truth),
        Err(message) => {
            complain(program, &message);
            SYNTAX
        }
    }
}

type Truth = Result<bool, String>;

struct Expression<'a> {
    words: &'a [OsString],
    at: usize,
    depth: usize,
}

fn is_unary(word: &OsStr) -> bool {
    matches!(word.as_bytes(), [b'-', letter] if b"bcdefghknoprstuwxzGLNOS".contains(letter))
}

fn is_binary(word: &OsStr) -> bool {
    matches!(
        word.as_bytes(),
        b"=" | b"=="
            | b"!="
            | b"<"
            | b">"
            | b"-eq"
            | b"-ne"
            | b"-lt"
            | b"-le"
            | b"-gt"
            | b"-ge"
            | b"-nt"
            | b"-ot"
            | b"-ef"
    )
}

impl<'a> Expression<'a> {
    fn new(words: &'a [OsString]) -> Self {
        Self { words, at: 0, depth: 0 }
    }

    /// Up to four words mean what their number says (POSIX test, "the algorithm").
    fn whole(mut self) -> Truth {
        match self.words {
            [] => Ok(false),
            [word] => Ok(!word.is_empty()),
            [not, word] if not == "!" => Ok(word.is_empty()),
            [operator, word] if is_unary(operator) => unary(operator, word),
            [operator, _] if matches!(operator.as_bytes(), [b'-', _]) => {
                Err(format!("{}: unary operator expected", locale(operator)))
            }
            [_, last] => Err(format!("missing argument after {}", locale(last))),
            [a, operator, b] if is_binary(operator) => binary(a, operator, b),
            [not, rest @ ..] if not == "!" && rest.len() <= 3 => Expression::new(rest).whole().map(|truth| !truth),
            [open, word, close] if open == "(" && close == ")" => Ok(!word.is_empty()),
            [open, rest @ .., close] if open == "(" && close == ")" && rest.len() == 2 => Expression::new(rest).whole(),
            [_, operator, _] if operator != "-a" && operator != "-o" => {
                Err(format!("{}: binary operator expected", locale(operator)))
            }
            _ => {
                let truth = self.or()?;
                match self.words.get(self.at) {
                    None => Ok(truth),
                    Some(extra) => Err(format!("extra argument {}", locale(extra))),
                }
            }
        }
    }

    fn next_is(&self, word: &str) -> bool {
        self.words.get(self.at).is_some_and(|next| next == word)
    }

    fn or(&mut self) -> Truth {
        let mut truth = self.and()?;
        while self.next_is("-o") {
            self.at += 1;
            truth |= self.and()?;
        }
        Ok(truth)
    }

    fn and(&mut self) -> Truth {
        let mut truth = self.term()?;
        while self.next_is("-a") {
            self.at += 1;
            truth &= self.term()?;
        }
        Ok(truth)
    }

    fn term(&mut self) -> Truth {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("expression nested too deeply".to_owned());
        }
        let truth = self.term_inside();
        self.depth -= 1;
        truth
    }

    fn term_inside(&mut self) -> Truth {
        let rest = &self.words[self.at..];
        match rest {
            [] => {
                let last = self.words.last().cloned().unwrap_or_default();
                Err(format!("missing argument after {}", locale(last)))
            }
            [a, operator, b, ..] if is_binary(operator) => {
                self.at += 3;
                binary(a, operator, b)
            }
            [not, ..] if not == "!" => {
                self.at += 1;
                self.term().map(|truth| !truth)
            }
            [open, ..] if open == "(" => {
                self.at += 1;
                let truth = self.or()?;
                if !self.next_is(")") {
                    return Err(match self.words.get(self.at) {
                        Some(found) => format!("‘)’ expected, found {found}", found = found.to_string_lossy()),
                        None => "‘)’ expected".to_owned(),
                    });
                }
                self.at += 1;
                Ok(truth)
            }
            [operator, word, ..] if is_unary(operator) => {
                self.at += 2;
                unary(operator, word)
            }
            [word, ..] => {
                self.at += 1;
                Ok(!word.is_empty())
            }
        }
    }
}

fn unary(operator: &OsStr, word: &OsStr) -> Truth {
    let path = word.as_bytes();
    let status = || stat(path).ok();
    let kind = |wanted: Kind| status().is_some_and(|status| status.mode.kind() == wanted);
    let bit = |bit: u32| status().is_some_and(|status| status.mode.permissions() & bit != 0);
    let may = |wanted: Access| access(path, wanted).is_ok();
    Ok(match operator.as_bytes() {
        b"-n" => !word.is_empty(),
        b"-z" => word.is_empty(),
        b"-e" => status().is_some(),
        b"-f" => kind(Kind::Regular),
        b"-d" => kind(Kind::Directory),
        b"-b" => kind(Kind::BlockDevice),
        b"-c" => kind(Kind::CharacterDevice),
        b"-p" => kind(Kind::Fifo),
        b"-S" => kind(Kind::Socket),
        b"-h" | b"-L" => lstat(path).is_ok_and(|status| status.mode.kind() == Kind::Symlink),
        b"-g" => bit(0o2000),
        b"-k" => bit(0o1000),
        b"-u" => bit(0o4000),
        b"-r" => may(Access::READ),
        b"-w" => may(Access::WRITE),
        b"-x" => may(Access::EXECUTE),
        b"-s" => status().is_some_and(|status| status.size > 0),
        // All processes are root's.
        b"-O" => status().is_some_and(|status| status.uid == 0),
        b"-G" => status().is_some_and(|status| status.gid == 0),
        b"-N" => status().is_some_and(|status| status.modified > status.accessed),
        b"-t" => {
            let fd = integer(word)?;
            u32::try_from(fd).is_ok_and(|fd| is_terminal(Fd(fd)).unwrap_or(false))
        }
        // No shell options exist outside a shell.
        _ => false,
    })
}

fn binary(a: &OsStr, operator: &OsStr, b: &OsStr) -> Truth {
    let times = |compare: fn(&Stat, &Stat) -> bool| match (stat(a.as_bytes()).ok(), stat(b.as_bytes()).ok()) {
        (Some(a), Some(b)) => compare(&a, &b),
        // What is there is newer than what is not.
        (Some(_), None) => operator == "-nt",
        (None, Some(_)) => operator == "-ot",
        (None, None) => false,
    };
    Ok(match operator.as_bytes() {
        b"=" | b"==" => a == b,
        b"!=" => a != b,
        b"<" => a.as_bytes() < b.as_bytes(),
        b">" => a.as_bytes() > b.as_bytes(),
        b"-nt" => times(|a, b| a.modified > b.modified),
        b"-ot" => times(|a, b| a.modified < b.modified),
        b"-ef" => match (stat(a.as_bytes()), stat(b.as_bytes())) {
            (Ok(a), Ok(b)) => a.inode == b.inode,
            _ => false,
        },
        b"-eq" => number(a)? == number(b)?,
        b"-ne" => number(a)? != number(b)?,
        b"-lt" => number(a)? < number(b)?,
        b"-le" => number(a)? <= number(b)?,
        b"-gt" => number(a)? > number(b)?,
        _ => number(a)? >= number(b)?,
    })
}

/// A number of a comparison: digits, or the length of a string as `-l STRING` has it in GNU's test.
fn number(word: &OsStr) -> Result<i128, String> {
    integer(word).map(i128::from)
}

fn integer(word: &OsStr) -> Result<i64, String> {
    let text = word.to_string_lossy();
    let trimmed = text.trim();
    trimmed.strip_prefix('+').unwrap_or(trimmed).parse().map_err(|_| format!("invalid integer {}", locale(word)))
}
