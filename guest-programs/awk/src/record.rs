//! The current record: its text, and its fields, which are found when one is first asked for.

use crate::failure::{Failure, Result};
use crate::format::NumberFormat;
use crate::pattern::Span;
use crate::split::Splitter;
use crate::value::Value;

/// The highest number of a field, so that one assignment cannot ask for memory without end.
const FIELDS_MAX: usize = 1 << 24;

/// `$0` and `$1` to `$NF`.
#[derive(Default)]
pub(crate) struct Record {
    text: Vec<u8>,
    /// The fields as places in the text, once it is split and while none was assigned.
    spans: Vec<Span>,
    /// The fields, once one was assigned.
    values: Option<Vec<Value>>,
    split: bool,
    /// The text is not that of the fields any more.
    stale: bool,
}

/// What the rebuilding of a record needs.
pub(crate) struct Joint<'a> {
    pub(crate) splitter: &'a Splitter,
    pub(crate) separator: &'a [u8],
    pub(crate) format: &'a NumberFormat,
}

impl Record {
    /// Takes a new text. It is written into the given buffer's place, so that no record needs memory of its own.
    pub(crate) fn read_into(&mut self) -> &mut Vec<u8> {
        self.spans.clear();
        self.values = None;
        self.split = false;
        self.stale = false;
        &mut self.text
    }

    /// Finds the fields.
    #[inline]
    pub(crate) fn split(&mut self, splitter: &Splitter) -> Result<()> {
        if !self.split {
            self.split = true;
            splitter.split(&self.text, &mut self.spans)?;
        }
        Ok(())
    }

    /// `NF`.
    pub(crate) fn count(&mut self, splitter: &Splitter) -> Result<usize> {
        self.split(splitter)?;
        Ok(self.values.as_ref().map_or(self.spans.len(), Vec::len))
    }

    /// The whole text.
    #[inline]
    pub(crate) fn text(&mut self, joint: &Joint<'_>) -> &[u8] {
        if self.stale {
            self.stale = false;
            self.text.clear();
            for (at, value) in self.values.iter().flatten().enumerate() {
                if at > 0 {
                    self.text.extend_from_slice(joint.separator);
                }
                value.push_to(&mut self.text, joint.format);
            }
        }
        &self.text
    }

    /// A field, from 1.
    #[inline]
    pub(crate) fn field(&mut self, number: usize, splitter: &Splitter) -> Result<Value> {
        self.split(splitter)?;
        if let Some(values) = &self.values {
            return Ok(values.get(number - 1).cloned().unwrap_or(Value::Unset));
        }
        Ok(self.spans.get(number - 1).map_or(Value::Unset, |span| self.piece(*span)))
    }

    #[inline]
    fn piece(&self, (from, to): Span) -> Value {
        Value::input(self.text.get(from..to).unwrap_or_default())
    }

    /// The fields as values that can be assigned.
    fn values(&mut self, joint: &Joint<'_>) -> Result<&mut Vec<Value>> {
        self.split(joint.splitter)?;
        if self.values.is_none() {
            self.values = Some(self.spans.iter().map(|span| self.piece(*span)).collect());
        }
        Ok(self.values.get_or_insert_default())
    }

    /// Assigns a field, from 1.
    pub(crate) fn assign(&mut self, number: usize, value: Value, joint: &Joint<'_>) -> Result<()> {
        check(number)?;
        let values = self.values(joint)?;
        if values.len() < number {
            values.resize(number, Value::input(b""));
        }
        if let Some(field) = values.get_mut(number - 1) {
            *field = value;
        }
        self.stale = true;
        Ok(())
    }

    /// Assigns `NF`.
    pub(crate) fn set_count(&mut self, count: usize, joint: &Joint<'_>) -> Result<()> {
        check(count)?;
        self.values(joint)?.resize(count, Value::input(b""));
        self.stale = true;
        Ok(())
    }
}

fn check(number: usize) -> Result<()> {
    if number > FIELDS_MAX { Err(Failure::fatal(format!("field number {number} is too large"))) } else { Ok(()) }
}
