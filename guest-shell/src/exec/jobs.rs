//! Background jobs: `&`, `coproc`, and the table behind `jobs`, `wait`, `$!`.
//!
//! A job is a child process that nobody has waited for yet, or its status until it is told.

use std::rc::Rc;

use crate::flow::Flow;
use crate::options::SetOption;
use crate::shell::Shell;
use crate::sys::{Errno, OpenFlags, Pid, WaitStatus};
use crate::traps::{self, Event, SIGINT, SIGPIPE, SIGTERM};
use crate::tree::{AndOr, CommandKind, Coproc, List, ListItem, print};
use crate::vars::Name;

use super::pipeline::{list_of, substitutes};
use super::redirect::FdPlan;

/// The statuses of jobs that ended and were not waited for, as POSIX's CHILD_MAX wants them kept.
const JOBS_MAX: usize = 4096;

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It runs.
    Running,
    /// It ended.
    Done(WaitStatus),
}

/// One background job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its number (`%1`).
    pub number: u32,
    /// Its process.
    pub pid: Pid,
    /// The command as `jobs` shows it.
    pub text: Vec<u8>,
    /// What it is doing.
    pub state: JobState,
    /// `disown -h`: no HUP at exit.
    pub no_hangup: bool,
}

/// The job table, in the order the jobs were started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jobs {
    pub(crate) list: Vec<Job>,
    /// Statuses of processes that left the table, for `wait PID`.
    pub(crate) remembered: Vec<(Pid, WaitStatus)>,
}

impl Jobs {
    fn add(&mut self, pid: Pid, text: Vec<u8>) -> u32 {
        let number = self.list.iter().map(|job| job.number).max().unwrap_or(0) + 1;
        if self.list.len() >= JOBS_MAX {
            self.list.remove(0);
        }
        self.list.push(Job { number, pid, text, state: JobState::Running, no_hangup: false });
        number
    }

    /// Notes how a process ended.
    pub(crate) fn note(&mut self, pid: Pid, status: WaitStatus) {
        if let Some(job) = self.list.iter_mut().find(|job| job.pid == pid) {
            job.state = JobState::Done(status);
        }
    }

    /// Takes a job that is done off the table; its status is remembered.
    pub(crate) fn remove(&mut self, pid: Pid) {
        if let Some(at) = self.list.iter().position(|job| job.pid == pid) {
            let job = self.list.remove(at);
            if let JobState::Done(status) = job.state {
                if self.remembered.len() >= JOBS_MAX {
                    self.remembered.remove(0);
                }
                self.remembered.push((pid, status));
            }
        }
    }

    /// The current job (`%+`) and the one before it (`%-`): the last two, running ones first.
    pub(crate) fn current(&self) -> (Option<u32>, Option<u32>) {
        let mut numbers = self.list.iter().rev().map(|job| job.number);
        (numbers.next(), numbers.next())
    }
}

impl Shell {
    /// The job table, to be changed.
    pub(crate) fn jobs_mut(&mut self) -> &mut Jobs {
        Rc::make_mut(&mut self.exec.jobs)
    }

    /// Looks which jobs have ended meanwhile.
    pub(crate) fn reap_jobs(&mut self) {
        let running: Vec<Pid> =
            self.exec.jobs.list.iter().filter(|job| job.state == JobState::Running).map(|job| job.pid).collect();
        for pid in running {
            match self.sys.wait(Some(pid), true) {
                Ok(Some((pid, status))) => self.jobs_mut().note(pid, status),
                // The children of an outer shell are not this subshell's to wait for.
                Err(Errno::ECHILD) if self.subshell_depth == 0 => self.jobs_mut().note(pid, WaitStatus::Exited(127)),
                _ => {}
            }
        }
    }

    /// Says that a signal ended a background job, as bash does of those it waits for; the ways a job is usually ended,
    /// and those a command substitution had, are no news.
    pub(crate) fn tell_of_death(&self, pid: Pid, signal: u8) {
        let is_usual =
            [SIGINT, SIGPIPE, SIGTERM].contains(&signal) || self.traps.command(Event::Signal(signal)).is_some();
        let job = self.exec.jobs.list.iter().find(|job| job.pid == pid);
        if let Some(job) = job.filter(|_| !is_usual && !self.exec.in_substitution) {
            let text = format!("{pid} {:<24}", traps::signal_text(signal));
            self.report(&[text.as_bytes(), &job.text].concat());
        }
    }

