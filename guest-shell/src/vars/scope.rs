//! Dynamic scopes: what `local` and the assignments before a command hide, and how it comes back.
//!
//! The table holds what a name means now, a scope what it meant before. Everything here is a method of the table.

use std::rc::Rc;

use super::{Attrs, Name, Var, Vars};

/// What a scope was opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeKind {
    /// A function call: `local` makes variables here.
    Function,
    /// The assignments before a builtin or a function (`x=1 cmd`).
    Temporary,
}

#[derive(Clone, Debug)]
pub(super) struct Scope {
    kind: ScopeKind,
    /// What these names meant outside.
    saved: Vec<(Name, Option<Rc<Var>>)>,
}

impl Scope {
    /// The names it binds, in the order in which they were bound.
    pub(super) fn names(&self) -> impl Iterator<Item = Name> {
        self.saved.iter().map(|(name, _)| *name)
    }
}

impl Vars {
    /// Opens a scope; every `push_scope` is matched by one [`Vars::pop_scope`].
    pub fn push_scope(&mut self, kind: ScopeKind) {
        Rc::make_mut(&mut self.scopes).push(Scope { kind, saved: Vec::new() });
    }

    /// Closes the innermost scope: what it hid is visible again.
    pub fn pop_scope(&mut self) {
        let Some(scope) = Rc::make_mut(&mut self.scopes).pop() else { return };
        for (name, old) in scope.saved.into_iter().rev() {
            self.restore(name, old);
        }
    }

    /// Number of open scopes.
    pub fn depth(&self) -> usize {
        self.scopes.len()
    }

    /// Whether a function is being executed.
    pub fn in_function(&self) -> bool {
        self.scopes.iter().any(|scope| scope.kind == ScopeKind::Function)
    }

    /// Whether `name` is a local variable of the innermost function.
    pub fn is_local_here(&self, name: Name) -> bool {
        self.function_scope().is_some_and(|at| self.scopes[at].saved.iter().any(|(saved, _)| *saved == name))
    }

    /// Makes `name` a variable of the innermost function: declared, without a value. Already local: left alone. Answers
    /// what the name meant before, or `None` when it already was local or no function runs.
    ///
    /// A variable of the assignments before the call keeps value and attributes, as in bash.
    pub fn make_local(&mut self, name: Name) -> Option<Option<Rc<Var>>> {
        let at = self.function_scope()?;
        if self.is_local_here(name) {
            return None;
        }
        let scopes = Rc::make_mut(&mut self.scopes);
        let temporary = scopes.iter_mut().enumerate().rev().find_map(|(i, scope)| {
            let near = scope.kind == ScopeKind::Temporary && i + 1 >= at;
            let held = near.then(|| scope.saved.iter().position(|(saved, _)| *saved == name)).flatten()?;
            Some((i, held))
        });
        if let Some((i, held)) = temporary.filter(|(i, _)| *i > at) {
            // The temporary value moves down into the function's scope.
            let saved = scopes[i].saved.remove(held);
            scopes[at].saved.push(saved);
            return None;
        }
        let old = self.slot_mut(name).take();
        if old.as_ref().is_some_and(|var| var.attrs.has(Attrs::EXPORT)) {
            self.environment_changed();
        }
        let fresh = match (&old, temporary) {
            (Some(var), Some(_)) => (**var).clone(),
            // An exported variable's local is exported too.
            (Some(var), None) => Var::declared(Attrs::LOCAL.or(var.attrs.and(Attrs::EXPORT))),
            (None, _) => Var::declared(Attrs::LOCAL),
        };
        self.used += fresh.footprint();
        let exported = fresh.attrs.has(Attrs::EXPORT);
        *self.slot_mut(name) = Some(Rc::new(fresh));
        self.slot_attr(name, Attrs::LOCAL);
        if exported {
            self.environment_changed();
        }
        Rc::make_mut(&mut self.scopes)[at].saved.push((name, old.clone()));
        Some(old)
    }

