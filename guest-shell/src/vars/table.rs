//! The variable table: bindings by name, dynamic scopes, positional parameters, the cached environment.
//!
//! Bindings are shallow: the table holds what a name means now and a scope remembers what it meant before, so a
//! look-up is one index whatever the depth of calls. Cloning shares everything until one side writes, which is what
//! a subshell does. The table knows no arithmetic and no dynamic variables: `Shell`'s methods (`assign.rs`,
//! `dynamic.rs`) add them.

use std::cell::RefCell;
use std::rc::Rc;

use super::scope::Scope;
use super::{Attrs, Name, Value, Var};

/// Most bytes that variables may hold together: the limit of a shell's state, which travels and is stored.
pub const STATE_MAX_BYTES: usize = 12 << 20;

/// How many namerefs are followed before they count as a circle, as in bash.
const NAMEREF_DEPTH_MAX: usize = 8;

/// Where a name leads when namerefs are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// To this variable.
    Name(Name),
    /// To an element: the array's name and the text between the brackets.
    Element(Name, Vec<u8>),
    /// Nowhere: a circle.
    Circular,
    /// To a nameref that has no target yet (its own name).
    Unbound(Name),
}

/// The variables of a shell.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    pub(super) slots: Rc<Vec<Option<Rc<Var>>>>,
    pub(super) scopes: Rc<Vec<Scope>>,
    positional: Positional,
    /// Bytes that variables hold, including those hidden by scopes.
    pub(super) used: usize,
    pub(super) environment: RefCell<Option<Rc<Vec<Vec<u8>>>>>,
    /// Entries of the environment whose names are no variable's, handed on to programs.
    pub(super) foreign: Rc<Vec<Vec<u8>>>,
}

/// `$1`, `$2`, ...; `shift` moves the start and keeps the list.
#[derive(Clone, Debug, Default)]
pub struct Positional {
    list: Rc<Vec<Vec<u8>>>,
    start: usize,
}

impl Positional {
    /// Parameters from texts.
    pub fn new(list: Vec<Vec<u8>>) -> Positional {
        Positional { list: Rc::new(list), start: 0 }
    }

    /// The texts, `$1` first.
    pub fn as_slice(&self) -> &[Vec<u8>] {
        self.list.get(self.start..).unwrap_or_default()
    }

    /// `shift n`; false when there are fewer.
    pub fn shift(&mut self, n: usize) -> bool {
        let enough = n <= self.as_slice().len();
        if enough {
            self.start += n;
        }
        enough
    }
}

impl Vars {
    /// No variables at all.
    pub fn new() -> Vars {
        Vars::default()
    }

    // Reading.

    /// The variable as it stands in the table, without following namerefs.
    #[inline]
    pub fn var(&self, name: Name) -> Option<&Var> {
        self.slots.get(name.index())?.as_deref()
    }

    /// The variable that `name` leads to, namerefs followed.
    #[inline]
    pub fn resolved(&self, name: Name) -> Option<&Var> {
        let var = self.var(name)?;
        if !var.attrs.has(Attrs::NAMEREF) {
            return Some(var);
        }
        match self.resolve(name) {
            Resolved::Name(target) => self.var(target),
            _ => None,
        }
    }

    /// The text of `$name`, namerefs followed; `None` when unset. Dynamic variables answer what they were last set to:
    /// `Shell::variable` computes them.
    #[inline]
    pub fn get(&self, name: Name) -> Option<&[u8]> {
        let var = self.var(name)?;
        if !var.attrs.has(Attrs::NAMEREF) {
            return var.text();
        }
        match self.resolve(name) {
            Resolved::Name(target) => self.var(target)?.text(),
            Resolved::Element(base, subscript) => self.element_by_text(base, &subscript),
            Resolved::Circular | Resolved::Unbound(_) => None,
        }
    }

    /// Follows namerefs from `name`.
    pub fn resolve(&self, name: Name) -> Resolved {
        let mut at = name;
        for _ in 0..NAMEREF_DEPTH_MAX {
            let Some(var) = self.var(at).filter(|var| var.attrs.has(Attrs::NAMEREF)) else {
                return Resolved::Name(at);
            };
            let target = match &var.value {
                Value::Scalar(target) if var.is_set() && !target.is_empty() => target,
                _ => return Resolved::Unbound(at),
            };
            if let Some(open) = target.iter().position(|byte| *byte == b'[')
                && target.last() == Some(&b']')
            {
                let subscript = target[open + 1..target.len() - 1].to_vec();
                return Resolved::Element(Name::new(&target[..open]), subscript);
            }
            at = Name::new(target);
            if at == name {
                return Resolved::Circular;
            }
        }
        Resolved::Circular
    }

    /// An element whose subscript is a literal key or number (what a nameref `ref=a[2]` leads to).
    fn element_by_text(&self, base: Name, subscript: &[u8]) -> Option<&[u8]> {
        let var = self.var(base).filter(|var| var.is_set())?;
        let number = std::str::from_utf8(subscript).ok().and_then(|text| text.parse::<u64>().ok());
        match &var.value {
            Value::Assoc(array) => array.get(subscript),
            Value::Indexed(array) => array.get(number?),
            Value::Scalar(text) => (number? == 0).then_some(text.as_slice()),
        }
    }

