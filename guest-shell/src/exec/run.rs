//! Running texts: scripts, `eval`, `-c`, files, and the entry points of the component.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::options::{SetOption, ShellOption};
use crate::parse::{self, ParseOpts, Source};
use crate::shell::Shell;
use crate::tree::{AfterError, List, SyntaxError, Tree};
use crate::vars::Positional;

use super::EVAL_DEPTH_MAX;

/// How often the end of a run looks for jobs that are about to end, and how long it sleeps between: 10 ms in all,
/// enough for `echo hi &`, not felt with a job that stays.
const SHORT_JOB_LOOKS: u32 = 20;
const SHORT_JOB_STEP_NS: u64 = 500_000;

/// How `bash` was called, its options taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    /// `-c SCRIPT`.
    Text(Vec<u8>),
    /// A script file.
    File(Vec<u8>),
    /// The standard input.
    Input,
}

impl Shell {
    /// What the parser is told about the options.
    pub(crate) fn parse_options(&self) -> ParseOpts {
        ParseOpts {
            expand_aliases: self.is_shopt(ShellOption::ExpandAliases),
            extglob: self.is_shopt(ShellOption::ExtGlob),
            // `set +B` counts when a word is expanded, not when it is read.
            braces: true,
            posix: self.is_set(SetOption::Posix),
        }
    }

    /// Reads and evaluates complete commands until the source ends.
    ///
    /// # Errors
    /// A syntax error ends the text with `Unwind::Exit(2)`; `eval` and `source` make a status of it.
    pub(crate) fn run_source(&mut self, source: &mut Source<'_>) -> Flow {
        loop {
            let aliases = Rc::clone(&self.aliases);
            self.expand_history_in(source);
            let next = parse::next(source, &aliases, self.parse_options());
            self.remember_shown_lines();
            match next {
                Ok(None) => return Ok(()),
                Ok(Some(tree)) => {
                    self.show_source(source);
                    self.record_command(source.taken());
                    self.count_command();
                    self.run_tree(&tree)?;
                    if self.is_set(SetOption::OneCmd) && self.execution_string.is_none() {
                        return Ok(());
                    }
                }
                Err(error) => {
                    self.report_syntax_error(&error);
                    self.status = match error.after {
                        AfterError::EndOfInput => return Ok(()),
                        AfterError::GiveUpWithOne => 1,
                        AfterError::GiveUp => 2,
                    };
                    return Err(Unwind::Exit(self.status));
                }
            }
        }
    }

    /// Counts the commands of a shell that reads them one by one.
    pub(super) fn count_command(&mut self) {
        if self.execution_string.is_none() && self.exec.eval_depth == 0 {
            self.start.commands = self.start.commands.wrapping_add(1);
        }
    }

    /// `set -v`: shows a command as it was written.
    pub(super) fn show_source(&self, source: &Source<'_>) {
        if self.is_set(SetOption::Verbose) {
            let mut text = source.taken().to_vec();
            if text.last().is_some_and(|last| *last != b'\n') {
                text.push(b'\n');
            }
            self.write_error(&text);
        }
    }

    pub(super) fn run_tree(&mut self, tree: &Tree) -> Flow {
        for warning in &tree.warnings {
            let line = std::mem::replace(&mut self.line, warning.line);
            self.report(&[b"warning: ", &warning.message[..]].concat());
            self.line = line;
        }
        if self.is_set(SetOption::NoExec) {
            return Ok(());
        }
        match self.run_list(&tree.list) {
            // The rest of the line is given up. A subshell ends with it.
            Err(Unwind::Discard(status)) if self.subshell_depth == 0 => {
                self.status = status;
                self.set_pipestatus();
                if self.is_set(SetOption::ErrExit) && self.exec.errexit_ignored == 0 {
                    return Err(Unwind::Exit(status));
                }
                Ok(())
            }
            other => other,
        }
    }

    /// Prints a syntax error as bash words it.
    pub(crate) fn report_syntax_error(&mut self, error: &SyntaxError) {
        let mut text = Vec::new();
        for message in &error.messages {
            text.extend_from_slice(self.error_name());
            match self.exec.parsing {
                Some(what) => text.extend_from_slice(&[b": ", what.as_bytes()].concat()),
                None if self.execution_string.is_some() && self.frames.is_empty() => text.extend_from_slice(b": -c"),
                None => {}
            }
            match self.start.interactive {
                true => text.extend_from_slice(b": "),
                false => text.extend_from_slice(format!(": line {}: ", error.line).as_bytes()),
            }
            text.extend_from_slice(message);
            if self.start.interactive && self.start.from_input {
                // Whoever types sees the line.
                text.push(b'\n');
                break;
            }
            text.push(b'\n');
        }
        self.write_error(&text);
    }

