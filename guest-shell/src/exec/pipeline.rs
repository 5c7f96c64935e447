//! Pipelines: which stages become programs, which run here, and how their statuses become one.
//!
//! Programs are started first. One stage of shell code runs in this instance while they run; an `echo`-like stage
//! whose output fits the pipe is written at once; every other shell stage is a process of its own. Two shell stages
//! never run one after the other, which would deadlock on a full pipe.

use crate::flow::Flow;
use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::sys::{Fd, Pid};
use crate::tree::{AndOr, Arg, Command, CommandKind, List, ListItem, Piece, Pipeline, Redirect, Simple, Target, Word};

use super::compound::command_text;
use super::program::Lookup;

/// What fits into an empty pipe.
const PIPE_BYTES: usize = 64 * 1024;

/// What becomes of one stage.
enum Stage {
    /// A program with its expanded words.
    Program(Vec<Vec<u8>>),
    /// Output that is written at once, with its status.
    Text(Vec<u8>, u8),
    /// Shell code.
    Shell,
    /// Over already: expanding it failed.
    Failed(u8),
}

/// How a stage that was started ends.
enum Running {
    Child(Pid),
    Done(u8),
    /// It runs in this instance once the others are started.
    Here,
}

impl Shell {
    /// Evaluates a pipeline; `$?` and PIPESTATUS tell about it.
    pub(crate) fn run_pipeline(&mut self, pipeline: &Pipeline) -> Flow {
        if let Some(timed) = pipeline.timed {
            return self.run_timed(timed, |shell| shell.run_untimed(pipeline));
        }
        self.run_untimed(pipeline)
    }

    fn run_untimed(&mut self, pipeline: &Pipeline) -> Flow {
        match pipeline.stages.as_slice() {
            [] => self.status = 0,
            [command] => {
                self.run_command(command)?;
                if matches!(command.kind, CommandKind::Simple(_) | CommandKind::Subshell(_)) {
                    self.set_pipestatus();
                }
            }
            stages => self.run_stages(stages)?,
        }
        if pipeline.negated {
            self.status = u8::from(self.status == 0);
        }
        if !self.exec.pending.is_empty() {
            self.run_pending_traps()?;
        }
        Ok(())
    }

    /// PIPESTATUS of a single command is its status.
    pub(crate) fn set_pipestatus(&mut self) {
        let status = self.status;
        self.set_pipe_status(&[status]);
    }

    /// Remembers the statuses of a pipeline for PIPESTATUS.
    pub(crate) fn set_pipe_status(&mut self, statuses: &[u8]) {
        self.exec.pipestatus.clear();
        self.exec.pipestatus.extend_from_slice(statuses);
    }

    fn run_stages(&mut self, stages: &[Command]) -> Flow {
        let mut plans = Vec::with_capacity(stages.len());
        for command in stages {
            plans.push(self.plan_stage(command)?);
        }
        let here = plans.iter().rposition(|stage| matches!(stage, Stage::Shell));
        let in_shell_itself = self.is_shopt(ShellOption::LastPipe) && !self.is_set(SetOption::Monitor);
        let mut running = Vec::with_capacity(stages.len());
        let mut input: Option<Fd> = None;
        let mut ends_here = (None, None);
        for (at, (command, stage)) in stages.iter().zip(plans).enumerate() {
            let (next_input, output) = if at + 1 == stages.len() { (None, None) } else { self.stage_pipe() };
            if here == Some(at) {
                ends_here = (input, output);
                running.push(Running::Here);
            } else {
                let started = self.start_stage(command, stage, (input, output), next_input)?;
                running.push(started);
                for fd in [input, output].into_iter().flatten() {
                    self.close_private(fd);
                }
            }
            input = next_input;
        }
        let lasts = in_shell_itself && here == Some(stages.len() - 1);
        let status_here = match here.and_then(|at| stages.get(at)) {
            Some(command) => self.run_stage_here(command, ends_here, lasts),
            None => Ok(0),
        };
        for fd in [ends_here.0, ends_here.1].into_iter().flatten() {
            self.close_private(fd);
        }
        self.collect_statuses(stages, running, status_here?)
    }

    fn collect_statuses(&mut self, stages: &[Command], running: Vec<Running>, status_here: u8) -> Flow {
        let mut statuses = Vec::with_capacity(running.len());
        for (at, (stage, command)) in running.into_iter().zip(stages).enumerate() {
            statuses.push(match stage {
                // How a stage ended that is not the last is no news.
                Running::Child(pid) if at + 1 < stages.len() => self.wait_for(pid)?.shell_status(),
                Running::Child(pid) => self.wait_foreground(pid, || command_text(command))?,
                Running::Done(status) => status,
                Running::Here => status_here,
            });
        }
        self.status = statuses.last().copied().unwrap_or(0);
        if self.is_set(SetOption::PipeFail) {
            self.status = statuses.iter().rev().copied().find(|status| *status != 0).unwrap_or(0);
        }
        self.set_pipe_status(&statuses);
        Ok(())
    }

