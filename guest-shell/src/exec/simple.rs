//! Simple commands: assignments, words, redirections, and the choice of function, builtin or program.

use crate::builtins::{Builtin, Call};
use crate::flow::{Flow, Unwind};
use crate::options::SetOption;
use crate::shell::{Function, Shell};
use crate::sys::Errno;
use crate::traps::{Event, SIGPIPE};
use crate::tree::{Arg, Assignment, Command, Redirect, Simple, Value};
use crate::vars::{Attrs, ScopeKind, Var};

use super::compound::command_text;
use super::program::Lookup;

/// The status of a builtin that told how it is used.
const USAGE: u8 = 2;

/// The words of a command after expansion.
#[derive(Default)]
pub(crate) struct Words<'a> {
    /// The command and its arguments as texts; an array assignment stands as its source.
    pub(crate) words: Vec<Vec<u8>>,
    /// Which of them are assignments of arrays, for `declare` and the like.
    pub(crate) arrays: Vec<(usize, &'a Assignment)>,
}

impl Shell {
    pub(crate) fn run_simple(&mut self, command: &Command, simple: &Simple) -> Flow {
        if self.exec.track_command && self.exec.trap_running.is_none() {
            self.command_text = std::rc::Rc::from(command_text(command));
        }
        if !self.traps.is_empty() {
            let wanted = self.run_debug_trap(|| command_text(command))?;
            self.line = command.line;
            if !wanted {
                return Ok(());
            }
        }
        self.exec.substitution_status = None;
        let mark = self.exec.process_substitutions.len();
        let result = self.run_simple_words(command, simple);
        if self.exec.process_substitutions.len() > mark {
            self.close_process_substitutions(mark)?;
        }
        result
    }

    fn run_simple_words(&mut self, command: &Command, simple: &Simple) -> Flow {
        if simple.args.is_empty() {
            return self.run_assignments(simple, &command.redirects);
        }
        if self.is_set(SetOption::Keyword)
            && let Some(moved) = assignments_first(simple)
        {
            return self.run_simple_words(command, &moved);
        }
        let words = self.expand_simple(simple)?;
        if words.words.is_empty() {
            return self.run_assignments(simple, &command.redirects);
        }
        if simple.assignments.is_empty() && self.is_set(SetOption::XTrace) {
            self.trace_words(&words);
        }
        if let Some(last) = words.words.last() {
            self.last_argument.clone_from(last);
        }
        let name = words.words.first().map_or(&[][..], |name| name);
        match self.look_up(name) {
            Lookup::Function(function) => self.run_function(command, simple, words, &function),
            Lookup::Builtin(builtin) => self.run_builtin_command(command, simple, &words, builtin),
            Lookup::Program => self.run_program(command, simple, &words),
        }
    }