    /// Evaluates a text in this shell: `eval`, traps. A syntax error makes the status 2.
    pub(crate) fn eval_text(&mut self, text: &[u8], line: u32) -> Flow {
        self.eval_source(&mut Source::new(text, line))
    }

    /// Evaluates a source in this shell, counting how deep that nests.
    pub(crate) fn eval_source(&mut self, source: &mut Source<'_>) -> Flow {
        if self.exec.eval_depth >= EVAL_DEPTH_MAX || self.exec.depth >= super::DEPTH_MAX {
            let text = format!("eval: maximum eval nesting level exceeded ({EVAL_DEPTH_MAX})");
            self.report(text.as_bytes());
            return Err(Unwind::Discard(1));
        }
        self.exec.eval_depth += 1;
        self.exec.depth += 2;
        let result = self.run_eval(source);
        self.exec.depth -= 2;
        self.exec.eval_depth -= 1;
        result
    }

    fn run_eval(&mut self, source: &mut Source<'_>) -> Flow {
        let mut empty = true;
        loop {
            let aliases = Rc::clone(&self.aliases);
            match parse::next(source, &aliases, self.parse_options()) {
                Ok(None) => {
                    if empty {
                        self.status = 0;
                    }
                    return Ok(());
                }
                Ok(Some(tree)) => {
                    empty = false;
                    self.show_source(source);
                    self.run_tree(&tree)?;
                }
                Err(error) => {
                    self.report_syntax_error(&error);
                    self.status = 2;
                    return Ok(());
                }
            }
        }
    }

    /// Executes a script in the session's shell; answers (status, whether `exit` ended it).
    ///
    /// Positional parameters are none, the EXIT trap runs and is cleared, what the script left half done (loops,
    /// functions, redirections of compound commands) is over.
    pub fn run(&mut self, name: &[u8], script: &[u8]) -> (u8, bool) {
        self.prepare_run(name);
        self.note_script(script);
        let mut source = Source::new(script, 1);
        let result = self.run_source(&mut source);
        let exited = matches!(result, Err(Unwind::Exit(_)));
        let status = self.finish_run(result);
        self.note_changes();
        (status, exited)
    }

    fn prepare_run(&mut self, name: &[u8]) {
        self.name = Rc::from(name);
        self.vars.set_positional(Positional::new(Vec::new()));
        self.line = 1;
        let jobs = Rc::clone(&self.exec.jobs);
        let hash = Rc::clone(&self.exec.hash);
        self.exec = super::ExecState {
            jobs,
            hash,
            pipestatus: std::mem::take(&mut self.exec.pipestatus),
            track_command: self.exec.track_command,
            internal_fds: Rc::clone(&self.exec.internal_fds),
            coprocess: self.exec.coprocess.take(),
            coprocess_fds: std::mem::take(&mut self.exec.coprocess_fds),
            ..super::ExecState::default()
        };
    }

    /// Ends a run, whatever ended it: open scopes close, the EXIT trap runs once.
    fn finish_run(&mut self, result: Flow) -> u8 {
        let ended_by_deadline = self.exec.over || matches!(result, Err(Unwind::Deadline));
        self.frames = Rc::default();
        while self.vars.depth() > 0 {
            self.vars.pop_scope();
        }
        let status = if ended_by_deadline {
            self.traps.set(crate::traps::Event::Exit, None);
            self.status = 124;
            124
        } else {
            self.end_subshell(result).unwrap_or(124)
        };
        self.status = status;
        let _ = self.close_process_substitutions(0);
        if !ended_by_deadline && self.subshell_depth == 0 {
            let _ = self.await_substitutes(super::subshell::SUBSTITUTE_LAST_LOOKS);
        }
        if !ended_by_deadline && self.session && self.subshell_depth == 0 {
            self.await_short_jobs();
        }
        status
    }

