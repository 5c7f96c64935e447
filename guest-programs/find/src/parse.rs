//! The expression's grammar: operators by precedence, parentheses, and what a word stands for.

use std::collections::VecDeque;

use sandshell_posix_regex::Syntax;
use sandshell_sys::{Accounts, lstat};

use crate::arguments::begins_expression;
use crate::context::Settings;
use crate::expression::{Action, Expression, Test};
use crate::message::complain;
use crate::sinks::{Sink, Sinks};
use crate::time::{DAY, Nanos};

/// Deepest nesting of parentheses and negations: each is a call when an expression is decided.
const DEEPEST: usize = 500;

/// What was read.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) expression: Expression,
    pub(crate) settings: Settings,
    pub(crate) sinks: Sinks,
    /// The file that names the starting points.
    pub(crate) starts_file: Option<Vec<u8>>,
}

/// Reads an expression, and the settings that are among it.
pub(crate) struct Parser {
    words: VecDeque<Vec<u8>>,
    pub(crate) settings: Settings,
    pub(crate) sinks: Sinks,
    pub(crate) accounts: Accounts,
    pub(crate) starts_file: Option<Vec<u8>>,
    /// The syntax of regular expressions from here on.
    pub(crate) syntax: Syntax,
    /// When the last day began: a day before now, or at midnight.
    pub(crate) day: Nanos,
    pub(crate) warns: bool,
    /// `-depth` itself was given, so that `-delete` may come with `-prune`.
    pub(crate) depth_given: bool,
    pub(crate) deletes: bool,
    pub(crate) prunes: bool,
    /// The last primary that was read.
    last: Option<String>,
    /// The operator that was just read.
    operator: Option<String>,
    depth: usize,
}

impl Parser {
    pub(crate) fn new(words: VecDeque<Vec<u8>>, settings: Settings) -> Self {
        Self {
            words,
            day: settings.now - DAY,
            settings,
            sinks: Sinks::default(),
            accounts: Accounts::load(),
            starts_file: None,
            syntax: Syntax::Emacs,
            warns: false,
            depth_given: false,
            deletes: false,
            prunes: false,
            last: None,
            operator: None,
            depth: 0,
        }
    }