    /// All names that have a variable, sorted by their bytes.
    pub fn names(&self) -> Vec<Name> {
        let mut names: Vec<Name> =
            self.slots.iter().enumerate().filter(|(_, slot)| slot.is_some()).map(|(i, _)| Name::at(i)).collect();
        names.sort_unstable_by(|a, b| a.bytes().cmp(b.bytes()));
        names
    }

    /// Names that begin with `prefix` and have a value, sorted: `${!prefix@}`.
    pub fn names_with_prefix(&self, prefix: &[u8]) -> Vec<Name> {
        let mut names = self.names();
        names.retain(|name| name.bytes().starts_with(prefix) && self.var(*name).is_some_and(Var::is_set));
        names
    }

    /// The variables as the innermost scope sees them, in no particular order.
    pub(crate) fn visible(&self) -> impl Iterator<Item = (Name, &Var)> {
        self.slots.iter().enumerate().filter_map(|(i, slot)| Some((Name::at(i), slot.as_deref()?)))
    }

    /// The table itself: it and every variable in it have another address once they were changed while somebody held
    /// a (weak) reference.
    pub(crate) fn slots(&self) -> &Rc<Vec<Option<Rc<Var>>>> {
        &self.slots
    }

    /// Bytes that all variables hold.
    pub fn used_bytes(&self) -> usize {
        self.used
    }

    // Writing. These do what they are told: readonly, integer and the rest are judged by `Shell::assign`.

    /// Replaces the variable whole.
    pub fn put(&mut self, name: Name, var: Var) {
        let exported = var.attrs.has(Attrs::EXPORT);
        let new = var.footprint();
        let slot = self.slot_mut(name);
        let old = slot.replace(Rc::new(var));
        let old_exported = old.as_ref().is_some_and(|var| var.attrs.has(Attrs::EXPORT));
        let old = old.map_or(0, |var| var.footprint());
        self.used = (self.used + new).saturating_sub(old);
        if exported || old_exported {
            self.environment_changed();
        }
    }

    /// Removes the variable from the table.
    pub fn take(&mut self, name: Name) -> Option<Rc<Var>> {
        let taken = self.slot_mut(name).take()?;
        self.used = self.used.saturating_sub(taken.footprint());
        if taken.attrs.has(Attrs::EXPORT) {
            self.environment_changed();
        }
        Some(taken)
    }

    /// Sets the text of a scalar (element 0 of an array), keeping attributes; the variable is made when absent.
    /// The buffer of the old value is used again, so a loop of assignments does not allocate.
    pub fn set_text(&mut self, name: Name, text: &[u8]) {
        let mut used = self.used;
        let var = self.ensure(name);
        let buffer = match &mut var.value {
            Value::Scalar(buffer) => buffer,
            Value::Indexed(array) => array.slot(0),
            Value::Assoc(array) => array.slot(b"0"),
        };
        used = (used + text.len()).saturating_sub(buffer.len());
        buffer.clear();
        buffer.extend_from_slice(text);
        var.attrs.remove(Attrs::INVISIBLE);
        let exported = var.attrs.has(Attrs::EXPORT);
        self.used = used;
        if exported {
            self.environment_changed();
        }
    }

    /// Appends to the text of a scalar (element 0 of an array).
    pub fn append_text(&mut self, name: Name, text: &[u8]) {
        let var = self.ensure(name);
        let buffer = match &mut var.value {
            Value::Scalar(buffer) => buffer,
            Value::Indexed(array) => array.slot(0),
            Value::Assoc(array) => array.slot(b"0"),
        };
        buffer.extend_from_slice(text);
        var.attrs.remove(Attrs::INVISIBLE);
        let exported = var.attrs.has(Attrs::EXPORT);
        self.used += text.len();
        if exported {
            self.environment_changed();
        }
    }

    /// Changes a variable in place (made when absent) and settles the account. For single elements of large arrays
    /// use [`Vars::set_indexed`] and [`Vars::set_assoc`], which cost no recount.
    pub fn change<R>(&mut self, name: Name, change: impl FnOnce(&mut Var) -> R) -> R {
        let before = self.var(name).map_or(0, Var::footprint);
        let var = self.ensure(name);
        let exported_before = var.attrs.has(Attrs::EXPORT);
        let result = change(var);
        let exported = var.attrs.has(Attrs::EXPORT);
        let after = var.footprint();
        self.used = (self.used + after).saturating_sub(before);
        if exported || exported_before {
            self.environment_changed();
        }
        result
    }

    /// Sets or appends to element `index` of an indexed array; a scalar becomes an array.
    pub fn set_indexed(&mut self, name: Name, index: u64, text: &[u8], append: bool) {
        let var = self.ensure(name);
        let Some(array) = var.make_indexed() else { return };
        let slot = array.slot(index);
        let before = slot.len();
        if !append {
            slot.clear();
        }
        slot.extend_from_slice(text);
        let after = slot.len();
        var.attrs.remove(Attrs::INVISIBLE);
        self.used = (self.used + after).saturating_sub(before);
    }