    fn stage_pipe(&mut self) -> (Option<Fd>, Option<Fd>) {
        match self.sys.pipe() {
            Ok((reader, writer)) => (Some(self.keep_private(reader)), Some(self.keep_private(writer))),
            Err(error) => {
                self.report(format!("pipe error: {error}").as_bytes());
                (None, None)
            }
        }
    }

    /// Decides what becomes of a stage, without running anything.
    fn plan_stage(&mut self, command: &Command) -> Flow<Stage> {
        let CommandKind::Simple(simple) = &command.kind else { return Ok(Stage::Shell) };
        if simple.args.is_empty() || substitutes(command, simple) || self.is_set(SetOption::Keyword) {
            return Ok(Stage::Shell);
        }
        self.line = command.line;
        if let Some(Arg::Word(word)) = simple.args.first()
            && let Some(name) = word.constant()
        {
            match self.look_up(name) {
                Lookup::Program => {}
                Lookup::Builtin(builtin) if builtin.emits && plain_output(command, simple) => {
                    return self.plan_text(simple, builtin);
                }
                _ => return Ok(Stage::Shell),
            }
        }
        let mut copy = self.clone();
        let words = match copy.expand_simple(simple) {
            Ok(words) => words.words,
            Err(crate::flow::Unwind::Deadline) => return Err(crate::flow::Unwind::Deadline),
            Err(crate::flow::Unwind::Exit(status) | crate::flow::Unwind::Discard(status)) => {
                return Ok(Stage::Failed(status));
            }
            Err(_) => return Ok(Stage::Failed(1)),
        };
        let Some(name) = words.first() else { return Ok(Stage::Shell) };
        let handled = self.functions.contains_key(&b"command_not_found_handle"[..]);
        Ok(match self.look_up(name) {
            Lookup::Program if !handled => Stage::Program(words),
            _ => Stage::Shell,
        })
    }

    /// An `echo`-like stage: runs it into a buffer, which is all it does when the output fits.
    fn plan_text(&mut self, simple: &Simple, builtin: &'static crate::builtins::Builtin) -> Flow<Stage> {
        if self.is_set(SetOption::XTrace) || !self.traps.is_empty() {
            return Ok(Stage::Shell);
        }
        let mut copy = self.clone();
        let words = match copy.expand_simple(simple) {
            Ok(words) => words,
            Err(crate::flow::Unwind::Exit(status) | crate::flow::Unwind::Discard(status)) => {
                return Ok(Stage::Failed(status));
            }
            Err(_) => return Ok(Stage::Shell),
        };
        if words.words.iter().map(|word| word.len() + 1).sum::<usize>() > PIPE_BYTES {
            return Ok(Stage::Shell);
        }
        // An option may assign a variable (`printf -v`) or fail: such a stage is run, not foretold.
        if builtin.name == "printf" && words.words.get(1).is_some_and(|word| word.starts_with(b"-")) {
            return Ok(Stage::Shell);
        }
        let mut call = crate::builtins::Call::new(builtin.name, &words.words, &[]);
        let Ok(status) = (builtin.run)(&mut copy, &mut call) else { return Ok(Stage::Shell) };
        let output = call.take_output();
        Ok(if output.len() <= PIPE_BYTES { Stage::Text(output, status) } else { Stage::Shell })
    }

    fn start_stage(
        &mut self,
        command: &Command,
        stage: Stage,
        ends: (Option<Fd>, Option<Fd>),
        next: Option<Fd>,
    ) -> Flow<Running> {
        match stage {
            Stage::Failed(status) => Ok(Running::Done(status)),
            Stage::Text(output, status) => {
                let written = self.sys.write(ends.1.unwrap_or(1), &output);
                Ok(Running::Done(if written.is_ok() { status } else { 1 }))
            }
            Stage::Program(words) => self.start_program_stage(command, &words, ends),
            Stage::Shell => {
                let mut plan = self.inherited_fds();
                set_ends(&mut plan, ends);
                debug_assert!(next.is_none_or(|next| plan.fds.iter().all(|map| map.parent != next)));
                let list = list_of(command);
                Ok(match self.spawn_stage(&list, &plan.fds)? {
                    Ok(pid) => Running::Child(pid),
                    Err(status) => Running::Done(status),
                })
            }
        }
    }

    fn start_program_stage(
        &mut self,
        command: &Command,
        words: &[Vec<u8>],
        ends: (Option<Fd>, Option<Fd>),
    ) -> Flow<Running> {
        self.line = command.line;
        if self.is_set(SetOption::XTrace) {
            self.trace_texts(words);
        }
        let mut plan = self.inherited_fds();
        set_ends(&mut plan, ends);
        let mut copy = self.clone();
        let planned = copy.plan_redirects(&mut plan, &command.redirects);
        self.exec.internal_fds = copy.exec.internal_fds.clone();
        if !matches!(planned, Ok(true)) {
            self.drop_plan(&plan);
            return match planned {
                Err(crate::flow::Unwind::Deadline) => Err(crate::flow::Unwind::Deadline),
                _ => Ok(Running::Done(1)),
            };
        }
        let CommandKind::Simple(simple) = &command.kind else { return Ok(Running::Done(1)) };
        copy.bind_environment(simple)?;
        // The stage's own shell finds the program: this one's hash table does not change.
        let started = copy.start_program(None, words, &plan, None);
        self.drop_plan(&plan);
        Ok(match started? {
            Ok(pid) => Running::Child(pid),
            Err(status) => Running::Done(status),
        })
    }

