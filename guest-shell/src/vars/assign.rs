//! Reading and changing variables with all of their rules: namerefs, readonly, integer and case attributes, dynamic
//! variables, `set -a`, the limit of the shell's state. Nothing here prints; the caller words the failure.

use std::borrow::Cow;

use super::{Attrs, Name, Resolved, STATE_MAX_BYTES, Value, Var, VarError, is_name};
use crate::expand::text;
use crate::options::SetOption;
use crate::shell::Shell;

/// Attributes that make an assignment more than storing a text.
const RULED: Attrs = Attrs::READONLY
    .or(Attrs::INTEGER)
    .or(Attrs::LOWER)
    .or(Attrs::UPPER)
    .or(Attrs::CAPITAL)
    .or(Attrs::NAMEREF)
    .or(Attrs::DYNAMIC)
    .or(Attrs::NOASSIGN);

/// Highest index of an indexed array (bash's ARRAY_MAX is 2^63-1; one less leaves room for `end`).
const INDEX_MAX: i64 = i64::MAX - 1;

/// Which element of an array is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Of an indexed array; negative counts from the end.
    Index(i64),
    /// Of an associative array.
    Text(Vec<u8>),
}

/// A place named by a text, as builtins take it: `x`, `a[3]`, `a[@]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPlace<'a> {
    /// A whole variable.
    Variable(Name),
    /// An element: the name and the text between the brackets.
    Element(Name, &'a [u8]),
}

impl<'a> TextPlace<'a> {
    /// Parses `x` or `x[subscript]`; `None` when it is no valid identifier.
    pub fn parse(text: &'a [u8]) -> Option<TextPlace<'a>> {
        let Some(open) = text.iter().position(|byte| *byte == b'[') else {
            return is_name(text).then(|| TextPlace::Variable(Name::new(text)));
        };
        let (name, rest) = text.split_at(open);
        let subscript = rest.strip_prefix(b"[")?.strip_suffix(b"]")?;
        (is_name(name) && !subscript.is_empty()).then(|| TextPlace::Element(Name::new(name), subscript))
    }
}

impl Shell {
    // Reading.

    /// The variable `name` leads to (namerefs followed), computed when it is dynamic.
    pub fn variable(&self, name: Name) -> Option<Cow<'_, Var>> {
        let var = self.vars.var(name)?;
        if !var.attrs.any(Attrs::DYNAMIC.or(Attrs::NAMEREF)) {
            return Some(Cow::Borrowed(var));
        }
        if var.attrs.has(Attrs::DYNAMIC) {
            return self.dynamic_variable(name, var).map(Cow::Owned);
        }
        match self.vars.resolve(name) {
            Resolved::Name(target) if target != name => self.variable(target),
            _ => None,
        }
    }

