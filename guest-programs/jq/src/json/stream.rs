//! JSON text as events: `[path, leaf]` for each leaf and `[path]` at the end of each container, before all is read.

use super::read::{DEPTH_MAX, Expect};
use super::scan::{Scanner, Token};
use super::{Reader, Source};
use crate::value::{Map, Value};

/// A container that is being read: its mark, and the key or position of the current item.
struct Level {
    array: bool,
    key: Value,
    items: usize,
}

/// Reads events.
pub(crate) struct Stream<S> {
    reader: Reader<S>,
    levels: Vec<Level>,
    expect: Expect,
    pending: Option<Value>,
}

impl<S: Source> Stream<S> {
    /// A reader of events in place of one of values.
    pub(crate) fn new(reader: Reader<S>) -> Self {
        Self { reader, levels: Vec::new(), expect: Expect::Value, pending: None }
    }

    /// The reader below.
    pub(crate) fn reader(&self) -> &Reader<S> {
        &self.reader
    }

    /// The path of where reading is.
    pub(crate) fn location(&self) -> Value {
        self.path()
    }

    fn scanner(&mut self) -> &mut Scanner<S> {
        &mut self.reader.scanner
    }

    fn path(&self) -> Value {
        Value::array(self.levels.iter().map(|level| level.key.clone()).collect())
    }

    /// The next event; nothing at the end.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, and where.
    pub(crate) fn next(&mut self) -> Result<Option<Value>, String> {
        if let Some(event) = self.pending.take() {
            return Ok(Some(event));
        }
        loop {
            let event = match self.scanner().next()? {
                Token::End if self.levels.is_empty() => return Ok(None),
                Token::End => return Err(self.scanner().complaint_at_end("Unfinished JSON term")),
                Token::Separator if self.levels.is_empty() => continue,
                Token::Separator => return Err(self.scanner().complaint_here("Unfinished JSON term")),
                Token::Mark(mark @ (b'[' | b'{')) => {
                    self.begin_value()?;
                    if self.levels.len() >= DEPTH_MAX {
                        return Err(self.scanner().complaint_here("Exceeds depth limit for parsing"));
                    }
                    self.levels.push(Level { array: mark == b'[', key: Value::Null, items: 0 });
                    self.expect = Expect::First;
                    None
                }
                Token::Mark(b',') => {
                    if self.expect != Expect::Next || self.levels.is_empty() {
                        return Err(self.scanner().complaint_here("Expected value before ','"));
                    }
                    if let Some(level) = self.levels.last_mut().filter(|level| !level.array) {
                        level.key = Value::Null;
                    }
                    self.expect = Expect::Value;
                    None
                }
                Token::Mark(b':') => return Err(self.scanner().complaint_here("Expected string key before ':'")),
                Token::Mark(mark) => Some(self.close(mark)?),
                Token::Scalar(value) => self.scalar(value)?,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// Before a value: the position of an array moves on.
    fn begin_value(&mut self) -> Result<(), String> {
        if self.expect == Expect::Next {
            return Err(self.scanner().complaint_here("Expected separator between values"));
        }
        if let Some(level) = self.levels.last_mut() {
            if level.array {
                level.key = Value::count(level.items);
            } else if matches!(level.key, Value::Null) {
                return Err(self.scanner().complaint_here("Objects must consist of key:value pairs"));
            }
            level.items += 1;
        }
        Ok(())
    }

    fn scalar(&mut self, value: Value) -> Result<Option<Value>, String> {
        let awaits_key = self.levels.last().is_some_and(|level| !level.array && matches!(level.key, Value::Null));
        if awaits_key && self.expect != Expect::Next {
            if !matches!(value, Value::Str(_)) {
                return Err(self.scanner().complaint_here("Object keys must be strings"));
            }
            if let Some(level) = self.levels.last_mut() {
                level.key = value;
            }
            return match self.scanner().next()? {
                Token::Mark(b':') => {
                    self.expect = Expect::Value;
                    Ok(None)
                }
                Token::End => Err(self.scanner().complaint_at_end("Unfinished JSON term")),
                _ => Err(self.scanner().complaint_here("Objects must consist of key:value pairs")),
            };
        }
        self.begin_value()?;
        let event = Value::array(vec![self.path(), value]);
        self.end_value();
        Ok(Some(event))
    }

    fn end_value(&mut self) {
        self.expect = if self.levels.is_empty() { Expect::Value } else { Expect::Next };
    }

    fn close(&mut self, mark: u8) -> Result<Value, String> {
        let fits = self.levels.last().is_some_and(|level| level.array == (mark == b']'));
        if !fits {
            return Err(self.scanner().complaint_here(&format!("Unmatched '{}'", char::from(mark))));
        }
        if self.expect == Expect::Value {
            let missing =
                if mark == b']' { "Expected another array element" } else { "Expected another key-value pair" };
            return Err(self.scanner().complaint_here(missing));
        }
        let path = self.path();
        let level = self.levels.pop();
        let empty = level.as_ref().is_none_or(|level| level.items == 0);
        let event = if empty {
            let value = if mark == b']' { Value::array(Vec::new()) } else { Value::object(Map::default()) };
            Value::array(vec![self.path(), value])
        } else {
            Value::array(vec![path])
        };
        self.end_value();
        Ok(event)
    }
}