    /// `command &`.
    pub(crate) fn run_background(&mut self, and_or: &AndOr) -> Flow {
        let mut plan = self.inherited_fds();
        // Without job control a background command must not eat the shell's input.
        let null = if self.is_set(SetOption::Monitor) { None } else { self.null_input(&mut plan) };
        let started = self.start_background(and_or, &mut plan);
        if let Some(null) = null {
            let _ = self.sys.close(null);
        }
        match started? {
            Ok(pid) => {
                self.last_background = Some(pid);
                let text = and_or_text(and_or);
                self.jobs_mut().add(pid, text);
                self.status = 0;
            }
            Err(status) => self.status = status,
        }
        Ok(())
    }

    fn null_input(&mut self, plan: &mut FdPlan) -> Option<u32> {
        let null = self.sys.open(b"/dev/null", OpenFlags::READ, 0).ok()?;
        plan.fds.retain(|map| map.parent != null);
        plan.set(0, null);
        Some(null)
    }

    fn start_background(&mut self, and_or: &AndOr, plan: &mut FdPlan) -> Flow<Result<Pid, u8>> {
        if let ([], false, None, [command]) =
            (and_or.rest.as_slice(), and_or.first.negated, and_or.first.timed, and_or.first.stages.as_slice())
            && let CommandKind::Simple(simple) = &command.kind
            && !substitutes(command, simple)
            && !simple.args.is_empty()
            && let Some(started) = self.start_background_program(command, simple, plan)?
        {
            return Ok(started);
        }
        let list = match and_or.first.stages.as_slice() {
            // `( list ) &` is one subshell, not two.
            [command] if and_or.rest.is_empty() && !and_or.first.negated && and_or.first.timed.is_none() => {
                match &command.kind {
                    CommandKind::Subshell(list) if command.redirects.is_empty() => (**list).clone(),
                    _ => list_of(command),
                }
            }
            _ => List { items: vec![ListItem { and_or: and_or.clone(), background: false, newline: false }] },
        };
        self.spawn_stage(&list, &plan.fds)
    }

    /// A background command that is one program needs no shell process. `None`: it is none.
    fn start_background_program(
        &mut self,
        command: &crate::tree::Command,
        simple: &crate::tree::Simple,
        plan: &mut FdPlan,
    ) -> Flow<Option<Result<Pid, u8>>> {
        let mut copy = self.clone();
        let words = copy.expand_simple(simple)?;
        let Some(name) = words.words.first() else { return Ok(None) };
        let is_program = matches!(self.look_up(name), super::Lookup::Program);
        if !is_program || copy.find_program(name).is_none() {
            return Ok(None);
        }
        if self.is_set(SetOption::XTrace) {
            self.trace_texts(&words.words);
        }
        if !copy.plan_redirects(plan, &command.redirects)? {
            copy.drop_plan(plan);
            return Ok(Some(Err(1)));
        }
        copy.bind_environment(simple)?;
        let started = copy.start_program(None, &words.words, plan, None);
        copy.drop_plan(plan);
        started.map(Some)
    }

    /// `coproc NAME command`.
    pub(crate) fn run_coproc(&mut self, coproc: &Coproc) -> Flow {
        let (Ok((from_child, child_out)), Ok((child_in, to_child))) = (self.sys.pipe(), self.sys.pipe()) else {
            self.report(b"cannot make pipe for coproc");
            self.status = 1;
            return Ok(());
        };
        let mut plan = self.inherited_fds();
        plan.fds.retain(|map| ![from_child, child_out, child_in, to_child].contains(&map.parent));
        plan.set(0, child_in);
        plan.set(1, child_out);
        let list = list_of(&coproc.body);
        let started = self.spawn_stage(&list, &plan.fds);
        let _ = self.sys.close(child_in);
        let _ = self.sys.close(child_out);
        let pid = match started? {
            Ok(pid) => pid,
            Err(status) => {
                self.status = status;
                return Ok(());
            }
        };
        let (from_child, to_child) = (self.keep_private(from_child), self.keep_private(to_child));
        let numbers = [from_child, to_child].map(|fd| fd.to_string().into_bytes());
        let name = coproc.name;
        let set = self.set_array(name, numbers.to_vec());
        self.checked(set)?;
        let pid_name = Name::new(&[coproc.name.bytes(), b"_PID"].concat());
        let set = self.set_variable(pid_name, pid.to_string().as_bytes(), false);
        self.checked(set)?;
        self.last_background = Some(pid);
        let text = [b"coproc ", coproc.name.bytes(), b" ", &super::command_text(&coproc.body)].concat();
        self.jobs_mut().add(pid, text);
        self.status = 0;
        Ok(())
    }
}

/// A background command as `jobs` shows it, without the `&`.
fn and_or_text(and_or: &AndOr) -> Vec<u8> {
    let item = ListItem { and_or: and_or.clone(), background: false, newline: false };
    let mut text = Vec::new();
    print::list(&mut text, &List { items: vec![item] });
    text
}