    /// The text of `$name`; `None` when it is unset.
    pub fn text_of(&self, name: Name) -> Option<Cow<'_, [u8]>> {
        let var = self.vars.var(name)?;
        if !var.attrs.any(Attrs::DYNAMIC.or(Attrs::NAMEREF)) {
            return var.text().map(Cow::Borrowed);
        }
        if var.attrs.has(Attrs::DYNAMIC) {
            return self.dynamic_variable(name, var)?.text().map(|text| Cow::Owned(text.to_vec()));
        }
        match self.vars.resolve(name) {
            Resolved::Name(target) if target != name => self.text_of(target),
            Resolved::Element(..) => self.vars.get(name).map(Cow::Borrowed),
            _ => None,
        }
    }

    // Assigning.

    /// `name=value` or `name+=value`.
    ///
    /// # Errors
    /// Readonly variables, a bad expression for an integer variable, a circle of namerefs, the state's limit.
    pub fn set_variable(&mut self, name: Name, value: &[u8], append: bool) -> Result<(), VarError> {
        if let Some(var) = self.vars.var(name)
            && var.attrs.any(RULED)
        {
            return self.set_ruled(name, value, append);
        }
        self.store(name, value, append)
    }

    /// `name=value` for callers that hold a text already.
    ///
    /// # Errors
    /// As [`Shell::set_variable`].
    pub fn assign_text(&mut self, place: &[u8], value: &[u8]) -> Result<(), VarError> {
        match TextPlace::parse(place) {
            Some(TextPlace::Variable(name)) => self.set_variable(name, value, false),
            Some(TextPlace::Element(name, subscript)) => {
                let key = self.key_of_text(name, subscript)?;
                self.set_element(name, &key, value, false)
            }
            None => Err(VarError::identifier(place)),
        }
    }

    #[inline]
    fn store(&mut self, name: Name, value: &[u8], append: bool) -> Result<(), VarError> {
        self.check_state(value.len())?;
        if append {
            self.vars.append_text(name, value);
        } else {
            self.vars.set_text(name, value);
        }
        if self.options.is(SetOption::AllExport) {
            self.vars.change(name, |var| var.attrs.add(Attrs::EXPORT));
        }
        if name.is_well_known() {
            self.special_assigned(name);
        }
        Ok(())
    }

    /// Fails when `more` bytes would exceed what variables may hold.
    ///
    /// # Errors
    /// bash's message of a failed allocation.
    pub fn check_state(&self, more: usize) -> Result<(), VarError> {
        if self.vars.used_bytes().saturating_add(more) <= STATE_MAX_BYTES {
            return Ok(());
        }
        Err(VarError::message(format!("xrealloc: cannot allocate {more} bytes")))
    }

    fn set_ruled(&mut self, name: Name, value: &[u8], append: bool) -> Result<(), VarError> {
        let Some(attrs) = self.vars.var(name).map(|var| var.attrs) else { return self.store(name, value, append) };
        if attrs.has(Attrs::NAMEREF) {
            return self.set_through_reference(name, value, append);
        }
        if attrs.has(Attrs::READONLY) {
            return Err(VarError::Readonly(name.bytes().to_vec()));
        }
        if attrs.has(Attrs::NOASSIGN) {
            return Ok(());
        }
        if attrs.has(Attrs::DYNAMIC) {
            self.assign_dynamic(name, value);
            return Ok(());
        }
        let old = if append { self.vars.get(name).map(<[u8]>::to_vec) } else { None };
        let text = self.ruled_text(attrs, old.as_deref().filter(|_| append), value)?;
        self.store(name, &text, false)
    }

    /// The text that is stored for `value` under `attrs`, with the old one in front for `+=`.
    pub(crate) fn ruled_text(&mut self, attrs: Attrs, old: Option<&[u8]>, value: &[u8]) -> Result<Vec<u8>, VarError> {
        let mut text = if attrs.has(Attrs::INTEGER) {
            let before = match old {
                Some(old) => self.evaluate_text(old)?,
                None => 0,
            };
            before.wrapping_add(self.evaluate_text(value)?).to_string().into_bytes()
        } else {
            [old.unwrap_or_default(), value].concat()
        };
        if attrs.has(Attrs::LOWER) {
            text = text::to_lower(&text);
        } else if attrs.has(Attrs::UPPER) {
            text = text::to_upper(&text);
        } else if attrs.has(Attrs::CAPITAL) {
            text = text::capitalize(&text);
        }
        Ok(text)
    }

    fn set_through_reference(&mut self, name: Name, value: &[u8], append: bool) -> Result<(), VarError> {
        match self.vars.resolve(name) {
            Resolved::Name(target) if target != name => self.set_variable(target, value, append),
            Resolved::Element(base, subscript) => {
                let key = self.key_of_text(base, &subscript)?;
                self.set_element(base, &key, value, append)
            }
            Resolved::Unbound(_) if TextPlace::parse(value).is_none() => Err(VarError::identifier(value)),
            Resolved::Unbound(at) => self.bind_reference(at, value),
            _ => {
                let text = [b"warning: ".as_slice(), name.bytes(), b": circular name reference"].concat();
                if !self.vars.in_function() {
                    return Err(VarError::Message(text));
                }
                // A reference to the variable that it hides leads to the global one.
                self.report(&text);
                self.vars.with_global(name, |vars| {
                    if append { vars.append_text(name, value) } else { vars.set_text(name, value) }
                });
                Ok(())
            }
        }
    }

    /// Gives a nameref without target its target.
    ///
    /// # Errors
    /// When `target` is no name, or the reference's own.
    pub fn bind_reference(&mut self, name: Name, target: &[u8]) -> Result<(), VarError> {
        match TextPlace::parse(target) {
            None => {
                let text = [b"`", target, b"': invalid variable name for name reference"].concat();
                return Err(VarError::Message(text));
            }
            Some(TextPlace::Variable(other)) if other == name && !self.vars.in_function() => {
                let text = [name.bytes(), b": nameref variable self references not allowed"].concat();
                return Err(VarError::Message(text));
            }
            Some(_) => {}
        }
        self.vars.set_text(name, target);
        Ok(())
    }

    /// `name[key]=value` or `+=`. Namerefs to whole variables are followed.
    ///
    /// # Errors
    /// As [`Shell::set_variable`], and for a subscript out of range.
    pub fn set_element(&mut self, name: Name, key: &Key, value: &[u8], append: bool) -> Result<(), VarError> {
        let name = self.referred(name)?;
        let attrs = self.vars.var(name).map(|var| var.attrs).unwrap_or_default();
        if attrs.has(Attrs::READONLY) {
            return Err(VarError::Readonly(name.bytes().to_vec()));
        }
        if attrs.has(Attrs::NOASSIGN) {
            return Ok(());
        }
        if attrs.has(Attrs::DYNAMIC) {
            self.assign_dynamic_element(name, key, value);
            return Ok(());
        }
        self.check_state(value.len() + 64)?;
        let ruled = attrs.any(RULED);
        match key {
            Key::Text(key) => {
                if ruled {
                    let old = self.element(name, &Key::Text(key.clone()))?.map(Cow::into_owned);
                    let text = self.ruled_text(attrs, old.as_deref().filter(|_| append), value)?;
                    self.vars.set_assoc(name, key, &text, false);
                } else {
                    self.vars.set_assoc(name, key, value, append);
                }
            }
            Key::Index(index) => {
                let at = self.absolute_index(name, *index)?;
                if ruled {
                    let old = self.element(name, &Key::Index(*index))?.map(Cow::into_owned);
                    let text = self.ruled_text(attrs, old.as_deref().filter(|_| append), value)?;
                    self.vars.set_indexed(name, at, &text, false);
                } else {
                    self.vars.set_indexed(name, at, value, append);
                }
            }
        }
        Ok(())
    }

    /// Replaces an array (or makes one) by these elements: `read -a`, `mapfile`.
    ///
    /// # Errors
    /// Readonly variables, associative arrays, the state's limit.
    pub fn set_array(&mut self, name: Name, list: Vec<Vec<u8>>) -> Result<(), VarError> {
        let name = self.referred(name)?;
        let attrs = self.vars.var(name).map(|var| var.attrs).unwrap_or_default();
        if attrs.has(Attrs::READONLY) {
            return Err(VarError::Readonly(name.bytes().to_vec()));
        }
        self.check_state(list.iter().map(|text| text.len() + 48).sum())?;
        let mut ruled = Vec::with_capacity(list.len());
        for text in list {
            ruled.push(if attrs.any(RULED) { self.ruled_text(attrs, None, &text)? } else { text });
        }
        self.vars.change(name, |var| {
            var.value = Value::Indexed(ruled.into());
            var.attrs.remove(Attrs::INVISIBLE);
        });
        Ok(())
    }

    /// The variable that `name` leads to when namerefs are followed.
    ///
    /// # Errors
    /// For a circle, and for references to elements.
    pub fn referred(&self, name: Name) -> Result<Name, VarError> {
        match self.vars.resolve(name) {
            Resolved::Name(target) | Resolved::Unbound(target) => Ok(target),
            Resolved::Element(base, subscript) => {
                Err(VarError::identifier(&[base.bytes(), b"[", &subscript, b"]"].concat()))
            }
            Resolved::Circular => Err(VarError::Message([name.bytes(), b": circular name reference"].concat())),
        }
    }

    // Elements.

    /// The key that the text between brackets means for the array `name`.
    ///
    /// # Errors
    /// A bad expression, an empty key.
    pub fn key_of_text(&mut self, name: Name, subscript: &[u8]) -> Result<Key, VarError> {
        if self.is_assoc(name) {
            return Ok(Key::Text(subscript.to_vec()));
        }
        if subscript.is_empty() {
            return Err(VarError::subscript(&[name.bytes(), b"[]"].concat()));
        }
        Ok(Key::Index(self.evaluate_text(subscript)?))
    }

    /// Whether `name` leads to an associative array.
    pub fn is_assoc(&self, name: Name) -> bool {
        let var = self.vars.resolved(name);
        var.is_some_and(|var| matches!(var.value, Value::Assoc(_)))
    }

    /// The element `key` of the variable `name` leads to.
    ///
    /// # Errors
    /// A negative index before the begin.
    pub fn element(&self, name: Name, key: &Key) -> Result<Option<Cow<'_, [u8]>>, VarError> {
        let Some(var) = self.variable(name).filter(|var| var.is_set()) else {
            return match key {
                Key::Index(..0) => Err(VarError::subscript(name.bytes())),
                _ => Ok(None),
            };
        };
        if let Key::Index(index) = key
            && *index < 0
            && !matches!(var.value, Value::Assoc(_))
        {
            let end = match &var.value {
                Value::Indexed(array) => array.end(),
                _ => 1,
            };
            if i64::try_from(end).unwrap_or(i64::MAX).checked_add(*index).is_none_or(|at| at < 0) {
                return Err(VarError::subscript(name.bytes()));
            }
        }
        Ok(match var {
            Cow::Borrowed(var) => element_of(var, key).map(Cow::Borrowed),
            Cow::Owned(var) => element_of(&var, key).map(|text| Cow::Owned(text.to_vec())),
        })
    }

    fn absolute_index(&self, name: Name, index: i64) -> Result<u64, VarError> {
        let end = match self.vars.var(name).map(|var| &var.value) {
            Some(Value::Indexed(array)) => array.end(),
            Some(Value::Scalar(_)) if index < 0 => 1,
            _ => 0,
        };
        let at = if index < 0 { i64::try_from(end).unwrap_or(INDEX_MAX) + index } else { index };
        if !(0..=INDEX_MAX).contains(&at) {
            let text = [name.bytes(), format!("[{index}]").as_bytes()].concat();
            return Err(VarError::subscript(&text));
        }
        Ok(at.unsigned_abs())
    }

    // Unsetting.

    /// `unset name`. Namerefs are followed; `unset -n` uses [`Shell::unset_here`].
    ///
    /// # Errors
    /// Readonly variables.
    pub fn unset_variable(&mut self, name: Name) -> Result<(), VarError> {
        match self.vars.resolve(name) {
            Resolved::Element(base, subscript) => {
                let key = self.key_of_text(base, &subscript)?;
                self.unset_element(base, &key)
            }
            Resolved::Name(target) | Resolved::Unbound(target) => self.unset_here(target),
            Resolved::Circular => self.unset_here(name),
        }
    }

    /// Unsets the variable itself, a nameref too.
    ///
    /// # Errors
    /// Readonly variables.
    pub fn unset_here(&mut self, name: Name) -> Result<(), VarError> {
        if self.vars.var(name).is_some_and(|var| var.attrs.has(Attrs::READONLY)) {
            return Err(VarError::Message([name.bytes(), b": cannot unset: readonly variable"].concat()));
        }
        let keep = self.is_shopt(crate::options::ShellOption::LocalVarUnset);
        self.vars.unset(name, keep);
        if name.is_well_known() {
            self.special_assigned(name);
        }
        Ok(())
    }

    /// `unset 'name[key]'`.
    ///
    /// # Errors
    /// Readonly variables, an index before the begin, a scalar with another index than 0.
    pub fn unset_element(&mut self, name: Name, key: &Key) -> Result<(), VarError> {
        let name = self.referred(name)?;
        let Some(var) = self.vars.var(name) else { return Ok(()) };
        if var.attrs.has(Attrs::READONLY) {
            return Err(VarError::Message([name.bytes(), b": cannot unset: readonly variable"].concat()));
        }
        if matches!(var.value, Value::Scalar(_)) {
            if *key == Key::Index(0) {
                return self.unset_here(name);
            }
            return Err(VarError::Message([name.bytes(), b": not an array variable"].concat()));
        }
        let index = match key {
            Key::Index(index) => {
                self.absolute_index(name, *index).map_err(|_| VarError::subscript(format!("[{index}]").as_bytes()))?
            }
            Key::Text(_) => 0,
        };
        self.vars.change(name, |var| match (&mut var.value, key) {
            (Value::Indexed(array), _) => array.remove(index),
            (Value::Assoc(array), Key::Text(key)) => array.remove(key),
            _ => None,
        });
        Ok(())
    }
}

/// The element `key` of `var`; a scalar is an array with one element.
fn element_of<'a>(var: &'a Var, key: &Key) -> Option<&'a [u8]> {
    match (&var.value, key) {
        (Value::Scalar(text), Key::Index(0 | -1)) => Some(text),
        (Value::Indexed(array), Key::Index(index)) if *index < 0 => {
            array.get(array.end().checked_sub(index.unsigned_abs())?)
        }
        (Value::Indexed(array), Key::Index(index)) => array.get(index.unsigned_abs()),
        (Value::Assoc(array), Key::Text(key)) => array.get(key),
        (Value::Assoc(array), Key::Index(index)) => array.get(index.to_string().as_bytes()),
        _ => None,
    }
}