    /// Expands the words of a command.
    pub(crate) fn expand_simple<'a>(&mut self, simple: &'a Simple) -> Flow<Words<'a>> {
        let mut words = Words { words: Vec::with_capacity(simple.args.len()), arrays: Vec::new() };
        for arg in &simple.args {
            match arg {
                Arg::Word(word) => match word.constant() {
                    Some(text) => words.words.push(text.to_vec()),
                    None => self.expand_word(word, &mut words.words)?,
                },
                Arg::Assign(assignment) => self.expand_argument_assignment(assignment, &mut words)?,
            }
        }
        Ok(words)
    }

    /// An argument `name=value` of `declare` and its kin; of anything else it is a word.
    fn expand_argument_assignment<'a>(&mut self, assignment: &'a Assignment, words: &mut Words<'a>) -> Flow {
        let declares = words.words.first().is_some_and(|name| self.is_declaration(name));
        match &assignment.value {
            _ if !declares => self.expand_word(&assignment.to_word(), &mut words.words),
            Value::Scalar(value) => {
                let mut left = assignment_left_side(assignment);
                left.push(b'=');
                self.expand_declared(&left, value, &mut words.words)
            }
            Value::Array(_) => {
                words.arrays.push((words.words.len(), assignment));
                words.words.push(assignment_left_side(assignment));
                Ok(())
            }
        }
    }

    fn is_declaration(&self, name: &[u8]) -> bool {
        let known =
            matches!(name, b"declare" | b"typeset" | b"local" | b"export" | b"readonly" | b"command" | b"builtin");
        known && !self.functions.contains_key(name)
    }

    /// A command without words: its assignments last.
    fn run_assignments(&mut self, simple: &Simple, redirects: &[Redirect]) -> Flow {
        if redirects.is_empty() {
            for assignment in &simple.assignments {
                self.assign(assignment)?;
            }
            self.status = self.exec.substitution_status.unwrap_or(0);
            return Ok(());
        }
        let saved = self.redirect_saving(redirects)?;
        let failed = saved.is_none();
        if let Some(saved) = saved {
            self.restore_redirects(saved);
        }
        for assignment in &simple.assignments {
            self.assign(assignment)?;
        }
        self.status = if failed { 1 } else { self.exec.substitution_status.unwrap_or(0) };
        Ok(())
    }

    /// Binds `x=1` before a program in a copy of the shell that is there for it alone; answers whether there was any.
    pub(crate) fn bind_environment(&mut self, simple: &Simple) -> Flow<bool> {
        self.bind_temporary(simple, None)
    }

    /// Binds `x=1` before a command in a scope of its own, then traces the command; answers whether a scope was opened.
    fn bind_temporary(&mut self, simple: &Simple, words: Option<&Words<'_>>) -> Flow<bool> {
        if simple.assignments.is_empty() {
            return Ok(false);
        }
        self.vars.push_scope(ScopeKind::Temporary);
        for assignment in &simple.assignments {
            if let Err(unwind) = self.bind_one(assignment) {
                self.vars.pop_scope();
                return Err(unwind);
            }
        }
        self.trace_assigned(words);
        Ok(true)
    }

    /// Traces a command behind the assignments before it.
    fn trace_assigned(&mut self, words: Option<&Words<'_>>) {
        if let Some(words) = words
            && self.is_set(SetOption::XTrace)
        {
            self.trace_words(words);
        }
    }

    fn bind_one(&mut self, assignment: &Assignment) -> Flow {
        let Value::Scalar(value) = &assignment.value else { return Ok(()) };
        let name = assignment.place.name;
        if assignment.place.index.is_some() {
            self.report(&[b"`", &assignment_left_side(assignment)[..], b"': not a valid identifier"].concat());
            return Ok(());
        }
        let mut text = self.expand_assignment_value(value)?;
        if self.is_set(SetOption::XTrace) {
            self.trace_assignment(&assignment_left_side(assignment), &text);
        }
        let old = self.vars.var(name);
        let attrs = old.map(|old| old.attrs).unwrap_or_default();
        if attrs.has(Attrs::READONLY) {
            self.report(&[name.bytes(), b": readonly variable"].concat());
            return Ok(());
        }
        if assignment.append {
            let mut whole = old.and_then(|old| old.text()).unwrap_or_default().to_vec();
            whole.append(&mut text);
            text = whole;
        }
        let mut var = Var::scalar(text);
        var.attrs = Attrs::EXPORT;
        self.vars.bind_here(name, var);
        if name.is_well_known() {
            self.special_assigned(name);
        }
        Ok(())
    }

    fn unbind_temporary(&mut self, bound: bool, simple: &Simple) {
        if !bound {
            return;
        }
        self.vars.pop_scope();
        for assignment in &simple.assignments {
            let name = assignment.place.name;
            if name.is_well_known() {
                self.special_assigned(name);
            }
        }
    }

    fn run_function(&mut self, command: &Command, simple: &Simple, words: Words<'_>, function: &Function) -> Flow {
        let Some(saved) = self.redirect_saving(&command.redirects)? else {
            self.status = 1;
            return Ok(());
        };
        let result = match self.bind_temporary(simple, Some(&words)) {
            Ok(bound) => {
                let result = self.call_function(function, words.words);
                self.unbind_temporary(bound, simple);
                result
            }
            Err(unwind) => Err(unwind),
        };
        self.restore_redirects(saved);
        result
    }

    fn run_builtin_command(
        &mut self,
        command: &Command,
        simple: &Simple,
        words: &Words<'_>,
        builtin: &'static Builtin,
    ) -> Flow {
        if builtin.name == "exec" {
            return self.run_exec(command, simple, words, builtin);
        }
        if command.redirects.is_empty() && simple.assignments.is_empty() {
            self.status = self.call_builtin(builtin, &words.words, &words.arrays)?;
            return Ok(());
        }
        let Some(saved) = self.redirect_saving(&command.redirects)? else {
            self.status = 1;
            let fatal = builtin.special && self.is_set(SetOption::Posix);
            return if fatal { Err(Unwind::Exit(1)) } else { Ok(()) };
        };
        let result = self.run_builtin_bound(simple, words, builtin);
        self.restore_redirects(saved);
        self.status = result?;
        Ok(())
    }

    fn run_builtin_bound(&mut self, simple: &Simple, words: &Words<'_>, builtin: &'static Builtin) -> Flow<u8> {
        // In posix mode the assignments before a special builtin last.
        if builtin.special && !simple.assignments.is_empty() && self.assignments_last(simple, words, builtin) {
            for assignment in &simple.assignments {
                self.assign(assignment)?;
            }
            self.trace_assigned(Some(words));
            return self.call_builtin(builtin, &words.words, &words.arrays);
        }
        let bound = self.bind_temporary(simple, Some(words))?;
        let result = self.call_builtin(builtin, &words.words, &words.arrays);
        self.unbind_temporary(bound, simple);
        result
    }

    /// Whether the assignments before a special builtin last: in posix mode, and those that `export` or `readonly` names.
    fn assignments_last(&self, simple: &Simple, words: &Words<'_>, builtin: &Builtin) -> bool {
        let named = |assignment: &Assignment| words.words.iter().any(|word| word == assignment.place.name.bytes());
        self.is_set(SetOption::Posix)
            || (matches!(builtin.name, "export" | "readonly") && simple.assignments.iter().any(named))
    }

    /// `exec`: its redirections stay.
    fn run_exec(&mut self, command: &Command, simple: &Simple, words: &Words<'_>, builtin: &'static Builtin) -> Flow {
        if !self.redirect_for_good(&command.redirects)? {
            self.status = 1;
            // POSIX: a special builtin's failure ends a shell that reads a script.
            return if self.is_set(SetOption::Posix) || simple.args.len() > 1 { Err(Unwind::Exit(1)) } else { Ok(()) };
        }
        // A redirection holds what it opened itself; a program gets the path of what `<( )` opened.
        let kept = std::mem::take(&mut self.exec.process_substitutions);
        if simple.args.len() == 1 {
            for substitution in &kept {
                let _ = self.sys.close(substitution.fd);
            }
        }
        self.exec.substitutes.extend(kept.iter().filter(|kept| kept.writes).map(|kept| kept.pid));
        self.status = self.run_builtin_bound(simple, words, builtin)?;
        Ok(())
    }

    /// Runs a builtin and writes what it printed.
    pub(crate) fn call_builtin(
        &mut self,
        builtin: &'static Builtin,
        args: &[Vec<u8>],
        arrays: &[(usize, &Assignment)],
    ) -> Flow<u8> {
        let mut call = Call::new(builtin.name, args, arrays);
        let result = if self.helped(&mut call) { Ok(USAGE) } else { (builtin.run)(self, &mut call) };
        let output = call.take_output();
        if output.is_empty() {
            return result;
        }
        let written = self.write_output(builtin.name, &output)?;
        let status = result?;
        Ok(if written { status } else { 1 })
    }

    /// Writes to the standard output; false when that failed (told).
    pub(crate) fn write_output(&mut self, who: &str, data: &[u8]) -> Flow<bool> {
        match self.sys.write(1, data) {
            Ok(()) => Ok(true),
            Err(Errno::EPIPE) if self.traps.command(Event::Signal(SIGPIPE)).is_none() => {
                self.exec.replaced = true;
                Err(Unwind::Exit(128 + SIGPIPE))
            }
            Err(Errno::EINTR) => {
                self.poll_signals()?;
                Ok(false)
            }
            Err(error) => {
                self.report(format!("{who}: write error: {error}").as_bytes());
                Ok(false)
            }
        }
    }

    fn run_program(&mut self, command: &Command, simple: &Simple, words: &Words<'_>) -> Flow {
        let mut plan = self.inherited_fds();
        if !self.plan_redirects(&mut plan, &command.redirects)? {
            self.drop_plan(&plan);
            self.status = 1;
            return Ok(());
        }
        let bound = self.bind_temporary(simple, Some(words))?;
        let started = self.start_program_or_handle(words, &plan);
        self.unbind_temporary(bound, simple);
        self.drop_plan(&plan);
        self.status = match started? {
            Ok(pid) => self.wait_foreground(pid, || command_text(command))?,
            Err(status) => status,
        };
        Ok(())
    }

    /// Starts a program; a command that is not found goes to `command_not_found_handle`, if there is one.
    fn start_program_or_handle(
        &mut self,
        words: &Words<'_>,
        plan: &super::redirect::FdPlan,
    ) -> Flow<Result<crate::sys::Pid, u8>> {
        let name = words.words.first().map_or(&[][..], |name| name);
        if let Some(handler) = self.functions.get(&b"command_not_found_handle"[..]).cloned()
            && self.find_program(name).is_none()
        {
            let mut args = vec![b"command_not_found_handle".to_vec()];
            args.extend(words.words.iter().cloned());
            let status = self.in_subshell(|shell| shell.call_function(&handler, args))?;
            return Ok(Err(status));
        }
        self.start_program(None, &words.words, plan, None)
    }
}

/// `set -k`: a command whose assignments all stand before its words; `None` when they do already.
pub(crate) fn assignments_first(simple: &Simple) -> Option<Simple> {
    let mut moved = Simple { assignments: simple.assignments.clone(), args: Vec::with_capacity(simple.args.len()) };
    for arg in &simple.args {
        match arg {
            Arg::Assign(assignment) => moved.assignments.push((**assignment).clone()),
            Arg::Word(word) => match crate::parse::assignment(&word.source()) {
                Some(assignment) if !moved.args.is_empty() => moved.assignments.push(assignment),
                _ => moved.args.push(arg.clone()),
            },
        }
    }
    (moved.args.len() < simple.args.len()).then_some(moved)
}

/// `name`, `name[sub]` with `+` for an appending assignment.
pub(crate) fn assignment_left_side(assignment: &Assignment) -> Vec<u8> {
    let mut text = assignment.place.name.bytes().to_vec();
    if let Some(index) = &assignment.place.index {
        text.push(b'[');
        text.extend(index.word.source());
        text.push(b']');
    }
    if assignment.append {
        text.push(b'+');
    }
    text
}