    /// Reads all words.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn parse(mut self) -> Result<Parsed, String> {
        let print = || Expression::Action(Action::Print(Sink::STDOUT, b'\n'));
        let mut expression = if self.words.is_empty() { Expression::And(Vec::new()) } else { self.list()? };
        if !self.words.is_empty() {
            return Err("you have too many ')'".to_owned());
        }
        if self.deletes && self.prunes && !self.depth_given {
            return Err("The -delete action automatically turns on -depth, but -prune does nothing when -depth is in \
                        effect.  If you want to carry on anyway, just explicitly use the -depth option."
                .to_owned());
        }
        if !expression.acts() {
            expression = Expression::And(vec![expression, print()]);
        }
        let Self { settings, sinks, starts_file, .. } = self;
        Ok(Parsed { expression, settings, sinks, starts_file })
    }

    fn list(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.or()?];
        while self.operator(&[b","])?.is_some() {
            parts.push(self.or()?);
        }
        Ok(single(parts, Expression::List))
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.and()?];
        while self.operator(&[b"-o", b"-or"])?.is_some() {
            parts.push(self.and()?);
        }
        Ok(single(parts, Expression::Or))
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.not()?];
        loop {
            if self.operator(&[b"-a", b"-and"])?.is_none() {
                match self.words.front().map(Vec::as_slice) {
                    None | Some(b")" | b"," | b"-o" | b"-or") => break,
                    Some(_) => {}
                }
            }
            parts.push(self.not()?);
        }
        Ok(single(parts, Expression::And))
    }

    /// Takes a binary operator; something must follow it.
    fn operator(&mut self, names: &[&[u8]]) -> Result<Option<()>, String> {
        let Some(word) = self.words.pop_front_if(|word| names.contains(&word.as_slice())) else { return Ok(None) };
        let name = String::from_utf8_lossy(&word).into_owned();
        if self.words.is_empty() {
            return Err(format!("expected an expression after '{name}'"));
        }
        self.operator = Some(name);
        Ok(Some(()))
    }

    fn not(&mut self) -> Result<Expression, String> {
        let Some(word) = self.words.pop_front() else {
            return Err("invalid expression".to_owned());
        };
        if self.depth >= DEEPEST {
            return Err(format!("expression is nested more than {DEEPEST} levels deep"));
        }
        self.depth += 1;
        let text = String::from_utf8_lossy(&word).into_owned();
        let parsed = match text.as_str() {
            "!" | "-not" if self.words.is_empty() => Err(format!("expected an expression after '{text}'")),
            "!" | "-not" => {
                self.operator = Some(text);
                self.not().map(|part| Expression::Not(Box::new(part)))
            }
            "(" => self.parentheses(),
            ")" => Err(match &self.operator {
                Some(before) => format!("expected an expression between '{before}' and ')'"),
                None => "you have too many ')'".to_owned(),
            }),
            "," | "-a" | "-and" | "-o" | "-or" => {
                Err(format!("invalid expression; you have used a binary operator '{text}' with nothing before it."))
            }
            _ if !begins_expression(&word, false) => Err(self.stray(&text)),
            _ => self.primary(&text),
        };
        self.depth -= 1;
        parsed
    }

    fn parentheses(&mut self) -> Result<Expression, String> {
        const MISSING: &str = "invalid expression; I was expecting to find a ')' somewhere but did not see one.";
        match self.words.front().map(Vec::as_slice) {
            None => {
                let message = "invalid expression; expected to find a ')' but didn't see one. \
                               Perhaps you need an extra predicate after '('";
                return Err(message.to_owned());
            }
            Some(b")") => return Err("invalid expression; empty parentheses are not allowed.".to_owned()),
            Some(_) => {}
        }
        let inside = self.list()?;
        match self.words.pop_front() {
            Some(word) if word == b")" => Ok(inside),
            _ => Err(MISSING.to_owned()),
        }
    }

    /// What to say of a word that should have been a starting point.
    fn stray(&self, word: &str) -> String {
        let mut message = format!("paths must precede expression: `{word}'");
        if let Some(last) = &self.last
            && lstat(word.as_bytes()).is_ok()
        {
            message.push_str(&format!("\nfind: possible unquoted pattern after predicate `{last}'?"));
        }
        message
    }

    fn primary(&mut self, name: &str) -> Result<Expression, String> {
        self.operator = None;
        let parsed = crate::primary::read(self, name);
        self.last = Some(name.to_owned());
        parsed
    }

    /// Takes the argument of a primary.
    pub(crate) fn argument(&mut self, name: &str) -> Result<Vec<u8>, String> {
        self.words.pop_front().ok_or_else(|| format!("missing argument to `{name}'"))
    }

    /// [`Self::argument`] as text.
    pub(crate) fn text(&mut self, name: &str) -> Result<String, String> {
        self.argument(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Takes the argument of a primary as what `read` makes of it.
    pub(crate) fn parsed<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, String> {
        let text = self.text(name)?;
        read(&text).ok_or_else(|| format!("invalid argument `{text}' to `{name}'"))
    }

    /// Says what is probably meant otherwise, if that is asked for.
    pub(crate) fn warn(&self, text: &str) {
        if self.warns {
            complain(&format!("warning: {text}"));
        }
    }

    /// Warns of an option that comes after what it looks as if it did not concern.
    pub(crate) fn warn_of_place(&self, name: &str) {
        if let Some(last) = &self.last {
            self.warn(&format!(
                "you have specified the global option {name} after the argument {last}, but global options are not \
                 positional, i.e., {name} affects tests specified before it as well as those specified after it.  \
                 Please specify global options before other arguments."
            ));
        }
    }
}

/// One part stands for itself.
fn single(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.len() {
        1 => parts.pop().unwrap_or(Expression::Test(Test::Constant(true))),
        _ => several(parts),
    }
}
