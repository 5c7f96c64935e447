//! Values out of JSON text, one after the other.

use std::io;
use std::rc::Rc;

use ecow::EcoString;

pub(crate) use super::scan::Source;
use super::scan::{Scanner, Token};
use crate::value::{Map, Value};

/// Deepest nesting of text that is read.
pub(super) const DEPTH_MAX: usize = 10_000;

/// Reads values.
pub(crate) struct Reader<S> {
    pub(super) scanner: Scanner<S>,
}

/// A container that is being read.
enum Open {
    Array(Vec<Value>),
    /// Members, and the key whose value comes next.
    Object(Map, Option<EcoString>),
}

/// What the grammar allows next.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Expect {
    /// A value, or the end of the container that was just opened.
    First,
    /// A value, after a comma or colon.
    Value,
    /// A comma or the end, after a value.
    Next,
}

impl<S: Source> Reader<S> {
    /// A reader of a source; `separated` when it is application/json-seq.
    pub(crate) fn new(source: S, separated: bool) -> Self {
        Self { scanner: Scanner::new(source, separated) }
    }

    /// The source.
    pub(crate) fn source(&self) -> &S {
        self.scanner.source()
    }

    /// Lines that were read, to the end of the one of the last value.
    pub(crate) fn line(&self) -> usize {
        self.scanner.line()
    }

    /// The next value; nothing at the end.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, and where.
    pub(crate) fn next(&mut self) -> Result<Option<Value>, String> {
        let mut open: Vec<Open> = Vec::new();
        let mut expect = Expect::Value;
        loop {
            let mut done = match self.scanner.next()? {
                Token::End if open.is_empty() => return Ok(None),
                Token::End => return Err(self.scanner.complaint_at_end("Unfinished JSON term")),
                Token::Separator if open.is_empty() => continue,
                Token::Separator => return Err(self.scanner.complaint_here("Unfinished JSON term")),
                Token::Mark(mark @ (b'[' | b'{')) => {
                    self.check_value(expect, open.last(), mark == b'{' || mark == b'[')?;
                    if open.len() >= DEPTH_MAX {
                        return Err(self.scanner.complaint_here("Exceeds depth limit for parsing"));
                    }
                    open.push(if mark == b'[' { Open::Array(Vec::new()) } else { Open::Object(Map::default(), None) });
                    expect = Expect::First;
                    continue;
                }
                Token::Mark(b',') => {
                    self.comma(expect, open.last_mut())?;
                    expect = Expect::Value;
                    continue;
                }
                Token::Mark(b':') => {
                    self.colon(expect, open.last_mut())?;
                    expect = Expect::Value;
                    continue;
                }
                Token::Mark(mark) => self.close(mark, expect, open.pop())?,
                Token::Scalar(value) => {
                    self.check_value(expect, open.last(), false)?;
                    value
                }
            };
            match open.last_mut() {
                None => return Ok(Some(done)),
                Some(Open::Array(items)) => items.push(done),
                Some(Open::Object(map, key)) => match key.take() {
                    Some(key) => map.insert(key, done),
                    None => match &mut done {
                        Value::Str(text) => {
                            *key = Some(std::mem::take(text));
                            self.expect_colon()?;
                            expect = Expect::Value;
                            continue;
                        }
                        _ => return Err(self.key_complaint()?),
                    },
                },
            }
            expect = Expect::Next;
        }
    }

    /// After a key.
    fn expect_colon(&mut self) -> Result<(), String> {
        match self.scanner.next()? {
            Token::Mark(b':') => Ok(()),
            Token::End => Err(self.scanner.complaint_at_end("Unfinished JSON term")),
            Token::Mark(b'}' | b',') => Err(self.scanner.complaint_here("Objects must consist of key:value pairs")),
            Token::Mark(b']') => Err(self.scanner.complaint_here("Unmatched ']'")),
            _ => Err(self.scanner.complaint_here("Expected separator between values")),
        }
    }

    /// What is wrong with a key that is no string depends on what follows it.
    fn key_complaint(&mut self) -> Result<String, String> {
        Ok(match self.scanner.next()? {
            Token::Mark(b':') => self.scanner.complaint_here("Object keys must be strings"),
            Token::End => self.scanner.complaint_at_end("Unfinished JSON term"),
            Token::Mark(b'}' | b',') => self.scanner.complaint_here("Objects must consist of key:value pairs"),
            _ => self.scanner.complaint_here("Expected separator between values"),
        })
    }

    fn check_value(&self, expect: Expect, open: Option<&Open>, container: bool) -> Result<(), String> {
        if expect == Expect::Next {
            return Err(self.scanner.complaint_here("Expected separator between values"));
        }
        if container && matches!(open, Some(Open::Object(_, None))) {
            return Err(self.scanner.complaint_here("Objects must consist of key:value pairs"));
        }
        Ok(())
    }

    fn comma(&self, expect: Expect, open: Option<&mut Open>) -> Result<(), String> {
        let complaint = match (open, expect) {
            (None, _) | (Some(_), Expect::First | Expect::Value) => "Expected value before ','",
            (Some(_), Expect::Next) => return Ok(()),
        };
        Err(self.scanner.complaint_here(complaint))
    }

    fn colon(&self, expect: Expect, open: Option<&mut Open>) -> Result<(), String> {
        let complaint = match (open, expect) {
            (None, _) => "Expected string key before ':'",
            (Some(Open::Array(_)), Expect::Next) => "':' not as part of an object",
            (Some(Open::Object(..)), Expect::Next) => "':' should follow a key",
            (Some(_), _) => "Expected string key before ':'",
        };
        Err(self.scanner.complaint_here(complaint))
    }

    fn close(&self, mark: u8, expect: Expect, open: Option<Open>) -> Result<Value, String> {
        let complaint = match (mark, open, expect) {
            (b']', Some(Open::Array(items)), Expect::First | Expect::Next) => {
                return Ok(Value::Arr(Rc::new(items.into())));
            }
            (b'}', Some(Open::Object(map, None)), Expect::First | Expect::Next) => return Ok(Value::object(map)),
            (b']', Some(Open::Array(_)), Expect::Value) => "Expected another array element",
            (b'}', Some(Open::Object(_, None)), Expect::Value) => "Expected another key-value pair",
            (b'}', Some(Open::Object(_, Some(_))), _) => "Unmatched '}'",
            (b'}', Some(Open::Array(_)), Expect::Next) => "Objects must consist of key:value pairs",
            (b']', _, _) => "Unmatched ']'",
            _ => "Unmatched '}'",
        };
        Err(self.scanner.complaint_here(complaint))
    }
}

/// Text that is there as a whole.
struct Whole<'a>(&'a [u8]);

impl Source for Whole<'_> {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<bool> {
        buffer.extend_from_slice(self.0);
        Ok(!std::mem::take(&mut self.0).is_empty())
    }
}

/// All values of a text.
///
/// # Errors
///
/// What is wrong with the text, and where.
pub(crate) fn parse_text(text: &[u8]) -> Result<Vec<Value>, String> {
    let mut reader = Reader::new(Whole(text), false);
    let mut values = Vec::new();
    while let Some(value) = reader.next()? {
        values.push(value);
    }
    Ok(values)
}