    /// Sets or appends to the element `key` of an associative array; other variables are left alone.
    pub fn set_assoc(&mut self, name: Name, key: &[u8], text: &[u8], append: bool) {
        let var = self.ensure(name);
        let Value::Assoc(array) = &mut var.value else { return };
        let n = array.len();
        let slot = array.slot(key);
        let before = slot.len();
        if !append {
            slot.clear();
        }
        slot.extend_from_slice(text);
        let after = slot.len();
        let grown = if array.len() > n { key.len() } else { 0 };
        var.attrs.remove(Attrs::INVISIBLE);
        self.used = (self.used + after + grown).saturating_sub(before);
    }

    #[inline]
    pub(super) fn slot_mut(&mut self, name: Name) -> &mut Option<Rc<Var>> {
        let slots = Rc::make_mut(&mut self.slots);
        let index = name.index();
        if index >= slots.len() {
            slots.resize(index + 1, None);
        }
        &mut slots[index]
    }

    #[inline]
    pub(super) fn ensure(&mut self, name: Name) -> &mut Var {
        Rc::make_mut(self.slot_mut(name).get_or_insert_with(|| Rc::new(Var::declared(Attrs::NONE))))
    }

    // Positional parameters.

    /// `$1`, `$2`, ...
    pub fn positional(&self) -> &[Vec<u8>] {
        self.positional.as_slice()
    }

    /// Replaces the positional parameters; answers the former ones, to put back after a call.
    pub fn set_positional(&mut self, new: Positional) -> Positional {
        std::mem::replace(&mut self.positional, new)
    }

    /// `shift n`; false when there are fewer parameters, and nothing changes.
    pub fn shift(&mut self, n: usize) -> bool {
        self.positional.shift(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vars::ScopeKind;

    fn get(vars: &Vars, name: &str) -> Option<String> {
        vars.get(Name::from(name)).map(|text| String::from_utf8_lossy(text).into_owned())
    }

    #[test]
    fn locals_hide_and_come_back() {
        let mut vars = Vars::new();
        let x = Name::from("x");
        vars.set_text(x, b"1");
        vars.push_scope(ScopeKind::Function);
        assert!(vars.make_local(x).is_some());
        assert_eq!(get(&vars, "x"), None);
        vars.set_text(x, b"2");
        vars.push_scope(ScopeKind::Function);
        vars.unset(x, false);
        assert_eq!(get(&vars, "x").as_deref(), Some("1"));
        vars.pop_scope();
        vars.pop_scope();
        assert_eq!(get(&vars, "x").as_deref(), Some("1"));
        assert_eq!(vars.used_bytes(), 1);
    }

    #[test]
    fn a_clone_does_not_see_later_writes() {
        let mut vars = Vars::new();
        let x = Name::from("x");
        vars.set_text(x, b"1");
        let copy = vars.clone();
        vars.set_text(x, b"2");
        assert_eq!(get(&copy, "x").as_deref(), Some("1"));
        assert_eq!(get(&vars, "x").as_deref(), Some("2"));
    }

    #[test]
    fn the_environment_follows_exported_variables() {
        let mut vars = Vars::new();
        let x = Name::from("x");
        vars.set_text(x, b"1");
        assert!(vars.environment().is_empty());
        vars.change(x, |var| var.attrs.add(Attrs::EXPORT));
        assert_eq!(*vars.environment(), [b"x=1".to_vec()]);
        vars.set_text(x, b"2");
        assert_eq!(*vars.environment(), [b"x=2".to_vec()]);
        vars.push_scope(ScopeKind::Temporary);
        let mut temporary = Var::scalar("3");
        temporary.attrs.add(Attrs::EXPORT);
        vars.bind_here(x, temporary);
        assert_eq!(*vars.environment(), [b"x=3".to_vec()]);
        vars.pop_scope();
        assert_eq!(*vars.environment(), [b"x=2".to_vec()]);
    }

    #[test]
    fn namerefs_lead_to_variables_elements_and_circles() {
        let mut vars = Vars::new();
        let (a, b) = (Name::from("ref_a"), Name::from("ref_b"));
        vars.set_text(a, b"ref_b");
        vars.change(a, |var| var.attrs.add(Attrs::NAMEREF));
        assert_eq!(vars.resolve(a), Resolved::Name(b));
        vars.set_text(b, b"ref_a");
        vars.change(b, |var| var.attrs.add(Attrs::NAMEREF));
        assert_eq!(vars.resolve(a), Resolved::Circular);
        let mut target = Var::scalar("list[2]");
        target.attrs.add(Attrs::NAMEREF);
        vars.put(b, target);
        assert_eq!(vars.resolve(a), Resolved::Element(Name::from("list"), b"2".to_vec()));
        vars.set_indexed(Name::from("list"), 2, b"two", false);
        assert_eq!(get(&vars, "ref_a").as_deref(), Some("two"));
    }
}