    /// Gives jobs that are about to end a moment, so that what they print still belongs to this run.
    fn await_short_jobs(&mut self) {
        for _ in 0..SHORT_JOB_LOOKS {
            self.reap_jobs();
            let running = self.exec.jobs.list.iter().any(|job| job.state == super::JobState::Running);
            if !running || self.sys.sleep(SHORT_JOB_STEP_NS).is_err() {
                return;
            }
        }
    }

    /// Looks at a text for what costs time to provide.
    pub(crate) fn note_script(&mut self, script: &[u8]) {
        if !self.exec.track_command {
            self.exec.track_command = script.windows(12).any(|window| window == b"BASH_COMMAND");
        }
    }

    /// Executes `bash`/`sh` as a program; answers the exit status.
    pub fn main(&mut self, argv: &[Vec<u8>]) -> u8 {
        let (invocation, startup) = match self.take_arguments(argv) {
            Ok(taken) => taken,
            Err(status) => return status,
        };
        if let Invocation::Text(script) = &invocation {
            self.execution_string = Some(Rc::from(&script[..]));
        }
        if let Err(unwind) = self.begin(&startup, invocation == Invocation::Input) {
            return self.finish_run(Err(unwind));
        }
        let result = match invocation {
            Invocation::Text(script) => {
                self.note_script(&script);
                self.run_source(&mut Source::new(&script[..], 1))
            }
            Invocation::File(path) => match self.open_script(&path) {
                Ok(script) => {
                    self.note_script(&script);
                    self.enter_script(&path);
                    self.run_source(&mut Source::new(script, 1))
                }
                Err(status) => return status,
            },
            Invocation::Input => self.run_input(),
        };
        self.finish_run(result)
    }

    /// Reads commands from the standard input, a line at a time: what a command reads is not the shell's.
    fn run_input(&mut self) -> Flow {
        self.exec.track_command = true;
        if self.start.interactive {
            return self.run_interactive();
        }
        let sys = Rc::clone(&self.sys);
        let mut source = Source::from_lines(
            Box::new(move || {
                let line = sys.read_until(0, b'\n', 1 << 20).unwrap_or_default();
                (!line.is_empty()).then_some(line)
            }),
            1,
        );
        self.run_source(&mut source)
    }

    /// The content of a script file; `Err` is the status when it cannot be had (told).
    fn open_script(&mut self, path: &[u8]) -> Result<Vec<u8>, u8> {
        use crate::sys::{Errno, FileKind};
        let mut found = path.to_vec();
        if !path.contains(&b'/') && self.sys.stat(path, true).is_err() {
            found = self.search_path(path, false).into_iter().next().unwrap_or(found);
        }
        let result = match self.sys.stat(&found, true) {
            Ok(stat) if stat.kind == FileKind::Directory => Err(Errno::EISDIR),
            _ => self.read_file(&found),
        };
        match result {
            Ok(content) => {
                let head = content.get(..80.min(content.len())).unwrap_or_default();
                if head.iter().take_while(|byte| **byte != b'\n').any(|byte| *byte == 0) {
                    self.write_error(&[path, b": ", path, b": cannot execute binary file\n"].concat());
                    return Err(126);
                }
                Ok(content)
            }
            Err(error) => {
                let name = if error == Errno::EISDIR { Rc::from(path) } else { self.started_as.clone() };
                self.write_error(&[&name[..], b": ", path, b": ", error.text().as_bytes(), b"\n"].concat());
                Err(if error == Errno::ENOENT { 127 } else { 126 })
            }
        }
    }

    /// Executes a stage: a list that a parent shell sent with its state. Answers the exit status.
    pub fn stage(&mut self, list: &List) -> u8 {
        self.begin_subshell();
        self.pid = self.sys.process_id();
        let result = self.run_stage_list(list);
        let result = match result {
            Err(Unwind::Return(status)) => Err(Unwind::Exit(status)),
            other => other,
        };
        self.finish_run(result)
    }

    fn run_stage_list(&mut self, list: &List) -> Flow {
        // A stage that is one `( )` is this very subshell.
        if let [item] = list.items.as_slice()
            && item.and_or.rest.is_empty()
            && !item.background
            && !item.and_or.first.negated
            && let [command] = item.and_or.first.stages.as_slice()
            && item.and_or.first.timed.is_none()
        {
            return self.run_stage_command(command);
        }
        self.run_list(list)
    }
}
