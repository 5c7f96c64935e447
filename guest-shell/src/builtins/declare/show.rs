//! What `declare -p`, `declare -f`, `export -p` and `local` print.

use std::rc::Rc;

use crate::shell::{Function, Shell};
use crate::tree::print;
use crate::vars::{Attrs, Name, Value, Var, declaration};

use super::super::Call;
use super::Wanted;

impl Shell {
    /// The variable as it is shown: computed ones with their present value.
    pub(crate) fn shown_variable(&self, name: Name) -> Option<Var> {
        let slot = self.vars.var(name)?;
        if slot.attrs.has(Attrs::DYNAMIC) { self.dynamic_variable(name, slot) } else { Some(slot.clone()) }
    }

    /// `declare -p [names]`, `declare`, `export -p`, `readonly`.
    pub(super) fn show_variables(&mut self, call: &mut Call<'_>, wanted: &Wanted, names: &[Vec<u8>]) -> u8 {
        let mut status = 0;
        if !names.is_empty() {
            for name in names {
                let known = crate::vars::is_name(name).then(|| self.shown_variable(Name::new(name))).flatten();
                match known {
                    Some(var) => call.line(&declaration(Name::new(name), &var)),
                    None => {
                        self.builtin_error(call, &[name, b": not found".as_slice()].concat());
                        status = 1;
                    }
                }
            }
            return status;
        }
        let filtered = wanted.indexed || wanted.assoc || !wanted.set.is_none();
        if !wanted.print && !filtered && call.name != "export" && call.name != "readonly" {
            for name in self.vars.names() {
                if let Some(line) = self.listed_variable(name) {
                    call.line(&line);
                }
            }
            return 0;
        }
        for name in self.vars.names() {
            if let Some(var) = self.shown_variable(name).filter(|var| matches(wanted, var)) {
                call.line(&declaration(name, &var));
            }
        }
        0
    }

    /// `local` without names: the local variables of this function.
    pub(super) fn show_locals(&mut self, call: &mut Call<'_>) {
        for name in self.vars.local_names() {
            if let Some(var) = self.shown_variable(name) {
                call.line(&declaration(name, &var));
            }
        }
    }

    /// `declare -f`, `declare -F`, `readonly -f`.
    pub(super) fn declare_functions(&mut self, call: &mut Call<'_>, wanted: &Wanted, names: &[Vec<u8>]) -> u8 {
        let changes = !wanted.set.is_none() || !wanted.clear.is_none();
        if names.is_empty() {
            let functions = Rc::clone(&self.functions);
            let chosen = |function: &&Function| {
                !wanted.set.has(Attrs::EXPORT)
                    || function.exported && !wanted.set.has(Attrs::READONLY)
                    || function.readonly
            };
            for function in functions.values().filter(chosen) {
                show_function(call, function, wanted.names_only, true);
            }
            return 0;
        }
        let mut status = 0;
        for name in names {
            if name.contains(&b'=') {
                self.builtin_error(call, b"cannot use `-f' to make functions");
                return 1;
            }
            if changes {
                status |= self.change_function(call, name, wanted);
                continue;
            }
            match self.functions.get(name).cloned() {
                Some(function) => self.show_named(call, name, &function, wanted),
                None => status = 1,
            }
        }
        status
    }

    fn show_named(&self, call: &mut Call<'_>, name: &[u8], function: &Function, wanted: &Wanted) {
        if !wanted.names_only {
            return show_function(call, function, false, false);
        }
        if self.is_shopt(crate::options::ShellOption::ExtDebug) {
            call.line(&[name, format!(" {} ", function.line).as_bytes(), &function.source].concat());
        } else {
            call.line(name);
        }
    }

    fn change_function(&mut self, call: &mut Call<'_>, name: &[u8], wanted: &Wanted) -> u8 {
        let Some(function) = Rc::make_mut(&mut self.functions).get_mut(name) else {
            if matches!(call.name, "readonly" | "export") {
                self.builtin_error(call, &[name, b": not a function"].concat());
            }
            return 1;
        };
        function.readonly |= wanted.set.has(Attrs::READONLY);
        function.traced = (function.traced || wanted.set.has(Attrs::TRACE)) && !wanted.clear.has(Attrs::TRACE);
        function.exported = (function.exported || wanted.set.has(Attrs::EXPORT)) && !wanted.clear.has(Attrs::EXPORT);
        0
    }
}

fn matches(wanted: &Wanted, var: &Var) -> bool {
    let kind = match &var.value {
        Value::Indexed(_) => wanted.indexed || !wanted.assoc,
        Value::Assoc(_) => wanted.assoc || !wanted.indexed,
        Value::Scalar(_) => !wanted.indexed && !wanted.assoc,
    };
    kind && var.attrs.has(wanted.set)
}

fn show_function(call: &mut Call<'_>, function: &Function, name_only: bool, flags: bool) {
    let letters = [(function.readonly, 'r'), (function.traced, 't'), (function.exported, 'x')];
    let letters: String = letters.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect();
    if name_only {
        call.line(&[format!("declare -f{letters} ").as_bytes(), &function.definition.name[..]].concat());
        return;
    }
    let mut text = Vec::new();
    print::function(&mut text, &function.definition);
    call.line(&text);
    if flags && !letters.is_empty() {
        call.line(&[format!("declare -f{letters} ").as_bytes(), &function.definition.name[..]].concat());
    }
}
