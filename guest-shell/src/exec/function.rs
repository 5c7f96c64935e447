//! Functions: definition, calls with their scope and positional parameters, limits of nesting.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::options::SetOption;
use crate::shell::{Frame, FrameKind, Function, Shell};
use crate::traps::Event;
use crate::tree;
use crate::vars::{Name, Positional, ScopeKind};

use super::{FUNCTION_DEPTH_DEFAULT, FUNCTION_DEPTH_MAX};

impl Shell {
    /// `name() body`.
    pub(crate) fn define_function(&mut self, function: &tree::Function, line: u32) -> Flow {
        self.status = 0;
        if function.name.iter().any(|byte| matches!(byte, b'$' | b'\'' | b'"' | b'`' | b'\\' | 0)) {
            self.line = line;
            self.report(&[b"`", &function.name[..], b"': not a valid identifier"].concat());
            self.status = 1;
            return Ok(());
        }
        let special = |name: &[u8]| crate::builtins::find(name).is_some_and(|builtin| builtin.special);
        if self.is_set(SetOption::Posix) && special(&function.name[..]) {
            self.line = line;
            self.report(&[b"`", &function.name[..], b"': is a special builtin"].concat());
            self.status = 2;
            return Err(Unwind::Exit(2));
        }
        if self.functions.get(&function.name[..]).is_some_and(|known| known.readonly) {
            self.line = line;
            self.report(&[&function.name[..], b": readonly function"].concat());
            self.status = 1;
            return Ok(());
        }
        let bytes = crate::state::function_bytes(function);
        self.make_room(bytes)?;
        let old = self.functions.get(&function.name[..]);
        let defined = Function {
            definition: function.clone(),
            exported: old.is_some_and(|old| old.exported) || self.is_set(SetOption::AllExport),
            readonly: false,
            traced: old.is_some_and(|old| old.traced),
            source: self.current_source(),
            line,
            bytes,
        };
        Rc::make_mut(&mut self.functions).insert(function.name.to_vec(), defined);
        Ok(())
    }

    /// The file the present code came from (`BASH_SOURCE`).
    pub(crate) fn current_source(&self) -> Rc<[u8]> {
        match self.frames.last() {
            Some(frame) => frame.source.clone(),
            None if self.execution_string.is_some() => Rc::from(&b"environment"[..]),
            None => Rc::from(&b"main"[..]),
        }
    }

    /// Calls a function with its arguments (the name first).
    pub(crate) fn call_function(&mut self, function: &Function, args: Vec<Vec<u8>>) -> Flow {
        if !self.may_nest()? {
            return Err(Unwind::Discard(1));
        }
        let mut args = args.into_iter();
        let name = args.next().unwrap_or_default();
        let args: Vec<Vec<u8>> = args.collect();
        let frame = Frame {
            kind: FrameKind::Function,
            name: Rc::from(name),
            source: function.source.clone(),
            call_line: self.line,
            arguments: self.noted_arguments(&args),
        };
        let line = self.line;
        let positional = self.vars.set_positional(Positional::new(args));
        let loops = std::mem::take(&mut self.exec.loops);
        self.vars.push_scope(ScopeKind::Function);
        Rc::make_mut(&mut self.frames).push(frame);
        self.exec.function_depth += 1;
        let options = self.exec.local_options.take();
        let traps = self.hide_traps(function);
        let result = self.run_function_body(function);
        self.restore_traps(traps);
        if let Some(saved) = std::mem::replace(&mut self.exec.local_options, options) {
            self.options = saved;
        }
        self.exec.function_depth -= 1;
        Rc::make_mut(&mut self.frames).pop();
        self.vars.pop_scope();
        self.exec.loops = loops;
        self.vars.set_positional(positional);
        self.line = line;
        match result {
            Err(Unwind::Return(status)) => {
                self.status = status;
                Ok(())
            }
            // A `break` that leaves a function leaves no loop around the call.
            Err(Unwind::Break(_) | Unwind::Continue(_)) => Ok(()),
            other => other,
        }
    }

    /// What BASH_ARGV shall know of a call's arguments.
    pub(crate) fn noted_arguments(&self, args: &[Vec<u8>]) -> Option<Rc<Vec<Vec<u8>>>> {
        self.is_shopt(crate::options::ShellOption::ExtDebug).then(|| Rc::new(args.to_vec()))
    }

    fn run_function_body(&mut self, function: &Function) -> Flow {
        let body = Rc::clone(&function.definition.body);
        self.line = function.line;
        self.run_debug_trap(|| function.definition.name.to_vec())?;
        let result = self.run_command(&body);
        if !self.traps.is_empty()
            && self.traps.command(Event::Return).is_some()
            && matches!(result, Ok(()) | Err(Unwind::Return(_)))
        {
            self.run_trap(Event::Return)?;
        }
        result
    }

    /// Functions see the RETURN trap only when they are traced.
    fn hide_traps(&mut self, function: &Function) -> Option<Rc<[u8]>> {
        if self.traps.is_empty() || function.traced || self.is_set(SetOption::FuncTrace) {
            return None;
        }
        let command = self.traps.command(Event::Return)?;
        self.traps.set(Event::Return, None);
        Some(command)
    }

    fn restore_traps(&mut self, hidden: Option<Rc<[u8]>>) {
        if let Some(command) = hidden
            && self.traps.command(Event::Return).is_none()
        {
            self.traps.set(Event::Return, Some(&command));
        }
    }

    /// Whether one more function may be called; tells when not.
    fn may_nest(&mut self) -> Flow<bool> {
        let wanted = self.text_of(Name::FUNCNEST).and_then(|text| std::str::from_utf8(&text).ok()?.parse::<u32>().ok());
        let limit = wanted.filter(|limit| *limit > 0).unwrap_or(FUNCTION_DEPTH_DEFAULT).min(FUNCTION_DEPTH_MAX);
        if self.exec.function_depth < limit {
            return Ok(true);
        }
        let name = self.frames.last().map_or_else(Vec::new, |frame| frame.name.to_vec());
        let text = format!(": maximum function nesting level exceeded ({limit})");
        self.report(&[&name, text.as_bytes()].concat());
        self.status = 1;
        Ok(false)
    }
}