    /// Binds `name` in the innermost scope, hiding what it meant until that scope closes. For `x=1 cmd`.
    pub fn bind_here(&mut self, name: Name, var: Var) {
        let Some(at) = self.scopes.len().checked_sub(1) else {
            self.put(name, var);
            return;
        };
        if self.scopes[at].saved.iter().any(|(saved, _)| *saved == name) {
            self.put(name, var);
            return;
        }
        let exported = var.attrs.has(Attrs::EXPORT);
        self.used += var.footprint();
        let old = self.slot_mut(name).replace(Rc::new(var));
        if exported || old.as_ref().is_some_and(|old| old.attrs.has(Attrs::EXPORT)) {
            self.environment_changed();
        }
        Rc::make_mut(&mut self.scopes)[at].saved.push((name, old));
    }

    /// `unset name`: in the function that made it local it stays local and unset; from a function called below, what
    /// it hid comes back, as in bash. `keep_local` is `shopt localvar_unset`.
    pub fn unset(&mut self, name: Name, keep_local: bool) {
        let holder = self.scopes.iter().rposition(|scope| scope.saved.iter().any(|(saved, _)| *saved == name));
        match holder {
            Some(at)
                if self.scopes[at].kind == ScopeKind::Function && (keep_local || Some(at) == self.function_scope()) =>
            {
                self.put(name, Var::declared(Attrs::LOCAL));
            }
            Some(at) => {
                let saved = &mut Rc::make_mut(&mut self.scopes)[at].saved;
                let found = saved.iter().rposition(|(saved, _)| *saved == name);
                if let Some((_, old)) = found.map(|found| saved.remove(found)) {
                    self.restore(name, old);
                }
            }
            None => {
                self.take(name);
            }
        }
    }

    /// Runs `work` with `name` bound to its global variable, for `declare -g`: what scopes hide is uncovered and covered
    /// again.
    pub fn with_global<R>(&mut self, name: Name, work: impl FnOnce(&mut Vars) -> R) -> R {
        let holder = self.scopes.iter().position(|scope| scope.saved.iter().any(|(saved, _)| *saved == name));
        let Some(at) = holder else { return work(self) };
        let scopes = Rc::make_mut(&mut self.scopes);
        let Some(entry) = scopes[at].saved.iter_mut().find(|(saved, _)| *saved == name) else { return work(self) };
        let global = entry.1.take();
        let inner = std::mem::replace(self.slot_mut(name), global);
        let result = work(self);
        let global = std::mem::replace(self.slot_mut(name), inner);
        if let Some(entry) = Rc::make_mut(&mut self.scopes)[at].saved.iter_mut().find(|(saved, _)| *saved == name) {
            entry.1 = global;
        }
        self.environment_changed();
        result
    }

    /// The names that are local to the innermost function, sorted.
    pub fn local_names(&self) -> Vec<Name> {
        let Some(at) = self.function_scope() else { return Vec::new() };
        let mut names: Vec<Name> = self.scopes[at].saved.iter().map(|(name, _)| *name).collect();
        names.sort_unstable_by(|a, b| a.bytes().cmp(b.bytes()));
        names
    }

    /// The variables that live outside all scopes: what a session keeps.
    pub fn globals(&self) -> Vec<(Name, Rc<Var>)> {
        let mut all: Vec<Option<Rc<Var>>> = self.slots.to_vec();
        for scope in self.scopes.iter().rev() {
            for (name, old) in scope.saved.iter().rev() {
                if name.index() >= all.len() {
                    all.resize(name.index() + 1, None);
                }
                all[name.index()].clone_from(old);
            }
        }
        all.into_iter().enumerate().filter_map(|(i, var)| Some((Name::at(i), var?))).collect()
    }

    fn function_scope(&self) -> Option<usize> {
        self.scopes.iter().rposition(|scope| scope.kind == ScopeKind::Function)
    }

    fn restore(&mut self, name: Name, old: Option<Rc<Var>>) {
        let exported = old.as_ref().is_some_and(|var| var.attrs.has(Attrs::EXPORT));
        let inner = std::mem::replace(self.slot_mut(name), old);
        if let Some(inner) = inner {
            self.used = self.used.saturating_sub(inner.footprint());
            if inner.attrs.has(Attrs::EXPORT) {
                self.environment_changed();
            }
        }
        if exported {
            self.environment_changed();
        }
    }

    fn slot_attr(&mut self, name: Name, attr: Attrs) {
        self.ensure(name).attrs.add(attr);
    }
}