    /// Runs a shell stage in this instance: in a subshell, or with `lastpipe` in the shell itself.
    fn run_stage_here(&mut self, command: &Command, ends: (Option<Fd>, Option<Fd>), lasts: bool) -> Flow<u8> {
        if lasts {
            let saved = self.sys.dup(0, super::redirect::FD_PRIVATE).ok().map(|fd| self.keep_private(fd));
            if let Some(input) = ends.0 {
                let _ = self.sys.dup2(input, 0);
            }
            let result = self.run_command(command);
            if let Some(saved) = saved {
                let _ = self.sys.dup2(saved, 0);
                self.close_private(saved);
            }
            return result.map(|()| self.status);
        }
        self.in_subshell(|shell| {
            for (end, fd) in [(ends.0, 0), (ends.1, 1)] {
                if let Some(end) = end {
                    let _ = shell.sys.dup2(end, fd);
                    shell.close_private(end);
                }
            }
            shell.run_stage_command(command)
        })
    }

    /// A stage's command in a shell that is there for it alone: `( )` needs no second subshell.
    pub(crate) fn run_stage_command(&mut self, command: &Command) -> Flow {
        // A compound command that is a process of its own cannot leave a loop around it.
        if !matches!(command.kind, CommandKind::Simple(_)) {
            self.exec.loops = 0;
        }
        match &command.kind {
            CommandKind::Subshell(list) => self.run_redirected_list(list, &command.redirects),
            _ => self.run_command(command),
        }
    }
}

fn set_ends(plan: &mut super::redirect::FdPlan, ends: (Option<Fd>, Option<Fd>)) {
    if let Some(input) = ends.0 {
        plan.set(0, input);
    }
    if let Some(output) = ends.1 {
        plan.set(1, output);
    }
}

/// One command as a list, to travel to a child.
pub(crate) fn list_of(command: &Command) -> List {
    let pipeline = Pipeline { negated: false, timed: None, stages: vec![command.clone()] };
    let and_or = AndOr { first: pipeline, rest: Vec::new() };
    List { items: vec![ListItem { and_or, background: false, newline: false }] }
}

/// Whether only the standard output is concerned: no redirections, no assignments.
fn plain_output(command: &Command, simple: &Simple) -> bool {
    command.redirects.is_empty() && simple.assignments.is_empty()
}

/// Whether the command runs commands of its own to get at its words: it reads the pipe, so it is no plain program.
pub(crate) fn substitutes(command: &Command, simple: &Simple) -> bool {
    let in_args = simple.args.iter().any(|arg| match arg {
        Arg::Word(word) => word_substitutes(word),
        Arg::Assign(_) => true,
    });
    in_args
        || simple.assignments.iter().any(|assignment| match &assignment.value {
            crate::tree::Value::Scalar(word) => word_substitutes(word),
            crate::tree::Value::Array(_) => true,
        })
        || command.redirects.iter().any(redirect_substitutes)
}

fn redirect_substitutes(redirect: &Redirect) -> bool {
    if matches!(redirect.fd, crate::tree::RedirectFd::Variable(_)) {
        return true;
    }
    match &redirect.target {
        Target::Read(word)
        | Target::Write(word)
        | Target::Clobber(word)
        | Target::Append(word)
        | Target::ReadWrite(word)
        | Target::Both(word)
        | Target::BothAppend(word)
        | Target::DupWord(_, word)
        | Target::HereString(word) => word_substitutes(word),
        Target::HereDoc(document) => word_substitutes(document.body()),
        Target::Dup(..) | Target::Move(..) | Target::Close(_) => false,
    }
}

fn word_substitutes(word: &Word) -> bool {
    pieces_substitute(&word.pieces)
}

fn pieces_substitute(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| match piece {
        Piece::Literal(_) | Piece::Quoted(_) | Piece::Tilde(_) | Piece::Broken(_) => false,
        Piece::Command(_) | Piece::Process(..) => true,
        Piece::Double(inner) => pieces_substitute(inner),
        Piece::Arith(arith) => word_substitutes(&arith.word),
        // An operator's word may hold anything; a plain value cannot.
        Piece::Param(param) => !matches!(param.op, crate::tree::ParamOp::Value | crate::tree::ParamOp::Length),
        Piece::Braces(braces) => match braces.as_ref() {
            crate::tree::Braces::Alternatives(lists) => lists.iter().any(|list| pieces_substitute(list)),
            _ => false,
        },
    })
}
