//! The environment of programs: the exported variables, in the order in which bash hands them on.
//!
//! bash keeps variables in hash tables and walks them: entries that are no variables first, then the assignments before
//! the command and the locals of functions, innermost first, then the globals.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Attrs, Name, Value, Vars};

/// The buckets of bash's tables: globals, a scope's variables, entries that are no variables, functions.
const GLOBAL_BUCKETS: u32 = 1024;
const SCOPE_BUCKETS: u32 = 4;
const FOREIGN_BUCKETS: u32 = 64;
/// The buckets of bash's table of functions.
pub(crate) const FUNCTION_BUCKETS: u32 = 512;

/// The bucket of a key in a hash table of bash: FNV-1.
pub(crate) fn bucket(key: &[u8], buckets: u32) -> u32 {
    let hash = key.iter().fold(0x811c_9dc5u32, |hash, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte));
    hash % buckets.max(1)
}

impl Vars {
    /// `NAME=value` of every exported variable with a value, cached until one of them changes.
    pub fn environment(&self) -> Rc<Vec<Vec<u8>>> {
        Rc::clone(self.environment.borrow_mut().get_or_insert_with(|| Rc::new(self.build_environment())))
    }

    /// Entries of the environment whose names are no variable's.
    pub(crate) fn foreign_environment(&self) -> &[Vec<u8>] {
        &self.foreign
    }

    /// Sets the entries of the environment whose names are no variable's.
    pub(crate) fn set_foreign_environment(&mut self, mut entries: Vec<Vec<u8>>) {
        entries.sort_by_key(|entry| bucket(name_of(entry), FOREIGN_BUCKETS));
        self.foreign = Rc::new(entries);
        self.environment_changed();
    }

    pub(super) fn environment_changed(&mut self) {
        *self.environment.get_mut() = None;
    }

    fn build_environment(&self) -> Vec<Vec<u8>> {
        let mut list = self.foreign.as_ref().clone();
        let mut seen = BTreeSet::new();
        for scope in self.scopes.iter().rev() {
            let mut names: Vec<Name> = scope.names().filter(|name| seen.insert(*name)).collect();
            // What came last stands first in its bucket.
            names.reverse();
            self.push_entries(names, SCOPE_BUCKETS, &mut list);
        }
        let globals = (0..self.slots.len()).rev().map(Name::at).filter(|name| !seen.contains(name));
        self.push_entries(globals.collect(), GLOBAL_BUCKETS, &mut list);
        list
    }

    fn push_entries(&self, mut names: Vec<Name>, buckets: u32, list: &mut Vec<Vec<u8>>) {
        names.retain(|name| self.var(*name).is_some_and(|var| var.attrs.has(Attrs::EXPORT) && var.is_set()));
        names.sort_by_cached_key(|name| bucket(name.bytes(), buckets));
        list.extend(names.into_iter().filter_map(|name| match &self.var(name)?.value {
            Value::Scalar(text) => Some([name.bytes(), b"=", text.as_slice()].concat()),
            _ => None,
        }));
    }
}

fn name_of(entry: &[u8]) -> &[u8] {
    entry.split(|byte| *byte == b'=').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vars::{ScopeKind, Var};

    #[test]
    fn programs_get_their_environment_in_bash_s_order() {
        let mut vars = Vars::new();
        let export = |vars: &mut Vars, name: &str| {
            let mut var = Var::scalar("v");
            var.attrs.add(Attrs::EXPORT);
            vars.bind_here(Name::from(name), var);
        };
        for name in ["PATH", "SHLVL", "FOO", "A", "B", "C", "Q", "W", "PWD", "ZED"] {
            export(&mut vars, name);
        }
        vars.push_scope(ScopeKind::Temporary);
        for name in ["Z", "Y", "X", "AA", "ZED", "QQ"] {
            export(&mut vars, name);
        }
        vars.set_foreign_environment(["a.b=1", "x-y=2", "1=3"].map(|entry| entry.as_bytes().to_vec()).to_vec());
        let found: Vec<_> =
            vars.environment().iter().map(|entry| String::from_utf8_lossy(name_of(entry)).into_owned()).collect();
        let expected = "x-y 1 a.b Z ZED Y QQ AA X PWD W Q C B A FOO SHLVL PATH";
        assert_eq!(found.join(" "), expected);
    }
}
